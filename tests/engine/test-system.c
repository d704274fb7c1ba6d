/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "base/format.h"
#include "windows-fixture.h"
#include "windows/fault.h"
#include "windows/layout.h"

static guint64
read_kuser (AtlasProcess *process, guint offset, gsize n_bytes)
{
  guint64 value = 0;

  g_assert_cmphex (
    atlas_process_access (
      process, ATLAS_KUSER_VA + offset, ATLAS_ACCESS_READ, FALSE, &value, n_bytes, NULL, NULL),
    ==,
    ATLAS_STATUS_SUCCESS);
  return GUINT64_FROM_LE (value);
}

/* As user mode reads a KSYSTEM_TIME. */
static guint64
read_system_time (AtlasProcess *process, guint offset)
{
  guint64 low = read_kuser (process, offset, 4);
  guint64 high1 = read_kuser (process, offset + 4, 4);
  guint64 high2 = read_kuser (process, offset + 8, 4);

  g_assert_cmpuint (high1, ==, high2);
  return high1 << 32 | low;
}

static void
test_shared_data_tells_the_machine (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);

  g_assert_cmpuint (read_kuser (process, 0x260, 4), ==, 22000);
  g_assert_cmpuint (read_kuser (process, 0x26c, 4), ==, 10);
  g_assert_cmpuint (read_kuser (process, 0x270, 4), ==, 0);
  g_assert_cmpuint (read_kuser (process, 0x26a, 2), ==, 9);
  g_assert_cmpuint (read_kuser (process, 0x2e8, 4), ==, ATLAS_MB (256) / 4096);
  g_assert_cmpuint (read_kuser (process, 0x244, 4), ==, 0x200000);
  g_assert_cmpuint (read_kuser (process, 0x030, 8),
                    ==,
                    G_GUINT64_CONSTANT (0x005c003a0043) | G_GUINT64_CONSTANT (0x57) << 48);
}

static void
test_clocks_advance_together (void)
{
  static const guint64 steps_100ns[] = {
    1, 156249, 156250, 10000000, G_GUINT64_CONSTANT (1) << 33
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  guint64 boot_100ns = read_system_time (process, 0x14);
  guint64 expected_100ns = 0;

  /* 2022-12-16 00:00:00 UTC, from 1601: 154,116 days. */
  g_assert_cmpuint (boot_100ns, ==, G_GUINT64_CONSTANT (154116) * 86400u * 10000000u);
  for (guint i = 0; i < G_N_ELEMENTS (steps_100ns); i++)
    {
      guint64 counter;

      atlas_system_tick (system, steps_100ns[i]);
      expected_100ns += steps_100ns[i];
      g_assert_cmpuint (atlas_system_get_time (system), ==, expected_100ns);
      g_assert_cmpuint (read_system_time (process, 0x08), ==, expected_100ns);
      g_assert_cmpuint (read_system_time (process, 0x14), ==, boot_100ns + expected_100ns);
      g_assert_cmpuint (read_system_time (process, 0x320), ==, expected_100ns / 156250);
      g_assert_true (atlas_system_read_msr (system, 0x40000020, &counter));
      g_assert_cmpuint (counter, ==, expected_100ns);
    }
}

/* What the hypervisor's page says, worked out as its readers do, agrees with the counter. */
static void
test_reference_page_gives_the_time (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, TRUE);
  const AtlasControl *control = atlas_process_get_control (process);
  AtlasMemory *memory = atlas_system_get_memory (system);
  guint64 msr;
  guint64 sequence;
  guint64 scale;
  guint64 offset;
  AtlasPa page_pa;
  guint n_slots = 0;

  g_assert_true (atlas_system_read_msr (system, 0x40000021, &msr));
  g_assert_cmpuint (msr & 0xfff, ==, 1);
  page_pa = msr & ~ATLAS_PAGE_MASK;
  g_assert_true (atlas_memory_read_u64 (memory, page_pa, &sequence));
  g_assert_true (atlas_memory_read_u64 (memory, page_pa + 8, &scale));
  g_assert_true (atlas_memory_read_u64 (memory, page_pa + 16, &offset));
  g_assert_cmpuint (sequence & G_MAXUINT32, !=, 0);

  for (guint64 seconds = 1; seconds < 100000; seconds *= 7)
    {
      guint64 tsc = seconds * G_GUINT64_CONSTANT (3000000000);
      guint64 time_100ns = (guint64) (((unsigned __int128) tsc * scale) >> 64) + offset;

      g_assert_cmpuint (time_100ns, <=, seconds * 10000000);
      g_assert_cmpuint (time_100ns + 1, >=, seconds * 10000000);
    }

  /* It is the page that user mode sees in one of the 15 slots, and in no other. */
  for (guint slot = 1; slot <= ATLAS_HYPERVISOR_SLOTS; slot++)
    {
      AtlasWalkQuery query = { .va = atlas_layout_get_hypervisor_va (slot) };
      AtlasWalkResult result;

      atlas_walk (memory, control, &query, &result);
      if (result.outcome != ATLAS_OUTCOME_TRANSLATED)
        continue;
      n_slots++;
      g_assert_cmphex (result.pa, ==, page_pa);
      g_assert_false (result.is_writable);
    }
  g_assert_cmpuint (n_slots, ==, 1);
}

static void
test_without_hypervisor_there_is_no_page (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (AtlasSystem) system = NULL;
  guint64 value;

  options.has_hypervisor = FALSE;
  options.memory_bytes = ATLAS_MB (64);
  system = atlas_system_new (&options, NULL);
  g_assert_false (atlas_system_read_msr (system, 0x40000020, &value));
  g_assert_false (atlas_system_read_msr (system, 0x40000021, &value));
  g_assert_cmpuint (
    atlas_process_get_vads (make_process (system, TRUE))->n_vads, ==, 3); /* KUSER, two blocks */
}

static void
test_slots_are_all_drawn (void)
{
  guint seen = 0;

  for (guint64 seed = 0; seed < 150; seed++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      g_autoptr (AtlasSystem) system = NULL;
      AtlasProcess *process;

      options.seed = seed;
      options.memory_bytes = ATLAS_MB (64);
      system = atlas_system_new (&options, NULL);
      process = make_process (system, TRUE);
      for (guint slot = 1; slot <= ATLAS_HYPERVISOR_SLOTS; slot++)
        {
          if (atlas_vad_tree_find (atlas_process_get_vads (process),
                                   atlas_layout_get_hypervisor_va (slot),
                                   NULL) != NULL)
            seen |= 1u << slot;
        }
    }
  g_assert_cmphex (seen, ==, 0xfffe);
}

static void
test_unknown_msr_is_refused (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  guint64 value = 77;

  g_assert_false (atlas_system_read_msr (system, 0x40000022, &value));
  g_assert_false (atlas_system_read_msr (system, 0, &value));
  g_assert_cmpuint (value, ==, 77);
}

static void
test_memory_size_is_checked (void)
{
  static const guint64 sizes[] = {
    0, ATLAS_KB (4), ATLAS_MB (64) - 4096, ATLAS_MB (64) + 1, ATLAS_TB (4) + 4096, G_MAXUINT64
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      g_autoptr (GError) error = NULL;

      options.memory_bytes = sizes[i];
      g_assert_null (atlas_system_new (&options, &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_UNSUPPORTED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/system/shared-data-tells-the-machine", test_shared_data_tells_the_machine);
  g_test_add_func ("/system/clocks-advance-together", test_clocks_advance_together);
  g_test_add_func ("/system/reference-page-gives-the-time", test_reference_page_gives_the_time);
  g_test_add_func ("/system/without-hypervisor", test_without_hypervisor_there_is_no_page);
  g_test_add_func ("/system/slots-are-all-drawn", test_slots_are_all_drawn);
  g_test_add_func ("/system/unknown-msr-is-refused", test_unknown_msr_is_refused);
  g_test_add_func ("/system/memory-size-is-checked", test_memory_size_is_checked);
  return g_test_run ();
}
