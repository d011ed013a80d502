/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "se.h"

#include <string.h>

#define INS_SELECT 0xA4
#define INS_GET_RESPONSE 0xC0
#define BY_APPLICATION 0x04
#define LIFE_CYCLE_PERSONALISATION 0x07

static const uint8_t application[] = {0xF2, 0x76, 0xA2, 0x88, 0xBC, 0xFB, 0xA6, 0x9D, 0x34, 0xF3, 0x10, 0x01};

/* OpenSC's "short or extended, as lengths need" forms of the cases with data (libopensc/types.h). */
#define ANY_LENGTH (SC_APDU_CASE_2 & ~SC_APDU_SHORT_MASK)

static int form_of(const se_command *command) {
    int form = opensc_command_short_form(command);
    return form == SC_APDU_CASE_1 ? form : form | ANY_LENGTH;
}

/* Without extended length: at most 256 bytes at once; OpenSC fetches the rest that the SE announces. */
static void fit_to_reader(const sc_card_t *card, sc_apdu_t *apdu) {
    if (card->caps & SC_CARD_CAP_APDU_EXT)
        return;
    if (apdu->datalen > SE_SHORT_DATA_MAX)
        apdu->flags |= SC_APDU_FLAGS_CHAINING;
    if (apdu->le > SE_SHORT_ANSWER_MAX)
        apdu->le = SE_SHORT_ANSWER_MAX;
}

int se_transmit(sc_card_t *card, const se_command *command, buffer *answer, status_word *sw) {
    sc_apdu_t apdu;
    opensc_command_fill(card, command, form_of(command), &apdu);
    fit_to_reader(card, &apdu);
    int code = opensc_command_send(card, command, &apdu, answer);
    *sw = code < 0 ? SW_UNKNOWN : (status_word)(apdu.sw1 << 8 | apdu.sw2);
    return code < 0 ? code : SC_SUCCESS;
}

int se_send(sc_card_t *card, const se_command *command) {
    status_word sw;
    int code = se_transmit(card, command, NULL, &sw);
    return code == SC_SUCCESS ? sc_check_sw(card, sw >> 8, sw & 0xFF) : code;
}

int se_select_application(sc_card_t *card) {
    buffer answer = BUFFER_INIT(SE_SHORT_ANSWER_MAX);
    status_word sw;
    const se_command select = {.ins = INS_SELECT,
                               .p1 = BY_APPLICATION,
                               .data = BYTES(application),
                               .le = SE_SHORT_ANSWER_MAX,
                               .outside = true};
    int code = se_transmit(card, &select, &answer, &sw);
    buffer_wipe(&answer);
    if (code == SC_SUCCESS && sw == SW_CONDITIONS)
        return SC_ERROR_NOT_ALLOWED; /* the SE was terminated */
    return code == SC_SUCCESS && sw != SW_OK ? SC_ERROR_INVALID_CARD : code;
}

int se_get_response(sc_card_t *card, size_t *count, u8 *data) {
    sc_apdu_t apdu;
    size_t room = *count > SE_SHORT_ANSWER_MAX ? SE_SHORT_ANSWER_MAX : *count;
    *count = 0;
    sc_format_apdu(card, &apdu, SC_APDU_CASE_2_SHORT, INS_GET_RESPONSE, 0, 0);
    apdu.resp = data;
    apdu.le = apdu.resplen = room;
    apdu.flags |= SC_APDU_FLAGS_NO_GET_RESP | SC_APDU_FLAGS_NO_SM;
    int code = sc_transmit_apdu(card, &apdu);
    if (code != SC_SUCCESS)
        return code;
    *count = apdu.resplen;
    if (apdu.sw1 == SW_MORE_DATA >> 8)
        return apdu.sw2 == 0 ? SE_SHORT_ANSWER_MAX : apdu.sw2; /* bytes left */
    return sc_check_sw(card, apdu.sw1, apdu.sw2);
}

/* An SE without this object is not bound. */
int se_read_life_cycle(sc_card_t *card, bool *at_work) {
    buffer answer = BUFFER_INIT(SE_SHORT_ANSWER_MAX);
    status_word sw;
    const se_command get = {.ins = SE_INS_GET_DATA, .p1 = 0x01, .p2 = 0x04, .le = SE_SHORT_ANSWER_MAX};
    int code = se_transmit(card, &get, &answer, &sw);
    *at_work = code == SC_SUCCESS && sw == SW_OK && answer.length >= 1 && answer.data[0] != LIFE_CYCLE_PERSONALISATION;
    buffer_wipe(&answer);
    return code;
}

int se_read_serial(sc_card_t *card, char serial[SE_SERIAL_LENGTH + 1]) {
    buffer answer = BUFFER_INIT(SE_SHORT_ANSWER_MAX);
    status_word sw;
    const se_command get = {.ins = SE_INS_GET_DATA, .p1 = 0x01, .p2 = 0x02, .le = SE_SHORT_ANSWER_MAX};
    int code = se_transmit(card, &get, &answer, &sw);
    if (code == SC_SUCCESS && (sw != SW_OK || answer.length != SE_SERIAL_LENGTH))
        code = SC_ERROR_INVALID_CARD;
    if (code == SC_SUCCESS) {
        memcpy(serial, answer.data, SE_SERIAL_LENGTH);
        serial[SE_SERIAL_LENGTH] = '\0';
    }
    buffer_wipe(&answer);
    return code;
}

const struct sc_card_operations *se_iso(void) {
    return sc_get_iso7816_driver()->ops;
}
