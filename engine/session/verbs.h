/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The vocabulary as data: every verb, its words for people, and its parameters in order.
 *
 *   ATLAS_VERB_WRITE ─► verbs:    "write", usage, summary
 *                    └► grammars: {address, size?, value?, supervisor?} ─► parse, format, complete
 */

#include "session/command.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_PARAMETER_NONE,
  ATLAS_PARAMETER_BINDING, /* $a = */
  ATLAS_PARAMETER_PROCESS, /* $p */
  ATLAS_PARAMETER_PROGRAM,
  ATLAS_PARAMETER_ADDRESS,
  ATLAS_PARAMETER_SIZE,
  ATLAS_PARAMETER_ALLOCATION_TYPE,
  ATLAS_PARAMETER_FREE_TYPE,
  ATLAS_PARAMETER_PROTECTION,
  ATLAS_PARAMETER_BYTES,
  ATLAS_PARAMETER_VALUE,
  ATLAS_PARAMETER_SUPERVISOR,
  ATLAS_PARAMETER_DURATION,
  ATLAS_PARAMETER_MSR,
  ATLAS_PARAMETER_LEVEL,
  ATLAS_PARAMETER_ENTRY,
  ATLAS_PARAMETER_BITS,
  ATLAS_PARAMETER_INDEX,
  ATLAS_PARAMETER_SUM,
  ATLAS_PARAMETER_SWITCHES,
  ATLAS_PARAMETER_TLB_PROFILE,
  ATLAS_PARAMETER_MAXIMUM,
  ATLAS_PARAMETER_PRIORITY,
  ATLAS_PARAMETER_HARD,
  ATLAS_PARAMETER_LIST_COMMAND,
  ATLAS_PARAMETER_PAGE_PRIORITY,
  ATLAS_PARAMETER_OBJECT,
  ATLAS_PARAMETER_PATH,
  ATLAS_PARAMETER_SECTION_OPTIONS,
  ATLAS_PARAMETER_TARGET,
  ATLAS_PARAMETER_CONSTANT,
  ATLAS_PARAMETER_MEMORY_OPTIONS,
  ATLAS_PARAMETER_SYSTEM_OPTIONS,
  ATLAS_PARAMETER_PROCESS_OPTIONS,
  ATLAS_N_PARAMETERS,
} AtlasParameterKind;

#define ATLAS_PARAMETERS_MAX 6u

typedef struct
{
  AtlasParameterKind kind;
  gboolean is_optional;
} AtlasParameter;

typedef struct
{
  AtlasVerbEffect effect;
  AtlasCommand defaults;
  AtlasParameter parameters[ATLAS_PARAMETERS_MAX];
} AtlasGrammar;

extern const AtlasVerb atlas_verbs[ATLAS_N_VERBS];
extern const AtlasGrammar atlas_grammars[ATLAS_N_VERBS];
/* What a message says where a parameter could stand. */
extern const char *const atlas_expectations[ATLAS_N_PARAMETERS];

G_END_DECLS
