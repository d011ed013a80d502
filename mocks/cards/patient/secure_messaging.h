/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secure messaging of the card-data input support, as measured on real cards (docs/interfaces/patient-card.md names the
 * source of each):
 *
 *   seed      32 bytes, of which the first 16 are the AES-128 key of both directions; the others are for nothing
 *   counter   1 for the first secured command, one more for each that follows, refused ones included; a command and
 *             its answer have the same
 *   IV        the counter, 16 bytes big endian, encrypted with the key
 *   padding   80 00... (ISO/IEC 7816-4 10.2.2, indicator 01), always there
 *
 * Tags 86 and 96 are even: nothing is authenticated (ISO/IEC 7816-4 10.2, table 47). It hides data from those who
 * listen; it does not keep them from changing it. */
#pragma once

#include "iso7816/apdu.h"

#include <openssl/evp.h>

#define SECURE_SEED_LENGTH 32
#define SECURE_KEY_LENGTH 16

typedef struct secure_messaging {
    bool open;   /* all below is volatile */
    bool broken; /* a session was there, and ended by what it could not read: nothing secured is taken any more */
    uint8_t key[SECURE_KEY_LENGTH];
    uint64_t counter; /* of the last secured command */
} secure_messaging;

/* data: the seed A0 22 80 20 <seed> under RSA-OAEP (SHA-256, MGF1 with SHA-256, no label), 256 bytes. 6700; 6F00 for a
 * cryptogram that is not below the modulus; 6A80 for any other that has not this form. */
status_word secure_messaging_begin(secure_messaging *s, EVP_PKEY *transport_key, bytes data);
void secure_messaging_end(secure_messaging *s);

/* What a command's data must be: exactly one object. Which one follows from the command. */
typedef enum secured_object {
    SECURED_DATA,  /* 86 { 01, cryptogram } */
    SECURED_LENGTH /* 96 03 00 hh ll; 0000: all there is */
} secured_object;

/* A command's data to what it protects: plain gets the data, which *command then borrows. 6987 when there is no
 * object at all, 6988 when it is another one, or one too many, or cannot be read; both break the session. */
status_word secure_messaging_open_command(secure_messaging *s, secured_object due, apdu_command *command,
                                          buffer *plain);
/* CLA 0C asks for a checksum over the header, and no session has a key for it: 6987, and the session breaks. */
status_word secure_messaging_refuse_checksum(secure_messaging *s);
/* Appends 86 { 01, cryptogram } of the answer's data; nothing when there is none. */
status_word secure_messaging_close_answer(secure_messaging *s, bytes plain, buffer *answer);
