/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/machine-private.h"

#include "windows/image.h"
#include "windows/virtual.h"

/* The address space of a new process, as the kernel and the loader leave it when the program's
 * first instruction runs. Sizes and order follow a process of Windows 11 (22000); which pages have
 * been touched by then is a choice, drawn from the seed. */

#define DLL_AREA_VA G_GUINT64_CONSTANT (0x7ff800000000)
#define EXE_AREA_VA G_GUINT64_CONSTANT (0x7ff600000000)
#define EXE_PREFERRED_VA G_GUINT64_CONSTANT (0x140000000)
#define EXE_PREFERRED_2GB_VA G_GUINT64_CONSTANT (0x400000)
#define DLL_PREFERRED_VA G_GUINT64_CONSTANT (0x180000000)
/* Images below 4 GB: fewer bits. The same table as in aslr.c. */
#define EXE_2GB_BITS 8u
#define DLL_2GB_BITS 14u

#define PEB_TEB_BYTES ATLAS_MB (2)
#define PEB_PAGES 1u
#define TEB_PAGES 2u
#define STACK_BYTES ATLAS_MB (1)
#define STACK_COMMIT_PAGES 8u
#define STACK_GUARD_PAGES 3u
/* One byte of the bitmap tells of 64 bytes of addresses: two bits for every 16. */
#define CFG_BYTES_PER_BYTE 64u

#define MICROSOFT_PEB "Microsoft Learn, PEB structure; System Informer, phnt, ntpebteb.h"
#define MICROSOFT_STACK "Microsoft Learn, Thread Stack Size"
#define MICROSOFT_CFG "Microsoft Learn, Control Flow Guard; corsix.org, “Control flow guard”"
#define MICROSOFT_HEAP "Microsoft Learn, Heap Functions"
#define INTERNALS_ASLR "Windows Internals, 7th edition, part 1, chapter 5"
#define SYSTEM_INFORMER "System Informer, memprv.c"

enum
{
  PEB_IMAGE_BASE = 0x10,
  PEB_PROCESS_HEAP = 0x30,
  PEB_API_SET_MAP = 0x68,
  PEB_NUMBER_OF_HEAPS = 0xe8,
  PEB_SESSION_ID = 0x2c0,
  TEB_STACK_BASE = 0x08,
  TEB_STACK_LIMIT = 0x10,
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

static gboolean
touch_pages (AtlasProcess *process, AtlasVa va, guint64 n_pages, AtlasAccess access)
{
  for (guint64 i = 0; i < n_pages; i++)
    {
      if (!atlas_process_touch (process, va + i * ATLAS_PAGE_BYTES, access, NULL, 0))
        return FALSE;
    }
  return TRUE;
}

/* Touches up to @n_pages of the range in clusters, as code and data are used. */
static gboolean
touch_some (AtlasProcess *process,
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

      if (!touch_pages (process, va + first * ATLAS_PAGE_BYTES, n_cluster, access))
        return FALSE;
      n_pages -= n_cluster;
    }
  return TRUE;
}

static gboolean
find_room (AtlasProcess *process,
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

typedef struct
{
  AtlasRegionClass region_class;
  const char *name;
  const char *reason;
  const char *source;
} Words;

static void
set_words (AtlasVad *vad, const Words *words)
{
  vad->region_class = (guint8) words->region_class;
  atlas_vad_set_name (vad, words->name);
  vad->reason = words->reason;
  vad->source = words->source;
}

/* Reserves by the call that a program would use. @base_va 0: anywhere. */
static AtlasVad *
reserve (AtlasProcess *process, AtlasVa base_va, guint64 n_bytes, const Words *words)
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

static AtlasVad *
map_view (AtlasProcess *process,
          AtlasSection *section,
          AtlasVa base_va,
          guint8 protection,
          const Words *words)
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

static AtlasSection *
get_image (AtlasSystem *system, const AtlasModule *module, const AtlasImageTraits *traits)
{
  AtlasSection *section = atlas_system_find_section (system, module->name);

  /* A program may be called like a DLL without being it. */
  if (section == NULL || atlas_section_get_n_pages (section) != atlas_module_get_n_pages (module))
    {
      section = atlas_image_new (module, traits, system->options.seed);
      g_ptr_array_add (system->sections, section);
    }
  return section;
}

/* What the loader does to an image: reads headers, imports and unwind data, runs code, writes the
 * import table and variables. @base_va changes when the image has to go elsewhere. */
static gboolean
load_image (AtlasProcess *process,
            const AtlasModule *module,
            AtlasSection *section,
            const Words *words,
            AtlasVa *base_va)
{
  guint64 n_bytes = atlas_module_get_n_pages (module) * ATLAS_PAGE_BYTES;
  /* The same code runs in every process. */
  AtlasRandom random = atlas_random_fork (process->system->options.seed, module->name);
  AtlasVad *vad;

  if (atlas_vad_tree_find_overlap (&process->vads, *base_va, *base_va + n_bytes - 1u) != NULL &&
      !find_room (process, n_bytes, ATLAS_ALLOCATION_GRANULARITY, process->bottom_up_va, base_va))
    return FALSE;
  vad = map_view (process, section, *base_va, ATLAS_PROTECTION_EXECUTE_WRITECOPY, words);
  /* Every page that may be copied is paid for now. */
  if (!atlas_process_charge_commit (process, vad, module->data_pages))
    return FALSE;

  AtlasVa text_va = *base_va + ATLAS_PAGE_BYTES;
  AtlasVa rdata_va = text_va + module->text_pages * ATLAS_PAGE_BYTES;
  AtlasVa data_va = rdata_va + module->rdata_pages * ATLAS_PAGE_BYTES;
  AtlasVa pdata_va = data_va + module->data_pages * ATLAS_PAGE_BYTES;
  guint n_text = 4u + module->text_pages / 12u;
  guint n_rdata = 2u + module->rdata_pages / 12u;
  guint n_data = 1u + module->data_pages / 2u;

  return touch_pages (process, *base_va, 1, ATLAS_ACCESS_READ) &&
         touch_some (process, &random, text_va, module->text_pages, n_text, ATLAS_ACCESS_EXECUTE) &&
         touch_some (process, &random, rdata_va, module->rdata_pages, n_rdata, ATLAS_ACCESS_READ) &&
         touch_pages (process, pdata_va, 1, ATLAS_ACCESS_READ) &&
         touch_some (process, &random, data_va, module->data_pages, n_data, ATLAS_ACCESS_WRITE);
}

static gboolean
load_program (AtlasProcess *process)
{
  const AtlasProcessOptions *options = &process->options;
  AtlasModule module = atlas_image_get_program (options->name);
  AtlasVa preferred_va = options->is_large_address_aware ? EXE_PREFERRED_VA : EXE_PREFERRED_2GB_VA;
  AtlasImageTraits traits = { .preferred_va = preferred_va,
                              .is_large_address_aware = options->is_large_address_aware,
                              .has_high_entropy = options->has_high_entropy,
                              .has_dynamic_base = options->has_dynamic_base };
  /* Drawn when the image section is made: the same until the next boot. */
  AtlasRandom boot = atlas_random_fork (process->system->options.seed, options->name);
  Words words = { ATLAS_CLASS_IMAGE, options->name, NULL, INTERNALS_ASLR };
  guint n_bits = atlas_aslr_get_entropy_bits (
    ATLAS_ASLR_EXE, options->has_high_entropy, options->has_dynamic_base);
  AtlasVa base_va = preferred_va;

  if (!options->has_dynamic_base)
    {
      words.reason = "The program, at the base address that its header prefers: it was linked "
                     "without /DYNAMICBASE and cannot be moved.";
    }
  else if (options->is_large_address_aware)
    {
      guint64 n_slots = (DLL_AREA_VA - EXE_AREA_VA) / ATLAS_ALLOCATION_GRANULARITY -
                        (atlas_module_get_n_pages (&module) / 16u + 1u);

      base_va = EXE_AREA_VA + atlas_random_bits (&boot, n_bits) % n_slots * ATLAS_KB (64);
      words.reason = "The program. 17 bits of its address were drawn when its image was first "
                     "loaded.";
    }
  else
    {
      base_va += atlas_random_bits (&boot, EXE_2GB_BITS) * ATLAS_KB (64);
      words.reason = "The program. 8 bits of its address were drawn when its image was first "
                     "loaded: below 4 GB there is no room for more.";
    }
  if (!load_image (
        process, &module, get_image (process->system, &module, &traits), &words, &base_va))
    return FALSE;
  process->image_va = base_va;
  return TRUE;
}

/* From the top down, with room between some for images that this process does not load. */
static gboolean
load_system_modules (AtlasProcess *process)
{
  static const AtlasImageTraits traits = { .preferred_va = DLL_PREFERRED_VA,
                                           .is_dll = TRUE,
                                           .is_large_address_aware = TRUE,
                                           .has_high_entropy = TRUE,
                                           .has_dynamic_base = TRUE };
  gboolean is_large = process->options.is_large_address_aware;
  AtlasRandom boot =
    atlas_random_fork (process->system->options.seed, is_large ? "DLLs" : "DLLs below 2 GB");
  guint n_modules;
  const AtlasModule *modules = atlas_image_get_system_modules (&n_modules);
  guint64 gaps[32];
  guint64 n_slots = 0;
  AtlasVa end_va;

  g_assert (n_modules <= G_N_ELEMENTS (gaps));
  for (guint i = 0; i < n_modules; i++)
    {
      gaps[i] = atlas_random_below (&boot, 3) == 0 ? atlas_random_below (&boot, 96) : 0;
      n_slots += gaps[i] + (atlas_module_get_n_pages (&modules[i]) + 15u) / 16u;
    }

  if (is_large)
    {
      guint n_bits = atlas_aslr_get_entropy_bits (ATLAS_ASLR_DLL, TRUE, TRUE);

      end_va = DLL_AREA_VA + n_slots * ATLAS_KB (64);
      end_va += atlas_random_bits (&boot, n_bits) %
                ((G_GUINT64_CONSTANT (0x7fffffff0000) - end_va) / ATLAS_KB (64)) * ATLAS_KB (64);
    }
  else
    {
      end_va = ATLAS_KUSER_VA - atlas_random_bits (&boot, DLL_2GB_BITS) * ATLAS_KB (64);
    }

  for (guint i = 0; i < n_modules; i++)
    {
      Words words = {
        ATLAS_CLASS_IMAGE,
        modules[i].name,
        "A system DLL: at the same base in every process until the next boot, so that "
        "all share its pages.",
        INTERNALS_ASLR
      };
      guint64 n_bytes = atlas_module_get_n_pages (&modules[i]) * ATLAS_PAGE_BYTES;
      AtlasVa base_va;

      end_va -= (n_bytes + ATLAS_KB (64) - 1u) & ~(ATLAS_KB (64) - 1u);
      base_va = end_va;
      if (!load_image (process,
                       &modules[i],
                       get_image (process->system, &modules[i], &traits),
                       &words,
                       &base_va))
        return FALSE;
      end_va -= gaps[i] * ATLAS_KB (64);
    }
  return TRUE;
}

static gboolean
lay_out_peb_and_stack (AtlasProcess *process, AtlasRandom *random)
{
  gboolean has_high_entropy = process->bottom_up_va >= ATLAS_TB (1);
  g_autofree char *peb_name = g_strdup_printf ("PEB, TEB of thread %u", process->thread_id);
  g_autofree char *stack_name = g_strdup_printf ("stack of thread %u", process->thread_id);
  Words peb_words = { ATLAS_CLASS_SYSTEM,
                      peb_name,
                      "Process and thread environment blocks: what user-mode Windows code itself "
                      "knows of the process, one page, and of each thread, two pages.",
                      MICROSOFT_PEB };
  Words stack_words = {
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
  if (!find_room (process, PEB_TEB_BYTES, PEB_TEB_BYTES, start_va, &peb_base_va) ||
      reserve (process, peb_base_va, PEB_TEB_BYTES, &peb_words) == NULL)
    return FALSE;
  process->peb_va = peb_base_va + first_page * ATLAS_PAGE_BYTES;
  process->teb_va = process->peb_va + PEB_PAGES * ATLAS_PAGE_BYTES;
  if (!commit (process, process->peb_va, PEB_PAGES + TEB_PAGES, ATLAS_PAGE_READWRITE))
    return FALSE;

  if (!find_room (process,
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
               stack_limit_va - STACK_GUARD_PAGES * ATLAS_PAGE_BYTES,
               STACK_GUARD_PAGES,
               ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD) ||
      !touch_pages (process, top_va - 3u * ATLAS_PAGE_BYTES, 3, ATLAS_ACCESS_WRITE))
    return FALSE;

  return put_u64 (process, process->peb_va + PEB_IMAGE_BASE, process->image_va) &&
         put_u64 (process, process->peb_va + PEB_SESSION_ID, 1) &&
         put_u64 (process, process->teb_va + TEB_STACK_BASE, top_va) &&
         put_u64 (process, process->teb_va + TEB_STACK_LIMIT, stack_limit_va) &&
         put_u64 (process, process->teb_va + TEB_SELF, process->teb_va) &&
         put_u64 (process, process->teb_va + TEB_PROCESS_ID, process->id) &&
         put_u64 (process, process->teb_va + TEB_THREAD_ID, process->thread_id) &&
         put_u64 (process, process->teb_va + TEB_PEB, process->peb_va) &&
         put_u64 (process, process->teb_va + TEB_DEALLOCATION_STACK, stack_va);
}

/* What lies at the start of the bottom-up area, in this order. */
typedef struct
{
  Words words;
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
             touch_pages (process, base_va, item->n_touched_pages, ATLAS_ACCESS_WRITE);
    }

  if (!find_room (process,
                  item->n_pages * ATLAS_PAGE_BYTES,
                  ATLAS_ALLOCATION_GRANULARITY,
                  process->bottom_up_va,
                  &base_va))
    return FALSE;
  map_view (
    process, get_file (process->system, item), base_va, ATLAS_PROTECTION_READONLY, &item->words);
  if (item->words.name == (const char *) API_SET_MAP &&
      !put_u64 (process, process->peb_va + PEB_API_SET_MAP, base_va))
    return FALSE;
  return touch_pages (process, base_va, 1, ATLAS_ACCESS_READ) &&
         touch_some (
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
  static const Words cfg_words = { ATLAS_CLASS_CFG,
                                   "CFG bitmap",
                                   "Control flow guard: two bits for every 16 bytes of address "
                                   "space tell where indirect calls may "
                                   "go. Only the pages that tell of code are committed.",
                                   MICROSOFT_CFG };
  static const Words shared_words = {
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
  AtlasVa highest_va = EXE_AREA_VA - 1u - atlas_random_bits (random, n_bits) * ATLAS_KB (64);
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
  cfg = map_view (process, bitmap, process->cfg_va, ATLAS_PROTECTION_NOACCESS, &cfg_words);
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
  map_view (process, shared, shared_va, ATLAS_PROTECTION_READONLY, &shared_words);
  return touch_pages (process, shared_va, 3, ATLAS_ACCESS_READ);
}

gboolean
atlas_process_lay_out (AtlasProcess *process, AtlasRandom *random)
{
  if (!load_system_modules (process) || !load_program (process) ||
      !lay_out_peb_and_stack (process, random))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    {
      if (!lay_out_item (process, random, &items[i]))
        return FALSE;
    }
  return put_u64 (process, process->peb_va + PEB_PROCESS_HEAP, process->heap_va) &&
         put_u64 (process, process->peb_va + PEB_NUMBER_OF_HEAPS, 3) &&
         lay_out_cfg (process, random);
}
