/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* GlobalPlatform's issuer security domain: GET DATA (GlobalPlatform Card Specification 2.3, 11.3), which answers also
 * before anything is selected and, for one object, in the card's other applications. */
#include "applet.h"
#include "applications.h"

static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

#define CONTACT_ATR 0x5F51

/* The image's file is what GET DATA answers: a value, without its tag. */
#define OBJECT(object_tag, name)                                                                                       \
    {object_tag, FILE_OBJECT, .path = "apps/issuer-domain/" name, .form = is_there,                                    \
     .problem = "apps/issuer-domain/" name ": missing or empty"}

static bool is_there(bytes content) {
    return content.length > 0;
}

static const elementary_file files[] = {
    OBJECT(0x0042, "0042"), /* issuer identification: a key reference */
    OBJECT(0x0045, "0045"), /* card identification */
    OBJECT(0x0066, "0066"), /* card data */
    OBJECT(0x00F0, "00F0"), /* municipality */
    OBJECT(0x00F2, "00F2"), /* expiry of the card */
    OBJECT(0x00F7, "00F7"), /* reference of the key that signed 7F21 */
    OBJECT(0x00F8, "00F8"), /* the root's certificate for that key, without 7F21 around it */
    /* not on older cards */
    {0x7F21, FILE_OBJECT, .path = "apps/issuer-domain/7F21", .form = is_there, .optional = true,
     .problem = "apps/issuer-domain/7F21: empty"},
    OBJECT(CONTACT_ATR, "5F51"), /* the contact interface's answer to reset, without TS */
};

/* With an application selected only the contact interface's answer to reset is there; on some cards, only then. */
static bool is_here(const card *c, const application *domain, uint16_t tag) {
    bool inside = c->selected != NULL && c->selected != domain;
    return tag == CONTACT_ATR ? inside || !c->image.switches.atr_inside_only : !inside;
}

status_word command_get_data(card *c, const apdu_command *command, buffer *answer) {
    const application *domain = card_image_application(&c->image, NULL, BYTES(aid));
    if (domain == NULL)
        return SW_INS_UNSUPPORTED;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    uint16_t tag = (uint16_t)(command->p1 << 8 | command->p2);
    const file *object = application_file(domain, tag);
    if (object == NULL || object->missing || !is_here(c, domain, tag))
        return SW_REFERENCE_NOT_FOUND;
    if (object->content.length > 256 && !command->extended)
        return SW_WRONG_LENGTH; /* as observed: no 61xx */
    return buffer_append(answer, buffer_bytes(&object->content)) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static const command_row commands[] = {
    {0x00, 0xA4, command_select},
    {0x00, 0x84, command_get_challenge},
    {0x00, 0xCA, command_get_data},
    {0x80, 0xCA, command_get_data},
};

const application_kind issuer_domain_application = {
    .name = "issuer security domain",
    .folder = "apps/issuer-domain",
    .aid = BYTES(aid),
    .files = files,
    .file_count = sizeof files / sizeof *files,
    .commands = commands,
    .command_count = sizeof commands / sizeof *commands,
};
