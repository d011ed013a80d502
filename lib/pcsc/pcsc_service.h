/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The machine's service for card readers (pcscd, PC/SC part 5: the resource manager), asked when a card or a reader is
 * missing: whether the cause is the service. Nothing here speaks to a card. For one thread at a time. */
#pragma once

#include "base/result.h"

#include <stdbool.h>

typedef enum pcsc_state {
    PCSC_ANSWERS,    /* a missing reader or card is missing */
    PCSC_ABSENT,     /* nobody listens at its socket */
    PCSC_CLOSED,     /* its socket's permissions keep this user out */
    PCSC_REFUSES,    /* it sends this user away: polkit, access_pcsc */
    PCSC_KEEPS_CARD, /* it lets this user see readers, but not use the card: polkit, access_card */
    PCSC_RESTARTED,  /* it answers, but is not the one that was there: for who has a pcsc_link, not from pcsc_ask */
} pcsc_state;

/* reader: how the reader's name begins; NULL: only the service is of interest. */
pcsc_state pcsc_ask(const char *reader);

/* For machines: "pcscd-absent", "pcscd-closed", "pcscd-refuses", "pcscd-keeps-card", "pcscd-restarted"; NULL when it
 * answers. */
const char *pcsc_reason(pcsc_state state);
/* For people: the cause and the next step, in English, a message of the terminal's catalogue; NULL when it answers. */
const char *pcsc_sentence(pcsc_state state);

/* A connection that lives as long as the service does: tells a service that was started again, behind which every card
 * has lost power, from a card that was taken away. */
typedef struct pcsc_link pcsc_link;
/* RESULT_UNAVAILABLE: the service does not answer. RESULT_NO_MEMORY. */
result pcsc_link_open(pcsc_link **out);
bool pcsc_link_is_cut(const pcsc_link *link);
void pcsc_link_close(pcsc_link **link);
