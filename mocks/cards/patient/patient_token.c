/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "patient_token.h"

#include <string.h>

#define TOKEN_FILE 0x0006

static const struct {
    const char *name;
    token_kind kind;
} names[] = {
    {"JPKIAPGPSETOKEN ", TOKEN_ANDROID},
    {"JPKIAPIOSTOKEN ", TOKEN_IPHONE},
};

token_kind token_kind_of(const card_image *image) {
    bytes token = buffer_bytes(&application_file(&image->applications[0], TOKEN_FILE)->content); /* JPKI is the first */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bytes name = bytes_of(names[i].name, strlen(names[i].name));
        if (bytes_equal(bytes_slice(token, 0, name.length), name))
            return names[i].kind;
    }
    return TOKEN_CARD;
}
