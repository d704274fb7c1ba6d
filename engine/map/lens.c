/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/lens-private.h"

#include "paging/entry.h"

/* ---- what is shown ----------------------------------------------------------------------------
 */

#define USER_HALF_ENTRIES (ATLAS_TABLE_ENTRIES / 2)

static AtlasLensCell
cell_from_entry (guint64 entry, guint level)
{
  AtlasLensCell cell = { .kind = ATLAS_CELL_ABSENT };

  if ((entry & ATLAS_ENTRY_P) == 0)
    {
      cell.kind = entry != 0 ? ATLAS_CELL_SOFTWARE : ATLAS_CELL_ABSENT;
      return cell;
    }
  cell.kind = atlas_entry_is_leaf (entry, level) ? ATLAS_CELL_LEAF : ATLAS_CELL_TABLE;
  cell.is_writable = (entry & ATLAS_ENTRY_RW) != 0;
  cell.is_user = (entry & ATLAS_ENTRY_US) != 0;
  cell.is_executable = (entry & ATLAS_ENTRY_XD) == 0;
  cell.is_accessed = (entry & ATLAS_ENTRY_A) != 0;
  cell.is_dirty = (entry & ATLAS_ENTRY_D) != 0;
  return cell;
}

static void
table_place (AtlasLensTable *table, const AtlasLens *lens, guint level)
{
  guint top_level = lens->n_levels;

  table->level = level;
  table->selected = atlas_va_index (lens->va, level);
  table->base_va = lens->va & ~(atlas_level_span_bytes (level) * ATLAS_TABLE_ENTRIES - 1);
  table->n_cells = ATLAS_TABLE_ENTRIES;
  table->first_cell = 0;
  if (level == top_level)
    {
      /* The half that the address is in: 16 × 16 cells. */
      table->n_cells = USER_HALF_ENTRIES;
      table->first_cell = table->selected < USER_HALF_ENTRIES ? 0 : USER_HALF_ENTRIES;
      table->base_va = 0;
    }
}

static AtlasVa
table_get_cell_va (const AtlasLens *lens, const AtlasLensTable *table, guint cell)
{
  AtlasVa va = table->base_va + atlas_level_span_bytes (table->level) * cell;

  return table->level == lens->n_levels
           ? atlas_va_sign_extend (va, atlas_levels_va_bits (lens->n_levels))
           : va;
}

static void
count_used (AtlasLensTable *table)
{
  table->n_used = 0;
  for (guint i = table->first_cell; i < table->first_cell + table->n_cells; i++)
    table->n_used += table->cells[i].kind != ATLAS_CELL_ABSENT;
}

/* A table may have many parents; it is drawn once, and they all are. */
static void
mark_parents (AtlasLensTable *table,
              const guint64 entries[ATLAS_TABLE_ENTRIES],
              AtlasLensTable *next)
{
  for (guint cell = table->first_cell; cell < table->first_cell + table->n_cells; cell++)
    if (table->cells[cell].kind == ATLAS_CELL_TABLE &&
        atlas_entry_get_table_pa (entries[cell]) == next->table_pa)
      {
        table->cells[cell].is_parent = TRUE;
        next->n_parents_shown++;
      }
}

/* Windows maps its tables by an entry that names its own table: then a column is one before it. */
static gint
find_same (const AtlasLens *lens, guint column)
{
  for (guint i = 0; i < column; i++)
    if (lens->tables[i].table_pa == lens->tables[column].table_pa)
      return (gint) i;
  return -1;
}

static void
read_tables (AtlasLens *lens, AtlasSpace *space)
{
  const AtlasTableGraph *graph = atlas_space_get_table_graph (space);
  AtlasPa table_pa = lens->root_pa;
  gboolean is_known = TRUE;

  for (guint i = 0; i < lens->n_levels; i++)
    {
      AtlasLensTable *table = &lens->tables[i];
      guint64 entries[ATLAS_TABLE_ENTRIES];
      const AtlasTableNode *node;

      table_place (table, lens, lens->n_levels - i);
      table->same_as = -1;
      table->table_pa = table_pa;
      table->is_known = is_known && atlas_space_read_table (space, table_pa, entries);
      is_known = table->is_known;
      if (!is_known)
        continue;
      table->has_entries = TRUE;
      for (guint cell = 0; cell < ATLAS_TABLE_ENTRIES; cell++)
        table->cells[cell] = cell_from_entry (entries[cell], table->level);
      table->selected_entry = entries[table->selected];
      is_known = table->cells[table->selected].kind == ATLAS_CELL_TABLE;
      table_pa = atlas_entry_get_table_pa (table->selected_entry);
      count_used (table);
      table->same_as = find_same (lens, i);
      node = graph != NULL ? atlas_table_graph_find (graph, table->table_pa, table->level) : NULL;
      table->n_parents = node != NULL ? node->n_parents : 0;
      if (is_known && i + 1u < lens->n_levels)
        {
          lens->tables[i + 1u].table_pa = table_pa;
          mark_parents (table, entries, &lens->tables[i + 1u]);
        }
    }
}

/* Without page tables: an entry would be used where something is committed below it. */
static void
imply_tables (AtlasLens *lens, AtlasSpace *space)
{
  AtlasRegionSet *regions = atlas_space_get_regions (space);

  for (guint i = 0; i < lens->n_levels; i++)
    {
      AtlasLensTable *table = &lens->tables[i];

      table_place (table, lens, lens->n_levels - i);
      table->same_as = -1;
      table->is_known = TRUE;
      for (guint cell = table->first_cell; cell < table->first_cell + table->n_cells; cell++)
        {
          AtlasVa first_va = table_get_cell_va (lens, table, cell);
          AtlasVa last_va = first_va + (atlas_level_span_bytes (table->level) - 1);
          AtlasRegionSummary summary;

          atlas_region_set_summarize (regions, first_va, last_va, &summary);
          if (summary.committed_bytes > 0)
            table->cells[cell].kind = ATLAS_CELL_IMPLIED;
        }
      count_used (table);
    }
}

void
atlas_lens_update (AtlasLens *lens, AtlasSpace *space, AtlasVa va)
{
  const AtlasControl *control;

  g_return_if_fail (lens != NULL);
  g_return_if_fail (space != NULL);

  control = atlas_space_get_control (space);
  *lens = (AtlasLens){ .va = va,
                       .has_tables = control != NULL,
                       .n_levels = control != NULL ? atlas_control_get_n_levels (control)
                                                   : ATLAS_LEVEL_PML4 };
  if (lens->has_tables)
    {
      /* As its owner would read it, so that SMAP does not hide a user page. */
      const AtlasWalkQuery query = { .va = va,
                                     .access = ATLAS_ACCESS_READ,
                                     .is_supervisor = (va & ATLAS_BIT (63)) != 0 };

      lens->root_pa = atlas_control_get_root_pa (control);
      atlas_space_walk (space, &query, &lens->walk);
      read_tables (lens, space);
    }
  else
    {
      imply_tables (lens, space);
    }

  /* A few rows before the address, never out of its page. */
  lens->bytes_va = va & ~(AtlasVa) (BYTES_COLUMNS - 1);
  if ((lens->bytes_va & ATLAS_PAGE_MASK) > BYTES_BEFORE)
    lens->bytes_va -= BYTES_BEFORE;
  else
    lens->bytes_va = atlas_page_floor (va);
  lens->bytes_va = MIN (lens->bytes_va, atlas_page_floor (va) + ATLAS_PAGE_BYTES - BYTES_SHOWN);
  lens->n_known_bytes =
    (guint) atlas_space_peek (space, lens->bytes_va, lens->bytes, lens->is_known, BYTES_SHOWN);
  lens->has_page = lens->n_known_bytes > 0;
}

void
atlas_lens_get_accessed (const AtlasLens *lens, AtlasLensHeat *heat)
{
  g_return_if_fail (lens != NULL && heat != NULL);

  heat->has_ages = FALSE;
  for (guint i = 0; i < lens->n_levels; i++)
    for (guint cell = 0; cell < ATLAS_TABLE_ENTRIES; cell++)
      {
        const AtlasLensCell *shown = &lens->tables[i].cells[cell];
        gboolean is_present = shown->kind == ATLAS_CELL_TABLE || shown->kind == ATLAS_CELL_LEAF;

        heat->cells[i][cell] = !is_present          ? ATLAS_HEAT_NONE
                               : shown->is_accessed ? 0
                                                    : ATLAS_N_HEATS - 1u;
      }
}

/* ---- where it stands --------------------------------------------------------------------------
 */

static guint
choose_cell_width (guint column_width_px)
{
  guint arrow_px = column_width_px > 170 ? 52 : 28;
  guint grid_px = column_width_px > arrow_px ? column_width_px - arrow_px : 0;

  return CLAMP (grid_px / GRID_COLUMNS, CELL_WIDTH_MIN_PX + 1, CELL_WIDTH_MAX_PX + 1) - CELL_GAP_PX;
}

static guint
choose_cell_height (guint cell_width_px)
{
  return CLAMP ((cell_width_px * 6 + 5) / 10, CELL_HEIGHT_MIN_PX, CELL_HEIGHT_MAX_PX);
}

AtlasLensLayout
atlas_lens_lay_out (const AtlasLens *lens, guint width_px, guint height_px)
{
  AtlasLensLayout layout = { .n_columns = MAX (lens->n_levels, ATLAS_LEVEL_PML4) };
  guint root_px = ROOT_WIDTH_PX + 24;
  guint page_px = width_px < NARROW_PX ? PAGE_WIDTH_NARROW_PX : PAGE_WIDTH_PX;
  guint rest_px = width_px > root_px + page_px ? width_px - root_px - page_px : 0;
  guint grid_height_px = height_px > GRID_TOP_PX + FOOT_PX ? height_px - GRID_TOP_PX - FOOT_PX : 0;

  layout.column_width_px = (float) (rest_px / layout.n_columns);
  layout.cell_width_px = choose_cell_width (rest_px / layout.n_columns);
  layout.cell_height_px = choose_cell_height (layout.cell_width_px);
  if (grid_height_px / GRID_ROWS_MAX > CELL_HEIGHT_MIN_PX)
    {
      layout.cell_height_px =
        MIN (layout.cell_height_px, grid_height_px / GRID_ROWS_MAX - CELL_GAP_PX);
    }
  layout.bytes_columns = width_px < NARROW_PX ? BYTES_COLUMNS_NARROW : BYTES_COLUMNS;
  layout.bytes_rows = CLAMP (GRID_ROWS_MAX * (layout.cell_height_px + CELL_GAP_PX) / BYTES_ROW_PX,
                             BYTES_ROWS_MIN,
                             BYTES_ROWS_MAX);
  layout.table_width_px =
    (float) (GRID_COLUMNS * (layout.cell_width_px + CELL_GAP_PX) - CELL_GAP_PX);
  for (guint i = 0; i < layout.n_columns; i++)
    layout.table_x_px[i] = (float) root_px + (float) i * layout.column_width_px;
  layout.page_x_px = (float) root_px + (float) layout.n_columns * layout.column_width_px;
  layout.page_width_px = MAX ((float) width_px - layout.page_x_px, 0);
  layout.root_y_px = GRID_TOP_PX + 28;
  return layout;
}

guint
atlas_lens_table_get_n_rows (const AtlasLensTable *table)
{
  return table->n_cells / GRID_COLUMNS;
}

float
atlas_lens_get_grid_height (const AtlasLensLayout *layout, guint n_rows)
{
  return (float) (n_rows * (layout->cell_height_px + CELL_GAP_PX) - CELL_GAP_PX);
}

void
atlas_lens_get_cell_origin (const AtlasLensLayout *layout,
                            const AtlasLensTable *table,
                            guint column,
                            guint cell,
                            float *x_px,
                            float *y_px)
{
  guint place = cell - table->first_cell;

  *x_px = layout->table_x_px[column] +
          (float) (place % GRID_COLUMNS * (layout->cell_width_px + CELL_GAP_PX));
  *y_px = (float) (GRID_TOP_PX + place / GRID_COLUMNS * (layout->cell_height_px + CELL_GAP_PX));
}

guint
atlas_lens_get_height (const AtlasLens *lens, guint width_px)
{
  AtlasLensLayout layout = atlas_lens_lay_out (lens, width_px, G_MAXUINT16);
  guint grid_px = GRID_ROWS_MAX * (layout.cell_height_px + CELL_GAP_PX);

  return GRID_TOP_PX + MAX (grid_px, layout.bytes_rows * BYTES_ROW_PX) + FOOT_PX;
}

guint
atlas_lens_get_min_height (void)
{
  return GRID_TOP_PX +
         MAX (GRID_ROWS_MAX * (CELL_HEIGHT_MIN_PX + CELL_GAP_PX), BYTES_ROWS_MIN * BYTES_ROW_PX) +
         FOOT_PX;
}

void
atlas_lens_pick (const AtlasLens *lens,
                 const AtlasLensInput *input,
                 double x_px,
                 double y_px,
                 AtlasLensHit *hit)
{
  AtlasLensLayout layout;

  g_return_if_fail (lens != NULL);
  g_return_if_fail (hit != NULL);

  *hit = (AtlasLensHit){ .kind = ATLAS_LENS_HIT_NONE };
  if (lens->n_levels == 0 || x_px < 0 || y_px < 0)
    return;
  layout = atlas_lens_lay_out (lens, input->width_px, input->height_px);

  if (x_px < ROOT_WIDTH_PX && y_px >= layout.root_y_px && y_px < layout.root_y_px + ROOT_HEIGHT_PX)
    {
      hit->kind = ATLAS_LENS_HIT_ROOT;
      return;
    }
  if (x_px >= layout.page_x_px + 4 && y_px >= GRID_TOP_PX)
    {
      guint column = (guint) ((x_px - layout.page_x_px - 4) / BYTE_WIDTH_PX);
      guint row = (guint) ((y_px - GRID_TOP_PX) / BYTES_ROW_PX);

      if (column < layout.bytes_columns && row < layout.bytes_rows && lens->has_page)
        {
          hit->kind = ATLAS_LENS_HIT_BYTE;
          hit->va = lens->bytes_va + row * layout.bytes_columns + column;
        }
      return;
    }
  for (guint i = 0; i < layout.n_columns; i++)
    {
      const AtlasLensTable *table = &lens->tables[i];
      double left_px = x_px - layout.table_x_px[i];
      double top_px = y_px - GRID_TOP_PX;
      guint column, row;

      if (left_px < 0 || left_px >= layout.column_width_px)
        continue;
      if (y_px < RIBBON_HEIGHT_PX)
        {
          hit->kind = ATLAS_LENS_HIT_RIBBON;
          hit->column = i;
          hit->cell = table->selected;
          hit->va = table_get_cell_va (lens, table, table->selected);
          return;
        }
      if (top_px < 0 || !table->is_known)
        return;
      column = (guint) (left_px / (layout.cell_width_px + CELL_GAP_PX));
      row = (guint) (top_px / (layout.cell_height_px + CELL_GAP_PX));
      if (column >= GRID_COLUMNS || row >= atlas_lens_table_get_n_rows (table))
        return;
      hit->kind = ATLAS_LENS_HIT_CELL;
      hit->column = i;
      hit->cell = table->first_cell + row * GRID_COLUMNS + column;
      hit->va = table_get_cell_va (lens, table, hit->cell);
      return;
    }
}
