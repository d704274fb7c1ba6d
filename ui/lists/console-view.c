/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/console-view.h"

#include <glib/gi18n.h>
#include <string.h>

#define PREVIEW_DELAY_MS 250
/* So many words are a help, more are a wall. */
#define MAX_WORDS 24u
#define OUTPUT_MIN_PX 32

struct _AtlasConsoleView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *output;
  GtkWidget *words;
  GtkWidget *entry;
  GtkWidget *note; /* how the command is written, then what it would do */

  /* owned */
  AtlasDocument *document;
  GPtrArray *history; /* of char* */
  char *draft;        /* what was typed before looking back */
  char **choices;

  /* state */
  guint history_index;
  guint preview_id;
  int width_px, height_px;
  gboolean wants_layout; /* once more, in the same frame */
};

G_DEFINE_FINAL_TYPE (AtlasConsoleView, atlas_console_view, GTK_TYPE_WIDGET)

/* ---- what ran ---------------------------------------------------------------------------------
 */

/* GTK 4.8 measures lines of a text view while it gives out sizes, and what is larger then is never
 * given its own: it is drawn without one. A second layout of the same frame finds all measured. */
static void
laid_out_cb (AtlasConsoleView *self, GdkFrameClock *clock)
{
  if (!self->wants_layout)
    return;
  self->wants_layout = FALSE;
  for (GtkWidget *above = self->output; above != NULL; above = gtk_widget_get_parent (above))
    gtk_widget_queue_resize (above);
}

static void
atlas_console_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (atlas_console_view_parent_class)->map (widget);

  g_signal_connect_object (gtk_widget_get_frame_clock (widget),
                           "layout",
                           G_CALLBACK (laid_out_cb),
                           widget,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

static void
atlas_console_view_unmap (GtkWidget *widget)
{
  g_signal_handlers_disconnect_by_func (gtk_widget_get_frame_clock (widget), laid_out_cb, widget);

  GTK_WIDGET_CLASS (atlas_console_view_parent_class)->unmap (widget);
}

static void
atlas_console_view_measure (GtkWidget *widget,
                            GtkOrientation orientation,
                            int for_size,
                            int *minimum,
                            int *natural,
                            int *minimum_baseline,
                            int *natural_baseline)
{
  AtlasConsoleView *self = ATLAS_CONSOLE_VIEW (widget);

  gtk_widget_measure (self->box, orientation, for_size, minimum, natural, NULL, NULL);
}

static void
atlas_console_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AtlasConsoleView *self = ATLAS_CONSOLE_VIEW (widget);

  /* The same lines are broken anew, and there may be others in sight. */
  if (width != self->width_px || height != self->height_px)
    self->wants_layout = TRUE;
  self->width_px = width;
  self->height_px = height;
  gtk_widget_size_allocate (self->box, &(GtkAllocation){ 0, 0, width, height }, baseline);
}

static void
write_line (AtlasConsoleView *self, const char *text, const char *tag)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->output));
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  if (gtk_text_buffer_get_char_count (buffer) > 0)
    gtk_text_buffer_insert (buffer, &end, "\n", 1);
  gtk_text_buffer_insert_with_tags_by_name (buffer, &end, text, -1, tag, NULL);
  self->wants_layout = TRUE;
  gtk_text_buffer_place_cursor (buffer, &end);
  gtk_text_view_scroll_mark_onscreen (GTK_TEXT_VIEW (self->output),
                                      gtk_text_buffer_get_insert (buffer));
}

static void
ran_cb (AtlasConsoleView *self, AtlasCommandResult *result)
{
  g_autofree char *command = g_strconcat ("› ", result->command, NULL);

  write_line (self, command, "command");
  write_line (self, result->result, atlas_status_is_success (result->status) ? "result" : "error");
}

static void
opened_cb (AtlasConsoleView *self)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->output)), "", 0);
  gtk_widget_set_sensitive (self->entry, atlas_document_is_simulation (self->document));
}

/* ---- the line ---------------------------------------------------------------------------------
 */

static void
set_note (AtlasConsoleView *self, const char *text)
{
  gtk_label_set_text (GTK_LABEL (self->note), text);
  gtk_widget_set_tooltip_text (self->note, text);
}

static void
show_usage (AtlasConsoleView *self, const char *text)
{
  guint n_verbs;
  const AtlasVerb *verbs = atlas_session_get_verbs (&n_verbs);
  gsize n_chars = strcspn (text, " ");

  set_note (self,
            atlas_document_is_simulation (self->document) ? _ ("A command, as in a scenario file")
                                                          : _ ("Only a simulation runs commands"));
  for (guint i = 0; i < n_verbs; i++)
    {
      g_autofree char *words = NULL;

      if (strlen (verbs[i].name) != n_chars || strncmp (verbs[i].name, text, n_chars) != 0)
        continue;
      words = g_strdup_printf ("%s   %s", verbs[i].usage, verbs[i].summary);
      set_note (self, words);
    }
}

static void
take_word (AtlasConsoleView *self, const char *word)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  const char *begun = strrchr (text, ' ');
  g_autofree char *head = g_strndup (text, begun == NULL ? 0 : (gsize) (begun + 1 - text));
  g_autofree char *line = NULL;

  /* After a whole word the next one follows, but for a list with bars or a value. */
  line = g_strconcat (head, word, g_str_has_suffix (word, "=") ? "" : " ", NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), line);
  gtk_widget_grab_focus (self->entry);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static void
word_clicked_cb (AtlasConsoleView *self, GtkButton *button)
{
  take_word (self, gtk_button_get_label (button));
}

static void
show_words (AtlasConsoleView *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->words)) != NULL)
    gtk_box_remove (GTK_BOX (self->words), child);
  for (guint i = 0; self->choices != NULL && self->choices[i] != NULL && i < MAX_WORDS; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (self->choices[i]);

      gtk_widget_add_css_class (button, "flat");
      gtk_widget_add_css_class (button, "atlas-small");
      g_signal_connect_swapped (button, "clicked", G_CALLBACK (word_clicked_cb), self);
      gtk_box_append (GTK_BOX (self->words), button);
    }
}

static gboolean
preview_cb (gpointer user_data)
{
  AtlasConsoleView *self = user_data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autofree char *words = NULL;

  self->preview_id = 0;
  if (*text == '\0')
    return G_SOURCE_REMOVE;
  result = atlas_document_preview (self->document, text, &error);
  if (result != NULL)
    words = g_strdup_printf (_ ("Would give: %s"), result->result);
  else if (self->choices == NULL || self->choices[0] == NULL)
    words = g_strdup (error->message);
  if (words != NULL)
    set_note (self, words);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (AtlasConsoleView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  AtlasSession *session = atlas_document_get_session (self->document);

  g_clear_pointer (&self->choices, g_strfreev);
  if (session != NULL)
    self->choices = atlas_session_complete (session, text);
  gtk_widget_remove_css_class (self->entry, "error");
  show_usage (self, text);
  show_words (self);
  g_clear_handle_id (&self->preview_id, g_source_remove);
  if (session != NULL && *text != '\0')
    self->preview_id = g_timeout_add (PREVIEW_DELAY_MS, preview_cb, self);
}

static void
activate_cb (AtlasConsoleView *self)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;

  g_strstrip (text);
  if (*text == '\0')
    return;
  g_ptr_array_add (self->history, g_strdup (text));
  self->history_index = self->history->len;
  result = atlas_document_run (self->document, text, &error);
  if (result == NULL)
    {
      g_autofree char *command = g_strconcat ("› ", text, NULL);

      write_line (self, command, "command");
      write_line (self, error->message, "error");
      gtk_widget_add_css_class (self->entry, "error");
      return;
    }
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
}

/* The longest beginning that all choices share; "" when there is none. (transfer full) */
static char *
find_common_start (char **choices)
{
  gsize n_chars = strlen (choices[0]);

  for (guint i = 1; choices[i] != NULL; i++)
    {
      gsize n_same = 0;

      while (n_same < n_chars && choices[i][n_same] == choices[0][n_same])
        n_same++;
      n_chars = n_same;
    }
  return g_strndup (choices[0], n_chars);
}

static gboolean
complete (AtlasConsoleView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  const char *begun = strrchr (text, ' ') != NULL ? strrchr (text, ' ') + 1 : text;
  g_autofree char *start = NULL;
  g_autofree char *line = NULL;

  if (self->choices == NULL || self->choices[0] == NULL)
    return FALSE;
  if (self->choices[1] == NULL)
    {
      g_autofree char *word = g_strdup (self->choices[0]);

      take_word (self, word);
      return TRUE;
    }
  start = find_common_start (self->choices);
  if (strlen (start) > strlen (begun))
    {
      g_autofree char *head = g_strndup (text, (gsize) (begun - text));

      line = g_strconcat (head, start, NULL);
      gtk_editable_set_text (GTK_EDITABLE (self->entry), line);
      gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
    }
  return TRUE;
}

static void
look_back (AtlasConsoleView *self, gint by)
{
  const char *text;

  if ((by < 0 && self->history_index == 0) || (by > 0 && self->history_index >= self->history->len))
    return;
  if (self->history_index == self->history->len)
    {
      g_free (self->draft);
      self->draft = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
    }
  self->history_index = (guint) ((gint) self->history_index + by);
  text = self->history_index < self->history->len
           ? g_ptr_array_index (self->history, self->history_index)
           : self->draft;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

static gboolean
key_pressed_cb (AtlasConsoleView *self, guint key, guint code, GdkModifierType modifiers)
{
  if ((modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SHIFT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Tab:
      return complete (self);
    case GDK_KEY_Up:
      look_back (self, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
      look_back (self, 1);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* ---- widget -----------------------------------------------------------------------------------
 */

static gboolean
atlas_console_view_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (ATLAS_CONSOLE_VIEW (widget)->entry);
}

static void
atlas_console_view_dispose (GObject *object)
{
  AtlasConsoleView *self = ATLAS_CONSOLE_VIEW (object);

  g_clear_handle_id (&self->preview_id, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_console_view_parent_class)->dispose (object);
}

static void
atlas_console_view_finalize (GObject *object)
{
  AtlasConsoleView *self = ATLAS_CONSOLE_VIEW (object);

  g_ptr_array_unref (self->history);
  g_strfreev (self->choices);
  g_free (self->draft);

  G_OBJECT_CLASS (atlas_console_view_parent_class)->finalize (object);
}

static void
atlas_console_view_class_init (AtlasConsoleViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_console_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_console_view_finalize;
  widget_class->grab_focus = atlas_console_view_grab_focus;
  widget_class->map = atlas_console_view_map;
  widget_class->unmap = atlas_console_view_unmap;
  widget_class->measure = atlas_console_view_measure;
  widget_class->size_allocate = atlas_console_view_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "atlasconsole");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_line_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_output (AtlasConsoleView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkTextBuffer *buffer;

  self->output = gtk_text_view_new ();
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->output), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (self->output), FALSE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->output), FALSE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->output), GTK_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (self->output, "atlas-console");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->output), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("What ran"), -1);
  buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->output));
  /* By itself 4.8 measures a new text no sooner than when it draws it, or while what is around it
   * gets its sizes; these are no longer right then. */
  g_signal_connect_object (
    buffer, "changed", G_CALLBACK (gtk_widget_queue_resize), self->output, G_CONNECT_SWAPPED);
  gtk_text_buffer_create_tag (buffer, "command", "weight", PANGO_WEIGHT_BOLD, NULL);
  gtk_text_buffer_create_tag (buffer, "result", NULL);
  gtk_text_buffer_create_tag (buffer, "error", "foreground", "#c01c28", NULL);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->output);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), OUTPUT_MIN_PX);
  gtk_widget_add_css_class (scroller, "console-output");
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static void
atlas_console_view_init (AtlasConsoleView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *lower = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->history = g_ptr_array_new_with_free_func (g_free);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  gtk_widget_add_css_class (bar, "atlas-bar");
  self->words = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->words);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (bar), scroller);
  gtk_box_append (GTK_BOX (self->box), bar);
  gtk_box_append (GTK_BOX (self->box), make_output (self));

  self->entry = gtk_entry_new ();
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->entry), _ ("Type a command"));
  gtk_widget_add_css_class (self->entry, "atlas-address");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Command"), -1);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (activate_cb), self);
  /* Before the entry's own text sees the key. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (self->entry, keys);
  gtk_box_append (GTK_BOX (lower), self->entry);
  /* Always one line high: the entry stays where it is. */
  self->note = make_line_label ("caption");
  gtk_box_append (GTK_BOX (lower), self->note);

  gtk_widget_add_css_class (lower, "console-line");
  gtk_box_append (GTK_BOX (self->box), lower);
}

GtkWidget *
atlas_console_view_new (AtlasDocument *document)
{
  AtlasConsoleView *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_CONSOLE_VIEW, NULL);
  self->document = g_object_ref (document);
  g_signal_connect_object (document, "ran", G_CALLBACK (ran_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (document, "opened", G_CALLBACK (opened_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (document, "opened", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  opened_cb (self);
  changed_cb (self);
  return GTK_WIDGET (self);
}

void
atlas_console_view_begin (AtlasConsoleView *self, const char *text)
{
  g_return_if_fail (ATLAS_IS_CONSOLE_VIEW (self));
  g_return_if_fail (text != NULL);

  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  gtk_widget_grab_focus (self->entry);
  gtk_editable_set_position (GTK_EDITABLE (self->entry), -1);
}

char *
atlas_console_view_dup_text (AtlasConsoleView *self)
{
  GtkTextBuffer *buffer;
  GtkTextIter start, end;

  g_return_val_if_fail (ATLAS_IS_CONSOLE_VIEW (self), NULL);

  buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->output));
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}
