/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasTaskRow: one question of a task as a row of a list, and its value as text. */

#include <adwaita.h>

#include "lists/task.h"

G_BEGIN_DECLS

typedef struct _AtlasTaskRow AtlasTaskRow;

/* @text: its value to begin with. @changed is called with @data as its only argument. @field lives
 * on. */
AtlasTaskRow *atlas_task_row_new (const AtlasField *field,
                                  const char *text,
                                  AtlasDocument *document,
                                  GCallback changed,
                                  gpointer data);
/* The widget belongs to the list that it was put into. */
void atlas_task_row_free (AtlasTaskRow *row);

GtkWidget *atlas_task_row_get_widget (AtlasTaskRow *row);
const AtlasField *atlas_task_row_get_field (const AtlasTaskRow *row);
/* Borrowed until the row changes. */
const char *atlas_task_row_get_text (AtlasTaskRow *row);
/* A word that cannot be chosen leaves it as it is. */
void atlas_task_row_set_text (AtlasTaskRow *row, const char *text);
void atlas_task_row_set_wrong (AtlasTaskRow *row, gboolean is_wrong);

G_END_DECLS
