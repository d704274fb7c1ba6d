/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/section-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "lists/section-picture.h"
#include "paint/empty-label.h"
#include "paint/picture-area.h"

#define LIST_WIDTH_PX 250
#define MIN_WIDTH_PX 350
#define MIN_HEIGHT_PX 60

struct _AtlasSectionView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkLabel *title;
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *area;

  /* owned */
  AtlasDocument *document;
  GtkStringList *names; /* a row a section, in the system's order */
  GtkSingleSelection *selection;

  /* state */
  guint resize_id;
  int height_px;
};

G_DEFINE_FINAL_TYPE (AtlasSectionView, atlas_section_view, GTK_TYPE_WIDGET)

static AtlasSystem *
get_system (AtlasSectionView *self)
{
  AtlasSession *session = atlas_document_get_session (self->document);

  return session != NULL ? atlas_session_get_system (session) : NULL;
}

static gboolean
get_input (AtlasSectionView *self, guint width_px, AtlasSectionPictureInput *input)
{
  AtlasSystem *system = get_system (self);
  guint position = gtk_single_selection_get_selected (self->selection);

  if (system == NULL || position >= atlas_system_get_n_sections (system))
    return FALSE;
  *input = (AtlasSectionPictureInput){
    .system = system,
    .section = atlas_system_get_section (system, position),
    .process = atlas_session_get_process (atlas_document_get_session (self->document)),
    .width_px = width_px,
    .has_selection = atlas_document_has_selection (self->document),
    .selected_va = atlas_document_get_selected_va (self->document),
  };
  return TRUE;
}

/* ---- the picture ------------------------------------------------------------------------------
 */

static gboolean
resize_cb (gpointer user_data)
{
  AtlasSectionView *self = user_data;

  self->resize_id = 0;
  atlas_picture_area_set_height (ATLAS_PICTURE_AREA (self->area), self->height_px);
  return G_SOURCE_REMOVE;
}

static void
draw_cb (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  AtlasSectionView *self = data;
  AtlasSectionPictureInput input;
  int wanted_px;

  if (!get_input (self, width_px, &input))
    return;
  wanted_px = (int) atlas_section_picture_draw (list, &input);
  /* The height follows from the width, which is known only now. */
  if (wanted_px != self->height_px && self->resize_id == 0)
    {
      self->height_px = wanted_px;
      self->resize_id = g_idle_add (resize_cb, self);
    }
}

static gboolean
pick (AtlasSectionView *self, double x_px, double y_px, AtlasSectionHit *hit)
{
  AtlasSectionPictureInput input;

  return get_input (self, atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->area)), &input) &&
         atlas_section_picture_pick (&input, x_px, y_px, hit);
}

static char *
tell_cb (double x_px, double y_px, gpointer data)
{
  AtlasSectionView *self = data;
  AtlasSectionPictureInput input;
  AtlasSectionHit hit;
  g_autofree char *va = NULL, *prototype = NULL;

  if (!get_input (self, atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->area)), &input) ||
      !atlas_section_picture_pick (&input, x_px, y_px, &hit))
    return NULL;
  va = atlas_format_va (hit.va);
  if (!hit.is_page)
    return g_strdup_printf (_ ("A view of %s at %s"), atlas_process_get_name (hit.process), va);
  prototype = atlas_trace_format_pte (atlas_section_get_prototype (input.section, hit.first_page));
  if (hit.n_pages > 1)
    return g_strdup_printf (_ ("Pages 0x%x to 0x%x"),
                            (guint) hit.first_page,
                            (guint) (hit.first_page + hit.n_pages - 1u));
  return hit.process != NULL
           ? g_strdup_printf (
               _ ("Page 0x%x at %s\nPrototype entry: %s"), (guint) hit.first_page, va, prototype)
           : g_strdup_printf (
               _ ("Page 0x%x\nPrototype entry: %s"), (guint) hit.first_page, prototype);
}

static void
clicked_cb (AtlasSectionView *self, double x_px, double y_px, int n_press)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  AtlasSectionHit hit;

  /* The address means something in the current process alone. */
  if (pick (self, x_px, y_px, &hit) && hit.process != NULL &&
      hit.process == atlas_session_get_process (session))
    atlas_document_select (self->document, hit.va);
}

/* ---- the list ---------------------------------------------------------------------------------
 */

static void
update_title (AtlasSectionView *self)
{
  AtlasSystem *system = get_system (self);
  g_autofree char *title = NULL;

  if (system == NULL)
    return;
  title =
    g_strdup_printf (ngettext ("%u section", "%u sections", atlas_system_get_n_sections (system)),
                     atlas_system_get_n_sections (system));
  gtk_label_set_label (self->title, title);
}

static void
selected_cb (AtlasSectionView *self)
{
  gtk_widget_queue_draw (self->area);
}

/* The section that the selected address is a view of comes up. */
static void
follow_selection (AtlasSectionView *self)
{
  AtlasSystem *system = get_system (self);
  AtlasProcess *process = atlas_document_get_process (self->document);
  const AtlasVad *vad;

  gtk_widget_queue_draw (self->area);
  if (system == NULL || process == NULL || !atlas_document_has_selection (self->document))
    return;
  vad = atlas_vad_tree_find (
    atlas_process_get_vads (process), atlas_document_get_selected_va (self->document), NULL);
  if (vad == NULL || vad->section == NULL)
    return;
  for (guint i = 0; i < atlas_system_get_n_sections (system); i++)
    if (atlas_system_get_section (system, i) == vad->section)
      gtk_single_selection_set_selected (self->selection, i);
}

static void
update (AtlasSectionView *self)
{
  AtlasSystem *system = get_system (self);
  guint n_sections = system != NULL ? atlas_system_get_n_sections (system) : 0;
  guint selected = gtk_single_selection_get_selected (self->selection);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < n_sections; i++)
    g_ptr_array_add (names,
                     (gpointer) atlas_section_get_name (atlas_system_get_section (system, i)));
  g_ptr_array_add (names, NULL);
  gtk_string_list_splice (self->names,
                          0,
                          g_list_model_get_n_items (G_LIST_MODEL (self->names)),
                          (const char *const *) names->pdata);
  gtk_single_selection_set_selected (self->selection, MIN (selected, MAX (n_sections, 1u) - 1u));
  gtk_label_set_text (
    GTK_LABEL (self->nothing),
    atlas_document_explain_nothing (
      self->document,
      atlas_document_get_process (self->document) != NULL
        ? _ ("There are no sections yet.\nMap one: Ctrl+M")
        : _ ("Only a simulated Windows has sections.\nRegions lists what is here.")));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    n_sections > 0 ? "sections" : "nothing");
  update_title (self);
  follow_selection (self);
}

static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *name = gtk_label_new (NULL);
  GtkWidget *pages = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (pages, "dim-label");
  gtk_widget_add_css_class (pages, "numeric");
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), pages);
  gtk_list_item_set_child (item, row);
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *item, AtlasSectionView *self)
{
  GtkWidget *name = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *pages = gtk_widget_get_next_sibling (name);
  AtlasSystem *system = get_system (self);
  guint position = gtk_list_item_get_position (item);
  g_autofree char *size = NULL;

  gtk_label_set_label (GTK_LABEL (name),
                       gtk_string_object_get_string (gtk_list_item_get_item (item)));
  if (system != NULL && position < atlas_system_get_n_sections (system))
    size = atlas_format_size (atlas_section_get_size (atlas_system_get_section (system, position)));
  gtk_label_set_label (GTK_LABEL (pages), size != NULL ? size : "");
}

/* ---- building ---------------------------------------------------------------------------------
 */

static GtkWidget *
make_list (AtlasSectionView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *list;

  g_signal_connect (factory, "setup", G_CALLBACK (setup_row), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row), self);
  self->names = gtk_string_list_new (NULL);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->names)));
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (selected_cb), self);
  list = gtk_list_view_new (g_object_ref (GTK_SELECTION_MODEL (self->selection)), factory);
  gtk_widget_add_css_class (list, "atlas-table");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Sections"), -1);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_widget_set_size_request (scroller, LIST_WIDTH_PX, -1);
  return scroller;
}

static GtkWidget *
make_bar (AtlasSectionView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *legend = gtk_label_new (
    _ ("A cell is a page: full in use, pale on a list, hatched paged out, gold below: own copy"));

  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (bar, "atlas-bar");
  gtk_label_set_ellipsize (GTK_LABEL (legend), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (legend), 1);
  gtk_widget_set_hexpand (legend, TRUE);
  gtk_widget_add_css_class (legend, "dim-label");
  gtk_widget_add_css_class (legend, "caption");
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (bar), legend);
  return bar;
}

static void
atlas_section_view_dispose (GObject *object)
{
  AtlasSectionView *self = ATLAS_SECTION_VIEW (object);

  g_clear_handle_id (&self->resize_id, g_source_remove);
  if (self->area != NULL)
    atlas_picture_area_detach (ATLAS_PICTURE_AREA (self->area));
  self->area = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->names);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_section_view_parent_class)->dispose (object);
}

static void
atlas_section_view_class_init (AtlasSectionViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_section_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "sectionview");
}

static void
atlas_section_view_init (AtlasSectionView *self)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->height_px = -1;
  self->area = atlas_picture_area_new (
    _ ("Objects of the section"), MIN_WIDTH_PX, MIN_HEIGHT_PX, draw_cb, tell_cb, self);
  g_signal_connect_swapped (self->area, "clicked", G_CALLBACK (clicked_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->area);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (body), make_list (self));
  gtk_box_append (GTK_BOX (body), scroller);
  self->nothing = atlas_empty_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), body, "sections");
  gtk_widget_set_vexpand (self->stack, TRUE);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), make_bar (self));
  gtk_box_append (GTK_BOX (self->box), self->stack);
}

GtkWidget *
atlas_section_view_new (AtlasDocument *document)
{
  AtlasSectionView *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_SECTION_VIEW, NULL);
  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    document, "notify::selected-va", G_CALLBACK (follow_selection), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
