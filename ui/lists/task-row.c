/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/task-row.h"
#include "lists/chosen-file.h"
#include "paint/css-class.h"

#include <glib/gi18n.h>

struct _AtlasTaskRow
{
  const AtlasField *field;
  GtkWidget *widget;             /* borrowed */
  GtkWidget *toggle;             /* of a switch; borrowed */
  GPtrArray *words;              /* of a choice; NULL otherwise */
  GtkFileChooserNative *chooser; /* while it is shown */
  GCallback changed;
  gpointer data;
};

static void
on_changed (AtlasTaskRow *row)
{
  ((void (*) (gpointer data)) row->changed) (row->data);
}

static void
on_chosen (GtkNativeDialog *chooser, int response, AtlasTaskRow *row)
{
  g_autoptr (GFile) file = atlas_chosen_file_take (chooser, response);

  if (file != NULL && g_file_peek_path (file) != NULL)
    atlas_task_row_set_text (row, g_file_peek_path (file));
  g_clear_object (&row->chooser);
}

static void
on_choose (AtlasTaskRow *row)
{
  GtkRoot *root = gtk_widget_get_root (row->widget);

  g_clear_object (&row->chooser);
  row->chooser = gtk_file_chooser_native_new (_ (row->field->title),
                                              GTK_WINDOW (root),
                                              GTK_FILE_CHOOSER_ACTION_OPEN,
                                              _ ("_Choose"),
                                              _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (row->chooser), TRUE);
  g_signal_connect (row->chooser, "response", G_CALLBACK (on_chosen), row);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (row->chooser));
}

static GtkWidget *
make_choose_button (AtlasTaskRow *row)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("document-open-symbolic");

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _ ("Choose a File"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Choose a File"), -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_choose), row);
  return button;
}

static void
make_entry (AtlasTaskRow *row)
{
  row->widget = adw_entry_row_new ();
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row->widget), TRUE);
  if (row->field->help != NULL)
    gtk_widget_set_tooltip_text (row->widget, _ (row->field->help));
  if (row->field->kind == ATLAS_FIELD_KIND_FILE)
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (row->widget), make_choose_button (row));
}

static void
make_choice (AtlasTaskRow *row, AtlasDocument *document)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GtkStringList) model = gtk_string_list_new (NULL);

  atlas_field_list_choices (row->field->id, document, &row->words, &names);
  for (guint i = 0; i < names->len; i++)
    gtk_string_list_append (model, g_ptr_array_index (names, i));
  row->widget = adw_combo_row_new ();
  adw_combo_row_set_model (ADW_COMBO_ROW (row->widget), G_LIST_MODEL (model));
}

static void
make_switch (AtlasTaskRow *row)
{
  row->widget = adw_action_row_new ();
  row->toggle = gtk_switch_new ();
  gtk_widget_set_valign (row->toggle, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row->widget), row->toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row->widget), row->toggle);
  if (row->field->help != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row->widget), _ (row->field->help));
}

AtlasTaskRow *
atlas_task_row_new (const AtlasField *field,
                    const char *text,
                    AtlasDocument *document,
                    GCallback changed,
                    gpointer data)
{
  AtlasTaskRow *row = g_new0 (AtlasTaskRow, 1);

  row->field = field;
  row->changed = changed;
  row->data = data;
  switch (field->kind)
    {
    case ATLAS_FIELD_KIND_TEXT:
    case ATLAS_FIELD_KIND_FILE:
      make_entry (row);
      atlas_task_row_set_text (row, text);
      g_signal_connect_swapped (row->widget, "changed", G_CALLBACK (on_changed), row);
      break;
    case ATLAS_FIELD_KIND_CHOICE:
      make_choice (row, document);
      atlas_task_row_set_text (row, text);
      g_signal_connect_swapped (row->widget, "notify::selected", G_CALLBACK (on_changed), row);
      break;
    case ATLAS_FIELD_KIND_SWITCH:
      make_switch (row);
      atlas_task_row_set_text (row, text);
      g_signal_connect_swapped (row->toggle, "notify::active", G_CALLBACK (on_changed), row);
      break;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row->widget), _ (field->title));
  return row;
}

void
atlas_task_row_free (AtlasTaskRow *row)
{
  g_clear_object (&row->chooser);
  g_clear_pointer (&row->words, g_ptr_array_unref);
  g_free (row);
}

GtkWidget *
atlas_task_row_get_widget (AtlasTaskRow *row)
{
  return row->widget;
}

const AtlasField *
atlas_task_row_get_field (const AtlasTaskRow *row)
{
  return row->field;
}

const char *
atlas_task_row_get_text (AtlasTaskRow *row)
{
  guint selected;

  switch (row->field->kind)
    {
    case ATLAS_FIELD_KIND_TEXT:
    case ATLAS_FIELD_KIND_FILE:
      return gtk_editable_get_text (GTK_EDITABLE (row->widget));
    case ATLAS_FIELD_KIND_CHOICE:
      selected = adw_combo_row_get_selected (ADW_COMBO_ROW (row->widget));
      return selected < row->words->len ? g_ptr_array_index (row->words, selected) : "";
    case ATLAS_FIELD_KIND_SWITCH:
      return gtk_switch_get_active (GTK_SWITCH (row->toggle)) ? "yes" : "no";
    }
  g_assert_not_reached ();
}

void
atlas_task_row_set_text (AtlasTaskRow *row, const char *text)
{
  switch (row->field->kind)
    {
    case ATLAS_FIELD_KIND_TEXT:
    case ATLAS_FIELD_KIND_FILE:
      gtk_editable_set_text (GTK_EDITABLE (row->widget), text);
      return;
    case ATLAS_FIELD_KIND_CHOICE:
      for (guint i = 0; i < row->words->len; i++)
        if (g_str_equal (g_ptr_array_index (row->words, i), text))
          adw_combo_row_set_selected (ADW_COMBO_ROW (row->widget), i);
      return;
    case ATLAS_FIELD_KIND_SWITCH:
      gtk_switch_set_active (GTK_SWITCH (row->toggle), g_str_equal (text, "yes"));
      return;
    }
}

void
atlas_task_row_set_wrong (AtlasTaskRow *row, gboolean is_wrong)
{
  atlas_css_class_set (row->widget, "error", is_wrong);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row->widget),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE
                                        : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}
