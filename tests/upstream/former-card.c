/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A session goes on after another card has taken the place of its own, and tells what the former card holds.
 * MODULE TOKEN-LABEL */
#include "upstream.h"

static CK_RV read_certificate(CK_FUNCTION_LIST_PTR p11, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object) {
    static CK_BYTE value[8192];
    CK_ATTRIBUTE attribute = {CKA_VALUE, value, sizeof value};
    return said("C_GetAttributeValue", p11->C_GetAttributeValue(session, object, &attribute, 1));
}

int main(int count, char **arguments) {
    if (count != 3)
        return 2;
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SESSION_HANDLE session = open_session(p11, find_token(p11, arguments[2]));
    CK_OBJECT_HANDLE certificate = find_object(p11, session, CKO_CERTIFICATE);
    need("the certificate is there", read_certificate(p11, session, certificate));
    ask("put another card in");
    return verdict(
        read_certificate(p11, session, certificate) == CKR_OK,
        "PKCS #11 2.40, 5.1.2: CKR_SESSION_HANDLE_INVALID, because removing a token closes all sessions with it, or "
        "CKR_DEVICE_REMOVED.");
}
