/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/walk-private.h"

/* Linear-address masking: the number of low address bits that count for this pointer, or 64 where
 * nothing is masked. Intel SDM vol. 1 §18 (LAM): data only; bit 63 of the pointer, not the
 * privilege, picks the rule. */
static guint
lam_width_bits (const AtlasControl *control, const AtlasWalkQuery *query)
{
  if (query->access == ATLAS_ACCESS_EXECUTE)
    return 64;
  if ((query->va & ATLAS_BIT (63)) != 0)
    {
      if ((control->cr4 & ATLAS_CR4_LAM_SUP) == 0)
        return 64;
      return atlas_levels_va_bits (atlas_control_get_n_levels (control));
    }
  if ((control->cr3 & ATLAS_CR3_LAM_U57) != 0)
    return 57;
  return (control->cr3 & ATLAS_CR3_LAM_U48) != 0 ? 48 : 64;
}

/* Linear-address-space separation: whether bit 63 alone forbids the access. Intel SDM vol. 3A §4.
 */
static gboolean
lass_forbids (const AtlasControl *control, const AtlasWalkQuery *query)
{
  if ((control->cr4 & ATLAS_CR4_LASS) == 0)
    return FALSE;

  gboolean is_upper_half = (query->va & ATLAS_BIT (63)) != 0;

  if (!atlas_query_is_supervisor (query))
    return is_upper_half;
  if (is_upper_half)
    return FALSE;
  if (query->access == ATLAS_ACCESS_EXECUTE)
    return TRUE;
  return (control->cr4 & ATLAS_CR4_SMAP) != 0 && (query->is_implicit || !control->rflags_ac);
}

static gboolean
refuse_address (const AtlasWalkQuery *query, AtlasCause cause, AtlasWalkResult *result)
{
  gboolean is_stack = query->is_stack && query->access != ATLAS_ACCESS_EXECUTE;

  result->outcome = is_stack ? ATLAS_OUTCOME_STACK_FAULT : ATLAS_OUTCOME_GENERAL_PROTECTION;
  result->cause = cause;
  return FALSE;
}

gboolean
atlas_walk_admit_address (const AtlasControl *control,
                          const AtlasWalkQuery *query,
                          AtlasWalkResult *result)
{
  guint va_bits = atlas_levels_va_bits (atlas_control_get_n_levels (control));
  guint lam_bits = lam_width_bits (control, query);
  AtlasVa va = query->va;

  result->va = va;
  if (G_UNLIKELY (lass_forbids (control, query)))
    return refuse_address (query, ATLAS_CAUSE_LASS, result);
  if (lam_bits < 64)
    {
      va = atlas_va_sign_extend (va, lam_bits);
      if (((va ^ query->va) & ATLAS_BIT (63)) != 0)
        return refuse_address (query, ATLAS_CAUSE_NON_CANONICAL, result);
    }
  if (G_UNLIKELY (!atlas_va_is_canonical (va, va_bits)))
    return refuse_address (query, ATLAS_CAUSE_NON_CANONICAL, result);
  result->va = va;
  return TRUE;
}
