/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "windows/awe.h"
#include "windows/machine-private.h"

G_BEGIN_DECLS

/* A window goes: nothing is mapped in it any more. */
void atlas_awe_clear_window (AtlasProcess *process, const AtlasVad *vad);
/* The process ends, and has no window any more. */
void atlas_awe_free_all (AtlasProcess *process);

G_END_DECLS
