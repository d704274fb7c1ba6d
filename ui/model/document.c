/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/document-private.h"

#include <glib/gi18n.h>

#include "model/opened.h"
#include "paging/mmu.h"

G_DEFINE_FINAL_TYPE (AtlasDocument, atlas_document, G_TYPE_OBJECT)

typedef enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
  PROP_CAN_UNDO,
  PROP_CAN_REDO,
  PROP_IS_SIMULATION,
  PROP_IS_MODIFIED,
  PROP_SELECTED_VA,
  PROP_TRACE,
  PROP_STEP,
} AtlasDocumentProperty;

static GParamSpec *properties[PROP_STEP + 1];

enum
{
  SIGNAL_OPENED,
  SIGNAL_CHANGED,
  SIGNAL_RAN,
  SIGNAL_SELECTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

void
atlas_document_notify_state (AtlasDocument *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBTITLE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_UNDO]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAN_REDO]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_SIMULATION]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_MODIFIED]);
}

static void
update_lens (AtlasDocument *self)
{
  if (self->space != NULL && self->has_selection)
    atlas_lens_update (&self->lens, self->space, self->selected_va);
  else
    self->lens = (AtlasLens){ 0 };
}

void
atlas_document_take_trace (AtlasDocument *self, AtlasTrace *trace, gboolean is_dry_walk)
{
  g_clear_pointer (&self->trace, atlas_trace_unref);
  self->trace = trace;
  self->is_dry_walk = is_dry_walk;
  self->step = trace != NULL ? atlas_trace_get_n_events (trace) - 1 : 0;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRACE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STEP]);
}

void
atlas_document_walk_dry (AtlasDocument *self)
{
  g_autoptr (AtlasTrace) trace = NULL;

  if (self->has_selection && self->space != NULL && atlas_space_has_tables (self->space))
    {
      const AtlasWalkQuery query = { .va = self->selected_va,
                                     .access = self->access,
                                     .is_supervisor = self->is_supervisor };
      AtlasWalkResult result;

      trace = atlas_trace_new ();
      atlas_space_walk (self->space, &query, &result);
      atlas_mmu_trace_walk (&query,
                            &result,
                            atlas_space_get_control (self->space),
                            atlas_space_get_mtrrs (self->space),
                            trace);
    }
  atlas_document_take_trace (self, g_steal_pointer (&trace), TRUE);
}

void
atlas_document_refresh_space (AtlasDocument *self)
{
  if (self->session != NULL)
    {
      AtlasSpace *space = atlas_session_get_space (self->session);

      g_clear_pointer (&self->space, atlas_space_unref);
      self->space = space != NULL ? atlas_space_ref (space) : NULL;
    }
}

void
atlas_document_emit_changed (AtlasDocument *self)
{
  update_lens (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  atlas_document_notify_state (self);
}

static AtlasVa
choose_first_selection (AtlasDocument *self)
{
  AtlasRegionSet *regions = atlas_space_get_regions (self->space);
  AtlasVa first_committed_va = 0;
  AtlasRegionSummary summary;

  atlas_region_set_summarize (regions, 0, G_MAXUINT64, &summary);
  if (!atlas_region_set_is_listed (regions))
    return atlas_region_set_get_region (regions, summary.top_index)->base_va;

  /* The program's code is what a newcomer recognises: its first executable page; else anything
   * that is there at all. */
  for (guint64 i = summary.n_regions; i-- > 0;)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, i);

      if (region->state != ATLAS_STATE_COMMIT)
        continue;
      first_committed_va = region->base_va;
      if (region->type == ATLAS_TYPE_IMAGE && (region->protect & ATLAS_PAGE_EXECUTE_READ) != 0)
        return region->base_va;
    }
  return first_committed_va;
}

void
atlas_document_adopt (AtlasDocument *self, AtlasOpened *opened, GFile *file)
{
  g_clear_pointer (&self->space, atlas_space_unref);
  g_clear_pointer (&self->session, atlas_session_free);
  self->space = g_steal_pointer (&opened->space);
  self->session = g_steal_pointer (&opened->session);
  g_free (self->title);
  self->title = g_steal_pointer (&opened->title);
  g_set_object (&self->file, file);
  atlas_document_refresh_space (self);
  self->saved_position = self->session != NULL ? atlas_session_get_position (self->session) : 0;

  self->has_selection = self->space != NULL;
  self->selected_va = self->has_selection ? choose_first_selection (self) : 0;
  update_lens (self);
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
  atlas_document_emit_changed (self);
  atlas_document_walk_dry (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED_VA]);
  g_signal_emit (self, signals[SIGNAL_SELECTED], 0);
}

AtlasSpace *
atlas_document_get_space (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->space;
}

AtlasRegionSet *
atlas_document_get_regions (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->space != NULL ? atlas_space_get_regions (self->space) : NULL;
}

AtlasSession *
atlas_document_get_session (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->session;
}

AtlasProcess *
atlas_document_get_process (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->session != NULL ? atlas_session_get_process (self->session) : NULL;
}

gboolean
atlas_document_is_simulation (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  return self->session != NULL;
}

gboolean
atlas_document_can_undo (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  return self->session != NULL && atlas_session_can_undo (self->session);
}

gboolean
atlas_document_can_redo (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  return self->session != NULL && atlas_session_can_redo (self->session);
}

gboolean
atlas_document_is_modified (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  return self->session != NULL &&
         atlas_session_get_position (self->session) != self->saved_position;
}

const char *
atlas_document_explain_nothing (AtlasDocument *self, const char *otherwise)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), otherwise);

  /* A machine without an operating system has a space, and never a process. */
  if (!atlas_document_is_simulation (self) || self->space != NULL)
    return otherwise;
  return _ ("No process has been started yet.\nStart one: Ctrl+Shift+N");
}

const char *
atlas_document_get_title (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->space != NULL ? atlas_space_get_name (self->space) : self->title;
}

const char *
atlas_document_get_subtitle (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->space != NULL ? atlas_space_get_subtitle (self->space) : NULL;
}

guint
atlas_document_get_stale_level (AtlasDocument *self)
{
  AtlasMmu *mmu;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), 0);

  mmu = self->session != NULL ? atlas_session_get_mmu (self->session) : NULL;
  if (mmu == NULL || self->space == NULL || !self->has_selection)
    return 0;
  /* Another process's translations are gone by the time that this one runs. */
  if (atlas_mmu_get_control (mmu)->cr3 != atlas_space_get_control (self->space)->cr3)
    return 0;
  return atlas_mmu_get_stale_level (mmu, self->selected_va);
}

gboolean
atlas_document_has_selection (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  return self->has_selection;
}

AtlasVa
atlas_document_get_selected_va (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), 0);

  return self->selected_va;
}

void
atlas_document_select (AtlasDocument *self, AtlasVa va)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));

  if (self->space == NULL)
    return;
  if (!self->has_selection || self->selected_va != va)
    {
      self->has_selection = TRUE;
      self->selected_va = va;
      update_lens (self);
      atlas_document_walk_dry (self);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELECTED_VA]);
    }
  g_signal_emit (self, signals[SIGNAL_SELECTED], 0);
}

const AtlasRegion *
atlas_document_get_selected_region (AtlasDocument *self)
{
  AtlasRegionSet *regions;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  regions = atlas_document_get_regions (self);
  if (regions == NULL || !self->has_selection)
    return NULL;
  return atlas_region_set_get_region (regions, atlas_region_set_find (regions, self->selected_va));
}

AtlasAccess
atlas_document_get_access (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), ATLAS_ACCESS_READ);

  return self->access;
}

gboolean
atlas_document_get_supervisor (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  return self->is_supervisor;
}

void
atlas_document_set_access (AtlasDocument *self, AtlasAccess access, gboolean is_supervisor)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));

  if (self->access == access && self->is_supervisor == is_supervisor)
    return;
  self->access = access;
  self->is_supervisor = is_supervisor;
  atlas_document_walk_dry (self);
}

AtlasTrace *
atlas_document_get_trace (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return self->trace;
}

gboolean
atlas_document_is_dry_walk (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), FALSE);

  return self->is_dry_walk;
}

guint
atlas_document_get_step (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), 0);

  return self->step;
}

void
atlas_document_set_step (AtlasDocument *self, guint step)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));
  g_return_if_fail (self->trace != NULL && step < atlas_trace_get_n_events (self->trace));

  if (self->step == step)
    return;
  self->step = step;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STEP]);
}

const AtlasLens *
atlas_document_get_lens (AtlasDocument *self)
{
  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);

  return &self->lens;
}

guint
atlas_document_get_step_level (AtlasDocument *self)
{
  guint64 level = 0;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), 0);

  if (self->trace != NULL)
    atlas_trace_event_get (atlas_trace_get_event (self->trace, self->step), "level", &level);
  return (guint) level;
}

static void
atlas_document_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  AtlasDocument *self = ATLAS_DOCUMENT (object);

  switch ((AtlasDocumentProperty) property_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, atlas_document_get_title (self));
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, atlas_document_get_subtitle (self));
      break;
    case PROP_CAN_UNDO:
      g_value_set_boolean (value, atlas_document_can_undo (self));
      break;
    case PROP_CAN_REDO:
      g_value_set_boolean (value, atlas_document_can_redo (self));
      break;
    case PROP_IS_SIMULATION:
      g_value_set_boolean (value, atlas_document_is_simulation (self));
      break;
    case PROP_IS_MODIFIED:
      g_value_set_boolean (value, atlas_document_is_modified (self));
      break;
    case PROP_SELECTED_VA:
      g_value_set_uint64 (value, self->selected_va);
      break;
    case PROP_TRACE:
      g_value_set_pointer (value, self->trace);
      break;
    case PROP_STEP:
      g_value_set_uint (value, self->step);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    }
}

static void
atlas_document_finalize (GObject *object)
{
  AtlasDocument *self = ATLAS_DOCUMENT (object);

  g_clear_pointer (&self->trace, atlas_trace_unref);
  g_clear_pointer (&self->space, atlas_space_unref);
  g_clear_pointer (&self->session, atlas_session_free);
  g_clear_object (&self->file);
  g_free (self->title);

  G_OBJECT_CLASS (atlas_document_parent_class)->finalize (object);
}

static void
atlas_document_class_init (AtlasDocumentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = atlas_document_get_property;
  object_class->finalize = atlas_document_finalize;

  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  properties[PROP_IS_SIMULATION] = g_param_spec_boolean ("is-simulation", NULL, NULL, FALSE, flags);
  properties[PROP_IS_MODIFIED] = g_param_spec_boolean ("is-modified", NULL, NULL, FALSE, flags);
  properties[PROP_SELECTED_VA] =
    g_param_spec_uint64 ("selected-va", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TRACE] = g_param_spec_pointer ("trace", NULL, NULL, flags);
  properties[PROP_STEP] = g_param_spec_uint ("step", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /* Something else is open now; "changed" follows. */
  signals[SIGNAL_OPENED] = g_signal_new (
    "opened", ATLAS_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CHANGED] = g_signal_new (
    "changed", ATLAS_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /* An address was chosen, maybe the one that was selected already: it is to be seen. */
  signals[SIGNAL_SELECTED] = g_signal_new (
    "selected", ATLAS_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  /* The AtlasCommandResult of a command that just ran. */
  signals[SIGNAL_RAN] = g_signal_new ("ran",
                                      ATLAS_TYPE_DOCUMENT,
                                      G_SIGNAL_RUN_LAST,
                                      0,
                                      NULL,
                                      NULL,
                                      NULL,
                                      G_TYPE_NONE,
                                      1,
                                      G_TYPE_POINTER);
}

static void
atlas_document_init (AtlasDocument *self)
{
}

AtlasDocument *
atlas_document_new (void)
{
  return g_object_new (ATLAS_TYPE_DOCUMENT, NULL);
}
