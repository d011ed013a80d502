/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Calls of uketsuke-se-init.so and uketsuke-se-tool to uketsuke-se.so through sc_card_ctl. */
#pragma once

#include "base/buffer.h"
#include "iso7816/status_word.h"
#include "opensc/opensc_command.h"
#include "scp03/scp03.h"

#define SE_NAME "uketsuke-se"
/* Name of the sc_context of a program with its own keys: the driver reads no binding_key for it. */
#define SE_TOOL_NAME "uketsuke-se-tool"

#define SE_CONTROL_GENERATE 0x55534501UL /* data: se_key_request *; public_key is filled */
#define SE_CONTROL_IMPORT 0x55534502UL   /* data: se_key_request *; private_key is read */
#define SE_CONTROL_OPEN 0x55534503UL     /* data: se_channel_request *; SC_ERROR_WRONG_CARD: the SE has other keys */
#define SE_CONTROL_TRANSMIT 0x55534504UL /* data: se_exchange * */

typedef struct se_key_request {
    uint8_t place;      /* 0 to 15 */
    bytes private_key;  /* 7F48 {92 p, 93 q, 94 1/q mod p, 95 d mod p-1, 96 d mod q-1} */
    buffer *public_key; /* 7F49 {81 modulus, 82 exponent} is appended */
} se_key_request;

#define SE_FILE_MAX 8192 /* bytes of one file */

/* Places: the place of a key decides its operations. */
#define SE_PLACES 16
#define SE_PLACE_DECIPHERING 2

typedef struct se_channel_request {
    const scp03_keys *keys;
    const char *key_path; /* of the binding key, to continue its channel_state; NULL for other keys */
} se_channel_request;

/* A command: data may be empty, le 0 for no answer. Without extended length, long data is chained and long answers are
 * fetched. */
typedef opensc_command se_command;

typedef struct se_exchange {
    se_command command;
    buffer *answer; /* appended to */
    status_word sw;
} se_exchange;
