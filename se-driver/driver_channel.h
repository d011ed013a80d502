/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The secure channel between this terminal and its SE (GlobalPlatform SCP03, level 33), as OpenSC's secure messaging.
 *
 * A card with a binding key gets nothing outside the channel but SELECT, INITIALIZE UPDATE and EXTERNAL AUTHENTICATE:
 * every operation of the driver begins with se_channel_begin, which refuses when there is no channel. OpenSC itself
 * goes on in clear after a failure of secure messaging, so the driver checks it.
 *
 * The SE has one channel at a time and several processes share the SE: a process that gets the card's lock opens a
 * channel, unless the channel_state says that the last one is still its own. The security status belongs to the SE, not
 * to the channel. */
#pragma once

#include "se.h"

/* Maximum data of a command and an answer, in clear or in the channel. */
void se_channel_set_sizes(sc_card_t *card);
/* Reads the keys of "card_driver uketsuke-se { binding_key = FILE; }". SC_SUCCESS also when there is no such line. A
 * missing or malformed file, or one that other users can read, is an error, with a message. */
int se_channel_configure(sc_card_t *card);
/* Uses these keys from now on (uketsuke-se-tool). */
int se_channel_open(sc_card_t *card, const se_channel_request *request);
void se_channel_free(sc_card_t *card);

/* The card's lock has been obtained. After a reset the application has been selected again. */
void se_channel_resume(sc_card_t *card, bool was_reset);
/* Takes the card's lock and ensures that the channel protects what follows. Pair with sc_unlock. */
int se_channel_begin(sc_card_t *card);
