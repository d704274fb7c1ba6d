/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/state-hash-private.h"

#include <string.h>

#include "windows/page-file-private.h"
#include "windows/section-private.h"

typedef struct
{
  const AtlasSystem *system;
  guint64 value;
} Hash;

static guint64
mix (guint64 value)
{
  /* The finalizer of splitmix64. */
  value = (value ^ (value >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  value = (value ^ (value >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return value ^ (value >> 31);
}

static void
add (Hash *hash, guint64 value)
{
  hash->value = mix (hash->value + value + G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
}

/* Whole words of pages: quick, as there are many. */
static void
add_page (Hash *hash, const guint8 bytes[ATLAS_PAGE_BYTES])
{
  guint64 sum = 0;

  for (gsize i = 0; i < ATLAS_PAGE_BYTES; i += sizeof (guint64))
    {
      guint64 word;

      memcpy (&word, bytes + i, sizeof word);
      sum = (sum ^ word) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      sum ^= sum >> 29;
    }
  add (hash, sum);
}

static void
add_text (Hash *hash, const char *text)
{
  add (hash, text != NULL ? g_str_hash (text) : 0);
}

/* The order of a table is that of no one's making. */
static void
add_table (Hash *hash, GHashTable *table, gboolean has_plain_values)
{
  GHashTableIter iter;
  gpointer key, value;
  guint64 sum = 0;

  if (table != NULL)
    {
      g_hash_table_iter_init (&iter, table);
      while (g_hash_table_iter_next (&iter, &key, &value))
        sum +=
          mix (mix (GPOINTER_TO_SIZE (key)) + (has_plain_values ? GPOINTER_TO_SIZE (value) : 0));
    }
  add (hash, sum);
}

/* A pointer of the machine as its place in a list. */
static guint64
get_place (const Hash *hash, gconstpointer pointer)
{
  const GPtrArray *lists[] = { hash->system->processes, hash->system->sections };

  for (guint i = 0; i < G_N_ELEMENTS (lists) && pointer != NULL; i++)
    {
      for (guint place = 0; place < lists[i]->len; place++)
        {
          if (lists[i]->pdata[place] == pointer)
            return (i + 1u) * ATLAS_BIT (32) + place;
        }
    }
  return pointer != NULL;
}

static void
add_frames (Hash *hash)
{
  const AtlasFrames *frames = hash->system->frames;
  guint64 n_frames = atlas_frames_get_n_frames (frames);
  guint8 bytes[ATLAS_PAGE_BYTES];

  for (guint state = 0; state < ATLAS_N_FRAME_STATES; state++)
    add (hash, atlas_frames_count (frames, (AtlasFrameState) state));
  for (AtlasPfn pfn = 0; pfn < n_frames; pfn++)
    {
      AtlasFrame frame;

      atlas_frames_get (frames, pfn, &frame);
      /* Most were never used. */
      if (frame.state == ATLAS_FRAME_ZEROED && frame.next == 0 && frame.previous == 0)
        continue;
      add (hash, pfn);
      add (hash, frame.entry_pa);
      add (hash, frame.original_pte);
      add (hash, get_place (hash, frame.owner));
      add (hash, frame.owner_page);
      add (hash, (guint64) frame.next << 32 | frame.previous);
      add (hash, (guint64) frame.share_count << 32 | frame.n_locks);
      add (hash,
           (guint64) frame.state | (guint64) frame.priority << 8 |
             (guint64) frame.is_modified << 16 | (guint64) frame.is_failing << 17 |
             (guint64) frame.use << 24 | (guint64) frame.is_reset << 32 |
             (guint64) frame.is_file << 33);
      if (frame.state != ATLAS_FRAME_ZEROED && frame.state != ATLAS_FRAME_FREE &&
          frame.state != ATLAS_FRAME_BAD && pfn >= 256 &&
          atlas_memory_read (hash->system->memory, pfn << ATLAS_PAGE_SHIFT, bytes, sizeof bytes))
        add_page (hash, bytes);
    }
}

static void
add_vad (Hash *hash, const AtlasVad *vad)
{
  if (vad == NULL)
    {
      add (hash, 0);
      return;
    }
  add (hash, vad->start_vpn);
  add (hash, vad->end_vpn);
  add (hash, vad->subtree_start_vpn);
  add (hash, vad->subtree_end_vpn);
  add (hash, vad->subtree_gap_pages);
  add (hash, (guint64) vad->height << 32 | (guint64) vad->kind << 16 | vad->region_class);
  add (hash,
       (guint64) vad->protection << 8 | (guint64) vad->is_mem_commit << 1 |
         (guint64) vad->is_permanent << 2 | (guint64) vad->is_placeholder << 3 |
         (guint64) vad->is_from_placeholder << 4 |
         (guint64) vad->has_64k_pages << 5);
  add (hash, vad->commit_pages);
  add_text (hash, vad->name);
  add (hash, get_place (hash, vad->section));
  add (hash, vad->section_first_page);
  /* The shape of the tree counts. */
  add_vad (hash, vad->left);
  add_vad (hash, vad->right);
}

static gboolean
add_written_page (gpointer key, gpointer value, gpointer data)
{
  add (data, GPOINTER_TO_SIZE (key));
  return FALSE;
}

static void
add_process (Hash *hash, const AtlasProcess *process)
{
  add_text (hash, process->space.name);
  add (hash, process->id);
  add (hash, process->thread_id);
  add (hash, process->control.cr0 ^ mix (process->control.cr3));
  add (hash, process->control.cr4 ^ mix (process->control.efer));
  add (hash, process->user_root_pfn);
  add (hash, process->bottom_up_va);
  add (hash, process->top_down_va);
  add (hash, process->commit_pages);
  add (hash, process->n_tables);
  add (hash, process->n_resident_pages);
  add (hash, process->working_set_min_pages);
  add (hash, process->working_set_max_pages);
  add (hash,
       (guint64) process->is_working_set_min_hard << 1 |
         (guint64) process->is_working_set_max_hard);
  add (hash, process->n_faults);
  add (hash, process->fault_counts.n_demand_zero);
  add (hash, process->fault_counts.n_transition);
  add (hash, process->fault_counts.n_shared);
  add (hash, process->fault_counts.n_copies);
  add (hash, process->fault_counts.n_hard);
  add (hash, process->n_peak_resident_pages);
  add (hash, process->page_priority);
  add_table (hash, process->locked_pages, FALSE);
  add_table (hash, process->hints, TRUE);
  add_table (hash, process->awe_pages, TRUE);
  add_table (hash, process->large_pages, FALSE);
  if (process->written_pages != NULL)
    g_tree_foreach (process->written_pages, add_written_page, hash);
  add (hash, process->vads.n_vads);
  add_vad (hash, process->vads.root);
}

static void
add_section (Hash *hash, const AtlasSection *section)
{
  guint64 prototype;
  GHashTableIter iter;
  gpointer key, value;
  guint64 sum = 0;

  add_text (hash, section->name);
  add (hash, (guint64) section->kind << 32 | section->n_subsections);
  add (hash, section->size_bytes);
  add (hash, section->charged_pages);
  add (hash, (guint64) section->n_references << 32 | section->n_views);
  add (hash, section->base_va);
  add (hash, section->large_pfns != NULL);
  add (hash,
       (guint64) section->is_held << 2 | (guint64) section->is_reserved << 1 |
         (guint64) section->is_kept);
  if (section->committed != NULL)
    {
      for (guint i = 0; i < section->committed->len * g_array_get_element_size (section->committed);
           i++)
        add (hash, (guint8) section->committed->data[i]);
    }
  for (guint64 page = 0; atlas_section_next_prototype (section, &page, &prototype); page++)
    sum += mix (mix (page) + prototype);
  add (hash, sum);
  add_table (hash, section->unreadable, FALSE);

  sum = 0;
  if (section->written != NULL)
    {
      g_hash_table_iter_init (&iter, section->written);
      while (g_hash_table_iter_next (&iter, &key, &value))
        {
          Hash page = { .value = GPOINTER_TO_SIZE (key) };

          add_page (&page, value);
          sum += page.value;
        }
    }
  add (hash, sum);
}

static void
add_page_file (Hash *hash, const AtlasPageFile *file)
{
  guint8 bytes[ATLAS_PAGE_BYTES];

  add (hash, atlas_page_file_get_n_slots (file));
  add (hash, atlas_page_file_get_max_slots (file));
  add (hash, atlas_page_file_get_n_used (file));
  for (guint32 slot = 0; slot < atlas_page_file_get_n_slots (file); slot++)
    {
      AtlasSlotOwner owner;

      if (!atlas_page_file_get_owner (file, slot, &owner))
        continue;
      add (hash, slot);
      add (hash, atlas_page_file_get_slot (file, slot));
      if (atlas_page_file_read (file, slot, 0, bytes, sizeof bytes))
        add_page (hash, bytes);
    }
}

static void
add_mtrrs (Hash *hash, const AtlasMtrrs *mtrrs)
{
  add (hash, mtrrs->default_type);
  for (guint i = 0; i < ATLAS_N_FIXED_MTRRS; i++)
    add (hash, mtrrs->fixed[i]);
  for (guint i = 0; i < ATLAS_N_VARIABLE_MTRRS; i++)
    {
      add (hash, mtrrs->variable[i].base);
      add (hash, mtrrs->variable[i].mask);
    }
}

guint64
atlas_system_hash_state (const AtlasSystem *system)
{
  Hash hash = { .system = system };

  add (&hash, system->time_100ns);
  add (&hash, system->commit_pages);
  add (&hash, system->commit_peak_pages);
  add (&hash, system->commit_limit_pages);
  add (&hash, system->n_pages_written);
  add (&hash, system->n_ages_changed);
  add (&hash, system->paged_pool_next_va);
  add (&hash, system->nonpaged_pool_next_va);
  for (guint i = 0; i < G_N_ELEMENTS (system->ids.state); i++)
    add (&hash, system->ids.state[i]);
  add (&hash, (guint64) system->last_id << 32 | system->n_started);
  add (&hash, system->control.cr0 ^ mix (system->control.cr4) ^ mix (system->control.efer + 1u));
  add (&hash, system->control.pat ^ mix (system->control.pkrs));
  add_mtrrs (&hash, atlas_mmu_get_mtrrs (system->mmu));
  add_frames (&hash);
  add (&hash, system->processes->len);
  for (guint i = 0; i < system->processes->len; i++)
    add_process (&hash, g_ptr_array_index (system->processes, i));
  add (&hash, system->sections->len);
  for (guint i = 0; i < system->sections->len; i++)
    add_section (&hash, g_ptr_array_index (system->sections, i));
  add (&hash, system->files->len);
  add (&hash, system->resident_available_pages);
  add (&hash, system->section_objects->len);
  for (guint i = 0; i < system->page_files->len; i++)
    add_page_file (&hash, g_ptr_array_index (system->page_files, i));
  return hash.value;
}
