/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `appointments check`: which files it takes, whom it asks about, what it keeps, and when a file is removed. Files, earlier
 * receptions and the platform are as the test says. */
#include "neighbours/appointment_file.h"
#include "neighbours/appointment_person.h"
#include "neighbours/exchange_folder.h"
#include "neighbours/neighbours.h"
#include "operator/operator_session.h"
#include "services/beacon_fetch.h"
#include "services/service_call.h"
#include "today/appointment_show.h"
#include "today/day_list.h"
#include "today/search_upkeep.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADING "予約日,診察券番号,生年月日\n"
#define DAY_S 86400

/* --- what is there ------------------------------------------------------------------------------------------------ */

static struct world {
    outcome allowed, folder, opened;
    result listed, read, upkeep, found, reached, kept, removed;
    const char *csv, *second; /* the rows of a.csv and b.csv, "TOMORROW" for that day; NULL: there is none */
    outbox_end end;           /* of the platform's answers */
    pre_check_finding finding;
} world;
static unsigned roles;
static int connections, asked, questions, removals;
static char kept[8][FHIR_WORD_SIZE]; /* whom the list has */
static size_t kept_count;

/* Ten in the morning, so that the day does not change meanwhile. */
int64_t __wrap_clock_wall_s(void);
int64_t __wrap_clock_wall_s(void) {
    return 1796000400;
}

outcome session_require(operator_session *s, unsigned wanted, operator_card *out) {
    (void)s;
    (void)out;
    roles = wanted;
    return world.allowed;
}

outcome neighbours_open(command_context *c, const char *inside, int *folder) {
    (void)c;
    *folder = -1;
    assert_string_equal(inside, "appointments");
    return world.folder;
}

outcome neighbours_failed(report *r, const char *name, result code) {
    return report_failure(r, OUTCOME_INTERNAL, "neighbours-file", "%s %d", name, (int)code);
}

result exchange_list(int folder, const char *prefix, const char *suffix, char names[][EXCHANGE_NAME_SIZE],
                     size_t *count) {
    (void)folder;
    assert_string_equal(prefix, "");
    *count = 0;
    if (strcmp(suffix, ".csv") == 0 && world.csv != NULL)
        strcpy(names[(*count)++], "a.csv");
    if (strcmp(suffix, ".csv") == 0 && world.second != NULL)
        strcpy(names[(*count)++], "b.csv");
    return world.listed;
}

/* The rows with that day in them. */
result exchange_read(int folder, const char *name, buffer *out) {
    const char *rows = *name == 'a' ? world.csv : world.second;
    char day[CLOCK_DATE_SIZE];
    (void)folder;
    clock_date_in_japan(clock_wall_s() + DAY_S, day);
    buffer_append_text(out, HEADING);
    for (const char *at = strstr(rows, "TOMORROW"); at != NULL; at = strstr(rows, "TOMORROW")) {
        buffer_append(out, bytes_of(rows, (size_t)(at - rows)));
        buffer_append_text(out, day);
        rows = at + strlen("TOMORROW");
    }
    buffer_append_text(out, rows);
    return world.read;
}

result exchange_remove(int folder, const char *name) {
    (void)folder;
    (void)name;
    removals += world.removed == RESULT_OK;
    return world.removed;
}

result search_upkeep(store_access *s) {
    (void)s;
    return world.upkeep;
}

outcome day_list_failed(report *r, result code) {
    return report_failure(r, OUTCOME_INTERNAL, "store", "%d", (int)code);
}

/* By the hospital's number: NOBODY, WAITING and SEVERAL are that. */
result appointment_person_find(store_access *s, const appointment *a, pre_check *out, appointment_match *match) {
    static const char *const words[] = {
        [MATCH_FOUND] = "", [MATCH_NOBODY] = "NOBODY", [MATCH_WAITING] = "WAITING", [MATCH_SEVERAL] = "SEVERAL"};
    (void)s;
    *out = (pre_check){.before = {.insurer_name = "Kenpo"}};
    *match = MATCH_FOUND;
    for (int i = MATCH_NOBODY; i <= MATCH_SEVERAL; i++)
        if (strcmp(words[i], a->note.hospital_number) == 0)
            *match = (appointment_match)i;
    return world.found;
}

outcome service_open(services *s, service which, remote *out) {
    (void)s;
    assert_int_equal(which, SERVICE_PLATFORM);
    *out = (remote){0};
    connections += world.opened == OUTCOME_OK;
    return world.opened;
}

void service_close(services *s, service which, remote *r) {
    (void)s;
    (void)which;
    (void)r;
    connections--;
}

result remote_ask_state(const remote *r, remote_state *state, char *message, size_t size) {
    (void)r;
    *state = (remote_state){0};
    snprintf(message, size, "silence");
    asked++;
    return world.reached;
}

void time_beacon_refresh(store_access *store, const remote *platform) {
    (void)store;
    (void)platform;
}

void pre_check_send(const remote *platform, pre_check items[], size_t count, outbox_run *run) {
    (void)platform;
    *run = (outbox_run){.end = world.end, .wait = {.s = 30}, .message = "words", .code = RESULT_IO};
    questions += (int)count;
    for (size_t i = 0; i < count; i++) {
        items[i].finding = world.finding;
        snprintf(items[i].insurer, sizeof items[i].insurer, "Other");
    }
}

bool appointment_is_to_call(pre_check_finding finding) {
    return finding >= PRE_CHECK_CHANGED;
}

result appointments_take(store_access *s, const char *day, const appointment found[], size_t count) {
    (void)s;
    for (size_t i = 0; i < count && world.kept == RESULT_OK; i++)
        if (strcmp(found[i].day, day) == 0 && appointment_is_to_call(found[i].finding)) {
            assert_string_equal(found[i].before, "Kenpo");
            assert_string_equal(found[i].insurer, "Other");
            strcpy(kept[kept_count++], found[i].note.hospital_number);
        }
    return world.kept;
}

result appointments_each(store_access *s, const char *day, appointment_use *use, void *context) {
    char tomorrow[CLOCK_DATE_SIZE];
    (void)s;
    clock_date_in_japan(clock_wall_s() + DAY_S, tomorrow);
    for (size_t i = 0; i < kept_count && strcmp(day, tomorrow) == 0; i++) {
        appointment one = {0};
        if (i == 0 && kept_count > 1)
            strcpy(one.note.done_at, "2026-11-30T00:00:00Z"); /* somebody has called already */
        const result code = use(context, &one);
        if (code != RESULT_OK)
            return code;
    }
    return RESULT_OK;
}

void appointment_show(report *r, const appointment *a, json_t *list) {
    (void)r;
    (void)a;
    json_array_append_new(list, json_object());
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static terminal t;

/* The reason of its failure, "" when it is good; what it reports stays in the report. */
static const char *check(struct world w, outcome wanted) {
    static char reason[64];
    report_discard(&t.context.report);
    world = w;
    connections = asked = questions = removals = 0;
    kept_count = 0;
    report_begin(&t.context.report, true, NULL, NULL);
    assert_int_equal(appointments_check_command(&t), wanted);
    assert_int_equal(connections, 0);
    snprintf(reason, sizeof reason, "%s", report_reason(&t.context.report));
    return reason;
}

static long long number(const char *name) {
    return json_integer_value(json_object_get(t.context.report.fields, name));
}

static size_t listed(const char *name) {
    return json_array_size(json_object_get(t.context.report.fields, name));
}

#define GOOD "TOMORROW,1,1990-01-01\n"
#define CHANGED .finding = PRE_CHECK_CHANGED

static void whoever_may_call_may_check(void **state) {
    (void)state;
    assert_string_equal(check((struct world){.csv = GOOD, .allowed = OUTCOME_REFUSED}, OUTCOME_REFUSED), "");
    assert_int_equal(roles, ROLE_RECEPTION | ROLE_ADMINISTRATOR);
    assert_true(asked == 0 && removals == 0);
    check((struct world){.csv = GOOD, .folder = OUTCOME_USAGE}, OUTCOME_USAGE);
    assert_int_equal(asked, 0);
}

static void a_good_file_is_checked_and_removed(void **state) {
    (void)state;
    check((struct world){.csv = GOOD GOOD "TOMORROW,2,1990-01-01\n", .second = GOOD, CHANGED}, OUTCOME_OK);
    assert_true(questions == 4 && removals == 2 && asked == 1); /* one connection for both */
    assert_true(number("files") == 2 && number("read") == 4 && number("toCall") == 4 && number("unchanged") == 0);
    assert_true(kept_count == 4 && listed("appointments") == 3); /* who was called is not shown */
    check((struct world){.csv = GOOD, .finding = PRE_CHECK_UNCHANGED}, OUTCOME_OK);
    assert_true(number("unchanged") == 1 && number("toCall") == 0 && kept_count == 0 && removals == 1);
    check((struct world){0}, OUTCOME_OK);
    assert_true(number("files") == 0 && asked == 0);
}

static void who_cannot_be_asked_about_is_told(void **state) {
    (void)state;
    check(
        (struct world){.csv = "TOMORROW,NOBODY,1990-01-01\nTOMORROW,WAITING,1990-01-01\nTOMORROW,SEVERAL,1990-01-01\n"},
        OUTCOME_OK);
    assert_true(questions == 0 && asked == 0 && removals == 1 && listed("notChecked") == 3);
    const json_t *list = json_object_get(t.context.report.fields, "notChecked");
    static const char *const why[] = {"never-received", "waiting", "several-people"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(json_string_value(json_object_get(json_array_get(list, i), "why")), why[i]);
    check((struct world){.csv = GOOD, .finding = PRE_CHECK_NOT_ASKED}, OUTCOME_OK);
    assert_true(listed("notChecked") == 1 && kept_count == 0 && number("unchanged") == 0 && number("toCall") == 0);
}

static void a_file_with_a_fault_stays(void **state) {
    (void)state;
    assert_string_equal(check((struct world){.csv = GOOD "x,1,1990-01-01\n", .second = GOOD, CHANGED}, OUTCOME_REFUSED),
                        "appointment-file");
    assert_true(questions == 2 && removals == 1 && kept_count == 2 && listed("faults") == 1); /* the good is checked */
    assert_string_equal(check((struct world){.csv = GOOD "TOMORROW,123456789018,1990-01-01\n", .second = GOOD, CHANGED},
                              OUTCOME_REFUSED),
                        "appointment-personal-number");
    assert_true(questions == 1 && removals == 1 && kept_count == 1); /* nothing of the first */
}

/* Each of them leaves the file for the next time. */
static void what_fails_leaves_the_file(void **state) {
    static const struct {
        struct world w;
        outcome done;
        const char *reason;
        size_t kept; /* what was answered is kept all the same */
    } rows[] = {
        {{CHANGED, .opened = OUTCOME_CARD}, OUTCOME_CARD, "", 0},
        {{CHANGED, .reached = RESULT_TIMEOUT}, OUTCOME_SERVICE, "platform-unreachable", 0},
        {{CHANGED, .end = OUTBOX_BUSY}, OUTCOME_SERVICE, "platform-busy", 1},
        {{CHANGED, .end = OUTBOX_NOT_TAKEN}, OUTCOME_SERVICE, "platform", 1},
        {{CHANGED, .end = OUTBOX_STORE}, OUTCOME_INTERNAL, "internal", 1},
        {{CHANGED, .end = OUTBOX_UNUSABLE}, OUTCOME_INTERNAL, "internal", 1},
        {{CHANGED, .kept = RESULT_TOO_LONG}, OUTCOME_INTERNAL, "store", 0},
        {{CHANGED, .upkeep = RESULT_IO}, OUTCOME_INTERNAL, "store", 0},
        {{CHANGED, .found = RESULT_IO}, OUTCOME_INTERNAL, "store", 0},
        {{CHANGED, .read = RESULT_REFUSED}, OUTCOME_INTERNAL, "neighbours-file", 0},
        {{CHANGED, .listed = RESULT_IO}, OUTCOME_INTERNAL, "neighbours-file", 0},
        {{CHANGED, .removed = RESULT_IO}, OUTCOME_INTERNAL, "neighbours-file", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w = rows[i].w;
        w.csv = GOOD;
        w.second = GOOD;
        const char *reason = check(w, rows[i].done);
        if (strcmp(reason, rows[i].reason) != 0 || removals != 0 || kept_count != rows[i].kept)
            fail_msg("row %zu: %s, %d removed, %zu kept", i, reason, removals, kept_count);
    }
}

static void a_file_that_is_too_large_is_a_fault(void **state) {
    (void)state;
    assert_string_equal(check((struct world){.csv = GOOD, .read = RESULT_TOO_LONG}, OUTCOME_REFUSED),
                        "appointment-file");
    assert_true(removals == 0 && number("read") == 0 && listed("faults") == 1);
}

static void the_days_are_those_the_platform_answers_for(void **state) {
    static const struct {
        int days;
        bool taken;
    } rows[] = {{-1, false}, {0, true}, {31, true}, {32, false}};
    char row[64], day[CLOCK_DATE_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        clock_date_in_japan(clock_wall_s() + rows[i].days * DAY_S, day);
        snprintf(row, sizeof row, "%s,1,1990-01-01\n", day);
        check((struct world){.csv = row, CHANGED}, OUTCOME_OK);
        assert_int_equal(kept_count, rows[i].taken);
        assert_int_equal(number("passedOver"), !rows[i].taken);
    }
}

static int end(void **state) {
    (void)state;
    report_discard(&t.context.report);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_may_call_may_check),
        cmocka_unit_test(a_good_file_is_checked_and_removed),
        cmocka_unit_test(who_cannot_be_asked_about_is_told),
        cmocka_unit_test(a_file_with_a_fault_stays),
        cmocka_unit_test(what_fails_leaves_the_file),
        cmocka_unit_test(a_file_that_is_too_large_is_a_fault),
        cmocka_unit_test(the_days_are_those_the_platform_answers_for),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
