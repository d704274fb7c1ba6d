/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "map/flag-file.h"

#include "base/format.h"

static void
clear_flag (gpointer data)
{
  g_free ((char *) ((AtlasFlag *) data)->name);
}

static gint
compare_flags (gconstpointer a, gconstpointer b)
{
  const AtlasFlag *flag_a = a, *flag_b = b;

  if (flag_a->first_va != flag_b->first_va)
    return flag_a->first_va < flag_b->first_va ? -1 : 1;
  if (flag_a->last_va != flag_b->last_va)
    return flag_a->last_va < flag_b->last_va ? -1 : 1;
  return 0;
}

static gboolean
parse_address (GKeyFile *file, const char *group, const char *key, AtlasVa *va, GError **error)
{
  g_autofree char *text = g_key_file_get_string (file, group, key, error);

  if (text == NULL)
    return FALSE;
  if (atlas_parse_number (text, FALSE, va, error))
    return TRUE;
  g_prefix_error (error, "[%s] %s: ", group, key);
  return FALSE;
}

static gboolean
parse_flag (GKeyFile *file, const char *group, AtlasFlag *flag, GError **error)
{
  if (!parse_address (file, group, "first", &flag->first_va, error) ||
      !parse_address (file, group, "last", &flag->last_va, error))
    return FALSE;
  if (flag->first_va > flag->last_va)
    {
      g_set_error (
        error, ATLAS_ERROR, ATLAS_ERROR_PARSE, "[%s] its last address is below its first", group);
      return FALSE;
    }
  flag->name = g_key_file_get_string (file, group, "comment", NULL);
  if (flag->name == NULL)
    flag->name = g_strdup ("");
  return TRUE;
}

GArray *
atlas_flags_parse (const char *text, gsize size_bytes, gboolean is_strict, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GArray) flags = g_array_new (FALSE, FALSE, sizeof (AtlasFlag));
  g_auto (GStrv) groups = NULL;

  g_return_val_if_fail (text != NULL || size_bytes == 0, NULL);

  g_array_set_clear_func (flags, clear_flag);
  if (!g_key_file_load_from_data (
        file, text != NULL ? text : "", size_bytes, G_KEY_FILE_NONE, error))
    return NULL;
  groups = g_key_file_get_groups (file, NULL);
  for (guint i = 0; groups[i] != NULL; i++)
    {
      AtlasFlag flag;

      if (parse_flag (file, groups[i], &flag, is_strict ? error : NULL))
        g_array_append_val (flags, flag);
      else if (is_strict)
        return NULL;
    }
  g_array_sort (flags, compare_flags);
  return g_steal_pointer (&flags);
}

char *
atlas_flags_format (const AtlasFlag *flags, guint n_flags)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_return_val_if_fail (flags != NULL || n_flags == 0, NULL);

  for (guint i = 0; i < n_flags; i++)
    {
      g_autofree char *group = g_strdup_printf ("%u", i + 1u);
      g_autofree char *first = atlas_format_hex (flags[i].first_va);
      g_autofree char *last = atlas_format_hex (flags[i].last_va);

      g_key_file_set_string (file, group, "first", first);
      g_key_file_set_string (file, group, "last", last);
      g_key_file_set_string (file, group, "comment", flags[i].name);
    }
  return g_key_file_to_data (file, NULL, NULL);
}
