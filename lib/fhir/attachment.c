/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/attachment.h"

#include "base/hex.h"
#include "crypt/base64.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBER "valueBase64Binary"
#define SHORTEST 64 /* shorter ones are left in the text */
#define ATTACHMENTS_MAX 128
#define TOKEN_BYTES 16

struct fhir_attachments {
    char token[2 * TOKEN_BYTES + 1]; /* references begin with this random token, so that no sender can write one */
    size_t count;
    buffer list[ATTACHMENTS_MAX];
};

static fhir_attachments *make(void) {
    uint8_t raw[TOKEN_BYTES];
    fhir_attachments *all = crypt_random(raw, sizeof raw) == RESULT_OK ? calloc(1, sizeof *all) : NULL;
    if (all != NULL)
        hex_encode(BYTES(raw), all->token, sizeof all->token);
    return all;
}

void fhir_attachments_free(fhir_attachments **all) {
    for (size_t i = 0; *all != NULL && i < (*all)->count; i++)
        buffer_wipe(&(*all)->list[i]);
    free(*all);
    *all = NULL;
}

/* The base64 of the next attachment; what comes before it is in *before, what comes after the attachment stays in
 * *rest. The quotes around it cannot be escaped ones: base64 and the member's name hold no backslash. So in JSON it is
 * a whole string, and something else in its place leaves JSON as right or wrong as it was. */
static bool find_next(bytes *rest, bytes *before, bytes *base64) {
    static const char opening[] = "\"" MEMBER "\":\"";
    const uint8_t *found = memmem(rest->data, rest->length, opening, sizeof opening - 1);
    if (found == NULL)
        return false;
    size_t start = (size_t)(found - rest->data) + sizeof opening - 1;
    const uint8_t *end = memchr(rest->data + start, '"', rest->length - start);
    if (end == NULL)
        return false;
    *before = bytes_slice(*rest, 0, start);
    *base64 = bytes_slice(*rest, start, (size_t)(end - rest->data) - start);
    *rest = bytes_slice(*rest, start + base64->length, rest->length);
    return true;
}

static bool take(fhir_attachments *all, bytes base64, size_t max) {
    if (all->count == ATTACHMENTS_MAX || base64.length < SHORTEST)
        return false;
    buffer *one = &all->list[all->count];
    *one = BUFFER_INIT(max);
    if (crypt_base64_decode(base64, one) == RESULT_OK) {
        all->count++;
        return true;
    }
    buffer_wipe(one);
    return false;
}

json_t *fhir_parse_with_attachments(bytes text, size_t max, fhir_attachments **out, fhir_problem *problem) {
    buffer light = BUFFER_INIT(text.length + ATTACHMENTS_MAX * (2 * TOKEN_BYTES + 8));
    bytes rest = text, before, base64;
    *out = make();
    while (*out != NULL && find_next(&rest, &before, &base64)) {
        buffer_append(&light, before);
        if (take(*out, base64, max))
            buffer_append_format(&light, "%s %zu", (*out)->token, (*out)->count - 1);
        else
            buffer_append(&light, base64);
    }
    buffer_append(&light, rest);
    json_t *root = *out != NULL && light.failed == RESULT_OK ? fhir_parse(buffer_bytes(&light), problem) : NULL;
    buffer_wipe(&light);
    return root;
}

static const buffer *find(const fhir_attachments *all, const char *text) {
    size_t length = all != NULL ? strlen(all->token) : 0;
    if (all == NULL || strncmp(text, all->token, length) != 0 || text[length] != ' ')
        return NULL;
    size_t index = (size_t)strtoul(text + length + 1, NULL, 10);
    return index < all->count ? &all->list[index] : NULL;
}

result fhir_attachment(const fhir_attachments *all, const json_t *root, buffer *data, fhir_problem *problem) {
    const json_t *value = json_object_get(root, MEMBER);
    const buffer *one = json_is_string(value) ? find(all, json_string_value(value)) : NULL;
    return one != NULL ? buffer_append(data, buffer_bytes(one)) : fhir_base64(root, MEMBER, data, problem);
}
