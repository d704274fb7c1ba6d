/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include <glib.h>
#include <locale.h>

#include "base/translation.h"

static void
test_composed_texts_are_english (void)
{
  g_autofree char *stack = atlas_text_compose_number (ATLAS_TEXT_STACK, 1560);
  g_autofree char *tail = atlas_text_compose (ATLAS_TEXT_SLOT_TAIL, "demo.exe", "0x10000");

  g_assert_cmpstr (stack, ==, "stack of thread 1560");
  g_assert_true (g_str_has_suffix (tail, "is taken by demo.exe at 0x10000."));
}

/* Without a catalogue the way there and back loses nothing, whatever was put in. */
static void
test_what_was_put_in_comes_out (void)
{
  static const char *const names[] = {
    "x", "stack of thread 4", "a at b", "{}", "heap ", "Präfix at ", " at ",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint text = 0; text < ATLAS_N_TEXTS; text++)
      {
        gboolean takes_two = text == ATLAS_TEXT_SLOT_TAIL;
        g_autofree char *kept =
          atlas_text_compose ((AtlasText) text, names[i], takes_two ? "0x10000" : NULL);
        g_autofree char *shown = atlas_translate_kept (kept);

        g_assert_cmpstr (shown, ==, kept);
      }
}

static void
test_nothing_stays_nothing (void)
{
  g_autofree char *shown = atlas_translate_kept ("");

  g_assert_null (atlas_translate (NULL));
  g_assert_null (atlas_translate_kept (NULL));
  /* gettext would answer with the catalogue's header. */
  g_assert_cmpstr (atlas_translate (""), ==, "");
  g_assert_cmpstr (shown, ==, "");
}

static void
test_the_locale_comes_back (void)
{
  locale_t before = uselocale ((locale_t) 0);
  AtlasDataLocale *data_locale = atlas_data_locale_push ();

  g_assert_cmpstr (localeconv ()->decimal_point, ==, ".");
  g_assert_true (uselocale ((locale_t) 0) != before);
  atlas_data_locale_pop (data_locale);
  g_assert_true (uselocale ((locale_t) 0) == before);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/translation/composed-texts-are-english", test_composed_texts_are_english);
  g_test_add_func ("/translation/what-was-put-in-comes-out", test_what_was_put_in_comes_out);
  g_test_add_func ("/translation/nothing-stays-nothing", test_nothing_stays_nothing);
  g_test_add_func ("/translation/the-locale-comes-back", test_the_locale_comes_back);
  return g_test_run ();
}
