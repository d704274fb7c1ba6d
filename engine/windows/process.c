/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/awe-private.h"
#include "windows/frames-private.h"
#include "windows/large-page.h"
#include "windows/large-section.h"
#include "windows/pager-private.h"
#include "windows/process-layout-private.h"
#include "windows/section-private.h"
#include "windows/working-set-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Maps the page that the kernel and every process share. */
static gboolean
map_shared_page (AtlasProcess *process, AtlasVa va, AtlasPfn pfn)
{
  AtlasPa entry_pa;

  if (!atlas_process_make_pte (process, va, NULL, &entry_pa))
    return FALSE;
  atlas_frames_share (process->system->frames, pfn);
  atlas_process_write_pte (
    process, va, entry_pa, atlas_protection_make_pte (ATLAS_PROTECTION_READONLY, pfn, TRUE, FALSE));
  return TRUE;
}

/* A choice: a start is refused unless so many frames and pages of commitment are there, more than
 * any start takes, so that it never ends half-way. (Windows, too, holds a process's minimum working
 * set against the frames that can be had before it makes the process.) */
#define START_PAGES 1024u
#define BARE_START_PAGES 8u
/* For the first page of a file's image, its tables and prototype entries. All pages of the image
 * may be copied, and count as commitment. */
#define IMAGE_START_PAGES 16u

static AtlasStatus
check_room_for_start (const AtlasSystem *system,
                      const AtlasProcessOptions *options,
                      guint64 n_image_pages)
{
  guint64 n_pages = (options->is_bare ? BARE_START_PAGES : START_PAGES) +
                    (n_image_pages > 0 ? IMAGE_START_PAGES : 0u);

  if (system->commit_limit_pages - system->commit_pages < n_pages + n_image_pages)
    return ATLAS_STATUS_COMMITMENT_LIMIT;
  return atlas_pager_count_obtainable (system) >= n_pages ? ATLAS_STATUS_SUCCESS
                                                          : ATLAS_STATUS_NO_MEMORY;
}

static guint
draw_id (AtlasSystem *system)
{
  /* Identifiers of processes and threads are handles of one table: multiples of four. */
  system->last_id += 4u * (1u + (guint) atlas_random_below (&system->ids, 128));
  return system->last_id;
}

AtlasProcess *
atlas_process_new (AtlasSystem *system, const AtlasProcessOptions *options, AtlasStatus *status)
{
  AtlasProcess *process;
  AtlasPlacementDraws draws;
  AtlasPlacement placement;
  AtlasStatus start_status;
  guint64 n_image_pages = 0;
  gboolean is_ready;

  g_return_val_if_fail (system != NULL, NULL);
  g_return_val_if_fail (options != NULL && options->name != NULL, NULL);

  AtlasProcessOptions adapted = *options;

  if (options->image_file != NULL)
    {
      AtlasStatus image_status = atlas_process_options_read_image (&adapted, &n_image_pages);

      if (status != NULL)
        *status = image_status;
      if (image_status != ATLAS_STATUS_SUCCESS)
        return NULL;
      options = &adapted;
    }
  start_status = check_room_for_start (system, options, n_image_pages);
  atlas_placement_draw (&draws, &system->options, options, system->n_started);
  if (start_status == ATLAS_STATUS_SUCCESS &&
      !atlas_placement_make (&placement, &draws, &system->options, options))
    start_status = options->image_file != NULL && placement.exe_va == 0
                     ? ATLAS_STATUS_CONFLICTING_ADDRESSES
                     : ATLAS_STATUS_NO_MEMORY;
  /* Last, since it is the first that changes something. */
  if (start_status == ATLAS_STATUS_SUCCESS &&
      atlas_system_get_resident_available (system) < ATLAS_WORKING_SET_MIN_PAGES)
    start_status = ATLAS_STATUS_INSUFFICIENT_RESOURCES;
  if (start_status != ATLAS_STATUS_SUCCESS)
    {
      if (status != NULL)
        *status = start_status;
      return NULL;
    }
  system->n_started++;
  atlas_system_charge_resident (system, ATLAS_WORKING_SET_MIN_PAGES);
  process = g_new0 (AtlasProcess, 1);
  atlas_space_init (&process->space, &atlas_process_space_ops, options->name);
  process->system = system;
  process->options = *options;
  process->options.name = process->space.name;
  process->page_priority = ATLAS_FRAME_PRIORITY_NORMAL;
  process->working_set_min_pages = ATLAS_WORKING_SET_MIN_PAGES;
  process->working_set_max_pages = ATLAS_WORKING_SET_MAX_PAGES;
  process->id = draw_id (system);
  process->thread_id = draw_id (system);
  g_ptr_array_add (system->processes, process);

  process->max_va = placement.max_va;
  process->bottom_up_va = placement.bottom_up_va;
  process->top_down_va = placement.top_down_va;
  if (atlas_process_make_roots (process))
    {
      atlas_placement_add_fixed (&process->vads,
                                 process->max_va,
                                 system->hypervisor_slot,
                                 atlas_process_get_n_levels (process));
      is_ready = map_shared_page (process, ATLAS_KUSER_VA, system->kuser_pfn);
      if (is_ready && system->hypervisor_slot != 0)
        is_ready = map_shared_page (process,
                                    atlas_layout_get_hypervisor_va (system->hypervisor_slot),
                                    system->hypervisor_pfn);
      is_ready = is_ready && (options->is_bare ? atlas_layout_load_file (process)
                                               : atlas_process_lay_out (process, &placement));
    }
  else
    is_ready = FALSE;
  if (!is_ready)
    {
      atlas_process_terminate (process);
      process = NULL;
    }
  if (status != NULL)
    *status = is_ready ? ATLAS_STATUS_SUCCESS : ATLAS_STATUS_NO_MEMORY;
  return process;
}

void
atlas_process_terminate (AtlasProcess *process)
{
  AtlasSystem *system;

  g_return_if_fail (process != NULL && process->system != NULL);

  system = process->system;
  for (AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      AtlasPteIter iter;

      if (vad->kind == ATLAS_VAD_AWE)
        atlas_awe_clear_window (process, vad);
      if (vad->kind == ATLAS_VAD_LARGE_PAGES)
        atlas_large_pages_unmap (process, vad);
      if (vad->kind == ATLAS_VAD_LARGE_VIEW)
        atlas_large_section_unmap_view (process, vad);
      atlas_pte_iter_init (&iter, process, vad->start_vpn, vad->end_vpn);
      while (atlas_pte_iter_next (&iter))
        {
          if (iter.pte != 0)
            atlas_process_clear_pte (
              process, iter.vpn << ATLAS_PAGE_SHIFT, iter.entry_pa, iter.pte);
        }
      atlas_process_return_commit (process, vad, vad->commit_pages);
      if (vad->section != NULL)
        atlas_system_drop_view (system, vad->section);
    }
  if (process->root_pfn != 0)
    {
      AtlasVa end_va = atlas_layout_get_user_end (atlas_process_get_n_levels (process));

      atlas_process_collect_tables (process, 0, (end_va - 1u) >> ATLAS_PAGE_SHIFT);
    }
  atlas_process_return_roots (process);
  atlas_awe_free_all (process);
  atlas_system_return_resident (system, process->working_set_min_pages);
  g_clear_pointer (&process->large_pages, g_hash_table_unref);
  g_clear_pointer (&process->written_pages, g_tree_unref);
  g_clear_pointer (&process->locked_pages, g_hash_table_unref);
  g_clear_pointer (&process->hints, g_hash_table_unref);
  /* The frame of the root may become the root of another process: the same CR3. */
  atlas_mmu_invalidate_all (system->mmu);
  atlas_vad_tree_clear (&process->vads);
  g_ptr_array_remove (system->processes, process);
  process->system = NULL;
  atlas_process_changed (process);
  atlas_space_unref (&process->space);
}

AtlasSystem *
atlas_process_get_system (AtlasProcess *process)
{
  return process->system;
}

guint16
atlas_process_get_machine (const AtlasProcess *process)
{
  return atlas_process_peek_machine (process);
}

guint
atlas_process_get_id (const AtlasProcess *process)
{
  return process->id;
}

const char *
atlas_process_get_name (const AtlasProcess *process)
{
  return process->space.name;
}

gboolean
atlas_process_get_thread (const AtlasProcess *process, AtlasThread *thread)
{
  g_return_val_if_fail (process != NULL && thread != NULL, FALSE);

  *thread = (AtlasThread){ .id = process->thread_id,
                           .teb_va = process->teb_va,
                           .stack_pointer_va = process->stack_pointer_va };
  return process->teb_va != 0;
}

const AtlasControl *
atlas_process_get_control (const AtlasProcess *process)
{
  return &process->control;
}

AtlasSpace *
atlas_process_get_space (AtlasProcess *process)
{
  return &process->space;
}

const AtlasVadTree *
atlas_process_get_vads (AtlasProcess *process)
{
  return &process->vads;
}

AtlasVa
atlas_process_get_max_va (const AtlasProcess *process)
{
  return process->max_va;
}

guint64
atlas_process_get_commit_pages (const AtlasProcess *process)
{
  return process->commit_pages;
}

guint
atlas_process_get_page_priority (const AtlasProcess *process)
{
  return process->page_priority;
}

AtlasStatus
atlas_process_set_page_priority (AtlasProcess *process, guint priority)
{
  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);

  if (priority > ATLAS_FRAME_PRIORITY_NORMAL)
    return ATLAS_STATUS_INVALID_PARAMETER;
  process->page_priority = priority;
  return ATLAS_STATUS_SUCCESS;
}

const AtlasFaultCounts *
atlas_process_get_fault_counts (const AtlasProcess *process)
{
  return &process->fault_counts;
}

guint64
atlas_process_find_pte (AtlasProcess *process, AtlasVa va, AtlasPa *entry_pa)
{
  g_return_val_if_fail (process != NULL && process->system != NULL, 0);

  return atlas_process_read_pte (process, va, entry_pa);
}

static gboolean
is_module_name (const char *module, const char *name)
{
  gsize name_length = strlen (name);
  const char *extension = strrchr (module, '.');

  if (g_ascii_strcasecmp (module, name) == 0)
    return TRUE;
  return extension != NULL && (gsize) (extension - module) == name_length &&
         g_ascii_strncasecmp (module, name, name_length) == 0;
}

gboolean
atlas_process_find_module (AtlasProcess *process, const char *name, AtlasVa *base_va)
{
  g_return_val_if_fail (name != NULL, FALSE);

  for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      if (vad->kind == ATLAS_VAD_IMAGE && vad->name != NULL && is_module_name (vad->name, name))
        {
          *base_va = atlas_vad_get_base_va (vad);
          return TRUE;
        }
    }
  return FALSE;
}

const char *
atlas_process_get_machine_note (const AtlasProcess *process)
{
  g_return_val_if_fail (process != NULL, NULL);

  return atlas_process_get_machine (process) == ATLAS_MACHINE_ARM64
           ? N_ ("ARM64, on page tables of x64: the simulated machine has no others, and only what "
                 "views of images show is ARM64's")
           : NULL;
}
