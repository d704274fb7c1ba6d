/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/memory-type.h"

#include <glib/gi18n-lib.h>

#include "paging/walk-private.h"

#define BROKEN_UP_END_PA ATLAS_MB (4)

guint
atlas_memory_type_combine (guint mtrr_type, guint pat_type)
{
#define UC ATLAS_MEMORY_TYPE_UC
#define WC ATLAS_MEMORY_TYPE_WC
#define WT ATLAS_MEMORY_TYPE_WT
#define WP ATLAS_MEMORY_TYPE_WP
#define WB ATLAS_MEMORY_TYPE_WB
  /* A row for each MTRR type; by PAT type UC, WC, –, –, WT, WP, WB, UC-. */
  static const guint8 types[ATLAS_N_MEMORY_TYPES][ATLAS_N_MEMORY_TYPES] = {
    [UC] = { UC, WC, UC, UC, UC, UC, UC, UC }, [WC] = { UC, WC, UC, UC, UC, UC, WC, WC },
    [WT] = { UC, WC, UC, UC, WT, WP, WT, UC }, [WP] = { UC, WC, UC, UC, WT, WP, WP, WC },
    [WB] = { UC, WC, UC, UC, WT, WP, WB, UC },
  };
#undef UC
#undef WC
#undef WT
#undef WP
#undef WB

  g_return_val_if_fail (mtrr_type < ATLAS_N_MEMORY_TYPES, ATLAS_MEMORY_TYPE_UC);
  g_return_val_if_fail (pat_type < ATLAS_N_MEMORY_TYPES, ATLAS_MEMORY_TYPE_UC);

  return types[mtrr_type][pat_type];
}

void
atlas_memory_type_find (const AtlasMtrrs *mtrrs,
                        const AtlasControl *control,
                        const AtlasWalkResult *result,
                        AtlasMemoryType *type)
{
  g_return_if_fail (control != NULL && result != NULL && type != NULL);
  g_return_if_fail (result->page_bytes != 0);

  AtlasPa page_pa = result->pa & ~(result->page_bytes - 1u);

  *type = (AtlasMemoryType){
    .pat_index = ATLAS_PAT_INDEX_UNKNOWN,
    .pat_type = result->memory_type,
    .has_mtrrs = mtrrs != NULL,
    .is_cache_off = (control->cr0 & ATLAS_CR0_CD) != 0,
  };
  if (result->n_steps > 0)
    {
      AtlasWalkStep leaf = atlas_walk_result_get_step (result, result->n_steps - 1u);

      type->pat_index = atlas_walk_pat_index (leaf.entry, leaf.level);
      type->pat_type = (guint) (control->pat >> (8u * type->pat_index)) & 7u;
    }
  if (mtrrs == NULL)
    return;

  type->mtrr = atlas_mtrrs_find (mtrrs, result->pa);
  type->is_mixed = result->page_bytes > ATLAS_PAGE_BYTES &&
                   !atlas_mtrrs_is_uniform (mtrrs, page_pa, result->page_bytes);
  type->is_broken_up = type->is_mixed && page_pa == 0 && result->pa < BROKEN_UP_END_PA &&
                       (mtrrs->default_type & ATLAS_MTRR_FIXED_ENABLE) != 0;
  type->effective_type = type->is_cache_off
                           ? (guint) ATLAS_MEMORY_TYPE_UC
                           : atlas_memory_type_combine (type->mtrr.type, type->pat_type);
}

char *
atlas_memory_type_explain (const AtlasMemoryType *type)
{
  GString *text;
  const char *pat;

  g_return_val_if_fail (type != NULL, NULL);

  text = g_string_new (NULL);
  pat = atlas_memory_type_get_name (type->pat_type);
  if (type->pat_index == ATLAS_PAT_INDEX_UNKNOWN)
    /* Translators: a memory type such as "WB". */
    g_string_append_printf (text, _ ("The TLB remembers %s from the page's entry"), pat);
  else
    /* Translators: a number, then a memory type such as "WB". */
    g_string_append_printf (text, _ ("PAT entry %u says %s"), type->pat_index, pat);
  if (!type->has_mtrrs)
    {
      g_string_append_printf (
        text,
        _ ("; what the MTRRs said is not known. Where they say WB the page is %s."),
        atlas_memory_type_get_name (
          type->is_cache_off ? (guint) ATLAS_MEMORY_TYPE_UC
                             : atlas_memory_type_combine (ATLAS_MEMORY_TYPE_WB, type->pat_type)));
      return g_string_free (text, FALSE);
    }

  /* Translators: two memory types such as "WB"; between them why the first one is so. */
  g_string_append_printf (text,
                          _ (", the MTRRs say %s (%s): together %s."),
                          atlas_memory_type_get_name (type->mtrr.type),
                          _ (atlas_mtrr_reason_get_text (type->mtrr.reason)),
                          atlas_memory_type_get_name (type->effective_type));
  if (type->is_cache_off)
    g_string_append (text, _ (" CR0.CD makes everything UC."));
  if (type->is_broken_up)
    g_string_append (text,
                     _ (" The large page lies across ranges of different types; its first 4 MB "
                        "the processor maps in pieces of 4 KB, each with its own."));
  else if (type->is_mixed)
    g_string_append (text,
                     _ (" The large page lies across ranges of different types: the manual leaves "
                        "undefined how it is cached. This is the type at this address."));
  return g_string_free (text, FALSE);
}

enum
{
  PACKED_PAT_INDEX = 0,
  PACKED_PAT_TYPE = 4,
  PACKED_MTRR_TYPE = 8,
  PACKED_EFFECTIVE_TYPE = 12,
  PACKED_REASON = 16,
  PACKED_HAS_MTRRS = 20,
  PACKED_IS_CACHE_OFF,
  PACKED_IS_MIXED,
  PACKED_IS_BROKEN_UP,
};
_Static_assert(ATLAS_N_MTRR_REASONS <= 16, "a reason has four bits");

guint64
atlas_memory_type_pack (const AtlasMemoryType *type)
{
  return (guint64) type->pat_index << PACKED_PAT_INDEX |
         (guint64) type->pat_type << PACKED_PAT_TYPE |
         (guint64) type->mtrr.type << PACKED_MTRR_TYPE |
         (guint64) type->effective_type << PACKED_EFFECTIVE_TYPE |
         (guint64) type->mtrr.reason << PACKED_REASON |
         (guint64) (type->has_mtrrs != 0) << PACKED_HAS_MTRRS |
         (guint64) (type->is_cache_off != 0) << PACKED_IS_CACHE_OFF |
         (guint64) (type->is_mixed != 0) << PACKED_IS_MIXED |
         (guint64) (type->is_broken_up != 0) << PACKED_IS_BROKEN_UP;
}

void
atlas_memory_type_unpack (guint64 packed, AtlasMemoryType *type)
{
  *type = (AtlasMemoryType){
    .pat_index = packed >> PACKED_PAT_INDEX & 15u,
    .pat_type = packed >> PACKED_PAT_TYPE & 15u,
    .has_mtrrs = packed >> PACKED_HAS_MTRRS & 1u,
    .is_cache_off = packed >> PACKED_IS_CACHE_OFF & 1u,
    .is_mixed = packed >> PACKED_IS_MIXED & 1u,
    .is_broken_up = packed >> PACKED_IS_BROKEN_UP & 1u,
    .mtrr = { .type = packed >> PACKED_MTRR_TYPE & 15u,
              .reason = (AtlasMtrrReason) (packed >> PACKED_REASON & 15u) },
    .effective_type = packed >> PACKED_EFFECTIVE_TYPE & 15u,
  };
}
