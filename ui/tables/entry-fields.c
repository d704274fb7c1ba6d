/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/entry-fields.h"

#include <glib/gi18n.h>

#include "base/translation.h"
#include "windows/pte.h"

/* In a present entry the processor leaves these to the operating system. Intel SDM vol. 3A
 * §5.5.4; with protection keys 62…59 are the processor's, and then not ignored. */
#define SOFTWARE_BITS (ATLAS_BITS (62, 52) | ATLAS_BITS (11, 9))

static AtlasEntryName
name_of_hardware (const AtlasEntryField *field)
{
  static const AtlasEntryOwner owners[] = {
    [ATLAS_ENTRY_FIELD_USED] = ATLAS_ENTRY_OWNER_PROCESSOR,
    [ATLAS_ENTRY_FIELD_IGNORED] = ATLAS_ENTRY_OWNER_NOBODY,
    [ATLAS_ENTRY_FIELD_RESERVED] = ATLAS_ENTRY_OWNER_RESERVED,
  };
  gboolean is_frame = field->use == ATLAS_ENTRY_FIELD_USED && field->hi - field->lo >= 8;

  return (AtlasEntryName){ .hi = field->hi,
                           .lo = field->lo,
                           .owner = owners[field->use],
                           .is_frame = is_frame,
                           .short_name = field->short_name,
                           .long_name = atlas_translate (field->long_name),
                           .meaning = atlas_translate (field->meaning) };
}

/* Appends what Windows calls the part of its @kind that lies in hi…lo; returns how many there are
 * now. A field that goes on from the name before is one with it: Windows' borders are not always
 * the processor's. */
static guint
append_system_names (AtlasEntryName *names, guint n_names, AtlasPteKind kind, guint8 hi, guint8 lo)
{
  guint n_fields;
  const AtlasPteField *fields = atlas_pte_get_fields (kind, &n_fields);

  for (guint i = 0; i < n_fields; i++)
    {
      const AtlasPteField *field = &fields[i];

      if (field->high_bit < lo || field->low_bit > hi)
        continue;
      if (n_names > 0 && names[n_names - 1].short_name == field->name)
        {
          names[n_names - 1].lo = MAX (field->low_bit, lo);
          continue;
        }
      names[n_names++] = (AtlasEntryName){ .hi = MIN (field->high_bit, hi),
                                           .lo = MAX (field->low_bit, lo),
                                           .owner = ATLAS_ENTRY_OWNER_SYSTEM,
                                           .is_frame = g_str_equal (field->name, "PageFrameNumber"),
                                           .short_name = field->name,
                                           .meaning = atlas_translate (field->meaning) };
    }
  return n_names;
}

static guint
append_present (AtlasEntryName *names,
                guint64 entry,
                guint level,
                const AtlasControl *control,
                gboolean is_windows)
{
  AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX];
  guint n_fields =
    atlas_entry_describe (level, atlas_entry_is_leaf (entry, level), control, fields);
  guint n_names = 0;

  for (guint i = 0; i < n_fields; i++)
    {
      const AtlasEntryField *field = &fields[i];
      guint64 bits = ATLAS_BITS (field->hi, field->lo);

      if (is_windows && field->use == ATLAS_ENTRY_FIELD_IGNORED && (bits & ~SOFTWARE_BITS) == 0)
        n_names =
          append_system_names (names, n_names, ATLAS_PTE_KIND_HARDWARE, field->hi, field->lo);
      else
        names[n_names++] = name_of_hardware (field);
    }
  return n_names;
}

guint
atlas_entry_names_make (guint64 entry,
                        guint level,
                        const AtlasControl *control,
                        gboolean is_windows,
                        AtlasEntryName names[ATLAS_ENTRY_NAMES_MAX])
{
  guint n_names = 0;

  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVEL_PML5, 0);
  g_return_val_if_fail (control != NULL, 0);

  if ((entry & ATLAS_ENTRY_P) != 0)
    return append_present (names, entry, level, control, is_windows);

  if (is_windows)
    n_names = append_system_names (names, 0, atlas_pte_get_kind (entry), 63, 1);
  else
    names[n_names++] = (AtlasEntryName){ .hi = 63,
                                         .lo = 1,
                                         .owner = ATLAS_ENTRY_OWNER_SYSTEM,
                                         .short_name = _ ("Software"),
                                         .meaning = _ ("Bit 0 is clear, so the processor ignores "
                                                       "these bits; the operating system may use "
                                                       "them.") };
  names[n_names++] =
    (AtlasEntryName){ .hi = 0,
                      .lo = 0,
                      .owner = ATLAS_ENTRY_OWNER_PROCESSOR,
                      .short_name = "P",
                      .long_name = _ ("Present"),
                      .meaning = _ ("Clear: the walk ends here with a page fault, and the "
                                    "processor looks at no other bit.") };
  return n_names;
}
