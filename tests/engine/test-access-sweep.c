/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "paging/entry.h"
#include "paging/mmu.h"

/* All 19,169,280 combinations of entry bits, control bits and accesses that kvm-unit-tests'
 * x86/access.c goes through on a processor with protection keys and MAXPHYADDR 40, each with and
 * without a TLB, against a model that works on the flags themselves.
 *
 * A case is a number; its bits are the flags. */

enum
{
  PTE_WRITABLE = 1 << 0,
  PTE_USER = 1 << 1,
  PTE_ACCESSED = 1 << 2,
  PTE_DIRTY = 1 << 3,
  PTE_NX = 1 << 4,
  PTE_PRESENT = 1 << 5,
  PTE_BIT51 = 1 << 6,
  PTE_BIT36 = 1 << 7, /* no reserved bit when MAXPHYADDR is 40: left out */
  PDE_WRITABLE = 1 << 8,
  PDE_USER = 1 << 9,
  PDE_ACCESSED = 1 << 10,
  PDE_DIRTY = 1 << 11,
  PDE_PSE = 1 << 12,
  PDE_NX = 1 << 13,
  PDE_PRESENT = 1 << 14,
  PDE_BIT51 = 1 << 15,
  PDE_BIT36 = 1 << 16, /* left out as well */
  PDE_BIT13 = 1 << 17,
  PDPTE_NO_WRITABLE = 1 << 18,
  PKU_AD = 1 << 19,
  PKU_WD = 1 << 20,
  PKU_PKEY = 1 << 21,
  ACCESS_USER = 1 << 22,
  ACCESS_WRITE = 1 << 23,
  ACCESS_FETCH = 1 << 24,
  ACCESS_TWICE = 1 << 25,
  CPU_NX = 1 << 26,
  CPU_WP = 1 << 27,
  CPU_SMEP = 1 << 28, /* tested apart from this loop */
  CPU_PKE = 1 << 29,
};

#define N_CASES 19169280u
#define LEFT_OUT ((guint32) (PTE_BIT36 | PDE_BIT36 | CPU_SMEP))
#define ALL_FLAGS ((G_GUINT64_CONSTANT (1) << 30) - 1)

#define TEST_VA G_GUINT64_CONSTANT (0xffff923400000000)
#define PML4_PA 0x1000
#define PDPT_PA 0x2000
#define PD_PA 0x3000
#define PT_PA 0x4000
#define PAGE_PA ATLAS_MB (32)

static gboolean
is_legal (guint32 flags)
{
  guint32 reserved = flags & (PTE_BIT51 | PDE_BIT51 | PDE_BIT13);

  if ((flags & ACCESS_FETCH) != 0 && (flags & ACCESS_WRITE) != 0)
    return FALSE;
  if ((flags & (PKU_AD | PKU_WD)) != 0 && (flags & CPU_PKE) == 0)
    return FALSE;
  if ((flags & PDE_BIT13) != 0 && (flags & PDE_PSE) == 0)
    return FALSE;
  if ((flags & CPU_NX) == 0)
    reserved |= flags & (PTE_NX | PDE_NX);
  return (reserved & (reserved - 1)) == 0;
}

/* ---- The model ---- */

typedef struct
{
  guint32 error_code; /* 0: no fault; a fault has code | FAULT */
  guint32 set_flags;  /* flags that the access turns on */
} Expected;

#define FAULT (1u << 31)

static guint32
check_rights (guint32 flags, guint32 access, gboolean writable, gboolean user, gboolean executable)
{
  gboolean supervisor_ignores_ro = (flags & CPU_WP) == 0 && (access & ACCESS_USER) == 0;
  guint32 fault = 0;

  if ((access & ACCESS_USER) != 0 && !user)
    fault = FAULT;
  if ((access & ACCESS_WRITE) != 0 && !writable && !supervisor_ignores_ro)
    fault = FAULT;
  if ((access & ACCESS_FETCH) != 0 && !executable)
    fault = FAULT;
  if (user && (access & ACCESS_FETCH) == 0 && (flags & PKU_PKEY) != 0 && (flags & CPU_PKE) != 0)
    {
      if ((flags & PKU_AD) != 0)
        fault = FAULT | 0x20;
      else if ((access & ACCESS_WRITE) != 0 && (flags & PKU_WD) != 0 && !supervisor_ignores_ro)
        fault = FAULT | 0x20;
    }
  return fault;
}

static Expected
expect (guint32 flags, guint32 access)
{
  guint32 code = ((access & ACCESS_WRITE) != 0 ? 2 : 0) | ((access & ACCESS_USER) != 0 ? 4 : 0) |
                 ((access & ACCESS_FETCH) != 0 && (flags & CPU_NX) != 0 ? 16 : 0);
  gboolean nx_is_reserved = (flags & CPU_NX) == 0;
  gboolean writable = (flags & PDE_WRITABLE) != 0 && (flags & PDPTE_NO_WRITABLE) == 0;
  gboolean user = (flags & PDE_USER) != 0;
  gboolean executable = (flags & PDE_NX) == 0;
  guint32 fault;

  if ((flags & PDE_PRESENT) == 0)
    return (Expected){ code | FAULT, 0 };
  if ((flags & (PDE_BIT51 | PDE_BIT13)) != 0 || ((flags & PDE_NX) != 0 && nx_is_reserved))
    return (Expected){ code | FAULT | 9, 0 };
  if ((flags & PDE_PSE) != 0)
    {
      fault = check_rights (flags, access, writable, user, executable);
      if (fault != 0)
        return (Expected){ code | fault | 1, 0 };
      return (Expected){ 0, PDE_ACCESSED | ((access & ACCESS_WRITE) != 0 ? PDE_DIRTY : 0) };
    }

  if ((flags & PTE_PRESENT) == 0)
    return (Expected){ code | FAULT, 0 };
  if ((flags & PTE_BIT51) != 0 || ((flags & PTE_NX) != 0 && nx_is_reserved))
    return (Expected){ code | FAULT | 9, 0 };
  writable = writable && (flags & PTE_WRITABLE) != 0;
  user = user && (flags & PTE_USER) != 0;
  executable = executable && (flags & PTE_NX) == 0;
  fault = check_rights (flags, access, writable, user, executable);
  if (fault != 0)
    return (Expected){ code | fault | 1, 0 };
  return (Expected){ 0,
                     PDE_ACCESSED | PTE_ACCESSED | ((access & ACCESS_WRITE) != 0 ? PTE_DIRTY : 0) };
}

/* ---- The machine ---- */

static const struct
{
  guint32 flag;
  guint64 bit;
} pte_bits[] = {
  { PTE_WRITABLE, ATLAS_BIT (1) }, { PTE_USER, ATLAS_BIT (2) },     { PTE_ACCESSED, ATLAS_BIT (5) },
  { PTE_DIRTY, ATLAS_BIT (6) },    { PTE_NX, ATLAS_BIT (63) },      { PTE_PRESENT, ATLAS_BIT (0) },
  { PTE_BIT51, ATLAS_BIT (51) },
}, pde_bits[] = {
  { PDE_WRITABLE, ATLAS_BIT (1) }, { PDE_USER, ATLAS_BIT (2) },     { PDE_ACCESSED, ATLAS_BIT (5) },
  { PDE_DIRTY, ATLAS_BIT (6) },    { PDE_NX, ATLAS_BIT (63) },      { PDE_PRESENT, ATLAS_BIT (0) },
  { PDE_BIT51, ATLAS_BIT (51) },   { PDE_PSE, ATLAS_BIT (7) },      { PDE_BIT13, ATLAS_BIT (13) },
};

/* Entries by their eight (PTE) or ten (PDE) flag bits. */
static guint64 pte_of_flags[1 << 8];
static guint64 pde_of_flags[1 << 10];

static void
make_entries (void)
{
  for (guint32 flags = 0; flags < G_N_ELEMENTS (pte_of_flags); flags++)
    for (guint i = 0; i < G_N_ELEMENTS (pte_bits); i++)
      if ((flags & pte_bits[i].flag) != 0)
        pte_of_flags[flags] |= pte_bits[i].bit;
  for (guint32 flags = 0; flags < G_N_ELEMENTS (pde_of_flags); flags++)
    for (guint i = 0; i < G_N_ELEMENTS (pde_bits); i++)
      if ((flags << 8 & pde_bits[i].flag) != 0)
        pde_of_flags[flags] |= pde_bits[i].bit;
}

static guint64
pte_of_case (guint32 flags)
{
  guint64 key = (flags & PKU_PKEY) != 0 ? 1 : 0;

  return pte_of_flags[flags & 0xff] | PAGE_PA | key << ATLAS_ENTRY_KEY_SHIFT;
}

static guint64
pde_of_case (guint32 flags)
{
  guint64 pde = pde_of_flags[flags >> 8 & 0x3ff];

  /* The key of an entry that names a table means nothing: key 2 is denied altogether. */
  if ((flags & PDE_PSE) == 0)
    return pde | PT_PA | G_GUINT64_CONSTANT (2) << ATLAS_ENTRY_KEY_SHIFT;
  return pde | PAGE_PA | ((flags & PKU_PKEY) != 0 ? ATLAS_BIT (ATLAS_ENTRY_KEY_SHIFT) : 0);
}

static void
check_access (AtlasMmu *mmu, guint32 flags, guint32 access, guint32 *now)
{
  AtlasWalkQuery query = {
    .va = TEST_VA,
    .access = (access & ACCESS_FETCH) != 0   ? ATLAS_ACCESS_EXECUTE
              : (access & ACCESS_WRITE) != 0 ? ATLAS_ACCESS_WRITE
                                             : ATLAS_ACCESS_READ,
    .is_supervisor = (access & ACCESS_USER) == 0,
  };
  Expected expected = expect (flags, access);
  AtlasWalkResult result;
  guint32 observed;

  atlas_mmu_access (mmu, &query, NULL, &result);
  observed = result.outcome == ATLAS_OUTCOME_PAGE_FAULT ? result.error_code | FAULT : 0;
  if (G_UNLIKELY (observed != expected.error_code || (observed == 0 && result.pa != PAGE_PA) ||
                  (observed == 0 && result.outcome != ATLAS_OUTCOME_TRANSLATED)))
    g_error ("case %08x access %08x: error code %x, expected %x",
             flags,
             access,
             observed,
             expected.error_code);
  *now |= expected.set_flags;
}

static void
sweep (const char *profile)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AtlasMemory) memory = atlas_memory_new_ram (ATLAS_MB (64), &error);
  g_assert_no_error (error);
  g_autoptr (AtlasMmu) mmu = atlas_mmu_new (memory);
  const AtlasPa pdpte_pa = PDPT_PA + atlas_va_index (TEST_VA, 3) * 8;
  const AtlasPa pde_pa = PD_PA + atlas_va_index (TEST_VA, 2) * 8;
  const AtlasPa pte_pa = PT_PA + atlas_va_index (TEST_VA, 1) * 8;
  guint64 n_cases = 0;

  make_entries ();
  atlas_mmu_set_tlb_profile (mmu, atlas_tlb_find_profile (profile));
  atlas_memory_write_u64 (memory, PML4_PA + atlas_va_index (TEST_VA, 4) * 8, PDPT_PA | 0x27);

  /* Upper flags first: control state and PDPTE change rarely. */
  for (guint64 upper = 0; upper < 1 << 12; upper++)
    {
      guint32 upper_flags = (guint32) upper << 18;
      AtlasControl control = {
        .cr0 = ATLAS_CR0_PE | ATLAS_CR0_PG | ((upper_flags & CPU_WP) != 0 ? ATLAS_CR0_WP : 0),
        .cr3 = PML4_PA,
        .cr4 = ATLAS_CR4_PAE | ((upper_flags & CPU_PKE) != 0 ? ATLAS_CR4_PKE : 0),
        .efer =
          ATLAS_EFER_LME | ATLAS_EFER_LMA | ((upper_flags & CPU_NX) != 0 ? ATLAS_EFER_NXE : 0),
        .pkru =
          0x30u | ((upper_flags & PKU_AD) != 0 ? 4u : 0) | ((upper_flags & PKU_WD) != 0 ? 8u : 0),
        .maxphyaddr_bits = 40,
        .has_page_1gb = TRUE,
      };

      if ((upper_flags & LEFT_OUT) != 0)
        continue;
      atlas_mmu_set_control (mmu, &control);
      atlas_memory_write_u64 (
        memory, pdpte_pa, PD_PA | ((upper_flags & PDPTE_NO_WRITABLE) != 0 ? 0x25 : 0x27));

      for (guint32 lower = 0; lower < 1 << 18; lower++)
        {
          guint32 flags = upper_flags | lower;
          guint32 access = flags & (ACCESS_USER | ACCESS_WRITE | ACCESS_FETCH);
          guint32 now = flags;
          guint64 pde, pte;

          if ((flags & LEFT_OUT) != 0 || !is_legal (flags))
            continue;
          n_cases++;
          atlas_memory_write_u64 (memory, pte_pa, pte_of_case (flags));
          atlas_memory_write_u64 (memory, pde_pa, pde_of_case (flags));
          atlas_mmu_invalidate_va (mmu, TEST_VA);

          if ((flags & ACCESS_TWICE) != 0)
            check_access (mmu, flags, 0, &now);
          check_access (mmu, flags, access, &now);

          atlas_memory_read_u64 (memory, pde_pa, &pde);
          atlas_memory_read_u64 (memory, pte_pa, &pte);
          if (G_UNLIKELY (pte != pte_of_case (now) || pde != pde_of_case (now)))
            g_error ("case %08x: PDE %" G_GINT64_MODIFIER "x, PTE %" G_GINT64_MODIFIER "x",
                     flags,
                     pde,
                     pte);
        }
    }
  g_assert_cmpuint (n_cases, ==, N_CASES);
}

static void
test_sweep (gconstpointer profile)
{
  sweep (profile);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/access-sweep/without-tlb", "none", test_sweep);
  g_test_add_data_func ("/access-sweep/with-tlb", "skylake", test_sweep);
  return g_test_run ();
}
