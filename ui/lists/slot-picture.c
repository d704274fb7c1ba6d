/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/slot-picture.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "paint/snapshot-painter.h"
#include "windows/virtual.h"

#define N_SLOT_PAGES ((guint) (ATLAS_ALLOCATION_GRANULARITY / ATLAS_PAGE_BYTES))
#define LABEL_HEIGHT_PX 18.0f
#define CELL_HEIGHT_PX 22.0f
#define CELL_GAP_PX 2.0f
#define ROW_GAP_PX 8.0f
#define LEGEND_HEIGHT_PX 20.0f
#define LEGEND_MARK_PX 10.0f
#define MIN_WIDTH_PX 320
#define MAX_SLOTS 2u /* the first and the last */

struct _AtlasSlotPicture
{
  GtkWidget parent_instance;

  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;
  AtlasSlotPlan plan;
};

G_DEFINE_FINAL_TYPE (AtlasSlotPicture, atlas_slot_picture, GTK_TYPE_WIDGET)

static AtlasVa
slot_floor (AtlasVa va)
{
  return va & ~(ATLAS_ALLOCATION_GRANULARITY - 1u);
}

/* Whether [page_va, page_va + 4 KB) and [base_va, base_va + size_bytes) share a byte. */
static gboolean
page_overlaps (AtlasVa page_va, AtlasVa base_va, guint64 size_bytes)
{
  return size_bytes != 0 &&
         page_va - atlas_page_floor (base_va) <=
           base_va + (size_bytes - 1u) - atlas_page_floor (base_va) &&
         page_va >= atlas_page_floor (base_va);
}

/* Which slots to draw; returns how many. */
static guint
choose_slots (const AtlasSlotPlan *plan, AtlasVa slots[MAX_SLOTS], guint64 *n_between)
{
  AtlasVa base_va = plan->is_given ? plan->given_va : plan->asked_va;
  guint64 size_bytes = plan->is_given ? plan->given_bytes : plan->asked_bytes;

  *n_between = 0;
  if ((!plan->is_given && !plan->has_asked) || size_bytes == 0 ||
      base_va + (size_bytes - 1u) < base_va)
    return 0;

  slots[0] = slot_floor (base_va);
  slots[1] = slot_floor (base_va + (size_bytes - 1u));
  if (slots[0] == slots[1])
    return 1;

  *n_between = (slots[1] - slots[0]) / ATLAS_ALLOCATION_GRANULARITY - 1u;
  return 2;
}

static void
add_page (AtlasDisplayList *list,
          const AtlasSlotPlan *plan,
          AtlasVa page_va,
          float x_px,
          float y_px,
          float width_px)
{
  AtlasVa tail_va = plan->given_va + plan->given_bytes;
  gboolean is_given = plan->is_given && page_overlaps (page_va, plan->given_va, plan->given_bytes);
  gboolean is_unusable =
    plan->is_given &&
    page_overlaps (page_va, tail_va, (guint64) plan->n_unusable_pages * ATLAS_PAGE_BYTES);

  atlas_display_list_add_rect (
    list, ATLAS_COLOR_CELL, 1, ATLAS_PATTERN_SOLID, x_px, y_px, width_px, CELL_HEIGHT_PX, 2);
  if (is_given)
    atlas_display_list_add_rect (list,
                                 ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_PRIVATE),
                                 1,
                                 plan->is_committed ? ATLAS_PATTERN_SOLID : ATLAS_PATTERN_HATCH,
                                 x_px,
                                 y_px,
                                 width_px,
                                 CELL_HEIGHT_PX,
                                 2);
  else if (is_unusable)
    atlas_display_list_add_rect (list,
                                 ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_NEVER),
                                 1,
                                 ATLAS_PATTERN_NEVER,
                                 x_px,
                                 y_px,
                                 width_px,
                                 CELL_HEIGHT_PX,
                                 2);
  if (plan->has_asked && page_overlaps (page_va, plan->asked_va, plan->asked_bytes))
    atlas_display_list_add_rect (list,
                                 plan->is_given ? ATLAS_COLOR_TEXT : ATLAS_COLOR_ERROR,
                                 1,
                                 ATLAS_PATTERN_THICK_OUTLINE,
                                 x_px,
                                 y_px,
                                 width_px,
                                 CELL_HEIGHT_PX,
                                 2);
}

static void
add_slot (AtlasDisplayList *list,
          const AtlasSlotPlan *plan,
          AtlasVa slot_va,
          const char *note,
          float y_px,
          float width_px)
{
  g_autofree char *label = atlas_format_va (slot_va);
  float pitch_px = (width_px + CELL_GAP_PX) / (float) N_SLOT_PAGES;

  atlas_display_list_add_text (list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_MONO_SMALL,
                               ATLAS_ALIGN_START,
                               0,
                               y_px,
                               width_px / 2,
                               LABEL_HEIGHT_PX,
                               label);
  if (note != NULL)
    atlas_display_list_add_text (list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 ATLAS_FONT_SMALL,
                                 ATLAS_ALIGN_END,
                                 width_px / 2,
                                 y_px,
                                 width_px / 2,
                                 LABEL_HEIGHT_PX,
                                 note);
  for (guint i = 0; i < N_SLOT_PAGES; i++)
    {
      float x_px = (float) (int) ((float) i * pitch_px);
      float end_px = (float) (int) ((float) (i + 1) * pitch_px) - CELL_GAP_PX;

      add_page (
        list, plan, slot_va + i * ATLAS_PAGE_BYTES, x_px, y_px + LABEL_HEIGHT_PX, end_px - x_px);
    }
}

static void
add_legend (AtlasDisplayList *list, const AtlasSlotPlan *plan, float y_px, float width_px)
{
  const struct
  {
    const char *text;
    AtlasColor color;
    AtlasPattern pattern;
    gboolean is_shown;
  } marks[] = {
    { _ ("asked"),
      plan->is_given ? ATLAS_COLOR_TEXT : ATLAS_COLOR_ERROR,
      ATLAS_PATTERN_THICK_OUTLINE,
      plan->has_asked },
    { _ ("given"),
      ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_PRIVATE),
      plan->is_committed ? ATLAS_PATTERN_SOLID : ATLAS_PATTERN_HATCH,
      plan->is_given },
    { _ ("unusable afterwards"),
      ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_NEVER),
      ATLAS_PATTERN_NEVER,
      plan->is_given && plan->n_unusable_pages > 0 },
  };
  const float column_px = width_px / (float) G_N_ELEMENTS (marks);
  float x_px = 0;

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      if (!marks[i].is_shown)
        continue;
      atlas_display_list_add_rect (list,
                                   marks[i].color,
                                   1,
                                   marks[i].pattern,
                                   x_px,
                                   y_px + (LEGEND_HEIGHT_PX - LEGEND_MARK_PX) / 2,
                                   LEGEND_MARK_PX,
                                   LEGEND_MARK_PX,
                                   2);
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_START,
                                   x_px + LEGEND_MARK_PX + 6,
                                   y_px,
                                   column_px - LEGEND_MARK_PX - 6,
                                   LEGEND_HEIGHT_PX,
                                   marks[i].text);
      x_px += column_px;
    }
}

static void
draw_plan (AtlasDisplayList *list, const AtlasSlotPlan *plan, float width_px)
{
  AtlasVa slots[MAX_SLOTS];
  guint64 n_between;
  guint n_slots = choose_slots (plan, slots, &n_between);
  float y_px = 0;

  for (guint i = 0; i < n_slots; i++)
    {
      g_autofree char *count = atlas_format_count (n_between);
      g_autofree char *note = NULL;

      if (i == 1 && n_between > 0)
        /* Translators: %s is a number; a slot is 64 KB of addresses. */
        note = g_strdup_printf (
          ngettext ("%s slot between", "%s slots between", (gulong) n_between), count);
      add_slot (list, plan, slots[i], note, y_px, width_px);
      y_px += LABEL_HEIGHT_PX + CELL_HEIGHT_PX + ROW_GAP_PX;
    }
  if (n_slots > 0)
    add_legend (list, plan, y_px - ROW_GAP_PX / 2, width_px);
}

static void
atlas_slot_picture_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasSlotPicture *self = ATLAS_SLOT_PICTURE (widget);

  atlas_display_list_clear (self->list);
  draw_plan (
    self->list,
    &self->plan,
    (float) (gtk_widget_get_width (widget) / atlas_snapshot_painter_get_scale (self->painter)));
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
}

static void
atlas_slot_picture_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = MIN_WIDTH_PX;
  else
    /* Room for both slots always: nothing jumps while a size is typed. */
    *minimum = *natural =
      (int) (atlas_text_scale_get (widget) *
             (double) (MAX_SLOTS * (LABEL_HEIGHT_PX + CELL_HEIGHT_PX + ROW_GAP_PX) +
                       LEGEND_HEIGHT_PX));
}

static void
atlas_slot_picture_finalize (GObject *object)
{
  AtlasSlotPicture *self = ATLAS_SLOT_PICTURE (object);

  g_clear_pointer (&self->list, atlas_display_list_free);
  g_clear_pointer (&self->painter, atlas_snapshot_painter_free);

  G_OBJECT_CLASS (atlas_slot_picture_parent_class)->finalize (object);
}

static void
atlas_slot_picture_class_init (AtlasSlotPictureClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = atlas_slot_picture_finalize;
  widget_class->snapshot = atlas_slot_picture_snapshot;
  widget_class->measure = atlas_slot_picture_measure;
  gtk_widget_class_set_css_name (widget_class, "atlasslots");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
atlas_slot_picture_init (AtlasSlotPicture *self)
{
  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  atlas_snapshot_painter_set_min_size (self->painter, MIN_WIDTH_PX, 0);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Pages asked for and given"), -1);
}

GtkWidget *
atlas_slot_picture_new (void)
{
  return g_object_new (ATLAS_TYPE_SLOT_PICTURE, NULL);
}

void
atlas_slot_picture_set_plan (AtlasSlotPicture *self, const AtlasSlotPlan *plan)
{
  g_return_if_fail (ATLAS_IS_SLOT_PICTURE (self));
  g_return_if_fail (plan != NULL);

  self->plan = *plan;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
