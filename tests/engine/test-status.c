/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "windows/status.h"

/* Written down from the NTSTATUS and Win32 documentation, not from the table under test. */
static const struct
{
  AtlasStatus status;
  const char *name;
  guint32 win32_error;
} rows[] = {
  { 0x00000000u, "STATUS_SUCCESS", 0 },
  { 0xC000000Du, "STATUS_INVALID_PARAMETER", 87 },
  { 0xC00000EFu, "STATUS_INVALID_PARAMETER_1", 87 },
  { 0xC00000F0u, "STATUS_INVALID_PARAMETER_2", 87 },
  { 0xC00000F1u, "STATUS_INVALID_PARAMETER_3", 87 },
  { 0xC00000F2u, "STATUS_INVALID_PARAMETER_4", 87 },
  { 0xC00000F3u, "STATUS_INVALID_PARAMETER_5", 87 },
  { 0xC00000F4u, "STATUS_INVALID_PARAMETER_6", 87 },
  { 0xC00000F5u, "STATUS_INVALID_PARAMETER_7", 87 },
  { 0xC00000F6u, "STATUS_INVALID_PARAMETER_8", 87 },
  { 0xC00000F7u, "STATUS_INVALID_PARAMETER_9", 87 },
  { 0xC00000F8u, "STATUS_INVALID_PARAMETER_10", 87 },
  { 0xC00000F9u, "STATUS_INVALID_PARAMETER_11", 87 },
  { 0xC00000FAu, "STATUS_INVALID_PARAMETER_12", 87 },
  { 0xC0000030u, "STATUS_INVALID_PARAMETER_MIX", 87 },
  { 0xC0000045u, "STATUS_INVALID_PAGE_PROTECTION", 87 },
  { 0xC000004Eu, "STATUS_SECTION_PROTECTION", 87 },
  { 0xC000001Au, "STATUS_UNABLE_TO_FREE_VM", 87 },
  { 0xC000001Bu, "STATUS_UNABLE_TO_DELETE_SECTION", 87 },
  { 0xC0000049u, "STATUS_SECTION_NOT_IMAGE", 87 },
  { 0xC000004Cu, "STATUS_BAD_WORKING_SET_LIMIT", 87 },
  { 0x40000002u, "STATUS_WORKING_SET_LIMIT_RANGE", 87 },
  { 0xC0000018u, "STATUS_CONFLICTING_ADDRESSES", 487 },
  { 0xC000002Du, "STATUS_NOT_COMMITTED", 487 },
  { 0xC0000019u, "STATUS_NOT_MAPPED_VIEW", 487 },
  { 0xC0000088u, "STATUS_NOT_MAPPED_DATA", 487 },
  { 0xC000002Cu, "STATUS_UNABLE_TO_DECOMMIT_VM", 487 },
  { 0xC000009Fu, "STATUS_FREE_VM_NOT_AT_BASE", 487 },
  { 0xC00000A0u, "STATUS_MEMORY_NOT_ALLOCATED", 487 },
  { 0xC0000141u, "STATUS_INVALID_ADDRESS", 59 },
  { 0xC0000220u, "STATUS_MAPPED_ALIGNMENT", 1132 },
  { 0xC000001Fu, "STATUS_INVALID_VIEW_SIZE", 5 },
  { 0xC0000021u, "STATUS_ALREADY_COMMITTED", 5 },
  { 0xC0000022u, "STATUS_ACCESS_DENIED", 5 },
  { 0xC000010Au, "STATUS_PROCESS_IS_TERMINATING", 5 },
  { 0xC0000017u, "STATUS_NO_MEMORY", 8 },
  { 0xC0000040u, "STATUS_SECTION_TOO_BIG", 8 },
  { 0xC0000087u, "STATUS_SECTION_NOT_EXTENDED", 14 },
  { 0xC000009Au, "STATUS_INSUFFICIENT_RESOURCES", 1450 },
  { 0xC00000A1u, "STATUS_WORKING_SET_QUOTA", 1453 },
  { 0xC0000007u, "STATUS_PAGEFILE_QUOTA", 1454 },
  { 0xC000012Du, "STATUS_COMMITMENT_LIMIT", 1455 },
  { 0xC0000061u, "STATUS_PRIVILEGE_NOT_HELD", 1314 },
  { 0xC000002Au, "STATUS_NOT_LOCKED", 158 },
  { 0xC0000005u, "STATUS_ACCESS_VIOLATION", 998 },
  { 0xC0000006u, "STATUS_IN_PAGE_ERROR", 999 },
  { 0x80000001u, "STATUS_GUARD_PAGE_VIOLATION", 0x80000001u },
  { 0xC00000FDu, "STATUS_STACK_OVERFLOW", 1001 },
  { 0xC0000009u, "STATUS_BAD_INITIAL_STACK", 1001 },
  { 0x8000000Du, "STATUS_PARTIAL_COPY", 299 },
  { 0xC0000004u, "STATUS_INFO_LENGTH_MISMATCH", 24 },
  { 0xC0000008u, "STATUS_INVALID_HANDLE", 6 },
  { 0xC0000024u, "STATUS_OBJECT_TYPE_MISMATCH", 6 },
  { 0x40000003u, "STATUS_IMAGE_NOT_AT_BASE", 0 },
  { 0x4000000Eu, "STATUS_IMAGE_MACHINE_TYPE_MISMATCH", 216 },
  { 0xC0000020u, "STATUS_INVALID_FILE_FOR_SECTION", 193 },
  { 0xC0000034u, "STATUS_OBJECT_NAME_NOT_FOUND", 2 },
  { 0xC000007Bu, "STATUS_INVALID_IMAGE_FORMAT", 193 },
  { 0xC000011Bu, "STATUS_INVALID_IMAGE_NE_FORMAT", 193 },
  { 0xC000011Eu, "STATUS_MAPPED_FILE_SIZE_ZERO", 1006 },
  { 0xC000012Eu, "STATUS_INVALID_IMAGE_LE_FORMAT", 193 },
  { 0xC000012Fu, "STATUS_INVALID_IMAGE_NOT_MZ", 193 },
  { 0xC0000130u, "STATUS_INVALID_IMAGE_PROTECT", 193 },
};

static const struct
{
  guint32 error;
  const char *name;
} errors[] = {
  { 0, "ERROR_SUCCESS" },
  { 2, "ERROR_FILE_NOT_FOUND" },
  { 5, "ERROR_ACCESS_DENIED" },
  { 6, "ERROR_INVALID_HANDLE" },
  { 8, "ERROR_NOT_ENOUGH_MEMORY" },
  { 14, "ERROR_OUTOFMEMORY" },
  { 24, "ERROR_BAD_LENGTH" },
  { 193, "ERROR_BAD_EXE_FORMAT" },
  { 216, "ERROR_EXE_MACHINE_TYPE_MISMATCH" },
  { 1006, "ERROR_FILE_INVALID" },
  { 59, "ERROR_UNEXP_NET_ERR" },
  { 87, "ERROR_INVALID_PARAMETER" },
  { 158, "ERROR_NOT_LOCKED" },
  { 299, "ERROR_PARTIAL_COPY" },
  { 487, "ERROR_INVALID_ADDRESS" },
  { 998, "ERROR_NOACCESS" },
  { 999, "ERROR_SWAPERROR" },
  { 1001, "ERROR_STACK_OVERFLOW" },
  { 1132, "ERROR_MAPPED_ALIGNMENT" },
  { 1314, "ERROR_PRIVILEGE_NOT_HELD" },
  { 1450, "ERROR_NO_SYSTEM_RESOURCES" },
  { 1453, "ERROR_WORKING_SET_QUOTA" },
  { 1454, "ERROR_PAGEFILE_QUOTA" },
  { 1455, "ERROR_COMMITMENT_LIMIT" },
};

static void
test_each_status_has_its_name_and_error (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *description = atlas_status_get_description (rows[i].status);
      g_autofree char *text = atlas_trace_format_status (rows[i].status);

      g_assert_cmpstr (atlas_status_get_name (rows[i].status), ==, rows[i].name);
      g_assert_cmpstr (text, ==, rows[i].name);
      g_assert_cmphex (atlas_status_to_win32 (rows[i].status), ==, rows[i].win32_error);
      g_assert_true (g_ascii_isupper (description[0]));
      g_assert_true (g_str_has_suffix (description, "."));
      g_assert_cmpstr (description, !=, atlas_status_get_description (0xDEADBEEFu));
    }
}

static void
test_severity_tells_success (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (atlas_status_is_success (rows[i].status), ==, rows[i].status >> 30 < 2);
  g_assert_true (atlas_status_is_success (0x7FFFFFFFu));
  g_assert_false (atlas_status_is_success (0x80000000u));
}

static void
test_errors_have_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    g_assert_cmpstr (atlas_win32_error_get_name (errors[i].error), ==, errors[i].name);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_false (
      g_str_has_prefix (atlas_win32_error_get_name (rows[i].win32_error), "ERROR_0x"));
}

static void
test_an_unknown_status_shows_its_number (void)
{
  g_assert_cmpstr (atlas_status_get_name (0xC0DE1234u), ==, "STATUS_0xC0DE1234");
  g_assert_true (atlas_status_get_name (0xC0DE1234u) == atlas_status_get_name (0xC0DE1234u));
  g_assert_cmpuint (atlas_status_to_win32 (0xC0DE1234u), ==, 317);
  g_assert_cmpstr (atlas_win32_error_get_name (0x4321u), ==, "ERROR_0x00004321");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/status/each-status-has-its-name-and-error",
                   test_each_status_has_its_name_and_error);
  g_test_add_func ("/status/severity-tells-success", test_severity_tells_success);
  g_test_add_func ("/status/errors-have-names", test_errors_have_names);
  g_test_add_func ("/status/an-unknown-status-shows-its-number",
                   test_an_unknown_status_shows_its_number);
  return g_test_run ();
}
