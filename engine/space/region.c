/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "space/region.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  guint32 bit;
  const char *short_name;
  const char *name;
} ProtectName;

/* Microsoft Learn, "Memory Protection Constants". Exactly one of these. */
static const ProtectName base_names[] = {
  { ATLAS_PAGE_NOACCESS, "—", "PAGE_NOACCESS" },
  { ATLAS_PAGE_READONLY, "R", "PAGE_READONLY" },
  { ATLAS_PAGE_READWRITE, "RW", "PAGE_READWRITE" },
  { ATLAS_PAGE_WRITECOPY, "WC", "PAGE_WRITECOPY" },
  { ATLAS_PAGE_EXECUTE, "X", "PAGE_EXECUTE" },
  { ATLAS_PAGE_EXECUTE_READ, "X·R", "PAGE_EXECUTE_READ" },
  { ATLAS_PAGE_EXECUTE_READWRITE, "X·RW", "PAGE_EXECUTE_READWRITE" },
  { ATLAS_PAGE_EXECUTE_WRITECOPY, "X·WC", "PAGE_EXECUTE_WRITECOPY" },
};

/* Any number of these on top. */
static const ProtectName modifier_names[] = {
  { ATLAS_PAGE_GUARD, "guard", "PAGE_GUARD" },
  { ATLAS_PAGE_NOCACHE, "nocache", "PAGE_NOCACHE" },
  { ATLAS_PAGE_WRITECOMBINE, "writecombine", "PAGE_WRITECOMBINE" },
};

const char *
atlas_region_state_get_name (AtlasRegionState state)
{
  switch (state)
    {
    case ATLAS_STATE_OUTSIDE:
      return N_ ("outside");
    case ATLAS_STATE_COMMIT:
      return N_ ("commit");
    case ATLAS_STATE_RESERVE:
      return N_ ("reserve");
    case ATLAS_STATE_FREE:
      return N_ ("free");
    }
  return "";
}

const char *
atlas_region_type_get_name (AtlasRegionType type)
{
  switch (type)
    {
    case ATLAS_TYPE_NONE:
      return "";
    case ATLAS_TYPE_PRIVATE:
      return N_ ("private");
    case ATLAS_TYPE_MAPPED:
      return N_ ("mapped");
    case ATLAS_TYPE_IMAGE:
      return N_ ("image");
    }
  return "";
}

const char *
atlas_region_class_get_name (AtlasRegionClass region_class)
{
  static const char *const names[ATLAS_N_CLASSES] = {
    [ATLAS_CLASS_FREE] = N_ ("free"),          [ATLAS_CLASS_HOLE] = N_ ("non-canonical hole"),
    [ATLAS_CLASS_KERNEL] = N_ ("kernel half"), [ATLAS_CLASS_UNUSABLE] = N_ ("unusable"),
    [ATLAS_CLASS_CFG] = N_ ("CFG bitmap"),     [ATLAS_CLASS_MAPPED] = N_ ("mapped"),
    [ATLAS_CLASS_IMAGE] = N_ ("image"),        [ATLAS_CLASS_PRIVATE] = N_ ("private"),
    [ATLAS_CLASS_HEAP] = N_ ("heap"),          [ATLAS_CLASS_STACK] = N_ ("stack"),
    [ATLAS_CLASS_SYSTEM] = N_ ("system"),      [ATLAS_CLASS_NEVER] = N_ ("never allocatable"),
  };

  g_return_val_if_fail ((guint) region_class < ATLAS_N_CLASSES, "");

  return names[region_class];
}

char *
atlas_protect_format_short (guint32 protect)
{
  GString *text;

  if (protect == 0)
    return g_strdup ("—");

  text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (base_names); i++)
    if ((protect & base_names[i].bit) != 0)
      {
        g_string_append (text, base_names[i].short_name);
        protect &= ~base_names[i].bit;
        break;
      }
  for (guint i = 0; i < G_N_ELEMENTS (modifier_names); i++)
    if ((protect & modifier_names[i].bit) != 0)
      {
        g_string_append_printf (
          text, "%s+%s", text->len > 0 ? " " : "", modifier_names[i].short_name);
        protect &= ~modifier_names[i].bit;
      }
  if (protect != 0)
    g_string_append_printf (text, "%s+0x%x", text->len > 0 ? " " : "", protect);

  return g_string_free (text, FALSE);
}

char *
atlas_protect_format (guint32 protect)
{
  static const struct
  {
    const ProtectName *names;
    guint n_names;
  } groups[] = {
    { base_names, G_N_ELEMENTS (base_names) },
    { modifier_names, G_N_ELEMENTS (modifier_names) },
  };
  GString *text;

  if (protect == 0)
    return g_strdup ("0");

  text = g_string_new (NULL);
  for (guint group = 0; group < G_N_ELEMENTS (groups); group++)
    for (guint i = 0; i < groups[group].n_names; i++)
      {
        const ProtectName *name = &groups[group].names[i];

        if ((protect & name->bit) != 0)
          {
            g_string_append_printf (text, "%s%s", text->len > 0 ? " | " : "", name->name);
            protect &= ~name->bit;
          }
      }
  if (protect != 0)
    g_string_append_printf (text, "%s0x%x", text->len > 0 ? " | " : "", protect);

  return g_string_free (text, FALSE);
}
