/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Squares of the plane, from a block down to a byte: what folding and fitting both descend.
 *
 *      ┌───┬───┐     quarter 0 … 3 is the order in which the curve visits them; where quarter 0
 *      │ 0 │ 3 │     lies depends on how the square itself is turned
 *      ├───┼───┤
 *      │ 1 │ 2 │
 *      └───┴───┘
 */

#include "map/hilbert.h"

G_BEGIN_DECLS

typedef struct
{
  AtlasVa first_va;
  guint64 x, y;
  guint order;         /* 2^order bytes on a side, 4^order in all */
  gboolean is_swapped; /* x and y */
  gboolean is_flipped; /* both, end for end */
} AtlasHilbertSquare;

AtlasHilbertSquare atlas_hilbert_get_block (const AtlasHilbertPlane *plane, guint block);
/* @square->order > 0. */
AtlasHilbertSquare atlas_hilbert_get_quarter (const AtlasHilbertSquare *square, guint quarter);

static inline AtlasVa
atlas_hilbert_square_get_last_va (const AtlasHilbertSquare *square)
{
  return square->first_va + (ATLAS_BIT (2 * square->order) - 1);
}

G_END_DECLS
