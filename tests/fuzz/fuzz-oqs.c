/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A receipt computer's request, and the answer to it. */
#include "fuzz.h"

#include "neighbours/oqs_answer.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    oqs_request request, again;
    buffer file = BUFFER_INIT(OQS_FILE_MAX);
    const result code = oqs_request_read(bytes_of(data, size), &request);
    FUZZ_REQUIRE(code == RESULT_OK || code == RESULT_INVALID);
    if (code == RESULT_OK) {
        FUZZ_REQUIRE(request.insurer_number[0] != 0 && request.number[0] != 0 && strlen(request.birth_date) == 10);
        const oqs_answer answer = {
            .institution = request.institution, .code = "UK003", .problem = request.insurer_number};
        FUZZ_REQUIRE(oqs_answer_write(&request, &answer, &file) == RESULT_OK);
        FUZZ_REQUIRE(oqs_request_read(buffer_bytes(&file), &again) == RESULT_INVALID); /* an answer is no request */
        FUZZ_REQUIRE(again.encoding == request.encoding);
    }
    buffer_wipe(&file);
    return 0;
}
