/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bookmarks.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "map/flag-file.h"

/* What nobody gave a file has its bookmarks all the same. */
#define UNNAMED_KEY "default"

struct _AtlasBookmark
{
  GObject parent_instance;

  AtlasVa first_va;
  AtlasVa last_va;
  char *comment;
};

G_DEFINE_FINAL_TYPE (AtlasBookmark, atlas_bookmark, G_TYPE_OBJECT)

static void
atlas_bookmark_finalize (GObject *object)
{
  g_free (ATLAS_BOOKMARK (object)->comment);

  G_OBJECT_CLASS (atlas_bookmark_parent_class)->finalize (object);
}

static void
atlas_bookmark_class_init (AtlasBookmarkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = atlas_bookmark_finalize;
}

static void
atlas_bookmark_init (AtlasBookmark *self)
{
}

AtlasVa
atlas_bookmark_get_first_va (AtlasBookmark *self)
{
  return self->first_va;
}

AtlasVa
atlas_bookmark_get_last_va (AtlasBookmark *self)
{
  return self->last_va;
}

const char *
atlas_bookmark_get_comment (AtlasBookmark *self)
{
  return self->comment;
}

/* ---- all of them ------------------------------------------------------------------------------
 */

struct _AtlasBookmarks
{
  GObject parent_instance;

  AtlasDocument *document;
  GSignalGroup *document_signals;
  GPtrArray *bookmarks; /* of AtlasBookmark */
  char *path;
};

static GType
get_item_type (GListModel *model)
{
  return ATLAS_TYPE_BOOKMARK;
}

static guint
get_n_items (GListModel *model)
{
  return ATLAS_BOOKMARKS (model)->bookmarks->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *bookmarks = ATLAS_BOOKMARKS (model)->bookmarks;

  return position < bookmarks->len ? g_object_ref (g_ptr_array_index (bookmarks, position)) : NULL;
}

static void
init_list (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (AtlasBookmarks,
                               atlas_bookmarks,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, init_list))

/* The place of that range, or where it would go. */
static guint
find_position (AtlasBookmarks *self, AtlasVa first_va, AtlasVa last_va, gboolean *is_there)
{
  guint i = 0;

  for (; i < self->bookmarks->len; i++)
    {
      AtlasBookmark *bookmark = g_ptr_array_index (self->bookmarks, i);

      if (bookmark->first_va > first_va ||
          (bookmark->first_va == first_va && bookmark->last_va >= last_va))
        {
          *is_there = bookmark->first_va == first_va && bookmark->last_va == last_va;
          return i;
        }
    }
  *is_there = FALSE;
  return i;
}

static void
insert (AtlasBookmarks *self, AtlasVa first_va, AtlasVa last_va, const char *comment)
{
  AtlasBookmark *bookmark = g_object_new (ATLAS_TYPE_BOOKMARK, NULL);
  gboolean is_there;
  guint position = find_position (self, first_va, last_va, &is_there);

  bookmark->first_va = first_va;
  bookmark->last_va = last_va;
  bookmark->comment = g_strdup (comment);
  if (is_there)
    g_ptr_array_remove_index (self->bookmarks, position);
  g_ptr_array_insert (self->bookmarks, (gint) position, bookmark);
  g_list_model_items_changed (G_LIST_MODEL (self), position, is_there ? 1 : 0, 1);
}

static gboolean
save (AtlasBookmarks *self, GError **error)
{
  g_autoptr (GArray) flags = atlas_bookmarks_make_flags (self);
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *text = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int error_number = errno;

      g_set_error (error,
                   G_FILE_ERROR,
                   g_file_error_from_errno (error_number),
                   "%s: %s",
                   folder,
                   g_strerror (error_number));
      return FALSE;
    }
  text = atlas_flags_format ((const AtlasFlag *) (gconstpointer) flags->data, flags->len);
  return g_file_set_contents (self->path, text, -1, error);
}

static void
load (AtlasBookmarks *self)
{
  GFile *opened = atlas_document_get_file (self->document);
  g_autofree char *uri = opened != NULL ? g_file_get_uri (opened) : g_strdup (UNNAMED_KEY);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, uri, -1);
  g_autofree char *name = g_strconcat (hash, ".ini", NULL);
  g_autofree char *text = NULL;
  gsize size_bytes;
  guint n_before = self->bookmarks->len;

  g_free (self->path);
  self->path = g_build_filename (g_get_user_data_dir (), "vmatlas", "bookmarks", name, NULL);
  g_ptr_array_set_size (self->bookmarks, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, 0);
  if (g_file_get_contents (self->path, &text, &size_bytes, NULL))
    {
      /* Somebody may have edited it: what makes no sense is left out. */
      g_autoptr (GArray) flags = atlas_flags_parse (text, size_bytes, FALSE, NULL);

      for (guint i = 0; flags != NULL && i < flags->len; i++)
        {
          const AtlasFlag *flag = &g_array_index (flags, AtlasFlag, i);

          insert (self, flag->first_va, flag->last_va, flag->name);
        }
    }
}

static void
atlas_bookmarks_finalize (GObject *object)
{
  AtlasBookmarks *self = ATLAS_BOOKMARKS (object);

  g_clear_object (&self->document_signals);
  g_clear_object (&self->document);
  g_clear_pointer (&self->bookmarks, g_ptr_array_unref);
  g_free (self->path);

  G_OBJECT_CLASS (atlas_bookmarks_parent_class)->finalize (object);
}

static void
atlas_bookmarks_class_init (AtlasBookmarksClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = atlas_bookmarks_finalize;
}

static void
atlas_bookmarks_init (AtlasBookmarks *self)
{
  self->bookmarks = g_ptr_array_new_with_free_func (g_object_unref);
}

AtlasBookmarks *
atlas_bookmarks_new (AtlasDocument *document)
{
  AtlasBookmarks *self = g_object_new (ATLAS_TYPE_BOOKMARKS, NULL);

  self->document = g_object_ref (document);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->document_signals, "opened", G_CALLBACK (load), self);
  g_signal_group_set_target (self->document_signals, document);
  load (self);
  return self;
}

gboolean
atlas_bookmarks_add (AtlasBookmarks *self,
                     AtlasVa first_va,
                     AtlasVa last_va,
                     const char *comment,
                     GError **error)
{
  g_return_val_if_fail (ATLAS_IS_BOOKMARKS (self), FALSE);
  g_return_val_if_fail (first_va <= last_va && comment != NULL, FALSE);

  insert (self, first_va, last_va, comment);
  return save (self, error);
}

GArray *
atlas_bookmarks_make_flags (AtlasBookmarks *self)
{
  GArray *flags = g_array_new (FALSE, FALSE, sizeof (AtlasFlag));

  g_return_val_if_fail (ATLAS_IS_BOOKMARKS (self), flags);

  for (guint i = 0; i < self->bookmarks->len; i++)
    {
      const AtlasBookmark *bookmark = g_ptr_array_index (self->bookmarks, i);
      const AtlasFlag flag = { bookmark->first_va, bookmark->last_va, bookmark->comment };

      g_array_append_val (flags, flag);
    }
  return flags;
}

gboolean
atlas_bookmarks_remove (AtlasBookmarks *self, AtlasBookmark *bookmark, GError **error)
{
  guint position;

  g_return_val_if_fail (ATLAS_IS_BOOKMARKS (self), FALSE);

  if (!g_ptr_array_find (self->bookmarks, bookmark, &position))
    return TRUE;
  g_ptr_array_remove_index (self->bookmarks, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
  return save (self, error);
}
