/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checkpoints of the audit log: the SE signs the newest row's hash, and what it has signed wrongly, or another key has,
 * is never kept. The SE is the test's. */
#include "core/audit.h"
#include "core/local_store_file.h"
#include "test_actor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-audit-checkpoint.XXXXXX";
static store_access store = {.folder = folder};
static actor institution, other;
static const actor *signs;
static bool flips;
static int the_se;
#define SE ((token *)(void *)&the_se)

result token_certificate(token *t, const char *label, buffer *der) {
    (void)t;
    assert_string_equal(label, "institution");
    return buffer_append(der, certificate_der(institution.certificate));
}

result token_sign(token *t, const char *key, bytes data, buffer *signature) {
    (void)t;
    assert_string_equal(key, "institution");
    assert_memory_equal(data.data, "Uketsuke-AUDIT-1", 16);
    const result code = cms_key_sign(signs->key, data, signature);
    if (code == RESULT_OK && flips)
        signature->data[9] ^= 1;
    return code;
}

static int64_t rows_so_far(void) {
    terminal_audit_row last = {0};
    terminal_store_audit_last(store.file, &last);
    return last.number;
}

static void only_a_good_signature_is_kept(void **state) {
    (void)state;
    signs = &institution;
    flips = false;
    audit_note(&store, "login", "");
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 2);
    audit_checkpoint(SE, &store); /* nothing came since */
    assert_int_equal(rows_so_far(), 2);
    audit_note(&store, "logout", "");
    flips = true;
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 3);
    flips = false;
    signs = &other;
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 3);
    audit_checkpoint(NULL, &store);
    assert_int_equal(rows_so_far(), 3);
    signs = &institution;
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 4);
}

static int begin(void **state) {
    const int64_t now = time(NULL);
    const test_profile p = {"CN=SE,C=JP", 1, now - 1000, now + 1000, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    report r;
    (void)state;
    assert_non_null(mkdtemp(folder));
    test_actor_make(&institution, &p, NULL, folder);
    test_actor_make(&other, &p, NULL, folder);
    report_begin(&r, true, NULL, NULL);
    const outcome done = store_open_file(&store, &r);
    report_discard(&r);
    return done == OUTCOME_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    store_close(&store);
    test_actor_free(&other);
    test_actor_free(&institution);
    unlink(test_path(folder, "terminal.sqlite"));
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_a_good_signature_is_kept)};
    return cmocka_run_group_tests(tests, begin, end);
}
