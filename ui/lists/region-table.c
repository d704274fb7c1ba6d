/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-table.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "base/translation.h"
#include "lists/image-text.h"
#include "lists/region-list-model.h"
#include "lists/table.h"
#include "paint/css-class.h"

static const AtlasTableColumn columns[] = {
  { N_ ("Address"), ATLAS_REGION_KEY_ADDRESS, 182, 156, "atlas-address", TRUE, TRUE },
  { N_ ("Size"), ATLAS_REGION_KEY_SIZE, 86, 70, "numeric", FALSE, TRUE },
  { N_ ("State"), ATLAS_REGION_KEY_STATE, 88, 74, NULL, FALSE, TRUE },
  { N_ ("Protection"), ATLAS_REGION_KEY_PROTECTION, 100, 86, NULL, FALSE, TRUE },
  { N_ ("Type"), ATLAS_REGION_KEY_TYPE, 84, 58, NULL, FALSE, TRUE },
  { N_ ("Name"), ATLAS_REGION_KEY_NAME, 190, 104, NULL, FALSE, TRUE },
  { N_ ("Why"), ATLAS_REGION_KEY_REASON, -1, 66, "dim-label", FALSE, TRUE },
};

_Static_assert(G_N_ELEMENTS (columns) == ATLAS_N_REGION_KEYS, "every key has a column");

static char *
format_cell (const AtlasRegion *region, AtlasRegionKey key)
{
  switch (key)
    {
    case ATLAS_REGION_KEY_ADDRESS:
      return atlas_format_va (region->base_va);
    case ATLAS_REGION_KEY_SIZE:
      return atlas_format_size (region->size_bytes);
    case ATLAS_REGION_KEY_STATE:
      return atlas_region_format_state (region);
    case ATLAS_REGION_KEY_PROTECTION:
      return atlas_protect_format_short (region->protect);
    case ATLAS_REGION_KEY_TYPE:
      return atlas_region_format_type (region);
    case ATLAS_REGION_KEY_NAME:
      return atlas_translate_kept (region->name);
    case ATLAS_REGION_KEY_REASON:
      return atlas_translate_kept (region->reason);
    case ATLAS_N_REGION_KEYS:
      break;
    }
  g_assert_not_reached ();
}

/* What the row of a closed allocation says of its parts together; NULL: the same as of its first.
 * (transfer full) */
static char *
format_group (AtlasRegionKey key, guint n_parts, guint64 group_bytes)
{
  if (key == ATLAS_REGION_KEY_SIZE)
    return atlas_format_size (group_bytes);
  if (key == ATLAS_REGION_KEY_STATE)
    /* Translators: an allocation of so many regions. */
    return g_strdup_printf (ngettext ("%u part", "%u parts", n_parts), n_parts);
  if (key == ATLAS_REGION_KEY_PROTECTION)
    return g_strdup ("");
  return NULL;
}

/* Parts of an image by the sections of its file: ".text · A system DLL". (transfer full) */
static char *
add_sections (AtlasDocument *document, const AtlasRegion *region, const char *reason)
{
  g_autofree char *sections = atlas_image_format_sections (document, region);

  if (sections == NULL)
    return g_strdup (reason);
  return reason != NULL ? g_strdup_printf ("%s · %s", sections, reason)
                        : g_steal_pointer (&sections);
}

static const char *
get_group_mark (AtlasRegionGroup group)
{
  switch (group)
    {
    case ATLAS_REGION_ALONE:
      return "";
    case ATLAS_REGION_CLOSED:
      return "▸ ";
    case ATLAS_REGION_OPENED:
      return "▾ ";
    case ATLAS_REGION_PART:
      return "    ";
    }
  g_assert_not_reached ();
}

static void
bind_cell_cb (GtkListItem *list_item, guint key, gpointer owner)
{
  AtlasRegionItem *item = gtk_list_item_get_item (list_item);
  const AtlasRegion *region = atlas_region_item_get_region (item);
  GtkLabel *label = atlas_table_cell_get_label (list_item);
  guint n_parts;
  guint64 group_bytes;
  AtlasRegionGroup group = atlas_region_item_get_group (item, &n_parts, &group_bytes);
  g_autofree char *cell = NULL;

  if (group == ATLAS_REGION_CLOSED)
    cell = format_group ((AtlasRegionKey) key, n_parts, group_bytes);
  if (cell == NULL)
    cell = format_cell (region, (AtlasRegionKey) key);

  if (key == ATLAS_REGION_KEY_ADDRESS)
    {
      g_autofree char *plain = g_steal_pointer (&cell);

      cell = g_strconcat (get_group_mark (group), plain, NULL);
      atlas_swatch_set (
        atlas_table_cell_get_swatch (list_item), region->region_class, region->state);
    }
  else if (key == ATLAS_REGION_KEY_PROTECTION)
    {
      atlas_css_class_set (
        GTK_WIDGET (label), "warning", atlas_region_is_writable_executable (region));
    }
  else if (key == ATLAS_REGION_KEY_REASON || key == ATLAS_REGION_KEY_NAME)
    {
      if (key == ATLAS_REGION_KEY_REASON && group != ATLAS_REGION_CLOSED)
        {
          g_autofree char *reason = g_steal_pointer (&cell);

          cell = add_sections (owner, region, reason);
        }
      gtk_widget_set_tooltip_text (GTK_WIDGET (label), cell);
    }
  gtk_label_set_text (label, cell != NULL ? cell : "");
}

GtkWidget *
atlas_region_table_new (AtlasDocument *document)
{
  return atlas_table_new (_ ("Regions"), columns, G_N_ELEMENTS (columns), bind_cell_cb, document);
}
