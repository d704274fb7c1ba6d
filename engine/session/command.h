/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasCommand: one sentence of the vocabulary, read but not yet done.
 *
 *   text ──parse──► verb + arguments ──format──► canonical text
 *                         │
 *                         └──atlas_machine_run()──► result
 *
 * Each verb is a row of one table: its parameters in order. Reading, writing and completing a
 * command all follow that row, so they cannot disagree.
 */

#include "session/session.h"
#include "paging/tlb.h"
#include "windows/virtual.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_VERB_SYSTEM,
  ATLAS_VERB_MACHINE,
  ATLAS_VERB_FRAME,
  ATLAS_VERB_PUT,
  ATLAS_VERB_PROCESS,
  ATLAS_VERB_SELECT,
  ATLAS_VERB_TERMINATE,
  ATLAS_VERB_ALLOC,
  ATLAS_VERB_RESERVE,
  ATLAS_VERB_COMMIT,
  ATLAS_VERB_DECOMMIT,
  ATLAS_VERB_RELEASE,
  ATLAS_VERB_FREE,
  ATLAS_VERB_PROTECT,
  ATLAS_VERB_QUERY,
  ATLAS_VERB_READ,
  ATLAS_VERB_WRITE,
  ATLAS_VERB_EXECUTE,
  ATLAS_VERB_TICK,
  ATLAS_VERB_MSR,
  ATLAS_VERB_WRMSR,
  ATLAS_VERB_ENTRY,
  ATLAS_VERB_INVLPG,
  ATLAS_VERB_CR3,
  ATLAS_VERB_CONTROL,
  ATLAS_VERB_TLB,
  ATLAS_VERB_COUNTERS,
  ATLAS_VERB_PAGEFILE,
  ATLAS_VERB_WORKINGSET,
  ATLAS_VERB_TRIM,
  ATLAS_VERB_LOCK,
  ATLAS_VERB_UNLOCK,
  ATLAS_VERB_RESET,
  ATLAS_VERB_RESET_UNDO,
  ATLAS_VERB_OFFER,
  ATLAS_VERB_RECLAIM,
  ATLAS_VERB_DISCARD,
  ATLAS_VERB_PREFETCH,
  ATLAS_VERB_PRIORITY,
  ATLAS_VERB_HOLD,
  ATLAS_VERB_UNHOLD,
  ATLAS_VERB_FAIL,
  ATLAS_VERB_REPAIR,
  ATLAS_VERB_WHERE,
  ATLAS_VERB_MEMORY,
  ATLAS_VERB_MEMLIST,
  ATLAS_VERB_FILE,
  ATLAS_VERB_SECTION,
  ATLAS_VERB_MAP,
  ATLAS_VERB_UNMAP,
  ATLAS_VERB_LOAD,
  ATLAS_VERB_EXTEND,
  ATLAS_VERB_CLOSE,
  ATLAS_VERB_VIEW,
  ATLAS_VERB_IMAGE,
  ATLAS_VERB_PLACEHOLDER,
  ATLAS_VERB_SPLIT,
  ATLAS_VERB_COALESCE,
  ATLAS_VERB_REPLACE,
  ATLAS_VERB_WATCH,
  ATLAS_VERB_RESET_WATCH,
  ATLAS_VERB_AWE,
  ATLAS_VERB_AWE_MAP,
  ATLAS_VERB_AWE_UNMAP,
  ATLAS_VERB_AWE_FREE,
  ATLAS_VERB_COPY,
  ATLAS_VERB_PROBE,
  ATLAS_VERB_REGION,
  ATLAS_VERB_ROOM,
  ATLAS_VERB_WHY,
  ATLAS_VERB_CHECK,
  ATLAS_VERB_ALPHA,
  ATLAS_N_VERBS,
} AtlasVerbId;

/* What a verb does to the machine, and so whether the journal keeps it. */
typedef enum
{
  ATLAS_EFFECT_LOOK,   /* nothing: never kept */
  ATLAS_EFFECT_CHANGE, /* something, when it succeeds: kept then */
  ATLAS_EFFECT_ACCESS, /* even a failed one leaves its marks: always kept */
} AtlasVerbEffect;

/* At most what one access may touch. */
#define ATLAS_ACCESS_BYTES_MAX ATLAS_KB (64)

typedef struct
{
  AtlasVerbId verb;
  guint line;   /* in the scenario; 0 for one typed or clicked */
  guint column; /* of the verb */

  char *name; /* "$a": what is bound, or the process that is meant; NULL without */
  guint name_column;
  char *address; /* an expression; NULL without */
  guint address_column;
  guint64 size_bytes;     /* 0 without */
  guint64 maximum_bytes;  /* 0 without */
  guint32 page_priority;   /* 0 … 5 */
  guint32 list_command;    /* AtlasMemoryListCommand */
  guint32 offer_priority; /* AtlasOfferPriority */
  gboolean is_hard;
  AtlasAddressRequirements limits; /* all 0 without */
  guint64 zero_bits;
  gboolean has_switch; /* the one word that the verb may have: huge_pages, write, reset,
                        * user_root */
  char *target;        /* an expression: where a copy goes */
  guint target_column;
  guint32 allocation_type; /* MEM_* */
  guint32 protect;         /* PAGE_* */
  gboolean has_value;
  guint64 value;
  gboolean is_supervisor;
  guint64 duration_100ns;
  guint32 msr;
  guint level;            /* of the entry, 1 … 5 */
  guint32 control_mask;   /* bits of atlas_control_words that are given … */
  guint32 control_values; /* … and those of them that are yes */
  gboolean has_pkru;
  guint32 pkru;
  const AtlasTlbProfile *tlb_profile;
  char *program; /* of file and load: a path */
  char *object;  /* "$s": a file or a section; NULL without */
  guint object_column;
  guint32 section_attributes; /* SEC_* */
  guint64 section_offset;
  guint32 made_machine; /* of a made-up image; 0 without */
  gboolean is_made_up;
  gboolean is_read_only;
  AtlasSystemOptions system_options;
  AtlasProcessOptions process_options; /* its name is not set: see program */
} AtlasCommand;

/* Reads one command; blanks and a comment around it are allowed. @error_column: where it is wrong,
 * in characters from 1. */
AtlasCommand *atlas_command_parse (const char *line, guint *error_column, GError **error);
void atlas_command_free (AtlasCommand *command);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasCommand, atlas_command_free)

/* (transfer full) */
char *atlas_command_format (const AtlasCommand *command);
AtlasVerbEffect atlas_verb_get_effect (AtlasVerbId verb);
const char *atlas_verb_get_name (AtlasVerbId verb);

/* What may stand where @line ends: whole words that begin with its last, unfinished word. @names:
 * bound names, NULL-terminated. (transfer full) */
char **atlas_command_complete (const char *line, const char *const *names);

G_END_DECLS
