/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "paint/fitting.h"

struct _AtlasFitting
{
  GtkWidget parent_instance;

  gboolean can_be_empty;
};

G_DEFINE_FINAL_TYPE (AtlasFitting, atlas_fitting, GTK_TYPE_WIDGET)

static void
atlas_fitting_measure (GtkWidget *widget,
                       GtkOrientation orientation,
                       int for_size,
                       int *minimum,
                       int *natural,
                       int *minimum_baseline,
                       int *natural_baseline)
{
  AtlasFitting *self = ATLAS_FITTING (widget);
  int least = G_MAXINT;

  *minimum = *natural = 0;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum, child_natural;

      if (!gtk_widget_get_visible (child))
        continue;
      gtk_widget_measure (child, orientation, -1, &child_minimum, &child_natural, NULL, NULL);
      least = MIN (least, child_minimum);
      *minimum = MAX (*minimum, child_minimum);
      *natural = MAX (*natural, child_natural);
    }
  /* Any child may be the one, so that the place is as high as the highest. */
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = self->can_be_empty || least == G_MAXINT ? 0 : least;
}

static void
atlas_fitting_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  AtlasFitting *self = ATLAS_FITTING (widget);
  gboolean is_found = FALSE;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      gboolean is_last = gtk_widget_get_next_sibling (child) == NULL && !self->can_be_empty;
      int minimum_px, natural_px;
      gboolean is_seen;

      if (!gtk_widget_get_visible (child))
        continue;
      gtk_widget_measure (
        child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_px, &natural_px, NULL, NULL);
      is_seen = !is_found && (natural_px <= width || is_last);
      is_found = is_found || is_seen;
      gtk_widget_set_child_visible (child, is_seen);
      if (is_seen)
        gtk_widget_size_allocate (
          child, &(GtkAllocation){ 0, 0, MAX (width, minimum_px), height }, -1);
    }
}

static void
atlas_fitting_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (atlas_fitting_parent_class)->dispose (object);
}

static void
atlas_fitting_class_init (AtlasFittingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = atlas_fitting_dispose;
  widget_class->measure = atlas_fitting_measure;
  widget_class->size_allocate = atlas_fitting_size_allocate;
}

static void
atlas_fitting_init (AtlasFitting *self)
{
}

GtkWidget *
atlas_fitting_new (gboolean can_be_empty)
{
  AtlasFitting *self = g_object_new (ATLAS_TYPE_FITTING, NULL);

  self->can_be_empty = can_be_empty;
  return GTK_WIDGET (self);
}

void
atlas_fitting_append (AtlasFitting *self, GtkWidget *child)
{
  g_return_if_fail (ATLAS_IS_FITTING (self));

  gtk_widget_set_parent (child, GTK_WIDGET (self));
}
