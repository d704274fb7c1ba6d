/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/write-watch-private.h"

static gint
compare_pages (gconstpointer a, gconstpointer b, gpointer unused)
{
  gsize page_a = GPOINTER_TO_SIZE (a);
  gsize page_b = GPOINTER_TO_SIZE (b);

  return page_a < page_b ? -1 : page_a > page_b;
}

static gboolean
is_hot (guint64 pte)
{
  return (pte & (ATLAS_PTE_VALID | ATLAS_PTE_DIRTY1)) == (ATLAS_PTE_VALID | ATLAS_PTE_DIRTY1);
}

void
atlas_write_watch_start (AtlasProcess *process)
{
  if (process->written_pages == NULL)
    process->written_pages = g_tree_new_full (compare_pages, NULL, NULL, NULL);
}

void
atlas_write_watch_note (AtlasProcess *process, AtlasVa va, guint64 old_pte, guint64 pte)
{
  const AtlasVad *vad;

  if (!is_hot (old_pte) || is_hot (pte) || pte == 0)
    return;
  vad = atlas_vad_tree_find (&process->vads, va, NULL);
  if (vad != NULL && vad->kind == ATLAS_VAD_WRITE_WATCH)
    g_tree_insert (process->written_pages, GSIZE_TO_POINTER (va >> ATLAS_PAGE_SHIFT), NULL);
}

void
atlas_write_watch_forget (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn)
{
  GTreeNode *node;

  if (process->written_pages == NULL)
    return;
  while ((node = g_tree_lower_bound (process->written_pages, GSIZE_TO_POINTER (first_vpn))) !=
           NULL &&
         GPOINTER_TO_SIZE (g_tree_node_key (node)) <= last_vpn)
    g_tree_remove (process->written_pages, g_tree_node_key (node));
}

/* Written pages of the range, at most @n_max of them. */
static guint64
collect (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn, AtlasVa *pages, guint64 n_max)
{
  GTreeNode *kept = g_tree_lower_bound (process->written_pages, GSIZE_TO_POINTER (first_vpn));
  guint64 n_pages = 0;
  AtlasPteIter iter;

  atlas_pte_iter_init (&iter, process, first_vpn, last_vpn);
  while (n_pages < n_max && atlas_pte_iter_next (&iter))
    {
      gboolean is_told = FALSE;

      while (kept != NULL && n_pages < n_max &&
             GPOINTER_TO_SIZE (g_tree_node_key (kept)) < iter.vpn + iter.n_pages)
        {
          pages[n_pages++] = GPOINTER_TO_SIZE (g_tree_node_key (kept)) << ATLAS_PAGE_SHIFT;
          kept = g_tree_node_next (kept);
          is_told = TRUE;
        }
      if (!is_told && n_pages < n_max && is_hot (iter.pte))
        pages[n_pages++] = iter.vpn << ATLAS_PAGE_SHIFT;
    }
  return n_pages;
}

/* The processor may not write unseen any more. The frame knows already that it was. */
static void
reset_page (AtlasProcess *process, guint64 vpn)
{
  AtlasVa va = vpn << ATLAS_PAGE_SHIFT;
  AtlasPa entry_pa;
  guint64 pte = atlas_process_read_pte (process, va, &entry_pa);

  if (is_hot (pte))
    atlas_process_write_pte (process, va, entry_pa, pte & ~(ATLAS_PTE_DIRTY1 | ATLAS_PTE_DIRTY));
  g_tree_remove (process->written_pages, GSIZE_TO_POINTER (vpn));
}

/* The range lies inside one allocation with a watch. */
static AtlasStatus
check_range (AtlasProcess *process, AtlasVa base_va, guint64 n_bytes)
{
  const AtlasVad *vad;

  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (n_bytes == 0 || base_va > process->max_va || n_bytes - 1u > process->max_va - base_va)
    return ATLAS_STATUS_INVALID_PARAMETER;
  vad = atlas_vad_tree_find (&process->vads, base_va, NULL);
  if (vad == NULL || vad->kind != ATLAS_VAD_WRITE_WATCH ||
      base_va + n_bytes - 1u > atlas_vad_get_last_va (vad))
    return ATLAS_STATUS_INVALID_PARAMETER;
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_get_write_watch (AtlasProcess *process,
                          guint32 flags,
                          AtlasVa base_va,
                          guint64 n_bytes,
                          AtlasVa *pages,
                          guint64 *n_pages,
                          guint64 *page_bytes)
{
  AtlasStatus status;

  if (pages == NULL || n_pages == NULL || page_bytes == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if ((flags & ~ATLAS_WRITE_WATCH_FLAG_RESET) != 0 || *n_pages == 0)
    return ATLAS_STATUS_INVALID_PARAMETER;
  status = check_range (process, base_va, n_bytes);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  *page_bytes = ATLAS_PAGE_BYTES;
  *n_pages = collect (process,
                      base_va >> ATLAS_PAGE_SHIFT,
                      (base_va + n_bytes - 1u) >> ATLAS_PAGE_SHIFT,
                      pages,
                      *n_pages);
  for (guint64 i = 0; (flags & ATLAS_WRITE_WATCH_FLAG_RESET) != 0 && i < *n_pages; i++)
    reset_page (process, pages[i] >> ATLAS_PAGE_SHIFT);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_reset_write_watch (AtlasProcess *process, AtlasVa base_va, guint64 n_bytes)
{
  AtlasStatus status = check_range (process, base_va, n_bytes);
  AtlasVa page_va;

  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  while (collect (process,
                  base_va >> ATLAS_PAGE_SHIFT,
                  (base_va + n_bytes - 1u) >> ATLAS_PAGE_SHIFT,
                  &page_va,
                  1) > 0)
    reset_page (process, page_va >> ATLAS_PAGE_SHIFT);
  return ATLAS_STATUS_SUCCESS;
}
