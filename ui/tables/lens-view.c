/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/lens-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#include "base/format.h"
#include "paint/snapshot-painter.h"
#include "paint/wheel.h"
#include "session/page-look.h"

#define WIDTH_MIN_PX 560
#define WIDTH_NATURAL_PX 960
#define ARROW_MS 320

struct _AtlasLensView
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *document_signals;
  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;
  AdwAnimation *arrow_animation;

  AtlasLensHeat *heat; /* NULL: cells are coloured by what they are */
  AtlasPageAges *ages; /* of the process; NULL: not read yet, or nobody keeps any */

  /* state */
  double arrow_progress;
  guint n_levels_shown;
  guint focus_column;
  gint hover_column;
  gint hover_cell;
  double zoom_rest; /* fractions of a step, from a pinch */
};

G_DEFINE_FINAL_TYPE (AtlasLensView, atlas_lens_view, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_SHOW_HEAT,
};

static AtlasDocument *
get_document (AtlasLensView *self)
{
  return atlas_viewport_get_document (self->viewport);
}

static AtlasLensInput
get_input (AtlasLensView *self)
{
  double scale = atlas_snapshot_painter_get_scale (self->painter);

  return (AtlasLensInput){
    .width_px = (guint) (gtk_widget_get_width (GTK_WIDGET (self)) / scale),
    .height_px = (guint) (gtk_widget_get_height (GTK_WIDGET (self)) / scale),
    .n_levels_shown = self->n_levels_shown,
    .arrow_progress = self->arrow_progress,
    .hover_column = self->hover_column,
    .hover_cell = self->hover_cell,
    .heat = self->heat,
  };
}

/* What is at a place of the widget. */
static void
pick (AtlasLensView *self, const AtlasLensInput *input, double x_px, double y_px, AtlasLensHit *hit)
{
  double scale = atlas_snapshot_painter_get_scale (self->painter);

  atlas_lens_pick (
    atlas_document_get_lens (get_document (self)), input, x_px / scale, y_px / scale, hit);
}

/* Ages last until the document changes; what they say of the cells, until the lens does. */
static void
update_heat (AtlasLensView *self)
{
  AtlasDocument *document = get_document (self);
  const AtlasLens *lens = atlas_document_get_lens (document);
  AtlasProcess *process = atlas_document_get_process (document);

  if (self->heat == NULL)
    return;
  if (process != NULL && self->ages == NULL)
    self->ages = atlas_page_ages_new (process);
  if (self->ages != NULL)
    atlas_page_ages_look (self->ages, lens, self->heat);
  else
    atlas_lens_get_accessed (lens, self->heat);
}

/* How far the story has come by its current step: a column for each entry read so far, the page
 * once it is translated. A story that is over shows everything. */
static guint
count_levels_shown (AtlasLensView *self)
{
  AtlasDocument *document = get_document (self);
  const AtlasLens *lens = atlas_document_get_lens (document);
  AtlasTrace *trace = atlas_document_get_trace (document);
  guint step = atlas_document_get_step (document);
  guint n_shown = 0;

  if (trace == NULL || step + 1 == atlas_trace_get_n_events (trace))
    return lens->n_levels + 1;
  for (guint i = 0; i <= step; i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (trace, i);
      guint64 level;

      if (event->kind->role == ATLAS_TRACE_ROLE_DONE)
        n_shown = lens->n_levels + 1;
      else if (event->kind->role == ATLAS_TRACE_ROLE_RETRY)
        n_shown = 0;
      else if (event->kind->role == ATLAS_TRACE_ROLE_ENTRY &&
               atlas_trace_event_get (event, "level", &level) && level <= lens->n_levels)
        n_shown = lens->n_levels + 1 - (guint) level;
    }
  return n_shown;
}

static void
update_description (AtlasLensView *self)
{
  const AtlasLens *lens = atlas_document_get_lens (get_document (self));
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *address = atlas_format_va (lens->va);

  g_string_append (text, address);
  for (guint i = 0; i < lens->n_levels; i++)
    {
      const AtlasLensTable *table = &lens->tables[i];

      g_string_append_printf (
        text, ", %s %u", atlas_level_get_table_name (table->level), table->selected);
    }
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

static void
update_step (AtlasLensView *self)
{
  guint n_shown = count_levels_shown (self);
  gboolean is_growing = n_shown == self->n_levels_shown + 1;

  if (n_shown == self->n_levels_shown)
    return;
  self->n_levels_shown = n_shown;
  adw_animation_reset (self->arrow_animation);
  self->arrow_progress = 1;
  if (is_growing && gtk_widget_get_mapped (GTK_WIDGET (self)))
    adw_animation_play (self->arrow_animation);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update_all (AtlasLensView *self)
{
  self->hover_column = -1;
  update_step (self);
  update_heat (self);
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
document_changed_cb (AtlasLensView *self)
{
  g_clear_pointer (&self->ages, atlas_page_ages_free);
  update_all (self);
}

static void
arrow_value_cb (double value, gpointer user_data)
{
  AtlasLensView *self = user_data;

  self->arrow_progress = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- choosing an entry ------------------------------------------------------------------------
 */

/* What a person means by an entry: the same place one level down when something is there, or the
 * first thing in it. An empty entry: where it begins. */
static void
select_cell (AtlasLensView *self, guint column, guint cell, AtlasVa cell_va)
{
  AtlasDocument *document = get_document (self);
  const AtlasLens *lens = atlas_document_get_lens (document);
  const AtlasLensTable *table = &lens->tables[column];
  guint64 span_bytes = atlas_level_span_bytes (table->level);
  AtlasRegionSet *regions = atlas_document_get_regions (document);
  AtlasRegionSummary summary;

  self->focus_column = column;
  if (cell == table->selected)
    return;
  atlas_region_set_summarize (regions, cell_va, cell_va + (span_bytes - 1), &summary);
  if (table->level > ATLAS_LEVEL_PT && summary.committed_bytes > 0)
    {
      for (guint64 i = summary.first_index; i < summary.first_index + summary.n_regions; i++)
        {
          const AtlasRegion *region = atlas_region_set_get_region (regions, i);

          if (region->state == ATLAS_STATE_COMMIT)
            {
              atlas_document_select (document, MAX (region->base_va, cell_va));
              return;
            }
        }
    }
  atlas_document_select (
    document, table->level == ATLAS_LEVEL_PT ? cell_va | (lens->va & ATLAS_PAGE_MASK) : cell_va);
}

static void
released_cb (AtlasLensView *self, gint n_press, double x_px, double y_px)
{
  AtlasDocument *document = get_document (self);
  const AtlasLens *lens = atlas_document_get_lens (document);
  const AtlasLensInput input = get_input (self);
  AtlasLensHit hit;
  guint64 span_bytes;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  pick (self, &input, x_px, y_px, &hit);
  switch (hit.kind)
    {
    case ATLAS_LENS_HIT_CELL:
      if (n_press == 1)
        {
          select_cell (self, hit.column, hit.cell, hit.va);
          return;
        }
      break;
    case ATLAS_LENS_HIT_RIBBON:
      break;
    case ATLAS_LENS_HIT_BYTE:
      atlas_document_select (document, hit.va);
      return;
    case ATLAS_LENS_HIT_ROOT:
      atlas_viewport_whole (self->viewport);
      return;
    case ATLAS_LENS_HIT_NONE:
      return;
    }
  span_bytes = atlas_level_span_bytes (lens->tables[hit.column].level);
  atlas_viewport_fit (self->viewport, hit.va, hit.va + (span_bytes - 1));
}

static void
motion_cb (AtlasLensView *self, double x_px, double y_px)
{
  const AtlasLensInput input = get_input (self);
  AtlasLensHit hit;
  gint column = -1;
  gint cell = -1;

  pick (self, &input, x_px, y_px, &hit);
  if (hit.kind == ATLAS_LENS_HIT_CELL)
    {
      column = (gint) hit.column;
      cell = (gint) hit.cell;
    }
  atlas_viewport_set_hover (
    self->viewport, hit.kind == ATLAS_LENS_HIT_CELL, hit.kind == ATLAS_LENS_HIT_CELL ? hit.va : 0);
  if (column == self->hover_column && cell == self->hover_cell)
    return;
  self->hover_column = column;
  self->hover_cell = cell;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A pinch on an entry is one on the map where that entry is; beside the entries, where the selected
 * address is. */
static gboolean
pinch_cb (gpointer data, double octaves, double x_px, double y_px)
{
  AtlasLensView *self = data;
  const AtlasLens *lens = atlas_document_get_lens (get_document (self));
  const AtlasLensInput input = get_input (self);
  AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);
  AtlasVa va = lens->va;
  AtlasLensHit hit;
  AtlasView view;
  double map_x_px;

  if (axis == NULL)
    return GDK_EVENT_PROPAGATE;
  pick (self, &input, x_px, y_px, &hit);
  if (hit.kind == ATLAS_LENS_HIT_CELL)
    va = hit.va + atlas_level_span_bytes (lens->tables[hit.column].level) / 2;
  view = atlas_viewport_get_view (self->viewport);
  map_x_px = atlas_view_va_to_x (&view, axis, va);
  if (map_x_px < 0 || map_x_px > view.width_px)
    {
      atlas_viewport_reveal (self->viewport, va);
      return GDK_EVENT_STOP;
    }
  atlas_viewport_zoom_at (
    self->viewport, atlas_wheel_take_steps (&self->zoom_rest, octaves, ATLAS_ZOOM_STEPS), map_x_px);
  return GDK_EVENT_STOP;
}

static const AtlasWheelTarget pinch_target = { .zoom = pinch_cb };

static void
leave_cb (AtlasLensView *self)
{
  atlas_viewport_set_hover (self->viewport, FALSE, 0);
  self->hover_column = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
move (AtlasLensView *self, gint delta)
{
  const AtlasLens *lens = atlas_document_get_lens (get_document (self));
  const AtlasLensTable *table;
  AtlasVa va;

  if (lens->n_levels == 0)
    return;
  table = &lens->tables[MIN (self->focus_column, lens->n_levels - 1)];
  va = lens->va + atlas_level_span_bytes (table->level) * (guint64) (gint64) delta;
  /* Never out of the half that is shown. */
  if (((va ^ lens->va) & ATLAS_BIT (63)) == 0 &&
      atlas_va_is_canonical (va, atlas_levels_va_bits (lens->n_levels)))
    {
      atlas_document_select (get_document (self), va);
      atlas_viewport_reveal (self->viewport, va);
    }
}

static const struct
{
  const char *action;
  guint keyval;
  gint delta;
} moves[] = {
  { "lens.previous-entry", GDK_KEY_Left, -1 },
  { "lens.next-entry", GDK_KEY_Right, 1 },
  { "lens.previous-row", GDK_KEY_Up, -16 },
  { "lens.next-row", GDK_KEY_Down, 16 },
};

static void
move_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      if (g_str_equal (moves[i].action, action_name))
        move (ATLAS_LENS_VIEW (widget), moves[i].delta);
    }
}

static void
table_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (widget);
  const AtlasLens *lens = atlas_document_get_lens (get_document (self));

  if (g_str_equal (action_name, "lens.next-table"))
    self->focus_column = MIN (self->focus_column + 1, MAX (lens->n_levels, 1) - 1);
  else if (self->focus_column > 0)
    self->focus_column--;
}

static void
fit_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (widget);
  const AtlasLens *lens = atlas_document_get_lens (get_document (self));
  guint64 span_bytes;
  AtlasVa va;

  if (lens->n_levels == 0)
    return;
  span_bytes = atlas_level_span_bytes (lens->tables[self->focus_column].level);
  va = lens->va & ~(span_bytes - 1);
  atlas_viewport_fit (self->viewport, va, va + (span_bytes - 1));
}

/* ---- widget -----------------------------------------------------------------------------------
 */

static void
atlas_lens_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (widget);
  const AtlasLensInput input = get_input (self);

  atlas_lens_draw (self->list, atlas_document_get_lens (get_document (self)), &input);
  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (-2,
                                               -2,
                                               (float) gtk_widget_get_width (widget) + 4,
                                               (float) gtk_widget_get_height (widget) + 4));
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
  gtk_snapshot_pop (snapshot);
}

static GtkSizeRequestMode
atlas_lens_view_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
atlas_lens_view_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  const AtlasLens *lens = atlas_document_get_lens (get_document (ATLAS_LENS_VIEW (widget)));
  double scale;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = WIDTH_MIN_PX;
      *natural = WIDTH_NATURAL_PX;
      return;
    }
  if (for_size <= 0)
    for_size = WIDTH_NATURAL_PX;
  scale = atlas_snapshot_painter_get_scale_for (ATLAS_LENS_VIEW (widget)->painter, for_size, -1);
  *minimum = (int) ceil (atlas_lens_get_min_height () * scale);
  *natural =
    MAX (*minimum, (int) ceil (atlas_lens_get_height (lens, (guint) (for_size / scale)) * scale));
}

char *
atlas_lens_view_tell_cell (AtlasLensView *self, guint column, guint cell)
{
  const AtlasLens *lens = atlas_document_get_lens (get_document (self));
  const AtlasLensTable *table = &lens->tables[column];
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "%s %u", atlas_level_get_entry_name (table->level), cell);
  if (self->heat != NULL && self->heat->cells[column][cell] < ATLAS_N_HEATS)
    {
      if (self->ages != NULL)
        g_string_append_printf (
          text, _ (": last used %s"), _ (atlas_heat_get_name (self->heat->cells[column][cell])));
      else
        g_string_append (
          text, self->heat->cells[column][cell] == 0 ? _ (": accessed") : _ (": not accessed"));
    }
  else if (self->heat != NULL && table->cells[cell].kind != ATLAS_CELL_ABSENT)
    {
      g_string_append (text, _ (": in no working set"));
    }
  if (table->cells[cell].is_parent && lens->tables[column + 1u].n_parents_shown > 1)
    g_string_append_printf (text,
                            _ ("\none of %u entries here that name the same table"),
                            lens->tables[column + 1u].n_parents_shown);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
atlas_lens_view_query_tooltip (GtkWidget *widget,
                               int x_px,
                               int y_px,
                               gboolean by_keyboard,
                               GtkTooltip *tooltip)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (widget);
  const AtlasLensInput input = get_input (self);
  g_autofree char *text = NULL;
  AtlasLensHit hit;

  if (by_keyboard)
    return FALSE;
  pick (self, &input, x_px, y_px, &hit);
  if (hit.kind != ATLAS_LENS_HIT_CELL)
    return FALSE;
  text = atlas_lens_view_tell_cell (self, hit.column, hit.cell);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
atlas_lens_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (object);

  switch (id)
    {
    case PROP_SHOW_HEAT:
      g_value_set_boolean (value, self->heat != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
atlas_lens_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (object);

  switch (id)
    {
    case PROP_SHOW_HEAT:
      if (g_value_get_boolean (value) == (self->heat != NULL))
        return;
      if (self->heat != NULL)
        g_clear_pointer (&self->heat, g_free);
      else
        self->heat = g_new0 (AtlasLensHeat, 1);
      update_heat (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
atlas_lens_view_dispose (GObject *object)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (object);

  if (self->arrow_animation != NULL)
    adw_animation_reset (self->arrow_animation);
  g_clear_object (&self->arrow_animation);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_lens_view_parent_class)->dispose (object);
}

static void
atlas_lens_view_finalize (GObject *object)
{
  AtlasLensView *self = ATLAS_LENS_VIEW (object);

  g_clear_pointer (&self->heat, g_free);
  g_clear_pointer (&self->ages, atlas_page_ages_free);
  g_clear_pointer (&self->list, atlas_display_list_free);
  g_clear_pointer (&self->painter, atlas_snapshot_painter_free);

  G_OBJECT_CLASS (atlas_lens_view_parent_class)->finalize (object);
}

static void
atlas_lens_view_class_init (AtlasLensViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = atlas_lens_view_dispose;
  object_class->finalize = atlas_lens_view_finalize;
  object_class->get_property = atlas_lens_view_get_property;
  object_class->set_property = atlas_lens_view_set_property;
  widget_class->snapshot = atlas_lens_view_snapshot;
  widget_class->get_request_mode = atlas_lens_view_get_request_mode;
  widget_class->measure = atlas_lens_view_measure;
  widget_class->query_tooltip = atlas_lens_view_query_tooltip;
  /* Cells are coloured by when they were last used. */
  g_object_class_install_property (
    object_class,
    PROP_SHOW_HEAT,
    g_param_spec_boolean (
      "show-heat", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    {
      gtk_widget_class_install_action (widget_class, moves[i].action, NULL, move_action);
      gtk_widget_class_add_binding_action (widget_class, moves[i].keyval, 0, moves[i].action, NULL);
    }
  gtk_widget_class_install_action (widget_class, "lens.next-table", NULL, table_action);
  gtk_widget_class_add_binding_action (
    widget_class, GDK_KEY_Right, GDK_CONTROL_MASK, "lens.next-table", NULL);
  gtk_widget_class_install_action (widget_class, "lens.previous-table", NULL, table_action);
  gtk_widget_class_add_binding_action (
    widget_class, GDK_KEY_Left, GDK_CONTROL_MASK, "lens.previous-table", NULL);
  gtk_widget_class_install_action (widget_class, "lens.fit", NULL, fit_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, 0, "lens.fit", NULL);
  gtk_widget_class_set_css_name (widget_class, "lensview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
atlas_lens_view_init (AtlasLensView *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  AdwAnimationTarget *target = adw_callback_animation_target_new (arrow_value_cb, self, NULL);

  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  atlas_snapshot_painter_set_min_size (self->painter, WIDTH_MIN_PX, atlas_lens_get_min_height ());
  self->arrow_progress = 1;
  self->hover_column = -1;
  self->focus_column = ATLAS_LEVEL_PML4 - 1;
  self->arrow_animation = adw_timed_animation_new (GTK_WIDGET (self), 0, 1, ARROW_MS, target);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Page tables"), -1);

  g_signal_connect_swapped (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  atlas_wheel_attach (GTK_WIDGET (self), &pinch_target, self);
}

GtkWidget *
atlas_lens_view_new (AtlasViewport *viewport)
{
  AtlasLensView *self = g_object_new (ATLAS_TYPE_LENS_VIEW, NULL);

  self->viewport = g_object_ref (viewport);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (update_all), self);
  g_signal_group_connect_swapped (
    self->document_signals, "changed", G_CALLBACK (document_changed_cb), self);
  g_signal_group_connect_swapped (
    self->document_signals, "opened", G_CALLBACK (gtk_widget_queue_resize), self);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::step", G_CALLBACK (update_step), self);
  g_signal_group_set_target (self->document_signals, get_document (self));
  update_all (self);
  return GTK_WIDGET (self);
}
