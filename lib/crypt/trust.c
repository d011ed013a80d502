/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/trust.h"

#include "base/clock.h"
#include "base/file_stamp.h"
#include "base/log.h"
#include "crypt/trust_set.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 4096
#define DAY_MS (24LL * 60 * 60 * 1000)
#define HOUR_MS (60LL * 60 * 1000)

struct trust {
    atomic_uint holders;
    pthread_mutex_t lock; /* over set */
    trust_set *set;
    revocation_policy policy;
    /* followed files; updated by one thread at a time */
    pthread_mutex_t looking;
    char *authorities_path, *revocations_path; /* NULL: not followed */
    file_stamp authorities_stamp, revocations_stamp;
    int64_t warned_ms, refused_ms; /* time of the last log line about it; 0: none */
    bool refused;                  /* the current files cannot be used */
    trust *next;                   /* in the list of followed ones */
};

/* All followed trusts of this process. */
static struct {
    pthread_mutex_t lock;
    trust *first;
} followed = {.lock = PTHREAD_MUTEX_INITIALIZER};

result trust_new(trust **out) {
    trust *t = *out = calloc(1, sizeof *t);
    if (t == NULL)
        return RESULT_NO_MEMORY;
    t->holders = 1;
    pthread_mutex_init(&t->lock, NULL);
    pthread_mutex_init(&t->looking, NULL);
    if ((t->set = trust_set_new()) == NULL)
        trust_free(out);
    return *out != NULL ? RESULT_OK : RESULT_NO_MEMORY;
}

trust *trust_share(trust *t) {
    atomic_fetch_add(&t->holders, 1);
    return t;
}

static void unfollow(trust *t) {
    pthread_mutex_lock(&followed.lock);
    for (trust **at = &followed.first; *at != NULL; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            break;
        }
    pthread_mutex_unlock(&followed.lock);
}

void trust_free(trust **t) {
    trust *mine = *t;
    *t = NULL;
    if (mine == NULL || atomic_fetch_sub(&mine->holders, 1) > 1)
        return;
    if (mine->authorities_path != NULL)
        unfollow(mine);
    trust_set_free(&mine->set);
    pthread_mutex_destroy(&mine->lock);
    pthread_mutex_destroy(&mine->looking);
    free(mine->authorities_path);
    free(mine->revocations_path);
    free(mine);
}

void trust_set_policy(trust *t, const revocation_policy *policy) {
    t->policy = *policy;
}

result trust_add_authorities(trust *t, const char *path) {
    return trust_set_add_authorities(t->set, path);
}

result trust_add_revocations(trust *t, const char *path) {
    return trust_set_add_revocations(t->set, path);
}

/* *at: the file that was read last, for a failure's message. A list may be missing: the policy decides. */
static result read_files(const char *authorities, const char *revocations, trust_set *set, const char **at) {
    *at = authorities;
    result code = trust_set_add_authorities(set, authorities);
    if (code != RESULT_OK)
        return code;
    *at = revocations;
    code = trust_set_add_revocations(set, revocations);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result trust_add_anchor(trust *t, const char *folder, const char *name) {
    const char *at;
    char authorities[PATH_SIZE], revocations[PATH_SIZE];
    if (snprintf(authorities, sizeof authorities, "%s/%s.pem", folder, name) >= (int)sizeof authorities)
        return RESULT_TOO_LONG;
    snprintf(revocations, sizeof revocations, "%s/%s.crl", folder, name);
    return read_files(authorities, revocations, t->set, &at);
}

/* --- the set in force --------------------------------------------------------------------------------------------- */

static trust_set *take_set(const trust *t) {
    trust *mine = (trust *)(uintptr_t)t; /* the lock does not change the content */
    pthread_mutex_lock(&mine->lock);
    trust_set *set = trust_set_share(mine->set);
    pthread_mutex_unlock(&mine->lock);
    return set;
}

static void put_set(trust *t, trust_set *next) {
    pthread_mutex_lock(&t->lock);
    trust_set *former = t->set;
    t->set = next;
    pthread_mutex_unlock(&t->lock);
    trust_set_free(&former);
}

trust_verdict trust_check_lately(const trust *t, const certificate *c, trust_purpose purpose, int64_t at,
                                 int64_t grace_s) {
    trust_set *set = take_set(t);
    const trust_times times = {at, clock_wall_s(), grace_s};
    const trust_verdict verdict = trust_set_check(set, &t->policy, c, purpose, &times);
    trust_set_free(&set);
    return verdict;
}

trust_verdict trust_check(const trust *t, const certificate *c, trust_purpose purpose, int64_t at) {
    return trust_check_lately(t, c, purpose, at, 0);
}

const char *trust_verdict_text(trust_verdict verdict) {
    static const char *const texts[] = {
        [TRUST_OK] = "trusted",
        [TRUST_UNKNOWN_ISSUER] = "issued by an unknown CA",
        [TRUST_NOT_YET_VALID] = "not yet valid",
        [TRUST_EXPIRED] = "expired",
        [TRUST_REVOKED] = "revoked",
        [TRUST_WRONG_PURPOSE] = "not for this purpose",
        [TRUST_ISSUER_NOT_YET_VALID] = "its CA is not yet valid",
        [TRUST_ISSUER_EXPIRED] = "its CA has expired",
        [TRUST_LIST_MISSING] = "there is no revocation list of its CA",
        [TRUST_LIST_STALE] = "the revocation list of its CA is past its nextUpdate",
        [TRUST_LIST_NOT_YET_VALID] = "the revocation list of its CA is from the future",
        [TRUST_LIST_OF_ANOTHER] = "the revocation list was not issued by its CA",
        [TRUST_LIST_NOT_UNDERSTOOD] =
            "the revocation list of its CA is a part only, or has a critical extension not understood",
        [TRUST_FAILED] = "could not be checked",
    };
    return (unsigned)verdict < sizeof texts / sizeof *texts ? texts[verdict] : "unknown verdict";
}

bool trust_verdict_is_passing(trust_verdict verdict) {
    return verdict == TRUST_LIST_MISSING || verdict == TRUST_LIST_STALE || verdict == TRUST_LIST_NOT_YET_VALID ||
           verdict == TRUST_LIST_OF_ANOTHER || verdict == TRUST_LIST_NOT_UNDERSTOOD || verdict == TRUST_FAILED;
}

/* --- following ---------------------------------------------------------------------------------------------------- */

static char *path_of(const char *folder, const char *name, const char *suffix) {
    char *path = NULL;
    return asprintf(&path, "%s/%s.%s", folder, name, suffix) < 0 ? NULL : path;
}

result trust_follow(const char *folder, const char *name, const revocation_policy *policy, trust **out) {
    const char *at;
    result code = trust_new(out);
    if (code != RESULT_OK)
        return code;
    trust *t = *out;
    t->policy = *policy;
    t->authorities_path = path_of(folder, name, "pem");
    t->revocations_path = path_of(folder, name, "crl");
    if (t->authorities_path == NULL || t->revocations_path == NULL)
        code = RESULT_NO_MEMORY;
    if (code == RESULT_OK) {
        t->authorities_stamp = file_stamp_of(t->authorities_path);
        t->revocations_stamp = file_stamp_of(t->revocations_path);
        code = read_files(t->authorities_path, t->revocations_path, t->set, &at);
    }
    if (code != RESULT_OK) {
        trust_free(out);
        return code;
    }
    pthread_mutex_lock(&followed.lock);
    t->next = followed.first;
    followed.first = t;
    pthread_mutex_unlock(&followed.lock);
    return RESULT_OK;
}

/* The newest list of that name; -1: none. */
static int64_t newest_of(const trust_set *set, const char *name) {
    int64_t newest = -1;
    for (unsigned i = 0; i < trust_set_list_count(set); i++) {
        trust_entry entry;
        trust_set_list(set, i, &entry);
        if (strcmp(entry.name, name) == 0 && entry.from > newest)
            newest = entry.from;
    }
    return newest;
}

/* Why a set that was read cannot replace the former one; NULL: it can. With an older list a revoked card would be valid
 * again. */
static const char *find_fault(const trust *t, const trust_set *former, const trust_set *next) {
    trust_entry entry;
    for (unsigned i = 0; i < trust_set_list_count(next); i++) {
        trust_set_list(next, i, &entry);
        if (!entry.signed_here)
            return "none of the CAs beside it signed this list";
        if (newest_of(next, entry.name) < newest_of(former, entry.name))
            return "this list is older than the one in force";
    }
    if (!t->policy.without_lists && trust_set_list_count(next) == 0 && trust_set_list_count(former) > 0)
        return "the list is not there any more";
    return NULL;
}

static void complain(trust *t, const char *path, const char *why) {
    log_error("%s: %s. The former data stays in force until it expires; put the right file there.", path, why);
    t->refused = true;
    t->refused_ms = clock_monotonic_ms();
}

/* Why the files cannot be used, and which one; NULL: next has them. */
static const char *read_next(const trust *t, const trust_set *former, trust_set *next, const char **path) {
    *path = t->authorities_path;
    const result code = next == NULL ? RESULT_NO_MEMORY
                                     : read_files(t->authorities_path, t->revocations_path, next, path);
    return code == RESULT_OK ? find_fault(t, former, next) : result_text(code);
}

static bool is_as_stamped(const trust *t) {
    const file_stamp authorities = file_stamp_of(t->authorities_path), revocations = file_stamp_of(t->revocations_path);
    return file_stamp_equal(&authorities, &t->authorities_stamp) &&
           file_stamp_equal(&revocations, &t->revocations_stamp);
}

static trust_news read_anew(trust *t) {
    const char *path;
    t->authorities_stamp = file_stamp_of(t->authorities_path);
    t->revocations_stamp = file_stamp_of(t->revocations_path);
    trust_set *next = trust_set_new(), *former = take_set(t);
    const char *why = read_next(t, former, next, &path);
    const bool settled = is_as_stamped(t), taken = settled && why == NULL;
    if (!settled) { /* the file is being written: the next check reads it */
        t->authorities_stamp = (file_stamp){.inode = 1};
        trust_set_free(&next);
    } else if (taken) {
        put_set(t, next);
        t->refused = false;
        t->warned_ms = 0;
        log_notice("%s and its revocation list were read again", t->authorities_path);
    } else {
        complain(t, path, why);
        trust_set_free(&next);
    }
    trust_set_free(&former);
    return taken ? TRUST_READ_AGAIN : TRUST_FORMER_KEPT;
}

trust_news trust_look(trust *t, bool again) {
    trust_news news = TRUST_UNCHANGED;
    if (t->authorities_path == NULL)
        return news;
    pthread_mutex_lock(&t->looking);
    if (again || !is_as_stamped(t))
        news = read_anew(t);
    else if (t->refused && clock_monotonic_ms() - t->refused_ms > HOUR_MS)
        complain(t, t->authorities_path, "the current files still cannot be used");
    pthread_mutex_unlock(&t->looking);
    return news;
}

static void warn_of(const trust *t, const char *name, revocation_state state) {
    const revocation_rule rule = revocation_rule_of(state, &t->policy);
    if (rule.warns)
        log_write(rule.permits ? LOG_WARNING : LOG_ERROR, "%s: the revocation list %s %s%s", t->revocations_path, name,
                  rule.text, rule.permits ? "" : ". Nothing is accepted until then");
}

static void warn(trust *t) {
    if (t->warned_ms != 0 && clock_monotonic_ms() - t->warned_ms < DAY_MS)
        return;
    t->warned_ms = clock_monotonic_ms();
    trust_set *set = take_set(t);
    if (trust_set_list_count(set) == 0)
        warn_of(t, "", REVOCATION_MISSING);
    for (unsigned i = 0; i < trust_set_list_count(set); i++) {
        trust_entry entry;
        trust_set_list(set, i, &entry);
        if (entry.from == newest_of(set, entry.name)) /* former ones may be kept with it */
            warn_of(t, entry.name, trust_entry_state(t, &entry, clock_wall_s()));
    }
    trust_set_free(&set);
}

void trust_look_after_all(bool again) {
    pthread_mutex_lock(&followed.lock);
    for (trust *t = followed.first; t != NULL; t = t->next) {
        trust_look(t, again);
        warn(t);
    }
    pthread_mutex_unlock(&followed.lock);
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

void trust_each(const trust *t, bool (*visit)(void *context, const trust_entry *entry), void *context) {
    trust_set *set = take_set(t);
    trust_entry entry;
    bool more = true;
    for (unsigned i = 0; i < trust_set_authority_count(set) && more; i++) {
        trust_set_authority(set, i, &entry);
        more = visit(context, &entry);
    }
    for (unsigned i = 0; i < trust_set_list_count(set) && more; i++) {
        trust_set_list(set, i, &entry);
        more = visit(context, &entry);
    }
    trust_set_free(&set);
}

revocation_state trust_entry_state(const trust *t, const trust_entry *list, int64_t now) {
    const revocation_facts facts = {.understood = list->understood, .from = list->from, .until = list->until};
    return list->signed_here ? revocation_check(&facts, &t->policy, now, now) : REVOCATION_OTHER_ISSUER;
}
