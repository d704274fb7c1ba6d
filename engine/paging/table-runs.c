/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/table-runs.h"

#include "paging/table-graph-private.h"

/* Entries that share one sum inside a table: so many sums and so many entries are looked at at
 * most, and a table's sums stay small beside the table. */
#define BLOCK_ENTRIES 16u
#define N_BLOCKS (ATLAS_TABLE_ENTRIES / BLOCK_ENTRIES)

/* The sets of rights that entries above a table may leave it: R/W, U/S and XD, each or not. */
#define N_RIGHTS 8u

/* All that makes addresses alike, in one number. */
typedef guint16 Look;

#define LOOK_KIND(kind) ((Look) (kind))
#define LOOK_LEVEL_SHIFT 2
#define LOOK_WRITABLE (1u << 4)
#define LOOK_EXECUTABLE (1u << 5)
#define LOOK_TYPE_SHIFT 6

/* Of neighbouring addresses. Sums of neighbours add up: the runs that touch become one. */
typedef struct
{
  guint64 n_runs; /* 0: of no address at all */
  guint64 mapped_bytes;
  guint64 unmapped_bytes;
  guint64 top_run;
  Look first;
  Look last;
  guint8 top_kind;
  guint8 has_writable_executable;
} Sum;

/* A table as it looks to those who reach it with certain rights. */
typedef struct
{
  guint node;
  guint64 rights;
  Sum all;
  Sum blocks[N_BLOCKS];
} View;

struct _AtlasTableRuns
{
  AtlasTableGraph *graph;
  GArray *views;      /* of View; what is below a table stands before it */
  guint *view_of;     /* node × N_RIGHTS + rights: index of the view + 1, or 0 */
  guint root_view;    /* G_MAXUINT when the root is not there */
  AtlasVa half_bytes; /* of each canonical half */
  guint64 n_runs;
};

static AtlasRunKind
look_get_kind (Look look)
{
  return (AtlasRunKind) (look & 3u);
}

static Look
look_of_leaf (const AtlasControl *control, guint64 entry, guint level, guint64 rights)
{
  AtlasRunKind kind = (rights & ATLAS_RIGHTS_USER) != 0 ? ATLAS_RUN_USER : ATLAS_RUN_SUPERVISOR;

  return (Look) (LOOK_KIND (kind) | level << LOOK_LEVEL_SHIFT |
                 ((rights & ATLAS_RIGHTS_WRITE) != 0 ? LOOK_WRITABLE : 0u) |
                 ((rights & ATLAS_RIGHTS_EXECUTE) != 0 ? LOOK_EXECUTABLE : 0u) |
                 atlas_walk_memory_type (control, entry, level) << LOOK_TYPE_SHIFT);
}

/* ---- Sums ---- */

static Sum
sum_of_run (Look look, guint64 size_bytes)
{
  Sum sum = { .n_runs = 1, .first = look, .last = look, .top_kind = (guint8) look_get_kind (look) };

  switch (look_get_kind (look))
    {
    case ATLAS_RUN_UNMAPPED:
      sum.unmapped_bytes = size_bytes;
      break;
    case ATLAS_RUN_HOLE:
      break;
    case ATLAS_RUN_SUPERVISOR:
    case ATLAS_RUN_USER:
      sum.mapped_bytes = size_bytes;
      sum.has_writable_executable = (look & LOOK_WRITABLE) != 0 && (look & LOOK_EXECUTABLE) != 0;
      break;
    }
  return sum;
}

static guint64
count_together (const Sum *below, const Sum *above)
{
  return below->n_runs + above->n_runs - (below->n_runs > 0 && below->last == above->first);
}

/* @above has addresses. */
static void
sum_add (Sum *below, const Sum *above)
{
  guint64 n_runs = count_together (below, above);

  if (below->n_runs == 0)
    {
      *below = *above;
      return;
    }
  if (above->top_kind > below->top_kind)
    {
      below->top_kind = above->top_kind;
      below->top_run = n_runs - above->n_runs + above->top_run;
    }
  below->n_runs = n_runs;
  below->mapped_bytes += above->mapped_bytes;
  below->unmapped_bytes += above->unmapped_bytes;
  below->has_writable_executable |= above->has_writable_executable;
  below->last = above->last;
}

/* ---- Tables ---- */

static guint
rights_index (guint64 rights)
{
  return (guint) (rights >> 1 & 3u) | (guint) (rights >> 63) << 2;
}

static inline const View *
peek_view (const AtlasTableRuns *runs, guint index)
{
  return &g_array_index (runs->views, View, index);
}

/* What an entry leads to: pages that all look alike, or a table. */
typedef struct
{
  gboolean is_table;
  Look look;  /* not a table */
  guint node; /* a table */
  guint64 rights;
} Target;

static inline Target
target_of_entry (const AtlasTableGraph *graph, guint64 entry, guint level, guint64 rights)
{
  const Target unmapped = { .look = LOOK_KIND (ATLAS_RUN_UNMAPPED) };
  gboolean is_leaf = atlas_entry_is_leaf (entry, level);
  Target target = { .is_table = !is_leaf, .rights = rights & atlas_rights_of_entry (entry) };

  if ((entry & ATLAS_ENTRY_P) == 0 || (entry & graph->reserved[level][is_leaf]) != 0)
    return unmapped;
  if (is_leaf)
    {
      target.look = look_of_leaf (&graph->control, entry, level, target.rights);
      return target;
    }

  target.node = atlas_table_graph_find_index (graph, atlas_entry_get_table_pa (entry), level - 1);
  if (target.node == ATLAS_TABLE_NO_NODE ||
      atlas_table_graph_peek (graph, target.node)->mapped_bytes == 0)
    return unmapped;
  return target;
}

static guint
find_view (const AtlasTableRuns *runs, const Target *target)
{
  return runs->view_of[target->node * N_RIGHTS + rights_index (target->rights)] - 1;
}

/* Goes down one level each step, so that it ends whatever the tables name. */
static guint
make_view (AtlasTableRuns *runs, guint node_index, guint64 rights)
{
  const AtlasTableGraph *graph = runs->graph;
  const AtlasTableNode *node = atlas_table_graph_peek (graph, node_index);
  const guint8 *bytes = atlas_memory_peek_table (graph->memory, node->table_pa);
  guint64 span_bytes = atlas_level_span_bytes (node->level);
  guint *known = &runs->view_of[node_index * N_RIGHTS + rights_index (rights)];
  View view = { .node = node_index, .rights = rights };

  if (*known != 0)
    return *known - 1;

  for (guint i = 0; i < ATLAS_TABLE_ENTRIES; i++)
    {
      guint64 entry = atlas_table_read_entry (graph->memory, bytes, node->table_pa, i);
      Target target = target_of_entry (graph, entry, node->level, rights);
      Sum sum = target.is_table
                  ? peek_view (runs, make_view (runs, target.node, target.rights))->all
                  : sum_of_run (target.look, span_bytes);

      sum_add (&view.blocks[i / BLOCK_ENTRIES], &sum);
    }
  for (guint i = 0; i < N_BLOCKS; i++)
    sum_add (&view.all, &view.blocks[i]);

  g_array_append_val (runs->views, view);
  *known = runs->views->len;
  return runs->views->len - 1;
}

/* One table, ready to be read. */
typedef struct
{
  const AtlasTableRuns *runs;
  const View *view;
  const guint8 *bytes;
  AtlasPa table_pa;
  guint level;
  guint64 span_bytes; /* of an entry */
} Table;

static Table
open_table (const AtlasTableRuns *runs, guint view_index)
{
  const View *view = peek_view (runs, view_index);
  const AtlasTableNode *node = atlas_table_graph_peek (runs->graph, view->node);

  return (Table){ .runs = runs,
                  .view = view,
                  .bytes = atlas_memory_peek_table (runs->graph->memory, node->table_pa),
                  .table_pa = node->table_pa,
                  .level = node->level,
                  .span_bytes = atlas_level_span_bytes (node->level) };
}

static Target
get_target (const Table *table, guint index)
{
  guint64 entry =
    atlas_table_read_entry (table->runs->graph->memory, table->bytes, table->table_pa, index);

  return target_of_entry (table->runs->graph, entry, table->level, table->view->rights);
}

/* ---- The three parts of all addresses ---- */

/* A half is half of the root's entries; addresses inside it are offsets from its first. */
typedef struct
{
  AtlasVa first_va;
  AtlasVa last_va;
  gboolean is_hole;
  guint64 root_offset; /* what the first address is in the root table */
} Part;

#define N_PARTS 3u

static Part
get_part (const AtlasTableRuns *runs, guint index)
{
  const Part parts[N_PARTS] = {
    { .first_va = 0, .last_va = runs->half_bytes - 1 },
    { .first_va = runs->half_bytes, .last_va = ~runs->half_bytes, .is_hole = TRUE },
    { .first_va = -runs->half_bytes, .last_va = G_MAXUINT64, .root_offset = runs->half_bytes },
  };

  return parts[index];
}

/* Adds bytes first…last of the table to @sum, as offsets from its beginning. */
static void
add_range (const AtlasTableRuns *runs, guint view_index, guint64 first, guint64 last, Sum *sum)
{
  Table table = open_table (runs, view_index);
  guint index = (guint) (first / table.span_bytes);
  guint last_index = (guint) (last / table.span_bytes);

  while (index <= last_index)
    {
      guint64 base = index * table.span_bytes;
      guint block_last = index + BLOCK_ENTRIES - 1;

      if (index % BLOCK_ENTRIES == 0 && first <= base && block_last <= last_index &&
          last >= (block_last + 1) * table.span_bytes - 1)
        {
          sum_add (sum, &table.view->blocks[index / BLOCK_ENTRIES]);
          index += BLOCK_ENTRIES;
          continue;
        }

      guint64 part_first = MAX (first, base) - base;
      guint64 part_last = MIN (last - base, table.span_bytes - 1);
      Target target = get_target (&table, index);
      if (!target.is_table)
        {
          Sum run = sum_of_run (target.look, part_last - part_first + 1);

          sum_add (sum, &run);
        }
      else if (part_first == 0 && part_last == table.span_bytes - 1)
        sum_add (sum, &peek_view (runs, find_view (runs, &target))->all);
      else
        add_range (runs, find_view (runs, &target), part_first, part_last, sum);
      index++;
    }
}

static Sum
sum_range (const AtlasTableRuns *runs, AtlasVa first_va, AtlasVa last_va)
{
  Sum sum = { 0 };

  for (guint i = 0; i < N_PARTS; i++)
    {
      Part part = get_part (runs, i);
      AtlasVa part_first_va = MAX (first_va, part.first_va);
      AtlasVa part_last_va = MIN (last_va, part.last_va);

      if (part_first_va > part_last_va)
        continue;
      if (part.is_hole || runs->root_view == G_MAXUINT)
        {
          Sum run = sum_of_run (LOOK_KIND (part.is_hole ? ATLAS_RUN_HOLE : ATLAS_RUN_UNMAPPED),
                                part_last_va - part_first_va + 1);

          sum_add (&sum, &run);
        }
      else
        add_range (runs,
                   runs->root_view,
                   part_first_va - part.first_va + part.root_offset,
                   part_last_va - part.first_va + part.root_offset,
                   &sum);
    }
  return sum;
}

/* Where a run begins. */
typedef struct
{
  guint64 index;  /* of the run */
  Sum before;     /* all that was passed */
  guint64 offset; /* found: from the beginning of the part */
  Look look;
} Search;

static gboolean
begins_in (const Search *search, const Sum *sum)
{
  return count_together (&search->before, sum) > search->index;
}

/* Looks in entries [index, end) of the table at @base; FALSE when the run begins after them. */
static gboolean
search_table (const AtlasTableRuns *runs,
              guint view_index,
              guint64 base,
              guint index,
              guint end,
              Search *search)
{
  Table table = open_table (runs, view_index);

  while (index < end)
    {
      const Sum *block = &table.view->blocks[index / BLOCK_ENTRIES];

      if (index % BLOCK_ENTRIES == 0 && !begins_in (search, block))
        {
          sum_add (&search->before, block);
          index += BLOCK_ENTRIES;
          continue;
        }

      guint64 entry_base = base + index * table.span_bytes;
      Target target = get_target (&table, index);
      Sum sum = target.is_table ? peek_view (runs, find_view (runs, &target))->all
                                : sum_of_run (target.look, table.span_bytes);
      if (!begins_in (search, &sum))
        {
          sum_add (&search->before, &sum);
          index++;
          continue;
        }
      if (target.is_table)
        return search_table (
          runs, find_view (runs, &target), entry_base, 0, ATLAS_TABLE_ENTRIES, search);
      search->offset = entry_base;
      search->look = target.look;
      return TRUE;
    }
  return FALSE;
}

/* The first address of run @index, and what it looks like. */
static AtlasVa
find_run (const AtlasTableRuns *runs, guint64 index, Look *look)
{
  Search search = { .index = index };

  for (guint i = 0; i < N_PARTS; i++)
    {
      Part part = get_part (runs, i);

      if (part.is_hole || runs->root_view == G_MAXUINT)
        {
          *look = LOOK_KIND (part.is_hole ? ATLAS_RUN_HOLE : ATLAS_RUN_UNMAPPED);
          Sum sum = sum_of_run (*look, part.last_va - part.first_va + 1);

          if (begins_in (&search, &sum))
            return part.first_va;
          sum_add (&search.before, &sum);
          continue;
        }

      guint first_entry = part.root_offset == 0 ? 0 : ATLAS_TABLE_ENTRIES / 2;
      if (search_table (
            runs, runs->root_view, 0, first_entry, first_entry + ATLAS_TABLE_ENTRIES / 2, &search))
        {
          *look = search.look;
          return part.first_va + (search.offset - part.root_offset);
        }
    }
  g_assert_not_reached ();
}

/* ---- What others see ---- */

AtlasTableRuns *
atlas_table_runs_new (AtlasTableGraph *graph)
{
  g_return_val_if_fail (graph != NULL, NULL);

  AtlasTableRuns *runs = g_new0 (AtlasTableRuns, 1);
  guint n_levels = atlas_control_get_n_levels (&graph->control);

  runs->graph = atlas_table_graph_ref (graph);
  runs->views = g_array_new (FALSE, FALSE, sizeof (View));
  runs->view_of = g_new0 (guint, (gsize) graph->nodes->len * N_RIGHTS);
  runs->half_bytes = ATLAS_BIT (atlas_levels_va_bits (n_levels) - 1);
  runs->root_view = graph->nodes->len > 0 ? make_view (runs, 0, ATLAS_RIGHTS_ALL) : G_MAXUINT;
  runs->n_runs = sum_range (runs, 0, G_MAXUINT64).n_runs;
  return runs;
}

void
atlas_table_runs_free (AtlasTableRuns *runs)
{
  if (runs == NULL)
    return;

  atlas_table_graph_unref (runs->graph);
  g_array_unref (runs->views);
  g_free (runs->view_of);
  g_free (runs);
}

guint64
atlas_table_runs_get_n_runs (const AtlasTableRuns *runs)
{
  g_return_val_if_fail (runs != NULL, 0);

  return runs->n_runs;
}

AtlasVa
atlas_table_runs_get_lower_end_va (const AtlasTableRuns *runs)
{
  g_return_val_if_fail (runs != NULL, 0);

  return runs->half_bytes;
}

guint64
atlas_table_runs_find (const AtlasTableRuns *runs, AtlasVa va)
{
  g_return_val_if_fail (runs != NULL, 0);

  return sum_range (runs, 0, va).n_runs - 1;
}

void
atlas_table_runs_get (const AtlasTableRuns *runs, guint64 index, AtlasTableRun *run)
{
  Look look, next_look;

  g_return_if_fail (runs != NULL && run != NULL);
  g_return_if_fail (index < runs->n_runs);

  run->first_va = find_run (runs, index, &look);
  run->last_va =
    index + 1 < runs->n_runs ? find_run (runs, index + 1, &next_look) - 1 : G_MAXUINT64;
  run->kind = look_get_kind (look);
  run->level = look >> LOOK_LEVEL_SHIFT & 3u;
  run->is_writable = (look & LOOK_WRITABLE) != 0;
  run->is_executable = (look & LOOK_EXECUTABLE) != 0;
  run->memory_type = (guint8) (look >> LOOK_TYPE_SHIFT & 7u);
}

void
atlas_table_runs_summarize (const AtlasTableRuns *runs,
                            AtlasVa first_va,
                            AtlasVa last_va,
                            AtlasTableRunSummary *summary)
{
  Sum sum;

  g_return_if_fail (runs != NULL && summary != NULL);
  g_return_if_fail (first_va <= last_va);

  sum = sum_range (runs, first_va, last_va);
  summary->n_runs = sum.n_runs;
  summary->first_run = atlas_table_runs_find (runs, first_va);
  summary->top_kind = (AtlasRunKind) sum.top_kind;
  summary->top_run = summary->first_run + sum.top_run;
  summary->mapped_bytes = sum.mapped_bytes;
  summary->unmapped_bytes = sum.unmapped_bytes;
  summary->has_writable_executable = sum.has_writable_executable;
}
