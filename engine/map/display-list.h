/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* AtlasDisplayList: a picture as a flat list of simple marks, made by the engine, painted by
 * whoever has a surface (cairo for PNG, SVG and PDF; GtkSnapshot for the screen).
 *
 *   space ─► axis, view ─► fold ─► [rect][rect][text][zigzag][curve]… ─► painter + palette
 *
 * Colours are roles; a palette turns them into RGB for light, dark and high contrast. Coordinates
 * are pixels from the top left, already clipped to about the picture: an address never gets here.
 * Marks are painted in order.
 */

#include "space/region.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_COLOR_NONE,
  ATLAS_COLOR_VIEW,       /* background of a picture */
  ATLAS_COLOR_TEXT,
  ATLAS_COLOR_DIM_TEXT,
  ATLAS_COLOR_HAIRLINE,
  ATLAS_COLOR_CELL,       /* an absent table entry */
  ATLAS_COLOR_ACCENT,
  ATLAS_COLOR_SELECTION,  /* wash behind what is selected */
  ATLAS_COLOR_HOVER,
  ATLAS_COLOR_WARNING,    /* the mark of a writable and executable page */
  ATLAS_COLOR_SUCCESS,
  ATLAS_COLOR_ERROR,
  ATLAS_COLOR_EDGE,       /* borders that only high contrast shows */
  ATLAS_COLOR_HEAT,       /* how recently a page was used, by its share */
  ATLAS_COLOR_LEVEL_SIGN, /* hues of the ribbon: sign, PML5 … PT, offset/page */
  ATLAS_COLOR_LEVEL_PML5,
  ATLAS_COLOR_LEVEL_PML4,
  ATLAS_COLOR_LEVEL_PDPT,
  ATLAS_COLOR_LEVEL_PD,
  ATLAS_COLOR_LEVEL_PT,
  ATLAS_COLOR_LEVEL_PAGE,
  ATLAS_COLOR_CLASS_FIRST, /* + AtlasRegionClass */
  ATLAS_COLOR_ON_CLASS_FIRST = ATLAS_COLOR_CLASS_FIRST + ATLAS_N_CLASSES, /* text on a solid bar */
  ATLAS_N_COLORS = ATLAS_COLOR_ON_CLASS_FIRST + ATLAS_N_CLASSES,
} AtlasColor;

#define ATLAS_COLOR_OF_CLASS(region_class) ((AtlasColor) (ATLAS_COLOR_CLASS_FIRST + (region_class)))
#define ATLAS_COLOR_ON_CLASS(region_class)                                                         \
  ((AtlasColor) (ATLAS_COLOR_ON_CLASS_FIRST + (region_class)))

static inline AtlasColor
atlas_color_of_level (guint level)
{
  return (AtlasColor) (ATLAS_COLOR_LEVEL_PML5 + (5u - level));
}

typedef enum
{
  ATLAS_PATTERN_SOLID,
  ATLAS_PATTERN_HATCH,       /* reserved: diagonal lines over a light wash */
  ATLAS_PATTERN_CROSS_HATCH, /* guard */
  ATLAS_PATTERN_NEVER,       /* never allocatable: the other diagonal */
  ATLAS_PATTERN_FOLD,        /* several regions in too few pixels: horizontal notches */
  ATLAS_PATTERN_OUTLINE,     /* 1 px frame inside the rectangle */
  ATLAS_PATTERN_THICK_OUTLINE, /* 2 px frame */
} AtlasPattern;

typedef enum
{
  ATLAS_MARK_RECT,
  ATLAS_MARK_TEXT,
  ATLAS_MARK_LINE,   /* straight, 1 px */
  ATLAS_MARK_ZIGZAG, /* a break: vertical zigzag from (x, y) down height */
  ATLAS_MARK_CURVE,  /* S-curve from (x, y) to (x + width, y + height) with an arrow head
                      * at its end */
  ATLAS_MARK_RASTER, /* a grid of coloured cells that fills the rectangle */
} AtlasMarkKind;

/* A cell of a raster is an AtlasColor; with this bit, a light wash of it. NONE shows nothing. */
#define ATLAS_RASTER_WASH 0x80u
#define ATLAS_RASTER_WASH_ALPHA 0.38f

/* How far a zigzag swings, from x_px on. */
#define ATLAS_ZIGZAG_WIDTH_PX 6.0f

typedef enum
{
  ATLAS_ALIGN_START,
  ATLAS_ALIGN_CENTER,
  ATLAS_ALIGN_END,
} AtlasAlign;

typedef enum
{
  ATLAS_FONT_SMALL,   /* 9 pt sans, tabular digits */
  ATLAS_FONT_BODY,    /* 10 pt */
  ATLAS_FONT_BOLD,    /* 10 pt bold */
  ATLAS_FONT_MONO,    /* 10 pt monospace */
  ATLAS_FONT_MONO_SMALL, /* 9 pt monospace */
  ATLAS_N_FONTS,
} AtlasFont;

typedef struct
{
  AtlasMarkKind kind;
  AtlasColor color;
  float alpha;         /* 0 … 1, on top of the colour's own */
  AtlasPattern pattern; /* RECT */
  float x_px, y_px, width_px, height_px;
  float radius_px;     /* RECT: rounded corners; CURVE: line width */
  float progress;      /* CURVE: drawn part, 0 … 1 */
  /* TEXT: aligned inside the rectangle, vertically centred, ellipsised at its width;
   * is_vertical turns it a quarter left (reads upwards) inside the same rectangle. */
  AtlasFont font;
  AtlasAlign align;
  gboolean is_vertical;
  guint text_offset;   /* into the list's text storage */
  guint raster_index;  /* RASTER: into the list's rasters */
  guint columns, rows; /* RASTER */
} AtlasMark;

typedef struct _AtlasDisplayList AtlasDisplayList;

/* An empty one. */
ATLAS_AVAILABLE AtlasDisplayList *atlas_display_list_new (void);
ATLAS_AVAILABLE void atlas_display_list_free (AtlasDisplayList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasDisplayList, atlas_display_list_free)
/* Forgets all marks, keeps the storage. */
ATLAS_AVAILABLE void atlas_display_list_clear (AtlasDisplayList *list);

/* Of all kinds, in the order of painting. */
ATLAS_AVAILABLE guint atlas_display_list_get_n_marks (const AtlasDisplayList *list);
/* Borrowed until the list changes. */
ATLAS_AVAILABLE const AtlasMark *atlas_display_list_get_marks (const AtlasDisplayList *list);
ATLAS_AVAILABLE const char *
atlas_display_list_get_text (const AtlasDisplayList *list, const AtlasMark *mark);
/* The cells of a raster, row by row. The same bytes mean the same picture: what was made of them
 * may be kept for as long as a reference is. */
ATLAS_AVAILABLE GBytes *
atlas_display_list_get_raster (const AtlasDisplayList *list, const AtlasMark *mark);

/* Append a mark each; see AtlasMark for what its fields mean. Texts are copied. */
ATLAS_AVAILABLE void atlas_display_list_add_rect (AtlasDisplayList *list,
                                                  AtlasColor color,
                                                  float alpha,
                                                  AtlasPattern pattern,
                                                  float x_px,
                                                  float y_px,
                                                  float width_px,
                                                  float height_px,
                                                  float radius_px);
ATLAS_AVAILABLE void atlas_display_list_add_text (AtlasDisplayList *list,
                                                  AtlasColor color,
                                                  AtlasFont font,
                                                  AtlasAlign align,
                                                  float x_px,
                                                  float y_px,
                                                  float width_px,
                                                  float height_px,
                                                  const char *text);
ATLAS_AVAILABLE void atlas_display_list_add_vertical_text (AtlasDisplayList *list,
                                                           AtlasColor color,
                                                           AtlasFont font,
                                                           AtlasAlign align,
                                                           float x_px,
                                                           float y_px,
                                                           float width_px,
                                                           float height_px,
                                                           const char *text);
ATLAS_AVAILABLE void atlas_display_list_add_line (AtlasDisplayList *list,
                                                  AtlasColor color,
                                                  float alpha,
                                                  float x0_px,
                                                  float y0_px,
                                                  float x1_px,
                                                  float y1_px);
ATLAS_AVAILABLE void atlas_display_list_add_zigzag (
  AtlasDisplayList *list, AtlasColor color, float alpha, float x_px, float y_px, float height_px);
ATLAS_AVAILABLE void atlas_display_list_add_curve (AtlasDisplayList *list,
                                                   AtlasColor color,
                                                   float alpha,
                                                   float x0_px,
                                                   float y0_px,
                                                   float x1_px,
                                                   float y1_px,
                                                   float line_px,
                                                   float progress);
/* @cells: @columns × @rows bytes; the list keeps a reference. */
ATLAS_AVAILABLE void atlas_display_list_add_raster (AtlasDisplayList *list,
                                                    GBytes *cells,
                                                    guint columns,
                                                    guint rows,
                                                    float x_px,
                                                    float y_px,
                                                    float width_px,
                                                    float height_px);

G_END_DECLS
