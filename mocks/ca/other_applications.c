/* What needs few bytes: 共通, 住基, and the issuer security domain. */
#include "base/hex.h"
#include "card_application.h"
#include "cards.h"
#include "iso7816/tlv.h"

#include <stdio.h>
#include <string.h>

#define RECORD_TAG 0x01
#define NO_RESIDENT_CODE "00000000000" /* 11 digits that are nobody's 住民票コード */

static result write_record(const card_application *a, const char *name, const char *value) {
    buffer record = BUFFER_INIT(256);
    result r = tlv_append(&record, RECORD_TAG, bytes_of(value, strlen(value)));
    if (r == RESULT_OK)
        r = card_application_put(a, name, buffer_bytes(&record));
    buffer_wipe(&record);
    return r;
}

/* Record 1: 01 1C, serial number 15, municipality 5, expiry 8. The serial is the card id without its first letter. */
result common_application_write(const card_application *a) {
    char value[29];
    buffer unused = BUFFER_INIT(300);
    snprintf(value, sizeof value, "%.15s%.5s%.8s", a->card_id + 1, a->data->who->municipality, a->data->expiry);
    result r = write_record(a, "0001", value);
    if (r == RESULT_OK)
        r = card_application_put_key(a, "0019", &unused);
    buffer_wipe(&unused);
    return r == RESULT_OK ? card_application_put_pin(a, "common-pin", CARDS_FACE_PIN) : r;
}

result resident_write(const card_application *a) {
    result r = write_record(a, "0002", NO_RESIDENT_CODE);
    return r == RESULT_OK ? card_application_put_pin(a, "resident-pin", CARDS_FACE_PIN) : r;
}

static result put_text_object(const card_application *a, const char *name, uint32_t tag, const char *text) {
    return card_application_put_object(a, name, tag, bytes_of(text, strlen(text)));
}

/* The answer to reset without TS. */
static result put_answer_to_reset(const card_application *a, const char *hexadecimal) {
    buffer atr = BUFFER_INIT(33);
    result r = hex_decode(hexadecimal, &atr);
    if (r == RESULT_OK)
        r = card_application_put_object(a, "5F51", 0x5F51, bytes_slice(buffer_bytes(&atr), 1, atr.length));
    buffer_wipe(&atr);
    return r;
}

/* 7F21 is a whole certificate as it stands; F8 holds one. */
result issuer_domain_write(const card_application *a) {
    static const uint8_t issuer[] = {0x39, 0x21, 0x00, 0x31}; /* of the applications' AIDs: this mock's choice */
    /* Card recognition data: GlobalPlatform Card Specification 2.3, H.2; 2.2.1, no secure channel named. */
    static const uint8_t recognition[] = {0x73, 0x22, 0x06, 0x07, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x01, 0x60,
                                        0x0C, 0x06, 0x0A, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x02, 0x02, 0x02,
                                        0x01, 0x63, 0x09, 0x06, 0x07, 0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x03};
    bytes certificate = BYTES(a->signer->certificate);
    result r = card_application_put_object(a, "0042", 0x42, BYTES(issuer));
    if (r == RESULT_OK)
        r = put_text_object(a, "0045", 0x45, a->card_id);
    if (r == RESULT_OK)
        r = card_application_put_object(a, "0066", 0x66, BYTES(recognition));
    if (r == RESULT_OK)
        r = put_text_object(a, "00F0", 0xF0, a->data->who->municipality);
    if (r == RESULT_OK)
        r = put_text_object(a, "00F2", 0xF2, a->data->expiry);
    if (r == RESULT_OK)
        r = card_application_put_object(a, "00F7", 0xF7, BYTES(a->signer->reference));
    if (r == RESULT_OK)
        r = card_application_put_object(a, "00F8", 0xF8, certificate);
    if (r == RESULT_OK)
        r = card_application_put(a, "7F21", certificate);
    return r == RESULT_OK ? put_answer_to_reset(a, ANSWER_TO_RESET_CONTACT) : r;
}
