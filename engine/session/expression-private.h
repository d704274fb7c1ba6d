/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "session/expression.h"

G_BEGIN_DECLS

/* Like atlas_address_parse(); @error_index: the byte of @text that is at fault. */
gboolean atlas_expression_evaluate (const char *text,
                                    AtlasAddressResolver resolver,
                                    gpointer data,
                                    AtlasVa *va,
                                    gsize *error_index,
                                    GError **error);
/* Whether @text could be an address, whatever its names stand for. */
gboolean atlas_expression_check (const char *text, gsize *error_index, GError **error);
/* The one spelling that the journal keeps: no blanks, a lone number as 0x…  @text passed the check.
 * (transfer full) */
char *atlas_expression_canonicalize (const char *text);

G_END_DECLS
