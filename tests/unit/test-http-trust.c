/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net's verdict of certificates: each way to be refused, for both ends; what is no file of anchors. */
#include "net/http_profile.h"
#include "net/http_trust.h"
#include "test_certificates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define AUTHORITY (GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN)
#define SERVER GNUTLS_KP_TLS_WWW_SERVER
#define CLIENT GNUTLS_KP_TLS_WWW_CLIENT

enum {
    CA,
    NAMESAKE,
    BELOW,
    OLD_CA,
    GOOD,
    STRANGE,
    CLIENTS,
    PURPOSELESS,
    EXPIRED,
    EARLY,
    REVOKED,
    ELSEWHERE,
    BENEATH,
    OF_OLD,
    COUNT
};
static test_identity all[COUNT];
static char folder[64], paths[6][96];
enum { CA_FILE, CRL_FILE, NAMESAKE_CRL_FILE, JUNK_FILE, OLD_CA_FILE, MISSING_FILE };

static int begin(void **state) {
    const int64_t now = time(NULL), from = now - 7200, to = now + 7200;
    const char *ca = "CN=TLS CA,C=JP", *local = "CN=localhost,C=JP";
    const struct {
        test_profile profile;
        int issuer; /* -1: itself */
    } rows[COUNT] = {
        [CA] = {{ca, 1, from, to, AUTHORITY, NULL}, -1},
        [NAMESAKE] = {{ca, 1, from, to, AUTHORITY, NULL}, -1},
        [BELOW] = {{"CN=A CA below,C=JP", 2, from, to, AUTHORITY, NULL}, CA},
        [OLD_CA] = {{"CN=Old CA,C=JP", 1, from, now - 60, AUTHORITY, NULL}, -1},
        [GOOD] = {{local, 10, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, CA},
        [STRANGE] = {{local, 10, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, NAMESAKE},
        [CLIENTS] = {{local, 11, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, CLIENT}, CA},
        [PURPOSELESS] = {{local, 12, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL}, CA},
        [EXPIRED] = {{local, 13, from, now - 60, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, CA},
        [EARLY] = {{local, 14, now + 3600, to, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, CA},
        [REVOKED] = {{local, 15, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, CA},
        [ELSEWHERE] = {{"CN=elsewhere.example,C=JP", 16, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, CA},
        [BENEATH] = {{local, 17, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, BELOW},
        [OF_OLD] = {{local, 18, from, to, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER}, OLD_CA},
    };
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/uketsuke-trust.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    for (int i = 0; i < COUNT; i++)
        test_identity_make(&all[i], &rows[i].profile, rows[i].issuer < 0 ? NULL : &all[rows[i].issuer], NULL);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        snprintf(paths[i], sizeof paths[i], "%s/%zu", folder, i);
    test_identity_write(&all[CA], paths[CA_FILE], NULL);
    test_identity_write(&all[OLD_CA], paths[OLD_CA_FILE], NULL);
    test_revocation_write(&all[CA], &all[REVOKED], paths[CRL_FILE]);
    test_revocation_write(&all[NAMESAKE], &all[GOOD], paths[NAMESAKE_CRL_FILE]);
    FILE *junk = fopen(paths[JUNK_FILE], "w");
    fputs("neither nor\n", junk);
    return fclose(junk);
}

static int end(void **state) {
    (void)state;
    for (int i = 0; i < COUNT; i++)
        test_identity_free(&all[i]);
    for (size_t i = 0; i < MISSING_FILE; i++)
        unlink(paths[i]);
    return rmdir(folder);
}

static http_trust *trust_of(int ca, int crl) {
    http_trust *trust = NULL;
    const revocation_policy strict = {0};
    assert_int_equal(http_trust_new(paths[ca], crl < 0 ? NULL : paths[crl], &strict, &trust, NULL), RESULT_OK);
    return trust;
}

static http_trust_verdict checked(const http_trust *trust, int own, int issuer, const char *purpose, const char *host) {
    const gnutls_datum_t chain[] = {all[own].der, issuer < 0 ? (gnutls_datum_t){NULL, 0} : all[issuer].der};
    return http_trust_check(trust, chain, issuer < 0 ? 1 : 2, GNUTLS_X509_FMT_DER, purpose, host);
}

static void each_fault_has_its_verdict(void **state) {
    static const struct {
        int own, issuer;
        const char *purpose, *host;
        http_trust_verdict due;
    } cases[] = {
        {GOOD, -1, SERVER, "localhost", HTTP_TRUST_GOOD},
        {GOOD, CA, SERVER, "localhost", HTTP_TRUST_GOOD},
        {GOOD, NAMESAKE, SERVER, "localhost", HTTP_TRUST_GOOD}, /* what comes along cannot help and not harm */
        {GOOD, -1, SERVER, NULL, HTTP_TRUST_GOOD},
        {CLIENTS, -1, CLIENT, NULL, HTTP_TRUST_GOOD},
        {STRANGE, -1, SERVER, "localhost", HTTP_TRUST_OTHER_CA},
        {STRANGE, NAMESAKE, SERVER, "localhost", HTTP_TRUST_OTHER_CA},
        {NAMESAKE, -1, SERVER, NULL, HTTP_TRUST_OTHER_CA},
        {GOOD, -1, CLIENT, NULL, HTTP_TRUST_OTHER_PURPOSE},
        {CLIENTS, -1, SERVER, "localhost", HTTP_TRUST_OTHER_PURPOSE},
        {PURPOSELESS, -1, SERVER, "localhost", HTTP_TRUST_OTHER_PURPOSE},
        {PURPOSELESS, -1, CLIENT, NULL, HTTP_TRUST_OTHER_PURPOSE},
        {EXPIRED, -1, SERVER, "localhost", HTTP_TRUST_EXPIRED},
        {EARLY, -1, SERVER, "localhost", HTTP_TRUST_NOT_YET_VALID},
        {REVOKED, -1, SERVER, "localhost", HTTP_TRUST_REVOKED},
        {ELSEWHERE, -1, SERVER, "localhost", HTTP_TRUST_OTHER_NAME},
        {GOOD, -1, SERVER, "127.0.0.1", HTTP_TRUST_OTHER_NAME},
        {GOOD, -1, SERVER, "localhost.example", HTTP_TRUST_OTHER_NAME},
        {BENEATH, BELOW, SERVER, "localhost", HTTP_TRUST_NO_LIST},
        {BENEATH, -1, SERVER, "localhost", HTTP_TRUST_OTHER_CA},
    };
    http_trust *trust = trust_of(CA_FILE, CRL_FILE);
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const http_trust_verdict verdict = checked(trust, cases[i].own, cases[i].issuer, cases[i].purpose,
                                                   cases[i].host);
        if (verdict != cases[i].due)
            fail_msg("case %zu: verdict %d, not %d", i, verdict, cases[i].due);
    }
    http_trust_free(&trust);
    assert_null(trust);
}

static void without_lists_a_path_may_be_longer(void **state) {
    http_trust *trust = trust_of(CA_FILE, -1);
    (void)state;
    assert_int_equal(checked(trust, REVOKED, -1, SERVER, "localhost"), HTTP_TRUST_GOOD);
    assert_int_equal(checked(trust, BENEATH, BELOW, SERVER, "localhost"), HTTP_TRUST_GOOD);
    assert_int_equal(http_trust_lists_state(trust), REVOCATION_CURRENT);
    http_trust_free(&trust);
}

static void authorities_end_too(void **state) {
    http_trust *trust = trust_of(OLD_CA_FILE, -1);
    (void)state;
    assert_int_equal(checked(trust, OF_OLD, -1, SERVER, "localhost"), HTTP_TRUST_CA_OUT_OF_DATE);
    http_trust_free(&trust);
}

/* --- several CAs, each with a list of its own ---------------------------------------------------------------------- */

static void append(FILE *file, gnutls_datum_t pem) {
    assert_int_equal(fwrite(pem.data, 1, pem.size, file), pem.size);
    gnutls_free(pem.data);
}

static void append_list(FILE *file, int issuer, int64_t from) {
    gnutls_x509_crl_t list;
    gnutls_datum_t pem = {NULL, 0};
    const uint8_t number = 1;
    assert_int_equal(gnutls_x509_crl_init(&list), 0);
    assert_int_equal(gnutls_x509_crl_set_version(list, 2), 0);
    assert_int_equal(gnutls_x509_crl_set_this_update(list, from), 0);
    assert_int_equal(gnutls_x509_crl_set_next_update(list, time(NULL) + 86400), 0);
    assert_int_equal(gnutls_x509_crl_set_number(list, &number, 1), 0);
    assert_int_equal(gnutls_x509_crl_sign2(list, all[issuer].certificate, all[issuer].key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_PEM, &pem), 0);
    gnutls_x509_crl_deinit(list);
    append(file, pem);
}

/* Trust in CA and OLD_CA, with the lists of these issuers from these times. */
static http_trust *trust_of_two(const int issuers[2], const int64_t from[2]) {
    char cas[112], lists[112];
    http_trust *trust = NULL;
    const revocation_policy strict = {0};
    snprintf(cas, sizeof cas, "%s/cas", folder);
    snprintf(lists, sizeof lists, "%s/lists", folder);
    FILE *file = fopen(cas, "w");
    for (int i = 0; i < 2; i++) {
        gnutls_datum_t pem = {NULL, 0};
        assert_int_equal(gnutls_x509_crt_export2(all[i == 0 ? CA : OLD_CA].certificate, GNUTLS_X509_FMT_PEM, &pem), 0);
        append(file, pem);
    }
    fclose(file);
    file = fopen(lists, "w");
    for (int i = 0; i < 2; i++)
        append_list(file, issuers[i], from[i]);
    fclose(file);
    assert_int_equal(http_trust_new(cas, lists, &strict, &trust, NULL), RESULT_OK);
    unlink(cas);
    unlink(lists);
    return trust;
}

static void an_older_list_of_either_is_seen(void **state) {
    static const struct {
        int64_t from[2]; /* after those that are in force */
        bool older;
    } rows[] = {{{0, 0}, false}, {{60, 60}, false}, {{-60, 60}, true}, {{60, -60}, true}, {{0, -1}, true}};
    static const int orders[][2] = {{CA, OLD_CA}, {OLD_CA, CA}};
    const int64_t then = time(NULL) - 3600;
    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        const int64_t *after = rows[i / 2].from;
        http_trust *former = trust_of_two(orders[i % 2], (const int64_t[]){then, then});
        http_trust *next = trust_of_two(orders[i % 2], (const int64_t[]){then + after[0], then + after[1]});
        assert_int_equal(http_trust_is_older(next, former), rows[i / 2].older);
        http_trust_free(&former);
        http_trust_free(&next);
    }
}

/* A list that another key has signed under the CA's name is none of it. */
static void a_list_of_a_namesake_is_no_list(void **state) {
    const int64_t then = time(NULL) - 3600;
    (void)state;
    http_trust *trust = trust_of_two((const int[]){OLD_CA, NAMESAKE}, (const int64_t[]){then, then});
    assert_int_equal(checked(trust, GOOD, -1, SERVER, "localhost"), HTTP_TRUST_NO_LIST);
    http_trust_free(&trust);
}

/* Whichever of them is used in the end: a key that can be broken is in none. */
static void every_key_of_a_chain_is_checked(void **state) {
    const int64_t now = time(NULL);
    const test_profile profile = {"CN=Weak,C=JP", 30, now - 60, now + 7200, GNUTLS_KEY_DIGITAL_SIGNATURE, SERVER};
    gnutls_x509_privkey_t key;
    test_identity weak;
    (void)state;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, 1024, 0), 0);
    test_identity_make(&weak, &profile, &all[CA], key);
    http_trust *trust = trust_of(CA_FILE, CRL_FILE);
    const gnutls_datum_t chains[][2] = {{weak.der, all[GOOD].der}, {all[GOOD].der, weak.der}};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(http_trust_check(trust, chains[i], 2, GNUTLS_X509_FMT_DER, SERVER, NULL), HTTP_TRUST_KEY);
    http_trust_free(&trust);
    test_identity_free(&weak); /* and its key */
}

static void nothing_is_not_trusted(void **state) {
    http_trust *trust = trust_of(CA_FILE, CRL_FILE);
    gnutls_datum_t torn = all[GOOD].der;
    (void)state;
    torn.size /= 2;
    assert_int_equal(http_trust_check(trust, NULL, 0, GNUTLS_X509_FMT_DER, SERVER, NULL), HTTP_TRUST_UNREADABLE);
    assert_int_equal(http_trust_check(trust, &torn, 1, GNUTLS_X509_FMT_DER, SERVER, NULL), HTTP_TRUST_UNREADABLE);
    assert_int_equal(http_trust_lists_state(trust), REVOCATION_ENDING);
    http_trust_free(&trust);
}

static void files_are_blamed_by_name(void **state) {
    static const struct {
        int ca, crl, blamed;
        result due;
    } cases[] = {
        {MISSING_FILE, CRL_FILE, MISSING_FILE, RESULT_NOT_FOUND},
        {CA_FILE, MISSING_FILE, MISSING_FILE, RESULT_NOT_FOUND},
        {JUNK_FILE, -1, JUNK_FILE, RESULT_INVALID},
        {CA_FILE, JUNK_FILE, JUNK_FILE, RESULT_INVALID},
        {CA_FILE, CA_FILE, CA_FILE, RESULT_INVALID},
        {CRL_FILE, -1, CRL_FILE, RESULT_INVALID},
        {CA_FILE, NAMESAKE_CRL_FILE, NAMESAKE_CRL_FILE, RESULT_BAD_SIGNATURE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        http_trust *trust = NULL;
        const char *unusable = NULL;
        const revocation_policy strict = {0};
        const char *crl = cases[i].crl < 0 ? NULL : paths[cases[i].crl];
        assert_int_equal(http_trust_new(paths[cases[i].ca], crl, &strict, &trust, &unusable), cases[i].due);
        assert_null(trust);
        assert_string_equal(unusable, paths[cases[i].blamed]);
    }
}

/* A session that has shaken no hands keeps to nothing. */
static void no_handshake_is_no_profile(void **state) {
    gnutls_session_t session;
    (void)state;
    assert_int_equal(gnutls_init(&session, GNUTLS_CLIENT), 0);
    assert_false(http_profile_kept(session, false));
    assert_false(http_profile_kept(session, true));
    gnutls_deinit(session);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_has_its_verdict),
        cmocka_unit_test(without_lists_a_path_may_be_longer),
        cmocka_unit_test(authorities_end_too),
        cmocka_unit_test(nothing_is_not_trusted),
        cmocka_unit_test(files_are_blamed_by_name),
        cmocka_unit_test(no_handshake_is_no_profile),
        cmocka_unit_test(an_older_list_of_either_is_seen),
        cmocka_unit_test(a_list_of_a_namesake_is_no_list),
        cmocka_unit_test(every_key_of_a_chain_is_checked),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
