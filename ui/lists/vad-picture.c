/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/vad-picture.h"

#include <glib/gi18n.h>
#include <math.h>

#include "base/format.h"
#include "base/translation.h"
#include "windows/protection.h"

#define MARGIN_PX 10.0
#define ROW_MIN_PX 26.0
#define ROW_MAX_PX 62.0
#define BOX_GAP_PX 6.0
#define BOX_MIN_PX 6.0
#define BOX_MAX_PX 150.0
/* Below this width a subtree is one mark with a number. */
#define FOLD_PX 22.0
#define ONE_LINE_PX 58.0f
#define TWO_LINES_PX 30.0f
#define LINE_PX 14.0f

/* Where a node was drawn. */
typedef struct
{
  const AtlasVad *vad;
  float x_px, y_px, width_px, height_px;
} Box;

struct _AtlasVadPicture
{
  const AtlasVadTree *tree;
  GPtrArray *vads; /* in address order; borrowed from the tree */
  GArray *boxes;   /* of Box, as last drawn */
};

/* One drawing. */
typedef struct
{
  AtlasVadPicture *picture;
  AtlasDisplayList *list;
  const AtlasVadPictureInput *input;
  double row_px;
} Drawing;

AtlasVadPicture *
atlas_vad_picture_new (void)
{
  AtlasVadPicture *picture = g_new0 (AtlasVadPicture, 1);

  picture->vads = g_ptr_array_new ();
  picture->boxes = g_array_new (FALSE, FALSE, sizeof (Box));
  return picture;
}

void
atlas_vad_picture_free (AtlasVadPicture *picture)
{
  g_ptr_array_unref (picture->vads);
  g_array_unref (picture->boxes);
  g_free (picture);
}

void
atlas_vad_picture_set_tree (AtlasVadPicture *picture, const AtlasVadTree *tree)
{
  picture->tree = tree;
  g_ptr_array_set_size (picture->vads, 0);
  g_array_set_size (picture->boxes, 0);
  if (tree == NULL)
    return;
  for (AtlasVad *vad = atlas_vad_tree_get_first (tree); vad != NULL; vad = atlas_vad_get_next (vad))
    g_ptr_array_add (picture->vads, vad);
}

guint
atlas_vad_picture_get_n_slots (const AtlasVadPicture *picture)
{
  return picture->vads->len;
}

double
atlas_vad_picture_get_fit_px (const AtlasVadPicture *picture, guint width_px)
{
  /* A box is two slots wide: half a slot stands out at either end. */
  return MAX ((double) width_px - 2 * MARGIN_PX, 1.0) / (picture->vads->len + 1u);
}

guint
atlas_vad_picture_get_slot (const AtlasVadPicture *picture, const AtlasVad *vad)
{
  guint low = 0, high = picture->vads->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2u;
      const AtlasVad *other = g_ptr_array_index (picture->vads, middle);

      if (other->start_vpn < vad->start_vpn)
        low = middle + 1u;
      else
        high = middle;
    }
  return low;
}

static double
slot_to_x (const Drawing *drawing, double slot)
{
  return MARGIN_PX + (slot - drawing->input->left_slot) * drawing->input->slot_px;
}

static gboolean
is_on_path (const Drawing *drawing, const AtlasVad *vad)
{
  guint64 vpn = drawing->input->selected_va >> ATLAS_PAGE_SHIFT;

  /* Down from the root the search goes through every node that the selected page, or the place
   * where it would stand, lies under. */
  if (!drawing->input->has_selection)
    return FALSE;
  for (const AtlasVad *at = drawing->picture->tree->root; at != NULL;
       at = vpn < at->start_vpn ? at->left : at->right)
    {
      if (at == vad)
        return TRUE;
      if (vpn >= at->start_vpn && vpn <= at->end_vpn)
        return FALSE;
    }
  return FALSE;
}

static gboolean
is_selected (const Drawing *drawing, const AtlasVad *vad)
{
  guint64 vpn = drawing->input->selected_va >> ATLAS_PAGE_SHIFT;

  return drawing->input->has_selection && vpn >= vad->start_vpn && vpn <= vad->end_vpn;
}

static void
add_edge (Drawing *drawing,
          double x0_px,
          double y0_px,
          double x1_px,
          double y1_px,
          gboolean is_path)
{
  double right_px = drawing->input->width_px + 1.0;
  double ax = CLAMP (x0_px, -1.0, right_px);
  double bx = CLAMP (x1_px, -1.0, right_px);
  double slope = x1_px == x0_px ? 0 : (y1_px - y0_px) / (x1_px - x0_px);

  /* What leaves the picture keeps its direction. */
  if (ax == bx && x0_px != x1_px)
    return;
  y1_px = y0_px + slope * (bx - x0_px);
  y0_px = y0_px + slope * (ax - x0_px);
  for (guint i = 0; i < (is_path ? 2u : 1u); i++)
    atlas_display_list_add_line (drawing->list,
                                 is_path ? ATLAS_COLOR_ACCENT : ATLAS_COLOR_DIM_TEXT,
                                 is_path ? 1 : 0.6f,
                                 (float) ax + (float) i,
                                 (float) y0_px,
                                 (float) bx + (float) i,
                                 (float) y1_px);
}

/* As many lines as there is room for stand in the middle. */
static float
get_text_top (const Box *box)
{
  guint n_lines = box->height_px >= TWO_LINES_PX + LINE_PX ? 3u
                  : box->height_px >= TWO_LINES_PX         ? 2u
                                                           : 1u;

  return MAX ((box->height_px - (float) n_lines * LINE_PX) / 2.0f, 0.0f);
}

static void
add_box_text (Drawing *drawing,
              const Box *box,
              AtlasFont font,
              AtlasColor color,
              guint line,
              const char *text)
{
  atlas_display_list_add_text (drawing->list,
                               color,
                               font,
                               ATLAS_ALIGN_CENTER,
                               box->x_px + 3,
                               box->y_px + get_text_top (box) + (float) line * LINE_PX,
                               box->width_px - 6,
                               LINE_PX,
                               text);
}

static void
add_node (Drawing *drawing, const Box *box)
{
  const AtlasVad *vad = box->vad;
  AtlasColor color = ATLAS_COLOR_OF_CLASS (vad->region_class);
  gboolean is_small = box->width_px < ONE_LINE_PX;
  g_autofree char *address = atlas_format_hex (atlas_vad_get_base_va (vad));

  atlas_display_list_add_rect (drawing->list,
                               color,
                               is_small ? 0.85f : 0.16f,
                               ATLAS_PATTERN_SOLID,
                               box->x_px,
                               box->y_px,
                               box->width_px,
                               box->height_px,
                               4);
  atlas_display_list_add_rect (drawing->list,
                               is_on_path (drawing, vad) ? ATLAS_COLOR_ACCENT : color,
                               1,
                               is_selected (drawing, vad) ? ATLAS_PATTERN_THICK_OUTLINE
                                                          : ATLAS_PATTERN_OUTLINE,
                               box->x_px,
                               box->y_px,
                               box->width_px,
                               box->height_px,
                               4);
  if (!is_on_path (drawing, vad) && !is_selected (drawing, vad))
    atlas_display_list_add_rect (drawing->list,
                                 ATLAS_COLOR_EDGE,
                                 1,
                                 ATLAS_PATTERN_OUTLINE,
                                 box->x_px,
                                 box->y_px,
                                 box->width_px,
                                 box->height_px,
                                 4);
  if (is_small)
    return;

  add_box_text (drawing, box, ATLAS_FONT_MONO_SMALL, ATLAS_COLOR_TEXT, 0, address + 2);
  if (box->height_px >= TWO_LINES_PX)
    {
      g_autofree char *size = atlas_format_size (atlas_vad_get_n_pages (vad) * ATLAS_PAGE_BYTES);
      g_autofree char *name = atlas_translate_kept (
        vad->name != NULL ? vad->name : atlas_vad_kind_get_name ((AtlasVadKind) vad->kind));
      g_autofree char *text = g_strdup_printf ("%s · %s", name, size);

      add_box_text (drawing, box, ATLAS_FONT_SMALL, ATLAS_COLOR_DIM_TEXT, 1, text);
    }
  if (box->height_px >= TWO_LINES_PX + LINE_PX)
    {
      g_autofree char *protection =
        vad->kind == ATLAS_VAD_BLOCKED
          ? g_strdup ("never")
          : atlas_protect_format_short (atlas_protection_to_win32 (vad->protection));
      g_autofree char *text = g_strdup_printf (
        /* Translators: protection; height of the node in the tree, and how much higher the right
         * subtree below it is than the left one */
        _ ("%s · height %u, %+d"),
        protection,
        vad->height,
        atlas_vad_get_balance (vad));

      add_box_text (drawing, box, ATLAS_FONT_SMALL, ATLAS_COLOR_DIM_TEXT, 2, text);
    }
}

/* A subtree that is too narrow to be drawn: a wedge down and how many nodes it has. */
static void
add_fold (Drawing *drawing, const AtlasVad *vad, double x_px, double y_px, guint n_nodes)
{
  g_autofree char *count = atlas_format_count (n_nodes);
  float half_px = 7;
  Box box = { vad, (float) x_px - half_px, (float) y_px, 2 * half_px, 14 };

  atlas_display_list_add_rect (drawing->list,
                               is_on_path (drawing, vad) ? ATLAS_COLOR_ACCENT
                                                         : ATLAS_COLOR_DIM_TEXT,
                               0.8f,
                               ATLAS_PATTERN_FOLD,
                               box.x_px,
                               box.y_px,
                               box.width_px,
                               box.height_px,
                               2);
  if (drawing->row_px >= 30 && n_nodes > 1)
    atlas_display_list_add_text (drawing->list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 ATLAS_FONT_SMALL,
                                 ATLAS_ALIGN_CENTER,
                                 box.x_px - 8,
                                 box.y_px + box.height_px,
                                 box.width_px + 16,
                                 LINE_PX,
                                 count);
  g_array_append_val (drawing->picture->boxes, box);
}

/* Draws the subtree of @vad, whose slots are [@first, @end), in row @row. */
static void
draw_subtree (Drawing *drawing, const AtlasVad *vad, guint first, guint end, guint row)
{
  guint slot = atlas_vad_picture_get_slot (drawing->picture, vad);
  double x_px = slot_to_x (drawing, slot + 0.5);
  double y_px = MARGIN_PX + row * drawing->row_px;
  double left_px = slot_to_x (drawing, first);
  double right_px = slot_to_x (drawing, end);
  double box_px, height_px = drawing->row_px - 12;
  Box box;

  if (right_px < 0 || left_px > drawing->input->width_px)
    return;
  if (right_px - left_px < FOLD_PX && end - first > 1)
    {
      add_fold (drawing, vad, (left_px + right_px) / 2, y_px, end - first);
      return;
    }

  /* Two nodes of one row have a node of a row above between them: two slots are always free. */
  box_px = MIN (x_px - left_px, right_px - x_px) * 2 - BOX_GAP_PX;
  box_px = MAX (box_px, 2 * drawing->input->slot_px - BOX_GAP_PX);
  box_px = CLAMP (box_px, BOX_MIN_PX, BOX_MAX_PX);
  box = (Box){ vad, (float) (x_px - box_px / 2), (float) y_px, (float) box_px, (float) height_px };

  if (vad->left != NULL)
    {
      double child_px =
        slot_to_x (drawing, atlas_vad_picture_get_slot (drawing->picture, vad->left) + 0.5);

      add_edge (drawing,
                x_px,
                y_px + height_px,
                child_px,
                y_px + drawing->row_px,
                is_on_path (drawing, vad->left));
      draw_subtree (drawing, vad->left, first, slot, row + 1u);
    }
  if (vad->right != NULL)
    {
      double child_px =
        slot_to_x (drawing, atlas_vad_picture_get_slot (drawing->picture, vad->right) + 0.5);

      add_edge (drawing,
                x_px,
                y_px + height_px,
                child_px,
                y_px + drawing->row_px,
                is_on_path (drawing, vad->right));
      draw_subtree (drawing, vad->right, slot + 1u, end, row + 1u);
    }
  if (box.x_px + box.width_px < 0 || box.x_px > (float) drawing->input->width_px)
    return;
  add_node (drawing, &box);
  g_array_append_val (drawing->picture->boxes, box);
}

void
atlas_vad_picture_draw (AtlasVadPicture *picture,
                        AtlasDisplayList *list,
                        const AtlasVadPictureInput *input)
{
  Drawing drawing = { .picture = picture, .list = list, .input = input };

  atlas_display_list_clear (list);
  g_array_set_size (picture->boxes, 0);
  if (picture->tree == NULL || picture->tree->root == NULL)
    return;
  drawing.row_px = CLAMP (
    (input->height_px - 2 * MARGIN_PX + 12) / picture->tree->root->height, ROW_MIN_PX, ROW_MAX_PX);
  draw_subtree (&drawing, picture->tree->root, 0, picture->vads->len, 0);
}

const AtlasVad *
atlas_vad_picture_pick (const AtlasVadPicture *picture, double x_px, double y_px)
{
  for (guint i = 0; i < picture->boxes->len; i++)
    {
      const Box *box = &g_array_index (picture->boxes, Box, i);

      if (x_px >= (double) box->x_px && x_px < (double) (box->x_px + box->width_px) &&
          y_px >= (double) box->y_px && y_px < (double) (box->y_px + box->height_px))
        return box->vad;
    }
  return NULL;
}
