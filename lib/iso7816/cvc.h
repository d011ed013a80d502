/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-verifiable certificates as the My Number card takes them: ISO/IEC 7816-8 non-self-descriptive form, RSA-2048.
 *
 *   7F21 820233                      CV certificate, 563 bytes
 *     5F4E 820129 <297 bytes>        body: CAR(16) CHR(16) 90 03 010001 91 820100 <modulus, 256 bytes>
 *     5F37 820100 <256 bytes>        signature, RSA PKCS#1 v1.5 with SHA-256 over the 297 bytes of 5F4E
 *
 * 568 bytes in all; no dates, no rights. Source: facts of the card's observed import (docs/interfaces/
 * institution-authentication.md). Signing and verifying is the caller's: this codec needs no cryptography. */
#pragma once

#include "base/buffer.h"

#define CVC_TAG 0x7F21
#define CVC_TAG_BODY 0x5F4E
#define CVC_TAG_SIGNATURE 0x5F37
#define CVC_TAG_EXPONENT 0x90
#define CVC_TAG_MODULUS 0x91

#define CVC_REFERENCE_LENGTH 16 /* CAR and CHR */
#define CVC_MODULUS_LENGTH 256
#define CVC_EXPONENT_LENGTH 3
#define CVC_BODY_LENGTH 297
#define CVC_SIGNATURE_LENGTH 256
#define CVC_LENGTH 568

typedef struct cvc {
    uint8_t authority_reference[CVC_REFERENCE_LENGTH]; /* CAR: whose key signed */
    uint8_t holder_reference[CVC_REFERENCE_LENGTH];    /* CHR: whose key this is */
    uint8_t exponent[CVC_EXPONENT_LENGTH];
    uint8_t modulus[CVC_MODULUS_LENGTH];
    uint8_t signature[CVC_SIGNATURE_LENGTH];
} cvc;

/* Exactly one certificate, whole (7F21). RESULT_INVALID, RESULT_TRUNCATED, RESULT_KEY: not RSA-2048 with an odd modulus
 * and an odd exponent above 3. */
result cvc_parse(bytes raw, cvc *out);
/* The 297 bytes of 5F4E alone, with out->signature zero. */
result cvc_parse_body(bytes body, cvc *out);
/* Appends the 297 bytes that the signature covers. */
result cvc_build_body(const cvc *certificate, buffer *out);
/* Appends the whole certificate. */
result cvc_build(const cvc *certificate, buffer *out);

/* A chain file is certificates one after the other, from the one signed by the root down to the holder's. Takes the
 * next one off *rest, also as its raw bytes; RESULT_NOT_FOUND at the end. */
result cvc_chain_next(bytes *rest, cvc *out, bytes *raw);
