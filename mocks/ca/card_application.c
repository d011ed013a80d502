/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card_application.h"

#include "base/file.h"
#include "card_tlv.h"
#include "iso7816/tlv.h"
#include "ca_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_MAX 32768
#define OFFSETS_MAX 64
#define ITEMS_TAG 0xFF20
#define OFFSETS_TAG 0xDF21

static const struct {
    const char *folder;
    result (*write)(const card_application *a);
} applications[] = {
    {"apps/input-support", input_support_write}, {"apps/card-face", card_face_write},
    {"apps/common", common_application_write},   {"apps/resident", resident_write},
    {"apps/issuer-domain", issuer_domain_write},
};

static result write_one(card_application *a, const char *image_folder, size_t which) {
    a->folder = file_join(image_folder, applications[which].folder);
    result r = a->folder == NULL ? RESULT_NO_MEMORY : file_make_folders(a->folder, 0700);
    if (r == RESULT_OK)
        r = applications[which].write(a);
    free(a->folder);
    return r;
}

void card_application_key_reference(const char *digits, uint8_t reference[CVC_REFERENCE_LENGTH]) {
    memset(reference, 0, CVC_REFERENCE_LENGTH);
    memcpy(reference, digits, 7);
    memcpy(reference + 7,
           "\x08\x05"
           "001",
           5);
}

result card_applications_write(office *o, const card_applications_order *order, const char *image_folder) {
    card_data data;
    card_signer signer = {0};
    card_application a = {.data = &data,
                          .signer = &signer,
                          .card_id = order->card_id,
                          .atr = order->atr,
                          .old = order->old,
                          .photo = order->photo,
                          .pins = file_join(image_folder, "pin")};
    result r = a.pins == NULL ? RESULT_NO_MEMORY : card_data_make(o, order->who, &data);
    if (r == RESULT_OK)
        r = card_signer_open(o, &signer);
    for (size_t i = 0; r == RESULT_OK && i < sizeof applications / sizeof applications[0]; i++)
        r = write_one(&a, image_folder, i);
    card_signer_close(&signer);
    free(a.pins);
    return r;
}

static result put(const char *folder, const char *name, bytes content) {
    char *path = file_join(folder, name);
    result r = path == NULL ? RESULT_NO_MEMORY : file_replace(path, content, 0600);
    free(path);
    return r;
}

result card_application_put(const card_application *a, const char *name, bytes content) {
    return put(a->folder, name, content);
}

result card_application_put_object(const card_application *a, const char *name, uint32_t tag, bytes value) {
    buffer object = BUFFER_INIT(CONTENT_MAX);
    result r = card_tlv_append(&object, tag, value);
    if (r == RESULT_OK)
        r = card_application_put(a, name, buffer_bytes(&object));
    buffer_wipe(&object);
    return r;
}

/* Where each object begins, counted from the start of the file, once the table's own size is known. */
static result append_offsets(bytes objects, size_t header, buffer *table) {
    size_t start = header;
    for (bytes rest = objects; rest.length > 0;) {
        tlv object;
        if (start > UINT16_MAX || tlv_next(&rest, &object) != RESULT_OK)
            return RESULT_INVALID;
        buffer_append_u16(table, (uint16_t)start);
        start = header + objects.length - rest.length;
    }
    return table->failed;
}

result card_application_put_with_offsets(const card_application *a, const char *name, bytes objects) {
    buffer table = BUFFER_INIT(OFFSETS_MAX), head = BUFFER_INIT(OFFSETS_MAX), file = BUFFER_INIT(CONTENT_MAX);
    result r = append_offsets(objects, 0, &table); /* for its length only */
    if (r == RESULT_OK)
        r = card_tlv_append(&head, OFFSETS_TAG, buffer_bytes(&table));
    if (r == RESULT_OK)
        r = card_tlv_append_header(&file, ITEMS_TAG, head.length + objects.length);
    buffer_clear(&table);
    if (r == RESULT_OK)
        r = append_offsets(objects, file.length + head.length, &table);
    if (r == RESULT_OK)
        r = card_tlv_append(&file, OFFSETS_TAG, buffer_bytes(&table));
    if (r == RESULT_OK)
        r = buffer_append(&file, objects);
    if (r == RESULT_OK)
        r = card_application_put(a, name, buffer_bytes(&file));
    buffer_wipe(&table);
    buffer_wipe(&head);
    buffer_wipe(&file);
    return r;
}

result card_application_put_pin(const card_application *a, const char *name, const char *value) {
    return put(a->pins, name, bytes_of(value, strlen(value)));
}

result card_application_put_key(const card_application *a, const char *name, buffer *public_key) {
    char file_name[64];
    uint8_t modulus[CVC_MODULUS_LENGTH], exponent[CVC_EXPONENT_LENGTH];
    EVP_PKEY *key = keys_rsa();
    snprintf(file_name, sizeof file_name, "%s.pem", name);
    result r = key == NULL ? RESULT_INTERNAL : keys_write(a->folder, file_name, key);
    if (r == RESULT_OK)
        r = keys_rsa_numbers(key, modulus, exponent);
    if (r == RESULT_OK)
        r = card_tlv_append(public_key, CVC_TAG_EXPONENT, BYTES(exponent));
    if (r == RESULT_OK)
        r = card_tlv_append(public_key, CVC_TAG_MODULUS, BYTES(modulus));
    EVP_PKEY_free(key);
    return r;
}
