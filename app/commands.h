/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Every command of the program that takes no further words, in one table: the palette lists it, the
 * accelerators come from it, and the window of shortcuts is held against it. */

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct
{
  const char *action;    /* detailed: "win.show-page::walk" */
  const char *title;     /* not translated yet */
  const char *accels[3]; /* NULL-terminated; none is allowed */
} AtlasProgramCommand;

const AtlasProgramCommand *atlas_program_get_commands (guint *n_commands);

G_END_DECLS
