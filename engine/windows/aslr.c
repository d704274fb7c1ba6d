/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/aslr.h"

#include <glib/gi18n-lib.h>

static guint64
splitmix64_next (guint64 *state)
{
  guint64 mixed = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  mixed = (mixed ^ (mixed >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  mixed = (mixed ^ (mixed >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return mixed ^ (mixed >> 31);
}

static inline guint64
rotate_left (guint64 value, guint n_bits)
{
  return (value << n_bits) | (value >> (64u - n_bits));
}

AtlasRandom
atlas_random_seed (guint64 seed)
{
  AtlasRandom random;

  for (guint i = 0; i < G_N_ELEMENTS (random.state); i++)
    random.state[i] = splitmix64_next (&seed);
  return random;
}

AtlasRandom
atlas_random_fork (guint64 seed, const char *label)
{
  /* FNV-1a: each label gives its own stream. */
  guint64 hash = G_GUINT64_CONSTANT (0xcbf29ce484222325);

  for (const char *character = label; *character != '\0'; character++)
    hash = (hash ^ (guint8) *character) * G_GUINT64_CONSTANT (0x100000001b3);
  return atlas_random_seed (seed ^ hash);
}

guint64
atlas_random_next (AtlasRandom *random)
{
  guint64 *state = random->state;
  guint64 result = rotate_left (state[1] * 5u, 7) * 9u;
  guint64 shifted = state[1] << 17;

  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotate_left (state[3], 45);
  return result;
}

guint64
atlas_random_bits (AtlasRandom *random, guint n_bits)
{
  g_return_val_if_fail (n_bits <= 64, 0);

  /* Drawn even when none is wanted: turning a kind off moves no other draw. */
  guint64 drawn = atlas_random_next (random);

  return n_bits == 0 ? 0 : drawn >> (64u - n_bits);
}

guint64
atlas_random_below (AtlasRandom *random, guint64 bound)
{
  g_return_val_if_fail (bound > 0, 0);

  /* Values below 2^64 mod bound would make small results likelier. */
  guint64 first_fair = (0u - bound) % bound;
  guint64 drawn;

  do
    drawn = atlas_random_next (random);
  while (drawn < first_fair);
  return drawn % bound;
}

/* Johnson and Miller, "Exploit Mitigation Improvements in Windows 8", Black Hat 2012, the columns
 * of Windows 8; who did not opt in has the figures of Windows 7, and an image then stays where it
 * prefers. Remembered figures, not re-measured; the 1 TB of bottom-up high entropy alone is
 * documented (Microsoft Learn, UpdateProcThreadAttribute). Images based below 4 GB have fewer bits.
 * The stack's bits are those of bottom-up allocations and 9 more inside its first pages. */
static const struct
{
  const char *name;
  guint8 n_static_bits; /* no randomization of bottom-up allocations, or no /DYNAMICBASE */
  guint8 n_32bit_bits;
  guint8 n_64bit_bits;
  guint8 n_high_entropy_bits;
  guint8 n_below_2gb_bits; /* of a 64-bit process that is not large-address aware */
} kinds[] = {
  [ATLAS_ASLR_BOTTOM_UP] = { N_ ("bottom-up allocations"), 0, 8, 8, 24, 8 },
  [ATLAS_ASLR_STACK] = { "stacks", 14, 17, 17, 33, 17 },
  [ATLAS_ASLR_HEAP] = { "heaps", 5, 8, 8, 24, 8 },
  /* 17 bits are 8 GB: 2 GB have room for the 8 bits of a 32-bit process. */
  [ATLAS_ASLR_TOP_DOWN] = { N_ ("top-down allocations"), 0, 8, 17, 17, 8 },
  [ATLAS_ASLR_PEB] = { N_ ("PEB and TEB"), 4, 8, 17, 17, 17 },
  [ATLAS_ASLR_EXE] = { N_ ("EXE images"), 0, 8, 17, 17, 8 },
  [ATLAS_ASLR_DLL] = { N_ ("DLL images"), 0, 8, 19, 19, 14 },
  [ATLAS_ASLR_FORCED_EXE] = { N_ ("forced EXE images"), 0, 8, 8, 24, 8 },
};

_Static_assert(G_N_ELEMENTS (kinds) == ATLAS_N_ASLR_KINDS, "a row for each kind");

gboolean
atlas_aslr_policy_is_bottom_up (const AtlasAslrPolicy *policy)
{
  return (policy->has_dynamic_base || policy->is_forced) && !policy->has_no_bottom_up;
}

gboolean
atlas_aslr_policy_is_high_entropy (const AtlasAslrPolicy *policy)
{
  return atlas_aslr_policy_is_bottom_up (policy) && policy->has_high_entropy && !policy->is_32bit &&
         !policy->is_below_2gb;
}

static gboolean
is_random (AtlasAslrKind kind, const AtlasAslrPolicy *policy)
{
  switch (kind)
    {
    case ATLAS_ASLR_BOTTOM_UP:
    case ATLAS_ASLR_STACK:
    case ATLAS_ASLR_HEAP:
    case ATLAS_ASLR_TOP_DOWN:
    case ATLAS_ASLR_PEB:
      return atlas_aslr_policy_is_bottom_up (policy);
    case ATLAS_ASLR_EXE:
      return policy->has_dynamic_base;
    case ATLAS_ASLR_DLL:
      return TRUE;
    case ATLAS_ASLR_FORCED_EXE:
      return policy->is_forced && !policy->has_no_bottom_up;
    case ATLAS_N_ASLR_KINDS:
      break;
    }
  g_return_val_if_reached (FALSE);
}

guint
atlas_aslr_get_entropy_bits (AtlasAslrKind kind, const AtlasAslrPolicy *policy)
{
  g_return_val_if_fail (kind < ATLAS_N_ASLR_KINDS, 0);
  g_return_val_if_fail (policy != NULL, 0);

  if (!is_random (kind, policy))
    return kinds[kind].n_static_bits;
  if (policy->is_32bit)
    return kinds[kind].n_32bit_bits;
  if (policy->is_below_2gb)
    return kinds[kind].n_below_2gb_bits;
  return atlas_aslr_policy_is_high_entropy (policy) ? kinds[kind].n_high_entropy_bits
                                                    : kinds[kind].n_64bit_bits;
}

const char *
atlas_aslr_kind_get_name (AtlasAslrKind kind)
{
  g_return_val_if_fail (kind < ATLAS_N_ASLR_KINDS, "");

  return kinds[kind].name;
}
