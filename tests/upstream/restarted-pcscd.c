/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A program that goes on with its slot number after pcscd was started again: every login fails, for ever; one call of
 * C_GetSlotList without a list heals it. MODULE TOKEN-LABEL PIN */
#include "upstream.h"

#define TRIES 5

static CK_FUNCTION_LIST_PTR p11;
static CK_SLOT_ID slot;

static CK_RV use(const char *pin) {
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    CK_RV rv = said("C_OpenSession", p11->C_OpenSession(slot, SESSION_FLAGS, NULL, NULL, &session));
    if (rv != CKR_OK)
        return rv;
    rv = said("C_Login", p11->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)pin, strlen(pin)));
    p11->C_CloseSession(session);
    return rv;
}

int main(int count, char **arguments) {
    CK_ULONG slots = 0;
    CK_RV rv = CKR_OK;
    if (count != 4)
        return 2;
    p11 = begin(arguments[1]);
    slot = find_token(p11, arguments[2]);
    need("a login", use(arguments[3]));
    ask("restart pcscd");
    for (int i = 0; i < TRIES; i++)
        rv = use(arguments[3]);
    said("C_GetSlotList without a list", p11->C_GetSlotList(CK_TRUE, NULL, &slots));
    CK_RV healed = use(arguments[3]);
    return verdict(rv != CKR_OK && healed == CKR_OK,
                   "PKCS #11 2.40, 5.6, C_OpenSession: CKR_DEVICE_REMOVED or CKR_TOKEN_NOT_PRESENT at first, a session "
                   "when the token is there again.");
}
