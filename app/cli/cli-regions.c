/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

#include "space/region-filter.h"
#include "space/region-text.h"

/* Page tables can map more ranges than any list could hold. */
#define LIMIT_DEFAULT 1000000u

static void
print_csv_header (void)
{
  cli_print ("%s", ATLAS_REGION_CSV_HEADER);
}

static void
print_csv (const AtlasRegion *region)
{
  g_autoptr (GString) row = g_string_new (NULL);

  atlas_region_append_csv (region, row);
  cli_print ("%s", row->str);
}

static void
print_text_header (void)
{
  cli_print ("%-17s  %9s  %-7s  %-10s  %-7s  %-18s  %s\n",
             "base",
             "size",
             "state",
             "protect",
             "type",
             "class",
             "name");
}

/* printf() counts bytes; a column is made of characters. */
static int
get_padded_bytes (const char *text, int width)
{
  return width + (int) strlen (text) - (int) g_utf8_strlen (text, -1);
}

static void
print_text (const AtlasRegion *region)
{
  g_autofree char *base = atlas_format_va (region->base_va);
  g_autofree char *size = atlas_format_size (region->size_bytes);
  g_autofree char *protect = atlas_protect_format_short (region->protect);

  cli_print ("%s  %9s  %-7s  %-*s  %-7s  %-*s%s\n",
             base,
             size,
             atlas_region_state_get_name (region->state),
             get_padded_bytes (protect, 10),
             protect,
             atlas_region_type_get_name (region->type),
             region->name != NULL ? 20 : 0,
             atlas_region_class_get_name (region->region_class),
             region->name != NULL ? region->name : "");
}

static void
print_json (const AtlasRegion *region)
{
  g_autoptr (GString) line = g_string_new (NULL);

  atlas_region_append_json (region, line);
  cli_print ("%s", line->str);
}

static const struct
{
  void (*print_header) (void);
  void (*print) (const AtlasRegion *region);
} writers[] = {
  [CLI_FORMAT_TEXT] = { print_text_header, print_text },
  [CLI_FORMAT_CSV] = { print_csv_header, print_csv },
  [CLI_FORMAT_JSON] = { NULL, print_json },
};

typedef struct
{
  gboolean is_all;
  guint64 limit;
  AtlasVa first_va;
  AtlasRegionFilter *filter;
} Selection;

/* VirtualQuery's view, or every region: page tables know of no VirtualQuery. */
static guint64
print_regions (AtlasRegionSet *set, CliFormat format, const Selection *selection)
{
  guint64 n_printed = 0;
  guint64 index = atlas_region_set_find (set, selection->first_va);
  AtlasQueryIter iter;
  AtlasRegion region;

  if (writers[format].print_header != NULL)
    writers[format].print_header ();

  if (selection->is_all || atlas_region_set_knows_kernel_half (set))
    {
      guint64 n_regions = atlas_region_set_get_n_regions (set);

      for (; index < n_regions && n_printed < selection->limit; index++)
        {
          const AtlasRegion *one = atlas_region_set_get_region (set, index);

          if (!atlas_region_filter_matches (selection->filter, one))
            continue;
          writers[format].print (one);
          n_printed++;
        }
      return n_regions - index;
    }

  atlas_query_iter_init (&iter, set);
  iter.index = index;
  while (n_printed < selection->limit && atlas_query_iter_next (&iter, &region))
    {
      if (!atlas_region_filter_matches (selection->filter, &region))
        continue;
      writers[format].print (&region);
      n_printed++;
    }
  return atlas_query_iter_next (&iter, &region)
           ? atlas_region_set_get_n_regions (set) - iter.index + 1
           : 0;
}

/* On standard error: what is printed stays what it says it is. */
static void
tell_left (guint64 n_left, const AtlasRegionSet *set, gboolean is_filtered)
{
  g_autofree char *left = atlas_format_count (n_left);
  g_autofree char *all = atlas_format_count (atlas_region_set_get_n_regions (set));

  if (n_left > 0)
    g_printerr ("vmatlas-cli: %s of %s regions are not %s; --limit and --from choose which\n",
                left,
                all,
                is_filtered ? "looked at" : "listed");
}

/* NULL @text leaves @value. */
static gboolean
parse_number (const char *option, const char *text, guint64 *value)
{
  g_autoptr (GError) error = NULL;

  if (text == NULL || atlas_parse_number (text, FALSE, value, &error))
    return TRUE;
  cli_wrong_usage (cli_verb_regions.name, "--%s: %s", option, error->message);
  return FALSE;
}

static CliStatus
run (int argc, char **argv)
{
  g_auto (CliRegisters) registers = { .memory_path = NULL };
  g_autofree char *format_name = NULL;
  g_autofree char *limit = NULL;
  g_autofree char *from = NULL;
  g_autofree char *filter_text = NULL;
  g_autoptr (AtlasRegionFilter) filter = NULL;
  Selection selection = { .limit = G_MAXUINT64 };
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format_name, "text, csv or json", "FORMAT" },
    { "all",
      'a',
      0,
      G_OPTION_ARG_NONE,
      &selection.is_all,
      "All 2^64 addresses, and what is free told apart: never, unusable, free",
      NULL },
    { "filter",
      0,
      0,
      G_OPTION_ARG_STRING,
      &filter_text,
      "Only those that all words say something of: name, class, state, type, protection, address",
      "WORDS" },
    { "limit", 0, 0, G_OPTION_ARG_STRING, &limit, "At most so many", "N" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &from, "Begin with the region at ADDRESS", "ADDRESS" },
    CLI_REGISTER_ENTRIES (registers),
    G_OPTION_ENTRY_NULL,
  };
  AtlasRegionSet *set;
  CliFormat format;
  CliStatus status;
  CliInput input;

  if (!cli_parse_options (&cli_verb_regions, entries, 0, 1, &argc, &argv) ||
      !cli_parse_format (&cli_verb_regions, format_name, TRUE, &format) ||
      !parse_number ("limit", limit, &selection.limit) ||
      !parse_number ("from", from, &selection.first_va))
    return CLI_WRONG_USAGE;
  status = cli_open_space (&cli_verb_regions, argv[1], &registers, &input);
  if (status != CLI_DONE)
    return status;

  set = atlas_space_get_regions (input.space);
  filter = atlas_region_filter_new (filter_text);
  selection.filter = filter;
  if (limit == NULL && !atlas_region_set_is_listed (set))
    selection.limit = LIMIT_DEFAULT;
  tell_left (print_regions (set, format, &selection), set, filter_text != NULL);
  cli_close (&input);
  return cli_finish_output ();
}

const CliVerb cli_verb_regions = {
  .name = "regions",
  .parameters = "FILE",
  .summary = "List the regions as a loop of VirtualQuery sees them",
  .description =
    "Covers every address from 0 to the end of user space, what is free included. CSV "
    "follows RFC 4180 with CR LF line ends; JSON is one object a line.\nOf an image of "
    "physical memory (with --cr3) both halves are listed, as its page tables map "
    "them.",
  .run = run,
};
