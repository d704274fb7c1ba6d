/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-list-model.h"

#include <string.h>

#include "base/format.h"
#include "base/translation.h"
#include "paging/address.h"
#include "space/region-filter.h"

/* An allocation and its regions, the first included. */
typedef struct
{
  guint64 base_va;
  guint n_parts;
  guint64 size_bytes;
} Group;

struct _AtlasRegionListModel
{
  GObject parent_instance;

  /* owned */
  AtlasRegionSet *set;
  GArray *rows;       /* of guint64: index of a region */
  char *text;         /* folded case, or NULL */
  GHashTable *opened; /* of guint64: bases of allocations whose parts are rows */
  GHashTable *groups; /* of Group, by base: of the present set, as far as they were asked for */

  /* state */
  gboolean show_free;
  gboolean show_kernel;
  gboolean is_grouped;
  AtlasRegionKey key;
  gboolean is_descending;
  AtlasVa around_va;
  AtlasRegionTotals totals;
};

static void atlas_region_list_model_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AtlasRegionListModel,
                               atlas_region_list_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      atlas_region_list_model_list_model_init))

/* Of a set that is no list, so many regions on either side of the chosen address are. */
#define LISTED_AROUND 5000u

static GType
atlas_region_list_model_get_item_type (GListModel *list)
{
  return ATLAS_TYPE_REGION_ITEM;
}

static guint
atlas_region_list_model_get_n_items (GListModel *list)
{
  return ATLAS_REGION_LIST_MODEL (list)->rows->len;
}

/* Groups are by address and of everything: a sorted or searched list is of regions. */
static gboolean
shows_groups (const AtlasRegionListModel *self)
{
  return self->is_grouped && self->text == NULL && self->key == ATLAS_REGION_KEY_ADDRESS;
}

static gboolean
is_part (const AtlasRegion *region)
{
  return (region->state == ATLAS_STATE_COMMIT || region->state == ATLAS_STATE_RESERVE) &&
         region->base_va != region->allocation_base_va;
}

/* The allocation that begins with region @index. It may have so many regions that they are counted
 * once, and not each time its row is shown. */
static const Group *
get_group (const AtlasRegionListModel *self, guint64 index)
{
  AtlasRegion first = *atlas_region_set_get_region (self->set, index);
  guint64 n_regions = atlas_region_set_get_n_regions (self->set);
  Group *group = g_hash_table_lookup (self->groups, &first.base_va);

  if (group != NULL)
    return group;
  group = g_new (Group, 1);
  *group = (Group){ .base_va = first.base_va, .n_parts = 1, .size_bytes = first.size_bytes };
  for (guint64 i = index + 1; i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (self->set, i);

      if (!is_part (region) || region->allocation_base_va != first.base_va)
        break;
      group->n_parts++;
      group->size_bytes += region->size_bytes;
    }
  g_hash_table_add (self->groups, group);
  return group;
}

static gpointer
atlas_region_list_model_get_item (GListModel *list, guint position)
{
  AtlasRegionListModel *self = ATLAS_REGION_LIST_MODEL (list);
  AtlasRegionItem *item;
  const AtlasRegion *region;
  guint64 index;

  if (position >= self->rows->len)
    return NULL;

  index = g_array_index (self->rows, guint64, position);
  item = atlas_region_item_new (self->set, index);
  region = atlas_region_item_get_region (item);
  if (shows_groups (self) && is_part (region))
    {
      atlas_region_item_set_group (item, ATLAS_REGION_PART, 0, 0);
    }
  else if (shows_groups (self) && region->state != ATLAS_STATE_FREE)
    {
      const Group *group = get_group (self, index);

      region = atlas_region_item_get_region (item);
      if (group->n_parts > 1)
        atlas_region_item_set_group (item,
                                     g_hash_table_contains (self->opened, &region->base_va)
                                       ? ATLAS_REGION_OPENED
                                       : ATLAS_REGION_CLOSED,
                                     group->n_parts,
                                     group->size_bytes);
    }
  return item;
}

static void
atlas_region_list_model_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = atlas_region_list_model_get_item_type;
  iface->get_n_items = atlas_region_list_model_get_n_items;
  iface->get_item = atlas_region_list_model_get_item;
}

static void
atlas_region_list_model_finalize (GObject *object)
{
  AtlasRegionListModel *self = ATLAS_REGION_LIST_MODEL (object);

  g_clear_pointer (&self->set, atlas_region_set_unref);
  g_clear_pointer (&self->opened, g_hash_table_unref);
  g_clear_pointer (&self->groups, g_hash_table_unref);
  g_clear_pointer (&self->rows, g_array_unref);
  g_clear_pointer (&self->text, g_free);

  G_OBJECT_CLASS (atlas_region_list_model_parent_class)->finalize (object);
}

static void
atlas_region_list_model_class_init (AtlasRegionListModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = atlas_region_list_model_finalize;
}

static void
atlas_region_list_model_init (AtlasRegionListModel *self)
{
  self->opened = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->groups = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint64));
}

AtlasRegionListModel *
atlas_region_list_model_new (void)
{
  return g_object_new (ATLAS_TYPE_REGION_LIST_MODEL, NULL);
}

static gboolean
passes_switches (AtlasRegionListModel *self, const AtlasRegion *region)
{
  guint va_bits = atlas_levels_va_bits (atlas_region_set_get_n_levels (self->set));

  /* Above the lower half lie the non-canonical hole and the kernel's half. */
  if (region->base_va >= ATLAS_BIT (va_bits - 1u))
    return self->show_kernel;

  switch (region->region_class)
    {
    case ATLAS_CLASS_FREE:
    case ATLAS_CLASS_UNUSABLE:
      return self->show_free;
    case ATLAS_CLASS_HOLE:
    case ATLAS_CLASS_KERNEL:
    case ATLAS_CLASS_CFG:
    case ATLAS_CLASS_MAPPED:
    case ATLAS_CLASS_IMAGE:
    case ATLAS_CLASS_PRIVATE:
    case ATLAS_CLASS_HEAP:
    case ATLAS_CLASS_STACK:
    case ATLAS_CLASS_SYSTEM:
    case ATLAS_CLASS_NEVER:
    case ATLAS_N_CLASSES:
      break;
    }
  return TRUE;
}

static gint
compare_numbers (guint64 a, guint64 b)
{
  return (a > b) - (a < b);
}

/* Rows without a text come last in ascending order: what is named is what is looked for. */
static gint
compare_texts (const char *a, const char *b)
{
  if (a == NULL || b == NULL)
    return (a == NULL) - (b == NULL);

  return g_ascii_strcasecmp (a, b);
}

static gint
compare_regions (const AtlasRegion *a, const AtlasRegion *b, AtlasRegionKey key)
{
  switch (key)
    {
    case ATLAS_REGION_KEY_ADDRESS:
      return compare_numbers (a->base_va, b->base_va);
    case ATLAS_REGION_KEY_SIZE:
      return compare_numbers (a->size_bytes, b->size_bytes);
    case ATLAS_REGION_KEY_STATE:
      return compare_numbers (a->state, b->state);
    case ATLAS_REGION_KEY_PROTECTION:
      return compare_numbers (a->protect, b->protect);
    case ATLAS_REGION_KEY_TYPE:
      return compare_numbers (a->type, b->type);
    case ATLAS_REGION_KEY_NAME:
      return compare_texts (a->name, b->name);
    case ATLAS_REGION_KEY_REASON:
      return compare_texts (a->reason, b->reason);
    case ATLAS_N_REGION_KEYS:
      break;
    }
  g_assert_not_reached ();
}

static gint
compare_rows (gconstpointer a, gconstpointer b, gpointer user_data)
{
  AtlasRegionListModel *self = user_data;
  guint64 index_a = *(const guint64 *) a;
  guint64 index_b = *(const guint64 *) b;
  gint order = compare_regions (atlas_region_set_get_region (self->set, index_a),
                                atlas_region_set_get_region (self->set, index_b),
                                self->key);

  if (order == 0)
    return compare_numbers (index_a, index_b);

  return self->is_descending ? -order : order;
}

/* The regions that may be rows: [first_index, end_index). */
static void
find_listed (AtlasRegionListModel *self, guint64 *first_index, guint64 *end_index)
{
  guint64 n_regions = self->set != NULL ? atlas_region_set_get_n_regions (self->set) : 0;
  guint64 middle;

  *first_index = 0;
  *end_index = n_regions;
  if (self->set == NULL || atlas_region_set_is_listed (self->set))
    return;

  middle = atlas_region_set_find (self->set, self->around_va);
  *first_index = middle - MIN (middle, LISTED_AROUND);
  *end_index = middle + MIN (n_regions - middle, LISTED_AROUND);
}

static GArray *
make_rows (AtlasRegionListModel *self)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint64 first_index, end_index;
  g_autoptr (AtlasRegionFilter) filter = atlas_region_filter_new (self->text);

  find_listed (self, &first_index, &end_index);
  for (guint64 i = first_index; i < end_index; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (self->set, i);

      if (shows_groups (self) && is_part (region) &&
          !g_hash_table_contains (self->opened, &region->allocation_base_va))
        continue;
      if (passes_switches (self, region) && atlas_region_filter_matches (filter, region))
        g_array_append_val (rows, i);
    }

  /* Regions are in ascending order already. */
  if (self->key != ATLAS_REGION_KEY_ADDRESS || self->is_descending)
    g_array_sort_with_data (rows, compare_rows, self);

  return rows;
}

static gboolean
regions_look_alike (const AtlasRegion *a, const AtlasRegion *b)
{
  return a->base_va == b->base_va && a->size_bytes == b->size_bytes &&
         a->allocation_base_va == b->allocation_base_va &&
         a->allocation_protect == b->allocation_protect && a->protect == b->protect &&
         a->state == b->state && a->type == b->type && a->region_class == b->region_class &&
         g_strcmp0 (a->name, b->name) == 0 && g_strcmp0 (a->reason, b->reason) == 0 &&
         g_strcmp0 (a->source, b->source) == 0;
}

static gboolean
rows_look_alike (AtlasRegionSet *old_set, guint64 old_index, AtlasRegionSet *set, guint64 index)
{
  if (old_set == set)
    return old_index == index;

  return regions_look_alike (atlas_region_set_get_region (old_set, old_index),
                             atlas_region_set_get_region (set, index));
}

/* Makes the rows anew and tells listeners about the part between the first and the last
 * difference. @old_set: what the present rows point into; may be NULL when there are none. */
static void
update_rows (AtlasRegionListModel *self, AtlasRegionSet *old_set)
{
  g_autoptr (GArray) old_rows = g_steal_pointer (&self->rows);
  const guint64 *old_data;
  const guint64 *data;
  guint n_common;
  guint n_prefix = 0;
  guint n_suffix = 0;
  guint n_removed;
  guint n_added;

  self->rows = make_rows (self);
  old_data = (const guint64 *) old_rows->data;
  data = (const guint64 *) self->rows->data;
  n_common = MIN (old_rows->len, self->rows->len);

  while (n_prefix < n_common &&
         rows_look_alike (old_set, old_data[n_prefix], self->set, data[n_prefix]))
    n_prefix++;
  while (n_suffix < n_common - n_prefix && rows_look_alike (old_set,
                                                            old_data[old_rows->len - n_suffix - 1],
                                                            self->set,
                                                            data[self->rows->len - n_suffix - 1]))
    n_suffix++;

  n_removed = old_rows->len - n_prefix - n_suffix;
  n_added = self->rows->len - n_prefix - n_suffix;
  if (n_removed != 0 || n_added != 0)
    g_list_model_items_changed (G_LIST_MODEL (self), n_prefix, n_removed, n_added);
}

static void
update_totals (AtlasRegionListModel *self)
{
  AtlasRegionSummary summary;
  AtlasVa end_va;

  self->totals = (AtlasRegionTotals){ 0 };
  if (self->set == NULL)
    return;

  /* 0 stands for 2^64. */
  end_va = atlas_region_set_knows_kernel_half (self->set)
             ? 0
             : atlas_region_set_get_user_end_va (self->set);
  atlas_region_set_summarize (self->set, 0, end_va - 1u, &summary);
  self->totals.committed_bytes = summary.committed_bytes;
  self->totals.reserved_bytes = summary.reserved_bytes;
  self->totals.free_bytes = summary.free_bytes;

  self->totals.n_regions = atlas_region_set_get_n_regions (self->set);
  self->totals.is_partial = !atlas_region_set_is_listed (self->set);
  if (self->totals.is_partial)
    return;
  for (guint64 i = 0; i < summary.n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (self->set, i);

      if (region->region_class == ATLAS_CLASS_FREE)
        self->totals.largest_free_bytes = MAX (self->totals.largest_free_bytes, region->size_bytes);
    }
}

void
atlas_region_list_model_set_regions (AtlasRegionListModel *self, AtlasRegionSet *set)
{
  g_autoptr (AtlasRegionSet) old_set = NULL;

  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));

  if (self->set == set)
    return;

  old_set = g_steal_pointer (&self->set);
  self->set = set != NULL ? atlas_region_set_ref (set) : NULL;
  g_hash_table_remove_all (self->groups);
  update_totals (self);
  update_rows (self, old_set);
}

void
atlas_region_list_model_set_around (AtlasRegionListModel *self, AtlasVa va)
{
  guint64 first_index, end_index, index;

  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));

  if (self->set == NULL || atlas_region_set_is_listed (self->set))
    {
      self->around_va = va;
      return;
    }
  find_listed (self, &first_index, &end_index);
  index = atlas_region_set_find (self->set, va);
  if (index >= first_index && index < end_index)
    return;

  self->around_va = va;
  update_rows (self, self->set);
}

void
atlas_region_list_model_set_show_free (AtlasRegionListModel *self, gboolean show_free)
{
  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));

  if (self->show_free == !!show_free)
    return;

  self->show_free = !!show_free;
  update_rows (self, self->set);
}

void
atlas_region_list_model_set_grouped (AtlasRegionListModel *self, gboolean is_grouped)
{
  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));

  if (self->is_grouped == !!is_grouped)
    return;

  self->is_grouped = !!is_grouped;
  update_rows (self, self->set);
  /* Rows that stay look different now. */
  g_list_model_items_changed (G_LIST_MODEL (self), 0, self->rows->len, self->rows->len);
}

gboolean
atlas_region_list_model_toggle_group (AtlasRegionListModel *self, guint position)
{
  const AtlasRegion *region;
  guint64 base_va;

  g_return_val_if_fail (ATLAS_IS_REGION_LIST_MODEL (self), FALSE);
  g_return_val_if_fail (position < self->rows->len, FALSE);

  region = atlas_region_list_model_get_region (self, position);
  if (!shows_groups (self) || is_part (region) || region->state == ATLAS_STATE_FREE)
    return FALSE;
  base_va = region->base_va;
  if (get_group (self, g_array_index (self->rows, guint64, position))->n_parts == 1)
    return FALSE;
  if (!g_hash_table_remove (self->opened, &base_va))
    g_hash_table_add (self->opened, g_memdup2 (&base_va, sizeof base_va));
  update_rows (self, self->set);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 1);
  return TRUE;
}

void
atlas_region_list_model_set_show_kernel (AtlasRegionListModel *self, gboolean show_kernel)
{
  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));

  if (self->show_kernel == !!show_kernel)
    return;

  self->show_kernel = !!show_kernel;
  update_rows (self, self->set);
}

void
atlas_region_list_model_set_text (AtlasRegionListModel *self, const char *text)
{
  g_autofree char *stripped = NULL;
  g_autofree char *folded = NULL;

  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));

  stripped = g_strstrip (g_strdup (text != NULL ? text : ""));
  if (*stripped != '\0')
    folded = g_utf8_casefold (stripped, -1);
  if (g_strcmp0 (self->text, folded) == 0)
    return;

  g_free (self->text);
  self->text = g_steal_pointer (&folded);
  update_rows (self, self->set);
}

void
atlas_region_list_model_set_sort (AtlasRegionListModel *self,
                                  AtlasRegionKey key,
                                  gboolean is_descending)
{
  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));
  g_return_if_fail (key < ATLAS_N_REGION_KEYS);

  if (self->key == key && self->is_descending == !!is_descending)
    return;

  self->key = key;
  self->is_descending = !!is_descending;
  update_rows (self, self->set);
}

const AtlasRegion *
atlas_region_list_model_get_region (AtlasRegionListModel *self, guint position)
{
  g_return_val_if_fail (ATLAS_IS_REGION_LIST_MODEL (self), NULL);
  g_return_val_if_fail (position < self->rows->len, NULL);

  return atlas_region_set_get_region (self->set, g_array_index (self->rows, guint64, position));
}

gboolean
atlas_region_list_model_find (AtlasRegionListModel *self, AtlasVa va, guint *position)
{
  guint64 index;

  g_return_val_if_fail (ATLAS_IS_REGION_LIST_MODEL (self), FALSE);
  g_return_val_if_fail (position != NULL, FALSE);

  if (self->set == NULL)
    return FALSE;

  index = atlas_region_set_find (self->set, va);
  if (shows_groups (self))
    {
      const AtlasRegion *region = atlas_region_set_get_region (self->set, index);

      /* The row of a closed allocation stands for its parts. */
      if (is_part (region) && !g_hash_table_contains (self->opened, &region->allocation_base_va))
        index = atlas_region_set_find (self->set, region->allocation_base_va);
    }
  for (guint i = 0; i < self->rows->len; i++)
    if (g_array_index (self->rows, guint64, i) == index)
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

void
atlas_region_list_model_get_totals (AtlasRegionListModel *self, AtlasRegionTotals *totals)
{
  g_return_if_fail (ATLAS_IS_REGION_LIST_MODEL (self));
  g_return_if_fail (totals != NULL);

  *totals = self->totals;
}
