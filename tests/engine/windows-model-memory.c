/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Private memory and placeholders. */

#include "windows-model.h"

#include <string.h>

static void
answer_range (Answer *answer, guint first_page, guint last_page)
{
  answer->status = ATLAS_STATUS_SUCCESS;
  answer->va = va_of (first_page);
  answer->size_bytes = va_of (last_page + 1) - answer->va;
}

static void
commit (Page *page, guint32 protect)
{
  if (!page->is_committed)
    memset (&page->contents, 0, sizeof page->contents);
  page->is_committed = TRUE;
  page->protect = protect;
}

static gboolean
is_free (const Model *model, guint process, guint first_page, guint last_page)
{
  for (guint i = first_page; i <= last_page; i++)
    if (model->pages[process][i].kind != OWNER_NONE)
      return FALSE;
  return TRUE;
}

/* Whether the pages are one allocation of this kind, and all of it. */
static gboolean
is_exactly (const Model *model, guint process, guint first_page, guint last_page, OwnerKind kind)
{
  return model->pages[process][first_page].kind == kind &&
         model_first_of_allocation (model, process, first_page) == first_page &&
         model_last_of_allocation (model, process, first_page) == last_page;
}

static void
take (Model *model, guint process, guint first_page, guint last_page, Page page)
{
  page.owner = ++model->last_owner;
  for (guint i = first_page; i <= last_page; i++)
    model->pages[process][i] = page;
}

static void
reserve (Model *model, const Command *command, Answer *answer)
{
  gboolean is_replacement =
    command->kind == COMMAND_REPLACE || command->kind == COMMAND_REPLACE_COMMIT;
  gboolean is_committing =
    command->kind == COMMAND_RESERVE_COMMIT || command->kind == COMMAND_REPLACE_COMMIT;
  guint first_page = page_of (command->va);
  guint last_page = page_of (command->va + command->size_bytes - 1);

  /* A placeholder begins at any page, and is replaced whole. */
  if (!is_replacement)
    first_page &= ~(SLOT_PAGES - 1u);
  answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (model_is_copy (command->protect))
    return;
  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (is_replacement
        ? !is_exactly (model, command->process, first_page, last_page, OWNER_PLACEHOLDER)
        : !is_free (model, command->process, first_page, last_page))
    return;

  take (model,
        command->process,
        first_page,
        last_page,
        (Page){ .kind = OWNER_PRIVATE,
                .has_replaced_placeholder = is_replacement,
                .allocation_protect = command->protect });
  for (guint i = first_page; is_committing && i <= last_page; i++)
    commit (&model->pages[command->process][i], command->protect);
  answer_range (answer, first_page, last_page);
}

static void
commit_range (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  guint first_page = page_of (command->va);
  guint last_page = page_of (command->va + command->size_bytes - 1);

  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (pages[first_page].kind == OWNER_NONE || pages[first_page].kind == OWNER_PLACEHOLDER ||
      model_last_of_allocation (model, command->process, first_page) < last_page)
    return;
  if (pages[first_page].kind == OWNER_VIEW)
    {
      model_commit_view (model, command, answer);
      return;
    }
  answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (model_is_copy (command->protect))
    return;

  for (guint i = first_page; i <= last_page; i++)
    commit (&pages[i], command->protect);
  answer_range (answer, first_page, last_page);
}

void
model_allocate (Model *model, const Command *command, Answer *answer)
{
  if (!model_is_legal (command->protect))
    answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  else if (command->size_bytes == 0)
    answer->status = ATLAS_STATUS_INVALID_PARAMETER_4;
  else if (command->kind == COMMAND_COMMIT)
    commit_range (model, command, answer);
  else
    reserve (model, command, answer);
}

void
model_free (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  gboolean is_whole = command->size_bytes == 0;
  guint first_page = page_of (command->va);
  guint last_page = is_whole ? first_page : page_of (command->va + command->size_bytes - 1);
  guint end_page;

  answer->status = ATLAS_STATUS_MEMORY_NOT_ALLOCATED;
  if (pages[first_page].kind == OWNER_NONE)
    return;
  end_page = model_last_of_allocation (model, command->process, first_page);
  answer->status = ATLAS_STATUS_UNABLE_TO_FREE_VM;
  if (end_page < last_page)
    return;
  answer->status = ATLAS_STATUS_UNABLE_TO_DELETE_SECTION;
  if (pages[first_page].kind == OWNER_VIEW)
    return;
  answer->status = ATLAS_STATUS_FREE_VM_NOT_AT_BASE;
  if (is_whole && model_first_of_allocation (model, command->process, first_page) != first_page)
    return;
  if (is_whole)
    last_page = end_page;

  answer_range (answer, first_page, last_page);
  if (command->kind == COMMAND_DECOMMIT)
    {
      for (guint i = first_page; i <= last_page; i++)
        pages[i].is_committed = FALSE;
      if (is_whole)
        answer->size_bytes = 0;
      return;
    }
  model->last_owner++;
  for (guint i = last_page + 1; i <= end_page; i++)
    pages[i].owner = model->last_owner;
  for (guint i = first_page; i <= last_page; i++)
    pages[i] = (Page){ .kind = OWNER_NONE };
}

static const Page placeholder_page = { .kind = OWNER_PLACEHOLDER,
                                       .allocation_protect = ATLAS_PAGE_NOACCESS };

void
model_placeholder (Model *model, const Command *command, Answer *answer)
{
  guint first_page = page_of (command->va) & ~(SLOT_PAGES - 1u);
  guint last_page = page_of (command->va + command->size_bytes - 1);

  answer->status = ATLAS_STATUS_INVALID_PARAMETER;
  if (command->protect != ATLAS_PAGE_NOACCESS)
    return;
  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (!is_free (model, command->process, first_page, last_page))
    return;
  take (model, command->process, first_page, last_page, placeholder_page);
  answer_range (answer, first_page, last_page);
}

void
model_split (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  guint process = command->process;
  guint first_page = page_of (command->va);
  guint last_page;
  guint end_page;
  gboolean is_whole;

  answer->status = ATLAS_STATUS_INVALID_PARAMETER_3;
  if (command->size_bytes == 0)
    return;
  last_page = page_of (command->va + command->size_bytes - 1);
  answer->status = ATLAS_STATUS_MEMORY_NOT_ALLOCATED;
  if (pages[first_page].kind == OWNER_NONE)
    return;
  end_page = model_last_of_allocation (model, process, first_page);
  is_whole = is_exactly (model, process, first_page, last_page, pages[first_page].kind);

  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (end_page < last_page)
    {
      answer->is_any_error = TRUE;
      return;
    }
  switch (pages[first_page].kind)
    {
    case OWNER_NONE:
    case OWNER_VIEW:
      /* MEM_RELEASE never is for views. */
      answer->status = ATLAS_STATUS_UNABLE_TO_DELETE_SECTION;
      return;
    case OWNER_PRIVATE:
      if (!is_whole || !pages[first_page].has_replaced_placeholder)
        return;
      take (model, process, first_page, last_page, placeholder_page);
      break;
    case OWNER_PLACEHOLDER:
      if (is_whole)
        return;
      if (model->wrong != WRONG_PLACEHOLDER)
        take (model, process, first_page, last_page, placeholder_page);
      if (last_page < end_page)
        take (model, process, last_page + 1, end_page, placeholder_page);
      break;
    }
  answer_range (answer, first_page, last_page);
}

void
model_coalesce (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  guint first_page = page_of (command->va);
  guint last_page;

  answer->status = ATLAS_STATUS_INVALID_PARAMETER_3;
  if (command->size_bytes == 0)
    return;
  last_page = page_of (command->va + command->size_bytes - 1);
  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  answer->is_any_error = pages[first_page].kind == OWNER_NONE;
  for (guint i = first_page; i <= last_page; i++)
    if (pages[i].kind != OWNER_PLACEHOLDER)
      return;
  if (model_first_of_allocation (model, command->process, first_page) != first_page ||
      model_last_of_allocation (model, command->process, last_page) != last_page ||
      pages[first_page].owner == pages[last_page].owner)
    return;

  take (model, command->process, first_page, last_page, placeholder_page);
  answer_range (answer, first_page, last_page);
}
