/* GlobalPlatform's issuer security domain: GET DATA only (GlobalPlatform Card Specification 2.3, 11.3). It answers also
 * before anything is selected. */
#include "applet.h"
#include "applications.h"

static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00};

#define OBJECT(object_tag, name)                                                                                       \
    {                                                                                                                  \
        object_tag, FILE_OBJECT, .path = "apps/issuer-domain/" name, .tag = object_tag,                                \
        .problem = "apps/issuer-domain/" name ": no object with this tag"                                              \
    }

static const elementary_file files[] = {
    OBJECT(0x0042, "0042"), /* issuer identification number */
    OBJECT(0x0045, "0045"), /* card image number */
    OBJECT(0x0066, "0066"), /* card data */
    OBJECT(0x00F0, "00F0"), /* municipality */
    OBJECT(0x00F2, "00F2"), /* expiry of the card */
    OBJECT(0x00F7, "00F7"), /* key reference */
    OBJECT(0x00F8, "00F8"), /* a card-verifiable certificate */
    OBJECT(0x7F21, "7F21"), /* another one */
    OBJECT(0x5F51, "5F51"), /* the contact interface's answer to reset, without TS */
};

status_word command_get_data(card *c, const apdu_command *command, buffer *answer) {
    const application *domain = card_image_application(&c->image, BYTES(aid));
    if (domain == NULL)
        return SW_INS_UNSUPPORTED;
    if (command->data.length > 0 || command->le == APDU_NO_LE)
        return SW_WRONG_LENGTH;
    const file *object = application_file(domain, (uint16_t)(command->p1 << 8 | command->p2));
    if (object == NULL)
        return SW_REFERENCE_NOT_FOUND;
    if (object->content.length > 256 && !command->extended)
        return SW_WRONG_LENGTH; /* as observed: no 61xx */
    return buffer_append(answer, buffer_bytes(&object->content)) == RESULT_OK ? SW_OK : SW_UNKNOWN;
}

static const command_row commands[] = {
    {0x00, 0xA4, command_select},
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
