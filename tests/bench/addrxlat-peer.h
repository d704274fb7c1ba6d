/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* libaddrxlat, the library that crash and drgn translate with, on the same tables: by each of the
 * two routes that it has, and given RAM in buffers of a size of the caller's choice. It keeps a few
 * buffers, so that large ones spare it nearly every question for memory; whoever reads a dump gives
 * it pages. */

#include "paging/memory.h"

G_BEGIN_DECLS

typedef struct _AddrxlatPeer AddrxlatPeer;

/* @memory: RAM, whose root table is at @root_pa; four levels. @buffer_bytes: a power of two. */
AddrxlatPeer *addrxlat_peer_new (const AtlasMemory *memory, AtlasPa root_pa, guint64 buffer_bytes);
void addrxlat_peer_free (AddrxlatPeer *peer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AddrxlatPeer, addrxlat_peer_free)

/* One method, the page tables, taken step by step: addrxlat_launch(), then addrxlat_step() until
 * nothing remains. Returns the sum of the physical addresses. */
guint64 addrxlat_peer_sum_by_steps (AddrxlatPeer *peer, const AtlasVa *vas, guint n_vas);
/* The translation system that the library sets up for an x86-64 with this root, asked for machine
 * physical addresses: addrxlat_fulladdr_conv(). */
guint64 addrxlat_peer_sum_by_system (AddrxlatPeer *peer, const AtlasVa *vas, guint n_vas);

G_END_DECLS
