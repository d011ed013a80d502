/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_profile.h"

#include <stddef.h>
#include <stdlib.h>

#define PRIORITIES(versions, exchange)                                                                                 \
    "NORMAL:-VERS-ALL:" versions ":-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-GROUP-ALL:+GROUP-X25519:" \
    "+GROUP-SECP256R1:+GROUP-SECP384R1" exchange ":%SERVER_PRECEDENCE"
#define PRIORITIES_1_3 PRIORITIES("+VERS-TLS1.3", "")
#define PRIORITIES_1_2 PRIORITIES("+VERS-TLS1.3:+VERS-TLS1.2", ":-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA")

void http_profile_keep_secrets(void) {
    unsetenv("SSLKEYLOGFILE"); /* GnuTLS and libcurl */
}

const char *http_profile_priorities(bool allow_tls_1_2) {
    return allow_tls_1_2 ? PRIORITIES_1_2 : PRIORITIES_1_3;
}

static bool is_among(int value, const int *allowed, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (allowed[i] == value)
            return true;
    return false;
}

bool http_profile_kept(gnutls_session_t session, bool allow_tls_1_2) {
    static const int ciphers[] = {GNUTLS_CIPHER_AES_256_GCM, GNUTLS_CIPHER_AES_128_GCM,
                                  GNUTLS_CIPHER_CHACHA20_POLY1305};
    static const int exchanges[] = {GNUTLS_KX_ECDHE_ECDSA, GNUTLS_KX_ECDHE_RSA}; /* TLS 1.3 has no others */
    const gnutls_protocol_t version = gnutls_protocol_get_version(session);
    if (!is_among((int)gnutls_cipher_get(session), ciphers, sizeof ciphers / sizeof ciphers[0]))
        return false;
    return version == GNUTLS_TLS1_3 ||
           (version == GNUTLS_TLS1_2 && allow_tls_1_2 &&
            is_among((int)gnutls_kx_get(session), exchanges, sizeof exchanges / sizeof exchanges[0]));
}
