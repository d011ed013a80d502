/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "family.h"

#include "patient_token.h"

#define ATTRIBUTES_OF_EF 0x22
#define ATTRIBUTES_OF_DF 0x24
#define SW_NO_KEY_DELIVERY 0x66F1 /* the card family's own: the security environment has no session keys */

status_word family_manage_attributes(card *c, const apdu_command *command, buffer *answer) {
    (void)c, (void)answer;
    bool known = command->p1 == ATTRIBUTES_OF_EF || command->p1 == ATTRIBUTES_OF_DF;
    return known ? SW_SECURITY_STATUS : SW_WRONG_P1P2;
}

status_word family_lock(card *c, const apdu_command *command, buffer *answer) {
    (void)c, (void)command, (void)answer;
    return SW_SECURITY_STATUS;
}

status_word family_no_session(card *c, const apdu_command *command, buffer *answer) {
    (void)c, (void)command, (void)answer;
    return SW_NO_KEY_DELIVERY;
}

status_word family_session_shut(card *c, const apdu_command *command, buffer *answer) {
    (void)c, (void)command, (void)answer;
    return SW_SECURITY_STATUS;
}

status_word family_last_command(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    bool plain = command->p1 == 0 && command->p2 == 0 && command->data.length == 0 && command->le == APDU_NO_LE;
    return token_kind_of(&c->image) == TOKEN_IPHONE && plain ? SW_OK : SW_WRONG_LENGTH;
}
