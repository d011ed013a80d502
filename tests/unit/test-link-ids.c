/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Link ids: of which key, service and seed they are made (docs/interfaces/http.md), and that no other key takes the
 * place of the store's, be it another one, or a new one for one that is lost. */
#include "base/file.h"
#include "base/hex.h"
#include "crypt/digest.h"
#include "fhir/signed_answer.h"
#include "mocks/pf/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/test-link-ids.XXXXXX", store_path[64], key_path[80];
static configuration *settings;
static platform service;
static uint8_t key[LINK_KEY_LENGTH];

static int begin(void **state) {
    char path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/conf", folder);
    snprintf(store_path, sizeof store_path, "%s/store", folder);
    snprintf(key_path, sizeof key_path, "%s.link-key", store_path);
    assert_int_equal(file_create(path, bytes_of("[platform]\n", 11), 0600), RESULT_OK);
    assert_int_equal(configuration_read(path, &settings), RESULT_OK);
    assert_int_equal(platform_store_open(store_path, &service.store), RESULT_OK);
    return link_key_open(settings, store_path, service.store, key) == RESULT_OK ? 0 : 1;
}

static int end(void **state) {
    char command[64];
    (void)state;
    platform_store_close(&service.store);
    configuration_free(&settings);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static result open_again(void) {
    uint8_t again[LINK_KEY_LENGTH] = {0};
    const result code = link_key_open(settings, store_path, service.store, again);
    if (code == RESULT_OK)
        assert_memory_equal(again, key, sizeof key);
    return code;
}

static void the_key_is_kept(void **state) {
    buffer file = BUFFER_INIT(LINK_KEY_LENGTH);
    (void)state;
    assert_int_equal(file_read(key_path, &file), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&file), BYTES(key)));
    assert_int_equal(open_again(), RESULT_OK);
    buffer_wipe(&file);
}

static void another_key_is_refused(void **state) {
    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof key; bit += 37) {
        uint8_t other[LINK_KEY_LENGTH];
        memcpy(other, key, sizeof key);
        other[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(file_replace(key_path, BYTES(other), 0600), RESULT_OK);
        assert_int_equal(open_again(), RESULT_REFUSED);
    }
    assert_int_equal(file_replace(key_path, bytes_of(key, sizeof key - 1), 0600), RESULT_OK);
    assert_int_equal(open_again(), RESULT_INVALID);
    assert_int_equal(file_replace(key_path, BYTES(key), 0600), RESULT_OK);
    assert_int_equal(open_again(), RESULT_OK);
}

static void a_lost_key_is_not_replaced(void **state) {
    (void)state;
    assert_int_equal(unlink(key_path), 0);
    assert_int_equal(open_again(), RESULT_NOT_FOUND);
    assert_int_equal(access(key_path, F_OK), -1);
    /* Unless the store was told to forget it: then every id is new. */
    assert_int_equal(link_key_forget(service.store), RESULT_OK);
    uint8_t fresh[LINK_KEY_LENGTH];
    assert_int_equal(link_key_open(settings, store_path, service.store, fresh), RESULT_OK);
    assert_memory_not_equal(fresh, key, sizeof key);
    assert_int_equal(file_replace(key_path, BYTES(key), 0600), RESULT_OK);
    assert_int_equal(open_again(), RESULT_REFUSED);
    memcpy(key, fresh, sizeof key);
}

/* --- what the ids are made of ------------------------------------------------------------------------------------- */

static const platform_person person = {.link_seed = "seed-1",
                                       .name = "見本",
                                       .birth_date = "1970-01-01",
                                       .certificates = {{"CN=User CA,C=JP", "0100"}},
                                       .certificate_count = 1};

static void expected_id(const char *message, size_t length, char text[33]) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    assert_int_equal(crypt_hmac_sha256(BYTES(key), bytes_of(message, length), mac), RESULT_OK);
    hex_encode(bytes_of(mac, 16), text, 33);
}

static void an_id_is_of_key_service_and_seed(void **state) {
    static const char message[] = "visit-history\0seed-1";
    const answer_subject subject = {"0195c0ae-0000-7000-8000-000000000001", "2026-11-24", &person.certificates[0],
                                    NULL};
    char id[33], one[48];
    eligibility_validity validity;
    buffer answer = BUFFER_INIT(65536), form = BUFFER_INIT(65536), again = BUFFER_INIT(65536);
    (void)state;
    memcpy(service.link_key, key, sizeof key);
    assert_int_equal(answer_append(&service, &subject, &person, 1795564931, &validity, &answer, &form), RESULT_OK);
    expected_id(message, sizeof message - 1, id);
    snprintf(one, sizeof one, "\"%s\"", id);
    assert_non_null(strstr(buffer_text(&answer), one));
    expected_id(message + 14, 6, id); /* another message, so another id */
    assert_null(strstr(buffer_text(&answer), id));
    /* What is signed of it is what everybody else makes of it. */
    assert_int_equal(signed_answer_of(buffer_bytes(&answer), &again, NULL), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&form), buffer_bytes(&again)));
    buffer_wipe(&answer);
    buffer_wipe(&form);
    buffer_wipe(&again);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_is_kept),
        cmocka_unit_test(another_key_is_refused),
        cmocka_unit_test(a_lost_key_is_not_replaced),
        cmocka_unit_test(an_id_is_of_key_service_and_seed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
