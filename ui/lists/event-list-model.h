/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasEventListModel: a session's journal as rows. Row i is the moment after i commands: row 0 is
 * the start, row i shows command i - 1. */

#include <gio/gio.h>

#include "session/session.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_EVENT_ITEM (atlas_event_item_get_type ())
G_DECLARE_FINAL_TYPE (AtlasEventItem, atlas_event_item, ATLAS, EVENT_ITEM, GObject)

/* NULL for the start. Borrowed; lives as long as the item. */
const AtlasCommandResult *atlas_event_item_get_result (AtlasEventItem *self);
/* In the journal, whatever is filtered: 0 is the start. */
guint atlas_event_item_get_position (AtlasEventItem *self);

#define ATLAS_TYPE_EVENT_LIST_MODEL (atlas_event_list_model_get_type ())
G_DECLARE_FINAL_TYPE (AtlasEventListModel, atlas_event_list_model, ATLAS, EVENT_LIST_MODEL, GObject)

AtlasEventListModel *atlas_event_list_model_new (void);

/* Reads the journal again; rows at the beginning that are the same stay untouched. NULL: no rows.
 * Cost: O(commands). */
void atlas_event_list_model_update (AtlasEventListModel *self, const AtlasSession *session);

G_END_DECLS
