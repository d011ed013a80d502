/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_Login(CKU_CONTEXT_SPECIFIC) where no operation asks for it goes to the card, and a wrong PIN costs a try.
 * MODULE TOKEN-LABEL PIN WRONG-PIN */
#include "upstream.h"

int main(int count, char **arguments) {
    if (count != 5)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SESSION_HANDLE session = open_session(p11, find_token(p11, arguments[2]));
    log_in(p11, session, arguments[3]);
    CK_UTF8CHAR_PTR wrong = (CK_UTF8CHAR_PTR)arguments[4];
    CK_RV rv = said("C_Login(CKU_CONTEXT_SPECIFIC)",
                    p11->C_Login(session, CKU_CONTEXT_SPECIFIC, wrong, strlen(arguments[4])));
    CK_TOKEN_INFO token;
    CK_SESSION_INFO info;
    if (p11->C_GetSessionInfo(session, &info) == CKR_OK && p11->C_GetTokenInfo(info.slotID, &token) == CKR_OK)
        printf("CKF_USER_PIN_COUNT_LOW: %s\n", token.flags & CKF_USER_PIN_COUNT_LOW ? "yes" : "no");
    return verdict(rv != CKR_OPERATION_NOT_INITIALIZED,
                   "PKCS #11 2.40, 5.6, C_Login: CKU_CONTEXT_SPECIFIC while no operation awaits it is "
                   "CKR_OPERATION_NOT_INITIALIZED.");
}
