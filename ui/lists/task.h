/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What can be done to a simulation after a few questions, and the commands that do it.
 *
 *   fields of a task ──► values, as text ──► commands of the session's language
 *   Section  New           ""                  section $section = 64K readwrite
 *   Size     64K           "64K"               map $view = $section
 *
 * A row of a table each; a dialog asks for the values.
 */

#include "model/document.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_TASK_MAP_SECTION,
  ATLAS_TASK_MAP_FILE,
  ATLAS_TASK_LOAD_IMAGE,
  ATLAS_TASK_CHANGE_PAGES,
  ATLAS_TASK_START_PROCESS,
  ATLAS_TASK_CHOOSE_PROCESS,
  ATLAS_TASK_TRIM,
  ATLAS_TASK_LET_TIME_PASS,
  ATLAS_N_TASKS,
} AtlasTask;

/* Questions; several tasks ask the same one. */
typedef enum
{
  ATLAS_FIELD_NONE,
  ATLAS_FIELD_SECTION,
  ATLAS_FIELD_SECTION_SIZE,
  ATLAS_FIELD_SECTION_PROTECTION,
  ATLAS_FIELD_SECTION_KIND,
  ATLAS_FIELD_FILE,
  ATLAS_FIELD_READ_ONLY,
  ATLAS_FIELD_ADDRESS,
  ATLAS_FIELD_OFFSET,
  ATLAS_FIELD_VIEW_SIZE,
  ATLAS_FIELD_VIEW_PROTECTION,
  ATLAS_FIELD_TOP_DOWN,
  ATLAS_FIELD_CHANGE,
  ATLAS_FIELD_PAGES_PROTECTION,
  ATLAS_FIELD_MODIFIER,
  ATLAS_FIELD_PROGRAM_KIND,
  ATLAS_FIELD_PROGRAM,
  ATLAS_FIELD_BITS,
  ATLAS_FIELD_MACHINE,
  ATLAS_FIELD_LARGE_ADDRESS_AWARE,
  ATLAS_FIELD_HIGH_ENTROPY,
  ATLAS_FIELD_DYNAMIC_BASE,
  ATLAS_FIELD_MANDATORY,
  ATLAS_FIELD_BOTTOM_UP,
  ATLAS_FIELD_LOCK_MEMORY,
  ATLAS_FIELD_BARE,
  ATLAS_FIELD_PROCESS,
  ATLAS_FIELD_DURATION,
  ATLAS_N_FIELDS,
} AtlasFieldId;

typedef enum
{
  ATLAS_FIELD_KIND_TEXT,
  ATLAS_FIELD_KIND_FILE,   /* a path of the host */
  ATLAS_FIELD_KIND_CHOICE, /* one word of several */
  ATLAS_FIELD_KIND_SWITCH, /* "yes" or "no" */
} AtlasFieldKind;

typedef struct
{
  const char *word;
  const char *name; /* translated */
} AtlasFieldChoice;

typedef struct
{
  AtlasFieldId id;
  AtlasFieldKind kind;
  const char *title;         /* to be translated */
  const char *help;          /* likewise; NULL without */
  const char *value;         /* to begin with */
  AtlasFieldId shown_by;     /* asked only while that field … */
  const char *shown_by_word; /* … has this value; NONE and NULL: always */
  gboolean is_further;       /* among the questions that few people ask */
} AtlasField;

typedef struct
{
  const char *title;        /* to be translated */
  const char *agree;        /* of its button, with a mnemonic; likewise */
  const char *further;      /* heading of the further fields; likewise; NULL without */
  const AtlasField *fields; /* up to one whose id is NONE */
  gboolean has_place;       /* it takes addresses: slots of 64 KB matter */
  gboolean keeps_place;     /* what it changes has its addresses already */
} AtlasTaskInfo;

/* One a field, by its id; borrowed. What a task does not ask is NULL. */
typedef struct
{
  const char *texts[ATLAS_N_FIELDS];
} AtlasTaskValues;

const AtlasTaskInfo *atlas_task_get_info (AtlasTask task);
gboolean atlas_field_is_shown (const AtlasField *field, const AtlasTaskValues *values);

/* What can be chosen in a field of kind CHOICE now, of char * each: words, and names beside them.
 * Never empty where a task makes sense. (transfer full) */
void atlas_field_list_choices (AtlasFieldId id,
                               AtlasDocument *document,
                               GPtrArray **words,
                               GPtrArray **names);

/* What to propose in a field: its value to begin with; of processes the current one, or the next
 * one where it is to be chosen. (transfer full) */
char *atlas_task_suggest (AtlasTask task, const AtlasField *field, AtlasDocument *document);

/* The commands, a line each. NULL, @wrong and @error when a value cannot be read. (transfer full)
 */
char *atlas_task_compose (AtlasTask task,
                          const AtlasTaskValues *values,
                          AtlasSession *session,
                          AtlasFieldId *wrong,
                          GError **error);
/* NULL when it makes sense to ask; else why not, a translated sentence. */
const char *atlas_task_refuse (AtlasTask task, AtlasDocument *document);

G_END_DECLS
