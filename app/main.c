/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gi18n.h>

#include "application.h"
#include "config.h"

int
main (int argc, char **argv)
{
  /* For a program that runs where it was built. */
  const char *locale_dir = g_getenv ("VMATLAS_LOCALE_DIR");
  g_autoptr (AtlasApplication) application = NULL;

  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = atlas_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
