/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/mmu-private.h"

#include <string.h>

/* Is every answer of the MMU one that a processor may give?
 *
 * After each change of an entry the tables have one more state. An access may be answered from any
 * mixture of states that existed since the last moment at which the manual makes the processor
 * forget what it knew of that address:
 *
 *   entry  ──v0──┬──v1──────┬──v2──────────────►  time
 *               edit       edit
 *                    ▲ INVLPG               ▲ access: v1 or v2, not v0
 *
 * The checker keeps every entry's values with their times and searches for a mixture that explains
 * the answer. Global translations have a moment of their own, and may come from any root.
 */

#define N_FRAMES 12
#define N_PCIDS 3
#define N_PAGES 12
#define N_TABLES 8 /* frames 1 … 8: two roots, the rest lower tables */

static const AtlasVa pages[N_PAGES] = {
  0x0,        0x1000,     0x2000,       0x200000,     0x201000,           0x400000,
  0x40000000, 0x40001000, 0x8000000000, 0x8000001000, 0xffff800000000000, 0xffff800000200000,
};

typedef struct
{
  guint64 since;
  guint64 value;
} Version;

typedef struct
{
  AtlasMemory *memory;
  AtlasMmu *mmu;
  guint64 now;
  GHashTable *history;                 /* entry_pa → GArray of Version */
  guint64 forgotten[N_PCIDS][N_PAGES]; /* when what is not global was last forgotten */
  guint64 global_forgotten[N_PAGES];
  guint64 global_table_since[N_PAGES]; /* the oldest tables that any PCID still knew then */
  guint64 n_stale;
  guint64 n_spurious;
} World;

#define AD (ATLAS_ENTRY_A | ATLAS_ENTRY_D)

static guint64
random_u64 (void)
{
  return ((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();
}

static gboolean
one_in (gint n)
{
  return g_test_rand_int_range (0, n) == 0;
}

static GArray *
history_of (World *world, AtlasPa entry_pa)
{
  GArray *versions = g_hash_table_lookup (world->history, GSIZE_TO_POINTER (entry_pa));

  if (versions == NULL)
    {
      Version first = { 0, 0 };

      versions = g_array_new (FALSE, FALSE, sizeof (Version));
      g_array_append_val (versions, first);
      g_hash_table_insert (world->history, GSIZE_TO_POINTER (entry_pa), versions);
    }
  return versions;
}

static void
edit (World *world, AtlasPa entry_pa, guint64 value)
{
  Version version = { ++world->now, value & ~AD };

  g_assert_true (atlas_memory_write_u64 (world->memory, entry_pa, value));
  g_array_append_val (history_of (world, entry_pa), version);
}

/* ---- The search for an explanation ---- */

typedef struct
{
  World *world;
  const AtlasControl *control;
  const AtlasWalkQuery *query;
  const AtlasWalkResult *observed;
  guint64 leaf_since;  /* when the translation was last forgotten */
  guint64 table_since; /* when the tables above it were */
  gboolean wants_global;
} Search;

/* Whether version @i stood at any time after @since. */
static gboolean
stood_after (const GArray *versions, guint i, guint64 since)
{
  return i + 1 == versions->len || g_array_index (versions, Version, i + 1).since > since;
}

static gboolean
explains (const Search *search, const AtlasWalkResult *candidate)
{
  if (candidate->outcome != search->observed->outcome)
    return FALSE;
  if (candidate->outcome == ATLAS_OUTCOME_PAGE_FAULT)
    return candidate->error_code == search->observed->error_code;
  return candidate->pa == search->observed->pa &&
         candidate->is_writable == search->observed->is_writable &&
         candidate->is_user == search->observed->is_user &&
         candidate->is_executable == search->observed->is_executable;
}

/* The walk from here down, with any value that the entry has had since. One level at a time by the
 * engine's own walk over a one-entry memory would hide mistakes; this is spelt out instead. */
static gboolean
search_down (const Search *search, guint level, AtlasPa table_pa, guint64 rights)
{
  AtlasPa entry_pa = table_pa + atlas_va_index (search->query->va, level) * 8;
  GArray *versions = history_of (search->world, entry_pa);
  guint32 access_code = (search->query->access == ATLAS_ACCESS_WRITE ? 2 : 0) |
                        (search->query->is_supervisor ? 0 : 4) |
                        (search->query->access == ATLAS_ACCESS_EXECUTE ? 16 : 0);

  for (guint i = versions->len; i-- > 0;)
    {
      guint64 entry = g_array_index (versions, Version, i).value;
      gboolean is_leaf = atlas_entry_is_leaf (entry, level);
      AtlasWalkResult candidate = { .va = search->query->va };

      if ((entry & 1) == 0 || (entry & atlas_entry_reserved_mask (level, is_leaf, search->control)))
        {
          /* Faults are never cached: only what stands there now can give one. */
          if (i + 1 == versions->len && !search->wants_global &&
              search->observed->outcome == ATLAS_OUTCOME_PAGE_FAULT &&
              search->observed->error_code == (access_code | ((entry & 1) != 0 ? 9 : 0)))
            return TRUE;
        }
      else if (is_leaf)
        {
          /* Dirty is no part of any of these answers. */
          if (stood_after (versions, i, search->leaf_since) &&
              (!search->wants_global || (entry & ATLAS_ENTRY_G) != 0))
            {
              atlas_walk_judge (search->control, search->query, rights, entry, level, &candidate);
              if (explains (search, &candidate))
                return TRUE;
            }
        }
      else if (stood_after (versions, i, search->table_since) &&
               search_down (search,
                            level - 1,
                            entry & ATLAS_ENTRY_FRAME,
                            rights & atlas_rights_of_entry (entry)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_explained (World *world,
              guint page,
              const AtlasWalkQuery *query,
              const AtlasWalkResult *observed)
{
  const AtlasControl *control = atlas_mmu_get_control (world->mmu);
  guint pcid = (control->cr4 & ATLAS_CR4_PCIDE) != 0 ? (guint) (control->cr3 & 0xfff) : 0;
  Search search = {
    .world = world,
    .control = control,
    .query = query,
    .observed = observed,
    .leaf_since = world->forgotten[pcid][page],
    .table_since = world->forgotten[pcid][page],
  };

  if (search_down (&search, 4, atlas_control_get_root_pa (control), ATLAS_RIGHTS_ALL))
    return TRUE;
  /* A global translation may have been made under any PCID, with the tables which that one still
   * knew: what makes the processor forget it elsewhere does not make it forget those. */
  search.wants_global = TRUE;
  search.leaf_since = world->global_forgotten[page];
  search.table_since = world->global_table_since[page];
  for (guint root = 1; root <= 2; root++)
    if (search_down (&search, 4, root * ATLAS_PAGE_BYTES, ATLAS_RIGHTS_ALL))
      return TRUE;
  return FALSE;
}

/* ---- What happens ---- */

static guint64
random_entry (guint level)
{
  guint64 entry = ATLAS_ENTRY_P | ATLAS_ENTRY_RW | ATLAS_ENTRY_US;

  if (one_in (4))
    entry &= ~ATLAS_ENTRY_RW;
  if (one_in (6))
    entry &= ~ATLAS_ENTRY_US;
  if (one_in (6))
    entry |= ATLAS_ENTRY_XD;
  if (one_in (3))
    entry |= ATLAS_ENTRY_A;
  if (one_in (6))
    return entry & ~ATLAS_ENTRY_P;
  if (one_in (12))
    return entry | ATLAS_BIT (51);
  if (level == 1 || (level <= 3 && one_in (4)))
    {
      entry |= (random_u64 () & 7) << atlas_level_shift (level);
      entry |= level > 1 ? ATLAS_ENTRY_PS : 0;
      entry |= one_in (3) ? ATLAS_ENTRY_G : 0;
      return entry;
    }
  /* Frames 3, 4: PDPT; 5, 6: PD; 7, 8: PT. No table is used at two levels, for the history's sake.
   */
  return entry | (guint64) (3 + 2 * (4 - level) + (guint) g_test_rand_int_range (0, 2)) << 12;
}

static void
edit_somewhere (World *world)
{
  guint frame = (guint) g_test_rand_int_range (1, N_TABLES + 1);
  guint level = frame <= 2 ? 4 : 4 - (frame - 1) / 2;
  AtlasVa va = pages[g_test_rand_int_range (0, N_PAGES)];

  edit (world, frame * ATLAS_PAGE_BYTES + atlas_va_index (va, level) * 8, random_entry (level));
}

static guint
current_pcid (const World *world)
{
  const AtlasControl *control = atlas_mmu_get_control (world->mmu);

  return (control->cr4 & ATLAS_CR4_PCIDE) != 0 ? (guint) (control->cr3 & 0xfff) : 0;
}

static void
forget_context (World *world, guint pcid)
{
  for (guint i = 0; i < N_PAGES; i++)
    world->forgotten[pcid][i] = world->now;
}

static void
forget_global (World *world, guint page)
{
  world->global_forgotten[page] = world->now;
  world->global_table_since[page] = world->now;
  for (guint pcid = 0; pcid < N_PCIDS; pcid++)
    world->global_table_since[page] =
      MIN (world->global_table_since[page], world->forgotten[pcid][page]);
}

static void
forget_all (World *world, gboolean with_global)
{
  for (guint pcid = 0; pcid < N_PCIDS; pcid++)
    forget_context (world, pcid);
  for (guint i = 0; with_global && i < N_PAGES; i++)
    forget_global (world, i);
}

static void
invalidate_somehow (World *world)
{
  const AtlasControl *control = atlas_mmu_get_control (world->mmu);
  gboolean has_pcid = (control->cr4 & ATLAS_CR4_PCIDE) != 0;
  guint page = (guint) g_test_rand_int_range (0, N_PAGES);
  guint pcid = has_pcid ? (guint) g_test_rand_int_range (0, N_PCIDS) : 0;
  /* Each PCID keeps to one root: otherwise, after a change of root that keeps what is cached,
   * answers from the old one would be right too, and nothing much would be left to check. */
  guint64 root =
    (has_pcid ? pcid % 2 + 1 : (guint) g_test_rand_int_range (1, 3)) * ATLAS_PAGE_BYTES;

  switch (g_test_rand_int_range (0, 10))
    {
    case 0:
    case 1:
    case 2:
      atlas_mmu_invalidate_va (world->mmu, pages[page]);
      /* Only the page named for certain: other pages of the test may have an entry of their own,
       * even under one large page, if they were cached under an earlier, smaller one. */
      world->forgotten[current_pcid (world)][page] = world->now;
      forget_global (world, page);
      break;
    case 3:
      atlas_mmu_load_cr3 (world->mmu, root | pcid);
      forget_context (world, pcid);
      break;
    case 4:
      if (!has_pcid)
        break;
      atlas_mmu_load_cr3 (world->mmu, root | pcid | ATLAS_CR3_NO_INVALIDATE);
      break;
    case 5:
      atlas_mmu_invpcid (world->mmu, ATLAS_INVPCID_ADDRESS, pcid, pages[page]);
      world->forgotten[pcid][page] = world->now;
      break;
    case 6:
      atlas_mmu_invpcid (world->mmu, ATLAS_INVPCID_CONTEXT, pcid, 0);
      forget_context (world, pcid);
      break;
    case 7:
      {
        gboolean with_global = one_in (2);

        atlas_mmu_invpcid (
          world->mmu, with_global ? ATLAS_INVPCID_ALL_AND_GLOBAL : ATLAS_INVPCID_ALL, 0, 0);
        forget_all (world, with_global);
      }
      break;
    case 8:
      atlas_mmu_load_cr4 (world->mmu, control->cr4 ^ ATLAS_CR4_PGE);
      forget_all (world, TRUE);
      break;
    case 9:
      if (has_pcid)
        {
          atlas_mmu_load_cr4 (world->mmu, control->cr4 & ~ATLAS_CR4_PCIDE);
          atlas_mmu_load_cr3 (world->mmu, control->cr3 & ~G_GUINT64_CONSTANT (0xfff));
          forget_all (world, TRUE);
        }
      else
        {
          g_assert_cmpint (
            atlas_mmu_load_cr4 (world->mmu, control->cr4 | ATLAS_CR4_PCIDE), ==, ATLAS_RULE_NONE);
          /* PCID 0 belongs to root 1. */
          atlas_mmu_load_cr3 (world->mmu, ATLAS_PAGE_BYTES);
          forget_context (world, 0);
        }
      break;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
results_equal (const AtlasWalkResult *a, const AtlasWalkResult *b)
{
  return a->outcome == b->outcome && a->error_code == b->error_code && a->pa == b->pa &&
         a->is_writable == b->is_writable && a->is_user == b->is_user &&
         a->is_executable == b->is_executable;
}

static void
access_somewhere (World *world)
{
  guint page = (guint) g_test_rand_int_range (0, N_PAGES);
  AtlasWalkQuery query = {
    .va = pages[page] + (random_u64 () & 0xfff),
    .access = (AtlasAccess) g_test_rand_int_range (0, 3),
    .is_supervisor = one_in (3),
  };
  AtlasWalkResult observed, retried, fresh;

  atlas_mmu_access (world->mmu, &query, NULL, &observed);
  g_assert_true (is_explained (world, page, &query, &observed));
  atlas_walk (world->memory, atlas_mmu_get_control (world->mmu), &query, &fresh);
  if (observed.outcome == ATLAS_OUTCOME_TRANSLATED && !results_equal (&observed, &fresh))
    world->n_stale++;

  if (observed.outcome == ATLAS_OUTCOME_PAGE_FAULT)
    {
      /* The fault has made the processor forget; the retry sees the tables as they are. */
      world->forgotten[current_pcid (world)][page] = world->now;
      forget_global (world, page);
      atlas_mmu_access (world->mmu, &query, NULL, &retried);
      g_assert_true (results_equal (&retried, &fresh));
      if (retried.outcome == ATLAS_OUTCOME_TRANSLATED)
        world->n_spurious++;
    }
}

static void
world_init (World *world, const char *profile)
{
  g_autoptr (GError) error = NULL;
  AtlasControl control = atlas_control_windows (ATLAS_PAGE_BYTES);

  *world = (World){ .now = 1 };
  world->memory = atlas_memory_new_ram (N_FRAMES * ATLAS_PAGE_BYTES, &error);
  g_assert_no_error (error);
  world->mmu = atlas_mmu_new (world->memory);
  control.rflags_ac = TRUE;
  atlas_mmu_set_control (world->mmu, &control);
  atlas_mmu_set_tlb_profile (world->mmu, atlas_tlb_find_profile (profile));
  world->history = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  for (guint i = 0; i < 300; i++)
    edit_somewhere (world);
  forget_all (world, TRUE);
}

static void
world_clear (World *world)
{
  g_hash_table_unref (world->history);
  atlas_mmu_free (world->mmu);
  atlas_memory_unref (world->memory);
}

static void
test_answers_are_explained (gconstpointer profile)
{
  guint64 n_stale = 0;
  guint64 n_spurious = 0;

  for (guint round = 0; round < 40; round++)
    {
      World world;

      world_init (&world, profile);
      for (guint i = 0; i < 1500; i++)
        {
          gint what = g_test_rand_int_range (0, 10);

          if (what < 2)
            edit_somewhere (&world);
          else if (what < 3)
            invalidate_somehow (&world);
          else
            access_somewhere (&world);
        }
      n_stale += world.n_stale;
      n_spurious += world.n_spurious;
      world_clear (&world);
    }

  g_test_message ("%" G_GUINT64_FORMAT " stale answers, %" G_GUINT64_FORMAT " spurious faults",
                  n_stale,
                  n_spurious);
  if (strcmp (profile, "none") == 0)
    g_assert_cmpuint (n_stale + n_spurious, ==, 0);
  else
    {
      /* A TLB that remembers nothing would pass otherwise. */
      g_assert_cmpuint (n_stale, >, 100);
      g_assert_cmpuint (n_spurious, >, 10);
    }
}

/* With every edit followed by full invalidation nobody can tell whether there is a TLB. */
static void
test_diligent_system_sees_no_tlb (gconstpointer profile)
{
  World world;

  world_init (&world, profile);
  for (guint i = 0; i < 20000; i++)
    {
      AtlasWalkQuery query = {
        .va = pages[g_test_rand_int_range (0, N_PAGES)],
        .access = (AtlasAccess) g_test_rand_int_range (0, 3),
        .is_supervisor = one_in (3),
      };
      AtlasWalkResult observed, fresh;

      if (one_in (5))
        {
          edit_somewhere (&world);
          for (guint page = 0; page < N_PAGES; page++)
            atlas_mmu_invalidate_va (world.mmu, pages[page]);
        }
      atlas_mmu_access (world.mmu, &query, NULL, &observed);
      atlas_walk (world.memory, atlas_mmu_get_control (world.mmu), &query, &fresh);
      g_assert_true (results_equal (&observed, &fresh));
    }
  world_clear (&world);
}

/* Nothing is cached from an entry that is not present, has a reserved bit, or A = 0. */
static void
test_only_valid_entries_are_cached (gconstpointer profile)
{
  World world;
  guint n_seen = 0;

  world_init (&world, profile);
  for (guint i = 0; i < 3000; i++)
    {
      if (one_in (3))
        edit_somewhere (&world);
      access_somewhere (&world);

      const AtlasTlb *tlb = atlas_mmu_get_tlb (world.mmu);
      guint n_all = tlb->first_entry[tlb->profile->n_structures];
      for (guint j = 0; i % 100 == 0 && j < n_all; j++)
        {
          const AtlasTlbEntry *entry = &tlb->entries[j];

          if (atlas_tlb_entry_is_empty (entry))
            continue;
          n_seen++;
          g_assert_cmphex (entry->translation.leaf & (ATLAS_ENTRY_P | ATLAS_ENTRY_A),
                           ==,
                           ATLAS_ENTRY_P | ATLAS_ENTRY_A);
          g_assert_cmphex (entry->translation.leaf &
                             atlas_entry_reserved_mask (entry->translation.page_level,
                                                        TRUE,
                                                        atlas_mmu_get_control (world.mmu)),
                           ==,
                           0);
        }
    }
  g_assert_cmpuint (n_seen, >, 0);
  world_clear (&world);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < atlas_tlb_get_n_profiles (); i++)
    {
      const char *id = atlas_tlb_get_profile (i)->id;
      g_autofree char *explained = g_strconcat ("/tlb-history/answers-are-explained/", id, NULL);
      g_autofree char *diligent =
        g_strconcat ("/tlb-history/diligent-system-sees-no-tlb/", id, NULL);
      g_autofree char *valid = g_strconcat ("/tlb-history/only-valid-entries/", id, NULL);

      g_test_add_data_func (explained, id, test_answers_are_explained);
      g_test_add_data_func (diligent, id, test_diligent_system_sees_no_tlb);
      if (i > 0)
        g_test_add_data_func (valid, id, test_only_valid_entries_are_cached);
    }
  return g_test_run ();
}
