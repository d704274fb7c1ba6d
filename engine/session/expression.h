/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Addresses as people write them, with names and sums.
 *
 *   0x20000000              hexadecimal
 *   00007ff9`0f718a3c       as WinDbg prints it; underscores group too
 *   7ff90f718a3c            with a letter, or eight digits or more: hexadecimal, as debuggers print
 *   4096   64K              fewer digits: decimal; K, M, G, T
 *   $a   ntdll   demo.exe   names, resolved by the caller
 *   pml4[255].pdpt[3].pd[1] the first address under these entries, sign-extended
 *   $a+0x123-4K             sums and differences; beyond 0 … 2^64 - 1 they are refused
 */

#include "base/format.h"

G_BEGIN_DECLS

/* Gives the address that @name stands for: "$a" or a module's name. FALSE when there is none. */
typedef gboolean (*AtlasAddressResolver) (const char *name, AtlasVa *va, gpointer data);

/* Reads all of @text. @resolver: NULL when no names are known. On failure @va is untouched and
 * @error is ATLAS_ERROR_PARSE: "found 'x', expected …". */
ATLAS_AVAILABLE gboolean atlas_address_parse (const char *text,
                                              AtlasAddressResolver resolver,
                                              gpointer data,
                                              AtlasVa *va,
                                              GError **error);

G_END_DECLS
