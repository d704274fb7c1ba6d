/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "base/format.h"
#include "paging/address.h"
#include "session/session.h"
#include "windows/fault.h"
#include "windows/layout.h"
#include "windows/machine-private.h"
#include "windows/probe.h"
#include "windows/section-object.h"
#include "windows/section-private.h"
#include "windows/view.h"
#include "windows/virtual.h"

#include <string.h>

/* Windows with page tables of five levels. */

#define MAX_VA G_GUINT64_CONSTANT (0x00fffffffffeffff)
#define KERNEL_VA G_GUINT64_CONSTANT (0xff00000000000000)

static AtlasSystem *
make_system (guint64 seed)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  GError *error = NULL;
  AtlasSystem *system;

  options.memory_bytes = ATLAS_MB (256);
  options.seed = seed;
  options.has_la57 = TRUE;
  system = atlas_system_new (&options, &error);
  g_assert_no_error (error);
  return system;
}

static AtlasProcess *
make_process (AtlasSystem *system, gboolean is_bare)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasStatus status;
  AtlasProcess *process;

  options.name = "demo.exe";
  options.is_bare = is_bare;
  process = atlas_process_new (system, &options, &status);
  g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
  return process;
}

static void
test_key_addresses (void)
{
  static const struct
  {
    AtlasVa va;
    int kind; /* -1: ordinary */
  } rows[] = {
    { 0, ATLAS_LAYOUT_NEVER },
    { 0xffff, ATLAS_LAYOUT_NEVER },
    { 0x10000, -1 },
    { 0x7ffe0000, ATLAS_LAYOUT_BLOCK },
    { 0x7fff0000, ATLAS_LAYOUT_NEVER },
    { 0x8000ffff, ATLAS_LAYOUT_NEVER },
    { 0x7fffffff0000, -1 },
    { 0x7fffffffffff, -1 },
    { 0x800000000000, -1 },
    { 0xffffffffffff, -1 },
    { 0x1000000000000, -1 },
    { MAX_VA, -1 },
    { MAX_VA + 1u, ATLAS_LAYOUT_NEVER },
    { 0x00ffffffffffffff, ATLAS_LAYOUT_NEVER },
    { 0x0100000000000000, ATLAS_LAYOUT_HOLE },
    { 0xfeffffffffffffff, ATLAS_LAYOUT_HOLE },
    { KERNEL_VA, -1 },
    { G_MAXUINT64, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const AtlasLayoutRegion *region = atlas_layout_find (rows[i].va, 5);

      g_assert_cmpint (region != NULL ? (int) region->kind : -1, ==, rows[i].kind);
    }
  g_assert_cmphex (atlas_probe_for_read (MAX_VA, 1, 1, 5, NULL), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_probe_for_read (MAX_VA, 2, 1, 5, NULL), ==, ATLAS_STATUS_ACCESS_VIOLATION);
}

static void
test_kernel_half (void)
{
  guint n_indices = 0;
  gboolean is_seen[512] = { FALSE };

  for (guint64 seed = 0; seed < 200; seed++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      AtlasKernelLayout layout;
      AtlasVa end_va = KERNEL_VA;

      options.seed = seed;
      options.has_la57 = TRUE;
      atlas_kernel_layout_draw (&layout, &options);
      g_assert_cmpuint (layout.n_levels, ==, 5);
      for (guint i = 0; i < layout.n_regions; i++)
        {
          g_assert_cmphex (layout.regions[i].base_va, ==, end_va);
          end_va += layout.regions[i].size_bytes;
        }
      g_assert_cmphex (end_va, ==, 0);
      g_assert_cmpuint (layout.self_map_index, >=, 256);
      g_assert_cmpuint (layout.self_map_index, <, 511);
      n_indices += !is_seen[layout.self_map_index];
      is_seen[layout.self_map_index] = TRUE;
      g_assert_cmphex (atlas_kernel_layout_get_base_va (&layout, ATLAS_KERNEL_PAGE_TABLES),
                       ==,
                       ATLAS_BITS (63, 57) | (guint64) layout.self_map_index << 48);
      g_assert_cmphex (atlas_kernel_layout_get_base_va (&layout, ATLAS_KERNEL_SHARED_DATA),
                       ==,
                       0xfffff78000000000);
      g_assert_cmpuint (
        atlas_kernel_layout_find (&layout, 0xffff7fffffffffff)->use, ==, ATLAS_KERNEL_UNUSED);
    }
  g_assert_cmpuint (n_indices, >, 100);
}

/* The oracle reads five entries by hand. */
static AtlasPa
translate_by_hand (const AtlasMemory *memory, AtlasPa root_pa, AtlasVa va, AtlasPa *entries_pa)
{
  AtlasPa table_pa = root_pa;

  for (guint i = 0; i < 5u; i++)
    {
      guint64 entry = 0;

      entries_pa[i] = table_pa + ((va >> (48u - 9u * i)) & 511u) * 8u;
      g_assert_true (atlas_memory_read_u64 (memory, entries_pa[i], &entry));
      g_assert_true ((entry & 1u) != 0);
      table_pa = entry & G_GUINT64_CONSTANT (0x000ffffffffff000);
    }
  return table_pa | (va & 0xfffu);
}

static void
test_walks_have_five_steps_and_show_in_the_self_map (void)
{
  static const AtlasVa bases_va[] = {
    0x10000,         0x7fffffff0000,     0x800000000000,  0xffffffff0000,
    0x1000000000000, 0x00fedcba98760000, MAX_VA - 0xffff,
  };
  g_autoptr (AtlasSystem) system = make_system (3);
  AtlasProcess *process = make_process (system, TRUE);
  const AtlasKernelLayout *layout = atlas_system_get_kernel_layout (system);
  AtlasMemory *memory = atlas_system_get_memory (system);
  const AtlasControl *control = atlas_process_get_control (process);
  guint64 n_commit = system->commit_pages;
  guint64 n_tables = process->n_tables;

  g_assert_cmpuint (atlas_control_get_n_levels (control), ==, 5);
  for (guint i = 0; i < G_N_ELEMENTS (bases_va); i++)
    {
      AtlasVa va = bases_va[i];
      guint64 size_bytes = ATLAS_KB (64);
      AtlasVa last_va = va + size_bytes - 8u;
      AtlasWalkQuery query = { .va = last_va };
      AtlasWalkResult walk;
      AtlasPa entries_pa[5];
      AtlasPa pa;
      guint64 value = 0x5157 + i;

      g_assert_cmphex (
        atlas_nt_allocate_virtual_memory (
          process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
        ==,
        ATLAS_STATUS_SUCCESS);
      g_assert_cmphex (va, ==, bases_va[i]);
      g_assert_cmphex (
        atlas_process_access (process, last_va, ATLAS_ACCESS_WRITE, FALSE, &value, 8, NULL, NULL),
        ==,
        ATLAS_STATUS_SUCCESS);
      atlas_walk (memory, control, &query, &walk);
      pa = translate_by_hand (memory, control->cr3, last_va, entries_pa);
      g_assert_cmpint (walk.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
      g_assert_cmpuint (walk.n_steps, ==, 5);
      g_assert_cmphex (walk.pa, ==, pa);
      for (guint step = 0; step < 5; step++)
        {
          AtlasWalkQuery mapped = { .va = atlas_self_map_get_entry_va (
                                      layout->self_map_index, last_va, 5 - step, 5),
                                    .is_supervisor = TRUE,
                                    .is_implicit = TRUE };
          AtlasControl no_smap = *control;
          AtlasWalkResult result;

          g_assert_cmphex (atlas_walk_result_get_step (&walk, step).entry_pa, ==, entries_pa[step]);
          g_assert_cmpuint (atlas_walk_result_get_step (&walk, step).level, ==, 5 - step);
          no_smap.cr4 &= ~ATLAS_CR4_SMAP;
          atlas_walk (memory, &no_smap, &mapped, &result);
          g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
          g_assert_cmphex (result.pa, ==, entries_pa[step]);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (bases_va); i++)
    {
      AtlasVa va = bases_va[i];
      guint64 size_bytes = 0;

      g_assert_cmphex (atlas_nt_free_virtual_memory (process, &va, &size_bytes, ATLAS_MEM_RELEASE),
                       ==,
                       ATLAS_STATUS_SUCCESS);
    }
  g_assert_cmpuint (system->commit_pages, ==, n_commit);
  g_assert_cmpuint (process->n_tables, ==, n_tables);
}

static void
test_both_ends_and_beyond (void)
{
  g_autoptr (AtlasSystem) system = make_system (5);
  AtlasProcess *process = make_process (system, TRUE);
  static const AtlasVa refused_va[] = { MAX_VA + 1u, 0x0100000000000000, KERNEL_VA };
  guint64 size_bytes = ATLAS_TB (1024);
  AtlasVa low_va = 0;
  AtlasVa high_va = 0;
  AtlasRegion region;

  g_assert_cmphex (atlas_process_get_max_va (process), ==, MAX_VA);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     process, &low_va, 0, &size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (process,
                                                     &high_va,
                                                     0,
                                                     &size_bytes,
                                                     ATLAS_MEM_RESERVE | ATLAS_MEM_TOP_DOWN,
                                                     ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (low_va, <, ATLAS_TB (3));
  g_assert_cmphex (high_va + size_bytes, >, MAX_VA - ATLAS_GB (8));
  g_assert_cmphex (atlas_process_query (process, high_va, &region), ==, ATLAS_STATUS_SUCCESS);
  g_assert_cmpuint (region.size_bytes, ==, size_bytes);
  g_assert_cmphex (
    atlas_process_query (process, MAX_VA + 1u, &region), ==, ATLAS_STATUS_INVALID_PARAMETER);
  for (guint i = 0; i < G_N_ELEMENTS (refused_va); i++)
    {
      AtlasVa va = refused_va[i];

      size_bytes = ATLAS_PAGE_BYTES;
      g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                         process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE),
                       ==,
                       ATLAS_STATUS_INVALID_PARAMETER_2);
    }
}

static void
test_a_whole_process_tells_all_addresses (void)
{
  g_autoptr (AtlasSystem) system = make_system (7);
  guint64 n_commit = system->commit_pages;
  AtlasProcess *process = make_process (system, FALSE);
  AtlasRegionSet *set = atlas_space_get_regions (&process->space);
  guint64 n_regions = atlas_region_set_get_n_regions (set);
  AtlasVa end_va = 0;
  AtlasRegionSummary free;
  guint64 n_allocated = 0;
  guint64 n_private = 0;
  guint64 n_in_sections = 0;

  g_assert_cmphex (atlas_region_set_get_user_end_va (set), ==, MAX_VA + 1u);
  for (guint64 i = 0; i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      g_assert_cmphex (region->base_va, ==, end_va);
      end_va += region->size_bytes;
    }
  g_assert_cmphex (end_va, ==, 0);
  g_assert_cmpint (
    atlas_region_set_get_region (set, atlas_region_set_find (set, ATLAS_BIT (56)))->region_class,
    ==,
    ATLAS_CLASS_HOLE);
  /* All but the allocations, of which the CFG bitmap has 1 PB: two bits for every 16 bytes. */
  for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      /* The no-man's land, which VirtualQuery calls free. */
      if (vad->kind != ATLAS_VAD_BLOCKED)
        n_allocated += atlas_vad_get_n_pages (vad);
      n_private += vad->commit_pages;
      if (atlas_vad_get_base_va (vad) == process->cfg_va)
        g_assert_cmpuint (atlas_vad_get_n_pages (vad), ==, ATLAS_BIT (50 - 12));
    }
  atlas_region_set_summarize (set, 0, MAX_VA, &free);
  g_assert_cmpuint (free.free_bytes + n_allocated * ATLAS_PAGE_BYTES, ==, MAX_VA + 1u);
  g_assert_cmphex (process->image_va, >, ATLAS_BIT (56) - ATLAS_GB (40) - 1u);

  for (guint i = 0; i < system->sections->len; i++)
    n_in_sections +=
      ((const AtlasSection *) g_ptr_array_index (system->sections, i))->charged_pages;
  g_assert_cmpuint (n_in_sections, >, 0);
  g_assert_cmpuint (n_private, ==, process->commit_pages);
  g_assert_cmpuint (
    system->commit_pages, ==, n_commit + n_in_sections + n_private + process->n_tables);
  /* Sections of the paging file that the session keeps outlive the process; nothing else does. */
  atlas_process_terminate (process);
  g_assert_cmpuint (system->commit_pages, ==, n_commit + n_in_sections);
}

/* Without a process only the machine tells how far addresses go. */
static void
test_a_view_for_nobody_knows_the_end (void)
{
  static const struct
  {
    AtlasVa va;
    AtlasStatus status[2]; /* with four levels, with five */
  } rows[] = {
    { 0x7ffffffe0000, { ATLAS_STATUS_INVALID_HANDLE, ATLAS_STATUS_INVALID_HANDLE } },
    { 0x7fffffff0000, { ATLAS_STATUS_INVALID_PARAMETER_3, ATLAS_STATUS_INVALID_HANDLE } },
    { 0x800000000000, { ATLAS_STATUS_INVALID_PARAMETER_3, ATLAS_STATUS_INVALID_HANDLE } },
    { MAX_VA - 0xffff, { ATLAS_STATUS_INVALID_PARAMETER_3, ATLAS_STATUS_INVALID_HANDLE } },
    { MAX_VA + 1u, { ATLAS_STATUS_INVALID_PARAMETER_3, ATLAS_STATUS_INVALID_PARAMETER_3 } },
    { KERNEL_VA, { ATLAS_STATUS_INVALID_PARAMETER_3, ATLAS_STATUS_INVALID_PARAMETER_3 } },
  };

  for (guint variant = 0; variant < 2; variant++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      g_autoptr (AtlasSystem) system = NULL;
      AtlasSectionObject *object;

      options.memory_bytes = ATLAS_MB (64);
      options.has_la57 = variant == 1;
      system = atlas_system_new (&options, NULL);
      g_assert_cmphex (atlas_nt_create_section (system,
                                                ATLAS_SECTION_ALL_ACCESS,
                                                0x10000,
                                                ATLAS_PAGE_READWRITE,
                                                ATLAS_SEC_COMMIT,
                                                NULL,
                                                &object),
                       ==,
                       ATLAS_STATUS_SUCCESS);
      for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
        {
          AtlasVa va = rows[i].va;
          guint64 offset = 0;
          guint64 size_bytes = 0x1000;

          g_assert_cmphex (atlas_nt_map_view_of_section (object,
                                                         NULL,
                                                         &va,
                                                         0,
                                                         0,
                                                         &offset,
                                                         &size_bytes,
                                                         ATLAS_VIEW_UNMAP,
                                                         0,
                                                         ATLAS_PAGE_READWRITE),
                           ==,
                           rows[i].status[variant]);
        }
    }
}

static guint64
read_entry (AtlasSystem *system, guint64 table_pa, guint index)
{
  guint64 entry = 0;

  g_assert_true (atlas_memory_read_u64 (
    system->memory, (table_pa & ATLAS_PTE_PFN_MASK) + index * ATLAS_ENTRY_BYTES, &entry));
  return entry;
}

static guint
count_used (AtlasSystem *system, guint64 table_pa, guint first, guint end)
{
  guint n_used = 0;

  for (guint i = first; i < end; i++)
    n_used += read_entry (system, table_pa, i) != 0;
  return n_used;
}

/* Two PML5s: one user half; of the kernel half the second has one entry, and below it what an
 * interrupt needs before CR3 is loaded. */
static void
test_kva_shadow_has_a_root_of_five_levels_too (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSystem) system = NULL;
  AtlasProcess *process;
  const AtlasKernelLayout *layout;
  guint64 cr3, user_cr3, kernel_entry, shadow_entry, table, shadow_table;
  guint64 n_active, n_commit;
  AtlasVa va = 0x00fedcba98760000;
  guint64 size_bytes = ATLAS_PAGE_BYTES;
  guint8 byte = 1;

  options.memory_bytes = ATLAS_MB (256);
  options.has_la57 = TRUE;
  options.has_kva_shadow = TRUE;
  system = atlas_system_new (&options, &error);
  g_assert_no_error (error);
  n_active = atlas_frames_count (system->frames, ATLAS_FRAME_ACTIVE);
  n_commit = system->commit_pages;
  process = make_process (system, TRUE);
  layout = atlas_system_get_kernel_layout (system);
  cr3 = process->control.cr3;
  user_cr3 = atlas_process_get_user_cr3 (process);
  g_assert_cmphex (user_cr3, !=, 0);
  g_assert_cmphex (user_cr3, !=, cr3);

  /* PML5: the self-map and the slots of four levels; the user root has the second alone. */
  kernel_entry = read_entry (system, cr3, 511);
  shadow_entry = read_entry (system, user_cr3, 511);
  g_assert_cmpuint (count_used (system, cr3, 256, 512), ==, 2);
  g_assert_cmphex (read_entry (system, cr3, layout->self_map_index) & ATLAS_PTE_PFN_MASK, ==, cr3);
  g_assert_cmpuint (count_used (system, user_cr3, 256, 512), ==, 1);
  g_assert_cmphex (kernel_entry & ATLAS_PTE_PFN_MASK, !=, shadow_entry & ATLAS_PTE_PFN_MASK);
  /* PML4: shared data and the boot loader's slot; the latter. */
  g_assert_cmpuint (count_used (system, kernel_entry, 0, 512), ==, 2);
  g_assert_cmpuint (count_used (system, shadow_entry, 0, 512), ==, 1);
  g_assert_cmphex (read_entry (system, kernel_entry, 0x1ef), !=, 0);
  /* Down to the same two frames, by tables of their own. */
  table = kernel_entry;
  shadow_table = shadow_entry;
  for (guint shift = 39; shift > 12; shift -= 9)
    {
      guint index = layout->kernel_image_va >> shift & 511u;

      table = read_entry (system, table, index);
      shadow_table = read_entry (system, shadow_table, index);
      g_assert_cmphex (table & ATLAS_PTE_VALID, ==, 1);
      g_assert_cmphex (shadow_table & ATLAS_PTE_VALID, ==, 1);
      g_assert_cmphex (table & ATLAS_PTE_PFN_MASK, !=, shadow_table & ATLAS_PTE_PFN_MASK);
      g_assert_cmpuint (count_used (system, shadow_table, 0, 512), ==, shift == 21 ? 2 : 1);
    }
  for (guint i = 0; i < 2; i++)
    {
      guint index = (layout->kernel_image_va >> 12 & 511u) + i;

      g_assert_cmphex (
        read_entry (system, table, index), ==, read_entry (system, shadow_table, index));
    }

  /* The user half is one. */
  g_assert_cmphex (
    atlas_nt_allocate_virtual_memory (
      process, &va, 0, &size_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (
    atlas_process_access (process, va, ATLAS_ACCESS_WRITE, FALSE, &byte, 1, NULL, NULL),
    ==,
    ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_mmu_get_control (system->mmu)->cr3, ==, user_cr3);
  g_assert_cmphex (read_entry (system, cr3, 0xfe), !=, 0);
  for (guint i = 0; i < 256; i++)
    g_assert_cmphex (read_entry (system, cr3, i), ==, read_entry (system, user_cr3, i));
  g_assert_cmphex (
    atlas_process_access (
      process, ATLAS_KUSER_KERNEL_VA, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, NULL),
    ==,
    ATLAS_STATUS_ACCESS_VIOLATION);
  g_assert_cmphex (atlas_process_access (
                     process, ATLAS_KUSER_KERNEL_VA, ATLAS_ACCESS_READ, TRUE, &byte, 1, NULL, NULL),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_cmphex (atlas_mmu_get_control (system->mmu)->cr3, ==, cr3);
  size_bytes = 0;
  atlas_nt_free_virtual_memory (process, &va, &size_bytes, ATLAS_MEM_RELEASE);
  g_assert_cmphex (read_entry (system, cr3, 0xfe), ==, 0);
  g_assert_cmphex (read_entry (system, user_cr3, 0xfe), ==, 0);

  atlas_process_terminate (process);
  g_assert_cmpuint (atlas_frames_count (system->frames, ATLAS_FRAME_ACTIVE), ==, n_active);
  g_assert_cmpuint (system->commit_pages, ==, n_commit);
}

static void
test_the_classic_layout_is_refused (void)
{
  for (guint variant = 0; variant < 2; variant++)
    {
      AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
      g_autoptr (GError) error = NULL;

      options.has_la57 = TRUE;
      options.has_classic_layout = TRUE;
      options.has_kva_shadow = variant == 1;
      g_assert_null (atlas_system_new (&options, &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_UNSUPPORTED);
      g_assert_cmpstr (error->message,
                       ==,
                       "levels=5 does not go with layout=classic: Windows before version 1607, "
                       "whose kernel half that is, knew page tables of four levels alone");
    }
}

/* What one command leaves behind. */
typedef struct
{
  guint64 n_tables;   /* more than before the first */
  guint64 n_commit;   /* likewise, of the machine */
  guint64 n_resident; /* likewise */
  guint64 flags[5];   /* of the entries on the way, from PML5E to PTE; 0 where none is */
  guint8 first_byte;  /* of a read; 0 otherwise */
} ScenarioStep;

static void
test_a_scenario_runs (void)
{
  static const char text[] = "system memory=256M levels=5\n"
                             "process $p demo.exe bare\n"
                             "alloc $t = 0x00123456789a0000 64K reserve|commit readwrite\n"
                             "write $t 4 value=0x11223344\n"
                             "read $t 4\n"
                             "protect $t 4K readonly\n"
                             "entry $t pml5e 0\n"
                             "read $t 4\n"
                             "free $t release\n";
  static const guint indices[] = { 0x12, 0x68, 0x159, 0x1c4, 0x1a0 };
  /* Present, writable, user, accessed, dirty, Write; of the page besides: no execution. */
#define TABLE 0x867
#define PAGE_RW (ATLAS_PTE_NO_EXECUTE | 0x867)
#define PAGE_RO (ATLAS_PTE_NO_EXECUTE | 0x025)
  static const ScenarioStep steps[] = {
    { 0, 0, 0, { 0 }, 0 },
    { 0, 16, 0, { 0 }, 0 },
    { 4, 20, 1, { TABLE, TABLE, TABLE, TABLE, PAGE_RW }, 0 },
    { 4, 20, 1, { TABLE, TABLE, TABLE, TABLE, PAGE_RW }, 0x44 },
    { 4, 20, 1, { TABLE, TABLE, TABLE, TABLE, PAGE_RO }, 0 },
    /* The tables below are nobody's any more, but stay charged. */
    { 0, 20, 0, { 0 }, 0 },
    { 4, 24, 1, { TABLE, TABLE, TABLE, TABLE, PAGE_RO | 0x800 }, 0 },
    { 0, 4, 0, { 0 }, 0 },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasSession) session = atlas_session_new_from_text (text, "la57", &error);
  guint64 n_tables = 0, n_commit = 0, n_resident = 0;
  AtlasVa va = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (atlas_session_get_n_commands (session), ==, 9);
  g_assert_nonnull (
    strstr (atlas_session_get_result (session, 0)->result, ", page tables of five levels"));
  g_assert_true (atlas_session_parse_address (session, "$t", &va, NULL));
  g_assert_cmphex (va, ==, 0x00123456789a0000);
  g_assert_true (atlas_session_parse_address (
    session, "pml5[0x12].pml4[0x68].pdpt[0x159].pd[0x1c4].pt[0x1a0]", &va, NULL));
  g_assert_cmphex (va, ==, 0x00123456789a0000);

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      const ScenarioStep *step = &steps[i];
      const AtlasCommandResult *result = atlas_session_get_result (session, i + 1);
      AtlasProcess *process;
      AtlasSystem *system;
      guint64 table;

      atlas_session_seek (session, i + 2);
      process = atlas_session_get_process (session);
      system = atlas_session_get_system (session);
      if (i == 0)
        {
          n_tables = process->n_tables;
          n_commit = system->commit_pages;
          n_resident = process->n_resident_pages;
        }
      g_test_message ("%s", result->command);
      g_assert_cmphex (result->status, ==, ATLAS_STATUS_SUCCESS);
      g_assert_cmpuint (process->n_tables - n_tables, ==, step->n_tables);
      g_assert_cmpuint (system->commit_pages - n_commit, ==, step->n_commit);
      g_assert_cmpuint (process->n_resident_pages - n_resident, ==, step->n_resident);
      table = process->control.cr3;
      for (guint level = 0; level < 5 && table != 0; level++)
        {
          table = read_entry (system, table, indices[level]);
          g_assert_cmphex (table & ~ATLAS_PTE_PFN_MASK, ==, step->flags[level]);
        }
      if (g_str_has_prefix (result->command, "read"))
        {
          g_autofree char *end = g_strdup_printf (": %02x", step->first_byte);

          g_assert_nonnull (strstr (result->result, end));
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/la57/key-addresses", test_key_addresses);
  g_test_add_func ("/la57/kernel-half", test_kernel_half);
  g_test_add_func ("/la57/five-steps", test_walks_have_five_steps_and_show_in_the_self_map);
  g_test_add_func ("/la57/both-ends", test_both_ends_and_beyond);
  g_test_add_func ("/la57/whole-process", test_a_whole_process_tells_all_addresses);
  g_test_add_func ("/la57/view-for-nobody", test_a_view_for_nobody_knows_the_end);
  g_test_add_func ("/la57/kva-shadow", test_kva_shadow_has_a_root_of_five_levels_too);
  g_test_add_func ("/la57/classic-layout-is-refused", test_the_classic_layout_is_refused);

  g_test_add_func ("/la57/scenario", test_a_scenario_runs);

  return g_test_run ();
}
