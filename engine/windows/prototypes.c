/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pager-private.h"
#include "windows/section-private.h"

/* Prototype entries lie in the paged pool, one array for each run of subsections that was made at
 * once. As pool they could be paged out themselves; here, and that is a choice, a page of them
 * comes with its first use and stays as long as the section.
 *
 *   kernel tables ─► pool page │ PPTE 0 │ PPTE 1 │ … │ PPTE 511 │
 *                                valid: a process maps it     transition: parked
 *                                demand zero, page file, or the subsection: in no frame
 */

#define ENTRIES_PER_PAGE (ATLAS_PAGE_BYTES / ATLAS_ENTRY_BYTES)
/* Sizes of CONTROL_AREA and SUBSECTION, which lie behind each other in non-paged pool; they have
 * addresses here, but no bytes. */
#define CONTROL_AREA_BYTES 0x80u
#define SUBSECTION_BYTES 0x38u

/* An array begins at a page, as all of the pool that is not smaller does. */
static AtlasVa
take_pool (AtlasSystem *system, AtlasVa *next_va, AtlasKernelUse use, guint64 n_bytes)
{
  AtlasVa va;

  if (*next_va == 0)
    *next_va = atlas_kernel_layout_get_base_va (&system->kernel_layout, use);
  va = *next_va;
  *next_va += n_bytes;
  return va;
}

void
atlas_prototypes_attach (AtlasSection *section, guint first_subsection)
{
  AtlasSystem *system = section->system;
  const AtlasSubsection *first = &section->subsections[first_subsection];
  guint64 n_pages = atlas_section_get_n_pages (section) - first->first_page;
  AtlasVa va = take_pool (system,
                          &system->paged_pool_next_va,
                          ATLAS_KERNEL_PAGED_POOL,
                          atlas_page_ceil (n_pages * ATLAS_ENTRY_BYTES));

  for (guint i = first_subsection; i < section->n_subsections; i++)
    section->subsections[i].prototypes_va =
      va + (section->subsections[i].first_page - first->first_page) * ATLAS_ENTRY_BYTES;
  if (section->control_area_va == 0)
    section->control_area_va =
      take_pool (system,
                 &system->nonpaged_pool_next_va,
                 ATLAS_KERNEL_NONPAGED_POOL,
                 CONTROL_AREA_BYTES + section->n_subsections * SUBSECTION_BYTES);
}

AtlasVa
atlas_section_get_control_area_va (const AtlasSection *section)
{
  return section->control_area_va;
}

AtlasVa
atlas_section_get_subsection_va (const AtlasSection *section, guint index)
{
  return section->control_area_va + CONTROL_AREA_BYTES + index * SUBSECTION_BYTES;
}

AtlasVa
atlas_section_get_prototype_va (const AtlasSection *section, guint64 page)
{
  const AtlasSubsection *subsection = atlas_section_find_subsection (section, page);

  return subsection->prototypes_va + (page - subsection->first_page) * ATLAS_ENTRY_BYTES;
}

/* What the entry of a page is that was never in a frame. A hole has none. */
static guint64
get_initial_entry (const AtlasSection *section, guint64 page)
{
  const AtlasSubsection *subsection = atlas_section_find_subsection (section, page);

  if (subsection->protection == 0)
    return 0;
  if (section->kind == ATLAS_SECTION_PAGE_FILE)
    return atlas_pte_make_demand_zero (subsection->protection);
  return atlas_pte_make_prototype (
    atlas_section_get_subsection_va (section, (guint) (subsection - section->subsections)),
    subsection->protection);
}

/* Bytes of the entry of @page; 0 as long as its pool page is not there. */
static AtlasPa
find_entry (const AtlasSection *section, guint64 page)
{
  return section->system != NULL
           ? atlas_kernel_find_page (section->system,
                                     atlas_section_get_prototype_va (section, page))
           : 0;
}

guint64
atlas_section_get_prototype_entry (const AtlasSection *section, guint64 page)
{
  AtlasPa entry_pa = find_entry (section, page);
  guint64 entry = get_initial_entry (section, page);

  if (entry_pa != 0)
    atlas_memory_read_u64 (section->system->memory, entry_pa, &entry);
  return entry;
}

gboolean
atlas_section_need_prototype (AtlasSection *section, guint64 page)
{
  AtlasVa va = atlas_section_get_prototype_va (section, page);
  const AtlasSubsection *last = &section->subsections[section->n_subsections - 1u];
  AtlasPa page_pa;
  guint64 first;

  if (find_entry (section, page) != 0)
    return TRUE;
  page_pa = atlas_kernel_map_page (section->system, va & ~ATLAS_PAGE_MASK);
  if (page_pa == 0)
    return FALSE;
  /* An array begins at a page, so that the whole page is this section's. */
  first = page - (va & ATLAS_PAGE_MASK) / ATLAS_ENTRY_BYTES;
  for (guint64 i = 0; i < ENTRIES_PER_PAGE && first + i < last->first_page + last->n_pages; i++)
    {
      if (atlas_section_get_prototype_va (section, first + i) == (va & ~ATLAS_PAGE_MASK) + i * 8u)
        atlas_memory_write_u64 (section->system->memory,
                                page_pa + i * ATLAS_ENTRY_BYTES,
                                get_initial_entry (section, first + i));
    }
  return TRUE;
}

AtlasPa
atlas_section_find_prototype_pa (const AtlasSection *section, guint64 page)
{
  return find_entry (section, page);
}

static void
write_entry (AtlasSection *section, guint64 page, guint64 entry)
{
  AtlasPa entry_pa = find_entry (section, page);
  guint64 old_entry = 0;

  /* Somebody has edited the tables above. */
  if (entry_pa == 0)
    return;
  atlas_memory_read_u64 (section->system->memory, entry_pa, &old_entry);
  atlas_memory_write_u64 (section->system->memory, entry_pa, entry);
  section->n_frames += (atlas_pte_get_kind (entry) == ATLAS_PTE_KIND_HARDWARE ||
                        atlas_pte_get_kind (entry) == ATLAS_PTE_KIND_TRANSITION) -
                       (atlas_pte_get_kind (old_entry) == ATLAS_PTE_KIND_HARDWARE ||
                        atlas_pte_get_kind (old_entry) == ATLAS_PTE_KIND_TRANSITION);
}

/* The entry can be written by hand: whether the frame that it names holds this page. */
static gboolean
owns_frame (const AtlasSection *section, guint64 page, AtlasPfn pfn)
{
  AtlasFrame frame;

  if (pfn >= atlas_frames_get_n_frames (section->system->frames))
    return FALSE;
  atlas_frames_get (section->system->frames, pfn, &frame);
  return frame.use == ATLAS_FRAME_USE_SECTION && frame.owner == section && frame.owner_page == page;
}

guint64
atlas_section_get_prototype (const AtlasSection *section, guint64 page)
{
  AtlasPa entry_pa = find_entry (section, page);
  guint64 entry = 0;

  if (entry_pa == 0)
    return 0;
  atlas_memory_read_u64 (section->system->memory, entry_pa, &entry);
  switch (atlas_pte_get_kind (entry))
    {
    case ATLAS_PTE_KIND_HARDWARE:
    case ATLAS_PTE_KIND_TRANSITION:
      return owns_frame (section, page, atlas_pte_get_pfn (entry))
               ? atlas_pte_make_transition (
                   atlas_pte_get_pfn (entry),
                   atlas_section_find_subsection (section, page)->protection)
               : 0;
    case ATLAS_PTE_KIND_PAGE_FILE:
      return atlas_pager_owns_slot (section->system, entry_pa, entry) ? entry : 0;
    case ATLAS_PTE_KIND_ASK_VAD:
    case ATLAS_PTE_KIND_DEMAND_ZERO:
    case ATLAS_PTE_KIND_NOACCESS:
    case ATLAS_PTE_KIND_DECOMMITTED:
    case ATLAS_PTE_KIND_PROTOTYPE:
    case ATLAS_PTE_KIND_VAD_PROTOTYPE:
    case ATLAS_PTE_KIND_UNKNOWN:
    case ATLAS_N_PTE_KINDS:
      break;
    }
  return 0;
}

void
atlas_section_set_prototype (AtlasSection *section, guint64 page, guint64 prototype)
{
  write_entry (section, page, prototype != 0 ? prototype : get_initial_entry (section, page));
}

void
atlas_section_set_frame (AtlasSection *section, guint64 page, AtlasPfn pfn)
{
  guint8 protection = atlas_section_find_subsection (section, page)->protection;

  g_return_if_fail (pfn != 0);

  write_entry (section,
               page,
               atlas_protection_is_mappable (protection)
                 ? atlas_protection_make_pte (protection, pfn, FALSE, FALSE)
                 : atlas_pte_make_transition (pfn, protection));
}

void
atlas_section_note_parked (AtlasSection *section, guint64 page)
{
  guint64 prototype = atlas_section_get_prototype (section, page);

  if (atlas_pte_get_kind (prototype) == ATLAS_PTE_KIND_TRANSITION)
    write_entry (section, page, prototype);
}

gboolean
atlas_section_get_frame (const AtlasSection *section, guint64 page, AtlasPfn *pfn)
{
  guint64 prototype = atlas_section_get_prototype (section, page);

  *pfn = 0;
  if (atlas_pte_get_kind (prototype) == ATLAS_PTE_KIND_TRANSITION)
    *pfn = atlas_pte_get_pfn (prototype);
  return *pfn != 0;
}

gboolean
atlas_section_next_prototype (const AtlasSection *section, guint64 *page, guint64 *prototype)
{
  guint64 n_pages = atlas_section_get_n_pages (section);

  while (*page < n_pages)
    {
      AtlasVa va = atlas_section_get_prototype_va (section, *page);
      AtlasVa next_va;

      if (find_entry (section, *page) == 0)
        {
          const AtlasSubsection *part = atlas_section_find_subsection (section, *page);

          /* On to the next page of entries that is there, within this array. */
          next_va = atlas_kernel_next_page (section->system, va);
          if (next_va == 0 || next_va >= part->prototypes_va + part->n_pages * ATLAS_ENTRY_BYTES)
            *page = part->first_page + part->n_pages;
          else
            *page += (next_va - va) / ATLAS_ENTRY_BYTES;
          continue;
        }
      *prototype = atlas_section_get_prototype (section, *page);
      if (*prototype != 0)
        return TRUE;
      (*page)++;
    }
  return FALSE;
}

void
atlas_prototypes_detach (AtlasSection *section)
{
  for (guint i = 0; i < section->n_subsections; i++)
    {
      AtlasVa va = section->subsections[i].prototypes_va;
      AtlasVa end_va = va + section->subsections[i].n_pages * ATLAS_ENTRY_BYTES;

      for (va &= ~ATLAS_PAGE_MASK; va != 0 && va < end_va;)
        {
          if (atlas_kernel_find_page (section->system, va) != 0)
            atlas_kernel_unmap_page (section->system, va);
          va = atlas_kernel_next_page (section->system, va);
        }
    }
}

static void
give_pool_back (AtlasSystem *system, AtlasVa *next_va, AtlasKernelUse use, AtlasVa va)
{
  *next_va = va == atlas_kernel_layout_get_base_va (&system->kernel_layout, use) ? 0 : va;
}

void
atlas_prototypes_take_back (AtlasSection *section)
{
  AtlasSystem *system = section->system;

  atlas_prototypes_detach (section);
  give_pool_back (system,
                  &system->paged_pool_next_va,
                  ATLAS_KERNEL_PAGED_POOL,
                  section->subsections[0].prototypes_va);
  give_pool_back (system,
                  &system->nonpaged_pool_next_va,
                  ATLAS_KERNEL_NONPAGED_POOL,
                  section->control_area_va);
}
