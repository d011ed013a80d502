/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tree of hashes over a batch: known roots, every path, and what no path may prove. */
#include "crypt/hash_tree.h"

#include "base/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MOST 100

static uint8_t leaves[MOST][CRYPT_SHA256_LENGTH];
static hash_tree_path paths[MOST];

static int make_leaves(void **state) {
    (void)state;
    for (size_t i = 0; i < MOST; i++) {
        char entry[16];
        snprintf(entry, sizeof entry, "entry %zu", i);
        assert_int_equal(hash_tree_leaf(bytes_of(entry, strlen(entry)), leaves[i]), RESULT_OK);
    }
    return 0;
}

/* The test vectors of RFC 6962's reference implementation (certificate-transparency, merkle_tree_test): the leaves "",
 * 00, 10, 2021, 3031, 40414243, 5051525354555657, 60..6F. */
static void known_roots(void **state) {
    static const struct {
        size_t count;
        const char *root;
    } rows[] = {
        {1, "6E340B9CFFB37A989CA544E6BB780A2C78901D3FB33738768511A30617AFA01D"},
        {2, "FAC54203E7CC696CF0DFCB42C92A1D9DBAF70AD9E621F4BD8D98662F00E3C125"},
        {3, "AEB6BCFE274B70A14FB067A5E5578264DB0FA9B51AF5E0BA159158F329E06E77"},
        {4, "D37EE418976DD95753C1C73862B9398FA2A2CF9B4FF0FDFE8B30CD95209614B7"},
        {5, "4E3BBB1F7B478DCFE71FB631631519A3BCA12C9AEFCA1612BFCE4C13A86264D4"},
        {6, "76E67DADBCDF1E10E1B74DDC608ABD2F98DFB16FBCE75277B5232A127F2087EF"},
        {7, "DDB89BE403809E325750D3D263CD78929C2942B7942A34B77E122C9594A74C8C"},
        {8, "5DC9DA79A70659A9AD559CB701DED9A2AB9D823AAD2F4960CFE370EFF4604328"},
    };
    static const struct {
        const char *data;
        size_t length;
    } inputs[] = {{"", 0},
                  {"\x00", 1},
                  {"\x10", 1},
                  {"\x20\x21", 2},
                  {"\x30\x31", 2},
                  {"\x40\x41\x42\x43", 4},
                  {"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
                  {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16}};
    uint8_t own[8][CRYPT_SHA256_LENGTH], root[CRYPT_SHA256_LENGTH];
    char text[65];
    (void)state;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(hash_tree_leaf(bytes_of(inputs[i].data, inputs[i].length), own[i]), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(hash_tree_build((const uint8_t(*)[CRYPT_SHA256_LENGTH])own, rows[i].count, paths, root),
                         RESULT_OK);
        hex_encode(BYTES(root), text, sizeof text);
        assert_string_equal(text, rows[i].root);
    }
}

static result build(size_t count, uint8_t root[CRYPT_SHA256_LENGTH]) {
    return hash_tree_build((const uint8_t(*)[CRYPT_SHA256_LENGTH])leaves, count, paths, root);
}

static bool leads(const uint8_t *leaf, const hash_tree_path *path, const uint8_t *root) {
    uint8_t got[CRYPT_SHA256_LENGTH];
    return hash_tree_climb(leaf, path, got) == RESULT_OK && memcmp(got, root, sizeof got) == 0;
}

static void every_path_leads_to_the_root_and_no_edited_one(void **state) {
    (void)state;
    for (size_t count = 1; count <= MOST; count++) {
        uint8_t root[CRYPT_SHA256_LENGTH];
        assert_int_equal(build(count, root), RESULT_OK);
        for (size_t i = 0; i < count; i++) {
            assert_true(leads(leaves[i], &paths[i], root));
            for (size_t j = 0; j < count; j++) /* another entry, or another place */
                if (j != i) {
                    assert_false(leads(leaves[j], &paths[i], root));
                    hash_tree_path moved = paths[i];
                    moved.index = j;
                    assert_false(leads(leaves[i], &moved, root));
                }
            for (size_t level = 0; level < paths[i].length; level++) {
                hash_tree_path edited = paths[i];
                edited.beside[level][7] ^= 1;
                assert_false(leads(leaves[i], &edited, root));
            }
        }
    }
}

/* Cut, longer, of another number of entries. */
static void paths_have_one_length(void **state) {
    uint8_t root[CRYPT_SHA256_LENGTH], got[CRYPT_SHA256_LENGTH];
    (void)state;
    assert_int_equal(build(6, root), RESULT_OK);
    hash_tree_path path = paths[1];
    path.length--;
    assert_int_equal(hash_tree_climb(leaves[1], &path, got), RESULT_INVALID);
    path.length += 2;
    assert_int_equal(hash_tree_climb(leaves[1], &path, got), RESULT_INVALID);
    path = paths[1];
    path.count = 2;
    assert_int_equal(hash_tree_climb(leaves[1], &path, got), RESULT_INVALID);
    path.count = 100;
    assert_int_equal(hash_tree_climb(leaves[1], &path, got), RESULT_INVALID);
    path = paths[1];
    path.index = 6;
    assert_int_equal(hash_tree_climb(leaves[1], &path, got), RESULT_INVALID);
    path.count = 0, path.index = 0;
    assert_int_equal(hash_tree_climb(leaves[1], &path, got), RESULT_INVALID);
    assert_int_equal(build(0, root), RESULT_INVALID);
}

/* CVE-2012-2459: a list whose last entries are doubled has the root of the list without. Not here: no entry is doubled
 * to fill a level. And a node is no leaf, so an inner hash cannot be given out as an entry. */
static void lists_of_other_length_have_other_roots(void **state) {
    uint8_t root[CRYPT_SHA256_LENGTH], doubled[CRYPT_SHA256_LENGTH], inner[2 * CRYPT_SHA256_LENGTH], as_leaf[32];
    uint8_t own[8][CRYPT_SHA256_LENGTH];
    hash_tree_path own_paths[8];
    (void)state;
    assert_int_equal(build(3, root), RESULT_OK);
    memcpy(own, leaves, 3 * sizeof own[0]);
    memcpy(own[3], leaves[2], sizeof own[3]);
    assert_int_equal(hash_tree_build((const uint8_t(*)[CRYPT_SHA256_LENGTH])own, 4, own_paths, doubled), RESULT_OK);
    assert_memory_not_equal(root, doubled, sizeof root);
    assert_int_equal(build(2, root), RESULT_OK);
    memcpy(inner, leaves[0], 32);
    memcpy(inner + 32, leaves[1], 32);
    assert_int_equal(hash_tree_leaf(BYTES(inner), as_leaf), RESULT_OK);
    assert_memory_not_equal(root, as_leaf, sizeof root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_roots),
        cmocka_unit_test(every_path_leads_to_the_root_and_no_edited_one),
        cmocka_unit_test(paths_have_one_length),
        cmocka_unit_test(lists_of_other_length_have_other_roots),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
