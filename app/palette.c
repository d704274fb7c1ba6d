/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "palette.h"

#include <glib/gi18n.h>
#include <string.h>

#include "commands.h"
#include "paint/dialog-size.h"

#define WIDTH_PX 560
#define HEIGHT_PX 420
#define PREVIEW_DELAY_MS 150

/* What a row stands for. */
typedef struct
{
  const char *action; /* a command of the program; borrowed */
  const char *verb;   /* a verb of the session; borrowed */
  gboolean is_typed;  /* what was typed, to be run as it is */
  char *words;        /* to be searched, folded */
} Choice;

struct _AtlasPalette
{
  AdwWindow parent_instance;

  /* children's children */
  GtkWidget *search;
  GtkWidget *list;
  GtkWidget *typed_row;
  GtkWidget *typed_title;
  GtkWidget *typed_preview;

  /* owned */
  AtlasDocument *document;

  /* state */
  guint preview_id;
};

G_DEFINE_FINAL_TYPE (AtlasPalette, atlas_palette, ADW_TYPE_WINDOW)

#define CHOICE_KEY "atlas-choice"

static void
choice_free (gpointer data)
{
  Choice *choice = data;

  g_free (choice->words);
  g_free (choice);
}

static const Choice *
get_choice (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), CHOICE_KEY);
}

/* Every word typed is somewhere in the row's. */
static gboolean
matches (const Choice *choice, const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  g_auto (GStrv) words = g_strsplit (folded, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (choice->words, words[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
filter_cb (GtkListBoxRow *row, gpointer user_data)
{
  AtlasPalette *self = user_data;
  const Choice *choice = get_choice (row);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  g_autofree char *verb = NULL;

  if (choice->is_typed)
    return *gtk_label_get_text (GTK_LABEL (self->typed_title)) != '\0';
  /* A verb with its arguments begun is still that verb. */
  verb = g_strndup (text, strcspn (text, " "));
  return matches (choice, text) || g_strcmp0 (choice->verb, verb) == 0;
}

static void
select_first (AtlasPalette *self)
{
  for (int i = 0;; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), i);

      if (row == NULL)
        return;
      if (filter_cb (row, self))
        {
          gtk_list_box_select_row (GTK_LIST_BOX (self->list), row);
          return;
        }
    }
}

static gboolean
preview_cb (gpointer user_data)
{
  AtlasPalette *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autofree char *words = NULL;

  self->preview_id = 0;
  result = atlas_document_preview (self->document, text, NULL);
  if (result != NULL)
    words = g_strdup_printf (_ ("Would give: %s"), result->result);
  gtk_label_set_text (GTK_LABEL (self->typed_title), result != NULL ? result->command : "");
  gtk_label_set_text (GTK_LABEL (self->typed_preview), words != NULL ? words : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->typed_row),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  result != NULL ? result->command : _ ("Nothing typed"),
                                  -1);
  gtk_list_box_invalidate_filter (GTK_LIST_BOX (self->list));
  select_first (self);
  return G_SOURCE_REMOVE;
}

static void
search_changed_cb (AtlasPalette *self)
{
  g_clear_handle_id (&self->preview_id, g_source_remove);
  gtk_label_set_text (GTK_LABEL (self->typed_title), "");
  if (atlas_document_is_simulation (self->document))
    self->preview_id = g_timeout_add (PREVIEW_DELAY_MS, preview_cb, self);
  gtk_list_box_invalidate_filter (GTK_LIST_BOX (self->list));
  select_first (self);
}

static void
row_activated_cb (AtlasPalette *self, GtkListBoxRow *row)
{
  const Choice *choice = get_choice (row);
  GtkWidget *parent = GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (self)));
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search)));
  g_autofree char *begun = NULL;

  g_object_ref (self);
  gtk_window_close (GTK_WINDOW (self));
  if (choice->is_typed)
    {
      gtk_widget_activate_action (parent, "win.run", "s", text);
    }
  else if (choice->verb != NULL)
    {
      /* What was typed of its arguments is kept. */
      begun = g_str_has_prefix (text, choice->verb) ? g_steal_pointer (&text)
                                                    : g_strconcat (choice->verb, " ", NULL);
      gtk_widget_activate_action (parent, "win.type-command", "s", begun);
    }
  else
    {
      g_autoptr (GVariant) target = NULL;
      g_autofree char *name = NULL;

      if (g_action_parse_detailed_name (choice->action, &name, &target, NULL))
        gtk_widget_activate_action_variant (parent, name, target);
    }
  g_object_unref (self);
}

static void
search_activated_cb (AtlasPalette *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));

  /* What was typed just now may be a whole command. */
  if (self->preview_id != 0)
    {
      g_clear_handle_id (&self->preview_id, g_source_remove);
      preview_cb (self);
      row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));
    }
  if (row != NULL)
    row_activated_cb (self, row);
}

static gboolean
key_pressed_cb (AtlasPalette *self, guint key, guint code, GdkModifierType modifiers)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->list));
  int by = key == GDK_KEY_Down ? 1 : -1;

  if (key == GDK_KEY_Escape)
    {
      gtk_window_close (GTK_WINDOW (self));
      return GDK_EVENT_STOP;
    }
  if ((key != GDK_KEY_Down && key != GDK_KEY_Up) || row == NULL)
    return GDK_EVENT_PROPAGATE;
  for (int i = gtk_list_box_row_get_index (row) + by;; i += by)
    {
      row = i >= 0 ? gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), i) : NULL;
      if (row == NULL)
        return GDK_EVENT_STOP;
      if (filter_cb (row, self))
        break;
    }
  gtk_list_box_select_row (GTK_LIST_BOX (self->list), row);
  gtk_widget_grab_focus (GTK_WIDGET (row));
  gtk_widget_grab_focus (self->search);
  return GDK_EVENT_STOP;
}

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* Takes @choice. */
static void
add_row (AtlasPalette *self, Choice *choice, const char *title, const char *note)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *name = make_label (title, choice->verb != NULL ? "atlas-address" : NULL);
  GtkWidget *detail = make_label (note, "dim-label");
  g_autofree char *words = g_strjoin (" ", title, note, NULL);

  choice->words = g_utf8_casefold (words, -1);
  gtk_widget_add_css_class (detail, "caption");
  gtk_label_set_xalign (GTK_LABEL (detail), 1);
  gtk_widget_set_hexpand (detail, TRUE);
  gtk_box_append (GTK_BOX (box), name);
  gtk_box_append (GTK_BOX (box), detail);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, *title != '\0' ? title : note, -1);
  g_object_set_data_full (G_OBJECT (row), CHOICE_KEY, choice, choice_free);
  if (choice->is_typed)
    {
      self->typed_row = row;
      self->typed_title = name;
      self->typed_preview = detail;
    }
  gtk_list_box_append (GTK_LIST_BOX (self->list), row);
}

static Choice *
make_choice (const char *action, const char *verb, gboolean is_typed)
{
  Choice *choice = g_new0 (Choice, 1);

  choice->action = action;
  choice->verb = verb;
  choice->is_typed = is_typed;
  return choice;
}

static void
fill (AtlasPalette *self)
{
  guint n_commands, n_verbs;
  const AtlasProgramCommand *commands = atlas_program_get_commands (&n_commands);
  const AtlasVerb *verbs = atlas_session_get_verbs (&n_verbs);

  add_row (self, make_choice (NULL, NULL, TRUE), "", _ ("Nothing typed"));
  gtk_label_set_text (GTK_LABEL (self->typed_preview), "");
  for (guint i = 0; i < n_commands; i++)
    {
      g_autofree char *keys = NULL;
      guint key;
      GdkModifierType modifiers;

      if (g_str_equal (commands[i].action, "win.palette"))
        continue;
      if (commands[i].accels[0] != NULL &&
          gtk_accelerator_parse (commands[i].accels[0], &key, &modifiers))
        keys = gtk_accelerator_get_label (key, modifiers);
      add_row (self,
               make_choice (commands[i].action, NULL, FALSE),
               _ (commands[i].title),
               keys != NULL ? keys : "");
    }
  for (guint i = 0; i < n_verbs && atlas_document_is_simulation (self->document); i++)
    add_row (self, make_choice (NULL, verbs[i].name, FALSE), verbs[i].name, _ (verbs[i].summary));
}

static void
atlas_palette_dispose (GObject *object)
{
  AtlasPalette *self = ATLAS_PALETTE (object);

  g_clear_handle_id (&self->preview_id, g_source_remove);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_palette_parent_class)->dispose (object);
}

static void
atlas_palette_class_init (AtlasPaletteClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_palette_dispose;
}

static void
atlas_palette_init (AtlasPalette *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  atlas_dialog_set_size (GTK_WINDOW (self), WIDTH_PX, HEIGHT_PX);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Find a Command"));

  self->search = gtk_search_entry_new ();
  g_object_set (self->search, "placeholder-text", _ ("Find or type a command"), NULL);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Find or type a command"), -1);
  gtk_search_entry_set_search_delay (GTK_SEARCH_ENTRY (self->search), 0);
  gtk_widget_add_css_class (self->search, "palette-search");
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (search_changed_cb), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (search_activated_cb), self);
  gtk_box_append (GTK_BOX (box), self->search);

  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_BROWSE);
  gtk_list_box_set_filter_func (GTK_LIST_BOX (self->list), filter_cb, self, NULL);
  gtk_widget_add_css_class (self->list, "palette-list");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Commands"), -1);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (self), box);

  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

GtkWidget *
atlas_palette_new (GtkWindow *parent, AtlasDocument *document)
{
  AtlasPalette *self = g_object_new (ATLAS_TYPE_PALETTE, "transient-for", parent, NULL);

  self->document = g_object_ref (document);
  fill (self);
  select_first (self);
  gtk_widget_grab_focus (self->search);
  return GTK_WIDGET (self);
}
