/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* One powered Secure Element: its image, its files, PINs and keys, what is selected and what has been proved. Handlers
 * (se_commands.c, security.c) act on it; element.c decides which one runs. docs/interfaces/secure-element.md is the card.
 */
#pragma once

#include "emulated_card.h"
#include "se_channel.h"
#include "se_files.h"
#include "iso7816/apdu.h"
#include "se_keys.h"
#include "se_pins.h"
#include "signature_counter.h"

#define SERIAL_MAX 16
#define ANSWER_MAX 4096
#define COMMAND_DATA_MAX 4096

/* What MANAGE SECURITY ENVIRONMENT has chosen; ends with a reset and with the selection of an application. */
typedef struct security_environment {
    uint8_t template; /* 00 generation or import, B6 signature, B8 confidentiality; NO_TEMPLATE */
    uint8_t algorithm;
    uint8_t key;
} security_environment;

#define NO_TEMPLATE 0xFF

struct card {
    buffer atr, serial;
    int lock; /* state/lock, held while the card is open: with two processes the PIN would get twice its tries */
    signature_counter signatures;
    se_files files;
    se_pins pins;
    se_keys keys;
    se_channel channel;
    /* volatile: ends with a reset */
    bool application_selected;
    se_role role;              /* of the present command */
    se_key_set_name opened_by; /* whose channel was opened last; issuer: perhaps none was */
    security_environment environment;
    apdu_chain chain;
    buffer waiting; /* rest of an answer, for GET RESPONSE */
};

/* Appends the answer's data and returns the status word; data is dropped unless that is 9000. */
typedef status_word se_handler(card *c, const apdu_command *command, buffer *answer);

/* The AID that SELECT chooses. */
bytes se_application_identifier(void);
/* The session and everything that was proved in it: after a wrong MAC. */
void se_lose_trust(card *c);

/* channel_commands.c: GlobalPlatform */
se_handler se_initialize_update;
se_handler se_external_authenticate;
se_handler se_put_key;
se_handler se_set_status;

/* se_commands.c: ISO/IEC 7816-4 and -9, files and data */
se_handler se_select;
se_handler se_read_binary;
se_handler se_update_binary;
se_handler se_create_file;
se_handler se_delete_file;
se_handler se_get_data;
se_handler se_get_challenge;

/* security.c: PINs, and ISO/IEC 7816-8 */
se_handler se_verify;
se_handler se_change_reference_data;
se_handler se_reset_retry_counter;
se_handler se_manage_security_environment;
se_handler se_perform_security_operation;
se_handler se_generate_key;
se_handler se_put_data;
