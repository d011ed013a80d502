/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "iso7816/institution_message.h"

#include <string.h>

void institution_message(const uint8_t card_id[INSTITUTION_CARD_ID_LENGTH],
                         const uint8_t holder_reference[CVC_REFERENCE_LENGTH],
                         const uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH],
                         uint8_t message[INSTITUTION_MESSAGE_LENGTH]) {
    memcpy(message, INSTITUTION_LABEL, INSTITUTION_LABEL_LENGTH);
    memcpy(message + 16, card_id, INSTITUTION_CARD_ID_LENGTH);
    memcpy(message + 32, holder_reference, CVC_REFERENCE_LENGTH);
    memcpy(message + 48, challenge, INSTITUTION_CHALLENGE_LENGTH);
}
