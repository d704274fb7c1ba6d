/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef G_DISABLE_ASSERT

#include "session/scenario.h"
#include "session/session.h"

#include <string.h>

#include "session/words.h"
#include "space/region.h"

static const struct
{
  const char *typed;
  const char *canonical;
} commands[] = {
  { "system", "system memory=16G seed=7 build=22000 hypervisor=yes" },
  { "system kvashadow=on layout=classic",
    "system memory=16G seed=7 build=22000 hypervisor=yes layout=classic kvashadow=on" },
  { "system levels=4", "system memory=16G seed=7 build=22000 hypervisor=yes" },
  { "system levels=5", "system memory=16G seed=7 build=22000 hypervisor=yes levels=5" },
  { "system kvashadow=off layout=random", "system memory=16G seed=7 build=22000 hypervisor=yes" },
  { "process a.exe bits=32 bottom_up=no mandatory=yes",
    "process a.exe mandatory=yes bottom_up=no bits=32" },
  { "process a.exe bits=64 bottom_up=yes mandatory=no", "process a.exe" },
  { "system hypervisor=no build=26100 seed=0x10 memory=1024M",
    "system memory=1G seed=16 build=26100 hypervisor=no" },
  { "process demo.exe", "process demo.exe" },
  { "process $p demo.exe", "process $p demo.exe" },
  { "process $p = demo.exe high_entropy=yes", "process $p demo.exe" },
  { "process $p a-b_c.exe bare dynamic_base=no high_entropy=no large_address_aware=no",
    "process $p a-b_c.exe large_address_aware=no high_entropy=no dynamic_base=no bare" },
  { "select $p", "select $p" },
  { "terminate", "terminate" },
  { "terminate $p", "terminate $p" },
  { "alloc $a = 64K reserve|commit readwrite", "alloc $a = 64K reserve|commit readwrite" },
  { "\talloc $a=65536 commit|reserve readwrite # why", "alloc $a = 64K reserve|commit readwrite" },
  { "alloc 0x20000000 1 reserve|top_down guard|readonly",
    "alloc 0x20000000 1 reserve|top_down readonly|guard" },
  { "alloc $b = 00007ff0`00000000 0x12345 commit execute_readwrite",
    "alloc $b = 0x7ff000000000 0x12345 commit execute_readwrite" },
  { "reserve 0x20000000 64K", "reserve 0x20000000 64K" },
  { "reserve 0x20000000 64K readwrite", "reserve 0x20000000 64K" },
  { "reserve $a = 1G noaccess", "reserve $a = 1G noaccess" },
  { "reserve 1G", "reserve 1G" },
  { "commit $a 4K", "commit $a 4K" },
  { "commit $a + 4K 4K readonly", "commit $a+4K 4K readonly" },
  { "decommit $a", "decommit $a" },
  { "decommit $a 8192", "decommit $a 8K" },
  { "release $a", "release $a" },
  { "free $a release", "free $a release" },
  { "free $a 4K decommit", "free $a 4K decommit" },
  { "protect $a 4K readonly", "protect $a 4K readonly" },
  { "query ntdll+0x1000", "query ntdll+0x1000" },
  { "read pml4[255].pdpt[3]", "read pml4[255].pdpt[3] 1" },
  { "read $a 64K supervisor", "read $a 64K supervisor" },
  { "read $a supervisor", "read $a 1 supervisor" },
  { "write $a", "write $a 1" },
  { "write $a+0x123 8", "write $a+0x123 8" },
  { "write $a value=0x1234", "write $a 2 value=0x1234" },
  { "write $a 16 value=1 supervisor", "write $a 16 value=0x1 supervisor" },
  { "execute demo.exe+0x1000", "execute demo.exe+0x1000" },
  { "execute demo.exe-4096 supervisor", "execute demo.exe-4096 supervisor" },
  { "tick 10ms", "tick 10ms" },
  { "tick 1000ms", "tick 1s" },
  { "tick 90m", "tick 90m" },
  { "tick 100ns", "tick 100ns" },
  { "msr 0x40000020", "msr 0x40000020" },
  { "msr 1073741857", "msr 0x40000021" },
  { "alloc 64K reserve readonly align=65536 highest=0x7fffffff lowest=65536",
    "alloc 64K reserve readonly lowest=0x10000 highest=0x7fffffff align=64K" },
  { "alloc 2M reserve|commit|large_pages readwrite huge_pages",
    "alloc 2M reserve|commit|large_pages readwrite huge_pages" },
  { "alloc 64K commit readwrite zero_bits=4", "alloc 64K commit readwrite zero_bits=0x4" },
  { "placeholder $h = 0x50000000 64K", "placeholder $h = 0x50000000 64K" },
  { "placeholder 64K align=1M", "placeholder 64K align=1M" },
  { "split $h + 4K 4K", "split $h+4K 4K" },
  { "coalesce $h 64K", "coalesce $h 64K" },
  { "replace $x = $h 64K commit|reserve readonly", "replace $x = $h 64K reserve|commit readonly" },
  { "free $h 64K release|preserve_placeholder", "free $h 64K release|preserve_placeholder" },
  { "watch $a 64K reset", "watch $a 64K reset" },
  { "reset_watch $a 64K", "reset_watch $a 64K" },
  { "awe 64K", "awe 64K" },
  { "awe_map $a 8K first=2", "awe_map $a 8K first=0x2" },
  { "awe_unmap $a 8K", "awe_unmap $a 8K" },
  { "awe_free 4K", "awe_free 4K" },
  { "copy $a $b+4K 8K to=$q from=$p", "copy $a $b+4K 8K from=$p to=$q" },
  { "probe $a 16 align=8 write", "probe $a 16 align=8 write" },
  { "region ntdll", "region ntdll" },
  { "room 1M near=ntdll + 64K align=2M", "room 1M align=2M near=ntdll+64K" },
  { "why 0x7fff0000", "why 0x7fff0000" },
  { "alpha 0x7FFF8000", "alpha 0x7fff8000" },
  { "process a.exe lock_memory=yes", "process a.exe lock_memory=yes" },
  { "file $f = a/b.dll readonly  made=x64", "file $f = a/b.dll made=x64 readonly" },
  { "file $f = b size=0x1000", "file $f = b size=4K" },
  { "section $s = reserve 64K nocache", "section $s = 64K reserve|nocache" },
  { "section $s = $f writecopy image", "section $s = $f writecopy image" },
  { "map $s", "map $s" },
  { "map $a = $s $b + 64K top_down offset=64K readonly",
    "map $a = $s $b+64K readonly offset=64K top_down" },
  { "unmap 0x20000000", "unmap 0x20000000" },
  { "load $l = $f", "load $l = $f" },
  { "load ../x.dll", "load ../x.dll" },
  { "extend $s 1M", "extend $s 1M" },
  { "process q.exe machine=arm64 bare", "process q.exe machine=arm64 bare" },
  { "process q.exe bare image=$f", "process q.exe image=$f bare" },
};

static void
test_commands_have_one_canonical_form (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GError) error = NULL;
      guint column = 0;
      g_autoptr (AtlasCommand) command = atlas_command_parse (commands[i].typed, &column, &error);
      g_autoptr (AtlasCommand) again = NULL;
      g_autofree char *canonical = NULL, *canonical_again = NULL;

      g_assert_no_error (error);
      g_assert_nonnull (command);
      canonical = atlas_command_format (command);
      g_assert_cmpstr (canonical, ==, commands[i].canonical);

      again = atlas_command_parse (canonical, &column, &error);
      g_assert_no_error (error);
      canonical_again = atlas_command_format (again);
      g_assert_cmpstr (canonical_again, ==, canonical);
    }
}

/* Stands for all verbs, in the table's order. */
#define VERBS "a command: "
#define PROTECTIONS                                                                                \
  "a protection, joined by |: noaccess, readonly, readwrite, writecopy, execute, execute_read, "   \
  "execute_readwrite, execute_writecopy, guard, nocache, writecombine, targets_invalid"
#define FLAGS                                                                                      \
  "allocation flags, joined by |: reserve, commit, top_down, write_watch, 64k_pages, physical, "   \
  "large_pages, reset, reset_undo"
#define SIZE "a size such as 4096, 0x1000, 64K, 2M or 1G"

/* Stands on line 3 of a file called "bad". */
static const struct
{
  const char *line;
  guint column;
  const char *found; /* NULL: the end of the command */
  const char *expected;
} bad_lines[] = {
  { "alloca 64K", 1, "alloca", VERBS },
  { "  Alloc 64K", 3, "Alloc", VERBS },
  { "=", 1, "=", VERBS },
  { "$a", 1, "$a", VERBS },
  { "alloc", 6, NULL, "$NAME =, an address or a size such as 64K" },
  { "alloc   # nothing", 6, NULL, "$NAME =, an address or a size such as 64K" },
  { "alloc 64Q reserve readwrite", 7, "64Q", SIZE },
  { "alloc 64K", 10, NULL, "allocation flags such as reserve|commit" },
  { "alloc 64K reserve", 18, NULL, "a protection such as readwrite" },
  { "alloc 64K reserved readwrite", 11, "reserved", FLAGS },
  { "alloc 64K reserve| readwrite", 11, "reserve|", FLAGS },
  { "alloc 64K MEM_RESERVE readwrite", 11, "MEM_RESERVE", FLAGS },
  { "alloc 64K reserve rw", 19, "rw", PROTECTIONS },
  { "alloc 64K reserve readwrite more",
    29,
    "more",
    "lowest=NUMBER, highest=NUMBER, align=SIZE, zero_bits=NUMBER or huge_pages" },
  { "protect $a 4K readonly more", 24, "more", "the end of the command" },
  { "alloc 64K reserve readwrite align=3K",
    29,
    "align=3K",
    "lowest=NUMBER, highest=NUMBER, align=SIZE, zero_bits=NUMBER or huge_pages" },
  { "alloc 64K reserve readwrite zero_bits=3 align=64K",
    41,
    "align=64K",
    "either zero_bits or limits: they belong to two calls" },
  { "probe $a 4K reset", 13, "reset", "write or align=SIZE" },
  { "alloc $1 = 64K reserve readwrite", 7, "$1", "a name such as $a" },
  { "alloc $a = reserve readwrite", 12, "reserve", SIZE },
  { "alloc $a+$ 64K reserve readwrite", 10, "$", "a name such as $a" },
  { "alloc 0x20000000 16777216T reserve readwrite", 18, "16777216T", SIZE },
  { "reserve 0x20000000 64K write", 24, "write", PROTECTIONS },
  { "decommit", 9, NULL, "an address" },
  { "decommit $a x", 13, "x", SIZE },
  { "release $a 4K", 12, "4K", "the end of the command" },
  { "free $a", 8, NULL, "a size such as 64K or release or decommit" },
  { "free $a gone",
    9,
    "gone",
    "what to do, joined by |: release, decommit, preserve_placeholder, coalesce_placeholders" },
  { "protect $a readonly", 12, "readonly", SIZE },
  { "query pml4[1].pd[2]", 15, "pd[2]", "pdpt[…]" },
  { "query 12z",
    7,
    "12z",
    "an address such as 0x20000000, 00007ff9`0f718a3c, $name, ntdll+0x1000 or pml4[255].pdpt[3]" },
  { "read $a 0", 9, "0", "a number of bytes from 1 to 64K" },
  { "read $a 65537", 9, "65537", "a number of bytes from 1 to 64K" },
  { "read $a 8 user", 11, "user", "supervisor or the end of the command" },
  { "write $a eight",
    10,
    "eight",
    "a number of bytes from 1 to 64K, value=NUMBER, supervisor or the end of the command" },
  { "write $a 1 value=0x100", 12, "value=0x100", "a value that fits in the bytes written" },
  { "write $a 1 value=", 12, "value=", "value= and a number such as 0x1234" },
  { "room 0", 6, "0", "a size such as 4096, 0x1000, 64K, 2M or 1G" },
  { "tick 10", 6, "10", "a duration such as 100ns, 10ms, 1s or 2h, up to 3650 days" },
  { "tick 0s", 6, "0s", "a duration such as 100ns, 10ms, 1s or 2h, up to 3650 days" },
  { "tick 87601h", 6, "87601h", "a duration such as 100ns, 10ms, 1s or 2h, up to 3650 days" },
  { "tick 150ns", 6, "150ns", "a duration such as 100ns, 10ms, 1s or 2h, up to 3650 days" },
  { "msr 0x100000000", 5, "0x100000000", "the number of a register such as 0x40000020" },
  { "system memory=63M", 8, "memory=63M", "memory from 64M to 4T, in whole pages of 4K" },
  { "system memory=67108865", 8, "memory=67108865", "memory from 64M to 4T, in whole pages of 4K" },
  { "system seed=x", 8, "seed=x", "seed= and a number" },
  { "system build=7601", 8, "build=7601", "a build number from 10240, such as build=22000" },
  { "system hypervisor=maybe", 8, "hypervisor=maybe", "hypervisor=yes or hypervisor=no" },
  { "system cpus=4",
    8,
    "cpus=4",
    "memory=SIZE, seed=NUMBER, build=NUMBER, hypervisor=yes|no, layout=classic|random, "
    "kvashadow=on|off, levels=4|5" },
  { "system layout=other", 8, "layout=other", "layout=classic or layout=random" },
  { "system levels=6", 8, "levels=6", "levels=4 or levels=5" },
  { "system kvashadow=yes", 8, "kvashadow=yes", "kvashadow=on or kvashadow=off" },
  { "process a.exe bits=16", 15, "bits=16", "bits=32 or bits=64" },
  { "process a.exe bottom_up=on", 15, "bottom_up=on", "yes or no behind the equals sign" },
  { "process", 8, NULL, "a process name such as $p or a program's name such as demo.exe" },
  { "process $p", 11, NULL, "a program's name such as demo.exe" },
  { "process ../x.exe", 9, "../x.exe", "a program's name such as demo.exe" },
  { "process a.exe tiny",
    15,
    "tiny",
    "large_address_aware=yes|no, high_entropy=yes|no, dynamic_base=yes|no, mandatory=yes|no, "
    "bottom_up=yes|no, bits=32|64, machine=x64|arm64, lock_memory=yes|no, bare" },
  { "process a.exe high_entropy=1", 15, "high_entropy=1", "yes or no behind the equals sign" },
  { "select p", 8, "p", "a process name such as $p" },
  { "terminate p", 11, "p", "a process name such as $p" },
  { "query é", 7, "é", NULL },
  { "write $a é", 10, "é", NULL },
};

static char *
join_verbs (const char *separator)
{
  guint n_verbs;
  const AtlasVerb *verbs = atlas_session_get_verbs (&n_verbs);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n_verbs; i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "" : separator, verbs[i].name);
  return g_string_free (text, FALSE);
}

static void
test_wrong_lines_say_where_and_what (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_lines); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *text =
        g_strdup_printf ("# one\nsystem\n%s\nnot reached\n", bad_lines[i].line);
      g_autofree char *found = bad_lines[i].found == NULL
                                 ? g_strdup ("the end of the command")
                                 : g_strdup_printf ("'%s'", bad_lines[i].found);
      g_autofree char *verbs =
        g_strcmp0 (bad_lines[i].expected, VERBS) == 0 ? join_verbs (", ") : g_strdup ("");
      g_autofree char *message =
        g_strdup_printf ("bad:3:%u: found %s, expected %s%s",
                         bad_lines[i].column,
                         found,
                         bad_lines[i].expected == NULL ? "" : bad_lines[i].expected,
                         verbs);

      g_assert_null (atlas_scenario_parse (text, "bad", &error));
      g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
      if (bad_lines[i].expected != NULL)
        g_assert_cmpstr (error->message, ==, message);
      else
        g_assert_true (g_str_has_prefix (error->message, message));
    }
}

static void
test_damaged_text_is_refused (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (atlas_scenario_parse ("system\n# é \xff\n", "file", &error));
  g_assert_error (error, ATLAS_ERROR, ATLAS_ERROR_PARSE);
  g_assert_cmpstr (error->message, ==, "file:2:5: found the byte 0xff, expected text in UTF-8");
}

static void
test_text_is_kept_as_written (void)
{
  static const struct
  {
    const char *text;
    guint n_steps;
    guint last_line;
  } files[] = {
    { "", 0, 0 },
    { "# only words\n\n", 0, 0 },
    { "\n\n", 0, 0 },
    { "system", 1, 1 },
    { "# head\n\n  system   seed=1 # odd   blanks\n\n# tail", 1, 3 },
    { "system\r\n\r\n# dos\r\nprocess  a.exe\r\n", 2, 4 },
    { "\xef\xbb\xbf# mark\nsystem\n", 1, 2 },
    { "\xef\xbb\xbfsystem\nprocess a.exe\n\n", 2, 2 },
    { "system\n\n\nprocess a.exe\nread 0x1000\nread 0x2000\n# end\n\n", 4, 6 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AtlasScenario) scenario = atlas_scenario_parse (files[i].text, "file", &error);
      g_autoptr (GString) text = NULL;

      g_assert_no_error (error);
      g_assert_cmpuint (scenario->steps->len, ==, files[i].n_steps);
      text = g_string_new (scenario->preamble);
      for (guint s = 0; s < scenario->steps->len; s++)
        {
          AtlasScenarioStep *step = g_ptr_array_index (scenario->steps, s);

          g_string_append (text, step->text);
          if (s + 1 == scenario->steps->len)
            g_assert_cmpuint (step->command->line, ==, files[i].last_line);
        }
      g_assert_cmpstr (text->str, ==, files[i].text);
    }
}

static void
test_flag_words_are_distinct (void)
{
  static const AtlasWord *const tables[] = {
    atlas_allocation_words,
    atlas_free_words,
    atlas_protection_words,
  };

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    {
      guint32 seen = 0;

      for (const AtlasWord *word = tables[t]; word->word != NULL; word++)
        {
          g_autofree char *text = atlas_words_format (tables[t], word->bits);
          guint32 bits = 0;

          /* 64k_pages is the two bits of others; it comes before them. */
          if (word->bits != ATLAS_MEM_64K_PAGES)
            {
              g_assert_cmpuint (word->bits & (word->bits - 1), ==, 0);
              g_assert_cmphex (seen & word->bits, ==, 0);
              seen |= word->bits;
            }
          else
            g_assert_cmphex (seen & word->bits, ==, 0);
          g_assert_cmpstr (text, ==, word->word);
          g_assert_true (atlas_words_parse (tables[t], word->word, &bits));
          g_assert_cmphex (bits, ==, word->bits);
        }
    }
}

static void
test_completion_offers_what_parses (void)
{
  static const char *const names[] = { "$a", "$p", NULL };
  static const struct
  {
    const char *line;
    const char *words;
  } cases[] = {
    { "", NULL }, /* all of them */
    { "re", "reserve release read reset reset_undo reclaim repair replace reset_watch region" },
    { "  pro", "process protect probe" },
    { "offer $a 4K ", "very_low low below_normal normal" },
    { "workingset 1M 2M ", "hard" },
    { "trim $", "$a $p" },
    { "memlist p", "purge purge_low" },
    { "bogus ", "" },
    { "read ", "$a $p" },
    { "read $", "$a $p" },
    { "read $a ", "supervisor" },
    { "write $a ", "value= supervisor" },
    { "write $a 8 v", "value=" },
    { "write $a 8 supervisor ", "" },
    { "free $a ", "release decommit preserve_placeholder coalesce_placeholders" },
    { "free $a 4K d", "decommit" },
    { "alloc 64K r", "reserve reset reset_undo" },
    { "alloc 64K reserve|c", "reserve|commit" },
    { "alloc 64K reserve readonly ", "lowest= highest= align= zero_bits= huge_pages" },
    { "room 64K al", "align=" },
    { "probe $a 64K w", "write" },
    { "copy $a $", "$a $p" },
    { "copy $a $a 4K ", "from=$ to=$" },
    { "watch $a 64K ", "reset" },
    { "alloc $x = 64K reserve no", "noaccess nocache" },
    { "protect $a 4K readonly|g", "readonly|guard" },
    { "system me", "memory=" },
    { "system memory=1G h", "hypervisor=yes hypervisor=no" },
    { "process a.exe bare d", "dynamic_base=no" },
    { "process a.exe wrong d", "" },
    { "tick ", "" },
    { "entry $a ", "pte pde pdpte pml4e pml5e" },
    { "entry $a pd", "pde pdpte" },
    { "entry $a pte ", "" },
    { "entry $a pte 0 ", "user_root" },
    { "invlpg $", "$a $p" },
    { "control wp=no s", "smep=yes smep=no smap=yes smap=no" },
    { "tlb z", "zen zen2 zen4" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) words = atlas_command_complete (cases[i].line, names);
      g_autofree char *joined = g_strjoinv (" ", words);
      g_autofree char *verbs = join_verbs (" ");

      g_assert_cmpstr (joined, ==, cases[i].words != NULL ? cases[i].words : verbs);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/canonical", test_commands_have_one_canonical_form);
  g_test_add_func ("/command/words", test_flag_words_are_distinct);
  g_test_add_func ("/command/completion", test_completion_offers_what_parses);
  g_test_add_func ("/scenario/wrong-lines", test_wrong_lines_say_where_and_what);
  g_test_add_func ("/scenario/damaged-text", test_damaged_text_is_refused);
  g_test_add_func ("/scenario/text-kept", test_text_is_kept_as_written);
  return g_test_run ();
}
