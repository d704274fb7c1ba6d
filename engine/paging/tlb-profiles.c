/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/tlb.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#define K4 ATLAS_TLB_SIZE (1)
#define M2 ATLAS_TLB_SIZE (2)
#define G1 ATLAS_TLB_SIZE (3)
#define CODE ATLAS_TLB_CODE
#define DATA ATLAS_TLB_DATA
#define BOTH (ATLAS_TLB_CODE | ATLAS_TLB_DATA)

#define ASSUMED_PSC                                                                                \
  " The makers publish no sizes of paging-structure caches: those here are assumed."

/* Intel measures its code TLB's 1 GB pages nowhere: they are cached in fragments there. */
static const AtlasTlbProfile profiles[] = {
  /* clang-format off */
  { .id = "none",
    .name = N_ ("No caches"),
    .note = N_ ("Every access walks the tables.") },
  { .id = "skylake",
    .name = "Intel Skylake",
    .note = "WikiChip, Skylake (client); L2 ways after erratum SKL148." ASSUMED_PSC,
    .n_structures = 7,
    .structures = {
      { "L1 ITLB 4 KB", 1, CODE, K4, 128, 8 },
      { "L1 ITLB 2 MB", 1, CODE, M2, 8, 8 },
      { "L1 DTLB 4 KB", 1, DATA, K4, 64, 4 },
      { "L1 DTLB 2 MB", 1, DATA, M2, 32, 4 },
      { "L1 DTLB 1 GB", 1, DATA, G1, 4, 4 },
      { "L2 TLB 4 KB, 2 MB", 2, BOTH, K4 | M2, 1536, 12 },
      { "L2 TLB 1 GB", 2, BOTH, G1, 16, 4 },
    },
    .n_psc_entries = { 0, 0, 32, 16, 4, 4 } },
  { .id = "golden-cove",
    .name = "Intel Golden Cove",
    .note = "Intel Architecture Day 2021; ways of the data TLBs from course notes, those of the 2 MB "
            "structures assumed. Its separate TLB for stores is left out." ASSUMED_PSC,
    .n_structures = 6,
    .structures = {
      { "L1 ITLB 4 KB", 1, CODE, K4, 256, 8 },
      { "L1 ITLB 2 MB", 1, CODE, M2, 32, 4 },
      { "L1 DTLB 4 KB", 1, DATA, K4, 96, 6 },
      { "L1 DTLB 2 MB", 1, DATA, M2, 32, 4 },
      { "L1 DTLB 1 GB", 1, DATA, G1, 8, 8 },
      { "L2 TLB", 2, BOTH, K4 | M2 | G1, 2048, 16 },
    },
    .n_psc_entries = { 0, 0, 32, 16, 4, 4 } },
  { .id = "zen",
    .name = "AMD Zen",
    .note = "AMD software optimization guide for family 17h, 2017, §2.7; L2 without 1 GB pages. Its "
            "64-entry page-directory cache is split by level, an assumption.",
    .n_structures = 4,
    .structures = {
      { "L1 ITLB", 1, CODE, K4 | M2 | G1, 64, 64 },
      { "L1 DTLB", 1, DATA, K4 | M2 | G1, 64, 64 },
      { "L2 ITLB", 2, CODE, K4 | M2, 512, 8 },
      { "L2 DTLB", 2, DATA, K4 | M2, 1536, 12 },
    },
    .n_psc_entries = { 0, 0, 64, 48, 16, 4 } },
  { .id = "zen2",
    .name = "AMD Zen 2",
    .note = "WikiChip, Zen 2, with 16 ways in L2 (its 12 do not divide 2,048). Its 64-entry "
            "page-directory cache is split by level, an assumption.",
    .n_structures = 4,
    .structures = {
      { "L1 ITLB", 1, CODE, K4 | M2 | G1, 64, 64 },
      { "L1 DTLB", 1, DATA, K4 | M2 | G1, 64, 64 },
      { "L2 ITLB", 2, CODE, K4 | M2, 512, 8 },
      { "L2 DTLB", 2, DATA, K4 | M2, 2048, 16 },
    },
    .n_psc_entries = { 0, 0, 64, 48, 16, 4 } },
  { .id = "zen4",
    .name = "AMD Zen 4",
    .note = "Sizes from published measurements; 24 ways in L2 and the code TLBs are not confirmed. "
            "Coalescing of four pages is left out. Its 64-entry page-directory cache is split by "
            "level, an assumption.",
    .n_structures = 4,
    .structures = {
      { "L1 ITLB", 1, CODE, K4 | M2 | G1, 64, 64 },
      { "L1 DTLB", 1, DATA, K4 | M2 | G1, 72, 72 },
      { "L2 ITLB", 2, CODE, K4 | M2, 512, 8 },
      { "L2 DTLB", 2, DATA, K4 | M2, 3072, 24 },
    },
    .n_psc_entries = { 0, 0, 64, 48, 16, 4 } },
  { .id = "jaguar",
    .name = "AMD Jaguar",
    .note = "AMD software optimization guide 52128 for family 16h, §2.6. 1 GB pages are cached as "
            "fragments of 2 MB; the 16-entry page-directory cache is split by level, an assumption.",
    .n_structures = 7,
    .structures = {
      { "L1 ITLB 4 KB", 1, CODE, K4, 32, 32 },
      { "L1 ITLB 2 MB", 1, CODE, M2, 8, 8 },
      { "L1 DTLB 4 KB", 1, DATA, K4, 40, 40 },
      { "L1 DTLB 2 MB", 1, DATA, M2, 8, 8 },
      { "L2 ITLB 4 KB", 2, CODE, K4, 512, 4 },
      { "L2 DTLB 4 KB", 2, DATA, K4, 512, 4 },
      { "L2 DTLB 2 MB", 2, DATA, M2, 256, 2 },
    },
    .n_psc_entries = { 0, 0, 16, 12, 4, 0 } },
  /* clang-format on */
};

guint
atlas_tlb_get_n_profiles (void)
{
  return G_N_ELEMENTS (profiles);
}

const AtlasTlbProfile *
atlas_tlb_get_profile (guint index)
{
  g_return_val_if_fail (index < G_N_ELEMENTS (profiles), NULL);

  return &profiles[index];
}

const AtlasTlbProfile *
atlas_tlb_find_profile (const char *id)
{
  g_return_val_if_fail (id != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (profiles); i++)
    if (strcmp (profiles[i].id, id) == 0)
      return &profiles[i];
  return NULL;
}
