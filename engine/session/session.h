/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasSession: one vocabulary of commands over a simulated machine; the journal of those that ran;
 * undo, redo and seek along it.
 *
 *   journal   0 ── 1 ── 2 ── 3 ── 4 ── 5
 *                            ▲position        undo ◄── ──► redo
 *
 * A scenario file is a journal. State is never stored: to seek is to run again from the start (or
 * from a checkpoint), and a machine with the same seed repeats exactly.
 *
 *   system memory=16G seed=7 build=22000
 *   process $p demo.exe
 *   alloc   $a = 64K reserve|commit readwrite
 *   write   $a+0x123 8
 *   protect $a 4K readonly
 */

#include "base/format.h"
#include "base/trace.h"
#include "space/space.h"
#include "windows/virtual.h"

G_BEGIN_DECLS

typedef struct _AtlasSession AtlasSession;

/* What became of one command. */
typedef struct
{
  guint line;         /* in the scenario, from 1; 0 for one typed or clicked */
  char *command;      /* canonical text */
  AtlasStatus status; /* NTSTATUS; an access that raised an exception: its code */
  gboolean has_va;    /* it was about one place: … */
  AtlasVa va;         /* … where it begins, after rounding; of an access the address itself */
  gboolean has_value; /* the command gave an address or a number */
  guint64 value;
  char *result;      /* one line for people: "reserved 0x20000000, 64 KB"; never NULL */
  AtlasTrace *trace; /* of an access, else NULL */
} AtlasCommandResult;

ATLAS_AVAILABLE AtlasCommandResult *atlas_command_result_ref (AtlasCommandResult *result);
ATLAS_AVAILABLE void atlas_command_result_unref (AtlasCommandResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasCommandResult, atlas_command_result_unref)

/* An empty session: a machine with default options is made by the first command that needs one. */
ATLAS_AVAILABLE AtlasSession *atlas_session_new (void);
/* Parses all of @text before anything runs, then runs it. NULL and @error (ATLAS_ERROR_PARSE,
 * "NAME:LINE:COLUMN: …, expected …") when it does not parse; a command that Windows refuses is not
 * an error. @name is for messages. */
ATLAS_AVAILABLE AtlasSession *
atlas_session_new_from_text (const char *text, const char *name, GError **error);
/* Likewise; the paths in @text begin at @folder, NULL for the current one. A file is read once,
 * whatever is undone and done again. */
ATLAS_AVAILABLE AtlasSession *atlas_session_new_from_text_in (const char *text,
                                                              const char *name,
                                                              const char *folder,
                                                              GError **error);
ATLAS_AVAILABLE void atlas_session_free (AtlasSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasSession, atlas_session_free)

/* Runs one command. NULL and @error when it does not parse: nothing has changed then. Otherwise the
 * result; when it changed the machine it is in the journal now, and what had been undone is gone.
 */
ATLAS_AVAILABLE AtlasCommandResult *
atlas_session_run (AtlasSession *session, const char *command, GError **error);

/* Runs several, a line each, that belong together: undo and redo take them as one. The last one's
 * result; or that of the first one that Windows refuses, and NULL and @error for the first that
 * does not parse: of these nothing has run then, but what had been undone is gone. */
ATLAS_AVAILABLE AtlasCommandResult *
atlas_session_run_all (AtlasSession *session, const char *commands, GError **error);

ATLAS_AVAILABLE guint atlas_session_get_n_commands (const AtlasSession *session);
ATLAS_AVAILABLE guint atlas_session_get_position (const AtlasSession *session);
/* The result of journal entry @index < n_commands as it was when it last ran. Borrowed. */
ATLAS_AVAILABLE const AtlasCommandResult *atlas_session_get_result (const AtlasSession *session,
                                                                    guint index);
ATLAS_AVAILABLE gboolean atlas_session_can_undo (const AtlasSession *session);
ATLAS_AVAILABLE gboolean atlas_session_can_redo (const AtlasSession *session);
/* The position that undo goes to; the present one when it cannot. */
ATLAS_AVAILABLE guint atlas_session_get_undo_position (const AtlasSession *session);
ATLAS_AVAILABLE gboolean atlas_session_undo (AtlasSession *session);
ATLAS_AVAILABLE gboolean atlas_session_redo (AtlasSession *session);
/* @position ≤ n_commands. */
ATLAS_AVAILABLE void atlas_session_seek (AtlasSession *session, guint position);
/* Undo stops here: what a file set up is not undone by accident. Default 0. */
ATLAS_AVAILABLE void atlas_session_set_undo_floor (AtlasSession *session, guint position);
ATLAS_AVAILABLE guint atlas_session_get_undo_floor (const AtlasSession *session);

/* The process that commands act on; NULL when there is none yet, or no operating system. Invalid after undo, redo, seek. */
ATLAS_AVAILABLE AtlasProcess *atlas_session_get_process (AtlasSession *session);
ATLAS_AVAILABLE AtlasSystem *atlas_session_get_system (AtlasSession *session);
/* The processor; NULL when there is no machine yet. Invalid after undo, redo, seek. */
ATLAS_AVAILABLE AtlasMmu *atlas_session_get_mmu (AtlasSession *session);
/* Its space, or that of a machine without an operating system, which has no process (ref it to keep it no longer than the next command), or NULL. */
ATLAS_AVAILABLE AtlasSpace *atlas_session_get_space (AtlasSession *session);

/* An address as commands take it: 0x…, back-tick, $name, module+offset, pml4[255].pdpt[3], sums and
 * differences. */
ATLAS_AVAILABLE gboolean atlas_session_parse_address (AtlasSession *session,
                                                      const char *text,
                                                      AtlasVa *va,
                                                      GError **error);

/* What a name stands for. */
typedef enum
{
  ATLAS_NAME_ADDRESS,
  ATLAS_NAME_PROCESS,
  ATLAS_NAME_FILE,
  ATLAS_NAME_SECTION,
} AtlasNameKind;

typedef struct
{
  char *name; /* "$a" */
  AtlasNameKind kind;
  AtlasProcess *process; /* borrowed; NULL for other kinds */
  char *of;              /* what people call it: a program, a file; NULL for others */
} AtlasName;

/* Of AtlasName, in alphabetical order. Good until the next command. (transfer full) */
ATLAS_AVAILABLE GArray *atlas_session_list_names (AtlasSession *session);

/* Whole words that could stand where the last, unfinished word of @text_before_cursor stands; none
 * where only a number or a new name fits. (transfer full) */
ATLAS_AVAILABLE char **atlas_session_complete (AtlasSession *session,
                                               const char *text_before_cursor);

/* A session of its own that has run the first @position commands of this one: the same machine at
 * another moment. NULL and @error when the host lacks the memory. Cost: as one undo; what the
 * commands said is shared. */
ATLAS_AVAILABLE AtlasSession *
atlas_session_copy (const AtlasSession *session, guint position, GError **error);

/* The journal up to the position as a scenario file. (transfer full) */
ATLAS_AVAILABLE char *atlas_session_to_text (const AtlasSession *session);

/* One verb of the vocabulary, for help, completion and the manual. */
typedef struct
{
  const char *name;    /* "alloc" */
  const char *usage;   /* "alloc [$NAME =] [ADDRESS] SIZE FLAGS PROTECTION" */
  const char *summary; /* one line */
} AtlasVerb;

ATLAS_AVAILABLE const AtlasVerb *atlas_session_get_verbs (guint *n_verbs);

G_END_DECLS
