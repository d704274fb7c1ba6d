/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/room-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "paint/accessible-name.h"
#include "paint/picture-area.h"
#include "space/room.h"

#define LANE_PX 18
#define EDGE_PX 12 /* the map's */
#define MARK_MIN_PX 2.0
#define RANGE_WIDTH_CHARS 38
#define BLOCK_WIDTH_CHARS 13
#define COUNT_WIDTH_CHARS 20
#define N_ROWS_MAX 10000u
#define FIRST_SIZE "64K"

typedef enum
{
  WHERE_ANYWHERE,
  WHERE_BELOW_2GB,
  WHERE_BELOW_4GB,
  WHERE_IN_REACH, /* of the selected address */
  WHERE_SEEN,
  N_WHERES,
} Where;

static const char *const where_titles[] = {
  N_ ("Anywhere"),         N_ ("Below 2 GB"),
  N_ ("Below 4 GB"),       N_ ("Within ±2 GB of the selection"),
  N_ ("In the part seen"), NULL
};
G_STATIC_ASSERT (G_N_ELEMENTS (where_titles) == N_WHERES + 1u);

static const struct
{
  const char *title;
  guint64 bytes;
} alignments[] = {
  { "64 KB", ATLAS_KB (64) }, { "2 MB", ATLAS_MB (2) }, { "4 MB", ATLAS_MB (4) },
  { "1 GB", ATLAS_GB (1) },   { "4 GB", ATLAS_GB (4) },
};

struct _AtlasRoomView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *size;
  GtkWidget *alignment;
  GtkWidget *where;
  GtkLabel *summary;
  GtkWidget *lane;
  GtkWidget *list_view;

  /* owned */
  AtlasViewport *viewport;
  AtlasRoom *room;     /* NULL: to be made when it is next asked */
  GArray *places;      /* of AtlasRoomPlaces */
  GtkStringList *rows; /* of empty strings: a row is its position */
  GtkSelectionModel *selection;

  /* state */
  AtlasRoomQuery query;
  AtlasVa chosen_vas[ATLAS_ROOM_N_STRATEGIES]; /* when there are places */
  AtlasVa reach_va;     /* what has to be in reach: what was selected before a place of the list */
  AtlasVa nearest_va;   /* the place that is closest to it, when there are places */
  gboolean is_choosing; /* a place is being selected from the list */
};

G_DEFINE_FINAL_TYPE (AtlasRoomView, atlas_room_view, GTK_TYPE_WIDGET)

static AtlasDocument *
get_document (AtlasRoomView *self)
{
  return atlas_viewport_get_document (self->viewport);
}

/* ---- asking -----------------------------------------------------------------------------------
 */

static gboolean
read_query (AtlasRoomView *self, GError **error)
{
  const char *size = gtk_editable_get_text (GTK_EDITABLE (self->size));
  AtlasRoomQuery query = { .last_va = G_MAXUINT64 };

  if (!atlas_parse_size (size, &query.size_bytes, error))
    return FALSE;
  if (query.size_bytes == 0)
    {
      g_set_error_literal (
        error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("expected a size of at least one byte"));
      return FALSE;
    }
  query.alignment_bytes =
    alignments[gtk_drop_down_get_selected (GTK_DROP_DOWN (self->alignment))].bytes;
  switch ((Where) gtk_drop_down_get_selected (GTK_DROP_DOWN (self->where)))
    {
    case WHERE_BELOW_2GB:
      query.last_va = ATLAS_GB (2) - 1u;
      break;
    case WHERE_BELOW_4GB:
      query.last_va = ATLAS_GB (4) - 1u;
      break;
    case WHERE_IN_REACH:
      atlas_room_get_reach (self->reach_va, &query.first_va, &query.last_va);
      break;
    case WHERE_SEEN:
      atlas_viewport_get_seen (self->viewport, &query.first_va, &query.last_va);
      break;
    case WHERE_ANYWHERE:
    case N_WHERES:
      break;
    }
  self->query = query;
  return TRUE;
}

static gboolean
make_room (AtlasRoomView *self)
{
  AtlasRegionSet *regions = atlas_document_get_regions (get_document (self));

  if (self->room == NULL && regions != NULL)
    self->room = atlas_room_new (regions);
  return self->room != NULL;
}

static gboolean
is_about_reach (AtlasRoomView *self)
{
  return gtk_drop_down_get_selected (GTK_DROP_DOWN (self->where)) == WHERE_IN_REACH;
}

static guint64
get_distance (AtlasRoomView *self, AtlasVa va)
{
  return va > self->reach_va ? va - self->reach_va : self->reach_va - va;
}

static void
find_nearest (AtlasRoomView *self)
{
  for (guint i = 0; i < self->places->len; i++)
    {
      const AtlasRoomPlaces *places = &g_array_index (self->places, AtlasRoomPlaces, i);
      guint64 offset = self->reach_va - places->base_va;
      AtlasVa va = places->base_va;

      if (self->reach_va > places->last_base_va)
        va = places->last_base_va;
      else if (self->reach_va > places->base_va)
        va += offset - offset % self->query.alignment_bytes;
      if (i == 0 || get_distance (self, va) < get_distance (self, self->nearest_va))
        self->nearest_va = va;
    }
}

static gboolean
holds (const AtlasRoomPlaces *places, AtlasVa va)
{
  return va - places->base_va <= places->last_base_va - places->base_va;
}

/* Where a click on a row leads: to the lowest place, or to that in reach that is closest. */
static AtlasVa
get_place (AtlasRoomView *self, guint position)
{
  const AtlasRoomPlaces *places = &g_array_index (self->places, AtlasRoomPlaces, position);

  return is_about_reach (self) && holds (places, self->nearest_va) ? self->nearest_va
                                                                   : places->base_va;
}

/* From the lowest place on, as far as the window goes. */
static guint64
get_block_bytes (AtlasRoomView *self, const AtlasRoomPlaces *places)
{
  AtlasRegionSet *regions = atlas_document_get_regions (get_document (self));
  guint64 index = atlas_region_set_find (regions, places->last_base_va);
  AtlasVa last_va = atlas_region_get_last_va (atlas_region_set_get_region (regions, index));

  return MIN (last_va, self->query.last_va) - places->base_va + 1u;
}

static char *
summarize (AtlasRoomView *self, guint64 n_places, gboolean is_complete)
{
  g_autofree char *count = atlas_format_count (n_places);
  g_autofree char *gaps = atlas_format_count (self->places->len);
  g_autofree char *size = NULL, *va = NULL, *text = NULL, *reach = NULL, *nearest = NULL;
  AtlasVa largest_va = 0;
  guint64 largest_bytes;

  if (n_places == 0)
    return atlas_room_explain (self->room, &self->query);
  largest_bytes =
    atlas_room_find_largest (self->room, self->query.first_va, self->query.last_va, &largest_va);
  size = atlas_format_size (largest_bytes);
  va = atlas_format_va (largest_va);
  text =
    g_strdup_printf (is_complete ? _ ("%s places in %s gaps · largest block %s at %s")
                                 : _ ("%s places and more in %s gaps · largest block %s at %s"),
                     count,
                     gaps,
                     size,
                     va);
  if (!is_about_reach (self))
    return g_steal_pointer (&text);
  reach = atlas_format_va (self->reach_va);
  nearest = atlas_format_va (self->nearest_va);
  return g_strdup_printf (_ ("%s · nearest to %s: %s"), text, reach, nearest);
}

static void
show (AtlasRoomView *self, const char *summary)
{
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  g_autofree const char **empty = g_new0 (const char *, self->places->len + 1u);

  for (guint i = 0; i < self->places->len; i++)
    empty[i] = "";
  gtk_string_list_splice (self->rows, 0, n_rows, empty);
  gtk_label_set_label (self->summary, summary);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->summary), summary);
  gtk_widget_queue_draw (self->lane);
}

static void
search (AtlasRoomView *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *summary = NULL;
  AtlasRoomIter iter;
  AtlasRoomPlaces places;
  guint64 n_places = 0;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  g_array_set_size (self->places, 0);
  gtk_widget_remove_css_class (self->size, "error");
  if (!read_query (self, &error))
    {
      gtk_widget_add_css_class (self->size, "error");
      show (self, error->message);
      return;
    }
  if (!make_room (self))
    {
      show (self,
            atlas_document_explain_nothing (get_document (self),
                                            _ ("The regions of this space are too many to list")));
      return;
    }
  atlas_room_iter_init (&iter, self->room, &self->query);
  while (self->places->len < N_ROWS_MAX && atlas_room_iter_next (&iter, &places))
    {
      g_array_append_val (self->places, places);
      n_places += places.n_places;
    }
  atlas_room_choose (self->room, &self->query, self->chosen_vas);
  find_nearest (self);
  summary = summarize (self, n_places, self->places->len < N_ROWS_MAX);
  show (self, summary);
}

static void
document_changed_cb (AtlasRoomView *self)
{
  g_clear_pointer (&self->room, atlas_room_free);
  search (self);
}

/* Questions about the selection or the part seen follow them; but a place of the list is an answer,
 * and to look at it asks nothing new. */
static void
selection_changed_cb (AtlasRoomView *self)
{
  if (self->is_choosing)
    return;
  self->reach_va = atlas_document_get_selected_va (get_document (self));
  if (is_about_reach (self))
    search (self);
}

static void
seen_changed_cb (AtlasRoomView *self)
{
  Where where = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->where));

  if (where == WHERE_SEEN && !self->is_choosing)
    search (self);
  gtk_widget_queue_draw (self->lane);
}

/* ---- the lane ---------------------------------------------------------------------------------
 */

static void
draw_lane (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  AtlasRoomView *self = data;
  AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);
  AtlasView view = atlas_viewport_get_view (self->viewport);
  /* As wide as the map, but not always drawn as large. */
  float stretch = (float) width_px / (float) view.width_px;
  double end_px = -1.0;

  if (axis == NULL)
    return;
  for (guint i = 0; i < self->places->len; i++)
    {
      const AtlasRoomPlaces *places = &g_array_index (self->places, AtlasRoomPlaces, i);
      AtlasVa last_va = places->last_base_va + (self->query.size_bytes - 1u);
      double x_px = MAX (atlas_view_va_to_x (&view, axis, places->base_va), end_px);
      double last_px = atlas_view_va_to_x (&view, axis, last_va);

      last_px = MAX (last_px, x_px + MARK_MIN_PX);
      if (last_px < 0.0 || x_px > view.width_px || last_px <= end_px)
        continue;
      atlas_display_list_add_rect (
        list,
        ATLAS_COLOR_SUCCESS,
        1.0f,
        ATLAS_PATTERN_SOLID,
        (float) MAX (x_px, 0.0) * stretch,
        3.0f,
        (float) (MIN (last_px, (double) view.width_px) - MAX (x_px, 0.0)) * stretch,
        (float) height_px - 6.0f,
        2.0f);
      end_px = last_px + 1.0;
    }
}

static char *
tell_cb (double x_px, double y_px, gpointer data)
{
  AtlasRoomView *self = data;
  AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);
  AtlasView view = atlas_viewport_get_view (self->viewport);

  return axis != NULL ? atlas_format_va (atlas_view_x_to_va (
                          &view,
                          axis,
                          x_px * view.width_px /
                            atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->lane))))
                      : NULL;
}

/* ---- the list ---------------------------------------------------------------------------------
 */

/* Who would choose a place in this gap: "first fit · top down", and what is closest. */
static char *
format_strategies (AtlasRoomView *self, const AtlasRoomPlaces *places)
{
  GString *text = g_string_new (NULL);

  if (is_about_reach (self) && holds (places, self->nearest_va))
    {
      g_autofree char *distance = atlas_format_size (get_distance (self, self->nearest_va));

      g_string_append_printf (text,
                              self->nearest_va < self->reach_va ? _ ("nearest, %s below")
                                                                : _ ("nearest, %s above"),
                              distance);
    }
  for (guint i = 0; i < ATLAS_ROOM_N_STRATEGIES; i++)
    if (holds (places, self->chosen_vas[i]))
      g_string_append_printf (text,
                              "%s%s",
                              text->len > 0 ? " · " : "",
                              _ (atlas_room_strategy_get_name ((AtlasRoomStrategy) i)));
  return g_string_free (text, FALSE);
}

static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *range = gtk_label_new (NULL);
  GtkWidget *count = gtk_label_new (NULL);
  GtkWidget *block = gtk_label_new (NULL);
  GtkWidget *strategies = gtk_label_new (NULL);

  gtk_widget_add_css_class (strategies, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (strategies), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (
    strategies, _ ("Strategies that would allocate in this gap; Windows looks from below"));
  gtk_widget_add_css_class (range, "atlas-address");
  gtk_label_set_xalign (GTK_LABEL (range), 0);
  gtk_label_set_width_chars (GTK_LABEL (range), RANGE_WIDTH_CHARS);
  gtk_widget_add_css_class (block, "numeric");
  gtk_label_set_xalign (GTK_LABEL (block), 0);
  gtk_label_set_width_chars (GTK_LABEL (block), BLOCK_WIDTH_CHARS);
  gtk_widget_set_tooltip_text (count,
                               _ ("Addresses at which it fits, as far apart as the alignment"));
  gtk_widget_add_css_class (count, "numeric");
  gtk_label_set_xalign (GTK_LABEL (count), 0);
  gtk_label_set_width_chars (GTK_LABEL (count), COUNT_WIDTH_CHARS);
  gtk_box_append (GTK_BOX (row), range);
  gtk_box_append (GTK_BOX (row), block);
  gtk_box_append (GTK_BOX (row), count);
  gtk_box_append (GTK_BOX (row), strategies);
  gtk_list_item_set_child (item, row);
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *item, AtlasRoomView *self)
{
  const AtlasRoomPlaces *places =
    &g_array_index (self->places, AtlasRoomPlaces, gtk_list_item_get_position (item));
  GtkWidget *range = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *block = gtk_widget_get_next_sibling (range);
  GtkWidget *count = gtk_widget_get_next_sibling (block);
  g_autofree char *first = atlas_format_va (places->base_va);
  g_autofree char *last = atlas_format_va (places->last_base_va);
  g_autofree char *range_text =
    places->n_places > 1 ? g_strdup_printf ("%s … %s", first, last) : g_strdup (first);
  g_autofree char *n_places = atlas_format_count (places->n_places);
  g_autofree char *count_text = g_strdup_printf (
    ngettext ("%s place", "%s places", (gulong) MIN (places->n_places, G_MAXULONG)), n_places);
  g_autofree char *block_size = atlas_format_size (get_block_bytes (self, places));
  g_autofree char *block_text = g_strdup_printf (_ ("%s free"), block_size);
  g_autofree char *strategies = format_strategies (self, places);

  gtk_label_set_label (GTK_LABEL (range), range_text);
  gtk_label_set_label (GTK_LABEL (block), block_text);
  gtk_label_set_label (GTK_LABEL (count), count_text);
  gtk_label_set_label (GTK_LABEL (gtk_widget_get_next_sibling (count)), strategies);
}

static void
selected_cb (AtlasRoomView *self)
{
  guint position = gtk_single_selection_get_selected (GTK_SINGLE_SELECTION (self->selection));

  if (position < self->places->len)
    {
      AtlasVa va = get_place (self, position);

      self->is_choosing = TRUE;
      atlas_document_select (get_document (self), va);
      atlas_viewport_reveal (self->viewport, va);
      self->is_choosing = FALSE;
    }
}

/* As if it were allocated there. */
static void
activate_cb (AtlasRoomView *self, guint position)
{
  if (position < self->places->len)
    gtk_widget_activate_action (GTK_WIDGET (self),
                                "win.allocate-at",
                                "(tt)",
                                get_place (self, position),
                                self->query.size_bytes);
}

static GtkWidget *
make_list (AtlasRoomView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkSingleSelection *selection;

  g_signal_connect (factory, "setup", G_CALLBACK (setup_row), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row), self);
  self->rows = gtk_string_list_new (NULL);
  selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows)));
  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  self->selection = GTK_SELECTION_MODEL (selection);
  g_signal_connect_swapped (selection, "notify::selected", G_CALLBACK (selected_cb), self);
  self->list_view = gtk_list_view_new (g_object_ref (self->selection), factory);
  gtk_widget_add_css_class (self->list_view, "atlas-table");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->list_view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Places"), -1);
  g_signal_connect_swapped (self->list_view, "activate", G_CALLBACK (activate_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list_view);
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

/* ---- building ---------------------------------------------------------------------------------
 */

static GtkWidget *
make_choice (AtlasRoomView *self, const char *const *titles, const char *name)
{
  GtkWidget *choice = gtk_drop_down_new_from_strings (titles);

  gtk_widget_add_css_class (choice, "atlas-small");
  gtk_widget_set_tooltip_text (choice, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (choice, "notify::selected", G_CALLBACK (search), self);
  return choice;
}

static GtkWidget *
make_bar (AtlasRoomView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  const char *alignment_titles[G_N_ELEMENTS (alignments) + 1u] = { NULL };
  const char *wheres[N_WHERES + 1u] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (alignments); i++)
    alignment_titles[i] = alignments[i].title;
  for (guint i = 0; i < N_WHERES; i++)
    wheres[i] = _ (where_titles[i]);
  self->size = gtk_entry_new ();
  gtk_editable_set_text (GTK_EDITABLE (self->size), FIRST_SIZE);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->size), 8);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->size), 8);
  gtk_widget_add_css_class (self->size, "atlas-small");
  gtk_widget_set_tooltip_text (self->size, _ ("Size"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->size), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Size"), -1);
  g_signal_connect_swapped (self->size, "changed", G_CALLBACK (search), self);
  self->alignment = make_choice (self, alignment_titles, _ ("Alignment"));
  self->where = make_choice (self, wheres, _ ("Where"));
  gtk_widget_add_css_class (bar, "atlas-bar");
  gtk_box_append (GTK_BOX (bar), self->size);
  gtk_box_append (GTK_BOX (bar), self->alignment);
  gtk_box_append (GTK_BOX (bar), self->where);
  return bar;
}

static GtkWidget *
make_summary (AtlasRoomView *self)
{
  self->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->summary, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->summary, 0);
  gtk_widget_set_margin_start (GTK_WIDGET (self->summary), EDGE_PX);
  gtk_widget_set_margin_end (GTK_WIDGET (self->summary), EDGE_PX);
  gtk_widget_add_css_class (GTK_WIDGET (self->summary), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->summary), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->summary), "numeric");
  return GTK_WIDGET (self->summary);
}

static void
atlas_room_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (atlas_room_view_parent_class)->map (widget);
  search (ATLAS_ROOM_VIEW (widget));
}

static void
atlas_room_view_dispose (GObject *object)
{
  AtlasRoomView *self = ATLAS_ROOM_VIEW (object);

  if (self->lane != NULL)
    atlas_picture_area_detach (ATLAS_PICTURE_AREA (self->lane));
  self->lane = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_room_view_parent_class)->dispose (object);
}

static void
atlas_room_view_finalize (GObject *object)
{
  AtlasRoomView *self = ATLAS_ROOM_VIEW (object);

  g_clear_pointer (&self->room, atlas_room_free);
  g_array_unref (self->places);

  G_OBJECT_CLASS (atlas_room_view_parent_class)->finalize (object);
}

static void
atlas_room_view_class_init (AtlasRoomViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_room_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_room_view_finalize;
  widget_class->map = atlas_room_view_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "roomview");
}

static void
atlas_room_view_init (AtlasRoomView *self)
{
  self->places = g_array_new (FALSE, FALSE, sizeof (AtlasRoomPlaces));
  self->lane =
    atlas_picture_area_new (_ ("Places on the map's axis"), 320, LANE_PX, draw_lane, tell_cb, self);
  atlas_picture_area_set_height (ATLAS_PICTURE_AREA (self->lane), LANE_PX);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_box_append (GTK_BOX (self->box), make_summary (self));
  gtk_widget_set_margin_start (self->lane, EDGE_PX);
  gtk_widget_set_margin_end (self->lane, EDGE_PX);
  gtk_box_append (GTK_BOX (self->box), self->lane);
  gtk_box_append (GTK_BOX (self->box), make_list (self));
}

GtkWidget *
atlas_room_view_new (AtlasViewport *viewport)
{
  AtlasRoomView *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_ROOM_VIEW, NULL);
  self->viewport = g_object_ref (viewport);
  self->reach_va = atlas_document_get_selected_va (get_document (self));
  g_signal_connect_object (
    viewport, "changed", G_CALLBACK (seen_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    get_document (self), "changed", G_CALLBACK (document_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_document (self),
                           "notify::selected-va",
                           G_CALLBACK (selection_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
