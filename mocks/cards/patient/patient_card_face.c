/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-face check (券面事項確認): what is printed on the card, as pictures, signed. */
#include "applet.h"
#include "applications.h"
#include "family.h"

#define RIGHT_BIRTH (1u << 0)  /* birth YYMMDD with the year of the Japanese era */
#define RIGHT_FACE (1u << 1)   /* 照合番号B */
#define RIGHT_NUMBER (1u << 2) /* 照合番号A */

static const uint8_t aid[] = {0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x02};

static const pin_rule birth = {
    .name = "card-face-birth", .min = 6, .max = 6, .digits_only = true, .tries = 10, .unchangeable = true};
static const pin_rule face = {
    .name = "card-face-b", .min = 14, .max = 14, .digits_only = true, .tries = 10, .unchangeable = true};
static const pin_rule number = {
    .name = "card-face-a", .min = 12, .max = 12, .digits_only = true, .tries = 10, .unchangeable = true};

/* References with a try counter, known by that alone: no value is right here. */
static const pin_rule unknown_14 = {.name = "card-face-0014", .tries = 3, .valueless = true};
static const pin_rule unknown_15 = {.name = "card-face-0015", .tries = 3, .valueless = true};

#define OBJECT_FILE(name, object_tag, what)                                                                            \
    .kind = FILE_DATA, .path = "apps/card-face/" name, .tag = object_tag, .problem = "apps/card-face/" name ": no " what

static const elementary_file files[] = {
    {0x0001, OBJECT_FILE("0001", 0xFF10, "birth and key (FF10)"), .opens_by = RIGHT_BIRTH},
    {0x0002, OBJECT_FILE("0002", 0xFF20, "face (FF20)"), .opens_by = RIGHT_FACE | RIGHT_NUMBER},
    {0x0003, OBJECT_FILE("0003", 0xFF30, "basic information (FF30)")},
    {0x0004, OBJECT_FILE("0004", 0x7F21, "card-verifiable certificate (7F21)")},
    {0x0005, OBJECT_FILE("0005", 0xFF40, "picture of the number (FF40)"), .opens_by = RIGHT_NUMBER},
    {0x0006, FILE_DATA, .size = 16},
    {0x0011, FILE_PIN, .pin = &birth, .proves = RIGHT_BIRTH},
    {0x0012, FILE_PIN, .pin = &face, .proves = RIGHT_FACE},
    {0x0013, FILE_PIN, .pin = &number, .proves = RIGHT_NUMBER},
    {0x0014, FILE_PIN, .pin = &unknown_14},
    {0x0015, FILE_PIN, .pin = &unknown_15},
    {0x001A, FILE_KEY, .path = "apps/card-face/001A.pem",
     .problem = "apps/card-face/001A.pem: no RSA-2048 private key (an older image has it as 0014.pem: rename it)"},
};

static const command_row commands[] = {
    SIGNED_DATA_COMMANDS(family_no_session),
};

const application_kind card_face_application = {
    .name = "card-face check",
    .folder = "apps/card-face",
    .aid = BYTES(aid),
    .files = files,
    .file_count = sizeof files / sizeof *files,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
};
