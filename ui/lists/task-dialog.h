/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasTaskDialog: asks what a task has to ask, shows before agreeing what would come of it, and
 * runs the commands that it shows.
 *
 *   Section   New, of the paging file
 *   Size      1
 *   Gets 0x1f0000–0x1f0fff, 1 page (4 KB)
 *   section $section = 1 readwrite
 *   map $view = $section
 */

#include <adwaita.h>

#include "lists/task.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_TASK_DIALOG (atlas_task_dialog_get_type ())
G_DECLARE_FINAL_TYPE (AtlasTaskDialog, atlas_task_dialog, ATLAS, TASK_DIALOG, AdwWindow)

/* Show it with gtk_window_present(), transient for the window it belongs to. */
AtlasTaskDialog *atlas_task_dialog_new (AtlasDocument *document, AtlasTask task);

/* Proposes an answer. A question that the task does not ask is ignored. */
void atlas_task_dialog_set_value (AtlasTaskDialog *self, AtlasFieldId id, const char *text);

G_END_DECLS
