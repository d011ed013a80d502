/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The APDU codec: what is parsed can be built again, and means the same. Parts of the input are commands of
 * one chain. */
#include "fuzz.h"

#include "iso7816/apdu.h"

static void check_round_trip(const apdu_command *command) {
    apdu_command again;
    buffer built = BUFFER_INIT(APDU_COMMAND_MAX);
    FUZZ_REQUIRE(apdu_build(command, &built) == RESULT_OK);
    FUZZ_REQUIRE(apdu_parse(buffer_bytes(&built), &again) == RESULT_OK);
    FUZZ_REQUIRE(again.cla == command->cla && again.ins == command->ins && again.p1 == command->p1 &&
                 again.p2 == command->p2 && again.le == command->le && bytes_equal(again.data, command->data));
    buffer_wipe(&built);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes input = bytes_of(data, size), part, answer;
    apdu_chain chain = {.data = BUFFER_INIT(512)};
    status_word sw;
    while (fuzz_next_part(&input, &part)) {
        apdu_command command;
        bool whole;
        uint8_t *copy = fuzz_copy(part);
        apdu_response(bytes_of(copy, part.length), &answer, &sw);
        if (apdu_parse(bytes_of(copy, part.length), &command) == RESULT_OK) {
            check_round_trip(&command);
            if (apdu_chain_feed(&chain, &command, &whole) == RESULT_OK && whole && command.data.length > 0)
                check_round_trip(&command);
        }
        free(copy);
    }
    apdu_chain_reset(&chain);
    return 0;
}
