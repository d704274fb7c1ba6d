/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/tables.h"
#include "windows-fixture.h"
#include "windows/fault.h"
#include "windows/layout.h"
#include "windows/virtual.h"

static const AtlasRegion *
find_region (AtlasProcess *process, const char *name)
{
  AtlasRegionSet *set = atlas_space_get_regions (atlas_process_get_space (process));

  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      if (region->name != NULL && strstr (region->name, name) != NULL)
        return region;
    }
  return NULL;
}

static void
test_everything_has_its_name_and_reason (void)
{
  static const struct
  {
    const char *name;
    AtlasRegionClass region_class;
    AtlasVa first_va;
    AtlasVa last_va;
  } rows[] = {
    { "null-pointer guard", ATLAS_CLASS_NEVER, 0, 0 },
    { "KUSER_SHARED_DATA", ATLAS_CLASS_SYSTEM, 0x7ffe0000, 0x7ffe0000 },
    { "hypervisor reference TSC page", ATLAS_CLASS_SYSTEM, 0x7ffe1000, 0x7ffef000 },
    { "no-man's land below 2 GB", ATLAS_CLASS_NEVER, 0x7fff0000, 0x7fff0000 },
    { "no-man's land above 2 GB", ATLAS_CLASS_NEVER, 0x80000000, 0x80000000 },
    { "PEB, TEB of thread", ATLAS_CLASS_SYSTEM, 0x10000, ATLAS_TB (1) },
    { "stack of thread", ATLAS_CLASS_STACK, 0x10000, ATLAS_TB (1) },
    { "process heap", ATLAS_CLASS_HEAP, ATLAS_TB (1), ATLAS_TB (2) },
    { "heap segment", ATLAS_CLASS_HEAP, ATLAS_TB (1), ATLAS_TB (2) },
    { "API set map", ATLAS_CLASS_MAPPED, ATLAS_TB (1), ATLAS_TB (2) },
    { "LOCALE.NLS", ATLAS_CLASS_MAPPED, ATLAS_TB (1), ATLAS_TB (2) },
    { "CFG bitmap", ATLAS_CLASS_CFG, 0x7df400000000, 0x7df600000000 },
    { "demo.exe", ATLAS_CLASS_IMAGE, 0x7ff600000000, 0x7ff7ffff0000 },
    { "ntdll.dll", ATLAS_CLASS_IMAGE, 0x7ff800000000, 0x7fffffff0000 },
    { "KERNEL32.DLL", ATLAS_CLASS_IMAGE, 0x7ff800000000, 0x7fffffff0000 },
    { "no-man's land below the hole", ATLAS_CLASS_NEVER, 0x7fffffff0000, 0x7fffffff0000 },
    { "non-canonical hole", ATLAS_CLASS_HOLE, ATLAS_USER_END_VA, ATLAS_USER_END_VA },
    { "page tables (self-map)", ATLAS_CLASS_KERNEL, ATLAS_KERNEL_START_VA, G_MAXUINT64 },
    { "kernel's view", ATLAS_CLASS_SYSTEM, ATLAS_KUSER_KERNEL_VA, ATLAS_KUSER_KERNEL_VA },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasRegionSet *set = atlas_space_get_regions (atlas_process_get_space (process));

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const AtlasRegion *region = find_region (process, rows[i].name);

      if (region == NULL)
        g_error ("there is no %s", rows[i].name);
      g_assert_cmpint (region->region_class, ==, rows[i].region_class);
      g_assert_cmphex (region->base_va, >=, rows[i].first_va);
      g_assert_cmphex (region->base_va, <=, rows[i].last_va);
    }
  /* Whatever is not plainly free says why it is there and who says so. */
  for (guint i = 0; i < atlas_region_set_get_n_regions (set); i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      if (region->region_class != ATLAS_CLASS_FREE)
        {
          g_assert_nonnull (region->reason);
          g_assert_nonnull (region->source);
        }
    }
}

/* The shape of a real Windows 11 process: state, protection and type in this order, from the
 * stack's and an image's base on. */
static void
test_shapes_are_those_of_a_real_process (void)
{
  static const struct
  {
    const char *name;
    guint n_rows;
    struct
    {
      AtlasRegionState state;
      guint32 protect;
    } rows[4];
  } shapes[] = {
    { "stack of thread",
      3,
      { { ATLAS_STATE_RESERVE, 0 },
        { ATLAS_STATE_COMMIT, ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD },
        { ATLAS_STATE_COMMIT, ATLAS_PAGE_READWRITE } } },
    { "process heap",
      2,
      { { ATLAS_STATE_COMMIT, ATLAS_PAGE_READWRITE }, { ATLAS_STATE_RESERVE, 0 } } },
    { "PEB, TEB",
      3,
      { { ATLAS_STATE_RESERVE, 0 },
        { ATLAS_STATE_COMMIT, ATLAS_PAGE_READWRITE },
        { ATLAS_STATE_RESERVE, 0 } } },
    { "KERNEL32.DLL",
      3,
      { { ATLAS_STATE_COMMIT, ATLAS_PAGE_READONLY },
        { ATLAS_STATE_COMMIT, ATLAS_PAGE_EXECUTE_READ },
        { ATLAS_STATE_COMMIT, ATLAS_PAGE_READONLY } } },
    { "CFG bitmap",
      3,
      { { ATLAS_STATE_RESERVE, 0 },
        { ATLAS_STATE_COMMIT, ATLAS_PAGE_READONLY },
        { ATLAS_STATE_RESERVE, 0 } } },
  };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      AtlasVa va = find_region (process, shapes[i].name)->base_va;
      AtlasVa allocation_base_va = va;

      for (guint row = 0; row < shapes[i].n_rows; row++)
        {
          AtlasRegion region;

          g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, 0);
          g_assert_cmphex (region.allocation_base_va, ==, allocation_base_va);
          g_assert_cmpuint (region.state, ==, shapes[i].rows[row].state);
          g_assert_cmphex (region.protect, ==, shapes[i].rows[row].protect);
          va += region.size_bytes;
        }
    }
}

static void
test_shared_page_is_the_kernels (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *processes[] = { make_process (system, FALSE), make_process (system, TRUE) };
  AtlasPa pa = 0;

  for (guint i = 0; i < G_N_ELEMENTS (processes); i++)
    {
      AtlasSpace *space = atlas_process_get_space (processes[i]);
      AtlasWalkQuery user = { .va = ATLAS_KUSER_VA };
      AtlasWalkQuery kernel = { .va = ATLAS_KUSER_KERNEL_VA, .is_supervisor = TRUE };
      AtlasWalkResult result;

      g_assert_true (atlas_space_walk (space, &user, &result));
      g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_true (result.is_user);
      g_assert_false (result.is_writable);
      g_assert_true (pa == 0 || pa == result.pa);
      pa = result.pa;
      g_assert_true (atlas_space_walk (space, &kernel, &result));
      g_assert_cmphex (result.pa, ==, pa);
      g_assert_false (result.is_user);
      g_assert_true (result.is_writable);
    }
}

static void
test_self_map_shows_the_tables (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasMemory *memory = atlas_system_get_memory (system);
  const AtlasControl *control = atlas_process_get_control (process);
  AtlasWalkQuery query = { .va = ATLAS_KUSER_VA };
  AtlasWalkResult direct;
  AtlasKernelLayout layout;

  atlas_kernel_layout_draw (&layout, atlas_system_get_options (system));
  atlas_walk (memory, control, &query, &direct);
  g_assert_cmpuint (direct.n_steps, ==, 4);
  for (guint step = 0; step < 4; step++)
    {
      AtlasWalkQuery mapped = { .va = atlas_self_map_get_entry_va (
                                  layout.self_map_index, ATLAS_KUSER_VA, 4 - step, 4),
                                .is_supervisor = TRUE,
                                .is_implicit = TRUE };
      AtlasControl no_smap = *control;
      AtlasWalkResult result;

      no_smap.cr4 &= ~ATLAS_CR4_SMAP;
      atlas_walk (memory, &no_smap, &mapped, &result);
      g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmphex (result.pa, ==, atlas_walk_result_get_step (&direct, step).entry_pa);
    }
}

static void
test_images_have_headers (void)
{
  static const char *const names[] = { "demo", "NTDLL.DLL", "kernel32", "KernelBase.dll" };
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  AtlasVa base_va;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint8 header[0x400];
      gboolean is_known[0x400];
      guint32 pe_offset;
      guint32 image_bytes;
      guint16 machine;
      AtlasRegion region;
      AtlasVa va;

      g_assert_true (atlas_process_find_module (process, names[i], &base_va));
      g_assert_cmpuint (
        atlas_space_peek (
          atlas_process_get_space (process), base_va, header, is_known, sizeof header),
        ==,
        sizeof header);
      g_assert_cmpmem (header, 2, "MZ", 2);
      memcpy (&pe_offset, header + 0x3c, 4);
      g_assert_cmpmem (header + GUINT32_FROM_LE (pe_offset), 4, "PE\0\0", 4);
      memcpy (&machine, header + GUINT32_FROM_LE (pe_offset) + 4, 2);
      g_assert_cmphex (GUINT16_FROM_LE (machine), ==, 0x8664);

      /* SizeOfImage is what is mapped. */
      memcpy (&image_bytes, header + GUINT32_FROM_LE (pe_offset) + 24 + 56, 4);
      for (va = base_va;; va += region.size_bytes)
        {
          g_assert_cmphex (atlas_nt_query_virtual_memory (process, va, &region), ==, 0);
          if (region.allocation_base_va != base_va)
            break;
        }
      g_assert_cmphex (va - base_va, ==, GUINT32_FROM_LE (image_bytes));
    }
  g_assert_false (atlas_process_find_module (process, "nt", &base_va));
  g_assert_false (atlas_process_find_module (process, "", &base_va));
}

/* Every byte of memory that tables and frames say is in use. */
static char *
fingerprint (AtlasSystem *system)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  AtlasFrames *frames = atlas_system_get_frames (system);
  guint8 bytes[ATLAS_PAGE_BYTES];

  for (AtlasPfn pfn = 0; pfn < atlas_frames_get_n_frames (frames); pfn++)
    {
      AtlasFrame frame;

      atlas_frames_get (frames, pfn, &frame);
      if (frame.state == ATLAS_FRAME_ZEROED)
        continue;
      g_checksum_update (checksum, (const guchar *) &pfn, sizeof pfn);
      atlas_memory_read (
        atlas_system_get_memory (system), pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes);
      g_checksum_update (checksum, bytes, sizeof bytes);
    }
  return g_strdup (g_checksum_get_string (checksum));
}

static void
test_a_seed_repeats_to_the_byte (void)
{
  g_autofree char *prints[3] = { NULL };
  static const guint64 seeds[] = { 7, 7, 8 };

  for (guint i = 0; i < G_N_ELEMENTS (seeds); i++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      g_autoptr (AtlasSystem) system = NULL;

      options.seed = seeds[i];
      options.memory_bytes = ATLAS_MB (64);
      system = atlas_system_new (&options, NULL);
      make_process (system, FALSE);
      prints[i] = fingerprint (system);
    }
  g_assert_cmpstr (prints[0], ==, prints[1]);
  g_assert_cmpstr (prints[0], !=, prints[2]);
  g_free (g_steal_pointer (&prints[1]));
  g_free (g_steal_pointer (&prints[2]));
}

static void
test_processes_share_a_boot (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *first = make_process (system, FALSE);
  guint64 n_active = atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_ACTIVE);
  AtlasProcess *second = make_process (system, FALSE);
  guint64 n_both = atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_ACTIVE);
  AtlasVa first_va;
  AtlasVa second_va;

  g_assert_true (atlas_process_find_module (first, "ntdll", &first_va));
  g_assert_true (atlas_process_find_module (second, "ntdll", &second_va));
  g_assert_cmphex (first_va, ==, second_va);
  g_assert_cmpuint (atlas_process_get_id (first), !=, atlas_process_get_id (second));
  g_assert_cmpuint (atlas_process_get_id (first) % 4, ==, 0);
  g_assert_cmphex (find_region (first, "process heap")->base_va,
                   !=,
                   find_region (second, "process heap")->base_va);
  /* The second needs far less: code is there already. */
  g_assert_cmpuint (n_both - n_active, <, n_active / 2);

  atlas_process_terminate (second);
  g_assert_cmpuint (
    atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_ACTIVE), ==, n_active);
  atlas_process_terminate (first);
  g_assert_cmpuint (atlas_system_get_n_processes (system), ==, 0);
  /* What is left of the images waits on the standby list. */
  g_assert_cmpuint (
    atlas_frames_count (atlas_system_get_frames (system), ATLAS_FRAME_STANDBY), >, 200);
}

static void
test_a_space_outlives_its_process (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  g_autoptr (AtlasSpace) space = atlas_space_ref (atlas_process_get_space (process));
  guint8 byte;
  gboolean is_known;

  atlas_process_terminate (process);
  g_assert_false (atlas_space_has_tables (space));
  g_assert_nonnull (atlas_space_get_regions (space));
  g_assert_cmpuint (atlas_space_peek (space, ATLAS_KUSER_VA, &byte, &is_known, 1), ==, 0);
}

static void
test_tables_look_alive (void)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcess *process = make_process (system, FALSE);
  g_autoptr (AtlasTableGraph) graph =
    atlas_table_graph_new (atlas_system_get_memory (system), atlas_process_get_control (process));
  guint n_user_entries = 0;
  guint64 entries[ATLAS_TABLE_ENTRIES];
  const AtlasTableNode *root = atlas_table_graph_get_node (graph, 0);

  g_assert_cmpuint (root->n_reserved, ==, 0);
  g_assert_cmpuint (root->n_missing, ==, 0);
  g_assert_true (
    atlas_space_read_table (atlas_process_get_space (process), root->table_pa, entries));
  for (guint i = 0; i < 256; i++)
    n_user_entries += (entries[i] & 1) != 0;
  g_assert_cmpuint (n_user_entries, >=, 4);
}

/* Whatever the switches, the result is sound: regions cover the space in order, and the query
 * agrees with them. */
static void
test_all_switches_give_a_sound_process (void)
{
  for (guint switches = 0; switches < 16; switches++)
    {
      for (guint64 seed = 0; seed < 6; seed++)
        {
          AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
          AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
          g_autoptr (AtlasSystem) system = NULL;
          AtlasProcess *process;
          AtlasQueryIter iter;
          AtlasRegion region;
          AtlasRegion asked;
          AtlasStatus status;
          AtlasVa next_va = 0;

          system_options.memory_bytes = ATLAS_MB (64);
          system_options.seed = seed * 0x9e3779b9u;
          options.is_large_address_aware = (switches & 1) != 0;
          options.has_high_entropy = (switches & 2) != 0;
          options.has_dynamic_base = (switches & 4) != 0;
          system_options.has_hypervisor = (switches & 8) != 0;
          system = atlas_system_new (&system_options, NULL);
          process = atlas_process_new (system, &options, &status);
          g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);

          atlas_query_iter_init (&iter,
                                 atlas_space_get_regions (atlas_process_get_space (process)));
          while (atlas_query_iter_next (&iter, &region))
            {
              g_assert_cmphex (region.base_va, ==, next_va);
              g_assert_cmphex (
                atlas_nt_query_virtual_memory (process, region.base_va, &asked), ==, 0);
              g_assert_cmphex (asked.size_bytes, ==, region.size_bytes);
              g_assert_cmphex (asked.allocation_base_va, ==, region.allocation_base_va);
              g_assert_cmphex (asked.allocation_protect, ==, region.allocation_protect);
              g_assert_cmphex (asked.protect, ==, region.protect);
              g_assert_cmphex (asked.state, ==, region.state);
              g_assert_cmphex (asked.type, ==, region.type);
              next_va += region.size_bytes;
            }
          g_assert_cmphex (next_va, ==, atlas_process_get_max_va (process) + 1);
          if (!options.has_dynamic_base && options.is_large_address_aware)
            {
              AtlasVa image_va;

              g_assert_true (atlas_process_find_module (process, "demo", &image_va));
              g_assert_cmphex (image_va, ==, 0x140000000);
            }
        }
    }
}

static void
test_a_program_may_be_called_like_a_dll (void)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasStatus status;

  options.name = "ntdll.dll";
  g_assert_nonnull (atlas_process_new (system, &options, &status));
  options.name = "process heap";
  g_assert_nonnull (atlas_process_new (system, &options, &status));
}

static void
test_too_little_memory_is_a_status (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasProcessOptions process_options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  g_autoptr (AtlasSystem) system = NULL;
  AtlasFrames *frames;
  guint n_processes = 0;
  AtlasStatus status = ATLAS_STATUS_SUCCESS;

  options.memory_bytes = ATLAS_MB (64);
  system = atlas_system_new (&options, NULL);
  frames = atlas_system_get_frames (system);
  while (atlas_process_new (system, &process_options, &status) != NULL)
    {
      g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
      n_processes++;
    }
  /* Without a paging file the promises run out before the frames. */
  g_assert_cmphex (status, ==, ATLAS_STATUS_COMMITMENT_LIMIT);
  g_assert_cmpuint (n_processes, >, 10);
  g_assert_cmpuint (atlas_system_get_n_processes (system), ==, n_processes);

  /* The one that failed has left nothing behind. */
  atlas_process_terminate (atlas_system_get_process (system, 0));
  g_assert_cmpuint (atlas_frames_count (frames, ATLAS_FRAME_FREE) +
                      atlas_frames_count (frames, ATLAS_FRAME_ZEROED),
                    >,
                    50);
  g_assert_nonnull (atlas_process_new (system, &process_options, &status));
}

static const char *
find_fact (AtlasProcess *process, const char *key)
{
  AtlasSpace *space = atlas_process_get_space (process);

  for (guint i = 0; i < atlas_space_get_n_facts (space); i++)
    {
      const AtlasSpaceFact *fact = atlas_space_get_fact (space, i);

      if (g_strcmp0 (fact->key, key) == 0)
        return fact->value;
    }
  return NULL;
}

/* An ARM64 process has the page tables of this machine, and says so: a walk reads x64 entries. */
static void
test_an_arm64_process_tells_whose_tables_it_has (void)
{
  g_autoptr (AtlasSystem) system = make_system ();

  for (guint is_arm64 = 0; is_arm64 < 2; is_arm64++)
    {
      AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
      AtlasProcess *process;
      AtlasWalkResult walk;
      const AtlasWalkQuery query = { .va = ATLAS_KUSER_VA };

      options.is_bare = TRUE;
      options.machine = is_arm64 ? ATLAS_MACHINE_ARM64 : ATLAS_MACHINE_AMD64;
      process = atlas_process_new (system, &options, NULL);
      atlas_space_get_regions (atlas_process_get_space (process));
      g_assert_cmpstr (
        find_fact (process, "machine"), ==, atlas_process_get_machine_note (process));
      g_assert_cmpint (atlas_process_get_machine_note (process) != NULL, ==, is_arm64);
      if (is_arm64)
        g_assert_true (
          g_str_has_prefix (find_fact (process, "machine"), "ARM64, on page tables of x64"));
      g_assert_true (atlas_space_walk (atlas_process_get_space (process), &query, &walk));
      g_assert_cmpint (walk.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmpuint (walk.n_steps, ==, 4);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/names-and-reasons", test_everything_has_its_name_and_reason);
  g_test_add_func ("/process/shapes", test_shapes_are_those_of_a_real_process);
  g_test_add_func ("/process/shared-page-is-the-kernels", test_shared_page_is_the_kernels);
  g_test_add_func ("/process/self-map", test_self_map_shows_the_tables);
  g_test_add_func ("/process/images-have-headers", test_images_have_headers);
  g_test_add_func ("/process/a-seed-repeats", test_a_seed_repeats_to_the_byte);
  g_test_add_func ("/process/processes-share-a-boot", test_processes_share_a_boot);
  g_test_add_func ("/process/space-outlives-process", test_a_space_outlives_its_process);
  g_test_add_func ("/process/tables-look-alive", test_tables_look_alive);
  g_test_add_func ("/process/all-switches", test_all_switches_give_a_sound_process);
  g_test_add_func ("/process/named-like-a-dll", test_a_program_may_be_called_like_a_dll);
  g_test_add_func ("/process/arm64-tables", test_an_arm64_process_tells_whose_tables_it_has);
  g_test_add_func ("/process/too-little-memory", test_too_little_memory_is_a_status);
  return g_test_run ();
}
