/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every second session survives its card, and works with the next one. MODULE TOKEN-LABEL */
#include "upstream.h"

#define SESSIONS 4

int main(int count, char **arguments) {
    CK_SESSION_HANDLE sessions[SESSIONS];
    CK_ULONG slots = 0;
    if (count != 3)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SLOT_ID slot = find_token(p11, arguments[2]);
    for (int i = 0; i < SESSIONS; i++)
        sessions[i] = open_session(p11, slot);
    ask("take the card out and put it in again");
    need("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, NULL, &slots));
    return verdict(count_alive(p11, sessions, SESSIONS) > 0,
                   "PKCS #11 2.40, 5.1.2, CKR_SESSION_HANDLE_INVALID: removing a token closes all sessions with it.");
}
