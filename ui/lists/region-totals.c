/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-totals.h"

#include <glib/gi18n.h>

#include "base/format.h"

char *
atlas_type_totals_format (const AtlasTypeTotals *totals)
{
  GString *text = g_string_new (NULL);
  g_autofree char *n_writable_executable =
    atlas_format_count (totals->writable_executable.n_regions);
  g_autofree char *writable_executable =
    atlas_format_size (totals->writable_executable.committed_bytes);
  g_autofree char *largest = atlas_format_size (totals->largest_free_bytes);

  for (guint i = 0; i < ATLAS_N_TOTALS; i++)
    {
      g_autofree char *committed = atlas_format_size (totals->types[i].committed_bytes);
      g_autofree char *reserved = atlas_format_size (totals->types[i].reserved_bytes);
      g_autofree char *count = atlas_format_count (totals->types[i].n_regions);

      if (i == ATLAS_TOTAL_FREE)
        g_string_append_printf (text,
                                _ ("%s\t%s\t%s"),
                                _ (atlas_total_kind_get_name ((AtlasTotalKind) i)),
                                count,
                                reserved);
      else
        g_string_append_printf (text,
                                _ ("%s\t%s\t%s committed\t%s reserved\n"),
                                _ (atlas_total_kind_get_name ((AtlasTotalKind) i)),
                                count,
                                committed,
                                reserved);
    }
  g_string_append_printf (
    text, _ ("\tlargest %s\tfragmentation %.1f %%"), largest, totals->fragmentation * 100.0);
  /* Translators: pages that can be written and executed; as few letters as “image” and “free”. */
  g_string_append_printf (
    text, _ ("\nW+X\t%s\t%s committed"), n_writable_executable, writable_executable);
  return g_string_free (text, FALSE);
}
