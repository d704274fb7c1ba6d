/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* RDMSR and WRMSR of the model-specific registers that a translation depends on: IA32_PAT (277H),
 * IA32_PKRS (6E1H), IA32_EFER (C0000080H) and the MTRRs. */

#include "paging/mtrr.h"

G_BEGIN_DECLS

/* FALSE when @msr is none of them. */
ATLAS_AVAILABLE gboolean atlas_msr_read (const AtlasControl *control,
                                         const AtlasMtrrs *mtrrs,
                                         guint32 msr,
                                         guint64 *value);
/* Changes the register, or nothing and returns the rule that is broken (#GP(0)). */
ATLAS_AVAILABLE AtlasControlRule atlas_msr_write (AtlasControl *control,
                                                  AtlasMtrrs *mtrrs,
                                                  guint32 msr,
                                                  guint64 value);

G_END_DECLS
