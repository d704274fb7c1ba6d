/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

#include "session/machine.h"
#include "windows/view.h"

G_BEGIN_DECLS

/* What a name is bound to: the one that is not NULL, or the address. */
typedef struct
{
  AtlasProcess *process;
  AtlasFile *file;
  AtlasSectionObject *section;
  AtlasVa va;
} AtlasBinding;

/* NULL when @name is not bound. Borrowed, until names change. */
const AtlasBinding *atlas_machine_find (AtlasMachine *machine, const char *name);
/* Binds @name anew; does nothing without a name. */
void atlas_machine_bind (AtlasMachine *machine, const char *name, AtlasBinding binding);
/* Forgets the names of @object, a process or a section that ends. */
void atlas_machine_unbind (AtlasMachine *machine, gpointer object);

G_END_DECLS
