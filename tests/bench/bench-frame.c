/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window costs. By hand, on a display: tests/with-display build/tests/bench/bench-frame
 *
 *   frames   1920 × 1080, 1,000,000 regions, twenty seconds of zooming and panning at 60 frames a
 *            second, in each layout: our own work a frame (slice, fold, display list, snapshot of
 *            map and minimap), and the render nodes that come out
 *
 *   start    from exec to the first frame, in one run beside an empty libadwaita window (a header
 *            bar and nothing below) and a bare one (not even that)
 *
 *   memory   resident at that moment, beside the empty window
 *
 * Ends with 1 when a budget is missed.
 */

#include <adwaita.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "application.h"
#include "map/hilbert.h"
#include "map/strip.h"
#include "paint/snapshot-painter.h"

#define N_REGIONS 1000000u
#define WINDOW_WIDTH_PX 1920
#define WINDOW_HEIGHT_PX 1080
#define MAP_WIDTH_PX 1540u
#define MAP_HEIGHT_PX 256u
#define MINIMAP_HEIGHT_PX 34u
#define SECONDS 20u
#define FRAMES_A_SECOND 60u
#define N_FRAMES (SECONDS * FRAMES_A_SECOND)

#define FRAME_BUDGET_MS 4.0
#define NODES_BUDGET 2000u
#define START_BUDGET 1.3
#define MEMORY_BUDGET_MB 40.0
#define STARTS 9u

#define START_ENV "BENCH_FRAME_START_US"

/* ---- a child: one window, to its first frame ---------------------------------------------------
 */

/* What is started, from the least to the most. */
typedef enum
{
  START_BARE,  /* nothing but the window's background: it cannot even be closed */
  START_EMPTY, /* a header bar with its title and buttons, nothing below */
  START_PROGRAM,
  N_STARTS,
} StartKind;

static const char *const start_options[N_STARTS] = { "--bare", "--empty", "--program" };

static double
get_resident_mb (void)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL))
    return 0;
  line = strstr (text, "VmRSS:");
  return line != NULL ? (double) g_ascii_strtoull (line + strlen ("VmRSS:"), NULL, 10) / 1024.0 : 0;
}

static void
after_paint_cb (GdkFrameClock *clock)
{
  gint64 start_us = g_ascii_strtoll (g_getenv (START_ENV), NULL, 10);

  g_print (
    "%.1f %.1f\n", (double) (g_get_monotonic_time () - start_us) / 1000.0, get_resident_mb ());
  exit (0);
}

static void
activate_cb (GtkApplication *application, gpointer user_data)
{
  StartKind kind = GPOINTER_TO_UINT (user_data);
  GtkWindow *window = gtk_application_get_active_window (application);

  if (kind != START_PROGRAM)
    {
      window = GTK_WINDOW (adw_application_window_new (application));
      if (kind == START_EMPTY)
        {
          GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

          gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
          gtk_window_set_title (window, "Empty");
          adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
        }
      gtk_window_present (window);
    }
  gtk_window_set_default_size (window, WINDOW_WIDTH_PX, WINDOW_HEIGHT_PX);
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (window)),
                    "after-paint",
                    G_CALLBACK (after_paint_cb),
                    NULL);
}

static int
run_child (StartKind kind)
{
  g_autoptr (GApplication) application =
    kind == START_PROGRAM
      ? G_APPLICATION (atlas_application_new ())
      : G_APPLICATION (adw_application_new ("org.vmatlas.Empty", G_APPLICATION_NON_UNIQUE));

  g_application_set_flags (application,
                           g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  g_signal_connect_after (
    application, "activate", G_CALLBACK (activate_cb), GUINT_TO_POINTER (kind));
  return g_application_run (application, 0, NULL);
}

typedef struct
{
  double start_ms, resident_mb;
} Start;

static gboolean
start_child (const char *self, const char *what, Start *start)
{
  const char *const argv[] = { self, what, NULL };
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_monotonic_time ());
  g_auto (GStrv) env = g_environ_setenv (g_get_environ (), START_ENV, now, TRUE);
  g_autofree char *output = NULL;

  if (!g_spawn_sync (NULL,
                     (char **) argv,
                     env,
                     G_SPAWN_STDERR_TO_DEV_NULL,
                     NULL,
                     NULL,
                     &output,
                     NULL,
                     NULL,
                     NULL))
    return FALSE;
  return sscanf (output, "%lf %lf", &start->start_ms, &start->resident_mb) == 2;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static gboolean
measure_starts (const char *self)
{
  double start_ms[N_STARTS][STARTS], resident_mb[N_STARTS][STARTS];
  double median_ms[N_STARTS], median_mb[N_STARTS];
  double ratio, more_mb;

  /* In turns: what slows the machine down slows all of them. The first round fills the caches. */
  for (guint round = 0; round <= STARTS; round++)
    for (guint kind = 0; kind < N_STARTS; kind++)
      {
        Start start;

        if (!start_child (self, start_options[kind], &start))
          {
            g_printerr ("no window: is there a display?\n");
            return FALSE;
          }
        if (round == 0)
          continue;
        start_ms[kind][round - 1] = start.start_ms;
        resident_mb[kind][round - 1] = start.resident_mb;
      }
  for (guint i = 0; i < N_STARTS; i++)
    {
      qsort (start_ms[i], STARTS, sizeof (double), (GCompareFunc) compare_doubles);
      qsort (resident_mb[i], STARTS, sizeof (double), (GCompareFunc) compare_doubles);
      median_ms[i] = start_ms[i][STARTS / 2];
      median_mb[i] = resident_mb[i][STARTS / 2];
    }
  ratio = median_ms[START_PROGRAM] / median_ms[START_EMPTY];
  more_mb = median_mb[START_PROGRAM] - median_mb[START_EMPTY];
  g_print ("start    %6.0f ms to the first frame, an empty window %6.0f ms: %.2f times (at most "
           "%.1f); a bare one %6.0f ms: %.2f times\n",
           median_ms[START_PROGRAM],
           median_ms[START_EMPTY],
           ratio,
           START_BUDGET,
           median_ms[START_BARE],
           median_ms[START_PROGRAM] / median_ms[START_BARE]);
  g_print ("memory   %6.1f MB, an empty window %6.1f MB: %.1f MB more (at most %.0f)\n",
           median_mb[START_PROGRAM],
           median_mb[START_EMPTY],
           more_mb,
           MEMORY_BUDGET_MB);
  return ratio <= START_BUDGET && more_mb <= MEMORY_BUDGET_MB;
}

/* ---- frames -----------------------------------------------------------------------------------
 */

/* Heap-like: pages and holes, now and then a jump of up to 64 GB. */
static AtlasRegionSet *
make_regions (void)
{
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  AtlasVa va = ATLAS_GB (1);

  for (guint i = 0; i < N_REGIONS; i++)
    {
      guint64 size_bytes = (guint64) g_rand_int_range (rand, 1, 9) * ATLAS_PAGE_BYTES;

      atlas_region_set_builder_add (
        builder,
        &(AtlasRegion){ .base_va = va,
                        .size_bytes = size_bytes,
                        .allocation_base_va = va,
                        .protect =
                          i % 50000 == 7 ? ATLAS_PAGE_EXECUTE_READWRITE : ATLAS_PAGE_READWRITE,
                        .state = i % 5 == 0 ? ATLAS_STATE_RESERVE : ATLAS_STATE_COMMIT,
                        .type = ATLAS_TYPE_PRIVATE,
                        .region_class = (AtlasRegionClass) (ATLAS_CLASS_CFG + i / 100 % 6),
                        .name = i % 9 == 0 ? "heap" : NULL });
      va += size_bytes + (guint64) g_rand_int_range (rand, 0, 3) * ATLAS_PAGE_BYTES;
      if (i % 20000 == 0)
        va += (guint64) g_rand_int_range (rand, 1, 64) * ATLAS_GB (1);
    }
  return atlas_region_set_builder_end (builder);
}

static guint
count_nodes (GskRenderNode *node)
{
  switch ((int) gsk_render_node_get_node_type (node))
    {
    case GSK_CONTAINER_NODE:
      {
        guint n_nodes = 0;

        for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
          n_nodes += count_nodes (gsk_container_node_get_child (node, i));
        return n_nodes;
      }
    case GSK_CLIP_NODE:
      return 1 + count_nodes (gsk_clip_node_get_child (node));
    case GSK_ROUNDED_CLIP_NODE:
      return 1 + count_nodes (gsk_rounded_clip_node_get_child (node));
    case GSK_REPEAT_NODE:
      return 1 + count_nodes (gsk_repeat_node_get_child (node));
    case GSK_TRANSFORM_NODE:
      return 1 + count_nodes (gsk_transform_node_get_child (node));
    default:
      return 1;
    }
}

typedef struct
{
  const AtlasRegionSet *regions;
  AtlasSnapshotPainter *painter;
  AtlasDisplayList *list;
  GArray *alarms;
  AtlasAxis *axis;
  AtlasHilbertPlane plane;
} Stage;

/* A second in each of: in, aside, in, …, back out, a jump, bytes. @t: 0 … 1 of the script. */
static AtlasVa
get_target (const Stage *stage, double t)
{
  guint n_regions = atlas_region_set_get_n_regions (stage->regions);

  return atlas_region_set_get_region (stage->regions,
                                      (guint) (0.2 * n_regions + 0.5 * t * n_regions))
    ->base_va;
}

static AtlasView
get_view (const Stage *stage, guint frame)
{
  static AtlasView from, to;
  const guint jump_frames = FRAMES_A_SECOND * 2;
  AtlasView whole = atlas_view_whole (stage->axis, MAP_WIDTH_PX);

  /* Ten legs of two seconds: in to ever smaller places far apart, and every other time out. */
  if (frame % jump_frames == 0)
    {
      guint leg = frame / jump_frames;
      AtlasVa va = get_target (stage, leg / 10.0);
      guint64 size_bytes = G_GUINT64_CONSTANT (1) << (36 - 3 * leg);

      from = frame == 0 ? whole : to;
      to = leg % 3 == 2 ? whole
                        : atlas_view_fit (stage->axis, MAP_WIDTH_PX, va, va + size_bytes - 1, 0.1);
    }
  {
    double t = (double) (frame % jump_frames) / jump_frames;
    AtlasView view;

    /* The second half of each leg pans. */
    if (t < 0.5)
      return atlas_view_interpolate (&from, &to, t * 2.0);
    view = to;
    return atlas_view_pan (&view, stage->axis, (t - 0.5) * 4000.0);
  }
}

static void
draw_strip (Stage *stage, guint frame, GtkSnapshot *snapshot)
{
  AtlasView view = get_view (stage, frame);
  AtlasVa hover_va = atlas_view_x_to_va (&view, stage->axis, 700.0);
  AtlasMinimapInput minimap = {
    .regions = stage->regions,
    .last_va = ATLAS_BIT (47) - 1,
    .width_px = MAP_WIDTH_PX,
    .height_px = MINIMAP_HEIGHT_PX,
    .seen_first_va = atlas_view_x_to_va (&view, stage->axis, 0),
    .seen_last_va = atlas_view_x_to_va (&view, stage->axis, MAP_WIDTH_PX),
  };

  atlas_strip_draw (stage->list,
                    &(AtlasStripInput){ .regions = stage->regions,
                                        .axis = stage->axis,
                                        .view = view,
                                        .height_px = MAP_HEIGHT_PX,
                                        .has_selection = TRUE,
                                        .selected_va = get_target (stage, 0.1),
                                        .has_hover = TRUE,
                                        .hover_va = hover_va });
  atlas_snapshot_painter_paint (stage->painter, snapshot, stage->list);
  atlas_minimap_draw (stage->list, &minimap);
  atlas_snapshot_painter_paint (stage->painter, snapshot, stage->list);
}

static void
draw_area (Stage *stage, guint frame, GtkSnapshot *snapshot)
{
  static AtlasHilbertView view;
  g_autoptr (GBytes) raster = NULL;
  guint leg = frame / (FRAMES_A_SECOND * 2);

  if (frame == 0)
    view = atlas_hilbert_view_whole (&stage->plane, MAP_WIDTH_PX, MAP_HEIGHT_PX);
  if (frame % 6 == 0)
    view = atlas_hilbert_view_zoom_at (&view, &stage->plane, leg % 2 == 0 ? 4 : -4, 40, 30);
  else
    view = atlas_hilbert_view_pan (&view, &stage->plane, 3.0, 1.0);
  raster = atlas_hilbert_fold (
    stage->regions, &stage->plane, &view, MAP_WIDTH_PX, MAP_HEIGHT_PX, stage->alarms);
  atlas_hilbert_draw (stage->list,
                      &(AtlasHilbertInput){ .regions = stage->regions,
                                            .plane = stage->plane,
                                            .view = view,
                                            .raster = raster,
                                            .columns = MAP_WIDTH_PX,
                                            .rows = MAP_HEIGHT_PX,
                                            .alarms = stage->alarms });
  atlas_snapshot_painter_paint (stage->painter, snapshot, stage->list);
}

/* Of this thread: what others do meanwhile is not our work. */
static double
get_cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static gboolean
measure_frames (Stage *stage,
                const char *name,
                void (*draw_frame) (Stage *stage, guint frame, GtkSnapshot *snapshot))
{
  g_autofree double *frame_ms = g_new (double, N_FRAMES);
  guint n_nodes_max = 0;

  for (guint frame = 0; frame < N_FRAMES; frame++)
    {
      double start_ms = get_cpu_ms ();
      GtkSnapshot *snapshot = gtk_snapshot_new ();
      GskRenderNode *node;

      draw_frame (stage, frame, snapshot);
      node = gtk_snapshot_free_to_node (snapshot);
      frame_ms[frame] = get_cpu_ms () - start_ms;
      n_nodes_max = MAX (n_nodes_max, count_nodes (node));
      gsk_render_node_unref (node);
    }
  qsort (frame_ms, N_FRAMES, sizeof (double), (GCompareFunc) compare_doubles);
  g_print (
    "%-9s p50 %5.2f ms, p99 %5.2f ms (less than %.0f), worst %5.2f ms; at most %u nodes (%u)\n",
    name,
    frame_ms[N_FRAMES / 2],
    frame_ms[N_FRAMES * 99 / 100],
    FRAME_BUDGET_MS,
    frame_ms[N_FRAMES - 1],
    n_nodes_max,
    NODES_BUDGET);
  return frame_ms[N_FRAMES * 99 / 100] < FRAME_BUDGET_MS && n_nodes_max <= NODES_BUDGET;
}

static gboolean
measure_all_frames (void)
{
  g_autoptr (AtlasRegionSet) regions = make_regions ();
  GtkWidget *window = gtk_window_new ();
  Stage stage = { .regions = regions,
                  .painter = atlas_snapshot_painter_new (window),
                  .list = atlas_display_list_new (),
                  .alarms = g_array_new (FALSE, FALSE, sizeof (AtlasHilbertAlarm)),
                  .plane = atlas_hilbert_plane (ATLAS_BIT (47) - 1) };
  gboolean is_good = TRUE;

  for (guint kind = ATLAS_AXIS_COLLAPSED; kind <= ATLAS_AXIS_LINEAR; kind++)
    {
      stage.axis = atlas_axis_new ((AtlasAxisKind) kind, regions, 0, ATLAS_BIT (47) - 1);
      is_good &=
        measure_frames (&stage, kind == ATLAS_AXIS_COLLAPSED ? "collapsed" : "linear", draw_strip);
      atlas_axis_unref (stage.axis);
    }
  is_good &= measure_frames (&stage, "area", draw_area);
  atlas_snapshot_painter_free (stage.painter);
  atlas_display_list_free (stage.list);
  g_array_unref (stage.alarms);
  gtk_window_destroy (GTK_WINDOW (window));
  return is_good;
}

int
main (int argc, char **argv)
{
  gboolean is_good;

  if (argc > 1)
    for (guint kind = 0; kind < N_STARTS; kind++)
      if (g_str_equal (argv[1], start_options[kind]))
        return run_child (kind);
  adw_init ();
  is_good = measure_all_frames ();
  is_good &= measure_starts (argv[0]);
  return is_good ? 0 : 1;
}
