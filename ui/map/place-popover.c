/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "map/place-popover.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "windows/virtual.h"

#define TEXT_WIDTH_CHARS 44

struct _AtlasPlacePopover
{
  GtkPopover parent_instance;

  /* owned */
  AtlasDocument *document;

  /* children's children */
  GtkLabel *title_label;
  GtkLabel *preview_label;
  GtkWidget *buttons;
  GtkWidget *reserve_button;
  GtkWidget *commit_button;

  /* state */
  AtlasVa va;
  guint64 size_bytes;
};

G_DEFINE_FINAL_TYPE (AtlasPlacePopover, atlas_place_popover, GTK_TYPE_POPOVER)

static char *
format_preview (AtlasPlacePopover *self, const AtlasAllocationPreview *preview)
{
  g_autofree char *asked = atlas_format_hex (self->va);
  g_autofree char *asked_size = atlas_format_size (self->size_bytes);
  g_autofree char *first = atlas_format_hex (preview->base_va);
  g_autofree char *last = atlas_format_hex (preview->base_va + preview->size_bytes - 1);
  g_autofree char *n_pages = NULL;
  g_autofree char *given = NULL;

  if (!atlas_status_is_success (preview->status))
    {
      return g_strdup_printf ("%s\n%s (%u)",
                              preview->reason != NULL
                                ? preview->reason
                                : _ (atlas_status_get_description (preview->status)),
                              atlas_status_get_name (preview->status),
                              atlas_status_to_win32 (preview->status));
    }
  n_pages = atlas_format_count (preview->n_pages);
  given = g_strdup_printf (ngettext ("asked %s + %s, gets %s – %s, %s page",
                                     "asked %s + %s, gets %s – %s, %s pages",
                                     (gulong) preview->n_pages),
                           asked,
                           asked_size,
                           first,
                           last,
                           n_pages);
  if (preview->n_unusable_pages == 0)
    return g_steal_pointer (&given);
  return g_strdup_printf (ngettext ("%s; %u page of the slot becomes unusable",
                                    "%s; %u pages of the slot become unusable",
                                    preview->n_unusable_pages),
                          given,
                          preview->n_unusable_pages);
}

/* GTK 4.8 asks how high the text is for a width that its shadow is part of: too wide, and too low
 * for as many lines as there really are. */
static void
keep_height (AtlasPlacePopover *self)
{
  GtkWidget *preview = GTK_WIDGET (self->preview_label);
  int buttons_px, text_px, height_px;

  gtk_widget_set_size_request (preview, -1, -1);
  gtk_widget_measure (self->buttons, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &buttons_px, NULL, NULL);
  gtk_widget_measure (preview, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &text_px, NULL, NULL);
  gtk_widget_measure (
    preview, GTK_ORIENTATION_VERTICAL, MAX (buttons_px, text_px), &height_px, NULL, NULL, NULL);
  gtk_widget_set_size_request (preview, -1, height_px);
}

static void
update (AtlasPlacePopover *self)
{
  AtlasProcess *process = atlas_document_get_process (self->document);
  AtlasAllocationPreview preview;
  g_autofree char *address = atlas_format_va (self->va);
  g_autofree char *text = NULL;
  gboolean is_possible;

  if (process == NULL)
    return;
  atlas_virtual_alloc_preview (process,
                               self->va,
                               self->size_bytes,
                               ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                               ATLAS_PAGE_READWRITE,
                               &preview);
  text = format_preview (self, &preview);
  is_possible = atlas_status_is_success (preview.status);
  gtk_label_set_label (self->title_label, address);
  gtk_label_set_label (self->preview_label, text);
  keep_height (self);
  gtk_widget_set_sensitive (self->reserve_button, is_possible);
  gtk_widget_set_sensitive (self->commit_button, is_possible);
}

static void
run (AtlasPlacePopover *self, const char *flags, const char *protection)
{
  g_autofree char *address = atlas_format_hex (self->va);
  g_autofree char *size = atlas_format_size_exact (self->size_bytes);
  g_autofree char *command =
    g_strdup_printf ("alloc %s %s %s %s", address, size, flags, protection);

  gtk_popover_popdown (GTK_POPOVER (self));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.run", "s", command);
}

static void
reserve_cb (AtlasPlacePopover *self)
{
  run (self, "reserve", "readwrite");
}

static void
commit_cb (AtlasPlacePopover *self)
{
  run (self, "reserve|commit", "readwrite");
}

static void
more_cb (AtlasPlacePopover *self)
{
  gtk_popover_popdown (GTK_POPOVER (self));
  gtk_widget_activate_action (
    GTK_WIDGET (self), "win.allocate-at", "(tt)", self->va, self->size_bytes);
}

static void
atlas_place_popover_dispose (GObject *object)
{
  g_clear_object (&ATLAS_PLACE_POPOVER (object)->document);

  G_OBJECT_CLASS (atlas_place_popover_parent_class)->dispose (object);
}

static void
atlas_place_popover_class_init (AtlasPlacePopoverClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_place_popover_dispose;
}

static GtkWidget *
add_button (AtlasPlacePopover *self, GtkWidget *box, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_accessible_update_property (
    GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (button, "clicked", callback, self);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
atlas_place_popover_init (AtlasPlacePopover *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new ("");
  GtkWidget *preview = gtk_label_new ("");

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (title, "atlas-address");
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (preview), 0);
  gtk_label_set_wrap (GTK_LABEL (preview), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (preview), TEXT_WIDTH_CHARS);
  gtk_label_set_width_chars (GTK_LABEL (preview), TEXT_WIDTH_CHARS);
  self->title_label = GTK_LABEL (title);
  self->preview_label = GTK_LABEL (preview);
  self->reserve_button = add_button (self, buttons, _ ("Reserve"), G_CALLBACK (reserve_cb));
  self->commit_button =
    add_button (self, buttons, _ ("Reserve and Commit"), G_CALLBACK (commit_cb));
  gtk_widget_add_css_class (self->commit_button, "suggested-action");
  add_button (self, buttons, _ ("More…"), G_CALLBACK (more_cb));
  self->buttons = buttons;
  gtk_widget_set_margin_top (buttons, 6);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), preview);
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_popover_set_child (GTK_POPOVER (self), box);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Allocate here"), -1);
}

GtkWidget *
atlas_place_popover_new (AtlasDocument *document)
{
  AtlasPlacePopover *self = g_object_new (ATLAS_TYPE_PLACE_POPOVER, NULL);

  self->document = g_object_ref (document);
  return GTK_WIDGET (self);
}

void
atlas_place_popover_set_place (AtlasPlacePopover *self, AtlasVa va, guint64 size_bytes)
{
  g_return_if_fail (ATLAS_IS_PLACE_POPOVER (self));

  /* A click means the slot that it is in. */
  self->va = size_bytes == 0 ? va & ~(ATLAS_ALLOCATION_GRANULARITY - 1) : va;
  self->size_bytes = size_bytes == 0 ? ATLAS_ALLOCATION_GRANULARITY : size_bytes;
  update (self);
}
