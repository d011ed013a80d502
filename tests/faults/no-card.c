/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Preloaded into a PC/SC client: polkit lets it see the readers, but use no card (pcscd's answer to SCardConnect
 * without org.debian.pcsc-lite.access_card). Only what is linked is held; a library that is opened at run time is
 * not. */
#include <winscard.h>

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE card,
                  LPDWORD active) {
    (void)context;
    (void)reader;
    (void)share;
    (void)protocols;
    (void)card;
    (void)active;
    return SCARD_W_SECURITY_VIOLATION;
}
