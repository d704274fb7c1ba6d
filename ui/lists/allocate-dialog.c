/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/allocate-dialog.h"

#include <glib/gi18n.h>

#include "lists/command-card.h"
#include "lists/region-operation.h"
#include "lists/slot-picture.h"
#include "lists/status-text.h"
#include "windows/virtual.h"
#include "lists/dialog-header.h"
#include "paint/accessible-name.h"
#include "paint/css-class.h"
#include "paint/dialog-size.h"

#define WIDTH_PX 520
#define TWO_LINES_PX 40

struct _AtlasAllocateDialog
{
  AdwWindow parent_instance;

  /* children */
  GtkWidget *address;
  GtkWidget *size;
  GtkWidget *reserve;
  GtkWidget *commit;
  GtkWidget *top_down;
  GtkWidget *protection;
  GtkWidget *page_size;
  GtkWidget *picture;
  GtkWidget *answer;
  GtkWidget *detail;
  GtkWidget *command;
  GtkWidget *agree;

  /* owned */
  AtlasDocument *document;
};

G_DEFINE_FINAL_TYPE (AtlasAllocateDialog, atlas_allocate_dialog, ADW_TYPE_WINDOW)

/* What pages may be asked for. 1 GB is VirtualAlloc2's, and takes a switch of its own. */
static const struct
{
  const char *name;
  guint32 flag;
} page_sizes[] = {
  { N_ ("4 KB"), 0 },
  { N_ ("64 KB, where there is room"), ATLAS_MEM_64K_PAGES },
  { N_ ("2 MB"), ATLAS_MEM_LARGE_PAGES },
};

/* What was typed, understood. */
typedef struct
{
  AtlasVa base_va; /* 0: anywhere */
  guint64 size_bytes;
  guint32 allocation_type;
  const AtlasProtectionChoice *protection;
} Request;

static void
set_row_error (GtkWidget *row, gboolean is_wrong)
{
  atlas_css_class_set (row, "error", is_wrong);
  gtk_accessible_update_state (GTK_ACCESSIBLE (row),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE
                                        : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static gboolean
parse_address (AtlasAllocateDialog *self, AtlasVa *base_va, GError **error)
{
  g_autofree char *text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->address))));
  AtlasSession *session = atlas_document_get_session (self->document);

  *base_va = 0;
  if (*text == '\0')
    return TRUE;
  if (session != NULL)
    return atlas_session_parse_address (session, text, base_va, error);

  return atlas_parse_number (text, TRUE, base_va, error);
}

static gboolean
read_request (AtlasAllocateDialog *self, Request *request, GError **error)
{
  g_autofree char *size_text =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->size))));
  gboolean is_reserve = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->reserve));
  gboolean is_commit = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->commit));
  gboolean is_top_down = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->top_down));
  gboolean has_address = parse_address (self, &request->base_va, error);
  gboolean has_size = atlas_parse_size (
    size_text, &request->size_bytes, error != NULL && *error == NULL ? error : NULL);

  set_row_error (self->address, !has_address);
  set_row_error (self->size, !has_size);
  if (!has_address || !has_size)
    return FALSE;

  if (!is_reserve && !is_commit)
    {
      g_set_error_literal (
        error, ATLAS_ERROR, ATLAS_ERROR_PARSE, _ ("Choose reserve, commit, or both."));
      return FALSE;
    }
  request->allocation_type =
    (is_reserve ? ATLAS_MEM_RESERVE : 0) | (is_commit ? ATLAS_MEM_COMMIT : 0) |
    (is_top_down ? ATLAS_MEM_TOP_DOWN : 0) |
    page_sizes[adw_combo_row_get_selected (ADW_COMBO_ROW (self->page_size))].flag;
  request->protection =
    atlas_protection_choice_get (adw_combo_row_get_selected (ADW_COMBO_ROW (self->protection)));
  return TRUE;
}

/* "alloc 0x12345 1 reserve|commit readwrite" */
static char *
format_command (const Request *request)
{
  static const struct
  {
    guint32 flag;
    const char *word;
  } words[] = {
    { ATLAS_MEM_RESERVE, "reserve" },
    { ATLAS_MEM_COMMIT, "commit" },
    { ATLAS_MEM_TOP_DOWN, "top_down" },
    { ATLAS_MEM_64K_PAGES, "64k_pages" }, /* before one of its two bits */
    { ATLAS_MEM_LARGE_PAGES, "large_pages" },
  };
  guint32 left = request->allocation_type;
  g_autofree char *size = atlas_format_size_exact (request->size_bytes);
  GString *command = g_string_new ("alloc ");
  gboolean is_first = TRUE;

  if (request->base_va != 0)
    g_string_append_printf (command, "0x%" G_GINT64_MODIFIER "x ", request->base_va);
  g_string_append_printf (command, "%s ", size);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if ((left & words[i].flag) == words[i].flag)
      {
        g_string_append_printf (command, "%s%s", is_first ? "" : "|", words[i].word);
        left &= ~words[i].flag;
        is_first = FALSE;
      }
  g_string_append_printf (command, " %s", request->protection->word);
  return g_string_free (command, FALSE);
}

static void
show_answer (AtlasAllocateDialog *self,
             const char *answer,
             const char *detail,
             const char *command,
             gboolean is_possible)
{
  gtk_label_set_text (GTK_LABEL (self->answer), answer);
  gtk_label_set_text (GTK_LABEL (self->detail), detail != NULL ? detail : "");
  atlas_command_card_set_text (ATLAS_COMMAND_CARD (self->command), command);
  gtk_widget_set_sensitive (self->agree, is_possible);
  /* A short answer is bold; a refusal is sentences. */
  gtk_widget_remove_css_class (self->answer, is_possible ? "error" : "heading");
  gtk_widget_add_css_class (self->answer, is_possible ? "heading" : "error");
}

static void
show_given (AtlasAllocateDialog *self,
            const Request *request,
            const AtlasAllocationPreview *preview,
            const char *command)
{
  g_autofree char *first = atlas_format_hex (preview->base_va);
  g_autofree char *last = atlas_format_hex (preview->base_va + (preview->size_bytes - 1u));
  g_autofree char *size = atlas_format_size (preview->size_bytes);
  g_autofree char *pages = atlas_format_count (preview->n_pages);
  g_autofree char *answer = NULL;
  g_autofree char *detail = NULL;

  /* Translators: the first and the last address, a number of pages, their size. */
  answer = g_strdup_printf (
    ngettext ("Gets %s–%s, %s page (%s)", "Gets %s–%s, %s pages (%s)", (gulong) preview->n_pages),
    first,
    last,
    pages,
    size);
  if (preview->n_unusable_pages > 0)
    detail = g_strdup_printf (
      ngettext ("%u page of its last 64 KB slot cannot be allocated by anyone afterwards.",
                "%u pages of its last 64 KB slot cannot be allocated by anyone afterwards.",
                preview->n_unusable_pages),
      preview->n_unusable_pages);
  else if (request->base_va == 0)
    detail = g_strdup (_ ("Windows chooses the address."));
  else
    detail = g_strdup (_ ("Nothing of its slots is wasted."));
  show_answer (self, answer, detail, command, TRUE);
}

static void
update_preview (AtlasAllocateDialog *self)
{
  AtlasProcess *process = atlas_document_get_process (self->document);
  AtlasSlotPlan plan = { 0 };
  AtlasAllocationPreview preview;
  Request request;
  g_autoptr (GError) error = NULL;
  g_autofree char *command = NULL;

  if (!read_request (self, &request, &error))
    {
      show_answer (self, error->message, NULL, NULL, FALSE);
      atlas_slot_picture_set_plan (ATLAS_SLOT_PICTURE (self->picture), &plan);
      return;
    }

  command = format_command (&request);
  plan.has_asked = request.base_va != 0;
  plan.asked_va = request.base_va;
  plan.asked_bytes = request.size_bytes;
  if (process == NULL)
    {
      show_answer (self, _ ("There is no process to allocate in."), NULL, command, FALSE);
      atlas_slot_picture_set_plan (ATLAS_SLOT_PICTURE (self->picture), &plan);
      return;
    }

  atlas_virtual_alloc_preview (process,
                               request.base_va,
                               request.size_bytes,
                               request.allocation_type,
                               request.protection->protect,
                               &preview);
  if (atlas_status_is_success (preview.status))
    {
      plan.is_given = TRUE;
      plan.is_committed = (request.allocation_type & ATLAS_MEM_COMMIT) != 0;
      plan.given_va = preview.base_va;
      plan.given_bytes = preview.size_bytes;
      plan.n_unusable_pages = preview.n_unusable_pages;
      show_given (self, &request, &preview, command);
    }
  else
    {
      g_autofree char *detail = atlas_status_format (preview.status);

      show_answer (self,
                   preview.reason != NULL ? preview.reason
                                          : _ (atlas_status_get_description (preview.status)),
                   detail,
                   command,
                   FALSE);
    }
  atlas_slot_picture_set_plan (ATLAS_SLOT_PICTURE (self->picture), &plan);
}

static void
on_agreed (AtlasAllocateDialog *self)
{
  Request request;
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasCommandResult) result = NULL;
  g_autofree char *command = NULL;

  if (!read_request (self, &request, &error))
    return;

  command = format_command (&request);
  result = atlas_document_run (self->document, command, &error);
  if (result == NULL)
    {
      show_answer (self, error->message, NULL, command, FALSE);
      return;
    }
  if (!atlas_status_is_success (result->status))
    {
      g_autofree char *detail = atlas_status_format (result->status);

      show_answer (self, result->result, detail, command, FALSE);
      return;
    }
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
make_entry_row (AtlasAllocateDialog *self, const char *title, const char *text)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row), TRUE);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (update_preview), self);
  return row;
}

static GtkWidget *
make_flag (AtlasAllocateDialog *self,
           GtkWidget *box,
           const char *label,
           const char *tooltip,
           gboolean is_active)
{
  GtkWidget *toggle = gtk_toggle_button_new_with_mnemonic (label);

  atlas_name_after_label (toggle);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (toggle), is_active);
  gtk_widget_set_tooltip_text (toggle, tooltip);
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (toggle, "toggled", G_CALLBACK (update_preview), self);
  gtk_box_append (GTK_BOX (box), toggle);
  return toggle;
}

static GtkWidget *
make_flags_row (AtlasAllocateDialog *self)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Type"));
  gtk_widget_add_css_class (box, "linked");
  self->reserve = make_flag (self,
                             box,
                             _ ("_Reserve"),
                             _ ("MEM_RESERVE: takes the addresses, without memory behind them"),
                             TRUE);
  self->commit =
    make_flag (self, box, _ ("_Commit"), _ ("MEM_COMMIT: promises memory for the pages"), TRUE);
  self->top_down = make_flag (
    self, box, _ ("_Top Down"), _ ("MEM_TOP_DOWN: from the highest address that is free"), FALSE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), box);
  return row;
}

static GtkWidget *
make_protection_row (AtlasAllocateDialog *self)
{
  const char *names[ATLAS_N_PROTECTION_CHOICES + 1] = { NULL };
  g_autoptr (GtkStringList) model = NULL;

  for (guint i = 0; i < ATLAS_N_PROTECTION_CHOICES; i++)
    names[i] = atlas_protection_choice_get (i)->name;
  model = gtk_string_list_new (names);

  self->protection = adw_combo_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->protection), _ ("Protection"));
  adw_combo_row_set_model (ADW_COMBO_ROW (self->protection), G_LIST_MODEL (model));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->protection),
                              atlas_protection_choice_find (ATLAS_PAGE_READWRITE));
  g_signal_connect_swapped (
    self->protection, "notify::selected", G_CALLBACK (update_preview), self);
  return self->protection;
}

static GtkWidget *
make_page_size_row (AtlasAllocateDialog *self)
{
  g_autoptr (GtkStringList) model = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (page_sizes); i++)
    gtk_string_list_append (model, _ (page_sizes[i].name));

  self->page_size = adw_combo_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->page_size), _ ("Pages"));
  adw_combo_row_set_model (ADW_COMBO_ROW (self->page_size), G_LIST_MODEL (model));
  g_signal_connect_swapped (self->page_size, "notify::selected", G_CALLBACK (update_preview), self);
  return self->page_size;
}

static GtkWidget *
make_text (const char *css_class, gboolean is_selectable)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0.0f);
  gtk_label_set_yalign (GTK_LABEL (label), 0.0f);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), is_selectable);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_body (AtlasAllocateDialog *self)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *ask = adw_preferences_group_new ();
  GtkWidget *gets = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_add_css_class (body, "atlas-dialog");
  self->address = make_entry_row (self, _ ("Address (empty: Windows chooses)"), "");
  self->size = make_entry_row (self, _ ("Size (K, M, G, T)"), "64K");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (ask), self->address);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (ask), self->size);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (ask), make_flags_row (self));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (ask), make_protection_row (self));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (ask), make_page_size_row (self));
  gtk_box_append (GTK_BOX (body), ask);

  self->answer = make_text ("heading", TRUE);
  self->detail = make_text ("dim-label", TRUE);
  /* Two lines each, always: nothing jumps while something is typed. */
  gtk_widget_set_size_request (
    self->answer, -1, atlas_dialog_get_length (GTK_WINDOW (self), TWO_LINES_PX));
  gtk_widget_set_size_request (
    self->detail, -1, atlas_dialog_get_length (GTK_WINDOW (self), TWO_LINES_PX));
  self->picture = atlas_slot_picture_new ();
  gtk_box_append (GTK_BOX (gets), self->answer);
  gtk_box_append (GTK_BOX (gets), self->detail);
  gtk_box_append (GTK_BOX (gets), self->picture);
  gtk_box_append (GTK_BOX (body), gets);
  self->command = atlas_command_card_new ();
  gtk_box_append (GTK_BOX (body), self->command);
  return body;
}

static void
atlas_allocate_dialog_dispose (GObject *object)
{
  AtlasAllocateDialog *self = ATLAS_ALLOCATE_DIALOG (object);

  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_allocate_dialog_parent_class)->dispose (object);
}

static void
atlas_allocate_dialog_class_init (AtlasAllocateDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_allocate_dialog_dispose;

  gtk_widget_class_add_binding_action (
    GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
atlas_allocate_dialog_init (AtlasAllocateDialog *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (content),
                  atlas_dialog_header_new (GTK_WINDOW (self),
                                           _ ("Allocate Memory"),
                                           _ ("_Allocate"),
                                           G_CALLBACK (on_agreed),
                                           &self->agree));
  gtk_box_append (GTK_BOX (content), make_body (self));
  adw_window_set_content (ADW_WINDOW (self), content);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Allocate Memory"));
  atlas_name_window_parts (GTK_WINDOW (self));
  atlas_dialog_set_size (GTK_WINDOW (self), WIDTH_PX, -1);
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->agree);
  gtk_widget_grab_focus (self->address);
}

AtlasAllocateDialog *
atlas_allocate_dialog_new (AtlasDocument *document)
{
  AtlasAllocateDialog *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_ALLOCATE_DIALOG, NULL);
  self->document = g_object_ref (document);
  g_signal_connect_object (
    document, "changed", G_CALLBACK (update_preview), self, G_CONNECT_SWAPPED);
  update_preview (self);
  return self;
}

static const AtlasRegion *
get_region (AtlasAllocateDialog *self, AtlasVa va)
{
  AtlasRegionSet *regions = atlas_document_get_regions (self->document);

  return regions != NULL
           ? atlas_region_set_get_region (regions, atlas_region_set_find (regions, va))
           : NULL;
}

void
atlas_allocate_dialog_set_range (AtlasAllocateDialog *self, AtlasVa base_va, guint64 size_bytes)
{
  g_autofree char *address = NULL;
  const AtlasRegion *region;

  g_return_if_fail (ATLAS_IS_ALLOCATE_DIALOG (self));

  address = atlas_format_hex (base_va);
  gtk_editable_set_text (GTK_EDITABLE (self->address), address);
  /* Where is answered: how much is the next question. */
  gtk_widget_grab_focus (self->size);
  if (size_bytes != 0)
    {
      g_autofree char *size = atlas_format_size_exact (size_bytes);

      gtk_editable_set_text (GTK_EDITABLE (self->size), size);
    }
  /* What is reserved is not reserved again: it can be committed. */
  region = get_region (self, base_va);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->reserve),
                                region == NULL || region->state != ATLAS_STATE_RESERVE);
}
