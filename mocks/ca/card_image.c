/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card_image.h"

#include "base/file.h"
#include "iso7816/cvc.h"
#include "ca_keys.h"
#include "x509.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TOKEN_INFORMATION_LENGTH 160

result card_image_new_id(const char *prefix, char card_id[CARD_ID_SIZE]) {
    uint8_t random[CARD_ID_SIZE - 3];
    if (RAND_bytes(random, sizeof random) != 1)
        return RESULT_INTERNAL;
    memcpy(card_id, prefix, 2);
    for (size_t i = 0; i < sizeof random; i++)
        card_id[2 + i] = (char)('0' + random[i] % 10);
    card_id[CARD_ID_SIZE - 1] = '\0';
    return RESULT_OK;
}

static result write_bytes(const char *folder, const char *name, bytes content, mode_t mode) {
    char *path = file_join(folder, name);
    result r = path == NULL ? RESULT_NO_MEMORY : file_replace(path, content, mode);
    free(path);
    return r;
}

static result write_line(const char *folder, const char *name, const char *text, mode_t mode) {
    char line[128];
    int length = snprintf(line, sizeof line, "%s\n", text);
    return write_bytes(folder, name, bytes_of(line, (size_t)length), mode);
}

static result make_folder(const char *parent, const char *name, char **path) {
    *path = file_join(parent, name);
    return *path == NULL ? RESULT_NO_MEMORY : file_make_folders(*path, 0700);
}

static void put_padded(buffer *out, const char *text, size_t length) {
    size_t start = out->length;
    buffer_append_text(out, text);
    while (out->length < start + length)
        buffer_append_u8(out, ' ');
}

/* A CK_TOKEN_INFO (PKCS#11 2.40 3.2) with numbers of four bytes, big endian. Manufacturer and model of real cards are
 * numbers of their makers; these are not assigned. */
static result write_token_information(const char *folder, const card_image *image) {
    static const uint32_t numbers[] = {0x040D, 1, 0, 1, 0, 16, 6, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX};
    buffer content = BUFFER_INIT(TOKEN_INFORMATION_LENGTH);
    put_padded(&content, image->application_name, 32);
    put_padded(&content, "00000000000000000000000000000099", 32);
    put_padded(&content, "UKETSUKE", 16);
    put_padded(&content, image->card_id, 16);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        buffer_append_u32(&content, numbers[i]);
    buffer_append_text(&content, "0301");
    for (int i = 0; i < 16; i++)
        buffer_append_u8(&content, '9');
    result r = content.failed != RESULT_OK ? content.failed : write_bytes(folder, "0006", buffer_bytes(&content), 0644);
    buffer_wipe(&content);
    return r;
}

static result write_files(const char *folder, const card_image *image) {
    const struct {
        const char *name;
        X509 *certificate;
    } files[] = {{"0001", image->sign}, {"0002", image->sign_ca}, {"000A", image->auth}, {"000B", image->auth_ca}};
    char *ef;
    result r = make_folder(folder, "ef", &ef);
    for (size_t i = 0; r == RESULT_OK && i < sizeof files / sizeof files[0]; i++)
        r = files[i].certificate == NULL ? RESULT_OK : x509_write_der(ef, files[i].name, files[i].certificate);
    if (r == RESULT_OK)
        r = write_token_information(ef, image);
    free(ef);
    return r;
}

static result write_secrets(const char *folder, const card_image *image) {
    char *pin = NULL, *key = NULL;
    result r = make_folder(folder, "pin", &pin);
    if (r == RESULT_OK)
        r = make_folder(folder, "key", &key);
    if (r == RESULT_OK)
        r = write_bytes(pin, "auth", bytes_of(image->auth_pin, strlen(image->auth_pin)), 0600);
    if (r == RESULT_OK && image->sign_pin != NULL)
        r = write_bytes(pin, "sign", bytes_of(image->sign_pin, strlen(image->sign_pin)), 0600);
    if (r == RESULT_OK)
        r = keys_write(key, "auth.pem", image->auth_key);
    if (r == RESULT_OK && image->sign_key != NULL)
        r = keys_write(key, "sign.pem", image->sign_key);
    free(pin);
    free(key);
    return r;
}

static result copy_trust_anchor(const char *folder, const char *anchors) {
    buffer raw = BUFFER_INIT(CVC_LENGTH);
    char *trust = NULL, *from = file_join(anchors, "cvc-root.cvc");
    result r = from == NULL ? RESULT_NO_MEMORY : file_read(from, &raw);
    if (r == RESULT_OK)
        r = make_folder(folder, "trust", &trust);
    if (r == RESULT_OK)
        r = write_bytes(trust, "root.cvc", buffer_bytes(&raw), 0644);
    buffer_wipe(&raw);
    free(from);
    free(trust);
    return r;
}

result card_image_write(const char *folder, const card_image *image) {
    struct stat there;
    char *state = NULL;
    if (lstat(folder, &there) == 0)
        return RESULT_EXISTS;
    result r = make_folder(folder, "state", &state);
    if (r == RESULT_OK)
        r = write_line(folder, "personality", image->personality, 0644);
    if (r == RESULT_OK)
        r = write_line(folder, "atr", image->atr, 0644);
    if (r == RESULT_OK && image->atr_contactless != NULL)
        r = write_line(folder, "atr-contactless", image->atr_contactless, 0644);
    if (r == RESULT_OK && image->switches != NULL)
        r = write_line(folder, "switches", image->switches, 0644);
    if (r == RESULT_OK)
        r = write_bytes(folder, "card-id", bytes_of(image->card_id, CARD_ID_SIZE - 1), 0644);
    if (r == RESULT_OK && image->auth != NULL)
        r = write_files(folder, image);
    if (r == RESULT_OK && image->auth_key != NULL)
        r = write_secrets(folder, image);
    if (r == RESULT_OK && image->anchors != NULL)
        r = copy_trust_anchor(folder, image->anchors);
    free(state);
    return r;
}
