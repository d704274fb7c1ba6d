/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pe-private.h"

#include <string.h>

static gint
compare_fixups (gconstpointer a, gconstpointer b)
{
  const AtlasPeFixup *first = a;
  const AtlasPeFixup *second = b;

  return first->rva < second->rva ? -1 : first->rva > second->rva;
}

void
atlas_pe_fixups_sort (GArray *fixups)
{
  /* Stable: GLib promises it since 2.32. */
  g_array_sort (fixups, compare_fixups);
}

static guint
find_first (const GArray *fixups, guint64 rva)
{
  guint low = 0;
  guint high = fixups->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2u;

      if (g_array_index (fixups, AtlasPeFixup, middle).rva < rva)
        low = middle + 1u;
      else
        high = middle;
    }
  return low;
}

static guint64
get_fixed_value (const AtlasPeFixup *fixup, AtlasVa base_va, guint64 moved_bytes, guint64 old_value)
{
  switch ((AtlasPeFixupKind) fixup->kind)
    {
    case ATLAS_PE_FIXUP_ADD:
      return old_value + moved_bytes;
    case ATLAS_PE_FIXUP_ADD_HIGH:
      return old_value + (moved_bytes >> 16);
    case ATLAS_PE_FIXUP_ADD_ADJUSTED:
      /* The low half counts as signed, so half of 64 KB is added before it is cut off. */
      return ((old_value << 16) + (guint64) (gint64) (gint16) fixup->value + moved_bytes +
              0x8000u) >>
             16;
    case ATLAS_PE_FIXUP_BASE:
      return base_va;
    case ATLAS_PE_FIXUP_SET:
      return fixup->value;
    case ATLAS_PE_FIXUP_DELTA:
      return old_value + fixup->value;
    }
  g_return_val_if_reached (old_value);
}

void
atlas_pe_fixups_apply (const GArray *fixups,
                       AtlasVa base_va,
                       guint64 moved_bytes,
                       guint64 rva,
                       guint8 *bytes,
                       gsize n_bytes)
{
  for (guint i = find_first (fixups, rva); i < fixups->len; i++)
    {
      const AtlasPeFixup *fixup = &g_array_index (fixups, AtlasPeFixup, i);
      guint64 offset = fixup->rva - rva;
      guint64 value = 0;

      if (offset >= n_bytes)
        break;
      if (fixup->n_bytes > n_bytes - offset)
        continue;
      memcpy (&value, bytes + offset, fixup->n_bytes);
      value =
        GUINT64_TO_LE (get_fixed_value (fixup, base_va, moved_bytes, GUINT64_FROM_LE (value)));
      memcpy (bytes + offset, &value, fixup->n_bytes);
    }
}

gboolean
atlas_pe_fixups_touch (const GArray *fixups, guint64 page)
{
  guint64 rva = page * ATLAS_PAGE_BYTES;

  for (guint i = find_first (fixups, rva - MIN (rva, ATLAS_PE_FIXUP_BYTES_MAX - 1u));
       i < fixups->len;
       i++)
    {
      const AtlasPeFixup *fixup = &g_array_index (fixups, AtlasPeFixup, i);

      if (fixup->rva >= rva + ATLAS_PAGE_BYTES)
        break;
      if ((guint64) fixup->rva + fixup->n_bytes > rva)
        return TRUE;
    }
  return FALSE;
}
