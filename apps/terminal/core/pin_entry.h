/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* PINs from people: from a file descriptor (--pin-fd) or typed at the terminal without echo. Never from an argument. */
#pragma once

#include "core/report.h"

#include "base/buffer.h"

#define PIN_TYPED_MAX 64

/* What is asked for; marked for translation. */
#define PROMPT_PIN N_("PIN of the operator card (4 digits)")
#define PROMPT_PATIENT_PIN N_("The patient's 4-digit PIN (利用者証明用)")
#define PROMPT_CARD_DATA N_("The patient's 4-digit card-data PIN, or number B (照合番号B, 14 digits)")
#define PROMPT_SIGN_PIN N_("Signature PIN of the card (6 to 16 capitals and digits)")
#define PROMPT_OFFICER_PIN N_("Officer's PIN of the Secure Element (PUK, 8 to 16 characters)")
#define PROMPT_PATIENT N_("Is this the patient? Type the name, the kana or the hospital number")
#define PROMPT_SE_PIN N_("Activation PIN of the Secure Element (6 to 12 digits)")

/* given: what the daemon's client asked for already; empty: read from fd; fd -1: ask with the prompt on
 * /dev/tty. Ends at a newline or the end of file. Appends; wipe the buffer after use. */
outcome pin_read(bytes given, int fd, const char *prompt, buffer *pin, report *r);

/* A line typed at the terminal, with echo: for what is no secret. RESULT_NOT_FOUND: there is no terminal, or nothing was
 * typed. */
result line_read(const char *prompt, char *line, size_t size);

/* Refuses what cannot be a PIN before a card sees it: PKCS #11 has one code for a malformed PIN and for a wrong one. So
 * many digits; six to sixteen letters and digits, both kinds. */
bool pin_is_digits(bytes pin, size_t length);
bool pin_is_for_signatures(bytes pin);
