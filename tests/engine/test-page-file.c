/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/page-file-private.h"

#include <string.h>

#define MASK_SLOT 0x2000u

static const AtlasSlotOwner owner = { .entry_pa = 0x5008, .owner_page = 0x50000 };

static void
test_every_slot_but_the_reserved_is_handed_out_once (gconstpointer data)
{
  guint32 n_slots = GPOINTER_TO_UINT (data);
  guint64 size_bytes = n_slots * ATLAS_PAGE_BYTES;
  g_autoptr (AtlasPageFile) file = atlas_page_file_new (size_bytes, size_bytes, NULL);
  g_autofree gboolean *is_taken = g_new0 (gboolean, n_slots);
  guint32 n_reserved = n_slots > MASK_SLOT ? 2 : 1;
  guint32 slot;

  g_assert_cmpuint (atlas_page_file_count_free (file), ==, n_slots - n_reserved);
  for (guint32 i = 0; i < n_slots - n_reserved; i++)
    {
      AtlasPteInfo info;

      g_assert_true (atlas_page_file_take (file, &owner, &slot));
      g_assert_cmpuint (slot, <, n_slots);
      g_assert_false (is_taken[slot]);
      is_taken[slot] = TRUE;
      /* Each can be named by an entry. */
      atlas_pte_decode (atlas_pte_make_page_file (0, slot, ATLAS_PROTECTION_READWRITE), &info);
      g_assert_cmpuint (info.kind, ==, ATLAS_PTE_KIND_PAGE_FILE);
      g_assert_cmpuint (info.page_file_page, ==, slot);
    }
  g_assert_false (atlas_page_file_take (file, &owner, &slot));
  g_assert_false (is_taken[0]);
  g_assert_cmpuint (atlas_page_file_get_slot (file, 0), ==, ATLAS_SLOT_RESERVED);
  if (n_slots > MASK_SLOT)
    g_assert_cmpuint (atlas_page_file_get_slot (file, MASK_SLOT), ==, ATLAS_SLOT_RESERVED);

  atlas_page_file_give_back (file, n_slots - 1);
  g_assert_true (atlas_page_file_take (file, &owner, &slot));
  g_assert_cmpuint (slot, ==, n_slots - 1);
}

static void
test_grows_up_to_its_maximum (void)
{
  g_autoptr (AtlasPageFile) file = atlas_page_file_new (ATLAS_MB (1), ATLAS_MB (64), NULL);
  guint32 slot;

  while (atlas_page_file_take (file, &owner, &slot))
    ;
  g_assert_cmpuint (atlas_page_file_get_n_used (file), ==, 255);
  atlas_page_file_extend (file, 1);
  g_assert_true (atlas_page_file_take (file, &owner, &slot));
  g_assert_cmpuint (slot, ==, 256);
  g_assert_false (atlas_page_file_take (file, &owner, &slot));
  atlas_page_file_extend (file, 16384 - 257);
  g_assert_cmpuint (atlas_page_file_get_n_slots (file), ==, atlas_page_file_get_max_slots (file));
  g_assert_cmpuint (atlas_page_file_count_free (file), ==, 16384 - 257 - 1);
}

static void
test_bytes_come_back (void)
{
  g_autoptr (AtlasPageFile) file = atlas_page_file_new (ATLAS_MB (1), ATLAS_MB (1), NULL);
  guint8 written[ATLAS_PAGE_BYTES], bytes[ATLAS_PAGE_BYTES];
  AtlasSlotOwner found;
  guint32 first, second;

  g_assert_true (atlas_page_file_take (file, &owner, &first));
  g_assert_true (atlas_page_file_take (file, &owner, &second));
  memset (written, 0x5a, sizeof written);
  written[4095] = 7;
  atlas_page_file_write (file, second, written);
  g_assert_true (atlas_page_file_read (file, second, 0, bytes, sizeof bytes));
  g_assert_cmpmem (bytes, sizeof bytes, written, sizeof written);
  g_assert_true (atlas_page_file_read (file, second, 4095, bytes, 1));
  g_assert_cmpuint (bytes[0], ==, 7);
  g_assert_true (atlas_page_file_read (file, first, 0, bytes, 1));
  g_assert_cmpuint (bytes[0], ==, 0);

  g_assert_true (atlas_page_file_get_owner (file, second, &found));
  g_assert_cmphex (found.entry_pa, ==, owner.entry_pa);
  g_assert_false (atlas_page_file_get_owner (file, 99, &found));

  atlas_page_file_set_unreadable (file, second, TRUE);
  g_assert_cmpuint (atlas_page_file_get_slot (file, second), ==, ATLAS_SLOT_UNREADABLE);
  g_assert_false (atlas_page_file_read (file, second, 0, bytes, 1));
  atlas_page_file_set_unreadable (file, second, FALSE);
  g_assert_true (atlas_page_file_read (file, second, 0, bytes, 1));

  /* Free, reserved and out of the file: not readable, whatever an entry says. */
  atlas_page_file_give_back (file, first);
  g_assert_false (atlas_page_file_read (file, first, 0, bytes, 1));
  g_assert_false (atlas_page_file_read (file, 0, 0, bytes, 1));
  g_assert_false (atlas_page_file_read (file, G_MAXUINT32, 0, bytes, 1));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/page-file/slots/1-mb",
                        GUINT_TO_POINTER (256),
                        test_every_slot_but_the_reserved_is_handed_out_once);
  g_test_add_data_func ("/page-file/slots/odd",
                        GUINT_TO_POINTER (1001),
                        test_every_slot_but_the_reserved_is_handed_out_once);
  g_test_add_data_func ("/page-file/slots/up-to-the-mask",
                        GUINT_TO_POINTER (MASK_SLOT),
                        test_every_slot_but_the_reserved_is_handed_out_once);
  g_test_add_data_func ("/page-file/slots/beyond-the-mask",
                        GUINT_TO_POINTER (MASK_SLOT + 70),
                        test_every_slot_but_the_reserved_is_handed_out_once);
  g_test_add_func ("/page-file/grows", test_grows_up_to_its_maximum);
  g_test_add_func ("/page-file/bytes", test_bytes_come_back);
  return g_test_run ();
}
