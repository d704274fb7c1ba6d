/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pe-guard.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "windows/pe-private.h"
#include "windows/protection.h"

/* IMAGE_LOAD_CONFIG_DIRECTORY32 and …64, offsets of the fields. */
static const struct
{
  guint table;
  guint count;
  guint flags;
  guint field_bytes; /* of the first two */
} layouts[] = {
  { 0x50, 0x54, 0x58, 4 },
  { 0x80, 0x88, 0x90, 8 },
};

/* How many bytes follow each address. */
#define EXTRA_BYTES_SHIFT 28u
/* The first of them. */
#define FUNCTION_SUPPRESSED 0x01u
#define FUNCTION_EXPORT_SUPPRESSED 0x02u

#define SLOT_BYTES 16u

static const struct
{
  guint32 flag;
  const char *name;
} flag_names[] = {
  { ATLAS_PE_GUARD_INSTRUMENTED, N_ ("calls checked") },
  { ATLAS_PE_GUARD_WRITE_CHECKS, N_ ("writes checked") },
  { ATLAS_PE_GUARD_TABLE, N_ ("function table") },
  { ATLAS_PE_GUARD_COOKIE_UNUSED, N_ ("no security cookie") },
  { ATLAS_PE_GUARD_PROTECT_DELAYLOAD, N_ ("delay-load table read-only") },
  { ATLAS_PE_GUARD_DELAYLOAD_SECTION, N_ ("delay-load table in a section of its own") },
  { ATLAS_PE_GUARD_SUPPRESSION_INFO, N_ ("tells suppressed exports") },
  { ATLAS_PE_GUARD_SUPPRESSION, N_ ("asks to suppress exports") },
  { ATLAS_PE_GUARD_LONGJUMPS, N_ ("long-jump targets") },
};

/* A field of an image that lies at its preferred base. */
static guint64
read_field (const AtlasPe *pe, gboolean is_x64, guint64 rva, guint n_bytes)
{
  return n_bytes == 8 ? atlas_pe_read_u64 (pe, is_x64, rva) : atlas_pe_read_u32 (pe, is_x64, rva);
}

void
atlas_pe_get_guard (const AtlasPe *pe, gboolean is_x64, AtlasPeGuard *guard)
{
  const AtlasPeDirectory *config;
  guint layout;
  guint32 config_bytes;
  guint64 table_va, n_functions;

  g_return_if_fail (pe != NULL && guard != NULL);

  layout = pe->is_pe32_plus ? 1 : 0;
  config = &(is_x64 ? &pe->x64 : &pe->native)->directories[ATLAS_PE_DIRECTORY_LOAD_CONFIG];
  *guard = (AtlasPeGuard){ .is_marked = (pe->dll_characteristics & ATLAS_PE_GUARD_CF) != 0 };
  if (config->size_bytes == 0)
    return;

  /* Its first field says how much of it there is: older linkers end before these. */
  if (!atlas_pe_contains (pe, config->rva, sizeof config_bytes))
    {
      guard->is_damaged = TRUE;
      return;
    }
  config_bytes = atlas_pe_read_u32 (pe, is_x64, config->rva);
  if (config_bytes < layouts[layout].flags + sizeof guard->flags)
    return;
  if (!atlas_pe_contains (pe, config->rva, config_bytes))
    {
      guard->is_damaged = TRUE;
      return;
    }

  guard->flags = atlas_pe_read_u32 (pe, is_x64, config->rva + layouts[layout].flags);
  if ((guard->flags & ATLAS_PE_GUARD_TABLE) == 0)
    return;
  table_va =
    read_field (pe, is_x64, config->rva + layouts[layout].table, layouts[layout].field_bytes);
  n_functions =
    read_field (pe, is_x64, config->rva + layouts[layout].count, layouts[layout].field_bytes);
  guard->entry_bytes = (guint32) sizeof (guint32) + (guard->flags >> EXTRA_BYTES_SHIFT);
  if (table_va < pe->preferred_va || table_va - pe->preferred_va > pe->image_bytes ||
      n_functions > pe->image_bytes / guard->entry_bytes ||
      !atlas_pe_contains (pe, table_va - pe->preferred_va, n_functions * guard->entry_bytes))
    {
      guard->is_damaged = TRUE;
      return;
    }
  guard->has_table = TRUE;
  guard->table_rva = (guint32) (table_va - pe->preferred_va);
  guard->n_functions = (guint32) n_functions;
}

static guint32
read_function (const AtlasPe *pe, gboolean is_x64, const AtlasPeGuard *guard, guint32 index)
{
  return atlas_pe_read_u32 (pe, is_x64, guard->table_rva + (guint64) index * guard->entry_bytes);
}

static AtlasCallTarget
judge_function (const AtlasPe *pe, gboolean is_x64, const AtlasPeGuard *guard, guint32 index)
{
  guint64 rva = guard->table_rva + (guint64) index * guard->entry_bytes + sizeof (guint32);
  guint8 flags = 0;

  if (guard->entry_bytes > sizeof (guint32))
    atlas_pe_read (pe, is_x64, rva, &flags, sizeof flags);
  if ((flags & FUNCTION_SUPPRESSED) != 0)
    return ATLAS_CALL_TARGET_SUPPRESSED;
  return (flags & FUNCTION_EXPORT_SUPPRESSED) != 0 ? ATLAS_CALL_TARGET_EXPORT
                                                   : ATLAS_CALL_TARGET_LISTED;
}

static gboolean
is_code (const AtlasPe *pe, guint64 rva)
{
  for (guint i = 0; i < pe->n_sections; i++)
    {
      const AtlasPeSection *section = &pe->sections[i];

      if (rva >= section->rva && rva - section->rva < atlas_page_ceil (section->size_bytes))
        return atlas_protection_is_executable (section->protection);
    }
  return FALSE;
}

AtlasCallTarget
atlas_pe_find_call_target (const AtlasPe *pe,
                           gboolean is_x64,
                           const AtlasPeGuard *guard,
                           guint64 rva)
{
  guint64 slot_rva = rva - rva % SLOT_BYTES;
  AtlasCallTarget target = ATLAS_CALL_TARGET_NONE;
  guint32 first = 0, end;

  g_return_val_if_fail (pe != NULL && guard != NULL, ATLAS_CALL_TARGET_NONE);

  if (!is_code (pe, rva))
    return ATLAS_CALL_TARGET_NOT_CODE;
  if (!guard->has_table)
    return ATLAS_CALL_TARGET_UNCHECKED;

  for (end = guard->n_functions; first < end;)
    {
      guint32 middle = first + (end - first) / 2u;

      if (read_function (pe, is_x64, guard, middle) < slot_rva)
        first = middle + 1u;
      else
        end = middle;
    }
  /* Sixteen at most, unless the table is out of order; then any answer will do, but not any time.
   */
  end = first + MIN (guard->n_functions - first, SLOT_BYTES);
  for (; first < end; first++)
    {
      guint32 function = read_function (pe, is_x64, guard, first);
      AtlasCallTarget judged;

      if (function - slot_rva >= SLOT_BYTES)
        break;
      judged = judge_function (pe, is_x64, guard, first);
      if (function == rva)
        return judged;
      if (judged == ATLAS_CALL_TARGET_LISTED && function != slot_rva && rva != slot_rva)
        target = ATLAS_CALL_TARGET_NEIGHBOUR;
    }
  return target;
}

const char *
atlas_call_target_get_text (AtlasCallTarget target)
{
  static const char *const texts[ATLAS_N_CALL_TARGETS] = {
    [ATLAS_CALL_TARGET_NOT_CODE] = N_ ("no: not code"),
    [ATLAS_CALL_TARGET_UNCHECKED] = N_ ("yes: the file has no table, so all of its code is"),
    [ATLAS_CALL_TARGET_LISTED] = N_ ("yes: in the table"),
    [ATLAS_CALL_TARGET_NEIGHBOUR] =
      N_ ("passes: not in the table, but another of the same 16 bytes is"),
    [ATLAS_CALL_TARGET_SUPPRESSED] = N_ ("no: in the table as suppressed"),
    [ATLAS_CALL_TARGET_EXPORT] = N_ ("an export that may be suppressed until it is looked up"),
    [ATLAS_CALL_TARGET_NONE] = N_ ("no: not in the table"),
  };

  g_return_val_if_fail ((guint) target < ATLAS_N_CALL_TARGETS, "");

  return texts[target];
}

char *
atlas_pe_guard_format (const AtlasPeGuard *guard)
{
  g_autoptr (GString) text = NULL;
  g_autofree char *flags = NULL;

  g_return_val_if_fail (guard != NULL, NULL);

  text = g_string_new (guard->is_marked ? _ ("yes") : _ ("no"));
  for (guint i = 0; i < G_N_ELEMENTS (flag_names); i++)
    if ((guard->flags & flag_names[i].flag) != 0)
      g_string_append_printf (text, ", %s", _ (flag_names[i].name));
  if (guard->flags != 0)
    {
      flags = atlas_format_hex (guard->flags);
      g_string_append_printf (text, " (%s)", flags);
    }
  if (guard->has_table)
    {
      g_autofree char *count = atlas_format_count (guard->n_functions);

      g_string_append_printf (
        text,
        g_dngettext (
          GETTEXT_PACKAGE, " · %s call target", " · %s call targets", guard->n_functions),
        count);
    }
  if (guard->is_damaged)
    g_string_append (text, _ (" · its table is damaged"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}
