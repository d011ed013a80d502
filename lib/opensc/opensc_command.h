/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One command of a card driver, carried by libopensc (libopensc/apdu.c). Each driver decides form and addressing;
 * common to both are that no secret is logged, and where the answer goes. */
#pragma once

#include "base/buffer.h"

#include <libopensc/opensc.h>

typedef struct opensc_command {
    uint8_t cla, ins, p1, p2;
    bytes data;
    size_t le;    /* the most bytes expected; 0: none */
    bool secret;  /* never in OpenSC's log, at any level */
    bool outside; /* outside the secure channel: commands that open it */
} opensc_command;

/* form: SC_APDU_CASE_... (ISO/IEC 7816-3, 12.1). *apdu borrows the command's data. */
void opensc_command_fill(sc_card_t *card, const opensc_command *command, int form, sc_apdu_t *apdu);

/* The SC_APDU_CASE_..._SHORT for whether there are data to send and to expect. */
int opensc_command_short_form(const opensc_command *command);

/* answer (may be NULL when le is 0) gets at most le bytes appended, none when it fails. Returns the result of
 * sc_transmit_apdu, or SC_ERROR_OUT_OF_MEMORY; the status word is in *apdu when that is SC_SUCCESS. */
int opensc_command_send(sc_card_t *card, const opensc_command *command, sc_apdu_t *apdu, buffer *answer);
