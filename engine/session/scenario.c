/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/scenario.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "session/tokens.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

AtlasScenarioStep *
atlas_scenario_step_new (AtlasCommand *command, char *text)
{
  AtlasScenarioStep *step = g_atomic_rc_box_new (AtlasScenarioStep);

  *step = (AtlasScenarioStep){ .command = command, .text = text };
  return step;
}

AtlasScenarioStep *
atlas_scenario_step_ref (AtlasScenarioStep *step)
{
  return g_atomic_rc_box_acquire (step);
}

static void
step_clear (gpointer data)
{
  AtlasScenarioStep *step = data;

  atlas_command_free (step->command);
  g_free (step->text);
}

void
atlas_scenario_step_unref (AtlasScenarioStep *step)
{
  if (step != NULL)
    g_atomic_rc_box_release_full (step, step_clear);
}

void
atlas_scenario_free (AtlasScenario *scenario)
{
  g_ptr_array_unref (scenario->steps);
  g_free (scenario->preamble);
  g_free (scenario);
}

static gboolean
check_encoding (const char *text, const char *name, GError **error)
{
  const char *bad;
  const char *line_begin = text;
  guint line = 1;

  if (g_utf8_validate (text, -1, &bad))
    return TRUE;

  for (const char *c = text; c < bad; c++)
    {
      if (*c == '\n')
        {
          line++;
          line_begin = c + 1;
        }
    }
  g_set_error (error,
               ATLAS_ERROR,
               ATLAS_ERROR_PARSE,
               _ ("%s:%u:%u: found the byte 0x%02x, expected text in UTF-8"),
               name,
               line,
               atlas_text_get_column (line_begin, (gsize) (bad - line_begin), 1),
               (guchar) *bad);
  return FALSE;
}

/* A line that holds no word. */
static gboolean
is_empty_line (const char *line)
{
  const char *c = line + strspn (line, " \t");

  return *c == '\0' || *c == '#';
}

static void
append_text (AtlasScenarioStep *step, const char *begin, const char *end)
{
  g_autofree char *more = g_strndup (begin, (gsize) (end - begin));
  char *whole = g_strconcat (step->text, more, NULL);

  g_free (step->text);
  step->text = whole;
}

AtlasScenario *
atlas_scenario_parse (const char *text, const char *name, GError **error)
{
  g_autoptr (AtlasScenario) scenario = g_new (AtlasScenario, 1);
  const char *kept = text; /* beginning of what no step has yet */
  const char *c = text;
  guint n_lines = 0;

  *scenario = (AtlasScenario){
    .steps = g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_scenario_step_unref),
    .preamble = g_strdup (""),
  };
  if (!check_encoding (text, name, error))
    return NULL;
  if (g_str_has_prefix (text, BYTE_ORDER_MARK))
    c += strlen (BYTE_ORDER_MARK);

  while (*c != '\0')
    {
      gsize n_chars = strcspn (c, "\n");
      const char *next = c[n_chars] == '\n' ? c + n_chars + 1 : c + n_chars;
      g_autofree char *line = NULL;
      g_autoptr (AtlasCommand) command = NULL;
      g_autoptr (GError) local_error = NULL;
      guint error_column = 1;

      if (n_chars > 0 && c[n_chars] == '\n' && c[n_chars - 1] == '\r')
        n_chars--;
      line = g_strndup (c, n_chars);
      c = next;
      n_lines++;
      if (is_empty_line (line))
        continue;

      command = atlas_command_parse (line, &error_column, &local_error);
      if (command == NULL)
        {
          g_propagate_prefixed_error (
            error, g_steal_pointer (&local_error), "%s:%u:%u: ", name, n_lines, error_column);
          return NULL;
        }
      command->line = n_lines;
      g_ptr_array_add (scenario->steps,
                       atlas_scenario_step_new (g_steal_pointer (&command),
                                                g_strndup (kept, (gsize) (next - kept))));
      kept = next;
    }

  if (scenario->steps->len == 0)
    {
      g_free (scenario->preamble);
      scenario->preamble = g_strdup (text);
    }
  else
    append_text (g_ptr_array_index (scenario->steps, scenario->steps->len - 1), kept, c);
  return g_steal_pointer (&scenario);
}
