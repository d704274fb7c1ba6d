/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A thread's stack as it grows down through its reservation.
 *
 *   reserved ░░░░░░░░░░░░░│guard│ in use ████████████│
 *   lowest address        ◄── the zone moves          StackBase
 */

#include "windows/machine-private.h"

G_BEGIN_DECLS

/* Makes sure that growing for a touch of @vpn will not run out of frames half-way. FALSE when there
 * are none; nothing that a program sees has changed. */
gboolean atlas_stack_prepare (AtlasProcess *process, const AtlasVad *vad, guint64 vpn);
/* The guard page of @va, whose guard is off already, and the rest of the zone above it become
 * stack; a new zone of the same size goes right below. FALSE: there is no room for one, or no
 * commitment; the last pages open up. */
gboolean atlas_stack_grow (AtlasProcess *process, AtlasVad *vad, AtlasVa va, AtlasTrace *trace);

G_END_DECLS
