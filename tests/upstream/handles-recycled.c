/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handle of a closed session is given to a later one, of another token too. MODULE TOKEN-LABEL OTHER-LABEL */
#include "upstream.h"

#define CLOSED 20
#define LATER 50

int main(int count, char **arguments) {
    CK_SESSION_HANDLE closed[CLOSED], later;
    int again = 0;
    if (count != 4)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SLOT_ID slot = find_token(p11, arguments[2]), other = find_token(p11, arguments[3]);
    for (int i = 0; i < CLOSED; i++)
        closed[i] = open_session(p11, slot);
    for (int i = 0; i < CLOSED; i++)
        need("C_CloseSession", p11->C_CloseSession(closed[i]));
    for (int i = 0; i < LATER; i++) {
        if (p11->C_OpenSession(other, SESSION_FLAGS, NULL, NULL, &later) != CKR_OK)
            cannot_try("C_OpenSession");
        for (int j = 0; j < CLOSED; j++)
            again += closed[j] == later;
    }
    printf("sessions of the other token that have a closed one's handle: %d of %d\n", again, LATER);
    return verdict(again > 0,
                   "PKCS #11 2.40, 5.6, C_CloseSession: the handle is no longer valid; 5.1.2: a call with it is "
                   "CKR_SESSION_HANDLE_INVALID.");
}
