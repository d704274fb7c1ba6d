/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/placeholder.h"

#include <glib/gi18n-lib.h>

AtlasVad *
atlas_placeholder_find (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  AtlasVad *vad = atlas_vad_tree_find (&process->vads, first_vpn << ATLAS_PAGE_SHIFT, NULL);

  return vad != NULL && vad->is_placeholder && vad->start_vpn == first_vpn &&
             vad->end_vpn == last_vpn
           ? vad
           : NULL;
}

void
atlas_placeholder_restore (AtlasVad *vad)
{
  g_assert (vad->commit_pages == 0);

  vad->kind = ATLAS_VAD_PRIVATE;
  vad->region_class = ATLAS_CLASS_PRIVATE;
  vad->protection = ATLAS_PROTECTION_NOACCESS;
  vad->is_mem_commit = FALSE;
  vad->is_placeholder = TRUE;
  vad->is_from_placeholder = FALSE;
  vad->section = NULL;
  vad->section_first_page = 0;
  vad->reason = NULL;
  vad->source = NULL;
  atlas_vad_set_name (vad, N_ ("placeholder"));
}

void
atlas_placeholder_split (AtlasProcess *process, AtlasVad *vad, guint64 first_vpn, guint64 last_vpn)
{
  if (first_vpn > vad->start_vpn)
    vad = atlas_vad_tree_split (&process->vads, vad, first_vpn);
  if (last_vpn < vad->end_vpn)
    atlas_vad_tree_split (&process->vads, vad, last_vpn + 1u);
}

gboolean
atlas_placeholder_coalesce (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  AtlasVad *first = atlas_vad_tree_find (&process->vads, first_vpn << ATLAS_PAGE_SHIFT, NULL);
  guint64 next_vpn = first_vpn;
  guint n_parts = 0;

  for (const AtlasVad *vad = first; vad != NULL && next_vpn <= last_vpn;
       vad = atlas_vad_get_next (vad))
    {
      if (!vad->is_placeholder || vad->start_vpn != next_vpn || vad->end_vpn > last_vpn)
        return FALSE;
      next_vpn = vad->end_vpn + 1u;
      n_parts++;
    }
  if (next_vpn != last_vpn + 1u || n_parts < 2u)
    return FALSE;

  atlas_process_changed (process);
  for (guint i = 0; i < n_parts; i++)
    atlas_vad_tree_remove (
      &process->vads, atlas_vad_tree_lower_bound (&process->vads, first_vpn << ATLAS_PAGE_SHIFT));
  atlas_placeholder_restore (atlas_vad_tree_insert (&process->vads, first_vpn, last_vpn));
  return TRUE;
}
