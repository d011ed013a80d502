/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* CA certificates and revocation lists that were read at one time, and checks against them. Immutable after the first
 * check. For trust.c only. */
#pragma once

#include "crypt/revocation_list.h"
#include "crypt/trust_verdict.h"

typedef struct trust_set trust_set;

/* NULL: out of memory. A set may have several holders. */
trust_set *trust_set_new(void);
trust_set *trust_set_share(trust_set *set);
void trust_set_free(trust_set **set);

/* As trust.h; RESULT_KEY: a CA's key is outside crypt/key_rule.h. */
result trust_set_add_authorities(trust_set *set, const char *path);
result trust_set_add_revocations(trust_set *set, const char *path);

/* Seconds since 1970: of the certificate's use, and by the clock; how long it is accepted after its own end. */
typedef struct trust_times {
    int64_t at, now, grace_s;
} trust_times;

/* As trust_check_lately. */
trust_verdict trust_set_check(trust_set *set, const revocation_policy *policy, const certificate *c,
                              trust_purpose purpose, const trust_times *times);

/* What is in it. */
unsigned trust_set_authority_count(const trust_set *set);
unsigned trust_set_list_count(const trust_set *set);
/* Index below the count. */
void trust_set_authority(const trust_set *set, unsigned index, trust_entry *out);
void trust_set_list(const trust_set *set, unsigned index, trust_entry *out);
