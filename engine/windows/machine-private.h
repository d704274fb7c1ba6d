/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What the files of the machine half know of each other: the system, its processes, and the entries
 * of a process's page tables. */

#include "base/trace.h"
#include "paging/mmu.h"
#include "windows/aslr.h"
#include "windows/frames.h"
#include "windows/layout.h"
#include "windows/page-file.h"
#include "windows/process-placement-private.h"
#include "windows/process.h"
#include "windows/pte.h"
#include "windows/resident.h"
#include "windows/section.h"
#include "windows/vad.h"

G_BEGIN_DECLS

/* Pages of a stack's guard zone: a choice; real stacks show one to three. */
#define ATLAS_STACK_GUARD_PAGES 3u
/* Offset of TEB.StackLimit. */
#define ATLAS_TEB_STACK_LIMIT 0x10u

/* What roots have of the kernel half; the self-map entry, which differs from process to process, is
 * not among them. */
typedef struct
{
  guint64 entries[256]; /* PML4[256…511] */
  AtlasPfn pml4_pfn;    /* the one table with them, below every PML5; 0 with four levels */
} AtlasKernelTop;

struct _AtlasSystem
{
  AtlasSystemOptions options;
  AtlasMemory *memory;
  AtlasFrames *frames;
  AtlasMmu *mmu;
  AtlasControl control; /* of every process, but for CR3 */
  AtlasKernelLayout kernel_layout;
  AtlasKernelTop kernel_top; /* of the root of every process */
  AtlasKernelTop shadow_top; /* of the roots that programs run on, with KVA shadow */
  AtlasPfn kuser_pfn;
  AtlasPfn hypervisor_pfn;
  guint hypervisor_slot; /* 1 … 15; 0 without a hypervisor */
  guint64 tsc_scale;
  guint64 time_100ns;
  guint64 commit_pages;
  guint64 commit_peak_pages;
  guint64 commit_limit_pages; /* grows with the paging files */
  guint64 resident_available_pages;
  guint64 n_pages_written;    /* to paging files and files */
  guint64 n_ages_changed;     /* of pages in working sets */
  GPtrArray *page_files;      /* owned */
  AtlasRandom ids;
  guint last_id;
  guint n_started;               /* processes so far: each draws its own addresses */
  AtlasVa paged_pool_next_va;    /* 0: nothing was taken yet */
  AtlasVa nonpaged_pool_next_va; /* likewise */
  GPtrArray *sections;           /* owned; what this boot has loaded */
  GPtrArray *files;              /* owned */
  GPtrArray *section_objects;    /* owned */
  GPtrArray *processes;          /* borrowed: each has a reference to itself */
};

struct _AtlasProcess
{
  AtlasSpace space;
  AtlasSystem *system; /* NULL once terminated */
  AtlasProcessOptions options;
  guint id;
  guint thread_id;
  AtlasControl control;      /* of the kernel's accesses */
  AtlasControl user_control; /* of the program's: with KVA shadow CR3 is another */
  AtlasPfn root_pfn;
  AtlasPfn user_root_pfn; /* 0 without KVA shadow */
  AtlasVadTree vads;
  AtlasVa max_va;
  AtlasVa bottom_up_va; /* where a search for room from below starts */
  AtlasVa top_down_va;  /* … and from above: the last byte */
  AtlasVa peb_va;       /* 0 in a bare process */
  AtlasVa teb_va;
  AtlasVa cfg_va;
  AtlasVa image_va;
  AtlasVa heap_va;
  AtlasVa stack_pointer_va; /* of the first instruction; 0 in a bare process */
  guint64 commit_pages;
  guint64 n_tables;         /* page tables of the user half and the root */
  guint64 n_resident_pages; /* valid user PTEs */
  guint64 n_peak_resident_pages;
  guint64 n_trimmed_pages; /* that have left the working set, however often each */
  guint page_priority;     /* of the standby list that pages go to from now on */
  guint64 working_set_min_pages;
  guint64 working_set_max_pages;
  gboolean is_working_set_min_hard;
  gboolean is_working_set_max_hard;
  guint known_ranks; /* a bit each that a page may have, see working-set.c; 0: to be counted */
  GHashTable *locked_pages; /* of address / 4096; NULL as long as there is none */
  GHashTable *hints;        /* address / 4096 → what offer.c knows of it; NULL likewise */
  AtlasFaultCounts fault_counts;
  guint64 n_faults;
  AtlasRegionSet *regions; /* NULL: something has changed */
  char *preview_reason;
  GHashTable *large_pages; /* page number → what it is; NULL while there are none */
  GHashTable *awe_pages;   /* frames that the program holds → where; NULL while there are none */
  GTree *written_pages;    /* of write watches, beyond what PTEs tell; NULL while there are none */
};

/* Levels of every process's tables, root included. */
static inline guint
atlas_process_get_n_levels (const AtlasProcess *process)
{
  return atlas_system_options_get_n_levels (&process->system->options);
}

/* As atlas_process_get_machine(). */
static inline guint16
atlas_process_peek_machine (const AtlasProcess *process)
{
  if (process->options.machine != ATLAS_MACHINE_UNKNOWN)
    return process->options.machine;
  return process->options.is_32bit ? ATLAS_MACHINE_I386 : ATLAS_MACHINE_AMD64;
}

/* kernel-tables.c */

/* The tables that every process shares, and KUSER_SHARED_DATA below them. */
void atlas_kernel_map_system (AtlasSystem *system);
/* Gives a page of the kernel half a zeroed frame, in every process. 0 when there is none; otherwise
 * its physical address. */
AtlasPa atlas_kernel_map_page (AtlasSystem *system, AtlasVa va);
void atlas_kernel_unmap_page (AtlasSystem *system, AtlasVa va);
/* Where a byte of the kernel half lies; 0 when its page is not there. */
AtlasPa atlas_kernel_find_page (const AtlasSystem *system, AtlasVa va);
/* The first page above that of @va which is there, within the same 512 GB; 0 when none is. */
AtlasVa atlas_kernel_next_page (const AtlasSystem *system, AtlasVa va);
/* The process's root, and with KVA shadow the one that it runs on in user mode. FALSE when memory
 * is short; atlas_process_return_roots() takes back what there is. */
gboolean atlas_process_make_roots (AtlasProcess *process);
void atlas_process_return_roots (AtlasProcess *process);
/* After @entry was written at @entry_pa: the user root has the same tables below its user half.
 * Where it was written there; 0 when @entry_pa is not in the kernel's root, or that is the only
 * one. */
AtlasPa atlas_process_mirror_top_entry (AtlasProcess *process, AtlasPa entry_pa, guint64 entry);
/* Whether the two roots of KVA shadow have different entries for @va: one was written by hand. */
gboolean atlas_process_has_different_roots (const AtlasProcess *process, AtlasVa va);
/* The system's control state with the process's roots: from the start, and after each change. */
void atlas_process_take_control (AtlasProcess *process);
/* RDMSR of a register of the processor itself; FALSE for another. */
gboolean atlas_processor_read_msr (AtlasSystem *system, guint32 msr, guint64 *value);
/* Whether the processor has one of the process's roots in CR3. */
gboolean atlas_process_is_loaded (const AtlasProcess *process);
/* The control state of an access. */
const AtlasControl *atlas_process_get_access_control (const AtlasProcess *process,
                                                      gboolean is_supervisor);

/* page-table.c */

/* Calls off what was derived from the state; before every change. */
void atlas_process_changed (AtlasProcess *process);
/* Reads the PTE of @va; 0 and @entry_pa 0 when a table on the way is missing. */
guint64 atlas_process_read_pte (AtlasProcess *process, AtlasVa va, AtlasPa *entry_pa);
/* The entry's address, with missing tables made. FALSE when there are no frames for them. */
gboolean
atlas_process_make_pte (AtlasProcess *process, AtlasVa va, AtlasTrace *trace, AtlasPa *entry_pa);
/* Likewise for the entry of @level above PT: where a large page is mapped. */
gboolean atlas_process_make_entry (AtlasProcess *process,
                                   AtlasVa va,
                                   guint level,
                                   AtlasTrace *trace,
                                   AtlasPa *entry_pa);
/* The address of that entry; FALSE when a table above is missing. */
gboolean
atlas_process_find_entry (AtlasProcess *process, AtlasVa va, guint level, AtlasPa *entry_pa);
/* 1 for a valid PTE, 0 for one that is not, or whose frame the program holds itself (AWE). */
guint atlas_process_is_in_working_set (const AtlasProcess *process, guint64 pte);
/* Replaces an entry above PT that maps a large page, or is to; 0 for none. */
void atlas_process_write_large_entry (AtlasProcess *process,
                                      AtlasVa va,
                                      AtlasPa entry_pa,
                                      guint64 entry);
/* Clears it. Where somebody has written it by hand, a fault may have put a table there: that stays,
 * to be collected. */
void atlas_process_clear_large_entry (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa);
/* Replaces the PTE of @va, which has a table; keeps counts and the TLB right. */
void atlas_process_write_pte (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 pte);
/* Tables that writing all PTEs of the pages would make. */
guint64
atlas_process_count_missing_tables (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);
/* Gives back the tables of these pages that hold nothing any more. */
void atlas_process_collect_tables (AtlasProcess *process, guint64 first_vpn, guint64 last_vpn);
/* Drops what stands behind a PTE, and clears it: a private frame goes back, a shared one loses a
 * mapping. */
void atlas_process_clear_pte (AtlasProcess *process, AtlasVa va, AtlasPa entry_pa, guint64 pte);

/* Gives a committed page another protection, whatever its PTE says; contents stay. @is_view: of a
 * section. */
void atlas_process_protect_pte (AtlasProcess *process,
                                AtlasVa va,
                                AtlasPa entry_pa,
                                gboolean is_view,
                                guint8 code);

/* Walks the PTEs of a range; stretches without a table come as one. */
typedef struct
{
  AtlasProcess *process;
  guint64 next_vpn;
  guint64 last_vpn;
  AtlasPa table_pa;      /* page table of vpn … */
  guint64 table_end_vpn; /* … up to here, when table_pa is not 0 */
  /* The step. */
  guint64 vpn;
  guint64 n_pages;  /* more than 1 only where there is no table */
  guint64 pte;      /* 0 where there is no table */
  AtlasPa entry_pa; /* 0 where there is no table */
} AtlasPteIter;

void atlas_pte_iter_init (AtlasPteIter *iter,
                          AtlasProcess *process,
                          guint64 first_vpn,
                          guint64 last_vpn);
gboolean atlas_pte_iter_next (AtlasPteIter *iter);

/* What a page of a VAD is, as VirtualQuery sees it. */
typedef struct
{
  AtlasRegionState state;
  guint8 protection; /* COMMIT only */
} AtlasPageState;

/* @n_pages: in, what an iterator says; out, how many from @vpn on are surely alike. */
AtlasPageState atlas_process_get_page_state (AtlasProcess *process,
                                             const AtlasVad *vad,
                                             guint64 vpn,
                                             guint64 pte,
                                             guint64 *n_pages);
/* Pages of the range, inside @vad, that are not committed. */
guint64 atlas_process_count_reserved (AtlasProcess *process,
                                      const AtlasVad *vad,
                                      guint64 first_vpn,
                                      guint64 last_vpn);
/* Whether all tables that entries for these pages need can be had, together with @n_charged_pages
 * of commitment: STATUS_COMMITMENT_LIMIT; STATUS_INSUFFICIENT_RESOURCES without frames, a choice.
 */
AtlasStatus atlas_process_check_table_room (AtlasProcess *process,
                                            guint64 first_vpn,
                                            guint64 last_vpn,
                                            guint64 n_charged_pages);
/* Whether the PTE at @entry_pa maps or keeps a page of the process's own: in a view, its copy. */
gboolean atlas_process_is_private_pte (AtlasProcess *process, AtlasPa entry_pa, guint64 pte);
/* Whether the PTE of a view's page is that of a copy, which may have lost its contents to a reset.
 */
gboolean atlas_process_is_view_copy (AtlasProcess *process, AtlasPa entry_pa, guint64 pte);
/* Entries can be written by hand. Windows takes one for its own only where the frame that it names
 * says that this entry owns it: a table, or a private page in the state that the entry tells. */
gboolean atlas_process_owns_table (const AtlasProcess *process, AtlasPa entry_pa, guint64 entry);
gboolean atlas_process_owns_page (const AtlasProcess *process, AtlasPa entry_pa, guint64 pte);
/* Whether a valid PTE counts in the frame that it maps: a page of the section that is seen here, or
 * one that the kernel lends. */
gboolean atlas_process_counts_page (AtlasProcess *process, AtlasVa va, AtlasPfn pfn);

/* table-count.c */

/* Counts entries in use and resident pages anew in all tables that are the processes' own: what was
 * written by hand has passed by the counters. */
void atlas_system_recount_tables (AtlasSystem *system);
/* After bytes were stored in the frame of @pa: counts anew when it is a table. */
void atlas_system_note_store (AtlasSystem *system, AtlasPa pa);

/* process-space.c */
extern const AtlasSpaceOps atlas_process_space_ops;
AtlasStatus atlas_process_query (AtlasProcess *process, AtlasVa va, AtlasRegion *region);

/* process-layout.c: the loader's work. FALSE when memory is short. */
gboolean atlas_process_lay_out (AtlasProcess *process, const AtlasPlacement *placement);

/* fault.c */

/* Makes the page of @va present for @access as a fault would. The status is the exception's. */
AtlasStatus
atlas_process_make_present (AtlasProcess *process, AtlasVa va, AtlasAccess access, AtlasPa *pa);
/* Likewise, and stores @size_bytes ≤ the rest of
 * the page there (NULL: nothing). For the kernel's and the loader's own work. FALSE when there is
 * no frame. */
gboolean atlas_process_touch (AtlasProcess *process,
                              AtlasVa va,
                              AtlasAccess access,
                              const void *data,
                              gsize size_bytes);

/* commit.c */

/* Whether @n_pages could be charged, paging files extended. */
gboolean atlas_system_has_commit_room (const AtlasSystem *system, guint64 n_pages);
/* FALSE, and no charge, beyond the limit; paging files are extended for it. */
gboolean atlas_system_charge_commit (AtlasSystem *system, guint64 n_pages);
void atlas_system_return_commit (AtlasSystem *system, guint64 n_pages);
gboolean atlas_process_charge_commit (AtlasProcess *process, AtlasVad *vad, guint64 n_pages);
void atlas_process_return_commit (AtlasProcess *process, AtlasVad *vad, guint64 n_pages);

/* system.c */

/* A section that the system itself holds on to, found by its name; NULL when there is none. */
void atlas_system_keep_section (AtlasSystem *system, AtlasSection *section);
AtlasSection *atlas_system_find_section (AtlasSystem *system, const char *name);

G_END_DECLS
