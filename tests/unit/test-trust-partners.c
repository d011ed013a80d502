/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whom trust speaks of: two CAs that are both trusted, with the same serial numbers, lists and namesakes; every usage
 * against every purpose; the first and the last second of each time; many certificates at once. */
#include "crypt/certificate.h"
#include "crypt/trust.h"
#include "test_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY 86400
#define CA_USAGE (GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)
#define AUTHORITIES_MAX 64 /* lib/crypt/trust_set.c */
#define CROWD 1000

static char folder[] = "/tmp/test-trust-partners.XXXXXX";
static int64_t now;
static test_identity one_ca, other_ca, stranger;
static gnutls_x509_privkey_t shared_key; /* of whom only the certificate matters */

static const char *in_folder(const char *name) {
    return test_path(folder, name);
}

static certificate *issue_at(const test_identity *ca, uint32_t serial, unsigned usage, const char *purpose,
                             int64_t from, int64_t to) {
    test_identity made;
    certificate *c;
    const test_profile profile = {"CN=Person,C=JP", serial, from, to, usage, purpose};
    test_identity_make(&made, &profile, ca, shared_key);
    assert_int_equal(certificate_new(bytes_of(made.der.data, made.der.size), &c), RESULT_OK);
    gnutls_x509_crt_deinit(made.certificate);
    gnutls_free(made.der.data);
    return c;
}

static certificate *issue(const test_identity *ca, uint32_t serial, unsigned usage, const char *purpose) {
    return issue_at(ca, serial, usage, purpose, now - DAY, now + DAY);
}

/* A list of this CA's that names this number. */
static void write_list(const test_identity *ca, uint32_t serial, const char *name) {
    test_identity revoked;
    const test_profile profile = {"CN=Revoked,C=JP", serial, now - DAY, now + DAY, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    test_identity_make(&revoked, &profile, ca, shared_key);
    test_revocation_write(ca, &revoked, in_folder(name));
    gnutls_x509_crt_deinit(revoked.certificate);
    gnutls_free(revoked.der.data);
}

static int begin(void **state) {
    const test_profile one = {"CN=One CA,C=JP", 1, now, now, CA_USAGE, NULL};
    (void)state;
    now = time(NULL);
    test_profile profile = one;
    profile.not_before = now - 30 * DAY;
    profile.not_after = now + 30 * DAY;
    assert_non_null(mkdtemp(folder));
    test_identity_make(&one_ca, &profile, NULL, NULL);
    test_identity_make(&stranger, &profile, NULL, NULL); /* of the same name */
    profile.dn = "CN=Other CA,C=JP";
    test_identity_make(&other_ca, &profile, NULL, NULL);
    assert_int_equal(gnutls_x509_privkey_init(&shared_key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(shared_key, GNUTLS_PK_RSA, 2048, 0), 0);
    test_identity_write(&one_ca, in_folder("one.pem"), NULL);
    test_identity_write(&other_ca, in_folder("other.pem"), NULL);
    return 0;
}

static int end(void **state) {
    char command[64];
    (void)state;
    test_identity_free(&one_ca);
    test_identity_free(&other_ca);
    test_identity_free(&stranger);
    gnutls_x509_privkey_deinit(shared_key);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static trust *trust_both(const char *list, const char *second_list) {
    trust *t;
    assert_int_equal(trust_new(&t), RESULT_OK);
    assert_int_equal(trust_add_authorities(t, in_folder("one.pem")), RESULT_OK);
    assert_int_equal(trust_add_authorities(t, in_folder("other.pem")), RESULT_OK);
    if (list != NULL)
        assert_int_equal(trust_add_revocations(t, in_folder(list)), RESULT_OK);
    if (second_list != NULL)
        assert_int_equal(trust_add_revocations(t, in_folder(second_list)), RESULT_OK);
    return t;
}

static trust_verdict any(const trust *t, const certificate *c, int64_t at) {
    return trust_check(t, c, TRUST_ANY_PURPOSE, at);
}

static void a_list_speaks_of_its_own_ca_only(void **state) {
    (void)state;
    certificate *of_one = issue(&one_ca, 7, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL);
    certificate *of_other = issue(&other_ca, 7, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL);
    certificate *of_third_party = issue(&stranger, 8, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL);
    write_list(&one_ca, 9, "one.crl");
    write_list(&other_ca, 7, "other.crl");
    trust *both = trust_both("one.crl", "other.crl"), *half = trust_both("one.crl", NULL);
    assert_int_equal(any(both, of_one, now), TRUST_OK);
    assert_int_equal(any(both, of_other, now), TRUST_REVOKED);
    assert_int_equal(any(both, of_third_party, now), TRUST_UNKNOWN_ISSUER);
    assert_int_equal(any(half, of_one, now), TRUST_OK);
    assert_int_equal(any(half, of_other, now), TRUST_LIST_OF_ANOTHER);
    trust_free(&both);
    trust_free(&half);
    certificate_free(&of_one);
    certificate_free(&of_other);
    certificate_free(&of_third_party);
}

static void a_new_list_counts_at_once(void **state) {
    (void)state;
    certificate *c = issue(&one_ca, 7, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL);
    write_list(&one_ca, 9, "before.crl");
    write_list(&one_ca, 7, "after.crl");
    trust *t = trust_both("before.crl", NULL);
    assert_int_equal(any(t, c, now), TRUST_OK);
    assert_int_equal(trust_add_revocations(t, in_folder("after.crl")), RESULT_OK);
    assert_int_equal(any(t, c, now), TRUST_REVOKED);
    trust_free(&t);
    certificate_free(&c);
}

static void each_usage_has_its_purposes(void **state) {
    static const trust_purpose purposes[] = {TRUST_CLIENT_AUTHENTICATION, TRUST_SERVER_AUTHENTICATION, TRUST_SIGNATURE,
                                             TRUST_COMMITMENT, TRUST_ANY_PURPOSE};
    static const struct {
        unsigned usage;
        const char *purpose;
        bool serves[5];
    } rows[] = {
        {GNUTLS_KEY_DIGITAL_SIGNATURE, GNUTLS_KP_TLS_WWW_CLIENT, {true, false, true, false, true}},
        {GNUTLS_KEY_DIGITAL_SIGNATURE, GNUTLS_KP_TLS_WWW_SERVER, {false, true, true, false, true}},
        {GNUTLS_KEY_NON_REPUDIATION, GNUTLS_KP_EMAIL_PROTECTION, {false, false, true, true, true}},
        {GNUTLS_KEY_DIGITAL_SIGNATURE, GNUTLS_KP_EMAIL_PROTECTION, {false, false, true, false, true}},
        {GNUTLS_KEY_KEY_ENCIPHERMENT, GNUTLS_KP_TLS_WWW_CLIENT, {true, false, false, false, true}},
    };
    (void)state;
    write_list(&one_ca, 9, "one.crl");
    trust *t = trust_both("one.crl", NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        certificate *c = issue(&one_ca, 20 + (uint32_t)i, rows[i].usage, rows[i].purpose);
        for (size_t k = 0; k < 5; k++)
            if ((trust_check(t, c, purposes[k], now) == TRUST_OK) != rows[i].serves[k])
                fail_msg("row %zu, purpose %zu", i, k);
        certificate_free(&c);
    }
    trust_free(&t);
}

static void times_have_a_first_and_a_last_second(void **state) {
    (void)state;
    certificate *c = issue(&one_ca, 30, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL);
    certificate *before = issue_at(&one_ca, 31, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL, now - 60 * DAY, now + 60 * DAY);
    trust *t = trust_both(NULL, NULL);
    trust_set_policy(t, &(revocation_policy){.without_lists = true});
    const struct {
        const certificate *c;
        int64_t at;
        trust_verdict due;
    } rows[] = {
        {c, now - DAY - 1, TRUST_NOT_YET_VALID},
        {c, now - DAY, TRUST_OK},
        {c, now + DAY, TRUST_OK},
        {c, now + DAY + 1, TRUST_EXPIRED},
        {before, now - 30 * DAY - 1, TRUST_ISSUER_NOT_YET_VALID},
        {before, now - 30 * DAY, TRUST_OK},
        {before, now + 30 * DAY, TRUST_OK},
        {before, now + 30 * DAY + 1, TRUST_ISSUER_EXPIRED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (any(t, rows[i].c, rows[i].at) != rows[i].due)
            fail_msg("row %zu: %s", i, trust_verdict_text(any(t, rows[i].c, rows[i].at)));
    trust_free(&t);
    certificate_free(&c);
    certificate_free(&before);
}

/* test_revocation_write revokes a minute before its now, which is ours or a second or two later. */
static void a_certificate_is_revoked_from_that_second_on(void **state) {
    (void)state;
    certificate *c = issue(&one_ca, 40, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL);
    write_list(&one_ca, 40, "one.crl");
    trust *t = trust_both("one.crl", NULL);
    int64_t first = now - 120;
    while (any(t, c, first) == TRUST_OK && first < now + DAY)
        first++;
    gnutls_x509_crl_t list;
    gnutls_datum_t pem;
    uint8_t serial[8];
    size_t length = sizeof serial;
    time_t revoked = 0;
    assert_int_equal(gnutls_load_file(in_folder("one.crl"), &pem), 0);
    assert_int_equal(gnutls_x509_crl_init(&list), 0);
    assert_int_equal(gnutls_x509_crl_import(list, &pem, GNUTLS_X509_FMT_PEM), 0);
    assert_int_equal(gnutls_x509_crl_get_crt_serial(list, 0, serial, &length, &revoked), 0);
    assert_int_equal(first, revoked);
    gnutls_x509_crl_deinit(list);
    gnutls_free(pem.data);
    trust_free(&t);
    certificate_free(&c);
}

static void there_is_room_for_so_many_cas(void **state) {
    char command[256];
    trust *t;
    (void)state;
    for (int more = 0; more < 2; more++) {
        snprintf(command, sizeof command, "for i in $(seq %d); do cat %s/one.pem; done > %s/many.pem",
                 AUTHORITIES_MAX + more, folder, folder);
        assert_int_equal(system(command), 0);
        assert_int_equal(trust_new(&t), RESULT_OK);
        assert_int_equal(trust_add_authorities(t, in_folder("many.pem")), more ? RESULT_TOO_LONG : RESULT_OK);
        trust_free(&t);
    }
}

/* More certificates than any table has places: each is itself, and each has its own verdict, also the second time. */
static void many_certificates_are_told_apart(void **state) {
    static certificate *all[CROWD];
    (void)state;
    write_list(&one_ca, 9, "one.crl");
    trust *t = trust_both("one.crl", NULL);
    for (uint32_t i = 0; i < CROWD; i++)
        all[i] = issue(i % 2 == 0 ? &one_ca : &stranger, 1000 + i, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL);
    for (int twice = 0; twice < 2; twice++)
        for (uint32_t i = 0; i < CROWD; i++) {
            char number[8];
            certificate *again;
            snprintf(number, sizeof number, "%04X", 1000 + i);
            assert_string_equal(certificate_serial(all[i]), number);
            assert_int_equal(any(t, all[i], now), i % 2 == 0 ? TRUST_OK : TRUST_UNKNOWN_ISSUER);
            assert_int_equal(certificate_new(certificate_der(all[i]), &again), RESULT_OK);
            assert_true(certificate_equal(again, all[i]));
            certificate_free(&again);
        }
    for (uint32_t i = 0; i < CROWD; i++)
        certificate_free(&all[i]);
    trust_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_speaks_of_its_own_ca_only),
        cmocka_unit_test(a_new_list_counts_at_once),
        cmocka_unit_test(each_usage_has_its_purposes),
        cmocka_unit_test(times_have_a_first_and_a_last_second),
        cmocka_unit_test(a_certificate_is_revoked_from_that_second_on),
        cmocka_unit_test(there_is_room_for_so_many_cas),
        cmocka_unit_test(many_certificates_are_told_apart),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
