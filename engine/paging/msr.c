/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/msr.h"

#define MSR_PAT 0x277u
#define MSR_PKRS 0x6e1u
#define MSR_EFER 0xc0000080u

gboolean
atlas_msr_read (const AtlasControl *control, const AtlasMtrrs *mtrrs, guint32 msr, guint64 *value)
{
  g_return_val_if_fail (control != NULL && mtrrs != NULL && value != NULL, FALSE);

  if (msr == MSR_PAT)
    *value = control->pat;
  else if (msr == MSR_PKRS)
    *value = control->pkrs;
  else if (msr == MSR_EFER)
    *value = control->efer;
  else
    return atlas_mtrrs_read (mtrrs, msr, value);
  return TRUE;
}

AtlasControlRule
atlas_msr_write (AtlasControl *control, AtlasMtrrs *mtrrs, guint32 msr, guint64 value)
{
  g_return_val_if_fail (control != NULL && mtrrs != NULL, ATLAS_RULE_NO_REGISTER);

  if (msr == MSR_PAT)
    return atlas_control_set_pat (control, value);
  if (msr == MSR_PKRS)
    return atlas_control_set_pkrs (control, value);
  if (msr == MSR_EFER)
    return atlas_control_set_efer (control, value);
  return atlas_mtrrs_write (mtrrs, msr, value, control->maxphyaddr_bits);
}
