/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* One number for all that a machine remembers: frames' records and the bytes of those in use, so
 * every page table too, lists, VADs, commitment, sections, paging files and clocks. Tests compare
 * it before and after what must change nothing, and between a session and its repetition. */

#include "windows/system.h"

G_BEGIN_DECLS

/* Equal for equal states, of different machines too: no address of the host is in it. What the
 * processor has cached is left out. Cost: all frames in use are read. */
guint64 atlas_system_hash_state (const AtlasSystem *system);

G_END_DECLS
