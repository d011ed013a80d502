/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The mechanisms of our tokens, in one table: the card drivers report them to OpenSC and make the DigestInfo
 * (signature_form.h), the module lists and refuses (pkcs11-jpki/module/mechanism.c), and tests/pkcs11/mechanisms.test
 * compares with docs/interfaces/pkcs11.md, "Mechanisms". */
#pragma once

/* Of the SE's PIN, digits. Its files may say otherwise: stock pkcs15-init wrote those of SEs that it began. */
#define SE_PIN_MIN 6
#define SE_PIN_MAX 12

/* The only keys there are. */
#define RSA_KEY_BITS 2048
#define RSA_KEY_LENGTH 256
#define RSA_EXPONENT 0x10001
/* Longest input of PKCS #1 v1.5 (RFC 8017 9.2): eleven bytes of padding at least. */
#define RSA_INPUT_MAX (RSA_KEY_LENGTH - 11)

/* HASH(SHA-2's bits, bytes, last arc of its object identifier 2.16.840.1.101.3.4.2, the SE's algorithm for PSS with it:
 * MGF1 of the same function, a salt of the same length) */
#define TOKEN_HASHES(HASH) HASH(256, 32, 0x01, 0x12) HASH(384, 48, 0x02, 0x13) HASH(512, 64, 0x03, 0x14)
