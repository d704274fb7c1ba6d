/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasGallery: what comes with the program, to choose from.
 *
 *   Tours       a question each, taken step by step
 *   Exercises   questions on the space that is open
 *   Scenarios   to look at and play with
 *
 * It emits "tour-chosen" and "scenario-chosen" with the resource path, "exercise-chosen" with the
 * kind's name, and closes.
 */

#include <adwaita.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_GALLERY (atlas_gallery_get_type ())
G_DECLARE_FINAL_TYPE (AtlasGallery, atlas_gallery, ATLAS, GALLERY, AdwWindow)

/* @resource_folder: holds "tours" and "scenarios". @has_tables: the space that is open can be asked
 * about. */
AtlasGallery *
atlas_gallery_new (GtkWindow *parent, const char *resource_folder, gboolean has_tables);

G_END_DECLS
