/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Card images: what is wrong with one is found when the card is put in, and named (docs/interfaces/card-image.md). */
#include "patient-card-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A key that is a key, but not this certificate's. */
static void keys_belong_to_their_certificates(void **state) {
    (void)state;
    static const char *const swaps[][2] = {{"sign", "auth"}, {"auth", "sign"}};
    for (size_t i = 0; i < 2; i++) {
        char command[512];
        card *opened = NULL;
        const char *problem = "";
        snprintf(command, sizeof command, "cd %s/key && cp -p %s.pem kept && cp %s.pem %s.pem", maker.folder,
                 swaps[i][1], swaps[i][0], swaps[i][1]);
        assert_int_equal(system(command), 0);
        assert_int_equal(patient_card_personality.open(maker.folder, &opened, &problem), RESULT_INVALID);
        assert_non_null(strstr(problem, swaps[i][1]));
        snprintf(command, sizeof command, "cd %s/key && mv kept %s.pem", maker.folder, swaps[i][1]);
        assert_int_equal(system(command), 0);
    }
}

/* What one row puts into the image must be refused with these words. */
static void images_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *name, *content, *words;
    } rows[] = {
        {"personality", "operator\n", "personality"},
        {"atr", "3B8880010000 05E0B381A1007E\n", "atr"},
        {"personality", "", "personality"},
        {"atr", NULL, "atr"},
        {"atr", "", "atr"},
        {"ef/000A", "0123456789", "ef/000A"},
        {"ef/0002", NULL, "ef/0002"},
        {"key/auth.pem", "-----BEGIN PRIVATE KEY-----\n", "key/auth.pem"},
        {"key/sign.pem", NULL, "key/sign.pem"},
        {"ef/0001", NULL, "sign"},
        {"card-id", "SHORT", "card-id"},
        {"card-id", "", "card-id"},
        {"card-id", "ANOTHER-CARD-001", "ef/0006"},
        {"ef/0006", "JPKI", "ef/0006"},
        {"trust/root.cvc", "no certificate", "trust/root.cvc"},
        {"pin/sign", "abc123", "pin/"},
        {"pin/sign", NULL, "pin/"},
        {"pin/auth", "12345", "pin/"},
        {"pin/auth", "", "pin/"},
        {"state/auth-tries", "4", "counter"},
        {"state/auth-tries", "", "counter"},
        {"state/auth-tries", "33", "counter"},
        {"state/auth-tries", "003", "counter"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[512];
        card *opened = NULL;
        const char *problem = "";
        snprintf(command, sizeof command, "cp -a %s %s.kept", maker.folder, maker.folder);
        assert_int_equal(system(command), 0);
        card_image_put(&maker, rows[i].name, rows[i].content, rows[i].content == NULL ? 0 : strlen(rows[i].content));
        if (patient_card_personality.open(maker.folder, &opened, &problem) == RESULT_OK)
            fail_msg("row %zu: %s is accepted", i, rows[i].name);
        assert_null(opened);
        if (strstr(problem, rows[i].words) == NULL)
            fail_msg("row %zu: \"%s\" does not name %s", i, problem, rows[i].words);
        snprintf(command, sizeof command, "rm -rf %s && mv %s.kept %s", maker.folder, maker.folder, maker.folder);
        assert_int_equal(system(command), 0);
    }
}

/* A child under 15 has no signature certificate: the files are there and never open. */
static void without_signature_certificate(void **state) {
    static const char *const parts[] = {"ef/0001", "key/sign.pem", "pin/sign"};
    card_image_maker child;
    c = NULL;
    const char *problem = "none";
    (void)state;
    card_image_make(&child, "patient");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (i > 0) {
            assert_int_not_equal(patient_card_personality.open(child.folder, &c, &problem), RESULT_OK);
            assert_non_null(strstr(problem, "sign"));
        }
        card_image_put(&child, parts[i], NULL, 0);
    }
    assert_int_equal(patient_card_personality.open(child.folder, &c, &problem), RESULT_OK);
    const script_row rows[] = {
        {"00A4040C0AD392F000260100000001", 0x9000, ""},
        {"00B0880000", 0x9000, "008F00"},
        {"00B0810000", 0x6982, NULL},
        {"00B0820000", 0x9000, "3082..."},
        {"0020009B", 0x63C0, NULL},
        {"0020009B 06 414243313233", 0x6984, NULL},
        {"0020009B 01 00", 0x6984, NULL},
        {"0024019B 06 414243313233", 0x6984, NULL},
        {"802A009A 01 31 00", 0x6982, NULL},
        {"00200098 04 31323334", 0x9000, NULL},
        {"802A009A 01 31 00", 0x6982, NULL},
        {"802A0097 01 31 00", 0x9000, NULL},
        {"00B0810000", 0x6982, NULL},
    };
    RUN_SCRIPT(c, rows);
    patient_card_personality.close(&c);
    card_image_remove(&child);
}

static void one_reader_at_a_time(void **state) {
    (void)state;
    card *first = open_card(), *second = NULL;
    const char *problem = "";
    assert_int_equal(patient_card_personality.open(maker.folder, &second, &problem), RESULT_EXISTS);
    assert_null(second);
    assert_non_null(strstr(problem, "another reader"));
    patient_card_personality.close(&first);
    first = open_card();
    patient_card_personality.close(&first);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_belong_to_their_certificates),
        cmocka_unit_test(images_are_checked),
        cmocka_unit_test(without_signature_certificate),
        cmocka_unit_test(one_reader_at_a_time),
    };
    return cmocka_run_group_tests(tests, make_image, remove_image);
}
