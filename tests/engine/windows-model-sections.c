/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sections, and views of them. */

#include "windows-model.h"

#include <string.h>

void
model_make_section (Model *model, const Command *command, Answer *answer)
{
  const HandleKind *kind = &model_handles[command->handle];
  Section *section = &model->file;

  answer->status = ATLAS_STATUS_SUCCESS;
  if (command->handle != FILE_HANDLE)
    {
      section = model->sections;
      while (section->kind != NULL)
        section++;
      g_assert (section < model->sections + MAX_SECTIONS);
      memset (section, 0, sizeof *section);
    }
  section->kind = kind;
  section->has_handle = TRUE;
  for (guint i = 0; i < kind->n_pages; i++)
    section->is_committed[i] = !kind->is_reserve;
  model->handles[command->handle] = section;
}

/* A section lives as long as there is a handle or a view. */
static void
end_section (Section *section)
{
  if (!section->has_handle && section->n_views == 0)
    section->kind = NULL;
}

void
model_close_section (Model *model, const Command *command, Answer *answer)
{
  Section *section = model->handles[command->handle];

  answer->status = ATLAS_STATUS_SUCCESS;
  section->has_handle = FALSE;
  end_section (section);
  model->handles[command->handle] = NULL;
}

/* Read 1, write 2, execute 4. A private copy is not a write. */
static guint
get_rights (guint32 protect)
{
  switch (protect & 0xFF)
    {
    case ATLAS_PAGE_READONLY:
    case ATLAS_PAGE_WRITECOPY:
      return 1;
    case ATLAS_PAGE_READWRITE:
      return 1 | 2;
    case ATLAS_PAGE_EXECUTE:
    case ATLAS_PAGE_EXECUTE_READ:
    case ATLAS_PAGE_EXECUTE_WRITECOPY:
      return 1 | 4;
    case ATLAS_PAGE_EXECUTE_READWRITE:
      return 1 | 2 | 4;
    default:
      return 0;
    }
}

gboolean
model_view_grants (guint32 view_protect, guint32 protect)
{
  return (get_rights (protect) & ~get_rights (view_protect)) == 0;
}

/* Notes one thing that is wrong with a call. */
static void
complain (Answer *answer, AtlasStatus status)
{
  if (answer->status != ATLAS_STATUS_SUCCESS)
    answer->is_any_error = TRUE;
  answer->status = status;
}

void
model_map (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  Section *section = model->handles[command->handle];
  gboolean is_replacement = command->kind == COMMAND_MAP_REPLACE;
  guint64 section_bytes = section->kind->n_pages * ATLAS_PAGE_BYTES;
  guint64 alignment = is_replacement ? ATLAS_PAGE_BYTES : SLOT_PAGES * ATLAS_PAGE_BYTES;
  guint first_page = page_of (command->va);
  guint section_page = (guint) (command->offset / ATLAS_PAGE_BYTES);
  guint64 size_bytes = command->size_bytes;
  guint last_page;

  answer->status = ATLAS_STATUS_SUCCESS;
  if (!model_is_legal (command->protect) || (command->protect & ATLAS_PAGE_GUARD) != 0)
    complain (answer, ATLAS_STATUS_INVALID_PAGE_PROTECTION);
  else if (!model_view_grants (section->kind->protect, command->protect))
    complain (answer, ATLAS_STATUS_SECTION_PROTECTION);
  if (command->va % alignment != 0 || command->offset % (SLOT_PAGES * ATLAS_PAGE_BYTES) != 0)
    complain (answer, ATLAS_STATUS_MAPPED_ALIGNMENT);
  if (command->offset >= section_bytes || size_bytes > section_bytes - command->offset)
    complain (answer, ATLAS_STATUS_INVALID_VIEW_SIZE);
  if (answer->status == ATLAS_STATUS_INVALID_VIEW_SIZE || answer->is_any_error)
    {
      /* Where it would have ended, nobody can say. */
      answer->is_any_error = TRUE;
      return;
    }

  if (size_bytes == 0)
    size_bytes = section_bytes - command->offset;
  last_page = page_of (command->va + size_bytes - 1);
  for (guint i = first_page; i <= last_page; i++)
    {
      gboolean is_fit = is_replacement ? pages[i].kind == OWNER_PLACEHOLDER &&
                                           pages[i].owner == pages[first_page].owner
                                       : i < N_PAGES && pages[i].kind == OWNER_NONE;

      if (!is_fit)
        {
          complain (answer, ATLAS_STATUS_CONFLICTING_ADDRESSES);
          return;
        }
    }
  if (is_replacement &&
      (model_first_of_allocation (model, command->process, first_page) != first_page ||
       model_last_of_allocation (model, command->process, first_page) != last_page))
    complain (answer, ATLAS_STATUS_CONFLICTING_ADDRESSES);
  if (answer->status != ATLAS_STATUS_SUCCESS)
    return;

  section->n_views++;
  model->last_owner++;
  for (guint i = first_page; i <= last_page; i++)
    pages[i] = (Page){ .kind = OWNER_VIEW,
                       .owner = model->last_owner,
                       .has_replaced_placeholder = is_replacement,
                       .protect = command->protect,
                       .allocation_protect = command->protect,
                       .section = section,
                       .section_page = section_page + i - first_page };
  answer->va = va_of (first_page);
  answer->size_bytes = va_of (last_page + 1) - answer->va;
}

void
model_unmap (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  gboolean is_preserving = command->kind == COMMAND_UNMAP_PRESERVE;
  guint first_page = page_of (command->va);
  guint last_page;
  Section *section = pages[first_page].section;

  answer->status = ATLAS_STATUS_NOT_MAPPED_VIEW;
  if (pages[first_page].kind != OWNER_VIEW)
    return;
  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (is_preserving && !pages[first_page].has_replaced_placeholder)
    return;

  answer->status = ATLAS_STATUS_SUCCESS;
  last_page = model_last_of_allocation (model, command->process, first_page);
  first_page = model_first_of_allocation (model, command->process, first_page);
  model->last_owner++;
  for (guint i = first_page; i <= last_page; i++)
    {
      pages[i] = (Page){ .kind = OWNER_NONE };
      if (is_preserving)
        pages[i] = (Page){ .kind = OWNER_PLACEHOLDER,
                           .owner = model->last_owner,
                           .allocation_protect = ATLAS_PAGE_NOACCESS };
    }
  section->n_views--;
  end_section (section);
}

/* The section's pages are committed, for all its views; the protection is for this one alone. */
void
model_commit_view (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  guint first_page = page_of (command->va);
  guint last_page = page_of (command->va + command->size_bytes - 1);
  guint32 view_protect = pages[first_page].allocation_protect;

  answer->status = ATLAS_STATUS_ALREADY_COMMITTED;
  if (model_is_file (pages[first_page].section))
    return;
  /* One that was mapped without access takes any. */
  answer->status = ATLAS_STATUS_SECTION_PROTECTION;
  if (view_protect != ATLAS_PAGE_NOACCESS && !model_view_grants (view_protect, command->protect))
    return;

  for (guint i = first_page; i <= last_page; i++)
    {
      pages[i].section->is_committed[pages[i].section_page] = TRUE;
      pages[i].protect = command->protect;
      if (pages[i].is_own && (command->protect & ATLAS_PAGE_WRITECOPY) != 0)
        pages[i].protect += ATLAS_PAGE_READWRITE - ATLAS_PAGE_WRITECOPY;
      if (pages[i].is_own && (command->protect & ATLAS_PAGE_EXECUTE_WRITECOPY) != 0)
        pages[i].protect += ATLAS_PAGE_EXECUTE_READWRITE - ATLAS_PAGE_EXECUTE_WRITECOPY;
    }
  answer->status = ATLAS_STATUS_SUCCESS;
  answer->va = va_of (first_page);
  answer->size_bytes = va_of (last_page + 1) - answer->va;
}
