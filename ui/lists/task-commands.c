/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/task.h"

#include <string.h>

#include <glib/gi18n.h>

#include "session/path.h"

/* Commands being put together. */
typedef struct
{
  const AtlasTaskValues *values;
  AtlasSession *session;
  GString *text;
  AtlasFieldId wrong;
} Composer;

static const char *
get_value (const Composer *composer, AtlasFieldId id)
{
  return composer->values->texts[id] != NULL ? composer->values->texts[id] : "";
}

static gboolean
is_on (const Composer *composer, AtlasFieldId id)
{
  return g_str_equal (get_value (composer, id), "yes");
}

/* A name that nothing has yet: "$view", "$view2" … (transfer full) */
static char *
make_name (const Composer *composer, const char *stem)
{
  g_autoptr (GArray) known = atlas_session_list_names (composer->session);

  for (guint n = 1;; n++)
    {
      g_autofree char *name =
        n == 1 ? g_strconcat ("$", stem, NULL) : g_strdup_printf ("$%s%u", stem, n);
      gboolean is_taken = FALSE;

      for (guint i = 0; i < known->len; i++)
        is_taken |= g_str_equal (g_array_index (known, AtlasName, i).name, name);
      if (!is_taken)
        return g_steal_pointer (&name);
    }
}

/* Appends @before and the size in the field; nothing when it is empty. */
static gboolean
append_size (Composer *composer, AtlasFieldId id, const char *before, GError **error)
{
  g_autofree char *typed = g_strstrip (g_strdup (get_value (composer, id)));
  g_autofree char *size = NULL;
  guint64 size_bytes;

  if (*typed == '\0')
    return TRUE;
  if (!atlas_parse_size (typed, &size_bytes, error))
    {
      composer->wrong = id;
      return FALSE;
    }
  size = atlas_format_size_exact (size_bytes);
  g_string_append_printf (composer->text, "%s%s", before, size);
  return TRUE;
}

static gboolean
append_address (Composer *composer, GError **error)
{
  g_autofree char *typed = g_strstrip (g_strdup (get_value (composer, ATLAS_FIELD_ADDRESS)));
  AtlasVa va;

  if (*typed == '\0')
    return TRUE;
  if (!atlas_session_parse_address (composer->session, typed, &va, error))
    {
      composer->wrong = ATLAS_FIELD_ADDRESS;
      return FALSE;
    }
  g_string_append_printf (composer->text, " 0x%" G_GINT64_MODIFIER "x", va);
  return TRUE;
}

static void
append_word (Composer *composer, AtlasFieldId id)
{
  const char *word = get_value (composer, id);

  if (*word != '\0')
    g_string_append_printf (composer->text, " %s", word);
}

/* The path as a word of a command; NULL and @error when there is none. (transfer full) */
static char *
format_path (Composer *composer, GError **error)
{
  g_autofree char *typed = g_strstrip (g_strdup (get_value (composer, ATLAS_FIELD_FILE)));
  g_autofree char *word = *typed != '\0' ? atlas_path_format (typed) : NULL;

  if (word != NULL)
    return g_steal_pointer (&word);
  if (*typed == '\0')
    {
      g_set_error_literal (error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("Choose a file."));
    }
  else
    {
      composer->wrong = ATLAS_FIELD_FILE;
      g_set_error_literal (error,
                           ATLAS_ERROR,
                           ATLAS_ERROR_PARSE,
                           _ ("A command cannot name this file: its path has quotes or control "
                              "characters."));
    }
  return NULL;
}

/* "map $view = $section 0x… readonly offset=64K" */
static gboolean
append_map (Composer *composer, const char *section, GError **error)
{
  g_autofree char *view = make_name (composer, "view");

  g_string_append_printf (composer->text, "map %s = %s", view, section);
  if (!append_address (composer, error))
    return FALSE;
  append_word (composer, ATLAS_FIELD_VIEW_PROTECTION);
  if (!append_size (composer, ATLAS_FIELD_OFFSET, " offset=", error) ||
      !append_size (composer, ATLAS_FIELD_VIEW_SIZE, " size=", error))
    return FALSE;
  if (is_on (composer, ATLAS_FIELD_TOP_DOWN))
    g_string_append (composer->text, " top_down");
  return TRUE;
}

static gboolean
compose_map_section (Composer *composer, GError **error)
{
  g_autofree char *section = g_strdup (get_value (composer, ATLAS_FIELD_SECTION));
  gsize n_before;

  if (*section != '\0')
    return append_map (composer, section, error);

  g_free (section);
  section = make_name (composer, "section");
  g_string_append_printf (composer->text, "section %s =", section);
  n_before = composer->text->len;
  if (!append_size (composer, ATLAS_FIELD_SECTION_SIZE, " ", error))
    return FALSE;
  if (composer->text->len == n_before)
    {
      composer->wrong = ATLAS_FIELD_SECTION_SIZE;
      g_set_error_literal (
        error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("A section of the paging file needs a size."));
      return FALSE;
    }
  append_word (composer, ATLAS_FIELD_SECTION_PROTECTION);
  append_word (composer, ATLAS_FIELD_SECTION_KIND);
  g_string_append_c (composer->text, '\n');
  return append_map (composer, section, error);
}

static gboolean
compose_map_file (Composer *composer, GError **error)
{
  g_autofree char *path = format_path (composer, error);
  g_autofree char *file = make_name (composer, "file");
  g_autofree char *section = make_name (composer, "section");

  if (path == NULL)
    return FALSE;
  g_string_append_printf (composer->text,
                          "file %s = %s%s\nsection %s = %s\n",
                          file,
                          path,
                          is_on (composer, ATLAS_FIELD_READ_ONLY) ? " readonly" : "",
                          section,
                          file);
  return append_map (composer, section, error);
}

static gboolean
compose_load_image (Composer *composer, GError **error)
{
  g_autofree char *path = format_path (composer, error);
  g_autofree char *image = make_name (composer, "image");

  if (path == NULL)
    return FALSE;
  g_string_append_printf (composer->text, "load %s = %s", image, path);
  return TRUE;
}

/* "protect 0x… 4K readwrite|guard" */
static gboolean
compose_change_pages (Composer *composer, GError **error)
{
  gboolean is_protect = g_str_equal (get_value (composer, ATLAS_FIELD_CHANGE), "protect");
  const char *modifier = get_value (composer, ATLAS_FIELD_MODIFIER);
  gsize n_before;

  g_string_append (composer->text, get_value (composer, ATLAS_FIELD_CHANGE));
  n_before = composer->text->len;
  if (!append_address (composer, error))
    return FALSE;
  if (composer->text->len == n_before)
    {
      composer->wrong = ATLAS_FIELD_ADDRESS;
      g_set_error_literal (
        error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("Which pages? An address is needed."));
      return FALSE;
    }
  n_before = composer->text->len;
  if (!append_size (composer, ATLAS_FIELD_VIEW_SIZE, " ", error))
    return FALSE;
  if (composer->text->len == n_before)
    {
      composer->wrong = ATLAS_FIELD_VIEW_SIZE;
      g_set_error_literal (
        error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("How many bytes? A size is needed."));
      return FALSE;
    }
  if (!is_protect)
    return TRUE;
  append_word (composer, ATLAS_FIELD_PAGES_PROTECTION);
  if (*modifier != '\0')
    g_string_append_printf (composer->text, "|%s", modifier);
  return TRUE;
}

/* A program's name that commands take, of a file's. (transfer full) */
static char *
make_program_name (const char *path)
{
  char *name = g_path_get_basename (path);

  g_strcanon (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", '_');
  if (!g_ascii_isalnum (name[0]))
    name[0] = 'x';
  return name;
}

static gboolean
compose_start_process (Composer *composer, GError **error)
{
  /* What is written where a switch is not as it is by itself. */
  static const struct
  {
    AtlasFieldId id;
    gboolean is_on; /* by itself */
    gboolean is_of_program;
    const char *words;
  } switches[] = {
    { ATLAS_FIELD_LARGE_ADDRESS_AWARE, TRUE, TRUE, " large_address_aware=no" },
    { ATLAS_FIELD_HIGH_ENTROPY, TRUE, TRUE, " high_entropy=no" },
    { ATLAS_FIELD_DYNAMIC_BASE, TRUE, TRUE, " dynamic_base=no" },
    { ATLAS_FIELD_MANDATORY, FALSE, FALSE, " mandatory=yes" },
    { ATLAS_FIELD_BOTTOM_UP, TRUE, FALSE, " bottom_up=no" },
    { ATLAS_FIELD_LOCK_MEMORY, FALSE, FALSE, " lock_memory=yes" },
    { ATLAS_FIELD_BARE, FALSE, TRUE, " bare" },
  };
  gboolean is_file = *get_value (composer, ATLAS_FIELD_PROGRAM_KIND) != '\0';
  g_autofree char *process = make_name (composer, "process");
  g_autofree char *program = g_strstrip (g_strdup (get_value (composer, ATLAS_FIELD_PROGRAM)));

  if (is_file)
    {
      g_autofree char *path = format_path (composer, error);
      g_autofree char *file = make_name (composer, "file");
      g_autofree char *name = make_program_name (get_value (composer, ATLAS_FIELD_FILE));

      if (path == NULL)
        return FALSE;
      g_string_append_printf (
        composer->text, "file %s = %s\nprocess %s %s image=%s", file, path, process, name, file);
    }
  else
    {
      if (*program == '\0' || strpbrk (program, " \t#") != NULL)
        {
          composer->wrong = ATLAS_FIELD_PROGRAM;
          g_set_error_literal (error,
                               ATLAS_ERROR,
                               ATLAS_ERROR_PARSE,
                               _ ("A program's name is one word, such as demo.exe."));
          return FALSE;
        }
      g_string_append_printf (composer->text, "process %s %s", process, program);
      if (*get_value (composer, ATLAS_FIELD_BITS) != '\0')
        g_string_append_printf (composer->text, " bits=%s", get_value (composer, ATLAS_FIELD_BITS));
      if (*get_value (composer, ATLAS_FIELD_MACHINE) != '\0')
        g_string_append_printf (
          composer->text, " machine=%s", get_value (composer, ATLAS_FIELD_MACHINE));
    }
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    if (is_on (composer, switches[i].id) != switches[i].is_on &&
        (!is_file || !switches[i].is_of_program))
      g_string_append (composer->text, switches[i].words);
  return TRUE;
}

static gboolean
compose_choose_process (Composer *composer, GError **error)
{
  g_string_append (composer->text, "select");
  append_word (composer, ATLAS_FIELD_PROCESS);
  return TRUE;
}

static gboolean
compose_trim (Composer *composer, GError **error)
{
  g_string_append (composer->text, "trim");
  append_word (composer, ATLAS_FIELD_PROCESS);
  return TRUE;
}

static gboolean
compose_let_time_pass (Composer *composer, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (get_value (composer, ATLAS_FIELD_DURATION), " \t#", -1);
  g_autofree char *duration = g_strjoinv ("", words);

  g_string_append_printf (composer->text, "tick %s", duration);
  return TRUE;
}

char *
atlas_task_compose (AtlasTask task,
                    const AtlasTaskValues *values,
                    AtlasSession *session,
                    AtlasFieldId *wrong,
                    GError **error)
{
  static gboolean (*const composers[]) (Composer * composer, GError * *error) = {
    [ATLAS_TASK_MAP_SECTION] = compose_map_section,
    [ATLAS_TASK_MAP_FILE] = compose_map_file,
    [ATLAS_TASK_LOAD_IMAGE] = compose_load_image,
    [ATLAS_TASK_CHANGE_PAGES] = compose_change_pages,
    [ATLAS_TASK_START_PROCESS] = compose_start_process,
    [ATLAS_TASK_CHOOSE_PROCESS] = compose_choose_process,
    [ATLAS_TASK_TRIM] = compose_trim,
    [ATLAS_TASK_LET_TIME_PASS] = compose_let_time_pass,
  };
  g_autoptr (GString) text = g_string_new (NULL);
  Composer composer = { .values = values, .session = session, .text = text };
  gboolean is_composed;

  _Static_assert(G_N_ELEMENTS (composers) == ATLAS_N_TASKS, "one a task");
  g_return_val_if_fail (task < ATLAS_N_TASKS, NULL);
  g_return_val_if_fail (values != NULL && session != NULL && wrong != NULL, NULL);

  is_composed = composers[task](&composer, error);
  *wrong = composer.wrong;
  return is_composed ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
