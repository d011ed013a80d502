/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Certificates that one end of a TLS connection accepts from the other: issued by a configured CA, valid, not revoked,
 * for that end's purpose and, for a server, with its name. Revocation lists: crypt/revocation_policy.h. Client and
 * server use the same code, and none of a library's default trust. */
#pragma once

#include "base/result.h"
#include "crypt/revocation_policy.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct http_trust http_trust;

typedef enum http_trust_verdict {
    HTTP_TRUST_NOT_CHECKED = 0, /* and so not trusted */
    HTTP_TRUST_GOOD,
    HTTP_TRUST_UNREADABLE, /* there is no certificate, or it cannot be read */
    HTTP_TRUST_OTHER_CA,   /* no path of signatures leads to a configured CA */
    HTTP_TRUST_REVOKED,
    HTTP_TRUST_NO_LIST, /* none of the revocation lists is of its issuer */
    HTTP_TRUST_OTHER_NAME,
    HTTP_TRUST_OTHER_PURPOSE,
    HTTP_TRUST_EXPIRED,
    HTTP_TRUST_NOT_YET_VALID,
    HTTP_TRUST_CA_OUT_OF_DATE, /* a CA of the path is outside its validity, the certificate itself is not */
    HTTP_TRUST_LIST_STALE,     /* the revocation list of its issuer: past its nextUpdate and the grace */
    HTTP_TRUST_LIST_EARLY,     /* from the future */
    HTTP_TRUST_LIST_UNFIT,     /* a part only, or not understood */
    HTTP_TRUST_KEY,            /* a key outside crypt/key_rule.h: nothing was computed with it */
    HTTP_TRUST_UNFIT,          /* another reason: algorithm, key, constraints, unknown critical extension */
} http_trust_verdict;

/* PEM files: one or more CAs; one or more CRLs, or NULL. Their file may be missing when the policy allows that there is
 * none; without lists no certificate is revoked, and only then intermediate CAs are allowed. RESULT_NOT_FOUND,
 * RESULT_INVALID (holds none), RESULT_BAD_SIGNATURE (none of the CAs signed the lists), RESULT_KEY, RESULT_NO_MEMORY;
 * then *unusable, if not NULL, is the faulty file's path. A stale list is no failure here; the verdict reports it. */
result http_trust_new(const char *ca_file, const char *crl_file, const revocation_policy *policy, http_trust **out,
                      const char **unusable);
/* Another holder of the same: each frees it. */
http_trust *http_trust_share(http_trust *trust);
void http_trust_free(http_trust **trust);

/* The worst state of the CAs' lists now; REVOCATION_CURRENT without lists. */
revocation_state http_trust_lists_state(const http_trust *trust);
/* Whether next has an older list of a CA than former. */
bool http_trust_is_older(const http_trust *next, const http_trust *former);

/* Checks a chain, the peer's own certificate first. purpose: GNUTLS_KP_TLS_WWW_CLIENT or _SERVER, which the certificate
 * must name. host: a DNS name, or an IP address without brackets; NULL: any. */
http_trust_verdict http_trust_check(const http_trust *trust, const gnutls_datum_t *chain, unsigned count,
                                    gnutls_x509_crt_fmt_t format, const char *purpose, const char *host);
/* The same for the certificates of the session's peer. */
http_trust_verdict http_trust_check_peer(const http_trust *trust, gnutls_session_t session, const char *purpose,
                                         const char *host);
