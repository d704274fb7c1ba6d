/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "base/trace-text.h"

#include <string.h>

#include "base/format.h"
#include "base/json.h"

/* Scripts want numbers as numbers; what has words of its own keeps them. */
static gboolean
is_number_format (AtlasTraceFormat format)
{
  static const AtlasTraceFormat formats[] = {
    atlas_trace_format_va,  atlas_trace_format_pa,      atlas_trace_format_entry,
    atlas_trace_format_hex, atlas_trace_format_decimal, atlas_trace_format_size,
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (format == formats[i])
      return TRUE;
  return FALSE;
}

void
atlas_trace_event_to_json (const AtlasTraceEvent *event, JsonBuilder *builder)
{
  g_autofree char *title = NULL;
  g_autofree char *detail = NULL;

  g_return_if_fail (event != NULL && builder != NULL);

  title = atlas_trace_event_dup_title (event);
  detail = atlas_trace_event_dup_detail (event);
  json_builder_begin_object (builder);
  atlas_json_add_string (builder, "id", event->kind->id);
  atlas_json_add_string (builder, "role", atlas_trace_role_get_name (event->kind->role));
  atlas_json_add_string (builder, "title", title);
  atlas_json_add_string (builder, "detail", detail);
  json_builder_set_member_name (builder, "values");
  json_builder_begin_object (builder);
  for (guint i = 0; i < ATLAS_TRACE_VALUES && event->kind->fields[i].name != NULL; i++)
    {
      const AtlasTraceField *field = &event->kind->fields[i];
      g_autofree char *text = is_number_format (field->format)
                                ? atlas_format_hex (event->values[i])
                                : atlas_trace_event_dup_value (event, field->name);

      atlas_json_add_string (builder, field->name, text);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

char *
atlas_trace_to_json (const AtlasTrace *trace)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  g_return_val_if_fail (trace != NULL, NULL);

  json_builder_begin_array (builder);
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    atlas_trace_event_to_json (atlas_trace_get_event (trace, i), builder);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, TRUE);
}

void
atlas_csv_append_field (GString *row, const char *field)
{
  g_return_if_fail (row != NULL);

  if (field == NULL)
    return;
  if (strpbrk (field, ",\"\r\n") == NULL)
    {
      g_string_append (row, field);
      return;
    }
  g_string_append_c (row, '"');
  for (; *field != '\0'; field++)
    {
      if (*field == '"')
        g_string_append_c (row, '"');
      g_string_append_c (row, *field);
    }
  g_string_append_c (row, '"');
}

char *
atlas_trace_to_csv (const AtlasTrace *trace)
{
  GString *text = g_string_new ("index,id,role,title,detail\r\n");

  g_return_val_if_fail (trace != NULL, g_string_free (text, FALSE));

  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (trace, i);
      g_autofree char *title = atlas_trace_event_dup_title (event);
      g_autofree char *detail = atlas_trace_event_dup_detail (event);

      g_string_append_printf (
        text, "%u,%s,%s,", i, event->kind->id, atlas_trace_role_get_name (event->kind->role));
      atlas_csv_append_field (text, title);
      g_string_append_c (text, ',');
      atlas_csv_append_field (text, detail);
      g_string_append (text, "\r\n");
    }
  return g_string_free (text, FALSE);
}
