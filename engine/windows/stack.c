/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/stack-private.h"

#include "windows/fault-trace.h"

/* One page is never committed, so that what runs below the stack's end still faults. */
#define LAST_PAGES 1u

static AtlasPageState
get_state (AtlasProcess *process, const AtlasVad *vad, guint64 vpn)
{
  AtlasPa entry_pa;
  guint64 n_pages = 1;
  guint64 pte = atlas_process_read_pte (process, vpn << ATLAS_PAGE_SHIFT, &entry_pa);

  return atlas_process_get_page_state (process, vad, vpn, pte, &n_pages);
}

static gboolean
is_guarded (AtlasProcess *process, const AtlasVad *vad, guint64 vpn)
{
  AtlasPageState state = get_state (process, vad, vpn);

  return state.state == ATLAS_STATE_COMMIT && atlas_protection_is_guard (state.protection);
}

static gboolean
has_room (const AtlasVad *vad, guint64 vpn)
{
  return vpn - vad->start_vpn >= ATLAS_STACK_GUARD_PAGES + LAST_PAGES;
}

gboolean
atlas_stack_prepare (AtlasProcess *process, const AtlasVad *vad, guint64 vpn)
{
  AtlasPa pa;

  /* A guard page has an entry, so pages above have their table. */
  for (guint i = 1; has_room (vad, vpn) && i <= ATLAS_STACK_GUARD_PAGES; i++)
    {
      if (!atlas_process_make_pte (process, (vpn - i) << ATLAS_PAGE_SHIFT, NULL, &pa))
        return FALSE;
    }
  return atlas_process_make_present (
           process, process->teb_va + ATLAS_TEB_STACK_LIMIT, ATLAS_ACCESS_WRITE, &pa) ==
         ATLAS_STATUS_SUCCESS;
}

/* Sets the protection of a committed page or commits a reserved one. */
static void
set_protection (AtlasProcess *process, const AtlasVad *vad, guint64 vpn, guint8 protection)
{
  AtlasPa entry_pa;
  gboolean is_made = atlas_process_make_pte (process, vpn << ATLAS_PAGE_SHIFT, NULL, &entry_pa);

  g_assert (is_made);
  atlas_process_protect_pte (
    process, vpn << ATLAS_PAGE_SHIFT, entry_pa, vad->section != NULL, protection);
}

static void
note_limit (AtlasProcess *process, AtlasVa limit_va)
{
  atlas_process_touch (process,
                       process->teb_va + ATLAS_TEB_STACK_LIMIT,
                       ATLAS_ACCESS_WRITE,
                       &limit_va,
                       sizeof limit_va);
}

gboolean
atlas_stack_grow (AtlasProcess *process, AtlasVad *vad, AtlasVa va, AtlasTrace *trace)
{
  guint64 vpn = va >> ATLAS_PAGE_SHIFT;
  guint8 open_protection = atlas_protection_without_guard (vad->protection);
  AtlasVa limit_va = vpn << ATLAS_PAGE_SHIFT;
  guint64 first_guard_vpn = vpn - ATLAS_STACK_GUARD_PAGES;
  guint64 n_new_pages = 0;

  for (guint64 above = vpn + 1u; above <= vad->end_vpn && is_guarded (process, vad, above); above++)
    set_protection (process, vad, above, open_protection);

  for (guint64 below = first_guard_vpn; has_room (vad, vpn) && below < vpn; below++)
    n_new_pages += get_state (process, vad, below).state == ATLAS_STATE_RESERVE;
  if (!has_room (vad, vpn) || !atlas_process_charge_commit (process, vad, n_new_pages))
    {
      for (guint64 below = vpn; below > vad->start_vpn && is_guarded (process, vad, below - 1u);)
        {
          set_protection (process, vad, --below, open_protection);
          limit_va = below << ATLAS_PAGE_SHIFT;
        }
      note_limit (process, limit_va);
      ATLAS_TRACE (trace, &atlas_event_stack_exhausted, va, limit_va);
      return FALSE;
    }

  for (guint64 below = first_guard_vpn; below < vpn; below++)
    set_protection (process, vad, below, open_protection | ATLAS_PROTECTION_GUARD);
  note_limit (process, limit_va);
  ATLAS_TRACE (trace,
               &atlas_event_stack_grown,
               first_guard_vpn << ATLAS_PAGE_SHIFT,
               (vpn << ATLAS_PAGE_SHIFT) - 1u,
               limit_va);
  return TRUE;
}
