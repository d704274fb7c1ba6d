/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A second, slow account of a translation, to hold the first one to. It shares no code and no
 * structure with engine/paging: entry formats are strings of 64 letters, rights are a table of
 * letters, and every bit is looked at by itself. From Intel SDM vol. 3A §5.5–5.7.
 */

#include "paging/control.h"
#include "paging/memory.h"
#include "paging/walk.h"

typedef struct
{
  guint vector; /* 0: translated; 12, 13, 14; 255: a table is missing */
  guint32 error_code;
  guint64 pa;
  guint leaf_level; /* 0 when none was reached */
  guint n_entries;
  guint level; /* of the last entry read */
  gboolean rw, us, nx;
} OracleResult;

/* Bits 63…0. P present, r reserved, a address (reserved from MAXPHYADDR up), N execute-disable
 * (reserved without NXE), 1 page size (reserved without 1 GB pages), v reserved on AMD, others
 * free. */
static const char *const oracle_formats[6][2] = {
  [1] = { NULL, "NkkkkiiiiiiiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaiiigtDActUWP" },
  [2] = { "NiiiiiiiiiiiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaiiiisiActUWP",
          "NkkkkiiiiiiiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaarrrrrrrrtiiigsDActUWP" },
  [3] = { "NiiiiiiiiiiiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaiiiisiActUWP",
          "Nkkkkiiiiiiiaaaaaaaaaaaaaaaaaaaaaarrrrrrrrrrrrrrrrrtiiig1DActUWP" },
  [4] = { "NiiiiiiiiiiiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaiiivriActUWP", NULL },
  [5] = { "NiiiiiiiiiiiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaiiivriActUWP", NULL },
};

static inline gboolean
oracle_bit (guint64 value, guint bit)
{
  return (value >> bit) % 2 == 1;
}

static inline gboolean
oracle_is_reserved (const char *format, guint bit, const AtlasControl *control)
{
  switch (format[63 - bit])
    {
    case 'r':
      return TRUE;
    case 'a':
      return bit >= control->maxphyaddr_bits;
    case 'N':
      return !oracle_bit (control->efer, 11);
    case '1':
      return !control->has_page_1gb;
    case 'v':
      return control->is_amd;
    default:
      return FALSE;
    }
}

static inline gboolean
oracle_canonical (guint64 va, guint bits)
{
  for (guint i = bits; i < 64; i++)
    if (oracle_bit (va, i) != oracle_bit (va, bits - 1))
      return FALSE;
  return TRUE;
}

/* Conditions of a cell, all of which must hold: F never, k key not access-disabled, K key not
 * write-disabled, w R/W = 1, x executable, s SMAP satisfied, e no SMEP, h shadow-stack page. */
static const struct
{
  const char *row; /* mode, access, WP */
  const char *user_page;
  const char *supervisor_page;
} oracle_rights[] = {
  { "uR-", "k", "F" },      { "uW-", "kKw", "F" }, { "uX-", "x", "F" },   { "sR-", "sk", "k" },
  { "sW1", "skKw", "kKw" }, { "sW0", "sk", "k" },  { "sX-", "ex", "x" },  { "ur-", "hk", "F" },
  { "uw1", "hkK", "F" },    { "uw0", "hkK", "F" }, { "sr-", "Fk", "hk" }, { "sw1", "FkK", "hkK" },
  { "sw0", "Fk", "hk" },
};

static inline const char *
oracle_find_cell (gboolean user, char access, gboolean wp, gboolean user_page)
{
  for (guint i = 0; i < G_N_ELEMENTS (oracle_rights); i++)
    {
      const char *row = oracle_rights[i].row;

      if (row[0] == (user ? 'u' : 's') && row[1] == access &&
          (row[2] == '-' || row[2] == (wp ? '1' : '0')))
        return user_page ? oracle_rights[i].user_page : oracle_rights[i].supervisor_page;
    }
  /* A user write does not look at WP. */
  return oracle_find_cell (user, access, !wp, user_page);
}

static inline OracleResult
oracle_walk (const AtlasMemory *memory, const AtlasControl *c, const AtlasWalkQuery *q)
{
  OracleResult r = { .rw = TRUE, .us = TRUE };
  guint levels = oracle_bit (c->cr4, 12) ? 5 : 4;
  gboolean user = !q->is_supervisor && !q->is_implicit;
  char access = "RWXrw"[q->access];
  gboolean fetch = access == 'X';
  guint64 va = q->va;
  guint fault_vector = q->is_stack && !fetch ? 12 : 13;
  guint32 base_code = 0;
  gboolean upper_rw = TRUE;
  guint64 leaf = 0;

  if (access == 'W' || access == 'w')
    base_code += 2;
  if (user)
    base_code += 4;
  if (fetch && (oracle_bit (c->cr4, 20) || oracle_bit (c->efer, 11)))
    base_code += 16;
  if (access == 'r' || access == 'w')
    base_code += 64;

  /* LASS */
  if (oracle_bit (c->cr4, 27))
    {
      gboolean high = oracle_bit (va, 63);
      gboolean exempt =
        !fetch && !user && (!oracle_bit (c->cr4, 21) || (c->rflags_ac && !q->is_implicit));

      if (user == high && !exempt)
        {
          r.vector = fault_vector;
          return r;
        }
    }
  /* LAM: drop the ignored bits by writing the one below them into them. */
  if (!fetch)
    {
      guint keep = 64;

      if (oracle_bit (va, 63))
        keep = oracle_bit (c->cr4, 28) ? (levels == 5 ? 57 : 48) : 64;
      else if (oracle_bit (c->cr3, 61))
        keep = 57;
      else if (oracle_bit (c->cr3, 62))
        keep = 48;
      if (keep < 64)
        {
          if (oracle_bit (va, keep - 1) != oracle_bit (va, 63))
            {
              r.vector = fault_vector;
              return r;
            }
          for (guint i = keep; i < 63; i++)
            va = (va & ~(G_GUINT64_CONSTANT (1) << i)) | ((guint64) oracle_bit (va, 63) << i);
        }
    }
  if (!oracle_canonical (va, levels == 5 ? 57 : 48))
    {
      r.vector = fault_vector;
      return r;
    }

  guint64 table = 0;
  for (guint i = 12; i < c->maxphyaddr_bits; i++)
    table += (guint64) oracle_bit (c->cr3, i) << i;

  for (guint level = levels; r.leaf_level == 0; level--)
    {
      guint64 index = va / (G_GUINT64_CONSTANT (1) << (12 + 9 * (level - 1))) % 512;
      guint64 entry;
      guint64 address = 0;
      gboolean is_leaf;
      const char *format;

      r.level = level;
      if (!atlas_memory_read (memory, table + index * 8, &entry, 8))
        {
          r.vector = 255;
          return r;
        }
      r.n_entries++;
      if (!oracle_bit (entry, 0))
        {
          r.vector = 14;
          r.error_code = base_code;
          return r;
        }
      is_leaf = level == 1 || (level < 4 && oracle_bit (entry, 7));
      format = oracle_formats[level][is_leaf];
      for (guint bit = 0; bit < 64; bit++)
        {
          if (format[63 - bit] == 'a')
            address += (guint64) oracle_bit (entry, bit) << bit;
          if (oracle_bit (entry, bit) && oracle_is_reserved (format, bit, c))
            r.vector = 14;
        }
      if (r.vector != 0)
        {
          r.error_code = base_code + 1 + 8;
          return r;
        }
      if (!is_leaf)
        upper_rw = upper_rw && oracle_bit (entry, 1);
      r.rw = r.rw && oracle_bit (entry, 1);
      r.us = r.us && oracle_bit (entry, 2);
      r.nx = r.nx || oracle_bit (entry, 63);
      table = address;
      if (is_leaf)
        {
          guint64 page_bytes = G_GUINT64_CONSTANT (1) << (12 + 9 * (level - 1));

          r.leaf_level = level;
          r.pa = address + va % page_bytes;
          leaf = entry;
        }
    }

  guint key = (guint) (leaf >> 59) % 16;
  guint32 key_register = 0;
  if (r.us && oracle_bit (c->cr4, 22))
    key_register = c->pkru;
  if (!r.us && oracle_bit (c->cr4, 24))
    key_register = c->pkrs;

  gboolean denied = FALSE;
  gboolean key_denied = FALSE;
  for (const char *cell = oracle_find_cell (user, access, oracle_bit (c->cr0, 16), r.us); *cell;
       cell++)
    {
      gboolean holds = TRUE;

      switch (*cell)
        {
        case 'F':
          holds = FALSE;
          break;
        case 'k':
          holds = !oracle_bit (key_register, 2 * key);
          key_denied |= !holds;
          break;
        case 'K':
          holds = !oracle_bit (key_register, 2 * key + 1);
          key_denied |= !holds;
          break;
        case 'w':
          holds = r.rw;
          break;
        case 'x':
          holds = !(oracle_bit (c->efer, 11) && r.nx);
          break;
        case 's':
          holds = !oracle_bit (c->cr4, 21) || (c->rflags_ac && !q->is_implicit);
          break;
        case 'e':
          holds = !oracle_bit (c->cr4, 20);
          break;
        case 'h':
          holds = upper_rw && !oracle_bit (leaf, 1) && oracle_bit (leaf, 6);
          break;
        default:
          g_assert_not_reached ();
        }
      denied |= !holds;
    }
  if (denied)
    {
      r.vector = 14;
      r.error_code = base_code + 1 + (key_denied ? 32 : 0);
    }
  return r;
}
