/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* Program images made up in memory: real headers, invented contents.
 *
 *   page 0      MZ … PE, section table      R
 *   .text       code                        X·R
 *   .rdata      constants, imports          R
 *   .data       variables                   WRITECOPY
 *   .pdata      unwinding                   R
 *   .rsrc       resources                   R
 *   .reloc      relocations                 R
 */

#include "windows/section.h"

G_BEGIN_DECLS

/* Pages of each part; the header takes one. */
typedef struct
{
  const char *name;
  guint16 text_pages;
  guint16 rdata_pages;
  guint16 data_pages;
  guint16 pdata_pages;
  guint16 rsrc_pages;
  guint16 reloc_pages;
} AtlasModule;

/* What its header says. */
typedef struct
{
  AtlasVa preferred_va;
  gboolean is_dll;
  gboolean is_large_address_aware;
  gboolean has_high_entropy;
  gboolean has_dynamic_base;
} AtlasImageTraits;

/* The system DLLs that a small program loads, in the order in which the boot placed them, ntdll
 * first. */
const AtlasModule *atlas_image_get_system_modules (guint *n_modules);
/* The invented program's shape; its name is the process's. */
AtlasModule atlas_image_get_program (const char *name);

guint64 atlas_module_get_n_pages (const AtlasModule *module);

/* (transfer full) */
AtlasSection *
atlas_image_new (const AtlasModule *module, const AtlasImageTraits *traits, guint64 seed);

/* The bytes of such a DLL as a file, with relocations for a pointer in each page of .rdata and
 * .data. With @is_arm64x it is an ARM64 one whose dynamic values make header, unwind directory and
 * the second page of .rdata those of an x64 one. (transfer full) */
GBytes *atlas_image_make_file (const char *name, gboolean is_arm64x, guint64 seed);

G_END_DECLS
