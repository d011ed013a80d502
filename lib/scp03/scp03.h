/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* GlobalPlatform Secure Channel Protocol 03 (Card Specification Amendment D 1.1.1), both ends: commands and answers
 * between a terminal and a Secure Element that cannot be read, changed, repeated or reordered in between.
 *
 * Sizes: challenges, cryptograms and MACs have 8 bytes (no S16 mode); keys have 16, 24 or 32 bytes. Commands are given
 * as their header and data; the caller chooses short, extended or chained form. After any failure the session is
 * closed: every further call fails. */
#pragma once

#include "base/buffer.h"

#define SCP03_KEY_MAX 32
#define SCP03_CHALLENGE 8
#define SCP03_MAC 8
#define SCP03_BLOCK 16
#define SCP03_CHECK_VALUE 3
#define SCP03_HEADER 4 /* CLA INS P1 P2 */
/* Length that wrapping adds to command data and to response data: padding to whole blocks, and the MAC. */
#define SCP03_OVERHEAD (SCP03_BLOCK + SCP03_MAC)
/* Longest data of a command or response, in clear. */
#define SCP03_DATA_MAX (65535 - SCP03_OVERHEAD)

/* i parameter (7.1.1.1 of the amendment): pseudo-random card challenge, R-MAC and R-ENC are possible. */
#define SCP03_IMPLEMENTATION 0x70

/* Security levels of EXTERNAL AUTHENTICATE. */
#define SCP03_C_MAC 0x01
#define SCP03_C_ENC 0x02
#define SCP03_R_MAC 0x10
#define SCP03_R_ENC 0x20
#define SCP03_FULL (SCP03_C_MAC | SCP03_C_ENC | SCP03_R_MAC | SCP03_R_ENC)

typedef struct scp03_keys {
    uint8_t version; /* key version number */
    size_t length;   /* of each key: 16, 24 or 32 */
    uint8_t enc[SCP03_KEY_MAX], mac[SCP03_KEY_MAX], dek[SCP03_KEY_MAX];
} scp03_keys;

/* Overwrites all of it. */
void scp03_keys_wipe(scp03_keys *keys);

/* One session; wipe it when it ends. */
typedef struct scp03 {
    size_t length;
    uint8_t s_enc[SCP03_KEY_MAX], s_mac[SCP03_KEY_MAX], s_rmac[SCP03_KEY_MAX];
    uint8_t host_cryptogram[SCP03_CHALLENGE], card_cryptogram[SCP03_CHALLENGE];
    uint8_t chain[SCP03_BLOCK];
    uint32_t counter;
    uint8_t level; /* 0: not authenticated yet */
    bool alive;
} scp03;

/* Overwrites all of it: the session is closed. */
void scp03_wipe(scp03 *session);

/* --- the terminal's end --- */

/* answer: of INITIALIZE UPDATE (29 or 32 bytes) to this challenge. RESULT_BAD_SIGNATURE: the card does not have these
 * keys. *sequence: the card's counter, 0 when the answer has none. */
result scp03_host_begin(scp03 *session, const scp03_keys *keys, const uint8_t challenge[SCP03_CHALLENGE], bytes answer,
                        uint32_t *sequence);
/* Appends the 16 bytes of EXTERNAL AUTHENTICATE `84 82 level 00`. */
result scp03_host_authenticate(scp03 *session, uint8_t level, buffer *data);
/* Changes the header's CLA and appends the wrapped data. */
result scp03_host_wrap(scp03 *session, uint8_t header[SCP03_HEADER], bytes data, buffer *wrapped);
/* The response to the last wrapped command; appends its data in clear. Error status words have no MAC: then data must
 * be empty. RESULT_BAD_SIGNATURE. */
result scp03_host_unwrap(scp03 *session, bytes response, uint16_t sw, buffer *data);

/* --- the card's end --- */

/* The card's pseudo-random challenge for a value of its sequence counter (already increased). */
result scp03_card_challenge(const scp03_keys *keys, uint32_t sequence, bytes application,
                            uint8_t challenge[SCP03_CHALLENGE]);
result scp03_card_begin(scp03 *session, const scp03_keys *keys, const uint8_t host_challenge[SCP03_CHALLENGE],
                        const uint8_t card_challenge[SCP03_CHALLENGE]);
/* RESULT_BAD_SIGNATURE: cryptogram or MAC is wrong. */
result scp03_card_authenticate(scp03 *session, const uint8_t header[SCP03_HEADER], bytes data);
/* Appends the command's data in clear. */
result scp03_card_unwrap(scp03 *session, const uint8_t header[SCP03_HEADER], bytes wrapped, buffer *data);
/* Appends the wrapped response. Only for 9000, 62xx and 63xx; others are not wrapped. */
result scp03_card_wrap(scp03 *session, bytes data, uint16_t sw, buffer *wrapped);

/* --- PUT KEY --- */

/* One key of keys->length bytes under the static Key-DEK (AES-CBC, ICV 0); out has that length, rounded up to whole
 * blocks. *length: bytes written. */
result scp03_encrypt_key(const scp03_keys *keys, bytes key, uint8_t out[SCP03_KEY_MAX], size_t *length);
result scp03_decrypt_key(const scp03_keys *keys, bytes cryptogram, uint8_t out[SCP03_KEY_MAX]);
/* AES of sixteen bytes 01, first three bytes. */
result scp03_check_value(bytes key, uint8_t value[SCP03_CHECK_VALUE]);
