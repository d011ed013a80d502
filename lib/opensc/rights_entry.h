/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What both card drivers export beside OpenSC's own entry points, for the PKCS #11 module in the same process: OpenSC
 * from 0.24 on does not call a driver at C_Logout (framework-pkcs15.c, SW_PIN_LOGOUT_ONLY), and no version does when
 * another of a card's tokens is still logged in to. */
#pragma once

#define RIGHTS_ENTRY "uketsuke_take_rights_away"
#define RIGHTS_READER_MAX 64 /* of a reader's name that count: CK_SLOT_INFO.slotDescription has no more */

#define RIGHTS_CARD_LEFT 1
#define RIGHTS_NOT_TOLD (-1)

/* Takes away, at the card, every right that this process has opened at a card in that reader; NULL: in any reader.
 * 0; RIGHTS_CARD_LEFT when a card is not there any more, and its rights with it; RIGHTS_NOT_TOLD when one could not be
 * told. Not while another thread is in OpenSC with the same card. */
typedef int rights_entry(const char *reader);

#define HOLD_ENTRY "uketsuke_hold"

typedef enum hold_state {
    HOLD_NOTHING, /* nobody is kept from the card in that reader */
    HOLD_HELD,    /* something is open at it, for this process alone */
    HOLD_OVER,    /* the time limit has taken away what this process had opened, and uketsuke_take_rights_away was not
                   * called since */
} hold_state;

typedef hold_state hold_entry(const char *reader);

#define HOST_ENTRY "uketsuke_host"

#define HOST_WITHOUT_THREADS 1u /* the program allows none (CKF_LIBRARY_CANT_CREATE_OS_THREADS) */
#define HOST_WITH_STOCK 2u      /* the stock module, with the same cards, is in this process beside ours */

/* What the program's process is like: the sum of HOST_ values. */
typedef void host_entry(unsigned about);

#define LOG_ENTRY "uketsuke_silence_log"

/* OpenSC's log is off from here on in this process, found by a card in that reader; NULL: it is as it was again. 0; -1
 * when no card of this driver is in that reader, and nothing has changed. Every version of OpenSC writes the PIN of
 * C_InitPIN into its log, and the parts of a private key that C_CreateObject brings. */
typedef int log_entry(const char *reader);

#define OFFICER_ENTRY "uketsuke_verify_officer"

typedef enum officer_answer {
    OFFICER_RIGHT,
    OFFICER_WRONG,
    OFFICER_LOCKED,
    OFFICER_FAILED,  /* the card did not answer */
    OFFICER_UNKNOWN, /* no card of this driver is in that reader */
} officer_answer;

/* Whether this is the security officer's PIN of the card in that reader, as the card says; a wrong one costs a try.
 * Stock OpenSC believes any value for a token whose PKCS #15 objects name no officer's PIN, and uses it in
 * C_InitPIN. */
typedef officer_answer officer_entry(const char *reader, const unsigned char *pin, unsigned long length);
