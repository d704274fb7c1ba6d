/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The streams of a minidump as arrays, checked: what is here is consistent with the file's size and
 * with itself. What it means is minidump.c's.
 *
 *   every offset and count of the file ─► in the file? ─► array
 *                                          no ─► ATLAS_ERROR_BAD_FILE: file, stream, offset, why
 */

#include "base/format.h"
#include "source/minidump-ranges.h"
#include "space/region.h"

G_BEGIN_DECLS

/* PROCESSOR_ARCHITECTURE_AMD64, VER_PLATFORM_WIN32_NT; Breakpad's numbers for the others. */
#define ATLAS_MINIDUMP_CPU_AMD64 9u
#define ATLAS_MINIDUMP_PLATFORM_WINDOWS 2u
#define ATLAS_MINIDUMP_PLATFORM_LINUX 0x8201u
#define ATLAS_MINIDUMP_PLATFORM_ANDROID 0x8203u

typedef struct
{
  guint cpu_architecture;
  guint cpu_family;
  guint cpu_model;
  guint cpu_stepping;
  guint n_cpus;
  gboolean is_server;
  guint major_version;
  guint minor_version;
  guint build;
  guint platform;
} AtlasMinidumpSystem;

typedef struct
{
  AtlasVa base_va;
  char *path;
} AtlasMinidumpModule;

typedef struct
{
  guint id;
  AtlasVa teb_va;
  AtlasVa stack_va; /* lowest stored byte, about the stack pointer; 0 when not told */
} AtlasMinidumpThread;

typedef struct
{
  guint thread_id;
  guint32 code; /* NTSTATUS; the signal's number where Linux wrote it */
  AtlasVa va;   /* of the instruction */
  guint n_parameters;
  guint64 parameters[2]; /* of an access violation: kind of access, address */
} AtlasMinidumpException;

typedef struct
{
  GBytes *bytes;
  AtlasMinidumpSystem system;
  guint32 written_time; /* seconds since 1970 */
  gboolean has_process_id;
  guint32 process_id;
  gboolean has_regions;
  GArray *regions; /* of AtlasRegion, as VirtualQuery told: ascending, no strings, no class */
  GArray *modules; /* of AtlasMinidumpModule */
  GArray *threads; /* of AtlasMinidumpThread */
  guint n_levels;  /* of page tables, by the addresses: 4 or 5 */
  gboolean has_exception;
  AtlasMinidumpException exception;
  GArray *ranges;     /* of AtlasMinidumpRange: ascending, disjoint */
  GBytes *linux_maps; /* text of /proc/PID/maps, or NULL */
} AtlasMinidumpFile;

AtlasMinidumpFile *atlas_minidump_file_new (GBytes *bytes, const char *name, GError **error);
void atlas_minidump_file_free (AtlasMinidumpFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasMinidumpFile, atlas_minidump_file_free)

/* Of a module's path: behind the last separator of either kind. Borrowed from @path. */
const char *atlas_minidump_get_base_name (const char *path);

/* As AtlasSpaceOps.peek. */
gsize atlas_minidump_file_peek (const AtlasMinidumpFile *file,
                                AtlasVa va,
                                guint8 *bytes,
                                gboolean *is_known,
                                gsize size_bytes);
/* FALSE unless the file holds all 8 bytes. */
gboolean atlas_minidump_file_peek_u64 (const AtlasMinidumpFile *file, AtlasVa va, guint64 *value);

G_END_DECLS
