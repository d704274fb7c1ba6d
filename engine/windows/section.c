/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/section.h"

#include <string.h>

#include "windows/aslr.h"
#include "windows/pte.h"

/* Committed pages of a SEC_RESERVE section: ascending, apart from each other. */
typedef struct
{
  guint64 first_page;
  guint64 last_page;
} PageRun;

struct _AtlasSection
{
  AtlasSectionKind kind;
  char *name;
  AtlasSubsection *subsections;
  guint n_subsections;
  GBytes *header;
  guint64 seed;
  gboolean is_reserved;
  GArray *committed;      /* of PageRun */
  GHashTable *prototypes; /* page + 1 → prototype entry */
  GHashTable *written;    /* page + 1 → its bytes, where they are no longer made up */
  GHashTable *unreadable; /* of page + 1 */
};

AtlasSection *
atlas_section_new (AtlasSectionKind kind,
                   const char *name,
                   const AtlasSubsection *subsections,
                   guint n_subsections,
                   GBytes *header,
                   guint64 seed)
{
  AtlasSection *section;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (n_subsections > 0, NULL);

  section = g_new0 (AtlasSection, 1);
  section->kind = kind;
  section->name = g_strdup (name);
  section->subsections = g_memdup2 (subsections, n_subsections * sizeof *subsections);
  section->n_subsections = n_subsections;
  section->header = header != NULL ? g_bytes_ref (header) : NULL;
  section->seed = seed;
  section->committed = g_array_new (FALSE, FALSE, sizeof (PageRun));
  section->prototypes = g_hash_table_new (NULL, NULL);
  section->written = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  section->unreadable = g_hash_table_new (NULL, NULL);
  return section;
}

void
atlas_section_free (AtlasSection *section)
{
  if (section == NULL)
    return;
  g_hash_table_unref (section->unreadable);
  g_hash_table_unref (section->written);
  g_hash_table_unref (section->prototypes);
  g_array_unref (section->committed);
  g_clear_pointer (&section->header, g_bytes_unref);
  g_free (section->subsections);
  g_free (section->name);
  g_free (section);
}

AtlasSectionKind
atlas_section_get_kind (const AtlasSection *section)
{
  return section->kind;
}

const char *
atlas_section_get_name (const AtlasSection *section)
{
  return section->name;
}

guint64
atlas_section_get_n_pages (const AtlasSection *section)
{
  const AtlasSubsection *last = &section->subsections[section->n_subsections - 1u];

  return last->first_page + last->n_pages;
}

const AtlasSubsection *
atlas_section_find_subsection (const AtlasSection *section, guint64 page)
{
  for (guint i = 0; i < section->n_subsections; i++)
    {
      if (page - section->subsections[i].first_page < section->subsections[i].n_pages)
        return &section->subsections[i];
    }
  g_return_val_if_reached (NULL);
}

void
atlas_section_set_reserved (AtlasSection *section)
{
  section->is_reserved = TRUE;
}

/* The first run that ends at or behind @page. */
static guint
find_run (const AtlasSection *section, guint64 page)
{
  guint low = 0;
  guint high = section->committed->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2u;

      if (g_array_index (section->committed, PageRun, middle).last_page < page)
        low = middle + 1u;
      else
        high = middle;
    }
  return low;
}

void
atlas_section_commit (AtlasSection *section, guint64 first_page, guint64 n_pages)
{
  g_return_if_fail (section->is_reserved);
  g_return_if_fail (n_pages > 0);
  g_return_if_fail (first_page + n_pages <= atlas_section_get_n_pages (section));

  PageRun run = { first_page, first_page + n_pages - 1u };
  /* A run that ends right before this one grows together with it. */
  guint begin = find_run (section, first_page > 0 ? first_page - 1u : 0);
  guint end = begin;

  while (end < section->committed->len &&
         g_array_index (section->committed, PageRun, end).first_page <= run.last_page + 1u)
    {
      const PageRun *old = &g_array_index (section->committed, PageRun, end);

      run.first_page = MIN (run.first_page, old->first_page);
      run.last_page = MAX (run.last_page, old->last_page);
      end++;
    }
  if (end > begin)
    g_array_remove_range (section->committed, begin, end - begin);
  g_array_insert_val (section->committed, begin, run);
}

gboolean
atlas_section_is_committed (const AtlasSection *section, guint64 page, guint64 *last_page)
{
  guint index;

  *last_page = atlas_section_get_n_pages (section) - 1u;
  if (!section->is_reserved)
    return TRUE;

  index = find_run (section, page);
  if (index < section->committed->len)
    {
      const PageRun *run = &g_array_index (section->committed, PageRun, index);

      if (run->first_page <= page)
        {
          *last_page = run->last_page;
          return TRUE;
        }
      *last_page = run->first_page - 1u;
    }
  return FALSE;
}

static gpointer
page_key (guint64 page)
{
  return GSIZE_TO_POINTER (page + 1u);
}

guint64
atlas_section_get_prototype (const AtlasSection *section, guint64 page)
{
  return GPOINTER_TO_SIZE (g_hash_table_lookup (section->prototypes, page_key (page)));
}

void
atlas_section_set_prototype (AtlasSection *section, guint64 page, guint64 prototype)
{
  if (prototype != 0)
    g_hash_table_insert (section->prototypes, page_key (page), GSIZE_TO_POINTER (prototype));
  else
    g_hash_table_remove (section->prototypes, page_key (page));
}

gboolean
atlas_section_get_frame (const AtlasSection *section, guint64 page, AtlasPfn *pfn)
{
  guint64 prototype = atlas_section_get_prototype (section, page);

  *pfn = 0;
  if (atlas_pte_get_kind (prototype) == ATLAS_PTE_KIND_TRANSITION)
    *pfn = atlas_pte_get_pfn (prototype);
  return *pfn != 0;
}

void
atlas_section_set_frame (AtlasSection *section, guint64 page, AtlasPfn pfn)
{
  g_return_if_fail (pfn != 0);

  atlas_section_set_prototype (
    section,
    page,
    atlas_pte_make_transition (pfn, atlas_section_find_subsection (section, page)->protection));
}

#define IDIOM_BYTES 16u

typedef struct
{
  guint8 bytes[IDIOM_BYTES];
  guint8 operand; /* index of a byte that differs from place to place */
} Idiom;

/* What compilers emit most, in runs of 16 bytes: a page of them looks like code, disassembles, and
 * is made quickly. */
static const Idiom idioms[] = {
  /* mov [rsp+8], rbx; push rdi; sub rsp, 20h; mov rbx, rcx; mov rdi, rdx */
  { { 0x48,
      0x89,
      0x5c,
      0x24,
      0x08,
      0x57,
      0x48,
      0x83,
      0xec,
      0x20,
      0x48,
      0x8b,
      0xd9,
      0x48,
      0x8b,
      0xfa },
    9 },
  /* mov rbx, [rsp+30h]; add rsp, 20h; pop rdi; ret; int3… */
  { { 0x48,
      0x8b,
      0x5c,
      0x24,
      0x30,
      0x48,
      0x83,
      0xc4,
      0x20,
      0x5f,
      0xc3,
      0xcc,
      0xcc,
      0xcc,
      0xcc,
      0xcc },
    8 },
  /* mov rax, [rbx+18h]; test rax, rax; je +1ah; call; xor eax, eax */
  { { 0x48,
      0x8b,
      0x43,
      0x18,
      0x48,
      0x85,
      0xc0,
      0x74,
      0x1a,
      0xe8,
      0x34,
      0x12,
      0x00,
      0x00,
      0x33,
      0xc0 },
    11 },
  /* lea rcx, [rdi+10h]; call [rip+…]; nop… */
  { { 0x48,
      0x8d,
      0x4f,
      0x10,
      0xff,
      0x15,
      0x00,
      0x20,
      0x01,
      0x00,
      0x0f,
      0x1f,
      0x44,
      0x00,
      0x00,
      0x90 },
    6 },
  /* mov r8, [rdi+20h]; mov rdx, [rdi+8]; mov rcx, rbx; call */
  { { 0x4c,
      0x8b,
      0x47,
      0x20,
      0x48,
      0x8b,
      0x57,
      0x08,
      0x48,
      0x8b,
      0xcb,
      0xe8,
      0x00,
      0x01,
      0x00,
      0x00 },
    13 },
  /* test eax, eax; js +0eh; mov rax, [rbx]; mov rax, [rax+28h]; mov rcx, rbx; call rax */
  { { 0x85,
      0xc0,
      0x78,
      0x0e,
      0x48,
      0x8b,
      0x03,
      0x48,
      0x8b,
      0x40,
      0x28,
      0x48,
      0x8b,
      0xcb,
      0xff,
      0xd0 },
    10 },
  /* cmp dword [rbx+10h], 0; jne +8; mov eax, STATUS_INVALID_PARAMETER; jmp +4; xor eax, eax; nop */
  { { 0x83,
      0x7b,
      0x10,
      0x00,
      0x75,
      0x08,
      0xb8,
      0x0d,
      0x00,
      0x00,
      0xc0,
      0xeb,
      0x04,
      0x33,
      0xc0,
      0x90 },
    2 },
  /* movzx ecx, word [rbx+2]; mov [rsp+40h], cx; mov eax, [rbx+4]; mov [rsp+44h], eax */
  { { 0x0f,
      0xb7,
      0x4b,
      0x02,
      0x66,
      0x89,
      0x4c,
      0x24,
      0x40,
      0x8b,
      0x43,
      0x04,
      0x89,
      0x44,
      0x24,
      0x44 },
    3 },
};

_Static_assert(ATLAS_PAGE_BYTES % IDIOM_BYTES == 0, "idioms fill a page");

static void
fill_code (AtlasRandom *random, guint8 *bytes)
{
  for (gsize position = 0; position < ATLAS_PAGE_BYTES; position += IDIOM_BYTES)
    {
      guint64 drawn = atlas_random_next (random);
      const Idiom *idiom = &idioms[drawn % G_N_ELEMENTS (idioms)];

      memcpy (bytes + position, idiom->bytes, IDIOM_BYTES);
      /* Small multiples of 8, as offsets are. */
      bytes[position + idiom->operand] ^= drawn >> 32 & 0x38u;
    }
}

static void
fill_data (AtlasRandom *random, guint8 *bytes)
{
  for (gsize position = 0; position < ATLAS_PAGE_BYTES; position += sizeof (guint64))
    {
      guint64 drawn = atlas_random_next (random);
      guint64 value = 0;

      if ((drawn & 3u) == 0)
        value = drawn >> 56;
      else if ((drawn & 3u) == 1)
        value = G_GUINT64_CONSTANT (0x180000000) | (drawn >> 44 << 3);
      value = GUINT64_TO_LE (value);
      memcpy (bytes + position, &value, sizeof value);
    }
}

static void
fill_table (guint64 page, guint8 *bytes)
{
  for (gsize i = 0; i < ATLAS_PAGE_BYTES / sizeof (guint16); i++)
    {
      guint16 value = GUINT16_TO_LE ((guint16) (page * (ATLAS_PAGE_BYTES / sizeof (guint16)) + i));

      memcpy (bytes + i * sizeof value, &value, sizeof value);
    }
}

static void
fill_bitmap (AtlasRandom *random, guint8 *bytes)
{
  for (gsize position = 0; position < ATLAS_PAGE_BYTES; position += sizeof (guint64))
    {
      /* One pair of bits in eight, and of the pair the bit for an aligned target. */
      guint64 value = atlas_random_next (random) & atlas_random_next (random) &
                      atlas_random_next (random) & G_GUINT64_CONSTANT (0x5555555555555555);

      value = GUINT64_TO_LE (value);
      memcpy (bytes + position, &value, sizeof value);
    }
}

void
atlas_section_write_page (AtlasSection *section, guint64 page, const guint8 bytes[ATLAS_PAGE_BYTES])
{
  g_return_if_fail (section->kind != ATLAS_SECTION_PAGE_FILE);

  g_hash_table_insert (section->written, page_key (page), g_memdup2 (bytes, ATLAS_PAGE_BYTES));
}

void
atlas_section_set_unreadable (AtlasSection *section, guint64 page, gboolean is_unreadable)
{
  if (is_unreadable)
    g_hash_table_add (section->unreadable, page_key (page));
  else
    g_hash_table_remove (section->unreadable, page_key (page));
}

gboolean
atlas_section_is_unreadable (const AtlasSection *section, guint64 page)
{
  return g_hash_table_contains (section->unreadable, page_key (page));
}

void
atlas_section_read_page (const AtlasSection *section, guint64 page, guint8 bytes[ATLAS_PAGE_BYTES])
{
  const AtlasSubsection *subsection = atlas_section_find_subsection (section, page);
  AtlasRandom random = atlas_random_seed (section->seed ^ (page << 32));
  const guint8 *written = g_hash_table_lookup (section->written, page_key (page));

  if (written != NULL)
    {
      memcpy (bytes, written, ATLAS_PAGE_BYTES);
      return;
    }
  memset (bytes, 0, ATLAS_PAGE_BYTES);
  switch ((AtlasFill) subsection->fill)
    {
    case ATLAS_FILL_ZERO:
      break;
    case ATLAS_FILL_CODE:
      fill_code (&random, bytes);
      break;
    case ATLAS_FILL_DATA:
      fill_data (&random, bytes);
      break;
    case ATLAS_FILL_TABLE:
      fill_table (page, bytes);
      break;
    case ATLAS_FILL_BITMAP:
      fill_bitmap (&random, bytes);
      break;
    }

  if (section->header != NULL)
    {
      gsize header_bytes;
      const guint8 *header = g_bytes_get_data (section->header, &header_bytes);
      gsize offset = page * ATLAS_PAGE_BYTES;

      if (offset < header_bytes)
        memcpy (bytes, header + offset, MIN (header_bytes - offset, ATLAS_PAGE_BYTES));
    }
}
