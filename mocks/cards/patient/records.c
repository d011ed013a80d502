/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* READ RECORD (ISO/IEC 7816-4 11.4.3) of EFs whose records are each a tag byte, a length byte and a value. */
#include "applet.h"

#define P2_THIS_ONE 0x04     /* the record whose number is P1 */
#define P2_FROM_THIS_ON 0x05 /* and all behind it */

/* Takes the next record off *rest; false at the end. */
static bool next_record(bytes *rest, bytes *record) {
    if (rest->length < 2 || rest->length < 2u + rest->data[1])
        return false;
    *record = bytes_slice(*rest, 0, 2u + rest->data[1]);
    *rest = bytes_slice(*rest, record->length, rest->length);
    return true;
}

bool records_are_whole(bytes content) {
    bytes record;
    bool any = false;
    while (next_record(&content, &record))
        any = true;
    return any && content.length == 0;
}

status_word command_read_record(card *c, const apdu_command *command, buffer *answer) {
    unsigned number = 0, short_id = command->p2 >> 3, wanted = command->p2 & 0x07;
    if (wanted != P2_THIS_ONE && wanted != P2_FROM_THIS_ON)
        return SW_WRONG_P1P2;
    status_word sw = card_aim_to_read(c, (uint8_t)(CARD_CURRENT_FILE | short_id), FILE_RECORDS, command);
    if (sw != SW_OK)
        return sw;
    bytes rest = buffer_bytes(&c->current->content), record;
    while (next_record(&rest, &record)) {
        number++;
        bool meant = number == command->p1 || (wanted == P2_FROM_THIS_ON && number > command->p1 && command->p1 > 0);
        if (meant && buffer_append(answer, record) != RESULT_OK)
            return SW_UNKNOWN;
    }
    return answer->length > 0 ? SW_OK : SW_RECORD_NOT_FOUND;
}
