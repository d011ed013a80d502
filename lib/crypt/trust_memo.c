/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/trust_memo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 4096 /* of 56 bytes; one certificate each, found by the first bytes of its digest */

struct trust_memo {
    pthread_mutex_t lock;
    struct {
        uint8_t key[CRYPT_SHA256_LENGTH];
        bool used;
        trust_finding finding;
    } slots[SLOTS];
};

trust_memo *trust_memo_new(void) {
    trust_memo *memo = calloc(1, sizeof *memo);
    if (memo != NULL)
        pthread_mutex_init(&memo->lock, NULL);
    return memo;
}

void trust_memo_free(trust_memo **memo) {
    if (*memo == NULL)
        return;
    pthread_mutex_destroy(&(*memo)->lock);
    free(*memo);
    *memo = NULL;
}

void trust_memo_clear(trust_memo *memo) {
    pthread_mutex_lock(&memo->lock);
    memset(memo->slots, 0, sizeof memo->slots);
    pthread_mutex_unlock(&memo->lock);
}

static size_t slot_of(const uint8_t *key) {
    return ((size_t)key[0] << 8 | key[1]) % SLOTS;
}

bool trust_memo_find(trust_memo *memo, const uint8_t key[CRYPT_SHA256_LENGTH], trust_finding *finding) {
    size_t slot = slot_of(key);
    pthread_mutex_lock(&memo->lock);
    bool found = memo->slots[slot].used && memcmp(memo->slots[slot].key, key, CRYPT_SHA256_LENGTH) == 0;
    if (found)
        *finding = memo->slots[slot].finding;
    pthread_mutex_unlock(&memo->lock);
    return found;
}

void trust_memo_keep(trust_memo *memo, const uint8_t key[CRYPT_SHA256_LENGTH], const trust_finding *finding) {
    size_t slot = slot_of(key);
    pthread_mutex_lock(&memo->lock);
    memcpy(memo->slots[slot].key, key, CRYPT_SHA256_LENGTH);
    memo->slots[slot].used = true;
    memo->slots[slot].finding = *finding;
    pthread_mutex_unlock(&memo->lock);
}
