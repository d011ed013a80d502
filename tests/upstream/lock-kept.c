/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A session that has survived its card: C_Login (and C_SetPIN) return with the module's lock held, and the next call of
 * whatever thread waits for ever. MODULE TOKEN-LABEL */
#include "upstream.h"

#include <unistd.h>

int main(int count, char **arguments) {
    CK_UTF8CHAR pin[] = "12345678";
    CK_ULONG slots = 0, before = 0;
    if (count != 3)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]); /* CKF_OS_LOCKING_OK */
    CK_SLOT_ID slot = find_token(p11, arguments[2]);
    open_session(p11, slot);
    CK_SESSION_HANDLE second = open_session(p11, slot);
    need("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, NULL, &before));
    ask("take the card out");
    for (int i = 0; i < 200 && (i == 0 || slots >= before); i++) { /* until pcscd has told it */
        need("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, NULL, &slots));
        usleep(50000);
    }
    CK_RV rv = said("C_Login(CKU_SO)", p11->C_Login(second, CKU_SO, pin, sizeof pin - 1));
    if (rv != CKR_TOKEN_NOT_RECOGNIZED)
        return verdict(false, "the session is refused as it should be");
    said("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, NULL, &slots)); /* waits for ever */
    return verdict(false, "PKCS #11 2.40, 5.4, CKF_OS_LOCKING_OK: calls may come from any thread, and each returns.");
}
