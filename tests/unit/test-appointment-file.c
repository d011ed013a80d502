/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Appointments of another program, as CSV: what is taken of a file, and what is wrong with it, by line and column. Whoever
 * writes such a file is not trusted. */
#include "limit_rows.h"
#include "neighbours/appointment_file.h"
#include "neighbours/csv_reader.h"
#include "neighbours/text_encoding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADING "予約日,予約時刻,診察券番号,氏名,カナ,生年月日,診療科\r\n"
#define GOOD "2026-12-02,09:30,1001,例示　太郎,レイジ　タロウ,1972-11-03,内科\r\n"
#define POSSIBLE "123456789018" /* a 個人番号 by its check digit */

/* Of the days 2026-12-01 to 31. */
static appointment_file file;

static void read_bytes(bytes content) {
    appointment_file_free(&file);
    file = (appointment_file){.first = "2026-12-01", .last = "2026-12-31", .institution = "1312345678"};
    assert_int_equal(appointment_csv_read(content, &file), RESULT_OK);
}

static void read_text(const char *text) {
    read_bytes(bytes_of(text, strlen(text)));
}

static void read_rows(const char *rows) {
    char *text = NULL;
    assert_true(asprintf(&text, "%s%s", HEADING, rows) > 0);
    read_text(text);
    free(text);
}

static int forget_file(void **state) {
    (void)state;
    appointment_file_free(&file);
    return 0;
}

/* "3.6 4.2": line and column of each fault that is told. */
static const char *places(void) {
    static char text[512];
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < file.fault_count && i < APPOINTMENT_FAULTS_MAX; i++) {
        assert_non_null(file.faults[i].why);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%zu.%zu", i > 0 ? " " : "", file.faults[i].line,
                                 file.faults[i].column);
    }
    return text;
}

/* --- what is taken ------------------------------------------------------------------------------------------------ */

static void a_row_is_an_appointment(void **state) {
    (void)state;
    read_rows(GOOD "2026/12/3,0905,ａ-7, ﾚｲｼﾞ 花子 ,,１９８５０４１２,\n");
    assert_int_equal(file.fault_count, 0);
    assert_true(file.count == 2 && file.passed_over == 0);
    const appointment *a = &file.rows[0], *b = &file.rows[1];
    assert_string_equal(a->day, "2026-12-02");
    assert_string_equal(a->time, "09:30");
    assert_string_equal(a->note.hospital_number, "1001");
    assert_string_equal(a->note.said.name, "例示 太郎");
    assert_string_equal(a->note.said.kana, "レイジ タロウ");
    assert_string_equal(a->note.said.birth_date, "1972-11-03");
    assert_string_equal(a->note.department, "内科");
    assert_string_equal(b->day, "2026-12-03");
    assert_string_equal(b->time, "09:05");
    assert_string_equal(b->note.hospital_number, "A-7");
    assert_string_equal(b->note.said.name, "レイジ 花子");
    assert_string_equal(b->note.said.kana, "");
    assert_string_equal(b->note.said.birth_date, "1985-04-12");
    assert_true(a->id[0] == 0 && a->note.done_at[0] == 0 && a->finding == PRE_CHECK_NOT_ASKED);
}

static void only_the_days_asked_for_are_taken(void **state) {
    (void)state;
    read_rows("2026-11-30,,1,,,1990-01-01,\n2026-12-01,,2,,,1990-01-01,\n2026-12-31,,3,,,1990-01-01,\n"
              "2027-01-01,,4,,,1990-01-01,\n");
    assert_true(file.count == 2 && file.passed_over == 2 && file.fault_count == 0);
    assert_string_equal(file.rows[0].note.hospital_number, "2");
    assert_string_equal(file.rows[1].note.hospital_number, "3");
}

static void columns_may_stand_anywhere(void **state) {
    (void)state;
    read_text(
        "備考,生年月日,ﾖﾐ,予約日,ｶﾅ\nx,1990-01-01,y,2026-12-02,レイ\n\n\"\",19900101,,20261203,れい\n2026,1990-01-01,,"
        "2026-12-04\n");
    assert_string_equal(places(), "5.1"); /* the last one is short: nobody is named in it */
    assert_int_equal(file.count, 2);
    assert_string_equal(file.rows[0].note.said.kana, "レイ");
    assert_string_equal(file.rows[1].note.said.kana, "れい");
}

static void the_encoding_is_the_files(void **state) {
    buffer windows = BUFFER_INIT(4096);
    (void)state;
    const bytes text = bytes_of(HEADING GOOD, strlen(HEADING GOOD));
    assert_int_equal(text_encode(ENCODING_SHIFT_JIS, text, &windows), RESULT_OK);
    read_bytes(buffer_bytes(&windows));
    assert_true(file.count == 1 && file.fault_count == 0);
    assert_string_equal(file.rows[0].note.said.name, "例示 太郎");
    read_text("\xEF\xBB\xBF" HEADING GOOD);
    assert_true(file.count == 1 && file.fault_count == 0);
    static const char *const none[] = {"\xEF\xBB\xBF\x97\xE1", "\xFF\xFE\x88\x4E", "\x82"},
                             *const spoilt[] = {HEADING GOOD "\xC3\x28", HEADING GOOD "\xE3\x81",
                                                HEADING GOOD "\xF4\x90\x80\x80", "\xEF\xBB\xBF" HEADING GOOD "\xC3"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        read_text(none[i]);
        assert_string_equal(places(), "1.1");
        assert_int_equal(file.count, 0);
    }
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        read_text(spoilt[i]);
        assert_true(file.fault_count > 0 && file.count <= 1); /* what can be read before it, at most */
    }
    buffer_wipe(&windows);
}

static void every_line_end_is_one(void **state) {
    static const char *const ends[] = {"\n", "\r", "\r\n"};
    char text[512];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        snprintf(text, sizeof text,
                 "予約日,生年月日,カナ%s2026-12-02,1990-01-01,ア%s%s2026-12-03,x,ア%s2026-12-04,1990-01-01,ア", ends[i],
                 ends[i], ends[i], ends[i]);
        read_text(text);
        assert_string_equal(places(), "4.2");
        assert_int_equal(file.count, 2);
    }
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void a_fault_leaves_the_other_rows(void **state) {
    (void)state;
    read_rows(
        GOOD "31.12.2026,,1,,,1990-01-01,\n2026-12-02,25:00,1,,,1990-01-01,\n2026-12-02,,1,,,1990-02-30,\n"
             "2026-12-02,,1,,,,\n2026-12-02,,,,,1990-01-01,\n2026-12-02,,10/1,,,1990-01-01,\n,,1,,,1990-01-01,\n" GOOD);
    assert_string_equal(places(), "3.1 4.2 5.6 6.1 7.1 8.3 9.1");
    assert_int_equal(file.count, 2);
    assert_string_equal(file.faults[2].place, "line 5, column 6 (生年月日)");
    assert_string_equal(file.faults[3].place, "line 6, column 1");
}

static void every_fault_of_a_row_is_told(void **state) {
    (void)state;
    read_rows("x,y,!,\"=1\",+1,z,@SUM\n");
    assert_string_equal(places(), "2.1 2.2 2.3 2.4 2.5 2.6 2.7");
    assert_int_equal(file.count, 0);
}

/* More are counted. */
static void so_many_faults_are_told(void **state) {
    char rows[64 * (APPOINTMENT_FAULTS_MAX + 1)] = "";
    (void)state;
    for (int i = 0; i < APPOINTMENT_FAULTS_MAX; i++)
        strcat(rows, "x,,1,,,1990-01-01,\n");
    read_rows(rows);
    assert_int_equal(file.fault_count, APPOINTMENT_FAULTS_MAX);
    assert_int_equal(file.faults[APPOINTMENT_FAULTS_MAX - 1].line, APPOINTMENT_FAULTS_MAX + 1);
    strcat(rows, "x,,1,,,1990-01-01,\n");
    read_rows(rows);
    assert_int_equal(file.fault_count, APPOINTMENT_FAULTS_MAX + 1);
    assert_int_equal(file.faults[APPOINTMENT_FAULTS_MAX - 1].line, APPOINTMENT_FAULTS_MAX + 1);
    assert_true(file.count == 0 && !file.personal_number);
}

static void without_its_columns_no_row_is_read(void **state) {
    static const struct {
        const char *text, *places;
    } rows[] = {
        {"", "1.1"},
        {"\xEF\xBB\xBF", "1.1"},
        {"予約日,氏名\n2026-12-02,a\n", "1.3"},
        {"氏名\n", "1.2 1.2"},
        {"予約日,生年月日,予約日\n2026-12-02,1990-01-01,2026-12-03\n", "1.3"},
        {"予約日,生年月日,カナ,ｶﾅ\n2026-12-02,1990-01-01,ア,イ\n", "1.4"},
        {"2026-12-02,09:30,1001,a,b,1990-01-01,c\n", "1.8 1.8"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_text(rows[i].text);
        assert_string_equal(places(), rows[i].places);
        assert_true(file.count == 0 && file.passed_over == 0);
    }
    read_text(HEADING); /* no appointments are no fault */
    assert_true(file.count == 0 && file.fault_count == 0);
}

/* What stands before a fault in the form may be wrong, too: the marks are counted from the beginning. */
static void a_fault_in_the_form_leaves_nothing(void **state) {
    static const struct {
        const char *rows, *place;
    } rows[] = {
        {GOOD "2026-12-02,,\"1001,,,1990-01-01,\n" GOOD, "3.3"},
        {GOOD "2026-12-02,,10\"01,,,1990-01-01,\n", "3.3"},
        {GOOD "2026-12-02,,\"1001\"x,,,1990-01-01,\n", "3.3"},
        {"2027-12-02,,1,,,1990-01-01,\n" GOOD "\"", "4.1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_rows(rows[i].rows);
        assert_string_equal(places(), rows[i].place);
        assert_true(file.count == 0 && file.passed_over == 0);
    }
    static const char nul[] = HEADING "2026-12-02\0,,1,,,1990-01-01,\n";
    read_bytes(bytes_of(nul, sizeof nul - 1));
    assert_string_equal(places(), "2.1");
    assert_int_equal(file.count, 0);
}

static void marks_and_line_ends_may_be_text(void **state) {
    (void)state;
    read_rows(
        "\"2026-12-02\",,\"1001\",\"a\"\"b,c\",,\"1990-01-01\",\"x\r\ny\"\r\n\"2026-12-02\",,z z,,,1990-01-01,\n");
    assert_string_equal(places(), "2.7 4.3"); /* the row's own line is named; the next one begins behind it */
    read_rows("2026-12-02,,,\"a\"\"b,c\",,1990-01-01,\n");
    assert_string_equal(file.rows[0].note.said.name, "a\"b,c");
}

/* A spreadsheet would run it. Blanks before it hide nothing. */
static void a_formula_is_no_text(void **state) {
    static const char *const cells[] = {"=1+1", "+1",   "-1",  "@A1",  "＝1+1", "＋1",
                                        "－1",  "＠A1", " =1", "　=1", "\t=1"};
    char row[256];
    (void)state;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (int column = 4; column <= 7; column++) {
            snprintf(row, sizeof row, "2026-12-02,,1,%s,%s,1990-01-01,%s\n", column == 4 ? cells[i] : "",
                     column == 5 ? cells[i] : "", column == 7 ? cells[i] : "");
            read_rows(row);
            assert_int_equal(file.fault_count, column != 6);
            assert_true(column == 6 || file.faults[0].column == (size_t)column);
        }
    read_rows("2026-12-02,,1,a=1,b-2,1990-01-01,c+@\n");
    assert_true(file.fault_count == 0 && file.count == 1);
}

/* --- 個人番号 ----------------------------------------------------------------------------------------------------- */

static void a_column_of_personal_numbers_refuses_the_file(void **state) {
    static const char *const names[] = {"個人番号",  "患者の個人番号",   "マイナンバー",      "まいなんばー",
                                        "ﾏｲﾅﾝﾊﾞｰ",   "マイ ナンバー",    "マイ・ナンバー",    "my_number",
                                        "My-Number", "ＭＹＮＵＭＢＥＲ", "individual.number", "Personal Number"};
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(text, sizeof text, "予約日,診察券番号,生年月日,%s\n2026-12-02,1,1990-01-01,\n", names[i]);
        read_text(text);
        assert_true(file.personal_number && file.count == 0);
        assert_string_equal(places(), "1.4");
    }
    read_text("予約日,診察券番号,生年月日,番号,個人\n2026-12-02,1,1990-01-01,,\n");
    assert_true(!file.personal_number && file.count == 1);
}

static void a_number_that_could_be_one_refuses_the_file(void **state) {
    static const char *const numbers[] = {
        POSSIBLE,           "１２３４５６７８９０１８", "1234-5678-9018",          "1234 5678 9018",
        "1234－5678－9018", "  " POSSIBLE "　",         "1-2-3-4-5-6-7-8-9-0-1-8", "1234ー5678ー9018",
        "1234–5678—9018",   "1234.5678/9018",           "1234・5678−9018"};
    char rows[512];
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (int column = 1; column <= 7; column++) {
            const char *cells[7] = {"2026-12-02", "", "1", "", "", "1990-01-01", ""};
            cells[column - 1] = numbers[i];
            snprintf(rows, sizeof rows, GOOD "2027-12-02,,1,,,1990-01-01,\n%s,%s,%s,%s,%s,%s,%s\n" GOOD, cells[0],
                     cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]);
            read_rows(rows);
            assert_true(file.personal_number && file.count == 0 && file.passed_over == 0);
            assert_int_equal(file.faults[0].line, 4);
            assert_int_equal(file.faults[0].column, column);
        }
}

/* The check digit is another one, there is a digit more or less, or a letter. */
static void another_number_of_twelve_digits_is_one_of_the_hospital(void **state) {
    static const char *const numbers[] = {"123456789017", "12345678901", "1234567890180", "A23456789018"};
    char row[256];
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        snprintf(row, sizeof row, "2026-12-02,,%s,,,1990-01-01,\n", numbers[i]);
        read_rows(row);
        assert_true(!file.personal_number && file.count == 1);
        assert_string_equal(file.rows[0].note.hospital_number, numbers[i]);
    }
}

/* --- both sides of each limit ------------------------------------------------------------------------------------- */

static bool takes(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool takes(const char *format, ...) {
    char row[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(row, sizeof row, format, arguments);
    va_end(arguments);
    read_rows(row);
    assert_int_equal(file.count + file.passed_over, file.fault_count == 0);
    return file.fault_count == 0;
}

static bool as_appointments(long n) {
    buffer text = BUFFER_INIT(1 << 20);
    buffer_append_text(&text, "予約日,生年月日,カナ\n");
    for (long i = 0; i < n; i++)
        buffer_append_text(&text, "2026-12-02,1990-01-01,ア\n");
    assert_int_equal(text.failed, RESULT_OK);
    read_bytes(buffer_bytes(&text));
    buffer_wipe(&text);
    assert_int_equal(file.count, file.fault_count == 0 ? n : 0);
    return file.fault_count == 0;
}

static bool as_cells(long n) {
    char heading[16 * 128] = "予約日,生年月日,カナ";
    for (long i = 3; i < n; i++)
        strcat(heading, ",x");
    strcat(heading, "\n2026-12-02,1990-01-01,ア\n");
    read_text(heading);
    assert_true(file.fault_count == 0 || file.faults[0].column == CSV_CELLS_MAX + 1);
    return file.fault_count == 0 && file.count == 1;
}

/* Bytes of all cells with a NUL each. */
static bool as_row(long n) {
    static char text[2 * CSV_ROW_MAX];
    const char *cells = "2026-12-02,1990-01-01,ア,";
    const int used = snprintf(text, sizeof text, "予約日,生年月日,カナ,備考\n%s", cells);
    memset(text + used, 'x', sizeof text - (size_t)used);
    text[(size_t)used + (size_t)n - strlen(cells) - 1] = 0;
    read_text(text);
    return file.fault_count == 0 && file.count == 1;
}

/* The last cell is empty: only its NUL has no room. */
static bool as_row_that_ends_with_nothing(long n) {
    static char text[2 * CSV_ROW_MAX];
    const char *cells = "2026-12-02,1990-01-01,ア,";
    const int used = snprintf(text, sizeof text, "予約日,生年月日,カナ,備考\n%s", cells);
    memset(text + used, 'x', sizeof text - (size_t)used);
    memcpy(text + used + n - (long)strlen(cells) - 2, ",", 2);
    read_text(text);
    return file.fault_count == 0 && file.count == 1;
}

static bool as_characters_of_a_name(long n) {
    return takes("2026-12-02,,,%0*d,,1990-01-01,\n", (int)n, 1);
}

static bool as_kana(long n) {
    return takes("2026-12-02,,,,%0*d,1990-01-01,\n", (int)n, 1);
}

static bool as_department(long n) {
    return takes("2026-12-02,,1,,,1990-01-01,%0*d\n", (int)n, 1);
}

static bool as_digits_of_a_number(long n) {
    return takes("2026-12-02,,%0*d,,,1990-01-01,\n", (int)n, 1);
}

static bool as_month(long n) {
    return takes("2026-%ld-01,,1,,,1990-01-01,\n", n);
}

static bool as_day(long n) {
    return takes("2026/12/%ld,,1,,,1990-01-01,\n", n);
}

static bool as_day_of_february(long n) {
    return takes("202802%02ld,,1,,,1990-01-01,\n", n);
}

static bool as_year_of_birth(long n) {
    return takes("2026-12-01,,1,,,%ld-01-01,\n", n);
}

static bool as_hour(long n) {
    return takes("2026-12-01,%ld:00,1,,,1990-01-01,\n", n);
}

static bool as_minute(long n) {
    return takes("2026-12-01,09%02ld,1,,,1990-01-01,\n", n);
}

/* The room of a text, less what the longest character needs. */
#define TEXT_MAX (FHIR_NAME_SIZE - 6)

static const limit_row rows[] = {
    ROW(as_appointments, NONE, APPOINTMENTS_MAX),
    ROW(as_cells, NONE, CSV_CELLS_MAX),
    ROW(as_row, NONE, CSV_ROW_MAX),
    ROW(as_row_that_ends_with_nothing, NONE, CSV_ROW_MAX),
    ROW(as_characters_of_a_name, NONE, TEXT_MAX),
    ROW(as_kana, NONE, TEXT_MAX),
    ROW(as_department, NONE, TEXT_MAX),
    ROW(as_digits_of_a_number, NONE, HOSPITAL_NUMBER_MAX),
    ROW(as_month, 1, 12),
    ROW(as_day, 1, 31),
    ROW(as_day_of_february, 1, 29),
    ROW(as_year_of_birth, 1000, 9999),
    ROW(as_hour, 0, 23),
    ROW(as_minute, 0, 59),
};

static void each_limit_has_two_sides(void **state) {
    (void)state;
    limits_have_two_sides(rows, sizeof rows / sizeof *rows);
}

/* --- days and times ----------------------------------------------------------------------------------------------- */

static void only_days_are_days(void **state) {
    static const char *const wrong[] = {"2026-12",     "2026-12-01x",  "2026-12/01",  "2026/12-01",   "2026-+1-01",
                                        "2026-1-+1",   "2026- 1-01",   "2026--1-01",  "20261301",     "2026121",
                                        "202612011",   "-2026-12-01",  "+026-12-01",  "12026-1-1",    "2026-12-012",
                                        "2026-12-01-", "2026/12/1/1",  "2026-012-01", "2026-12-01 1", "0000-00-00",
                                        "R8.12.1",     "2026年12月1日"};
    char day[CLOCK_DATE_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (appointment_day(wrong[i], day) == NULL)
            print_error("%s is taken for %s\n", wrong[i], day);
        assert_non_null(appointment_day(wrong[i], day));
        assert_string_equal(day, "");
    }
    assert_null(appointment_day(" ２０２６－１２－１ ", day));
    assert_string_equal(day, "2026-12-01");
    assert_null(appointment_day("　\t ", day));
    assert_string_equal(day, "");
}

static void only_times_are_times(void **state) {
    static const char *const wrong[] = {
        "9",    "930",   "24:00", "2400",  "9:60", "0960",    "9:30:00", "-9:30", "9:-1",
        "9:+3", "9: 30", "9:",    "09.30", "九時", "9:30 AM", "+9:30",   "12345"};
    char time[APPOINTMENT_TIME_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (appointment_time(wrong[i], time) == NULL)
            print_error("%s is taken for %s\n", wrong[i], time);
        assert_non_null(appointment_time(wrong[i], time));
        assert_string_equal(time, "");
    }
    assert_null(appointment_time("９：５", time));
    assert_string_equal(time, "09:05");
    assert_null(appointment_time("2359", time));
    assert_string_equal(time, "23:59");
    assert_null(appointment_time("", time));
    assert_string_equal(time, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_an_appointment),
        cmocka_unit_test(only_the_days_asked_for_are_taken),
        cmocka_unit_test(columns_may_stand_anywhere),
        cmocka_unit_test(the_encoding_is_the_files),
        cmocka_unit_test(every_line_end_is_one),
        cmocka_unit_test(a_fault_leaves_the_other_rows),
        cmocka_unit_test(every_fault_of_a_row_is_told),
        cmocka_unit_test(so_many_faults_are_told),
        cmocka_unit_test(without_its_columns_no_row_is_read),
        cmocka_unit_test(a_fault_in_the_form_leaves_nothing),
        cmocka_unit_test(marks_and_line_ends_may_be_text),
        cmocka_unit_test(a_formula_is_no_text),
        cmocka_unit_test(a_column_of_personal_numbers_refuses_the_file),
        cmocka_unit_test(a_number_that_could_be_one_refuses_the_file),
        cmocka_unit_test(another_number_of_twelve_digits_is_one_of_the_hospital),
        cmocka_unit_test(each_limit_has_two_sides),
        cmocka_unit_test(only_days_are_days),
        cmocka_unit_test(only_times_are_times),
    };
    return cmocka_run_group_tests(tests, NULL, forget_file);
}
