/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/entry-editor.h"

#include <glib/gi18n.h>

#include "session/expression.h"

struct _AtlasEntryEditor
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *value;
  GtkWidget *effect;
  GtkWidget *stale;
  GtkWidget *stale_label;

  /* owned */
  AtlasDocument *document;
  char *effect_text; /* of the last writing; NULL when it was elsewhere */

  /* state */
  guint level;
  guint64 entry;
  AtlasVa effect_va;
};

G_DEFINE_FINAL_TYPE (AtlasEntryEditor, atlas_entry_editor, GTK_TYPE_WIDGET)

static char *
describe_rights (const AtlasLens *lens)
{
  const AtlasWalkResult *walk = &lens->walk;

  /* Rights are known as soon as the walk has come to a page, whoever may not use it. */
  if (walk->page_bytes == 0 || walk->cause == ATLAS_CAUSE_RESERVED_BIT ||
      walk->cause == ATLAS_CAUSE_NOT_PRESENT)
    return g_strdup (_ ("not translated"));
  /* Translators: who may use a page, whether it can be written, whether it can be executed. */
  return g_strdup_printf (_ ("%s %s%s"),
                          walk->is_user ? _ ("user") : _ ("supervisor"),
                          walk->is_writable ? _ ("read-write") : _ ("read-only"),
                          walk->is_executable ? _ (" executable") : "");
}

static void
run_command (AtlasEntryEditor *self, const char *command)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *before = describe_rights (atlas_document_get_lens (self->document));
  g_autofree char *after = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  AtlasVa va = atlas_document_get_selected_va (self->document);

  result = atlas_document_run (self->document, command, &error);
  g_free (self->effect_text);
  self->effect_va = va;
  if (result == NULL)
    {
      self->effect_text = g_strdup (error->message);
    }
  else if (!atlas_status_is_success (result->status))
    {
      self->effect_text = g_strdup (result->result);
    }
  else
    {
      after = describe_rights (atlas_document_get_lens (self->document));
      self->effect_text = g_str_equal (before, after) ? g_strdup_printf (_ ("Still %s"), after)
                                                      : g_strdup_printf ("%s → %s", before, after);
    }
  atlas_entry_editor_set_entry (self, self->level, self->entry);
}

void
atlas_entry_editor_write (AtlasEntryEditor *self, guint64 entry)
{
  static const char *const levels[] = { "pte", "pde", "pdpte", "pml4e", "pml5e" };
  g_autofree char *command = NULL;

  g_return_if_fail (ATLAS_IS_ENTRY_EDITOR (self));
  g_return_if_fail (self->level >= ATLAS_LEVEL_PT && self->level <= ATLAS_LEVELS_MAX);

  command = g_strdup_printf ("entry 0x%" G_GINT64_MODIFIER "x %s 0x%" G_GINT64_MODIFIER "x",
                             atlas_document_get_selected_va (self->document),
                             levels[self->level - 1u],
                             entry);
  run_command (self, command);
}

static void
invalidate_cb (AtlasEntryEditor *self)
{
  g_autofree char *command = g_strdup_printf ("invlpg 0x%" G_GINT64_MODIFIER "x",
                                              atlas_document_get_selected_va (self->document));

  run_command (self, command);
}

static void
value_activated_cb (AtlasEntryEditor *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->value));
  guint64 entry;

  if (!atlas_parse_number (text, TRUE, &entry, NULL))
    {
      gtk_widget_add_css_class (self->value, "error");
      return;
    }
  atlas_entry_editor_write (self, entry);
}

static void
value_changed_cb (AtlasEntryEditor *self)
{
  gtk_widget_remove_css_class (self->value, "error");
}

void
atlas_entry_editor_set_entry (AtlasEntryEditor *self, guint level, guint64 entry)
{
  gboolean is_editable;
  guint stale_level;
  gboolean is_here;
  g_autofree char *text = NULL;

  g_return_if_fail (ATLAS_IS_ENTRY_EDITOR (self));

  self->level = level;
  self->entry = entry;
  is_editable = atlas_document_is_simulation (self->document);
  text = atlas_format_va (entry);
  gtk_editable_set_text (GTK_EDITABLE (self->value), text);
  gtk_editable_set_editable (GTK_EDITABLE (self->value), is_editable);

  is_here =
    self->effect_text != NULL && self->effect_va == atlas_document_get_selected_va (self->document);
  gtk_label_set_text (GTK_LABEL (self->effect), is_here ? self->effect_text : "");
  gtk_widget_set_visible (self->effect, is_here);

  stale_level = atlas_document_get_stale_level (self->document);
  if (stale_level == ATLAS_LEVEL_PT)
    {
      gtk_label_set_text (GTK_LABEL (self->stale_label),
                          _ ("The TLB still holds the old translation"));
    }
  else if (stale_level != 0)
    {
      /* Translators: the name of an entry such as "PDE". */
      g_autofree char *words = g_strdup_printf (_ ("A cached %s still names the old table"),
                                                atlas_level_get_entry_name (stale_level));

      gtk_label_set_text (GTK_LABEL (self->stale_label), words);
    }
  gtk_widget_set_visible (self->stale, stale_level != 0);
}

static void
atlas_entry_editor_dispose (GObject *object)
{
  AtlasEntryEditor *self = ATLAS_ENTRY_EDITOR (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_entry_editor_parent_class)->dispose (object);
}

static void
atlas_entry_editor_finalize (GObject *object)
{
  g_free (ATLAS_ENTRY_EDITOR (object)->effect_text);

  G_OBJECT_CLASS (atlas_entry_editor_parent_class)->finalize (object);
}

static void
atlas_entry_editor_class_init (AtlasEntryEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_entry_editor_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_entry_editor_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "entryeditor");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_stale_bar (AtlasEntryEditor *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");
  GtkWidget *button = gtk_button_new_with_label ("INVLPG");

  gtk_widget_add_css_class (bar, "stale");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Out of date"), -1);
  self->stale_label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->stale_label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->stale_label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (self->stale_label), 22);
  gtk_widget_add_css_class (self->stale_label, "caption");
  gtk_widget_set_hexpand (self->stale_label, TRUE);
  gtk_widget_add_css_class (button, "atlas-small");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Drop what the processor has cached of this page"));
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (invalidate_cb), self);
  gtk_box_append (GTK_BOX (bar), icon);
  gtk_box_append (GTK_BOX (bar), self->stale_label);
  gtk_box_append (GTK_BOX (bar), button);
  self->stale = bar;
  return bar;
}

static void
atlas_entry_editor_init (AtlasEntryEditor *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  self->value = gtk_entry_new ();
  gtk_widget_add_css_class (self->value, "atlas-entry");
  gtk_editable_set_width_chars (GTK_EDITABLE (self->value), 17);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->value), 17);
  gtk_widget_set_tooltip_text (self->value,
                               _ ("Enter writes these 64 bits into the table as they are"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->value), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("The entry's value"), -1);
  g_signal_connect_swapped (self->value, "activate", G_CALLBACK (value_activated_cb), self);
  g_signal_connect_swapped (self->value, "changed", G_CALLBACK (value_changed_cb), self);
  gtk_box_append (GTK_BOX (self->box), self->value);

  self->effect = g_object_new (
    GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS, "xalign", 0.0f, NULL);
  gtk_label_set_wrap (GTK_LABEL (self->effect), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->effect), 28);
  gtk_widget_add_css_class (self->effect, "caption");
  gtk_box_append (GTK_BOX (self->box), self->effect);
  gtk_box_append (GTK_BOX (self->box), make_stale_bar (self));
}

GtkWidget *
atlas_entry_editor_new (AtlasDocument *document)
{
  AtlasEntryEditor *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_ENTRY_EDITOR, NULL);
  self->document = g_object_ref (document);
  return GTK_WIDGET (self);
}
