/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the terminal decides with no card and no Secure Element at hand: when a session is over, which limits are in
 * force, whether its clock is believed, which evidence came last. Clock and keys are the test's. */
#include "operator/session_rule.h"
#include "operator/stored_session.h"

#include "core/chain_head.h"
#include "core/clock_check.h"
#include "core/local_store_file.h"
#include "core/decisions.h"
#include "core/trust_anchors.h"

#include "base/clock.h"
#include "delivery/beacon.h"
#include "delivery/ledger.h"
#include "delivery/ledger_load.h"
#include "delivery/sealed_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MINUTE_MS INT64_C(60000)
#define NOW INT64_C(1795996800) /* seconds since 1970 */
#define CARD "AA"

/* In the C library's place: a clock that the test sets, while the time since the start of the machine goes on. */
static int64_t set_by_s;

int clock_gettime(clockid_t clock, struct timespec *out) {
    const int code = (int)syscall(SYS_clock_gettime, clock, out);
    if (clock == CLOCK_REALTIME)
        out->tv_sec += set_by_s;
    return code;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* --- in memory ---------------------------------------------------------------------------------------------------- */

static void test_idle(void **state) {
    (void)state;
    const limits l = limits_default();
    const int64_t idle = l.value[LIMIT_IDLE_MINUTES] * MINUTE_MS;
    const session_times times = {.began_ms = 1000, .used_ms = 5000};
    assert_null(session_rule_over(&times, false, &l, 5000));
    assert_null(session_rule_over(&times, false, &l, 5000 + idle - 1));
    assert_string_equal(session_rule_over(&times, false, &l, 5000 + idle), "idle");
}

static void test_expired(void **state) {
    (void)state;
    const limits l = limits_default();
    const int64_t most = l.value[LIMIT_SESSION_MINUTES] * MINUTE_MS;
    const session_times before = {.began_ms = 0, .used_ms = most - 1};
    const session_times after = {.began_ms = 0, .used_ms = most};
    assert_null(session_rule_over(&before, false, &l, most - 1));
    assert_string_equal(session_rule_over(&after, false, &l, most), "session-expired");
}

/* Whatever the times say; and the nearer of two reasons is told. */
static void test_card_gone(void **state) {
    (void)state;
    const limits l = limits_default();
    const session_times times = {0};
    assert_string_equal(session_rule_over(&times, true, &l, 0), "operator-card-removed");
    assert_string_equal(session_rule_over(&times, true, &l, INT64_C(1) << 40), "operator-card-removed");
    assert_string_equal(session_rule_over(&times, false, &l, INT64_C(1) << 40), "idle");
}

/* Limits that could not be read are zero: nothing is allowed. */

static void test_no_limits(void **state) {
    (void)state;
    const limits none = {{0}};
    const session_times times = {0};
    assert_string_equal(session_rule_over(&times, false, &none, 0), "idle");
}

/* --- in the store ------------------------------------------------------------------------------------------------- */

typedef struct fixture {
    char folder[64];
    report report;
    store_access store;
} fixture;

static void open_file(fixture *f) {
    f->store.folder = f->folder;
    assert_int_equal(store_open_file(&f->store, &f->report), OUTCOME_OK);
    for (size_t i = 0; i < CRYPT_SEAL_KEY_LENGTH; i++) {
        f->store.record_key[i] = (uint8_t)i;
        f->store.index_key[i] = (uint8_t)(i + 1);
        f->store.ledger_key[i] = (uint8_t)(i + 2);
    }
}

static int set_up(void **state) {
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    strcpy(f->folder, "/tmp/test-without-card.XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    report_begin(&f->report, true, NULL, NULL);
    open_file(f);
    assert_int_equal(ledger_begin(&f->store), RESULT_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    static const char *const files[] = {"terminal.sqlite", "terminal.sqlite-wal", "terminal.sqlite-shm"};
    fixture *f = *state;
    char path[128];
    store_close(&f->store);
    report_discard(&f->report);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", f->folder, files[i]);
        unlink(path);
    }
    rmdir(f->folder);
    free(f);
    return 0;
}

#define BOOT INT64_C(5000000) /* milliseconds since the start of the machine */
#define READER "run-1/Operator 00 00/"

static const session_owner one = {.fingerprint = CARD, .id = "operator-1", .stay = READER "1"};

static void assert_over(fixture *f, session_owner who, int64_t now_ms, const char *why) {
    const limits l = limits_default();
    assert_string_equal(stored_session_over(&f->store, &who, &l, now_ms), why);
    if (strcmp(why, "") == 0 || strcmp(why, "operator-card-removed") == 0)
        assert_int_equal(stored_session_use(&f->store, &who, now_ms), RESULT_NOT_FOUND);
}

static void assert_counts(fixture *f, int64_t now_ms) {
    const limits l = limits_default();
    assert_null(stored_session_over(&f->store, &one, &l, now_ms));
}

static void test_stored(void **state) {
    fixture *f = *state;
    const limits l = limits_default();
    const int64_t most = l.value[LIMIT_SESSION_MINUTES] * MINUTE_MS, idle = l.value[LIMIT_IDLE_MINUTES] * MINUTE_MS;
    assert_over(f, one, BOOT, "");
    assert_int_equal(stored_session_begin(&f->store, &one, BOOT), RESULT_OK);
    assert_counts(f, BOOT);
    assert_counts(f, BOOT + idle - 1);
    assert_over(f, one, BOOT + idle, "idle");
    for (int64_t at = BOOT + idle - 1; at < BOOT + most; at += idle - 1)
        assert_int_equal(stored_session_use(&f->store, &one, at), RESULT_OK);
    assert_counts(f, BOOT + most - 1);
    assert_over(f, one, BOOT + most, "session-expired");
    assert_int_equal(stored_session_end(&f->store), RESULT_OK);
    assert_over(f, one, BOOT, "");
    assert_int_equal(stored_session_end(&f->store), RESULT_OK);
}

/* Another card, the same one put back, another reader, another run of pcscd or of the machine, and a place that is not
 * known. */
static void test_other_stay(void **state) {
    static const struct {
        const char *fingerprint, *stay, *why;
    } rows[] = {
        {"BB", READER "1", ""},
        {"", READER "1", ""},
        {CARD, READER "3", "operator-card-removed"},
        {CARD, READER "11", "operator-card-removed"},
        {CARD, READER, "operator-card-removed"},
        {CARD, "run-1/Operator 01 00/1", "operator-card-removed"},
        {CARD, "run-2/Operator 00 00/1", ""},
        {CARD, "run-11/Operator 00 00/1", ""},
        {CARD, "run/Operator 00 00/1", ""},
        {CARD, "/Operator 00 00/1", ""},
        {CARD, "", ""},
    };
    fixture *f = *state;
    assert_int_equal(stored_session_begin(&f->store, &one, BOOT), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_over(f, (session_owner){rows[i].fingerprint, "operator-1", rows[i].stay}, BOOT + 1, rows[i].why);
    assert_counts(f, BOOT + 1);
}

/* Where the card was is not known: nobody's, also for whoever does not know it either. */
static void test_unknown_stay(void **state) {
    fixture *f = *state;
    const session_owner nowhere = {.fingerprint = CARD, .id = "operator-1", .stay = ""};
    assert_int_equal(stored_session_begin(&f->store, &nowhere, BOOT), RESULT_OK);
    assert_over(f, nowhere, BOOT, "");
    assert_over(f, one, BOOT, "");
}

/* The clock that nobody sets does not go back: what was begun or used later is another machine's, or an old file. */
static void test_begun_later(void **state) {
    fixture *f = *state;
    assert_int_equal(stored_session_begin(&f->store, &one, BOOT), RESULT_OK);
    assert_counts(f, BOOT);
    assert_int_equal(stored_session_use(&f->store, &one, BOOT + MINUTE_MS), RESULT_OK);
    assert_counts(f, BOOT + MINUTE_MS);
    const limits l = limits_default();
    assert_string_equal(stored_session_over(&f->store, &one, &l, BOOT + MINUTE_MS - 1), "");
    assert_string_equal(stored_session_over(&f->store, &one, &l, BOOT - 1), "");
}

/* As a version before wrote it: without the place of the card. */
static void test_stored_before(void **state) {
    static const char old[] = "{\"fingerprint\":\"AA\",\"id\":\"operator-1\",\"since\":5000,\"used\":5000}";
    fixture *f = *state;
    assert_int_equal(record_set(&f->store, SETTING_SESSION, bytes_of(old, strlen(old))), RESULT_OK);
    assert_over(f, one, 5000, "");
    assert_over(f, (session_owner){.fingerprint = CARD, .id = "operator-1", .stay = ""}, 5000, "");
}

/* What another key has sealed is nobody's session. */
static void test_other_key(void **state) {
    fixture *f = *state;
    assert_int_equal(stored_session_begin(&f->store, &one, BOOT), RESULT_OK);
    f->store.record_key[0] ^= 1;
    assert_over(f, one, BOOT, "");
}

/* Without the ledger nothing in the store counts. */
static void test_locked(void **state) {
    fixture *f = *state;
    assert_int_equal(stored_session_begin(&f->store, &one, BOOT), RESULT_OK);
    store_forget_keys(&f->store);
    assert_over(f, one, BOOT, "");
}

/* --- limits, and the clock, in the same store --------------------------------------------------------------------- */

static void decide(fixture *f, const char *name, const char *text) {
    assert_int_equal(record_set(&f->store, name, bytes_of(text, strlen(text))), RESULT_OK);
}

static void assert_nothing_permitted(fixture *f, command_context *ctx) {
    ctx->report = f->report;
    assert_int_equal(decisions_apply(&f->store, ctx), RESULT_OK);
    assert_string_equal(ctx->decision_fault, "limits");
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        assert_int_equal(ctx->limits.value[i], 0);
    assert_int_equal(decisions_require(&f->store, ctx), OUTCOME_REFUSED);
    f->report = ctx->report;
    report_discard(&f->report);
    report_begin(&f->report, true, NULL, NULL);
}

/* The stricter of what is decided and what is configured; a decision that is not signed, or cannot be read, permits
 * nothing: neither one of the version before, which had no signatures, nor a text that is no record. */
static void test_limits_in_force(void **state) {
    fixture *f = *state;
    static command_context ctx;
    const limits usual = limits_default();
    ctx.configuration.limits = (limits){{0}};
    assert_int_equal(decisions_apply(&f->store, &ctx), RESULT_OK);
    assert_null(ctx.decision_fault);
    assert_memory_equal(&ctx.limits, &usual, sizeof usual);
    ctx.configuration.limits.value[LIMIT_OFFLINE_COUNT] = 5;
    ctx.configuration.limits.value[LIMIT_OFFLINE_HOURS] = 700;
    assert_int_equal(decisions_apply(&f->store, &ctx), RESULT_OK);
    assert_int_equal(ctx.limits.value[LIMIT_OFFLINE_HOURS], usual.value[LIMIT_OFFLINE_HOURS]);
    assert_int_equal(ctx.limits.value[LIMIT_OFFLINE_COUNT], 5);
    decide(f, "limits", "offline-hours=10 offline-count=20");
    assert_nothing_permitted(f, &ctx);
    assert_int_equal(record_unset(&f->store, "limits"), RESULT_OK);
    decide(f, "limits-decision", "offline-hours=10");
    assert_nothing_permitted(f, &ctx);
    anchors_forget(&ctx);
}

/* Two administrators confirm a time: before and after it nothing but what is near is believed. */
static void test_clock(void **state) {
    fixture *f = *state;
    const int64_t now = clock_wall_s();
    assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_OK); /* it has never worked */
    assert_int_equal(clock_confirm_time(&f->store, now + CLOCK_BACK_TOLERANCE_S / 2), RESULT_OK);
    assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_OK);
    assert_int_equal(clock_confirm_time(&f->store, now + CLOCK_BACK_TOLERANCE_S * 2), RESULT_OK);
    assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_REFUSED);
    assert_string_equal(report_reason(&f->report), "clock-behind");
    report_discard(&f->report);
    report_begin(&f->report, true, NULL, NULL);
    assert_int_equal(clock_confirm_time(&f->store, now - CLOCK_AHEAD_MAX_S * INT64_C(2)), RESULT_OK);
    assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_REFUSED);
    assert_string_equal(report_reason(&f->report), "clock-ahead");
}

/* A store without a head gets an empty one; a head that is no hash is mended, and that is told. */
static void test_chain_head(void **state) {
    fixture *f = *state;
    char head[STATEMENT_HASH_SIZE];
    static const char hash[] = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";
    assert_int_equal(chain_head_read(&f->store, &f->report, head), RESULT_OK);
    assert_string_equal(head, "");
    assert_null(json_object_get(f->report.fields, "chainMended"));
    assert_int_equal(record_set(&f->store, SETTING_CHAIN_HEAD, bytes_of(hash, strlen(hash))), RESULT_OK);
    assert_int_equal(chain_head_read(&f->store, &f->report, head), RESULT_OK);
    assert_string_equal(head, hash);
    assert_int_equal(record_set(&f->store, SETTING_CHAIN_HEAD, bytes_of("torn", 4)), RESULT_OK);
    assert_int_equal(chain_head_read(&f->store, &f->report, head), RESULT_OK);
    assert_string_equal(head, "");
    assert_string_equal(json_string_value(json_object_get(f->report.fields, "chainMended")), "-");
}

/* A clock that is set by a little each time, and noted in between: what it may go back by is counted from the newest time
 * there ever was; ahead it may go as far as it likes in steps that are each believed. */
static void test_clock_steps(void **state) {
    fixture *f = *state;
    const int64_t step = CLOCK_BACK_TOLERANCE_S / 4;
    assert_int_equal(clock_confirm_time(&f->store, clock_wall_s()), RESULT_OK);
    for (int i = 1; i <= 3; i++) {
        set_by_s = -i * step;
        assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_OK);
        clock_note(&f->store);
    }
    set_by_s = -5 * step;
    assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_REFUSED);
    assert_string_equal(report_reason(&f->report), "clock-behind");
    report_discard(&f->report);
    report_begin(&f->report, true, NULL, NULL);
    set_by_s = 0;
    for (int i = 0; i < 12; i++) {
        set_by_s += CLOCK_AHEAD_MAX_S - 120;
        assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_OK);
        clock_note(&f->store);
    }
    set_by_s += CLOCK_AHEAD_MAX_S + 120;
    assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_REFUSED);
    assert_string_equal(report_reason(&f->report), "clock-ahead");
    set_by_s = 0;
}

/* The newest time is noted, at most once a minute, and never an older one. */
static void test_clock_note(void **state) {
    fixture *f = *state;
    const int64_t now = clock_wall_s();
    const int64_t stays[] = {now + CLOCK_BACK_TOLERANCE_S / 2, now + 20, now - 20};
    for (size_t i = 0; i < sizeof stays / sizeof *stays; i++) {
        assert_int_equal(clock_confirm_time(&f->store, stays[i]), RESULT_OK);
        clock_note(&f->store);
        assert_int_equal(record_time(&f->store, "last-seen"), stays[i]);
    }
    assert_int_equal(clock_confirm_time(&f->store, now - 600), RESULT_OK);
    clock_note(&f->store);
    assert_true(record_time(&f->store, "last-seen") >= now);
}

static void test_clock_lost(void **state) {
    fixture *f = *state;
    assert_int_equal(record_set(&f->store, "last-seen", bytes_of("yesterday", 9)), RESULT_OK);
    assert_int_equal(clock_check(&f->store, &f->report), OUTCOME_INTERNAL);
    assert_string_equal(report_reason(&f->report), "store");
    report_discard(&f->report);
    report_begin(&f->report, true, NULL, NULL);
}

/* --- what somebody else did to the store -------------------------------------------------------------------------- */

static void test_old_setting(void **state) {
    fixture *f = *state;
    buffer old = BUFFER_INIT(RECORD_MAX), value = BUFFER_INIT(RECORD_MAX);
    int64_t version = 0;
    assert_int_equal(record_set(&f->store, "one", bytes_of("first", 5)), RESULT_OK);
    assert_int_equal(terminal_store_setting(f->store.file, "one", &version, &old), RESULT_OK);
    assert_int_equal(record_set(&f->store, "one", bytes_of("second", 6)), RESULT_OK);
    assert_int_equal(record_setting(&f->store, "one", &value), RESULT_OK);
    assert_string_equal(buffer_text(&value), "second");
    buffer_clear(&value);
    const terminal_change back = {.settings = {{.name = "one", .version = version, .value = buffer_bytes(&old)}}};
    assert_int_equal(terminal_store_change(f->store.file, &back), RESULT_OK);
    assert_int_equal(record_setting(&f->store, "one", &value), RESULT_BAD_SIGNATURE);
    assert_int_equal(value.length, 0);
    buffer_wipe(&old);
    buffer_wipe(&value);
}

static terminal_record row(const char *id, const char *state) {
    terminal_record r = {.kind = "thing", .at = NOW, .version = 1};
    snprintf(r.id, sizeof r.id, "%s", id);
    snprintf(r.state, sizeof r.state, "%s", state);
    return r;
}

/* What could not be written is not in the account. */
static void test_failed_change(void **state) {
    fixture *f = *state;
    char problem[LEDGER_PROBLEM_SIZE];
    terminal_record r = row("a", "new");
    assert_int_equal(record_add(&f->store, &r, bytes_of("x", 1), NULL, NULL), RESULT_OK);
    assert_int_equal(record_add(&f->store, &r, bytes_of("y", 1), NULL, NULL), RESULT_EXISTS);
    assert_int_equal(ledger_count(&f->store, "thing", NULL), 1);
    assert_int_equal(ledger_load(&f->store, problem), RESULT_OK);
    assert_int_equal(ledger_count(&f->store, "thing", "new"), 1);
}

/* A row that the ledger does not know becomes no known one. */
static void test_unknown_record(void **state) {
    fixture *f = *state;
    terminal_record known = row("a", "new");
    const terminal_record strange[] = {row("b", "old"), row("c", "done")};
    assert_int_equal(record_add(&f->store, &known, bytes_of("x", 1), NULL, NULL), RESULT_OK);
    assert_int_equal(record_replace(&f->store, "a", "done", bytes_of("y", 1)), RESULT_OK);
    assert_int_equal(record_replace(&f->store, "a", "new", bytes_of("y", 1)), RESULT_OK); /* nothing is done now */
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        const terminal_change change = {.record = &strange[i], .is_new = true, .sealed = bytes_of("z", 1)};
        assert_int_equal(terminal_store_change(f->store.file, &change), RESULT_OK);
        assert_int_equal(record_replace(&f->store, strange[i].id, "new", bytes_of("x", 1)), RESULT_BAD_SIGNATURE);
    }
    assert_int_equal(ledger_count(&f->store, "thing", NULL), 1);
}

/* --- the platform's time ------------------------------------------------------------------------------------------ */

static void test_beacon(void **state) {
    static const struct {
        int64_t wall_ms, boot_ms; /* before now */
        const char *boot;         /* NULL: this start of the machine */
        bool restarted;
        int64_t jump;
        bool due; /* the platform is asked again */
    } rows[] = {
        {10000, 10000, NULL, false, 0, false},    {110000, 10000, NULL, false, 100, true},
        {-90000, 10000, NULL, false, -100, true}, {10000, 10000, "another", true, 0, true},
        {10000, -60000, NULL, true, 0, true},
    };
    fixture *f = *state;
    statement_clock c;
    clock_beacon_state(&f->store, &c);
    assert_string_equal(c.beacon, "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        clock_beacon b;
        clock_beacon_now(&b);
        b.wall_ms -= rows[i].wall_ms;
        b.boot_ms -= rows[i].boot_ms;
        b.platform_ms = NOW * 1000;
        if (rows[i].boot != NULL)
            snprintf(b.boot, sizeof b.boot, "%s", rows[i].boot);
        assert_int_equal(clock_beacon_keep(&f->store, &b), RESULT_OK);
        clock_beacon_state(&f->store, &c);
        assert_string_not_equal(c.beacon, "");
        assert_int_equal(c.restarted, rows[i].restarted);
        assert_int_equal(c.jump, rows[i].jump);
        assert_int_equal(clock_beacon_is_due(&f->store), rows[i].due);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_expired),
        cmocka_unit_test(test_card_gone),
        cmocka_unit_test(test_no_limits),
        cmocka_unit_test_setup_teardown(test_stored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_begun_later, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stored_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_locked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limits_in_force, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_chain_head, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clock_note, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clock_steps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clock_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_old_setting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_beacon, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
