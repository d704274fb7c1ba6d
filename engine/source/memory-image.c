/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/memory-image.h"

#include <elf.h>
#include <string.h>

#include <glib/gi18n-lib.h>

/* LiME v1: 32 bytes before each range. */
typedef struct
{
  guint32 magic;
  guint32 version;
  guint64 first_pa;
  guint64 last_pa; /* inclusive */
  guint64 reserved;
} LimeHeader;

_Static_assert(sizeof (LimeHeader) == 32, "LiME's header is 32 bytes");
#define LIME_MAGIC 0x4c694d45u
#define LIME_VERSION 1u

/* QEMU's note: version, size, then the CPU's state as laid out in its target/i386/arch_dump.c. */
#define QEMU_NOTE_NAME "QEMU"
#define QEMU_NOTE_CR3 416
#define QEMU_NOTE_CR4 424
#define QEMU_NOTE_MIN_BYTES 432

typedef struct
{
  GBytes *bytes;
  const guint8 *data;
  gsize size_bytes;
  const char *name;
  GArray *runs; /* of AtlasMemoryRun */
} Image;

static void
run_clear (gpointer run)
{
  g_bytes_unref (((AtlasMemoryRun *) run)->bytes);
}

static void G_GNUC_PRINTF (4, 5)
  set_bad (const Image *image, guint64 offset, GError **error, const char *format, ...)
{
  g_autofree char *problem = NULL;
  va_list args;

  va_start (args, format);
  problem = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error,
               ATLAS_ERROR,
               ATLAS_ERROR_BAD_FILE,
               _ ("%s: at file offset 0x%llx: %s"),
               image->name,
               (unsigned long long) offset,
               problem);
}

/* Copies @n_bytes at @offset; FALSE and @error when the file ends before. */
static gboolean
read_at (const Image *image,
         guint64 offset,
         void *to,
         gsize n_bytes,
         const char *what,
         GError **error)
{
  if (offset > image->size_bytes || image->size_bytes - offset < n_bytes)
    {
      set_bad (image,
               offset,
               error,
               _ ("expected %s of 0x%llx bytes, but the file has 0x%llx bytes in all"),
               what,
               (unsigned long long) n_bytes,
               (unsigned long long) image->size_bytes);
      return FALSE;
    }
  memcpy (to, image->data + offset, n_bytes);
  return TRUE;
}

static gboolean
add_run (Image *image, guint64 offset, guint64 base_pa, guint64 n_bytes, GError **error)
{
  AtlasMemoryRun run = { .base_pa = base_pa };
  guint64 end_pa;

  if (offset > image->size_bytes || image->size_bytes - offset < n_bytes)
    {
      set_bad (image,
               offset,
               error,
               _ ("expected 0x%llx bytes of memory, but the file has 0x%llx bytes in all"),
               (unsigned long long) n_bytes,
               (unsigned long long) image->size_bytes);
      return FALSE;
    }
  if (!g_uint64_checked_add (&end_pa, base_pa, n_bytes))
    {
      set_bad (
        image, offset, error, _ ("memory at 0x%llx runs past 2^64"), (unsigned long long) base_pa);
      return FALSE;
    }
  run.bytes = g_bytes_new_from_bytes (image->bytes, offset, n_bytes);
  g_array_append_val (image->runs, run);
  return TRUE;
}

static gint
run_compare (gconstpointer a, gconstpointer b)
{
  AtlasPa a_pa = ((const AtlasMemoryRun *) a)->base_pa;
  AtlasPa b_pa = ((const AtlasMemoryRun *) b)->base_pa;

  return (a_pa > b_pa) - (a_pa < b_pa);
}

static AtlasMemory *
end (Image *image, GError **error)
{
  guint64 end_pa = 0;

  g_array_sort (image->runs, run_compare);
  for (guint i = 0; i < image->runs->len; i++)
    {
      const AtlasMemoryRun *run = &g_array_index (image->runs, AtlasMemoryRun, i);

      if (run->base_pa < end_pa)
        {
          g_set_error (error,
                       ATLAS_ERROR,
                       ATLAS_ERROR_BAD_FILE,
                       _ ("%s: two ranges hold physical address 0x%llx"),
                       image->name,
                       (unsigned long long) run->base_pa);
          return NULL;
        }
      end_pa = run->base_pa + g_bytes_get_size (run->bytes);
    }
  return atlas_memory_new_image ((const AtlasMemoryRun *) image->runs->data, image->runs->len);
}

static AtlasMemory *
open_lime (Image *image, GError **error)
{
  guint64 offset = 0;

  while (offset < image->size_bytes)
    {
      LimeHeader header;
      guint64 n_bytes;

      if (!read_at (image, offset, &header, sizeof header, _ ("a LiME header"), error))
        return NULL;
      if (GUINT32_FROM_LE (header.magic) != LIME_MAGIC)
        {
          set_bad (image, offset, error, _ ("expected the LiME magic EMiL"));
          return NULL;
        }
      if (GUINT32_FROM_LE (header.version) != LIME_VERSION)
        {
          set_bad (image,
                   offset,
                   error,
                   _ ("expected LiME version 1, found %u"),
                   GUINT32_FROM_LE (header.version));
          return NULL;
        }
      header.first_pa = GUINT64_FROM_LE (header.first_pa);
      header.last_pa = GUINT64_FROM_LE (header.last_pa);
      if (header.last_pa < header.first_pa || header.last_pa - header.first_pa == G_MAXUINT64)
        {
          set_bad (image, offset, error, _ ("a range ends before it begins"));
          return NULL;
        }
      n_bytes = header.last_pa - header.first_pa + 1;
      offset += sizeof header;
      if (!add_run (image, offset, header.first_pa, n_bytes, error))
        return NULL;
      offset += n_bytes;
    }
  return end (image, error);
}

/* The first note called QEMU is the first processor's. */
static void
read_registers (const Image *image, const Elf64_Phdr *segment, AtlasControl *control)
{
  guint64 offset = segment->p_offset;
  guint64 left_bytes = segment->p_filesz;
  Elf64_Nhdr note;

  while (left_bytes >= sizeof note &&
         read_at (image, offset, &note, sizeof note, _ ("a note"), NULL))
    {
      guint64 name_bytes = ((guint64) note.n_namesz + 3u) & ~G_GUINT64_CONSTANT (3);
      guint64 data_bytes = ((guint64) note.n_descsz + 3u) & ~G_GUINT64_CONSTANT (3);
      guint64 data_offset = offset + sizeof note + name_bytes;
      char name[sizeof QEMU_NOTE_NAME];

      if (note.n_namesz == sizeof name && note.n_descsz >= QEMU_NOTE_MIN_BYTES &&
          read_at (image, offset + sizeof note, name, sizeof name, _ ("a note's name"), NULL) &&
          memcmp (name, QEMU_NOTE_NAME, sizeof name) == 0 &&
          read_at (image, data_offset + QEMU_NOTE_CR3, &control->cr3, 8, "CR3", NULL) &&
          read_at (image, data_offset + QEMU_NOTE_CR4, &control->cr4, 8, "CR4", NULL))
        return;
      if (left_bytes - sizeof note < name_bytes + data_bytes)
        return;
      left_bytes -= sizeof note + name_bytes + data_bytes;
      offset = data_offset + data_bytes;
    }
}

/* FALSE and @error when the file ends before it tells. */
static gboolean
read_n_segments (const Image *image, const Elf64_Ehdr *header, guint32 *n_segments, GError **error)
{
  Elf64_Shdr section;

  *n_segments = header->e_phnum;
  if (header->e_phnum != PN_XNUM || header->e_shoff == 0)
    return TRUE;
  /* More than 16 bits tell: System V ABI, "Number of program headers". */
  if (!read_at (image, header->e_shoff, &section, sizeof section, "a section header", error))
    return FALSE;
  *n_segments = section.sh_info;
  return TRUE;
}

static AtlasMemory *
open_elf (Image *image, AtlasControl *control, GError **error)
{
  Elf64_Ehdr header;
  guint32 n_segments;

  if (!read_at (image, 0, &header, sizeof header, _ ("an ELF header"), error))
    return NULL;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_type != ET_CORE || header.e_phentsize != sizeof (Elf64_Phdr))
    {
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("%s: expected an ELF core file of 64 bits, little-endian"),
                   image->name);
      return NULL;
    }
  if (!read_n_segments (image, &header, &n_segments, error))
    return NULL;
  for (guint32 i = 0; i < n_segments; i++)
    {
      Elf64_Phdr segment;

      if (!read_at (image,
                    header.e_phoff + (guint64) i * sizeof segment,
                    &segment,
                    sizeof segment,
                    _ ("a program header"),
                    error))
        return NULL;
      if (segment.p_type == PT_NOTE)
        read_registers (image, &segment, control);
      else if (segment.p_type == PT_LOAD && segment.p_filesz > 0 &&
               !add_run (image, segment.p_offset, segment.p_paddr, segment.p_filesz, error))
        return NULL;
    }
  return end (image, error);
}

static gboolean
has_magic (GBytes *bytes, const void *magic, gsize n_bytes)
{
  gsize size_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &size_bytes);

  return size_bytes >= n_bytes && memcmp (data, magic, n_bytes) == 0;
}

#define LIME_FIRST_BYTES "EMiL"

gboolean
atlas_memory_image_is_known (GBytes *bytes)
{
  g_return_val_if_fail (bytes != NULL, FALSE);

  return has_magic (bytes, LIME_FIRST_BYTES, strlen (LIME_FIRST_BYTES)) ||
         has_magic (bytes, ELFMAG, SELFMAG);
}

AtlasMemory *
atlas_memory_image_open (GBytes *bytes, const char *name, AtlasControl *control, GError **error)
{
  Image image = { .bytes = bytes, .name = name };
  AtlasMemory *memory;

  g_return_val_if_fail (bytes != NULL && name != NULL && control != NULL, NULL);
  g_return_val_if_fail (atlas_memory_image_is_known (bytes), NULL);

  image.data = g_bytes_get_data (bytes, &image.size_bytes);
  image.runs = g_array_new (FALSE, FALSE, sizeof (AtlasMemoryRun));
  g_array_set_clear_func (image.runs, run_clear);
  memory = has_magic (bytes, ELFMAG, SELFMAG) ? open_elf (&image, control, error)
                                              : open_lime (&image, error);
  g_array_unref (image.runs);
  return memory;
}

AtlasMemory *
atlas_memory_image_open_raw (GBytes *bytes)
{
  const AtlasMemoryRun run = { .base_pa = 0, .bytes = bytes };

  g_return_val_if_fail (bytes != NULL, NULL);

  return atlas_memory_new_image (&run, 1);
}
