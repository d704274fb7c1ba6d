/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/daemons-private.h"
#include "windows/pager-private.h"
#include "windows/section-object-private.h"
#include "windows/working-set-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "windows/frames-private.h"
#include "windows/page-file-private.h"

#define MEMORY_BYTES_MIN ATLAS_MB (64)
#define MEMORY_BYTES_MAX ATLAS_TB (4)

/* A choice: the machine was switched on at 2022-12-16 00:00 UTC, in 100 ns since 1601. */
#define BOOT_TIME_100NS G_GUINT64_CONSTANT (133156224000000000)
/* A clock tick of 15.625 ms, in 100 ns, and the same in milliseconds as 8.24 fixed point. */
#define TICK_100NS 156250u
#define TICK_MULTIPLIER 0x0fa00000u
#define QPC_FREQUENCY G_GUINT64_CONSTANT (10000000)
/* A choice: a time-stamp counter of 3 GHz. 2^64 × 10 MHz / 3 GHz, rounded down. */
#define TSC_SCALE G_GUINT64_CONSTANT (0x00da740da740da74)

/* A choice: the best documented of the processors that have SMEP and SMAP. */
#define TLB_PROFILE "skylake"

#define MSR_TIME_REF_COUNT 0x40000020u
#define MSR_REFERENCE_TSC 0x40000021u

/* Offsets in KUSER_SHARED_DATA: System Informer, phnt, ntexapi.h. */
enum
{
  KUSER_TICK_COUNT_LOW = 0x000,
  KUSER_TICK_COUNT_MULTIPLIER = 0x004,
  KUSER_INTERRUPT_TIME = 0x008,
  KUSER_SYSTEM_TIME = 0x014,
  KUSER_NT_SYSTEM_ROOT = 0x030,
  KUSER_LARGE_PAGE_MINIMUM = 0x244,
  KUSER_NT_BUILD_NUMBER = 0x260,
  KUSER_NT_PRODUCT_TYPE = 0x264,
  KUSER_PRODUCT_TYPE_IS_VALID = 0x268,
  KUSER_NATIVE_PROCESSOR_ARCHITECTURE = 0x26a,
  KUSER_NT_MAJOR_VERSION = 0x26c,
  KUSER_NT_MINOR_VERSION = 0x270,
  KUSER_NUMBER_OF_PHYSICAL_PAGES = 0x2e8,
  KUSER_QPC_FREQUENCY = 0x300,
  KUSER_TICK_COUNT = 0x320,
  KUSER_COOKIE = 0x330,
  KUSER_ACTIVE_PROCESSOR_COUNT = 0x3c0,
};

/* Hypervisor Top Level Functional Specification, "Partition Reference TSC Mechanism". */
enum
{
  TSC_PAGE_SEQUENCE = 0x00,
  TSC_PAGE_SCALE = 0x08,
  TSC_PAGE_OFFSET = 0x10,
};

static void
put_u16 (AtlasSystem *system, AtlasPfn pfn, guint offset, guint16 value)
{
  value = GUINT16_TO_LE (value);
  atlas_memory_write (system->memory, (pfn << ATLAS_PAGE_SHIFT) + offset, &value, sizeof value);
}

static void
put_u32 (AtlasSystem *system, AtlasPfn pfn, guint offset, guint32 value)
{
  value = GUINT32_TO_LE (value);
  atlas_memory_write (system->memory, (pfn << ATLAS_PAGE_SHIFT) + offset, &value, sizeof value);
}

static void
put_u64 (AtlasSystem *system, AtlasPfn pfn, guint offset, guint64 value)
{
  value = GUINT64_TO_LE (value);
  atlas_memory_write (system->memory, (pfn << ATLAS_PAGE_SHIFT) + offset, &value, sizeof value);
}

/* KSYSTEM_TIME: low part, high part, and the high part again: a reader that sees two different high
 * parts has caught the writer half-way, and reads once more. */
static void
put_system_time (AtlasSystem *system, guint offset, guint64 value)
{
  put_u32 (system, system->kuser_pfn, offset + 8u, (guint32) (value >> 32));
  put_u32 (system, system->kuser_pfn, offset, (guint32) value);
  put_u32 (system, system->kuser_pfn, offset + 4u, (guint32) (value >> 32));
}

static void
update_clocks (AtlasSystem *system)
{
  guint64 n_ticks = system->time_100ns / TICK_100NS;

  put_system_time (system, KUSER_INTERRUPT_TIME, system->time_100ns);
  put_system_time (system, KUSER_SYSTEM_TIME, BOOT_TIME_100NS + system->time_100ns);
  put_system_time (system, KUSER_TICK_COUNT, n_ticks);
  put_u32 (system, system->kuser_pfn, KUSER_TICK_COUNT_LOW, (guint32) n_ticks);
}

static void
fill_kuser (AtlasSystem *system)
{
  static const char system_root[] = "C:\\Windows";
  AtlasPfn pfn = system->kuser_pfn;
  AtlasRandom random = atlas_random_fork (system->options.seed, "cookie");

  put_u32 (system, pfn, KUSER_TICK_COUNT_MULTIPLIER, TICK_MULTIPLIER);
  for (guint i = 0; i < sizeof system_root; i++)
    put_u16 (system, pfn, KUSER_NT_SYSTEM_ROOT + 2u * i, (guint16) system_root[i]);
  put_u32 (system, pfn, KUSER_LARGE_PAGE_MINIMUM, 0x200000);
  put_u32 (system, pfn, KUSER_NT_BUILD_NUMBER, system->options.build);
  put_u32 (system, pfn, KUSER_NT_PRODUCT_TYPE, 1); /* workstation */
  put_u16 (system, pfn, KUSER_PRODUCT_TYPE_IS_VALID, 1);
  put_u16 (system, pfn, KUSER_NATIVE_PROCESSOR_ARCHITECTURE, 9); /* AMD64 */
  put_u32 (system, pfn, KUSER_NT_MAJOR_VERSION, 10);
  put_u32 (system, pfn, KUSER_NT_MINOR_VERSION, 0);
  put_u32 (system,
           pfn,
           KUSER_NUMBER_OF_PHYSICAL_PAGES,
           (guint32) (system->options.memory_bytes / ATLAS_PAGE_BYTES));
  put_u64 (system, pfn, KUSER_QPC_FREQUENCY, QPC_FREQUENCY);
  put_u32 (system, pfn, KUSER_COOKIE, (guint32) atlas_random_next (&random));
  put_u32 (system, pfn, KUSER_ACTIVE_PROCESSOR_COUNT, 1);
  update_clocks (system);
}

static AtlasPfn
take_frame (AtlasSystem *system, AtlasFrameUse use, AtlasPa entry_pa)
{
  AtlasPfn pfn = 0;
  gboolean is_taken = atlas_frames_take (system->frames, use, entry_pa, &pfn);

  /* The first few of at least 64 MB. */
  g_assert (is_taken);
  return pfn;
}

AtlasSystem *
atlas_system_new (const AtlasSystemOptions *options, GError **error)
{
  g_autoptr (AtlasMemory) memory = NULL;
  g_autoptr (AtlasFrames) frames = NULL;
  AtlasMtrrs mtrrs;
  AtlasSystem *system;

  g_return_val_if_fail (options != NULL, NULL);

  if (options->memory_bytes < MEMORY_BYTES_MIN || options->memory_bytes > MEMORY_BYTES_MAX ||
      options->memory_bytes % ATLAS_PAGE_BYTES != 0)
    {
      g_autofree char *size = atlas_format_size_exact (options->memory_bytes);

      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("A machine cannot have %s of memory: 64 MB to 4 TB in pages of 4 KB"),
                   size);
      return NULL;
    }

  /* Five levels came with Windows Server 2025, years after the last boot with a fixed layout. */
  if (options->has_la57 && options->has_classic_layout)
    {
      g_set_error (
        error,
        ATLAS_ERROR,
        ATLAS_ERROR_UNSUPPORTED,
        _ ("levels=5 does not go with layout=classic: Windows before version 1607, whose "
           "kernel half that is, knew page tables of four levels alone"));
      return NULL;
    }

  memory = atlas_memory_new_ram (options->memory_bytes, error);
  if (memory == NULL)
    return NULL;
  frames = atlas_frames_new (memory, error);
  if (frames == NULL)
    return NULL;

  system = g_new0 (AtlasSystem, 1);
  system->options = *options;
  system->memory = g_steal_pointer (&memory);
  system->frames = g_steal_pointer (&frames);
  system->mmu = atlas_mmu_new (system->memory);
  system->control = atlas_control_windows (0);
  if (options->has_la57)
    system->control.cr4 |= ATLAS_CR4_LA57;
  atlas_mtrrs_init (&mtrrs, options->memory_bytes, system->control.maxphyaddr_bits);
  atlas_mmu_set_mtrrs (system->mmu, &mtrrs);
  atlas_mmu_set_tlb_profile (system->mmu, atlas_tlb_find_profile (TLB_PROFILE));
  system->page_files = g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_page_file_free);
  system->sections = g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_section_free);
  system->files = g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_file_free);
  system->section_objects =
    g_ptr_array_new_with_free_func ((GDestroyNotify) atlas_section_object_free);
  system->processes = g_ptr_array_new ();
  system->ids = atlas_random_fork (options->seed, "process and thread identifiers");
  system->last_id = 1000u;
  atlas_kernel_layout_draw (&system->kernel_layout, options);

  /* Physical memory less what the kernel itself needs, 1/64 by choice; paging files come later. */
  system->commit_limit_pages = atlas_frames_get_n_frames (system->frames);
  system->commit_limit_pages -= system->commit_limit_pages / 64u;

  atlas_kernel_map_system (system);
  fill_kuser (system);
  if (options->has_hypervisor)
    {
      system->hypervisor_slot = atlas_placement_draw_hypervisor_slot (options);
      system->hypervisor_pfn = take_frame (system, ATLAS_FRAME_USE_KERNEL, 0);
      system->tsc_scale = TSC_SCALE;
      put_u32 (system, system->hypervisor_pfn, TSC_PAGE_SEQUENCE, 1);
      put_u64 (system, system->hypervisor_pfn, TSC_PAGE_SCALE, system->tsc_scale);
      put_u64 (system, system->hypervisor_pfn, TSC_PAGE_OFFSET, 0);
    }
  system->resident_available_pages =
    atlas_frames_count_available (system->frames) - ATLAS_RESIDENT_KEPT_BACK_PAGES;
  return system;
}

void
atlas_system_free (AtlasSystem *system)
{
  if (system == NULL)
    return;
  while (system->processes->len > 0)
    atlas_process_terminate (g_ptr_array_index (system->processes, system->processes->len - 1u));
  g_ptr_array_unref (system->processes);
  g_ptr_array_unref (system->section_objects);
  g_ptr_array_unref (system->sections);
  g_ptr_array_unref (system->files);
  g_ptr_array_unref (system->page_files);
  atlas_mmu_free (system->mmu);
  atlas_frames_free (system->frames);
  atlas_memory_unref (system->memory);
  g_free (system);
}

const AtlasSystemOptions *
atlas_system_get_options (const AtlasSystem *system)
{
  return &system->options;
}

const AtlasKernelLayout *
atlas_system_get_kernel_layout (const AtlasSystem *system)
{
  return &system->kernel_layout;
}

AtlasMemory *
atlas_system_get_memory (AtlasSystem *system)
{
  return system->memory;
}

AtlasFrames *
atlas_system_get_frames (AtlasSystem *system)
{
  return system->frames;
}

AtlasMmu *
atlas_system_get_mmu (AtlasSystem *system)
{
  return system->mmu;
}

guint64
atlas_system_get_time (const AtlasSystem *system)
{
  return system->time_100ns;
}

void
atlas_system_tick (AtlasSystem *system, guint64 duration_100ns)
{
  atlas_daemons_run (system, system->time_100ns, duration_100ns);
  system->time_100ns += duration_100ns;
  update_clocks (system);
}

gboolean
atlas_system_read_msr (AtlasSystem *system, guint32 msr, guint64 *value)
{
  if (msr != MSR_TIME_REF_COUNT && msr != MSR_REFERENCE_TSC)
    return atlas_processor_read_msr (system, msr, value);
  if (system->hypervisor_slot == 0)
    return FALSE;
  if (msr == MSR_TIME_REF_COUNT)
    *value = system->time_100ns;
  else
    *value = system->hypervisor_pfn << ATLAS_PAGE_SHIFT | 1u; /* enabled */
  return TRUE;
}

guint
atlas_system_get_n_sections (const AtlasSystem *system)
{
  g_return_val_if_fail (system != NULL, 0);

  return system->sections->len;
}

const AtlasSection *
atlas_system_get_section (const AtlasSystem *system, guint index)
{
  g_return_val_if_fail (system != NULL, NULL);
  g_return_val_if_fail (index < system->sections->len, NULL);

  return g_ptr_array_index (system->sections, index);
}

guint
atlas_system_get_n_processes (const AtlasSystem *system)
{
  return system->processes->len;
}

AtlasProcess *
atlas_system_get_process (AtlasSystem *system, guint index)
{
  g_return_val_if_fail (index < system->processes->len, NULL);

  return g_ptr_array_index (system->processes, index);
}

AtlasStatus
atlas_system_add_page_file (AtlasSystem *system, guint64 size_bytes, guint64 maximum_bytes)
{
  AtlasPageFile *file;

  /* In this order; from memory. */
  if (size_bytes < ATLAS_PAGE_FILE_BYTES_MIN || size_bytes > ATLAS_PAGE_FILE_BYTES_MAX)
    return ATLAS_STATUS_INVALID_PARAMETER_2;
  if (maximum_bytes < size_bytes || maximum_bytes > ATLAS_PAGE_FILE_BYTES_MAX)
    return ATLAS_STATUS_INVALID_PARAMETER_3;
  if (system->page_files->len == ATLAS_PAGE_FILES_MAX)
    return ATLAS_STATUS_TOO_MANY_PAGING_FILES;
  size_bytes = atlas_page_ceil (size_bytes);
  file = atlas_page_file_new (size_bytes, atlas_page_ceil (maximum_bytes), NULL);
  if (file == NULL)
    return ATLAS_STATUS_INSUFFICIENT_RESOURCES;
  g_ptr_array_add (system->page_files, file);
  system->commit_limit_pages += size_bytes / ATLAS_PAGE_BYTES;
  return ATLAS_STATUS_SUCCESS;
}

guint
atlas_system_get_n_page_files (const AtlasSystem *system)
{
  return system->page_files->len;
}

const AtlasPageFile *
atlas_system_get_page_file (const AtlasSystem *system, guint index)
{
  g_return_val_if_fail (index < system->page_files->len, NULL);

  return g_ptr_array_index (system->page_files, index);
}

guint64
atlas_system_get_n_ages_changed (const AtlasSystem *system)
{
  return system->n_ages_changed;
}

guint64
atlas_system_get_n_pages_written (const AtlasSystem *system)
{
  return system->n_pages_written;
}
