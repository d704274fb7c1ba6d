/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasWindow: one document on one screen.
 *
 *   ┌ Open  ↶ ↷  Allocate ─────── demo.exe ─────────── go to ──── ≡ ┐
 *   │ 128 TB › PML4[255] › PDPT[484] › PD[123] › PT[280]    scale    │
 *   ├─────────────────────────────────────────────┬──────────────────┤
 *   │ map, minimap                                │ Walk Entry Region│
 *   │ page tables                                 │                  │
 *   │ list of regions                             │                  │
 *   └─────────────────────────────────────────────┴──────────────────┘
 */

#include <adwaita.h>

#include "default-scenario.h"
#include "paging/control.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_WINDOW (atlas_window_get_type ())
G_DECLARE_FINAL_TYPE (AtlasWindow, atlas_window, ATLAS, WINDOW, AdwApplicationWindow)

/* @settings: of the program; it keeps them. */
AtlasWindow *atlas_window_new (GtkApplication *application, GSettings *settings);

/* The scenario that the program comes with. */
void atlas_window_open_default (AtlasWindow *self);
/* The same, when it was begun before the window; takes @scenario. */
void atlas_window_open_begun (AtlasWindow *self, AtlasDefaultScenario *scenario);
void atlas_window_open_file (AtlasWindow *self, GFile *file);
/* Opens it, in a window of its own when this one has unsaved work; a program file or one of an
 * unknown kind is offered to the process to be loaded or mapped. */
void atlas_window_take_file (AtlasWindow *self, GFile *file);
/* And brings these addresses of it on the map; the whole of it, where @last_va is not above
 * @first_va. */
void atlas_window_open_file_at (AtlasWindow *self, GFile *file, AtlasVa first_va, AtlasVa last_va);
/* First and last address on the map. */
void atlas_window_get_seen (AtlasWindow *self, AtlasVa *first_va, AtlasVa *last_va);
/* The same for an image of physical memory; see atlas_document_open_image_async(). */
void atlas_window_open_image (AtlasWindow *self, GFile *file, const AtlasControl *control);
/* What a run that did not come to its end left at @path. */
void atlas_window_recover (AtlasWindow *self, const char *path);
/* NULL while nothing that has a file is open. */
GFile *atlas_window_get_file (AtlasWindow *self);

G_END_DECLS
