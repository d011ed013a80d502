/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What pcsc-lite adds to PC/SC's own interface (winscard.h), and what it does not do. Numbers and names only: every
 * program that uses pcscd may include it, without lib/pcsc. */
#pragma once

/* How often a card has come to the reader or left it: the upper half of a reader's dwEventState and dwCurrentState. */
#define PCSC_EVENTS(state) ((unsigned long)((state) >> 16) & 0xFFFF)
/* The name of no reader: SCardGetStatusChange tells there that readers have come or gone. */
#define PCSC_NEW_READERS "\\\\?PnP?\\Notification"
/* SCardCancel just before the wait begins is lost: it is repeated after so many nanoseconds until the wait has ended. */
#define PCSC_CANCEL_AGAIN_NS 5000000
