/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Members of a JSON object, as all of our JSON has them: addresses and sizes are strings of hex
 * digits, for a number of JSON is a double and loses bits above 2^53.
 *
 *   { "base": "0x7ff90f710000", "name": null }
 */

#include <json-glib/json-glib.h>

#include "base/types.h"

G_BEGIN_DECLS

/* @value: NULL becomes null. */
ATLAS_AVAILABLE void
atlas_json_add_string (JsonBuilder *builder, const char *name, const char *value);
ATLAS_AVAILABLE void atlas_json_add_hex (JsonBuilder *builder, const char *name, guint64 value);

G_END_DECLS
