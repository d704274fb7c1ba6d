/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/page-file-private.h"

#define WORD_SLOTS 64u
/* Slot 0 is the header of the file. An entry that names the other would be 0 in its high half once
 * the L1TF mask is applied, and look like demand zero. */
#define MASK_SLOT ((guint32) (ATLAS_PTE_INVALID_MASK >> 32))

struct _AtlasPageFile
{
  AtlasMemory *contents; /* sparse: what was never written costs nothing */
  guint64 *used;         /* a bit a slot */
  guint32 n_slots;
  guint32 max_slots;
  guint32 n_used;
  guint32 next;           /* where the search starts */
  GHashTable *owners;     /* slot → AtlasSlotOwner */
  GHashTable *unreadable; /* of slot; NULL as long as there is none */
};

static gboolean
is_reserved (guint32 slot)
{
  return slot == 0 || slot == MASK_SLOT;
}

static gboolean
is_used (const AtlasPageFile *file, guint32 slot)
{
  return slot < file->n_slots && (file->used[slot / WORD_SLOTS] >> slot % WORD_SLOTS & 1u) != 0;
}

AtlasPageFile *
atlas_page_file_new (guint64 size_bytes, guint64 maximum_bytes, GError **error)
{
  AtlasPageFile *file;
  AtlasMemory *contents;

  g_return_val_if_fail (size_bytes >= ATLAS_PAGE_FILE_BYTES_MIN && size_bytes <= maximum_bytes,
                        NULL);
  g_return_val_if_fail (maximum_bytes <= ATLAS_PAGE_FILE_BYTES_MAX, NULL);
  g_return_val_if_fail (size_bytes % ATLAS_PAGE_BYTES == 0 && maximum_bytes % ATLAS_PAGE_BYTES == 0,
                        NULL);

  contents = atlas_memory_new_ram (maximum_bytes, error);
  if (contents == NULL)
    return NULL;
  file = g_new0 (AtlasPageFile, 1);
  file->contents = contents;
  file->owners = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  file->max_slots = (guint32) (maximum_bytes / ATLAS_PAGE_BYTES);
  atlas_page_file_extend (file, (guint32) (size_bytes / ATLAS_PAGE_BYTES));
  return file;
}

void
atlas_page_file_free (AtlasPageFile *file)
{
  if (file == NULL)
    return;
  g_clear_pointer (&file->unreadable, g_hash_table_unref);
  g_hash_table_unref (file->owners);
  atlas_memory_unref (file->contents);
  g_free (file->used);
  g_free (file);
}

guint32
atlas_page_file_get_n_slots (const AtlasPageFile *file)
{
  return file->n_slots;
}

guint32
atlas_page_file_get_max_slots (const AtlasPageFile *file)
{
  return file->max_slots;
}

guint32
atlas_page_file_get_n_used (const AtlasPageFile *file)
{
  return file->n_used;
}

guint32
atlas_page_file_count_free (const AtlasPageFile *file)
{
  guint32 n_reserved = file->n_slots > MASK_SLOT ? 2u : 1u;

  return file->n_slots - n_reserved - file->n_used;
}

static gboolean
is_unreadable (const AtlasPageFile *file, guint32 slot)
{
  return file->unreadable != NULL &&
         g_hash_table_contains (file->unreadable, GUINT_TO_POINTER (slot));
}

AtlasSlotState
atlas_page_file_get_slot (const AtlasPageFile *file, guint32 slot)
{
  g_return_val_if_fail (slot < file->n_slots, ATLAS_SLOT_RESERVED);

  if (is_reserved (slot))
    return ATLAS_SLOT_RESERVED;
  if (is_unreadable (file, slot))
    return ATLAS_SLOT_UNREADABLE;
  return is_used (file, slot) ? ATLAS_SLOT_USED : ATLAS_SLOT_FREE;
}

gboolean
atlas_page_file_get_owner (const AtlasPageFile *file, guint32 slot, AtlasSlotOwner *owner)
{
  const AtlasSlotOwner *found = g_hash_table_lookup (file->owners, GUINT_TO_POINTER (slot));

  if (found == NULL)
    return FALSE;
  *owner = *found;
  return TRUE;
}

void
atlas_page_file_extend (AtlasPageFile *file, guint32 n_slots)
{
  g_return_if_fail (n_slots <= file->max_slots - file->n_slots);

  gsize n_old_words = (file->n_slots + WORD_SLOTS - 1u) / WORD_SLOTS;
  gsize n_words = ((gsize) file->n_slots + n_slots + WORD_SLOTS - 1u) / WORD_SLOTS;

  file->used = g_renew (guint64, file->used, n_words);
  for (gsize i = n_old_words; i < n_words; i++)
    file->used[i] = 0;
  file->n_slots += n_slots;
  /* Set, so that a search passes over them. */
  for (guint32 slot = 0; slot < file->n_slots && slot <= MASK_SLOT; slot += MASK_SLOT)
    file->used[slot / WORD_SLOTS] |= ATLAS_BIT (slot % WORD_SLOTS);
}

gboolean
atlas_page_file_take (AtlasPageFile *file, const AtlasSlotOwner *owner, guint32 *slot)
{
  guint32 n_words = (file->n_slots + WORD_SLOTS - 1u) / WORD_SLOTS;
  guint32 start_word = file->next / WORD_SLOTS;

  /* The word of the start comes twice: what lies below the start is looked at last. */
  for (guint32 i = 0; i <= n_words; i++)
    {
      guint32 word = (start_word + i) % n_words;
      guint64 free_slots = ~file->used[word];

      if (i == 0)
        free_slots &= ~G_GUINT64_CONSTANT (0) << file->next % WORD_SLOTS;
      if ((word + 1u) * (guint64) WORD_SLOTS > file->n_slots && file->n_slots % WORD_SLOTS != 0)
        free_slots &= ATLAS_BIT (file->n_slots % WORD_SLOTS) - 1u;
      if (free_slots == 0)
        continue;

      *slot = word * WORD_SLOTS + (guint32) __builtin_ctzll (free_slots);
      file->used[word] |= ATLAS_BIT (*slot % WORD_SLOTS);
      g_hash_table_insert (
        file->owners, GUINT_TO_POINTER (*slot), g_memdup2 (owner, sizeof *owner));
      file->n_used++;
      file->next = (*slot + 1u) % file->n_slots;
      return TRUE;
    }
  return FALSE;
}

void
atlas_page_file_give_back (AtlasPageFile *file, guint32 slot)
{
  g_return_if_fail (is_used (file, slot) && !is_reserved (slot));

  file->used[slot / WORD_SLOTS] &= ~ATLAS_BIT (slot % WORD_SLOTS);
  file->n_used--;
  g_hash_table_remove (file->owners, GUINT_TO_POINTER (slot));
  atlas_page_file_set_unreadable (file, slot, FALSE);
  atlas_memory_zero_page (file->contents, slot);
}

void
atlas_page_file_write (AtlasPageFile *file, guint32 slot, const guint8 bytes[ATLAS_PAGE_BYTES])
{
  g_return_if_fail (is_used (file, slot) && !is_reserved (slot));

  atlas_memory_write (file->contents, (AtlasPa) slot << ATLAS_PAGE_SHIFT, bytes, ATLAS_PAGE_BYTES);
}

gboolean
atlas_page_file_read (const AtlasPageFile *file,
                      guint32 slot,
                      gsize offset,
                      void *bytes,
                      gsize size_bytes)
{
  g_return_val_if_fail (offset + size_bytes <= ATLAS_PAGE_BYTES, FALSE);

  if (!is_used (file, slot) || is_reserved (slot) || is_unreadable (file, slot))
    return FALSE;
  return atlas_memory_read (
    file->contents, ((AtlasPa) slot << ATLAS_PAGE_SHIFT) + offset, bytes, size_bytes);
}

void
atlas_page_file_set_unreadable (AtlasPageFile *file, guint32 slot, gboolean is_failing)
{
  if (is_failing && file->unreadable == NULL)
    file->unreadable = g_hash_table_new (NULL, NULL);
  if (is_failing)
    g_hash_table_add (file->unreadable, GUINT_TO_POINTER (slot));
  else if (file->unreadable != NULL)
    g_hash_table_remove (file->unreadable, GUINT_TO_POINTER (slot));
}
