/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The scenario of a window that was not given anything to open. It is run on a core of its own
 * while the window is built:
 *
 *   begin ──► [ session ] ──► end
 *     └─────► [ window  ] ─────┘
 */

#include "model/opened.h"

G_BEGIN_DECLS

typedef struct _AtlasDefaultScenario AtlasDefaultScenario;

/* @settings: the translation caches it is to have. */
AtlasDefaultScenario *atlas_default_scenario_begin (GSettings *settings);
/* Waits, and frees @scenario. (transfer full); NULL with @error. */
AtlasOpened *atlas_default_scenario_end (AtlasDefaultScenario *scenario, GError **error);

G_END_DECLS
