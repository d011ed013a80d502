#include "crypt/trust.h"

#include "base/file_guard.h"
#include "crypt/certificate_handle.h"
#include "crypt/revocation_list.h"
#include "crypt/trust_memo.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MOST (128 * 1024 * 1024) /* a list of two million certificates */
#define SERIAL_MOST 64

struct trust {
    atomic_uint holders;
    gnutls_x509_crt_t *authorities;
    unsigned authority_count;
    revocation_list **revocations;
    unsigned revocation_count;
    trust_memo *memo;
};

result trust_new(trust **out) {
    *out = calloc(1, sizeof **out);
    if (*out != NULL)
        (*out)->holders = 1;
    if (*out != NULL && ((*out)->memo = trust_memo_new()) == NULL)
        trust_free(out);
    return *out != NULL ? RESULT_OK : RESULT_NO_MEMORY;
}

trust *trust_share(trust *t) {
    atomic_fetch_add(&t->holders, 1);
    return t;
}

void trust_free(trust **t) {
    if (*t == NULL)
        return;
    if (atomic_fetch_sub(&(*t)->holders, 1) > 1) {
        *t = NULL;
        return;
    }
    for (unsigned i = 0; i < (*t)->authority_count; i++)
        gnutls_x509_crt_deinit((*t)->authorities[i]);
    for (unsigned i = 0; i < (*t)->revocation_count; i++)
        revocation_list_free(&(*t)->revocations[i]);
    free((*t)->authorities);
    free((*t)->revocations);
    trust_memo_free(&(*t)->memo);
    free(*t);
    *t = NULL;
}

/* Appends list to *all. Both hold pointers; list itself is GnuTLS's and freed here. */
static result adopt(void ***all, unsigned *count, void **list, unsigned more) {
    result code = RESULT_OK;
    void **grown = more == 0 ? NULL : reallocarray(*all, *count + more, sizeof *grown);
    if (grown == NULL)
        code = more == 0 ? RESULT_INVALID : RESULT_NO_MEMORY;
    if (code == RESULT_OK) {
        memcpy(grown + *count, list, more * sizeof *grown);
        *all = grown;
        *count += more;
    }
    gnutls_free(list);
    return code;
}

result trust_add_authorities(trust *t, const char *path) {
    buffer content = BUFFER_INIT(FILE_MOST);
    result code = file_read_guarded(path, &content);
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    gnutls_datum_t in = {content.data, (unsigned)content.length};
    if (code == RESULT_OK && gnutls_x509_crt_list_import2(&list, &count, &in, GNUTLS_X509_FMT_PEM, 0) < 0)
        code = RESULT_INVALID;
    trust_memo_clear(t->memo);
    if (code == RESULT_OK)
        code = adopt((void ***)&t->authorities, &t->authority_count, (void **)list, count);
    buffer_wipe(&content);
    return code;
}

static result add_revocation(trust *t, revocation_list *list) {
    revocation_list **grown = reallocarray(t->revocations, t->revocation_count + 1, sizeof *grown);
    if (grown == NULL) {
        revocation_list_free(&list);
        return RESULT_NO_MEMORY;
    }
    t->revocations = grown;
    t->revocations[t->revocation_count++] = list;
    return RESULT_OK;
}

result trust_add_revocations(trust *t, const char *path) {
    buffer content = BUFFER_INIT(FILE_MOST);
    revocation_list *list;
    const unsigned before = t->revocation_count;
    result code = file_read_guarded(path, &content);
    if (code != RESULT_OK)
        return code;
    bytes rest = buffer_bytes(&content);
    trust_memo_clear(t->memo);
    while (code == RESULT_OK && (code = revocation_list_read(rest, &list, &rest)) == RESULT_OK)
        code = add_revocation(t, list);
    buffer_wipe(&content);
    if (code != RESULT_NOT_FOUND)
        return code;
    return t->revocation_count > before ? RESULT_OK : RESULT_INVALID;
}

result trust_add_anchor(trust *t, const char *folder, const char *name) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s.pem", folder, name) >= (int)sizeof path)
        return RESULT_TOO_LONG;
    result code = trust_add_authorities(t, path);
    if (code != RESULT_OK)
        return code;
    snprintf(path, sizeof path, "%s/%s.crl", folder, name);
    code = trust_add_revocations(t, path);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

static trust_verdict check_validity(const certificate *c, int64_t at) {
    int64_t not_before, not_after;
    certificate_validity(c, &not_before, &not_after);
    return at < not_before ? TRUST_NOT_YET_VALID : at > not_after ? TRUST_EXPIRED : TRUST_OK;
}

/* The CA whose key signed c, among those of its issuer's name; several generations share one name. */
static gnutls_x509_crt_t find_issuer(const trust *t, const certificate *c) {
    unsigned status;
    for (unsigned i = 0; i < t->authority_count; i++) {
        int code = gnutls_x509_crt_verify(c->handle, &t->authorities[i], 1,
                                          GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_CRL_CHECKS, &status);
        if (code == 0 && status == 0)
            return t->authorities[i];
    }
    return NULL;
}

/* A CRL counts when it is that issuer's, by signature. */
static bool is_revoked(const trust *t, const certificate *c, gnutls_x509_crt_t issuer) {
    uint8_t serial[SERIAL_MOST];
    size_t length = sizeof serial;
    if (gnutls_x509_crt_get_serial(c->handle, serial, &length) != 0)
        return true; /* no list could name it */
    for (unsigned i = 0; i < t->revocation_count; i++)
        if (revocation_list_names(t->revocations[i], bytes_of(serial, length)) &&
            revocation_list_is_of(t->revocations[i], issuer))
            return true;
    return false;
}

static bool fits_purpose(const certificate *c, trust_purpose purpose) {
    switch (purpose) {
    case TRUST_CLIENT_AUTHENTICATION:
        return c->client_purpose;
    case TRUST_SERVER_AUTHENTICATION:
        return c->server_purpose;
    case TRUST_SIGNATURE:
        return (c->usage & (GNUTLS_KEY_NON_REPUDIATION | GNUTLS_KEY_DIGITAL_SIGNATURE)) != 0;
    case TRUST_COMMITMENT:
        return (c->usage & GNUTLS_KEY_NON_REPUDIATION) != 0;
    case TRUST_ANY_PURPOSE:
        break;
    }
    return true;
}

/* What does not depend on time and purpose. */
static trust_verdict judge_issuer(const trust *t, const certificate *c) {
    const uint8_t *key = certificate_fingerprint(c);
    trust_verdict verdict;
    if (trust_memo_find(t->memo, key, &verdict))
        return verdict;
    gnutls_x509_crt_t issuer = find_issuer(t, c);
    verdict = issuer == NULL ? TRUST_UNKNOWN_ISSUER : is_revoked(t, c, issuer) ? TRUST_REVOKED : TRUST_OK;
    trust_memo_keep(t->memo, key, verdict);
    return verdict;
}

trust_verdict trust_check(const trust *t, const certificate *c, trust_purpose purpose, int64_t at) {
    trust_verdict verdict = judge_issuer(t, c);
    if (verdict == TRUST_OK)
        verdict = check_validity(c, at);
    if (verdict != TRUST_OK)
        return verdict;
    return fits_purpose(c, purpose) ? TRUST_OK : TRUST_WRONG_PURPOSE;
}

const char *trust_verdict_text(trust_verdict verdict) {
    static const char *const texts[] = {
        [TRUST_OK] = "trusted",
        [TRUST_UNKNOWN_ISSUER] = "issued by nobody who is trusted here",
        [TRUST_NOT_YET_VALID] = "not yet valid",
        [TRUST_EXPIRED] = "expired",
        [TRUST_REVOKED] = "revoked",
        [TRUST_WRONG_PURPOSE] = "not for this purpose",
        [TRUST_FAILED] = "could not be checked",
    };
    return (unsigned)verdict < sizeof texts / sizeof *texts ? texts[verdict] : "unknown verdict";
}

static void copy_name(gnutls_datum_t *text, char name[CRYPT_NAME_MOST]) {
    snprintf(name, CRYPT_NAME_MOST, "%.*s", (int)text->size, text->data != NULL ? (const char *)text->data : "");
    gnutls_free(text->data);
    text->data = NULL;
}

static bool is_signed_here(const trust *t, revocation_list *list) {
    for (unsigned i = 0; i < t->authority_count; i++)
        if (revocation_list_is_of(list, t->authorities[i]))
            return true;
    return false;
}

void trust_each(const trust *t, bool (*visit)(void *context, const trust_entry *entry), void *context) {
    gnutls_datum_t text = {NULL, 0};
    bool more = true;
    for (unsigned i = 0; i < t->authority_count && more; i++) {
        trust_entry entry = {.signed_here = true,
                             .from = gnutls_x509_crt_get_activation_time(t->authorities[i]),
                             .until = gnutls_x509_crt_get_expiration_time(t->authorities[i])};
        gnutls_x509_crt_get_dn3(t->authorities[i], &text, 0);
        copy_name(&text, entry.name);
        more = visit(context, &entry);
    }
    for (unsigned i = 0; i < t->revocation_count && more; i++) {
        trust_entry entry = {.revocation_list = true,
                             .signed_here = is_signed_here(t, t->revocations[i]),
                             .from = revocation_list_from(t->revocations[i]),
                             .until = revocation_list_until(t->revocations[i])};
        revocation_list_issuer(t->revocations[i], entry.name);
        more = visit(context, &entry);
    }
}
