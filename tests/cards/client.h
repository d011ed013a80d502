/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What small clients of the My Number card need of PC/SC, BER-TLV and RSA. They are written from what the public knows
 * of the card, and share no code with the emulated one or with our drivers: what passes here reads a real card. */
#pragma once

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

typedef struct octets {
    const uint8_t *data;
    size_t length;
} octets;

#define OCTETS(array) ((octets){array, sizeof(array)})

/* Everything in here ends the program with words when it fails. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

void client_connect(const char *reader);
/* The answer's data, valid until the next command; *sw its status word. */
octets client_send(octets command, unsigned *sw);
/* header: CLA INS P1 P2; le 0: none, more than 256: extended. Expects 9000. */
octets client_command(uint32_t header, octets data, unsigned le);
unsigned client_status(uint32_t header, octets data);
void client_select(const char *aid_hexadecimal);
/* A whole EF by its short identifier, in parts of 256 bytes. Copied to room. */
octets client_read(unsigned short_id, uint8_t *room, size_t size);

/* The next object of *rest. */
octets tlv_take(octets *rest, unsigned *tag, octets *whole);
/* The value of the object with this tag among those in level; whole (or NULL): with its tag and length. */
octets tlv_get(octets level, unsigned tag, octets *whole);

/* 90 e, 91 n. */
EVP_PKEY *key_of(octets objects);
/* What is inside a signature under PKCS#1 v1.5. */
size_t recover(EVP_PKEY *key, octets signature, uint8_t room[256]);
/* DigestInfo of SHA-256 around what is given: one digest, or several. */
size_t digest_information(octets digests, uint8_t room[256]);
void sha256(octets data, uint8_t digest[32]);
/* Whether the signature is that of SHA-256 of data. */
void check_signature(const char *what, EVP_PKEY *key, octets data, octets signature);
/* 5F4E { CAR 16, CHR 16, 90 e, 91 n }, 5F37 signature: checks it, gives the certified key. */
EVP_PKEY *check_certificate(const char *what, octets objects, EVP_PKEY *issuer);
/* The key in a file with 7F21 around such a certificate. */
EVP_PKEY *key_of_file(const char *path);
