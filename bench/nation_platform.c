/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "bench/nation_platform.h"

#include <stdio.h>
#include <stdlib.h>

#define QUEUE (1U << 17) /* calls that wait for a core, of an instance */
#define BATCHES 1024
#define BATCHES_PART 0.1 /* of a core's time, when there are any */
#define ENTRY_BYTES 8000

typedef struct call {
    nation_who who;
    float left_ms;
    int64_t since_ms;
} call;

typedef struct batch {
    nation_who who;
    uint32_t entries;
    double left_ms;
} batch;

typedef struct instance {
    admission *doors;
    call *calls; /* a ring */
    uint32_t first, count;
    double queued_ms, burden_ms; /* burden: what belongs to no call */
    batch batches[BATCHES];
    uint32_t batch_count;
} instance;

struct nation_platform {
    unsigned count;
    double cores;
    nation_costs costs;
    instance instances[NATION_INSTANCES_MAX];
    double used_all, used_live;
    int64_t now_ms;
};

void nation_code(uint32_t institution, char code[NATION_CODE_SIZE]) {
    snprintf(code, NATION_CODE_SIZE, "%010u", institution);
}

nation_platform *nation_platform_new(unsigned instances, double cores_each, const nation_costs *costs) {
    nation_platform *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->count = instances;
    p->cores = cores_each;
    p->costs = *costs;
    for (unsigned i = 0; i < instances; i++)
        if (admission_open(NULL, &p->instances[i].doors) != RESULT_OK ||
            !(p->instances[i].calls = calloc(QUEUE, sizeof(call)))) {
            nation_platform_free(&p);
            return NULL;
        }
    return p;
}

void nation_platform_free(nation_platform **p) {
    for (unsigned i = 0; *p && i < (*p)->count; i++) {
        admission_close(&(*p)->instances[i].doors);
        free((*p)->instances[i].calls);
    }
    free(*p);
    *p = NULL;
}

admission *nation_platform_admission(nation_platform *p, unsigned i) {
    return p->instances[i].doors;
}

double nation_platform_delay_ms(const nation_platform *p, unsigned i) {
    return (p->instances[i].queued_ms + p->instances[i].burden_ms) / p->cores;
}

void nation_platform_burden(nation_platform *p, unsigned i, double ms) {
    p->instances[i].burden_ms += ms;
}

static int refuse(nation_platform *p, unsigned i, const http_reply *reply, int *retry_after) {
    if (retry_after)
        *retry_after = reply->retry_after;
    nation_platform_burden(p, i, p->costs.refusal);
    return reply->status;
}

int nation_platform_receive(nation_platform *p, unsigned i, nation_who who) {
    instance *at = &p->instances[i];
    char code[NATION_CODE_SIZE];
    http_reply reply = {0};
    nation_code(who.institution, code);
    if (!admission_admit(at->doors, ADMISSION_LIVE, code, &reply) ||
        !admission_enter(at->doors, ADMISSION_LIVE, code, 1, &reply))
        return refuse(p, i, &reply, NULL);
    if (at->count == QUEUE)
        abort();
    at->calls[(at->first + at->count++) % QUEUE] = (call){who, (float)p->costs.reception, p->now_ms};
    at->queued_ms += p->costs.reception;
    return 0;
}

int nation_platform_batch(nation_platform *p, unsigned i, nation_who who, uint32_t entries, int *retry_after) {
    instance *at = &p->instances[i];
    const size_t weight = admission_weight((size_t)entries * ENTRY_BYTES);
    const double work = entries == 1 ? p->costs.alone : p->costs.signature + p->costs.entry * (double)entries;
    char code[NATION_CODE_SIZE];
    http_reply reply = {0};
    nation_code(who.institution, code);
    if (!admission_admit(at->doors, ADMISSION_BATCH, code, &reply) ||
        !admission_enter(at->doors, ADMISSION_BATCH, code, weight, &reply))
        return refuse(p, i, &reply, retry_after);
    if (at->batch_count == BATCHES)
        abort();
    at->batches[at->batch_count++] = (batch){who, entries, work};
    return 0;
}

/* In their order, burdens first: a handshake is no call yet. Returns what is left of the time. */
static double work_live(nation_platform *p, instance *at, double time, const nation_events *events) {
    const double burden = at->burden_ms < time ? at->burden_ms : time;
    at->burden_ms -= burden;
    time -= burden;
    while (at->count > 0 && time > 0) {
        call *one = &at->calls[at->first];
        const double part = one->left_ms < time ? one->left_ms : time;
        one->left_ms -= (float)part;
        at->queued_ms -= part;
        time -= part;
        if (one->left_ms > 1e-4F)
            break;
        char code[NATION_CODE_SIZE];
        nation_code(one->who.institution, code);
        admission_leave(at->doors, ADMISSION_LIVE, code, 1);
        admission_note_live(at->doors, p->now_ms - one->since_ms);
        at->first = (at->first + 1) % QUEUE;
        at->count--;
        events->received(events->context, one->who.terminal, p->now_ms - one->since_ms);
    }
    return time;
}

/* Each gets the same, and one core at most. Returns what was used. */
static double work_batches(instance *at, double time, double passed_ms, const nation_events *events) {
    const double share = at->batch_count ? time / at->batch_count : 0, each = share < passed_ms ? share : passed_ms;
    double used = 0;
    for (uint32_t i = 0; i < at->batch_count;) {
        batch *one = &at->batches[i];
        const double part = one->left_ms < each ? one->left_ms : each;
        one->left_ms -= part;
        used += part;
        if (one->left_ms > 1e-6) {
            i++;
            continue;
        }
        char code[NATION_CODE_SIZE];
        const batch done = *one;
        nation_code(done.who.institution, code);
        admission_leave(at->doors, ADMISSION_BATCH, code, admission_weight((size_t)done.entries * ENTRY_BYTES));
        *one = at->batches[--at->batch_count];
        events->taken(events->context, done.who.terminal, done.entries);
    }
    return used;
}

void nation_platform_work(nation_platform *p, int64_t now_ms, int64_t passed_ms, const nation_events *events) {
    const double time = p->cores * (double)passed_ms;
    p->now_ms = now_ms;
    for (unsigned i = 0; i < p->count; i++) {
        instance *at = &p->instances[i];
        const double kept = at->batch_count ? time * BATCHES_PART : 0;
        const double left = work_live(p, at, time - kept, events) + kept;
        const double used = work_batches(at, left, (double)passed_ms, events);
        p->used_live += time - left;
        p->used_all += time - left + used;
    }
}

void nation_platform_drop(nation_platform *p, void *context, void (*lost)(void *context, uint32_t terminal)) {
    char code[NATION_CODE_SIZE];
    for (unsigned i = 0; i < p->count; i++) {
        instance *at = &p->instances[i];
        for (; at->count > 0; at->count--, at->first = (at->first + 1) % QUEUE) {
            nation_code(at->calls[at->first].who.institution, code);
            admission_leave(at->doors, ADMISSION_LIVE, code, 1);
        }
        while (at->batch_count > 0) {
            const batch *one = &at->batches[--at->batch_count];
            nation_code(one->who.institution, code);
            admission_leave(at->doors, ADMISSION_BATCH, code, admission_weight((size_t)one->entries * ENTRY_BYTES));
            lost(context, one->who.terminal);
        }
        at->queued_ms = at->burden_ms = 0;
    }
}

void nation_platform_used(nation_platform *p, double *all, double *live) {
    *all = p->used_all;
    *live = p->used_live;
    p->used_all = p->used_live = 0;
}
