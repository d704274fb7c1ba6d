/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/difference-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "base/translation.h"
#include "paging/address.h"
#include "paging/entry.h"
#include "paint/accessible-name.h"
#include "windows/pte.h"

#define ENTRIES_WIDTH_PX 320
#define N_ENTRIES_MAX 16u

struct _AtlasDifferenceView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkLabel *title;
  GtkWidget *nothing; /* said in place of an empty list */
  GtkWidget *list_view;
  GtkLabel *entries_title;
  GtkBox *entries;

  /* owned */
  AtlasViewport *viewport;
  AtlasComparison *comparison;
  GSignalGroup *document_signals;
  GtkStringList *rows; /* of empty strings: a row is its position */
  GtkSingleSelection *selection;

  /* state */
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (AtlasDifferenceView, atlas_difference_view, GTK_TYPE_WIDGET)

/* ---- words ------------------------------------------------------------------------------------
 */

static void
append_change (GString *text, const char *before, const char *after)
{
  if (g_strcmp0 (before, after) == 0)
    return;
  g_string_append_printf (text,
                          "%s%s → %s",
                          text->len > 0 ? ", " : "",
                          before != NULL && *before != '\0' ? before : "—",
                          after != NULL && *after != '\0' ? after : "—");
}

char *
atlas_difference_format (const AtlasDifference *difference)
{
  const AtlasRegion *before = &difference->before, *after = &difference->after;
  g_autofree char *before_protect = atlas_protect_format_short (before->protect);
  g_autofree char *after_protect = atlas_protect_format_short (after->protect);
  g_autofree char *before_initial = atlas_protect_format_short (before->allocation_protect);
  g_autofree char *after_initial = atlas_protect_format_short (after->allocation_protect);
  g_autofree char *before_name = atlas_translate_kept (before->name);
  g_autofree char *after_name = atlas_translate_kept (after->name);
  GString *text = g_string_new (NULL);

  append_change (text,
                 _ (atlas_region_state_get_name (before->state)),
                 _ (atlas_region_state_get_name (after->state)));
  append_change (text, before_protect, after_protect);
  append_change (text,
                 atlas_translate (atlas_region_type_get_name (before->type)),
                 atlas_translate (atlas_region_type_get_name (after->type)));
  append_change (text, before_name, after_name);
  if (text->len == 0)
    append_change (text, before_initial, after_initial);
  if (text->len == 0)
    append_change (text,
                   _ (atlas_region_class_get_name (before->region_class)),
                   _ (atlas_region_class_get_name (after->region_class)));
  return g_string_free (text, FALSE);
}

char *
atlas_entry_difference_format_fields (const AtlasEntryDifference *difference,
                                      const AtlasControl *control)
{
  guint64 changed = difference->before ^ difference->after;
  guint64 shown = (difference->after & ATLAS_ENTRY_P) != 0 ? difference->after : difference->before;
  gboolean is_leaf = difference->level == ATLAS_LEVEL_PT ||
                     (difference->level <= ATLAS_LEVEL_PDPT && (shown & ATLAS_ENTRY_PS) != 0);
  AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX];
  guint n_fields = atlas_entry_describe (difference->level, is_leaf, control, fields);
  GString *text = g_string_new (NULL);

  for (guint i = n_fields; i-- > 0;)
    if ((changed & ATLAS_BITS (fields[i].hi, fields[i].lo)) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", fields[i].short_name);
  return g_string_free (text, FALSE);
}

/* Of a PTE that the processor stops at both before and after: Windows has written all of it. */
static char *
format_pte_fields (const AtlasEntryDifference *difference)
{
  AtlasPteKind before = atlas_pte_get_kind (difference->before);
  AtlasPteKind after = atlas_pte_get_kind (difference->after);
  guint64 changed = difference->before ^ difference->after;
  guint n_fields;
  const AtlasPteField *fields = atlas_pte_get_fields (after, &n_fields);
  GString *text = g_string_new (NULL);

  if (before != after)
    {
      append_change (
        text, _ (atlas_pte_kind_get_name (before)), _ (atlas_pte_kind_get_name (after)));
      return g_string_free (text, FALSE);
    }
  for (guint i = 0; i < n_fields; i++)
    if ((changed & ATLAS_BITS (fields[i].high_bit, fields[i].low_bit)) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", fields[i].name);
  return g_string_free (text, FALSE);
}

/* ---- the entries ------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_entry (AtlasDifferenceView *self,
           const AtlasEntryDifference *difference,
           const AtlasControl *control)
{
  gboolean is_of_windows =
    difference->level == ATLAS_LEVEL_PT &&
    ((difference->before | difference->after) & ATLAS_ENTRY_P) == 0 &&
    atlas_document_is_simulation (atlas_comparison_get_document (self->comparison));
  g_autofree char *fields = is_of_windows
                              ? format_pte_fields (difference)
                              : atlas_entry_difference_format_fields (difference, control);
  g_autofree char *name = g_strdup_printf ("%s %u: %s",
                                           atlas_level_get_entry_name (difference->level),
                                           atlas_va_index (difference->va, difference->level),
                                           fields);
  g_autofree char *values =
    g_strdup_printf ("%016" G_GINT64_MODIFIER "x\n→ %016" G_GINT64_MODIFIER "x",
                     difference->before,
                     difference->after);

  gtk_box_append (self->entries, make_label (name, "caption"));
  gtk_box_append (self->entries, make_label (values, "atlas-address"));
}

/* Of the page that is selected. */
static void
update_entries (AtlasDifferenceView *self)
{
  AtlasDocument *document = atlas_comparison_get_document (self->comparison);
  AtlasSpace *after = atlas_document_get_space (document);
  AtlasVa va = atlas_document_get_selected_va (document) & ~ATLAS_PAGE_MASK;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (AtlasEntryDifference));
  g_autofree char *va_text = atlas_format_va (va);
  g_autofree char *title = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->entries))) != NULL)
    gtk_box_remove (self->entries, child);
  if (!atlas_comparison_is_active (self->comparison) || after == NULL ||
      !atlas_space_has_tables (after) ||
      !atlas_space_has_tables (atlas_comparison_get_before (self->comparison)))
    {
      gtk_label_set_label (self->entries_title, "");
      return;
    }
  atlas_entries_compare (atlas_comparison_get_before (self->comparison),
                         after,
                         va,
                         va | ATLAS_PAGE_MASK,
                         FALSE,
                         N_ENTRIES_MAX,
                         found);
  title = g_strdup_printf (
    found->len > 0 ? _ ("Entries of %s") : _ ("The entries of %s are the same"), va_text);
  gtk_label_set_label (self->entries_title, title);
  for (guint i = 0; i < found->len; i++)
    add_entry (
      self, &g_array_index (found, AtlasEntryDifference, i), atlas_space_get_control (after));
}

/* ---- the list ---------------------------------------------------------------------------------
 */

static const char *const kind_icons[] = { "list-add-symbolic",
                                          "list-remove-symbolic",
                                          "document-edit-symbolic" };
static const char *const kind_classes[] = { "success", "error", "accent" };

static void
setup_row (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *size = gtk_label_new (NULL);
  GtkWidget *change = gtk_label_new (NULL);

  gtk_box_append (GTK_BOX (row), gtk_image_new ());
  gtk_box_append (GTK_BOX (row), make_label ("", "atlas-address"));
  gtk_label_set_width_chars (GTK_LABEL (size), 9);
  gtk_label_set_xalign (GTK_LABEL (size), 1);
  gtk_widget_add_css_class (size, "numeric");
  gtk_box_append (GTK_BOX (row), size);
  gtk_label_set_xalign (GTK_LABEL (change), 0);
  gtk_label_set_ellipsize (GTK_LABEL (change), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (change, TRUE);
  gtk_box_append (GTK_BOX (row), change);
  gtk_list_item_set_child (item, row);
}

static void
bind_row (GtkSignalListItemFactory *factory, GtkListItem *item, AtlasDifferenceView *self)
{
  const AtlasDifference *difference =
    atlas_comparison_get_difference (self->comparison, gtk_list_item_get_position (item));
  GtkWidget *icon = gtk_widget_get_first_child (gtk_list_item_get_child (item));
  GtkWidget *address = gtk_widget_get_next_sibling (icon);
  GtkWidget *size = gtk_widget_get_next_sibling (address);
  GtkWidget *change = gtk_widget_get_next_sibling (size);
  g_autofree char *va = atlas_format_va (difference->first_va);
  g_autofree char *bytes = atlas_format_size (difference->last_va - difference->first_va + 1u);
  g_autofree char *words = atlas_difference_format (difference);
  const char *kind = _ (atlas_difference_kind_get_name (difference->kind));

  gtk_image_set_from_icon_name (GTK_IMAGE (icon), kind_icons[difference->kind]);
  for (guint i = 0; i < G_N_ELEMENTS (kind_classes); i++)
    gtk_widget_remove_css_class (icon, kind_classes[i]);
  gtk_widget_add_css_class (icon, kind_classes[difference->kind]);
  gtk_widget_set_tooltip_text (icon, kind);
  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, kind, -1);
  gtk_label_set_label (GTK_LABEL (address), va);
  gtk_label_set_label (GTK_LABEL (size), bytes);
  gtk_label_set_label (GTK_LABEL (change), words);
}

static void
selected_cb (AtlasDifferenceView *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);
  const AtlasDifference *difference;

  if (self->is_updating || position == GTK_INVALID_LIST_POSITION)
    return;
  difference = atlas_comparison_get_difference (self->comparison, position);
  atlas_document_select (atlas_comparison_get_document (self->comparison), difference->first_va);
  atlas_viewport_reveal (self->viewport, difference->first_va);
}

static void
activate_cb (AtlasDifferenceView *self, guint position)
{
  const AtlasDifference *difference = atlas_comparison_get_difference (self->comparison, position);

  atlas_viewport_fit (self->viewport, difference->first_va, difference->last_va);
}

static void
update (AtlasDifferenceView *self)
{
  guint n_differences = atlas_comparison_get_n_differences (self->comparison);
  guint n_rows = g_list_model_get_n_items (G_LIST_MODEL (self->rows));
  g_autofree const char **empty = g_new0 (const char *, n_differences + 1u);
  g_autofree char *count = atlas_format_count (n_differences);
  g_autofree char *title = NULL;

  self->is_updating = TRUE;
  for (guint i = 0; i < n_differences; i++)
    empty[i] = "";
  gtk_string_list_splice (self->rows, 0, n_rows, empty);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  self->is_updating = FALSE;
  gtk_widget_set_visible (self->nothing, n_differences == 0);
  if (atlas_comparison_is_active (self->comparison))
    {
      /* How many comes first: what it is compared with may be cut short. */
      title = g_strdup_printf (
        atlas_comparison_is_complete (self->comparison)
          /* Translators: a number; a file, a process or a moment */
          ? ngettext ("%s difference from %s", "%s differences from %s", n_differences)
          : _ ("More than %s differences from %s"),
        count,
        atlas_comparison_get_title (self->comparison));
      gtk_label_set_label (self->title, title);
    }
  update_entries (self);
}

static GtkWidget *
make_list (AtlasDifferenceView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_row), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_row), self);
  self->rows = gtk_string_list_new (NULL);
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_swapped (self->selection, "notify::selected", G_CALLBACK (selected_cb), self);
  self->list_view =
    gtk_list_view_new (g_object_ref (GTK_SELECTION_MODEL (self->selection)), factory);
  gtk_widget_add_css_class (self->list_view, "atlas-table");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->list_view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Differences"), -1);
  g_signal_connect_swapped (self->list_view, "activate", G_CALLBACK (activate_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list_view);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static GtkWidget *
make_entries (AtlasDifferenceView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->entries_title = GTK_LABEL (make_label ("", "heading"));
  self->entries = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 3));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->entries_title));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->entries));
  gtk_widget_add_css_class (box, "atlas-bar");
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_widget_set_size_request (scroller, ENTRIES_WIDTH_PX, -1);
  return scroller;
}

static void
build (AtlasDifferenceView *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *list = gtk_overlay_new ();
  GtkWidget *stop = gtk_button_new_with_mnemonic (_ ("_Stop Comparing"));

  atlas_name_after_label (stop);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (stop), "win.stop-comparing");
  gtk_widget_add_css_class (stop, "atlas-small");
  self->title = GTK_LABEL (make_label ("", "heading"));
  gtk_label_set_wrap (self->title, FALSE);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  gtk_widget_add_css_class (head, "atlas-bar");
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (head), stop);
  self->nothing =
    make_label (_ ("Nothing differs. What runs from here on is compared at once."), "dim-label");
  gtk_label_set_justify (GTK_LABEL (self->nothing), GTK_JUSTIFY_CENTER);
  gtk_widget_set_margin_start (self->nothing, 12);
  gtk_widget_set_margin_end (self->nothing, 12);
  gtk_widget_set_halign (self->nothing, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->nothing, GTK_ALIGN_CENTER);
  gtk_overlay_set_child (GTK_OVERLAY (list), make_list (self));
  gtk_overlay_add_overlay (GTK_OVERLAY (list), self->nothing);
  gtk_widget_set_hexpand (list, TRUE);
  gtk_box_append (GTK_BOX (body), list);
  gtk_box_append (GTK_BOX (body), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
  gtk_box_append (GTK_BOX (body), make_entries (self));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), body);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

static void
atlas_difference_view_dispose (GObject *object)
{
  AtlasDifferenceView *self = ATLAS_DIFFERENCE_VIEW (object);

  g_clear_object (&self->document_signals);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  g_clear_object (&self->comparison);
  g_clear_object (&self->viewport);

  G_OBJECT_CLASS (atlas_difference_view_parent_class)->dispose (object);
}

static void
atlas_difference_view_class_init (AtlasDifferenceViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_difference_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "differenceview");
}

static void
atlas_difference_view_init (AtlasDifferenceView *self)
{
  build (self);
}

GtkWidget *
atlas_difference_view_new (AtlasViewport *viewport, AtlasComparison *comparison)
{
  AtlasDifferenceView *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);
  g_return_val_if_fail (ATLAS_IS_COMPARISON (comparison), NULL);

  self = g_object_new (ATLAS_TYPE_DIFFERENCE_VIEW, NULL);
  self->viewport = g_object_ref (viewport);
  self->comparison = g_object_ref (comparison);
  g_signal_connect_object (comparison, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  self->document_signals = g_signal_group_new (ATLAS_TYPE_DOCUMENT);
  g_signal_group_connect_swapped (
    self->document_signals, "notify::selected-va", G_CALLBACK (update_entries), self);
  g_signal_group_set_target (self->document_signals, atlas_comparison_get_document (comparison));
  update (self);
  return GTK_WIDGET (self);
}
