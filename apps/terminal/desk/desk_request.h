/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A client's request to the daemon (frames: desk_wire.h). The input is not trusted. */
#pragma once

#include "core/pin_entry.h"
#include "desk/command.h"

#include "base/buffer.h"
#include "base/language.h"

typedef struct desk_request {
    json_t *root;
    buffer pin, sign_pin;
    buffer frame;     /* the frame in progress: its header and the bytes received so far */
    bool whole;       /* the request is complete */
    char **arguments; /* into root */
} desk_request;

#define DESK_REQUEST_PIN_MAX PIN_TYPED_MAX
#define DESK_REQUEST_MAX 65536
#define DESK_REQUEST_INIT                                                                                              \
    {.pin = BUFFER_SECRET(DESK_REQUEST_PIN_MAX),                                                                       \
     .sign_pin = BUFFER_SECRET(DESK_REQUEST_PIN_MAX),                                                                  \
     .frame = BUFFER_SECRET(DESK_REQUEST_MAX + 5)}

/* How many bytes may be read now, at least one as long as the request is not whole: to the end of a frame's head, or
 * of the frame. */
size_t desk_request_wants(const desk_request *r);
/* Takes at most desk_request_wants bytes. RESULT_OK: go on, until it is whole. RESULT_TOO_LONG as soon as a head
 * promises more than a frame of its type may have; RESULT_INVALID. */
result desk_request_take_bytes(desk_request *r, bytes part);
/* Wipe also after failure. */
void desk_request_wipe(desk_request *r);

/* The name of its command, "" when it has none. */
const char *desk_request_command(const desk_request *r);
/* The configuration that the client names for its command; NULL: the daemon's own. */
const char *desk_request_configuration(const desk_request *r);
/* Whether it receives the card that lies there; what is asked before a PIN does not. */
bool desk_request_receives(const desk_request *r);
/* Whether it names files, which the daemon opens for its own user only. */
bool desk_request_names_files(const desk_request *r);
/* Returns the command and fills *out with its options, which point into the request; of the former *out only the
 * configuration's path is kept. NULL: no such command, not for the daemon, or its PIN is missing. */
const command *desk_request_take(desk_request *r, options *out);
/* The client's language; English when it names none that is known. */
const language *desk_request_language(const desk_request *r);
