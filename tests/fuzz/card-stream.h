/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A card under fuzz: the input is a stream of commands to one card image (docs/interfaces/card-image.md). Each stream
 * begins with the same state on disk. */
#pragma once

#include "emulated_card.h"

#include <stdbool.h>

/* Copies $FUZZ_IMAGES/<image>, one of mock-ca's cards, without its state. The copy is removed at exit. */
void card_stream_begin(const card_personality *kind, const char *image);
/* Replaces a file of the image. */
void card_stream_put(const char *name, bytes content);
/* Puts the card in, sends the commands, and keeps the state that they leave as the state of every stream from now on.
 * For what an image does not have by itself. */
void card_stream_prepare(const char *const commands[], size_t count);

/* Parts of the input (fuzz_next_part) are commands, until it ends. An empty part resets the card; a part of one byte
 * takes it out and puts it in again, or, when odd, has every signature, MAC and PIN taken for right from then on. Every
 * answer must end in a status word of ISO/IEC 7816-4 5.6, refusals carry no data, and the state on disk must
 * be whole. */
void card_stream_run(bytes input);

/* The same piece by piece, for who plays the card's host: a card in its first state (accept_all: every signature, MAC
 * and PIN is right), one command to it, whatever it says. */
void card_stream_open(bool accept_all);
void card_stream_send(bytes command, buffer *answer);
void card_stream_reset(void);
void card_stream_close(void);

/* The image's folder. */
const char *card_stream_image(void);
