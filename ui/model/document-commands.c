/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/document-private.h"

static gboolean
check_simulation (AtlasDocument *self, GError **error)
{
  if (self->session != NULL)
    return TRUE;
  g_set_error_literal (error,
                       ATLAS_ERROR,
                       ATLAS_ERROR_UNSUPPORTED,
                       "A dump is a picture of one moment; commands need a simulation");
  return FALSE;
}

/* @result is of the command that ran last. */
static void
after_run (AtlasDocument *self, const AtlasCommandResult *result, guint position_before)
{
  atlas_document_refresh_space (self);
  if (result->has_va)
    {
      self->has_selection = TRUE;
      self->selected_va = result->va;
    }
  if (atlas_session_get_position (self->session) != position_before)
    atlas_document_emit_changed (self);
  if (result->trace != NULL && atlas_trace_get_n_events (result->trace) > 0)
    atlas_document_take_trace (self, atlas_trace_ref (result->trace), FALSE);
  else
    atlas_document_walk_dry (self);
  g_object_notify (G_OBJECT (self), "selected-va");
  if (result->has_va)
    g_signal_emit_by_name (self, "selected");
}

AtlasCommandResult *
atlas_document_run (AtlasDocument *self, const char *command, GError **error)
{
  g_autoptr (AtlasCommandResult) result = NULL;
  guint position_before;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);
  g_return_val_if_fail (command != NULL, NULL);

  if (!check_simulation (self, error))
    return NULL;
  position_before = atlas_session_get_position (self->session);
  result = atlas_session_run (self->session, command, error);
  if (result == NULL)
    return NULL;
  after_run (self, result, position_before);
  g_signal_emit_by_name (self, "ran", result);
  return g_steal_pointer (&result);
}

AtlasCommandResult *
atlas_document_run_all (AtlasDocument *self, const char *commands, GError **error)
{
  g_autoptr (AtlasCommandResult) last = NULL;
  g_autoptr (GPtrArray) results =
    g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_command_result_unref);
  guint position_before;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);
  g_return_val_if_fail (commands != NULL, NULL);

  if (!check_simulation (self, error))
    return NULL;
  position_before = atlas_session_get_position (self->session);
  last = atlas_session_run_all (self->session, commands, error);
  /* What did not stay was run by a machine that is gone. */
  atlas_document_refresh_space (self);
  for (guint i = position_before; i < atlas_session_get_position (self->session); i++)
    g_ptr_array_add (results,
                     atlas_command_result_ref (
                       (AtlasCommandResult *) atlas_session_get_result (self->session, i)));
  if (results->len == 0 || last == NULL || !atlas_status_is_success (last->status))
    {
      atlas_document_emit_changed (self);
      atlas_document_walk_dry (self);
      return g_steal_pointer (&last);
    }
  after_run (self, last, position_before);
  for (guint i = 0; i < results->len; i++)
    g_signal_emit_by_name (self, "ran", g_ptr_array_index (results, i));
  return g_steal_pointer (&last);
}

AtlasCommandResult *
atlas_document_preview (AtlasDocument *self, const char *command, GError **error)
{
  g_autoptr (AtlasSession) copy = NULL;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (self), NULL);
  g_return_val_if_fail (self->session != NULL, NULL);

  copy = atlas_session_copy (self->session, atlas_session_get_position (self->session), error);
  return copy != NULL ? atlas_session_run (copy, command, error) : NULL;
}

static void
after_seek (AtlasDocument *self)
{
  atlas_document_refresh_space (self);
  atlas_document_emit_changed (self);
  atlas_document_walk_dry (self);
}

void
atlas_document_undo (AtlasDocument *self)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));

  if (self->session != NULL && atlas_session_undo (self->session))
    after_seek (self);
}

void
atlas_document_redo (AtlasDocument *self)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));

  if (self->session != NULL && atlas_session_redo (self->session))
    after_seek (self);
}

void
atlas_document_seek (AtlasDocument *self, guint position)
{
  g_return_if_fail (ATLAS_IS_DOCUMENT (self));
  g_return_if_fail (self->session != NULL);

  atlas_session_seek (self->session, position);
  after_seek (self);
}
