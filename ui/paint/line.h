/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasLine: children side by side, and where there is no room for all as they would like to be, a
 * rank that says whose wish goes first. A box would give each of them a part, and cut them all. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_LINE (atlas_line_get_type ())
G_DECLARE_FINAL_TYPE (AtlasLine, atlas_line, ATLAS, LINE, GtkWidget)

GtkWidget *atlas_line_new (int spacing_px);

typedef enum
{
  ATLAS_LINE_CHILD_FLEXIBLE, /* takes what there is, from its least width on */
  ATLAS_LINE_CHILD_WHOLE,    /* has its natural width or its least one */
  ATLAS_LINE_CHILD_REST,     /* flexible, and takes what is left by all others too */
} AtlasLineChild;

/* Appends @child. The lower @rank, the earlier its wish is granted; 0 to 3. At most one child is
 * the rest. */
void atlas_line_append (AtlasLine *self, GtkWidget *child, guint rank, AtlasLineChild kind);

G_END_DECLS
