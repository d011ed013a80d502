/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "reference_value.h"

#include "base/buffer.h"
#include "base/file.h"
#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIES_DIGITS_MAX 2

void reference_value_wipe(reference_value *r) {
    free(r->tries_path);
    free(r->value_path);
    secret_wipe(r, sizeof *r);
}

static result to_block(bytes value, uint8_t block[1 + REFERENCE_VALUE_MAX]) {
    if (value.length > REFERENCE_VALUE_MAX)
        return RESULT_TOO_LONG;
    memset(block, 0, 1 + REFERENCE_VALUE_MAX);
    block[0] = (uint8_t)value.length;
    if (value.length > 0)
        memcpy(block + 1, value.data, value.length);
    return RESULT_OK;
}

result reference_value_know(reference_value *r, bytes value) {
    return to_block(value, r->block);
}

result reference_value_store(reference_value *r, bytes value) {
    if (value.length > REFERENCE_VALUE_MAX)
        return RESULT_TOO_LONG;
    result code = file_replace(r->value_path, value, 0600);
    return code == RESULT_OK ? to_block(value, r->block) : code;
}

result reference_value_load_tries(reference_value *r) {
    buffer text = BUFFER_INIT(TRIES_DIGITS_MAX + 1);
    result code = file_read(r->tries_path, &text);
    if (code == RESULT_OK && text.length > 0 && text.data[text.length - 1] == '\n')
        buffer_truncate(&text, text.length - 1);
    bool number = code == RESULT_OK && text.length >= 1 && text.length <= TRIES_DIGITS_MAX;
    unsigned tries = 0;
    for (size_t i = 0; i < text.length && number; i++) {
        number = text.data[i] >= '0' && text.data[i] <= '9';
        tries = tries * 10 + text.data[i] - '0';
    }
    if (number && tries <= r->tries_max)
        r->tries = (uint8_t)tries;
    else if (code == RESULT_OK || code == RESULT_TOO_LONG)
        code = RESULT_INVALID;
    buffer_wipe(&text);
    return code;
}

result reference_value_store_tries(reference_value *r, uint8_t tries) {
    char text[4];
    int length = snprintf(text, sizeof text, "%u", tries);
    result code = file_replace(r->tries_path, bytes_of(text, (size_t)length), 0600);
    if (code == RESULT_OK)
        r->tries = tries;
    return code;
}

result reference_value_compare(reference_value *r, bytes candidate) {
    uint8_t block[1 + REFERENCE_VALUE_MAX];
    result code = r->tries > 0 ? to_block(candidate, block) : RESULT_REFUSED;
    if (code == RESULT_OK)
        code = reference_value_store_tries(r, (uint8_t)(r->tries - 1));
    if (code != RESULT_OK)
        return code;
    const bool right = bytes_equal_secret(BYTES(block), BYTES(r->block));
    secret_wipe(block, sizeof block);
    return right ? reference_value_store_tries(r, r->tries_max) : RESULT_BAD_SIGNATURE;
}
