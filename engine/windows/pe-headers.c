/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pe-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/bytes.h"
#include "windows/protection.h"

/* What a file must say for Windows to make an image of it, in the order in which it is checked. */

/* Microsoft Learn, "PE Format". */
#define DOS_HEADER_BYTES 0x40u
#define PE_OFFSET_FIELD 0x3cu
#define SIGNATURE_BYTES 4u
#define COFF_BYTES 20u
#define SECTION_HEADER_BYTES 40u
#define MAGIC_PE32 0x10bu
#define MAGIC_PE32_PLUS 0x20bu
#define DIRECTORIES_OFFSET_32 96u
#define DIRECTORIES_OFFSET_64 112u
#define MAX_SECTIONS 96u
#define MIN_FILE_ALIGNMENT 0x200u
/* The largest image that Windows lays out: MM_SIZE_OF_LARGEST_IMAGE of its published sources. */
#define MAX_IMAGE_BYTES 0x77000000u
/* Pages behind the last section that belong to none. */
#define MAX_TAIL_BYTES ATLAS_KB (64)

#define SECTION_SHARED 0x10000000u
#define SECTION_RIGHTS_SHIFT 29u /* execute, read, write */

/* How far a check has come. */
typedef struct
{
  AtlasBytes bytes;
  guint64 coff_offset;
  guint64 optional_offset;
  guint optional_bytes;
  const char *reason;
} Reader;

static AtlasStatus
refuse (Reader *reader, AtlasStatus status, const char *reason)
{
  reader->reason = reason;
  return status;
}

static gboolean
is_power_of_two (guint32 value)
{
  return value != 0 && (value & (value - 1u)) == 0;
}

static guint64
round_up (guint64 value, guint64 alignment)
{
  return (value + alignment - 1u) & ~(alignment - 1u);
}

/* The statuses of other and older formats are general knowledge. */
static AtlasStatus
check_signatures (Reader *reader)
{
  guint32 pe_offset;

  if (reader->bytes.size_bytes < 2u || memcmp (reader->bytes.data, "MZ", 2) != 0)
    return refuse (
      reader, ATLAS_STATUS_INVALID_IMAGE_NOT_MZ, N_ ("The file does not begin with MZ."));
  if (reader->bytes.size_bytes < DOS_HEADER_BYTES)
    return refuse (
      reader, ATLAS_STATUS_INVALID_IMAGE_PROTECT, N_ ("The file ends inside its MS-DOS header."));

  pe_offset = atlas_bytes_get_u32 (&reader->bytes, PE_OFFSET_FIELD);
  if ((pe_offset & 3u) != 0 ||
      !atlas_bytes_has (&reader->bytes, pe_offset, SIGNATURE_BYTES + COFF_BYTES))
    return refuse (reader,
                   ATLAS_STATUS_INVALID_IMAGE_PROTECT,
                   N_ ("The MS-DOS header points to no PE header: beyond the file, or not to a "
                       "multiple of 4."));
  if (memcmp (reader->bytes.data + pe_offset, "NE", 2) == 0)
    return refuse (
      reader, ATLAS_STATUS_INVALID_IMAGE_NE_FORMAT, N_ ("A program for 16-bit Windows (NE)."));
  if (memcmp (reader->bytes.data + pe_offset, "LE", 2) == 0)
    return refuse (
      reader, ATLAS_STATUS_INVALID_IMAGE_LE_FORMAT, N_ ("A driver of Windows 3 (LE)."));
  if (memcmp (reader->bytes.data + pe_offset, "PE\0", SIGNATURE_BYTES) != 0)
    return refuse (reader,
                   ATLAS_STATUS_INVALID_IMAGE_PROTECT,
                   N_ ("A program for MS-DOS: it has no PE header."));

  reader->coff_offset = (guint64) pe_offset + SIGNATURE_BYTES;
  reader->optional_offset = reader->coff_offset + COFF_BYTES;
  reader->optional_bytes = atlas_bytes_get_u16 (&reader->bytes, reader->coff_offset + 16u);
  if (!atlas_bytes_has (&reader->bytes, reader->optional_offset, reader->optional_bytes))
    return refuse (
      reader, ATLAS_STATUS_INVALID_IMAGE_FORMAT, N_ ("The file ends inside its optional header."));
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
refuse_format (Reader *reader, const char *reason)
{
  return refuse (reader, ATLAS_STATUS_INVALID_IMAGE_FORMAT, reason);
}

static AtlasStatus
read_headers (Reader *reader, AtlasPe *pe)
{
  guint64 coff = reader->coff_offset;
  guint64 optional = reader->optional_offset;
  guint magic = reader->optional_bytes >= 2u ? atlas_bytes_get_u16 (&reader->bytes, optional) : 0;
  guint directories_offset =
    magic == MAGIC_PE32_PLUS ? DIRECTORIES_OFFSET_64 : DIRECTORIES_OFFSET_32;
  guint32 n_directories;
  guint32 size_of_image;

  if (magic != MAGIC_PE32 && magic != MAGIC_PE32_PLUS)
    return refuse_format (reader, N_ ("The optional header is neither PE32 nor PE32+."));
  if (reader->optional_bytes < directories_offset)
    return refuse_format (reader, N_ ("The optional header is too short."));

  pe->is_pe32_plus = magic == MAGIC_PE32_PLUS;
  pe->native.machine = atlas_bytes_get_u16 (&reader->bytes, coff);
  pe->n_sections = atlas_bytes_get_u16 (&reader->bytes, coff + 2u);
  pe->characteristics = atlas_bytes_get_u16 (&reader->bytes, coff + 18u);
  pe->native.entry_rva = atlas_bytes_get_u32 (&reader->bytes, optional + 16u);
  pe->base_field_rva = (guint32) optional + (pe->is_pe32_plus ? 24u : 28u);
  pe->preferred_va = pe->is_pe32_plus ? atlas_bytes_get_u64 (&reader->bytes, optional + 24u)
                                      : atlas_bytes_get_u32 (&reader->bytes, optional + 28u);
  pe->section_alignment_bytes = atlas_bytes_get_u32 (&reader->bytes, optional + 32u);
  pe->file_alignment_bytes = atlas_bytes_get_u32 (&reader->bytes, optional + 36u);
  size_of_image = atlas_bytes_get_u32 (&reader->bytes, optional + 56u);
  pe->header_bytes = atlas_bytes_get_u32 (&reader->bytes, optional + 60u);
  pe->subsystem = atlas_bytes_get_u16 (&reader->bytes, optional + 68u);
  pe->dll_characteristics = atlas_bytes_get_u16 (&reader->bytes, optional + 70u);

  n_directories = atlas_bytes_get_u32 (&reader->bytes, optional + directories_offset - 4u);
  n_directories = MIN (n_directories, ATLAS_PE_DIRECTORIES);
  n_directories = MIN (n_directories, (reader->optional_bytes - directories_offset) / 8u);
  for (guint i = 0; i < n_directories; i++)
    {
      guint64 offset = optional + directories_offset + 8u * i;

      pe->native.directories[i] =
        (AtlasPeDirectory){ atlas_bytes_get_u32 (&reader->bytes, offset),
                            atlas_bytes_get_u32 (&reader->bytes, offset + 4u) };
    }

  if ((pe->characteristics & ATLAS_PE_EXECUTABLE) == 0)
    return refuse_format (reader,
                          N_ ("The file was not linked without errors: it is an object file."));
  if (pe->native.machine == ATLAS_MACHINE_UNKNOWN)
    return refuse_format (reader, N_ ("The header names no processor."));
  if (!pe->is_pe32_plus &&
      (pe->native.machine == ATLAS_MACHINE_AMD64 || pe->native.machine == ATLAS_MACHINE_ARM64))
    return refuse_format (reader, N_ ("A 64-bit program must be PE32+."));
  if (pe->is_pe32_plus &&
      (pe->native.machine == ATLAS_MACHINE_I386 || pe->native.machine == ATLAS_MACHINE_ARMNT))
    return refuse_format (reader, N_ ("A 32-bit program must be PE32."));
  if (pe->n_sections > MAX_SECTIONS)
    return refuse_format (reader, N_ ("An image has at most 96 sections."));
  if (!is_power_of_two (pe->section_alignment_bytes) ||
      !is_power_of_two (pe->file_alignment_bytes) ||
      pe->section_alignment_bytes < pe->file_alignment_bytes)
    return refuse_format (
      reader,
      N_ ("Section and file alignment must be powers of two, and the former not "
          "less than the latter."));
  if ((pe->file_alignment_bytes & (MIN_FILE_ALIGNMENT - 1u)) != 0 &&
      pe->file_alignment_bytes != pe->section_alignment_bytes)
    return refuse_format (reader, N_ ("The file alignment is less than 512."));
  if (pe->section_alignment_bytes < ATLAS_PAGE_BYTES &&
      pe->file_alignment_bytes != pe->section_alignment_bytes)
    return refuse_format (
      reader,
      N_ ("Sections that are not aligned to pages must lie in memory as they lie "
          "in the file."));
  if ((pe->preferred_va & (ATLAS_KB (64) - 1u)) != 0)
    return refuse_format (reader, N_ ("The image base is no multiple of 64 KB."));
  if (size_of_image == 0 || size_of_image > MAX_IMAGE_BYTES)
    return refuse_format (reader, N_ ("The size of the image is 0 or too large."));
  if (pe->header_bytes == 0 || pe->header_bytes > size_of_image)
    return refuse_format (reader, N_ ("The headers are empty, or larger than the image."));
  pe->image_bytes = (guint32) atlas_page_ceil (size_of_image);
  if (pe->preferred_va > G_MAXUINT64 - pe->image_bytes)
    return refuse_format (reader, N_ ("The image would reach beyond the last address."));
  return ATLAS_STATUS_SUCCESS;
}

/* By execute, read, write: what Windows makes of the rights of a section. A page that may be
 * written is copied first, unless it is shared. */
static guint8
get_protection (guint32 characteristics)
{
  static const guint8 protections[] = {
    ATLAS_PROTECTION_NOACCESS,  ATLAS_PROTECTION_EXECUTE,
    ATLAS_PROTECTION_READONLY,  ATLAS_PROTECTION_EXECUTE_READ,
    ATLAS_PROTECTION_WRITECOPY, ATLAS_PROTECTION_EXECUTE_WRITECOPY,
    ATLAS_PROTECTION_WRITECOPY, ATLAS_PROTECTION_EXECUTE_WRITECOPY,
  };
  guint8 protection = protections[characteristics >> SECTION_RIGHTS_SHIFT & 7u];

  if ((characteristics & SECTION_SHARED) != 0 && atlas_protection_is_copy_on_write (protection))
    protection = atlas_protection_is_executable (protection) ? ATLAS_PROTECTION_EXECUTE_READWRITE
                                                             : ATLAS_PROTECTION_READWRITE;
  return protection;
}

static AtlasStatus
check_section (Reader *reader, const AtlasPe *pe, const AtlasPeSection *section, guint64 next_rva)
{
  if ((guint64) section->rva + section->size_bytes > pe->image_bytes)
    return refuse_format (reader, N_ ("A section reaches beyond the end of the image."));
  if (section->file_bytes > 0 &&
      !atlas_bytes_has (&reader->bytes, section->file_offset, section->file_bytes))
    return refuse_format (reader, N_ ("A section reaches beyond the end of the file."));
  if (pe->section_alignment_bytes < ATLAS_PAGE_BYTES)
    return section->file_bytes == 0 || section->file_offset == section->rva
             ? ATLAS_STATUS_SUCCESS
             : refuse_format (
                 reader,
                 N_ ("Sections that are not aligned to pages must lie in memory as they "
                     "lie in the file."));
  if (section->rva != next_rva)
    return refuse_format (reader, N_ ("A section does not begin where the one before it ends."));
  if (section->file_bytes > 0 && (section->file_offset & (MIN_FILE_ALIGNMENT - 1u)) != 0)
    return refuse_format (reader, N_ ("A section's bytes do not begin at a multiple of 512."));
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
read_sections (Reader *reader, AtlasPe *pe)
{
  guint64 table = reader->optional_offset + reader->optional_bytes;
  guint64 next_rva = round_up (pe->header_bytes, pe->section_alignment_bytes);

  if (!atlas_bytes_has (&reader->bytes, table, (guint64) pe->n_sections * SECTION_HEADER_BYTES))
    return refuse_format (reader, N_ ("The file ends inside its section table."));
  pe->sections = g_new0 (AtlasPeSection, pe->n_sections);
  for (guint i = 0; i < pe->n_sections; i++)
    {
      AtlasPeSection *section = &pe->sections[i];
      guint64 header = table + (guint64) i * SECTION_HEADER_BYTES;
      AtlasStatus status;

      memcpy (section->name, reader->bytes.data + header, 8);
      section->size_bytes = atlas_bytes_get_u32 (&reader->bytes, header + 8u);
      section->rva = atlas_bytes_get_u32 (&reader->bytes, header + 12u);
      section->file_bytes = atlas_bytes_get_u32 (&reader->bytes, header + 16u);
      section->file_offset = atlas_bytes_get_u32 (&reader->bytes, header + 20u);
      section->characteristics = atlas_bytes_get_u32 (&reader->bytes, header + 36u);
      section->protection = get_protection (section->characteristics);
      section->is_shared = (section->characteristics & SECTION_SHARED) != 0;
      for (char *c = section->name; *c != '\0'; c++)
        {
          if (!g_ascii_isprint (*c))
            *c = '?';
        }
      if (section->size_bytes == 0)
        section->size_bytes = section->file_bytes;
      if (section->file_offset == 0)
        section->file_bytes = 0;
      if (section->size_bytes == 0)
        return refuse_format (reader, N_ ("A section is empty."));

      status = check_section (reader, pe, section, next_rva);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
      /* What the file has beyond the section's pages is not mapped. */
      section->file_bytes =
        (guint32) MIN (section->file_bytes, atlas_page_ceil (section->size_bytes));
      next_rva =
        round_up ((guint64) section->rva + section->size_bytes, pe->section_alignment_bytes);
    }
  if (pe->section_alignment_bytes >= ATLAS_PAGE_BYTES && pe->image_bytes > next_rva &&
      pe->image_bytes - next_rva > MAX_TAIL_BYTES)
    return refuse_format (reader, N_ ("The image is larger than its sections."));
  return ATLAS_STATUS_SUCCESS;
}

/* What an x64 process sees of an ARM64X file: the header once more, changed. */
static gboolean
read_x64_face (Reader *reader, AtlasPe *pe)
{
  guint64 optional = reader->optional_offset;
  guint directories_offset = pe->is_pe32_plus ? DIRECTORIES_OFFSET_64 : DIRECTORIES_OFFSET_32;

  pe->x64 = pe->native;
  if (pe->dynamic_values->len == 0)
    return TRUE;

  pe->x64.machine = atlas_pe_read_u16 (pe, TRUE, reader->coff_offset);
  pe->x64.entry_rva = atlas_pe_read_u32 (pe, TRUE, optional + 16u);
  for (guint i = 0; i < ATLAS_PE_DIRECTORIES; i++)
    {
      guint64 rva = optional + directories_offset + 8u * i;

      if (directories_offset + 8u * (i + 1u) > reader->optional_bytes)
        break;
      pe->x64.directories[i] = (AtlasPeDirectory){ atlas_pe_read_u32 (pe, TRUE, rva),
                                                   atlas_pe_read_u32 (pe, TRUE, rva + 4u) };
    }
  pe->is_arm64x =
    pe->native.machine == ATLAS_MACHINE_ARM64 && pe->x64.machine == ATLAS_MACHINE_AMD64;
  return TRUE;
}

/* The address that the header names is that of the image, wherever it lies. */
static void
add_base_field (const AtlasPe *pe, GArray *relocations)
{
  AtlasPeFixup fixup = { .rva = pe->base_field_rva,
                         .kind = ATLAS_PE_FIXUP_BASE,
                         .n_bytes = pe->is_pe32_plus ? 8u : 4u };

  if (!atlas_pe_is_relocatable (pe) || fixup.rva + fixup.n_bytes > pe->header_bytes)
    return;
  g_array_append_val (relocations, fixup);
  atlas_pe_fixups_sort (relocations);
}

static AtlasStatus
read_fixups (Reader *reader, AtlasPe *pe)
{
  const AtlasPeDirectory *native = &pe->native.directories[ATLAS_PE_DIRECTORY_RELOCATION];
  const AtlasPeDirectory *x64 = &pe->x64.directories[ATLAS_PE_DIRECTORY_RELOCATION];
  gboolean is_same;

  pe->relocations = g_array_new (FALSE, FALSE, sizeof (AtlasPeFixup));
  pe->dynamic_values = g_array_new (FALSE, FALSE, sizeof (AtlasPeFixup));
  if (!atlas_pe_parse_dynamic_values (pe, pe->dynamic_values, &reader->reason) ||
      !read_x64_face (reader, pe) ||
      !atlas_pe_parse_relocations (pe, FALSE, pe->relocations, &reader->reason))
    return ATLAS_STATUS_INVALID_IMAGE_FORMAT;

  is_same = native->rva == x64->rva && native->size_bytes == x64->size_bytes;
  for (guint64 page = x64->rva / ATLAS_PAGE_BYTES;
       is_same && page * ATLAS_PAGE_BYTES < (guint64) x64->rva + x64->size_bytes;
       page++)
    is_same = !atlas_pe_fixups_touch (pe->dynamic_values, page);
  pe->x64_relocations =
    is_same ? g_array_ref (pe->relocations) : g_array_new (FALSE, FALSE, sizeof (AtlasPeFixup));
  if (!is_same && !atlas_pe_parse_relocations (pe, TRUE, pe->x64_relocations, &reader->reason))
    return ATLAS_STATUS_INVALID_IMAGE_FORMAT;
  add_base_field (pe, pe->relocations);
  if (!is_same)
    add_base_field (pe, pe->x64_relocations);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_pe_new (GBytes *bytes, AtlasPe **pe, const char **reason)
{
  g_autoptr (AtlasPe) made = NULL;
  Reader reader = { 0 };
  AtlasStatus status;

  g_return_val_if_fail (bytes != NULL && pe != NULL, ATLAS_STATUS_INVALID_PARAMETER);

  *pe = NULL;
  reader.bytes = atlas_bytes (bytes);
  made = g_new0 (AtlasPe, 1);
  made->bytes = g_bytes_ref (bytes);
  status = check_signatures (&reader);
  if (status == ATLAS_STATUS_SUCCESS)
    status = read_headers (&reader, made);
  if (status == ATLAS_STATUS_SUCCESS)
    status = read_sections (&reader, made);
  if (status == ATLAS_STATUS_SUCCESS)
    status = read_fixups (&reader, made);
  if (reason != NULL)
    *reason = reader.reason;
  if (status == ATLAS_STATUS_SUCCESS)
    *pe = g_steal_pointer (&made);
  return status;
}
