/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Where the parts of the lens stand: drawing and picking use the same places.
 *
 *   ribbon │ sign │ PML4     │ PDPT     │ PD       │ PT       │ offset │
 *   heads  │      │ name     │ …
 *   grids  │ CR3  │ 16 × 16  │ 16 × 32  │ 16 × 32  │ 16 × 32  │ bytes  │
 *   feet   │      │ entry    │ …
 */

#include "map/lens.h"

G_BEGIN_DECLS

#define RIBBON_HEIGHT_PX 26
#define RIBBON_GAP_PX 3
#define HEAD_TOP_PX (RIBBON_HEIGHT_PX + 12)
#define HEAD_LINE_PX 17
#define GRID_TOP_PX (HEAD_TOP_PX + 2 * HEAD_LINE_PX + 5)
#define FOOT_PX (6 + 2 * HEAD_LINE_PX)
#define GRID_COLUMNS 16
#define GRID_ROWS_MAX (ATLAS_TABLE_ENTRIES / GRID_COLUMNS)
#define CELL_GAP_PX 1
#define CELL_WIDTH_MIN_PX 3
#define CELL_WIDTH_MAX_PX 14
#define CELL_HEIGHT_MIN_PX 3
#define CELL_HEIGHT_MAX_PX 9
#define ROOT_WIDTH_PX 72
#define ROOT_HEIGHT_PX 44
#define BYTES_ROWS_MIN 8
#define BYTES_ROWS_MAX 14
#define BYTES_COLUMNS 8
#define BYTES_COLUMNS_NARROW 4
/* Of the heat scale: words at both ends. */
#define SCALE_WIDTH_MIN_PX 96.0f
#define SCALE_GAP_PX 6.0f
#define NARROW_PX 720
#define BYTES_BEFORE 16 /* the address */
#define BYTES_ROW_PX 16
/* Three characters of the small monospace face. */
#define BYTE_WIDTH_PX 21.67f
#define PAGE_WIDTH_PX 184
#define PAGE_WIDTH_NARROW_PX 124
#define BYTES_SHOWN (BYTES_ROWS_MAX * BYTES_COLUMNS)

_Static_assert(BYTES_SHOWN <= G_N_ELEMENTS (((AtlasLens *) NULL)->bytes),
               "all bytes shown are kept");

typedef struct
{
  guint n_columns; /* of tables */
  float table_x_px[ATLAS_LEVELS_MAX];
  float table_width_px;  /* of the grid */
  float column_width_px; /* grid and the room for an arrow */
  float page_x_px;
  float page_width_px;
  guint cell_width_px;
  guint cell_height_px;
  guint bytes_rows;
  guint bytes_columns;
  float root_y_px;
} AtlasLensLayout;

AtlasLensLayout atlas_lens_lay_out (const AtlasLens *lens, guint width_px, guint height_px);
guint atlas_lens_table_get_n_rows (const AtlasLensTable *table);
float atlas_lens_get_grid_height (const AtlasLensLayout *layout, guint n_rows);
void atlas_lens_get_cell_origin (const AtlasLensLayout *layout,
                                 const AtlasLensTable *table,
                                 guint column,
                                 guint cell,
                                 float *x_px,
                                 float *y_px);

/* One column: head, grid and, where the walk has come so far, the entry at its foot. */
void atlas_lens_draw_table (AtlasDisplayList *list,
                            const AtlasLensLayout *layout,
                            const AtlasLens *lens,
                            const AtlasLensInput *input,
                            guint column);

G_END_DECLS
