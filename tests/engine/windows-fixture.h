/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A small machine and a process in it, for the tests of engine/windows. */

#include "windows/process.h"

static inline AtlasSystem *
make_system (void)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autoptr (GError) error = NULL;
  AtlasSystem *system;

  options.memory_bytes = ATLAS_MB (256);
  system = atlas_system_new (&options, &error);
  g_assert_no_error (error);
  g_assert_nonnull (system);
  return system;
}

/* @is_bare: only what the kernel puts into every process, so that addresses are free. */
static inline AtlasProcess *
make_process (AtlasSystem *system, gboolean is_bare)
{
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasStatus status = ATLAS_STATUS_INVALID_PARAMETER;
  AtlasProcess *process;

  options.is_bare = is_bare;
  process = atlas_process_new (system, &options, &status);
  g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
  g_assert_nonnull (process);
  return process;
}
