/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/net/http_share: a share for each key, more while half is free, all of it never, amounts given back. */
#include "net/http_share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void one_alone_gets_half(void **state) {
    (void)state;
    http_share *s;
    assert_int_equal(http_share_new(8, 2, &s), RESULT_OK);
    for (int i = 0; i < 4; i++)
        assert_true(http_share_take(s, "a", 1));
    assert_false(http_share_has(s, "a", 1));
    assert_false(http_share_take(s, "a", 1));
    http_share_free(&s);
}

static void others_get_their_share(void **state) {
    (void)state;
    http_share *s;
    assert_int_equal(http_share_new(8, 2, &s), RESULT_OK);
    for (int i = 0; i < 4; i++)
        assert_true(http_share_take(s, "a", 1));
    assert_true(http_share_take(s, "b", 2));
    assert_false(http_share_take(s, "b", 1)); /* its share, and less than half is free */
    assert_true(http_share_take(s, "c", 1));
    assert_true(http_share_take(s, "d", 1));
    assert_false(http_share_take(s, "e", 1)); /* there is no more */
    http_share_free(&s);
}

static void an_amount_is_given_back(void **state) {
    (void)state;
    http_share *s;
    assert_int_equal(http_share_new(8, 4, &s), RESULT_OK);
    assert_true(http_share_take(s, "a", 4));
    assert_true(http_share_take(s, "b", 4));
    assert_false(http_share_take(s, "c", 1));
    http_share_give(s, "a", 3);
    assert_false(http_share_take(s, "c", 4));
    assert_true(http_share_take(s, "c", 3));
    http_share_give(s, "nobody", 8);
    http_share_give(s, "a", 2); /* more than it holds */
    assert_false(http_share_has(s, "c", 1));
    http_share_free(&s);
}

static void more_than_there_is(void **state) {
    (void)state;
    http_share *s;
    assert_int_equal(http_share_new(8, 16, &s), RESULT_OK);
    assert_false(http_share_take(s, "a", 9));
    assert_false(http_share_take(s, "a", SIZE_MAX));
    assert_true(http_share_take(s, "a", 8));
    assert_true(http_share_take(s, "b", 0));
    http_share_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_alone_gets_half),
        cmocka_unit_test(others_get_their_share),
        cmocka_unit_test(an_amount_is_given_back),
        cmocka_unit_test(more_than_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
