/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_CloseAllSessions leaves every second session open, and the login with it. MODULE TOKEN-LABEL PIN */
#include "upstream.h"

#define SESSIONS 4

int main(int count, char **arguments) {
    CK_SESSION_HANDLE sessions[SESSIONS];
    if (count != 4)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SLOT_ID slot = find_token(p11, arguments[2]);
    for (int i = 0; i < SESSIONS; i++)
        sessions[i] = open_session(p11, slot);
    log_in(p11, sessions[0], arguments[3]);
    need("C_CloseAllSessions", p11->C_CloseAllSessions(slot));
    int alive = count_alive(p11, sessions, SESSIONS);
    CK_SESSION_HANDLE later = open_session(p11, slot);
    bool logged_in = state_of(p11, later) == CKS_RW_USER_FUNCTIONS;
    if (logged_in)
        sign(p11, later, find_object(p11, later, CKO_PRIVATE_KEY));
    return verdict(alive > 0 || logged_in,
                   "PKCS #11 2.40, 5.6, C_CloseAllSessions closes all sessions an application has "
                   "with a token; after the last one it is logged out.");
}
