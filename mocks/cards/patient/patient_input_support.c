/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card-data input support (券面事項入力補助): the holder's number and four basic items, as data and signed.
 *
 * Source: public knowledge (myna-card, jsapdu, sc-tools-myna); what is not public is marked "chosen" in
 * docs/interfaces/patient-card.md. */
#include "applet.h"
#include "applications.h"
#include "base/personal_number.h"
#include "family.h"
#include "iso7816/tlv.h"

#define RIGHT_PIN (1u << 0)
#define RIGHT_NUMBER (1u << 1) /* 照合番号A: the 12 digits of the number itself */
#define RIGHT_FACE (1u << 2)   /* 照合番号B: birth, expiry, security code, as printed on the card's face */
#define RIGHT_ANY (RIGHT_PIN | RIGHT_NUMBER | RIGHT_FACE)

#define TRANSPORT_FILE 0x0006
#define NUMBER_FILE_SIZE 17
#define BASIC_ITEMS_FILE_SIZE 512 /* chosen; more when the items need it */
#define INFORMATION_FILE_SIZE 256

static const uint8_t aid[] = {0xD3, 0x92, 0x10, 0x00, 0x31, 0x00, 0x01, 0x01, 0x04, 0x08};

static const pin_rule holder_pin = {.name = "input-support-pin", .min = 4, .max = 4, .digits_only = true, .tries = 3};
static const pin_rule number = {
    .name = "input-support-a", .min = 12, .max = 12, .digits_only = true, .tries = 10, .unchangeable = true};
static const pin_rule face = {
    .name = "input-support-b", .min = 14, .max = 14, .digits_only = true, .tries = 10, .unchangeable = true};
static const pin_rule blocked = {.name = "input-support-blocked"};

/* A number that could be a person's is refused: emulated cards are of synthetic people only. */
static bool is_impossible_number(bytes content) {
    tlv object;
    if (tlv_next(&content, &object) != RESULT_OK || object.value.length != PERSONAL_NUMBER_LENGTH)
        return false;
    bytes digits = object.value;
    for (size_t i = 0; i < digits.length; i++)
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
    return !personal_number_is_possible((const char *)digits.data);
}

#define OBJECT_FILE(name, object_tag, what)                                                                            \
    .kind = FILE_DATA, .path = "apps/input-support/" name, .tag = object_tag,                                          \
    .problem = "apps/input-support/" name ": no " what

static const elementary_file files[] = {
    {0x0001, OBJECT_FILE("0001", 0xFF10, "number (FF10) of 12 digits, or one with the right check digit"),
     .form = is_impossible_number, .size = NUMBER_FILE_SIZE, .opens_by = RIGHT_PIN | RIGHT_NUMBER},
    {0x0002, OBJECT_FILE("0002", 0xFF20, "basic items (FF20)"), .size = BASIC_ITEMS_FILE_SIZE,
     .opens_by = RIGHT_PIN | RIGHT_FACE},
    {0x0003, OBJECT_FILE("0003", 0xFF30, "signed data (FF30)"), .opens_by = RIGHT_ANY},
    {0x0004, OBJECT_FILE("0004", 0x7F21, "card-verifiable certificate (7F21)")},
    {0x0005, OBJECT_FILE("0005", 0xFF40, "basic information (FF40)"), .size = INFORMATION_FILE_SIZE},
    {TRANSPORT_FILE, OBJECT_FILE("0006", 0xA1, "public key (A1) with its private key in 0006.pem"),
     .key_path = "apps/input-support/0006.pem", .opens_by = RIGHT_ANY},
    {0x0007, OBJECT_FILE("0007", 0xFF50, "signed public key (FF50)"), .opens_by = RIGHT_ANY},
    {0x0008, FILE_DATA, .size = 16},
    {0x0011, FILE_PIN, .pin = &holder_pin, .proves = RIGHT_PIN},
    {0x0012, FILE_PIN, .pin = &blocked},
    {0x0013, FILE_KEY, .path = "apps/input-support/0013.pem",
     .problem = "apps/input-support/0013.pem: no RSA-2048 private key"},
    {0x0014, FILE_PIN, .pin = &number, .proves = RIGHT_NUMBER},
    {0x0015, FILE_PIN, .pin = &face, .proves = RIGHT_FACE},
};

/* 80 AE 00 00: the key of a secured session. It opens by the PIN alone, which so has always gone in clear; 照合番号A and B
 * do read the public key, and are not enough for this. */
static status_word establish_session(card *c, const apdu_command *command, buffer *answer) {
    file *transport = application_file(c->selected, TRANSPORT_FILE);
    (void)answer;
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (!(application_pin_rights(c->selected) & RIGHT_PIN))
        return SW_SECURITY_STATUS;
    return secure_messaging_begin(&c->secured, transport->key.private_key, command->data);
}

static void clear(card *c) {
    secure_messaging_end(&c->secured);
}

static const command_row commands[] = {
    SIGNED_DATA_COMMANDS(establish_session),
};

const application_kind input_support_application = {
    .name = "card-data input support",
    .folder = "apps/input-support",
    .aid = BYTES(aid),
    .files = files,
    .file_count = sizeof files / sizeof *files,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .clear = clear,
};
