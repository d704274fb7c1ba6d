/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Protection in its three forms: what the program says (PAGE_*), what Windows keeps in VADs and
 * software entries (a 5-bit code), and what the processor obeys (bits of a valid entry).
 *
 *      4   3   2   1   0          base: 1 READONLY           4 READWRITE
 *    +-------+-----------+              2 EXECUTE            5 WRITECOPY
 *    | mod.  |   base    |              3 EXECUTE_READ       6 EXECUTE_READWRITE
 *    +-------+-----------+                                   7 EXECUTE_WRITECOPY
 *      0 plain  1 NOCACHE  2 GUARD  3 WRITECOMBINE
 *
 *    base 0 is no protection at all; with a modifier it says something else:
 *      0x10 decommitted     0x18 NOACCESS
 *
 * The two modifier bits hold one of four values: that is why GUARD with NOCACHE, or any two
 * modifiers, cannot be asked for. Codes: ReactOS miarm.h, System Informer phnt MEMORY_BLOCK_*.
 */

#include "paging/walk.h"
#include "space/region.h"
#include "windows/status.h"

G_BEGIN_DECLS

#define ATLAS_PROTECTION_ZERO_ACCESS 0x00u
#define ATLAS_PROTECTION_READONLY 0x01u
#define ATLAS_PROTECTION_EXECUTE 0x02u
#define ATLAS_PROTECTION_EXECUTE_READ 0x03u
#define ATLAS_PROTECTION_READWRITE 0x04u
#define ATLAS_PROTECTION_WRITECOPY 0x05u
#define ATLAS_PROTECTION_EXECUTE_READWRITE 0x06u
#define ATLAS_PROTECTION_EXECUTE_WRITECOPY 0x07u
#define ATLAS_PROTECTION_BASE_MASK 0x07u

#define ATLAS_PROTECTION_NOCACHE 0x08u
#define ATLAS_PROTECTION_GUARD 0x10u
#define ATLAS_PROTECTION_WRITECOMBINE 0x18u
#define ATLAS_PROTECTION_MODIFIER_MASK 0x18u

#define ATLAS_PROTECTION_DECOMMITTED 0x10u
#define ATLAS_PROTECTION_NOACCESS 0x18u

/* Taken with an executable protection alone, and not kept: it is about the CFG bitmap, and queries
 * never show it. docs.microsoft.com, "Memory Protection Constants". */
#define ATLAS_PAGE_TARGETS_INVALID 0x40000000u

/* PAGE_* to code. Exactly one of the low eight bits; at most one of GUARD, NOCACHE, WRITECOMBINE,
 * and none with NOACCESS; no other bit but TARGETS_INVALID. STATUS_SUCCESS, or
 * STATUS_INVALID_PAGE_PROTECTION with @code untouched. WRITECOPY passes: that it is not for private
 * memory is for the caller to say. */
ATLAS_AVAILABLE AtlasStatus atlas_protection_from_win32 (guint32 page_protect, guint8 *code);
/* Code (0 … 0x1f) to PAGE_*; 0 for ZERO_ACCESS, DECOMMITTED and 0x08, which protect nothing. */
ATLAS_AVAILABLE guint32 atlas_protection_to_win32 (guint8 code);

/* Whether @access can succeed once any guard is spent. EXECUTE can be read (the processor has no
 * execute-only pages without keys); WRITECOPY can be written, into a private copy. */
ATLAS_AVAILABLE gboolean atlas_protection_allows (guint8 code, AtlasAccess access);

/* A valid entry for a present page: Accessed set; Write, R/W and Dirty as Windows sets them (R/W
 * only once the page is dirty, so that the first write is seen); Global in the kernel half.
 * @code: neither NOACCESS nor guarded nor without base: such pages are never present.
 * @is_dirty counts for writable codes only. Table: PDB type MMPTE_HARDWARE. */
ATLAS_AVAILABLE guint64 atlas_protection_make_pte (guint8 code,
                                                   AtlasPfn pfn,
                                                   gboolean is_user,
                                                   gboolean is_dirty);
/* What atlas_protection_make_pte() was given. EXECUTE, which the processor cannot tell from
 * EXECUTE_READ, stands in WsleProtection. @pte is valid. */
ATLAS_AVAILABLE guint8 atlas_protection_from_pte (guint64 pte);

/* "READWRITE | GUARD", "DECOMMITTED"; for trace events and lists. (transfer full) */
ATLAS_AVAILABLE char *atlas_trace_format_protection (guint64 code);

static inline gboolean
atlas_protection_is_guard (guint8 code)
{
  return (code & ATLAS_PROTECTION_MODIFIER_MASK) == ATLAS_PROTECTION_GUARD &&
         (code & ATLAS_PROTECTION_BASE_MASK) != 0;
}

static inline gboolean
atlas_protection_is_nocache (guint8 code)
{
  return (code & ATLAS_PROTECTION_MODIFIER_MASK) == ATLAS_PROTECTION_NOCACHE;
}

static inline gboolean
atlas_protection_is_writecombine (guint8 code)
{
  return (code & ATLAS_PROTECTION_MODIFIER_MASK) == ATLAS_PROTECTION_WRITECOMBINE &&
         (code & ATLAS_PROTECTION_BASE_MASK) != 0;
}

/* A page with this code may be present. */
static inline gboolean
atlas_protection_is_mappable (guint8 code)
{
  return (code & ATLAS_PROTECTION_BASE_MASK) != 0 && !atlas_protection_is_guard (code);
}

/* READWRITE and EXECUTE_READWRITE: writes go to the page itself. */
static inline gboolean
atlas_protection_is_writable (guint8 code)
{
  guint8 base = code & ATLAS_PROTECTION_BASE_MASK;

  return base == ATLAS_PROTECTION_READWRITE || base == ATLAS_PROTECTION_EXECUTE_READWRITE;
}

static inline gboolean
atlas_protection_is_copy_on_write (guint8 code)
{
  guint8 base = code & ATLAS_PROTECTION_BASE_MASK;

  return base == ATLAS_PROTECTION_WRITECOPY || base == ATLAS_PROTECTION_EXECUTE_WRITECOPY;
}

static inline gboolean
atlas_protection_is_executable (guint8 code)
{
  /* By base: –, R, X, XR, RW, WC, XRW, XWC. */
  return (0xCCu >> (code & ATLAS_PROTECTION_BASE_MASK) & 1u) != 0;
}

/* Read 1, write 2, execute 4: what a section or view with this code can ever grant. A private copy
 * is not a write to the section. */
static inline guint
atlas_protection_get_view_rights (guint8 code)
{
  return ((code & ATLAS_PROTECTION_BASE_MASK) != 0 ? 1u : 0) |
         (atlas_protection_is_writable (code) ? 2u : 0) |
         (atlas_protection_is_executable (code) ? 4u : 0);
}

/* The code once its guard is spent. */
static inline guint8
atlas_protection_without_guard (guint8 code)
{
  return atlas_protection_is_guard (code) ? code & ATLAS_PROTECTION_BASE_MASK : code;
}

G_END_DECLS
