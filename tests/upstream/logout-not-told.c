/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* C_Logout, and closing the last session, do not tell the card: the next program at the reader signs without a PIN.
 * MODULE TOKEN-LABEL PIN READER. The commands are those of a Japanese My Number card (JPKI, user authentication). */
#include "upstream.h"

#include <winscard.h>

static SCARDHANDLE card;

static unsigned send_command(const BYTE *command, DWORD length) {
    BYTE answer[512];
    DWORD room = sizeof answer;
    LONG code = SCardTransmit(card, SCARD_PCI_T1, command, length, NULL, answer, &room);
    if (code != SCARD_S_SUCCESS || room < 2)
        cannot_try("SCardTransmit");
    return (unsigned)answer[room - 2] << 8 | answer[room - 1];
}

/* As another program would: SELECT of the key, PERFORM SECURITY OPERATION; no VERIFY. */
static bool signs_for_anybody(const char *reader) {
    static const BYTE select[] = {0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17};
    static const BYTE compute[] = {0x80, 0x2A, 0x00, 0x80, 0x33, 0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60,
                                   0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
                                   1,    2,    3,    4,    5,    6,    7,    8,    9,    10,   11,   12,
                                   13,   14,   15,   16,   17,   18,   19,   20,   21,   22,   23,   24,
                                   25,   26,   27,   28,   29,   30,   31,   32,   0x00};
    SCARDCONTEXT context;
    DWORD protocol;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS ||
        SCardConnect(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol) != SCARD_S_SUCCESS)
        cannot_try("SCardConnect");
    send_command(select, sizeof select);
    unsigned status = send_command(compute, sizeof compute);
    printf("the card, asked for a signature by somebody else: %04X\n", status);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return status == 0x9000;
}

int main(int count, char **arguments) {
    if (count != 5)
        return 2;
    const char *reader = arguments[4];
    CK_FUNCTION_LIST_PTR p11 = begin(arguments[1]);
    CK_SLOT_ID slot = find_token(p11, arguments[2]);
    if (signs_for_anybody(reader))
        cannot_try("the card signs before any login");
    CK_SESSION_HANDLE session = open_session(p11, slot);
    log_in(p11, session, arguments[3]);
    sign(p11, session, find_object(p11, session, CKO_PRIVATE_KEY));
    need("C_Logout", p11->C_Logout(session));
    bool after_logout = signs_for_anybody(reader);
    log_in(p11, session, arguments[3]);
    need("C_CloseSession", p11->C_CloseSession(session));
    bool after_close = signs_for_anybody(reader);
    return verdict(after_logout || after_close,
                   "PKCS #11 2.40, 5.6, C_Logout logs a user out from a token: from the token, not from the library.");
}
