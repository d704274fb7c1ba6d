/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/map-flags.h"

#include <glib/gi18n.h>

#include "base/format.h"

/* More names than this are only counted. */
#define NAMES_MAX 8u

struct _AtlasMapFlags
{
  AtlasViewport *viewport;   /* not owned */
  AtlasBookmarks *bookmarks; /* owned */
  GArray *flags;             /* of AtlasFlag; their names are the bookmarks' */
  AtlasFlagMarks *marks;
  GtkWidget *widget; /* not owned */
};

static void
read_bookmarks (AtlasMapFlags *flags)
{
  g_clear_pointer (&flags->flags, g_array_unref);
  flags->flags = atlas_bookmarks_make_flags (flags->bookmarks);
  atlas_flag_marks_begin (flags->marks, 0);
}

static void
items_changed_cb (AtlasMapFlags *flags)
{
  read_bookmarks (flags);
  gtk_widget_queue_draw (flags->widget);
}

AtlasMapFlags *
atlas_map_flags_new (AtlasViewport *viewport, AtlasBookmarks *bookmarks, GtkWidget *widget)
{
  AtlasMapFlags *flags = g_new0 (AtlasMapFlags, 1);

  flags->viewport = viewport;
  flags->bookmarks = g_object_ref (bookmarks);
  flags->marks = atlas_flag_marks_new ();
  flags->widget = widget;
  read_bookmarks (flags);
  g_signal_connect_swapped (bookmarks, "items-changed", G_CALLBACK (items_changed_cb), flags);
  return flags;
}

void
atlas_map_flags_free (AtlasMapFlags *flags)
{
  if (flags == NULL)
    return;
  g_signal_handlers_disconnect_by_data (flags->bookmarks, flags);
  g_object_unref (flags->bookmarks);
  g_array_unref (flags->flags);
  atlas_flag_marks_free (flags->marks);
  g_free (flags);
}

const AtlasFlag *
atlas_map_flags_get (AtlasMapFlags *flags, guint *n_flags)
{
  g_return_val_if_fail (flags != NULL && n_flags != NULL, NULL);

  *n_flags = flags->flags->len;
  return (const AtlasFlag *) (gpointer) flags->flags->data;
}

AtlasFlagMarks *
atlas_map_flags_get_marks (AtlasMapFlags *flags)
{
  g_return_val_if_fail (flags != NULL, NULL);

  return flags->marks;
}

gboolean
atlas_map_flags_click (AtlasMapFlags *flags, double x_px, double y_px, gint n_press)
{
  AtlasVa first_va, last_va;
  guint mark;

  g_return_val_if_fail (flags != NULL, FALSE);

  if (!atlas_flag_marks_pick (flags->marks, x_px, y_px, &mark))
    return FALSE;
  first_va = G_MAXUINT64;
  last_va = 0;
  for (guint i = 0; i < flags->flags->len; i++)
    {
      const AtlasFlag *flag = &g_array_index (flags->flags, AtlasFlag, i);

      if (!atlas_flag_marks_holds (flags->marks, mark, i))
        continue;
      first_va = MIN (first_va, flag->first_va);
      last_va = MAX (last_va, flag->last_va);
    }
  if (n_press == 2)
    atlas_viewport_fit (flags->viewport, first_va, last_va);
  else if (n_press == 1)
    atlas_document_select (atlas_viewport_get_document (flags->viewport), first_va);
  return TRUE;
}

char *
atlas_map_flags_tell (AtlasMapFlags *flags, double x_px, double y_px)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_told = 0;
  guint mark;

  g_return_val_if_fail (flags != NULL, NULL);

  if (!atlas_flag_marks_pick (flags->marks, x_px, y_px, &mark))
    return NULL;
  for (guint i = 0; i < flags->flags->len && n_told < NAMES_MAX; i++)
    {
      const AtlasFlag *flag = &g_array_index (flags->flags, AtlasFlag, i);
      g_autofree char *address = atlas_format_va (flag->first_va);

      if (!atlas_flag_marks_holds (flags->marks, mark, i))
        continue;
      g_string_append_printf (text, "%s%s  %s", n_told > 0 ? "\n" : "", address, flag->name);
      n_told++;
    }
  if (atlas_flag_marks_get (flags->marks, mark)->n_flags > n_told)
    /* Translators: bookmarks that are not listed. */
    g_string_append_printf (
      text, _ ("\nand %u more"), atlas_flag_marks_get (flags->marks, mark)->n_flags - n_told);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
