/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One of our OpenSC drivers, as stock libopensc loads it, at a reader without pcscd: an emulated card answers, or what
 * the test has written instead, and every command is counted. For what no emulation says by itself, and for the
 * promise that something was never sent. One reader at a time; everything in here ends the test when it fails. */
#pragma once

#include "emulated_card.h"

#include <libopensc/opensc.h>

/* Properties of the reader. */
#define READER_EXTENDED 1
#define READER_T0 2

/* module: the driver's file below the build folder; options: more for opensc.conf's application. */
void scripted_reader_begin(const char *module, const char *name, const char *options);
void scripted_reader_end(void);

/* Cards connected from now on are used by several threads: OpenSC has locks. How often the lock of a card was taken by
 * another thread than the one that called this. */
void scripted_reader_use_threads(void);
unsigned scripted_reader_visits(void);

/* The card that lies on it, powered. Connecting fails the test unless the driver takes the card. */
void scripted_reader_put(const card_personality *kind, card *inserted);
sc_card_t *scripted_reader_connect(unsigned properties);
void scripted_reader_disconnect(sc_card_t **connected);

/* What comes instead of the card's answer to the next command of this instruction, once; up to eight at a time, in this
 * order for each instruction. In hexadecimal: data and status word. The command does not reach the card. */
void scripted_reader_answer(uint8_t instruction, const char *hex);
/* Likewise: the command reaches the card, and its answer is lost: one of OpenSC's errors. */
void scripted_reader_fail(uint8_t instruction, int error);

/* How many commands there were since the last scripted_reader_forget. ANY: whatever it is. */
#define ANY 0x100
unsigned scripted_reader_count(unsigned instruction, unsigned p1, unsigned p2);
void scripted_reader_forget(void);
/* The data of the last command of this instruction; borrowed until the next command. */
bytes scripted_reader_data(uint8_t instruction);
/* The longest data of a command since the last scripted_reader_forget. */
size_t scripted_reader_longest(void);
