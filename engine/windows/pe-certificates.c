/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "windows/pe-certificates.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/format.h"

#define HEADER_BYTES 8u
#define ALIGNMENT 8u

static guint32
read_little (const guint8 *bytes, guint n_bytes)
{
  guint32 value = 0;

  for (guint i = n_bytes; i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

GArray *
atlas_pe_list_certificates (const AtlasPe *pe, gboolean *is_damaged)
{
  GArray *certificates = g_array_new (FALSE, FALSE, sizeof (AtlasPeCertificate));
  const AtlasPeDirectory *directory;
  const guint8 *bytes;
  gsize n_bytes;
  guint64 offset, end;
  gboolean is_whole = TRUE;

  g_return_val_if_fail (pe != NULL, certificates);

  bytes = g_bytes_get_data (pe->bytes, &n_bytes);
  /* Of all directories the only one whose place is one in the file. */
  directory = &pe->native.directories[ATLAS_PE_DIRECTORY_SECURITY];
  offset = directory->rva;
  end = offset + directory->size_bytes;
  if (directory->size_bytes > 0)
    is_whole = offset != 0 && offset % ALIGNMENT == 0 && end <= n_bytes;
  while (is_whole && offset < end)
    {
      AtlasPeCertificate certificate = { .file_offset = offset };

      is_whole = end - offset >= HEADER_BYTES;
      if (!is_whole)
        break;
      certificate.size_bytes = read_little (bytes + offset, 4);
      certificate.revision = (guint16) read_little (bytes + offset + 4, 2);
      certificate.type = (guint16) read_little (bytes + offset + 6, 2);
      is_whole = certificate.size_bytes >= HEADER_BYTES && certificate.size_bytes <= end - offset;
      if (!is_whole)
        break;
      g_array_append_val (certificates, certificate);
      offset += ((guint64) certificate.size_bytes + ALIGNMENT - 1u) & ~(guint64) (ALIGNMENT - 1u);
    }
  if (is_damaged != NULL)
    *is_damaged = !is_whole;
  return certificates;
}

static const char *
get_type_name (guint16 type)
{
  switch (type)
    {
    case ATLAS_PE_CERTIFICATE_X509:
      return "X.509";
    case ATLAS_PE_CERTIFICATE_PKCS7:
      return N_ ("PKCS #7 signed data");
    case ATLAS_PE_CERTIFICATE_STACK:
      return N_ ("Terminal Services stack");
    default:
      return N_ ("unknown certificate");
    }
}

char *
atlas_pe_certificates_format (const AtlasPe *pe)
{
  gboolean is_damaged;
  g_autoptr (GArray) certificates = NULL;
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (pe != NULL, NULL);

  certificates = atlas_pe_list_certificates (pe, &is_damaged);
  if (certificates->len == 0)
    return g_strdup (is_damaged ? _ ("damaged table of certificates")
                                : _ ("none in the file (a catalog may sign it)"));
  text = g_string_new (NULL);
  for (guint i = 0; i < certificates->len; i++)
    {
      const AtlasPeCertificate *certificate = &g_array_index (certificates, AtlasPeCertificate, i);
      g_autofree char *size = atlas_format_size (certificate->size_bytes);

      g_string_append_printf (
        text, "%s%s, %s", i > 0 ? ", " : "", _ (get_type_name (certificate->type)), size);
    }
  if (is_damaged)
    g_string_append (text, _ (", the rest damaged"));
  g_string_append (text, _ ("; not verified here"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}
