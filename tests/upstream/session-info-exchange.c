/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_GetSessionInfo is the first to see that the card was exchanged, and keeps it to itself: C_Login fails from then on,
 * until the card is taken out once more. MODULE TOKEN-LABEL PIN */
#include "upstream.h"

#define TRIES 5

int main(int count, char **arguments) {
    CK_SLOT_ID slots[64];
    CK_RV rv = CKR_OK;
    if (count != 4)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SLOT_ID slot = find_token(p11, arguments[2]);
    CK_SESSION_HANDLE session = open_session(p11, slot);
    log_in(p11, session, arguments[3]);
    ask("take the card out and put it in again");
    state_of(p11, session);
    for (int i = 0; i < TRIES; i++) {
        CK_ULONG length = sizeof slots / sizeof *slots;
        p11->C_GetSlotList(CK_TRUE, slots, &length);
        session = open_session(p11, slot);
        rv = said("C_Login", p11->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)arguments[3], strlen(arguments[3])));
        p11->C_CloseSession(session);
    }
    return verdict(rv != CKR_OK, "PKCS #11 2.40, 5.6: a session opened with the token that is in the slot is usable.");
}
