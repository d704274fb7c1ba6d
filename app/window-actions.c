/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "config.h"
#include "lists/allocate-dialog.h"
#include "lists/chosen-file.h"
#include "lists/console-view.h"
#include "lists/region-view.h"
#include "map/bookmark-button.h"
#include "map/find-bar.h"
#include "paint/accessible-name.h"
#include "palette.h"
#include "recent.h"
#include "session/expression.h"

/* ---- files ------------------------------------------------------------------------------------
 */

static GtkFileFilter *
make_filter (const char *name, const char *const *suffixes)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  for (guint i = 0; suffixes[i] != NULL; i++)
    gtk_file_filter_add_suffix (filter, suffixes[i]);
  return filter;
}

static void
show_chooser (AtlasWindow *self,
              const char *title,
              GtkFileChooserAction action,
              const char *accept,
              GCallback response_cb)
{
  g_clear_object (&self->chooser);
  self->chooser =
    gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", response_cb, self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
open_response_cb (GtkNativeDialog *chooser, gint response, AtlasWindow *self)
{
  g_autoptr (GFile) file = atlas_chosen_file_take (chooser, response);

  if (file != NULL)
    atlas_window_take_file (self, file);
  g_clear_object (&self->chooser);
}

static void
open_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const char *const known[] = { "vmatlas", "dmp", "mdmp", "lime", "elf", "core", NULL };
  AtlasWindow *self = user_data;
  g_autoptr (GtkFileFilter) filter =
    make_filter (_ ("Scenarios, minidumps and memory images"), known);
  g_autoptr (GtkFileFilter) all = gtk_file_filter_new ();

  show_chooser (
    self, _ ("Open"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), G_CALLBACK (open_response_cb));
  gtk_file_filter_set_name (all, _ ("All files"));
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), filter);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (self->chooser), all);
}

static void
open_uri_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  if (!g_file_query_exists (file, NULL))
    atlas_recent_remove (self->settings, file);
  atlas_window_open_file (atlas_window_get_free (self), file);
}

static gboolean
save_to (AtlasWindow *self, GFile *file)
{
  g_autoptr (GError) error = NULL;

  if (!atlas_document_save (self->document, file, &error))
    {
      atlas_window_show_error (self, _ ("The scenario was not saved"), error->message);
      return FALSE;
    }
  atlas_window_note_file (self, file);
  atlas_window_show_message (self, _ ("Saved"), FALSE);
  return TRUE;
}

static void
save_response_cb (GtkNativeDialog *chooser, gint response, AtlasWindow *self)
{
  g_autoptr (GFile) file = atlas_chosen_file_take (chooser, response);

  if (file != NULL)
    save_to (self, file);
  g_clear_object (&self->chooser);
}

static void
save_as_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  GFile *file = atlas_document_get_file (self->document);
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : g_strdup ("session.vmatlas");

  show_chooser (
    self, _ ("Save As"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), G_CALLBACK (save_response_cb));
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
}

static void
save_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  GFile *file = atlas_document_get_file (self->document);

  if (file != NULL)
    save_to (self, file);
  else
    save_as_action (NULL, NULL, self);
}

/* ---- commands ---------------------------------------------------------------------------------
 */

static void
run_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result =
    atlas_document_run (self->document, g_variant_get_string (parameter, NULL), &error);

  if (result == NULL)
    atlas_window_show_error (self, _ ("That command cannot run"), error->message);
}

static void
palette_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  gtk_window_present (GTK_WINDOW (atlas_palette_new (GTK_WINDOW (self), self->document)));
}

static void
type_command_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  atlas_window_show_view (self, "console");
  atlas_console_view_begin (ATLAS_CONSOLE_VIEW (atlas_window_get_view (self, "console")),
                            g_variant_get_string (parameter, NULL));
}

static void
copy_command_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->last_command);
  atlas_window_show_message (self, _ ("Command copied"), FALSE);
}

static void
undo_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_document_undo (ATLAS_WINDOW (user_data)->document);
}

static void
redo_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_document_redo (ATLAS_WINDOW (user_data)->document);
}

static AtlasAllocateDialog *
make_allocate_dialog (AtlasWindow *self)
{
  AtlasAllocateDialog *dialog = atlas_allocate_dialog_new (self->document);

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  return dialog;
}

static void
allocate_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);
  AtlasAllocateDialog *dialog = make_allocate_dialog (self);

  if (region != NULL && region->state == ATLAS_STATE_FREE)
    {
      atlas_allocate_dialog_set_range (dialog, atlas_document_get_selected_va (self->document), 0);
    }
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
allocate_at_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasAllocateDialog *dialog = make_allocate_dialog (user_data);
  guint64 base_va, size_bytes;

  g_variant_get (parameter, "(tt)", &base_va, &size_bytes);
  atlas_allocate_dialog_set_range (dialog, base_va, size_bytes);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
copy_address_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  g_autofree char *text = atlas_format_hex (atlas_document_get_selected_va (self->document));

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  atlas_window_show_message (self, _ ("Address copied"), FALSE);
}

/* ---- going somewhere --------------------------------------------------------------------------
 */

/* A module or any named region, by its whole name first, then by a part of it. */
static gboolean
find_name (AtlasDocument *document, const char *name, gboolean is_partial, AtlasVa *va)
{
  AtlasRegionSet *regions = atlas_document_get_regions (document);
  g_autofree char *wanted = g_utf8_casefold (name, -1);
  g_autofree char *with_dll = g_strconcat (wanted, ".dll", NULL);

  if (regions == NULL || !atlas_region_set_is_listed (regions) || *name == '\0')
    return FALSE;
  for (guint64 i = 0; i < atlas_region_set_get_n_regions (regions); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, i);
      g_autofree char *folded = NULL;

      if (region->name == NULL)
        continue;
      folded = g_utf8_casefold (region->name, -1);
      if (g_str_equal (folded, wanted) || g_str_equal (folded, with_dll) ||
          (is_partial && strstr (folded, wanted) != NULL))
        {
          *va = region->base_va;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
resolve_cb (const char *name, AtlasVa *va, gpointer data)
{
  return find_name (data, name, FALSE, va);
}

/* Where an allocation begins, a module above all, stands for all of it; any other address for its
 * region. */
static void
fit_selection (AtlasWindow *self)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);
  AtlasVa va = atlas_document_get_selected_va (self->document);
  AtlasVa last_va = va;
  guint64 index;

  if (regions != NULL && atlas_region_set_is_listed (regions))
    {
      index = atlas_region_set_find (regions, va);
      for (; index < atlas_region_set_get_n_regions (regions); index++)
        {
          const AtlasRegion *region = atlas_region_set_get_region (regions, index);

          if (region->state == ATLAS_STATE_FREE || region->allocation_base_va != va)
            break;
          last_va = atlas_region_get_last_va (region);
        }
    }
  if (last_va > va)
    atlas_viewport_fit (self->viewport, va, last_va);
  else
    atlas_viewport_fit_selection (self->viewport);
}

void
atlas_window_go_to (AtlasWindow *self, const char *text)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autoptr (GError) error = NULL;
  AtlasVa va;
  gboolean is_found;

  if (*trimmed == '\0')
    return;
  is_found = session != NULL
               ? atlas_session_parse_address (session, trimmed, &va, &error)
               : atlas_address_parse (trimmed, resolve_cb, self->document, &va, &error);
  if (!is_found)
    is_found = find_name (self->document, trimmed, TRUE, &va);
  if (!is_found)
    {
      g_autofree char *message =
        g_strdup_printf (_ ("Nothing is called “%s”: %s"), trimmed, error->message);

      gtk_widget_add_css_class (GTK_WIDGET (self->go_to_entry), "error");
      atlas_window_show_message (self, message, FALSE);
      return;
    }
  gtk_widget_remove_css_class (GTK_WIDGET (self->go_to_entry), "error");
  atlas_document_select (self->document, va);
  fit_selection (self);
  gtk_widget_grab_focus (self->map_view);
}

static void
go_to_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  gtk_widget_grab_focus (GTK_WIDGET (self->go_to_entry));
  gtk_editable_select_region (self->go_to_entry, 0, -1);
}

static void
bookmark_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_bookmark_button_open (ATLAS_BOOKMARK_BUTTON (ATLAS_WINDOW (user_data)->bookmark_button));
}

static void
find_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_find_bar_open (ATLAS_FIND_BAR (ATLAS_WINDOW (user_data)->find_bar));
}

static void
find_region_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  atlas_region_view_focus_filter (ATLAS_REGION_VIEW (atlas_window_get_view (self, "regions")));
}

static void
toggle_panel_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  atlas_window_show_panel (self, !adw_flap_get_reveal_flap (self->flap));
}

static void
step_forward_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_widget_activate_action (atlas_window_get_view (user_data, "walk"), "step.forward", NULL);
}

static void
step_back_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_widget_activate_action (atlas_window_get_view (user_data, "walk"), "step.back", NULL);
}

static void
gallery_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_window_show_gallery (user_data);
}

static void
laboratory_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_window_show_laboratory (user_data);
}

static void
show_page_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_window_show_view (user_data, g_variant_get_string (parameter, NULL));
}

static void
show_tables_changed (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  atlas_window_set_tables_shown (user_data, g_variant_get_boolean (state));
}

/* GTK would make the overlay with each window, before its first frame, from a name of its own. */
static void
show_shortcuts_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplicationWindow *window = user_data;

  if (gtk_application_window_get_help_overlay (window) == NULL)
    {
      g_autoptr (GtkBuilder) builder =
        gtk_builder_new_from_resource (RESOURCE_PATH "/help-overlay.ui");

      gtk_application_window_set_help_overlay (
        window, GTK_SHORTCUTS_WINDOW (gtk_builder_get_object (builder, "help_overlay")));
      atlas_name_window_parts (GTK_WINDOW (gtk_application_window_get_help_overlay (window)));
    }
  gtk_window_present (GTK_WINDOW (gtk_application_window_get_help_overlay (window)));
}

static const GActionEntry entries[] = {
  { "open", open_action },
  { "open-uri", open_uri_action, "s" },
  { "save", save_action },
  { "save-as", save_as_action },
  { "run", run_action, "s" },
  { "show-help-overlay", show_shortcuts_action },
  { "type-command", type_command_action, "s" },
  { "palette", palette_action },
  { "copy-command", copy_command_action },
  { "undo", undo_action },
  { "redo", redo_action },
  { "allocate", allocate_action },
  { "allocate-at", allocate_at_action, "(tt)" },
  { "copy-address", copy_address_action },
  { "go-to", go_to_action },
  { "bookmark", bookmark_action },
  { "find", find_action },
  { "find-region", find_region_action },
  { "gallery", gallery_action },
  { "laboratory", laboratory_action },
  { "show-page", show_page_action, "s" },
  { "show-tables", NULL, NULL, "true", show_tables_changed },
  { "toggle-panel", toggle_panel_action, NULL, "true" },
  { "step-forward", step_forward_action },
  { "step-back", step_back_action },
};

static void
set_enabled (AtlasWindow *self, const char *name, gboolean is_enabled)
{
  g_simple_action_set_enabled (
    G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), is_enabled);
}

void
atlas_window_update_actions (AtlasWindow *self)
{
  gboolean is_simulation = atlas_document_is_simulation (self->document);
  gboolean has_process = atlas_document_get_process (self->document) != NULL;

  set_enabled (self, "undo", atlas_document_can_undo (self->document));
  set_enabled (self, "redo", atlas_document_can_redo (self->document));
  set_enabled (self, "save", is_simulation);
  set_enabled (self, "save-as", is_simulation);
  set_enabled (self, "allocate", has_process);
  set_enabled (self, "allocate-at", has_process);
  set_enabled (self, "type-command", is_simulation);
  set_enabled (self, "copy-command", self->last_command != NULL);
  set_enabled (self, "copy-address", atlas_document_has_selection (self->document));
  atlas_window_update_compare_actions (self);
  atlas_window_update_task_actions (self);
}

void
atlas_window_add_actions (AtlasWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  atlas_window_add_export_actions (self);
  atlas_window_add_compare_actions (self);
  atlas_window_add_task_actions (self);
  atlas_window_add_message_actions (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "map", self->navigation);
}
