/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Frames of the cardlink protocol (docs/interfaces/cardlink.md): the protocol between an IFD handler and a card backend
 * over a unix socket. A frame is a 12-byte header and a payload:
 *
 *   length of the payload (4, big endian) | type (1) | zero (3) | generation (4, big endian) | payload
 *
 * The generation numbers the card sessions of one link: CARD_IN starts one, every frame about that card has its number,
 * and other numbers are refused. So an answer is never taken for a newer card's. */
#pragma once

#include "base/buffer.h"

#define CARDLINK_VERSION 1
#define CARDLINK_HEADER_LENGTH 12

/* ISO/IEC 7816-4 5.2: extended case 4 is 65,544 bytes; PC/SC passes one byte more. Answers: 65,536 and SW1 SW2. */
#define CARDLINK_COMMAND_MAX 65545
#define CARDLINK_RESPONSE_MAX 65538
#define CARDLINK_PAYLOAD_MAX CARDLINK_COMMAND_MAX
#define CARDLINK_ATR_MAX 33 /* ISO/IEC 7816-3 8.2.1 */

typedef enum cardlink_type {
    CARDLINK_HELLO = 0x01,           /* both ways, first frame: magic and version */
    CARDLINK_CARD_IN = 0x02,         /* backend: a card with this ATR, a new generation */
    CARDLINK_CARD_OUT = 0x03,        /* backend: that card was removed; no frame about it follows */
    CARDLINK_POWER_UP = 0x10,        /* handler: cold reset */
    CARDLINK_POWER_DOWN = 0x11,      /* handler */
    CARDLINK_RESET = 0x12,           /* handler: warm reset */
    CARDLINK_TRANSMIT = 0x13,        /* handler: one command APDU */
    CARDLINK_POWER_UP_DONE = 0x90,   /* backend: the ATR; empty when the card stays mute */
    CARDLINK_POWER_DOWN_DONE = 0x91, /* backend */
    CARDLINK_RESET_DONE = 0x92,      /* backend: as POWER_UP_DONE */
    CARDLINK_RESPONSE = 0x93,        /* backend: the answer; fewer than 2 bytes when the card gave no proper one */
} cardlink_type;

/* The type that answers a handler's request. */
#define CARDLINK_ANSWER(request) ((cardlink_type)((request) | 0x80))

typedef struct cardlink_frame {
    cardlink_type type;
    uint32_t generation; /* 0 for HELLO only */
    bytes payload;       /* borrowed */
} cardlink_frame;

/* Appends header and payload. RESULT_INVALID when the frame breaks the rules a reader checks. */
result cardlink_frame_build(const cardlink_frame *frame, buffer *out);

/* Takes the frame at the start of raw; *used is its whole length. RESULT_TRUNCATED: more bytes are needed, out->payload
 * is not set. RESULT_INVALID: no byte that may follow makes this a frame (type, length, generation, reserved bytes):
 * the link is to be closed. The header is checked as soon as it is complete, before its length is used. */
result cardlink_frame_parse(bytes raw, cardlink_frame *out, size_t *used);

/* HELLO's payload: "UKCL" and the version (2, big endian). */
result cardlink_hello_build(uint16_t version, buffer *out);
/* RESULT_INVALID: no HELLO of this protocol. RESULT_UNSUPPORTED: another version, stored in *version. */
result cardlink_hello_check(const cardlink_frame *frame, uint16_t *version);
