/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "source/memory-image.h"

#include <elf.h>
#include <string.h>

#include "source/open.h"

static void
append (GByteArray *file, const void *data, gsize n_bytes)
{
  g_byte_array_append (file, data, (guint) n_bytes);
}

static void
append_lime (GByteArray *file, guint64 first_pa, guint64 n_bytes, guint8 fill)
{
  const guint32 words[2] = { 0x4c694d45, 1 };
  const guint64 range[3] = { first_pa, first_pa + n_bytes - 1, 0 };
  g_autofree guint8 *bytes = g_malloc (n_bytes);

  memset (bytes, fill, n_bytes);
  append (file, words, sizeof words);
  append (file, range, sizeof range);
  append (file, bytes, n_bytes);
}

/* A core file with one note and one page at @base_pa. */
static GByteArray *
make_elf (guint64 base_pa, guint64 cr3)
{
  const guint8 page[4096] = { 0xc3 };
  guint8 state[440] = { 0 };
  const Elf64_Nhdr note = { .n_namesz = 5, .n_descsz = sizeof state, .n_type = 0 };
  Elf64_Ehdr header = { .e_ident = ELFMAG "\2\1\1",
                        .e_type = ET_CORE,
                        .e_machine = EM_X86_64,
                        .e_phoff = sizeof header,
                        .e_phentsize = sizeof (Elf64_Phdr),
                        .e_phnum = 2 };
  guint64 note_offset = sizeof header + 2 * sizeof (Elf64_Phdr);
  guint64 note_bytes = sizeof note + 8 + sizeof state;
  const Elf64_Phdr segments[2] = {
    { .p_type = PT_NOTE, .p_offset = note_offset, .p_filesz = note_bytes },
    { .p_type = PT_LOAD,
      .p_offset = note_offset + note_bytes,
      .p_paddr = base_pa,
      .p_filesz = sizeof page },
  };
  GByteArray *file = g_byte_array_new ();

  memcpy (state + 416, &cr3, sizeof cr3);
  append (file, &header, sizeof header);
  append (file, segments, sizeof segments);
  append (file, &note, sizeof note);
  append (file, "QEMU\0\0\0\0", 8);
  append (file, state, sizeof state);
  append (file, page, sizeof page);
  return file;
}

static AtlasMemory *
open_part (GByteArray *file, guint n_bytes, AtlasControl *control, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (file->data, n_bytes);

  *control = atlas_control_windows (0);
  return atlas_memory_image_open (bytes, "image", control, error);
}

static void
test_lime_ranges_stand_where_they_say (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (AtlasMemory) memory = NULL;
  g_autoptr (GError) error = NULL;
  AtlasControl control;
  guint64 value;

  append_lime (file, 0x1000, 0x1000, 0x11);
  append_lime (file, 0x5000, 0x2000, 0x55);
  memory = open_part (file, file->len, &control, &error);
  g_assert_no_error (error);
  g_assert_true (atlas_memory_read_u64 (memory, 0x1ff8, &value));
  g_assert_cmphex (value, ==, G_GUINT64_CONSTANT (0x1111111111111111));
  g_assert_true (atlas_memory_read_u64 (memory, 0x6ff8, &value));
  g_assert_cmphex (value, ==, G_GUINT64_CONSTANT (0x5555555555555555));
  g_assert_false (atlas_memory_read_u64 (memory, 0x2000, &value));
  g_assert_false (atlas_memory_read_u64 (memory, 0x0ff8, &value));
  g_assert_false (atlas_memory_read_u64 (memory, 0x7000, &value));
}

static void
test_an_elf_core_tells_its_registers (void)
{
  g_autoptr (GByteArray) file = make_elf (0x7000, 0x1ad000);
  g_autoptr (AtlasMemory) memory = NULL;
  g_autoptr (GError) error = NULL;
  AtlasControl control;
  guint64 value;

  memory = open_part (file, file->len, &control, &error);
  g_assert_no_error (error);
  g_assert_cmphex (control.cr3, ==, 0x1ad000);
  g_assert_true (atlas_memory_read_u64 (memory, 0x7000, &value));
  g_assert_cmphex (value, ==, 0xc3);
  g_assert_false (atlas_memory_read_u64 (memory, 0x6ff8, &value));
}

/* Every length: either nothing is left out of it, or it is refused with words. */
static void
assert_cuts_are_refused (GByteArray *file, const guint *whole_at, guint n_whole)
{
  for (guint n_bytes = 4; n_bytes < file->len; n_bytes++)
    {
      g_autoptr (GError) error = NULL;
      AtlasControl control;
      g_autoptr (AtlasMemory) memory = open_part (file, n_bytes, &control, &error);
      gboolean is_whole = FALSE;

      for (guint i = 0; i < n_whole; i++)
        is_whole = is_whole || whole_at[i] == n_bytes;
      g_assert_true ((memory != NULL) == is_whole);
      if (!is_whole)
        g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
    }
}

static void
test_a_cut_file_is_refused (void)
{
  g_autoptr (GByteArray) lime = g_byte_array_new ();
  g_autoptr (GByteArray) elf = make_elf (0, 0x1000);
  const guint first_range[] = { 32 + 0x40 };

  append_lime (lime, 0x1000, 0x40, 1);
  append_lime (lime, 0x2000, 0x40, 2);
  assert_cuts_are_refused (lime, first_range, 1);
  assert_cuts_are_refused (elf, NULL, 0);
}

static void
test_a_file_that_lies_is_refused (void)
{
  static const struct
  {
    guint64 first_pa, last_pa;
  } lies[] = {
    { 0x2000, 0x1000 },               /* ends before it begins */
    { 0, G_MAXUINT64 },               /* 2^64 bytes */
    { G_MAXUINT64 - 7, G_MAXUINT64 }, /* up to 2^64, which the file cannot hold beside it */
    { 0x1000, 0x100000000000 },       /* longer than the file */
    { 0x1008, 0x1047 },               /* over the range before it */
  };

  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_autoptr (GByteArray) file = g_byte_array_new ();
      g_autoptr (AtlasMemory) memory = NULL;
      g_autoptr (GError) error = NULL;
      AtlasControl control;

      append_lime (file, 0x1000, 0x40, 1);
      append_lime (file, 0x3000, 0x40, 1);
      memcpy (file->data + 32 + 0x40 + 8, &lies[i], sizeof lies[i]);
      memory = open_part (file, file->len, &control, &error);
      g_assert_null (memory);
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_BAD_FILE);
    }
}

static void
test_an_image_is_no_address_space (void)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  append_lime (file, 0x1000, 0x40, 1);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&file));
  g_assert_cmpint (atlas_content_guess (bytes, "x"), ==, ATLAS_CONTENT_MEMORY_IMAGE);
  g_assert_null (atlas_space_open_bytes (bytes, "x", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_NO_ROOT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-image/lime", test_lime_ranges_stand_where_they_say);
  g_test_add_func ("/memory-image/elf", test_an_elf_core_tells_its_registers);
  g_test_add_func ("/memory-image/cut", test_a_cut_file_is_refused);
  g_test_add_func ("/memory-image/lies", test_a_file_that_lies_is_refused);
  g_test_add_func ("/memory-image/no-space", test_an_image_is_no_address_space);
  return g_test_run ();
}
