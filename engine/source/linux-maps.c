/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "source/linux-maps.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* TASK_SIZE_MAX of x86-64 with four levels: the last page of the lower half is kept free. Linux,
 * arch/x86/include/asm/page_64_types.h. */
#define USER_END_VA G_GUINT64_CONSTANT (0x7ffffffff000)
/* With five levels of page tables, which a process has asked for once it maps anything there. */
#define LA57_USER_END_VA G_GUINT64_CONSTANT (0xfffffffffff000)

#define SOURCE "/proc/PID/maps"

typedef struct
{
  AtlasRegion region;
  gboolean is_shared;
  char *path; /* within the line; "" when there is none */
} Line;

/* Moves *@text behind a hexadecimal number. */
static gboolean
take_hex (char **text, guint64 *value)
{
  char *end = NULL;

  if (!g_ascii_isxdigit (**text))
    return FALSE;
  *value = g_ascii_strtoull (*text, &end, 16);
  /* At most 16 digits: more would overflow. */
  if (end - *text > 16)
    return FALSE;
  *text = end;
  return TRUE;
}

static gboolean
take_char (char **text, char expected)
{
  if (**text != expected)
    return FALSE;
  (*text)++;
  return TRUE;
}

static char *
take_word (char **text)
{
  char *word = *text;

  while (**text != '\0' && **text != ' ')
    (*text)++;
  while (**text == ' ')
    *(*text)++ = '\0';
  return word;
}

static guint32
get_protect (const char *rights)
{
  /* Write and execute rights include reading, as on the processor. */
  static const guint32 protects[2][2][2] = {
    { { ATLAS_PAGE_NOACCESS, ATLAS_PAGE_EXECUTE },
      { ATLAS_PAGE_READWRITE, ATLAS_PAGE_EXECUTE_READWRITE } },
    { { ATLAS_PAGE_READONLY, ATLAS_PAGE_EXECUTE_READ },
      { ATLAS_PAGE_READWRITE, ATLAS_PAGE_EXECUTE_READWRITE } },
  };

  return protects[rights[0] == 'r'][rights[1] == 'w'][rights[2] == 'x'];
}

static gboolean
parse_line (char *text, Line *line)
{
  guint64 end_va;
  const char *rights;

  *line = (Line){ .path = NULL };
  if (!take_hex (&text, &line->region.base_va) || !take_char (&text, '-') ||
      !take_hex (&text, &end_va) || !take_char (&text, ' '))
    return FALSE;
  if (end_va <= line->region.base_va || ((end_va | line->region.base_va) & ATLAS_PAGE_MASK) != 0)
    return FALSE;

  rights = take_word (&text);
  if (strlen (rights) != 4 || (rights[3] != 'p' && rights[3] != 's'))
    return FALSE;
  take_word (&text);              /* offset in the file */
  take_word (&text);              /* device */
  if (*take_word (&text) == '\0') /* inode */
    return FALSE;

  line->path = text;
  line->is_shared = rights[3] == 's';
  line->region.size_bytes = end_va - line->region.base_va;
  line->region.allocation_base_va = line->region.base_va;
  line->region.protect = get_protect (rights);
  line->region.allocation_protect = line->region.protect;
  return TRUE;
}

static void
classify (Line *line)
{
  static const struct
  {
    const char *prefix;
    AtlasRegionClass region_class;
    const char *reason;
  } pseudo_paths[] = {
    { "[stack", ATLAS_CLASS_STACK, N_ ("stack of the main thread") },
    { "[heap]", ATLAS_CLASS_HEAP, N_ ("what brk() gave") },
    { "[vdso]",
      ATLAS_CLASS_SYSTEM,
      N_ ("code of the kernel that programs call without a system call") },
    { "[vvar", ATLAS_CLASS_SYSTEM, N_ ("the kernel's clock data for the vDSO") },
    { "[vsyscall]", ATLAS_CLASS_SYSTEM, N_ ("three old system calls at a fixed address") },
  };
  AtlasRegion *region = &line->region;
  gboolean has_rights = region->protect != ATLAS_PAGE_NOACCESS;

  region->state = has_rights ? ATLAS_STATE_COMMIT : ATLAS_STATE_RESERVE;
  region->protect = has_rights ? region->protect : 0;
  region->type = ATLAS_TYPE_PRIVATE;
  region->region_class = ATLAS_CLASS_PRIVATE;
  region->source = SOURCE;

  if (line->path[0] != '\0')
    region->name = line->path;
  if (line->path[0] == '/' || line->is_shared)
    {
      region->type = ATLAS_TYPE_MAPPED;
      region->region_class = ATLAS_CLASS_MAPPED;
    }
  if (line->path[0] == '/')
    {
      region->name = strrchr (line->path, '/') + 1;
      region->reason = line->path;
    }
  for (guint i = 0; i < G_N_ELEMENTS (pseudo_paths); i++)
    if (g_str_has_prefix (line->path, pseudo_paths[i].prefix))
      {
        region->region_class = pseudo_paths[i].region_class;
        region->reason = pseudo_paths[i].reason;
      }
}

/* The parts of an ELF file are mapped one by one, the executable one among them: all of them are
 * the image. */
static void
find_images (GArray *lines)
{
  g_autoptr (GHashTable) images = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = &g_array_index (lines, Line, i);

      if (line->path[0] == '/' && (line->region.protect & ~0xfu) != 0)
        g_hash_table_add (images, line->path);
    }
  for (guint i = 0; i < lines->len; i++)
    {
      Line *line = &g_array_index (lines, Line, i);

      if (g_hash_table_contains (images, line->path))
        {
          line->region.type = ATLAS_TYPE_IMAGE;
          line->region.region_class = ATLAS_CLASS_IMAGE;
        }
    }
}

static AtlasRegionSet *
build (GArray *lines)
{
  AtlasVa user_end_va = USER_END_VA;
  AtlasRegionSetBuilder *builder = atlas_region_set_builder_new ();

  for (guint i = 0; i < lines->len; i++)
    {
      AtlasVa base_va = g_array_index (lines, Line, i).region.base_va;

      if (base_va >= ATLAS_BIT (47) && base_va < LA57_USER_END_VA)
        user_end_va = LA57_USER_END_VA;
    }
  atlas_region_set_builder_set_user_end (builder, user_end_va);
  atlas_region_set_builder_set_has_slots (builder, FALSE);
  for (guint i = 0; i < lines->len; i++)
    atlas_region_set_builder_add (builder, &g_array_index (lines, Line, i).region);
  return atlas_region_set_builder_end (builder);
}

AtlasRegionSet *
atlas_linux_maps_read (GBytes *text, const char *name, GError **error)
{
  gsize size_bytes;
  const char *data = g_bytes_get_data (text, &size_bytes);
  g_autofree char *copy = g_strndup (data, size_bytes);
  g_auto (GStrv) texts = g_strsplit (copy, "\n", -1);
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (Line));
  AtlasVa next_va = 0;

  for (guint i = 0; texts[i] != NULL; i++)
    {
      Line line;

      if (texts[i][0] == '\0')
        continue;
      if (!g_utf8_validate (texts[i], -1, NULL) || !parse_line (texts[i], &line) ||
          line.region.base_va < next_va)
        {
          g_set_error (error,
                       ATLAS_ERROR,
                       ATLAS_ERROR_BAD_FILE,
                       _ ("%s: line %u of its memory map: expected “first-end rights offset device "
                          "inode path” above the line before"),
                       name,
                       i + 1u);
          return NULL;
        }
      next_va = line.region.base_va + line.region.size_bytes;
      classify (&line);
      g_array_append_val (lines, line);
    }

  find_images (lines);
  return build (lines);
}

gboolean
atlas_linux_maps_is_known (GBytes *bytes)
{
  gsize size_bytes;
  const char *data = g_bytes_get_data (bytes, &size_bytes);
  const char *end = size_bytes > 0 ? memchr (data, '\n', size_bytes) : NULL;
  g_autofree char *text = NULL;
  Line line;

  if (end == NULL)
    return FALSE;
  text = g_strndup (data, (gsize) (end - data));
  return parse_line (text, &line);
}

/* ---- as a space -------------------------------------------------------------------------------
 */

typedef struct
{
  AtlasSpace space;
  AtlasRegionSet *regions;
} MapsSpace;

static void
maps_space_free (AtlasSpace *space)
{
  MapsSpace *self = (MapsSpace *) space;

  g_clear_pointer (&self->regions, atlas_region_set_unref);
  atlas_space_clear (space);
  g_free (self);
}

static AtlasRegionSet *
maps_space_get_regions (AtlasSpace *space)
{
  return ((MapsSpace *) space)->regions;
}

static const AtlasSpaceOps maps_space_ops = {
  .free = maps_space_free,
  .get_regions = maps_space_get_regions,
};

AtlasSpace *
atlas_linux_maps_open (GBytes *text, const char *name, GError **error)
{
  AtlasRegionSet *regions = atlas_linux_maps_read (text, name, error);
  MapsSpace *self;

  if (regions == NULL)
    return NULL;
  self = g_new0 (MapsSpace, 1);
  self->regions = regions;
  atlas_space_init (&self->space, &maps_space_ops, name);
  atlas_space_set_subtitle (&self->space, _ ("memory map of a Linux process"));
  return &self->space;
}
