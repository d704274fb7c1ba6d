/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The machine: physical memory with its frames, simulated time, and all processes.
 *
 *   AtlasSystem
 *    ├─ AtlasMemory          16 GB, sparse
 *    ├─ frames               one record a 4 KB page; zeroed, free, active …
 *    ├─ ASLR generator       from the seed: a run repeats exactly
 *    ├─ clock                moves only by tick
 *    ├─ kernel half          tables shared by every process; KUSER_SHARED_DATA; hypervisor page
 *    └─ processes            each with its root table, VAD tree and AtlasSpace
 */

#include "paging/mmu.h"
#include "windows/frames.h"
#include "windows/page-file.h"
#include "windows/status.h"

G_BEGIN_DECLS

typedef struct _AtlasSystem AtlasSystem;
typedef struct _AtlasProcess AtlasProcess;
typedef struct _AtlasFile AtlasFile;
typedef struct _AtlasSection AtlasSection; /* windows/section.h */

typedef struct
{
  guint64 memory_bytes; /* a multiple of 4 KB, 64 MB … 4 TB */
  guint64 seed;
  guint build;                 /* 22000 */
  gboolean has_hypervisor;     /* the reference TSC page exists */
  gboolean has_classic_layout; /* the kernel half as before Windows 10 1607 */
  gboolean has_kva_shadow;     /* programs run on page tables that lack the kernel half */
  gboolean has_la57;           /* page tables of five levels; only with the random layout */
} AtlasSystemOptions;

#define ATLAS_SYSTEM_OPTIONS_DEFAULT                                                               \
  ((AtlasSystemOptions){                                                                           \
    .memory_bytes = ATLAS_GB (16), .seed = 7, .build = 22000, .has_hypervisor = TRUE })

/* NULL and @error when the host cannot provide the memory, its size is out of range, or options
 * exclude each other. */
ATLAS_AVAILABLE AtlasSystem *atlas_system_new (const AtlasSystemOptions *options, GError **error);
ATLAS_AVAILABLE void atlas_system_free (AtlasSystem *system);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasSystem, atlas_system_free)

/* 4, or 5 with LA57. */
static inline guint
atlas_system_options_get_n_levels (const AtlasSystemOptions *options)
{
  return options->has_la57 ? ATLAS_LEVEL_PML5 : ATLAS_LEVEL_PML4;
}

ATLAS_AVAILABLE const AtlasSystemOptions *atlas_system_get_options (const AtlasSystem *system);
ATLAS_AVAILABLE AtlasMemory *atlas_system_get_memory (AtlasSystem *system);
ATLAS_AVAILABLE AtlasFrames *atlas_system_get_frames (AtlasSystem *system);
/* The processor; its CR3 is that of the process that last made an access. */
ATLAS_AVAILABLE AtlasMmu *atlas_system_get_mmu (AtlasSystem *system);
/* Simulated time since boot, in units of 100 ns. */
ATLAS_AVAILABLE guint64 atlas_system_get_time (const AtlasSystem *system);
/* Time passes: shared-data clocks advance, the zero page thread runs, and once a second the balance
 * set manager and the two page writers do. How time is cut into ticks makes no difference. */
ATLAS_AVAILABLE void atlas_system_tick (AtlasSystem *system, guint64 duration_100ns);
/* RDMSR of 0x40000020 and 0x40000021, where there is a hypervisor (Hypervisor Top Level Functional
 * Specification, "Timers"), IA32_PAT, IA32_PKRS, IA32_EFER and the MTRRs; FALSE for another (#GP).
 */
ATLAS_AVAILABLE gboolean atlas_system_read_msr (AtlasSystem *system, guint32 msr, guint64 *value);

/* NtCreatePagingFile: one more paging file, which raises the commit limit by its size and, when
 * that is not enough, by up to its maximum. Sizes are taken up to whole pages.
 * STATUS_INVALID_PARAMETER_2, _3: a size out of range; STATUS_TOO_MANY_PAGING_FILES;
 * STATUS_INSUFFICIENT_RESOURCES: the host has no room. */
ATLAS_AVAILABLE AtlasStatus atlas_system_add_page_file (AtlasSystem *system,
                                                        guint64 size_bytes,
                                                        guint64 maximum_bytes);
ATLAS_AVAILABLE guint atlas_system_get_n_page_files (const AtlasSystem *system);
/* Borrowed. @index < n_page_files is the number in a PTE. */
ATLAS_AVAILABLE const AtlasPageFile *atlas_system_get_page_file (const AtlasSystem *system,
                                                                 guint index);

/* Promises and what they are held against, in pages. */
typedef struct
{
  guint64 n_charged; /* private pages, sections without a file, page tables */
  guint64 n_peak;
  guint64 limit;         /* memory and paging files at their present size */
  guint64 maximum_limit; /* … at their maximum */
} AtlasCommit;

ATLAS_AVAILABLE void atlas_system_get_commit (const AtlasSystem *system, AtlasCommit *commit);
/* Pages written to paging files and files since the start. */
ATLAS_AVAILABLE guint64 atlas_system_get_n_pages_written (const AtlasSystem *system);
/* How often the balance set manager has found a page of a working set used, or older. */
ATLAS_AVAILABLE guint64 atlas_system_get_n_ages_changed (const AtlasSystem *system);

/* NtSetSystemInformation (SystemMemoryListInformation); the numbers are those of
 * SYSTEM_MEMORY_LIST_COMMAND. */
typedef enum
{
  ATLAS_MEMORY_LIST_EMPTY_WORKING_SETS = 2, /* all pages that are not locked leave */
  ATLAS_MEMORY_LIST_FLUSH_MODIFIED = 3,     /* to paging files and files, as far as there is room */
  ATLAS_MEMORY_LIST_PURGE_STANDBY = 4,      /* standby pages become free */
  ATLAS_MEMORY_LIST_PURGE_LOW_PRIORITY = 5, /* those of priority 0 */
} AtlasMemoryListCommand;

/* Returns how many pages changed lists. */
ATLAS_AVAILABLE guint64 atlas_system_command_memory_list (AtlasSystem *system,
                                                          AtlasMemoryListCommand command);
/* What this boot has loaded and what programs have made, in the order of their birth. Borrowed. */
ATLAS_AVAILABLE guint atlas_system_get_n_sections (const AtlasSystem *system);
ATLAS_AVAILABLE const AtlasSection *atlas_system_get_section (const AtlasSystem *system,
                                                              guint index);

ATLAS_AVAILABLE guint atlas_system_get_n_processes (const AtlasSystem *system);
ATLAS_AVAILABLE AtlasProcess *atlas_system_get_process (AtlasSystem *system, guint index);

G_END_DECLS
