/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/minidump-regions.h"

#include <glib/gi18n-lib.h>

#include "base/translation.h"
#include "source/minidump-file.h"
#include "windows/free-cut.h"
#include "windows/layout.h"

/* Fields of the TEB and PEB on x64, from the public symbols of ntdll. */
#define TEB_PEB_OFFSET 0x60u
#define TEB_STACK_ALLOCATION_OFFSET 0x1478u
#define PEB_N_HEAPS_OFFSET 0xe8u
#define PEB_HEAPS_OFFSET 0xf0u
/* The list of heaps is the process's own memory, which may hold anything. */
#define HEAPS_MAX 4096u

/* Two bits for every 16 bytes of the user half: 128 TB / 64, 64 PB / 64. */
#define CFG_BITMAP_BYTES ATLAS_TB (2)
#define LA57_CFG_BITMAP_BYTES ATLAS_TB (1024)

#define THREAD_LIST N_ ("ThreadList of the dump")
#define MODULE_LIST N_ ("ModuleList of the dump")
#define PEB_MEMORY N_ ("PEB, as stored in the dump")

/* What is known about an allocation. */
typedef struct
{
  gboolean has_class;
  AtlasRegionClass region_class;
  const char *name;
  const char *reason;
  const char *source;
  gboolean is_stack;
  gboolean is_faulting; /* its thread raised the exception */
} Label;

/* What is known about all of them while regions are named. */
typedef struct
{
  const AtlasMinidumpFile *file;
  GHashTable *labels; /* allocation base → Label, both owned */
  GStringChunk *strings;
} Labels;

static const AtlasRegion *
find_row (const AtlasMinidumpFile *file, AtlasVa va)
{
  guint first = 0;
  guint count = file->regions->len;

  while (count > 0)
    {
      guint half = count / 2u;
      const AtlasRegion *row = &g_array_index (file->regions, AtlasRegion, first + half);

      if (atlas_region_contains (row, va))
        return row;
      if (row->base_va < va)
        {
          first += half + 1u;
          count -= half + 1u;
        }
      else
        count = half;
    }
  return NULL;
}

/* Labels the allocation that holds @va. The first to say something is believed. */
static void
add_label (Labels *labels, AtlasVa va, const Label *label)
{
  const AtlasRegion *row = find_row (labels->file, va);

  if (row == NULL || row->state == ATLAS_STATE_FREE ||
      g_hash_table_contains (labels->labels, &row->allocation_base_va))
    return;

  g_hash_table_insert (labels->labels,
                       g_memdup2 (&row->allocation_base_va, sizeof row->allocation_base_va),
                       g_memdup2 (label, sizeof *label));
}

static const char *
intern (Labels *labels, char *text)
{
  const char *interned = g_string_chunk_insert_const (labels->strings, text);

  g_free (text);
  return interned;
}

static void
label_modules (Labels *labels)
{
  const AtlasMinidumpFile *file = labels->file;

  for (guint i = 0; i < file->modules->len; i++)
    {
      const AtlasMinidumpModule *module = &g_array_index (file->modules, AtlasMinidumpModule, i);

      add_label (labels,
                 module->base_va,
                 &(Label){ .name = atlas_minidump_get_base_name (module->path),
                           .reason = intern (
                             labels, atlas_text_compose (ATLAS_TEXT_IMAGE, module->path, NULL)),
                           .source = MODULE_LIST });
    }
}

static void
label_threads (Labels *labels)
{
  const AtlasMinidumpFile *file = labels->file;

  for (guint i = 0; i < file->threads->len; i++)
    {
      const AtlasMinidumpThread *thread = &g_array_index (file->threads, AtlasMinidumpThread, i);
      AtlasVa stack_va = thread->stack_va;
      AtlasVa allocation_va;

      if (atlas_minidump_file_peek_u64 (
            file, thread->teb_va + TEB_STACK_ALLOCATION_OFFSET, &allocation_va))
        stack_va = allocation_va;
      add_label (
        labels,
        stack_va,
        &(Label){ .has_class = TRUE,
                  .region_class = ATLAS_CLASS_STACK,
                  .name = intern (labels, atlas_text_compose_number (ATLAS_TEXT_STACK, thread->id)),
                  .source = THREAD_LIST,
                  .is_stack = TRUE,
                  .is_faulting = file->has_exception && thread->id == file->exception.thread_id });
      add_label (
        labels,
        thread->teb_va,
        &(Label){ .has_class = TRUE,
                  .region_class = ATLAS_CLASS_SYSTEM,
                  .name = N_ ("PEB and TEBs"),
                  .reason = N_ ("Windows keeps the records of the process and of its threads "
                                "together in one reservation."),
                  .source = THREAD_LIST });
    }
}

/* The PEB names things that no stream does; it can be read where the dump holds its bytes. */
static void
label_from_peb (Labels *labels)
{
  static const struct
  {
    guint64 offset;
    Label label;
  } pointers[] = {
    { 0x30,
      { .has_class = TRUE,
        .region_class = ATLAS_CLASS_HEAP,
        .name = N_ ("process heap"),
        .reason = N_ ("the default heap, which GetProcessHeap() returns"),
        .source = PEB_MEMORY } },
    { 0x68,
      { .name = N_ ("API set map"),
        .reason = N_ ("tells the loader which DLL stands behind an api-ms-win-… name"),
        .source = PEB_MEMORY } },
    { 0x88,
      { .name = N_ ("read-only shared memory"),
        .reason = N_ ("the Windows subsystem shares it with its clients"),
        .source = PEB_MEMORY } },
    { 0xa0,
      { .name = N_ ("code page data"),
        .reason = N_ ("table between the ANSI code page and UTF-16"),
        .source = PEB_MEMORY } },
  };
  static const Label heap = { .has_class = TRUE,
                              .region_class = ATLAS_CLASS_HEAP,
                              .name = N_ ("heap"),
                              .reason = N_ ("a heap besides the default one"),
                              .source = PEB_MEMORY };
  const AtlasMinidumpFile *file = labels->file;
  AtlasVa peb_va;
  guint64 n_heaps;
  AtlasVa heaps_va;

  if (file->threads->len == 0)
    return;
  if (!atlas_minidump_file_peek_u64 (file,
                                     g_array_index (file->threads, AtlasMinidumpThread, 0).teb_va +
                                       TEB_PEB_OFFSET,
                                     &peb_va))
    return;

  for (guint i = 0; i < G_N_ELEMENTS (pointers); i++)
    {
      AtlasVa va;

      if (atlas_minidump_file_peek_u64 (file, peb_va + pointers[i].offset, &va))
        add_label (labels, va, &pointers[i].label);
    }

  if (!atlas_minidump_file_peek_u64 (file, peb_va + PEB_N_HEAPS_OFFSET, &n_heaps) ||
      !atlas_minidump_file_peek_u64 (file, peb_va + PEB_HEAPS_OFFSET, &heaps_va))
    return;
  n_heaps &= G_MAXUINT32;
  for (guint64 i = 0; i < MIN (n_heaps, HEAPS_MAX); i++)
    {
      AtlasVa va;

      if (atlas_minidump_file_peek_u64 (file, heaps_va + 8u * i, &va))
        add_label (labels, va, &heap);
    }
}

static void
label_from_layout (Labels *labels, AtlasVa va, const AtlasLayoutRegion *fixed)
{
  add_label (labels,
             va,
             &(Label){ .has_class = TRUE,
                       .region_class = ATLAS_CLASS_SYSTEM,
                       .name = fixed->name,
                       .reason = fixed->reason,
                       .source = fixed->source });
}

/* What can be told from where and how large an allocation is. */
static void
label_known_shapes (Labels *labels)
{
  static const Label cfg = {
    .has_class = TRUE,
    .region_class = ATLAS_CLASS_CFG,
    .name = N_ ("CFG bitmap"),
    .reason =
      N_ ("Control Flow Guard: two bits for every 16 bytes of 128 TB tell where indirect calls "
          "may go."),
    .source = N_ ("recognised as a mapped allocation of exactly 2 TB"),
  };
  static const Label la57_cfg = {
    .has_class = TRUE,
    .region_class = ATLAS_CLASS_CFG,
    .name = N_ ("CFG bitmap"),
    .reason =
      N_ ("Control Flow Guard: two bits for every 16 bytes of 64 PB tell where indirect calls "
          "may go."),
    .source = N_ ("recognised as a mapped allocation of exactly 1 PB"),
  };
  gboolean has_five_levels = labels->file->n_levels == ATLAS_LEVEL_PML5;
  guint64 cfg_bytes = has_five_levels ? LA57_CFG_BITMAP_BYTES : CFG_BITMAP_BYTES;
  const GArray *rows = labels->file->regions;

  label_from_layout (labels, ATLAS_KUSER_VA, &atlas_layout_kuser);
  for (guint slot = 1; slot <= ATLAS_HYPERVISOR_SLOTS; slot++)
    label_from_layout (labels, atlas_layout_get_hypervisor_va (slot), &atlas_layout_hypervisor);

  for (guint i = 0; i < rows->len;)
    {
      const AtlasRegion *first = &g_array_index (rows, AtlasRegion, i);
      guint64 size_bytes = 0;

      for (; i < rows->len; i++)
        {
          const AtlasRegion *row = &g_array_index (rows, AtlasRegion, i);

          if (row->state == ATLAS_STATE_FREE ||
              row->allocation_base_va != first->allocation_base_va)
            break;
          size_bytes += row->size_bytes;
        }
      if (first->state == ATLAS_STATE_FREE)
        i++;
      else if (first->type == ATLAS_TYPE_MAPPED && size_bytes == cfg_bytes)
        add_label (labels, first->base_va, has_five_levels ? &la57_cfg : &cfg);
    }
}

static AtlasRegionClass
get_plain_class (AtlasRegionType type)
{
  switch (type)
    {
    case ATLAS_TYPE_MAPPED:
      return ATLAS_CLASS_MAPPED;
    case ATLAS_TYPE_IMAGE:
      return ATLAS_CLASS_IMAGE;
    case ATLAS_TYPE_PRIVATE:
    case ATLAS_TYPE_NONE:
      break;
    }
  return ATLAS_CLASS_PRIVATE;
}

/* Microsoft Learn, "Thread Stack Size" and "Creating Guard Pages". */
static const char *
get_stack_reason (const AtlasRegion *row, gboolean is_faulting)
{
  if (row->state == ATLAS_STATE_RESERVE)
    return N_ ("reserved for the stack to grow into");
  if ((row->protect & ATLAS_PAGE_GUARD) != 0)
    return N_ ("guard pages: the first touch makes the stack grow");
  return is_faulting ? N_ ("in use by the thread that raised the exception")
                     : N_ ("in use by the thread");
}

/* Returns the name, which lives as long as @labels. */
static const char *
add_row (AtlasRegionSetBuilder *builder, Labels *labels, const AtlasRegion *row)
{
  const Label *label = g_hash_table_lookup (labels->labels, &row->allocation_base_va);
  AtlasRegion region = *row;

  region.region_class = get_plain_class (row->type);
  if (label != NULL)
    {
      if (label->has_class)
        region.region_class = label->region_class;
      region.name = label->name;
      region.reason = label->is_stack ? get_stack_reason (row, label->is_faulting) : label->reason;
      region.source = label->source;
    }
  atlas_region_set_builder_add (builder, &region);
  return region.name;
}

/* Where VirtualQuery stopped. A list that ends with an allocation leaves that open. */
static AtlasVa
get_user_end_va (const AtlasMinidumpFile *file)
{
  const GArray *rows = file->regions;
  AtlasVa highest_end_va = atlas_layout_get_user_end (file->n_levels) - ATLAS_KB (64);
  const AtlasRegion *last;
  AtlasVa end_va;

  if (rows->len == 0)
    return highest_end_va;

  last = &g_array_index (rows, AtlasRegion, rows->len - 1u);
  end_va = last->base_va + last->size_bytes;
  if (last->state == ATLAS_STATE_FREE)
    return end_va;
  return MAX (end_va, highest_end_va);
}

AtlasRegionSet *
atlas_minidump_regions_build (const AtlasMinidumpFile *file)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  AtlasVa user_end_va = get_user_end_va (file);
  AtlasVa next_va = 0;
  const char *below_name = NULL;
  AtlasVa below_va = 0;
  Labels labels = {
    .file = file,
    .labels = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free),
    .strings = g_string_chunk_new (4096),
  };

  label_known_shapes (&labels);
  label_modules (&labels);
  label_threads (&labels);
  label_from_peb (&labels);

  atlas_region_set_builder_set_user_end (builder, user_end_va);
  for (guint i = 0; i < file->regions->len; i++)
    {
      const AtlasRegion *row = &g_array_index (file->regions, AtlasRegion, i);

      if (row->state == ATLAS_STATE_FREE)
        continue;
      if (next_va < row->base_va)
        atlas_free_cut_add (
          builder, next_va, row->base_va - next_va, below_name, below_va, file->n_levels);
      below_name = add_row (builder, &labels, row);
      below_va = row->allocation_base_va;
      next_va = row->base_va + row->size_bytes;
    }
  if (next_va < user_end_va)
    atlas_free_cut_add (
      builder, next_va, user_end_va - next_va, below_name, below_va, file->n_levels);
  atlas_free_cut_add_outside (builder, user_end_va, file->n_levels);

  g_hash_table_unref (labels.labels);
  g_string_chunk_free (labels.strings);
  return atlas_region_set_builder_end (builder);
}
