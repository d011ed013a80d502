/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The driver "uketsuke-se" against a hostile SE. The input as in fuzz-myna.c. With BOUND it is fuzz-se-bound: the SE is
 * at work and bound, so every command goes through the secure channel. */
#include "card-stream.h"
#include "driver-card.h"
#include "fuzz.h"
#include "opensc-reader.h"
#include "se-personalisation.h"

#include "base/hex.h"

#include <libopensc/cardctl.h>
#include <string.h>

#define OPERATIONS_MAX 32
#define DIGEST_INFO_LENGTH 51

/* The very module that OpenSC loads, built for fuzzing: its functions have names of the emulated card's. */
static struct sc_card_driver *load_driver(void) {
    struct sc_card_driver *const driver = opensc_reader_load(SE_DRIVER, "uketsuke-se");
    FUZZ_REQUIRE(driver != NULL);
    return driver;
}

#ifdef BOUND
/* Key sets other than the factory's, and the terminal's copy of the binding (docs/interfaces/secure-element.md). */
static void bind(char options[300]) {
    static const uint8_t operational = 0x0F;
    uint8_t set[1 + 3 * 16] = {16};
    buffer file = BUFFER_INIT(512);
    memset(set + 1, 0x5A, sizeof set - 1);
    card_stream_put("state/keys-issuer", BYTES(set));
    card_stream_put("state/keys-binding", BYTES(set));
    card_stream_put("state/life-cycle", bytes_of(&operational, 1));
    card_stream_prepare(NULL, 0);
    buffer_append_text(&file, "version = 30\n");
    for (int i = 0; i < 3; i++) {
        buffer_append_format(&file, "%s = ", i == 0 ? "enc" : i == 1 ? "mac" : "dek");
        hex_append(&file, bytes_of(set + 1, 16));
        buffer_append_text(&file, "\n");
    }
    card_stream_put("binding.key", buffer_bytes(&file));
    buffer_wipe(&file);
    snprintf(options, 300, "card_driver uketsuke-se { binding_key = %s/binding.key; }", card_stream_image());
}
#else
static void bind(char options[300]) {
    options[0] = 0;
}
#endif

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    char options[300];
    card_stream_begin(&secure_element_personality, "se-1");
    card_stream_prepare(se_personalisation, SE_PERSONALISATION_LENGTH);
    bind(options);
    driver_card_begin(load_driver(), options);
    return 0;
}

static void pin(sc_card_t *card, unsigned command, const char *first, const char *second) {
    struct sc_pin_cmd_data data = {
        .cmd = command,
        .pin_type = SC_AC_CHV,
        .pin_reference = 1,
        .pin1 = {.data = (const u8 *)first, .len = first == NULL ? 0 : (int)strlen(first)},
        .pin2 = {.data = (const u8 *)second, .len = second == NULL ? 0 : (int)strlen(second)}};
    int tries;
    sc_pin_cmd(card, &data, &tries);
}

static bool choose(sc_card_t *card, int operation, u8 place, unsigned long flags) {
    sc_security_env_t environment = {.operation = operation,
                                     .algorithm = SC_ALGORITHM_RSA,
                                     .flags = SC_SEC_ENV_KEY_REF_PRESENT | SC_SEC_ENV_ALG_PRESENT,
                                     .algorithm_flags = flags,
                                     .key_ref = {place},
                                     .key_ref_len = 1};
    return sc_set_security_env(card, &environment, 0) == SC_SUCCESS;
}

static void sign(sc_card_t *card, unsigned long flags, size_t length) {
    static const u8 input[DIGEST_INFO_LENGTH] = {0x30, 0x31};
    u8 *signature = malloc(256);
    FUZZ_REQUIRE(signature != NULL && sc_lock(card) == SC_SUCCESS);
    if (choose(card, SC_SEC_OPERATION_SIGN, 0, flags))
        FUZZ_REQUIRE(sc_compute_signature(card, input, length, signature, 256) <= 256);
    sc_unlock(card);
    free(signature);
}

static void decipher(sc_card_t *card) {
    static const u8 cryptogram[256] = {0x44};
    u8 *plain = malloc(256);
    FUZZ_REQUIRE(plain != NULL && sc_lock(card) == SC_SUCCESS);
    if (choose(card, SC_SEC_OPERATION_DECIPHER, 2, SC_ALGORITHM_RSA_PAD_PKCS1))
        FUZZ_REQUIRE(sc_decipher(card, cryptogram, sizeof cryptogram, plain, 256) <= 256);
    sc_unlock(card);
    free(plain);
}

static void read_file(sc_card_t *card) {
    sc_path_t path;
    sc_file_t *file = NULL;
    u8 *content = malloc(1024);
    sc_format_path("3F004401", &path);
    FUZZ_REQUIRE(content != NULL);
    if (sc_select_file(card, &path, &file) == SC_SUCCESS)
        FUZZ_REQUIRE(sc_read_binary(card, 0, content, 1024, 0) <= 1024);
    sc_file_free(file);
    free(content);
}

static void write_file(sc_card_t *card) {
    static const u8 content[4] = {1, 2, 3, 4};
    sc_update_binary(card, 0, content, sizeof content, 0);
}

static void get_challenge(sc_card_t *card) {
    u8 random[40];
    sc_get_challenge(card, random, sizeof random);
}

static void get_serial(sc_card_t *card) {
    sc_serial_number_t serial;
    if (sc_card_ctl(card, SC_CARDCTL_GET_SERIALNR, &serial) == SC_SUCCESS)
        FUZZ_REQUIRE(serial.len <= sizeof serial.value);
}

static void operate(sc_card_t *card, uint8_t operation) {
    switch (operation % 16) {
    case 0: read_file(card); break;
    case 1: pin(card, SC_PIN_CMD_VERIFY, "123456", NULL); break;
    case 2: pin(card, SC_PIN_CMD_VERIFY, "999999", NULL); break;
    case 3: pin(card, SC_PIN_CMD_CHANGE, "123456", "654321"); break;
    case 4: pin(card, SC_PIN_CMD_UNBLOCK, "0123456789ABCDEF", "123456"); break;
    case 5: pin(card, SC_PIN_CMD_GET_INFO, NULL, NULL); break;
    case 6: sign(card, SC_ALGORITHM_RSA_PAD_PKCS1 | SC_ALGORITHM_RSA_HASH_NONE, DIGEST_INFO_LENGTH); break;
    case 7: sign(card, SC_ALGORITHM_RSA_PAD_PSS | SC_ALGORITHM_MGF1_SHA256, DIGEST_INFO_LENGTH); break;
    case 8: sign(card, SC_ALGORITHM_RSA_PAD_PSS | SC_ALGORITHM_MGF1_SHA256, 32); break;
    case 9: decipher(card); break;
    case 10: get_challenge(card); break;
    case 11: write_file(card); break;
    case 12: sc_logout(card); break;
    case 13: get_serial(card); break;
    case 14: sc_reset(card, 1); break;
    default: card_stream_reset(); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes input = bytes_of(data, size), first;
    sc_card_t *card;
    if (!fuzz_next_part(&input, &first) || first.length == 0)
        return 0;
    card_stream_open(false);
    driver_card_answers(input);
    if (sc_connect_card(driver_card_reader(first.data[0]), &card) == SC_SUCCESS) {
        for (size_t i = 1; i < first.length && i < OPERATIONS_MAX; i++)
            operate(card, first.data[i]);
        sc_disconnect_card(card);
    }
    card_stream_close();
    return 0;
}
