/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paint/line.h"

#define N_RANKS 4u
#define CHILD_KEY "atlas-line-child"

struct _AtlasLine
{
  GtkWidget parent_instance;

  int spacing_px;
};

G_DEFINE_FINAL_TYPE (AtlasLine, atlas_line, GTK_TYPE_WIDGET)

/* What a child is, in the one word that hangs on it. */
static guint
get_rank (GtkWidget *child)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (child), CHILD_KEY)) % N_RANKS;
}

static AtlasLineChild
get_kind (GtkWidget *child)
{
  return GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (child), CHILD_KEY)) / N_RANKS;
}

static void
atlas_line_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  AtlasLine *self = ATLAS_LINE (widget);
  gboolean is_first = TRUE;

  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum, child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, orientation, -1, &child_minimum, &child_natural, NULL, NULL);
      if (orientation == GTK_ORIENTATION_VERTICAL)
        {
          *minimum = MAX (*minimum, child_minimum);
          *natural = MAX (*natural, child_natural);
          continue;
        }
      *minimum += child_minimum + (is_first ? 0 : self->spacing_px);
      *natural += child_natural + (is_first ? 0 : self->spacing_px);
      is_first = FALSE;
    }
}

/* What each child gets, by rank. (transfer full) */
static GArray *
share (AtlasLine *self, int width_px)
{
  GArray *widths_px = g_array_new (FALSE, TRUE, sizeof (int));
  guint n_children = 0;
  int left_px = width_px;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int minimum_px = 0;

      if (gtk_widget_should_layout (child))
        {
          gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_px, NULL, NULL, NULL);
          left_px -= minimum_px + (n_children++ > 0 ? self->spacing_px : 0);
        }
      g_array_append_val (widths_px, minimum_px);
    }
  for (guint rank = 0; rank < N_RANKS; rank++)
    {
      guint i = 0;

      for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
           child = gtk_widget_get_next_sibling (child), i++)
        {
          int *child_px = &g_array_index (widths_px, int, i);
          int natural_px, more_px;

          if (get_rank (child) != rank || !gtk_widget_should_layout (child))
            continue;
          gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural_px, NULL, NULL);
          more_px = natural_px - *child_px;
          if (more_px > left_px)
            more_px = get_kind (child) == ATLAS_LINE_CHILD_WHOLE ? 0 : MAX (left_px, 0);
          *child_px += more_px;
          left_px -= more_px;
        }
    }
  if (left_px > 0)
    {
      guint i = 0;

      for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
           child = gtk_widget_get_next_sibling (child), i++)
        if (get_kind (child) == ATLAS_LINE_CHILD_REST)
          g_array_index (widths_px, int, i) += left_px;
    }
  return widths_px;
}

static void
atlas_line_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AtlasLine *self = ATLAS_LINE (widget);
  gboolean is_mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  g_autoptr (GArray) widths_px = share (self, width);
  int x_px = 0;
  guint i = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child), i++)
    {
      int child_px = g_array_index (widths_px, int, i);

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_size_allocate (
        child,
        &(GtkAllocation){ is_mirrored ? width - x_px - child_px : x_px, 0, child_px, height },
        -1);
      x_px += child_px + self->spacing_px;
    }
}

static void
atlas_line_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (atlas_line_parent_class)->dispose (object);
}

static void
atlas_line_class_init (AtlasLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_line_dispose;
  widget_class->measure = atlas_line_measure;
  widget_class->size_allocate = atlas_line_size_allocate;
  /* In the style sheet it is the box that it stands for. */
  gtk_widget_class_set_css_name (widget_class, "box");
}

static void
atlas_line_init (AtlasLine *self)
{
}

GtkWidget *
atlas_line_new (int spacing_px)
{
  AtlasLine *self = g_object_new (ATLAS_TYPE_LINE, NULL);

  self->spacing_px = spacing_px;
  return GTK_WIDGET (self);
}

void
atlas_line_append (AtlasLine *self, GtkWidget *child, guint rank, AtlasLineChild kind)
{
  g_return_if_fail (ATLAS_IS_LINE (self));
  g_return_if_fail (rank < N_RANKS);

  g_object_set_data (G_OBJECT (child), CHILD_KEY, GUINT_TO_POINTER (kind * N_RANKS + rank));
  gtk_widget_set_parent (child, GTK_WIDGET (self));
}
