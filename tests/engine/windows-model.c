/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "windows-model.h"

#include <string.h>

const guint16 model_spot_offsets[N_SPOTS] = { 0, 0x7A5, 0xFFF };

const HandleKind model_handles[N_HANDLES] = {
  { 40, ATLAS_PAGE_READWRITE, FALSE },
  { 48, ATLAS_PAGE_READWRITE, TRUE },
  { 20, ATLAS_PAGE_EXECUTE_READWRITE, FALSE },
  { 33, ATLAS_PAGE_EXECUTE_READWRITE, TRUE },
  { 8, ATLAS_PAGE_READONLY, FALSE },
  [FILE_HANDLE] = { FILE_PAGES, ATLAS_PAGE_READWRITE, FALSE },
};

guint8
model_get_file_byte (guint offset)
{
  return (guint8) (offset % 2 == 0 ? offset / 2 : offset / 2 / 256);
}

void
model_start (Model *model, Wrong wrong)
{
  memset (model, 0, sizeof *model);
  model->wrong = wrong;
  for (guint page = 0; page < FILE_PAGES; page++)
    for (guint spot = 0; spot < N_SPOTS; spot++)
      model->file.contents[page].bytes[spot] =
        model_get_file_byte (page * (guint) ATLAS_PAGE_BYTES + model_spot_offsets[spot]);
}

gboolean
model_is_file (const Section *section)
{
  return section->kind == &model_handles[FILE_HANDLE];
}

static guint
spot_of (AtlasVa va)
{
  guint spot = 0;

  while (model_spot_offsets[spot] != (va & ATLAS_PAGE_MASK))
    spot++;
  return spot;
}

guint
model_first_of_allocation (const Model *model, guint process, guint page)
{
  const Page *pages = model->pages[process];

  while (page > 0 && pages[page - 1].owner == pages[page].owner)
    page--;
  return page;
}

guint
model_last_of_allocation (const Model *model, guint process, guint page)
{
  const Page *pages = model->pages[process];

  while (page + 1 < N_PAGES && pages[page + 1].owner == pages[page].owner)
    page++;
  return page;
}

gboolean
model_is_committed (const Page *page)
{
  return page->kind == OWNER_VIEW ? page->section->is_committed[page->section_page]
                                  : page->is_committed;
}

/* A section's pages are charged once, with the section. A view pays for each page that may come to
 * be its own: all of one that is mapped copy-on-write, otherwise the pages that are made so. */
gboolean
model_is_charged (const Page *page)
{
  if (page->kind != OWNER_VIEW)
    return page->is_committed;
  return page->is_own || model_is_copy (page->allocation_protect) ||
         (model_is_committed (page) && model_is_copy (page->protect));
}

Contents *
model_get_contents (Page *page)
{
  return page->kind == OWNER_VIEW && !page->is_own ? &page->section->contents[page->section_page]
                                                   : &page->contents;
}

gboolean
model_is_legal (guint32 protect)
{
  guint32 base = protect & 0xFF;

  return base != 0 && (base & (base - 1)) == 0 &&
         !(base == ATLAS_PAGE_NOACCESS && (protect & ATLAS_PAGE_GUARD) != 0);
}

gboolean
model_is_copy (guint32 protect)
{
  return (protect & (ATLAS_PAGE_WRITECOPY | ATLAS_PAGE_EXECUTE_WRITECOPY)) != 0;
}

static void
run_protect (Model *model, const Command *command, Answer *answer)
{
  Page *pages = model->pages[command->process];
  guint first_page = page_of (command->va);
  guint last_page = page_of (command->va + command->size_bytes - 1);
  gboolean is_granted;
  gboolean is_all_committed = TRUE;

  answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (!model_is_legal (command->protect))
    return;
  answer->status = ATLAS_STATUS_NOT_COMMITTED;
  if (pages[first_page].kind == OWNER_NONE ||
      model_last_of_allocation (model, command->process, first_page) < last_page)
    {
      answer->is_any_error = model_is_copy (command->protect);
      return;
    }
  if (pages[first_page].kind == OWNER_VIEW)
    is_granted = model_view_grants (pages[first_page].allocation_protect, command->protect);
  else
    is_granted = !model_is_copy (command->protect);
  for (guint i = first_page; i <= last_page; i++)
    if (!model_is_committed (&pages[i]))
      is_all_committed = FALSE;

  answer->is_any_error = !is_all_committed && !is_granted;
  if (!is_all_committed)
    return;
  answer->status = pages[first_page].kind == OWNER_VIEW ? ATLAS_STATUS_SECTION_PROTECTION
                                                        : ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (!is_granted)
    return;

  answer->status = ATLAS_STATUS_SUCCESS;
  answer->va = va_of (first_page);
  answer->size_bytes = va_of (last_page + 1) - answer->va;
  answer->old_protect = pages[first_page].protect;
  for (guint i = first_page; i <= last_page; i++)
    {
      pages[i].protect = command->protect;
      /* A copy need not be copied once more. */
      if (pages[i].is_own && (command->protect & ATLAS_PAGE_WRITECOPY) != 0)
        pages[i].protect += ATLAS_PAGE_READWRITE - ATLAS_PAGE_WRITECOPY;
      if (pages[i].is_own && (command->protect & ATLAS_PAGE_EXECUTE_WRITECOPY) != 0)
        pages[i].protect += ATLAS_PAGE_EXECUTE_READWRITE - ATLAS_PAGE_EXECUTE_WRITECOPY;
    }
}

static void
run_access (Model *model, const Command *command, Answer *answer)
{
  static const guint32 executing = ATLAS_PAGE_EXECUTE | ATLAS_PAGE_EXECUTE_READ |
                                   ATLAS_PAGE_EXECUTE_READWRITE | ATLAS_PAGE_EXECUTE_WRITECOPY;
  static const guint32 allowing[N_COMMAND_KINDS] = {
    /* The processor reads what it may execute. */
    [COMMAND_READ] = 0xFF & ~ATLAS_PAGE_NOACCESS,
    [COMMAND_WRITE] = ATLAS_PAGE_READWRITE | ATLAS_PAGE_EXECUTE_READWRITE | ATLAS_PAGE_WRITECOPY |
                      ATLAS_PAGE_EXECUTE_WRITECOPY,
    [COMMAND_EXECUTE] = executing,
  };
  Page *page = &model->pages[command->process][page_of (command->va)];
  guint spot = spot_of (command->va);
  Contents *contents;

  answer->status = ATLAS_STATUS_ACCESS_VIOLATION;
  if (page->kind == OWNER_NONE || !model_is_committed (page))
    return;
  if ((page->protect & ATLAS_PAGE_GUARD) != 0)
    {
      if (model->wrong != WRONG_GUARD)
        page->protect &= ~ATLAS_PAGE_GUARD;
      answer->status = ATLAS_STATUS_GUARD_PAGE_VIOLATION;
      return;
    }
  if ((page->protect & allowing[command->kind]) == 0)
    return;

  answer->status = ATLAS_STATUS_SUCCESS;
  if (command->kind == COMMAND_WRITE && model_is_copy (page->protect) && model->wrong != WRONG_COPY)
    {
      page->contents = page->section->contents[page->section_page];
      page->is_own = TRUE;
      page->protect =
        page->protect == ATLAS_PAGE_WRITECOPY ? ATLAS_PAGE_READWRITE : ATLAS_PAGE_EXECUTE_READWRITE;
    }
  contents = model_get_contents (page);
  if (command->kind == COMMAND_WRITE)
    {
      contents->bytes[spot] = command->value;
      contents->is_open[spot] = FALSE;
    }
  answer->byte = contents->bytes[spot];
  answer->is_open = contents->is_open[spot];
}

gboolean
model_knows (const Model *model, const Command *command)
{
  const Page *pages = model->pages[command->process];
  const Section *section = model->handles[command->handle];
  guint first_page = page_of (command->va);
  guint last_page;

  if (command->kind == COMMAND_SECTION)
    return section == NULL;
  if (command->kind == COMMAND_CLOSE)
    return section != NULL;
  if (command->kind == COMMAND_MAP || command->kind == COMMAND_MAP_REPLACE)
    return section != NULL;
  if (command->kind < COMMAND_LOCK)
    return TRUE;

  last_page = page_of (command->va + command->size_bytes - 1);
  if (pages[first_page].kind == OWNER_NONE ||
      model_last_of_allocation (model, command->process, first_page) < last_page)
    return FALSE;
  /* A file has its bytes back when it likes. */
  if (pages[first_page].kind == OWNER_VIEW &&
      (command->kind == COMMAND_DISCARD ||
       (command->kind == COMMAND_RESET && model_is_file (pages[first_page].section))))
    return FALSE;
  for (guint i = first_page; i <= last_page; i++)
    if (!model_is_committed (&pages[i]) || pages[i].protect != ATLAS_PAGE_READWRITE)
      return FALSE;
  return TRUE;
}

static void
open_contents (Model *model, const Command *command)
{
  guint last_page = page_of (command->va + command->size_bytes - 1);

  for (guint i = page_of (command->va); i <= last_page; i++)
    {
      Contents *contents = model_get_contents (&model->pages[command->process][i]);

      for (guint spot = 0; spot < N_SPOTS; spot++)
        contents->is_open[spot] = TRUE;
    }
}

void
model_run (Model *model, const Command *command, Answer *answer)
{
  *answer = (Answer){ .va = command->va, .size_bytes = command->size_bytes };
  if (command->kind < COMMAND_TRIM || command->kind >= COMMAND_PLACEHOLDER)
    model->last = *command;
  switch (command->kind)
    {
    case COMMAND_RESERVE:
    case COMMAND_RESERVE_COMMIT:
    case COMMAND_COMMIT:
    case COMMAND_REPLACE:
    case COMMAND_REPLACE_COMMIT:
      model_allocate (model, command, answer);
      break;
    case COMMAND_DECOMMIT:
    case COMMAND_RELEASE:
      model_free (model, command, answer);
      break;
    case COMMAND_PLACEHOLDER:
      model_placeholder (model, command, answer);
      break;
    case COMMAND_SPLIT:
      model_split (model, command, answer);
      break;
    case COMMAND_COALESCE:
      model_coalesce (model, command, answer);
      break;
    case COMMAND_SECTION:
      model_make_section (model, command, answer);
      break;
    case COMMAND_CLOSE:
      model_close_section (model, command, answer);
      break;
    case COMMAND_MAP:
    case COMMAND_MAP_REPLACE:
      model_map (model, command, answer);
      break;
    case COMMAND_UNMAP:
    case COMMAND_UNMAP_PRESERVE:
      model_unmap (model, command, answer);
      break;
    case COMMAND_PROTECT:
      run_protect (model, command, answer);
      break;
    case COMMAND_READ:
    case COMMAND_WRITE:
    case COMMAND_EXECUTE:
      run_access (model, command, answer);
      break;
    case COMMAND_RESET:
    case COMMAND_DISCARD:
      open_contents (model, command);
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    case COMMAND_TRIM:
    case COMMAND_TICK:
    case COMMAND_FLUSH:
    case COMMAND_PURGE:
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
    case N_COMMAND_KINDS:
      /* Where a page is, no program can tell. */
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    }
}

void
model_query (const Model *model, guint process, guint page, AtlasRegion *region)
{
  const Page *pages = model->pages[process];
  const Page *first = &pages[page];
  gboolean is_committed;
  guint end_page = page + 1;

  *region = (AtlasRegion){ .base_va = va_of (page) };
  if (first->kind == OWNER_NONE)
    {
      while (end_page < N_PAGES && pages[end_page].kind == OWNER_NONE)
        end_page++;
      region->size_bytes = va_of (end_page) - va_of (page);
      region->state = ATLAS_STATE_FREE;
      region->protect = ATLAS_PAGE_NOACCESS;
      return;
    }
  is_committed = model_is_committed (first);
  while (end_page < N_PAGES && pages[end_page].owner == first->owner &&
         model_is_committed (&pages[end_page]) == is_committed &&
         (!is_committed || pages[end_page].protect == first->protect))
    end_page++;

  region->size_bytes = va_of (end_page) - va_of (page);
  region->state = is_committed ? ATLAS_STATE_COMMIT : ATLAS_STATE_RESERVE;
  region->protect = is_committed ? first->protect : 0;
  region->allocation_protect = first->allocation_protect;
  region->allocation_base_va = va_of (model_first_of_allocation (model, process, page));
  region->type = first->kind == OWNER_VIEW ? ATLAS_TYPE_MAPPED : ATLAS_TYPE_PRIVATE;
}
