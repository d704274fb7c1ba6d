/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasRun: one command being run on a machine.
 *
 *   need…: what the verb cannot do without     FALSE and @error: nothing happens
 *          │
 *   the call of Windows or the processor       set_refused(): an NTSTATUS is a result
 *          │
 *   set_value(), set_va(), words               what the console and scenarios see
 */

#include "session/machine-private.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasMachine *machine;
  const AtlasCommand *command;
  AtlasCommandResult *result;
  guint *error_column;
} AtlasRun;

/* Sets @error to "found '@found', expected @expected", at @column; returns FALSE. */
gboolean atlas_run_fail (const AtlasRun *run,
                         guint column,
                         const char *found,
                         const char *expected,
                         GError **error);
gboolean atlas_run_need_system (const AtlasRun *run, GError **error);
gboolean atlas_run_need_process (const AtlasRun *run, GError **error);
/* The current process and the address of the command; 0 when it names none. */
gboolean atlas_run_need_address (const AtlasRun *run, AtlasVa *va, GError **error);
/* The process that the command names, or the current one. */
gboolean atlas_run_need_named_process (const AtlasRun *run, AtlasProcess **process, GError **error);
/* The process of this name or number; the current one when @name is NULL. */
gboolean atlas_run_find_process (const AtlasRun *run,
                                 const char *name,
                                 guint column,
                                 AtlasProcess **process,
                                 GError **error);
/* @text: an expression at @column of the command; 0 when it is NULL. */
gboolean atlas_run_evaluate (const AtlasRun *run,
                             const char *text,
                             guint column,
                             AtlasVa *va,
                             GError **error);

void atlas_run_set_value (const AtlasRun *run, guint64 value);
void atlas_run_set_va (const AtlasRun *run, AtlasVa va);
/* @reason: what is known beyond the status; NULL, or the status's own words, when nothing is. */
void atlas_run_set_refused (const AtlasRun *run, AtlasStatus status, const char *reason);

/* "0x20000000…0x2000ffff, 64 KB"; an empty range is its address. (transfer full) */
char *atlas_range_format (AtlasVa base_va, guint64 size_bytes);
/* Never rounded: what a person asked for must be told as they asked it. (transfer full) */
char *atlas_asked_size_format (guint64 size_bytes);
/* " (asked 0x20000123 + 1 byte)" when what was given is something else; else "". (transfer full) */
char *
atlas_run_format_asked (const AtlasRun *run, AtlasVa asked_va, AtlasVa base_va, guint64 size_bytes);

/* The verbs themselves. FALSE and @error when the words mean nothing here; nothing has changed
 * then. In system-verbs.c: */
gboolean atlas_verb_run_system (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_process (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_select (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_terminate (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_tick (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_msr (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_wrmsr (const AtlasRun *run, GError **error);
/* In virtual-verbs.c: */
gboolean atlas_verb_run_allocate (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_free (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_protect (const AtlasRun *run, GError **error);
gboolean atlas_verb_run_query (const AtlasRun *run, GError **error);
/* In access-verbs.c: */
gboolean atlas_verb_run_access (const AtlasRun *run, GError **error);
AtlasAccess atlas_verb_get_access (AtlasVerbId verb);
/* "read 8 bytes at 0x1000: 4d 5a …", and the result's value. */
void atlas_access_append_done (const AtlasRun *run,
                               AtlasAccess access,
                               AtlasVa va,
                               const guint8 *bytes,
                               gsize size_bytes,
                               GString *text);

G_END_DECLS
