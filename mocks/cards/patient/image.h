/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A card image as docs/interfaces/card-image.md has it, read and checked completely, so a loaded image is
 * consistent. */
#pragma once

#include "applications.h"
#include "patient_application.h"
#include "patient_institution.h"
#include "switches.h"

typedef struct card_image {
    buffer atr, atr_contactless; /* the latter empty: the same */
    card_switches switches;
    application applications[APPLICATIONS_MAX]; /* those that this card has */
    size_t application_count;
    institution institution;
    int lock; /* state/lock, held while the card is open: with two processes the PIN would get twice its tries */
} card_image;

/* personality: "patient" (a trust anchor is due) or "operator" (one is ignored). *problem is static text. The image
 * must be freed in any case. */
result card_image_load(card_image *image, const char *folder, const char *personality, const char **problem);
void card_image_free(card_image *image);

/* The first application whose AID begins so (1 to 16 bytes), or the next one behind another. NULL: there is none. */
application *card_image_application(card_image *image, const application *behind, bytes aid);
