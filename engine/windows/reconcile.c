/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/reconcile.h"

#include "base/format.h"
#include "paging/address.h"
#include "windows/machine-private.h"

typedef struct
{
  AtlasProcess *process;
  const AtlasMemory *memory;
  GArray *conflicts;
} Reconciler;

/* An entry, and the addresses under it. */
typedef struct
{
  guint level;
  AtlasVa va;
  AtlasPa entry_pa;
  guint64 entry;
} Place;

static guint64
get_span (const Place *place)
{
  return ATLAS_BIT (ATLAS_PAGE_SHIFT + 9u * (place->level - ATLAS_LEVEL_PT));
}

static void
add (Reconciler *self, const Place *place, AtlasConflictKind kind)
{
  AtlasConflict conflict = {
    .kind = kind,
    .level = place->level,
    .base_va = place->va,
    .size_bytes = get_span (place),
    .entry_pa = place->entry_pa,
    .entry = place->entry,
  };

  if (self->conflicts->len > 0)
    {
      AtlasConflict *last =
        &g_array_index (self->conflicts, AtlasConflict, self->conflicts->len - 1u);

      if (last->kind == kind && last->level == place->level &&
          last->base_va + last->size_bytes == place->va)
        {
          last->size_bytes += conflict.size_bytes;
          return;
        }
    }
  g_array_append_val (self->conflicts, conflict);
}

/* Whether the frame is one that this page may show. */
static gboolean
is_own_frame (Reconciler *self, const AtlasVad *vad, const Place *place)
{
  AtlasPfn pfn = atlas_pte_get_pfn (place->entry);
  AtlasFrame frame;

  if (pfn >= atlas_frames_get_n_frames (self->process->system->frames))
    return FALSE;
  if (atlas_process_owns_page (self->process, place->entry_pa, place->entry) ||
      atlas_process_counts_page (self->process, place->va, pfn))
    return TRUE;
  atlas_frames_get (self->process->system->frames, pfn, &frame);
  return vad->kind == ATLAS_VAD_AWE && frame.use == ATLAS_FRAME_USE_AWE &&
         frame.owner == self->process;
}

static void
check_page (Reconciler *self, const Place *place)
{
  const AtlasVad *vad = atlas_vad_tree_find (&self->process->vads, place->va, NULL);
  guint64 n_pages = 1;
  AtlasPageState state;

  if (vad == NULL)
    {
      add (self, place, ATLAS_CONFLICT_NO_VAD);
      return;
    }
  if (!is_own_frame (self, vad, place))
    {
      add (self, place, ATLAS_CONFLICT_FRAME);
      return;
    }
  state = atlas_process_get_page_state (
    self->process, vad, place->va >> ATLAS_PAGE_SHIFT, place->entry, &n_pages);
  if ((place->entry & ATLAS_PTE_DIRTY1) != 0 &&
      (!atlas_protection_is_writable (state.protection) || (place->entry & ATLAS_PTE_WRITE) == 0 ||
       (place->entry & ATLAS_PTE_COPY_ON_WRITE) != 0))
    add (self, place, ATLAS_CONFLICT_WRITABLE);
  else if ((place->entry & ATLAS_PTE_NO_EXECUTE) == 0 &&
           !atlas_protection_is_executable (state.protection))
    add (self, place, ATLAS_CONFLICT_EXECUTABLE);
  else if ((place->entry & ATLAS_PTE_OWNER) == 0)
    add (self, place, ATLAS_CONFLICT_SUPERVISOR);
}

static void check_table (Reconciler *self, AtlasPa table_pa, guint level, AtlasVa va);

/* Windows gives all rights above the page and takes them away below. */
static void
check_upper (Reconciler *self, const Place *place)
{
  if ((place->entry & ATLAS_PTE_LARGE_PAGE) != 0)
    {
      if (atlas_vad_tree_find (&self->process->vads, place->va, NULL) == NULL)
        add (self, place, ATLAS_CONFLICT_NO_VAD);
      return;
    }
  if (atlas_pte_get_pfn (place->entry) >=
        atlas_frames_get_n_frames (self->process->system->frames) ||
      !atlas_process_owns_table (self->process, place->entry_pa, place->entry))
    {
      add (self, place, ATLAS_CONFLICT_TABLE);
      return;
    }
  if ((place->entry & ATLAS_PTE_OWNER) == 0)
    add (self, place, ATLAS_CONFLICT_SUPERVISOR);
  else if ((place->entry & ATLAS_PTE_DIRTY1) == 0 || (place->entry & ATLAS_PTE_NO_EXECUTE) != 0)
    add (self, place, ATLAS_CONFLICT_RESTRICTED);
  check_table (
    self, atlas_pte_get_pfn (place->entry) << ATLAS_PAGE_SHIFT, place->level - 1u, place->va);
}

static void
check_table (Reconciler *self, AtlasPa table_pa, guint level, AtlasVa va)
{
  gboolean is_root = table_pa == self->process->root_pfn << ATLAS_PAGE_SHIFT;
  guint n_entries = is_root ? ATLAS_TABLE_ENTRIES / 2u : ATLAS_TABLE_ENTRIES;

  for (guint i = 0; i < n_entries; i++)
    {
      Place place = { .level = level, .entry_pa = table_pa + (AtlasPa) i * ATLAS_ENTRY_BYTES };

      place.va = va + i * get_span (&place);
      if (!atlas_memory_read_u64 (self->memory, place.entry_pa, &place.entry) ||
          (place.entry & ATLAS_PTE_VALID) == 0)
        continue;
      if (level == ATLAS_LEVEL_PT)
        check_page (self, &place);
      else
        check_upper (self, &place);
    }
}

GArray *
atlas_process_find_conflicts (AtlasProcess *process)
{
  Reconciler self = { .process = process };

  g_return_val_if_fail (process != NULL && process->system != NULL, NULL);

  self.memory = process->system->memory;
  self.conflicts = g_array_new (FALSE, FALSE, sizeof (AtlasConflict));
  check_table (
    &self, process->root_pfn << ATLAS_PAGE_SHIFT, atlas_process_get_n_levels (process), 0);
  return self.conflicts;
}

const char *
atlas_conflict_get_description (AtlasConflictKind kind)
{
  static const char *const descriptions[ATLAS_N_CONFLICTS] = {
    [ATLAS_CONFLICT_NO_VAD] = "it is mapped, and the VADs know nothing of it",
    [ATLAS_CONFLICT_FRAME] = "its frame is neither the process's nor its section's",
    [ATLAS_CONFLICT_TABLE] = "it leads to a frame that is no table of this process",
    [ATLAS_CONFLICT_WRITABLE] = "R/W is set, and the page's protection allows no write here",
    [ATLAS_CONFLICT_EXECUTABLE] = "XD is clear, and the page's protection allows no execution",
    [ATLAS_CONFLICT_SUPERVISOR] = "U/S is clear in the user half",
    [ATLAS_CONFLICT_RESTRICTED] = "it takes away rights from all pages below it",
  };

  g_return_val_if_fail ((guint) kind < ATLAS_N_CONFLICTS, "");

  return descriptions[kind];
}

char *
atlas_conflict_format (const AtlasConflict *conflict)
{
  g_autofree char *base = atlas_format_va (conflict->base_va);
  g_autofree char *size = atlas_format_size (conflict->size_bytes);

  return g_strdup_printf ("%s, %s: %s %016" G_GINT64_MODIFIER "x at 0x%" G_GINT64_MODIFIER "x: %s",
                          base,
                          size,
                          atlas_level_get_entry_name (conflict->level),
                          conflict->entry,
                          conflict->entry_pa,
                          atlas_conflict_get_description (conflict->kind));
}
