/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the files that make, map and end sections know of them. */

#include "windows/machine-private.h"
#include "windows/pe.h"
#include "windows/section.h"

G_BEGIN_DECLS

/* A control area with its segment, subsections and prototype entries. */
struct _AtlasSection
{
  AtlasSectionKind kind;
  char *name;
  AtlasSubsection *subsections;
  guint n_subsections;
  GBytes *header;
  guint64 seed;
  gboolean is_reserved;
  gboolean is_held;    /* what is modified is not written yet */
  gboolean is_kept;    /* by the system, under its name */
  GArray *committed;   /* of PageRun */
  AtlasSystem *system; /* NULL as long as it is in none */
  AtlasVa control_area_va;
  AtlasPfn *large_pfns;   /* of a section of large pages: the first frame of each; else NULL */
  guint64 n_frames;       /* that prototype entries name */
  GHashTable *written;    /* page + 1 → its bytes, where they are no longer made up */
  GHashTable *unreadable; /* of page + 1 */
  guint64 size_bytes;     /* a file's need not be a whole number of pages */
  guint64 charged_pages;  /* of the commit limit */
  guint n_references;     /* section objects */
  guint n_views;
  AtlasPe *pe;     /* of an image that comes from a file; owned, or NULL */
  AtlasVa base_va; /* of an image: where this boot has placed it */
};

/* @header (or NULL, ref taken): the first bytes of the section, whatever the fill says.
 * @seed picks the made-up contents. Subsections are copied, ascending, without gaps. */
AtlasSection *atlas_section_new (AtlasSectionKind kind,
                                 const char *name,
                                 const AtlasSubsection *subsections,
                                 guint n_subsections,
                                 GBytes *header,
                                 guint64 seed);
/* The frames of its pages are the machine's, and go with it. */
void atlas_section_free (AtlasSection *section);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasSection, atlas_section_free)

/* SEC_RESERVE: pages count as committed only after atlas_section_commit(). */
void atlas_section_set_reserved (AtlasSection *section);
void atlas_section_commit (AtlasSection *section, guint64 first_page, guint64 n_pages);
/* Ties a page to the frame that holds its bytes. */
void atlas_section_set_frame (AtlasSection *section, guint64 page, AtlasPfn pfn);
/* As atlas_section_get_prototype() gives it. */
void atlas_section_set_prototype (AtlasSection *section, guint64 page, guint64 prototype);
/* From here on the file holds @bytes there: the mapped page writer's work. */
void atlas_section_write_page (AtlasSection *section,
                               guint64 page,
                               const guint8 bytes[ATLAS_PAGE_BYTES]);
/* The disk fails at @page, or works again. */
void atlas_section_set_unreadable (AtlasSection *section, guint64 page, gboolean is_unreadable);

/* prototypes.c */

/* Gives subsections from @first_subsection on an array of entries in the pool. */
void atlas_prototypes_attach (AtlasSection *section, guint first_subsection);
/* Gives the pool back. */
void atlas_prototypes_detach (AtlasSection *section);
/* Likewise, of the section that was attached last: as if it never had been. */
void atlas_prototypes_take_back (AtlasSection *section);
/* Makes sure that the entry of @page can be written. FALSE when there is no frame for it. */
gboolean atlas_section_need_prototype (AtlasSection *section, guint64 page);
/* Where the entry lies; 0 as long as it does nowhere. */
AtlasPa atlas_section_find_prototype_pa (const AtlasSection *section, guint64 page);
/* The last process has let go of @page: its entry is in transition. */
void atlas_section_note_parked (AtlasSection *section, guint64 page);
/* The first page from @page on whose atlas_section_get_prototype() is not 0. O(n) in pages of
 * entries that are there. */
gboolean
atlas_section_next_prototype (const AtlasSection *section, guint64 *page, guint64 *prototype);

/* section-fill.c: a made-up page. */
void atlas_fill_page (AtlasFill fill, guint64 seed, guint64 page, guint8 bytes[ATLAS_PAGE_BYTES]);

/* An image laid out by the headers of @pe (owned from here on), placed at @base_va. (transfer full)
 */
AtlasSection *atlas_section_new_image (const char *name, AtlasPe *pe, AtlasVa base_va);
/* Pages more at the end, all alike the last ones. */
void atlas_section_grow (AtlasSection *section, guint64 size_bytes);
/* The system has it until nobody refers to it. */
void atlas_system_add_section (AtlasSystem *system, AtlasSection *section);
/* Pays for pages of a SEC_RESERVE section and commits them. FALSE, and no change, beyond the
 * limit. */
gboolean atlas_system_commit_section (AtlasSystem *system,
                                      AtlasSection *section,
                                      guint64 first_page,
                                      guint64 n_pages);
/* One view, or one section object, fewer. The last one ends a section of the paging file with its
 * pages; what a file holds stays cached. */
void atlas_system_drop_view (AtlasSystem *system, AtlasSection *section);
void atlas_system_drop_reference (AtlasSystem *system, AtlasSection *section);

/* view-pages.c */

/* Whether the page of @section that @vpn of the view shows cannot be shared, because the view's
 * base or its processor makes other bytes of it. */
gboolean atlas_view_has_own_page (const AtlasProcess *process, const AtlasVad *vad, guint64 vpn);
/* The bytes of such a page. */
void atlas_view_read_own_page (const AtlasProcess *process,
                               const AtlasVad *vad,
                               guint64 vpn,
                               guint8 bytes[ATLAS_PAGE_BYTES]);
guint64 atlas_view_count_own_pages (const AtlasProcess *process,
                                    const AtlasSection *section,
                                    guint64 first_page,
                                    guint64 n_pages,
                                    AtlasVa image_base_va);
/* How many pages more than now the view pays for once these have @protection; fewer when negative.
 * Each page that may be copied on write is paid for: from the start where the view, or its image's
 * subsection, is copy-on-write; elsewhere as long as the page is so, or has been copied. That the
 * rest is paid for when its protection changes is a choice: otherwise copies would break the
 * promise of the commit limit. */
gint64 atlas_view_count_charge (AtlasProcess *process,
                                const AtlasVad *vad,
                                guint64 first_vpn,
                                guint64 last_vpn,
                                guint8 protection);
/* Charges that many, which there is room for, or gives them back. */
void atlas_view_charge (AtlasProcess *process, AtlasVad *vad, gint64 n_pages);
/* VirtualAlloc with MEM_COMMIT inside a view: what it would give, and doing it. @protection: as
 * asked; with the view's caching in the end. */
AtlasStatus atlas_view_plan_commit (AtlasProcess *process,
                                    const AtlasVad *vad,
                                    guint64 first_vpn,
                                    guint64 last_vpn,
                                    guint8 *protection);
void atlas_view_commit (AtlasProcess *process,
                        AtlasVad *vad,
                        guint64 first_vpn,
                        guint64 last_vpn,
                        guint8 protection);

G_END_DECLS
