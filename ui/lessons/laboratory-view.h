/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* AtlasLaboratoryView: the ASLR laboratory, a window of its own.
 *
 *   Boots [1000]  Seed [7]   ☑ High entropy  ☑ Dynamic base …            [ Run ]
 *   ┌────────────────────────────────────────────────────────────────────────────┐
 *   │ 0          2 GB ┃                                                   128 TB │
 *   │ stack     ▮▮▮▮                                                             │
 *   │ images                                                                  ▮▮ │
 *   ├────────────────────────────────────────────────────────────────────────────┤
 *   │ Stack pointer   33 bits     ▂▃▅▂▃▇▅▃▂▁▅▆     below 2 GB: 1 in 513, met 2×  │
 */

#include <adwaita.h>

G_BEGIN_DECLS

#define ATLAS_TYPE_LABORATORY_VIEW (atlas_laboratory_view_get_type ())
G_DECLARE_FINAL_TYPE (
  AtlasLaboratoryView, atlas_laboratory_view, ATLAS, LABORATORY_VIEW, AdwWindow)

/* Runs at once, with @seed. */
AtlasLaboratoryView *atlas_laboratory_view_new (GtkWindow *parent, guint64 seed);

G_END_DECLS
