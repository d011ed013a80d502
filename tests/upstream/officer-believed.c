/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A security officer whose PIN nobody has checked: any value, at a token that has no officer. MODULE TOKEN-LABEL */
#include "upstream.h"

int main(int count, char **arguments) {
    CK_UTF8CHAR nonsense[] = "nonsense";
    if (count != 3)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SESSION_HANDLE session = open_session(p11, find_token(p11, arguments[2]));
    CK_RV rv = said("C_Login(CKU_SO)", p11->C_Login(session, CKU_SO, nonsense, sizeof nonsense - 1));
    CK_STATE state = state_of(p11, session);
    if (state == CKS_RW_SO_FUNCTIONS)
        said("C_Login(CKU_USER)", p11->C_Login(session, CKU_USER, nonsense, sizeof nonsense - 1));
    return verdict(
        rv == CKR_OK && state == CKS_RW_SO_FUNCTIONS,
        "PKCS #11 2.40, 5.6, C_Login: CKR_PIN_INCORRECT, or CKR_USER_TYPE_INVALID where there is no officer.");
}
