/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Distinguished names (X.501) in the order written: a list of attributes ended by {NULL, NULL}. */
#pragma once

#include <openssl/x509.h>

#define NAME_PARTS_MAX 8

typedef struct name_part {
    const char *attribute; /* OpenSSL's short name: C, O, OU, L, CN, title, serialNumber */
    const char *value;     /* UTF-8 */
} name_part;

/* countryName and serialNumber become PrintableString, the others UTF8String, as in JPKI certificates. NULL when a
 * value does not fit its attribute. */
X509_NAME *name_new(const name_part *parts);

/* RFC 4514 text, last attribute first, UTF-8 unescaped: what GnuTLS prints and services compare. Free with
 * OPENSSL_free. */
char *name_text(const X509_NAME *name);
