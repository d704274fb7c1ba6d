/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "base/json.h"

#include "base/format.h"

void
atlas_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  g_return_if_fail (builder != NULL && name != NULL);

  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
atlas_json_add_hex (JsonBuilder *builder, const char *name, guint64 value)
{
  g_autofree char *text = atlas_format_hex (value);

  atlas_json_add_string (builder, name, text);
}
