/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/image.h"

#include <string.h>

#include "windows/section-private.h"

/* Microsoft Learn, "PE Format". */
#define PE_OFFSET 0xf8u
#define PE_SIGNATURE_BYTES 4u
#define COFF_BYTES 20u
#define OPTIONAL_BYTES 0xf0u
#define SECTION_HEADER_BYTES 40u
#define DIRECTORIES_OFFSET 112u

#define MACHINE_AMD64 0x8664u
#define FILE_EXECUTABLE 0x0002u
#define FILE_LARGE_ADDRESS_AWARE 0x0020u
#define FILE_DLL 0x2000u
#define DLL_HIGH_ENTROPY 0x0020u
#define DLL_DYNAMIC_BASE 0x0040u
#define DLL_NX_COMPATIBLE 0x0100u
#define DLL_GUARD_CF 0x4000u
#define SUBSYSTEM_CONSOLE 3u

enum
{
  DIRECTORY_RESOURCE = 2,
  DIRECTORY_EXCEPTION = 3,
  DIRECTORY_RELOCATION = 5,
  N_DIRECTORIES = 16,
};

/* Sizes are a choice, near those of build 22000. */
static const AtlasModule system_modules[] = {
  { "ntdll.dll", 0x12d, 0x49, 0xc, 0xf, 0x74, 1 },
  { "combase.dll", 0x258, 0xb8, 0x6, 0x1c, 0x25, 0xb },
  { "sechost.dll", 0x65, 0x26, 0x3, 0x5, 1, 2 },
  { "GDI32.dll", 0xe, 0x13, 1, 2, 1, 1 },
  { "msvcrt.dll", 0x78, 0x19, 0x8, 0x5, 1, 1 },
  { "USER32.dll", 0x92, 0x20, 0x2, 0x9, 0xe8, 1 },
  { "RPCRT4.dll", 0xdd, 0x27, 0x2, 0xc, 0x6, 2 },
  { "ADVAPI32.dll", 0x66, 0x34, 0x5, 0x6, 1, 1 },
  { "KERNEL32.DLL", 0x7c, 0x33, 0x2, 0x7, 1, 1 },
  { "KERNELBASE.dll", 0x172, 0x1ad, 0x5, 0xf, 1, 0x36 },
  { "win32u.dll", 0xc, 0x10, 1, 2, 3, 1 },
  { "gdi32full.dll", 0x9f, 0x4d, 0x5, 0x9, 0xf, 2 },
  { "bcryptPrimitives.dll", 0x60, 0x15, 1, 3, 1, 1 },
  { "msvcp_win.dll", 0x54, 0x39, 0x4, 0x5, 1, 1 },
  { "ucrtbase.dll", 0xc1, 0x39, 0x3, 0xb, 1, 1 },
};

static const AtlasModule program = { "", 0x32, 0x14, 0x6, 0x4, 0x8, 1 };

const AtlasModule *
atlas_image_get_system_modules (guint *n_modules)
{
  *n_modules = G_N_ELEMENTS (system_modules);
  return system_modules;
}

AtlasModule
atlas_image_get_program (const char *name)
{
  AtlasModule module = program;

  module.name = name;
  return module;
}

#define N_SUBSECTIONS 7u

typedef struct
{
  const char *name;
  guint32 characteristics;
  guint8 protection;
  guint8 fill;
} Part;

static const Part parts[N_SUBSECTIONS] = {
  { "", 0, ATLAS_PROTECTION_READONLY, ATLAS_FILL_ZERO },
  { ".text", 0x60000020, ATLAS_PROTECTION_EXECUTE_READ, ATLAS_FILL_CODE },
  { ".rdata", 0x40000040, ATLAS_PROTECTION_READONLY, ATLAS_FILL_DATA },
  { ".data", 0xc0000040, ATLAS_PROTECTION_WRITECOPY, ATLAS_FILL_DATA },
  { ".pdata", 0x40000040, ATLAS_PROTECTION_READONLY, ATLAS_FILL_TABLE },
  { ".rsrc", 0x40000040, ATLAS_PROTECTION_READONLY, ATLAS_FILL_DATA },
  { ".reloc", 0x42000040, ATLAS_PROTECTION_READONLY, ATLAS_FILL_TABLE },
};

static void
make_subsections (const AtlasModule *module, AtlasSubsection subsections[N_SUBSECTIONS])
{
  const guint16 n_pages[N_SUBSECTIONS] = { 1,
                                           module->text_pages,
                                           module->rdata_pages,
                                           module->data_pages,
                                           module->pdata_pages,
                                           module->rsrc_pages,
                                           module->reloc_pages };
  guint64 next_page = 0;

  for (guint i = 0; i < N_SUBSECTIONS; i++)
    {
      subsections[i] = (AtlasSubsection){ .first_page = next_page,
                                          .n_pages = n_pages[i],
                                          .protection = parts[i].protection,
                                          .fill = parts[i].fill };
      g_strlcpy (subsections[i].name, parts[i].name, sizeof subsections[i].name);
      next_page += n_pages[i];
    }
}

guint64
atlas_module_get_n_pages (const AtlasModule *module)
{
  AtlasSubsection subsections[N_SUBSECTIONS];

  make_subsections (module, subsections);
  return subsections[N_SUBSECTIONS - 1u].first_page + subsections[N_SUBSECTIONS - 1u].n_pages;
}

static void
put_u16 (guint8 *bytes, guint offset, guint value)
{
  guint16 little = GUINT16_TO_LE ((guint16) value);

  memcpy (bytes + offset, &little, sizeof little);
}

static void
put_u32 (guint8 *bytes, guint offset, guint64 value)
{
  guint32 little = GUINT32_TO_LE ((guint32) value);

  memcpy (bytes + offset, &little, sizeof little);
}

static void
put_u64 (guint8 *bytes, guint offset, guint64 value)
{
  guint64 little = GUINT64_TO_LE (value);

  memcpy (bytes + offset, &little, sizeof little);
}

static void
put_directory (guint8 *optional, guint index, const AtlasSubsection *subsection)
{
  guint offset = DIRECTORIES_OFFSET + 8u * index;

  put_u32 (optional, offset, subsection->first_page * ATLAS_PAGE_BYTES);
  put_u32 (optional, offset + 4u, subsection->n_pages * ATLAS_PAGE_BYTES);
}

static void
put_optional_header (guint8 *optional,
                     const AtlasSubsection subsections[N_SUBSECTIONS],
                     const AtlasImageTraits *traits)
{
  const AtlasSubsection *last = &subsections[N_SUBSECTIONS - 1u];
  guint64 image_bytes = (last->first_page + last->n_pages) * ATLAS_PAGE_BYTES;
  guint64 code_bytes = subsections[1].n_pages * ATLAS_PAGE_BYTES;

  put_u16 (optional, 0, 0x20b); /* PE32+ */
  optional[2] = 14;             /* linker version */
  put_u32 (optional, 4, code_bytes);
  put_u32 (optional, 8, image_bytes - code_bytes - ATLAS_PAGE_BYTES);
  put_u32 (optional, 16, ATLAS_PAGE_BYTES + code_bytes / 2u); /* entry point */
  put_u32 (optional, 20, ATLAS_PAGE_BYTES);                   /* base of code */
  put_u64 (optional, 24, traits->preferred_va);
  put_u32 (optional, 32, ATLAS_PAGE_BYTES); /* section alignment */
  put_u32 (optional, 36, ATLAS_PAGE_BYTES); /* file alignment */
  put_u16 (optional, 40, 10);               /* operating system, image, subsystem versions */
  put_u16 (optional, 44, 10);
  put_u16 (optional, 48, 10);
  put_u32 (optional, 56, image_bytes);
  put_u32 (optional, 60, ATLAS_PAGE_BYTES); /* headers */
  put_u16 (optional, 68, SUBSYSTEM_CONSOLE);
  put_u16 (optional,
           70,
           DLL_NX_COMPATIBLE | DLL_GUARD_CF | (traits->has_high_entropy ? DLL_HIGH_ENTROPY : 0) |
             (traits->has_dynamic_base ? DLL_DYNAMIC_BASE : 0));
  put_u64 (optional, 72, ATLAS_MB (1)); /* stack: reserve, commit */
  put_u64 (optional, 80, ATLAS_PAGE_BYTES);
  put_u64 (optional, 88, ATLAS_MB (1)); /* heap */
  put_u64 (optional, 96, ATLAS_PAGE_BYTES);
  put_u32 (optional, 108, N_DIRECTORIES);
  put_directory (optional, DIRECTORY_EXCEPTION, &subsections[4]);
  put_directory (optional, DIRECTORY_RESOURCE, &subsections[5]);
  put_directory (optional, DIRECTORY_RELOCATION, &subsections[6]);
}

_Static_assert(DIRECTORIES_OFFSET + 8u * N_DIRECTORIES == OPTIONAL_BYTES,
               "the directories end the optional header");

static GBytes *
make_header (const AtlasSubsection subsections[N_SUBSECTIONS],
             const AtlasImageTraits *traits,
             guint64 seed)
{
  static const char stub[] = "!This program cannot be run in DOS mode.\r\r\n$";
  guint8 *bytes = g_malloc0 (ATLAS_PAGE_BYTES);
  guint8 *coff = bytes + PE_OFFSET + PE_SIGNATURE_BYTES;
  guint8 *section_table = coff + COFF_BYTES + OPTIONAL_BYTES;

  memcpy (bytes, "MZ", 2);
  put_u16 (bytes, 0x02, 0x90); /* the usual DOS header */
  put_u16 (bytes, 0x04, 3);
  put_u16 (bytes, 0x08, 4);
  put_u16 (bytes, 0x0c, 0xffff);
  put_u16 (bytes, 0x10, 0xb8);
  put_u16 (bytes, 0x18, 0x40);
  put_u32 (bytes, 0x3c, PE_OFFSET);
  memcpy (bytes + 0x40, "\x0e\x1f\xba\x0e\x00\xb4\x09\xcd\x21\xb8\x01\x4c\xcd", 13);
  memcpy (bytes + 0x4d, stub, sizeof stub);
  memcpy (bytes + PE_OFFSET, "PE\0", PE_SIGNATURE_BYTES);

  put_u16 (coff, 0, MACHINE_AMD64);
  put_u16 (coff, 2, N_SUBSECTIONS - 1u);
  put_u32 (coff, 4, seed); /* builds are reproducible: a hash stands where the time was */
  put_u16 (coff, 16, OPTIONAL_BYTES);
  put_u16 (coff,
           18,
           FILE_EXECUTABLE | (traits->is_large_address_aware ? FILE_LARGE_ADDRESS_AWARE : 0) |
             (traits->is_dll ? FILE_DLL : 0));
  put_optional_header (coff + COFF_BYTES, subsections, traits);

  for (guint i = 1; i < N_SUBSECTIONS; i++)
    {
      guint8 *header = section_table + (i - 1u) * SECTION_HEADER_BYTES;
      guint64 n_bytes = subsections[i].n_pages * ATLAS_PAGE_BYTES;
      guint64 offset = subsections[i].first_page * ATLAS_PAGE_BYTES;

      memcpy (header, parts[i].name, strlen (parts[i].name));
      put_u32 (header, 8, n_bytes);
      put_u32 (header, 12, offset);
      put_u32 (header, 16, n_bytes);
      put_u32 (header, 20, offset);
      put_u32 (header, 36, parts[i].characteristics);
    }
  return g_bytes_new_take (bytes, ATLAS_PAGE_BYTES);
}

AtlasSection *
atlas_image_new (const AtlasModule *module, const AtlasImageTraits *traits, guint64 seed)
{
  AtlasSubsection subsections[N_SUBSECTIONS];
  g_autoptr (GBytes) header = NULL;

  seed ^= g_str_hash (module->name);
  make_subsections (module, subsections);
  header = make_header (subsections, traits, seed);
  return atlas_section_new (
    ATLAS_SECTION_IMAGE, module->name, subsections, N_SUBSECTIONS, header, seed);
}

/* Of the parts of a file that is made up. */
enum
{
  PART_RDATA = 2,
  PART_DATA = 3,
  PART_PDATA = 4,
  PART_RELOC = 6,
};

#define POINTER_OFFSET 0x10u /* in each page that has one */
#define LOAD_CONFIG_OFFSET 0x100u
#define LOAD_CONFIG_BYTES 0x140u
#define DYNAMIC_VALUES_OFFSET 0x800u

/* A pointer to the first byte of .data in each page of a part, and a block that tells of it. */
static guint
put_pointers (guint8 *file, const AtlasSubsection *part, AtlasVa target_va, guint8 *block)
{
  const guint block_bytes = 12;

  for (guint i = 0; i < part->n_pages; i++)
    {
      guint64 page_offset = (part->first_page + i) * ATLAS_PAGE_BYTES;

      put_u64 (file + page_offset, POINTER_OFFSET, target_va);
      put_u32 (block, i * block_bytes, page_offset);
      put_u32 (block, i * block_bytes + 4u, block_bytes);
      put_u16 (block, i * block_bytes + 8u, 10u << 12 | POINTER_OFFSET); /* DIR64, and padding */
    }
  return (guint) part->n_pages * block_bytes;
}

/* Version 1 of the table; arm64x.c reads it. */
static void
put_dynamic_values (guint8 *file, const AtlasSubsection subsections[N_SUBSECTIONS])
{
  const guint pe_header = PE_OFFSET + PE_SIGNATURE_BYTES;
  const guint optional = pe_header + COFF_BYTES;
  const guint exceptions = optional + DIRECTORIES_OFFSET + 8u * DIRECTORY_EXCEPTION;
  guint8 *config =
    file + subsections[PART_RDATA].first_page * ATLAS_PAGE_BYTES + LOAD_CONFIG_OFFSET;
  guint8 *table =
    file + subsections[PART_RELOC].first_page * ATLAS_PAGE_BYTES + DYNAMIC_VALUES_OFFSET;
  guint8 *header_block = table + 20;
  guint8 *rdata_block = header_block + 28;

  put_u16 (file + pe_header, 0, ATLAS_MACHINE_ARM64);
  put_u32 (file, optional + DIRECTORIES_OFFSET + 8u * 10u, (guint64) (config - file));
  put_u32 (file, optional + DIRECTORIES_OFFSET + 8u * 10u + 4u, LOAD_CONFIG_BYTES);
  memset (config, 0, LOAD_CONFIG_BYTES);
  put_u32 (config, 0, LOAD_CONFIG_BYTES);
  put_u32 (config, 0xe0, DYNAMIC_VALUES_OFFSET);
  put_u16 (config, 0xe4, PART_RELOC); /* counted from 1, without the header */

  put_u32 (table, 0, 1);
  put_u32 (table, 4, 12 + 28 + 12);
  put_u64 (table, 8, 6); /* ARM64X */
  put_u32 (table, 16, 28 + 12);
  put_u32 (header_block, 0, 0);
  put_u32 (header_block, 4, 28);
  put_u16 (header_block, 8, 1u << 14 | 1u << 12 | pe_header); /* the machine … */
  put_u16 (header_block, 10, MACHINE_AMD64);
  put_u16 (header_block, 12, 2u << 12 | (optional + 16u)); /* … the entry point, 64 bytes on … */
  put_u16 (header_block, 14, 16);
  put_u16 (header_block, 16, 3u << 14 | 1u << 12 | exceptions); /* … half the unwind data */
  put_u32 (header_block, 18, subsections[PART_PDATA].first_page * ATLAS_PAGE_BYTES);
  put_u32 (header_block, 22, ATLAS_PAGE_BYTES / 2u);
  put_u32 (rdata_block, 0, (subsections[PART_RDATA].first_page + 1u) * ATLAS_PAGE_BYTES);
  put_u32 (rdata_block, 4, 12);
  put_u16 (rdata_block, 8, 3u << 14 | 0x20u); /* eight zeros */
}

GBytes *
atlas_image_make_file (const char *name, gboolean is_arm64x, guint64 seed)
{
  const AtlasModule module = { name, 12, 4, 2, 1, 1, 1 };
  const AtlasImageTraits traits = { .preferred_va = G_GUINT64_CONSTANT (0x180000000),
                                    .is_dll = TRUE,
                                    .is_large_address_aware = TRUE,
                                    .has_high_entropy = TRUE,
                                    .has_dynamic_base = TRUE };
  AtlasSubsection subsections[N_SUBSECTIONS];
  gsize n_bytes = atlas_module_get_n_pages (&module) * ATLAS_PAGE_BYTES;
  guint8 *file = g_malloc0 (n_bytes);
  g_autoptr (GBytes) header = NULL;
  guint8 *relocations;
  AtlasVa data_va;
  guint n_done;

  seed ^= g_str_hash (name);
  make_subsections (&module, subsections);
  header = make_header (subsections, &traits, seed);
  memcpy (file, g_bytes_get_data (header, NULL), g_bytes_get_size (header));
  for (guint i = 1; i < PART_RELOC; i++)
    {
      for (guint64 page = subsections[i].first_page;
           page < subsections[i].first_page + subsections[i].n_pages;
           page++)
        atlas_fill_page (
          (AtlasFill) subsections[i].fill, seed, page, file + page * ATLAS_PAGE_BYTES);
    }
  relocations = file + subsections[PART_RELOC].first_page * ATLAS_PAGE_BYTES;
  data_va = traits.preferred_va + subsections[PART_DATA].first_page * ATLAS_PAGE_BYTES;
  n_done = put_pointers (file, &subsections[PART_RDATA], data_va, relocations);
  put_pointers (file, &subsections[PART_DATA], data_va, relocations + n_done);
  if (is_arm64x)
    put_dynamic_values (file, subsections);
  return g_bytes_new_take (file, n_bytes);
}
