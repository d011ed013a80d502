/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke-se-tool: commands of the issuer and the administrator for an SE. */
#pragma once

#include "driver_control.h"

#include <libopensc/opensc.h>

#define TOOL_OK 0
#define TOOL_FAILED 1
#define TOOL_USAGE 2

typedef struct tool {
    sc_context_t *context;
    sc_card_t *card;
    const char *reader, *issuer_key, *new_issuer_key, *binding_key;
    bool factory_key; /* the issuer's key is the well-known one */
    bool json, confirmed;
} tool;

/* Prints the cause and the next step; returns TOOL_FAILED. */
int tool_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A command to the SE, through the channel when there is one; RESULT_IO without an answer. */
result tool_send(tool *t, se_command command, buffer *answer, status_word *sw);

/* A new connection to the same SE: OpenSC's old one goes on with the channel that was refused. */
int tool_connect_again(tool *t);

/* The commands, each by the name that the user gives it: TOOL_OK, TOOL_FAILED or TOOL_USAGE. */
int tool_status(tool *t);
int tool_pair(tool *t);
int tool_pair_again(tool *t);
int tool_rotate(tool *t);
int tool_operational(tool *t);
int tool_lock(tool *t);
int tool_terminate(tool *t);
int tool_fingerprint(tool *t);
