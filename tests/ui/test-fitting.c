/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* The place for several children, of which the first that fits is seen. */

#include <adwaita.h>

#include "paint/fitting.h"

static GtkWidget *
make_child (int width_px)
{
  GtkWidget *child = gtk_drawing_area_new ();

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (child), width_px);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (child), width_px / 10);
  return child;
}

static void
test_the_first_that_fits_is_seen (void)
{
  static const struct
  {
    int width_px;
    int seen[2]; /* without and with the right to be empty; -1: none */
  } cases[] = {
    { 400, { 0, 0 } }, { 300, { 0, 0 } }, { 299, { 1, 1 } },
    { 200, { 1, 1 } }, { 199, { 2, 2 } }, { 100, { 2, 2 } },
  };

  for (int can_be_empty = 0; can_be_empty < 2; can_be_empty++)
    {
      GtkWidget *window = gtk_window_new ();
      GtkWidget *fitting = atlas_fitting_new (can_be_empty);
      GtkWidget *children[] = { make_child (300), make_child (200), make_child (100) };
      int minimum_px, natural_px, height_px;

      for (guint i = 0; i < G_N_ELEMENTS (children); i++)
        atlas_fitting_append (ATLAS_FITTING (fitting), children[i]);
      gtk_window_set_child (GTK_WINDOW (window), fitting);
      gtk_widget_measure (
        fitting, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_px, &natural_px, NULL, NULL);
      gtk_widget_measure (fitting, GTK_ORIENTATION_VERTICAL, -1, &height_px, NULL, NULL, NULL);
      g_assert_cmpint (minimum_px, ==, can_be_empty ? 0 : 100);
      g_assert_cmpint (natural_px, ==, 300);
      g_assert_cmpint (height_px, ==, 30);

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          gtk_widget_allocate (fitting, cases[i].width_px, height_px, -1, NULL);
          for (int k = 0; k < (int) G_N_ELEMENTS (children); k++)
            g_assert_cmpint (
              gtk_widget_get_child_visible (children[k]), ==, k == cases[i].seen[can_be_empty]);
        }
      if (can_be_empty)
        {
          gtk_widget_allocate (fitting, 99, height_px, -1, NULL);
          for (guint k = 0; k < G_N_ELEMENTS (children); k++)
            g_assert_false (gtk_widget_get_child_visible (children[k]));
        }
      gtk_window_destroy (GTK_WINDOW (window));
    }
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv);
  adw_init ();

  g_test_add_func ("/fitting/the-first-that-fits-is-seen", test_the_first_that_fits_is_seen);

  return g_test_run ();
}
