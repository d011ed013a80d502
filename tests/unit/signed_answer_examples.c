/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "signed_answer_examples.h"

#include "fhir/signed_answer.h"
#include "fhir/eligibility_internal.h"
#include "fhir_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

const eligibility_person example_person = {"見本　花子", "ミホン　ハナコ", "1985-04-12",
                                           SEX_FEMALE,   "000-0001",       "例示県見本市1丁目"};

static void salt_plainly(eligibility_response *r) {
    assert_int_equal(answer_salt(r), RESULT_OK);
    for (size_t i = 0; i < r->salt_count; i++)
        memset(r->salts[i], (int)i, FHIR_SALT_LENGTH);
}

eligibility_response example_answer(void) {
    eligibility_response r = fhir_example_response();
    r.person = example_person;
    salt_plainly(&r);
    return r;
}

json_t *example_in_full(const eligibility_response *r) {
    buffer text = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(r, &text), RESULT_OK);
    json_t *root = fhir_parse(buffer_bytes(&text), NULL);
    assert_non_null(root);
    buffer_wipe(&text);
    return root;
}

void example_form(const eligibility_response *r, buffer *form) {
    buffer text = BUFFER_INIT(ROOM), again = BUFFER_INIT(ROOM), at_once = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(r, &text), RESULT_OK);
    assert_int_equal(signed_answer_of(buffer_bytes(&text), form, NULL), RESULT_OK);
    assert_int_equal(eligibility_response_write_signed(r, &again, &at_once), RESULT_OK);
    assert_true(bytes_equal(buffer_bytes(&text), buffer_bytes(&again)));
    assert_true(bytes_equal(buffer_bytes(form), buffer_bytes(&at_once)));
    buffer_wipe(&text);
    buffer_wipe(&again);
    buffer_wipe(&at_once);
}

bool example_holds(const buffer *form, const char *text) {
    return strstr(buffer_text((buffer *)form), text) != NULL;
}