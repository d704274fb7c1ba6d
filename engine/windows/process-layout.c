/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/process-layout-private.h"

#include <glib/gi18n-lib.h>

#include "base/translation.h"
#include "windows/section-private.h"
#include "windows/virtual.h"

/* The address space of a new process, as the kernel and the loader leave it when the program's
 * first instruction runs. Sizes and order follow a process of Windows 11 (22000); which pages have
 * been touched by then is a choice, drawn from the seed. */

#define STACK_COMMIT_PAGES 8u

#define MICROSOFT_PEB "Microsoft Learn, PEB structure; System Informer, phnt, ntpebteb.h"
#define MICROSOFT_STACK "Microsoft Learn, Thread Stack Size"
#define MICROSOFT_CFG "Microsoft Learn, Control Flow Guard; corsix.org, “Control flow guard”"
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

/* Reserves by the call that a program would use. */
static AtlasVad *
reserve (AtlasProcess *process, AtlasVa base_va, guint64 n_bytes, const AtlasLayoutWords *words)
{
  AtlasVad *vad;

  if (atlas_nt_allocate_virtual_memory (
        process, &base_va, 0, &n_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE) !=
      ATLAS_STATUS_SUCCESS)
    return NULL;
  vad = atlas_vad_tree_find (&process->vads, base_va, NULL);
  atlas_layout_set_words (vad, words);
  return vad;
}

static gboolean
commit (AtlasProcess *process, AtlasVa va, guint64 n_pages, guint32 protect)
{
  guint64 n_bytes = n_pages * ATLAS_PAGE_BYTES;

  return atlas_nt_allocate_virtual_memory (process, &va, 0, &n_bytes, ATLAS_MEM_COMMIT, protect) ==
         ATLAS_STATUS_SUCCESS;
}

static gboolean
lay_out_peb_and_stack (AtlasProcess *process, const AtlasPlacement *placement)
{
  g_autofree char *peb_name =
    atlas_text_compose_number (ATLAS_TEXT_PEB_AND_TEB, process->thread_id);
  g_autofree char *stack_name = atlas_text_compose_number (ATLAS_TEXT_STACK, process->thread_id);
  AtlasLayoutWords peb_words = {
    ATLAS_CLASS_SYSTEM,
    peb_name,
    N_ ("Process and thread environment blocks: what user-mode Windows code itself "
        "knows of the process, one page, and of each thread, two pages."),
    MICROSOFT_PEB
  };
  AtlasLayoutWords stack_words = {
    ATLAS_CLASS_STACK,
    stack_name,
    N_ ("The thread's stack grows down: 1 MB is reserved, the top is committed, and "
        "guard pages below it trap the first touch so that more gets committed."),
    MICROSOFT_STACK
  };
  AtlasVa top_va = placement->stack_va + ATLAS_LAYOUT_STACK_BYTES;
  AtlasVa stack_limit_va = top_va - STACK_COMMIT_PAGES * ATLAS_PAGE_BYTES;

  process->peb_va = placement->peb_va;
  process->teb_va = process->peb_va + ATLAS_LAYOUT_PEB_PAGES * ATLAS_PAGE_BYTES;
  process->stack_pointer_va = placement->stack_pointer_va;
  if (reserve (process, placement->peb_block_va, ATLAS_LAYOUT_PEB_BLOCK_BYTES, &peb_words) ==
        NULL ||
      !commit (process,
               process->peb_va,
               ATLAS_LAYOUT_PEB_PAGES + ATLAS_LAYOUT_TEB_PAGES,
               ATLAS_PAGE_READWRITE) ||
      reserve (process, placement->stack_va, ATLAS_LAYOUT_STACK_BYTES, &stack_words) == NULL)
    return FALSE;
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
         put_u64 (process, process->teb_va + TEB_DEALLOCATION_STACK, placement->stack_va);
}

static AtlasSection *
get_file (AtlasSystem *system, const AtlasLayoutItem *item)
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
      atlas_system_keep_section (system, section);
    }
  return section;
}

static gboolean
lay_out_item (AtlasProcess *process,
              AtlasRandom *random,
              const AtlasLayoutItem *item,
              AtlasVa base_va)
{
  if (item->is_heap)
    {
      if (reserve (process, base_va, item->n_pages * ATLAS_PAGE_BYTES, &item->words) == NULL)
        return FALSE;
      if (item->words.name == atlas_layout_process_heap_name)
        process->heap_va = base_va;
      return commit (process, base_va, item->n_committed_pages, ATLAS_PAGE_READWRITE) &&
             atlas_layout_touch (process, base_va, item->n_touched_pages, ATLAS_ACCESS_WRITE);
    }

  atlas_layout_map (
    process, get_file (process->system, item), base_va, ATLAS_PROTECTION_READONLY, &item->words);
  if (item->words.name == atlas_layout_api_set_map_name &&
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
      atlas_system_keep_section (system, section);
    }
  return section;
}

/* The bits of one image, readable; the rest of what is committed stays without access. */
static gboolean
mark_call_targets (AtlasProcess *process, const AtlasVad *bitmap, const AtlasVad *image)
{
  guint64 first_page =
    atlas_vad_get_base_va (image) / ATLAS_LAYOUT_CFG_BYTES_PER_BYTE / ATLAS_PAGE_BYTES;
  guint64 last_page =
    atlas_vad_get_last_va (image) / ATLAS_LAYOUT_CFG_BYTES_PER_BYTE / ATLAS_PAGE_BYTES;

  if (!atlas_system_commit_section (
        process->system, bitmap->section, first_page, last_page - first_page + 1u))
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
lay_out_cfg (AtlasProcess *process, const AtlasPlacement *placement)
{
  static const AtlasLayoutWords cfg_words = {
    ATLAS_CLASS_CFG,
    N_ ("CFG bitmap"),
    N_ ("Control flow guard: two bits for every 16 bytes of address "
        "space tell where indirect calls may "
        "go. Only the pages that tell of code are committed."),
    MICROSOFT_CFG
  };
  static const AtlasLayoutWords shared_words = {
    ATLAS_CLASS_MAPPED,
    N_ ("read-only shared memory"),
    N_ ("Written by the session's subsystem process, read by every program of the session."),
    SYSTEM_INFORMER
  };
  guint64 n_bytes = atlas_placement_get_cfg_bytes (placement);
  g_autofree char *name = NULL;
  AtlasSection *bitmap;
  AtlasSection *shared;
  const AtlasVad *vad;
  const AtlasVad *cfg;

  name = placement->max_va < ATLAS_GB (4)
           ? atlas_text_compose_number (ATLAS_TEXT_CFG_BITMAP, (guint) (n_bytes / ATLAS_MB (16)))
           : g_strdup (N_ ("CFG bitmap"));
  bitmap =
    get_reserved_section (process->system, name, n_bytes / ATLAS_PAGE_BYTES, ATLAS_FILL_BITMAP);
  shared = get_reserved_section (
    process->system, N_ ("read-only shared memory"), ATLAS_LAYOUT_SHARED_PAGES, ATLAS_FILL_DATA);
  process->cfg_va = placement->cfg_va;
  cfg = atlas_layout_map (process, bitmap, process->cfg_va, ATLAS_PROTECTION_NOACCESS, &cfg_words);
  for (vad = atlas_vad_tree_get_first (&process->vads); vad != NULL; vad = atlas_vad_get_next (vad))
    {
      if (vad->kind == ATLAS_VAD_IMAGE && !mark_call_targets (process, cfg, vad))
        return FALSE;
    }

  if (!atlas_system_commit_section (process->system, shared, 0, 5))
    return FALSE;
  atlas_layout_map (
    process, shared, placement->shared_va, ATLAS_PROTECTION_READONLY, &shared_words);
  return atlas_layout_touch (process, placement->shared_va, 3, ATLAS_ACCESS_READ);
}

gboolean
atlas_process_lay_out (AtlasProcess *process, const AtlasPlacement *placement)
{
  const AtlasLayoutItem *items;
  guint n_items;
  char label[32];
  AtlasRandom random;

  /* Which pages are touched moves no address. */
  g_snprintf (label, sizeof label, "touches of %u", process->system->n_started);
  random = atlas_random_fork (process->system->options.seed, label);
  if (!atlas_layout_load_system_modules (process, placement) ||
      !atlas_layout_load_program (process, placement) ||
      !lay_out_peb_and_stack (process, placement))
    return FALSE;
  items = atlas_layout_get_items (&n_items);
  for (guint i = 0; i < n_items; i++)
    {
      if (!lay_out_item (process, &random, &items[i], placement->item_va[i]))
        return FALSE;
    }
  return put_u64 (process, process->peb_va + PEB_PROCESS_HEAP, process->heap_va) &&
         put_u64 (process, process->peb_va + PEB_NUMBER_OF_HEAPS, 3u | ATLAS_BIT (36)) &&
         lay_out_cfg (process, placement);
}
