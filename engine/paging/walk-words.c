/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/walk-private.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "base/trace.h"
#include "base/translation.h"
#include "paging/memory-type.h"

/* ---- Names and words ---- */

const char *
atlas_outcome_get_name (AtlasOutcome outcome)
{
  static const char *const names[] = {
    [ATLAS_OUTCOME_TRANSLATED] = "translated",
    [ATLAS_OUTCOME_PAGE_FAULT] = "page-fault",
    [ATLAS_OUTCOME_GENERAL_PROTECTION] = "general-protection",
    [ATLAS_OUTCOME_STACK_FAULT] = "stack-fault",
    [ATLAS_OUTCOME_MISSING_MEMORY] = "missing-memory",
  };

  g_return_val_if_fail ((guint) outcome < G_N_ELEMENTS (names), NULL);

  return names[outcome];
}

const char *
atlas_access_get_name (AtlasAccess access)
{
  static const char *const names[] = {
    [ATLAS_ACCESS_READ] = N_ ("read"),
    [ATLAS_ACCESS_WRITE] = N_ ("write"),
    [ATLAS_ACCESS_EXECUTE] = N_ ("execute"),
    [ATLAS_ACCESS_SHADOW_STACK_READ] = "shadow-stack-read",
    [ATLAS_ACCESS_SHADOW_STACK_WRITE] = "shadow-stack-write",
  };

  g_return_val_if_fail ((guint) access < G_N_ELEMENTS (names), NULL);

  return names[access];
}

static const struct
{
  const char *name;
  const char *text;
  const char *remedy; /* what would make the access succeed */
} cause_words[] = {
  [ATLAS_CAUSE_NONE] = { "none", N_ ("nothing is wrong"), NULL },
  [ATLAS_CAUSE_NON_CANONICAL] = { "non-canonical",
                                  N_ ("the address is not canonical"),
                                  N_ ("Use an address whose upper bits all repeat its highest "
                                      "translated bit.") },
  [ATLAS_CAUSE_NOT_PRESENT] = { "not-present",
                                N_ ("an entry is not present"),
                                N_ ("The operating system would have to fill in the entry and set "
                                    "its "
                                    "Present bit.") },
  [ATLAS_CAUSE_RESERVED_BIT] = { "reserved-bit",
                                 N_ ("a reserved bit is set in an entry"),
                                 N_ ("Clear the reserved bits in the entry.") },
  [ATLAS_CAUSE_SUPERVISOR_PAGE] = { "supervisor-page",
                                    N_ ("user mode may not use a supervisor page"),
                                    N_ ("Make the access in supervisor mode, or set U/S in every "
                                        "entry "
                                        "on the way.") },
  [ATLAS_CAUSE_NOT_WRITABLE] = { "not-writable",
                                 N_ ("the page may not be written"),
                                 N_ ("Set R/W in every entry on the way.") },
  [ATLAS_CAUSE_NO_EXECUTE] = { "no-execute",
                               N_ ("the page may not be executed"),
                               N_ ("Clear XD in every entry on the way.") },
  [ATLAS_CAUSE_SMEP] = { "smep",
                         N_ ("supervisor mode may not execute a user page (SMEP)"),
                         N_ ("Clear U/S in an entry on the way, or CR4.SMEP.") },
  [ATLAS_CAUSE_SMAP] = { "smap",
                         N_ ("supervisor mode may not touch a user page (SMAP)"),
                         N_ ("Set RFLAGS.AC for an explicit access (STAC), or clear CR4.SMAP.") },
  [ATLAS_CAUSE_PROTECTION_KEY] = { "protection-key",
                                   N_ ("the page's protection key forbids the access"),
                                   N_ ("Clear the key's bits in PKRU (user page) or IA32_PKRS "
                                       "(supervisor page).") },
  [ATLAS_CAUSE_SHADOW_STACK] = { "shadow-stack",
                                 N_ ("the page is no shadow stack of this mode"),
                                 N_ ("A shadow-stack page has R/W = 0 and Dirty = 1 in its leaf, "
                                     "R/W = "
                                     "1 in every entry above, and belongs to the mode of the "
                                     "access.") },
  [ATLAS_CAUSE_LASS] = { "lass",
                         N_ ("the address lies in the other mode's half (LASS)"),
                         N_ ("Use an address of the accessing mode's half, or clear CR4.LASS.") },
  [ATLAS_CAUSE_MISSING_MEMORY] = { "missing-memory",
                                   N_ ("a table is not part of the memory at hand"),
                                   N_ ("Open an image that holds the table.") },
};
G_STATIC_ASSERT (G_N_ELEMENTS (cause_words) == ATLAS_N_CAUSES);

const char *
atlas_cause_get_name (AtlasCause cause)
{
  g_return_val_if_fail ((guint) cause < ATLAS_N_CAUSES, NULL);

  return cause_words[cause].name;
}

const char *
atlas_cause_get_text (AtlasCause cause)
{
  g_return_val_if_fail ((guint) cause < ATLAS_N_CAUSES, NULL);

  return cause_words[cause].text;
}

/* ---- Explanation ---- */

static void
explain_access (GString *text, const AtlasWalkQuery *query)
{
  static const char *const user_texts[] = {
    [ATLAS_ACCESS_READ] = N_ ("User mode reads %s"),
    [ATLAS_ACCESS_WRITE] = N_ ("User mode writes %s"),
    [ATLAS_ACCESS_EXECUTE] = N_ ("User mode executes %s"),
    [ATLAS_ACCESS_SHADOW_STACK_READ] = N_ ("User mode reads, as a shadow stack, %s"),
    [ATLAS_ACCESS_SHADOW_STACK_WRITE] = N_ ("User mode writes, as a shadow stack, %s"),
  };
  static const char *const supervisor_texts[] = {
    [ATLAS_ACCESS_READ] = N_ ("Supervisor mode reads %s"),
    [ATLAS_ACCESS_WRITE] = N_ ("Supervisor mode writes %s"),
    [ATLAS_ACCESS_EXECUTE] = N_ ("Supervisor mode executes %s"),
    [ATLAS_ACCESS_SHADOW_STACK_READ] = N_ ("Supervisor mode reads, as a shadow stack, %s"),
    [ATLAS_ACCESS_SHADOW_STACK_WRITE] = N_ ("Supervisor mode writes, as a shadow stack, %s"),
  };
  const char *const *texts = atlas_query_is_supervisor (query) ? supervisor_texts : user_texts;
  g_autofree char *va = atlas_format_va (query->va);
  g_auto (GStrv) parts = g_strsplit (_ (texts[query->access]), "%s", 2);
  g_autofree char *told = g_strjoinv (va, parts);

  g_string_append_printf (text, "%s%s. ", told, query->is_implicit ? _ (" (implicitly)") : "");
}

static void
explain_success (GString *text,
                 const AtlasWalkResult *result,
                 const AtlasControl *control,
                 const AtlasMtrrs *mtrrs)
{
  AtlasMemoryType type;
  g_autofree char *why = NULL;
  g_autofree char *pa = atlas_format_hex (result->pa);
  g_autofree char *size = atlas_format_size (result->page_bytes);

  if (result->n_steps > 0)
    g_string_append_printf (text,
                            _ ("After %u entries the %s maps a page of %s. "),
                            result->n_steps,
                            atlas_level_get_entry_name (result->first_level + 1u - result->n_steps),
                            size);
  else
    g_string_append_printf (text, _ ("A cached translation maps a page of %s. "), size);
  g_string_append_printf (
    text,
    _ ("The physical address is %s. Over all levels the page is a %s page, %s "
       "and %s"),
    pa,
    result->is_user ? _ ("user") : _ ("supervisor"),
    result->is_writable ? _ ("writable") : _ ("read-only"),
    result->is_executable ? _ ("executable") : _ ("not executable"));
  if (result->protection_key != 0)
    g_string_append_printf (text, _ (", its protection key %u"), result->protection_key);
  atlas_memory_type_find (mtrrs, control, result, &type);
  why = atlas_memory_type_explain (&type);
  g_string_append_printf (text, _ (". Memory type: %s"), why);
}

/* "bit 63", "bits 51–40": the runs of ones in @bits. */
static void
append_bits (GString *text, guint64 bits)
{
  const char *separator = "";

  for (gint hi = 63; hi >= 0; hi--)
    {
      gint lo = hi;

      if ((bits & ATLAS_BIT (hi)) == 0)
        continue;
      while (lo > 0 && (bits & ATLAS_BIT (lo - 1)) != 0)
        lo--;
      if (hi == lo)
        g_string_append_printf (text, _ ("%sbit %d"), separator, hi);
      else
        g_string_append_printf (text, _ ("%sbits %d–%d"), separator, hi, lo);
      separator = ", ";
      hi = lo;
    }
}

static void
explain_entry_at_fault (GString *text, const AtlasWalkResult *result)
{
  AtlasWalkStep step =
    atlas_walk_result_get_step (result, result->first_level - result->fault_level);
  g_autofree char *entry_pa = atlas_format_hex (step.entry_pa);

  g_string_append_printf (text,
                          _ ("The entry is %s %u at physical %s"),
                          atlas_level_get_entry_name (step.level),
                          step.index,
                          entry_pa);
  if (result->cause != ATLAS_CAUSE_MISSING_MEMORY)
    {
      g_autofree char *entry = atlas_trace_format_entry (step.entry);

      g_string_append_printf (text, _ (", value %s: see "), entry);
      append_bits (text, result->fault_bits);
    }
  g_string_append (text, ". ");
}

static void
explain_error_code (GString *text, guint32 error_code)
{
  static const struct
  {
    guint64 bit;
    const char *set;
  } words[] = {
    { ATLAS_PF_PRESENT, N_ ("the translation exists") },
    { ATLAS_PF_WRITE, N_ ("write") },
    { ATLAS_PF_USER, N_ ("user mode") },
    { ATLAS_PF_RESERVED, N_ ("reserved bit") },
    { ATLAS_PF_FETCH, N_ ("instruction fetch") },
    { ATLAS_PF_KEY, N_ ("protection key") },
    { ATLAS_PF_SHADOW_STACK, N_ ("shadow stack") },
  };
  const char *separator = "";

  g_string_append_printf (
    text, _ ("The processor raises #PF with error code 0x%02x ("), error_code);
  if ((error_code & ATLAS_PF_PRESENT) == 0)
    {
      g_string_append (text, _ ("no translation"));
      separator = ", ";
    }
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if ((error_code & words[i].bit) != 0)
      {
        g_string_append_printf (text, "%s%s", separator, _ (words[i].set));
        separator = ", ";
      }
  g_string_append (text, "). ");
}

char *
atlas_walk_result_explain (const AtlasWalkResult *result,
                           const AtlasControl *control,
                           const AtlasMtrrs *mtrrs,
                           const AtlasWalkQuery *query)
{
  g_return_val_if_fail (result != NULL && control != NULL && query != NULL, NULL);

  GString *text = g_string_new (NULL);

  explain_access (text, query);
  if (result->outcome == ATLAS_OUTCOME_TRANSLATED)
    {
      explain_success (text, result, control, mtrrs);
      return g_string_free (text, FALSE);
    }

  if (result->cause == ATLAS_CAUSE_NON_CANONICAL)
    {
      guint va_bits = atlas_levels_va_bits (atlas_control_get_n_levels (control));

      g_string_append_printf (text,
                              _ ("With %u levels of tables bits 63–%u of an address must be equal, "
                                 "and here they are not. "),
                              atlas_control_get_n_levels (control),
                              va_bits - 1);
    }
  else
    g_string_append_printf (
      text, _ ("It fails because %s. "), _ (atlas_cause_get_text (result->cause)));
  if (result->fault_level != 0)
    explain_entry_at_fault (text, result);

  switch (result->outcome)
    {
    case ATLAS_OUTCOME_PAGE_FAULT:
      explain_error_code (text, result->error_code);
      break;
    case ATLAS_OUTCOME_GENERAL_PROTECTION:
      g_string_append (text, _ ("The processor raises #GP(0) and reads no table. "));
      break;
    case ATLAS_OUTCOME_STACK_FAULT:
      g_string_append (text, _ ("The processor raises #SS(0) and reads no table. "));
      break;
    case ATLAS_OUTCOME_MISSING_MEMORY:
      g_string_append (text, _ ("Whether the address translates cannot be told. "));
      break;
    case ATLAS_OUTCOME_TRANSLATED:
      g_assert_not_reached ();
    }
  g_string_append (text, atlas_translate (cause_words[result->cause].remedy));
  return g_string_free (text, FALSE);
}
