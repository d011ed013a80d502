/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The register of terminals, against one wrong partner after the other: institution, terminal, SE, keys. */
#include "partners.h"

#include "service/registrar.h"
#include "store/platform_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KNOWN 1 /* taken, and answered before */

static char path[64];
static platform_store *store;
static service_signer signer;
static registrar gate;

static int begin(void **state) {
    (void)state;
    strcpy(path, "/tmp/test-register-partners.XXXXXX");
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_int_equal(platform_store_open(path, &store), RESULT_OK);
    signer = (service_signer){.certificate = partners[PLATFORM].certificate, .key = partners[PLATFORM].key};
    gate = (registrar){platform_store_terminals(store), institutions, &signer, true};
    const terminal_entry known = partners_entry(SE);
    assert_int_equal(terminal_register_add(platform_store_terminals(store), &known, bytes_of("r", 1), bytes_of("r", 1),
                                           bytes_of("s", 1)),
                     RESULT_OK);
    return 0;
}

static int end(void **state) {
    char command[128];
    (void)state;
    platform_store_close(&store);
    snprintf(command, sizeof command, "rm -f %s*", path);
    return system(command);
}

static int apply(const terminal_entry *entry, const char *tls_terminal) {
    const registrar_applicant wanted = {*entry, tls_terminal, bytes_of("report", 6)};
    buffer receipt = BUFFER_INIT(4096), signature = BUFFER_INIT(2 * SERVICE_SIGNATURE_MAX);
    refusal refused = {0};
    bool known = false;
    const result code = registrar_register(&gate, &wanted, &receipt, &signature, &known, &refused);
    assert_int_equal(code == RESULT_OK, refused.status == 0);
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
    return refused.status != 0 ? refused.status : known ? KNOWN : 0;
}

/* An SE, terminal and key that nobody has registered. */
static terminal_entry fresh_entry(const char *se, const char *terminal, const char *key) {
    terminal_entry e = partners_entry(SE);
    strcpy(e.certificate_hash, se);
    strcpy(e.terminal_id, terminal);
    strcpy(e.tls_key, key);
    return e;
}

static void registering_needs_ones_own_se_key_and_terminal(void **state) {
    terminal_register *r = platform_store_terminals(store);
    terminal_entry e = fresh_entry("SE-A", "T-A", "KEY-A"), other;
    (void)state;
    assert_int_equal(apply(&e, "T-A"), 0);
    assert_int_equal(apply(&e, "T-A"), KNOWN);
    other = fresh_entry("SE-B", "T-B", "KEY-B");
    assert_int_equal(apply(&other, "T-A"), 422); /* over another terminal's connection */
    other = e;
    strcpy(other.institution_code, OTHER_INSTITUTION); /* another institution with this SE */
    assert_int_equal(apply(&other, "T-A"), 409);
    other = fresh_entry("SE-A", "T-B", "KEY-A"); /* another terminal with this SE */
    assert_int_equal(apply(&other, "T-B"), 409);
    other = fresh_entry("SE-B", "T-A", "KEY-B"); /* another SE for this terminal */
    assert_int_equal(apply(&other, "T-A"), 409);
    other = fresh_entry("SE-B", "T-B", "KEY-A"); /* another SE with this key */
    assert_int_equal(apply(&other, "T-B"), 409);
    strcpy(other.institution_code, OTHER_INSTITUTION); /* keys of others are not ours to know */
    assert_int_equal(apply(&other, "T-B"), 0);
    assert_int_equal(terminal_register_set_revoked(r, &e, now), RESULT_OK);
    assert_int_equal(apply(&e, "T-A"), 409); /* a revoked SE again */
    other = fresh_entry("SE-A", "T-A", "KEY-D");
    assert_int_equal(apply(&other, "T-A"), 409); /* also with a new key */
    other = fresh_entry("SE-C", "T-C", "KEY-A");
    assert_int_equal(apply(&other, "T-C"), 409); /* a revoked key again */
    other = fresh_entry("SE-C", "T-A", "KEY-C");
    assert_int_equal(apply(&other, "T-A"), 0); /* the terminal may have another one now, */
    assert_int_equal(terminal_register_set_revoked(r, &e, 0), RESULT_EXISTS); /* and the former one may not come back */
}

/* Whoever revokes again does not change since when. */
static void an_se_is_revoked_once(void **state) {
    terminal_register *r = platform_store_terminals(store);
    const terminal_entry e = fresh_entry("SE-R", "T-R", "KEY-R");
    terminal_entry found;
    (void)state;
    assert_int_equal(apply(&e, "T-R"), 0);
    assert_int_equal(terminal_register_revoke_se(r, SE_SERIAL, now), RESULT_OK);
    assert_int_equal(terminal_register_revoke_se(r, SE_SERIAL, now + 60), RESULT_OK);
    assert_int_equal(terminal_register_find(r, "SE-R", "T-R", &found, NULL, NULL), RESULT_OK);
    assert_int_equal(found.revoked_at, now);
    assert_int_equal(terminal_register_revoke_se(r, "nobody", now), RESULT_NOT_FOUND);
}

static void a_shared_se_serves_its_institution(void **state) {
    terminal_entry e = fresh_entry("SE-S", "T-S1", "KEY-S"), other = fresh_entry("SE-S", "T-S2", "KEY-S");
    (void)state;
    assert_int_equal(apply(&e, "T-S1"), 0);
    assert_int_equal(terminal_register_set_shared(platform_store_terminals(store), "SE-S", true), RESULT_OK);
    assert_int_equal(apply(&other, "T-S1"), 0); /* with the key that the SE is known with */
    other = fresh_entry("SE-S", "T-S3", "KEY-T");
    assert_int_equal(apply(&other, "T-S1"), 422);
    other = fresh_entry("SE-S", "T-S4", "KEY-S");
    strcpy(other.institution_code, OTHER_INSTITUTION);
    assert_int_equal(apply(&other, "T-S1"), 409);
}

static int permits(const terminal_entry *e, bool by_se) {
    const registrar_sender sender = {e->institution_code,
                                     e->terminal_id,
                                     by_se ? e->certificate_hash : "",
                                     by_se ? e->se_serial : "",
                                     by_se ? e->holder_reference : "",
                                     e->tls_key};
    refusal refused = {0};
    return registrar_permits(&gate, &sender, &refused) ? 0 : refused.status;
}

static void the_register_permits_the_pair_it_knows(void **state) {
    const terminal_entry e = fresh_entry("SE-P", "T-P", "KEY-P");
    terminal_entry other;
    (void)state;
    assert_int_equal(apply(&e, "T-P"), 0);
    assert_int_equal(permits(&e, true), 0);
    assert_int_equal(permits(&e, false), 0);
    other = e;
    strcpy(other.se_serial, "SE-0002");
    assert_int_equal(permits(&other, true), 422);
    other = e;
    strcpy(other.holder_reference, "00");
    assert_int_equal(permits(&other, true), 422);
    other = e;
    strcpy(other.institution_code, OTHER_INSTITUTION);
    assert_int_equal(permits(&other, true), 422);
    assert_int_equal(permits(&other, false), 403);
    other = e;
    strcpy(other.terminal_id, "T-Q");
    assert_int_equal(permits(&other, true), 422);
    assert_int_equal(permits(&other, false), 403);
    other = e;
    strcpy(other.tls_key, "KEY-Q");
    assert_int_equal(permits(&other, true), 403);
    assert_int_equal(permits(&other, false), 403);
    other = e;
    strcpy(other.certificate_hash, "SE-Q");
    assert_int_equal(permits(&other, true), 403);
    const struct {
        const char *key, *holder;
    } incomplete[] = {{"", e.holder_reference}, {e.tls_key, ""}};
    for (size_t i = 0; i < 2; i++) { /* of the version before */
        other = fresh_entry(i == 0 ? "SE-O1" : "SE-O2", i == 0 ? "T-O1" : "T-O2", incomplete[i].key);
        strcpy(other.holder_reference, incomplete[i].holder);
        assert_int_equal(terminal_register_add(platform_store_terminals(store), &other, bytes_of("r", 1),
                                               bytes_of("r", 1), bytes_of("s", 1)),
                         RESULT_OK);
        assert_int_equal(permits(&other, true), 403);
    }
    assert_int_equal(terminal_register_set_revoked(platform_store_terminals(store), &e, now), RESULT_OK);
    assert_int_equal(permits(&e, true), 422);
    assert_int_equal(permits(&e, false), 422);
}

/* [terminals] registered-only = no: a service for tests. What was revoked stays out. */
static void an_open_service_keeps_out_what_was_revoked(void **state) {
    const terminal_entry e = fresh_entry("SE-O", "T-O", "KEY-O"), stranger = fresh_entry("SE-X", "T-X", "KEY-X");
    (void)state;
    assert_int_equal(apply(&e, "T-O"), 0);
    assert_int_equal(permits(&stranger, true), 403);
    gate.registered_only = false;
    assert_int_equal(permits(&stranger, true), 0);
    assert_int_equal(permits(&stranger, false), 0);
    assert_int_equal(terminal_register_set_revoked(platform_store_terminals(store), &e, now), RESULT_OK);
    assert_int_equal(permits(&e, true), 422);
    assert_int_equal(permits(&e, false), 422);
}

/* A key that was renewed counts from the next registration on, and the former one no longer. */
static void a_renewed_key_takes_the_place_of_the_former(void **state) {
    const terminal_entry e = fresh_entry("SE-K", "T-K", "KEY-K"), renewed = fresh_entry("SE-K", "T-K", "KEY-L");
    (void)state;
    assert_int_equal(apply(&e, "T-K"), 0);
    assert_int_equal(permits(&renewed, true), 403);
    assert_int_equal(apply(&renewed, "T-K"), KNOWN);
    assert_int_equal(permits(&renewed, true), 0);
    assert_int_equal(permits(&renewed, false), 0);
    assert_int_equal(permits(&e, true), 403);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(registering_needs_ones_own_se_key_and_terminal),
        TEST(an_se_is_revoked_once),
        TEST(a_shared_se_serves_its_institution),
        TEST(the_register_permits_the_pair_it_knows),
        TEST(an_open_service_keeps_out_what_was_revoked),
        TEST(a_renewed_key_takes_the_place_of_the_former),
    };
    return cmocka_run_group_tests(tests, partners_make, partners_free);
}
