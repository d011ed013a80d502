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

#define HASH "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

/* There is room for as many hashes as a way can have, and nothing is written behind it. */
static void a_way_has_one_text_and_an_end(void **state) {
    static const char *const wrong[] = {"",
                                        "0",
                                        "0/",
                                        " 0/5",
                                        "00/5",
                                        "0/05",
                                        "0/5 ",
                                        "0/5 00",
                                        "0/5,00",
                                        "0/1000",
                                        "-1/5",
                                        "0/5  " HASH,
                                        "0/5 " HASH " ",
                                        "0/5 000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"};
    struct {
        hash_tree_path path;
        uint8_t behind[2 * CRYPT_SHA256_LENGTH];
    } read;
    char text[ANSWER_PATH_SIZE + 2 * sizeof HASH] = "1/200", again[ANSWER_PATH_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (answer_path_read(wrong[i], &read.path) != RESULT_INVALID)
            fail_msg("\"%s\" is read", wrong[i]);
    for (size_t count = 0; count <= HASH_TREE_PATH_MAX + 1; count++, strcat(text, " " HASH)) {
        memset(&read, 0xA5, sizeof read);
        const result code = answer_path_read(text, &read.path);
        assert_int_equal(code, count <= HASH_TREE_PATH_MAX ? RESULT_OK : RESULT_INVALID);
        for (size_t i = 0; i < sizeof read.behind; i++)
            assert_int_equal(read.behind[i], 0xA5);
        if (code != RESULT_OK)
            continue;
        assert_int_equal(read.path.length, count);
        answer_path_write(&read.path, again);
        assert_string_equal(again, text);
    }
}

/* The platform signs refusals with a batch, too: they are its word, and no answer. */
static void a_refusal_is_no_proof(void **state) {
    static const struct {
        const char *text;
        result due;
    } rows[] = {
        {"{\"entry\":{\"resource\":{},\"response\":{\"status\":\"200\"}},\"path\":\"0/1\",\"signature\":\"cw==\"}",
         RESULT_OK},
        {"{\"entry\":{\"resource\":{},\"response\":{\"status\":\"201\"}},\"path\":\"0/1\",\"signature\":\"cw==\"}",
         RESULT_OK},
        {"{\"entry\":{\"resource\":{},\"response\":{\"status\":\"422\"}},\"path\":\"0/1\",\"signature\":\"cw==\"}",
         RESULT_INVALID},
        {"{\"entry\":{\"resource\":{},\"response\":{\"status\":\"202\"}},\"path\":\"0/1\",\"signature\":\"cw==\"}",
         RESULT_INVALID},
        {"{\"entry\":{\"resource\":{}},\"path\":\"0/1\",\"signature\":\"cw==\"}", RESULT_INVALID},
        {"{\"answer\":{},\"signature\":\"cw==\"}", RESULT_OK},
        {"{\"answer\":{},\"entry\":{\"resource\":{},\"response\":{\"status\":\"200\"}},\"signature\":\"cw==\"}",
         RESULT_INVALID},
        {"{\"answer\":{},\"entry\":{\"resource\":{},\"response\":{\"status\":\"200\"}},\"path\":\"0/1\",\"signature\":\"cw==\"}",
         RESULT_INVALID},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fhir_problem problem = {""};
        answer_proof proof;
        if (answer_proof_read(bytes_of(rows[i].text, strlen(rows[i].text)), &proof, &problem) != rows[i].due)
            fail_msg("%s: %s", rows[i].text, problem.text);
        answer_proof_wipe(&proof);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_holds_the_form_and_nothing_else),
        cmocka_unit_test(entries_of_a_batch_are_proven_by_their_form),
        cmocka_unit_test(a_way_has_one_text_and_an_end),
        cmocka_unit_test(a_refusal_is_no_proof),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
