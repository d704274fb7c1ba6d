/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/view.h"

#include "windows/allocate-private.h"
#include "windows/large-section.h"
#include "windows/placeholder.h"
#include "windows/section-object-private.h"
#include "windows/virtual.h"

#define VIEW_TYPES (ATLAS_MEM_TOP_DOWN | ATLAS_MEM_RESERVE | ATLAS_MEM_LARGE_PAGES)

/* What a view comes to, found out before anything changes. */
typedef struct
{
  AtlasSectionObject *object;
  AtlasProcess *process;
  AtlasSection *section;
  AtlasVa base_va; /* 0: anywhere */
  AtlasVa last_va; /* that it may touch */
  guint64 offset;
  guint64 n_bytes;         /* whole pages */
  guint64 n_commit_pages;  /* of a SEC_RESERVE section, to be committed at once */
  guint64 n_charged_pages; /* pages that may become the process's own */
  gboolean is_top_down;
  gboolean is_replacement; /* of a placeholder */
  gboolean has_large_pages;
  AtlasVa first_va; /* that it may touch, when Windows chooses */
  guint8 protection;
} Mapping;

/* Pages from @first_page on that are WRITECOPY: each may be copied, and is paid for at once. */
static guint64
count_copied_pages (const AtlasSection *section, guint64 first_page, guint64 n_pages)
{
  guint64 n_copied = 0;

  for (guint i = 0; i < section->n_subsections; i++)
    {
      const AtlasSubsection *part = &section->subsections[i];
      guint64 first = MAX (first_page, part->first_page);
      guint64 end = MIN (first_page + n_pages, part->first_page + part->n_pages);

      if (first < end && atlas_protection_is_copy_on_write (part->protection))
        n_copied += end - first;
    }
  return n_copied;
}

static AtlasStatus
plan_size (Mapping *mapping, guint64 view_bytes, guint64 commit_bytes, guint32 allocation_type)
{
  gboolean is_file = mapping->section->kind == ATLAS_SECTION_FILE;
  gboolean may_grow = is_file && (allocation_type & ATLAS_MEM_RESERVE) != 0 &&
                      atlas_protection_is_writable (mapping->object->protection);
  guint64 section_bytes = mapping->object->size_bytes;

  if ((allocation_type & ATLAS_MEM_RESERVE) != 0 && !is_file)
    return ATLAS_STATUS_INVALID_PARAMETER_9;
  if (mapping->offset >= section_bytes)
    return ATLAS_STATUS_INVALID_VIEW_SIZE;
  if (view_bytes == 0)
    view_bytes = section_bytes - mapping->offset;
  /* A view of the last page may show all of it. */
  else if (view_bytes > atlas_page_ceil (section_bytes) - mapping->offset && !may_grow)
    return ATLAS_STATUS_INVALID_VIEW_SIZE;
  else if (is_file && view_bytes > section_bytes - mapping->offset && !may_grow)
    return ATLAS_STATUS_INVALID_VIEW_SIZE;
  if (commit_bytes > view_bytes ||
      (commit_bytes > 0 && is_file && (allocation_type & ATLAS_MEM_RESERVE) == 0))
    return ATLAS_STATUS_INVALID_PARAMETER_5;
  mapping->n_bytes = atlas_page_ceil (view_bytes);
  if (mapping->section->is_reserved)
    mapping->n_commit_pages = atlas_page_ceil (commit_bytes) / ATLAS_PAGE_BYTES;
  return ATLAS_STATUS_SUCCESS;
}

/* That large views are aligned is in Microsoft Learn, "MapViewOfFile"; the statuses, and that such
 * a view can be neither without access nor copied on write, are choices. */
static AtlasStatus
check_large_view (const Mapping *mapping)
{
  guint64 mask = ATLAS_LARGE_PAGE_BYTES - 1u;

  if (mapping->protection == ATLAS_PROTECTION_NOACCESS ||
      atlas_protection_is_copy_on_write (mapping->protection))
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (((mapping->base_va | mapping->offset) & mask) != 0)
    return ATLAS_STATUS_MAPPED_ALIGNMENT;
  return (mapping->n_bytes & mask) != 0 ? ATLAS_STATUS_INVALID_VIEW_SIZE : ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
place (Mapping *mapping)
{
  guint64 alignment_bytes =
    mapping->has_large_pages ? ATLAS_LARGE_PAGE_BYTES : ATLAS_ALLOCATION_GRANULARITY;
  const AtlasProcess *process = mapping->process;
  AtlasVa low_va = mapping->is_top_down ? ATLAS_MIN_APPLICATION_VA : process->bottom_up_va;
  AtlasVa high_va =
    mapping->is_top_down ? MIN (process->top_down_va, mapping->last_va) : mapping->last_va;
  AtlasVa *base_va = &mapping->base_va;
  AtlasVa lowest_va = MAX (mapping->first_va, ATLAS_MIN_APPLICATION_VA);

  if (mapping->is_replacement)
    return atlas_placeholder_find (mapping->process,
                                   *base_va >> ATLAS_PAGE_SHIFT,
                                   (*base_va + mapping->n_bytes - 1u) >> ATLAS_PAGE_SHIFT) != NULL
             ? ATLAS_STATUS_SUCCESS
             : ATLAS_STATUS_CONFLICTING_ADDRESSES;
  low_va = MAX (low_va, lowest_va);
  if (*base_va != 0)
    {
      if (*base_va > mapping->last_va || mapping->n_bytes - 1u > mapping->last_va - *base_va)
        return ATLAS_STATUS_NO_MEMORY;
      return atlas_vad_tree_find_overlap (
               &process->vads, *base_va, *base_va + mapping->n_bytes - 1u) == NULL
               ? ATLAS_STATUS_SUCCESS
               : ATLAS_STATUS_CONFLICTING_ADDRESSES;
    }
  if (mapping->last_va < lowest_va)
    return ATLAS_STATUS_NO_MEMORY;
  if ((low_va <= high_va && atlas_vad_tree_find_gap (&process->vads,
                                                     mapping->n_bytes,
                                                     alignment_bytes,
                                                     low_va,
                                                     high_va,
                                                     mapping->is_top_down,
                                                     base_va)) ||
      atlas_vad_tree_find_gap (&process->vads,
                               mapping->n_bytes,
                               alignment_bytes,
                               lowest_va,
                               mapping->last_va,
                               mapping->is_top_down,
                               base_va))
    return ATLAS_STATUS_SUCCESS;
  return ATLAS_STATUS_NO_MEMORY;
}

/* At the base that the boot has chosen; elsewhere only when the image can be moved. */
static AtlasStatus
place_image (Mapping *mapping)
{
  const AtlasSection *section = mapping->section;
  AtlasVa asked_va = mapping->base_va;
  AtlasVa chosen_va = section->base_va + mapping->offset;
  gboolean is_relocatable = section->pe == NULL || atlas_pe_is_relocatable (section->pe);
  AtlasStatus status;

  if (asked_va == 0)
    {
      mapping->base_va = chosen_va;
      if (chosen_va >= ATLAS_MIN_APPLICATION_VA && place (mapping) == ATLAS_STATUS_SUCCESS)
        return ATLAS_STATUS_SUCCESS;
      mapping->base_va = 0;
    }
  else if (asked_va == chosen_va)
    {
      return place (mapping);
    }
  if (!is_relocatable)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  status = place (mapping);
  /* The image would begin below address 0. */
  if (status == ATLAS_STATUS_SUCCESS && mapping->base_va < mapping->offset)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;
  return status;
}

static AtlasStatus
plan (Mapping *mapping, guint64 view_bytes, guint64 commit_bytes, guint32 allocation_type)
{
  const AtlasSection *section = mapping->section;
  guint64 first_page = mapping->offset / ATLAS_PAGE_BYTES;
  gboolean is_image = section->kind == ATLAS_SECTION_IMAGE;
  AtlasStatus status;

  /* Of an image the headers say what each page may. */
  if (is_image)
    mapping->protection = ATLAS_PROTECTION_EXECUTE_WRITECOPY;
  else if ((atlas_protection_get_view_rights (mapping->protection) &
            ~atlas_protection_get_view_rights (mapping->object->protection)) != 0)
    return ATLAS_STATUS_SECTION_PROTECTION;
  /* Large pages are a section's, not a view's to have; the status is a choice. */
  if ((allocation_type & ATLAS_MEM_LARGE_PAGES) != 0 && section->large_pfns == NULL)
    return ATLAS_STATUS_INVALID_PARAMETER_9;
  mapping->has_large_pages =
    section->large_pfns != NULL &&
    (mapping->process->system->options.build < ATLAS_LARGE_VIEW_FIRST_BUILD ||
     (allocation_type & ATLAS_MEM_LARGE_PAGES) != 0);
  status = plan_size (mapping, view_bytes, commit_bytes, allocation_type);
  if (status == ATLAS_STATUS_SUCCESS && mapping->has_large_pages)
    status = check_large_view (mapping);
  if (status == ATLAS_STATUS_SUCCESS)
    status = is_image ? place_image (mapping) : place (mapping);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  if (is_image)
    mapping->n_charged_pages =
      count_copied_pages (section, first_page, mapping->n_bytes / ATLAS_PAGE_BYTES) +
      atlas_view_count_own_pages (mapping->process,
                                  section,
                                  first_page,
                                  mapping->n_bytes / ATLAS_PAGE_BYTES,
                                  mapping->base_va - mapping->offset);
  else if (atlas_protection_is_copy_on_write (mapping->protection))
    mapping->n_charged_pages = mapping->n_bytes / ATLAS_PAGE_BYTES;
  if (!atlas_system_has_commit_room (mapping->process->system, mapping->n_charged_pages))
    return ATLAS_STATUS_COMMITMENT_LIMIT;
  if (mapping->has_large_pages &&
      !atlas_large_section_has_view_room (mapping->process, mapping->base_va, mapping->n_bytes))
    return ATLAS_STATUS_INSUFFICIENT_RESOURCES;
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
make_view (const Mapping *mapping)
{
  AtlasProcess *process = mapping->process;
  AtlasSection *section = mapping->section;
  guint64 first_page = mapping->offset / ATLAS_PAGE_BYTES;
  gboolean is_image = section->kind == ATLAS_SECTION_IMAGE;
  guint8 caching = 0;
  AtlasVad *vad;

  if (mapping->n_commit_pages > 0 &&
      !atlas_system_commit_section (process->system, section, first_page, mapping->n_commit_pages))
    return ATLAS_STATUS_COMMITMENT_LIMIT;

  if (!is_image && (mapping->object->attributes & ATLAS_SEC_NOCACHE) != 0)
    caching = ATLAS_PROTECTION_NOCACHE;
  else if (!is_image && (mapping->object->attributes & ATLAS_SEC_WRITECOMBINE) != 0)
    caching = ATLAS_PROTECTION_WRITECOMBINE;
  atlas_process_changed (process);
  if (mapping->is_replacement)
    vad = atlas_vad_tree_find (&process->vads, mapping->base_va, NULL);
  else
    vad = atlas_vad_tree_insert (&process->vads,
                                 mapping->base_va >> ATLAS_PAGE_SHIFT,
                                 (mapping->base_va + mapping->n_bytes - 1u) >> ATLAS_PAGE_SHIFT);
  vad->is_placeholder = FALSE;
  vad->is_from_placeholder = mapping->is_replacement;
  vad->kind = is_image                   ? ATLAS_VAD_IMAGE
              : mapping->has_large_pages ? ATLAS_VAD_LARGE_VIEW
                                         : ATLAS_VAD_MAPPED;
  vad->region_class = is_image ? ATLAS_CLASS_IMAGE : ATLAS_CLASS_MAPPED;
  vad->protection = mapping->protection == ATLAS_PROTECTION_NOACCESS
                      ? ATLAS_PROTECTION_NOACCESS
                      : mapping->protection | caching;
  vad->section = section;
  vad->section_first_page = first_page;
  atlas_vad_set_name (vad, section->name);
  section->n_views++;
  if (mapping->has_large_pages)
    atlas_large_section_map_view (process, vad);
  if (mapping->n_charged_pages > 0 &&
      !atlas_process_charge_commit (process, vad, mapping->n_charged_pages))
    g_assert_not_reached (); /* there was room a moment ago */
  return ATLAS_STATUS_SUCCESS;
}

static gboolean
is_for_machine (const AtlasPe *pe, const AtlasProcess *process)
{
  guint16 machine = atlas_process_peek_machine (process);

  return pe == NULL || pe->native.machine == machine ||
         (pe->is_arm64x && machine == ATLAS_MACHINE_AMD64);
}

static AtlasStatus
get_image_status (const Mapping *mapping)
{
  const AtlasPe *pe = mapping->section->pe;

  if (!is_for_machine (pe, mapping->process))
    return ATLAS_STATUS_IMAGE_MACHINE_TYPE_MISMATCH;
  if (pe != NULL && mapping->base_va - mapping->offset != mapping->section->base_va)
    return ATLAS_STATUS_IMAGE_NOT_AT_BASE;
  return ATLAS_STATUS_SUCCESS;
}

/* Addresses are checked before handles are: without a process, against what the machine gives at
 * most. */
static AtlasVa
get_max_va (const AtlasSectionObject *object, const AtlasProcess *process)
{
  guint n_levels = ATLAS_LEVEL_PML4;

  if (process != NULL)
    return process->max_va;
  if (object != NULL)
    n_levels = atlas_system_options_get_n_levels (&object->system->options);
  return atlas_layout_get_user_end (n_levels) - ATLAS_KB (64) - 1u;
}

/* @mapping: what only the extended form can say. */
static AtlasStatus
map_view (Mapping mapping,
          AtlasSectionObject *object,
          AtlasProcess *process,
          AtlasVa *base_va,
          guint64 zero_bits,
          guint64 commit_bytes,
          guint64 *section_offset,
          guint64 *view_bytes,
          guint32 inherit_disposition,
          guint32 allocation_type,
          guint32 protect)
{
  AtlasVa max_va = get_max_va (object, process);
  guint64 base_mask = mapping.is_replacement ? ATLAS_PAGE_MASK : ATLAS_ALLOCATION_GRANULARITY - 1u;
  AtlasStatus status;

  mapping.object = object;
  mapping.process = process;
  mapping.last_va = mapping.last_va != 0 ? MIN (mapping.last_va, max_va) : max_va;
  mapping.is_top_down = (allocation_type & ATLAS_MEM_TOP_DOWN) != 0;
  if (inherit_disposition != ATLAS_VIEW_SHARE && inherit_disposition != ATLAS_VIEW_UNMAP)
    return ATLAS_STATUS_INVALID_PARAMETER_8;
  if ((allocation_type & ~VIEW_TYPES) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_9;
  status = atlas_protection_from_win32 (protect, &mapping.protection);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  /* Guards and caching are not a view's to ask for. */
  if (mapping.protection != ATLAS_PROTECTION_NOACCESS &&
      (mapping.protection & ATLAS_PROTECTION_MODIFIER_MASK) != 0)
    return ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (*base_va > max_va || *view_bytes > max_va - *base_va)
    return ATLAS_STATUS_INVALID_PARAMETER_3;
  status = atlas_zero_bits_apply (zero_bits, &mapping.last_va) ? ATLAS_STATUS_SUCCESS
                                                               : ATLAS_STATUS_INVALID_PARAMETER_4;
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  if (*base_va != 0 && (*base_va > mapping.last_va || *view_bytes > mapping.last_va - *base_va))
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if (process == NULL || process->system == NULL || object == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  if ((atlas_section_get_needed_access (mapping.protection) & ~object->access) != 0)
    return ATLAS_STATUS_ACCESS_DENIED;
  if ((*base_va & base_mask) != 0 || (*section_offset & (ATLAS_ALLOCATION_GRANULARITY - 1u)) != 0)
    return ATLAS_STATUS_MAPPED_ALIGNMENT;
  if (*base_va != 0 && *base_va < ATLAS_MIN_APPLICATION_VA)
    return ATLAS_STATUS_INVALID_PARAMETER_3;

  mapping.section = object->section;
  mapping.base_va = *base_va;
  mapping.offset = *section_offset;
  status = plan (&mapping, *view_bytes, commit_bytes, allocation_type);
  if (status == ATLAS_STATUS_SUCCESS)
    status = make_view (&mapping);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  *base_va = mapping.base_va;
  *view_bytes = mapping.n_bytes;
  return mapping.section->kind == ATLAS_SECTION_IMAGE ? get_image_status (&mapping)
                                                      : ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_map_view_of_section (AtlasSectionObject *object,
                              AtlasProcess *process,
                              AtlasVa *base_va,
                              guint64 zero_bits,
                              guint64 commit_bytes,
                              guint64 *section_offset,
                              guint64 *view_bytes,
                              guint32 inherit_disposition,
                              guint32 allocation_type,
                              guint32 protect)
{
  g_return_val_if_fail (base_va != NULL && section_offset != NULL && view_bytes != NULL,
                        ATLAS_STATUS_ACCESS_VIOLATION);

  return map_view ((Mapping){ .object = NULL },
                   object,
                   process,
                   base_va,
                   zero_bits,
                   commit_bytes,
                   section_offset,
                   view_bytes,
                   inherit_disposition,
                   allocation_type,
                   protect);
}

AtlasStatus
atlas_nt_map_view_of_section_ex (AtlasSectionObject *object,
                                 AtlasProcess *process,
                                 AtlasVa *base_va,
                                 guint64 *section_offset,
                                 guint64 *view_bytes,
                                 guint32 allocation_type,
                                 guint32 protect,
                                 const AtlasExtendedParameter *parameters,
                                 guint n_parameters)
{
  AtlasExtendedArguments extended;
  Mapping mapping = { .is_replacement = (allocation_type & ATLAS_MEM_REPLACE_PLACEHOLDER) != 0 };
  AtlasStatus status;

  g_return_val_if_fail (base_va != NULL && section_offset != NULL && view_bytes != NULL,
                        ATLAS_STATUS_ACCESS_VIOLATION);

  if (process == NULL || process->system == NULL || object == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  status = atlas_extended_parameters_read (process, parameters, n_parameters, &extended);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  if (extended.requirements.alignment_bytes != 0 ||
      (*base_va != 0 &&
       (extended.requirements.lowest_va != 0 || extended.requirements.highest_va != 0)))
    return ATLAS_STATUS_INVALID_PARAMETER;
  /* An image cannot replace one: Microsoft Learn, MapViewOfFile3. */
  if (mapping.is_replacement &&
      (*base_va == 0 || atlas_section_get_kind (object->section) == ATLAS_SECTION_IMAGE))
    return ATLAS_STATUS_INVALID_PARAMETER;
  mapping.first_va = extended.requirements.lowest_va;
  mapping.last_va = extended.requirements.highest_va;
  return map_view (mapping,
                   object,
                   process,
                   base_va,
                   0,
                   0,
                   section_offset,
                   view_bytes,
                   ATLAS_VIEW_UNMAP,
                   allocation_type & ~ATLAS_MEM_REPLACE_PLACEHOLDER,
                   protect);
}

static AtlasStatus
unmap (AtlasProcess *process, AtlasVa va, gboolean is_preserving)
{
  AtlasVad *vad;
  AtlasSection *section;
  AtlasPteIter iter;

  if (process == NULL || process->system == NULL)
    return ATLAS_STATUS_INVALID_HANDLE;
  vad = va <= process->max_va ? atlas_vad_tree_find (&process->vads, va, NULL) : NULL;
  if (vad == NULL || vad->section == NULL)
    return ATLAS_STATUS_NOT_MAPPED_VIEW;
  if (is_preserving && !vad->is_from_placeholder)
    return ATLAS_STATUS_CONFLICTING_ADDRESSES;

  section = vad->section;
  atlas_process_changed (process);
  atlas_pte_iter_init (&iter, process, vad->start_vpn, vad->end_vpn);
  while (atlas_pte_iter_next (&iter))
    {
      if (iter.pte != 0)
        atlas_process_clear_pte (process, iter.vpn << ATLAS_PAGE_SHIFT, iter.entry_pa, iter.pte);
    }
  if (vad->kind == ATLAS_VAD_LARGE_VIEW)
    atlas_large_section_unmap_view (process, vad);
  atlas_process_collect_tables (process, vad->start_vpn, vad->end_vpn);
  atlas_process_return_commit (process, vad, vad->commit_pages);
  if (is_preserving)
    atlas_placeholder_restore (vad);
  else
    atlas_vad_tree_remove (&process->vads, vad);
  atlas_system_drop_view (process->system, section);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_unmap_view_of_section (AtlasProcess *process, AtlasVa va)
{
  return unmap (process, va, FALSE);
}

AtlasStatus
atlas_nt_unmap_view_preserving (AtlasProcess *process, AtlasVa va)
{
  return unmap (process, va, TRUE);
}

AtlasStatus
atlas_map_view_of_file (AtlasSectionObject *object,
                        AtlasProcess *process,
                        guint32 access,
                        guint64 offset,
                        guint64 size_bytes,
                        AtlasVa *base_va)
{
  guint32 protect = ATLAS_PAGE_NOACCESS;

  if ((access & ATLAS_FILE_MAP_WRITE) != 0)
    protect = ATLAS_PAGE_READWRITE;
  else if ((access & ATLAS_FILE_MAP_READ) != 0)
    protect = ATLAS_PAGE_READONLY;
  else if ((access & ATLAS_FILE_MAP_COPY) != 0)
    protect = ATLAS_PAGE_WRITECOPY;
  /* Each executable constant is its plain one times 16. */
  if ((access & ATLAS_FILE_MAP_EXECUTE) != 0 && protect != ATLAS_PAGE_NOACCESS)
    protect <<= 4;
  return atlas_nt_map_view_of_section (
    object, process, base_va, 0, 0, &offset, &size_bytes, ATLAS_VIEW_SHARE, 0, protect);
}

AtlasStatus
atlas_process_load_image (AtlasProcess *process, AtlasFile *file, AtlasVa *base_va)
{
  AtlasSectionObject *object;
  guint64 offset = 0;
  guint64 view_bytes = 0;
  AtlasVa mapped_va = 0;
  gboolean is_known;
  AtlasStatus status;

  g_return_val_if_fail (process != NULL && file != NULL && base_va != NULL,
                        ATLAS_STATUS_INVALID_HANDLE);

  is_known = file->image != NULL;
  status = atlas_nt_create_section (process->system,
                                    ATLAS_SECTION_QUERY | ATLAS_SECTION_MAP_READ |
                                      ATLAS_SECTION_MAP_EXECUTE,
                                    0,
                                    ATLAS_PAGE_EXECUTE,
                                    ATLAS_SEC_IMAGE,
                                    file,
                                    &object);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  /* The loader would map it and unmap it again, which leaves its mark on the VAD tree. */
  if (is_for_machine (object->section->pe, process))
    status = atlas_nt_map_view_of_section (object,
                                           process,
                                           &mapped_va,
                                           0,
                                           0,
                                           &offset,
                                           &view_bytes,
                                           ATLAS_VIEW_SHARE,
                                           0,
                                           ATLAS_PAGE_EXECUTE_READ);
  else
    status = ATLAS_STATUS_INVALID_IMAGE_FORMAT;
  if (atlas_status_is_success (status))
    *base_va = mapped_va;
  atlas_section_object_close (object);
  if (!atlas_status_is_success (status) && !is_known)
    atlas_file_forget_image (file);
  return status;
}
