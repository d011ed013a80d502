/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "applet.h"

#include "base/secret.h"

#include <openssl/rand.h>

#define SHORT_ID_BITS 0x1F
/* SELECT's P2 (ISO/IEC 7816-4 table 40) */
#define SELECT_NO_FCI 0x0C
#define SELECT_NEXT 0x02

void card_clear_security(card *c) {
    for (size_t i = 0; i < c->image.application_count; i++) {
        application *a = &c->image.applications[i];
        application_forget(a);
        if (a->kind->clear != NULL)
            a->kind->clear(c);
    }
}

bool card_file_is_open(const card *c, const file *f) {
    const application *a = c->selected;
    unsigned proved = application_pin_rights(a) | (a->kind->rights != NULL ? a->kind->rights(c) : 0);
    return f->about->opens_by == 0 || (f->about->opens_by & proved) != 0;
}

status_word card_aim(card *c, uint8_t reference, file_kind kind) {
    if (!(reference & CARD_CURRENT_FILE) || (reference & ~(CARD_CURRENT_FILE | SHORT_ID_BITS)))
        return SW_WRONG_P1P2;
    if (reference & SHORT_ID_BITS) {
        file *named = application_file_by_short_id(c->selected, reference & SHORT_ID_BITS);
        if (named == NULL)
            return SW_NOT_FOUND;
        c->current = named;
    }
    if (c->current == NULL)
        return SW_NO_CURRENT_EF;
    return c->current->about->kind == kind ? SW_OK : SW_WRONG_FILE_TYPE;
}

status_word card_aim_to_read(card *c, uint8_t reference, file_kind kind, const apdu_command *command) {
    const status_word sw = card_aim(c, reference, kind);
    if (sw != SW_OK)
        return sw;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    return card_file_is_open(c, c->current) ? SW_OK : SW_SECURITY_STATUS;
}

/* Any 1 to 16 first bytes of an AID name it (JICSAP 4.2), the first that has them or, with P2 02, the next behind the
 * one that is selected. P2 00 asks for file control information; the real applet's is not public, so none is given in
 * either form. */
static status_word select_application(card *c, const apdu_command *command) {
    bool next = (command->p2 & SELECT_NEXT) != 0;
    uint8_t form = command->p2 & (uint8_t)~SELECT_NEXT;
    if (form != 0 && form != SELECT_NO_FCI)
        return SW_WRONG_P1P2;
    application *named = card_image_application(&c->image, next ? c->selected : NULL, command->data);
    if (named == NULL)
        return SW_NOT_FOUND;
    if (named != c->selected || !c->image.switches.reselect_keeps)
        card_clear_security(c);
    c->selected = named;
    c->current = NULL;
    return SW_OK;
}

static status_word select_file(card *c, const apdu_command *command) {
    if (command->p2 != 0x0C)
        return SW_WRONG_P1P2;
    if (command->data.length != 2)
        return SW_WRONG_LENGTH;
    file *named = NULL;
    if (c->selected != NULL)
        named = application_file(c->selected, (uint16_t)(command->data.data[0] << 8 | command->data.data[1]));
    if (named == NULL || named->about->kind == FILE_OBJECT)
        return SW_NOT_FOUND;
    c->current = named;
    return SW_OK;
}

/* The card has no MF: 6A86 before any application is selected, nothing after, and no 3F00. As observed. */
static status_word select_master_file(card *c, const apdu_command *command) {
    if (command->data.length > 0)
        return SW_NOT_FOUND;
    return c->selected != NULL ? SW_OK : SW_WRONG_P1P2;
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
    status_word sw = card_aim_to_read(c, by_short_id ? command->p1 : CARD_CURRENT_FILE, FILE_DATA, command);
    if (sw != SW_OK)
        return sw;
    bytes part;
    sw = file_read_part(buffer_bytes(&c->current->content), offset, command->le, &part);
    if (sw == SW_OK && buffer_append(answer, part) != RESULT_OK)
        sw = SW_UNKNOWN;
    return sw;
}

status_word command_verify(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    status_word sw = command->p1 == 0 ? card_aim(c, command->p2, FILE_PIN) : SW_WRONG_P1P2;
    if (sw != SW_OK)
        return sw;
    pin *p = &c->current->pin;
    if (command->data.length == 0)
        return p->verified && c->image.switches.empty_verify_tells ? SW_OK : pin_query(p);
    return pin_verify(p, command->data);
}

status_word command_change_reference_data(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    status_word sw = command->p1 == 0x01 ? card_aim(c, command->p2, FILE_PIN) : SW_WRONG_P1P2;
    return sw == SW_OK ? pin_change(&c->current->pin, command->data) : sw;
}

status_word command_change_key(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    status_word sw = command->p1 == 0 ? card_aim(c, command->p2, FILE_PIN) : SW_WRONG_P1P2;
    return sw == SW_OK ? pin_change(&c->current->pin, command->data) : sw;
}

status_word command_get_challenge(card *c, const apdu_command *command, buffer *answer) {
    (void)c;
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
    secret_wipe(random, sizeof random);
    return SW_OK;
}

status_word command_compute_signature(card *c, const apdu_command *command, buffer *answer) {
    status_word sw = card_aim(c, command->p2, FILE_KEY);
    if (sw != SW_OK)
        return sw;
    if (!card_file_is_open(c, c->current))
        return SW_SECURITY_STATUS;
    return key_sign(&c->current->key, command->p1, command->data, answer);
}

/* The card-face applications sign with their one key by P2 00, whatever is selected. */
status_word command_compute_signature_of_face(card *c, const apdu_command *command, buffer *answer) {
    for (size_t i = 0; command->p2 == 0 && i < c->selected->kind->file_count; i++)
        if (c->selected->kind->files[i].kind == FILE_KEY)
            return key_sign(&c->selected->files[i].key, command->p1, command->data, answer);
    return command_compute_signature(c, command, answer);
}

/* P1 00, P2 the key: 00 or 80 the current EF. PKCS#1 v1.5 with SHA-256 over a challenge of 1 to 255 bytes. */
status_word command_internal_authenticate(card *c, const apdu_command *command, buffer *answer) {
    status_word sw = command->p1 == 0 ? card_aim(c, command->p2 | CARD_CURRENT_FILE, FILE_KEY) : SW_WRONG_P1P2;
    if (sw != SW_OK)
        return sw;
    if (!card_file_is_open(c, c->current))
        return SW_SECURITY_STATUS;
    if (command->data.length > 255)
        return SW_WRONG_LENGTH;
    return key_sign(&c->current->key, KEY_SIGN_HASHED, command->data, answer);
}

status_word command_refuse_internal_authenticate(card *c, const apdu_command *command, buffer *answer) {
    (void)answer;
    status_word sw = command->p1 == 0 ? card_aim(c, command->p2 | CARD_CURRENT_FILE, FILE_KEY) : SW_WRONG_P1P2;
    if (sw != SW_OK)
        return sw;
    return c->current->about->opens_by != 0 ? SW_SECURITY_STATUS : SW_CONDITIONS;
}

status_word command_no_such_form(card *c, const apdu_command *command, buffer *answer) {
    (void)c, (void)command, (void)answer;
    return SW_WRONG_P1P2;
}
