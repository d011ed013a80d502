/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is trusted: CA certificates and their CRLs, and the check of a certificate against them (RFC 5280 6). Several
 * generations of a CA may share one name; the signature decides which one issued a certificate. For revocation lists
 * see crypt/revocation_policy.h. */
#pragma once

#include "crypt/trust_verdict.h"

typedef struct trust trust;

/* Empty: trusts no CA, and accepts nothing without a current list. RESULT_NO_MEMORY. */
result trust_new(trust **out);
/* Another holder of the same: each frees it. Nothing may be added to what is shared. */
trust *trust_share(trust *t);
void trust_free(trust **t);

/* Before anything is checked. */
void trust_set_policy(trust *t, const revocation_policy *policy);

/* PEM files with one or more CA certificates (at most 64 in all), or one or more CRLs. RESULT_NOT_FOUND,
 * RESULT_INVALID, RESULT_TOO_LONG, RESULT_KEY (crypt/key_rule.h). */
result trust_add_authorities(trust *t, const char *path);
result trust_add_revocations(trust *t, const char *path);
/* name.pem and, if there, name.crl in a folder of anchors (docs/interfaces/pki.md). */
result trust_add_anchor(trust *t, const char *folder, const char *name);

/* name.pem and name.crl, followed from now on: trust_look reads them again when they have changed. The former data
 * stays in force when the new files cannot be used: unreadable, or with a list that is older than the current one, is
 * signed by none of the CAs, or is missing where there was one. The log says why. The former data is refused once it is
 * too old. */
result trust_follow(const char *folder, const char *name, const revocation_policy *policy, trust **out);

typedef enum trust_news {
    TRUST_UNCHANGED,
    TRUST_READ_AGAIN,
    TRUST_FORMER_KEPT, /* the files have changed, and cannot be used */
} trust_news;

/* Costs two calls of stat(2) while nothing has changed. again: reads them in any case. Concurrent checks use the former
 * data. */
trust_news trust_look(trust *t, bool again);
/* trust_look for all followed trusts of this process; and once a day a log line for each list that ends soon or has
 * ended. For long-running programs; one thread. */
void trust_look_after_all(bool again);

/* at: seconds since 1970: the time of use of the certificate. The certificate, its CA, the CA's revocation list are
 * checked at that time, and a revocation counts from its date on. */
trust_verdict trust_check(const trust *t, const certificate *c, trust_purpose purpose, int64_t at);
/* The same, but the certificate itself may have expired up to grace_s seconds before at; its CA may not. */
trust_verdict trust_check_lately(const trust *t, const certificate *c, trust_purpose purpose, int64_t at,
                                 int64_t grace_s);
const char *trust_verdict_text(trust_verdict verdict);
/* Whether our own revocation list is the reason: temporary, and not the certificate holder's fault. */
bool trust_verdict_is_passing(trust_verdict verdict);

/* visit returns false to stop. */
void trust_each(const trust *t, bool (*visit)(void *context, const trust_entry *entry), void *context);
/* The state of a revocation list now, by this trust's policy. */
revocation_state trust_entry_state(const trust *t, const trust_entry *list, int64_t now);
