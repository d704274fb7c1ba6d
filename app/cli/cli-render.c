/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <string.h>

#include "map/flag-file.h"
#include "map/hilbert.h"
#include "map/lens.h"
#include "map/story.h"
#include "map/strip.h"
#include "map/time-strip.h"
#include "paint/cairo-painter.h"
#include "paging/mmu.h"
#include "session/history-measures.h"
#include "session/page-look.h"
#include "windows/page-ages.h"

/* What a picture may measure; cairo's image surfaces end at 32767. */
#define SIZE_MAX_PX 16384u
#define WALK_WIDTH_PX 620u
#define MEASURES_HEIGHT_PX 96u
#define N_MOMENTS_MAX 256u

typedef struct
{
  guint width_px;
  guint height_px;
  AtlasVa first_va;
  AtlasVa last_va;
  AtlasAxisKind axis_kind; /* of the map, when it is not an area */
  gboolean is_area;
  gboolean is_windows;
  GArray *flags;     /* borrowed, of the map: of AtlasFlag; NULL is none */
  gboolean is_heat;  /* of the lens: cells coloured by when they were used */
  gboolean has_size; /* somebody asked for it */
  gboolean has_from;
  gboolean has_access; /* likewise */
  AtlasAccess access;
  gboolean is_supervisor;
} Frame;

static gboolean
parse_size (const char *text, Frame *frame)
{
  guint64 values[2];
  g_auto (GStrv) parts = g_strsplit (text, "x", 3);

  if (g_strv_length (parts) != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 1, SIZE_MAX_PX, &values[i], NULL))
      return FALSE;
  frame->width_px = (guint) values[0];
  frame->height_px = (guint) values[1];
  return TRUE;
}

static gboolean
parse_theme (const char *name, AtlasPaletteKind *palette)
{
  static const char *const names[ATLAS_N_PALETTES] = {
    [ATLAS_PALETTE_LIGHT] = "light",
    [ATLAS_PALETTE_DARK] = "dark",
    [ATLAS_PALETTE_LIGHT_CONTRAST] = "light-contrast",
    [ATLAS_PALETTE_DARK_CONTRAST] = "dark-contrast",
  };

  for (guint i = 0; i < ATLAS_N_PALETTES; i++)
    if (strcmp (name, names[i]) == 0)
      {
        *palette = (AtlasPaletteKind) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_layout (const char *name, Frame *frame)
{
  static const struct
  {
    const char *name;
    AtlasAxisKind axis_kind;
    gboolean is_area;
  } layouts[] = {
    { "collapsed", ATLAS_AXIS_COLLAPSED, FALSE },
    { "linear", ATLAS_AXIS_LINEAR, FALSE },
    { "hilbert", ATLAS_AXIS_COLLAPSED, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (layouts); i++)
    if (strcmp (name, layouts[i].name) == 0)
      {
        frame->axis_kind = layouts[i].axis_kind;
        frame->is_area = layouts[i].is_area;
        return TRUE;
      }
  return FALSE;
}

static const AtlasFlag *
get_flags (const Frame *frame, guint *n_flags)
{
  *n_flags = frame->flags != NULL ? frame->flags->len : 0;
  return frame->flags != NULL ? (const AtlasFlag *) (gconstpointer) frame->flags->data : NULL;
}

static void
draw_area (AtlasDisplayList *list, const AtlasRegionSet *set, const Frame *frame)
{
  g_autoptr (GArray) alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm));
  AtlasHilbertInput input = {
    .regions = set,
    .plane = atlas_hilbert_plane (frame->last_va),
    .columns = frame->width_px,
    .rows = frame->height_px,
    .alarms = alarms,
  };

  input.view = atlas_hilbert_view_fit (
    &input.plane, frame->width_px, frame->height_px, frame->first_va, frame->last_va, 0);
  input.flags = get_flags (frame, &input.n_flags);
  input.raster =
    atlas_hilbert_fold (set, &input.plane, &input.view, input.columns, input.rows, alarms);
  atlas_hilbert_draw (list, &input);
  g_bytes_unref (input.raster);
}

static gboolean
draw_map (AtlasDisplayList *list, const CliInput *source, Frame *frame, GError **error)
{
  AtlasSpace *space = source->space;
  AtlasPageLooker looker = atlas_page_looker (space, frame->is_windows);
  AtlasRegionSet *set = atlas_space_get_regions (space);
  AtlasVa user_last_va = atlas_region_set_get_user_end_va (set) - 1u;
  gboolean is_user_half = frame->last_va <= user_last_va;
  g_autoptr (AtlasAxis) axis = atlas_axis_new (
    frame->axis_kind, set, 0, is_user_half ? user_last_va : ~G_GUINT64_CONSTANT (0));
  AtlasStripInput input = {
    .regions = set,
    .axis = axis,
    .view = atlas_view_fit (axis, frame->width_px, frame->first_va, frame->last_va, 0),
    .height_px = frame->height_px,
    .peek = atlas_strip_peek_space,
    .peek_data = space,
    .get_page = atlas_page_look,
    .page_data = &looker,
  };

  input.flags = get_flags (frame, &input.n_flags);
  if (frame->is_area)
    draw_area (list, set, frame);
  else
    atlas_strip_draw (list, &input);
  return TRUE;
}

/* A simulation keeps an age of each page; elsewhere there are only Accessed bits. */
static void
get_heat (const CliInput *source, const AtlasLens *lens, AtlasLensHeat *heat)
{
  AtlasProcess *process =
    source->session != NULL ? atlas_session_get_process (source->session) : NULL;
  g_autoptr (AtlasPageAges) ages = process != NULL ? atlas_page_ages_new (process) : NULL;

  if (ages != NULL)
    atlas_page_ages_look (ages, lens, heat);
  else
    atlas_lens_get_accessed (lens, heat);
}

static gboolean
draw_lens (AtlasDisplayList *list, const CliInput *source, Frame *frame, GError **error)
{
  AtlasLens *lens = g_new0 (AtlasLens, 1);
  g_autofree AtlasLensHeat *heat = NULL;
  AtlasLensInput input = {
    .width_px = frame->width_px,
    .height_px = frame->height_px,
    .arrow_progress = 1,
    .hover_column = -1,
    .hover_cell = -1,
  };

  atlas_lens_update (lens, source->space, frame->first_va);
  input.n_levels_shown = lens->n_levels + 1u;
  if (frame->is_heat)
    {
      heat = g_new0 (AtlasLensHeat, 1);
      get_heat (source, lens, heat);
      input.heat = heat;
    }
  atlas_lens_draw (list, lens, &input);
  g_free (lens);
  return TRUE;
}

/* The last access that the scenario made; NULL when it made none. Borrowed. */
static const AtlasCommandResult *
find_last_access (AtlasSession *session)
{
  for (guint i = atlas_session_get_n_commands (session); i-- > 0;)
    {
      const AtlasCommandResult *result = atlas_session_get_result (session, i);

      if (result->trace != NULL && atlas_trace_get_n_events (result->trace) > 0)
        return result;
    }
  return NULL;
}

/* What happened at the last access of a scenario, or what would happen at an address. (transfer
 * full) */
static AtlasTrace *
get_story (const CliInput *source, const Frame *frame, char **heading, GError **error)
{
  const AtlasCommandResult *access =
    source->session != NULL && !frame->has_from && !frame->has_access
      ? find_last_access (source->session)
      : NULL;
  const AtlasWalkQuery query = { .va = frame->first_va,
                                 .access = frame->access,
                                 .is_supervisor = frame->is_supervisor };
  g_autofree char *va = atlas_format_va (query.va);
  AtlasWalkResult result;
  AtlasTrace *trace;

  if (access != NULL)
    {
      *heading = g_strdup (access->command);
      return atlas_trace_ref (access->trace);
    }
  if (!atlas_space_walk (source->space, &query, &result))
    {
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_PARSE,
                   "%s: no page tables to walk",
                   atlas_space_get_name (source->space));
      return NULL;
    }
  *heading = g_strdup_printf ("%s · %s, %s · %s",
                              va,
                              atlas_access_get_name (query.access),
                              query.is_supervisor ? "supervisor" : "user",
                              atlas_space_get_name (source->space));
  trace = atlas_trace_new ();
  atlas_mmu_trace_walk (&query,
                        &result,
                        atlas_space_get_control (source->space),
                        atlas_space_get_mtrrs (source->space),
                        trace);
  return trace;
}

static gboolean
draw_walk (AtlasDisplayList *list, const CliInput *source, Frame *frame, GError **error)
{
  g_autofree char *heading = NULL;
  g_autoptr (AtlasTrace) trace = get_story (source, frame, &heading, error);
  guint height_px;

  if (trace == NULL)
    return FALSE;
  height_px = atlas_story_get_height (trace);
  if (!frame->has_size)
    {
      frame->width_px = WALK_WIDTH_PX;
      frame->height_px = MIN (height_px, SIZE_MAX_PX);
    }
  if (frame->height_px < height_px)
    {
      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_PARSE,
                   "%u steps need a height of %u pixels",
                   atlas_trace_get_n_events (trace),
                   height_px);
      return FALSE;
    }
  atlas_story_draw (list, trace, heading, frame->width_px);
  return TRUE;
}

/* Of a scenario alone: only there is a past. */
static AtlasHistory *
get_history (const CliInput *source, GError **error)
{
  if (source->session != NULL)
    return atlas_history_new (source->session, N_MOMENTS_MAX, error);
  g_set_error (error,
               ATLAS_ERROR,
               ATLAS_ERROR_PARSE,
               "%s: only a scenario has moments",
               atlas_space_get_name (source->space));
  return NULL;
}

static gboolean
draw_time (AtlasDisplayList *list, const CliInput *source, Frame *frame, GError **error)
{
  AtlasRegionSet *set = atlas_space_get_regions (source->space);
  g_autoptr (AtlasHistory) history = get_history (source, error);
  g_autoptr (AtlasAxis) axis = NULL;
  AtlasTimeStripInput input;

  if (history == NULL)
    return FALSE;
  axis = atlas_axis_new (frame->axis_kind, set, 0, atlas_region_set_get_user_end_va (set) - 1u);
  input = (AtlasTimeStripInput){
    .moments = atlas_history_peek_regions (history),
    .n_moments = atlas_history_get_n_moments (history),
    .now = atlas_history_get_n_moments (history) - 1u,
    .axis = axis,
    .view = atlas_view_fit (axis, frame->width_px, frame->first_va, frame->last_va, 0),
    .height_px = frame->height_px,
  };
  atlas_time_strip_draw (list, &input);
  return TRUE;
}

static gboolean
draw_measures (AtlasDisplayList *list, const CliInput *source, Frame *frame, GError **error)
{
  g_autoptr (AtlasHistory) history = get_history (source, error);

  if (history == NULL)
    return FALSE;
  if (!frame->has_size)
    frame->height_px = MEASURES_HEIGHT_PX;
  atlas_history_measures_draw (
    list, history, atlas_history_get_n_moments (history) - 1u, frame->width_px, frame->height_px);
  return TRUE;
}

static const struct
{
  const char *name;
  /* FALSE and @error: there is nothing to draw, or no room for it. */
  gboolean (*draw) (AtlasDisplayList *list, const CliInput *source, Frame *frame, GError **error);
} views[] = {
  { "map", draw_map },   { "lens", draw_lens },         { "walk", draw_walk },
  { "time", draw_time }, { "measures", draw_measures },
};

/* NULL @text leaves @va. */
static gboolean
parse_address (const CliInput *input, const char *option, const char *text, AtlasVa *va)
{
  g_autoptr (GError) error = NULL;

  if (text == NULL)
    return TRUE;
  if (input->session != NULL ? atlas_session_parse_address (input->session, text, va, &error)
                             : atlas_parse_number (text, FALSE, va, &error))
    return TRUE;
  cli_wrong_input ("--%s: %s", option, error->message);
  return FALSE;
}

/* NULL and the reason is told: no such file, or something in it makes no sense. (transfer full) */
static GArray *
load_flags (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size_bytes;
  GArray *flags = NULL;

  if (g_file_get_contents (path, &text, &size_bytes, &error))
    flags = atlas_flags_parse (text, size_bytes, TRUE, &error);
  if (flags == NULL)
    cli_wrong_input ("--bookmarks=%s: %s", path, error->message);
  return flags;
}

static CliStatus
render (CliInput *input,
        guint view,
        const char *from,
        const char *to,
        Frame *frame,
        AtlasPaletteKind palette,
        const char *output_path)
{
  AtlasRegionSet *set = atlas_space_get_regions (input->space);
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  g_autoptr (GError) error = NULL;

  frame->first_va = 0;
  frame->last_va = atlas_region_set_knows_kernel_half (set)
                     ? G_MAXUINT64
                     : atlas_region_set_get_user_end_va (set) - 1u;
  if (!parse_address (input, "from", from, &frame->first_va) ||
      !parse_address (input, "to", to, &frame->last_va))
    return CLI_WRONG_INPUT;
  if (frame->first_va > frame->last_va)
    return cli_wrong_input ("--from is above --to");

  frame->is_windows = input->session != NULL && atlas_session_get_process (input->session) != NULL;
  if (!views[view].draw (list, input, frame, &error) ||
      !atlas_cairo_write_file (
        list, frame->width_px, frame->height_px, palette, output_path, &error))
    return cli_wrong_input ("%s", error->message);
  return CLI_DONE;
}

static gboolean
has_known_ending (const char *path)
{
  return g_str_has_suffix (path, ".png") || g_str_has_suffix (path, ".svg") ||
         g_str_has_suffix (path, ".pdf");
}

static CliStatus
run (int argc, char **argv)
{
  g_auto (CliRegisters) registers = { .memory_path = NULL };
  g_autofree char *view_name = NULL;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  g_autofree char *layout = NULL;
  g_autofree char *size = NULL;
  g_autofree char *theme = NULL;
  g_autofree char *access = NULL;
  g_autofree char *bookmarks_path = NULL;
  g_autoptr (GArray) flags = NULL;
  g_autofree char *output_path = NULL;
  Frame frame = { .width_px = 1200, .height_px = 320 };
  const GOptionEntry entries[] = {
    { "view",
      0,
      0,
      G_OPTION_ARG_STRING,
      &view_name,
      "map (default), lens, walk, time or measures",
      "VIEW" },
    { "from",
      0,
      0,
      G_OPTION_ARG_STRING,
      &from,
      "First address of the map; the address of the lens and the walk",
      "ADDRESS" },
    { "to", 0, 0, G_OPTION_ARG_STRING, &to, "Last address of the map", "ADDRESS" },
    { "layout",
      0,
      0,
      G_OPTION_ARG_STRING,
      &layout,
      "Of the map: collapsed (default), linear or hilbert",
      "LAYOUT" },
    { "size",
      0,
      0,
      G_OPTION_ARG_STRING,
      &size,
      "Pixels, 1200x320 by default; a walk is as high as its steps",
      "WxH" },
    { "bookmarks",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &bookmarks_path,
      "Of the map: named places to mark with flags, as the window keeps them",
      "FILE" },
    { "heat",
      0,
      0,
      G_OPTION_ARG_NONE,
      &frame.is_heat,
      "Of the lens: entries coloured by when anything below them was last used",
      NULL },
    { "access",
      0,
      0,
      G_OPTION_ARG_STRING,
      &access,
      "Of the walk: read (default), write, execute, shadow-stack-read or shadow-stack-write",
      "KIND" },
    { "supervisor",
      0,
      0,
      G_OPTION_ARG_NONE,
      &frame.is_supervisor,
      "Of the walk: the kernel accesses, not the program",
      NULL },
    { "theme",
      0,
      0,
      G_OPTION_ARG_STRING,
      &theme,
      "light (default), dark, light-contrast or dark-contrast",
      "THEME" },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output_path, "OUT.png, OUT.svg or OUT.pdf", "OUT" },
    CLI_REGISTER_ENTRIES (registers),
    G_OPTION_ENTRY_NULL,
  };
  AtlasPaletteKind palette = ATLAS_PALETTE_LIGHT;
  guint view = 0;
  CliInput input;
  CliStatus status;

  if (!cli_parse_options (&cli_verb_render, entries, 0, 1, &argc, &argv))
    return CLI_WRONG_USAGE;
  while (view_name != NULL && view < G_N_ELEMENTS (views) &&
         strcmp (view_name, views[view].name) != 0)
    view++;
  if (view == G_N_ELEMENTS (views))
    return cli_wrong_usage (
      cli_verb_render.name, "--view=%s: expected map, lens, walk, time or measures", view_name);
  if (layout != NULL && !parse_layout (layout, &frame))
    return cli_wrong_usage (
      cli_verb_render.name, "--layout=%s: expected collapsed, linear or hilbert", layout);
  if (size != NULL && !parse_size (size, &frame))
    return cli_wrong_usage (
      cli_verb_render.name, "--size=%s: expected WxH, each 1 to %u", size, SIZE_MAX_PX);
  if (access != NULL && !cli_parse_access (access, &frame.access))
    return cli_wrong_usage (cli_verb_render.name,
                            "--access=%s: expected read, write, execute, shadow-stack-read or "
                            "shadow-stack-write",
                            access);
  if (theme != NULL && !parse_theme (theme, &palette))
    return cli_wrong_usage (cli_verb_render.name, "--theme=%s: expected light or dark", theme);
  if (frame.is_heat && views[view].draw != draw_lens)
    return cli_wrong_usage (cli_verb_render.name, "--heat goes with --view=lens");
  if (bookmarks_path != NULL && views[view].draw != draw_map)
    return cli_wrong_usage (cli_verb_render.name, "--bookmarks goes with --view=map");
  if (output_path == NULL)
    return cli_wrong_usage (cli_verb_render.name, "render: expected -o OUT");
  if (!has_known_ending (output_path))
    return cli_wrong_usage (
      cli_verb_render.name, "%s: expected a name that ends in .png, .svg or .pdf", output_path);

  if (bookmarks_path != NULL && (flags = load_flags (bookmarks_path)) == NULL)
    return CLI_WRONG_INPUT;
  frame.flags = flags;
  frame.has_size = size != NULL;
  frame.has_from = from != NULL;
  frame.has_access = access != NULL || frame.is_supervisor;
  status = cli_open_space (&cli_verb_render, argv[1], &registers, &input);
  if (status != CLI_DONE)
    return status;
  status = render (&input, view, from, to, &frame, palette, output_path);
  cli_close (&input);
  return status;
}

const CliVerb cli_verb_render = {
  .name = "render",
  .parameters = "FILE -o OUT",
  .summary = "Draw the map, the page tables, a walk or a history into a file",
  .run = run,
};
