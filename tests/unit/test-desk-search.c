/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/delivery: what people type at the desk: names in every width, numbers with their check digits, and the search over
 * sealed records. On SQLite, and by tests/services/terminal-store.test on PostgreSQL. */
#include "delivery/insurance_number.h"
#include "delivery/japanese_text.h"
#include "delivery/search_index.h"
#include "test_engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *name_of(const char *text) {
    static char out[FHIR_NAME_SIZE];
    assert_int_equal(japanese_fold_name(text, out, sizeof out), RESULT_OK);
    return out;
}

static void one_name_is_one_text(void **state) {
    static const char *const same[] = {"レイジ タロウ", "ﾚｲｼﾞ ﾀﾛｳ", "れいじ　たろう", "レイジ・タロウ", "れいじたろう"};
    char out[8];
    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_string_equal(name_of(same[i]), "レイジタロウ");
    assert_string_equal(name_of("きょうこ"), "キヨウコ"); /* registers have no small kana */
    assert_string_equal(name_of("ｷﾖｳｺ"), "キヨウコ");
    assert_string_equal(name_of("ァィゥェォッャュョヮヵヶ"), "アイウエオツヤユヨワカケ");
    assert_string_equal(name_of("ぁんゔゖ"), "アンヴケ"); /* the first and the last of hiragana */
    assert_string_equal(name_of("ｓｍｉｔｈ John"), "SMITHJOHN");
    assert_string_equal(name_of("例示"), "例示");
    assert_int_equal(japanese_fold_name("　", out, sizeof out), RESULT_INVALID);
    assert_int_equal(japanese_fold_name("", out, sizeof out), RESULT_INVALID);
    assert_int_equal(japanese_fold_name("\xC3", out, sizeof out), RESULT_INVALID);
    assert_int_equal(japanese_fold_name("例示太郎", out, sizeof out), RESULT_TOO_LONG);
    assert_string_equal(out, "");
}

static void texts_and_codes_have_one_line(void **state) {
    char out[64];
    (void)state;
    assert_int_equal(japanese_fold_text(" 記号１２　", out, sizeof out), RESULT_OK);
    assert_string_equal(out, "記号12");
    assert_int_equal(japanese_fold_text("a\nb", out, sizeof out), RESULT_INVALID);
    assert_int_equal(japanese_fold_text("　", out, sizeof out), RESULT_INVALID);
    assert_int_equal(japanese_fold_code("ａ-１２", out, sizeof out), RESULT_OK);
    assert_string_equal(out, "A-12");
    assert_int_equal(japanese_fold_code("1 2", out, sizeof out), RESULT_INVALID);
    assert_int_equal(japanese_fold_code("1'", out, sizeof out), RESULT_INVALID);
    assert_int_equal(japanese_prefix("例a示", 2), 4);
    assert_int_equal(japanese_prefix("例", 9), 3);
    assert_int_equal(japanese_length("例a示"), 3);
}

/* The examples are insurers of the public lists: 全国健康保険協会 Tokyo, and a National Health Insurance. */
static void a_mistyped_digit_is_noticed(void **state) {
    char out[INSURANCE_NUMBER_SIZE], wrong[INSURANCE_NUMBER_SIZE];
    (void)state;
    assert_int_equal(insurer_number_read("01130012", out), RESULT_OK);
    assert_int_equal(insurer_number_read("１３８０５７", out), RESULT_OK);
    assert_string_equal(out, "138057");
    for (size_t at = 0; at < 8; at++)
        for (char digit = '0'; digit <= '9'; digit++) {
            memcpy(wrong, "01130012", sizeof wrong);
            wrong[at] = digit;
            assert_int_equal(insurer_number_read(wrong, out),
                             digit == "01130012"[at] ? RESULT_OK : RESULT_BAD_SIGNATURE);
        }
    assert_int_equal(insurer_number_read("1130012", out), RESULT_INVALID);
    assert_int_equal(insurer_number_read("0113001-", out), RESULT_INVALID);
    assert_string_equal(out, "");
    assert_int_equal(payer_number_read("138057", out), RESULT_INVALID); /* never of six digits */
    assert_int_equal(payer_number_read("12131009", out), RESULT_OK);
    assert_int_equal(recipient_number_read("1234566", out), RESULT_OK);
    assert_int_equal(recipient_number_read("1234567", out), RESULT_BAD_SIGNATURE);
    assert_int_equal(insurance_check_digit("0000000", 7), '0');
}

static void branches_have_two_digits(void **state) {
    char out[3], text[INSURANCE_TEXT_SIZE], number[FHIR_WORD_SIZE];
    (void)state;
    assert_int_equal(branch_number_read("１", out), RESULT_OK);
    assert_string_equal(out, "01");
    assert_int_equal(branch_number_read("12", out), RESULT_OK);
    assert_string_equal(out, "12");
    assert_int_equal(branch_number_read("123", out), RESULT_INVALID);
    assert_int_equal(branch_number_read("a", out), RESULT_INVALID);
    assert_int_equal(insured_text_read("記号・１２", text), RESULT_OK);
    assert_int_equal(insured_text_read("123456789012345678901", text), RESULT_INVALID);
    assert_int_equal(hospital_number_read("--", number), RESULT_INVALID);
    assert_int_equal(hospital_number_read("123456789012345678901", number), RESULT_INVALID);
    assert_string_equal(number, "");
}

/* --- search ------------------------------------------------------------------------------------------------------- */

static store_access store;

static int begin(void **state) {
    const int failed = test_engine_begin(state);
    store = (store_access){.unlocked = true};
    memset(store.index_key, 7, sizeof store.index_key);
    return failed != 0 || terminal_store_open(test_engine_url, &store.file) != RESULT_OK ? -1 : 0;
}

static int end(void **state) {
    terminal_store_close(&store.file);
    return test_engine_end(state);
}

static const desk_person taro = {.name = "例示　太郎", .kana = "レイジ　タロウ", .birth_date = "1972-11-03"},
                         hanako = {.name = "例示　花子", .kana = "レイジ　ハナコ", .birth_date = "1985-04-12"};

static const char *id_of(int number) {
    static char id[37];
    snprintf(id, sizeof id, "01900000-0000-7000-8000-%012x", (unsigned)number);
    return id;
}

static void put(int number, const char *hospital_number, const desk_person *person) {
    terminal_tokens tokens;
    assert_int_equal(search_index_tokens(&store, id_of(number), hospital_number, person, &tokens), RESULT_OK);
    assert_int_equal(terminal_store_index(store.file, id_of(number), &tokens), RESULT_OK);
    assert_int_equal(terminal_store_index(store.file, id_of(number), &tokens), RESULT_OK); /* once more is once */
}

static size_t find(char out[][37], size_t max, const char *before, size_t words, const char *const asked[]) {
    search_query query;
    size_t count = 0;
    assert_int_equal(search_query_read(asked, words, &query), RESULT_OK);
    assert_int_equal(search_index_find(&store, &query, before, out, max, &count), RESULT_OK);
    return count;
}
#define FIND(out, max, before, ...)                                                                                    \
    find(out, max, before, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *),                          \
         (const char *const[]){__VA_ARGS__})

static void records_are_found_by_what_people_know(void **state) {
    char out[8][37];
    (void)state;
    put(1, "A-1", &taro);
    put(2, "A-2", &hanako);
    put(3, "A-1", &taro);
    assert_int_equal(FIND(out, 8, NULL, "れいじ"), 3);
    assert_string_equal(out[0], id_of(3)); /* the newest first */
    assert_string_equal(out[2], id_of(1));
    assert_int_equal(FIND(out, 2, NULL, "例"), 2);
    assert_int_equal(FIND(out, 8, id_of(3), "例"), 2); /* behind that one */
    assert_int_equal(FIND(out, 8, NULL, "例示", "花"), 1);
    assert_int_equal(FIND(out, 8, NULL, "太郎"), 2);
    assert_int_equal(FIND(out, 8, NULL, "1972-11-03", "a-1", "レイジ"), 2);
    assert_int_equal(FIND(out, 8, NULL, "1985-04-12", "a-1"), 0);
    assert_int_equal(FIND(out, 8, NULL, "19850412"), 1);
    assert_int_equal(FIND(out, 8, NULL, "00000002"), 1);
    assert_int_equal(FIND(out, 8, NULL, id_of(2)), 1);
    assert_int_equal(FIND(out, 8, NULL, "示"), 0);
    put(5, "19850412", &taro); /* a hospital number that is a day, too */
    assert_int_equal(FIND(out, 8, NULL, "19850412"), 2);
    assert_int_equal(FIND(out, 1, NULL, "19850412"), 1);
    assert_string_equal(out[0], id_of(5)); /* the newest of both lists */
    assert_int_equal(FIND(out, 8, NULL, "00000005", "19850412"), 1);
    terminal_tokens tokens;
    assert_int_equal(search_index_tokens(&store, id_of(2), "A-2", &hanako, &tokens), RESULT_OK);
    assert_int_equal(terminal_store_unindex(store.file, id_of(2), &tokens), RESULT_OK);
    assert_int_equal(FIND(out, 8, NULL, "花"), 0);
}

static void without_the_key_nothing_is_found(void **state) {
    char out[8][37];
    (void)state;
    put(1, "A-1", &taro);
    memset(store.index_key, 8, sizeof store.index_key);
    assert_int_equal(FIND(out, 8, NULL, "例示"), 0);
    assert_int_equal(FIND(out, 8, NULL, "A-1"), 0);
}

static void what_is_found_is_compared(void **state) {
    search_query q;
    (void)state;
    assert_int_equal(search_query_read((const char *const[]){"レイジ", "1972-11-03", "A-1"}, 3, &q), RESULT_OK);
    assert_true(search_query_matches(&q, id_of(1), "A-1", &taro));
    assert_false(search_query_matches(&q, id_of(1), "A-2", &taro));
    assert_false(search_query_matches(&q, id_of(1), "A-1", &hanako));
    assert_int_equal(search_query_read((const char *const[]){"19721103"}, 1, &q), RESULT_OK);
    assert_true(search_query_matches(&q, id_of(1), "19721103", &hanako)); /* a number that looks like a day */
    assert_int_equal(search_query_read((const char *const[]){"1", "2"}, 2, &q), RESULT_INVALID);
    assert_int_equal(search_query_read((const char *const[]){"1972-11-03", "1985-04-12"}, 2, &q), RESULT_INVALID);
    assert_int_equal(search_query_read(NULL, 0, &q), RESULT_INVALID);
    assert_int_equal(search_query_read((const char *const[]){"　"}, 1, &q), RESULT_INVALID);
}

static void a_note_comes_back_as_it_was(void **state) {
    desk_note note = {.hospital_number = "A-1", .said = taro, .done_by = "R-0001"}, back;
    (void)state;
    json_t *json = desk_note_json(&note);
    desk_note_read(json, &back);
    json_decref(json);
    assert_string_equal(back.said.kana, taro.kana);
    assert_string_equal(back.done_by, "R-0001");
    assert_string_equal(back.department, "");
    assert_false(desk_note_is_empty(&back));
    desk_note_read(NULL, &back);
    assert_true(desk_note_is_empty(&back));
}

static void who_has_called_and_when(void **state) {
    desk_note note = {.hospital_number = "A-1"};
    char at[CLOCK_PEOPLE_SIZE];
    (void)state;
    assert_false(desk_note_done(&note, at));
    assert_string_equal(at, "");
    desk_note_mark(&note, &(desk_worker){"R-0001", "受付"}, 0);
    assert_true(desk_note_done(&note, at));
    assert_string_equal(at, "1970-01-01 09:00:00 JST");
    assert_string_equal(desk_note_worker(&note), "受付");
    desk_note_mark(&note, &(desk_worker){"R-0002", ""}, 0);
    assert_string_equal(desk_note_worker(&note), "R-0002");
    strcpy(note.done_at, "once");
    assert_true(desk_note_done(&note, at));
    assert_string_equal(at, "");
    desk_note_mark(&note, NULL, 0);
    assert_false(desk_note_done(&note, at));
    assert_string_equal(desk_note_worker(&note), "");
    assert_string_equal(note.hospital_number, "A-1");
}

int main(int count, char **arguments) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_name_is_one_text),
        cmocka_unit_test(texts_and_codes_have_one_line),
        cmocka_unit_test(a_mistyped_digit_is_noticed),
        cmocka_unit_test(branches_have_two_digits),
        cmocka_unit_test_setup_teardown(records_are_found_by_what_people_know, begin, end),
        cmocka_unit_test_setup_teardown(without_the_key_nothing_is_found, begin, end),
        cmocka_unit_test(what_is_found_is_compared),
        cmocka_unit_test(a_note_comes_back_as_it_was),
        cmocka_unit_test(who_has_called_and_when),
    };
    (void)count;
    (void)arguments;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
