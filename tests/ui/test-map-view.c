/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The map as a widget: which way addresses grow, what large text and high contrast do to it, and
 * what it draws in each layout. */

#include <adwaita.h>
#include <math.h>

#include "map/breadcrumb.h"
#include "map/map-area.h"
#include "map/map-flags.h"
#include "map/map-header.h"
#include "map/map-view.h"
#include "map/minimap-view.h"
#include "map/place-popover.h"
#include "map/scale-bar.h"
#include "model/navigation.h"

#include "find-widget.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe\n"                                                                          \
  "alloc $a = 0x20000000 64K reserve|commit readwrite\n"

typedef struct
{
  AtlasDocument *document;
  AtlasViewport *viewport;
  GtkWidget *window;
  GtkWidget *map;
  GtkWidget *minimap;
  AtlasBookmarks *bookmarks;
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
  GActionGroup *navigation;
  g_autoptr (GError) error = NULL;

  fixture->document = atlas_document_new ();
  fixture->viewport = atlas_viewport_new (fixture->document);
  g_assert_true (atlas_document_open_text (fixture->document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  navigation = atlas_navigation_new (fixture->viewport);
  fixture->bookmarks = atlas_bookmarks_new (fixture->document);
  fixture->map = atlas_map_view_new (fixture->viewport, fixture->bookmarks, navigation);
  fixture->minimap = atlas_minimap_view_new (fixture->viewport, fixture->bookmarks, navigation);
  gtk_box_append (GTK_BOX (box), atlas_breadcrumb_new (fixture->viewport));
  gtk_box_append (GTK_BOX (box), atlas_map_header_new (fixture->viewport));
  gtk_box_append (GTK_BOX (box), fixture->map);
  gtk_box_append (GTK_BOX (box), fixture->minimap);
  gtk_box_append (GTK_BOX (box), atlas_scale_bar_new (fixture->viewport));
  g_object_unref (navigation);
  fixture->window = gtk_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 1000, 600);
  gtk_window_set_child (GTK_WINDOW (fixture->window), box);
  gtk_window_present (GTK_WINDOW (fixture->window));
  g_assert_true (wait_until (is_drawn, fixture->map));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&fixture->bookmarks);
  g_clear_object (&fixture->viewport);
  g_clear_object (&fixture->document);
}

static GskRenderNode *
draw (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (
    paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
  return gtk_snapshot_free_to_node (snapshot);
}

/* Right to left, addresses grow to the right all the same: a pan to the right shows higher ones,
 * and the widgets that draw the axis say so. */
static void
test_addresses_grow_to_the_right_in_every_language (Fixture *fixture, gconstpointer data)
{
  AtlasVa first_va, last_va, other_first_va, other_last_va;

  g_assert_cmpint (gtk_widget_get_default_direction (), ==, GTK_TEXT_DIR_RTL);
  for (GtkWidget *child = gtk_widget_get_first_child (gtk_widget_get_parent (fixture->map));
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gboolean has_axis =
        child == fixture->map || ATLAS_IS_MINIMAP_VIEW (child) || ATLAS_IS_BREADCRUMB (child);

      if (has_axis)
        g_assert_cmpint (gtk_widget_get_direction (child), ==, GTK_TEXT_DIR_LTR);
      else
        g_assert_cmpint (gtk_widget_get_direction (child), ==, GTK_TEXT_DIR_RTL);
      /* What stands between two crumbs points the way that they go. */
      for (GtkWidget *part = gtk_widget_get_first_child (child);
           ATLAS_IS_BREADCRUMB (child) && part != NULL;
           part = gtk_widget_get_next_sibling (part))
        if (GTK_IS_LABEL (part))
          g_assert_cmpint (gtk_widget_get_direction (part), ==, GTK_TEXT_DIR_LTR);
    }
  atlas_viewport_set_animate (fixture->viewport, FALSE);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  atlas_viewport_get_seen (fixture->viewport, &first_va, &last_va);
  gtk_widget_activate_action (fixture->map, "map.pan-right", NULL);
  atlas_viewport_get_seen (fixture->viewport, &other_first_va, &other_last_va);
  g_assert_cmphex (other_first_va, >, first_va);
  g_assert_cmphex (other_last_va, >, last_va);
}

static void
test_every_layout_and_style_is_drawn (Fixture *fixture, gconstpointer data)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_FORCE_DARK };
  g_autoptr (GHashTable) seen =
    g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);

  for (guint scheme = 0; scheme < G_N_ELEMENTS (schemes); scheme++)
    for (guint layout = ATLAS_LAYOUT_COLLAPSED; layout <= ATLAS_LAYOUT_AREA; layout++)
      {
        GskRenderNode *node;

        adw_style_manager_set_color_scheme (adw_style_manager_get_default (), schemes[scheme]);
        atlas_viewport_set_layout (fixture->viewport, (AtlasLayout) layout);
        gtk_test_widget_wait_for_draw (fixture->map);
        gtk_test_widget_wait_for_draw (fixture->map);
        node = draw (fixture->map);
        g_assert_nonnull (node);
        g_hash_table_add (seen, gsk_render_node_serialize (node));
        gsk_render_node_unref (node);
      }
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_DEFAULT);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 6);
}

/* Twice as large letters: the map is no smaller, still drawn, and its text is larger. */
static void
test_large_text (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_widget_get_settings (fixture->map);
  gint dpi;
  GskRenderNode *small, *large;
  int minimap_height_px = gtk_widget_get_height (fixture->minimap);
  AtlasVa first_va, last_va;
  double scale;
  g_autoptr (GBytes) small_bytes = NULL;
  g_autoptr (GBytes) large_bytes = NULL;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  gtk_test_widget_wait_for_draw (fixture->map);
  small = draw (fixture->map);
  g_object_set (settings, "gtk-xft-dpi", 2 * dpi, NULL);
  gtk_test_widget_wait_for_draw (fixture->map);
  gtk_test_widget_wait_for_draw (fixture->map);
  large = draw (fixture->map);
  /* All of it has grown, and the same addresses are seen at both ends. */
  scale = atlas_viewport_get_drawn_scale (fixture->viewport);
  g_assert_cmpfloat (scale, >, 1.2);
  g_assert_cmpfloat (scale, <=, 2.0);
  g_assert_cmpuint (atlas_viewport_get_view (fixture->viewport).width_px,
                    ==,
                    (guint) (gtk_widget_get_width (fixture->map) / scale));
  atlas_viewport_get_seen (fixture->viewport, &first_va, &last_va);
  g_assert_cmphex (first_va, ==, 0);
  g_assert_cmphex (last_va, >=, 0x7ffffffeffff);
  g_assert_cmpint (gtk_widget_get_height (fixture->minimap), >, minimap_height_px);
  small_bytes = gsk_render_node_serialize (small);
  large_bytes = gsk_render_node_serialize (large);
  g_assert_false (g_bytes_equal (small_bytes, large_bytes));
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  gtk_test_widget_wait_for_draw (fixture->map);
  gtk_test_widget_wait_for_draw (fixture->map);
  g_assert_cmpfloat (atlas_viewport_get_drawn_scale (fixture->viewport), ==, 1.0);
  gsk_render_node_unref (small);
  gsk_render_node_unref (large);
}

static gboolean
is_at_rest (gpointer user_data)
{
  return !atlas_viewport_is_animating (user_data);
}

static gboolean
is_mapped (gpointer user_data)
{
  return gtk_widget_get_mapped (user_data) && gtk_widget_get_height (user_data) > 0;
}

/* However many lines it tells, its buttons are inside. */
static void
test_place_popover_has_room_for_its_text (Fixture *fixture, gconstpointer data)
{
  static const AtlasVa places[] = {
    0, 0x10000, 0x7ffe0000, 0x20000000, 0x7fff0000, 0x7fff12345000
  };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      GtkWidget *popover = atlas_place_popover_new (fixture->document);
      GtkWidget *box = gtk_popover_get_child (GTK_POPOVER (popover));
      int least_px;

      gtk_widget_set_parent (popover, fixture->map);
      atlas_place_popover_set_place (ATLAS_PLACE_POPOVER (popover), places[i], 0);
      gtk_popover_popup (GTK_POPOVER (popover));
      g_assert_true (wait_until (is_mapped, box));
      gtk_widget_measure (box,
                          GTK_ORIENTATION_VERTICAL,
                          gtk_widget_get_width (box) + gtk_widget_get_margin_start (box) +
                            gtk_widget_get_margin_end (box),
                          &least_px,
                          NULL,
                          NULL,
                          NULL);
      g_assert_cmpint (gtk_widget_get_height (box) + gtk_widget_get_margin_top (box) +
                         gtk_widget_get_margin_bottom (box),
                       >=,
                       least_px);
      gtk_widget_unparent (popover);
    }
}

/* Reduced motion, changed while the window is open: a jump is there at once. */
static void
test_motion_follows_the_desktop (Fixture *fixture, gconstpointer data)
{
  GtkSettings *settings = gtk_widget_get_settings (fixture->map);

  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  g_assert_true (atlas_viewport_is_animating (fixture->viewport));
  g_assert_true (wait_until (is_at_rest, fixture->viewport));
  g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  atlas_viewport_whole (fixture->viewport);
  g_assert_false (atlas_viewport_is_animating (fixture->viewport));
  g_assert_true (atlas_viewport_is_whole (fixture->viewport));
  g_object_set (settings, "gtk-enable-animations", TRUE, NULL);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  g_assert_true (atlas_viewport_is_animating (fixture->viewport));
}

/* The area: a key goes √2 in at the selection, as on the strip; a jump takes its time unless motion
 * is reduced. */
static void
test_the_area_moves_as_the_strip_does (Fixture *fixture, gconstpointer data)
{
  AtlasMapArea *area = atlas_map_area_new (fixture->viewport);
  AtlasHilbertView start, target, view;

  atlas_viewport_set_animate (fixture->viewport, FALSE);
  atlas_viewport_set_layout (fixture->viewport, ATLAS_LAYOUT_AREA);
  atlas_document_select (fixture->document, 0x20000000);
  atlas_map_area_set_size (area, 900, 200);
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  atlas_map_area_follow (area);
  start = atlas_map_area_get_view (area);
  for (guint i = 1; i <= 6; i++)
    {
      atlas_map_area_step (area, 4, 0);
      view = atlas_map_area_get_view (area);
      g_assert_cmpfloat_with_epsilon (view.zoom, start.zoom - 4.0 * i, 1e-9);
    }
  atlas_map_area_step (area, -24, 0);
  view = atlas_map_area_get_view (area);
  g_assert_cmpfloat_with_epsilon (view.zoom, start.zoom, 1e-9);
  atlas_map_area_step (area, 0, 0.15);
  g_assert_cmpfloat (atlas_map_area_get_view (area).left, >, view.left);

  /* On its way, and there. */
  atlas_map_area_set_animate (area, TRUE);
  start = atlas_map_area_get_view (area);
  atlas_viewport_whole (fixture->viewport);
  atlas_map_area_follow (area);
  g_assert_true (atlas_map_area_is_animating (area));
  g_assert_true (atlas_map_area_advance (area, 1000));
  g_assert_true (atlas_map_area_advance (area, 100000));
  view = atlas_map_area_get_view (area);
  g_assert_cmpfloat (view.zoom, >, start.zoom);
  g_assert_false (atlas_map_area_advance (area, 2000000));
  target = atlas_map_area_get_view (area);
  g_assert_cmpfloat (target.zoom, >, view.zoom);

  /* Notches on the way add up. */
  atlas_map_area_zoom_at (area, 4, 300, 100);
  atlas_map_area_advance (area, 3000000);
  atlas_map_area_advance (area, 3020000);
  atlas_map_area_zoom_at (area, 4, 300, 100);
  atlas_map_area_advance (area, 4000000);
  atlas_map_area_advance (area, 5000000);
  g_assert_cmpfloat_with_epsilon (
    atlas_map_area_get_view (area).zoom, round (target.zoom) - 8.0, 1.0);

  /* A hand that takes hold stops it where it is. */
  atlas_viewport_fit (fixture->viewport, 0x20000000, 0x2000ffff);
  atlas_map_area_follow (area);
  atlas_map_area_advance (area, 6000000);
  atlas_map_area_advance (area, 6100000);
  atlas_map_area_stop (area);
  g_assert_false (atlas_map_area_is_animating (area));
  atlas_map_area_set_animate (area, FALSE);
  atlas_viewport_whole (fixture->viewport);
  atlas_map_area_follow (area);
  g_assert_false (atlas_map_area_is_animating (area));
  g_assert_cmpfloat_with_epsilon (atlas_map_area_get_view (area).zoom, target.zoom, 1e-9);
  atlas_map_area_free (area);
}

static void
test_scale_bar_is_a_power_of_two (void)
{
  for (double bytes_per_px = 0.03; bytes_per_px < 1e15; bytes_per_px *= 1.37)
    {
      double length_px;
      guint64 size = atlas_scale_bar_get_size (bytes_per_px, 100, &length_px);

      g_assert_cmpuint (size & (size - 1), ==, 0);
      g_assert_cmpfloat (length_px, <=, 100.0);
      if (size > 1)
        g_assert_cmpfloat_with_epsilon (length_px, (double) size / bytes_per_px, 1e-6);
      if (bytes_per_px >= 0.05)
        g_assert_cmpfloat (length_px, >, 50.0 - 1e-6);
    }
}

/* The texts of the crumbs that can be seen, one a line. */
static char *
read_crumbs (GtkWidget *breadcrumb)
{
  GString *text = g_string_new (NULL);

  for (GtkWidget *child = gtk_widget_get_first_child (breadcrumb); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child) && gtk_widget_get_visible (child))
      g_string_append_printf (text, "%s\n", gtk_button_get_label (GTK_BUTTON (child)));
  return g_string_free (text, FALSE);
}

static void
test_breadcrumb_has_as_many_levels_as_the_tables (Fixture *fixture, gconstpointer data)
{
  static const char five[] = "system memory=256M levels=5\n"
                             "process $p demo.exe bare\n"
                             "alloc $a = 0x00123456789a0000 64K reserve|commit readwrite\n";
  GtkWidget *breadcrumb = gtk_widget_get_first_child (gtk_widget_get_parent (fixture->map));
  g_autofree char *crumbs_4 = NULL;
  g_autofree char *crumbs_5 = NULL;
  g_autofree char *crumbs_again = NULL;
  g_autoptr (GError) error = NULL;
  AtlasVa first_va, last_va;

  atlas_document_select (fixture->document, 0x20000000);
  crumbs_4 = read_crumbs (breadcrumb);
  g_assert_cmpstr (
    crumbs_4, ==, "128 TB\nPML4[0] · 512 GB\nPDPT[0] · 1 GB\nPD[256] · 2 MB\nPT[0] · 4 KB\n");

  g_assert_true (atlas_document_open_text (fixture->document, five, "five", &error));
  g_assert_no_error (error);
  atlas_document_select (fixture->document, 0x00123456789a0000);
  crumbs_5 = read_crumbs (breadcrumb);
  g_assert_cmpstr (crumbs_5,
                   ==,
                   "64 PB\nPML5[18] · 256 TB\nPML4[104] · 512 GB\nPDPT[345] · 1 GB\n"
                   "PD[452] · 2 MB\nPT[416] · 4 KB\n");
  atlas_viewport_set_animate (fixture->viewport, FALSE);
  /* On a collapsed axis no crumb tells the scale of all that is seen. */
  atlas_viewport_set_layout (fixture->viewport, ATLAS_LAYOUT_LINEAR);
  g_signal_emit_by_name (find_widget (breadcrumb, GTK_TYPE_BUTTON, "PML5"), "clicked");
  atlas_viewport_get_seen (fixture->viewport, &first_va, &last_va);
  g_assert_cmphex (first_va, <=, G_GUINT64_CONSTANT (0x0012000000000000));
  g_assert_cmphex (last_va, >=, G_GUINT64_CONSTANT (0x0012ffffffffffff));
  g_assert_true (
    gtk_widget_has_css_class (find_widget (breadcrumb, GTK_TYPE_BUTTON, "PML5"), "current"));
  /* Up one level is the whole. */
  atlas_viewport_level_out (fixture->viewport);
  g_assert_true (atlas_viewport_is_whole (fixture->viewport));
  for (guint i = 0; i < 6; i++)
    atlas_viewport_level_in (fixture->viewport);
  g_assert_cmpfloat (atlas_viewport_get_scale_bytes (fixture->viewport), <, 256);

  g_assert_true (atlas_document_open_text (fixture->document, SCENARIO, "test", &error));
  atlas_document_select (fixture->document, 0x20000000);
  crumbs_again = read_crumbs (breadcrumb);
  g_assert_cmpstr (crumbs_again, ==, crumbs_4);
}

#define TEST(name, function)                                                                       \
  g_test_add ("/map-view/" name, Fixture, NULL, set_up, function, tear_down)

/* Bookmarks are flags on map and minimap: a click selects, a second shows, the pointer reads. */
static void
test_bookmarks_are_flags (Fixture *fixture, gconstpointer data)
{
  AtlasMapFlags *flags = atlas_map_flags_new (fixture->viewport, fixture->bookmarks, fixture->map);
  g_autoptr (AtlasBookmark) bookmark = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *told = NULL;
  AtlasVa first_va, last_va;
  guint n_flags;
  GskRenderNode *bare = draw (fixture->minimap);
  GskRenderNode *flagged;
  g_autoptr (GBytes) bare_bytes = gsk_render_node_serialize (bare);
  g_autoptr (GBytes) flagged_bytes = NULL;

  g_assert_false (atlas_map_flags_click (flags, 10, 5, 1));
  g_assert_true (atlas_bookmarks_add (fixture->bookmarks, 0x20000000, 0x2000ffff, "mine", &error));
  g_assert_true (atlas_bookmarks_add (fixture->bookmarks, 0x20010000, 0x2001ffff, "next", &error));
  g_assert_no_error (error);
  g_assert_cmphex (atlas_map_flags_get (flags, &n_flags)->first_va, ==, 0x20000000);
  g_assert_cmpuint (n_flags, ==, 2);
  gtk_test_widget_wait_for_draw (fixture->minimap);
  gtk_test_widget_wait_for_draw (fixture->minimap);
  flagged = draw (fixture->minimap);
  flagged_bytes = gsk_render_node_serialize (flagged);
  g_assert_false (g_bytes_equal (bare_bytes, flagged_bytes));
  gsk_render_node_unref (bare);
  gsk_render_node_unref (flagged);

  atlas_flag_marks_begin (atlas_map_flags_get_marks (flags), 200);
  atlas_flag_marks_add (atlas_map_flags_get_marks (flags), 100, 2);
  atlas_flag_marks_add (atlas_map_flags_get_marks (flags), 104, 2);
  told = atlas_map_flags_tell (flags, 103, 5);
  g_assert_cmpstr (told, ==, "00000000`20000000  mine\n00000000`20010000  next");
  g_assert_null (atlas_map_flags_tell (flags, 103, 50));
  g_assert_true (atlas_map_flags_click (flags, 103, 5, 1));
  g_assert_cmphex (atlas_document_get_selected_va (fixture->document), ==, 0x20000000);
  atlas_viewport_set_animate (fixture->viewport, FALSE);
  g_assert_true (atlas_map_flags_click (flags, 103, 5, 2));
  atlas_viewport_get_seen (fixture->viewport, &first_va, &last_va);
  g_assert_cmphex (first_va, <=, 0x20000000);
  g_assert_cmphex (last_va, >=, 0x2001ffff);
  g_assert_cmpuint (last_va - first_va, <, ATLAS_GB (1));

  bookmark = g_list_model_get_item (G_LIST_MODEL (fixture->bookmarks), 0);
  g_assert_true (atlas_bookmarks_remove (fixture->bookmarks, bookmark, &error));
  g_assert_false (atlas_map_flags_click (flags, 103, 5, 1));
  atlas_map_flags_get (flags, &n_flags);
  g_assert_cmpuint (n_flags, ==, 1);
  atlas_map_flags_free (flags);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv);
  adw_init ();
  /* The whole program runs from right to left. */
  gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  TEST ("right-to-left", test_addresses_grow_to_the_right_in_every_language);
  TEST ("styles", test_every_layout_and_style_is_drawn);
  TEST ("large-text", test_large_text);
  TEST ("breadcrumb-levels", test_breadcrumb_has_as_many_levels_as_the_tables);
  TEST ("bookmarks", test_bookmarks_are_flags);
  TEST ("area", test_the_area_moves_as_the_strip_does);
  TEST ("place-popover", test_place_popover_has_room_for_its_text);
  TEST ("motion", test_motion_follows_the_desktop);
  g_test_add_func ("/map-view/scale-bar", test_scale_bar_is_a_power_of_two);
  return g_test_run ();
}
