/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a relay lets its SE sign: each kind of message to the last byte, and nothing that only looks like one. */
#include "se/signable.h"

#include "base/buffer.h"
#include "crypt/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define HOLDER "HOLDER REFERENCE"
#define OTHER "HOLDER REFERENCF"
#define ID "0123456789ABCDEF"
#define CHALLENGE "................"
#define DIGITS "0123456789ABCDEFabcdef00000000000000000000000000000000000000000"
#define WRAPPED_LENGTH 256

static const uint8_t fingerprint[CRYPT_SHA256_LENGTH] = {0xF1};

static result read(bytes message, signable *out) {
    return signable_read(message, bytes_of(HOLDER, 16), BYTES(fingerprint), out);
}

static void test_texts(void **state) {
    static const struct {
        const char *message, *role; /* NULL: refused */
    } rows[] = {
        {"Uketsuke-INST-A1" ID HOLDER CHALLENGE, SIGNABLE_INSTITUTION},
        {"Uketsuke-INST-A2" ID HOLDER CHALLENGE, NULL},
        {"Uketsuke-INST-A1" ID OTHER CHALLENGE, NULL},
        {"Uketsuke-INST-A1" ID HOLDER CHALLENGE ".", NULL},
        {"Uketsuke-INST-A1" ID HOLDER "...............", NULL},
        {"Uketsuke-AUDIT-1" DIGITS "9", SIGNABLE_AUDIT},
        {"Uketsuke-AUDIT-1" DIGITS "g", NULL},
        {"Uketsuke-AUDIT-1" DIGITS, NULL},
        {"Uketsuke-AUDIT-1" DIGITS "99", NULL},
        {"Uketsuke-AUDIT-2" DIGITS "9", NULL},
        {"", NULL},
        {"Uketsuke-INST-A", NULL},
        {"Uketsuke-STORE-1", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        signable what;
        const result code = read(bytes_of(rows[i].message, strlen(rows[i].message)), &what);
        assert_int_equal(code, rows[i].role != NULL ? RESULT_OK : RESULT_REFUSED);
        if (rows[i].role != NULL)
            assert_string_equal(what.role, rows[i].role);
        else
            assert_null(what.role);
    }
}

static void test_store(void **state) {
    (void)state;
    for (size_t length = WRAPPED_LENGTH - 1; length <= WRAPPED_LENGTH + 1; length++) {
        buffer message = BUFFER_INIT(512);
        signable what;
        buffer_append_text(&message, "Uketsuke-STORE-1");
        assert_non_null(buffer_extend(&message, length));
        assert_int_equal(read(buffer_bytes(&message), &what), length == WRAPPED_LENGTH ? RESULT_OK : RESULT_REFUSED);
        if (length == WRAPPED_LENGTH)
            assert_string_equal(what.role, SIGNABLE_STORE);
        buffer_wipe(&message);
    }
}

/* contentType id-data (RFC 5652 11.1), messageDigest (11.2) and, at the end, signing-certificate-v2 (RFC 5035 3). */
#define CONTENT_TYPE                                                                                                   \
    0x30, 0x18, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03, 0x31, 0x0B, 0x06, 0x09, 0x2A, 0x86,  \
        0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01
#define ZEROES_31 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define MESSAGE_DIGEST                                                                                                 \
    0x30, 0x2F, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04, 0x31, 0x22, 0x04, 0x20, 0xD1,        \
        ZEROES_31
#define SIGNING_CERTIFICATE(first)                                                                                     \
    0x30, 0x37, 0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F, 0x31, 0x28, 0x30, 0x26,  \
        0x30, 0x24, 0x30, 0x22, 0x04, 0x20, (first), ZEROES_31

static void test_attributes(void **state) {
    static const uint8_t plain[] = {0x31, 0x4B, CONTENT_TYPE, MESSAGE_DIGEST};
    static const uint8_t ours[] = {0x31, 0x81, 0x84, CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE(0xF1)};
    static const uint8_t others[] = {0x31, 0x81, 0x84, CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE(0xF2)};
    static const uint8_t no_digest[] = {0x31, 0x1A, CONTENT_TYPE};
    signable what;
    (void)state;
    assert_int_equal(read(BYTES(plain), &what), RESULT_OK);
    assert_string_equal(what.role, SIGNABLE_EVIDENCE);
    assert_memory_equal(what.about, "D100", 4);
    assert_int_equal(read(BYTES(ours), &what), RESULT_OK);
    assert_int_equal(read(BYTES(others), &what), RESULT_REFUSED);
    assert_int_equal(read(BYTES(no_digest), &what), RESULT_REFUSED);
    assert_int_equal(read(bytes_of(plain, sizeof plain - 1), &what), RESULT_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts), cmocka_unit_test(test_store),
                                       cmocka_unit_test(test_attributes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
