/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Preloaded into a program: keeps the bytes that it has allocated and not freed, one 64-bit number
 * in the file that ATLAS_LIVE_BYTES names. The size of a process tells less: an allocator, a
 * sanitizer's above all, gives little back of what came and went.
 *
 * Started with MALLOC_ARENA_MAX=1: glibc's figures are those of the first arena. */

#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PERIOD_US 200000

typedef size_t (*CountFunc) (void);

static size_t
count_with_glibc (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

static void *
watch (void *live_bytes)
{
  /* Whose allocator it is: compiler-rt's sanitizer_common/sanitizer_allocator_interface.h. */
  CountFunc count = (CountFunc) dlsym (RTLD_DEFAULT, "__sanitizer_get_current_allocated_bytes");

  if (count == NULL)
    count = count_with_glibc;
  for (;; usleep (PERIOD_US))
    __atomic_store_n ((uint64_t *) live_bytes, count (), __ATOMIC_RELAXED);
  return NULL;
}

__attribute__ ((constructor)) static void
start (void)
{
  const char *path = getenv ("ATLAS_LIVE_BYTES");
  int file = path != NULL ? open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
  void *live_bytes = MAP_FAILED;
  pthread_t thread;

  if (file >= 0 && ftruncate (file, sizeof (uint64_t)) == 0)
    live_bytes = mmap (NULL, sizeof (uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (file >= 0)
    close (file);
  /* What the program starts is not measured with it. */
  unsetenv ("LD_PRELOAD");
  if (live_bytes != MAP_FAILED && pthread_create (&thread, NULL, watch, live_bytes) == 0)
    pthread_detach (thread);
}
