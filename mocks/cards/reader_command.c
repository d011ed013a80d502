/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "reader_command.h"

#include "iso7816/apdu.h"

#define CLA_OF_READERS 0xFF
#define INS_GET_DATA 0xCA
#define SW_LESS_THAN_ASKED 0x6282

/* FF CA 00 00: the card's identifier. Other data that a card of type B has none of, other commands: 6A81. */
static status_word answer(const apdu_command *command, const uint8_t pupi[READER_PUPI_LENGTH], buffer *response) {
    if (command->ins != INS_GET_DATA || command->p1 != 0 || command->p2 != 0)
        return SW_FUNCTION_UNSUPPORTED;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    if (command->le < READER_PUPI_LENGTH)
        return SW_WRONG_LE | READER_PUPI_LENGTH;
    buffer_append(response, bytes_of(pupi, READER_PUPI_LENGTH));
    return command->le == READER_PUPI_LENGTH || command->le == 256 ? SW_OK : SW_LESS_THAN_ASKED;
}

bool reader_command_answer(bytes command, const uint8_t pupi[READER_PUPI_LENGTH], buffer *response) {
    apdu_command parsed;
    if (command.length == 0 || command.data[0] != CLA_OF_READERS)
        return false;
    status_word sw = apdu_parse(command, &parsed) == RESULT_OK ? answer(&parsed, pupi, response) : SW_WRONG_LENGTH;
    buffer_append_u16(response, sw);
    return true;
}
