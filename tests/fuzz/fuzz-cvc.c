/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-verifiable certificates: one, a body alone, a chain; what is parsed is built again byte by byte. */
#include "fuzz.h"

#include "iso7816/cvc.h"

static void check_whole(bytes raw) {
    cvc certificate;
    buffer built = BUFFER_INIT(CVC_LENGTH);
    if (cvc_parse(raw, &certificate) != RESULT_OK)
        return;
    FUZZ_REQUIRE(cvc_build(&certificate, &built) == RESULT_OK);
    FUZZ_REQUIRE(bytes_equal(buffer_bytes(&built), raw));
    buffer_wipe(&built);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes rest = bytes_of(data, size), raw;
    cvc certificate;
    buffer body = BUFFER_INIT(CVC_BODY_LENGTH);
    check_whole(rest);
    if (cvc_parse_body(rest, &certificate) == RESULT_OK) {
        FUZZ_REQUIRE(cvc_build_body(&certificate, &body) == RESULT_OK);
        FUZZ_REQUIRE(bytes_equal(buffer_bytes(&body), rest));
    }
    buffer_wipe(&body);
    while (cvc_chain_next(&rest, &certificate, &raw) == RESULT_OK)
        check_whole(raw);
    return 0;
}
