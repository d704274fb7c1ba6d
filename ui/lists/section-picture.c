/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/section-picture.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "windows/pte.h"
#include "windows/view.h"

#define OBJECTS_WIDTH_PX 170.0f
#define VIEWS_WIDTH_PX 210.0f
#define COLUMN_GAP_PX 44.0f
#define LINE_PX 16.0f
#define BOX_PADDING_PX 7.0f
#define BOX_GAP_PX 12.0f
#define CELL_PX 7.0f
#define CELL_PITCH_PX 8.0f
#define PART_GAP_PX 7.0f
#define COLUMNS_MIN 16u
#define ROWS_MAX 4u /* of cells, a subsection */
/* Copies are looked for in views up to this size. */
#define COPY_PAGES_MAX 8192u

/* Where things stand, for drawing and for picking alike. */
typedef struct
{
  const AtlasSectionPictureInput *input;
  const GArray *views;    /* of AtlasSectionView */
  AtlasDisplayList *list; /* NULL while picking */
  AtlasSectionHit *hit;   /* NULL while drawing */
  double x_px, y_px;      /* what is picked */
  gboolean is_hit;
  float cells_x_px;
  float views_x_px;
  float views_y_px;
  float views_width_px;
  gboolean has_views_below; /* the objects, where beside the cells there is no room */
  guint n_columns;
  AtlasVa view_va; /* the current process's view, of several one */
  guint64 view_first_page;
  guint64 view_n_pages; /* 0: it has none */
} Layout;

const char *
atlas_section_kind_get_title (AtlasSectionKind kind)
{
  static const char *const titles[] = { N_ ("image"), N_ ("file"), N_ ("paging file") };

  g_return_val_if_fail ((guint) kind < G_N_ELEMENTS (titles), NULL);
  return _ (titles[kind]);
}

/* Of several views of the current process the one that the selected address lies in, or the lowest.
 */
static void
choose_view (Layout *layout)
{
  const AtlasSectionPictureInput *input = layout->input;

  layout->view_n_pages = 0;
  for (guint i = 0; input->process != NULL && i < layout->views->len; i++)
    {
      const AtlasSectionView *view = &g_array_index (layout->views, AtlasSectionView, i);

      if (view->process != input->process ||
          (layout->view_n_pages > 0 &&
           !(input->has_selection && input->selected_va - view->base_va < view->size_bytes)))
        continue;
      layout->view_va = view->base_va;
      layout->view_first_page = view->first_page;
      layout->view_n_pages = view->size_bytes / ATLAS_PAGE_BYTES;
    }
}

/* ---- boxes ------------------------------------------------------------------------------------
 */

static float
draw_box (Layout *layout,
          float x_px,
          float y_px,
          float width_px,
          const char *const *lines,
          gboolean is_current)
{
  guint n_lines = g_strv_length ((char **) lines);
  float height_px = 2.0f * BOX_PADDING_PX + (float) n_lines * LINE_PX;

  if (layout->list == NULL)
    return height_px;
  atlas_display_list_add_rect (layout->list,
                               is_current ? ATLAS_COLOR_SELECTION : ATLAS_COLOR_HAIRLINE,
                               1.0f,
                               is_current ? ATLAS_PATTERN_SOLID : ATLAS_PATTERN_OUTLINE,
                               x_px,
                               y_px,
                               width_px,
                               height_px,
                               6.0f);
  for (guint i = 0; i < n_lines; i++)
    atlas_display_list_add_text (layout->list,
                                 i == 0 ? ATLAS_COLOR_TEXT : ATLAS_COLOR_DIM_TEXT,
                                 i == 0 ? ATLAS_FONT_BOLD : ATLAS_FONT_SMALL,
                                 ATLAS_ALIGN_START,
                                 x_px + BOX_PADDING_PX,
                                 y_px + BOX_PADDING_PX + (float) i * LINE_PX,
                                 width_px - 2.0f * BOX_PADDING_PX,
                                 LINE_PX,
                                 lines[i]);
  return height_px;
}

static void
draw_link (Layout *layout, float y_px)
{
  if (layout->list != NULL)
    atlas_display_list_add_line (layout->list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 1.0f,
                                 OBJECTS_WIDTH_PX / 2.0f,
                                 y_px,
                                 OBJECTS_WIDTH_PX / 2.0f,
                                 y_px + BOX_GAP_PX);
}

static float
draw_objects (Layout *layout)
{
  const AtlasSection *section = layout->input->section;
  g_autofree char *references = g_strdup_printf (
    ngettext ("%u reference", "%u references", atlas_section_get_n_references (section)),
    atlas_section_get_n_references (section));
  g_autofree char *bytes = atlas_format_size (atlas_section_get_size (section));
  g_autofree char *views =
    g_strdup_printf (ngettext ("%u view", "%u views", atlas_section_get_n_views (section)),
                     atlas_section_get_n_views (section));
  guint64 n_frames = atlas_section_count_frames (section);
  g_autofree char *count = atlas_format_count (n_frames);
  g_autofree char *frames = g_strdup_printf (
    ngettext ("%s page in memory", "%s pages in memory", (gulong) n_frames), count);
  const char *const object[] = { _ ("Section"), references, bytes, NULL };
  const char *const area[] = { _ ("Control area"),
                               _ (atlas_section_get_name (section)),
                               atlas_section_kind_get_title (atlas_section_get_kind (section)),
                               views,
                               frames,
                               NULL };
  float y_px = draw_box (layout, 0.0f, 0.0f, OBJECTS_WIDTH_PX, object, FALSE);

  draw_link (layout, y_px);
  y_px += BOX_GAP_PX;
  return y_px + draw_box (layout, 0.0f, y_px, OBJECTS_WIDTH_PX, area, FALSE);
}

/* ---- cells ------------------------------------------------------------------------------------
 */

typedef struct
{
  guint64 n_active;
  guint64 n_parked; /* on a standby or modified list */
  guint64 n_paged_out;
  gboolean has_copy; /* the current process has a copy of its own */
} CellSummary;

static gboolean
has_own_copy (const Layout *layout, guint64 page, guint64 prototype)
{
  AtlasPa entry_pa;
  guint64 pte;

  if (layout->view_n_pages == 0 || layout->view_n_pages > COPY_PAGES_MAX ||
      page - layout->view_first_page >= layout->view_n_pages)
    return FALSE;
  pte =
    atlas_process_find_pte (layout->input->process,
                            layout->view_va + (page - layout->view_first_page) * ATLAS_PAGE_BYTES,
                            &entry_pa);
  return atlas_pte_get_kind (pte) == ATLAS_PTE_KIND_HARDWARE &&
         (atlas_pte_get_kind (prototype) != ATLAS_PTE_KIND_TRANSITION ||
          atlas_pte_get_pfn (pte) != atlas_pte_get_pfn (prototype));
}

static CellSummary
summarize_cell (const Layout *layout, guint64 first_page, guint64 n_pages)
{
  AtlasFrames *frames = atlas_system_get_frames (layout->input->system);
  CellSummary summary = { 0 };

  for (guint64 page = first_page; page < first_page + n_pages; page++)
    {
      guint64 prototype = atlas_section_get_prototype (layout->input->section, page);
      AtlasPteKind kind = atlas_pte_get_kind (prototype);

      if (kind == ATLAS_PTE_KIND_TRANSITION)
        {
          AtlasFrame frame;

          atlas_frames_get (frames, atlas_pte_get_pfn (prototype), &frame);
          if (frame.state == ATLAS_FRAME_ACTIVE)
            summary.n_active++;
          else
            summary.n_parked++;
        }
      else if (kind == ATLAS_PTE_KIND_PAGE_FILE)
        summary.n_paged_out++;
      summary.has_copy = summary.has_copy || has_own_copy (layout, page, prototype);
    }
  return summary;
}

static void
draw_cell (Layout *layout, float x_px, float y_px, guint64 first_page, guint64 n_pages)
{
  AtlasColor color = ATLAS_COLOR_OF_CLASS (
    atlas_section_get_kind (layout->input->section) == ATLAS_SECTION_IMAGE ? ATLAS_CLASS_IMAGE
                                                                           : ATLAS_CLASS_MAPPED);
  CellSummary summary = summarize_cell (layout, first_page, n_pages);
  gboolean is_used = summary.n_active + summary.n_parked + summary.n_paged_out > 0;

  atlas_display_list_add_rect (
    layout->list,
    is_used ? color : ATLAS_COLOR_CELL,
    summary.n_active > 0 || !is_used ? 1.0f : 0.55f,
    summary.n_active + summary.n_parked > 0 || !is_used ? ATLAS_PATTERN_SOLID : ATLAS_PATTERN_HATCH,
    x_px,
    y_px,
    CELL_PX,
    CELL_PX,
    0.0f);
  atlas_display_list_add_rect (layout->list,
                               ATLAS_COLOR_EDGE,
                               is_used ? 1.0f : 0.4f,
                               ATLAS_PATTERN_OUTLINE,
                               x_px,
                               y_px,
                               CELL_PX,
                               CELL_PX,
                               0.0f);
  if (summary.has_copy)
    atlas_display_list_add_rect (layout->list,
                                 ATLAS_COLOR_OF_CLASS (ATLAS_CLASS_PRIVATE),
                                 1.0f,
                                 ATLAS_PATTERN_SOLID,
                                 x_px,
                                 y_px + CELL_PX / 2.0f,
                                 CELL_PX,
                                 CELL_PX / 2.0f,
                                 0.0f);
}

static void
frame_selected (Layout *layout, float x_px, float y_px, guint64 first_page, guint64 n_pages)
{
  AtlasVa va = layout->view_va + (first_page - layout->view_first_page) * ATLAS_PAGE_BYTES;

  if (layout->view_n_pages == 0 || !layout->input->has_selection ||
      first_page - layout->view_first_page >= layout->view_n_pages ||
      layout->input->selected_va - va >= n_pages * ATLAS_PAGE_BYTES)
    return;
  atlas_display_list_add_rect (layout->list,
                               ATLAS_COLOR_ACCENT,
                               1.0f,
                               ATLAS_PATTERN_THICK_OUTLINE,
                               x_px - 2.0f,
                               y_px - 2.0f,
                               CELL_PX + 4.0f,
                               CELL_PX + 4.0f,
                               0.0f);
}

static void
pick_cell (Layout *layout, float x_px, float y_px, guint64 first_page, guint64 n_pages)
{
  if (layout->x_px < x_px || layout->x_px >= x_px + CELL_PITCH_PX || layout->y_px < y_px ||
      layout->y_px >= y_px + CELL_PITCH_PX)
    return;
  layout->is_hit = TRUE;
  *layout->hit = (AtlasSectionHit){ .is_page = TRUE, .first_page = first_page, .n_pages = n_pages };
  if (layout->view_n_pages > 0 && first_page - layout->view_first_page < layout->view_n_pages)
    {
      layout->hit->process = layout->input->process;
      layout->hit->va = layout->view_va + (first_page - layout->view_first_page) * ATLAS_PAGE_BYTES;
    }
}

/* Only what comes from a program file has parts with names, and one before them without. */
static const char *
get_part_name (const AtlasSection *section, const AtlasSubsection *part)
{
  AtlasSectionKind kind = atlas_section_get_kind (section);

  if (part->name[0] != '\0')
    return part->name;
  return kind == ATLAS_SECTION_IMAGE ? _ ("header") : atlas_section_kind_get_title (kind);
}

static float
draw_part (Layout *layout, const AtlasSubsection *part, float y_px)
{
  guint64 n_cells_max = (guint64) layout->n_columns * ROWS_MAX;
  guint64 pages_per_cell = (part->n_pages + n_cells_max - 1u) / n_cells_max;
  guint64 n_cells = (part->n_pages + pages_per_cell - 1u) / pages_per_cell;
  guint n_rows = (guint) ((n_cells + layout->n_columns - 1u) / layout->n_columns);
  g_autofree char *rights =
    atlas_protect_format_short (atlas_protection_to_win32 (part->protection));
  g_autofree char *count = atlas_format_count (part->n_pages);
  g_autofree char *title = g_strdup_printf (
    pages_per_cell > 1 ? _ ("%s  %s  %s pages, %u a cell")
                       : ngettext ("%s  %s  %s page", "%s  %s  %s pages", (gulong) part->n_pages),
    get_part_name (layout->input->section, part),
    rights,
    count,
    (guint) pages_per_cell);

  if (layout->list != NULL)
    atlas_display_list_add_text (layout->list,
                                 ATLAS_COLOR_DIM_TEXT,
                                 ATLAS_FONT_SMALL,
                                 ATLAS_ALIGN_START,
                                 layout->cells_x_px,
                                 y_px,
                                 (float) layout->n_columns * CELL_PITCH_PX,
                                 LINE_PX,
                                 title);
  y_px += LINE_PX;
  for (guint64 i = 0; i < n_cells; i++)
    {
      float x_px = layout->cells_x_px + (float) (i % layout->n_columns) * CELL_PITCH_PX;
      float cell_y_px = y_px + (float) (i / layout->n_columns) * CELL_PITCH_PX;
      guint64 page = part->first_page + i * pages_per_cell;
      guint64 n_pages = MIN (pages_per_cell, part->first_page + part->n_pages - page);

      if (layout->list != NULL)
        {
          draw_cell (layout, x_px, cell_y_px, page, n_pages);
          frame_selected (layout, x_px, cell_y_px, page, n_pages);
        }
      else
        pick_cell (layout, x_px, cell_y_px, page, n_pages);
    }
  return y_px + (float) n_rows * CELL_PITCH_PX;
}

static float
draw_parts (Layout *layout)
{
  guint n_parts;
  const AtlasSubsection *parts = atlas_section_get_subsections (layout->input->section, &n_parts);
  float y_px = 0.0f;

  for (guint i = 0; i < n_parts; i++)
    {
      float top_px = y_px;

      if (parts[i].n_pages == 0)
        continue;
      y_px = draw_part (layout, &parts[i], y_px);
      if (layout->list != NULL)
        atlas_display_list_add_curve (layout->list,
                                      ATLAS_COLOR_DIM_TEXT,
                                      0.7f,
                                      OBJECTS_WIDTH_PX,
                                      LINE_PX * 6.0f,
                                      layout->cells_x_px - 6.0f,
                                      (top_px + y_px) / 2.0f,
                                      1.0f,
                                      1.0f);
      y_px += PART_GAP_PX;
    }
  return y_px;
}

/* ---- views ------------------------------------------------------------------------------------
 */

static float
draw_view (Layout *layout, AtlasProcess *process, AtlasVa base_va, guint64 n_pages, float y_px)
{
  g_autofree char *title =
    g_strdup_printf ("%s · %u", atlas_process_get_name (process), atlas_process_get_id (process));
  g_autofree char *va = atlas_format_va (base_va);
  g_autofree char *size = atlas_format_size (n_pages * ATLAS_PAGE_BYTES);
  g_autofree char *place = g_strdup_printf ("%s · %s", va, size);
  const char *const wide_lines[] = { title, place, NULL };
  const char *const narrow_lines[] = { title, va, size, NULL };
  float height_px = draw_box (layout,
                              layout->views_x_px,
                              y_px,
                              layout->views_width_px,
                              layout->has_views_below ? narrow_lines : wide_lines,
                              process == layout->input->process);

  if (layout->list == NULL)
    {
      if (layout->x_px >= layout->views_x_px &&
          layout->x_px < layout->views_x_px + layout->views_width_px && layout->y_px >= y_px &&
          layout->y_px < y_px + height_px)
        {
          layout->is_hit = TRUE;
          *layout->hit = (AtlasSectionHit){ .process = process, .va = base_va };
        }
      return height_px;
    }
  if (layout->has_views_below)
    {
      draw_link (layout, y_px - BOX_GAP_PX);
      return height_px;
    }
  atlas_display_list_add_curve (layout->list,
                                ATLAS_COLOR_DIM_TEXT,
                                0.7f,
                                layout->cells_x_px + (float) layout->n_columns * CELL_PITCH_PX +
                                  4.0f,
                                y_px + height_px / 2.0f,
                                layout->views_x_px - 4.0f,
                                y_px + height_px / 2.0f,
                                1.0f,
                                1.0f);
  return height_px;
}

static float
draw_views (Layout *layout)
{
  float y_px = layout->views_y_px;

  for (guint i = 0; i < layout->views->len; i++)
    {
      const AtlasSectionView *view = &g_array_index (layout->views, AtlasSectionView, i);

      y_px += draw_view (
                layout, view->process, view->base_va, view->size_bytes / ATLAS_PAGE_BYTES, y_px) +
              BOX_GAP_PX;
    }
  return y_px;
}

/* ---- all --------------------------------------------------------------------------------------
 */

static void
init_layout (Layout *layout, const AtlasSectionPictureInput *input, const GArray *views)
{
  float room_px = (float) input->width_px - OBJECTS_WIDTH_PX - COLUMN_GAP_PX;
  float cells_px = room_px - VIEWS_WIDTH_PX - COLUMN_GAP_PX;

  *layout =
    (Layout){ .input = input, .views = views, .cells_x_px = OBJECTS_WIDTH_PX + COLUMN_GAP_PX };
  layout->has_views_below = cells_px < (float) COLUMNS_MIN * CELL_PITCH_PX;
  if (layout->has_views_below)
    cells_px = room_px;
  layout->n_columns = MAX ((guint) MAX (cells_px / CELL_PITCH_PX, 0.0f), COLUMNS_MIN);
  if (layout->has_views_below)
    {
      layout->views_width_px = OBJECTS_WIDTH_PX;
      layout->views_y_px = draw_objects (layout) + BOX_GAP_PX;
    }
  else
    {
      layout->views_width_px = VIEWS_WIDTH_PX;
      layout->views_x_px =
        layout->cells_x_px + (float) layout->n_columns * CELL_PITCH_PX + COLUMN_GAP_PX;
    }
  choose_view (layout);
}

guint
atlas_section_picture_draw (AtlasDisplayList *list, const AtlasSectionPictureInput *input)
{
  g_autoptr (GArray) views = NULL;
  Layout layout;
  float objects_px, parts_px, views_px;

  g_return_val_if_fail (list != NULL, 0);
  g_return_val_if_fail (input != NULL && input->section != NULL, 0);

  views = atlas_system_list_views (input->system, input->section);
  init_layout (&layout, input, views);
  layout.list = list;
  objects_px = draw_objects (&layout);
  parts_px = draw_parts (&layout);
  views_px = draw_views (&layout);
  return (guint) MAX (MAX (objects_px, parts_px), views_px);
}

gboolean
atlas_section_picture_pick (const AtlasSectionPictureInput *input,
                            double x_px,
                            double y_px,
                            AtlasSectionHit *hit)
{
  g_autoptr (GArray) views = NULL;
  Layout layout;

  g_return_val_if_fail (input != NULL && input->section != NULL, FALSE);
  g_return_val_if_fail (hit != NULL, FALSE);

  views = atlas_system_list_views (input->system, input->section);
  init_layout (&layout, input, views);
  layout.hit = hit;
  layout.x_px = x_px;
  layout.y_px = y_px;
  draw_parts (&layout);
  draw_views (&layout);
  return layout.is_hit;
}
