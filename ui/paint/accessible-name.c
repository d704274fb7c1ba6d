/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "accessible-name.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
set_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* The first words in it, without the mark of a mnemonic. */
static const char *
find_words (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && *gtk_label_get_text (GTK_LABEL (widget)) != '\0')
    return gtk_label_get_text (GTK_LABEL (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      const char *words = find_words (child);

      if (words != NULL)
        return words;
    }
  return NULL;
}

void
atlas_name_after_label (GtkWidget *button)
{
  /* What labels it counts as well, with the underscore. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  set_name (button, find_words (button));
}

char *
atlas_name_as_label (const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "_", -1);

  return g_strjoinv ("__", parts);
}

static gboolean
is_named_list (GtkWidget *list)
{
  GtkWidget *group = gtk_widget_get_ancestor (list, ADW_TYPE_PREFERENCES_GROUP);
  const char *title =
    group != NULL ? adw_preferences_group_get_title (ADW_PREFERENCES_GROUP (group)) : NULL;

  return title != NULL && *title != '\0';
}

/* What a button with a picture alone does, by its picture. */
static const struct
{
  const char *icon;
  const char *name;
} icon_names[] = {
  { "edit-find-symbolic", N_ ("Search") },
  { "go-previous-symbolic", N_ ("Back") },
};

static const char *
find_button_name (GtkWidget *button)
{
  const char *icon = GTK_IS_BUTTON (button) ? gtk_button_get_icon_name (GTK_BUTTON (button)) : NULL;
  const char *words = find_words (button);

  if (words != NULL)
    return words;
  for (guint i = 0; i < G_N_ELEMENTS (icon_names); i++)
    if (g_strcmp0 (icon, icon_names[i].icon) == 0)
      return _ (icon_names[i].name);
  return gtk_widget_get_tooltip_text (button);
}

static void
name_part (GtkWidget *part, const char *name)
{
  /* Such a button is named by its content once that has a window. */
  if (GTK_IS_BUTTON (part) && ADW_IS_BUTTON_CONTENT (gtk_button_get_child (GTK_BUTTON (part))))
    return;
  if (GTK_IS_BUTTON (part) || GTK_IS_MENU_BUTTON (part))
    {
      const char *own_name = find_button_name (part);

      gtk_accessible_reset_relation (GTK_ACCESSIBLE (part), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
      if (own_name != NULL || GTK_IS_MENU_BUTTON (part))
        set_name (part, own_name != NULL ? own_name : name);
    }
  else if (GTK_IS_SEARCH_ENTRY (part))
    set_name (part, _ ("Search"));
  else if ((GTK_IS_LIST_BOX (part) && !is_named_list (part)) || GTK_IS_TEXT_VIEW (part) ||
           GTK_IS_IMAGE (part))
    set_name (part, name);
}

void
atlas_name_parts (GtkWidget *widget, const char *name)
{
  g_return_if_fail (GTK_IS_WIDGET (widget));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      name_part (child, name);
      atlas_name_parts (child, name);
    }
}

void
atlas_name_window_parts (GtkWindow *window)
{
  g_return_if_fail (GTK_IS_WINDOW (window));

  atlas_name_parts (GTK_WIDGET (window), gtk_window_get_title (window));
}
