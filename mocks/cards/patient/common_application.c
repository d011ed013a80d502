/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The common application (共通): which card this is, and a key that proves it to be genuine. */
#include "applet.h"
#include "applications.h"
#include "family.h"

#define RIGHT_PIN (1u << 0)

static const uint8_t aid[] = {0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x01, 0x00};

static const pin_rule pin_of_card = {.name = "common-pin", .min = 4, .max = 4, .digits_only = true, .tries = 3};

static const elementary_file files[] = {
    {0x0001, FILE_RECORDS, .path = "apps/common/0001", .form = records_are_whole,
     .problem = "apps/common/0001: no records (tag, length, value)"},
    {0x0002, FILE_RECORDS, .path = "apps/common/0002", .form = records_are_whole, .optional = true,
     .problem = "apps/common/0002: no records (tag, length, value)"},
    {0x0019, FILE_KEY, .path = "apps/common/0019.pem", .problem = "apps/common/0019.pem: no RSA-2048 private key"},
    {0x001C, FILE_PIN, .pin = &pin_of_card, .proves = RIGHT_PIN},
};

static const command_row commands[] = {
    {0x00, 0xA4, command_select},        {0x00, 0xB2, command_read_record},
    {0x00, 0x20, command_verify},        {0x80, 0x32, command_change_key},
    {0x00, 0x84, command_get_challenge}, {0x00, 0x88, command_internal_authenticate},
    FAMILY_COMMANDS(family_no_session),
};

const application_kind common_application = {
    .name = "common",
    .folder = "apps/common",
    .aid = BYTES(aid),
    .files = files,
    .file_count = sizeof files / sizeof *files,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
};
