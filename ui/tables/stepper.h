/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasStepper: the story of one access, an event a row, forwards and backwards.
 *
 *   Write at 00000000`20000123          what, where, in which mode
 *   ● PML4E 0    read …                 done
 *   ◉ PTE 0      not present            the current step, explained below
 *   ○ #PF        …                      still to come
 *   |◀  ◀ Back   Step ▶  ▶|  ▷ Play
 */

#include <gtk/gtk.h>

#include "model/document.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_STEPPER (atlas_stepper_get_type ())
G_DECLARE_FINAL_TYPE (AtlasStepper, atlas_stepper, ATLAS, STEPPER, GtkWidget)

GtkWidget *atlas_stepper_new (AtlasDocument *document);

G_END_DECLS
