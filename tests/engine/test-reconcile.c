/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/reconcile.h"

#include "windows-fixture.h"
#include "windows/fault.h"
#include "windows/machine-private.h"
#include "windows/virtual.h"

#define BASE_VA G_GUINT64_CONSTANT (0x20000000)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  AtlasVa base_va = BASE_VA;
  guint64 size_bytes = ATLAS_KB (64);

  fixture->system = make_system ();
  fixture->process = make_process (fixture->system, FALSE);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (fixture->process,
                                                     &base_va,
                                                     0,
                                                     &size_bytes,
                                                     ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                                     ATLAS_PAGE_READWRITE),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  for (guint i = 0; i < 4; i++)
    g_assert_true (atlas_process_touch (
      fixture->process, BASE_VA + i * ATLAS_PAGE_BYTES, ATLAS_ACCESS_WRITE, NULL, 0));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  atlas_system_free (fixture->system);
}

static void
test_what_windows_does_is_no_conflict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) conflicts = atlas_process_find_conflicts (fixture->process);

  g_assert_cmpuint (conflicts->len, ==, 0);
}

/* Entry @level of an address, its bits first taken away and then set, and what that comes to. */
static void
test_every_kind_is_told (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint level;
    AtlasVa va;
    guint64 clear, set;
    AtlasConflictKind kind;
  } rows[] = {
    /* The slot behind the allocation has no entry yet. */
    { ATLAS_LEVEL_PT,
      BASE_VA + ATLAS_KB (64),
      G_MAXUINT64,
      0x5000 | ATLAS_PTE_VALID | ATLAS_PTE_OWNER,
      ATLAS_CONFLICT_NO_VAD },
    { ATLAS_LEVEL_PT, BASE_VA, ATLAS_PTE_PFN_MASK, 0x5000, ATLAS_CONFLICT_FRAME },
    /* No such memory. */
    { ATLAS_LEVEL_PT, BASE_VA, 0, ATLAS_BIT (50), ATLAS_CONFLICT_FRAME },
    { ATLAS_LEVEL_PT, BASE_VA, 0, ATLAS_PTE_COPY_ON_WRITE, ATLAS_CONFLICT_WRITABLE },
    { ATLAS_LEVEL_PT, BASE_VA, ATLAS_PTE_WRITE, 0, ATLAS_CONFLICT_WRITABLE },
    { ATLAS_LEVEL_PT, BASE_VA, ATLAS_PTE_NO_EXECUTE, 0, ATLAS_CONFLICT_EXECUTABLE },
    { ATLAS_LEVEL_PT, BASE_VA, ATLAS_PTE_OWNER, 0, ATLAS_CONFLICT_SUPERVISOR },
    { ATLAS_LEVEL_PT + 1, BASE_VA, ATLAS_PTE_OWNER, 0, ATLAS_CONFLICT_SUPERVISOR },
    { ATLAS_LEVEL_PT + 1, BASE_VA, ATLAS_PTE_DIRTY1, 0, ATLAS_CONFLICT_RESTRICTED },
    { ATLAS_LEVEL_PT + 2, BASE_VA, 0, ATLAS_PTE_NO_EXECUTE, ATLAS_CONFLICT_RESTRICTED },
    { ATLAS_LEVEL_PT + 1, BASE_VA, ATLAS_PTE_PFN_MASK, 0x5000, ATLAS_CONFLICT_TABLE },
    { ATLAS_LEVEL_PT + 3, BASE_VA, 0, ATLAS_BIT (50), ATLAS_CONFLICT_TABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      AtlasMemory *memory = atlas_system_get_memory (fixture->system);
      g_autoptr (GArray) conflicts = NULL;
      const AtlasConflict *conflict;
      AtlasPa entry_pa;
      guint64 entry;

      g_test_message ("row %u", i);
      g_assert_true (
        atlas_process_find_entry (fixture->process, rows[i].va, rows[i].level, &entry_pa));
      g_assert_true (atlas_memory_read_u64 (memory, entry_pa, &entry));
      atlas_memory_write_u64 (memory, entry_pa, (entry & ~rows[i].clear) | rows[i].set);
      conflicts = atlas_process_find_conflicts (fixture->process);
      g_assert_cmpuint (conflicts->len, ==, 1);
      conflict = &g_array_index (conflicts, AtlasConflict, 0);
      g_assert_cmpint (conflict->kind, ==, rows[i].kind);
      g_assert_cmpuint (conflict->level, ==, rows[i].level);
      g_assert_cmphex (conflict->entry_pa, ==, entry_pa);
      g_assert_cmphex (rows[i].va - conflict->base_va, <, conflict->size_bytes);
      atlas_memory_write_u64 (memory, entry_pa, entry);
    }
}

static void
test_neighbours_are_one_conflict (Fixture *fixture, gconstpointer data)
{
  AtlasMemory *memory = atlas_system_get_memory (fixture->system);
  g_autoptr (GArray) conflicts = NULL;
  const AtlasConflict *conflict;
  g_autofree char *text = NULL;

  for (guint i = 0; i < 3; i++)
    {
      AtlasPa entry_pa;
      guint64 entry =
        atlas_process_read_pte (fixture->process, BASE_VA + i * ATLAS_PAGE_BYTES, &entry_pa);

      atlas_memory_write_u64 (memory, entry_pa, entry & ~ATLAS_PTE_NO_EXECUTE);
    }
  conflicts = atlas_process_find_conflicts (fixture->process);
  g_assert_cmpuint (conflicts->len, ==, 1);
  conflict = &g_array_index (conflicts, AtlasConflict, 0);
  g_assert_cmphex (conflict->base_va, ==, BASE_VA);
  g_assert_cmphex (conflict->size_bytes, ==, 3 * ATLAS_PAGE_BYTES);
  text = atlas_conflict_format (conflict);
  g_assert_true (g_str_has_prefix (text, "00000000`20000000, 12 KB: PTE "));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/reconcile/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("what-windows-does-is-no-conflict", test_what_windows_does_is_no_conflict);
  ADD ("every-kind-is-told", test_every_kind_is_told);
  ADD ("neighbours-are-one-conflict", test_neighbours_are_one_conflict);

  return g_test_run ();
}
