/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/process-layout-private.h"

#include <glib/gi18n-lib.h>

#include "windows/image.h"
#include "windows/section-object-private.h"
#include "windows/view.h"
#include "windows/virtual.h"

#define DLL_PREFERRED_VA G_GUINT64_CONSTANT (0x180000000)

#define INTERNALS_ASLR "Windows Internals, 7th edition, part 1, chapter 5"

static AtlasSection *
get_image (AtlasSystem *system, const AtlasModule *module, const AtlasImageTraits *traits)
{
  AtlasSection *section = atlas_system_find_section (system, module->name);

  /* A program may be called like a DLL without being it. */
  if (section == NULL || atlas_section_get_n_pages (section) != atlas_module_get_n_pages (module))
    {
      section = atlas_image_new (module, traits, system->options.seed);
      atlas_system_keep_section (system, section);
    }
  return section;
}

/* What the loader does to an image: reads headers, imports and unwind data, runs code, writes the
 * import table and variables. */
static gboolean
load_image (AtlasProcess *process,
            const AtlasModule *module,
            AtlasSection *section,
            const AtlasLayoutWords *words,
            AtlasVa base_va)
{
  /* The same code runs in every process. */
  AtlasRandom random = atlas_random_fork (process->system->options.seed, module->name);
  AtlasVad *vad =
    atlas_layout_map (process, section, base_va, ATLAS_PROTECTION_EXECUTE_WRITECOPY, words);
  /* Every page that may be copied is paid for now. */
  if (!atlas_process_charge_commit (process, vad, module->data_pages))
    return FALSE;

  AtlasVa text_va = base_va + ATLAS_PAGE_BYTES;
  AtlasVa rdata_va = text_va + module->text_pages * ATLAS_PAGE_BYTES;
  AtlasVa data_va = rdata_va + module->rdata_pages * ATLAS_PAGE_BYTES;
  AtlasVa pdata_va = data_va + module->data_pages * ATLAS_PAGE_BYTES;
  guint n_text = 4u + module->text_pages / 12u;
  guint n_rdata = 2u + module->rdata_pages / 12u;
  guint n_data = 1u + module->data_pages / 2u;

  return atlas_layout_touch (process, base_va, 1, ATLAS_ACCESS_READ) &&
         atlas_layout_touch_some (
           process, &random, text_va, module->text_pages, n_text, ATLAS_ACCESS_EXECUTE) &&
         atlas_layout_touch_some (
           process, &random, rdata_va, module->rdata_pages, n_rdata, ATLAS_ACCESS_READ) &&
         atlas_layout_touch (process, pdata_va, 1, ATLAS_ACCESS_READ) &&
         atlas_layout_touch_some (
           process, &random, data_va, module->data_pages, n_data, ATLAS_ACCESS_WRITE);
}

static const char *
get_program_reason (const AtlasProcessOptions *options)
{
  if (!options->has_dynamic_base)
    return options->is_forced
             ? N_ ("The program, linked without /DYNAMICBASE: the policy of mandatory ASLR moves "
                   "it to "
                   "where the lowest bottom-up allocation goes.")
             : N_ ("The program, at the base address that its header prefers: it was linked "
                   "without /DYNAMICBASE and cannot be moved.");
  return options->is_32bit || !options->is_large_address_aware
           ? N_ ("The program. 8 bits of its address were drawn when its image was first loaded: "
                 "below "
                 "4 GB there is no room for more.")
           : N_ ("The program. 17 bits of its address were drawn when its image was first loaded.");
}

AtlasStatus
atlas_process_options_read_image (AtlasProcessOptions *options, guint64 *n_pages)
{
  g_autoptr (AtlasPe) pe = NULL;
  AtlasStatus status = atlas_file_read_image (options->image_file, &pe);

  if (status != ATLAS_STATUS_SUCCESS)
    return status;
  options->has_dynamic_base = atlas_pe_has_dynamic_base (pe);
  options->is_large_address_aware = (pe->characteristics & ATLAS_PE_LARGE_ADDRESS_AWARE) != 0;
  options->has_high_entropy = (pe->dll_characteristics & ATLAS_PE_HIGH_ENTROPY) != 0;
  options->machine = pe->native.machine;
  options->is_32bit = options->machine == ATLAS_MACHINE_I386;
  *n_pages = pe->image_bytes / ATLAS_PAGE_BYTES;
  if ((pe->characteristics & ATLAS_PE_DLL) != 0 ||
      (options->machine != ATLAS_MACHINE_AMD64 && options->machine != ATLAS_MACHINE_ARM64 &&
       options->machine != ATLAS_MACHINE_I386))
    return ATLAS_STATUS_INVALID_IMAGE_FORMAT;
  return ATLAS_STATUS_SUCCESS;
}

gboolean
atlas_layout_load_file (AtlasProcess *process)
{
  return process->options.image_file == NULL ||
         (atlas_status_is_success (
            atlas_process_load_image (process, process->options.image_file, &process->image_va)) &&
          atlas_layout_touch (process, process->image_va, 1, ATLAS_ACCESS_READ));
}

gboolean
atlas_layout_load_program (AtlasProcess *process, const AtlasPlacement *placement)
{
  const AtlasProcessOptions *options = &process->options;
  AtlasModule module = atlas_image_get_program (options->name);
  AtlasImageTraits traits = { .preferred_va = atlas_placement_get_preferred_va (options),
                              .is_large_address_aware = options->is_large_address_aware,
                              .has_high_entropy = options->has_high_entropy,
                              .has_dynamic_base = options->has_dynamic_base };
  AtlasLayoutWords words = {
    ATLAS_CLASS_IMAGE, options->name, get_program_reason (options), INTERNALS_ASLR
  };

  if (options->image_file != NULL)
    return atlas_layout_load_file (process);
  process->image_va = placement->exe_va;
  return load_image (
    process, &module, get_image (process->system, &module, &traits), &words, placement->exe_va);
}

gboolean
atlas_layout_load_system_modules (AtlasProcess *process, const AtlasPlacement *placement)
{
  static const AtlasImageTraits traits = { .preferred_va = DLL_PREFERRED_VA,
                                           .is_dll = TRUE,
                                           .is_large_address_aware = TRUE,
                                           .has_high_entropy = TRUE,
                                           .has_dynamic_base = TRUE };
  guint n_modules;
  const AtlasModule *modules = atlas_image_get_system_modules (&n_modules);

  for (guint i = 0; i < n_modules; i++)
    {
      AtlasLayoutWords words = {
        ATLAS_CLASS_IMAGE,
        modules[i].name,
        N_ ("A system DLL: at the same base in every process until the next boot, so that "
            "all share its pages."),
        INTERNALS_ASLR
      };

      if (!load_image (process,
                       &modules[i],
                       get_image (process->system, &modules[i], &traits),
                       &words,
                       placement->module_va[i]))
        return FALSE;
    }
  return TRUE;
}
