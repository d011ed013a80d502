/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "opensc/opensc_command.h"

void opensc_command_fill(sc_card_t *card, const opensc_command *command, int form, sc_apdu_t *apdu) {
    sc_format_apdu(card, apdu, form, command->ins, command->p1, command->p2);
    apdu->cla = command->cla;
    apdu->data = command->data.data;
    apdu->datalen = apdu->lc = command->data.length;
    apdu->le = command->le;
    if (command->outside)
        apdu->flags |= SC_APDU_FLAGS_NO_SM;
}

int opensc_command_short_form(const opensc_command *command) {
    if (command->data.length > 0)
        return command->le > 0 ? SC_APDU_CASE_4_SHORT : SC_APDU_CASE_3_SHORT;
    return command->le > 0 ? SC_APDU_CASE_2_SHORT : SC_APDU_CASE_1;
}

/* OpenSC logs whole APDUs from level 3 on; a PIN, a key, a challenge or an answer must not be logged at any level. */
static int transmit_quietly(sc_card_t *card, sc_apdu_t *apdu, bool secret) {
    int level = card->ctx->debug;
    if (secret)
        card->ctx->debug = 0;
    int code = sc_transmit_apdu(card, apdu);
    card->ctx->debug = level;
    return code;
}

int opensc_command_send(sc_card_t *card, const opensc_command *command, sc_apdu_t *apdu, buffer *answer) {
    size_t before = answer == NULL ? 0 : answer->length;
    if (command->le > 0) {
        apdu->resp = buffer_extend(answer, command->le);
        apdu->resplen = command->le;
        if (apdu->resp == NULL)
            return SC_ERROR_OUT_OF_MEMORY;
    }
    int code = transmit_quietly(card, apdu, command->secret);
    if (answer != NULL)
        buffer_truncate(answer, before + (code < 0 ? 0 : apdu->resplen));
    return code;
}
