/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which kinds of card there are, and reading what every image has. */
#pragma once

#include "emulated_card.h"

/* A card that returns what it is given: for tests of readers. No part of any contract. */
extern const card_personality echo_card_personality;

/* Opens the image with the personality that its file "personality" names. On failure *problem (static text) says
 * why. */
result personality_open(const char *image_folder, const card_personality **kind, card **opened, const char **problem);
