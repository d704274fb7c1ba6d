/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* An entry is written with its bits' switches and by its number; what that does is told at once. */

#include <adwaita.h>

#include "paging/entry.h"
#include "tables/bits-view.h"
#include "tables/entry-editor.h"

#include "find-widget.h"

#define SCENARIO                                                                                   \
  "system memory=1G seed=7\n"                                                                      \
  "process $p demo.exe bare\n"                                                                     \
  "alloc $a = 0x40000000 64K reserve|commit readwrite\n"                                           \
  "write $a\n"

static AtlasDocument *
make_document (void)
{
  AtlasDocument *document = atlas_document_new ();
  GError *error = NULL;

  g_assert_true (atlas_document_open_text (document, SCENARIO, "test", &error));
  g_assert_no_error (error);
  atlas_document_select (document, 0x40000000);
  return document;
}

static guint64
get_pte (AtlasDocument *document)
{
  return atlas_document_get_lens (document)->tables[3].selected_entry;
}

/* The switch of the row that says @name. */
static GtkCheckButton *
find_switch (GtkWidget *root, const char *name)
{
  GtkWidget *list = find_widget (root, GTK_TYPE_LIST_BOX, NULL);

  for (GtkWidget *row = gtk_widget_get_first_child (list); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    if (find_widget (row, GTK_TYPE_LABEL, name) != NULL)
      return GTK_CHECK_BUTTON (find_widget (row, GTK_TYPE_CHECK_BUTTON, NULL));
  return NULL;
}

static void
test_a_switch_turns_one_bit (void)
{
  AtlasDocument *document = make_document ();
  GtkWidget *view = g_object_ref_sink (atlas_bits_view_new (document));
  GtkCheckButton *user;
  guint64 entry = get_pte (document);

  atlas_bits_view_set_level (ATLAS_BITS_VIEW (view), ATLAS_LEVEL_PT);
  user = find_switch (view, "U/S");
  g_assert_nonnull (user);
  g_assert_true (gtk_check_button_get_active (user));
  gtk_check_button_set_active (user, FALSE);
  g_assert_cmphex (get_pte (document), ==, entry ^ ATLAS_ENTRY_US);
  g_assert_true (says (view, "user read-write → supervisor read-write"));
  g_assert_true (says (view, "The TLB still holds the old translation"));
  g_assert_cmpuint (atlas_document_get_stale_level (document), ==, ATLAS_LEVEL_PT);

  click_button (view, "INVLPG");
  g_assert_cmpuint (atlas_document_get_stale_level (document), ==, 0);
  g_assert_false (says (view, "The TLB still holds the old translation"));

  atlas_document_undo (document);
  atlas_document_undo (document);
  g_assert_cmphex (get_pte (document), ==, entry);
  g_assert_true (gtk_check_button_get_active (find_switch (view, "U/S")));
  g_object_unref (view);
  g_assert_finalize_object (document);
}

static void
test_a_number_is_written_or_refused (void)
{
  AtlasDocument *document = make_document ();
  GtkWidget *view = g_object_ref_sink (atlas_bits_view_new (document));
  GtkWidget *entry = find_widget (view, GTK_TYPE_ENTRY, NULL);

  atlas_bits_view_set_level (ATLAS_BITS_VIEW (view), ATLAS_LEVEL_PT);
  gtk_editable_set_text (GTK_EDITABLE (entry), "80000000`00001867");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmphex (get_pte (document), ==, G_GUINT64_CONSTANT (0x8000000000001867));

  gtk_editable_set_text (GTK_EDITABLE (entry), "what?");
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (gtk_widget_has_css_class (entry, "error"));
  g_assert_cmphex (get_pte (document), ==, G_GUINT64_CONSTANT (0x8000000000001867));
  g_object_unref (view);
  g_assert_finalize_object (document);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/entry-editor/switch", test_a_switch_turns_one_bit);
  g_test_add_func ("/entry-editor/number", test_a_number_is_written_or_refused);
  return g_test_run ();
}
