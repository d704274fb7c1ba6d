/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/view.h"

#include "windows/section-private.h"
#include "windows/virtual.h"

static gboolean
needs_own_page (const AtlasProcess *process,
                const AtlasSection *section,
                guint64 page,
                AtlasVa image_base_va)
{
  gboolean is_x64 = atlas_process_peek_machine (process) == ATLAS_MACHINE_AMD64;

  return section->pe != NULL && ((is_x64 && atlas_pe_depends_on_face (section->pe, page)) ||
                                 (image_base_va != section->base_va &&
                                  atlas_pe_depends_on_base (section->pe, page, is_x64)));
}

static guint64
get_page (const AtlasVad *vad, guint64 vpn)
{
  return vad->section_first_page + (vpn - vad->start_vpn);
}

static AtlasVa
get_image_base (const AtlasVad *vad)
{
  return (vad->start_vpn - vad->section_first_page) << ATLAS_PAGE_SHIFT;
}

gboolean
atlas_view_has_own_page (const AtlasProcess *process, const AtlasVad *vad, guint64 vpn)
{
  return needs_own_page (process, vad->section, get_page (vad, vpn), get_image_base (vad));
}

void
atlas_view_read_own_page (const AtlasProcess *process,
                          const AtlasVad *vad,
                          guint64 vpn,
                          guint8 bytes[ATLAS_PAGE_BYTES])
{
  const AtlasSection *section = vad->section;

  atlas_pe_read_page (section->pe,
                      get_page (vad, vpn),
                      get_image_base (vad),
                      section->pe->is_arm64x &&
                        atlas_process_peek_machine (process) == ATLAS_MACHINE_AMD64,
                      bytes);
}

guint64
atlas_view_count_own_pages (const AtlasProcess *process,
                            const AtlasSection *section,
                            guint64 first_page,
                            guint64 n_pages,
                            AtlasVa image_base_va)
{
  guint64 n_own = 0;

  if (section->pe == NULL || (image_base_va == section->base_va && !section->pe->is_arm64x))
    return 0;
  for (guint64 page = first_page; page < first_page + n_pages; page++)
    {
      /* What may be written is paid for as such. */
      if (!atlas_protection_is_copy_on_write (
            atlas_section_find_subsection (section, page)->protection) &&
          needs_own_page (process, section, page, image_base_va))
        n_own++;
    }
  return n_own;
}

static gboolean
is_paid_from_start (const AtlasProcess *process, const AtlasVad *vad, guint64 vpn)
{
  const AtlasSubsection *subsection;

  if (vad->kind != ATLAS_VAD_IMAGE)
    return atlas_protection_is_copy_on_write (vad->protection);
  subsection = atlas_section_find_subsection (vad->section, get_page (vad, vpn));
  return atlas_protection_is_copy_on_write (subsection->protection) ||
         atlas_view_has_own_page (process, vad, vpn);
}

gint64
atlas_view_count_charge (AtlasProcess *process,
                         const AtlasVad *vad,
                         guint64 first_vpn,
                         guint64 last_vpn,
                         guint8 protection)
{
  gboolean is_copied = atlas_protection_is_copy_on_write (protection);
  gint64 n_charged = 0;

  for (guint64 vpn = first_vpn; vpn <= last_vpn; vpn++)
    {
      guint64 n_pages = 1;
      AtlasPa entry_pa;
      guint64 pte = atlas_process_read_pte (process, vpn << ATLAS_PAGE_SHIFT, &entry_pa);
      AtlasPageState state = atlas_process_get_page_state (process, vad, vpn, pte, &n_pages);

      if (atlas_process_is_view_copy (process, entry_pa, pte) ||
          is_paid_from_start (process, vad, vpn))
        continue;
      n_charged += is_copied;
      n_charged -= atlas_protection_is_copy_on_write (state.protection);
    }
  return n_charged;
}

void
atlas_view_charge (AtlasProcess *process, AtlasVad *vad, gint64 n_pages)
{
  gboolean is_charged =
    n_pages <= 0 || atlas_process_charge_commit (process, vad, (guint64) n_pages);

  g_assert (is_charged);
  if (n_pages < 0)
    atlas_process_return_commit (process, vad, (guint64) -n_pages);
}

/* A view that was mapped without access takes any commitment, as Wine's tests show it on Windows;
 * otherwise what the view does not grant cannot be had page by page either. */
AtlasStatus
atlas_view_plan_commit (AtlasProcess *process,
                        const AtlasVad *vad,
                        guint64 first_vpn,
                        guint64 last_vpn,
                        guint8 *protection)
{
  const AtlasSection *section = vad->section;
  guint8 caching = vad->protection & ATLAS_PROTECTION_MODIFIER_MASK;
  guint64 n_new_pages = 0;
  gint64 n_charged;

  if (section->kind != ATLAS_SECTION_PAGE_FILE)
    return ATLAS_STATUS_ALREADY_COMMITTED;
  if (atlas_protection_is_nocache (*protection) || atlas_protection_is_writecombine (*protection))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (vad->protection != ATLAS_PROTECTION_NOACCESS)
    {
      if ((atlas_protection_is_writable (*protection) &&
           !atlas_protection_is_writable (vad->protection)) ||
          (atlas_protection_is_executable (*protection) &&
           !atlas_protection_is_executable (vad->protection)))
        return ATLAS_STATUS_SECTION_PROTECTION;
      if (*protection != ATLAS_PROTECTION_NOACCESS && !atlas_protection_is_guard (*protection))
        *protection |= caching;
    }

  for (guint64 vpn = first_vpn; vpn <= last_vpn;)
    {
      guint64 last_alike;
      guint64 page = get_page (vad, vpn);
      gboolean is_committed = atlas_section_is_committed (section, page, &last_alike);
      guint64 n_alike = MIN (last_alike - page, last_vpn - vpn) + 1u;

      if (!is_committed)
        n_new_pages += n_alike;
      vpn += n_alike;
    }
  n_charged = atlas_view_count_charge (process, vad, first_vpn, last_vpn, *protection);
  n_new_pages += n_charged > 0 ? (guint64) n_charged : 0;
  return atlas_process_check_table_room (process, first_vpn, last_vpn, n_new_pages);
}

void
atlas_view_commit (AtlasProcess *process,
                   AtlasVad *vad,
                   guint64 first_vpn,
                   guint64 last_vpn,
                   guint8 protection)
{
  AtlasSystem *system = process->system;
  gint64 n_charged = atlas_view_count_charge (process, vad, first_vpn, last_vpn, protection);
  gboolean is_charged = atlas_system_commit_section (
    system, vad->section, get_page (vad, first_vpn), last_vpn - first_vpn + 1u);

  g_assert (is_charged);
  atlas_view_charge (process, vad, n_charged);
  /* Other processes see the pages too. */
  for (guint i = 0; i < system->processes->len; i++)
    atlas_process_changed (g_ptr_array_index (system->processes, i));
  for (guint64 vpn = first_vpn; vpn <= last_vpn; vpn++)
    {
      AtlasVa va = vpn << ATLAS_PAGE_SHIFT;
      AtlasPa entry_pa;
      guint64 pte = atlas_process_read_pte (process, va, &entry_pa);
      gboolean is_made;

      if (pte == 0 && protection == vad->protection)
        continue;
      is_made = entry_pa != 0 || atlas_process_make_pte (process, va, NULL, &entry_pa);
      g_assert (is_made);
      atlas_process_protect_pte (process, va, entry_pa, TRUE, protection);
    }
}

gboolean
atlas_view_count (AtlasProcess *process, AtlasVa va, AtlasViewCounts *counts)
{
  const AtlasVad *vad = atlas_vad_tree_find (&process->vads, va, NULL);
  AtlasPteIter iter;

  if (vad == NULL || vad->section == NULL)
    return FALSE;
  *counts = (AtlasViewCounts){ .n_pages = atlas_vad_get_n_pages (vad) };
  atlas_pte_iter_init (&iter, process, vad->start_vpn, vad->end_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      if (iter.pte == 0)
        continue;
      if (atlas_process_is_private_pte (process, iter.entry_pa, iter.pte))
        counts->n_private++;
      else if ((iter.pte & ATLAS_PTE_VALID) != 0)
        counts->n_shared++;
    }
  if (vad->kind == ATLAS_VAD_LARGE_VIEW)
    counts->n_shared = counts->n_pages;
  if (vad->kind == ATLAS_VAD_IMAGE)
    {
      for (guint64 vpn = vad->start_vpn; vpn <= vad->end_vpn; vpn++)
        counts->n_own_pages += atlas_view_has_own_page (process, vad, vpn) ? 1u : 0u;
    }
  return TRUE;
}

GArray *
atlas_system_list_views (AtlasSystem *system, const AtlasSection *section)
{
  GArray *views = g_array_new (FALSE, FALSE, sizeof (AtlasSectionView));

  for (guint i = 0; i < system->processes->len; i++)
    {
      AtlasProcess *process = g_ptr_array_index (system->processes, i);

      for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
           vad = atlas_vad_get_next (vad))
        {
          AtlasSectionView view = { process,
                                    atlas_vad_get_base_va (vad),
                                    atlas_vad_get_n_pages (vad) * ATLAS_PAGE_BYTES,
                                    vad->section_first_page };

          if (vad->section == section)
            g_array_append_val (views, view);
        }
    }
  return views;
}
