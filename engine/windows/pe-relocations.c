/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pe-private.h"

#include <glib/gi18n-lib.h>

/* Blocks of { u32 page, u32 size of the block, u16 entries of type << 12 | offset }. */
#define BLOCK_HEADER_BYTES 8u

/* Microsoft Learn, "PE Format", base relocation types. The others are of processors that this
 * machine is not. */
enum
{
  RELOCATION_ABSOLUTE = 0, /* padding */
  RELOCATION_HIGH = 1,
  RELOCATION_LOW = 2,
  RELOCATION_HIGHLOW = 3,
  RELOCATION_HIGHADJ = 4, /* the next entry is the low half */
  RELOCATION_DIR64 = 10,
};

static gboolean
parse_block (const AtlasPe *pe,
             gboolean is_x64,
             guint64 rva,
             guint32 block_bytes,
             GArray *fixups,
             const char **reason)
{
  guint32 page_rva = atlas_pe_read_u32 (pe, is_x64, rva);
  guint64 end_rva = rva + block_bytes;

  for (rva += BLOCK_HEADER_BYTES; rva + sizeof (guint16) <= end_rva; rva += sizeof (guint16))
    {
      guint16 entry = atlas_pe_read_u16 (pe, is_x64, rva);
      guint64 target_rva = (guint64) page_rva + (entry & ATLAS_PAGE_MASK);
      AtlasPeFixup fixup = { .kind = ATLAS_PE_FIXUP_ADD };

      switch (entry >> 12)
        {
        case RELOCATION_ABSOLUTE:
          continue;
        case RELOCATION_HIGH:
          fixup.kind = ATLAS_PE_FIXUP_ADD_HIGH;
          fixup.n_bytes = 2;
          break;
        case RELOCATION_LOW:
          fixup.n_bytes = 2;
          break;
        case RELOCATION_HIGHLOW:
          fixup.n_bytes = 4;
          break;
        case RELOCATION_HIGHADJ:
          rva += sizeof (guint16);
          if (rva + sizeof (guint16) > end_rva)
            {
              *reason = N_ ("A relocation of type HIGHADJ lacks its second half.");
              return FALSE;
            }
          fixup.kind = ATLAS_PE_FIXUP_ADD_ADJUSTED;
          fixup.n_bytes = 2;
          fixup.value = atlas_pe_read_u16 (pe, is_x64, rva);
          break;
        case RELOCATION_DIR64:
          fixup.n_bytes = 8;
          break;
        default:
          *reason = N_ ("A relocation has a type that this processor does not know.");
          return FALSE;
        }
      if (!atlas_pe_contains (pe, target_rva, fixup.n_bytes))
        {
          *reason = N_ ("A relocation changes bytes that lie beyond the end of the image.");
          return FALSE;
        }
      fixup.rva = (guint32) target_rva;
      g_array_append_val (fixups, fixup);
    }
  return TRUE;
}

gboolean
atlas_pe_parse_relocations (const AtlasPe *pe, gboolean is_x64, GArray *fixups, const char **reason)
{
  const AtlasPeFace *face = is_x64 ? &pe->x64 : &pe->native;
  const AtlasPeDirectory *directory = &face->directories[ATLAS_PE_DIRECTORY_RELOCATION];
  guint64 rva = directory->rva;
  guint64 end_rva = rva + directory->size_bytes;

  if (directory->size_bytes == 0 || (pe->characteristics & ATLAS_PE_RELOCS_STRIPPED) != 0)
    return TRUE;
  if (!atlas_pe_contains (pe, rva, directory->size_bytes))
    {
      *reason = N_ ("The relocations lie beyond the end of the image.");
      return FALSE;
    }

  while (end_rva - rva >= BLOCK_HEADER_BYTES)
    {
      guint32 block_bytes = atlas_pe_read_u32 (pe, is_x64, rva + 4u);

      /* Linkers fill up with zeros. */
      if (block_bytes == 0)
        break;
      if (block_bytes < BLOCK_HEADER_BYTES || block_bytes > end_rva - rva)
        {
          *reason =
            N_ ("A block of relocations is shorter than its header, or reaches beyond the last.");
          return FALSE;
        }
      if (!parse_block (pe, is_x64, rva, block_bytes, fixups, reason))
        return FALSE;
      rva += block_bytes;
    }
  atlas_pe_fixups_sort (fixups);
  return TRUE;
}
