/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "lists/list-follow.h"
#include "lists/region-actions.h"
#include "lists/region-list-model.h"
#include "lists/region-table.h"
#include "lists/region-totals.h"
#include "lists/table.h"
#include "paint/accessible-name.h"
#include "paint/empty-label.h"
#include "paint/fitting.h"

struct _AtlasRegionView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *filter;
  GtkWidget *totals;
  GtkWidget *types;
  GtkWidget *facts;
  GtkWidget *table;
  GtkWidget *nothing;
  GtkWidget *menu;
  GtkWidget *kernel_toggle;

  /* owned */
  AtlasDocument *document;
  AtlasViewport *viewport;
  AtlasRegionListModel *model;
  GtkSelectionModel *selection;

  /* state */
  gboolean is_following; /* the document's selection is being shown, not made */
  gboolean is_selecting; /* it is being made here */
};

G_DEFINE_FINAL_TYPE (AtlasRegionView, atlas_region_view, GTK_TYPE_WIDGET)

#define FILTER_CHARS_MIN 8
#define FILTER_CHARS 20

static void
on_sort_changed (AtlasRegionView *self)
{
  gboolean is_descending;
  guint key = atlas_table_get_sort (self->table, ATLAS_REGION_KEY_ADDRESS, &is_descending);

  atlas_region_list_model_set_sort (self->model, (AtlasRegionKey) key, is_descending);
}

static char *
format_totals (AtlasRegionView *self)
{
  AtlasRegionTotals totals;
  g_autofree char *committed = NULL;
  g_autofree char *reserved = NULL;
  g_autofree char *free_text = NULL;
  g_autofree char *largest = NULL;

  atlas_region_list_model_get_totals (self->model, &totals);
  committed = atlas_format_size (totals.committed_bytes);
  reserved = atlas_format_size (totals.reserved_bytes);
  free_text = atlas_format_size (totals.free_bytes);
  largest = atlas_format_size (totals.largest_free_bytes);
  if (totals.is_partial)
    {
      g_autofree char *n_regions = atlas_format_count (totals.n_regions);

      /* Translators: a number of regions and a size, such as "134,217,731" and "512 GB". */
      return g_strdup_printf (
        _ ("%s regions, %s committed; listed are those about the selection"), n_regions, committed);
    }
  /* Translators: totals of an address space; each %s is a size such as "81.7 MB". */
  return g_strdup_printf (_ ("%s committed · %s reserved · %s free, largest %s"),
                          committed,
                          reserved,
                          free_text,
                          largest);
}

static void
update_totals (AtlasRegionView *self)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (self->selection);
  guint64 n_selected = gtk_bitset_get_size (selected);
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->model));
  g_autofree char *text = NULL;

  if (n_selected > 1)
    {
      GtkBitsetIter iter;
      guint position;
      guint64 sum_bytes = 0;
      g_autofree char *sum = NULL;

      for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
           more = gtk_bitset_iter_next (&iter, &position))
        sum_bytes += atlas_region_list_model_get_region (self->model, position)->size_bytes;
      sum = atlas_format_size (sum_bytes);
      /* Translators: %u regions are selected in the list, %s is their size together. */
      text = g_strdup_printf (
        ngettext ("%u region selected · %s", "%u regions selected · %s", (gulong) n_selected),
        (guint) n_selected,
        sum);
    }
  else
    {
      text = format_totals (self);
    }
  gtk_label_set_text (GTK_LABEL (self->totals), text);
  gtk_label_set_text (GTK_LABEL (self->nothing),
                      atlas_document_explain_nothing (self->document, _ ("No region matches")));
  gtk_widget_set_visible (self->nothing, n_rows == 0);
}

static guint
find_selected (gpointer owner)
{
  AtlasRegionView *self = owner;
  guint position;

  if (atlas_document_has_selection (self->document) &&
      atlas_region_list_model_find (
        self->model, atlas_document_get_selected_va (self->document), &position))
    return position;
  return GTK_INVALID_LIST_POSITION;
}

static void
follow_selection (AtlasRegionView *self)
{
  guint position;

  self->is_following = TRUE;
  if (atlas_document_has_selection (self->document))
    atlas_region_list_model_set_around (self->model,
                                        atlas_document_get_selected_va (self->document));
  position = find_selected (self);
  if (position == GTK_INVALID_LIST_POSITION)
    gtk_selection_model_unselect_all (self->selection);
  else if (!gtk_selection_model_is_selected (self->selection, position))
    gtk_selection_model_select_item (self->selection, position, TRUE);
  self->is_following = FALSE;

  atlas_region_actions_update (GTK_WIDGET (self));
  update_totals (self);
}

/* Other rows are shown: the selected one is looked for among them. */
static void
show_selection (AtlasRegionView *self)
{
  follow_selection (self);
  atlas_list_reveal (self->table);
}

static void
on_document_changed (AtlasRegionView *self)
{
  atlas_region_list_model_set_regions (self->model, atlas_document_get_regions (self->document));
  follow_selection (self);
}

/* Page tables tell of the kernel half: then it is what one wants to see. */
static void
on_document_opened (AtlasRegionView *self)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->kernel_toggle),
                                regions != NULL && atlas_region_set_knows_kernel_half (regions));
}

/* Somebody wants to see it, the same one once more included; the row of who chooses a row is in
 * sight. */
static void
on_selected (AtlasRegionView *self)
{
  if (!self->is_selecting)
    atlas_list_reveal (self->table);
}

static void
on_filter_changed (AtlasRegionView *self)
{
  atlas_region_list_model_set_text (self->model,
                                    gtk_editable_get_text (GTK_EDITABLE (self->filter)));
  show_selection (self);
}

static void
on_show_free_toggled (AtlasRegionView *self, GtkToggleButton *button)
{
  atlas_region_list_model_set_show_free (self->model, gtk_toggle_button_get_active (button));
  show_selection (self);
}

static void
on_group_toggled (AtlasRegionView *self, GtkToggleButton *button)
{
  atlas_region_list_model_set_grouped (self->model, gtk_toggle_button_get_active (button));
  show_selection (self);
}

static void
on_show_kernel_toggled (AtlasRegionView *self, GtkToggleButton *button)
{
  atlas_region_list_model_set_show_kernel (self->model, gtk_toggle_button_get_active (button));
  show_selection (self);
}

static void
on_selection_changed (AtlasRegionView *self)
{
  g_autoptr (GtkBitset) selected = NULL;

  if (self->is_following)
    return;

  selected = gtk_selection_model_get_selection (self->selection);
  if (gtk_bitset_get_size (selected) == 1)
    {
      const AtlasRegion *region =
        atlas_region_list_model_get_region (self->model, gtk_bitset_get_minimum (selected));

      if (!atlas_document_has_selection (self->document) ||
          !atlas_region_contains (region, atlas_document_get_selected_va (self->document)))
        {
          self->is_selecting = TRUE;
          atlas_document_select (self->document, region->base_va);
          self->is_selecting = FALSE;
        }
    }
  update_totals (self);
}

static void
on_row_activated (AtlasRegionView *self, guint position)
{
  const AtlasRegion *region;

  if (atlas_region_list_model_toggle_group (self->model, position))
    {
      follow_selection (self);
      return;
    }
  region = atlas_region_list_model_get_region (self->model, position);
  atlas_viewport_fit (self->viewport, region->base_va, atlas_region_get_last_va (region));
}

static void
popup_menu (AtlasRegionView *self, double x_px, double y_px)
{
  if (self->menu == NULL)
    {
      g_autoptr (GMenuModel) menu = atlas_region_actions_make_menu ();

      self->menu = gtk_popover_menu_new_from_model (menu);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle){ (int) x_px, (int) y_px, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_secondary_pressed (AtlasRegionView *self, int n_press, double x_px, double y_px)
{
  GtkListItem *list_item = atlas_table_pick (self->table, x_px, y_px);
  double menu_x_px;
  double menu_y_px;

  if (list_item == NULL)
    return;

  if (!gtk_list_item_get_selected (list_item))
    gtk_selection_model_select_item (self->selection, gtk_list_item_get_position (list_item), TRUE);
  gtk_widget_translate_coordinates (
    self->table, GTK_WIDGET (self), x_px, y_px, &menu_x_px, &menu_y_px);
  popup_menu (self, menu_x_px, menu_y_px);
}

static gboolean
popup_menu_by_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  graphene_rect_t bounds;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, self->table) ||
      !gtk_widget_compute_bounds (focus, widget, &bounds))
    return FALSE;

  popup_menu (self, (double) bounds.origin.x + 24, (double) bounds.origin.y + bounds.size.height);
  return TRUE;
}

static void
atlas_region_view_dispose (GObject *object)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->viewport);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_region_view_parent_class)->dispose (object);
}

static void
atlas_region_view_class_init (AtlasRegionViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_region_view_dispose;

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlasregions");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);

  atlas_region_actions_install (widget_class);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Menu, 0, popup_menu_by_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_F10, GDK_SHIFT_MASK, popup_menu_by_key, NULL);
}

static GtkWidget *
make_toggle (AtlasRegionView *self, const char *label, const char *tooltip, GCallback toggled)
{
  GtkWidget *toggle = gtk_toggle_button_new_with_mnemonic (label);

  atlas_name_after_label (toggle);
  gtk_widget_set_tooltip_text (toggle, tooltip);
  gtk_widget_add_css_class (toggle, "flat");
  gtk_widget_add_css_class (toggle, "atlas-small");
  g_signal_connect_swapped (toggle, "toggled", toggled, self);
  return toggle;
}

/* "process ID → 4242": what a file tells beside its regions. (transfer full) (nullable) */
static char *
format_facts (AtlasRegionView *self)
{
  AtlasSpace *space = atlas_document_get_space (self->document);
  guint n_facts = space != NULL ? atlas_space_get_n_facts (space) : 0;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_facts; i++)
    {
      const AtlasSpaceFact *fact = atlas_space_get_fact (space, i);

      g_string_append_printf (text, "%s%s\t%s", i > 0 ? "\n" : "", _ (fact->key), fact->value);
    }
  return g_string_free (text, n_facts == 0);
}

/* Adds up when it is asked, not at every change. */
static void
types_shown_cb (AtlasRegionView *self)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);
  AtlasTypeTotals totals;
  g_autofree char *text = NULL;
  g_autofree char *facts = format_facts (self);

  gtk_label_set_text (GTK_LABEL (self->facts), facts != NULL ? facts : "");
  gtk_widget_set_visible (self->facts, facts != NULL);

  if (regions == NULL || !atlas_region_set_is_listed (regions))
    {
      gtk_label_set_text (GTK_LABEL (self->types), _ ("Too many regions to add up"));
      return;
    }
  atlas_type_totals_make (regions, &totals);
  text = atlas_type_totals_format (&totals);
  gtk_label_set_text (GTK_LABEL (self->types), text);
}

static GtkWidget *
make_facts (void)
{
  GtkWidget *label = gtk_label_new (NULL);
  PangoTabArray *tabs = pango_tab_array_new_with_positions (1, TRUE, PANGO_TAB_LEFT, 140);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_tabs (GTK_LABEL (label), tabs);
  pango_tab_array_free (tabs);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 70);
  gtk_widget_add_css_class (label, "numeric");
  return label;
}

static GtkWidget *
make_types_button (AtlasRegionView *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  PangoTabArray *tabs = pango_tab_array_new_with_positions (
    3, TRUE, PANGO_TAB_LEFT, 70, PANGO_TAB_LEFT, 140, PANGO_TAB_LEFT, 290);

  self->types = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->types), 0);
  gtk_label_set_tabs (GTK_LABEL (self->types), tabs);
  pango_tab_array_free (tabs);
  gtk_widget_add_css_class (self->types, "numeric");
  gtk_widget_add_css_class (box, "atlas-dialog");
  self->facts = make_facts ();
  gtk_box_append (GTK_BOX (box), self->types);
  gtk_box_append (GTK_BOX (box), self->facts);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (types_shown_cb), self);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-list-symbolic");
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "atlas-small");
  gtk_widget_set_tooltip_text (button, _ ("Totals by type, and fragmentation"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Totals by type, and fragmentation"),
                                  -1);
  return button;
}

static GtkWidget *
make_bar (AtlasRegionView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *sum, *rest;

  gtk_widget_add_css_class (bar, "atlas-bar");
  self->filter = gtk_search_entry_new ();
  g_object_set (self->filter, "placeholder-text", _ ("Filter regions"), NULL);
  gtk_widget_add_css_class (self->filter, "atlas-small");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->filter), FILTER_CHARS_MIN);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->filter), FILTER_CHARS);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->filter),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Filter regions by name, state, type, protection or address"),
                                  -1);
  g_signal_connect_swapped (self->filter, "search-changed", G_CALLBACK (on_filter_changed), self);
  gtk_box_append (GTK_BOX (bar), self->filter);

  gtk_box_append (GTK_BOX (bar),
                  make_toggle (self,
                               _ ("F_ree"),
                               _ ("Show free and unusable addresses"),
                               G_CALLBACK (on_show_free_toggled)));
  gtk_box_append (GTK_BOX (bar),
                  make_toggle (self,
                               _ ("_Group"),
                               _ ("One row an allocation; Enter opens and closes it"),
                               G_CALLBACK (on_group_toggled)));
  self->kernel_toggle = make_toggle (self,
                                     _ ("_Kernel"),
                                     _ ("Show the kernel half and the non-canonical hole"),
                                     G_CALLBACK (on_show_kernel_toggled));
  gtk_box_append (GTK_BOX (bar), self->kernel_toggle);

  self->totals = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->totals, "dim-label");
  gtk_widget_add_css_class (self->totals, "numeric");
  gtk_widget_add_css_class (self->totals, "caption");
  gtk_label_set_xalign (GTK_LABEL (self->totals), 1.0f);
  /* Half a sum would be a wrong one: where it has no room it goes. The window around it asks for
   * none, so that it gets what is left and no more. */
  sum = atlas_fitting_new (TRUE);
  atlas_fitting_append (ATLAS_FITTING (sum), self->totals);
  rest = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (rest), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (rest), sum);
  gtk_widget_set_hexpand (rest, TRUE);
  gtk_box_append (GTK_BOX (bar), rest);
  gtk_box_append (GTK_BOX (bar), make_types_button (self));
  return bar;
}

static GtkWidget *
make_list (AtlasRegionView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *overlay = gtk_overlay_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  GtkSorter *sorter;

  self->table = atlas_region_table_new (self->document);
  atlas_list_follow (self->table, self->selection, find_selected, self);
  sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->table));
  g_signal_connect_object (
    sorter, "changed", G_CALLBACK (on_sort_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->table, "activate", G_CALLBACK (on_row_activated), self);

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_secondary_pressed), self);
  gtk_widget_add_controller (self->table, GTK_EVENT_CONTROLLER (click));

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->table);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 60);
  gtk_widget_set_vexpand (scroller, TRUE);

  self->nothing = atlas_empty_label_new (NULL);
  gtk_widget_set_can_target (self->nothing, FALSE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->nothing);
  return overlay;
}

static void
atlas_region_view_init (AtlasRegionView *self)
{
  self->model = atlas_region_list_model_new ();
  self->selection =
    GTK_SELECTION_MODEL (gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (self->model))));
  g_signal_connect_object (self->selection,
                           "selection-changed",
                           G_CALLBACK (on_selection_changed),
                           self,
                           G_CONNECT_SWAPPED);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
atlas_region_view_new (AtlasViewport *viewport)
{
  AtlasRegionView *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_REGION_VIEW, NULL);
  self->viewport = g_object_ref (viewport);
  self->document = g_object_ref (atlas_viewport_get_document (viewport));
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_box_append (GTK_BOX (self->box), make_list (self));
  g_signal_connect_object (
    self->document, "opened", G_CALLBACK (on_document_opened), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    self->document, "changed", G_CALLBACK (on_document_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    self->document, "notify::selected-va", G_CALLBACK (follow_selection), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    self->document, "selected", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  atlas_region_actions_bind (GTK_WIDGET (self), viewport, self->selection);
  on_document_opened (self);
  on_document_changed (self);
  return GTK_WIDGET (self);
}

void
atlas_region_view_focus_filter (AtlasRegionView *self)
{
  g_return_if_fail (ATLAS_IS_REGION_VIEW (self));

  gtk_widget_grab_focus (self->filter);
}

GListModel *
atlas_region_view_get_model (AtlasRegionView *self)
{
  g_return_val_if_fail (ATLAS_IS_REGION_VIEW (self), NULL);

  return G_LIST_MODEL (self->model);
}

GtkSelectionModel *
atlas_region_view_get_selection (AtlasRegionView *self)
{
  g_return_val_if_fail (ATLAS_IS_REGION_VIEW (self), NULL);

  return self->selection;
}
