/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/virtual-copy.h"

#include "windows/fault.h"
#include "windows/machine-private.h"
#include "windows/virtual.h"

#define PIECE_BYTES ATLAS_KB (64)

static AtlasStatus
check (const AtlasProcess *process, AtlasVa va, guint64 n_bytes)
{
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if (n_bytes > 0 && (va > process->max_va || n_bytes - 1u > process->max_va - va))
    return ATLAS_STATUS_ACCESS_VIOLATION;
  return ATLAS_STATUS_SUCCESS;
}

static gboolean
move (AtlasProcess *process,
      AtlasVa va,
      AtlasAccess access,
      void *bytes,
      gsize n_bytes,
      AtlasTrace *trace)
{
  return atlas_process_access (process, va, access, FALSE, bytes, n_bytes, trace, NULL) ==
         ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_copy_virtual_memory (AtlasProcess *from,
                           AtlasVa from_va,
                           AtlasProcess *to,
                           AtlasVa to_va,
                           guint64 n_bytes,
                           guint64 *n_copied,
                           AtlasTrace *trace)
{
  g_autofree guint8 *piece = g_malloc (PIECE_BYTES);
  AtlasStatus status = check (from, from_va, n_bytes);
  guint64 n_done = 0;

  if (status == ATLAS_STATUS_SUCCESS)
    status = check (to, to_va, n_bytes);
  while (status == ATLAS_STATUS_SUCCESS && n_done < n_bytes)
    {
      gsize n_piece = MIN (n_bytes - n_done, PIECE_BYTES);

      if (!move (from, from_va + n_done, ATLAS_ACCESS_READ, piece, n_piece, trace) ||
          !move (to, to_va + n_done, ATLAS_ACCESS_WRITE, piece, n_piece, trace))
        status = ATLAS_STATUS_PARTIAL_COPY;
      else
        n_done += n_piece;
    }
  if (n_copied != NULL)
    *n_copied = n_done;
  return status;
}

static AtlasStatus
transfer (AtlasProcess *process,
          AtlasVa va,
          AtlasAccess access,
          guint8 *bytes,
          guint64 n_bytes,
          guint64 *n_copied,
          AtlasTrace *trace)
{
  AtlasStatus status = check (process, va, n_bytes);
  guint64 n_done = 0;

  if (status == ATLAS_STATUS_SUCCESS && n_bytes > 0 && bytes == NULL)
    status = ATLAS_STATUS_ACCESS_VIOLATION;
  while (status == ATLAS_STATUS_SUCCESS && n_done < n_bytes)
    {
      gsize n_piece = MIN (n_bytes - n_done, PIECE_BYTES);

      if (!move (process, va + n_done, access, bytes + n_done, n_piece, trace))
        status = ATLAS_STATUS_PARTIAL_COPY;
      else
        n_done += n_piece;
    }
  if (n_copied != NULL)
    *n_copied = n_done;
  return status;
}

AtlasStatus
atlas_nt_read_virtual_memory (AtlasProcess *process,
                              AtlasVa va,
                              void *bytes,
                              guint64 n_bytes,
                              guint64 *n_copied,
                              AtlasTrace *trace)
{
  return transfer (process, va, ATLAS_ACCESS_READ, bytes, n_bytes, n_copied, trace);
}

AtlasStatus
atlas_nt_write_virtual_memory (AtlasProcess *process,
                               AtlasVa va,
                               const void *bytes,
                               guint64 n_bytes,
                               guint64 *n_copied,
                               AtlasTrace *trace)
{
  return transfer (process, va, ATLAS_ACCESS_WRITE, (guint8 *) bytes, n_bytes, n_copied, trace);
}

/* Only the region at the start decides, as kernel32 looks at no other. */
AtlasStatus
atlas_write_process_memory (AtlasProcess *process,
                            AtlasVa va,
                            const void *bytes,
                            guint64 n_bytes,
                            guint64 *n_copied,
                            AtlasTrace *trace)
{
  AtlasRegion region;
  AtlasVa page_va = va;
  guint64 n_page_bytes = n_bytes;
  guint32 old_protect;
  AtlasStatus status;

  if (n_bytes == 0 ||
      atlas_nt_query_virtual_memory (process, va, &region) != ATLAS_STATUS_SUCCESS ||
      region.state != ATLAS_STATE_COMMIT)
    return atlas_nt_write_virtual_memory (process, va, bytes, n_bytes, n_copied, trace);
  if ((region.protect & (ATLAS_PAGE_NOACCESS | ATLAS_PAGE_READONLY)) != 0)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if ((region.protect & (ATLAS_PAGE_EXECUTE | ATLAS_PAGE_EXECUTE_READ)) == 0 ||
      atlas_nt_protect_virtual_memory (
        process, &page_va, &n_page_bytes, ATLAS_PAGE_EXECUTE_READWRITE, &old_protect) !=
        ATLAS_STATUS_SUCCESS)
    return atlas_nt_write_virtual_memory (process, va, bytes, n_bytes, n_copied, trace);

  status = atlas_nt_write_virtual_memory (process, va, bytes, n_bytes, n_copied, trace);
  atlas_nt_protect_virtual_memory (process, &page_va, &n_page_bytes, old_protect, &old_protect);
  return status;
}
