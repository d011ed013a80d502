/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Set-up and end that the tests of the emulated patient card share: one image for a group, a fresh, cold card as issued
 * for each test. For cmocka's group and test fixtures. */
#pragma once

#include "card-applications-maker.h"

extern card_image_maker maker;
extern card *c; /* between power_up and power_down */

int make_image(void **state);
int make_image_with_applications(void **state);
int remove_image(void **state);
int power_up(void **state);
int power_down(void **state);

/* A card of the image; ends the test when it is refused. */
card *open_card(void);
