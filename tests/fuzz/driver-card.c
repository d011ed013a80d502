/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver-card.h"

#include "card-stream.h"
#include "fuzz.h"
#include "iso7816/apdu.h"
#include "opensc-reader.h"

#define EXTENDED 1
#define PROTOCOL_T0 2
#define COMMANDS_MAX 400 /* of one input: a driver that asks more often would never end */

static sc_context_t *context;
static bytes answers;
static bool gone;
static unsigned commands;

void driver_card_begin(struct sc_card_driver *driver, const char *options) {
    context = opensc_reader_context("fuzz", driver, options);
    FUZZ_REQUIRE(context != NULL);
}

void driver_card_answers(bytes parts) {
    answers = parts;
    gone = false;
    commands = 0;
}

static int failure(uint8_t kind) {
    if (kind == 0)
        gone = true;
    return kind == 0 ? SC_ERROR_TRANSMIT_FAILED : kind == 1 ? SC_ERROR_CARD_RESET : SC_ERROR_READER_DETACHED;
}

static void ask_honest(const sc_apdu_t *apdu, bool t0, buffer *answer) {
    static buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    buffer_clear(&raw);
    FUZZ_REQUIRE(opensc_reader_write(apdu, t0, &raw) == RESULT_OK);
    buffer_clear(answer);
    card_stream_send(buffer_bytes(&raw), answer);
}

static int transmit(struct sc_reader *reader, sc_apdu_t *apdu) {
    static buffer honest = BUFFER_INIT(APDU_RESPONSE_MAX);
    bytes part = {0};
    if (gone || ++commands > COMMANDS_MAX)
        return SC_ERROR_TRANSMIT_FAILED;
    FUZZ_REQUIRE(apdu->datalen <= reader->max_send_size && apdu->le <= reader->max_recv_size);
    if (!fuzz_next_part(&answers, &part) || part.length == 0) {
        ask_honest(apdu, reader->active_protocol == SC_PROTO_T0, &honest);
        part = buffer_bytes(&honest);
    }
    return part.length == 1 ? failure(part.data[0]) : opensc_reader_give(apdu, part);
}

static int detect(struct sc_reader *reader) {
    (void)reader;
    return gone ? 0 : SC_READER_CARD_PRESENT;
}

static int reset(struct sc_reader *reader, int cold) {
    (void)reader, (void)cold;
    card_stream_reset();
    return SC_SUCCESS;
}

sc_reader_t *driver_card_reader(uint8_t what) {
    static const opensc_reader calls = {transmit, detect, reset};
    return opensc_reader_make(context, &calls, what & EXTENDED, what & PROTOCOL_T0);
}
