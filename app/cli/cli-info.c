/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

static void
print_line (const char *key, const char *value)
{
  cli_print ("%-24s %s\n", key, value);
}

static void
print_classes (AtlasRegionSet *set)
{
  /* Where tables tell of the kernel half, it is counted too. */
  AtlasVa last_va = atlas_region_set_knows_kernel_half (set)
                      ? G_MAXUINT64
                      : atlas_region_set_get_user_end_va (set) - 1u;
  guint64 n_all = atlas_region_set_get_n_regions (set);
  guint64 n_regions[ATLAS_N_CLASSES] = { 0 };
  guint64 size_bytes[ATLAS_N_CLASSES] = { 0 };
  guint64 committed_bytes[ATLAS_N_CLASSES] = { 0 };

  if (!atlas_region_set_is_listed (set))
    {
      g_autofree char *count = atlas_format_count (n_all);

      print_line ("regions", count);
      return;
    }
  for (guint64 i = 0; i < n_all; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      if (region->base_va > last_va)
        break;
      n_regions[region->region_class]++;
      size_bytes[region->region_class] += region->size_bytes;
      if (region->state == ATLAS_STATE_COMMIT)
        committed_bytes[region->region_class] += region->size_bytes;
    }

  cli_print ("\n%-20s %10s %11s %11s\n", "class", "regions", "size", "committed");
  for (guint i = 0; i < ATLAS_N_CLASSES; i++)
    if (n_regions[i] > 0)
      {
        g_autofree char *count = atlas_format_count (n_regions[i]);
        g_autofree char *size = atlas_format_size (size_bytes[i]);
        g_autofree char *committed = atlas_format_size (committed_bytes[i]);

        cli_print ("%-20s %10s %11s %11s\n",
                   atlas_region_class_get_name ((AtlasRegionClass) i),
                   count,
                   size,
                   committed);
      }
}

static void
print_info (AtlasSpace *space)
{
  AtlasRegionSet *set = atlas_space_get_regions (space);
  g_autofree char *user_end = atlas_format_va (atlas_region_set_get_user_end_va (set));

  print_line ("name", atlas_space_get_name (space));
  if (atlas_space_get_subtitle (space) != NULL)
    print_line ("what", atlas_space_get_subtitle (space));
  for (guint i = 0; i < atlas_space_get_n_facts (space); i++)
    {
      const AtlasSpaceFact *fact = atlas_space_get_fact (space, i);

      print_line (fact->key, fact->value);
    }
  print_line ("user end", user_end);
  print_line ("can be walked", atlas_space_has_tables (space) ? "yes" : "no, has no page tables");
  print_classes (set);
}

static CliStatus
run (int argc, char **argv)
{
  g_auto (CliRegisters) registers = { .memory_path = NULL };
  const GOptionEntry entries[] = { CLI_REGISTER_ENTRIES (registers), G_OPTION_ENTRY_NULL };
  CliStatus status;
  CliInput input;

  if (!cli_parse_options (&cli_verb_info, entries, 0, 1, &argc, &argv))
    return CLI_WRONG_USAGE;
  status = cli_open_space (&cli_verb_info, argv[1], &registers, &input);
  if (status != CLI_DONE)
    return status;

  print_info (input.space);
  cli_close (&input);
  return cli_finish_output ();
}

const CliVerb cli_verb_info = {
  .name = "info",
  .parameters = "FILE",
  .summary = "Tell what an address space is and what fills it",
  .run = run,
};
