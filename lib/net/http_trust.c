/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_trust.h"

#include "base/clock.h"
#include "base/file.h"
#include "crypt/key_rule.h"
#include "crypt/trust.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ANCHOR_MAX (1024 * 1024)
#define CHAIN_MAX 8 /* maximum of a peer's certificates */
#define LISTS_MAX 64

/* GnuTLS checks path, names and purposes; lib/crypt checks revocation. */
struct http_trust {
    atomic_uint holders;
    gnutls_x509_trust_list_t list; /* owns the authorities once they are added */
    gnutls_x509_crt_t *authorities;
    unsigned authority_count;
    trust *revocation;
    revocation_policy policy;
    bool lists; /* there are revocation lists */
};

static result read_authorities(const char *path, http_trust *t) {
    buffer content = BUFFER_INIT(ANCHOR_MAX);
    result outcome = file_read_guarded(path, &content);
    const gnutls_datum_t pem = {content.data, (unsigned)content.length};
    if (outcome == RESULT_OK &&
        gnutls_x509_crt_list_import2(&t->authorities, &t->authority_count, &pem, GNUTLS_X509_FMT_PEM, 0) < 0)
        outcome = RESULT_INVALID;
    buffer_wipe(&content);
    return outcome == RESULT_OK ? trust_add_authorities(t->revocation, path) : outcome;
}

typedef struct look {
    trust *revocation;
    trust_entry lists[LISTS_MAX]; /* the newest of each CA */
    size_t count;
    bool signed_here; /* at least one is by a CA of ours */
} look;

static bool note(void *context, const trust_entry *entry) {
    look *l = context;
    if (!entry->revocation_list)
        return true;
    l->signed_here |= entry->signed_here;
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->lists[i].name, entry->name) == 0) {
            if (entry->from > l->lists[i].from)
                l->lists[i] = *entry;
            return true;
        }
    if (l->count < LISTS_MAX)
        l->lists[l->count++] = *entry;
    return true;
}

static look *look_at(const http_trust *t) {
    look *l = calloc(1, sizeof *l);
    if (l)
        trust_each(t->revocation, note, l);
    return l;
}

static result read_lists(const char *path, http_trust *t) {
    result outcome = trust_add_revocations(t->revocation, path);
    if (outcome == RESULT_NOT_FOUND && t->policy.without_lists)
        return RESULT_OK;
    if (outcome != RESULT_OK)
        return outcome;
    t->lists = true;
    look *l = look_at(t);
    if (!l)
        return RESULT_NO_MEMORY;
    outcome = l->signed_here ? RESULT_OK : RESULT_BAD_SIGNATURE;
    free(l);
    return outcome;
}

/* From here on GnuTLS's list owns them, those that it has taken; our array points to them. */
static result hand_over(http_trust *t) {
    const unsigned count = t->authority_count;
    if (gnutls_x509_trust_list_init(&t->list, 0) < 0)
        return RESULT_NO_MEMORY;
    const int taken = gnutls_x509_trust_list_add_cas(t->list, t->authorities, count, 0);
    t->authority_count = taken > 0 ? (unsigned)taken : 0;
    for (unsigned i = t->authority_count; i < count; i++)
        gnutls_x509_crt_deinit(t->authorities[i]);
    return t->authority_count == count ? RESULT_OK : RESULT_INVALID;
}

static result fill(http_trust *t, const char *ca_file, const char *crl_file, const char **to_blame) {
    *to_blame = ca_file;
    result outcome = trust_new(&t->revocation);
    if (outcome != RESULT_OK)
        return outcome;
    trust_set_policy(t->revocation, &t->policy);
    outcome = read_authorities(ca_file, t);
    if (outcome == RESULT_OK && crl_file) {
        *to_blame = crl_file;
        outcome = read_lists(crl_file, t);
    }
    return outcome == RESULT_OK ? hand_over(t) : outcome;
}

result http_trust_new(const char *ca_file, const char *crl_file, const revocation_policy *policy, http_trust **out,
                      const char **unusable) {
    const char *to_blame = ca_file;
    http_trust *t = calloc(1, sizeof *t);
    if (t) {
        t->holders = 1;
        t->policy = *policy;
    }
    result outcome = t ? fill(t, ca_file, crl_file, &to_blame) : RESULT_NO_MEMORY;
    if (outcome != RESULT_OK && unusable)
        *unusable = to_blame;
    if (outcome != RESULT_OK && t)
        http_trust_free(&t);
    *out = t;
    return outcome;
}

http_trust *http_trust_share(http_trust *t) {
    atomic_fetch_add(&t->holders, 1);
    return t;
}

void http_trust_free(http_trust **t) {
    http_trust *mine = *t;
    *t = NULL;
    if (!mine || atomic_fetch_sub(&mine->holders, 1) > 1)
        return;
    for (unsigned i = 0; !mine->list && i < mine->authority_count; i++)
        gnutls_x509_crt_deinit(mine->authorities[i]);
    if (mine->list)
        gnutls_x509_trust_list_deinit(mine->list, 1);
    gnutls_free(mine->authorities);
    trust_free(&mine->revocation);
    free(mine);
}

revocation_state http_trust_lists_state(const http_trust *t) {
    revocation_state worst = REVOCATION_CURRENT;
    look *l = look_at(t);
    for (size_t i = 0; l && i < l->count; i++) {
        const revocation_state state = trust_entry_state(t->revocation, &l->lists[i], clock_wall_s());
        if (state > worst && state != REVOCATION_OTHER_ISSUER) /* of another CA */
            worst = state;
    }
    free(l);
    return worst;
}

bool http_trust_is_older(const http_trust *next, const http_trust *former) {
    look *new_ones = look_at(next), *old_ones = look_at(former);
    bool older = !new_ones || !old_ones;
    for (size_t i = 0; !older && i < new_ones->count; i++)
        for (size_t k = 0; k < old_ones->count; k++)
            older |= strcmp(new_ones->lists[i].name, old_ones->lists[k].name) == 0 &&
                     new_ones->lists[i].from < old_ones->lists[k].from;
    free(new_ones);
    free(old_ones);
    return older;
}

/* GnuTLS lets a certificate that names no purpose (RFC 5280 4.2.1.12) serve every purpose. */
static bool names_purposes(gnutls_x509_crt_t c) {
    char oid[128];
    size_t size = sizeof oid;
    return gnutls_x509_crt_get_key_purpose_oid(c, 0, oid, &size, NULL) >= 0;
}

/* The most serious first: advice about a clock does not help with an untrusted certificate. */
static const struct {
    unsigned flags;
    http_trust_verdict verdict;
} meanings[] = {
    {GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNATURE_FAILURE, HTTP_TRUST_OTHER_CA},
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

static const struct {
    trust_verdict verdict;
    http_trust_verdict meaning;
} revocations[] = {
    {TRUST_OK, HTTP_TRUST_GOOD},
    {TRUST_UNKNOWN_ISSUER, HTTP_TRUST_NO_LIST}, /* an intermediate CA without a list */
    {TRUST_REVOKED, HTTP_TRUST_REVOKED},
    {TRUST_EXPIRED, HTTP_TRUST_EXPIRED},
    {TRUST_NOT_YET_VALID, HTTP_TRUST_NOT_YET_VALID},
    {TRUST_ISSUER_EXPIRED, HTTP_TRUST_CA_OUT_OF_DATE},
    {TRUST_ISSUER_NOT_YET_VALID, HTTP_TRUST_CA_OUT_OF_DATE},
    {TRUST_LIST_MISSING, HTTP_TRUST_NO_LIST},
    {TRUST_LIST_STALE, HTTP_TRUST_LIST_STALE},
    {TRUST_LIST_NOT_YET_VALID, HTTP_TRUST_LIST_EARLY},
    {TRUST_LIST_OF_ANOTHER, HTTP_TRUST_NO_LIST},
    {TRUST_LIST_NOT_UNDERSTOOD, HTTP_TRUST_LIST_UNFIT},
};

static http_trust_verdict check_revocation(const http_trust *t, gnutls_x509_crt_t own) {
    gnutls_datum_t der = {NULL, 0};
    certificate *c = NULL;
    http_trust_verdict meaning = HTTP_TRUST_UNFIT;
    if (gnutls_x509_crt_export2(own, GNUTLS_X509_FMT_DER, &der) == 0 &&
        certificate_new(bytes_of(der.data, der.size), &c) == RESULT_OK) {
        const trust_verdict verdict = trust_check(t->revocation, c, TRUST_ANY_PURPOSE, clock_wall_s());
        for (size_t i = 0; i < sizeof revocations / sizeof revocations[0]; i++)
            if (revocations[i].verdict == verdict)
                meaning = revocations[i].meaning;
    }
    certificate_free(&c);
    gnutls_free(der.data);
    return meaning;
}

static http_trust_verdict validate(const http_trust *t, gnutls_x509_crt_t *chain, unsigned count, const char *purpose,
                                   const char *host) {
    gnutls_typed_vdata_st wanted[] = {
        {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)(uintptr_t)purpose, 0},
        {GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)host, 0},
    };
    gnutls_x509_crt_t path[CHAIN_MAX]; /* GnuTLS sorts and shortens it */
    gnutls_x509_crt_t own = chain[0];
    const time_t now = time(NULL);
    unsigned status = ~0U;
    memcpy(path, chain, count * sizeof *chain);
    if (gnutls_x509_trust_list_verify_crt2(t->list, path, count, wanted, host ? 2 : 1, 0, &status, NULL) < 0)
        return HTTP_TRUST_UNFIT;
    http_trust_verdict verdict = status == 0 ? HTTP_TRUST_GOOD : meaning_of(status);
    if ((verdict == HTTP_TRUST_EXPIRED && gnutls_x509_crt_get_expiration_time(own) >= now) ||
        (verdict == HTTP_TRUST_NOT_YET_VALID && gnutls_x509_crt_get_activation_time(own) <= now))
        return HTTP_TRUST_CA_OUT_OF_DATE;
    if (verdict == HTTP_TRUST_GOOD && !names_purposes(own))
        return HTTP_TRUST_OTHER_PURPOSE;
    return verdict == HTTP_TRUST_GOOD && t->lists ? check_revocation(t, own) : verdict;
}

http_trust_verdict http_trust_check(const http_trust *t, const gnutls_datum_t *chain, unsigned count,
                                    gnutls_x509_crt_fmt_t format, const char *purpose, const char *host) {
    gnutls_x509_crt_t certificates[CHAIN_MAX];
    unsigned read = 0;
    bool keys_fit = true; /* of every certificate that may be used */
    http_trust_verdict verdict = HTTP_TRUST_UNREADABLE;
    for (; chain && read < count && read < CHAIN_MAX; read++) {
        if (gnutls_x509_crt_init(&certificates[read]) < 0)
            break;
        if (gnutls_x509_crt_import(certificates[read], &chain[read], format) < 0) {
            gnutls_x509_crt_deinit(certificates[read]);
            break;
        }
        keys_fit = keys_fit && key_rule_check_certificate(certificates[read]) != RESULT_KEY;
    }
    if (read > 0) /* certificates after an unreadable one are useless */
        verdict = keys_fit ? validate(t, certificates, read, purpose, host) : HTTP_TRUST_KEY;
    while (read > 0)
        gnutls_x509_crt_deinit(certificates[--read]);
    return verdict;
}

http_trust_verdict http_trust_check_peer(const http_trust *t, gnutls_session_t session, const char *purpose,
                                         const char *host) {
    unsigned count = 0;
    if (gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509)
        return HTTP_TRUST_UNREADABLE;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    return http_trust_check(t, chain, count, GNUTLS_X509_FMT_DER, purpose, host);
}
