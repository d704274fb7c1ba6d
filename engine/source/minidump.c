/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/minidump.h"

#include <glib/gi18n-lib.h>

#include "source/linux-maps.h"
#include "source/minidump-file.h"
#include "source/minidump-regions.h"
#include "windows/status.h"

typedef struct
{
  AtlasSpace space;
  AtlasMinidumpFile *file;
  AtlasRegionSet *regions;
} MinidumpSpace;

static void
minidump_space_free (AtlasSpace *space)
{
  MinidumpSpace *self = (MinidumpSpace *) space;

  g_clear_pointer (&self->file, atlas_minidump_file_free);
  g_clear_pointer (&self->regions, atlas_region_set_unref);
  atlas_space_clear (space);
  g_free (self);
}

static AtlasRegionSet *
minidump_space_get_regions (AtlasSpace *space)
{
  return ((MinidumpSpace *) space)->regions;
}

static gsize
minidump_space_peek (AtlasSpace *space,
                     AtlasVa va,
                     guint8 *bytes,
                     gboolean *is_known,
                     gsize size_bytes)
{
  return atlas_minidump_file_peek (
    ((MinidumpSpace *) space)->file, va, bytes, is_known, size_bytes);
}

static const AtlasSpaceOps minidump_space_ops = {
  .free = minidump_space_free,
  .get_regions = minidump_space_get_regions,
  .peek = minidump_space_peek,
};

/* Microsoft Learn, "Operating System Version" and the release lists of Windows 11 and Server. */
static const char *
get_windows_name (const AtlasMinidumpSystem *system)
{
  static const struct
  {
    guint major_version;
    guint minor_version;
    guint min_build;
    const char *client_name;
    const char *server_name;
  } releases[] = {
    { 10, 0, 26100, "Windows 11", "Windows Server 2025" },
    { 10, 0, 22000, "Windows 11", "Windows Server" },
    { 10, 0, 20348, "Windows 10", "Windows Server 2022" },
    { 10, 0, 17763, "Windows 10", "Windows Server 2019" },
    { 10, 0, 0, "Windows 10", "Windows Server 2016" },
    { 6, 3, 0, "Windows 8.1", "Windows Server 2012 R2" },
    { 6, 2, 0, "Windows 8", "Windows Server 2012" },
    { 6, 1, 0, "Windows 7", "Windows Server 2008 R2" },
    { 6, 0, 0, "Windows Vista", "Windows Server 2008" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (releases); i++)
    if (system->major_version == releases[i].major_version &&
        system->minor_version == releases[i].minor_version &&
        system->build >= releases[i].min_build)
      return system->is_server ? releases[i].server_name : releases[i].client_name;
  return "Windows";
}

static void
add_count_fact (AtlasSpace *space, const char *key, guint64 count)
{
  g_autofree char *text = atlas_format_count (count);

  atlas_space_add_fact (space, key, text);
}

/* "STATUS_ACCESS_VIOLATION (0xc0000005)"; Linux tells a signal. */
static char *
format_code (const AtlasMinidumpFile *file)
{
  if (file->system.platform != ATLAS_MINIDUMP_PLATFORM_WINDOWS)
    return g_strdup_printf (_ ("signal %u"), file->exception.code);
  return g_strdup_printf (
    "%s (0x%08x)", atlas_status_get_name (file->exception.code), file->exception.code);
}

static void
add_exception_fact (MinidumpSpace *self)
{
  const AtlasMinidumpException *exception = &self->file->exception;
  g_autofree char *code = format_code (self->file);
  g_autofree char *at = atlas_format_va (exception->va);
  GString *text = g_string_new (NULL);

  /* Translators: an exception, an address, a number */
  g_string_append_printf (text, _ ("%s at %s in thread %u"), code, at, exception->thread_id);
  /* Microsoft Learn, EXCEPTION_RECORD: 0 read, 1 write, 8 execute, then the address. */
  if (exception->code == ATLAS_STATUS_ACCESS_VIOLATION && exception->n_parameters >= 2)
    {
      g_autofree char *va = atlas_format_va (exception->parameters[1]);

      g_string_append (text, ", ");
      if (exception->parameters[0] == 0)
        g_string_append_printf (text, _ ("reading %s"), va);
      else if (exception->parameters[0] == 1)
        g_string_append_printf (text, _ ("writing %s"), va);
      else
        g_string_append_printf (text, _ ("executing %s"), va);
    }
  atlas_space_add_fact (&self->space, N_ ("exception"), text->str);
  g_string_free (text, TRUE);
}

static void
add_facts (MinidumpSpace *self)
{
  const AtlasMinidumpFile *file = self->file;
  const AtlasMinidumpSystem *system = &file->system;
  AtlasSpace *space = &self->space;
  g_autofree char *cpu = g_strdup_printf (_ ("x64, family %u, model %u, stepping %u"),
                                          system->cpu_family,
                                          system->cpu_model,
                                          system->cpu_stepping);
  g_autoptr (GDateTime) written = g_date_time_new_from_unix_utc (file->written_time);
  g_autofree char *written_text = g_date_time_format (written, "%Y-%m-%d %H:%M:%S UTC");
  guint64 stored_bytes = 0;
  g_autofree char *stored = NULL;
  g_autofree char *ranges = NULL;

  for (guint i = 0; i < file->ranges->len; i++)
    stored_bytes += g_array_index (file->ranges, AtlasMinidumpRange, i).size_bytes;
  stored = atlas_format_size (stored_bytes);
  ranges = g_strdup_printf ("%u, %s", file->ranges->len, stored);

  if (system->platform == ATLAS_MINIDUMP_PLATFORM_WINDOWS)
    {
      g_autofree char *os = g_strdup_printf (_ ("%s, version %u.%u, build %u"),
                                             get_windows_name (system),
                                             system->major_version,
                                             system->minor_version,
                                             system->build);

      atlas_space_add_fact (space, N_ ("operating system"), os);
    }
  else
    atlas_space_add_fact (space,
                          N_ ("operating system"),
                          system->platform == ATLAS_MINIDUMP_PLATFORM_ANDROID ? "Android"
                                                                              : "Linux");
  atlas_space_add_fact (space, N_ ("processor"), cpu);
  add_count_fact (space, N_ ("logical processors"), system->n_cpus);
  if (file->has_process_id)
    {
      g_autofree char *process_id = g_strdup_printf ("%u", file->process_id);

      atlas_space_add_fact (space, N_ ("process ID"), process_id);
    }
  add_count_fact (space, N_ ("threads"), file->threads->len);
  add_count_fact (space, N_ ("modules"), file->modules->len);
  if (file->has_exception)
    add_exception_fact (self);
  atlas_space_add_fact (space, N_ ("memory ranges"), ranges);
  atlas_space_add_fact (space, N_ ("written"), written_text);
}

static void
set_subtitle (MinidumpSpace *self)
{
  const AtlasMinidumpSystem *system = &self->file->system;
  AtlasRegionSummary summary;
  g_autofree char *committed = NULL;
  g_autofree char *subtitle = NULL;

  atlas_region_set_summarize (
    self->regions, 0, atlas_region_set_get_user_end_va (self->regions) - 1u, &summary);
  committed = atlas_format_size (summary.committed_bytes);

  if (system->platform == ATLAS_MINIDUMP_PLATFORM_WINDOWS)
    {
      AtlasVa last_allocation_va = 0;
      guint n_allocations = 0;

      for (guint i = 0; i < self->file->regions->len; i++)
        {
          const AtlasRegion *row = &g_array_index (self->file->regions, AtlasRegion, i);

          if (row->state == ATLAS_STATE_FREE)
            continue;
          if (n_allocations == 0 || row->allocation_base_va != last_allocation_va)
            n_allocations++;
          last_allocation_va = row->allocation_base_va;
        }
      subtitle = g_strdup_printf (_ ("%s (%u) · %u allocations · %s committed"),
                                  get_windows_name (system),
                                  system->build,
                                  n_allocations,
                                  committed);
    }
  else
    subtitle = g_strdup_printf (_ ("Linux · %s mapped"), committed);
  if (self->file->has_exception)
    {
      g_autofree char *code = format_code (self->file);
      g_autofree char *without = g_steal_pointer (&subtitle);

      /* Translators: what is known of a dump, what ended it, a number */
      subtitle = g_strdup_printf (
        _ ("%s · %s in thread %u"), without, code, self->file->exception.thread_id);
    }

  atlas_space_set_subtitle (&self->space, subtitle);
}

static gboolean
read_regions (MinidumpSpace *self, const char *name, GError **error)
{
  const AtlasMinidumpFile *file = self->file;

  if (file->system.cpu_architecture != ATLAS_MINIDUMP_CPU_AMD64)
    {
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("%s: a minidump from processor architecture %u, expected %u (x64)"),
                   name,
                   file->system.cpu_architecture,
                   ATLAS_MINIDUMP_CPU_AMD64);
      return FALSE;
    }

  switch (file->system.platform)
    {
    case ATLAS_MINIDUMP_PLATFORM_WINDOWS:
      if (!file->has_regions)
        {
          g_set_error (
            error,
            ATLAS_ERROR,
            ATLAS_ERROR_UNSUPPORTED,
            _ ("%s: the minidump has no MemoryInfoList stream, so nothing tells what lies "
               "where; expected one written with MiniDumpWithFullMemoryInfo"),
            name);
          return FALSE;
        }
      self->regions = atlas_minidump_regions_build (file);
      return TRUE;
    case ATLAS_MINIDUMP_PLATFORM_LINUX:
    case ATLAS_MINIDUMP_PLATFORM_ANDROID:
      if (file->linux_maps == NULL)
        {
          g_set_error (
            error,
            ATLAS_ERROR,
            ATLAS_ERROR_UNSUPPORTED,
            _ ("%s: a Linux minidump without a LinuxMaps stream, so nothing tells what lies "
               "where"),
            name);
          return FALSE;
        }
      self->regions = atlas_linux_maps_read (file->linux_maps, name, error);
      return self->regions != NULL;
    default:
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("%s: a minidump from platform 0x%x, expected %u (Windows)"),
                   name,
                   file->system.platform,
                   ATLAS_MINIDUMP_PLATFORM_WINDOWS);
      return FALSE;
    }
}

AtlasSpace *
atlas_minidump_open (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (AtlasMinidumpFile) file = NULL;
  g_autoptr (AtlasSpace) space = NULL;
  MinidumpSpace *self;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  file = atlas_minidump_file_new (bytes, name, error);
  if (file == NULL)
    return NULL;

  self = g_new0 (MinidumpSpace, 1);
  space = &self->space;
  /* The first module is the program itself. */
  atlas_space_init (
    space,
    &minidump_space_ops,
    atlas_minidump_get_base_name (
      file->modules->len > 0 ? g_array_index (file->modules, AtlasMinidumpModule, 0).path : name));
  self->file = g_steal_pointer (&file);

  if (!read_regions (self, name, error))
    return NULL;
  add_facts (self);
  set_subtitle (self);
  return g_steal_pointer (&space);
}
