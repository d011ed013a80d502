/* Which certificates one end of a TLS connection takes from the other: those that one of the configured CAs issued, in
 * their validity, not revoked, for that end's purpose and, of a server, for its name. Client and server judge with the
 * same code, and with nothing that a library holds for trusted by itself. */
#pragma once

#include "base/result.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>

typedef struct http_trust http_trust;

typedef enum http_trust_verdict {
    HTTP_TRUST_NOT_JUDGED = 0, /* and so not trusted */
    HTTP_TRUST_GOOD,
    HTTP_TRUST_UNREADABLE,     /* there is no certificate, or it cannot be read */
    HTTP_TRUST_OTHER_CA,       /* no path of signatures leads to a configured CA */
    HTTP_TRUST_REVOKED,
    HTTP_TRUST_NO_LIST,        /* revocation lists are configured, none of them is of its issuer */
    HTTP_TRUST_OTHER_NAME,
    HTTP_TRUST_OTHER_PURPOSE,
    HTTP_TRUST_EXPIRED,
    HTTP_TRUST_NOT_YET_VALID,
    HTTP_TRUST_CA_OUT_OF_DATE, /* a CA of the path is outside its validity, the certificate itself is not */
    HTTP_TRUST_UNFIT,          /* another reason: algorithm, key, constraints, unknown critical extension */
} http_trust_verdict;

/* PEM files: one or more CAs; one or more CRLs, or NULL. RESULT_NOT_FOUND, RESULT_INVALID (holds none),
 * RESULT_BAD_SIGNATURE (none of the CAs signed the list), RESULT_NO_MEMORY; then *unusable, if not NULL, is the path
 * that is to blame. */
result http_trust_new(const char *ca_file, const char *crl_file, http_trust **out, const char **unusable);
void http_trust_free(http_trust **trust);

/* Seconds since 1970: the earliest end (nextUpdate) of the lists; INT64_MAX without one. */
int64_t http_trust_lists_until(const http_trust *trust);

/* Judges a chain, the peer's own certificate first. purpose: GNUTLS_KP_TLS_WWW_CLIENT or _SERVER, which the certificate
 * must name. host: a DNS name, or an IP address without brackets; NULL: any. */
http_trust_verdict http_trust_judge(const http_trust *trust, const gnutls_datum_t *chain, unsigned count,
                                    gnutls_x509_crt_fmt_t format, const char *purpose, const char *host);
/* The same for what the session's peer has shown. */
http_trust_verdict http_trust_judge_peer(const http_trust *trust, gnutls_session_t session, const char *purpose,
                                         const char *host);
