/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What reading and completing a command share. */

#include "session/command.h"
#include "session/tokens.h"
#include "session/verbs.h"

G_BEGIN_DECLS

gboolean atlas_verb_find (const char *word, AtlasVerbId *verb);

/* Reads the words of @tokens. @choices: of AtlasParameterKind; when the words are used up, what
 * else could stand behind them. (transfer full) */
AtlasCommand *atlas_command_parse_tokens (AtlasTokens *tokens,
                                          GArray *choices,
                                          guint *error_column,
                                          GError **error);

G_END_DECLS
