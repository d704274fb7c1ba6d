/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/walk-private.h"

#include "paging/memory-private.h"

void
atlas_walk_clear (AtlasWalkResult *result)
{
  result->fault_level = 0;
  result->n_steps = 0;
  result->first_level = 0;
  result->error_code = 0;
  result->fault_bits = 0;
  result->pa = 0;
  result->page_bytes = 0;
  result->first_table_pa = 0;
  atlas_walk_set_properties (result, 0);
}

static void
stop_at (AtlasWalkResult *result,
         guint level,
         AtlasOutcome outcome,
         AtlasCause cause,
         guint64 fault_bits)
{
  result->outcome = outcome;
  result->cause = cause;
  result->fault_level = (guint8) level;
  result->fault_bits = fault_bits;
}

/* An entry that translates nothing. Not present comes first, whatever its other bits. */
static void
fault_at (const AtlasControl *control,
          const AtlasWalkQuery *query,
          guint64 entry,
          guint level,
          guint64 wrong_bits,
          AtlasWalkResult *result)
{
  if ((entry & ATLAS_ENTRY_P) == 0)
    {
      stop_at (result, level, ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, ATLAS_ENTRY_P);
      result->error_code = atlas_walk_error_code (control, query);
    }
  else
    {
      stop_at (result, level, ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_RESERVED_BIT, wrong_bits);
      result->error_code =
        atlas_walk_error_code (control, query) | (guint32) (ATLAS_PF_PRESENT | ATLAS_PF_RESERVED);
    }
}

void
atlas_walk_from (const AtlasMemory *memory,
                 const AtlasControl *control,
                 const AtlasWalkQuery *query,
                 guint first_level,
                 AtlasPa table_pa,
                 guint64 upper_rights,
                 AtlasWalkResult *result)
{
  /* Must be 0 after P has been inverted: one test for "not present" and "reserved". */
  const guint64 wrong_everywhere = atlas_entry_reserved_everywhere (control) | ATLAS_ENTRY_P;
  const guint8 *ram = memory->ram;
  const guint64 ram_bytes = memory->ram_bytes;
  guint n_read = 0;

  result->first_level = (guint16) first_level;
  result->first_table_pa = table_pa;

  /* Unrolled, so that every level's shifts and masks are constants. */
#pragma GCC unroll 5
  for (guint level = ATLAS_LEVELS_MAX; level >= ATLAS_LEVEL_PT; level--)
    {
      if (level > first_level)
        continue;

      AtlasPa entry_pa = table_pa + atlas_va_index (result->va, level) * ATLAS_ENTRY_BYTES;
      guint64 entry = 0;
      gboolean is_read = atlas_memory_load_from (memory, ram, ram_bytes, entry_pa, &entry);
      gboolean is_leaf = atlas_entry_is_leaf (entry, level);

      result->entries[n_read] = entry;
      if (G_UNLIKELY (!is_read))
        {
          stop_at (result, level, ATLAS_OUTCOME_MISSING_MEMORY, ATLAS_CAUSE_MISSING_MEMORY, 0);
          break;
        }
      n_read++;

      guint64 wrong_bits = (entry ^ ATLAS_ENTRY_P) &
                           (wrong_everywhere | atlas_entry_reserved_at (level, is_leaf, control));
      if (G_UNLIKELY (wrong_bits != 0))
        {
          fault_at (control, query, entry, level, wrong_bits, result);
          break;
        }

      if (is_leaf)
        {
          result->n_steps = (guint8) n_read;
          if (!atlas_walk_judge (control, query, upper_rights, entry, level, result))
            atlas_walk_blame_entry (result);
          return;
        }
      upper_rights &= atlas_rights_of_entry (entry);
      table_pa = atlas_entry_get_table_pa (entry);
    }

  /* The rights of the entries read so far; without any, none. */
  result->n_steps = (guint8) n_read;
  if (n_read > 0)
    atlas_walk_set_properties (result, upper_rights & ATLAS_RIGHTS_ALL);
}

/* ---- What nearly every walk is ----
 *
 * All tables in RAM, every entry present and without reserved bits, an access that is allowed. The
 * entries are judged together when all have been read; what is not so is walked again in full. */

typedef struct
{
  guint64 all;   /* AND of the entries */
  guint64 any;   /* OR of them */
  guint64 wrong; /* of each, the bits that are reserved at its level alone */
} Fold;

static inline void
fold_entry (Fold *fold, const AtlasControl *control, guint level, guint64 entry)
{
  fold->all &= entry;
  fold->any |= entry;
  if (level >= ATLAS_LEVEL_PML4)
    fold->wrong |= entry & atlas_entry_reserved_at (level, FALSE, control);
}

/* The end of a walk at @leaf, which @fold contains. FALSE when anything is wrong. */
G_ALWAYS_INLINE static inline gboolean
finish_at (const AtlasControl *control,
           const AtlasWalkQuery *query,
           guint n_levels,
           guint level,
           guint64 leaf,
           Fold fold,
           AtlasWalkResult *restrict result)
{
  const guint64 page_bytes = atlas_level_span_bytes (level);
  const guint64 rights =
    (fold.all & (ATLAS_RIGHTS_WRITE | ATLAS_RIGHTS_USER)) | (~fold.any & ATLAS_RIGHTS_EXECUTE);
  const AtlasNeed need =
    atlas_walk_need (control, query->access, atlas_query_is_supervisor (query), query->is_implicit);
  guint64 wrong = fold.wrong;

  wrong |= fold.any & atlas_entry_reserved_everywhere (control);
  /* Present is needed as a right is. */
  wrong |= ((rights | (fold.all & ATLAS_ENTRY_P)) & (need.care | ATLAS_ENTRY_P)) ^
           (need.value | ATLAS_ENTRY_P);
  if (level > ATLAS_LEVEL_PT)
    wrong |= leaf & atlas_entry_reserved_at (level, TRUE, control);
  if (G_UNLIKELY (wrong != 0))
    return FALSE;

  result->va = query->va;
  result->outcome = ATLAS_OUTCOME_TRANSLATED;
  result->cause = ATLAS_CAUSE_NONE;
  result->fault_level = 0;
  result->n_steps = (guint8) (n_levels - level + 1);
  result->first_level = (guint16) n_levels;
  result->error_code = 0;
  result->fault_bits = 0;
  result->pa = atlas_entry_get_page_pa (leaf, level) | (query->va & (page_bytes - 1));
  result->page_bytes = page_bytes;
  result->first_table_pa = atlas_control_get_root_pa (control);
  atlas_walk_set_properties (
    result,
    atlas_walk_pack_properties (rights,
                                leaf,
                                atlas_walk_is_global (control, leaf),
                                atlas_walk_memory_type (control, leaf, level)));
  return TRUE;
}

/* At an entry of @level, the last that was read, for a page of 2 MB or 1 GB. Out of line, so that
 * walks to small pages keep what they have in registers. */
static G_GNUC_NO_INLINE gboolean
finish_large_page (const AtlasControl *control,
                   const AtlasWalkQuery *query,
                   guint n_levels,
                   guint level,
                   AtlasWalkResult *result)
{
  Fold fold = { .all = ~G_GUINT64_CONSTANT (0) };
  guint64 leaf = result->entries[n_levels - level];

  for (guint i = n_levels; i >= level; i--)
    fold_entry (&fold, control, i, result->entries[n_levels - i]);
  return finish_at (control, query, n_levels, level, leaf, fold, result);
}

G_ALWAYS_INLINE static inline gboolean
walk_shortly (const AtlasMemory *memory,
              const AtlasControl *control,
              const AtlasWalkQuery *query,
              guint n_levels,
              AtlasWalkResult *restrict result)
{
  const AtlasVa va = query->va;
  const guint8 *ram = memory->ram;
  const guint64 ram_bytes = memory->ram_bytes;
  Fold fold = { .all = ~G_GUINT64_CONSTANT (0) };
  AtlasPa table_pa = atlas_control_get_root_pa (control);
  guint64 entry = 0;

#pragma GCC unroll 5
  for (guint level = n_levels; level >= ATLAS_LEVEL_PT; level--)
    {
      /* The table's address comes last, and the sum of the other two does not wait for it. */
      const guint8 *slot = ram + atlas_va_index (va, level) * ATLAS_ENTRY_BYTES;

      /* RAM ends with a page, so that the whole table is in it. */
      if (G_UNLIKELY (table_pa >= ram_bytes))
        return FALSE;
      entry = GUINT64_FROM_LE (*(const guint64 *) (gconstpointer) (slot + table_pa));
      result->entries[n_levels - level] = entry;
      if (G_UNLIKELY (level > ATLAS_LEVEL_PT && atlas_entry_is_leaf (entry, level)))
        return finish_large_page (control, query, n_levels, level, result);
      fold_entry (&fold, control, level, entry);
      table_pa = atlas_entry_get_table_pa (entry);
    }
  return finish_at (control, query, n_levels, ATLAS_LEVEL_PT, entry, fold, result);
}

static G_GNUC_NO_INLINE void
walk_in_full (const AtlasMemory *memory,
              const AtlasControl *control,
              const AtlasWalkQuery *query,
              AtlasWalkResult *result)
{
  atlas_walk_clear (result);
  if (atlas_walk_admit_address (control, query, result))
    atlas_walk_from (memory,
                     control,
                     query,
                     atlas_control_get_n_levels (control),
                     atlas_control_get_root_pa (control),
                     ATLAS_RIGHTS_ALL,
                     result);
}

/* Each with its number of levels as a constant. */
static G_GNUC_NO_INLINE gboolean
walk_five_levels (const AtlasMemory *memory,
                  const AtlasControl *control,
                  const AtlasWalkQuery *query,
                  AtlasWalkResult *result)
{
  return atlas_va_is_canonical (query->va, atlas_levels_va_bits (ATLAS_LEVEL_PML5)) &&
         walk_shortly (memory, control, query, ATLAS_LEVEL_PML5, result);
}

static inline gboolean
walk_four_levels (const AtlasMemory *memory,
                  const AtlasControl *control,
                  const AtlasWalkQuery *query,
                  AtlasWalkResult *result)
{
  return atlas_va_is_canonical (query->va, atlas_levels_va_bits (ATLAS_LEVEL_PML4)) &&
         walk_shortly (memory, control, query, ATLAS_LEVEL_PML4, result);
}

void
atlas_walk (const AtlasMemory *memory,
            const AtlasControl *control,
            const AtlasWalkQuery *query,
            AtlasWalkResult *result)
{
  if (G_LIKELY (atlas_control_has_plain_addresses (control)) &&
      (G_LIKELY (atlas_control_get_n_levels (control) == ATLAS_LEVEL_PML4)
         ? walk_four_levels (memory, control, query, result)
         : walk_five_levels (memory, control, query, result)))
    return;
  walk_in_full (memory, control, query, result);
}
