/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/processor-verbs.h"

#include <glib/gi18n-lib.h>

#include "session/words.h"
#include "windows/reconcile.h"

/* Where each switch is: one bit of one register. */
static const struct
{
  guint32 switch_bit;
  gsize register_offset;
  guint64 register_bit;
} control_switches[] = {
  { ATLAS_SWITCH_WP, G_STRUCT_OFFSET (AtlasControl, cr0), ATLAS_CR0_WP },
  { ATLAS_SWITCH_NXE, G_STRUCT_OFFSET (AtlasControl, efer), ATLAS_EFER_NXE },
  { ATLAS_SWITCH_SMEP, G_STRUCT_OFFSET (AtlasControl, cr4), ATLAS_CR4_SMEP },
  { ATLAS_SWITCH_SMAP, G_STRUCT_OFFSET (AtlasControl, cr4), ATLAS_CR4_SMAP },
  { ATLAS_SWITCH_PGE, G_STRUCT_OFFSET (AtlasControl, cr4), ATLAS_CR4_PGE },
  { ATLAS_SWITCH_PKE, G_STRUCT_OFFSET (AtlasControl, cr4), ATLAS_CR4_PKE },
};

/* "user, read and write", "not translated: the entry is not present". */
static void
append_rights (GString *text, const AtlasWalkResult *result)
{
  if (result->outcome != ATLAS_OUTCOME_TRANSLATED)
    {
      g_string_append_printf (
        text, _ ("not translated (%s)"), _ (atlas_cause_get_text (result->cause)));
      return;
    }
  g_autofree char *pa = atlas_format_hex (result->pa);

  g_string_append_printf (text,
                          _ ("%s %s%s to %s"),
                          result->is_user ? _ ("user") : _ ("supervisor"),
                          result->is_writable ? _ ("read-write") : _ ("read-only"),
                          result->is_executable ? _ (" executable") : "",
                          pa);
}

/* What the VADs and the frames have to say about the entry of that level. */
static void
append_conflict (GString *text, AtlasProcess *process, guint level, AtlasVa va)
{
  g_autoptr (GArray) conflicts = atlas_process_find_conflicts (process);

  for (guint i = 0; i < conflicts->len; i++)
    {
      const AtlasConflict *conflict = &g_array_index (conflicts, AtlasConflict, i);

      if (conflict->level == level && va - conflict->base_va < conflict->size_bytes)
        g_string_append_printf (text,
                                "; against Windows' own books: %s",
                                atlas_conflict_get_description (conflict->kind));
    }
}

void
atlas_processor_append_no_entry (GString *text, guint level)
{
  g_string_append_printf (text,
                          _ ("The walk does not come to a %s here: an entry above names no table."),
                          atlas_level_get_entry_name (level));
}

void
atlas_processor_append_edit (GString *text,
                             const AtlasCommand *command,
                             AtlasVa va,
                             const AtlasEntryEdit *edit)
{
  g_autofree char *at = atlas_format_hex (va);
  g_autofree char *now = atlas_format_hex (command->value);
  g_autofree char *before = atlas_format_hex (edit->old_entry);

  g_string_append_printf (text,
                          _ ("%s of %s is %s, was %s; "),
                          atlas_level_get_entry_name (command->level),
                          at,
                          now,
                          before);
  append_rights (text, &edit->before);
  g_string_append (text, " → ");
  append_rights (text, &edit->after);
  if (edit->other_pa != 0)
    {
      g_autofree char *other = atlas_format_hex (edit->other_entry);

      g_string_append_printf (
        text,
        command->has_switch
          ? _ ("; the kernel's root is another table, where it stays %s: only Windows writes both")
          : _ ("; the user root is another table, where it stays %s: only Windows writes both"),
        other);
    }
  if (edit->stale_level == ATLAS_LEVEL_PT)
    g_string_append (text, _ ("; the TLB still holds the old translation"));
  else if (edit->stale_level != 0)
    g_string_append_printf (text,
                            _ ("; a cached %s still names the old table"),
                            atlas_level_get_entry_name (edit->stale_level));
}

static AtlasStatus
run_entry (AtlasProcess *process, const AtlasCommand *command, AtlasVa va, GString *text)
{
  AtlasEntryEdit edit;
  AtlasStatus status = atlas_process_edit_entry (
    process, va, command->level, command->has_switch, command->value, &edit);

  if (!atlas_status_is_success (status))
    {
      atlas_processor_append_no_entry (text, command->level);
      return status;
    }

  atlas_processor_append_edit (text, command, va, &edit);
  append_conflict (text, process, command->level, va);
  return status;
}

void
atlas_processor_switch (const AtlasCommand *command, AtlasControl *control)
{
  for (guint i = 0; i < G_N_ELEMENTS (control_switches); i++)
    {
      guint64 *value = G_STRUCT_MEMBER_P (control, control_switches[i].register_offset);

      if ((command->control_mask & control_switches[i].switch_bit) == 0)
        continue;
      if ((command->control_values & control_switches[i].switch_bit) != 0)
        *value |= control_switches[i].register_bit;
      else
        *value &= ~control_switches[i].register_bit;
    }
  if ((command->control_mask & ATLAS_SWITCH_AC) != 0)
    control->rflags_ac = (command->control_values & ATLAS_SWITCH_AC) != 0;
  if (command->has_pkru)
    control->pkru = command->pkru;
}

void
atlas_processor_append_control (GString *text, const AtlasControl *control)
{
  g_string_append_printf (text,
                          "CR0.WP %u, EFER.NXE %u, CR4.SMEP %u, SMAP %u, PGE %u, PKE %u, "
                          "RFLAGS.AC %u, PKRU 0x%x",
                          (control->cr0 & ATLAS_CR0_WP) != 0,
                          (control->efer & ATLAS_EFER_NXE) != 0,
                          (control->cr4 & ATLAS_CR4_SMEP) != 0,
                          (control->cr4 & ATLAS_CR4_SMAP) != 0,
                          (control->cr4 & ATLAS_CR4_PGE) != 0,
                          (control->cr4 & ATLAS_CR4_PKE) != 0,
                          control->rflags_ac != 0,
                          control->pkru);
}

static AtlasStatus
run_control (AtlasProcess *process, const AtlasCommand *command, GString *text)
{
  AtlasSystem *system = atlas_process_get_system (process);
  AtlasControl control = *atlas_system_get_control (system);
  AtlasControlRule rule;

  atlas_processor_switch (command, &control);
  rule = atlas_system_set_control (system, &control);
  if (rule != ATLAS_RULE_NONE)
    {
      g_string_append (text, _ (atlas_control_rule_get_text (rule)));
      return ATLAS_STATUS_INVALID_PARAMETER;
    }
  atlas_processor_append_control (text, &control);
  return ATLAS_STATUS_SUCCESS;
}

void
atlas_processor_append_msr (GString *text,
                            const AtlasMtrrs *mtrrs,
                            guint maxphyaddr_bits,
                            guint32 msr,
                            guint64 value)
{
  g_autofree char *held = atlas_format_hex (value);
  g_autofree char *meaning = atlas_mtrrs_describe (mtrrs, msr, maxphyaddr_bits);

  g_string_append_printf (text, _ ("register 0x%x holds %s"), msr, held);
  if (meaning != NULL)
    g_string_append_printf (text, ": %s", meaning);
}

void
atlas_processor_append_dropped (GString *text, guint64 n_dropped)
{
  g_autofree char *count = atlas_format_count (n_dropped);

  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE,
                                       "%s cached entry was dropped",
                                       "%s cached entries were dropped",
                                       (gulong) n_dropped),
                          count);
}

static void
append_count (GString *text, guint64 count, const char *what)
{
  g_autofree char *digits = atlas_format_count (count);

  g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", digits, what);
}

void
atlas_processor_append_counters (GString *text, const AtlasMmu *mmu)
{
  const AtlasTlb *tlb = atlas_mmu_get_tlb (mmu);
  const AtlasTlbCounters none = { 0 };
  const AtlasTlbCounters *counters = tlb != NULL ? atlas_tlb_get_counters (tlb) : &none;

  append_count (text, counters->n_l1_data_hits, _ ("L1 data hits"));
  append_count (text, counters->n_l1_data_misses, _ ("misses"));
  append_count (text, counters->n_l1_code_hits, _ ("L1 code hits"));
  append_count (text, counters->n_l1_code_misses, _ ("misses"));
  append_count (text, counters->n_l2_hits, _ ("L2 hits"));
  append_count (text, counters->n_l2_misses, _ ("misses"));
  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    if (level <= ATLAS_LEVEL_PML4 || counters->n_psc_hits[level] > 0)
      {
        g_autofree char *what =
          g_strdup_printf (_ ("hits of cached %ss"), atlas_level_get_entry_name (level));

        append_count (text, counters->n_psc_hits[level], what);
      }
  append_count (text, counters->n_walks, _ ("walks"));
  append_count (text, counters->n_entries_read, _ ("entries read"));
  append_count (text, counters->n_dirty_walks, _ ("walks to set Dirty"));
  append_count (text, counters->n_evictions, _ ("entries evicted"));
  append_count (text, counters->n_invalidated, _ ("entries invalidated"));
}

void
atlas_processor_change_tlb (AtlasMmu *mmu, const AtlasTlbProfile *profile, GString *text)
{
  atlas_mmu_set_tlb_profile (mmu, profile);
  g_string_append_printf (text, _ ("the processor's caches: %s"), _ (profile->name));
}

AtlasStatus
atlas_processor_verb_run (AtlasProcess *process,
                          const AtlasCommand *command,
                          AtlasVa va,
                          GString *text)
{
  if (command->verb == ATLAS_VERB_ENTRY)
    return run_entry (process, command, va, text);
  if (command->verb == ATLAS_VERB_CONTROL)
    return run_control (process, command, text);
  if (command->verb == ATLAS_VERB_TLB)
    {
      atlas_processor_change_tlb (
        atlas_system_get_mmu (atlas_process_get_system (process)), command->tlb_profile, text);
      return ATLAS_STATUS_SUCCESS;
    }
  if (command->verb == ATLAS_VERB_COUNTERS)
    {
      atlas_processor_append_counters (text,
                                       atlas_system_get_mmu (atlas_process_get_system (process)));
      return ATLAS_STATUS_SUCCESS;
    }
  if (command->verb == ATLAS_VERB_CR3 && command->address != NULL)
    {
      g_string_append (text,
                       _ ("CR3 is Windows' here: it names the root of the process that runs. On a "
                          "machine without an operating system it can be loaded."));
      return ATLAS_STATUS_INVALID_PARAMETER;
    }
  atlas_processor_append_dropped (text,
                                  command->verb == ATLAS_VERB_INVLPG
                                    ? atlas_process_invalidate_page (process, va)
                                    : atlas_process_reload_cr3 (process));
  return ATLAS_STATUS_SUCCESS;
}
