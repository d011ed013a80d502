/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the seam to the engines promises (store/sql.h), and what the platform's store makes of it, the same on every
 * engine. Isolation: one state of the database for a whole transaction, nothing of what is not committed, transactions as
 * if one came after the other. Durability: what was told as done is there for everybody, after a new start, and after
 * the death of whoever was told. One data set for a lookup while others are loaded, a batch kept like its pieces one by one.
 * UKETSUKE_STORE_URL names the engine; without it SQLite. tests/services/store-promises.test runs this against
 * PostgreSQL, also behind a slow wire. */
#include "base/uuid.h"
#include "store/platform_store.h"
#include "store/sql.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LOOKERS 8
#define PEOPLE 40
#define LOADS_MIN 2

static char folder[64], url[512];

static int choose_engine(void **state) {
    const char *given = getenv("UKETSUKE_STORE_URL");
    (void)state;
    if (given) {
        snprintf(url, sizeof url, "%s", given);
        return 0;
    }
    snprintf(folder, sizeof folder, "/tmp/uketsuke-promises.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(url, sizeof url, "sqlite:%s/", folder);
    return 0;
}

static const char *url_of(const char *name) {
    static char whole[600];
    snprintf(whole, sizeof whole, "%s%s", url, folder[0] ? name : "");
    return whole;
}

static int remove_folder(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return folder[0] ? system(command) : 0;
}

static platform_store *open_platform(void) {
    platform_store *store;
    assert_int_equal(platform_store_open(url_of("platform"), &store), RESULT_OK);
    platform_store_set_connections(store, (sql_pool){.max = LOOKERS + 2});
    return store;
}

/* --- one state of the database for a transaction ---------------------------------------------------------------------- */

static const char *const shelf_tables[] = {"CREATE TABLE shelf (name TEXT PRIMARY KEY, pieces BIGINT NOT NULL);"};

static int64_t pieces_on(sql_transaction *t, const char *name) {
    sql_rows rows;
    result outcome = sql_find(t, &rows, "SELECT pieces FROM shelf WHERE name = $1", "t", name);
    const int64_t pieces = outcome == RESULT_OK ? sql_integer(&rows, 0) : -1;
    sql_finish(&rows, outcome);
    return pieces;
}

static result put(sql_database *db, const char *name, int64_t pieces) {
    sql_transaction t = sql_writing_once(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO shelf VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET pieces = $2",
                               "ti", name, pieces);
    return t.outcome;
}

static void a_reader_sees_one_state(void **state) {
    const sql_schema schema = {"shelf", shelf_tables, 1, 0};
    sql_database *db, *other;
    (void)state;
    assert_int_equal(sql_open(url_of("shelf"), &schema, &db), RESULT_OK);
    assert_int_equal(sql_open(url_of("shelf"), &schema, &other), RESULT_OK);
    assert_int_equal(put(db, "left", 1), RESULT_OK);
    assert_int_equal(put(db, "right", 1), RESULT_OK);
    sql_transaction t = sql_reading(db);
    while (sql_run(&t)) {
        assert_int_equal(pieces_on(&t, "left"), 1);
        assert_int_equal(put(other, "left", 0), RESULT_OK); /* committed between two statements */
        assert_int_equal(put(other, "right", 2), RESULT_OK);
        assert_int_equal(pieces_on(&t, "right"), 1);
        assert_int_equal(pieces_on(&t, "left"), 1);
        t.outcome = RESULT_OK;
    }
    assert_int_equal(t.outcome, RESULT_OK);
    t = sql_reading_once(db);
    while (sql_run(&t))
        t.outcome = pieces_on(&t, "right") == 2 ? RESULT_OK : RESULT_INVALID;
    assert_int_equal(t.outcome, RESULT_OK);
    sql_close(&other);
    sql_close(&db);
}

static void what_failed_leaves_nothing(void **state) {
    const sql_schema schema = {"shelf", shelf_tables, 1, 0};
    sql_database *db;
    (void)state;
    assert_int_equal(sql_open(url_of("shelf"), &schema, &db), RESULT_OK);
    sql_transaction t = sql_writing(db);
    while (sql_run(&t)) {
        assert_int_equal(sql_change(&t, "INSERT INTO shelf VALUES ('never', $1)", "i", (int64_t)1), RESULT_OK);
        t.outcome = RESULT_REFUSED;
    }
    assert_int_equal(t.outcome, RESULT_REFUSED);
    t = sql_writing_once(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, "INSERT INTO shelf VALUES ('left', $1)", "i", (int64_t)1);
    assert_int_equal(t.outcome, RESULT_EXISTS);
    t = sql_reading_once(db);
    while (sql_run(&t))
        t.outcome = pieces_on(&t, "never") == -1 ? RESULT_OK : RESULT_INVALID;
    assert_int_equal(t.outcome, RESULT_OK);
    sql_close(&db);
}

static int64_t pieces_in(sql_database *db, const char *name) {
    int64_t pieces = -1;
    sql_transaction t = sql_reading_once(db);
    while (sql_run(&t)) {
        pieces = pieces_on(&t, name);
        t.outcome = RESULT_OK;
    }
    assert_int_equal(t.outcome, RESULT_OK);
    return pieces;
}

static sql_database *open_shelf(void) {
    const sql_schema schema = {"shelf", shelf_tables, 1, 0};
    sql_database *db;
    return sql_open(url_of("shelf"), &schema, &db) == RESULT_OK ? db : NULL;
}

static void what_is_not_committed_is_seen_by_nobody(void **state) {
    sql_database *db = open_shelf(), *other = open_shelf();
    (void)state;
    assert_int_equal(put(db, "left", 1), RESULT_OK);
    sql_transaction t = sql_writing(db);
    while (sql_run(&t)) {
        assert_int_equal(sql_change(&t, "UPDATE shelf SET pieces = $1 WHERE name = 'left'", "i", (int64_t)5),
                         RESULT_OK);
        assert_int_equal(pieces_on(&t, "left"), 5);
        assert_int_equal(pieces_in(other, "left"), 1);
        t.outcome = RESULT_OK;
    }
    assert_int_equal(t.outcome, RESULT_OK);
    assert_int_equal(pieces_in(other, "left"), 5);
    sql_close(&other);
    sql_close(&db);
}

/* --- as if one transaction came after the other ----------------------------------------------------------------------- */

#define ROUNDS 5

/* One of two that may each empty their own shelf as long as the other one is not empty. */
typedef struct taker {
    sql_database *db;
    const char *mine, *others;
    pthread_barrier_t *both_have_read; /* NULL: an engine where a writer waits for the one before */
    result outcome;
} taker;

static void *take_if_other_has(void *context) {
    taker *one = context;
    unsigned tries = 0;
    sql_transaction t = sql_writing(one->db);
    while (sql_run(&t)) {
        const int64_t left = pieces_on(&t, one->others);
        if (tries++ == 0 && one->both_have_read)
            pthread_barrier_wait(one->both_have_read);
        t.outcome = left > 0 ? sql_change(&t, "UPDATE shelf SET pieces = 0 WHERE name = $1", "t", one->mine)
                             : RESULT_OK;
    }
    one->outcome = t.outcome;
    return NULL;
}

/* Neither changes what the other one changes, so no lock and no snapshot tells them apart: only a serializable engine
 * does, and the one that lost is run again. */
static void two_that_decide_by_what_they_read_do_not_both_win(void **state) {
    sql_database *first = open_shelf(), *second = open_shelf();
    pthread_barrier_t both;
    pthread_t threads[2];
    (void)state;
    assert_int_equal(pthread_barrier_init(&both, NULL, 2), 0);
    for (int round = 0; round < ROUNDS; round++) {
        taker takers[2] = {{first, "left", "right", sql_is_server(url) ? &both : NULL, RESULT_INTERNAL},
                           {second, "right", "left", sql_is_server(url) ? &both : NULL, RESULT_INTERNAL}};
        assert_int_equal(put(first, "left", 1), RESULT_OK);
        assert_int_equal(put(first, "right", 1), RESULT_OK);
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, take_if_other_has, &takers[i]), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        assert_int_equal(takers[0].outcome, RESULT_OK);
        assert_int_equal(takers[1].outcome, RESULT_OK);
        assert_int_equal(pieces_in(first, "left") + pieces_in(first, "right"), 1);
    }
    pthread_barrier_destroy(&both);
    sql_close(&second);
    sql_close(&first);
}

/* --- told as done ----------------------------------------------------------------------------------------------------- */

#define TOLD_MIN 20

/* Puts a row, says so, and so on until it is killed. */
static void put_and_tell(int pipe_end) {
    sql_database *db = open_shelf();
    for (int64_t i = 0; db && i < 100000; i++) {
        char name[32];
        snprintf(name, sizeof name, "told %lld", (long long)i);
        if (put(db, name, i) != RESULT_OK || write(pipe_end, "+", 1) != 1)
            break;
    }
    _exit(1);
}

/* The process that was told is killed at any moment; tests/services/store-promises.test then kills the server, too. */
static void what_was_told_outlives_who_was_told(void **state) {
    int ends[2], status, told = 0;
    char sign;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0)
        put_and_tell(ends[1]);
    close(ends[1]);
    while (told < TOLD_MIN && read(ends[0], &sign, 1) == 1)
        told++;
    kill(child, SIGKILL);
    while (read(ends[0], &sign, 1) == 1)
        told++;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && told >= TOLD_MIN);
    sql_database *db = open_shelf();
    for (int i = 0; i < told; i++) {
        char name[32];
        snprintf(name, sizeof name, "told %d", i);
        assert_int_equal(pieces_in(db, name), i);
    }
    sql_close(&db);
    print_message("# %d rows were told as done\n", told);
}

/* --- one data set for a lookup ---------------------------------------------------------------------------------------- */

typedef struct people {
    size_t next, count;
    int insurer; /* every data set says who it is from */
    result end;
} people;

static void describe(size_t i, int insurer, platform_person *out) {
    memset(out, 0, sizeof *out);
    snprintf(out->link_seed, sizeof out->link_seed, "seed %zu", i);
    strcpy(out->birth_date, "1950-01-01");
    snprintf(out->name, sizeof out->name, "%d", insurer);
    out->certificate_count = 1;
    strcpy(out->certificates[0].issuer, i % 2 ? "CN=odd" : "CN=even");
    snprintf(out->certificates[0].serial, sizeof out->certificates[0].serial, "%04zX", i);
    out->coverage_count = 1 + i % 3;
    for (size_t j = 0; j < out->coverage_count; j++) {
        snprintf(out->coverages[j].insurer_number, PLATFORM_WORD_SIZE, "%d", insurer);
        out->coverages[j].burden_permille = (int)j;
    }
}

static result next_person(void *context, platform_person *out) {
    people *p = context;
    if (p->next == p->count)
        return p->end;
    describe(p->next++, p->insurer, out);
    return RESULT_OK;
}

static result load(platform_store *store, size_t count, int insurer, result end) {
    people source = {0, count, insurer, end};
    size_t done = 0;
    return platform_store_replace_people(store, next_person, &source, &done);
}

/* Whether it is one data set's answer, whole. */
static bool is_whole(const platform_person *found, size_t i) {
    platform_person due;
    describe(i, atoi(found->name), &due);
    if (found->coverage_count != due.coverage_count || strcmp(found->link_seed, due.link_seed) != 0)
        return false;
    for (size_t j = 0; j < due.coverage_count; j++)
        if (strcmp(found->coverages[j].insurer_number, due.coverages[j].insurer_number) != 0 ||
            found->coverages[j].burden_permille != (int)j)
            return false;
    return true;
}

typedef struct hall {
    platform_store *store;
    atomic_long left, wrong;
    atomic_int loads;
} hall;

static void *look_up(void *context) {
    hall *h = context;
    platform_lookup *list = calloc(PEOPLE, sizeof *list);
    long before;
    while ((before = atomic_fetch_sub(&h->left, 1)) > 0 || atomic_load(&h->loads) < LOADS_MIN) {
        const size_t count = before % 16 == 0 ? PEOPLE : 1, first = count == 1 ? (size_t)llabs(before) % PEOPLE : 0;
        platform_person due;
        for (size_t i = 0; i < count; i++) {
            describe(first + i, 0, &due);
            list[i].certificate = due.certificates[0];
        }
        bool good = platform_store_find_people(h->store, list, count) == RESULT_OK;
        for (size_t i = 0; good && i < count; i++)
            good = list[i].found && is_whole(&list[i].person, first + i);
        h->wrong += !good;
    }
    free(list);
    return NULL;
}

static void a_lookup_sees_one_data_set(void **state) {
    const char *wanted = getenv("UKETSUKE_LOOKUPS");
    hall h = {.left = wanted ? atol(wanted) : 10000};
    pthread_t threads[LOOKERS];
    (void)state;
    platform_store *loader = open_platform();
    h.store = open_platform();
    assert_int_equal(load(loader, PEOPLE, 1, RESULT_NOT_FOUND), RESULT_OK);
    for (size_t i = 0; i < LOOKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look_up, &h), 0);
    while (atomic_load(&h.left) > 0 || h.loads < LOADS_MIN) {
        assert_int_equal(load(loader, PEOPLE, 2 + h.loads % 1000, RESULT_NOT_FOUND), RESULT_OK);
        h.loads++;
    }
    for (size_t i = 0; i < LOOKERS; i++)
        pthread_join(threads[i], NULL);
    print_message("# %d data sets were loaded meanwhile\n", (int)h.loads);
    assert_int_equal(h.wrong, 0);
    platform_store_close(&loader);
    platform_store_close(&h.store);
}

/* More than one transaction of people, and one that ends early. */
static void a_data_set_comes_as_a_whole_or_not(void **state) {
    platform_store *store = open_platform();
    platform_counts counts;
    platform_person found, due;
    (void)state;
    assert_int_equal(load(store, 2500, 7, RESULT_NOT_FOUND), RESULT_OK);
    assert_int_equal(platform_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.people, 2500);
    assert_int_equal(load(store, 2600, 8, RESULT_IO), RESULT_IO);
    assert_int_equal(platform_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.people, 2500);
    describe(2499, 7, &due);
    assert_int_equal(platform_store_find_person(store, &due.certificates[0], &found), RESULT_OK);
    assert_string_equal(found.name, "7");
    platform_store_close(&store);
    store = open_platform(); /* and after a new start */
    assert_int_equal(platform_store_find_person(store, &due.certificates[0], &found), RESULT_OK);
    assert_true(is_whole(&found, 2499));
    platform_store_close(&store);
}

/* --- a batch is like its pieces --------------------------------------------------------------------------------------- */

#define BATCH 100

static char run_mark[UUID_TEXT_SIZE]; /* one database may see this program several times */

static platform_ruling piece(const char *se, int64_t counter, int64_t at) {
    static int number;
    platform_ruling r = {.answer = {.content_hash = "AA", .mode = "offline", .validity = "1", .at = 7},
                         .marks = {.se_counter = counter, .stated_at = at, .synchronised = true},
                         .evidence = bytes_of("e", 1),
                         .body = bytes_of("{}", 2)};
    assert_int_equal(uuid_v7(r.answer.evidence_id), RESULT_OK);
    strcpy(r.answer.patient.serial, run_mark);
    strcpy(r.answer.terminal_id, "T-01");
    snprintf(r.marks.challenge, sizeof r.marks.challenge, "C%d", number++);
    snprintf(r.marks.se, sizeof r.marks.se, "%s %s", se, run_mark);
    return r;
}

static void a_batch_is_kept_like_its_pieces(void **state) {
    platform_ruling list[BATCH];
    platform_found found[BATCH];
    buffer bodies[BATCH];
    (void)state;
    platform_store *store = open_platform();
    for (size_t i = 0; i < BATCH; i++) {
        list[i] = piece("batch", (int64_t)i + 10, (int64_t)i + 1000);
        bodies[i] = BUFFER_INIT(64);
        found[i] = (platform_found){.evidence_id = list[i].answer.evidence_id, .body = &bodies[i]};
    }
    list[40].refusal = "no";
    assert_int_equal(platform_store_keep(store, list, BATCH), RESULT_OK);
    platform_store_close(&store);
    store = open_platform(); /* what was told as done is there after a new start */
    assert_int_equal(platform_store_find_answers(store, found, BATCH), RESULT_OK);
    for (size_t i = 0; i < BATCH; i++) {
        assert_int_equal(found[i].found, i != 40);
        assert_false(list[i].known);
        assert_int_equal(list[i].conflict, PLATFORM_CONFLICT_NONE);
        assert_string_equal(buffer_text(&bodies[i]), i == 40 ? "" : "{}");
        buffer_wipe(&bodies[i]);
    }
    platform_ruling again[BATCH];
    for (size_t i = 0; i < BATCH; i++)
        again[i] = piece("batch", (int64_t)i + 200, (int64_t)i + 2000);
    again[3] = list[3]; /* known */
    strcpy(again[5].marks.challenge, list[5].marks.challenge);
    again[7].marks.se_counter = 17; /* list[7] has it */
    again[7].marks.stated_at = 1007;
    again[9].marks.stated_at = 2050; /* later than the one after it, which comes first here */
    platform_ruling moved = again[9];
    again[9] = again[10];
    again[10] = moved;
    assert_int_equal(platform_store_keep(store, again, BATCH), RESULT_OK);
    for (size_t i = 0; i < BATCH; i++) {
        assert_int_equal(again[i].known, i == 3);
        assert_int_equal(again[i].conflict, i == 5    ? PLATFORM_CONFLICT_CHALLENGE
                                            : i == 7  ? PLATFORM_CONFLICT_COUNTER
                                            : i == 10 ? PLATFORM_CONFLICT_ORDER
                                                      : PLATFORM_CONFLICT_NONE);
    }
    platform_store_close(&store);
}

/* A neighbour that was kept before contradicts a piece of the batch, and only that. */
static void a_batch_is_compared_with_what_is_kept(void **state) {
    platform_ruling before = piece("order", 50, 5000), list[4];
    (void)state;
    platform_store *store = open_platform();
    assert_int_equal(platform_store_keep(store, &before, 1), RESULT_OK);
    for (int i = 0; i < 4; i++)
        list[i] = piece("order", 48 + i, 5000); /* 48, 49, 50, 51 */
    list[2] = piece("order", 60, 4999);         /* earlier, with a higher counter */
    list[3].marks.stated_at = 5001;
    assert_int_equal(platform_store_keep(store, list, 4), RESULT_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(list[i].conflict, i == 2 ? PLATFORM_CONFLICT_ORDER : PLATFORM_CONFLICT_NONE);
    before = piece("order", 69, 1); /* another terminal's, which hides nothing */
    strcpy(before.answer.terminal_id, "T-02");
    assert_int_equal(platform_store_keep(store, &before, 1), RESULT_OK);
    assert_int_equal(before.conflict, PLATFORM_CONFLICT_NONE);
    for (int i = 0; i < 4; i++) /* these agree with each other */
        list[i] = piece("order", 70 + i, 4000 + i);
    assert_int_equal(platform_store_keep(store, list, 4), RESULT_OK);
    for (int i = 0; i < 4; i++)
        assert_int_equal(list[i].conflict, PLATFORM_CONFLICT_ORDER);
    platform_store_close(&store);
}

/* Nothing of it is known, and nothing but its own pieces speaks against it. */
static void pieces_of_one_batch_may_contradict_each_other(void **state) {
    static const struct {
        int64_t counters[3], times[3];
        int refused; /* the piece that comes too late; -1: none */
    } rows[] = {
        {{1, 2, 3}, {100, 101, 102}, -1}, {{3, 1, 2}, {102, 100, 101}, -1}, {{1, 2, 3}, {100, 102, 101}, 2},
        {{1, 3, 2}, {100, 101, 102}, 2},  {{2, 1, 3}, {100, 101, 102}, 1},  {{3, 2, 1}, {100, 100, 100}, -1},
    };
    (void)state;
    platform_store *store = open_platform();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char se[32];
        platform_ruling list[3];
        snprintf(se, sizeof se, "alone %zu", i);
        for (int k = 0; k < 3; k++)
            list[k] = piece(se, rows[i].counters[k], rows[i].times[k]);
        assert_int_equal(platform_store_keep(store, list, 3), RESULT_OK);
        for (int k = 0; k < 3; k++)
            assert_int_equal(list[k].conflict, k == rows[i].refused ? PLATFORM_CONFLICT_ORDER : PLATFORM_CONFLICT_NONE);
    }
    platform_store_close(&store);
}

/* Online: one statement; the second with the same challenge is none. */
static void an_online_answer_is_kept_once(void **state) {
    platform_ruling first = piece("", 0, 1), second = piece("", 0, 2);
    (void)state;
    first.marks.se[0] = second.marks.se[0] = 0;
    strcpy(second.marks.challenge, first.marks.challenge);
    platform_store *store = open_platform();
    assert_int_equal(platform_store_keep(store, &first, 1), RESULT_OK);
    assert_int_equal(first.conflict, PLATFORM_CONFLICT_NONE);
    assert_int_equal(platform_store_keep(store, &second, 1), RESULT_OK);
    assert_int_equal(second.conflict, PLATFORM_CONFLICT_CHALLENGE);
    assert_int_equal(platform_store_keep(store, &first, 1), RESULT_OK);
    assert_true(first.known);
    assert_int_equal(platform_store_confirm(store, first.answer.evidence_id), RESULT_OK);
    platform_store_close(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_sees_one_state),
        cmocka_unit_test(what_failed_leaves_nothing),
        cmocka_unit_test(what_is_not_committed_is_seen_by_nobody),
        cmocka_unit_test(two_that_decide_by_what_they_read_do_not_both_win),
        cmocka_unit_test(what_was_told_outlives_who_was_told),
        cmocka_unit_test(a_lookup_sees_one_data_set),
        cmocka_unit_test(a_data_set_comes_as_a_whole_or_not),
        cmocka_unit_test(a_batch_is_kept_like_its_pieces),
        cmocka_unit_test(a_batch_is_compared_with_what_is_kept),
        cmocka_unit_test(pieces_of_one_batch_may_contradict_each_other),
        cmocka_unit_test(an_online_answer_is_kept_once),
    };
    if (uuid_v7(run_mark) != RESULT_OK)
        return 1;
    return cmocka_run_group_tests(tests, choose_engine, remove_folder);
}
