/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "config.h"
#include "lessons/exercise-view.h"
#include "lessons/gallery.h"
#include "lessons/laboratory-view.h"
#include "lessons/tour-bar.h"

static char *
load_text (const char *resource_path)
{
  g_autoptr (GBytes) bytes = g_resources_lookup_data (resource_path, 0, NULL);

  g_return_val_if_fail (bytes != NULL, NULL);
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* @title: NULL for the file's name. What comes with the program is known to be sound. */
static gboolean
open_scenario (AtlasWindow *self, const char *resource_path, const char *title)
{
  g_autofree char *text = load_text (resource_path);
  g_autofree char *name = g_path_get_basename (resource_path);
  g_autoptr (GError) error = NULL;

  if (atlas_document_open_text (self->document, text, title != NULL ? title : name, &error))
    return TRUE;
  atlas_window_show_error (self, _ ("This file cannot be opened"), error->message);
  return FALSE;
}

void
atlas_window_open_scenario (AtlasWindow *self, const char *resource_path)
{
  open_scenario (atlas_window_get_free (self), resource_path, NULL);
}

void
atlas_window_start_tour (AtlasWindow *self, const char *resource_path)
{
  AtlasWindow *window = atlas_window_get_free (self);
  g_autofree char *text = load_text (resource_path);
  g_autofree char *scenario_path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasTour) tour = atlas_tour_new_from_text (text, resource_path, &error);

  g_assert_no_error (error);
  scenario_path = g_strdup_printf (RESOURCE_PATH "/scenarios/%s.vmatlas", tour->scenario);
  if (open_scenario (window, scenario_path, tour->title))
    atlas_tour_bar_start (ATLAS_TOUR_BAR (atlas_window_get_tour_bar (window)),
                          g_steal_pointer (&tour));
}

static void
exercise_chosen_cb (AtlasWindow *self, const char *kind_name)
{
  AtlasExerciseKind kind = 0;

  while (!g_str_equal (atlas_exercise_kind_get_name (kind), kind_name))
    kind++;
  gtk_window_present (GTK_WINDOW (
    atlas_exercise_view_new (GTK_WINDOW (self), self->document, kind, g_random_int ())));
}

void
atlas_window_show_gallery (AtlasWindow *self)
{
  AtlasSpace *space = atlas_document_get_space (self->document);
  AtlasGallery *gallery = atlas_gallery_new (
    GTK_WINDOW (self), RESOURCE_PATH, space != NULL && atlas_space_has_tables (space));

  g_signal_connect_object (
    gallery, "tour-chosen", G_CALLBACK (atlas_window_start_tour), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    gallery, "scenario-chosen", G_CALLBACK (atlas_window_open_scenario), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    gallery, "exercise-chosen", G_CALLBACK (exercise_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (gallery));
}

void
atlas_window_show_laboratory (AtlasWindow *self)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  AtlasSystem *system = session != NULL ? atlas_session_get_system (session) : NULL;
  const AtlasSystemOptions defaults = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  guint64 seed = system != NULL ? atlas_system_get_options (system)->seed : defaults.seed;

  if (self->laboratory == NULL)
    g_set_weak_pointer (&self->laboratory,
                        GTK_WINDOW (atlas_laboratory_view_new (GTK_WINDOW (self), seed)));
  gtk_window_present (self->laboratory);
}
