/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* A slow, obvious model of reserving, committing, protecting and touching: one plain record for
 * each page of 4 MB of address space. */

#include <string.h>

#include "windows/protection.h"
#include "windows/virtual.h"

#define BASE G_GUINT64_CONSTANT (0x50000000)
#define N_PAGES 1024u
#define SLOT_PAGES 16u
#define END (BASE + N_PAGES * ATLAS_PAGE_BYTES)
/* Bytes of a page that are written and read: its first, one inside, its last. */
#define N_SPOTS 3u

static const guint16 spot_offsets[N_SPOTS] = { 0, 0x7A5, 0xFFF };

typedef enum
{
  COMMAND_RESERVE,
  COMMAND_RESERVE_COMMIT,
  COMMAND_COMMIT,
  COMMAND_DECOMMIT,
  COMMAND_RELEASE,
  COMMAND_PROTECT,
  COMMAND_READ,
  COMMAND_WRITE,
  COMMAND_EXECUTE,
  COMMAND_TRIM, /* all pages leave the working set */
  COMMAND_TICK, /* a second: pages are written, frames zeroed */
  /* Of ordinary committed pages alone; what becomes of the last two's contents is open. */
  COMMAND_LOCK,
  COMMAND_UNLOCK,
  COMMAND_RESET,
  COMMAND_DISCARD,
  N_COMMAND_KINDS,
} CommandKind;

typedef struct
{
  CommandKind kind;
  AtlasVa va;
  guint64 size_bytes;
  guint32 protect;
  guint8 value;
} Command;

typedef struct
{
  guint16 owner; /* 0: free; alike for the pages of one allocation */
  gboolean is_committed;
  guint32 protect;
  guint32 allocation_protect;
  guint8 bytes[N_SPOTS];
  gboolean is_open[N_SPOTS]; /* what is read there may be anything */
} Page;

typedef struct
{
  Page pages[N_PAGES];
  guint16 last_owner;
  gboolean is_wrong; /* on purpose: a touch leaves a page guarded */
} Model;

typedef struct
{
  AtlasStatus status;
  AtlasVa va;
  guint64 size_bytes;
  guint32 old_protect;
  guint8 byte;
  gboolean is_open;
} Answer;

static inline guint
page_of (AtlasVa va)
{
  return (guint) ((va - BASE) / ATLAS_PAGE_BYTES);
}

static inline AtlasVa
va_of (guint page)
{
  return BASE + page * ATLAS_PAGE_BYTES;
}

static inline guint
spot_of (AtlasVa va)
{
  guint spot = 0;

  while (spot_offsets[spot] != (va & ATLAS_PAGE_MASK))
    spot++;
  return spot;
}

static inline guint
first_of_allocation (const Model *model, guint page)
{
  while (page > 0 && model->pages[page - 1].owner == model->pages[page].owner)
    page--;
  return page;
}

static inline guint
last_of_allocation (const Model *model, guint page)
{
  while (page + 1 < N_PAGES && model->pages[page + 1].owner == model->pages[page].owner)
    page++;
  return page;
}

static inline gboolean
is_legal (guint32 protect)
{
  guint32 base = protect & 0xFF;

  return base != 0 && (base & (base - 1)) == 0 &&
         !(base == ATLAS_PAGE_NOACCESS && (protect & ATLAS_PAGE_GUARD) != 0);
}

static inline gboolean
is_copy (guint32 protect)
{
  return (protect & (ATLAS_PAGE_WRITECOPY | ATLAS_PAGE_EXECUTE_WRITECOPY)) != 0;
}

static inline void
model_commit (Page *page, guint32 protect)
{
  if (!page->is_committed)
    {
      memset (page->bytes, 0, sizeof page->bytes);
      memset (page->is_open, 0, sizeof page->is_open);
    }
  page->is_committed = TRUE;
  page->protect = protect;
}

static inline void
model_reserve (Model *model, const Command *command, Answer *answer)
{
  guint first_page = page_of (command->va) & ~(SLOT_PAGES - 1u);
  guint last_page = page_of (command->va + command->size_bytes - 1);

  answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (is_copy (command->protect))
    return;
  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  for (guint i = first_page; i <= last_page; i++)
    if (model->pages[i].owner != 0)
      return;

  model->last_owner++;
  for (guint i = first_page; i <= last_page; i++)
    {
      model->pages[i] =
        (Page){ .owner = model->last_owner, .allocation_protect = command->protect };
      if (command->kind == COMMAND_RESERVE_COMMIT)
        model_commit (&model->pages[i], command->protect);
    }
  answer->status = ATLAS_STATUS_SUCCESS;
  answer->va = va_of (first_page);
  answer->size_bytes = va_of (last_page + 1) - answer->va;
}

static inline void
model_commit_range (Model *model, const Command *command, Answer *answer)
{
  guint first_page = page_of (command->va);
  guint last_page = page_of (command->va + command->size_bytes - 1);

  answer->status = ATLAS_STATUS_CONFLICTING_ADDRESSES;
  if (model->pages[first_page].owner == 0 || last_of_allocation (model, first_page) < last_page)
    return;
  answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (is_copy (command->protect))
    return;

  for (guint i = first_page; i <= last_page; i++)
    model_commit (&model->pages[i], command->protect);
  answer->status = ATLAS_STATUS_SUCCESS;
  answer->va = va_of (first_page);
  answer->size_bytes = va_of (last_page + 1) - answer->va;
}

static inline void
model_allocate (Model *model, const Command *command, Answer *answer)
{
  if (!is_legal (command->protect))
    answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  else if (command->size_bytes == 0)
    answer->status = ATLAS_STATUS_INVALID_PARAMETER_4;
  else if (command->kind == COMMAND_COMMIT)
    model_commit_range (model, command, answer);
  else
    model_reserve (model, command, answer);
}

static inline void
model_free (Model *model, const Command *command, Answer *answer)
{
  gboolean is_whole = command->size_bytes == 0;
  guint first_page = page_of (command->va);
  guint last_page = is_whole ? first_page : page_of (command->va + command->size_bytes - 1);

  answer->status = ATLAS_STATUS_MEMORY_NOT_ALLOCATED;
  if (model->pages[first_page].owner == 0)
    return;
  answer->status = ATLAS_STATUS_UNABLE_TO_FREE_VM;
  if (last_of_allocation (model, first_page) < last_page)
    return;
  answer->status = ATLAS_STATUS_FREE_VM_NOT_AT_BASE;
  if (is_whole && first_of_allocation (model, first_page) != first_page)
    return;
  if (is_whole)
    last_page = last_of_allocation (model, first_page);

  if (command->kind == COMMAND_RELEASE)
    {
      guint end_page = last_of_allocation (model, first_page);

      model->last_owner++;
      for (guint i = last_page + 1; i <= end_page; i++)
        model->pages[i].owner = model->last_owner;
      for (guint i = first_page; i <= last_page; i++)
        model->pages[i] = (Page){ 0 };
    }
  else
    {
      for (guint i = first_page; i <= last_page; i++)
        model->pages[i].is_committed = FALSE;
    }
  answer->status = ATLAS_STATUS_SUCCESS;
  answer->va = va_of (first_page);
  answer->size_bytes =
    is_whole && command->kind == COMMAND_DECOMMIT ? 0 : va_of (last_page + 1) - answer->va;
}

static inline void
model_protect (Model *model, const Command *command, Answer *answer)
{
  guint first_page = page_of (command->va);
  guint last_page = page_of (command->va + command->size_bytes - 1);

  answer->status = ATLAS_STATUS_INVALID_PAGE_PROTECTION;
  if (!is_legal (command->protect))
    return;
  answer->status = ATLAS_STATUS_NOT_COMMITTED;
  if (model->pages[first_page].owner == 0 || last_of_allocation (model, first_page) < last_page)
    return;
  for (guint i = first_page; i <= last_page; i++)
    if (!model->pages[i].is_committed)
      return;

  answer->status = ATLAS_STATUS_SUCCESS;
  answer->va = va_of (first_page);
  answer->size_bytes = va_of (last_page + 1) - answer->va;
  answer->old_protect = model->pages[first_page].protect;
  for (guint i = first_page; i <= last_page; i++)
    model->pages[i].protect = command->protect;
}

static inline void
model_access (Model *model, const Command *command, Answer *answer)
{
  static const guint32 allowing[N_COMMAND_KINDS] = {
    /* The processor reads what it may execute. */
    [COMMAND_READ] = 0xFF & ~ATLAS_PAGE_NOACCESS,
    [COMMAND_WRITE] = ATLAS_PAGE_READWRITE | ATLAS_PAGE_EXECUTE_READWRITE,
    [COMMAND_EXECUTE] = ATLAS_PAGE_EXECUTE | ATLAS_PAGE_EXECUTE_READ | ATLAS_PAGE_EXECUTE_READWRITE,
  };
  Page *page = &model->pages[page_of (command->va)];
  guint spot = spot_of (command->va);
  guint8 *byte = &page->bytes[spot];

  answer->status = ATLAS_STATUS_ACCESS_VIOLATION;
  if (!page->is_committed)
    return;
  if ((page->protect & ATLAS_PAGE_GUARD) != 0)
    {
      if (!model->is_wrong)
        page->protect &= ~ATLAS_PAGE_GUARD;
      answer->status = ATLAS_STATUS_GUARD_PAGE_VIOLATION;
      return;
    }
  if ((page->protect & allowing[command->kind]) == 0)
    return;
  answer->status = ATLAS_STATUS_SUCCESS;
  if (command->kind == COMMAND_WRITE)
    {
      *byte = command->value;
      page->is_open[spot] = FALSE;
    }
  answer->byte = *byte;
  answer->is_open = page->is_open[spot];
}

/* Whether the model has an answer. */
static inline gboolean
model_knows (const Model *model, const Command *command)
{
  guint first_page = page_of (command->va);
  guint last_page;

  if (command->kind < COMMAND_LOCK)
    return TRUE;
  last_page = page_of (command->va + command->size_bytes - 1);
  if (model->pages[first_page].owner == 0 || last_of_allocation (model, first_page) < last_page)
    return FALSE;
  for (guint i = first_page; i <= last_page; i++)
    if (!model->pages[i].is_committed || model->pages[i].protect != ATLAS_PAGE_READWRITE)
      return FALSE;
  return TRUE;
}

static inline void
model_open_contents (Model *model, const Command *command)
{
  guint last_page = page_of (command->va + command->size_bytes - 1);

  for (guint i = page_of (command->va); i <= last_page; i++)
    for (guint spot = 0; spot < N_SPOTS; spot++)
      model->pages[i].is_open[spot] = TRUE;
}

static inline void
model_run (Model *model, const Command *command, Answer *answer)
{
  *answer = (Answer){ .va = command->va, .size_bytes = command->size_bytes };
  switch (command->kind)
    {
    case COMMAND_RESERVE:
    case COMMAND_RESERVE_COMMIT:
    case COMMAND_COMMIT:
      model_allocate (model, command, answer);
      break;
    case COMMAND_DECOMMIT:
    case COMMAND_RELEASE:
      model_free (model, command, answer);
      break;
    case COMMAND_PROTECT:
      model_protect (model, command, answer);
      break;
    case COMMAND_READ:
    case COMMAND_WRITE:
    case COMMAND_EXECUTE:
      model_access (model, command, answer);
      break;
    case COMMAND_RESET:
    case COMMAND_DISCARD:
      model_open_contents (model, command);
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    case COMMAND_TRIM:
    case COMMAND_TICK:
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
    case N_COMMAND_KINDS:
      /* Where a page is, no program can tell. */
      answer->status = ATLAS_STATUS_SUCCESS;
      break;
    }
}

/* What a query of the page must tell; a free run that leaves the window goes on for longer. */
static inline void
model_query (const Model *model, guint page, AtlasRegion *region)
{
  const Page *first = &model->pages[page];
  guint end_page = page + 1;

  while (end_page < N_PAGES && model->pages[end_page].owner == first->owner &&
         model->pages[end_page].is_committed == first->is_committed &&
         (!first->is_committed || model->pages[end_page].protect == first->protect))
    end_page++;

  *region = (AtlasRegion){ .base_va = va_of (page), .size_bytes = va_of (end_page) - va_of (page) };
  if (first->owner == 0)
    {
      region->state = ATLAS_STATE_FREE;
      region->protect = ATLAS_PAGE_NOACCESS;
      return;
    }
  region->state = first->is_committed ? ATLAS_STATE_COMMIT : ATLAS_STATE_RESERVE;
  region->protect = first->is_committed ? first->protect : 0;
  region->allocation_protect = first->allocation_protect;
  region->allocation_base_va = va_of (first_of_allocation (model, page));
  region->type = ATLAS_TYPE_PRIVATE;
}
