/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A card driver of OpenSC's under fuzz: libopensc without pcscd, a reader whose card answers as the input says, or,
 * where the input says nothing, as the emulated card does. */
#pragma once

#include "base/buffer.h"

#include <libopensc/opensc.h>

/* One libopensc for the whole process, with this driver alone. options: more for opensc.conf's application. */
void driver_card_begin(struct sc_card_driver *driver, const char *options);

/* The reader's properties, by the bits of what: 1 extended length, 2 T=0. */
sc_reader_t *driver_card_reader(uint8_t what);

/* What the card answers from now on: one part (fuzz_next_part) for each command. An empty part, and everything behind
 * the end: the emulated card's answer. One byte: the command fails, with the error of a card gone (0), reset (1), or a
 * reader's failure (others). Anything else: that answer. */
void driver_card_answers(bytes parts);
