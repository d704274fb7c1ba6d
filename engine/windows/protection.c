/* SPDX-License-Identifier: LGPL-3.0-or-later */

#include "windows/protection.h"

#include "windows/pte.h"

/* WsleProtection, bits 62…60, where the working set keeps what the other bits cannot tell. That the
 * base code stands there, and only where it is needed, is a choice. (With CR4.PKE, which Windows
 * does not set, the bits would be a protection key.) */
#define WSLE_PROTECTION_MASK ATLAS_BITS (62, 60)
#define WSLE_EXECUTE ((guint64) ATLAS_PROTECTION_EXECUTE << 60)

#define BASE_BITS 0xFFu
#define MODIFIER_BITS (ATLAS_PAGE_GUARD | ATLAS_PAGE_NOCACHE | ATLAS_PAGE_WRITECOMBINE)

enum
{
  CAN_READ = 1 << 0,
  CAN_WRITE = 1 << 1,
  CAN_EXECUTE = 1 << 2,
};

/* By base. */
static const struct
{
  guint32 page_protect;
  guint rights;
  guint64 pte_bits;
} bases[8] = {
  [ATLAS_PROTECTION_ZERO_ACCESS] = { 0, 0, 0 },
  [ATLAS_PROTECTION_READONLY] = { ATLAS_PAGE_READONLY, CAN_READ, ATLAS_PTE_NO_EXECUTE },
  [ATLAS_PROTECTION_EXECUTE] = { ATLAS_PAGE_EXECUTE, CAN_READ | CAN_EXECUTE, WSLE_EXECUTE },
  [ATLAS_PROTECTION_EXECUTE_READ] = { ATLAS_PAGE_EXECUTE_READ, CAN_READ | CAN_EXECUTE, 0 },
  [ATLAS_PROTECTION_READWRITE] = { ATLAS_PAGE_READWRITE,
                                   CAN_READ | CAN_WRITE,
                                   ATLAS_PTE_WRITE | ATLAS_PTE_NO_EXECUTE },
  [ATLAS_PROTECTION_WRITECOPY] = { ATLAS_PAGE_WRITECOPY,
                                   CAN_READ | CAN_WRITE,
                                   ATLAS_PTE_COPY_ON_WRITE | ATLAS_PTE_NO_EXECUTE },
  [ATLAS_PROTECTION_EXECUTE_READWRITE] = { ATLAS_PAGE_EXECUTE_READWRITE,
                                           CAN_READ | CAN_WRITE | CAN_EXECUTE,
                                           ATLAS_PTE_WRITE },
  [ATLAS_PROTECTION_EXECUTE_WRITECOPY] = { ATLAS_PAGE_EXECUTE_WRITECOPY,
                                           CAN_READ | CAN_WRITE | CAN_EXECUTE,
                                           ATLAS_PTE_COPY_ON_WRITE },
};

/* Cache bits choose one of eight entries of the PAT. Windows makes entry 1 (PWT) write-combining
 * and entry 2 (PCD) uncached: a choice after PAT values seen in kernel debuggers, not from a
 * document. */
static const struct
{
  guint32 page_protect;
  guint8 code;
  guint64 pte_bits;
} modifiers[] = {
  { ATLAS_PAGE_NOCACHE, ATLAS_PROTECTION_NOCACHE, ATLAS_PTE_CACHE_DISABLE },
  { ATLAS_PAGE_GUARD, ATLAS_PROTECTION_GUARD, 0 },
  { ATLAS_PAGE_WRITECOMBINE, ATLAS_PROTECTION_WRITECOMBINE, ATLAS_PTE_WRITE_THROUGH },
};

static gboolean
is_single_bit (guint32 bits)
{
  return bits != 0 && (bits & (bits - 1u)) == 0;
}

AtlasStatus
atlas_protection_from_win32 (guint32 page_protect, guint8 *code)
{
  guint32 base_bit = page_protect & BASE_BITS;
  guint32 modifier_bit = page_protect & MODIFIER_BITS;
  guint32 other_bits = page_protect & ~(BASE_BITS | MODIFIER_BITS);
  guint8 found = 0;

  g_return_val_if_fail (code != NULL, ATLAS_STATUS_INVALID_PARAMETER);

  if (!is_single_bit (base_bit) || (modifier_bit != 0 && !is_single_bit (modifier_bit)))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;

  if (base_bit == ATLAS_PAGE_NOACCESS)
    {
      if (modifier_bit != 0 || other_bits != 0)
        return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
      *code = ATLAS_PROTECTION_NOACCESS;
      return ATLAS_STATUS_SUCCESS;
    }

  while (bases[found].page_protect != base_bit)
    found++;
  if (other_bits != 0 &&
      (other_bits != ATLAS_PAGE_TARGETS_INVALID || !atlas_protection_is_executable (found)))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;

  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    if (modifiers[i].page_protect == modifier_bit)
      found |= modifiers[i].code;
  *code = found;
  return ATLAS_STATUS_SUCCESS;
}

guint32
atlas_protection_to_win32 (guint8 code)
{
  guint32 page_protect = bases[code & ATLAS_PROTECTION_BASE_MASK].page_protect;

  g_return_val_if_fail (code <= 0x1F, 0);

  if (code == ATLAS_PROTECTION_NOACCESS)
    return ATLAS_PAGE_NOACCESS;
  if (page_protect == 0)
    return 0;

  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    if (modifiers[i].code == (code & ATLAS_PROTECTION_MODIFIER_MASK))
      page_protect |= modifiers[i].page_protect;
  return page_protect;
}

gboolean
atlas_protection_allows (guint8 code, AtlasAccess access)
{
  guint rights = bases[code & ATLAS_PROTECTION_BASE_MASK].rights;

  switch (access)
    {
    case ATLAS_ACCESS_READ:
      return (rights & CAN_READ) != 0;
    case ATLAS_ACCESS_WRITE:
      return (rights & CAN_WRITE) != 0;
    case ATLAS_ACCESS_EXECUTE:
      return (rights & CAN_EXECUTE) != 0;
    case ATLAS_ACCESS_SHADOW_STACK_READ:
    case ATLAS_ACCESS_SHADOW_STACK_WRITE:
      /* Shadow stacks are marked in the VAD, not in the code, and are not simulated. */
      return FALSE;
    }
  g_return_val_if_reached (FALSE);
}

guint64
atlas_protection_make_pte (guint8 code, AtlasPfn pfn, gboolean is_user, gboolean is_dirty)
{
  guint64 pte = ATLAS_PTE_VALID | ATLAS_PTE_ACCESSED | pfn << ATLAS_PAGE_SHIFT |
                bases[code & ATLAS_PROTECTION_BASE_MASK].pte_bits;

  g_return_val_if_fail (code <= 0x1F && atlas_protection_is_mappable (code), 0);
  g_return_val_if_fail (pfn <= ATLAS_PTE_PFN_MASK >> ATLAS_PAGE_SHIFT, 0);

  pte |= is_user ? ATLAS_PTE_OWNER : ATLAS_PTE_GLOBAL;
  if (is_dirty && atlas_protection_is_writable (code))
    pte |= ATLAS_PTE_DIRTY1 | ATLAS_PTE_DIRTY;
  for (guint i = 0; i < G_N_ELEMENTS (modifiers); i++)
    if (modifiers[i].code == (code & ATLAS_PROTECTION_MODIFIER_MASK))
      pte |= modifiers[i].pte_bits;
  return pte;
}

guint8
atlas_protection_from_pte (guint64 pte)
{
  const guint64 base_bits = ATLAS_PTE_WRITE | ATLAS_PTE_COPY_ON_WRITE | ATLAS_PTE_NO_EXECUTE;
  guint64 wanted = pte & base_bits;
  guint8 code = ATLAS_PROTECTION_EXECUTE_WRITECOPY;

  /* A page that may be written is not copied first. */
  if ((wanted & ATLAS_PTE_WRITE) != 0)
    wanted &= ~ATLAS_PTE_COPY_ON_WRITE;
  while (code > ATLAS_PROTECTION_READONLY && bases[code].pte_bits != wanted)
    code--;
  if (code == ATLAS_PROTECTION_EXECUTE_READ && (pte & WSLE_PROTECTION_MASK) == WSLE_EXECUTE)
    code = ATLAS_PROTECTION_EXECUTE;

  if ((pte & ATLAS_PTE_CACHE_DISABLE) != 0)
    code |= ATLAS_PROTECTION_NOCACHE;
  else if ((pte & ATLAS_PTE_WRITE_THROUGH) != 0)
    code |= ATLAS_PROTECTION_WRITECOMBINE;
  return code;
}

char *
atlas_trace_format_protection (guint64 code)
{
  static const char *const base_names[8] = {
    "none",      "READONLY",  "EXECUTE",           "EXECUTE_READ",
    "READWRITE", "WRITECOPY", "EXECUTE_READWRITE", "EXECUTE_WRITECOPY"
  };
  static const char *const modifier_names[4] = { "", " | NOCACHE", " | GUARD", " | WRITECOMBINE" };

  if (code == ATLAS_PROTECTION_NOACCESS)
    return g_strdup ("NOACCESS");
  if (code == ATLAS_PROTECTION_DECOMMITTED)
    return g_strdup ("DECOMMITTED");
  return g_strconcat (base_names[code & ATLAS_PROTECTION_BASE_MASK],
                      modifier_names[(code & ATLAS_PROTECTION_MODIFIER_MASK) >> 3],
                      NULL);
}
