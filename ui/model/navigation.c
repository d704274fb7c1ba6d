/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/navigation.h"

/* √2 a key press, as a wheel notch. */
#define KEY_ZOOM_STEPS (ATLAS_ZOOM_STEPS / 2)
#define KEY_PAN_SHARE 0.15

static void
zoom_in (AtlasViewport *viewport)
{
  atlas_viewport_step (viewport, KEY_ZOOM_STEPS, 0);
}

static void
zoom_out (AtlasViewport *viewport)
{
  atlas_viewport_step (viewport, -KEY_ZOOM_STEPS, 0);
}

static void
pan_left (AtlasViewport *viewport)
{
  atlas_viewport_step (viewport, 0, -KEY_PAN_SHARE);
}

static void
pan_right (AtlasViewport *viewport)
{
  atlas_viewport_step (viewport, 0, KEY_PAN_SHARE);
}

static void
select_neighbour (AtlasViewport *viewport, gboolean is_forward, gboolean is_mapped_only)
{
  AtlasDocument *document = atlas_viewport_get_document (viewport);
  AtlasRegionSet *regions = atlas_document_get_regions (document);
  guint64 n_regions, index;

  if (regions == NULL)
    return;
  n_regions = atlas_region_set_get_n_regions (regions);
  index = atlas_region_set_find (regions, atlas_document_get_selected_va (document));
  while (is_forward ? index + 1 < n_regions : index > 0)
    {
      const AtlasRegion *region;

      index += is_forward ? 1 : -1;
      region = atlas_region_set_get_region (regions, index);
      if (is_mapped_only && region->state != ATLAS_STATE_COMMIT &&
          region->state != ATLAS_STATE_RESERVE)
        continue;
      atlas_document_select (document, region->base_va);
      atlas_viewport_reveal (viewport, region->base_va);
      return;
    }
}

static void
next_region (AtlasViewport *viewport)
{
  select_neighbour (viewport, TRUE, FALSE);
}

static void
previous_region (AtlasViewport *viewport)
{
  select_neighbour (viewport, FALSE, FALSE);
}

static void
next_mapped (AtlasViewport *viewport)
{
  select_neighbour (viewport, TRUE, TRUE);
}

static void
previous_mapped (AtlasViewport *viewport)
{
  select_neighbour (viewport, FALSE, TRUE);
}

static void
first_address (AtlasViewport *viewport)
{
  AtlasAxis *axis = atlas_viewport_get_axis (viewport);

  if (axis != NULL)
    atlas_viewport_reveal (viewport, atlas_axis_get_first_va (axis));
}

static void
last_address (AtlasViewport *viewport)
{
  AtlasAxis *axis = atlas_viewport_get_axis (viewport);

  if (axis != NULL)
    atlas_viewport_reveal (viewport, atlas_axis_get_last_va (axis));
}

static void
centre (AtlasViewport *viewport)
{
  AtlasDocument *document = atlas_viewport_get_document (viewport);

  if (atlas_document_has_selection (document))
    atlas_viewport_centre (viewport, atlas_document_get_selected_va (document));
}

static const struct
{
  const char *name;
  void (*run) (AtlasViewport *viewport);
} actions[] = {
  { "zoom-in", zoom_in },
  { "zoom-out", zoom_out },
  { "pan-left", pan_left },
  { "pan-right", pan_right },
  { "next-region", next_region },
  { "previous-region", previous_region },
  { "next-mapped", next_mapped },
  { "previous-mapped", previous_mapped },
  { "level-in", atlas_viewport_level_in },
  { "level-out", atlas_viewport_level_out },
  { "fit", atlas_viewport_fit_selection },
  { "centre", centre },
  { "whole", atlas_viewport_whole },
  { "first-address", first_address },
  { "last-address", last_address },
  { "back", atlas_viewport_go_back },
  { "forward", atlas_viewport_go_forward },
};

static void
activate_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *name = g_action_get_name (G_ACTION (action));

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      if (g_str_equal (actions[i].name, name))
        actions[i].run (user_data);
    }
}

/* Numbered as AtlasLayout. */
static const char *const layout_names[] = {
  [ATLAS_LAYOUT_COLLAPSED] = "collapsed",
  [ATLAS_LAYOUT_LINEAR] = "linear",
  [ATLAS_LAYOUT_AREA] = "hilbert",
};

static void
change_layout_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (layout_names); i++)
    {
      if (g_str_equal (layout_names[i], g_variant_get_string (state, NULL)))
        {
          g_simple_action_set_state (action, state);
          atlas_viewport_set_layout (user_data, (AtlasLayout) i);
          return;
        }
    }
}

static void
change_whole_space_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  atlas_viewport_set_whole_space (user_data, g_variant_get_boolean (state));
  g_simple_action_set_state (action, state);
}

static void
viewport_changed_cb (AtlasViewport *viewport, gpointer user_data)
{
  GActionMap *group = user_data;

  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (group, "whole-space")),
                             g_variant_new_boolean (atlas_viewport_get_whole_space (viewport)));
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (group, "back")),
                               atlas_viewport_can_go_back (viewport));
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (group, "forward")),
                               atlas_viewport_can_go_forward (viewport));
}

GActionGroup *
atlas_navigation_new (AtlasViewport *viewport)
{
  static const GActionEntry toggles[] = {
    { "layout", NULL, "s", "'collapsed'", change_layout_cb },
    { "whole-space", NULL, NULL, "false", change_whole_space_cb },
  };
  GSimpleActionGroup *group = g_simple_action_group_new ();

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      const GActionEntry entry = { actions[i].name, activate_cb, NULL, NULL, NULL };

      g_action_map_add_action_entries (G_ACTION_MAP (group), &entry, 1, viewport);
    }
  g_action_map_add_action_entries (G_ACTION_MAP (group), toggles, G_N_ELEMENTS (toggles), viewport);
  g_signal_connect_object (viewport, "changed", G_CALLBACK (viewport_changed_cb), group, 0);
  viewport_changed_cb (viewport, group);
  return G_ACTION_GROUP (group);
}
