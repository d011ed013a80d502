/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SE-state record: what the OpenSC driver of the SE says about it in a data object of its token, and the terminal
 * reads there (docs/interfaces/secure-element.md, "Supervision"). Both ends of the format, and the names of the objects.
 *
 *   offset  length
 *        0       1  layout: 2
 *        1       1  condition
 *        2       1  life cycle (GlobalPlatform Card Specification 11.1.1)
 *        3       1  00
 *        4       4  sequence counter of the secure channel
 *        8       4  foreign channels
 *       12       4  resets
 *       16       4  signatures
 *       20       4  connection
 *       24       4  pairing
 *       28       4  disturbances
 *
 * Numbers are unsigned, big endian. */
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#define SE_STATE_LABEL "SE state"
#define SE_STATE_TOKEN_LABEL "SE out of service" /* of the token that holds only the record */
#define SE_STATE_LENGTH 32

typedef enum se_state_condition {
    SE_STATE_USABLE = 0,
    SE_STATE_WRONG_KEY = 1, /* another SE, or one that was paired anew */
    SE_STATE_NOT_BOUND = 2,
    SE_STATE_LOCKED = 3,
    SE_STATE_TERMINATED = 4,
    SE_STATE_UNRESPONSIVE = 5,
} se_state_condition;

#define SE_LIFE_OPERATIONAL 0x0F /* life_cycle of an SE in service (GlobalPlatform CS 2.3.1, 5.1.1: SECURED) */

typedef struct se_state {
    uint8_t condition, life_cycle;
    uint32_t sequence; /* of the secure channel; 0: unknown */
    uint32_t foreign;  /* channels that others have opened with a copy of the key since the pairing */
    uint32_t resets;   /* since this program opened the module */
    uint32_t signatures;
    uint32_t connection;   /* a random number: another one whenever the SE was put in */
    uint32_t pairing;      /* names the binding key: its version, then the check value of its MAC key; 0: none */
    uint32_t disturbances; /* channels of this program that a stranger's command has ended */
} se_state;

/* Numbers that are not known are 0. */
void se_state_encode(const se_state *state, uint8_t out[SE_STATE_LENGTH]);
/* RESULT_INVALID: another length, or the byte that is 00 is not. RESULT_UNSUPPORTED: another layout. A condition of the
 * future is taken as it is. */
result se_state_decode(bytes record, se_state *out);
