/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_VerifyInit copies a mechanism's parameter of whatever length into a place of some bytes: the heap is overwritten.
 * MODULE TOKEN-LABEL */
#include "upstream.h"

#define HUGE_LENGTH (64UL << 20)

int main(int count, char **arguments) {
    CK_MECHANISM method = {CKM_SHA256_RSA_PKCS, calloc(1, HUGE_LENGTH), HUGE_LENGTH};
    if (count != 3 || method.pParameter == NULL)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SESSION_HANDLE session = open_session(p11, find_token(p11, arguments[2]));
    CK_OBJECT_HANDLE key = find_object(p11, session, CKO_PUBLIC_KEY);
    said("C_VerifyInit", p11->C_VerifyInit(session, &method, key));
    return verdict(false, "PKCS #11 2.40, 5.12, C_VerifyInit: CKR_MECHANISM_PARAM_INVALID.");
}
