/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/virtual-information.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "windows/large-page.h"

static void
fill_basic (const AtlasRegion *region, AtlasMemoryBasicInformation *basic)
{
  *basic = (AtlasMemoryBasicInformation){ .base_va = region->base_va,
                                          .allocation_base_va = region->allocation_base_va,
                                          .allocation_protect = region->allocation_protect,
                                          .region_bytes = region->size_bytes,
                                          .state = region->state,
                                          .protect = region->protect,
                                          .type = region->type };
}

static guint32
get_region_type (AtlasProcess *process, const AtlasVad *vad)
{
  switch ((AtlasVadKind) vad->kind)
    {
    case ATLAS_VAD_PRIVATE:
      return ATLAS_REGION_PRIVATE | (vad->is_placeholder ? ATLAS_REGION_PLACEHOLDER : 0u) |
             (vad->has_64k_pages ? ATLAS_REGION_PAGE_SIZE_64K : 0u);
    case ATLAS_VAD_MAPPED:
      return atlas_section_get_kind (vad->section) == ATLAS_SECTION_PAGE_FILE
               ? ATLAS_REGION_MAPPED_PAGE_FILE
               : ATLAS_REGION_MAPPED_DATA_FILE;
    case ATLAS_VAD_IMAGE:
      return ATLAS_REGION_MAPPED_IMAGE;
    case ATLAS_VAD_AWE:
      return ATLAS_REGION_PRIVATE | ATLAS_REGION_MAPPED_AWE;
    case ATLAS_VAD_WRITE_WATCH:
      return ATLAS_REGION_PRIVATE | ATLAS_REGION_WRITE_WATCH;
    case ATLAS_VAD_LARGE_PAGES:
      return ATLAS_REGION_PRIVATE |
             (atlas_large_pages_get_bytes (process, vad) == atlas_level_span_bytes (ATLAS_LEVEL_PD)
                ? ATLAS_REGION_PAGE_SIZE_LARGE
                : ATLAS_REGION_PAGE_SIZE_HUGE);
    case ATLAS_VAD_LARGE_VIEW:
      return ATLAS_REGION_MAPPED_PAGE_FILE | ATLAS_REGION_PAGE_SIZE_LARGE;
    case ATLAS_VAD_BLOCKED:
    case ATLAS_N_VAD_KINDS:
      break;
    }
  return 0;
}

static guint64
count_private_pages (AtlasProcess *process, const AtlasVad *vad)
{
  guint64 n_pages = 0;
  AtlasPteIter iter;

  if (vad->section == NULL)
    return vad->commit_pages;
  atlas_pte_iter_init (&iter, process, vad->start_vpn, vad->end_vpn);
  while (atlas_pte_iter_next (&iter))
    n_pages +=
      iter.pte != 0 && atlas_process_is_private_pte (process, iter.entry_pa, iter.pte) ? 1u : 0u;
  return n_pages;
}

static void
fill_region (AtlasProcess *process, const AtlasVad *vad, AtlasMemoryRegionInformation *region)
{
  *region = (AtlasMemoryRegionInformation){
    .allocation_base_va = atlas_vad_get_base_va (vad),
    .allocation_protect = atlas_protection_to_win32 (vad->protection),
    .region_type = get_region_type (process, vad),
    .region_bytes = atlas_vad_get_n_pages (vad) << ATLAS_PAGE_SHIFT,
    .commit_bytes = count_private_pages (process, vad) << ATLAS_PAGE_SHIFT,
  };
}

static void
fill_image (const AtlasVad *vad, AtlasMemoryImageInformation *image)
{
  guint64 n_pages;

  *image = (AtlasMemoryImageInformation){ 0 };
  if (vad->kind != ATLAS_VAD_IMAGE)
    return;
  n_pages = atlas_section_get_n_pages (vad->section);
  image->image_base_va =
    atlas_vad_get_base_va (vad) - (vad->section_first_page << ATLAS_PAGE_SHIFT);
  image->image_bytes = n_pages << ATLAS_PAGE_SHIFT;
  if (atlas_vad_get_n_pages (vad) < n_pages)
    image->flags |= ATLAS_IMAGE_PARTIAL_MAP;
}

AtlasStatus
atlas_nt_query_virtual_memory_class (AtlasProcess *process,
                                     AtlasVa va,
                                     AtlasMemoryInformationClass information_class,
                                     void *buffer,
                                     gsize buffer_bytes,
                                     gsize *n_returned)
{
  union
  {
    AtlasMemoryBasicInformation basic;
    AtlasMemoryRegionInformation region;
    AtlasMemoryImageInformation image;
  } information;
  gsize n_bytes, n_needed;
  AtlasRegion found;
  const AtlasVad *vad;
  AtlasStatus status;

  switch (information_class)
    {
    case ATLAS_MEMORY_BASIC_INFORMATION:
      n_bytes = n_needed = sizeof information.basic;
      break;
    case ATLAS_MEMORY_REGION_INFORMATION:
    case ATLAS_MEMORY_REGION_INFORMATION_EX:
      n_bytes = sizeof information.region;
      n_needed = G_STRUCT_OFFSET (AtlasMemoryRegionInformation, commit_bytes);
      break;
    case ATLAS_MEMORY_IMAGE_INFORMATION:
      n_bytes = n_needed = sizeof information.image;
      break;
    default:
      return ATLAS_STATUS_INVALID_INFO_CLASS;
    }
  if (buffer_bytes < n_needed)
    return ATLAS_STATUS_INFO_LENGTH_MISMATCH;
  if (buffer == NULL)
    return ATLAS_STATUS_ACCESS_VIOLATION;
  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;

  status = atlas_process_query (process, va, &found);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  vad = atlas_vad_tree_find (&process->vads, va, NULL);
  if (information_class == ATLAS_MEMORY_BASIC_INFORMATION)
    fill_basic (&found, &information.basic);
  else if (vad == NULL || vad->kind == ATLAS_VAD_BLOCKED)
    return ATLAS_STATUS_INVALID_ADDRESS;
  else if (information_class == ATLAS_MEMORY_IMAGE_INFORMATION)
    fill_image (vad, &information.image);
  else
    fill_region (process, vad, &information.region);

  n_bytes = MIN (n_bytes, buffer_bytes);
  memcpy (buffer, &information, n_bytes);
  if (n_returned != NULL)
    *n_returned = n_bytes;
  return ATLAS_STATUS_SUCCESS;
}

char *
atlas_region_type_bits_format (guint32 region_type)
{
  static const char *const names[] = { N_ ("private"),
                                       N_ ("mapped data file"),
                                       N_ ("mapped image"),
                                       N_ ("mapped page file"),
                                       N_ ("mapped physical memory"),
                                       N_ ("direct mapped"),
                                       N_ ("software enclave"),
                                       N_ ("64 KB pages"),
                                       N_ ("placeholder"),
                                       N_ ("AWE window"),
                                       N_ ("write watch"),
                                       N_ ("2 MB pages"),
                                       N_ ("1 GB pages") };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if ((region_type >> i & 1u) != 0)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", names[i]);
    }
  return g_string_free (text, FALSE);
}
