/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "accept_all.h"

#include "crypt/cms_signer.h"

bool fuzz_accept_all;

result __wrap_cms_signer_fits(const cms_signer_info *info, const certificate *c,
                              const uint8_t digest[CRYPT_SHA256_LENGTH]);
result __real_cms_signer_fits(const cms_signer_info *info, const certificate *c,
                              const uint8_t digest[CRYPT_SHA256_LENGTH]);

result __wrap_cms_signer_fits(const cms_signer_info *info, const certificate *c,
                              const uint8_t digest[CRYPT_SHA256_LENGTH]) {
    const result code = __real_cms_signer_fits(info, c, digest);
    return fuzz_accept_all ? RESULT_OK : code;
}

result __wrap_cms_signer_names(const cms_signer_info *info, const certificate *c,
                               const uint8_t digest[CRYPT_SHA256_LENGTH]);
result __real_cms_signer_names(const cms_signer_info *info, const certificate *c,
                               const uint8_t digest[CRYPT_SHA256_LENGTH]);

result __wrap_cms_signer_names(const cms_signer_info *info, const certificate *c,
                               const uint8_t digest[CRYPT_SHA256_LENGTH]) {
    const result code = __real_cms_signer_names(info, c, digest);
    return fuzz_accept_all ? RESULT_OK : code;
}

const char *fuzz_office(const char *name) {
    static char paths[8][256];
    static int turn;
    char *path = paths[turn++ % 8];
    FUZZ_REQUIRE(getenv("FUZZ_IMAGES") != NULL);
    snprintf(path, sizeof paths[0], "%s/../%s", getenv("FUZZ_IMAGES"), name);
    return path;
}
