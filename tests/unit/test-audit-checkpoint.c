/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Checkpoints of the audit log: the SE signs the newest row's hash, and what it has signed wrongly, or another key has,
 * is never kept. It never signs what somebody has put in the place of what it signed before. The SE is the test's. */
#include "administration/audit_check.h"
#include "core/audit.h"
#include "core/local_store_file.h"
#include "delivery/ledger.h"
#include "delivery/sealed_record.h"
#include "test_actor.h"

#include <setjmp.h>
#include <sqlite3.h>
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

/* --- somebody writes into the file -------------------------------------------------------------------------------- */

static void stranger_does(const char *sql) {
    sqlite3 *file;
    assert_int_equal(sqlite3_open(test_path(folder, "terminal.sqlite"), &file), SQLITE_OK);
    assert_int_equal(sqlite3_exec(file, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(file);
}

static terminal reader;

static void use_nothing(void *context, const terminal_audit_row *row) {
    (void)context, (void)row;
}

static audit_check check(void) {
    audit_check out;
    reader.store = store;
    reader.cards.se = SE;
    assert_int_equal(audit_check_rows(&reader, use_nothing, NULL, &out), RESULT_OK);
    return out;
}

static void note_rows(int count) {
    while (count-- > 0)
        audit_note(&store, "reception", "");
}

/* Four rows, the second and the fourth of them checkpoints, in a store that is open. */
static int begin_log(void **state) {
    (void)state;
    signs = &institution;
    flips = false;
    stranger_does("DELETE FROM audit; DELETE FROM setting");
    assert_int_equal(ledger_begin(&store), RESULT_OK);
    store.unlocked = true;
    for (int i = 0; i < 2; i++) {
        note_rows(1);
        audit_checkpoint(SE, &store);
    }
    assert_int_equal(rows_so_far(), 4);
    return 0;
}

static int end_log(void **state) {
    (void)state;
    store.unlocked = false;
    ledger_forget(&store);
    return 0;
}

static void a_whole_log_goes_on(void **state) {
    (void)state;
    note_rows(2);
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 7);
    const audit_check found = check();
    assert_int_equal(found.broken_at, 0);
    assert_int_equal(found.signed_up_to, 7);
    assert_int_equal(found.made, 7);
}

/* The end is cut off, down to an earlier checkpoint. What is written next must not be signed in its place. */
static void a_log_that_was_cut_is_not_signed(void **state) {
    (void)state;
    stranger_does("DELETE FROM audit WHERE number > 2");
    note_rows(1);
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 3);
    audit_check found = check();
    assert_int_equal(found.signed_up_to, 2);
    assert_int_equal(found.made, 4);
    note_rows(2); /* past the row that is missed */
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 5);
    found = check();
    assert_int_equal(found.broken_at, 4);
    assert_int_equal(found.signed_up_to, 2);
}

/* All rows anew with a chain of their own, as everybody can compute it, and more of them than before. */
static void a_log_that_was_written_anew_is_not_signed(void **state) {
    (void)state;
    stranger_does("DELETE FROM audit");
    note_rows(6);
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 6);
    const audit_check found = check();
    assert_int_equal(found.broken_at, 4);
    assert_int_equal(found.signed_up_to, 0);
    assert_int_equal(found.made, 4);
}

/* A program of before kept the number alone. */
static void a_mark_without_chain_is_taken_up(void **state) {
    (void)state;
    assert_int_equal(record_set(&store, "audit-checkpoint", bytes_of("4", 1)), RESULT_OK);
    assert_int_equal(check().broken_at, 0);
    note_rows(1);
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 6);
    assert_int_equal(audit_last_checkpoint(&store).number, 6);
    assert_int_equal(strlen(audit_last_checkpoint(&store).chain), 64);
    stranger_does("DELETE FROM audit WHERE number = 6");
    note_rows(1);
    audit_checkpoint(SE, &store);
    assert_int_equal(rows_so_far(), 6);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_good_signature_is_kept),
        cmocka_unit_test_setup_teardown(a_whole_log_goes_on, begin_log, end_log),
        cmocka_unit_test_setup_teardown(a_log_that_was_cut_is_not_signed, begin_log, end_log),
        cmocka_unit_test_setup_teardown(a_log_that_was_written_anew_is_not_signed, begin_log, end_log),
        cmocka_unit_test_setup_teardown(a_mark_without_chain_is_taken_up, begin_log, end_log),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
