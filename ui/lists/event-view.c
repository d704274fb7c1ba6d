/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/event-view.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/format.h"
#include "lists/event-list-model.h"
#include "lists/list-follow.h"
#include "lists/list-wheel.h"
#include "lists/status-text.h"
#include "paint/css-class.h"
#include "paint/empty-label.h"
#include "windows/process.h"

#define MAX_WIDTH_CHARS 24

struct _AtlasEventView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *stack;
  GtkWidget *list_view;
  GtkWidget *search;
  GtkWidget *shown;
  GtkWidget *counters;

  /* owned */
  AtlasDocument *document;
  AtlasEventListModel *model;
  GtkFilterListModel *filtered;
  GtkCustomFilter *filter; /* borrowed from it */
  GPtrArray *bound;        /* of GtkListItem, borrowed: those that are on the screen */

  /* state */
  guint position;
};

G_DEFINE_FINAL_TYPE (AtlasEventView, atlas_event_view, GTK_TYPE_WIDGET)

/* What the list shows. */
typedef enum
{
  SHOW_ALL,
  SHOW_ACCESSES,
  SHOW_FAULTS,
  SHOW_REFUSED,
} Shown;

static gboolean
has_fault (AtlasTrace *trace)
{
  for (guint i = 0; i < atlas_trace_get_n_events (trace); i++)
    if (atlas_trace_get_event (trace, i)->kind->role == ATLAS_TRACE_ROLE_FAULT)
      return TRUE;
  return FALSE;
}

/* The children of a line, in this order. */
typedef struct
{
  GtkWidget *mark;
  GtkWidget *number;
  GtkWidget *command;
  GtkWidget *status;
} Line;

static Line
get_line (GtkListItem *list_item)
{
  Line line;

  line.mark = gtk_widget_get_first_child (gtk_list_item_get_child (list_item));
  line.number = gtk_widget_get_next_sibling (line.mark);
  line.command = gtk_widget_get_first_child (gtk_widget_get_next_sibling (line.number));
  line.status = gtk_widget_get_next_sibling (line.command);
  return line;
}

/* What depends on where in the journal we are. */
static void
mark_line (AtlasEventView *self, GtkListItem *list_item)
{
  guint position = atlas_event_item_get_position (gtk_list_item_get_item (list_item));
  Line line = get_line (list_item);

  gtk_widget_set_opacity (line.mark, position == self->position ? 1.0 : 0.0);
  atlas_css_class_set (line.command, "dim-label", position > self->position);
  atlas_css_class_set (line.number, "atlas-now", position == self->position);
  gtk_widget_set_opacity (line.status, position > self->position ? 0.5 : 1.0);
}

static GtkWidget *
make_text (float xalign, const char *css_class)
{
  GtkWidget *text = gtk_label_new (NULL);

  gtk_label_set_single_line_mode (GTK_LABEL (text), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (text), xalign);
  /* The panel gives the width, not the text. */
  gtk_label_set_max_width_chars (GTK_LABEL (text), MAX_WIDTH_CHARS);
  gtk_widget_add_css_class (text, css_class);
  return text;
}

static void
setup_line (GtkSignalListItemFactory *factory, GtkListItem *list_item, AtlasEventView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *mark = gtk_image_new_from_icon_name ("media-playback-start-symbolic");
  GtkWidget *number = make_text (1.0f, "numeric");

  gtk_label_set_width_chars (GTK_LABEL (number), 3);
  gtk_label_set_ellipsize (GTK_LABEL (number), PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), make_text (0.0f, "atlas-address"));
  gtk_box_append (GTK_BOX (words), make_text (0.0f, "caption"));
  gtk_widget_add_css_class (mark, "atlas-now");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (mark), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("The session stands here"), -1);
  gtk_box_append (GTK_BOX (box), mark);
  gtk_box_append (GTK_BOX (box), number);
  gtk_box_append (GTK_BOX (box), words);
  gtk_list_item_set_child (list_item, box);
}

static void
bind_line (GtkSignalListItemFactory *factory, GtkListItem *list_item, AtlasEventView *self)
{
  const AtlasCommandResult *result =
    atlas_event_item_get_result (gtk_list_item_get_item (list_item));
  Line line = get_line (list_item);
  gboolean is_good = result == NULL || atlas_status_is_success (result->status);
  g_autofree char *number =
    g_strdup_printf ("%u", atlas_event_item_get_position (gtk_list_item_get_item (list_item)));
  g_autofree char *status = is_good ? NULL : atlas_status_format (result->status);

  gtk_label_set_text (GTK_LABEL (line.number), number);
  gtk_label_set_text (GTK_LABEL (line.command), result != NULL ? result->command : _ ("Start"));
  gtk_label_set_text (GTK_LABEL (line.status),
                      result != NULL ? result->result : _ ("Nothing has run yet"));
  gtk_widget_set_tooltip_text (line.command, result != NULL ? result->command : NULL);
  gtk_widget_set_tooltip_text (line.status,
                               result == NULL ? NULL
                               : is_good      ? result->result
                                              : status);
  atlas_css_class_set (line.status, "error", !is_good);
  atlas_css_class_set (line.status, "dim-label", is_good);
  mark_line (self, list_item);
  g_ptr_array_add (self->bound, list_item);
}

static void
unbind_line (GtkSignalListItemFactory *factory, GtkListItem *list_item, AtlasEventView *self)
{
  g_ptr_array_remove_fast (self->bound, list_item);
}

static void
on_activated (AtlasEventView *self, guint row)
{
  g_autoptr (AtlasEventItem) item = g_list_model_get_item (G_LIST_MODEL (self->filtered), row);
  guint position = atlas_event_item_get_position (item);

  if (position != self->position)
    atlas_document_seek (self->document, position);
}

/* ---- what is shown ----------------------------------------------------------------------------
 */

static gboolean
passes (gpointer object, gpointer user_data)
{
  AtlasEventView *self = user_data;
  const AtlasCommandResult *result = atlas_event_item_get_result (object);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search));
  g_autofree char *folded = NULL, *wanted = NULL;

  switch ((Shown) gtk_drop_down_get_selected (GTK_DROP_DOWN (self->shown)))
    {
    case SHOW_ALL:
      break;
    case SHOW_ACCESSES:
      if (result == NULL || result->trace == NULL)
        return FALSE;
      break;
    case SHOW_FAULTS:
      if (result == NULL || result->trace == NULL || !has_fault (result->trace))
        return FALSE;
      break;
    case SHOW_REFUSED:
      if (result == NULL || atlas_status_is_success (result->status))
        return FALSE;
      break;
    }
  if (*text == '\0')
    return TRUE;
  if (result == NULL)
    return FALSE;
  wanted = g_utf8_casefold (text, -1);
  folded = g_utf8_casefold (result->command, -1);
  if (strstr (folded, wanted) != NULL)
    return TRUE;
  g_free (folded);
  folded = g_utf8_casefold (result->result, -1);
  return strstr (folded, wanted) != NULL;
}

static void
filter_changed_cb (AtlasEventView *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void
append_counter (GString *text, const char *name, guint64 count)
{
  g_autofree char *number = atlas_format_count (count);

  g_string_append_printf (text, "%s%s %s", text->len > 0 ? " · " : "", name, number);
}

/* A line breaks between two counters, not between a name and its number, nor before a point. */
static char *
keep_counters_whole (const char *text)
{
  GString *whole = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == ' ' && (g_ascii_isdigit (p[1]) || g_str_has_prefix (p + 1, "·")))
        g_string_append (whole, "\302\240");
      else
        g_string_append_c (whole, *p);
    }
  return g_string_free (whole, FALSE);
}

static void
update_counters (AtlasEventView *self, AtlasSession *session)
{
  AtlasProcess *process = session != NULL ? atlas_session_get_process (session) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *whole = NULL;

  if (process != NULL)
    {
      const AtlasFaultCounts *faults = atlas_process_get_fault_counts (process);
      const AtlasTlb *tlb =
        atlas_mmu_get_tlb (atlas_system_get_mmu (atlas_process_get_system (process)));

      append_counter (text, _ ("faults: demand zero"), faults->n_demand_zero);
      append_counter (text, _ ("transition"), faults->n_transition);
      append_counter (text, _ ("shared"), faults->n_shared);
      append_counter (text, _ ("copies"), faults->n_copies);
      append_counter (text, _ ("hard"), faults->n_hard);
      if (tlb != NULL)
        {
          const AtlasTlbCounters *counters = atlas_tlb_get_counters (tlb);
          g_autofree char *hits =
            atlas_format_count (counters->n_l1_code_hits + counters->n_l1_data_hits);
          g_autofree char *misses =
            atlas_format_count (counters->n_l1_code_misses + counters->n_l1_data_misses);
          g_autofree char *walks = atlas_format_count (counters->n_walks);
          g_autofree char *entries = atlas_format_count (counters->n_entries_read);

          g_string_append (text, "\n");
          g_string_append_printf (text,
                                  _ ("TLB: hits %s · misses %s · walks %s · entries read %s"),
                                  hits,
                                  misses,
                                  walks,
                                  entries);
        }
    }
  whole = keep_counters_whole (text->str);
  gtk_label_set_text (GTK_LABEL (self->counters), whole);
}

/* The line that stands for now. */
static guint
find_now (gpointer owner)
{
  AtlasEventView *self = owner;
  guint low = 0, high = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));

  /* Rows are in the journal's order: the last one that is not later. */
  while (low < high)
    {
      guint middle = low + (high - low) / 2u;
      g_autoptr (AtlasEventItem) item =
        g_list_model_get_item (G_LIST_MODEL (self->filtered), middle);

      if (atlas_event_item_get_position (item) <= self->position)
        low = middle + 1u;
      else
        high = middle;
    }
  return low > 0 ? low - 1u : GTK_INVALID_LIST_POSITION;
}

static void
update_all (AtlasEventView *self)
{
  AtlasSession *session = atlas_document_get_session (self->document);

  self->position = session != NULL ? atlas_session_get_position (session) : 0;
  atlas_event_list_model_update (self->model, session);
  update_counters (self, session);
  for (guint i = 0; i < self->bound->len; i++)
    mark_line (self, g_ptr_array_index (self->bound, i));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    session != NULL ? "journal" : "nothing");
  if (session != NULL)
    atlas_list_reveal (self->list_view);
}

static void
atlas_event_view_dispose (GObject *object)
{
  AtlasEventView *self = ATLAS_EVENT_VIEW (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->filtered);
  g_clear_object (&self->model);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_event_view_parent_class)->dispose (object);
}

static void
atlas_event_view_finalize (GObject *object)
{
  AtlasEventView *self = ATLAS_EVENT_VIEW (object);

  g_clear_pointer (&self->bound, g_ptr_array_unref);

  G_OBJECT_CLASS (atlas_event_view_parent_class)->finalize (object);
}

static void
atlas_event_view_class_init (AtlasEventViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_event_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_event_view_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlasevents");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static GtkWidget *
make_list (AtlasEventView *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkSelectionModel *selection =
    GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->filtered))));

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_line), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_line), self, 0);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_line), self, 0);
  self->list_view = gtk_list_view_new (selection, factory);
  atlas_list_follow (self->list_view, NULL, find_now, self);
  atlas_list_wheel_attach (self->list_view);
  gtk_widget_add_css_class (self->list_view, "atlas-table");
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (self->list_view), TRUE);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->list_view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Commands that ran"), -1);
  g_signal_connect_swapped (self->list_view, "activate", G_CALLBACK (on_activated), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list_view);
  return scroller;
}

static GtkWidget *
make_page (AtlasEventView *self)
{
  static const char *const names[] = {
    [SHOW_ALL] = N_ ("All"),
    [SHOW_ACCESSES] = N_ ("Accesses"),
    [SHOW_FAULTS] = N_ ("Faults"),
    [SHOW_REFUSED] = N_ ("Refused"),
  };
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkStringList *choices = gtk_string_list_new (NULL);
  GtkWidget *list;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_string_list_append (choices, _ (names[i]));
  self->search = gtk_search_entry_new ();
  g_object_set (self->search, "placeholder-text", _ ("Filter commands"), NULL);
  gtk_widget_add_css_class (self->search, "atlas-small");
  gtk_widget_set_hexpand (self->search, TRUE);
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Filter commands"), -1);
  self->shown = gtk_drop_down_new (G_LIST_MODEL (choices), NULL);
  gtk_widget_add_css_class (self->shown, "atlas-small");
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self->shown), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("What is listed"), -1);
  gtk_box_append (GTK_BOX (line), self->search);
  gtk_box_append (GTK_BOX (line), self->shown);

  self->counters = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->counters), 0);
  gtk_label_set_wrap (GTK_LABEL (self->counters), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (self->counters), MAX_WIDTH_CHARS);
  gtk_widget_add_css_class (self->counters, "dim-label");
  gtk_widget_add_css_class (self->counters, "caption");
  gtk_widget_add_css_class (self->counters, "numeric");

  self->filter = gtk_custom_filter_new (passes, self, NULL);
  self->filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->model)),
                                              g_object_ref (GTK_FILTER (self->filter)));
  g_object_unref (self->filter);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (filter_changed_cb), self);
  g_signal_connect_swapped (self->shown, "notify::selected", G_CALLBACK (filter_changed_cb), self);

  list = make_list (self);
  gtk_widget_set_vexpand (list, TRUE);
  gtk_box_append (GTK_BOX (page), line);
  gtk_box_append (GTK_BOX (page), self->counters);
  gtk_box_append (GTK_BOX (page), list);
  return page;
}

static void
atlas_event_view_init (AtlasEventView *self)
{
  GtkWidget *nothing = atlas_empty_label_new (_ ("A dump is one moment: no commands ran"));

  gtk_accessible_update_property (
    GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Events"), -1);
  self->model = atlas_event_list_model_new ();
  self->bound = g_ptr_array_new ();
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), make_page (self), "journal");
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

GtkWidget *
atlas_event_view_new (AtlasDocument *document)
{
  AtlasEventView *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_EVENT_VIEW, NULL);
  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (update_all), self, G_CONNECT_SWAPPED);
  update_all (self);
  return GTK_WIDGET (self);
}

GListModel *
atlas_event_view_get_model (AtlasEventView *self)
{
  g_return_val_if_fail (ATLAS_IS_EVENT_VIEW (self), NULL);

  return G_LIST_MODEL (self->model);
}
