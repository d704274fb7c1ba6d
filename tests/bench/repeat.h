/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Fixed amounts of one thing each, whose instructions tests/bench/count counts. */

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const char *name;
  const char *function; /* instructions are counted inside it */
  guint n_times;        /* what is counted is divided by this */
  void (*run) (void);
} Repeat;

/* "BENCH --repeats" lists them, "BENCH NAME" runs one. FALSE when there are no arguments, and
 * nothing was done; otherwise @status is what main() returns. */
gboolean repeat_main (int argc, char *argv[], const Repeat *repeats, guint n_repeats, int *status);

G_END_DECLS
