/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* What the memory calls answer, row by row. Each row was seen on Windows (Wine's conformance tests
 * of kernel32 and ntdll, ReactOS's API and kernel-mode tests) or is stated in its documentation:
 *
 *   A reserve, commit    B flag combinations   C protection     D zero bits      E reset
 *   F free               I protect             J guard pages    O query
 *   R runs that a query reports                V further vectors
 *
 * A row is a script: calls with what they must answer, from an empty process on. Rows that are a
 * rule over many values are in test-virtual-rules.c. */

#include "windows-fixture.h"

#include "windows/fault.h"
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
#define RESERVE_PLACEHOLDER 0x00040000u
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

static const Row rows[] = {
  /* clang-format off */
  { "A1", NULL, { ALLOC_FAILS (0, 0, RESERVE, NONE, S (INVALID_PARAMETER_4)) } },
  { "A2", NULL, { ALLOC_FAILS (0, G_MAXUINT64, RESERVE, NONE, S (INVALID_PARAMETER_4)),
                  ALLOC_FAILS (BASE, G_MAXUINT64, RESERVE, NONE, S (INVALID_PARAMETER_4)) } },
  { "A3", NULL, { ALLOC (0, 0xFFFC, RESERVE, NONE),
                  IS_RESERVE (LAST, LAST, 0x10000, NONE) } },
  { "A4", NULL, { ALLOC_GIVES (0x50000000, 1, RESERVE, NONE, 0x50000000, 0x1000) } },
  { "A5", NULL, { ALLOC_GIVES (0x50008000, 1, RESERVE, NONE, 0x50000000, 0x9000) } },
  { "A6", NULL, { ALLOC_GIVES (0x50000010, 0x1000, RESERVE, NONE, 0x50000000, 0x2000) } },
  { "A7", NULL, { ALLOC_GIVES (0x50010000, 0x2000, RESERVE, NONE, 0x50010000, 0x2000) } },
  { "A8", NULL, { ALLOC_GIVES (0x5000FFFF, 0x3000, RESERVE, NONE, 0x50000000, 0x13000) } },
  { "A9", NULL, { ALLOC_GIVES (0x50001010, 0x7000, RESERVE, NONE, 0x50000000, 0x9000),
                  WIN32_FREE (0x50000000, 0, RELEASE, 0),
                  ALLOC_GIVES (0x50001010, 0xC000, RESERVE, NONE, 0x50000000, 0xE000) } },
  { "A10", NULL, { ALLOC_GIVES (0x60025000, 200, BOTH, RW, 0x60020000, 0x6000),
                   IS_COMMIT (0x60020000, 0x60020000, 0x6000, RW, RW) } },
  { "A11", NULL, { ALLOC_GIVES (0x50004080, 0x1000, BOTH, RW, 0x50000000, 0x6000),
                   WRITE (0x50000000, OK),
                   WRITE (0x50004080, OK) } },
  { "A12", NULL, { ALLOC (BASE, 0x3000, RESERVE, NONE),
                   ALLOC_GIVES (0x50002000, 0x1000, COMMIT, NONE, 0x50002000, 0x1000),
                   IS_RESERVE (BASE, BASE, 0x2000, NONE),
                   IS_COMMIT (0x50002000, BASE, 0x1000, NONE, NONE) } },
  { "A13", "A12", { ALLOC_GIVES (0x50002000, 0x1000, COMMIT, RW, 0x50002000, 0x1000),
                    IS_COMMIT (0x50002000, BASE, 0x1000, RW, NONE),
                    WRITE (0x50002000, OK) } },
  { "A14", NULL, { ALLOC (BASE, 0x3000, RESERVE, NONE),
                   ALLOC (0x50000000, 0x1000, COMMIT, RW),
                   WRITE (0x50000000, OK),
                   ALLOC (0x50002000, 0x1000, COMMIT, NONE),
                   ALLOC_GIVES (BASE, 0x3000, COMMIT, RO, BASE, 0x3000),
                   IS_COMMIT (BASE, BASE, 0x3000, RO, NONE),
                   WRITE (0x50000000, S (ACCESS_VIOLATION)),
                   READS (0x50000000, 0x5A),
                   READS (0x50001000, 0),
                   READS (0x50002000, 0) } },
  { "A15", NULL, { ALLOC (BASE, 0x3000, RESERVE, NONE),
                   ALLOC_FAILS (0x50003000, 0x1000, COMMIT, RW, S (CONFLICTING_ADDRESSES)) } },
  { "A16", NULL, { ALLOC (BASE, 0x3000, RESERVE, NONE),
                   ALLOC_FAILS (0x50008000, 0x1000, RESERVE, RW, S (CONFLICTING_ADDRESSES)) } },
  { "A17", NULL, { ALLOC (BASE, 0x1000, BOTH, RW),
                   ALLOC_FAILS (BASE + 0x1000, 0x1000, BOTH, RW, S (CONFLICTING_ADDRESSES)) } },
  { "A18", NULL, { ALLOC (BASE, 0x10000, RESERVE, RW),
                   ALLOC (BASE + 0x10000, 0x10000, RESERVE, RW),
                   ALLOC_FAILS (BASE + 0xF000, 0x2000, COMMIT, RW, S (CONFLICTING_ADDRESSES)),
                   IS_RESERVE (BASE, BASE, 0x10000, RW),
                   IS_RESERVE (BASE + 0x10000, BASE + 0x10000, 0x10000, RW) } },
  { "A19", NULL, { ALLOC (BASE, 0x10000, RESERVE, RW),
                   ALLOC_FAILS (BASE, 0x10000, RESERVE, RW, S (CONFLICTING_ADDRESSES)),
                   ALLOC_WIN32 (BASE, 0x1000, RESERVE, RW, 487) } },
  { "A20", NULL, { ALLOC_FAILS (0xF000, 0x1000, RESERVE, NONE, S (INVALID_PARAMETER_2)) } },
  { "A21", NULL, { ALLOC_FAILS (KERNEL, 0x1000, RESERVE, RW, S (INVALID_PARAMETER_2)),
                   ALLOC_FAILS (KERNEL + 0x10000, 0x1000, BOTH, RW, S (INVALID_PARAMETER_2)),
                   FREE_FAILS (KERNEL, 0, RELEASE, S (INVALID_PARAMETER_2)),
                   FREE_FAILS (KERNEL, 0x1000, DECOMMIT, S (INVALID_PARAMETER_2)) } },
  { "A22", NULL, { ALLOC_FAILS (KERNEL, 0x1000, COMMIT, RW, S (INVALID_PARAMETER_2)) } },
  { "A24", NULL, { ALLOC (0, 0x1000, BOTH, RW),
                   WIN32_FREE (LAST, 0, RELEASE, 0),
                   ALLOC_GIVES (LAST, 0x1000, BOTH, RW, LAST, 0x1000) } },
  { "A25", NULL, { ALLOC_GIVES (0, 0x1234, COMMIT, RW, ANY, 0x2000),
                   IS_COMMIT (LAST, LAST, 0x2000, RW, RW),
                   READS (LAST, 0),
                   READS (LAST + 0x1FFF, 0),
                   WRITE (LAST + 0x1FFF, OK) } },

  { "B1", NULL, { ALLOC_FAILS (0, 0x1000, 0, RW, S (INVALID_PARAMETER_5)) } },
  { "B2", NULL, { ALLOC_FAILS (0, 0x1000, TOP_DOWN, RW, S (INVALID_PARAMETER_5)) } },
  { "B3", NULL, { ALLOC_FAILS (0, 0x1000, TOP_DOWN | RESET, RW, S (INVALID_PARAMETER_5)) } },
  { "B4", NULL, { ALLOC_GIVES (0, 0x1000, TOP_DOWN | COMMIT, RW, ANY, 0x1000),
                  IS_COMMIT (LAST, LAST, 0x1000, RW, RW) } },
  { "B5", NULL, { ALLOC_FAILS (0, 0x1000, PHYSICAL, RW, S (INVALID_PARAMETER_5)) } },
  { "B7", NULL, { ALLOC_FAILS (0, 0x1000, PHYSICAL | RESERVE, RO, S (INVALID_PARAMETER_6)) } },
  { "B8", NULL, { ALLOC_FAILS (0, 0x1000, PHYSICAL | COMMIT, RW, S (INVALID_PARAMETER_5)) } },
  { "B9", NULL, { ALLOC_FAILS (0, 0x1000, COMMIT | RESET, RW, S (INVALID_PARAMETER_5)),
                  ALLOC_FAILS (0, 0x1000, RESET | BOTH, RW, S (INVALID_PARAMETER_5)) } },
  { "B10", NULL, { ALLOC_FAILS (0, 0x1000, ALL_BITS, RW, S (INVALID_PARAMETER_5)) } },
  { "B11", NULL, { ALLOC_WIN32 (0, 0x1000, WRITE_WATCH, RW, 87) } },
  { "B12", NULL, { ALLOC_GIVES (0, 0x1000, WRITE_WATCH | RESERVE, RW, ANY, 0x1000),
                   ALLOC_GIVES (0, 0x1000, WRITE_WATCH | RESERVE, NONE, ANY, 0x1000) } },
  { "B13", NULL, { ALLOC_FAILS (0, ATLAS_MB (2), LARGE | RESERVE, RW, S (INVALID_PARAMETER_5)) } },
  { "B14", NULL, { ALLOC_FAILS (0, ATLAS_MB (2), LARGE | PHYSICAL | BOTH, RW, S (INVALID_PARAMETER_5)),
                   ALLOC_FAILS (0, ATLAS_MB (2), LARGE | RESET, RW, S (INVALID_PARAMETER_5)),
                   ALLOC_FAILS (0, ATLAS_MB (2), LARGE | WRITE_WATCH | BOTH, RW, S (INVALID_PARAMETER_5)) } },
  { "B15", NULL, { ALLOC_FAILS (0, ATLAS_MB (2), LARGE | BOTH, RW, S (PRIVILEGE_NOT_HELD)),
                   ALLOC_WIN32 (0, ATLAS_MB (2), LARGE | BOTH, RW, 1314) } },
  { "B16", NULL, { ALLOC_WIN32 (0, 0x1000, BOTH | ROUND_TO_PAGE, RW, 87) } },
  { "B17", NULL, { ALLOC_WIN32 (0, 0x10000, RESERVE | RESERVE_PLACEHOLDER, NONE, 87) } },

  { "C2", NULL, { ALLOC_FAILS (0, 0x1000, COMMIT, 0, S (INVALID_PAGE_PROTECTION)),
                  ALLOC_FAILS (0, 0x1000, BOTH, 0, S (INVALID_PAGE_PROTECTION)),
                  ALLOC_FAILS (0, 0x1000, RESERVE, 0, S (INVALID_PAGE_PROTECTION)),
                  ALLOC_WIN32 (0, 0x1000, RESERVE, 0, 87) } },
  { "C3", NULL, { ALLOC_WIN32 (0, 0x1000, BOTH, ATLAS_PAGE_WRITECOPY, 87),
                  ALLOC_WIN32 (0, 0x1000, RESERVE, ATLAS_PAGE_WRITECOPY, 87),
                  ALLOC_WIN32 (0, 0x1000, BOTH, ATLAS_PAGE_EXECUTE_WRITECOPY, 87),
                  ALLOC_WIN32 (0, 0x1000, RESERVE, ATLAS_PAGE_EXECUTE_WRITECOPY, 87) } },
  { "C5", NULL, { ALLOC_FAILS (0, 0x1000, BOTH, ALL_BITS, S (INVALID_PAGE_PROTECTION)) } },
  { "C6", NULL, { ALLOC_FAILS (0, 0x1000, BOTH, NONE | GUARD, S (INVALID_PAGE_PROTECTION)) } },
  { "C7", NULL, { ALLOC_FAILS (0, 0x1000, BOTH, NONE | WRITECOMBINE, S (INVALID_PAGE_PROTECTION)),
                  ALLOC_FAILS (0, 0x1000, BOTH, NONE | NOCACHE, S (INVALID_PAGE_PROTECTION)) } },
  { "C8", NULL, { ALLOC (BASE, 0x1000, BOTH, RO | WRITECOMBINE),
                  IS_COMMIT (BASE, BASE, 0x1000, RO | WRITECOMBINE, RO | WRITECOMBINE),
                  READS (BASE, 0) } },
  { "C9", NULL, { ALLOC (BASE, 0x1000, BOTH, RW | GUARD),
                  IS_COMMIT (BASE, BASE, 0x1000, RW | GUARD, RW | GUARD),
                  ALLOC (BASE + 0x10000, 0x1000, BOTH, RO | GUARD),
                  IS_COMMIT (BASE + 0x10000, BASE + 0x10000, 0x1000, RO | GUARD, RO | GUARD) } },
  { "C10", NULL, { ALLOC (BASE, 0x1000, BOTH, RW | NOCACHE),
                   IS_COMMIT (BASE, BASE, 0x1000, 0x204, 0x204),
                   WRITE (BASE, OK),
                   IS_COMMIT (BASE, BASE, 0x1000, 0x204, 0x204) } },

  { "E1", NULL, { ALLOC (BASE, 0x2000, BOTH, RW),
                  WRITE (BASE, OK),
                  ALLOC_GIVES (BASE, 0x1000, RESET, NONE, BASE, 0x1000),
                  IS_COMMIT (BASE, BASE, 0x2000, RW, RW),
                  READ (BASE, OK) } },
  { "E2", NULL, { ALLOC (BASE, 0x2000, RESERVE, RW),
                  ALLOC (BASE, 0x1000, COMMIT, RW),
                  ALLOC_GIVES (BASE + 0x1000, 0x1000, RESET, NONE, BASE + 0x1000, 0x1000),
                  IS_RESERVE (BASE + 0x1000, BASE, 0x1000, RW) } },
  { "E3", NULL, { ALLOC (BASE, 0x2000, BOTH, RW),
                  ALLOC_WIN32 (BASE + 0x1000, 0x2000, RESET, NONE, 487) } },

  { "F1", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  WIN32_FREE (BASE, 0x10000, 0, 87) } },
  { "F2", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  WIN32_FREE (BASE, 0, ATLAS_MEM_FREE, 87) } },
  { "F3", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  WIN32_FREE (BASE, 1, RELEASE, 87),
                  IS_COMMIT (BASE, BASE, 0x10000, RW, RW) } },
  { "F4", NULL, { ALLOC (BASE, 0x10000, RESERVE, RW),
                  ALLOC (BASE, 0x1000, COMMIT, RW),
                  WIN32_FREE (BASE, 0x10000, DECOMMIT, 0),
                  IS_RESERVE (BASE, BASE, 0x10000, RW) } },
  { "F5", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  WIN32_FREE (BASE, 0, RELEASE, 0),
                  IS_FREE (BASE, ANY) } },
  { "F6", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  FREE_GIVES (BASE + 0x1FFF, 2, DECOMMIT, BASE + 0x1000, 0x2000),
                  IS_COMMIT (BASE, BASE, 0x1000, RW, RW),
                  IS_RESERVE (BASE + 0x1000, BASE, 0x2000, RW),
                  IS_COMMIT (BASE + 0x3000, BASE, 0xD000, RW, RW) } },
  { "F7", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  FREE_FAILS (BASE + 0x1001, 0, DECOMMIT, S (FREE_VM_NOT_AT_BASE)) } },
  { "F8", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  FREE_GIVES (BASE + 0xFFE, 0, DECOMMIT, BASE, 0),
                  IS_RESERVE (BASE, BASE, 0x10000, RW) } },
  { "F9", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  FREE_FAILS (BASE + 0x1001, 0, RELEASE, S (FREE_VM_NOT_AT_BASE)) } },
  { "F10", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                   FREE_GIVES (BASE + 0xFFF, 0, RELEASE, BASE, 0x10000),
                   IS_FREE (BASE, ANY) } },
  { "F11", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                   FREE_FAILS (BASE + 0x1000, 0, RELEASE, S (FREE_VM_NOT_AT_BASE)) } },
  { "F12", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                   FREE_FAILS (BASE, 0x11000, RELEASE, S (UNABLE_TO_FREE_VM)) } },
  { "F13", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                   FREE_FAILS (BASE + 0x1001, 0xFFFF, RELEASE, S (UNABLE_TO_FREE_VM)) } },
  { "F14", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                   FREE_GIVES (BASE + 0x1001, 0xFFF, RELEASE, BASE + 0x1000, 0x1000),
                   IS_COMMIT (BASE, BASE, 0x1000, RW, RW),
                   IS_FREE (BASE + 0x1000, 0x1000),
                   IS_COMMIT (BASE + 0x2000, BASE + 0x2000, 0xE000, RW, RW) } },
  { "F15", "F14", { FREE_GIVES (BASE + 1, 0xFFF, RELEASE, BASE, 0x1000),
                    IS_FREE (BASE, 0x2000) } },
  { "F16", "F15", { ALLOC_GIVES (BASE, 0x1000, BOTH, RW, BASE, 0x1000),
                    IS_COMMIT (BASE, BASE, 0x1000, RW, RW),
                    IS_FREE (BASE + 0x1000, 0x1000) } },
  { "F17", "F16", { FREE_FAILS (BASE, 0x10000, DECOMMIT, S (UNABLE_TO_FREE_VM)),
                    FREE_FAILS (BASE, 0x10000, RELEASE, S (UNABLE_TO_FREE_VM)) } },
  { "F18", "F17", { FREE_FAILS (BASE + 0x1000, 0, RELEASE, S (MEMORY_NOT_ALLOCATED)),
                    FREE_FAILS (BASE + 0x1000, 0x1000, DECOMMIT, S (MEMORY_NOT_ALLOCATED)) } },
  { "F19", "F18", { FREE_GIVES (BASE + 0x2000, 0, RELEASE, BASE + 0x2000, 0xE000),
                    IS_COMMIT (BASE, BASE, 0x1000, RW, RW),
                    IS_FREE (BASE + 0x1000, ANY) } },
  { "F21", NULL, { ALLOC (BASE, 0x1000, BOTH, RW),
                   FREE_FAILS (BASE, 0x1001, DECOMMIT, S (UNABLE_TO_FREE_VM)),
                   FREE_FAILS (BASE, 0x1001, RELEASE, S (UNABLE_TO_FREE_VM)) } },
  { "F22", NULL, { ALLOC (BASE, 0x1000, BOTH, RW),
                   FREE_FAILS (BASE + 1, 0x1000, DECOMMIT, S (UNABLE_TO_FREE_VM)),
                   FREE_FAILS (BASE + 1, 0x1000, RELEASE, S (UNABLE_TO_FREE_VM)) } },
  { "F23", NULL, { ALLOC (BASE, 0x1000, BOTH, RW),
                   FREE_GIVES (BASE + 1, 0xFFF, DECOMMIT, BASE, 0x1000),
                   FREE_GIVES (BASE + 1, 0xFFF, RELEASE, BASE, 0x1000) } },
  { "F24", NULL, { ALLOC (BASE, 0x2000, BOTH, RW),
                   FREE_GIVES (BASE + 1, 0x1000, RELEASE, BASE, 0x2000),
                   IS_FREE (BASE, ANY) } },
  { "F25", NULL, { ALLOC (BASE, 0x2000, BOTH, RW),
                   FREE_GIVES (BASE, 0x1000, RELEASE, BASE, 0x1000),
                   FREE_GIVES (BASE + 0x1000, 0x1000, RELEASE, BASE + 0x1000, 0x1000),
                   IS_FREE (BASE, ANY),
                   ALLOC (BASE, 0x2000, BOTH, RW),
                   FREE_GIVES (BASE + 0x1000, 0x1000, RELEASE, BASE + 0x1000, 0x1000),
                   FREE_GIVES (BASE, 0x1000, RELEASE, BASE, 0x1000),
                   IS_FREE (BASE, ANY) } },
  { "F26", NULL, { ALLOC (BASE, 0x30000, RESERVE, RW),
                   FREE_GIVES (BASE + 0x10000, 0x10000, RELEASE, BASE + 0x10000, 0x10000),
                   IS_RESERVE (BASE, BASE, 0x10000, RW),
                   IS_FREE (BASE + 0x10000, 0x10000),
                   IS_RESERVE (BASE + 0x20000, BASE + 0x20000, 0x10000, RW) } },
  { "F27", NULL, { ALLOC (BASE, 0x10000, RESERVE, RW),
                   ALLOC (BASE + 0x10000, 0x10000, RESERVE, RW),
                   FREE_FAILS (BASE, 0x20000, RELEASE, S (UNABLE_TO_FREE_VM)),
                   IS_RESERVE (BASE, BASE, 0x10000, RW) } },
  { "F28", NULL, { ALLOC (BASE, 0x3000, RESERVE, RW),
                   FREE_FAILS (0x50008000, 0x1000, RELEASE, S (MEMORY_NOT_ALLOCATED)) } },
  { "F29", NULL, { ALLOC (BASE, 0x3000, RESERVE, RW),
                   FREE_FAILS (BASE, 0x4000, RELEASE, S (UNABLE_TO_FREE_VM)) } },
  { "F31", NULL, { ALLOC (BASE, 0x1000, BOTH, RW),
                   FREE_FAILS (BASE, 0x1000, RELEASE | DECOMMIT, S (INVALID_PARAMETER_4)),
                   IS_COMMIT (BASE, BASE, 0x1000, RW, RW) } },

  { "I1", NULL, { ALLOC (BASE, 0x2000, RESERVE, RW),
                  PROTECT_WIN32 (BASE, 0x2000, RO, 487) } },
  { "I2", NULL, { ALLOC (BASE, 0x2000, RESERVE, RW),
                  ALLOC (BASE, 0x1000, COMMIT, RW),
                  PROTECT_WIN32 (BASE, 0x2000, RO, 487),
                  IS_COMMIT (BASE, BASE, 0x1000, RW, RW) } },
  { "I3", NULL, { ALLOC (BASE, 0x1000, BOTH, RW),
                  { .kind = STEP_PROTECT_WITHOUT_OLD, .va = BASE, .size_bytes = 0x1000, .protect = RO },
                  IS_COMMIT (BASE, BASE, 0x1000, RW, RW) } },
  { "I4", NULL, { ALLOC (BASE, 0x1000, BOTH, NONE),
                  PROTECT (BASE, 0x1000, RO, NONE),
                  PROTECT (BASE, 0x1000, RW, RO),
                  PROTECT (BASE, 0x1000, X, RW),
                  PROTECT (BASE, 0x1000, RX, X),
                  PROTECT (BASE, 0x1000, RWX, RX),
                  PROTECT (BASE, 0x1000, NONE, RWX),
                  IS_COMMIT (BASE, BASE, 0x1000, NONE, NONE),
                  PROTECT_GIVES (BASE + 0x10, 1, RW, NONE, BASE, 0x1000),
                  WRITE (BASE, OK) } },
  { "I6", NULL, { ALLOC (BASE, 0x1000, BOTH, NONE),
                  PROTECT (BASE, 0x1000, RO, NONE),
                  READS (BASE, 0),
                  PROTECT (BASE, 0x1000, RW, RO),
                  WRITE (BASE, OK),
                  PROTECT (BASE, 0x1000, NONE, RW),
                  READ (BASE, S (ACCESS_VIOLATION)),
                  PROTECT (BASE, 0x1000, RO, NONE),
                  READS (BASE, 0x5A) } },
  { "I7", NULL, { ALLOC (BASE, 0x2000, BOTH, RW | NOCACHE),
                  PROTECT (BASE, 0x1000, RW, 0x204),
                  IS_COMMIT (BASE, BASE, 0x2000, 0x204, 0x204) } },
  { "I8", "I7", { PROTECT (BASE, 0x1000, RO, 0x204),
                  IS_COMMIT (BASE, BASE, 0x1000, 0x202, 0x204),
                  IS_COMMIT (BASE + 0x1000, BASE, 0x1000, 0x204, 0x204) } },
  { "I9", NULL, { ALLOC (BASE, 0x2000, BOTH, RW),
                  PROTECT (BASE, 0x1000, RO | NOCACHE, RW),
                  IS_COMMIT (BASE, BASE, 0x1000, RO, RW) } },
  { "I10", NULL, { ALLOC (BASE, 0x2000, BOTH, RO),
                   WRITE (BASE, S (ACCESS_VIOLATION)),
                   READS (BASE, 0),
                   WRITE (BASE, S (ACCESS_VIOLATION)),
                   PROTECT (BASE + 0x1000, 0x1000, NONE, RO),
                   READ (BASE + 0x1000, S (ACCESS_VIOLATION)) } },

  { "J1", NULL, { ALLOC (BASE, 0x2000, BOTH, RW | GUARD),
                  READ (BASE + 0x123, S (GUARD_PAGE_VIOLATION)),
                  READS (BASE + 0x123, 0),
                  WRITE (BASE + 0x1ABC, S (GUARD_PAGE_VIOLATION)),
                  WRITE (BASE + 0x1ABC, OK),
                  READS (BASE + 0x1ABC, 0x5A) } },
  { "J2", NULL, { ALLOC (BASE, 0x2000, BOTH, RW | GUARD),
                  READ (BASE, S (GUARD_PAGE_VIOLATION)),
                  IS_COMMIT (BASE, BASE, 0x1000, RW, RW | GUARD),
                  IS_COMMIT (BASE + 0x1000, BASE, 0x1000, RW | GUARD, RW | GUARD) } },
  { "J3", NULL, { ALLOC (BASE, 0x1000, BOTH, RW | GUARD),
                  EXECUTE (BASE, S (GUARD_PAGE_VIOLATION)),
                  EXECUTE (BASE, S (ACCESS_VIOLATION)) } },
  { "J7", "J2", { PROTECT (BASE, 0x1000, RW | GUARD, RW),
                  IS_COMMIT (BASE, BASE, 0x2000, RW | GUARD, RW | GUARD),
                  READ (BASE, S (GUARD_PAGE_VIOLATION)),
                  READ (BASE, OK) } },

  { "O1", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  WIN32_FREE (BASE, 0, RELEASE, 0),
                  IS_FREE (BASE, ANY) } },
  { "O2", NULL, { QUERY_FAILS (USER_END, S (INVALID_PARAMETER)),
                  QUERY_FAILS (G_GUINT64_CONSTANT (0x7FFFFFFFFFFF), S (INVALID_PARAMETER)),
                  QUERY_FAILS (ATLAS_BIT (47), S (INVALID_PARAMETER)),
                  QUERY_FAILS (KERNEL, S (INVALID_PARAMETER)),
                  QUERY_FAILS (G_MAXUINT64, S (INVALID_PARAMETER)) } },
  { "O3", NULL, { ALLOC (BASE, 0x5000, BOTH, RW),
                  IS_COMMIT (BASE + 0x2ABC, BASE, 0x3000, RW, RW) } },
  { "O4", NULL, { ALLOC (BASE, 0x10000, RESERVE, RO),
                  ALLOC (BASE + 0x5000, 0x1000, COMMIT, RW),
                  IS_RESERVE (BASE, BASE, 0x5000, RO),
                  IS_COMMIT (BASE + 0x5000, BASE, 0x1000, RW, RO),
                  IS_RESERVE (BASE + 0x6000, BASE, 0xA000, RO) } },

  { "R-hole-from-within", NULL, { ALLOC (BASE, 0x10000, RESERVE, RW),
                                  ALLOC (BASE + 0x10000 + ATLAS_MB (40), 0x10000, RESERVE, RW),
                                  IS_FREE (BASE + 0x10000, ATLAS_MB (40)),
                                  IS_FREE (BASE + 0x10000 + ATLAS_MB (10), ATLAS_MB (30)) } },
  { "R-neighbours-stay-apart", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                                       ALLOC (BASE + 0x10000, 0x10000, BOTH, RW),
                                       IS_COMMIT (BASE, BASE, 0x10000, RW, RW),
                                       IS_COMMIT (BASE + 0x10000, BASE + 0x10000, 0x10000, RW, RW) } },
  { "R-protection-splits", NULL, { ALLOC (BASE, 0x4000, BOTH, RW),
                                   PROTECT (BASE + 0x1000, 0x1000, RO, RW),
                                   IS_COMMIT (BASE, BASE, 0x1000, RW, RW),
                                   IS_COMMIT (BASE + 0x1000, BASE, 0x1000, RO, RW),
                                   IS_COMMIT (BASE + 0x2000, BASE, 0x2000, RW, RW) } },
  { "R-guard-splits", NULL, { ALLOC (BASE, 0x3000, BOTH, RW),
                              PROTECT (BASE + 0x1000, 0x1000, RW | GUARD, RW),
                              IS_COMMIT (BASE, BASE, 0x1000, RW, RW),
                              IS_COMMIT (BASE + 0x1000, BASE, 0x1000, RW | GUARD, RW),
                              IS_COMMIT (BASE + 0x2000, BASE, 0x1000, RW, RW) } },
  { "R-residency-does-not-split", NULL, { ALLOC (BASE, 0x4000, BOTH, RW),
                                          WRITE (BASE + 0x1000, OK),
                                          READS (BASE + 0x2000, 0),
                                          IS_COMMIT (BASE, BASE, 0x4000, RW, RW) } },
  { "R-same-again-does-not-split", NULL, { ALLOC (BASE, 0x4000, BOTH, RW),
                                           PROTECT (BASE + 0x1000, 0x1000, RO, RW),
                                           PROTECT (BASE + 0x1000, 0x1000, RW, RO),
                                           FREE_GIVES (BASE + 0x2000, 0x1000, DECOMMIT, BASE + 0x2000, 0x1000),
                                           ALLOC (BASE + 0x2000, 0x1000, COMMIT, RW),
                                           IS_COMMIT (BASE, BASE, 0x4000, RW, RW) } },
  { "R-slot-tail-is-free", NULL, { ALLOC (BASE, 0x1000, RESERVE, RW),
                                   ALLOC (BASE + 0x10000, 0x1000, RESERVE, RW),
                                   IS_FREE (BASE + 0x1000, 0xF000) } },
  { "R-shared-data", NULL, { IS_COMMIT (SHARED_DATA, SHARED_DATA, 0x1000, RO, RO),
                             READ (SHARED_DATA, OK),
                             WRITE (SHARED_DATA, S (ACCESS_VIOLATION)) } },

  { "V1", NULL, { ALLOC_GIVES (0x50008000, 1, RESERVE, RW, 0x50000000, 0x9000),
                  IS_RESERVE (0x50000000, 0x50000000, 0x9000, RW) } },
  { "V2", NULL, { ALLOC_GIVES (0x5000FFFF, 0x3000, RESERVE, RW, 0x50000000, 0x13000) } },
  { "V3", NULL, { ALLOC (BASE, 0x3000, BOTH, RW),
                  IS_COMMIT (BASE + 0x1000, BASE, 0x2000, RW, RW) } },
  { "V5", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  FREE_GIVES (BASE + 0x1000, 0xFFF, RELEASE, BASE + 0x1000, 0x1000),
                  IS_COMMIT (BASE, BASE, 0x1000, RW, RW),
                  IS_FREE (BASE + 0x1000, 0x1000),
                  IS_COMMIT (BASE + 0x2000, BASE + 0x2000, 0xE000, RW, RW) } },
  { "V6", NULL, { ALLOC (BASE, 0x10000, BOTH, RW),
                  WIN32_FREE (BASE, 0x10000, RELEASE, 87),
                  IS_COMMIT (BASE, BASE, 0x10000, RW, RW) } },
  { "V7", NULL, { ALLOC (BASE, 0x10000, RESERVE, RW),
                  ALLOC (BASE + 0x10000, 0x10000, RESERVE, RW),
                  ALLOC_FAILS (BASE + 0x8000, 0x10000, COMMIT, RW, S (CONFLICTING_ADDRESSES)),
                  IS_RESERVE (BASE, BASE, 0x10000, RW),
                  IS_RESERVE (BASE + 0x10000, BASE + 0x10000, 0x10000, RW),
                  CHARGE (0) } },
  { "V8", NULL, { ALLOC (BASE, 0x2000, BOTH, RW),
                  FREE_GIVES (BASE + 0x1000, 0x1000, DECOMMIT, BASE + 0x1000, 0x1000),
                  PROTECT_WIN32 (BASE, 0x2000, RO, 487),
                  IS_COMMIT (BASE, BASE, 0x1000, RW, RW) } },
  { "V9", NULL, { ALLOC (BASE, 0x1000, BOTH, RW | GUARD),
                  WRITE (BASE, S (GUARD_PAGE_VIOLATION)),
                  WRITE (BASE, OK) } },
  { "V17", NULL, { ALLOC_FAILS (0x7FFF0000, 0x1000, RESERVE, RW, S (CONFLICTING_ADDRESSES)),
                   ALLOC_FAILS (0x80000000, 0x1000, RESERVE, RW, S (CONFLICTING_ADDRESSES)),
                   ALLOC_FAILS (USER_END, 0x1000, RESERVE, RW, S (INVALID_PARAMETER_2)) } },
  { "V23", NULL, { ALLOC (BASE, 0x5000, BOTH, RW),
                   CHARGE (5),
                   FREE_GIVES (BASE, 0x2000, DECOMMIT, BASE, 0x2000),
                   CHARGE (3),
                   FREE_GIVES (BASE, 0x5000, DECOMMIT, BASE, 0x5000),
                   CHARGE (0),
                   ALLOC (BASE, 0x1000, COMMIT, RW),
                   CHARGE (1),
                   WIN32_FREE (BASE, 0, RELEASE, 0),
                   CHARGE (0) } },
  { "V24", NULL, { ALLOC (BASE, 0x5000, BOTH, RW),
                   WRITE (BASE, OK),
                   ALLOC (BASE, 0x2000, COMMIT, RO),
                   IS_COMMIT (BASE, BASE, 0x2000, RO, RW),
                   READS (BASE, 0x5A),
                   CHARGE (5) } },
  /* clang-format on */
};

static const struct
{
  const char *name;
  const char *reason;
} skipped_rows[] = {
  { "A26", "a process is an argument here, not a handle" },
  { "A27", "needs images" },
  { "A28", "needs sections" },
  { "B6", "needs AWE" },
  { "C11", "VirtualAllocFromApp is not part of these calls" },
  { "D5", "needs sections" },
  { "D6", "needs sections" },
  { "E4", "needs sections" },
  { "E5", "needs sections" },
  { "F20", "a process is an argument here, not a handle" },
  { "F30", "needs sections" },
  { "J4", "VirtualLock is not part of these calls" },
  { "J5", "needs write watch" },
  { "J6", "needs write watch" },
  { "O5", "needs images" },
  { "O6", "needs images" },
  { "O7", "needs images" },
  { "O9", "MemoryRegionInformation is not part of these calls" },
  { "O10", "MemoryImageInformation is not part of these calls" },
  { "O11", "needs images" },
};

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
run_step (Run *run, const Step *step)
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

static const Row *
find_row (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].name, name))
      return &rows[i];
  g_assert_not_reached ();
}

static void
run_steps (Run *run, const Row *row)
{
  if (row->after != NULL)
    run_steps (run, find_row (row->after));
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

static void
test_skipped (gconstpointer data)
{
  g_test_skip (data);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/windows/rows/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  for (guint i = 0; i < G_N_ELEMENTS (skipped_rows); i++)
    {
      g_autofree char *path = g_strconcat ("/windows/rows/", skipped_rows[i].name, NULL);

      g_test_add_data_func (path, skipped_rows[i].reason, test_skipped);
    }
  return g_test_run ();
}
