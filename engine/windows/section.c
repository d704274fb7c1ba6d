/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/section-private.h"

#include <string.h>

/* Committed pages of a SEC_RESERVE section: ascending, apart from each other. */
typedef struct
{
  guint64 first_page;
  guint64 last_page;
} PageRun;

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
  section->written = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  section->unreadable = g_hash_table_new (NULL, NULL);
  section->size_bytes = atlas_section_get_n_pages (section) * ATLAS_PAGE_BYTES;
  return section;
}

void
atlas_section_free (AtlasSection *section)
{
  if (section == NULL)
    return;
  g_clear_pointer (&section->pe, atlas_pe_free);
  g_free (section->large_pfns);
  g_hash_table_unref (section->unreadable);
  g_hash_table_unref (section->written);
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
  if (page > *last_page)
    {
      /* A view may reach beyond the end of a file that will grow. */
      *last_page = G_MAXUINT64;
      return FALSE;
    }
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

void
atlas_section_write_page (AtlasSection *section, guint64 page, const guint8 bytes[ATLAS_PAGE_BYTES])
{
  guint8 *written;

  g_return_if_fail (section->kind != ATLAS_SECTION_PAGE_FILE);

  written = g_memdup2 (bytes, ATLAS_PAGE_BYTES);
  /* What was stored beyond the end of the file is lost. */
  if ((page + 1u) * ATLAS_PAGE_BYTES > section->size_bytes)
    memset (written + (section->size_bytes & ATLAS_PAGE_MASK),
            0,
            ATLAS_PAGE_BYTES - (section->size_bytes & ATLAS_PAGE_MASK));
  g_hash_table_insert (section->written, page_key (page), written);
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
atlas_section_is_held (const AtlasSection *section)
{
  return section->is_held;
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
  const guint8 *written = g_hash_table_lookup (section->written, page_key (page));

  if (written != NULL)
    {
      memcpy (bytes, written, ATLAS_PAGE_BYTES);
      return;
    }
  if (section->pe != NULL)
    {
      atlas_pe_read_page (section->pe, page, section->base_va, FALSE, bytes);
      return;
    }
  atlas_fill_page ((AtlasFill) subsection->fill, section->seed, page, bytes);
  if (section->header != NULL)
    {
      gsize header_bytes;
      const guint8 *header = g_bytes_get_data (section->header, &header_bytes);
      guint64 offset = page * ATLAS_PAGE_BYTES;

      if (offset < header_bytes)
        memcpy (bytes, header + offset, MIN (header_bytes - offset, ATLAS_PAGE_BYTES));
    }
}

AtlasSection *
atlas_section_new_image (const char *name, AtlasPe *pe, AtlasVa base_va)
{
  g_autoptr (GArray) subsections = g_array_new (FALSE, TRUE, sizeof (AtlasSubsection));
  guint64 n_pages = atlas_pe_get_n_pages (pe);
  AtlasSubsection header = { .n_pages = n_pages, .protection = ATLAS_PROTECTION_EXECUTE_WRITECOPY };
  guint64 next_page = 0;
  AtlasSection *section;

  /* A file aligned finer than pages is one subsection, with every right: general knowledge. */
  if (pe->section_alignment_bytes >= ATLAS_PAGE_BYTES)
    {
      header.n_pages = atlas_page_ceil (pe->header_bytes) / ATLAS_PAGE_BYTES;
      header.protection = ATLAS_PROTECTION_READONLY;
    }
  g_array_append_val (subsections, header);
  next_page = header.n_pages;
  for (guint i = 0; i <= pe->n_sections && next_page < n_pages; i++)
    {
      const AtlasPeSection *part = i < pe->n_sections ? &pe->sections[i] : NULL;
      AtlasSubsection subsection = { .first_page =
                                       part != NULL ? part->rva / ATLAS_PAGE_BYTES : n_pages };

      /* Alignment larger than a page leaves holes, which are nobody's. */
      if (subsection.first_page > next_page)
        {
          AtlasSubsection hole = { .first_page = next_page,
                                   .n_pages = subsection.first_page - next_page };

          g_array_append_val (subsections, hole);
        }
      if (part == NULL)
        break;
      subsection.n_pages = atlas_page_ceil (part->size_bytes) / ATLAS_PAGE_BYTES;
      subsection.protection = part->protection;
      g_strlcpy (subsection.name, part->name, sizeof subsection.name);
      g_array_append_val (subsections, subsection);
      next_page = subsection.first_page + subsection.n_pages;
    }

  section = atlas_section_new (ATLAS_SECTION_IMAGE,
                               name,
                               &g_array_index (subsections, AtlasSubsection, 0),
                               subsections->len,
                               NULL,
                               0);
  section->pe = pe;
  section->base_va = base_va;
  return section;
}

void
atlas_section_grow (AtlasSection *section, guint64 size_bytes)
{
  guint64 n_old_pages = atlas_section_get_n_pages (section);
  guint64 n_pages = atlas_page_ceil (size_bytes) / ATLAS_PAGE_BYTES;

  g_return_if_fail (size_bytes >= section->size_bytes);

  section->size_bytes = size_bytes;
  if (n_pages == n_old_pages)
    return;
  /* The entries of the old pages stay where they are: the new ones are a subsection of their own.
   */
  section->subsections =
    g_renew (AtlasSubsection, section->subsections, section->n_subsections + 1u);
  section->subsections[section->n_subsections] = section->subsections[section->n_subsections - 1u];
  section->subsections[section->n_subsections].first_page = n_old_pages;
  section->subsections[section->n_subsections].n_pages = n_pages - n_old_pages;
  section->n_subsections++;
  atlas_prototypes_attach (section, section->n_subsections - 1u);
}

guint
atlas_section_get_n_views (const AtlasSection *section)
{
  return section->n_views;
}

guint
atlas_section_get_n_references (const AtlasSection *section)
{
  return section->n_references;
}

guint64
atlas_section_get_size (const AtlasSection *section)
{
  return section->size_bytes;
}

guint64
atlas_section_count_frames (const AtlasSection *section)
{
  return section->n_frames;
}

const AtlasSubsection *
atlas_section_get_subsections (const AtlasSection *section, guint *n_subsections)
{
  *n_subsections = section->n_subsections;
  return section->subsections;
}

AtlasVa
atlas_section_get_image_base (const AtlasSection *section)
{
  return section->base_va;
}

const AtlasPe *
atlas_section_get_pe (const AtlasSection *section)
{
  return section->pe;
}
