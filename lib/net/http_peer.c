/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_peer.h"

#include "base/hex.h"
#include "net/http_connection.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

/* By http_trust_verdict. */
static const char *const causes[] = {
    [HTTP_TRUST_UNREADABLE] = "The client certificate cannot be read. Use an X.509 certificate.",
    [HTTP_TRUST_OTHER_CA] = "The client certificate comes from another CA. Use one of this service's TLS CA.",
    [HTTP_TRUST_REVOKED] = "The client certificate is revoked. Ask the CA for a new one.",
    [HTTP_TRUST_NO_LIST] =
        "The server has no revocation list of the CA of this client certificate. Its operator must add it.",
    [HTTP_TRUST_LIST_STALE] =
        "The server's revocation list of the TLS CA is past its nextUpdate. Its operator must get the present one.",
    [HTTP_TRUST_LIST_EARLY] =
        "The server's revocation list of the TLS CA is from the future. Its operator must check the clock.",
    [HTTP_TRUST_LIST_UNFIT] =
        "The server's revocation list of the TLS CA is not one it can work with. Its operator must get a whole one.",
    [HTTP_TRUST_KEY] =
        "The client certificate's key has a size or kind that is not accepted: RSA of 2048 to 4096 bits, or P-256.",
    [HTTP_TRUST_OTHER_PURPOSE] = "The certificate is not for TLS clients. Use the terminal's TLS client certificate.",
    [HTTP_TRUST_EXPIRED] = "The client certificate has expired. Ask the CA for a new one.",
    [HTTP_TRUST_NOT_YET_VALID] = "The client certificate is not valid yet. Check both clocks.",
    [HTTP_TRUST_CA_OUT_OF_DATE] =
        "The CA of the client certificate is outside its validity. Ask the CA for a new certificate.",
};

static const char *cause_of(http_trust_verdict verdict) {
    const char *cause = verdict < sizeof causes / sizeof causes[0] ? causes[verdict] : NULL;
    return cause ? cause : "The client certificate does not verify. Use one of this service's TLS CA.";
}

/* X.509 names may have any content; only printable ASCII is used in logs and comparisons. */
static bool read_name(gnutls_x509_crt_t certificate, const char *oid, char text[HTTP_PEER_TEXT_SIZE]) {
    size_t size = HTTP_PEER_TEXT_SIZE;
    if (gnutls_x509_crt_get_dn_by_oid(certificate, oid, 0, 0, text, &size) < 0 || text[0] == '\0')
        return false;
    for (const char *c = text; *c; c++)
        if (*c < 0x20 || *c > 0x7E)
            return false;
    return true;
}

static bool read_key(gnutls_x509_crt_t certificate, char text[HTTP_PEER_TEXT_SIZE]) {
    uint8_t hash[32];
    size_t length = sizeof hash;
    if (gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256, hash, &length) < 0 || length != sizeof hash)
        return false;
    hex_encode(BYTES(hash), text, HTTP_PEER_TEXT_SIZE);
    return true;
}

static bool read_names(gnutls_session_t session, http_peer *peer) {
    unsigned count = 0;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t certificate;
    if (!chain || count == 0 || gnutls_x509_crt_init(&certificate) < 0)
        return false;
    const bool read = gnutls_x509_crt_import(certificate, chain, GNUTLS_X509_FMT_DER) >= 0 &&
                      read_name(certificate, GNUTLS_OID_X520_COMMON_NAME, peer->terminal_id) &&
                      read_name(certificate, "2.5.4.5", peer->institution_code) && read_key(certificate, peer->key);
    gnutls_x509_crt_deinit(certificate);
    return read;
}

bool http_peer_is_gone(const http_peer *peer) {
    struct pollfd one = {.fd = peer->connection ? peer->connection->fd : -1, .events = POLLRDHUP};
    return peer->connection && poll(&one, 1, 0) > 0;
}

result http_peer_check(const http_trust *trust, gnutls_session_t session, http_peer *peer, const char **cause) {
    const http_trust_verdict verdict = http_trust_check_peer(trust, session, GNUTLS_KP_TLS_WWW_CLIENT, NULL);
    if (verdict != HTTP_TRUST_GOOD) {
        *cause = cause_of(verdict);
        return RESULT_DENIED;
    }
    if (!read_names(session, peer)) {
        *cause = "The client certificate names no institution code (serialNumber) or no terminal (CN). Ask the CA.";
        return RESULT_DENIED;
    }
    return RESULT_OK;
}
