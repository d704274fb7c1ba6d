/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/command-card.h"

#include <glib/gi18n.h>

#define WORD_CHARS_MAX 24

struct _AtlasCommandCard
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *lines; /* a label each: 4.8 measures one of several lines wrongly */
  GtkWidget *copy;

  /* owned */
  char *text; /* NULL: there is none */
};

G_DEFINE_FINAL_TYPE (AtlasCommandCard, atlas_command_card, GTK_TYPE_WIDGET)

static void
on_copy (AtlasCommandCard *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->text);
}

static void
append_line (AtlasCommandCard *self, const char *line)
{
  GtkWidget *label = gtk_label_new (line);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  glong n_chars = 0;

  /* 4.8 finds the least width between letters, but between words when it is told a height, and
   * complains of the difference. */
  for (guint i = 0; words[i] != NULL; i++)
    n_chars = MAX (n_chars, g_utf8_strlen (words[i], -1));
  gtk_label_set_width_chars (GTK_LABEL (label), (int) MIN (n_chars, WORD_CHARS_MAX));
  gtk_label_set_xalign (GTK_LABEL (label), 0.0f);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  gtk_widget_add_css_class (label, "atlas-address");
  gtk_box_append (GTK_BOX (self->lines), label);
}

static void
atlas_command_card_dispose (GObject *object)
{
  AtlasCommandCard *self = ATLAS_COMMAND_CARD (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->text, g_free);

  G_OBJECT_CLASS (atlas_command_card_parent_class)->dispose (object);
}

static void
atlas_command_card_class_init (AtlasCommandCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_command_card_dispose;

  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
atlas_command_card_init (AtlasCommandCard *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (self->box, "card");
  gtk_widget_add_css_class (self->box, "atlas-command");

  gtk_widget_set_hexpand (self->lines, TRUE);
  gtk_widget_set_valign (self->lines, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->box), self->lines);

  gtk_widget_add_css_class (self->copy, "flat");
  gtk_widget_set_valign (self->copy, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->copy, _ ("Copy the command"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->copy), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Copy the command"), -1);
  gtk_widget_set_sensitive (self->copy, FALSE);
  g_signal_connect_swapped (self->copy, "clicked", G_CALLBACK (on_copy), self);
  gtk_box_append (GTK_BOX (self->box), self->copy);
  append_line (self, "—");
}

GtkWidget *
atlas_command_card_new (void)
{
  return g_object_new (ATLAS_TYPE_COMMAND_CARD, NULL);
}

void
atlas_command_card_set_text (AtlasCommandCard *self, const char *commands)
{
  g_auto (GStrv) lines = NULL;
  GtkWidget *line;

  g_return_if_fail (ATLAS_IS_COMMAND_CARD (self));

  if (g_strcmp0 (commands, self->text) == 0)
    return;
  g_free (self->text);
  self->text = g_strdup (commands);
  while ((line = gtk_widget_get_first_child (self->lines)) != NULL)
    gtk_box_remove (GTK_BOX (self->lines), line);
  lines = g_strsplit (commands != NULL ? commands : "—", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    append_line (self, lines[i]);
  gtk_widget_set_sensitive (self->copy, commands != NULL);
}
