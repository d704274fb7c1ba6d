/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/why.h"

#include <glib/gi18n-lib.h>

#include "base/format.h"
#include "base/translation.h"
#include "space/region-text.h"

#define GRANULARITY_SOURCE "Raymond Chen, The Old New Thing, 2003-10-08"

/* For regions that bring no reason of their own. */
static const char *const class_reasons[ATLAS_N_CLASSES] = {
  [ATLAS_CLASS_HOLE] = N_ ("The address is not canonical: the highest bits are not all alike."),
  [ATLAS_CLASS_KERNEL] = N_ ("It belongs to the kernel's half."),
  [ATLAS_CLASS_UNUSABLE] = N_ ("It is free, but the 64 KB slot that it is in is taken."),
  [ATLAS_CLASS_CFG] = N_ ("The bitmap of Control Flow Guard: which addresses may be called."),
  [ATLAS_CLASS_MAPPED] = N_ ("A section without a program in it is mapped here."),
  [ATLAS_CLASS_IMAGE] = N_ ("The loader has mapped a program or a library here."),
  [ATLAS_CLASS_PRIVATE] = N_ ("The program has allocated it for itself."),
  [ATLAS_CLASS_HEAP] = N_ ("A heap of the program keeps its blocks here."),
  [ATLAS_CLASS_STACK] = N_ ("The stack of a thread: it grows down, page by page."),
  [ATLAS_CLASS_SYSTEM] = N_ ("Windows keeps data here that the program may read."),
  [ATLAS_CLASS_NEVER] = N_ ("Nothing can ever be allocated here."),
};

static char *
describe (const AtlasRegion *region)
{
  GString *text = g_string_new (_ (atlas_region_state_get_name (region->state)));

  if (region->state == ATLAS_STATE_OUTSIDE)
    g_string_assign (text, _ (atlas_region_class_get_name (region->region_class)));
  if (region->type != ATLAS_TYPE_NONE)
    g_string_append_printf (text, ", %s", _ (atlas_region_type_get_name (region->type)));
  if (region->state == ATLAS_STATE_COMMIT)
    {
      g_autofree char *protect = atlas_protect_format (region->protect);

      g_string_append_printf (text, ", %s", protect);
    }
  if (region->name != NULL)
    {
      g_autofree char *name = atlas_translate_kept (region->name);

      g_string_append_printf (text, ": %s", name);
    }
  return g_string_free (text, FALSE);
}

/* How much is free from @va on. */
static guint64
count_free (const AtlasRegionSet *set, AtlasVa va)
{
  guint64 n_regions = atlas_region_set_get_n_regions (set);
  AtlasVa end_va = va;

  for (guint64 i = atlas_region_set_find (set, va); i < n_regions; i++)
    {
      const AtlasRegion *region = atlas_region_set_get_region (set, i);

      if (region->state != ATLAS_STATE_FREE || region->region_class != ATLAS_CLASS_FREE)
        break;
      end_va = atlas_region_get_last_va (region) + 1u;
    }
  return end_va - va;
}

/* What ends the gap on the one side; the rest of a slot belongs to what begins it. */
static char *
name_neighbour (const AtlasRegionSet *set, guint64 index, gboolean is_below)
{
  guint64 n_regions = atlas_region_set_get_n_regions (set);

  while (is_below ? index > 0 : index + 1u < n_regions)
    {
      const AtlasRegion *region;

      index += is_below ? G_MAXUINT64 : 1u;
      region = atlas_region_set_get_region (set, index);
      if (region->region_class != ATLAS_CLASS_UNUSABLE)
        return atlas_region_dup_title (region);
    }
  return g_strdup (_ ("the end of the space"));
}

/* What a gap is good for: its neighbours, its slots, and who can reach it. */
static char *
explain_free (const AtlasRegionSet *set, const AtlasRegion *region)
{
  guint64 index = atlas_region_set_find (set, region->base_va);
  AtlasVa last_va = atlas_region_get_last_va (region);
  g_autofree char *below = name_neighbour (set, index, TRUE);
  g_autofree char *above = name_neighbour (set, index, FALSE);
  GString *text = g_string_new (NULL);

  /* Translators: what is at lower and at higher addresses */
  g_string_append_printf (
    text, _ ("Nobody has reserved it. Below it: %s; above it: %s."), below, above);
  if (!atlas_region_set_has_slots (set))
    return g_string_free (text, FALSE);

  guint64 n_slots = (last_va >> 16) - (region->base_va >> 16) + 1u;
  guint64 tail_bytes = (last_va + 1u) & (ATLAS_KB (64) - 1u);
  g_autofree char *count = atlas_format_count (n_slots);
  g_autofree char *tail = atlas_format_size (tail_bytes);

  g_string_append_printf (
    text,
    g_dngettext (GETTEXT_PACKAGE,
                 " It has %s slot of 64 KB; a reservation takes whole slots.",
                 " It has %s slots of 64 KB; a reservation takes whole slots.",
                 (gulong) MIN (n_slots, G_MAXLONG)),
    count);
  if (tail_bytes != 0)
    g_string_append_printf (text, _ (" The last has only %s."), tail);
  if (last_va < ATLAS_GB (2))
    g_string_append (text,
                     _ (" All of it is below 2 GB, where a program that is not large-address "
                        "aware can use it."));
  else if (region->base_va < ATLAS_GB (4))
    g_string_append (text,
                     _ (" It goes beyond 2 GB, where a program that is not large-address aware "
                        "has nothing."));
  else
    g_string_append (text, _ (" It is above 4 GB: its addresses need more than 32 bits."));
  return g_string_free (text, FALSE);
}

static char *
refuse_taken (const AtlasRegion *region)
{
  g_autofree char *name = atlas_translate_kept (region->name);
  g_autofree char *base = atlas_format_va (region->allocation_base_va);

  return g_strdup_printf (region->state == ATLAS_STATE_RESERVE
                            ? _ ("No: it is taken by %s at %s. Its pages can be committed, but not "
                                 "reserved a second time.")
                            : _ ("No: it is taken by %s at %s."),
                          name != NULL ? name : _ ("an allocation"),
                          base);
}

static void
judge_free (AtlasWhy *why, const AtlasRegionSet *set)
{
  gboolean has_slots = atlas_region_set_has_slots (set);
  guint64 granularity_bytes = has_slots ? ATLAS_KB (64) : ATLAS_PAGE_BYTES;
  AtlasVa start_va = why->va & ~(granularity_bytes - 1u);
  AtlasRegion first = *atlas_region_set_get_region (set, atlas_region_set_find (set, start_va));
  g_autofree char *start = atlas_format_va (start_va);

  why->rule_source = has_slots ? GRANULARITY_SOURCE : NULL;
  if (first.state != ATLAS_STATE_FREE || first.region_class != ATLAS_CLASS_FREE)
    {
      g_autofree char *name = atlas_translate_kept (first.name);

      why->verdict = g_strdup_printf (
        _ ("No: a reservation starts at a multiple of 64 KB, and the slot at %s is "
           "taken by %s."),
        start,
        name != NULL ? name : _ ("something else"));
      return;
    }

  why->may_allocate = TRUE;
  why->allocation_va = start_va;
  why->room_bytes = count_free (set, start_va);

  g_autofree char *size = atlas_format_size (why->room_bytes);

  why->verdict = start_va == why->va
                   ? g_strdup_printf (_ ("Yes: up to %s."), size)
                   : g_strdup_printf (_ ("Yes: it would start at %s, a multiple of %s; up to %s."),
                                      start,
                                      has_slots ? "64 KB" : "4 KB",
                                      size);
}

static void
judge (AtlasWhy *why, const AtlasRegionSet *set)
{
  const AtlasRegion *region = &why->region;

  switch (region->region_class)
    {
    case ATLAS_CLASS_FREE:
      judge_free (why, set);
      return;
    case ATLAS_CLASS_UNUSABLE:
      why->verdict = g_strdup (_ ("No: VirtualQuery calls it free, but a reservation starts at a "
                                  "multiple of 64 KB, and there this slot is taken."));
      why->rule_source = GRANULARITY_SOURCE;
      return;
    case ATLAS_CLASS_NEVER:
      why->verdict =
        g_strdup (region->state == ATLAS_STATE_FREE
                    ? _ ("No: VirtualQuery calls it free, but no call ever gets it.")
                    : _ ("No: it lies beyond the addresses that the program may use."));
      why->rule_source = region->source;
      return;
    case ATLAS_CLASS_HOLE:
      why->verdict = g_strdup (_ ("No: the processor refuses the address, whatever tables say."));
      why->rule_source = "Intel SDM vol. 1 §3.3.7.1";
      return;
    case ATLAS_CLASS_KERNEL:
      why->verdict = g_strdup (_ ("No: programs get nothing in the kernel's half."));
      why->rule_source = region->source;
      return;
    case ATLAS_CLASS_CFG:
    case ATLAS_CLASS_MAPPED:
    case ATLAS_CLASS_IMAGE:
    case ATLAS_CLASS_PRIVATE:
    case ATLAS_CLASS_HEAP:
    case ATLAS_CLASS_STACK:
    case ATLAS_CLASS_SYSTEM:
    case ATLAS_N_CLASSES:
      break;
    }
  if (region->state == ATLAS_STATE_OUTSIDE)
    {
      /* What the kernel keeps there was never allocated by a program. */
      why->verdict = g_strdup (_ ("No: programs get nothing in the kernel's half."));
      why->rule_source = "Windows Internals, 7th edition, part 1, chapter 5";
      return;
    }
  why->verdict = refuse_taken (region);
  why->rule_source = "Microsoft Learn, VirtualAlloc";
}

void
atlas_why_init (AtlasWhy *why, AtlasSpace *space, AtlasVa va)
{
  const AtlasRegionSet *set;

  g_return_if_fail (why != NULL && space != NULL);

  set = atlas_space_get_regions (space);
  *why = (AtlasWhy){ .va = va };
  why->region = *atlas_region_set_get_region (set, atlas_region_set_find (set, va));
  why->what = describe (&why->region);
  if (why->region.reason == NULL && why->region.region_class == ATLAS_CLASS_FREE)
    why->reason = explain_free (set, &why->region);
  else
    why->reason = atlas_translate_kept (
      why->region.reason != NULL ? why->region.reason : class_reasons[why->region.region_class]);
  why->source = atlas_translate (why->region.source);
  if (atlas_space_get_table_graph (space) != NULL && why->region.region_class != ATLAS_CLASS_HOLE)
    why->verdict = g_strdup (
      _ ("Not known: there are page tables here, and nothing of who gives addresses out."));
  else
    judge (why, set);
  why->rule_source = atlas_translate (why->rule_source);
}

void
atlas_why_clear (AtlasWhy *why)
{
  g_clear_pointer (&why->what, g_free);
  g_clear_pointer (&why->reason, g_free);
  g_clear_pointer (&why->verdict, g_free);
}
