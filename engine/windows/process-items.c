/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/process-layout-private.h"

#include <glib/gi18n-lib.h>

#define MICROSOFT_HEAP "Microsoft Learn, Heap Functions"
#define SYSTEM_INFORMER "System Informer, memprv.c"

const char atlas_layout_api_set_map_name[] = N_ ("API set map");
const char atlas_layout_process_heap_name[] = N_ ("process heap");

static const AtlasLayoutItem items[] = {
  { .words = { ATLAS_CLASS_MAPPED,
               N_ ("activation context data"),
               N_ (
                 "The system's default manifest, parsed: which versions of DLLs a program wants."),
               SYSTEM_INFORMER },
    .n_pages = 3,
    .n_touched_pages = 1,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_MAPPED,
               atlas_layout_api_set_map_name,
               N_ (
                 "Tells the loader which DLL stands behind each virtual DLL name (api-ms-win-…)."),
               SYSTEM_INFORMER },
    .n_pages = 0x1f,
    .n_touched_pages = 0x14,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_PRIVATE,
               N_ ("process parameters"),
               N_ ("Command line, current directory and environment, written by the process that "
                   "started this one."),
               SYSTEM_INFORMER },
    .is_heap = TRUE,
    .n_pages = 2,
    .n_committed_pages = 2,
    .n_touched_pages = 2 },
  { .words = { ATLAS_CLASS_MAPPED,
               N_ ("ANSI code page (C_1252.NLS)"),
               N_ ("Table from the program's 8-bit characters to Unicode and back."),
               SYSTEM_INFORMER },
    .n_pages = 0x11,
    .n_touched_pages = 6,
    .fill = ATLAS_FILL_TABLE },
  { .words = { ATLAS_CLASS_MAPPED,
               N_ ("OEM code page (C_437.NLS)"),
               N_ ("Table from the console's 8-bit characters to Unicode and back."),
               SYSTEM_INFORMER },
    .n_pages = 0x11,
    .n_touched_pages = 3,
    .fill = ATLAS_FILL_TABLE },
  { .words = { ATLAS_CLASS_MAPPED,
               N_ ("casing table (L_INTL.NLS)"),
               N_ ("Upper and lower case of every character."),
               SYSTEM_INFORMER },
    .n_pages = 3,
    .n_touched_pages = 3,
    .fill = ATLAS_FILL_TABLE },
  { .words = { ATLAS_CLASS_HEAP,
               "heap 2",
               N_ ("A second heap that the C runtime made; it has room to grow in place."),
               MICROSOFT_HEAP },
    .is_heap = TRUE,
    .n_pages = 0x32,
    .n_committed_pages = 2,
    .n_touched_pages = 2 },
  { .words = { ATLAS_CLASS_MAPPED,
               N_ ("locale data (LOCALE.NLS)"),
               N_ ("Names, formats and sorting of all languages, shared by all processes."),
               SYSTEM_INFORMER },
    .n_pages = 0xce,
    .n_touched_pages = 0x12,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_HEAP,
               atlas_layout_process_heap_name,
               N_ (
                 "Where malloc and HeapAlloc find small blocks: 1 MB is reserved, and committed as "
                 "it fills up."),
               MICROSOFT_HEAP },
    .is_heap = TRUE,
    .n_pages = 0x100,
    .n_committed_pages = 0x33,
    .n_touched_pages = 0x2c },
  { .words = { ATLAS_CLASS_HEAP,
               N_ ("heap segment"),
               N_ ("A heap that has outgrown its first range goes on in a segment like this."),
               MICROSOFT_HEAP },
    .is_heap = TRUE,
    .n_pages = 0x400,
    .n_committed_pages = 0x11,
    .n_touched_pages = 0xc },
  { .words = { ATLAS_CLASS_MAPPED,
               N_ ("GDI shared handle table"),
               N_ ("Handles of pens, brushes and bitmaps, which the window manager keeps and "
                   "programs "
                   "may read."),
               SYSTEM_INFORMER },
    .n_pages = 0x181,
    .n_touched_pages = 2,
    .fill = ATLAS_FILL_DATA },
  { .words = { ATLAS_CLASS_MAPPED,
               N_ ("sorting tables (SortDefault.nls)"),
               N_ ("Weights by which strings are compared."),
               SYSTEM_INFORMER },
    .n_pages = 0x337,
    .n_touched_pages = 8,
    .fill = ATLAS_FILL_TABLE },
};

_Static_assert(G_N_ELEMENTS (items) <= ATLAS_PLACEMENT_ITEMS_MAX, "a placement has room for all");

const AtlasLayoutItem *
atlas_layout_get_items (guint *n_items)
{
  *n_items = G_N_ELEMENTS (items);
  return items;
}
