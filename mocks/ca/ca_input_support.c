/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* 券面事項入力補助: what the card shows of its holder, as data and signed (docs/interfaces/patient-card.md). */
#include "card_application.h"
#include "cards.h"
#include "card_tlv.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define NUMBER_FILE_LENGTH 17 /* with two bytes of filler */
#define ITEMS_MAX 2048
#define PUBLIC_KEY_MAX 300
#define UNKNOWN_LENGTH 128
#define UNKNOWN_RANDOM 32

/* DF22 to DF25: name, address, birth, sex (JIS X 0303: 1 male, 2 female). */
static result append_items(const card_data *data, buffer *items) {
    const x509_person *p = &data->who->x509;
    const char *const values[] = {p->name, p->address, data->birth, x509_sex(p)};
    result r = RESULT_OK;
    for (uint32_t i = 0; r == RESULT_OK && i < sizeof values / sizeof values[0]; i++)
        r = card_tlv_append(items, 0xDF22 + i, bytes_of(values[i], strlen(values[i])));
    return r;
}

static result append_digest(buffer *out, uint32_t tag, bytes of) {
    uint8_t digest[32];
    if (EVP_Digest(of.data, of.length, digest, NULL, EVP_sha256(), NULL) != 1)
        return RESULT_INTERNAL;
    return card_tlv_append(out, tag, BYTES(digest));
}

/* FF30 { DF31 digest of the number's file, DF32 digest of the items, DF33 signature }. */
static result write_signed_digests(const card_application *a, bytes number_file, bytes items) {
    buffer value = BUFFER_INIT(ITEMS_MAX), object = BUFFER_INIT(ITEMS_MAX);
    result r = append_digest(&value, 0xDF31, number_file);
    if (r == RESULT_OK)
        r = append_digest(&value, 0xDF32, items);
    if (r == RESULT_OK)
        r = card_signer_put_signed(a->signer, 0xFF30, buffer_bytes(&value), 0xDF33, &object);
    if (r == RESULT_OK)
        r = card_application_put(a, "0003", buffer_bytes(&object));
    buffer_wipe(&value);
    buffer_wipe(&object);
    return r;
}

static result write_items(const card_application *a) {
    uint8_t number[NUMBER_FILE_LENGTH];
    buffer items = BUFFER_INIT(ITEMS_MAX);
    memset(number, 0xFF, sizeof number);
    memcpy(number, "\xFF\x10\x0C", 3);
    memcpy(number + 3, a->data->number, 12);
    result r = card_application_put(a, "0001", bytes_of(number, 15)); /* the card adds the filler */
    if (r == RESULT_OK)
        r = append_items(a->data, &items);
    if (r == RESULT_OK)
        r = card_application_put_with_offsets(a, "0002", buffer_bytes(&items));
    if (r == RESULT_OK)
        r = write_signed_digests(a, BYTES(number), buffer_bytes(&items));
    buffer_wipe(&items);
    return r;
}

/* FF40 { DF41 as observed, DF42 key reference, DF43 32 bytes of unknown meaning, random here, and filler }. */
static result write_basic_information(const card_application *a) {
    static const uint8_t observed[] = {0x01, 0x03, 0x0E, 0x01}; /* version, extended lengths, vendor, its own */
    uint8_t unknown[UNKNOWN_LENGTH], reference[CVC_REFERENCE_LENGTH];
    buffer value = BUFFER_INIT(ITEMS_MAX);
    memset(unknown, 0xFF, sizeof unknown);
    card_application_key_reference("5990034", reference);
    result r = RAND_bytes(unknown, UNKNOWN_RANDOM) == 1 ? RESULT_OK : RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF41, BYTES(observed));
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF42, BYTES(reference));
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF43, BYTES(unknown));
    if (r == RESULT_OK)
        r = card_application_put_object(a, "0005", 0xFF40, buffer_bytes(&value));
    buffer_wipe(&value);
    return r;
}

/* A1 { 90 e, 91 n } of the key that takes session keys, and FF50 { DF51 public key, DF52 signature } of the key that
 * answers for the card. */
static result write_keys(const card_application *a) {
    buffer transport = BUFFER_INIT(PUBLIC_KEY_MAX), internal = BUFFER_INIT(PUBLIC_KEY_MAX);
    buffer value = BUFFER_INIT(2 * PUBLIC_KEY_MAX), object = BUFFER_INIT(3 * PUBLIC_KEY_MAX);
    result r = card_application_put_key(a, "0006", &transport);
    if (r == RESULT_OK)
        r = card_application_put_object(a, "0006", 0xA1, buffer_bytes(&transport));
    if (r == RESULT_OK)
        r = card_application_put_key(a, "0013", &internal);
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF51, buffer_bytes(&internal));
    if (r == RESULT_OK)
        r = card_signer_put_signed(a->signer, 0xFF50, buffer_bytes(&value), 0xDF52, &object);
    if (r == RESULT_OK)
        r = card_application_put(a, "0007", buffer_bytes(&object));
    buffer_wipe(&transport);
    buffer_wipe(&internal);
    buffer_wipe(&value);
    buffer_wipe(&object);
    return r;
}

result input_support_write(const card_application *a) {
    result r = write_items(a);
    if (r == RESULT_OK)
        r = card_application_put(a, "0004", BYTES(a->signer->certificate));
    if (r == RESULT_OK)
        r = write_basic_information(a);
    if (r == RESULT_OK)
        r = write_keys(a);
    if (r == RESULT_OK)
        r = card_application_put_pin(a, "input-support-pin", CARDS_FACE_PIN);
    if (r == RESULT_OK)
        r = card_application_put_pin(a, "input-support-a", a->data->number);
    return r == RESULT_OK ? card_application_put_pin(a, "input-support-b", a->data->face_number) : r;
}
