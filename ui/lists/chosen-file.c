/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/chosen-file.h"

GFile *
atlas_chosen_file_take (GtkNativeDialog *chooser, int response)
{
  return response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser))
                                         : NULL;
}
