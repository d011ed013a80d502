/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the platform signs of an answer covers every byte of it: whatever is done to an answer, or taken from another
 * one, is noticed. */
#include "base/hex.h"
#include "fhir/eligibility_internal.h"
#include "fhir/hex_list.h"
#include "fhir/signed_answer.h"
#include "fhir_examples.h"
#include "signed_answer_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* --- attacks ------------------------------------------------------------------------------------------------------ */

static json_t *contained_in(json_t *root) {
    return json_object_get(root, "contained");
}

static json_t *salts_in(json_t *root) {
    return (json_t *)fhir_extension(root, EXTENSION_SALTS);
}

static void set_text(json_t *root, const char *text) {
    json_object_set_new(salts_in(root), "valueString", json_string(text));
}

/* So many salts, of equal bytes each; the one at an index is another. */
static void set_salts(json_t *root, size_t count, size_t index, int other) {
    char text[HEX_LIST_SIZE(FHIR_SALTS_MAX, FHIR_SALT_LENGTH)];
    uint8_t salts[FHIR_SALTS_MAX][FHIR_SALT_LENGTH];
    for (size_t i = 0; i < count; i++)
        memset(salts[i], i == index ? other : (int)i, FHIR_SALT_LENGTH);
    hex_list_write(salts[0], FHIR_SALT_LENGTH, count, text, sizeof text);
    set_text(root, text);
}

#define NONE FHIR_SALTS_MAX
#define NEEDED ANSWER_DIGESTS_STEP

/* Another answer of the same platform, with its own salts. */
static json_t *another(void) {
    eligibility_response r = example_answer();
    strcpy(r.person.name, "見本　次郎");
    strcpy(r.coverages[0].number, "999");
    for (size_t i = 0; i < r.salt_count; i++)
        memset(r.salts[i], (int)i + 0x70, FHIR_SALT_LENGTH);
    return example_in_full(&r);
}

static void nothing(json_t *root) {
    (void)root;
}

static void swap_the_person(json_t *root) {
    json_t *other = another();
    json_array_set(contained_in(root), 1, json_array_get(contained_in(other), 1));
    json_decref(other);
}

/* With the salt that belongs to it. */
static void take_the_person_of_another(json_t *root) {
    swap_the_person(root);
    set_salts(root, NEEDED, 2, 0x72);
}

static void take_all_of_another(json_t *root) {
    json_t *other = another();
    json_object_set(root, "contained", contained_in(other));
    set_text(root, json_string_value(json_object_get(salts_in(other), "valueString")));
    json_decref(other);
}

static void take_the_coverage_of_another(json_t *root) {
    json_t *other = another();
    json_array_set(contained_in(root), 0, json_array_get(contained_in(other), 0));
    json_decref(other);
}

static void double_the_coverage(json_t *root) {
    json_t *second = json_deep_copy(json_array_get(contained_in(root), 0));
    json_object_set_new(second, "id", json_string("coverage-2"));
    json_array_insert_new(contained_in(root), 1, second);
    json_array_append_new(json_object_get(root, "insurance"),
                          json_pack("{s:{s:s},s:b}", "coverage", "reference", "#coverage-2", "inforce", 0));
}

static void leave_the_person_out(json_t *root) {
    json_array_remove(contained_in(root), 1);
    json_object_del(json_object_get(root, "patient"), "reference");
    json_object_del(json_array_get(contained_in(root), 0), "beneficiary");
}

static void leave_the_coverage_out(json_t *root) {
    json_array_remove(contained_in(root), 0);
    json_object_del(root, "insurance");
}

static void leave_all_out(json_t *root) {
    json_object_del(root, "contained");
    json_object_del(root, "insurance");
    json_object_del(json_object_get(root, "patient"), "reference");
}

static void add_an_expense(json_t *root) {
    json_t *expense = json_pack("{s:{s:s},s:s,s:[{s:s,s:{s:s,s:s}}],s:{s:s},s:s,s:s,s:{s:[{s:s,s:s}]}}", "beneficiary",
                                "reference", "#patient-1", "id", "public-1", "payor", "display", "公費", "identifier",
                                "system", SYSTEM_PUBLIC_PAYER, "value", "54136015", "period", "start", "2026-01-01",
                                "resourceType", "Coverage", "status", "active", "type", "coding", "code", "8", "system",
                                SYSTEM_INSURANCE_KIND);
    json_array_insert_new(contained_in(root), 1, expense);
    json_array_append_new(json_object_get(root, "insurance"),
                          json_pack("{s:{s:s},s:b}", "coverage", "reference", "#public-1", "inforce", 1));
}

static void replay_a_salt(json_t *root) {
    set_salts(root, NEEDED, 2, 1);
}

static void exchange_two_salts(json_t *root) {
    static const char exchanged[] =
        "00000000000000000000000000000000 02020202020202020202020202020202 01010101010101010101010101010101 "
        "03030303030303030303030303030303 04040404040404040404040404040404 05050505050505050505050505050505 "
        "06060606060606060606060606060606 07070707070707070707070707070707";
    set_text(root, exchanged);
}

static void one_salt_less(json_t *root) {
    set_salts(root, NEEDED - 1, NONE, 0);
}

static void a_step_of_salts_more(json_t *root) {
    set_salts(root, 2 * NEEDED, NONE, 0);
}

static void salts_in_another_form(json_t *root) {
    char text[HEX_LIST_SIZE(FHIR_SALTS_MAX, FHIR_SALT_LENGTH)];
    snprintf(text, sizeof text, "%s ", json_string_value(json_object_get(salts_in(root), "valueString")));
    set_text(root, text);
}

static void change_what_no_reader_knows(json_t *root) {
    json_object_set_new(json_array_get(contained_in(root), 0), "order", json_integer(1));
}

static void add_what_no_reader_knows(json_t *root) {
    json_object_set_new(root, "preAuthRef", json_string("1"));
}

static void a_second_list_of_salts(json_t *root) {
    json_array_append_new(json_object_get(root, "extension"),
                          json_pack("{s:s,s:s}", "url", EXTENSION_SALTS, "valueString", "00"));
}

static void change_the_ruling(json_t *root) {
    json_object_set_new(root, "disposition", json_string("資格なし"));
}

static void change_in_force(json_t *root) {
    json_object_set_new(json_array_get(json_object_get(root, "insurance"), 0), "inforce", json_false());
}

static void change_the_link(json_t *root) {
    json_object_set_new((json_t *)fhir_extension(root, EXTENSION_LINK), "valueString", json_string("9999"));
}

static void change_the_day(json_t *root) {
    json_object_set_new(root, "servicedDate", json_string("2026-11-25"));
}

static void change_the_patient(json_t *root) {
    json_object_set_new((json_t *)fhir_at(root, "patient.identifier"), "value", json_string("CN=User CA,C=JP#0101"));
}

/* Whatever is done to an answer, what was signed of it is not what is read from it. */
static void attacked_answers_are_not_the_signed_ones(void **state) {
    static const struct {
        const char *name;
        void (*attack)(json_t *root);
        bool same, refused; /* refused: it is not even read */
    } rows[] = {
#define ROW(attack, same, refused) {#attack, attack, same, refused}
        ROW(nothing, true, false),
        ROW(swap_the_person, false, false),
        ROW(take_the_person_of_another, false, false),
        ROW(take_the_coverage_of_another, false, false),
        ROW(take_all_of_another, false, false),
        ROW(double_the_coverage, false, false),
        ROW(leave_the_person_out, false, false),
        ROW(leave_the_coverage_out, false, false),
        ROW(leave_all_out, false, false),
        ROW(add_an_expense, false, false),
        ROW(replay_a_salt, false, true),
        ROW(exchange_two_salts, false, false),
        ROW(one_salt_less, false, true),
        ROW(a_step_of_salts_more, false, true),
        ROW(salts_in_another_form, false, true),
        ROW(change_what_no_reader_knows, false, false),
        ROW(add_what_no_reader_knows, false, false),
        ROW(a_second_list_of_salts, false, false),
        ROW(change_the_ruling, false, false),
        ROW(change_in_force, false, false),
        ROW(change_the_link, false, false),
        ROW(change_the_day, false, false),
        ROW(change_the_patient, false, false),
#undef ROW
    };
    (void)state;
    const eligibility_response r = example_answer();
    buffer form = BUFFER_INIT(ROOM);
    example_form(&r, &form);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *root = example_in_full(&r);
        buffer text = BUFFER_INIT(ROOM), got = BUFFER_INIT(ROOM);
        fhir_problem problem = {{0}};
        rows[i].attack(root);
        assert_int_equal(fhir_dump_and_free(root, &text), RESULT_OK);
        const result code = signed_answer_of(buffer_bytes(&text), &got, &problem);
        const bool same = code == RESULT_OK && bytes_equal(buffer_bytes(&got), buffer_bytes(&form));
        if (same != rows[i].same || code != (rows[i].refused ? RESULT_INVALID : RESULT_OK))
            fail_msg("%s: %s (%s)", rows[i].name, result_text(code), problem.text);
        buffer_wipe(&text);
        buffer_wipe(&got);
    }
    buffer_wipe(&form);
}

/* Written by somebody else, with other white space: the same form. */
static void it_does_not_depend_on_the_writer(void **state) {
    (void)state;
    const eligibility_response r = example_answer();
    buffer form = BUFFER_INIT(ROOM), got = BUFFER_INIT(ROOM);
    json_t *root = example_in_full(&r);
    char *spaced = json_dumps(root, JSON_INDENT(2));
    example_form(&r, &form);
    assert_non_null(spaced);
    assert_int_equal(signed_answer_of(bytes_of(spaced, strlen(spaced)), &got, NULL), RESULT_OK);
    assert_string_equal(buffer_text(&got), buffer_text(&form));
    free(spaced);
    json_decref(root);
    buffer_wipe(&form);
    buffer_wipe(&got);
}

/* A number with a zero more is another text and the same JSON. */
static void numbers_have_one_form(void **state) {
    (void)state;
    static const edit zero = {"\"valueDecimal\":0.3", "\"valueDecimal\":0.30", ""};
    const eligibility_response r = example_answer();
    buffer form = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM), odd = BUFFER_INIT(ROOM), got = BUFFER_INIT(ROOM);
    example_form(&r, &form);
    assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
    fhir_example_edit(&text, &zero, &odd);
    assert_int_equal(signed_answer_of(buffer_bytes(&odd), &got, NULL), RESULT_OK);
    assert_string_equal(buffer_text(&got), buffer_text(&form));
    buffer_wipe(&form);
    buffer_wipe(&text);
    buffer_wipe(&odd);
    buffer_wipe(&got);
}

/* docs/interfaces/http.md has it. */
static void the_documented_vector_holds(void **state) {
    (void)state;
    static const uint8_t salt[FHIR_SALT_LENGTH] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    static const struct {
        const char *part, *digest;
    } rows[] = {{"", "41F69CAF60D71F6A73D9F30782F74E765F011904D4961C481A981109EB6B8EDA"},
                {"{\"gender\":\"female\"}", "05A7F569F76ADAD145D93F86C7DBA47342BE97B84BE8EE2D11A4A815C62D87C8"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t digest[CRYPT_SHA256_LENGTH];
        char hex[2 * CRYPT_SHA256_LENGTH + 1];
        assert_int_equal(answer_part_digest(salt, bytes_of(rows[i].part, strlen(rows[i].part)), digest), RESULT_OK);
        hex_encode(BYTES(digest), hex, sizeof hex);
        assert_string_equal(hex, rows[i].digest);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attacked_answers_are_not_the_signed_ones),
        cmocka_unit_test(it_does_not_depend_on_the_writer),
        cmocka_unit_test(numbers_have_one_form),
        cmocka_unit_test(the_documented_vector_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
