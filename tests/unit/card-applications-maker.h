/* Adds the applications beside JPKI to a card image of card-image-maker.h. */
#pragma once

#include "card-image-maker.h"

#define MAKER_NUMBER "123456789012" /* the right check digit would be 8 */
#define MAKER_FACE_NUMBER "55021720352285"
#define MAKER_INPUT_PIN "5678"

#define SELECT_INPUT_SUPPORT "00A4040C0AD3921000310001010408"

void card_image_add_applications(card_image_maker *maker);
