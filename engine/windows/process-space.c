/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pager-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "windows/free-cut.h"
#include "windows/virtual.h"

/* A process seen as an AtlasSpace: VirtualQuery's truth with names and reasons, rebuilt when it is
 * asked for after a change. */

static AtlasProcess *
from_space (AtlasSpace *space)
{
  return (AtlasProcess *) space;
}

static void
add_cut (AtlasRegionSetBuilder *builder, AtlasRegion *region, AtlasVa end_va)
{
  if (end_va <= region->base_va)
    return;
  region->size_bytes = end_va - region->base_va;
  atlas_region_set_builder_add (builder, region);
  region->base_va = end_va;
}

/* [base_va, end_va) above @below, which nobody has reserved; may be empty. */
static void
add_free (AtlasRegionSetBuilder *builder,
          const AtlasVad *below,
          AtlasVa base_va,
          AtlasVa end_va,
          guint n_levels)
{
  if (base_va < end_va)
    atlas_free_cut_add (builder,
                        base_va,
                        end_va - base_va,
                        below != NULL ? below->name : NULL,
                        below != NULL ? atlas_vad_get_base_va (below) : 0,
                        n_levels);
}

static AtlasRegion
make_region (const AtlasVad *vad, guint64 vpn, AtlasPageState state)
{
  return (AtlasRegion){
    .base_va = vpn << ATLAS_PAGE_SHIFT,
    .allocation_base_va = atlas_vad_get_base_va (vad),
    .allocation_protect = atlas_protection_to_win32 (vad->protection),
    .protect = state.state == ATLAS_STATE_COMMIT ? atlas_protection_to_win32 (state.protection) : 0,
    .state = state.state,
    .type = atlas_vad_kind_get_type ((AtlasVadKind) vad->kind),
    .region_class = (AtlasRegionClass) vad->region_class,
    .name = vad->name,
    .reason = vad->reason,
    .source = vad->source,
  };
}

/* Pages from @vpn on that are alike, at most to the end of @vad. */
static AtlasPageState
get_run (AtlasProcess *process, const AtlasVad *vad, guint64 vpn, guint64 *end_vpn)
{
  AtlasPteIter iter;
  AtlasPageState run_state = { ATLAS_STATE_OUTSIDE, 0 };

  atlas_pte_iter_init (&iter, process, vpn, vad->end_vpn);
  *end_vpn = vpn;
  while (atlas_pte_iter_next (&iter))
    {
      for (guint64 n_left = iter.n_pages; n_left > 0;)
        {
          guint64 n_alike = n_left;
          AtlasPageState state =
            atlas_process_get_page_state (process, vad, *end_vpn, iter.pte, &n_alike);

          if (*end_vpn == vpn)
            run_state = state;
          else if (state.state != run_state.state || state.protection != run_state.protection)
            return run_state;
          *end_vpn += n_alike;
          n_left -= n_alike;
        }
    }
  return run_state;
}

static void
add_vad (AtlasRegionSetBuilder *builder, AtlasProcess *process, const AtlasVad *vad)
{
  guint64 vpn = vad->start_vpn;

  while (vpn <= vad->end_vpn)
    {
      guint64 end_vpn;
      AtlasPageState state = get_run (process, vad, vpn, &end_vpn);
      AtlasRegion region = make_region (vad, vpn, state);

      add_cut (builder, &region, end_vpn << ATLAS_PAGE_SHIFT);
      vpn = end_vpn;
    }
}

/* Everything above what VirtualQuery answers. */
static void
add_outside (AtlasRegionSetBuilder *builder, const AtlasProcess *process)
{
  const AtlasKernelLayout *kernel = &process->system->kernel_layout;

  atlas_free_cut_add_outside (builder, process->max_va + 1u, atlas_process_get_n_levels (process));
  for (guint i = 0; i < kernel->n_regions; i++)
    {
      const AtlasKernelUseInfo *info = atlas_kernel_use_get_info (kernel->regions[i].use);
      AtlasVa last_va = kernel->regions[i].base_va + (kernel->regions[i].size_bytes - 1u);
      AtlasRegion region = { .base_va = kernel->regions[i].base_va, .state = ATLAS_STATE_OUTSIDE };

      if (kernel->regions[i].use == ATLAS_KERNEL_SHARED_DATA)
        {
          region.region_class = ATLAS_CLASS_SYSTEM;
          region.name = N_ ("KUSER_SHARED_DATA (kernel's view)");
          region.reason = N_ ("The kernel writes the clocks here; user mode reads the same page, "
                              "read-only, at 0x7ffe0000.");
          region.source = atlas_layout_kuser.source;
          add_cut (builder, &region, ATLAS_KUSER_KERNEL_VA + ATLAS_PAGE_BYTES);
        }
      if (region.base_va > last_va)
        continue;
      region.region_class = ATLAS_CLASS_KERNEL;
      region.name = info->name;
      region.reason = info->reason;
      region.source = info->source;
      region.size_bytes = last_va - region.base_va + 1u;
      atlas_region_set_builder_add (builder, &region);
    }
}

static void
add_fact (AtlasSpace *space, const char *key, char *value)
{
  atlas_space_add_fact (space, key, value);
  g_free (value);
}

static void
update_facts (AtlasProcess *process)
{
  AtlasSpace *space = &process->space;
  AtlasSystem *system = process->system;
  g_autofree char *commit = atlas_format_size (process->commit_pages * ATLAS_PAGE_BYTES);
  g_autofree char *subtitle =
    g_strdup_printf (_ ("Windows 11 (%u) · %u allocations · %s committed"),
                     system->options.build,
                     process->vads.n_vads,
                     commit);

  atlas_space_set_subtitle (space, subtitle);
  g_ptr_array_set_size (space->facts, 0);
  add_fact (space, N_ ("process ID"), g_strdup_printf ("%u", process->id));
  if (atlas_process_get_machine_note (process) != NULL)
    add_fact (space, N_ ("machine"), g_strdup (_ (atlas_process_get_machine_note (process))));
  if (atlas_process_get_n_levels (process) == ATLAS_LEVEL_PML5)
    add_fact (space, N_ ("levels"), g_strdup (_ ("5: 64 PB in each half")));
  add_fact (space, N_ ("seed"), g_strdup_printf ("%" G_GUINT64_FORMAT, system->options.seed));
  add_fact (space, N_ ("CR3"), atlas_format_hex (process->control.cr3));
  if (process->user_root_pfn != 0)
    add_fact (space, N_ ("user CR3"), atlas_format_hex (atlas_process_get_user_cr3 (process)));
  if (process->image_va != 0)
    add_fact (space, N_ ("image base"), atlas_format_va (process->image_va));
  add_fact (space, N_ ("min application address"), atlas_format_va (ATLAS_MIN_APPLICATION_VA));
  add_fact (space, N_ ("max application address"), atlas_format_va (process->max_va));
  add_fact (space, N_ ("allocation granularity"), atlas_format_size (ATLAS_ALLOCATION_GRANULARITY));
  add_fact (space, N_ ("page size"), atlas_format_size (ATLAS_PAGE_BYTES));
  if (process->peb_va != 0)
    {
      add_fact (space, N_ ("PEB"), atlas_format_va (process->peb_va));
      add_fact (space, N_ ("TEB"), atlas_format_va (process->teb_va));
    }
  if (process->cfg_va != 0)
    add_fact (space, N_ ("CFG bitmap"), atlas_format_va (process->cfg_va));
  add_fact (space, N_ ("committed"), g_steal_pointer (&commit));
  add_fact (
    space, N_ ("working set"), atlas_format_size (process->n_resident_pages * ATLAS_PAGE_BYTES));
  add_fact (space, N_ ("page tables"), atlas_format_count (process->n_tables));
  add_fact (space, N_ ("page faults"), atlas_format_count (process->n_faults));
}

static AtlasRegionSet *
get_regions (AtlasSpace *space)
{
  AtlasProcess *process = from_space (space);
  AtlasRegionSetBuilder *builder;
  const AtlasVad *below = NULL;
  AtlasVa end_va;
  guint n_levels;

  if (process->regions != NULL)
    return process->regions;

  builder = atlas_region_set_builder_new ();
  if (process->system == NULL)
    {
      process->regions = atlas_region_set_builder_end (builder);
      return process->regions;
    }

  atlas_region_set_builder_set_user_end (builder, process->max_va + 1u);
  n_levels = atlas_process_get_n_levels (process);
  end_va = 0;
  for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      if (vad->kind == ATLAS_VAD_BLOCKED)
        continue;
      add_free (builder, below, end_va, atlas_vad_get_base_va (vad), n_levels);
      add_vad (builder, process, vad);
      end_va = atlas_vad_get_last_va (vad) + 1u;
      below = vad;
    }
  add_free (builder, below, end_va, process->max_va + 1u, n_levels);
  add_outside (builder, process);
  update_facts (process);
  process->regions = atlas_region_set_builder_end (builder);
  return process->regions;
}

static const AtlasControl *
get_control (AtlasSpace *space)
{
  AtlasProcess *process = from_space (space);

  return process->system != NULL ? &process->control : NULL;
}

static const AtlasMtrrs *
get_mtrrs (AtlasSpace *space)
{
  AtlasProcess *process = from_space (space);

  return process->system != NULL ? atlas_mmu_get_mtrrs (process->system->mmu) : NULL;
}

static const AtlasMemory *
get_memory (AtlasSpace *space)
{
  AtlasProcess *process = from_space (space);

  return process->system != NULL ? process->system->memory : NULL;
}

/* The bytes of one page's part; nothing is touched. */
static gboolean
peek_page (AtlasProcess *process, AtlasVa va, guint8 *bytes, gsize size_bytes)
{
  AtlasWalkQuery query = { .va = va, .access = ATLAS_ACCESS_READ, .is_implicit = TRUE };
  AtlasControl control = process->control;
  AtlasWalkResult result;
  const AtlasVad *vad;
  AtlasPa entry_pa;
  guint64 pte;
  guint64 n_pages = 1;
  AtlasPteKind kind;
  AtlasPageState state;

  /* To look is not to access: neither SMAP nor any key forbids it. */
  control.cr4 &= ~(ATLAS_CR4_SMAP | ATLAS_CR4_PKE | ATLAS_CR4_PKS | ATLAS_CR4_LASS);
  query.is_supervisor = TRUE;
  atlas_walk (process->system->memory, &control, &query, &result);
  if (result.outcome == ATLAS_OUTCOME_TRANSLATED)
    return atlas_memory_read (process->system->memory, result.pa, bytes, size_bytes);

  if (va > process->max_va)
    return FALSE;
  vad = atlas_vad_tree_find (&process->vads, va, NULL);
  if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
    return FALSE;
  pte = atlas_process_read_pte (process, va, &entry_pa);
  kind = atlas_pte_get_kind (pte);
  if (atlas_process_is_private_pte (process, entry_pa, pte) && kind == ATLAS_PTE_KIND_PAGE_FILE)
    return atlas_pager_read_slot (process->system, pte, va & ATLAS_PAGE_MASK, bytes, size_bytes);
  if (atlas_process_is_private_pte (process, entry_pa, pte))
    return atlas_memory_read (process->system->memory,
                              (pte & ATLAS_PTE_PFN_MASK) | (va & ATLAS_PAGE_MASK),
                              bytes,
                              size_bytes);
  state = atlas_process_get_page_state (process, vad, va >> ATLAS_PAGE_SHIFT, pte, &n_pages);
  if (vad->section != NULL || state.state != ATLAS_STATE_COMMIT ||
      (kind != ATLAS_PTE_KIND_ASK_VAD && kind != ATLAS_PTE_KIND_DEMAND_ZERO))
    return FALSE;
  /* Never touched: it will be zeros. */
  memset (bytes, 0, size_bytes);
  return TRUE;
}

static gsize
peek (AtlasSpace *space, AtlasVa va, guint8 *bytes, gboolean *is_known, gsize size_bytes)
{
  AtlasProcess *process = from_space (space);
  gsize n_known = 0;

  for (gsize n_done = 0; n_done < size_bytes;)
    {
      AtlasVa page_va = va + n_done;
      gsize n_bytes = MIN (size_bytes - n_done, ATLAS_PAGE_BYTES - (page_va & ATLAS_PAGE_MASK));
      gboolean is_page_known =
        process->system != NULL && peek_page (process, page_va, bytes + n_done, n_bytes);

      for (gsize i = 0; i < n_bytes; i++)
        is_known[n_done + i] = is_page_known;
      if (is_page_known)
        n_known += n_bytes;
      n_done += n_bytes;
    }
  return n_known;
}

static void
free_process (AtlasSpace *space)
{
  AtlasProcess *process = from_space (space);

  /* The process holds one reference itself until it ends. */
  g_assert (process->system == NULL);
  atlas_process_changed (process);
  g_free (process->preview_reason);
  atlas_space_clear (space);
  g_free (process);
}

const AtlasSpaceOps atlas_process_space_ops = {
  .free = free_process,
  .get_regions = get_regions,
  .get_control = get_control,
  .get_mtrrs = get_mtrrs,
  .get_memory = get_memory,
  .peek = peek,
};

AtlasStatus
atlas_process_query (AtlasProcess *process, AtlasVa va, AtlasRegion *region)
{
  guint64 vpn = va >> ATLAS_PAGE_SHIFT;
  const AtlasVad *vad;
  guint64 end_vpn = 0;

  if (va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER;

  vad = atlas_vad_tree_lower_bound (&process->vads, va);
  while (vad != NULL && vad->kind == ATLAS_VAD_BLOCKED)
    vad = atlas_vad_get_next (vad);

  if (vad != NULL && vad->start_vpn <= vpn)
    {
      AtlasPageState state = get_run (process, vad, vpn, &end_vpn);

      *region = make_region (vad, vpn, state);
    }
  else
    {
      const AtlasLayoutRegion *layout =
        atlas_layout_find (va, atlas_process_get_n_levels (process));

      *region = (AtlasRegion){ .base_va = vpn << ATLAS_PAGE_SHIFT,
                               .state = ATLAS_STATE_FREE,
                               .protect = ATLAS_PAGE_NOACCESS,
                               .region_class = ATLAS_CLASS_FREE };
      if (layout != NULL)
        {
          region->region_class = ATLAS_CLASS_NEVER;
          region->name = layout->name;
          region->reason = layout->reason;
          region->source = layout->source;
        }
      end_vpn = vad != NULL ? vad->start_vpn : (process->max_va + 1u) >> ATLAS_PAGE_SHIFT;
    }
  region->size_bytes = (end_vpn - vpn) << ATLAS_PAGE_SHIFT;
  return ATLAS_STATUS_SUCCESS;
}
