/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* Random touches, trims, ticks and calls on two processes that have far more pages than the machine
 * has frames. A plain array says what each page must hold, whatever its way through lists, paging
 * files and files; and after each round the books of the machine are added up anew. */

#include "windows-fixture.h"

#include "windows/fault.h"
#include "windows/frames-private.h"
#include "windows/offer.h"
#include "windows/pager-private.h"
#include "windows/section-private.h"
#include "windows/virtual-lock.h"
#include "windows/virtual.h"
#include "windows/working-set.h"

#include <string.h>

#define N_ROUNDS 12u
#define ROUND_COMMANDS 250u
#define FREE_FRAMES 260u
#define PRIVATE_PAGES 400u
#define SHARED_PAGES 64u
#define SECOND ((guint64) 10000000)

typedef enum
{
  AREA_PRIVATE,
  AREA_PAGE_FILE, /* a section without a file, seen by both processes */
  AREA_FILE,      /* a file, written through by the first process */
  AREA_COPY,      /* the same file, copied on write by the second */
  N_AREAS,
} AreaKind;

static const struct
{
  AtlasVa base_va;
  guint n_pages;
} areas[N_AREAS] = {
  { G_GUINT64_CONSTANT (0x50000000), PRIVATE_PAGES },
  { G_GUINT64_CONSTANT (0x51000000), SHARED_PAGES },
  { G_GUINT64_CONSTANT (0x52000000), SHARED_PAGES },
  { G_GUINT64_CONSTANT (0x53000000), SHARED_PAGES },
};

typedef struct
{
  AtlasSystem *system;
  AtlasProcess *processes[2];
  AtlasSection *sections[2];
  GArray *hogged; /* of AtlasPfn: frames that nobody else gets */
  /* What the first eight bytes of each page are. */
  guint64 values[N_AREAS][PRIVATE_PAGES];
  gboolean is_copied[SHARED_PAGES];
  gboolean is_offered[PRIVATE_PAGES];
} World;

static void
map_view (AtlasProcess *process, AtlasSection *section, AreaKind area, guint8 protection)
{
  guint64 first_vpn = areas[area].base_va >> ATLAS_PAGE_SHIFT;
  AtlasVad *vad =
    atlas_vad_tree_insert (&process->vads, first_vpn, first_vpn + areas[area].n_pages - 1u);

  vad->kind = ATLAS_VAD_MAPPED;
  vad->protection = protection;
  vad->section = section;
  section->n_views++;
}

static void
make_world (World *world)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasSubsection whole = { .n_pages = SHARED_PAGES, .protection = ATLAS_PROTECTION_READWRITE };
  AtlasVa base_va = areas[AREA_PRIVATE].base_va;
  guint64 n_bytes = PRIVATE_PAGES * ATLAS_PAGE_BYTES;
  AtlasPfn pfn;

  memset (world, 0, sizeof *world);
  options.memory_bytes = ATLAS_MB (64);
  world->system = atlas_system_new (&options, NULL);
  g_assert_cmphex (atlas_system_add_page_file (world->system, ATLAS_MB (16), ATLAS_MB (16)), ==, 0);
  for (guint i = 0; i < 2; i++)
    world->processes[i] = make_process (world->system, TRUE);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (world->processes[0],
                                                     &base_va,
                                                     0,
                                                     &n_bytes,
                                                     ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
                                                     ATLAS_PAGE_READWRITE),
                   ==,
                   0);

  world->sections[0] = atlas_section_new (ATLAS_SECTION_PAGE_FILE, "anonymous", &whole, 1, NULL, 1);
  whole.fill = ATLAS_FILL_DATA;
  world->sections[1] = atlas_section_new (ATLAS_SECTION_FILE, "a.dat", &whole, 1, NULL, 2);
  for (guint i = 0; i < 2; i++)
    atlas_system_keep_section (world->system, world->sections[i]);
  for (guint i = 0; i < 2; i++)
    map_view (world->processes[i], world->sections[0], AREA_PAGE_FILE, ATLAS_PROTECTION_READWRITE);
  map_view (world->processes[0], world->sections[1], AREA_FILE, ATLAS_PROTECTION_READWRITE);
  map_view (world->processes[1], world->sections[1], AREA_COPY, ATLAS_PROTECTION_WRITECOPY);
  for (guint page = 0; page < SHARED_PAGES; page++)
    {
      guint8 bytes[ATLAS_PAGE_BYTES];

      atlas_section_read_page (world->sections[1], page, bytes);
      memcpy (&world->values[AREA_FILE][page], bytes, sizeof (guint64));
    }

  world->hogged = g_array_new (FALSE, FALSE, sizeof (AtlasPfn));
  while (atlas_frames_count_available (world->system->frames) > FREE_FRAMES &&
         atlas_frames_take (world->system->frames, ATLAS_FRAME_USE_KERNEL, 0, &pfn))
    g_array_append_val (world->hogged, pfn);
}

static void
unmake_world (World *world)
{
  g_array_unref (world->hogged);
  atlas_system_free (world->system);
}

static AtlasProcess *
get_process (World *world, AreaKind area, guint drawn)
{
  if (area == AREA_PAGE_FILE)
    return world->processes[drawn & 1u];
  return world->processes[area == AREA_COPY ? 1 : 0];
}

/* A copied page has a life of its own, the others show the file. */
static guint64 *
get_value (World *world, AreaKind area, guint page)
{
  if (area == AREA_COPY && !world->is_copied[page])
    return &world->values[AREA_FILE][page];
  return &world->values[area][page];
}

static void
access_page (World *world, AreaKind area, guint page, gboolean is_write, guint64 drawn)
{
  AtlasProcess *process = get_process (world, area, (guint) (drawn >> 40));
  AtlasVa va = areas[area].base_va + page * ATLAS_PAGE_BYTES;
  AtlasException exception = { 0 };
  guint64 value = drawn;
  AtlasStatus status;

  status = atlas_process_access (process,
                                 va,
                                 is_write ? ATLAS_ACCESS_WRITE : ATLAS_ACCESS_READ,
                                 FALSE,
                                 &value,
                                 sizeof value,
                                 NULL,
                                 &exception);
  if (area == AREA_PRIVATE && world->is_offered[page])
    {
      g_assert_cmphex (status, ==, ATLAS_STATUS_ACCESS_VIOLATION);
      return;
    }
  g_assert_cmpstr (atlas_status_get_name (status), ==, "STATUS_SUCCESS");
  if (is_write && area == AREA_COPY)
    world->is_copied[page] = TRUE;
  if (is_write)
    *get_value (world, area, page) = drawn;
  else
    g_assert_cmphex (value, ==, *get_value (world, area, page));
}

/* Contents that were given up are what they were, or zeros: from here on what they are. */
static void
accept_loss (World *world, guint page)
{
  guint64 value = 0;

  g_assert_cmphex (atlas_process_access (world->processes[0],
                                         areas[AREA_PRIVATE].base_va + page * ATLAS_PAGE_BYTES,
                                         ATLAS_ACCESS_READ,
                                         FALSE,
                                         &value,
                                         sizeof value,
                                         NULL,
                                         NULL),
                   ==,
                   0);
  if (value != 0)
    g_assert_cmphex (value, ==, world->values[AREA_PRIVATE][page]);
  world->values[AREA_PRIVATE][page] = value;
}

static void
offer_or_reclaim (World *world, guint page, AtlasOfferPriority priority)
{
  AtlasVa va = areas[AREA_PRIVATE].base_va + page * ATLAS_PAGE_BYTES;
  AtlasStatus status;

  if (!world->is_offered[page])
    {
      g_assert_cmphex (
        atlas_offer_virtual_memory (world->processes[0], va, ATLAS_PAGE_BYTES, priority), ==, 0);
      world->is_offered[page] = atlas_process_is_offered_va (world->processes[0], va);
      return;
    }
  status = atlas_reclaim_virtual_memory (world->processes[0], va, ATLAS_PAGE_BYTES);
  world->is_offered[page] = FALSE;
  if (status == ATLAS_STATUS_SUCCESS)
    access_page (world, AREA_PRIVATE, page, FALSE, 0);
  else
    {
      g_assert_cmphex (status, ==, ATLAS_STATUS_DEVICE_BUSY);
      accept_loss (world, page);
    }
}

static void
protect_twice (World *world, guint page)
{
  AtlasVa va = areas[AREA_PRIVATE].base_va + page * ATLAS_PAGE_BYTES;
  guint64 n_bytes = ATLAS_PAGE_BYTES;
  guint32 old_protect;

  g_assert_cmphex (atlas_nt_protect_virtual_memory (
                     world->processes[0], &va, &n_bytes, ATLAS_PAGE_NOACCESS, &old_protect),
                   ==,
                   0);
  atlas_system_tick (world->system, SECOND);
  g_assert_cmphex (
    atlas_nt_protect_virtual_memory (world->processes[0], &va, &n_bytes, old_protect, &old_protect),
    ==,
    0);
  g_assert_cmphex (old_protect, ==, ATLAS_PAGE_NOACCESS);
}

static void
forget_and_commit (World *world, guint page)
{
  AtlasVa va = areas[AREA_PRIVATE].base_va + page * ATLAS_PAGE_BYTES;
  guint64 n_bytes = ATLAS_PAGE_BYTES;

  g_assert_cmphex (
    atlas_nt_free_virtual_memory (world->processes[0], &va, &n_bytes, ATLAS_MEM_DECOMMIT), ==, 0);
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     world->processes[0], &va, 0, &n_bytes, ATLAS_MEM_COMMIT, ATLAS_PAGE_READWRITE),
                   ==,
                   0);
  world->values[AREA_PRIVATE][page] = 0;
  world->is_offered[page] = FALSE;
}

static void
reset_page (World *world, guint page, gboolean is_undone)
{
  AtlasVa va = areas[AREA_PRIVATE].base_va + page * ATLAS_PAGE_BYTES;
  guint64 n_bytes = ATLAS_PAGE_BYTES;
  AtlasStatus status;

  if (world->is_offered[page])
    return;
  g_assert_cmphex (atlas_nt_allocate_virtual_memory (
                     world->processes[0], &va, 0, &n_bytes, ATLAS_MEM_RESET, ATLAS_PAGE_NOACCESS),
                   ==,
                   0);
  if (is_undone)
    {
      status = atlas_nt_allocate_virtual_memory (
        world->processes[0], &va, 0, &n_bytes, ATLAS_MEM_RESET_UNDO, ATLAS_PAGE_NOACCESS);
      if (status == ATLAS_STATUS_SUCCESS)
        {
          access_page (world, AREA_PRIVATE, page, FALSE, 0);
          return;
        }
      g_assert_cmphex (status, ==, ATLAS_STATUS_DEVICE_BUSY);
    }
  accept_loss (world, page);
  /* What is written from here on must not be lost. */
  access_page (world, AREA_PRIVATE, page, TRUE, 0x1234567890 + page);
}

static void
run_command (World *world, AtlasRandom *random)
{
  guint64 drawn = atlas_random_next (random) | 1u;
  AreaKind area = (AreaKind) (drawn >> 8 & 3u);
  guint page = (guint) (drawn >> 16 & 0xffffffu) % areas[area].n_pages;
  guint private_page = (guint) (drawn >> 16 & 0xffffffu) % PRIVATE_PAGES;
  AtlasVa va = areas[AREA_PRIVATE].base_va + private_page * ATLAS_PAGE_BYTES;

  switch (atlas_random_below (random, 40))
    {
    case 0:
      atlas_process_empty_working_set (world->processes[drawn >> 50 & 1u]);
      break;
    case 1:
      atlas_system_tick (world->system, drawn % (3 * SECOND));
      break;
    case 2:
      offer_or_reclaim (world, private_page, (AtlasOfferPriority) (1u + (drawn >> 50 & 3u)));
      break;
    case 3:
      protect_twice (world, private_page);
      break;
    case 4:
      forget_and_commit (world, private_page);
      break;
    case 5:
      reset_page (world, private_page, (drawn >> 50 & 1u) != 0);
      break;
    case 6:
      if (!world->is_offered[private_page])
        g_assert_cmphex (atlas_virtual_lock (world->processes[0], va, 1) & 0x7fffffffu,
                         !=,
                         ATLAS_STATUS_ACCESS_VIOLATION & 0x7fffffffu);
      break;
    case 7:
      atlas_virtual_unlock (world->processes[0], va, ATLAS_PAGE_BYTES);
      break;
    case 8:
      {
        const AtlasMemoryRange range = { va, 16 * ATLAS_PAGE_BYTES };
        const guint32 flags = 0;

        g_assert_cmphex (atlas_nt_set_information_virtual_memory (
                           world->processes[0], 0, 1, &range, &flags, sizeof flags, NULL),
                         ==,
                         0);
        break;
      }
    case 9:
      g_assert_cmphex (atlas_process_set_working_set (world->processes[1],
                                                      ATLAS_KB (80),
                                                      ATLAS_KB (160),
                                                      (drawn >> 50 & 1u) != 0
                                                        ? ATLAS_WORKING_SET_MAX_ENABLE
                                                        : ATLAS_WORKING_SET_MAX_DISABLE) &
                         0x7fffffffu,
                       !=,
                       ATLAS_STATUS_INVALID_PARAMETER & 0x7fffffffu);
      break;
    default:
      access_page (world, area, page, (drawn >> 51 & 1u) != 0, drawn);
      break;
    }
}

/* ---- The books ------------------------------------------------------------------------------- */

typedef struct
{
  guint *n_mappings; /* of each frame */
  guint64 n_slots;   /* named by entries that are not present */
  guint64 n_resident[2];
} Books;

static void
add_process (World *world, guint index, Books *books)
{
  AtlasProcess *process = world->processes[index];

  for (const AtlasVad *vad = atlas_vad_tree_get_first (&process->vads); vad != NULL;
       vad = atlas_vad_get_next (vad))
    {
      AtlasPteIter iter;

      atlas_pte_iter_init (&iter, process, vad->start_vpn, vad->end_vpn);
      while (atlas_pte_iter_next (&iter))
        {
          AtlasPfn pfn = atlas_pte_get_pfn (iter.pte);
          AtlasFrame frame;

          switch (atlas_pte_get_kind (iter.pte))
            {
            case ATLAS_PTE_KIND_HARDWARE:
              books->n_mappings[pfn]++;
              books->n_resident[index]++;
              break;
            case ATLAS_PTE_KIND_TRANSITION:
              atlas_frames_get (world->system->frames, pfn, &frame);
              g_assert_cmphex (frame.entry_pa, ==, iter.entry_pa);
              g_assert_true (frame.state == ATLAS_FRAME_STANDBY ||
                             frame.state == ATLAS_FRAME_MODIFIED);
              break;
            case ATLAS_PTE_KIND_PAGE_FILE:
              books->n_slots++;
              break;
            case ATLAS_PTE_KIND_ASK_VAD:
            case ATLAS_PTE_KIND_DEMAND_ZERO:
            case ATLAS_PTE_KIND_NOACCESS:
            case ATLAS_PTE_KIND_DECOMMITTED:
            case ATLAS_PTE_KIND_PROTOTYPE:
            case ATLAS_PTE_KIND_VAD_PROTOTYPE:
            case ATLAS_PTE_KIND_UNKNOWN:
            case ATLAS_N_PTE_KINDS:
              break;
            }
        }
    }
  g_assert_cmpuint (process->n_resident_pages, ==, books->n_resident[index]);
}

/* Every frame but an active one stands on the one list of its state. */
static void
check_lists (AtlasFrames *frames)
{
  guint64 n_listed = atlas_frames_count (frames, ATLAS_FRAME_ACTIVE);

  for (AtlasFrameList list = 0; list < ATLAS_N_FRAME_LISTS; list++)
    {
      AtlasFrameIter iter;
      AtlasPfn pfn;

      atlas_frame_iter_init (&iter, frames, list);
      while (atlas_frame_iter_next (&iter, &pfn))
        {
          AtlasFrame frame;

          atlas_frames_get (frames, pfn, &frame);
          g_assert_cmpuint (frame.state, !=, ATLAS_FRAME_ACTIVE);
          g_assert_cmpuint (frame.share_count, ==, 0);
          n_listed++;
        }
    }
  g_assert_cmpuint (n_listed, ==, atlas_frames_get_n_frames (frames));
}

static void
check_books (World *world)
{
  AtlasFrames *frames = world->system->frames;
  guint64 n_frames = atlas_frames_get_n_frames (frames);
  g_autofree guint *n_mappings = g_new0 (guint, n_frames);
  Books books = { .n_mappings = n_mappings };
  AtlasCommit commit;
  guint64 n_charged = 0;

  check_lists (frames);
  for (guint i = 0; i < 2; i++)
    {
      add_process (world, i, &books);
      n_charged += world->processes[i]->commit_pages + world->processes[i]->n_tables;
    }
  atlas_system_get_commit (world->system, &commit);
  g_assert_cmpuint (commit.n_charged, ==, n_charged);

  for (guint64 page = 0; page < SHARED_PAGES; page++)
    books.n_slots += atlas_pte_get_kind (atlas_section_get_prototype (world->sections[0], page)) ==
                     ATLAS_PTE_KIND_PAGE_FILE;
  for (AtlasPfn pfn = 0; pfn < n_frames; pfn++)
    {
      AtlasFrame frame;

      atlas_frames_get (frames, pfn, &frame);
      if (frame.use == ATLAS_FRAME_USE_PRIVATE || frame.use == ATLAS_FRAME_USE_SECTION)
        g_assert_cmpuint (frame.share_count, ==, n_mappings[pfn]);
      if (atlas_pte_get_kind (frame.original_pte) == ATLAS_PTE_KIND_PAGE_FILE)
        {
          books.n_slots++;
          g_assert_false (frame.is_modified);
        }
      g_assert_true (!frame.is_modified || frame.state != ATLAS_FRAME_STANDBY);
      g_assert_true (frame.is_modified || frame.state != ATLAS_FRAME_MODIFIED);
    }
  g_assert_cmpuint (
    atlas_page_file_get_n_used (atlas_system_get_page_file (world->system, 0)), ==, books.n_slots);
}

static void
test_contents_survive_any_traffic (gconstpointer data)
{
  AtlasRandom random = atlas_random_seed (GPOINTER_TO_SIZE (data));
  g_autofree World *world = g_new (World, 1);
  const AtlasFrameCounters *counters;
  guint64 n_repurposed = 0;

  make_world (world);
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (guint i = 0; i < ROUND_COMMANDS; i++)
        run_command (world, &random);
      check_books (world);
    }
  for (AreaKind area = 0; area < N_AREAS; area++)
    {
      for (guint page = 0; page < areas[area].n_pages; page++)
        access_page (world, area, page, FALSE, (guint64) page << 40);
    }
  check_books (world);

  /* The machine was short indeed. */
  counters = atlas_frames_get_counters (world->system->frames);
  for (guint i = 0; i < ATLAS_FRAME_PRIORITIES; i++)
    n_repurposed += counters->n_repurposed[i];
  g_assert_cmpuint (n_repurposed, >, 500);
  g_assert_cmpuint (atlas_process_get_fault_counts (world->processes[0])->n_hard, >, 100);
  unmake_world (world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize seed = 1; seed <= 4; seed++)
    {
      g_autofree char *path = g_strdup_printf ("/paging-model/contents/%" G_GSIZE_FORMAT, seed);

      g_test_add_data_func (path, GSIZE_TO_POINTER (seed), test_contents_survive_any_traffic);
    }
  return g_test_run ();
}
