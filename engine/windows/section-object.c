/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/section-object-private.h"

#include <glib/gi18n-lib.h>

#include "windows/large-section.h"
#include "windows/section-private.h"
#include "windows/virtual.h"

#define ALL_ATTRIBUTES                                                                             \
  (ATLAS_SEC_IMAGE | ATLAS_SEC_RESERVE | ATLAS_SEC_COMMIT | ATLAS_SEC_NOCACHE |                    \
   ATLAS_SEC_WRITECOMBINE | ATLAS_SEC_LARGE_PAGES)
/* Wine's tests, run on Windows: 128 TB is too big, 8 TB more than the system has prototype entries
 * for, 8 GB fine. The limit between is a choice: 4 TB have 8 GB of entries. */
#define MAX_SECTION_BYTES ATLAS_TB (128)
#define MAX_PROTOTYPED_BYTES ATLAS_TB (4)

AtlasFile *
atlas_file_new (AtlasSystem *system, const char *name, GBytes *bytes, gboolean is_writable)
{
  AtlasFile *file;

  g_return_val_if_fail (system != NULL && name != NULL && bytes != NULL, NULL);

  file = g_new0 (AtlasFile, 1);
  file->system = system;
  file->name = g_strdup (name);
  file->bytes = g_bytes_ref (bytes);
  file->size_bytes = g_bytes_get_size (bytes);
  file->is_writable = is_writable;
  g_ptr_array_add (system->files, file);
  return file;
}

void
atlas_file_free (AtlasFile *file)
{
  g_bytes_unref (file->bytes);
  g_free (file->name);
  g_free (file);
}

const char *
atlas_file_get_name (const AtlasFile *file)
{
  return file->name;
}

gboolean
atlas_file_is_writable (const AtlasFile *file)
{
  return file->is_writable;
}

guint64
atlas_file_get_size (const AtlasFile *file)
{
  return file->size_bytes;
}

AtlasSection *
atlas_file_get_data_section (const AtlasFile *file)
{
  return file->data;
}

AtlasSection *
atlas_file_get_image_section (const AtlasFile *file)
{
  return file->image;
}

const char *
atlas_file_get_image_reason (const AtlasFile *file)
{
  return file->image_reason;
}

guint16
atlas_file_get_image_machine (const AtlasFile *file)
{
  return file->image_machine;
}

guint32
atlas_section_get_needed_access (guint8 protection)
{
  guint32 access = 0;

  if (atlas_protection_is_executable (protection))
    access |= ATLAS_SECTION_MAP_EXECUTE;
  if (atlas_protection_is_writable (protection))
    access |= ATLAS_SECTION_MAP_WRITE;
  else if ((protection & ATLAS_PROTECTION_BASE_MASK) != ATLAS_PROTECTION_EXECUTE)
    access |= ATLAS_SECTION_MAP_READ;
  return access;
}

/* Wine's tests: the table of SEC_ combinations. */
static AtlasStatus
check_attributes (guint32 attributes, gboolean has_file)
{
  guint32 kinds = attributes & (ATLAS_SEC_IMAGE | ATLAS_SEC_RESERVE | ATLAS_SEC_COMMIT);

  if ((attributes & ~ALL_ATTRIBUTES) != 0 || kinds == 0 || (kinds & (kinds - 1u)) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_6;
  if (kinds == ATLAS_SEC_IMAGE && (attributes & ~ATLAS_SEC_IMAGE_NO_EXECUTE) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_6;
  if ((attributes & ATLAS_SEC_LARGE_PAGES) != 0 && (has_file || kinds != ATLAS_SEC_COMMIT))
    return ATLAS_STATUS_INVALID_PARAMETER_6;
  if ((attributes & ATLAS_SEC_NOCACHE) != 0 && (attributes & ATLAS_SEC_WRITECOMBINE) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_6;
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
check_protection (guint32 page_protection, guint8 *protection)
{
  AtlasStatus status = atlas_protection_from_win32 (page_protection, protection);

  /* Caching is asked for by attributes. */
  if (status == ATLAS_STATUS_SUCCESS && (*protection == ATLAS_PROTECTION_NOACCESS ||
                                         (*protection & ATLAS_PROTECTION_MODIFIER_MASK) != 0))
    status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  return status;
}

/* Which status says that the size is no multiple of the large page, and the order of the checks,
 * are choices. */
static AtlasStatus
make_page_file_section (AtlasSystem *system,
                        gboolean has_lock_memory_privilege,
                        guint64 size_bytes,
                        guint8 protection,
                        guint32 attributes,
                        AtlasSection **section)
{
  AtlasSubsection whole = { .n_pages = atlas_page_ceil (size_bytes) / ATLAS_PAGE_BYTES,
                            .protection = protection };
  gboolean is_large = (attributes & ATLAS_SEC_LARGE_PAGES) != 0;
  gboolean is_commit = (attributes & ATLAS_SEC_COMMIT) != 0;

  if (size_bytes == 0)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if (size_bytes >= MAX_SECTION_BYTES)
    return ATLAS_STATUS_SECTION_TOO_BIG;
  if (is_large && !has_lock_memory_privilege)
    return ATLAS_STATUS_PRIVILEGE_NOT_HELD;
  if (is_large && size_bytes % ATLAS_LARGE_PAGE_BYTES != 0)
    return ATLAS_STATUS_INVALID_PARAMETER_4;
  if (is_commit && !atlas_system_has_commit_room (system, whole.n_pages))
    return ATLAS_STATUS_COMMITMENT_LIMIT;
  if (size_bytes > MAX_PROTOTYPED_BYTES ||
      (is_large && !atlas_large_section_has_room (system, size_bytes)))
    return ATLAS_STATUS_INSUFFICIENT_RESOURCES;
  if (is_commit)
    atlas_system_charge_commit (system, whole.n_pages);

  *section = atlas_section_new (
    ATLAS_SECTION_PAGE_FILE, N_ ("page-file section"), &whole, 1, NULL, system->options.seed);
  if ((attributes & ATLAS_SEC_RESERVE) != 0)
    atlas_section_set_reserved (*section);
  else
    (*section)->charged_pages = whole.n_pages;
  atlas_system_add_section (system, *section);
  if (is_large)
    atlas_large_section_take_frames (*section);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_file_read_image (AtlasFile *file, AtlasPe **pe)
{
  AtlasStatus status;

  if (file->size_bytes == 0)
    return ATLAS_STATUS_INVALID_FILE_FOR_SECTION;
  status = atlas_pe_new (file->bytes, pe, &file->image_reason);
  if (status == ATLAS_STATUS_SUCCESS)
    file->image_machine = (*pe)->native.machine;
  return status;
}

gboolean
atlas_file_find_image_place (AtlasFile *file,
                             AtlasVa *base_va,
                             guint64 *size_bytes,
                             gboolean *is_relocatable)
{
  g_autoptr (AtlasPe) own = NULL;
  AtlasPe *pe = file->image != NULL ? file->image->pe : NULL;

  if (pe == NULL && atlas_file_read_image (file, &own) != ATLAS_STATUS_SUCCESS)
    return FALSE;
  if (pe == NULL)
    pe = own;
  *base_va = file->image != NULL ? file->image->base_va
                                 : atlas_system_place_image (file->system, file->name, pe);
  *size_bytes = pe->image_bytes;
  *is_relocatable = atlas_pe_is_relocatable (pe);
  return TRUE;
}

void
atlas_file_forget_image (AtlasFile *file)
{
  AtlasSection *image = file->image;

  if (image == NULL || image->n_references > 0 || image->n_views > 0 || image->n_frames > 0)
    return;
  file->image = NULL;
  atlas_prototypes_take_back (image);
  g_ptr_array_remove (file->system->sections, image);
}

static AtlasStatus
make_image_section (AtlasFile *file, AtlasSection **section)
{
  AtlasPe *pe;
  AtlasStatus status;

  if (file->image == NULL)
    {
      status = atlas_file_read_image (file, &pe);
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
      file->image = atlas_section_new_image (
        file->name, pe, atlas_system_place_image (file->system, file->name, pe));
      atlas_system_add_section (file->system, file->image);
    }
  *section = file->image;
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
make_data_section (AtlasFile *file, guint64 *size_bytes, guint8 protection, AtlasSection **section)
{
  AtlasSubsection whole = { .protection = ATLAS_PROTECTION_READONLY };

  if (*size_bytes == 0)
    *size_bytes = file->size_bytes;
  if (*size_bytes == 0)
    return ATLAS_STATUS_MAPPED_FILE_SIZE_ZERO;
  if (*size_bytes > file->size_bytes &&
      (!file->is_writable || !atlas_protection_is_writable (protection) ||
       *size_bytes > MAX_PROTOTYPED_BYTES))
    return ATLAS_STATUS_SECTION_TOO_BIG;

  file->size_bytes = MAX (file->size_bytes, *size_bytes);
  if (file->is_writable)
    whole.protection = ATLAS_PROTECTION_READWRITE;
  whole.n_pages = atlas_page_ceil (file->size_bytes) / ATLAS_PAGE_BYTES;
  if (file->data == NULL)
    {
      file->data = atlas_section_new (ATLAS_SECTION_FILE, file->name, &whole, 1, file->bytes, 0);
      atlas_system_add_section (file->system, file->data);
    }
  if (file->data->size_bytes < file->size_bytes || file->data->size_bytes > file->size_bytes)
    {
      file->data->size_bytes = MIN (file->data->size_bytes, file->size_bytes);
      atlas_section_grow (file->data, file->size_bytes);
    }
  *section = file->data;
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
create_section (AtlasSystem *system,
                gboolean has_lock_memory_privilege,
                guint32 desired_access,
                guint64 size_bytes,
                guint32 page_protection,
                guint32 attributes,
                AtlasFile *file,
                AtlasSectionObject **object)
{
  AtlasSection *section = NULL;
  guint8 protection = 0;
  AtlasStatus status;

  *object = NULL;
  status = check_attributes (attributes, file != NULL);
  if (status == ATLAS_STATUS_SUCCESS)
    status = check_protection (page_protection, &protection);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  if (file == NULL)
    status = (attributes & ATLAS_SEC_IMAGE) != 0
               ? ATLAS_STATUS_INVALID_FILE_FOR_SECTION
               : make_page_file_section (
                   system, has_lock_memory_privilege, size_bytes, protection, attributes, &section);
  else if (atlas_protection_is_writable (protection) && !file->is_writable)
    status = ATLAS_STATUS_ACCESS_DENIED;
  else if ((attributes & ATLAS_SEC_IMAGE) != 0)
    status = make_image_section (file, &section);
  else
    status = make_data_section (file, &size_bytes, protection, &section);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;

  if (file == NULL || (attributes & ATLAS_SEC_IMAGE) != 0)
    size_bytes = section->size_bytes;
  if (file != NULL)
    attributes = ATLAS_SEC_FILE | (attributes & ~(ATLAS_SEC_RESERVE | ATLAS_SEC_COMMIT));
  section->n_references++;
  *object = g_new (AtlasSectionObject, 1);
  **object = (AtlasSectionObject){ .system = system,
                                   .section = section,
                                   .file = file,
                                   .attributes = attributes,
                                   .access = desired_access,
                                   .page_protection = page_protection,
                                   .protection = protection,
                                   .size_bytes = size_bytes };
  g_ptr_array_add (system->section_objects, *object);
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_create_section (AtlasSystem *system,
                         guint32 desired_access,
                         guint64 size_bytes,
                         guint32 page_protection,
                         guint32 attributes,
                         AtlasFile *file,
                         AtlasSectionObject **object)
{
  g_return_val_if_fail (system != NULL && object != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  return create_section (
    system, FALSE, desired_access, size_bytes, page_protection, attributes, file, object);
}

AtlasStatus
atlas_nt_create_section_by (AtlasProcess *process,
                            guint32 desired_access,
                            guint64 size_bytes,
                            guint32 page_protection,
                            guint32 attributes,
                            AtlasFile *file,
                            AtlasSectionObject **object)
{
  g_return_val_if_fail (process != NULL && process->system != NULL, ATLAS_STATUS_INVALID_HANDLE);
  g_return_val_if_fail (object != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  return create_section (process->system,
                         process->options.has_lock_memory_privilege,
                         desired_access,
                         size_bytes,
                         page_protection,
                         attributes,
                         file,
                         object);
}

AtlasStatus
atlas_create_file_mapping (AtlasSystem *system,
                           AtlasFile *file,
                           guint32 protect,
                           guint64 size_bytes,
                           AtlasSectionObject **object)
{
  /* SEC_ constants lie above those of protection. */
  guint32 attributes = protect & 0xffff0000u;
  guint32 page_protection = protect & 0xffffu;
  guint32 access = ATLAS_SECTION_QUERY | ATLAS_SECTION_MAP_READ | ATLAS_SECTION_MAP_WRITE;

  switch (page_protection)
    {
    case ATLAS_PAGE_READONLY:
    case ATLAS_PAGE_WRITECOPY:
      break;
    case ATLAS_PAGE_EXECUTE_READ:
    case ATLAS_PAGE_EXECUTE_WRITECOPY:
    case ATLAS_PAGE_EXECUTE_READWRITE:
      access |= ATLAS_SECTION_MAP_EXECUTE;
      break;
    case ATLAS_PAGE_READWRITE:
      break;
    default:
      *object = NULL;
      return ATLAS_STATUS_INVALID_PARAMETER;
    }
  if (attributes == 0)
    attributes = ATLAS_SEC_COMMIT;
  return atlas_nt_create_section (
    system, access, size_bytes, page_protection, attributes, file, object);
}

void
atlas_section_object_free (AtlasSectionObject *object)
{
  g_free (object);
}

void
atlas_section_object_close (AtlasSectionObject *object)
{
  AtlasSystem *system;
  AtlasSection *section;

  g_return_if_fail (object != NULL);

  system = object->system;
  section = object->section;
  g_ptr_array_remove_fast (system->section_objects, object);
  atlas_system_drop_reference (system, section);
}

AtlasStatus
atlas_nt_extend_section (AtlasSectionObject *object, guint64 *size_bytes)
{
  g_return_val_if_fail (object != NULL && size_bytes != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  if ((object->access & ATLAS_SECTION_EXTEND_SIZE) == 0)
    return ATLAS_STATUS_ACCESS_DENIED;
  if (atlas_section_get_kind (object->section) != ATLAS_SECTION_FILE)
    return ATLAS_STATUS_SECTION_NOT_EXTENDED;
  if (*size_bytes <= object->size_bytes)
    {
      *size_bytes = object->size_bytes;
      return ATLAS_STATUS_SUCCESS;
    }
  if (!atlas_protection_is_writable (object->protection))
    return ATLAS_STATUS_SECTION_NOT_EXTENDED;
  if (*size_bytes > MAX_PROTOTYPED_BYTES)
    return ATLAS_STATUS_SECTION_TOO_BIG;

  if (*size_bytes > object->section->size_bytes)
    {
      for (guint i = 0; i < object->system->processes->len; i++)
        atlas_process_changed (g_ptr_array_index (object->system->processes, i));
      atlas_section_grow (object->section, *size_bytes);
      object->file->size_bytes = *size_bytes;
    }
  object->size_bytes = *size_bytes;
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_query_section (const AtlasSectionObject *object, AtlasSectionBasicInformation *information)
{
  g_return_val_if_fail (object != NULL && information != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  if ((object->access & ATLAS_SECTION_QUERY) == 0)
    return ATLAS_STATUS_ACCESS_DENIED;
  *information = (AtlasSectionBasicInformation){ .attributes = object->attributes,
                                                 .size_bytes = object->size_bytes };
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_nt_query_section_image (const AtlasSectionObject *object,
                              AtlasSectionImageInformation *information)
{
  const AtlasPe *pe;

  g_return_val_if_fail (object != NULL && information != NULL, ATLAS_STATUS_ACCESS_VIOLATION);

  pe = object->section->pe;
  if ((object->access & ATLAS_SECTION_QUERY) == 0)
    return ATLAS_STATUS_ACCESS_DENIED;
  if (pe == NULL)
    return ATLAS_STATUS_SECTION_NOT_IMAGE;
  *information =
    (AtlasSectionImageInformation){ .entry_va = object->section->base_va + pe->native.entry_rva,
                                    .machine = pe->native.machine,
                                    .characteristics = pe->characteristics,
                                    .dll_characteristics = pe->dll_characteristics,
                                    .subsystem = pe->subsystem,
                                    .file_bytes = object->file->size_bytes };
  return ATLAS_STATUS_SUCCESS;
}

AtlasSection *
atlas_section_object_get_section (const AtlasSectionObject *object)
{
  return object->section;
}

guint32
atlas_section_object_get_protection (const AtlasSectionObject *object)
{
  return object->page_protection;
}
