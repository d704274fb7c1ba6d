/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/event-list-model.h"

struct _AtlasEventItem
{
  GObject parent_instance;

  AtlasCommandResult *result;
  guint position;
};

G_DEFINE_FINAL_TYPE (AtlasEventItem, atlas_event_item, G_TYPE_OBJECT)

static void
atlas_event_item_finalize (GObject *object)
{
  AtlasEventItem *self = ATLAS_EVENT_ITEM (object);

  g_clear_pointer (&self->result, atlas_command_result_unref);

  G_OBJECT_CLASS (atlas_event_item_parent_class)->finalize (object);
}

static void
atlas_event_item_class_init (AtlasEventItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = atlas_event_item_finalize;
}

static void
atlas_event_item_init (AtlasEventItem *self)
{
}

const AtlasCommandResult *
atlas_event_item_get_result (AtlasEventItem *self)
{
  g_return_val_if_fail (ATLAS_IS_EVENT_ITEM (self), NULL);

  return self->result;
}

guint
atlas_event_item_get_position (AtlasEventItem *self)
{
  g_return_val_if_fail (ATLAS_IS_EVENT_ITEM (self), 0);

  return self->position;
}

struct _AtlasEventListModel
{
  GObject parent_instance;

  gboolean has_start;
  GPtrArray *results; /* of AtlasCommandResult */
};

static void atlas_event_list_model_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AtlasEventListModel,
                               atlas_event_list_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      atlas_event_list_model_list_model_init))

static GType
atlas_event_list_model_get_item_type (GListModel *list)
{
  return ATLAS_TYPE_EVENT_ITEM;
}

static guint
atlas_event_list_model_get_n_items (GListModel *list)
{
  AtlasEventListModel *self = ATLAS_EVENT_LIST_MODEL (list);

  return (self->has_start ? 1u : 0u) + self->results->len;
}

static gpointer
atlas_event_list_model_get_item (GListModel *list, guint position)
{
  AtlasEventListModel *self = ATLAS_EVENT_LIST_MODEL (list);
  AtlasEventItem *item;

  if (position >= atlas_event_list_model_get_n_items (list))
    return NULL;

  item = g_object_new (ATLAS_TYPE_EVENT_ITEM, NULL);
  item->position = position;
  if (position > 0)
    item->result = atlas_command_result_ref (g_ptr_array_index (self->results, position - 1));
  return item;
}

static void
atlas_event_list_model_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = atlas_event_list_model_get_item_type;
  iface->get_n_items = atlas_event_list_model_get_n_items;
  iface->get_item = atlas_event_list_model_get_item;
}

static void
atlas_event_list_model_finalize (GObject *object)
{
  AtlasEventListModel *self = ATLAS_EVENT_LIST_MODEL (object);

  g_clear_pointer (&self->results, g_ptr_array_unref);

  G_OBJECT_CLASS (atlas_event_list_model_parent_class)->finalize (object);
}

static void
atlas_event_list_model_class_init (AtlasEventListModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = atlas_event_list_model_finalize;
}

static void
atlas_event_list_model_init (AtlasEventListModel *self)
{
  self->results = g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_command_result_unref);
}

AtlasEventListModel *
atlas_event_list_model_new (void)
{
  return g_object_new (ATLAS_TYPE_EVENT_LIST_MODEL, NULL);
}

static GPtrArray *
read_journal (const AtlasSession *session)
{
  GPtrArray *results = g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_command_result_unref);
  guint n_commands = session != NULL ? atlas_session_get_n_commands (session) : 0;

  for (guint i = 0; i < n_commands; i++)
    g_ptr_array_add (
      results,
      atlas_command_result_ref ((AtlasCommandResult *) atlas_session_get_result (session, i)));
  return results;
}

void
atlas_event_list_model_update (AtlasEventListModel *self, const AtlasSession *session)
{
  g_autoptr (GPtrArray) old_results = NULL;
  guint n_old;
  guint n_new;
  guint n_same = 0;

  g_return_if_fail (ATLAS_IS_EVENT_LIST_MODEL (self));

  n_old = atlas_event_list_model_get_n_items (G_LIST_MODEL (self));
  old_results = g_steal_pointer (&self->results);
  self->results = read_journal (session);

  if (self->has_start && session != NULL)
    {
      guint n_common = MIN (old_results->len, self->results->len);

      while (n_same < n_common &&
             g_ptr_array_index (old_results, n_same) == g_ptr_array_index (self->results, n_same))
        n_same++;
      n_same++;
    }
  self->has_start = session != NULL;
  n_new = atlas_event_list_model_get_n_items (G_LIST_MODEL (self));
  if (n_old != n_same || n_new != n_same)
    g_list_model_items_changed (G_LIST_MODEL (self), n_same, n_old - n_same, n_new - n_same);
}
