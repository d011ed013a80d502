/* What a server makes of its client's certificate: may it speak, and who is it. */
#pragma once

#include "net/http_server.h"
#include "net/http_trust.h"

/* RESULT_DENIED with *cause, a static sentence with cause and next step. */
result http_peer_judge(const http_trust *trust, gnutls_session_t session, http_peer *peer, const char **cause);

/* Before the handshake: a client certificate whose key is no ECDSA, Ed25519 or RSA key of at most 4096 bits with an exponent
 * of at most 32 ends it. GnuTLS verifies the client's signature before anybody can ask whose certificate it is, so that
 * whoever has made himself a monstrous key could make the server compute. */
void http_peer_guard(gnutls_session_t session);
