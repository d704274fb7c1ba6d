/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/notation.h"

#include <glib/gi18n.h>

static const struct
{
  const char *id;
  const char *title;
} notations[ATLAS_N_NOTATIONS] = {
  [ATLAS_NOTATION_HEX] = { "hex", N_ ("Hexadecimal") },
  [ATLAS_NOTATION_WINDBG] = { "windbg", N_ ("As WinDbg Prints It") },
  [ATLAS_NOTATION_MODULE] = { "module", N_ ("Module and Offset") },
  [ATLAS_NOTATION_INDICES] = { "indices", N_ ("Indices into the Page Tables") },
  [ATLAS_NOTATION_DECIMAL] = { "decimal", N_ ("Decimal") },
};

const char *
atlas_notation_get_id (AtlasNotation notation)
{
  return notations[notation].id;
}

const char *
atlas_notation_get_title (AtlasNotation notation)
{
  return notations[notation].title;
}

static char *
format_module (AtlasDocument *document, AtlasVa va)
{
  AtlasRegionSet *regions = atlas_document_get_regions (document);
  const AtlasRegion *region;
  g_autofree char *offset = NULL;

  if (regions == NULL)
    return atlas_format_hex (va);
  region = atlas_region_set_get_region (regions, atlas_region_set_find (regions, va));
  if (region->type != ATLAS_TYPE_IMAGE || region->name == NULL)
    return atlas_format_hex (va);
  offset = atlas_format_hex (va - region->allocation_base_va);
  return g_strdup_printf ("%s+%s", region->name, offset);
}

static char *
format_indices (AtlasDocument *document, AtlasVa va)
{
  AtlasRegionSet *regions = atlas_document_get_regions (document);
  guint n_levels = regions != NULL ? atlas_region_set_get_n_levels (regions) : ATLAS_LEVEL_PML4;
  GString *text = g_string_new (NULL);
  guint64 offset_bytes = va & ATLAS_PAGE_MASK;

  for (guint level = n_levels; level >= ATLAS_LEVEL_PT; level--)
    {
      g_autofree char *name = g_ascii_strdown (atlas_level_get_table_name (level), -1);

      g_string_append_printf (
        text, "%s%s[%u]", text->len > 0 ? "." : "", name, atlas_va_index (va, level));
    }
  if (offset_bytes > 0)
    g_string_append_printf (text, "+0x%x", (guint) offset_bytes);
  return g_string_free (text, FALSE);
}

char *
atlas_notation_format (AtlasNotation notation, AtlasDocument *document, AtlasVa va)
{
  switch (notation)
    {
    case ATLAS_NOTATION_HEX:
      return atlas_format_hex (va);
    case ATLAS_NOTATION_WINDBG:
      return atlas_format_va (va);
    case ATLAS_NOTATION_MODULE:
      return format_module (document, va);
    case ATLAS_NOTATION_INDICES:
      return format_indices (document, va);
    case ATLAS_NOTATION_DECIMAL:
      return g_strdup_printf ("%" G_GUINT64_FORMAT, va);
    case ATLAS_N_NOTATIONS:
      break;
    }
  g_return_val_if_reached (NULL);
}

GMenu *
atlas_notation_make_menu (void)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < ATLAS_N_NOTATIONS; i++)
    {
      AtlasNotation notation = (AtlasNotation) i;
      g_autofree char *action =
        g_strconcat ("win.copy-as::", atlas_notation_get_id (notation), NULL);

      g_menu_append (menu, _ (atlas_notation_get_title (notation)), action);
    }
  return menu;
}
