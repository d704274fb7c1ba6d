/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What system, process and control are told, word by word:
 *
 *   system  memory=8G seed=7 build=22621 hypervisor=no levels=5
 *   process demo.exe high_entropy=no bits=32
 *   control smap=yes pkru=0x4
 */

#include "session/command.h"
#include "session/tokens.h"

G_BEGIN_DECLS

/* The next word, which exists; FALSE and @error when it is none of theirs. */
gboolean
atlas_system_option_parse (AtlasTokens *tokens, AtlasSystemOptions *options, GError **error);
gboolean atlas_process_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error);
gboolean atlas_control_option_parse (AtlasTokens *tokens, AtlasCommand *command, GError **error);

/* Append the words that say what differs from no word at all, each behind a blank. The system's
 * are said in full, so that a file still means the same when a default changes. */
void atlas_system_options_format (const AtlasSystemOptions *options, GString *text);
void atlas_process_options_format (const AtlasCommand *command, GString *text);
void atlas_control_options_format (const AtlasCommand *command, GString *text);

/* For completion; NULL-terminated. */
extern const char *const atlas_system_option_words[];
extern const char *const atlas_process_option_words[];

G_END_DECLS
