/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/status-text.h"

#include <glib/gi18n.h>

char *
atlas_status_format (AtlasStatus status)
{
  guint32 win32_error = atlas_status_to_win32 (status);

  if (win32_error == 0)
    return g_strdup_printf ("%s (0x%08x)", atlas_status_get_name (status), status);

  /* Translators: an NTSTATUS by name and number, then the error that GetLastError() gives. */
  return g_strdup_printf (_ ("%s (0x%08x) · Win32 error %u, %s"),
                          atlas_status_get_name (status),
                          status,
                          win32_error,
                          atlas_win32_error_get_name (win32_error));
}
