/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/task.h"

#include <glib/gi18n.h>

#include "lists/region-operation.h"

#define NEW_SECTION ""
#define FROM_FILE "file"
#define PROTECT "protect"

/* ---- the table --------------------------------------------------------------------------------
 */

#define ADDRESS_FIELD                                                                              \
  {                                                                                                \
    ATLAS_FIELD_ADDRESS, ATLAS_FIELD_KIND_TEXT, N_ ("Address (empty: Windows chooses)"),           \
      N_ ("A multiple of 64 KB; it may be an expression such as $buffer+1M"), ""                   \
  }
#define VIEW_FIELDS                                                                                  \
  { ATLAS_FIELD_OFFSET,                                                                              \
    ATLAS_FIELD_KIND_TEXT,                                                                           \
    N_ ("Offset in the section"),                                                                    \
    N_ ("Where the view begins: a multiple of 64 KB"),                                               \
    "",                                                                                              \
    .is_further = TRUE },                                                                            \
    { ATLAS_FIELD_VIEW_SIZE,                                                                         \
      ATLAS_FIELD_KIND_TEXT,                                                                         \
      N_ ("Size of the view (empty: up to the end)"),                                                \
      N_ ("Taken up to whole pages"),                                                                \
      "",                                                                                            \
      .is_further = TRUE },                                                                          \
    { ATLAS_FIELD_VIEW_PROTECTION, ATLAS_FIELD_KIND_CHOICE, N_ ("Protection of the view"), NULL, "", \
      .is_further = TRUE },                                                                          \
  {                                                                                                  \
    ATLAS_FIELD_TOP_DOWN, ATLAS_FIELD_KIND_SWITCH, N_ ("Top down"),                                  \
      N_ ("MEM_TOP_DOWN: at the highest address that is free"), "no", .is_further = TRUE             \
  }

static const AtlasField map_section_fields[] = {
  { ATLAS_FIELD_SECTION, ATLAS_FIELD_KIND_CHOICE, N_ ("Section"), NULL, NEW_SECTION },
  { ATLAS_FIELD_SECTION_SIZE,
    ATLAS_FIELD_KIND_TEXT,
    N_ ("Size (K, M, G, T)"),
    N_ ("Of the new section; taken up to whole pages"),
    "64K",
    ATLAS_FIELD_SECTION,
    NEW_SECTION },
  { ATLAS_FIELD_SECTION_PROTECTION,
    ATLAS_FIELD_KIND_CHOICE,
    N_ ("Protection"),
    NULL,
    "readwrite",
    ATLAS_FIELD_SECTION,
    NEW_SECTION },
  { ATLAS_FIELD_SECTION_KIND,
    ATLAS_FIELD_KIND_CHOICE,
    N_ ("Pages"),
    NULL,
    "",
    ATLAS_FIELD_SECTION,
    NEW_SECTION },
  ADDRESS_FIELD,
  VIEW_FIELDS,
  { ATLAS_FIELD_NONE },
};

static const AtlasField map_file_fields[] = {
  { ATLAS_FIELD_FILE, ATLAS_FIELD_KIND_FILE, N_ ("File"), NULL, "" },
  { ATLAS_FIELD_READ_ONLY,
    ATLAS_FIELD_KIND_SWITCH,
    N_ ("Read-only"),
    N_ ("Opened without the right to write; the file itself is never written"),
    "yes" },
  ADDRESS_FIELD,
  VIEW_FIELDS,
  { ATLAS_FIELD_NONE },
};

static const AtlasField load_image_fields[] = {
  { ATLAS_FIELD_FILE, ATLAS_FIELD_KIND_FILE, N_ ("Program file (DLL or EXE)"), NULL, "" },
  { ATLAS_FIELD_NONE },
};

static const AtlasField change_pages_fields[] = {
  { ATLAS_FIELD_CHANGE, ATLAS_FIELD_KIND_CHOICE, N_ ("Change"), NULL, PROTECT },
  { ATLAS_FIELD_ADDRESS,
    ATLAS_FIELD_KIND_TEXT,
    N_ ("Address"),
    N_ ("Taken down to a whole page; it may be an expression such as $buffer+1M"),
    "" },
  { ATLAS_FIELD_VIEW_SIZE,
    ATLAS_FIELD_KIND_TEXT,
    N_ ("Size (K, M, G, T)"),
    N_ ("Taken up to whole pages"),
    "4K" },
  { ATLAS_FIELD_PAGES_PROTECTION,
    ATLAS_FIELD_KIND_CHOICE,
    N_ ("Protection"),
    NULL,
    "readwrite",
    ATLAS_FIELD_CHANGE,
    PROTECT },
  { ATLAS_FIELD_MODIFIER,
    ATLAS_FIELD_KIND_CHOICE,
    N_ ("Modifier"),
    NULL,
    "",
    ATLAS_FIELD_CHANGE,
    PROTECT },
  { ATLAS_FIELD_NONE },
};

#define PROGRAM_SWITCH(id, title, help, value)                                                     \
  {                                                                                                \
    id, ATLAS_FIELD_KIND_SWITCH, title, help, value, ATLAS_FIELD_PROGRAM_KIND, "", TRUE            \
  }
#define POLICY_SWITCH(id, title, help, value)                                                      \
  {                                                                                                \
    id, ATLAS_FIELD_KIND_SWITCH, title, help, value, ATLAS_FIELD_NONE, NULL, TRUE                  \
  }

static const AtlasField start_process_fields[] = {
  { ATLAS_FIELD_PROGRAM_KIND, ATLAS_FIELD_KIND_CHOICE, N_ ("Program"), NULL, "" },
  { ATLAS_FIELD_PROGRAM,
    ATLAS_FIELD_KIND_TEXT,
    N_ ("Name"),
    NULL,
    "demo.exe",
    ATLAS_FIELD_PROGRAM_KIND,
    "" },
  { ATLAS_FIELD_FILE,
    ATLAS_FIELD_KIND_FILE,
    N_ ("Program file (EXE)"),
    N_ ("Its header decides the switches"),
    "",
    ATLAS_FIELD_PROGRAM_KIND,
    FROM_FILE },
  { ATLAS_FIELD_BITS,
    ATLAS_FIELD_KIND_CHOICE,
    N_ ("Addresses"),
    NULL,
    "",
    ATLAS_FIELD_PROGRAM_KIND,
    "" },
  { ATLAS_FIELD_MACHINE,
    ATLAS_FIELD_KIND_CHOICE,
    N_ ("Code"),
    NULL,
    "",
    ATLAS_FIELD_PROGRAM_KIND,
    "" },
  PROGRAM_SWITCH (ATLAS_FIELD_LARGE_ADDRESS_AWARE,
                  N_ ("Large address aware"),
                  N_ ("/LARGEADDRESSAWARE: without it the program gets 2 GB"),
                  "yes"),
  PROGRAM_SWITCH (ATLAS_FIELD_HIGH_ENTROPY,
                  N_ ("High entropy"),
                  N_ ("/HIGHENTROPYVA: addresses are drawn from a larger range"),
                  "yes"),
  PROGRAM_SWITCH (ATLAS_FIELD_DYNAMIC_BASE,
                  N_ ("Dynamic base"),
                  N_ ("/DYNAMICBASE: the program's own place is drawn too"),
                  "yes"),
  PROGRAM_SWITCH (ATLAS_FIELD_BARE,
                  N_ ("Bare"),
                  N_ ("Only what the kernel puts into every process: no program, DLLs or heap"),
                  "no"),
  POLICY_SWITCH (ATLAS_FIELD_MANDATORY,
                 N_ ("Mandatory randomization"),
                 N_ ("Policy: programs without a dynamic base are moved too"),
                 "no"),
  POLICY_SWITCH (ATLAS_FIELD_BOTTOM_UP,
                 N_ ("Bottom-up randomization"),
                 N_ ("Policy: heaps, stacks and all that goes to the lowest free address"),
                 "yes"),
  POLICY_SWITCH (ATLAS_FIELD_LOCK_MEMORY,
                 N_ ("May lock memory"),
                 N_ ("SeLockMemoryPrivilege: large pages, and physical memory of its own"),
                 "no"),
  { ATLAS_FIELD_NONE },
};

static const AtlasField process_fields[] = {
  { ATLAS_FIELD_PROCESS, ATLAS_FIELD_KIND_CHOICE, N_ ("Process"), NULL, NULL },
  { ATLAS_FIELD_NONE },
};

static const AtlasField time_fields[] = {
  { ATLAS_FIELD_DURATION,
    ATLAS_FIELD_KIND_TEXT,
    N_ ("How long (ns, us, ms, s, m, h)"),
    N_ (
      "Once a second pages age and modified ones are written; freed ones are zeroed all the time"),
    "1s" },
  { ATLAS_FIELD_NONE },
};

static const AtlasTaskInfo infos[] = {
  [ATLAS_TASK_MAP_SECTION] = { N_ ("Map a Section"),
                               N_ ("_Map"),
                               N_ ("View"),
                               map_section_fields,
                               TRUE },
  [ATLAS_TASK_MAP_FILE] = { N_ ("Map a File"), N_ ("_Map"), N_ ("View"), map_file_fields, TRUE },
  [ATLAS_TASK_LOAD_IMAGE] = { N_ ("Load an Image"), N_ ("_Load"), NULL, load_image_fields, FALSE },
  [ATLAS_TASK_CHANGE_PAGES] = { N_ ("Change Pages"),
                                N_ ("_Change"),
                                NULL,
                                change_pages_fields,
                                .keeps_place = TRUE },
  [ATLAS_TASK_START_PROCESS] = { N_ ("Start a Process"),
                                 N_ ("_Start"),
                                 N_ ("Switches and Policies"),
                                 start_process_fields,
                                 FALSE },
  [ATLAS_TASK_CHOOSE_PROCESS] = { N_ ("Choose the Current Process"),
                                  N_ ("_Choose"),
                                  NULL,
                                  process_fields,
                                  FALSE },
  [ATLAS_TASK_TRIM] = { N_ ("Trim a Working Set"), N_ ("_Trim"), NULL, process_fields, FALSE },
  [ATLAS_TASK_LET_TIME_PASS] = { N_ ("Let Time Pass"), N_ ("_Tick"), NULL, time_fields, FALSE },
};

_Static_assert(G_N_ELEMENTS (infos) == ATLAS_N_TASKS, "one row a task");

const AtlasTaskInfo *
atlas_task_get_info (AtlasTask task)
{
  g_return_val_if_fail (task < ATLAS_N_TASKS, NULL);

  return &infos[task];
}

gboolean
atlas_field_is_shown (const AtlasField *field, const AtlasTaskValues *values)
{
  return field->shown_by == ATLAS_FIELD_NONE ||
         g_strcmp0 (values->texts[field->shown_by], field->shown_by_word) == 0;
}

const char *
atlas_task_refuse (AtlasTask task, AtlasDocument *document)
{
  AtlasSession *session = atlas_document_get_session (document);

  if (session == NULL)
    return _ ("A dump is a picture of one moment: only a simulation can be changed.");
  if (atlas_session_get_system (session) == NULL && atlas_session_get_mmu (session) != NULL)
    return _ ("This machine has no operating system.");
  if (task != ATLAS_TASK_START_PROCESS && task != ATLAS_TASK_LET_TIME_PASS &&
      atlas_session_get_process (session) == NULL)
    return _ ("There is no process yet.");
  return NULL;
}

/* ---- choices ----------------------------------------------------------------------------------
 */

/* In every list of protections that sections know. */
static const AtlasFieldChoice protections[] = {
  { "readonly", "PAGE_READONLY" },
  { "readwrite", "PAGE_READWRITE" },
  { "writecopy", "PAGE_WRITECOPY" },
  { "execute_read", "PAGE_EXECUTE_READ" },
  { "execute_readwrite", "PAGE_EXECUTE_READWRITE" },
  { "execute_writecopy", "PAGE_EXECUTE_WRITECOPY" },
};

static const AtlasFieldChoice section_kinds[] = {
  { "", N_ ("Committed at once") },
  { "reserve", N_ ("Reserved; committed later") },
};

static const AtlasFieldChoice changes[] = {
  { PROTECT, N_ ("Protection") },
  { "decommit", N_ ("Decommit") },
};

static const AtlasFieldChoice modifiers[] = {
  { "", N_ ("None") },
  { "guard", "PAGE_GUARD" },
  { "nocache", "PAGE_NOCACHE" },
  { "writecombine", "PAGE_WRITECOMBINE" },
};

static const AtlasFieldChoice program_kinds[] = {
  { "", N_ ("Made up") },
  { FROM_FILE, N_ ("From a file") },
};

static const AtlasFieldChoice bits[] = {
  { "", N_ ("64 bits") },
  { "32", N_ ("32 bits") },
};

static const AtlasFieldChoice machines[] = {
  { "", N_ ("x64, or x86") },
  { "arm64", N_ ("ARM64") },
};

static void
add_choice (GPtrArray *words, GPtrArray *names, const char *word, char *name)
{
  g_ptr_array_add (words, g_strdup (word));
  g_ptr_array_add (names, name);
}

static void
add_choices (GPtrArray *words, GPtrArray *names, const AtlasFieldChoice *choices, guint n_choices)
{
  for (guint i = 0; i < n_choices; i++)
    add_choice (words,
                names,
                choices[i].word,
                g_strdup (*choices[i].name != '\0' ? _ (choices[i].name) : ""));
}

static void
add_sections (GPtrArray *words, GPtrArray *names, AtlasSession *session)
{
  g_autoptr (GArray) known = atlas_session_list_names (session);

  add_choice (words, names, NEW_SECTION, g_strdup (_ ("New, of the paging file")));
  for (guint i = 0; i < known->len; i++)
    {
      const AtlasName *name = &g_array_index (known, AtlasName, i);

      if (name->kind != ATLAS_NAME_SECTION)
        continue;
      /* Translators: a section's name such as "$s", then its file's name. */
      add_choice (words,
                  names,
                  name->name,
                  name->of != NULL ? g_strdup_printf (_ ("%s, of %s"), name->name, name->of)
                                   : g_strdup (name->name));
    }
}

/* What a command calls @process: its name, or its number. */
static char *
get_process_word (const GArray *known, const AtlasProcess *process)
{
  for (guint i = 0; i < known->len; i++)
    if (g_array_index (known, AtlasName, i).process == process)
      return g_strdup (g_array_index (known, AtlasName, i).name);
  return g_strdup_printf ("%u", atlas_process_get_id (process));
}

static void
add_processes (GPtrArray *words, GPtrArray *names, AtlasSession *session)
{
  g_autoptr (GArray) known = atlas_session_list_names (session);
  AtlasSystem *system = atlas_session_get_system (session);
  guint n_processes = system != NULL ? atlas_system_get_n_processes (system) : 0;

  for (guint i = 0; i < n_processes; i++)
    {
      AtlasProcess *process = atlas_system_get_process (system, i);
      g_autofree char *word = get_process_word (known, process);

      /* Translators: a program's name and the number of its process. */
      add_choice (words,
                  names,
                  word,
                  g_strdup_printf (_ ("%s, %u"),
                                   atlas_process_get_name (process),
                                   atlas_process_get_id (process)));
    }
}

void
atlas_field_list_choices (AtlasFieldId id,
                          AtlasDocument *document,
                          GPtrArray **words,
                          GPtrArray **names)
{
  AtlasSession *session = atlas_document_get_session (document);

  *words = g_ptr_array_new_with_free_func (g_free);
  *names = g_ptr_array_new_with_free_func (g_free);
  if (id == ATLAS_FIELD_SECTION && session != NULL)
    add_sections (*words, *names, session);
  else if (id == ATLAS_FIELD_PROCESS && session != NULL)
    add_processes (*words, *names, session);
  else if (id == ATLAS_FIELD_SECTION_PROTECTION)
    add_choices (*words, *names, protections, G_N_ELEMENTS (protections));
  else if (id == ATLAS_FIELD_VIEW_PROTECTION)
    {
      add_choice (*words, *names, "", g_strdup (_ ("As the section's")));
      add_choices (*words, *names, protections, G_N_ELEMENTS (protections));
    }
  else if (id == ATLAS_FIELD_PAGES_PROTECTION)
    for (guint i = 0; i < ATLAS_N_PROTECTION_CHOICES; i++)
      {
        const AtlasProtectionChoice *choice = atlas_protection_choice_get (i);

        add_choice (*words, *names, choice->word, g_strdup (choice->name));
      }
  else if (id == ATLAS_FIELD_CHANGE)
    add_choices (*words, *names, changes, G_N_ELEMENTS (changes));
  else if (id == ATLAS_FIELD_MODIFIER)
    add_choices (*words, *names, modifiers, G_N_ELEMENTS (modifiers));
  else if (id == ATLAS_FIELD_SECTION_KIND)
    add_choices (*words, *names, section_kinds, G_N_ELEMENTS (section_kinds));
  else if (id == ATLAS_FIELD_PROGRAM_KIND)
    add_choices (*words, *names, program_kinds, G_N_ELEMENTS (program_kinds));
  else if (id == ATLAS_FIELD_BITS)
    add_choices (*words, *names, bits, G_N_ELEMENTS (bits));
  else if (id == ATLAS_FIELD_MACHINE)
    add_choices (*words, *names, machines, G_N_ELEMENTS (machines));
}

/* The selected page, as it is. (transfer full) (nullable) */
static char *
suggest_page (AtlasFieldId id, AtlasDocument *document)
{
  const AtlasRegion *region = atlas_document_get_selected_region (document);

  if (region == NULL)
    return NULL;
  if (id == ATLAS_FIELD_ADDRESS)
    return atlas_format_hex (atlas_page_floor (atlas_document_get_selected_va (document)));
  if (id == ATLAS_FIELD_PAGES_PROTECTION)
    return g_strdup (atlas_protection_choice_get (atlas_protection_choice_suggest (region))->word);
  return NULL;
}

char *
atlas_task_suggest (AtlasTask task, const AtlasField *field, AtlasDocument *document)
{
  AtlasSession *session = atlas_document_get_session (document);
  AtlasProcess *process = session != NULL ? atlas_session_get_process (session) : NULL;
  g_autoptr (GArray) known = NULL;
  AtlasSystem *system;
  guint n_processes;
  guint chosen = 0;

  if (task == ATLAS_TASK_CHANGE_PAGES)
    {
      char *page = suggest_page (field->id, document);

      return page != NULL ? page : g_strdup (field->value);
    }
  if (field->id != ATLAS_FIELD_PROCESS || process == NULL)
    return g_strdup (field->value != NULL ? field->value : "");

  known = atlas_session_list_names (session);
  system = atlas_session_get_system (session);
  n_processes = atlas_system_get_n_processes (system);
  while (atlas_system_get_process (system, chosen) != process)
    chosen++;
  if (task == ATLAS_TASK_CHOOSE_PROCESS)
    chosen = (chosen + 1u) % n_processes;
  return get_process_word (known, atlas_system_get_process (system, chosen));
}
