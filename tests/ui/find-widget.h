/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Finds widgets as a person does: by what they say. */

#include <gtk/gtk.h>

#include <string.h>

static inline GtkWidget *
find_widget (GtkWidget *root, GType type, const char *text)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type))
    {
      const char *said = GTK_IS_LABEL (root)    ? gtk_label_get_text (GTK_LABEL (root))
                         : GTK_IS_BUTTON (root) ? gtk_button_get_label (GTK_BUTTON (root))
                                                : NULL;

      if (text == NULL || (said != NULL && strstr (said, text) != NULL))
        return root;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_widget (child, type, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The first widget with that style class. */
static inline GtkWidget *
find_styled (GtkWidget *root, const char *css_class)
{
  if (gtk_widget_has_css_class (root, css_class))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_styled (child, css_class);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* A label with @text in it that is shown; GTK_STACK pages that are hidden do not count. */
static inline gboolean
says (GtkWidget *root, const char *text)
{
  GtkWidget *label;

  if (GTK_IS_STACK (root))
    return says (gtk_stack_get_visible_child (GTK_STACK (root)), text);
  if (!GTK_IS_WINDOW (root) && !gtk_widget_get_visible (root))
    return FALSE;
  label = GTK_IS_LABEL (root) ? root : NULL;
  if (label != NULL && strstr (gtk_label_get_text (GTK_LABEL (label)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (says (child, text))
      return TRUE;
  return FALSE;
}

static inline void
click_button (GtkWidget *root, const char *label)
{
  GtkWidget *button = find_widget (root, GTK_TYPE_BUTTON, label);

  g_assert_nonnull (button);
  g_assert_true (gtk_widget_get_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

/* Lets frames pass until @condition holds; FALSE after five seconds. */
static inline gboolean
wait_until (gboolean (*condition) (gpointer user_data), gpointer user_data)
{
  gint64 end_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (!condition (user_data))
    {
      if (g_get_monotonic_time () > end_us)
        return FALSE;
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  return TRUE;
}
