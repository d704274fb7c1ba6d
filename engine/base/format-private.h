/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "base/format.h"

G_BEGIN_DECLS

/* What a message may show of text that came from outside: valid UTF-8 on one line, control
 * characters escaped, cut after a few words. (transfer full) */
char *atlas_quote_found (const char *text);

G_END_DECLS
