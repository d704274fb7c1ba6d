/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What Windows said, in words that a person reads. */

#include "windows/status.h"

G_BEGIN_DECLS

/* "STATUS_CONFLICTING_ADDRESSES (0xc0000018) · Win32 error 487, ERROR_INVALID_ADDRESS"; without the
 * Win32 part when there is none. (transfer full) */
char *atlas_status_format (AtlasStatus status);

G_END_DECLS
