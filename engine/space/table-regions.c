/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/table-regions.h"

#include <glib/gi18n-lib.h>

#include "space/region-set-private.h"

/* Descriptions that stay valid together, as region-set.h promises. */
#define N_KEPT ATLAS_REGIONS_VALID_TOGETHER

typedef struct
{
  AtlasRegionSet set;
  AtlasTableRuns *runs;
  AtlasRegion kept[N_KEPT]; /* a ring */
  guint next_kept;
} TableRegions;

static const AtlasRegionClass classes[] = {
  [ATLAS_RUN_UNMAPPED] = ATLAS_CLASS_FREE,
  [ATLAS_RUN_HOLE] = ATLAS_CLASS_HOLE,
  [ATLAS_RUN_SUPERVISOR] = ATLAS_CLASS_KERNEL,
  [ATLAS_RUN_USER] = ATLAS_CLASS_PRIVATE,
};

/* Runs and regions are summed up by the same order of what must not be hidden. */
_Static_assert(ATLAS_CLASS_FREE < ATLAS_CLASS_HOLE && ATLAS_CLASS_HOLE < ATLAS_CLASS_KERNEL &&
                 ATLAS_CLASS_KERNEL < ATLAS_CLASS_PRIVATE,
               "a run's kind and a region's class ascend together");

/* ---- One run as a region ---- */

/* By level, then whether it is a supervisor's. */
static const char *const names[][2] = {
  [ATLAS_LEVEL_PT] = { N_ ("4 KB pages, user"), N_ ("4 KB pages, supervisor") },
  [ATLAS_LEVEL_PD] = { N_ ("2 MB pages, user"), N_ ("2 MB pages, supervisor") },
  [ATLAS_LEVEL_PDPT] = { N_ ("1 GB pages, user"), N_ ("1 GB pages, supervisor") },
};

/* By whether it is a supervisor's, may be written, may be executed. */
static const char *const reasons[2][2][2] = {
  { { N_ ("user, read-only, not executable"), N_ ("user, read-only, executable") },
    { N_ ("user, writable, not executable"), N_ ("user, writable and executable") } },
  { { N_ ("supervisor, read-only, not executable"), N_ ("supervisor, read-only, executable") },
    { N_ ("supervisor, writable, not executable"), N_ ("supervisor, writable and executable") } },
};

static const guint32 protections[2][2] = {
  { ATLAS_PAGE_READONLY, ATLAS_PAGE_EXECUTE_READ },
  { ATLAS_PAGE_READWRITE, ATLAS_PAGE_EXECUTE_READWRITE },
};

/* IA32_PAT encodings 0, 1 and 7: UC, WC and UC-. Intel SDM vol. 3A §12.12.2. */
static guint32
protection_of_type (guint8 memory_type)
{
  if (memory_type == 1)
    return ATLAS_PAGE_WRITECOMBINE;
  return memory_type == 0 || memory_type == 7 ? ATLAS_PAGE_NOCACHE : 0;
}

static void
describe_run (const AtlasTableRun *run, AtlasRegion *region)
{
  *region = (AtlasRegion){
    .base_va = run->first_va,
    .size_bytes = run->last_va - run->first_va + 1,
    .region_class = classes[run->kind],
  };

  switch (run->kind)
    {
    case ATLAS_RUN_UNMAPPED:
      region->state = ATLAS_STATE_FREE;
      region->protect = ATLAS_PAGE_NOACCESS;
      region->reason = N_ ("no entry on the way is present");
      break;
    case ATLAS_RUN_HOLE:
      region->state = ATLAS_STATE_OUTSIDE;
      region->name = N_ ("non-canonical hole");
      region->reason = N_ ("the bits above the address must repeat its highest, else #GP");
      region->source = N_ ("Intel SDM vol. 1 §3.3.7.1");
      break;
    case ATLAS_RUN_SUPERVISOR:
    case ATLAS_RUN_USER:
      {
        gboolean is_supervisor = run->kind == ATLAS_RUN_SUPERVISOR;

        region->state = ATLAS_STATE_COMMIT;
        region->allocation_base_va = run->first_va;
        region->protect =
          protections[run->is_writable][run->is_executable] | protection_of_type (run->memory_type);
        region->allocation_protect = region->protect;
        region->name = names[run->level][is_supervisor];
        region->reason = reasons[is_supervisor][run->is_writable][run->is_executable];
        region->source = N_ ("page tables");
        break;
      }
    }
}

/* ---- The set ---- */

static void
table_regions_clear (AtlasRegionSet *set)
{
  atlas_table_runs_free (((TableRegions *) set)->runs);
}

static const AtlasRegion *
table_regions_get_region (const AtlasRegionSet *set, guint64 index)
{
  /* What the set tells never changes; where it writes it down does. */
  TableRegions *self = (TableRegions *) set;
  AtlasRegion *region = &self->kept[self->next_kept++ % N_KEPT];
  AtlasTableRun run;

  atlas_table_runs_get (self->runs, index, &run);
  describe_run (&run, region);
  return region;
}

static guint64
table_regions_find (const AtlasRegionSet *set, AtlasVa va)
{
  return atlas_table_runs_find (((const TableRegions *) set)->runs, va);
}

static void
table_regions_summarize (const AtlasRegionSet *set,
                         AtlasVa first_va,
                         AtlasVa last_va,
                         AtlasRegionSummary *summary)
{
  AtlasTableRunSummary sum;

  atlas_table_runs_summarize (((const TableRegions *) set)->runs, first_va, last_va, &sum);
  *summary = (AtlasRegionSummary){
    .n_regions = sum.n_runs,
    .first_index = sum.first_run,
    .has_writable_executable = sum.has_writable_executable,
    .top_class = classes[sum.top_kind],
    .top_index = sum.top_run,
    .committed_bytes = sum.mapped_bytes,
    .free_bytes = sum.unmapped_bytes,
  };
}

static const AtlasRegionSetOps table_ops = {
  .clear = table_regions_clear,
  .get_region = table_regions_get_region,
  .find = table_regions_find,
  .summarize = table_regions_summarize,
};

AtlasRegionSet *
atlas_region_set_new_of_tables_uncopied (AtlasTableGraph *graph)
{
  TableRegions *self;

  g_return_val_if_fail (graph != NULL, NULL);

  self = g_atomic_rc_box_new0 (TableRegions);
  self->runs = atlas_table_runs_new (graph);
  self->set.ops = &table_ops;
  self->set.n_regions = atlas_table_runs_get_n_runs (self->runs);
  self->set.user_end_va = atlas_table_runs_get_lower_end_va (self->runs);
  return &self->set;
}

AtlasRegionSet *
atlas_region_set_new_of_tables (AtlasTableGraph *graph)
{
  g_autoptr (AtlasRegionSet) set = NULL;
  AtlasRegionSetBuilder *builder;

  g_return_val_if_fail (graph != NULL, NULL);

  set = atlas_region_set_new_of_tables_uncopied (graph);
  if (set->n_regions > ATLAS_TABLE_REGIONS_COPIED_MAX)
    return g_steal_pointer (&set);

  builder = atlas_region_set_builder_new ();
  atlas_region_set_builder_set_user_end (builder, set->user_end_va);
  atlas_region_set_builder_set_has_slots (builder, FALSE);
  for (guint64 i = 0; i < set->n_regions; i++)
    atlas_region_set_builder_add (builder, table_regions_get_region (set, i));
  return atlas_region_set_builder_end (builder);
}
