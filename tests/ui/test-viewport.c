/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The viewport: what every gesture and key ends in. */

#include "model/navigation.h"

#define WIDTH_PX 1000
#define FRAME_US 16667

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe bare\n"                                                                     \
  "alloc $a = 0x20000000 64K reserve|commit readwrite\n"

typedef struct
{
  AtlasDocument *document;
  AtlasViewport *viewport;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->document = atlas_document_new ();
  fixture->viewport = atlas_viewport_new (fixture->document);
  atlas_viewport_set_width (fixture->viewport, WIDTH_PX);
  g_assert_true (atlas_document_open_text (fixture->document, SCENARIO, "test", &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->viewport);
  g_clear_object (&fixture->document);
}

static void
assert_same_view (AtlasView a, AtlasView b)
{
  g_assert_cmpint (a.left_u, ==, b.left_u);
  g_assert_cmpfloat (a.zoom, ==, b.zoom);
  g_assert_cmpuint (a.width_px, ==, b.width_px);
}

static void
finish_animation (AtlasViewport *viewport)
{
  gint64 time_us = 1;

  for (guint i = 0; i < 200 && atlas_viewport_advance (viewport, time_us); i++)
    time_us += FRAME_US;
  g_assert_false (atlas_viewport_is_animating (viewport));
}

/* A map that was let go while it moved comes to rest of itself, or, where motion is reduced, stays
 * where the hand left it. */
static void
test_reduced_motion_has_no_fling (Fixture *fixture, gconstpointer data)
{
  AtlasView left;

  atlas_viewport_set_animate (fixture->viewport, FALSE);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  left = atlas_viewport_get_view (fixture->viewport);
  atlas_viewport_fling (fixture->viewport, 2000);
  g_assert_false (atlas_viewport_is_animating (fixture->viewport));
  assert_same_view (atlas_viewport_get_view (fixture->viewport), left);

  atlas_viewport_set_animate (fixture->viewport, TRUE);
  atlas_viewport_fling (fixture->viewport, 2000);
  g_assert_true (atlas_viewport_is_animating (fixture->viewport));
  finish_animation (fixture->viewport);
  g_assert_cmpint (atlas_viewport_get_view (fixture->viewport).left_u, !=, left.left_u);
}

static void
test_in_and_out_ends_where_it_started (Fixture *fixture, gconstpointer data)
{
  AtlasView start;

  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  start = atlas_viewport_get_view (fixture->viewport);
  for (guint i = 0; i < 20; i++)
    atlas_viewport_zoom_at (fixture->viewport, 4, 371.5);
  for (guint i = 0; i < 20; i++)
    atlas_viewport_zoom_at (fixture->viewport, -4, 371.5);
  assert_same_view (atlas_viewport_get_view (fixture->viewport), start);
}

static void
test_a_fast_wheel_loses_no_notch (Fixture *fixture, gconstpointer data)
{
  AtlasView expected;

  for (guint i = 0; i < 6; i++)
    atlas_viewport_zoom_at (fixture->viewport, 4, 300);
  expected = atlas_viewport_get_view (fixture->viewport);
  atlas_viewport_whole (fixture->viewport);

  atlas_viewport_set_animate (fixture->viewport, TRUE);
  for (guint i = 0; i < 6; i++)
    {
      atlas_viewport_zoom_at (fixture->viewport, 4, 300);
      atlas_viewport_advance (fixture->viewport, 1 + i * FRAME_US);
    }
  finish_animation (fixture->viewport);
  assert_same_view (atlas_viewport_get_view (fixture->viewport), expected);
}

static void
test_a_jump_ends_exactly_and_can_be_taken_back (Fixture *fixture, gconstpointer data)
{
  AtlasView whole = atlas_viewport_get_view (fixture->viewport);
  AtlasVa first_va, last_va;

  atlas_viewport_set_animate (fixture->viewport, TRUE);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  g_assert_true (atlas_viewport_is_animating (fixture->viewport));
  finish_animation (fixture->viewport);
  assert_same_view (atlas_viewport_get_view (fixture->viewport),
                    atlas_viewport_get_target (fixture->viewport));
  atlas_viewport_get_seen (fixture->viewport, &first_va, &last_va);
  g_assert_cmphex (first_va, <=, 0x20000000);
  g_assert_cmphex (last_va, >=, 0x2000ffff);

  g_assert_true (atlas_viewport_can_go_back (fixture->viewport));
  atlas_viewport_go_back (fixture->viewport);
  finish_animation (fixture->viewport);
  assert_same_view (atlas_viewport_get_view (fixture->viewport), whole);
  g_assert_true (atlas_viewport_can_go_forward (fixture->viewport));
}

static void
test_levels_go_down_to_bytes_and_up_to_the_whole (Fixture *fixture, gconstpointer data)
{
  AtlasView whole = atlas_viewport_get_view (fixture->viewport);
  double bytes;

  atlas_document_select (fixture->document, 0x20001234);
  for (guint i = 0; i < 8; i++)
    atlas_viewport_level_in (fixture->viewport);
  bytes = atlas_viewport_get_scale_bytes (fixture->viewport);
  g_assert_cmpfloat (bytes, <, 256);
  for (guint i = 0; i < 8; i++)
    atlas_viewport_level_out (fixture->viewport);
  assert_same_view (atlas_viewport_get_view (fixture->viewport), whole);
}

static void
test_a_new_region_does_not_move_the_picture (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AtlasCommandResult) result = NULL;
  AtlasView view;
  double before_px, after_px;

  atlas_document_select (fixture->document, 0x20000000);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  view = atlas_viewport_get_view (fixture->viewport);
  before_px = atlas_view_va_to_x (&view, atlas_viewport_get_axis (fixture->viewport), 0x20000000);
  result = atlas_document_run (fixture->document, "alloc 0x30000000 64K reserve readwrite", NULL);
  g_assert_nonnull (result);
  view = atlas_viewport_get_view (fixture->viewport);
  after_px = atlas_view_va_to_x (&view, atlas_viewport_get_axis (fixture->viewport), 0x20000000);
  g_assert_cmpfloat_with_epsilon (before_px, after_px, 1);
}

/* A hand that takes hold of the map ends a jump where it is: neither at its end nor at its start.
 */
static void
test_a_jump_can_be_stopped (Fixture *fixture, gconstpointer data)
{
  AtlasView from, target, stopped;

  from = atlas_viewport_get_view (fixture->viewport);
  atlas_viewport_set_animate (fixture->viewport, TRUE);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  target = atlas_viewport_get_target (fixture->viewport);
  for (gint64 frame = 1; frame < 8; frame++)
    g_assert_true (atlas_viewport_advance (fixture->viewport, frame * FRAME_US));
  atlas_viewport_stop (fixture->viewport);
  g_assert_false (atlas_viewport_is_animating (fixture->viewport));
  stopped = atlas_viewport_get_view (fixture->viewport);
  g_assert_cmpfloat (stopped.zoom, <, from.zoom);
  g_assert_cmpfloat (stopped.zoom, >, target.zoom);
  g_assert_cmpfloat (stopped.zoom, ==, (double) (gint64) stopped.zoom);
  assert_same_view (atlas_viewport_get_target (fixture->viewport), stopped);
  g_assert_false (atlas_viewport_advance (fixture->viewport, 100 * FRAME_US));
}

/* What a hand shows is there at once, and a whole drag is one step back. */
static void
test_a_drag_is_one_place (Fixture *fixture, gconstpointer data)
{
  AtlasView start = atlas_viewport_get_view (fixture->viewport);

  for (guint i = 0; i < 30; i++)
    atlas_viewport_show (fixture->viewport, i * ATLAS_TB (1), i * ATLAS_TB (1) + ATLAS_TB (40));
  g_assert_false (atlas_viewport_is_animating (fixture->viewport));
  atlas_viewport_go_back (fixture->viewport);
  g_assert_cmpfloat (atlas_viewport_get_view (fixture->viewport).zoom, ==, start.zoom);
  g_assert_false (atlas_viewport_can_go_back (fixture->viewport));
}

static void
test_every_action_runs (Fixture *fixture, gconstpointer data)
{
  GActionGroup *group = atlas_navigation_new (fixture->viewport);
  g_auto (GStrv) names = g_action_group_list_actions (group);

  for (guint round = 0; round < 3; round++)
    for (guint i = 0; names[i] != NULL; i++)
      {
        static const char *const layouts[] = { "collapsed", "linear", "hilbert" };
        gboolean is_layout = g_str_equal (names[i], "layout");
        AtlasView view;

        g_action_group_activate_action (
          group, names[i], is_layout ? g_variant_new_string (layouts[round]) : NULL);
        view = atlas_viewport_get_view (fixture->viewport);
        g_assert_cmpuint (view.width_px, ==, WIDTH_PX);
      }
  g_assert_cmpint (atlas_viewport_get_layout (fixture->viewport), ==, ATLAS_LAYOUT_AREA);
  g_action_group_activate_action (group, "layout", g_variant_new_string ("upside down"));
  g_assert_cmpint (atlas_viewport_get_layout (fixture->viewport), ==, ATLAS_LAYOUT_AREA);
  g_assert_cmpuint (g_strv_length (names), >=, 18);
  g_object_unref (group);
}

static void
test_another_document_ends_a_jump (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  atlas_viewport_set_animate (fixture->viewport, TRUE);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  g_assert_true (atlas_viewport_is_animating (fixture->viewport));
  /* Somebody takes hold of the map while the new one has nothing to show yet. */
  g_signal_connect_swapped (
    fixture->document, "opened", G_CALLBACK (atlas_viewport_stop), fixture->viewport);
  g_assert_true (atlas_document_open_text (fixture->document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  g_assert_false (atlas_viewport_is_animating (fixture->viewport));
  g_assert_true (atlas_viewport_is_whole (fixture->viewport));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define TEST(name, function)                                                                       \
  g_test_add ("/viewport/" name, Fixture, NULL, set_up, function, tear_down)
  TEST ("no-fling", test_reduced_motion_has_no_fling);
  TEST ("in-and-out", test_in_and_out_ends_where_it_started);
  TEST ("fast-wheel", test_a_fast_wheel_loses_no_notch);
  TEST ("jump-and-back", test_a_jump_ends_exactly_and_can_be_taken_back);
  TEST ("levels", test_levels_go_down_to_bytes_and_up_to_the_whole);
  TEST ("new-region", test_a_new_region_does_not_move_the_picture);
  TEST ("every-action", test_every_action_runs);
  TEST ("stop", test_a_jump_can_be_stopped);
  TEST ("another-document", test_another_document_ends_a_jump);
  TEST ("drag", test_a_drag_is_one_place);
  return g_test_run ();
}
