/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* How the files that read a program file share the work. */

#include "windows/pe.h"

G_BEGIN_DECLS

/* The longest change. */
#define ATLAS_PE_FIXUP_BYTES_MAX 8u

/* One change of 1 to 8 bytes at @rva. */
typedef enum
{
  ATLAS_PE_FIXUP_ADD,          /* the distance moved; the low bytes of it */
  ATLAS_PE_FIXUP_ADD_HIGH,     /* … bits 31…16 of it */
  ATLAS_PE_FIXUP_ADD_ADJUSTED, /* … of a 32-bit number whose low half is @value, rounded */
  ATLAS_PE_FIXUP_BASE,         /* becomes the base itself */
  ATLAS_PE_FIXUP_SET,          /* becomes @value */
  ATLAS_PE_FIXUP_DELTA,        /* @value is added */
} AtlasPeFixupKind;

typedef struct
{
  guint32 rva;
  guint8 kind; /* AtlasPeFixupKind */
  guint8 n_bytes;
  guint64 value;
} AtlasPeFixup;

/* Bytes of the image as they lie in the file, zeros where it has none, with the dynamic values of
 * the x64 face applied or not. Any range. */
void atlas_pe_read (const AtlasPe *pe, gboolean is_x64, guint64 rva, guint8 *bytes, gsize n_bytes);
/* Whether [rva, rva + n_bytes) lies in the image. */
gboolean atlas_pe_contains (const AtlasPe *pe, guint64 rva, guint64 n_bytes);

/* Little-endian numbers of the image; 0 beyond its end. */
guint16 atlas_pe_read_u16 (const AtlasPe *pe, gboolean is_x64, guint64 rva);
guint32 atlas_pe_read_u32 (const AtlasPe *pe, gboolean is_x64, guint64 rva);
guint64 atlas_pe_read_u64 (const AtlasPe *pe, gboolean is_x64, guint64 rva);

/* Sorts by address; what changes the same bytes stays in the file's order. */
void atlas_pe_fixups_sort (GArray *fixups);
/* Applies those that lie in the window of @n_bytes at @rva. */
void atlas_pe_fixups_apply (const GArray *fixups,
                            AtlasVa base_va,
                            guint64 moved_bytes,
                            guint64 rva,
                            guint8 *bytes,
                            gsize n_bytes);
/* Whether any changes a byte of @page. */
gboolean atlas_pe_fixups_touch (const GArray *fixups, guint64 page);

/* pe-relocations.c: the base relocations of a face, appended to @fixups. FALSE and @reason. */
gboolean atlas_pe_parse_relocations (const AtlasPe *pe,
                                     gboolean is_x64,
                                     GArray *fixups,
                                     const char **reason);
/* arm64x.c: the dynamic values of an ARM64X file, appended to @fixups. FALSE and @reason. */
gboolean atlas_pe_parse_dynamic_values (const AtlasPe *pe, GArray *fixups, const char **reason);

G_END_DECLS
