/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A process: a PML4, a VAD tree and what was laid out in it at its start.
 *
 *   0 … 64 KB            never
 *   7ffe0000             KUSER_SHARED_DATA, and the hypervisor page in one of 15 slots
 *   000000xx`xxxxxxxx    stack, PEB, TEB          bottom-up, from a random start
 *   000001xx`…000002xx`  heap, mapped views
 *   00007df5`…           CFG bitmap, 2 TB reserved
 *   00007ff6`…00007ff7`  the program's image
 *   00007ff8`…00007fff`  ntdll and the other DLLs
 *   00007fff`ffff0000    never
 */

#include "paging/walk.h"
#include "space/space.h"
#include "windows/aslr.h"
#include "windows/pe.h"
#include "windows/system.h"
#include "windows/vad.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;                /* "demo.exe" */
  gboolean is_large_address_aware; /* FALSE: 2 GB */
  gboolean is_32bit;               /* 4 GB, or 2 GB when not large-address aware */
  gboolean has_high_entropy;       /* /HIGHENTROPYVA */
  gboolean has_dynamic_base;       /* /DYNAMICBASE */
  gboolean is_forced;              /* policy: moved even without /DYNAMICBASE */
  gboolean has_no_bottom_up;       /* policy: no randomization of bottom-up allocations */
  guint16 machine;                 /* ATLAS_MACHINE_AMD64 or _ARM64; 0: x64, or x86 when is_32bit */
  gboolean has_lock_memory_privilege; /* SeLockMemoryPrivilege: large pages, AWE */
  AtlasFile *image_file; /* the program; its header says all of the above but the policies. NULL:
                          * one that is made up */
  gboolean is_bare;      /* lay out only what the kernel always does: no image, DLLs or heap */
} AtlasProcessOptions;

#define ATLAS_PROCESS_OPTIONS_DEFAULT                                                              \
  ((AtlasProcessOptions){ .name = "demo.exe",                                                      \
                          .is_large_address_aware = TRUE,                                          \
                          .has_high_entropy = TRUE,                                                \
                          .has_dynamic_base = TRUE })

ATLAS_AVAILABLE AtlasAslrPolicy
atlas_process_options_get_policy (const AtlasProcessOptions *options);

/* The machine has one memory-management unit, of the x64 kind, for processes of every machine; that
 * is a choice, for no x64 Windows runs ARM64 programs. What @machine decides is which face of an
 * ARM64X image a view shows, and which images load at all; entries, levels and protections are
 * x64's. What follows tells so wherever the machine is not x64's own; NULL otherwise. */
ATLAS_AVAILABLE const char *atlas_process_get_machine_note (const AtlasProcess *process);

/* Starts a process. It belongs to the system. NULL and @status when memory is short, or the image
 * file is no program for this machine. */
ATLAS_AVAILABLE AtlasProcess *
atlas_process_new (AtlasSystem *system, const AtlasProcessOptions *options, AtlasStatus *status);
/* Ends a process: its frames, tables and VADs go back. */
ATLAS_AVAILABLE void atlas_process_terminate (AtlasProcess *process);

ATLAS_AVAILABLE AtlasSystem *atlas_process_get_system (AtlasProcess *process);
/* The processor whose code it runs. Page tables are those of x64 whatever it is. */
ATLAS_AVAILABLE guint16 atlas_process_get_machine (const AtlasProcess *process);
ATLAS_AVAILABLE guint atlas_process_get_id (const AtlasProcess *process);
ATLAS_AVAILABLE const char *atlas_process_get_name (const AtlasProcess *process);

/* The thread that a process starts with. */
typedef struct
{
  guint id;
  AtlasVa teb_va;
  AtlasVa stack_pointer_va; /* at its first instruction */
} AtlasThread;

/* FALSE in a process without one, which has nothing but its address space. */
ATLAS_AVAILABLE gboolean atlas_process_get_thread (const AtlasProcess *process,
                                                   AtlasThread *thread);
ATLAS_AVAILABLE const AtlasControl *atlas_process_get_control (const AtlasProcess *process);
/* The second root, which programs run on with KVA shadow: the user half, whose tables both roots
 * share, and of the kernel half only what it is entered through. 0 without KVA shadow. */
ATLAS_AVAILABLE guint64 atlas_process_get_user_cr3 (const AtlasProcess *process);
/* Borrowed. Its region set is rebuilt on demand after a change. */
ATLAS_AVAILABLE AtlasSpace *atlas_process_get_space (AtlasProcess *process);
/* What is reserved and mapped. */
ATLAS_AVAILABLE const AtlasVadTree *atlas_process_get_vads (AtlasProcess *process);
/* lpMaximumApplicationAddress. */
ATLAS_AVAILABLE AtlasVa atlas_process_get_max_va (const AtlasProcess *process);
/* Pages charged against the commit limit. */
ATLAS_AVAILABLE guint64 atlas_process_get_commit_pages (const AtlasProcess *process);

/* NtSetInformationProcess (ProcessPagePriority): the standby list of pages that come in from now
 * on, 0 … 5. 6 and 7 are not for programs: STATUS_INVALID_PARAMETER. */
ATLAS_AVAILABLE guint atlas_process_get_page_priority (const AtlasProcess *process);
ATLAS_AVAILABLE AtlasStatus atlas_process_set_page_priority (AtlasProcess *process, guint priority);

/* What its page faults were. */
typedef struct
{
  guint64 n_demand_zero;
  guint64 n_transition; /* from the standby or modified list */
  guint64 n_shared;     /* another process had it in a frame, or the standby list */
  guint64 n_copies;     /* copy on write */
  guint64 n_hard;       /* from a paging file or a file */
} AtlasFaultCounts;

/* Borrowed. */
ATLAS_AVAILABLE const AtlasFaultCounts *
atlas_process_get_fault_counts (const AtlasProcess *process);
/* The PTE of @va as it stands in memory, and where; 0 and 0 when there is no table for it. */
ATLAS_AVAILABLE guint64 atlas_process_find_pte (AtlasProcess *process,
                                                AtlasVa va,
                                                AtlasPa *entry_pa);
/* Base of a loaded module by its name without regard to case, with or without its extension; FALSE
 * when not loaded. */
ATLAS_AVAILABLE gboolean atlas_process_find_module (AtlasProcess *process,
                                                    const char *name,
                                                    AtlasVa *base_va);

G_END_DECLS
