/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/entry.h"
#include "paging/mmu.h"
#include "paging/walk-private.h"

#include "paging-oracle.h"
#include "walk-vectors.h"

#include <string.h>

/* Where the tests keep their tables. A table of level n stands at n * 0x1000. */
#define TABLE_PA(level) ((AtlasPa) (level) *ATLAS_PAGE_BYTES)
#define PAGE_4K_PA G_GUINT64_CONSTANT (0x7654321000)
#define PAGE_2M_PA G_GUINT64_CONSTANT (0x7654200000)
#define PAGE_1G_PA G_GUINT64_CONSTANT (0x7640000000)
#define TEST_VA G_GUINT64_CONSTANT (0xffff923400123456)

static const guint64 page_pa_of_level[] = { 0, PAGE_4K_PA, PAGE_2M_PA, PAGE_1G_PA };

static AtlasMemory *
new_ram (void)
{
  g_autoptr (GError) error = NULL;
  AtlasMemory *memory = atlas_memory_new_ram (ATLAS_MB (1), &error);

  g_assert_no_error (error);
  return memory;
}

/* ---- Agreed outcomes ---- */

static AtlasControl
control_of_vector (guint i)
{
  const char *state = vectors[i].state;
  AtlasControl control = {
    .cr0 = ATLAS_CR0_PE | ATLAS_CR0_PG,
    .cr3 = TABLE_PA (4),
    .cr4 = ATLAS_CR4_PAE,
    .efer = ATLAS_EFER_LME | ATLAS_EFER_LMA,
    .pkru = vectors[i].pkru,
    .maxphyaddr_bits = 40,
    .has_page_1gb = TRUE,
    .rflags_ac = state[4] == '1',
  };

  control.cr0 |= state[0] == '1' ? ATLAS_CR0_WP : 0;
  control.efer |= state[1] == '1' ? ATLAS_EFER_NXE : 0;
  control.cr4 |= state[2] == '1' ? ATLAS_CR4_SMEP : 0;
  control.cr4 |= state[3] == '1' ? ATLAS_CR4_SMAP : 0;
  control.cr4 |= state[5] == '1' ? ATLAS_CR4_PKE : 0;
  return control;
}

static AtlasAccess
access_of_letter (char letter)
{
  return letter == 'R' ? ATLAS_ACCESS_READ
                       : (letter == 'W' ? ATLAS_ACCESS_WRITE : ATLAS_ACCESS_EXECUTE);
}

static void
test_agreed_vectors (void)
{
  g_autoptr (AtlasMemory) memory = new_ram ();

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      guint64 entries[5] = {
        0, vectors[i].pte, vectors[i].pde, vectors[i].pdpte, vectors[i].pml4e
      };
      AtlasPa entry_pa[5];
      AtlasControl control = control_of_vector (i);
      AtlasWalkQuery query = {
        .va = TEST_VA,
        .access = access_of_letter (vectors[i].access),
        .is_supervisor = vectors[i].mode == 's',
      };
      AtlasWalkResult result;
      guint newly_set = 0;

      for (guint level = 1; level <= 4; level++)
        {
          if (level == vectors[i].leaf_level)
            entries[level] |= page_pa_of_level[level];
          else if (level > vectors[i].leaf_level)
            entries[level] |= TABLE_PA (level - 1);
          entry_pa[level] = TABLE_PA (level) + atlas_va_index (TEST_VA, level) * 8;
          g_assert_true (atlas_memory_write_u64 (memory, entry_pa[level], entries[level]));
        }

      g_test_message ("vector %u", i);
      g_autoptr (AtlasMmu) mmu = atlas_mmu_new (memory);
      atlas_mmu_set_control (mmu, &control);
      atlas_mmu_access (mmu, &query, NULL, &result);
      for (guint level = 1; level <= 4; level++)
        {
          guint64 after;

          g_assert_true (atlas_memory_read_u64 (memory, entry_pa[level], &after));
          guint64 added = after & ~entries[level];
          g_assert_cmphex (after & entries[level], ==, entries[level]);
          g_assert_cmphex (added & ~(ATLAS_ENTRY_A | ATLAS_ENTRY_D), ==, 0);
          newly_set |= (guint) (added >> 5) << (2 * (level - 1));
        }

      if (vectors[i].faults)
        {
          g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_PAGE_FAULT);
          g_assert_cmphex (result.error_code, ==, vectors[i].error_code);
          g_assert_cmphex (newly_set, ==, 0);
        }
      else
        {
          guint level = vectors[i].leaf_level;

          g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
          g_assert_cmphex (result.pa,
                           ==,
                           page_pa_of_level[level] |
                             (TEST_VA & (atlas_level_span_bytes (level) - 1)));
          g_assert_cmphex (newly_set, ==, vectors[i].newly_set);
        }
    }
}

/* ---- Against the slow account ---- */

static const guint64 table_bits[] = {
  ATLAS_ENTRY_RW, ATLAS_ENTRY_US, ATLAS_ENTRY_A,  ATLAS_ENTRY_D,   ATLAS_ENTRY_G,   ATLAS_ENTRY_P,
  ATLAS_ENTRY_PS, ATLAS_ENTRY_XD, ATLAS_BIT (51), ATLAS_BIT (45),  ATLAS_BIT (36),  ATLAS_BIT (12),
  ATLAS_BIT (13), ATLAS_BIT (20), ATLAS_BIT (21), ATLAS_BIT (29),  ATLAS_BIT (59),  ATLAS_BIT (60),
  ATLAS_BIT (52), ATLAS_BIT (9),  ATLAS_BIT (11), ATLAS_ENTRY_PWT, ATLAS_ENTRY_PCD, ATLAS_ENTRY_PWT,
};

static gboolean
one_in (guint n)
{
  return g_test_rand_int_range (0, (gint) n) == 0;
}

static guint64
random_u64 (void)
{
  return ((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ();
}

static guint64
random_entry (guint level, gboolean is_leaf, AtlasPa table_base_pa)
{
  guint64 entry = ATLAS_ENTRY_P | ATLAS_ENTRY_RW | ATLAS_ENTRY_US;

  if (is_leaf)
    entry |= ((random_u64 () % 64) << 30) | ATLAS_ENTRY_D * (guint) one_in (2) |
             (level > 1 ? ATLAS_ENTRY_PS : 0) |
             ((guint64) g_test_rand_int_range (0, 4) << ATLAS_ENTRY_KEY_SHIFT);
  else
    entry |= table_base_pa + TABLE_PA (level - 1);
  if (one_in (3))
    entry &= ~ATLAS_ENTRY_RW;
  if (one_in (3))
    entry &= ~ATLAS_ENTRY_US;
  if (one_in (4))
    entry |= ATLAS_ENTRY_XD;
  if (one_in (8))
    entry ^= table_bits[g_test_rand_int_range (0, G_N_ELEMENTS (table_bits))];
  return entry;
}

static AtlasControl
random_control (void)
{
  static const guint8 widths[] = { 36, 39, 40, 46, 48, 51, 52 };
  static const guint64 cr4_bits[] = {
    ATLAS_CR4_PGE, ATLAS_CR4_LA57, ATLAS_CR4_SMEP, ATLAS_CR4_SMAP,
    ATLAS_CR4_PKE, ATLAS_CR4_PKS,  ATLAS_CR4_CET,
  };
  AtlasControl control = atlas_control_windows (0);

  control.maxphyaddr_bits = widths[g_test_rand_int_range (0, G_N_ELEMENTS (widths))];
  control.has_page_1gb = !one_in (4);
  control.is_amd = one_in (4);
  control.rflags_ac = one_in (2);
  control.pkru = (guint32) g_test_rand_int ();
  control.pkrs = (guint32) g_test_rand_int ();
  control.cr0 ^= one_in (3) ? ATLAS_CR0_WP : 0;
  control.efer ^= one_in (3) ? ATLAS_EFER_NXE : 0;
  control.cr4 = ATLAS_CR4_PAE;
  for (guint i = 0; i < G_N_ELEMENTS (cr4_bits); i++)
    control.cr4 |= one_in (2) ? cr4_bits[i] : 0;
  control.cr4 |= one_in (8) ? ATLAS_CR4_LASS : 0;
  control.cr4 |= one_in (8) ? ATLAS_CR4_LAM_SUP : 0;
  control.cr3 = TABLE_PA (5);
  control.cr3 |= one_in (8) ? ATLAS_CR3_LAM_U57 : 0;
  control.cr3 |= one_in (8) ? ATLAS_CR3_LAM_U48 : 0;
  return control;
}

static void
assert_equals_oracle (const AtlasWalkResult *result, const OracleResult *expected)
{
  static const guint vectors_of_outcome[] = {
    [ATLAS_OUTCOME_TRANSLATED] = 0,          [ATLAS_OUTCOME_PAGE_FAULT] = 14,
    [ATLAS_OUTCOME_GENERAL_PROTECTION] = 13, [ATLAS_OUTCOME_STACK_FAULT] = 12,
    [ATLAS_OUTCOME_MISSING_MEMORY] = 255,
  };

  g_assert_cmpuint (vectors_of_outcome[result->outcome], ==, expected->vector);
  g_assert_cmphex (result->error_code, ==, expected->error_code);
  g_assert_cmpuint (result->n_steps, ==, expected->n_entries);
  if (expected->vector == 0)
    g_assert_cmphex (result->pa, ==, expected->pa);
  if (expected->leaf_level != 0)
    {
      g_assert_cmphex (result->page_bytes, ==, atlas_level_span_bytes (expected->leaf_level));
      g_assert_cmpint (result->is_writable, ==, expected->rw);
      g_assert_cmpint (result->is_user, ==, expected->us);
      g_assert_cmpint (result->is_executable, ==, !expected->nx);
    }
  else
    g_assert_cmphex (result->page_bytes, ==, 0);
}

/* What must hold of any result. */
static void
assert_consistent (const AtlasWalkResult *result, const AtlasControl *control)
{
  if ((result->error_code & ATLAS_PF_RESERVED) != 0)
    g_assert_cmphex (result->error_code & ATLAS_PF_PRESENT, !=, 0);
  if ((result->error_code & ATLAS_PF_KEY) != 0)
    g_assert_cmphex (result->error_code & (ATLAS_PF_FETCH | ATLAS_PF_RESERVED), ==, 0);
  if (result->outcome == ATLAS_OUTCOME_TRANSLATED)
    {
      g_assert_cmphex (result->pa >> control->maxphyaddr_bits, ==, 0);
      g_assert_cmpint (result->cause, ==, ATLAS_CAUSE_NONE);
      g_assert_cmpuint (result->fault_level, ==, 0);
    }
  else
    g_assert_cmpint (result->cause, !=, ATLAS_CAUSE_NONE);
  if (result->fault_level != 0)
    {
      guint n_blamed = 0;

      for (guint i = 0; i < result->n_steps; i++)
        if (atlas_walk_result_get_step (result, i).cause != ATLAS_CAUSE_NONE)
          {
            n_blamed++;
            g_assert_cmpint (atlas_walk_result_get_step (result, i).cause, ==, result->cause);
            g_assert_cmpuint (
              atlas_walk_result_get_step (result, i).level, ==, result->fault_level);
            g_assert_cmphex (result->fault_bits, !=, 0);
          }
      if (result->outcome != ATLAS_OUTCOME_MISSING_MEMORY)
        g_assert_cmpuint (n_blamed, ==, 1);
    }
}

/* Whatever stood in the one before the walk must not show through. */
static void
assert_same (const AtlasWalkResult *a, const AtlasWalkResult *b)
{
  g_assert_cmphex (a->va, ==, b->va);
  g_assert_cmpint (a->outcome, ==, b->outcome);
  g_assert_cmpint (a->cause, ==, b->cause);
  g_assert_cmpuint (a->fault_level, ==, b->fault_level);
  g_assert_cmpuint (a->n_steps, ==, b->n_steps);
  g_assert_cmpuint (a->first_level, ==, b->first_level);
  g_assert_cmphex (a->first_table_pa, ==, b->first_table_pa);
  g_assert_cmphex (a->error_code, ==, b->error_code);
  g_assert_cmphex (a->fault_bits, ==, b->fault_bits);
  g_assert_cmphex (a->pa, ==, b->pa);
  g_assert_cmphex (a->page_bytes, ==, b->page_bytes);
  g_assert_cmpuint (a->is_writable, ==, b->is_writable);
  g_assert_cmpuint (a->is_user, ==, b->is_user);
  g_assert_cmpuint (a->is_executable, ==, b->is_executable);
  g_assert_cmpuint (a->is_global, ==, b->is_global);
  g_assert_cmpuint (a->protection_key, ==, b->protection_key);
  g_assert_cmpuint (a->memory_type, ==, b->memory_type);
  g_assert_cmpmem (
    a->entries, a->n_steps * sizeof a->entries[0], b->entries, b->n_steps * sizeof b->entries[0]);
}

/* Every kind of fault says which rule forbids the access and what would allow it; where an entry is
 * to blame, its level, place and bits. */
static void
assert_explains_fault (const AtlasWalkResult *result, const char *text)
{
  static const struct
  {
    const char *rule;
    const char *remedy;
  } words[ATLAS_N_CAUSES] = {
    [ATLAS_CAUSE_NON_CANONICAL] = { "must be equal", "upper bits all repeat" },
    [ATLAS_CAUSE_NOT_PRESENT] = { "not present", "set its Present bit" },
    [ATLAS_CAUSE_RESERVED_BIT] = { "a reserved bit", "Clear the reserved bits" },
    [ATLAS_CAUSE_SUPERVISOR_PAGE] = { "supervisor page", "set U/S" },
    [ATLAS_CAUSE_NOT_WRITABLE] = { "not be written", "Set R/W" },
    [ATLAS_CAUSE_NO_EXECUTE] = { "not be executed", "Clear XD" },
    [ATLAS_CAUSE_SMEP] = { "SMEP", "CR4.SMEP" },
    [ATLAS_CAUSE_SMAP] = { "SMAP", "CR4.SMAP" },
    [ATLAS_CAUSE_PROTECTION_KEY] = { "protection key", "PKRU" },
    [ATLAS_CAUSE_SHADOW_STACK] = { "shadow stack", "R/W = 0 and Dirty = 1" },
    [ATLAS_CAUSE_LASS] = { "LASS", "CR4.LASS" },
    [ATLAS_CAUSE_MISSING_MEMORY] = { "not part of the memory", "Open an image" },
  };

  if (result->cause == ATLAS_CAUSE_NONE)
    return;
  g_assert_nonnull (strstr (text, words[result->cause].rule));
  g_assert_nonnull (strstr (text, words[result->cause].remedy));
  if (result->fault_level != 0)
    {
      g_assert_nonnull (strstr (text, atlas_level_get_entry_name (result->fault_level)));
      g_assert_nonnull (strstr (text, "at physical 0x"));
      if (result->cause != ATLAS_CAUSE_MISSING_MEMORY)
        g_assert_nonnull (strstr (text, "see bit"));
    }
  if (result->outcome == ATLAS_OUTCOME_PAGE_FAULT)
    g_assert_nonnull (strstr (text, "error code 0x"));
}

/* Without the short way that most walks take: an entry after the other, judged as it is read. */
static void
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

static void
test_random_tables (void)
{
  g_autoptr (AtlasMemory) memory = new_ram ();
  guint n_of_outcome[ATLAS_OUTCOME_MISSING_MEMORY + 1] = { 0 };
  guint n_of_cause[ATLAS_N_CAUSES] = { 0 };

  for (guint i = 0; i < 200000; i++)
    {
      AtlasControl control = random_control ();
      guint n_levels = atlas_control_get_n_levels (&control);
      guint leaf_level = (guint) g_test_rand_int_range (1, 4);
      AtlasVa va = atlas_va_sign_extend (random_u64 (), atlas_levels_va_bits (n_levels));
      AtlasWalkQuery query = {
        .va = one_in (16) ? va ^ ATLAS_BIT (g_test_rand_int_range (47, 64)) : va,
        .access = (AtlasAccess) g_test_rand_int_range (0, one_in (8) ? 5 : 3),
        .is_supervisor = one_in (2),
        .is_implicit = one_in (16),
        .is_stack = one_in (4),
      };
      AtlasWalkResult result, again;

      control.cr3 = (control.cr3 & ~ATLAS_ENTRY_FRAME) | TABLE_PA (n_levels);
      for (guint level = n_levels; level >= leaf_level; level--)
        atlas_memory_write_u64 (memory,
                                TABLE_PA (level) + atlas_va_index (va, level) * 8,
                                random_entry (level, level == leaf_level, 0));

      OracleResult expected = oracle_walk (memory, &control, &query);
      atlas_walk (memory, &control, &query, &result);
      assert_equals_oracle (&result, &expected);
      assert_consistent (&result, &control);
      n_of_outcome[result.outcome]++;
      n_of_cause[result.cause]++;

      g_autofree char *text = atlas_walk_result_explain (&result, &control, NULL, &query);
      g_assert_cmpuint (strlen (text), >, 40);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      assert_explains_fault (&result, text);

      memset (&again, 0x55, sizeof again);
      atlas_walk (memory, &control, &query, &again);
      assert_same (&again, &result);
      memset (&again, 0xaa, sizeof again);
      walk_in_full (memory, &control, &query, &again);
      assert_same (&again, &result);
    }

  /* The sample must have met every outcome and every cause often, or it proves nothing. */
  for (guint i = 0; i < G_N_ELEMENTS (n_of_outcome); i++)
    g_assert_cmpuint (n_of_outcome[i], >, 100);
  for (guint i = 0; i < G_N_ELEMENTS (n_of_cause); i++)
    {
      g_test_message ("%s: %u", atlas_cause_get_name ((AtlasCause) i), n_of_cause[i]);
      g_assert_cmpuint (n_of_cause[i], >, 100);
    }
}

/* ---- Address rules ---- */

static const struct
{
  const char *what;
  AtlasVa va;
  guint64 cr4;
  guint64 cr3;
  AtlasAccess access;
  gboolean is_supervisor;
  gboolean is_stack;
  AtlasOutcome outcome; /* PAGE_FAULT: the address was admitted, and no table is there */
  AtlasCause cause;
  AtlasVa walked_va;
} address_cases[] = {
  /* clang-format off */
  { "zero", 0, 0, 0, 0, 0, 0, ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0 },
  { "last of the lower half", 0x7fffffffffff, 0, 0, 0, 0, 0, ATLAS_OUTCOME_PAGE_FAULT,
    ATLAS_CAUSE_NOT_PRESENT, 0x7fffffffffff },
  { "first of the hole", 0x800000000000, 0, 0, 0, 0, 0, ATLAS_OUTCOME_GENERAL_PROTECTION,
    ATLAS_CAUSE_NON_CANONICAL, 0x800000000000 },
  { "last of the hole", 0xffff7fffffffffff, 0, 0, 0, 1, 0, ATLAS_OUTCOME_GENERAL_PROTECTION,
    ATLAS_CAUSE_NON_CANONICAL, 0xffff7fffffffffff },
  { "first of the upper half", 0xffff800000000000, 0, 0, 0, 1, 0, ATLAS_OUTCOME_PAGE_FAULT,
    ATLAS_CAUSE_NOT_PRESENT, 0xffff800000000000 },
  { "last address", 0xffffffffffffffff, 0, 0, 0, 1, 0, ATLAS_OUTCOME_PAGE_FAULT,
    ATLAS_CAUSE_NOT_PRESENT, 0xffffffffffffffff },
  { "hole through the stack", 0x800000000000, 0, 0, 0, 0, 1, ATLAS_OUTCOME_STACK_FAULT,
    ATLAS_CAUSE_NON_CANONICAL, 0x800000000000 },
  { "a fetch is never a stack access", 0x800000000000, 0, 0, ATLAS_ACCESS_EXECUTE, 0, 1,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_NON_CANONICAL, 0x800000000000 },
  { "five levels reach further", 0x00ffffffffffffff, ATLAS_CR4_LA57, 0, 0, 0, 0,
    ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0x00ffffffffffffff },
  { "and end there", 0x0100000000000000, ATLAS_CR4_LA57, 0, 0, 0, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_NON_CANONICAL, 0x0100000000000000 },
  { "LAM_U57 drops a tag", 0x7e00000012345678, 0, ATLAS_CR3_LAM_U57, 0, 0, 0,
    ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0x12345678 },
  { "but not for a fetch", 0x7e00000012345678, 0, ATLAS_CR3_LAM_U57, ATLAS_ACCESS_EXECUTE, 0, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_NON_CANONICAL, 0x7e00000012345678 },
  { "LAM_U57 still checks bits 56-47", 0x7e01000012345678, 0, ATLAS_CR3_LAM_U57, 0, 0, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_NON_CANONICAL, 0x7e01000012345678 },
  { "LAM_U48 drops more", 0x7fff000012345678, 0, ATLAS_CR3_LAM_U48, 0, 0, 0,
    ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0x12345678 },
  { "LAM_U48 checks bit 47", 0x7fff800012345678, 0, ATLAS_CR3_LAM_U48, 0, 0, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_NON_CANONICAL, 0x7fff800012345678 },
  { "LAM_U57 wins over LAM_U48", 0x7fff000012345678, 0, ATLAS_CR3_LAM_U57 | ATLAS_CR3_LAM_U48, 0,
    0, 0, ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_NON_CANONICAL, 0x7fff000012345678 },
  { "user LAM leaves the upper half alone", 0x8000ffff12345678, 0, ATLAS_CR3_LAM_U48, 0, 1, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_NON_CANONICAL, 0x8000ffff12345678 },
  { "LAM_SUP, four levels", 0x8000ffff12345678, ATLAS_CR4_LAM_SUP, 0, 0, 1, 0,
    ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0xffffffff12345678 },
  { "LAM_SUP, five levels", 0x81ffffff12345678, ATLAS_CR4_LAM_SUP | ATLAS_CR4_LA57, 0, 0, 1, 0,
    ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0xffffffff12345678 },
  { "LAM goes by the pointer, not by the mode", 0x8000ffff12345678, ATLAS_CR4_LAM_SUP, 0, 0, 0, 0,
    ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0xffffffff12345678 },
  { "LASS keeps users below", 0xffff800000000000, ATLAS_CR4_LASS, 0, 0, 0, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_LASS, 0xffff800000000000 },
  { "LASS comes before the canonical form", 0x8000000000000000, ATLAS_CR4_LASS, 0, 0, 0, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_LASS, 0x8000000000000000 },
  { "LASS keeps kernel code above", 0x1000, ATLAS_CR4_LASS, 0, ATLAS_ACCESS_EXECUTE, 1, 0,
    ATLAS_OUTCOME_GENERAL_PROTECTION, ATLAS_CAUSE_LASS, 0x1000 },
  { "LASS on kernel data needs SMAP", 0x1000, ATLAS_CR4_LASS, 0, 0, 1, 0,
    ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, 0x1000 },
  { "LASS on kernel data with SMAP", 0x1000, ATLAS_CR4_LASS | ATLAS_CR4_SMAP, 0, 0, 1, 1,
    ATLAS_OUTCOME_STACK_FAULT, ATLAS_CAUSE_LASS, 0x1000 },
  /* clang-format on */
};

static void
test_addresses (void)
{
  g_autoptr (AtlasMemory) memory = new_ram ();

  for (guint i = 0; i < G_N_ELEMENTS (address_cases); i++)
    {
      AtlasControl control = atlas_control_windows (TABLE_PA (5));
      AtlasWalkQuery query = {
        .va = address_cases[i].va,
        .access = address_cases[i].access,
        .is_supervisor = address_cases[i].is_supervisor,
        .is_stack = address_cases[i].is_stack,
      };
      AtlasWalkResult result;

      control.cr3 |= address_cases[i].cr3;
      control.cr4 = ATLAS_CR4_PAE | address_cases[i].cr4;
      atlas_walk (memory, &control, &query, &result);
      g_test_message ("%s", address_cases[i].what);
      g_assert_cmpint (result.outcome, ==, address_cases[i].outcome);
      g_assert_cmpint (result.cause, ==, address_cases[i].cause);
      g_assert_cmphex (result.va, ==, address_cases[i].walked_va);
    }
}

static void
test_missing_table (void)
{
  g_autoptr (AtlasMemory) memory = new_ram ();
  AtlasControl control = atlas_control_windows (TABLE_PA (4));
  AtlasWalkQuery query = { .va = 0x12345678 };
  AtlasWalkResult result;

  atlas_memory_write_u64 (memory, TABLE_PA (4), ATLAS_GB (4) | 0x67);
  atlas_walk (memory, &control, &query, &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_MISSING_MEMORY);
  g_assert_cmpuint (result.n_steps, ==, 1);
  g_assert_cmpuint (result.fault_level, ==, 3);
  g_assert_cmphex (atlas_walk_result_get_step (&result, 1).table_pa, ==, ATLAS_GB (4));
  g_assert_cmphex (atlas_walk_result_get_step (&result, 1).entry_pa, ==, ATLAS_GB (4));

  control.cr3 = ATLAS_GB (8);
  atlas_walk (memory, &control, &query, &result);
  g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_MISSING_MEMORY);
  g_assert_cmpuint (result.n_steps, ==, 0);
  g_assert_cmphex (atlas_walk_result_get_step (&result, 0).table_pa, ==, ATLAS_GB (8));
}

static void
test_memory_type (void)
{
  /* PAT · 4 + PCD · 2 + PWT picks a byte of IA32_PAT; its reset value. */
  static const guint8 types[] = { 6, 4, 7, 0, 6, 4, 7, 0 };
  g_autoptr (AtlasMemory) memory = new_ram ();
  AtlasControl control = atlas_control_windows (TABLE_PA (4));
  AtlasWalkQuery query = { .va = 0 };
  AtlasWalkResult result;

  control.pat = G_GUINT64_CONSTANT (0x0007040600070406);
  for (guint leaf_level = 1; leaf_level <= 3; leaf_level++)
    for (guint i = 0; i < 8; i++)
      {
        guint64 pat_bit = leaf_level == 1 ? ATLAS_BIT (7) : ATLAS_BIT (12);

        for (guint level = 4; level > leaf_level; level--)
          atlas_memory_write_u64 (memory, TABLE_PA (level), TABLE_PA (level - 1) | 0x67);
        atlas_memory_write_u64 (memory,
                                TABLE_PA (leaf_level),
                                0x67 | (leaf_level > 1 ? ATLAS_BIT (7) : 0) |
                                  ((i & 4) != 0 ? pat_bit : 0) | ((i & 2) != 0 ? 0x10 : 0) |
                                  ((i & 1) != 0 ? 0x8 : 0));
        atlas_walk (memory, &control, &query, &result);
        g_assert_cmpint (result.outcome, ==, ATLAS_OUTCOME_TRANSLATED);
        g_assert_cmpuint (result.memory_type, ==, types[i]);
        g_assert_cmphex (result.pa, ==, 0);
      }

  control.cr0 |= ATLAS_CR0_CD;
  atlas_walk (memory, &control, &query, &result);
  g_assert_cmpuint (result.memory_type, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/walk/agreed-vectors", test_agreed_vectors);
  g_test_add_func ("/walk/random-tables-equal-the-oracle", test_random_tables);
  g_test_add_func ("/walk/addresses", test_addresses);
  g_test_add_func ("/walk/missing-table", test_missing_table);
  g_test_add_func ("/walk/memory-type", test_memory_type);
  return g_test_run ();
}
