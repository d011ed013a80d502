/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One request to the daemon and its answer, as desk_wire.h has them: the client's half. */
#pragma once

#include "base/buffer.h"

#include <stdint.h>

/* command: JSON. pin_type: P, S, or 0 when no PIN goes along. Codes of desk_wire_send; RESULT_UNAVAILABLE also when the
 * daemon refuses us: it reads nothing then, but its answer says why. */
result desk_request_send(int fd, const char *command, char pin_type, bytes pin);

/* Takes a text of the answer: for standard output (O) or standard error (E). */
typedef void desk_text_taker(void *context, char type, bytes text);
/* Reads the answer to its end. RESULT_DENIED: the daemon does not serve this user. RESULT_REFUSED: too many requests of
 * this user wait. RESULT_INVALID: it has no valid end; else codes of desk_wire_receive. */
result desk_answer_receive(int fd, desk_text_taker *take, void *context, uint8_t *exit_code);
