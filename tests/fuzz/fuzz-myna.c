/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The driver "myna" and its PKCS#15 objects against a hostile card. The input's first part: the reader's properties
 * (driver_card_reader; 4: certificates go in by the observed import), then one operation a byte; its other parts: the
 * card's answers (driver_card_answers), from the first command that finds the card on. */
#include "card-stream.h"
#include "driver-card.h"
#include "fuzz.h"

#include "base/file.h"
#include "iso7816/cvc.h"
#include "myna.h"
#include "myna_control.h"

#include <libopensc/pkcs15.h>
#include <stdlib.h>
#include <string.h>

#define OBSERVED_IMPORT 4
#define OPERATIONS_MAX 32

int sc_pkcs15_init_func_ex(sc_pkcs15_card_t *p15card, struct sc_aid *aid);

static uint8_t chain[2 * CVC_LENGTH];
static uint8_t answer_to_challenge[INSTITUTION_SIGNATURE_LENGTH];

/* A chain that the image's anchor would have to have signed. */
static void make_chain(void) {
    char path[160];
    buffer raw = BUFFER_INIT(CVC_LENGTH), made = BUFFER_INIT(sizeof chain);
    cvc certificate;
    snprintf(path, sizeof path, "%s/trust/root.cvc", card_stream_image());
    FUZZ_REQUIRE(file_read(path, &raw) == RESULT_OK && cvc_parse(buffer_bytes(&raw), &certificate) == RESULT_OK);
    for (int i = 0; i < 2; i++) {
        memcpy(certificate.authority_reference, certificate.holder_reference, CVC_REFERENCE_LENGTH);
        certificate.holder_reference[CVC_REFERENCE_LENGTH - 1]++;
        FUZZ_REQUIRE(cvc_build(&certificate, &made) == RESULT_OK);
    }
    memcpy(chain, made.data, sizeof chain);
    buffer_wipe(&made);
    buffer_wipe(&raw);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    card_stream_begin(&patient_card_personality, "patient-1");
    make_chain();
    /* The card's certificate, too, is tried with the CAs of mock-ca. */
    char options[4096 + 80];
    snprintf(options, sizeof options, "card_driver myna { trust_anchors = \"%s/../anchors\"; }", getenv("FUZZ_IMAGES"));
    driver_card_begin(myna_driver(), options);
    return 0;
}

static void read_certificates(sc_pkcs15_card_t *p15) {
    struct sc_pkcs15_object *objects[16];
    int count = sc_pkcs15_get_objects(p15, SC_PKCS15_TYPE_CERT_X509, objects, 16);
    for (int i = 0; i < count; i++) {
        struct sc_pkcs15_cert *certificate = NULL;
        if (sc_pkcs15_read_certificate(p15, objects[i]->data, 0, &certificate) == SC_SUCCESS)
            sc_pkcs15_free_certificate(certificate);
    }
}

/* The four basic items. */
static void read_data_objects(sc_pkcs15_card_t *p15) {
    struct sc_pkcs15_object *objects[16];
    int count = sc_pkcs15_get_objects(p15, SC_PKCS15_TYPE_DATA_OBJECT, objects, 16);
    for (int i = 0; i < count; i++) {
        struct sc_pkcs15_data *data = NULL;
        if (sc_pkcs15_read_data_object(p15, objects[i]->data, 0, &data) == SC_SUCCESS)
            sc_pkcs15_free_data_object(data);
    }
}

static void log_in(sc_card_t *card, int reference, const void *pin, int length) {
    struct sc_pin_cmd_data data = {.cmd = SC_PIN_CMD_VERIFY,
                                   .pin_type = SC_AC_CHV,
                                   .pin_reference = reference,
                                   .pin1 = {.data = pin, .len = length}};
    int tries;
    sc_pin_cmd(card, &data, &tries);
}

static void ask_for_tries(sc_card_t *card) {
    for (int reference = 0; reference <= RIGHT_END; reference++) {
        struct sc_pin_cmd_data data = {.cmd = SC_PIN_CMD_GET_INFO, .pin_type = SC_AC_CHV, .pin_reference = reference};
        if (sc_pin_cmd(card, &data, NULL) == SC_SUCCESS)
            FUZZ_REQUIRE(data.pin1.tries_left >= -1 && data.pin1.tries_left <= 15);
    }
}

static void change_pin(sc_card_t *card) {
    struct sc_pin_cmd_data data = {.cmd = SC_PIN_CMD_CHANGE,
                                   .pin_type = SC_AC_CHV,
                                   .pin_reference = RIGHT_AUTH,
                                   .pin1 = {.data = (const u8 *)"1234", .len = 4},
                                   .pin2 = {.data = (const u8 *)"4321", .len = 4}};
    int tries;
    sc_pin_cmd(card, &data, &tries);
}

static void sign(sc_card_t *card, u8 reference) {
    static const u8 digest_info[51] = {0x30, 0x31};
    sc_security_env_t environment = {.operation = SC_SEC_OPERATION_SIGN,
                                     .algorithm = SC_ALGORITHM_RSA,
                                     .flags = SC_SEC_ENV_KEY_REF_PRESENT | SC_SEC_ENV_ALG_PRESENT,
                                     .algorithm_flags = SC_ALGORITHM_RSA_PAD_PKCS1,
                                     .key_ref = {reference},
                                     .key_ref_len = 1};
    u8 *signature = malloc(256);
    FUZZ_REQUIRE(signature != NULL && sc_lock(card) == SC_SUCCESS);
    if (sc_set_security_env(card, &environment, 0) == SC_SUCCESS) {
        int length = sc_compute_signature(card, digest_info, sizeof digest_info, signature, 256);
        FUZZ_REQUIRE(length < 0 || length == 256);
    }
    sc_unlock(card);
    free(signature);
}

static void import_chain(sc_card_t *card) {
    bytes all = BYTES(chain);
    sc_card_ctl(card, MYNA_CONTROL_IMPORT_CHAIN, &all);
}

static void get_challenge(sc_card_t *card) {
    u8 challenge[INSTITUTION_CHALLENGE_LENGTH];
    sc_get_challenge(card, challenge, sizeof challenge);
}

static void get_serial(sc_card_t *card) {
    sc_serial_number_t serial;
    if (sc_card_ctl(card, SC_CARDCTL_GET_SERIALNR, &serial) == SC_SUCCESS)
        FUZZ_REQUIRE(serial.len < sizeof serial.value);
}

static void operate(sc_card_t *card, sc_pkcs15_card_t *p15, uint8_t operation) {
    switch (operation % 18) {
    case 0: read_certificates(p15); break;
    case 1: log_in(card, RIGHT_AUTH, "1234", 4); break;
    case 2: log_in(card, RIGHT_SIGN, "abc123", 6); break;
    case 3: log_in(card, RIGHT_INSTITUTION, answer_to_challenge, sizeof answer_to_challenge); break;
    case 4: log_in(card, RIGHT_AUTH, "9999", 4); break;
    case 5: ask_for_tries(card); break;
    case 6: change_pin(card); break;
    case 7: sign(card, RIGHT_AUTH); break;
    case 8: sign(card, RIGHT_SIGN); break;
    case 9: sign(card, RIGHT_INSTITUTION); break;
    case 10: import_chain(card); break;
    case 11: get_challenge(card); break;
    case 12: sc_logout(card); break;
    case 13: get_serial(card); break;
    case 14: sc_reset(card, 1); break;
    case 15: log_in(card, RIGHT_CARD_DATA, "1234", 4); break;
    case 16: read_data_objects(p15); break;
    default: card_stream_reset(); break; /* another process has moved the card */
    }
}

static void use(sc_card_t *card, bytes operations) {
    sc_pkcs15_card_t *p15 = sc_pkcs15_card_new();
    FUZZ_REQUIRE(p15 != NULL);
    p15->card = card;
    if (sc_pkcs15_init_func_ex(p15, NULL) == SC_SUCCESS)
        for (size_t i = 0; i < operations.length && i < OPERATIONS_MAX; i++)
            operate(card, p15, operations.data[i]);
    sc_pkcs15_card_free(p15);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes input = bytes_of(data, size), first;
    sc_card_t *card;
    if (!fuzz_next_part(&input, &first) || first.length == 0)
        return 0;
    card_stream_open(true);
    driver_card_answers(input);
    if (sc_connect_card(driver_card_reader(first.data[0]), &card) == SC_SUCCESS) {
        myna_of(card)->observed_import = first.data[0] & OBSERVED_IMPORT;
        use(card, bytes_slice(first, 1, first.length));
        sc_disconnect_card(card);
    }
    card_stream_close();
    return 0;
}
