/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/section-verbs.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/trace.h"
#include "session/words.h"
#include "space/region-text.h"
#include "windows/image.h"
#include "windows/pe-certificates.h"
#include "windows/pe-guard.h"
#include "windows/virtual.h"

/* The last part of a path, whichever way its slashes lean. */
static const char *
get_file_name (const char *path)
{
  for (const char *c = path; *c != '\0'; c++)
    {
      if ((*c == '/' || *c == '\\') && c[1] != '\0')
        path = c + 1;
    }
  return path;
}

/* Bytes that tell where they are: a count of 16 bits. */
static GBytes *
make_bytes (guint64 size_bytes)
{
  guint8 *bytes = g_malloc (MAX (size_bytes, 1u));

  for (guint64 i = 0; i < size_bytes; i++)
    bytes[i] = (guint8) (i % 2u == 0 ? i / 2u : i / 512u);
  return g_bytes_new_take (bytes, size_bytes);
}

static AtlasStatus
open_file (const AtlasSectionVerb *verb, const char *path, AtlasFile **file, GString *text)
{
  const AtlasCommand *command = verb->command;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (command->made_machine != 0)
    bytes = atlas_image_make_file (get_file_name (path),
                                   command->made_machine == ATLAS_MACHINE_ARM64,
                                   atlas_system_get_options (verb->system)->seed);
  else if (command->is_made_up)
    bytes = make_bytes (command->size_bytes);
  else
    bytes = atlas_files_read (verb->files, path, &error);
  if (bytes == NULL)
    {
      g_string_append_printf (text, "%s: %s.", path, error->message);
      return ATLAS_STATUS_OBJECT_NAME_NOT_FOUND;
    }
  *file = atlas_file_new (verb->system, get_file_name (path), bytes, !command->is_read_only);
  return ATLAS_STATUS_SUCCESS;
}

static void
append_image (GString *text, const AtlasPe *pe)
{
  g_string_append_printf (text,
                          pe->is_arm64x ? _ (", %s that becomes x64 (ARM64X)") : ", %s",
                          _ (atlas_machine_get_name (pe->native.machine)));
}

static AtlasStatus
run_file (const AtlasSectionVerb *verb, AtlasSectionProduct *product, GString *text)
{
  AtlasStatus status = open_file (verb, verb->command->program, &product->file, text);
  g_autofree char *size = NULL;

  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  size = atlas_format_size (atlas_file_get_size (product->file));
  g_string_append_printf (text,
                          verb->command->is_read_only ? _ ("opened %s, %s, read-only")
                                                      : _ ("opened %s, %s"),
                          atlas_file_get_name (product->file),
                          size);
  return status;
}

static AtlasStatus
run_section (const AtlasSectionVerb *verb, AtlasSectionProduct *product, GString *text)
{
  const AtlasCommand *command = verb->command;
  guint32 attributes = command->section_attributes;
  guint32 protect = command->protect;
  AtlasStatus status;
  AtlasSectionBasicInformation information;
  const AtlasSection *section;
  g_autofree char *size = NULL;
  guint n_subsections;

  if ((attributes & (ATLAS_SEC_RESERVE | ATLAS_SEC_IMAGE)) == 0)
    attributes |= ATLAS_SEC_COMMIT;
  if (protect == 0 && (attributes & ATLAS_SEC_IMAGE) != 0)
    protect = ATLAS_PAGE_EXECUTE_READ;
  else if (protect == 0)
    protect = verb->file == NULL || atlas_file_is_writable (verb->file) ? ATLAS_PAGE_READWRITE
                                                                        : ATLAS_PAGE_READONLY;
  /* Of the current process's privileges, where there is one, one counts. */
  status = verb->process != NULL ? atlas_nt_create_section_by (verb->process,
                                                               ATLAS_SECTION_ALL_ACCESS,
                                                               command->size_bytes,
                                                               protect,
                                                               attributes,
                                                               verb->file,
                                                               &product->section)
                                 : atlas_nt_create_section (verb->system,
                                                            ATLAS_SECTION_ALL_ACCESS,
                                                            command->size_bytes,
                                                            protect,
                                                            attributes,
                                                            verb->file,
                                                            &product->section);
  if (status != ATLAS_STATUS_SUCCESS)
    {
      if ((attributes & ATLAS_SEC_64K_PAGES) != 0)
        g_string_append (text,
                         _ ("SEC_64K_PAGES is in winnt.h, but neither CreateFileMapping nor "
                            "NtCreateSection documents it: what it would do is not made up here. "
                            "MEM_64K_PAGES asks the same of private memory."));
      else if (verb->file != NULL && atlas_file_get_image_reason (verb->file) != NULL)
        g_string_append (text, _ (atlas_file_get_image_reason (verb->file)));
      return status;
    }
  section = atlas_section_object_get_section (product->section);
  atlas_nt_query_section (product->section, &information);
  atlas_section_get_subsections (section, &n_subsections);
  size = atlas_format_size (information.size_bytes);
  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE,
                                       "section of %s, %s, in %u subsection",
                                       "section of %s, %s, in %u subsections",
                                       n_subsections),
                          verb->file != NULL ? atlas_file_get_name (verb->file)
                                             : _ ("the paging file"),
                          size,
                          n_subsections);
  if ((information.attributes & ATLAS_SEC_LARGE_PAGES) != 0)
    {
      guint n_large = (guint) (information.size_bytes / ATLAS_LARGE_PAGE_BYTES);

      g_string_append_printf (
        text,
        g_dngettext (GETTEXT_PACKAGE, ", %u large page", ", %u large pages", n_large),
        n_large);
    }
  if (atlas_section_get_pe (section) != NULL)
    append_image (text, atlas_section_get_pe (section));
  return status;
}

static void
append_view (GString *text, AtlasProcess *process, AtlasVa va)
{
  g_autofree char *count = NULL;
  AtlasViewCounts counts;

  if (!atlas_view_count (process, va, &counts))
    return;
  count = atlas_trace_format_decimal (counts.n_pages);
  g_string_append_printf (
    text, g_dngettext (GETTEXT_PACKAGE, "%s page", "%s pages", (gulong) counts.n_pages), count);
  if (counts.n_own_pages > 0)
    {
      g_autofree char *own_count = atlas_trace_format_decimal (counts.n_own_pages);

      g_string_append_printf (text, _ (", %s changed for this process alone"), own_count);
    }
}

static AtlasStatus
run_map (const AtlasSectionVerb *verb, AtlasSectionProduct *product, GString *text)
{
  const AtlasCommand *command = verb->command;
  guint64 offset = command->section_offset;
  guint64 size = command->size_bytes;
  AtlasVa va = verb->va;
  g_autofree char *at = NULL;
  guint32 protect = command->protect;
  AtlasStatus status;

  /* As much as the section grants. */
  if (protect == 0)
    protect = atlas_section_object_get_protection (verb->section);
  if ((command->allocation_type & ATLAS_MEM_REPLACE_PLACEHOLDER) != 0)
    status = atlas_nt_map_view_of_section_ex (verb->section,
                                              verb->process,
                                              &va,
                                              &offset,
                                              &size,
                                              command->allocation_type,
                                              protect,
                                              NULL,
                                              0);
  else
    status = atlas_nt_map_view_of_section (verb->section,
                                           verb->process,
                                           &va,
                                           0,
                                           command->maximum_bytes,
                                           &offset,
                                           &size,
                                           ATLAS_VIEW_SHARE,
                                           command->allocation_type,
                                           protect);
  if (!atlas_status_is_success (status))
    return status;
  product->has_va = TRUE;
  product->va = va;
  at = atlas_format_hex (va);
  g_string_append_printf (
    text,
    _ ("mapped %s at %s, "),
    _ (atlas_section_get_name (atlas_section_object_get_section (verb->section))),
    at);
  append_view (text, verb->process, va);
  if (status != ATLAS_STATUS_SUCCESS)
    g_string_append_printf (text, "; %s", atlas_status_get_name (status));
  return status;
}

static AtlasStatus
run_load (const AtlasSectionVerb *verb, AtlasSectionProduct *product, GString *text)
{
  AtlasFile *file = verb->file;
  AtlasStatus status = ATLAS_STATUS_SUCCESS;
  g_autofree char *at = NULL;
  AtlasVa va = 0;

  if (file == NULL)
    status = open_file (verb, verb->command->program, &file, text);
  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  status = atlas_process_load_image (verb->process, file, &va);
  if (!atlas_status_is_success (status))
    {
      guint16 machine = atlas_file_get_image_machine (file);

      if (atlas_file_get_image_reason (file) != NULL)
        g_string_append (text, _ (atlas_file_get_image_reason (file)));
      else if (status == ATLAS_STATUS_INVALID_IMAGE_FORMAT && machine != 0)
        g_string_append_printf (
          text,
          _ ("It is for %s, and the process runs %s."),
          _ (atlas_machine_get_name (machine)),
          _ (atlas_machine_get_name (atlas_process_get_machine (verb->process))));
      return status;
    }
  product->has_va = TRUE;
  product->va = va;
  at = atlas_format_hex (va);
  g_string_append_printf (text, _ ("loaded %s at %s, "), atlas_file_get_name (file), at);
  append_view (text, verb->process, va);
  append_image (text, atlas_section_get_pe (atlas_file_get_image_section (file)));
  if (status == ATLAS_STATUS_IMAGE_NOT_AT_BASE)
    g_string_append (text, _ ("; not where the boot has placed it"));
  return status;
}

static AtlasStatus
run_view (const AtlasSectionVerb *verb, GString *text)
{
  const AtlasVad *vad =
    atlas_vad_tree_find (atlas_process_get_vads (verb->process), verb->va, NULL);
  const AtlasSection *section;
  g_autofree char *shared = NULL, *own = NULL, *frames = NULL;
  AtlasViewCounts counts;

  if (!atlas_view_count (verb->process, verb->va, &counts))
    return ATLAS_STATUS_NOT_MAPPED_VIEW;
  section = vad->section;
  g_string_append_printf (text, _ ("view of %s: "), _ (atlas_section_get_name (section)));
  append_view (text, verb->process, verb->va);
  shared = atlas_trace_format_decimal (counts.n_shared);
  own = atlas_trace_format_decimal (counts.n_private);
  frames = atlas_trace_format_decimal (atlas_section_count_frames (section));
  g_string_append_printf (text, _ ("; in memory %s shared, %s its own; "), shared, own);
  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE,
                                       "the section has %u view",
                                       "the section has %u views",
                                       atlas_section_get_n_views (section)),
                          atlas_section_get_n_views (section));
  g_string_append_printf (text,
                          g_dngettext (GETTEXT_PACKAGE,
                                       " and %s frame",
                                       " and %s frames",
                                       (gulong) atlas_section_count_frames (section)),
                          frames);
  return ATLAS_STATUS_SUCCESS;
}

/* That there is no image, and what there is instead. */
static AtlasStatus
refuse_image (const AtlasSectionVerb *verb, gboolean is_view, GString *text)
{
  AtlasRegionSet *regions = atlas_space_get_regions (atlas_process_get_space (verb->process));
  const AtlasRegion *region =
    atlas_region_set_get_region (regions, atlas_region_set_find (regions, verb->va));
  g_autofree char *at = atlas_format_hex (verb->va);
  g_autofree char *size = atlas_format_size (region->size_bytes);
  g_autofree char *base = atlas_format_hex (region->base_va);
  g_autofree char *title = atlas_region_dup_title (region);

  /* Translators: address; what is there instead: what it is called, size, address. */
  g_string_append_printf (
    text,
    _ ("No image of a program file is mapped at %s. There is: %s, %s from %s."),
    at,
    title,
    size,
    base);
  return is_view ? ATLAS_STATUS_SECTION_NOT_IMAGE : ATLAS_STATUS_NOT_MAPPED_VIEW;
}

static AtlasStatus
run_image (const AtlasSectionVerb *verb, GString *text)
{
  const AtlasVad *vad =
    atlas_vad_tree_find (atlas_process_get_vads (verb->process), verb->va, NULL);
  const AtlasPe *pe =
    vad != NULL && vad->section != NULL ? atlas_section_get_pe (vad->section) : NULL;
  gboolean is_x64 = atlas_process_get_machine (verb->process) == ATLAS_MACHINE_AMD64;
  g_autofree char *certificates = NULL, *marks = NULL, *rva = NULL;
  guint64 offset;
  AtlasPeGuard guard;

  if (pe == NULL)
    return refuse_image (verb, vad != NULL && vad->section != NULL, text);
  offset = vad->section_first_page * ATLAS_PAGE_BYTES + (verb->va - atlas_vad_get_base_va (vad));
  atlas_pe_get_guard (pe, is_x64, &guard);
  certificates = atlas_pe_certificates_format (pe);
  marks = atlas_pe_guard_format (&guard);
  rva = atlas_format_hex (offset);
  g_string_append (text, _ (atlas_section_get_name (vad->section)));
  append_image (text, pe);
  g_string_append_printf (
    text,
    _ ("; certificates: %s; Control Flow Guard: %s; may +%s be called? %s"),
    certificates,
    marks,
    rva,
    _ (atlas_call_target_get_text (atlas_pe_find_call_target (pe, is_x64, &guard, offset))));
  return ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_section_verb_run (const AtlasSectionVerb *verb, AtlasSectionProduct *product, GString *text)
{
  guint64 size_bytes = verb->command->size_bytes;
  AtlasStatus status;

  if (verb->command->verb == ATLAS_VERB_FILE)
    return run_file (verb, product, text);
  if (verb->command->verb == ATLAS_VERB_SECTION)
    return run_section (verb, product, text);
  if (verb->command->verb == ATLAS_VERB_MAP)
    return run_map (verb, product, text);
  if (verb->command->verb == ATLAS_VERB_LOAD)
    return run_load (verb, product, text);
  if (verb->command->verb == ATLAS_VERB_VIEW)
    return run_view (verb, text);
  if (verb->command->verb == ATLAS_VERB_IMAGE)
    return run_image (verb, text);
  if (verb->command->verb == ATLAS_VERB_UNMAP)
    {
      gboolean is_preserving = verb->command->allocation_type != 0;
      g_autofree char *at = atlas_format_hex (verb->va);

      status = is_preserving ? atlas_nt_unmap_view_preserving (verb->process, verb->va)
                             : atlas_nt_unmap_view_of_section (verb->process, verb->va);
      if (status == ATLAS_STATUS_SUCCESS)
        g_string_append_printf (text,
                                is_preserving
                                  ? _ ("unmapped the view at %s, which is a placeholder again")
                                  : _ ("unmapped the view at %s"),
                                at);
      return status;
    }
  if (verb->command->verb == ATLAS_VERB_EXTEND)
    {
      g_autofree char *size = NULL;

      status = atlas_nt_extend_section (verb->section, &size_bytes);
      size = atlas_format_size (size_bytes);
      if (status == ATLAS_STATUS_SUCCESS)
        g_string_append_printf (text, _ ("the section has %s"), size);
      return status;
    }
  g_assert (verb->command->verb == ATLAS_VERB_CLOSE);
  g_string_append_printf (
    text,
    _ ("closed the section of %s"),
    _ (atlas_section_get_name (atlas_section_object_get_section (verb->section))));
  atlas_section_object_close (verb->section);
  return ATLAS_STATUS_SUCCESS;
}
