/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Terminals that reconcile: many evidences, in batches, over several connections at once, until every one is
 * acknowledged. A connection that breaks, or a platform that has no room, is tried again. For measurements and for
 * tests that kill the platform in the middle.
 *
 *   reconcile-load URL PKI CARD EVIDENCES BATCH CONNECTIONS [ACKNOWLEDGED [POPULATION [kept]]]
 *
 * ACKNOWLEDGED: a file that receives the evidence id of each acknowledged item, a line each, at once; "": none.
 * POPULATION: what make-population wrote: evidence n is of its patient n, batch n of its institution n, counted round;
 * each of CONNECTIONS senders connects for its institutions before the time is taken; "": none. kept: a batch that a relay
 * has kept (202) is not sent again, and acknowledged as a whole. Prints one JSON object
 * (unannounced: answers of 503 that did not say when to come again). Ends with 1 when not every item was acknowledged. */
#include "population.h"

#include "base/hex.h"
#include "fhir/batch_answer.h"

#include <jansson.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 32
#define INSTITUTIONS_MAX 1000
#define BODY_MAX (8 * 1024 * 1024)
#define RETRY_US 20000
#define SECONDS_MAX 1200

typedef struct batch {
    buffer body;
    size_t first, count, institution;
} batch;

/* One of CONNECTIONS: for each institution it has a connection of its own. */
typedef struct sender {
    http_client *clients[INSTITUTIONS_MAX];
} sender;

static struct {
    const char *url;
    population people;
    size_t evidences, per_batch, batches, connections, next, acknowledged, known, retries, refused, unannounced;
    char (*ids)[UUID_TEXT_SIZE];
    batch *list;
    sender senders[CONNECTIONS_MAX];
    bool kept;
    FILE *record;
    pthread_mutex_t lock;
    int64_t until_ms;
} load = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* --- making ------------------------------------------------------------------------------------------------------- */

static void make_request(size_t index, size_t institution, eligibility_request *out) {
    const evidence_maker maker = population_maker(&load.people, index, institution);
    request_maker_make(&maker, index, out);
    memcpy(load.ids[index], out->evidence_id, UUID_TEXT_SIZE);
}

static void make_batch(batch *one) {
    eligibility_request requests[FHIR_BATCH_MAX];
    const eligibility_request *pointers[FHIR_BATCH_MAX];
    one->body = BUFFER_INIT(BODY_MAX);
    for (size_t i = 0; i < one->count; i++) {
        make_request(one->first + i, one->institution, &requests[i]);
        pointers[i] = &requests[i];
    }
    CHECK(eligibility_batch_write(pointers, one->count, &one->body));
    for (size_t i = 0; i < one->count; i++)
        eligibility_request_wipe(&requests[i]);
}

static batch *take_next(void) {
    pthread_mutex_lock(&load.lock);
    batch *one = load.next < load.batches ? &load.list[load.next++] : NULL;
    pthread_mutex_unlock(&load.lock);
    return one;
}

static void *make_batches(void *unused) {
    batch *one;
    while ((one = take_next()))
        make_batch(one);
    return unused;
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

static void record(const batch *one, const eligibility_batch_answer *answer) {
    static eligibility_response ignored;
    fhir_problem problem = {{0}};
    pthread_mutex_lock(&load.lock);
    for (size_t i = 0; i < one->count; i++) {
        int status = 0;
        eligibility_batch_answer_entry(answer, i, &status, &ignored, &problem);
        if (status == 200 || status == 201) {
            load.acknowledged++;
            load.known += status == 200;
            if (load.record)
                fprintf(load.record, "%s\n", load.ids[one->first + i]);
        } else if (load.refused++ == 0) {
            fprintf(stderr, "refused: %d %s\n", status, problem.text);
        }
    }
    if (load.record)
        fflush(load.record);
    pthread_mutex_unlock(&load.lock);
}

static void record_kept(const batch *one) {
    pthread_mutex_lock(&load.lock);
    load.acknowledged += one->count;
    pthread_mutex_unlock(&load.lock);
}

/* True when the batch is answered. */
static bool send_batch(http_client *client, const batch *one) {
    http_answer answer;
    eligibility_batch_answer *entries = NULL;
    fhir_problem problem = {{0}};
    const bool answered = http_client_call(client, "POST", "/fhir", "application/fhir+json", buffer_bytes(&one->body),
                                           &answer) == RESULT_OK;
    const bool kept = answered && load.kept && answer.status == 202;
    const bool done = answered && answer.status == 200 &&
                      eligibility_batch_answer_read(buffer_bytes(&answer.body), &entries, &problem) == RESULT_OK &&
                      eligibility_batch_answer_count(entries) == one->count;
    if (done)
        record(one, entries);
    else if (kept)
        record_kept(one);
    else
        __atomic_add_fetch(&load.retries, 1, __ATOMIC_RELAXED);
    if (answer.status == 503 && answer.retry_after < 1)
        __atomic_add_fetch(&load.unannounced, 1, __ATOMIC_RELAXED);
    eligibility_batch_answer_free(&entries);
    http_answer_wipe(&answer);
    return done || kept;
}

/* A platform that does not answer now is found again by the first batch. */
static void *connect_institutions(void *context) {
    sender *mine = context;
    http_answer answer;
    for (size_t i = 0; i < load.people.institution_count; i++) {
        mine->clients[i] = population_client(&load.people, i, load.url, BODY_MAX);
        http_client_call(mine->clients[i], "GET", "/status", NULL, bytes_of(NULL, 0), &answer);
        http_answer_wipe(&answer);
    }
    return NULL;
}

static void *send_batches(void *context) {
    sender *mine = context;
    batch *one;
    while ((one = take_next()))
        while (!send_batch(mine->clients[one->institution % load.people.institution_count], one) &&
               clock_monotonic_ms() < load.until_ms)
            usleep(RETRY_US);
    for (size_t i = 0; i < load.people.institution_count; i++)
        http_client_free(&mine->clients[i]);
    return NULL;
}

/* Making and sending take all batches once; sending is timed alone. */
static int64_t in_parallel(void *(*work)(void *)) {
    pthread_t threads[CONNECTIONS_MAX];
    int64_t begin = clock_monotonic_ms();
    load.next = 0;
    for (size_t i = 0; i < load.connections; i++)
        if (pthread_create(&threads[i], NULL, work, &load.senders[i]) != 0)
            exit(1);
    for (size_t i = 0; i < load.connections; i++)
        pthread_join(threads[i], NULL);
    return clock_monotonic_ms() - begin;
}

/* What this process has computed so far, all threads. */
static int64_t computed_ms(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

static bool read_arguments(int argc, char **argv) {
    if (argc < 7)
        return false;
    load.url = argv[1];
    load.evidences = strtoul(argv[4], NULL, 10);
    load.per_batch = strtoul(argv[5], NULL, 10);
    load.connections = strtoul(argv[6], NULL, 10);
    if (load.evidences < 1 || load.per_batch < 1 || load.per_batch > FHIR_BATCH_MAX || load.connections < 1 ||
        load.connections > CONNECTIONS_MAX)
        return false;
    load.kept = argc > 9 && strcmp(argv[9], "kept") == 0;
    load.record = argc > 7 && *argv[7] ? fopen(argv[7], "a") : NULL;
    load.batches = (load.evidences + load.per_batch - 1) / load.per_batch;
    load.list = calloc(load.batches, sizeof *load.list);
    load.ids = calloc(load.evidences, sizeof *load.ids);
    for (size_t i = 0; load.list && i < load.batches; i++) {
        size_t first = i * load.per_batch, left = load.evidences - first;
        size_t count = left < load.per_batch ? left : load.per_batch;
        load.list[i] = (batch){.first = first, .count = count, .institution = i};
    }
    return load.list && load.ids && (argc < 8 || !*argv[7] || load.record);
}

int main(int argc, char **argv) {
    if (!read_arguments(argc, argv)) {
        fputs("reconcile-load URL PKI CARD EVIDENCES BATCH CONNECTIONS [ACKNOWLEDGED [POPULATION [kept]]]\n", stderr);
        return 2;
    }
    population_open(argv[2], argv[3], argc > 8 && *argv[8] ? argv[8] : NULL, &load.people);
    if (load.people.institution_count > INSTITUTIONS_MAX)
        return 2;
    CHECK(http_client_init(NULL));
    in_parallel(make_batches);
    in_parallel(connect_institutions);
    fputs("made\n", stderr); /* whoever waits for the load to begin, waits for this */
    load.until_ms = clock_monotonic_ms() + SECONDS_MAX * 1000;
    int64_t before = computed_ms(), milliseconds = in_parallel(send_batches);
    printf("{\"evidences\":%zu,\"acknowledged\":%zu,\"known\":%zu,\"refused\":%zu,\"retries\":%zu,\"unannounced\":%zu,"
           "\"milliseconds\":%lld,"
           "\"cpuMilliseconds\":%lld}\n",
           load.evidences, load.acknowledged, load.known, load.refused, load.retries, load.unannounced,
           (long long)milliseconds, (long long)(computed_ms() - before));
    return load.acknowledged == load.evidences ? 0 : 1;
}
