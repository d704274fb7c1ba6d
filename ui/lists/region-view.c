/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "base/format.h"
#include "base/translation.h"
#include "lists/column-width.h"
#include "lists/region-list-model.h"
#include "lists/region-operation.h"
#include "lists/region-totals.h"
#include "paint/swatch.h"
#include "paint/accessible-name.h"

struct _AtlasRegionView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *filter;
  GtkWidget *totals;
  GtkWidget *types;
  GtkWidget *column_view;
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
  gboolean has_rows;     /* they were laid out */
  guint scroll_tick_id;  /* 0: the selected row need not be brought into view */
  gint probed_key;
};

G_DEFINE_FINAL_TYPE (AtlasRegionView, atlas_region_view, GTK_TYPE_WIDGET)

#define FILTER_CHARS_MIN 8
#define FILTER_CHARS 20

/* On the child of every cell: the GtkListItem that it shows. */
#define LIST_ITEM_KEY "atlas-list-item"

typedef struct
{
  const char *title;
  AtlasRegionKey key;
  gint width_px; /* -1: what is left */
  gboolean is_dim;
} ColumnKind;

static const ColumnKind columns[] = {
  { N_ ("Address"), ATLAS_REGION_KEY_ADDRESS, 182, FALSE },
  { N_ ("Size"), ATLAS_REGION_KEY_SIZE, 86, FALSE },
  { N_ ("State"), ATLAS_REGION_KEY_STATE, 88, FALSE },
  { N_ ("Protection"), ATLAS_REGION_KEY_PROTECTION, 100, FALSE },
  { N_ ("Type"), ATLAS_REGION_KEY_TYPE, 84, FALSE },
  { N_ ("Name"), ATLAS_REGION_KEY_NAME, 190, FALSE },
  { N_ ("Why"), ATLAS_REGION_KEY_REASON, -1, TRUE },
};

_Static_assert(G_N_ELEMENTS (columns) == ATLAS_N_REGION_KEYS, "every key has a column");

static char *
format_cell (const AtlasRegion *region, AtlasRegionKey key)
{
  switch (key)
    {
    case ATLAS_REGION_KEY_ADDRESS:
      return atlas_format_va (region->base_va);
    case ATLAS_REGION_KEY_SIZE:
      return atlas_format_size (region->size_bytes);
    case ATLAS_REGION_KEY_STATE:
      return atlas_region_format_state (region);
    case ATLAS_REGION_KEY_PROTECTION:
      return atlas_protect_format_short (region->protect);
    case ATLAS_REGION_KEY_TYPE:
      return atlas_region_format_type (region);
    case ATLAS_REGION_KEY_NAME:
      return atlas_translate_kept (region->name);
    case ATLAS_REGION_KEY_REASON:
      return atlas_translate_kept (region->reason);
    case ATLAS_N_REGION_KEYS:
      break;
    }
  g_assert_not_reached ();
}

static void
setup_cell (GtkSignalListItemFactory *factory, GtkListItem *list_item, const ColumnKind *column)
{
  GtkWidget *text = gtk_label_new (NULL);
  GtkWidget *child = text;

  /* Rows of one height are what keeps a long list from jumping. */
  gtk_label_set_single_line_mode (GTK_LABEL (text), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (text), 0.0f);
  gtk_widget_set_hexpand (text, TRUE);
  if (column->is_dim)
    gtk_widget_add_css_class (text, "dim-label");

  if (column->key == ATLAS_REGION_KEY_ADDRESS)
    {
      gtk_widget_add_css_class (text, "atlas-address");
      child = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
      gtk_box_append (GTK_BOX (child), atlas_swatch_new ());
      gtk_box_append (GTK_BOX (child), text);
    }
  g_object_set_data (G_OBJECT (child), LIST_ITEM_KEY, list_item);
  gtk_list_item_set_child (list_item, child);
}

static void
bind_cell (GtkSignalListItemFactory *factory, GtkListItem *list_item, const ColumnKind *column)
{
  const AtlasRegion *region = atlas_region_item_get_region (gtk_list_item_get_item (list_item));
  GtkWidget *child = gtk_list_item_get_child (list_item);
  GtkWidget *text = child;
  guint n_parts;
  guint64 group_bytes;
  AtlasRegionGroup group =
    atlas_region_item_get_group (gtk_list_item_get_item (list_item), &n_parts, &group_bytes);
  g_autofree char *cell = format_cell (region, column->key);

  if (group == ATLAS_REGION_CLOSED && column->key == ATLAS_REGION_KEY_SIZE)
    {
      g_free (cell);
      cell = atlas_format_size (group_bytes);
    }
  else if (group == ATLAS_REGION_CLOSED &&
           (column->key == ATLAS_REGION_KEY_STATE || column->key == ATLAS_REGION_KEY_PROTECTION))
    {
      /* Translators: an allocation of so many regions. */
      g_free (cell);
      cell = column->key == ATLAS_REGION_KEY_STATE
               ? g_strdup_printf (ngettext ("%u part", "%u parts", n_parts), n_parts)
               : g_strdup ("");
    }

  if (column->key == ATLAS_REGION_KEY_ADDRESS)
    {
      atlas_swatch_set (
        ATLAS_SWATCH (gtk_widget_get_first_child (child)), region->region_class, region->state);
      text = gtk_widget_get_last_child (child);
      if (group != ATLAS_REGION_ALONE)
        {
          g_autofree char *plain = g_steal_pointer (&cell);

          cell = g_strconcat (group == ATLAS_REGION_PART     ? "    "
                              : group == ATLAS_REGION_OPENED ? "▾ "
                                                             : "▸ ",
                              plain,
                              NULL);
        }
    }
  else if (column->key == ATLAS_REGION_KEY_PROTECTION)
    {
      if (atlas_region_is_writable_executable (region))
        gtk_widget_add_css_class (text, "warning");
      else
        gtk_widget_remove_css_class (text, "warning");
    }
  else if (column->key == ATLAS_REGION_KEY_REASON || column->key == ATLAS_REGION_KEY_NAME)
    {
      gtk_widget_set_tooltip_text (text, cell);
    }
  gtk_label_set_text (GTK_LABEL (text), cell != NULL ? cell : "");
}

/* GTK 4.8 does not tell by which column a view is sorted. The view's sorter asks the columns'
 * sorters in order, so the first one that is asked says which it is, and the sign of the answer
 * tells the direction. */
typedef struct
{
  AtlasRegionView *view; /* borrowed: the sorter lives inside it */
  AtlasRegionKey key;
} SortProbe;

static int
probe_sort (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const SortProbe *probe = user_data;

  probe->view->probed_key = (gint) probe->key;
  return GTK_ORDERING_SMALLER;
}

static void
on_sort_changed (AtlasRegionView *self)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->column_view));
  g_autoptr (GObject) first = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GObject) second = g_object_new (G_TYPE_OBJECT, NULL);
  GtkOrdering ordering;

  self->probed_key = ATLAS_REGION_KEY_ADDRESS;
  ordering = gtk_sorter_compare (sorter, first, second);
  atlas_region_list_model_set_sort (
    self->model, (AtlasRegionKey) self->probed_key, ordering == GTK_ORDERING_LARGER);
}

static void
append_column (AtlasRegionView *self, const ColumnKind *column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) view_column = NULL;
  g_autoptr (GtkSorter) sorter = NULL;
  SortProbe *probe = g_new (SortProbe, 1);

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cell), (gpointer) column);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cell), (gpointer) column);

  *probe = (SortProbe){ self, column->key };
  sorter = GTK_SORTER (gtk_custom_sorter_new (probe_sort, probe, g_free));
  view_column = gtk_column_view_column_new (_ (column->title), factory);
  gtk_column_view_column_set_sorter (view_column, sorter);
  gtk_column_view_column_set_resizable (view_column, TRUE);
  if (column->width_px > 0)
    atlas_column_set_width (view_column, self->column_view, column->width_px);
  else
    gtk_column_view_column_set_expand (view_column, TRUE);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->column_view), view_column);
}

static void
update_actions (AtlasRegionView *self)
{
  static const struct
  {
    const char *action;
    AtlasRegionOperation operation;
  } operations[] = {
    { "region.allocate", ATLAS_OPERATION_ALLOCATE }, { "region.commit", ATLAS_OPERATION_COMMIT },
    { "region.decommit", ATLAS_OPERATION_DECOMMIT }, { "region.release", ATLAS_OPERATION_RELEASE },
    { "region.protect", ATLAS_OPERATION_PROTECT },
  };
  gboolean has_region = atlas_document_get_selected_region (self->document) != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    gtk_widget_action_set_enabled (
      GTK_WIDGET (self),
      operations[i].action,
      atlas_region_operation_refuse (operations[i].operation, self->document) == NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "region.fit", has_region);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "region.copy-address", has_region);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "region.copy-row", has_region);
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
  gtk_widget_set_visible (self->nothing, n_rows == 0);
}

/* Rows come once the list has a size, a frame after everything else: without one, 4.8 makes some
 * two hundred of them before anything is seen. */
static gboolean
show_rows (GtkWidget *column_view, GdkFrameClock *clock, gpointer user_data)
{
  AtlasRegionView *self = user_data;

  if (gtk_widget_get_height (gtk_widget_get_last_child (column_view)) <= 1)
    return G_SOURCE_CONTINUE;
  if (gtk_column_view_get_model (GTK_COLUMN_VIEW (column_view)) == NULL)
    {
      gtk_column_view_set_model (GTK_COLUMN_VIEW (column_view), self->selection);
      return G_SOURCE_CONTINUE;
    }
  self->has_rows = TRUE;
  return G_SOURCE_REMOVE;
}

/* Brings the selected row into view once the list has a size: before that 4.8 loses its rows. */
static gboolean
scroll_to_selected (GtkWidget *column_view, GdkFrameClock *clock, gpointer user_data)
{
  AtlasRegionView *self = user_data;
  GtkWidget *list = gtk_widget_get_last_child (column_view);
  guint position;

  if (gtk_widget_get_height (list) <= 1 || !self->has_rows)
    return G_SOURCE_CONTINUE;

  self->scroll_tick_id = 0;
  if (atlas_document_has_selection (self->document) &&
      atlas_region_list_model_find (
        self->model, atlas_document_get_selected_va (self->document), &position))
    /* 4.8 has no scroll_to: the list inside the view has the action. */
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", position);
  return G_SOURCE_REMOVE;
}

/* Shows the document's selection; scrolls only when somebody else moved it. */
static void
follow_selection (AtlasRegionView *self, gboolean scroll)
{
  guint position;

  self->is_following = TRUE;
  if (atlas_document_has_selection (self->document))
    atlas_region_list_model_set_around (self->model,
                                        atlas_document_get_selected_va (self->document));
  if (!atlas_document_has_selection (self->document) ||
      !atlas_region_list_model_find (
        self->model, atlas_document_get_selected_va (self->document), &position))
    {
      gtk_selection_model_unselect_all (self->selection);
    }
  else
    {
      if (!gtk_selection_model_is_selected (self->selection, position))
        gtk_selection_model_select_item (self->selection, position, TRUE);
      if (scroll && self->scroll_tick_id == 0)
        self->scroll_tick_id =
          gtk_widget_add_tick_callback (self->column_view, scroll_to_selected, self, NULL);
    }
  self->is_following = FALSE;

  update_actions (self);
  update_totals (self);
}

static void
on_document_changed (AtlasRegionView *self)
{
  atlas_region_list_model_set_regions (self->model, atlas_document_get_regions (self->document));
  follow_selection (self, FALSE);
}

/* Page tables tell of the kernel half: then it is what one wants to see. */
static void
on_document_opened (AtlasRegionView *self)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->kernel_toggle),
                                regions != NULL && atlas_region_set_knows_kernel_half (regions));
}

static void
on_selected_va_changed (AtlasRegionView *self)
{
  follow_selection (self, !self->is_selecting);
}

static void
on_filter_changed (AtlasRegionView *self)
{
  atlas_region_list_model_set_text (self->model,
                                    gtk_editable_get_text (GTK_EDITABLE (self->filter)));
  follow_selection (self, TRUE);
}

static void
on_show_free_toggled (AtlasRegionView *self, GtkToggleButton *button)
{
  atlas_region_list_model_set_show_free (self->model, gtk_toggle_button_get_active (button));
  follow_selection (self, TRUE);
}

static void
on_group_toggled (AtlasRegionView *self, GtkToggleButton *button)
{
  atlas_region_list_model_set_grouped (self->model, gtk_toggle_button_get_active (button));
  follow_selection (self, TRUE);
}

static void
on_show_kernel_toggled (AtlasRegionView *self, GtkToggleButton *button)
{
  atlas_region_list_model_set_show_kernel (self->model, gtk_toggle_button_get_active (button));
  follow_selection (self, TRUE);
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
      follow_selection (self, FALSE);
      return;
    }
  region = atlas_region_list_model_get_region (self->model, position);
  atlas_viewport_fit (self->viewport, region->base_va, atlas_region_get_last_va (region));
}

static void
action_fit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (widget);
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);

  if (region != NULL)
    atlas_viewport_fit (self->viewport, region->base_va, atlas_region_get_last_va (region));
}

static void
action_copy_address (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (widget);
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);
  g_autofree char *text = NULL;

  if (region == NULL)
    return;

  text = atlas_format_va (region->base_va);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}

static void
action_copy_row (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (widget);
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (self->selection);
  g_autoptr (GString) text = g_string_new (NULL);
  GtkBitsetIter iter;
  guint position;

  for (gboolean more = gtk_bitset_iter_init_first (&iter, selected, &position); more;
       more = gtk_bitset_iter_next (&iter, &position))
    {
      g_autofree char *row =
        atlas_region_format_row (atlas_region_list_model_get_region (self->model, position));

      if (text->len > 0)
        g_string_append_c (text, '\n');
      g_string_append (text, row);
    }
  if (text->len > 0)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text->str);
}

static void
run_operation (AtlasRegionView *self, AtlasRegionOperation operation, guint protection)
{
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);
  g_autofree char *command = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (region == NULL)
    return;

  command = atlas_region_operation_format (
    operation, region, atlas_document_get_selected_va (self->document), protection);
  /* What became of it is told to everybody by the document's "ran". */
  result = atlas_document_run (self->document, command, &error);
  if (result == NULL)
    g_warning ("%s: %s", command, error->message);
}

static void
action_commit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (widget);
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);

  if (region != NULL)
    run_operation (self, ATLAS_OPERATION_COMMIT, atlas_protection_choice_suggest (region));
}

static void
action_decommit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  run_operation (ATLAS_REGION_VIEW (widget), ATLAS_OPERATION_DECOMMIT, 0);
}

static void
action_release (GtkWidget *widget, const char *action, GVariant *parameter)
{
  run_operation (ATLAS_REGION_VIEW (widget), ATLAS_OPERATION_RELEASE, 0);
}

static void
action_protect (GtkWidget *widget, const char *action, GVariant *parameter)
{
  guint protection = g_variant_get_uint32 (parameter);

  if (protection < ATLAS_N_PROTECTION_CHOICES)
    run_operation (ATLAS_REGION_VIEW (widget), ATLAS_OPERATION_PROTECT, protection);
}

static void
action_allocate (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (widget);

  /* The window asks how much; 0 leaves the size to its dialog. */
  gtk_widget_activate_action (widget,
                              "win.allocate-at",
                              "(tt)",
                              atlas_document_get_selected_va (self->document),
                              G_GUINT64_CONSTANT (0));
}

static GMenuModel *
make_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) look = g_menu_new ();
  g_autoptr (GMenu) operate = g_menu_new ();
  g_autoptr (GMenu) protect = g_menu_new ();

  g_menu_append (look, _ ("_Fit in View"), "region.fit");
  g_menu_append (look, _ ("Copy _Address"), "region.copy-address");
  g_menu_append (look, _ ("C_opy Row"), "region.copy-row");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (look));

  for (guint i = 0; i < ATLAS_N_PROTECTION_CHOICES; i++)
    {
      g_autofree char *action = g_strdup_printf ("region.protect(uint32 %u)", i);

      g_menu_append (protect, atlas_protection_choice_get (i)->name, action);
    }
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_ALLOCATE), "region.allocate");
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_COMMIT), "region.commit");
  g_menu_append_submenu (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_PROTECT), G_MENU_MODEL (protect));
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_DECOMMIT), "region.decommit");
  g_menu_append (
    operate, atlas_region_operation_get_label (ATLAS_OPERATION_RELEASE), "region.release");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (operate));
  return G_MENU_MODEL (menu);
}

static void
popup_menu (AtlasRegionView *self, double x_px, double y_px)
{
  if (self->menu == NULL)
    {
      g_autoptr (GMenuModel) menu = make_menu ();

      self->menu = gtk_popover_menu_new_from_model (menu);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu),
                               &(GdkRectangle){ (int) x_px, (int) y_px, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

/* The list item under a point of the column view, or NULL. */
static GtkListItem *
pick_list_item (AtlasRegionView *self, double x_px, double y_px)
{
  GtkWidget *widget = gtk_widget_pick (self->column_view, x_px, y_px, GTK_PICK_DEFAULT);

  /* Up to the row, then down to a cell that knows its item: a click between two cells counts. */
  while (widget != NULL && !g_str_equal (gtk_widget_get_css_name (widget), "row"))
    widget = widget == self->column_view ? NULL : gtk_widget_get_parent (widget);
  while (widget != NULL && g_object_get_data (G_OBJECT (widget), LIST_ITEM_KEY) == NULL)
    widget = gtk_widget_get_first_child (widget);

  return widget != NULL ? g_object_get_data (G_OBJECT (widget), LIST_ITEM_KEY) : NULL;
}

static void
on_secondary_pressed (AtlasRegionView *self, int n_press, double x_px, double y_px)
{
  GtkListItem *list_item = pick_list_item (self, x_px, y_px);
  double menu_x_px;
  double menu_y_px;

  if (list_item == NULL)
    return;

  if (!gtk_list_item_get_selected (list_item))
    gtk_selection_model_select_item (self->selection, gtk_list_item_get_position (list_item), TRUE);
  gtk_widget_translate_coordinates (
    self->column_view, GTK_WIDGET (self), x_px, y_px, &menu_x_px, &menu_y_px);
  popup_menu (self, menu_x_px, menu_y_px);
}

static gboolean
popup_menu_by_key (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  AtlasRegionView *self = ATLAS_REGION_VIEW (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  graphene_rect_t bounds;

  if (focus == NULL || !gtk_widget_is_ancestor (focus, self->column_view) ||
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

  gtk_widget_class_install_action (widget_class, "region.fit", NULL, action_fit);
  gtk_widget_class_install_action (widget_class, "region.copy-address", NULL, action_copy_address);
  gtk_widget_class_install_action (widget_class, "region.copy-row", NULL, action_copy_row);
  gtk_widget_class_install_action (widget_class, "region.allocate", NULL, action_allocate);
  gtk_widget_class_install_action (widget_class, "region.commit", NULL, action_commit);
  gtk_widget_class_install_action (widget_class, "region.decommit", NULL, action_decommit);
  gtk_widget_class_install_action (widget_class, "region.release", NULL, action_release);
  gtk_widget_class_install_action (widget_class, "region.protect", "u", action_protect);
  gtk_widget_class_add_binding_action (
    widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "region.copy-row", NULL);
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

/* Adds up when it is asked, not at every change. */
static void
types_shown_cb (AtlasRegionView *self)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);
  AtlasTypeTotals totals;
  g_autofree char *text = NULL;

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
make_types_button (AtlasRegionView *self)
{
  GtkWidget *button = gtk_menu_button_new ();
  GtkWidget *popover = gtk_popover_new ();
  PangoTabArray *tabs = pango_tab_array_new_with_positions (
    3, TRUE, PANGO_TAB_LEFT, 70, PANGO_TAB_LEFT, 140, PANGO_TAB_LEFT, 290);

  self->types = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->types), 0);
  gtk_label_set_tabs (GTK_LABEL (self->types), tabs);
  pango_tab_array_free (tabs);
  gtk_widget_add_css_class (self->types, "numeric");
  gtk_widget_add_css_class (self->types, "atlas-dialog");
  gtk_popover_set_child (GTK_POPOVER (popover), self->types);
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
  GtkWidget *squeezer, *rest;

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
  squeezer = adw_squeezer_new ();
  adw_squeezer_set_allow_none (ADW_SQUEEZER (squeezer), TRUE);
  adw_squeezer_set_xalign (ADW_SQUEEZER (squeezer), 1.0f);
  adw_squeezer_add (ADW_SQUEEZER (squeezer), self->totals);
  rest = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (rest), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (rest), squeezer);
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

  self->column_view = gtk_column_view_new (NULL);
  gtk_widget_add_tick_callback (self->column_view, show_rows, self, NULL);
  gtk_widget_add_css_class (self->column_view, "atlas-table");
  gtk_column_view_set_reorderable (GTK_COLUMN_VIEW (self->column_view), FALSE);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->column_view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Regions"), -1);
  /* The rows are in a list of its own inside. */
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (gtk_widget_get_last_child (GTK_WIDGET (self->column_view))),
    GTK_ACCESSIBLE_PROPERTY_LABEL,
    _ ("Regions"),
    -1);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    append_column (self, &columns[i]);
  sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->column_view));
  g_signal_connect_object (
    sorter, "changed", G_CALLBACK (on_sort_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->column_view, "activate", G_CALLBACK (on_row_activated), self);

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_secondary_pressed), self);
  gtk_widget_add_controller (self->column_view, GTK_EVENT_CONTROLLER (click));

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->column_view);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 60);
  gtk_widget_set_vexpand (scroller, TRUE);

  self->nothing = gtk_label_new (_ ("No region matches"));
  gtk_widget_add_css_class (self->nothing, "dim-label");
  gtk_widget_set_can_target (self->nothing, FALSE);
  gtk_widget_set_valign (self->nothing, GTK_ALIGN_CENTER);
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
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_box_append (GTK_BOX (self->box), make_list (self));
}

GtkWidget *
atlas_region_view_new (AtlasViewport *viewport)
{
  AtlasRegionView *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_REGION_VIEW, NULL);
  self->viewport = g_object_ref (viewport);
  self->document = g_object_ref (atlas_viewport_get_document (viewport));
  g_signal_connect_object (
    self->document, "opened", G_CALLBACK (on_document_opened), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    self->document, "changed", G_CALLBACK (on_document_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->document,
                           "notify::selected-va",
                           G_CALLBACK (on_selected_va_changed),
                           self,
                           G_CONNECT_SWAPPED);
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
