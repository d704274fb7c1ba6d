/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "space/region-text.h"

#include "base/format.h"
#include "base/json.h"
#include "base/trace-text.h"
#include "base/translation.h"

/* The module of an image; other names are ours, not the process's. */
static const char *
get_module (const AtlasRegion *region)
{
  return region->type == ATLAS_TYPE_IMAGE && region->name != NULL ? region->name : "";
}

void
atlas_region_append_csv (const AtlasRegion *region, GString *text)
{
  g_return_if_fail (region != NULL && text != NULL);

  g_string_append_printf (text,
                          "0x%" G_GINT64_MODIFIER "x,0x%" G_GINT64_MODIFIER
                          "x,0x%x,0x%" G_GINT64_MODIFIER "x,%s,0x%x,%s,",
                          region->base_va,
                          region->allocation_base_va,
                          region->allocation_protect,
                          region->size_bytes,
                          atlas_region_state_get_name (region->state),
                          region->protect,
                          atlas_region_type_get_name (region->type));
  atlas_csv_append_field (text, get_module (region));
  g_string_append (text, "\r\n");
}

void
atlas_region_append_json (const AtlasRegion *region, GString *text)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *object = NULL;

  g_return_if_fail (region != NULL && text != NULL);

  json_builder_begin_object (builder);
  atlas_json_add_hex (builder, "base", region->base_va);
  atlas_json_add_hex (builder, "allocation_base", region->allocation_base_va);
  atlas_json_add_hex (builder, "allocation_protect", region->allocation_protect);
  atlas_json_add_hex (builder, "size", region->size_bytes);
  atlas_json_add_string (builder, "state", atlas_region_state_get_name (region->state));
  atlas_json_add_hex (builder, "protect", region->protect);
  atlas_json_add_string (builder, "type", atlas_region_type_get_name (region->type));
  atlas_json_add_string (builder, "module", get_module (region));
  atlas_json_add_string (builder, "class", atlas_region_class_get_name (region->region_class));
  atlas_json_add_string (builder, "name", region->name);
  atlas_json_add_string (builder, "reason", region->reason);
  atlas_json_add_string (builder, "source", region->source);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  object = json_to_string (root, FALSE);
  g_string_append (text, object);
  g_string_append_c (text, '\n');
}

char *
atlas_region_dup_title (const AtlasRegion *region)
{
  g_return_val_if_fail (region != NULL, NULL);

  return atlas_translate_kept (
    region->name != NULL ? region->name : atlas_region_class_get_name (region->region_class));
}
