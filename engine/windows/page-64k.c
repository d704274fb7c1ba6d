/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/page-64k-private.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "windows/fault-trace.h"
#include "windows/frames-private.h"
#include "windows/offer-private.h"
#include "windows/pager-private.h"

#define BLOCK_MASK ((guint64) ATLAS_PAGE_64K_PAGES - 1u)

const char atlas_page_64k_reason[] =
  N_ ("It was asked for in pages of 64 KB (MEM_64K_PAGES). x64 has no entry of that size: each is "
      "sixteen entries of 4 KB, and Windows looks for sixteen frames side by side when one of them "
      "is first touched. Where there are none it takes small pages.");
const char atlas_page_64k_source[] = "Microsoft Learn, VirtualAlloc2";

/* ---- Mapping ---- */

static gboolean
is_untouched (guint64 pte)
{
  AtlasPteKind kind = atlas_pte_get_kind (pte);

  return kind == ATLAS_PTE_KIND_DEMAND_ZERO || kind == ATLAS_PTE_KIND_ASK_VAD;
}

static gboolean
is_alike (AtlasProcess *process,
          const AtlasVad *vad,
          guint64 first_vpn,
          AtlasPa first_entry_pa,
          guint8 protection)
{
  if (first_vpn < vad->start_vpn || first_vpn + BLOCK_MASK > vad->end_vpn)
    return FALSE;
  for (guint i = 0; i < ATLAS_PAGE_64K_PAGES; i++)
    {
      guint64 vpn = first_vpn + i;
      guint64 n_pages = 1;
      guint64 pte = 0;
      AtlasPageState state;

      atlas_memory_read_u64 (process->system->memory, first_entry_pa + i * ATLAS_ENTRY_BYTES, &pte);
      if (!is_untouched (pte) || atlas_process_is_offered (process, vpn))
        return FALSE;
      state = atlas_process_get_page_state (process, vad, vpn, pte, &n_pages);
      if (state.state != ATLAS_STATE_COMMIT || state.protection != protection)
        return FALSE;
    }
  return TRUE;
}

gboolean
atlas_page_64k_map (AtlasProcess *process,
                    const AtlasVad *vad,
                    AtlasVa va,
                    AtlasPa entry_pa,
                    guint8 protection,
                    gboolean is_write,
                    AtlasTrace *trace)
{
  AtlasFrames *frames = process->system->frames;
  guint64 vpn = va >> ATLAS_PAGE_SHIFT;
  guint64 first_vpn = vpn & ~BLOCK_MASK;
  AtlasPa first_entry_pa = entry_pa - (vpn - first_vpn) * ATLAS_ENTRY_BYTES;
  AtlasPfn first_pfn;

  /* A working set that may not grow makes room for one page at a time. */
  if (process->is_working_set_max_hard ||
      !is_alike (process, vad, first_vpn, first_entry_pa, protection) ||
      !atlas_pager_take_contiguous (
        process->system, ATLAS_PAGE_64K_PAGES, ATLAS_FRAME_USE_PRIVATE, &first_pfn))
    return FALSE;

  ATLAS_TRACE (trace,
               &atlas_event_block_taken,
               first_pfn,
               first_pfn + BLOCK_MASK,
               first_vpn << ATLAS_PAGE_SHIFT);
  for (guint i = 0; i < ATLAS_PAGE_64K_PAGES; i++)
    {
      AtlasFrame *record = atlas_frames_get_record (frames, first_pfn + i);
      AtlasVa page_va = (first_vpn + i) << ATLAS_PAGE_SHIFT;
      gboolean is_asked_for = first_vpn + i == vpn;
      guint64 pte =
        atlas_protection_make_pte (protection, first_pfn + i, TRUE, is_asked_for && is_write);

      record->entry_pa = first_entry_pa + i * ATLAS_ENTRY_BYTES;
      record->owner = process;
      record->owner_page = first_vpn + i;
      record->priority = process->page_priority & 7u;
      atlas_frames_set_protection (frames, first_pfn + i, protection);
      atlas_pager_note_dirty (process->system, first_pfn + i);
      if (is_asked_for)
        {
          guint64 old_pte = 0;

          atlas_memory_read_u64 (process->system->memory, entry_pa, &old_pte);
          ATLAS_TRACE (trace, &atlas_event_pte_written, va, entry_pa, old_pte, pte, protection);
        }
      else
        pte &= ~ATLAS_PTE_ACCESSED;
      atlas_process_write_pte (process, page_va, record->entry_pa, pte);
    }
  return TRUE;
}

/* ---- Looking ---- */

static const AtlasVad *
find_vad (AtlasProcess *process, AtlasVa va)
{
  const AtlasVad *vad =
    va <= process->max_va ? atlas_vad_tree_find (&process->vads, va, NULL) : NULL;

  return vad != NULL && vad->has_64k_pages ? vad : NULL;
}

static void
look (AtlasProcess *process, guint64 first_vpn, AtlasPage64k *page)
{
  guint n_in_place = 0;

  *page = (AtlasPage64k){ .base_va = first_vpn << ATLAS_PAGE_SHIFT };
  for (guint i = 0; i < ATLAS_PAGE_64K_PAGES; i++)
    {
      AtlasPa entry_pa;
      guint64 pte =
        atlas_process_read_pte (process, (first_vpn + i) << ATLAS_PAGE_SHIFT, &entry_pa);
      AtlasPfn pfn = atlas_pte_get_pfn (pte);

      if ((pte & ATLAS_PTE_VALID) == 0)
        continue;
      if (i == 0)
        page->first_pfn = pfn;
      page->n_present++;
      n_in_place += pfn == page->first_pfn + i ? 1u : 0u;
    }
  if (page->n_present == 0)
    page->state = ATLAS_PAGE_64K_ABSENT;
  else if (n_in_place == ATLAS_PAGE_64K_PAGES && (page->first_pfn & BLOCK_MASK) == 0)
    page->state = ATLAS_PAGE_64K_WHOLE;
  else
    page->state = ATLAS_PAGE_64K_SMALL;
}

gboolean
atlas_process_find_page_64k (AtlasProcess *process, AtlasVa va, AtlasPage64k *page)
{
  g_return_val_if_fail (process != NULL && process->system != NULL && page != NULL, FALSE);

  if (find_vad (process, va) == NULL)
    return FALSE;
  look (process, va >> ATLAS_PAGE_SHIFT & ~BLOCK_MASK, page);
  return TRUE;
}

gboolean
atlas_process_count_pages_64k (AtlasProcess *process,
                               AtlasVa va,
                               guint64 counts[ATLAS_N_PAGE_64K_STATES])
{
  const AtlasVad *vad;

  g_return_val_if_fail (process != NULL && process->system != NULL && counts != NULL, FALSE);

  for (guint i = 0; i < ATLAS_N_PAGE_64K_STATES; i++)
    counts[i] = 0;
  vad = find_vad (process, va);
  if (vad == NULL)
    return FALSE;
  for (guint64 vpn = vad->start_vpn & ~BLOCK_MASK; vpn <= vad->end_vpn; vpn += ATLAS_PAGE_64K_PAGES)
    {
      AtlasPage64k page;

      look (process, vpn, &page);
      counts[page.state]++;
    }
  return TRUE;
}

char *
atlas_page_64k_describe (const AtlasPage64k *page)
{
  g_autofree char *base = NULL;
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;

  g_return_val_if_fail (page != NULL, NULL);

  base = atlas_format_va (page->base_va);
  switch (page->state)
    {
    case ATLAS_PAGE_64K_ABSENT:
      return g_strdup_printf (_ ("Nothing of the page of 64 KB at %s is present: it has not been "
                                 "touched, or was trimmed."),
                              base);
    case ATLAS_PAGE_64K_WHOLE:
      first = atlas_format_hex (page->first_pfn);
      last = atlas_format_hex (page->first_pfn + BLOCK_MASK);
      return g_strdup_printf (
        _ ("The page of 64 KB at %s is sixteen entries of 4 KB, whose frames %s to %s lie side by "
           "side."),
        base,
        first,
        last);
    case ATLAS_PAGE_64K_SMALL:
      return g_strdup_printf (
        _ ("The page of 64 KB at %s is mapped by small pages: %u of 16 are present, and not all "
           "sixteen frames lie side by side."),
        base,
        page->n_present);
    case ATLAS_N_PAGE_64K_STATES:
      break;
    }
  g_return_val_if_reached (NULL);
}
