/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "preferences.h"

#include <glib/gi18n.h>

#include "paging/tlb.h"
#include "paint/accessible-name.h"
#include "paint/dialog-size.h"

#define WIDTH_PX 640
#define HEIGHT_PX 576

typedef struct
{
  const char *key;
  const char *title;
  const char *subtitle;
} SwitchRow;

static const SwitchRow switch_rows[] = {
  { "enable-animations",
    N_ ("Animation"),
    N_ ("Jumps and zooms move instead of appearing at once") },
  { "show-panel", N_ ("Side panel"), N_ ("New windows have the panel beside the pictures") },
};

static const SwitchRow file_rows[] = {
  { "autosave", N_ ("Keep unsaved work"), N_ ("What was not saved is there again after a crash") },
  { "restore-session",
    N_ ("Open the last files"),
    N_ ("Starts with the files that were open at the end") },
};

static void
add_switches (AdwPreferencesGroup *group, GSettings *settings, const SwitchRow *rows, guint n_rows)
{
  for (guint i = 0; i < n_rows; i++)
    {
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *toggle = gtk_switch_new ();

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (rows[i].title));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (rows[i].subtitle));
      gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
      g_settings_bind (settings, rows[i].key, toggle, "active", G_SETTINGS_BIND_DEFAULT);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
      adw_preferences_group_add (group, row);
    }
}

/* What each choice of a row stands for in the settings: a nick or any word. */
#define VALUES_KEY "atlas-values"
#define SETTINGS_KEY "atlas-settings"
#define NAME_KEY "atlas-key"

static void
chosen_cb (AdwComboRow *row)
{
  GPtrArray *values = g_object_get_data (G_OBJECT (row), VALUES_KEY);
  GSettings *settings = g_object_get_data (G_OBJECT (row), SETTINGS_KEY);
  const char *key = g_object_get_data (G_OBJECT (row), NAME_KEY);

  /* An enum is set by its nick as a string is. */
  g_settings_set_string (
    settings, key, g_ptr_array_index (values, adw_combo_row_get_selected (row)));
}

/* Takes @values and @names, of char*, equally long. */
static void
add_choice (AdwPreferencesGroup *group,
            GSettings *settings,
            const char *key,
            const char *title,
            const char *subtitle,
            GPtrArray *values,
            GPtrArray *names)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) list = NULL;
  g_autofree char *value = g_settings_get_string (settings, key);
  guint selected = 0;

  g_ptr_array_add (names, NULL);
  list = gtk_string_list_new ((const char *const *) names->pdata);
  for (guint i = 0; i < values->len; i++)
    if (g_str_equal (g_ptr_array_index (values, i), value))
      selected = i;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), selected);
  g_object_set_data_full (G_OBJECT (row), VALUES_KEY, values, (GDestroyNotify) g_ptr_array_unref);
  g_object_set_data_full (G_OBJECT (row), SETTINGS_KEY, g_object_ref (settings), g_object_unref);
  g_object_set_data (G_OBJECT (row), NAME_KEY, (gpointer) key);
  g_signal_connect (row, "notify::selected", G_CALLBACK (chosen_cb), NULL);
  adw_preferences_group_add (group, row);
  g_ptr_array_unref (names);
}

static GPtrArray *
make_words (const char *const *words, gboolean is_shown)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (array, g_strdup (is_shown ? _ (words[i]) : words[i]));
  return array;
}

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *page, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_page_add (page, ADW_PREFERENCES_GROUP (group));
  return ADW_PREFERENCES_GROUP (group);
}

static void
add_processor (AdwPreferencesGroup *group, GSettings *settings)
{
  GPtrArray *values = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < atlas_tlb_get_n_profiles (); i++)
    {
      g_ptr_array_add (values, g_strdup (atlas_tlb_get_profile (i)->id));
      g_ptr_array_add (names, g_strdup (atlas_tlb_get_profile (i)->name));
    }
  add_choice (group,
              settings,
              "tlb-profile",
              _ ("Translation caches"),
              _ ("Of the processor in new sessions"),
              values,
              names);
}

GtkWidget *
atlas_preferences_new (GtkWindow *parent, GSettings *settings)
{
  static const char *const scheme_values[] = { "default", "light", "dark", NULL };
  static const char *const scheme_names[] = {
    N_ ("As the system"), N_ ("Light"), N_ ("Dark"), NULL
  };
  static const char *const layout_values[] = { "collapsed", "linear", "hilbert", NULL };
  static const char *const layout_names[] = {
    N_ ("Empty stretches shortened"), N_ ("True to scale"), N_ ("Area along a Hilbert curve"), NULL
  };
  GtkWidget *window = adw_preferences_window_new ();
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *group;

  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  atlas_dialog_set_size (GTK_WINDOW (window), WIDTH_PX, HEIGHT_PX);
  adw_preferences_window_set_search_enabled (ADW_PREFERENCES_WINDOW (window), FALSE);
  adw_preferences_page_set_title (page, _ ("General"));
  adw_preferences_page_set_icon_name (page, "preferences-system-symbolic");

  group = add_group (page, _ ("Look"));
  add_choice (group,
              settings,
              "color-scheme",
              _ ("Colours"),
              _ ("Of all windows"),
              make_words (scheme_values, FALSE),
              make_words (scheme_names, TRUE));
  add_choice (group,
              settings,
              "map-layout",
              _ ("Address map"),
              _ ("How it is laid out"),
              make_words (layout_values, FALSE),
              make_words (layout_names, TRUE));
  add_switches (group, settings, switch_rows, G_N_ELEMENTS (switch_rows));

  add_processor (add_group (page, _ ("Simulation")), settings);
  add_switches (add_group (page, _ ("Files")), settings, file_rows, G_N_ELEMENTS (file_rows));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (window), page);
  atlas_name_window_parts (GTK_WINDOW (window));
  return window;
}
