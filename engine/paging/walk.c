/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/walk-private.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "base/translation.h"
#include "base/trace.h"
#include "paging/memory-private.h"

/* ---- Before paging: the address alone ---- */

/* Linear-address masking: the number of low address bits that count for this pointer, or 64 where
 * nothing is masked. Intel SDM vol. 1 §18 (LAM): data only; bit 63 of the pointer, not the
 * privilege, picks the rule. */
static guint
lam_width_bits (const AtlasControl *control, const AtlasWalkQuery *query)
{
  if (query->access == ATLAS_ACCESS_EXECUTE)
    return 64;
  if ((query->va & ATLAS_BIT (63)) != 0)
    {
      if ((control->cr4 & ATLAS_CR4_LAM_SUP) == 0)
        return 64;
      return atlas_levels_va_bits (atlas_control_get_n_levels (control));
    }
  if ((control->cr3 & ATLAS_CR3_LAM_U57) != 0)
    return 57;
  return (control->cr3 & ATLAS_CR3_LAM_U48) != 0 ? 48 : 64;
}

/* Linear-address-space separation: whether bit 63 alone forbids the access. Intel SDM vol. 3A §4.
 */
static gboolean
lass_forbids (const AtlasControl *control, const AtlasWalkQuery *query)
{
  if ((control->cr4 & ATLAS_CR4_LASS) == 0)
    return FALSE;

  gboolean is_upper_half = (query->va & ATLAS_BIT (63)) != 0;

  if (!atlas_query_is_supervisor (query))
    return is_upper_half;
  if (is_upper_half)
    return FALSE;
  if (query->access == ATLAS_ACCESS_EXECUTE)
    return TRUE;
  return (control->cr4 & ATLAS_CR4_SMAP) != 0 && (query->is_implicit || !control->rflags_ac);
}

static gboolean
refuse_address (const AtlasWalkQuery *query, AtlasCause cause, AtlasWalkResult *result)
{
  gboolean is_stack = query->is_stack && query->access != ATLAS_ACCESS_EXECUTE;

  result->outcome = is_stack ? ATLAS_OUTCOME_STACK_FAULT : ATLAS_OUTCOME_GENERAL_PROTECTION;
  result->cause = cause;
  return FALSE;
}

gboolean
atlas_walk_admit_address (const AtlasControl *control,
                          const AtlasWalkQuery *query,
                          AtlasWalkResult *result)
{
  guint va_bits = atlas_levels_va_bits (atlas_control_get_n_levels (control));
  guint lam_bits = lam_width_bits (control, query);
  AtlasVa va = query->va;

  result->va = va;
  if (G_UNLIKELY (lass_forbids (control, query)))
    return refuse_address (query, ATLAS_CAUSE_LASS, result);
  if (lam_bits < 64)
    {
      va = atlas_va_sign_extend (va, lam_bits);
      if (((va ^ query->va) & ATLAS_BIT (63)) != 0)
        return refuse_address (query, ATLAS_CAUSE_NON_CANONICAL, result);
    }
  if (G_UNLIKELY (!atlas_va_is_canonical (va, va_bits)))
    return refuse_address (query, ATLAS_CAUSE_NON_CANONICAL, result);
  result->va = va;
  return TRUE;
}

/* ---- After the walk: rights ---- */

/* Protection keys: of the leaf, against the register that the mode of the address picks.
 * A user access to a supervisor page never gets as far as IA32_PKRS: the manual leaves this open,
 * QEMU does the same. Intel SDM vol. 3A §5.6.2. */
static gboolean
key_forbids (const AtlasControl *control,
             const AtlasWalkQuery *query,
             gboolean is_user_page,
             guint key)
{
  gboolean is_supervisor = atlas_query_is_supervisor (query);
  guint64 enable = is_user_page ? ATLAS_CR4_PKE : ATLAS_CR4_PKS;

  if ((control->cr4 & enable) == 0 || query->access == ATLAS_ACCESS_EXECUTE)
    return FALSE;
  if (!is_supervisor && !is_user_page)
    return FALSE;

  guint32 rights = (is_user_page ? control->pkru : control->pkrs) >> (2 * key);
  gboolean access_disabled = (rights & 1) != 0;
  gboolean write_disabled = (rights & 2) != 0;
  gboolean honours_write = !is_supervisor || (control->cr0 & ATLAS_CR0_WP) != 0;

  return access_disabled ||
         (write_disabled && honours_write && atlas_access_is_write (query->access));
}

static AtlasCause
judge_shadow_stack (gboolean is_supervisor, guint64 rights, guint64 upper_rights, guint64 leaf)
{
  gboolean is_user_page = (rights & ATLAS_RIGHTS_USER) != 0;

  if (!is_supervisor && !is_user_page)
    return ATLAS_CAUSE_SUPERVISOR_PAGE;
  /* A shadow-stack page: R/W = 0 and D = 1 in the leaf, R/W = 1 in every entry above it. */
  if (is_supervisor == is_user_page || (upper_rights & ATLAS_RIGHTS_WRITE) == 0 ||
      (leaf & (ATLAS_ENTRY_RW | ATLAS_ENTRY_D)) != ATLAS_ENTRY_D)
    return ATLAS_CAUSE_SHADOW_STACK;
  return ATLAS_CAUSE_NONE;
}

/* Intel SDM vol. 3A §5.6.1: all rights of a completed walk, without the protection key. */
static AtlasCause
judge_rights (const AtlasControl *control,
              const AtlasWalkQuery *query,
              guint64 rights,
              guint64 upper_rights,
              guint64 leaf)
{
  gboolean is_supervisor = atlas_query_is_supervisor (query);
  gboolean is_user_page = (rights & ATLAS_RIGHTS_USER) != 0;

  if (atlas_access_is_shadow_stack (query->access))
    return judge_shadow_stack (is_supervisor, rights, upper_rights, leaf);

  if (!is_supervisor && !is_user_page)
    return ATLAS_CAUSE_SUPERVISOR_PAGE;
  if (query->access == ATLAS_ACCESS_WRITE && (rights & ATLAS_RIGHTS_WRITE) == 0 &&
      (!is_supervisor || (control->cr0 & ATLAS_CR0_WP) != 0))
    return ATLAS_CAUSE_NOT_WRITABLE;
  if (query->access == ATLAS_ACCESS_EXECUTE)
    {
      if ((rights & ATLAS_RIGHTS_EXECUTE) == 0)
        return ATLAS_CAUSE_NO_EXECUTE;
      if (is_supervisor && is_user_page && (control->cr4 & ATLAS_CR4_SMEP) != 0)
        return ATLAS_CAUSE_SMEP;
    }
  else if (is_supervisor && is_user_page && (control->cr4 & ATLAS_CR4_SMAP) != 0 &&
           (query->is_implicit || !control->rflags_ac))
    return ATLAS_CAUSE_SMAP;
  return ATLAS_CAUSE_NONE;
}

/* What the error code says of the access, whatever went wrong. Intel SDM vol. 3A §5.7. */
static guint32
error_code_of_access (const AtlasControl *control, const AtlasWalkQuery *query)
{
  guint64 code = 0;

  if (atlas_access_is_write (query->access))
    code |= ATLAS_PF_WRITE;
  if (!atlas_query_is_supervisor (query))
    code |= ATLAS_PF_USER;
  if (query->access == ATLAS_ACCESS_EXECUTE &&
      ((control->cr4 & ATLAS_CR4_SMEP) != 0 || (control->efer & ATLAS_EFER_NXE) != 0))
    code |= ATLAS_PF_FETCH;
  if (atlas_access_is_shadow_stack (query->access))
    code |= ATLAS_PF_SHADOW_STACK;
  return (guint32) code;
}

/* The long way: finds out what forbids the access, if anything does. */
static G_GNUC_NO_INLINE gboolean
judge_at_length (const AtlasControl *control,
                 const AtlasWalkQuery *query,
                 guint64 upper_rights,
                 guint64 leaf,
                 AtlasWalkResult *result)
{
  guint64 rights = upper_rights & atlas_rights_of_entry (leaf);
  AtlasCause cause = judge_rights (control, query, rights, upper_rights, leaf);
  gboolean is_key_denied = key_forbids (control, query, result->is_user, result->protection_key);

  if (cause == ATLAS_CAUSE_NONE && !is_key_denied)
    return TRUE;

  /* The key has a bit of its own in the error code, whatever else is wrong. */
  if (is_key_denied && (cause == ATLAS_CAUSE_NONE || cause == ATLAS_CAUSE_SHADOW_STACK))
    cause = ATLAS_CAUSE_PROTECTION_KEY;
  result->outcome = ATLAS_OUTCOME_PAGE_FAULT;
  result->cause = cause;
  result->error_code = error_code_of_access (control, query) | (guint32) ATLAS_PF_PRESENT |
                       (is_key_denied ? (guint32) ATLAS_PF_KEY : 0);
  return FALSE;
}

gboolean
atlas_walk_judge (const AtlasControl *control,
                  const AtlasWalkQuery *query,
                  guint64 upper_rights,
                  guint64 leaf,
                  guint leaf_level,
                  AtlasWalkResult *result)
{
  guint64 rights = upper_rights & atlas_rights_of_entry (leaf);
  guint64 page_bytes = atlas_level_span_bytes (leaf_level);
  AtlasNeed need =
    atlas_walk_need (control, query->access, atlas_query_is_supervisor (query), query->is_implicit);

  result->page_bytes = page_bytes;
  atlas_walk_set_properties (
    result,
    atlas_walk_pack_properties (rights,
                                leaf,
                                atlas_walk_is_global (control, leaf),
                                atlas_walk_memory_type (control, leaf, leaf_level)));

  if (G_UNLIKELY ((rights & need.care) != need.value) &&
      !judge_at_length (control, query, upper_rights, leaf, result))
    {
      result->pa = 0;
      return FALSE;
    }
  result->outcome = ATLAS_OUTCOME_TRANSLATED;
  result->cause = ATLAS_CAUSE_NONE;
  result->pa = atlas_entry_get_page_pa (leaf, leaf_level) | (result->va & (page_bytes - 1));
  return TRUE;
}

/* Finds the entry that a rights fault is to be blamed on, and its bits. */
static void
blame_entry (AtlasWalkResult *result)
{
  guint n_entries = result->n_steps;
  guint blamed = n_entries - 1;
  guint64 leaf = result->entries[blamed];
  guint64 clear_bit = 0; /* to blame on the first entry in which it is 0 */

  switch (result->cause)
    {
    case ATLAS_CAUSE_SUPERVISOR_PAGE:
      clear_bit = ATLAS_ENTRY_US;
      break;
    case ATLAS_CAUSE_NOT_WRITABLE:
      clear_bit = ATLAS_ENTRY_RW;
      break;
    case ATLAS_CAUSE_NO_EXECUTE:
      clear_bit = ATLAS_RIGHTS_EXECUTE;
      break;
    case ATLAS_CAUSE_SMEP:
    case ATLAS_CAUSE_SMAP:
      result->fault_bits = ATLAS_ENTRY_US;
      break;
    case ATLAS_CAUSE_PROTECTION_KEY:
      result->fault_bits = ATLAS_ENTRY_KEY;
      break;
    case ATLAS_CAUSE_SHADOW_STACK:
      result->fault_bits = (leaf & ATLAS_ENTRY_RW) | (~leaf & ATLAS_ENTRY_D);
      for (guint i = 0; result->fault_bits == 0 && i + 1 < n_entries; i++)
        if ((result->entries[i] & ATLAS_ENTRY_RW) == 0)
          {
            blamed = i;
            result->fault_bits = ATLAS_ENTRY_RW;
          }
      if (result->fault_bits == 0)
        result->fault_bits = ATLAS_ENTRY_US; /* a page of the other mode */
      break;
    case ATLAS_CAUSE_NONE:
    case ATLAS_CAUSE_NON_CANONICAL:
    case ATLAS_CAUSE_NOT_PRESENT:
    case ATLAS_CAUSE_RESERVED_BIT:
    case ATLAS_CAUSE_LASS:
    case ATLAS_CAUSE_MISSING_MEMORY:
    case ATLAS_N_CAUSES:
      g_assert_not_reached ();
    }

  if (clear_bit != 0)
    {
      blamed = 0;
      while (blamed < n_entries &&
             (atlas_rights_of_entry (result->entries[blamed]) & clear_bit) != 0)
        blamed++;
      /* None of those read: one above them, which a cache remembered. */
      if (blamed == n_entries)
        return;
      result->fault_bits = clear_bit;
    }
  result->fault_level = (guint8) (result->first_level - blamed);
}

/* ---- The walk ---- */

void
atlas_walk_clear (AtlasWalkResult *result)
{
  result->fault_level = 0;
  result->n_steps = 0;
  result->first_level = 0;
  result->error_code = 0;
  result->fault_bits = 0;
  result->pa = 0;
  result->page_bytes = 0;
  result->first_table_pa = 0;
  atlas_walk_set_properties (result, 0);
}

static void
stop_at (AtlasWalkResult *result,
         guint level,
         AtlasOutcome outcome,
         AtlasCause cause,
         guint64 fault_bits)
{
  result->outcome = outcome;
  result->cause = cause;
  result->fault_level = (guint8) level;
  result->fault_bits = fault_bits;
}

/* An entry that translates nothing. Not present comes first, whatever its other bits. */
static void
fault_at (const AtlasControl *control,
          const AtlasWalkQuery *query,
          guint64 entry,
          guint level,
          guint64 wrong_bits,
          AtlasWalkResult *result)
{
  if ((entry & ATLAS_ENTRY_P) == 0)
    {
      stop_at (result, level, ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_NOT_PRESENT, ATLAS_ENTRY_P);
      result->error_code = error_code_of_access (control, query);
    }
  else
    {
      stop_at (result, level, ATLAS_OUTCOME_PAGE_FAULT, ATLAS_CAUSE_RESERVED_BIT, wrong_bits);
      result->error_code =
        error_code_of_access (control, query) | (guint32) (ATLAS_PF_PRESENT | ATLAS_PF_RESERVED);
    }
}

void
atlas_walk_from (const AtlasMemory *memory,
                 const AtlasControl *control,
                 const AtlasWalkQuery *query,
                 guint first_level,
                 AtlasPa table_pa,
                 guint64 upper_rights,
                 AtlasWalkResult *result)
{
  /* Must be 0 after P has been inverted: one test for "not present" and "reserved". */
  const guint64 wrong_everywhere = atlas_entry_reserved_everywhere (control) | ATLAS_ENTRY_P;
  const guint8 *ram = memory->ram;
  const guint64 ram_bytes = memory->ram_bytes;
  guint n_read = 0;

  result->first_level = (guint16) first_level;
  result->first_table_pa = table_pa;

  /* Unrolled, so that every level's shifts and masks are constants. */
#pragma GCC unroll 5
  for (guint level = ATLAS_LEVELS_MAX; level >= ATLAS_LEVEL_PT; level--)
    {
      if (level > first_level)
        continue;

      AtlasPa entry_pa = table_pa + atlas_va_index (result->va, level) * ATLAS_ENTRY_BYTES;
      guint64 entry = 0;
      gboolean is_read = atlas_memory_load_from (memory, ram, ram_bytes, entry_pa, &entry);
      gboolean is_leaf = atlas_entry_is_leaf (entry, level);

      result->entries[n_read] = entry;
      if (G_UNLIKELY (!is_read))
        {
          stop_at (result, level, ATLAS_OUTCOME_MISSING_MEMORY, ATLAS_CAUSE_MISSING_MEMORY, 0);
          break;
        }
      n_read++;

      guint64 wrong_bits = (entry ^ ATLAS_ENTRY_P) &
                           (wrong_everywhere | atlas_entry_reserved_at (level, is_leaf, control));
      if (G_UNLIKELY (wrong_bits != 0))
        {
          fault_at (control, query, entry, level, wrong_bits, result);
          break;
        }

      if (is_leaf)
        {
          result->n_steps = (guint8) n_read;
          if (!atlas_walk_judge (control, query, upper_rights, entry, level, result))
            blame_entry (result);
          return;
        }
      upper_rights &= atlas_rights_of_entry (entry);
      table_pa = atlas_entry_get_table_pa (entry);
    }

  /* The rights of the entries read so far; without any, none. */
  result->n_steps = (guint8) n_read;
  if (n_read > 0)
    atlas_walk_set_properties (result, upper_rights & ATLAS_RIGHTS_ALL);
}

/* The same for what nearly every walk is: all tables in RAM, every entry present and without
 * reserved bits, a 4 KB page at the end, an access that is allowed. The entries are judged together
 * when all have been read. FALSE for everything else, to be walked again in full. */
G_ALWAYS_INLINE static inline gboolean
walk_small_page (const AtlasMemory *memory,
                 const AtlasControl *control,
                 const AtlasWalkQuery *query,
                 guint n_levels,
                 AtlasWalkResult *restrict result)
{
  const AtlasVa va = query->va;
  const guint8 *ram = memory->ram;
  const guint64 ram_bytes = memory->ram_bytes;
  const guint64 reserved = atlas_entry_reserved_everywhere (control);
  const AtlasPa root_pa = atlas_control_get_root_pa (control);
  guint64 all = ~G_GUINT64_CONSTANT (0), any = 0, wrong = 0, leaf = 0;
  AtlasPa table_pa = root_pa;

#pragma GCC unroll 5
  for (guint level = n_levels; level >= ATLAS_LEVEL_PT; level--)
    {
      /* The table's address comes last, and the sum of the other two does not wait for it. */
      const guint8 *slot = ram + atlas_va_index (va, level) * ATLAS_ENTRY_BYTES;

      /* RAM ends with a page, so that the whole table is in it. */
      if (G_UNLIKELY (table_pa >= ram_bytes))
        return FALSE;
      leaf = GUINT64_FROM_LE (*(const guint64 *) (gconstpointer) (slot + table_pa));
      result->entries[n_levels - level] = leaf;
      if (level >= ATLAS_LEVEL_PML4)
        wrong |= leaf & atlas_entry_reserved_at (level, FALSE, control);
      all &= leaf;
      any |= level > ATLAS_LEVEL_PT ? leaf : leaf & ~ATLAS_ENTRY_PS;
      table_pa = atlas_entry_get_table_pa (leaf);
    }

  const guint64 rights = (all & ~ATLAS_ENTRY_XD) | (~any & ATLAS_ENTRY_XD);
  const AtlasNeed need =
    atlas_walk_need (control, query->access, atlas_query_is_supervisor (query), query->is_implicit);

  wrong |= (any & (reserved | ATLAS_ENTRY_PS)) | (~all & ATLAS_ENTRY_P);
  wrong |= (rights & need.care) ^ need.value;
  if (G_UNLIKELY (wrong != 0))
    return FALSE;

  result->va = va;
  result->outcome = ATLAS_OUTCOME_TRANSLATED;
  result->cause = ATLAS_CAUSE_NONE;
  result->fault_level = 0;
  result->n_steps = (guint8) n_levels;
  result->first_level = (guint16) n_levels;
  result->error_code = 0;
  result->fault_bits = 0;
  result->pa = table_pa | (va & ATLAS_PAGE_MASK);
  result->page_bytes = ATLAS_PAGE_BYTES;
  result->first_table_pa = root_pa;
  atlas_walk_set_properties (
    result,
    atlas_walk_pack_properties (rights,
                                leaf,
                                atlas_walk_is_global (control, leaf),
                                atlas_walk_memory_type (control, leaf, ATLAS_LEVEL_PT)));
  return TRUE;
}

static G_GNUC_NO_INLINE void
walk_in_full (const AtlasMemory *memory,
              const AtlasControl *control,
              const AtlasWalkQuery *query,
              AtlasWalkResult *result)
{
  atlas_walk_clear (result);
  if (atlas_walk_admit_address (control, query, result))
    atlas_walk_from (memory,
                     control,
                     query,
                     atlas_control_get_n_levels (control),
                     atlas_control_get_root_pa (control),
                     ATLAS_RIGHTS_ALL,
                     result);
}

/* Each with its number of levels as a constant. */
static G_GNUC_NO_INLINE gboolean
walk_five_levels (const AtlasMemory *memory,
                  const AtlasControl *control,
                  const AtlasWalkQuery *query,
                  AtlasWalkResult *result)
{
  return atlas_va_is_canonical (query->va, atlas_levels_va_bits (ATLAS_LEVEL_PML5)) &&
         walk_small_page (memory, control, query, ATLAS_LEVEL_PML5, result);
}

static inline gboolean
walk_four_levels (const AtlasMemory *memory,
                  const AtlasControl *control,
                  const AtlasWalkQuery *query,
                  AtlasWalkResult *result)
{
  return atlas_va_is_canonical (query->va, atlas_levels_va_bits (ATLAS_LEVEL_PML4)) &&
         walk_small_page (memory, control, query, ATLAS_LEVEL_PML4, result);
}

void
atlas_walk (const AtlasMemory *memory,
            const AtlasControl *control,
            const AtlasWalkQuery *query,
            AtlasWalkResult *result)
{
  if (G_LIKELY (atlas_control_has_plain_addresses (control)) &&
      (G_LIKELY (atlas_control_get_n_levels (control) == ATLAS_LEVEL_PML4)
         ? walk_four_levels (memory, control, query, result)
         : walk_five_levels (memory, control, query, result)))
    return;
  walk_in_full (memory, control, query, result);
}

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

const char *
atlas_memory_type_get_name (guint memory_type)
{
  static const char *const names[] = { "UC", "WC", "?", "?", "WT", "WP", "WB", "UC-" };

  return memory_type < G_N_ELEMENTS (names) ? names[memory_type] : "?";
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
explain_success (GString *text, const AtlasWalkResult *result)
{
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
       "and %s; its memory type is %s"),
    pa,
    result->is_user ? _ ("user") : _ ("supervisor"),
    result->is_writable ? _ ("writable") : _ ("read-only"),
    result->is_executable ? _ ("executable") : _ ("not executable"),
    atlas_memory_type_get_name (result->memory_type));
  if (result->protection_key != 0)
    g_string_append_printf (text, _ (", its protection key %u"), result->protection_key);
  g_string_append (text, ".");
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
                           const AtlasWalkQuery *query)
{
  g_return_val_if_fail (result != NULL && control != NULL && query != NULL, NULL);

  GString *text = g_string_new (NULL);

  explain_access (text, query);
  if (result->outcome == ATLAS_OUTCOME_TRANSLATED)
    {
      explain_success (text, result);
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
