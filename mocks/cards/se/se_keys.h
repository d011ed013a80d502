/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The SE's RSA-2048 keys, sixteen places. The place's number decides the operations of its key, so that they cannot be
 * changed later: 2 (the third) deciphers only, all others sign only. */
#pragma once

#include "base/buffer.h"
#include "iso7816/status_word.h"

#include <openssl/evp.h>

#define SE_KEYS_MAX 16
#define SE_KEY_BITS 2048
#define SE_KEY_LENGTH 256

/* Algorithm references of MANAGE SECURITY ENVIRONMENT. F3 and 11 are IsoApplet's; 12 to 14 are this card's own: PSS,
 * MGF1 with the same hash, salt as long as the hash, the hash value comes from outside. */
#define SE_ALGORITHM_PKCS1 0x11
#define SE_ALGORITHM_PSS_SHA256 0x12
#define SE_ALGORITHM_PSS_SHA384 0x13
#define SE_ALGORITHM_PSS_SHA512 0x14
#define SE_ALGORITHM_NEW_RSA 0xF3

typedef enum se_key_use { SE_KEY_SIGNS, SE_KEY_DECIPHERS } se_key_use;

typedef struct se_keys {
    char *folder; /* state/ of the image; a key is key-<place in hexadecimal>, PKCS#8 DER */
    EVP_PKEY *all[SE_KEYS_MAX];
} se_keys;

/* Reads the keys that are there; RESULT_INVALID: damaged. Free with se_keys_free, which wipes nothing on disk. */
result se_keys_load(se_keys *keys, const char *state_folder);
void se_keys_free(se_keys *keys);
/* All of them, on disk too. */
result se_keys_erase(se_keys *keys);
/* The same before they are loaded: what an SE that died meanwhile has left may be half erased. */
result se_keys_erase_files(const char *state_folder);
/* Appends the SHA-256 of the public key (DER of SubjectPublicKeyInfo, RFC 5280 4.1). 6A88: no key there. */
status_word se_key_fingerprint(const se_keys *keys, uint8_t place, buffer *answer);
se_key_use se_key_use_of(uint8_t place);

/* data: 7F48 { 92 p, 93 q, 94 1/q mod p, 95 d mod p-1, 96 d mod q-1 } (ISO/IEC 7816-8 annex C). The exponent follows
 * from them; whatever does not fit together is refused with 6A80. */
status_word se_key_import(se_keys *keys, uint8_t place, bytes data);
/* A new key; answer: 7F49 { 81 modulus, 82 exponent }. */
status_word se_key_generate(se_keys *keys, uint8_t place, buffer *answer);

/* data: a DigestInfo (1 to 245 bytes) for PKCS#1 v1.5, a hash value for PSS. The signature is verified before it
 * leaves: a fault in the computation would give the key away. Appends 256 bytes. */
status_word se_key_sign(const se_keys *keys, uint8_t place, uint8_t algorithm, bytes data, buffer *answer);
/* PKCS#1 v1.5: appends the message. Every failure is the same 6A80. */
status_word se_key_decipher(const se_keys *keys, uint8_t place, bytes cryptogram, buffer *answer);
