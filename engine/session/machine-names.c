/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "session/machine-private.h"

#include <string.h>

const AtlasBinding *
atlas_machine_find (AtlasMachine *machine, const char *name)
{
  return g_hash_table_lookup (machine->names, name);
}

gboolean
atlas_machine_resolve (const char *name, AtlasVa *va, gpointer data)
{
  AtlasMachine *machine = data;
  const AtlasBinding *binding;

  if (name[0] != '$')
    return machine->process != NULL && atlas_process_find_module (machine->process, name, va);

  binding = atlas_machine_find (machine, name);
  if (binding == NULL || binding->process != NULL || binding->file != NULL ||
      binding->section != NULL)
    return FALSE;
  *va = binding->va;
  return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

const char **
atlas_machine_list_names (AtlasMachine *machine)
{
  guint n_names;
  const char **names = (const char **) g_hash_table_get_keys_as_array (machine->names, &n_names);

  qsort (names, n_names, sizeof *names, compare_names);
  return names;
}

static void
name_clear (gpointer data)
{
  AtlasName *name = data;

  g_free (name->name);
  g_free (name->of);
}

static AtlasName
describe_binding (const char *name, const AtlasBinding *binding)
{
  AtlasName described = { .name = g_strdup (name), .process = binding->process };
  const char *of = NULL;

  if (binding->process != NULL)
    {
      described.kind = ATLAS_NAME_PROCESS;
      of = atlas_process_get_name (binding->process);
    }
  else if (binding->file != NULL)
    {
      described.kind = ATLAS_NAME_FILE;
      of = atlas_file_get_name (binding->file);
    }
  else if (binding->section != NULL)
    {
      described.kind = ATLAS_NAME_SECTION;
      of = atlas_section_get_name (atlas_section_object_get_section (binding->section));
    }
  described.of = g_strdup (of);
  return described;
}

GArray *
atlas_machine_describe_names (AtlasMachine *machine)
{
  g_autofree const char **names = atlas_machine_list_names (machine);
  GArray *described = g_array_new (FALSE, FALSE, sizeof (AtlasName));

  g_array_set_clear_func (described, name_clear);
  for (guint i = 0; names[i] != NULL; i++)
    {
      AtlasName name = describe_binding (names[i], atlas_machine_find (machine, names[i]));

      g_array_append_val (described, name);
    }
  return described;
}

void
atlas_machine_bind (AtlasMachine *machine, const char *name, AtlasBinding binding)
{
  AtlasBinding *bound;

  if (name == NULL)
    return;
  bound = g_new (AtlasBinding, 1);
  *bound = binding;
  g_hash_table_insert (machine->names, g_strdup (name), bound);
}

static gboolean
is_binding_of (gpointer name, gpointer data, gpointer object)
{
  const AtlasBinding *binding = data;

  return binding->process == object || binding->section == object;
}

void
atlas_machine_unbind (AtlasMachine *machine, gpointer object)
{
  g_hash_table_foreach_remove (machine->names, is_binding_of, object);
}
