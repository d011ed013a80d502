/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "crypt/hash_tree.h"

#include <string.h>

/* RFC 6962 2.1: 00 before an entry, 01 before two hashes. */
result hash_tree_leaf(bytes entry, uint8_t leaf[CRYPT_SHA256_LENGTH]) {
    buffer input = BUFFER_INIT(entry.length + 1);
    buffer_append_u8(&input, 0x00);
    result outcome = buffer_append(&input, entry);
    if (outcome == RESULT_OK)
        outcome = crypt_sha256(buffer_bytes(&input), leaf);
    buffer_wipe(&input);
    return outcome;
}

static result node(const uint8_t left[CRYPT_SHA256_LENGTH], const uint8_t right[CRYPT_SHA256_LENGTH],
                   uint8_t out[CRYPT_SHA256_LENGTH]) {
    uint8_t input[1 + 2 * CRYPT_SHA256_LENGTH] = {0x01};
    memcpy(input + 1, left, CRYPT_SHA256_LENGTH);
    memcpy(input + 1 + CRYPT_SHA256_LENGTH, right, CRYPT_SHA256_LENGTH);
    return crypt_sha256(BYTES(input), out);
}

/* The largest power of two below count: how many leaves are in the left half. */
static size_t left_half(size_t count) {
    size_t half = 1;
    while (2 * half < count)
        half *= 2;
    return half;
}

/* Of a part of the leaves. Each half's hash is in the path of every leaf of the other half. */
static result build(const uint8_t leaves[][CRYPT_SHA256_LENGTH], size_t count, hash_tree_path paths[],
                    uint8_t root[CRYPT_SHA256_LENGTH]) {
    uint8_t left[CRYPT_SHA256_LENGTH], right[CRYPT_SHA256_LENGTH];
    if (count == 1) {
        memcpy(root, leaves[0], CRYPT_SHA256_LENGTH);
        return RESULT_OK;
    }
    const size_t half = left_half(count);
    result outcome = build(leaves, half, paths, left);
    if (outcome == RESULT_OK)
        outcome = build(leaves + half, count - half, paths + half, right);
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        memcpy(paths[i].beside[paths[i].length++], i < half ? right : left, CRYPT_SHA256_LENGTH);
    return outcome == RESULT_OK ? node(left, right, root) : outcome;
}

result hash_tree_build(const uint8_t leaves[][CRYPT_SHA256_LENGTH], size_t count, hash_tree_path paths[],
                       uint8_t root[CRYPT_SHA256_LENGTH]) {
    if (count == 0 || count > HASH_TREE_LEAVES_MAX)
        return RESULT_INVALID;
    for (size_t i = 0; i < count; i++)
        paths[i] = (hash_tree_path){.index = i, .count = count};
    return build(leaves, count, paths, root);
}

/* RFC 9162 2.1.3.2. */
result hash_tree_climb(const uint8_t leaf[CRYPT_SHA256_LENGTH], const hash_tree_path *path,
                       uint8_t root[CRYPT_SHA256_LENGTH]) {
    size_t at = path->index, last = path->count - 1;
    result outcome = path->index < path->count && path->count <= HASH_TREE_LEAVES_MAX &&
                             path->length <= HASH_TREE_PATH_MAX
                         ? RESULT_OK
                         : RESULT_INVALID;
    memcpy(root, leaf, CRYPT_SHA256_LENGTH);
    for (size_t i = 0; outcome == RESULT_OK && i < path->length; i++) {
        if (last == 0)
            return RESULT_INVALID; /* at the root already */
        const bool right = at % 2 == 1 || at == last;
        outcome = right ? node(path->beside[i], root, root) : node(root, path->beside[i], root);
        while (right && at % 2 == 0 && at != 0) { /* a level without a sibling */
            at /= 2;
            last /= 2;
        }
        at /= 2;
        last /= 2;
    }
    return outcome == RESULT_OK && last != 0 ? RESULT_INVALID : outcome;
}
