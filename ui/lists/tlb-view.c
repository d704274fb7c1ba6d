/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/tlb-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "lists/tlb-picture.h"
#include "paint/empty-label.h"
#include "paint/picture-area.h"
#include "windows/system.h"

#define MIN_WIDTH_PX 320
#define MIN_HEIGHT_PX 60

struct _AtlasTlbView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *profile;
  GtkWidget *counters;
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *area;

  /* owned */
  AtlasDocument *document;

  /* state */
  guint resize_id;
  int height_px;
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (AtlasTlbView, atlas_tlb_view, GTK_TYPE_WIDGET)

static const AtlasTlb *
get_tlb (AtlasTlbView *self)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  AtlasMmu *mmu = session != NULL ? atlas_session_get_mmu (session) : NULL;

  return mmu != NULL ? atlas_mmu_get_tlb (mmu) : NULL;
}

static AtlasTlbPictureInput
get_input (AtlasTlbView *self, guint width_px)
{
  gboolean is_real = !atlas_document_is_dry_walk (self->document);

  return (AtlasTlbPictureInput){
    .tlb = get_tlb (self),
    .width_px = width_px,
    .has_selection = atlas_document_has_selection (self->document),
    .selected_va = atlas_document_get_selected_va (self->document),
    .trace = is_real ? atlas_document_get_trace (self->document) : NULL,
    .step = atlas_document_get_step (self->document),
  };
}

static gboolean
resize_cb (gpointer user_data)
{
  AtlasTlbView *self = user_data;

  self->resize_id = 0;
  atlas_picture_area_set_height (ATLAS_PICTURE_AREA (self->area), self->height_px);
  return G_SOURCE_REMOVE;
}

static void
draw_cb (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  AtlasTlbView *self = data;
  AtlasTlbPictureInput input = get_input (self, width_px);
  int wanted_px;

  if (input.tlb == NULL)
    return;
  wanted_px = (int) atlas_tlb_picture_draw (list, &input);
  /* The height follows from the width, which is known only now. */
  if (wanted_px != self->height_px && self->resize_id == 0)
    {
      self->height_px = wanted_px;
      self->resize_id = g_idle_add (resize_cb, self);
    }
}

static gboolean
pick (AtlasTlbView *self, double x_px, double y_px, AtlasTlbHit *hit)
{
  AtlasTlbPictureInput input =
    get_input (self, atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->area)));

  return input.tlb != NULL && atlas_tlb_picture_pick (&input, x_px, y_px, hit);
}

static char *
tell_cb (double x_px, double y_px, gpointer data)
{
  AtlasTlbView *self = data;
  AtlasTlbHit hit;
  g_autofree char *va = NULL, *pa = NULL, *size = NULL;

  if (!pick (self, x_px, y_px, &hit))
    return NULL;
  if (hit.is_empty)
    return g_strdup_printf (_ ("%s, set %u, way %u: empty"), hit.name, hit.set, hit.way);
  if (hit.is_table)
    {
      va = atlas_format_va (hit.psc.va);
      pa = atlas_format_hex (hit.psc.table_pa);
      return g_strdup_printf (_ ("%s of %s\nleads to the table at %s\nPCID %u, used %u uses ago"),
                              hit.name,
                              va,
                              pa,
                              hit.psc.pcid,
                              (guint) MIN (hit.psc.age, G_MAXUINT));
    }
  va = atlas_format_va (hit.info.va);
  pa = atlas_format_hex (hit.info.pa);
  size = atlas_format_size (hit.info.page_bytes);
  return g_strdup_printf (
    _ ("%s, set %u, way %u\n%s → %s, page of %s\n%s %s%s%s%s\nPCID %u, used %u "
       "uses ago"),
    hit.name,
    hit.set,
    hit.way,
    va,
    pa,
    size,
    hit.info.is_user ? _ ("user") : _ ("supervisor"),
    hit.info.is_writable ? _ ("read-write") : _ ("read-only"),
    hit.info.is_executable ? _ (" executable") : "",
    hit.info.is_dirty ? _ (", dirty") : "",
    hit.info.is_global ? _ (", global") : "",
    hit.info.pcid,
    (guint) MIN (hit.info.age, G_MAXUINT));
}

static void
clicked_cb (AtlasTlbView *self, double x_px, double y_px, int n_press)
{
  AtlasTlbHit hit;

  if (pick (self, x_px, y_px, &hit) && !hit.is_empty)
    atlas_document_select (self->document, hit.is_table ? hit.psc.va : hit.info.va);
}

static void
append_counter (GString *text, const char *name, guint64 count)
{
  g_autofree char *number = atlas_format_count (count);

  g_string_append_printf (text, "%s%s %s", text->len > 0 ? " · " : "", name, number);
}

static void
update_all (AtlasTlbView *self)
{
  const AtlasTlb *tlb = get_tlb (self);
  gboolean is_simulation = atlas_document_is_simulation (self->document);
  const char *id = tlb != NULL ? atlas_tlb_get_own_profile (tlb)->id : "none";
  g_autoptr (GString) text = g_string_new (NULL);

  self->is_updating = TRUE;
  for (guint i = 0; i < atlas_tlb_get_n_profiles (); i++)
    if (g_str_equal (atlas_tlb_get_profile (i)->id, id))
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->profile), i);
  self->is_updating = FALSE;
  gtk_widget_set_sensitive (self->profile, is_simulation);
  gtk_label_set_text (GTK_LABEL (self->nothing),
                      atlas_document_explain_nothing (
                        self->document,
                        atlas_document_is_simulation (self->document)
                          ? _ ("This processor has no translation caches.\nChoose another above.")
                          : _ ("Only a simulation has translation caches.")));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), tlb != NULL ? "tlb" : "nothing");

  if (tlb != NULL)
    {
      const AtlasTlbCounters *counters = atlas_tlb_get_counters (tlb);

      append_counter (text, _ ("hits"), counters->n_l1_code_hits + counters->n_l1_data_hits);
      append_counter (text, _ ("L2"), counters->n_l2_hits);
      append_counter (text, _ ("walks"), counters->n_walks);
      append_counter (text, _ ("entries read"), counters->n_entries_read);
      append_counter (text, _ ("evicted"), counters->n_evictions);
      append_counter (text, _ ("dropped"), counters->n_invalidated);
    }
  gtk_label_set_text (GTK_LABEL (self->counters), text->str);
  gtk_widget_set_tooltip_text (self->counters, text->str);
  atlas_picture_area_describe (ATLAS_PICTURE_AREA (self->area), text->str);
}

static void
profile_chosen_cb (AtlasTlbView *self)
{
  guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->profile));
  g_autofree char *command = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;

  if (self->is_updating || selected >= atlas_tlb_get_n_profiles ())
    return;
  command = g_strdup_printf ("tlb %s", atlas_tlb_get_profile (selected)->id);
  result = atlas_document_run (self->document, command, NULL);
  if (result == NULL)
    update_all (self);
}

static void
flush_cb (AtlasTlbView *self)
{
  g_autoptr (AtlasCommandResult) result = atlas_document_run (self->document, "cr3", NULL);
}

static void
atlas_tlb_view_dispose (GObject *object)
{
  AtlasTlbView *self = ATLAS_TLB_VIEW (object);

  g_clear_handle_id (&self->resize_id, g_source_remove);
  if (self->area != NULL)
    atlas_picture_area_detach (ATLAS_PICTURE_AREA (self->area));
  self->area = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_tlb_view_parent_class)->dispose (object);
}

static void
atlas_tlb_view_class_init (AtlasTlbViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_tlb_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlastlb");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_bar (AtlasTlbView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *flush = gtk_button_new_with_label (_ ("Reload CR3"));
  GtkStringList *names = gtk_string_list_new (NULL);

  gtk_widget_add_css_class (bar, "atlas-bar");
  for (guint i = 0; i < atlas_tlb_get_n_profiles (); i++)
    gtk_string_list_append (names, atlas_tlb_get_profile (i)->name);
  self->profile = gtk_drop_down_new (G_LIST_MODEL (names), NULL);
  gtk_widget_add_css_class (self->profile, "atlas-small");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->profile),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Geometry of the caches"),
                                  -1);
  g_signal_connect_swapped (
    self->profile, "notify::selected", G_CALLBACK (profile_chosen_cb), self);
  gtk_box_append (GTK_BOX (bar), self->profile);

  gtk_widget_add_css_class (flush, "atlas-small");
  gtk_widget_set_tooltip_text (flush, _ ("Drops all that is cached, except global translations"));
  g_signal_connect_swapped (flush, "clicked", G_CALLBACK (flush_cb), self);
  gtk_box_append (GTK_BOX (bar), flush);

  self->counters = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->counters), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->counters), 1);
  gtk_widget_set_hexpand (self->counters, TRUE);
  gtk_widget_add_css_class (self->counters, "dim-label");
  gtk_widget_add_css_class (self->counters, "caption");
  gtk_widget_add_css_class (self->counters, "numeric");
  gtk_box_append (GTK_BOX (bar), self->counters);
  return bar;
}

static void
atlas_tlb_view_init (AtlasTlbView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->height_px = -1;
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), make_bar (self));

  self->area = atlas_picture_area_new (
    _ ("Translation caches"), MIN_WIDTH_PX, MIN_HEIGHT_PX, draw_cb, tell_cb, self);
  g_signal_connect_swapped (self->area, "clicked", G_CALLBACK (clicked_cb), self);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->area);
  self->nothing = atlas_empty_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), scroller, "tlb");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->stack);
}

static void
redraw (AtlasTlbView *self)
{
  gtk_widget_queue_draw (self->area);
}

GtkWidget *
atlas_tlb_view_new (AtlasDocument *document)
{
  AtlasTlbView *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_TLB_VIEW, NULL);
  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (update_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    document, "notify::selected-va", G_CALLBACK (redraw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (document, "notify::step", G_CALLBACK (redraw), self, G_CONNECT_SWAPPED);
  update_all (self);
  return GTK_WIDGET (self);
}
