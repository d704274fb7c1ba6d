/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/process-layout-private.h"

#include "windows/image.h"
#include "windows/virtual.h"

#define DLL_AREA_VA G_GUINT64_CONSTANT (0x7ff800000000)
#define EXE_PREFERRED_VA G_GUINT64_CONSTANT (0x140000000)
#define EXE_PREFERRED_2GB_VA G_GUINT64_CONSTANT (0x400000)
#define DLL_PREFERRED_VA G_GUINT64_CONSTANT (0x180000000)
/* Images below 4 GB: fewer bits. The same table as in aslr.c. */
#define EXE_2GB_BITS 8u
#define DLL_2GB_BITS 14u

#define INTERNALS_ASLR "Windows Internals, 7th edition, part 1, chapter 5"

static AtlasSection *
get_image (AtlasSystem *system, const AtlasModule *module, const AtlasImageTraits *traits)
{
  AtlasSection *section = atlas_system_find_section (system, module->name);

  /* A program may be called like a DLL without being it. */
  if (section == NULL || atlas_section_get_n_pages (section) != atlas_module_get_n_pages (module))
    {
      section = atlas_image_new (module, traits, system->options.seed);
      g_ptr_array_add (system->sections, section);
    }
  return section;
}

/* What the loader does to an image: reads headers, imports and unwind data, runs code, writes the
 * import table and variables. @base_va changes when the image has to go elsewhere. */
static gboolean
load_image (AtlasProcess *process,
            const AtlasModule *module,
            AtlasSection *section,
            const AtlasLayoutWords *words,
            AtlasVa *base_va)
{
  guint64 n_bytes = atlas_module_get_n_pages (module) * ATLAS_PAGE_BYTES;
  /* The same code runs in every process. */
  AtlasRandom random = atlas_random_fork (process->system->options.seed, module->name);
  AtlasVad *vad;

  if (atlas_vad_tree_find_overlap (&process->vads, *base_va, *base_va + n_bytes - 1u) != NULL &&
      !atlas_layout_find_room (
        process, n_bytes, ATLAS_ALLOCATION_GRANULARITY, process->bottom_up_va, base_va))
    return FALSE;
  vad = atlas_layout_map (process, section, *base_va, ATLAS_PROTECTION_EXECUTE_WRITECOPY, words);
  /* Every page that may be copied is paid for now. */
  if (!atlas_process_charge_commit (process, vad, module->data_pages))
    return FALSE;

  AtlasVa text_va = *base_va + ATLAS_PAGE_BYTES;
  AtlasVa rdata_va = text_va + module->text_pages * ATLAS_PAGE_BYTES;
  AtlasVa data_va = rdata_va + module->rdata_pages * ATLAS_PAGE_BYTES;
  AtlasVa pdata_va = data_va + module->data_pages * ATLAS_PAGE_BYTES;
  guint n_text = 4u + module->text_pages / 12u;
  guint n_rdata = 2u + module->rdata_pages / 12u;
  guint n_data = 1u + module->data_pages / 2u;

  return atlas_layout_touch (process, *base_va, 1, ATLAS_ACCESS_READ) &&
         atlas_layout_touch_some (
           process, &random, text_va, module->text_pages, n_text, ATLAS_ACCESS_EXECUTE) &&
         atlas_layout_touch_some (
           process, &random, rdata_va, module->rdata_pages, n_rdata, ATLAS_ACCESS_READ) &&
         atlas_layout_touch (process, pdata_va, 1, ATLAS_ACCESS_READ) &&
         atlas_layout_touch_some (
           process, &random, data_va, module->data_pages, n_data, ATLAS_ACCESS_WRITE);
}

gboolean
atlas_layout_load_program (AtlasProcess *process)
{
  const AtlasProcessOptions *options = &process->options;
  AtlasModule module = atlas_image_get_program (options->name);
  AtlasVa preferred_va = options->is_large_address_aware ? EXE_PREFERRED_VA : EXE_PREFERRED_2GB_VA;
  AtlasImageTraits traits = { .preferred_va = preferred_va,
                              .is_large_address_aware = options->is_large_address_aware,
                              .has_high_entropy = options->has_high_entropy,
                              .has_dynamic_base = options->has_dynamic_base };
  /* Drawn when the image section is made: the same until the next boot. */
  AtlasRandom boot = atlas_random_fork (process->system->options.seed, options->name);
  AtlasLayoutWords words = { ATLAS_CLASS_IMAGE, options->name, NULL, INTERNALS_ASLR };
  guint n_bits = atlas_aslr_get_entropy_bits (
    ATLAS_ASLR_EXE, options->has_high_entropy, options->has_dynamic_base);
  AtlasVa base_va = preferred_va;

  if (!options->has_dynamic_base)
    {
      words.reason = "The program, at the base address that its header prefers: it was linked "
                     "without /DYNAMICBASE and cannot be moved.";
    }
  else if (options->is_large_address_aware)
    {
      guint64 n_slots = (DLL_AREA_VA - ATLAS_LAYOUT_EXE_VA) / ATLAS_ALLOCATION_GRANULARITY -
                        (atlas_module_get_n_pages (&module) / 16u + 1u);

      base_va = ATLAS_LAYOUT_EXE_VA + atlas_random_bits (&boot, n_bits) % n_slots * ATLAS_KB (64);
      words.reason = "The program. 17 bits of its address were drawn when its image was first "
                     "loaded.";
    }
  else
    {
      base_va += atlas_random_bits (&boot, EXE_2GB_BITS) * ATLAS_KB (64);
      words.reason = "The program. 8 bits of its address were drawn when its image was first "
                     "loaded: below 4 GB there is no room for more.";
    }
  if (!load_image (
        process, &module, get_image (process->system, &module, &traits), &words, &base_va))
    return FALSE;
  process->image_va = base_va;
  return TRUE;
}

gboolean
atlas_layout_load_system_modules (AtlasProcess *process)
{
  static const AtlasImageTraits traits = { .preferred_va = DLL_PREFERRED_VA,
                                           .is_dll = TRUE,
                                           .is_large_address_aware = TRUE,
                                           .has_high_entropy = TRUE,
                                           .has_dynamic_base = TRUE };
  gboolean is_large = process->options.is_large_address_aware;
  AtlasRandom boot =
    atlas_random_fork (process->system->options.seed, is_large ? "DLLs" : "DLLs below 2 GB");
  guint n_modules;
  const AtlasModule *modules = atlas_image_get_system_modules (&n_modules);
  guint64 gaps[32];
  guint64 n_slots = 0;
  AtlasVa end_va;

  g_assert (n_modules <= G_N_ELEMENTS (gaps));
  for (guint i = 0; i < n_modules; i++)
    {
      gaps[i] = atlas_random_below (&boot, 3) == 0 ? atlas_random_below (&boot, 96) : 0;
      n_slots += gaps[i] + (atlas_module_get_n_pages (&modules[i]) + 15u) / 16u;
    }

  if (is_large)
    {
      guint n_bits = atlas_aslr_get_entropy_bits (ATLAS_ASLR_DLL, TRUE, TRUE);

      end_va = DLL_AREA_VA + n_slots * ATLAS_KB (64);
      end_va += atlas_random_bits (&boot, n_bits) %
                ((G_GUINT64_CONSTANT (0x7fffffff0000) - end_va) / ATLAS_KB (64)) * ATLAS_KB (64);
    }
  else
    {
      end_va = ATLAS_KUSER_VA - atlas_random_bits (&boot, DLL_2GB_BITS) * ATLAS_KB (64);
    }

  for (guint i = 0; i < n_modules; i++)
    {
      AtlasLayoutWords words = {
        ATLAS_CLASS_IMAGE,
        modules[i].name,
        "A system DLL: at the same base in every process until the next boot, so that "
        "all share its pages.",
        INTERNALS_ASLR
      };
      guint64 n_bytes = atlas_module_get_n_pages (&modules[i]) * ATLAS_PAGE_BYTES;
      AtlasVa base_va;

      end_va -= (n_bytes + ATLAS_KB (64) - 1u) & ~(ATLAS_KB (64) - 1u);
      base_va = end_va;
      if (!load_image (process,
                       &modules[i],
                       get_image (process->system, &modules[i], &traits),
                       &words,
                       &base_va))
        return FALSE;
      end_va -= gaps[i] * ATLAS_KB (64);
    }
  return TRUE;
}
