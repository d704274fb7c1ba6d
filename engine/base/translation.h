/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* The engine's words in the language of the person who reads them.
 *
 *   tables, regions, events ─► English, kept ─┬─► files, hashes, scripts, tests
 *                                             └─► translate ─► a person
 *   verbs, errors ─► translated where made ───────────────────► a person
 *
 * What the engine keeps is English: names and reasons of regions, words of its tables, templates
 * of events. Files, hashes, scripts and tests see that. Whoever shows such a text passes it
 * through here first. A sentence that is made to be read, a verb's result or an error, is
 * translated where it is made.
 *
 * The program that uses the engine binds the domain "vmatlas" and sets the locale; without both,
 * every text stays as it is. Data are written between atlas_data_locale_push () and _pop ().
 */

#include "base/types.h"

G_BEGIN_DECLS

/* Texts that are kept and have something put into them. */
typedef enum
{
  ATLAS_TEXT_STACK,       /* a thread's number */
  ATLAS_TEXT_PEB_AND_TEB, /* a thread's number */
  ATLAS_TEXT_HEAP,        /* its number */
  ATLAS_TEXT_CFG_BITMAP,  /* size of what it covers, in GB */
  ATLAS_TEXT_IMAGE,       /* path of the file */
  ATLAS_TEXT_SLOT_TAIL,   /* what the slot is taken by, and its address */
  ATLAS_N_TEXTS,
} AtlasText;

/* In English, @first and @second put in; NULL where the text takes but one. (transfer full) */
ATLAS_AVAILABLE char *atlas_text_compose (AtlasText text, const char *first, const char *second);
/* The same with a number. (transfer full) */
ATLAS_AVAILABLE char *atlas_text_compose_number (AtlasText text, guint number);

/* A constant text; NULL and "" stay. What has no translation is returned itself. */
ATLAS_AVAILABLE const char *atlas_translate (const char *text);
/* A name or reason that was kept, constant or composed; what was put in is translated as well.
 * (transfer full) (nullable) */
ATLAS_AVAILABLE char *atlas_translate_kept (const char *text);

/* From here to the pop, texts and numbers that this thread makes are those of the C locale: for
 * files that programs read. */
typedef struct _AtlasDataLocale AtlasDataLocale;

ATLAS_AVAILABLE AtlasDataLocale *atlas_data_locale_push (void);
ATLAS_AVAILABLE void atlas_data_locale_pop (AtlasDataLocale *data_locale);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasDataLocale, atlas_data_locale_pop)

G_END_DECLS
