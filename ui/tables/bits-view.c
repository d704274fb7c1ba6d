/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/bits-view.h"

#include <glib/gi18n.h>

#include "paging/memory-type.h"
#include "paint/css-class.h"
#include "paint/empty-label.h"
#include "tables/bit-boxes.h"
#include "tables/entry-editor.h"
#include "windows/page-64k.h"
#include "windows/pte.h"

#define MAX_WIDTH_CHARS 28

struct _AtlasBitsView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *levels[ATLAS_LEVELS_MAX + 1]; /* toggle buttons by level; [0] is not used */
  GtkWidget *title;
  GtkWidget *summary;
  GtkWidget *editor;
  GtkWidget *boxes;
  GtkWidget *fields;
  GtkWidget *rows[ATLAS_ENTRY_NAMES_MAX];

  /* owned */
  AtlasDocument *document;

  /* state */
  guint level;
  gboolean is_updating;
};

G_DEFINE_FINAL_TYPE (AtlasBitsView, atlas_bits_view, GTK_TYPE_WIDGET)

/* The labels of a field's row. */
typedef struct
{
  GtkWidget *bits;
  GtkWidget *name;
  GtkWidget *value;
  GtkWidget *toggle; /* in place of the value: one bit that can be written */
  GtkWidget *meaning;
  guint bit;
} FieldRow;

#define FIELD_ROW_KEY "atlas-field-row"

static const AtlasLensTable *
find_table (const AtlasLens *lens, guint level)
{
  for (guint i = 0; i < lens->n_levels; i++)
    if (lens->tables[i].level == level)
      return &lens->tables[i];

  return NULL;
}

static gboolean
find_step (const AtlasLens *lens, guint level, AtlasWalkStep *step)
{
  guint index = lens->walk.first_level - level;

  if (index >= lens->walk.n_steps)
    return FALSE;
  *step = atlas_walk_result_get_step (&lens->walk, index);
  return TRUE;
}

/* How the page of the leaf at @level is cached; NULL where the walk did not get there. */
static char *
explain_memory_type (AtlasBitsView *self, guint level)
{
  const AtlasWalkResult *walk = &atlas_document_get_lens (self->document)->walk;
  AtlasSpace *space = atlas_document_get_space (self->document);
  AtlasMemoryType type;

  if (walk->outcome != ATLAS_OUTCOME_TRANSLATED || walk->first_level + 1u - walk->n_steps != level)
    return NULL;
  atlas_memory_type_find (
    atlas_space_get_mtrrs (space), atlas_space_get_control (space), walk, &type);
  return atlas_memory_type_explain (&type);
}

/* What became of a page of 64 KB that the selected one is part of; NULL where it is of none. */
static char *
describe_64k_page (AtlasBitsView *self, guint level)
{
  AtlasSession *session = atlas_document_get_session (self->document);
  AtlasProcess *process = session != NULL ? atlas_session_get_process (session) : NULL;
  AtlasPage64k page;

  if (level != ATLAS_LEVEL_PT || process == NULL ||
      !atlas_process_find_page_64k (
        process, atlas_document_get_selected_va (self->document), &page))
    return NULL;
  return atlas_page_64k_describe (&page);
}

/* "Maps a page of 4 KB." */
static char *
summarize_entry (AtlasBitsView *self, const AtlasLensTable *table)
{
  guint64 entry = table->selected_entry;
  g_autofree char *size = atlas_format_size (atlas_level_span_bytes (table->level));

  if ((entry & ATLAS_ENTRY_P) == 0)
    {
      AtlasPteKind kind = atlas_pte_get_kind (entry);

      if (atlas_document_get_process (self->document) == NULL)
        return g_strdup (_ ("Not present."));
      if (entry == 0 && table->level > ATLAS_LEVEL_PT)
        /* Translators: %s is a size such as "2 MB". */
        return g_strdup_printf (_ ("Not present: no table yet for these %s."), size);
      /* Translators: a kind such as "demand zero", then a sentence about it. */
      return g_strdup_printf (_ ("Not present, %s. %s"),
                              _ (atlas_pte_kind_get_name (kind)),
                              _ (atlas_pte_kind_get_description (kind)));
    }
  if (atlas_entry_is_leaf (entry, table->level))
    {
      g_autofree char *page = atlas_format_hex (atlas_entry_get_page_pa (entry, table->level));

      g_autofree char *type = explain_memory_type (self, table->level);
      /* Translators: a size, then a physical address. */
      g_autofree char *maps =
        g_strdup_printf (_ ("Present: maps a page of %s at physical %s."), size, page);

      g_autofree char *block = describe_64k_page (self, table->level);
      /* Translators: a sentence, then one about how the page is cached. */
      g_autofree char *cached = type != NULL
                                  ? g_strdup_printf (_ ("%s Memory type: %s"), maps, type)
                                  : g_steal_pointer (&maps);

      return block != NULL ? g_strdup_printf ("%s %s", cached, block) : g_steal_pointer (&cached);
    }
  {
    g_autofree char *next = atlas_format_hex (atlas_entry_get_table_pa (entry));

    /* Translators: the name of a table such as "PD", then a physical address. */
    return g_strdup_printf (_ ("Present: leads to the %s at physical %s."),
                            atlas_level_get_table_name (table->level - 1u),
                            next);
  }
}

static GtkWidget *
make_text (const char *css_class, float xalign)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  /* The panel gives the width, not the text. */
  gtk_label_set_max_width_chars (GTK_LABEL (label), MAX_WIDTH_CHARS);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
bit_toggled_cb (AtlasBitsView *self, GtkCheckButton *toggle)
{
  const FieldRow *field = g_object_get_data (G_OBJECT (toggle), FIELD_ROW_KEY);
  const AtlasLensTable *table = find_table (atlas_document_get_lens (self->document), self->level);

  if (!self->is_updating && table != NULL)
    atlas_entry_editor_write (ATLAS_ENTRY_EDITOR (self->editor),
                              table->selected_entry ^ ATLAS_BIT (field->bit));
}

static GtkWidget *
make_row (AtlasBitsView *self)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *grid = gtk_grid_new ();
  FieldRow *field = g_new (FieldRow, 1);

  field->bits = make_text ("atlas-address", 1.0f);
  gtk_widget_add_css_class (field->bits, "dim-label");
  gtk_label_set_width_chars (GTK_LABEL (field->bits), 5);
  field->name = make_text (NULL, 0.0f);
  gtk_label_set_ellipsize (GTK_LABEL (field->name), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (field->name, TRUE);
  field->value = make_text ("atlas-address", 1.0f);
  field->toggle = gtk_check_button_new ();
  gtk_widget_set_halign (field->toggle, GTK_ALIGN_END);
  g_object_set_data (G_OBJECT (field->toggle), FIELD_ROW_KEY, field);
  g_signal_connect_object (
    field->toggle, "toggled", G_CALLBACK (bit_toggled_cb), self, G_CONNECT_SWAPPED);
  field->meaning = make_text ("caption", 0.0f);
  gtk_widget_add_css_class (field->meaning, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (field->meaning), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (field->meaning), PANGO_WRAP_WORD_CHAR);

  gtk_grid_set_column_spacing (GTK_GRID (grid), 9);
  gtk_grid_attach (GTK_GRID (grid), field->bits, 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), field->name, 1, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), field->value, 2, 0, 1, 1);
  /* One or the other. */
  gtk_grid_attach (GTK_GRID (grid), field->toggle, 2, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), field->meaning, 1, 1, 2, 1);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), grid);
  g_object_set_data_full (G_OBJECT (row), FIELD_ROW_KEY, field, g_free);
  return row;
}

static void
fill_row (GtkWidget *row,
          const AtlasEntryName *name,
          guint64 entry,
          guint64 wrong_bits,
          gboolean is_editable)
{
  FieldRow *field = g_object_get_data (G_OBJECT (row), FIELD_ROW_KEY);
  guint64 value = atlas_entry_name_get_value (name, entry);
  gboolean is_single = name->hi == name->lo;
  gboolean is_quiet = name->owner == ATLAS_ENTRY_OWNER_NOBODY ||
                      (name->owner == ATLAS_ENTRY_OWNER_RESERVED && value == 0);
  g_autofree char *bits =
    is_single ? g_strdup_printf ("%u", name->hi) : g_strdup_printf ("%u:%u", name->hi, name->lo);
  g_autofree char *value_text =
    is_single ? g_strdup (value != 0 ? "1" : "0") : atlas_format_hex (value);
  g_autofree char *title =
    name->long_name != NULL && !g_str_equal (name->long_name, name->short_name)
      ? g_strdup_printf ("%s · %s", name->short_name, name->long_name)
      : g_strdup (name->short_name);

  gtk_label_set_text (GTK_LABEL (field->bits), bits);
  gtk_label_set_text (GTK_LABEL (field->name), title);
  gtk_label_set_text (GTK_LABEL (field->value), value_text);
  gtk_widget_set_visible (field->value, !is_single || !is_editable);
  gtk_widget_set_visible (field->toggle, is_single && is_editable);
  field->bit = name->lo;
  gtk_check_button_set_active (GTK_CHECK_BUTTON (field->toggle), value != 0);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (field->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_label_set_text (GTK_LABEL (field->meaning), name->meaning);
  gtk_widget_set_visible (field->meaning, !is_quiet);
  atlas_css_class_set (field->name, "dim-label", is_quiet);
  atlas_css_class_set (field->value, "dim-label", value == 0);
  atlas_css_class_set (row, "error", (wrong_bits & ATLAS_BITS (name->hi, name->lo)) != 0);
}

static void
show_entry (AtlasBitsView *self, const AtlasLens *lens, const AtlasLensTable *table)
{
  AtlasWalkStep step;
  const AtlasControl *control = atlas_space_get_control (atlas_document_get_space (self->document));
  AtlasEntryName names[ATLAS_ENTRY_NAMES_MAX];
  guint n_names = atlas_entry_names_make (table->selected_entry,
                                          table->level,
                                          control,
                                          atlas_document_get_process (self->document) != NULL,
                                          names);
  const AtlasWalkQuery query = { .va = lens->va,
                                 .access = atlas_document_get_access (self->document),
                                 .is_supervisor = atlas_document_get_supervisor (self->document) };
  AtlasWalkResult walk;
  gboolean is_editable = atlas_document_is_simulation (self->document);
  guint64 wrong_bits = 0;
  g_autofree char *title = NULL;
  g_autofree char *summary = summarize_entry (self, table);

  /* The lens looks; what is wrong with an entry depends on who asks for what. */
  if (atlas_space_walk (atlas_document_get_space (self->document), &query, &walk) &&
      walk.fault_level == table->level)
    wrong_bits = walk.fault_bits;

  if (find_step (lens, table->level, &step))
    {
      g_autofree char *entry_pa = atlas_format_hex (step.entry_pa);

      /* Translators: an entry such as "PTE 280", then its physical address. */
      title = g_strdup_printf (
        _ ("%s %u at %s"), atlas_level_get_entry_name (table->level), table->selected, entry_pa);
    }
  else
    {
      title = g_strdup_printf ("%s %u", atlas_level_get_entry_name (table->level), table->selected);
    }
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_text (GTK_LABEL (self->summary), summary);
  atlas_entry_editor_set_entry (
    ATLAS_ENTRY_EDITOR (self->editor), table->level, table->selected_entry);
  atlas_bit_boxes_set_entry (
    ATLAS_BIT_BOXES (self->boxes), table->selected_entry, table->level, names, n_names, wrong_bits);

  self->is_updating = TRUE;
  for (guint i = 0; i < ATLAS_ENTRY_NAMES_MAX; i++)
    {
      if (i < n_names && self->rows[i] == NULL)
        {
          self->rows[i] = make_row (self);
          gtk_list_box_append (GTK_LIST_BOX (self->fields), self->rows[i]);
        }
      if (i < n_names)
        fill_row (self->rows[i], &names[i], table->selected_entry, wrong_bits, is_editable);
      if (self->rows[i] != NULL)
        gtk_widget_set_visible (self->rows[i], i < n_names);
    }
  self->is_updating = FALSE;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "entry");
}

static void
show_nothing (AtlasBitsView *self, const char *text)
{
  gtk_label_set_text (GTK_LABEL (self->nothing), text);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "nothing");
}

static void
update_levels (AtlasBitsView *self, const AtlasLens *lens)
{
  self->is_updating = TRUE;
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVELS_MAX; level++)
    {
      const AtlasLensTable *table = find_table (lens, level);

      gtk_widget_set_visible (self->levels[level], level < ATLAS_LEVEL_PML5 || table != NULL);
      gtk_widget_set_sensitive (self->levels[level], table != NULL && table->is_known);
      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->levels[level]), level == self->level);
    }
  self->is_updating = FALSE;
}

static void
update_all (AtlasBitsView *self)
{
  const AtlasLens *lens = atlas_document_get_lens (self->document);
  const AtlasLensTable *table = find_table (lens, self->level);

  update_levels (self, lens);
  if (!atlas_document_has_selection (self->document))
    show_nothing (
      self,
      atlas_document_explain_nothing (
        self->document, _ ("Nothing is selected.\nClick an address on the map or in a list.")));
  else if (!lens->has_tables)
    show_nothing (self,
                  _ ("A minidump holds no page tables, so there are no entries to show. "
                     "What the lens draws is what the regions imply."));
  else if (table == NULL || !table->is_known)
    show_nothing (self,
                  _ ("The walk does not get this far: an entry above is not present, or maps a "
                     "large page."));
  else
    show_entry (self, lens, table);
}

/* The entry of the step; where a step concerns none, the one before stays. Without a story, the
 * lowest level that the walk reaches. */
static void
follow_step (AtlasBitsView *self)
{
  const AtlasLens *lens = atlas_document_get_lens (self->document);
  guint level = atlas_document_get_step_level (self->document);
  const AtlasLensTable *table = find_table (lens, level != 0 ? level : self->level);

  if (level != 0)
    self->level = level;
  else if (table == NULL || !table->is_known)
    for (guint i = 0; i < lens->n_levels; i++)
      if (lens->tables[i].is_known)
        self->level = lens->tables[i].level;
  update_all (self);
}

static void
on_level_toggled (AtlasBitsView *self, GtkToggleButton *button)
{
  if (self->is_updating)
    return;

  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVELS_MAX; level++)
    if (self->levels[level] == GTK_WIDGET (button))
      self->level = level;
  update_all (self);
}

static void
on_row_selected (AtlasBitsView *self, GtkListBoxRow *row)
{
  atlas_bit_boxes_set_selected (ATLAS_BIT_BOXES (self->boxes),
                                row != NULL ? gtk_list_box_row_get_index (row) : -1);
}

static void
on_field_clicked (AtlasBitsView *self, guint index)
{
  gtk_list_box_select_row (GTK_LIST_BOX (self->fields), GTK_LIST_BOX_ROW (self->rows[index]));
  /* Brings it into view. */
  gtk_widget_grab_focus (self->rows[index]);
}

/* A second click on a bit turns it. */
static void
on_bit_activated (AtlasBitsView *self, guint bit)
{
  const AtlasLensTable *table = find_table (atlas_document_get_lens (self->document), self->level);

  if (table != NULL && atlas_document_is_simulation (self->document))
    atlas_entry_editor_write (ATLAS_ENTRY_EDITOR (self->editor),
                              table->selected_entry ^ ATLAS_BIT (bit));
}

static GtkWidget *
make_levels (AtlasBitsView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  /* In the order of an address's bits. */
  gtk_widget_set_direction (box, GTK_TEXT_DIR_LTR);
  gtk_widget_add_css_class (box, "linked");
  gtk_box_set_homogeneous (GTK_BOX (box), TRUE);
  for (guint level = ATLAS_LEVELS_MAX; level >= ATLAS_LEVEL_PT; level--)
    {
      GtkWidget *button = gtk_toggle_button_new_with_label (atlas_level_get_entry_name (level));
      g_autofree char *css_class = g_strdup_printf ("atlas-level-%u", level);

      gtk_widget_add_css_class (button, "atlas-level");
      gtk_widget_add_css_class (button, css_class);
      g_signal_connect_swapped (button, "toggled", G_CALLBACK (on_level_toggled), self);
      self->levels[level] = button;
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static GtkWidget *
make_entry_page (AtlasBitsView *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->title = make_text ("heading", 0.0f);
  self->editor = atlas_entry_editor_new (self->document);
  self->summary = make_text ("caption", 0.0f);
  gtk_widget_add_css_class (self->summary, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (self->summary), TRUE);
  gtk_label_set_yalign (GTK_LABEL (self->summary), 0.0f);
  /* Two lines always: the boxes below keep their place while stepping. */
  gtk_label_set_lines (GTK_LABEL (self->summary), 2);
  gtk_widget_set_size_request (self->summary, -1, 34);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (head), self->editor);
  gtk_box_append (GTK_BOX (head), self->summary);
  gtk_box_append (GTK_BOX (page), head);

  self->boxes = atlas_bit_boxes_new ();
  g_signal_connect_swapped (self->boxes, "field-clicked", G_CALLBACK (on_field_clicked), self);
  g_signal_connect_swapped (self->boxes, "bit-activated", G_CALLBACK (on_bit_activated), self);
  gtk_box_append (GTK_BOX (page), self->boxes);

  self->fields = gtk_list_box_new ();
  gtk_widget_add_css_class (self->fields, "atlas-fields");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->fields), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Fields of the entry"), -1);
  g_signal_connect_swapped (self->fields, "row-selected", G_CALLBACK (on_row_selected), self);
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->fields);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (page), scroller);
  return page;
}

static void
atlas_bits_view_dispose (GObject *object)
{
  AtlasBitsView *self = ATLAS_BITS_VIEW (object);
  GtkWidget *child;

  /* A list that goes deselects its row, when the boxes may be gone already. */
  if (self->fields != NULL)
    g_signal_handlers_disconnect_by_func (self->fields, on_row_selected, self);
  self->fields = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_bits_view_parent_class)->dispose (object);
}

static void
atlas_bits_view_class_init (AtlasBitsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_bits_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlasentry");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
build (AtlasBitsView *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 12);
  gtk_widget_add_css_class (GTK_WIDGET (self), "atlas-panel");

  gtk_widget_set_parent (make_levels (self), GTK_WIDGET (self));

  self->nothing = atlas_empty_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_stack_add_named (GTK_STACK (self->stack), self->nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), make_entry_page (self), "entry");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

static void
atlas_bits_view_init (AtlasBitsView *self)
{
  self->level = ATLAS_LEVEL_PT;
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Entry"), -1);
}

GtkWidget *
atlas_bits_view_new (AtlasDocument *document)
{
  AtlasBitsView *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_BITS_VIEW, NULL);
  self->document = g_object_ref (document);
  build (self);
  g_signal_connect_object (document, "changed", G_CALLBACK (update_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    document, "notify::selected-va", G_CALLBACK (follow_step), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    document, "notify::step", G_CALLBACK (follow_step), self, G_CONNECT_SWAPPED);
  follow_step (self);
  return GTK_WIDGET (self);
}

guint
atlas_bits_view_get_level (AtlasBitsView *self)
{
  g_return_val_if_fail (ATLAS_IS_BITS_VIEW (self), 0);

  return self->level;
}

void
atlas_bits_view_set_level (AtlasBitsView *self, guint level)
{
  g_return_if_fail (ATLAS_IS_BITS_VIEW (self));
  g_return_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVEL_PML5);

  if (self->level == level)
    return;

  self->level = level;
  update_all (self);
}
