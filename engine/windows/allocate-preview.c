/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "base/format.h"
#include "base/translation.h"

#include <glib/gi18n-lib.h>
#include "windows/allocate-private.h"

#define SLOT_PAGES (ATLAS_ALLOCATION_GRANULARITY / ATLAS_PAGE_BYTES)

static char *
explain_conflict (AtlasProcess *process, AtlasVa asked_va, const AtlasAllocation *allocation)
{
  const AtlasVad *taken = allocation->taken;
  const AtlasVad *at = atlas_vad_tree_find (&process->vads, asked_va, NULL);
  g_autofree char *taken_va = NULL;
  g_autofree char *slot_va = NULL;
  g_autofree char *size = NULL;
  g_autofree char *name = NULL;
  const AtlasLayoutRegion *block =
    atlas_layout_find (asked_va, atlas_process_get_n_levels (process));

  if (allocation->is_replacement)
    {
      if (taken == NULL || !taken->is_placeholder)
        return g_strdup (_ ("There is no placeholder at this address to replace."));
      taken_va = atlas_format_va (atlas_vad_get_base_va (taken));
      size = atlas_format_size (atlas_vad_get_n_pages (taken) << ATLAS_PAGE_SHIFT);
      return g_strdup_printf (
        _ ("Only the whole of a placeholder can be replaced, and the one here "
           "starts at %s and has %s: split it first."),
        taken_va,
        size);
    }
  if (taken == NULL)
    {
      const AtlasVad *vad =
        allocation->vad != NULL
          ? allocation->vad
          : atlas_vad_tree_find (&process->vads, atlas_allocation_get_base_va (allocation), NULL);

      if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
        return g_strdup (_ ("Nothing is reserved at this address, so there is nothing to commit."));
      if (vad->is_placeholder)
        return g_strdup (_ ("The addresses are held by a placeholder: only what replaces it may be "
                            "committed."));
      if (vad->kind == ATLAS_VAD_AWE)
        return g_strdup (
          _ ("The addresses are a window on physical pages, which are mapped into it, "
             "not committed."));
      if (atlas_vad_has_large_pages (vad))
        return g_strdup (_ ("Large pages are committed all at once, when they are reserved."));
      if (vad->section != NULL)
        return g_strdup (
          _ ("The pages belong to a view of a file, whose contents cannot be given up."));
      return g_strdup (_ ("The range runs past the end of the reservation it starts in."));
    }
  if (taken->kind == ATLAS_VAD_BLOCKED)
    return g_strdup_printf (_ ("The range touches %s. %s"),
                            atlas_translate (taken->name),
                            atlas_translate (taken->reason));
  /* Whoever has the very page that was asked for, before whoever has the start of its slot. */
  if (at != NULL)
    taken = at;
  else if (block != NULL && block->kind == ATLAS_LAYOUT_BLOCK)
    return g_strdup_printf (_ ("The address lies in the %s. %s"),
                            atlas_translate (block->name),
                            atlas_translate (block->reason));

  taken_va = atlas_format_va (atlas_vad_get_base_va (taken));
  if (taken->is_placeholder)
    name = g_strdup (_ ("a placeholder"));
  else
    name =
      taken->name != NULL ? atlas_translate_kept (taken->name) : g_strdup (_ ("an allocation"));
  if (atlas_vad_get_last_va (taken) < asked_va)
    {
      slot_va = atlas_format_va (atlas_allocation_get_base_va (allocation));
      return g_strdup_printf (
        _ ("A reservation starts at a multiple of 64 KB, and the 64 KB slot at "
           "%s is taken by %s at %s."),
        slot_va,
        name,
        taken_va);
    }
  return g_strdup_printf (_ ("The range is taken by %s at %s."), name, taken_va);
}

static char *
explain_limit (AtlasProcess *process)
{
  g_autofree char *max = atlas_format_va (process->max_va);

  return g_strdup_printf (_ ("The address lies above %s, the last one of a program that is not "
                             "large-address aware."),
                          max);
}

static char *
explain (AtlasProcess *process,
         const AtlasAllocationRequest *request,
         const AtlasAllocation *allocation)
{
  AtlasVa base_va = request->base_va;
  g_autofree char *reason = atlas_allocation_explain_arguments (process, request, allocation);
  const AtlasLayoutRegion *layout =
    atlas_layout_find (base_va, atlas_process_get_n_levels (process));

  if (reason != NULL)
    return g_steal_pointer (&reason);
  switch (allocation->status)
    {
    case ATLAS_STATUS_SUCCESS:
      return NULL;
    case ATLAS_STATUS_CONFLICTING_ADDRESSES:
      return explain_conflict (process, base_va, allocation);
    case ATLAS_STATUS_INVALID_PARAMETER_2:
      if (layout != NULL &&
          (base_va < ATLAS_MIN_APPLICATION_VA || process->options.is_large_address_aware))
        return g_strdup (atlas_translate (layout->reason));
      if (base_va >= atlas_kernel_get_start_va (atlas_process_get_n_levels (process)))
        return g_strdup (_ ("The address belongs to the kernel."));
      return explain_limit (process);
    default:
      return g_strdup (_ (atlas_status_get_description (allocation->status)));
    }
}

static void
preview_request (AtlasProcess *process,
                 const AtlasAllocationRequest *request,
                 AtlasAllocationPreview *preview)
{
  AtlasAllocation allocation;

  atlas_allocation_plan (process, request, &allocation);
  g_free (process->preview_reason);
  process->preview_reason = explain (process, request, &allocation);
  *preview = (AtlasAllocationPreview){ .status = allocation.status,
                                       .base_va = request->base_va,
                                       .size_bytes = request->size_bytes,
                                       .reason = process->preview_reason };
  if (allocation.last_vpn == 0)
    return;

  preview->base_va = atlas_allocation_get_base_va (&allocation);
  preview->size_bytes = atlas_allocation_get_size (&allocation);
  preview->n_pages = allocation.last_vpn - allocation.first_vpn + 1u;
  if (allocation.status == ATLAS_STATUS_SUCCESS && allocation.vad == NULL)
    {
      const AtlasVad *next =
        atlas_vad_tree_lower_bound (&process->vads, (allocation.last_vpn + 1u) << ATLAS_PAGE_SHIFT);
      guint64 slot_end_vpn = (allocation.last_vpn | (SLOT_PAGES - 1u)) + 1u;

      if (next != NULL)
        slot_end_vpn = MIN (slot_end_vpn, next->start_vpn);
      preview->n_unusable_pages = (guint) (slot_end_vpn - allocation.last_vpn - 1u);
    }
}

void
atlas_virtual_alloc_preview (AtlasProcess *process,
                             AtlasVa base_va,
                             guint64 n_bytes,
                             guint32 allocation_type,
                             guint32 protect,
                             AtlasAllocationPreview *preview)
{
  const AtlasAllocationRequest request = {
    .base_va = base_va, .size_bytes = n_bytes, .type = allocation_type, .protect = protect
  };

  g_return_if_fail (process != NULL && process->system != NULL);
  g_return_if_fail (preview != NULL);

  preview_request (process, &request, preview);
}

void
atlas_virtual_alloc2_preview (AtlasProcess *process,
                              AtlasVa base_va,
                              guint64 n_bytes,
                              guint32 allocation_type,
                              guint32 protect,
                              const AtlasExtendedParameter *parameters,
                              guint n_parameters,
                              AtlasAllocationPreview *preview)
{
  const AtlasAllocationRequest request = { .base_va = base_va,
                                           .size_bytes = n_bytes,
                                           .type = allocation_type,
                                           .protect = protect,
                                           .is_extended = TRUE,
                                           .parameters = parameters,
                                           .n_parameters = n_parameters };

  g_return_if_fail (process != NULL && process->system != NULL);
  g_return_if_fail (preview != NULL);

  preview_request (process, &request, preview);
}
