/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* TLS certificates for servers anywhere, and for terminals whose TLS key is not in an SE: ECDSA P-256. */
#pragma once

#include "ca_institution.h"

/* tls.key and tls.pem in folder/<name>/. hosts: DNS names and IP addresses, separated by commas; the first one is the
 * certificate's CN, too. RESULT_INVALID: one of them is neither; RESULT_EXISTS: there is such a certificate already. */
result tls_issue_server(office *o, const char *hosts, const char *name);

/* tls-client.key and tls-client.pem in folder/<name>/, for that institution and terminal. request: a PKCS #10 request
 * (PEM) for a P-256 key that its holder keeps, in a TPM for example; then only the certificate is made. NULL: none.
 * RESULT_EXISTS, RESULT_INVALID (another kind of key), RESULT_BAD_SIGNATURE. */
result tls_issue_client(office *o, const institution_order *order, const char *request, const char *name);
