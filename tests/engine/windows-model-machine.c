/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "windows-fixture.h"

#include "windows-model-machine.h"

#include "windows/fault.h"
#include "windows/machine-private.h"
#include "windows/offer.h"
#include "windows/view.h"
#include "windows/virtual-lock.h"
#include "windows/working-set.h"

static guint64
get_charged_pages (AtlasSystem *system)
{
  AtlasCommit commit;

  atlas_system_get_commit (system, &commit);
  return commit.n_charged;
}

static guint64
count_free_slots (AtlasSystem *system)
{
  return atlas_page_file_count_free (atlas_system_get_page_file (system, 0));
}

static AtlasSectionObject *
open_section (Machine *machine, guint handle)
{
  const HandleKind *kind = &model_handles[handle];
  AtlasSectionObject *object = NULL;
  gboolean is_file = handle == FILE_HANDLE;
  AtlasStatus status =
    atlas_nt_create_section (machine->system,
                             ATLAS_SECTION_ALL_ACCESS,
                             is_file ? 0 : kind->n_pages * ATLAS_PAGE_BYTES,
                             kind->protect,
                             kind->is_reserve ? ATLAS_SEC_RESERVE : ATLAS_SEC_COMMIT,
                             is_file ? machine->file : NULL,
                             &object);

  g_assert_cmphex (status, ==, ATLAS_STATUS_SUCCESS);
  return object;
}

/* A file's prototype entries, once they are needed, stay with the machine. */
static void
touch_file (Machine *machine)
{
  AtlasProcess *process = make_process (machine->system, TRUE);
  AtlasSectionObject *object = open_section (machine, FILE_HANDLE);
  AtlasVa base_va = 0;

  g_assert_cmphex (atlas_map_view_of_file (object, process, ATLAS_FILE_MAP_READ, 0, 0, &base_va),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  g_assert_true (atlas_process_touch (process, base_va, ATLAS_ACCESS_READ, NULL, 0));
  atlas_section_object_close (object);
  atlas_process_terminate (process);
}

void
machine_start (Machine *machine, gboolean has_la57)
{
  AtlasSystemOptions options = ATLAS_SYSTEM_OPTIONS_DEFAULT;
  g_autofree guint8 *bytes = g_malloc (FILE_PAGES * ATLAS_PAGE_BYTES);
  g_autoptr (GBytes) contents = NULL;

  *machine = (Machine){ .system = NULL };
  options.memory_bytes = ATLAS_MB (256);
  options.has_la57 = has_la57;
  machine->system = atlas_system_new (&options, NULL);
  g_assert_nonnull (machine->system);
  g_assert_cmphex (atlas_system_add_page_file (machine->system, ATLAS_MB (64), ATLAS_MB (64)),
                   ==,
                   ATLAS_STATUS_SUCCESS);
  for (guint i = 0; i < FILE_PAGES * ATLAS_PAGE_BYTES; i++)
    bytes[i] = model_get_file_byte (i);
  contents = g_bytes_new (bytes, FILE_PAGES * ATLAS_PAGE_BYTES);
  machine->file = atlas_file_new (machine->system, "model.bin", contents, TRUE);
  touch_file (machine);

  machine->first_active_frames =
    atlas_frames_count (atlas_system_get_frames (machine->system), ATLAS_FRAME_ACTIVE);
  machine->first_charged_pages = get_charged_pages (machine->system);
  machine->n_slots = count_free_slots (machine->system);
  for (guint i = 0; i < N_PROCESSES; i++)
    {
      machine->processes[i] = make_process (machine->system, TRUE);
      machine->first_process_pages[i] = atlas_process_get_commit_pages (machine->processes[i]);
    }
}

static void
run_allocate (AtlasProcess *process, const Command *command, Answer *answer)
{
  static const guint32 types[N_COMMAND_KINDS] = {
    [COMMAND_RESERVE] = ATLAS_MEM_RESERVE,
    [COMMAND_RESERVE_COMMIT] = ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT,
    [COMMAND_COMMIT] = ATLAS_MEM_COMMIT,
    [COMMAND_PLACEHOLDER] = ATLAS_MEM_RESERVE | ATLAS_MEM_RESERVE_PLACEHOLDER,
    [COMMAND_REPLACE] = ATLAS_MEM_RESERVE | ATLAS_MEM_REPLACE_PLACEHOLDER,
    [COMMAND_REPLACE_COMMIT] = ATLAS_MEM_RESERVE | ATLAS_MEM_COMMIT | ATLAS_MEM_REPLACE_PLACEHOLDER,
    [COMMAND_RESET] = ATLAS_MEM_RESET,
  };

  answer->status = atlas_nt_allocate_virtual_memory_ex (
    process, &answer->va, &answer->size_bytes, types[command->kind], command->protect, NULL, 0);
}

static void
run_free (AtlasProcess *process, const Command *command, Answer *answer)
{
  static const guint32 types[N_COMMAND_KINDS] = {
    [COMMAND_DECOMMIT] = ATLAS_MEM_DECOMMIT,
    [COMMAND_RELEASE] = ATLAS_MEM_RELEASE,
    [COMMAND_SPLIT] = ATLAS_MEM_RELEASE | ATLAS_MEM_PRESERVE_PLACEHOLDER,
    [COMMAND_COALESCE] = ATLAS_MEM_RELEASE | ATLAS_MEM_COALESCE_PLACEHOLDERS,
  };

  answer->status =
    atlas_nt_free_virtual_memory (process, &answer->va, &answer->size_bytes, types[command->kind]);
}

static void
run_map (Machine *machine, const Command *command, Answer *answer)
{
  AtlasProcess *process = machine->processes[command->process];
  AtlasSectionObject *object = machine->handles[command->handle];
  guint64 offset = command->offset;

  if (command->kind == COMMAND_MAP_REPLACE)
    answer->status = atlas_nt_map_view_of_section_ex (object,
                                                      process,
                                                      &answer->va,
                                                      &offset,
                                                      &answer->size_bytes,
                                                      ATLAS_MEM_REPLACE_PLACEHOLDER,
                                                      command->protect,
                                                      NULL,
                                                      0);
  else
    answer->status = atlas_nt_map_view_of_section (object,
                                                   process,
                                                   &answer->va,
                                                   0,
                                                   0,
                                                   &offset,
                                                   &answer->size_bytes,
                                                   ATLAS_VIEW_UNMAP,
                                                   0,
                                                   command->protect);
}

static void
run_access (AtlasProcess *process, const Command *command, Answer *answer)
{
  static const AtlasAccess accesses[N_COMMAND_KINDS] = {
    [COMMAND_READ] = ATLAS_ACCESS_READ,
    [COMMAND_WRITE] = ATLAS_ACCESS_WRITE,
    [COMMAND_EXECUTE] = ATLAS_ACCESS_EXECUTE,
  };
  AtlasException exception = { 0 };

  answer->byte = command->value;
  answer->status = atlas_process_access (process,
                                         command->va,
                                         accesses[command->kind],
                                         FALSE,
                                         command->kind == COMMAND_EXECUTE ? NULL : &answer->byte,
                                         1,
                                         NULL,
                                         &exception);
}

void
machine_run (Machine *machine, const Command *command, Answer *answer)
{
  AtlasProcess *process = machine->processes[command->process];

  *answer = (Answer){ .va = command->va, .size_bytes = command->size_bytes };
  switch (command->kind)
    {
    case COMMAND_RESERVE:
    case COMMAND_RESERVE_COMMIT:
    case COMMAND_COMMIT:
    case COMMAND_PLACEHOLDER:
    case COMMAND_REPLACE:
    case COMMAND_REPLACE_COMMIT:
      run_allocate (process, command, answer);
      break;
    case COMMAND_DECOMMIT:
    case COMMAND_RELEASE:
    case COMMAND_SPLIT:
    case COMMAND_COALESCE:
      run_free (process, command, answer);
      break;
    case COMMAND_SECTION:
      machine->handles[command->handle] = open_section (machine, command->handle);
      break;
    case COMMAND_CLOSE:
      atlas_section_object_close (machine->handles[command->handle]);
      machine->handles[command->handle] = NULL;
      break;
    case COMMAND_MAP:
    case COMMAND_MAP_REPLACE:
      run_map (machine, command, answer);
      break;
    case COMMAND_UNMAP:
      answer->status = atlas_nt_unmap_view_of_section (process, command->va);
      break;
    case COMMAND_UNMAP_PRESERVE:
      answer->status = atlas_nt_unmap_view_preserving (process, command->va);
      break;
    case COMMAND_PROTECT:
      answer->status = atlas_nt_protect_virtual_memory (
        process, &answer->va, &answer->size_bytes, command->protect, &answer->old_protect);
      break;
    case COMMAND_TRIM:
      atlas_process_empty_working_set (process);
      break;
    case COMMAND_TICK:
      atlas_system_tick (machine->system, 10000000);
      break;
    case COMMAND_FLUSH:
      atlas_system_command_memory_list (machine->system, ATLAS_MEMORY_LIST_FLUSH_MODIFIED);
      break;
    case COMMAND_PURGE:
      atlas_system_command_memory_list (machine->system, ATLAS_MEMORY_LIST_PURGE_STANDBY);
      break;
    case COMMAND_LOCK:
      /* Quotas, and whether it was locked, are the working set's matter. */
      atlas_virtual_lock (process, command->va, command->size_bytes);
      break;
    case COMMAND_UNLOCK:
      atlas_virtual_unlock (process, command->va, command->size_bytes);
      break;
    case COMMAND_RESET:
      {
        Command reset = *command;

        reset.protect = ATLAS_PAGE_READWRITE;
        run_allocate (process, &reset, answer);
        answer->va = command->va;
        answer->size_bytes = command->size_bytes;
        break;
      }
    case COMMAND_DISCARD:
      answer->status = atlas_discard_virtual_memory (process, command->va, command->size_bytes);
      break;
    case COMMAND_READ:
    case COMMAND_WRITE:
    case COMMAND_EXECUTE:
    case N_COMMAND_KINDS:
      run_access (process, command, answer);
      break;
    }
}

static char *
release_all (AtlasProcess *process)
{
  const AtlasVadTree *tree = atlas_process_get_vads (process);
  AtlasVad *vad;

  while ((vad = atlas_vad_tree_find_overlap (tree, BASE, END - 1)) != NULL)
    {
      AtlasVa base_va = atlas_vad_get_base_va (vad);
      AtlasStatus status = vad->section != NULL
                             ? atlas_nt_unmap_view_of_section (process, base_va)
                             : atlas_virtual_free (process, base_va, 0, ATLAS_MEM_RELEASE);

      if (status != ATLAS_STATUS_SUCCESS)
        return g_strdup_printf ("%s instead of a release", atlas_status_get_name (status));
    }
  return NULL;
}

static char *
find_rest (Machine *machine)
{
  guint64 n_frames =
    atlas_frames_count (atlas_system_get_frames (machine->system), ATLAS_FRAME_ACTIVE);
  guint64 n_charged = get_charged_pages (machine->system);

  if (n_frames != machine->first_active_frames)
    return g_strdup_printf ("%u frames in use, not %u, in the end",
                            (guint) n_frames,
                            (guint) machine->first_active_frames);
  if (n_charged != machine->first_charged_pages)
    return g_strdup_printf ("%u pages charged, not %u, in the end",
                            (guint) n_charged,
                            (guint) machine->first_charged_pages);
  if (count_free_slots (machine->system) != machine->n_slots)
    return g_strdup_printf ("%u slots of the paging file are free, not %u, in the end",
                            (guint) count_free_slots (machine->system),
                            (guint) machine->n_slots);
  return NULL;
}

char *
machine_stop (Machine *machine)
{
  char *left;

  for (guint i = 0; i < N_HANDLES; i++)
    g_clear_pointer (&machine->handles[i], atlas_section_object_close);
  /* One process gives all back itself, the other leaves it to its end. */
  left = release_all (machine->processes[0]);
  if (left == NULL &&
      atlas_process_get_commit_pages (machine->processes[0]) != machine->first_process_pages[0])
    left = g_strdup ("pages are charged once all is released");
  for (guint i = 0; i < N_PROCESSES; i++)
    atlas_process_terminate (machine->processes[i]);
  if (left == NULL)
    left = find_rest (machine);
  atlas_system_free (machine->system);
  return left;
}
