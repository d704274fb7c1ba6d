/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Addresses and sizes as people write them, and back.
 *
 *   address   00007ff9`0f718a3c   0x7ff90f718a3c   7ff9_0f71_8a3c
 *   size      4096   64K   2M   1G   128T   0x1000
 *   shown     4 KB   64 KB   81.7 MB   2 TB          (1 KB = 1,024 bytes, as Windows says)
 */

#include "base/types.h"

G_BEGIN_DECLS

#define ATLAS_ERROR (atlas_error_quark ())

/* The outside world's mistakes. Translation faults and Windows statuses are data, not errors. */
typedef enum
{
  ATLAS_ERROR_PARSE,       /* text that a person typed or a scenario holds */
  ATLAS_ERROR_BAD_FILE,    /* a file that is cut short or contradicts itself */
  ATLAS_ERROR_UNSUPPORTED, /* a file that is sound but of a kind not read here */
  ATLAS_ERROR_NO_ROOT,     /* physical memory without a CR3, or with one that names nothing in it */
} AtlasError;

ATLAS_AVAILABLE GQuark atlas_error_quark (void);

/* 16 digits with WinDbg's back-tick in the middle. (transfer full) */
ATLAS_AVAILABLE char *atlas_format_va (AtlasVa va);
/* "0x1a2b", no padding: what scripts and commands take. (transfer full) */
ATLAS_AVAILABLE char *atlas_format_hex (guint64 value);
/* Largest unit that keeps one decimal exact enough to read: "4 KB", "81.7 MB", "128 TB".
 * (transfer full) */
ATLAS_AVAILABLE char *atlas_format_size (guint64 size_bytes);
/* Like atlas_format_size(), but never rounds: "64K", "0x12345", what a command takes back.
 * (transfer full) */
ATLAS_AVAILABLE char *atlas_format_size_exact (guint64 size_bytes);
/* Decimal with thousands separators: "134,217,728". (transfer full) */
ATLAS_AVAILABLE char *atlas_format_count (guint64 count);

/* What a message may show of text that came from outside: valid UTF-8 on one line, control
 * characters escaped, cut after 48 characters. (transfer full) */
ATLAS_AVAILABLE char *atlas_quote_found (const char *text);

/* A number alone: 0x… or back-tick or underscore grouped hex, or decimal when it has neither.
 * With @assume_hex plain digits are hex too. Refuses overflow and anything behind the number;
 * ATLAS_ERROR_PARSE names what was found. */
ATLAS_AVAILABLE gboolean atlas_parse_number (const char *text,
                                             gboolean assume_hex,
                                             guint64 *value,
                                             GError **error);
/* A number with an optional K, M, G or T (and B). */
ATLAS_AVAILABLE gboolean atlas_parse_size (const char *text, guint64 *size_bytes, GError **error);

G_END_DECLS
