/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kind and id of the card. */
#include "myna.h"

#include <string.h>

/* EF 0006 is a CK_TOKEN_INFO (PKCS#11 2.40 3.2): label, manufacturer, model, serial number, and more. */
#define NAME_LENGTH 32
#define SERIAL_NUMBER 80
#define OLD_CARD_ID 32 /* place in older emulated cards, followed by filler */
#define FILLER 0xFF

/* Real token names vary with the carrier (JPKIAPICCTOKEN2, JPKIAPICCTOKEN, ...): all of them are patients' cards. */
static const char operator_token[NAME_LENGTH + 1] = "UKETSUKEOPTOKEN                 ";

/* ISO/IEC 646 without controls, not all blanks. */
static bool is_card_id(bytes id) {
    bool seen = false;
    for (size_t i = 0; i < id.length; i++) {
        if (id.data[i] < 0x20 || id.data[i] > 0x7E)
            return false;
        seen |= id.data[i] != ' ';
    }
    return seen && id.length == INSTITUTION_CARD_ID_LENGTH;
}

int myna_read_token_information(sc_card_t *card) {
    myna *m = myna_of(card);
    buffer content = BUFFER_INIT(SERIAL_NUMBER + INSTITUTION_CARD_ID_LENGTH);
    status_word sw;
    m->short_ids = true; /* if the card refuses the first READ BINARY, it is repeated after SELECT */
    int code = myna_read(card, EF_TOKEN_INFORMATION, 0, content.bound, &content, &sw);
    if (code == SC_SUCCESS && sw != SW_OK) {
        m->short_ids = false;
        code = myna_read(card, EF_TOKEN_INFORMATION, 0, content.bound, &content, &sw);
    }
    bytes all = buffer_bytes(&content), id = bytes_slice(all, SERIAL_NUMBER, INSTITUTION_CARD_ID_LENGTH);
    if (id.length > 0 && id.data[0] == FILLER)
        id = bytes_slice(all, OLD_CARD_ID, INSTITUTION_CARD_ID_LENGTH);
    if (code == SC_SUCCESS && sw == SW_OK) {
        m->kind = bytes_equal(bytes_slice(all, 0, NAME_LENGTH), bytes_of(operator_token, NAME_LENGTH)) ? KIND_OPERATOR
                                                                                                       : KIND_PATIENT;
        if (is_card_id(id))
            memcpy(m->card_id, id.data, id.length);
    }
    buffer_wipe(&content);
    return code;
}
