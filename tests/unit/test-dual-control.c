/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Which proposal waits for a second signature: one that is signed, not too old, and not made by the same person or card.
 * Signatures, store and time are the test's. */
#include "administration/dual_control.h"

#include "core/local_store_file.h"
#include "core/pin_entry.h"
#include "delivery/sealed_record.h"
#include "operator/operator_session.h"
#include "se/local_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1795996800)
#define MINUTES(n) (INT64_C(60) * (n))
#define DAYS(n) (INT64_C(86400) * (n))

int64_t __wrap_clock_wall_s(void);

int64_t __wrap_clock_wall_s(void) {
    return NOW;
}

/* --- the proposal ------------------------------------------------------------------------------------------------- */

static struct {
    bool there;
    result reads;
    const char *id, *fingerprint;
    int64_t at;
} proposal;

result record_setting(store_access *s, const char *name, buffer *value) {
    (void)s;
    assert_string_equal(name, "limits-proposal");
    return proposal.there ? buffer_append_text(value, "proposal") : RESULT_NOT_FOUND;
}

result decision_read(const decision_place *place, const char *kind, bytes record, bool whole, decision *out) {
    (void)place, (void)record;
    assert_string_equal(kind, "limits");
    assert_false(whole);
    out->proposed.at = proposal.at;
    snprintf(out->proposed.id, sizeof out->proposed.id, "%s", proposal.id);
    snprintf(out->proposed.fingerprint, sizeof out->proposed.fingerprint, "%s", proposal.fingerprint);
    return proposal.reads;
}

const char *decision_name(decision_kind kind) {
    assert_int_equal(kind, DECISION_LIMITS);
    return "limits";
}

void decision_setting(decision_kind kind, const char *what, char name[DECISION_SETTING_SIZE]) {
    snprintf(name, DECISION_SETTING_SIZE, "%s-%s", decision_name(kind), what);
}

result decisions_place(command_context *ctx, decision_place *place, trust **operators) {
    (void)ctx;
    *place = (decision_place){0};
    *operators = NULL;
    return RESULT_OK;
}

/* --- what is not asked here --------------------------------------------------------------------------------------- */

#define NOT_ASKED fail_msg("%s is asked", __func__)

result record_set(store_access *s, const char *name, bytes value) {
    (void)s, (void)name, (void)value;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

result decisions_keep(store_access *s, decision_kind kind, bytes record) {
    (void)s, (void)kind, (void)record;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

result decision_proposal_text(const decision_place *place, const char *kind, const decision_signer *signer,
                              bytes content, buffer *text) {
    (void)place, (void)kind, (void)signer, (void)content, (void)text;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

result decision_consent_text(const char *kind, const char *digest, const decision_signer *signer, buffer *text) {
    (void)kind, (void)digest, (void)signer, (void)text;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

result decision_proposal_record(bytes text, bytes certificate_der, bytes signature, buffer *record) {
    (void)text, (void)certificate_der, (void)signature, (void)record;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

result decision_record(bytes first, bytes text, bytes certificate_der, bytes signature, buffer *record) {
    (void)first, (void)text, (void)certificate_der, (void)signature, (void)record;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

result decision_check_paper(const decision_place *place, const char *kind, const char *digest, bytes cms,
                            decision_signer *signer) {
    (void)place, (void)kind, (void)digest, (void)cms, (void)signer;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

void decision_wipe(decision *d) {
    (void)d;
}

outcome pin_read(bytes given, int fd, const char *prompt, buffer *pin, report *r) {
    (void)given, (void)fd, (void)prompt, (void)pin, (void)r;
    NOT_ASKED;
    return OUTCOME_INTERNAL;
}

outcome operator_card_read(card_access *cards, command_context *ctx, operator_card *out, token **card) {
    (void)cards, (void)ctx, (void)out, (void)card;
    NOT_ASKED;
    return OUTCOME_INTERNAL;
}

outcome operator_card_authenticate(card_access *cards, report *r, token *card, const operator_card *holder, bytes pin) {
    (void)cards, (void)r, (void)card, (void)holder, (void)pin;
    NOT_ASKED;
    return OUTCOME_INTERNAL;
}

outcome local_store_open(card_access *cards, store_access *s, command_context *ctx) {
    (void)cards, (void)s, (void)ctx;
    NOT_ASKED;
    return OUTCOME_INTERNAL;
}

outcome session_check_clock(operator_session *s) {
    (void)s;
    NOT_ASKED;
    return OUTCOME_INTERNAL;
}

outcome cards_token_failure(const card_access *cards, report *r, result code, const char *what, const token *t) {
    (void)cards, (void)r, (void)code, (void)what, (void)t;
    NOT_ASKED;
    return OUTCOME_INTERNAL;
}

void token_close(token **t) {
    *t = NULL;
}

result token_certificate(token *t, const char *label, buffer *der) {
    (void)t, (void)label, (void)der;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

result token_sign(token *t, const char *key, bytes data, buffer *signature) {
    (void)t, (void)key, (void)data, (void)signature;
    NOT_ASKED;
    return RESULT_INTERNAL;
}

const char *store_problem(result code) {
    return result_text(code);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static const dual_control limits_rule = {.kind = DECISION_LIMITS,
                                         .lasts_s = MINUTES(DUAL_CONTROL_MINUTES),
                                         .none_reason = "no-proposal",
                                         .none = "none",
                                         .same = "same"};
static const dual_control lasting_rule = {.kind = DECISION_LIMITS, .none_reason = "no-proposal"};

static int begin(void **state) {
    (void)state;
    proposal = (typeof(proposal)){.there = true, .id = "A-0001", .fingerprint = "AA", .at = NOW};
    return 0;
}

static result waiting(const dual_control *v, const char *paper) {
    static terminal t;
    const administrator who = {.actor = {.id = "A-0002", .fingerprint = "BB"}};
    decision d = {0};
    t.context.options.paper = paper;
    return dual_control_waiting(&t, v, &who, &d);
}

static void a_proposal_has_its_time(void **state) {
    static const struct {
        int64_t age_s;
        const char *paper;
        result due, due_of_lasting;
    } rows[] = {
        {-1, NULL, RESULT_NOT_FOUND, RESULT_OK}, /* from a time to come: the clock was set back */
        {0, NULL, RESULT_OK, RESULT_OK},
        {MINUTES(DUAL_CONTROL_MINUTES), NULL, RESULT_OK, RESULT_OK},
        {MINUTES(DUAL_CONTROL_MINUTES) + 1, NULL, RESULT_NOT_FOUND, RESULT_OK},
        {MINUTES(DUAL_CONTROL_MINUTES) + 1, "paper", RESULT_OK, RESULT_OK},
        {DAYS(DUAL_CONTROL_PAPER_DAYS), "paper", RESULT_OK, RESULT_OK},
        {DAYS(DUAL_CONTROL_PAPER_DAYS) + 1, "paper", RESULT_NOT_FOUND, RESULT_OK},
        {DAYS(400), NULL, RESULT_NOT_FOUND, RESULT_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        proposal.at = NOW - rows[i].age_s;
        assert_int_equal(waiting(&limits_rule, rows[i].paper), rows[i].due);
        assert_int_equal(waiting(&lasting_rule, rows[i].paper), rows[i].due_of_lasting);
    }
}

static void two_signers_are_two_people_with_two_cards(void **state) {
    (void)state;
    assert_int_equal(waiting(&limits_rule, NULL), RESULT_OK);
    proposal.id = "A-0002"; /* the same person with another card */
    assert_int_equal(waiting(&limits_rule, NULL), RESULT_DENIED);
    proposal.id = "A-0001";
    proposal.fingerprint = "BB";
    assert_int_equal(waiting(&limits_rule, NULL), RESULT_DENIED);
    assert_int_equal(waiting(&limits_rule, "paper"), RESULT_OK); /* the office is the other one */
}

static void what_is_no_signed_proposal_waits_for_nobody(void **state) {
    (void)state;
    proposal.reads = RESULT_BAD_SIGNATURE;
    assert_int_equal(waiting(&limits_rule, NULL), RESULT_BAD_SIGNATURE);
    proposal.reads = RESULT_INVALID;
    assert_int_equal(waiting(&limits_rule, NULL), RESULT_BAD_SIGNATURE);
    proposal.there = false;
    assert_int_equal(waiting(&limits_rule, NULL), RESULT_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_proposal_has_its_time, begin),
        cmocka_unit_test_setup(two_signers_are_two_people_with_two_cards, begin),
        cmocka_unit_test_setup(what_is_no_signed_proposal_waits_for_nobody, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
