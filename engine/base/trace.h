/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasTrace: the story of one access as typed events, in the order in which
 * they happened.
 *
 *   PML4E 255   read 001aa7f8 → 0000000003c11867
 *   PDPTE 484   read 03c11f20 → …
 *   PTE 280     not present
 *   #PF         error code 0x14
 *   VAD tree    7 nodes compared → private, READWRITE
 *   …
 *   Done        physical 12a45a3c
 *
 * An event is a pointer to a constant kind and up to eight 64-bit values. The
 * kind lives in the room that emits the event and carries all its words, so
 * this room need not know what a PTE or a VAD is:
 *
 *   kind ─► id, role, title "{level} {index}", detail "read {pa} → {entry}",
 *           explain "…", and for each value its name and how to print it
 *
 * Templates name values in braces. There is no second account of an access:
 * the stepper, the command line, the event list and the tests all read this.
 */

#include "base/types.h"

G_BEGIN_DECLS

#define ATLAS_TRACE_VALUES 8

/* What an event touches: the colour of its mark, and what lights up beside it. */
typedef enum
{
  ATLAS_TRACE_ROLE_START,     /* the access itself */
  ATLAS_TRACE_ROLE_CACHE,     /* TLB or paging-structure cache */
  ATLAS_TRACE_ROLE_ENTRY,     /* a table entry read */
  ATLAS_TRACE_ROLE_WRITE,     /* a table entry written */
  ATLAS_TRACE_ROLE_FAULT,     /* the processor gives up: #PF, #GP, #SS */
  ATLAS_TRACE_ROLE_VAD,       /* the operating system looks the address up */
  ATLAS_TRACE_ROLE_FRAME,     /* a page frame changes its state */
  ATLAS_TRACE_ROLE_RETRY,     /* the instruction starts again */
  ATLAS_TRACE_ROLE_DONE,      /* the access succeeded */
  ATLAS_TRACE_ROLE_EXCEPTION, /* the program is told */
} AtlasTraceRole;

/* Prints one value; the result is the caller's. */
typedef char *(*AtlasTraceFormat) (guint64 value);

typedef struct
{
  const char *name;
  AtlasTraceFormat format;
} AtlasTraceField;

typedef struct
{
  const char *id;      /* stable, for scripts: "entry-read" */
  AtlasTraceRole role;
  const char *title;   /* template, a few words */
  const char *detail;  /* template, one line; may be NULL */
  const char *explain; /* template, one to three sentences; may be NULL */
  AtlasTraceField fields[ATLAS_TRACE_VALUES];
} AtlasTraceKind;

typedef struct
{
  const AtlasTraceKind *kind;
  guint64 values[ATLAS_TRACE_VALUES];
} AtlasTraceEvent;

typedef struct _AtlasTrace AtlasTrace;

/* Appends an event. @trace may be NULL: nobody listens, and nothing is allocated.
 * The values follow in the order of the kind's fields. */
#define ATLAS_TRACE(trace, kind, ...)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if ((trace) != NULL)                                                                           \
      *atlas_trace_add ((trace),                                                                   \
                        (kind),                                                                    \
                        (guint) G_N_ELEMENTS (((const guint64[]) { __VA_ARGS__ }))) =              \
        (AtlasTraceEvent){ (kind), { __VA_ARGS__ } };                                              \
  }                                                                                                \
  G_STMT_END

ATLAS_AVAILABLE AtlasTrace *atlas_trace_new (void);
ATLAS_AVAILABLE AtlasTrace *atlas_trace_ref (AtlasTrace *trace);
ATLAS_AVAILABLE void atlas_trace_unref (AtlasTrace *trace);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasTrace, atlas_trace_unref)

/* Forgets all events, keeps the storage. */
ATLAS_AVAILABLE void atlas_trace_clear (AtlasTrace *trace);
/* The next event, which the caller writes at once, in place: an event of @kind, whose fields are
 * @n_values. Use ATLAS_TRACE(). */
ATLAS_AVAILABLE AtlasTraceEvent *
atlas_trace_add (AtlasTrace *trace, const AtlasTraceKind *kind, guint n_values);

ATLAS_AVAILABLE guint atlas_trace_get_n_events (const AtlasTrace *trace);
/* Borrowed; valid until the trace changes. @index < n_events. */
ATLAS_AVAILABLE const AtlasTraceEvent *atlas_trace_get_event (const AtlasTrace *trace, guint index);

/* Reads the value called @name; FALSE when this kind has none of that name. */
ATLAS_AVAILABLE gboolean
atlas_trace_event_get (const AtlasTraceEvent *event, const char *name, guint64 *value);
/* The value called @name as text, or NULL. (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_event_dup_value (const AtlasTraceEvent *event, const char *name);
/* These three in the language of the reader, as base/translation.h says. */
ATLAS_AVAILABLE char *atlas_trace_event_dup_title (const AtlasTraceEvent *event);
/* NULL where the kind has no such template. (transfer full) (nullable) */
ATLAS_AVAILABLE char *atlas_trace_event_dup_detail (const AtlasTraceEvent *event);
ATLAS_AVAILABLE char *atlas_trace_event_dup_explain (const AtlasTraceEvent *event);
ATLAS_AVAILABLE const char *atlas_trace_role_get_name (AtlasTraceRole role);

/* Formats that need no other room. */
ATLAS_AVAILABLE char *atlas_trace_format_va (guint64 value);      /* 00007ff9`0f718a3c */
ATLAS_AVAILABLE char *atlas_trace_format_pa (guint64 value);      /* 3c11f20 */
ATLAS_AVAILABLE char *atlas_trace_format_entry (guint64 value);   /* 16 hex digits */
ATLAS_AVAILABLE char *atlas_trace_format_hex (guint64 value);     /* 0x14 */
ATLAS_AVAILABLE char *atlas_trace_format_decimal (guint64 value); /* 280 */
ATLAS_AVAILABLE char *atlas_trace_format_size (guint64 value);    /* 64 KB */
ATLAS_AVAILABLE char *
atlas_trace_format_literal (guint64 value); /* a pointer to a constant string */

G_END_DECLS
