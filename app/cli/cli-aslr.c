/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

#include "windows/laboratory.h"

typedef struct
{
  int n_boots;
  int n_starts;
  char *seed;
  char *high_entropy;
  char *dynamic_base;
  char *forced;
  char *bottom_up;
  char *large_address_aware;
  char *bits;
  char *hypervisor;
  char *layout;
  char *levels;
  char *format;
} Arguments;

static void
clear_arguments (Arguments *arguments)
{
  g_free (arguments->seed);
  g_free (arguments->high_entropy);
  g_free (arguments->dynamic_base);
  g_free (arguments->forced);
  g_free (arguments->bottom_up);
  g_free (arguments->large_address_aware);
  g_free (arguments->bits);
  g_free (arguments->hypervisor);
  g_free (arguments->layout);
  g_free (arguments->levels);
  g_free (arguments->format);
}

/* One of two words, into a switch; NULL leaves it. FALSE after saying why. */
static gboolean
parse_choice (const char *name, const char *text, const char *yes, const char *no, gboolean *value)
{
  if (text == NULL)
    return TRUE;
  *value = strcmp (text, yes) == 0;
  if (*value || strcmp (text, no) == 0)
    return TRUE;
  cli_wrong_usage (cli_verb_aslr.name, "--%s=%s: expected %s or %s", name, text, yes, no);
  return FALSE;
}

static gboolean
parse_arguments (const Arguments *arguments,
                 AtlasSystemOptions *system_options,
                 AtlasProcessOptions *options,
                 CliFormat *format)
{
  gboolean has_bottom_up = TRUE;
  g_autoptr (GError) error = NULL;

  if (!parse_choice (
        "highentropy", arguments->high_entropy, "on", "off", &options->has_high_entropy) ||
      !parse_choice (
        "dynamicbase", arguments->dynamic_base, "on", "off", &options->has_dynamic_base) ||
      !parse_choice ("mandatory", arguments->forced, "on", "off", &options->is_forced) ||
      !parse_choice ("bottomup", arguments->bottom_up, "on", "off", &has_bottom_up) ||
      !parse_choice ("largeaddressaware",
                     arguments->large_address_aware,
                     "on",
                     "off",
                     &options->is_large_address_aware) ||
      !parse_choice ("bits", arguments->bits, "32", "64", &options->is_32bit) ||
      !parse_choice (
        "hypervisor", arguments->hypervisor, "on", "off", &system_options->has_hypervisor) ||
      !parse_choice (
        "layout", arguments->layout, "classic", "random", &system_options->has_classic_layout) ||
      !parse_choice ("levels", arguments->levels, "5", "4", &system_options->has_la57) ||
      !cli_parse_format (&cli_verb_aslr, arguments->format, TRUE, format))
    return FALSE;
  options->has_no_bottom_up = !has_bottom_up;
  if (system_options->has_la57 && system_options->has_classic_layout)
    {
      cli_wrong_usage (cli_verb_aslr.name,
                       "--levels=5: not with --layout=classic, which knew four levels alone");
      return FALSE;
    }

  if (arguments->seed != NULL &&
      !atlas_parse_number (arguments->seed, FALSE, &system_options->seed, &error))
    {
      cli_wrong_usage (cli_verb_aslr.name, "--seed=%s: %s", arguments->seed, error->message);
      return FALSE;
    }
  if (arguments->n_boots < 1 || arguments->n_starts < 1 ||
      (gint64) arguments->n_boots * arguments->n_starts > ATLAS_LABORATORY_MAX_STARTS)
    {
      cli_wrong_usage (cli_verb_aslr.name,
                       "expected from 1 to %u starts in all, boots times starts",
                       ATLAS_LABORATORY_MAX_STARTS);
      return FALSE;
    }
  return TRUE;
}

static double
get_share (guint count, const AtlasLaboratoryRegion *region)
{
  return region->n_samples > 0 ? (double) count / region->n_samples : 0;
}

static double
ratio_get_value (const AtlasRatio *ratio)
{
  return (double) ratio->numerator / (double) ratio->denominator;
}

static void
print_text (AtlasLaboratoryKind kind, const AtlasLaboratoryRegion *region)
{
  static const char *const heights[] = { "·", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
  static const char *const limits[] = { "2 GB", "4 GB" };
  g_autofree char *min = atlas_format_va (region->min_va);
  g_autofree char *max = atlas_format_va (region->max_va);
  g_autofree char *bucket = atlas_format_size (region->bucket_bytes);
  guint highest = 1;
  g_autoptr (GString) graph = g_string_new (NULL);

  if (region->n_samples == 0)
    return;
  for (guint i = 0; i < ATLAS_LABORATORY_BUCKETS; i++)
    highest = MAX (highest, region->counts[i]);
  /* Any count at all is seen. */
  for (guint i = 0; i < ATLAS_LABORATORY_BUCKETS; i++)
    g_string_append (
      graph,
      heights[((guint64) region->counts[i] * (G_N_ELEMENTS (heights) - 1u) + highest - 1u) /
              highest]);

  cli_print ("%s: %u addresses, %u distinct", region->name, region->n_samples, region->n_distinct);
  if (region->n_bits > 0)
    cli_print (", %u bits", region->n_bits);
  cli_print ("\n  %s … %s\n  %s  %s each\n", min, max, graph->str, bucket);
  for (guint limit = 0; limit < ATLAS_N_LABORATORY_LIMITS; limit++)
    cli_print ("  below %s: %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT
               " = %.6f %% exact, %.6f %% measured (%u)\n",
               limits[limit],
               region->chances[limit].numerator,
               region->chances[limit].denominator,
               100 * ratio_get_value (&region->chances[limit]),
               100 * get_share (region->n_below[limit], region),
               region->n_below[limit]);
}

static void
print_csv (AtlasLaboratoryKind kind, const AtlasLaboratoryRegion *region)
{
  for (guint i = 0; i < ATLAS_LABORATORY_BUCKETS; i++)
    {
      if (region->counts[i] == 0)
        continue;
      cli_print ("%s,%u,%u,0x%" G_GINT64_MODIFIER "x,0x%" G_GINT64_MODIFIER
                 "x,0x%" G_GINT64_MODIFIER "x,0x%" G_GINT64_MODIFIER "x,%u",
                 atlas_laboratory_kind_get_id (kind),
                 region->n_samples,
                 region->n_distinct,
                 region->min_va,
                 region->max_va,
                 region->first_bucket_va + i * region->bucket_bytes,
                 region->bucket_bytes,
                 region->counts[i]);
      for (guint limit = 0; limit < ATLAS_N_LABORATORY_LIMITS; limit++)
        cli_print (",%u,%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT,
                   region->n_below[limit],
                   region->chances[limit].numerator,
                   region->chances[limit].denominator);
      cli_print ("\r\n");
    }
}

static void
add_limit (JsonBuilder *builder,
           const char *name,
           const AtlasLaboratoryRegion *region,
           AtlasLaboratoryLimit limit)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  atlas_json_add_hex (builder, "numerator", region->chances[limit].numerator);
  atlas_json_add_hex (builder, "denominator", region->chances[limit].denominator);
  json_builder_set_member_name (builder, "count");
  json_builder_add_int_value (builder, region->n_below[limit]);
  json_builder_end_object (builder);
}

static void
print_json (AtlasLaboratoryKind kind, const AtlasLaboratoryRegion *region)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  atlas_json_add_string (builder, "kind", atlas_laboratory_kind_get_id (kind));
  atlas_json_add_string (builder, "name", region->name);
  json_builder_set_member_name (builder, "bits");
  json_builder_add_int_value (builder, region->n_bits);
  json_builder_set_member_name (builder, "addresses");
  json_builder_add_int_value (builder, region->n_samples);
  json_builder_set_member_name (builder, "distinct");
  json_builder_add_int_value (builder, region->n_distinct);
  atlas_json_add_hex (builder, "min", region->min_va);
  atlas_json_add_hex (builder, "max", region->max_va);
  atlas_json_add_hex (builder, "first_bucket", region->first_bucket_va);
  atlas_json_add_hex (builder, "bucket_bytes", region->bucket_bytes);
  json_builder_set_member_name (builder, "counts");
  json_builder_begin_array (builder);
  for (guint i = 0; i < ATLAS_LABORATORY_BUCKETS; i++)
    json_builder_add_int_value (builder, region->counts[i]);
  json_builder_end_array (builder);
  add_limit (builder, "below_2gb", region, ATLAS_LABORATORY_BELOW_2GB);
  add_limit (builder, "below_4gb", region, ATLAS_LABORATORY_BELOW_4GB);
  json_builder_end_object (builder);
  cli_print_json (builder);
}

static CliStatus
run (int argc, char **argv)
{
  static void (*const printers[]) (AtlasLaboratoryKind kind,
                                   const AtlasLaboratoryRegion *region) = {
    [CLI_FORMAT_TEXT] = print_text,
    [CLI_FORMAT_CSV] = print_csv,
    [CLI_FORMAT_JSON] = print_json,
  };
  Arguments arguments = { .n_boots = 1000, .n_starts = 1 };
  AtlasSystemOptions system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  AtlasProcessOptions options = ATLAS_PROCESS_OPTIONS_DEFAULT;
#define SWITCH(name, variable, words, choice)                                                      \
  {                                                                                                \
    name, 0, 0, G_OPTION_ARG_STRING, &(variable), words, choice                                    \
  }
  const GOptionEntry entries[] = {
    { "boots", 'n', 0, G_OPTION_ARG_INT, &arguments.n_boots, "Boots, 1000 unless told", "N" },
    { "starts", 0, 0, G_OPTION_ARG_INT, &arguments.n_starts, "Process starts a boot, 1", "N" },
    SWITCH ("seed", arguments.seed, "Where all chance comes from", "N"),
    SWITCH ("highentropy", arguments.high_entropy, "Linked with /HIGHENTROPYVA", "on|off"),
    SWITCH ("dynamicbase", arguments.dynamic_base, "Linked with /DYNAMICBASE", "on|off"),
    SWITCH ("mandatory", arguments.forced, "Images move without /DYNAMICBASE", "on|off"),
    SWITCH ("bottomup", arguments.bottom_up, "Bottom-up randomization", "on|off"),
    SWITCH ("largeaddressaware",
            arguments.large_address_aware,
            "Linked with /LARGEADDRESSAWARE; off: 2 GB",
            "on|off"),
    SWITCH ("bits", arguments.bits, "A 32-bit program, or a 64-bit one", "32|64"),
    SWITCH ("hypervisor", arguments.hypervisor, "Boots under a hypervisor", "on|off"),
    SWITCH ("layout", arguments.layout, "The kernel half", "classic|random"),
    SWITCH ("levels", arguments.levels, "Of page tables; five: 64 PB", "4|5"),
    SWITCH ("format", arguments.format, "text, csv or json", "FORMAT"),
    G_OPTION_ENTRY_NULL,
  };
#undef SWITCH
  CliStatus status = CLI_WRONG_USAGE;
  CliFormat format;

  if (cli_parse_options (&cli_verb_aslr, entries, 0, 0, &argc, &argv) &&
      parse_arguments (&arguments, &system_options, &options, &format))
    {
      g_autoptr (AtlasLaboratory) laboratory = atlas_laboratory_run (
        &system_options, &options, (guint) arguments.n_boots, (guint) arguments.n_starts);

      if (format == CLI_FORMAT_CSV)
        cli_print ("kind,addresses,distinct,min,max,bucket,bucket_bytes,count,below_2gb,"
                   "chance_2gb_numerator,chance_2gb_denominator,below_4gb,"
                   "chance_4gb_numerator,chance_4gb_denominator\r\n");
      for (guint kind = 0; kind < ATLAS_N_LABORATORY_KINDS; kind++)
        printers[format]((AtlasLaboratoryKind) kind,
                         atlas_laboratory_get_region (laboratory, (AtlasLaboratoryKind) kind));
      status = cli_finish_output ();
    }
  clear_arguments (&arguments);
  return status;
}

const CliVerb cli_verb_aslr = {
  .name = "aslr",
  .parameters = "",
  .summary = "Boot by the thousand, and tell where things land",
  .description =
    "How the addresses of each kind of region spread over many boots and process starts, and the "
    "chance of landing below 2 GB and below 4 GB: exact by the model, and measured.\n"
    "A mandatory move without bottom-up randomization always ends at the same address.",
  .run = run,
};
