/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/export.h"

#include <glib/gi18n.h>

#include "base/trace-text.h"
#include "base/translation.h"
#include "base/whole-file.h"
#include "map/hilbert.h"
#include "map/story.h"
#include "map/strip.h"
#include "paint/cairo-painter.h"
#include "session/page-look.h"
#include "source/memory-image-writer.h"
#include "source/minidump-writer.h"
#include "space/region-text.h"

#define MAP_HEIGHT_PX 220
#define AREA_HEIGHT_PX 480
#define TABLES_WIDTH_PX 1100
#define WALK_WIDTH_PX 620
#define PAGE_GAP 24.0
/* More at once than this is a mistake rather than a wish. */
#define BYTES_MAX ATLAS_GB (1)
#define CHUNK_BYTES 65536

static const char *const picture_endings[] = { "png", "svg", "pdf", NULL };
static const char *const table_endings[] = { "csv", "json", NULL };
static const char *const bytes_endings[] = { "bin", NULL };
static const char *const process_endings[] = { "dmp", NULL };
static const char *const memory_endings[] = { "elf", "lime", NULL };

static const AtlasExportInfo infos[ATLAS_N_EXPORTS] = {
  [ATLAS_EXPORT_MAP] = { "map", N_ ("Map"), picture_endings },
  [ATLAS_EXPORT_TABLES] = { "tables", N_ ("Page Tables"), picture_endings },
  [ATLAS_EXPORT_WALK] = { "walk", N_ ("Walk"), picture_endings },
  [ATLAS_EXPORT_REGIONS] = { "regions", N_ ("Regions"), table_endings },
  [ATLAS_EXPORT_STEPS] = { "steps", N_ ("Steps of the Walk"), table_endings },
  [ATLAS_EXPORT_BYTES] = { "bytes", N_ ("Bytes of the Region"), bytes_endings },
  [ATLAS_EXPORT_PROCESS] = { "process", N_ ("Process as a Minidump"), process_endings },
  [ATLAS_EXPORT_MEMORY] = { "memory", N_ ("Physical Memory"), memory_endings },
};

const AtlasExportInfo *
atlas_export_get_info (AtlasExportKind kind)
{
  return &infos[kind];
}

gboolean
atlas_export_find (const char *id, AtlasExportKind *kind)
{
  for (guint i = 0; i < ATLAS_N_EXPORTS; i++)
    {
      if (g_str_equal (infos[i].id, id))
        {
          *kind = (AtlasExportKind) i;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
atlas_export_is_possible (AtlasExportKind kind, AtlasViewport *viewport)
{
  AtlasDocument *document = atlas_viewport_get_document (viewport);
  const AtlasRegion *region;

  if (atlas_viewport_get_axis (viewport) == NULL)
    return FALSE;
  switch (kind)
    {
    case ATLAS_EXPORT_MAP:
    case ATLAS_EXPORT_REGIONS:
      return TRUE;
    case ATLAS_EXPORT_TABLES:
      return atlas_document_has_selection (document);
    case ATLAS_EXPORT_WALK:
    case ATLAS_EXPORT_STEPS:
      return atlas_document_get_trace (document) != NULL;
    case ATLAS_EXPORT_BYTES:
      region = atlas_document_get_selected_region (document);
      return region != NULL && region->state == ATLAS_STATE_COMMIT;
    case ATLAS_EXPORT_PROCESS:
    case ATLAS_EXPORT_MEMORY:
      return atlas_document_get_process (document) != NULL;
    case ATLAS_N_EXPORTS:
      break;
    }
  g_return_val_if_reached (FALSE);
}

/* ---- pictures ---------------------------------------------------------------------------------
 */

/* @flags of AtlasFlag, or NULL. */
static const AtlasFlag *
get_flags (const GArray *flags)
{
  return flags != NULL ? (const AtlasFlag *) (gconstpointer) flags->data : NULL;
}

static void
draw_area (AtlasViewport *viewport,
           const GArray *flags,
           AtlasDisplayList *list,
           guint width_px,
           guint height_px)
{
  AtlasDocument *document = atlas_viewport_get_document (viewport);
  g_autoptr (GArray) alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm));
  AtlasHilbertInput input = {
    .regions = atlas_document_get_regions (document),
    .plane = atlas_hilbert_plane (atlas_axis_get_last_va (atlas_viewport_get_axis (viewport))),
    .columns = 2 * width_px,
    .rows = 2 * height_px,
    .alarms = alarms,
    .has_selection = atlas_document_has_selection (document),
    .selected_va = atlas_document_get_selected_va (document),
    .flags = get_flags (flags),
    .n_flags = flags != NULL ? flags->len : 0,
  };
  AtlasVa first_va, last_va;

  atlas_viewport_get_seen (viewport, &first_va, &last_va);
  input.view = atlas_viewport_is_whole (viewport)
                 ? atlas_hilbert_view_whole (&input.plane, width_px, height_px)
                 : atlas_hilbert_view_fit (&input.plane, width_px, height_px, first_va, last_va, 0);
  input.raster = atlas_hilbert_fold (
    input.regions, &input.plane, &input.view, input.columns, input.rows, alarms);
  atlas_hilbert_draw (list, &input);
  g_bytes_unref (input.raster);
}

static void
draw_map (AtlasViewport *viewport,
          AtlasBookmarks *bookmarks,
          AtlasDisplayList *list,
          guint *width_px,
          guint *height_px)
{
  g_autoptr (GArray) flags = bookmarks != NULL ? atlas_bookmarks_make_flags (bookmarks) : NULL;
  AtlasDocument *document = atlas_viewport_get_document (viewport);
  AtlasPageLooker looker = atlas_page_looker (atlas_document_get_space (document),
                                              atlas_document_get_process (document) != NULL);
  AtlasStripInput input = {
    .regions = atlas_document_get_regions (document),
    .axis = atlas_viewport_get_axis (viewport),
    .view = atlas_viewport_get_target (viewport),
    .height_px = MAP_HEIGHT_PX,
    .has_selection = atlas_document_has_selection (document),
    .selected_va = atlas_document_get_selected_va (document),
    .peek = atlas_strip_peek_space,
    .peek_data = atlas_document_get_space (document),
    .get_page = atlas_page_look,
    .page_data = &looker,
    .flags = get_flags (flags),
    .n_flags = flags != NULL ? flags->len : 0,
  };

  *width_px = input.view.width_px;
  *height_px = MAP_HEIGHT_PX;
  if (atlas_viewport_get_layout (viewport) != ATLAS_LAYOUT_AREA)
    {
      atlas_strip_draw (list, &input);
      return;
    }
  *height_px = AREA_HEIGHT_PX;
  draw_area (viewport, flags, list, *width_px, *height_px);
}

static void
draw_tables (AtlasViewport *viewport, AtlasDisplayList *list, guint *width_px, guint *height_px)
{
  const AtlasLens *lens = atlas_document_get_lens (atlas_viewport_get_document (viewport));
  AtlasLensInput input = {
    .width_px = TABLES_WIDTH_PX,
    .height_px = atlas_lens_get_height (lens, TABLES_WIDTH_PX),
    .n_levels_shown = lens->n_levels + 1,
    .arrow_progress = 1,
    .hover_column = -1,
    .hover_cell = -1,
  };

  *width_px = input.width_px;
  *height_px = input.height_px;
  atlas_lens_draw (list, lens, &input);
}

static void
draw_walk (AtlasViewport *viewport, AtlasDisplayList *list, guint *width_px, guint *height_px)
{
  AtlasDocument *document = atlas_viewport_get_document (viewport);
  AtlasTrace *trace = atlas_document_get_trace (document);
  g_autofree char *address = atlas_format_va (atlas_document_get_selected_va (document));
  g_autofree char *heading =
    g_strdup_printf ("%s · %s", address, atlas_document_get_title (document));

  *width_px = WALK_WIDTH_PX;
  *height_px = atlas_story_get_height (trace);
  atlas_story_draw (list, trace, heading, WALK_WIDTH_PX);
}

static void
draw (AtlasExportKind kind,
      AtlasViewport *viewport,
      AtlasBookmarks *bookmarks,
      AtlasDisplayList *list,
      guint *width_px,
      guint *height_px)
{
  if (kind == ATLAS_EXPORT_MAP)
    draw_map (viewport, bookmarks, list, width_px, height_px);
  else if (kind == ATLAS_EXPORT_TABLES)
    draw_tables (viewport, list, width_px, height_px);
  else
    draw_walk (viewport, list, width_px, height_px);
}

static gboolean
write_picture (AtlasExportKind kind,
               AtlasViewport *viewport,
               AtlasBookmarks *bookmarks,
               AtlasPaletteKind palette,
               const char *path,
               GError **error)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  guint width_px, height_px;

  draw (kind, viewport, bookmarks, list, &width_px, &height_px);
  return atlas_cairo_write_file (list, width_px, height_px, palette, path, error);
}

/* ---- tables -----------------------------------------------------------------------------------
 */

static gboolean
write_regions (AtlasViewport *viewport, const char *path, GError **error)
{
  AtlasRegionSet *regions = atlas_document_get_regions (atlas_viewport_get_document (viewport));
  gboolean is_json = g_str_has_suffix (path, ".json");
  g_autoptr (GString) text = g_string_new (is_json ? NULL : ATLAS_REGION_CSV_HEADER);
  AtlasQueryIter iter;
  AtlasRegion region;

  atlas_query_iter_init (&iter, regions);
  while (atlas_query_iter_next (&iter, &region))
    {
      if (is_json)
        atlas_region_append_json (&region, text);
      else
        atlas_region_append_csv (&region, text);
    }
  return g_file_set_contents (path, text->str, (gssize) text->len, error);
}

static gboolean
write_steps (AtlasViewport *viewport, const char *path, GError **error)
{
  AtlasTrace *trace = atlas_document_get_trace (atlas_viewport_get_document (viewport));
  g_autofree char *text = NULL;
  AtlasDataLocale *data_locale = atlas_data_locale_push ();

  text =
    g_str_has_suffix (path, ".json") ? atlas_trace_to_json (trace) : atlas_trace_to_csv (trace);
  atlas_data_locale_pop (data_locale);

  return g_file_set_contents (path, text, -1, error);
}

/* ---- bytes ------------------------------------------------------------------------------------
 */

typedef struct
{
  AtlasSpace *space;
  AtlasVa base_va;
  guint64 size_bytes;
  guint64 n_unknown;
} Bytes;

static gboolean
write_bytes_to (GOutputStream *stream, gpointer data, GError **error)
{
  Bytes *these = data;
  g_autofree guint8 *bytes = g_malloc (CHUNK_BYTES);
  g_autofree gboolean *is_known = g_new (gboolean, CHUNK_BYTES);

  for (guint64 done = 0; done < these->size_bytes;)
    {
      gsize n_bytes = (gsize) MIN (these->size_bytes - done, CHUNK_BYTES);
      gsize n_known =
        atlas_space_peek (these->space, these->base_va + done, bytes, is_known, n_bytes);

      for (gsize i = 0; n_known < n_bytes && i < n_bytes; i++)
        if (!is_known[i])
          bytes[i] = 0;
      these->n_unknown += n_bytes - n_known;
      if (!g_output_stream_write_all (stream, bytes, n_bytes, NULL, NULL, error))
        return FALSE;
      done += n_bytes;
    }
  return TRUE;
}

static gboolean
write_bytes (AtlasViewport *viewport, const char *path, guint64 *n_unknown, GError **error)
{
  AtlasDocument *document = atlas_viewport_get_document (viewport);
  const AtlasRegion *region = atlas_document_get_selected_region (document);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  Bytes bytes = { .space = atlas_document_get_space (document),
                  .base_va = region->base_va,
                  .size_bytes = region->size_bytes };
  gboolean is_written;

  if (region->size_bytes > BYTES_MAX)
    {
      g_autofree char *size = atlas_format_size (region->size_bytes);

      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("The region has %s; at most 1 GB is written"),
                   size);
      return FALSE;
    }
  is_written = atlas_whole_file_write (file, write_bytes_to, &bytes, error);
  *n_unknown += bytes.n_unknown;
  return is_written;
}

/* ---- dumps ------------------------------------------------------------------------------------
 */

typedef struct
{
  AtlasProcess *process;
  AtlasExportKind kind;
  AtlasImageFormat format; /* of memory */
} Dump;

static gboolean
write_dump_to (GOutputStream *stream, gpointer data, GError **error)
{
  const Dump *dump = data;

  if (dump->kind == ATLAS_EXPORT_MEMORY)
    return atlas_memory_image_write (dump->process, dump->format, stream, error);
  return atlas_minidump_write (
    dump->process, (guint32) (g_get_real_time () / G_USEC_PER_SEC), stream, error);
}

static gboolean
write_dump (AtlasExportKind kind, AtlasViewport *viewport, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  Dump dump = { .process = atlas_document_get_process (atlas_viewport_get_document (viewport)),
                .kind = kind,
                .format = g_str_has_suffix (path, ".lime") ? ATLAS_IMAGE_LIME : ATLAS_IMAGE_ELF };

  return atlas_whole_file_write (file, write_dump_to, &dump, error);
}

/* ---- all --------------------------------------------------------------------------------------
 */

static gboolean
has_known_ending (AtlasExportKind kind, const char *path)
{
  for (const char *const *ending = infos[kind].endings; *ending != NULL; ending++)
    {
      g_autofree char *suffix = g_strconcat (".", *ending, NULL);

      if (g_str_has_suffix (path, suffix))
        return TRUE;
    }
  return FALSE;
}

gboolean
atlas_export_write (AtlasExportKind kind,
                    AtlasViewport *viewport,
                    AtlasBookmarks *bookmarks,
                    AtlasPaletteKind palette,
                    const char *path,
                    guint64 *n_unknown,
                    GError **error)
{
  g_return_val_if_fail (atlas_export_is_possible (kind, viewport), FALSE);
  g_return_val_if_fail (path != NULL && n_unknown != NULL, FALSE);

  *n_unknown = 0;
  /* Bytes are bytes, whatever their file is called. */
  if (kind != ATLAS_EXPORT_BYTES && !has_known_ending (kind, path))
    {
      g_autofree char *endings = g_strjoinv (", .", (char **) infos[kind].endings);

      g_set_error (error,
                   ATLAS_ERROR,
                   ATLAS_ERROR_UNSUPPORTED,
                   _ ("%s: the name has to end in .%s"),
                   path,
                   endings);
      return FALSE;
    }
  switch (kind)
    {
    case ATLAS_EXPORT_MAP:
    case ATLAS_EXPORT_TABLES:
    case ATLAS_EXPORT_WALK:
      return write_picture (kind, viewport, bookmarks, palette, path, error);
    case ATLAS_EXPORT_REGIONS:
      return write_regions (viewport, path, error);
    case ATLAS_EXPORT_STEPS:
      return write_steps (viewport, path, error);
    case ATLAS_EXPORT_BYTES:
      return write_bytes (viewport, path, n_unknown, error);
    case ATLAS_EXPORT_PROCESS:
    case ATLAS_EXPORT_MEMORY:
      return write_dump (kind, viewport, path, error);
    case ATLAS_N_EXPORTS:
      break;
    }
  g_return_val_if_reached (FALSE);
}

/* ---- paper ------------------------------------------------------------------------------------
 */

guint
atlas_export_get_n_pages (AtlasViewport *viewport)
{
  return atlas_export_is_possible (ATLAS_EXPORT_WALK, viewport) ? 2 : 1;
}

/* Over the whole width, or as wide as the height allows. Returns the height taken. */
static double
draw_scaled (AtlasExportKind kind,
             AtlasViewport *viewport,
             AtlasBookmarks *bookmarks,
             cairo_t *cr,
             double width,
             double height)
{
  g_autoptr (AtlasDisplayList) list = atlas_display_list_new ();
  guint width_px, height_px;
  double scale;

  draw (kind, viewport, bookmarks, list, &width_px, &height_px);
  scale = MIN (width / width_px, height / height_px);
  cairo_save (cr);
  cairo_scale (cr, scale, scale);
  atlas_cairo_paint (cr, list, ATLAS_PALETTE_LIGHT);
  cairo_restore (cr);
  return height_px * scale;
}

void
atlas_export_draw_page (AtlasViewport *viewport,
                        AtlasBookmarks *bookmarks,
                        guint page,
                        cairo_t *cr,
                        double width,
                        double height)
{
  static const AtlasExportKind first_page[] = { ATLAS_EXPORT_MAP, ATLAS_EXPORT_TABLES };

  g_return_if_fail (page < atlas_export_get_n_pages (viewport));

  if (page > 0)
    {
      draw_scaled (ATLAS_EXPORT_WALK, viewport, bookmarks, cr, width, height);
      return;
    }
  cairo_save (cr);
  for (guint i = 0; i < G_N_ELEMENTS (first_page); i++)
    {
      double taken;

      if (!atlas_export_is_possible (first_page[i], viewport))
        continue;
      taken = draw_scaled (first_page[i], viewport, bookmarks, cr, width, height / 2 - PAGE_GAP);
      cairo_translate (cr, 0, taken + PAGE_GAP);
    }
  cairo_restore (cr);
}
