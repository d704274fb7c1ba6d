/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/allocate-private.h"

/* This machine has one node. */
#define N_NODES 1u
#define NO_PREFERRED_NODE G_MAXUINT32
#define MACHINE_UNKNOWN 0x0000u
#define MACHINE_AMD64 0x8664u

/* What a program may ask for without anything here being different for it: graphics drivers'
 * pages, pages that need no zeroing, pages that come one by one. */
#define IDLE_ATTRIBUTES                                                                            \
  (ATLAS_ATTRIBUTE_GRAPHICS | ATLAS_ATTRIBUTE_NONPAGED | ATLAS_ATTRIBUTE_ZERO_PAGES_OPTIONAL |     \
   ATLAS_ATTRIBUTE_SOFT_FAULT_PAGES)
#define LARGE_ATTRIBUTES (ATLAS_ATTRIBUTE_NONPAGED_LARGE | ATLAS_ATTRIBUTE_NONPAGED_HUGE)
/* ARM64 hosts, secure processors and memory tags: not this machine. */
#define FOREIGN_ATTRIBUTES                                                                         \
  (ATLAS_ATTRIBUTE_EC_CODE | ATLAS_ATTRIBUTE_SECURE_PAGES | ATLAS_ATTRIBUTE_TAGGED)

/* Microsoft Learn, MEM_ADDRESS_REQUIREMENTS; Wine, dlls/ntdll/tests/virtual.c. */
static AtlasStatus
check_requirements (const AtlasProcess *process, const AtlasAddressRequirements *requirements)
{
  guint64 alignment_bytes = requirements->alignment_bytes;
  AtlasVa lowest_va = requirements->lowest_va;
  AtlasVa highest_va = requirements->highest_va;

  if ((lowest_va & (ATLAS_ALLOCATION_GRANULARITY - 1u)) != 0 || lowest_va > process->max_va)
    return ATLAS_STATUS_INVALID_PARAMETER;
  if (highest_va != 0 && ((highest_va & ATLAS_PAGE_MASK) != ATLAS_PAGE_MASK ||
                          highest_va > process->max_va || highest_va <= lowest_va))
    return ATLAS_STATUS_INVALID_PARAMETER;
  if (alignment_bytes != 0 && ((alignment_bytes & (alignment_bytes - 1u)) != 0 ||
                               alignment_bytes < ATLAS_ALLOCATION_GRANULARITY))
    return ATLAS_STATUS_INVALID_PARAMETER;
  return ATLAS_STATUS_SUCCESS;
}

static AtlasStatus
check_attributes (guint64 attributes)
{
  if ((attributes & ~(guint64) (IDLE_ATTRIBUTES | LARGE_ATTRIBUTES | FOREIGN_ATTRIBUTES)) != 0)
    return ATLAS_STATUS_INVALID_PARAMETER;
  return (attributes & FOREIGN_ATTRIBUTES) != 0 ? ATLAS_STATUS_NOT_SUPPORTED : ATLAS_STATUS_SUCCESS;
}

AtlasStatus
atlas_extended_parameters_read (const AtlasProcess *process,
                                const AtlasExtendedParameter *parameters,
                                guint n_parameters,
                                AtlasExtendedArguments *arguments)
{
  guint32 seen = 0;

  *arguments = (AtlasExtendedArguments){ 0 };
  if (n_parameters > 0 && parameters == NULL)
    return ATLAS_STATUS_INVALID_PARAMETER;

  /* The shape of all of them comes before the meaning of any. */
  for (guint i = 0; i < n_parameters; i++)
    {
      guint32 type = parameters[i].type;

      if (type == ATLAS_EXTENDED_INVALID || type >= ATLAS_N_EXTENDED || (seen >> type & 1u) != 0)
        return ATLAS_STATUS_INVALID_PARAMETER;
      seen |= 1u << type;
    }

  for (guint i = 0; i < n_parameters; i++)
    {
      guint64 value = parameters[i].value;
      AtlasStatus status = ATLAS_STATUS_SUCCESS;

      switch ((AtlasExtendedType) parameters[i].type)
        {
        case ATLAS_EXTENDED_ADDRESS_REQUIREMENTS:
          if (parameters[i].requirements == NULL)
            return ATLAS_STATUS_INVALID_PARAMETER;
          arguments->requirements = *parameters[i].requirements;
          status = check_requirements (process, &arguments->requirements);
          break;
        case ATLAS_EXTENDED_NUMA_NODE:
          /* All memory is on one node: the preference changes nothing. */
          if (value >= N_NODES && value != NO_PREFERRED_NODE)
            status = ATLAS_STATUS_INVALID_PARAMETER;
          break;
        case ATLAS_EXTENDED_PARTITION_HANDLE:
        case ATLAS_EXTENDED_USER_PHYSICAL_HANDLE:
          /* There is one partition, which nobody has a handle to. */
          if (value != 0)
            status = ATLAS_STATUS_INVALID_HANDLE;
          break;
        case ATLAS_EXTENDED_ATTRIBUTE_FLAGS:
          arguments->attributes = value;
          status = check_attributes (value);
          break;
        case ATLAS_EXTENDED_IMAGE_MACHINE:
          arguments->image_machine = (guint32) value;
          if (value != MACHINE_UNKNOWN && value != MACHINE_AMD64)
            status =
              n_parameters == 1 ? ATLAS_STATUS_NOT_SUPPORTED : ATLAS_STATUS_INVALID_PARAMETER;
          break;
        case ATLAS_EXTENDED_INVALID:
        case ATLAS_N_EXTENDED:
          g_assert_not_reached ();
        }
      if (status != ATLAS_STATUS_SUCCESS)
        return status;
    }
  return ATLAS_STATUS_SUCCESS;
}
