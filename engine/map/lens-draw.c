/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/lens-private.h"

#include <glib/gi18n-lib.h>

#include "base/trace.h"

/* The arrow into column @column: from CR3 or from the cell before it. */
static void
draw_arrow (AtlasDisplayList *list,
            const AtlasLensLayout *layout,
            const AtlasLens *lens,
            guint column,
            double progress)
{
  float from_x_px = ROOT_WIDTH_PX;
  float from_y_px = layout->root_y_px + ROOT_HEIGHT_PX / 2.0f;
  float to_x_px = column < layout->n_columns ? layout->table_x_px[column] : layout->page_x_px;
  float to_y_px = GRID_TOP_PX + (float) layout->cell_height_px / 2 + 1;
  AtlasColor color = ATLAS_COLOR_DIM_TEXT;

  if (column > 0)
    {
      const AtlasLensTable *table = &lens->tables[column - 1];

      atlas_lens_get_cell_origin (
        layout, table, column - 1, table->selected, &from_x_px, &from_y_px);
      from_x_px += (float) layout->cell_width_px + 2;
      from_y_px += (float) layout->cell_height_px / 2;
      color = atlas_color_of_level (table->level);
    }
  atlas_display_list_add_curve (
    list, color, 1, from_x_px, from_y_px, to_x_px - 3, to_y_px, 1.5f, (float) progress);
}

static void
draw_ribbon (AtlasDisplayList *list, const AtlasLensLayout *layout, const AtlasLens *lens)
{
  guint va_bits = atlas_levels_va_bits (lens->n_levels);
  g_autofree char *sign =
    g_strdup_printf (_ ("sign %0*x"), va_bits == 48 ? 4 : 2, (guint) (lens->va >> va_bits));
  g_autofree char *offset =
    g_strdup_printf (_ ("offset %03x"), (guint) (lens->va & ATLAS_PAGE_MASK));

  for (guint i = 0; i < layout->n_columns + 2; i++)
    {
      gboolean is_sign = i == 0;
      gboolean is_offset = i == layout->n_columns + 1;
      guint level = is_sign || is_offset ? 0 : lens->n_levels - (i - 1);
      float begin_px = is_sign ? 0 : is_offset ? layout->page_x_px : layout->table_x_px[i - 1];
      float end_px = is_sign     ? layout->table_x_px[0]
                     : is_offset ? layout->page_x_px + layout->page_width_px + RIBBON_GAP_PX
                                 : layout->table_x_px[i - 1] + layout->column_width_px;
      AtlasColor color = is_sign     ? ATLAS_COLOR_LEVEL_SIGN
                         : is_offset ? ATLAS_COLOR_LEVEL_PAGE
                                     : atlas_color_of_level (level);
      g_autofree char *text = NULL;

      if (level != 0)
        {
          text = g_strdup_printf (
            "%s %u", atlas_level_get_table_name (level), atlas_va_index (lens->va, level));
        }
      atlas_display_list_add_rect (list,
                                   color,
                                   0.24f,
                                   ATLAS_PATTERN_SOLID,
                                   begin_px,
                                   0,
                                   end_px - begin_px - RIBBON_GAP_PX,
                                   RIBBON_HEIGHT_PX,
                                   5);
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_EDGE,
                                   1,
                                   ATLAS_PATTERN_OUTLINE,
                                   begin_px,
                                   0,
                                   end_px - begin_px - RIBBON_GAP_PX,
                                   RIBBON_HEIGHT_PX,
                                   5);
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_TEXT,
                                   ATLAS_FONT_BOLD,
                                   ATLAS_ALIGN_CENTER,
                                   begin_px + 2,
                                   0,
                                   end_px - begin_px - RIBBON_GAP_PX - 4,
                                   RIBBON_HEIGHT_PX,
                                   is_sign     ? sign
                                   : is_offset ? offset
                                               : text);
    }
}

static void
draw_root (AtlasDisplayList *list, const AtlasLensLayout *layout, const AtlasLens *lens)
{
  g_autofree char *root = g_strdup_printf ("%" G_GINT64_MODIFIER "x", lens->root_pa);

  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_HAIRLINE,
                               1,
                               ATLAS_PATTERN_OUTLINE,
                               0,
                               layout->root_y_px,
                               ROOT_WIDTH_PX,
                               ROOT_HEIGHT_PX,
                               6);
  atlas_display_list_add_text (list,
                               ATLAS_COLOR_TEXT,
                               ATLAS_FONT_BOLD,
                               ATLAS_ALIGN_CENTER,
                               0,
                               layout->root_y_px + 5,
                               ROOT_WIDTH_PX,
                               HEAD_LINE_PX,
                               "CR3");
  atlas_display_list_add_text (list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_MONO_SMALL,
                               ATLAS_ALIGN_CENTER,
                               0,
                               layout->root_y_px + 5 + HEAD_LINE_PX,
                               ROOT_WIDTH_PX,
                               HEAD_LINE_PX,
                               lens->has_tables ? root : _ ("unknown"));
}

static gboolean
is_translated (const AtlasLens *lens)
{
  return lens->has_tables && lens->walk.outcome == ATLAS_OUTCOME_TRANSLATED;
}

static void
draw_page_head (AtlasDisplayList *list, const AtlasLensLayout *layout, const AtlasLens *lens)
{
  float x_px = layout->page_x_px;
  float width_px = layout->page_width_px;

  atlas_display_list_add_text (list,
                               ATLAS_COLOR_LEVEL_PAGE,
                               ATLAS_FONT_BOLD,
                               ATLAS_ALIGN_START,
                               x_px,
                               HEAD_TOP_PX,
                               width_px,
                               HEAD_LINE_PX,
                               _ ("Page"));
  if (is_translated (lens))
    {
      g_autofree char *pfn =
        g_strdup_printf ("%05" G_GINT64_MODIFIER "x", lens->walk.pa >> ATLAS_PAGE_SHIFT);
      g_autofree char *frame = g_strdup_printf (_ ("frame %s"), pfn);

      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_MONO_SMALL,
                                   ATLAS_ALIGN_START,
                                   x_px,
                                   HEAD_TOP_PX + HEAD_LINE_PX,
                                   width_px,
                                   HEAD_LINE_PX,
                                   frame);
    }
}

/* The selected one on its place, unknown ones as dots. */
static void
draw_bytes (AtlasDisplayList *list, const AtlasLensLayout *layout, const AtlasLens *lens)
{
  float x_px = layout->page_x_px;
  guint selected = (guint) (lens->va - lens->bytes_va);

  atlas_display_list_add_rect (
    list,
    ATLAS_COLOR_LEVEL_PAGE,
    0.35f,
    ATLAS_PATTERN_SOLID,
    x_px + 5 + (float) (selected % layout->bytes_columns) * BYTE_WIDTH_PX,
    GRID_TOP_PX + (float) (selected / layout->bytes_columns * BYTES_ROW_PX),
    BYTE_WIDTH_PX - 1.5f,
    BYTES_ROW_PX,
    3);
  /* A row is one text: its font is monospace, three characters a byte. */
  for (guint row = 0; row < layout->bytes_rows; row++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint i = row * layout->bytes_columns; i < (row + 1) * layout->bytes_columns; i++)
        {
          if (lens->is_known[i])
            g_string_append_printf (text, "%02x ", lens->bytes[i]);
          else
            g_string_append (text, "·· ");
        }
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_TEXT,
                                   ATLAS_FONT_MONO_SMALL,
                                   ATLAS_ALIGN_START,
                                   x_px + 8,
                                   GRID_TOP_PX + (float) (row * BYTES_ROW_PX),
                                   layout->page_width_px,
                                   BYTES_ROW_PX,
                                   text->str);
    }
}

/* Where the address leads, or why it leads nowhere. (transfer full) */
static char *
format_place (const AtlasLensLayout *layout, const AtlasLens *lens)
{
  g_autofree char *pa = NULL;

  if (!lens->has_tables)
    return g_strdup (_ ("the dump holds no page tables"));
  if (!is_translated (lens))
    return g_strdup (lens->walk.outcome == ATLAS_OUTCOME_PAGE_FAULT ? "#PF" : "#GP");
  pa = atlas_trace_format_pa (lens->walk.pa);
  /* Below the page it is clear what it is. */
  return layout->bytes_columns < BYTES_COLUMNS ? g_steal_pointer (&pa)
                                               : g_strdup_printf (_ ("physical %s"), pa);
}

static void
draw_page (AtlasDisplayList *list,
           const AtlasLensLayout *layout,
           const AtlasLens *lens,
           gboolean is_reached)
{
  float x_px = layout->page_x_px;
  float width_px = layout->page_width_px;
  float bytes_height_px = (float) (layout->bytes_rows * BYTES_ROW_PX);
  g_autofree char *place = format_place (layout, lens);

  draw_page_head (list, layout, lens);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_CELL,
                               is_reached ? 0.5f : 0.25f,
                               ATLAS_PATTERN_SOLID,
                               x_px,
                               GRID_TOP_PX,
                               width_px,
                               bytes_height_px,
                               4);
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_EDGE,
                               1,
                               ATLAS_PATTERN_OUTLINE,
                               x_px,
                               GRID_TOP_PX,
                               width_px,
                               bytes_height_px,
                               4);
  if (!is_reached)
    return;

  if (lens->n_known_bytes > 0)
    draw_bytes (list, layout, lens);
  else
    atlas_display_list_add_text (list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 ATLAS_FONT_SMALL,
                                 ATLAS_ALIGN_CENTER,
                                 x_px,
                                 GRID_TOP_PX + 40,
                                 width_px,
                                 HEAD_LINE_PX,
                                 lens->has_tables && !is_translated (lens)
                                   ? _ ("no frame behind it")
                                   : _ ("bytes not in the file"));
  atlas_display_list_add_text (list,
                               is_translated (lens) ? ATLAS_COLOR_TEXT : ATLAS_COLOR_DIM_TEXT,
                               is_translated (lens) ? ATLAS_FONT_MONO_SMALL : ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               x_px,
                               GRID_TOP_PX + bytes_height_px + 6,
                               width_px,
                               HEAD_LINE_PX,
                               place);
}

/* Below the root, whose grid is half as high as the others. */
static void
draw_scale (AtlasDisplayList *list,
            const AtlasLensLayout *layout,
            const AtlasLens *lens,
            const AtlasLensHeat *heat)
{
  float grid_px =
    atlas_lens_get_grid_height (layout, atlas_lens_table_get_n_rows (&lens->tables[0]));
  float width_px =
    MIN (MAX (layout->table_width_px, SCALE_WIDTH_MIN_PX), layout->column_width_px - 6);

  atlas_heat_draw_scale (list,
                         layout->table_x_px[0],
                         GRID_TOP_PX + grid_px + FOOT_PX + SCALE_GAP_PX,
                         width_px,
                         heat->has_ages ? _ ("now") : _ ("accessed"),
                         heat->has_ages ? "8+" : _ ("not"));
}

void
atlas_lens_draw (AtlasDisplayList *list, const AtlasLens *lens, const AtlasLensInput *input)
{
  AtlasLensLayout layout;
  guint n_arrows;

  g_return_if_fail (list != NULL);
  g_return_if_fail (lens != NULL);

  atlas_display_list_clear (list);
  if (lens->n_levels == 0)
    return;
  layout = atlas_lens_lay_out (lens, input->width_px, input->height_px);
  draw_ribbon (list, &layout, lens);
  draw_root (list, &layout, lens);
  for (guint i = 0; i < layout.n_columns; i++)
    atlas_lens_draw_table (list, &layout, lens, input, i);
  draw_page (list, &layout, lens, input->n_levels_shown > layout.n_columns);
  if (input->heat != NULL)
    draw_scale (list, &layout, lens, input->heat);

  n_arrows = MIN (input->n_levels_shown, layout.n_columns + 1);
  for (guint i = 0; i < n_arrows; i++)
    {
      gboolean is_last = i + 1 == n_arrows;
      const AtlasLensTable *before = i > 0 ? &lens->tables[i - 1] : NULL;

      if (before != NULL &&
          (!before->is_known || before->cells[before->selected].kind == ATLAS_CELL_ABSENT ||
           before->cells[before->selected].kind == ATLAS_CELL_SOFTWARE))
        break;
      /* A large page: its entry leads straight to the page. */
      if (before != NULL && i < layout.n_columns &&
          before->cells[before->selected].kind == ATLAS_CELL_LEAF)
        {
          draw_arrow (list, &layout, lens, i, 0.35);
          break;
        }
      draw_arrow (list, &layout, lens, i, is_last ? input->arrow_progress : 1);
    }
}
