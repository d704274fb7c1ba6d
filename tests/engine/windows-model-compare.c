/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "windows-model-machine.h"

#include "windows/fault.h"
#include "windows/machine-private.h"

char *
compare_answers (const Command *command, const Answer *expected, const Answer *found)
{
  if (expected->is_any_error)
    return found->status != ATLAS_STATUS_SUCCESS
             ? NULL
             : g_strdup_printf ("success instead of an error like %s",
                                atlas_status_get_name (expected->status));
  if (command->kind == COMMAND_PROTECT && expected->status != ATLAS_STATUS_SUCCESS)
    {
      /* Windows tells several kinds of "not all committed"; programs see one. */
      if (atlas_status_to_win32 (expected->status) != atlas_status_to_win32 (found->status))
        return g_strdup_printf ("%s instead of an error like %s",
                                atlas_status_get_name (found->status),
                                atlas_status_get_name (expected->status));
      return NULL;
    }
  if (expected->status != found->status)
    return g_strdup_printf ("%s instead of %s",
                            atlas_status_get_name (found->status),
                            atlas_status_get_name (expected->status));
  if (expected->va != found->va || expected->size_bytes != found->size_bytes)
    return g_strdup_printf ("gives 0x%" G_GINT64_MODIFIER "x, 0x%" G_GINT64_MODIFIER
                            "x instead of 0x%" G_GINT64_MODIFIER "x, 0x%" G_GINT64_MODIFIER "x",
                            found->va,
                            found->size_bytes,
                            expected->va,
                            expected->size_bytes);
  if (expected->status != ATLAS_STATUS_SUCCESS)
    return NULL;
  if (command->kind == COMMAND_PROTECT && expected->old_protect != found->old_protect)
    return g_strdup_printf (
      "old protection 0x%x instead of 0x%x", found->old_protect, expected->old_protect);
  if (command->kind == COMMAND_READ && !expected->is_open && expected->byte != found->byte)
    return g_strdup_printf ("reads 0x%02x instead of 0x%02x", found->byte, expected->byte);
  return NULL;
}

static char *
compare_region (const AtlasRegion *expected, const AtlasRegion *found)
{
  AtlasVa expected_end_va = expected->base_va + expected->size_bytes;
  AtlasVa found_end_va = MIN (found->base_va + found->size_bytes, END);

  if (expected->base_va == found->base_va && expected_end_va == found_end_va &&
      expected->allocation_base_va == found->allocation_base_va &&
      expected->allocation_protect == found->allocation_protect &&
      expected->protect == found->protect && expected->state == found->state &&
      expected->type == found->type)
    return NULL;
  return g_strdup_printf ("query of 0x%" G_GINT64_MODIFIER "x: end 0x%" G_GINT64_MODIFIER
                          "x, state 0x%x, type 0x%x, protect 0x%x, allocation 0x%" G_GINT64_MODIFIER
                          "x 0x%x instead of end 0x%" G_GINT64_MODIFIER
                          "x, state 0x%x, type 0x%x, protect 0x%x, allocation 0x%" G_GINT64_MODIFIER
                          "x 0x%x",
                          expected->base_va,
                          found_end_va,
                          found->state,
                          found->type,
                          found->protect,
                          found->allocation_base_va,
                          found->allocation_protect,
                          expected_end_va,
                          expected->state,
                          expected->type,
                          expected->protect,
                          expected->allocation_base_va,
                          expected->allocation_protect);
}

char *
compare_queries (Machine *machine,
                 const Model *model,
                 guint process,
                 guint first_page,
                 guint last_page)
{
  guint page = first_page;

  while (page <= last_page)
    {
      AtlasRegion expected;
      AtlasRegion found = { 0 };
      char *difference;

      model_query (model, process, page, &expected);
      if (atlas_nt_query_virtual_memory (machine->processes[process], va_of (page), &found) !=
          ATLAS_STATUS_SUCCESS)
        return g_strdup ("a query fails");
      difference = compare_region (&expected, &found);
      if (difference != NULL)
        return difference;
      page = page_of (expected.base_va + expected.size_bytes);
    }
  return NULL;
}

char *
compare_region_set (Machine *machine, const Model *model, guint process)
{
  AtlasRegionSet *set =
    atlas_space_get_regions (atlas_process_get_space (machine->processes[process]));
  AtlasQueryIter iter;
  AtlasRegion found;

  atlas_query_iter_init (&iter, set);
  while (atlas_query_iter_next (&iter, &found))
    {
      AtlasVa start_va = MAX (found.base_va, BASE);
      AtlasRegion expected;
      char *difference;

      if (atlas_region_get_last_va (&found) < BASE || found.base_va >= END)
        continue;
      found.size_bytes -= start_va - found.base_va;
      found.base_va = start_va;
      model_query (model, process, page_of (start_va), &expected);
      difference = compare_region (&expected, &found);
      if (difference != NULL)
        {
          char *text = g_strconcat ("region set, ", difference, NULL);

          g_free (difference);
          return text;
        }
    }
  return NULL;
}

char *
compare_vads (Machine *machine, const Model *model, guint process)
{
  const AtlasVadTree *tree = atlas_process_get_vads (machine->processes[process]);
  const Page *pages = model->pages[process];
  AtlasVad *vad = atlas_vad_tree_lower_bound (tree, BASE);
  guint page = 0;

  while (page < N_PAGES)
    {
      guint last_page;
      guint n_charged = 0;

      if (pages[page].kind == OWNER_NONE)
        {
          page++;
          continue;
        }
      last_page = model_last_of_allocation (model, process, page);
      for (guint i = page; i <= last_page; i++)
        n_charged += model_is_charged (&pages[i]);
      if (vad == NULL || atlas_vad_get_base_va (vad) != va_of (page) ||
          atlas_vad_get_last_va (vad) != va_of (last_page + 1) - 1)
        return g_strdup_printf ("no VAD for 0x%" G_GINT64_MODIFIER "x alone", va_of (page));
      if ((vad->section != NULL) != (pages[page].kind == OWNER_VIEW) ||
          vad->is_placeholder != (pages[page].kind == OWNER_PLACEHOLDER) ||
          (vad->section != NULL && vad->section_first_page != pages[page].section_page))
        return g_strdup_printf ("VAD 0x%" G_GINT64_MODIFIER "x is of another kind", va_of (page));
      if (vad->commit_pages != n_charged)
        return g_strdup_printf ("VAD 0x%" G_GINT64_MODIFIER "x charges %u pages instead of %u",
                                va_of (page),
                                (guint) vad->commit_pages,
                                n_charged);
      if (ABS (atlas_vad_get_balance (vad)) > 1)
        return g_strdup ("the VAD tree is out of balance");
      vad = atlas_vad_get_next (vad);
      page = last_page + 1;
    }
  if (vad != NULL && atlas_vad_get_base_va (vad) < END)
    return g_strdup ("a VAD too many");
  return NULL;
}

static guint64
count_section_pages (const Section *section)
{
  guint64 n_pages = 0;

  for (guint i = 0; section->kind != NULL && i < section->kind->n_pages; i++)
    n_pages += section->is_committed[i];
  return n_pages;
}

char *
compare_charges (Machine *machine, const Model *model)
{
  AtlasCommit commit;
  guint64 all_pages = machine->first_charged_pages;

  for (guint process = 0; process < N_PROCESSES; process++)
    {
      guint64 found = atlas_process_get_commit_pages (machine->processes[process]);
      guint64 expected = machine->first_process_pages[process];

      for (guint i = 0; i < N_PAGES; i++)
        expected += model_is_charged (&model->pages[process][i]);
      if (expected != found)
        return g_strdup_printf (
          "process %u is charged %u pages instead of %u", process, (guint) found, (guint) expected);
      all_pages += expected + machine->processes[process]->n_tables;
    }
  for (guint i = 0; i < MAX_SECTIONS; i++)
    all_pages += count_section_pages (&model->sections[i]);
  atlas_system_get_commit (machine->system, &commit);
  if (commit.n_charged == all_pages)
    return NULL;
  return g_strdup_printf (
    "%u pages charged in all instead of %u", (guint) commit.n_charged, (guint) all_pages);
}

static gboolean
is_readable (const Page *page)
{
  return page->kind != OWNER_NONE && model_is_committed (page) &&
         (page->protect & (ATLAS_PAGE_GUARD | ATLAS_PAGE_NOACCESS)) == 0;
}

char *
compare_contents (Machine *machine, const Model *model, guint process)
{
  for (guint i = 0; i < N_PAGES; i++)
    {
      Page page = model->pages[process][i];
      const Contents *contents = model_get_contents (&page);

      for (guint spot = 0; is_readable (&page) && spot < N_SPOTS; spot++)
        {
          AtlasVa va = va_of (i) + model_spot_offsets[spot];
          guint8 byte = 0;

          if (atlas_process_access (
                machine->processes[process], va, ATLAS_ACCESS_READ, FALSE, &byte, 1, NULL, NULL) !=
              ATLAS_STATUS_SUCCESS)
            return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x cannot be read", va);
          if (!contents->is_open[spot] && byte != contents->bytes[spot])
            return g_strdup_printf ("0x%" G_GINT64_MODIFIER "x reads 0x%02x instead of 0x%02x",
                                    va,
                                    byte,
                                    contents->bytes[spot]);
        }
    }
  return NULL;
}
