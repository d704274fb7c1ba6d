/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A section as the objects that stand behind it.
 *
 *   ┌──────────────┐      header R         ▪                        ┌─────────────────┐
 *   │ section      │      .text  X·R  ▪▪▪▪▫▫▫▪▪▫▫▫▫▫▫▫▫▫       ───► │ demo.exe 1344   │
 *   │ 2 references │ ───► .rdata R    ▪▫▫▫▫▫                        │ 00007ff6`134d…  │
 *   └──────┬───────┘      .data  WC   ▪▨                       ───► ├─────────────────┤
 *   ┌──────┴───────┐      subsections; a cell a prototype entry     │ demo.exe 1784   │
 *   │ control area │      (or several), by where its page is        └─────────────────┘
 *   └──────────────┘                                                 views
 */

#include "map/display-list.h"
#include "windows/process.h"
#include "windows/section.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasSystem *system;
  const AtlasSection *section;
  AtlasProcess *process; /* the current one */
  guint width_px;
  gboolean has_selection;
  AtlasVa selected_va; /* in the current process */
} AtlasSectionPictureInput;

/* Adds the picture to @list; returns its height. */
guint atlas_section_picture_draw (AtlasDisplayList *list, const AtlasSectionPictureInput *input);

typedef struct
{
  gboolean is_page; /* a cell: pages first_page … first_page + n_pages - 1 of the section */
  guint64 first_page;
  guint64 n_pages;
  AtlasProcess *process; /* a view; of a cell the current process when it has one, else NULL */
  AtlasVa va;            /* where the view, or the cell's first page in it, is */
} AtlasSectionHit;

gboolean atlas_section_picture_pick (const AtlasSectionPictureInput *input,
                                     double x_px,
                                     double y_px,
                                     AtlasSectionHit *hit);

/* "image", "file", "paging file". */
const char *atlas_section_kind_get_title (AtlasSectionKind kind);

G_END_DECLS
