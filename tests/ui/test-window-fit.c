/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The window at its least size, with every view in it: it fits, and no text is cut that nothing
 * else tells. With ATLAS_FIT_REPORT set, tells what each view needs. */

#include <glib/gi18n.h>

#include <locale.h>

#include "config.h"
#include "find-widget.h"
#include "whole-window.h"

#define WIDTH_PX 1000
#define HEIGHT_PX 700
#define DPI_UNIT 1024
#define DPI_NORMAL 96

static AtlasApplication *application;
static AtlasWindow *window;

static gboolean
is_laid_out (gpointer user_data)
{
  return gtk_widget_get_width (user_data) == WIDTH_PX &&
         gtk_widget_get_height (user_data) == HEIGHT_PX;
}

static void
activate (const char *action, const char *parameter)
{
  g_action_group_activate_action (
    G_ACTION_GROUP (window), action, parameter != NULL ? g_variant_new_string (parameter) : NULL);
}

/* A column can be made wider by hand; anything else must be told by a tooltip. */
static gboolean
can_be_read (GtkWidget *label)
{
  for (GtkWidget *above = label; above != NULL; above = gtk_widget_get_parent (above))
    if (GTK_IS_COLUMN_VIEW (above) || gtk_widget_get_has_tooltip (above))
      return TRUE;
  return FALSE;
}

static void
find_cut_texts (GtkWidget *widget, GString *cut)
{
  if (!gtk_widget_get_mapped (widget) || !gtk_widget_get_child_visible (widget))
    return;
  if (GTK_IS_LABEL (widget) &&
      pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (widget))) &&
      !can_be_read (widget))
    g_string_append_printf (cut, "\n  “%s”", gtk_label_get_text (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    find_cut_texts (child, cut);
}

/* At this size the pictures and the panel stand beside each other, and neither has to be scrolled.
 */
static void
check_pane (GtkWidget *widget, const char *view, GString *wrong)
{
  if (ADW_IS_FLAP (widget))
    {
      GtkWidget *scroller = adw_flap_get_content (ADW_FLAP (widget));
      GtkAdjustment *adjustment =
        gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
      double more_px =
        gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);

      if (adw_flap_get_folded (ADW_FLAP (widget)))
        g_string_append_printf (wrong, "\n%s: the panel has no room beside it", view);
      if (more_px > 0)
        g_string_append_printf (wrong, "\n%s needs %g px more in height", view, more_px);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    check_pane (child, view, wrong);
}

static void
check (const char *view, GString *wrong, gboolean wants_whole_texts)
{
  int width_px, height_px;
  g_autoptr (GString) cut = g_string_new (NULL);

  pass_time (150);
  gtk_widget_measure (
    GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &width_px, NULL, NULL, NULL);
  gtk_widget_measure (
    GTK_WIDGET (window), GTK_ORIENTATION_VERTICAL, WIDTH_PX, &height_px, NULL, NULL, NULL);
  if (g_getenv ("ATLAS_FIT_REPORT") != NULL)
    g_test_message ("%-12s needs %4d × %3d px", view, width_px, height_px);
  if (width_px > WIDTH_PX || height_px > HEIGHT_PX)
    g_string_append_printf (wrong, "\n%s needs %d × %d px", view, width_px, height_px);
  if (!wants_whole_texts)
    return;
  check_pane (GTK_WIDGET (window), view, wrong);
  find_cut_texts (GTK_WIDGET (window), cut);
  if (cut->len > 0)
    g_string_append_printf (wrong, "\n%s cuts:%s", view, cut->str);
}

static void
set_text_scale (int percent)
{
  g_object_set (
    gtk_settings_get_default (), "gtk-xft-dpi", DPI_NORMAL * DPI_UNIT * percent / 100, NULL);
  pass_time (200);
}

static void
check_all (gboolean wants_whole_texts)
{
  static const char *const views[] = {
    "walk",   "entry",       "region", "events",   "regions", "vads",
    "frames", "working-set", "tlb",    "sections", "room",    "console",
  };
  g_autoptr (GString) wrong = g_string_new (NULL);

  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH_PX, HEIGHT_PX);
  wait_until (is_laid_out, window);
  for (guint i = 0; i < G_N_ELEMENTS (views); i++)
    {
      activate ("show-page", views[i]);
      check (views[i], wrong, wants_whole_texts);
    }
  activate ("show-page", "regions");
  activate ("show-page", "walk");
  activate ("show-heat", NULL);
  check ("heat", wrong, wants_whole_texts);
  activate ("show-heat", NULL);
  activate ("timeline", NULL);
  check ("timeline", wrong, wants_whole_texts);
  activate ("timeline", NULL);
  activate ("compare-now", NULL);
  check ("compare", wrong, wants_whole_texts);
  activate ("stop-comparing", NULL);
  if (wrong->len > 0)
    {
      g_test_message ("%s", wrong->str + 1);
      g_test_fail ();
    }
}

static void
test_fits_and_cuts_nothing (void)
{
  check_all (TRUE);
}

/* The bar above all others is not made before it is asked for. */
static void
test_finds_in_a_narrow_window (void)
{
  g_autoptr (GString) wrong = g_string_new (NULL);

  activate ("show-page", "tlb");
  activate ("find", NULL);
  check ("find", wrong, TRUE);
  set_text_scale (200);
  check ("find, large", wrong, FALSE);
  set_text_scale (100);
  g_assert_cmpstr (wrong->str, ==, "");
}

static void
test_fits_with_text_twice_as_large (void)
{
  set_text_scale (200);
  check_all (FALSE);
  set_text_scale (100);
}

int
main (int argc, char **argv)
{
  int status;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, g_getenv ("VMATLAS_LOCALE_DIR"));
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  gtk_test_init (&argc, &argv);
  application = open_application ();
  window = ATLAS_WINDOW (open_window (application));

  g_test_add_func ("/window-fit/fits-and-cuts-nothing", test_fits_and_cuts_nothing);
  g_test_add_func ("/window-fit/finds-in-a-narrow-window", test_finds_in_a_narrow_window);
  g_test_add_func ("/window-fit/fits-with-text-twice-as-large", test_fits_with_text_twice_as_large);
  status = g_test_run ();
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (application);
  return status;
}
