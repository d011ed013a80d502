/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A terminal after an outage, with the worst line: what waits is delivered in batches, some of it twice, and of some
 * batches the answer is lost after the platform has begun to give it, so they are sent again (requirement S-5).
 *
 *   resend URL PKI CARD RECEPTIONS DUPLICATES-PERCENT LOST-PERCENT SEED
 *
 * Two connections send at once. Every answer about a reception must be the same, byte for byte. Prints one JSON object;
 * ends with 1 when a reception has no answer, a refusal, or two different answers. */
#include "request_maker.h"

#include "fhir/json.h"

#include <pthread.h>
#include <string.h>

#define SENDERS 2
#define BODY_MAX (8 * 1024 * 1024)
#define RESOURCE_MAX 65536
#define LOST_AFTER 16 /* bytes of the answer */

typedef struct reception {
    eligibility_request request;
    char *answer; /* the first one */
} reception;

static struct {
    const char *url, *pki;
    reception *receptions;
    size_t count, *deliveries, delivery_count, next; /* deliveries: indexes of receptions, in the order of sending */
    size_t known, fresh, refused, different, lost, percent_lost;
    unsigned seed;
    pthread_mutex_t lock;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static size_t below(size_t limit) {
    return (size_t)rand_r(&all.seed) % limit;
}

/* Each once, the duplicates among them, in any order: also both in one batch. */
static void shuffle(size_t percent) {
    all.delivery_count = all.count + all.count * percent / 100;
    all.deliveries = calloc(all.delivery_count, sizeof *all.deliveries);
    if (!all.deliveries)
        exit(1);
    for (size_t i = 0; i < all.delivery_count; i++)
        all.deliveries[i] = i < all.count ? i : below(all.count);
    for (size_t i = all.delivery_count - 1; i > 0; i--) {
        size_t other = below(i + 1), kept = all.deliveries[i];
        all.deliveries[i] = all.deliveries[other];
        all.deliveries[other] = kept;
    }
}

static size_t take_batch(size_t *first, bool *loses) {
    pthread_mutex_lock(&all.lock);
    size_t left = all.delivery_count - all.next, count = left < FHIR_BATCH_MAX ? left : FHIR_BATCH_MAX;
    *first = all.next;
    *loses = below(100) < all.percent_lost;
    all.next += count;
    pthread_mutex_unlock(&all.lock);
    return count;
}

/* The answer about one reception: canonical JSON, and in the body just so. */
static void take_answer(size_t index, const json_t *entry, bytes body) {
    reception *r = &all.receptions[index];
    const char *status = json_string_value(json_object_get(json_object_get(entry, "response"), "status"));
    buffer text = BUFFER_INIT(RESOURCE_MAX);
    bool good = fhir_dump(json_object_get(entry, "resource"), &text) == RESULT_OK && status &&
                (strcmp(status, "200") == 0 || strcmp(status, "201") == 0);
    all.refused += !good;
    all.known += good && strcmp(status, "200") == 0;
    all.fresh += good && strcmp(status, "201") == 0;
    if (good && (!memmem(body.data, body.length, text.data, text.length) ||
                 !strstr(buffer_text(&text), r->request.evidence_id) ||
                 (r->answer && strcmp(r->answer, buffer_text(&text)) != 0)))
        all.different++;
    if (good && !r->answer)
        r->answer = strdup(buffer_text(&text));
    buffer_wipe(&text);
}

static bool take_answers(size_t first, size_t count, const http_answer *answer) {
    json_t *root = json_loadb((const char *)answer->body.data, answer->body.length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *entries = json_object_get(root, "entry");
    bool whole = answer->status == 200 && json_array_size(entries) == count;
    pthread_mutex_lock(&all.lock);
    for (size_t i = 0; whole && i < count; i++)
        take_answer(all.deliveries[first + i], json_array_get(entries, i), buffer_bytes(&answer->body));
    pthread_mutex_unlock(&all.lock);
    json_decref(root);
    return whole;
}

static void write_batch(size_t first, size_t count, buffer *body) {
    const eligibility_request *requests[FHIR_BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        requests[i] = &all.receptions[all.deliveries[first + i]].request;
    CHECK(eligibility_batch_write(requests, count, body));
}

static result post(http_client *client, const buffer *body, http_answer *answer) {
    return http_client_call(client, "POST", "/fhir", "application/fhir+json", buffer_bytes(body), answer);
}

static void *send_batches(void *unused) {
    http_client *good = request_maker_client(all.url, all.pki, BODY_MAX);
    http_client *losing = request_maker_client(all.url, all.pki, LOST_AFTER);
    http_answer answer;
    size_t first, count;
    bool loses;
    while ((count = take_batch(&first, &loses)) > 0) {
        buffer body = BUFFER_INIT(BODY_MAX);
        write_batch(first, count, &body);
        if (loses) {
            if (post(losing, &body, &answer) != RESULT_TOO_LONG)
                exit(1);
            __atomic_add_fetch(&all.lost, 1, __ATOMIC_RELAXED);
            http_answer_wipe(&answer);
        }
        CHECK(post(good, &body, &answer));
        if (!take_answers(first, count, &answer)) {
            fprintf(stderr, "status %d: %s\n", answer.status, buffer_text(&answer.body));
            exit(1);
        }
        http_answer_wipe(&answer);
        buffer_wipe(&body);
    }
    http_client_free(&good);
    http_client_free(&losing);
    return unused;
}

int main(int argc, char **argv) {
    evidence_maker maker;
    pthread_t senders[SENDERS];
    size_t unanswered = 0;
    if (argc != 8) {
        fputs("resend URL PKI CARD RECEPTIONS DUPLICATES-PERCENT LOST-PERCENT SEED\n", stderr);
        return 2;
    }
    all.url = argv[1];
    all.pki = argv[2];
    all.count = strtoul(argv[4], NULL, 10);
    all.percent_lost = strtoul(argv[6], NULL, 10);
    all.seed = (unsigned)strtoul(argv[7], NULL, 10);
    all.receptions = calloc(all.count, sizeof *all.receptions);
    if (all.count == 0 || !all.receptions)
        return 2;
    evidence_maker_open(all.pki, argv[3], &maker);
    CHECK(http_client_init(NULL));
    for (size_t i = 0; i < all.count; i++)
        request_maker_make(&maker, i, &all.receptions[i].request);
    shuffle(strtoul(argv[5], NULL, 10));
    for (size_t i = 0; i < SENDERS; i++)
        if (pthread_create(&senders[i], NULL, send_batches, NULL) != 0)
            return 1;
    for (size_t i = 0; i < SENDERS; i++)
        pthread_join(senders[i], NULL);
    for (size_t i = 0; i < all.count; i++)
        unanswered += all.receptions[i].answer == NULL;
    printf("{\"receptions\":%zu,\"deliveries\":%zu,\"lost\":%zu,\"new\":%zu,\"known\":%zu,\"refused\":%zu,"
           "\"different\":%zu,\"unanswered\":%zu}\n",
           all.count, all.delivery_count, all.lost, all.fresh, all.known, all.refused, all.different, unanswered);
    return all.refused + all.different + unanswered == 0 ? 0 : 1;
}
