/* SPDX-License-Identifier: LGPL-3.0-or-later */
#pragma once

/* What is appended to a program file to sign it. Windows does not map it.
 *
 *   file   headers │ sections …│ certificate │ certificate │      each begins at a multiple of 8
 *                               length, revision, type, bytes
 *
 * Microsoft Learn, "PE Format", The Attribute Certificate Table. Nothing here is verified: whoever
 * writes a file can write any certificate into it. Most of Windows' own files have none and are
 * named in a catalog instead, which is another file.
 */

#include "windows/pe.h"

G_BEGIN_DECLS

/* wCertificateType */
#define ATLAS_PE_CERTIFICATE_X509 0x0001u
#define ATLAS_PE_CERTIFICATE_PKCS7 0x0002u
#define ATLAS_PE_CERTIFICATE_STACK 0x0004u

typedef struct
{
  guint64 file_offset;
  guint32 size_bytes; /* with its header of 8 bytes */
  guint16 revision;   /* 0x100, 0x200 */
  guint16 type;
} AtlasPeCertificate;

/* Of AtlasPeCertificate, as they lie in the file; empty without a table. @is_damaged (or NULL): the
 * table, or one of them, reaches beyond what holds it; those before it are listed. (transfer full)
 * O(certificates). */
ATLAS_AVAILABLE GArray *atlas_pe_list_certificates (const AtlasPe *pe, gboolean *is_damaged);
/* "PKCS #7 signed data, 8.1 KB; not verified here". (transfer full) */
ATLAS_AVAILABLE char *atlas_pe_certificates_format (const AtlasPe *pe);

G_END_DECLS
