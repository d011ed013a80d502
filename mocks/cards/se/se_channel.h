/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SE's end of the secure channel (GlobalPlatform SCP03, scp03/scp03.h) and the permissions of its key sets and life
 * cycle.
 *
 * Two key sets: 01 is the issuer's (personalisation, unlocking, pairing, end), 30 binds the SE to one terminal.
 * Sequence counters are on disk before the channel that they count is open. Commands without the keys change no stored
 * data. docs/interfaces/secure-element.md has the table of states, and the reasons. */
#pragma once

#include "iso7816/status_word.h"
#include "scp03/scp03.h"

#define SE_KEY_SET_ISSUER 0x01
#define SE_KEY_SET_BINDING 0x30
/* The answer to a wrong EXTERNAL AUTHENTICATE is late: 1 ms after the first, twice as long after each further one in a
 * row, at most this. */
#define SE_DELAY_MAX_MS 512

/* GlobalPlatform Card Specification 2.3.1, 11.1.1: of the application, and FF of the card. */
typedef enum se_life_cycle {
    SE_PERSONALISATION = 0x07,
    SE_OPERATIONAL = 0x0F,
    SE_LOCKED = 0x8F,
    SE_TERMINATED = 0xFF,
} se_life_cycle;

/* The peer, as proved by the channel. */
typedef enum se_role {
    SE_NOBODY,   /* in clear, or a channel without all of C-MAC, C-ENC, R-MAC, R-ENC */
    SE_TERMINAL, /* under the binding key */
    SE_ISSUER,   /* under the issuer's key */
} se_role;

typedef struct se_key_set {
    bool there;
    scp03_keys keys;
    uint32_t sequence; /* channels opened so far, 24 bits */
    uint8_t failures;  /* EXTERNAL AUTHENTICATE in a row, since power was given */
} se_key_set;

typedef enum se_key_set_name { SE_SET_ISSUER, SE_SET_BINDING, SE_SET_COUNT } se_key_set_name;

typedef struct se_channel {
    char *folder; /* state/ of the image */
    se_key_set sets[SE_SET_COUNT];
    se_life_cycle life_cycle;
    /* volatile */
    scp03 session;
    se_key_set_name set; /* of the last INITIALIZE UPDATE that was answered */
    bool begun;          /* INITIALIZE UPDATE done, EXTERNAL AUTHENTICATE not yet */
    bool open;           /* authenticated */
} se_channel;

/* What state/ has; a fresh image has the well-known test keys 40 to 4F as the issuer's, to be replaced at once. */
result se_channel_load(se_channel *channel, const char *state_folder);
void se_channel_free(se_channel *channel);
/* Power, or a reset: resets the counts of failures. */
void se_channel_power(se_channel *channel);
/* Reset, another application, a command in clear: wipes the session keys. */
void se_channel_end(se_channel *channel);
se_role se_channel_role(const se_channel *channel);

/* INITIALIZE UPDATE (Amendment D 7.1.1): 6A88 no such key set, 6985 the SE is locked and it is not the issuer's.
 * serial: for the diversification data. Appends 32 bytes, 29 when the set's counter is at its end. */
status_word se_channel_begin(se_channel *channel, uint8_t version, bytes challenge, bytes serial, bytes application,
                             buffer *answer);
/* EXTERNAL AUTHENTICATE (7.1.2): 6982 wrong, 6985 not begun. *delay_ms: how late the answer shall be. */
status_word se_channel_authenticate(se_channel *channel, const uint8_t header[SCP03_HEADER], bytes data,
                                    unsigned *delay_ms);
/* A wrapped command's data in clear; RESULT_BAD_SIGNATURE ends the session. */
result se_channel_unwrap(se_channel *channel, const uint8_t header[SCP03_HEADER], bytes wrapped, buffer *data);
/* Replaces the answer by its wrapped form where the status word carries a MAC. */
result se_channel_wrap(se_channel *channel, status_word sw, buffer *answer);

/* PUT KEY (Amendment D 7.2) of a whole set: data is the new version, then three times 88 L length cryptogram 03 check
 * value. replaces: P1, the version to be replaced, or 00. Appends the version and the check values. 6985: these keys
 * are there already; with the counter at 0 again they would make recorded sessions valid once more. */
status_word se_channel_put_keys(se_channel *channel, uint8_t replaces, bytes data, buffer *answer);
/* SET STATUS (GlobalPlatform 11.10): 6985 for a way that is not in the table of states. */
status_word se_channel_set_life_cycle(se_channel *channel, se_life_cycle next);
/* Whether the issuer's keys are still those of the factory. */
bool se_channel_has_factory_keys(const se_channel *channel);
/* TERMINATED: the key sets are erased; the session lives for the answer. */
result se_channel_erase(se_channel *channel);
