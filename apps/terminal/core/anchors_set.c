/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/anchors_set.h"

#include "core/trust_anchors.h"

#include "base/file.h"
#include "base/hex.h"
#include "crypt/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX (4 * 1024 * 1024)

static const char *const extensions[] = {"pem", "crl"};

/* Calls use for each file of a set. The root of the cards' certificates comes last, as it came to the set. */
static result each_file(result (*use)(void *context, const char *name), void *context) {
    char name[64];
    result code = use(context, "roots.pem");
    for (size_t i = 0; i < ANCHOR_COUNT; i++)
        for (size_t k = 0; k < 2 && code == RESULT_OK; k++) {
            snprintf(name, sizeof name, "%s.%s", anchor_names[i], extensions[k]);
            code = use(context, name);
        }
    return code == RESULT_OK ? use(context, ANCHORS_CVC_ROOT) : code;
}

typedef struct copying {
    const char *from, *to;
} copying;

/* A CA without a revocation list in the new set must have none: an earlier one is removed. */
static result copy_file(void *context, const char *name) {
    const copying *c = context;
    buffer content = BUFFER_INIT(FILE_MAX);
    char *from = file_join(c->from, name), *to = file_join(c->to, name);
    result code = from != NULL && to != NULL ? file_read(from, &content) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = file_replace(to, buffer_bytes(&content), 0644);
    else if (code == RESULT_NOT_FOUND && strstr(name, ".crl") != NULL)
        code = unlink(to) == 0 || errno == ENOENT ? RESULT_OK : RESULT_IO;
    buffer_wipe(&content);
    free(from);
    free(to);
    return code;
}

typedef struct digesting {
    const char *folder;
    buffer text;
} digesting;

static result digest_file(void *context, const char *name) {
    digesting *d = context;
    buffer content = BUFFER_INIT(FILE_MAX);
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char hexadecimal[2 * CRYPT_SHA256_LENGTH + 1] = "";
    char *path = file_join(d->folder, name);
    result code = path != NULL ? file_read(path, &content) : RESULT_NO_MEMORY;
    if (code == RESULT_OK && (code = crypt_sha256(buffer_bytes(&content), digest)) == RESULT_OK)
        hex_encode(BYTES(digest), hexadecimal, sizeof hexadecimal);
    free(path);
    buffer_wipe(&content);
    if (code == RESULT_NOT_FOUND && strcmp(name, ANCHORS_CVC_ROOT) == 0)
        return RESULT_OK;
    return code == RESULT_OK || code == RESULT_NOT_FOUND ? buffer_append_format(&d->text, "%s %s\n", name, hexadecimal)
                                                         : code;
}

result anchors_set_describe(const char *folder, buffer *out) {
    digesting d = {folder, BUFFER_INIT(8192)};
    result code = each_file(digest_file, &d);
    if (code == RESULT_OK)
        code = buffer_append(out, buffer_bytes(&d.text));
    buffer_wipe(&d.text);
    return code;
}

static bool is_list(const char *name_end) {
    return memcmp(name_end - 4, ".crl", 4) == 0;
}

/* The next line about a certificate; NULL: there is none. *length is without the newline. */
static const char *next_authority(const char *at, size_t *length) {
    for (; at != NULL && *at != 0; at += *length + (at[*length] != 0)) {
        *length = strcspn(at, "\n");
        const char *name_end = memchr(at, ' ', *length);
        if (name_end != NULL && name_end - at > 4 && !is_list(name_end))
            return at;
    }
    return NULL;
}

bool anchors_set_same_authorities(const char *a, const char *b) {
    size_t length_a = 0, length_b = 0;
    const char *of_a = next_authority(a, &length_a), *of_b = next_authority(b, &length_b);
    while (of_a != NULL && of_b != NULL && length_a == length_b && memcmp(of_a, of_b, length_a) == 0) {
        of_a = next_authority(of_a + length_a, &length_a);
        of_b = next_authority(of_b + length_b, &length_b);
    }
    return of_a == NULL && of_b == NULL;
}

result anchors_set_copy(const char *from, const char *to) {
    copying c = {from, to};
    return each_file(copy_file, &c);
}
