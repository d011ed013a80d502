#include "net/http_peer.h"

#include "net/http_connection.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* By http_trust_verdict. */
static const char *const causes[] = {
    [HTTP_TRUST_UNREADABLE] = "The client certificate cannot be read. Use an X.509 certificate.",
    [HTTP_TRUST_OTHER_CA] = "The client certificate comes from another CA. Use one of this service's TLS CA.",
    [HTTP_TRUST_REVOKED] = "The client certificate is revoked. Ask the CA for a new one.",
    [HTTP_TRUST_NO_LIST] =
        "The server has no revocation list of the CA of this client certificate. Its operator must add it.",
    [HTTP_TRUST_OTHER_PURPOSE] =
        "The certificate is not for TLS clients. Use the terminal's TLS client certificate.",
    [HTTP_TRUST_EXPIRED] = "The client certificate has expired. Ask the CA for a new one.",
    [HTTP_TRUST_NOT_YET_VALID] = "The client certificate is not valid yet. Check both clocks.",
    [HTTP_TRUST_CA_OUT_OF_DATE] =
        "The CA of the client certificate is outside its validity. Ask the CA for a new certificate.",
};

static const char *cause_of(http_trust_verdict verdict) {
    const char *cause = verdict < sizeof causes / sizeof causes[0] ? causes[verdict] : NULL;
    return cause ? cause : "The client certificate does not verify. Use one of this service's TLS CA.";
}

/* X.509 names may hold anything; what goes into logs and comparisons is printable ASCII. */
static bool read_name(gnutls_x509_crt_t certificate, const char *oid, char text[HTTP_PEER_TEXT_SIZE]) {
    size_t size = HTTP_PEER_TEXT_SIZE;
    if (gnutls_x509_crt_get_dn_by_oid(certificate, oid, 0, 0, text, &size) < 0 || text[0] == '\0')
        return false;
    for (const char *c = text; *c; c++)
        if (*c < 0x20 || *c > 0x7E)
            return false;
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
                      read_name(certificate, "2.5.4.5", peer->institution_code);
    gnutls_x509_crt_deinit(certificate);
    return read;
}

/* --- during the handshake ----------------------------------------------------------------------------------------- */

#define RSA_BITS_MOST 4096
#define EXPONENT_MOST 4 /* bytes */

typedef struct reader {
    const uint8_t *at;
    size_t left;
} reader;

/* The number in the next bytes, or all of what is left when there are not so many. */
static size_t take_length(reader *r, size_t width) {
    size_t length = 0;
    for (size_t i = 0; i < width && r->left > 0; i++, r->left--)
        length = length << 8 | *r->at++;
    return length < r->left ? length : r->left;
}

/* The client's own certificate in its message: RFC 8446 4.4.2, RFC 5246 7.4.6. */
static gnutls_datum_t first_certificate(const gnutls_datum_t *message, bool tls_1_3) {
    reader r = {message->data, message->size};
    if (tls_1_3) {
        const size_t context = take_length(&r, 1);
        r = (reader){r.at + context, r.left - context};
    }
    take_length(&r, 3);
    const size_t length = take_length(&r, 3);
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)r.at, (unsigned)length};
}

static bool is_key_small(gnutls_x509_crt_t certificate) {
    gnutls_datum_t modulus = {0}, exponent = {0};
    unsigned bits = 0;
    const int algorithm = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);
    if (algorithm == GNUTLS_PK_ECDSA || algorithm == GNUTLS_PK_EDDSA_ED25519)
        return true; /* curves have sizes of their own */
    if (algorithm != GNUTLS_PK_RSA || bits > RSA_BITS_MOST)
        return false;
    const bool read = gnutls_x509_crt_get_pk_rsa_raw(certificate, &modulus, &exponent) >= 0;
    size_t zeros = 0;
    while (zeros < exponent.size && exponent.data[zeros] == 0)
        zeros++;
    const bool small = read && exponent.size - zeros <= EXPONENT_MOST;
    gnutls_free(modulus.data);
    gnutls_free(exponent.data);
    return small;
}

static int look_at_key(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                       const gnutls_datum_t *message) {
    (void)type;
    (void)when;
    gnutls_x509_crt_t certificate;
    const gnutls_datum_t first = first_certificate(message, gnutls_protocol_get_version(session) == GNUTLS_TLS1_3);
    if (!incoming || first.size == 0) /* ours; or none, which GnuTLS refuses by itself */
        return 0;
    if (gnutls_x509_crt_init(&certificate) < 0)
        return GNUTLS_E_MEMORY_ERROR;
    const bool small = gnutls_x509_crt_import(certificate, &first, GNUTLS_X509_FMT_DER) >= 0 && is_key_small(certificate);
    gnutls_x509_crt_deinit(certificate);
    return small ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

void http_peer_guard(gnutls_session_t session) {
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_CERTIFICATE_PKT, GNUTLS_HOOK_PRE, look_at_key);
}

/* --- afterwards --------------------------------------------------------------------------------------------------- */

bool http_peer_is_gone(const http_peer *peer) {
    struct pollfd one = {.fd = peer->connection ? peer->connection->fd : -1, .events = POLLRDHUP};
    return peer->connection && poll(&one, 1, 0) > 0;
}

result http_peer_judge(const http_trust *trust, gnutls_session_t session, http_peer *peer, const char **cause) {
    const http_trust_verdict verdict = http_trust_judge_peer(trust, session, GNUTLS_KP_TLS_WWW_CLIENT, NULL);
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
