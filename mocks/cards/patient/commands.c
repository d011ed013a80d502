#include "applet.h"

#include "base/secret.h"

#include <openssl/rand.h>

#define AT_CURRENT_FILE 0x80 /* P2 80: the current EF; 80 | SFI: that EF, which becomes current */
#define SHORT_ID_BITS 0x1F

static const uint8_t jpki_application[] = {0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

void card_clear_security(card *c) {
    for (size_t i = 0; i < PIN_COUNT; i++)
        c->image.pins[i].verified = false;
    institution_clear(&c->image.institution);
}

static unsigned rights(const card *c) {
    unsigned proved = c->image.institution.authenticated ? RIGHT_INSTITUTION : 0;
    for (size_t i = 0; i < PIN_COUNT; i++)
        proved |= c->image.pins[i].verified ? 1u << i : 0;
    return proved;
}

static bool is_open(const card *c, const elementary_file *file) {
    return file->opens_by == 0 || (file->opens_by & rights(c)) != 0;
}

/* The file that a command means: P2 (or P1 of READ BINARY) 80 the current one, 80 | SFI another. */
static status_word aim(card *c, uint8_t reference, file_kind kind) {
    if (!(reference & AT_CURRENT_FILE) || (reference & ~(AT_CURRENT_FILE | SHORT_ID_BITS)))
        return SW_WRONG_P1P2;
    if (reference & SHORT_ID_BITS) {
        const elementary_file *file = file_by_short_id(reference & SHORT_ID_BITS);
        if (file == NULL)
            return SW_NOT_FOUND;
        c->current = file;
    }
    if (c->current == NULL)
        return SW_NO_CURRENT_EF;
    return c->current->kind == kind ? SW_OK : SW_WRONG_FILE_TYPE;
}

/* P2 00 asks for file control information; the real applet's is not public, so none is given in either form. */
static status_word select_application(card *c, const apdu_command *command) {
    if (command->p2 != 0x0C && command->p2 != 0x00)
        return SW_WRONG_P1P2;
    if (!bytes_equal(command->data, BYTES(jpki_application)))
        return SW_NOT_FOUND;
    card_clear_security(c);
    c->application_selected = true;
    c->current = NULL;
    return SW_OK;
}

static status_word select_file(card *c, const apdu_command *command) {
    if (command->p2 != 0x0C)
        return SW_WRONG_P1P2;
    if (command->data.length != 2)
        return SW_WRONG_LENGTH;
    const elementary_file *file = NULL;
    if (c->application_selected)
        file = file_by_id((uint16_t)(command->data.data[0] << 8 | command->data.data[1]));
    if (file == NULL)
        return SW_NOT_FOUND;
    c->current = file;
    return SW_OK;
}

/* The card has no MF: 6A86 before any application is selected, nothing after, and no 3F00. As observed. */
static status_word select_master_file(card *c, const apdu_command *command) {
    if (command->data.length > 0)
        return SW_NOT_FOUND;
    return c->application_selected ? SW_OK : SW_WRONG_P1P2;
}

status_word command_select(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    switch (command->p1) {
    case 0x00: return select_master_file(c, command);
    case 0x02: return select_file(c, command);
    case 0x04: return select_application(c, command);
    default: return SW_WRONG_P1P2;
    }
}

status_word command_read_binary(card *c, const apdu_command *command, buffer *answer) {
    bool by_short_id = (command->p1 & 0x80) != 0;
    size_t offset = by_short_id ? command->p2 : (size_t)command->p1 << 8 | command->p2;
    status_word sw = aim(c, by_short_id ? command->p1 : AT_CURRENT_FILE, FILE_DATA);
    if (sw != SW_OK)
        return sw;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    if (!is_open(c, c->current))
        return SW_SECURITY_STATUS;
    bytes part;
    sw = file_read_part(buffer_bytes(&c->image.data[c->current->index]), offset, command->le, &part);
    if (sw == SW_OK && buffer_append(answer, part) != RESULT_OK)
        sw = SW_UNKNOWN;
    return sw;
}

status_word command_verify(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    status_word sw = command->p1 == 0 ? aim(c, command->p2, FILE_PIN) : SW_WRONG_P1P2;
    if (sw != SW_OK)
        return sw;
    pin *p = &c->image.pins[c->current->index];
    return command->data.length == 0 ? pin_query(p) : pin_verify(p, command->data);
}

status_word command_change_reference_data(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    status_word sw = command->p1 == 0x01 ? aim(c, command->p2, FILE_PIN) : SW_WRONG_P1P2;
    return sw == SW_OK ? pin_change(&c->image.pins[c->current->index], command->data) : sw;
}

status_word command_get_challenge(card *c, const apdu_command *command, buffer *answer) {
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    if (command->extended)
        return SW_CONDITIONS; /* as observed */
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    uint8_t random[256];
    bytes given = bytes_of(random, command->le);
    if (RAND_bytes(random, (int)command->le) != 1 || buffer_append(answer, given) != RESULT_OK)
        return SW_UNKNOWN;
    institution_challenge_given(&c->image.institution, given);
    secret_wipe(random, sizeof random);
    return SW_OK;
}

status_word command_compute_signature(card *c, const apdu_command *command, buffer *answer) {
    status_word sw = aim(c, command->p2, FILE_KEY);
    if (sw != SW_OK)
        return sw;
    if (!is_open(c, c->current))
        return SW_SECURITY_STATUS;
    return key_sign(&c->image.keys[c->current->index], command->p1, command->data, answer);
}

/* Observed profile: P1 06 the body, 00 the signature, into the anchor's file. */
status_word command_import_certificate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p2 != 0xC1 || (command->p1 != 0x06 && command->p1 != 0x00))
        return SW_WRONG_P1P2;
    status_word sw = aim(c, AT_CURRENT_FILE, FILE_ANCHOR);
    if (sw != SW_OK)
        return sw;
    return command->p1 == 0x06 ? institution_import_body(&c->image.institution, command->data)
                               : institution_import_signature(&c->image.institution, command->data);
}

/* ISO/IEC 7816-4 11.5.11: 81 SET for verification; B6 digital signature template, A4 authentication template. */
status_word command_manage_security_environment(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 == 0x81 && command->p2 == 0xB6)
        return institution_choose_issuer(&c->image.institution, command->data);
    if (command->p1 == 0x81 && command->p2 == 0xA4)
        return institution_choose_holder(&c->image.institution, command->data);
    return SW_WRONG_P1P2;
}

status_word command_verify_certificate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 != 0x00 || command->p2 != 0xBE)
        return SW_WRONG_P1P2;
    return institution_verify_certificate(&c->image.institution, command->data);
}

status_word command_external_authenticate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    if (command->p1 != 0 || command->p2 != 0)
        return SW_WRONG_P1P2;
    return institution_authenticate(&c->image.institution, command->data);
}

status_word command_no_such_form(card *c, const apdu_command *command, buffer *answer) {
    (void)c, (void)command, (void)answer;
    return SW_WRONG_P1P2;
}
