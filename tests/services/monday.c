/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A nation's Monday, small: counters with a patient in front of them while the backlog of an outage is reconciled.
 *
 *   monday URL PKI CARD POPULATION ACKNOWLEDGED TERMINALS PERIOD SECONDS BACKLOG SENDERS RETRY
 *
 * TERMINALS connections of the population's institutions make an online reception each PERIOD milliseconds, first for
 * SECONDS alone, then while SENDERS send BACKLOG offline evidences in batches of 100, each batch over a connection of
 * its own. A sender that is refused waits RETRY milliseconds for each second of Retry-After. ACKNOWLEDGED receives the
 * evidence id of whatever was acknowledged. Prints one JSON object: times are of the two calls of a reception, in
 * milliseconds, first alone, then beside the backlog. Ends with 1 when a batch was lost or refused for good. */
#include "population.h"

#include "base/clock.h"
#include "crypt/digest.h"
#include "base/hex.h"
#include "fhir/batch_answer.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define BODY_MAX (8 * 1024 * 1024)
#define SAMPLES_MAX 200000
#define TRIES_MAX 1000
#define THREADS_MAX 1000
#define RETRY_MAX 4096

typedef struct batch {
    buffer body;
    size_t institution;
    char ids[FHIR_BATCH_MAX][UUID_TEXT_SIZE];
} batch;

typedef struct phase {
    double milliseconds[SAMPLES_MAX];
    size_t count, refused, failed; /* refused: 429 or 503; the terminal would answer offline */
} phase;

static struct {
    const char *url;
    population people;
    size_t terminals, opened, batches, senders, next, drained, lost, too_often, no_room, unsaid;
    long period_ms, retry_ms;
    size_t retries[RETRY_MAX];
    batch *list;
    FILE *record;
    phase phases[3];
    _Atomic int now; /* phase: 0 alone, 1 beside the backlog, 2 before and after, which counts for nothing */
    _Atomic bool over;
    pthread_mutex_t lock;
} day = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static size_t below(size_t limit) {
    uint32_t number = 0;
    CHECK(crypt_random((uint8_t *)&number, sizeof number));
    return number % limit;
}

/* --- the counter -------------------------------------------------------------------------------------------------- */

/* One call; adds its time. The status, 0 when there was no answer. */
static int timed(http_client *client, const char *path, const buffer *body, int64_t *spent, http_answer *answer) {
    int64_t begin = microseconds();
    result outcome = http_client_call(client, "POST", path, "application/fhir+json", buffer_bytes(body), answer);
    *spent += microseconds() - begin;
    return outcome == RESULT_OK ? answer->status : 0;
}

static int authenticate(http_client *client, const evidence_maker *m, const char *challenge, int64_t *spent,
                        institution_answer *session) {
    institution_request ask = {.card_id = ""};
    http_answer answer;
    fhir_problem problem;
    buffer body = BUFFER_INIT(4096);
    memcpy(ask.card_id, m->card_id, sizeof ask.card_id);
    snprintf(ask.challenge, sizeof ask.challenge, "%s", challenge);
    snprintf(ask.institution_code, sizeof ask.institution_code, "%s", m->institution_code);
    snprintf(ask.terminal_id, sizeof ask.terminal_id, "%s", m->terminal_id);
    CHECK(institution_request_write(&ask, &body));
    int status = timed(client, "/institution-authentication", &body, spent, &answer);
    if (status == 201)
        CHECK(institution_answer_read(buffer_bytes(&answer.body), session, &problem));
    http_answer_wipe(&answer);
    buffer_wipe(&body);
    return status;
}

static int submit(http_client *client, const eligibility_request *request, int64_t *spent) {
    http_answer answer;
    buffer body = BUFFER_INIT(BODY_MAX);
    CHECK(eligibility_request_write(request, &body));
    int status = timed(client, "/fhir/CoverageEligibilityRequest/$submit", &body, spent, &answer);
    http_answer_wipe(&answer);
    buffer_wipe(&body);
    return status;
}

static void note_reception(int when, int status, int64_t spent, const char *id) {
    phase *p = &day.phases[when];
    pthread_mutex_lock(&day.lock);
    if (status == 429 || status == 503)
        p->refused++;
    else if (status != 200 || p->count == SAMPLES_MAX)
        p->failed++;
    else
        p->milliseconds[p->count++] = (double)spent / 1000;
    if (status == 200)
        fprintf(day.record, "%s\n", id);
    pthread_mutex_unlock(&day.lock);
}

static void receive(http_client *client, const evidence_maker *m) {
    uint8_t random[INSTITUTION_CHALLENGE_LENGTH];
    char challenge[2 * INSTITUTION_CHALLENGE_LENGTH + 1];
    eligibility_request request = {.evidence_id = ""};
    institution_answer session;
    int64_t spent = 0;
    const int when = day.now;
    CHECK(crypt_random(random, sizeof random));
    hex_encode(BYTES(random), challenge, sizeof challenge);
    int status = authenticate(client, m, challenge, &spent, &session);
    if (status == 201) {
        request_maker_online(m, challenge, &session, &request);
        status = submit(client, &request, &spent);
    }
    note_reception(when, status, spent, request.evidence_id);
    if (status != 429 && status != 503 && status != 200)
        fprintf(stderr, "reception: %d\n", status);
    eligibility_request_wipe(&request);
}

/* Each begins somewhere in the period, so that they do not meet more than by chance. */
static void *work_at_counter(void *unused) {
    const size_t number = __atomic_fetch_add(&day.opened, 1, __ATOMIC_RELAXED);
    http_client *client = population_client(&day.people, number, day.url, BODY_MAX);
    int64_t next = microseconds() + (int64_t)below((size_t)day.period_ms * 1000);
    for (size_t patient = number; !day.over; patient += day.terminals) {
        const evidence_maker m = population_maker(&day.people, patient, number);
        int64_t now = microseconds();
        if (now < next)
            usleep((useconds_t)(next - now));
        next = (now > next ? now : next) + day.period_ms * 1000;
        if (!day.over)
            receive(client, &m);
    }
    http_client_free(&client);
    return unused;
}

/* --- the backlog -------------------------------------------------------------------------------------------------- */

static batch *take_next(void) {
    pthread_mutex_lock(&day.lock);
    batch *one = day.next < day.batches ? &day.list[day.next++] : NULL;
    pthread_mutex_unlock(&day.lock);
    return one;
}

static void *make_batches(void *unused) {
    eligibility_request requests[FHIR_BATCH_MAX];
    const eligibility_request *pointers[FHIR_BATCH_MAX];
    batch *one;
    while ((one = take_next())) {
        one->institution = (size_t)(one - day.list);
        one->body = BUFFER_INIT(BODY_MAX);
        for (size_t i = 0; i < FHIR_BATCH_MAX; i++) {
            const size_t number = one->institution * FHIR_BATCH_MAX + i;
            const evidence_maker m = population_maker(&day.people, number, one->institution);
            request_maker_make(&m, number, &requests[i]);
            memcpy(one->ids[i], requests[i].evidence_id, UUID_TEXT_SIZE);
            pointers[i] = &requests[i];
        }
        CHECK(eligibility_batch_write(pointers, FHIR_BATCH_MAX, &one->body));
        for (size_t i = 0; i < FHIR_BATCH_MAX; i++)
            eligibility_request_wipe(&requests[i]);
    }
    return unused;
}

/* How many entries were taken. */
static size_t count_taken(const http_answer *answer) {
    static _Thread_local eligibility_response ignored;
    eligibility_batch_answer *entries = NULL;
    fhir_problem problem;
    size_t taken = 0;
    int status;
    if (eligibility_batch_answer_read(buffer_bytes(&answer->body), &entries, &problem) == RESULT_OK)
        for (size_t i = 0; i < eligibility_batch_answer_count(entries); i++) {
            eligibility_batch_answer_entry(entries, i, &status, &ignored, &problem);
            taken += status == 200 || status == 201;
        }
    eligibility_batch_answer_free(&entries);
    return taken;
}

static void note_acknowledged(const batch *one, size_t taken) {
    pthread_mutex_lock(&day.lock);
    day.drained++;
    day.lost += taken != FHIR_BATCH_MAX;
    for (size_t i = 0; taken == FHIR_BATCH_MAX && i < FHIR_BATCH_MAX; i++)
        fprintf(day.record, "%s\n", one->ids[i]);
    pthread_mutex_unlock(&day.lock);
}

/* Seconds to wait. */
static long note_refusal(const http_answer *answer) {
    long seconds = answer->retry_after < 0 ? 1 : answer->retry_after;
    pthread_mutex_lock(&day.lock);
    day.too_often += answer->status == 429;
    day.no_room += answer->status == 503;
    day.unsaid += answer->retry_after < 0;
    day.retries[seconds < RETRY_MAX ? seconds : RETRY_MAX - 1]++;
    pthread_mutex_unlock(&day.lock);
    return seconds;
}

/* True when the batch needs no more tries. */
static bool send_batch(http_client *client, const batch *one) {
    http_answer answer;
    result outcome = http_client_call(client, "POST", "/fhir", "application/fhir+json", buffer_bytes(&one->body),
                                      &answer);
    bool refused = outcome == RESULT_OK && (answer.status == 429 || answer.status == 503);
    bool done = outcome == RESULT_OK && !refused;
    long seconds = 1;
    if (done)
        note_acknowledged(one, answer.status == 200 ? count_taken(&answer) : 0);
    else if (refused)
        seconds = note_refusal(&answer);
    http_answer_wipe(&answer);
    if (!done)
        usleep((useconds_t)(seconds * day.retry_ms * 1000));
    return done;
}

static void *drain(void *unused) {
    batch *one;
    while ((one = take_next())) {
        http_client *client = population_client(&day.people, one->institution, day.url, BODY_MAX);
        for (size_t tries = 0; !send_batch(client, one) && tries < TRIES_MAX;)
            tries++;
        http_client_free(&client);
    }
    return unused;
}

/* --- the day ------------------------------------------------------------------------------------------------------ */

static void start(pthread_t *threads, size_t count, void *(*work)(void *)) {
    day.next = 0;
    for (size_t i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            exit(1);
}

static void join(const pthread_t *threads, size_t count) {
    for (size_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double share(const phase *p, size_t percent) {
    return p->count ? p->milliseconds[(p->count - 1) * percent / 100] : 0;
}

static void print_phase(const char *name, phase *p) {
    qsort(p->milliseconds, p->count, sizeof *p->milliseconds, compare);
    printf("\"%s\":{\"receptions\":%zu,\"median\":%.2f,\"p99\":%.2f,\"refused\":%zu,\"failed\":%zu},", name, p->count,
           share(p, 50), share(p, 99), p->refused, p->failed);
}

static void print_day(int64_t milliseconds) {
    size_t min = 0, max = 0, kinds = 0;
    for (size_t i = 0; i < RETRY_MAX; i++)
        if (day.retries[i]) {
            min = kinds++ ? min : i;
            max = i;
        }
    putchar('{');
    print_phase("alone", &day.phases[0]);
    print_phase("beside", &day.phases[1]);
    printf("\"batches\":%zu,\"drained\":%zu,\"lost\":%zu,\"milliseconds\":%lld,\"status429\":%zu,\"status503\":%zu,"
           "\"withoutRetryAfter\":%zu,\"retryAfter\":{\"least\":%zu,\"most\":%zu,\"different\":%zu}}\n",
           day.batches, day.drained, day.lost, (long long)milliseconds, day.too_often, day.no_room, day.unsaid, min,
           max, kinds);
}

static void read_arguments(char **argv) {
    day.url = argv[1];
    population_open(argv[2], argv[3], argv[4], &day.people);
    day.record = fopen(argv[5], "a");
    day.terminals = strtoul(argv[6], NULL, 10);
    day.period_ms = strtol(argv[7], NULL, 10);
    day.batches = strtoul(argv[9], NULL, 10) / FHIR_BATCH_MAX;
    day.senders = strtoul(argv[10], NULL, 10);
    day.retry_ms = strtol(argv[11], NULL, 10);
    day.list = calloc(day.batches + 1, sizeof *day.list);
    if (!day.record || !day.list || day.period_ms < 1 || day.terminals > THREADS_MAX || day.senders > THREADS_MAX) {
        fputs("monday: these numbers do not fit\n", stderr);
        exit(2);
    }
}

int main(int argc, char **argv) {
    static pthread_t counters[THREADS_MAX], senders[THREADS_MAX];
    if (argc != 12) {
        fputs("monday URL PKI CARD POPULATION ACKNOWLEDGED TERMINALS PERIOD SECONDS BACKLOG SENDERS RETRY\n", stderr);
        return 2;
    }
    read_arguments(argv);
    CHECK(http_client_init(NULL));
    start(senders, 2, make_batches);
    join(senders, 2);
    day.now = 2;
    start(counters, day.terminals, work_at_counter);
    usleep((useconds_t)day.period_ms * 1500); /* connected, and everybody has begun */
    day.now = 0;
    sleep((unsigned)strtoul(argv[8], NULL, 10));
    day.now = 1;
    int64_t begin = clock_monotonic_ms();
    start(senders, day.senders, drain);
    join(senders, day.senders);
    int64_t spent = clock_monotonic_ms() - begin;
    day.now = 2;
    day.over = true;
    join(counters, day.terminals);
    fclose(day.record);
    print_day(spent);
    return day.drained == day.batches && day.lost == 0 ? 0 : 1;
}
