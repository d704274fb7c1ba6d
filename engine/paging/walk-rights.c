/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/walk-private.h"

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

guint32
atlas_walk_error_code (const AtlasControl *control, const AtlasWalkQuery *query)
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
  result->error_code = atlas_walk_error_code (control, query) | (guint32) ATLAS_PF_PRESENT |
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

void
atlas_walk_blame_entry (AtlasWalkResult *result)
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
