/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A key that asks for the PIN before each use (CKA_ALWAYS_AUTHENTICATE) is used again and again without it, at a card
 * that leaves the asking to the module. MODULE TOKEN-LABEL PIN */
#include "upstream.h"

int main(int count, char **arguments) {
    CK_BBOOL each_time = CK_FALSE;
    CK_ATTRIBUTE attribute = {CKA_ALWAYS_AUTHENTICATE, &each_time, sizeof each_time};
    if (count != 4)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SESSION_HANDLE session = open_session(p11, find_token(p11, arguments[2]));
    log_in(p11, session, arguments[3]);
    CK_OBJECT_HANDLE key = find_object(p11, session, CKO_PRIVATE_KEY);
    need("C_GetAttributeValue", p11->C_GetAttributeValue(session, key, &attribute, 1));
    if (!each_time)
        cannot_try("the key does not ask for the PIN each time");
    sign(p11, session, key);
    CK_RV second = sign(p11, session, key);
    CK_STATE state = state_of(p11, session);
    return verdict(
        second != CKR_USER_NOT_LOGGED_IN || state != CKS_RW_USER_FUNCTIONS,
        "PKCS #11 2.40, 4.9: the user has to supply the PIN for each use; 5.6, C_Login: one context login, one "
        "use. CKR_USER_NOT_LOGGED_IN, and the login itself stays.");
}
