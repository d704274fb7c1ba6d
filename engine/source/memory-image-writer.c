/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/memory-image-writer.h"

#include <elf.h>
#include <string.h>

#define LIME_MAGIC 0x4c694d45u
#define LIME_VERSION 1u

/* QEMU, target/i386/arch_dump.c: QEMUCPUState. */
#define QEMU_NOTE_NAME "QEMU\0\0\0" /* 5 bytes with the end, padded to 8 */
#define QEMU_NOTE_NAME_BYTES 5u
#define QEMU_STATE_BYTES 440u
#define QEMU_STATE_VERSION 1u
#define QEMU_STATE_CR0 392u
#define QEMU_STATE_CR3 416u
#define QEMU_STATE_CR4 424u

/* Frames that lie side by side. */
typedef struct
{
  AtlasPfn first_pfn;
  guint64 n_frames;
} Run;

static GArray *
find_runs (const AtlasFrames *frames)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (Run));
  guint64 n_frames = atlas_frames_get_n_frames (frames);

  for (AtlasPfn pfn = 0; pfn < n_frames; pfn++)
    {
      AtlasFrame frame;
      Run *last = runs->len > 0 ? &g_array_index (runs, Run, runs->len - 1u) : NULL;

      atlas_frames_get (frames, pfn, &frame);
      if (frame.state == ATLAS_FRAME_ZEROED || frame.state == ATLAS_FRAME_FREE)
        continue;
      if (last != NULL && last->first_pfn + last->n_frames == pfn)
        {
          last->n_frames++;
        }
      else
        {
          Run run = { .first_pfn = pfn, .n_frames = 1 };

          g_array_append_val (runs, run);
        }
    }
  return runs;
}

static gboolean
write_run (const AtlasMemory *memory, const Run *run, GOutputStream *stream, GError **error)
{
  guint8 page[ATLAS_PAGE_BYTES];

  for (guint64 i = 0; i < run->n_frames; i++)
    {
      if (!atlas_memory_read (memory, (run->first_pfn + i) * ATLAS_PAGE_BYTES, page, sizeof page))
        g_assert_not_reached ();
      if (!g_output_stream_write_all (stream, page, sizeof page, NULL, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_lime (const AtlasMemory *memory, const GArray *runs, GOutputStream *stream, GError **error)
{
  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = &g_array_index (runs, Run, i);
      AtlasPa base_pa = run->first_pfn * ATLAS_PAGE_BYTES;
      const guint32 words[2] = { GUINT32_TO_LE (LIME_MAGIC), GUINT32_TO_LE (LIME_VERSION) };
      const guint64 range[3] = {
        GUINT64_TO_LE (base_pa),
        GUINT64_TO_LE (base_pa + run->n_frames * ATLAS_PAGE_BYTES - 1u),
        0,
      };

      if (!g_output_stream_write_all (stream, words, sizeof words, NULL, NULL, error) ||
          !g_output_stream_write_all (stream, range, sizeof range, NULL, NULL, error) ||
          !write_run (memory, run, stream, error))
        return FALSE;
    }
  return TRUE;
}

static void
append_note (GByteArray *head, const AtlasControl *control)
{
  const Elf64_Nhdr note = { .n_namesz = QEMU_NOTE_NAME_BYTES, .n_descsz = QEMU_STATE_BYTES };
  const guint32 start[2] = { QEMU_STATE_VERSION, QEMU_STATE_BYTES };
  guint8 state[QEMU_STATE_BYTES] = { 0 };

  memcpy (state, start, sizeof start);
  memcpy (state + QEMU_STATE_CR0, &control->cr0, sizeof control->cr0);
  memcpy (state + QEMU_STATE_CR3, &control->cr3, sizeof control->cr3);
  memcpy (state + QEMU_STATE_CR4, &control->cr4, sizeof control->cr4);
  g_byte_array_append (head, (const guint8 *) &note, sizeof note);
  g_byte_array_append (head, (const guint8 *) QEMU_NOTE_NAME, sizeof QEMU_NOTE_NAME);
  g_byte_array_append (head, state, sizeof state);
}

/* More segments than e_phnum can tell stand in the first section header: System V ABI, "Number of
 * program headers". */
static gboolean
write_elf (const AtlasMemory *memory,
           const GArray *runs,
           const AtlasControl *control,
           GOutputStream *stream,
           GError **error)
{
  g_autoptr (GByteArray) note = g_byte_array_new ();
  g_autoptr (GByteArray) head = g_byte_array_new ();
  guint32 n_segments = runs->len + 1u;
  gboolean is_many = n_segments >= PN_XNUM;
  const Elf64_Shdr section = { .sh_info = n_segments };
  Elf64_Ehdr header = { .e_ident = ELFMAG "\2\1\1",
                        .e_type = ET_CORE,
                        .e_machine = EM_X86_64,
                        .e_version = EV_CURRENT,
                        .e_phoff = sizeof header,
                        .e_ehsize = sizeof header,
                        .e_phentsize = sizeof (Elf64_Phdr),
                        .e_phnum = is_many ? PN_XNUM : (Elf64_Half) n_segments };
  guint64 offset = sizeof header + (guint64) n_segments * sizeof (Elf64_Phdr);
  Elf64_Phdr segment = { .p_type = PT_NOTE };

  append_note (note, control);
  if (is_many)
    {
      header.e_shoff = offset;
      header.e_shentsize = sizeof section;
      header.e_shnum = 1;
      offset += sizeof section;
    }
  segment.p_offset = offset;
  segment.p_filesz = note->len;
  offset += note->len;
  g_byte_array_append (head, (const guint8 *) &header, sizeof header);
  g_byte_array_append (head, (const guint8 *) &segment, sizeof segment);
  for (guint i = 0; i < runs->len; i++)
    {
      const Run *run = &g_array_index (runs, Run, i);
      guint64 n_bytes = run->n_frames * ATLAS_PAGE_BYTES;

      segment = (Elf64_Phdr){ .p_type = PT_LOAD,
                              .p_flags = PF_R | PF_W | PF_X,
                              .p_offset = offset,
                              .p_vaddr = run->first_pfn * ATLAS_PAGE_BYTES,
                              .p_paddr = run->first_pfn * ATLAS_PAGE_BYTES,
                              .p_filesz = n_bytes,
                              .p_memsz = n_bytes };
      g_byte_array_append (head, (const guint8 *) &segment, sizeof segment);
      offset += n_bytes;
    }
  if (is_many)
    g_byte_array_append (head, (const guint8 *) &section, sizeof section);
  g_byte_array_append (head, note->data, note->len);

  if (!g_output_stream_write_all (stream, head->data, head->len, NULL, NULL, error))
    return FALSE;
  for (guint i = 0; i < runs->len; i++)
    if (!write_run (memory, &g_array_index (runs, Run, i), stream, error))
      return FALSE;
  return TRUE;
}

gboolean
atlas_memory_image_write (AtlasProcess *process,
                          AtlasImageFormat format,
                          GOutputStream *stream,
                          GError **error)
{
  AtlasSystem *system;
  const AtlasMemory *memory;
  g_autoptr (GArray) runs = NULL;

  g_return_val_if_fail (process != NULL, FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  system = atlas_process_get_system (process);
  memory = atlas_system_get_memory (system);
  runs = find_runs (atlas_system_get_frames (system));
  switch (format)
    {
    case ATLAS_IMAGE_LIME:
      return write_lime (memory, runs, stream, error);
    case ATLAS_IMAGE_ELF:
      return write_elf (memory, runs, atlas_process_get_control (process), stream, error);
    }
  g_return_val_if_reached (FALSE);
}
