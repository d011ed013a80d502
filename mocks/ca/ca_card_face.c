/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* 券面事項確認: what is printed on the card, as pictures, signed (docs/interfaces/patient-card.md). */
#include "base/file.h"
#include "card_application.h"
#include "card_tlv.h"
#include "iso7816/tlv.h"
#include "picture.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define FACE_MAX 30000
#define SMALL_MAX 4096
#define NAME_HEIGHT 24
#define ADDRESS_HEIGHT 16
#define NUMBER_HEIGHT 12 /* number 72 x 12, security code 24 x 12: six by digit, as observed */
#define NUMBER_WIDTH 72
#define CODE_WIDTH 24
#define GROUPS 3
#define OPAQUE_LENGTH 256

static result append_text(buffer *out, uint32_t tag, const char *text) {
    return card_tlv_append(out, tag, bytes_of(text, strlen(text)));
}

static result append_picture_of_text(buffer *out, uint32_t tag, const char *text, unsigned height, unsigned width) {
    buffer png = BUFFER_INIT(SMALL_MAX);
    result r = picture_of_text(text, height, width, &png);
    if (r == RESULT_OK)
        r = card_tlv_append(out, tag, buffer_bytes(&png));
    buffer_wipe(&png);
    return r;
}

/* Without one the object is there, and empty: this mock's choice. */
static result append_portrait(buffer *out, uint32_t tag, const card_application *a) {
    buffer picture = BUFFER_INIT(FACE_MAX);
    result r = RESULT_OK;
    if (a->photo == NULL)
        r = picture_of_person(a->data->who->id, &picture);
    else if (strcmp(a->photo, "none") != 0)
        r = file_read(a->photo, &picture);
    if (r == RESULT_OK)
        r = card_tlv_append(out, tag, buffer_bytes(&picture));
    buffer_wipe(&picture);
    return r;
}

/* FF10 { DF11 birth, DF12 public key, DF13 signature }. */
static result write_birth(const card_application *a, bytes public_key) {
    buffer value = BUFFER_INIT(SMALL_MAX), object = BUFFER_INIT(SMALL_MAX);
    result r = append_text(&value, 0xDF11, a->data->birth);
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF12, public_key);
    if (r == RESULT_OK)
        r = card_signer_put_signed(a->signer, 0xFF10, buffer_bytes(&value), 0xDF13, &object);
    if (r == RESULT_OK)
        r = card_application_put(a, "0001", buffer_bytes(&object));
    buffer_wipe(&value);
    buffer_wipe(&object);
    return r;
}

/* DF22 birth, DF23 sex, DF24 public key, DF25 name, DF26 address, DF27 portrait. */
static result append_signed_items(const card_application *a, bytes public_key, buffer *items) {
    const card_data *data = a->data;
    const x509_person *p = &data->who->x509;
    result r = append_text(items, 0xDF22, data->birth);
    if (r == RESULT_OK)
        r = append_text(items, 0xDF23, x509_sex(p));
    if (r == RESULT_OK)
        r = card_tlv_append(items, 0xDF24, public_key);
    if (r == RESULT_OK)
        r = append_picture_of_text(items, 0xDF25, p->name, NAME_HEIGHT, 0);
    if (r == RESULT_OK)
        r = append_picture_of_text(items, 0xDF26, p->address, ADDRESS_HEIGHT, 0);
    return r == RESULT_OK ? append_portrait(items, 0xDF27, a) : r;
}

static bool append_digest(buffer *digests, bytes of) {
    uint8_t digest[32];
    return EVP_Digest(of.data, of.length, digest, NULL, EVP_sha256(), NULL) == 1 &&
           buffer_append(digests, BYTES(digest)) == RESULT_OK;
}

/* One signature over three digests: of DF22 to DF24, of the pictures of name and address, of the portrait. A reader
 * that does not need the portrait, which is most of the file, need not read it. */
static result sign_groups(const card_signer *signer, bytes items, uint8_t signature[256]) {
    static const uint32_t last_of_group[] = {0xDF24, 0xDF26, 0xDF27};
    buffer digests = BUFFER_INIT(GROUPS * 32);
    bytes rest = items;
    bool done = true;
    for (size_t i = 0; done && i < GROUPS; i++) {
        bytes group = rest;
        tlv object;
        do
            done = tlv_next(&rest, &object) == RESULT_OK;
        while (done && object.tag != last_of_group[i]);
        done = done && append_digest(&digests, bytes_slice(group, 0, group.length - rest.length));
    }
    result r = done ? card_signer_sign_digests(signer, buffer_bytes(&digests), signature) : RESULT_INTERNAL;
    buffer_wipe(&digests);
    return r;
}

/* FF20 { DF21 offsets, the items above, DF28 signature over them, DF29 expiry, DF2A security code }. */
static result write_face(const card_application *a, bytes public_key) {
    uint8_t signature[256];
    buffer items = BUFFER_INIT(FACE_MAX);
    result r = append_signed_items(a, public_key, &items);
    if (r == RESULT_OK)
        r = sign_groups(a->signer, buffer_bytes(&items), signature);
    if (r == RESULT_OK)
        r = card_tlv_append(&items, 0xDF28, BYTES(signature));
    if (r == RESULT_OK)
        r = append_text(&items, 0xDF29, a->data->expiry);
    if (r == RESULT_OK)
        r = append_picture_of_text(&items, 0xDF2A, a->data->security_code, NUMBER_HEIGHT, CODE_WIDTH);
    if (r == RESULT_OK)
        r = card_application_put_with_offsets(a, "0002", buffer_bytes(&items));
    buffer_wipe(&items);
    return r;
}

/* FF30 { DF31 as observed, DF32 key reference, DF33 version, DF34 municipality, DF35 { another key's reference,
 * 256 bytes of unknown meaning: random here } }. */
static result write_basic_information(const card_application *a) {
    static const uint8_t observed[] = {0x06, 0x03, 0x0E, 0x01};
    static const uint8_t version[] = {0x00};
    uint8_t reference[CVC_REFERENCE_LENGTH], unknown[CVC_REFERENCE_LENGTH + OPAQUE_LENGTH];
    buffer value = BUFFER_INIT(SMALL_MAX);
    card_application_key_reference("5990024", reference);
    card_application_key_reference("5990025", unknown);
    result r = RAND_bytes(unknown + CVC_REFERENCE_LENGTH, OPAQUE_LENGTH) == 1 ? RESULT_OK : RESULT_INTERNAL;
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF31, BYTES(observed));
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF32, BYTES(reference));
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF33, BYTES(version));
    if (r == RESULT_OK)
        r = append_text(&value, 0xDF34, a->data->who->municipality);
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF35, BYTES(unknown));
    if (r == RESULT_OK)
        r = card_application_put_object(a, "0003", 0xFF30, buffer_bytes(&value));
    buffer_wipe(&value);
    return r;
}

/* FF40 { DF41 the number as a picture, DF42 public key, DF43 signature }. */
static result write_number(const card_application *a, bytes public_key) {
    buffer value = BUFFER_INIT(SMALL_MAX), object = BUFFER_INIT(SMALL_MAX);
    result r = append_picture_of_text(&value, 0xDF41, a->data->number, NUMBER_HEIGHT, NUMBER_WIDTH);
    if (r == RESULT_OK)
        r = card_tlv_append(&value, 0xDF42, public_key);
    if (r == RESULT_OK)
        r = card_signer_put_signed(a->signer, 0xFF40, buffer_bytes(&value), 0xDF43, &object);
    if (r == RESULT_OK)
        r = card_application_put(a, "0005", buffer_bytes(&object));
    buffer_wipe(&value);
    buffer_wipe(&object);
    return r;
}

result card_face_write(const card_application *a) {
    buffer public_key = BUFFER_INIT(SMALL_MAX);
    result r = card_application_put_key(a, "001A", &public_key);
    if (r == RESULT_OK)
        r = write_birth(a, buffer_bytes(&public_key));
    if (r == RESULT_OK)
        r = write_face(a, buffer_bytes(&public_key));
    if (r == RESULT_OK)
        r = write_basic_information(a);
    if (r == RESULT_OK)
        r = card_application_put(a, "0004", BYTES(a->signer->certificate));
    if (r == RESULT_OK)
        r = write_number(a, buffer_bytes(&public_key));
    buffer_wipe(&public_key);
    if (r == RESULT_OK)
        r = card_application_put_pin(a, "card-face-birth", a->data->birth_in_era);
    if (r == RESULT_OK)
        r = card_application_put_pin(a, "card-face-b", a->data->face_number);
    return r == RESULT_OK ? card_application_put_pin(a, "card-face-a", a->data->number) : r;
}
