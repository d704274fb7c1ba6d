/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "lists/allocate-dialog.h"
#include "lists/region-operation.h"

#include "find-widget.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe bare\n"                                                                     \
  "reserve $taken = 0x40000000 64K\n"                                                              \
  "alloc $held = 0x50000000 64K reserve|commit readwrite\n"

static AtlasDocument *
open_scenario (void)
{
  AtlasDocument *document = atlas_document_new ();
  GError *error = NULL;

  g_assert_true (atlas_document_open_text (document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  return document;
}

/* The dialog belongs to GTK until it is closed. */
static GtkWidget *
open_dialog (AtlasDocument *document, AtlasVa base_va, guint64 size_bytes)
{
  AtlasAllocateDialog *dialog = atlas_allocate_dialog_new (document);

  if (base_va != 0)
    atlas_allocate_dialog_set_range (dialog, base_va, size_bytes);
  return GTK_WIDGET (dialog);
}

static gboolean
can_agree (GtkWidget *dialog)
{
  return gtk_widget_get_sensitive (find_widget (dialog, GTK_TYPE_BUTTON, "_Allocate"));
}

static void
test_shows_the_answer_before_agreeing (void)
{
  static const struct
  {
    AtlasVa base_va;
    guint64 size_bytes;
    gboolean is_possible;
    const char *command;
    const char *said[2];
  } cases[] = {
    { 0x12345,
      1,
      TRUE,
      "alloc 0x12345 1 reserve|commit readwrite",
      { "0x10000–0x12fff, 3 pages (12 KB)", "13 pages of its last 64 KB slot" } },
    { 0x20000,
      ATLAS_KB (64),
      TRUE,
      "alloc 0x20000 64K reserve|commit readwrite",
      { "0x20000–0x2ffff, 16 pages (64 KB)", "Nothing of its slots is wasted" } },
    { 0x20000,
      ATLAS_KB (61),
      TRUE,
      "alloc 0x20000 61K reserve|commit readwrite",
      { "16 pages (64 KB)", "Nothing of its slots is wasted" } },
    { 0xffff, 1, FALSE, "alloc 0xffff 1 reserve|commit readwrite", { "STATUS_", "Win32 error" } },
    { 0x40000000, ATLAS_KB (4), TRUE, "alloc 0x40000000 4K commit readwrite", { "4 KB", "" } },
    { 0x50000000,
      ATLAS_KB (4),
      FALSE,
      "alloc 0x50000000 4K reserve|commit readwrite",
      { "STATUS_CONFLICTING_ADDRESSES (0xc0000018)", "487, ERROR_INVALID_ADDRESS" } },
    { 0x7fffffff0000,
      ATLAS_KB (4),
      FALSE,
      "alloc 0x7fffffff0000 4K reserve|commit readwrite",
      { "STATUS_", "Win32 error" } },
  };
  g_autoptr (AtlasDocument) document = open_scenario ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GtkWidget *dialog = open_dialog (document, cases[i].base_va, cases[i].size_bytes);

      g_test_message ("%s", cases[i].command);
      g_assert_true (says (dialog, cases[i].command));
      g_assert_true (says (dialog, cases[i].said[0]));
      g_assert_true (says (dialog, cases[i].said[1]));
      g_assert_cmpint (can_agree (dialog), ==, cases[i].is_possible);
      gtk_window_destroy (GTK_WINDOW (dialog));
    }
}

/* The last of the lists: pages of another size. */
static void
test_asks_for_pages_of_another_size (void)
{
  static const struct
  {
    guint index;
    const char *size;
    const char *command;
    const char *said;
    gboolean is_possible;
  } cases[] = {
    { 1, "64K", "alloc 0x20000 64K reserve|commit|64k_pages readwrite", "0x20000–0x2ffff", TRUE },
    { 1,
      "60K",
      "alloc 0x20000 60K reserve|commit|64k_pages readwrite",
      "multiple of 64 KB",
      FALSE },
    { 2, "2M", "alloc 0x20000 2M reserve|commit|large_pages readwrite", "SeLockMemory", FALSE },
    { 0, "60K", "alloc 0x20000 60K reserve|commit readwrite", "0x20000–0x2efff", TRUE },
  };
  g_autoptr (AtlasDocument) document = open_scenario ();
  GtkWidget *dialog = open_dialog (document, 0x20000, ATLAS_KB (64));
  GtkWidget *address = find_widget (dialog, ADW_TYPE_ENTRY_ROW, NULL);
  GtkWidget *size = gtk_widget_get_next_sibling (address);
  GtkWidget *pages = gtk_widget_get_last_child (gtk_widget_get_parent (address));

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gtk_editable_set_text (GTK_EDITABLE (size), cases[i].size);
      adw_combo_row_set_selected (ADW_COMBO_ROW (pages), cases[i].index);
      g_test_message ("%s", cases[i].command);
      g_assert_true (says (dialog, cases[i].command));
      g_assert_true (says (dialog, cases[i].said));
      g_assert_cmpint (can_agree (dialog), ==, cases[i].is_possible);
    }
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
test_without_an_address_windows_chooses (void)
{
  g_autoptr (AtlasDocument) document = open_scenario ();
  GtkWidget *dialog = open_dialog (document, 0, 0);

  g_assert_true (says (dialog, "alloc 64K reserve|commit readwrite"));
  g_assert_true (says (dialog, "Windows chooses the address"));
  g_assert_true (can_agree (dialog));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
test_says_what_it_cannot_read (void)
{
  static const struct
  {
    const char *address;
    const char *size;
  } cases[] = {
    { "nonsense", "64K" }, { "$nobody", "64K" },          { "0x10000", "" },
    { "0x10000", "64Q" },  { "0x10000", "99999999999T" },
  };
  g_autoptr (AtlasDocument) document = open_scenario ();
  GtkWidget *dialog = open_dialog (document, 0x20000, ATLAS_KB (4));
  GtkWidget *address = find_widget (dialog, ADW_TYPE_ENTRY_ROW, NULL);
  GtkWidget *size = gtk_widget_get_next_sibling (address);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gtk_editable_set_text (GTK_EDITABLE (address), cases[i].address);
      gtk_editable_set_text (GTK_EDITABLE (size), cases[i].size);
      g_assert_false (can_agree (dialog));
      g_assert_true (gtk_widget_has_css_class (address, "error") ||
                     gtk_widget_has_css_class (size, "error"));
    }
  gtk_editable_set_text (GTK_EDITABLE (address), "$taken+1M");
  gtk_editable_set_text (GTK_EDITABLE (size), "4K");
  g_assert_true (says (dialog, "alloc 0x40100000 4K"));
  g_assert_true (can_agree (dialog));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
test_flags_and_protection_reach_the_command (void)
{
  g_autoptr (AtlasDocument) document = open_scenario ();
  GtkWidget *dialog = open_dialog (document, 0x20000, ATLAS_KB (4));
  GtkWidget *reserve = find_widget (dialog, GTK_TYPE_TOGGLE_BUTTON, "_Reserve");
  GtkWidget *commit = find_widget (dialog, GTK_TYPE_TOGGLE_BUTTON, "_Commit");
  GtkWidget *top_down = find_widget (dialog, GTK_TYPE_TOGGLE_BUTTON, "_Top Down");
  GtkWidget *protection = find_widget (dialog, ADW_TYPE_COMBO_ROW, NULL);

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (commit), FALSE);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (top_down), TRUE);
  adw_combo_row_set_selected (ADW_COMBO_ROW (protection),
                              atlas_protection_choice_find (ATLAS_PAGE_EXECUTE_READ));
  g_assert_true (says (dialog, "alloc 0x20000 4K reserve|top_down execute_read"));

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (reserve), FALSE);
  g_assert_false (can_agree (dialog));
  g_assert_true (says (dialog, "Choose reserve, commit, or both"));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

static void
test_agreeing_does_what_was_shown (void)
{
  g_autoptr (AtlasDocument) document = open_scenario ();
  GtkWidget *dialog = open_dialog (document, 0x12345, 1);
  const AtlasRegion *region;
  const AtlasCommandResult *result;
  AtlasSession *session = atlas_document_get_session (document);

  click_button (dialog, "_Allocate");
  g_assert_cmphex (atlas_document_get_selected_va (document), ==, 0x10000);
  region = atlas_document_get_selected_region (document);
  g_assert_cmphex (region->base_va, ==, 0x10000);
  g_assert_cmphex (region->size_bytes, ==, 0x3000);
  g_assert_cmpint (region->state, ==, ATLAS_STATE_COMMIT);
  result = atlas_session_get_result (session, atlas_session_get_position (session) - 1);
  g_assert_cmpstr (result->command, ==, "alloc 0x12345 1 reserve|commit readwrite");
}

/* Every command that a button or a menu item runs is one that the session reads. */
static void
test_operations_are_commands (void)
{
  g_autoptr (AtlasDocument) document = open_scenario ();

  for (guint protection = 0; protection < ATLAS_N_PROTECTION_CHOICES; protection++)
    for (guint i = 0; i < ATLAS_N_OPERATIONS; i++)
      {
        g_autoptr (AtlasCommandResult) result = NULL;
        g_autoptr (GError) error = NULL;
        g_autofree char *command = NULL;

        if (i == ATLAS_OPERATION_ALLOCATE)
          continue;
        atlas_document_select (document, 0x40000000);
        command = atlas_region_operation_format ((AtlasRegionOperation) i,
                                                 atlas_document_get_selected_region (document),
                                                 0x40000000,
                                                 protection);
        result = atlas_document_run (document, command, &error);
        g_assert_no_error (error);
        g_assert_nonnull (result);
        while (atlas_document_can_undo (document))
          atlas_document_undo (document);
      }
}

static void
test_operations_that_make_sense (void)
{
  static const struct
  {
    AtlasVa va;
    guint possible; /* a bit an operation */
  } cases[] = {
#define ALWAYS                                                                                     \
  (1u << ATLAS_OPERATION_ALLOCATE | 1u << ATLAS_OPERATION_READ | 1u << ATLAS_OPERATION_WRITE |     \
   1u << ATLAS_OPERATION_EXECUTE)
    { 0x20000, ALWAYS },
    { 0x40000000, ALWAYS | 1u << ATLAS_OPERATION_COMMIT | 1u << ATLAS_OPERATION_RELEASE },
    { 0x50000000,
      ALWAYS | 1u << ATLAS_OPERATION_DECOMMIT | 1u << ATLAS_OPERATION_RELEASE |
        1u << ATLAS_OPERATION_PROTECT },
  };
  g_autoptr (AtlasDocument) document = open_scenario ();
  g_autoptr (AtlasCommandResult) result =
    atlas_document_run (document, "alloc 0x50000000 64K reserve|commit readwrite", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint possible = 0;

      atlas_document_select (document, cases[i].va);
      for (guint j = 0; j < ATLAS_N_OPERATIONS; j++)
        if (atlas_region_operation_refuse ((AtlasRegionOperation) j, document) == NULL)
          possible |= 1u << j;
      g_assert_cmphex (possible, ==, cases[i].possible);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();

  g_test_add_func ("/allocate-dialog/shows-the-answer-before-agreeing",
                   test_shows_the_answer_before_agreeing);
  g_test_add_func ("/allocate-dialog/asks-for-pages-of-another-size",
                   test_asks_for_pages_of_another_size);
  g_test_add_func ("/allocate-dialog/without-an-address-windows-chooses",
                   test_without_an_address_windows_chooses);
  g_test_add_func ("/allocate-dialog/says-what-it-cannot-read", test_says_what_it_cannot_read);
  g_test_add_func ("/allocate-dialog/flags-and-protection-reach-the-command",
                   test_flags_and_protection_reach_the_command);
  g_test_add_func ("/allocate-dialog/agreeing-does-what-was-shown",
                   test_agreeing_does_what_was_shown);
  g_test_add_func ("/region-operation/operations-are-commands", test_operations_are_commands);
  g_test_add_func ("/region-operation/operations-that-make-sense", test_operations_that_make_sense);

  return g_test_run ();
}
