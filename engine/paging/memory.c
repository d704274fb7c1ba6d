/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "paging/memory-private.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

static void
memory_clear (AtlasMemory *memory)
{
  if (memory->ram != NULL)
    munmap (memory->ram, memory->ram_bytes);
  for (guint i = 0; i < memory->n_runs; i++)
    g_bytes_unref (memory->runs[i].bytes);
  g_free (memory->runs);
}

AtlasMemory *
atlas_memory_new_ram (guint64 size_bytes, GError **error)
{
  g_return_val_if_fail ((size_bytes & ATLAS_PAGE_MASK) == 0, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  void *ram = mmap (
    NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (ram == MAP_FAILED)
    {
      int saved_errno = errno;

      g_set_error (error,
                   G_IO_ERROR,
                   (gint) g_io_error_from_errno (saved_errno),
                   _ ("Cannot map %llu bytes for simulated RAM: %s"),
                   (unsigned long long) size_bytes,
                   g_strerror (saved_errno));
      return NULL;
    }
#ifdef MADV_NOHUGEPAGE
  /* Page tables lie scattered: a huge page for each would cost 512 times the memory. */
  madvise (ram, size_bytes, MADV_NOHUGEPAGE);
#endif

  AtlasMemory *memory = g_atomic_rc_box_new0 (AtlasMemory);
  memory->ram = ram;
  memory->ram_bytes = size_bytes;
  memory->size_bytes = size_bytes;
  return memory;
}

AtlasMemory *
atlas_memory_new_image (const AtlasMemoryRun *runs, guint n_runs)
{
  guint64 end_pa = 0;

  g_return_val_if_fail (runs != NULL || n_runs == 0, NULL);
  for (guint i = 0; i < n_runs; i++)
    {
      gsize run_bytes = g_bytes_get_size (runs[i].bytes);

      g_return_val_if_fail (runs[i].base_pa >= end_pa, NULL);
      g_return_val_if_fail (run_bytes <= G_MAXUINT64 - runs[i].base_pa, NULL);
      end_pa = runs[i].base_pa + run_bytes;
    }

  AtlasMemory *memory = g_atomic_rc_box_new0 (AtlasMemory);
  memory->runs = g_memdup2 (runs, n_runs * sizeof *runs);
  memory->n_runs = n_runs;
  memory->size_bytes = end_pa;
  for (guint i = 0; i < n_runs; i++)
    g_bytes_ref (runs[i].bytes);
  return memory;
}

AtlasMemory *
atlas_memory_ref (AtlasMemory *memory)
{
  g_return_val_if_fail (memory != NULL, NULL);

  return g_atomic_rc_box_acquire (memory);
}

void
atlas_memory_unref (AtlasMemory *memory)
{
  g_return_if_fail (memory != NULL);

  g_atomic_rc_box_release_full (memory, (GDestroyNotify) memory_clear);
}

guint64
atlas_memory_get_size (const AtlasMemory *memory)
{
  g_return_val_if_fail (memory != NULL, 0);

  return memory->size_bytes;
}

gboolean
atlas_memory_is_writable (const AtlasMemory *memory)
{
  g_return_val_if_fail (memory != NULL, FALSE);

  return memory->ram != NULL;
}

/* Index of the last run that begins at or below @pa; n_runs when there is none. */
static guint
find_run (const AtlasMemory *memory, AtlasPa pa)
{
  guint low = 0;
  guint high = memory->n_runs;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (memory->runs[middle].base_pa <= pa)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 ? low - 1 : memory->n_runs;
}

/* Where @pa stands in host memory, and how many bytes follow it in the same run; NULL in a hole. */
static const guint8 *
image_at (const AtlasMemory *memory, AtlasPa pa, guint64 *n_following)
{
  guint index = find_run (memory, pa);

  if (index == memory->n_runs)
    return NULL;

  gsize run_bytes;
  const guint8 *data = g_bytes_get_data (memory->runs[index].bytes, &run_bytes);
  guint64 offset = pa - memory->runs[index].base_pa;

  if (offset >= run_bytes)
    return NULL;
  *n_following = run_bytes - offset;
  return data + offset;
}

static gboolean
ram_holds (const AtlasMemory *memory, AtlasPa pa, gsize size_bytes)
{
  return size_bytes <= memory->ram_bytes && pa <= memory->ram_bytes - size_bytes;
}

gboolean
atlas_memory_read (const AtlasMemory *memory, AtlasPa pa, void *data, gsize size_bytes)
{
  g_return_val_if_fail (memory != NULL, FALSE);
  g_return_val_if_fail (data != NULL || size_bytes == 0, FALSE);

  if (memory->ram != NULL)
    {
      if (!ram_holds (memory, pa, size_bytes))
        return FALSE;
      memcpy (data, memory->ram + pa, size_bytes);
      return TRUE;
    }

  /* Adjacent runs count as one; the first round looks for holes, the second copies. */
  for (guint round = 0; round < 2; round++)
    {
      gsize n_done = 0;

      while (n_done < size_bytes)
        {
          guint64 n_following;
          const guint8 *from;

          if (n_done > G_MAXUINT64 - pa)
            return FALSE;
          from = image_at (memory, pa + n_done, &n_following);
          if (from == NULL)
            return FALSE;

          gsize n_bytes = (gsize) MIN (n_following, size_bytes - n_done);
          if (round == 1)
            memcpy ((guint8 *) data + n_done, from, n_bytes);
          n_done += n_bytes;
        }
    }
  return TRUE;
}

gboolean
atlas_memory_write (AtlasMemory *memory, AtlasPa pa, const void *data, gsize size_bytes)
{
  g_return_val_if_fail (memory != NULL, FALSE);
  g_return_val_if_fail (data != NULL || size_bytes == 0, FALSE);

  if (memory->ram == NULL || !ram_holds (memory, pa, size_bytes))
    return FALSE;
  memcpy (memory->ram + pa, data, size_bytes);
  return TRUE;
}

gboolean
atlas_memory_read_u64 (const AtlasMemory *memory, AtlasPa pa, guint64 *value)
{
  g_return_val_if_fail (memory != NULL && value != NULL, FALSE);
  g_return_val_if_fail (pa % sizeof *value == 0, FALSE);

  if (pa < memory->ram_bytes)
    memcpy (value, memory->ram + pa, sizeof *value);
  else if (!atlas_memory_read (memory, pa, value, sizeof *value))
    return FALSE;
  *value = GUINT64_FROM_LE (*value);
  return TRUE;
}

gboolean
atlas_memory_write_u64 (AtlasMemory *memory, AtlasPa pa, guint64 value)
{
  g_return_val_if_fail (memory != NULL, FALSE);
  g_return_val_if_fail (pa % sizeof value == 0, FALSE);

  /* Of an image ram_bytes is 0, and nothing of it can be written. */
  if (pa >= memory->ram_bytes)
    return FALSE;
  value = GUINT64_TO_LE (value);
  memcpy (memory->ram + pa, &value, sizeof value);
  return TRUE;
}

void
atlas_memory_prepare (AtlasMemory *memory, AtlasPa pa, gsize size_bytes)
{
  g_return_if_fail (memory != NULL && memory->ram != NULL);
  g_return_if_fail (ram_holds (memory, pa, size_bytes));

#ifdef MADV_POPULATE_WRITE
  madvise (memory->ram + pa, size_bytes, MADV_POPULATE_WRITE);
#endif
}

void
atlas_memory_zero_page (AtlasMemory *memory, AtlasPfn pfn)
{
  g_return_if_fail (memory != NULL && memory->ram != NULL);
  g_return_if_fail (pfn < memory->ram_bytes >> ATLAS_PAGE_SHIFT);

  guint8 *page = memory->ram + (pfn << ATLAS_PAGE_SHIFT);

  /* A private anonymous mapping reads as zeros after MADV_DONTNEED. Hosts with larger pages refuse
   * a part of one (EINVAL). */
  if (madvise (page, ATLAS_PAGE_BYTES, MADV_DONTNEED) != 0)
    memset (page, 0, ATLAS_PAGE_BYTES);
}

const guint8 *
atlas_memory_peek_table (const AtlasMemory *memory, AtlasPa table_pa)
{
  if (memory->ram != NULL)
    return ram_holds (memory, table_pa, ATLAS_PAGE_BYTES) ? memory->ram + table_pa : NULL;

  guint64 n_following;
  const guint8 *bytes = image_at (memory, table_pa, &n_following);

  return bytes != NULL && n_following >= ATLAS_PAGE_BYTES ? bytes : NULL;
}

gboolean
atlas_memory_find_range (const AtlasMemory *memory,
                         AtlasPa from_pa,
                         AtlasPa *base_pa,
                         guint64 *size_bytes)
{
  g_return_val_if_fail (memory != NULL && base_pa != NULL && size_bytes != NULL, FALSE);

  if (memory->ram != NULL)
    {
      *base_pa = from_pa;
      *size_bytes = memory->ram_bytes - MIN (from_pa, memory->ram_bytes);
      return *size_bytes > 0;
    }

  guint index = find_run (memory, from_pa);

  /* In front of all runs, in one, or in the hole behind it. */
  if (index == memory->n_runs)
    index = 0;
  for (; index < memory->n_runs; index++)
    {
      const AtlasMemoryRun *run = &memory->runs[index];
      AtlasPa end_pa = run->base_pa + g_bytes_get_size (run->bytes);

      if (end_pa <= from_pa)
        continue;
      *base_pa = MAX (run->base_pa, from_pa);
      *size_bytes = end_pa - *base_pa;
      return TRUE;
    }
  return FALSE;
}
