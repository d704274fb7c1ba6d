/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/verbs.h"

const AtlasVerb atlas_verbs[ATLAS_N_VERBS] = {
  [ATLAS_VERB_SYSTEM] = { "system",
                          "system [memory=SIZE] [seed=NUMBER] [build=NUMBER] [hypervisor=yes|no]",
                          "Sets the machine up; only as the first command" },
  [ATLAS_VERB_PROCESS] = { "process",
                           "process [$NAME] PROGRAM [large_address_aware=yes|no] "
                           "[high_entropy=yes|no] [dynamic_base=yes|no] [bare]",
                           "Starts a process and makes it the current one" },
  [ATLAS_VERB_SELECT] = { "select", "select $NAME", "Makes a process the current one" },
  [ATLAS_VERB_TERMINATE] = { "terminate",
                             "terminate [$NAME]",
                             "Ends a process, the current one without a name" },
  [ATLAS_VERB_ALLOC] = { "alloc",
                         "alloc [$NAME =] [ADDRESS] SIZE FLAGS PROTECTION",
                         "VirtualAlloc: reserves and commits memory" },
  [ATLAS_VERB_RESERVE] = { "reserve",
                           "reserve [$NAME =] [ADDRESS] SIZE [PROTECTION]",
                           "VirtualAlloc with MEM_RESERVE" },
  [ATLAS_VERB_COMMIT] = { "commit",
                          "commit [$NAME =] [ADDRESS] SIZE [PROTECTION]",
                          "VirtualAlloc with MEM_COMMIT" },
  [ATLAS_VERB_DECOMMIT] = { "decommit",
                            "decommit ADDRESS [SIZE]",
                            "VirtualFree with MEM_DECOMMIT: the addresses stay reserved" },
  [ATLAS_VERB_RELEASE] = { "release",
                           "release ADDRESS",
                           "VirtualFree with MEM_RELEASE: the whole allocation goes" },
  [ATLAS_VERB_FREE] = { "free", "free ADDRESS [SIZE] release|decommit", "VirtualFree, spelt out" },
  [ATLAS_VERB_PROTECT] = { "protect",
                           "protect ADDRESS SIZE PROTECTION",
                           "VirtualProtect: changes the protection of committed pages" },
  [ATLAS_VERB_QUERY] = { "query", "query ADDRESS", "VirtualQuery: the region at an address" },
  [ATLAS_VERB_READ] = { "read", "read ADDRESS [BYTES] [supervisor]", "The program reads memory" },
  [ATLAS_VERB_WRITE] = { "write",
                         "write ADDRESS [BYTES] [value=NUMBER] [supervisor]",
                         "The program writes memory" },
  [ATLAS_VERB_EXECUTE] = { "execute",
                           "execute ADDRESS [supervisor]",
                           "The program fetches an instruction" },
  [ATLAS_VERB_TICK] = { "tick", "tick DURATION", "Simulated time passes" },
  [ATLAS_VERB_MSR] = { "msr", "msr NUMBER", "Reads a model-specific register" },
  [ATLAS_VERB_ENTRY] = { "entry",
                         "entry ADDRESS pte|pde|pdpte|pml4e NUMBER",
                         "Writes a page-table entry by hand; nothing is invalidated" },
  [ATLAS_VERB_INVLPG] = { "invlpg", "invlpg ADDRESS", "Drops what is cached of a page" },
  [ATLAS_VERB_CR3] = { "cr3", "cr3", "Loads CR3 again: drops all that is cached and not global" },
  [ATLAS_VERB_CONTROL] = { "control",
                           "control [wp=yes|no] [nxe=yes|no] [smep=yes|no] [smap=yes|no] "
                           "[pge=yes|no] [pke=yes|no] [ac=yes|no] [pkru=NUMBER]",
                           "Switches what the processor enforces" },
  [ATLAS_VERB_TLB] = { "tlb",
                       "tlb PROFILE",
                       "Gives the processor empty caches of another geometry" },
};

const AtlasGrammar atlas_grammars[ATLAS_N_VERBS] = {
  [ATLAS_VERB_SYSTEM] = { ATLAS_EFFECT_CHANGE, {}, { { ATLAS_PARAMETER_SYSTEM_OPTIONS, TRUE } } },
  [ATLAS_VERB_PROCESS] = { ATLAS_EFFECT_CHANGE,
                           {},
                           { { ATLAS_PARAMETER_PROCESS, TRUE },
                             { ATLAS_PARAMETER_PROGRAM },
                             { ATLAS_PARAMETER_PROCESS_OPTIONS, TRUE } } },
  [ATLAS_VERB_SELECT] = { ATLAS_EFFECT_CHANGE, {}, { { ATLAS_PARAMETER_PROCESS } } },
  [ATLAS_VERB_TERMINATE] = { ATLAS_EFFECT_CHANGE, {}, { { ATLAS_PARAMETER_PROCESS, TRUE } } },
  [ATLAS_VERB_ALLOC] = { ATLAS_EFFECT_CHANGE,
                         {},
                         { { ATLAS_PARAMETER_BINDING, TRUE },
                           { ATLAS_PARAMETER_ADDRESS, TRUE },
                           { ATLAS_PARAMETER_SIZE },
                           { ATLAS_PARAMETER_ALLOCATION_TYPE },
                           { ATLAS_PARAMETER_PROTECTION } } },
  [ATLAS_VERB_RESERVE] = { ATLAS_EFFECT_CHANGE,
                           { .allocation_type = ATLAS_MEM_RESERVE,
                             .protect = ATLAS_PAGE_READWRITE },
                           { { ATLAS_PARAMETER_BINDING, TRUE },
                             { ATLAS_PARAMETER_ADDRESS, TRUE },
                             { ATLAS_PARAMETER_SIZE },
                             { ATLAS_PARAMETER_PROTECTION, TRUE } } },
  [ATLAS_VERB_COMMIT] = { ATLAS_EFFECT_CHANGE,
                          { .allocation_type = ATLAS_MEM_COMMIT, .protect = ATLAS_PAGE_READWRITE },
                          { { ATLAS_PARAMETER_BINDING, TRUE },
                            { ATLAS_PARAMETER_ADDRESS, TRUE },
                            { ATLAS_PARAMETER_SIZE },
                            { ATLAS_PARAMETER_PROTECTION, TRUE } } },
  [ATLAS_VERB_DECOMMIT] = { ATLAS_EFFECT_CHANGE,
                            { .allocation_type = ATLAS_MEM_DECOMMIT },
                            { { ATLAS_PARAMETER_ADDRESS }, { ATLAS_PARAMETER_SIZE, TRUE } } },
  [ATLAS_VERB_RELEASE] = { ATLAS_EFFECT_CHANGE,
                           { .allocation_type = ATLAS_MEM_RELEASE },
                           { { ATLAS_PARAMETER_ADDRESS } } },
  [ATLAS_VERB_FREE] = { ATLAS_EFFECT_CHANGE,
                        {},
                        { { ATLAS_PARAMETER_ADDRESS },
                          { ATLAS_PARAMETER_SIZE, TRUE },
                          { ATLAS_PARAMETER_FREE_TYPE } } },
  [ATLAS_VERB_PROTECT] = { ATLAS_EFFECT_CHANGE,
                           {},
                           { { ATLAS_PARAMETER_ADDRESS },
                             { ATLAS_PARAMETER_SIZE },
                             { ATLAS_PARAMETER_PROTECTION } } },
  [ATLAS_VERB_QUERY] = { ATLAS_EFFECT_LOOK, {}, { { ATLAS_PARAMETER_ADDRESS } } },
  [ATLAS_VERB_READ] = { ATLAS_EFFECT_ACCESS,
                        {},
                        { { ATLAS_PARAMETER_ADDRESS },
                          { ATLAS_PARAMETER_BYTES, TRUE },
                          { ATLAS_PARAMETER_SUPERVISOR, TRUE } } },
  [ATLAS_VERB_WRITE] = { ATLAS_EFFECT_ACCESS,
                         {},
                         { { ATLAS_PARAMETER_ADDRESS },
                           { ATLAS_PARAMETER_BYTES, TRUE },
                           { ATLAS_PARAMETER_VALUE, TRUE },
                           { ATLAS_PARAMETER_SUPERVISOR, TRUE } } },
  [ATLAS_VERB_EXECUTE] = { ATLAS_EFFECT_ACCESS,
                           { .size_bytes = 1 },
                           { { ATLAS_PARAMETER_ADDRESS }, { ATLAS_PARAMETER_SUPERVISOR, TRUE } } },
  [ATLAS_VERB_TICK] = { ATLAS_EFFECT_CHANGE, {}, { { ATLAS_PARAMETER_DURATION } } },
  [ATLAS_VERB_MSR] = { ATLAS_EFFECT_LOOK, {}, { { ATLAS_PARAMETER_MSR } } },
  [ATLAS_VERB_ENTRY] = { ATLAS_EFFECT_CHANGE,
                         {},
                         { { ATLAS_PARAMETER_ADDRESS },
                           { ATLAS_PARAMETER_LEVEL },
                           { ATLAS_PARAMETER_ENTRY } } },
  [ATLAS_VERB_INVLPG] = { ATLAS_EFFECT_CHANGE, {}, { { ATLAS_PARAMETER_ADDRESS } } },
  [ATLAS_VERB_CR3] = { ATLAS_EFFECT_CHANGE, {}, {} },
  [ATLAS_VERB_CONTROL] = { ATLAS_EFFECT_CHANGE, {}, { { ATLAS_PARAMETER_SWITCHES, TRUE } } },
  [ATLAS_VERB_TLB] = { ATLAS_EFFECT_CHANGE, {}, { { ATLAS_PARAMETER_TLB_PROFILE } } },
};

const char *const atlas_expectations[ATLAS_N_PARAMETERS] = {
  [ATLAS_PARAMETER_BINDING] = "$NAME =",
  [ATLAS_PARAMETER_PROCESS] = "a process name such as $p",
  [ATLAS_PARAMETER_PROGRAM] = "a program's name such as demo.exe",
  [ATLAS_PARAMETER_ADDRESS] = "an address",
  [ATLAS_PARAMETER_SIZE] = "a size such as 64K",
  [ATLAS_PARAMETER_ALLOCATION_TYPE] = "allocation flags such as reserve|commit",
  [ATLAS_PARAMETER_FREE_TYPE] = "release or decommit",
  [ATLAS_PARAMETER_PROTECTION] = "a protection such as readwrite",
  [ATLAS_PARAMETER_BYTES] = "a number of bytes from 1 to 64K",
  [ATLAS_PARAMETER_VALUE] = "value=NUMBER",
  [ATLAS_PARAMETER_SUPERVISOR] = "supervisor",
  [ATLAS_PARAMETER_DURATION] = "a duration such as 10ms or 1s",
  [ATLAS_PARAMETER_MSR] = "the number of a register such as 0x40000020",
  [ATLAS_PARAMETER_LEVEL] = "pte, pde, pdpte or pml4e",
  [ATLAS_PARAMETER_ENTRY] = "the entry's 64 bits, a number such as 0x8000000012345867",
  [ATLAS_PARAMETER_SWITCHES] = "wp=, nxe=, smep=, smap=, pge=, pke= or ac= with yes or no, or "
                               "pkru= with a number",
  [ATLAS_PARAMETER_TLB_PROFILE] = "the name of a processor's caches such as skylake, or none",
  [ATLAS_PARAMETER_SYSTEM_OPTIONS] = "memory=SIZE, seed=NUMBER, build=NUMBER, hypervisor=yes|no",
  [ATLAS_PARAMETER_PROCESS_OPTIONS] =
    "large_address_aware=yes|no, high_entropy=yes|no, dynamic_base=yes|no, bare",
};

AtlasVerbEffect
atlas_verb_get_effect (AtlasVerbId verb)
{
  return atlas_grammars[verb].effect;
}

const char *
atlas_verb_get_name (AtlasVerbId verb)
{
  return atlas_verbs[verb].name;
}

const AtlasVerb *
atlas_session_get_verbs (guint *n_verbs)
{
  if (n_verbs != NULL)
    *n_verbs = ATLAS_N_VERBS;
  return atlas_verbs;
}
