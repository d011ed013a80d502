/* Which client certificates a server takes: those of one CA, in their validity, not revoked, for TLS clients. */
#pragma once

#include "net/http_server.h"

#include <gnutls/gnutls.h>

typedef struct http_trust http_trust;

/* crl_file may be NULL. RESULT_NOT_FOUND, RESULT_INVALID. */
result http_trust_new(const char *ca_file, const char *crl_file, http_trust **out);
void http_trust_free(http_trust **trust);

/* Judges the certificate of the session's peer and reads its name. RESULT_DENIED with *cause, a static sentence. */
result http_trust_check(const http_trust *trust, gnutls_session_t session, http_peer *peer, const char **cause);
