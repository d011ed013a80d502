/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What two have decided, put in force: one decision that is not good, or one that is missing where there must be one, and
 * nothing is permitted. The store, the signatures and the anchors are the test's. */
#include "core/decisions.h"

#include "core/anchors_set.h"
#include "core/trust_anchors.h"
#include "delivery/sealed_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static store_access store;
static command_context ctx;

/* --- the store ---------------------------------------------------------------------------------------------------- */

#define SETTINGS 6
static struct {
    const char *name, *text;
} settings[SETTINGS];

static void put(const char *name, const char *text) {
    for (size_t i = 0; i < SETTINGS; i++)
        if (settings[i].name == NULL || strcmp(settings[i].name, name) == 0) {
            settings[i].name = name;
            settings[i].text = text;
            return;
        }
    fail_msg("no room");
}

result record_setting(store_access *s, const char *name, buffer *value) {
    (void)s;
    for (size_t i = 0; i < SETTINGS && settings[i].name != NULL; i++)
        if (strcmp(settings[i].name, name) == 0 && settings[i].text != NULL)
            return buffer_append_text(value, settings[i].text);
    return RESULT_NOT_FOUND;
}

result record_set(store_access *s, const char *name, bytes value) {
    (void)s, (void)name, (void)value;
    return RESULT_OK;
}

result record_unset(store_access *s, const char *name) {
    (void)s, (void)name;
    return RESULT_NOT_FOUND;
}

/* --- signatures, and the anchors ---------------------------------------------------------------------------------- */

static bool no_anchors, anchors_decided;
static const char *anchors_there;

/* "signed ..." is; "altered ..." is not. */
result decision_read(const decision_place *place, const char *kind, bytes record, bool whole, decision *out) {
    (void)kind;
    assert_true(whole);
    assert_string_equal(place->institution, "1312345678");
    if (record.length < 7 || memcmp(record.data, "signed ", 7) != 0)
        return RESULT_INVALID;
    return buffer_append(&out->content, bytes_slice(record, 7, record.length));
}

void decision_wipe(decision *d) {
    buffer_wipe(&d->content);
}

outcome anchors_trust(command_context *c, const char *anchor, trust **out) {
    (void)c;
    assert_string_equal(anchor, "operator-ca");
    *out = NULL;
    return no_anchors ? OUTCOME_REFUSED : OUTCOME_OK;
}

bool anchors_were_decided(const command_context *c, char folder[PATH_MAX]) {
    (void)c;
    snprintf(folder, PATH_MAX, "folder");
    return anchors_decided;
}

result anchors_set_describe(const char *folder, buffer *out) {
    assert_string_equal(folder, "folder");
    return buffer_append_text(out, anchors_there);
}

bool anchors_set_same_authorities(const char *a, const char *b) {
    return strcmp(a, b) == 0;
}

void trust_free(trust **t) {
    *t = NULL;
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static int begin(void **state) {
    (void)state;
    memset(settings, 0, sizeof settings);
    no_anchors = anchors_decided = false;
    anchors_there = "ca 1";
    ctx = (command_context){.configuration = {.institution_code = "1312345678", .terminal_id = "T-01"}};
    report_begin(&ctx.report, true, NULL, NULL);
    return 0;
}

static int end(void **state) {
    (void)state;
    report_discard(&ctx.report);
    return 0;
}

static void expect_fault(const char *kind, const char *reason) {
    assert_int_equal(decisions_apply(&store, &ctx), RESULT_OK);
    assert_non_null(ctx.decision_fault);
    assert_string_equal(ctx.decision_fault, kind);
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        assert_int_equal(ctx.limits.value[i], 0);
    assert_int_equal(ctx.affiliates.count, 0);
    assert_int_equal(decisions_require(&store, &ctx), OUTCOME_REFUSED);
    assert_string_equal(report_reason(&ctx.report), reason);
    end(NULL);
    report_begin(&ctx.report, true, NULL, NULL);
}

static void expect_good(void) {
    assert_int_equal(decisions_apply(&store, &ctx), RESULT_OK);
    assert_null(ctx.decision_fault);
    assert_int_equal(decisions_require(&store, &ctx), OUTCOME_OK);
}

static void the_stricter_one_counts(void **state) {
    const limits usual = limits_default();
    (void)state;
    expect_good();
    assert_memory_equal(&ctx.limits, &usual, sizeof usual);
    put("limits-decision", "signed offline-hours=10 offline-count=20");
    expect_good();
    assert_int_equal(ctx.limits.value[LIMIT_OFFLINE_HOURS], 10);
    ctx.configuration.limits.value[LIMIT_OFFLINE_HOURS] = 5;
    ctx.configuration.limits.value[LIMIT_OFFLINE_COUNT] = 30;
    expect_good();
    assert_int_equal(ctx.limits.value[LIMIT_OFFLINE_HOURS], 5);
    assert_int_equal(ctx.limits.value[LIMIT_OFFLINE_COUNT], 20);
}

static void one_that_is_not_good_permits_nothing(void **state) {
    static const char *const kinds[] = {"limits", "institutions"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        end(state);
        begin(state);
        put("limits-decision", "signed offline-hours=10");
        put(i == 0 ? "limits-decision" : "institutions-decision", "altered");
        expect_fault(kinds[i], "decision-altered");
    }
    end(state);
    begin(state);
    put("limits", "offline-hours=10"); /* of the version before, which had no signatures */
    expect_fault("limits", "decision-altered");
    put("limits-decision", "signed offline-hours=10");
    expect_good();
}

static void anchors_in_force_were_decided(void **state) {
    (void)state;
    anchors_there = "anything"; /* the configuration's own folder needs no decision */
    expect_good();
    anchors_decided = true;
    expect_fault("anchors", "decision-altered");
    put("anchors-decision", "signed ca 1");
    expect_fault("anchors", "decision-altered");
    anchors_there = "ca 1";
    expect_good();
    put("anchors-decision", "altered");
    expect_fault("anchors", "decision-altered");
}

static void what_cannot_be_verified_now_permits_nothing_either(void **state) {
    (void)state;
    no_anchors = true;
    expect_good(); /* there is none to verify */
    put("institutions-decision", "signed ");
    expect_fault("institutions", "decision-unverified");
    no_anchors = false;
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
        TEST(the_stricter_one_counts),
        TEST(one_that_is_not_good_permits_nothing),
        TEST(anchors_in_force_were_decided),
        TEST(what_cannot_be_verified_now_permits_nothing_either),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
