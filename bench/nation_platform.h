/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A service in the simulator, the platform or the history service: instances of some cores behind a balancer. Who is
 * admitted, and when the others come again, is the services' own code (service/admission.h); only what work costs is
 * modelled here. Calls at the counter and handshakes are worked on in their order; batches share what is left, a tenth at
 * least (nice 10). */
#pragma once

#include "service/admission.h"

#include <stdbool.h>
#include <stdint.h>

#define NATION_TICK_MS 100
#define NATION_INSTANCES_MAX 16

/* Milliseconds of a core (docs/benchmarks.md). */
typedef struct nation_costs {
    double handshake, resumed, ping, reception, refusal;
    double signature, entry; /* of a batch: its answer's, and each of what is in it */
    double alone;            /* a batch of one entry, with what its answer costs */
} nation_costs;

/* An institution's code. */
#define NATION_CODE_SIZE 11
void nation_code(uint32_t institution, char code[NATION_CODE_SIZE]);

typedef struct nation_platform nation_platform;

/* Who asks: an institution has one terminal, or several. */
typedef struct nation_who {
    uint32_t terminal, institution;
} nation_who;

/* What has come to its end in a tick. */
typedef struct nation_events {
    void *context;
    void (*received)(void *context, uint32_t terminal, int64_t waited_ms); /* a reception, answered */
    void (*taken)(void *context, uint32_t terminal, uint32_t entries);     /* a batch */
} nation_events;

nation_platform *nation_platform_new(unsigned instances, double cores_each, const nation_costs *costs);
void nation_platform_free(nation_platform **p);

/* What a signed answer or a ping costs besides, a handshake, a refusal: work at the counter's class. */
void nation_platform_burden(nation_platform *p, unsigned instance, double ms);
/* How long what comes now waits for a core. */
double nation_platform_delay_ms(const nation_platform *p, unsigned instance);
/* 0: taken; else 429 or 503, and *retry_after. */
int nation_platform_receive(nation_platform *p, unsigned instance, nation_who who);
int nation_platform_batch(nation_platform *p, unsigned instance, nation_who who, uint32_t entries, int *retry_after);
admission *nation_platform_admission(nation_platform *p, unsigned instance);

/* The work of the milliseconds since the last call. */
void nation_platform_work(nation_platform *p, int64_t now_ms, int64_t passed_ms, const nation_events *events);
/* The process ends: what is at work is lost, and its senders do not hear of it. */
void nation_platform_drop(nation_platform *p, void *context, void (*lost)(void *context, uint32_t terminal));

/* Since the last call, in milliseconds of cores: used in all, and for calls at the counter with handshakes. */
void nation_platform_used(nation_platform *p, double *all, double *live);
