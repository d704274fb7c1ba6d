/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A scenario file: one command a line, comments and blank lines between them. What is read keeps
 * its text, so that a file is saved as it was written.
 *
 *   # the machine                ┐
 *                                ├ text of step 0
 *   system memory=16G seed=7     ┘
 *   process $p demo.exe            text of step 1
 *   # the end                      … and what follows the last command goes with it
 */

#include "session/command.h"

G_BEGIN_DECLS

/* Counted, and constant once it is read: a session and its copies share their steps. */
typedef struct
{
  AtlasCommand *command;
  char *text; /* as in the file, with what stands before it, line ends included */
} AtlasScenarioStep;

typedef struct
{
  GPtrArray *steps; /* of AtlasScenarioStep */
  char *preamble;   /* the whole text, when it has no command; else "" */
} AtlasScenario;

/* NULL and @error, "NAME:LINE:COLUMN: found …, expected …", when a line is no command. */
AtlasScenario *atlas_scenario_parse (const char *text, const char *name, GError **error);
void atlas_scenario_free (AtlasScenario *scenario);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasScenario, atlas_scenario_free)

/* (transfer full): takes @command and @text. */
AtlasScenarioStep *atlas_scenario_step_new (AtlasCommand *command, char *text);
AtlasScenarioStep *atlas_scenario_step_ref (AtlasScenarioStep *step);
/* NULL is allowed: a step that was taken out of its array. */
void atlas_scenario_step_unref (AtlasScenarioStep *step);

G_END_DECLS
