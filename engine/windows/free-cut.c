/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/free-cut.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "base/translation.h"
#include "windows/layout.h"
#include "windows/virtual.h"

static void
add (AtlasRegionSetBuilder *builder, AtlasRegion region, AtlasVa base_va, AtlasVa end_va)
{
  region.base_va = base_va;
  region.size_bytes = end_va - base_va;
  region.state = ATLAS_STATE_FREE;
  region.protect = ATLAS_PAGE_NOACCESS;
  atlas_region_set_builder_add (builder, &region);
}

/* A free run outside of all fixed regions. */
static void
add_plain (AtlasRegionSetBuilder *builder,
           AtlasVa base_va,
           AtlasVa end_va,
           const char *below_name,
           AtlasVa below_va)
{
  AtlasVa slot_va =
    (base_va + ATLAS_ALLOCATION_GRANULARITY - 1u) & ~(ATLAS_ALLOCATION_GRANULARITY - 1u);
  AtlasVa tail_end_va = MIN (slot_va, end_va);

  if (base_va < tail_end_va)
    {
      g_autofree char *below = atlas_format_va (below_va);
      g_autofree char *reason = atlas_text_compose (
        ATLAS_TEXT_SLOT_TAIL, below_name != NULL ? below_name : N_ ("the allocation"), below);

      add (builder,
           (AtlasRegion){ .region_class = ATLAS_CLASS_UNUSABLE,
                          .name = N_ ("slot tail"),
                          .reason = reason,
                          .source = "Raymond Chen, The Old New Thing, 2003-10-08" },
           base_va,
           tail_end_va);
    }
  if (tail_end_va < end_va)
    add (builder, (AtlasRegion){ .region_class = ATLAS_CLASS_FREE }, tail_end_va, end_va);
}

void
atlas_free_cut_add (AtlasRegionSetBuilder *builder,
                    AtlasVa base_va,
                    guint64 size_bytes,
                    const char *below_name,
                    AtlasVa below_va,
                    guint n_levels)
{
  AtlasVa end_va = base_va + size_bytes;

  g_return_if_fail (builder != NULL);
  g_return_if_fail (size_bytes > 0 && base_va < end_va);
  g_return_if_fail (end_va <= atlas_layout_get_user_end (n_levels));

  while (base_va < end_va)
    {
      const AtlasLayoutRegion *fixed =
        atlas_layout_find_reserved (base_va, end_va - base_va, n_levels);
      AtlasVa fixed_va = fixed != NULL ? MAX (fixed->base_va, base_va) : end_va;

      if (base_va < fixed_va)
        add_plain (builder, base_va, fixed_va, below_name, below_va);
      if (fixed != NULL)
        {
          AtlasRegion region = {
            .region_class =
              fixed->kind == ATLAS_LAYOUT_NEVER ? ATLAS_CLASS_NEVER : ATLAS_CLASS_UNUSABLE,
            .name = fixed->name,
            .reason = fixed->reason,
            .source = fixed->source,
          };

          base_va = MIN (fixed->base_va + fixed->size_bytes, end_va);
          add (builder, region, fixed_va, base_va);
        }
      else
        base_va = end_va;
    }
}

static void
add_outside (AtlasRegionSetBuilder *builder, AtlasRegion region, AtlasVa base_va, AtlasVa end_va)
{
  region.base_va = base_va;
  region.size_bytes = end_va - base_va;
  region.state = ATLAS_STATE_OUTSIDE;
  atlas_region_set_builder_add (builder, &region);
}

void
atlas_free_cut_add_outside (AtlasRegionSetBuilder *builder, AtlasVa user_end_va, guint n_levels)
{
  AtlasVa half_end_va = atlas_layout_get_user_end (n_levels);
  const AtlasLayoutRegion *last = atlas_layout_find (half_end_va - 1u, n_levels);
  const AtlasLayoutRegion *hole = atlas_layout_find (half_end_va, n_levels);

  g_return_if_fail (builder != NULL);
  g_return_if_fail (user_end_va <= half_end_va);

  if (user_end_va < last->base_va)
    {
      add_outside (
        builder,
        (AtlasRegion){
          .region_class = ATLAS_CLASS_NEVER,
          .name = N_ ("beyond this process"),
          .reason = N_ ("The program was not linked as large-address aware, or Windows is "
                        "older than 8.1: the process gets no address up here."),
          .source = "Microsoft Learn, Memory Limits for Windows Releases",
        },
        user_end_va,
        last->base_va);
      user_end_va = last->base_va;
    }
  if (user_end_va < half_end_va)
    add_outside (builder,
                 (AtlasRegion){ .region_class = ATLAS_CLASS_NEVER,
                                .name = last->name,
                                .reason = last->reason,
                                .source = last->source },
                 user_end_va,
                 half_end_va);
  add_outside (builder,
               (AtlasRegion){ .region_class = ATLAS_CLASS_HOLE,
                              .name = hole->name,
                              .reason = hole->reason,
                              .source = hole->source },
               half_end_va,
               half_end_va + hole->size_bytes);
}
