/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "base/trace.h"

#include <string.h>

#include "base/format.h"
#include "base/translation.h"

struct _AtlasTrace
{
  AtlasTraceEvent *events;
  guint n_events;
  guint n_allocated;
};

/* Enough for a page fault with all its steps. */
#define FIRST_EVENTS 32u

static const char *const role_names[] = {
  [ATLAS_TRACE_ROLE_START] = "start", [ATLAS_TRACE_ROLE_CACHE] = "cache",
  [ATLAS_TRACE_ROLE_ENTRY] = "entry", [ATLAS_TRACE_ROLE_WRITE] = "write",
  [ATLAS_TRACE_ROLE_FAULT] = "fault", [ATLAS_TRACE_ROLE_VAD] = "vad",
  [ATLAS_TRACE_ROLE_FRAME] = "frame", [ATLAS_TRACE_ROLE_RETRY] = "retry",
  [ATLAS_TRACE_ROLE_DONE] = "done",   [ATLAS_TRACE_ROLE_EXCEPTION] = "exception",
};

AtlasTrace *
atlas_trace_new (void)
{
  return g_atomic_rc_box_new0 (AtlasTrace);
}

AtlasTrace *
atlas_trace_ref (AtlasTrace *trace)
{
  g_return_val_if_fail (trace != NULL, NULL);

  return g_atomic_rc_box_acquire (trace);
}

static void
trace_clear_box (gpointer data)
{
  AtlasTrace *trace = data;

  g_free (trace->events);
}

void
atlas_trace_unref (AtlasTrace *trace)
{
  g_return_if_fail (trace != NULL);

  g_atomic_rc_box_release_full (trace, trace_clear_box);
}

void
atlas_trace_clear (AtlasTrace *trace)
{
  g_return_if_fail (trace != NULL);

  trace->n_events = 0;
}

static guint
kind_get_n_fields (const AtlasTraceKind *kind)
{
  guint n_fields = 0;

  while (n_fields < ATLAS_TRACE_VALUES && kind->fields[n_fields].name != NULL)
    n_fields++;
  return n_fields;
}

/* Whether that is @n_fields, which it takes two looks to see. */
static gboolean
kind_has_n_fields (const AtlasTraceKind *kind, guint n_fields)
{
  return n_fields <= ATLAS_TRACE_VALUES &&
         (n_fields == 0 || kind->fields[n_fields - 1u].name != NULL) &&
         (n_fields == ATLAS_TRACE_VALUES || kind->fields[n_fields].name == NULL);
}

AtlasTraceEvent *
atlas_trace_add (AtlasTrace *trace, const AtlasTraceKind *kind, guint n_values)
{
  g_assert (kind_has_n_fields (kind, n_values));

  if (trace->n_events == trace->n_allocated)
    {
      trace->n_allocated = MAX (2u * trace->n_allocated, FIRST_EVENTS);
      trace->events = g_renew (AtlasTraceEvent, trace->events, trace->n_allocated);
    }
  return &trace->events[trace->n_events++];
}

guint
atlas_trace_get_n_events (const AtlasTrace *trace)
{
  g_return_val_if_fail (trace != NULL, 0);

  return trace->n_events;
}

const AtlasTraceEvent *
atlas_trace_get_event (const AtlasTrace *trace, guint index)
{
  g_return_val_if_fail (trace != NULL, NULL);
  g_return_val_if_fail (index < trace->n_events, NULL);

  return &trace->events[index];
}

/* Index of the field whose name is the first @n_chars of @name; -1 when the kind has none. */
static gint
kind_find_field (const AtlasTraceKind *kind, const char *name, gsize n_chars)
{
  guint n_fields = kind_get_n_fields (kind);

  for (guint i = 0; i < n_fields; i++)
    {
      if (strlen (kind->fields[i].name) == n_chars &&
          strncmp (kind->fields[i].name, name, n_chars) == 0)
        return (gint) i;
    }
  return -1;
}

gboolean
atlas_trace_event_get (const AtlasTraceEvent *event, const char *name, guint64 *value)
{
  gint index;

  g_return_val_if_fail (event != NULL, FALSE);
  g_return_val_if_fail (name != NULL, FALSE);

  index = kind_find_field (event->kind, name, strlen (name));
  if (index < 0)
    return FALSE;
  if (value != NULL)
    *value = event->values[index];
  return TRUE;
}

char *
atlas_trace_event_dup_value (const AtlasTraceEvent *event, const char *name)
{
  gint index;

  g_return_val_if_fail (event != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  index = kind_find_field (event->kind, name, strlen (name));
  return index < 0 ? NULL : event->kind->fields[index].format (event->values[index]);
}

/* A template that names a value which its kind lacks, or an open brace, is a mistake in a const
 * table: it aborts, so that a test of that table cannot miss it. */
static char *
event_expand (const AtlasTraceEvent *event, const char *template_text)
{
  GString *text;
  const char *rest = atlas_translate (template_text);

  if (template_text == NULL)
    return NULL;

  text = g_string_new (NULL);
  for (;;)
    {
      const char *open = strchr (rest, '{');
      const char *close;
      g_autofree char *value = NULL;
      g_autofree char *shown = NULL;
      gint index;

      if (open == NULL)
        break;
      g_string_append_len (text, rest, open - rest);

      close = strchr (open, '}');
      index =
        close == NULL ? -1 : kind_find_field (event->kind, open + 1, (gsize) (close - open) - 1);
      if (close == NULL || index < 0)
        g_error ("Trace kind %s has no value for \"%s\"", event->kind->id, open);

      value = event->kind->fields[index].format (event->values[index]);
      shown = atlas_translate_kept (value);
      g_string_append (text, shown);
      rest = close + 1;
    }
  g_string_append (text, rest);
  return g_string_free (text, FALSE);
}

char *
atlas_trace_event_dup_title (const AtlasTraceEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  return event_expand (event, event->kind->title);
}

char *
atlas_trace_event_dup_detail (const AtlasTraceEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  return event_expand (event, event->kind->detail);
}

char *
atlas_trace_event_dup_explain (const AtlasTraceEvent *event)
{
  g_return_val_if_fail (event != NULL, NULL);

  return event_expand (event, event->kind->explain);
}

const char *
atlas_trace_role_get_name (AtlasTraceRole role)
{
  g_return_val_if_fail ((guint) role < G_N_ELEMENTS (role_names), NULL);

  return role_names[role];
}

char *
atlas_trace_format_va (guint64 value)
{
  return atlas_format_va (value);
}

char *
atlas_trace_format_pa (guint64 value)
{
  return g_strdup_printf ("%" G_GINT64_MODIFIER "x", value);
}

char *
atlas_trace_format_entry (guint64 value)
{
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x", value);
}

char *
atlas_trace_format_hex (guint64 value)
{
  return atlas_format_hex (value);
}

char *
atlas_trace_format_decimal (guint64 value)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, value);
}

char *
atlas_trace_format_size (guint64 value)
{
  return atlas_format_size (value);
}

char *
atlas_trace_format_literal (guint64 value)
{
  return g_strdup (GSIZE_TO_POINTER ((gsize) value));
}
