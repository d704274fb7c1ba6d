/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-item.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "base/translation.h"

struct _AtlasRegionItem
{
  GObject parent_instance;

  AtlasRegionSet *set;
  guint64 index;
  AtlasRegionGroup group;
  guint n_parts;
  guint64 group_bytes;
};

G_DEFINE_FINAL_TYPE (AtlasRegionItem, atlas_region_item, G_TYPE_OBJECT)

static void
atlas_region_item_finalize (GObject *object)
{
  AtlasRegionItem *self = ATLAS_REGION_ITEM (object);

  g_clear_pointer (&self->set, atlas_region_set_unref);

  G_OBJECT_CLASS (atlas_region_item_parent_class)->finalize (object);
}

static void
atlas_region_item_class_init (AtlasRegionItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = atlas_region_item_finalize;
}

static void
atlas_region_item_init (AtlasRegionItem *self)
{
}

AtlasRegionItem *
atlas_region_item_new (AtlasRegionSet *set, guint64 index)
{
  AtlasRegionItem *self;

  g_return_val_if_fail (set != NULL, NULL);
  g_return_val_if_fail (index < atlas_region_set_get_n_regions (set), NULL);

  self = g_object_new (ATLAS_TYPE_REGION_ITEM, NULL);
  self->set = atlas_region_set_ref (set);
  self->index = index;
  return self;
}

void
atlas_region_item_set_group (AtlasRegionItem *self,
                             AtlasRegionGroup group,
                             guint n_parts,
                             guint64 group_bytes)
{
  g_return_if_fail (ATLAS_IS_REGION_ITEM (self));

  self->group = group;
  self->n_parts = n_parts;
  self->group_bytes = group_bytes;
}

AtlasRegionGroup
atlas_region_item_get_group (AtlasRegionItem *self, guint *n_parts, guint64 *group_bytes)
{
  g_return_val_if_fail (ATLAS_IS_REGION_ITEM (self), ATLAS_REGION_ALONE);

  *n_parts = self->n_parts;
  *group_bytes = self->group_bytes;
  return self->group;
}

const AtlasRegion *
atlas_region_item_get_region (AtlasRegionItem *self)
{
  g_return_val_if_fail (ATLAS_IS_REGION_ITEM (self), NULL);

  return atlas_region_set_get_region (self->set, self->index);
}

char *
atlas_region_format_state (const AtlasRegion *region)
{
  switch (region->region_class)
    {
    case ATLAS_CLASS_NEVER:
      /* Translators: state of addresses that can never be allocated. */
      return g_strdup (_ ("never"));
    case ATLAS_CLASS_UNUSABLE:
      /* Translators: state of free pages whose 64 KB slot is taken. */
      return g_strdup (_ ("unusable"));
    case ATLAS_CLASS_FREE:
    case ATLAS_CLASS_HOLE:
    case ATLAS_CLASS_KERNEL:
    case ATLAS_CLASS_CFG:
    case ATLAS_CLASS_MAPPED:
    case ATLAS_CLASS_IMAGE:
    case ATLAS_CLASS_PRIVATE:
    case ATLAS_CLASS_HEAP:
    case ATLAS_CLASS_STACK:
    case ATLAS_CLASS_SYSTEM:
    case ATLAS_N_CLASSES:
      break;
    }
  return g_strdup (_ (atlas_region_state_get_name (region->state)));
}

char *
atlas_region_format_type (const AtlasRegion *region)
{
  return g_strdup (region->type == ATLAS_TYPE_NONE ? "—"
                                                   : _ (atlas_region_type_get_name (region->type)));
}

char *
atlas_region_format_row (const AtlasRegion *region)
{
  g_autofree char *address = atlas_format_va (region->base_va);
  g_autofree char *size = atlas_format_size (region->size_bytes);
  g_autofree char *state = atlas_region_format_state (region);
  g_autofree char *protection = atlas_protect_format_short (region->protect);
  g_autofree char *type = atlas_region_format_type (region);
  g_autofree char *name = atlas_translate_kept (region->name);
  g_autofree char *reason = atlas_translate_kept (region->reason);

  return g_strjoin ("\t",
                    address,
                    size,
                    state,
                    protection,
                    type,
                    name != NULL ? name : "",
                    reason != NULL ? reason : "",
                    NULL);
}
