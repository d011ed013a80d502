/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The emulated patient card against hostile commands and damaged images, from a fixed seed. */
#include "patient-card-fixture.h"

#include "base/file.h"
#include "iso7816/apdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The fuzz: 20,000 commands from a fixed seed, most of them known ones with changed bytes. Nothing may open. */
static uint32_t random_state = 20261123;

static uint8_t random_byte(void) {
    random_state = random_state * 1664525u + 1013904223u; /* Numerical Recipes' generator: repeatable, not secret */
    return (uint8_t)(random_state >> 24);
}

/* How long a known command is as it stands here, and with all its data (random). */
static const struct {
    uint8_t raw[12];
    uint8_t given;
    uint16_t whole;
} known_commands[] = {
    {{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17}, 7, 7},
    {{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x16}, 7, 7},
    {{0x00, 0xB0, 0x81, 0x00, 0x00}, 5, 5},
    {{0x00, 0xB0, 0x8A, 0x00, 0x00}, 5, 5},
    {{0x00, 0x20, 0x00, 0x98, 0x04, 0x31, 0x32, 0x33, 0x35}, 9, 9},
    {{0x00, 0x24, 0x01, 0x98, 0x04, 0x31, 0x32, 0x33, 0x35}, 9, 9},
    {{0x80, 0x2A, 0x00, 0x97, 0x01, 0x31, 0x00}, 7, 7},
    {{0x80, 0x2A, 0x00, 0x9A, 0x01, 0x31, 0x00}, 7, 7},
    {{0x80, 0xA2, 0x06, 0xC1, 0x00, 0x01, 0x33, 0x7F, 0x21, 0x82, 0x02, 0x33}, 12, 7 + 307},
    {{0x80, 0xA2, 0x00, 0xC1, 0x00, 0x01, 0x05, 0x5F, 0x37, 0x82, 0x01, 0x00}, 12, 7 + 261},
    {{0x00, 0x22, 0x81, 0xB6, 0x12, 0x83, 0x10}, 7, 5 + 18},
    {{0x00, 0x2A, 0x00, 0xBE, 0x00, 0x02, 0x33, 0x5F, 0x4E, 0x82, 0x01, 0x29}, 12, 7 + 563},
    {{0x00, 0x82, 0x00, 0x00, 0x00, 0x01, 0x00}, 7, 7 + 256},
    {{0x00, 0x84, 0x00, 0x00, 0x10}, 5, 5},
    {{0x00, 0xC0, 0x00, 0x00, 0x00}, 5, 5},
};

static size_t random_command(uint8_t *raw, size_t room) {
    uint8_t which = random_byte() % 20;
    size_t length = random_byte() % 4 == 0 ? (size_t)random_byte() * 4 % room : random_byte() % 24;
    bool known = which < sizeof known_commands / sizeof *known_commands;
    if (known)
        length = known_commands[which].whole;
    for (size_t i = 0; i < length; i++)
        raw[i] = random_byte();
    if (known) {
        memcpy(raw, known_commands[which].raw, known_commands[which].given);
        for (unsigned changes = random_byte() % 3; changes-- > 0;)
            raw[random_byte() % (length < 16 ? length : 16)] ^= (uint8_t)(1u << random_byte() % 8);
        length -= random_byte() % 16 == 0 ? random_byte() % length : 0;
    }
    return length;
}

static void hostile_commands(void **state) {
    (void)state;
    c = open_card();
    uint8_t raw[1024];
    unsigned accepted = 0;
    for (unsigned i = 0; i < 20000; i++) {
        if (i % 50 == 0)
            select_jpki(c);
        if (i % 1000 == 999)
            patient_card_personality.reset(c);
        size_t length = random_command(raw, sizeof raw);
        status_word sw = exchange_raw(c, bytes_of(raw, length));
        bool signs = length > 1 && (raw[0] & 0x80) && raw[1] == 0x2A && !(raw[0] & APDU_CLA_CHAINED);
        assert_false(signs && (sw == 0x9000 || sw >> 8 == 0x61));
        assert_true(sw >> 12 == 6 || sw == 0x9000);
        accepted += sw == 0x9000;
    }
    assert_in_range(accepted, 1000, 15000); /* the fuzz reaches handlers, and is not all accepted */
    select_jpki(c);
    select_ef(c, 0x0001);
    assert_int_equal(exchange(c, "00B0000000"), 0x6982);
    patient_card_personality.close(&c);
}

/* Damaged certificates, keys and anchors: refused with words, or opened and able to answer; never worse. */
static void damaged_images(void **state) {
    (void)state;
    static const char *const names[] = {"ef/000A", "ef/0001", "ef/0006", "key/auth.pem", "trust/root.cvc", "atr"};
    unsigned refused = 0;
    for (unsigned i = 0; i < 600; i++) {
        const char *name = names[i % (sizeof names / sizeof *names)];
        char path[128];
        const char *problem = NULL;
        buffer whole = BUFFER_INIT(4096), damaged = BUFFER_INIT(4096);
        snprintf(path, sizeof path, "%s/%s", maker.folder, name);
        assert_int_equal(file_read(path, &whole), RESULT_OK);
        buffer_append(&damaged, buffer_bytes(&whole));
        for (unsigned changes = 1 + random_byte() % 3; changes-- > 0;)
            damaged.data[(random_byte() << 8 | random_byte()) % damaged.length] = random_byte();
        if (random_byte() % 4 == 0)
            buffer_truncate(&damaged, (random_byte() << 8 | random_byte()) % damaged.length);
        card_image_put(&maker, name, damaged.data, damaged.length);
        if (patient_card_personality.open(maker.folder, &c, &problem) == RESULT_OK) {
            select_jpki(c);
            patient_card_personality.close(&c);
        } else {
            assert_non_null(problem);
            refused++;
        }
        card_image_put(&maker, name, whole.data, whole.length);
        buffer_wipe(&damaged);
        buffer_wipe(&whole);
    }
    assert_in_range(refused, 200, 600);
    c = open_card();
    patient_card_personality.close(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_commands),
        cmocka_unit_test(damaged_images),
    };
    return cmocka_run_group_tests(tests, make_image, remove_image);
}
