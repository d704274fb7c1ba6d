/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "windows/machine-private.h"
#include "windows/write-watch.h"

G_BEGIN_DECLS

/* From now on PTEs of this process are looked at. */
void atlas_write_watch_start (AtlasProcess *process);
/* A PTE changes; @process has started. */
void atlas_write_watch_note (AtlasProcess *process, AtlasVa va, guint64 old_pte, guint64 pte);
/* The allocation goes. */
void atlas_write_watch_forget (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);

G_END_DECLS
