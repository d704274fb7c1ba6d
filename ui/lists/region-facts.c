/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-facts.h"

#include <glib/gi18n.h>

#include "lists/image-text.h"
#include "paging/tables.h"
#include "windows/pe-certificates.h"
#include "windows/pe-guard.h"
#include "windows/section.h"

static const struct
{
  const char *name;
  gboolean is_address;
} facts[] = {
  [ATLAS_FACT_ADDRESS] = { N_ ("Selected"), TRUE },
  [ATLAS_FACT_FIRST] = { N_ ("First address"), TRUE },
  [ATLAS_FACT_LAST] = { N_ ("Last address"), TRUE },
  [ATLAS_FACT_SIZE] = { N_ ("Size"), FALSE },
  [ATLAS_FACT_STATE] = { N_ ("State"), FALSE },
  [ATLAS_FACT_PROTECTION] = { N_ ("Protection"), FALSE },
  [ATLAS_FACT_TYPE] = { N_ ("Type"), FALSE },
  [ATLAS_FACT_PE_SECTIONS] = { N_ ("PE sections"), FALSE },
  [ATLAS_FACT_CERTIFICATES] = { N_ ("Certificates"), FALSE },
  [ATLAS_FACT_GUARD] = { N_ ("CFG"), FALSE },
  [ATLAS_FACT_CALL_TARGET] = { N_ ("Call target"), FALSE },
  [ATLAS_FACT_ALLOCATION] = { N_ ("Allocation"), TRUE },
  [ATLAS_FACT_OFFSET] = { N_ ("Offset in it"), FALSE },
  [ATLAS_FACT_ALLOCATION_PROTECTION] = { N_ ("Allocated as"), FALSE },
  [ATLAS_FACT_TABLES] = { N_ ("Page tables"), FALSE },
};

_Static_assert(G_N_ELEMENTS (facts) == ATLAS_N_FACTS, "one row a fact");

const char *
atlas_region_fact_get_name (AtlasRegionFact fact)
{
  return _ (facts[fact].name);
}

gboolean
atlas_region_fact_is_address (AtlasRegionFact fact)
{
  return facts[fact].is_address;
}

/* "3 tables, 12 KB": on the way to the region's addresses, the root aside. */
static char *
format_tables (AtlasSpace *space, const AtlasRegion *region)
{
  const AtlasControl *control = space != NULL ? atlas_space_get_control (space) : NULL;
  const AtlasMemory *memory = space != NULL ? atlas_space_get_memory (space) : NULL;
  AtlasTableCost cost;
  guint64 n_tables;
  g_autofree char *count = NULL;
  g_autofree char *size = NULL;

  if (control == NULL || memory == NULL || region->region_class == ATLAS_CLASS_HOLE)
    return g_strdup ("—");
  atlas_tables_get_cost (
    memory, control, region->base_va, atlas_region_get_last_va (region), &cost);
  n_tables = cost.n_tables - 1u;
  count = atlas_format_count (n_tables);
  size = atlas_format_size (n_tables * ATLAS_PAGE_BYTES);
  /* Translators: a number of tables, then their size; "over" where there are too many to count. */
  return g_strdup_printf (cost.is_partial
                            ? _ ("over %s tables, %s")
                            : ngettext ("%s table, %s", "%s tables, %s", (gulong) n_tables),
                          count,
                          size);
}

/* NULL unless it is of a program file. */
static char *
format_pe_mark (AtlasDocument *document,
                const AtlasRegion *region,
                AtlasVa va,
                AtlasRegionFact fact)
{
  const AtlasVad *vad = atlas_image_find_view (document, region);
  const AtlasPe *pe = vad != NULL ? atlas_section_get_pe (vad->section) : NULL;
  gboolean is_x64;
  guint64 rva;
  AtlasPeGuard guard;

  if (pe == NULL)
    return NULL;
  if (fact == ATLAS_FACT_CERTIFICATES)
    return atlas_pe_certificates_format (pe);
  is_x64 = atlas_process_get_machine (atlas_document_get_process (document)) == ATLAS_MACHINE_AMD64;
  atlas_pe_get_guard (pe, is_x64, &guard);
  if (fact == ATLAS_FACT_GUARD)
    return atlas_pe_guard_format (&guard);
  rva = vad->section_first_page * ATLAS_PAGE_BYTES + (va - atlas_vad_get_base_va (vad));
  return g_strdup (
    _ (atlas_call_target_get_text (atlas_pe_find_call_target (pe, is_x64, &guard, rva))));
}

char *
atlas_region_fact_format (AtlasDocument *document,
                          const AtlasRegion *region,
                          AtlasVa va,
                          AtlasRegionFact fact)
{
  gboolean is_allocated =
    region->state == ATLAS_STATE_COMMIT || region->state == ATLAS_STATE_RESERVE;

  switch (fact)
    {
    case ATLAS_FACT_ADDRESS:
      return atlas_format_va (va);
    case ATLAS_FACT_FIRST:
      return atlas_format_va (region->base_va);
    case ATLAS_FACT_LAST:
      return atlas_format_va (atlas_region_get_last_va (region));
    case ATLAS_FACT_SIZE:
      {
        guint64 n_pages = region->size_bytes / ATLAS_PAGE_BYTES;
        g_autofree char *size = atlas_format_size (region->size_bytes);
        g_autofree char *pages = atlas_format_count (n_pages);

        /* Translators: a size such as "756 KB", then a number of pages. */
        return g_strdup_printf (
          ngettext ("%s · %s page", "%s · %s pages", (gulong) n_pages), size, pages);
      }
    case ATLAS_FACT_STATE:
      return g_strdup (_ (atlas_region_state_get_name (region->state)));
    case ATLAS_FACT_PROTECTION:
      return region->state == ATLAS_STATE_COMMIT ? atlas_protect_format (region->protect)
                                                 : g_strdup ("—");
    case ATLAS_FACT_TYPE:
      return g_strdup (
        region->type == ATLAS_TYPE_NONE ? "—" : _ (atlas_region_type_get_name (region->type)));
    case ATLAS_FACT_ALLOCATION:
      return is_allocated ? atlas_format_va (region->allocation_base_va) : g_strdup ("—");
    case ATLAS_FACT_OFFSET:
      return is_allocated ? atlas_format_hex (va - region->allocation_base_va) : g_strdup ("—");
    case ATLAS_FACT_ALLOCATION_PROTECTION:
      return is_allocated && region->allocation_protect != 0
               ? atlas_protect_format (region->allocation_protect)
               : g_strdup ("—");
    case ATLAS_FACT_PE_SECTIONS:
      {
        char *sections = atlas_image_format_sections (document, region);

        return sections != NULL ? sections : g_strdup ("—");
      }
    case ATLAS_FACT_CERTIFICATES:
    case ATLAS_FACT_GUARD:
    case ATLAS_FACT_CALL_TARGET:
      return format_pe_mark (document, region, va, fact);
    case ATLAS_FACT_TABLES:
      return format_tables (atlas_document_get_space (document), region);
    case ATLAS_N_FACTS:
      break;
    }
  g_assert_not_reached ();
}
