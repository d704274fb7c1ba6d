/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasMachine: what commands act on, and the names that they have bound.
 *
 *   AtlasMachine
 *    ├─ system    NULL until a command needs one
 *    ├─ process   the current one; NULL when none runs
 *    └─ names     $p → process, $a → address, $f → file, $s → section
 */

#include "session/bare.h"
#include "session/command.h"
#include "session/files.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  AtlasBare *bare; /* a machine without an operating system; then there is neither of the two */
  GHashTable *names;
  AtlasFiles *files;  /* that commands name */
  gboolean is_in_use; /* a command has changed it: too late for options */
  gboolean is_silent; /* nobody reads results: no words, no traces */
} AtlasMachine;

AtlasMachine *atlas_machine_new (AtlasFiles *files);
void atlas_machine_free (AtlasMachine *machine);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasMachine, atlas_machine_free)

/* Does @command and fills in @result's status, value, words and trace. FALSE and @error when its
 * words mean nothing here (an unknown name, no process yet) or the host lacks memory; nothing has
 * changed then. What Windows refuses is a result. */
gboolean atlas_machine_run (AtlasMachine *machine,
                            const AtlasCommand *command,
                            AtlasCommandResult *result,
                            guint *error_column,
                            GError **error);

/* Likewise, for a command whose result is known: it does the same and tells nothing of it. */
gboolean atlas_machine_run_again (AtlasMachine *machine,
                                  const AtlasCommand *command,
                                  guint *error_column,
                                  GError **error);

/* An AtlasAddressResolver; @data is the machine. */
gboolean atlas_machine_resolve (const char *name, AtlasVa *va, gpointer data);
/* The bound names in alphabetical order, NULL-terminated. (transfer container) */
const char **atlas_machine_list_names (AtlasMachine *machine);
/* Of AtlasName, in the same order. (transfer full) */
GArray *atlas_machine_describe_names (AtlasMachine *machine);

G_END_DECLS
