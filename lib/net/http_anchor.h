/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client's own check of a server, after the handshake and before the first byte of a request: libcurl checks, too,
 * but the meaning of its options and defaults has changed between versions. */
#pragma once

#include "net/http_trust.h"

#include <curl/curl.h>
#include <stdbool.h>

typedef struct http_anchor http_anchor;

/* url: of the server; the texts are copied. The files are read at the first verdict, and again for each new
 * connection. RESULT_INVALID (no host in the URL), RESULT_NO_MEMORY. */
result http_anchor_new(const char *url, const char *ca_file, const char *crl_file, const revocation_policy *policy,
                       bool allow_tls_1_2, http_anchor **out);
void http_anchor_free(http_anchor **anchor);

typedef struct http_anchor_finding {
    result files;               /* RESULT_OK, or why anchor or CRL cannot be used (http_trust_new) */
    bool resumed;               /* a session: no certificate was shown in this handshake */
    bool outside_profile;       /* TLS version or cipher (http_profile.h) */
    http_trust_verdict verdict; /* of the certificate */
} http_anchor_finding;

/* Whether the transfer may use this connection. False also when libcurl cannot identify it. Each new connection is
 * checked in full; for a kept one the certificate is compared with the checked one. */
bool http_anchor_check(http_anchor *anchor, CURL *transfer, http_anchor_finding *out);
/* After libcurl itself refused a server: the reason, from the chain that it kept, for the error message. */
http_trust_verdict http_anchor_check_kept(http_anchor *anchor, CURL *transfer);
