/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/timeline.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "compare/axis-wheel.h"
#include "map/time-strip.h"
#include "paint/picture-area.h"
#include "paint/snapshot-painter.h"
#include "session/history-measures.h"

#define HEIGHT_PX 96
#define MEASURES_WIDTH_PX 320
#define MEASURES_HEIGHT_PX 60
#define N_MOMENTS_MAX 256u
#define PLAY_INTERVAL_MS 400

struct _AtlasTimeline
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *picture;
  GtkWidget *measures;
  GtkWidget *scale;
  GtkWidget *play;
  GtkLabel *label;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *viewport_signals;
  GSignalGroup *document_signals;
  AtlasHistory *history; /* NULL: to be made when it is next seen */
  AtlasAxis *axis;       /* the last that was seen: before the first process there is none */
  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;

  /* state */
  AtlasView view; /* on the axis */
  guint play_id;
  guint describe_id;
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (AtlasTimeline, atlas_timeline, GTK_TYPE_WIDGET)

static AtlasDocument *
get_document (AtlasTimeline *self)
{
  return atlas_viewport_get_document (self->viewport);
}

/* Made when it is first seen, as it costs as much as all commands did; NULL where there is none. */
static AtlasHistory *
get_history (AtlasTimeline *self, guint *now)
{
  AtlasSession *session = atlas_document_get_session (get_document (self));

  if (session == NULL)
    return NULL;
  if (self->history == NULL)
    self->history = atlas_history_new (session, N_MOMENTS_MAX, NULL);
  if (self->history != NULL)
    *now = atlas_history_find (self->history, atlas_session_get_position (session));
  return self->history;
}

static gboolean
get_input (AtlasTimeline *self, AtlasTimeStripInput *input)
{
  AtlasAxis *axis = atlas_viewport_get_axis (self->viewport);
  guint now;
  double scale;

  if (axis != NULL)
    {
      g_clear_pointer (&self->axis, atlas_axis_unref);
      self->axis = atlas_axis_ref (axis);
      self->view = atlas_viewport_get_view (self->viewport);
    }
  if (self->axis == NULL || get_history (self, &now) == NULL)
    return FALSE;
  *input = (AtlasTimeStripInput){
    .moments = atlas_history_peek_regions (self->history),
    .n_moments = atlas_history_get_n_moments (self->history),
    .now = now,
    .axis = self->axis,
    .view = self->view,
  };
  /* In step with the map, however large that is drawn. */
  scale = atlas_viewport_get_drawn_scale (self->viewport);
  atlas_snapshot_painter_set_scale (self->painter, scale);
  input->height_px = (guint) (gtk_widget_get_height (self->picture) / scale);
  return input->height_px > 0;
}

static void
seek (AtlasTimeline *self, guint position)
{
  AtlasSession *session = atlas_document_get_session (get_document (self));

  if (session != NULL && position != atlas_session_get_position (session))
    atlas_document_seek (get_document (self), position);
}

/* ---- the picture ------------------------------------------------------------------------------
 */

#define ATLAS_TYPE_TIME_PICTURE (atlas_time_picture_get_type ())
G_DECLARE_FINAL_TYPE (AtlasTimePicture, atlas_time_picture, ATLAS, TIME_PICTURE, GtkWidget)

struct _AtlasTimePicture
{
  GtkWidget parent_instance;

  AtlasTimeline *timeline; /* the parent */
};

G_DEFINE_FINAL_TYPE (AtlasTimePicture, atlas_time_picture, GTK_TYPE_WIDGET)

static void
atlas_time_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasTimeline *self = ATLAS_TIME_PICTURE (widget)->timeline;
  AtlasTimeStripInput input;

  if (!get_input (self, &input))
    return;
  atlas_time_strip_draw (self->list, &input);
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
}

static void
atlas_time_picture_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  int height_px = (int) (HEIGHT_PX * atlas_text_scale_get (widget));

  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : height_px;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 960 : height_px;
}

static void
go_to_row (AtlasTimeline *self, double y_px)
{
  AtlasTimeStripInput input;

  if (get_input (self, &input))
    seek (
      self,
      atlas_history_get_position (
        self->history,
        atlas_time_strip_pick (&input, y_px / atlas_snapshot_painter_get_scale (self->painter))));
}

static void
drag_begin_cb (AtlasTimeline *self, double x_px, double y_px)
{
  go_to_row (self, y_px);
}

static void
drag_update_cb (AtlasTimeline *self, double offset_x_px, double offset_y_px, GtkGestureDrag *drag)
{
  double x_px, y_px;

  if (gtk_gesture_drag_get_start_point (drag, &x_px, &y_px))
    go_to_row (self, y_px + offset_y_px);
}

static void
atlas_time_picture_class_init (AtlasTimePictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = atlas_time_picture_snapshot;
  widget_class->measure = atlas_time_picture_measure;
  gtk_widget_class_set_css_name (widget_class, "mapview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
atlas_time_picture_init (AtlasTimePicture *self)
{
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Addresses over time"), -1);
}

/* ---- the numbers ------------------------------------------------------------------------------
 */

static void
draw_measures_cb (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  guint now;
  AtlasHistory *history = get_history (data, &now);

  if (history != NULL)
    atlas_history_measures_draw (list, history, now, width_px, height_px);
}

static char *
tell_measures_cb (double x_px, double y_px, gpointer data)
{
  AtlasTimeline *self = data;
  guint now;
  AtlasHistory *history = get_history (self, &now);

  return history == NULL
           ? NULL
           : atlas_history_measures_tell (
               history, atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->measures)), x_px);
}

static void
measures_clicked_cb (AtlasTimeline *self, double x_px, double y_px, gint n_press)
{
  guint now;
  AtlasHistory *history = get_history (self, &now);
  guint width_px = atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->measures));

  if (history != NULL)
    seek (
      self,
      atlas_history_get_position (history, atlas_history_measures_pick (history, width_px, x_px)));
}

/* What is not seen is not made for its description either. */
static gboolean
describe_measures_cb (gpointer user_data)
{
  AtlasTimeline *self = user_data;
  guint now;
  AtlasHistory *history =
    gtk_widget_get_visible (GTK_WIDGET (self)) ? get_history (self, &now) : NULL;
  g_autofree char *text = history != NULL ? atlas_history_measures_describe (history, now) : NULL;

  self->describe_id = 0;
  atlas_picture_area_describe (ATLAS_PICTURE_AREA (self->measures), text != NULL ? text : "");
  return G_SOURCE_REMOVE;
}

/* Once, however many commands run in a row. */
static void
describe_measures (AtlasTimeline *self)
{
  if (self->describe_id == 0)
    self->describe_id = g_idle_add (describe_measures_cb, self);
}

/* ---- transport --------------------------------------------------------------------------------
 */

static void
stop_playing (AtlasTimeline *self)
{
  g_clear_handle_id (&self->play_id, g_source_remove);
  gtk_button_set_icon_name (GTK_BUTTON (self->play), "media-playback-start-symbolic");
}

static gboolean
play_cb (gpointer user_data)
{
  AtlasTimeline *self = user_data;
  AtlasSession *session = atlas_document_get_session (get_document (self));

  if (session == NULL || !atlas_session_can_redo (session))
    {
      self->play_id = 0;
      stop_playing (self);
      return G_SOURCE_REMOVE;
    }
  seek (self, atlas_session_get_position (session) + 1u);
  return G_SOURCE_CONTINUE;
}

static void
play_clicked_cb (AtlasTimeline *self)
{
  AtlasSession *session = atlas_document_get_session (get_document (self));

  if (self->play_id != 0)
    {
      stop_playing (self);
      return;
    }
  if (session == NULL)
    return;
  if (!atlas_session_can_redo (session))
    seek (self, 0);
  self->play_id = g_timeout_add (PLAY_INTERVAL_MS, play_cb, self);
  gtk_button_set_icon_name (GTK_BUTTON (self->play), "media-playback-pause-symbolic");
}

static void
scale_changed_cb (AtlasTimeline *self)
{
  if (!self->is_updating)
    seek (self, (guint) gtk_range_get_value (GTK_RANGE (self->scale)));
}

static void
update (AtlasTimeline *self)
{
  AtlasSession *session = atlas_document_get_session (get_document (self));
  guint n_commands = session != NULL ? atlas_session_get_n_commands (session) : 0;
  guint position = session != NULL ? atlas_session_get_position (session) : 0;
  g_autofree char *text = NULL;

  self->is_updating = TRUE;
  gtk_range_set_range (GTK_RANGE (self->scale), 0, MAX (n_commands, 1u));
  gtk_range_set_value (GTK_RANGE (self->scale), position);
  self->is_updating = FALSE;
  text = g_strdup_printf (_ ("%u of %u · %s"),
                          position,
                          n_commands,
                          position > 0 ? atlas_session_get_result (session, position - 1u)->command
                                       : _ ("before the first command"));
  gtk_label_set_label (self->label, session != NULL ? text : "");
  gtk_widget_set_sensitive (self->box, session != NULL);
  gtk_widget_queue_draw (self->picture);
  describe_measures (self);
}

/* The journal itself is another one only when something ran or was opened; seeking leaves it. */
static void
forget_history (AtlasTimeline *self)
{
  g_clear_pointer (&self->history, atlas_history_free);
  update (self);
}

static void
opened_cb (AtlasTimeline *self)
{
  stop_playing (self);
  g_clear_pointer (&self->axis, atlas_axis_unref);
  forget_history (self);
}

static void
ran_cb (AtlasTimeline *self, AtlasCommandResult *result)
{
  forget_history (self);
}

static GtkWidget *
make_bar (AtlasTimeline *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->play = gtk_button_new_from_icon_name ("media-playback-start-symbolic");
  gtk_widget_add_css_class (self->play, "flat");
  gtk_widget_set_tooltip_text (self->play, _ ("Play the session"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->play), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Play the session"), -1);
  g_signal_connect_swapped (self->play, "clicked", G_CALLBACK (play_clicked_cb), self);

  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, 0, 1, 1);
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_range_set_round_digits (GTK_RANGE (self->scale), 0);
  gtk_widget_set_size_request (self->scale, 240, -1);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Moment of the session"), -1);
  g_signal_connect_swapped (self->scale, "value-changed", G_CALLBACK (scale_changed_cb), self);

  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->label, 0);
  gtk_label_set_ellipsize (self->label, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "numeric");
  gtk_box_append (GTK_BOX (bar), self->play);
  gtk_box_append (GTK_BOX (bar), self->scale);
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->label));
  return bar;
}

static void
build (AtlasTimeline *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  self->picture = g_object_new (ATLAS_TYPE_TIME_PICTURE, NULL);
  ATLAS_TIME_PICTURE (self->picture)->timeline = self;
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (self->picture, GTK_EVENT_CONTROLLER (drag));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  self->measures = atlas_picture_area_new (_ ("Memory over time"),
                                           MEASURES_WIDTH_PX,
                                           MEASURES_HEIGHT_PX,
                                           draw_measures_cb,
                                           tell_measures_cb,
                                           self);
  g_signal_connect_swapped (self->measures, "clicked", G_CALLBACK (measures_clicked_cb), self);
  gtk_box_append (GTK_BOX (self->box), self->picture);
  gtk_box_append (GTK_BOX (self->box), self->measures);
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

static void
atlas_timeline_dispose (GObject *object)
{
  AtlasTimeline *self = ATLAS_TIMELINE (object);

  g_clear_handle_id (&self->play_id, g_source_remove);
  g_clear_handle_id (&self->describe_id, g_source_remove);
  g_clear_object (&self->viewport_signals);
  g_clear_object (&self->document_signals);
  if (self->measures != NULL)
    atlas_picture_area_detach (ATLAS_PICTURE_AREA (self->measures));
  self->measures = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->history, atlas_history_free);
  g_clear_pointer (&self->axis, atlas_axis_unref);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_timeline_parent_class)->dispose (object);
}

static void
atlas_timeline_finalize (GObject *object)
{
  AtlasTimeline *self = ATLAS_TIMELINE (object);

  atlas_display_list_free (self->list);
  atlas_snapshot_painter_free (self->painter);

  G_OBJECT_CLASS (atlas_timeline_parent_class)->finalize (object);
}

static void
atlas_timeline_class_init (AtlasTimelineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_timeline_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_timeline_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "timeline");
}

static void
atlas_timeline_init (AtlasTimeline *self)
{
  self->list = atlas_display_list_new ();
  build (self);
  self->painter = atlas_snapshot_painter_new (self->picture);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect (self, "notify::visible", G_CALLBACK (describe_measures), NULL);
}

GtkWidget *
atlas_timeline_new (AtlasViewport *viewport)
{
  AtlasTimeline *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_TIMELINE, NULL);
  self->viewport = g_object_ref (viewport);
  atlas_axis_wheel_attach (self->picture, viewport);
  self->viewport_signals = g_signal_group_new (ATLAS_TYPE_VIEWPORT);
  g_signal_group_connect_swapped (
    self->viewport_signals, "changed", G_CALLBACK (gtk_widget_queue_draw), self->picture);
  g_signal_group_set_target (self->viewport_signals, viewport);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->document_signals, "opened", G_CALLBACK (opened_cb), self);
  g_signal_group_connect_swapped (self->document_signals, "ran", G_CALLBACK (ran_cb), self);
  g_signal_group_connect_swapped (self->document_signals, "changed", G_CALLBACK (update), self);
  g_signal_group_set_target (self->document_signals, get_document (self));
  update (self);
  return GTK_WIDGET (self);
}
