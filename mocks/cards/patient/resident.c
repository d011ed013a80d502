/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The basic-resident application (住基): one record, and a PIN that nothing visible depends on. */
#include "applet.h"
#include "applications.h"
#include "family.h"

#define RIGHT_PIN (1u << 0)

static const uint8_t aid[] = {0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x01};

static const pin_rule holder_pin = {.name = "resident-pin", .min = 4, .max = 4, .digits_only = true, .tries = 3};

static const elementary_file files[] = {
    {0x0002, FILE_RECORDS, .path = "apps/resident/0002", .form = records_are_whole,
     .problem = "apps/resident/0002: no records (tag, length, value)"},
    {0x001C, FILE_PIN, .pin = &holder_pin, .proves = RIGHT_PIN},
};

static const command_row commands[] = {
    {0x00, 0xA4, command_select},         {0x00, 0xB2, command_read_record},
    {0x00, 0x20, command_verify},         {0x80, 0x32, command_change_key},
    {0x00, 0x84, command_get_challenge},  {0x00, 0x88, command_refuse_internal_authenticate},
    FAMILY_COMMANDS(family_session_shut),
};

const application_kind resident_application = {
    .name = "basic resident",
    .folder = "apps/resident",
    .aid = BYTES(aid),
    .files = files,
    .file_count = sizeof files / sizeof *files,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
};
