/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/frame-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "base/trace.h"
#include "lists/caption.h"
#include "lists/frame-picture.h"
#include "paging/tables.h"
#include "paint/empty-label.h"
#include "paint/picture-area.h"
#include "windows/process.h"
#include "windows/section.h"

#define MIN_WIDTH_PX 320
#define MIN_HEIGHT_PX 60
/* Of one frame; the tooltip and the label have room for no more. */
#define MAPPINGS_SHOWN 4u

/* What the longest names need; larger text only where there is more room. */
#define LEGEND_WIDTH_PX 580
#define LEGEND_CHAR_PX 6.4f
#define LEGEND_MARK_PX 14
#define LEGEND_GAP_MIN_PX 4
#define LEGEND_GAP_PX 24

struct _AtlasFrameView
{
  GtkWidget parent_instance;

  /* children */
  GtkWidget *box;
  GtkWidget *lists;
  GtkWidget *told;
  GtkWidget *stack;
  GtkWidget *nothing;
  GtkWidget *area;
  GtkWidget *mappings; /* NULL without */

  /* owned */
  AtlasDocument *document;

  /* state */
  guint frames_a_cell; /* 0: as many as it takes */
  AtlasPfn first_pfn;
  gboolean has_chosen; /* a frame that is mapped nowhere was clicked */
  AtlasPfn chosen_pfn;
};

G_DEFINE_FINAL_TYPE (AtlasFrameView, atlas_frame_view, GTK_TYPE_WIDGET)

static AtlasSystem *
get_system (AtlasDocument *document)
{
  AtlasSession *session = atlas_document_get_session (document);

  return session != NULL ? atlas_session_get_system (session) : NULL;
}

/* The frame that the selected address is in, present or kept for it. */
static gboolean
get_selected_pfn (AtlasFrameView *self, AtlasPfn *pfn)
{
  const AtlasLens *lens = atlas_document_get_lens (self->document);
  const AtlasLensTable *table = lens->n_levels > 0 ? &lens->tables[lens->n_levels - 1u] : NULL;

  if (self->has_chosen)
    {
      *pfn = self->chosen_pfn;
      return TRUE;
    }
  if (!atlas_document_has_selection (self->document) || !lens->has_tables)
    return FALSE;
  if (lens->walk.page_bytes != 0)
    {
      *pfn = lens->walk.pa >> ATLAS_PAGE_SHIFT;
      return lens->walk.outcome == ATLAS_OUTCOME_TRANSLATED;
    }
  if (table == NULL || !table->is_known || table->level != ATLAS_LEVEL_PT ||
      atlas_pte_get_kind (table->selected_entry) != ATLAS_PTE_KIND_TRANSITION)
    return FALSE;
  *pfn = atlas_pte_get_pfn (table->selected_entry);
  return TRUE;
}

gboolean
atlas_frame_view_find_va (AtlasDocument *document, AtlasPfn pfn, AtlasVa *va)
{
  AtlasProcess *process = atlas_document_get_process (document);
  AtlasFrame frame;

  if (process == NULL)
    return FALSE;
  atlas_frames_get (atlas_system_get_frames (get_system (document)), pfn, &frame);
  if (frame.owner == NULL)
    return FALSE;
  if (frame.use == ATLAS_FRAME_USE_PRIVATE || frame.use == ATLAS_FRAME_USE_TABLE)
    {
      *va = frame.owner_page << ATLAS_PAGE_SHIFT;
      return frame.owner == process;
    }
  if (frame.use != ATLAS_FRAME_USE_SECTION)
    return FALSE;
  for (const AtlasVad *vad = atlas_vad_tree_get_first (atlas_process_get_vads (process));
       vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      if (vad->section != frame.owner || frame.owner_page < vad->section_first_page ||
          frame.owner_page - vad->section_first_page >= atlas_vad_get_n_pages (vad))
        continue;
      *va = (vad->start_vpn + (frame.owner_page - vad->section_first_page)) << ATLAS_PAGE_SHIFT;
      return TRUE;
    }
  return FALSE;
}

/* In every process, each by its name when there is more than one: a frame that is shared stands at
 * several addresses. FALSE when none maps it. */
static gboolean
append_mappings (AtlasFrameView *self, AtlasPfn pfn, GString *text)
{
  AtlasSystem *system = get_system (self->document);
  guint n_processes = atlas_system_get_n_processes (system);
  guint n_shown = 0;

  for (guint i = 0; i < n_processes; i++)
    {
      AtlasProcess *process = atlas_system_get_process (system, i);
      g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (
        atlas_system_get_memory (system), atlas_process_get_control (process));
      AtlasMappedRange found[MAPPINGS_SHOWN + 1u];
      guint n_found = atlas_table_graph_find_mappings (
        graph, pfn << ATLAS_PAGE_SHIFT, found, G_N_ELEMENTS (found));

      for (guint j = 0; j < n_found; j++)
        {
          g_autofree char *address = NULL;

          if (n_shown++ == MAPPINGS_SHOWN)
            {
              g_string_append (text, ", …");
              return TRUE;
            }
          address = atlas_format_va (found[j].first_va);
          g_string_append (text, n_shown == 1 ? _ (" · mapped at ") : ", ");
          if (n_processes > 1)
            g_string_append_printf (text, "%s ", atlas_process_get_name (process));
          g_string_append (text, address);
        }
    }
  return n_shown > 0;
}

static char *
describe_frame (AtlasFrameView *self, AtlasPfn pfn)
{
  AtlasFrame frame;
  GString *text = g_string_new (NULL);
  g_autofree char *number = NULL;
  AtlasVa va;

  atlas_frames_get (atlas_system_get_frames (get_system (self->document)), pfn, &frame);
  number = atlas_trace_format_pa (pfn);
  g_string_append_printf (text,
                          _ ("frame %s: %s"),
                          number,
                          _ (atlas_frame_state_get_name ((AtlasFrameState) frame.state)));
  if (frame.use != ATLAS_FRAME_USE_NONE)
    g_string_append_printf (text, ", %s", _ (atlas_frame_use_get_name ((AtlasFrameUse) frame.use)));
  if (frame.use == ATLAS_FRAME_USE_SECTION && frame.owner != NULL)
    g_string_append_printf (
      text, _ (" %u of %s"), (guint) frame.owner_page, _ (atlas_section_get_name (frame.owner)));
  if (frame.share_count > 0)
    g_string_append_printf (text, _ (", share count %u"), frame.share_count);
  if (frame.state == ATLAS_FRAME_STANDBY)
    g_string_append_printf (text, _ (", priority %u"), frame.priority);
  if (!append_mappings (self, pfn, text) && atlas_frame_view_find_va (self->document, pfn, &va))
    {
      g_autofree char *address = atlas_format_va (va);

      /* Translators: where a page belongs that is in no working set now */
      g_string_append_printf (text, _ (", of %s"), address);
    }
  return g_string_free (text, FALSE);
}

static AtlasFramePictureInput
get_input (AtlasFrameView *self, guint width_px, guint height_px)
{
  AtlasFramePictureInput input = {
    .frames = atlas_system_get_frames (get_system (self->document)),
    .frames_a_cell = self->frames_a_cell,
    .first_pfn = self->first_pfn,
    .width_px = width_px,
    .height_px = height_px,
  };
  guint fit = atlas_frame_picture_get_fit (input.frames, width_px, height_px);

  if (input.frames_a_cell == 0 || input.frames_a_cell >= fit)
    {
      input.frames_a_cell = fit;
      input.first_pfn = 0;
    }
  input.has_selection = get_selected_pfn (self, &input.selected_pfn);
  return input;
}

static AtlasFramePictureInput
get_present_input (AtlasFrameView *self)
{
  return get_input (self,
                    MAX (atlas_picture_area_get_width (ATLAS_PICTURE_AREA (self->area)), 1u),
                    MAX (atlas_picture_area_get_height (ATLAS_PICTURE_AREA (self->area)), 1u));
}

static void
update_told (AtlasFrameView *self)
{
  AtlasPfn pfn;
  g_autofree char *text = NULL;

  if (get_system (self->document) != NULL && get_selected_pfn (self, &pfn))
    text = describe_frame (self, pfn);
  gtk_label_set_text (GTK_LABEL (self->told),
                      text != NULL ? text : _ ("The selected address is in no frame"));
  gtk_widget_set_tooltip_text (self->told, text);
  atlas_picture_area_describe (ATLAS_PICTURE_AREA (self->area), text != NULL ? text : "");
}

/* Each list that has anything on it, with its colour and its length. */
static void
update_lists (AtlasFrameView *self)
{
  static const struct
  {
    AtlasFrameState state;
    AtlasFrameLook look;
  } states[] = {
    { ATLAS_FRAME_ACTIVE, ATLAS_FRAME_LOOK_PRIVATE },
    { ATLAS_FRAME_STANDBY, ATLAS_FRAME_LOOK_STANDBY },
    { ATLAS_FRAME_MODIFIED, ATLAS_FRAME_LOOK_MODIFIED },
    { ATLAS_FRAME_MODIFIED_NO_WRITE, ATLAS_FRAME_LOOK_MODIFIED },
    { ATLAS_FRAME_FREE, ATLAS_FRAME_LOOK_FREE },
    { ATLAS_FRAME_ZEROED, ATLAS_FRAME_LOOK_ZEROED },
    { ATLAS_FRAME_BAD, ATLAS_FRAME_LOOK_BAD },
  };
  AtlasSystem *system = get_system (self->document);
  const AtlasFrames *frames = system != NULL ? atlas_system_get_frames (system) : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; frames != NULL && i < G_N_ELEMENTS (states); i++)
    {
      guint64 n_frames = atlas_frames_count (frames, states[i].state);
      g_autofree char *count = atlas_format_count (n_frames);

      if (n_frames == 0 && states[i].state != ATLAS_FRAME_ACTIVE)
        continue;
      g_string_append_printf (text,
                              "%s%s %s",
                              text->len > 0 ? " · " : "",
                              _ (atlas_frame_state_get_name (states[i].state)),
                              count);
      if (states[i].state != ATLAS_FRAME_STANDBY)
        continue;
      for (guint priority = 0; priority < ATLAS_FRAME_PRIORITIES; priority++)
        {
          guint64 n_there = atlas_frames_count_list (
            frames, (AtlasFrameList) (ATLAS_FRAME_LIST_STANDBY + priority));

          if (n_there > 0)
            g_string_append_printf (text, " (%u: %u)", priority, (guint) MIN (n_there, G_MAXUINT));
        }
    }
  gtk_label_set_text (GTK_LABEL (self->lists), text->str);
  gtk_widget_set_tooltip_text (self->lists, text->str);
}

static void
update_all (AtlasFrameView *self)
{
  AtlasSpace *space = atlas_document_get_space (self->document);
  gboolean has_system = get_system (self->document) != NULL;
  gboolean has_tables = self->mappings != NULL && !has_system && space != NULL &&
                        atlas_space_get_table_graph (space) != NULL;

  self->has_chosen = FALSE;
  gtk_label_set_text (
    GTK_LABEL (self->nothing),
    atlas_document_explain_nothing (
      self->document,
      _ ("Only a simulated Windows has a frame database.\nRegions lists what is here.")));
  if (has_tables)
    gtk_stack_set_visible_child (GTK_STACK (self->stack), self->mappings);
  else
    gtk_stack_set_visible_child_name (GTK_STACK (self->stack), has_system ? "frames" : "nothing");
  gtk_widget_set_visible (self->told, !has_tables);
  update_lists (self);
  update_told (self);
}

static void
selection_changed_cb (AtlasFrameView *self)
{
  self->has_chosen = FALSE;
  update_told (self);
}

static void
draw_cb (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  AtlasFrameView *self = data;
  AtlasFramePictureInput input;

  if (get_system (self->document) == NULL)
    return;
  input = get_input (self, width_px, height_px);
  atlas_frame_picture_draw (list, &input);
}

static char *
tell_cb (double x_px, double y_px, gpointer data)
{
  AtlasFrameView *self = data;
  AtlasFramePictureInput input;
  AtlasPfn pfn;
  g_autofree char *frame = NULL;

  if (get_system (self->document) == NULL)
    return NULL;
  input = get_present_input (self);
  if (!atlas_frame_picture_pick (&input, x_px, y_px, &pfn))
    return NULL;
  frame = describe_frame (self, pfn);
  if (input.frames_a_cell == 1)
    return g_steal_pointer (&frame);
  return g_strdup_printf (
    _ ("%s\nthe first of %u frames that matters most"), frame, input.frames_a_cell);
}

static void
clicked_cb (AtlasFrameView *self, double x_px, double y_px, int n_press)
{
  AtlasFramePictureInput input = get_present_input (self);
  AtlasPfn pfn;
  AtlasVa va;

  if (!atlas_frame_picture_pick (&input, x_px, y_px, &pfn))
    return;
  if (atlas_frame_view_find_va (self->document, pfn, &va))
    atlas_document_select (self->document, va);
  self->has_chosen = TRUE;
  self->chosen_pfn = pfn;
  update_told (self);
}

static void
zoomed_cb (AtlasFrameView *self, double x_px, double factor)
{
  AtlasFramePictureInput input = get_present_input (self);
  AtlasPfn middle_pfn = input.has_selection ? input.selected_pfn : input.first_pfn;
  guint64 n_seen;

  self->frames_a_cell = factor > 1 ? MAX (input.frames_a_cell / 4u, 1u) : input.frames_a_cell * 4u;
  n_seen = atlas_frame_picture_get_n_seen (self->frames_a_cell, input.width_px, input.height_px);
  /* Towards the marked frame. */
  self->first_pfn = (middle_pfn > n_seen / 2u ? middle_pfn - n_seen / 2u : 0) /
                    self->frames_a_cell * self->frames_a_cell;
  gtk_widget_queue_draw (self->area);
}

static void
atlas_frame_view_dispose (GObject *object)
{
  AtlasFrameView *self = ATLAS_FRAME_VIEW (object);

  if (self->area != NULL)
    atlas_picture_area_detach (ATLAS_PICTURE_AREA (self->area));
  self->area = NULL;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (atlas_frame_view_parent_class)->dispose (object);
}

static void
atlas_frame_view_class_init (AtlasFrameViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_frame_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "atlasframes");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
draw_legend_cb (AtlasDisplayList *list, guint width_px, guint height_px, gpointer data)
{
  float x_px = 12;
  float text_width_px = 0;
  float gap_px;

  for (guint look = 0; look < ATLAS_N_FRAME_LOOKS; look++)
    text_width_px +=
      LEGEND_CHAR_PX *
      (float) g_utf8_strlen (_ (atlas_frame_look_get_kind ((AtlasFrameLook) look)->name), -1);
  /* In a narrow window they stand closer. */
  gap_px = ((float) width_px - 2 * x_px - text_width_px) / ATLAS_N_FRAME_LOOKS - LEGEND_MARK_PX;
  gap_px = CLAMP (gap_px, LEGEND_GAP_MIN_PX, LEGEND_GAP_PX);
  for (guint look = 0; look < ATLAS_N_FRAME_LOOKS; look++)
    {
      const AtlasFrameLookKind *kind = atlas_frame_look_get_kind ((AtlasFrameLook) look);
      const char *name = _ (kind->name);
      float text_px = LEGEND_CHAR_PX * (float) g_utf8_strlen (name, -1) + gap_px;

      atlas_display_list_add_rect (list, kind->color, 1, ATLAS_PATTERN_SOLID, x_px, 4, 10, 10, 2);
      atlas_display_list_add_text (list,
                                   ATLAS_COLOR_DIM_TEXT,
                                   ATLAS_FONT_SMALL,
                                   ATLAS_ALIGN_START,
                                   x_px + LEGEND_MARK_PX,
                                   0,
                                   text_px,
                                   (float) height_px,
                                   name);
      x_px += LEGEND_MARK_PX + text_px;
    }
}

static void
atlas_frame_view_init (AtlasFrameView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *legend = atlas_picture_area_new (
    _ ("Legend of the frames"), LEGEND_WIDTH_PX, 20, draw_legend_cb, NULL, NULL);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (bar, "atlas-bar");
  self->told = atlas_caption_new (0);
  self->lists = atlas_caption_new (1);
  gtk_box_append (GTK_BOX (bar), self->told);
  gtk_box_append (GTK_BOX (bar), self->lists);
  gtk_box_append (GTK_BOX (self->box), bar);

  gtk_widget_set_focusable (legend, FALSE);
  self->area =
    atlas_picture_area_new (_ ("Frames"), MIN_WIDTH_PX, MIN_HEIGHT_PX, draw_cb, tell_cb, self);
  g_signal_connect_swapped (self->area, "clicked", G_CALLBACK (clicked_cb), self);
  g_signal_connect_swapped (self->area, "zoomed", G_CALLBACK (zoomed_cb), self);
  gtk_widget_set_vexpand (self->area, TRUE);
  gtk_box_append (GTK_BOX (page), legend);
  gtk_box_append (GTK_BOX (page), self->area);

  self->nothing = atlas_empty_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), self->nothing, "nothing");
  gtk_stack_add_named (GTK_STACK (self->stack), page, "frames");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self->box), self->stack);
}

GtkWidget *
atlas_frame_view_new (AtlasDocument *document)
{
  AtlasFrameView *self;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  self = g_object_new (ATLAS_TYPE_FRAME_VIEW, NULL);
  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (update_all), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
    document, "notify::selected-va", G_CALLBACK (selection_changed_cb), self, G_CONNECT_SWAPPED);
  update_all (self);
  return GTK_WIDGET (self);
}

void
atlas_frame_view_set_mappings (AtlasFrameView *self, GtkWidget *mappings)
{
  g_return_if_fail (ATLAS_IS_FRAME_VIEW (self) && GTK_IS_WIDGET (mappings));
  g_return_if_fail (self->mappings == NULL);

  self->mappings = mappings;
  gtk_stack_add_child (GTK_STACK (self->stack), mappings);
  update_all (self);
}
