/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pe-private.h"

#include <glib/gi18n-lib.h>

/* The dynamic value relocation table (DVRT). An ARM64X file is an ARM64 image on disk; in an x64
 * process the memory manager changes the few fields that this table names, and it is an x64 one.
 *
 *   u32 version, u32 size
 *   ├─ version 1: u64 symbol, u32 size      (PE32: u32 symbol)
 *   │  version 2: u32 header size, u32 size, u64 symbol, …
 *   └─── blocks: u32 page, u32 size, records
 *
 *   record   15   14 13  12 11           0
 *            +------+------+--------------+
 *            | size | type | byte in page |    size: 1 << field; then payload
 *            +------+------+--------------+
 *            |× 8|- |  2   | byte in page |    DELTA: u16 times 4 or 8, added or taken away
 *            +------+------+--------------+
 */

/* IMAGE_LOAD_CONFIG_DIRECTORY. */
#define TABLE_OFFSET_FIELD_64 0xe0u
#define TABLE_SECTION_FIELD_64 0xe4u
#define TABLE_OFFSET_FIELD_32 0x88u
#define TABLE_SECTION_FIELD_32 0x8cu

#define TABLE_HEADER_BYTES 8u
#define BLOCK_HEADER_BYTES 8u
#define SYMBOL_ARM64X 6u
/* Up to the symbol. */
#define ENTRY_2_BYTES_MIN 16u

enum
{
  RECORD_ZERO = 0,
  RECORD_VALUE = 1,
  RECORD_DELTA = 2,
};

static gboolean
parse_block (const AtlasPe *pe, guint64 rva, guint64 end_rva, GArray *fixups, const char **reason)
{
  guint32 page_rva = atlas_pe_read_u32 (pe, FALSE, rva);

  for (rva += BLOCK_HEADER_BYTES; end_rva - rva >= sizeof (guint16);)
    {
      guint16 record = atlas_pe_read_u16 (pe, FALSE, rva);
      guint64 target_rva = (guint64) page_rva + (record & ATLAS_PAGE_MASK);
      AtlasPeFixup fixup = { .kind = ATLAS_PE_FIXUP_SET,
                             .n_bytes = (guint8) (1u << (record >> 14)) };
      guint n_payload_bytes = 0;

      rva += sizeof (guint16);
      /* What fills a block up to four bytes. */
      if (record == 0 && end_rva - rva < sizeof (guint16))
        break;
      switch (record >> 12 & 3u)
        {
        case RECORD_ZERO:
          break;
        case RECORD_VALUE:
          n_payload_bytes = MAX (fixup.n_bytes, sizeof (guint16));
          fixup.value = atlas_pe_read_u64 (pe, FALSE, rva);
          break;
        case RECORD_DELTA:
          n_payload_bytes = sizeof (guint16);
          fixup.kind = ATLAS_PE_FIXUP_DELTA;
          fixup.n_bytes = sizeof (guint32);
          fixup.value = atlas_pe_read_u16 (pe, FALSE, rva) * ((record & 0x8000u) != 0 ? 8u : 4u);
          if ((record & 0x4000u) != 0)
            fixup.value = -fixup.value;
          break;
        default:
          *reason = N_ ("A dynamic value relocation is of no known type.");
          return FALSE;
        }
      if (end_rva - rva < n_payload_bytes)
        {
          *reason = N_ ("A dynamic value relocation ends in the middle of its value.");
          return FALSE;
        }
      if (!atlas_pe_contains (pe, target_rva, fixup.n_bytes))
        {
          *reason = N_ ("A dynamic value relocation changes bytes beyond the end of the image.");
          return FALSE;
        }
      rva += n_payload_bytes;
      fixup.rva = (guint32) target_rva;
      g_array_append_val (fixups, fixup);
    }
  return TRUE;
}

static gboolean
parse_blocks (const AtlasPe *pe, guint64 rva, guint64 end_rva, GArray *fixups, const char **reason)
{
  while (end_rva - rva >= BLOCK_HEADER_BYTES)
    {
      guint32 block_bytes = atlas_pe_read_u32 (pe, FALSE, rva + 4u);

      if (block_bytes < BLOCK_HEADER_BYTES || block_bytes > end_rva - rva)
        {
          *reason =
            N_ ("A block of dynamic value relocations is longer than its table, or too short.");
          return FALSE;
        }
      if (!parse_block (pe, rva, rva + block_bytes, fixups, reason))
        return FALSE;
      rva += block_bytes;
    }
  return TRUE;
}

static gboolean
parse_table (const AtlasPe *pe, guint64 rva, guint64 end_rva, GArray *fixups, const char **reason)
{
  guint32 version = atlas_pe_read_u32 (pe, FALSE, rva);
  guint64 symbol_bytes = pe->is_pe32_plus ? 8u : 4u;

  for (rva += TABLE_HEADER_BYTES; rva < end_rva;)
    {
      guint64 header_bytes = symbol_bytes + 4u;
      guint64 symbol;
      guint32 n_bytes;

      if (end_rva - rva < (version == 1 ? header_bytes : ENTRY_2_BYTES_MIN))
        break;
      if (version == 1)
        {
          symbol = pe->is_pe32_plus ? atlas_pe_read_u64 (pe, FALSE, rva)
                                    : atlas_pe_read_u32 (pe, FALSE, rva);
          n_bytes = atlas_pe_read_u32 (pe, FALSE, rva + symbol_bytes);
        }
      else
        {
          header_bytes = atlas_pe_read_u32 (pe, FALSE, rva);
          n_bytes = atlas_pe_read_u32 (pe, FALSE, rva + 4u);
          symbol = atlas_pe_read_u64 (pe, FALSE, rva + 8u);
        }
      if (header_bytes > end_rva - rva || (version == 2 && header_bytes < ENTRY_2_BYTES_MIN) ||
          n_bytes > end_rva - rva - header_bytes)
        {
          *reason = N_ ("An entry of the dynamic value relocation table reaches beyond its end.");
          return FALSE;
        }
      rva += header_bytes;
      if (symbol == SYMBOL_ARM64X && !parse_blocks (pe, rva, rva + n_bytes, fixups, reason))
        return FALSE;
      rva += n_bytes;
    }
  return TRUE;
}

gboolean
atlas_pe_parse_dynamic_values (const AtlasPe *pe, GArray *fixups, const char **reason)
{
  const AtlasPeDirectory *config = &pe->native.directories[ATLAS_PE_DIRECTORY_LOAD_CONFIG];
  guint32 offset_field = pe->is_pe32_plus ? TABLE_OFFSET_FIELD_64 : TABLE_OFFSET_FIELD_32;
  guint32 section_field = pe->is_pe32_plus ? TABLE_SECTION_FIELD_64 : TABLE_SECTION_FIELD_32;
  guint64 rva;
  guint32 config_bytes;
  guint16 section;
  guint32 table_bytes;

  /* The structure has grown over time and tells its own size. */
  if (config->size_bytes == 0 || !atlas_pe_contains (pe, config->rva, 4))
    return TRUE;
  config_bytes = atlas_pe_read_u32 (pe, FALSE, config->rva);
  if (config_bytes < section_field + sizeof section ||
      !atlas_pe_contains (pe, config->rva, section_field + sizeof section))
    return TRUE;
  section = atlas_pe_read_u16 (pe, FALSE, (guint64) config->rva + section_field);
  if (section == 0)
    return TRUE;
  if (section > pe->n_sections)
    {
      *reason =
        N_ ("The dynamic value relocation table is said to lie in a section that is not there.");
      return FALSE;
    }

  rva = (guint64) pe->sections[section - 1u].rva +
        atlas_pe_read_u32 (pe, FALSE, (guint64) config->rva + offset_field);
  if (!atlas_pe_contains (pe, rva, TABLE_HEADER_BYTES))
    {
      *reason = N_ ("The dynamic value relocation table lies beyond the end of the image.");
      return FALSE;
    }
  table_bytes = atlas_pe_read_u32 (pe, FALSE, rva + 4u);
  if (!atlas_pe_contains (pe, rva + TABLE_HEADER_BYTES, table_bytes))
    {
      *reason = N_ ("The dynamic value relocation table reaches beyond the end of the image.");
      return FALSE;
    }
  if (atlas_pe_read_u32 (pe, FALSE, rva) - 1u > 1u)
    return TRUE; /* of a later version, which means nothing to this system */
  if (!parse_table (pe, rva, rva + TABLE_HEADER_BYTES + table_bytes, fixups, reason))
    return FALSE;
  atlas_pe_fixups_sort (fixups);
  return TRUE;
}
