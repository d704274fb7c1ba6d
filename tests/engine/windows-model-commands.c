/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Commands: drawn at random, and told as lines of a scenario. */

#include "windows-model.h"

#include "session/words.h"

static guint
random_below (guint limit)
{
  return (guint) g_test_rand_int_range (0, (gint32) limit);
}

static const guint8 drawn_kinds[] = {
  COMMAND_RESERVE,
  COMMAND_RESERVE_COMMIT,
  COMMAND_RESERVE_COMMIT,
  COMMAND_COMMIT,
  COMMAND_COMMIT,
  COMMAND_COMMIT,
  COMMAND_DECOMMIT,
  COMMAND_RELEASE,
  COMMAND_RELEASE,
  COMMAND_PROTECT,
  COMMAND_PROTECT,
  COMMAND_PROTECT,
  COMMAND_READ,
  COMMAND_READ,
  COMMAND_READ,
  COMMAND_READ,
  COMMAND_WRITE,
  COMMAND_WRITE,
  COMMAND_WRITE,
  COMMAND_WRITE,
  COMMAND_WRITE,
  COMMAND_EXECUTE,
  COMMAND_TRIM,
  COMMAND_TRIM,
  COMMAND_TICK,
  COMMAND_FLUSH,
  COMMAND_PURGE,
  COMMAND_PLACEHOLDER,
  COMMAND_PLACEHOLDER,
  COMMAND_SPLIT,
  COMMAND_SPLIT,
  COMMAND_COALESCE,
  COMMAND_COALESCE,
  COMMAND_REPLACE,
  COMMAND_REPLACE_COMMIT,
  COMMAND_SECTION,
  COMMAND_SECTION,
  COMMAND_SECTION,
  COMMAND_CLOSE,
  COMMAND_MAP,
  COMMAND_MAP,
  COMMAND_MAP,
  COMMAND_MAP_REPLACE,
  COMMAND_MAP_REPLACE,
  COMMAND_UNMAP,
  COMMAND_UNMAP_PRESERVE,
  COMMAND_LOCK,
  COMMAND_UNLOCK,
  COMMAND_RESET,
  COMMAND_DISCARD,
};

static guint32
draw_protect (CommandKind kind)
{
  static const guint32 protects[] = {
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READONLY,
    ATLAS_PAGE_NOACCESS,
    ATLAS_PAGE_EXECUTE,
    ATLAS_PAGE_EXECUTE_READ,
    ATLAS_PAGE_EXECUTE_READWRITE,
    ATLAS_PAGE_READWRITE | ATLAS_PAGE_GUARD,
    ATLAS_PAGE_READONLY | ATLAS_PAGE_GUARD,
    ATLAS_PAGE_WRITECOPY,
    ATLAS_PAGE_EXECUTE_WRITECOPY,
    ATLAS_PAGE_WRITECOPY | ATLAS_PAGE_GUARD,
    /* Not to be had from here on. */
    0,
    ATLAS_PAGE_NOACCESS | ATLAS_PAGE_GUARD,
    ATLAS_PAGE_READONLY | ATLAS_PAGE_READWRITE,
  };
  static const guint32 view_protects[] = {
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_READWRITE,
    ATLAS_PAGE_WRITECOPY,
    ATLAS_PAGE_WRITECOPY,
  };

  if (kind == COMMAND_PLACEHOLDER && random_below (16) != 0)
    return ATLAS_PAGE_NOACCESS;
  if ((kind == COMMAND_MAP || kind == COMMAND_MAP_REPLACE) && random_below (2) == 0)
    return view_protects[random_below (G_N_ELEMENTS (view_protects))];
  return protects[random_below (G_N_ELEMENTS (protects))];
}

/* Whether the command could do something there. */
static gboolean
is_target (CommandKind kind, const Page *page)
{
  switch (kind)
    {
    case COMMAND_COALESCE:
    case COMMAND_REPLACE:
    case COMMAND_REPLACE_COMMIT:
    case COMMAND_MAP_REPLACE:
      return page->kind == OWNER_PLACEHOLDER;
    case COMMAND_SPLIT:
      return page->kind == OWNER_PLACEHOLDER || page->has_replaced_placeholder;
    case COMMAND_UNMAP:
      return page->kind == OWNER_VIEW;
    case COMMAND_UNMAP_PRESERVE:
      return page->kind == OWNER_VIEW && page->has_replaced_placeholder;
    case COMMAND_COMMIT:
      return page->kind == OWNER_PRIVATE || page->kind == OWNER_VIEW;
    case COMMAND_PROTECT:
    case COMMAND_READ:
    case COMMAND_WRITE:
    case COMMAND_EXECUTE:
      return page->kind != OWNER_NONE && model_is_committed (page);
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
    case COMMAND_RESET:
    case COMMAND_DISCARD:
      return page->kind != OWNER_NONE && model_is_committed (page) &&
             page->protect == ATLAS_PAGE_READWRITE;
    case COMMAND_DECOMMIT:
    case COMMAND_RELEASE:
      return page->kind != OWNER_NONE;
    case COMMAND_RESERVE:
    case COMMAND_RESERVE_COMMIT:
    case COMMAND_TRIM:
    case COMMAND_TICK:
    case COMMAND_FLUSH:
    case COMMAND_PURGE:
    case COMMAND_PLACEHOLDER:
    case COMMAND_SECTION:
    case COMMAND_CLOSE:
    case COMMAND_MAP:
    case N_COMMAND_KINDS:
      return page->kind == OWNER_NONE;
    }
  g_assert_not_reached ();
}

/* The next page where the command could do something; the same one when there is none. */
static guint
find_target (const Model *model, const Command *command)
{
  guint page = page_of (command->va);

  for (guint i = 0; i < N_PAGES; i++)
    {
      guint next_page = (page + i) % N_PAGES;

      if (is_target (command->kind, &model->pages[command->process][next_page]))
        return next_page;
    }
  return page;
}

/* All of an allocation, of two side by side, or its end: calls at random would seldom hit one
 * exactly. */
static void
aim_at_whole (const Model *model, Command *command)
{
  guint target_page = find_target (model, command);
  guint page = model_first_of_allocation (model, command->process, target_page);
  guint end_page = model_last_of_allocation (model, command->process, target_page);

  if (command->kind == COMMAND_COALESCE && end_page + 1 < N_PAGES)
    end_page = model_last_of_allocation (model, command->process, end_page + 1);
  if (command->kind == COMMAND_SPLIT && random_below (4) != 0)
    page += random_below (end_page - page + 1);
  if (command->kind == COMMAND_SPLIT && random_below (2) == 0)
    end_page -= random_below (end_page - page + 1);
  command->va = va_of (page);
  command->size_bytes = va_of (end_page + 1) - command->va;
}

static void
aim_inside (const Model *model, Command *command)
{
  guint page = find_target (model, command);
  guint last_page = model_last_of_allocation (model, command->process, page);

  if (model->pages[command->process][page].kind != OWNER_NONE && random_below (2) == 0)
    page += random_below (MIN (last_page - page + 1, 8));
  command->va = va_of (page);
  command->size_bytes = MIN (command->size_bytes, va_of (last_page + 1) - command->va);
}

static void
draw_map (const Model *model, Command *command)
{
  const HandleKind *handle = &model_handles[command->handle];
  guint64 section_bytes = handle->n_pages * ATLAS_PAGE_BYTES;
  guint64 slot_bytes = SLOT_PAGES * ATLAS_PAGE_BYTES;

  if (random_below (2) == 0)
    command->offset = random_below ((guint) (section_bytes / slot_bytes) + 1) * slot_bytes;
  if (random_below (20) == 0)
    command->offset += ATLAS_PAGE_BYTES;
  if (command->kind == COMMAND_MAP_REPLACE)
    {
      aim_at_whole (model, command);
      if (random_below (8) == 0)
        command->size_bytes = (1 + random_below (handle->n_pages)) * ATLAS_PAGE_BYTES;
    }
  else
    {
      command->va &= ~(random_below (20) == 0 ? ATLAS_PAGE_MASK : slot_bytes - 1);
      command->size_bytes = (1 + random_below (handle->n_pages)) * ATLAS_PAGE_BYTES;
      if (random_below (3) == 0)
        command->size_bytes -= random_below (ATLAS_PAGE_BYTES);
      if (random_below (4) == 0)
        command->size_bytes = 0;
    }
  command->va = MIN (command->va, END - MAX_SECTION_PAGES * ATLAS_PAGE_BYTES);
}

void
model_draw_command (const Model *model, Command *command)
{
  /* A part of the window only, so that calls meet. */
  guint page = random_below (random_below (4) == 0 ? N_PAGES : 160);
  guint n_pages = 1 + random_below (random_below (8) == 0 ? 200 : 20);
  guint64 size_bytes = n_pages * ATLAS_PAGE_BYTES;

  *command = (Command){ .kind = drawn_kinds[random_below (G_N_ELEMENTS (drawn_kinds))],
                        .process = random_below (3) == 0 ? 1 : 0,
                        .handle = random_below (N_HANDLES),
                        .va = va_of (page),
                        .size_bytes = size_bytes,
                        .value = (guint8) (1 + random_below (255)) };
  command->protect = draw_protect (command->kind);
  /* What one has begun, the next goes on with. */
  if (model->last.va != 0 && random_below (3) == 0)
    {
      command->process = model->last.process;
      command->va = model->last.va & ~ATLAS_PAGE_MASK;
      command->size_bytes = MIN (command->size_bytes, END - command->va);
    }
  if (random_below (3) != 0)
    aim_inside (model, command);
  page = page_of (command->va);
  switch (command->kind)
    {
    case COMMAND_RESERVE:
    case COMMAND_RESERVE_COMMIT:
      if (random_below (2) == 0)
        command->va = va_of (page & ~(SLOT_PAGES - 1));
      break;
    case COMMAND_DECOMMIT:
    case COMMAND_RELEASE:
      if (random_below (2) == 0)
        aim_at_whole (model, command);
      if (random_below (4) == 0)
        command->size_bytes = 0;
      break;
    case COMMAND_COMMIT:
    case COMMAND_PROTECT:
      break;
    case COMMAND_PLACEHOLDER:
      command->va = va_of (page & ~(SLOT_PAGES - 1));
      command->size_bytes = MIN (command->size_bytes, END - command->va);
      return;
    case COMMAND_SPLIT:
    case COMMAND_COALESCE:
    case COMMAND_REPLACE:
    case COMMAND_REPLACE_COMMIT:
      if (random_below (6) != 0)
        aim_at_whole (model, command);
      command->size_bytes = MIN (command->size_bytes, END - command->va);
      return;
    case COMMAND_MAP:
    case COMMAND_MAP_REPLACE:
      draw_map (model, command);
      return;
    case COMMAND_SECTION:
    case COMMAND_CLOSE:
    case COMMAND_UNMAP:
    case COMMAND_UNMAP_PRESERVE:
      command->size_bytes = 0;
      return;
    case COMMAND_LOCK:
    case COMMAND_UNLOCK:
    case COMMAND_RESET:
    case COMMAND_DISCARD:
      command->size_bytes = MIN (command->size_bytes, (1 + random_below (4)) * ATLAS_PAGE_BYTES);
      command->size_bytes = MIN (command->size_bytes, END - command->va);
      return;
    case COMMAND_READ:
    case COMMAND_WRITE:
    case COMMAND_EXECUTE:
    case COMMAND_TRIM:
    case COMMAND_TICK:
    case COMMAND_FLUSH:
    case COMMAND_PURGE:
    case N_COMMAND_KINDS:
      command->va += model_spot_offsets[random_below (N_SPOTS)];
      command->size_bytes = 1;
      return;
    }

  /* Neither address nor size need be round. */
  if (random_below (3) == 0)
    command->va += random_below (0x1000);
  if (command->size_bytes != 0 && random_below (3) == 0)
    command->size_bytes -= random_below (0x1000);
  if (command->kind <= COMMAND_COMMIT && random_below (50) == 0)
    command->size_bytes = 0;
  if (command->kind == COMMAND_PROTECT)
    command->size_bytes = MAX (command->size_bytes, 1);
  command->size_bytes = MIN (command->size_bytes, END - command->va);
}

typedef struct
{
  const char *verb;
  const char *types;
  gboolean has_address;
  gboolean has_size;
  gboolean has_protect;
} CommandWords;

static const CommandWords words[N_COMMAND_KINDS] = {
  [COMMAND_TRIM] = { .verb = "trim" },
  [COMMAND_TICK] = { .verb = "tick 1s" },
  [COMMAND_FLUSH] = { .verb = "memlist flush" },
  [COMMAND_PURGE] = { .verb = "memlist purge" },
  [COMMAND_RESERVE] = { "alloc", "reserve", TRUE, TRUE, TRUE },
  [COMMAND_RESERVE_COMMIT] = { "alloc", "reserve|commit", TRUE, TRUE, TRUE },
  [COMMAND_COMMIT] = { "alloc", "commit", TRUE, TRUE, TRUE },
  [COMMAND_DECOMMIT] = { "free", "decommit", TRUE, TRUE, FALSE },
  [COMMAND_RELEASE] = { "free", "release", TRUE, TRUE, FALSE },
  [COMMAND_PROTECT] = { "protect", NULL, TRUE, TRUE, TRUE },
  [COMMAND_READ] = { "read", NULL, TRUE, TRUE, FALSE },
  [COMMAND_WRITE] = { "write", NULL, TRUE, TRUE, FALSE },
  [COMMAND_EXECUTE] = { "execute", NULL, TRUE, FALSE, FALSE },
  [COMMAND_PLACEHOLDER] = { "placeholder", NULL, TRUE, TRUE, FALSE },
  [COMMAND_SPLIT] = { "split", NULL, TRUE, TRUE, FALSE },
  [COMMAND_COALESCE] = { "coalesce", NULL, TRUE, TRUE, FALSE },
  [COMMAND_REPLACE] = { "replace", "reserve", TRUE, TRUE, TRUE },
  [COMMAND_REPLACE_COMMIT] = { "replace", "reserve|commit", TRUE, TRUE, TRUE },
  [COMMAND_UNMAP] = { "unmap", NULL, TRUE, FALSE, FALSE },
  [COMMAND_UNMAP_PRESERVE] = { "unmap", "preserve_placeholder", TRUE, FALSE, FALSE },
  [COMMAND_LOCK] = { "lock", NULL, TRUE, TRUE, FALSE },
  [COMMAND_UNLOCK] = { "unlock", NULL, TRUE, TRUE, FALSE },
  [COMMAND_RESET] = { "reset", NULL, TRUE, TRUE, FALSE },
  [COMMAND_DISCARD] = { "discard", NULL, TRUE, TRUE, FALSE },
};

static char *
format_map (const Command *command, const char *protect)
{
  GString *line = g_string_new (NULL);

  g_string_printf (
    line, "map $s%u 0x%" G_GINT64_MODIFIER "x %s", command->handle, command->va, protect);
  if (command->offset != 0)
    g_string_append_printf (line, " offset=%" G_GUINT64_FORMAT, command->offset);
  if (command->size_bytes != 0)
    g_string_append_printf (line, " size=%" G_GUINT64_FORMAT, command->size_bytes);
  if (command->kind == COMMAND_MAP_REPLACE)
    g_string_append (line, " replace_placeholder");
  if (protect[0] == '\0')
    g_string_prepend (line, "# ");
  return g_string_free (line, FALSE);
}

static char *
format_section (guint handle)
{
  const HandleKind *kind = &model_handles[handle];
  g_autofree char *protect = atlas_words_format (atlas_protection_words, kind->protect);

  if (handle == FILE_HANDLE)
    return g_strdup_printf ("section $s%u = $f %s", handle, protect);
  return g_strdup_printf ("section $s%u = %uK %s%s",
                          handle,
                          kind->n_pages * 4,
                          protect,
                          kind->is_reserve ? " reserve" : "");
}

char *
model_format_command (const Command *command)
{
  const CommandWords *form = &words[command->kind];
  g_autofree char *protect = atlas_words_format (atlas_protection_words, command->protect);
  GString *line;
  gboolean is_sayable = TRUE;

  if (command->kind == COMMAND_SECTION)
    return format_section (command->handle);
  if (command->kind == COMMAND_CLOSE)
    return g_strdup_printf ("close $s%u", command->handle);
  if (command->kind == COMMAND_MAP || command->kind == COMMAND_MAP_REPLACE)
    return format_map (command, protect);
  if (!form->has_address)
    return g_strdup (form->verb);

  line = g_string_new (form->verb);
  g_string_append_printf (line, " 0x%" G_GINT64_MODIFIER "x", command->va);
  if (form->has_size && command->size_bytes != 0)
    g_string_append_printf (line, " %" G_GUINT64_FORMAT, command->size_bytes);
  if (form->types != NULL)
    g_string_append_printf (line, " %s", form->types);
  if (form->has_protect)
    {
      is_sayable = protect[0] != '\0' && command->size_bytes != 0;
      g_string_append_printf (line, " %s", protect);
    }
  if (command->kind == COMMAND_WRITE)
    g_string_append_printf (line, " value=0x%x", command->value);
  /* VirtualFree takes no size with MEM_RELEASE; the call here is NtFreeVirtualMemory. */
  if (command->kind == COMMAND_RELEASE && command->size_bytes != 0)
    is_sayable = FALSE;
  if (command->kind == COMMAND_PLACEHOLDER && command->protect != ATLAS_PAGE_NOACCESS)
    is_sayable = FALSE;
  if (!is_sayable)
    g_string_prepend (line, "# ");
  return g_string_free (line, FALSE);
}
