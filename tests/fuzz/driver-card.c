/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "driver-card.h"

#include "card-stream.h"
#include "fuzz.h"
#include "iso7816/apdu.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXTENDED 1
#define PROTOCOL_T0 2
#define COMMANDS_MAX 400 /* of one input: a driver that asks more often would never end */

static sc_context_t *context;
static bytes answers;
static bool gone;
static unsigned commands;

static void write_configuration(const char *path, const char *options) {
    FILE *file = fopen(path, "w");
    FUZZ_REQUIRE(file != NULL);
    fprintf(file,
            "app default { debug = 0; %s framework pkcs15 { use_pin_caching = no; use_file_caching = no; "
            "enable_builtin_emulation = no; } }\n",
            options);
    FUZZ_REQUIRE(fclose(file) == 0);
}

void driver_card_begin(struct sc_card_driver *driver, const char *options) {
    char path[] = "/tmp/fuzz-opensc.XXXXXX";
    sc_context_param_t parameters = {.app_name = "fuzz"};
    int fd = mkstemp(path);
    FUZZ_REQUIRE(fd >= 0 && close(fd) == 0);
    write_configuration(path, options);
    setenv("OPENSC_CONF", path, 1);
    setenv("PCSCLITE_CSOCK_NAME", "/nonexistent", 1); /* no reader of this machine */
    FUZZ_REQUIRE(sc_context_create(&context, &parameters) == SC_SUCCESS);
    unlink(path);
    context->card_drivers[0] = driver;
    context->card_drivers[1] = NULL;
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

/* As OpenSC's PC/SC reader does it: the answer's data where they fit, the status word always. */
static int give(sc_apdu_t *apdu, bytes answer) {
    if (answer.length < 2)
        return SC_ERROR_INTERNAL;
    size_t length = answer.length - 2;
    apdu->sw1 = answer.data[length];
    apdu->sw2 = answer.data[length + 1];
    if (length <= apdu->resplen)
        apdu->resplen = length;
    if (apdu->resplen > 0)
        memcpy(apdu->resp, answer.data, apdu->resplen);
    return SC_SUCCESS;
}

/* As OpenSC's readers put it on the wire; with T=0 the card gives its data to GET RESPONSE (ISO/IEC 7816-3 12.2.1). */
static void ask_honest(const sc_apdu_t *apdu, bool t0, buffer *answer) {
    static buffer raw = BUFFER_INIT(APDU_COMMAND_MAX);
    int form = apdu->cse & 0x0F;
    bool sends = form == SC_APDU_CASE_3_SHORT || form == SC_APDU_CASE_4_SHORT;
    bool expects = form == SC_APDU_CASE_2_SHORT || (form == SC_APDU_CASE_4_SHORT && !t0);
    apdu_command command = {.cla = apdu->cla, .ins = apdu->ins, .p1 = apdu->p1, .p2 = apdu->p2};
    command.extended = apdu->cse & SC_APDU_EXT;
    if (sends)
        command.data = bytes_of(apdu->data, apdu->datalen);
    if (expects)
        command.le = apdu->le != 0 ? (uint32_t)apdu->le : command.extended ? 65536 : 256;
    buffer_clear(&raw);
    FUZZ_REQUIRE(apdu_build(&command, &raw) == RESULT_OK);
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
    return part.length == 1 ? failure(part.data[0]) : give(apdu, part);
}

static int connect_card(struct sc_reader *reader) {
    static const uint8_t atr[] = {0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x05, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x7F};
    memcpy(reader->atr.value, atr, sizeof atr);
    reader->atr.len = sizeof atr;
    return SC_SUCCESS;
}

static int succeed(struct sc_reader *reader) {
    (void)reader;
    return SC_SUCCESS;
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
    static const struct sc_reader_operations operations = {.connect = connect_card,
                                                           .disconnect = succeed,
                                                           .transmit = transmit,
                                                           .lock = succeed,
                                                           .unlock = succeed,
                                                           .detect_card_presence = detect,
                                                           .reset = reset};
    static struct sc_reader_driver kind = {.name = "fuzz", .short_name = "fuzz"};
    static char name[] = "fuzz";
    static sc_reader_t reader;
    bool extended = what & EXTENDED, t0 = what & PROTOCOL_T0;
    reader = (sc_reader_t){.ctx = context, .driver = &kind, .ops = &operations, .name = name};
    reader.active_protocol = reader.supported_protocols = t0 ? SC_PROTO_T0 : SC_PROTO_T1;
    reader.max_send_size = extended ? 65535 : 255;
    reader.max_recv_size = extended ? 65536 : 256;
    return &reader;
}
