/* SPDX-License-Identifier: LGPL-3.0-or-later */

/* What the strip shows from near: slots of 64 KB, pages, bytes. */

#include "map/strip-private.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "paging/address.h"
#include "paging/entry.h"
#include "space/space.h"

#define SLOT_BYTES ATLAS_KB (64)
#define SLOT_MIN_PX 14.0
#define PAGE_LABEL_MIN_PX 30.0
/* The entry's 16 digits, and where its page is in words. */
#define ENTRY_MIN_PX 132.0
#define PLACE_MIN_PX 84.0
#define PLACE_HEIGHT_PX 4.0f
/* At the nearest there are 1/20 as many bytes as pixels; this is enough for 5,000 of those. */
#define BYTES_MAX 256u

static float
get_x (const AtlasStrip *strip, AtlasVa va)
{
  return (float) floor (atlas_view_va_to_x (&strip->input->view, strip->input->axis, va));
}

/* Allocations begin on multiples of 64 KB; the grid is seen where there is room for more. */
void
atlas_strip_draw_slots (AtlasStrip *strip)
{
  const AtlasStripInput *input = strip->input;

  if (!atlas_region_set_has_slots (input->regions))
    return;
  for (guint i = 0; i < strip->spans->len; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);
      AtlasVa va;

      if (!atlas_fold_span_is_bare (span) ||
          atlas_strip_get_byte_px (strip, span->first_va) * (double) SLOT_BYTES < SLOT_MIN_PX)
        continue;
      va = (span->first_va + (SLOT_BYTES - 1)) & ~(SLOT_BYTES - 1);
      while (va >= span->first_va && va <= span->last_va)
        {
          if (atlas_strip_get_byte_px (strip, va) * (double) SLOT_BYTES < SLOT_MIN_PX)
            break;
          atlas_display_list_add_line (strip->list,
                                       ATLAS_COLOR_HAIRLINE,
                                       1.0f,
                                       get_x (strip, va),
                                       strip->bars_y_px,
                                       get_x (strip, va),
                                       strip->bars_y_px + strip->bars_height_px);
          if (atlas_view_va_to_x (&input->view, input->axis, va) > strip->width_px)
            break;
          va += SLOT_BYTES;
        }
    }
}

/* The index that its page-table entry has, so that map and tables can be compared. */
static void
draw_page_label (AtlasStrip *strip, const AtlasFoldSpan *span, AtlasVa va, double page_px)
{
  gboolean is_solid = atlas_strip_get_pattern (strip, span) == ATLAS_PATTERN_SOLID;
  float x_px = get_x (strip, va);
  float y_px = strip->bars_y_px + strip->bars_height_px - 19.0f -
               (strip->input->get_page != NULL ? PLACE_HEIGHT_PX : 0.0f);
  char label[16];
  float text_px;

  g_snprintf (
    label, sizeof label, page_px >= 52.0 ? "PT %u" : "%u", atlas_va_index (va, ATLAS_LEVEL_PT));
  text_px = atlas_text_estimate_px (ATLAS_FONT_SMALL, label);
  if (x_px < 0.0f || (float) page_px < text_px || x_px + (float) page_px > strip->width_px)
    return;
  if (!is_solid)
    atlas_display_list_add_rect (strip->list,
                                 ATLAS_COLOR_VIEW,
                                 0.85f,
                                 ATLAS_PATTERN_SOLID,
                                 floorf (x_px + ((float) page_px - text_px) / 2.0f),
                                 y_px + 1.0f,
                                 text_px,
                                 15.0f,
                                 3.0f);
  atlas_display_list_add_text (strip->list,
                               is_solid ? ATLAS_COLOR_ON_CLASS (span->summary.top_class)
                                        : ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_SMALL,
                               ATLAS_ALIGN_CENTER,
                               x_px,
                               y_px,
                               (float) page_px,
                               16.0f,
                               label);
}

/* A band below the page, and words where there is room: nobody has to tell colours apart. */
static const struct
{
  const char *name;
  AtlasColor color;
} places[ATLAS_N_PAGE_PLACES] = {
  [ATLAS_PAGE_PRESENT] = { N_ ("present"), ATLAS_COLOR_SUCCESS },
  [ATLAS_PAGE_DEMAND_ZERO] = { N_ ("demand zero"), ATLAS_COLOR_DIM_TEXT },
  [ATLAS_PAGE_TRANSITION] = { N_ ("transition"), ATLAS_COLOR_WARNING },
  [ATLAS_PAGE_IN_FILE] = { N_ ("page file"), ATLAS_COLOR_ERROR },
  [ATLAS_PAGE_SHARED] = { N_ ("prototype"), ATLAS_COLOR_LEVEL_PAGE },
  [ATLAS_PAGE_ABSENT] = { N_ ("not present"), ATLAS_COLOR_NONE },
};

gsize
atlas_strip_peek_space (gpointer space,
                        AtlasVa va,
                        guint8 *bytes,
                        gboolean *is_known,
                        gsize size_bytes)
{
  return atlas_space_peek (space, va, bytes, is_known, size_bytes);
}

const char *
atlas_page_place_get_name (AtlasPagePlace place)
{
  g_return_val_if_fail (place < ATLAS_N_PAGE_PLACES, NULL);
  return places[place].name;
}

static void
draw_plated_text (AtlasStrip *strip,
                  AtlasFont font,
                  float x_px,
                  float y_px,
                  float width_px,
                  const char *text)
{
  float text_px = MIN (atlas_text_estimate_px (font, text), width_px);

  atlas_display_list_add_rect (strip->list,
                               ATLAS_COLOR_VIEW,
                               0.88f,
                               ATLAS_PATTERN_SOLID,
                               floorf (x_px + (width_px - text_px) / 2.0f),
                               y_px + 1.0f,
                               text_px,
                               15.0f,
                               3.0f);
  atlas_display_list_add_text (
    strip->list, ATLAS_COLOR_TEXT, font, ATLAS_ALIGN_CENTER, x_px, y_px, width_px, 16.0f, text);
}

/* "present, A D": what the processor has noted is told of a page that is there. */
static void
describe_place (const AtlasPageLook *look, char *text, gsize size_bytes)
{
  gboolean is_accessed = look->place == ATLAS_PAGE_PRESENT && (look->entry & ATLAS_ENTRY_A) != 0;
  gboolean is_dirty = look->place == ATLAS_PAGE_PRESENT && (look->entry & ATLAS_ENTRY_D) != 0;

  g_snprintf (text,
              size_bytes,
              "%s%s%s%s",
              _ (places[look->place].name),
              is_accessed || is_dirty ? "," : "",
              is_accessed ? " A" : "",
              is_dirty ? " D" : "");
}

static void
draw_place (AtlasStrip *strip, const AtlasFoldSpan *span, AtlasVa va, double page_px)
{
  const AtlasStripInput *input = strip->input;
  float x_px = get_x (strip, va);
  float bottom_px = strip->bars_y_px + strip->bars_height_px;
  AtlasPageLook look;
  char place[64];
  char entry[20];

  if (input->get_page == NULL || x_px > strip->width_px || x_px + (float) page_px < 0.0f ||
      !input->get_page (input->page_data, MAX (va, span->first_va), &look))
    return;
  /* Of what is free, only what an entry tells of all the same. */
  if (atlas_fold_span_is_bare (span) && (look.entry == 0 || look.place == ATLAS_PAGE_PRESENT))
    return;
  if (places[look.place].color != ATLAS_COLOR_NONE)
    atlas_display_list_add_rect (strip->list,
                                 places[look.place].color,
                                 1.0f,
                                 ATLAS_PATTERN_SOLID,
                                 MAX (x_px, 0.0f),
                                 bottom_px - PLACE_HEIGHT_PX,
                                 MIN (x_px + (float) page_px - 1.0f, strip->width_px) -
                                   MAX (x_px, 0.0f),
                                 PLACE_HEIGHT_PX,
                                 0.0f);
  if (page_px < PLACE_MIN_PX || x_px < 0.0f || x_px + (float) page_px > strip->width_px)
    return;
  describe_place (&look, place, sizeof place);
  draw_plated_text (
    strip, ATLAS_FONT_SMALL, x_px, bottom_px - 36.0f - PLACE_HEIGHT_PX, (float) page_px, place);
  if (page_px < ENTRY_MIN_PX || strip->bars_height_px < 100.0f)
    return;
  g_snprintf (entry, sizeof entry, "%016" G_GINT64_MODIFIER "x", look.entry);
  draw_plated_text (strip,
                    ATLAS_FONT_MONO_SMALL,
                    x_px,
                    bottom_px - 54.0f - PLACE_HEIGHT_PX,
                    (float) page_px,
                    entry);
}

static void
draw_pages_of (AtlasStrip *strip, const AtlasFoldSpan *span, gboolean is_labelled)
{
  AtlasVa va = atlas_page_floor (span->first_va);

  for (;;)
    {
      double page_px =
        atlas_strip_get_byte_px (strip, MAX (va, span->first_va)) * (double) ATLAS_PAGE_BYTES;

      if (page_px < ATLAS_STRIP_PAGE_MIN_PX)
        break;
      if (va > span->first_va && !atlas_fold_span_is_bare (span))
        atlas_display_list_add_line (strip->list,
                                     ATLAS_COLOR_VIEW,
                                     1.0f,
                                     get_x (strip, va) - 1.0f,
                                     strip->bars_y_px,
                                     get_x (strip, va) - 1.0f,
                                     strip->bars_y_px + strip->bars_height_px);
      draw_place (strip, span, va, page_px);
      if (is_labelled && page_px >= PAGE_LABEL_MIN_PX && !atlas_fold_span_is_bare (span))
        draw_page_label (strip, span, va, page_px);
      if (span->last_va - va < ATLAS_PAGE_BYTES || get_x (strip, va) > strip->width_px)
        break;
      va += ATLAS_PAGE_BYTES;
    }
}

void
atlas_strip_draw_pages (AtlasStrip *strip)
{
  for (guint i = 0; i < strip->spans->len; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);

      if (atlas_fold_span_is_bare (span) && strip->input->get_page == NULL)
        continue;
      if (atlas_strip_shows_pages (strip, span))
        draw_pages_of (strip, span, strip->bars_height_px >= 60.0f);
    }
}

/* ---- bytes ---- */

static void
draw_byte (AtlasStrip *strip,
           const AtlasFoldSpan *span,
           AtlasVa va,
           gboolean is_known,
           guint8 value)
{
  float x_px = get_x (strip, va);
  float width_px = ceilf ((float) atlas_strip_get_byte_px (strip, va));
  float middle_px = strip->bars_y_px + strip->bars_height_px / 2.0f;
  char text[8];

  atlas_display_list_add_rect (strip->list,
                               ATLAS_COLOR_OF_CLASS (span->summary.top_class),
                               (va & 1) != 0 ? 0.14f : 0.22f,
                               atlas_strip_get_pattern (strip, span) == ATLAS_PATTERN_SOLID
                                 ? ATLAS_PATTERN_SOLID
                                 : ATLAS_PATTERN_HATCH,
                               x_px,
                               strip->bars_y_px,
                               width_px,
                               strip->bars_height_px,
                               0.0f);
  if (x_px < -width_px / 2.0f || x_px + width_px / 2.0f > strip->width_px)
    return;
  g_snprintf (text, sizeof text, is_known ? "%02x" : "··", value);
  atlas_display_list_add_text (strip->list,
                               is_known ? ATLAS_COLOR_TEXT : ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_MONO_SMALL,
                               ATLAS_ALIGN_CENTER,
                               x_px,
                               middle_px - 18.0f,
                               width_px,
                               18.0f,
                               text);
  if (!is_known || !g_ascii_isgraph (value))
    return;
  g_snprintf (text, sizeof text, "%c", value);
  atlas_display_list_add_text (strip->list,
                               ATLAS_COLOR_DIM_TEXT,
                               ATLAS_FONT_MONO_SMALL,
                               ATLAS_ALIGN_CENTER,
                               x_px,
                               middle_px + 1.0f,
                               width_px,
                               18.0f,
                               text);
}

static void
draw_bytes_of (AtlasStrip *strip, const AtlasFoldSpan *span)
{
  const AtlasStripInput *input = strip->input;
  guint8 bytes[BYTES_MAX];
  gboolean is_known[BYTES_MAX];
  gsize n_bytes = (gsize) MIN (span->last_va - span->first_va, BYTES_MAX - 1) + 1;

  memset (bytes, 0, sizeof bytes);
  memset (is_known, 0, sizeof is_known);
  if (input->peek != NULL)
    input->peek (input->peek_data, span->first_va, bytes, is_known, n_bytes);
  for (gsize i = 0; i < n_bytes; i++)
    {
      if (get_x (strip, span->first_va + i) > strip->width_px)
        break;
      draw_byte (strip, span, span->first_va + i, is_known[i], bytes[i]);
    }
}

void
atlas_strip_draw_bytes (AtlasStrip *strip)
{
  for (guint i = 0; i < strip->spans->len; i++)
    {
      const AtlasFoldSpan *span = atlas_strip_get_span (strip, i);

      if (!atlas_fold_span_is_bare (span) && atlas_strip_shows_bytes (strip, span))
        draw_bytes_of (strip, span);
    }
}
