/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Wheel, touchpad and pinch, as GTK tells them to the pictures and lists: ten tenths of a notch are
 * a notch, fingers that are lifted let a pan run on, and a pinch stays where the fingers are. */

#include <adwaita.h>
#include <math.h>

#include "compare/compare-strip.h"
#include "compare/timeline.h"
#include "find-widget.h"
#include "lists/list-wheel.h"
#include "map/map-view.h"
#include "model/navigation.h"
#include "paint/picture-area.h"
#include "paint/wheel.h"
#include "tables/lens-view.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe\n"                                                                          \
  "alloc $a = 0x20000000 64K reserve|commit readwrite\n"

/* ---- what it means ----------------------------------------------------------------------------
 */

static void
test_turns_are_read (void)
{
  static const struct
  {
    double dx, dy;
    GdkScrollUnit unit;
    GdkModifierType modifiers;
    double octaves, pan_px;
  } rows[] = {
    { 0, -1, GDK_SCROLL_UNIT_WHEEL, 0, 0.5, 0 },
    { 0, 1, GDK_SCROLL_UNIT_WHEEL, 0, -0.5, 0 },
    { 0, -0.1, GDK_SCROLL_UNIT_WHEEL, 0, 0.05, 0 },
    { 0.05, -0.1, GDK_SCROLL_UNIT_WHEEL, 0, 0.05, 0 },
    { 0, -1, GDK_SCROLL_UNIT_WHEEL, GDK_CONTROL_MASK, 0.125, 0 },
    { 0, -1, GDK_SCROLL_UNIT_WHEEL, GDK_SHIFT_MASK, 0, -80 },
    { 0, 0.1, GDK_SCROLL_UNIT_WHEEL, GDK_SHIFT_MASK, 0, 8 },
    { 1, 0, GDK_SCROLL_UNIT_WHEEL, 0, 0, 80 },
    { 0.1, 0.05, GDK_SCROLL_UNIT_WHEEL, 0, 0, 8 },
    { -1, 0, GDK_SCROLL_UNIT_WHEEL, GDK_SHIFT_MASK, 0, -80 },
    { -1, 0, GDK_SCROLL_UNIT_WHEEL, GDK_CONTROL_MASK, 0, -80 },
    /* Fingers: their way is the picture's, in pixels. */
    { 0, -60, GDK_SCROLL_UNIT_SURFACE, 0, 1, 0 },
    { 0, -3, GDK_SCROLL_UNIT_SURFACE, 0, 0.05, 0 },
    { 0, -60, GDK_SCROLL_UNIT_SURFACE, GDK_CONTROL_MASK, 0.25, 0 },
    { 0, -60, GDK_SCROLL_UNIT_SURFACE, GDK_SHIFT_MASK, 0, -60 },
    { 7, 2, GDK_SCROLL_UNIT_SURFACE, 0, 0, 7 },
    { 7, 2, GDK_SCROLL_UNIT_SURFACE, GDK_SHIFT_MASK, 0, 7 },
    { 0, 0, GDK_SCROLL_UNIT_SURFACE, 0, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasWheelTurn turn =
        atlas_wheel_read (rows[i].dx, rows[i].dy, rows[i].unit, rows[i].modifiers);

      g_assert_cmpfloat_with_epsilon (turn.octaves, rows[i].octaves, 1e-12);
      g_assert_cmpfloat_with_epsilon (turn.pan_px, rows[i].pan_px, 1e-12);
    }
}

/* However finely a way is cut up, as many steps come of it; and nothing is owed to a hand that
 * turns round. */
static void
test_small_parts_add_up_to_steps (void)
{
  static const guint parts[] = { 1, 2, 3, 7, 10, 16, 30, 100, 120, 1000 };
  double rest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (int direction = -1; direction <= 1; direction += 2)
      for (guint n_octaves = 1; n_octaves <= 5; n_octaves++)
        {
          gint n_steps = 0;

          rest = 0;
          for (guint part = 0; part < parts[i]; part++)
            n_steps += atlas_wheel_take_steps (&rest, direction * (double) n_octaves / parts[i], 8);
          g_assert_cmpint (n_steps, ==, direction * 8 * (int) n_octaves);
          g_assert_cmpfloat_with_epsilon (rest, 0, 1e-3);
        }
  rest = 0;
  g_assert_cmpint (atlas_wheel_take_steps (&rest, 0.12, 8), ==, 0);
  g_assert_cmpint (atlas_wheel_take_steps (&rest, -0.124, 8), ==, 0);
  g_assert_cmpint (atlas_wheel_take_steps (&rest, -0.002, 8), ==, -1);
  /* What no hand does. */
  rest = 0;
  g_assert_cmpint (atlas_wheel_take_steps (&rest, 1e300, 8), ==, G_MAXINT16);
}

/* ---- the pictures -----------------------------------------------------------------------------
 */

typedef struct
{
  AtlasDocument *document;
  AtlasViewport *viewport;
  AtlasComparison *comparison;
  GtkWidget *window;
  GtkWidget *map;
  GtkWidget *lens;
  GtkWidget *strip;
  GtkWidget *timeline;
} Fixture;

static gboolean
is_drawn (gpointer user_data)
{
  return gtk_widget_get_width (user_data) > 0;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  g_autoptr (AtlasBookmarks) bookmarks = NULL;
  GActionGroup *navigation;
  g_autoptr (GError) error = NULL;

  fixture->document = atlas_document_new ();
  fixture->viewport = atlas_viewport_new (fixture->document);
  fixture->comparison = atlas_comparison_new (fixture->document);
  g_assert_true (atlas_document_open_text (fixture->document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  bookmarks = atlas_bookmarks_new (fixture->document);
  navigation = atlas_navigation_new (fixture->viewport);
  fixture->map = atlas_map_view_new (fixture->viewport, bookmarks, navigation);
  g_object_unref (navigation);
  fixture->lens = atlas_lens_view_new (fixture->viewport);
  fixture->strip = atlas_compare_strip_new (fixture->viewport, fixture->comparison);
  fixture->timeline = atlas_timeline_new (fixture->viewport);
  gtk_widget_set_visible (fixture->timeline, TRUE);
  gtk_box_append (GTK_BOX (box), fixture->map);
  gtk_box_append (GTK_BOX (box), fixture->strip);
  gtk_box_append (GTK_BOX (box), fixture->timeline);
  gtk_box_append (GTK_BOX (box), fixture->lens);
  g_assert_true (atlas_comparison_start_at (fixture->comparison, 3, "then", &error));
  g_assert_no_error (error);
  fixture->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1000, 800);
  gtk_window_set_child (GTK_WINDOW (fixture->window), box);
  gtk_window_present (GTK_WINDOW (fixture->window));
  g_assert_true (wait_until (is_drawn, fixture->map));
  g_assert_true (wait_until (is_drawn, fixture->lens));
  atlas_viewport_set_animate (fixture->viewport, FALSE);
  atlas_document_select (fixture->document, 0x20000000);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->comparison);
  g_clear_object (&fixture->viewport);
  g_clear_object (&fixture->document);
}

/* The last one added of that type. */
static gpointer
find_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gpointer found = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (g_type_is_a (G_OBJECT_TYPE (controller), type))
        found = controller;
    }
  g_assert_nonnull (found);
  return found;
}

static void
scroll (GtkWidget *widget, double dx, double dy, guint n_parts)
{
  gpointer controller = find_controller (widget, GTK_TYPE_EVENT_CONTROLLER_SCROLL);

  for (guint i = 0; i < n_parts; i++)
    {
      gboolean is_taken = FALSE;

      g_signal_emit_by_name (controller, "scroll", dx / n_parts, dy / n_parts, &is_taken);
      g_assert_true (is_taken);
    }
}

/* To every controller that follows the pointer. */
static void
point (GtkWidget *widget, double x_px, double y_px)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_MOTION (controller))
        g_signal_emit_by_name (controller, "motion", x_px, y_px);
    }
}

static void
pinch (GtkWidget *widget, double scale, guint n_parts)
{
  gpointer gesture = find_controller (widget, GTK_TYPE_GESTURE_ZOOM);

  g_signal_emit_by_name (gesture, "begin", NULL);
  for (guint i = 1; i <= n_parts; i++)
    g_signal_emit_by_name (gesture, "scale-changed", pow (scale, (double) i / n_parts));
}

static double
get_zoom (Fixture *fixture)
{
  return atlas_viewport_get_view (fixture->viewport).zoom;
}

static AtlasVa
get_va_at (Fixture *fixture, double x_px)
{
  AtlasView view = atlas_viewport_get_view (fixture->viewport);

  return atlas_view_x_to_va (&view, atlas_viewport_get_axis (fixture->viewport), x_px);
}

static void
test_ten_tenths_are_a_notch (Fixture *fixture, gconstpointer data)
{
  GtkWidget *time_picture =
    gtk_widget_get_first_child (gtk_widget_get_first_child (fixture->timeline));
  GtkWidget *pictures[] = { fixture->map, fixture->strip, time_picture };
  AtlasLayout layouts[] = { ATLAS_LAYOUT_COLLAPSED, ATLAS_LAYOUT_LINEAR };

  for (guint layout = 0; layout < G_N_ELEMENTS (layouts); layout++)
    for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
      {
        double whole, near, start_left;
        AtlasView view;

        atlas_viewport_set_layout (fixture->viewport, layouts[layout]);
        atlas_viewport_fit (fixture->viewport, 0x10000000, 0x2fffffff);
        whole = get_zoom (fixture);
        point (pictures[i], 300, 40);
        scroll (pictures[i], 0, -1, 1);
        near = get_zoom (fixture);
        g_assert_cmpfloat_with_epsilon (whole - near, ATLAS_ZOOM_STEPS / 2, 1e-9);
        scroll (pictures[i], 0, 1, 10);
        g_assert_cmpfloat_with_epsilon (get_zoom (fixture), whole, 1e-9);
        scroll (pictures[i], 0, -1, 10);
        g_assert_cmpfloat_with_epsilon (get_zoom (fixture), near, 1e-9);
        /* A hundred of them, as a slow finger sends. */
        scroll (pictures[i], 0, -2, 100);
        g_assert_cmpfloat_with_epsilon (near - get_zoom (fixture), ATLAS_ZOOM_STEPS, 1e-9);
        scroll (pictures[i], 0, 2, 3);

        /* Sideways, without a step nearer. */
        near = get_zoom (fixture);
        start_left = atlas_viewport_get_view (fixture->viewport).left_u;
        scroll (pictures[i], 1, 0, 1);
        view = atlas_viewport_get_view (fixture->viewport);
        g_assert_cmpfloat (view.left_u, >, start_left);
        scroll (pictures[i], -1, 0, 10);
        g_assert_cmpfloat_with_epsilon (atlas_viewport_get_view (fixture->viewport).left_u,
                                        start_left,
                                        (view.left_u - start_left) / 80);
        scroll (pictures[i], 1, 0.4, 10);
        g_assert_cmpfloat_with_epsilon (atlas_viewport_get_view (fixture->viewport).left_u,
                                        view.left_u,
                                        (view.left_u - start_left) / 80);
        g_assert_cmpfloat (get_zoom (fixture), ==, near);
      }
}

static gboolean
is_at_rest (gpointer user_data)
{
  return !atlas_viewport_is_animating (user_data);
}

static void
test_a_pan_runs_on_when_fingers_are_lifted (Fixture *fixture, gconstpointer data)
{
  GtkWidget *pictures[] = { fixture->map, fixture->strip };

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      gpointer controller = find_controller (pictures[i], GTK_TYPE_EVENT_CONTROLLER_SCROLL);
      double lifted_left, zoom;

      atlas_viewport_set_animate (fixture->viewport, FALSE);
      atlas_viewport_fit (fixture->viewport, 0x10000000, 0x2fffffff);
      atlas_viewport_set_animate (fixture->viewport, TRUE);
      g_assert_cmpint (gtk_event_controller_scroll_get_flags (controller) &
                         GTK_EVENT_CONTROLLER_SCROLL_KINETIC,
                       !=,
                       0);
      zoom = get_zoom (fixture);
      scroll (pictures[i], 1, 0, 10);
      lifted_left = atlas_viewport_get_view (fixture->viewport).left_u;
      g_signal_emit_by_name (controller, "decelerate", 12.0, 0.5);
      g_assert_true (atlas_viewport_is_animating (fixture->viewport));
      g_assert_true (wait_until (is_at_rest, fixture->viewport));
      g_assert_cmpfloat (atlas_viewport_get_view (fixture->viewport).left_u, >, lifted_left);
      g_assert_cmpfloat (get_zoom (fixture), ==, zoom);

      /* Fingers that come down again hold it. */
      g_signal_emit_by_name (controller, "decelerate", -12.0, 0.5);
      g_assert_true (atlas_viewport_is_animating (fixture->viewport));
      g_signal_emit_by_name (controller, "scroll-begin");
      g_assert_false (atlas_viewport_is_animating (fixture->viewport));

      /* What was a zoom does not begin to pan when it is over. */
      scroll (pictures[i], 0, -1, 1);
      g_assert_true (wait_until (is_at_rest, fixture->viewport));
      lifted_left = atlas_viewport_get_view (fixture->viewport).left_u;
      g_signal_emit_by_name (controller, "decelerate", 0.5, -12.0);
      g_assert_false (atlas_viewport_is_animating (fixture->viewport));
      g_assert_cmpfloat (atlas_viewport_get_view (fixture->viewport).left_u, ==, lifted_left);
    }
}

static void
test_a_pinch_zooms_where_the_fingers_are (Fixture *fixture, gconstpointer data)
{
  static const guint parts[] = { 1, 5, 60 };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (double x_px = 150; x_px < 1000; x_px += 350)
      {
        double zoom;
        AtlasVa va;

        atlas_viewport_set_layout (fixture->viewport, ATLAS_LAYOUT_LINEAR);
        atlas_viewport_fit (fixture->viewport, 0x10000000, 0x2fffffff);
        zoom = get_zoom (fixture);
        point (fixture->map, x_px, 40);
        va = get_va_at (fixture, x_px);
        pinch (fixture->map, 4, parts[i]);
        g_assert_cmpfloat_with_epsilon (zoom - get_zoom (fixture), 2 * ATLAS_ZOOM_STEPS, 1e-9);
        g_assert_cmphex (get_va_at (fixture, x_px) >> 20, ==, va >> 20);
        pinch (fixture->map, 0.25, parts[i]);
        g_assert_cmpfloat_with_epsilon (get_zoom (fixture), zoom, 1e-9);
      }
  /* What no fingers do. */
  g_signal_emit_by_name (
    find_controller (fixture->map, GTK_TYPE_GESTURE_ZOOM), "scale-changed", 0.0);
}

/* The area's movements are its own. */
static void
pass_time (guint ms)
{
  gint64 end_us = g_get_monotonic_time () + ms * (gint64) 1000;

  while (g_get_monotonic_time () < end_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

static void
test_the_area_is_pinched_and_scrolled_too (Fixture *fixture, gconstpointer data)
{
  GdkPaintable *paintable = gtk_widget_paintable_new (fixture->map);
  g_autoptr (GHashTable) seen =
    g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  atlas_viewport_set_layout (fixture->viewport, ATLAS_LAYOUT_AREA);
  point (fixture->map, 300, 40);
  for (guint i = 0; i < 4; i++)
    {
      GtkSnapshot *snapshot;
      GskRenderNode *node;

      if (i == 1)
        pinch (fixture->map, 4, 10);
      else if (i == 2)
        scroll (fixture->map, 0, -1, 10);
      else if (i == 3)
        scroll (fixture->map, 1, 0, 10);
      pass_time (400);
      snapshot = gtk_snapshot_new ();
      gdk_paintable_snapshot (paintable, snapshot, 900, 150);
      node = gtk_snapshot_free_to_node (snapshot);
      g_hash_table_add (seen, gsk_render_node_serialize (node));
      gsk_render_node_unref (node);
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 4);
  g_object_unref (paintable);
}

/* On an entry of a table, the map is zoomed where that entry is. */
static void
test_the_tables_are_pinched (Fixture *fixture, gconstpointer data)
{
  AtlasVa va;
  double zoom;

  atlas_viewport_set_layout (fixture->viewport, ATLAS_LAYOUT_LINEAR);
  atlas_viewport_fit (fixture->viewport, 0x10000000, 0x2fffffff);
  zoom = get_zoom (fixture);
  /* Beside all entries: where the selected address is. */
  point (fixture->lens, 0, 0);
  pinch (fixture->lens, 16, 20);
  g_assert_cmpfloat_with_epsilon (zoom - get_zoom (fixture), 4 * ATLAS_ZOOM_STEPS, 1e-9);
  atlas_viewport_get_seen (fixture->viewport, &va, &(AtlasVa){ 0 });
  g_assert_cmphex (va, <=, 0x20000000);
  pinch (fixture->lens, 1.0 / 16, 7);
  g_assert_cmpfloat_with_epsilon (get_zoom (fixture), zoom, 1e-9);

  /* What is not on the map comes there first. */
  atlas_viewport_fit (fixture->viewport, 0x7ff000000000, 0x7fffffffffff);
  pinch (fixture->lens, 2, 10);
  atlas_viewport_get_seen (fixture->viewport, &va, &(AtlasVa){ 0 });
  g_assert_cmphex (va, <=, 0x20000000);
}

/* ---- a picture, and a list --------------------------------------------------------------------
 */

static void
zoomed_cb (double *factor, double x_px, double by)
{
  g_assert_cmpfloat (x_px, ==, 30);
  *factor *= by;
}

static void
panned_cb (double *pan_px, double x_px, double y_px)
{
  *pan_px += x_px;
}

static void
test_a_picture_is_told_in_small_parts (void)
{
  GtkWidget *picture = g_object_ref_sink (atlas_picture_area_new ("", 100, 50, NULL, NULL, NULL));
  double factor = 1, pan_px = 0;
  gboolean is_taken = TRUE;

  /* One that does nothing with it leaves it to what it stands in. */
  g_signal_emit_by_name (
    find_controller (picture, GTK_TYPE_EVENT_CONTROLLER_SCROLL), "scroll", 0.0, -1.0, &is_taken);
  g_assert_false (is_taken);
  g_signal_connect_swapped (picture, "zoomed", G_CALLBACK (zoomed_cb), &factor);
  g_signal_connect_swapped (picture, "panned", G_CALLBACK (panned_cb), &pan_px);
  point (picture, 30, 20);
  scroll (picture, 0, -1, 10);
  g_assert_cmpfloat_with_epsilon (factor, G_SQRT2, 1e-9);
  scroll (picture, 0, 1, 1);
  g_assert_cmpfloat_with_epsilon (factor, 1, 1e-9);
  pinch (picture, 3, 12);
  g_assert_cmpfloat_with_epsilon (factor, 3, 1e-9);
  g_assert_cmpfloat (pan_px, ==, 0);
  scroll (picture, 1, 0, 10);
  g_assert_cmpfloat_with_epsilon (pan_px, -80, 1e-9);
  g_object_unref (picture);
}

static void
set_up_row_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, gtk_label_new ("row"));
}

static GtkAdjustment *
present_list (GtkWidget **window, GtkWidget **list)
{
  g_autoptr (GtkStringList) rows = gtk_string_list_new (NULL);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (set_up_row_cb), NULL);
  for (guint i = 0; i < 2000; i++)
    gtk_string_list_append (rows, "row");
  *list = gtk_list_view_new (
    GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_steal_pointer (&rows)))), factory);
  atlas_list_wheel_attach (*list);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), *list);
  *window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (*window), 300, 333);
  gtk_window_set_child (GTK_WINDOW (*window), scroller);
  gtk_window_present (GTK_WINDOW (*window));
  gtk_test_widget_wait_for_draw (*window);
  return gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (*list));
}

static double
scroll_list (GtkWidget *list, double dy, guint n_parts)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  double before = gtk_adjustment_get_value (adjustment);

  /* Each in a frame of its own. */
  for (guint i = 0; i < n_parts; i++)
    {
      scroll (list, 0, dy / n_parts, 1);
      gtk_test_widget_wait_for_draw (list);
      gtk_test_widget_wait_for_draw (list);
    }
  return gtk_adjustment_get_value (adjustment) - before;
}

static void
test_a_list_goes_as_far_by_tenths (void)
{
  GtkWidget *window, *list;
  GtkAdjustment *adjustment = present_list (&window, &list);
  double notch_px = scroll_list (list, 1, 1);

  g_assert_cmpfloat (notch_px, >, 20);
  g_assert_cmpfloat_with_epsilon (scroll_list (list, 1, 10), notch_px, 1);
  g_assert_cmpfloat_with_epsilon (scroll_list (list, 3, 100), 3 * notch_px, 1);
  g_assert_cmpfloat_with_epsilon (scroll_list (list, -3, 7), -3 * notch_px, 1);
  g_assert_cmpfloat_with_epsilon (scroll_list (list, -2, 30), -2 * notch_px, 1);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment), 0, 1);
  gtk_window_destroy (GTK_WINDOW (window));
}

#define TEST(name, function) g_test_add ("/wheel/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv);
  adw_init ();
  g_test_add_func ("/wheel/turns", test_turns_are_read);
  g_test_add_func ("/wheel/steps", test_small_parts_add_up_to_steps);
  TEST ("tenths", test_ten_tenths_are_a_notch);
  TEST ("lifted", test_a_pan_runs_on_when_fingers_are_lifted);
  TEST ("pinch", test_a_pinch_zooms_where_the_fingers_are);
  TEST ("area", test_the_area_is_pinched_and_scrolled_too);
  TEST ("tables", test_the_tables_are_pinched);
  g_test_add_func ("/wheel/picture", test_a_picture_is_told_in_small_parts);
  g_test_add_func ("/wheel/list", test_a_list_goes_as_far_by_tenths);
  return g_test_run ();
}
