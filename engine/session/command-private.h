/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What reading and completing a command share.
 *
 *   write   $a+0x10   8   value=7
 *   verb    ADDRESS  SIZE VALUE      grammar: parameters in order, each of a kind; some may be left
 *                                    out, some may come again
 */

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

/* Whether an optional parameter is there. Where it may be the last, the answer is yes whatever
 * stands there: then the message names what was expected. */
gboolean
atlas_parameter_is_present (AtlasParameterKind kind, const AtlasTokens *tokens, AtlasVerbId verb);
/* Reads it from the next word, which exists, into @command. */
gboolean atlas_parameter_parse (AtlasParameterKind kind,
                                AtlasTokens *tokens,
                                AtlasCommand *command,
                                guint *error_column,
                                GError **error);

G_END_DECLS
