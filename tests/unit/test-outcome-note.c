/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a service's answer leaves in the ledger of outcomes: its last word about each reception and visit, and nothing about
 * those that it wants to be asked about again. */
#include "pass/outcome_note.h"

#include "fhir/batch_answer.h"
#include "fhir/outcome.h"
#include "fhir/visit.h"
#include "fhir/visit_batch.h"
#include "relay-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define VISIT "01a22b9f-0000-7000-8000-000000000001"

static relay_store *store;

static int begin(void **state) {
    (void)state;
    return relay_store_open(relay_folder(), &store) == RESULT_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    relay_store_close(&store);
    relay_folder_clear();
    return 0;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static result write_row(void *context, const relay_outcome *row) {
    return buffer_append_format(context, "%s %s %s;", row->service, row->subject, row->outcome);
}

static void expect_rows(const char *expected) {
    buffer text = BUFFER_INIT(4096);
    assert_int_equal(relay_store_each_outcome(store, write_row, &text), RESULT_OK);
    assert_string_equal(text.length > 0 ? buffer_text(&text) : "", expected);
    buffer_wipe(&text);
}

static void note(const outcome_answer *answer) {
    assert_int_equal(outcome_note(store, answer), RESULT_OK);
}

/* --- the platform's ----------------------------------------------------------------------------------------------- */

static void note_entries(const int statuses[], size_t count) {
    eligibility_outcome outcomes[FHIR_BATCH_MAX];
    buffer resources[FHIR_BATCH_MAX], text = BUFFER_INIT(65536), content = BUFFER_INIT(1024);
    char evidence[UUID_TEXT_SIZE];
    for (size_t i = 0; i < count; i++) {
        snprintf(evidence, sizeof evidence, "01a22b9f-0000-7000-8000-000000000%03d", statuses[i]);
        resources[i] = BUFFER_INIT(4096);
        assert_int_equal(outcome_write_about("processing", "words", evidence, &resources[i]), RESULT_OK);
        outcomes[i] = (eligibility_outcome){statuses[i], buffer_bytes(&resources[i])};
    }
    assert_int_equal(eligibility_batch_answer_write(outcomes, count, &text, &content), RESULT_OK);
    note(&(outcome_answer){KEPT_PLATFORM, false, false, "T-01", "kept", 200, buffer_bytes(&text)});
    for (size_t i = 0; i < count; i++)
        buffer_wipe(&resources[i]);
    buffer_wipe(&text);
    buffer_wipe(&content);
}

/* Not registered, too early, no time now: the terminal sends it again, and the answer to that is the outcome. */
static void what_is_to_be_sent_again_is_no_outcome(void **state) {
    static const int again[] = {403, 425, 429, 503, 202, 301};
    (void)state;
    note_entries(again, sizeof again / sizeof *again);
    expect_rows("");
}

static void a_refusal_is_an_outcome_also_beside_others(void **state) {
    static const int mixed[] = {403, 409, 425, 422, 404};
    (void)state;
    note_entries(mixed, sizeof mixed / sizeof *mixed);
    expect_rows("pf 01a22b9f-0000-7000-8000-000000000409 refused;pf 01a22b9f-0000-7000-8000-000000000422 refused;"
                "pf 01a22b9f-0000-7000-8000-000000000404 refused;");
}

static void what_cannot_be_read_is_one_row(void **state) {
    (void)state;
    note(&(outcome_answer){KEPT_PLATFORM, false, false, "T-01", "kept", 201, bytes_of("", 0)});
    note(&(outcome_answer){KEPT_PLATFORM, false, false, "T-01", "kept", 422, bytes_of("{}", 2)});
    expect_rows("pf  unknown;pf  refused;");
}

/* --- the history service's ---------------------------------------------------------------------------------------- */

static const char hash[] = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";

static void write_receipt(buffer *text) {
    visit_receipt receipt = {.registered_at = "2026-12-01T00:00:00Z", .link_id = "L"};
    snprintf(receipt.receipt_id, sizeof receipt.receipt_id, "%s", VISIT);
    snprintf(receipt.visit_id, sizeof receipt.visit_id, "%s", VISIT);
    snprintf(receipt.content_hash, sizeof receipt.content_hash, "%s", hash);
    assert_int_equal(visit_receipt_write(&receipt, text), RESULT_OK);
}

static void note_visits(const int statuses[], size_t count) {
    visit_answer answers[VISIT_BATCH_MAX] = {{0}};
    buffer receipt = BUFFER_INIT(4096), text = BUFFER_INIT(65536);
    write_receipt(&receipt);
    for (size_t i = 0; i < count; i++)
        answers[i] = (visit_answer){statuses[i], hash, statuses[i] <= 201 ? buffer_bytes(&receipt) : bytes_of("{}", 2),
                                    bytes_of("", 0)};
    assert_int_equal(visit_answers_write(answers, count, &text), RESULT_OK);
    note(&(outcome_answer){KEPT_HISTORY, false, true, "T-01", "live", 200, buffer_bytes(&text)});
    buffer_wipe(&receipt);
    buffer_wipe(&text);
}

static void each_visit_of_a_batch_is_a_row(void **state) {
    static const int all[] = {503, 201, 429, 422, 403}, none[] = {503, 403};
    (void)state;
    note_visits(none, 2);
    expect_rows("");
    note_visits(all, 5);
    expect_rows("history " VISIT " registered;history  refused;");
    note_visits(all, 5); /* sent again: nothing new */
    expect_rows("history " VISIT " registered;history  refused;");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_to_be_sent_again_is_no_outcome, begin, end),
        cmocka_unit_test_setup_teardown(a_refusal_is_an_outcome_also_beside_others, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_one_row, begin, end),
        cmocka_unit_test_setup_teardown(each_visit_of_a_batch_is_a_row, begin, end),
    };
    return cmocka_run_group_tests(tests, relay_folder_make, relay_folder_remove);
}
