/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A region: a run of addresses that are alike, as VirtualQuery would report it, with the names
 * and reasons that VirtualQuery does not know.
 *
 *   allocation_base_va
 *   │        base_va          base_va + size_bytes - 1
 *   ▼        ▼                ▼
 *   ┌────────┬────────────────┬──────────┐
 *   │reserve │ commit, RW     │ reserve  │     one allocation, three regions
 *   └────────┴────────────────┴──────────┘
 */

#include "base/types.h"

G_BEGIN_DECLS

/* The numbers are Windows'. */
typedef enum
{
  ATLAS_STATE_OUTSIDE = 0, /* beyond what VirtualQuery answers: last 64 KB, hole, kernel half */
  ATLAS_STATE_COMMIT = 0x1000,
  ATLAS_STATE_RESERVE = 0x2000,
  ATLAS_STATE_FREE = 0x10000,
} AtlasRegionState;

typedef enum
{
  ATLAS_TYPE_NONE = 0,
  ATLAS_TYPE_PRIVATE = 0x20000,
  ATLAS_TYPE_MAPPED = 0x40000,
  ATLAS_TYPE_IMAGE = 0x1000000,
} AtlasRegionType;

#define ATLAS_PAGE_NOACCESS 0x01u
#define ATLAS_PAGE_READONLY 0x02u
#define ATLAS_PAGE_READWRITE 0x04u
#define ATLAS_PAGE_WRITECOPY 0x08u
#define ATLAS_PAGE_EXECUTE 0x10u
#define ATLAS_PAGE_EXECUTE_READ 0x20u
#define ATLAS_PAGE_EXECUTE_READWRITE 0x40u
#define ATLAS_PAGE_EXECUTE_WRITECOPY 0x80u
#define ATLAS_PAGE_GUARD 0x100u
#define ATLAS_PAGE_NOCACHE 0x200u
#define ATLAS_PAGE_WRITECOMBINE 0x400u

/* What a region is for; the map's colours. In ascending order of how much a folded mark must not
 * hide it. */
typedef enum
{
  ATLAS_CLASS_FREE,
  ATLAS_CLASS_HOLE,     /* not canonical */
  ATLAS_CLASS_KERNEL,
  ATLAS_CLASS_UNUSABLE, /* free, but its 64 KB slot is taken */
  ATLAS_CLASS_CFG,
  ATLAS_CLASS_MAPPED,
  ATLAS_CLASS_IMAGE,
  ATLAS_CLASS_PRIVATE,
  ATLAS_CLASS_HEAP,
  ATLAS_CLASS_STACK,
  ATLAS_CLASS_SYSTEM,   /* shared data page, hypervisor page, PEB and TEB */
  ATLAS_CLASS_NEVER,    /* never allocatable */
  ATLAS_N_CLASSES,
} AtlasRegionClass;

typedef struct
{
  AtlasVa base_va;
  guint64 size_bytes; /* > 0; the last region may end at 2^64 */
  AtlasVa allocation_base_va;
  guint32 allocation_protect; /* PAGE_*; 0 when free */
  guint32 protect;            /* PAGE_*; NOACCESS when free, 0 when reserved */
  AtlasRegionState state;
  AtlasRegionType type;
  AtlasRegionClass region_class;
  const char *name;   /* module, "stack of thread 1468", …; NULL when there is none */
  const char *reason; /* why it is there, a short sentence; NULL when there is none */
  const char *source; /* who says so; NULL when there is none */
} AtlasRegion;

static inline AtlasVa
atlas_region_get_last_va (const AtlasRegion *region)
{
  return region->base_va + (region->size_bytes - 1u);
}

static inline gboolean
atlas_region_contains (const AtlasRegion *region, AtlasVa va)
{
  return va - region->base_va < region->size_bytes;
}

/* Committed, writable and executable at once: the mark that folding must keep. */
static inline gboolean
atlas_region_is_writable_executable (const AtlasRegion *region)
{
  return region->state == ATLAS_STATE_COMMIT &&
         (region->protect & (ATLAS_PAGE_EXECUTE_READWRITE | ATLAS_PAGE_EXECUTE_WRITECOPY)) != 0;
}

/* "commit", "reserve", "free", "outside"; "private", "mapped", "image", "". */
ATLAS_AVAILABLE const char *atlas_region_state_get_name (AtlasRegionState state);
ATLAS_AVAILABLE const char *atlas_region_type_get_name (AtlasRegionType type);
/* "image", "never allocatable", … */
ATLAS_AVAILABLE const char *atlas_region_class_get_name (AtlasRegionClass region_class);
/* Short form for lists: "RW", "X·R", "RW +guard", "—" for 0 and NOACCESS. (transfer full) */
ATLAS_AVAILABLE char *atlas_protect_format_short (guint32 protect);
/* Win32 form: "PAGE_READWRITE | PAGE_GUARD". (transfer full) */
ATLAS_AVAILABLE char *atlas_protect_format (guint32 protect);

G_END_DECLS
