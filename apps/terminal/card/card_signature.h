/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A signature by a person: CAdES-BES with the signature key of the card in a reader, which wants its PIN every time. */
#pragma once

#include "core/card_access.h"

#define CARD_SIGNATURE_OPERATOR "Operator (digital signature)"
#define CARD_SIGNATURE_PATIENT "JPKI (digital signature)"

typedef struct card_signature_order {
    const char *reader;
    const char *label; /* of the token: CARD_SIGNATURE_... */
    const char *name;  /* for messages: whose card */
    bool detached;
} card_signature_order;

/* Asks for the PIN, signs, appends the DER. A wrong PIN costs one of the card's five tries; the failure says how many
 * are left at most. */
outcome card_signature_make(card_access *cards, command_context *ctx, const card_signature_order *order, bytes content,
                            buffer *der);
