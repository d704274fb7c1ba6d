/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "map/strip-private.h"

#include <math.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "base/translation.h"

#define NAME_HEIGHT_PX 16.0f
#define LABEL_SPACE_PX 10.0f
/* Names stand over what they name; two clusters nearer than this share one. */
#define CLUSTER_GAP_PX 6
#define NAMES_MAX 24u
/* More regions than that are counted, not looked at: the cost must follow the pixels. */
#define LOOK_AT_MAX 512u

/* Something to write over some bars. */
typedef struct
{
  float from_px;
  float to_px;
  guint64 first_index;
  guint64 last_index;
  gboolean is_allocation; /* one allocation, else whatever stands together */
} Group;

/* ---- names ---- */

static gboolean
is_one_allocation (const AtlasStrip *strip, const AtlasFoldSpan *span, AtlasVa *allocation_base_va)
{
  const AtlasRegion *first = atlas_strip_get_first_region (strip, span);
  const AtlasRegion *last = atlas_strip_get_last_region (strip, span);

  *allocation_base_va = first->allocation_base_va;
  return first->allocation_base_va == last->allocation_base_va &&
         first->region_class == last->region_class;
}

static Group
make_group (const AtlasFoldSpan *span)
{
  return (Group){ .from_px = (float) span->x_px,
                  .to_px = (float) (span->x_px + span->width_px),
                  .first_index = span->summary.first_index,
                  .last_index = span->summary.first_index + span->summary.n_regions - 1 };
}

static void
extend_group (Group *group, const AtlasFoldSpan *span)
{
  group->to_px = (float) (span->x_px + span->width_px);
  group->last_index = span->summary.first_index + span->summary.n_regions - 1;
}

static void
collect_allocations (const AtlasStrip *strip, GArray *groups)
{
  AtlasVa open_base_va = 0;
  Group *open = NULL;

  for (guint i = 0; i < strip->spans->len; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);
      AtlasVa base_va;

      if (atlas_fold_span_is_bare (span) || !is_one_allocation (strip, span, &base_va))
        {
          open = NULL;
          continue;
        }
      if (open != NULL && base_va == open_base_va)
        {
          extend_group (open, span);
          continue;
        }
      {
        Group group = make_group (span);

        group.is_allocation = TRUE;
        g_array_append_val (groups, group);
        open = &g_array_index (groups, Group, groups->len - 1);
        open_base_va = base_va;
      }
    }
}

static void
collect_clusters (const AtlasStrip *strip, GArray *groups)
{
  Group *open = NULL;

  for (guint i = 0; i < strip->spans->len; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);

      if (atlas_fold_span_is_bare (span))
        {
          if (span->width_px > CLUSTER_GAP_PX)
            open = NULL;
          continue;
        }
      if (open != NULL)
        {
          extend_group (open, span);
          continue;
        }
      {
        Group group = make_group (span);

        g_array_append_val (groups, group);
        open = &g_array_index (groups, Group, groups->len - 1);
      }
    }
}

static gboolean
is_used (const AtlasRegion *region)
{
  return region->state == ATLAS_STATE_COMMIT || region->state == ATLAS_STATE_RESERVE;
}

/* What one and several allocations of a class are called. */
static const struct
{
  const char *one;
  const char *many;
} class_nouns[] = {
  [ATLAS_CLASS_FREE] = { N_ ("free"), N_ ("free") },
  [ATLAS_CLASS_HOLE] = { N_ ("not canonical"), N_ ("not canonical") },
  [ATLAS_CLASS_KERNEL] = { N_ ("kernel half"), N_ ("kernel regions") },
  [ATLAS_CLASS_UNUSABLE] = { N_ ("unusable"), N_ ("unusable") },
  [ATLAS_CLASS_CFG] = { N_ ("CFG bitmap"), N_ ("CFG bitmaps") },
  [ATLAS_CLASS_MAPPED] = { N_ ("mapped view"), N_ ("mapped views") },
  [ATLAS_CLASS_IMAGE] = { N_ ("module"), N_ ("modules") },
  [ATLAS_CLASS_PRIVATE] = { N_ ("private"), N_ ("private") },
  [ATLAS_CLASS_HEAP] = { N_ ("heap"), N_ ("heaps") },
  [ATLAS_CLASS_STACK] = { N_ ("stack"), N_ ("stacks") },
  [ATLAS_CLASS_SYSTEM] = { N_ ("system page"), N_ ("system pages") },
  [ATLAS_CLASS_NEVER] = { N_ ("never"), N_ ("never") },
};
_Static_assert(G_N_ELEMENTS (class_nouns) == ATLAS_N_CLASSES, "every class has a noun");

static char *
format_count (guint n, AtlasRegionClass region_class)
{
  return n == 1 ? g_strdup (_ (class_nouns[region_class].one))
                : g_strdup_printf ("%u %s", n, _ (class_nouns[region_class].many));
}

/* What stands together there: the name of its only allocation, or what most of them are, with
 * @n_classes kinds told. (transfer full) */
static char *
name_cluster (const AtlasStrip *strip, const Group *group, guint n_classes)
{
  const AtlasRegionSet *regions = strip->input->regions;
  guint n_allocations[ATLAS_N_CLASSES] = { 0 };
  guint n_all = 0;
  AtlasVa allocation_base_va = 0;
  const char *name = NULL;
  GString *text;

  if (group->last_index - group->first_index >= LOOK_AT_MAX)
    {
      g_autofree char *count = atlas_format_count (group->last_index - group->first_index + 1);

      return g_strdup_printf (_ ("%s regions"), count);
    }
  for (guint64 i = group->first_index; i <= group->last_index; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, i);

      if (!is_used (region) || (n_all > 0 && region->allocation_base_va == allocation_base_va))
        continue;
      n_all++;
      n_allocations[region->region_class]++;
      name = region->name;
      allocation_base_va = region->allocation_base_va;
    }
  if (n_all == 0)
    {
      const AtlasRegion *region = atlas_region_set_get_region (regions, group->first_index);

      return atlas_translate_kept (region->name != NULL ? region->name
                                                        : class_nouns[region->region_class].one);
    }
  if (n_all == 1 && name != NULL)
    return atlas_translate_kept (name);

  text = g_string_new (NULL);
  for (guint told = 0; told < n_classes; told++)
    {
      guint most = 0;
      g_autofree char *part = NULL;

      for (guint c = 1; c < ATLAS_N_CLASSES; c++)
        if (n_allocations[c] > n_allocations[most])
          most = c;
      if (n_allocations[most] == 0)
        break;
      part = format_count (n_allocations[most], (AtlasRegionClass) most);
      g_string_append_printf (text, "%s%s", told > 0 ? ", " : "", part);
      n_allocations[most] = 0;
    }
  return g_string_free (text, FALSE);
}

static char *
name_allocation (const AtlasStrip *strip, const Group *group)
{
  const AtlasRegion *region =
    atlas_region_set_get_region (strip->input->regions, group->first_index);

  return atlas_translate_kept (region->name != NULL ? region->name
                                                    : class_nouns[region->region_class].one);
}

/* Of the whole allocation, also of what is not seen. */
static char *
size_allocation (const AtlasStrip *strip, const Group *group)
{
  const AtlasRegionSet *regions = strip->input->regions;
  const AtlasRegion *first = atlas_region_set_get_region (regions, group->first_index);
  AtlasVa last_va;
  guint64 index = group->last_index;

  while (index + 1 < atlas_region_set_get_n_regions (regions) &&
         index - group->last_index < LOOK_AT_MAX &&
         is_used (atlas_region_set_get_region (regions, index + 1)) &&
         atlas_region_set_get_region (regions, index + 1)->allocation_base_va ==
           first->allocation_base_va)
    index++;
  last_va = atlas_region_get_last_va (atlas_region_set_get_region (regions, index));
  return atlas_format_size (last_va - MIN (first->allocation_base_va, first->base_va) + 1);
}

static gint
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *group_a = a;
  const Group *group_b = b;
  float width_a = group_a->to_px - group_a->from_px;
  float width_b = group_b->to_px - group_b->from_px;

  return width_a < width_b ? 1 : width_a > width_b ? -1 : 0;
}

static gboolean
place_name (AtlasStrip *strip, const Group *group, const char *text, gboolean may_stick_out)
{
  float text_px = atlas_text_estimate_px (ATLAS_FONT_SMALL, text);
  float from_px = MAX (group->from_px, 2.0f);
  float to_px = MIN (group->to_px, strip->width_px - 2.0f);
  float room_px = to_px - from_px;
  float x_px = from_px;

  if (room_px < text_px)
    {
      if (!may_stick_out || text_px + 4.0f > strip->width_px)
        return FALSE;
      x_px = CLAMP (floorf ((from_px + to_px - text_px) / 2.0f),
                    2.0f,
                    MAX (strip->width_px - text_px - 2.0f, 2.0f));
    }
  if (!atlas_lane_take (
        &strip->names, x_px - LABEL_SPACE_PX / 2.0f, x_px + text_px + LABEL_SPACE_PX / 2.0f))
    return FALSE;
  atlas_display_list_add_text (strip->list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               room_px < text_px ? ATLAS_ALIGN_CENTER : ATLAS_ALIGN_START,
                               x_px,
                               strip->names_y_px,
                               text_px,
                               NAME_HEIGHT_PX,
                               text);
  return TRUE;
}

/* First whole allocations that are wide enough for their own name, then what is left of clusters.
 */
void
atlas_strip_draw_names (AtlasStrip *strip)
{
  g_autoptr (GArray) groups = g_array_new (FALSE, FALSE, sizeof (Group));
  guint n_placed = 0;

  collect_allocations (strip, groups);
  g_array_sort (groups, compare_groups);
  for (guint i = 0; i < groups->len && n_placed < NAMES_MAX; i++)
    {
      const Group *group = &g_array_index (groups, Group, i);
      g_autofree char *name = NULL;
      g_autofree char *size = NULL;
      g_autofree char *both = NULL;

      if (group->to_px - group->from_px < 24.0f)
        break;
      name = name_allocation (strip, group);
      size = size_allocation (strip, group);
      both = g_strdup_printf ("%s · %s", name, size);
      n_placed +=
        (guint) (place_name (strip, group, both, FALSE) || place_name (strip, group, name, FALSE));
    }

  g_array_set_size (groups, 0);
  collect_clusters (strip, groups);
  g_array_sort (groups, compare_groups);
  for (guint i = 0; i < groups->len && n_placed < NAMES_MAX; i++)
    {
      const Group *group = &g_array_index (groups, Group, i);
      gboolean is_placed = FALSE;

      for (guint n_classes = 2; n_classes > 0 && !is_placed; n_classes--)
        {
          g_autofree char *name = name_cluster (strip, group, n_classes);

          is_placed = place_name (strip, group, name, TRUE);
        }
      n_placed += (guint) is_placed;
    }
}

/* ---- inside bars ---- */

#define BAR_LABEL_MIN_PX 40
#define BAR_LABELS_MAX 16u

static void
draw_bar_label (AtlasStrip *strip, const AtlasFoldSpan *span)
{
  const AtlasRegion *region = atlas_strip_get_first_region (strip, span);
  g_autofree char *size = atlas_format_size (region->size_bytes);
  g_autofree char *rights = region->state == ATLAS_STATE_COMMIT
                              ? atlas_protect_format_short (region->protect)
                              : g_strdup (_ (atlas_region_state_get_name (region->state)));
  /* On lines of a hatch or of pages a text needs a plate. */
  gboolean is_solid = atlas_strip_get_pattern (strip, span) == ATLAS_PATTERN_SOLID &&
                      !atlas_strip_shows_pages (strip, span);
  AtlasColor color = is_solid ? ATLAS_COLOR_ON_CLASS (region->region_class) : ATLAS_COLOR_TEXT;
  float from_px = (float) MAX (span->x_px, 0) + 5.0f;
  float room_px = (float) (span->x_px + span->width_px) - 4.0f - from_px;
  float rights_px = atlas_text_estimate_px (ATLAS_FONT_SMALL, rights);
  float size_px = atlas_text_estimate_px (ATLAS_FONT_SMALL, size);
  float text_px = MAX (rights_px, size_px);

  if (region->region_class == ATLAS_CLASS_NEVER || text_px > room_px)
    return;
  if (!is_solid)
    atlas_display_list_add_rect (strip->list,
                                 ATLAS_COLOR_VIEW,
                                 0.85f,
                                 ATLAS_PATTERN_SOLID,
                                 from_px - 2.0f,
                                 strip->bars_y_px + 3.0f,
                                 text_px,
                                 32.0f,
                                 3.0f);
  atlas_display_list_add_text (strip->list,
                               color,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               from_px,
                               strip->bars_y_px + 4.0f,
                               room_px,
                               15.0f,
                               rights);
  atlas_display_list_add_text (strip->list,
                               color,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_START,
                               from_px,
                               strip->bars_y_px + 19.0f,
                               room_px,
                               15.0f,
                               size);
}

void
atlas_strip_draw_bar_labels (AtlasStrip *strip)
{
  guint n_drawn = 0;

  if (strip->bars_height_px < 44.0f)
    return;
  for (guint i = 0; i < strip->spans->len && n_drawn < BAR_LABELS_MAX; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);
      AtlasVa middle_va;

      if (span->summary.n_regions > 1 || span->width_px < BAR_LABEL_MIN_PX ||
          atlas_fold_span_is_bare (span) || atlas_strip_shows_bytes (strip, span))
        continue;
      /* A break has its own label. */
      middle_va = span->first_va + (span->last_va - span->first_va) / 2;
      if (atlas_axis_get_segment (strip->input->axis,
                                  atlas_axis_find_va (strip->input->axis, middle_va))
            ->is_break)
        continue;
      draw_bar_label (strip, span);
      n_drawn++;
    }
}
