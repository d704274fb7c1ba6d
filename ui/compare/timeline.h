/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasTimeline: the session as a picture of addresses over time, to scrub along.
 *
 *   │        ██      ▓▓▓▓▓▓              ██                  │   a row a moment, on the map's axis
 *   │   ▒▒   ██      ▓▓▓▓▓▓      ░░░░    ██                  │ ◄ now; click or drag goes there
 *   │   ▒▒   ██                  ░░░░    ██                  │
 *   committed ▁▁▂┃▃   reserved ▂▂▅┃▅   largest free ▇▇▅┃▅   fragmentation ▁▁▃┃▃
 *   [▶]  ──────●────────────   3 of 12 · commit $a 4K readwrite
 *
 * Hidden until it is asked for. It knows no machine: it sends the document along its journal.
 */

#include <gtk/gtk.h>

#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_TIMELINE (atlas_timeline_get_type ())
G_DECLARE_FINAL_TYPE (AtlasTimeline, atlas_timeline, ATLAS, TIMELINE, GtkWidget)

GtkWidget *atlas_timeline_new (AtlasViewport *viewport);

G_END_DECLS
