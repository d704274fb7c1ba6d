/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* One address in the notations that other programs take. Each but the decimal one,
 * whose digits would be taken for hexadecimal, is read back by “Go to”. */

#include <gio/gio.h>

#include "model/document.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_NOTATION_HEX,     /* 0x7ff90f718a3c */
  ATLAS_NOTATION_WINDBG,  /* 00007ff9`0f718a3c */
  ATLAS_NOTATION_MODULE,  /* KERNEL32.DLL+0x28a3c; as hex where there is no module */
  ATLAS_NOTATION_INDICES, /* pml4[255].pdpt[484].pd[123].pt[280]+0xa3c */
  ATLAS_NOTATION_DECIMAL, /* 140707682454076 */
  ATLAS_N_NOTATIONS,
} AtlasNotation;

/* "hex", "windbg", … */
const char *atlas_notation_get_id (AtlasNotation notation);
/* "Hexadecimal", …, to be translated. */
const char *atlas_notation_get_title (AtlasNotation notation);
/* (transfer full) */
char *atlas_notation_format (AtlasNotation notation, AtlasDocument *document, AtlasVa va);
/* All of them, for win.copy-as. (transfer full) */
GMenu *atlas_notation_make_menu (void);

G_END_DECLS
