/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/list-follow.h"

#define FOLLOWING_KEY "atlas-list-following"
/* What is mapped has its size a frame later; whoever has none by now is squeezed to nothing. */
#define FRAMES_TO_SIZE 4u

typedef struct
{
  GtkWidget *list; /* borrowed: it owns this */
  GtkSelectionModel *model;
  AtlasListFindFunc find_cb;
  gpointer owner; /* borrowed */

  GSignalGroup *adjustment_signals;
  gboolean has_model; /* a frame ago at least: its rows were laid out */
  gboolean is_wanted; /* the row is to be brought into sight */
  guint tick_id;
  guint n_frames; /* it waited for a size */
} Following;

static void
following_free (gpointer data)
{
  Following *following = data;

  g_clear_object (&following->adjustment_signals);
  g_clear_object (&following->model);
  g_free (following);
}

/* A column view has a list of its own inside. */
static GtkWidget *
get_rows (GtkWidget *list)
{
  return GTK_IS_COLUMN_VIEW (list) ? gtk_widget_get_last_child (list) : list;
}

static gboolean
has_size (GtkWidget *list)
{
  return gtk_widget_get_height (get_rows (list)) > 1;
}

static gboolean
tick_cb (GtkWidget *list, GdkFrameClock *clock, gpointer user_data)
{
  Following *following = user_data;
  guint position;

  /* Without a size 4.8 makes some two hundred rows before anything is seen. */
  if (!following->has_model)
    {
      following->n_frames++;
      if (has_size (list) || following->n_frames == FRAMES_TO_SIZE)
        {
          following->has_model = TRUE;
          gtk_column_view_set_model (GTK_COLUMN_VIEW (list), following->model);
        }
      return G_SOURCE_CONTINUE;
    }
  following->tick_id = 0;
  if (!has_size (list) || !following->is_wanted)
    return G_SOURCE_REMOVE;
  following->is_wanted = FALSE;
  position = following->find_cb (following->owner);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (get_rows (list), "list.scroll-to-item", "u", position);
  return G_SOURCE_REMOVE;
}

/* A list that has no size yet tells when it gets one. */
static void
update (Following *following)
{
  if (following->tick_id == 0 && gtk_widget_get_mapped (following->list) &&
      (following->is_wanted || !following->has_model))
    following->tick_id = gtk_widget_add_tick_callback (following->list, tick_cb, following, NULL);
}

static void
map_cb (Following *following)
{
  g_signal_group_set_target (following->adjustment_signals,
                             gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (following->list)));
  update (following);
}

static void
unmap_cb (Following *following)
{
  g_signal_group_set_target (following->adjustment_signals, NULL);
  if (following->tick_id != 0)
    gtk_widget_remove_tick_callback (following->list, following->tick_id);
  following->tick_id = 0;
}

void
atlas_list_follow (GtkWidget *list,
                   GtkSelectionModel *model,
                   AtlasListFindFunc find_cb,
                   gpointer owner)
{
  Following *following;

  g_return_if_fail (GTK_IS_COLUMN_VIEW (list) || GTK_IS_LIST_VIEW (list));
  g_return_if_fail (model == NULL || (GTK_IS_COLUMN_VIEW (list) && GTK_IS_SELECTION_MODEL (model)));
  g_return_if_fail (find_cb != NULL);

  following = g_new0 (Following, 1);
  following->list = list;
  following->has_model = model == NULL;
  following->model = model != NULL ? g_object_ref (model) : NULL;
  following->find_cb = find_cb;
  following->owner = owner;
  following->adjustment_signals = g_signal_group_new (GTK_TYPE_ADJUSTMENT);
  g_signal_group_connect_swapped (
    following->adjustment_signals, "notify::page-size", G_CALLBACK (update), following);
  g_object_set_data_full (G_OBJECT (list), FOLLOWING_KEY, following, following_free);
  g_signal_connect_swapped (list, "map", G_CALLBACK (map_cb), following);
  g_signal_connect_swapped (list, "unmap", G_CALLBACK (unmap_cb), following);
}

void
atlas_list_reveal (GtkWidget *list)
{
  Following *following = g_object_get_data (G_OBJECT (list), FOLLOWING_KEY);

  g_return_if_fail (following != NULL);

  following->is_wanted = TRUE;
  update (following);
}
