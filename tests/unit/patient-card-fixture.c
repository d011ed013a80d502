/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "patient-card-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

card_image_maker maker;
card *c;

int make_image(void **state) {
    (void)state;
    card_image_make(&maker, "patient");
    return 0;
}

int make_image_with_applications(void **state) {
    make_image(state);
    card_image_add_applications(&maker);
    return 0;
}

int remove_image(void **state) {
    (void)state;
    card_image_remove(&maker);
    return 0;
}

card *open_card(void) {
    card *opened = NULL;
    const char *problem = "none";
    if (patient_card_personality.open(maker.folder, &opened, &problem) != RESULT_OK)
        fail_msg("image refused: %s", problem);
    return opened;
}

int power_up(void **state) {
    (void)state;
    card_image_forget(&maker);
    c = open_card();
    return 0;
}

int power_down(void **state) {
    (void)state;
    patient_card_personality.close(&c);
    assert_null(c);
    return 0;
}
