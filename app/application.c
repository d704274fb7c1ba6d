/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "application.h"

#include <glib/gi18n.h>

#include "autosave.h"
#include "base/format.h"
#include "commands.h"
#include "config.h"
#include "paging/control.h"
#include "paint/accessible-name.h"
#include "preferences.h"
#include "window.h"

struct _AtlasApplication
{
  AdwApplication parent_instance;

  GSettings *settings;
  gboolean is_quitting; /* the session is remembered already */

  /* From the command line, for the files on it. */
  gboolean has_cr3;
  AtlasControl control;
};

G_DEFINE_FINAL_TYPE (AtlasApplication, atlas_application, ADW_TYPE_APPLICATION)

static AtlasWindow *
open_window (AtlasApplication *self)
{
  AtlasWindow *window = atlas_window_new (GTK_APPLICATION (self), self->settings);

  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* What an earlier run could not save, each in a window; FALSE when there is nothing. */
static gboolean
recover_left (AtlasApplication *self)
{
  g_autoptr (GPtrArray) paths = atlas_autosave_find_left ();

  for (guint i = 0; i < paths->len; i++)
    atlas_window_recover (open_window (self), g_ptr_array_index (paths, i));
  return paths->len > 0;
}

static gboolean
restore_session (AtlasApplication *self)
{
  g_auto (GStrv) uris = g_settings_get_strv (self->settings, "open-files");
  g_autoptr (GVariant) views = g_settings_get_value (self->settings, "open-views");
  gboolean has_opened = FALSE;

  for (guint i = 0; uris[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_uri (uris[i]);
      AtlasVa first_va = 0, last_va = 0;

      if (!g_file_query_exists (file, NULL))
        continue;
      if (i < g_variant_n_children (views))
        g_variant_get_child (views, i, "(tt)", &first_va, &last_va);
      atlas_window_open_file_at (open_window (self), file, first_va, last_va);
      has_opened = TRUE;
    }
  return has_opened;
}

/* Which files are open now and what is seen of them, for the next start. */
static void
remember_session (AtlasApplication *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) uris = NULL;
  GVariantBuilder views;

  g_variant_builder_init (&views, G_VARIANT_TYPE ("a(tt)"));
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    {
      GFile *file = ATLAS_IS_WINDOW (l->data) ? atlas_window_get_file (l->data) : NULL;
      g_autofree char *uri = file != NULL ? g_file_get_uri (file) : NULL;

      AtlasVa first_va, last_va;

      if (uri == NULL)
        continue;
      g_strv_builder_add (builder, uri);
      atlas_window_get_seen (l->data, &first_va, &last_va);
      g_variant_builder_add (&views, "(tt)", first_va, last_va);
    }
  uris = g_strv_builder_end (builder);
  g_settings_set_strv (self->settings, "open-files", (const char *const *) uris);
  g_settings_set_value (self->settings, "open-views", g_variant_builder_end (&views));
}

static void
atlas_application_activate (GApplication *application)
{
  AtlasApplication *self = ATLAS_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));
  AtlasDefaultScenario *scenario;

  if (window != NULL)
    {
      gtk_window_present (window);
      return;
    }
  if (recover_left (self))
    return;
  if (g_settings_get_boolean (self->settings, "restore-session") && restore_session (self))
    return;
  scenario = atlas_default_scenario_begin (self->settings);
  atlas_window_open_begun (open_window (self), scenario);
}

/* The last window takes the session with it: remember it while it is there. */
static void
atlas_application_window_removed (GtkApplication *application, GtkWindow *window)
{
  AtlasApplication *self = ATLAS_APPLICATION (application);

  if (!self->is_quitting && ATLAS_IS_WINDOW (window) &&
      gtk_application_get_windows (application)->next == NULL)
    remember_session (self);
  GTK_APPLICATION_CLASS (atlas_application_parent_class)->window_removed (application, window);
}

static void
atlas_application_open (GApplication *application, GFile **files, gint n_files, const char *hint)
{
  AtlasApplication *self = ATLAS_APPLICATION (application);

  recover_left (self);
  for (gint i = 0; i < n_files; i++)
    if (self->has_cr3)
      atlas_window_open_image (open_window (self), files[i], &self->control);
    else
      atlas_window_take_file (open_window (self), files[i]);
  self->has_cr3 = FALSE;
}

static void
new_window_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  atlas_window_open_default (open_window (user_data));
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasApplication *self = user_data;
  GList *windows = g_list_copy (gtk_application_get_windows (user_data));

  remember_session (self);
  self->is_quitting = TRUE;

  /* Each may object: unsaved work is not lost. */
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
  g_list_free (windows);
  self->is_quitting = FALSE;
}

static char *
get_debug_info (void)
{
  return g_strdup_printf ("VM Atlas %s\nGTK %u.%u.%u\nlibadwaita %u.%u.%u\nGLib %u.%u.%u\n"
                          "GSK_RENDERER %s\n",
                          VERSION,
                          gtk_get_major_version (),
                          gtk_get_minor_version (),
                          gtk_get_micro_version (),
                          adw_get_major_version (),
                          adw_get_minor_version (),
                          adw_get_micro_version (),
                          glib_major_version,
                          glib_minor_version,
                          glib_micro_version,
                          g_getenv ("GSK_RENDERER") != NULL ? g_getenv ("GSK_RENDERER")
                                                            : "default");
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *parent = gtk_application_get_active_window (user_data);
  g_autofree char *debug_info = get_debug_info ();
  GtkWidget *window;

  window = g_object_new (ADW_TYPE_ABOUT_WINDOW,
                         "transient-for",
                         parent,
                         "modal",
                         TRUE,
                         "application-name",
                         _ ("VM Atlas"),
                         "application-icon",
                         APP_ID,
                         "version",
                         VERSION,
                         "developer-name",
                         _ ("The VM Atlas authors"),
                         "license-type",
                         GTK_LICENSE_GPL_3_0,
                         "comments",
                         _ ("See and operate a 64-bit Windows address space"),
                         "debug-info",
                         debug_info,
                         "debug-info-filename",
                         "vmatlas-debug-info.txt",
                         NULL);
  atlas_name_window_parts (GTK_WINDOW (window));
  gtk_window_present (GTK_WINDOW (window));
}

static void
color_scheme_changed_cb (GSettings *settings)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT,
                                            ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_FORCE_DARK };
  int chosen = g_settings_get_enum (settings, "color-scheme");

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), schemes[chosen]);
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  AtlasApplication *self = user_data;
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (self));

  gtk_window_present (GTK_WINDOW (atlas_preferences_new (parent, self->settings)));
}

static void
animations_changed_cb (GSettings *settings)
{
  GtkSettings *gtk_settings = gtk_settings_get_default ();

  if (g_settings_get_boolean (settings, "enable-animations"))
    gtk_settings_reset_property (gtk_settings, "gtk-enable-animations");
  else
    g_object_set (gtk_settings, "gtk-enable-animations", FALSE, NULL);
}

static void
atlas_application_startup (GApplication *application)
{
  AtlasApplication *self = ATLAS_APPLICATION (application);
  static const GActionEntry entries[] = {
    { "new-window", new_window_action },
    { "quit", quit_action },
    { "about", about_action },
    { "preferences", preferences_action },
  };
  g_autoptr (GAction) color_scheme = NULL;
  const AtlasProgramCommand *commands;
  guint n_commands;

  G_APPLICATION_CLASS (atlas_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (APP_ID);
  self->settings = g_settings_new (APP_ID);
  g_signal_connect (
    self->settings, "changed::color-scheme", G_CALLBACK (color_scheme_changed_cb), NULL);
  color_scheme_changed_cb (self->settings);
  g_signal_connect (
    self->settings, "changed::enable-animations", G_CALLBACK (animations_changed_cb), NULL);
  animations_changed_cb (self->settings);
  color_scheme = g_settings_create_action (self->settings, "color-scheme");
  g_action_map_add_action (G_ACTION_MAP (self), color_scheme);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  commands = atlas_program_get_commands (&n_commands);
  for (guint i = 0; i < n_commands; i++)
    gtk_application_set_accels_for_action (
      GTK_APPLICATION (self), commands[i].action, commands[i].accels);
}

/* FALSE after saying what is wrong. */
static gboolean
take_root (AtlasApplication *self, GVariantDict *options)
{
  g_autoptr (GError) error = NULL;
  const char *cr3;
  gint n_levels = 4;

  g_variant_dict_lookup (options, "levels", "i", &n_levels);
  if (n_levels != 4 && n_levels != 5)
    {
      g_printerr (_ ("vmatlas: --levels=%d: expected 4 or 5\n"), n_levels);
      return FALSE;
    }
  if (!g_variant_dict_lookup (options, "cr3", "&s", &cr3))
    return TRUE;

  self->has_cr3 = TRUE;
  self->control = atlas_control_windows (0);
  if (n_levels == 5)
    self->control.cr4 |= ATLAS_CR4_LA57;
  if (!atlas_parse_number (cr3, TRUE, &self->control.cr3, &error))
    {
      g_printerr ("vmatlas: --cr3: %s\n", error->message);
      return FALSE;
    }
  /* Another instance that runs already would not hear of it. */
  g_application_set_flags (G_APPLICATION (self),
                           g_application_get_flags (G_APPLICATION (self)) |
                             G_APPLICATION_NON_UNIQUE);
  return TRUE;
}

static int
atlas_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (!take_root (ATLAS_APPLICATION (application), options))
    return 2;
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("vmatlas %s\n", VERSION);
      return 0;
    }
  return -1;
}

static void
atlas_application_finalize (GObject *object)
{
  g_clear_object (&ATLAS_APPLICATION (object)->settings);

  G_OBJECT_CLASS (atlas_application_parent_class)->finalize (object);
}

static void
atlas_application_class_init (AtlasApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = atlas_application_finalize;
  GTK_APPLICATION_CLASS (klass)->window_removed = atlas_application_window_removed;
  application_class->startup = atlas_application_startup;
  application_class->activate = atlas_application_activate;
  application_class->open = atlas_application_open;
  application_class->handle_local_options = atlas_application_handle_local_options;
}

static void
atlas_application_init (AtlasApplication *self)
{
  static const GOptionEntry options[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL },
    { "cr3",
      0,
      0,
      G_OPTION_ARG_STRING,
      NULL,
      N_ ("Open FILE as an image of physical memory whose page tables begin there"),
      N_ ("ADDRESS") },
    { "levels", 0, 0, G_OPTION_ARG_INT, NULL, N_ ("Of these page tables: 4 or 5"), N_ ("N") },
    { NULL },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[FILE…]"));
  g_application_set_option_context_summary (
    G_APPLICATION (self),
    _ ("See and operate a 64-bit Windows address space. FILE is a scenario, a minidump "
       "or an image of physical memory."));
}

AtlasApplication *
atlas_application_new (void)
{
  return g_object_new (ATLAS_TYPE_APPLICATION,
                       "application-id",
                       APP_ID,
                       "resource-base-path",
                       RESOURCE_PATH,
                       "flags",
                       G_APPLICATION_HANDLES_OPEN,
                       NULL);
}
