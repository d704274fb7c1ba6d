/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lessons/gallery.h"

#include <glib/gi18n.h>

#include "lessons/exercise.h"
#include "lessons/tour.h"
#include "paint/dialog-size.h"

#include <string.h>

#define WIDTH_PX 560
#define HEIGHT_PX 640

struct _AtlasGallery
{
  AdwWindow parent_instance;

  GtkWidget *page; /* AdwPreferencesPage */
};

G_DEFINE_FINAL_TYPE (AtlasGallery, atlas_gallery, ADW_TYPE_WINDOW)

enum
{
  TOUR_CHOSEN,
  SCENARIO_CHOSEN,
  EXERCISE_CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
row_activated_cb (AdwActionRow *row, AtlasGallery *self)
{
  guint signal = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "signal"));

  g_signal_emit (self, signals[signal], 0, g_object_get_data (G_OBJECT (row), "choice"));
  gtk_window_close (GTK_WINDOW (self));
}

static void
add_row (AtlasGallery *self,
         AdwPreferencesGroup *group,
         const char *title,
         const char *subtitle,
         guint signal,
         const char *choice)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  g_object_set_data (G_OBJECT (row), "signal", GUINT_TO_POINTER (signal));
  g_object_set_data_full (G_OBJECT (row), "choice", g_strdup (choice), g_free);
  g_signal_connect (row, "activated", G_CALLBACK (row_activated_cb), self);
  adw_preferences_group_add (group, row);
}

static AdwPreferencesGroup *
add_group (AtlasGallery *self, const char *title, const char *description)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self->page), ADW_PREFERENCES_GROUP (group));
  return ADW_PREFERENCES_GROUP (group);
}

static char *
load_text (const char *path)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, NULL);

  g_return_val_if_fail (bytes != NULL, NULL);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Full paths of what a folder of the resources holds, by name: it is kept in no order.
 * (transfer full) */
static GPtrArray *
list_paths (const char *resource_folder, const char *name)
{
  g_autofree char *folder = g_build_path ("/", resource_folder, name, NULL);
  g_auto (GStrv) names = g_resources_enumerate_children (folder, 0, NULL);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    g_ptr_array_add (paths, g_build_path ("/", folder, names[i], NULL));
  g_ptr_array_sort (paths, compare_names);
  return paths;
}

static void
add_tours (AtlasGallery *self, const char *resource_folder)
{
  g_autoptr (GPtrArray) paths = list_paths (resource_folder, "tours");
  AdwPreferencesGroup *group =
    add_group (self, _ ("Tours"), _ ("A question each, answered step by step on a live machine"));

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *text = load_text (path);
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasTour) tour = atlas_tour_new_from_text (text, path, &error);

      g_assert_no_error (error);
      add_row (self, group, tour->title, tour->summary, TOUR_CHOSEN, path);
    }
}

static void
add_exercises (AtlasGallery *self)
{
  static const struct
  {
    const char *title;
    const char *subtitle;
  } words[] = {
    [ATLAS_EXERCISE_SPLIT] = { N_ ("Split an Address"), N_ ("Four indexes and an offset") },
    [ATLAS_EXERCISE_WALK] = { N_ ("Walk the Tables"), N_ ("From CR3 to the byte, entry by entry") },
    [ATLAS_EXERCISE_PREDICT] = { N_ ("Predict the Fault"),
                                 N_ ("Does the access succeed, and what stops it if not?") },
  };
  AdwPreferencesGroup *group =
    add_group (self, _ ("Exercises"), _ ("On addresses of the space that is open"));

  for (guint kind = 0; kind < ATLAS_N_EXERCISE_KINDS; kind++)
    add_row (self,
             group,
             _ (words[kind].title),
             _ (words[kind].subtitle),
             EXERCISE_CHOSEN,
             atlas_exercise_kind_get_name (kind));
}

/* The first line of a scenario's own words, and the first sentence behind it. */
static void
describe_scenario (const char *text, char **title, char **summary)
{
  g_auto (GStrv) paragraphs = g_strsplit (text, "\n#\n# ", 3);
  g_autoptr (GString) words = NULL;

  if (g_strv_length (paragraphs) < 2u)
    return;
  *title = g_strndup (paragraphs[1], strcspn (paragraphs[1], ".\n"));
  if (paragraphs[2] == NULL)
    return;
  words = g_string_new_len (paragraphs[2], (gssize) strcspn (paragraphs[2], "."));
  g_string_replace (words, "\n# ", " ", 0);
  g_string_append_c (words, '.');
  *summary = g_strdup (words->str);
}

static void
add_scenarios (AtlasGallery *self, const char *resource_folder)
{
  g_autoptr (GPtrArray) paths = list_paths (resource_folder, "scenarios");
  AdwPreferencesGroup *group =
    add_group (self, _ ("Scenarios"), _ ("Machines to look at and to play with"));

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *text = load_text (path);
      g_autofree char *title = NULL;
      g_autofree char *summary = NULL;

      describe_scenario (text, &title, &summary);
      add_row (self,
               group,
               title != NULL ? title : path,
               summary != NULL ? summary : "",
               SCENARIO_CHOSEN,
               path);
    }
}

static void
atlas_gallery_class_init (AtlasGalleryClass *klass)
{
  static const char *const names[] = { "tour-chosen", "scenario-chosen", "exercise-chosen" };

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i],
                               ATLAS_TYPE_GALLERY,
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               1,
                               G_TYPE_STRING);
  gtk_widget_class_add_binding_action (
    GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
atlas_gallery_init (AtlasGallery *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->page = adw_preferences_page_new ();
  gtk_widget_set_vexpand (self->page, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), self->page);
  adw_window_set_content (ADW_WINDOW (self), box);
}

AtlasGallery *
atlas_gallery_new (GtkWindow *parent, const char *resource_folder, gboolean has_tables)
{
  AtlasGallery *self;

  g_return_val_if_fail (GTK_IS_WINDOW (parent), NULL);
  g_return_val_if_fail (resource_folder != NULL, NULL);

  self = g_object_new (ATLAS_TYPE_GALLERY,
                       "title",
                       _ ("Tours and Scenarios"),
                       "transient-for",
                       parent,
                       "modal",
                       TRUE,
                       NULL);
  atlas_dialog_set_size (GTK_WINDOW (self), WIDTH_PX, HEIGHT_PX);
  add_tours (self, resource_folder);
  if (has_tables)
    add_exercises (self);
  add_scenarios (self, resource_folder);
  return self;
}
