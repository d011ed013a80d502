/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Keys and certificates of an institution (for its SE), of the platform and of the history service. */
#pragma once

#include "office.h"

typedef struct institution_order {
    const char *code;     /* 10 digits */
    const char *name;     /* UTF-8 */
    const char *terminal; /* CN of the TLS client certificate */
} institution_order;

/* The SE's material in folder/<name>/ and its blank image in folder/cards/<name>/. */
result institution_make(office *o, const institution_order *order, const char *name);

/* For keys that the SE made itself: institution.pem and institution.cvc in folder/<name>/. request: a file with a
 * PKCS#10 request (PEM) that proves possession of the key, RSA-2048; its names are ignored, the order's count. Or a
 * folder with institution.csr and tls-client.csr: then tls-client.pem is made, too. (A key that only deciphers cannot
 * prove its possession by a signature, and needs no certificate: only its own terminal uses it.) RESULT_EXISTS when
 * there is such a certificate already, RESULT_BAD_SIGNATURE, RESULT_INVALID for another kind of key. */
result institution_certify(office *o, const institution_order *order, const char *name, const char *request);

/* A blank SE, in cards/name. */
result institution_make_se(const office *o, const char *name);

/* folder/pf/ and folder/history/. */
result institution_make_services(office *o);

/* An ECDSA P-256 TLS server key and certificate: tls.key and tls.pem in the folder. */
result institution_make_tls_server(office *o, const char *folder);
