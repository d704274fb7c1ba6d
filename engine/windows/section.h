/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A section: pages that several processes can view. Each page that was ever used has one prototype
 * entry, which all views go through, so that they share one frame.
 *
 *   process A   PTE ──┐
 *                     ├──► frame ◄── prototype entry ◄── section, page n
 *   process B   PTE ──┘
 *
 *   subsections of an image:  header R │ .text X·R │ .rdata R │ .data WRITECOPY │ .rsrc R …
 */

#include "windows/frames.h"
#include "windows/pe.h"
#include "windows/protection.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_SECTION_IMAGE,     /* a program or DLL, laid out by its headers */
  ATLAS_SECTION_FILE,      /* the bytes of a file */
  ATLAS_SECTION_PAGE_FILE, /* no file behind it: pages start as zeros */
} AtlasSectionKind;

/* What a page of a file holds: made up, but always the same for the same section and page. */
typedef enum
{
  ATLAS_FILL_ZERO,
  ATLAS_FILL_CODE,   /* common instructions */
  ATLAS_FILL_DATA,   /* pointers, small numbers, gaps */
  ATLAS_FILL_TABLE,  /* ascending 16-bit numbers, as in a code page */
  ATLAS_FILL_BITMAP, /* sparse bits */
} AtlasFill;

typedef struct
{
  guint64 first_page;
  guint64 n_pages;
  guint8 protection;     /* 5-bit code */
  guint8 fill;           /* AtlasFill */
  char name[9];          /* ".text"; "" for the header */
  AtlasVa prototypes_va; /* of its first prototype entry; 0 before it is in a system */
} AtlasSubsection;

typedef struct _AtlasSection AtlasSection;

ATLAS_AVAILABLE AtlasSectionKind atlas_section_get_kind (const AtlasSection *section);
ATLAS_AVAILABLE const char *atlas_section_get_name (const AtlasSection *section);
ATLAS_AVAILABLE guint64 atlas_section_get_n_pages (const AtlasSection *section);
/* In bytes: of a file exactly, otherwise whole pages. */
ATLAS_AVAILABLE guint64 atlas_section_get_size (const AtlasSection *section);
/* The counts of its control area: views in all processes, section objects, and pages that are in
 * memory; the last one is O(n) in pages ever used. */
ATLAS_AVAILABLE guint atlas_section_get_n_views (const AtlasSection *section);
ATLAS_AVAILABLE guint atlas_section_get_n_references (const AtlasSection *section);
ATLAS_AVAILABLE guint64 atlas_section_count_frames (const AtlasSection *section);
/* Ascending, without gaps; one with protection 0 is a hole that belongs to no part. Borrowed. */
ATLAS_AVAILABLE const AtlasSubsection *atlas_section_get_subsections (const AtlasSection *section,
                                                                      guint *n_subsections);
/* Where this boot has placed the image of a file; 0 for others. */
ATLAS_AVAILABLE AtlasVa atlas_section_get_image_base (const AtlasSection *section);
/* The file of such an image; NULL for others. Borrowed. */
ATLAS_AVAILABLE const AtlasPe *atlas_section_get_pe (const AtlasSection *section);
/* The subsection that holds @page < n_pages. */
ATLAS_AVAILABLE const AtlasSubsection *atlas_section_find_subsection (const AtlasSection *section,
                                                                      guint64 page);

/* Whether @page is committed, and the last page of the run that is alike. */
ATLAS_AVAILABLE gboolean atlas_section_is_committed (const AtlasSection *section,
                                                     guint64 page,
                                                     guint64 *last_page);

/* The frame of @page when it is in memory. */
ATLAS_AVAILABLE gboolean atlas_section_get_frame (const AtlasSection *section,
                                                  guint64 page,
                                                  AtlasPfn *pfn);
/* Where the kernel has the control area, a subsection, and the prototype entry of @page; 0 before
 * the section is in a system. A PTE of the prototype format names the last. */
ATLAS_AVAILABLE AtlasVa atlas_section_get_control_area_va (const AtlasSection *section);
ATLAS_AVAILABLE AtlasVa atlas_section_get_subsection_va (const AtlasSection *section, guint index);
ATLAS_AVAILABLE AtlasVa atlas_section_get_prototype_va (const AtlasSection *section, guint64 page);
/* The 64 bits that lie there, or will when their page of the pool is made: valid while a process
 * maps the page; in transition; in a paging file; demand zero; of a file that is in no frame the
 * prototype format with the subsection's address (MMPTE_SUBSECTION). */
ATLAS_AVAILABLE guint64 atlas_section_get_prototype_entry (const AtlasSection *section,
                                                           guint64 page);
/* The prototype entry of @page as software sees it: 0 when the page is nowhere but in its file (or
 * was never used), a transition entry with the frame that has it, or an entry of a paging file. */
ATLAS_AVAILABLE guint64 atlas_section_get_prototype (const AtlasSection *section, guint64 page);
/* What @page of the file holds. */
ATLAS_AVAILABLE void
atlas_section_read_page (const AtlasSection *section, guint64 page, guint8 bytes[ATLAS_PAGE_BYTES]);
/* Whether the file system holds writes to the file back, until its log is written. */
ATLAS_AVAILABLE gboolean atlas_section_is_held (const AtlasSection *section);
ATLAS_AVAILABLE gboolean atlas_section_is_unreadable (const AtlasSection *section, guint64 page);

G_END_DECLS
