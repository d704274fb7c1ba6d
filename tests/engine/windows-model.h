/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A slow, obvious model of reserving, committing, protecting, mapping and touching: one plain
 * record for each page of 4 MB of address space in each of two processes, and one for each page of
 * a section. The rules are those of Microsoft Learn (VirtualAlloc, VirtualAlloc2, VirtualFree,
 * VirtualProtect, MapViewOfFile3) and of Wine's tests, dlls/kernel32/tests/virtual.c and
 * dlls/ntdll/tests/virtual.c, not those of the engine's code. */

#include "windows/protection.h"
#include "windows/section-object.h"
#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define N_PAGES 1024u
#define SLOT_PAGES 16u
#define END (BASE + N_PAGES * ATLAS_PAGE_BYTES)
#define N_PROCESSES 2u
/* Bytes of a page that are written and read: its first, one inside, its last. */
#define N_SPOTS 3u
extern const guint16 model_spot_offsets[N_SPOTS];

typedef enum
{
  COMMAND_RESERVE,
  COMMAND_RESERVE_COMMIT,
  COMMAND_COMMIT,
  COMMAND_DECOMMIT,
  COMMAND_RELEASE,
  COMMAND_PROTECT,
  COMMAND_READ,
  COMMAND_WRITE,
  COMMAND_EXECUTE,
  COMMAND_TRIM,  /* all pages leave the working set */
  COMMAND_TICK,  /* a second: pages are written, frames zeroed */
  COMMAND_FLUSH, /* all modified pages are written */
  COMMAND_PURGE, /* all standby pages lose their frames */
  COMMAND_PLACEHOLDER,
  COMMAND_SPLIT, /* MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER */
  COMMAND_COALESCE,
  COMMAND_REPLACE,
  COMMAND_REPLACE_COMMIT,
  COMMAND_SECTION,
  COMMAND_CLOSE,
  COMMAND_MAP,
  COMMAND_MAP_REPLACE,
  COMMAND_UNMAP,
  COMMAND_UNMAP_PRESERVE,
  /* Of readable and writable pages alone; what becomes of the last two's contents is open. */
  COMMAND_LOCK,
  COMMAND_UNLOCK,
  COMMAND_RESET,
  COMMAND_DISCARD,
  N_COMMAND_KINDS,
} CommandKind;

typedef struct
{
  CommandKind kind;
  guint process;
  guint handle;
  AtlasVa va;
  guint64 offset; /* in a section */
  guint64 size_bytes;
  guint32 protect;
  guint8 value;
} Command;

/* The sections that there are handles for; which exist, the commands decide. */
#define N_HANDLES 6u
#define FILE_HANDLE 5u
#define FILE_PAGES 24u
#define MAX_SECTION_PAGES 48u

typedef struct
{
  guint n_pages;
  guint32 protect;
  gboolean is_reserve; /* SEC_RESERVE */
} HandleKind;

extern const HandleKind model_handles[N_HANDLES]; /* that of FILE_HANDLE is a file's */

typedef struct
{
  guint8 bytes[N_SPOTS];
  gboolean is_open[N_SPOTS]; /* what is read there may be anything */
} Contents;

typedef struct
{
  const HandleKind *kind; /* NULL: gone */
  gboolean has_handle;
  guint n_views;
  gboolean is_committed[MAX_SECTION_PAGES];
  Contents contents[MAX_SECTION_PAGES];
} Section;

#define MAX_SECTIONS 64u

typedef enum
{
  OWNER_NONE,
  OWNER_PRIVATE,
  OWNER_PLACEHOLDER,
  OWNER_VIEW,
} OwnerKind;

typedef struct
{
  OwnerKind kind;
  guint owner; /* alike for the pages of one allocation */
  gboolean has_replaced_placeholder;
  gboolean is_committed; /* of private pages; those of a view are the section's */
  guint32 protect;       /* … once committed */
  guint32 allocation_protect;
  Contents contents; /* of private pages, and of the own copy of a view's */
  Section *section;
  guint section_page;
  gboolean is_own; /* copied on write */
} Page;

/* What the model gets wrong on purpose. */
typedef enum
{
  WRONG_NOT,
  WRONG_GUARD,       /* a touch leaves a page guarded */
  WRONG_COPY,        /* what is written to a copy-on-write page goes to the section */
  WRONG_PLACEHOLDER, /* a part of a placeholder that is split off stays with the rest */
} Wrong;

typedef struct
{
  Page pages[N_PROCESSES][N_PAGES];
  Section sections[MAX_SECTIONS];
  Section *handles[N_HANDLES];
  Section file; /* outlives its handles and views */
  guint last_owner;
  Command last; /* that it has run */
  Wrong wrong;
} Model;

typedef struct
{
  AtlasStatus status;
  gboolean is_any_error; /* several things are wrong: which one is told is open */
  AtlasVa va;
  guint64 size_bytes;
  guint32 old_protect;
  guint8 byte;
  gboolean is_open;
} Answer;

static inline guint
page_of (AtlasVa va)
{
  return (guint) ((va - BASE) / ATLAS_PAGE_BYTES);
}

static inline AtlasVa
va_of (guint page)
{
  return BASE + page * ATLAS_PAGE_BYTES;
}

/* windows-model.c */

void model_start (Model *model, Wrong wrong);
gboolean model_is_file (const Section *section);
/* What a file that a scenario makes up holds: a count of 16 bits. */
guint8 model_get_file_byte (guint offset);

guint model_first_of_allocation (const Model *model, guint process, guint page);
guint model_last_of_allocation (const Model *model, guint process, guint page);
gboolean model_is_committed (const Page *page);
/* Whether it counts against the commit limit in its process. */
gboolean model_is_charged (const Page *page);
Contents *model_get_contents (Page *page);
gboolean model_is_legal (guint32 protect);
gboolean model_is_copy (guint32 protect);
/* Whether the model has an answer. */
gboolean model_knows (const Model *model, const Command *command);
void model_run (Model *model, const Command *command, Answer *answer);
/* What a query of the page must tell; a free run that leaves the window goes on for longer. */
void model_query (const Model *model, guint process, guint page, AtlasRegion *region);

/* windows-model-memory.c */

void model_allocate (Model *model, const Command *command, Answer *answer);
void model_free (Model *model, const Command *command, Answer *answer);
void model_placeholder (Model *model, const Command *command, Answer *answer);
void model_split (Model *model, const Command *command, Answer *answer);
void model_coalesce (Model *model, const Command *command, Answer *answer);

/* windows-model-sections.c */

void model_make_section (Model *model, const Command *command, Answer *answer);
void model_close_section (Model *model, const Command *command, Answer *answer);
void model_map (Model *model, const Command *command, Answer *answer);
void model_unmap (Model *model, const Command *command, Answer *answer);
/* Whether a view with the one protection can show pages with the other. */
gboolean model_view_grants (guint32 view_protect, guint32 protect);
void model_commit_view (Model *model, const Command *command, Answer *answer);

/* windows-model-commands.c */

void model_draw_command (const Model *model, Command *command);
/* One line of a scenario. What a scenario cannot say, as a comment. (transfer full) */
char *model_format_command (const Command *command);
