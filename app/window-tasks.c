/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "lists/task-dialog.h"

/* One action a task; the same words as in app/commands.c. */
static const struct
{
  const char *action;
  AtlasTask task;
  const char *label; /* in menus */
} tasks[] = {
  { "map-section", ATLAS_TASK_MAP_SECTION, N_ ("Map a _Section…") },
  { "map-file", ATLAS_TASK_MAP_FILE, N_ ("Map a _File…") },
  { "load-image", ATLAS_TASK_LOAD_IMAGE, N_ ("_Load an Image…") },
  { "change-pages", ATLAS_TASK_CHANGE_PAGES, N_ ("Change Pa_ges…") },
  { "start-process", ATLAS_TASK_START_PROCESS, N_ ("Start a _Process…") },
  { "choose-process", ATLAS_TASK_CHOOSE_PROCESS, N_ ("_Choose the Process…") },
  { "trim-process", ATLAS_TASK_TRIM, N_ ("_Trim a Working Set…") },
  { "let-time-pass", ATLAS_TASK_LET_TIME_PASS, N_ ("Let Time P_ass…") },
};

_Static_assert(G_N_ELEMENTS (tasks) == ATLAS_N_TASKS, "one row a task");

/* Without questions. */
static const struct
{
  const char *action;
  const char *command;
  const char *label;
} immediate[] = {
  { "trim", "trim", N_ ("Trim the _Working Set") },
  { "tick", "tick 1s", N_ ("Let 1 s _Pass") },
};

static AtlasTaskDialog *
make_dialog (AtlasWindow *self, AtlasTask task)
{
  AtlasTaskDialog *dialog = atlas_task_dialog_new (self->document, task);

  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  return dialog;
}

/* Free addresses that are selected are the ones that are meant. */
static void
propose_place (AtlasWindow *self, AtlasTaskDialog *dialog)
{
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);
  AtlasVa va =
    atlas_document_get_selected_va (self->document) & ~(ATLAS_ALLOCATION_GRANULARITY - 1);
  g_autofree char *address = NULL;

  if (region == NULL || region->state != ATLAS_STATE_FREE || va == 0)
    return;
  address = atlas_format_hex (va);
  atlas_task_dialog_set_value (dialog, ATLAS_FIELD_ADDRESS, address);
}

static void
task_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasWindow *self = user_data;
  const char *name = g_action_get_name (G_ACTION (action));

  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    if (g_str_equal (tasks[i].action, name))
      {
        AtlasTaskDialog *dialog = make_dialog (self, tasks[i].task);

        propose_place (self, dialog);
        gtk_window_present (GTK_WINDOW (dialog));
      }
}

static void
immediate_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *name = g_action_get_name (G_ACTION (action));

  for (guint i = 0; i < G_N_ELEMENTS (immediate); i++)
    if (g_str_equal (immediate[i].action, name))
      g_action_group_activate_action (
        G_ACTION_GROUP (user_data), "run", g_variant_new_string (immediate[i].command));
}

GtkWindow *
atlas_window_offer_file (AtlasWindow *self, GFile *file, gboolean is_program)
{
  AtlasTaskDialog *dialog;
  const char *path = g_file_peek_path (file);

  if (path == NULL)
    {
      atlas_window_show_error (
        self, _ ("This file cannot be mapped"), _ ("It is not a file of this computer."));
      return NULL;
    }
  dialog = make_dialog (self, is_program ? ATLAS_TASK_LOAD_IMAGE : ATLAS_TASK_MAP_FILE);
  atlas_task_dialog_set_value (dialog, ATLAS_FIELD_FILE, path);
  gtk_window_present (GTK_WINDOW (dialog));
  return GTK_WINDOW (dialog);
}

static void
append_task (GMenu *menu, AtlasTask task)
{
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    if (tasks[i].task == task)
      {
        g_autofree char *action = g_strconcat ("win.", tasks[i].action, NULL);

        g_menu_append (menu, _ (tasks[i].label), action);
      }
}

GMenu *
atlas_window_make_task_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) views = g_menu_new ();
  g_autoptr (GMenu) pages = g_menu_new ();
  g_autoptr (GMenu) processes = g_menu_new ();
  g_autoptr (GMenu) time = g_menu_new ();

  append_task (views, ATLAS_TASK_MAP_SECTION);
  append_task (views, ATLAS_TASK_MAP_FILE);
  append_task (views, ATLAS_TASK_LOAD_IMAGE);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (views));
  append_task (pages, ATLAS_TASK_CHANGE_PAGES);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (pages));
  append_task (processes, ATLAS_TASK_START_PROCESS);
  append_task (processes, ATLAS_TASK_CHOOSE_PROCESS);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (processes));
  for (guint i = 0; i < G_N_ELEMENTS (immediate); i++)
    {
      g_autofree char *action = g_strconcat ("win.", immediate[i].action, NULL);

      g_menu_append (time, _ (immediate[i].label), action);
    }
  append_task (time, ATLAS_TASK_TRIM);
  append_task (time, ATLAS_TASK_LET_TIME_PASS);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (time));
  return menu;
}

static void
set_enabled (AtlasWindow *self, const char *name, gboolean is_enabled)
{
  g_simple_action_set_enabled (
    G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), is_enabled);
}

void
atlas_window_update_task_actions (AtlasWindow *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    set_enabled (self, tasks[i].action, atlas_task_refuse (tasks[i].task, self->document) == NULL);
  set_enabled (self, "trim", atlas_task_refuse (ATLAS_TASK_TRIM, self->document) == NULL);
  set_enabled (self, "tick", atlas_task_refuse (ATLAS_TASK_LET_TIME_PASS, self->document) == NULL);
}

void
atlas_window_add_task_actions (AtlasWindow *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      const GActionEntry entry = { tasks[i].action, task_action };

      g_action_map_add_action_entries (G_ACTION_MAP (self), &entry, 1, self);
    }
  for (guint i = 0; i < G_N_ELEMENTS (immediate); i++)
    {
      const GActionEntry entry = { immediate[i].action, immediate_action };

      g_action_map_add_action_entries (G_ACTION_MAP (self), &entry, 1, self);
    }
}
