/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasWorkingSetModel: the pages of a process's working set as rows, by age and in any order.
 *
 *   entries      0 1 2 3 4 5 6 …    copied when the process is set, ascending addresses
 *   rows         1 3 6 …            those of the chosen heat, in the chosen order
 *
 * A row is an object only while somebody holds it.
 */

#include <gio/gio.h>

#include "map/heat.h"
#include "windows/working-set.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_WORKING_SET_ITEM (atlas_working_set_item_get_type ())
G_DECLARE_FINAL_TYPE (AtlasWorkingSetItem, atlas_working_set_item, ATLAS, WORKING_SET_ITEM, GObject)

/* Borrowed; lives as long as the item. */
const AtlasWorkingSetEntry *atlas_working_set_item_get_entry (AtlasWorkingSetItem *self);

typedef enum
{
  ATLAS_WORKING_SET_KEY_ADDRESS,
  ATLAS_WORKING_SET_KEY_FRAME,
  ATLAS_WORKING_SET_KEY_AGE,
  ATLAS_WORKING_SET_KEY_FLAGS, /* locked, then dirty */
  ATLAS_WORKING_SET_KEY_SHARE_COUNT,
  ATLAS_WORKING_SET_KEY_PROTECTION,
  ATLAS_N_WORKING_SET_KEYS,
} AtlasWorkingSetKey;

/* Of the whole set, whatever is listed. The words are those of QueryWorkingSetEx and the Task
 * Manager: shareable pages belong to a section, shared ones are mapped more than once now. */
typedef struct
{
  guint64 n_private_pages;
  guint64 n_shareable_pages;
  guint64 n_shared_pages; /* of the shareable ones */
  guint64 n_of_heat[ATLAS_N_HEATS];
} AtlasWorkingSetTotals;

#define ATLAS_TYPE_WORKING_SET_MODEL (atlas_working_set_model_get_type ())
G_DECLARE_FINAL_TYPE (AtlasWorkingSetModel,
                      atlas_working_set_model,
                      ATLAS,
                      WORKING_SET_MODEL,
                      GObject)

AtlasWorkingSetModel *atlas_working_set_model_new (void);

/* Copies the working set of @process; NULL: no rows. Rows at the beginning and the end that are the
 * same as before stay untouched. O(pages), O(n log n) when not by address. */
void atlas_working_set_model_set_process (AtlasWorkingSetModel *self, AtlasProcess *process);
/* Lists the pages of one heat; ATLAS_HEAT_NONE, the default: all. */
void atlas_working_set_model_set_heat (AtlasWorkingSetModel *self, guint heat);
guint atlas_working_set_model_get_heat (AtlasWorkingSetModel *self);
/* Ties stay in address order. */
void atlas_working_set_model_set_sort (AtlasWorkingSetModel *self,
                                       AtlasWorkingSetKey key,
                                       gboolean is_descending);

/* Borrowed until the model changes. @position < number of rows. */
const AtlasWorkingSetEntry *atlas_working_set_model_get_entry (AtlasWorkingSetModel *self,
                                                               guint position);
/* The row of the page that holds @va; FALSE when it is not listed. O(rows). */
gboolean atlas_working_set_model_find (AtlasWorkingSetModel *self, AtlasVa va, guint *position);
void atlas_working_set_model_get_totals (AtlasWorkingSetModel *self, AtlasWorkingSetTotals *totals);

/* 0: used since the last look … 8. */
guint atlas_working_set_entry_get_heat (const AtlasWorkingSetEntry *entry);

G_END_DECLS
