/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "paging/tables.h"

/* "w--g": rights over all levels. */
static void
format_rights (const AtlasMappedRange *range, char rights[5])
{
  rights[0] = range->is_user ? 'u' : 's';
  rights[1] = range->is_writable ? 'w' : 'r';
  rights[2] = range->is_executable ? 'x' : '-';
  rights[3] = range->is_global ? 'g' : '-';
  rights[4] = '\0';
}

static void
print_range (const AtlasMappedRange *range)
{
  g_autofree char *first = atlas_format_va (range->first_va);
  g_autofree char *last = atlas_format_va (range->last_va);
  /* 2^64 bytes in one range would need a page of their own. */
  g_autofree char *size = atlas_format_size (range->last_va - range->first_va + 1);
  g_autofree char *page = atlas_format_size (range->page_bytes);
  char rights[5];

  format_rights (range, rights);
  cli_print ("%s-%s  %s  0x%-12" G_GINT64_MODIFIER "x  %s pages  %s\n",
             first,
             last,
             rights,
             range->first_pa,
             page,
             size);
}

static void
print_leaf (const AtlasMappedRange *leaf)
{
  char rights[5];

  format_rights (leaf, rights);
  cli_print ("0x%" G_GINT64_MODIFIER "x,0x%" G_GINT64_MODIFIER "x,0x%" G_GINT64_MODIFIER "x,%s\n",
             leaf->first_va,
             leaf->first_pa,
             leaf->page_bytes,
             rights);
}

static void
print_totals (const AtlasTableGraph *graph)
{
  const AtlasTableNode *root = atlas_table_graph_get_node (graph, 0);
  g_autofree char *mapped = atlas_format_size (root->mapped_bytes);

  cli_print ("%u tables, %" G_GUINT64_FORMAT " pages of 4 KB, %" G_GUINT64_FORMAT
             " of 2 MB, %" G_GUINT64_FORMAT " of 1 GB, %s mapped\n",
             atlas_table_graph_get_n_nodes (graph),
             root->n_leaves[0],
             root->n_leaves[1],
             root->n_leaves[2],
             mapped);
}

static CliStatus
print_tables (const char *path, CliTables *tables, gboolean wants_leaves)
{
  g_autoptr (AtlasTableGraph) graph = atlas_table_graph_new (tables->memory, &tables->control);
  AtlasTableIter iter;
  AtlasMappedRange range;

  if (atlas_table_graph_get_n_nodes (graph) == 0)
    return cli_wrong_input ("%s: the root table at 0x%" G_GINT64_MODIFIER
                            "x lies outside the memory",
                            cli_get_display_name (path),
                            atlas_control_get_root_pa (&tables->control));
  atlas_table_iter_init (&iter, graph, 0, G_MAXUINT64);
  if (wants_leaves)
    {
      cli_print ("va,pa,page_bytes,flags\n");
      while (atlas_table_iter_next_leaf (&iter, &range))
        print_leaf (&range);
    }
  else
    {
      while (atlas_table_iter_next_range (&iter, &range))
        print_range (&range);
      print_totals (graph);
    }
  return cli_finish_output ();
}

static CliStatus
run (int argc, char **argv)
{
  CliRegisters registers = { .memory_path = NULL };
  gboolean wants_leaves = FALSE;
  const GOptionEntry entries[] = {
    { "leaves",
      0,
      0,
      G_OPTION_ARG_NONE,
      &wants_leaves,
      "Every page as va,pa,page_bytes,flags, in address order",
      NULL },
    CLI_REGISTER_ENTRIES (registers),
    G_OPTION_ENTRY_NULL,
  };
  CliStatus status = CLI_WRONG_USAGE;
  CliTables tables;

  if (cli_parse_options (&cli_verb_tables, entries, 0, 1, &argc, &argv))
    {
      const char *path = registers.memory_path != NULL ? registers.memory_path : argv[1];

      if ((argc > 1) == (registers.memory_path != NULL))
        status = cli_wrong_usage (cli_verb_tables.name, "tables: expected FILE or --memory=IMAGE");
      else
        status = cli_open_tables (&cli_verb_tables, path, &registers, &tables);
      if (status == CLI_DONE)
        {
          status = print_tables (path, &tables, wants_leaves);
          cli_close_tables (&tables);
        }
    }
  cli_clear_registers (&registers);
  return status;
}

const CliVerb cli_verb_tables = {
  .name = "tables",
  .parameters = "FILE",
  .summary = "List what the page tables map, with rights over all levels",
  .description =
    "FILE is a scenario or an image of physical memory (LiME, ELF core); --memory names a raw "
    "one.\n"
    "Flags: u user or s supervisor; w writable or r read-only; x executable; g global.\n"
    "Neighbours of equal rights with contiguous frames are one range; --leaves parts them.",
  .run = run,
};
