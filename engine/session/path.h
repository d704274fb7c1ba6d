/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A path of the host, as a word of a command.
 *
 *   /tmp/data.bin         as it is
 *   "/tmp/my data.bin"    in quotes: with blanks, a #, or what would look like something else
 */

#include "base/format.h"

G_BEGIN_DECLS

/* NULL when @word is no path: empty, not UTF-8, or with control characters. (transfer full) */
char *atlas_path_parse (const char *word);
/* The word for @path; NULL when no word can stand for it. (transfer full) */
ATLAS_AVAILABLE char *atlas_path_format (const char *path);

G_END_DECLS
