/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/bookmark-button.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "space/region-text.h"

#define LIST_HEIGHT_MAX_PX 320

struct _AtlasBookmarkButton
{
  GtkWidget parent_instance;

  /* owned */
  AtlasViewport *viewport;
  AtlasBookmarks *bookmarks;

  /* children's children */
  GtkWidget *button; /* child */
  GtkWidget *popover;
  GtkEditable *comment;
  GtkLabel *place;
  GtkWidget *add;
  GtkLabel *trouble;
};

G_DEFINE_FINAL_TYPE (AtlasBookmarkButton, atlas_bookmark_button, GTK_TYPE_WIDGET)

static AtlasDocument *
get_document (AtlasBookmarkButton *self)
{
  return atlas_viewport_get_document (self->viewport);
}

static void
tell_trouble (AtlasBookmarkButton *self, GError *error)
{
  gtk_label_set_text (self->trouble, error != NULL ? error->message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), error != NULL);
}

static char *
format_range (AtlasVa first_va, AtlasVa last_va)
{
  g_autofree char *first = atlas_format_va (first_va);
  g_autofree char *size = atlas_format_size (MAX (last_va - first_va + 1, 1));

  return g_strdup_printf ("%s · %s", first, size);
}

static void
shown_cb (AtlasBookmarkButton *self)
{
  const AtlasRegion *region = atlas_document_get_selected_region (get_document (self));
  g_autofree char *place = NULL;
  g_autofree char *title = NULL;

  tell_trouble (self, NULL);
  gtk_widget_set_sensitive (self->add, region != NULL);
  if (region == NULL)
    return;
  place = format_range (region->base_va, atlas_region_get_last_va (region));
  gtk_label_set_text (self->place, place);
  title = atlas_region_dup_title (region);
  gtk_editable_set_text (self->comment, title);
  gtk_widget_grab_focus (GTK_WIDGET (self->comment));
  gtk_editable_select_region (self->comment, 0, -1);
}

static void
add_cb (AtlasBookmarkButton *self)
{
  const AtlasRegion *region = atlas_document_get_selected_region (get_document (self));
  g_autoptr (GError) error = NULL;

  if (region == NULL)
    return;
  atlas_bookmarks_add (self->bookmarks,
                       region->base_va,
                       atlas_region_get_last_va (region),
                       gtk_editable_get_text (self->comment),
                       &error);
  tell_trouble (self, error);
}

static void
remove_cb (AtlasBookmarkButton *self, GtkWidget *button)
{
  g_autoptr (GError) error = NULL;

  atlas_bookmarks_remove (
    self->bookmarks, g_object_get_data (G_OBJECT (button), "bookmark"), &error);
  tell_trouble (self, error);
}

static void
row_activated_cb (AtlasBookmarkButton *self, GtkListBoxRow *row)
{
  g_autoptr (AtlasBookmark) bookmark = g_list_model_get_item (
    G_LIST_MODEL (self->bookmarks), (guint) gtk_list_box_row_get_index (row));

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  atlas_document_select (get_document (self), atlas_bookmark_get_first_va (bookmark));
  atlas_viewport_fit (
    self->viewport, atlas_bookmark_get_first_va (bookmark), atlas_bookmark_get_last_va (bookmark));
}

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  AtlasBookmarkButton *self = user_data;
  AtlasBookmark *bookmark = item;
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *comment = gtk_label_new (atlas_bookmark_get_comment (bookmark));
  GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *range =
    format_range (atlas_bookmark_get_first_va (bookmark), atlas_bookmark_get_last_va (bookmark));
  GtkWidget *place = gtk_label_new (range);

  gtk_label_set_xalign (GTK_LABEL (comment), 0);
  gtk_label_set_ellipsize (GTK_LABEL (comment), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (comment), 34);
  gtk_label_set_xalign (GTK_LABEL (place), 0);
  gtk_widget_add_css_class (place, "dim-label");
  gtk_widget_add_css_class (place, "atlas-address");
  gtk_box_append (GTK_BOX (words), comment);
  gtk_box_append (GTK_BOX (words), place);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (row), words);

  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (remove, _ ("Remove the bookmark"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Remove the bookmark"), -1);
  g_object_set_data_full (G_OBJECT (remove), "bookmark", g_object_ref (bookmark), g_object_unref);
  g_signal_connect_swapped (remove, "clicked", G_CALLBACK (remove_cb), self);
  gtk_box_append (GTK_BOX (row), remove);
  return row;
}

static GtkWidget *
make_content (AtlasBookmarkButton *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *comment = gtk_entry_new ();
  GtkWidget *add = gtk_button_new_with_label (_ ("Add"));
  GtkWidget *place = gtk_label_new ("");
  GtkWidget *trouble = gtk_label_new ("");
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *nothing = gtk_label_new (_ ("No bookmarks yet"));

  gtk_accessible_update_property (
    GTK_ACCESSIBLE (comment), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Comment"), -1);
  gtk_widget_set_hexpand (comment, TRUE);
  g_signal_connect_swapped (comment, "activate", G_CALLBACK (add_cb), self);
  self->comment = GTK_EDITABLE (comment);
  gtk_widget_add_css_class (add, "suggested-action");
  g_signal_connect_swapped (add, "clicked", G_CALLBACK (add_cb), self);
  self->add = add;
  gtk_box_append (GTK_BOX (line), comment);
  gtk_box_append (GTK_BOX (line), add);

  gtk_widget_add_css_class (place, "dim-label");
  gtk_widget_add_css_class (place, "atlas-address");
  gtk_label_set_xalign (GTK_LABEL (place), 0);
  self->place = GTK_LABEL (place);
  gtk_widget_add_css_class (trouble, "error");
  gtk_label_set_wrap (GTK_LABEL (trouble), TRUE);
  gtk_widget_set_visible (trouble, FALSE);
  self->trouble = GTK_LABEL (trouble);

  gtk_list_box_bind_model (
    GTK_LIST_BOX (list), G_LIST_MODEL (self->bookmarks), make_row, self, NULL);
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_list_box_set_placeholder (GTK_LIST_BOX (list), nothing);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_list_box_set_activate_on_single_click (GTK_LIST_BOX (list), TRUE);
  gtk_widget_add_css_class (list, "atlas-fields");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Bookmarks"), -1);
  g_signal_connect_swapped (list, "row-activated", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), LIST_HEIGHT_MAX_PX);

  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), place);
  gtk_box_append (GTK_BOX (box), trouble);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_widget_set_size_request (box, 340, -1);
  return box;
}

/* When it is first wanted. */
static void
create_popup_cb (GtkMenuButton *button, gpointer user_data)
{
  AtlasBookmarkButton *self = user_data;

  if (self->popover != NULL)
    return;
  self->popover = gtk_popover_new ();
  gtk_popover_set_child (GTK_POPOVER (self->popover), make_content (self));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->popover), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Bookmarks"), -1);
  g_signal_connect_swapped (self->popover, "show", G_CALLBACK (shown_cb), self);
  gtk_menu_button_set_popover (button, self->popover);
}

static void
atlas_bookmark_button_dispose (GObject *object)
{
  AtlasBookmarkButton *self = ATLAS_BOOKMARK_BUTTON (object);

  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_object (&self->bookmarks);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_bookmark_button_parent_class)->dispose (object);
}

static void
atlas_bookmark_button_class_init (AtlasBookmarkButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_bookmark_button_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "bookmarkbutton");
}

static void
atlas_bookmark_button_init (AtlasBookmarkButton *self)
{
  self->button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->button), "user-bookmarks-symbolic");
  gtk_widget_set_tooltip_text (self->button, _ ("Bookmarks"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Bookmarks"), -1);
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
}

GtkWidget *
atlas_bookmark_button_new (AtlasViewport *viewport, AtlasBookmarks *bookmarks)
{
  AtlasBookmarkButton *self = g_object_new (ATLAS_TYPE_BOOKMARK_BUTTON, NULL);

  self->viewport = g_object_ref (viewport);
  self->bookmarks = g_object_ref (bookmarks);
  gtk_menu_button_set_create_popup_func (
    GTK_MENU_BUTTON (self->button), create_popup_cb, self, NULL);
  return GTK_WIDGET (self);
}

void
atlas_bookmark_button_open (AtlasBookmarkButton *self)
{
  g_return_if_fail (ATLAS_IS_BOOKMARK_BUTTON (self));

  gtk_menu_button_popup (GTK_MENU_BUTTON (self->button));
}
