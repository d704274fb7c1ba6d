/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "repeat.h"

#include <string.h>

gboolean
repeat_main (int argc, char *argv[], const Repeat *repeats, guint n_repeats, int *status)
{
  gboolean is_list;
  gboolean is_known;

  if (argc < 2)
    return FALSE;
  is_list = is_known = strcmp (argv[1], "--repeats") == 0;
  for (guint i = 0; i < n_repeats; i++)
    {
      if (is_list)
        {
          g_print ("%s %s %u\n", repeats[i].name, repeats[i].function, repeats[i].n_times);
        }
      else if (strcmp (argv[1], repeats[i].name) == 0)
        {
          is_known = TRUE;
          repeats[i].run ();
        }
    }
  if (!is_known)
    g_printerr ("%s: nothing is called %s\n", argv[0], argv[1]);
  *status = is_known ? 0 : 2;
  return TRUE;
}
