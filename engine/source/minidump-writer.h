/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A simulated process as a minidump, for WinDbg and whatever else reads them.
 *
 *   header · directory │ SystemInfo · MiscInfo · ThreadList · ModuleList · MemoryInfoList
 *   Memory64List       │ every committed page whose bytes are at hand, in ascending order
 *
 * What MiniDumpWriteDump gives with MiniDumpWithFullMemory | MiniDumpWithFullMemoryInfo.
 */

#include <gio/gio.h>

#include "windows/process.h"

G_BEGIN_DECLS

/* @written_time: seconds since 1970, for the header. Reading changes nothing in @process. FALSE and
 * @error when @stream cannot be written, which may then hold a part. */
ATLAS_AVAILABLE gboolean atlas_minidump_write (AtlasProcess *process,
                                               guint32 written_time,
                                               GOutputStream *stream,
                                               GError **error);

G_END_DECLS
