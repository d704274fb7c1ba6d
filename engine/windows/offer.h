/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Contents that a program can do without for a while:
 *
 *   call               page                      while memory lasts    when memory is short
 *   MEM_RESET          stays usable              contents intact       dropped, zeros instead
 *   Offer…             unusable until reclaimed  contents intact       dropped
 *   Discard…           stays usable              gone at once          –
 *
 * None of them lets the pages be written to a paging file. Pages that were never touched have
 * nothing to lose, and stay as they are: a choice. Windows documentation, VirtualAlloc,
 * OfferVirtualMemory, ReclaimVirtualMemory, DiscardVirtualMemory.
 */

#include "windows/process.h"

G_BEGIN_DECLS

/* MinGW-w64, winbase.h. Also the standby list that the pages go to; that is a choice. */
typedef enum
{
  ATLAS_OFFER_VERY_LOW = 1,
  ATLAS_OFFER_LOW = 2,
  ATLAS_OFFER_BELOW_NORMAL = 3,
  ATLAS_OFFER_NORMAL = 4,
} AtlasOfferPriority;

/* All three want whole pages, @size_bytes > 0 (STATUS_INVALID_PARAMETER), inside one private
 * allocation (STATUS_CONFLICTING_ADDRESSES), committed (STATUS_NOT_COMMITTED) and PAGE_READWRITE
 * (STATUS_INVALID_PAGE_PROTECTION), checked in this order, which is a choice; locked pages are
 * unlocked. On failure nothing has changed. */

/* OfferVirtualMemory. */
ATLAS_AVAILABLE AtlasStatus atlas_offer_virtual_memory (AtlasProcess *process,
                                                        AtlasVa base_va,
                                                        guint64 size_bytes,
                                                        AtlasOfferPriority priority);
/* ReclaimVirtualMemory. STATUS_DEVICE_BUSY (ERROR_BUSY): all pages can be used again, but some have
 * lost their contents. */
ATLAS_AVAILABLE AtlasStatus atlas_reclaim_virtual_memory (AtlasProcess *process,
                                                          AtlasVa base_va,
                                                          guint64 size_bytes);
/* DiscardVirtualMemory. */
ATLAS_AVAILABLE AtlasStatus atlas_discard_virtual_memory (AtlasProcess *process,
                                                          AtlasVa base_va,
                                                          guint64 size_bytes);
/* Whether the page of @va is on offer. */
ATLAS_AVAILABLE gboolean atlas_process_is_offered_va (const AtlasProcess *process, AtlasVa va);

G_END_DECLS
