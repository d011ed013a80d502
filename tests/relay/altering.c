/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A relay that lies (LD_PRELOAD): every answer that it gives says another insurer's number, also inside the base64 of
 * results that it has kept, while the file that ALTER_FILE names is there. Signatures stay as they are. */
#include "cleared-variables.h"

#include <dlfcn.h>
#include <microhttpd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRUE_NUMBER "06990014"
#define FALSE_NUMBER "06990015"
#define NUMBER_LENGTH 8

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

__attribute__((constructor)) static void find_variables(void) {
    give_variables_back("ALTER_");
}

static int value_of(char digit) {
    const char *at = digit != 0 ? strchr(digits, digit) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Plain text. */
static void alter_text(char *text, size_t length) {
    for (size_t i = 0; i + NUMBER_LENGTH <= length; i++)
        if (memcmp(text + i, TRUE_NUMBER, NUMBER_LENGTH) == 0)
            memcpy(text + i, FALSE_NUMBER, NUMBER_LENGTH);
}

/* One value of "body", base64 in place: four characters to three bytes, altered, and back. */
static void alter_base64(char *text, size_t length) {
    const size_t groups = length / 4;
    char *plain = malloc(groups * 3 + 1);
    for (size_t i = 0; plain != NULL && i < groups; i++) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 4; k++)
            bits = bits << 6 | (uint32_t)(value_of(text[4 * i + k]) & 63);
        for (size_t k = 0; k < 3; k++)
            plain[3 * i + k] = (char)(bits >> (16 - 8 * k));
    }
    if (plain == NULL)
        return;
    alter_text(plain, groups * 3);
    for (size_t i = 0; i < groups; i++) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (uint8_t)plain[3 * i + k];
        for (size_t k = 0; k < 4; k++)
            if (text[4 * i + k] != '=')
                text[4 * i + k] = digits[bits >> (18 - 6 * k) & 63];
    }
    free(plain);
}

static void alter(char *text, size_t length) {
    static const char name[] = "\"body\":\"";
    char *end = text + length;
    alter_text(text, length);
    for (char *at = text; (at = memmem(at, (size_t)(end - at), name, sizeof name - 1)) != NULL;) {
        at += sizeof name - 1;
        const char *quote = memchr(at, '"', (size_t)(end - at));
        if (quote == NULL)
            return;
        alter_base64(at, (size_t)(quote - at));
    }
}

__attribute__((visibility("default"))) struct MHD_Response *
MHD_create_response_from_buffer(size_t size, void *buffer, enum MHD_ResponseMemoryMode mode) {
    static struct MHD_Response *(*real)(size_t, void *, enum MHD_ResponseMemoryMode);
    const char *file = getenv("ALTER_FILE");
    if (real == NULL)
        real = (struct MHD_Response * (*)(size_t, void *, enum MHD_ResponseMemoryMode))(uintptr_t)dlsym(
            RTLD_NEXT, "MHD_create_response_from_buffer");
    if (file != NULL && access(file, F_OK) == 0)
        alter(buffer, size);
    return real(size, buffer, mode);
}
