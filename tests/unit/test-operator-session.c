/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The session that the daemon holds: no right stays at the card, the card that has left ends this session and no later
 * one, and what a role may not do it may not. The card, its watch and the store are the test's. */
#include "operator/operator_session.h"

#include "core/clock_check.h"
#include "core/decisions.h"
#include "core/events.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "operator/stored_session.h"
#include "se/local_store.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static presence watched;
static card_access cards = {.presence = &watched};
static store_access store;
static command_context ctx;
static operator_session *session;

/* --- the card ----------------------------------------------------------------------------------------------------- */

static struct {
    unsigned open, logouts, watches;
} card;
static int the_card;
static result watching;
static const operator_card holder = {.id = "R-0001", .role = ROLE_RECEPTION};

static token *card_laid_down(void) {
    card.open++;
    return (token *)(void *)&the_card;
}

void token_close(token **t) {
    card.open -= *t != NULL;
    *t = NULL;
}

void token_logout(token *t) {
    assert_ptr_equal(t, &the_card);
    card.logouts++;
}

result token_watch_add(token_watch *watch, token *t, atomic_bool *gone, atomic_bool *lost) {
    (void)watch, (void)lost;
    assert_ptr_equal(t, &the_card);
    assert_ptr_equal(gone, &watched.operator_removed);
    card.watches += watching == RESULT_OK;
    return watching;
}

void token_watch_drop(token_watch *watch, const token *t) {
    (void)watch;
    assert_ptr_equal(t, &the_card);
    card.watches -= watching == RESULT_OK;
}

outcome operator_card_read(card_access *access, command_context *c, operator_card *out, token **t) {
    (void)access, (void)c;
    *out = holder;
    *t = card_laid_down();
    return OUTCOME_OK;
}

/* --- what stands around it ---------------------------------------------------------------------------------------- */

static bool clock_wrong;
static char events_told[128];

void presence_supervise(presence *p) {
    (void)p;
}

void events_tell(events *e, const char *event, const char *reason, json_t *values) {
    (void)e;
    snprintf(events_told + strlen(events_told), sizeof events_told - strlen(events_told), "%s%s%s ", event,
             reason != NULL ? "=" : "", reason != NULL ? reason : "");
    json_decref(values);
}

void events_end_session(events *e) {
    (void)e;
}

bool clock_is_plausible(store_access *s) {
    (void)s;
    return !clock_wrong;
}

outcome clock_check(store_access *s, report *r) {
    (void)s;
    return clock_wrong ? report_failure(r, OUTCOME_REFUSED, "clock-behind", "clock") : OUTCOME_OK;
}

void clock_note(store_access *s) {
    (void)s;
}

outcome decisions_require(store_access *s, command_context *c) {
    (void)s, (void)c;
    return OUTCOME_OK;
}

outcome local_store_open(card_access *access, store_access *s, command_context *c) {
    (void)access, (void)s, (void)c;
    return OUTCOME_OK;
}

outcome local_store_open_reading(card_access *access, store_access *s, command_context *c) {
    return local_store_open(access, s, c);
}

outcome cards_check_readers(report *r, const char *reader) {
    (void)r, (void)reader;
    return OUTCOME_OK;
}

const char *store_problem(result code) {
    return result_text(code);
}

result pcsc_card_stay(const char *reader, char stay[PCSC_STAY_SIZE]) {
    (void)reader;
    snprintf(stay, PCSC_STAY_SIZE, "run/reader/1");
    return RESULT_OK;
}

static const char *stored_over;

result stored_session_begin(store_access *s, const session_owner *owner, int64_t now) {
    (void)s, (void)owner, (void)now;
    stored_over = NULL;
    return RESULT_OK;
}

const char *stored_session_over(store_access *s, const session_owner *owner, const limits *l, int64_t now) {
    (void)s, (void)owner, (void)l, (void)now;
    return stored_over;
}

result stored_session_use(store_access *s, const session_owner *owner, int64_t now) {
    (void)s, (void)owner, (void)now;
    return RESULT_OK;
}

result stored_session_end(store_access *s) {
    (void)s;
    stored_over = "";
    return RESULT_OK;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static int begin(void **state) {
    (void)state;
    ctx = (command_context){.limits = limits_default()};
    store = (store_access){0};
    memset(&card, 0, sizeof card);
    watching = RESULT_OK;
    clock_wrong = false;
    stored_over = "";
    *events_told = 0;
    atomic_store(&watched.operator_removed, false);
    report_begin(&ctx.report, true, NULL, NULL);
    if (session_new(&cards, &store, &ctx, &session) != OUTCOME_OK)
        return -1;
    session_stay(session);
    return 0;
}

static int end(void **state) {
    (void)state;
    session_leave(session);
    assert_int_equal(card.open, 0);
    assert_int_equal(card.watches, 0);
    session_free(&session);
    report_discard(&ctx.report);
    return 0;
}

static void log_in(void) {
    token *t = card_laid_down();
    assert_int_equal(session_begin(session, &holder, &t), OUTCOME_OK);
    token_close(&t);
}

static void expect_refused(unsigned allowed, const char *reason) {
    operator_card who;
    report_discard(&ctx.report);
    report_begin(&ctx.report, true, NULL, NULL);
    assert_int_equal(session_require(session, allowed, &who) == OUTCOME_OK, reason == NULL);
    assert_string_equal(report_reason(&ctx.report), reason != NULL ? reason : "");
}

/* The PIN was shown to log in; whoever gets at the card meanwhile signs nothing by it. */
static void the_card_keeps_no_right(void **state) {
    (void)state;
    log_in();
    assert_int_equal(card.logouts, 1);
    assert_int_equal(card.open, 1);
    assert_string_equal(session_operator(session), "R-0001");
    assert_string_equal(store.operator_id, "R-0001");
    assert_string_equal(events_told, "operator-in ");
}

static void the_card_that_left_ends_its_own_session(void **state) {
    (void)state;
    log_in();
    assert_null(session_over(session));
    atomic_store(&watched.operator_removed, true);
    assert_string_equal(session_over(session), "operator-card-removed");
    assert_int_equal(session_end(session, "operator-card-removed"), OUTCOME_OK);
    assert_null(session_operator(session));
    expect_refused(ROLE_RECEPTION, "operator-card-removed");
    atomic_store(&watched.operator_removed, true); /* the watch tells it late */
    log_in();
    assert_null(session_over(session));
    expect_refused(ROLE_RECEPTION, NULL);
}

/* The store opens with the SE only: who asks now has it back, and has to log in, not to unlock. */
static void an_se_that_is_back_is_not_asked_for(void **state) {
    (void)state;
    log_in();
    assert_int_equal(session_end(session, "se-removed"), OUTCOME_OK);
    expect_refused(ROLE_RECEPTION, "no-session");
}

static void who_logs_in_takes_the_place_of_who_was_there(void **state) {
    (void)state;
    log_in();
    log_in();
    assert_int_equal(card.open, 1);
    assert_int_equal(card.watches, 1);
    assert_string_equal(events_told, "operator-in operator-out operator-in ");
}

static void a_card_that_cannot_be_watched_logs_nobody_in(void **state) {
    token *t = card_laid_down();
    (void)state;
    watching = RESULT_EXISTS;
    assert_int_equal(session_begin(session, &holder, &t), OUTCOME_INTERNAL);
    assert_null(session_operator(session));
    assert_int_equal(card.open, 0);
    expect_refused(ROLE_RECEPTION, "no-session");
}

static void a_role_does_what_is_its_own(void **state) {
    (void)state;
    expect_refused(ROLE_RECEPTION, "no-session");
    log_in();
    expect_refused(ROLE_RECEPTION, NULL);
    assert_int_equal(session_require(session, ROLE_ADMINISTRATOR, &(operator_card){0}), OUTCOME_REFUSED);
    clock_wrong = true;
    expect_refused(ROLE_RECEPTION, "clock-behind");
}

static void a_command_by_itself_asks_the_store(void **state) {
    operator_card who;
    (void)state;
    session_leave(session);
    expect_refused(ROLE_RECEPTION, "no-session");
    assert_int_equal(session_expect(session), OUTCOME_OK);
    log_in();
    assert_int_equal(session_require(session, ROLE_RECEPTION, &who), OUTCOME_OK);
    assert_string_equal(who.id, "R-0001");
    stored_over = "idle";
    expect_refused(ROLE_RECEPTION, "idle");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(the_card_keeps_no_right),
        TEST(the_card_that_left_ends_its_own_session),
        TEST(an_se_that_is_back_is_not_asked_for),
        TEST(who_logs_in_takes_the_place_of_who_was_there),
        TEST(a_card_that_cannot_be_watched_logs_nobody_in),
        TEST(a_role_does_what_is_its_own),
        TEST(a_command_by_itself_asks_the_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
