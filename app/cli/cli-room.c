/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "space/room.h"

typedef struct
{
  char *align;
  char *lowest;
  char *highest;
  char *near;
  char *format;
} Arguments;

static void
clear_arguments (Arguments *arguments)
{
  g_free (arguments->align);
  g_free (arguments->lowest);
  g_free (arguments->highest);
  g_free (arguments->near);
  g_free (arguments->format);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arguments, clear_arguments)

/* NULL @text leaves @value. */
static gboolean
parse (const char *option, const char *text, gboolean is_size, guint64 *value)
{
  g_autoptr (GError) error = NULL;

  if (text == NULL || (is_size ? atlas_parse_size (text, value, &error)
                               : atlas_parse_number (text, TRUE, value, &error)))
    return TRUE;
  cli_wrong_usage (cli_verb_room.name, "%s: %s", option, error->message);
  return FALSE;
}

static gboolean
parse_query (const Arguments *arguments, const char *size, AtlasRoomQuery *query)
{
  AtlasVa near_va = 0;
  AtlasVa first_va = 0, last_va = G_MAXUINT64;

  *query = (AtlasRoomQuery){ .last_va = G_MAXUINT64 };
  if (!parse ("SIZE", size, TRUE, &query->size_bytes) ||
      !parse ("--align", arguments->align, TRUE, &query->alignment_bytes) ||
      !parse ("--lowest", arguments->lowest, FALSE, &query->first_va) ||
      !parse ("--highest", arguments->highest, FALSE, &query->last_va) ||
      !parse ("--near", arguments->near, FALSE, &near_va))
    return FALSE;
  if (arguments->near != NULL)
    atlas_room_get_reach (near_va, &first_va, &last_va);
  query->first_va = MAX (query->first_va, first_va);
  query->last_va = MIN (query->last_va, last_va);
  if (query->size_bytes > 0 && query->first_va <= query->last_va &&
      (query->alignment_bytes & (query->alignment_bytes - 1u)) == 0)
    return TRUE;
  cli_wrong_usage (cli_verb_room.name,
                   "expected a size above 0, limits in order and a power of two to align to");
  return FALSE;
}

static void
print_places (const AtlasRoomPlaces *places, CliFormat format)
{
  g_autoptr (JsonBuilder) builder = NULL;
  g_autofree char *first = atlas_format_va (places->base_va);
  g_autofree char *last = atlas_format_va (places->last_base_va);

  if (format == CLI_FORMAT_TEXT)
    {
      cli_print ("%s  %s  %" G_GUINT64_FORMAT "\n", first, last, places->n_places);
      return;
    }
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  atlas_json_add_hex (builder, "first", places->base_va);
  atlas_json_add_hex (builder, "last", places->last_base_va);
  atlas_json_add_hex (builder, "places", places->n_places);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static CliStatus
print_room (AtlasSpace *space, const AtlasRoomQuery *query, CliFormat format)
{
  g_autoptr (AtlasRoom) room = atlas_room_new (atlas_space_get_regions (space));
  g_autofree char *reason = NULL;
  AtlasRoomIter iter;
  AtlasRoomPlaces places;

  if (room == NULL)
    return cli_wrong_input ("page tables map more here than can be listed");
  reason = atlas_room_explain (room, query);
  if (reason != NULL)
    return cli_wrong_input ("no room: %s", reason);

  if (format == CLI_FORMAT_TEXT)
    cli_print ("%-17s  %-17s  %s\n", "first base", "last base", "places");
  atlas_room_iter_init (&iter, room, query);
  while (atlas_room_iter_next (&iter, &places))
    print_places (&places, format);
  return cli_finish_output ();
}

static CliStatus
run (int argc, char **argv)
{
  g_auto (CliRegisters) registers = { .memory_path = NULL };
  g_auto (Arguments) arguments = { NULL };
  const GOptionEntry entries[] = {
    { "format", 'f', 0, G_OPTION_ARG_STRING, &arguments.format, "text or json", "FORMAT" },
    { "align", 0, 0, G_OPTION_ARG_STRING, &arguments.align, "Bases are multiples of this", "SIZE" },
    { "lowest", 0, 0, G_OPTION_ARG_STRING, &arguments.lowest, "Not below ADDRESS", "ADDRESS" },
    { "highest", 0, 0, G_OPTION_ARG_STRING, &arguments.highest, "Up to this byte", "ADDRESS" },
    { "near", 0, 0, G_OPTION_ARG_STRING, &arguments.near, "Within 2 GB of ADDRESS", "ADDRESS" },
    CLI_REGISTER_ENTRIES (registers),
    G_OPTION_ENTRY_NULL,
  };
  AtlasRoomQuery query;
  CliFormat format;
  CliStatus status;
  CliInput input;

  if (!cli_parse_options (&cli_verb_room, entries, 2, 2, &argc, &argv) ||
      !cli_parse_format (&cli_verb_room, arguments.format, FALSE, &format) ||
      !parse_query (&arguments, argv[2], &query))
    return CLI_WRONG_USAGE;
  status = cli_open_space (&cli_verb_room, argv[1], &registers, &input);
  if (status != CLI_DONE)
    return status;

  status = print_room (input.space, &query, format);
  cli_close (&input);
  return status;
}

const CliVerb cli_verb_room = {
  .name = "room",
  .parameters = "FILE SIZE",
  .summary = "List where so many bytes fit, or tell why nowhere",
  .description =
    "Each line is one gap: the first and the last base in it, and how many there are. Addresses "
    "are hexadecimal. With no room the status is 1, and the reason goes to standard error.",
  .run = run,
};
