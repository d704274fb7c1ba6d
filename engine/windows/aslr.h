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
  ATLAS_N_ASLR_KINDS,
} AtlasAslrKind;

/* Bits of entropy of a 64-bit process on Windows 8 and later. No kind but DLLs (whose bases belong
 * to the boot) is random without @has_dynamic_base, since /HIGHENTROPYVA needs /DYNAMICBASE. */
ATLAS_AVAILABLE guint atlas_aslr_get_entropy_bits (AtlasAslrKind kind,
                                                   gboolean has_high_entropy,
                                                   gboolean has_dynamic_base);
/* "bottom-up allocations", "stacks", … */
ATLAS_AVAILABLE const char *atlas_aslr_kind_get_name (AtlasAslrKind kind);

G_END_DECLS
