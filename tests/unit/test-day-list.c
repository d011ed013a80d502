/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The receptions of a day, and the one that somebody names: which are listed, in which order, and that a short number
 * that two have is nobody's. The records' content is the test's. */
#include "today/day_list.h"

#include "core/local_store_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY_S 86400
#define MIDNIGHT INT64_C(1796050800) /* in Japan */
#define MANY 150                     /* more than two pages of each kind */

static char folder[] = "/tmp/test-day-list.XXXXXX", path[64];
static terminal t;

/* --- what is in a record ------------------------------------------------------------------------------------------ */

result list_row_read(store_access *s, const terminal_record *record, list_row *out) {
    (void)s;
    memset(out, 0, sizeof *out);
    memcpy(out->id, record->id, sizeof record->id);
    out->at = record->at;
    snprintf(out->note.department, sizeof out->note.department, "%s", record->subject);
    return RESULT_OK;
}

bool list_row_is_for(const list_row *row, const char *department) {
    return row->note.department[0] == 0 || strcmp(row->note.department, department) == 0;
}

void list_row_show(report *r, const list_row *row, json_t *list) {
    (void)r;
    json_array_append_new(list, json_string(row->id));
}

void list_row_tell(report *r, const list_row *row) {
    (void)r, (void)row;
}

const char *store_problem(result code) {
    return result_text(code);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

/* An id as UUIDv7 of that time; its last characters are the short number. */
static const char *id_of(int64_t at, unsigned number) {
    static char id[37];
    const unsigned long long ms = (unsigned long long)at * 1000;
    snprintf(id, sizeof id, "%08llx-%04llx-7000-8000-0000%08x", ms >> 16 & 0xFFFFFFFF, ms & 0xFFFF, number);
    return id;
}

static void put(const char *kind, int64_t at, unsigned number, const char *department) {
    terminal_record record = {.at = at, .version = 1};
    snprintf(record.id, sizeof record.id, "%s", id_of(at, number));
    snprintf(record.kind, sizeof record.kind, "%s", kind);
    snprintf(record.subject, sizeof record.subject, "%s", department);
    snprintf(record.state, sizeof record.state, "pending");
    const terminal_change change = {.record = &record, .is_new = true, .sealed = bytes_of("sealed", 6)};
    assert_int_equal(terminal_store_change(t.store.file, &change), RESULT_OK);
}

static int begin(void **state) {
    (void)state;
    memset(&t, 0, sizeof t);
    report_begin(&t.context.report, true, NULL, NULL);
    return terminal_store_open(path, &t.store.file) == RESULT_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    report_discard(&t.context.report);
    terminal_store_close(&t.store.file);
    return unlink(path);
}

static json_t *listed(int64_t from, int64_t to, const char *department) {
    json_t *list = json_array();
    assert_int_equal(day_list_show(&t, from, to, department, list), RESULT_OK);
    return list;
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void a_day_has_its_first_second_and_not_the_next_one_s(void **state) {
    static const int64_t times[] = {MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + DAY_S - 1, MIDNIGHT + DAY_S};
    (void)state;
    for (unsigned i = 0; i < 5; i++)
        put(i % 2 ? RECORD_RECEPTION : RECORD_WITHOUT_CARD, times[i], i, "");
    json_t *list = listed(MIDNIGHT, MIDNIGHT + DAY_S, NULL);
    assert_int_equal(json_array_size(list), 3);
    for (unsigned i = 0; i < 3; i++)
        assert_string_equal(json_string_value(json_array_get(list, i)), id_of(times[3 - i], 3 - i));
    json_decref(list);
}

static void both_kinds_are_in_one_order(void **state) {
    (void)state;
    for (unsigned i = 0; i < 2 * MANY; i++)
        put(i % 3 ? RECORD_RECEPTION : RECORD_WITHOUT_CARD, MIDNIGHT + i, i, "");
    put(RECORD_VISIT, MIDNIGHT + 1, 9999, "");
    json_t *list = listed(MIDNIGHT, MIDNIGHT + DAY_S, NULL);
    assert_int_equal(json_array_size(list), 2 * MANY);
    for (unsigned i = 0; i < 2 * MANY; i++)
        assert_string_equal(json_string_value(json_array_get(list, i)),
                            id_of(MIDNIGHT + 2 * MANY - 1 - i, 2 * MANY - 1 - i));
    json_decref(list);
}

static void a_department_sees_its_own_and_nobody_s(void **state) {
    (void)state;
    put(RECORD_RECEPTION, MIDNIGHT, 0, "surgery");
    put(RECORD_RECEPTION, MIDNIGHT + 1, 1, "");
    put(RECORD_WITHOUT_CARD, MIDNIGHT + 2, 2, "eyes");
    json_t *list = listed(MIDNIGHT, MIDNIGHT + DAY_S, "surgery");
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_array_get(list, 0)), id_of(MIDNIGHT + 1, 1));
    json_decref(list);
}

/* --- one of them -------------------------------------------------------------------------------------------------- */

static void expect_named(const char *name, const char *id, const char *reason) {
    static list_row row;
    report_discard(&t.context.report);
    report_begin(&t.context.report, true, NULL, NULL);
    const outcome done = day_list_find(&t, name, &row);
    assert_string_equal(report_reason(&t.context.report), reason != NULL ? reason : "");
    assert_int_equal(done == OUTCOME_OK, reason == NULL);
    if (reason == NULL)
        assert_string_equal(row.id, id);
}

static void a_short_number_names_one_reception_or_none(void **state) {
    char whole[37];
    (void)state;
    put(RECORD_RECEPTION, MIDNIGHT, 0x0000AB12, "");
    put(RECORD_WITHOUT_CARD, MIDNIGHT + 1, 0x0000AB13, "");
    put(RECORD_RECEPTION, MIDNIGHT + 2, 0x0000AB14, "");
    put(RECORD_WITHOUT_CARD, MIDNIGHT + 3, 0x0000AB14, "");
    put(RECORD_VISIT, MIDNIGHT + 4, 0x0000AB15, "");
    expect_named("0000AB12", id_of(MIDNIGHT, 0x0000AB12), NULL);
    expect_named("0000ab13", id_of(MIDNIGHT + 1, 0x0000AB13), NULL);
    expect_named("0000AB14", NULL, "several-receptions");
    expect_named("0000AB15", NULL, "no-such-reception"); /* a visit's */
    expect_named("0000AB16", NULL, "no-such-reception");
    snprintf(whole, sizeof whole, "%s", id_of(MIDNIGHT + 3, 0x0000AB14));
    expect_named(whole, whole, NULL);
    snprintf(whole, sizeof whole, "%s", id_of(MIDNIGHT + 4, 0x0000AB15));
    expect_named(whole, NULL, "no-such-reception");
}

static int make_folder(void **state) {
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/terminal.sqlite", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(a_day_has_its_first_second_and_not_the_next_one_s),
        TEST(both_kinds_are_in_one_order),
        TEST(a_department_sees_its_own_and_nobody_s),
        TEST(a_short_number_names_one_reception_or_none),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
