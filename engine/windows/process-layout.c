/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/process-layout-private.h"

#include "windows/virtual.h"

/* The address space of a new process, as the kernel and the loader leave it when the program's
 * first instruction runs. Sizes and order follow a process of Windows 11 (22000); which pages have
 * been touched by then is a choice, drawn from the seed. */

#define PEB_TEB_BYTES ATLAS_MB (2)
#define PEB_PAGES 1u
#define TEB_PAGES 2u
#define STACK_BYTES ATLAS_MB (1)
#define STACK_COMMIT_PAGES 8u
/* One byte of the bitmap tells of 64 bytes of addresses: two bits for every 16. */
#define CFG_BYTES_PER_BYTE 64u

#define MICROSOFT_PEB "Microsoft Learn, PEB structure; System Informer, phnt, ntpebteb.h"
#define MICROSOFT_STACK "Microsoft Learn, Thread Stack Size"
#define MICROSOFT_CFG "Microsoft Learn, Control Flow Guard; corsix.org, “Control flow guard”"
#define MICROSOFT_HEAP "Microsoft Learn, Heap Functions"
#define SYSTEM_INFORMER "System Informer, memprv.c"

enum
{
  PEB_IMAGE_BASE = 0x10,
  PEB_PROCESS_HEAP = 0x30,
  PEB_API_SET_MAP = 0x68,
  PEB_NUMBER_OF_HEAPS = 0xe8, /* and, in the upper half, room for so many */
  PEB_SESSION_ID = 0x2c0,
  TEB_STACK_BASE = 0x08,
  TEB_SELF = 0x30,
  TEB_PROCESS_ID = 0x40,
  TEB_THREAD_ID = 0x48,
  TEB_PEB = 0x60,
  TEB_DEALLOCATION_STACK = 0x1478,
};

static gboolean
put_u64 (AtlasProcess *process, AtlasVa va, guint64 value)
{
  value = GUINT64_TO_LE (value);
  return atlas_process_touch (process, va, ATLAS_ACCESS_WRITE, &value, sizeof value);
}

gboolean
atlas_layout_touch (AtlasProcess *process, AtlasVa va, guint64 n_pages, AtlasAccess access)
{
  for (guint64 i = 0; i < n_pages; i++)
    {
      if (!atlas_process_touch (process, va + i * ATLAS_PAGE_BYTES, access, NULL, 0))
        return FALSE;
    }
  return TRUE;
}

gboolean
atlas_layout_touch_some (AtlasProcess *process,
                         AtlasRandom *random,
                         AtlasVa va,
                         guint64 n_range_pages,
                         guint64 n_pages,
                         AtlasAccess access)
{
  while (n_pages > 0)
    {
      guint64 n_drawn = 1u + atlas_random_below (random, 8);
      guint64 n_cluster = MIN (n_drawn, MIN (n_pages, n_range_pages));
      guint64 first = atlas_random_below (random, n_range_pages - n_cluster + 1u);

      if (!atlas_layout_touch (process, va + first * ATLAS_PAGE_BYTES, n_cluster, access))
        return FALSE;
      n_pages -= n_cluster;
    }
  return TRUE;
}

gboolean
atlas_layout_find_room (AtlasProcess *process,
                        guint64 n_bytes,
                        guint64 alignment_bytes,
                        AtlasVa first_va,
                        AtlasVa *base_va)
{
  return atlas_vad_tree_find_gap (
           &process->vads, n_bytes, alignment_bytes, first_va, process->max_va, FALSE, base_va) ||
         atlas_vad_tree_find_gap (&process->vads,
                                  n_bytes,
                                  alignment_bytes,
                                  ATLAS_MIN_APPLICATION_VA,
                                  process->max_va,
                                  FALSE,
                                  base_va);
}

static void
set_words (AtlasVad *vad, const AtlasLayoutWords *words)
{
  vad->region_class = (guint8) words->region_class;
  atlas_vad_set_name (vad, words->name);
  vad->reason = words->reason;
  vad->source = words->source;
}

/* Reserves by the call that a program would use. @base_va 0: anywhere. */
static AtlasVad *
reserve (AtlasProcess *process, AtlasVa base_va, guint64 n_bytes, const AtlasLayoutWords *words)
{
  AtlasVad *vad;

  if (atlas_nt_allocate_virtual_memory (
        process, &base_va, 0, &n_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE) !=
      ATLAS_STATUS_SUCCESS)
    return NULL;
  vad = atlas_vad_tree_find (&process->vads, base_va, NULL);
  set_words (vad, words);
  return vad;
}

static gboolean
commit (AtlasProcess *process, AtlasVa va, guint64 n_pages, guint32 protect)
{
  guint64 n_bytes = n_pages * ATLAS_PAGE_BYTES;

  return atlas_nt_allocate_virtual_memory (process, &va, 0, &n_bytes, ATLAS_MEM_COMMIT, protect) ==
         ATLAS_STATUS_SUCCESS;
}

AtlasVad *
atlas_layout_map (AtlasProcess *process,
                  AtlasSection *section,
                  AtlasVa base_va,
                  guint8 protection,
                  const AtlasLayoutWords *words)
{
  guint64 first_vpn = base_va >> ATLAS_PAGE_SHIFT;
  gboolean is_image = atlas_section_get_kind (section) == ATLAS_SECTION_IMAGE;
  AtlasVad *vad = atlas_vad_tree_insert (
    &process->vads, first_vpn, first_vpn + atlas_section_get_n_pages (section) - 1u);

  vad->kind = is_image ? ATLAS_VAD_IMAGE : ATLAS_VAD_MAPPED;
  vad->protection = protection;
  vad->section = section;
  set_words (vad, words);
  return vad;
}

static gboolean
lay_out_peb_and_stack (AtlasProcess *process, AtlasRandom *random)
{
  gboolean has_high_entropy = process->bottom_up_va >= ATLAS_TB (1);
  g_autofree char *peb_name = g_strdup_printf ("PEB, TEB of thread %u", process->thread_id);
  g_autofree char *stack_name = g_strdup_printf ("stack of thread %u", process->thread_id);
  AtlasLayoutWords peb_words = {
    ATLAS_CLASS_SYSTEM,
    peb_name,
    "Process and thread environment blocks: what user-mode Windows code itself "
    "knows of the process, one page, and of each thread, two pages.",
    MICROSOFT_PEB
  };
  AtlasLayoutWords stack_words = {
    ATLAS_CLASS_STACK,
    stack_name,
    "The thread's stack grows down: 1 MB is reserved, the top is committed, and "
    "guard pages below it trap the first touch so that more gets committed.",
    MICROSOFT_STACK
  };
  guint n_bits = atlas_aslr_get_entropy_bits (
    ATLAS_ASLR_BOTTOM_UP, has_high_entropy, process->options.has_dynamic_base);
  AtlasVa start_va = atlas_random_bits (random, n_bits) * ATLAS_KB (64);
  guint64 first_page =
    atlas_random_below (random, PEB_TEB_BYTES / ATLAS_PAGE_BYTES - PEB_PAGES - TEB_PAGES + 1u);
  AtlasVa peb_base_va;
  AtlasVa stack_va;
  AtlasVa top_va;
  AtlasVa stack_limit_va;

  start_va = has_high_entropy ? MAX (start_va, ATLAS_MIN_APPLICATION_VA) : process->bottom_up_va;
  if (!atlas_layout_find_room (process, PEB_TEB_BYTES, PEB_TEB_BYTES, start_va, &peb_base_va) ||
      reserve (process, peb_base_va, PEB_TEB_BYTES, &peb_words) == NULL)
    return FALSE;
  process->peb_va = peb_base_va + first_page * ATLAS_PAGE_BYTES;
  process->teb_va = process->peb_va + PEB_PAGES * ATLAS_PAGE_BYTES;
  if (!commit (process, process->peb_va, PEB_PAGES + TEB_PAGES, ATLAS_PAGE_READWRITE))
    return FALSE;

  if (!atlas_layout_find_room (process,
                               STACK_BYTES,
                               ATLAS_ALLOCATION_GRANULARITY,
                               peb_base_va + PEB_TEB_BYTES,
                               &stack_va) ||
      reserve (process, stack_va, STACK_BYTES, &stack_words) == NULL)
    return FALSE;
  top_va = stack_va + STACK_BYTES;
  stack_limit_va = top_va - STACK_COMMIT_PAGES * ATLAS_PAGE_BYTES;
  if (!commit (process, stack_limit_va, STACK_COMMIT_PAGES, ATLAS_PAGE_READWRITE) ||
      !commit (process,
               stack_limit_va - ATLAS_STACK_GUARD_PAGES * ATLAS_PAGE_BYTES,
               ATLAS_STACK_GUARD_PAGES,
               ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD) ||
      !atlas_layout_touch (process, top_va - 3u * ATLAS_PAGE_BYTES, 3, ATLAS_ACCESS_WRITE))
    return FALSE;

  return put_u64 (process, process->peb_va + PEB_IMAGE_BASE, process->image_va) &&
         put_u64 (process, process->peb_va + PEB_SESSION_ID, 1) &&
         put_u64 (process, process->teb_va + TEB_STACK_BASE, top_va) &&
         put_u64 (process, process->teb_va + ATLAS_TEB_STACK_LIMIT, stack_limit_va) &&
         put_u64 (process, process->teb_va + TEB_SELF, process->teb_va) &&
         put_u64 (process, process->teb_va + TEB_PROCESS_ID, process->id) &&
         put_u64 (process, process->teb_va + TEB_THREAD_ID, process->thread_id) &&
         put_u64 (process, process->teb_va + TEB_PEB, process->peb_va) &&
         put_u64 (process, process->teb_va + TEB_DEALLOCATION_STACK, stack_va);
}

/* What lies at the start of the bottom-up area, in this order. */
typedef struct
{
  AtlasLayoutWords words;
  gboolean is_heap; /* private; else a view of a file, read-only */
  guint16 n_pages;
  guint16 n_committed_pages; /* private */
  guint16 n_touched_pages;
  guint8 fill; /* view */
} Item;

#define API_SET_MAP "API set map"
#define PROCESS_HEAP "process heap"

static const Item items[] = {
  { .words = { ATLAS_CLASS_MAPPED,
               "activation context data",
               "The system's default manifest, parsed: which versions of DLLs a program wants.",
               SYSTEM_INFORMER },
    .n_pages = 3,
    .n_touched_pages = 1,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_MAPPED,
               API_SET_MAP,
               "Tells the loader which DLL stands behind each virtual DLL name (api-ms-win-…).",
               SYSTEM_INFORMER },
    .n_pages = 0x1f,
    .n_touched_pages = 0x14,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_PRIVATE,
               "process parameters",
               "Command line, current directory and environment, written by the process that "
               "started this one.",
               SYSTEM_INFORMER },
    .is_heap = TRUE,
    .n_pages = 2,
    .n_committed_pages = 2,
    .n_touched_pages = 2 },
  { .words = { ATLAS_CLASS_MAPPED,
               "ANSI code page (C_1252.NLS)",
               "Table from the program's 8-bit characters to Unicode and back.",
               SYSTEM_INFORMER },
    .n_pages = 0x11,
    .n_touched_pages = 6,
    .fill = ATLAS_FILL_TABLE },
  { .words = { ATLAS_CLASS_MAPPED,
               "OEM code page (C_437.NLS)",
               "Table from the console's 8-bit characters to Unicode and back.",
               SYSTEM_INFORMER },
    .n_pages = 0x11,
    .n_touched_pages = 3,
    .fill = ATLAS_FILL_TABLE },
  { .words = { ATLAS_CLASS_MAPPED,
               "casing table (L_INTL.NLS)",
               "Upper and lower case of every character.",
               SYSTEM_INFORMER },
    .n_pages = 3,
    .n_touched_pages = 3,
    .fill = ATLAS_FILL_TABLE },
  { .words = { ATLAS_CLASS_HEAP,
               "heap 2",
               "A second heap that the C runtime made; it has room to grow in place.",
               MICROSOFT_HEAP },
    .is_heap = TRUE,
    .n_pages = 0x32,
    .n_committed_pages = 2,
    .n_touched_pages = 2 },
  { .words = { ATLAS_CLASS_MAPPED,
               "locale data (LOCALE.NLS)",
               "Names, formats and sorting of all languages, shared by all processes.",
               SYSTEM_INFORMER },
    .n_pages = 0xce,
    .n_touched_pages = 0x12,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_HEAP,
               PROCESS_HEAP,
               "Where malloc and HeapAlloc find small blocks: 1 MB is reserved, and committed as "
               "it fills up.",
               MICROSOFT_HEAP },
    .is_heap = TRUE,
    .n_pages = 0x100,
    .n_committed_pages = 0x33,
    .n_touched_pages = 0x2c },
  { .words = { ATLAS_CLASS_HEAP,
               "heap segment",
               "A heap that has outgrown its first range goes on in a segment like this.",
               MICROSOFT_HEAP },
    .is_heap = TRUE,
    .n_pages = 0x400,
    .n_committed_pages = 0x11,
    .n_touched_pages = 0xc },
  { .words = { ATLAS_CLASS_MAPPED,
               "GDI shared handle table",
               "Handles of pens, brushes and bitmaps, which the window manager keeps and programs "
               "may read.",
               SYSTEM_INFORMER },
    .n_pages = 0x181,
    .n_touched_pages = 2,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_MAPPED,
               "sorting tables (SortDefault.nls)",
               "Weights by which strings are compared.",
               SYSTEM_INFORMER },
    .n_pages = 0x337,
    .n_touched_pages = 8,
    .fill = ATLAS_FILL_TABLE },
};

static AtlasSection *
get_file (AtlasSystem *system, const Item *item)
{
  AtlasSection *section = atlas_system_find_section (system, item->words.name);
  AtlasSubsection whole = { .n_pages = item->n_pages,
                            .protection = ATLAS_PROTECTION_READONLY,
                            .fill = item->fill };

  if (section == NULL)
    {
      section = atlas_section_new (ATLAS_SECTION_FILE,
                                   item->words.name,
                                   &whole,
                                   1,
                                   NULL,
                                   system->options.seed ^ g_str_hash (item->words.name));
      g_ptr_array_add (system->sections, section);
    }
  return section;
}

static gboolean
lay_out_item (AtlasProcess *process, AtlasRandom *random, const Item *item)
{
  AtlasVa base_va;

  if (item->is_heap)
    {
      AtlasVad *vad = reserve (process, 0, item->n_pages * ATLAS_PAGE_BYTES, &item->words);

      if (vad == NULL)
        return FALSE;
      base_va = atlas_vad_get_base_va (vad);
      if (item->words.name == (const char *) PROCESS_HEAP)
        process->heap_va = base_va;
      return commit (process, base_va, item->n_committed_pages, ATLAS_PAGE_READWRITE) &&
             atlas_layout_touch (process, base_va, item->n_touched_pages, ATLAS_ACCESS_WRITE);
    }

  if (!atlas_layout_find_room (process,
                               item->n_pages * ATLAS_PAGE_BYTES,
                               ATLAS_ALLOCATION_GRANULARITY,
                               process->bottom_up_va,
                               &base_va))
    return FALSE;
  atlas_layout_map (
    process, get_file (process->system, item), base_va, ATLAS_PROTECTION_READONLY, &item->words);
  if (item->words.name == (const char *) API_SET_MAP &&
      !put_u64 (process, process->peb_va + PEB_API_SET_MAP, base_va))
    return FALSE;
  return atlas_layout_touch (process, base_va, 1, ATLAS_ACCESS_READ) &&
         atlas_layout_touch_some (
           process, random, base_va, item->n_pages, item->n_touched_pages - 1u, ATLAS_ACCESS_READ);
}

/* A section of the paging file whose pages are committed one by one. */
static AtlasSection *
get_reserved_section (AtlasSystem *system, const char *name, guint64 n_pages, AtlasFill fill)
{
  AtlasSection *section = atlas_system_find_section (system, name);
  AtlasSubsection whole = { .n_pages = n_pages,
                            .protection = ATLAS_PROTECTION_READWRITE,
                            .fill = (guint8) fill };

  if (section == NULL)
    {
      section = atlas_section_new (
        ATLAS_SECTION_PAGE_FILE, name, &whole, 1, NULL, system->options.seed ^ g_str_hash (name));
      atlas_section_set_reserved (section);
      g_ptr_array_add (system->sections, section);
    }
  return section;
}

/* Pages of a section are paid for once, whoever views them. */
static gboolean
commit_section (AtlasSystem *system, AtlasSection *section, guint64 first_page, guint64 last_page)
{
  guint64 page = first_page;

  while (page <= last_page)
    {
      guint64 last_alike;
      gboolean is_committed = atlas_section_is_committed (section, page, &last_alike);
      guint64 n_pages = MIN (last_alike, last_page) - page + 1u;

      if (!is_committed && !atlas_system_charge_commit (system, n_pages))
        return FALSE;
      page += n_pages;
    }
  atlas_section_commit (section, first_page, last_page - first_page + 1u);
  return TRUE;
}

/* The bits of one image, readable; the rest of what is committed stays without access. */
static gboolean
mark_call_targets (AtlasProcess *process, const AtlasVad *bitmap, const AtlasVad *image)
{
  guint64 first_page = atlas_vad_get_base_va (image) / CFG_BYTES_PER_BYTE / ATLAS_PAGE_BYTES;
  guint64 last_page = atlas_vad_get_last_va (image) / CFG_BYTES_PER_BYTE / ATLAS_PAGE_BYTES;

  if (!commit_section (process->system, bitmap->section, first_page, last_page))
    return FALSE;
  for (guint64 page = first_page; page <= last_page; page++)
    {
      AtlasVa va = (bitmap->start_vpn + page) << ATLAS_PAGE_SHIFT;
      AtlasPa entry_pa;

      if (!atlas_process_make_pte (process, va, NULL, &entry_pa))
        return FALSE;
      atlas_process_protect_pte (process, va, entry_pa, TRUE, ATLAS_PROTECTION_READONLY);
      if ((page & 1u) == 0 && !atlas_process_touch (process, va, ATLAS_ACCESS_READ, NULL, 0))
        return FALSE;
    }
  return TRUE;
}

static gboolean
lay_out_cfg (AtlasProcess *process, AtlasRandom *random)
{
  static const AtlasLayoutWords cfg_words = {
    ATLAS_CLASS_CFG,
    "CFG bitmap",
    "Control flow guard: two bits for every 16 bytes of address "
    "space tell where indirect calls may "
    "go. Only the pages that tell of code are committed.",
    MICROSOFT_CFG
  };
  static const AtlasLayoutWords shared_words = {
    ATLAS_CLASS_MAPPED,
    "read-only shared memory",
    "Written by the session's subsystem process, read by every program of the session.",
    SYSTEM_INFORMER
  };
  gboolean is_large = process->options.is_large_address_aware;
  guint64 n_bytes = (is_large ? ATLAS_USER_END_VA : ATLAS_GB (2)) / CFG_BYTES_PER_BYTE;
  AtlasSection *bitmap = get_reserved_section (process->system,
                                               is_large ? "CFG bitmap" : "CFG bitmap, 2 GB",
                                               n_bytes / ATLAS_PAGE_BYTES,
                                               ATLAS_FILL_BITMAP);
  AtlasSection *shared =
    get_reserved_section (process->system, "read-only shared memory", 0x100, ATLAS_FILL_DATA);
  guint n_bits =
    atlas_aslr_get_entropy_bits (ATLAS_ASLR_TOP_DOWN, TRUE, process->options.has_dynamic_base);
  AtlasVa highest_va =
    ATLAS_LAYOUT_EXE_VA - 1u - atlas_random_bits (random, n_bits) * ATLAS_KB (64);
  AtlasVa shared_va;
  const AtlasVad *vad;
  const AtlasVad *cfg;

  if (!is_large)
    highest_va = process->top_down_va;
  if (!atlas_vad_tree_find_gap (&process->vads,
                                n_bytes,
                                ATLAS_ALLOCATION_GRANULARITY,
                                ATLAS_MIN_APPLICATION_VA,
                                highest_va,
                                TRUE,
                                &process->cfg_va))
    return FALSE;
  cfg = atlas_layout_map (process, bitmap, process->cfg_va, ATLAS_PROTECTION_NOACCESS, &cfg_words);
  for (vad = atlas_vad_tree_get_first (&process->vads); vad != NULL; vad = atlas_vad_get_next (vad))
    {
      if (vad->kind == ATLAS_VAD_IMAGE && !mark_call_targets (process, cfg, vad))
        return FALSE;
    }

  if (!atlas_vad_tree_find_gap (&process->vads,
                                atlas_section_get_n_pages (shared) * ATLAS_PAGE_BYTES,
                                ATLAS_ALLOCATION_GRANULARITY,
                                ATLAS_MIN_APPLICATION_VA,
                                process->cfg_va,
                                TRUE,
                                &shared_va) ||
      !commit_section (process->system, shared, 0, 4))
    return FALSE;
  atlas_layout_map (process, shared, shared_va, ATLAS_PROTECTION_READONLY, &shared_words);
  return atlas_layout_touch (process, shared_va, 3, ATLAS_ACCESS_READ);
}

gboolean
atlas_process_lay_out (AtlasProcess *process, AtlasRandom *random)
{
  if (!atlas_layout_load_system_modules (process) || !atlas_layout_load_program (process) ||
      !lay_out_peb_and_stack (process, random))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      if (!lay_out_item (process, random, &items[i]))
        return FALSE;
    }
  return put_u64 (process, process->peb_va + PEB_PROCESS_HEAP, process->heap_va) &&
         put_u64 (process, process->peb_va + PEB_NUMBER_OF_HEAPS, 3u | ATLAS_BIT (36)) &&
         lay_out_cfg (process, random);
}
