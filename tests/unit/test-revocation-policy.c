/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The one table for revocation lists (crypt/revocation_policy.h): a cell each, by lists from one generator, asked by
 * lib/crypt and by both ends of TLS; what changes on disk under a running program; times from 2050 on. */
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/der.h"
#include "crypt/trust.h"
#include "iso7816/tlv.h"
#include "net/http_trust.h"
#include "revocation-lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* How much later it is than the clock says, for what comes once a day. */
static int64_t later_ms;

int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);

int64_t __wrap_clock_monotonic_ms(void) {
    return __real_clock_monotonic_ms() + later_ms;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

#define CRITICAL_UNKNOWN "300D06032A03040101FF0403020101"
#define UNKNOWN "300A06032A03040403020101"
#define DELTA "300D0603551D1B0101FF0403020101"
#define ISSUING_POINT "300C0603551D1C0101FF04023000"
#define ISSUING_POINT_NOT_CRITICAL "30090603551D1C04023000"
#define REASON_KEY_COMPROMISE "300A0603551D1504030A0101"
#define REASON_HOLD "300A0603551D1504030A0106"
#define OF_ANOTHER_ISSUER "300C0603551D1D0101FF04023000"

static const struct cell {
    const char *what;
    list_order list;
    bool absent;
    revocation_policy policy;
    int64_t at; /* days from now */
    trust_verdict due;
    http_trust_verdict due_of_tls; /* checked now, so only where at is 0 */
} cells[] = {
    {"current", {.from = -1, .until = 20, .revoked = NOBODY}, false, {0}, 0, TRUST_OK, HTTP_TRUST_GOOD},
    {"ends soon", {.from = -1, .until = 2, .revoked = NOBODY}, false, {0}, 0, TRUST_OK, HTTP_TRUST_GOOD},
    {"stale, no grace",
     {.from = -40, .until = -1, .revoked = NOBODY},
     false,
     {0},
     0,
     TRUST_LIST_STALE,
     HTTP_TRUST_LIST_STALE},
    {"stale, within the grace",
     {.from = -40, .until = -2, .revoked = NOBODY},
     false,
     {.grace_days = 3},
     0,
     TRUST_OK,
     HTTP_TRUST_GOOD},
    {"stale, the grace's last moment",
     {.from = -40, .until = -3, .revoked = NOBODY},
     false,
     {.grace_days = 4},
     0,
     TRUST_OK,
     HTTP_TRUST_GOOD},
    {"stale, past the grace",
     {.from = -40, .until = -4, .revoked = NOBODY},
     false,
     {.grace_days = 3},
     0,
     TRUST_LIST_STALE,
     HTTP_TRUST_LIST_STALE},
    {"400 days old",
     {.from = -430, .until = -400, .revoked = NOBODY},
     false,
     {.grace_days = 30},
     0,
     TRUST_LIST_STALE,
     HTTP_TRUST_LIST_STALE},
    {"stale now, current then", {.from = -40, .until = -10, .revoked = NOBODY}, false, {0}, -20, TRUST_OK, 0},
    {"issued after the time in question", {.from = -1, .until = 20, .revoked = NOBODY}, false, {0}, -100, TRUST_OK, 0},
    {"without nextUpdate, its day",
     {.from = -1, .until = NO_UPDATE, .revoked = NOBODY},
     false,
     {.grace_days = 3},
     0,
     TRUST_OK,
     HTTP_TRUST_GOOD},
    {"without nextUpdate, later",
     {.from = -4, .until = NO_UPDATE, .revoked = NOBODY},
     false,
     {.grace_days = 3},
     0,
     TRUST_LIST_STALE,
     HTTP_TRUST_LIST_STALE},
    {"not yet valid",
     {.from = 1, .until = 20, .revoked = NOBODY},
     false,
     {.grace_days = 30},
     0,
     TRUST_LIST_NOT_YET_VALID,
     HTTP_TRUST_LIST_EARLY},
    {"missing", {.revoked = NOBODY}, true, {.grace_days = 30}, 0, TRUST_LIST_MISSING, 0},
    {"missing by decision", {.revoked = NOBODY}, true, {.without_lists = true}, 0, TRUST_OK, 0},
    {"of another key of that name",
     {.from = -1, .until = 20, .revoked = NOBODY, .signer = &lists_namesake},
     false,
     {.grace_days = 30},
     0,
     TRUST_LIST_OF_ANOTHER,
     0},
    {"of another, and lists are not asked for",
     {.from = -1, .until = 20, .revoked = NOBODY, .signer = &lists_namesake},
     false,
     {.without_lists = true},
     0,
     TRUST_LIST_OF_ANOTHER,
     0},
    {"unknown extension",
     {.from = -1, .until = 20, .extension = UNKNOWN, .revoked = NOBODY},
     false,
     {0},
     0,
     TRUST_OK,
     HTTP_TRUST_GOOD},
    {"unknown critical extension",
     {.from = -1, .until = 20, .extension = CRITICAL_UNKNOWN, .revoked = NOBODY},
     false,
     {.grace_days = 30},
     0,
     TRUST_LIST_NOT_UNDERSTOOD,
     HTTP_TRUST_LIST_UNFIT},
    {"delta",
     {.from = -1, .until = 20, .extension = DELTA, .revoked = NOBODY},
     false,
     {0},
     0,
     TRUST_LIST_NOT_UNDERSTOOD,
     HTTP_TRUST_LIST_UNFIT},
    {"issuing point",
     {.from = -1, .until = 20, .extension = ISSUING_POINT, .revoked = NOBODY},
     false,
     {0},
     0,
     TRUST_LIST_NOT_UNDERSTOOD,
     HTTP_TRUST_LIST_UNFIT},
    {"issuing point, not critical",
     {.from = -1, .until = 20, .extension = ISSUING_POINT_NOT_CRITICAL, .revoked = NOBODY},
     false,
     {0},
     0,
     TRUST_LIST_NOT_UNDERSTOOD,
     HTTP_TRUST_LIST_UNFIT},
    {"entry with an unknown critical extension",
     {.from = -1, .until = 20, .revoked = -5, .entry_extension = CRITICAL_UNKNOWN},
     false,
     {0},
     -10,
     TRUST_LIST_NOT_UNDERSTOOD,
     0},
    {"entry of another issuer",
     {.from = -1, .until = 20, .revoked = -5, .entry_extension = OF_ANOTHER_ISSUER},
     false,
     {0},
     0,
     TRUST_LIST_NOT_UNDERSTOOD,
     HTTP_TRUST_LIST_UNFIT},
    {"revoked before", {.from = -1, .until = 20, .revoked = -5}, false, {0}, 0, TRUST_REVOKED, HTTP_TRUST_REVOKED},
    {"revoked at that moment", {.from = -1, .until = 20, .revoked = -5}, false, {0}, -5, TRUST_REVOKED, 0},
    {"revoked after", {.from = -1, .until = 20, .revoked = -5}, false, {0}, -6, TRUST_OK, 0},
    {"revoked, with a reason",
     {.from = -1, .until = 20, .revoked = -5, .entry_extension = REASON_KEY_COMPROMISE},
     false,
     {0},
     0,
     TRUST_REVOKED,
     HTTP_TRUST_REVOKED},
    {"on hold",
     {.from = -1, .until = 20, .revoked = -5, .entry_extension = REASON_HOLD},
     false,
     {0},
     0,
     TRUST_REVOKED,
     HTTP_TRUST_REVOKED},
    {"invalid since an earlier day",
     {.from = -1, .until = 20, .revoked = -5, .invalid = -9},
     false,
     {0},
     -6,
     TRUST_REVOKED,
     0},
    {"before it was invalid", {.from = -1, .until = 20, .revoked = -5, .invalid = -9}, false, {0}, -10, TRUST_OK, 0},
    {"invalid since a later day: the revocation counts",
     {.from = -1, .until = 20, .revoked = -9, .invalid = -5},
     false,
     {0},
     -6,
     TRUST_REVOKED,
     0},
    {"revoked by a stale list",
     {.from = -430, .until = -400, .revoked = -420},
     false,
     {0},
     0,
     TRUST_REVOKED,
     HTTP_TRUST_REVOKED},
    {"revoked, and lists are not asked for",
     {.from = -1, .until = 20, .revoked = -5},
     false,
     {.without_lists = true},
     0,
     TRUST_REVOKED,
     HTTP_TRUST_REVOKED},
};

static trust *follow(const revocation_policy *policy) {
    trust *t = NULL;
    assert_int_equal(trust_follow(lists_folder, "a", policy, &t), RESULT_OK);
    return t;
}

static void each_cell_has_its_verdict(void **state) {
    certificate *c = NULL;
    (void)state;
    test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
    assert_int_equal(certificate_new(bytes_of(lists_person.der.data, lists_person.der.size), &c), RESULT_OK);
    for (size_t i = 0; i < COUNT(cells); i++) {
        const struct cell *cell = &cells[i];
        unlink(lists_path("a.crl"));
        if (!cell->absent)
            lists_write(&cell->list, 1);
        trust *t = follow(&cell->policy);
        const trust_verdict verdict = trust_check(t, c, TRUST_CLIENT_AUTHENTICATION, lists_now + cell->at * DAY);
        if (verdict != cell->due)
            fail_msg("%s: %s, not %s", cell->what, trust_verdict_text(verdict), trust_verdict_text(cell->due));
        trust_free(&t);
    }
    certificate_free(&c);
}

static void tls_goes_by_the_same_table(void **state) {
    const gnutls_datum_t chain[] = {lists_person.der};
    (void)state;
    test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
    for (size_t i = 0; i < COUNT(cells); i++) {
        const struct cell *cell = &cells[i];
        http_trust *t = NULL;
        if (cell->due_of_tls == 0)
            continue;
        lists_write(&cell->list, 1);
        assert_int_equal(http_trust_new(lists_path("a.pem"), lists_path("a.crl"), &cell->policy, &t, NULL), RESULT_OK);
        const http_trust_verdict verdict = http_trust_check(t, chain, 1, GNUTLS_X509_FMT_DER, GNUTLS_KP_TLS_WWW_CLIENT,
                                                            NULL);
        if (verdict != cell->due_of_tls)
            fail_msg("%s: %d, not %d", cell->what, (int)verdict, (int)cell->due_of_tls);
        http_trust_free(&t);
    }
}

static void tls_may_be_without_lists_only_by_decision(void **state) {
    const revocation_policy strict = {.grace_days = 30}, without = {.without_lists = true};
    http_trust *t = NULL;
    (void)state;
    test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
    unlink(lists_path("a.crl"));
    assert_int_equal(http_trust_new(lists_path("a.pem"), lists_path("a.crl"), &strict, &t, NULL), RESULT_NOT_FOUND);
    assert_int_equal(http_trust_new(lists_path("a.pem"), lists_path("a.crl"), &without, &t, NULL), RESULT_OK);
    http_trust_free(&t);
}

static void the_best_of_several_lists_counts(void **state) {
    const list_order lists[] = {{.from = -40, .until = -10, .revoked = -30},
                                {.from = -1, .until = 20, .revoked = NOBODY}};
    const revocation_policy strict = {0};
    certificate *c = NULL;
    (void)state;
    assert_int_equal(certificate_new(bytes_of(lists_person.der.data, lists_person.der.size), &c), RESULT_OK);
    test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
    lists_write(lists, 2);
    trust *t = follow(&strict);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now), TRUST_REVOKED); /* whoever was listed stays so */
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now - 31 * DAY), TRUST_OK);
    trust_free(&t);
    certificate_free(&c);
}

static void the_authority_is_checked_at_that_time(void **state) {
    const revocation_policy without = {.without_lists = true};
    certificate *c = NULL;
    (void)state;
    unlink(lists_path("a.crl"));
    test_identity_write(&lists_ended_ca, lists_path("a.pem"), NULL);
    assert_int_equal(certificate_new(bytes_of(lists_of_ended.der.data, lists_of_ended.der.size), &c), RESULT_OK);
    trust *t = follow(&without);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now), TRUST_ISSUER_EXPIRED);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now - 11 * DAY), TRUST_OK);
    trust_free(&t);
    certificate_free(&c);
}

static void an_authority_begins_too(void **state) {
    const revocation_policy without = {.without_lists = true};
    const test_profile of_ca = {"CN=Young CA,C=JP", 3, lists_now - 5 * DAY, lists_now + 1000 * DAY, CA_USAGE, NULL};
    const test_profile older = {
        "CN=Older,C=JP", 4, lists_now - 50 * DAY, lists_now + DAY, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    test_identity young, of_young;
    certificate *c = NULL;
    (void)state;
    test_identity_make(&young, &of_ca, NULL, NULL);
    test_identity_make(&of_young, &older, &young, NULL);
    test_identity_write(&young, lists_path("a.pem"), NULL);
    assert_int_equal(certificate_new(bytes_of(of_young.der.data, of_young.der.size), &c), RESULT_OK);
    trust *t = follow(&without);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now), TRUST_OK);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now - 6 * DAY), TRUST_ISSUER_NOT_YET_VALID);
    trust_free(&t);
    certificate_free(&c);
    test_identity_free(&young);
    test_identity_free(&of_young);
}

/* --- files that change -------------------------------------------------------------------------------------------- */

static void new_files_are_read(void **state) {
    const list_order nobody = {.from = -2, .until = 20, .revoked = NOBODY},
                     listed = {.from = -1, .until = 25, .revoked = -1};
    const revocation_policy strict = {0};
    certificate *c = NULL;
    (void)state;
    assert_int_equal(certificate_new(bytes_of(lists_person.der.data, lists_person.der.size), &c), RESULT_OK);
    test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
    lists_write(&nobody, 1);
    trust *t = follow(&strict), *shared = trust_share(t);
    assert_int_equal(trust_look(t, false), TRUST_UNCHANGED);
    assert_int_equal(trust_check(shared, c, TRUST_ANY_PURPOSE, lists_now), TRUST_OK);
    lists_write(&listed, 1);
    assert_int_equal(trust_check(shared, c, TRUST_ANY_PURPOSE, lists_now), TRUST_OK); /* not looked yet */
    assert_int_equal(trust_look(t, false), TRUST_READ_AGAIN);
    assert_int_equal(trust_look(t, false), TRUST_UNCHANGED);
    assert_int_equal(trust_check(shared, c, TRUST_ANY_PURPOSE, lists_now), TRUST_REVOKED); /* every holder sees it */
    assert_int_equal(trust_look(t, true), TRUST_READ_AGAIN);
    trust_free(&t);
    trust_free(&shared);
    certificate_free(&c);
}

/* One line a day for a list that ends soon, however often it is looked after. */
static void a_warning_comes_once_a_day(void **state) {
    const list_order ends_soon = {.from = -1, .until = 2, .revoked = NOBODY};
    const revocation_policy strict = {0};
    char log[4096] = "";
    (void)state;
    test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
    lists_write(&ends_soon, 1);
    trust *t = follow(&strict);
    FILE *stream = fmemopen(log, sizeof log, "w");
    log_open("test", LOG_WARNING, stream);
    const int64_t hours[] = {0, 1, 23, 25, 26};
    for (size_t i = 0; i < COUNT(hours); i++) {
        later_ms = hours[i] * 3600000;
        trust_look_after_all(false);
    }
    fclose(stream);
    log_open("test", LOG_NOTICE, NULL);
    size_t lines = 0;
    for (const char *at = log; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    assert_int_equal(lines, 2);
    later_ms = 0;
    trust_free(&t);
}

static void put_text(const char *name, const char *text) {
    FILE *file = fopen(lists_path(name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void tear(const char *name) {
    struct stat facts;
    assert_int_equal(stat(lists_path(name), &facts), 0);
    assert_int_equal(truncate(lists_path(name), facts.st_size / 2), 0);
}

static void lose_list(void) {
    assert_int_equal(unlink(lists_path("a.crl")), 0);
}
static void tear_list(void) {
    tear("a.crl");
}
static void tear_authority(void) {
    tear("a.pem");
}
static void empty_list(void) {
    put_text("a.crl", "");
}
static void older_list(void) {
    lists_write(&(list_order){.from = -3, .until = 28, .revoked = NOBODY}, 1);
}
static void list_of_namesake(void) {
    lists_write(&(list_order){.from = -1, .until = 28, .revoked = NOBODY, .signer = &lists_namesake}, 1);
}
static void other_authority(void) {
    test_identity_write(&lists_namesake, lists_path("a.pem"), NULL);
}

static void bad_files_leave_the_former_in_force(void **state) {
    static const struct {
        const char *what;
        void (*spoil)(void);
    } rows[] = {
        {"no list", lose_list},
        {"half a list", tear_list},
        {"an empty list", empty_list},
        {"an older list", older_list},
        {"another key's list", list_of_namesake},
        {"half a CA", tear_authority},
        {"another CA beside the old list", other_authority},
    };
    const list_order listed = {.from = -2, .until = 20, .revoked = -1};
    const revocation_policy strict = {0};
    certificate *c = NULL;
    (void)state;
    assert_int_equal(certificate_new(bytes_of(lists_person.der.data, lists_person.der.size), &c), RESULT_OK);
    for (size_t i = 0; i < COUNT(rows); i++) {
        test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
        lists_write(&listed, 1);
        trust *t = follow(&strict);
        rows[i].spoil();
        if (trust_look(t, false) != TRUST_FORMER_KEPT)
            fail_msg("%s: taken, or not seen", rows[i].what);
        assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now), TRUST_REVOKED);
        assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now - 2 * DAY), TRUST_OK);
        test_identity_write(&lists_ca, lists_path("a.pem"), NULL);
        lists_write(&listed, 1);
        assert_int_equal(trust_look(t, false), TRUST_READ_AGAIN);
        trust_free(&t);
    }
    certificate_free(&c);
}

/* --- times from 2050 on ------------------------------------------------------------------------------------------- */

static void later_years_are_checked(void **state) {
    const int64_t then = 2556144000; /* 2051-01-01 */
    const test_profile of_ca = {"CN=Late CA,C=JP", 5, lists_now - DAY, then + 1000 * DAY, CA_USAGE, NULL};
    const test_profile of_late = {
        "CN=Late,C=JP", PERSON_SERIAL, lists_now - DAY, then + 100 * DAY, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    const list_order list = {
        .from = -1, .until = (then - lists_now) / DAY + 5, .revoked = (then - lists_now) / DAY - 1};
    const revocation_policy strict = {0};
    test_identity late_ca, late;
    certificate *c = NULL;
    (void)state;
    test_identity_make(&late_ca, &of_ca, NULL, lists_ca.key);
    test_identity_make(&late, &of_late, &late_ca, lists_person.key);
    test_identity_write(&late_ca, lists_path("a.pem"), NULL);
    lists_write(&list, 1); /* the signature decides whose it is */
    assert_int_equal(certificate_new(bytes_of(late.der.data, late.der.size), &c), RESULT_OK);
    trust *t = follow(&strict);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, then - 3 * DAY), TRUST_OK);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, then + DAY), TRUST_REVOKED);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, then - 30 * DAY), TRUST_OK);
    assert_int_equal(trust_check(t, c, TRUST_ANY_PURPOSE, lists_now - 2 * DAY), TRUST_NOT_YET_VALID);
    trust_free(&t);
    certificate_free(&c);
    gnutls_x509_crt_deinit(late_ca.certificate); /* the keys are others' */
    gnutls_x509_crt_deinit(late.certificate);
    gnutls_free(late_ca.der.data);
    gnutls_free(late.der.data);
}

/* --- the rules themselves ----------------------------------------------------------------------------------------- */

static void edges_are_where_they_should_be(void **state) {
    static const struct {
        revocation_facts list;
        unsigned grace_days;
        int64_t at, now;
        revocation_state due;
    } rows[] = {
        {{true, 0, 100 * DAY}, 0, 93 * DAY, 93 * DAY, REVOCATION_CURRENT},
        {{true, 0, 100 * DAY}, 0, 93 * DAY + 1, 93 * DAY + 1, REVOCATION_ENDING},
        {{true, 0, 100 * DAY}, 0, 100 * DAY, 100 * DAY, REVOCATION_ENDING},
        {{true, 0, 100 * DAY}, 0, 100 * DAY + 1, 100 * DAY + 1, REVOCATION_STALE},
        {{true, 0, 100 * DAY}, 1, 101 * DAY, 101 * DAY, REVOCATION_GRACE},
        {{true, 0, 100 * DAY}, 1, 101 * DAY + 1, 101 * DAY + 1, REVOCATION_STALE},
        {{true, 1000, 100 * DAY}, 0, 700, 700, REVOCATION_CURRENT}, /* clocks differ by five minutes */
        {{true, 1001, 100 * DAY}, 0, 700, 700, REVOCATION_EARLY},
        {{false, 0, 100 * DAY}, 30, 1, 1, REVOCATION_NOT_UNDERSTOOD},
        {{true, 0, 100 * DAY}, 0, 200 * DAY, 50 * DAY, REVOCATION_CURRENT}, /* a time to come */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const revocation_policy policy = {.grace_days = rows[i].grace_days};
        const revocation_state got = revocation_check(&rows[i].list, &policy, rows[i].at, rows[i].now);
        if (got != rows[i].due)
            fail_msg("row %zu: %d, not %d", i, (int)got, (int)rows[i].due);
    }
}

static void each_state_permits_or_warns(void **state) {
    static const struct {
        revocation_state state;
        bool permits, warns;
    } rows[] = {
        {REVOCATION_CURRENT, true, false},      {REVOCATION_ENDING, true, true},
        {REVOCATION_GRACE, true, true},         {REVOCATION_STALE, false, true},
        {REVOCATION_EARLY, false, true},        {REVOCATION_NOT_UNDERSTOOD, false, true},
        {REVOCATION_OTHER_ISSUER, false, true}, {REVOCATION_MISSING, false, true},
    };
    const revocation_policy strict = {0}, without = {.without_lists = true};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const bool missing = rows[i].state == REVOCATION_MISSING;
        assert_int_equal(revocation_rule_of(rows[i].state, &strict).permits, rows[i].permits);
        assert_int_equal(revocation_rule_of(rows[i].state, &strict).warns, rows[i].warns);
        assert_int_equal(revocation_rule_of(rows[i].state, &without).permits, rows[i].permits || missing);
    }
    assert_false(revocation_rule_of((revocation_state)99, &strict).permits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_has_its_verdict),
        cmocka_unit_test(tls_goes_by_the_same_table),
        cmocka_unit_test(tls_may_be_without_lists_only_by_decision),
        cmocka_unit_test(the_best_of_several_lists_counts),
        cmocka_unit_test(the_authority_is_checked_at_that_time),
        cmocka_unit_test(an_authority_begins_too),
        cmocka_unit_test(new_files_are_read),
        cmocka_unit_test(a_warning_comes_once_a_day),
        cmocka_unit_test(bad_files_leave_the_former_in_force),
        cmocka_unit_test(later_years_are_checked),
        cmocka_unit_test(edges_are_where_they_should_be),
        cmocka_unit_test(each_state_permits_or_warns),
    };
    return cmocka_run_group_tests(tests, lists_begin, lists_end);
}
