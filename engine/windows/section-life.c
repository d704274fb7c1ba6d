/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/large-section.h"
#include "windows/pager-private.h"
#include "windows/section-object-private.h"
#include "windows/section-private.h"

/* What becomes of sections once they are in a machine. */

/* Below the end of the user half. */
#define EXE_AREA_BELOW_END ATLAS_GB (40)
#define DLL_AREA_BELOW_END ATLAS_GB (32)
#define LAST_BYTES ATLAS_KB (64)
/* How often a place is drawn anew when it is taken; then the image goes where it prefers. */
#define MAX_DRAWS 64u

void
atlas_system_add_section (AtlasSystem *system, AtlasSection *section)
{
  section->system = system;
  atlas_prototypes_attach (section, 0);
  g_ptr_array_add (system->sections, section);
}

void
atlas_system_keep_section (AtlasSystem *system, AtlasSection *section)
{
  section->is_kept = TRUE;
  section->n_references++;
  atlas_system_add_section (system, section);
}

AtlasSection *
atlas_system_find_section (AtlasSystem *system, const char *name)
{
  for (guint i = 0; i < system->sections->len; i++)
    {
      AtlasSection *section = g_ptr_array_index (system->sections, i);

      if (section->is_kept && g_ascii_strcasecmp (section->name, name) == 0)
        return section;
    }
  return NULL;
}

gboolean
atlas_system_commit_section (AtlasSystem *system,
                             AtlasSection *section,
                             guint64 first_page,
                             guint64 n_pages)
{
  guint64 end_page = first_page + n_pages;
  guint64 n_new_pages = 0;

  if (!section->is_reserved)
    return TRUE;
  for (guint64 page = first_page; page < end_page;)
    {
      guint64 last_alike;
      gboolean is_committed = atlas_section_is_committed (section, page, &last_alike);
      guint64 n_alike = MIN (last_alike, end_page - 1u) - page + 1u;

      if (!is_committed)
        n_new_pages += n_alike;
      page += n_alike;
    }
  if (!atlas_system_charge_commit (system, n_new_pages))
    return FALSE;
  section->charged_pages += n_new_pages;
  atlas_section_commit (section, first_page, n_pages);
  return TRUE;
}

static void
end_section (AtlasSystem *system, AtlasSection *section)
{
  guint64 prototype;

  /* What files hold stays in the standby list until somebody needs the frames; the control area
   * stays as long. */
  if (section->n_views > 0 || section->n_references > 0 || section->kind != ATLAS_SECTION_PAGE_FILE)
    return;
  if (section->large_pfns != NULL)
    atlas_large_section_return_frames (section);
  for (guint64 page = 0; atlas_section_next_prototype (section, &page, &prototype); page++)
    {
      if (atlas_pte_get_kind (prototype) == ATLAS_PTE_KIND_TRANSITION)
        atlas_pager_give_back (system, atlas_pte_get_pfn (prototype));
      else
        atlas_pager_free_slot (system, prototype);
    }
  atlas_prototypes_detach (section);
  atlas_system_return_commit (system, section->charged_pages);
  g_ptr_array_remove (system->sections, section);
}

void
atlas_system_drop_view (AtlasSystem *system, AtlasSection *section)
{
  g_assert (section->n_views > 0);
  section->n_views--;
  end_section (system, section);
}

void
atlas_system_drop_reference (AtlasSystem *system, AtlasSection *section)
{
  g_assert (section->n_references > 0);
  section->n_references--;
  end_section (system, section);
}

/* Whether no section has its place there, and no process anything else. */
static gboolean
is_free_everywhere (const AtlasSystem *system, AtlasVa base_va, guint64 n_bytes)
{
  for (guint i = 0; i < system->sections->len; i++)
    {
      const AtlasSection *section = g_ptr_array_index (system->sections, i);

      if (section->pe != NULL && base_va < section->base_va + section->size_bytes &&
          section->base_va < base_va + n_bytes)
        return FALSE;
    }
  for (guint i = 0; i < system->processes->len; i++)
    {
      const AtlasProcess *process = g_ptr_array_index (system->processes, i);

      if (atlas_vad_tree_find_overlap (&process->vads, base_va, base_va + n_bytes - 1u) != NULL)
        return FALSE;
    }
  return TRUE;
}

AtlasVa
atlas_system_place_image (AtlasSystem *system, const char *name, const AtlasPe *pe)
{
  g_autofree char *label = g_strconcat ("image ", name, NULL);
  AtlasRandom random = atlas_random_fork (system->options.seed, label);
  gboolean is_dll = (pe->characteristics & ATLAS_PE_DLL) != 0;
  gboolean is_low = pe->preferred_va < ATLAS_GB (4);
  guint64 n_bytes = pe->image_bytes;
  const AtlasAslrPolicy policy = { .is_below_2gb = is_low,
                                   .has_dynamic_base = TRUE,
                                   .has_high_entropy = TRUE };
  guint n_bits = atlas_aslr_get_entropy_bits (is_dll ? ATLAS_ASLR_DLL : ATLAS_ASLR_EXE, &policy);
  AtlasVa user_end_va =
    atlas_layout_get_user_end (atlas_system_options_get_n_levels (&system->options));
  AtlasVa first_va = user_end_va - (is_dll ? DLL_AREA_BELOW_END : EXE_AREA_BELOW_END);
  AtlasVa end_va = user_end_va - (is_dll ? LAST_BYTES : DLL_AREA_BELOW_END);

  if (!atlas_pe_has_dynamic_base (pe))
    return pe->preferred_va;
  if (is_low)
    {
      /* From the top of 2 GB down for DLLs, from 4 MB up for programs: a choice. */
      end_va = is_dll ? ATLAS_KUSER_VA : ATLAS_MB (4) + (ATLAS_KB (64) << n_bits) + n_bytes;
      first_va = is_dll ? end_va - (ATLAS_KB (64) << n_bits) : ATLAS_MB (4);
    }
  for (guint i = 0; i < MAX_DRAWS; i++)
    {
      guint64 n_slots = (end_va - first_va - MIN (n_bytes, end_va - first_va)) / ATLAS_KB (64) + 1u;
      AtlasVa base_va = first_va + atlas_random_bits (&random, n_bits) % n_slots * ATLAS_KB (64);

      if (n_bytes <= end_va - first_va && is_free_everywhere (system, base_va, n_bytes))
        return base_va;
    }
  return pe->preferred_va;
}
