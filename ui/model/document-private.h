/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/document.h"

G_BEGIN_DECLS

struct _AtlasDocument
{
  GObject parent_instance;

  /* owned */
  AtlasSpace *space;
  AtlasSession *session; /* NULL for a dump */
  GFile *file;
  char *title;
  AtlasTrace *trace;

  /* state */
  AtlasVa selected_va;
  AtlasAccess access;
  guint step;
  guint saved_position;
  gboolean has_selection;
  gboolean is_supervisor;
  gboolean is_dry_walk;
  AtlasLens lens;
};

/* What was read takes the place of what is open; @opened is left empty. @file: where it came from,
 * or NULL. */
void atlas_document_adopt (AtlasDocument *self, AtlasOpened *opened, GFile *file);
/* Title, undo and the like may be others now. */
void atlas_document_notify_state (AtlasDocument *self);
/* The session may have built its machine anew: nothing borrowed from before is valid. */
void atlas_document_refresh_space (AtlasDocument *self);
/* Regions or tables are different now. */
void atlas_document_emit_changed (AtlasDocument *self);
/* Takes @trace, which may be NULL, and stands at its end. */
void atlas_document_take_trace (AtlasDocument *self, AtlasTrace *trace, gboolean is_dry_walk);
/* Tells what an access of the selected address would meet, without doing it. */
void atlas_document_walk_dry (AtlasDocument *self);

G_END_DECLS
