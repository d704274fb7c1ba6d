/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/machine-private.h"
#include "windows/page-file-private.h"

/* The commit limit: what Windows has promised to keep somewhere, and what there is to keep it. */

/* A choice: paging files grow by at least 16 MB. */
#define EXTENSION_PAGES G_GUINT64_CONSTANT (4096)

/* By how much paging files could still grow. */
static guint64
count_growth (const AtlasSystem *system)
{
  guint64 n_pages = 0;

  for (guint i = 0; i < system->page_files->len; i++)
    {
      const AtlasPageFile *file = g_ptr_array_index (system->page_files, i);

      n_pages += atlas_page_file_get_max_slots (file) - atlas_page_file_get_n_slots (file);
    }
  return n_pages;
}

void
atlas_system_get_commit (const AtlasSystem *system, AtlasCommit *commit)
{
  *commit = (AtlasCommit){ .n_charged = system->commit_pages,
                           .n_peak = system->commit_peak_pages,
                           .limit = system->commit_limit_pages,
                           .maximum_limit = system->commit_limit_pages + count_growth (system) };
}

gboolean
atlas_system_has_commit_room (const AtlasSystem *system, guint64 n_pages)
{
  return n_pages <= system->commit_limit_pages - system->commit_pages + count_growth (system);
}

/* Extends paging files until @n_pages more can be promised; there is room. */
static void
extend_page_files (AtlasSystem *system, guint64 n_pages)
{
  for (guint i = 0; i < system->page_files->len; i++)
    {
      AtlasPageFile *file = g_ptr_array_index (system->page_files, i);
      guint64 n_left = system->commit_limit_pages - system->commit_pages;
      guint32 n_growth = atlas_page_file_get_max_slots (file) - atlas_page_file_get_n_slots (file);

      if (n_left >= n_pages)
        return;
      n_growth = (guint32) MIN (n_growth, MAX (n_pages - n_left, EXTENSION_PAGES));
      atlas_page_file_extend (file, n_growth);
      system->commit_limit_pages += n_growth;
    }
}

gboolean
atlas_system_charge_commit (AtlasSystem *system, guint64 n_pages)
{
  if (!atlas_system_has_commit_room (system, n_pages))
    return FALSE;
  extend_page_files (system, n_pages);
  system->commit_pages += n_pages;
  system->commit_peak_pages = MAX (system->commit_peak_pages, system->commit_pages);
  return TRUE;
}

void
atlas_system_return_commit (AtlasSystem *system, guint64 n_pages)
{
  system->commit_pages -= n_pages;
}

gboolean
atlas_process_charge_commit (AtlasProcess *process, AtlasVad *vad, guint64 n_pages)
{
  if (!atlas_system_charge_commit (process->system, n_pages))
    return FALSE;
  process->commit_pages += n_pages;
  vad->commit_pages += n_pages;
  return TRUE;
}

void
atlas_process_return_commit (AtlasProcess *process, AtlasVad *vad, guint64 n_pages)
{
  /* Entries that were written by hand may tell of pages that nobody has paid for. */
  n_pages = MIN (n_pages, vad->commit_pages);
  process->system->commit_pages -= n_pages;
  process->commit_pages -= n_pages;
  vad->commit_pages -= n_pages;
}
