/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pe-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

gboolean
atlas_pe_contains (const AtlasPe *pe, guint64 rva, guint64 n_bytes)
{
  return rva <= pe->image_bytes && n_bytes <= pe->image_bytes - rva;
}

/* Copies the part of [file_offset, … file_bytes) that image address @from_rva holds and the window
 * shows. */
static void
copy_run (const AtlasPe *pe,
          guint64 from_rva,
          guint64 file_offset,
          guint64 file_bytes,
          guint64 rva,
          guint8 *bytes,
          gsize n_bytes)
{
  gsize all_bytes;
  const guint8 *all = g_bytes_get_data (pe->bytes, &all_bytes);
  guint64 first = MAX (rva, from_rva);
  guint64 end = MIN (rva + n_bytes, from_rva + file_bytes);
  guint64 offset = file_offset + (first - from_rva);

  if (first >= end || offset >= all_bytes)
    return;
  memcpy (bytes + (first - rva), all + offset, MIN (end - first, all_bytes - offset));
}

static void
read_file (const AtlasPe *pe, guint64 rva, guint8 *bytes, gsize n_bytes)
{
  memset (bytes, 0, n_bytes);
  if (pe->section_alignment_bytes < ATLAS_PAGE_BYTES)
    {
      /* Too fine for pages of their own: the file as it is. */
      copy_run (pe, 0, 0, pe->image_bytes, rva, bytes, n_bytes);
      return;
    }
  copy_run (pe, 0, 0, pe->header_bytes, rva, bytes, n_bytes);
  for (guint i = 0; i < pe->n_sections; i++)
    {
      const AtlasPeSection *section = &pe->sections[i];

      copy_run (pe, section->rva, section->file_offset, section->file_bytes, rva, bytes, n_bytes);
    }
}

void
atlas_pe_read (const AtlasPe *pe, gboolean is_x64, guint64 rva, guint8 *bytes, gsize n_bytes)
{
  guint64 n_before = MIN (rva, sizeof (guint64));
  g_autofree guint8 *window = NULL;
  gsize window_bytes = n_before + n_bytes + sizeof (guint64);

  if (!is_x64 || pe->dynamic_values == NULL || pe->dynamic_values->len == 0)
    {
      read_file (pe, rva, bytes, n_bytes);
      return;
    }
  window = g_malloc (window_bytes);
  read_file (pe, rva - n_before, window, window_bytes);
  atlas_pe_fixups_apply (pe->dynamic_values, 0, 0, rva - n_before, window, window_bytes);
  memcpy (bytes, window + n_before, n_bytes);
}

guint16
atlas_pe_read_u16 (const AtlasPe *pe, gboolean is_x64, guint64 rva)
{
  guint16 value;

  atlas_pe_read (pe, is_x64, rva, (guint8 *) &value, sizeof value);
  return GUINT16_FROM_LE (value);
}

guint32
atlas_pe_read_u32 (const AtlasPe *pe, gboolean is_x64, guint64 rva)
{
  guint32 value;

  atlas_pe_read (pe, is_x64, rva, (guint8 *) &value, sizeof value);
  return GUINT32_FROM_LE (value);
}

guint64
atlas_pe_read_u64 (const AtlasPe *pe, gboolean is_x64, guint64 rva)
{
  guint64 value;

  atlas_pe_read (pe, is_x64, rva, (guint8 *) &value, sizeof value);
  return GUINT64_FROM_LE (value);
}

gboolean
atlas_pe_depends_on_base (const AtlasPe *pe, guint64 page, gboolean is_x64)
{
  return atlas_pe_fixups_touch (is_x64 ? pe->x64_relocations : pe->relocations, page);
}

gboolean
atlas_pe_depends_on_face (const AtlasPe *pe, guint64 page)
{
  return pe->is_arm64x && (atlas_pe_fixups_touch (pe->dynamic_values, page) ||
                           (pe->relocations != pe->x64_relocations &&
                            (atlas_pe_fixups_touch (pe->relocations, page) ||
                             atlas_pe_fixups_touch (pe->x64_relocations, page))));
}

void
atlas_pe_read_page (const AtlasPe *pe,
                    guint64 page,
                    AtlasVa base_va,
                    gboolean is_x64,
                    guint8 bytes[ATLAS_PAGE_BYTES])
{
  guint8 window[ATLAS_PAGE_BYTES + 2u * ATLAS_PE_FIXUP_BYTES_MAX];
  guint64 rva = page * ATLAS_PAGE_BYTES;
  /* A change may lie across the edge of the page; its bytes beyond have to be known then. */
  guint n_before = rva > 0 ? ATLAS_PE_FIXUP_BYTES_MAX : 0;

  atlas_pe_read (pe, is_x64, rva - n_before, window, sizeof window);
  atlas_pe_fixups_apply (is_x64 ? pe->x64_relocations : pe->relocations,
                         base_va,
                         base_va - pe->preferred_va,
                         rva - n_before,
                         window,
                         sizeof window);
  memcpy (bytes, window + n_before, ATLAS_PAGE_BYTES);
}

void
atlas_pe_free (AtlasPe *pe)
{
  if (pe == NULL)
    return;
  g_clear_pointer (&pe->dynamic_values, g_array_unref);
  g_clear_pointer (&pe->x64_relocations, g_array_unref);
  g_clear_pointer (&pe->relocations, g_array_unref);
  g_free (pe->sections);
  g_bytes_unref (pe->bytes);
  g_free (pe);
}

guint64
atlas_pe_get_n_pages (const AtlasPe *pe)
{
  return pe->image_bytes / ATLAS_PAGE_BYTES;
}

gboolean
atlas_pe_is_relocatable (const AtlasPe *pe)
{
  return (pe->characteristics & ATLAS_PE_RELOCS_STRIPPED) == 0;
}

gboolean
atlas_pe_has_dynamic_base (const AtlasPe *pe)
{
  return atlas_pe_is_relocatable (pe) && (pe->dll_characteristics & ATLAS_PE_DYNAMIC_BASE) != 0;
}

const char *
atlas_machine_get_name (guint16 machine)
{
  switch (machine)
    {
    case ATLAS_MACHINE_I386:
      return "x86";
    case ATLAS_MACHINE_ARMNT:
      return "ARM";
    case ATLAS_MACHINE_AMD64:
      return "x64";
    case ATLAS_MACHINE_ARM64:
      return "ARM64";
    default:
      return N_ ("unknown machine");
    }
}
