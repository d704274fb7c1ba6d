/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tables/step-words.h"

#include <glib/gi18n.h>

#include "base/format.h"
#include "paging/events.h"

const AtlasAccessChoice atlas_access_choices[ATLAS_N_ACCESS_CHOICES] = {
  { ATLAS_ACCESS_READ, N_ ("Read"), "read" },
  { ATLAS_ACCESS_WRITE, N_ ("Write"), "write" },
  { ATLAS_ACCESS_EXECUTE, N_ ("Execute"), "execute" },
};

/* The processor knows no more of a page that is not present; Windows asks what is promised there.
 * NULL where that is not known. */
static const char *
foretell (AtlasDocument *document, AtlasVa va)
{
  AtlasRegionSet *regions = atlas_document_get_regions (document);
  const AtlasRegion *region;

  if (regions == NULL || !atlas_document_is_simulation (document) ||
      !atlas_document_is_dry_walk (document) || va >= atlas_region_set_get_user_end_va (regions))
    return NULL;
  region = atlas_region_set_get_region (regions, atlas_region_set_find (regions, va));
  if (region->state != ATLAS_STATE_COMMIT)
    return _ ("Nothing is committed here: the program would get STATUS_ACCESS_VIOLATION.");
  if ((region->protect & ATLAS_PAGE_NOACCESS) != 0)
    return _ ("The page is PAGE_NOACCESS: the program would get STATUS_ACCESS_VIOLATION.");
  if ((region->protect & ATLAS_PAGE_GUARD) != 0)
    return _ ("It is a guard page: the first touch clears that and raises an exception, or makes a "
              "stack grow. Run shows it.");
  return _ ("The page is committed: Windows would have to bring it in. Run shows how.");
}

/* For a fault that would come again: the bit, the rule, and what would make the access succeed.
 * (transfer full) */
static char *
explain_fault (AtlasDocument *document, const AtlasTraceEvent *event)
{
  AtlasSpace *space = atlas_document_get_space (document);
  const AtlasControl *control = space != NULL ? atlas_space_get_control (space) : NULL;
  AtlasWalkQuery query = { 0 };
  AtlasWalkResult result;
  guint64 access, code, mode;
  g_autofree char *explain = NULL;
  const char *more;

  if (event->kind != &atlas_event_page_fault || control == NULL ||
      !atlas_trace_event_get (event, "va", &query.va) ||
      !atlas_trace_event_get (event, "access", &access) ||
      !atlas_trace_event_get (event, "code", &code) ||
      !atlas_trace_event_get (event, "mode", &mode))
    return NULL;
  query.access = (AtlasAccess) access;
  query.is_supervisor = g_str_equal ((const char *) (guintptr) mode, "supervisor");
  if (!atlas_space_walk (space, &query, &result) || result.outcome != ATLAS_OUTCOME_PAGE_FAULT ||
      result.error_code != code)
    return NULL;
  explain = atlas_walk_result_explain (&result, control, atlas_space_get_mtrrs (space), &query);
  more = result.cause == ATLAS_CAUSE_NOT_PRESENT ? foretell (document, query.va) : NULL;
  return more != NULL ? g_strjoin (" ", explain, more, NULL) : g_steal_pointer (&explain);
}

char *
atlas_step_dup_explain (AtlasDocument *document)
{
  AtlasTrace *trace = atlas_document_get_trace (document);
  const AtlasTraceEvent *event;
  char *explain;

  if (trace == NULL || atlas_trace_get_n_events (trace) == 0)
    return NULL;
  event = atlas_trace_get_event (trace, atlas_document_get_step (document));
  explain = explain_fault (document, event);
  return explain != NULL ? explain : atlas_trace_event_dup_explain (event);
}

/* What the story is of: the chosen access, or the one that ran. */
static void
get_told_access (AtlasDocument *document, AtlasAccess *access, AtlasVa *va)
{
  AtlasTrace *trace = atlas_document_get_trace (document);
  guint64 told_access;

  *access = atlas_document_get_access (document);
  *va = atlas_document_get_selected_va (document);
  if (trace == NULL || atlas_document_is_dry_walk (document) ||
      !atlas_trace_event_get (atlas_trace_get_event (trace, 0), "access", &told_access))
    return;
  *access = (AtlasAccess) told_access;
  atlas_trace_event_get (atlas_trace_get_event (trace, 0), "va", va);
}

static const char *
get_access_title (AtlasAccess access)
{
  for (guint i = 0; i < ATLAS_N_ACCESS_CHOICES; i++)
    if (atlas_access_choices[i].access == access)
      return _ (atlas_access_choices[i].name);
  return atlas_access_get_name (access);
}

char *
atlas_step_dup_title (AtlasDocument *document)
{
  g_autofree char *address = NULL;
  AtlasAccess access;
  AtlasVa va;

  get_told_access (document, &access, &va);
  address = atlas_format_va (va);
  /* Translators: kind of access, address */
  return g_strdup_printf (_ ("%s at %s"), get_access_title (access), address);
}

char *
atlas_step_dup_mode (AtlasDocument *document)
{
  AtlasSpace *space = atlas_document_get_space (document);
  const AtlasControl *control = space != NULL ? atlas_space_get_control (space) : NULL;

  if (control == NULL)
    return g_strdup (atlas_document_is_simulation (document) ? ""
                                                             : _ ("no page tables in this file"));
  return g_strdup_printf ("%s\nWP %d · NXE %d · SMEP %d · SMAP %d",
                          atlas_document_is_dry_walk (document) ? _ ("what would happen")
                                                                : _ ("what happened"),
                          (control->cr0 & ATLAS_CR0_WP) != 0,
                          (control->efer & ATLAS_EFER_NXE) != 0,
                          (control->cr4 & ATLAS_CR4_SMEP) != 0,
                          (control->cr4 & ATLAS_CR4_SMAP) != 0);
}
