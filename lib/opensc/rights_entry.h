/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Entry points of both card drivers in addition to OpenSC's, for the PKCS #11 module in the same process: OpenSC from
 * 0.24 on does not call a driver at C_Logout (framework-pkcs15.c, SW_PIN_LOGOUT_ONLY), and no version does when another
 * of a card's tokens is still logged in to. */
#pragma once

#define RIGHTS_ENTRY "uketsuke_end_rights"
#define RIGHTS_READER_MAX 64 /* significant characters of a reader's name: the length of CK_SLOT_INFO.slotDescription */

#define RIGHTS_CARD_REMOVED 1
#define RIGHTS_FAILED (-1)

/* Ends every right that this process has opened at a card in that reader; NULL: in any reader. 0; RIGHTS_CARD_REMOVED: a
 * card was removed, and its rights have ended; RIGHTS_FAILED: the command failed. Not while another thread is in
 * OpenSC with the same card. */
typedef int rights_entry(const char *reader);

#define HOLD_ENTRY "uketsuke_hold"

typedef enum hold_state {
    HOLD_NOTHING, /* the card in that reader is not held */
    HOLD_HELD,    /* a right is open, and the card is held for this process */
    HOLD_OVER,    /* the time limit has ended this process's rights, and uketsuke_end_rights was not called since */
} hold_state;

typedef hold_state hold_entry(const char *reader);

#define HOST_ENTRY "uketsuke_host"

#define HOST_WITHOUT_THREADS 1u /* the program forbids threads (CKF_LIBRARY_CANT_CREATE_OS_THREADS) */
#define HOST_WITH_STOCK 2u      /* the stock module is also in this process and uses the same cards */

/* Properties of the program's process: the sum of HOST_ values. */
typedef void host_entry(unsigned about);

#define LOG_ENTRY "uketsuke_silence_log"

/* Turns OpenSC's log off in this process, for the context of the card in that reader; NULL: restores it. 0; -1: no card
 * of this driver is in that reader, and nothing has changed. Every version of OpenSC logs the PIN of C_InitPIN, the parts
 * of a private key in C_CreateObject, and the values that C_GetAttributeValue answers. */
typedef int log_entry(const char *reader);

#define OFFICER_ENTRY "uketsuke_verify_officer"

typedef enum officer_answer {
    OFFICER_RIGHT,
    OFFICER_WRONG,
    OFFICER_LOCKED,
    OFFICER_FAILED,  /* the card did not answer */
    OFFICER_UNKNOWN, /* no card of this driver is in that reader */
} officer_answer;

/* Verifies the security officer's PIN at the card in that reader; a wrong one costs a try. Stock OpenSC accepts any
 * value for a token whose PKCS #15 objects have no security officer's PIN, and uses it in C_InitPIN. */
typedef officer_answer officer_entry(const char *reader, const unsigned char *pin, unsigned long length);
