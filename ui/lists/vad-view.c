/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/vad-view.h"

#include <glib/gi18n.h>
#include <math.h>

#include "base/format.h"
#include "base/translation.h"
#include "lists/vad-picture.h"
#include "paint/empty-label.h"
#include "paint/picture-area.h"
#include "windows/process.h"

#define MIN_WIDTH_PX 320
#define MIN_HEIGHT_PX 90
#define SLOT_MAX_PX 160.0
#define KEY_ZOOM 1.4142135623730951
/* A node that is brought into view keeps so much of the picture to its sides. */
#define KEEP_PX 90.0

struct _AtlasVadView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *search_label;
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *area;

  /* owned */
  AtlasViewport *viewport;
  AtlasDocument *document;
  AtlasVadPicture *picture;

  /* state */
  gboolean is_fitted; /* the whole tree is shown, however many nodes come */
  double slot_px;
  double left_slot;
};

G_DEFINE_FINAL_TYPE (AtlasVadView, atlas_vad_view, GTK_TYPE_WIDGET)

static const AtlasVadTree *
get_tree (AtlasVadView *self)
{
  AtlasProcess *process = atlas_document_get_process (self->document);

  return process != NULL ? atlas_process_get_vads (process) : NULL;
}

static const AtlasVad *
get_selected (AtlasVadView *self, guint *n_compared)
{
  const AtlasVadTree *tree = get_tree (self);

  *n_compared = 0;
  if (tree == NULL || !atlas_document_has_selection (self->document))
    return NULL;
  return atlas_vad_tree_find (tree, atlas_document_get_selected_va (self->document), n_compared);
}

static guint
get_width (AtlasVadView *self)
{
  return MAX (atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->area)), MIN_WIDTH_PX);
}

static void
clamp_view (AtlasVadView *self)
{
  double fit_px = atlas_vad_picture_get_fit_px (self->picture, get_width (self));
  double n_slots = atlas_vad_picture_get_n_slots (self->picture);
  double n_seen;

  if (self->is_fitted)
    self->slot_px = fit_px;
  self->slot_px = CLAMP (self->slot_px, MIN (fit_px, SLOT_MAX_PX), SLOT_MAX_PX);
  n_seen = get_width (self) / self->slot_px;
  self->left_slot = n_seen >= n_slots ? -(n_seen - n_slots) / 2
                                      : CLAMP (self->left_slot, 0, n_slots - n_seen + 0.5);
}

static void
update_search (AtlasVadView *self)
{
  const AtlasVadTree *tree = get_tree (self);
  guint n_compared;
  const AtlasVad *vad = get_selected (self, &n_compared);
  g_autofree char *address = atlas_format_va (atlas_document_get_selected_va (self->document));
  g_autofree char *text = NULL;

  if (tree == NULL)
    {
      text = g_strdup ("");
    }
  else if (vad != NULL)
    {
      /* Translators: an address, then numbers. */
      text = g_strdup_printf (
        ngettext ("%s found after %u comparison · %u nodes, height %u, balance %+d",
                  "%s found after %u comparisons · %u nodes, height %u, balance %+d",
                  n_compared),
        address,
        n_compared,
        tree->n_vads,
        tree->root->height,
        atlas_vad_get_balance (vad));
    }
  else
    {
      text = g_strdup_printf (ngettext ("%s is in no node: %u comparison · %u nodes, height %u",
                                        "%s is in no node: %u comparisons · %u nodes, height %u",
                                        n_compared),
                              address,
                              n_compared,
                              tree->n_vads,
                              tree->root != NULL ? tree->root->height : 0u);
    }
  gtk_label_set_text (GTK_LABEL (self->search_label), text);
  gtk_widget_set_tooltip_text (self->search_label, text);
  atlas_picture_area_describe (ATLAS_PICTURE_AREA (self->area), text);
}

static void
update_tree (AtlasVadView *self)
{
  const AtlasVadTree *tree = get_tree (self);

  atlas_vad_picture_set_tree (self->picture, tree);
  gtk_label_set_text (
    GTK_LABEL (self->nothing),
    atlas_document_explain_nothing (
      self->document, _ ("Only a simulated Windows has a VAD tree.\nRegions lists what is here.")));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), tree != NULL ? "tree" : "nothing");
  clamp_view (self);
  update_search (self);
}

static void
show_selection (AtlasVadView *self)
{
  guint n_compared;
  const AtlasVad *vad = get_selected (self, &n_compared);

  if (vad != NULL && !self->is_fitted)
    {
      double slot = atlas_vad_picture_get_slot (self->picture, vad) + 0.5;
      double keep = KEEP_PX / self->slot_px;
      double n_seen = get_width (self) / self->slot_px;

      if (slot < self->left_slot + keep)
        self->left_slot = slot - keep;
      else if (slot > self->left_slot + n_seen - keep)
        self->left_slot = slot - n_seen + keep;
      clamp_view (self);
    }
  update_search (self);
}

static void
zoom (AtlasVadView *self, double x_px, double factor)
{
  double slot = self->left_slot + x_px / self->slot_px;

  self->is_fitted = FALSE;
  self->slot_px *= factor;
  clamp_view (self);
  self->left_slot = slot - x_px / self->slot_px;
  clamp_view (self);
  gtk_widget_queue_draw (self->area);
}

static void
select_vad (AtlasVadView *self, const AtlasVad *vad)
{
  AtlasVa va = atlas_document_get_selected_va (self->document);

  if (vad == NULL)
    return;
  /* An address inside it stays what is selected. */
  if (!atlas_document_has_selection (self->document) || va < atlas_vad_get_base_va (vad) ||
      va > atlas_vad_get_last_va (vad))
    atlas_document_select (self->document, atlas_vad_get_base_va (vad));
}

/* ---- the picture's questions ------------------------------------------------------------------
 */

static void
draw_cb (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  AtlasVadView *self = data;

  clamp_view (self);

  const AtlasVadPictureInput input = {
    .slot_px = self->slot_px,
    .left_slot = self->left_slot,
    .width_px = width_px,
    .height_px = height_px,
    .has_selection = atlas_document_has_selection (self->document),
    .selected_va = atlas_document_get_selected_va (self->document),
  };

  atlas_vad_picture_draw (self->picture, list, &input);
}

static char *
tell_cb (double x_px, double y_px, gpointer data)
{
  AtlasVadView *self = data;
  const AtlasVad *vad = atlas_vad_picture_pick (self->picture, x_px, y_px);
  g_autofree char *base = NULL, *last = NULL, *size = NULL, *commit = NULL, *name = NULL;

  if (vad == NULL)
    return NULL;
  base = atlas_format_va (atlas_vad_get_base_va (vad));
  last = atlas_format_va (atlas_vad_get_last_va (vad));
  size = atlas_format_size (atlas_vad_get_n_pages (vad) * ATLAS_PAGE_BYTES);
  commit = atlas_format_size (vad->commit_pages * ATLAS_PAGE_BYTES);
  name = atlas_translate_kept (vad->name);
  return g_strdup_printf (_ ("%s … %s\n%s, %s%s%s\n%s charged\nheight %u, balance %+d"),
                          base,
                          last,
                          size,
                          _ (atlas_vad_kind_get_name ((AtlasVadKind) vad->kind)),
                          name != NULL ? ", " : "",
                          name != NULL ? name : "",
                          commit,
                          vad->height,
                          atlas_vad_get_balance (vad));
}

static void
clicked_cb (AtlasVadView *self, double x_px, double y_px, int n_press)
{
  const AtlasVad *vad = atlas_vad_picture_pick (self->picture, x_px, y_px);

  if (vad == NULL)
    return;
  select_vad (self, vad);
  if (n_press == 2)
    atlas_viewport_fit_selection (self->viewport);
}

static void
panned_cb (AtlasVadView *self, double dx_px, double dy_px)
{
  self->left_slot -= dx_px / self->slot_px;
  clamp_view (self);
  gtk_widget_queue_draw (self->area);
}

/* ---- actions ----------------------------------------------------------------------------------
 */

static void
move_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AtlasVadView *self = ATLAS_VAD_VIEW (widget);
  const AtlasVadTree *tree = get_tree (self);
  guint n_compared;
  const AtlasVad *vad = get_selected (self, &n_compared);
  const AtlasVad *next = NULL;

  if (tree == NULL)
    return;
  if (vad == NULL)
    next = tree->root;
  else if (g_str_equal (name, "vad.parent"))
    next = vad->parent;
  else if (g_str_equal (name, "vad.child"))
    next = vad->left != NULL ? vad->left : vad->right;
  else if (g_str_equal (name, "vad.next"))
    next = atlas_vad_get_next (vad);
  else
    next = atlas_vad_get_previous (vad);
  select_vad (self, next);
}

static void
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  AtlasVadView *self = ATLAS_VAD_VIEW (widget);

  if (g_str_equal (name, "vad.fit"))
    {
      self->is_fitted = TRUE;
      clamp_view (self);
      gtk_widget_queue_draw (self->area);
      return;
    }
  zoom (self, get_width (self) / 2.0, g_str_equal (name, "vad.zoom-in") ? KEY_ZOOM : 1 / KEY_ZOOM);
}

/* ---- widget -----------------------------------------------------------------------------------
 */

static void
atlas_vad_view_dispose (GObject *object)
{
  AtlasVadView *self = ATLAS_VAD_VIEW (object);

  if (self->area != NULL)
    atlas_picture_area_detach (ATLAS_PICTURE_AREA (self->area));
  self->area = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->picture, atlas_vad_picture_free);
  g_clear_object (&self->document);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_vad_view_parent_class)->dispose (object);
}

static gboolean
atlas_vad_view_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (ATLAS_VAD_VIEW (widget)->area);
}

static void
atlas_vad_view_class_init (AtlasVadViewClass *klass)
{
  static const struct
  {
    const char *action;
    guint key;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "vad.parent", GDK_KEY_Up, move_action },     { "vad.child", GDK_KEY_Down, move_action },
    { "vad.previous", GDK_KEY_Left, move_action }, { "vad.next", GDK_KEY_Right, move_action },
    { "vad.zoom-in", GDK_KEY_plus, zoom_action },  { "vad.zoom-out", GDK_KEY_minus, zoom_action },
    { "vad.fit", GDK_KEY_0, zoom_action },
  };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_vad_view_dispose;
  widget_class->grab_focus = atlas_vad_view_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlasvads");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      gtk_widget_class_install_action (widget_class, actions[i].action, NULL, actions[i].activate);
      gtk_widget_class_add_binding_action (
        widget_class, actions[i].key, 0, actions[i].action, NULL);
    }
}

static GtkWidget *
add_button (AtlasVadView *self, GtkWidget *bar, const char *icon, const char *label)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "atlas-small");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_box_append (GTK_BOX (bar), button);
  return button;
}

static void
zoom_out_cb (AtlasVadView *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "vad.zoom-out", NULL);
}

static void
fit_cb (AtlasVadView *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "vad.fit", NULL);
}

static void
zoom_in_cb (AtlasVadView *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "vad.zoom-in", NULL);
}

static void
atlas_vad_view_init (AtlasVadView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 3);

  self->picture = atlas_vad_picture_new ();
  self->is_fitted = TRUE;
  self->slot_px = 1;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  gtk_widget_add_css_class (bar, "atlas-bar");
  self->search_label =
    g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_STATUS, NULL);
  gtk_label_set_xalign (GTK_LABEL (self->search_label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->search_label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (self->search_label, "dim-label");
  gtk_widget_add_css_class (self->search_label, "caption");
  gtk_widget_add_css_class (self->search_label, "numeric");
  gtk_widget_set_hexpand (self->search_label, TRUE);
  gtk_box_append (GTK_BOX (bar), self->search_label);
  /* The bar may stand elsewhere: the buttons know their view. */
  g_signal_connect_swapped (add_button (self, bar, "zoom-out-symbolic", _ ("Zoom out of the tree")),
                            "clicked",
                            G_CALLBACK (zoom_out_cb),
                            self);
  g_signal_connect_swapped (add_button (self, bar, "zoom-fit-best-symbolic", _ ("The whole tree")),
                            "clicked",
                            G_CALLBACK (fit_cb),
                            self);
  g_signal_connect_swapped (add_button (self, bar, "zoom-in-symbolic", _ ("Zoom into the tree")),
                            "clicked",
                            G_CALLBACK (zoom_in_cb),
                            self);
  gtk_box_append (GTK_BOX (self->box), bar);

  self->area =
    atlas_picture_area_new (_ ("VAD tree"), MIN_WIDTH_PX, MIN_HEIGHT_PX, draw_cb, tell_cb, self);
  g_signal_connect_swapped (self->area, "clicked", G_CALLBACK (clicked_cb), self);
  g_signal_connect_swapped (self->area, "panned", G_CALLBACK (panned_cb), self);
  g_signal_connect_swapped (self->area, "zoomed", G_CALLBACK (zoom), self);
  self->nothing = atlas_empty_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), self->area, "tree");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->stack);
}

GtkWidget *
atlas_vad_view_new (AtlasViewport *viewport)
{
  AtlasVadView *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_VAD_VIEW, NULL);
  self->viewport = g_object_ref (viewport);
  self->document = g_object_ref (atlas_viewport_get_document (viewport));
  g_signal_connect_object (
    self->document, "changed", G_CALLBACK (update_tree), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    self->document, "notify::selected-va", G_CALLBACK (show_selection), self, G_CONNECT_SWAPPED);
  update_tree (self);
  return GTK_WIDGET (self);
}
