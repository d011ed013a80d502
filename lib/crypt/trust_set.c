/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/trust_set.h"

#include "base/file.h"
#include "crypt/certificate_internal.h"
#include "crypt/key_rule.h"
#include "crypt/trust_memo.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (128 * 1024 * 1024) /* a list of two million certificates */
#define SERIAL_MAX 64
#define AUTHORITIES_MAX 64 /* the bits of issuer_set */

typedef struct authority {
    gnutls_x509_crt_t handle;
    int64_t from, until;
    uint8_t key[CRYPT_SHA256_LENGTH]; /* which key it has: generations of a CA may share one */
} authority;

typedef struct listing {
    revocation_list *list;
    issuer_set signers; /* the CAs whose key signed it */
    revocation_facts facts;
} listing;

struct trust_set {
    atomic_uint holders;
    authority authorities[AUTHORITIES_MAX];
    unsigned authority_count;
    listing *lists;
    unsigned list_count;
    trust_memo *memo;
};

trust_set *trust_set_new(void) {
    trust_set *set = calloc(1, sizeof *set);
    if (set != NULL)
        set->holders = 1;
    if (set != NULL && (set->memo = trust_memo_new()) == NULL)
        trust_set_free(&set);
    return set;
}

trust_set *trust_set_share(trust_set *set) {
    atomic_fetch_add(&set->holders, 1);
    return set;
}

void trust_set_free(trust_set **set) {
    trust_set *mine = *set;
    *set = NULL;
    if (mine == NULL || atomic_fetch_sub(&mine->holders, 1) > 1)
        return;
    for (unsigned i = 0; i < mine->authority_count; i++)
        gnutls_x509_crt_deinit(mine->authorities[i].handle);
    for (unsigned i = 0; i < mine->list_count; i++)
        revocation_list_free(&mine->lists[i].list);
    free(mine->lists);
    trust_memo_free(&mine->memo);
    free(mine);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static issuer_set bit(unsigned index) {
    return (issuer_set)1 << index;
}

/* Which CAs signed the list: computed once, not for each query about a certificate. */
static void find_signers(const trust_set *set, listing *one) {
    one->signers = 0;
    for (unsigned i = 0; i < set->authority_count; i++)
        if (revocation_list_is_of(one->list, set->authorities[i].handle))
            one->signers |= bit(i);
}

static result add_authority(trust_set *set, gnutls_x509_crt_t handle) {
    size_t length = CRYPT_SHA256_LENGTH;
    if (set->authority_count == AUTHORITIES_MAX)
        return RESULT_TOO_LONG;
    authority *one = &set->authorities[set->authority_count];
    result code = key_rule_check_certificate(handle);
    if (code == RESULT_OK && gnutls_x509_crt_get_key_id(handle, GNUTLS_KEYID_USE_SHA256, one->key, &length) != 0)
        code = RESULT_INVALID;
    if (code != RESULT_OK)
        return code;
    one->handle = handle;
    one->from = gnutls_x509_crt_get_activation_time(handle);
    one->until = gnutls_x509_crt_get_expiration_time(handle);
    set->authority_count++;
    return RESULT_OK;
}

result trust_set_add_authorities(trust_set *set, const char *path) {
    buffer content = BUFFER_INIT(FILE_MAX);
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    result code = file_read_guarded(path, &content);
    const gnutls_datum_t in = {content.data, (unsigned)content.length};
    if (code == RESULT_OK &&
        (gnutls_x509_crt_list_import2(&list, &count, &in, GNUTLS_X509_FMT_PEM, 0) < 0 || count == 0))
        code = RESULT_INVALID;
    trust_memo_clear(set->memo);
    for (unsigned i = 0; i < count; i++) {
        if (code == RESULT_OK)
            code = add_authority(set, list[i]);
        if (code != RESULT_OK)
            gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    buffer_wipe(&content);
    for (unsigned i = 0; i < set->list_count; i++)
        find_signers(set, &set->lists[i]);
    return code;
}

static result add_list(trust_set *set, revocation_list *list) {
    listing *grown = reallocarray(set->lists, set->list_count + 1, sizeof *grown);
    if (grown == NULL) {
        revocation_list_free(&list);
        return RESULT_NO_MEMORY;
    }
    listing *one = &grown[set->list_count++];
    set->lists = grown;
    *one = (listing){.list = list,
                     .facts = {.understood = revocation_list_is_understood(list),
                               .from = revocation_list_from(list),
                               .until = revocation_list_until(list)}};
    find_signers(set, one);
    return RESULT_OK;
}

result trust_set_add_revocations(trust_set *set, const char *path) {
    buffer content = BUFFER_INIT(FILE_MAX);
    revocation_list *list;
    const unsigned before = set->list_count;
    result code = file_read_guarded(path, &content);
    if (code != RESULT_OK)
        return code;
    bytes rest = buffer_bytes(&content);
    trust_memo_clear(set->memo);
    while (code == RESULT_OK && (code = revocation_list_read(rest, &list, &rest)) == RESULT_OK)
        code = add_list(set, list);
    buffer_wipe(&content);
    if (code != RESULT_NOT_FOUND)
        return code;
    return set->list_count > before ? RESULT_OK : RESULT_INVALID;
}

/* --- checking ----------------------------------------------------------------------------------------------------- */

static bool has_signed(const authority *issuer, const certificate *c) {
    unsigned status = ~0U;
    return gnutls_x509_crt_verify(c->handle, &issuer->handle, 1,
                                  GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_CRL_CHECKS, &status) == 0 &&
           status == 0;
}

/* The CAs whose key signed c, among those of its issuer's name; several generations share one name, and some a key. */
static issuer_set find_issuers(const trust_set *set, const certificate *c) {
    issuer_set found = 0;
    const authority *first = NULL;
    for (unsigned i = 0; i < set->authority_count; i++) {
        const authority *one = &set->authorities[i];
        if (first != NULL && memcmp(first->key, one->key, sizeof one->key) != 0)
            continue; /* another key cannot have signed the same */
        if (!has_signed(one, c))
            continue;
        first = one;
        found |= bit(i);
    }
    return found;
}

/* From when on it is revoked, by any understood list of one of its issuers, also an old one: INT64_MAX for never. */
static int64_t find_revocation(const trust_set *set, const certificate *c, issuer_set issuers) {
    uint8_t serial[SERIAL_MAX];
    size_t length = sizeof serial;
    int64_t earliest = INT64_MAX, since;
    if (gnutls_x509_crt_get_serial(c->handle, serial, &length) != 0)
        return INT64_MIN; /* no list could name it */
    for (unsigned i = 0; i < set->list_count; i++) {
        const listing *one = &set->lists[i];
        if ((one->signers & issuers) != 0 && one->facts.understood &&
            revocation_list_names(one->list, bytes_of(serial, length), &since) && since < earliest)
            earliest = since;
    }
    return earliest;
}

/* The facts that do not depend on time and purpose. */
static trust_finding find_out(const trust_set *set, const certificate *c) {
    const uint8_t *key = certificate_fingerprint(c);
    trust_finding finding;
    if (trust_memo_find(set->memo, key, &finding))
        return finding;
    finding.issuers = find_issuers(set, c);
    finding.revoked_since = find_revocation(set, c, finding.issuers);
    trust_memo_keep(set->memo, key, &finding);
    return finding;
}

static trust_verdict check_issuers(const trust_set *set, issuer_set issuers, int64_t at) {
    trust_verdict verdict = TRUST_FAILED;
    for (unsigned i = 0; i < set->authority_count; i++) {
        const authority *one = &set->authorities[i];
        if ((issuers & bit(i)) == 0)
            continue;
        if (at >= one->from && at <= one->until)
            return TRUST_OK;
        verdict = at < one->from ? TRUST_ISSUER_NOT_YET_VALID : TRUST_ISSUER_EXPIRED;
    }
    return verdict;
}

static trust_verdict check_lists(const trust_set *set, const revocation_policy *policy, issuer_set issuers, int64_t at,
                                 int64_t now) {
    static const struct {
        revocation_state state;
        trust_verdict verdict;
    } verdicts[] = {
        {REVOCATION_STALE, TRUST_LIST_STALE},
        {REVOCATION_EARLY, TRUST_LIST_NOT_YET_VALID},
        {REVOCATION_NOT_UNDERSTOOD, TRUST_LIST_NOT_UNDERSTOOD},
        {REVOCATION_OTHER_ISSUER, TRUST_LIST_OF_ANOTHER},
        {REVOCATION_MISSING, TRUST_LIST_MISSING},
    };
    revocation_state best = set->list_count > 0 ? REVOCATION_OTHER_ISSUER : REVOCATION_MISSING;
    for (unsigned i = 0; i < set->list_count; i++) {
        const listing *one = &set->lists[i];
        const revocation_state state = (one->signers & issuers) != 0 ? revocation_check(&one->facts, policy, at, now)
                                                                     : REVOCATION_OTHER_ISSUER;
        best = state < best ? state : best;
    }
    if (revocation_rule_of(best, policy).permits)
        return TRUST_OK;
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (verdicts[i].state == best)
            return verdicts[i].verdict;
    return TRUST_FAILED;
}

static trust_verdict check_validity(const certificate *c, int64_t at, int64_t grace_s) {
    return at < c->not_before ? TRUST_NOT_YET_VALID : at - grace_s > c->not_after ? TRUST_EXPIRED : TRUST_OK;
}

static bool fits_purpose(const certificate *c, trust_purpose purpose) {
    switch (purpose) {
    case TRUST_CLIENT_AUTHENTICATION: return c->client_purpose;
    case TRUST_SERVER_AUTHENTICATION: return c->server_purpose;
    case TRUST_SIGNATURE: return (c->usage & (GNUTLS_KEY_NON_REPUDIATION | GNUTLS_KEY_DIGITAL_SIGNATURE)) != 0;
    case TRUST_COMMITMENT: return (c->usage & GNUTLS_KEY_NON_REPUDIATION) != 0;
    case TRUST_ANY_PURPOSE: break;
    }
    return true;
}

/* Each check relies on the ones before; of several faults it returns one that a new list or clock would not repair. */
trust_verdict trust_set_check(trust_set *set, const revocation_policy *policy, const certificate *c,
                              trust_purpose purpose, const trust_times *times) {
    const int64_t at = times->at, now = times->now;
    const trust_finding finding = find_out(set, c);
    if (finding.issuers == 0)
        return TRUST_UNKNOWN_ISSUER;
    if (at >= finding.revoked_since)
        return TRUST_REVOKED;
    trust_verdict verdict = check_validity(c, at, times->grace_s);
    if (verdict == TRUST_OK)
        verdict = check_issuers(set, finding.issuers, at);
    if (verdict == TRUST_OK)
        verdict = check_lists(set, policy, finding.issuers, at, now);
    if (verdict == TRUST_OK && !fits_purpose(c, purpose))
        verdict = TRUST_WRONG_PURPOSE;
    return verdict;
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

unsigned trust_set_authority_count(const trust_set *set) {
    return set->authority_count;
}

unsigned trust_set_list_count(const trust_set *set) {
    return set->list_count;
}

void trust_set_authority(const trust_set *set, unsigned index, trust_entry *out) {
    const authority *one = &set->authorities[index];
    gnutls_datum_t text = {NULL, 0};
    *out = (trust_entry){.signed_here = true, .understood = true, .from = one->from, .until = one->until};
    if (gnutls_x509_crt_get_dn3(one->handle, &text, 0) == 0)
        snprintf(out->name, sizeof out->name, "%.*s", (int)text.size, (const char *)text.data);
    gnutls_free(text.data);
}

void trust_set_list(const trust_set *set, unsigned index, trust_entry *out) {
    const listing *one = &set->lists[index];
    *out = (trust_entry){.revocation_list = true,
                         .signed_here = one->signers != 0,
                         .understood = one->facts.understood,
                         .from = one->facts.from,
                         .until = one->facts.until};
    revocation_list_issuer(one->list, out->name);
}
