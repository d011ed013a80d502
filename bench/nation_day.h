/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A Monday of the nation's terminals. When a sender comes again is the terminal's own code (delivery/pacing.h); what is
 * modelled is who has patients when (bench/nation_demand.h), and the network. */
#pragma once

#include "bench/nation_platform.h"

#include <stdbool.h>
#include <stdint.h>

#define NATION_FIRST_MS (6LL * 3600 * 1000) /* a day begins at six */
#define NATION_LAST_MS (26LL * 3600 * 1000) /* and is over when all is final, at 02:00 at the latest */

typedef enum nation_service { NATION_PLATFORM, NATION_HISTORY, NATION_SERVICES } nation_service;

typedef struct nation_scenario {
    const char *name, *title;
    unsigned instances;
    double cores_each;
    int64_t down_from_ms, down_until_ms; /* the services; equal: never */
    int64_t flap_ms;       /* in that time they are up and down by turns of so long; 0: down all the time */
    double cut_part;       /* only this part of the country is cut off from them; 0: all */
    uint32_t waiting_max;  /* so many receptions may wait at each from the day before; 0: none */
    bool silent;           /* while down it swallows what is sent, instead of refusing */
    double old_part;       /* of the terminals are of the version before: no growing pauses, a signed slot */
    double wrong_clocks;   /* part of the terminals whose clock is off by up to a quarter of an hour */
    bool whole_handshakes; /* no terminal resumes a TLS session */
    bool storm;            /* one institution sends without any pause */
    bool visits;           /* the history service is there, too, with as many cores */
    bool platform_stays;   /* only the history service is down */
} nation_scenario;

/* Of ten minutes. */
typedef struct nation_row {
    int64_t at_ms;
    uint64_t online, offline, full, limited, handshakes, tries, evidences; /* full: 503; limited: 429 */
    uint64_t waiting, visits_waiting, visits, stopped; /* stopped: patients whom the limit of a terminal turned away */
    double used, live; /* of the platform's cores; live: calls at the counter, handshakes, refusals */
    double background; /* of its cores: handshakes that are made for batches alone */
    double counter_p50_ms, counter_p99_ms;
} nation_row;
#define NATION_ROWS_MAX 130

typedef struct nation_day {
    nation_row rows[NATION_ROWS_MAX];
    unsigned row_count;
    double cores;
    double counter_p99_ms;                    /* of the whole day */
    uint64_t receptions, offline, stopped;    /* of the whole day */
    uint64_t receptions_after, offline_after; /* after recovery (or from 08:00 on) */
    uint64_t tries, refused, lost;            /* batches; lost: neither final nor waiting at the end */
    uint64_t visits_lost;
    double final_s[NATION_SERVICES];     /* after recovery: all that waited then is final; -1: not that day */
    double hospital_p99_s, clinic_p99_s; /* the same, of terminals */
    double worst_part;                   /* evidences/s of what the cores left by the counter could do, worst row */
    double worst_background;             /* worst row after the recovery */
    double seconds;                      /* that it took to compute */
} nation_day;

/* costs: of the platform, then of the history service. false: no memory. */
bool nation_run(const nation_scenario *s, const nation_costs costs[NATION_SERVICES], nation_day *out);
