/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A small machine with a paging file, and what tests of paging do to it. */

#include "windows-fixture.h"

#include "windows/fault.h"
#include "windows/frames-private.h"
#include "windows/pager-private.h"
#include "windows/section-private.h"
#include "windows/virtual.h"
#include "windows/working-set-private.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define PAGE ATLAS_PAGE_BYTES
#define SECOND ((guint64) 10000000)

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  AtlasFrames *frames;
} Paging;

static inline void
paging_allocate (AtlasProcess *process, AtlasVa va, guint64 n_pages, guint32 protect)
{
  guint64 n_bytes = n_pages * PAGE;

  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     process, &va, 0, &n_bytes, ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT, protect),
                   ==,
                   ATLAS_STATUS_SUCCESS);
}

/* 64 MB, a paging file of 16 MB, a bare process with @n_pages of READWRITE memory at BASE. */
static inline void
paging_set_up (Paging *paging, guint64 n_pages)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;

  options.memory_bytes = ATLAS_MB (64);
  paging->system = atlas_system_new (&options, NULL);
  paging->frames = atlas_system_get_frames (paging->system);
  g_assert_cmphex (
    atlas_system_add_page_file (paging->system, ATLAS_MB (16), ATLAS_MB (16)), ==, 0);
  paging->process = make_process (paging->system, TRUE);
  if (n_pages > 0)
    paging_allocate (paging->process, BASE, n_pages, ATLAS_PAGE_READWRITE);
}

static inline void
paging_tear_down (Paging *paging)
{
  atlas_system_free (paging->system);
}

static inline void
paging_map_again (AtlasProcess *process, AtlasSection *section, AtlasVa va, guint8 protection)
{
  guint64 first_vpn = va >> ATLAS_PAGE_SHIFT;
  AtlasVad *vad = atlas_vad_tree_insert (
    &process->vads, first_vpn, first_vpn + atlas_section_get_n_pages (section) - 1u);

  vad->kind = ATLAS_VAD_MAPPED;
  vad->protection = protection;
  vad->section = section;
  section->n_views++;
}

static inline AtlasSection *
paging_map (Paging *paging,
            AtlasProcess *process,
            AtlasSectionKind kind,
            AtlasVa va,
            guint64 n_pages,
            guint8 protection)
{
  const AtlasSubsection whole = { .n_pages = n_pages,
                                  .protection = ATLAS_PROTECTION_READWRITE,
                                  .fill = kind == ATLAS_SECTION_PAGE_FILE ? ATLAS_FILL_ZERO
                                                                          : ATLAS_FILL_DATA };
  AtlasSection *section = atlas_section_new (kind, "a.dat", &whole, 1, NULL, 1);

  atlas_system_keep_section (paging->system, section);
  paging_map_again (process, section, va, protection);
  return section;
}

static inline AtlasStatus
paging_write (AtlasProcess *process, AtlasVa va, guint64 value)
{
  return atlas_process_access (
    process, va, ATLAS_ACCESS_WRITE, FALSE, &value, sizeof value, NULL, NULL);
}

static inline guint64
paging_read (AtlasProcess *process, AtlasVa va)
{
  guint64 value = 0;

  g_assert_cmphex (
    atlas_process_access (process, va, ATLAS_ACCESS_READ, FALSE, &value, sizeof value, NULL, NULL),
    ==,
    0);
  return value;
}

static inline AtlasPteKind
paging_get_kind (AtlasProcess *process, AtlasVa va)
{
  AtlasPa entry_pa;

  return atlas_pte_get_kind (atlas_process_find_pte (process, va, &entry_pa));
}

/* Takes frames for no one until @n_left zeroed and free ones are left. */
static inline void
paging_hog (Paging *paging, guint64 n_left)
{
  AtlasPfn pfn;

  while (atlas_frames_count (paging->frames, ATLAS_FRAME_ZEROED) +
           atlas_frames_count (paging->frames, ATLAS_FRAME_FREE) >
         n_left)
    g_assert_true (atlas_frames_take (paging->frames, ATLAS_FRAME_USE_KERNEL, 0, &pfn));
}

/* Makes the machine take all standby pages away; the frames are free then. */
static inline void
paging_purge (Paging *paging)
{
  g_autoptr (GArray) pfns = g_array_new (FALSE, FALSE, sizeof (AtlasPfn));
  AtlasPfn pfn;

  while (atlas_frames_count (paging->frames, ATLAS_FRAME_ZEROED) +
             atlas_frames_count (paging->frames, ATLAS_FRAME_FREE) +
             atlas_frames_count (paging->frames, ATLAS_FRAME_STANDBY) >
           0 &&
         atlas_pager_take (paging->system, ATLAS_FRAME_USE_KERNEL, 0, FALSE, NULL, &pfn))
    g_array_append_val (pfns, pfn);
  for (guint i = 0; i < pfns->len; i++)
    atlas_frames_give_back (paging->frames, g_array_index (pfns, AtlasPfn, i));
}
