/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* X.509 certificates as cards and peers hand them out. */
#include "fuzz.h"

#include "base/file.h"
#include "crypt/certificate.h"

#include <string.h>

static void give_file(const char *image, const char *name) {
    char path[256];
    buffer content = BUFFER_INIT(8192);
    FUZZ_REQUIRE(getenv("FUZZ_IMAGES") != NULL);
    snprintf(path, sizeof path, "%s/%s/ef/%s", getenv("FUZZ_IMAGES"), image, name);
    FUZZ_REQUIRE(file_read(path, &content) == RESULT_OK);
    snprintf(path, sizeof path, "%s-%s", image, name);
    fuzz_give_seed(path, buffer_bytes(&content));
    buffer_wipe(&content);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    give_file("patient-1", "000A");
    give_file("patient-2", "0001");
    give_file("patient-1", "000B");
    give_file("operator-doctor", "0001");
    return 0;
}

static void read_everything(const certificate *c) {
    static const char *const attributes[] = {CERTIFICATE_COMMON_NAME, CERTIFICATE_SERIAL_NUMBER, CERTIFICATE_TITLE};
    int64_t before, after;
    char text[32];
    buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX), encrypted = BUFFER_INIT(CRYPT_MODULUS_MAX);
    static const uint8_t signature[256];
    FUZZ_REQUIRE(strlen(certificate_issuer(c)) < CRYPT_NAME_MAX && strlen(certificate_subject(c)) < CRYPT_NAME_MAX);
    FUZZ_REQUIRE(strlen(certificate_serial(c)) < CRYPT_SERIAL_MAX && certificate_equal(c, c));
    certificate_validity(c, &before, &after);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (certificate_subject_attribute(c, attributes[i], text, sizeof text) == RESULT_OK)
            FUZZ_REQUIRE(memchr(text, 0, sizeof text) != NULL);
    certificate_modulus(c, &modulus);
    FUZZ_REQUIRE(certificate_verify(c, bytes_of("x", 1), BYTES(signature)) != RESULT_OK);
    certificate_encrypt(c, bytes_of("x", 1), &encrypted);
    buffer_wipe(&modulus);
    buffer_wipe(&encrypted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    certificate *c = NULL;
    if (certificate_new(bytes_of(data, size), &c) == RESULT_OK)
        read_everything(c);
    else
        FUZZ_REQUIRE(c == NULL);
    certificate_free(&c);
    return 0;
}
