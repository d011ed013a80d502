/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What many threads call at once: each call waits for its lock and leaves it, seen between the code and the C library,
 * and what is counted under the lock is right after a crowd. `make check-threads` runs the crowd under
 * ThreadSanitizer. */
#include "crypt/certificate.h"
#include "crypt/trust.h"
#include "net/http_rate.h"
#include "net/http_share.h"
#include "pkcs11-jpki/module/call_lock.h"
#include "store/sql.h"
#include "test_certificates.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define THREADS 4
#define ROUNDS 2000

static char folder[] = "/tmp/test-locks.XXXXXX";
static int64_t now;
static test_identity authority, person;
static trust *trusted;
static certificate *of_person;
static http_rate *rate;
static http_share *share;
static sql_database *store;

/* --- between the code and the C library --------------------------------------------------------------------------- */

#ifndef WITHOUT_WRAP
static bool watching;
static int depth, waited; /* locks held; locks that were waited for */

/* Whoever waits for a connection to the database has waited long enough. */
int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until);
int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    (void)condition;
    (void)mutex;
    (void)until;
    return ETIMEDOUT;
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex);
int __real_pthread_mutex_unlock(pthread_mutex_t *mutex);

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex) {
    if (watching) {
        depth++;
        waited++;
    }
    return __real_pthread_mutex_lock(mutex);
}

int __wrap_pthread_mutex_unlock(pthread_mutex_t *mutex) {
    depth -= watching;
    return __real_pthread_mutex_unlock(mutex);
}
#endif

static int begin(void **state) {
    static const char *const migrations[] = {"CREATE TABLE one (number BIGINT); INSERT INTO one VALUES (0)"};
    static const sql_schema schema = {.name = "one", .migrations = migrations, .count = 1};
    (void)state;
    now = time(NULL);
    assert_non_null(mkdtemp(folder));
    const test_profile ca = {"CN=CA,C=JP", 1, now - 86400, now + 86400, GNUTLS_KEY_KEY_CERT_SIGN, NULL};
    const test_profile p = {"CN=Person,C=JP", 2, now - 86400, now + 86400, GNUTLS_KEY_DIGITAL_SIGNATURE, NULL};
    test_identity_make(&authority, &ca, NULL, NULL);
    test_identity_make(&person, &p, &authority, NULL);
    test_identity_write(&authority, test_path(folder, "ca.pem"), NULL);
    assert_int_equal(trust_new(&trusted), RESULT_OK);
    trust_set_policy(trusted, &(revocation_policy){.without_lists = true});
    assert_int_equal(trust_add_authorities(trusted, test_path(folder, "ca.pem")), RESULT_OK);
    assert_int_equal(certificate_new(bytes_of(person.der.data, person.der.size), &of_person), RESULT_OK);
    assert_int_equal(http_rate_new(0, THREADS * ROUNDS, &rate), RESULT_OK);
    assert_int_equal(http_share_new(ROUNDS, ROUNDS, &share), RESULT_OK);
    assert_int_equal(sql_open(test_path(folder, "store"), &schema, &store), RESULT_OK);
    return 0;
}

static int end(void **state) {
    char command[64];
    (void)state;
    certificate_free(&of_person);
    trust_free(&trusted);
    http_rate_free(&rate);
    http_share_free(&share);
    sql_close(&store);
    test_identity_free(&person);
    test_identity_free(&authority);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

/* --- one call ----------------------------------------------------------------------------------------------------- */

static void take_rate(void) {
    http_rate_take(rate, "a", 0);
}

static void has_share(void) {
    http_share_has(share, "a", 1);
}

static void take_share(void) {
    http_share_take(share, "a", 1);
}

static void give_share(void) {
    http_share_give(share, "a", 1);
}

static void find_certificate(void) {
    certificate *c = NULL;
    certificate_new(bytes_of(person.der.data, person.der.size), &c);
    certificate_free(&c);
}

static void check_trust(void) {
    trust_check(trusted, of_person, TRUST_ANY_PURPOSE, now);
}

static result run(const char *sql) {
    sql_transaction t = sql_writing(store);
    while (sql_run(&t))
        t.outcome = sql_change(&t, sql, "");
    return t.outcome;
}

static void change_store(void) {
    run("UPDATE one SET number = number + 1");
}

static void enter_and_leave(void) {
    if (call_lock_enter())
        call_lock_leave();
}

static void close_and_open_again(void) {
    call_lock_close();
    call_lock_empty();
    call_lock_reopen(true);
}

#ifndef WITHOUT_WRAP
static void each_call_waits_for_its_locks(void **state) {
    static const struct {
        const char *name;
        void (*call)(void);
        int locks;
    } rows[] = {
#define ROW(call, locks) {#call, call, locks}
        ROW(take_rate, 1),
        ROW(has_share, 1),
        ROW(take_share, 1),
        ROW(give_share, 1),
        ROW(find_certificate, 1),
        ROW(check_trust, 2), /* the set in force, and what was found out before */
        ROW(change_store, 3),
        /* the one writer's, and twice that of the connections */ ROW(close_and_open_again, 2),
        ROW(enter_and_leave, 1),
    };
    (void)state;
    check_trust(); /* what is found out once */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        depth = waited = 0;
        watching = true;
        rows[i].call();
        watching = false;
        if (depth != 0 || waited != rows[i].locks)
            fail_msg("%s: %d locks waited for, %d kept", rows[i].name, waited, depth);
    }
}
#endif

#ifndef WITHOUT_WRAP
/* --- shares of the connections to the database -------------------------------------------------------------------- */

#define AT_ONCE 12

/* Whose transactions begin one after the other (a letter each, - for the program's own), and which of them get a
 * connection; afterwards all of them end. */
typedef struct share_row {
    sql_pool pool;
    const char *owners, *begun;
} share_row;

static void take_turns(const share_row *row) {
    sql_transaction open[AT_ONCE];
    char begun[AT_ONCE + 1] = "";
    sql_set_connections(store, row->pool);
    for (size_t i = 0; row->owners[i] != 0; i++) {
        const char owner[] = {(char)(row->owners[i] == '-' ? 0 : row->owners[i]), 0};
        sql_work_for(owner);
        open[i] = sql_reading(store);
        begun[i] = sql_run(&open[i]) ? '1' : '0';
        if (begun[i] == '0')
            assert_int_equal(open[i].outcome, RESULT_TIMEOUT);
    }
    sql_work_for("");
    for (size_t i = 0; row->owners[i] != 0; i++) {
        open[i].outcome = begun[i] == '1' ? RESULT_OK : RESULT_TIMEOUT;
        if (begun[i] == '1')
            assert_false(sql_run(&open[i]));
    }
    if (strcmp(begun, row->begun) != 0)
        fail_msg("%u connections, share %u, %s: %s", row->pool.max, row->pool.share, row->owners, begun);
}

static void an_owner_has_a_share_of_the_connections(void **state) {
    static const share_row rows[] = {
        {{8, 0}, "AAAAA", "11110"}, /* half of all, while nobody else wants any */
        {{8, 0}, "AAAABBB", "1111110"},
        {{8, 0}, "AAAABBCCA", "111111110"},
        {{8, 0}, "ABCDEFGHI", "111111110"},
        {{8, 0}, "---------", "111111110"}, /* no share of its own work */
        {{8, 0}, "AAAA----A", "111111110"},
        {{8, 0}, "------AA", "11111111"},
        {{8, 6}, "AAAAAAA", "1111110"},
        {{8, 8}, "AAAAAAAAB", "111111110"},
        {{8, 1}, "AAAAAB", "111101"},
        {{1, 0}, "AB", "10"},
        {{2, 0}, "AAB", "101"},
        {{3, 0}, "AABC", "1011"},
        {{5, 0}, "AAAB", "1101"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        take_turns(&rows[i]);
    sql_set_connections(store, (sql_pool){.max = 8});
}

/* What was given back is another one's; and a name that is cut is one owner's, not everybody's. */
static void a_share_is_given_back(void **state) {
    static const char longer[] = "an institution whose name is longer than what is kept of it";
    (void)state;
    sql_set_connections(store, (sql_pool){.max = 2});
    for (int i = 0; i < 3; i++) {
        sql_transaction first = sql_reading(store), second = sql_reading(store);
        sql_work_for(longer);
        assert_true(sql_run(&first));
        assert_false(sql_run(&second));
        first.outcome = RESULT_OK;
        assert_false(sql_run(&first));
        sql_work_for("");
    }
    sql_set_connections(store, (sql_pool){.max = 8});
}
#endif

/* Only the forking thread exists in the child, where the module is not initialised (PKCS #11 v3.0, 5.4). */
static void a_child_begins_closed(void **state) {
    int status = -1;
    (void)state;
    close_and_open_again();
    assert_true(call_lock_enter()); /* another thread may be inside while one forks */
    const pid_t child = fork();
    if (child == 0) {
        const bool closed = !call_lock_is_open() && !call_lock_enter();
        close_and_open_again();
        _exit(closed && call_lock_is_open() ? 0 : 1);
    }
    call_lock_leave();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(call_lock_is_open());
}

/* --- a crowd ------------------------------------------------------------------------------------------------------ */

static atomic_uint taken;

static void *crowd(void *context) {
    char mine[2] = {(char)('b' + *(int *)context), 0};
    for (int i = 0; i < ROUNDS; i++) {
        if (http_rate_take(rate, "crowd", 0) == 0)
            atomic_fetch_add(&taken, 1);
        if (http_share_take(share, mine, 1))
            http_share_give(share, mine, 1);
        find_certificate();
        check_trust();
        enter_and_leave();
        if (i % 100 == 0)
            change_store();
    }
    return NULL;
}

static void what_is_counted_is_right_after_a_crowd(void **state) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    (void)state;
    call_lock_close();
    call_lock_empty();
    call_lock_reopen(true);
    assert_int_equal(run("UPDATE one SET number = 0"), RESULT_OK);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, crowd, &numbers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&taken), THREADS * ROUNDS);
    assert_int_not_equal(http_rate_take(rate, "crowd", 0), 0); /* no more than there are */
    assert_true(http_share_take(share, "all", ROUNDS));        /* everything was given back */
    sql_transaction t = sql_reading(store);
    int64_t number = -1;
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT number FROM one", "");
        if (t.outcome == RESULT_OK)
            number = sql_integer(&rows, 0);
        t.outcome = sql_finish(&rows, t.outcome);
    }
    assert_int_equal(number, THREADS * (ROUNDS / 100));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#ifndef WITHOUT_WRAP
        cmocka_unit_test(each_call_waits_for_its_locks), cmocka_unit_test(an_owner_has_a_share_of_the_connections),
        cmocka_unit_test(a_share_is_given_back),
#endif
        cmocka_unit_test(a_child_begins_closed),         cmocka_unit_test(what_is_counted_is_right_after_a_crowd),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
