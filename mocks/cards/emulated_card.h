/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The seam between softcard (readers, frames, faults) and a personality (what the card does). A card is opened from its
 * image folder (docs/interfaces/card-image.md), powered, given commands, closed. One thread at a time per card. */
#pragma once

#include "base/buffer.h"

typedef struct card card; /* each personality defines its own */

typedef struct card_personality {
    const char *name; /* as in the image's file "personality": patient, operator, se */

    /* Opens the image. On failure *opened stays NULL and *problem (static text) says what is wrong with the image. */
    result (*open)(const char *image_folder, card **opened, const char **problem);

    /* The answer to reset; borrowed, valid until close. */
    bytes (*answer_to_reset)(const card *c);

    /* Cold or warm reset: all volatile state (PIN verified, selections, challenges) is gone. Also called at removal. */
    void (*reset)(card *c);

    /* One command, whole and raw; appends data and status word to response (bound APDU_RESPONSE_MAX). Never fails
     * otherwise: whatever goes wrong is a status word. Persistent counters are on disk before the check they guard. */
    void (*transmit)(card *c, bytes command, buffer *response);

    /* Frees and sets *c to NULL. */
    void (*close)(card **c);

    /* The card lies on a contactless reader: called once, before anything else. NULL: it knows contacts only. */
    void (*use_contactless)(card *c);
} card_personality;

extern const card_personality patient_card_personality;   /* mocks/cards/patient/ */
extern const card_personality operator_card_personality;  /* the same applet, another issuer */
extern const card_personality secure_element_personality; /* mocks/cards/se/ */
