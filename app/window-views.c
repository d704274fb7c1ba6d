/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "window-private.h"

#include <glib/gi18n.h>

#include "compare/compare-strip.h"
#include "compare/difference-view.h"
#include "compare/timeline.h"
#include "lessons/tour-bar.h"
#include "lists/console-view.h"
#include "lists/event-view.h"
#include "lists/frame-view.h"
#include "lists/mappings-view.h"
#include "lists/inspector.h"
#include "lists/region-view.h"
#include "lists/room-view.h"
#include "lists/section-view.h"
#include "lists/tlb-view.h"
#include "lists/vad-view.h"
#include "lists/working-set-view.h"
#include "map/map-header.h"
#include "map/map-view.h"
#include "map/minimap-view.h"
#include "paint/accessible-name.h"
#include "paint/fitting.h"
#include "paint/line.h"
#include "tables/bits-view.h"
#include "tables/lens-view.h"
#include "tables/stepper.h"

/* Below this height the page tables leave the list too little room, … */
#define LOW_WINDOW_PX 680
/* … and by how much each further picture above the list makes it lower. */
#define PICTURE_HEIGHT_PX 200

#define DIFFERENCES "differences"

typedef enum
{
  PLACE_PANEL, /* beside the pictures */
  PLACE_BELOW, /* under them */
} Place;

/* Every view of the window but the pictures. */
typedef struct
{
  const char *id; /* for win.show-page */
  const char *title;
  Place place;
  gboolean wants_room; /* it is a picture, or has much to list: the page tables make room for it */
  GtkWidget *(*create) (AtlasWindow *self);
  gboolean is_at_times; /* there only while there is something to show */
} View;

static GtkWidget *
make_walk (AtlasWindow *self)
{
  return atlas_stepper_new (self->document);
}

static GtkWidget *
make_entry (AtlasWindow *self)
{
  return atlas_bits_view_new (self->document);
}

static GtkWidget *
make_inspector (AtlasWindow *self)
{
  return atlas_inspector_new (self->viewport);
}

static GtkWidget *
make_events (AtlasWindow *self)
{
  return atlas_event_view_new (self->document);
}

static GtkWidget *
make_regions (AtlasWindow *self)
{
  return atlas_region_view_new (self->viewport);
}

static GtkWidget *
make_vads (AtlasWindow *self)
{
  return atlas_vad_view_new (self->viewport);
}

static GtkWidget *
make_tlb (AtlasWindow *self)
{
  return atlas_tlb_view_new (self->document);
}

static GtkWidget *
make_sections (AtlasWindow *self)
{
  return atlas_section_view_new (self->document);
}

static GtkWidget *
make_room (AtlasWindow *self)
{
  return atlas_room_view_new (self->viewport);
}

static GtkWidget *
make_frames (AtlasWindow *self)
{
  GtkWidget *frames = atlas_frame_view_new (self->document);

  atlas_frame_view_set_mappings (ATLAS_FRAME_VIEW (frames),
                                 atlas_mappings_view_new (self->document));
  return frames;
}

static GtkWidget *
make_working_set (AtlasWindow *self)
{
  return atlas_working_set_view_new (self->viewport);
}

static GtkWidget *
make_console (AtlasWindow *self)
{
  return atlas_console_view_new (self->document);
}

static GtkWidget *
make_differences (AtlasWindow *self)
{
  return atlas_difference_view_new (self->viewport, self->comparison);
}

static const View views[] = {
  { "walk", N_ ("Walk"), PLACE_PANEL, FALSE, make_walk },
  { "entry", N_ ("Entry"), PLACE_PANEL, FALSE, make_entry },
  { "region", N_ ("Region"), PLACE_PANEL, FALSE, make_inspector },
  { "events", N_ ("Events"), PLACE_PANEL, FALSE, make_events },
  { "regions", N_ ("Regions"), PLACE_BELOW, FALSE, make_regions },
  { "vads", N_ ("VAD tree"), PLACE_BELOW, TRUE, make_vads },
  { "frames", N_ ("Frames"), PLACE_BELOW, TRUE, make_frames },
  { "working-set", N_ ("Working set"), PLACE_BELOW, TRUE, make_working_set },
  { "tlb", N_ ("TLB"), PLACE_BELOW, TRUE, make_tlb },
  { "sections", N_ ("Sections"), PLACE_BELOW, TRUE, make_sections },
  { "room", N_ ("Room"), PLACE_BELOW, FALSE, make_room },
  { "console", N_ ("Console"), PLACE_BELOW, FALSE, make_console },
  { DIFFERENCES, N_ ("Differences"), PLACE_BELOW, TRUE, make_differences, TRUE },
};

static const View *
find_view (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (g_strcmp0 (views[i].id, id) == 0)
      return &views[i];
  return NULL;
}

/* A view below the pictures begins with a bar of its own, which goes beside the tabs: one line for
 * both. */
static GtkWidget *
take_bar (GtkWidget *view)
{
  GtkWidget *box = gtk_widget_get_first_child (view);
  GtkWidget *bar = box != NULL ? gtk_widget_get_first_child (box) : NULL;

  if (bar == NULL || !GTK_IS_BOX (box) || !gtk_widget_has_css_class (bar, "atlas-bar"))
    return g_object_ref_sink (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0));
  g_object_ref (bar);
  gtk_box_remove (GTK_BOX (box), bar);
  /* What can be cut short takes what is left beside the tabs, and does not ask for more; the
   * pointer over it shows all of it. */
  for (GtkWidget *child = gtk_widget_get_first_child (bar); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LABEL (child) && gtk_label_get_ellipsize (GTK_LABEL (child)) != PANGO_ELLIPSIZE_NONE)
      {
        gtk_label_set_max_width_chars (GTK_LABEL (child), 1);
        g_object_bind_property (child, "label", child, "tooltip-text", G_BINDING_SYNC_CREATE);
      }
  return bar;
}

static GtkStack *
get_stack (AtlasWindow *self, const View *view)
{
  return view->place == PLACE_PANEL ? self->panel_stack : self->below_stack;
}

static AdwBin *
get_page (AtlasWindow *self, const View *view)
{
  return ADW_BIN (gtk_stack_get_child_by_name (get_stack (self, view), view->id));
}

static void
make_view (AtlasWindow *self, const View *view)
{
  AdwBin *page = get_page (self, view);
  GtkWidget *widget;

  if (adw_bin_get_child (page) != NULL)
    return;
  widget = view->create (self);
  if (view->place == PLACE_BELOW)
    {
      GtkWidget *bar = take_bar (widget);

      gtk_stack_add_named (self->bar_stack, bar, view->id);
      g_object_unref (bar);
    }
  adw_bin_set_child (page, widget);
}

/* The one in front, and above it its bar. */
static void
make_visible (AtlasWindow *self, GtkStack *stack)
{
  const View *view = find_view (gtk_stack_get_visible_child_name (stack));

  make_view (self, view);
  if (view->place == PLACE_BELOW)
    gtk_stack_set_visible_child_name (self->bar_stack, view->id);
}

static gboolean
make_next_view (gpointer user_data)
{
  AtlasWindow *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      if (adw_bin_get_child (get_page (self, &views[i])) != NULL)
        continue;
      make_view (self, &views[i]);
      return G_SOURCE_CONTINUE;
    }
  self->views_id = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
make_first_views (gpointer user_data)
{
  AtlasWindow *self = user_data;

  self->has_painted = TRUE;
  make_visible (self, self->below_stack);
  make_visible (self, self->panel_stack);
  self->views_id = g_idle_add_full (G_PRIORITY_LOW, make_next_view, self, NULL);
  return G_SOURCE_REMOVE;
}

/* The pictures come first. Each view is an empty page until they are on the screen: then those in
 * front are made, the others when they are brought to the front or when the window has nothing
 * else to do. */
static void
painted_cb (AtlasWindow *self, GdkFrameClock *clock)
{
  g_signal_handlers_disconnect_by_func (clock, painted_cb, self);
  if (self->views_id == 0 && !self->has_painted)
    self->views_id = g_idle_add_full (G_PRIORITY_DEFAULT, make_first_views, self, NULL);
}

static void
realized_cb (AtlasWindow *self)
{
  g_signal_connect_object (gtk_widget_get_frame_clock (GTK_WIDGET (self)),
                           "after-paint",
                           G_CALLBACK (painted_cb),
                           self,
                           G_CONNECT_SWAPPED);
}

static void
below_changed_cb (AtlasWindow *self)
{
  const View *view = find_view (gtk_stack_get_visible_child_name (self->below_stack));

  if (view == NULL)
    return;
  if (self->has_painted)
    make_visible (self, self->below_stack);
  atlas_window_update_tables (self);
}

static void
panel_changed_cb (AtlasWindow *self)
{
  if (self->has_painted)
    make_visible (self, self->panel_stack);
}

static void
append_view (GMenu *menu, const View *view)
{
  g_autofree char *action = g_strdup_printf ("win.show-page::%s", view->id);

  g_menu_append (menu, _ (view->title), action);
}

static void
open_choice_cb (GtkMenuButton *choice, gpointer user_data)
{
  GtkStack *stack = user_data;
  g_autoptr (GMenu) menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      GtkWidget *page = gtk_stack_get_child_by_name (stack, views[i].id);

      if (page != NULL && gtk_stack_page_get_visible (gtk_stack_get_page (stack, page)))
        append_view (menu, &views[i]);
    }
  gtk_menu_button_set_menu_model (choice, G_MENU_MODEL (menu));
}

static void
show_choice (GtkMenuButton *choice, GParamSpec *pspec, GtkStack *stack)
{
  const View *view = find_view (gtk_stack_get_visible_child_name (stack));

  if (view != NULL)
    gtk_menu_button_set_label (choice, _ (view->title));
}

/* Tabs, or where those have no room a menu to choose from. */
static GtkWidget *
make_switcher (GtkStack *stack)
{
  GtkWidget *switcher = atlas_fitting_new (FALSE);
  GtkWidget *tabs = gtk_stack_switcher_new ();
  GtkWidget *choice = gtk_menu_button_new ();

  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (tabs), stack);
  gtk_widget_set_valign (tabs, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (choice, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (choice, "atlas-small");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("View"), -1);
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (choice), open_choice_cb, stack, NULL);
  g_signal_connect_object (
    stack, "notify::visible-child", G_CALLBACK (show_choice), choice, G_CONNECT_SWAPPED);
  show_choice (GTK_MENU_BUTTON (choice), NULL, stack);
  atlas_fitting_append (ATLAS_FITTING (switcher), tabs);
  atlas_fitting_append (ATLAS_FITTING (switcher), choice);
  return switcher;
}

/* With large text not all of the line is to be seen at once. */
static GtkWidget *
make_sliding (GtkWidget *line)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), line);
  return scroller;
}

static GtkWidget *
make_below (AtlasWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *line = atlas_line_new (0);
  GtkWidget *stack = gtk_stack_new ();
  GtkWidget *bars = gtk_stack_new ();

  self->below_stack = GTK_STACK (stack);
  self->bar_stack = GTK_STACK (bars);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (views[i].place == PLACE_BELOW)
      {
        GtkStackPage *page =
          gtk_stack_add_titled (self->below_stack, adw_bin_new (), views[i].id, _ (views[i].title));

        gtk_stack_page_set_visible (page, !views[i].is_at_times);
      }
  gtk_widget_add_css_class (line, "views-line");
  /* Tabs or a list: the widest bar decides for all of them, so that none of them jumps. */
  atlas_line_append (
    ATLAS_LINE (line), make_switcher (self->below_stack), 0, ATLAS_LINE_CHILD_WHOLE);
  atlas_line_append (ATLAS_LINE (line), bars, 1, ATLAS_LINE_CHILD_REST);
  /* A view that is not seen takes no room. */
  gtk_stack_set_vhomogeneous (self->below_stack, FALSE);
  gtk_widget_set_vexpand (stack, TRUE);
  gtk_box_append (GTK_BOX (box), make_sliding (line));
  gtk_box_append (GTK_BOX (box), stack);
  g_signal_connect_object (
    stack, "notify::visible-child", G_CALLBACK (below_changed_cb), self, G_CONNECT_SWAPPED);
  return box;
}

static GtkWidget *
make_tables (AtlasWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (_ ("Page tables"));
  GtkWidget *heat = gtk_toggle_button_new_with_mnemonic (_ ("_Last Use"));
  GtkWidget *lens = atlas_lens_view_new (self->viewport);
  g_autoptr (GPropertyAction) action = g_property_action_new ("show-heat", lens, "show-heat");

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
  gtk_widget_add_css_class (title, "heading");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (heat), "win.show-heat");
  gtk_widget_set_tooltip_text (heat,
                               _ ("Colour the entries by when anything below them was last used"));
  gtk_widget_add_css_class (heat, "flat");
  gtk_widget_add_css_class (heat, "atlas-small");
  atlas_name_after_label (heat);
  gtk_box_append (GTK_BOX (line), title);
  gtk_box_append (GTK_BOX (line), heat);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), lens);
  self->tables = box;
  self->wants_tables = TRUE;
  return box;
}

/* A box, not a pane: the pictures get the height that their width deserves, the list the rest. */
GtkWidget *
atlas_window_make_views (AtlasWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *pictures = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *below;

  gtk_widget_add_css_class (pictures, "pictures");
  self->map_view = atlas_map_view_new (self->viewport, self->bookmarks, self->navigation);
  gtk_box_append (GTK_BOX (pictures), atlas_map_header_new (self->viewport));
  gtk_box_append (GTK_BOX (pictures), self->map_view);
  self->compare_strip = atlas_compare_strip_new (self->viewport, self->comparison);
  gtk_box_append (GTK_BOX (pictures), self->compare_strip);
  gtk_box_append (GTK_BOX (pictures),
                  atlas_minimap_view_new (self->viewport, self->bookmarks, self->navigation));
  gtk_box_append (GTK_BOX (pictures), make_tables (self));
  self->pictures = GTK_BOX (pictures);

  below = make_below (self);
  gtk_widget_set_vexpand (below, TRUE);
  gtk_box_append (GTK_BOX (box), pictures);
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (box), below);
  return box;
}

GtkWidget *
atlas_window_get_timeline (AtlasWindow *self)
{
  if (self->timeline == NULL)
    {
      self->timeline = atlas_timeline_new (self->viewport);
      gtk_box_insert_child_after (self->pictures, self->timeline, self->compare_strip);
    }
  return self->timeline;
}

GtkWidget *
atlas_window_get_tour_bar (AtlasWindow *self)
{
  if (self->tour_bar == NULL)
    {
      self->tour_bar = atlas_tour_bar_new (self->viewport);
      gtk_box_append (self->pictures, self->tour_bar);
    }
  return self->tour_bar;
}

/* A list that is brought before them while they are there is kept when they go. */
void
atlas_window_update_differences (AtlasWindow *self)
{
  const View *seen = find_view (gtk_stack_get_visible_child_name (self->below_stack));
  GtkWidget *child = gtk_stack_get_child_by_name (self->below_stack, DIFFERENCES);
  GtkStackPage *page = gtk_stack_get_page (self->below_stack, child);
  gboolean is_compared = atlas_comparison_is_active (self->comparison);

  if (is_compared == gtk_stack_page_get_visible (page))
    return;
  gtk_stack_page_set_visible (page, is_compared);
  if (is_compared)
    {
      self->list_before = seen->id;
      gtk_stack_set_visible_child (self->below_stack, child);
    }
  else if (seen->is_at_times)
    {
      gtk_stack_set_visible_child_name (self->below_stack, self->list_before);
    }
}

GtkWidget *
atlas_window_make_panel (AtlasWindow *self)
{
  GtkWidget *panel = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *stack = gtk_stack_new ();
  GtkWidget *switcher;

  self->panel_stack = GTK_STACK (stack);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    if (views[i].place == PLACE_PANEL)
      gtk_stack_add_titled (self->panel_stack, adw_bin_new (), views[i].id, _ (views[i].title));
  gtk_stack_set_vhomogeneous (GTK_STACK (stack), TRUE);
  gtk_widget_set_vexpand (stack, TRUE);
  g_signal_connect_object (
    stack, "notify::visible-child", G_CALLBACK (panel_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "realize", G_CALLBACK (realized_cb), NULL);

  switcher = make_switcher (self->panel_stack);
  gtk_widget_add_css_class (panel, "panel");
  gtk_widget_set_hexpand (switcher, TRUE);
  gtk_box_append (GTK_BOX (panel), switcher);
  gtk_box_append (GTK_BOX (panel), stack);
  self->panel = panel;
  return panel;
}

GtkWidget *
atlas_window_get_view (AtlasWindow *self, const char *id)
{
  const View *view = find_view (id);

  g_return_val_if_fail (view != NULL, NULL);

  make_view (self, view);
  return adw_bin_get_child (get_page (self, view));
}

void
atlas_window_show_view (AtlasWindow *self, const char *id)
{
  const View *view = find_view (id);

  g_return_if_fail (view != NULL);

  if (view->place == PLACE_PANEL)
    {
      atlas_window_show_panel (self, TRUE);
      gtk_stack_set_visible_child_name (self->panel_stack, id);
    }
  else if (gtk_stack_page_get_visible (
             gtk_stack_get_page (self->below_stack, GTK_WIDGET (get_page (self, view)))))
    {
      /* Where it stands over the pictures it would stand over this too. */
      if (adw_flap_get_folded (self->flap))
        atlas_window_show_panel (self, FALSE);
      gtk_stack_set_visible_child_name (self->below_stack, id);
      gtk_widget_child_focus (gtk_stack_get_visible_child (self->below_stack), GTK_DIR_TAB_FORWARD);
    }
}

/* Whether something else is to be seen in their place. */
static gboolean
are_tables_in_the_way (AtlasWindow *self)
{
  const View *view = find_view (gtk_stack_get_visible_child_name (self->below_stack));
  int n_others = 0;

  if (view != NULL && view->wants_room)
    return TRUE;
  if (self->timeline != NULL && gtk_widget_get_visible (self->timeline))
    n_others++;
  if (atlas_comparison_is_active (self->comparison))
    n_others++;
  return n_others > 0 &&
         gtk_widget_get_height (GTK_WIDGET (self)) < LOW_WINDOW_PX + n_others * PICTURE_HEIGHT_PX;
}

static void
show_tables (AtlasWindow *self, gboolean is_shown)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "show-tables");

  gtk_widget_set_visible (self->tables, is_shown);
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (is_shown));
}

void
atlas_window_update_tables (AtlasWindow *self)
{
  show_tables (self, self->wants_tables && !are_tables_in_the_way (self));
}

void
atlas_window_set_tables_shown (AtlasWindow *self, gboolean is_shown)
{
  if (!are_tables_in_the_way (self))
    self->wants_tables = is_shown;
  show_tables (self, is_shown);
}

GMenu *
atlas_window_make_view_menu (void)
{
  GMenu *menu = g_menu_new ();

  for (guint place = PLACE_PANEL; place <= PLACE_BELOW; place++)
    {
      g_autoptr (GMenu) section = g_menu_new ();

      for (guint i = 0; i < G_N_ELEMENTS (views); i++)
        if (views[i].place == (Place) place && !views[i].is_at_times)
          append_view (section, &views[i]);
      g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
    }
  return menu;
}
