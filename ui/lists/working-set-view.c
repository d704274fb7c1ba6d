/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/working-set-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "space/region-text.h"
#include "lists/age-picture.h"
#include "lists/caption.h"
#include "lists/list-follow.h"
#include "lists/table.h"
#include "lists/working-set-model.h"
#include "paint/accessible-name.h"
#include "paint/empty-label.h"
#include "paint/picture-area.h"
#include "paint/swatch.h"
#include "windows/process.h"
#include "windows/protection.h"

#define MIN_WIDTH_PX 320
#define BAR_PX 26

struct _AtlasWorkingSetView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *age_button;
  GtkWidget *trim_button;
  GtkWidget *size;
  GtkWidget *totals;
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *area;
  GtkWidget *table;

  /* owned */
  AtlasDocument *document;
  AtlasViewport *viewport;
  AtlasWorkingSetModel *model;
  GtkSingleSelection *selection;

  /* state */
  gboolean is_stale;     /* the document changed while nobody looked */
  gboolean is_following; /* the document's selection is being shown, not made */
  gboolean is_selecting; /* it is being made here */
};

G_DEFINE_FINAL_TYPE (AtlasWorkingSetView, atlas_working_set_view, GTK_TYPE_WIDGET)

/* Keys, and a column that has none. */
enum
{
  COLUMN_FROM = ATLAS_N_WORKING_SET_KEYS,
  N_COLUMNS,
};

static const AtlasTableColumn columns[N_COLUMNS] = {
  { N_ ("Address"), ATLAS_WORKING_SET_KEY_ADDRESS, 182, 156, "atlas-address", TRUE, TRUE },
  { N_ ("Frame"), ATLAS_WORKING_SET_KEY_FRAME, 74, 62, "numeric", FALSE, TRUE },
  { N_ ("Last used"), ATLAS_WORKING_SET_KEY_AGE, 180, 130, "numeric", FALSE, TRUE },
  { N_ ("From"), COLUMN_FROM, -1, 56, NULL, FALSE, FALSE },
  { N_ ("Protection"), ATLAS_WORKING_SET_KEY_PROTECTION, 100, 82, NULL, FALSE, TRUE },
  { N_ ("Shared"), ATLAS_WORKING_SET_KEY_SHARE_COUNT, 98, 60, "numeric", FALSE, TRUE },
  { N_ ("State"), ATLAS_WORKING_SET_KEY_FLAGS, 130, 66, NULL, FALSE, TRUE },
};

/* ---- cells ------------------------------------------------------------------------------------
 */

static const AtlasRegion *
find_region (AtlasWorkingSetView *self, AtlasVa va)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);

  return regions != NULL
           ? atlas_region_set_get_region (regions, atlas_region_set_find (regions, va))
           : NULL;
}

static char *
format_flags (const AtlasWorkingSetEntry *entry)
{
  const char *words[3] = { NULL };
  guint n_words = 0;

  if (entry->is_locked)
    words[n_words++] = _ ("locked");
  if (entry->is_dirty)
    words[n_words++] = _ ("dirty");
  return g_strjoinv (", ", (char **) words);
}

static char *
format_cell (AtlasWorkingSetView *self, const AtlasWorkingSetEntry *entry, guint column)
{
  const AtlasRegion *region;

  switch (column)
    {
    case ATLAS_WORKING_SET_KEY_ADDRESS:
      return atlas_format_va (entry->va);
    case ATLAS_WORKING_SET_KEY_FRAME:
      return g_strdup_printf ("%" G_GINT64_MODIFIER "x", entry->pfn);
    case ATLAS_WORKING_SET_KEY_AGE:
      return g_strdup (_ (atlas_heat_get_name (atlas_working_set_entry_get_heat (entry))));
    case ATLAS_WORKING_SET_KEY_FLAGS:
      return format_flags (entry);
    case ATLAS_WORKING_SET_KEY_SHARE_COUNT:
      return entry->is_shared ? g_strdup_printf ("%u", entry->share_count)
                              : g_strdup (_ ("private"));
    case ATLAS_WORKING_SET_KEY_PROTECTION:
      return atlas_protect_format_short (atlas_protection_to_win32 (entry->protection));
    case COLUMN_FROM:
      region = find_region (self, entry->va);
      if (region == NULL)
        return g_strdup ("");
      return atlas_region_dup_title (region);
    }
  g_assert_not_reached ();
}

static void
bind_cell_cb (GtkListItem *list_item, guint key, gpointer owner)
{
  AtlasWorkingSetView *self = owner;
  const AtlasWorkingSetEntry *entry =
    atlas_working_set_item_get_entry (gtk_list_item_get_item (list_item));
  g_autofree char *cell = format_cell (self, entry, key);

  gtk_label_set_text (atlas_table_cell_get_label (list_item), cell);
  if (key == ATLAS_WORKING_SET_KEY_ADDRESS)
    {
      const AtlasRegion *region = find_region (self, entry->va);

      if (region != NULL)
        atlas_swatch_set (
          atlas_table_cell_get_swatch (list_item), region->region_class, region->state);
    }
}

/* ---- what is told -----------------------------------------------------------------------------
 */

static char *
format_size (AtlasWorkingSetView *self)
{
  AtlasWorkingSetTotals totals;
  g_autofree char *n_pages = NULL, *size = NULL;

  atlas_working_set_model_get_totals (self->model, &totals);
  n_pages = atlas_format_count (totals.n_private_pages + totals.n_shareable_pages);
  size = atlas_format_size ((totals.n_private_pages + totals.n_shareable_pages) * ATLAS_PAGE_BYTES);
  return g_strdup_printf (_ ("%s pages, %s"), n_pages, size);
}

static char *
format_totals (AtlasWorkingSetView *self, AtlasProcess *process)
{
  AtlasWorkingSet set;
  AtlasWorkingSetTotals totals;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *min = NULL, *max = NULL;

  atlas_process_get_working_set (process, &set);
  atlas_working_set_model_get_totals (self->model, &totals);

  g_autofree char *private_pages = atlas_format_count (totals.n_private_pages);
  g_autofree char *shareable_pages = atlas_format_count (totals.n_shareable_pages);
  g_autofree char *shared_pages = atlas_format_count (totals.n_shared_pages);
  g_autofree char *locked_pages = atlas_format_count (set.n_locked_pages);
  g_autofree char *peak_pages = atlas_format_count (set.n_peak_pages);
  g_autofree char *trimmed_pages = atlas_format_count (set.n_trimmed_pages);

  min = atlas_format_count (set.min_pages);
  max = atlas_format_count (set.max_pages);
  g_string_append_printf (
    text, _ ("private %s · shareable %s, shared %s"), private_pages, shareable_pages, shared_pages);
  if (set.n_locked_pages > 0)
    g_string_append_printf (text, _ (" · locked %s"), locked_pages);
  g_string_append_printf (text,
                          _ (" · minimum %s%s, maximum %s%s"),
                          min,
                          set.is_min_hard ? _ (" (hard)") : "",
                          max,
                          set.is_max_hard ? _ (" (hard)") : "");
  g_string_append_printf (text, _ (" · peak %s · trimmed %s"), peak_pages, trimmed_pages);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static AtlasAgePictureInput
get_age_input (AtlasWorkingSetView *self, guint width_px, guint height_px)
{
  AtlasAgePictureInput input = { .width_px = width_px,
                                 .height_px = height_px,
                                 .chosen = atlas_working_set_model_get_heat (self->model) };
  AtlasWorkingSetTotals totals;

  atlas_working_set_model_get_totals (self->model, &totals);
  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    input.n_of_heat[heat] = totals.n_of_heat[heat];
  return input;
}

static guint
pick_heat (AtlasWorkingSetView *self, double x_px)
{
  AtlasAgePictureInput input = get_age_input (
    self, MAX (atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->area)), 1u), BAR_PX);

  return atlas_age_picture_pick (&input, x_px);
}

static void
draw_cb (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  AtlasAgePictureInput input = get_age_input (data, width_px, height_px);

  atlas_age_picture_draw (list, &input);
}

static char *
tell_cb (double x_px, double y_px, gpointer data)
{
  AtlasWorkingSetView *self = data;
  guint heat = pick_heat (self, x_px);
  AtlasWorkingSetTotals totals;
  g_autofree char *count = NULL;

  if (heat == ATLAS_HEAT_NONE)
    return NULL;
  atlas_working_set_model_get_totals (self->model, &totals);
  count = atlas_format_count (totals.n_of_heat[heat]);
  /* Translators: a number of pages, and how long ago they were used. */
  return g_strdup_printf (
    _ ("%s pages, last used %s\nWindows looks once a second; a click lists them alone"),
    count,
    _ (atlas_heat_get_name (heat)));
}

static void
describe_area (AtlasWorkingSetView *self)
{
  AtlasWorkingSetTotals totals;
  g_autoptr (GString) text = g_string_new (NULL);

  atlas_working_set_model_get_totals (self->model, &totals);
  for (guint heat = 0; heat < ATLAS_N_HEATS; heat++)
    if (totals.n_of_heat[heat] > 0)
      g_string_append_printf (text,
                              "%s%s: %" G_GUINT64_FORMAT,
                              text->len > 0 ? ", " : "",
                              _ (atlas_heat_get_name (heat)),
                              totals.n_of_heat[heat]);
  atlas_picture_area_describe (ATLAS_PICTURE_AREA (self->area), text->str);
}

/* ---- following --------------------------------------------------------------------------------
 */

static guint
find_selected (gpointer owner)
{
  AtlasWorkingSetView *self = owner;
  guint position;

  if (atlas_document_has_selection (self->document) &&
      atlas_working_set_model_find (
        self->model, atlas_document_get_selected_va (self->document), &position))
    return position;
  return GTK_INVALID_LIST_POSITION;
}

static void
follow_selection (AtlasWorkingSetView *self)
{
  self->is_following = TRUE;
  gtk_single_selection_set_selected (self->selection, find_selected (self));
  self->is_following = FALSE;
}

static void
update_all (AtlasWorkingSetView *self)
{
  AtlasProcess *process = atlas_document_get_process (self->document);
  g_autofree char *totals = NULL, *size = NULL;

  /* Reading a working set costs something for every page of it. */
  self->is_stale = !gtk_widget_get_mapped (GTK_WIDGET (self));
  if (self->is_stale)
    return;
  self->is_following = TRUE;
  atlas_working_set_model_set_process (self->model, process);
  self->is_following = FALSE;
  totals = process != NULL ? format_totals (self, process) : g_strdup ("");
  size = process != NULL ? format_size (self) : g_strdup ("");
  gtk_label_set_text (GTK_LABEL (self->size), size);
  gtk_label_set_text (GTK_LABEL (self->totals), totals);
  gtk_widget_set_tooltip_text (self->totals, totals);
  gtk_label_set_text (
    GTK_LABEL (self->nothing),
    atlas_document_explain_nothing (
      self->document,
      _ ("Only a simulated Windows has a working set.\nRegions lists what is here.")));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), process != NULL ? "pages" : "nothing");
  gtk_widget_set_sensitive (self->age_button, process != NULL);
  gtk_widget_set_sensitive (self->trim_button, process != NULL);
  describe_area (self);
  follow_selection (self);
}

static void
selection_changed_cb (AtlasWorkingSetView *self)
{
  if (!self->is_stale)
    follow_selection (self);
}

static void
selected_cb (AtlasWorkingSetView *self)
{
  if (!self->is_selecting)
    atlas_list_reveal (self->table);
}

static void
row_selected_cb (AtlasWorkingSetView *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);
  const AtlasWorkingSetEntry *entry;

  if (self->is_following || position == GTK_INVALID_LIST_POSITION)
    return;
  entry = atlas_working_set_model_get_entry (self->model, position);
  if (atlas_document_has_selection (self->document) &&
      (atlas_document_get_selected_va (self->document) ^ entry->va) <= ATLAS_PAGE_MASK)
    return;
  self->is_selecting = TRUE;
  atlas_document_select (self->document, entry->va);
  atlas_viewport_reveal (self->viewport, entry->va);
  self->is_selecting = FALSE;
}

static void
row_activated_cb (AtlasWorkingSetView *self, guint position)
{
  AtlasVa va = atlas_working_set_model_get_entry (self->model, position)->va;

  atlas_viewport_fit (self->viewport, va, va + ATLAS_PAGE_MASK);
}

static void
area_clicked_cb (AtlasWorkingSetView *self, double x_px)
{
  guint heat = pick_heat (self, x_px);

  if (heat == atlas_working_set_model_get_heat (self->model))
    heat = ATLAS_HEAT_NONE;
  self->is_following = TRUE;
  atlas_working_set_model_set_heat (self->model, heat);
  self->is_following = FALSE;
  follow_selection (self);
  atlas_list_reveal (self->table);
  gtk_widget_queue_draw (self->area);
}

/* ---- order ------------------------------------------------------------------------------------
 */

static void
sort_changed_cb (AtlasWorkingSetView *self)
{
  gboolean is_descending;
  guint key = atlas_table_get_sort (self->table, ATLAS_WORKING_SET_KEY_ADDRESS, &is_descending);

  self->is_following = TRUE;
  atlas_working_set_model_set_sort (self->model, (AtlasWorkingSetKey) key, is_descending);
  self->is_following = FALSE;
  follow_selection (self);
  atlas_list_reveal (self->table);
}

/* ---- building ---------------------------------------------------------------------------------
 */

static GtkWidget *
make_list (AtlasWorkingSetView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkSorter *sorter;

  self->table =
    atlas_table_new (_ ("Working set"), columns, G_N_ELEMENTS (columns), bind_cell_cb, self);
  atlas_list_follow (self->table, GTK_SELECTION_MODEL (self->selection), find_selected, self);
  sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->table));
  g_signal_connect_object (
    sorter, "changed", G_CALLBACK (sort_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (self->table, "activate", G_CALLBACK (row_activated_cb), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->table);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 60);
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}

static void
run (AtlasWorkingSetView *self, const char *command)
{
  g_autoptr (GError) error = NULL;
  /* What became of it is told to everybody by the document's "ran". */
  g_autoptr (AtlasCommandResult) result = atlas_document_run (self->document, command, &error);

  if (result == NULL)
    g_warning ("%s: %s", command, error->message);
}

static void
trim_cb (AtlasWorkingSetView *self)
{
  run (self, "trim");
}

static void
age_cb (AtlasWorkingSetView *self)
{
  run (self, "tick 1s");
}

static GtkWidget *
make_button (AtlasWorkingSetView *self, const char *label, const char *tooltip, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  atlas_name_after_label (button);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "atlas-small");
  g_signal_connect_swapped (button, "clicked", clicked, self);
  return button;
}

static GtkWidget *
make_bar (AtlasWorkingSetView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_add_css_class (bar, "atlas-bar");
  self->age_button = make_button (self,
                                  _ ("_Age"),
                                  _ ("A second passes: Windows looks at each Accessed bit, notes "
                                     "the age and clears it"),
                                  G_CALLBACK (age_cb));
  self->trim_button = make_button (self,
                                   _ ("_Trim"),
                                   _ ("EmptyWorkingSet: every page that is not locked leaves"),
                                   G_CALLBACK (trim_cb));
  gtk_box_append (GTK_BOX (bar), self->age_button);
  gtk_box_append (GTK_BOX (bar), self->trim_button);
  self->size = atlas_caption_new (1);
  gtk_box_append (GTK_BOX (bar), self->size);
  return bar;
}

static void
atlas_working_set_view_map (GtkWidget *widget)
{
  AtlasWorkingSetView *self = ATLAS_WORKING_SET_VIEW (widget);

  GTK_WIDGET_CLASS (atlas_working_set_view_parent_class)->map (widget);
  if (self->is_stale)
    update_all (self);
}

static void
atlas_working_set_view_dispose (GObject *object)
{
  AtlasWorkingSetView *self = ATLAS_WORKING_SET_VIEW (object);

  if (self->area != NULL)
    atlas_picture_area_detach (ATLAS_PICTURE_AREA (self->area));
  self->area = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->viewport);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_working_set_view_parent_class)->dispose (object);
}

static void
atlas_working_set_view_class_init (AtlasWorkingSetViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_working_set_view_dispose;
  widget_class->map = atlas_working_set_view_map;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlasworkingset");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
atlas_working_set_view_init (AtlasWorkingSetView *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->is_stale = TRUE;
  self->model = atlas_working_set_model_new ();
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->model)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (
    self->selection, "notify::selected", G_CALLBACK (row_selected_cb), self, G_CONNECT_SWAPPED);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_box_append (GTK_BOX (self->box), make_bar (self));

  self->area =
    atlas_picture_area_new (_ ("Ages of the pages"), MIN_WIDTH_PX, BAR_PX, draw_cb, tell_cb, self);
  g_signal_connect_swapped (self->area, "clicked", G_CALLBACK (area_clicked_cb), self);
  self->totals = atlas_caption_new (0);
  gtk_widget_add_css_class (self->totals, "atlas-bar");
  gtk_box_append (GTK_BOX (page), self->totals);
  gtk_box_append (GTK_BOX (page), self->area);
  gtk_box_append (GTK_BOX (page), make_list (self));

  self->nothing = atlas_empty_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), page, "pages");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->stack);
}

GtkWidget *
atlas_working_set_view_new (AtlasViewport *viewport)
{
  AtlasWorkingSetView *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_WORKING_SET_VIEW, NULL);
  self->viewport = g_object_ref (viewport);
  self->document = g_object_ref (atlas_viewport_get_document (viewport));
  g_signal_connect_object (
    self->document, "changed", G_CALLBACK (update_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->document,
                           "notify::selected-va",
                           G_CALLBACK (selection_changed_cb),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (
    self->document, "selected", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

GListModel *
atlas_working_set_view_get_model (AtlasWorkingSetView *self)
{
  g_return_val_if_fail (ATLAS_IS_WORKING_SET_VIEW (self), NULL);

  return G_LIST_MODEL (self->model);
}
