/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The parts of laying out a new process: what each puts into the address space, and the touches by
 * which the loader brings the first pages in. */

#include "windows/machine-private.h"
#include "windows/process-placement-private.h"

G_BEGIN_DECLS

#define ATLAS_LAYOUT_PEB_BLOCK_BYTES ATLAS_MB (2)
#define ATLAS_LAYOUT_PEB_PAGES 1u
#define ATLAS_LAYOUT_TEB_PAGES 2u
#define ATLAS_LAYOUT_STACK_BYTES ATLAS_MB (1)
/* One byte of the CFG bitmap tells of 64 bytes of addresses: two bits for every 16. */
#define ATLAS_LAYOUT_CFG_BYTES_PER_BYTE 64u
#define ATLAS_LAYOUT_SHARED_PAGES 0x100u

typedef struct
{
  AtlasRegionClass region_class;
  const char *name;
  const char *reason;
  const char *source;
} AtlasLayoutWords;

/* What lies at the start of the bottom-up area, in this order. */
typedef struct
{
  AtlasLayoutWords words;
  gboolean is_heap; /* private; else a view of a file, read-only */
  guint16 n_pages;
  guint16 n_committed_pages; /* private */
  guint16 n_touched_pages;
  guint8 fill; /* view */
} AtlasLayoutItem;

/* process-items.c */

/* Names of items, for whoever looks for one: the address tells which. */
extern const char atlas_layout_api_set_map_name[];
/* The process's own heap. */
extern const char atlas_layout_process_heap_name[];
const AtlasLayoutItem *atlas_layout_get_items (guint *n_items);

/* process-loader.c. FALSE when memory is short, all of them that can tell. */

gboolean
atlas_layout_touch (AtlasProcess *process, AtlasVa va, guint64 n_pages, AtlasAccess access);
/* Up to @n_pages of the range, in clusters, as code and data are used. */
gboolean atlas_layout_touch_some (AtlasProcess *process,
                                  AtlasRandom *random,
                                  AtlasVa va,
                                  guint64 n_range_pages,
                                  guint64 n_pages,
                                  AtlasAccess access);
void atlas_layout_set_words (AtlasVad *vad, const AtlasLayoutWords *words);
/* A view of all of @section at @base_va, which is free. */
AtlasVad *atlas_layout_map (AtlasProcess *process,
                            AtlasSection *section,
                            AtlasVa base_va,
                            guint8 protection,
                            const AtlasLayoutWords *words);

/* process-images.c */

gboolean atlas_layout_load_system_modules (AtlasProcess *process, const AtlasPlacement *placement);
/* The program's own file, when it has one. */
gboolean atlas_layout_load_file (AtlasProcess *process);
/* Sets what the header of the image file decides. @n_pages: of the image. */
AtlasStatus atlas_process_options_read_image (AtlasProcessOptions *options, guint64 *n_pages);
gboolean atlas_layout_load_program (AtlasProcess *process, const AtlasPlacement *placement);

G_END_DECLS
