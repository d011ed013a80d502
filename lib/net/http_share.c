/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "net/http_share.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LISTS 256

/* Only holders of a part have an entry, so their number is bounded by the total. */
typedef struct holder {
    struct holder *next;
    size_t amount;
    char key[];
} holder;

struct http_share {
    pthread_mutex_t lock;
    size_t max, share, used;
    holder *lists[LISTS];
};

result http_share_new(size_t max, size_t share, http_share **out) {
    *out = calloc(1, sizeof **out);
    if (!*out)
        return RESULT_NO_MEMORY;
    pthread_mutex_init(&(*out)->lock, NULL);
    (*out)->max = max;
    (*out)->share = share;
    return RESULT_OK;
}

void http_share_free(http_share **share) {
    if (!*share)
        return;
    for (size_t i = 0; i < LISTS; i++)
        while ((*share)->lists[i]) {
            holder *one = (*share)->lists[i];
            (*share)->lists[i] = one->next;
            free(one);
        }
    pthread_mutex_destroy(&(*share)->lock);
    free(*share);
    *share = NULL;
}

/* The link to the key's holder, or where it would be: FNV-1a over the key. */
static holder **find(http_share *share, const char *key) {
    uint32_t hash = 0x811C9DC5U;
    for (const char *c = key; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x01000193U;
    holder **link = &share->lists[(hash ^ hash >> 16) % LISTS];
    while (*link && strcmp((*link)->key, key) != 0)
        link = &(*link)->next;
    return link;
}

static bool may_take(const http_share *share, const holder *one, size_t amount) {
    const size_t mine = one ? one->amount : 0;
    if (amount > share->max - share->used)
        return false;
    return mine + amount <= share->share || share->used + amount <= share->max / 2;
}

bool http_share_has(http_share *share, const char *key, size_t amount) {
    pthread_mutex_lock(&share->lock);
    const bool has = may_take(share, *find(share, key), amount);
    pthread_mutex_unlock(&share->lock);
    return has;
}

static bool add(http_share *share, holder **link, const char *key, size_t amount) {
    if (!*link) {
        const size_t size = strlen(key) + 1;
        holder *one = malloc(sizeof *one + size);
        if (!one)
            return false;
        one->next = NULL;
        one->amount = 0;
        memcpy(one->key, key, size);
        *link = one;
    }
    (*link)->amount += amount;
    share->used += amount;
    return true;
}

bool http_share_take(http_share *share, const char *key, size_t amount) {
    pthread_mutex_lock(&share->lock);
    holder **link = find(share, key);
    const bool taken = amount == 0 || (may_take(share, *link, amount) && add(share, link, key, amount));
    pthread_mutex_unlock(&share->lock);
    return taken;
}

void http_share_give(http_share *share, const char *key, size_t amount) {
    pthread_mutex_lock(&share->lock);
    holder **link = find(share, key), *one = *link;
    if (one && one->amount >= amount) {
        one->amount -= amount;
        share->used -= amount;
        if (one->amount == 0) {
            *link = one->next;
            free(one);
        }
    }
    pthread_mutex_unlock(&share->lock);
}
