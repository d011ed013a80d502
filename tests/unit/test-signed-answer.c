/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the platform signs of an answer: it names nobody and nothing can be guessed from it, and yet it covers every
 * byte of the answer. */
#include "base/hex.h"
#include "fhir/answer_proof.h"
#include "fhir/batch_answer.h"
#include "fhir/eligibility_internal.h"
#include "fhir/hex_list.h"
#include "fhir/signed_answer.h"
#include "fhir_examples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ROOM (1 << 20)

static const eligibility_person known = {"見本　花子", "ミホン　ハナコ", "1985-04-12",
                                         SEX_FEMALE,   "000-0001",       "例示県見本市1丁目"};

/* Salts 00..00, 01..01 and so on: the same bytes in each run. */
static void salt_plainly(eligibility_response *r) {
    assert_int_equal(answer_salt(r), RESULT_OK);
    for (size_t i = 0; i < r->salt_count; i++)
        memset(r->salts[i], (int)i, FHIR_SALT_LENGTH);
}

static eligibility_response about_somebody(void) {
    eligibility_response r = fhir_example_response();
    r.person = known;
    salt_plainly(&r);
    return r;
}

static json_t *in_full(const eligibility_response *r) {
    buffer text = BUFFER_INIT(ROOM);
    assert_int_equal(eligibility_response_write(r, &text), RESULT_OK);
    json_t *root = fhir_parse(buffer_bytes(&text), NULL);
    assert_non_null(root);
    buffer_wipe(&text);
    return root;
}

/* Read from the text, and made while that is written: the same. */
static void form_of(const eligibility_response *r, buffer *form) {
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

static bool holds(const buffer *form, const char *text) {
    return strstr(buffer_text((buffer *)form), text) != NULL;
}

/* --- what it does not say ----------------------------------------------------------------------------------------- */

static void it_names_neither_patient_nor_coverage(void **state) {
    static const char *const secrets[] = {
        "見本",    "ミホン",    "1985-04-12", "female",    "000-0001",  "例示県",    "健康保険組合", "06130012",
        "記号",    "187",       "2026-04-01", "0.3",       "資格あり",  "validity",  "Patient",      "\"Coverage\"",
        "inforce", "valueCode", "as-of",      "contained", "insurance", "clock-off", "salts"};
    (void)state;
    eligibility_response r = about_somebody();
    strcpy(r.clock_warning, "clock-off");
    buffer form = BUFFER_INIT(ROOM);
    form_of(&r, &form);
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
        if (holds(&form, secrets[i]))
            fail_msg("it says %s", secrets[i]);
    for (size_t i = 0; i < r.salt_count; i++) {
        char salt[2 * FHIR_SALT_LENGTH + 1];
        hex_encode(BYTES(r.salts[i]), salt, sizeof salt);
        assert_false(holds(&form, salt));
    }
    assert_true(holds(&form, r.evidence_id) && holds(&form, r.link_id) && holds(&form, r.patient_serial));
    buffer_wipe(&form);
}

/* One coverage, several, a person or nobody: as many digests, so that their number is no answer either. */
static void the_number_of_digests_says_nothing(void **state) {
    (void)state;
    for (size_t coverages = 0; coverages <= 2; coverages++)
        for (size_t expenses = 0; expenses <= FHIR_PUBLIC_EXPENSES_MAX; expenses++) {
            const bool named = coverages + expenses > 0;
            eligibility_response r = fhir_example_response();
            signed_answer form;
            buffer text = BUFFER_INIT(ROOM);
            r.coverages[1] = r.coverages[0];
            r.coverage_count = coverages;
            r.public_expense_count = expenses;
            for (size_t i = 0; i < expenses; i++)
                r.public_expenses[i] = (eligibility_public_expense){"54136015", "", "公費", "2026-01-01", "", true};
            if (named)
                r.person = known;
            assert_int_equal(answer_salt(&r), RESULT_OK);
            form_of(&r, &text);
            assert_int_equal(signed_answer_read(buffer_bytes(&text), &form, NULL), RESULT_OK);
            assert_int_equal(form.digest_count, ANSWER_DIGESTS_STEP);
            buffer_wipe(&text);
        }
    assert_int_equal(answer_salts_needed(0), 8);
    assert_int_equal(answer_salts_needed(7), 8);
    assert_int_equal(answer_salts_needed(8), 16);
    assert_int_equal(answer_salts_needed(FHIR_CONTAINED_MAX), FHIR_SALTS_MAX);
}

/* Whoever guesses a part right, has no salt, or another part's: nothing shows that the guess was right. */
static void right_guesses_do_not_show(void **state) {
    (void)state;
    eligibility_response r = about_somebody();
    assert_int_equal(answer_salt(&r), RESULT_OK); /* at random */
    static const uint8_t zero[FHIR_SALT_LENGTH];
    static eligibility_response read;
    buffer full = BUFFER_INIT(ROOM), form = BUFFER_INIT(ROOM);
    answer_parts parts = ANSWER_PARTS_INIT;
    form_of(&r, &form);
    assert_int_equal(eligibility_response_write(&r, &full), RESULT_OK);
    assert_int_equal(eligibility_parts_read(buffer_bytes(&full), &read, &parts, NULL), RESULT_OK);
    assert_int_equal(parts.count, 2);
    for (size_t i = 0; i <= parts.count; i++) {
        const bytes part = i == 0 ? buffer_bytes(&parts.own) : parts.contained[i - 1];
        uint8_t digest[CRYPT_SHA256_LENGTH];
        char hex[2 * CRYPT_SHA256_LENGTH + 1];
        assert_int_equal(crypt_sha256(part, digest), RESULT_OK);
        hex_encode(BYTES(digest), hex, sizeof hex);
        assert_false(holds(&form, hex));
        assert_int_equal(answer_part_digest(zero, part, digest), RESULT_OK);
        hex_encode(BYTES(digest), hex, sizeof hex);
        assert_false(holds(&form, hex));
        for (size_t salt = 0; salt < r.salt_count; salt++) {
            assert_int_equal(answer_part_digest(r.salts[salt], part, digest), RESULT_OK);
            hex_encode(BYTES(digest), hex, sizeof hex);
            assert_int_equal(holds(&form, hex), salt == i);
        }
    }
    answer_parts_wipe(&parts);
    buffer_wipe(&full);
    buffer_wipe(&form);
}

/* The same words twice, and no digest of one answer is in the other. */
static void salts_are_new_for_each_answer(void **state) {
    (void)state;
    static signed_answer forms[2];
    eligibility_response r = about_somebody();
    for (int i = 0; i < 2; i++) {
        buffer text = BUFFER_INIT(ROOM);
        assert_int_equal(answer_salt(&r), RESULT_OK);
        form_of(&r, &text);
        assert_int_equal(signed_answer_read(buffer_bytes(&text), &forms[i], NULL), RESULT_OK);
        buffer_wipe(&text);
    }
    for (size_t i = 0; i < forms[0].digest_count; i++)
        for (size_t j = 0; j < forms[1].digest_count; j++)
            assert_memory_not_equal(forms[0].digests[i], forms[1].digests[j], CRYPT_SHA256_LENGTH);
}

/* --- what it covers ----------------------------------------------------------------------------------------------- */

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
    eligibility_response r = about_somebody();
    strcpy(r.person.name, "見本　次郎");
    strcpy(r.coverages[0].number, "999");
    for (size_t i = 0; i < r.salt_count; i++)
        memset(r.salts[i], (int)i + 0x70, FHIR_SALT_LENGTH);
    return in_full(&r);
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
    const eligibility_response r = about_somebody();
    buffer form = BUFFER_INIT(ROOM);
    form_of(&r, &form);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *root = in_full(&r);
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
    const eligibility_response r = about_somebody();
    buffer form = BUFFER_INIT(ROOM), got = BUFFER_INIT(ROOM);
    json_t *root = in_full(&r);
    char *spaced = json_dumps(root, JSON_INDENT(2));
    form_of(&r, &form);
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
    const eligibility_response r = about_somebody();
    buffer form = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM), odd = BUFFER_INIT(ROOM), got = BUFFER_INIT(ROOM);
    form_of(&r, &form);
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

/* --- the form alone ----------------------------------------------------------------------------------------------- */

static void only_the_form_itself_is_read(void **state) {
    static const edit edits[] = {
        {"{\"created\"", "{\"contained\":[],\"created\"", ""},
        {"\"status\":\"active\"}", "\"status\":\"active\",\"x\":1}", ""},
        {"\"status\":\"active\"}", "\"status\":\"active\"} ", ""},
        {"signed-answer-2", "signed-answer-1", ""},
        {"\"meta\":{\"profile\":[\"urn:uketsuke:signed-answer-2\"]},", "", ""},
        {"\"created\":\"2", "\"created\":\"x", ""},
        {"\"servicedDate\":\"2026-11-24\"", "\"servicedDate\":\"2026-11-31\"", ""},
        {"\"request\":{\"identifier\":{\"system\":\"urn:uketsuke:evidence-id\",\"value\":\"0",
         "\"request\":{\"identifier\":{\"system\":\"urn:uketsuke:evidence-id\",\"value\":\"1", ""},
        {"urn:uketsuke:answer-digests\",\"valueString\":\"", "urn:uketsuke:answer-digests\",\"valueString\":\" ", ""},
        {"urn:uketsuke:answer-digests", "urn:uketsuke:answer-digest", ""},
        {"\"disposition\"", "\"disposition\"", "not there"},
    };
    (void)state;
    const eligibility_response r = about_somebody();
    signed_answer read;
    fhir_problem problem = {{0}};
    buffer form = BUFFER_INIT(ROOM), changed = BUFFER_INIT(ROOM);
    form_of(&r, &form);
    assert_int_equal(signed_answer_read(buffer_bytes(&form), &read, NULL), RESULT_OK);
    assert_string_equal(read.evidence_id, r.evidence_id);
    assert_string_equal(read.patient_serial, r.patient_serial);
    assert_string_equal(read.service_date, r.service_date);
    assert_string_equal(read.created, r.created);
    assert_string_equal(read.link_id, r.link_id);
    for (size_t i = 0; edits[i].place[0] == 0; i++) {
        fhir_example_edit(&form, &edits[i], &changed);
        if (signed_answer_read(buffer_bytes(&changed), &read, &problem) != RESULT_INVALID)
            fail_msg("row %zu", i);
    }
    buffer_clear(&changed);
    assert_int_equal(eligibility_response_write(&r, &changed), RESULT_OK);
    problem = (fhir_problem){{0}};
    assert_int_equal(signed_answer_read(buffer_bytes(&changed), &read, &problem), RESULT_INVALID);
    assert_non_null(strstr(problem.text, "neither the patient nor the coverage"));
    buffer_wipe(&form);
    buffer_wipe(&changed);
}

/* The platform's signature over the form proves no answer: nobody takes the form for one. */
static void the_form_is_no_answer(void **state) {
    (void)state;
    static eligibility_response read;
    const eligibility_response r = about_somebody();
    buffer form = BUFFER_INIT(ROOM), again = BUFFER_INIT(ROOM);
    form_of(&r, &form);
    assert_int_equal(eligibility_response_read(buffer_bytes(&form), &read, NULL), RESULT_INVALID);
    assert_int_equal(signed_answer_of(buffer_bytes(&form), &again, NULL), RESULT_INVALID);
    buffer_wipe(&form);
    buffer_wipe(&again);
}

/* An answer of the form before is read, and named when it would have to be proven. */
static void answers_of_the_form_before_are_named(void **state) {
    (void)state;
    static eligibility_response read;
    eligibility_response r = about_somebody();
    fhir_problem problem = {{0}};
    buffer text = BUFFER_INIT(ROOM), form = BUFFER_INIT(ROOM), content = BUFFER_INIT(ROOM);
    r.salt_count = 0;
    assert_int_equal(eligibility_response_write(&r, &text), RESULT_OK);
    assert_int_equal(eligibility_response_read(buffer_bytes(&text), &read, NULL), RESULT_OK);
    assert_string_equal(read.person.name, known.name);
    assert_int_equal(signed_answer_of(buffer_bytes(&text), &form, &problem), RESULT_UNSUPPORTED);
    assert_non_null(strstr(problem.text, "form before"));
    const eligibility_outcome outcome = {201, buffer_bytes(&text)};
    assert_int_equal(eligibility_batch_answer_write(&outcome, 1, &form, &content), RESULT_UNSUPPORTED);
    buffer_wipe(&text);
    buffer_wipe(&form);
    buffer_wipe(&content);
}

/* --- the proof ---------------------------------------------------------------------------------------------------- */

static void a_proof_holds_the_form_and_nothing_else(void **state) {
    static const char beside[] = "\"salts\":\"00\",\"signature\"";
    (void)state;
    const eligibility_response r = about_somebody();
    buffer form = BUFFER_INIT(ROOM), full = BUFFER_INIT(ROOM), proof = BUFFER_INIT(ROOM), more = BUFFER_INIT(ROOM);
    form_of(&r, &form);
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
    eligibility_response r = about_somebody();
    eligibility_batch_answer *answer = NULL;
    buffer one = BUFFER_INIT(ROOM), text = BUFFER_INIT(ROOM), content = BUFFER_INIT(ROOM), form = BUFFER_INIT(ROOM),
           entry = BUFFER_INIT(ROOM), path = BUFFER_INIT(ROOM), proof = BUFFER_INIT(ROOM);
    form_of(&r, &form);
    assert_int_equal(eligibility_response_write(&r, &one), RESULT_OK);
    const eligibility_outcome outcomes[] = {{201, buffer_bytes(&one)}, {200, buffer_bytes(&one)}};
    assert_int_equal(eligibility_batch_answer_write(outcomes, 2, &text, &content), RESULT_OK);
    assert_true(holds(&text, known.name));
    assert_int_equal(eligibility_batch_answer_read(buffer_bytes(&text), &answer, NULL), RESULT_OK);
    assert_int_equal(eligibility_batch_answer_leaf(answer, 1, &entry, &path), RESULT_OK);
    assert_true(holds(&entry, buffer_text(&form)));
    assert_false(holds(&entry, known.name));
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

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void lists_have_one_text(void **state) {
    static const char *const wrong[] = {"",       " ",      "0",     "00 1",  "00 01 ",
                                        " 00 01", "00  01", "00,01", "0a 01", "00 01 02 03"};
    uint8_t items[3] = {0};
    char text[HEX_LIST_SIZE(3, 1)];
    size_t count;
    (void)state;
    assert_int_equal(hex_list_read("00 0A FF", items, 1, 3, &count), RESULT_OK);
    assert_true(count == 3 && items[1] == 10 && items[2] == 255);
    hex_list_write(items, 1, 3, text, sizeof text);
    assert_string_equal(text, "00 0A FF");
    hex_list_write(items, 1, 3, text, sizeof text - 1);
    assert_string_equal(text, "");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (hex_list_read(wrong[i], items, 1, 3, &count) != RESULT_INVALID)
            fail_msg("\"%s\" is read", wrong[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_names_neither_patient_nor_coverage),
        cmocka_unit_test(the_number_of_digests_says_nothing),
        cmocka_unit_test(right_guesses_do_not_show),
        cmocka_unit_test(salts_are_new_for_each_answer),
        cmocka_unit_test(attacked_answers_are_not_the_signed_ones),
        cmocka_unit_test(it_does_not_depend_on_the_writer),
        cmocka_unit_test(numbers_have_one_form),
        cmocka_unit_test(the_documented_vector_holds),
        cmocka_unit_test(only_the_form_itself_is_read),
        cmocka_unit_test(the_form_is_no_answer),
        cmocka_unit_test(answers_of_the_form_before_are_named),
        cmocka_unit_test(a_proof_holds_the_form_and_nothing_else),
        cmocka_unit_test(entries_of_a_batch_are_proven_by_their_form),
        cmocka_unit_test(a_way_has_one_text_and_an_end),
        cmocka_unit_test(a_refusal_is_no_proof),
        cmocka_unit_test(lists_have_one_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
