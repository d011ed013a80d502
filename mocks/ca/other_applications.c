/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What needs few bytes: 共通, 住基, and the issuer security domain. */
#include "base/hex.h"
#include "card_application.h"
#include "cards.h"
#include "iso7816/tlv.h"

#include <stdio.h>
#include <string.h>

#define RECORD_TAG 0x01
#define CVC_HEADER_LENGTH 5 /* 7F21 82 02 33 */

static result write_record(const card_application *a, const char *name, bytes value) {
    buffer record = BUFFER_INIT(256);
    result r = tlv_append(&record, RECORD_TAG, value);
    if (r == RESULT_OK)
        r = card_application_put(a, name, buffer_bytes(&record));
    buffer_wipe(&record);
    return r;
}

/* The same in both applications, byte for byte; which key it names is not public. */
static result write_key_reference(const card_application *a) {
    uint8_t reference[CVC_REFERENCE_LENGTH];
    card_application_key_reference("5990011", reference);
    return write_record(a, "0002", BYTES(reference));
}

/* Record 1: 01 1C, serial number 15, municipality 5, expiry 8. The serial is the card id without its first letter. */
result common_application_write(const card_application *a) {
    char value[29];
    buffer unused = BUFFER_INIT(300);
    snprintf(value, sizeof value, "%.15s%.5s%.8s", a->card_id + 1, a->data->who->municipality, a->data->expiry);
    result r = write_record(a, "0001", bytes_of(value, strlen(value)));
    if (r == RESULT_OK)
        r = write_key_reference(a);
    if (r == RESULT_OK)
        r = card_application_put_key(a, "0019", &unused);
    buffer_wipe(&unused);
    return r == RESULT_OK ? card_application_put_pin(a, "common-pin", CARDS_FACE_PIN) : r;
}

result resident_write(const card_application *a) {
    result r = write_key_reference(a);
    return r == RESULT_OK ? card_application_put_pin(a, "resident-pin", CARDS_FACE_PIN) : r;
}

static result put_text(const card_application *a, const char *name, const char *text) {
    return card_application_put(a, name, bytes_of(text, strlen(text)));
}

/* The answer to reset without TS. */
static result put_answer_to_reset(const card_application *a) {
    buffer atr = BUFFER_INIT(33);
    result r = hex_decode(a->atr, &atr);
    if (r == RESULT_OK)
        r = card_application_put(a, "5F51", bytes_slice(buffer_bytes(&atr), 1, atr.length));
    buffer_wipe(&atr);
    return r;
}

/* What is inside 7F21. */
static bytes inside(const uint8_t certificate[CVC_LENGTH]) {
    return bytes_slice(bytes_of(certificate, CVC_LENGTH), CVC_HEADER_LENGTH, CVC_LENGTH);
}

/* Values only, as GET DATA gives them. F8 certifies the key that F7 names, and that key signed 7F21. */
result issuer_domain_write(const card_application *a) {
    /* Card recognition data: GlobalPlatform Card Specification 2.3, H.2; 2.2.1, no secure channel named. */
    static const uint8_t recognition[] = {0x73, 0x22, 0x06, 0x07, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x01, 0x60,
                                          0x0C, 0x06, 0x0A, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x02, 0x02, 0x02,
                                          0x01, 0x63, 0x09, 0x06, 0x07, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x03};
    uint8_t issuer[CVC_REFERENCE_LENGTH];
    card_application_key_reference("5990001", issuer);
    result r = card_application_put(a, "0042", BYTES(issuer));
    if (r == RESULT_OK)
        r = put_text(a, "0045", a->card_id);
    if (r == RESULT_OK)
        r = card_application_put(a, "0066", BYTES(recognition));
    if (r == RESULT_OK)
        r = put_text(a, "00F0", a->data->who->municipality);
    if (r == RESULT_OK)
        r = put_text(a, "00F2", a->data->expiry);
    if (r == RESULT_OK)
        r = card_application_put(a, "00F7", BYTES(a->signer->domain_reference));
    if (r == RESULT_OK)
        r = card_application_put(a, "00F8", inside(a->signer->domain_certificate));
    if (r == RESULT_OK && !a->old)
        r = card_application_put(a, "7F21", inside(a->signer->below_domain));
    return r == RESULT_OK ? put_answer_to_reset(a) : r;
}
