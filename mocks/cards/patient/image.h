/* A card image as docs/interfaces/card-image.md has it, read and checked as a whole: what is loaded is consistent. */
#pragma once

#include "files.h"
#include "institution.h"
#include "keys.h"
#include "pins.h"

typedef struct card_image {
    buffer atr;
    buffer data[DATA_COUNT]; /* content of the transparent files with their filler */
    card_key keys[KEY_COUNT];
    pin pins[PIN_COUNT];
    institution institution;
    int lock; /* state/lock, held while the card is open: two processes would win tries from each other */
} card_image;

/* personality: "patient" (a trust anchor is due) or "operator" (one is ignored). *problem is static text. The image
 * must be freed in any case. */
result card_image_load(card_image *image, const char *folder, const char *personality, const char **problem);
void card_image_free(card_image *image);
