/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Address space layout randomization: how many bits each kind of region gets, and the seeded
 * generator they are drawn from, so that a run repeats exactly.
 *
 *   address = start + (draw of n bits) × unit
 *
 *   bottom-up   24 bits × 64 KB = 1 TB with high entropy, else 8 bits = 16 MB
 *   top-down    17 bits × 64 KB = 8 GB below the highest address
 *   image       17 bits (EXE), 19 bits (DLLs, once a boot), 64 KB units
 */

#include "base/types.h"

G_BEGIN_DECLS

/* xoshiro256**, seeded through splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom
 * number generators", 2021; both are in the public domain). */
typedef struct
{
  guint64 state[4];
} AtlasRandom;

ATLAS_AVAILABLE AtlasRandom atlas_random_seed (guint64 seed);
/* The next 64 bits. */
ATLAS_AVAILABLE guint64 atlas_random_next (AtlasRandom *random);
/* The next @n_bits ≤ 64 bits. */
ATLAS_AVAILABLE guint64 atlas_random_bits (AtlasRandom *random, guint n_bits);
/* Uniform in [0, bound), bound > 0. */
ATLAS_AVAILABLE guint64 atlas_random_below (AtlasRandom *random, guint64 bound);
/* A generator that depends on @label too: its draws do not shift when another one draws more. */
ATLAS_AVAILABLE AtlasRandom atlas_random_fork (guint64 seed, const char *label);

typedef enum
{
  ATLAS_ASLR_BOTTOM_UP,
  ATLAS_ASLR_STACK,
  ATLAS_ASLR_HEAP,
  ATLAS_ASLR_TOP_DOWN,
  ATLAS_ASLR_PEB,
  ATLAS_ASLR_EXE,
  ATLAS_ASLR_DLL,
  ATLAS_ASLR_FORCED_EXE, /* linked without /DYNAMICBASE, moved all the same */
  ATLAS_N_ASLR_KINDS,
} AtlasAslrKind;

/* What a process asked for when it was linked, and what the system's policy adds. */
typedef struct
{
  gboolean is_32bit;
  gboolean is_below_2gb;     /* not large-address aware */
  gboolean has_dynamic_base; /* /DYNAMICBASE */
  gboolean has_high_entropy; /* /HIGHENTROPYVA */
  gboolean is_forced;        /* mandatory: images without /DYNAMICBASE move too */
  gboolean has_no_bottom_up; /* bottom-up randomization is turned off */
} AtlasAslrPolicy;

/* Bits of entropy on Windows 8 and later. High entropy is for 64-bit processes that are
 * large-address aware, and needs bottom-up randomization, which only those get that were linked
 * with /DYNAMICBASE or are forced. (Microsoft Learn, UpdateProcThreadAttribute.) DLLs' bases belong
 * to the boot: a process's own choice does not change them. */
ATLAS_AVAILABLE guint atlas_aslr_get_entropy_bits (AtlasAslrKind kind,
                                                   const AtlasAslrPolicy *policy);
ATLAS_AVAILABLE gboolean atlas_aslr_policy_is_bottom_up (const AtlasAslrPolicy *policy);
ATLAS_AVAILABLE gboolean atlas_aslr_policy_is_high_entropy (const AtlasAslrPolicy *policy);
/* "bottom-up allocations", "stacks", … */
ATLAS_AVAILABLE const char *atlas_aslr_kind_get_name (AtlasAslrKind kind);

G_END_DECLS
