/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* SE status, as a data object of its token without a file in the SE: the driver makes its value at each reading, so a
 * program that supervises the SE needs only PKCS #11 (docs/interfaces/secure-element.md, "Supervision"). It is readable
 * also when no other object is: an SE that this terminal cannot use has a token with only this object. */
#pragma once

#include "iso7816/se_state.h"

#include <libopensc/opensc.h>
#include <stdbool.h>

/* Whether this path is the data object's. */
bool se_is_state_path(const sc_path_t *path);
/* Sends GET DATA 0104 and 0101, in the channel if there is one. Always succeeds: the value tells what the SE did not
 * answer. */
int se_select_state(sc_card_t *card, sc_file_t **file);
int se_read_state(sc_card_t *card, unsigned offset, uint8_t *out, size_t length);
/* The path of the data object. */
void se_state_path(sc_path_t *path);
