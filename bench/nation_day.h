/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The nation's institutions in the simulator, one sender each. When a sender comes again is the terminal's own code
 * (delivery/pacing.h); what is modelled is who has patients when, and the network. */
#pragma once

#include "bench/nation_platform.h"

#include <stdbool.h>
#include <stdint.h>

#define NATION_KINDS 4
#define NATION_INSTITUTIONS 230000
#define NATION_FIRST_MS (6LL * 3600 * 1000) /* a day begins at six */
#define NATION_LAST_MS (26LL * 3600 * 1000) /* and is over when all is final, at 02:00 at the latest */

typedef struct nation_scenario {
    const char *name, *title;
    unsigned instances;
    double cores_each;
    int64_t down_from_ms, down_until_ms; /* the platform; equal: never */
    int64_t flap_ms;                     /* in that time it is up and down by turns of so long; 0: down all the time */
    double cut_part;                     /* only this part of the country is cut off from it; 0: all */
    uint32_t waiting_max;                /* so many receptions may wait at each from the day before; 0: none */
    bool silent;                         /* while down it swallows what is sent, instead of refusing */
    double old_part;       /* of the terminals are of the version before: no growing pauses, a signed slot */
    double wrong_clocks;   /* part of the terminals whose clock is off by up to a quarter of an hour */
    bool whole_handshakes; /* no terminal resumes a TLS session */
    bool storm;            /* one institution sends without any pause */
} nation_scenario;

/* Of ten minutes. */
typedef struct nation_row {
    int64_t at_ms;
    uint64_t online, offline, full, limited, handshakes, tries, evidences; /* full: 503; limited: 429 */
    uint64_t waiting;
    double used, live; /* of the cores; live: calls at the counter, handshakes, refusals */
    double counter_p50_ms, counter_p99_ms;
} nation_row;
#define NATION_ROWS_MAX 130

typedef struct nation_day {
    nation_row rows[NATION_ROWS_MAX];
    unsigned row_count;
    double cores;
    double counter_p99_ms;                    /* of the whole day */
    uint64_t receptions, offline;             /* of the whole day */
    uint64_t receptions_after, offline_after; /* after recovery (or from 08:00 on) */
    uint64_t tries, refused, lost;            /* batches; lost: neither final nor waiting at the end */
    double final_s;                           /* after recovery: all that waited then is final; -1: not that day */
    double hospital_p99_s, clinic_p99_s;      /* the same, of institutions */
    double worst_part; /* evidences/s of what the cores left by the counter could do, worst row */
    double seconds;    /* that it took to compute */
} nation_day;

/* false: no memory. */
bool nation_run(const nation_scenario *s, const nation_costs *costs, nation_day *out);
