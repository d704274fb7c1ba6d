/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The parts of laying out a new process: what each puts into the address space, and the touches by
 * which the loader brings the first pages in. */

#include "windows/machine-private.h"

G_BEGIN_DECLS

/* Programs are put from here on, and the CFG bitmap below. */
#define ATLAS_LAYOUT_EXE_VA G_GUINT64_CONSTANT (0x7ff600000000)

typedef struct
{
  AtlasRegionClass region_class;
  const char *name;
  const char *reason;
  const char *source;
} AtlasLayoutWords;

/* FALSE when memory is short, all of them. */

gboolean
atlas_layout_touch (AtlasProcess *process, AtlasVa va, guint64 n_pages, AtlasAccess access);
/* Up to @n_pages of the range, in clusters, as code and data are used. */
gboolean atlas_layout_touch_some (AtlasProcess *process,
                                  AtlasRandom *random,
                                  AtlasVa va,
                                  guint64 n_range_pages,
                                  guint64 n_pages,
                                  AtlasAccess access);
/* The lowest room from @first_va on, or anywhere. */
gboolean atlas_layout_find_room (AtlasProcess *process,
                                 guint64 n_bytes,
                                 guint64 alignment_bytes,
                                 AtlasVa first_va,
                                 AtlasVa *base_va);
/* A view of all of @section at @base_va, which is free. */
AtlasVad *atlas_layout_map (AtlasProcess *process,
                            AtlasSection *section,
                            AtlasVa base_va,
                            guint8 protection,
                            const AtlasLayoutWords *words);

/* process-images.c */

/* From the top down, with room between some for images that this process does not load. */
gboolean atlas_layout_load_system_modules (AtlasProcess *process);
gboolean atlas_layout_load_program (AtlasProcess *process);

G_END_DECLS
