/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "base/uuid.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static void write_text(uint8_t raw[16], unsigned version, char text[UUID_TEXT_SIZE]) {
    raw[6] = (uint8_t)(version << 4 | (raw[6] & 0x0F)); /* ver */
    raw[8] = (uint8_t)(0x80 | (raw[8] & 0x3F));         /* var = 10 */
    snprintf(text, UUID_TEXT_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", raw[0],
             raw[1], raw[2], raw[3], raw[4], raw[5], raw[6], raw[7], raw[8], raw[9], raw[10], raw[11], raw[12], raw[13],
             raw[14], raw[15]);
}

result uuid_v7(char text[UUID_TEXT_SIZE]) {
    uint8_t raw[16];
    struct timespec now;
    if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return RESULT_IO;
    uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    for (int i = 0; i < 6; i++)
        raw[i] = (uint8_t)(milliseconds >> (40 - 8 * i)); /* unix_ts_ms, 48 bits */
    write_text(raw, 7, text);
    return RESULT_OK;
}

void uuid_v8(const uint8_t raw[16], char text[UUID_TEXT_SIZE]) {
    uint8_t mine[16];
    memcpy(mine, raw, sizeof mine);
    write_text(mine, 8, text);
}

bool uuid_is_valid(const char *text) {
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i] != 0; i++) {
        if (form[i] == '-' ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    }
    return true;
}
