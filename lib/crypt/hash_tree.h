/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A tree of hashes over a list of entries (RFC 6962 2.1, RFC 9162 2.1): one signature over its root and their number is
 * a signature over each entry, which can be verified alone with the sibling hashes up to the root. Leaves and nodes are
 * hashed with different first bytes, so that a node cannot pass as an entry; no entry is duplicated to fill a level, so
 * that each list has its own root. */
#pragma once

#include "base/buffer.h"
#include "crypt/digest.h"

#include <stddef.h>

#define HASH_TREE_LEAVES_MAX 128
#define HASH_TREE_PATH_MAX 7 /* sibling hashes: the binary logarithm of the leaves */

typedef struct hash_tree_path {
    size_t index, count; /* index of the entry, number of entries */
    size_t length;
    uint8_t beside[HASH_TREE_PATH_MAX][CRYPT_SHA256_LENGTH]; /* from the leaf up */
} hash_tree_path;

/* SHA-256 of a zero byte and the entry. */
result hash_tree_leaf(bytes entry, uint8_t leaf[CRYPT_SHA256_LENGTH]);
/* The root over leaves, and each one's path. RESULT_INVALID unless there are 1 to HASH_TREE_LEAVES_MAX. */
result hash_tree_build(const uint8_t leaves[][CRYPT_SHA256_LENGTH], size_t count, hash_tree_path paths[],
                       uint8_t root[CRYPT_SHA256_LENGTH]);
/* The root to which a path leads. RESULT_INVALID: a path of that index and count has another length. */
result hash_tree_climb(const uint8_t leaf[CRYPT_SHA256_LENGTH], const hash_tree_path *path,
                       uint8_t root[CRYPT_SHA256_LENGTH]);
