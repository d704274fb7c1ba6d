/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/image-text.h"

#include <glib/gi18n.h>

#include "windows/section.h"

const AtlasVad *
atlas_image_find_view (AtlasDocument *document, const AtlasRegion *region)
{
  AtlasProcess *process = atlas_document_get_process (document);
  const AtlasVad *vad =
    process != NULL ? atlas_vad_tree_find (atlas_process_get_vads (process), region->base_va, NULL)
                    : NULL;

  return vad != NULL && vad->section != NULL ? vad : NULL;
}

char *
atlas_image_format_sections (AtlasDocument *document, const AtlasRegion *region)
{
  const AtlasVad *vad =
    region->type == ATLAS_TYPE_IMAGE ? atlas_image_find_view (document, region) : NULL;
  g_autoptr (GString) text = NULL;
  const AtlasSubsection *subsections;
  guint n_subsections;
  guint64 first_page, end_page;

  if (vad == NULL)
    return NULL;
  text = g_string_new (NULL);
  subsections = atlas_section_get_subsections (vad->section, &n_subsections);
  first_page = vad->section_first_page + (region->base_va >> ATLAS_PAGE_SHIFT) - vad->start_vpn;
  end_page = first_page + region->size_bytes / ATLAS_PAGE_BYTES;
  for (guint i = 0; i < n_subsections; i++)
    {
      const AtlasSubsection *subsection = &subsections[i];

      if (subsection->first_page < end_page &&
          first_page < subsection->first_page + subsection->n_pages)
        g_string_append_printf (text,
                                "%s%s",
                                text->len > 0 ? ", " : "",
                                subsection->name[0] != '\0' ? subsection->name : _ ("headers"));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
