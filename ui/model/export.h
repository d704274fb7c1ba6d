/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What can be taken out of a document as a file: pictures of what is seen, tables of what there is,
 * and the bytes themselves. One table of kinds; the ending of the name chooses the format.
 *
 *   map · tables · walk  ─► display list ─► cairo ─► .png .svg .pdf, paper
 *   regions · steps      ─► .csv .json
 *   bytes                ─► .bin
 *   process, memory      ─► .dmp · .elf .lime, of a simulation
 */

#include "model/bookmarks.h"
#include "model/viewport.h"
#include "paint/palette.h"
#include <cairo.h>

G_BEGIN_DECLS

typedef enum
{
  ATLAS_EXPORT_MAP,     /* as it is seen now, in its layout */
  ATLAS_EXPORT_TABLES,  /* the way of the selected address through the page tables */
  ATLAS_EXPORT_WALK,    /* the story of the access */
  ATLAS_EXPORT_REGIONS, /* all of them */
  ATLAS_EXPORT_STEPS,   /* the story as a table */
  ATLAS_EXPORT_BYTES,   /* of the selected region */
  ATLAS_EXPORT_PROCESS, /* of a simulation, as a minidump */
  ATLAS_EXPORT_MEMORY,  /* of a simulation: its physical memory */
  ATLAS_N_EXPORTS,
} AtlasExportKind;

typedef struct
{
  const char *id;             /* "map" */
  const char *title;          /* "Map", translated by the caller */
  const char *const *endings; /* "png", …; the first is the one to suggest */
} AtlasExportInfo;

const AtlasExportInfo *atlas_export_get_info (AtlasExportKind kind);
/* FALSE when there is none of that name. */
gboolean atlas_export_find (const char *id, AtlasExportKind *kind);
/* There is something of that kind now. */
gboolean atlas_export_is_possible (AtlasExportKind kind, AtlasViewport *viewport);
/* Writes it; on failure there is no file. A map has @bookmarks (or NULL) as its flags. @n_unknown
 * (out): bytes that nobody knows, written as 0. */
gboolean atlas_export_write (AtlasExportKind kind,
                             AtlasViewport *viewport,
                             AtlasBookmarks *bookmarks,
                             AtlasPaletteKind palette,
                             const char *path,
                             guint64 *n_unknown,
                             GError **error);

/* Pages of paper: map and tables, then the walk. */
guint atlas_export_get_n_pages (AtlasViewport *viewport);
/* Draws a page into @width × @height units of @cr, always in light colours. */
void atlas_export_draw_page (AtlasViewport *viewport,
                             AtlasBookmarks *bookmarks,
                             guint page,
                             cairo_t *cr,
                             double width,
                             double height);

G_END_DECLS
