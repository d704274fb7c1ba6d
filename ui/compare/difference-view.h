/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasDifferenceView: what is different, as a list, and the entries behind the selected one.
 *
 *   3 differences from the start of the session                   [ Stop Comparing ]
 *   ┌───────────────────────────────────────────────┬──────────────────────────────┐
 *   │ + 00000000`20000000  64 KB   free → reserve   │ PTE 16  0 → …867             │
 *   │ ~ 00000000`20010000   4 KB   RW → R           │         P, R/W, A, D         │
 *   └───────────────────────────────────────────────┴──────────────────────────────┘
 */

#include <gtk/gtk.h>

#include "model/comparison.h"
#include "model/viewport.h"

G_BEGIN_DECLS

#define ATLAS_TYPE_DIFFERENCE_VIEW (atlas_difference_view_get_type ())
G_DECLARE_FINAL_TYPE (
  AtlasDifferenceView, atlas_difference_view, ATLAS, DIFFERENCE_VIEW, GtkWidget)

GtkWidget *atlas_difference_view_new (AtlasViewport *viewport, AtlasComparison *comparison);

/* "free → reserve", "RW → R": only what is different. (transfer full) */
char *atlas_difference_format (const AtlasDifference *difference);
/* "P, R/W, A, D": the fields of an entry whose bits are different. (transfer full) */
char *atlas_entry_difference_format_fields (const AtlasEntryDifference *difference,
                                            const AtlasControl *control);

G_END_DECLS
