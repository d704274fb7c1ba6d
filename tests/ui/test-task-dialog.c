/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "lists/task-dialog.h"

#include <glib/gstdio.h>

#include "find-widget.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe bare\n"                                                                     \
  "section $taken = 128K readonly\n"                                                               \
  "alloc $a = 16K commit readwrite\n"                                                              \
  "write $a 12288\n"                                                                               \
  "process other.exe bare\n"                                                                       \
  "select $p\n"

static AtlasDocument *
open_scenario (void)
{
  AtlasDocument *document = atlas_document_new ();
  GError *error = NULL;

  g_assert_true (atlas_document_open_text (document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  return document;
}

static GtkWidget *
open_dialog (AtlasDocument *document, AtlasTask task)
{
  return GTK_WIDGET (atlas_task_dialog_new (document, task));
}

/* A value for a field of a task. */
typedef struct
{
  AtlasFieldId id;
  const char *text;
} Value;

#define MAX_VALUES 4
#define MAX_SAID 4

static gboolean
can_agree (GtkWidget *dialog, AtlasTask task)
{
  return gtk_widget_get_sensitive (
    find_widget (dialog, GTK_TYPE_BUTTON, atlas_task_get_info (task)->agree));
}

static void
test_shows_what_would_come_of_it (void)
{
  static const struct
  {
    AtlasTask task;
    Value values[MAX_VALUES];
    gboolean is_possible;
    const char *said[MAX_SAID];
  } cases[] = {
    { ATLAS_TASK_MAP_SECTION,
      { { 0 } },
      TRUE,
      { "section $section = 64K readwrite", "map $view = $section", "16 pages (64 KB)" } },
    { ATLAS_TASK_MAP_SECTION,
      { { ATLAS_FIELD_SECTION_SIZE, "1" }, { ATLAS_FIELD_ADDRESS, "0x20000000" } },
      TRUE,
      { "section $section = 1 readwrite",
        "map $view = $section 0x20000000",
        "Gets 0x20000000–0x20000fff, 1 page (4 KB)",
        "Asked for 1 byte" } },
    { ATLAS_TASK_MAP_SECTION,
      { { ATLAS_FIELD_SECTION_KIND, "reserve" },
        { ATLAS_FIELD_SECTION_PROTECTION, "execute_read" },
        { ATLAS_FIELD_TOP_DOWN, "yes" } },
      TRUE,
      { "section $section = 64K execute_read reserve", "map $view = $section top_down" } },
    { ATLAS_TASK_MAP_SECTION,
      { { ATLAS_FIELD_SECTION, "$taken" },
        { ATLAS_FIELD_OFFSET, "64K" },
        { ATLAS_FIELD_VIEW_SIZE, "5000" } },
      TRUE,
      { "map $view = $taken offset=64K size=0x1388", "2 pages (8 KB)", "Asked for 5,000 bytes" } },
    { ATLAS_TASK_MAP_SECTION,
      { { ATLAS_FIELD_SECTION, "$taken" }, { ATLAS_FIELD_OFFSET, "4K" } },
      FALSE,
      { "STATUS_MAPPED_ALIGNMENT", "Win32 error" } },
    { ATLAS_TASK_MAP_SECTION,
      { { ATLAS_FIELD_SECTION, "$taken" }, { ATLAS_FIELD_VIEW_PROTECTION, "readwrite" } },
      FALSE,
      { "STATUS_SECTION_PROTECTION", "Win32 error" } },
    { ATLAS_TASK_MAP_SECTION,
      { { ATLAS_FIELD_ADDRESS, "0x10001" } },
      FALSE,
      { "STATUS_MAPPED_ALIGNMENT" } },
    { ATLAS_TASK_MAP_SECTION, { { ATLAS_FIELD_SECTION_SIZE, "" } }, FALSE, { "needs a size" } },
    { ATLAS_TASK_MAP_SECTION, { { ATLAS_FIELD_SECTION_SIZE, "64Q" } }, FALSE, { "64Q" } },
    { ATLAS_TASK_MAP_SECTION, { { ATLAS_FIELD_ADDRESS, "$nobody" } }, FALSE, { "$nobody" } },
    { ATLAS_TASK_MAP_FILE, { { 0 } }, FALSE, { "Choose a file." } },
    { ATLAS_TASK_MAP_FILE,
      { { ATLAS_FIELD_FILE, "/nowhere/at all" } },
      FALSE,
      { "file $file = \"/nowhere/at all\" readonly", "STATUS_OBJECT_NAME_NOT_FOUND" } },
    { ATLAS_TASK_MAP_FILE,
      { { ATLAS_FIELD_FILE, "/a \"b\"" } },
      FALSE,
      { "A command cannot name this file" } },
    { ATLAS_TASK_LOAD_IMAGE, { { 0 } }, FALSE, { "Choose a file." } },
    { ATLAS_TASK_CHANGE_PAGES,
      { { ATLAS_FIELD_ADDRESS, "$a+4K" }, { ATLAS_FIELD_MODIFIER, "guard" } },
      TRUE,
      { "4K readonly|guard", "PAGE_READONLY | PAGE_GUARD, was PAGE_READWRITE" } },
    { ATLAS_TASK_CHANGE_PAGES,
      { { ATLAS_FIELD_ADDRESS, "$a" }, { ATLAS_FIELD_CHANGE, "decommit" } },
      TRUE,
      { "decommit 0x", "Would give: " } },
    { ATLAS_TASK_CHANGE_PAGES, { { ATLAS_FIELD_ADDRESS, "0x10000" } }, FALSE, { "STATUS_" } },
    { ATLAS_TASK_CHANGE_PAGES, { { ATLAS_FIELD_ADDRESS, "" } }, FALSE, { "An address is needed" } },
    { ATLAS_TASK_CHANGE_PAGES,
      { { ATLAS_FIELD_ADDRESS, "$a" }, { ATLAS_FIELD_VIEW_SIZE, "" } },
      FALSE,
      { "A size is needed" } },
    { ATLAS_TASK_START_PROCESS,
      { { 0 } },
      TRUE,
      { "process $process demo.exe", "started demo.exe", "in its working set" } },
    { ATLAS_TASK_START_PROCESS,
      { { ATLAS_FIELD_PROGRAM, "old.exe" },
        { ATLAS_FIELD_BITS, "32" },
        { ATLAS_FIELD_LARGE_ADDRESS_AWARE, "no" },
        { ATLAS_FIELD_MANDATORY, "yes" } },
      TRUE,
      { "process $process old.exe bits=32 large_address_aware=no mandatory=yes" } },
    { ATLAS_TASK_START_PROCESS,
      { { ATLAS_FIELD_MACHINE, "arm64" }, { ATLAS_FIELD_BARE, "yes" } },
      TRUE,
      { "process $process demo.exe machine=arm64 bare" } },
    { ATLAS_TASK_START_PROCESS,
      { { ATLAS_FIELD_PROGRAM, "two words" } },
      FALSE,
      { "is one word" } },
    { ATLAS_TASK_START_PROCESS, { { ATLAS_FIELD_PROGRAM_KIND, "file" } }, FALSE, { "Choose a" } },
    { ATLAS_TASK_TRIM, { { 0 } }, TRUE, { "trim $p", "Would give: trimmed", "modified +12 KB" } },
    { ATLAS_TASK_LET_TIME_PASS, { { 0 } }, TRUE, { "tick 1s", "1s passed", "updated" } },
    { ATLAS_TASK_LET_TIME_PASS,
      { { ATLAS_FIELD_DURATION, "2 m" } },
      TRUE,
      { "tick 2m", "Would give: 2m passed" } },
    { ATLAS_TASK_LET_TIME_PASS, { { ATLAS_FIELD_DURATION, "soon" } }, FALSE, { "soon" } },
    { ATLAS_TASK_LET_TIME_PASS, { { ATLAS_FIELD_DURATION, "" } }, FALSE, { "the end of the" } },
  };
  g_autoptr (AtlasDocument) document = open_scenario ();
  guint position = atlas_session_get_position (atlas_document_get_session (document));

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GtkWidget *dialog = open_dialog (document, cases[i].task);

      for (guint j = 0; j < MAX_VALUES && cases[i].values[j].id != ATLAS_FIELD_NONE; j++)
        atlas_task_dialog_set_value (
          ATLAS_TASK_DIALOG (dialog), cases[i].values[j].id, cases[i].values[j].text);
      for (guint j = 0; j < MAX_SAID && cases[i].said[j] != NULL; j++)
        {
          g_test_message ("case %u: %s", i, cases[i].said[j]);
          g_assert_true (says (dialog, cases[i].said[j]));
        }
      g_assert_cmpint (can_agree (dialog, cases[i].task), ==, cases[i].is_possible);
      gtk_window_destroy (GTK_WINDOW (dialog));
    }
  g_assert_cmpuint (
    atlas_session_get_position (atlas_document_get_session (document)), ==, position);
}

/* The process that is not the current one is proposed, by its number: it has no name. */
static void
test_the_next_process_is_proposed (void)
{
  g_autoptr (AtlasDocument) document = open_scenario ();
  AtlasSession *session = atlas_document_get_session (document);
  guint id =
    atlas_process_get_id (atlas_system_get_process (atlas_session_get_system (session), 1));
  GtkWidget *dialog = open_dialog (document, ATLAS_TASK_CHOOSE_PROCESS);
  g_autofree char *command = g_strdup_printf ("select %u", id);

  g_assert_true (says (dialog, command));
  click_button (dialog, "_Choose");
  g_assert_cmpuint (atlas_process_get_id (atlas_session_get_process (session)), ==, id);
}

static void
test_agreeing_is_one_step (void)
{
  g_autoptr (AtlasDocument) document = open_scenario ();
  AtlasSession *session = atlas_document_get_session (document);
  guint position = atlas_session_get_position (session);
  GtkWidget *dialog = open_dialog (document, ATLAS_TASK_MAP_SECTION);
  const AtlasRegion *region;

  atlas_task_dialog_set_value (ATLAS_TASK_DIALOG (dialog), ATLAS_FIELD_ADDRESS, "0x20000000");
  click_button (dialog, "_Map");
  g_assert_cmpuint (atlas_session_get_position (session), ==, position + 2);
  g_assert_cmphex (atlas_document_get_selected_va (document), ==, 0x20000000);
  region = atlas_document_get_selected_region (document);
  g_assert_cmpint (region->type, ==, ATLAS_TYPE_MAPPED);
  g_assert_cmphex (region->size_bytes, ==, ATLAS_KB (64));

  /* Names are taken now. */
  dialog = open_dialog (document, ATLAS_TASK_MAP_SECTION);
  g_assert_true (says (dialog, "section $section2 = 64K"));
  g_assert_true (says (dialog, "map $view2 = $section2"));
  gtk_window_destroy (GTK_WINDOW (dialog));

  atlas_document_undo (document);
  g_assert_cmpuint (atlas_session_get_position (session), ==, position);
  g_assert_cmpint (atlas_document_get_selected_region (document)->state, ==, ATLAS_STATE_FREE);
}

static void
test_a_file_is_mapped (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("vmatlas-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "my data.bin", NULL);
  g_autofree char *program = g_build_filename (folder, "no program.exe", NULL);
  g_autofree char *bytes = g_malloc0 (76800);
  g_autoptr (AtlasDocument) document = open_scenario ();
  GtkWidget *dialog = open_dialog (document, ATLAS_TASK_MAP_FILE);

  g_assert_true (g_file_set_contents (path, bytes, 76800, &error));
  g_assert_true (g_file_set_contents (program, "MZ", 2, &error));
  for (gsize n = 1; n <= strlen (path); n++)
    {
      g_autofree char *typed = g_strndup (path, n);

      atlas_task_dialog_set_value (ATLAS_TASK_DIALOG (dialog), ATLAS_FIELD_FILE, typed);
    }
  g_assert_true (says (dialog, "19 pages (76 KB)"));
  g_assert_true (says (dialog, "13 pages of its last 64 KB slot"));
  click_button (dialog, "_Map");
  g_assert_cmpint (atlas_document_get_selected_region (document)->type, ==, ATLAS_TYPE_MAPPED);

  dialog = open_dialog (document, ATLAS_TASK_LOAD_IMAGE);
  atlas_task_dialog_set_value (ATLAS_TASK_DIALOG (dialog), ATLAS_FIELD_FILE, program);
  g_assert_true (says (dialog, "STATUS_INVALID_IMAGE"));
  g_assert_false (can_agree (dialog, ATLAS_TASK_LOAD_IMAGE));
  gtk_window_destroy (GTK_WINDOW (dialog));

  dialog = open_dialog (document, ATLAS_TASK_START_PROCESS);
  atlas_task_dialog_set_value (ATLAS_TASK_DIALOG (dialog), ATLAS_FIELD_PROGRAM_KIND, "file");
  atlas_task_dialog_set_value (ATLAS_TASK_DIALOG (dialog), ATLAS_FIELD_FILE, program);
  g_assert_true (says (dialog, "process $process no_program.exe image=$file2"));
  g_assert_false (can_agree (dialog, ATLAS_TASK_START_PROCESS));
  gtk_window_destroy (GTK_WINDOW (dialog));

  g_unlink (path);
  g_unlink (program);
  g_rmdir (folder);
}

/* What belongs to a file is not asked of a program that is made up, and the other way round. */
static void
test_asks_only_what_matters (void)
{
  static const struct
  {
    const char *kind;
    AtlasFieldId id;
    gboolean is_shown;
  } cases[] = {
    { "", ATLAS_FIELD_PROGRAM, TRUE },           { "", ATLAS_FIELD_FILE, FALSE },
    { "", ATLAS_FIELD_HIGH_ENTROPY, TRUE },      { "", ATLAS_FIELD_MANDATORY, TRUE },
    { "file", ATLAS_FIELD_PROGRAM, FALSE },      { "file", ATLAS_FIELD_FILE, TRUE },
    { "file", ATLAS_FIELD_HIGH_ENTROPY, FALSE }, { "file", ATLAS_FIELD_MANDATORY, TRUE },
  };
  const AtlasTaskInfo *info = atlas_task_get_info (ATLAS_TASK_START_PROCESS);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const AtlasTaskValues values = { .texts = { [ATLAS_FIELD_PROGRAM_KIND] = cases[i].kind } };
      const AtlasField *field = info->fields;

      while (field->id != cases[i].id)
        field++;
      g_assert_cmpint (atlas_field_is_shown (field, &values), ==, cases[i].is_shown);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();

  g_test_add_func ("/task-dialog/shows-what-would-come-of-it", test_shows_what_would_come_of_it);
  g_test_add_func ("/task-dialog/the-next-process-is-proposed", test_the_next_process_is_proposed);
  g_test_add_func ("/task-dialog/agreeing-is-one-step", test_agreeing_is_one_step);
  g_test_add_func ("/task-dialog/a-file-is-mapped", test_a_file_is_mapped);
  g_test_add_func ("/task-dialog/asks-only-what-matters", test_asks_only_what_matters);

  return g_test_run ();
}
