/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/region-set-private.h"

#include <glib/gi18n-lib.h>

#include "paging/address.h"

/* Regions that share one leaf of the sums. A leaf and its share of the inner nodes cost 64 bytes,
 * so 2 bytes a region; a range query looks at fewer than 64 regions and 2 log2 (n / 32) nodes. */
#define BLOCK_SHIFT 5u
#define BLOCK_REGIONS (1u << BLOCK_SHIFT)

/* Where x64 Windows stops answering in a large-address-aware process: the last 64 KB below 2^47 are
 * never handed out. Raymond Chen, The Old New Thing, on the 64 KB no man's land. */
#define DEFAULT_USER_END_VA G_GUINT64_CONSTANT (0x7fffffff0000)

/* Canonical halves with 48 address bits, and with the 57 of five levels. Intel SDM vol. 1
 * §3.3.7.1. */
#define LOWER_HALF_END_VA ATLAS_BIT (47)
#define UPPER_HALF_BASE_VA (~G_GUINT64_CONSTANT (0) << 47)
#define LA57_LOWER_HALF_END_VA ATLAS_BIT (56)
#define LA57_UPPER_HALF_BASE_VA (~G_GUINT64_CONSTANT (0) << 56)

typedef struct
{
  guint64 committed_bytes;
  guint64 reserved_bytes;
  guint64 free_bytes;
  guint32 top_index;
  guint16 top_class;
  guint16 has_writable_executable;
} Sum;

_Static_assert(sizeof (Sum) == 32, "the memory promise counts on it");

typedef struct
{
  AtlasRegionSet set;
  AtlasRegion *regions;
  guint n_regions;
  /* A tree without pointers: the leaf of block b is sums[n_blocks + b], and
   * sums[i] = sums[2i] + sums[2i + 1]. The order of addition does not matter, so any n_blocks does.
   */
  Sum *sums;
  guint n_blocks;
  GStringChunk *strings;
} ArraySet;

struct _AtlasRegionSetBuilder
{
  GArray *regions;
  GStringChunk *strings;
  AtlasVa user_end_va;
  gboolean has_slots;
  AtlasVa next_va; /* first address not told yet; 0 again once 2^64 is reached */
  gboolean is_full;
};

/* How addresses that nobody told of are filled in; the user half is split at the user end. */
typedef struct
{
  AtlasVa last_va;
  AtlasRegion region;
} Fill;

#define N_FILLS 3u

static const Fill fills_4[N_FILLS] = {
  { LOWER_HALF_END_VA - 1u,
    { .state = ATLAS_STATE_OUTSIDE,
      .region_class = ATLAS_CLASS_NEVER,
      .name = N_ ("never allocatable"),
      .reason = N_ ("above the highest address that this process can have") } },
  { UPPER_HALF_BASE_VA - 1u,
    { .state = ATLAS_STATE_OUTSIDE,
      .region_class = ATLAS_CLASS_HOLE,
      .name = N_ ("non-canonical hole"),
      .reason = N_ ("bits 63…48 must repeat bit 47, else the processor raises #GP"),
      .source = "Intel SDM vol. 1 §3.3.7.1" } },
  { ~G_GUINT64_CONSTANT (0),
    { .state = ATLAS_STATE_OUTSIDE,
      .region_class = ATLAS_CLASS_KERNEL,
      .name = N_ ("kernel half"),
      .reason = N_ ("the upper 128 TB belong to the kernel; no user-mode access") } },
};

static const Fill fills_5[N_FILLS] = {
  { LA57_LOWER_HALF_END_VA - 1u,
    { .state = ATLAS_STATE_OUTSIDE,
      .region_class = ATLAS_CLASS_NEVER,
      .name = N_ ("never allocatable"),
      .reason = N_ ("above the highest address that this process can have") } },
  { LA57_UPPER_HALF_BASE_VA - 1u,
    { .state = ATLAS_STATE_OUTSIDE,
      .region_class = ATLAS_CLASS_HOLE,
      .name = N_ ("non-canonical hole"),
      .reason = N_ ("bits 63…57 must repeat bit 56, else the processor raises #GP"),
      .source = "Intel SDM vol. 1 §3.3.7.1" } },
  { ~G_GUINT64_CONSTANT (0),
    { .state = ATLAS_STATE_OUTSIDE,
      .region_class = ATLAS_CLASS_KERNEL,
      .name = N_ ("kernel half"),
      .reason = N_ ("the upper 64 PB belong to the kernel; no user-mode access") } },
};

static void
append_region (AtlasRegionSetBuilder *builder, const AtlasRegion *region)
{
  AtlasRegion copy = *region;

  if (copy.name != NULL)
    copy.name = g_string_chunk_insert_const (builder->strings, copy.name);
  if (copy.reason != NULL)
    copy.reason = g_string_chunk_insert_const (builder->strings, copy.reason);
  if (copy.source != NULL)
    copy.source = g_string_chunk_insert_const (builder->strings, copy.source);

  g_array_append_val (builder->regions, copy);
  builder->next_va = copy.base_va + copy.size_bytes;
  builder->is_full = builder->next_va == 0;
}

/* Fills from next_va up to and with @last_va. */
static void
fill_up_to (AtlasRegionSetBuilder *builder, AtlasVa last_va)
{
  const Fill *fills = builder->user_end_va > LOWER_HALF_END_VA ? fills_5 : fills_4;

  if (builder->next_va < builder->user_end_va && builder->next_va <= last_va)
    {
      AtlasVa end_va = MIN (last_va, builder->user_end_va - 1u) + 1u;

      append_region (builder,
                     &(AtlasRegion){ .base_va = builder->next_va,
                                     .size_bytes = end_va - builder->next_va,
                                     .state = ATLAS_STATE_FREE,
                                     .protect = ATLAS_PAGE_NOACCESS,
                                     .region_class = ATLAS_CLASS_FREE });
    }

  for (guint i = 0; i < N_FILLS; i++)
    if (!builder->is_full && builder->next_va <= last_va && builder->next_va <= fills[i].last_va)
      {
        AtlasRegion region = fills[i].region;

        region.base_va = builder->next_va;
        region.size_bytes = MIN (last_va, fills[i].last_va) - builder->next_va + 1u;
        append_region (builder, &region);
      }
}

AtlasRegionSetBuilder *
atlas_region_set_builder_new (void)
{
  AtlasRegionSetBuilder *builder = g_new0 (AtlasRegionSetBuilder, 1);

  builder->regions = g_array_new (FALSE, FALSE, sizeof (AtlasRegion));
  builder->strings = g_string_chunk_new (1024);
  builder->user_end_va = DEFAULT_USER_END_VA;
  builder->has_slots = TRUE;
  return builder;
}

void
atlas_region_set_builder_set_user_end (AtlasRegionSetBuilder *builder, AtlasVa user_end_va)
{
  g_return_if_fail (builder != NULL);
  g_return_if_fail (builder->regions->len == 0);
  g_return_if_fail (user_end_va > 0 && user_end_va <= LA57_LOWER_HALF_END_VA);
  g_return_if_fail ((user_end_va & ATLAS_PAGE_MASK) == 0);

  builder->user_end_va = user_end_va;
}

void
atlas_region_set_builder_set_has_slots (AtlasRegionSetBuilder *builder, gboolean has_slots)
{
  g_return_if_fail (builder != NULL);

  builder->has_slots = has_slots;
}

void
atlas_region_set_builder_add (AtlasRegionSetBuilder *builder, const AtlasRegion *region)
{
  g_return_if_fail (builder != NULL);
  g_return_if_fail (region != NULL);
  g_return_if_fail (region->size_bytes > 0);
  g_return_if_fail (region->size_bytes - 1u <= ~region->base_va);
  g_return_if_fail (!builder->is_full && region->base_va >= builder->next_va);
  g_return_if_fail ((guint) region->region_class < ATLAS_N_CLASSES);

  if (region->base_va > builder->next_va)
    fill_up_to (builder, region->base_va - 1u);
  append_region (builder, region);
}

void
atlas_region_set_builder_free (AtlasRegionSetBuilder *builder)
{
  if (builder == NULL)
    return;

  if (builder->regions != NULL)
    g_array_unref (builder->regions);
  if (builder->strings != NULL)
    g_string_chunk_free (builder->strings);
  g_free (builder);
}

/* Adds bytes [first_va, last_va] of @region, at least one of which lies in it. */
static void
sum_add_region (Sum *sum, const AtlasRegion *region, guint index, AtlasVa first_va, AtlasVa last_va)
{
  AtlasVa clipped_first_va = MAX (first_va, region->base_va);
  AtlasVa clipped_last_va = MIN (last_va, atlas_region_get_last_va (region));
  guint64 size_bytes = clipped_last_va - clipped_first_va + 1u;

  switch (region->state)
    {
    case ATLAS_STATE_COMMIT:
      sum->committed_bytes += size_bytes;
      break;
    case ATLAS_STATE_RESERVE:
      sum->reserved_bytes += size_bytes;
      break;
    case ATLAS_STATE_FREE:
      sum->free_bytes += size_bytes;
      break;
    case ATLAS_STATE_OUTSIDE:
      break;
    }

  if (region->region_class > sum->top_class || sum->top_index == G_MAXUINT32)
    {
      sum->top_class = (guint16) region->region_class;
      sum->top_index = index;
    }
  if (atlas_region_is_writable_executable (region))
    sum->has_writable_executable = TRUE;
}

static void
sum_add (Sum *sum, const Sum *other)
{
  sum->committed_bytes += other->committed_bytes;
  sum->reserved_bytes += other->reserved_bytes;
  sum->free_bytes += other->free_bytes;
  sum->has_writable_executable |= other->has_writable_executable;

  if (sum->top_index == G_MAXUINT32 || other->top_class > sum->top_class ||
      (other->top_class == sum->top_class && other->top_index < sum->top_index))
    {
      sum->top_class = other->top_class;
      sum->top_index = other->top_index;
    }
}

static const Sum empty_sum = { .top_index = G_MAXUINT32 };

static void
build_sums (ArraySet *set)
{
  set->n_blocks = (set->n_regions + BLOCK_REGIONS - 1u) >> BLOCK_SHIFT;
  set->sums = g_new (Sum, 2u * (gsize) set->n_blocks);

  for (guint i = 0; i < 2u * set->n_blocks; i++)
    set->sums[i] = empty_sum;
  for (guint i = 0; i < set->n_regions; i++)
    sum_add_region (&set->sums[set->n_blocks + (i >> BLOCK_SHIFT)],
                    &set->regions[i],
                    i,
                    0,
                    ~G_GUINT64_CONSTANT (0));
  for (guint i = set->n_blocks - 1u; i >= 1u; i--)
    {
      sum_add (&set->sums[i], &set->sums[2u * i]);
      sum_add (&set->sums[i], &set->sums[2u * i + 1u]);
    }
}

static guint
array_find (const ArraySet *self, AtlasVa va)
{
  guint first = 0;
  guint count = self->n_regions;

  /* regions[first].base_va ≤ va always: the first region starts at 0. */
  while (count > 1u)
    {
      guint half = count / 2u;

      if (self->regions[first + half].base_va <= va)
        {
          first += half;
          count -= half;
        }
      else
        count = half;
    }

  return first;
}

static void
array_set_clear (AtlasRegionSet *set)
{
  ArraySet *self = (ArraySet *) set;

  g_free (self->regions);
  g_free (self->sums);
  g_string_chunk_free (self->strings);
}

static const AtlasRegion *
array_set_get_region (const AtlasRegionSet *set, guint64 index)
{
  return &((const ArraySet *) set)->regions[index];
}

static guint64
array_set_find (const AtlasRegionSet *set, AtlasVa va)
{
  return array_find ((const ArraySet *) set, va);
}

static void
array_set_summarize (const AtlasRegionSet *region_set,
                     AtlasVa first_va,
                     AtlasVa last_va,
                     AtlasRegionSummary *summary)
{
  const ArraySet *set = (const ArraySet *) region_set;
  Sum sum = empty_sum;
  guint first_index = array_find (set, first_va);
  guint last_index = array_find (set, last_va);
  guint index;

  /* The two ends may be cut by the range; what lies between is whole: loose regions up to a block
   * boundary, whole blocks from the tree, loose regions again. */
  sum_add_region (&sum, &set->regions[first_index], first_index, first_va, last_va);
  for (index = first_index + 1u; index < last_index && (index & (BLOCK_REGIONS - 1u)) != 0; index++)
    sum_add_region (&sum, &set->regions[index], index, first_va, last_va);

  if (index < last_index)
    {
      guint left = set->n_blocks + (index >> BLOCK_SHIFT);
      guint right = set->n_blocks + (last_index >> BLOCK_SHIFT);

      for (; left < right; left /= 2u, right /= 2u)
        {
          if ((left & 1u) != 0)
            sum_add (&sum, &set->sums[left++]);
          if ((right & 1u) != 0)
            sum_add (&sum, &set->sums[--right]);
        }
      index = last_index & ~(BLOCK_REGIONS - 1u);
    }

  for (; index < last_index; index++)
    sum_add_region (&sum, &set->regions[index], index, first_va, last_va);
  if (last_index != first_index)
    sum_add_region (&sum, &set->regions[last_index], last_index, first_va, last_va);

  *summary = (AtlasRegionSummary){
    .n_regions = last_index - first_index + 1u,
    .first_index = first_index,
    .has_writable_executable = sum.has_writable_executable,
    .top_class = (AtlasRegionClass) sum.top_class,
    .top_index = sum.top_index,
    .committed_bytes = sum.committed_bytes,
    .reserved_bytes = sum.reserved_bytes,
    .free_bytes = sum.free_bytes,
  };
}

static const AtlasRegionSetOps array_ops = {
  .clear = array_set_clear,
  .get_region = array_set_get_region,
  .find = array_set_find,
  .summarize = array_set_summarize,
};

AtlasRegionSet *
atlas_region_set_builder_end (AtlasRegionSetBuilder *builder)
{
  ArraySet *self;
  gsize n_regions;

  g_return_val_if_fail (builder != NULL, NULL);

  if (!builder->is_full)
    fill_up_to (builder, ~G_GUINT64_CONSTANT (0));

  self = g_atomic_rc_box_new0 (ArraySet);
  self->regions = (AtlasRegion *) (void *) g_array_steal (builder->regions, &n_regions);
  self->regions = g_renew (AtlasRegion, self->regions, n_regions);
  self->n_regions = (guint) n_regions;
  self->strings = g_steal_pointer (&builder->strings);
  build_sums (self);
  self->set.ops = &array_ops;
  self->set.n_regions = n_regions;
  self->set.user_end_va = builder->user_end_va;
  self->set.has_slots = builder->has_slots;
  self->set.is_listed = TRUE;

  atlas_region_set_builder_free (builder);
  return &self->set;
}

/* ---- Whatever stands behind ---- */

AtlasRegionSet *
atlas_region_set_ref (AtlasRegionSet *set)
{
  g_return_val_if_fail (set != NULL, NULL);

  return g_atomic_rc_box_acquire (set);
}

static void
region_set_clear (gpointer data)
{
  AtlasRegionSet *set = data;

  set->ops->clear (set);
}

void
atlas_region_set_unref (AtlasRegionSet *set)
{
  g_return_if_fail (set != NULL);

  g_atomic_rc_box_release_full (set, region_set_clear);
}

guint64
atlas_region_set_get_n_regions (const AtlasRegionSet *set)
{
  g_return_val_if_fail (set != NULL, 0);

  return set->n_regions;
}

const AtlasRegion *
atlas_region_set_get_region (const AtlasRegionSet *set, guint64 index)
{
  g_return_val_if_fail (set != NULL, NULL);
  g_return_val_if_fail (index < set->n_regions, NULL);

  return set->ops->get_region (set, index);
}

guint64
atlas_region_set_find (const AtlasRegionSet *set, AtlasVa va)
{
  g_return_val_if_fail (set != NULL, 0);

  return set->ops->find (set, va);
}

void
atlas_region_set_summarize (const AtlasRegionSet *set,
                            AtlasVa first_va,
                            AtlasVa last_va,
                            AtlasRegionSummary *summary)
{
  g_return_if_fail (set != NULL);
  g_return_if_fail (summary != NULL);
  g_return_if_fail (first_va <= last_va);

  set->ops->summarize (set, first_va, last_va, summary);
}

AtlasVa
atlas_region_set_get_user_end_va (const AtlasRegionSet *set)
{
  g_return_val_if_fail (set != NULL, 0);

  return set->user_end_va;
}

guint
atlas_region_set_get_n_levels (const AtlasRegionSet *set)
{
  guint64 index;

  g_return_val_if_fail (set != NULL, ATLAS_LEVEL_PML4);

  index = atlas_region_set_find (set, LOWER_HALF_END_VA);
  return atlas_region_set_get_region (set, index)->region_class == ATLAS_CLASS_HOLE
           ? ATLAS_LEVEL_PML4
           : ATLAS_LEVEL_PML5;
}

gboolean
atlas_region_set_is_listed (const AtlasRegionSet *set)
{
  g_return_val_if_fail (set != NULL, FALSE);

  return set->is_listed;
}

gboolean
atlas_region_set_has_slots (const AtlasRegionSet *set)
{
  g_return_val_if_fail (set != NULL, FALSE);

  return set->has_slots;
}

gboolean
atlas_region_set_knows_kernel_half (const AtlasRegionSet *set)
{
  AtlasRegionSummary summary;

  g_return_val_if_fail (set != NULL, FALSE);

  atlas_region_set_summarize (set, ATLAS_BIT (63), G_MAXUINT64, &summary);
  return summary.committed_bytes > 0;
}
