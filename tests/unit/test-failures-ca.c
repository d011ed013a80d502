/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* mock-ca when memory or OpenSSL fails, call by call: certificates, keys, revocation lists. */
#include "base/file.h"
#include "ca_keys.h"
#include "crl.h"
#include "failing.h"
#include "x509.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW 1795000000
#define SEEDS 300

static const name_part subject[] = {{"C", "JP"}, {"OU", "患者"}, {"CN", "00000001"}, {NULL, NULL}};
static const x509_person person = {.name = "番号　花子",
                                   .address = "東京都千代田区霞が関１－１",
                                   .birth = "1980-02-17",
                                   .sex = '2',
                                   .prefecture = "Tokyo-to",
                                   .city = "Chiyoda-ku",
                                   .substituted_name = "番号　花子"};

static char folder[] = "/tmp/failures-ca.XXXXXX";
static EVP_PKEY *key;
static X509 *issuer;

static x509_request request_of(const char *profile_name) {
    return (x509_request){.profile = profile_find(profile_name),
                          .subject = subject,
                          .key = key,
                          .serial = 0x12345678,
                          .valid = {NOW, NOW + 86400},
                          .person = &person};
}

/* A certificate of this profile, or a CA's own. */
static result issue(void *profile_name) {
    const x509_request request = request_of(profile_name);
    X509 *made = x509_issue(&request, issuer, key);
    X509_free(made);
    return made != NULL ? RESULT_OK : RESULT_INTERNAL;
}

static result issue_authority(void *unused) {
    (void)unused;
    x509_request request = request_of("ca");
    request.person = NULL;
    request.alternative_unit = "公的個人認証サービス";
    request.distribution_unit = "JPKI for digital signature";
    X509 *made = request.profile != NULL ? x509_issue(&request, NULL, key) : NULL;
    X509_free(made);
    return made != NULL ? RESULT_OK : RESULT_INTERNAL;
}

static result write_and_read(void *unused) {
    (void)unused;
    X509 *read = NULL;
    result code = x509_write(folder, "a.pem", issuer);
    if (code == RESULT_OK)
        code = x509_write_der(folder, "a.der", issuer);
    if (code == RESULT_OK)
        code = x509_read(folder, "a.pem", &read);
    X509_free(read);
    return code;
}

static result use_key(void *unused) {
    (void)unused;
    uint8_t signature[256], modulus[256], exponent[3], digest[32];
    EVP_PKEY *read = NULL;
    result code = keys_write(folder, "a.key", key);
    if (code == RESULT_OK)
        code = keys_read(folder, "a.key", &read);
    if (code == RESULT_OK)
        code = keys_sign(read, bytes_of("data", 4), signature);
    if (code == RESULT_OK)
        code = keys_fingerprint(read, digest);
    if (code == RESULT_OK)
        code = keys_rsa_numbers(read, modulus, exponent);
    EVP_PKEY_free(read);
    return code;
}

static result write_list(void *unused) {
    (void)unused;
    office o = {.folder = folder, .root = folder, .secrets = folder, .anchors = folder, .now = NOW};
    return crl_write(&o, folder, "jpki-sign-ca", issuer, key);
}

static void walk(failing_step *step, void *context, unsigned calls_min) {
    const unsigned calls = failing_walk(step, context, 0);
    print_message("%u calls failed, one after the other\n", calls);
    assert_true(calls >= calls_min);
    failing_at_random(step, context, SEEDS);
}

static void certificates(void **state) {
    (void)state;
    static char auth[] = "patient-auth", sign[] = "patient-sign";
    walk(issue, auth, 20);
    walk(issue, sign, 40);
}

static void authorities(void **state) {
    (void)state;
    walk(issue_authority, NULL, 30);
}

static void files(void **state) {
    (void)state;
    walk(write_and_read, NULL, 8);
}

static void keys(void **state) {
    (void)state;
    walk(use_key, NULL, 10);
}

static void revocation_lists(void **state) {
    (void)state;
    walk(write_list, NULL, 25);
}

static int set_up(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL || (key = keys_rsa()) == NULL)
        return -1;
    const x509_request request = request_of("patient-auth");
    issuer = x509_issue(&request, NULL, key);
    char path[64];
    snprintf(path, sizeof path, "%s/revoked.txt", folder);
    const char revoked[] = "12345678 jpki-sign-ca 2026-11-01T00:00:00Z\n12345679 jpki-auth-ca 2026-11-01T00:00:00Z\n";
    return issuer != NULL && file_replace(path, bytes_of(revoked, sizeof revoked - 1), 0600) == RESULT_OK ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    char command[80];
    X509_free(issuer);
    EVP_PKEY_free(key);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates), cmocka_unit_test(authorities),      cmocka_unit_test(files),
        cmocka_unit_test(keys),         cmocka_unit_test(revocation_lists),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
