/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/lens-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "base/trace.h"

/* A grid with room above it for a frame's number and for how full it is. */
#define WIDE_GRID_PX 140

/* How a cell is painted; two that are painted alike can be one mark. */
typedef struct
{
  AtlasColor color; /* NONE: not at all */
  AtlasPattern pattern;
  float alpha;
} CellLook;

static CellLook
get_kind_look (const AtlasLensCell *cell, AtlasColor level_color)
{
  switch ((AtlasCellKind) cell->kind)
    {
    case ATLAS_CELL_ABSENT:
      return (CellLook){ ATLAS_COLOR_NONE, ATLAS_PATTERN_SOLID, 0 };
    case ATLAS_CELL_SOFTWARE:
      return (CellLook){ level_color, ATLAS_PATTERN_HATCH, 0.9f };
    case ATLAS_CELL_IMPLIED:
      return (CellLook){ level_color, ATLAS_PATTERN_SOLID, 0.55f };
    case ATLAS_CELL_TABLE:
      return (CellLook){ level_color, ATLAS_PATTERN_SOLID, 0.85f };
    case ATLAS_CELL_LEAF:
      /* Darker with more rights, as on the map. */
      return (CellLook){ level_color,
                         ATLAS_PATTERN_SOLID,
                         0.45f + (cell->is_writable ? 0.3f : 0.0f) +
                           (cell->is_executable ? 0.25f : 0.0f) };
    }
  g_assert_not_reached ();
}

/* What has no age stays grey: it is there, and nobody notes when it was used. */
static CellLook
get_heat_look (const AtlasLensCell *cell, guint8 heat)
{
  CellLook look = get_kind_look (cell, ATLAS_COLOR_DIM_TEXT);

  if (look.color == ATLAS_COLOR_NONE || heat >= ATLAS_N_HEATS)
    {
      look.alpha *= 0.4f;
      return look;
    }
  return (CellLook){ ATLAS_COLOR_HEAT, ATLAS_PATTERN_SOLID, atlas_heat_get_alpha (heat) };
}

static gboolean
looks_alike (CellLook a, CellLook b)
{
  return a.color == b.color && a.pattern == b.pattern && a.alpha == b.alpha;
}

static void
draw_grid (AtlasDisplayList *list,
           const AtlasLensLayout *layout,
           const AtlasLensTable *table,
           const AtlasLensHeat *heat,
           guint column,
           float dim)
{
  AtlasColor color = atlas_color_of_level (table->level);
  CellLook looks[ATLAS_TABLE_ENTRIES];
  float x_px = layout->table_x_px[column];
  guint n_rows = atlas_lens_table_get_n_rows (table);
  float height_px = atlas_lens_get_grid_height (layout, n_rows);
  float pitch_x_px = (float) (layout->cell_width_px + CELL_GAP_PX);
  float pitch_y_px = (float) (layout->cell_height_px + CELL_GAP_PX);

  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_CELL,
                               table->is_known ? dim : dim * 0.5f,
                               ATLAS_PATTERN_SOLID,
                               x_px,
                               GRID_TOP_PX,
                               layout->table_width_px,
                               height_px,
                               0);
  if (table->is_known)
    {
      for (guint i = 0; i < table->n_cells; i++)
        {
          guint cell = table->first_cell + i;

          looks[i] = heat != NULL ? get_heat_look (&table->cells[cell], heat->cells[column][cell])
                                  : get_kind_look (&table->cells[cell], color);
        }
      /* Runs of equal cells in a row are one mark; the lines drawn over them part the cells again.
       */
      for (guint row = 0; row < n_rows; row++)
        {
          const CellLook *cells = &looks[row * GRID_COLUMNS];
          guint begin = 0;

          while (begin < GRID_COLUMNS)
            {
              guint end = begin + 1;

              while (end < GRID_COLUMNS && looks_alike (cells[end], cells[begin]))
                end++;
              if (cells[begin].color != ATLAS_COLOR_NONE)
                {
                  atlas_display_list_add_rect (list,
                                               cells[begin].color,
                                               cells[begin].alpha * dim,
                                               cells[begin].pattern,
                                               x_px + (float) begin * pitch_x_px,
                                               GRID_TOP_PX + (float) row * pitch_y_px,
                                               (float) (end - begin) * pitch_x_px - CELL_GAP_PX,
                                               (float) layout->cell_height_px,
                                               0);
                }
              begin = end;
            }
        }
    }
  for (guint i = 1; i < GRID_COLUMNS; i++)
    {
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_VIEW,
                                   1,
                                   ATLAS_PATTERN_SOLID,
                                   x_px + (float) i * pitch_x_px - CELL_GAP_PX,
                                   GRID_TOP_PX,
                                   CELL_GAP_PX,
                                   height_px,
                                   0);
    }
  for (guint i = 1; i < n_rows; i++)
    {
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_VIEW,
                                   1,
                                   ATLAS_PATTERN_SOLID,
                                   x_px,
                                   GRID_TOP_PX + (float) i * pitch_y_px - CELL_GAP_PX,
                                   layout->table_width_px,
                                   CELL_GAP_PX,
                                   0);
    }
  atlas_display_list_add_rect (list,
                               ATLAS_COLOR_EDGE,
                               dim,
                               ATLAS_PATTERN_OUTLINE,
                               x_px - 2,
                               GRID_TOP_PX - 2,
                               layout->table_width_px + 4,
                               height_px + 4,
                               2);
}

/* All entries that name the next column's table, where there are several: a frame about each run of
 * them, and from each row that has any a thin line to the table. */
static void
draw_parents (AtlasDisplayList *list,
              const AtlasLensLayout *layout,
              const AtlasLensTable *table,
              guint column)
{
  float to_x_px = layout->table_x_px[column + 1u] - 3.0f;
  float to_y_px = GRID_TOP_PX + (float) layout->cell_height_px / 2 + 1;

  for (guint row = 0; row < atlas_lens_table_get_n_rows (table); row++)
    {
      guint first = table->first_cell + row * GRID_COLUMNS;
      gboolean has_parent = FALSE;
      float x_px, y_px;

      for (guint begin = 0, end; begin < GRID_COLUMNS; begin = end + 1u)
        {
          for (end = begin; end < GRID_COLUMNS && table->cells[first + end].is_parent;)
            end++;
          if (end == begin)
            continue;
          has_parent = TRUE;
          atlas_lens_get_cell_origin (layout, table, column, first + begin, &x_px, &y_px);
          atlas_display_list_add_rect (
            list,
            ATLAS_COLOR_TEXT,
            0.5f,
            ATLAS_PATTERN_OUTLINE,
            x_px - 1,
            y_px - 1,
            (float) ((end - begin) * (layout->cell_width_px + CELL_GAP_PX) - CELL_GAP_PX + 2),
            (float) layout->cell_height_px + 2,
            0);
        }
      if (!has_parent)
        continue;
      atlas_lens_get_cell_origin (layout, table, column, first, &x_px, &y_px);
      atlas_display_list_add_curve (list,
                                    atlas_color_of_level (table->level),
                                    0.35f,
                                    x_px + layout->table_width_px + 2,
                                    y_px + (float) layout->cell_height_px / 2,
                                    to_x_px,
                                    to_y_px,
                                    1.0f,
                                    1);
    }
}

static guint
count_parents (const AtlasLensTable *table)
{
  return MAX (table->n_parents, table->n_parents_shown);
}

/* "512 parents", or NULL for a table that has one. */
static char *
format_parents (const AtlasLensTable *table)
{
  guint n_parents = count_parents (table);

  return n_parents > 1 ? g_strdup_printf (_ ("%u parents"), n_parents) : NULL;
}

static void
draw_cell_frame (AtlasDisplayList *list,
                 const AtlasLensLayout *layout,
                 const AtlasLensTable *table,
                 guint column,
                 guint cell,
                 AtlasColor color,
                 AtlasPattern pattern)
{
  float x_px, y_px;

  atlas_lens_get_cell_origin (layout, table, column, cell, &x_px, &y_px);
  atlas_display_list_add_rect (list,
                               color,
                               1,
                               pattern,
                               x_px - 2,
                               y_px - 2,
                               (float) layout->cell_width_px + 4,
                               (float) layout->cell_height_px + 4,
                               2);
}

/* "P RW U A D X": what the entry says, absent rights as a dot. */
static char *
format_flags (const AtlasLensTable *table)
{
  const AtlasLensCell *cell = &table->cells[table->selected];

  switch ((AtlasCellKind) cell->kind)
    {
    case ATLAS_CELL_ABSENT:
      return g_strdup (table->has_entries ? _ ("not present") : _ ("nothing committed"));
    case ATLAS_CELL_SOFTWARE:
      return g_strdup (_ ("not present, not zero"));
    case ATLAS_CELL_IMPLIED:
      return g_strdup (_ ("implied by regions"));
    case ATLAS_CELL_TABLE:
    case ATLAS_CELL_LEAF:
      return g_strdup_printf ("P %s %s %s%s%s%s",
                              cell->is_writable ? "RW" : "R·",
                              cell->is_user ? "U" : "S",
                              cell->is_accessed ? "A" : "·",
                              cell->kind == ATLAS_CELL_LEAF ? cell->is_dirty ? " D" : " ·" : "",
                              cell->is_executable ? " X" : " NX",
                              cell->kind == ATLAS_CELL_LEAF && table->level > ATLAS_LEVEL_PT
                                ? table->level == ATLAS_LEVEL_PD ? " 2 MB" : " 1 GB"
                                : "");
    }
  g_assert_not_reached ();
}

static void
draw_table (AtlasDisplayList *list,
            const AtlasLensLayout *layout,
            const AtlasLens *lens,
            const AtlasLensInput *input,
            guint column)
{
  const AtlasLensTable *table = &lens->tables[column];
  AtlasColor color = atlas_color_of_level (table->level);
  /* While a walk is being stepped, what it has not reached yet waits in the background. */
  gboolean is_reached = column < input->n_levels_shown;
  float dim = is_reached ? 1.0f : 0.4f;
  float x_px = layout->table_x_px[column];
  float width_px = layout->table_width_px;
  float foot_px =
    GRID_TOP_PX + atlas_lens_get_grid_height (layout, atlas_lens_table_get_n_rows (table)) + 6;
  g_autofree char *span = atlas_format_size (atlas_level_span_bytes (table->level));
  g_autofree char *each = g_strdup_printf (_ ("%s each"), span);
  g_autofree char *used = g_strdup_printf (_ ("%u of %u"), table->n_used, table->n_cells);
  g_autofree char *parents = format_parents (table);
  g_autofree char *same =
    table->same_as >= 0
      ? g_strdup_printf ("= %s", atlas_level_get_table_name (lens->tables[table->same_as].level))
      : NULL;
  /* Too narrow for both: how full it is can be seen. */
  g_autofree char *times = parents != NULL && width_px < WIDE_GRID_PX
                             ? g_strdup_printf (" ×%u", count_parents (table))
                             : g_strdup ("");
  g_autofree char *pfn =
    g_strdup_printf ("%05" G_GINT64_MODIFIER "x%s", table->table_pa >> ATLAS_PAGE_SHIFT, times);
  g_autofree char *frame = g_strdup_printf (_ ("frame %s"), pfn);
  float half_px = width_px * 0.56f;

  atlas_display_list_add_text (list,
                               color,
                               ATLAS_FONT_BOLD,
                               ATLAS_ALIGN_START,
                               x_px,
                               HEAD_TOP_PX,
                               width_px >= 96 ? width_px * 0.5f : layout->column_width_px,
                               HEAD_LINE_PX,
                               atlas_level_get_table_name (table->level));
  if (width_px >= 96)
    {
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_END,
                                   x_px + width_px * 0.35f,
                                   HEAD_TOP_PX,
                                   width_px * 0.65f,
                                   HEAD_LINE_PX,
                                   same != NULL ? same : each);
    }
  if (table->is_known)
    {
      if (table->has_entries)
        {
          atlas_display_list_add_text (list,
                                       ATLAS_COLOR_DIM_TEXT,
                                       ATLAS_FONT_MONO_SMALL,
                                       ATLAS_ALIGN_START,
                                       x_px,
                                       HEAD_TOP_PX + HEAD_LINE_PX,
                                       MAX (width_px, layout->column_width_px - 6),
                                       HEAD_LINE_PX,
                                       width_px >= 96 ? frame : pfn);
        }
      if (width_px >= WIDE_GRID_PX || !table->has_entries)
        {
          atlas_display_list_add_text (list,
                                       parents != NULL ? color : ATLAS_COLOR_DIM_TEXT,
                                       ATLAS_FONT_SMALL,
                                       table->has_entries ? ATLAS_ALIGN_END : ATLAS_ALIGN_START,
                                       table->has_entries ? x_px + half_px : x_px,
                                       HEAD_TOP_PX + HEAD_LINE_PX,
                                       table->has_entries ? width_px - half_px : width_px,
                                       HEAD_LINE_PX,
                                       parents != NULL ? parents : used);
        }
    }

  draw_grid (list, layout, table, input->heat, column, dim);
  if (!table->is_known)
    {
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_CENTER,
                                   x_px,
                                   GRID_TOP_PX + 40,
                                   width_px,
                                   HEAD_LINE_PX,
                                   _ ("no table"));
      return;
    }
  if (column + 1u < layout->n_columns && lens->tables[column + 1u].n_parents_shown > 1)
    draw_parents (list, layout, table, column);
  if (input->hover_column == (gint) column && input->hover_cell >= 0)
    {
      draw_cell_frame (list,
                       layout,
                       table,
                       column,
                       (guint) input->hover_cell,
                       ATLAS_COLOR_DIM_TEXT,
                       ATLAS_PATTERN_OUTLINE);
    }
  if (is_reached)
    {
      g_autofree char *entry = g_strdup_printf (
        layout->column_width_px >= 124 ? "%016" G_GINT64_MODIFIER "x" : "%" G_GINT64_MODIFIER "x",
        table->selected_entry);
      g_autofree char *flags = format_flags (table);
      float text_width_px = layout->column_width_px - 6;

      draw_cell_frame (list,
                       layout,
                       table,
                       column,
                       table->selected,
                       ATLAS_COLOR_TEXT,
                       ATLAS_PATTERN_THICK_OUTLINE);
      if (table->has_entries)
        {
          atlas_display_list_add_text (list,
                                       ATLAS_COLOR_TEXT,
                                       width_px >= 132 ? ATLAS_FONT_MONO : ATLAS_FONT_MONO_SMALL,
                                       ATLAS_ALIGN_START,
                                       x_px,
                                       foot_px,
                                       text_width_px,
                                       HEAD_LINE_PX,
                                       entry);
        }
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   table->has_entries ? ATLAS_FONT_MONO_SMALL : ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_START,
                                   x_px,
                                   table->has_entries ? foot_px + HEAD_LINE_PX : foot_px,
                                   text_width_px,
                                   HEAD_LINE_PX,
                                   flags);
    }
}

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

static void
draw_page (AtlasDisplayList *list,
           const AtlasLensLayout *layout,
           const AtlasLens *lens,
           gboolean is_reached)
{
  gboolean is_translated = lens->has_tables && lens->walk.outcome == ATLAS_OUTCOME_TRANSLATED;
  float x_px = layout->page_x_px;
  float width_px = layout->page_width_px;
  float bytes_height_px = (float) (layout->bytes_rows * BYTES_ROW_PX);
  float foot_px = GRID_TOP_PX + bytes_height_px + 6;
  const char *message = NULL;
  g_autofree char *where = NULL;

  atlas_display_list_add_text (list,
                               ATLAS_COLOR_LEVEL_PAGE,
                               ATLAS_FONT_BOLD,
                               ATLAS_ALIGN_START,
                               x_px,
                               HEAD_TOP_PX,
                               width_px,
                               HEAD_LINE_PX,
                               _ ("Page"));
  if (is_translated)
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

  if (lens->n_known_bytes == 0)
    message = lens->has_tables ? _ ("no frame behind it") : _ ("bytes not in the dump");
  if (message != NULL)
    {
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_CENTER,
                                   x_px,
                                   GRID_TOP_PX + 40,
                                   width_px,
                                   HEAD_LINE_PX,
                                   message);
    }
  else
    {
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
                                       width_px,
                                       BYTES_ROW_PX,
                                       text->str);
        }
    }
  if (is_translated)
    {
      g_autofree char *pa = atlas_trace_format_pa (lens->walk.pa);

      /* Below the page it is clear what it is. */
      where = layout->bytes_columns < BYTES_COLUMNS ? g_strdup (pa)
                                                    : g_strdup_printf (_ ("physical %s"), pa);
    }
  else if (lens->has_tables)
    where = g_strdup (lens->walk.outcome == ATLAS_OUTCOME_PAGE_FAULT ? "#PF" : "#GP");
  else
    where = g_strdup (_ ("the dump holds no page tables"));
  atlas_display_list_add_text (list,
                               is_translated ? ATLAS_COLOR_TEXT : ATLAS_COLOR_DIM_TEXT,
                               is_translated ? ATLAS_FONT_MONO_SMALL : ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               x_px,
                               foot_px,
                               width_px,
                               HEAD_LINE_PX,
                               where);
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
    draw_table (list, &layout, lens, input, i);
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
