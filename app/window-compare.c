/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "lists/chosen-file.h"
#include "source/open.h"

/* What differs, in front of the lists once more. */
static void
show_differences (AtlasWindow *self)
{
  gtk_stack_set_visible_child_name (self->below_stack, "differences");
}

/* ---- moments ----------------------------------------------------------------------------------
 */

static void
compare_with_moment (AtlasWindow *self, guint position, const char *title)
{
  g_autoptr (GError) error = NULL;

  if (atlas_comparison_start_at (self->comparison, position, title, &error))
    show_differences (self);
  else
    atlas_window_show_error (self, _ ("There is nothing to compare with"), error->message);
}

static void
compare_now_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  guint position = atlas_session_get_position (atlas_document_get_session (self->document));
  g_autofree char *title = g_strdup_printf (_ ("the moment after command %u"), position);

  compare_with_moment (self, position, title);
}

static void
compare_start_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  compare_with_moment (self,
                       atlas_session_get_undo_floor (atlas_document_get_session (self->document)),
                       _ ("the start of the session"));
}

/* ---- processes --------------------------------------------------------------------------------
 */

/* The index of the one behind the current one, round and round; of itself when it is alone. */
static guint
find_next_process (AtlasSession *session)
{
  AtlasSystem *system = atlas_session_get_system (session);
  guint n_processes = system != NULL ? atlas_system_get_n_processes (system) : 0;

  for (guint i = 0; i < n_processes; i++)
    if (atlas_system_get_process (system, i) == atlas_session_get_process (session))
      return (i + 1u) % n_processes;
  return 0;
}

static void
compare_process_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  AtlasSession *session = atlas_document_get_session (self->document);
  guint index = find_next_process (session);
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) copy =
    atlas_session_copy (session, atlas_session_get_position (session), &error);
  g_autofree char *title = NULL;
  AtlasProcess *process;

  if (copy == NULL)
    {
      atlas_window_show_error (self, _ ("There is nothing to compare with"), error->message);
      return;
    }
  process = atlas_system_get_process (atlas_session_get_system (copy), index);
  title = g_strdup_printf (
    _ ("%s, process %u"), atlas_process_get_name (process), atlas_process_get_id (process));
  atlas_comparison_start (self->comparison,
                          atlas_space_ref (atlas_process_get_space (process)),
                          g_steal_pointer (&copy),
                          title);
  show_differences (self);
}

/* ---- files ------------------------------------------------------------------------------------
 */

static void
compare_with_bytes (AtlasWindow *self, GBytes *bytes, const char *name, GFile *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = NULL;
  AtlasSpace *space;

  if (atlas_content_guess (bytes, name) == ATLAS_CONTENT_SCENARIO)
    {
      g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

      session = atlas_session_new_from_text_in (
        text, name, folder != NULL ? g_file_peek_path (folder) : NULL, &error);
      space = session != NULL ? atlas_session_get_space (session) : NULL;
      if (space != NULL)
        atlas_space_ref (space);
      else if (error == NULL)
        g_set_error (
          &error, ATLAS_ERROR, ATLAS_ERROR_UNSUPPORTED, "%s leaves no process to look at", name);
    }
  else
    {
      space = atlas_space_open_bytes (bytes, name, &error);
    }
  if (space == NULL)
    {
      atlas_window_show_error (self, _ ("This file cannot be opened"), error->message);
      return;
    }
  atlas_comparison_start (self->comparison, space, g_steal_pointer (&session), name);
  show_differences (self);
}

static void
loaded_cb (GObject *file, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (AtlasWindow) self = user_data;
  g_autofree char *name = g_file_get_basename (G_FILE (file));
  g_autoptr (GFile) folder = g_file_get_parent (G_FILE (file));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_file_load_bytes_finish (G_FILE (file), result, NULL, &error);

  if (bytes != NULL)
    compare_with_bytes (self, bytes, name, folder);
  else
    atlas_window_show_error (self, _ ("This file cannot be opened"), error->message);
}

static void
chosen_cb (GtkNativeDialog *chooser, gint response, AtlasWindow *self)
{
  g_autoptr (GFile) file = atlas_chosen_file_take (chooser, response);

  if (file != NULL)
    g_file_load_bytes_async (file, NULL, loaded_cb, g_object_ref (self));
  g_clear_object (&self->chooser);
}

static void
compare_file_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;

  g_clear_object (&self->chooser);
  self->chooser = gtk_file_chooser_native_new (_ ("Compare With"),
                                               GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_OPEN,
                                               _ ("_Compare"),
                                               _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
show_differences_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_window_show_view (user_data, "differences");
}

static void
stop_comparing_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_comparison_stop (ATLAS_WINDOW (user_data)->comparison);
}

/* ---- all of them ------------------------------------------------------------------------------
 */

static void
timeline_changed_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  AtlasWindow *self = user_data;

  gtk_widget_set_visible (atlas_window_get_timeline (self), g_variant_get_boolean (state));
  atlas_window_update_tables (self);
  g_simple_action_set_state (action, state);
}

static const GActionEntry entries[] = {
  { "compare-now", compare_now_action },
  { "compare-start", compare_start_action },
  { "compare-process", compare_process_action },
  { "compare-file", compare_file_action },
  { "show-differences", show_differences_action },
  { "stop-comparing", stop_comparing_action },
  { "timeline", NULL, NULL, "false", timeline_changed_cb },
};

static void
set_enabled (AtlasWindow *self, const char *name, gboolean is_enabled)
{
  g_simple_action_set_enabled (
    G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), is_enabled);
}

void
atlas_window_update_compare_actions (AtlasWindow *self)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  AtlasSystem *system = session != NULL ? atlas_session_get_system (session) : NULL;

  set_enabled (self, "compare-now", session != NULL);
  set_enabled (self, "compare-start", session != NULL);
  set_enabled (
    self, "compare-process", system != NULL && atlas_system_get_n_processes (system) > 1u);
  set_enabled (self, "compare-file", atlas_document_get_space (self->document) != NULL);
  set_enabled (self, "show-differences", atlas_comparison_is_active (self->comparison));
  set_enabled (self, "stop-comparing", atlas_comparison_is_active (self->comparison));
  set_enabled (self, "timeline", session != NULL);
}

static void
comparison_changed_cb (AtlasWindow *self)
{
  atlas_window_update_differences (self);
  atlas_window_update_tables (self);
  atlas_window_update_compare_actions (self);
}

void
atlas_window_add_compare_actions (AtlasWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (
    self->comparison, "changed", G_CALLBACK (comparison_changed_cb), self, G_CONNECT_SWAPPED);
}
