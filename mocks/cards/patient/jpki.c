/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* JPKI (公的個人認証): two keys with their certificates and PINs, and the institution authentication.
 *
 * Source: public knowledge about the My Number card (the open-source clients OpenSC, jpki/myna, myna-card and
 * sc-tools-myna agree on these). Of 0005, 0010, 0019, 001C and 001E only their existence is known. */
#include "applet.h"
#include "applications.h"
#include "family.h"
#include "iso7816/tlv.h"
#include "patient_token.h"

#define RIGHT_AUTH_PIN (1u << 0)
#define RIGHT_SIGN_PIN (1u << 1)
#define RIGHT_AT_CARD (1u << 2)   /* this is a card, not a phone: nothing to prove */
#define RIGHT_OF_NOBODY (1u << 3) /* what opens the file is not known, and no PIN and no institution is it */

/* Certificate files are physically larger than their certificates; the rest is filler. How large a real card's are is
 * not public: 2,048 bytes is this project's choice (real certificates have 1,300 to 1,600 bytes). */
#define CERTIFICATE_FILE_SIZE 2048
#define SIGN_CERTIFICATE 0x0001
#define TOKEN_FILE 0x0006
#define AVAILABILITY 0x0008
#define SIGN_KEY 0x001A
#define SIGN_PIN 0x001B
#define TOKEN_FILE_SIZE 160

static const uint8_t aid[] = {0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
static const uint8_t both_present[] = {0x8F, 0x8F, 0x00};

static const pin_rule auth_pin = {.name = "auth", .min = 4, .max = 4, .digits_only = true, .tries = 3};
static const pin_rule sign_pin = {.name = "sign", .min = 6, .max = PIN_MAX, .digits_only = false, .tries = 5};

/* A reference with a try counter; its value is not public, so nothing is right here. */
static const pin_rule unknown_reference = {.name = "unknown-0010", .tries = 3, .valueless = true};

/* Clients take the length from bytes 2 and 3: a certificate must begin 30 82 hh ll. */
static bool is_certificate(bytes content) {
    size_t whole = 0;
    return tlv_whole_length(content, &whole) == RESULT_OK && whole <= content.length && whole >= 256 &&
           content.data[0] == 0x30;
}

/* A CK_TOKEN_INFO (PKCS#11 2.40 3.2) with numbers of four bytes: label 32, manufacturer 32, model 16, serial number
 * 16, 11 numbers, two versions, time 16. */
static bool is_token_information(bytes content) {
    return content.length == TOKEN_FILE_SIZE;
}

#define CERTIFICATE_FILE(name, what)                                                                                   \
    .kind = FILE_DATA, .path = name, .size = CERTIFICATE_FILE_SIZE, .tag = 0x30, .form = is_certificate,               \
    .problem = name ": no " what " in DER"
#define KEY_FILE(name, certificate_name, certificate_id)                                                               \
    .kind = FILE_KEY, .path = name, .certificate = certificate_id,                                                     \
    .problem = name ": not the RSA-2048 private key of the certificate " certificate_name

static const elementary_file files[] = {
    {SIGN_CERTIFICATE, CERTIFICATE_FILE("ef/0001", "signature certificate"), .opens_by = RIGHT_SIGN_PIN,
     .optional = true},
    {0x0002, CERTIFICATE_FILE("ef/0002", "CA certificate")},
    {.id = 0x0005, .kind = FILE_OPAQUE},
    {TOKEN_FILE, FILE_DATA, .path = "ef/0006", .size = TOKEN_FILE_SIZE, .form = is_token_information,
     .problem = "ef/0006: no token information of 160 bytes"},
    {AVAILABILITY, FILE_DATA, .fixed = BYTES(both_present), .size = sizeof both_present},
    {0x0009, FILE_DATA, .size = 16, .opens_by = RIGHT_OF_NOBODY},
    {0x000A, CERTIFICATE_FILE("ef/000A", "user-authentication certificate"),
     .opens_by = RIGHT_AT_CARD | RIGHT_AUTH_PIN | RIGHT_INSTITUTION},
    {0x000B, CERTIFICATE_FILE("ef/000B", "CA certificate")},
    {0x0010, FILE_PIN, .pin = &unknown_reference},
    {.id = 0x0016, .kind = FILE_ANCHOR},
    {0x0017, KEY_FILE("key/auth.pem", "ef/000A", 0x000A), .opens_by = RIGHT_AUTH_PIN | RIGHT_INSTITUTION},
    {0x0018, FILE_PIN, .pin = &auth_pin, .proves = RIGHT_AUTH_PIN},
    {.id = 0x0019, .kind = FILE_OPAQUE},
    {SIGN_KEY, KEY_FILE("key/sign.pem", "ef/0001", SIGN_CERTIFICATE), .opens_by = RIGHT_SIGN_PIN, .optional = true},
    {SIGN_PIN, FILE_PIN, .pin = &sign_pin, .proves = RIGHT_SIGN_PIN, .optional = true},
    {.id = 0x001C, .kind = FILE_OPAQUE},
    {.id = 0x001E, .kind = FILE_OPAQUE},
};

/* Children under 15 get no signature certificate: certificate, key and PIN are missing together. Which of the three
 * bytes of 0008 stands for which certificate is this project's reading. */
static result complete(struct application *a, const char **problem) {
    bool certificate = !application_file(a, SIGN_CERTIFICATE)->missing;
    bool key = !application_file(a, SIGN_KEY)->missing, reference = !application_file(a, SIGN_PIN)->missing;
    if (certificate != key || key != reference) {
        *problem = "ef/0001, key/sign.pem, pin/sign: one is missing; a card has all three or none";
        return RESULT_INVALID;
    }
    if (!certificate)
        application_file(a, AVAILABILITY)->content.data[0] = 0;
    return RESULT_OK;
}

static unsigned rights(const card *c) {
    return (c->image.institution.authenticated ? RIGHT_INSTITUTION : 0) |
           (token_kind_of(&c->image) == TOKEN_CARD ? RIGHT_AT_CARD : 0);
}

static void clear(card *c) {
    institution_clear(&c->image.institution);
}

static status_word get_challenge(card *c, const apdu_command *command, buffer *answer) {
    status_word sw = command_get_challenge(c, command, answer);
    if (sw == SW_OK)
        institution_challenge_given(&c->image.institution, buffer_bytes(answer));
    return sw;
}

/* Observed profile: P1 06 the body, 00 the signature, into the anchor's file. */
static status_word import_certificate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p2 != 0xC1 || (command->p1 != 0x06 && command->p1 != 0x00))
        return SW_WRONG_P1P2;
    status_word sw = card_aim(c, CARD_CURRENT_FILE, FILE_ANCHOR);
    if (sw != SW_OK)
        return sw;
    return command->p1 == 0x06 ? institution_import_body(&c->image.institution, command->data)
                               : institution_import_signature(&c->image.institution, command->data);
}

/* ISO/IEC 7816-4 11.5.11: 81 SET for verification; B6 digital signature template, A4 authentication template. */
static status_word manage_security_environment(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 == 0x81 && command->p2 == 0xB6)
        return institution_choose_issuer(&c->image.institution, command->data);
    if (command->p1 == 0x81 && command->p2 == 0xA4)
        return institution_choose_holder(&c->image.institution, command->data);
    return SW_WRONG_P1P2;
}

static status_word verify_certificate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 != 0x00 || command->p2 != 0xBE)
        return SW_WRONG_P1P2;
    return institution_verify_certificate(&c->image.institution, command->data);
}

static status_word external_authenticate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    return institution_authenticate(&c->image.institution, command->data);
}

static const command_row commands[] = {
    {0x00, 0xA4, command_select},         {0x00, 0xB0, command_read_binary},
    {0x00, 0x20, command_verify},         {0x00, 0x24, command_change_reference_data},
    {0x00, 0x84, get_challenge},          {0x80, 0x2A, command_compute_signature},
    {0x80, 0xA2, import_certificate},     {0x00, 0x22, manage_security_environment},
    {0x00, 0x2A, verify_certificate},     {0x00, 0x82, external_authenticate},
    {0x00, 0xA2, command_no_such_form}, /* 6A86 on real cards */
    {0x00, 0xAE, command_no_such_form},   {0x00, 0x88, command_refuse_internal_authenticate},
    FAMILY_COMMANDS(family_session_shut),
};

const application_kind jpki_application = {
    .name = "JPKI",
    .folder = "ef",
    .aid = BYTES(aid),
    .files = files,
    .file_count = sizeof files / sizeof *files,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
    .complete = complete,
    .rights = rights,
    .clear = clear,
};
