/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Adds the applications beside JPKI to a card image of card-image-maker.h. */
#pragma once

#include "card-image-maker.h"

#define MAKER_NUMBER "123456789012" /* the right check digit would be 8 */
#define MAKER_FACE_NUMBER "55021720352285"
#define MAKER_INPUT_PIN "5678"

#define SELECT_INPUT_SUPPORT "00A4040C0AD3921000310001010408"

#define SELECT_CARD_FACE "00A4040C0AD3921000310001010402"
#define SELECT_COMMON "00A4040C0AD3921000310001010100"
#define SELECT_RESIDENT "00A4040C0AD3921000310001010401"
#define SELECT_ISSUER_DOMAIN "00A4040C07A0000001510000"

void card_image_add_applications(card_image_maker *maker);
