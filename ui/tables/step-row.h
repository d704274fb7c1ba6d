/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A row of the stepper's list: one event, its kind as a coloured mark.
 *
 *   ● PML4E 0
 *     read 0x1aa7f8 → 0x3c11867
 */

#include <gtk/gtk.h>

#include "base/trace.h"

G_BEGIN_DECLS

GtkWidget *atlas_step_row_new (const AtlasTraceEvent *event);

G_END_DECLS
