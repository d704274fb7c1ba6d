/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Compares what an emulated processor did (the guest's output) with what the engine does.
 *
 *   compare qemu|bochs OUTPUT
 *
 * Where an emulator is known to be wrong, a rule of the table below puts its answer
 * right; each rule counts how often it was needed, so that one that is no longer needed shows. */

#include "paging/entry.h"
#include "paging/mmu.h"

#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  guint vector;
  guint code;
  guint newly_set;
} Answer;

typedef struct
{
  Case c;
  guint n_levels;
  Answer engine;
} Comparison;

/* ---- The engine's answer ---- */

static AtlasControl
control_of_case (const Case *c, guint n_levels)
{
  AtlasControl control = {
    .cr0 = ATLAS_CR0_PE | ATLAS_CR0_PG | (c->wp ? ATLAS_CR0_WP : 0),
    .cr3 = CASE_TABLE_PA (n_levels),
    .cr4 = ATLAS_CR4_PAE | (n_levels == 5 ? ATLAS_CR4_LA57 : 0),
    .efer = ATLAS_EFER_LME | ATLAS_EFER_LMA | (c->nxe ? ATLAS_EFER_NXE : 0),
    .pkru = c->pkru,
    .pkrs = c->pkrs,
    .maxphyaddr_bits = CASE_MAXPHYADDR,
    .has_page_1gb = TRUE,
    .rflags_ac = c->ac != 0,
  };

  control.cr4 |= c->smep ? ATLAS_CR4_SMEP : 0;
  control.cr4 |= c->smap ? ATLAS_CR4_SMAP : 0;
  control.cr4 |= c->pke ? ATLAS_CR4_PKE : 0;
  control.cr4 |= c->pks ? ATLAS_CR4_PKS : 0;
  return control;
}

static Answer
ask_engine (AtlasMmu *mmu, const Case *c, guint n_levels)
{
  static const AtlasAccess accesses[CASE_N_ACCESSES] = {
    [CASE_READ] = ATLAS_ACCESS_READ,
    [CASE_WRITE] = ATLAS_ACCESS_WRITE,
    [CASE_EXECUTE] = ATLAS_ACCESS_EXECUTE,
    [CASE_READ_BY_STACK] = ATLAS_ACCESS_READ,
    [CASE_WRITE_BY_STACK] = ATLAS_ACCESS_WRITE,
  };
  static const guint vectors[] = {
    [ATLAS_OUTCOME_TRANSLATED] = 0,          [ATLAS_OUTCOME_PAGE_FAULT] = 14,
    [ATLAS_OUTCOME_GENERAL_PROTECTION] = 13, [ATLAS_OUTCOME_STACK_FAULT] = 12,
    [ATLAS_OUTCOME_MISSING_MEMORY] = 255,
  };
  AtlasMemory *memory = atlas_mmu_get_memory (mmu);
  AtlasControl control = control_of_case (c, n_levels);
  AtlasWalkQuery query = {
    .va = c->va,
    .access = accesses[c->access],
    .is_supervisor = !c->user,
    .is_stack = c->access >= CASE_READ_BY_STACK,
  };
  AtlasWalkResult result;
  Answer answer = { 0 };

  for (guint level = 1; level <= n_levels; level++)
    atlas_memory_write_u64 (
      memory, CASE_TABLE_PA (level) + atlas_va_index (CASE_VA, level) * 8, c->entries[level]);
  atlas_mmu_set_control (mmu, &control);
  atlas_mmu_access (mmu, &query, NULL, &result);
  answer.vector = vectors[result.outcome];
  answer.code = result.error_code;
  for (guint level = 1; level <= n_levels; level++)
    {
      guint64 entry;

      atlas_memory_read_u64 (
        memory, CASE_TABLE_PA (level) + atlas_va_index (CASE_VA, level) * 8, &entry);
      answer.newly_set |= (guint) ((entry ^ c->entries[level]) >> 5 & 3) << 2 * (level - 1);
    }
  return answer;
}

/* ---- Known faults ---- */

static gboolean
qemu_lacks_p_with_rsvd (AtlasMmu *mmu, const Comparison *comparison, Answer *emulator)
{
  if (emulator->vector != 14 || (emulator->code & 9) != 8)
    return FALSE;
  emulator->code |= 1;
  return TRUE;
}

static gboolean
qemu_knows_no_ss (AtlasMmu *mmu, const Comparison *comparison, Answer *emulator)
{
  if (emulator->vector != 13 || comparison->c.access < CASE_READ_BY_STACK)
    return FALSE;
  emulator->vector = 12;
  return TRUE;
}

static gboolean
qemu_touches_1g_leaf_early (AtlasMmu *mmu, const Comparison *comparison, Answer *emulator)
{
  guint accessed_of_pdpte = 1u << 4;

  if (comparison->engine.vector != 14 || (comparison->c.entries[3] & 0x80) == 0 ||
      (emulator->newly_set & ~comparison->engine.newly_set) != accessed_of_pdpte)
    return FALSE;
  emulator->newly_set &= ~accessed_of_pdpte;
  return TRUE;
}

/* Bochs 2.7 asks PKRU on every page, user or supervisor, and lets supervisor accesses pass where
 * only AD forbids them. What follows is its rule; only an answer that it explains in full is put
 * right. */
static gboolean
bochs_has_own_key_rule (AtlasMmu *mmu, const Comparison *comparison, Answer *emulator)
{
  Case without_keys = comparison->c;
  const Case *c = &comparison->c;
  guint rights = c->pkru >> (2 * ((guint) (c->entries[c->leaf_level] >> 59) & 15));
  gboolean is_write = c->access == CASE_WRITE || c->access == CASE_WRITE_BY_STACK;
  gboolean denies =
    ((rights & 1) != 0 && c->user) || ((rights & 2) != 0 && is_write && (c->user || c->wp));

  if (!c->pke || c->access == CASE_EXECUTE)
    return FALSE;
  without_keys.pke = 0;
  Answer predicted = ask_engine (mmu, &without_keys, comparison->n_levels);
  if (predicted.vector == 0 && denies)
    predicted = (Answer){ 14, 1u | (is_write ? 2u : 0) | (c->user ? 4u : 0), 0 };
  if (predicted.vector == 14 && (predicted.code & 9) == 1 && denies)
    predicted.code |= 0x20;
  if (memcmp (emulator, &predicted, sizeof predicted) != 0)
    return FALSE;
  *emulator = comparison->engine;
  return TRUE;
}

static const struct
{
  const char *emulator;
  const char *fault;
  gboolean (*correct) (AtlasMmu *mmu, const Comparison *comparison, Answer *emulator);
} known_faults[] = {
  { "qemu", "reserved-bit faults lack the P bit (7.2)", qemu_lacks_p_with_rsvd },
  { "qemu", "non-canonical stack operands raise #GP, not #SS", qemu_knows_no_ss },
  { "qemu", "a 1 GB leaf gets Accessed before its rights are checked", qemu_touches_1g_leaf_early },
  { "bochs", "keys: PKRU on every page, AD not for supervisors (2.7)", bochs_has_own_key_rule },
};

/* ---- Comparing ---- */

static void
print_case (guint64 at, const Comparison *comparison, const Answer *emulator)
{
  const Case *c = &comparison->c;

  printf ("case %" G_GUINT64_FORMAT ": entries", at);
  for (guint level = comparison->n_levels; level > 0; level--)
    printf (" %016llx", c->entries[level]);
  printf ("\n  leaf %u access %u user %u wp %u nxe %u smep %u smap %u ac %u pke %u pks %u pkru %x "
          "pkrs %x va %llx\n  engine %u/%02x/%03x, emulator %u/%02x/%03x\n",
          c->leaf_level,
          c->access,
          c->user,
          c->wp,
          c->nxe,
          c->smep,
          c->smap,
          c->ac,
          c->pke,
          c->pks,
          c->pkru,
          c->pkrs,
          c->va,
          comparison->engine.vector,
          comparison->engine.code,
          comparison->engine.newly_set,
          emulator->vector,
          emulator->code,
          emulator->newly_set);
}

int
main (int argc, char *argv[])
{
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;
  guint n_levels, features, maxphyaddr, n_cases;
  guint64 n_corrected[G_N_ELEMENTS (known_faults)] = { 0 };
  guint64 n_different = 0;
  guint64 n_faults = 0;
  CaseWord state;

  if (argc != 3 || !g_file_get_contents (argv[2], &output, NULL, &error))
    {
      fprintf (stderr, "usage: compare qemu|bochs OUTPUT\n%s\n", error ? error->message : "");
      return 2;
    }

  /* Bochs prints before and after the guest does. */
  const char *at = strstr (output, "BEGIN ");
  if (at == NULL || strstr (at, "\nEND") == NULL ||
      sscanf (at, "BEGIN %x %x %x %x %llx", &n_levels, &features, &maxphyaddr, &n_cases, &state) !=
        5 ||
      (n_levels != 4 && n_levels != 5) || maxphyaddr != CASE_MAXPHYADDR)
    {
      printf ("The guest did not finish.\n");
      return 1;
    }

  g_autoptr (AtlasMemory) memory = atlas_memory_new_ram (ATLAS_MB (64), &error);
  if (memory == NULL)
    g_error ("%s", error->message);
  g_autoptr (AtlasMmu) mmu = atlas_mmu_new (memory);
  for (AtlasPa pa = CASE_PAGE_PA; pa < CASE_PAGE_PA + 0x200000; pa += 8)
    atlas_memory_write_u64 (memory, pa, 0xc3c3c3c3c3c3c3c3);
  /* QEMU sets Accessed while it descends, Bochs when all is decided: both may. */
  atlas_mmu_set_accessed_order (
    mmu, strcmp (argv[1], "qemu") == 0 ? ATLAS_ACCESSED_EAGERLY : ATLAS_ACCESSED_ON_SUCCESS);

  for (guint64 i = 0; i < n_cases; i++)
    {
      Comparison comparison = { .n_levels = n_levels };
      Answer emulator;
      guint surprises;

      at = strchr (at, '\n');
      if (at == NULL || sscanf (++at,
                                "%2x%2x%3x%1x",
                                &emulator.vector,
                                &emulator.code,
                                &emulator.newly_set,
                                &surprises) != 4)
        {
          printf ("The guest's output breaks off.\n");
          return 1;
        }
      case_make (&comparison.c, &state, n_levels, features);
      comparison.engine = ask_engine (mmu, &comparison.c, n_levels);
      n_faults += comparison.engine.vector != 0;

      for (guint j = 0; j < G_N_ELEMENTS (known_faults); j++)
        if (strcmp (known_faults[j].emulator, argv[1]) == 0 &&
            memcmp (&emulator, &comparison.engine, sizeof emulator) != 0)
          n_corrected[j] += (guint) known_faults[j].correct (mmu, &comparison, &emulator);
      if (memcmp (&emulator, &comparison.engine, sizeof emulator) != 0 || surprises != 0)
        {
          if (n_different++ < 20)
            print_case (i, &comparison, &emulator);
        }
    }

  printf ("%s, %u levels: %u cases, %" G_GUINT64_FORMAT " of them faults\n",
          argv[1],
          n_levels,
          n_cases,
          n_faults);
  for (guint j = 0; j < G_N_ELEMENTS (known_faults); j++)
    if (strcmp (known_faults[j].emulator, argv[1]) == 0)
      printf (
        "  put right %" G_GUINT64_FORMAT " times: %s\n", n_corrected[j], known_faults[j].fault);
  printf ("%" G_GUINT64_FORMAT " differences\n", n_different);
  return n_different == 0 ? 0 : 1;
}
