/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/working-set-model.h"

struct _AtlasWorkingSetItem
{
  GObject parent_instance;

  AtlasWorkingSetEntry entry;
};

G_DEFINE_FINAL_TYPE (AtlasWorkingSetItem, atlas_working_set_item, G_TYPE_OBJECT)

static void
atlas_working_set_item_class_init (AtlasWorkingSetItemClass *klass)
{
}

static void
atlas_working_set_item_init (AtlasWorkingSetItem *self)
{
}

const AtlasWorkingSetEntry *
atlas_working_set_item_get_entry (AtlasWorkingSetItem *self)
{
  g_return_val_if_fail (ATLAS_IS_WORKING_SET_ITEM (self), NULL);

  return &self->entry;
}

struct _AtlasWorkingSetModel
{
  GObject parent_instance;

  /* owned */
  GArray *entries; /* of AtlasWorkingSetEntry */
  GArray *rows;    /* of guint: index of an entry */

  /* state */
  guint heat;
  AtlasWorkingSetKey key;
  gboolean is_descending;
  AtlasWorkingSetTotals totals;
};

static void atlas_working_set_model_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AtlasWorkingSetModel,
                               atlas_working_set_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      atlas_working_set_model_list_model_init))

_Static_assert(ATLAS_N_HEATS == ATLAS_WORKING_SET_AGES + 1u,
               "a heat for each age, and one for what was used since");

guint
atlas_working_set_entry_get_heat (const AtlasWorkingSetEntry *entry)
{
  g_return_val_if_fail (entry != NULL, ATLAS_HEAT_NONE);

  return entry->is_accessed ? 0 : 1u + entry->age;
}

static GType
atlas_working_set_model_get_item_type (GListModel *list)
{
  return ATLAS_TYPE_WORKING_SET_ITEM;
}

static guint
atlas_working_set_model_get_n_items (GListModel *list)
{
  return ATLAS_WORKING_SET_MODEL (list)->rows->len;
}

static const AtlasWorkingSetEntry *
get_entry (const GArray *entries, const GArray *rows, guint position)
{
  return &g_array_index (entries, AtlasWorkingSetEntry, g_array_index (rows, guint, position));
}

static gpointer
atlas_working_set_model_get_item (GListModel *list, guint position)
{
  AtlasWorkingSetModel *self = ATLAS_WORKING_SET_MODEL (list);
  AtlasWorkingSetItem *item;

  if (position >= self->rows->len)
    return NULL;
  item = g_object_new (ATLAS_TYPE_WORKING_SET_ITEM, NULL);
  item->entry = *get_entry (self->entries, self->rows, position);
  return item;
}

static void
atlas_working_set_model_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = atlas_working_set_model_get_item_type;
  iface->get_n_items = atlas_working_set_model_get_n_items;
  iface->get_item = atlas_working_set_model_get_item;
}

static void
atlas_working_set_model_finalize (GObject *object)
{
  AtlasWorkingSetModel *self = ATLAS_WORKING_SET_MODEL (object);

  g_array_unref (self->entries);
  g_array_unref (self->rows);

  G_OBJECT_CLASS (atlas_working_set_model_parent_class)->finalize (object);
}

static void
atlas_working_set_model_class_init (AtlasWorkingSetModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = atlas_working_set_model_finalize;
}

static void
atlas_working_set_model_init (AtlasWorkingSetModel *self)
{
  self->entries = g_array_new (FALSE, FALSE, sizeof (AtlasWorkingSetEntry));
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  self->heat = ATLAS_HEAT_NONE;
}

AtlasWorkingSetModel *
atlas_working_set_model_new (void)
{
  return g_object_new (ATLAS_TYPE_WORKING_SET_MODEL, NULL);
}

/* ---- order ------------------------------------------------------------------------------------
 */

static guint64
get_sort_value (const AtlasWorkingSetEntry *entry, AtlasWorkingSetKey key)
{
  switch (key)
    {
    case ATLAS_WORKING_SET_KEY_ADDRESS:
      return entry->va;
    case ATLAS_WORKING_SET_KEY_FRAME:
      return entry->pfn;
    case ATLAS_WORKING_SET_KEY_AGE:
      return atlas_working_set_entry_get_heat (entry);
    case ATLAS_WORKING_SET_KEY_FLAGS:
      return (entry->is_locked ? 0u : 2u) + (entry->is_dirty ? 0u : 1u);
    case ATLAS_WORKING_SET_KEY_SHARE_COUNT:
      return entry->share_count;
    case ATLAS_WORKING_SET_KEY_PROTECTION:
      return entry->protection;
    case ATLAS_N_WORKING_SET_KEYS:
      break;
    }
  g_assert_not_reached ();
}

static gint
compare_rows (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const AtlasWorkingSetModel *self = user_data;
  guint index_a = *(const guint *) a;
  guint index_b = *(const guint *) b;
  guint64 value_a =
    get_sort_value (&g_array_index (self->entries, AtlasWorkingSetEntry, index_a), self->key);
  guint64 value_b =
    get_sort_value (&g_array_index (self->entries, AtlasWorkingSetEntry, index_b), self->key);

  if (value_a != value_b)
    return (value_a < value_b) == self->is_descending ? 1 : -1;
  return index_a < index_b ? -1 : index_a > index_b;
}

static gboolean
is_same_row (const AtlasWorkingSetEntry *a, const AtlasWorkingSetEntry *b)
{
  return a->va == b->va && a->pte == b->pte && a->share_count == b->share_count &&
         a->protection == b->protection && a->is_locked == b->is_locked;
}

static gboolean
is_in_own_order (const AtlasWorkingSetModel *self)
{
  return self->key == ATLAS_WORKING_SET_KEY_ADDRESS && !self->is_descending;
}

/* Rows anew, out of @entries, which may be those that it has. */
static void
update_rows (AtlasWorkingSetModel *self, GArray *entries)
{
  g_autoptr (GArray) old_entries = g_array_ref (self->entries);
  g_autoptr (GArray) old_rows = g_steal_pointer (&self->rows);
  guint n_first = 0, n_last = 0, n_common;

  if (entries != self->entries)
    {
      g_array_unref (self->entries);
      self->entries = g_array_ref (entries);
    }
  self->rows = g_array_sized_new (FALSE, FALSE, sizeof (guint), entries->len);
  for (guint i = 0; i < entries->len; i++)
    if (self->heat == ATLAS_HEAT_NONE || atlas_working_set_entry_get_heat (&g_array_index (
                                           entries, AtlasWorkingSetEntry, i)) == self->heat)
      g_array_append_val (self->rows, i);
  if (!is_in_own_order (self))
    g_array_sort_with_data (self->rows, compare_rows, self);

  n_common = MIN (old_rows->len, self->rows->len);
  while (n_first < n_common && is_same_row (get_entry (old_entries, old_rows, n_first),
                                            get_entry (self->entries, self->rows, n_first)))
    n_first++;
  while (n_last < n_common - n_first &&
         is_same_row (get_entry (old_entries, old_rows, old_rows->len - 1u - n_last),
                      get_entry (self->entries, self->rows, self->rows->len - 1u - n_last)))
    n_last++;
  if (old_rows->len != n_first + n_last || self->rows->len != n_first + n_last)
    g_list_model_items_changed (G_LIST_MODEL (self),
                                n_first,
                                old_rows->len - n_first - n_last,
                                self->rows->len - n_first - n_last);
}

void
atlas_working_set_model_set_process (AtlasWorkingSetModel *self, AtlasProcess *process)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (AtlasWorkingSetEntry));
  AtlasWorkingSetEntry entry;
  AtlasWorkingSetIter iter;

  g_return_if_fail (ATLAS_IS_WORKING_SET_MODEL (self));

  self->totals = (AtlasWorkingSetTotals){ 0 };
  if (process != NULL)
    atlas_working_set_iter_init (&iter, process);
  while (process != NULL && atlas_working_set_iter_next (&iter, &entry))
    {
      g_array_append_val (entries, entry);
      self->totals.n_private_pages += !entry.is_shared;
      self->totals.n_shareable_pages += entry.is_shared;
      self->totals.n_shared_pages += entry.is_shared && entry.share_count > 1;
      self->totals.n_of_heat[atlas_working_set_entry_get_heat (&entry)]++;
    }
  update_rows (self, entries);
}

void
atlas_working_set_model_set_heat (AtlasWorkingSetModel *self, guint heat)
{
  g_return_if_fail (ATLAS_IS_WORKING_SET_MODEL (self));
  g_return_if_fail (heat < ATLAS_N_HEATS || heat == ATLAS_HEAT_NONE);

  if (heat == self->heat)
    return;
  self->heat = heat;
  update_rows (self, self->entries);
}

guint
atlas_working_set_model_get_heat (AtlasWorkingSetModel *self)
{
  g_return_val_if_fail (ATLAS_IS_WORKING_SET_MODEL (self), ATLAS_HEAT_NONE);

  return self->heat;
}

void
atlas_working_set_model_set_sort (AtlasWorkingSetModel *self,
                                  AtlasWorkingSetKey key,
                                  gboolean is_descending)
{
  g_return_if_fail (ATLAS_IS_WORKING_SET_MODEL (self));
  g_return_if_fail ((guint) key < ATLAS_N_WORKING_SET_KEYS);

  if (key == self->key && is_descending == self->is_descending)
    return;
  self->key = key;
  self->is_descending = is_descending;
  update_rows (self, self->entries);
}

const AtlasWorkingSetEntry *
atlas_working_set_model_get_entry (AtlasWorkingSetModel *self, guint position)
{
  g_return_val_if_fail (ATLAS_IS_WORKING_SET_MODEL (self), NULL);
  g_return_val_if_fail (position < self->rows->len, NULL);

  return get_entry (self->entries, self->rows, position);
}

gboolean
atlas_working_set_model_find (AtlasWorkingSetModel *self, AtlasVa va, guint *position)
{
  AtlasVa page_va = va & ~(AtlasVa) ATLAS_PAGE_MASK;

  g_return_val_if_fail (ATLAS_IS_WORKING_SET_MODEL (self), FALSE);
  g_return_val_if_fail (position != NULL, FALSE);

  for (guint i = 0; i < self->rows->len; i++)
    if (get_entry (self->entries, self->rows, i)->va == page_va)
      {
        *position = i;
        return TRUE;
      }
  return FALSE;
}

void
atlas_working_set_model_get_totals (AtlasWorkingSetModel *self, AtlasWorkingSetTotals *totals)
{
  g_return_if_fail (ATLAS_IS_WORKING_SET_MODEL (self));
  g_return_if_fail (totals != NULL);

  *totals = self->totals;
}
