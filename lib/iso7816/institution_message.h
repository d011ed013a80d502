/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The common part of both sides of the institution authentication (特定機関認証): docs/interfaces/
 * institution-authentication.md. The challenge step is this project's own profile after ISO/IEC 7816-4 11.5.4 (EXTERNAL
 * AUTHENTICATE) and BSI TR-03110-3 (terminal authentication); it is not the real card's, which is not public. */
#pragma once

#include "base/buffer.h"
#include "iso7816/cvc.h"

#define INSTITUTION_LABEL "Uketsuke-INST-A1" /* 16 characters, no NUL: separates these signatures from all others */
#define INSTITUTION_LABEL_LENGTH 16
#define INSTITUTION_CARD_ID_LENGTH 16 /* CK_TOKEN_INFO.serialNumber: ASCII, padded with blanks */
#define INSTITUTION_CHALLENGE_LENGTH 16
#define INSTITUTION_SIGNATURE_LENGTH 256
#define INSTITUTION_MESSAGE_LENGTH 64

/* label || card id || CHR || challenge: what the institution key signs (RSA PKCS#1 v1.5 with SHA-256). */
void institution_message(const uint8_t card_id[INSTITUTION_CARD_ID_LENGTH],
                         const uint8_t holder_reference[CVC_REFERENCE_LENGTH],
                         const uint8_t challenge[INSTITUTION_CHALLENGE_LENGTH],
                         uint8_t message[INSTITUTION_MESSAGE_LENGTH]);
