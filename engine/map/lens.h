/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The page-table lens: the tables that translate one address, side by side, as a display list.
 *
 *   [sign 0000][PML4 255][PDPT 484][PD 123][PT 280][offset a3c]      ribbon: how the address splits
 *   CR3 ─► ▦ ───► ▦ ───► ▦ ───► ▦ ───► page bytes                    how it is found
 *
 * Where the space has page tables the cells are entries. Where it has none (a minidump) the cells
 * are what the regions imply, and the lens says so.
 */

#include "map/heat.h"
#include "space/space.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_CELL_ABSENT,
  ATLAS_CELL_SOFTWARE, /* not present, but not zero: an operating system's note */
  ATLAS_CELL_TABLE,    /* names a table */
  ATLAS_CELL_LEAF,     /* maps a page */
  ATLAS_CELL_IMPLIED,  /* no tables at hand: committed memory lies below */
} AtlasCellKind;

typedef struct
{
  guint8 kind;       /* AtlasCellKind */
  guint8 is_writable, is_user, is_executable, is_accessed, is_dirty;
  guint8 is_parent;  /* names the table of the next column, as the selected entry does */
} AtlasLensCell;

/* One column. */
typedef struct
{
  guint level;
  gboolean is_known;    /* the walk reaches this table */
  gboolean has_entries; /* real entries; FALSE: implied by regions */
  AtlasPa table_pa;
  AtlasVa base_va;      /* first address that the table covers */
  guint n_cells;        /* 512, or 256: the user half of the PML4 */
  guint first_cell;     /* 0, or 256 when the kernel half is shown */
  guint n_used;
  guint selected;       /* index of the entry on the way, 0 … 511 */
  guint64 selected_entry;
  guint n_parents_shown; /* entries of the table before it that name this one; 0: the root */
  guint n_parents;       /* entries of all tables that do; 0: nobody has counted */
  gint same_as; /* a column before it that is the same frame; -1: none */
  AtlasLensCell cells[ATLAS_TABLE_ENTRIES];
} AtlasLensTable;

/* The way of one address, ready to draw; a value. */
typedef struct
{
  AtlasVa va;
  gboolean has_tables;
  guint n_levels;
  AtlasPa root_pa;
  AtlasWalkResult walk;   /* when has_tables */
  AtlasLensTable tables[ATLAS_LEVELS_MAX]; /* [0] = root */
  gboolean has_page;
  guint n_known_bytes;    /* of the bytes below */
  AtlasVa bytes_va;       /* address of bytes[0], 16-byte aligned */
  guint8 bytes[256];
  gboolean is_known[256];
} AtlasLens;

/* Looks up what is needed to draw @va. Never changes the space. Cost: one table read a level. */
ATLAS_AVAILABLE void atlas_lens_update (AtlasLens *lens, AtlasSpace *space, AtlasVa va);

/* How long ago each cell was used, or anything below it. */
typedef struct
{
  gboolean has_ages; /* FALSE: from the Accessed bits alone, 0 or ATLAS_N_HEATS - 1 */
  guint8 cells[ATLAS_LEVELS_MAX][ATLAS_TABLE_ENTRIES]; /* by column; ATLAS_HEAT_NONE */
} AtlasLensHeat;

/* What the entries' own Accessed bits say; it is the same for every kind of space. */
ATLAS_AVAILABLE void atlas_lens_get_accessed (const AtlasLens *lens, AtlasLensHeat *heat);

/* How far a walk being stepped has come, and its animation. */
typedef struct
{
  guint width_px;
  guint height_px;
  guint n_levels_shown;   /* arrows and columns lit up to here; n_levels + 1 = all */
  double arrow_progress;  /* 0 … 1 of the last arrow */
  gint hover_column;      /* -1: none */
  gint hover_cell;
  const AtlasLensHeat *heat; /* colours the cells; NULL: what they are does */
} AtlasLensInput;

/* Replaces what is in @list. Cost: a step a cell. */
ATLAS_AVAILABLE void
atlas_lens_draw (AtlasDisplayList *list, const AtlasLens *lens, const AtlasLensInput *input);
/* The least height that shows everything, and the height that @width_px deserves. */
ATLAS_AVAILABLE guint atlas_lens_get_min_height (void);
ATLAS_AVAILABLE guint atlas_lens_get_height (const AtlasLens *lens, guint width_px);

typedef enum
{
  ATLAS_LENS_HIT_NONE,
  ATLAS_LENS_HIT_CELL,   /* column, cell, va */
  ATLAS_LENS_HIT_RIBBON, /* column */
  ATLAS_LENS_HIT_BYTE,   /* va */
  ATLAS_LENS_HIT_ROOT,   /* CR3 */
} AtlasLensHitKind;

typedef struct
{
  AtlasLensHitKind kind;
  guint column;
  guint cell;  /* index of the entry */
  AtlasVa va;  /* first address that the cell covers */
} AtlasLensHit;

/* What lies at that point of what atlas_lens_draw() drew. */
ATLAS_AVAILABLE void atlas_lens_pick (
  const AtlasLens *lens, const AtlasLensInput *input, double x_px, double y_px, AtlasLensHit *hit);

G_END_DECLS
