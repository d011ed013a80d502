/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* An emulated reader: the card in it, the link to its handler, a thread that serves requests, faults, counters. */
#pragma once

#include "base/buffer.h"
#include "timing.h"

#include <stdbool.h>
#include <sys/types.h>

typedef struct reader reader;

/* Starts serving: from here on the link is brought up whenever a handler listens at socket_path. */
result reader_new(const char *name, const char *socket_path, uid_t trusted_user, reader **out);
/* Removes the card, ends the thread. */
void reader_free(reader **r);

/* From here on cards in it are used over their contactless interface, those that have one; and the reader answers
 * itself what is meant for it (reader_command.h). Before the first insertion. */
void reader_make_contactless(reader *r);

/* From here on commands take as long as this says; timing stays the caller's. */
void reader_set_timing(reader *r, const card_timing *timing);

/* As reader_new got it; and whether a handler is connected to it. */
const char *reader_name(const reader *r);
bool reader_is_linked(reader *r);
/* Linked, and the card that is in, if any, has been powered by the handler: PC/SC clients find it. */
bool reader_is_ready(reader *r);
/* The folder of the card that is in, or NULL; borrowed until the card changes. Used by the control thread only. */
const char *reader_image(const reader *r);

/* Cards come and go by the control thread only. A linked reader's insertion returns when the handler has powered the
 * card (at most a second later), so that a PC/SC client that starts then finds it. On failure *problem (static text)
 * says why. */
result reader_insert(reader *r, const char *image_folder, const char **problem);
/* The handler hears of it at once, also in the middle of a command. RESULT_NOT_FOUND: no card. */
result reader_remove(reader *r);

/* One fault: "remove-before=N" (the card leaves before the Nth command from now), "remove-after=N" (the card has done
 * the Nth command, and leaves before anybody hears its answer), "delay=MS" (every command, until changed), "status=HHHH"
 * (the next command is answered with it, not executed), "truncate=N" (the next answer keeps its first N bytes), "flip=N"
 * (one bit in the middle of the data of the Nth answer that has any), "clear". RESULT_INVALID. */
result reader_fault(reader *r, const char *what);

/* Appends a JSON object: name, linked, card, apdus, command_bytes, response_bytes, ins {"A4": n}. */
result reader_stats(reader *r, bool reset, buffer *json);
