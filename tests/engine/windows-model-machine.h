/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The engine's side of the comparison: a machine with two processes, and what differs there from
 * the model. */

#include "windows-model.h"

typedef struct
{
  AtlasSystem *system;
  AtlasFile *file;
  AtlasProcess *processes[N_PROCESSES];
  AtlasSectionObject *handles[N_HANDLES];
  /* Before the first command. */
  guint64 first_process_pages[N_PROCESSES];
  guint64 first_charged_pages;
  guint64 first_active_frames;
  guint64 n_slots; /* of the paging file */
} Machine;

/* windows-model-machine.c */

/* Each sequence has a machine of its own, so that it is the same when it is repeated. */
void machine_start (Machine *machine, gboolean has_la57);
void machine_run (Machine *machine, const Command *command, Answer *answer);
/* Unmaps, frees and closes all, and ends the machine; NULL, or what is left. (transfer full) */
char *machine_stop (Machine *machine);

/* windows-model-compare.c: NULL, or what differs. (transfer full) */

char *compare_answers (const Command *command, const Answer *expected, const Answer *found);
/* The regions from @first_page to @last_page, as a query tells them. */
char *compare_queries (Machine *machine,
                       const Model *model,
                       guint process,
                       guint first_page,
                       guint last_page);
/* The views' picture of the window against the model. */
char *compare_region_set (Machine *machine, const Model *model, guint process);
char *compare_vads (Machine *machine, const Model *model, guint process);
char *compare_charges (Machine *machine, const Model *model);
/* Every byte that can be read without a fault that changes something. */
char *compare_contents (Machine *machine, const Model *model, guint process);
