/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Command and response APDUs (ISO/IEC 7816-4 5.1-5.3): all four cases, short and extended length, command chaining,
 * GET RESPONSE chaining. Used by the emulated cards (parse) and by tests and drivers (build). */
#pragma once

#include "base/buffer.h"
#include "iso7816/status_word.h"

/* ISO/IEC 7816-4 5.2: header 4 + Lc field 3 + data 65,535 + Le field 2 (case 4 extended) = 65,544; PC/SC readers pass
 * one byte more. */
#define APDU_COMMAND_MAX 65545
#define APDU_RESPONSE_MAX 65538 /* 65,536 bytes of data and SW1 SW2 */

#define APDU_CLA_CHAINED 0x10 /* 5.4.1: more parts of this command follow */
#define APDU_NO_LE 0          /* the Le field is absent */

typedef struct apdu_command {
    uint8_t cla, ins, p1, p2;
    bytes data;    /* borrowed from the raw command when parsed; may be empty */
    uint32_t le;   /* most bytes expected: 1 to 65,536, or APDU_NO_LE */
    bool extended; /* length fields are (to be) extended */
} apdu_command;

/* RESULT_INVALID when raw is none of the seven forms of 5.2. out->data points into raw. */
result apdu_parse(bytes raw, apdu_command *out);

/* Appends the command's bytes. Chooses extended fields when command->extended or when data or le do not fit short
 * ones (data > 255, le > 256). RESULT_TOO_LONG for data > 65,535. */
result apdu_build(const apdu_command *command, buffer *out);

/* Splits a response into data and status word. RESULT_TRUNCATED for fewer than 2 bytes. */
result apdu_response(bytes raw, bytes *data, status_word *sw);

/* Receiver's side of command chaining (5.3.3): collects the parts of one command. A part of another command (other INS,
 * P1, P2) abandons the chain. */
typedef struct apdu_chain {
    buffer data; /* start with BUFFER_INIT(bound of the whole command's data) */
    uint8_t ins, p1, p2;
    bool open;
} apdu_chain;

/* Feeds one parsed command. RESULT_OK with *whole true: the command is complete, command->data is the whole data
 * (borrowed from the chain until the next call). *whole false: answer 9000 and wait for the next part. RESULT_TOO_LONG:
 * answer 6700; the chain is abandoned. */
result apdu_chain_feed(apdu_chain *chain, apdu_command *command, bool *whole);
void apdu_chain_reset(apdu_chain *chain);
