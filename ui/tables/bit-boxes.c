/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/bit-boxes.h"

#include <glib/gi18n.h>

#include "paint/snapshot-painter.h"

#define N_ROWS 2u
#define ROW_BITS 32u
#define BYTE_BITS 8u
#define BYTE_GAP_PX 4.0f
#define NUMBER_HEIGHT_PX 15.0f
#define BOX_HEIGHT_PX 22.0f
#define ROW_GAP_PX 6.0f
#define MIN_BOX_PX 8
#define MAX_BOX_PX 18.0f
/* A digit needs so much; what is left goes into larger ones. */
#define SCALED_WIDTH_MIN_PX 300
#define SET_ALPHA 0.4f
#define CLEAR_ALPHA 0.14f

struct _AtlasBitBoxes
{
  GtkWidget parent_instance;

  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;

  guint64 entry;
  guint64 wrong_bits;
  guint level;
  guint n_names;
  gint selected;
  AtlasEntryName names[ATLAS_ENTRY_NAMES_MAX];
};

G_DEFINE_FINAL_TYPE (AtlasBitBoxes, atlas_bit_boxes, GTK_TYPE_WIDGET)

static guint field_clicked_signal;
static guint bit_activated_signal;

typedef struct
{
  float x_px, y_px, width_px;
} Box;

static float
get_box_px (float width_px)
{
  float n_gaps = (float) (ROW_BITS / BYTE_BITS - 1u);

  return MIN ((width_px - n_gaps * BYTE_GAP_PX) / (float) ROW_BITS, MAX_BOX_PX);
}

/* Where @bit is drawn: whole pixels, one pixel free to the right. */
static Box
get_box (float width_px, guint bit)
{
  guint row = bit >= ROW_BITS ? 0 : 1;
  guint column = ROW_BITS - 1u - bit % ROW_BITS;
  float box_px = get_box_px (width_px);
  float gaps_px = (float) (column / BYTE_BITS) * BYTE_GAP_PX;
  float x_px = (float) (int) ((float) column * box_px + gaps_px);
  float end_px = (float) (int) ((float) (column + 1u) * box_px + gaps_px);

  return (Box){ x_px,
                (float) row * (NUMBER_HEIGHT_PX + BOX_HEIGHT_PX + ROW_GAP_PX) + NUMBER_HEIGHT_PX,
                end_px - x_px - 1 };
}

AtlasColor
atlas_bit_boxes_get_color (const AtlasEntryName *name, guint level)
{
  switch (name->owner)
    {
    case ATLAS_ENTRY_OWNER_PROCESSOR:
      /* The hue of the level, and for the frame the hue of what it leads to. */
      if (name->is_frame)
        return level == ATLAS_LEVEL_PT ? ATLAS_COLOR_LEVEL_PAGE : atlas_color_of_level (level - 1u);
      return atlas_color_of_level (level);
    case ATLAS_ENTRY_OWNER_SYSTEM:
      return name->is_frame ? ATLAS_COLOR_LEVEL_PAGE : ATLAS_COLOR_ACCENT;
    case ATLAS_ENTRY_OWNER_NOBODY:
      return ATLAS_COLOR_DIM_TEXT;
    case ATLAS_ENTRY_OWNER_RESERVED:
      return ATLAS_COLOR_ERROR;
    }
  g_assert_not_reached ();
}

static void
add_bit (AtlasBitBoxes *self, const AtlasEntryName *name, guint bit, float width_px)
{
  Box box = get_box (width_px, bit);
  gboolean is_set = (self->entry & ATLAS_BIT (bit)) != 0;
  gboolean is_quiet =
    name->owner == ATLAS_ENTRY_OWNER_NOBODY || name->owner == ATLAS_ENTRY_OWNER_RESERVED;

  atlas_display_list_add_rect (self->list,
                               is_quiet && !is_set ? ATLAS_COLOR_CELL
                                                   : atlas_bit_boxes_get_color (name, self->level),
                               is_quiet && !is_set ? 1
                               : is_set            ? SET_ALPHA
                                                   : CLEAR_ALPHA,
                               ATLAS_PATTERN_SOLID,
                               box.x_px,
                               box.y_px,
                               box.width_px,
                               BOX_HEIGHT_PX,
                               2);
  atlas_display_list_add_text (self->list,
                               is_set ? ATLAS_COLOR_TEXT : ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_MONO_SMALL,
                               ATLAS_ALIGN_CENTER,
                               box.x_px - 2,
                               box.y_px,
                               box.width_px + 4,
                               BOX_HEIGHT_PX,
                               is_set ? "1" : "0");
  if ((self->wrong_bits & ATLAS_BIT (bit)) != 0)
    atlas_display_list_add_rect (self->list,
                                 ATLAS_COLOR_ERROR,
                                 1,
                                 ATLAS_PATTERN_THICK_OUTLINE,
                                 box.x_px,
                                 box.y_px,
                                 box.width_px,
                                 BOX_HEIGHT_PX,
                                 2);
}

/* A frame around the bits of a field, one a row that it reaches into. */
static void
add_selection (AtlasBitBoxes *self, const AtlasEntryName *name, float width_px)
{
  for (guint row = 0; row < N_ROWS; row++)
    {
      guint row_lo = (N_ROWS - 1u - row) * ROW_BITS;
      guint lo = MAX (name->lo, row_lo);
      guint hi = MIN (name->hi, row_lo + ROW_BITS - 1u);

      if (hi >= lo && hi <= name->hi)
        {
          Box first = get_box (width_px, hi);
          Box last = get_box (width_px, lo);

          atlas_display_list_add_rect (self->list,
                                       ATLAS_COLOR_TEXT,
                                       1,
                                       ATLAS_PATTERN_THICK_OUTLINE,
                                       first.x_px - 1,
                                       first.y_px - 1,
                                       last.x_px + last.width_px - first.x_px + 2,
                                       BOX_HEIGHT_PX + 2,
                                       3);
        }
    }
}

static void
atlas_bit_boxes_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasBitBoxes *self = ATLAS_BIT_BOXES (widget);
  float width_px =
    (float) (gtk_widget_get_width (widget) / atlas_snapshot_painter_get_scale (self->painter));

  atlas_display_list_clear (self->list);
  for (guint bit = BYTE_BITS - 1u; bit < N_ROWS * ROW_BITS; bit += BYTE_BITS)
    {
      Box box = get_box (width_px, bit);
      char number[4];

      g_snprintf (number, sizeof number, "%u", bit);
      atlas_display_list_add_text (self->list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_START,
                                   box.x_px,
                                   box.y_px - NUMBER_HEIGHT_PX,
                                   4 * box.width_px,
                                   NUMBER_HEIGHT_PX,
                                   number);
    }
  for (guint i = 0; i < self->n_names; i++)
    for (guint bit = self->names[i].lo; bit <= self->names[i].hi; bit++)
      add_bit (self, &self->names[i], bit, width_px);
  if (self->selected >= 0 && (guint) self->selected < self->n_names)
    add_selection (self, &self->names[self->selected], width_px);

  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
}

static void
atlas_bit_boxes_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = (int) (ROW_BITS * MIN_BOX_PX + (ROW_BITS / BYTE_BITS - 1u) * BYTE_GAP_PX);
  else
    *minimum = *natural =
      (int) ((N_ROWS * (NUMBER_HEIGHT_PX + BOX_HEIGHT_PX) + (N_ROWS - 1u) * ROW_GAP_PX) *
             (float) atlas_text_scale_get (widget)) +
      1;
}

/* The index of the field there, and which of its bits; -1 for none. */
static gint
pick_bit (AtlasBitBoxes *self, double x_px, double y_px, guint *picked_bit)
{
  double scale = atlas_snapshot_painter_get_scale (self->painter);
  float width_px = (float) (gtk_widget_get_width (GTK_WIDGET (self)) / scale);

  x_px /= scale;
  y_px /= scale;

  for (guint i = 0; i < self->n_names; i++)
    for (guint bit = self->names[i].lo; bit <= self->names[i].hi; bit++)
      {
        Box box = get_box (width_px, bit);

        if (x_px >= (double) box.x_px && x_px < (double) (box.x_px + box.width_px + 1) &&
            y_px >= (double) box.y_px && y_px < (double) (box.y_px + BOX_HEIGHT_PX))
          {
            *picked_bit = bit;
            return (gint) i;
          }
      }
  return -1;
}

static gboolean
atlas_bit_boxes_query_tooltip (GtkWidget *widget,
                               int x_px,
                               int y_px,
                               gboolean by_keyboard,
                               GtkTooltip *tooltip)
{
  AtlasBitBoxes *self = ATLAS_BIT_BOXES (widget);
  guint bit;
  gint index = by_keyboard ? self->selected : pick_bit (self, x_px, y_px, &bit);
  const AtlasEntryName *name;
  g_autofree char *text = NULL;

  if (index < 0)
    return FALSE;

  name = &self->names[index];
  text = g_strdup_printf (
    "%s\n%s", name->long_name != NULL ? name->long_name : name->short_name, name->meaning);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
on_pressed (AtlasBitBoxes *self, int n_press, double x_px, double y_px)
{
  guint bit;
  gint index = pick_bit (self, x_px, y_px, &bit);

  if (index < 0)
    return;
  if (n_press == 2)
    g_signal_emit (self, bit_activated_signal, 0, bit);
  else
    g_signal_emit (self, field_clicked_signal, 0, (guint) index);
}

static void
atlas_bit_boxes_finalize (GObject *object)
{
  AtlasBitBoxes *self = ATLAS_BIT_BOXES (object);

  g_clear_pointer (&self->list, atlas_display_list_free);
  g_clear_pointer (&self->painter, atlas_snapshot_painter_free);

  G_OBJECT_CLASS (atlas_bit_boxes_parent_class)->finalize (object);
}

static void
atlas_bit_boxes_class_init (AtlasBitBoxesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = atlas_bit_boxes_finalize;
  widget_class->snapshot = atlas_bit_boxes_snapshot;
  widget_class->measure = atlas_bit_boxes_measure;
  widget_class->query_tooltip = atlas_bit_boxes_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "atlasbits");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);

  field_clicked_signal = g_signal_new ("field-clicked",
                                       ATLAS_TYPE_BIT_BOXES,
                                       G_SIGNAL_RUN_LAST,
                                       0,
                                       NULL,
                                       NULL,
                                       NULL,
                                       G_TYPE_NONE,
                                       1,
                                       G_TYPE_UINT);
  /* A second click on a bit: its number. */
  bit_activated_signal = g_signal_new ("bit-activated",
                                       ATLAS_TYPE_BIT_BOXES,
                                       G_SIGNAL_RUN_LAST,
                                       0,
                                       NULL,
                                       NULL,
                                       NULL,
                                       G_TYPE_NONE,
                                       1,
                                       G_TYPE_UINT);
}

static void
atlas_bit_boxes_init (AtlasBitBoxes *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->selected = -1;
  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  atlas_snapshot_painter_set_min_size (self->painter, SCALED_WIDTH_MIN_PX, 0);
  /* Bit 63 stands on the left in every language. */
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("The entry's 64 bits"), -1);
}

GtkWidget *
atlas_bit_boxes_new (void)
{
  return g_object_new (ATLAS_TYPE_BIT_BOXES, NULL);
}

void
atlas_bit_boxes_set_entry (AtlasBitBoxes *self,
                           guint64 entry,
                           guint level,
                           const AtlasEntryName *names,
                           guint n_names,
                           guint64 wrong_bits)
{
  g_autofree char *description = NULL;

  g_return_if_fail (ATLAS_IS_BIT_BOXES (self));
  g_return_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVEL_PML5);
  g_return_if_fail (n_names <= ATLAS_ENTRY_NAMES_MAX);

  self->entry = entry;
  self->level = level;
  self->wrong_bits = wrong_bits;
  self->n_names = n_names;
  memcpy (self->names, names, n_names * sizeof *names);

  description =
    g_strdup_printf ("%s %016" G_GINT64_MODIFIER "x", atlas_level_get_entry_name (level), entry);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
atlas_bit_boxes_set_selected (AtlasBitBoxes *self, gint index)
{
  g_return_if_fail (ATLAS_IS_BIT_BOXES (self));

  if (self->selected == index)
    return;

  self->selected = index;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
