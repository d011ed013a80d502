/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The statement inside evidence: what is read is what jansson takes for the canonical bytes, is written again byte by
 * byte, and can be printed. */
#include "fuzz.h"

#include "evidence/evidence.h"

#include <jansson.h>
#include <string.h>

static void make_seed(statement_mode mode) {
    statement s = {.mode = mode,
                   .grade = mode == STATEMENT_ONLINE ? STATEMENT_PENDING : STATEMENT_PROVISIONAL_B,
                   .evidence_id = "0190e6a0-0000-7000-8000-000000000001",
                   .institution_code = "1312345678",
                   .terminal_id = "T-01",
                   .operator_id = "OP-1",
                   .card_id = "TEST-CARD-000001",
                   .service_date = "2026-11-24",
                   .terminal_time = "2026-11-24T00:02:11Z",
                   .clock_synchronised = true,
                   .patient_issuer = "CN=User CA,C=JP",
                   .patient_serial = "012D"};
    buffer text = BUFFER_INIT(STATEMENT_MAX);
    if (mode == STATEMENT_ONLINE) {
        strcpy(s.session, "0190e6a0-0000-7000-8000-000000000002");
    } else {
        strcpy(s.se_serial, "5312345678901234");
        strcpy(s.last_platform_contact, "2026-11-23T23:02:11Z");
        memset(s.previous_evidence, 'A', STATEMENT_HASH_SIZE - 1);
        s.se_counter = 4294967295;
        s.clock = (statement_clock){"2026-11-24T00:00:00Z", false, 131, -2, 2};
    }
    FUZZ_REQUIRE(statement_write(&s, &text) == RESULT_OK);
    fuzz_give_seed(statement_mode_text(mode), buffer_bytes(&text));
    buffer_wipe(&text);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    make_seed(STATEMENT_OFFLINE);
    make_seed(STATEMENT_ONLINE);
    return 0;
}

static void check_canonical(bytes text) {
    json_t *root = json_loadb((const char *)text.data, text.length, JSON_REJECT_DUPLICATES, NULL);
    char *again = json_dumps(root, JSON_SORT_KEYS | JSON_COMPACT);
    FUZZ_REQUIRE(again != NULL && strlen(again) == text.length && memcmp(again, text.data, text.length) == 0);
    free(again);
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static statement s;
    const char *field = NULL;
    uint8_t *copy = fuzz_copy(bytes_of(data, size));
    result code = statement_read(bytes_of(copy, size), &s, &field);
    free(copy);
    if (code != RESULT_OK)
        return 0;
    buffer again = BUFFER_INIT(STATEMENT_MAX), text = BUFFER_INIT(65536);
    FUZZ_REQUIRE(statement_write(&s, &again) == RESULT_OK);
    FUZZ_REQUIRE(bytes_equal(buffer_bytes(&again), bytes_of(data, size)));
    check_canonical(bytes_of(data, size));
    FUZZ_REQUIRE(evidence_print(&s, &text) == RESULT_OK);
    buffer_wipe(&again);
    buffer_wipe(&text);
    return 0;
}
