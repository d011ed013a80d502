/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The card's RSA-2048 keys and what COMPUTE DIGITAL SIGNATURE does with them. */
#pragma once

#include "base/buffer.h"
#include "iso7816/status_word.h"

#include <openssl/evp.h>

#define KEY_BITS 2048
#define KEY_LENGTH 256

typedef struct card_key {
    EVP_PKEY *private_key;
    EVP_PKEY *public_key; /* from the certificate, if there is one */
} card_key;

/* Private key (PKCS#8 PEM file) and the certificate (DER) it must belong to; no certificate: empty. RESULT_INVALID when
 * either is malformed or not RSA-2048, or when they do not belong together. */
result key_load(card_key *key, const char *path, bytes certificate);
void key_wipe(card_key *key);

/* 80 2A <P1> 80. P1 as observed on real cards:
 *   00 PKCS#1 v1.5 padding of the data as given (1 to 245 bytes): DigestInfo comes from outside
 *   01 the card's SHA-256 of the data, padded bare    02 a SHA-256 value from outside (32 bytes), DigestInfo added
 *   03 the card's SHA-256, DigestInfo added           04 a SHA-256 value (32 bytes), PSS      05 the card's, PSS
 * PSS: MGF1 with SHA-256, salt of 32 bytes; how 04 and 05 share their work is this project's reading.
 * Other P1: 6A86. No data: 6700. Data that cannot be: 6985. The signature is verified before it leaves. */
#define KEY_SIGN_HASHED 0x03
status_word key_sign(const card_key *key, uint8_t p1, bytes data, buffer *answer);
