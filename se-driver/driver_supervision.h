/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How the SE stands, as a data object of its token that is in no file of the SE: the driver makes its value anew each
 * time it is read, so a program that supervises the SE needs PKCS #11 only (docs/interfaces/secure-element.md,
 * "Supervision"). Reading it works also when nothing else does: an SE that this terminal cannot use is shown as a token
 * of its own that holds only this. */
#pragma once

#include "iso7816/se_state.h"

#include <libopensc/opensc.h>
#include <stdbool.h>

/* Whether this path is the data object's. */
bool se_is_state_path(const sc_path_t *path);
/* Asks the SE: GET DATA 0104 and 0101, in the channel if there is one. Always succeeds: what cannot be asked is in the
 * answer. */
int se_select_state(sc_card_t *card, sc_file_t **file);
int se_read_state(sc_card_t *card, unsigned offset, uint8_t *out, size_t length);
/* The path of the data object. */
void se_state_path(sc_path_t *path);
