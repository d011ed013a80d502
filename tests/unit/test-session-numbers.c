/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The handles that the module gives its sessions. */
#include "pkcs11-jpki/module/sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Else who goes on with a session that is closed would use somebody else's. */
static void no_number_comes_twice(void **state) {
    CK_SESSION_HANDLE seen[40];
    size_t count = 0;
    (void)state;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 4; i++, count++) {
            const struct session one = {.slot = NULL};
            assert_int_equal(sessions_add(&one, &seen[count]), CKR_OK);
            assert_non_null(sessions_find(seen[count]));
            for (size_t k = 0; k < count; k++)
                assert_true(seen[k] != seen[count]);
        }
        sessions_drop(seen[count - 1]);
        sessions_drop(seen[count - 3]);
        assert_null(sessions_find(seen[count - 1]));
        assert_non_null(sessions_find(seen[count - 2]));
    }
    sessions_drop_all();
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_number_comes_twice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
