/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/virtual.h"

#include "windows/section-private.h"

/* The code that a page of @vad gets when @code is asked for. */
static AtlasStatus
adapt_protection (const AtlasVad *vad, guint8 *code)
{
  if (vad->section == NULL)
    {
      guint8 caching = vad->protection & ATLAS_PROTECTION_MODIFIER_MASK;

      if (atlas_protection_is_copy_on_write (*code))
        return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
      if (*code == ATLAS_PROTECTION_NOACCESS || atlas_protection_is_guard (*code))
        return ATLAS_STATUS_SUCCESS;
      /* Caching belongs to the whole allocation: a page can neither gain nor lose it. */
      *code &= ATLAS_PROTECTION_BASE_MASK;
      if (atlas_protection_is_nocache (vad->protection) ||
          atlas_protection_is_writecombine (vad->protection))
        *code |= caching;
      return ATLAS_STATUS_SUCCESS;
    }

  if (!atlas_protection_is_guard (*code) && *code != ATLAS_PROTECTION_NOACCESS)
    *code &= ATLAS_PROTECTION_BASE_MASK;
  if (vad->kind != ATLAS_VAD_IMAGE)
    return (atlas_protection_get_view_rights (*code) &
            ~atlas_protection_get_view_rights (vad->protection)) == 0
             ? ATLAS_STATUS_SUCCESS
             : ATLAS_STATUS_SECTION_PROTECTION;

  /* An image is never written in place. */
  if (atlas_protection_is_writable (*code))
    *code = (*code & ATLAS_PROTECTION_MODIFIER_MASK) |
            (atlas_protection_is_executable (*code) ? ATLAS_PROTECTION_EXECUTE_WRITECOPY
                                                    : ATLAS_PROTECTION_WRITECOPY);
  return ATLAS_STATUS_SUCCESS;
}

/* Whether a page that has no entry would have just this protection. */
static gboolean
is_default (AtlasProcess *process, const AtlasVad *vad, guint64 vpn, guint64 pte, guint8 code)
{
  guint64 n_pages = 1;
  AtlasPageState state = atlas_process_get_page_state (process, vad, vpn, pte, &n_pages);

  return pte == 0 && state.protection == code;
}

AtlasStatus
atlas_nt_protect_virtual_memory (AtlasProcess *process,
                                 AtlasVa *base_va,
                                 guint64 *n_bytes,
                                 guint32 new_protect,
                                 guint32 *old_protect)
{
  guint8 code;
  AtlasStatus status;
  AtlasVad *vad;
  guint64 first_vpn;
  guint64 last_vpn;
  guint64 n_pages = 1;
  gint64 n_charged = 0;
  AtlasPa entry_pa;
  AtlasPageState first_state;

  status = atlas_protection_from_win32 (new_protect, &code);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  if (base_va == NULL || n_bytes == NULL || old_protect == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (*base_va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (*n_bytes == 0 || *n_bytes > process->max_va - *base_va + 1u)
    return ATLAS_STATUS_INVALID_PARAMETER_3;

  first_vpn = *base_va >> ATLAS_PAGE_SHIFT;
  last_vpn = (*base_va + *n_bytes - 1u) >> ATLAS_PAGE_SHIFT;
  vad = atlas_vad_tree_find (&process->vads, *base_va, NULL);
  if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED || last_vpn > vad->end_vpn)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (vad->is_permanent)
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  /* "You cannot change": Microsoft Learn, "Address Windowing Extensions". The statuses, and that
   * large pages take the protection that they have, are choices. */
  if (vad->kind == ATLAS_VAD_AWE)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (atlas_vad_has_large_pages (vad) && code != vad->protection)
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  status = adapt_protection (vad, &code);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  if (atlas_process_count_reserved (process, vad, first_vpn, last_vpn) > 0)
    return ATLAS_STATUS_NOT_COMMITTED;
  if (vad->section != NULL)
    n_charged = atlas_view_count_charge (process, vad, first_vpn, last_vpn, code);
  status = atlas_process_check_table_room (
    process, first_vpn, last_vpn, n_charged > 0 ? (guint64) n_charged : 0);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  atlas_process_changed (process);
  atlas_view_charge (process, vad, n_charged);
  first_state = atlas_process_get_page_state (
    process, vad, first_vpn, atlas_process_read_pte (process, *base_va, &entry_pa), &n_pages);
  *old_protect = atlas_protection_to_win32 (first_state.protection);
  for (guint64 vpn = first_vpn; vpn <= last_vpn; vpn++)
    {
      AtlasVa va = vpn << ATLAS_PAGE_SHIFT;
      guint64 pte = atlas_process_read_pte (process, va, &entry_pa);
      gboolean is_made;

      if (is_default (process, vad, vpn, pte, code))
        continue;
      is_made = entry_pa != 0 || atlas_process_make_pte (process, va, NULL, &entry_pa);
      g_assert (is_made);
      atlas_process_protect_pte (process, va, entry_pa, vad->section != NULL, code);
    }
  *base_va = first_vpn << ATLAS_PAGE_SHIFT;
  *n_bytes = (last_vpn - first_vpn + 1u) << ATLAS_PAGE_SHIFT;
  return ATLAS_STATUS_SUCCESS;
}
