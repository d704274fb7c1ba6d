/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/events.h"

#include <glib/gi18n-lib.h>

#include "paging/memory-type.h"

char *
atlas_trace_format_level (guint64 value)
{
  if (value < ATLAS_LEVEL_PT || value > ATLAS_LEVELS_MAX)
    return g_strdup ("—");
  return g_strdup (atlas_level_get_entry_name ((guint) value));
}

static char *
format_access (guint64 value)
{
  return g_strdup (atlas_access_get_name ((AtlasAccess) value));
}

static char *
format_memory_type (guint64 value)
{
  return g_strdup (atlas_memory_type_get_name ((guint) value));
}

static char *
explain_memory_type (guint64 value)
{
  AtlasMemoryType type;

  atlas_memory_type_unpack (value, &type);
  return atlas_memory_type_explain (&type);
}

static char *
format_rights (guint64 value)
{
  /* Translators: who may use a page, whether it can be written, whether it can be executed. */
  return g_strdup_printf (_ ("%s, %s, %s"),
                          value & ATLAS_TRACE_RIGHT_USER ? _ ("user") : _ ("supervisor"),
                          value & ATLAS_TRACE_RIGHT_WRITE ? _ ("writable") : _ ("read-only"),
                          value & ATLAS_TRACE_RIGHT_EXECUTE ? _ ("executable")
                                                            : _ ("not executable"));
}

#define ENTRY_FIELDS                                                                               \
  { "level", atlas_trace_format_level }, { "index", atlas_trace_format_decimal },                  \
    { "pa", atlas_trace_format_pa }, { "entry", atlas_trace_format_entry },                        \
  {                                                                                                \
    "table", atlas_trace_format_pa                                                                 \
  }

const AtlasTraceKind atlas_event_entry_read = {
  .id = "entry-read",
  .role = ATLAS_TRACE_ROLE_ENTRY,
  .title = "{level} {index}",
  .detail = N_ ("read {pa} → {entry}"),
  .explain =
    N_ ("Bits {hi}–{lo} of the address are {index}: the processor reads entry {index} of the "
        "table at {table}, the 8 bytes at {pa}. It is present, and the frame number in it names "
        "the next table, at {next}."),
  .fields = { ENTRY_FIELDS,
              { "hi", atlas_trace_format_decimal },
              { "lo", atlas_trace_format_decimal },
              { "next", atlas_trace_format_pa } },
};

const AtlasTraceKind atlas_event_leaf_read = {
  .id = "leaf-read",
  .role = ATLAS_TRACE_ROLE_ENTRY,
  .title = "{level} {index}",
  .detail = N_ ("read {pa} → {entry}"),
  .explain =
    N_ ("Bits {hi}–{lo} of the address are {index}: the processor reads entry {index} of the "
        "table at {table}, the 8 bytes at {pa}. It is present and maps a page: the frame number "
        "in it is the page's, at {next}. The walk ends here, and the rights of all entries are "
        "judged together."),
  .fields = { ENTRY_FIELDS,
              { "hi", atlas_trace_format_decimal },
              { "lo", atlas_trace_format_decimal },
              { "next", atlas_trace_format_pa } },
};

const AtlasTraceKind atlas_event_entry_not_present = {
  .id = "entry-not-present",
  .role = ATLAS_TRACE_ROLE_ENTRY,
  .title = "{level} {index}",
  .detail = N_ ("read {pa} → {entry}: not present"),
  .explain =
    N_ ("The Present bit (bit 0) is 0. The processor looks at no other bit and stops: what "
        "the rest of the entry means is the operating system's business."),
  .fields = { ENTRY_FIELDS },
};

const AtlasTraceKind atlas_event_entry_reserved = {
  .id = "entry-reserved",
  .role = ATLAS_TRACE_ROLE_ENTRY,
  .title = "{level} {index}",
  .detail = N_ ("read {pa} → {entry}: reserved bits {bits}"),
  .explain =
    N_ ("The entry is present, but bits that must be 0 on this processor in its present state "
        "are 1 (mask {bits}). Such an entry translates nothing."),
  .fields = { ENTRY_FIELDS, { "bits", atlas_trace_format_hex } },
};

const AtlasTraceKind atlas_event_accessed_dirty = {
  .id = "accessed-dirty",
  .role = ATLAS_TRACE_ROLE_WRITE,
  .title = "{flags}",
  .detail = N_ ("{level} {index}: write {pa}, {old} → {new}"),
  .explain =
    N_ ("The processor notes in the entry that it was used: Accessed (bit 5) in every entry on "
        "the way, Dirty (bit 6) in the last one when the access writes. It never clears them; "
        "the operating system does, to learn which pages are in use."),
  .fields = { { "level", atlas_trace_format_level },
              { "index", atlas_trace_format_decimal },
              { "pa", atlas_trace_format_pa },
              { "old", atlas_trace_format_entry },
              { "new", atlas_trace_format_entry },
              { "flags", atlas_trace_format_literal } },
};

const AtlasTraceKind atlas_event_translated = {
  .id = "translated",
  .role = ATLAS_TRACE_ROLE_DONE,
  .title = N_ ("Done"),
  .detail = N_ ("physical {pa}"),
  .explain =
    N_ ("The {access} of {va} goes to physical address {pa}: the start of a page of {size}, plus "
        "the offset. Over all levels the page is {rights}. Its memory type is {type}. {why}"),
  .fields = { { "va", atlas_trace_format_va },
              { "pa", atlas_trace_format_pa },
              { "size", atlas_trace_format_size },
              { "type", format_memory_type },
              { "access", format_access },
              { "why", explain_memory_type },
              { "rights", format_rights } },
};

const AtlasTraceKind atlas_event_page_fault = {
  .id = "page-fault",
  .role = ATLAS_TRACE_ROLE_FAULT,
  .title = "#PF",
  .detail = N_ ("error code {code}: {reason}"),
  .explain = N_ ("The processor cannot complete the {access} in {mode} mode: {reason}. It puts the "
                 "address {va} into CR2, pushes error code {code} and calls the operating system."),
  .fields = { { "va", atlas_trace_format_va },
              { "code", atlas_trace_format_hex },
              { "reason", atlas_trace_format_literal },
              { "level", atlas_trace_format_level },
              { "access", format_access },
              { "mode", atlas_trace_format_literal } },
};

#define ADDRESS_FAULT_FIELDS                                                                       \
  { "va", atlas_trace_format_va }, { "reason", atlas_trace_format_literal },                       \
    { "access", format_access },                                                                   \
  {                                                                                                \
    "mode", atlas_trace_format_literal                                                             \
  }

const AtlasTraceKind atlas_event_general_protection = {
  .id = "general-protection",
  .role = ATLAS_TRACE_ROLE_FAULT,
  .title = "#GP",
  .detail = "{va}: {reason}",
  .explain = N_ ("The processor refuses the {access} in {mode} mode before it looks at any table: "
                 "{reason}. CR2 does not change and the error code is 0."),
  .fields = { ADDRESS_FAULT_FIELDS },
};

const AtlasTraceKind atlas_event_stack_fault = {
  .id = "stack-fault",
  .role = ATLAS_TRACE_ROLE_FAULT,
  .title = "#SS",
  .detail = "{va}: {reason}",
  .explain = N_ ("The processor refuses the {access} in {mode} mode before it looks at any table: "
                 "{reason}. The operand is addressed through the stack segment, so it raises #SS "
                 "where other operands get #GP."),
  .fields = { ADDRESS_FAULT_FIELDS },
};

const AtlasTraceKind atlas_event_table_missing = {
  .id = "table-missing",
  .role = ATLAS_TRACE_ROLE_FAULT,
  .title = "{level} {index}",
  .detail = N_ ("{pa} is not in memory"),
  .explain =
    N_ ("The table at {table} is not part of the memory at hand, so nobody can tell how the "
        "walk would go on."),
  .fields = { { "level", atlas_trace_format_level },
              { "index", atlas_trace_format_decimal },
              { "pa", atlas_trace_format_pa },
              { "table", atlas_trace_format_pa } },
};

const AtlasTraceKind atlas_event_tlb_hit = {
  .id = "tlb-hit",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("TLB hit"),
  .detail = N_ ("{cache}, set {set}, way {way}: {va} → {pa}"),
  .explain =
    N_ ("The processor has translated this page before and remembers it in its {cache}: {size} "
        "from {va} are at {pa}. It reads no table."),
  .fields = { { "cache", atlas_trace_format_literal },
              { "set", atlas_trace_format_decimal },
              { "way", atlas_trace_format_decimal },
              { "va", atlas_trace_format_va },
              { "size", atlas_trace_format_size },
              { "pa", atlas_trace_format_pa } },
};

const AtlasTraceKind atlas_event_tlb_miss = {
  .id = "tlb-miss",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("TLB missed"),
  .detail = N_ ("{cache}, set {set}: nothing for {va}"),
  .explain =
    N_ ("The processor looks for the page of {va} in its {cache}. Part of the page number picks "
        "set {set}; none of the entries there is for this page and address space."),
  .fields = { { "cache", atlas_trace_format_literal },
              { "set", atlas_trace_format_decimal },
              { "va", atlas_trace_format_va } },
};

const AtlasTraceKind atlas_event_stale_translation = {
  .id = "stale-translation",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("Stale"),
  .detail = N_ ("{va}: the tables say otherwise"),
  .explain =
    N_ ("The tables have changed since this translation was cached, and nothing has dropped it: "
        "{reason}. The processor cannot know and uses what it remembers. That is why software "
        "must invalidate (INVLPG) after it takes rights away or moves a page."),
  .fields = { { "va", atlas_trace_format_va },
              { "size", atlas_trace_format_size },
              { "reason", atlas_trace_format_literal } },
};

const AtlasTraceKind atlas_event_tlb_not_dirty = {
  .id = "tlb-not-dirty",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("Not dirty"),
  .detail = N_ ("{va}: cached with Dirty = 0"),
  .explain =
    N_ ("The cached translation would allow the write, but says that the page has not been "
        "written yet. The processor walks again to set Dirty in the entry in memory."),
  .fields = { { "va", atlas_trace_format_va } },
};

const AtlasTraceKind atlas_event_psc_hit = {
  .id = "psc-hit",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("{level} cached"),
  .detail = N_ ("{va} → table {table}, {skipped} reads saved"),
  .explain =
    N_ ("A paging-structure cache remembers the {level} for the addresses from {va}: the walk "
        "starts at the table at {table} and saves {skipped} reads of memory."),
  .fields = { { "level", atlas_trace_format_level },
              { "va", atlas_trace_format_va },
              { "table", atlas_trace_format_pa },
              { "skipped", atlas_trace_format_decimal } },
};

const AtlasTraceKind atlas_event_tlb_filled = {
  .id = "tlb-filled",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("TLB filled"),
  .detail = N_ ("{cache}, set {set}, way {way}: {size} from {va}"),
  .explain =
    N_ ("The processor keeps the translation in its {cache}, to save the walk next time. The "
        "entry serves {size}; the page has {page}."),
  .fields = { { "cache", atlas_trace_format_literal },
              { "set", atlas_trace_format_decimal },
              { "way", atlas_trace_format_decimal },
              { "va", atlas_trace_format_va },
              { "size", atlas_trace_format_size },
              { "page", atlas_trace_format_size } },
};

const AtlasTraceKind atlas_event_tlb_evicted = {
  .id = "tlb-evicted",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("TLB evicted"),
  .detail = N_ ("{cache}, set {set}, way {way}: {size} from {va}"),
  .explain =
    N_ ("All ways of set {set} were in use. The one whose last use lies furthest back makes "
        "room: it led to {pa}, and the next access to {va} will have to walk."),
  .fields = { { "cache", atlas_trace_format_literal },
              { "set", atlas_trace_format_decimal },
              { "way", atlas_trace_format_decimal },
              { "va", atlas_trace_format_va },
              { "size", atlas_trace_format_size },
              { "pa", atlas_trace_format_pa } },
};

const AtlasTraceKind atlas_event_tlb_dropped = {
  .id = "tlb-dropped",
  .role = ATLAS_TRACE_ROLE_CACHE,
  .title = N_ ("TLB dropped"),
  .detail = N_ ("{count} entries for {va}"),
  .explain =
    N_ ("A page fault makes the processor forget what it had cached for the address, so that "
        "the next try sees the tables as they are by then."),
  .fields = { { "count", atlas_trace_format_decimal }, { "va", atlas_trace_format_va } },
};
