/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/entry.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* The seven forms of an entry, as bits, so that one row of the table below serves several. */
enum
{
  FORM_PTE = 1 << 0,
  FORM_PDE_2M = 1 << 1,
  FORM_PDPTE_1G = 1 << 2,
  FORM_PDE = 1 << 3,
  FORM_PDPTE = 1 << 4,
  FORM_PML4E = 1 << 5,
  FORM_PML5E = 1 << 6,

  FORMS_LARGE = FORM_PDE_2M | FORM_PDPTE_1G,
  FORMS_LEAF = FORM_PTE | FORMS_LARGE,
  FORMS_UPPER = FORM_PML4E | FORM_PML5E,
  FORMS_TABLE = FORM_PDE | FORM_PDPTE | FORMS_UPPER,
  FORMS_ALL = FORMS_LEAF | FORMS_TABLE,
};

#define USED ATLAS_ENTRY_FIELD_USED
#define IGNORED ATLAS_ENTRY_FIELD_IGNORED
#define RESERVED ATLAS_ENTRY_FIELD_RESERVED

#define IGNORED_TEXT                                                                               \
  N_ ("The processor does not look here; the operating system may keep what it likes.")
#define ALIGNMENT_TEXT                                                                             \
  N_ ("Must be 0: a large page begins at a multiple of its size, so these address bits do not "    \
      "exist.")

/* Intel SDM vol. 3A §5.5.4. From bit 63 down; where the processor's features change a row,
 * adapt_field() does. */
static const struct
{
  guint forms;
  AtlasEntryField field;
} entry_fields[] = {
  { FORMS_ALL,
    { 63,
      63,
      USED,
      "XD",
      N_ ("Execute disable"),
      N_ ("1: nothing below this entry may be executed. One such entry on the way is enough.") } },
  { FORMS_LEAF,
    { 62,
      59,
      USED,
      "Key",
      N_ ("Protection key"),
      N_ (
        "Which of 16 keys guards the page. PKRU (user pages) or IA32_PKRS (supervisor pages) says "
        "whether data accesses with that key are allowed; execution never asks.") } },
  { FORMS_TABLE, { 62, 59, IGNORED, "Ign", N_ ("Ignored"), IGNORED_TEXT } },
  { FORMS_ALL, { 58, 52, IGNORED, "Ign", N_ ("Ignored"), IGNORED_TEXT } },
  { FORMS_TABLE,
    { 51,
      12,
      USED,
      N_ ("Table"),
      N_ ("Next table"),
      N_ ("Physical address of the table that the walk reads next, without its 12 low zeros.") } },
  { FORM_PTE,
    { 51,
      12,
      USED,
      N_ ("Frame"),
      N_ ("Page frame"),
      N_ ("Physical address of the 4 KB page, without its 12 low zeros.") } },
  { FORM_PDE_2M,
    { 51,
      21,
      USED,
      N_ ("Frame"),
      N_ ("Page frame"),
      N_ ("Physical address of the 2 MB page, without its 21 low zeros.") } },
  { FORM_PDE_2M, { 20, 13, RESERVED, "0", N_ ("Reserved"), ALIGNMENT_TEXT } },
  { FORM_PDPTE_1G,
    { 51,
      30,
      USED,
      N_ ("Frame"),
      N_ ("Page frame"),
      N_ ("Physical address of the 1 GB page, without its 30 low zeros.") } },
  { FORM_PDPTE_1G, { 29, 13, RESERVED, "0", N_ ("Reserved"), ALIGNMENT_TEXT } },
  { FORMS_LARGE,
    { 12,
      12,
      USED,
      "PAT",
      N_ ("Page attribute table"),
      N_ ("With PCD and PWT picks one of the eight memory types in IA32_PAT.") } },
  { FORMS_ALL, { 11, 9, IGNORED, "Ign", N_ ("Ignored"), IGNORED_TEXT } },
  { FORMS_LEAF,
    { 8,
      8,
      USED,
      "G",
      N_ ("Global"),
      N_ ("1: a cached translation survives a change of CR3 (while CR4.PGE is 1).") } },
  { FORMS_TABLE, { 8, 8, IGNORED, "Ign", N_ ("Ignored"), IGNORED_TEXT } },
  { FORM_PTE,
    { 7,
      7,
      USED,
      "PAT",
      N_ ("Page attribute table"),
      N_ ("With PCD and PWT picks one of the eight memory types in IA32_PAT.") } },
  { FORMS_LARGE,
    { 7,
      7,
      USED,
      "PS",
      N_ ("Page size"),
      N_ ("1: this entry maps a large page and the walk ends here.") } },
  { FORM_PDE | FORM_PDPTE,
    { 7,
      7,
      USED,
      "PS",
      N_ ("Page size"),
      N_ ("0: this entry names a table and the walk goes on.") } },
  { FORMS_UPPER,
    { 7,
      7,
      RESERVED,
      "0",
      N_ ("Reserved"),
      N_ ("Must be 0: no page is as large as this entry's reach.") } },
  { FORMS_LEAF,
    { 6,
      6,
      USED,
      "D",
      N_ ("Dirty"),
      N_ ("The processor sets it at the first write to the page; only software clears it.") } },
  { FORMS_TABLE, { 6, 6, IGNORED, "Ign", N_ ("Ignored"), IGNORED_TEXT } },
  { FORMS_ALL,
    { 5,
      5,
      USED,
      "A",
      N_ ("Accessed"),
      N_ ("The processor sets it when a translation first uses the entry; only software clears "
          "it.") } },
  { FORMS_LEAF,
    { 4,
      4,
      USED,
      "PCD",
      N_ ("Page cache disable"),
      N_ ("Part of the page's memory type (see PAT).") } },
  { FORMS_LEAF,
    { 3,
      3,
      USED,
      "PWT",
      N_ ("Page write-through"),
      N_ ("Part of the page's memory type (see PAT).") } },
  { FORMS_TABLE,
    { 4,
      4,
      USED,
      "PCD",
      N_ ("Page cache disable"),
      N_ ("Part of the memory type with which the next table is read.") } },
  { FORMS_TABLE,
    { 3,
      3,
      USED,
      "PWT",
      N_ ("Page write-through"),
      N_ ("Part of the memory type with which the next table is read.") } },
  { FORMS_ALL,
    { 2,
      2,
      USED,
      "U/S",
      N_ ("User/supervisor"),
      N_ ("0: user mode may not reach anything below this entry. Every entry on the way must have "
          "1 to "
          "make a user page.") } },
  { FORMS_ALL,
    { 1,
      1,
      USED,
      "R/W",
      N_ ("Read/write"),
      N_ ("0: nothing below this entry may be written by user mode, nor by supervisor mode while "
          "CR0.WP is 1.") } },
  { FORMS_ALL,
    { 0,
      0,
      USED,
      "P",
      N_ ("Present"),
      N_ (
        "1: the entry is valid. 0: the walk ends with a page fault and the other 63 bits belong to "
        "the operating system.") } },
};

static guint
form_of (guint level, gboolean is_leaf)
{
  static const guint forms[ATLAS_LEVELS_MAX + 1][2] = {
    [ATLAS_LEVEL_PT] = { FORM_PTE, FORM_PTE },
    [ATLAS_LEVEL_PD] = { FORM_PDE, FORM_PDE_2M },
    [ATLAS_LEVEL_PDPT] = { FORM_PDPTE, FORM_PDPTE_1G },
    [ATLAS_LEVEL_PML4] = { FORM_PML4E, FORM_PML4E },
    [ATLAS_LEVEL_PML5] = { FORM_PML5E, FORM_PML5E },
  };

  return forms[level][is_leaf != FALSE];
}

/* A field that all of its bits make reserved, or that nothing consults, says so. */
static void
adapt_field (AtlasEntryField *field, guint64 reserved, const AtlasControl *control)
{
  guint64 bits = ATLAS_BITS (field->hi, field->lo);

  if (field->use != RESERVED && (bits & reserved) == bits)
    {
      field->use = RESERVED;
      if (field->hi == 63)
        field->meaning = N_ ("Must be 0 while EFER.NXE is 0.");
      else if (field->hi == 7)
        field->meaning = N_ ("Must be 0: this processor has no 1 GB pages.");
      else
        field->meaning = N_ ("Must be 0 on AMD processors in this table.");
      if (field->hi != 63)
        {
          field->short_name = "0";
          field->long_name = N_ ("Reserved");
        }
    }
  else if (field->hi == 62 && (control->cr4 & (ATLAS_CR4_PKE | ATLAS_CR4_PKS)) == 0)
    {
      field->use = IGNORED;
      field->meaning = N_ ("Ignored while CR4.PKE and CR4.PKS are 0.");
    }
}

/* Cuts the bits from MAXPHYADDR up off an address field that reaches to bit 51. */
static guint
cut_at_maxphyaddr (AtlasEntryField *fields, guint maxphyaddr_bits)
{
  if (maxphyaddr_bits > 51)
    return 1;

  fields[1] = fields[0];
  fields[1].hi = (guint8) (maxphyaddr_bits - 1);
  fields[0].lo = (guint8) maxphyaddr_bits;
  fields[0].use = RESERVED;
  fields[0].short_name = "0";
  fields[0].long_name = N_ ("Reserved");
  fields[0].meaning = N_ ("Must be 0: this processor has no such physical address bits.");
  return 2;
}

guint
atlas_entry_describe (guint level,
                      gboolean is_leaf,
                      const AtlasControl *control,
                      AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX])
{
  g_return_val_if_fail (level >= ATLAS_LEVEL_PT && level <= ATLAS_LEVELS_MAX, 0);
  g_return_val_if_fail (control != NULL, 0);

  guint form = form_of (level, is_leaf);
  guint64 reserved = atlas_entry_reserved_mask (level, is_leaf, control);
  guint n_fields = 0;

  for (guint i = 0; i < G_N_ELEMENTS (entry_fields); i++)
    {
      if ((entry_fields[i].forms & form) == 0)
        continue;

      fields[n_fields] = entry_fields[i].field;
      if (fields[n_fields].hi == 51)
        n_fields += cut_at_maxphyaddr (&fields[n_fields], control->maxphyaddr_bits);
      else
        adapt_field (&fields[n_fields++], reserved, control);
    }
  return n_fields;
}

guint
atlas_cr3_describe (const AtlasControl *control, AtlasEntryField fields[ATLAS_ENTRY_FIELDS_MAX])
{
  /* Intel SDM vol. 3A §5.5.2. */
  static const AtlasEntryField upper[] = {
    { 63,
      63,
      RESERVED,
      "0",
      N_ ("Reserved"),
      N_ (
        "Reads as 0. In a value written with CR4.PCIDE = 1 it asks to keep cached translations.") },
    { 62,
      62,
      USED,
      "LAM_U48",
      N_ ("User address masking, 48 bits"),
      N_ ("1 (with bit 61 = 0): bits 62…48 of user data pointers are ignored.") },
    { 61,
      61,
      USED,
      "LAM_U57",
      N_ ("User address masking, 57 bits"),
      N_ ("1: bits 62…57 of user data pointers are ignored.") },
    { 60, 52, RESERVED, "0", N_ ("Reserved"), N_ ("Must be 0.") },
    { 51,
      12,
      USED,
      N_ ("Root"),
      N_ ("Root table"),
      N_ ("Physical address of the first table of every walk, without its 12 low zeros.") },
  };
  static const AtlasEntryField with_pcid[] = {
    { 11,
      0,
      USED,
      "PCID",
      N_ ("Process-context identifier"),
      N_ ("Which address space cached translations belong to.") },
  };
  static const AtlasEntryField without_pcid[] = {
    { 11, 5, IGNORED, "Ign", N_ ("Ignored"), IGNORED_TEXT },
    { 4,
      4,
      USED,
      "PCD",
      N_ ("Page cache disable"),
      N_ ("Part of the memory type with which the root table is read.") },
    { 3,
      3,
      USED,
      "PWT",
      N_ ("Page write-through"),
      N_ ("Part of the memory type with which the root table is read.") },
    { 2, 0, IGNORED, "Ign", N_ ("Ignored"), IGNORED_TEXT },
  };
  guint n_fields = 0;

  g_return_val_if_fail (control != NULL, 0);

  for (guint i = 0; i < G_N_ELEMENTS (upper); i++)
    {
      fields[n_fields] = upper[i];
      n_fields +=
        upper[i].hi == 51 ? cut_at_maxphyaddr (&fields[n_fields], control->maxphyaddr_bits) : 1;
    }

  gboolean has_pcid = (control->cr4 & ATLAS_CR4_PCIDE) != 0;
  guint n_lower = has_pcid ? G_N_ELEMENTS (with_pcid) : G_N_ELEMENTS (without_pcid);
  memcpy (&fields[n_fields], has_pcid ? with_pcid : without_pcid, n_lower * sizeof *fields);
  return n_fields + n_lower;
}
