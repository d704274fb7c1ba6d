/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A story as other programs read it: one object or one row an event.
 *
 *   {"id": "entry-read", "role": "entry", "title": "PML4E 255", "detail": "read …", "values": {…}}
 *   0,entry-read,entry,PML4E 255,"read 001aa7f8 → 0000000003c11867"
 */

#include "base/trace.h"
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Adds @event: id, role, title, detail, and its values by their names; numbers are strings of
 * hexadecimal digits, since JSON's own numbers lose the low bits of an address. */
ATLAS_AVAILABLE void atlas_trace_event_to_json (const AtlasTraceEvent *event, JsonBuilder *builder);
/* An array of all events. (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_to_json (const AtlasTrace *trace);
/* Columns index, id, role, title, detail, as RFC 4180 wants it. (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_to_csv (const AtlasTrace *trace);
/* One field of a row: quotes around what holds a comma, a quote or a line end; NULL is empty. */
ATLAS_AVAILABLE void atlas_csv_append_field (GString *row, const char *field);

G_END_DECLS
