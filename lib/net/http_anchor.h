/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The client's own verdict of a server, after the handshake and before the first byte of a request: libcurl checks
 * too, but what its options and their absence mean has changed between its versions. */
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
    bool outside_profile;       /* TLS version or cipher (http_profile.h) */
    http_trust_verdict verdict; /* of the certificate */
} http_anchor_finding;

/* The connection that the transfer is about to use. True: it may. False also when libcurl cannot tell what connection
 * that is. Each new connection is checked in full; on one that libcurl kept, the certificate is compared with the one
 * that was checked. */
bool http_anchor_check(http_anchor *anchor, CURL *transfer, http_anchor_finding *out);
/* After libcurl refused a server by itself, for words: what there is to say against the chain that it kept. */
http_trust_verdict http_anchor_check_kept(http_anchor *anchor, CURL *transfer);
