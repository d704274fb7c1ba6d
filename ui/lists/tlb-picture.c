/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/tlb-picture.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "paging/events.h"

#define MARGIN_PX 12.0f
#define TITLE_PX 17.0f
#define BLOCK_GAP_PX 24.0f
#define ROW_GAP_PX 12.0f
#define CELL_MAX_PX 12.0f
#define CELL_MIN_PX 3.0f
#define CELL_HEIGHT_PX 11.0f
#define BLOCK_MIN_PX 190.0f
/* A single set is drawn as rows of so many ways. */
#define WAYS_A_ROW 32u
/* An entry used so many uses ago is as pale as it gets. */
#define OLD_AGE 64u

/* One structure or paging-structure cache, laid out. */
typedef struct
{
  guint structure; /* when level is 0 */
  guint level;     /* of a paging-structure cache */
  guint n_places;
  guint n_ways; /* a set has */
  guint n_columns;
  guint n_rows;
  gboolean is_single_set;
  float x_px, y_px; /* of the cells */
  float cell_px;
} Block;

#define BLOCKS_MAX (ATLAS_TLB_STRUCTURES_MAX + ATLAS_LEVELS_MAX)

static Block
make_block (const AtlasTlbPictureInput *input, guint n_places, guint n_ways)
{
  Block block = { .n_places = n_places, .n_ways = n_ways };
  float room_px = MAX ((float) input->width_px - 2 * MARGIN_PX, BLOCK_MIN_PX);

  block.is_single_set = n_ways == n_places;
  block.n_columns = block.is_single_set ? MIN (n_ways, WAYS_A_ROW) : n_places / n_ways;
  block.n_rows = block.is_single_set ? (n_ways + WAYS_A_ROW - 1u) / WAYS_A_ROW : n_ways;
  block.cell_px =
    CLAMP ((float) (int) (room_px / (float) block.n_columns), CELL_MIN_PX, CELL_MAX_PX);
  return block;
}

/* Lays all caches out in lines that break at the width. Returns how many; @height_px: of all. */
static guint
lay_out (const AtlasTlbPictureInput *input, Block blocks[BLOCKS_MAX], guint *height_px)
{
  const AtlasTlbProfile *profile = atlas_tlb_get_own_profile (input->tlb);
  guint n_blocks = 0;
  float x_px = MARGIN_PX, y_px = MARGIN_PX, line_px = 0;

  for (guint i = 0; i < profile->n_structures; i++)
    {
      blocks[n_blocks] =
        make_block (input, profile->structures[i].n_entries, profile->structures[i].n_ways);
      blocks[n_blocks++].structure = i;
    }
  for (guint level = ATLAS_LEVEL_PD; level <= ATLAS_LEVELS_MAX; level++)
    {
      if (profile->n_psc_entries[level] == 0)
        continue;
      blocks[n_blocks] =
        make_block (input, profile->n_psc_entries[level], profile->n_psc_entries[level]);
      blocks[n_blocks++].level = level;
    }

  for (guint i = 0; i < n_blocks; i++)
    {
      float width_px = MAX ((float) blocks[i].n_columns * blocks[i].cell_px, BLOCK_MIN_PX);
      float block_height_px = TITLE_PX + (float) blocks[i].n_rows * CELL_HEIGHT_PX;

      if (x_px > MARGIN_PX && x_px + width_px > (float) input->width_px - MARGIN_PX)
        {
          x_px = MARGIN_PX;
          y_px += line_px + ROW_GAP_PX;
          line_px = 0;
        }
      blocks[i].x_px = x_px;
      blocks[i].y_px = y_px + TITLE_PX;
      x_px += width_px + BLOCK_GAP_PX;
      line_px = MAX (line_px, block_height_px);
    }
  *height_px = (guint) (y_px + line_px + MARGIN_PX);
  return n_blocks;
}

static void
get_place (const Block *block, guint column, guint row, guint *set, guint *way)
{
  *set = block->is_single_set ? 0 : column;
  *way = block->is_single_set ? row * WAYS_A_ROW + column : row;
}

static gboolean
get_entry (const AtlasTlbPictureInput *input,
           const Block *block,
           guint set,
           guint way,
           AtlasTlbHit *hit)
{
  const AtlasTlbProfile *profile = atlas_tlb_get_own_profile (input->tlb);

  *hit = (AtlasTlbHit){ .is_table = block->level != 0, .set = set, .way = way };
  if (block->level != 0)
    {
      hit->name = atlas_level_get_entry_name (block->level);
      hit->is_empty = !atlas_tlb_get_psc_entry (input->tlb, block->level, way, &hit->psc);
    }
  else
    {
      hit->name = profile->structures[block->structure].name;
      hit->is_empty = !atlas_tlb_get_entry (input->tlb, block->structure, set, way, &hit->info);
    }
  return !hit->is_empty;
}

/* The hue of an entry that maps as much: 4 KB is a page table's. */
static AtlasColor
get_color (const AtlasTlbHit *hit)
{
  if (hit->is_table)
    return atlas_color_of_level (hit->psc.level);
  if (hit->info.page_bytes == atlas_level_span_bytes (ATLAS_LEVEL_PDPT))
    return atlas_color_of_level (ATLAS_LEVEL_PDPT);
  if (hit->info.page_bytes == atlas_level_span_bytes (ATLAS_LEVEL_PD))
    return atlas_color_of_level (ATLAS_LEVEL_PD);
  return atlas_color_of_level (ATLAS_LEVEL_PT);
}

static gboolean
serves_selection (const AtlasTlbPictureInput *input, const AtlasTlbHit *hit)
{
  if (!input->has_selection || hit->is_empty)
    return FALSE;
  if (hit->is_table)
    return input->selected_va - hit->psc.va < atlas_level_span_bytes (hit->psc.level);
  return input->selected_va - hit->info.va < hit->info.size_bytes;
}

/* What the story up to its present step did at a place, as the colour of its mark. */
static AtlasColor
get_deed (const AtlasTlbPictureInput *input, const char *name, guint set, guint way)
{
  AtlasColor color = ATLAS_COLOR_NONE;

  for (guint i = 0; input->trace != NULL && i <= input->step; i++)
    {
      const AtlasTraceEvent *event = atlas_trace_get_event (input->trace, i);
      guint64 cache, event_set, event_way;

      if (!atlas_trace_event_get (event, "cache", &cache) ||
          !atlas_trace_event_get (event, "set", &event_set) ||
          !atlas_trace_event_get (event, "way", &event_way) ||
          !g_str_equal ((const char *) (guintptr) cache, name) || event_set != set ||
          event_way != way)
        continue;
      if (event->kind == &atlas_event_tlb_hit)
        color = ATLAS_COLOR_SUCCESS;
      else if (event->kind == &atlas_event_tlb_evicted)
        color = ATLAS_COLOR_ERROR;
      else if (event->kind == &atlas_event_tlb_filled && color != ATLAS_COLOR_ERROR)
        color = ATLAS_COLOR_ACCENT;
    }
  return color;
}

/* Where an address would stand: a wash behind its set, and a bar above it, for the wash is faint.
 */
static void
add_sets (AtlasDisplayList *list, const AtlasTlbPictureInput *input, const Block *block)
{
  const AtlasTlbStructure *structure =
    &atlas_tlb_get_own_profile (input->tlb)->structures[block->structure];

  if (!input->has_selection || block->level != 0 || block->is_single_set)
    return;
  for (guint level = ATLAS_LEVEL_PT; level <= ATLAS_LEVEL_PDPT; level++)
    {
      guint set =
        (guint) (input->selected_va >> atlas_level_shift (level)) & (block->n_columns - 1u);

      if ((structure->page_levels & ATLAS_TLB_SIZE (level)) == 0)
        continue;
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_SELECTION,
                                   1,
                                   ATLAS_PATTERN_SOLID,
                                   block->x_px + (float) set * block->cell_px - 1,
                                   block->y_px - 2,
                                   block->cell_px + 1,
                                   (float) block->n_rows * CELL_HEIGHT_PX + 3,
                                   2);
      atlas_display_list_add_rect (list,
                                   ATLAS_COLOR_ACCENT,
                                   1,
                                   ATLAS_PATTERN_SOLID,
                                   block->x_px + (float) set * block->cell_px - 1,
                                   block->y_px - 3,
                                   block->cell_px + 1,
                                   2,
                                   1);
    }
}

static void
add_cell (AtlasDisplayList *list,
          const AtlasTlbPictureInput *input,
          const Block *block,
          guint column,
          guint row,
          const AtlasTlbHit *hit)
{
  float x_px = block->x_px + (float) column * block->cell_px;
  float y_px = block->y_px + (float) row * CELL_HEIGHT_PX;
  float width_px = MAX (block->cell_px - 1, 2);
  guint64 age = hit->is_empty ? 0 : hit->is_table ? hit->psc.age : hit->info.age;
  float alpha = 1.0f - 0.6f * (float) MIN (age, OLD_AGE) / (float) OLD_AGE;
  AtlasColor deed =
    hit->is_table ? ATLAS_COLOR_NONE : get_deed (input, hit->name, hit->set, hit->way);

  atlas_display_list_add_rect (list,
                               hit->is_empty ? ATLAS_COLOR_CELL : get_color (hit),
                               hit->is_empty ? 1 : alpha,
                               ATLAS_PATTERN_SOLID,
                               x_px,
                               y_px,
                               width_px,
                               CELL_HEIGHT_PX - 1,
                               1);
  if (!hit->is_empty)
    atlas_display_list_add_rect (list,
                                 ATLAS_COLOR_EDGE,
                                 1,
                                 ATLAS_PATTERN_OUTLINE,
                                 x_px,
                                 y_px,
                                 width_px,
                                 CELL_HEIGHT_PX - 1,
                                 1);
  if (deed != ATLAS_COLOR_NONE || serves_selection (input, hit))
    atlas_display_list_add_rect (list,
                                 deed != ATLAS_COLOR_NONE ? deed : ATLAS_COLOR_TEXT,
                                 1,
                                 ATLAS_PATTERN_THICK_OUTLINE,
                                 x_px - 1,
                                 y_px - 1,
                                 width_px + 2,
                                 CELL_HEIGHT_PX + 1,
                                 2);
}

static void
add_title (AtlasDisplayList *list,
           const AtlasTlbPictureInput *input,
           const Block *block,
           guint n_used)
{
  const AtlasTlbProfile *profile = atlas_tlb_get_own_profile (input->tlb);
  g_autofree char *name =
    block->level != 0 ? g_strdup_printf (_ ("%s cache"), atlas_level_get_entry_name (block->level))
                      : g_strdup (profile->structures[block->structure].name);
  g_autofree char *shape = block->is_single_set
                             ? g_strdup_printf ("%u", block->n_ways)
                             : g_strdup_printf ("%u × %u", block->n_columns, block->n_ways);
  /* Translators: a cache, its sets × ways, how many of its entries are in use */
  g_autofree char *text = g_strdup_printf (_ ("%s · %s, %u used"), name, shape, n_used);

  atlas_display_list_add_text (list,
                               n_used > 0 ? ATLAS_COLOR_TEXT : ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               block->x_px,
                               block->y_px - TITLE_PX,
                               MAX ((float) block->n_columns * block->cell_px, BLOCK_MIN_PX) +
                                 BLOCK_GAP_PX - 6,
                               TITLE_PX - 2,
                               text);
}

guint
atlas_tlb_picture_draw (AtlasDisplayList *list, const AtlasTlbPictureInput *input)
{
  Block blocks[BLOCKS_MAX];
  guint height_px = 0;
  guint n_blocks = lay_out (input, blocks, &height_px);

  for (guint i = 0; i < n_blocks; i++)
    {
      guint n_used = 0;

      add_sets (list, input, &blocks[i]);
      for (guint row = 0; row < blocks[i].n_rows; row++)
        for (guint column = 0; column < blocks[i].n_columns; column++)
          {
            AtlasTlbHit hit;
            guint set, way;

            get_place (&blocks[i], column, row, &set, &way);
            if (way >= blocks[i].n_ways)
              continue;
            n_used += get_entry (input, &blocks[i], set, way, &hit) ? 1u : 0u;
            add_cell (list, input, &blocks[i], column, row, &hit);
          }
      add_title (list, input, &blocks[i], n_used);
    }
  return height_px;
}

gboolean
atlas_tlb_picture_pick (const AtlasTlbPictureInput *input,
                        double x_px,
                        double y_px,
                        AtlasTlbHit *hit)
{
  Block blocks[BLOCKS_MAX];
  guint height_px;
  guint n_blocks = lay_out (input, blocks, &height_px);

  for (guint i = 0; i < n_blocks; i++)
    {
      double column = (x_px - (double) blocks[i].x_px) / (double) blocks[i].cell_px;
      double row = (y_px - (double) blocks[i].y_px) / (double) CELL_HEIGHT_PX;
      guint set, way;

      if (column < 0 || row < 0 || column >= blocks[i].n_columns || row >= blocks[i].n_rows)
        continue;
      get_place (&blocks[i], (guint) column, (guint) row, &set, &way);
      if (way >= blocks[i].n_ways)
        continue;
      get_entry (input, &blocks[i], set, way, hit);
      return TRUE;
    }
  return FALSE;
}
