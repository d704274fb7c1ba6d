/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "lists/chosen-file.h"
#include "model/export.h"
#include "model/notation.h"
#include "paint/snapshot-painter.h"

/* What leaves the program: pictures, tables, bytes, paper, and addresses on the clipboard. */

/* ---- files ------------------------------------------------------------------------------------
 */

static void
write_export (AtlasWindow *self, AtlasExportKind kind, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *message = NULL;
  guint64 n_unknown;

  if (!atlas_export_is_possible (kind, self->viewport))
    return;
  if (!atlas_export_write (kind,
                           self->viewport,
                           self->bookmarks,
                           atlas_snapshot_painter_get_palette (),
                           path,
                           &n_unknown,
                           &error))
    {
      atlas_window_show_error (self, _ ("It was not exported"), error->message);
      return;
    }
  if (n_unknown == 0)
    {
      message = g_strdup_printf (_ ("Exported to %s"), name);
    }
  else
    {
      g_autofree char *count = atlas_format_count (n_unknown);

      /* Translators: a number of bytes, a file's name */
      message = g_strdup_printf (_ ("%s bytes are not known and are 0 in %s"), count, name);
    }
  atlas_window_show_message (self, message, FALSE);
}

static void
response_cb (GtkNativeDialog *chooser, gint response, AtlasWindow *self)
{
  g_autoptr (GFile) file = atlas_chosen_file_take (chooser, response);

  if (file != NULL && g_file_peek_path (file) != NULL)
    write_export (self, self->export_kind, g_file_peek_path (file));
  g_clear_object (&self->chooser);
}

static void
export_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  const AtlasExportInfo *info;
  g_autofree char *name = NULL;
  AtlasExportKind kind;

  if (!atlas_export_find (g_variant_get_string (parameter, NULL), &kind))
    return;
  info = atlas_export_get_info (kind);
  if (!atlas_export_is_possible (kind, self->viewport))
    {
      atlas_window_show_message (self, _ ("There is nothing of that kind to export now"), FALSE);
      return;
    }
  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (
    _ ("Export"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  for (const char *const *ending = info->endings; *ending != NULL; ending++)
    {
      g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();
      g_autofree char *upper = g_ascii_strup (*ending, -1);

      gtk_file_filter_set_name (filter, upper);
      gtk_file_filter_add_suffix (filter, *ending);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
    }
  name = g_strdup_printf ("%s.%s", info->id, info->endings[0]);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  self->export_kind = kind;
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* ---- paper ------------------------------------------------------------------------------------
 */

static void
begin_print_cb (AtlasWindow *self, GtkPrintContext *context, GtkPrintOperation *operation)
{
  gtk_print_operation_set_n_pages (operation, (int) atlas_export_get_n_pages (self->viewport));
}

static void
draw_page_cb (AtlasWindow *self, GtkPrintContext *context, int page)
{
  atlas_export_draw_page (self->viewport,
                          self->bookmarks,
                          (guint) page,
                          gtk_print_context_get_cairo_context (context),
                          gtk_print_context_get_width (context),
                          gtk_print_context_get_height (context));
}

static void
print_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  g_autoptr (GtkPrintOperation) operation = gtk_print_operation_new ();
  g_autoptr (GtkPageSetup) setup = gtk_page_setup_new ();
  g_autoptr (GError) error = NULL;

  /* A strip is wider than high. */
  gtk_page_setup_set_orientation (setup, GTK_PAGE_ORIENTATION_LANDSCAPE);
  gtk_print_operation_set_default_page_setup (operation, setup);
  gtk_print_operation_set_job_name (operation, atlas_document_get_title (self->document));
  gtk_print_operation_set_embed_page_setup (operation, TRUE);
  g_signal_connect_object (
    operation, "begin-print", G_CALLBACK (begin_print_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    operation, "draw-page", G_CALLBACK (draw_page_cb), self, G_CONNECT_SWAPPED);
  if (gtk_print_operation_run (
        operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, GTK_WINDOW (self), &error) ==
      GTK_PRINT_OPERATION_RESULT_ERROR)
    atlas_window_show_error (self, _ ("It was not printed"), error->message);
}

/* ---- clipboard --------------------------------------------------------------------------------
 */

static void
copy_as_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  for (guint i = 0; i < ATLAS_N_NOTATIONS; i++)
    {
      g_autofree char *text = NULL;
      g_autofree char *message = NULL;

      if (!g_str_equal (atlas_notation_get_id ((AtlasNotation) i),
                        g_variant_get_string (parameter, NULL)) ||
          !atlas_document_has_selection (self->document))
        continue;
      text = atlas_notation_format (
        (AtlasNotation) i, self->document, atlas_document_get_selected_va (self->document));
      gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
      message = g_strdup_printf (_ ("Copied %s"), text);
      atlas_window_show_message (self, message, FALSE);
    }
}

GMenu *
atlas_window_make_export_menu (void)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < ATLAS_N_EXPORTS; i++)
    {
      const AtlasExportInfo *info = atlas_export_get_info ((AtlasExportKind) i);
      g_autofree char *label = g_strconcat (_ (info->title), "…", NULL);
      g_autofree char *action = g_strconcat ("win.export::", info->id, NULL);

      g_menu_append (menu, label, action);
    }
  return menu;
}

void
atlas_window_add_export_actions (AtlasWindow *self)
{
  static const GActionEntry entries[] = {
    { "export", export_action, "s" },
    { "copy-as", copy_as_action, "s" },
    { "print", print_action },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
