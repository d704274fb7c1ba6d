/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/comparison.h"

/* More than anybody reads. */
#define N_DIFFERENCES_MAX 20000u

struct _AtlasComparison
{
  GObject parent_instance;

  /* owned */
  AtlasDocument *document;
  GSignalGroup *document_signals;
  AtlasSpace *before; /* NULL between comparisons */
  AtlasSession *owner;
  char *title;
  AtlasRegionSet *before_regions; /* the differences' strings live there … */
  AtlasRegionSet *after_regions;  /* … and here */
  GArray *differences;            /* of AtlasDifference */

  /* state */
  gboolean is_complete;
};

G_DEFINE_FINAL_TYPE (AtlasComparison, atlas_comparison, G_TYPE_OBJECT)

static guint changed_signal;

static void
forget_differences (AtlasComparison *self)
{
  g_array_set_size (self->differences, 0);
  g_clear_pointer (&self->before_regions, atlas_region_set_unref);
  g_clear_pointer (&self->after_regions, atlas_region_set_unref);
}

static void
forget_before (AtlasComparison *self)
{
  forget_differences (self);
  g_clear_pointer (&self->before, atlas_space_unref);
  g_clear_pointer (&self->owner, atlas_session_free);
  g_clear_pointer (&self->title, g_free);
}

static void
update (AtlasComparison *self)
{
  AtlasRegionSet *after;

  if (self->before == NULL)
    return;
  forget_differences (self);
  after = atlas_document_get_regions (self->document);
  if (after != NULL)
    {
      self->before_regions = atlas_region_set_ref (atlas_space_get_regions (self->before));
      self->after_regions = atlas_region_set_ref (after);
      self->is_complete = atlas_regions_compare (self->before_regions,
                                                 self->after_regions,
                                                 0,
                                                 G_MAXUINT64,
                                                 N_DIFFERENCES_MAX,
                                                 self->differences);
    }
  g_signal_emit (self, changed_signal, 0);
}

void
atlas_comparison_start (AtlasComparison *self,
                        AtlasSpace *before,
                        AtlasSession *owner,
                        const char *title)
{
  g_return_if_fail (ATLAS_IS_COMPARISON (self));
  g_return_if_fail (before != NULL);
  g_return_if_fail (title != NULL);

  forget_before (self);
  self->before = before;
  self->owner = owner;
  self->title = g_strdup (title);
  update (self);
}

gboolean
atlas_comparison_start_at (AtlasComparison *self, guint position, const char *title, GError **error)
{
  AtlasSession *session;
  AtlasSpace *space;
  g_autoptr (AtlasSession) copy = NULL;

  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), FALSE);

  session = atlas_document_get_session (self->document);
  g_return_val_if_fail (session != NULL, FALSE);
  copy = atlas_session_copy (session, position, error);
  if (copy == NULL)
    return FALSE;
  space = atlas_session_get_space (copy);
  if (space == NULL)
    {
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   "no process had been started after %u commands",
                   position);
      return FALSE;
    }
  atlas_comparison_start (self, atlas_space_ref (space), g_steal_pointer (&copy), title);
  return TRUE;
}

void
atlas_comparison_stop (AtlasComparison *self)
{
  g_return_if_fail (ATLAS_IS_COMPARISON (self));

  if (self->before == NULL)
    return;
  forget_before (self);
  g_signal_emit (self, changed_signal, 0);
}

gboolean
atlas_comparison_is_active (AtlasComparison *self)
{
  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), FALSE);

  return self->before != NULL;
}

AtlasDocument *
atlas_comparison_get_document (AtlasComparison *self)
{
  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), NULL);

  return self->document;
}

const char *
atlas_comparison_get_title (AtlasComparison *self)
{
  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), NULL);

  return self->title;
}

AtlasSpace *
atlas_comparison_get_before (AtlasComparison *self)
{
  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), NULL);

  return self->before;
}

guint
atlas_comparison_get_n_differences (AtlasComparison *self)
{
  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), 0);

  return self->differences->len;
}

const AtlasDifference *
atlas_comparison_get_difference (AtlasComparison *self, guint index)
{
  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), NULL);
  g_return_val_if_fail (index < self->differences->len, NULL);

  return &g_array_index (self->differences, AtlasDifference, index);
}

gboolean
atlas_comparison_is_complete (AtlasComparison *self)
{
  g_return_val_if_fail (ATLAS_IS_COMPARISON (self), TRUE);

  return self->is_complete;
}

static void
atlas_comparison_dispose (GObject *object)
{
  AtlasComparison *self = ATLAS_COMPARISON (object);

  g_clear_object (&self->document_signals);
  forget_before (self);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_comparison_parent_class)->dispose (object);
}

static void
atlas_comparison_finalize (GObject *object)
{
  g_array_unref (ATLAS_COMPARISON (object)->differences);

  G_OBJECT_CLASS (atlas_comparison_parent_class)->finalize (object);
}

static void
atlas_comparison_class_init (AtlasComparisonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_comparison_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_comparison_finalize;
  changed_signal = g_signal_new (
    "changed", ATLAS_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
atlas_comparison_init (AtlasComparison *self)
{
  self->differences = g_array_new (FALSE, FALSE, sizeof (AtlasDifference));
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "opened", G_CALLBACK (atlas_comparison_stop), self);
  g_signal_group_connect_swapped (self->document_signals, "changed", G_CALLBACK (update), self);
}

AtlasComparison *
atlas_comparison_new (AtlasDocument *document)
{
  AtlasComparison *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_COMPARISON, NULL);
  self->document = g_object_ref (document);
  g_signal_group_set_target (self->document_signals, document);
  return self;
}
