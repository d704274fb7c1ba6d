/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/lens-private.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "map/heat.h"
#include "map/lane.h"

/* A grid with room above it for a frame's number and for how full it is. */
#define WIDE_GRID_PX 140
/* By which two texts of that length are thought to be wider than they are. */
#define ESTIMATE_SLACK_PX 18.0f

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

/* Runs of equal cells in a row are one mark; the lines drawn over them part the cells again. */
static void
draw_cells (AtlasDisplayList *list,
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
  float pitch_x_px = (float) (layout->cell_width_px + CELL_GAP_PX);
  float pitch_y_px = (float) (layout->cell_height_px + CELL_GAP_PX);

  for (guint i = 0; i < table->n_cells; i++)
    {
      guint cell = table->first_cell + i;

      looks[i] = heat != NULL ? get_heat_look (&table->cells[cell], heat->cells[column][cell])
                              : get_kind_look (&table->cells[cell], color);
    }
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

static void
draw_grid (AtlasDisplayList *list,
           const AtlasLensLayout *layout,
           const AtlasLensTable *table,
           const AtlasLensHeat *heat,
           guint column,
           float dim)
{
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
    draw_cells (list, layout, table, heat, column, dim);
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
      return g_strdup (_ ("implied"));
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

/* Name and span of an entry, then frame and how full it is. */
static void
draw_head (AtlasDisplayList *list,
           const AtlasLensLayout *layout,
           const AtlasLens *lens,
           guint column)
{
  const AtlasLensTable *table = &lens->tables[column];
  AtlasColor color = atlas_color_of_level (table->level);
  float x_px = layout->table_x_px[column];
  float width_px = layout->table_width_px;
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
  const char *beside = parents != NULL ? parents : used;
  float beside_px = atlas_text_estimate_px (ATLAS_FONT_SMALL, beside) + 2.0f;
  g_autofree char *full =
    g_strdup_printf (_ ("%u of %u"), ATLAS_TABLE_ENTRIES, ATLAS_TABLE_ENTRIES);
  /* The number says it alone, in all tables alike, where the word would run into what stands beside
   * it. */
  gboolean has_word = width_px >= 96 && (width_px < WIDE_GRID_PX ||
                                         atlas_text_estimate_px (ATLAS_FONT_MONO_SMALL, frame) +
                                             atlas_text_estimate_px (ATLAS_FONT_SMALL, full) <=
                                           width_px + ESTIMATE_SLACK_PX);

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
                                       has_word ? frame : pfn);
        }
      if (width_px >= WIDE_GRID_PX || !table->has_entries)
        {
          atlas_display_list_add_text (list,
                                       parents != NULL ? color : ATLAS_COLOR_DIM_TEXT,
                                       ATLAS_FONT_SMALL,
                                       table->has_entries ? ATLAS_ALIGN_END : ATLAS_ALIGN_START,
                                       table->has_entries ? x_px + width_px - beside_px : x_px,
                                       HEAD_TOP_PX + HEAD_LINE_PX,
                                       table->has_entries ? beside_px : width_px,
                                       HEAD_LINE_PX,
                                       beside);
        }
    }
}

/* The selected entry and what it says. */
static void
draw_foot (AtlasDisplayList *list,
           const AtlasLensLayout *layout,
           const AtlasLensTable *table,
           guint column)
{
  float x_px = layout->table_x_px[column];
  float foot_px =
    GRID_TOP_PX + atlas_lens_get_grid_height (layout, atlas_lens_table_get_n_rows (table)) + 6;
  g_autofree char *entry = g_strdup_printf (
    layout->column_width_px >= 124 ? "%016" G_GINT64_MODIFIER "x" : "%" G_GINT64_MODIFIER "x",
    table->selected_entry);
  g_autofree char *flags = format_flags (table);
  float text_width_px = layout->column_width_px - 6;

  if (table->has_entries)
    {
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_TEXT,
                                   layout->table_width_px >= 132 ? ATLAS_FONT_MONO
                                                                 : ATLAS_FONT_MONO_SMALL,
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

void
atlas_lens_draw_table (AtlasDisplayList *list,
                       const AtlasLensLayout *layout,
                       const AtlasLens *lens,
                       const AtlasLensInput *input,
                       guint column)
{
  const AtlasLensTable *table = &lens->tables[column];
  /* While a walk is being stepped, what it has not reached yet waits in the background. */
  gboolean is_reached = column < input->n_levels_shown;

  draw_head (list, layout, lens, column);
  draw_grid (list, layout, table, input->heat, column, is_reached ? 1.0f : 0.4f);
  if (!table->is_known)
    {
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_CENTER,
                                   layout->table_x_px[column],
                                   GRID_TOP_PX + 40,
                                   layout->table_width_px,
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
  if (!is_reached)
    return;
  draw_cell_frame (
    list, layout, table, column, table->selected, ATLAS_COLOR_TEXT, ATLAS_PATTERN_THICK_OUTLINE);
  draw_foot (list, layout, table, column);
}
