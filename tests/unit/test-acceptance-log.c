/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the audit log shows for the acceptance of a terminal: on the wanted days, out of a log that is whole, and only with
 * a record that has come so far. Log and records are the test's. */
#include "acceptance/acceptance.h"
#include "administration/audit_check.h"

#include "core/local_store_file.h"
#include "delivery/sealed_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TODAY 1000
#define YESTERDAY 10

/* --- the log ------------------------------------------------------------------------------------------------------ */

static const terminal_audit_row *log_rows;
static size_t log_count;
static audit_check log_check;
static result log_code;

result audit_check_rows(terminal *t, void (*use)(void *context, const terminal_audit_row *row), void *context,
                        audit_check *out) {
    (void)t;
    for (size_t i = 0; i < log_count; i++)
        use(context, &log_rows[i]);
    *out = log_check;
    return log_code;
}

bool options_want_day(const options *o, int64_t at) {
    (void)o;
    return at >= TODAY;
}

const char *store_problem(result code) {
    return result_text(code);
}

/* --- the records -------------------------------------------------------------------------------------------------- */

static const struct record {
    const char *id, *state;
    statement_mode mode;
} records[] = {
    {"online", STATE_CONFIRMED, STATEMENT_ONLINE},      {"offline", STATE_PENDING, STATEMENT_OFFLINE},
    {"reconciled", STATE_CONFIRMED, STATEMENT_OFFLINE}, {"changed", STATE_CHANGED, STATEMENT_OFFLINE},
    {"refused", STATE_REFUSED, STATEMENT_OFFLINE},      {"damaged", STATE_DAMAGED, STATEMENT_ONLINE},
    {"registered", STATE_REGISTERED, STATEMENT_ONLINE}, {"waiting", STATE_QUEUED, STATEMENT_ONLINE},
};

static const struct record *named(const char *id) {
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        if (strcmp(records[i].id, id) == 0)
            return &records[i];
    return NULL;
}

result __wrap_record_get_reception(store_access *s, const char *id, reception_record *out);
result __wrap_record_read(store_access *s, const char *id, terminal_record *row, buffer *plain);

result __wrap_record_get_reception(store_access *s, const char *id, reception_record *out) {
    const struct record *found = named(id);
    (void)s;
    if (found == NULL)
        return RESULT_NOT_FOUND;
    out->mode = found->mode;
    snprintf(out->state, sizeof out->state, "%s", found->state);
    return RESULT_OK;
}

result __wrap_record_read(store_access *s, const char *id, terminal_record *row, buffer *plain) {
    const struct record *found = named(id);
    (void)s, (void)plain;
    if (found != NULL)
        snprintf(row->state, sizeof row->state, "%s", found->state);
    return found != NULL ? RESULT_OK : RESULT_NOT_FOUND;
}

/* --- what is noted ------------------------------------------------------------------------------------------------ */

static char accepted[256]; /* names, each with a blank behind it */

void acceptance_note(acceptance *a, const acceptance_item *item, acceptance_result how, const char *problem,
                     json_t *seen) {
    a->failed += how == NOT_ACCEPTED;
    if (how == ACCEPTED)
        snprintf(accepted + strlen(accepted), sizeof accepted - strlen(accepted), "%s ", item->name);
    assert_int_equal(*problem == 0, how == ACCEPTED);
    json_decref(seen);
}

static const char *shown_by(const terminal_audit_row *rows, size_t count) {
    static terminal t;
    acceptance a = {.terminal = &t};
    log_rows = rows;
    log_count = count;
    *accepted = 0;
    acceptance_look_up(&a);
    return accepted;
}

static int begin(void **state) {
    (void)state;
    log_check = (audit_check){.signed_up_to = 5, .made = 5};
    log_code = RESULT_OK;
    return 0;
}

#define SHOWN(...)                                                                                                     \
    shown_by((const terminal_audit_row[]){__VA_ARGS__},                                                                \
             sizeof((const terminal_audit_row[]){__VA_ARGS__}) / sizeof(terminal_audit_row))
#define ROW(name, subject_, at_) {.number = 1, .at = at_, .event = name, .outcome = "ok", .subject = subject_}

static void a_record_shows_what_it_has_come_to(void **state) {
    static const struct {
        const char *event, *subject, *due;
    } rows[] = {
        {"reception", "online", "audit-log online "},
        {"reception", "offline", "audit-log offline "},
        {"reception", "reconciled", "audit-log offline reconciled "},
        {"reception", "changed", "audit-log offline reconciled "},
        {"reception", "refused", "audit-log "},
        {"reception", "damaged", "audit-log "},
        {"reception", "missing", "audit-log "},
        {"visit", "registered", "audit-log visit "},
        {"visit", "waiting", "audit-log "},
        {"login", "", "audit-log operator-login "},
        {"unlock card", "", "audit-log se-back "},
        {"unlocked", "", "audit-log "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        terminal_audit_row row = ROW("", "", TODAY);
        snprintf(row.event, sizeof row.event, "%s", rows[i].event);
        snprintf(row.subject, sizeof row.subject, "%s", rows[i].subject);
        assert_string_equal(shown_by(&row, 1), rows[i].due);
    }
}

static void only_what_was_done_on_those_days_counts(void **state) {
    (void)state;
    assert_string_equal(SHOWN(ROW("login", "", YESTERDAY), ROW("person", "", TODAY)), "audit-log person ");
}

static void a_log_that_is_not_whole_shows_nothing(void **state) {
    (void)state;
    log_check.broken_at = 3;
    assert_string_equal(SHOWN(ROW("login", "", TODAY)), "");
    log_check = (audit_check){.signed_up_to = 4, .made = 5}; /* cut off */
    assert_string_equal(SHOWN(ROW("login", "", TODAY)), "");
    log_check.signed_up_to = 5;
    log_code = RESULT_IO;
    assert_string_equal(SHOWN(ROW("login", "", TODAY)), "");
    log_code = RESULT_OK;
    assert_string_equal(SHOWN(ROW("login", "", TODAY)), "audit-log operator-login ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_record_shows_what_it_has_come_to, begin),
        cmocka_unit_test_setup(only_what_was_done_on_those_days_counts, begin),
        cmocka_unit_test_setup(a_log_that_is_not_whole_shows_nothing, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
