/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lessons/laboratory-view.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "map/distribution.h"
#include "paint/accessible-name.h"
#include "paint/dialog-size.h"
#include "paint/snapshot-painter.h"
#include "windows/laboratory.h"

#define WIDTH_PX 980
#define HEIGHT_PX 720
#define HISTOGRAM_WIDTH_PX 320
#define HISTOGRAM_HEIGHT_PX 34
#define SCATTER_HEIGHT_PX 20
#define N_BOOTS 1000
#define N_BOOTS_MAX 20000

typedef struct
{
  const char *label;
  const char *tooltip;
  gsize offset; /* of the gboolean in AtlasProcessOptions, or … */
  gboolean is_inverted;
  gboolean is_of_system; /* … in AtlasSystemOptions */
} Switch;

static const Switch switches[] = {
  { N_ ("High entropy"),
    "/HIGHENTROPYVA",
    G_STRUCT_OFFSET (AtlasProcessOptions, has_high_entropy) },
  { N_ ("Dynamic base"), "/DYNAMICBASE", G_STRUCT_OFFSET (AtlasProcessOptions, has_dynamic_base) },
  { N_ ("Large addresses"),
    "/LARGEADDRESSAWARE",
    G_STRUCT_OFFSET (AtlasProcessOptions, is_large_address_aware) },
  { N_ ("Mandatory"),
    N_ ("Policy: moved even without /DYNAMICBASE"),
    G_STRUCT_OFFSET (AtlasProcessOptions, is_forced) },
  { N_ ("Bottom-up"),
    N_ ("Policy: bottom-up allocations start at a random place"),
    G_STRUCT_OFFSET (AtlasProcessOptions, has_no_bottom_up),
    TRUE },
  { N_ ("32-bit"), N_ ("A 32-bit program"), G_STRUCT_OFFSET (AtlasProcessOptions, is_32bit) },
  { N_ ("Five levels"),
    N_ ("Page tables of five levels: a user half of 64 PB"),
    G_STRUCT_OFFSET (AtlasSystemOptions, has_la57),
    FALSE,
    TRUE },
};

struct _AtlasLaboratoryView
{
  AdwWindow parent_instance;

  /* owned */
  AtlasLaboratory *laboratory; /* NULL while the first run is under way */
  GCancellable *cancellable;

  /* children */
  GtkWidget *boots;
  GtkWidget *seed;
  GtkWidget *toggles[G_N_ELEMENTS (switches)];
  GtkWidget *run;
  GtkBox *rows;
  GtkLabel *summary;
};

G_DEFINE_FINAL_TYPE (AtlasLaboratoryView, atlas_laboratory_view, ADW_TYPE_WINDOW)

/* What the colours of the map say of each kind. */
static const AtlasRegionClass kind_classes[ATLAS_N_LABORATORY_KINDS] = {
  [ATLAS_LABORATORY_ANYWHERE] = ATLAS_CLASS_CFG, [ATLAS_LABORATORY_BOTTOM_UP] = ATLAS_CLASS_PRIVATE,
  [ATLAS_LABORATORY_HEAP] = ATLAS_CLASS_HEAP,    [ATLAS_LABORATORY_STACK] = ATLAS_CLASS_STACK,
  [ATLAS_LABORATORY_PEB] = ATLAS_CLASS_SYSTEM,   [ATLAS_LABORATORY_TOP_DOWN] = ATLAS_CLASS_PRIVATE,
  [ATLAS_LABORATORY_EXE] = ATLAS_CLASS_IMAGE,    [ATLAS_LABORATORY_DLL] = ATLAS_CLASS_IMAGE,
  [ATLAS_LABORATORY_CFG] = ATLAS_CLASS_CFG,      [ATLAS_LABORATORY_HYPERVISOR] = ATLAS_CLASS_SYSTEM,
};

/* ---- pictures ---------------------------------------------------------------------------------
 */

#define ATLAS_TYPE_SPREAD (atlas_spread_get_type ())
G_DECLARE_FINAL_TYPE (AtlasSpread, atlas_spread, ATLAS, SPREAD, GtkWidget)

/* A scatter over the user half, or the histogram of one kind. */
struct _AtlasSpread
{
  GtkWidget parent_instance;

  AtlasDisplayList *list;
  AtlasSnapshotPainter *painter;
  const AtlasLaboratory *laboratory; /* the window's, which outlives the row */
  AtlasLaboratoryKind kind;
  gboolean is_histogram;
};

G_DEFINE_FINAL_TYPE (AtlasSpread, atlas_spread, GTK_TYPE_WIDGET)

static void
atlas_spread_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  AtlasSpread *self = ATLAS_SPREAD (widget);
  const AtlasLaboratoryRegion *region = atlas_laboratory_get_region (self->laboratory, self->kind);
  double scale = atlas_snapshot_painter_get_scale (self->painter);
  guint width_px = (guint) (gtk_widget_get_width (widget) / scale);
  float height_px = (float) (gtk_widget_get_height (widget) / scale);
  AtlasColor color = ATLAS_COLOR_OF_CLASS (kind_classes[self->kind]);
  const AtlasScatter scatter = {
    .samples = atlas_laboratory_get_samples (self->laboratory, self->kind),
    .n_samples = region->n_samples,
    .last_va = atlas_laboratory_get_user_end (self->laboratory) - 1u,
    .has_limit = TRUE,
    .limit_va = atlas_laboratory_limit_get_va (ATLAS_LABORATORY_BELOW_2GB),
    .color = color,
  };

  atlas_display_list_clear (self->list);
  atlas_display_list_add_rect (self->list,
                               ATLAS_COLOR_CELL,
                               1.0f,
                               ATLAS_PATTERN_SOLID,
                               0.0f,
                               self->is_histogram ? height_px - 1.0f : 0.0f,
                               (float) width_px,
                               self->is_histogram ? 1.0f : height_px,
                               0.0f);
  if (self->is_histogram)
    atlas_histogram_draw (self->list,
                          color,
                          region->counts,
                          ATLAS_LABORATORY_BUCKETS,
                          0.0f,
                          0.0f,
                          (float) width_px,
                          height_px - 1.0f);
  else
    atlas_scatter_draw (self->list, &scatter, 0.0f, 0.0f, width_px, height_px);
  atlas_snapshot_painter_paint (self->painter, snapshot, self->list);
}

static void
atlas_spread_measure (GtkWidget *widget,
                      GtkOrientation orientation,
                      int for_size,
                      int *minimum,
                      int *natural,
                      int *minimum_baseline,
                      int *natural_baseline)
{
  AtlasSpread *self = ATLAS_SPREAD (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = *natural = self->is_histogram ? HISTOGRAM_WIDTH_PX : 200;
  else
    *minimum = *natural = self->is_histogram ? HISTOGRAM_HEIGHT_PX : SCATTER_HEIGHT_PX;
}

static void
atlas_spread_finalize (GObject *object)
{
  AtlasSpread *self = ATLAS_SPREAD (object);

  atlas_display_list_free (self->list);
  atlas_snapshot_painter_free (self->painter);

  G_OBJECT_CLASS (atlas_spread_parent_class)->finalize (object);
}

static void
atlas_spread_class_init (AtlasSpreadClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = atlas_spread_finalize;
  widget_class->snapshot = atlas_spread_snapshot;
  widget_class->measure = atlas_spread_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
atlas_spread_init (AtlasSpread *self)
{
  self->list = atlas_display_list_new ();
  self->painter = atlas_snapshot_painter_new (GTK_WIDGET (self));
  /* Addresses grow to the right in every language. */
  gtk_widget_set_direction (GTK_WIDGET (self), GTK_TEXT_DIR_LTR);
}

static GtkWidget *
make_spread (AtlasLaboratoryView *self, AtlasLaboratoryKind kind, gboolean is_histogram)
{
  AtlasSpread *spread = g_object_new (ATLAS_TYPE_SPREAD, NULL);
  const char *name = atlas_laboratory_get_region (self->laboratory, kind)->name;
  g_autofree char *end = atlas_format_size (atlas_laboratory_get_user_end (self->laboratory));
  g_autofree char *label = is_histogram ? g_strdup_printf (_ ("Histogram of the %s"), name)
                                        : g_strdup_printf (_ ("%s, between 0 and %s"), name, end);

  spread->laboratory = self->laboratory;
  spread->kind = kind;
  spread->is_histogram = is_histogram;
  gtk_accessible_update_property (
    GTK_ACCESSIBLE (spread), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_WIDGET (spread);
}

/* ---- a row ------------------------------------------------------------------------------------
 */

static GtkWidget *
make_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

/* "1 in 65,536 (0.00153 %), met 0 times in 1,000" */
static char *
format_chance (const AtlasLaboratoryRegion *region, AtlasLaboratoryLimit limit)
{
  const AtlasRatio *chance = &region->chances[limit];
  g_autofree char *met = atlas_format_count (region->n_below[limit]);
  g_autofree char *samples = atlas_format_count (region->n_samples);
  double part = (double) chance->numerator / (double) chance->denominator;
  g_autofree char *inverse = NULL;

  if (chance->numerator == 0)
    return g_strdup_printf (_ ("never; met %s times in %s"), met, samples);
  if (chance->numerator == chance->denominator)
    return g_strdup_printf (_ ("always; met %s times in %s"), met, samples);
  inverse = atlas_format_count ((guint64) (1.0 / part + 0.5));
  return g_strdup_printf (
    _ ("1 in %s (%.3g %%); met %s times in %s"), inverse, part * 100.0, met, samples);
}

/* A name that stands alone begins as a sentence does. (transfer full) */
static char *
begin_large (const char *text)
{
  char first[8] = { 0 };

  g_unichar_to_utf8 (g_unichar_toupper (g_utf8_get_char (text)), first);
  return g_strconcat (first, g_utf8_next_char (text), NULL);
}

static GtkWidget *
make_row (AtlasLaboratoryView *self, AtlasLaboratoryKind kind)
{
  const AtlasLaboratoryRegion *region = atlas_laboratory_get_region (self->laboratory, kind);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *detail = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *facts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  g_autofree char *title = begin_large (_ (region->name));
  GtkWidget *name = make_label (title, "heading");
  g_autofree char *min = atlas_format_va (region->min_va);
  g_autofree char *max = atlas_format_va (region->max_va);
  g_autofree char *span = g_strdup_printf ("%s … %s", min, max);
  g_autofree char *distinct = atlas_format_count (region->n_distinct);
  g_autofree char *bits =
    region->n_bits > 0
      ? g_strdup_printf (_ ("%u bits · %s distinct · drawn %s"),
                         region->n_bits,
                         distinct,
                         region->is_per_start ? _ ("at each start")
                                              : _ ("once a boot, for all processes"))
      : g_strdup_printf (_ ("%s distinct"), distinct);
  g_autofree char *below_2gb = format_chance (region, ATLAS_LABORATORY_BELOW_2GB);
  g_autofree char *below_4gb = format_chance (region, ATLAS_LABORATORY_BELOW_4GB);
  g_autofree char *chances =
    g_strdup_printf (_ ("Below 2 GB: %s\nBelow 4 GB: %s"), below_2gb, below_4gb);

  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (head), name);
  gtk_box_append (GTK_BOX (head), make_label (bits, "dim-label"));
  gtk_box_append (GTK_BOX (facts), make_label (span, "atlas-address"));
  gtk_box_append (GTK_BOX (facts), make_label (chances, "caption"));
  gtk_widget_set_hexpand (facts, TRUE);
  gtk_box_append (GTK_BOX (detail), make_spread (self, kind, TRUE));
  gtk_box_append (GTK_BOX (detail), facts);
  gtk_box_append (GTK_BOX (row), head);
  gtk_box_append (GTK_BOX (row), make_spread (self, kind, FALSE));
  gtk_box_append (GTK_BOX (row), detail);
  return row;
}

/* ---- running ----------------------------------------------------------------------------------
 */

typedef struct
{
  AtlasSystemOptions system_options;
  AtlasProcessOptions options;
  guint n_boots;
} Job;

static void
run_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Job *job = task_data;

  g_task_return_pointer (
    task,
    atlas_laboratory_run (&job->system_options, &job->options, job->n_boots, 1),
    (GDestroyNotify) atlas_laboratory_free);
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  AtlasLaboratoryView *self = ATLAS_LABORATORY_VIEW (source);
  g_autoptr (AtlasLaboratory) laboratory = g_task_propagate_pointer (G_TASK (result), NULL);
  const Job *job = g_task_get_task_data (G_TASK (result));
  g_autofree char *count = atlas_format_count (job->n_boots);
  g_autofree char *end = NULL;
  g_autofree char *summary = NULL;
  GtkWidget *child;

  if (laboratory == NULL) /* the window has gone */
    return;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->rows))) != NULL)
    gtk_box_remove (self->rows, child);
  g_clear_pointer (&self->laboratory, atlas_laboratory_free);
  self->laboratory = g_steal_pointer (&laboratory);
  for (guint kind = 0; kind < ATLAS_LABORATORY_PAGE_TABLES; kind++)
    if (atlas_laboratory_get_region (self->laboratory, kind)->n_samples > 0)
      gtk_box_append (self->rows, make_row (self, kind));
  end = atlas_format_size (atlas_laboratory_get_user_end (self->laboratory));
  summary = g_strdup_printf (
    _ ("%s boots, a process in each. The red line on each strip is 2 GB; the strip is %s."),
    count,
    end);
  gtk_label_set_label (self->summary, summary);
  gtk_widget_set_sensitive (self->run, TRUE);
}

static void
run (AtlasLaboratoryView *self)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, ran_cb, NULL);
  Job *job = g_new (Job, 1);

  job->system_options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  job->system_options.seed = (guint64) gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->seed));
  job->options = ATLAS_PROCESS_OPTIONS_DEFAULT;
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      gpointer options =
        switches[i].is_of_system ? (gpointer) &job->system_options : (gpointer) &job->options;

      G_STRUCT_MEMBER (gboolean, options, switches[i].offset) =
        gtk_check_button_get_active (GTK_CHECK_BUTTON (self->toggles[i])) !=
        switches[i].is_inverted;
    }
  job->n_boots = (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->boots));
  gtk_widget_set_sensitive (self->run, FALSE);
  g_task_set_task_data (task, job, g_free);
  g_task_run_in_thread (task, run_in_thread);
}

/* ---- building ---------------------------------------------------------------------------------
 */

static GtkWidget *
make_number (GtkBox *bar, const char *name, double first, double last, double value)
{
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *spin = gtk_spin_button_new_with_range (first, last, 1);

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), value);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_box_append (bar, label);
  gtk_box_append (bar, spin);
  return spin;
}

static GtkWidget *
make_controls (AtlasLaboratoryView *self)
{
  const AtlasProcessOptions defaults = ATLAS_PROCESS_OPTIONS_DEFAULT;
  const AtlasSystemOptions system_defaults = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  GtkBox *numbers = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9));
  GtkBox *toggles = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 18));

  self->boots = make_number (numbers, _ ("Boots"), 1, N_BOOTS_MAX, N_BOOTS);
  self->seed = make_number (numbers, _ ("Seed"), 0, G_MAXUINT32, 0);
  self->run = gtk_button_new_with_mnemonic (_ ("_Run"));
  atlas_name_after_label (self->run);
  gtk_widget_add_css_class (self->run, "suggested-action");
  gtk_widget_set_hexpand (self->run, TRUE);
  gtk_widget_set_halign (self->run, GTK_ALIGN_END);
  g_signal_connect_swapped (self->run, "clicked", G_CALLBACK (run), self);
  gtk_box_append (numbers, self->run);
  for (guint i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      GtkWidget *toggle = gtk_check_button_new_with_label (_ (switches[i].label));
      gconstpointer options =
        switches[i].is_of_system ? (gconstpointer) &system_defaults : (gconstpointer) &defaults;

      gtk_check_button_set_active (GTK_CHECK_BUTTON (toggle),
                                   G_STRUCT_MEMBER (const gboolean, options, switches[i].offset) !=
                                     switches[i].is_inverted);
      gtk_widget_set_tooltip_text (toggle, _ (switches[i].tooltip));
      self->toggles[i] = toggle;
      gtk_box_append (toggles, toggle);
    }
  self->summary = GTK_LABEL (make_label ("", "dim-label"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (numbers));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (toggles));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->summary));
  gtk_widget_add_css_class (box, "atlas-dialog");
  return box;
}

static void
atlas_laboratory_view_dispose (GObject *object)
{
  AtlasLaboratoryView *self = ATLAS_LABORATORY_VIEW (object);

  g_cancellable_cancel (self->cancellable);

  G_OBJECT_CLASS (atlas_laboratory_view_parent_class)->dispose (object);
}

static void
atlas_laboratory_view_finalize (GObject *object)
{
  AtlasLaboratoryView *self = ATLAS_LABORATORY_VIEW (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->laboratory, atlas_laboratory_free);

  G_OBJECT_CLASS (atlas_laboratory_view_parent_class)->finalize (object);
}

static void
atlas_laboratory_view_class_init (AtlasLaboratoryViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = atlas_laboratory_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = atlas_laboratory_view_finalize;
  gtk_widget_class_add_binding_action (
    GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
atlas_laboratory_view_init (AtlasLaboratoryView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->cancellable = g_cancellable_new ();
  self->rows = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 24));
  gtk_widget_add_css_class (GTK_WIDGET (self->rows), "atlas-dialog");
  gtk_scrolled_window_set_policy (
    GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->rows));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), make_controls (self));
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_box_append (GTK_BOX (box), scroller);
  adw_window_set_content (ADW_WINDOW (self), box);
}

AtlasLaboratoryView *
atlas_laboratory_view_new (GtkWindow *parent, guint64 seed)
{
  AtlasLaboratoryView *self = g_object_new (
    ATLAS_TYPE_LABORATORY_VIEW, "title", _ ("ASLR Laboratory"), "transient-for", parent, NULL);
  atlas_dialog_set_size (GTK_WINDOW (self), WIDTH_PX, HEIGHT_PX);

  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->seed), (double) seed);
  run (self);
  return self;
}
