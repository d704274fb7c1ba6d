/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/laboratory.h"
#include "windows/layout.h"
#include "windows/machine-private.h"

#include <string.h>

static const AtlasProcessOptions choices[] = {
  { .name = "demo.exe",
    .is_large_address_aware = TRUE,
    .has_high_entropy = TRUE,
    .has_dynamic_base = TRUE },
  { .name = "demo.exe", .is_large_address_aware = TRUE, .has_dynamic_base = TRUE },
  { .name = "demo.exe", .is_large_address_aware = TRUE },
  { .name = "demo.exe",
    .is_large_address_aware = TRUE,
    .has_high_entropy = TRUE,
    .is_forced = TRUE },
  { .name = "demo.exe",
    .is_large_address_aware = TRUE,
    .is_forced = TRUE,
    .has_no_bottom_up = TRUE },
  { .name = "demo.exe", .has_high_entropy = TRUE, .has_dynamic_base = TRUE },
  { .name = "old.exe" },
  { .name = "demo.exe",
    .is_large_address_aware = TRUE,
    .is_32bit = TRUE,
    .has_dynamic_base = TRUE },
  { .name = "demo.exe", .is_32bit = TRUE, .has_dynamic_base = TRUE },
};

static AtlasVa
find_named (AtlasProcess *process, const char *name)
{
  for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
       vad = atlas_vad_get_next (vad))
    if (g_strcmp0 (vad->name, name) == 0)
      return atlas_vad_get_base_va (vad);
  return 0;
}

/* The laboratory's first boots, once more with everything built. */
static void
test_samples_are_those_of_real_processes (void)
{
  enum
  {
    N_BOOTS = 3,
    N_STARTS = 2
  };

  /* Of each choice: four levels, then five. */
  for (guint variant = 0; variant < 2 * G_N_ELEMENTS (choices); variant++)
    {
      guint choice = variant / 2;
      AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      g_autoptr (AtlasLaboratory) laboratory = NULL;

      system_options.has_la57 = variant % 2 != 0;
      system_options.memory_bytes = ATLAS_MB (256);
      system_options.seed = 99;
      laboratory = atlas_laboratory_run (&system_options, &choices[choice], N_BOOTS, N_STARTS);
      for (guint boot = 0; boot < N_BOOTS; boot++)
        {
          g_autoptr (AtlasSystem) system = NULL;

          system_options.seed = atlas_laboratory_get_boot_seed (laboratory, boot);
          system = atlas_system_new (&system_options, NULL);
          for (guint start = 0; start < N_STARTS; start++)
            {
              AtlasProcess *process = atlas_process_new (system, &choices[choice], NULL);
              guint i = boot * N_STARTS + start;
              AtlasVa ntdll_va = 0;
              const struct
              {
                AtlasLaboratoryKind kind;
                AtlasVa va;
              } rows[] = {
                { ATLAS_LABORATORY_BOTTOM_UP, process->bottom_up_va },
                { ATLAS_LABORATORY_HEAP, find_named (process, "process heap") },
                { ATLAS_LABORATORY_STACK, process->stack_pointer_va },
                { ATLAS_LABORATORY_PEB, process->peb_va },
                { ATLAS_LABORATORY_TOP_DOWN, process->top_down_va - 0xffff },
                { ATLAS_LABORATORY_CFG, find_named (process, "CFG bitmap") },
              };

              g_assert_nonnull (process);
              for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
                g_assert_cmphex (
                  atlas_laboratory_get_samples (laboratory, rows[row].kind)[i], ==, rows[row].va);
              g_assert_true (atlas_process_find_module (process, "ntdll", &ntdll_va));
              g_assert_cmphex (
                atlas_laboratory_get_samples (laboratory, ATLAS_LABORATORY_DLL)[boot],
                ==,
                ntdll_va);
              g_assert_cmphex (
                atlas_laboratory_get_samples (laboratory, ATLAS_LABORATORY_EXE)
                  [atlas_laboratory_get_region (laboratory, ATLAS_LABORATORY_EXE)->is_per_start
                     ? i
                     : boot],
                ==,
                find_named (process, choices[choice].name));
            }
          g_assert_cmphex (
            atlas_laboratory_get_samples (laboratory, ATLAS_LABORATORY_HYPERVISOR)[boot],
            ==,
            atlas_layout_get_hypervisor_va (system->hypervisor_slot));
          g_assert_cmphex (
            atlas_laboratory_get_samples (laboratory, ATLAS_LABORATORY_PAGE_TABLES)[boot],
            ==,
            system_options.has_la57
              ? ATLAS_BITS (63, 57) | (guint64) system->kernel_layout.self_map_index << 48
              : ATLAS_BITS (63, 48) | (guint64) system->kernel_layout.self_map_index << 39);
        }
    }
}

/* 64 classes of equal size: chi-square with 63 degrees of freedom is above 113.5 once in 10,000
 * uniform experiments. The seed is fixed, so the answer is too. */
static void
assert_uniform (const AtlasLaboratory *laboratory,
                AtlasLaboratoryKind kind,
                AtlasVa first_va,
                guint64 size_bytes)
{
  const AtlasLaboratoryRegion *region = atlas_laboratory_get_region (laboratory, kind);
  const AtlasVa *samples = atlas_laboratory_get_samples (laboratory, kind);
  double expected = region->n_samples / 64.0;
  double chi_square = 0;
  guint counts[64] = { 0 };

  for (guint i = 0; i < region->n_samples; i++)
    {
      g_assert_cmphex (samples[i] - first_va, <, size_bytes);
      counts[(samples[i] - first_va) / (size_bytes / 64)]++;
    }
  for (guint i = 0; i < 64; i++)
    chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
  g_test_message ("%s: chi-square %.1f", region->name, chi_square);
  g_assert_cmpfloat (chi_square, <, 113.5);
  /* Too even is not random either: below 25.1 once in 10^6. */
  g_assert_cmpfloat (chi_square, >, 25.1);
}

static void
test_regions_spread_evenly (void)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (AtlasLaboratory) laboratory =
    atlas_laboratory_run (&system_options, &choices[0], 8192, 1);
  g_autoptr (AtlasLaboratory) low = atlas_laboratory_run (&system_options, &choices[1], 8192, 1);
  const guint64 slot = ATLAS_KB (64);

  assert_uniform (laboratory, ATLAS_LABORATORY_ANYWHERE, 0, ATLAS_TB (128));
  assert_uniform (laboratory, ATLAS_LABORATORY_BOTTOM_UP, ATLAS_TB (1), ATLAS_TB (1));
  /* Taken up to the next 2 MB, and to where the KUSER block does not lie. */
  assert_uniform (laboratory, ATLAS_LABORATORY_PEB, 0, ATLAS_TB (1) + ATLAS_GB (1));
  assert_uniform (laboratory,
                  ATLAS_LABORATORY_TOP_DOWN,
                  ATLAS_MAX_APPLICATION_VA + 1 - ATLAS_GB (8),
                  ATLAS_GB (8));
  assert_uniform (laboratory, ATLAS_LABORATORY_EXE, 0x7ff600000000, ATLAS_GB (8));
  assert_uniform (low, ATLAS_LABORATORY_BOTTOM_UP, 0x10000, 256 * slot);
  g_assert_cmpuint (
    atlas_laboratory_get_region (low, ATLAS_LABORATORY_BOTTOM_UP)->n_distinct, ==, 256);
  /* Uniform over 15 slots: 14 degrees of freedom, above 42.6 once in 10,000. */
  {
    const AtlasVa *samples = atlas_laboratory_get_samples (laboratory, ATLAS_LABORATORY_HYPERVISOR);
    guint counts[16] = { 0 };
    double chi_square = 0;

    for (guint i = 0; i < 8192; i++)
      counts[(samples[i] - ATLAS_KUSER_VA) / ATLAS_PAGE_BYTES]++;
    g_assert_cmpuint (counts[0], ==, 0);
    for (guint slot_index = 1; slot_index < 16; slot_index++)
      chi_square +=
        (counts[slot_index] - 8192 / 15.0) * (counts[slot_index] - 8192 / 15.0) / (8192 / 15.0);
    g_assert_cmpfloat (chi_square, <, 42.6);
  }
}

/* As wide as with four levels, but under another end. */
static void
test_five_levels_move_what_comes_from_above (void)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (AtlasLaboratory) laboratory = NULL;
  const AtlasLaboratoryRegion *anywhere;

  system_options.has_la57 = TRUE;
  laboratory = atlas_laboratory_run (&system_options, &choices[0], 8192, 1);
  g_assert_cmphex (atlas_laboratory_get_user_end (laboratory), ==, ATLAS_BIT (56));
  assert_uniform (laboratory, ATLAS_LABORATORY_ANYWHERE, 0, ATLAS_BIT (56));
  assert_uniform (laboratory, ATLAS_LABORATORY_BOTTOM_UP, ATLAS_TB (1), ATLAS_TB (1));
  assert_uniform (laboratory,
                  ATLAS_LABORATORY_TOP_DOWN,
                  ATLAS_BIT (56) - ATLAS_KB (64) - ATLAS_GB (8),
                  ATLAS_GB (8));
  assert_uniform (laboratory, ATLAS_LABORATORY_EXE, ATLAS_BIT (56) - ATLAS_GB (40), ATLAS_GB (8));
  anywhere = atlas_laboratory_get_region (laboratory, ATLAS_LABORATORY_ANYWHERE);
  g_assert_cmpuint (anywhere->chances[ATLAS_LABORATORY_BELOW_4GB].numerator, ==, 1);
  g_assert_cmpuint (anywhere->chances[ATLAS_LABORATORY_BELOW_4GB].denominator, ==, ATLAS_BIT (24));
}

static void
test_histograms_hold_every_sample (void)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  for (guint choice = 0; choice < G_N_ELEMENTS (choices); choice++)
    {
      g_autoptr (AtlasLaboratory) laboratory =
        atlas_laboratory_run (&system_options, &choices[choice], 50, 3);

      for (guint kind = 0; kind < ATLAS_N_LABORATORY_KINDS; kind++)
        {
          const AtlasLaboratoryRegion *region =
            atlas_laboratory_get_region (laboratory, (AtlasLaboratoryKind) kind);
          guint n_counted = 0;

          g_assert_cmpuint (region->n_samples, ==, region->is_per_start ? 150 : 50);
          for (guint i = 0; i < ATLAS_LABORATORY_BUCKETS; i++)
            n_counted += region->counts[i];
          g_assert_cmpuint (n_counted, ==, region->n_samples);
          g_assert_cmphex (region->min_va, >=, region->first_bucket_va);
          g_assert_cmphex (region->max_va - region->first_bucket_va,
                           <,
                           ATLAS_LABORATORY_BUCKETS * region->bucket_bytes);
        }
    }
}

/* Worked by hand. A PEB's block starts at a multiple of 2 MB at or above draw × 64 KB, but neither
 * in the first 64 KB nor at 7fe00000, where KUSER_SHARED_DATA is in the way: 7fc00000 / 64 KB + 1
 * draws end below 2 GB, ffe00000 / 64 KB + 1 below 4 GB. The stack has room behind a block at
 * 7fc00000, and behind one at ffe00000 it begins at 4 GB. */
static void
test_chances_are_exact (void)
{
  static const struct
  {
    guint choice;
    AtlasLaboratoryKind kind;
    AtlasRatio below_2gb, below_4gb;
  } rows[] = {
    { 0, ATLAS_LABORATORY_ANYWHERE, { 1, 65536 }, { 1, 32768 } },
    { 0, ATLAS_LABORATORY_BOTTOM_UP, { 0, 1 }, { 0, 1 } },
    { 0, ATLAS_LABORATORY_PEB, { 0x7fc1, 1 << 24 }, { 0xffe1, 1 << 24 } },
    { 0, ATLAS_LABORATORY_STACK, { 0x7fc1, 1 << 24 }, { 0xffc1, 1 << 24 } },
    { 0, ATLAS_LABORATORY_EXE, { 0, 1 }, { 0, 1 } },
    { 0, ATLAS_LABORATORY_HYPERVISOR, { 1, 1 }, { 1, 1 } },
    { 1, ATLAS_LABORATORY_BOTTOM_UP, { 1, 1 }, { 1, 1 } },
    { 1, ATLAS_LABORATORY_HEAP, { 1, 1 }, { 1, 1 } },
    { 1, ATLAS_LABORATORY_CFG, { 0, 1 }, { 0, 1 } },
    { 2, ATLAS_LABORATORY_EXE, { 0, 1 }, { 0, 1 } }, /* 1`40000000 */
    { 4, ATLAS_LABORATORY_EXE, { 1, 1 }, { 1, 1 } },
    { 5, ATLAS_LABORATORY_ANYWHERE, { 1, 1 }, { 1, 1 } },
    { 5, ATLAS_LABORATORY_CFG, { 1, 1 }, { 1, 1 } },
    { 7, ATLAS_LABORATORY_ANYWHERE, { 1, 2 }, { 1, 1 } },
    { 7, ATLAS_LABORATORY_TOP_DOWN, { 0, 1 }, { 1, 1 } },
  };
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (AtlasLaboratory) laboratory =
        atlas_laboratory_run (&system_options, &choices[rows[i].choice], 1, 1);
      const AtlasLaboratoryRegion *region = atlas_laboratory_get_region (laboratory, rows[i].kind);

      g_assert_cmpuint (region->chances[0].numerator, ==, rows[i].below_2gb.numerator);
      g_assert_cmpuint (region->chances[0].denominator, ==, rows[i].below_2gb.denominator);
      g_assert_cmpuint (region->chances[1].numerator, ==, rows[i].below_4gb.numerator);
      g_assert_cmpuint (region->chances[1].denominator, ==, rows[i].below_4gb.denominator);
    }
}

/* Within five standard deviations of a binomial count, for whatever kind. */
static void
test_measured_chances_agree_with_exact_ones (void)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  for (guint choice = 0; choice < G_N_ELEMENTS (choices); choice++)
    {
      g_autoptr (AtlasLaboratory) laboratory =
        atlas_laboratory_run (&system_options, &choices[choice], 4000, 1);

      for (guint kind = 0; kind < ATLAS_N_LABORATORY_KINDS; kind++)
        {
          const AtlasLaboratoryRegion *region =
            atlas_laboratory_get_region (laboratory, (AtlasLaboratoryKind) kind);

          for (guint limit = 0; limit < ATLAS_N_LABORATORY_LIMITS; limit++)
            {
              double chance = (double) region->chances[limit].numerator /
                              (double) region->chances[limit].denominator;
              double expected = region->n_samples * chance;
              double difference = region->n_below[limit] - expected;

              g_assert_cmpfloat (difference * difference, <=, 25 * expected * (1 - chance) + 1e-9);
            }
        }
    }
}

static void
test_switches_take_randomness_away (void)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (AtlasLaboratory) fixed = NULL;
  g_autoptr (AtlasLaboratory) forced = NULL;
  g_autoptr (AtlasLaboratory) forced_low = NULL;
  const AtlasLaboratoryRegion *region;

  system_options.has_hypervisor = FALSE;
  fixed = atlas_laboratory_run (&system_options, &choices[2], 400, 1);
  region = atlas_laboratory_get_region (fixed, ATLAS_LABORATORY_EXE);
  g_assert_cmphex (region->min_va, ==, 0x140000000);
  g_assert_cmpuint (region->n_distinct, ==, 1);
  region = atlas_laboratory_get_region (fixed, ATLAS_LABORATORY_BOTTOM_UP);
  g_assert_cmphex (region->max_va, ==, 0x10000);
  /* Heaps keep 5 bits, a PEB 4, DLLs all. */
  region = atlas_laboratory_get_region (fixed, ATLAS_LABORATORY_HEAP);
  g_assert_cmpuint (region->n_distinct, >, 16);
  g_assert_cmpuint (region->n_distinct, <=, 32);
  region = atlas_laboratory_get_region (fixed, ATLAS_LABORATORY_PEB);
  g_assert_cmpuint (region->n_distinct, ==, 16);
  g_assert_cmpuint (atlas_laboratory_get_region (fixed, ATLAS_LABORATORY_DLL)->n_distinct, >, 390);
  g_assert_cmpuint (
    atlas_laboratory_get_region (fixed, ATLAS_LABORATORY_HYPERVISOR)->n_samples, ==, 0);

  forced = atlas_laboratory_run (&system_options, &choices[3], 400, 1);
  g_assert_cmpuint (atlas_laboratory_get_region (forced, ATLAS_LABORATORY_EXE)->n_distinct, >, 390);
  /* Forced without bottom-up randomization: moved, and every time to the same place. */
  forced_low = atlas_laboratory_run (&system_options, &choices[4], 400, 1);
  region = atlas_laboratory_get_region (forced_low, ATLAS_LABORATORY_EXE);
  g_assert_cmpuint (region->n_distinct, ==, 1);
  g_assert_cmphex (region->min_va, ==, 0x10000);
}

static void
test_runs_repeat (void)
{
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (AtlasLaboratory) first = atlas_laboratory_run (&system_options, &choices[0], 20, 2);
  g_autoptr (AtlasLaboratory) again = atlas_laboratory_run (&system_options, &choices[0], 20, 2);
  g_autoptr (AtlasLaboratory) other = NULL;
  const gsize size = 40 * sizeof (AtlasVa);

  system_options.seed++;
  other = atlas_laboratory_run (&system_options, &choices[0], 20, 2);
  g_assert_cmpmem (atlas_laboratory_get_samples (first, ATLAS_LABORATORY_HEAP),
                   size,
                   atlas_laboratory_get_samples (again, ATLAS_LABORATORY_HEAP),
                   size);
  g_assert_cmpint (memcmp (atlas_laboratory_get_samples (first, ATLAS_LABORATORY_HEAP),
                           atlas_laboratory_get_samples (other, ATLAS_LABORATORY_HEAP),
                           size),
                   !=,
                   0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/laboratory/samples-are-those-of-real-processes",
                   test_samples_are_those_of_real_processes);
  g_test_add_func ("/laboratory/regions-spread-evenly", test_regions_spread_evenly);
  g_test_add_func ("/laboratory/five-levels", test_five_levels_move_what_comes_from_above);
  g_test_add_func ("/laboratory/histograms-hold-every-sample", test_histograms_hold_every_sample);
  g_test_add_func ("/laboratory/chances-are-exact", test_chances_are_exact);
  g_test_add_func ("/laboratory/measured-chances-agree-with-exact-ones",
                   test_measured_chances_agree_with_exact_ones);
  g_test_add_func ("/laboratory/switches-take-randomness-away", test_switches_take_randomness_away);
  g_test_add_func ("/laboratory/runs-repeat", test_runs_repeat);
  return g_test_run ();
}
