/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A row of what the memory calls answer, as a script: calls with what they must answer, from an
 * empty process on. The steps, the words to write them with, and what runs them. */

#include "windows-fixture.h"

#include "windows/fault.h"
#include "windows/state-hash-private.h"
#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define KERNEL G_GUINT64_CONSTANT (0xFFFF800000000000)
#define USER_END G_GUINT64_CONSTANT (0x7FFFFFFF0000)
#define SHARED_DATA G_GUINT64_CONSTANT (0x7FFE0000)
/* LAST + n: n bytes behind the base of the last successful allocation. */
#define LAST ATLAS_BIT (62)
#define ANY G_MAXUINT64
#define ALL_BITS G_MAXUINT32

#define COMMIT ATLAS_MEM_COMMIT
#define RESERVE ATLAS_MEM_RESERVE
#define BOTH (ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT)
#define DECOMMIT ATLAS_MEM_DECOMMIT
#define RELEASE ATLAS_MEM_RELEASE
#define RESET ATLAS_MEM_RESET
#define TOP_DOWN ATLAS_MEM_TOP_DOWN
#define PHYSICAL ATLAS_MEM_PHYSICAL
#define WRITE_WATCH ATLAS_MEM_WRITE_WATCH
#define LARGE ATLAS_MEM_LARGE_PAGES
#define HOLD (ATLAS_MEM_RESERVE | ATLAS_MEM_RESERVE_PLACEHOLDER)
#define REPLACE ATLAS_MEM_REPLACE_PLACEHOLDER
#define PRESERVE (ATLAS_MEM_RELEASE | ATLAS_MEM_PRESERVE_PLACEHOLDER)
#define COALESCE (ATLAS_MEM_RELEASE | ATLAS_MEM_COALESCE_PLACEHOLDERS)
#define ROUND_TO_PAGE 0x40000000u

#define NONE ATLAS_PAGE_NOACCESS
#define RO ATLAS_PAGE_READONLY
#define RW ATLAS_PAGE_READWRITE
#define X ATLAS_PAGE_EXECUTE
#define RX ATLAS_PAGE_EXECUTE_READ
#define RWX ATLAS_PAGE_EXECUTE_READWRITE
#define GUARD ATLAS_PAGE_GUARD
#define NOCACHE ATLAS_PAGE_NOCACHE
#define WRITECOMBINE ATLAS_PAGE_WRITECOMBINE

#define S(name) ATLAS_STATUS_##name
#define OK S (SUCCESS)

typedef enum
{
  STEP_END,
  STEP_ALLOCATE,
  STEP_ALLOCATE_EX,
  STEP_FREE,
  STEP_WIN32_FREE,
  STEP_PROTECT,
  STEP_PROTECT_WITHOUT_OLD,
  STEP_QUERY,
  STEP_QUERY_FAILS,
  STEP_READ,
  STEP_WRITE,
  STEP_EXECUTE,
  STEP_CHARGE,
} StepKind;

typedef struct
{
  StepKind kind;
  AtlasVa va;
  guint64 size_bytes;
  guint32 flags;
  guint32 protect;

  AtlasStatus status;
  guint32 win32_error; /* not 0: any status that becomes this will do */
  AtlasVa out_va;      /* ANY: not looked at */
  guint64 out_size_bytes;
  guint32 old_protect;
  AtlasVa allocation_va;
  guint32 state;
  guint32 allocation_protect;
  guint8 value;
  guint8 other_value;
} Step;

typedef struct
{
  const char *name;
  const char *after; /* a row whose steps go first */
  Step steps[16];
} Row;

/* Calls. GIVES tells what a successful one rewrites its arguments to; FAILS, its status; the
 * arguments are then left alone. */
#define ALLOC(a, n, t, p)                                                                          \
  {                                                                                                \
    .kind = STEP_ALLOCATE, .va = (a), .size_bytes = (n), .flags = (t), .protect = (p),             \
    .out_va = ANY, .out_size_bytes = ANY                                                           \
  }
#define ALLOC_GIVES(a, n, t, p, oa, on)                                                            \
  {                                                                                                \
    .kind = STEP_ALLOCATE, .va = (a), .size_bytes = (n), .flags = (t), .protect = (p),             \
    .out_va = (oa), .out_size_bytes = (on)                                                         \
  }
#define ALLOC_FAILS(a, n, t, p, s)                                                                 \
  {                                                                                                \
    .kind = STEP_ALLOCATE, .va = (a), .size_bytes = (n), .flags = (t), .protect = (p),             \
    .status = (s)                                                                                  \
  }
#define ALLOC_WIN32(a, n, t, p, e)                                                                 \
  {                                                                                                \
    .kind = STEP_ALLOCATE, .va = (a), .size_bytes = (n), .flags = (t), .protect = (p),             \
    .win32_error = (e)                                                                             \
  }
#define ALLOC_EX(a, n, t, p)                                                                       \
  {                                                                                                \
    .kind = STEP_ALLOCATE_EX, .va = (a), .size_bytes = (n), .flags = (t), .protect = (p),          \
    .out_va = ANY, .out_size_bytes = ANY                                                           \
  }
#define ALLOC_EX_FAILS(a, n, t, p, s)                                                              \
  {                                                                                                \
    .kind = STEP_ALLOCATE_EX, .va = (a), .size_bytes = (n), .flags = (t), .protect = (p),          \
    .status = (s)                                                                                  \
  }
#define FREE_GIVES(a, n, t, oa, on)                                                                \
  {                                                                                                \
    .kind = STEP_FREE, .va = (a), .size_bytes = (n), .flags = (t), .out_va = (oa),                 \
    .out_size_bytes = (on)                                                                         \
  }
#define FREE_FAILS(a, n, t, s)                                                                     \
  {                                                                                                \
    .kind = STEP_FREE, .va = (a), .size_bytes = (n), .flags = (t), .status = (s)                   \
  }
#define WIN32_FREE(a, n, t, e)                                                                     \
  {                                                                                                \
    .kind = STEP_WIN32_FREE, .va = (a), .size_bytes = (n), .flags = (t), .win32_error = (e)        \
  }
#define PROTECT(a, n, p, old)                                                                      \
  {                                                                                                \
    .kind = STEP_PROTECT, .va = (a), .size_bytes = (n), .protect = (p), .out_va = ANY,             \
    .out_size_bytes = ANY, .old_protect = (old)                                                    \
  }
#define PROTECT_GIVES(a, n, p, old, oa, on)                                                        \
  {                                                                                                \
    .kind = STEP_PROTECT, .va = (a), .size_bytes = (n), .protect = (p), .out_va = (oa),            \
    .out_size_bytes = (on), .old_protect = (old)                                                   \
  }
#define PROTECT_WIN32(a, n, p, e)                                                                  \
  {                                                                                                \
    .kind = STEP_PROTECT, .va = (a), .size_bytes = (n), .protect = (p), .win32_error = (e)         \
  }

/* What a query must answer; the region starts at the page of the address. */
#define IS_COMMIT(a, base, n, p, ap)                                                               \
  {                                                                                                \
    .kind = STEP_QUERY, .va = (a), .allocation_va = (base), .out_size_bytes = (n),                 \
    .state = ATLAS_STATE_COMMIT, .protect = (p), .allocation_protect = (ap)                        \
  }
#define IS_RESERVE(a, base, n, ap)                                                                 \
  {                                                                                                \
    .kind = STEP_QUERY, .va = (a), .allocation_va = (base), .out_size_bytes = (n),                 \
    .state = ATLAS_STATE_RESERVE, .allocation_protect = (ap)                                       \
  }
#define IS_FREE(a, n)                                                                              \
  {                                                                                                \
    .kind = STEP_QUERY, .va = (a), .out_size_bytes = (n), .state = ATLAS_STATE_FREE,               \
    .protect = NONE                                                                                \
  }
#define QUERY_FAILS(a, s)                                                                          \
  {                                                                                                \
    .kind = STEP_QUERY_FAILS, .va = (a), .status = (s)                                             \
  }

/* One byte. A write stores 0x5A. */
#define READ(a, s)                                                                                 \
  {                                                                                                \
    .kind = STEP_READ, .va = (a), .status = (s), .other_value = 0x5A                               \
  }
#define READS(a, v)                                                                                \
  {                                                                                                \
    .kind = STEP_READ, .va = (a), .value = (v), .other_value = (v)                                 \
  }
#define WRITE(a, s)                                                                                \
  {                                                                                                \
    .kind = STEP_WRITE, .va = (a), .status = (s)                                                   \
  }
#define EXECUTE(a, s)                                                                              \
  {                                                                                                \
    .kind = STEP_EXECUTE, .va = (a), .status = (s)                                                 \
  }
/* Pages charged since the row began. */
#define CHARGE(n)                                                                                  \
  {                                                                                                \
    .kind = STEP_CHARGE, .size_bytes = (n)                                                         \
  }

typedef struct
{
  AtlasProcess *process;
  AtlasVa last_va;
  guint64 first_charge_pages;
} Run;

static AtlasVa
resolve (const Run *run, AtlasVa va)
{
  return va != ANY && (va >> 62) == 1 ? run->last_va + (va - LAST) : va;
}

static void
check_status (const Step *step, AtlasStatus status)
{
  if (step->win32_error != 0)
    g_assert_cmpuint (atlas_status_to_win32 (status), ==, step->win32_error);
  else
    g_assert_cmpstr (atlas_status_get_name (status), ==, atlas_status_get_name (step->status));
}

/* A call that fails leaves its arguments alone. */
static void
check_outputs (const Run *run,
               const Step *step,
               AtlasStatus status,
               AtlasVa out_va,
               guint64 out_size_bytes)
{
  AtlasVa expected_va = resolve (run, step->va);
  guint64 expected_size_bytes = step->size_bytes;

  if (atlas_status_is_success (status))
    {
      expected_va = step->out_va == ANY ? out_va : resolve (run, step->out_va);
      expected_size_bytes = step->out_size_bytes == ANY ? out_size_bytes : step->out_size_bytes;
    }
  g_assert_cmphex (out_va, ==, expected_va);
  g_assert_cmphex (out_size_bytes, ==, expected_size_bytes);
}

static void
run_access (const Run *run, const Step *step, AtlasAccess access)
{
  static const guint64 first_parameters[] = {
    [ATLAS_ACCESS_READ] = 0,
    [ATLAS_ACCESS_WRITE] = 1,
    [ATLAS_ACCESS_EXECUTE] = 8,
  };
  AtlasVa va = resolve (run, step->va);
  guint8 byte = access == ATLAS_ACCESS_WRITE ? 0x5A : 0xEE;
  AtlasException exception = { 0 };
  AtlasStatus status =
    atlas_process_access (run->process, va, access, FALSE, &byte, 1, NULL, &exception);

  check_status (step, status);
  if (status != ATLAS_STATUS_SUCCESS)
    {
      g_assert_cmphex (exception.code, ==, status);
      g_assert_cmpuint (exception.n_parameters, ==, 2);
      g_assert_cmphex (exception.parameters[0], ==, first_parameters[access]);
      g_assert_cmphex (exception.parameters[1], ==, va);
    }
  else if (access == ATLAS_ACCESS_READ && va != SHARED_DATA)
    {
      g_assert_true (byte == step->value || byte == step->other_value);
    }
}

static void
run_query (const Run *run, const Step *step)
{
  AtlasVa va = resolve (run, step->va);
  AtlasRegion region = { 0 };

  g_assert_cmphex (atlas_nt_query_virtual_memory (run->process, va, &region), ==, OK);
  g_assert_cmphex (region.base_va, ==, atlas_page_floor (va));
  g_assert_cmphex (region.state, ==, step->state);
  g_assert_cmphex (region.protect, ==, step->protect);
  g_assert_cmphex (region.allocation_protect, ==, step->allocation_protect);
  g_assert_cmphex (region.allocation_base_va, ==, resolve (run, step->allocation_va));
  g_assert_cmphex (
    region.type, ==, step->state == ATLAS_STATE_FREE ? ATLAS_TYPE_NONE : ATLAS_TYPE_PRIVATE);
  if (step->out_size_bytes != ANY)
    g_assert_cmphex (region.size_bytes, ==, step->out_size_bytes);
}

static void
run_call (Run *run, const Step *step)
{
  AtlasVa va = resolve (run, step->va);
  guint64 size_bytes = step->size_bytes;
  guint32 old_protect = 0xABCD;
  AtlasRegion region;
  AtlasStatus status;

  switch (step->kind)
    {
    case STEP_END:
      break;
    case STEP_ALLOCATE:
      status = atlas_nt_allocate_virtual_memory (
        run->process, &va, 0, &size_bytes, step->flags, step->protect);
      check_status (step, status);
      check_outputs (run, step, status, va, size_bytes);
      if (status == ATLAS_STATUS_SUCCESS)
        run->last_va = va;
      break;
    case STEP_ALLOCATE_EX:
      status = atlas_nt_allocate_virtual_memory_ex (
        run->process, &va, &size_bytes, step->flags, step->protect, NULL, 0);
      check_status (step, status);
      check_outputs (run, step, status, va, size_bytes);
      if (status == ATLAS_STATUS_SUCCESS)
        run->last_va = va;
      break;
    case STEP_FREE:
      status = atlas_nt_free_virtual_memory (run->process, &va, &size_bytes, step->flags);
      check_status (step, status);
      check_outputs (run, step, status, va, size_bytes);
      break;
    case STEP_WIN32_FREE:
      status = atlas_virtual_free (run->process, va, size_bytes, step->flags);
      check_status (step, status);
      break;
    case STEP_PROTECT:
      status = atlas_nt_protect_virtual_memory (
        run->process, &va, &size_bytes, step->protect, &old_protect);
      check_status (step, status);
      check_outputs (run, step, status, va, size_bytes);
      if (status == ATLAS_STATUS_SUCCESS)
        g_assert_cmphex (old_protect, ==, step->old_protect);
      break;
    case STEP_PROTECT_WITHOUT_OLD:
      g_assert_cmphex (
        atlas_nt_protect_virtual_memory (run->process, &va, &size_bytes, step->protect, NULL),
        ==,
        ATLAS_STATUS_ACCESS_VIOLATION);
      break;
    case STEP_QUERY:
      run_query (run, step);
      break;
    case STEP_QUERY_FAILS:
      check_status (step, atlas_nt_query_virtual_memory (run->process, va, &region));
      break;
    case STEP_READ:
      run_access (run, step, ATLAS_ACCESS_READ);
      break;
    case STEP_WRITE:
      run_access (run, step, ATLAS_ACCESS_WRITE);
      break;
    case STEP_EXECUTE:
      run_access (run, step, ATLAS_ACCESS_EXECUTE);
      break;
    case STEP_CHARGE:
      g_assert_cmpuint (
        atlas_process_get_commit_pages (run->process) - run->first_charge_pages, ==, size_bytes);
      break;
    }
}

/* A call that is refused has changed nothing at all. */
static void
run_step (Run *run, const Step *step)
{
  gboolean is_access =
    step->kind == STEP_READ || step->kind == STEP_WRITE || step->kind == STEP_EXECUTE;
  gboolean is_refused = step->kind == STEP_PROTECT_WITHOUT_OLD || step->win32_error != 0 ||
                        !atlas_status_is_success (step->status);
  AtlasSystem *system = atlas_process_get_system (run->process);
  guint64 hash = is_refused && !is_access ? atlas_system_hash_state (system) : 0;

  run_call (run, step);
  if (is_refused && !is_access)
    g_assert_cmphex (atlas_system_hash_state (system), ==, hash);
}

/* A row that goes first stands above it in the same table. */
static void
run_steps (Run *run, const Row *row)
{
  if (row->after != NULL)
    {
      const Row *first = row - 1;

      while (!g_str_equal (first->name, row->after))
        first--;
      run_steps (run, first);
    }
  for (guint i = 0; i < G_N_ELEMENTS (row->steps) && row->steps[i].kind != STEP_END; i++)
    {
      g_test_message ("%s, step %u", row->name, i + 1);
      run_step (run, &row->steps[i]);
    }
}

static void
test_row (gconstpointer data)
{
  g_autoptr (AtlasSystem) system = make_system ();
  Run run = { .process = make_process (system, TRUE) };

  run.first_charge_pages = atlas_process_get_commit_pages (run.process);
  run_steps (&run, data);
  atlas_process_terminate (run.process);
}

static inline void
add_rows (const Row *rows, gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *path = g_strconcat ("/windows/rows/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
}
