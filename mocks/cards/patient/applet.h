/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One powered card: its image, what is selected and what has been proved. Handlers (patient_commands.c, and each application's
 * own) act on it; applet.c decides which one runs. */
#pragma once

#include "emulated_card.h"
#include "image.h"
#include "secure_messaging.h"

struct card {
    card_image image;
    bool contactless; /* which interface it is used over, for as long as it is in the reader */
    /* volatile: ends with a reset */
    application *selected; /* NULL: none */
    file *current;         /* NULL: none */
    secure_messaging secured;
    apdu_chain chain;
    buffer waiting; /* rest of an answer, for GET RESPONSE */
};

/* PIN states and what applications have seen proved go; files and counters stay. */
void card_clear_security(card *c);

/* From here on: what softcard gives to applets in files of their own. */
#pragma GCC visibility push(default)

/* What applications have in common, for their tables. */
command_handler command_select;
command_handler command_read_binary;
command_handler command_verify;
command_handler command_change_reference_data;
command_handler command_change_key; /* JICSAP's form of it: 80 32 00, P2 as there */
command_handler command_get_challenge;
command_handler command_compute_signature;
command_handler command_compute_signature_of_face;
command_handler command_internal_authenticate;
command_handler command_refuse_internal_authenticate; /* keys that do not answer it: 6982 behind a PIN, 6985 else */
command_handler command_read_record;
command_handler command_get_data;
command_handler command_no_such_form;

#define CARD_CURRENT_FILE 0x80

/* The file that a command means, which becomes the current one: P2 (or P1 of READ BINARY) 80 the current one already,
 * 80 | short identifier another. 6A86, 6A82, 6986, or 6981 when it is of another kind. */
status_word card_aim(card *c, uint8_t reference, file_kind kind);
/* The same for a command that reads: it brings no data, wants an answer (6700), and its file is open (6982). */
status_word card_aim_to_read(card *c, uint8_t reference, file_kind kind, const apdu_command *command);
bool card_file_is_open(const card *c, const file *f);

/* Whether an EF's content is one or more whole records. */
bool records_are_whole(bytes content);

#pragma GCC visibility pop
