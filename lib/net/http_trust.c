#include "net/http_trust.h"

#include "base/file.h"
#include "base/log.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#define ANCHOR_MOST (1024 * 1024)
#define CRL_MOST (16 * 1024 * 1024)

struct http_trust {
    gnutls_x509_trust_list_t list;
};

static result add_file(gnutls_x509_trust_list_t list, const char *path, bool is_crl) {
    buffer content = BUFFER_INIT(is_crl ? CRL_MOST : ANCHOR_MOST);
    result outcome = file_read(path, &content);
    if (outcome == RESULT_OK) {
        gnutls_datum_t pem = {content.data, (unsigned int)content.length};
        int added = is_crl ? gnutls_x509_trust_list_add_trust_mem(list, NULL, &pem, GNUTLS_X509_FMT_PEM,
                                                                  GNUTLS_TL_VERIFY_CRL, 0)
                           : gnutls_x509_trust_list_add_trust_mem(list, &pem, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
        outcome = added > 0 ? RESULT_OK : RESULT_INVALID;
    }
    if (outcome != RESULT_OK)
        log_error("%s: %s is no usable %s", path, result_text(outcome),
                  is_crl ? "CRL of the client CA" : "CA certificate");
    buffer_wipe(&content);
    return outcome;
}

result http_trust_new(const char *ca_file, const char *crl_file, http_trust **out) {
    http_trust *trust = calloc(1, sizeof *trust);
    if (!trust || gnutls_x509_trust_list_init(&trust->list, 0) < 0) {
        free(trust);
        return RESULT_NO_MEMORY;
    }
    result outcome = add_file(trust->list, ca_file, false);
    if (outcome == RESULT_OK && crl_file)
        outcome = add_file(trust->list, crl_file, true);
    if (outcome != RESULT_OK)
        http_trust_free(&trust);
    *out = trust;
    return outcome;
}

void http_trust_free(http_trust **trust) {
    if (!*trust)
        return;
    gnutls_x509_trust_list_deinit((*trust)->list, 1);
    free(*trust);
    *trust = NULL;
}

static const struct {
    unsigned int flag;
    const char *cause;
} causes[] = {
    {GNUTLS_CERT_REVOKED, "The client certificate is revoked. Ask the CA for a new one."},
    {GNUTLS_CERT_EXPIRED, "The client certificate has expired. Ask the CA for a new one."},
    {GNUTLS_CERT_NOT_ACTIVATED, "The client certificate is not valid yet. Check both clocks."},
    {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED,
     "The server's revocation list is out of date. Its operator must renew it."},
    {GNUTLS_CERT_PURPOSE_MISMATCH,
     "The certificate is not for TLS clients. Use the terminal's TLS client certificate."},
    {GNUTLS_CERT_SIGNER_NOT_FOUND, "The client certificate comes from another CA. Use one of this service's TLS CA."},
    {~0U, "The client certificate does not verify. Use one of this service's TLS CA."},
};

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

static result judge(const http_trust *trust, gnutls_x509_crt_t certificate, http_peer *peer, const char **cause) {
    gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT, 0};
    unsigned int status = ~0U;
    if (gnutls_x509_trust_list_verify_crt2(trust->list, &certificate, 1, &purpose, 1, 0, &status, NULL) < 0)
        status = ~0U >> 1;
    if (status != 0) {
        size_t row = 0;
        while (status == ~0U >> 1 ? causes[row].flag != ~0U : !(status & causes[row].flag))
            row++;
        *cause = causes[row].cause;
        return RESULT_DENIED;
    }
    if (!read_name(certificate, GNUTLS_OID_X520_COMMON_NAME, peer->terminal_id) ||
        !read_name(certificate, "2.5.4.5", peer->institution_code)) {
        *cause = "The client certificate names no institution code (serialNumber) or no terminal (CN). Ask the CA.";
        return RESULT_DENIED;
    }
    return RESULT_OK;
}

result http_trust_check(const http_trust *trust, gnutls_session_t session, http_peer *peer, const char **cause) {
    unsigned int count = 0;
    const gnutls_datum_t *raw = gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t certificate;
    *cause = "The client certificate cannot be read. Use an X.509 certificate.";
    if (!raw || count == 0 || gnutls_x509_crt_init(&certificate) < 0)
        return RESULT_DENIED;
    result outcome = gnutls_x509_crt_import(certificate, raw, GNUTLS_X509_FMT_DER) < 0
                         ? RESULT_DENIED
                         : judge(trust, certificate, peer, cause);
    gnutls_x509_crt_deinit(certificate);
    return outcome;
}
