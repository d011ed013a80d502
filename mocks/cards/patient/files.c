#include "files.h"

#include <stddef.h>

static const elementary_file files[] = {
    /* id    kind         index                  opens by */
    {0x0001, FILE_DATA,   DATA_SIGN_CERTIFICATE, RIGHT_SIGN_PIN},
    {0x0002, FILE_DATA,   DATA_SIGN_CA,          0},
    {0x0006, FILE_DATA,   DATA_TOKEN,            0},
    {0x0008, FILE_DATA,   DATA_AVAILABILITY,     0},
    {0x0009, FILE_DATA,   DATA_RESERVED,         0},
    {0x000A, FILE_DATA,   DATA_AUTH_CERTIFICATE, 0},
    {0x000B, FILE_DATA,   DATA_AUTH_CA,          0},
    {0x0016, FILE_ANCHOR, 0,                     0},
    {0x0017, FILE_KEY,    KEY_AUTH,              RIGHT_AUTH_PIN | RIGHT_INSTITUTION},
    {0x0018, FILE_PIN,    PIN_AUTH,              0},
    {0x001A, FILE_KEY,    KEY_SIGN,              RIGHT_SIGN_PIN},
    {0x001B, FILE_PIN,    PIN_SIGN,              0},
};

const elementary_file *file_by_id(uint16_t id) {
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i].id == id)
            return &files[i];
    return NULL;
}

const elementary_file *file_by_short_id(uint8_t short_id) {
    return short_id >= 1 && short_id <= 30 ? file_by_id(short_id) : NULL;
}

status_word file_read_part(bytes content, size_t offset, uint32_t most, bytes *part) {
    if (offset >= content.length)
        return SW_WRONG_OFFSET;
    *part = bytes_slice(content, offset, most);
    return SW_OK;
}
