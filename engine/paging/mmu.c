/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/mmu-private.h"

/* ---- Control state ---- */

/* What a cached translation must have: for a write, Dirty as well. */
static AtlasNeed
need_of_cached (const AtlasControl *control, AtlasAccess access, gboolean is_supervisor)
{
  AtlasNeed need = atlas_walk_need (control, access, is_supervisor, FALSE);

  if (access == ATLAS_ACCESS_WRITE)
    {
      need.care |= ATLAS_ENTRY_D;
      need.value |= ATLAS_ENTRY_D;
    }
  return need;
}

static guint
pcid_of (const AtlasControl *control)
{
  return (control->cr4 & ATLAS_CR4_PCIDE) != 0 ? (guint) (control->cr3 & ATLAS_CR3_PCID_MASK) : 0;
}

static void
take_control (AtlasMmu *mmu, const AtlasControl *control)
{
  mmu->control = *control;
  mmu->control.cr3 &= ~ATLAS_CR3_NO_INVALIDATE;
  mmu->pcid = pcid_of (control);
  mmu->has_plain_addresses = atlas_control_has_plain_addresses (control);
  for (guint access = 0; access < G_N_ELEMENTS (mmu->needs); access++)
    for (guint mode = 0; mode < 2; mode++)
      mmu->needs[access][mode] = need_of_cached (control, (AtlasAccess) access, mode != 0);
}

static gboolean
is_equal (const AtlasControl *a, const AtlasControl *b)
{
  return a->cr0 == b->cr0 && a->cr3 == b->cr3 && a->cr4 == b->cr4 && a->efer == b->efer &&
         a->pat == b->pat && a->pkru == b->pkru && a->pkrs == b->pkrs &&
         a->maxphyaddr_bits == b->maxphyaddr_bits && a->has_page_1gb == b->has_page_1gb &&
         a->is_amd == b->is_amd && a->rflags_ac == b->rflags_ac;
}

static void
drop_context (AtlasMmu *mmu, guint pcid, gboolean with_global)
{
  atlas_tlb_drop_pcid (mmu->tlb, pcid, with_global);
  atlas_tlb_psc_drop_pcid (mmu->tlb, pcid);
}

/* Intel SDM vol. 3A §5.10.4.1, MOV to CR0 and MOV to CR4. */
static void
invalidate_for_change (AtlasMmu *mmu, const AtlasControl *before, const AtlasControl *after)
{
  guint64 cr4_changed = before->cr4 ^ after->cr4;
  guint64 cr4_set = after->cr4 & ~before->cr4;
  guint64 cr4_cleared = before->cr4 & ~after->cr4;

  if ((before->cr0 & ~after->cr0 & ATLAS_CR0_PG) != 0 ||
      (cr4_changed & (ATLAS_CR4_PGE | ATLAS_CR4_LA57)) != 0 || (cr4_cleared & ATLAS_CR4_PCIDE) != 0)
    atlas_mmu_invalidate_all (mmu);
  else if ((cr4_changed & ATLAS_CR4_PAE) != 0 || (cr4_set & ATLAS_CR4_SMEP) != 0)
    drop_context (mmu, pcid_of (before), TRUE);
}

static void
invalidate_for_cr3 (AtlasMmu *mmu, const AtlasControl *after, gboolean keeps)
{
  if (!keeps)
    drop_context (mmu, pcid_of (after), FALSE);
}

void
atlas_mmu_set_control (AtlasMmu *mmu, const AtlasControl *control)
{
  g_return_if_fail (mmu != NULL && control != NULL);

  if (is_equal (&mmu->control, control))
    return;
  if (mmu->tlb != NULL)
    {
      invalidate_for_change (mmu, &mmu->control, control);
      if (((control->cr3 ^ mmu->control.cr3) & ~ATLAS_CR3_NO_INVALIDATE) != 0)
        invalidate_for_cr3 (mmu,
                            control,
                            (control->cr4 & ATLAS_CR4_PCIDE) != 0 &&
                              (control->cr3 & ATLAS_CR3_NO_INVALIDATE) != 0);
    }
  take_control (mmu, control);
}

AtlasControlRule
atlas_mmu_load_cr3 (AtlasMmu *mmu, guint64 value)
{
  g_return_val_if_fail (mmu != NULL, ATLAS_RULE_NONE);

  AtlasControl after = mmu->control;
  AtlasControlRule rule = atlas_control_set_cr3 (&after, value);

  if (rule != ATLAS_RULE_NONE)
    return rule;
  if (mmu->tlb != NULL)
    invalidate_for_cr3 (mmu, &after, (value & ATLAS_CR3_NO_INVALIDATE) != 0);
  take_control (mmu, &after);
  return ATLAS_RULE_NONE;
}

static AtlasControlRule
load_register (AtlasMmu *mmu,
               AtlasControlRule (*set) (AtlasControl *control, guint64 value),
               guint64 value)
{
  AtlasControl after = mmu->control;
  AtlasControlRule rule = set (&after, value);

  if (rule != ATLAS_RULE_NONE)
    return rule;
  if (mmu->tlb != NULL)
    invalidate_for_change (mmu, &mmu->control, &after);
  take_control (mmu, &after);
  return ATLAS_RULE_NONE;
}

AtlasControlRule
atlas_mmu_load_cr4 (AtlasMmu *mmu, guint64 value)
{
  g_return_val_if_fail (mmu != NULL, ATLAS_RULE_NONE);

  return load_register (mmu, atlas_control_set_cr4, value);
}

AtlasControlRule
atlas_mmu_load_cr0 (AtlasMmu *mmu, guint64 value)
{
  g_return_val_if_fail (mmu != NULL, ATLAS_RULE_NONE);

  return load_register (mmu, atlas_control_set_cr0, value);
}

void
atlas_mmu_set_mtrrs (AtlasMmu *mmu, const AtlasMtrrs *mtrrs)
{
  g_return_if_fail (mmu != NULL);

  mmu->has_mtrrs = mtrrs != NULL;
  if (mtrrs != NULL)
    mmu->mtrrs = *mtrrs;
}

const AtlasMtrrs *
atlas_mmu_get_mtrrs (const AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return mmu->has_mtrrs ? &mmu->mtrrs : NULL;
}

/* ---- Life ---- */

AtlasMmu *
atlas_mmu_new (AtlasMemory *memory)
{
  g_return_val_if_fail (memory != NULL, NULL);

  AtlasMmu *mmu = g_new0 (AtlasMmu, 1);
  AtlasControl control = atlas_control_windows (0);

  mmu->memory = atlas_memory_ref (memory);
  take_control (mmu, &control);
  return mmu;
}

void
atlas_mmu_free (AtlasMmu *mmu)
{
  if (mmu == NULL)
    return;
  g_clear_pointer (&mmu->tlb, atlas_tlb_free);
  atlas_memory_unref (mmu->memory);
  g_free (mmu);
}

AtlasMemory *
atlas_mmu_get_memory (AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return mmu->memory;
}

const AtlasControl *
atlas_mmu_get_control (const AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return &mmu->control;
}

void
atlas_mmu_set_accessed_order (AtlasMmu *mmu, AtlasAccessedOrder order)
{
  g_return_if_fail (mmu != NULL);

  mmu->accessed_order = order;
}

void
atlas_mmu_set_tlb_profile (AtlasMmu *mmu, const AtlasTlbProfile *profile)
{
  g_return_if_fail (mmu != NULL && profile != NULL);

  g_clear_pointer (&mmu->tlb, atlas_tlb_free);
  if (profile->n_structures > 0)
    mmu->tlb = atlas_tlb_new (profile);
}

const AtlasTlb *
atlas_mmu_get_tlb (const AtlasMmu *mmu)
{
  g_return_val_if_fail (mmu != NULL, NULL);

  return mmu->tlb;
}

/* ---- Invalidation ---- */

static gboolean
is_canonical (const AtlasMmu *mmu, AtlasVa va)
{
  return atlas_va_is_canonical (va,
                                atlas_levels_va_bits (atlas_control_get_n_levels (&mmu->control)));
}

void
atlas_mmu_invalidate_va (AtlasMmu *mmu, AtlasVa va)
{
  g_return_if_fail (mmu != NULL);

  if (mmu->tlb == NULL || !is_canonical (mmu, va))
    return;
  atlas_tlb_drop_page (mmu->tlb, va, mmu->pcid, TRUE);
  atlas_tlb_psc_drop_pcid (mmu->tlb, mmu->pcid);
}

gboolean
atlas_mmu_invpcid (AtlasMmu *mmu, AtlasInvpcidType type, guint64 pcid, AtlasVa va)
{
  g_return_val_if_fail (mmu != NULL, FALSE);

  gboolean uses_pcid = type == ATLAS_INVPCID_ADDRESS || type == ATLAS_INVPCID_CONTEXT;

  if ((guint) type > ATLAS_INVPCID_ALL || pcid > ATLAS_CR3_PCID_MASK)
    return FALSE;
  if (uses_pcid && pcid != 0 && (mmu->control.cr4 & ATLAS_CR4_PCIDE) == 0)
    return FALSE;
  if (type == ATLAS_INVPCID_ADDRESS && !is_canonical (mmu, va))
    return FALSE;
  if (mmu->tlb == NULL)
    return TRUE;

  switch (type)
    {
    case ATLAS_INVPCID_ADDRESS:
      atlas_tlb_drop_page (mmu->tlb, va, (guint) pcid, FALSE);
      atlas_tlb_psc_drop_pcid (mmu->tlb, (guint) pcid);
      break;
    case ATLAS_INVPCID_CONTEXT:
      drop_context (mmu, (guint) pcid, FALSE);
      break;
    case ATLAS_INVPCID_ALL_AND_GLOBAL:
      atlas_mmu_invalidate_all (mmu);
      break;
    case ATLAS_INVPCID_ALL:
      atlas_tlb_drop_all (mmu->tlb, FALSE);
      atlas_tlb_psc_drop_all (mmu->tlb);
      break;
    }
  return TRUE;
}

void
atlas_mmu_invalidate_all (AtlasMmu *mmu)
{
  g_return_if_fail (mmu != NULL);

  if (mmu->tlb == NULL)
    return;
  atlas_tlb_drop_all (mmu->tlb, TRUE);
  atlas_tlb_psc_drop_all (mmu->tlb);
}
