/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Control Flow Guard as a program file asks for it: which of its addresses an indirect call may
 * reach.
 *
 *   load configuration ──► GuardFlags, table ──► address, flags │ address, flags │ …   ascending
 *
 * The loader turns the table into the CFG bitmap, two bits for 16 bytes: one for the address at
 * their beginning, one for the other 15 together. So a call passes to an address that is not in the
 * table where one of the same 15 is. Microsoft Learn, "PE Format", The Load Configuration
 * Structure; the bits: P. Cawley, "What is Control Flow Guard?" (corsix.org).
 *
 * Whether a process checks at all is decided by its program file, not by this one.
 */

#include "windows/pe.h"

G_BEGIN_DECLS

/* GuardFlags. */
#define ATLAS_PE_GUARD_INSTRUMENTED 0x00000100u
#define ATLAS_PE_GUARD_WRITE_CHECKS 0x00000200u
#define ATLAS_PE_GUARD_TABLE 0x00000400u
#define ATLAS_PE_GUARD_COOKIE_UNUSED 0x00000800u
#define ATLAS_PE_GUARD_PROTECT_DELAYLOAD 0x00001000u
#define ATLAS_PE_GUARD_DELAYLOAD_SECTION 0x00002000u
#define ATLAS_PE_GUARD_SUPPRESSION_INFO 0x00004000u
#define ATLAS_PE_GUARD_SUPPRESSION 0x00008000u
#define ATLAS_PE_GUARD_LONGJUMPS 0x00010000u

typedef struct
{
  gboolean is_marked;  /* DllCharacteristics: made for it */
  gboolean has_table;  /* and all of it lies in the image */
  gboolean is_damaged; /* a configuration or a table that cannot be where it says */
  guint32 flags;       /* GuardFlags */
  guint32 table_rva;
  guint32 entry_bytes; /* 4 to 19: an address and what is known of it */
  guint32 n_functions;
} AtlasPeGuard;

/* What a face of the file says; all 0 where it says nothing. */
ATLAS_AVAILABLE void atlas_pe_get_guard (const AtlasPe *pe, gboolean is_x64, AtlasPeGuard *guard);

typedef enum
{
  ATLAS_CALL_TARGET_NOT_CODE,   /* no call succeeds: the section is not executable */
  ATLAS_CALL_TARGET_UNCHECKED,  /* the file has no table, so that all of its code passes */
  ATLAS_CALL_TARGET_LISTED,     /* in the table */
  ATLAS_CALL_TARGET_NEIGHBOUR,  /* not in it, but shares its bit with one that is */
  ATLAS_CALL_TARGET_SUPPRESSED, /* in the table as one that must not pass */
  ATLAS_CALL_TARGET_EXPORT, /* an export; passes once it was looked up, where that is asked for */
  ATLAS_CALL_TARGET_NONE,   /* neither it nor its bit */
  ATLAS_N_CALL_TARGETS,
} AtlasCallTarget;

/* Whether an indirect call may reach the byte at @rva. O(log functions), by the order that the
 * format wants the table in. */
ATLAS_AVAILABLE AtlasCallTarget atlas_pe_find_call_target (const AtlasPe *pe,
                                                           gboolean is_x64,
                                                           const AtlasPeGuard *guard,
                                                           guint64 rva);
/* "valid call target" */
ATLAS_AVAILABLE const char *atlas_call_target_get_text (AtlasCallTarget target);
/* "yes: instrumented, function table (0x500) · 1,234 call targets". (transfer full) */
ATLAS_AVAILABLE char *atlas_pe_guard_format (const AtlasPeGuard *guard);

G_END_DECLS
