/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Cache of facts about a certificate that do not change: which CAs signed it, and from when on it is revoked. An
 * institution's certificate comes with each of its pieces of evidence, a patient's with each visit; without the cache
 * each would need a verification of the CA's signature. Constant size; keeps the newest. For trust_set.c only. */
#pragma once

#include "crypt/digest.h"

#include <stdbool.h>

typedef struct trust_memo trust_memo;

typedef uint64_t issuer_set; /* bit n: the CA number n */

typedef struct trust_finding {
    issuer_set issuers;    /* 0: no trusted CA */
    int64_t revoked_since; /* seconds since 1970; INT64_MAX: never */
} trust_finding;

/* NULL: out of memory. */
trust_memo *trust_memo_new(void);
void trust_memo_free(trust_memo **memo);
/* After anything was added to the trust. */
void trust_memo_clear(trust_memo *memo);

/* key: SHA-256 of the certificate's DER. */
bool trust_memo_find(trust_memo *memo, const uint8_t key[CRYPT_SHA256_LENGTH], trust_finding *finding);
void trust_memo_keep(trust_memo *memo, const uint8_t key[CRYPT_SHA256_LENGTH], const trust_finding *finding);
