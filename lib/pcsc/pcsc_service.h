/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tells whether pcscd (PC/SC part 5: the resource manager) is the cause when a card or a reader is missing. Sends no
 * command to a card. For one thread at a time. */
#pragma once

#include "base/result.h"

#include <stdbool.h>

typedef enum pcsc_state {
    PCSC_ANSWERS,    /* pcscd works: the reader or card itself is missing */
    PCSC_ABSENT,     /* no process listens at its socket */
    PCSC_CLOSED,     /* its socket's permissions exclude this user */
    PCSC_REFUSES,    /* it refuses this user: polkit, access_pcsc */
    PCSC_KEEPS_CARD, /* this user may list readers but not use cards: polkit, access_card */
    PCSC_RESTARTED,  /* it was restarted: only with a pcsc_link, not from pcsc_ask */
} pcsc_state;

/* reader: beginning of the reader's name; NULL: checks only the service. */
pcsc_state pcsc_ask(const char *reader);

/* For machines: "pcscd-absent", "pcscd-closed", "pcscd-refuses", "pcscd-keeps-card", "pcscd-restarted"; NULL when it
 * answers. */
const char *pcsc_reason(pcsc_state state);
/* For people: the cause and the next step, in English, a message of the terminal's catalogue; NULL when it answers. */
const char *pcsc_sentence(pcsc_state state);

/* Names the stay of the card that is in a reader now: another text after the card was taken out and put back (PC/SC part
 * 5, 3.1.3: the events of a reader are counted), and after pcscd or the machine was started again. The part before the
 * first '/' is pcscd's run. reader: beginning of the reader's name. RESULT_REMOVED: no card in a reader of that name.
 * RESULT_UNAVAILABLE: pcscd does not answer, or does not say since when it runs (its file pcscd.pid). */
#define PCSC_STAY_SIZE 256 /* with NUL; a reader's name has at most 127 bytes */
result pcsc_card_stay(const char *reader, char stay[PCSC_STAY_SIZE]);

/* A connection that lives as long as the service: distinguishes a restart of the service, after which every card has
 * lost power, from the removal of a card. */
typedef struct pcsc_link pcsc_link;
/* RESULT_UNAVAILABLE: the service does not answer. RESULT_NO_MEMORY. */
result pcsc_link_open(pcsc_link **out);
bool pcsc_link_is_cut(const pcsc_link *link);
void pcsc_link_close(pcsc_link **link);
