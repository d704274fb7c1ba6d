/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lists/region-operation.h"

#include <glib/gi18n.h>

static const AtlasProtectionChoice choices[] = {
  { ATLAS_PAGE_NOACCESS, "noaccess", "PAGE_NOACCESS" },
  { ATLAS_PAGE_READONLY, "readonly", "PAGE_READONLY" },
  { ATLAS_PAGE_READWRITE, "readwrite", "PAGE_READWRITE" },
  { ATLAS_PAGE_WRITECOPY, "writecopy", "PAGE_WRITECOPY" },
  { ATLAS_PAGE_EXECUTE, "execute", "PAGE_EXECUTE" },
  { ATLAS_PAGE_EXECUTE_READ, "execute_read", "PAGE_EXECUTE_READ" },
  { ATLAS_PAGE_EXECUTE_READWRITE, "execute_readwrite", "PAGE_EXECUTE_READWRITE" },
  { ATLAS_PAGE_EXECUTE_WRITECOPY, "execute_writecopy", "PAGE_EXECUTE_WRITECOPY" },
};
#define CHOICE_READWRITE 2u
/* The low byte of PAGE_* is the protection; GUARD, NOCACHE, WRITECOMBINE stand above it. */
#define PROTECT_MASK 0xffu

_Static_assert(G_N_ELEMENTS (choices) == ATLAS_N_PROTECTION_CHOICES, "one row a choice");

static const char *const labels[] = {
  [ATLAS_OPERATION_COMMIT] = N_ ("_Commit"),
  [ATLAS_OPERATION_DECOMMIT] = N_ ("_Decommit"),
  [ATLAS_OPERATION_RELEASE] = N_ ("Re_lease"),
  [ATLAS_OPERATION_PROTECT] = N_ ("_Protect"),
  [ATLAS_OPERATION_ALLOCATE] = N_ ("_Allocate Here…"),
  [ATLAS_OPERATION_READ] = N_ ("_Read"),
  [ATLAS_OPERATION_WRITE] = N_ ("_Write"),
  [ATLAS_OPERATION_EXECUTE] = N_ ("E_xecute"),
};

_Static_assert(G_N_ELEMENTS (labels) == ATLAS_N_OPERATIONS, "one label an operation");

const AtlasProtectionChoice *
atlas_protection_choice_get (guint index)
{
  g_return_val_if_fail (index < G_N_ELEMENTS (choices), NULL);

  return &choices[index];
}

guint
atlas_protection_choice_find (guint32 protect)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (choices[i].protect == (protect & PROTECT_MASK))
      return i;

  return CHOICE_READWRITE;
}

guint
atlas_protection_choice_suggest (const AtlasRegion *region)
{
  g_return_val_if_fail (region != NULL, CHOICE_READWRITE);

  if (region->state == ATLAS_STATE_COMMIT)
    return atlas_protection_choice_find (region->protect);
  if ((region->allocation_protect & ATLAS_PAGE_NOACCESS) != 0)
    return CHOICE_READWRITE;
  return atlas_protection_choice_find (region->allocation_protect);
}

const char *
atlas_region_operation_get_label (AtlasRegionOperation operation)
{
  g_return_val_if_fail (operation < ATLAS_N_OPERATIONS, NULL);

  return _ (labels[operation]);
}

const char *
atlas_region_operation_refuse (AtlasRegionOperation operation, AtlasDocument *document)
{
  const AtlasRegion *region;

  g_return_val_if_fail (ATLAS_IS_DOCUMENT (document), NULL);

  if (!atlas_document_is_simulation (document))
    return _ ("A dump is a picture of one moment: only a simulation can be changed.");

  region = atlas_document_get_selected_region (document);
  if (region == NULL)
    return _ ("Nothing is selected.");

  switch (operation)
    {
    case ATLAS_OPERATION_COMMIT:
      if (region->state == ATLAS_STATE_COMMIT)
        return _ ("These pages are committed already.");
      if (region->state != ATLAS_STATE_RESERVE)
        return _ ("Only reserved pages can be committed; allocate here first.");
      return NULL;
    case ATLAS_OPERATION_DECOMMIT:
      if (region->state != ATLAS_STATE_COMMIT)
        return _ ("Only committed pages can be decommitted.");
      if (region->type != ATLAS_TYPE_PRIVATE)
        return _ ("Only private pages can be decommitted; a view is unmapped as a whole.");
      return NULL;
    case ATLAS_OPERATION_RELEASE:
      if (region->state != ATLAS_STATE_COMMIT && region->state != ATLAS_STATE_RESERVE)
        return _ ("There is no allocation to release here.");
      if (region->type != ATLAS_TYPE_PRIVATE)
        return _ ("Only private allocations are released; views and images are unmapped.");
      return NULL;
    case ATLAS_OPERATION_PROTECT:
      if (region->state != ATLAS_STATE_COMMIT)
        return _ ("Only committed pages have a protection to change.");
      return NULL;
    case ATLAS_OPERATION_ALLOCATE:
    case ATLAS_OPERATION_READ:
    case ATLAS_OPERATION_WRITE:
    case ATLAS_OPERATION_EXECUTE:
      return NULL;
    case ATLAS_N_OPERATIONS:
      break;
    }
  g_return_val_if_reached (NULL);
}

char *
atlas_region_operation_format (AtlasRegionOperation operation,
                               const AtlasRegion *region,
                               AtlasVa va,
                               guint protection)
{
  g_autofree char *size = NULL;

  g_return_val_if_fail (region != NULL, NULL);
  g_return_val_if_fail (protection < G_N_ELEMENTS (choices), NULL);

  size = atlas_format_size_exact (region->size_bytes);
  switch (operation)
    {
    case ATLAS_OPERATION_COMMIT:
      return g_strdup_printf (
        "commit 0x%" G_GINT64_MODIFIER "x %s %s", region->base_va, size, choices[protection].word);
    case ATLAS_OPERATION_DECOMMIT:
      return g_strdup_printf ("decommit 0x%" G_GINT64_MODIFIER "x %s", region->base_va, size);
    case ATLAS_OPERATION_RELEASE:
      return g_strdup_printf ("release 0x%" G_GINT64_MODIFIER "x", region->allocation_base_va);
    case ATLAS_OPERATION_PROTECT:
      return g_strdup_printf (
        "protect 0x%" G_GINT64_MODIFIER "x %s %s", region->base_va, size, choices[protection].word);
    case ATLAS_OPERATION_READ:
      return g_strdup_printf ("read 0x%" G_GINT64_MODIFIER "x 1", va);
    case ATLAS_OPERATION_WRITE:
      return g_strdup_printf ("write 0x%" G_GINT64_MODIFIER "x 1", va);
    case ATLAS_OPERATION_EXECUTE:
      return g_strdup_printf ("execute 0x%" G_GINT64_MODIFIER "x", va);
    case ATLAS_OPERATION_ALLOCATE:
    case ATLAS_N_OPERATIONS:
      break;
    }
  g_return_val_if_reached (NULL);
}
