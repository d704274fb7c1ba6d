/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* A guided tour: a scenario, and steps that point at places in it and do things there.
 *
 *   [Tour]
 *   Title=What is at 0x7ffe0000?
 *   Summary=One page that every process shares with the kernel.
 *   Scenario=default                     one that comes with the program
 *
 *   [Step 1]
 *   Text=…                               Text[de]=… in another language
 *   Select=0x7ffe0000                    an address as commands take it
 *   Show=0x7ffd0000 0x80010000           first and last address; or: whole, region
 *   Page=walk                            a page of the side panel
 *   Open=laboratory                      a window to look at beside
 *   Run=write 0x7ffe0000 4               a command, and what comes of it
 *   Expect=STATUS_ACCESS_VIOLATION       (STATUS_SUCCESS when not said)
 *
 * Key files as GLib reads them; of several translations the one of the current locale is kept.
 */

#include "base/format.h"

G_BEGIN_DECLS

typedef enum
{
  ATLAS_TOUR_SHOW_NOTHING, /* the view stays where it is */
  ATLAS_TOUR_SHOW_WHOLE,
  ATLAS_TOUR_SHOW_REGION, /* the one that holds the selected address */
  ATLAS_TOUR_SHOW_RANGE,
} AtlasTourShow;

/* Text that a step does not have is NULL. */
typedef struct
{
  char *text;
  char *select;
  AtlasTourShow show;
  char *show_first; /* RANGE only, as show_last */
  char *show_last;
  char *page;
  char *window;
  char *command;
  char *expected_status; /* "STATUS_…"; NULL without a command */
} AtlasTourStep;

typedef struct
{
  char *title;
  char *summary;
  char *scenario;
  GPtrArray *steps; /* of AtlasTourStep, at least one */
} AtlasTour;

/* NULL and @error (ATLAS_ERROR_PARSE: "NAME: [GROUP] KEY: found …, expected …") when @text is no
 * tour. Keys that a tour does not have are refused: they would be a slip of the pen. */
ATLAS_AVAILABLE AtlasTour *
atlas_tour_new_from_text (const char *text, const char *name, GError **error);
ATLAS_AVAILABLE void atlas_tour_free (AtlasTour *tour);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AtlasTour, atlas_tour_free)

static inline guint
atlas_tour_get_n_steps (const AtlasTour *tour)
{
  return tour->steps->len;
}

static inline const AtlasTourStep *
atlas_tour_get_step (const AtlasTour *tour, guint index)
{
  return (const AtlasTourStep *) g_ptr_array_index (tour->steps, index);
}

G_END_DECLS
