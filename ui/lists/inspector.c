/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/inspector.h"

#include <glib/gi18n.h>

#include "base/translation.h"
#include "lists/region-facts.h"
#include "lists/region-operation.h"
#include "lists/status-text.h"
#include "paint/accessible-name.h"
#include "paint/css-class.h"
#include "paint/empty-label.h"
#include "paint/swatch.h"
#include "space/region-text.h"
#include "space/why.h"
#include "windows/virtual.h"

#define MAX_WIDTH_CHARS 24

struct _AtlasInspector
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *scroller;
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *swatch;
  GtkWidget *title;
  GtkWidget *kind;
  GtkWidget *names[ATLAS_N_FACTS];
  GtkWidget *values[ATLAS_N_FACTS];
  GtkWidget *reasons;
  GtkWidget *why;
  GtkWidget *source;
  GtkWidget *may_section;
  GtkWidget *may;
  GtkWidget *may_detail;
  GtkWidget *buttons[ATLAS_N_OPERATIONS];
  GtkWidget *protection;
  GtkWidget *dump_note;
  GtkWidget *outcome;
  GtkWidget *outcome_detail;

  /* owned */
  AtlasDocument *document;
  AtlasViewport *viewport;
};

G_DEFINE_FINAL_TYPE (AtlasInspector, atlas_inspector, GTK_TYPE_WIDGET)

static void
set_tone (GtkWidget *label, gboolean is_good)
{
  gtk_widget_remove_css_class (label, is_good ? "error" : "success");
  gtk_widget_add_css_class (label, is_good ? "success" : "error");
}

/* @detail: NULL without. */
static void
show_answer (AtlasInspector *self, gboolean is_possible, const char *answer, const char *detail)
{
  gtk_label_set_text (GTK_LABEL (self->may), answer);
  set_tone (self->may, is_possible);
  gtk_label_set_text (GTK_LABEL (self->may_detail), detail != NULL ? detail : "");
  gtk_widget_set_visible (self->may_detail, detail != NULL);
}

/* "May I allocate here?": asks Windows for one byte at the selected address, without taking it. */
static void
ask_windows (AtlasInspector *self, AtlasProcess *process, AtlasVa va)
{
  AtlasAllocationPreview preview;
  gboolean is_possible;
  g_autofree char *detail = NULL;

  atlas_virtual_alloc_preview (process, va, 1, ATLAS_MEM_RESERVE, ATLAS_PAGE_READWRITE, &preview);
  is_possible = atlas_status_is_success (preview.status);
  if (is_possible)
    {
      g_autofree char *base = atlas_format_va (preview.base_va);
      g_autofree char *size = atlas_format_size (preview.size_bytes);

      /* Translators: an address, a size, a number of pages. */
      detail =
        g_strdup_printf (ngettext ("One byte here takes %s from %s; %u page of the slot is lost.",
                                   "One byte here takes %s from %s; %u pages of the slot are lost.",
                                   preview.n_unusable_pages),
                         size,
                         base,
                         preview.n_unusable_pages);
    }
  else
    {
      g_autofree char *status = atlas_status_format (preview.status);

      detail = preview.reason != NULL ? g_strdup_printf ("%s\n%s", preview.reason, status)
                                      : g_steal_pointer (&status);
    }
  show_answer (self, is_possible, is_possible ? _ ("Yes.") : _ ("No."), detail);
}

static void
update_may (AtlasInspector *self, AtlasVa va)
{
  AtlasProcess *process = atlas_document_get_process (self->document);

  /* Address 0 asks Windows to choose: that is no question about this place. */
  if (process != NULL && va != 0)
    ask_windows (self, process, va);
  else
    {
      g_auto (AtlasWhy) why = { 0 };

      atlas_why_init (&why, atlas_document_get_space (self->document), va);
      show_answer (self, why.may_allocate, why.verdict, NULL);
    }
}

static void
update_operations (AtlasInspector *self)
{
  gtk_widget_set_visible (self->dump_note, !atlas_document_is_simulation (self->document));
  for (guint i = 0; i < ATLAS_N_OPERATIONS; i++)
    {
      const char *refusal =
        atlas_region_operation_refuse ((AtlasRegionOperation) i, self->document);

      gtk_widget_set_sensitive (self->buttons[i], refusal == NULL);
      gtk_widget_set_tooltip_text (self->buttons[i], refusal);
    }
  /* Commit takes it too. */
  gtk_widget_set_sensitive (self->protection,
                            gtk_widget_get_sensitive (self->buttons[ATLAS_OPERATION_PROTECT]) ||
                              gtk_widget_get_sensitive (self->buttons[ATLAS_OPERATION_COMMIT]));
}

static void
set_text_or_hide (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL);
}

/* Why nothing is where nobody put anything. (transfer full) (nullable) */
static char *
dup_reason_of (AtlasInspector *self, const AtlasRegion *region)
{
  g_auto (AtlasWhy) why = { 0 };

  if (region->state != ATLAS_STATE_FREE)
    return NULL;
  atlas_why_init (&why, atlas_document_get_space (self->document), region->base_va);
  return g_steal_pointer (&why.reason);
}

static void
update_all (AtlasInspector *self)
{
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);
  AtlasVa va = atlas_document_get_selected_va (self->document);
  const char *class_name;
  g_autofree char *title = NULL, *reason = NULL, *source = NULL;

  gtk_label_set_text (
    GTK_LABEL (self->nothing),
    atlas_document_explain_nothing (
      self->document, _ ("Nothing is selected.\nClick an address on the map or in a list.")));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), region != NULL ? "region" : "nothing");
  if (region == NULL)
    return;

  title = atlas_region_dup_title (region);
  class_name = _ (atlas_region_class_get_name (region->region_class));
  atlas_swatch_set (ATLAS_SWATCH (self->swatch), region->region_class, region->state);
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_text (GTK_LABEL (self->kind), class_name);
  gtk_widget_set_visible (self->kind, region->name != NULL);
  for (guint i = 0; i < ATLAS_N_FACTS; i++)
    {
      g_autofree char *value =
        atlas_region_fact_format (self->document, region, va, (AtlasRegionFact) i);

      gtk_label_set_text (GTK_LABEL (self->values[i]), value != NULL ? value : "");
      gtk_widget_set_visible (self->values[i], value != NULL);
      gtk_widget_set_visible (self->names[i], value != NULL);
    }
  atlas_css_class_set (
    self->values[ATLAS_FACT_PROTECTION], "warning", atlas_region_is_writable_executable (region));

  reason =
    region->reason != NULL ? atlas_translate_kept (region->reason) : dup_reason_of (self, region);
  set_text_or_hide (self->why, reason);
  if (region->source != NULL)
    /* Translators: who says why a region is there. */
    source = g_strdup_printf (_ ("Source: %s"), _ (region->source));
  set_text_or_hide (self->source, source);
  gtk_widget_set_visible (self->reasons, reason != NULL || source != NULL);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->protection),
                              atlas_protection_choice_suggest (region));
  /* Page tables and Linux know nothing of Windows' rules. */
  gtk_widget_set_visible (self->may_section,
                          atlas_region_set_has_slots (atlas_document_get_regions (self->document)));
  update_may (self, va);
  update_operations (self);
}

static void
show_outcome (AtlasInspector *self, const char *text, const char *detail, gboolean is_good)
{
  set_text_or_hide (self->outcome, text);
  if (text != NULL)
    set_tone (self->outcome, is_good);
  set_text_or_hide (self->outcome_detail, detail);
}

static void
on_selected_va_changed (AtlasInspector *self)
{
  show_outcome (self, NULL, NULL, TRUE);
  update_all (self);
}

/* Every command's outcome, whoever ran it: the region here may be what it was about. */
static void
on_ran (AtlasInspector *self, AtlasCommandResult *result)
{
  gboolean is_good = atlas_status_is_success (result->status);
  g_autofree char *detail = is_good ? NULL : atlas_status_format (result->status);

  show_outcome (self, result->result, detail, is_good);
}

static void
on_operation (AtlasInspector *self, GtkWidget *button)
{
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);
  AtlasVa va = atlas_document_get_selected_va (self->document);
  guint operation = 0;
  g_autofree char *command = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autoptr (GError) error = NULL;

  while (self->buttons[operation] != button)
    operation++;
  if (region == NULL)
    return;

  if (operation == ATLAS_OPERATION_ALLOCATE)
    {
      gtk_widget_activate_action (
        GTK_WIDGET (self), "win.allocate-at", "(tt)", va, G_GUINT64_CONSTANT (0));
      return;
    }

  command =
    atlas_region_operation_format ((AtlasRegionOperation) operation,
                                   region,
                                   va,
                                   gtk_drop_down_get_selected (GTK_DROP_DOWN (self->protection)));
  result = atlas_document_run (self->document, command, &error);
  if (result == NULL)
    show_outcome (self, error->message, NULL, FALSE);
}

static void
on_fit (AtlasInspector *self)
{
  const AtlasRegion *region = atlas_document_get_selected_region (self->document);

  if (region != NULL)
    atlas_viewport_fit (self->viewport, region->base_va, atlas_region_get_last_va (region));
}

static GtkWidget *
make_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0f);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  /* The panel gives the width, not the text. */
  gtk_label_set_max_width_chars (GTK_LABEL (label), MAX_WIDTH_CHARS);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_section (const char *title)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *heading = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (heading), 0.0f);
  gtk_widget_add_css_class (heading, "heading");
  gtk_box_append (GTK_BOX (box), heading);
  return box;
}

static GtkWidget *
make_head (AtlasInspector *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *names = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *fit = gtk_button_new_from_icon_name ("zoom-fit-best-symbolic");

  self->swatch = atlas_swatch_new ();
  self->title = make_label ("heading");
  self->kind = make_label ("caption");
  gtk_widget_add_css_class (self->kind, "dim-label");
  gtk_box_append (GTK_BOX (names), self->title);
  gtk_box_append (GTK_BOX (names), self->kind);
  gtk_widget_set_hexpand (names, TRUE);
  gtk_widget_set_valign (names, GTK_ALIGN_CENTER);

  gtk_widget_add_css_class (fit, "flat");
  gtk_widget_set_valign (fit, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (fit, _ ("Fit the region in the map"));
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (fit), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Fit the region in the map"), -1);
  g_signal_connect_swapped (fit, "clicked", G_CALLBACK (on_fit), self);

  gtk_box_append (GTK_BOX (head), self->swatch);
  gtk_box_append (GTK_BOX (head), names);
  gtk_box_append (GTK_BOX (head), fit);
  return head;
}

static GtkWidget *
make_facts (AtlasInspector *self)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  for (guint i = 0; i < ATLAS_N_FACTS; i++)
    {
      GtkWidget *name = gtk_label_new (atlas_region_fact_get_name ((AtlasRegionFact) i));

      gtk_label_set_xalign (GTK_LABEL (name), 0.0f);
      gtk_label_set_yalign (GTK_LABEL (name), 0.0f);
      gtk_widget_add_css_class (name, "dim-label");
      self->names[i] = name;
      self->values[i] = make_label (
        atlas_region_fact_is_address ((AtlasRegionFact) i) ? "atlas-address" : "numeric");
      gtk_widget_set_hexpand (self->values[i], TRUE);
      gtk_accessible_update_relation (
        GTK_ACCESSIBLE (self->values[i]), GTK_ACCESSIBLE_RELATION_LABELLED_BY, name, NULL, -1);
      gtk_grid_attach (GTK_GRID (grid), name, 0, (int) i, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), self->values[i], 1, (int) i, 1, 1);
    }
  return grid;
}

static GtkWidget *
make_button (AtlasInspector *self, AtlasRegionOperation operation)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (atlas_region_operation_get_label (operation));

  atlas_name_after_label (button);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_operation), self);
  self->buttons[operation] = button;
  return button;
}

static GtkWidget *
make_button_row (AtlasInspector *self, const AtlasRegionOperation *operations, guint n_operations)
{
  /* Buttons that belong together, not a table. */
  GtkWidget *row =
    g_object_new (GTK_TYPE_FLOW_BOX, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP, NULL);

  /* As many in a line as the words of the language leave room for. */
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (row), GTK_SELECTION_NONE);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (row), TRUE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (row), n_operations);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (row), 6);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (row), 6);
  for (guint i = 0; i < n_operations; i++)
    {
      gtk_flow_box_append (GTK_FLOW_BOX (row), make_button (self, operations[i]));
      gtk_widget_set_focusable (
        GTK_WIDGET (gtk_flow_box_get_child_at_index (GTK_FLOW_BOX (row), (gint) i)), FALSE);
    }
  return row;
}

static GtkWidget *
make_protection_row (AtlasInspector *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  const char *names[ATLAS_N_PROTECTION_CHOICES + 1] = { NULL };

  for (guint i = 0; i < ATLAS_N_PROTECTION_CHOICES; i++)
    names[i] = atlas_protection_choice_get (i)->name;
  self->protection = gtk_drop_down_new_from_strings (names);
  gtk_widget_set_hexpand (self->protection, TRUE);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->protection), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Protection to set"), -1);
  gtk_box_append (GTK_BOX (row), self->protection);
  gtk_box_append (GTK_BOX (row), make_button (self, ATLAS_OPERATION_PROTECT));
  return row;
}

static GtkWidget *
make_operations (AtlasInspector *self)
{
  static const AtlasRegionOperation memory[] = { ATLAS_OPERATION_COMMIT,
                                                 ATLAS_OPERATION_DECOMMIT,
                                                 ATLAS_OPERATION_RELEASE };
  static const AtlasRegionOperation accesses[] = { ATLAS_OPERATION_READ,
                                                   ATLAS_OPERATION_WRITE,
                                                   ATLAS_OPERATION_EXECUTE };
  GtkWidget *section = make_section (_ ("Operate"));

  gtk_box_append (GTK_BOX (section), make_button_row (self, memory, G_N_ELEMENTS (memory)));
  gtk_box_append (GTK_BOX (section), make_protection_row (self));
  gtk_box_append (GTK_BOX (section), make_button_row (self, accesses, G_N_ELEMENTS (accesses)));

  self->dump_note = make_label ("caption");
  gtk_widget_add_css_class (self->dump_note, "dim-label");
  gtk_label_set_text (GTK_LABEL (self->dump_note),
                      _ ("A dump is a picture of one moment: only a simulation can be changed."));
  gtk_box_append (GTK_BOX (section), self->dump_note);
  self->outcome = make_label (NULL);
  self->outcome_detail = make_label ("caption");
  gtk_widget_add_css_class (self->outcome_detail, "dim-label");
  gtk_box_append (GTK_BOX (section), self->outcome);
  gtk_box_append (GTK_BOX (section), self->outcome_detail);
  return section;
}

static GtkWidget *
make_page (AtlasInspector *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *may = make_section (_ ("May I allocate here?"));

  gtk_widget_add_css_class (page, "atlas-panel");
  gtk_box_append (GTK_BOX (page), make_head (self));

  self->reasons = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  self->why = make_label (NULL);
  self->source = make_label ("caption");
  gtk_widget_add_css_class (self->source, "dim-label");
  gtk_box_append (GTK_BOX (self->reasons), self->why);
  gtk_box_append (GTK_BOX (self->reasons), self->source);
  gtk_box_append (GTK_BOX (page), self->reasons);
  gtk_box_append (GTK_BOX (page), make_facts (self));

  self->may = make_label (NULL);
  self->may_detail = make_label ("caption");
  gtk_widget_add_css_class (self->may_detail, "dim-label");
  gtk_box_append (GTK_BOX (may), self->may);
  gtk_box_append (GTK_BOX (may), self->may_detail);
  gtk_box_append (GTK_BOX (may), make_button (self, ATLAS_OPERATION_ALLOCATE));
  self->may_section = may;
  gtk_box_append (GTK_BOX (page), may);

  gtk_box_append (GTK_BOX (page), make_operations (self));
  return page;
}

static void
atlas_inspector_dispose (GObject *object)
{
  AtlasInspector *self = ATLAS_INSPECTOR (object);

  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->viewport);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_inspector_parent_class)->dispose (object);
}

static void
atlas_inspector_class_init (AtlasInspectorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_inspector_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlasinspector");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
atlas_inspector_init (AtlasInspector *self)
{
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Region"), -1);
  self->nothing = atlas_empty_label_new (NULL);
  /* The middle of the page that would be there is out of sight. */
  gtk_widget_set_valign (self->nothing, GTK_ALIGN_START);
  gtk_widget_set_margin_top (self->nothing, 48);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), make_page (self), "region");

  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->stack);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

GtkWidget *
atlas_inspector_new (AtlasViewport *viewport)
{
  AtlasInspector *self;

  g_return_val_if_fail (ATLAS_IS_VIEWPORT (viewport), NULL);

  self = g_object_new (ATLAS_TYPE_INSPECTOR, NULL);
  self->viewport = g_object_ref (viewport);
  self->document = g_object_ref (atlas_viewport_get_document (viewport));
  g_signal_connect_object (
    self->document, "changed", G_CALLBACK (update_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->document,
                           "notify::selected-va",
                           G_CALLBACK (on_selected_va_changed),
                           self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->document, "ran", G_CALLBACK (on_ran), self, G_CONNECT_SWAPPED);
  show_outcome (self, NULL, NULL, TRUE);
  update_all (self);
  return GTK_WIDGET (self);
}
