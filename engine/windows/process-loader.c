/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/process-layout-private.h"

#include "windows/section-private.h"

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

void
atlas_layout_set_words (AtlasVad *vad, const AtlasLayoutWords *words)
{
  vad->region_class = (guint8) words->region_class;
  atlas_vad_set_name (vad, words->name);
  vad->reason = words->reason;
  vad->source = words->source;
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
  section->n_views++;
  atlas_layout_set_words (vad, words);
  return vad;
}
