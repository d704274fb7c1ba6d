/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recent.h"

#include "paint/accessible-name.h"

#define MAX_FILES 10u

static void
set_without (GSettings *settings, const char *first_uri, const char *other_uri)
{
  g_auto (GStrv) old_uris = g_settings_get_strv (settings, "recent-files");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) uris = NULL;
  guint n_files = 0;

  if (first_uri != NULL)
    {
      g_strv_builder_add (builder, first_uri);
      n_files++;
    }
  for (guint i = 0; old_uris[i] != NULL && n_files < MAX_FILES; i++)
    {
      if (g_str_equal (old_uris[i], other_uri))
        continue;
      g_strv_builder_add (builder, old_uris[i]);
      n_files++;
    }
  uris = g_strv_builder_end (builder);
  g_settings_set_strv (settings, "recent-files", (const char *const *) uris);
}

void
atlas_recent_add (GSettings *settings, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  set_without (settings, uri, uri);
}

void
atlas_recent_remove (GSettings *settings, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  set_without (settings, NULL, uri);
}

static void
fill_cb (GSettings *settings, const char *key, GMenu *menu)
{
  g_auto (GStrv) uris = g_settings_get_strv (settings, "recent-files");

  g_menu_remove_all (menu);
  for (guint i = 0; uris[i] != NULL; i++)
    {
      g_autoptr (GFile) file = g_file_new_for_uri (uris[i]);
      g_autofree char *name = g_file_get_basename (file);
      g_autofree char *label = atlas_name_as_label (name);
      g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "win.open-uri", "s", uris[i]);
      g_menu_append_item (menu, item);
    }
}

GMenuModel *
atlas_recent_menu_new (GSettings *settings)
{
  GMenu *menu = g_menu_new ();

  g_signal_connect_object (settings, "changed::recent-files", G_CALLBACK (fill_cb), menu, 0);
  fill_cb (settings, NULL, menu);
  return G_MENU_MODEL (menu);
}
