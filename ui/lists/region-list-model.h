/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasRegionListModel: the regions of a set as rows, filtered and sorted by index, so that no row
 * is an object before it is seen.
 *
 *   region set   0 1 2 3 4 5 6 …
 *   rows         1 3 6 …            those that pass the filter, in the chosen order
 *
 * When the set, the filter or the order changes, rows at the beginning and at the end that are the
 * same as before stay untouched: a list keeps its place and its selection.
 */

#include "lists/region-item.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_REGION_KEY_ADDRESS,
  ATLAS_REGION_KEY_SIZE,
  ATLAS_REGION_KEY_STATE,
  ATLAS_REGION_KEY_PROTECTION,
  ATLAS_REGION_KEY_TYPE,
  ATLAS_REGION_KEY_NAME,
  ATLAS_REGION_KEY_REASON,
  ATLAS_N_REGION_KEYS,
} AtlasRegionKey;

/* Of the whole set, or, where nothing is known of the kernel half, of the user half; whatever is
 * filtered. */
typedef struct
{
  guint64 n_regions;   /* of all addresses */
  gboolean is_partial; /* they are too many to be listed */
  guint64 committed_bytes;
  guint64 reserved_bytes;
  guint64 free_bytes;
  guint64
    largest_free_bytes; /* the largest run that can be allocated; of a partial list not known */
} AtlasRegionTotals;

#define ATLAS_TYPE_REGION_LIST_MODEL (atlas_region_list_model_get_type ())
G_DECLARE_FINAL_TYPE (AtlasRegionListModel,
                      atlas_region_list_model,
                      ATLAS,
                      REGION_LIST_MODEL,
                      GObject)

AtlasRegionListModel *atlas_region_list_model_new (void);

/* NULL: no rows. Cost: O(n), O(n log n) when not sorted by address. */
void atlas_region_list_model_set_regions (AtlasRegionListModel *self, AtlasRegionSet *set);

/* Of a set that is no list only some thousands on either side of an address are rows; when @va is
 * not among them any more, they are chosen anew about it. */
void atlas_region_list_model_set_around (AtlasRegionListModel *self, AtlasVa va);
/* Free and unusable addresses; default FALSE. */
void atlas_region_list_model_set_show_free (AtlasRegionListModel *self, gboolean show_free);
/* One row an allocation until it is opened; only while rows are in address order and no text is
 * looked for. Default FALSE. */
void atlas_region_list_model_set_grouped (AtlasRegionListModel *self, gboolean is_grouped);
/* Opens or closes the allocation of a row. FALSE when the row is none with parts. */
gboolean atlas_region_list_model_toggle_group (AtlasRegionListModel *self, guint position);
/* The kernel half and the non-canonical hole; default FALSE. */
void atlas_region_list_model_set_show_kernel (AtlasRegionListModel *self, gboolean show_kernel);
/* Rows whose name, state, type, class or protection holds @text without regard to case, whose base
 * starts with it or which hold the address it spells. NULL or "": all. */
void atlas_region_list_model_set_text (AtlasRegionListModel *self, const char *text);
/* Ties stay in address order. */
void atlas_region_list_model_set_sort (AtlasRegionListModel *self,
                                       AtlasRegionKey key,
                                       gboolean is_descending);

/* Borrowed until the row goes. @position < number of rows. */
const AtlasRegion *atlas_region_list_model_get_region (AtlasRegionListModel *self, guint position);
/* The row that holds @va; FALSE when it is filtered out. O(rows). */
gboolean atlas_region_list_model_find (AtlasRegionListModel *self, AtlasVa va, guint *position);
void atlas_region_list_model_get_totals (AtlasRegionListModel *self, AtlasRegionTotals *totals);

G_END_DECLS
