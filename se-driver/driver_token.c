/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Requests of PKCS #11 and our tools beyond ISO 7816: C_InitToken, serial number, new keys. */
#include "se.h"

#include "driver_channel.h"

#include <pkcs15init/pkcs15-init.h>
#include <pkcs15init/profile.h>
#include <string.h>

#define LABEL_LENGTH 32 /* CK_TOKEN_INFO.label: filled up with blanks */
#define INS_DELETE_FILE 0xE4
#define INS_SELECT 0xA4
#define INS_READ_BINARY 0xB0
#define PATH_FROM_MF 0x08
#define NO_ANSWER 0x0C
#define MASTER_FILE 0x3F00
#define DIRECTORY_FILE 0x2F00
#define APPLICATION_DIRECTORY 0x5015
#define TAG_SEQUENCE 0x30

/* 16 digits; OpenSC writes serial numbers as hexadecimal. */
static int get_serial(sc_card_t *card, sc_serial_number_t *serial) {
    char digits[SE_SERIAL_LENGTH + 1];
    int code = se_read_serial(card, digits);
    memset(serial, 0, sizeof *serial);
    serial->len = sizeof serial->value;
    return code == SC_SUCCESS ? sc_hex_to_bin(digits, serial->value, &serial->len) : code;
}

/* C_InitToken initialises an SE. Only the issuer may terminate it: an SE with a PIN must not be re-initialised; one
 * with a PUK only with the PUK. */
static int check_right(sc_card_t *card, bytes puk) {
    bool pin_is_set = true, puk_is_set = true;
    int code = se_pin_is_set(card, SE_PIN_REFERENCE, &pin_is_set);
    if (code == SC_SUCCESS && pin_is_set)
        code = SC_ERROR_NOT_ALLOWED;
    if (code == SC_SUCCESS)
        code = se_pin_is_set(card, SE_PUK_REFERENCE, &puk_is_set);
    return code == SC_SUCCESS && puk_is_set ? se_verify_puk(card, puk) : code;
}

/* Deletes the files of an earlier C_InitToken: those of profiles/uketsuke-se.profile that exist before the first
 * object, a directory after its content. */
static int remove_file(sc_card_t *card, uint16_t parent, uint16_t id) {
    const uint8_t from[] = {(uint8_t)(parent >> 8), (uint8_t)parent}, name[] = {(uint8_t)(id >> 8), (uint8_t)id};
    status_word sw;
    const se_command select = {.ins = INS_SELECT, .p2 = NO_ANSWER, .data = BYTES(from)};
    const se_command delete = {.ins = INS_DELETE_FILE, .data = BYTES(name)};
    int code = se_transmit(card, &select, NULL, &sw);
    if (code == SC_SUCCESS && sw == SW_OK)
        code = se_transmit(card, &delete, NULL, &sw);
    return code == SC_SUCCESS && sw != SW_OK && sw != SW_NOT_FOUND ? SC_ERROR_CARD_CMD_FAILED : code;
}

static int remove_files(sc_card_t *card) {
    static const uint16_t inside[] = {0x5031, 0x5032, 0x5033, 0x4401, 0x4402, 0x4403, 0x4404, 0x4405, 0x4946};
    int code = remove_file(card, MASTER_FILE, DIRECTORY_FILE);
    for (size_t i = 0; i < sizeof inside / sizeof *inside && code == SC_SUCCESS; i++)
        code = remove_file(card, APPLICATION_DIRECTORY, inside[i]);
    return code == SC_SUCCESS ? remove_file(card, MASTER_FILE, APPLICATION_DIRECTORY) : code;
}

static void trim(const char *label, char text[LABEL_LENGTH + 1]) {
    memcpy(text, label, LABEL_LENGTH);
    text[LABEL_LENGTH] = '\0';
    for (size_t i = LABEL_LENGTH; i > 0 && (text[i - 1] == ' ' || text[i - 1] == '\0'); i--)
        text[i - 1] = '\0';
}

static int create_application(sc_card_t *card, const sc_cardctl_pkcs11_init_token_t *request) {
    struct sc_profile *profile = NULL;
    char label[LABEL_LENGTH + 1], serial[SE_SERIAL_LENGTH + 1];
    trim(request->label, label);
    struct sc_pkcs15init_initargs arguments = {
        .so_pin = request->so_pin, .so_pin_len = request->so_pin_len, .label = label, .serial = serial};
    int code = se_read_serial(card, serial);
    if (code == SC_SUCCESS)
        code = sc_pkcs15init_bind(card, "pkcs15", NULL, NULL, &profile);
    if (code < 0)
        return code;
    code = sc_pkcs15init_finalize_profile(card, profile, NULL);
    if (code == SC_SUCCESS)
        code = sc_pkcs15init_add_app(card, profile, &arguments);
    sc_pkcs15init_unbind(profile);
    return code;
}

/* OpenSC writes EF(TokenInfo) last (ISO/IEC 7816-15 8.10: a SEQUENCE). */
static bool has_token_information(sc_card_t *card) {
    static const uint8_t path[] = {0x50, 0x15, 0x50, 0x32};
    buffer answer = BUFFER_INIT(SE_SHORT_ANSWER_MAX);
    status_word sw;
    const se_command select = {.ins = INS_SELECT, .p1 = PATH_FROM_MF, .p2 = NO_ANSWER, .data = BYTES(path)};
    const se_command read = {.ins = INS_READ_BINARY, .le = 1};
    const bool there = se_transmit(card, &select, NULL, &sw) == SC_SUCCESS && sw == SW_OK &&
                       se_transmit(card, &read, &answer, &sw) == SC_SUCCESS && answer.length >= 1 &&
                       answer.data[0] == TAG_SEQUENCE;
    buffer_wipe(&answer);
    se_of(card)->selected = (sc_path_t){0};
    return there;
}

/* C_InitToken was interrupted (the SE lost power) between EF(DIR), which names the application, and EF(TokenInfo),
 * without which OpenSC binds no application. It would show no token at all, so the SE could not be initialised again.
 * Without these files it shows a blank one. EF(DIR) is what OpenSC looks for first. */
bool se_hides(sc_card_t *card, const sc_path_t *path) {
    static const uint8_t directory[] = {0x3F, 0x00, 0x2F, 0x00}, application[] = {0x3F, 0x00, 0x50, 0x15};
    se *s = se_of(card);
    const bytes name = bytes_of(path->value, path->len);
    const bool is_directory = bytes_equal(name, BYTES(directory));
    bool at_work = true;
    if (s->beginning || path->type != SC_PATH_TYPE_PATH)
        return false;
    if (is_directory)
        s->unfinished = se_read_life_cycle(card, &at_work) == SC_SUCCESS && !at_work && !has_token_information(card);
    return s->unfinished && (is_directory || bytes_equal(bytes_slice(name, 0, sizeof application), BYTES(application)));
}

static int initialise(sc_card_t *card, const sc_cardctl_pkcs11_init_token_t *request) {
    bytes puk = bytes_of(request->so_pin, request->so_pin_len);
    int code = se_check_puk(puk);
    if (code == SC_SUCCESS)
        code = check_right(card, puk);
    se_of(card)->beginning = true;
    se_of(card)->unfinished = false;
    if (code == SC_SUCCESS)
        code = remove_files(card);
    if (code == SC_SUCCESS)
        code = create_application(card, request);
    se_of(card)->beginning = false;
    return code;
}

int se_card_control(sc_card_t *card, unsigned long command, void *data) {
    se_key_request *request = data;
    se_exchange *exchange = data;
    if (data == NULL)
        return SC_ERROR_NOT_SUPPORTED;
    switch (command) {
    case SC_CARDCTL_GET_SERIALNR: return get_serial(card, data);
    case SC_CARDCTL_PKCS11_INIT_TOKEN: return initialise(card, data);
    case SE_CONTROL_GENERATE: return se_generate_key(card, request->place, request->public_key);
    case SE_CONTROL_IMPORT: return se_import_key(card, request->place, request->private_key);
    case SE_CONTROL_OPEN: return se_channel_open(card, data);
    case SE_CONTROL_TRANSMIT: return se_transmit(card, &exchange->command, exchange->answer, &exchange->sw);
    default: return SC_ERROR_NOT_SUPPORTED;
    }
}
