/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Where something fits (room) and why an address is what it is (why), against slow and obvious
 * answers, and against what the calls of a simulated process then do. */

#include "windows-fixture.h"

#include <string.h>

#include "space/room.h"
#include "space/why.h"
#include "windows/layout.h"
#include "windows/virtual.h"

#define KB64 0x10000u
#define USER_LAST G_GUINT64_CONSTANT (0x7FFFFFFEFFFF)

static void
reserve (AtlasProcess *process, AtlasVa va, guint64 size_bytes)
{
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
}

static AtlasRoom *
make_room (AtlasProcess *process)
{
  return atlas_room_new (atlas_space_get_regions (atlas_process_get_space (process)));
}

static gboolean
is_had (const AtlasRegionSet *set, AtlasVa first_va, AtlasVa last_va)
{
  for (guint64 i = atlas_region_set_find (set, first_va);; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      if (region->region_class != ATLAS_CLASS_FREE)
        return FALSE;
      if (atlas_region_get_last_va (region) >= last_va)
        return TRUE;
    }
}

/* Of the run of addresses around @va that can be had. */
static guint64
get_gap_bytes (const AtlasRegionSet *set, AtlasVa va)
{
  guint64 first = atlas_region_set_find (set, va), last = first;

  while (atlas_region_set_get_region (set, first - 1)->region_class == ATLAS_CLASS_FREE)
    first--;
  while (atlas_region_set_get_region (set, last + 1)->region_class == ATLAS_CLASS_FREE)
    last++;
  return atlas_region_get_last_va (atlas_region_set_get_region (set, last)) -
         atlas_region_set_get_region (set, first)->base_va;
}

/* @bases: of all places. */
static void
check_strategies (const AtlasRegionSet *set, const GArray *bases, const AtlasVa *chosen_vas)
{
  AtlasVa best_va = 0, worst_va = 0;
  guint64 best_bytes = G_MAXUINT64, worst_bytes = 0;

  for (guint i = 0; i < bases->len; i++)
    {
      AtlasVa va = g_array_index (bases, AtlasVa, i);
      guint64 gap_bytes = get_gap_bytes (set, va);

      if (gap_bytes < best_bytes)
        {
          best_bytes = gap_bytes;
          best_va = va;
        }
      if (gap_bytes > worst_bytes)
        {
          worst_bytes = gap_bytes;
          worst_va = va;
        }
    }
  g_assert_cmphex (chosen_vas[ATLAS_ROOM_FIRST_FIT], ==, g_array_index (bases, AtlasVa, 0));
  g_assert_cmphex (chosen_vas[ATLAS_ROOM_BEST_FIT], ==, best_va);
  g_assert_cmphex (chosen_vas[ATLAS_ROOM_WORST_FIT], ==, worst_va);
  g_assert_cmphex (
    chosen_vas[ATLAS_ROOM_TOP_DOWN], ==, g_array_index (bases, AtlasVa, bases->len - 1));
}

/* Every slot of the window, one by one. */
static void
check_against_slots (const AtlasRegionSet *set, const AtlasRoom *room, const AtlasRoomQuery *query)
{
  g_autoptr (GArray) expected = g_array_new (FALSE, FALSE, sizeof (AtlasVa));
  guint64 alignment_bytes = MAX (query->alignment_bytes, KB64);
  guint64 size_bytes = atlas_page_ceil (query->size_bytes);
  AtlasRoomIter iter;
  AtlasRoomPlaces places;
  guint n_found = 0;
  AtlasVa chosen_vas[ATLAS_ROOM_N_STRATEGIES];
  gboolean is_chosen = atlas_room_choose (room, query, chosen_vas);
  g_autofree char *reason = atlas_room_explain (room, query);

  for (AtlasVa va = (query->first_va + alignment_bytes - 1) / alignment_bytes * alignment_bytes;
       va <= query->last_va;
       va += alignment_bytes)
    {
      if (query->last_va - va >= size_bytes - 1 && is_had (set, va, va + size_bytes - 1))
        g_array_append_val (expected, va);
    }
  atlas_room_iter_init (&iter, room, query);
  while (atlas_room_iter_next (&iter, &places))
    {
      g_assert_cmpuint (
        (places.last_base_va - places.base_va) / alignment_bytes + 1, ==, places.n_places);
      for (AtlasVa va = places.base_va; va <= places.last_base_va; va += alignment_bytes)
        {
          g_assert_cmpuint (n_found, <, expected->len);
          g_assert_cmphex (va, ==, g_array_index (expected, AtlasVa, n_found));
          n_found++;
        }
    }
  g_assert_cmpuint (n_found, ==, expected->len);
  g_assert_false (atlas_room_iter_next (&iter, &places));
  g_assert_true ((reason == NULL) == (n_found > 0));
  g_assert_true (is_chosen == (n_found > 0));
  if (is_chosen)
    check_strategies (set, expected, chosen_vas);
}

static void
check_largest (const AtlasRegionSet *set, const AtlasRoom *room, AtlasVa first_va, AtlasVa last_va)
{
  guint64 best_bytes = 0;
  AtlasVa best_va = 0, found_va = 0;

  for (AtlasVa va = (first_va + KB64 - 1) / KB64 * KB64; va <= last_va; va += KB64)
    {
      AtlasVa end_va = va;

      while (end_va <= last_va && is_had (set, end_va, end_va))
        end_va += ATLAS_PAGE_BYTES;
      end_va = MIN (end_va, last_va + 1);
      if (end_va > va && end_va - va > best_bytes)
        {
          best_bytes = end_va - va;
          best_va = va;
        }
    }
  g_assert_cmphex (atlas_room_find_largest (room, first_va, last_va, &found_va), ==, best_bytes);
  g_assert_cmphex (found_va, ==, best_va);
}

/* A crowded megabyte or four. */
static void
test_against_every_slot (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (21);
  const AtlasVa base_va = 0x50000000;

  for (guint round = 0; round < 12; round++)
    {
      AtlasProcess *process = make_process (system, TRUE);
      g_autoptr (AtlasRoom) room = NULL;
      const AtlasRegionSet *set;

      for (guint i = 0; i < 6 * round; i++)
        {
          AtlasVa va = base_va + (guint64) g_rand_int_range (rand, 0, 64) * KB64;
          guint64 size_bytes = (guint64) g_rand_int_range (rand, 1, 0x30000);

          atlas_nt_allocate_virtual_memory (
            process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE);
        }
      room = make_room (process);
      set = atlas_space_get_regions (atlas_process_get_space (process));
      for (guint i = 0; i < 60; i++)
        {
          AtlasVa first_va = base_va + (guint64) g_rand_int_range (rand, 0, 0x400000);
          AtlasVa last_va = first_va + (guint64) g_rand_int_range (rand, 0, 0x200000);
          const AtlasRoomQuery query = {
            .size_bytes = (guint64) g_rand_int_range (rand, 1, 0x60000),
            .alignment_bytes = (guint64) 1 << g_rand_int_range (rand, 0, 21),
            .first_va = first_va,
            .last_va = last_va,
          };

          check_against_slots (set, room, &query);
          check_largest (set, room, first_va, last_va);
        }
      atlas_process_terminate (process);
    }
}

static void
test_windows_people_ask_for (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  g_autoptr (AtlasRoom) room = make_room (process);
  AtlasVa base_va = 0, first_va, last_va;

  /* Below 2 GB: from 64 KB up to the shared page. */
  g_assert_cmphex (atlas_room_find_largest (room, 0, 0x7FFFFFFF, &base_va), ==, 0x7FFD0000);
  g_assert_cmphex (base_va, ==, 0x10000);
  /* Up to 4 GB the largest lies above the line. */
  g_assert_cmphex (
    atlas_room_find_largest (room, 0, 0xFFFFFFFF, &base_va), ==, 0x100000000 - 0x80010000);
  g_assert_cmphex (base_va, ==, 0x80010000);
  g_assert_cmphex (
    atlas_room_find_largest (room, 0, G_MAXUINT64, &base_va), ==, USER_LAST + 1 - 0x80010000);

  atlas_room_get_reach (0x140001000, &first_va, &last_va);
  g_assert_cmphex (first_va, ==, 0xC0001000);
  g_assert_cmphex (last_va, ==, 0x1C0000FFF);
  atlas_room_get_reach (0x1000, &first_va, &last_va);
  g_assert_cmphex (first_va, ==, 0);
  atlas_room_get_reach (G_MAXUINT64 - 5, &first_va, &last_va);
  g_assert_cmphex (last_va, ==, G_MAXUINT64);
  atlas_process_terminate (process);
}

static void
test_reasons (void)
{
  static const struct
  {
    AtlasRoomQuery query;
    const char *words;
  } cases[] = {
    { { 0x1000, 0, 0xFFFF800000000000, G_MAXUINT64 }, "above the last address" },
    { { 0x2000, 0, 0x50000000, 0x50000FFF }, "smaller than" },
    { { 0x1000, 0, 0x60000000, 0x6000FFFF }, "Nothing in the window is free" },
    { { 0x1000, 0, 0x60011000, 0x6001FFFF }, "none of it can be had" },
    { { 0x1000, 0, 0x7FFF0000, 0x8000FFFF }, "none of it can be had" },
    { { 0x200000, 0, 0x50000000, 0x500FFFFF }, "smaller than" },
    { { 0x80000, 0, 0x5FFC0000, 0x6FFFFFFF }, NULL },
    { { 0x80000, 0, 0x5FFC0000, 0x6006FFFF }, "The largest block that can be had is 320K" },
    { { 0x10000, 0x1000000, 0x61010000, 0x61FFFFFF }, "none at a multiple of 16 MB" },
    { { G_MAXUINT64, 0, 0, G_MAXUINT64 }, "smaller than" },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  g_autoptr (AtlasRoom) room = NULL;

  reserve (process, 0x60000000, 0x10000);
  reserve (process, 0x60010000, 0x1000);
  room = make_room (process);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reason = atlas_room_explain (room, &cases[i].query);

      g_test_message ("case %u: %s", i, reason != NULL ? reason : "fits");
      if (cases[i].words == NULL)
        g_assert_null (reason);
      else
        g_assert_nonnull (strstr (reason, cases[i].words));
    }
  atlas_process_terminate (process);
}

static void
test_why_words (void)
{
  static const struct
  {
    AtlasVa va;
    const char *what;
    const char *verdict;
    gboolean may_allocate;
    AtlasVa allocation_va;
  } cases[] = {
    { 0, "free", "no call ever gets it", FALSE, 0 },
    { 0xFFFF, "free", "no call ever gets it", FALSE, 0 },
    { 0x10000, "free", "Yes: up to", TRUE, 0x10000 },
    { 0x50001234, "free", "would start at 00000000`50000000", TRUE, 0x50000000 },
    { 0x60000000, "reserve, private", "can be committed", FALSE, 0 },
    { 0x60001000, "slot tail", "there this slot is taken", FALSE, 0 },
    { 0x7FFE0000, "commit, private, PAGE_READONLY", "taken by KUSER_SHARED_DATA", FALSE, 0 },
    { 0x7FFEF800, "", "No: ", FALSE, 0 },
    { 0x7FFF0000, "free", "no call ever gets it", FALSE, 0 },
    { 0x80000000, "free", "no call ever gets it", FALSE, 0 },
    { 0x80010000, "free", "Yes: up to", TRUE, 0x80010000 },
    { USER_LAST, "free", "Yes: it would start at 00007fff`fffe0000", TRUE, 0x7FFFFFFE0000 },
    { USER_LAST + 1, "never", "beyond the addresses", FALSE, 0 },
    { ATLAS_BIT (47) - 1, "never", "beyond the addresses", FALSE, 0 },
    { ATLAS_BIT (47), "", "the processor refuses", FALSE, 0 },
    { 0xFFFF7FFFFFFFFFFF, "", "the processor refuses", FALSE, 0 },
    { 0xFFFF800000000000, "kernel", "kernel's half", FALSE, 0 },
    { G_MAXUINT64, "kernel", "kernel's half", FALSE, 0 },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasSpace *space = atlas_process_get_space (process);

  reserve (process, 0x60000000, 0x1000);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (AtlasWhy) why = { 0 };

      atlas_why_init (&why, space, cases[i].va);
      g_test_message (
        "%" G_GINT64_MODIFIER "x: %s | %s | %s", cases[i].va, why.what, why.reason, why.verdict);
      g_assert_nonnull (strstr (why.what, cases[i].what));
      g_assert_nonnull (strstr (why.verdict, cases[i].verdict));
      g_assert_cmpint (why.may_allocate, ==, cases[i].may_allocate);
      g_assert_cmphex (why.allocation_va, ==, cases[i].allocation_va);
      g_assert_true (atlas_region_contains (&why.region, cases[i].va));
      g_assert_cmpuint (strlen (why.reason), >, 10);
    }
  atlas_process_terminate (process);
}

static void
test_a_gap_tells_what_it_is_good_for (void)
{
  static const struct
  {
    AtlasVa va;
    const char *words;
  } cases[] = {
    { 0x10000, "Below it: null-pointer guard; above it: private." },
    { 0x10000, "All of it is below 2 GB" },
    { 0x10000, "It has 24,575 slots of 64 KB" },
    { 0x60010000, "Below it: private; above it: KUSER_SHARED_DATA." },
    { 0x60010000, "It has 8,189 slots" },
    { 0x80010000, "It goes beyond 2 GB" },
    { 0x200000000, "It has 1 slot of 64 KB" },
    { 0x200000000, "Below it: private; above it: private." },
    { 0x200000000, "above 4 GB" },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  AtlasSpace *space = atlas_process_get_space (process);

  reserve (process, 0x60000000, 0x1000);
  reserve (process, 0x1FFFF0000, 0x1000);
  reserve (process, 0x200010000, 0x1000);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (AtlasWhy) why = { 0 };

      atlas_why_init (&why, space, cases[i].va);
      g_test_message ("%" G_GINT64_MODIFIER "x: %s", cases[i].va, why.reason);
      g_assert_nonnull (strstr (why.reason, cases[i].words));
    }
  atlas_process_terminate (process);
}

/* Whether a reservation may be had is what the call says. */
static void
test_why_foretells_the_call (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasSpace *space = atlas_process_get_space (process);
  g_autoptr (GArray) vas = g_array_new (FALSE, FALSE, sizeof (AtlasVa));
  const AtlasRegionSet *set = atlas_space_get_regions (space);

  for (guint64 i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);
      const AtlasVa edges[] = { region->base_va,
                                region->base_va + region->size_bytes / 2,
                                atlas_region_get_last_va (region) };

      g_array_append_vals (vas, edges, G_N_ELEMENTS (edges));
    }
  for (guint i = 0; i < vas->len; i++)
    {
      AtlasVa asked_va = g_array_index (vas, AtlasVa, i);
      AtlasVa va = asked_va;
      guint64 size_bytes = 1;
      g_auto (AtlasWhy) why = { 0 };
      AtlasStatus status;

      if (asked_va == 0) /* which means anywhere */
        continue;
      atlas_why_init (&why, space, asked_va);
      status = atlas_nt_allocate_virtual_memory (
        process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE);
      g_assert_true ((status == ATLAS_STATUS_SUCCESS) == why.may_allocate);
      if (status != ATLAS_STATUS_SUCCESS)
        continue;
      g_assert_cmphex (va, ==, why.allocation_va);
      g_assert_cmphex (size_bytes, <=, why.room_bytes);
      size_bytes = 0;
      g_assert_cmphex (atlas_nt_free_virtual_memory (process, &va, &size_bytes, ATLAS_MEM_RELEASE),
                       ==,
                       ATLAS_STATUS_SUCCESS);
    }
  atlas_process_terminate (process);
}

/* Every place that room names can be had by VirtualAlloc2, and its lowest is where that goes. */
static void
test_places_can_be_had (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  const AtlasRoomQuery query = { .size_bytes = ATLAS_MB (1),
                                 .alignment_bytes = ATLAS_MB (1),
                                 .first_va = 0x10000,
                                 .last_va = USER_LAST };
  g_autoptr (AtlasRoom) room = make_room (process);
  AtlasRoomIter iter;
  AtlasRoomPlaces places;
  guint n_gaps = 0;

  atlas_room_iter_init (&iter, room, &query);
  while (atlas_room_iter_next (&iter, &places))
    {
      const AtlasVa vas[] = { places.base_va, places.last_base_va };

      n_gaps++;
      for (guint i = 0; i < 2; i++)
        {
          AtlasAllocationPreview preview;

          atlas_virtual_alloc_preview (
            process, vas[i], query.size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE, &preview);
          g_assert_cmphex (preview.status, ==, ATLAS_STATUS_SUCCESS);
        }
    }
  g_assert_cmpuint (n_gaps, >, 3);
  atlas_process_terminate (process);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/space/room/against-every-slot", test_against_every_slot);
  g_test_add_func ("/space/room/windows-people-ask-for", test_windows_people_ask_for);
  g_test_add_func ("/space/room/reasons", test_reasons);
  g_test_add_func ("/space/room/places-can-be-had", test_places_can_be_had);
  g_test_add_func ("/space/why/words", test_why_words);
  g_test_add_func ("/why/a-gap-tells-what-it-is-good-for", test_a_gap_tells_what_it_is_good_for);
  g_test_add_func ("/space/why/foretells-the-call", test_why_foretells_the_call);
  return g_test_run ();
}
