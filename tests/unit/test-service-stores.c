/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The services' stores, the same promises on every engine: answers and visits that are kept
 * once, data sets replaced as a whole, races repeated. UKETSUKE_STORE_URL names the engine; without it SQLite in a
 * folder of its own. tests/services/postgresql.test runs this against PostgreSQL. */
#include "base/uuid.h"
#include "store/history_store.h"
#include "store/platform_store.h"
#include "store/sql.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], url[512];

static int choose_engine(void **state) {
    (void)state;
    const char *given = getenv("UKETSUKE_STORE_URL");
    if (given) {
        snprintf(url, sizeof url, "%s", given);
        return 0;
    }
    snprintf(folder, sizeof folder, "/tmp/uketsuke-stores.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(url, sizeof url, "sqlite:%s/", folder);
    return 0;
}

/* Two stores share one server's database, but not one SQLite file. */
static const char *url_of(const char *name) {
    static char whole[600];
    snprintf(whole, sizeof whole, "%s%s", url, folder[0] ? name : "");
    return whole;
}

static int remove_folder(void **state) {
    static const char *const names[] = {"platform", "history", "race"}, *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    for (size_t i = 0; folder[0] && i < 9; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s/%s%s", folder, names[i / 3], ends[i % 3]);
        unlink(name);
    }
    return folder[0] ? rmdir(folder) : 0;
}

static platform_store *open_platform(void) {
    platform_store *store;
    assert_int_equal(platform_store_open(url_of("platform"), &store), RESULT_OK);
    return store;
}

/* A piece of evidence as keep is given it. */
static platform_ruling piece(const char *patient, const char *challenge, const char *se, int64_t counter, int64_t at) {
    platform_ruling r = {.answer = {.content_hash = "AA", .mode = "offline", .validity = "1", .at = 7},
                         .marks = {.se_counter = counter, .stated_at = at, .synchronised = true},
                         .evidence = bytes_of("e", 1),
                         .body = bytes_of("{}", 2)};
    assert_int_equal(uuid_v7(r.answer.evidence_id), RESULT_OK);
    strcpy(r.answer.patient.issuer, "CN=marks");
    strcpy(r.answer.patient.serial, patient);
    strcpy(r.answer.terminal_id, "T-01");
    strcpy(r.marks.challenge, challenge);
    strcpy(r.marks.se, se);
    return r;
}

static platform_conflict kept_as(platform_store *store, platform_ruling r) {
    assert_int_equal(platform_store_keep(store, &r, 1), RESULT_OK);
    assert_false(r.known);
    return r.conflict;
}

static void no_two_share_a_challenge_or_a_counter(void **state) {
    (void)state;
    platform_store *store = open_platform();
    const char *se = "SE-of-marks";
    platform_ruling first = piece("1", "C1", se, 10, 1000);
    assert_int_equal(kept_as(store, first), PLATFORM_CONFLICT_NONE);
    assert_int_equal(kept_as(store, piece("1", "C1", se, 11, 1001)), PLATFORM_CONFLICT_CHALLENGE);
    assert_int_equal(kept_as(store, piece("1", "C1", "", 0, 1001)), PLATFORM_CONFLICT_CHALLENGE); /* online, too */
    assert_int_equal(kept_as(store, piece("2", "C1", se, 12, 1002)), PLATFORM_CONFLICT_NONE);     /* another card */
    assert_int_equal(kept_as(store, piece("1", "C2", se, 10, 1000)), PLATFORM_CONFLICT_COUNTER);
    assert_int_equal(kept_as(store, piece("1", "C3", "another SE of marks", 10, 5)), PLATFORM_CONFLICT_NONE);
    assert_int_equal(kept_as(store, piece("1", "C4", "", 0, 3)), PLATFORM_CONFLICT_NONE);
    assert_int_equal(kept_as(store, piece("1", "C5", "", 0, 2)), PLATFORM_CONFLICT_NONE); /* no SE, no counter */
    platform_store_close(&store);
    store = open_platform(); /* durable */
    assert_int_equal(kept_as(store, piece("1", "C1", se, 13, 1003)), PLATFORM_CONFLICT_CHALLENGE);
    assert_int_equal(platform_store_keep(store, &first, 1), RESULT_OK);
    assert_true(first.known);
    assert_int_equal(first.conflict, PLATFORM_CONFLICT_NONE);
    platform_store_close(&store);
}

/* By row: a lower or a higher counter than that of a piece at 1000, at this time, with these clocks. */
static void counter_and_time_go_together(void **state) {
    static const struct {
        int64_t counter, at, clock_at;
        bool synchronised;
        platform_conflict wanted;
    } rows[] = {
        {90, 999, 0, true, PLATFORM_CONFLICT_NONE},       {91, 1000, 0, true, PLATFORM_CONFLICT_NONE},
        {92, 1001, 0, true, PLATFORM_CONFLICT_ORDER},     {93, 1001, 0, false, PLATFORM_CONFLICT_NONE},
        {110, 1001, 0, true, PLATFORM_CONFLICT_NONE},     {101, 1000, 0, true, PLATFORM_CONFLICT_NONE},
        {102, 999, 0, true, PLATFORM_CONFLICT_ORDER},     {103, 999, 0, false, PLATFORM_CONFLICT_NONE},
        {104, 999, 2001, false, PLATFORM_CONFLICT_NONE},  {105, 999, 2000, true, PLATFORM_CONFLICT_NONE},
        {106, 999, 1999, false, PLATFORM_CONFLICT_ORDER}, {4294967295, 2000, 0, true, PLATFORM_CONFLICT_NONE},
        {0, 1, 0, true, PLATFORM_CONFLICT_NONE},
    };
    (void)state;
    platform_store *store = open_platform();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char se[32], challenge[32];
        snprintf(se, sizeof se, "SE of row %zu", i);
        snprintf(challenge, sizeof challenge, "row %zu", i);
        platform_ruling middle = piece("3", se, se, 100, 1000);
        platform_ruling one = piece("4", challenge, se, rows[i].counter, rows[i].at);
        middle.marks.clock_at = 2000;
        one.marks.clock_at = rows[i].clock_at;
        one.marks.synchronised = rows[i].synchronised;
        assert_int_equal(kept_as(store, middle), PLATFORM_CONFLICT_NONE);
        if (kept_as(store, one) != rows[i].wanted)
            fail_msg("row %zu", i);
        /* another terminal's clock says nothing about this one's */
        one = piece("5", challenge, se, rows[i].counter < 100 ? 99 : 5000, rows[i].counter < 100 ? 5000 : 5);
        strcpy(one.answer.terminal_id, "T-02");
        assert_int_equal(kept_as(store, one), PLATFORM_CONFLICT_NONE);
    }
    platform_store_close(&store);
}

static int64_t refusals_of(platform_store *store) {
    platform_counts counts;
    assert_int_equal(platform_store_count(store, &counts), RESULT_OK);
    return counts.refusals;
}

static void refuse_once(platform_store *store, const char *institution_code, int64_t at) {
    platform_ruling ruling = {.refusal = "rubbish", .answer.at = at};
    snprintf(ruling.answer.institution_code, sizeof ruling.answer.institution_code, "%s", institution_code);
    assert_int_equal(platform_store_keep(store, &ruling, 1), RESULT_OK);
}

static void refusals_are_few(void **state) {
    (void)state;
    platform_store *store = open_platform();
    assert_int_equal(platform_store_sweep(store, INT64_MAX), RESULT_OK);
    assert_int_equal(refusals_of(store), 0);
    platform_store_keep_refusals(store, 3);
    refuse_once(store, "A", 1);
    for (int i = 0; i < 7; i++)
        refuse_once(store, "B", 10 + i);
    assert_int_equal(refusals_of(store), 4);
    assert_int_equal(platform_store_sweep(store, 10), RESULT_OK); /* A's is old */
    assert_int_equal(refusals_of(store), 3);
    assert_int_equal(platform_store_sweep(store, 17), RESULT_OK); /* B's last is of 16 */
    assert_int_equal(refusals_of(store), 0);
    platform_store_keep_refusals(store, 0);
    for (int i = 0; i < 7; i++)
        refuse_once(store, "B", 20);
    assert_int_equal(refusals_of(store), 7);
    platform_store_close(&store);
}

static void submissions_in_vain_are_few(void **state) {
    (void)state;
    history_store *store;
    history_counts counts;
    assert_int_equal(history_store_open(url_of("history"), &store), RESULT_OK);
    assert_int_equal(history_store_sweep(store, INT64_MAX), RESULT_OK);
    history_store_keep_submissions(store, 3);
    for (int i = 0; i < 9; i++) {
        history_submission one = {.state = "received", .received_at = 10 + i};
        strcpy(one.institution_code, i == 0 ? "A" : "B");
        snprintf(one.id, sizeof one.id, "00000000-0000-7000-8000-%012d", i); /* of one millisecond are in no order */
        assert_int_equal(history_store_put_submissions(store, (const history_submission *[]){&one}, 1), RESULT_OK);
    }
    assert_int_equal(history_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.received, 4);
    const int64_t registered = counts.registered;
    assert_int_equal(history_store_sweep(store, 17), RESULT_OK); /* two are of 17 and 18 */
    assert_int_equal(history_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.received, 2);
    assert_int_equal(counts.registered, registered);
    assert_int_equal(history_store_sweep(store, INT64_MAX), RESULT_OK);
    history_store_close(&store);
}

static void answers_are_kept_once(void **state) {
    (void)state;
    platform_store *store = open_platform();
    platform_answer answer = {.content_hash = "AA", .mode = "offline", .validity = "1", .at = 7}, found, list[2];
    platform_counts before, after;
    buffer body = BUFFER_INIT(100);
    size_t listed;
    strcpy(answer.patient.issuer, "CN=甲");
    assert_int_equal(uuid_v7(answer.evidence_id), RESULT_OK);
    assert_int_equal(platform_store_count(store, &before), RESULT_OK);
    assert_int_equal(platform_store_find_answer(store, answer.evidence_id, &found, &body), RESULT_NOT_FOUND);
    platform_ruling rulings[] = {
        {.answer = answer, .marks = {.challenge = "01"}, .evidence = bytes_of("e\0f", 3), .body = bytes_of("body", 4)},
        {.answer = answer, .marks = {.challenge = "02"}, .evidence = bytes_of("f", 1), .body = bytes_of("other", 5)},
        {.answer = answer, .refusal = "no"},
    };
    assert_int_equal(platform_store_keep(store, rulings, 3), RESULT_OK);
    assert_false(rulings[0].known);
    assert_true(rulings[1].known);
    assert_int_equal(platform_store_keep(store, rulings, 1), RESULT_OK);
    assert_true(rulings[0].known);
    assert_int_equal(platform_store_find_answer(store, answer.evidence_id, &found, &body), RESULT_OK);
    assert_string_equal(buffer_text(&body), "body");
    assert_string_equal(found.content_hash, "AA");
    assert_string_equal(found.patient.issuer, "CN=甲");
    assert_int_equal(found.at, 7);
    assert_int_equal(platform_store_count(store, &after), RESULT_OK);
    assert_int_equal(after.answers_offline, before.answers_offline + 1);
    assert_int_equal(after.answers_online, before.answers_online);
    assert_int_equal(after.refusals, before.refusals + 1);
    assert_int_equal(platform_store_list_answers(store, list, 2, &listed), RESULT_OK);
    assert_true(listed >= 1);
    buffer_wipe(&body);
    platform_store_close(&store);
}

typedef struct people {
    const platform_person *list;
    size_t count, next;
    result end;
} people;

static result next_person(void *context, platform_person *out) {
    people *p = context;
    if (p->next == p->count)
        return p->end;
    *out = p->list[p->next++];
    return RESULT_OK;
}

static result replace(platform_store *store, const platform_person *list, size_t count, result end) {
    people source = {list, count, 0, end};
    size_t done;
    result outcome = platform_store_replace_people(store, next_person, &source, &done);
    if (outcome == RESULT_OK)
        assert_int_equal(done, count);
    return outcome;
}

static void people_are_replaced_as_a_whole(void **state) {
    (void)state;
    platform_store *store = open_platform();
    static platform_person list[2], found;
    const platform_certificate second = {"", "01"};
    for (size_t i = 0; i < 2; i++) {
        list[i] = (platform_person){.name = "見本", .link_seed = "s", .certificate_count = 1, .coverage_count = 2};
        snprintf(list[i].certificates[0].serial, PLATFORM_WORD_SIZE, "0%zu", i);
        list[i].coverages[0] = (platform_coverage){.number = "5", .from = "2020-01-01", .burden_permille = 300};
        list[i].coverages[1] = (platform_coverage){.number = "6", .limit_category = "ウ", .elderly = true};
    }
    assert_int_equal(replace(store, list, 2, RESULT_NOT_FOUND), RESULT_OK);
    assert_int_equal(platform_store_find_person(store, &second, &found), RESULT_OK);
    assert_string_equal(found.name, "見本");
    assert_int_equal(found.coverage_count, 2);
    assert_int_equal(found.coverages[0].burden_permille, 300);
    assert_string_equal(found.coverages[1].limit_category, "ウ");
    assert_true(found.coverages[1].elderly);
    /* A number is one of its CA's. */
    strcpy(list[1].certificates[0].issuer, "CN=A,C=JP");
    assert_int_equal(replace(store, list, 2, RESULT_NOT_FOUND), RESULT_OK);
    assert_int_equal(platform_store_find_person(store, &(platform_certificate){"CN=B,C=JP", "01"}, &found),
                     RESULT_NOT_FOUND);
    assert_int_equal(platform_store_find_person(store, &(platform_certificate){"CN=A,C=JP", "01"}, &found), RESULT_OK);
    list[1].certificates[0].issuer[0] = 0;
    assert_int_equal(replace(store, list, 2, RESULT_NOT_FOUND), RESULT_OK);
    list[1].certificates[0] = list[0].certificates[0];
    assert_int_equal(replace(store, list, 2, RESULT_NOT_FOUND), RESULT_EXISTS);
    assert_int_equal(replace(store, list, 1, RESULT_INVALID), RESULT_INVALID);
    assert_int_equal(platform_store_find_person(store, &second, &found), RESULT_OK);
    assert_int_equal(replace(store, list, 1, RESULT_NOT_FOUND), RESULT_OK);
    assert_int_equal(platform_store_find_person(store, &second, &found), RESULT_NOT_FOUND);
    platform_store_close(&store);
}

static history_entry entry_of(const history_visit *visit, const history_submission *submission, const char *letters) {
    return (history_entry){*visit, bytes_of(letters, 1), bytes_of(letters + 1, 1), bytes_of(letters + 2, 1),
                           submission};
}

static void new_visit(history_visit *visit, history_submission *submission) {
    *visit = (history_visit){.link_id = "L", .registered_at = 9};
    *submission = (history_submission){.state = "received", .received_at = 1};
    assert_int_equal(uuid_v7(visit->visit_id), RESULT_OK);
    assert_int_equal(uuid_v7(submission->id), RESULT_OK);
}

static void visits_are_kept_once(void **state) {
    (void)state;
    history_store *store;
    history_submission submission, listed[4];
    const history_submission *list[] = {&submission};
    history_visit visit;
    history_counts before, counts;
    size_t count = 0;
    assert_int_equal(history_store_open(url_of("history"), &store), RESULT_OK);
    new_visit(&visit, &submission);
    history_found found = {.visit_id = visit.visit_id, .receipt = BUFFER_INIT(100), .signature = BUFFER_INIT(100)};
    assert_int_equal(history_store_count(store, &before), RESULT_OK);
    assert_int_equal(history_store_put_submissions(store, list, 1), RESULT_OK);
    assert_int_equal(history_store_find_visits(store, &found, 1), RESULT_OK);
    assert_false(found.found);
    strcpy(submission.state, "registered");
    history_entry entry = entry_of(&visit, &submission, "brs");
    assert_int_equal(history_store_put_visits(store, &entry, 1), RESULT_OK);
    /* The second one fails as a whole: its submission's state stays. */
    strcpy(submission.state, "rejected");
    entry = entry_of(&visit, &submission, "cqt");
    assert_int_equal(history_store_put_visits(store, &entry, 1), RESULT_EXISTS);
    assert_int_equal(history_store_find_visits(store, &found, 1), RESULT_OK);
    assert_true(found.found);
    assert_string_equal(buffer_text(&found.receipt), "r");
    assert_string_equal(buffer_text(&found.signature), "s");
    assert_int_equal(history_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.registered, before.registered + 1);
    assert_int_equal(counts.rejected, before.rejected);
    assert_int_equal(counts.visits, before.visits + 1);
    assert_int_equal(history_store_list(store, "registered", listed, 4, &count), RESULT_OK);
    assert_true(count >= 1);
    assert_string_equal(listed[0].id, submission.id);
    assert_int_equal(history_store_list(store, "received", listed, 4, &count), RESULT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(history_store_sweep(store, INT64_MAX), RESULT_OK); /* what is registered stays */
    assert_int_equal(history_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.registered, before.registered + 1);
    buffer_wipe(&found.receipt);
    buffer_wipe(&found.signature);
    history_store_close(&store);
}

#define MANY 100

/* One that is known keeps all of them out, and no submission is changed: whoever asks finds out which, and sends the rest. */
static void many_visits_are_kept_together_or_not_at_all(void **state) {
    (void)state;
    static history_submission submissions[MANY];
    static history_visit visits[MANY];
    static history_entry entries[MANY];
    static history_found found[MANY];
    const history_submission *list[MANY];
    history_store *store;
    history_counts before, counts;
    assert_int_equal(history_store_open(url_of("history"), &store), RESULT_OK);
    assert_int_equal(history_store_count(store, &before), RESULT_OK);
    for (size_t i = 0; i < MANY; i++) {
        new_visit(&visits[i], &submissions[i]);
        list[i] = &submissions[i];
        entries[i] = entry_of(&visits[i], &submissions[i], "brs");
        found[i] = (history_found){
            .visit_id = visits[i].visit_id, .receipt = BUFFER_INIT(100), .signature = BUFFER_INIT(100)};
    }
    assert_int_equal(history_store_put_submissions(store, list, MANY), RESULT_OK);
    for (size_t i = 0; i < MANY; i++)
        strcpy(submissions[i].state, "registered");
    assert_int_equal(history_store_put_visits(store, &entries[70], 1), RESULT_OK);
    assert_int_equal(history_store_put_visits(store, entries, MANY), RESULT_EXISTS);
    assert_int_equal(history_store_find_visits(store, found, MANY), RESULT_OK);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(found[i].found, i == 70);
    assert_int_equal(history_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.received, before.received + MANY - 1);
    entries[70] = entries[MANY - 1];
    assert_int_equal(history_store_put_visits(store, entries, MANY - 1), RESULT_OK);
    assert_int_equal(history_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.visits, before.visits + MANY);
    assert_int_equal(counts.received, before.received);
    assert_int_equal(counts.registered, before.registered + MANY);
    strcpy(submissions[70].state, "duplicate");
    assert_int_equal(history_store_set_submissions(store, list, MANY), RESULT_OK);
    assert_int_equal(history_store_count(store, &counts), RESULT_OK);
    assert_int_equal(counts.duplicate, before.duplicate + 1);
    history_store_close(&store);
}

/* --- races -------------------------------------------------------------------------------------------------------- */

#define RACERS 3
#define LAPS 20

static void *race(void *context) {
    for (int i = 0; i < LAPS; i++) {
        sql_transaction t = sql_writing(context);
        while (sql_run(&t)) {
            sql_rows rows;
            t.outcome = sql_find(&t, &rows, "SELECT value FROM race WHERE id = $1", "t", "a");
            int64_t value = t.outcome == RESULT_OK ? sql_integer(&rows, 0) : 0;
            sql_finish(&rows, t.outcome);
            if (t.outcome == RESULT_OK)
                t.outcome = sql_change(&t, "UPDATE race SET value = $1 WHERE id = $2", "it", value + 1, "a");
        }
        if (t.outcome != RESULT_OK)
            return context;
    }
    return NULL;
}

/* Each reads, adds one and writes: a transaction that lost a race must have run again, or a step would be missing. */
static void no_step_is_lost_in_a_race(void **state) {
    (void)state;
    static const char *const migrations[] = {"CREATE TABLE race (id TEXT PRIMARY KEY, value BIGINT NOT NULL);"
                                             "INSERT INTO race VALUES ('a', 0)"};
    sql_database *db;
    pthread_t racers[RACERS];
    int64_t value = -1;
    void *failed;
    assert_int_equal(sql_open(url_of("race"), &(sql_schema){"race", migrations, 1, 0}, &db), RESULT_OK);
    for (size_t i = 0; i < RACERS; i++)
        assert_int_equal(pthread_create(&racers[i], NULL, race, db), 0);
    for (size_t i = 0; i < RACERS; i++) {
        pthread_join(racers[i], &failed);
        assert_null(failed);
    }
    sql_transaction t = sql_reading(db);
    while (sql_run(&t)) {
        sql_rows rows;
        t.outcome = sql_find(&t, &rows, "SELECT value FROM race WHERE id = $1", "t", "a");
        value = t.outcome == RESULT_OK ? sql_integer(&rows, 0) : -1;
        sql_finish(&rows, t.outcome);
    }
    assert_int_equal(value % (RACERS * LAPS), 0);
    assert_true(value > 0);
    sql_close(&db);
}

static void a_newer_schema_is_refused(void **state) {
    (void)state;
    static const char *const none[] = {NULL};
    sql_database *db;
    assert_int_equal(sql_open(url_of("race"), &(sql_schema){"race", none, 0, 0}, &db), RESULT_UNSUPPORTED);
    assert_null(db);
}

/* One after the other on both registers: they may share a database, and must not see each other. */
static void check_register(terminal_register *r) {
    terminal_entry one = {.certificate_hash = "AA",
                          .institution_code = "9912345678",
                          .terminal_id = "T-01",
                          .se_serial = "1",
                          .holder_reference = "00",
                          .registered_at = 7};
    terminal_entry second = one, found, list[3];
    buffer receipt = BUFFER_INIT(16), signature = BUFFER_INIT(16);
    size_t count;
    strcpy(second.certificate_hash, "BB");
    assert_int_equal(terminal_register_find(r, "AA", "T-01", &found, NULL, NULL), RESULT_NOT_FOUND);
    assert_int_equal(terminal_register_find_terminal(r, "9912345678", "T-01", "", &found), RESULT_NOT_FOUND);
    assert_int_equal(terminal_register_add(r, &one, bytes_of("r", 1), bytes_of("e\0", 2), bytes_of("s", 1)), RESULT_OK);
    assert_int_equal(terminal_register_add(r, &one, bytes_of("r", 1), bytes_of("x", 1), bytes_of("s", 1)),
                     RESULT_EXISTS);
    assert_int_equal(terminal_register_add(r, &second, bytes_of("r", 1), bytes_of("x", 1), bytes_of("s", 1)),
                     RESULT_EXISTS);
    assert_int_equal(terminal_register_find(r, "AA", "T-01", &found, &receipt, &signature), RESULT_OK);
    assert_int_equal(receipt.length, 2);
    assert_int_equal(signature.length, 1);
    assert_memory_equal(&found.registered_at, &one.registered_at, sizeof found.registered_at);
    assert_string_equal(found.se_serial, "1");
    assert_int_equal(terminal_register_revoke_se(r, "9", 9), RESULT_NOT_FOUND);
    assert_int_equal(terminal_register_set_revoked(r, &one, 9), RESULT_OK);
    assert_int_equal(terminal_register_find_terminal(r, "9912345678", "T-01", "", &found), RESULT_OK);
    assert_int_equal(found.revoked_at, 9);
    assert_int_equal(terminal_register_add(r, &second, bytes_of(NULL, 0), bytes_of("x", 1), bytes_of("s", 1)),
                     RESULT_OK);
    assert_int_equal(terminal_register_find_terminal(r, "9912345678", "T-01", "", &found), RESULT_OK);
    assert_string_equal(found.certificate_hash, "BB");
    assert_int_equal(terminal_register_set_revoked(r, &one, 0), RESULT_EXISTS);
    /* Both are of this SE; the one that was revoked before keeps its time. */
    assert_int_equal(terminal_register_revoke_se(r, "1", 11), RESULT_OK);
    assert_int_equal(terminal_register_find(r, "AA", "T-01", &found, NULL, NULL), RESULT_OK);
    assert_int_equal(found.revoked_at, 9);
    assert_int_equal(terminal_register_find(r, "BB", "T-01", &found, NULL, NULL), RESULT_OK);
    assert_int_equal(found.revoked_at, 11);
    assert_int_equal(terminal_register_find_key(r, "9912345678", "KEY", &found), RESULT_NOT_FOUND);
    strcpy(second.tls_key, "KEY");
    assert_int_equal(terminal_register_set_key(r, &second), RESULT_OK);
    assert_int_equal(terminal_register_find_key(r, "9912345678", "KEY", &found), RESULT_OK);
    assert_string_equal(found.certificate_hash, "BB");
    assert_int_equal(terminal_register_find_key(r, "0012345678", "KEY", &found), RESULT_NOT_FOUND);
    assert_int_equal(terminal_register_find_key(r, "9999999999", "KEY", &found), RESULT_NOT_FOUND);
    assert_int_equal(terminal_register_list(r, list, 3, &count), RESULT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(terminal_register_list(r, list, 1, &count), RESULT_OK);
    assert_int_equal(count, 1);
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
}

static void terminals_are_registered_once(void **state) {
    (void)state;
    platform_store *platform = open_platform();
    history_store *history;
    assert_int_equal(history_store_open(url_of("history"), &history), RESULT_OK);
    check_register(platform_store_terminals(platform));
    check_register(history_store_terminals(history));
    platform_store_close(&platform);
    history_store_close(&history);
}

static void the_first_value_stays(void **state) {
    (void)state;
    char kept[KEPT_VALUE_SIZE] = "";
    platform_store *store = open_platform();
    assert_int_equal(platform_store_keep_first(store, "test", NULL, kept), RESULT_NOT_FOUND);
    assert_int_equal(platform_store_keep_first(store, "test", "one", kept), RESULT_OK);
    assert_string_equal(kept, "one");
    platform_store_close(&store);
    store = open_platform();
    assert_int_equal(platform_store_keep_first(store, "test", "two", kept), RESULT_OK);
    assert_string_equal(kept, "one");
    assert_int_equal(platform_store_keep_first(store, "test", NULL, kept), RESULT_OK);
    assert_string_equal(kept, "one");
    assert_int_equal(platform_store_forget(store, "test"), RESULT_OK);
    assert_int_equal(platform_store_keep_first(store, "test", "two", kept), RESULT_OK);
    assert_string_equal(kept, "two");
    assert_int_equal(platform_store_forget(store, "test"), RESULT_OK);
    platform_store_close(&store);
}

int main(void) {
    /* clang-format off */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_few),           cmocka_unit_test(submissions_in_vain_are_few),
        cmocka_unit_test(answers_are_kept_once),
        cmocka_unit_test(no_two_share_a_challenge_or_a_counter),
        cmocka_unit_test(counter_and_time_go_together),
        cmocka_unit_test(people_are_replaced_as_a_whole), cmocka_unit_test(visits_are_kept_once),cmocka_unit_test(many_visits_are_kept_together_or_not_at_all),
        cmocka_unit_test(no_step_is_lost_in_a_race),  cmocka_unit_test(a_newer_schema_is_refused),
        cmocka_unit_test(terminals_are_registered_once), cmocka_unit_test(the_first_value_stays),
    };
    /* clang-format on */
    return cmocka_run_group_tests(tests, choose_engine, remove_folder);
}
