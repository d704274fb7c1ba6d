/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "windows/machine-private.h"
#include "windows/offer.h"

G_BEGIN_DECLS

gboolean atlas_process_is_offered (const AtlasProcess *process, guint64 vpn);
/* The pages are freed: what was said of their contents goes with them. */
void atlas_process_forget_hints (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);
/* MEM_RESET, of committed or reserved pages of one allocation. */
void atlas_process_reset (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);
/* MEM_RESET_UNDO. STATUS_DEVICE_BUSY when contents are gone. */
AtlasStatus atlas_process_undo_reset (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);

G_END_DECLS
