/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "base/trace.h"

static const AtlasTraceKind entry_read = {
  .id = "entry-read",
  .role = ATLAS_TRACE_ROLE_ENTRY,
  .title = "{level} {index}",
  .detail = "read {pa} → {entry}",
  .explain = "The {level} of {va}, {size} of it.",
  .fields = {
    { "level", atlas_trace_format_literal },
    { "index", atlas_trace_format_decimal },
    { "pa", atlas_trace_format_pa },
    { "entry", atlas_trace_format_entry },
    { "va", atlas_trace_format_va },
    { "size", atlas_trace_format_size },
    { "code", atlas_trace_format_hex },
    { "last", atlas_trace_format_decimal },
  },
};

static const AtlasTraceKind bare = {
  .id = "bare",
  .role = ATLAS_TRACE_ROLE_RETRY,
  .title = "Once more",
};

static const AtlasTraceKind misspelt = {
  .id = "misspelt",
  .title = "{leval}",
  .fields = { { "level", atlas_trace_format_decimal } },
};

static const AtlasTraceKind unclosed = {
  .id = "unclosed",
  .title = "{level",
  .fields = { { "level", atlas_trace_format_decimal } },
};

static void
append_entry (AtlasTrace *trace)
{
  ATLAS_TRACE (trace,
               &entry_read,
               GPOINTER_TO_SIZE ("PML4E"),
               255,
               0x3c11f20,
               0x867,
               G_GUINT64_CONSTANT (0x7ff90f718a3c),
               65536,
               0x14,
               G_MAXUINT64);
}

static void
test_templates_are_filled_in (void)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  const AtlasTraceEvent *event;
  g_autofree char *title = NULL, *detail = NULL, *explain = NULL, *code = NULL, *missing = NULL;
  guint64 value = 0;

  append_entry (trace);
  event = atlas_trace_get_event (trace, 0);

  title = atlas_trace_event_dup_title (event);
  detail = atlas_trace_event_dup_detail (event);
  explain = atlas_trace_event_dup_explain (event);
  code = atlas_trace_event_dup_value (event, "code");
  missing = atlas_trace_event_dup_value (event, "cod");
  g_assert_cmpstr (title, ==, "PML4E 255");
  g_assert_cmpstr (detail, ==, "read 3c11f20 → 0000000000000867");
  g_assert_cmpstr (explain, ==, "The PML4E of 00007ff9`0f718a3c, 64 KB of it.");
  g_assert_cmpstr (code, ==, "0x14");
  g_assert_null (missing);

  g_assert_true (atlas_trace_event_get (event, "last", &value));
  g_assert_cmphex (value, ==, G_MAXUINT64);
  g_assert_false (atlas_trace_event_get (event, "lastly", &value));
  g_assert_false (atlas_trace_event_get (event, "", &value));
}

static void
test_events_keep_their_order (void)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  g_autoptr (AtlasTrace) second = NULL;

  for (guint i = 0; i < 100; i++)
    {
      append_entry (trace);
      ATLAS_TRACE (trace, &bare);
    }
  g_assert_cmpuint (atlas_trace_get_n_events (trace), ==, 200);
  for (guint i = 0; i < 200; i++)
    g_assert_true (atlas_trace_get_event (trace, i)->kind == (i % 2 == 0 ? &entry_read : &bare));

  second = atlas_trace_ref (trace);
  atlas_trace_clear (trace);
  g_assert_cmpuint (atlas_trace_get_n_events (second), ==, 0);
}

static void
test_kind_without_templates_has_no_text (void)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();
  const AtlasTraceEvent *event;
  g_autofree char *title = NULL;

  ATLAS_TRACE (trace, &bare);
  event = atlas_trace_get_event (trace, 0);
  title = atlas_trace_event_dup_title (event);
  g_assert_cmpstr (title, ==, "Once more");
  g_assert_null (atlas_trace_event_dup_detail (event));
  g_assert_null (atlas_trace_event_dup_explain (event));
}

static void
test_nobody_needs_to_listen (void)
{
  AtlasTrace *nobody = NULL;

  append_entry (nobody);
}

static void
test_wrong_template_aborts (void)
{
  static const AtlasTraceKind *const kinds[] = { &misspelt, &unclosed };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_strdup_printf ("/trace/wrong-template/subprocess/%s", kinds[i]->id);

      g_test_trap_subprocess (path, 0, 0);
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr ("*has no value for*");
    }
}

static void
expand_wrong_template (gconstpointer kind)
{
  g_autoptr (AtlasTrace) trace = atlas_trace_new ();

  ATLAS_TRACE (trace, kind, 4);
  g_free (atlas_trace_event_dup_title (atlas_trace_get_event (trace, 0)));
}

static void
test_roles_have_distinct_names (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint role = ATLAS_TRACE_ROLE_START; role <= ATLAS_TRACE_ROLE_EXCEPTION; role++)
    {
      const char *name = atlas_trace_role_get_name ((AtlasTraceRole) role);

      g_assert_nonnull (name);
      g_assert_true (g_hash_table_add (seen, (gpointer) name));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/templates", test_templates_are_filled_in);
  g_test_add_func ("/trace/order", test_events_keep_their_order);
  g_test_add_func ("/trace/no-templates", test_kind_without_templates_has_no_text);
  g_test_add_func ("/trace/nobody-listens", test_nobody_needs_to_listen);
  g_test_add_func ("/trace/wrong-template", test_wrong_template_aborts);
  g_test_add_data_func (
    "/trace/wrong-template/subprocess/misspelt", &misspelt, expand_wrong_template);
  g_test_add_data_func (
    "/trace/wrong-template/subprocess/unclosed", &unclosed, expand_wrong_template);
  g_test_add_func ("/trace/roles", test_roles_have_distinct_names);
  return g_test_run ();
}
