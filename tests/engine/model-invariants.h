/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What must hold in a machine whatever was asked of it, checked the slow way: the tables are read
 * entry by entry from the root, and counted against what frames, VADs and processes say. */

#include "windows/machine-private.h"
#include "windows/reconcile.h"
#include "windows/section-object.h"
#include "windows/section-private.h"

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *process;
  guint *n_mappings; /* of each frame, by valid PTEs of user pages */
  guint64 n_tables;
  guint64 n_valid;
  char *broken;
} InvariantCheck;

static inline gboolean
invariant_fail (InvariantCheck *check, char *text)
{
  if (check->broken == NULL)
    check->broken = text;
  else
    g_free (text);
  return FALSE;
}

/* Returns the height; checks order, balance and what a node knows of those below. */
static inline guint
check_vad (InvariantCheck *check, const AtlasVad *vad, guint64 *next_free_vpn)
{
  guint left_height, right_height;

  if (vad == NULL)
    return 0;
  left_height = check_vad (check, vad->left, next_free_vpn);
  if (vad->start_vpn < *next_free_vpn || vad->end_vpn < vad->start_vpn)
    invariant_fail (check, g_strdup ("VADs overlap or are out of order"));
  *next_free_vpn = vad->end_vpn + 1;
  right_height = check_vad (check, vad->right, next_free_vpn);

  if (ABS ((int) left_height - (int) right_height) > 1)
    invariant_fail (check, g_strdup ("the VAD tree is out of balance"));
  if (vad->height != MAX (left_height, right_height) + 1)
    invariant_fail (check, g_strdup ("a VAD knows a wrong height"));
  if ((vad->left != NULL && vad->left->parent != vad) ||
      (vad->right != NULL && vad->right->parent != vad))
    invariant_fail (check, g_strdup ("a VAD has another parent"));
  if (vad->subtree_start_vpn !=
        (vad->left != NULL ? vad->left->subtree_start_vpn : vad->start_vpn) ||
      vad->subtree_end_vpn != (vad->right != NULL ? vad->right->subtree_end_vpn : vad->end_vpn))
    invariant_fail (check, g_strdup ("a VAD knows wrong ends of its subtree"));
  return MAX (left_height, right_height) + 1;
}

/* The largest room of whole 64 KB slots between neighbours, over the whole tree. */
static inline void
check_gap (InvariantCheck *check)
{
  const AtlasVad *vad = atlas_vad_tree_get_first (&check->process->vads);
  guint64 largest = 0;

  for (const AtlasVad *next; vad != NULL && (next = atlas_vad_get_next (vad)) != NULL; vad = next)
    {
      guint64 first = (vad->end_vpn + 16) & ~G_GUINT64_CONSTANT (15);

      if (first < next->start_vpn)
        largest = MAX (largest, next->start_vpn - first);
    }
  if (check->process->vads.root != NULL && check->process->vads.root->subtree_gap_pages != largest)
    invariant_fail (check, g_strdup ("the root knows a wrong largest gap"));
}

/* A valid PTE of a view names the section's frame of that page, or a copy that is the process's. */
static inline void
check_view_page (InvariantCheck *check,
                 const AtlasVad *vad,
                 guint64 vpn,
                 AtlasPa entry_pa,
                 guint64 pte)
{
  AtlasPfn pfn;

  if (vad == NULL || vad->section == NULL ||
      atlas_process_is_private_pte (check->process, entry_pa, pte))
    return;
  if (!atlas_section_get_frame (
        vad->section, vad->section_first_page + vpn - vad->start_vpn, &pfn) ||
      pfn != atlas_pte_get_pfn (pte))
    invariant_fail (check,
                    g_strdup_printf ("0x%" G_GINT64_MODIFIER
                                     "x shows another frame than its section's",
                                     vpn << ATLAS_PAGE_SHIFT));
  if ((pte & ATLAS_PTE_COPY_ON_WRITE) != 0 && (pte & ATLAS_PTE_DIRTY1) != 0)
    invariant_fail (check, g_strdup ("a page can be written that is to be copied first"));
}

/* Views and references, counted over all processes, against what the sections say. */
static inline void
check_sections (InvariantCheck *check)
{
  for (guint i = 0; i < check->system->sections->len; i++)
    {
      const AtlasSection *section = g_ptr_array_index (check->system->sections, i);
      guint n_references = section->is_kept ? 1 : 0;
      guint n_views = 0;

      for (guint j = 0; j < check->system->processes->len; j++)
        {
          const AtlasProcess *process = g_ptr_array_index (check->system->processes, j);

          for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
               vad = atlas_vad_get_next (vad))
            n_views += vad->section == section;
        }
      for (guint j = 0; j < check->system->section_objects->len; j++)
        {
          AtlasSectionObject *object = g_ptr_array_index (check->system->section_objects, j);

          n_references += atlas_section_object_get_section (object) == section;
        }
      if (n_views != section->n_views)
        invariant_fail (
          check,
          g_strdup_printf (
            "section %s counts %u views and has %u", section->name, section->n_views, n_views));
      if (n_references != section->n_references)
        invariant_fail (check,
                        g_strdup_printf ("section %s counts %u references and has %u",
                                         section->name,
                                         section->n_references,
                                         n_references));
    }
}

/* What the program may ask itself. */
static inline void
check_conflicts (InvariantCheck *check)
{
  g_autoptr (GArray) conflicts = atlas_process_find_conflicts (check->process);

  if (conflicts->len > 0)
    invariant_fail (check, atlas_conflict_format (&g_array_index (conflicts, AtlasConflict, 0)));
}

/* Counts what is in use below a table; @first_vpn: of the first page under it. */
static inline guint
check_table (InvariantCheck *check, AtlasPfn table_pfn, guint level, guint64 first_vpn)
{
  guint n_entries = table_pfn == check->process->root_pfn ? 256 : 512;
  guint n_used = 0;
  AtlasFrame frame;

  check->n_tables++;
  for (guint i = 0; i < n_entries; i++)
    {
      guint64 vpn = first_vpn + ((guint64) i << (9 * (level - 1)));
      guint64 entry = 0;

      atlas_memory_read_u64 (
        check->system->memory, (table_pfn << ATLAS_PAGE_SHIFT) + i * ATLAS_ENTRY_BYTES, &entry);
      if (entry == 0)
        continue;
      n_used++;
      if (level > ATLAS_LEVEL_PT && (entry & ATLAS_PTE_LARGE_PAGE) != 0)
        {
          const AtlasVad *vad =
            atlas_vad_tree_find (&check->process->vads, vpn << ATLAS_PAGE_SHIFT, NULL);

          if (vad == NULL || !atlas_vad_has_large_pages (vad))
            invariant_fail (check, g_strdup ("a large page belongs to no allocation of such"));
          /* The section itself has its frames, however many views map them. */
          if (vad == NULL || vad->kind == ATLAS_VAD_LARGE_VIEW)
            continue;
          for (guint64 j = 0; j < atlas_level_span_bytes (level) >> ATLAS_PAGE_SHIFT; j++)
            check->n_mappings[atlas_pte_get_pfn (entry) + j]++;
          continue;
        }
      if (level > ATLAS_LEVEL_PT)
        {
          check_table (check, atlas_pte_get_pfn (entry), level - 1, vpn);
          continue;
        }
      if (atlas_vad_tree_find (&check->process->vads, vpn << ATLAS_PAGE_SHIFT, NULL) == NULL)
        invariant_fail (check,
                        g_strdup_printf ("the PTE of 0x%" G_GINT64_MODIFIER "x belongs to no VAD",
                                         vpn << ATLAS_PAGE_SHIFT));
      if ((entry & ATLAS_PTE_VALID) != 0)
        {
          check->n_valid += atlas_process_is_in_working_set (check->process, entry);
          check->n_mappings[atlas_pte_get_pfn (entry)]++;
          check_view_page (
            check,
            atlas_vad_tree_find (&check->process->vads, vpn << ATLAS_PAGE_SHIFT, NULL),
            vpn,
            (table_pfn << ATLAS_PAGE_SHIFT) + i * ATLAS_ENTRY_BYTES,
            entry);
        }
    }
  atlas_frames_get (check->system->frames, table_pfn, &frame);
  if (frame.state != ATLAS_FRAME_ACTIVE || frame.use != ATLAS_FRAME_USE_TABLE)
    invariant_fail (check, g_strdup ("a table lies in a frame that is none"));
  if (frame.share_count != n_used + 1)
    invariant_fail (
      check,
      g_strdup_printf (
        "a table of level %u with %u entries in use counts %u", level, n_used, frame.share_count));
  return n_used;
}

static inline void
check_frames (InvariantCheck *check)
{
  AtlasFrames *frames = check->system->frames;
  guint64 n_frames = atlas_frames_get_n_frames (frames);
  guint64 n_of_state[ATLAS_N_FRAME_STATES] = { 0 };
  guint64 n_all = 0;

  for (AtlasPfn pfn = 0; pfn < n_frames; pfn++)
    {
      AtlasFrame frame;

      atlas_frames_get (frames, pfn, &frame);
      n_of_state[frame.state]++;
      if (frame.state != ATLAS_FRAME_ACTIVE && check->n_mappings[pfn] != 0)
        invariant_fail (
          check,
          g_strdup_printf ("frame 0x%x is mapped and %s",
                           (guint) pfn,
                           atlas_frame_state_get_name ((AtlasFrameState) frame.state)));
      if (frame.state == ATLAS_FRAME_ACTIVE &&
          (frame.use == ATLAS_FRAME_USE_PRIVATE || frame.use == ATLAS_FRAME_USE_SECTION) &&
          frame.share_count != check->n_mappings[pfn])
        invariant_fail (check,
                        g_strdup_printf ("frame 0x%x counts %u mappings and has %u",
                                         (guint) pfn,
                                         frame.share_count,
                                         check->n_mappings[pfn]));
    }
  for (guint state = 0; state < ATLAS_N_FRAME_STATES; state++)
    {
      n_all += n_of_state[state];
      if (n_of_state[state] != atlas_frames_count (frames, (AtlasFrameState) state))
        invariant_fail (
          check,
          g_strdup_printf ("%u frames are %s, not %u",
                           (guint) n_of_state[state],
                           atlas_frame_state_get_name ((AtlasFrameState) state),
                           (guint) atlas_frames_count (frames, (AtlasFrameState) state)));
    }
  if (n_all != n_frames)
    invariant_fail (check, g_strdup ("a frame is in no state or in two"));
}

/* The root that programs run on has the user half of the other, entry by entry. */
static inline void
check_user_root (InvariantCheck *check)
{
  guint n_used = 0;
  AtlasFrame frame;

  if (check->process->user_root_pfn == 0)
    return;
  for (guint i = 0; i < 256; i++)
    {
      guint64 entry = 0, user_entry = 0;

      atlas_memory_read_u64 (check->system->memory,
                             (check->process->root_pfn << ATLAS_PAGE_SHIFT) + i * ATLAS_ENTRY_BYTES,
                             &entry);
      atlas_memory_read_u64 (check->system->memory,
                             (check->process->user_root_pfn << ATLAS_PAGE_SHIFT) +
                               i * ATLAS_ENTRY_BYTES,
                             &user_entry);
      n_used += user_entry != 0;
      if (((entry ^ user_entry) & ~ATLAS_PTE_ACCESSED) != 0)
        invariant_fail (check, g_strdup_printf ("the two roots differ at entry %u", i));
    }
  atlas_frames_get (check->system->frames, check->process->user_root_pfn, &frame);
  if (frame.share_count != n_used + 1)
    invariant_fail (
      check,
      g_strdup_printf ("a user root with %u entries in use counts %u", n_used, frame.share_count));
}

/* What is promised to stay in memory, and what is left of it, are together what there was. */
static inline void
check_resident (InvariantCheck *check)
{
  guint64 n_promised = 0;
  guint64 n_most = atlas_frames_get_n_frames (check->system->frames);

  for (guint i = 0; i < check->system->processes->len; i++)
    {
      AtlasProcess *process = g_ptr_array_index (check->system->processes, i);

      n_promised += process->working_set_min_pages;
      n_promised += process->awe_pages != NULL ? g_hash_table_size (process->awe_pages) : 0;
      for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
           vad = atlas_vad_get_next (vad))
        n_promised += vad->kind == ATLAS_VAD_LARGE_PAGES ? atlas_vad_get_n_pages (vad) : 0;
    }
  for (guint i = 0; i < check->system->sections->len; i++)
    {
      const AtlasSection *section = g_ptr_array_index (check->system->sections, i);

      n_promised += section->large_pfns != NULL ? section->size_bytes / ATLAS_PAGE_BYTES : 0;
    }
  if (n_promised + check->system->resident_available_pages >= n_most)
    invariant_fail (check, g_strdup ("more is promised to stay in memory than there is"));
}

/* NULL, or what is broken. Entries must not have been written by hand. */
static inline char *
find_broken_invariant (AtlasSystem *system)
{
  InvariantCheck check = { .system = system };
  guint64 n_commit_pages = 0;

  check.n_mappings = g_new0 (guint, atlas_frames_get_n_frames (system->frames));
  for (guint i = 0; i < system->sections->len; i++)
    {
      const AtlasSection *section = g_ptr_array_index (system->sections, i);

      for (guint64 page = 0;
           section->large_pfns != NULL && page < section->size_bytes / ATLAS_PAGE_BYTES;
           page++)
        check.n_mappings[section->large_pfns[page / 512] + page % 512]++;
    }
  for (guint i = 0; i < system->processes->len; i++)
    {
      guint64 next_free_vpn = 0;

      check.process = g_ptr_array_index (system->processes, i);
      check.n_tables = 0;
      check.n_valid = 0;
      check_vad (&check, check.process->vads.root, &next_free_vpn);
      check_gap (&check);
      check_conflicts (&check);
      check_user_root (&check);
      check_table (&check, check.process->root_pfn, atlas_process_get_n_levels (check.process), 0);
      if (check.n_tables != check.process->n_tables)
        invariant_fail (&check, g_strdup ("a process has another number of tables"));
      if (check.n_valid != check.process->n_resident_pages)
        invariant_fail (&check, g_strdup ("a process has another number of resident pages"));
      for (const AtlasVad *vad = atlas_vad_tree_get_first (&check.process->vads); vad != NULL;
           vad = atlas_vad_get_next (vad))
        n_commit_pages += vad->commit_pages;
      if (check.process->awe_pages != NULL)
        n_commit_pages += g_hash_table_size (check.process->awe_pages);
      if (n_commit_pages != check.process->commit_pages)
        invariant_fail (&check, g_strdup ("a process and its VADs charge different pages"));
      n_commit_pages = 0;
    }
  check_frames (&check);
  check_sections (&check);
  check_resident (&check);
  g_free (check.n_mappings);
  return check.broken;
}
