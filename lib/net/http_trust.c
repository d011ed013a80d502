#include "net/http_trust.h"

#include "base/file_guard.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ANCHOR_MOST (1024 * 1024)
#define CRL_MOST (16 * 1024 * 1024)
#define CHAIN_MOST 8 /* certificates of a peer that are looked at */

struct http_trust {
    gnutls_x509_trust_list_t list; /* owns authorities and revocations */
    gnutls_x509_crt_t *authorities;
    gnutls_x509_crl_t *revocations;
    unsigned authority_count, revocation_count;
};

/* A PEM file with one or more of a kind. */
static result read_list(const char *path, size_t most, int (*import)(http_trust *trust, const gnutls_datum_t *pem),
                        http_trust *trust) {
    buffer content = BUFFER_INIT(most);
    result outcome = file_read_guarded(path, &content);
    const gnutls_datum_t pem = {content.data, (unsigned)content.length};
    if (outcome == RESULT_OK && import(trust, &pem) < 0)
        outcome = RESULT_INVALID;
    buffer_wipe(&content);
    return outcome;
}

static int import_authorities(http_trust *trust, const gnutls_datum_t *pem) {
    return gnutls_x509_crt_list_import2(&trust->authorities, &trust->authority_count, pem, GNUTLS_X509_FMT_PEM, 0);
}

static int import_revocations(http_trust *trust, const gnutls_datum_t *pem) {
    return gnutls_x509_crl_list_import2(&trust->revocations, &trust->revocation_count, pem, GNUTLS_X509_FMT_PEM, 0);
}

/* Several generations of a CA may share one name: the signature decides. */
static bool is_signed_here(const http_trust *trust, gnutls_x509_crl_t list) {
    unsigned status;
    for (unsigned i = 0; i < trust->authority_count; i++)
        if (gnutls_x509_crl_verify(list, &trust->authorities[i], 1, GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status) >= 0 &&
            status == 0)
            return true;
    return false;
}

/* Lists of CAs that are not trusted are left out; one must be left. */
static result keep_signed(http_trust *trust) {
    unsigned kept = 0;
    for (unsigned i = 0; i < trust->revocation_count; i++) {
        if (is_signed_here(trust, trust->revocations[i]))
            trust->revocations[kept++] = trust->revocations[i];
        else
            gnutls_x509_crl_deinit(trust->revocations[i]);
    }
    trust->revocation_count = kept;
    return kept > 0 ? RESULT_OK : RESULT_BAD_SIGNATURE;
}

static result read_files(http_trust *trust, const char *ca_file, const char *crl_file, const char **to_blame) {
    *to_blame = ca_file;
    result outcome = read_list(ca_file, ANCHOR_MOST, import_authorities, trust);
    if (outcome != RESULT_OK || crl_file == NULL)
        return outcome;
    *to_blame = crl_file;
    outcome = read_list(crl_file, CRL_MOST, import_revocations, trust);
    return outcome == RESULT_OK ? keep_signed(trust) : outcome;
}

/* From here on GnuTLS's list owns them; our arrays point to them. */
static result hand_over(http_trust *trust) {
    const int count = (int)trust->authority_count, lists = (int)trust->revocation_count;
    if (gnutls_x509_trust_list_init(&trust->list, 0) < 0)
        return RESULT_NO_MEMORY;
    if (gnutls_x509_trust_list_add_cas(trust->list, trust->authorities, trust->authority_count, 0) != count)
        return RESULT_INVALID;
    if (lists > 0 &&
        gnutls_x509_trust_list_add_crls(trust->list, trust->revocations, trust->revocation_count, 0, 0) != lists)
        return RESULT_INVALID;
    return RESULT_OK;
}

result http_trust_new(const char *ca_file, const char *crl_file, http_trust **out, const char **unusable) {
    const char *to_blame = ca_file;
    http_trust *trust = calloc(1, sizeof *trust);
    result outcome = trust ? read_files(trust, ca_file, crl_file, &to_blame) : RESULT_NO_MEMORY;
    if (outcome == RESULT_OK)
        outcome = hand_over(trust);
    if (outcome != RESULT_OK && unusable)
        *unusable = to_blame;
    if (outcome != RESULT_OK && trust)
        http_trust_free(&trust);
    *out = trust;
    return outcome;
}

void http_trust_free(http_trust **trust) {
    http_trust *mine = *trust;
    if (!mine)
        return;
    for (unsigned i = 0; !mine->list && i < mine->authority_count; i++)
        gnutls_x509_crt_deinit(mine->authorities[i]);
    for (unsigned i = 0; !mine->list && i < mine->revocation_count; i++)
        gnutls_x509_crl_deinit(mine->revocations[i]);
    if (mine->list)
        gnutls_x509_trust_list_deinit(mine->list, 1);
    gnutls_free(mine->authorities);
    gnutls_free(mine->revocations);
    free(mine);
    *trust = NULL;
}

int64_t http_trust_lists_until(const http_trust *trust) {
    int64_t until = INT64_MAX;
    for (unsigned i = 0; i < trust->revocation_count; i++) {
        const time_t next = gnutls_x509_crl_get_next_update(trust->revocations[i]);
        if (next != (time_t)-1 && next < until)
            until = next;
    }
    return until;
}

/* By name: a list of that name which nobody trusted has signed was left out at the beginning. */
static bool has_list(const http_trust *trust, gnutls_x509_crt_t certificate) {
    gnutls_datum_t issuer = {NULL, 0}, of = {NULL, 0};
    bool found = false;
    if (gnutls_x509_crt_get_raw_issuer_dn(certificate, &issuer) < 0)
        return false;
    for (unsigned i = 0; i < trust->revocation_count && !found; i++) {
        if (gnutls_x509_crl_get_raw_issuer_dn(trust->revocations[i], &of) < 0)
            continue;
        found = of.size == issuer.size && memcmp(of.data, issuer.data, of.size) == 0;
        gnutls_free(of.data);
    }
    gnutls_free(issuer.data);
    return found;
}

/* GnuTLS lets a certificate that names no purpose (RFC 5280 4.2.1.12) serve every purpose. */
static bool names_purposes(gnutls_x509_crt_t certificate) {
    char oid[128];
    size_t size = sizeof oid;
    return gnutls_x509_crt_get_key_purpose_oid(certificate, 0, oid, &size, NULL) >= 0;
}

/* The gravest first: advice about a clock is no good for a stranger's certificate. */
static const struct {
    unsigned flags;
    http_trust_verdict verdict;
} meanings[] = {
    {GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNATURE_FAILURE, HTTP_TRUST_OTHER_CA},
    {GNUTLS_CERT_REVOKED, HTTP_TRUST_REVOKED},
    {GNUTLS_CERT_PURPOSE_MISMATCH, HTTP_TRUST_OTHER_PURPOSE},
    {GNUTLS_CERT_UNEXPECTED_OWNER, HTTP_TRUST_OTHER_NAME},
    {GNUTLS_CERT_EXPIRED, HTTP_TRUST_EXPIRED},
    {GNUTLS_CERT_NOT_ACTIVATED, HTTP_TRUST_NOT_YET_VALID},
};

static http_trust_verdict meaning_of(unsigned status) {
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (status & meanings[i].flags)
            return meanings[i].verdict;
    return HTTP_TRUST_UNFIT;
}

static http_trust_verdict judge(const http_trust *trust, gnutls_x509_crt_t *chain, unsigned count, const char *purpose,
                                const char *host) {
    gnutls_typed_vdata_st wanted[] = {
        {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)purpose, 0},
        {GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)host, 0},
    };
    gnutls_x509_crt_t path[CHAIN_MOST]; /* GnuTLS sorts and shortens it */
    gnutls_x509_crt_t own = chain[0];
    const time_t now = time(NULL);
    unsigned status = ~0U;
    memcpy(path, chain, count * sizeof *chain);
    if (gnutls_x509_trust_list_verify_crt2(trust->list, path, count, wanted, host ? 2 : 1, 0, &status, NULL) < 0)
        return HTTP_TRUST_UNFIT;
    http_trust_verdict verdict = status == 0 ? HTTP_TRUST_GOOD : meaning_of(status);
    if ((verdict == HTTP_TRUST_EXPIRED && gnutls_x509_crt_get_expiration_time(own) >= now) ||
        (verdict == HTTP_TRUST_NOT_YET_VALID && gnutls_x509_crt_get_activation_time(own) <= now))
        return HTTP_TRUST_CA_OUT_OF_DATE;
    if (verdict == HTTP_TRUST_GOOD && !names_purposes(own))
        return HTTP_TRUST_OTHER_PURPOSE;
    if (verdict == HTTP_TRUST_GOOD && trust->revocation_count > 0 && !has_list(trust, own))
        return HTTP_TRUST_NO_LIST;
    return verdict;
}

http_trust_verdict http_trust_judge(const http_trust *trust, const gnutls_datum_t *chain, unsigned count,
                                    gnutls_x509_crt_fmt_t format, const char *purpose, const char *host) {
    gnutls_x509_crt_t certificates[CHAIN_MOST];
    unsigned read = 0;
    http_trust_verdict verdict = HTTP_TRUST_UNREADABLE;
    for (; chain && read < count && read < CHAIN_MOST; read++) {
        if (gnutls_x509_crt_init(&certificates[read]) < 0)
            break;
        if (gnutls_x509_crt_import(certificates[read], &chain[read], format) < 0) {
            gnutls_x509_crt_deinit(certificates[read]);
            break;
        }
    }
    if (read > 0) /* what follows a certificate that cannot be read cannot help it */
        verdict = judge(trust, certificates, read, purpose, host);
    while (read > 0)
        gnutls_x509_crt_deinit(certificates[--read]);
    return verdict;
}

http_trust_verdict http_trust_judge_peer(const http_trust *trust, gnutls_session_t session, const char *purpose,
                                         const char *host) {
    unsigned count = 0;
    if (gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509)
        return HTTP_TRUST_UNREADABLE;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    return http_trust_judge(trust, chain, count, GNUTLS_X509_FMT_DER, purpose, host);
}
