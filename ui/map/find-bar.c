/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/find-bar.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "space/search.h"

/* A few milliseconds' worth, so that nothing stutters. */
#define SLICE_BYTES ATLAS_MB (2)

/* What is looked for, and what is said of it. */
#define CHARS_MIN 10
#define CHARS 28

struct _AtlasFindBar
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  GSignalGroup *document_signals;
  AtlasSearch *search; /* while it runs */
  guint slice_id;

  /* children's children */
  GtkWidget *bar; /* child; NULL before it is first opened */
  GtkDropDown *kind;
  GtkEditable *entry;
  GtkLabel *status;
};

G_DEFINE_FINAL_TYPE (AtlasFindBar, atlas_find_bar, GTK_TYPE_WIDGET)

static void
stop (AtlasFindBar *self)
{
  g_clear_handle_id (&self->slice_id, g_source_remove);
  g_clear_pointer (&self->search, atlas_search_free);
}

static void
show_found (AtlasFindBar *self, AtlasVa va)
{
  g_autofree char *address = atlas_format_va (va);
  g_autofree char *text = g_strdup_printf (_ ("Found at %s"), address);

  gtk_label_set_text (self->status, text);
  atlas_document_select (atlas_viewport_get_document (self->viewport), va);
  atlas_viewport_reveal (self->viewport, va);
}

static gboolean
slice_cb (gpointer user_data)
{
  AtlasFindBar *self = user_data;
  AtlasVa va;

  switch (atlas_search_step (self->search, SLICE_BYTES, &va))
    {
    case ATLAS_SEARCH_GOES_ON:
      return G_SOURCE_CONTINUE;
    case ATLAS_SEARCH_FOUND:
      self->slice_id = 0;
      stop (self);
      show_found (self, va);
      return G_SOURCE_REMOVE;
    case ATLAS_SEARCH_NOTHING:
      break;
    }
  self->slice_id = 0;
  stop (self);
  gtk_label_set_text (self->status, _ ("Not found"));
  return G_SOURCE_REMOVE;
}

static void
find (AtlasFindBar *self, gboolean is_backwards)
{
  AtlasDocument *document = atlas_viewport_get_document (self->viewport);
  AtlasSpace *space = atlas_document_get_space (document);
  AtlasSearchKind kind = (AtlasSearchKind) gtk_drop_down_get_selected (self->kind);
  AtlasVa from_va = 0;
  g_autoptr (GError) error = NULL;

  stop (self);
  if (space == NULL)
    return;
  if (atlas_document_has_selection (document))
    {
      const AtlasRegion *region = atlas_document_get_selected_region (document);

      /* Beside what is selected: the next byte, or the next region. */
      from_va = atlas_document_get_selected_va (document);
      if (kind == ATLAS_SEARCH_NAME)
        from_va = is_backwards ? region->base_va : atlas_region_get_last_va (region);
      from_va += is_backwards ? G_MAXUINT64 : 1;
    }
  self->search = atlas_search_new (
    space, kind, gtk_editable_get_text (self->entry), from_va, is_backwards, &error);
  if (self->search == NULL)
    {
      gtk_label_set_text (self->status, error->message);
      return;
    }
  gtk_label_set_text (self->status, _ ("Looking…"));
  self->slice_id = g_idle_add (slice_cb, self);
}

static void
find_next (AtlasFindBar *self)
{
  find (self, FALSE);
}

static void
find_previous (AtlasFindBar *self)
{
  find (self, TRUE);
}

static void
kind_changed_cb (AtlasFindBar *self)
{
  static const char *const hints[] = {
    [ATLAS_SEARCH_TEXT] = N_ ("Text"),
    [ATLAS_SEARCH_UTF16] = N_ ("Text"),
    [ATLAS_SEARCH_BYTES] = N_ ("4d 5a ?? 00"),
    [ATLAS_SEARCH_NAME] = N_ ("ntdll, stack, reserve"),
  };

  stop (self);
  g_object_set (
    self->entry, "placeholder-text", _ (hints[gtk_drop_down_get_selected (self->kind)]), NULL);
}

static void
mode_changed_cb (AtlasFindBar *self)
{
  if (gtk_search_bar_get_search_mode (GTK_SEARCH_BAR (self->bar)))
    return;
  stop (self);
  gtk_label_set_text (self->status, "");
}

static GtkWidget *
make_button (AtlasFindBar *self, const char *icon, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return button;
}

static void
atlas_find_bar_dispose (GObject *object)
{
  AtlasFindBar *self = ATLAS_FIND_BAR (object);

  stop (self);
  g_clear_object (&self->document_signals);
  g_clear_object (&self->viewport);
  g_clear_pointer (&self->bar, gtk_widget_unparent);

  G_OBJECT_CLASS (atlas_find_bar_parent_class)->dispose (object);
}

static void
atlas_find_bar_class_init (AtlasFindBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_find_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "findbar");
}

/* When it is first wanted: most windows never look for anything. */
static void
build (AtlasFindBar *self)
{
  const char *const kinds[] = {
    _ ("Text"), _ ("Text, UTF-16"), _ ("Bytes"), _ ("Name or Kind"), NULL
  };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *kind = gtk_drop_down_new_from_strings (kinds);
  GtkWidget *entry = gtk_search_entry_new ();
  GtkWidget *status = gtk_label_new ("");
  GtkWidget *steps = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == ATLAS_N_SEARCHES + 1);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (kind), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("What to look for"), -1);
  self->kind = GTK_DROP_DOWN (kind);
  g_signal_connect_swapped (kind, "notify::selected", G_CALLBACK (kind_changed_cb), self);

  gtk_editable_set_width_chars (GTK_EDITABLE (entry), CHARS_MIN);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), CHARS);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Find in memory"), -1);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (find_next), self);
  g_signal_connect_swapped (entry, "next-match", G_CALLBACK (find_next), self);
  g_signal_connect_swapped (entry, "previous-match", G_CALLBACK (find_previous), self);
  self->entry = GTK_EDITABLE (entry);

  gtk_widget_add_css_class (steps, "linked");
  gtk_box_append (
    GTK_BOX (steps),
    make_button (self, "go-up-symbolic", _ ("Previous match"), G_CALLBACK (find_previous)));
  gtk_box_append (GTK_BOX (steps),
                  make_button (self, "go-down-symbolic", _ ("Next match"), G_CALLBACK (find_next)));

  gtk_widget_add_css_class (status, "dim-label");
  gtk_widget_add_css_class (status, "numeric");
  gtk_label_set_ellipsize (GTK_LABEL (status), PANGO_ELLIPSIZE_END);
  /* Nothing beside it moves when it speaks. */
  gtk_label_set_width_chars (GTK_LABEL (status), CHARS_MIN);
  gtk_label_set_max_width_chars (GTK_LABEL (status), CHARS);
  g_object_bind_property (status, "label", status, "tooltip-text", G_BINDING_DEFAULT);
  gtk_label_set_xalign (GTK_LABEL (status), 0);
  self->status = GTK_LABEL (status);

  gtk_box_append (GTK_BOX (box), kind);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), steps);
  gtk_box_append (GTK_BOX (box), status);
  self->bar = gtk_search_bar_new ();
  gtk_search_bar_set_child (GTK_SEARCH_BAR (self->bar), box);
  gtk_search_bar_connect_entry (GTK_SEARCH_BAR (self->bar), self->entry);
  g_signal_connect_swapped (
    self->bar, "notify::search-mode-enabled", G_CALLBACK (mode_changed_cb), self);
  gtk_widget_set_parent (self->bar, GTK_WIDGET (self));
  kind_changed_cb (self);
}

static void
atlas_find_bar_init (AtlasFindBar *self)
{
}

GtkWidget *
atlas_find_bar_new (AtlasViewport *viewport)
{
  AtlasFindBar *self = g_object_new (ATLAS_TYPE_FIND_BAR, NULL);

  self->viewport = g_object_ref (viewport);
  /* A search is of one moment: what it walks through is gone with the next. */
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (self->document_signals, "opened", G_CALLBACK (stop), self);
  g_signal_group_connect_swapped (self->document_signals, "changed", G_CALLBACK (stop), self);
  g_signal_group_set_target (self->document_signals, atlas_viewport_get_document (viewport));
  return GTK_WIDGET (self);
}

void
atlas_find_bar_open (AtlasFindBar *self)
{
  g_return_if_fail (ATLAS_IS_FIND_BAR (self));

  if (self->bar == NULL)
    build (self);
  gtk_search_bar_set_search_mode (GTK_SEARCH_BAR (self->bar), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}
