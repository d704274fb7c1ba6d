/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The whole window, as the program opens it. */

#include <locale.h>

#include "application.h"
#include "window.h"

static inline void
pass_time (guint ms)
{
  gint64 end_us = g_get_monotonic_time () + ms * (gint64) 1000;

  while (g_get_monotonic_time () < end_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
}

/* After gtk_test_init (), which asks for the C locale. (transfer full) */
static inline AtlasApplication *
open_application (void)
{
  AtlasApplication *application;

  setlocale (LC_ALL, "C.UTF-8");
  application = atlas_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_assert_true (g_application_register (G_APPLICATION (application), NULL, NULL));
  return application;
}

/* (transfer none) */
static inline GtkWindow *
open_window (AtlasApplication *application)
{
  g_application_activate (G_APPLICATION (application));
  /* The views come after the first frame. */
  pass_time (1000);
  return gtk_application_get_active_window (GTK_APPLICATION (application));
}

#define PAINT_TRIES_MAX 100u

/* What @widget draws; one that has just come up may not have been painted yet. (transfer full) */
static inline GskRenderNode *
paint (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GskRenderNode *node = NULL;

  for (guint n_tries = 0; node == NULL && n_tries < PAINT_TRIES_MAX; n_tries++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();

      gdk_paintable_snapshot (
        paintable, snapshot, gtk_widget_get_width (widget), gtk_widget_get_height (widget));
      node = gtk_snapshot_free_to_node (snapshot);
      if (node == NULL)
        pass_time (50);
    }
  g_assert_nonnull (node);
  return node;
}
