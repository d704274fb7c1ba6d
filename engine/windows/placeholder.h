/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Placeholders: addresses held so that something can be put exactly there later.
 *
 *            RESERVE_PLACEHOLDER
 *   free ───────────────────────────► placeholder ◄───── PRESERVE ─────┐
 *     ▲                                │  │  ▲   │                     │
 *     └────────── RELEASE ─────────────┘  │  │   └─ REPLACE ─► allocation, view
 *                              PRESERVE of a part  COALESCE
 *                                         ▼  │
 *                                two or three placeholders
 *
 * Each is a VAD of its own, reserved with NOACCESS, and may begin and end at any page.
 * Microsoft Learn, VirtualAlloc2 and VirtualFree; Wine, dlls/ntdll/tests/virtual.c. */

#include "windows/machine-private.h"

G_BEGIN_DECLS

/* The placeholder that covers exactly these pages, or NULL. */
AtlasVad *atlas_placeholder_find (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);
/* Turns @vad, which has neither pages nor charge any more, into a placeholder. */
void atlas_placeholder_restore (AtlasVad *vad);
/* Divides a placeholder so that @first_vpn … @last_vpn, not all of it, become one. */
void
atlas_placeholder_split (AtlasProcess *process, AtlasVad *vad, guint64 first_vpn, guint64 last_vpn);
/* Makes one of the two or more that cover exactly these pages. FALSE when they do not. */
gboolean atlas_placeholder_coalesce (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);

G_END_DECLS
