/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The proof of an answer, alone or as an entry of a batch: what was signed and nothing of the person. */
#include "fhir/answer_proof.h"
#include "fhir/batch_answer.h"
#include "fhir_examples.h"
#include "signed_answer_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_proof_holds_the_form_and_nothing_else(void **state) {
    static const char beside[] = "\"salts\":\"00\",\"signature\"";
    (void)state;
    const eligibility_response r = example_answer();
    buffer form = BUFFER_INIT(ROOM), full = BUFFER_INIT(ROOM), proof = BUFFER_INIT(ROOM), more = BUFFER_INIT(ROOM);
    example_form(&r, &form);
    assert_int_equal(eligibility_response_write(&r, &full), RESULT_OK);
    assert_int_equal(answer_proof_write_alone(buffer_bytes(&form), bytes_of("s", 1), &proof), RESULT_OK);
    assert_true(answer_proof_is_bare(buffer_bytes(&proof)));
    const edit added = {"\"signature\"", beside, ""};
    fhir_example_edit(&proof, &added, &more);
    assert_false(answer_proof_is_bare(buffer_bytes(&more)));
    buffer_clear(&proof);
    assert_int_equal(answer_proof_write_alone(buffer_bytes(&full), bytes_of("s", 1), &proof), RESULT_OK);
    assert_false(answer_proof_is_bare(buffer_bytes(&proof)));
    assert_false(answer_proof_is_bare(bytes_of("{}", 2)));
    buffer_wipe(&form);
    buffer_wipe(&full);
    buffer_wipe(&proof);
    buffer_wipe(&more);
}

static void entries_of_a_batch_are_proven_by_their_form(void **state) {
    (void)state;
    eligibility_response r = example_answer();
    eligibility_batch_answer *answer = NULL;
    buffer one = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM), content = BUFFER_INIT(ROOM), form = BUFFER_INIT(ROOM),
           entry = BUFFER_INIT(ROOM), path = BUFFER_INIT(ROOM), proof = BUFFER_INIT(ROOM);
    example_form(&r, &form);
    assert_int_equal(eligibility_response_write(&r, &one), RESULT_OK);
    const eligibility_outcome outcomes[] = {{201, buffer_bytes(&one)}, {200, buffer_bytes(&one)}};
    assert_int_equal(eligibility_batch_answer_write(outcomes, 2, &text, &content), RESULT_OK);
    assert_true(example_holds(&text, example_person.name));
    assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&text), &answer, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_leaf(answer, 1, &entry, &path), RESULT_OK);
    assert_true(example_holds(&entry, buffer_text(&form)));
    assert_false(example_holds(&entry, example_person.name));
    assert_int_equal(answer_proof_write_entry(buffer_bytes(&entry), buffer_text(&path), bytes_of("s", 1), &proof),
                     RESULT_OK);
    assert_true(answer_proof_is_bare(buffer_bytes(&proof)));
    answer_proof read;
    assert_int_equal(answer_proof_read(buffer_bytes(&proof), &read, NULL), RESULT_OK);
    assert_string_equal(buffer_text(&read.content), buffer_text(&content));
    assert_non_null(strstr(buffer_text(&content), "\"uketsuke-batch-answer-2\""));
    answer_proof_wipe(&read);
    eligibility_batch_answer_free(&answer);
    buffer *all[] = {&one, &text, &content, &form, &entry, &path, &proof};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buffer_wipe(all[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_holds_the_form_and_nothing_else),
        cmocka_unit_test(entries_of_a_batch_are_proven_by_their_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
