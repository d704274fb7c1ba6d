/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Whatever bytes come: an image whose pages tell truly what they depend on, and which a process can
 * have, or none and a reason, and no trace of it. */

#include "fuzz/fuzz.h"

#include <string.h>

#include "engine/model-invariants.h"
#include "engine/windows-fixture.h"
#include "windows/fault.h"
#include "windows/pe-certificates.h"
#include "windows/pe-guard.h"
#include "windows/state-hash-private.h"
#include "windows/view.h"

/* An image may be 2 GB of zeros. */
#define MAX_PAGES 64u

/* The loader's work in an x64 process and an ARM64 one, twice each, and its end. */
static void
check_views (GBytes *bytes, const AtlasPe *pe)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasFile *file = atlas_file_new (system, "fuzz.dll", bytes, FALSE);
  guint64 n_pages = pe != NULL ? MIN (atlas_pe_get_n_pages (pe), MAX_PAGES) : 0;

  for (guint i = 0; i < 2; i++)
    {
      AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
      AtlasProcess *process;

      options.is_bare = TRUE;
      options.machine = i == 0 ? ATLAS_MACHINE_AMD64 : ATLAS_MACHINE_ARM64;
      process = atlas_process_new (system, &options, NULL);
      for (guint view = 0; view < 2; view++)
        {
          guint64 state = atlas_system_hash_state (system);
          AtlasVa va = 0;
          AtlasStatus status = atlas_process_load_image (process, file, &va);

          g_assert_true (pe != NULL || !atlas_status_is_success (status));
          if (!atlas_status_is_success (status))
            g_assert_cmphex (atlas_system_hash_state (system), ==, state);
          for (guint64 page = 0; atlas_status_is_success (status) && page < n_pages; page++)
            atlas_process_access (process,
                                  va + page * 4096u,
                                  page % 2 == 0 ? ATLAS_ACCESS_WRITE : ATLAS_ACCESS_READ,
                                  FALSE,
                                  NULL,
                                  1,
                                  NULL,
                                  NULL);
        }
      atlas_process_terminate (process);
    }
}

/* As a program: its process is whole, or there is none and no trace. */
static void
check_start (GBytes *bytes, gboolean is_bare)
{
  g_autoptr (AtlasSystem) system = make_system ();
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  AtlasStatus status = ATLAS_STATUS_SUCCESS;
  AtlasProcess *process;
  guint64 state;

  options.image_file = atlas_file_new (system, "fuzz.exe", bytes, FALSE);
  options.is_bare = is_bare;
  state = atlas_system_hash_state (system);
  process = atlas_process_new (system, &options, &status);
  g_assert_true ((process != NULL) == atlas_status_is_success (status));
  if (process == NULL)
    g_assert_cmphex (atlas_system_hash_state (system), ==, state);
  g_assert_cmpstr (find_broken_invariant (system), ==, NULL);
}

/* What a file says of itself lies in it, however it lies. */
static void
check_marks (const AtlasPe *pe, gsize n_file_bytes)
{
  g_autoptr (GArray) certificates = atlas_pe_list_certificates (pe, NULL);
  g_autofree char *text = atlas_pe_certificates_format (pe);

  for (guint i = 0; i < certificates->len; i++)
    {
      const AtlasPeCertificate *certificate = &g_array_index (certificates, AtlasPeCertificate, i);

      g_assert_cmpuint (certificate->file_offset + certificate->size_bytes, <=, n_file_bytes);
    }
  for (guint face = 0; face < 2; face++)
    {
      AtlasPeGuard guard;
      g_autofree char *marks = NULL;

      atlas_pe_get_guard (pe, face == 1, &guard);
      marks = atlas_pe_guard_format (&guard);
      if (guard.has_table)
        g_assert_cmpuint (
          guard.table_rva + (guint64) guard.n_functions * guard.entry_bytes, <=, pe->image_bytes);
      for (guint64 rva = 0; rva < MIN (pe->image_bytes, 0x4000u); rva += 0x123)
        g_assert_nonnull (
          atlas_call_target_get_text (atlas_pe_find_call_target (pe, face == 1, &guard, rva)));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (AtlasPe) pe = NULL;
  const char *reason = NULL;
  AtlasStatus status = atlas_pe_new (bytes, &pe, &reason);
  guint64 n_pages;

  check_views (bytes, pe);
  check_start (bytes, TRUE);
  check_start (bytes, FALSE);
  if (pe == NULL)
    {
      g_assert_false (atlas_status_is_success (status));
      g_assert_nonnull (reason);
      g_assert_false (g_str_has_prefix (atlas_status_get_name (status), "STATUS_0x"));
      return 0;
    }
  g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
  check_marks (pe, size);
  n_pages = atlas_pe_get_n_pages (pe);
  g_assert_cmpuint (n_pages * 4096u, ==, pe->image_bytes);
  for (guint i = 0; i < pe->n_sections; i++)
    g_assert_cmpuint (
      (guint64) pe->sections[i].rva + pe->sections[i].size_bytes, <=, pe->image_bytes);
  for (guint64 page = 0; page < MIN (n_pages, MAX_PAGES); page++)
    {
      guint8 pages[2][2][4096]; /* base, face */

      for (guint base = 0; base < 2; base++)
        {
          for (guint face = 0; face < 2; face++)
            atlas_pe_read_page (
              pe, page, pe->preferred_va + base * 0x12340000u, face == 1, pages[base][face]);
        }
      for (guint i = 0; i < 2; i++)
        {
          if (!atlas_pe_depends_on_base (pe, page, i == 1))
            g_assert_cmpmem (pages[0][i], 4096, pages[1][i], 4096);
          if (!atlas_pe_depends_on_face (pe, page))
            g_assert_cmpmem (pages[i][0], 4096, pages[i][1], 4096);
        }
    }
  return 0;
}
