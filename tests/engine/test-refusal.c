/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

/* A call that Windows refuses is told with what is wrong about it: the status alone would do for a
 * dozen mistakes. */

#include "session/session.h"

#include <string.h>

static const struct
{
  const char *command;
  AtlasStatus status;
  const char *words; /* NULL: it is not refused */
} lines[] = {
  { "system memory=1G", ATLAS_STATUS_SUCCESS, NULL },
  { "process $p demo.exe bare", ATLAS_STATUS_SUCCESS, NULL },
  { "alloc $big = 127T reserve readwrite", ATLAS_STATUS_SUCCESS, NULL },
  { "alloc 127T reserve readwrite", ATLAS_STATUS_NO_MEMORY, "are asked for in one piece" },
  { "release $big", ATLAS_STATUS_SUCCESS, NULL },
  { "alloc 1M reserve readwrite lowest=0x10000 highest=0x1ffff",
    ATLAS_STATUS_NO_MEMORY,
    "smaller than the 1M" },
  { "alloc 128T reserve readwrite", ATLAS_STATUS_INVALID_PARAMETER_4, "has fewer addresses" },
  { "alloc 0x7ffffffe0000 128K reserve readwrite",
    ATLAS_STATUS_INVALID_PARAMETER_4,
    "From this address on" },
  { "alloc 0 reserve readwrite", ATLAS_STATUS_INVALID_PARAMETER_4, "the size is 0" },
  { "alloc 1M reserve readwrite lowest=0x10001", ATLAS_STATUS_INVALID_PARAMETER, "lowest address" },
  { "alloc 1M reserve readwrite highest=0x7ffff000",
    ATLAS_STATUS_INVALID_PARAMETER,
    "last byte of a page" },
  { "alloc 1M reserve readwrite highest=0x7fffffffffff",
    ATLAS_STATUS_INVALID_PARAMETER,
    "limit lies above" },
  { "alloc 1M reserve readwrite lowest=0x200000 highest=0x1fffff",
    ATLAS_STATUS_INVALID_PARAMETER,
    "below the lowest" },
  { "alloc 1M reserve readwrite align=4K", ATLAS_STATUS_INVALID_PARAMETER, "at least 64 KB" },
  { "alloc 0x40000000 1M reserve readwrite align=1M",
    ATLAS_STATUS_INVALID_PARAMETER,
    "do not go with an address" },
  { "alloc 64K reserve readwrite zero_bits=22", ATLAS_STATUS_INVALID_PARAMETER_3, "" },
  { "alloc 64K top_down readwrite", ATLAS_STATUS_INVALID_PARAMETER_5, "One of MEM_RESERVE" },
  { "alloc 64K commit|reset readwrite", ATLAS_STATUS_INVALID_PARAMETER_5, "no other flag" },
  { "alloc 2M reserve|large_pages readwrite",
    ATLAS_STATUS_INVALID_PARAMETER_5,
    "needs MEM_COMMIT" },
  { "alloc 64K commit|write_watch readwrite",
    ATLAS_STATUS_INVALID_PARAMETER_5,
    "whole reservation" },
  { "alloc 64K reserve|commit|physical readwrite",
    ATLAS_STATUS_INVALID_PARAMETER_5,
    "MEM_PHYSICAL goes with" },
  { "alloc 64K reserve|physical execute", ATLAS_STATUS_INVALID_PARAMETER_6, "PAGE_READWRITE" },
  { "alloc 2M reserve|commit|large_pages readwrite",
    ATLAS_STATUS_PRIVILEGE_NOT_HELD,
    "SeLockMemoryPrivilege" },
  { "alloc 64K reserve writecopy", ATLAS_STATUS_INVALID_PAGE_PROTECTION, "views of sections" },
  { "alloc 100G reserve|commit readwrite", ATLAS_STATUS_COMMITMENT_LIMIT, "and this is 100 GB" },
  { "alloc $q = 0x20000000 64K reserve readwrite", ATLAS_STATUS_SUCCESS, NULL },
  { "commit $q 4K", ATLAS_STATUS_SUCCESS, NULL },
  { "protect $q 8K readonly", ATLAS_STATUS_NOT_COMMITTED, "00000000`20001000 is reserved only" },
  { "protect $q+0x1800 1 readonly", ATLAS_STATUS_NOT_COMMITTED, "00000000`20001800 is reserved" },
  { "protect $q 128K readonly", ATLAS_STATUS_CONFLICTING_ADDRESSES, "to 00000000`2000ffff" },
  { "protect $q 4K writecopy", ATLAS_STATUS_INVALID_PAGE_PROTECTION, "views of sections" },
  { "protect 0x30000000 4K readonly", ATLAS_STATUS_CONFLICTING_ADDRESSES, "Nothing is allocated" },
  { "protect 0x7ffe0000 4K readwrite", ATLAS_STATUS_INVALID_PAGE_PROTECTION, "The kernel keeps" },
  { "release 0x7ffe0000", ATLAS_STATUS_INVALID_PAGE_PROTECTION, "The kernel keeps" },
  { "release $q+4K", ATLAS_STATUS_FREE_VM_NOT_AT_BASE, "from 00000000`20000000" },
  { "decommit $q 128K", ATLAS_STATUS_UNABLE_TO_FREE_VM, "to 00000000`2000ffff" },
  { "coalesce $q 64K", ATLAS_STATUS_CONFLICTING_ADDRESSES, "two or more whole placeholders" },
  { "split $q 4K", ATLAS_STATUS_CONFLICTING_ADDRESSES, "no placeholder, nor" },
  { "free $q 0 release|preserve_placeholder", ATLAS_STATUS_INVALID_PARAMETER_3, "" },
  { "process $l big.exe lock_memory=yes bare", ATLAS_STATUS_SUCCESS, NULL },
  { "alloc 3M reserve|commit|large_pages readwrite",
    ATLAS_STATUS_INVALID_PARAMETER_4,
    "multiple of 2 MB" },
  { "alloc 0x20100000 2M reserve|commit|large_pages readwrite",
    ATLAS_STATUS_INVALID_PARAMETER_2,
    "begin at a multiple of 2 MB" },
  { "alloc 2M reserve|commit|large_pages readwrite huge_pages",
    ATLAS_STATUS_INVALID_PARAMETER_4,
    "multiple of 1 GB" },
  { "alloc $h = 2M reserve|commit|large_pages readwrite", ATLAS_STATUS_SUCCESS, NULL },
  { "protect $h 2M readonly", ATLAS_STATUS_INVALID_PAGE_PROTECTION, "keep the protection" },
  { "alloc $w = 64K reserve|physical readwrite", ATLAS_STATUS_SUCCESS, NULL },
  { "protect $w 4K readonly", ATLAS_STATUS_CONFLICTING_ADDRESSES, "keeps its protection" },
};

static void
test_every_refusal_says_what_is_wrong (void)
{
  g_autoptr (AtlasSession) session = atlas_session_new ();

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasCommandResult) result = atlas_session_run (session, lines[i].command, &error);

      g_assert_no_error (error);
      g_test_message ("%s: %s", lines[i].command, result->result);
      g_assert_cmphex (result->status, ==, lines[i].status);
      g_assert_cmpint (g_str_has_prefix (result->result, "refused: "), ==, lines[i].words != NULL);
      if (lines[i].words != NULL)
        g_assert_nonnull (strstr (result->result, lines[i].words));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refusal/every", test_every_refusal_says_what_is_wrong);
  return g_test_run ();
}
