/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose eligibility the relay checks again: what is stored of a patient, about whom the platform is asked, and who gets the
 * answer. The clock is the test's. */
#include "extract/extract_store.h"
#include "extract/extract_timer.h"
#include "extract/extraction.h"

#include "base/copy_text.h"
#include "base/file.h"
#include "fhir/batch_answer.h"
#include "fhir/outcome.h"
#include "fhir/signed_answer.h"
#include "extract-examples.h"
#include "store/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the folder --------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/test-extract-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return rmdir(folder);
}

static void clear_folder(void) {
    static const char *const names[] = {"extract.sqlite", "extract.sqlite-wal", "extract.sqlite-shm", "extract.key"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = file_join(folder, names[i]);
        unlink(path);
        free(path);
    }
}

/* One statement, as somebody who can write the file. */
static void change_file(const char *words) {
    static const char *const none[] = {""};
    const sql_schema schema = {.name = "extract", .migrations = none, .count = 1};
    sql_database *db = NULL;
    char *path = file_join(folder, "extract.sqlite");
    assert_int_equal(sql_open(path, &schema, &db), RESULT_OK);
    sql_transaction t = sql_writing(db);
    while (sql_run(&t))
        t.outcome = sql_change(&t, words, "");
    assert_int_equal(t.outcome, RESULT_OK);
    sql_close(&db);
    free(path);
}

/* --- the clock ---------------------------------------------------------------------------------------------------- */

static int64_t now_s, now_ms;

int64_t __wrap_clock_wall_s(void);
int64_t __wrap_clock_wall_s(void) {
    return now_s;
}
int64_t __wrap_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void) {
    return now_ms;
}

static void be_on(const char *day) {
    now_s = extract_noon(day);
}

/* --- the store ---------------------------------------------------------------------------------------------------- */

static extract_store *open_store(result expected) {
    extract_store *store = NULL;
    assert_int_equal(extract_store_open(folder, &store), expected);
    return store;
}

static void note(extract_store *store, const char *terminal, const char *patient, const char *evidence,
                 const char *day) {
    insured_note n = extract_example_note(INSURED_RECEPTION, evidence, day, now_s);
    COPY_TEXT(n.row.terminal, terminal);
    COPY_TEXT(n.row.patient_serial, patient);
    COPY_TEXT(n.row.word.coverage.number, "MARKER-345");
    assert_int_equal(extract_store_note(store, &n), RESULT_OK);
}

static bool file_has(const char *text) {
    static const char *const names[] = {"extract.sqlite", "extract.sqlite-wal"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buffer content = BUFFER_INIT(1 << 24);
        char *path = file_join(folder, names[i]);
        file_read(path, &content);
        found |= content.length > 0 && memmem(content.data, content.length, text, strlen(text)) != NULL;
        free(path);
        buffer_wipe(&content);
    }
    return found;
}

static void rows_are_each_terminals_own_and_sealed(void **state) {
    extract_store *store = open_store(RESULT_OK);
    insured_row row;
    int64_t count = 0;
    (void)state;
    be_on("2026-12-10");
    note(store, "T-01", "CN=CA#01", "e1", "2026-12-10");
    note(store, "T-02", "CN=CA#01", "e2", "2026-12-10");
    note(store, "T-01", "CN=CA#01", "e3", "2026-12-10");
    assert_int_equal(extract_store_next(store, 0, &row), RESULT_NOT_FOUND); /* in memory */
    assert_int_equal(extract_store_write(store), RESULT_OK);
    assert_int_equal(extract_store_count(store, &count), RESULT_OK);
    assert_int_equal(count, 2);
    assert_int_equal(extract_store_find(store, "T-01", "CN=CA#01", &row), RESULT_OK);
    assert_string_equal(row.evidence_id, "e3");
    assert_string_equal(row.word.coverage.number, "MARKER-345");
    assert_int_equal(extract_store_find(store, "T-03", "CN=CA#01", &row), RESULT_NOT_FOUND);
    assert_int_equal(extract_store_next(store, 1, &row), RESULT_OK);
    assert_string_equal(row.terminal, "T-02");
    assert_int_equal(extract_store_get(store, 3, &row), RESULT_NOT_FOUND);
    assert_false(file_has("MARKER-345") || file_has("CN=CA") || file_has("T-01"));
    extract_store_close(&store);
    store = open_store(RESULT_OK); /* again: it is there */
    assert_int_equal(extract_store_get(store, 2, &row), RESULT_OK);
    note(store, "T-03", "CN=CA#01", "e4", "2026-12-10");
    extract_store_close(&store); /* writes what is in memory */
    store = open_store(RESULT_OK);
    assert_int_equal(extract_store_get(store, 3, &row), RESULT_OK);
    extract_store_close(&store);
}

/* Somebody who can write the file gives one patient's row to another. */
static void a_row_in_another_place_does_not_open(void **state) {
    extract_store *store = open_store(RESULT_OK);
    insured_row row;
    char *path = file_join(folder, "extract.key");
    (void)state;
    be_on("2026-12-10");
    note(store, "T-01", "CN=CA#01", "e1", "2026-12-10");
    note(store, "T-02", "CN=CA#02", "e2", "2026-12-10");
    extract_store_close(&store);
    change_file("UPDATE insured SET sealed = (SELECT sealed FROM insured WHERE number = 1) WHERE number = 2");
    store = open_store(RESULT_OK);
    assert_int_equal(extract_store_next(store, 1, &row), RESULT_NOT_FOUND);
    assert_true(extract_store_find(store, "T-02", "CN=CA#02", &row) != RESULT_OK);
    note(store, "T-02", "CN=CA#02", "e5", "2026-12-10"); /* the next reception fills it */
    assert_int_equal(extract_store_write(store), RESULT_OK);
    assert_int_equal(extract_store_next(store, 1, &row), RESULT_OK);
    assert_string_equal(row.evidence_id, "e5");
    extract_store_close(&store);
    unlink(path);
    free(path);
    open_store(RESULT_BAD_SIGNATURE); /* a key that was lost */
}

static void who_does_not_come_is_forgotten(void **state) {
    extract_store *store = open_store(RESULT_OK);
    insured_note asked = {.news = INSURED_ASKED};
    int64_t purged = 0, before;
    insured_row row;
    (void)state;
    be_on("2026-12-01");
    before = now_s;
    note(store, "T-01", "CN=CA#01", "e1", "2026-12-01");
    assert_int_equal(extract_store_write(store), RESULT_OK);
    be_on("2026-12-02");
    note(store, "T-01", "CN=CA#02", "e2", "2026-12-02");
    COPY_TEXT(asked.row.terminal, "T-01");
    COPY_TEXT(asked.row.patient_serial, "CN=CA#01"); /* being asked about keeps nobody here */
    assert_int_equal(extract_store_note(store, &asked), RESULT_OK);
    assert_int_equal(extract_store_write(store), RESULT_OK);
    assert_int_equal(extract_store_purge(store, before, &purged), RESULT_OK);
    assert_int_equal(purged, 0);
    assert_int_equal(extract_store_purge(store, before + 1, &purged), RESULT_OK);
    assert_int_equal(purged, 1);
    assert_int_equal(extract_store_next(store, 0, &row), RESULT_OK);
    assert_string_equal(row.evidence_id, "e2");
    assert_int_equal(extract_store_note(store, &asked), RESULT_OK); /* nor brings back */
    assert_int_equal(extract_store_write(store), RESULT_OK);
    assert_int_equal(extract_store_find(store, "T-01", "CN=CA#01", &row), RESULT_NOT_FOUND);
    extract_store_close(&store);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

#define ASKED_MAX 256

/* A platform that answers as the test wants, and what it was asked. */
static struct platform {
    bool up;
    result code;
    const char *insurer, *ends, *about_day; /* of every answer; about_day NULL: what was asked */
    int status;                             /* of every entry; 0: 200 */
    const char *refused;                    /* the terminal whose batch is refused */
    size_t calls, asked;
    char terminal[ASKED_MAX][16], evidence[ASKED_MAX][UUID_TEXT_SIZE], day[ASKED_MAX][CLOCK_DATE_SIZE];
    size_t largest; /* batch */
} platform;

static bool may_ask(void *context) {
    (void)context;
    return platform.up;
}

static void write_answer(const eligibility_request *r, buffer *resource) {
    static eligibility_response a;
    a = (eligibility_response){.validity = ELIGIBILITY_VALID,
                               .disposition = "valid",
                               .link_id = "L",
                               .coverage_count = 1,
                               .coverages = {{.number = "345", .from = "2020-04-01", .in_force = true}}};
    COPY_TEXT(a.coverages[0].insurer_number, platform.insurer);
    COPY_TEXT(a.coverages[0].insurer_name, platform.insurer);
    COPY_TEXT(a.coverages[0].to, platform.ends);
    COPY_TEXT(a.evidence_id, r->evidence_id);
    COPY_TEXT(a.patient_serial, r->patient_serial);
    COPY_TEXT(a.service_date, platform.about_day != NULL ? platform.about_day : r->service_date);
    clock_text(now_s, a.created);
    clock_text(now_s, a.as_of);
    assert_int_equal(answer_salt(&a), RESULT_OK);
    assert_int_equal(eligibility_response_write(&a, resource), RESULT_OK);
}

static void write_batch_answer(const eligibility_request *requests, size_t count, buffer *text) {
    eligibility_outcome outcomes[FHIR_BATCH_MAX] = {{0}};
    buffer resources[FHIR_BATCH_MAX], content = BUFFER_INIT(1024);
    const int status = platform.status != 0 ? platform.status : 200;
    for (size_t i = 0; i < count; i++) {
        resources[i] = BUFFER_INIT(65536);
        if (status == 200)
            write_answer(&requests[i], &resources[i]);
        else
            outcome_write_about("not-found", "words", requests[i].evidence_id, &resources[i]);
        outcomes[i] = (eligibility_outcome){status, buffer_bytes(&resources[i])};
    }
    assert_int_equal(eligibility_batch_answer_write(outcomes, count, text, &content), RESULT_OK);
    for (size_t i = 0; i < count; i++)
        buffer_wipe(&resources[i]);
    buffer_wipe(&content);
}

static result ask(void *context, const char *terminal, bytes request, buffer *answer) {
    static eligibility_request requests[FHIR_BATCH_MAX];
    eligibility_batch *batch = NULL;
    (void)context;
    platform.calls++;
    if (platform.code != RESULT_OK)
        return platform.code;
    if (platform.refused != NULL && strcmp(platform.refused, terminal) == 0)
        return RESULT_REFUSED;
    assert_int_equal(eligibility_batch_read(request, &batch, NULL), RESULT_OK);
    const size_t count = eligibility_batch_count(batch);
    platform.largest = count > platform.largest ? count : platform.largest;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(eligibility_batch_pre_check(batch, i, &requests[i], NULL), RESULT_OK);
        assert_string_equal(requests[i].institution_code, "1312345678");
        assert_true(platform.asked < ASKED_MAX);
        COPY_TEXT(platform.terminal[platform.asked], terminal);
        memcpy(platform.evidence[platform.asked], requests[i].evidence_id, UUID_TEXT_SIZE);
        memcpy(platform.day[platform.asked++], requests[i].service_date, CLOCK_DATE_SIZE);
    }
    write_batch_answer(requests, count, answer);
    eligibility_batch_free(&batch);
    return RESULT_OK;
}

/* What waits in the relay. */
static struct keeping {
    size_t count;
    const char *owner[4];
    buffer body[4];
} waiting;

result keep_store_next(keep_store *store, kept_request *r) {
    const size_t i = r->id[0] == 0 ? 0 : (size_t)strtoul(r->id, NULL, 10);
    (void)store;
    if (i >= waiting.count)
        return RESULT_NOT_FOUND;
    snprintf(r->id, sizeof r->id, "%zu", i + 1);
    COPY_TEXT(r->owner, waiting.owner[i]);
    return buffer_append(&r->body, buffer_bytes(&waiting.body[i]));
}

static extraction *x;

static int begin_extraction(void **state) {
    const extraction_options options = {.folder = folder,
                                        .institution_code = "1312345678",
                                        .rules = extract_example_rules,
                                        .keep_days = 40,
                                        .every_s = 3600,
                                        .kept = (keep_store *)&waiting,
                                        .platform = {NULL, may_ask, ask}};
    (void)state;
    platform = (struct platform){.up = true, .insurer = "06132013", .ends = ""};
    now_ms = 1000;
    return extraction_new(&options, &x) == RESULT_OK ? 0 : -1;
}

static int end_extraction(void **state) {
    (void)state;
    extraction_free(&x);
    clear_folder();
    return 0;
}

static const char *evidence_of(unsigned number) {
    static char text[UUID_TEXT_SIZE];
    snprintf(text, sizeof text, "0195c0ae-0000-7000-8000-%012u", number);
    return text;
}

/* A reception of that patient passes: the platform's answer, alone or in a batch. */
static void receive(const char *terminal, unsigned patient, unsigned evidence, bool is_single) {
    eligibility_request r = {0};
    buffer text = BUFFER_INIT(1 << 20);
    COPY_TEXT(r.evidence_id, evidence_of(evidence));
    snprintf(r.patient_serial, sizeof r.patient_serial, "CN=CA#%04u", patient);
    clock_date_in_japan(now_s, r.service_date);
    if (is_single)
        write_answer(&r, &text);
    else
        write_batch_answer(&r, 1, &text);
    extraction_note_answer(x, terminal, buffer_bytes(&text), is_single);
    buffer_wipe(&text);
}

static void announce(const char *terminal, unsigned patient, unsigned evidence, const char *day) {
    eligibility_request r = {0};
    buffer text = BUFFER_INIT(1 << 20);
    COPY_TEXT(r.evidence_id, evidence_of(evidence));
    snprintf(r.patient_serial, sizeof r.patient_serial, "CN=CA#%04u", patient);
    COPY_TEXT(r.service_date, day);
    write_batch_answer(&r, 1, &text);
    extraction_note_check(x, terminal, buffer_bytes(&text));
    buffer_wipe(&text);
}

static void turn_an_hour_later(void) {
    platform.calls = platform.asked = platform.largest = 0;
    now_ms += 3600000;
    extraction_turn(x);
}

static json_t *listed(void) {
    char cursor[EXTRACTION_CURSOR_SIZE] = "";
    json_t *list = json_array();
    do
        assert_int_equal(extraction_list(x, cursor, list), RESULT_OK);
    while (*cursor != 0);
    return list;
}

static const char *of_row(const json_t *list, size_t i, const char *name) {
    const char *text = json_string_value(json_object_get(json_array_get(list, i), name));
    return text != NULL ? text : "";
}

static void a_refused_batch_does_not_delay_those_of_other_terminals(void **state) {
    (void)state;
    be_on("2026-11-30");
    receive("T-01", 1, 1, true);
    receive("T-02", 2, 2, true);
    extraction_turn(x);
    be_on("2026-12-01");
    platform.refused = "T-01";
    turn_an_hour_later();
    assert_int_equal(platform.calls, 2);
    assert_int_equal(platform.asked, 1);
    assert_string_equal(platform.terminal[0], "T-02");
}

static void those_who_are_due_are_asked_about_once(void **state) {
    extraction_counts counts;
    (void)state;
    be_on("2026-11-30");
    receive("T-01", 1, 1, true);
    receive("T-02", 2, 2, false);
    extraction_turn(x);
    assert_int_equal(platform.calls, 0); /* nobody is due */
    be_on("2026-12-01");
    receive("T-01", 3, 3, true); /* seen this month */
    json_t *list = listed();
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(of_row(list, 0, "state"), "due");
    assert_string_equal(of_row(list, 0, "askAbout"), "2026-12-01");
    assert_string_equal(of_row(list, 0, "number"), "345");
    assert_string_equal(of_row(json_object_get(json_array_get(list, 0), "why"), 0, "word"), "month-changed");
    assert_string_equal(of_row(json_object_get(json_array_get(list, 0), "why"), 0, "ja"), "今月はまだ確認していない");
    json_decref(list);
    turn_an_hour_later();
    assert_int_equal(platform.calls, 2); /* one terminal's patients are not another's business */
    assert_string_equal(platform.terminal[0], "T-01");
    assert_string_equal(platform.evidence[0], evidence_of(1));
    assert_string_equal(platform.day[0], "2026-12-01");
    assert_string_equal(platform.terminal[1], "T-02");
    assert_string_equal(platform.evidence[1], evidence_of(2));
    turn_an_hour_later();
    assert_int_equal(platform.calls, 0);
    list = listed();
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(of_row(list, 1, "state"), "asked");
    assert_string_equal(of_row(list, 1, "finding"), "unchanged");
    assert_string_equal(of_row(json_object_get(json_array_get(list, 1), "why"), 0, "word"), "month-changed");
    json_decref(list);
    extraction_tell(x, &counts);
    assert_true(counts.patients == 3 && counts.asked == 2 && counts.changed == 0 && counts.asked_at == now_s);
}

static void what_is_found_is_shown(void **state) {
    extraction_counts counts;
    (void)state;
    be_on("2026-11-30");
    receive("T-01", 1, 1, true);
    be_on("2026-12-01");
    platform.insurer = "01130012";
    extraction_turn(x); /* the platform was away before: it comes at a time of its own, and there is no spread here */
    json_t *list = listed();
    assert_string_equal(of_row(list, 0, "finding"), "changed");
    assert_string_equal(of_row(list, 0, "insurer"), "01130012");
    json_decref(list);
    extraction_tell(x, &counts);
    assert_int_equal(counts.changed, 1);
    be_on("2027-01-01");
    platform.status = 404; /* it knows of no reception */
    turn_an_hour_later();
    list = listed();
    assert_string_equal(of_row(list, 0, "finding"), "not-found");
    json_decref(list);
    turn_an_hour_later();
    assert_int_equal(platform.calls, 0);
    be_on("2027-01-02");
    platform.status = 422; /* a refusal that says nothing: it is asked again */
    turn_an_hour_later();
    turn_an_hour_later();
    assert_int_equal(platform.calls, 1);
    platform.status = 0;
    platform.about_day = "2027-01-01"; /* and so is an answer to another question */
    turn_an_hour_later();
    turn_an_hour_later();
    assert_int_equal(platform.calls, 1);
}

static void an_announced_patient_is_asked_about_the_evening_before(void **state) {
    (void)state;
    be_on("2026-12-10");
    receive("T-01", 1, 1, true);
    announce("T-01", 1, 1, "2026-12-15");
    for (int day = 11; day <= 15; day++) {
        char text[CLOCK_DATE_SIZE];
        snprintf(text, sizeof text, "2026-12-%02d", day);
        be_on(text);
        turn_an_hour_later();
        assert_int_equal(platform.calls, day == 14);
        if (day == 14)
            assert_string_equal(platform.day[0], "2026-12-15");
    }
}

static void keep(const char *owner, unsigned patient, unsigned evidence) {
    eligibility_request r = {.service_date = "2026-12-01", .created = "2026-12-01T00:00:00Z"};
    const eligibility_request *const all[] = {&r};
    r.evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX);
    COPY_TEXT(r.evidence_id, evidence_of(evidence));
    COPY_TEXT(r.institution_code, "1312345678");
    snprintf(r.patient_serial, sizeof r.patient_serial, "CN=CA#%04u", patient);
    buffer_append_text(&r.evidence, "evidence");
    waiting.owner[waiting.count] = owner;
    waiting.body[waiting.count] = BUFFER_INIT(1 << 20);
    assert_int_equal(eligibility_batch_write(all, 1, &waiting.body[waiting.count]), RESULT_OK);
    waiting.count++;
    buffer_wipe(&r.evidence);
}

/* Its own request asks about it. */
static void evidence_that_waits_is_provisional(void **state) {
    (void)state;
    be_on("2026-12-01");
    receive("T-01", 1, 1, true);
    for (unsigned i = 0; i < 3; i++) /* the last one: a stranger, who is known at another terminal only */
        keep(i == 2 ? "T-02" : "T-01", i == 1 ? 9 : 1, 100 + i);
    waiting.body[3] = BUFFER_INIT(16);
    buffer_append_text(&waiting.body[3], "{}");
    waiting.owner[3] = "T-02";
    waiting.count = 4;
    json_t *list = listed();
    assert_int_equal(json_array_size(list), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(of_row(list, i, "state"), "waiting");
        assert_string_equal(of_row(json_object_get(json_array_get(list, i), "why"), 0, "word"), "provisional");
        assert_string_equal(of_row(list, i, "evidence"), evidence_of(100 + (unsigned)i));
        assert_string_equal(of_row(list, i, "number"), i == 0 ? "345" : "");
    }
    json_decref(list);
    turn_an_hour_later();
    assert_int_equal(platform.calls, 0);
    for (size_t i = 0; i < waiting.count; i++)
        buffer_wipe(&waiting.body[i]);
    waiting.count = 0;
}

static void nothing_is_asked_while_the_platform_is_away(void **state) {
    (void)state;
    be_on("2026-11-30");
    receive("T-01", 1, 1, true);
    be_on("2026-12-01");
    platform.up = false;
    turn_an_hour_later();
    extraction_want(x);
    turn_an_hour_later();
    assert_int_equal(platform.calls, 0);
    platform.up = true;
    platform.code = RESULT_BAD_SIGNATURE;
    now_ms += 1;
    extraction_turn(x);
    assert_int_equal(platform.calls, 1);
    platform.code = RESULT_OK;
    now_ms += EXTRACT_AGAIN_MS - 1;
    extraction_turn(x);
    assert_int_equal(platform.calls, 1);
    now_ms += 1;
    extraction_turn(x);
    assert_int_equal(platform.asked, 1);
}

static void many_are_asked_about_in_batches(void **state) {
    (void)state;
    be_on("2026-11-30");
    for (unsigned i = 1; i <= 150; i++)
        receive(i % 3 == 0 ? "T-02" : "T-01", i, i, true);
    receive("T-02", 150, 150, true);
    be_on("2026-12-01");
    turn_an_hour_later();
    assert_int_equal(platform.asked, 150);
    assert_int_equal(platform.calls, 2);
    assert_int_equal(platform.largest, 100);
    for (size_t i = 0; i < platform.asked; i++)
        assert_string_equal(platform.terminal[i], i < 100 ? "T-01" : "T-02");
    receive("T-03", 1, 501, true);
    for (unsigned i = 2; i <= 101; i++)
        receive("T-03", i, 500 + i, true);
    be_on("2027-01-01");
    turn_an_hour_later();
    assert_int_equal(platform.asked, 251);
    assert_int_equal(platform.calls, 4); /* 100, 50, 100, 1 */
}

/* Those who are here no more are not asked about, nor is anybody whom a faulty answer names. */
static void what_is_no_answer_is_no_note(void **state) {
    extraction_counts counts;
    (void)state;
    be_on("2026-12-01");
    extraction_note_answer(x, "T-01", bytes_of("{}", 2), true);
    extraction_note_answer(x, "T-01", bytes_of("{}", 2), false);
    extraction_note_check(x, "T-01", bytes_of("x", 1));
    platform.status = 422;
    receive("T-01", 1, 1, false);
    extraction_note_answer(NULL, "T-01", bytes_of("{}", 2), true);
    extraction_turn(x);
    extraction_tell(x, &counts);
    assert_int_equal(counts.patients, 0);
    platform.status = 0;
    receive("T-01", 1, 1, false);
    extraction_turn(x);
    extraction_tell(x, &counts);
    assert_int_equal(counts.patients, 1);
    be_on("2027-01-11"); /* 41 days later, at the same hour */
    turn_an_hour_later();
    extraction_tell(x, &counts);
    assert_int_equal(counts.patients, 0);
    assert_int_equal(platform.calls, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(rows_are_each_terminals_own_and_sealed, end_extraction),
        cmocka_unit_test_teardown(a_row_in_another_place_does_not_open, end_extraction),
        cmocka_unit_test_teardown(who_does_not_come_is_forgotten, end_extraction),
        cmocka_unit_test_setup_teardown(those_who_are_due_are_asked_about_once, begin_extraction, end_extraction),
        cmocka_unit_test_setup_teardown(what_is_found_is_shown, begin_extraction, end_extraction),
        cmocka_unit_test_setup_teardown(an_announced_patient_is_asked_about_the_evening_before, begin_extraction,
                                        end_extraction),
        cmocka_unit_test_setup_teardown(a_refused_batch_does_not_delay_those_of_other_terminals, begin_extraction,
                                        end_extraction),
        cmocka_unit_test_setup_teardown(evidence_that_waits_is_provisional, begin_extraction, end_extraction),
        cmocka_unit_test_setup_teardown(nothing_is_asked_while_the_platform_is_away, begin_extraction, end_extraction),
        cmocka_unit_test_setup_teardown(many_are_asked_about_in_batches, begin_extraction, end_extraction),
        cmocka_unit_test_setup_teardown(what_is_no_answer_is_no_note, begin_extraction, end_extraction),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
