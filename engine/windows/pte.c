/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "windows/pte.h"

#include <glib/gi18n-lib.h>

#define HIGH_SHIFT 32u
#define PAGE_FILE_SHIFT 12u
#define PAGE_FILE_MASK ATLAS_BITS (15, 12)
#define PROTOTYPE_SHIFT 16u

/* In place of a page number or an address: the VAD knows. */
#define HIGH_ASK_VAD 0xFFFFFFFFu
#define HIGH_INVALID_MASK ((guint32) (ATLAS_PTE_INVALID_MASK >> HIGH_SHIFT))

/* A prototype entry stands in the kernel half (bit 63 is the address's bit 47) at a multiple of 8
 * (bits 18…16 are the address's low ones). */
#define PROTOTYPE_TEST                                                                             \
  (ATLAS_BIT (63) | ATLAS_BITS (18, 16) | ATLAS_PTE_PROTOTYPE | ATLAS_PTE_VALID)
#define PROTOTYPE_VALUE (ATLAS_BIT (63) | ATLAS_PTE_PROTOTYPE)

AtlasPteKind
atlas_pte_get_kind (guint64 pte)
{
  guint32 high = (guint32) (pte >> HIGH_SHIFT);
  guint8 protection = atlas_pte_get_protection (pte);

  if ((pte & ATLAS_PTE_VALID) != 0)
    return ATLAS_PTE_KIND_HARDWARE;
  if (pte == 0)
    return ATLAS_PTE_KIND_ASK_VAD;

  if ((pte & ATLAS_PTE_PROTOTYPE) != 0)
    {
      /* Before the address test, which this form passes too. */
      if (high == HIGH_ASK_VAD)
        return ATLAS_PTE_KIND_VAD_PROTOTYPE;
      if ((pte & PROTOTYPE_TEST) == PROTOTYPE_VALUE)
        return ATLAS_PTE_KIND_PROTOTYPE;
      return ATLAS_PTE_KIND_UNKNOWN;
    }
  if ((pte & ATLAS_PTE_TRANSITION) != 0)
    return ATLAS_PTE_KIND_TRANSITION;
  if (high != 0)
    return ATLAS_PTE_KIND_PAGE_FILE;

  if (protection == ATLAS_PROTECTION_DECOMMITTED)
    return ATLAS_PTE_KIND_DECOMMITTED;
  if (protection == ATLAS_PROTECTION_NOACCESS)
    return ATLAS_PTE_KIND_NOACCESS;
  return protection != 0 ? ATLAS_PTE_KIND_DEMAND_ZERO : ATLAS_PTE_KIND_UNKNOWN;
}

void
atlas_pte_decode (guint64 pte, AtlasPteInfo *info)
{
  guint32 high = (guint32) (pte >> HIGH_SHIFT);

  g_return_if_fail (info != NULL);

  *info = (AtlasPteInfo){ .kind = atlas_pte_get_kind (pte),
                          .protection = atlas_pte_get_protection (pte) };

  switch (info->kind)
    {
    case ATLAS_PTE_KIND_HARDWARE:
      info->protection = atlas_protection_from_pte (pte);
      info->pfn = atlas_pte_get_pfn (pte);
      break;
    case ATLAS_PTE_KIND_TRANSITION:
      info->pfn = atlas_pte_get_pfn (pte & ~ATLAS_PTE_INVALID_MASK);
      break;
    case ATLAS_PTE_KIND_PAGE_FILE:
      info->page_file = (guint) ((pte & PAGE_FILE_MASK) >> PAGE_FILE_SHIFT);
      info->page_file_page = (pte & ATLAS_PTE_SWIZZLE) != 0 ? high : high ^ HIGH_INVALID_MASK;
      break;
    case ATLAS_PTE_KIND_PROTOTYPE:
      info->prototype_va = pte >> PROTOTYPE_SHIFT | ATLAS_BITS (63, 48);
      break;
    case ATLAS_PTE_KIND_ASK_VAD:
    case ATLAS_PTE_KIND_DEMAND_ZERO:
    case ATLAS_PTE_KIND_NOACCESS:
    case ATLAS_PTE_KIND_DECOMMITTED:
    case ATLAS_PTE_KIND_VAD_PROTOTYPE:
    case ATLAS_PTE_KIND_UNKNOWN:
    case ATLAS_N_PTE_KINDS:
      break;
    }
}

static guint64
protection_bits (guint8 code)
{
  return (guint64) code << ATLAS_PTE_PROTECTION_SHIFT;
}

guint64
atlas_pte_make_demand_zero (guint8 code)
{
  g_return_val_if_fail (code > 0 && code <= 0x1F, 0);

  return protection_bits (code);
}

guint64
atlas_pte_make_transition (AtlasPfn pfn, guint8 code)
{
  g_return_val_if_fail (code > 0 && code <= 0x1F, 0);
  /* The masked bit is left out of the frame number by the decoder. */
  g_return_val_if_fail (pfn < ATLAS_PTE_INVALID_MASK >> ATLAS_PAGE_SHIFT, 0);

  return pfn << ATLAS_PAGE_SHIFT | ATLAS_PTE_TRANSITION | protection_bits (code);
}

guint64
atlas_pte_make_page_file (guint page_file, guint32 page, guint8 code)
{
  guint32 high = page ^ HIGH_INVALID_MASK;

  g_return_val_if_fail (page_file <= 15, 0);
  g_return_val_if_fail (high != 0, 0);
  g_return_val_if_fail (code > 0 && code <= 0x1F, 0);

  return (guint64) high << HIGH_SHIFT | (guint64) page_file << PAGE_FILE_SHIFT |
         protection_bits (code) | ATLAS_PTE_PAGE_FILE_ALLOCATED;
}

guint64
atlas_pte_make_prototype (AtlasVa prototype_va, guint8 code)
{
  guint64 pte = prototype_va << PROTOTYPE_SHIFT | ATLAS_PTE_PROTOTYPE | protection_bits (code);

  g_return_val_if_fail (code > 0 && code <= 0x1F, 0);
  g_return_val_if_fail (atlas_pte_get_kind (pte) == ATLAS_PTE_KIND_PROTOTYPE, 0);
  g_return_val_if_fail (prototype_va >> 48 == 0xFFFF, 0);

  return pte;
}

guint64
atlas_pte_make_vad_prototype (guint8 code)
{
  g_return_val_if_fail (code > 0 && code <= 0x1F, 0);

  return (guint64) HIGH_ASK_VAD << HIGH_SHIFT | ATLAS_PTE_PROTOTYPE | protection_bits (code);
}

/* Field names are those of the kernel's type MMPTE and its members. */
static const AtlasPteField hardware_fields[] = {
  { 63, 63, "NoExecute", N_ ("Instructions are not fetched from the page.") },
  { 62, 60, "WsleProtection", N_ ("Not the processor's: protection kept by the working set.") },
  { 59, 56, "WsleAge", N_ ("Not the processor's: how long the page has not been used.") },
  { 55, 52, "ReservedForSoftware", N_ ("Not looked at by the processor.") },
  { 51, 12, "PageFrameNumber", N_ ("The frame: physical address divided by 4096.") },
  { 11,
    11,
    "Write",
    N_ ("Not the processor's: the page may be written, even while Dirty1 is clear.") },
  { 10, 10, "Unused", N_ ("Not looked at by the processor.") },
  { 9, 9, "CopyOnWrite", N_ ("Not the processor's: the first write makes a private copy.") },
  { 8, 8, "Global", N_ ("The translation outlives a change of CR3.") },
  { 7, 7, "LargePage", N_ ("In a PDE or PDPTE: maps a page itself. In a PTE: the PAT bit.") },
  { 6, 6, "Dirty", N_ ("The processor has written to the page.") },
  { 5, 5, "Accessed", N_ ("The processor has used the entry.") },
  { 4, 4, "CacheDisable", N_ ("Half of the PAT index: not cached.") },
  { 3,
    3,
    "WriteThrough",
    N_ ("Half of the PAT index: write-combining, as Windows sets up the PAT.") },
  { 2, 2, "Owner", N_ ("User mode may use the page.") },
  { 1, 1, "Dirty1", N_ ("The processor's R/W. Windows sets it once the page is dirty.") },
  { 0, 0, "Valid", N_ ("Present: the processor uses the entry.") },
};

#define SOFTWARE_LOW_FIELDS                                                                        \
  { 11, 11, "Transition", N_ ("Clear: no frame holds the contents.") },                            \
    { 10, 10, "Prototype", N_ ("Clear: the page is not shared.") },                                \
    { 9, 5, "Protection", N_ ("The 5-bit protection code.") },                                     \
    { 4, 4, "SwizzleBit", N_ ("Set: the high half is stored as it is, not masked.") },             \
    { 3, 3, "ColdPage", N_ ("The page is not expected to be used soon.") },                        \
    { 2, 2, "PageFileAllocated", N_ ("A page of the paging file is set aside.") },                 \
    { 1, 1, "PageFileReserved", N_ ("A page of the paging file is spoken for.") },                 \
  {                                                                                                \
    0, 0, "Valid", N_ ("Clear: the processor raises #PF and ignores all other bits.")              \
  }

#define SOFTWARE_MIDDLE_FIELDS                                                                     \
  { 31, 28, "Unused", N_ ("Not used.") },                                                          \
    { 27, 27, "OnStandbyLookaside", N_ ("Waits on a short list of standby pages.") },              \
    { 26, 26, "ShadowStack", N_ ("The page belongs to a shadow stack.") },                         \
  {                                                                                                \
    25, 16, "UsedPageTableEntries", N_ ("In a page-table page: entries in use.")                   \
  }

static const AtlasPteField zero_fields[] = {
  { 63, 12, "Zero", N_ ("Nothing was ever stored here: the VAD decides.") },
  SOFTWARE_LOW_FIELDS,
};

static const AtlasPteField demand_zero_fields[] = {
  { 63, 32, "PageFileHigh", N_ ("Zero: the page has no contents yet.") },
  SOFTWARE_MIDDLE_FIELDS,
  { 15, 12, "PageFileLow", N_ ("Number of the paging file; no meaning here.") },
  SOFTWARE_LOW_FIELDS,
};

static const AtlasPteField page_file_fields[] = {
  { 63,
    32,
    "PageFileHigh",
    N_ ("Page number in the paging file; masked unless SwizzleBit is set.") },
  SOFTWARE_MIDDLE_FIELDS,
  { 15, 12, "PageFileLow", N_ ("Number of the paging file.") },
  SOFTWARE_LOW_FIELDS,
};

static const AtlasPteField transition_fields[] = {
  { 63, 52, "Unused", N_ ("Not used.") },
  { 51,
    12,
    "PageFrameNumber",
    N_ ("The frame that still holds the contents; bit 45 may be masked.") },
  { 11,
    11,
    "Transition",
    N_ ("Set: the contents are in a frame on the standby or modified list.") },
  { 10, 10, "Prototype", N_ ("Clear: the page is not shared.") },
  { 9, 5, "Protection", N_ ("The 5-bit protection code.") },
  { 4, 4, "SwizzleBit", N_ ("Set: the frame number is stored as it is, not masked.") },
  { 3, 3, "IoTracker", N_ ("Input or output on the frame is being watched.") },
  { 2, 2, "OnStandbyLookaside", N_ ("Waits on a short list of standby pages.") },
  { 1, 1, "Write", N_ ("The page was writable.") },
  { 0, 0, "Valid", N_ ("Clear: the processor raises #PF and ignores all other bits.") },
};

#define PROTOTYPE_LOW_FIELDS                                                                       \
  { 15, 12, "Unused", N_ ("Not used.") },                                                          \
    { 11, 11, "Combined", N_ ("The page was combined with others of the same contents.") },        \
    { 10, 10, "Prototype", N_ ("Set: the page is shared; its state is in the prototype entry.") }, \
    { 9, 5, "Protection", N_ ("The 5-bit protection code of this view.") },                        \
    { 4, 4, "SwizzleBit", N_ ("Set: the address is stored as it is, not masked.") },               \
    { 3, 3, "ReadOnly", N_ ("Shared without the right to write.") },                               \
    { 2, 2, "HiberVerifyConverted", N_ ("Changed while hibernation was checked.") },               \
    { 1, 1, "DemandFillProto", N_ ("The prototype entry is filled on demand.") },                  \
  {                                                                                                \
    0, 0, "Valid", N_ ("Clear: the processor raises #PF and ignores all other bits.")              \
  }

static const AtlasPteField prototype_fields[] = {
  { 63, 16, "ProtoAddress", N_ ("Address of the prototype entry, bits 47…0.") },
  PROTOTYPE_LOW_FIELDS,
};

static const AtlasPteField vad_prototype_fields[] = {
  { 63, 32, "ProtoAddress", N_ ("All ones: the VAD tells where the prototype entry is.") },
  { 31, 16, N_ ("ProtoAddress (low)"), N_ ("No meaning here.") },
  PROTOTYPE_LOW_FIELDS,
};

static const AtlasPteField unknown_fields[] = {
  { 63, 1, "Unknown", N_ ("No form of entry that is known here.") },
  { 0, 0, "Valid", N_ ("Clear: the processor raises #PF and ignores all other bits.") },
};

static const struct
{
  const char *name;
  const char *description;
  const AtlasPteField *fields;
  guint n_fields;
} kinds[ATLAS_N_PTE_KINDS] = {
  [ATLAS_PTE_KIND_ASK_VAD] = { N_ ("never touched"),
                               N_ ("Nothing is known here about the page; the VAD tells whether it "
                                   "is "
                                   "committed and with which protection."),
                               zero_fields,
                               G_N_ELEMENTS (zero_fields) },
  [ATLAS_PTE_KIND_HARDWARE] = { N_ ("present"),
                                N_ ("The page is in a frame and the processor uses the entry."),
                                hardware_fields,
                                G_N_ELEMENTS (hardware_fields) },
  [ATLAS_PTE_KIND_DEMAND_ZERO] = { N_ ("demand zero"),
                                   N_ ("The page is committed and gets a zeroed frame when it is "
                                       "first "
                                       "touched."),
                                   demand_zero_fields,
                                   G_N_ELEMENTS (demand_zero_fields) },
  [ATLAS_PTE_KIND_NOACCESS] = { N_ ("no access"),
                                N_ (
                                  "The page is committed, but touching it is an access violation."),
                                demand_zero_fields,
                                G_N_ELEMENTS (demand_zero_fields) },
  [ATLAS_PTE_KIND_DECOMMITTED] = { N_ ("decommitted"),
                                   N_ ("The page was taken back, though its VAD was committed as a "
                                       "whole."),
                                   demand_zero_fields,
                                   G_N_ELEMENTS (demand_zero_fields) },
  [ATLAS_PTE_KIND_PAGE_FILE] = { N_ ("in paging file"),
                                 N_ ("The contents are in a paging file and are read back when the "
                                     "page "
                                     "is touched."),
                                 page_file_fields,
                                 G_N_ELEMENTS (page_file_fields) },
  [ATLAS_PTE_KIND_TRANSITION] = { N_ ("transition"),
                                  N_ (
                                    "The page left the working set, but its frame still holds the "
                                    "contents; touching it needs no disk."),
                                  transition_fields,
                                  G_N_ELEMENTS (transition_fields) },
  [ATLAS_PTE_KIND_PROTOTYPE] = { N_ ("prototype"),
                                 N_ ("The page is shared; the prototype entry tells where it is."),
                                 prototype_fields,
                                 G_N_ELEMENTS (prototype_fields) },
  [ATLAS_PTE_KIND_VAD_PROTOTYPE] = { N_ ("prototype, by VAD"),
                                     N_ ("The page is shared; the VAD tells where its prototype "
                                         "entry "
                                         "is."),
                                     vad_prototype_fields,
                                     G_N_ELEMENTS (vad_prototype_fields) },
  [ATLAS_PTE_KIND_UNKNOWN] = { N_ ("unknown"),
                               N_ ("Not a form of entry that the memory manager writes."),
                               unknown_fields,
                               G_N_ELEMENTS (unknown_fields) },
};

const AtlasPteField *
atlas_pte_get_fields (AtlasPteKind kind, guint *n_fields)
{
  g_return_val_if_fail ((guint) kind < ATLAS_N_PTE_KINDS, NULL);
  g_return_val_if_fail (n_fields != NULL, NULL);

  *n_fields = kinds[kind].n_fields;
  return kinds[kind].fields;
}

const char *
atlas_pte_kind_get_name (AtlasPteKind kind)
{
  g_return_val_if_fail ((guint) kind < ATLAS_N_PTE_KINDS, NULL);

  return kinds[kind].name;
}

const char *
atlas_pte_kind_get_description (AtlasPteKind kind)
{
  g_return_val_if_fail ((guint) kind < ATLAS_N_PTE_KINDS, NULL);

  return kinds[kind].description;
}

char *
atlas_trace_format_pte (guint64 pte)
{
  AtlasPteInfo info;
  g_autofree char *protection = NULL;
  const char *name;

  atlas_pte_decode (pte, &info);
  name = kinds[info.kind].name;
  protection = atlas_trace_format_protection (info.protection);

  switch (info.kind)
    {
    case ATLAS_PTE_KIND_HARDWARE:
    case ATLAS_PTE_KIND_TRANSITION:
      return g_strdup_printf (
        _ ("%s, frame 0x%llx, %s"), _ (name), (unsigned long long) info.pfn, protection);
    case ATLAS_PTE_KIND_PAGE_FILE:
      return g_strdup_printf (
        _ ("page 0x%x of paging file %u, %s"), info.page_file_page, info.page_file, protection);
    case ATLAS_PTE_KIND_PROTOTYPE:
      return g_strdup_printf (
        _ ("%s at 0x%llx, %s"), _ (name), (unsigned long long) info.prototype_va, protection);
    case ATLAS_PTE_KIND_DEMAND_ZERO:
    case ATLAS_PTE_KIND_VAD_PROTOTYPE:
      return g_strdup_printf ("%s, %s", _ (name), protection);
    case ATLAS_PTE_KIND_ASK_VAD:
    case ATLAS_PTE_KIND_NOACCESS:
    case ATLAS_PTE_KIND_DECOMMITTED:
    case ATLAS_PTE_KIND_UNKNOWN:
    case ATLAS_N_PTE_KINDS:
      break;
    }
  return g_strdup (name);
}
