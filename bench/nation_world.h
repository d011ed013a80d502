/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the files of a simulated day share (bench/nation_day.h): the terminals, and what is due when. */
#pragma once

#include "bench/nation_day.h"
#include "bench/nation_demand.h"
#include "delivery/pacing.h"

#define NATION_TICKS ((uint32_t)((NATION_LAST_MS - NATION_FIRST_MS) / NATION_TICK_MS))
#define NATION_NONE UINT32_MAX
#define NATION_WAITS 400 /* of 10 ms */
#define NATION_SKEW_S 900

/* What waits at a terminal for one service. */
typedef struct nation_sender {
    pacing pacing;
    int64_t connected_ms, ticket_ms; /* last use of the kept connection; of the last handshake; 0: none */
    uint32_t waiting, due;           /* due: the tick at which it tries; NATION_NONE: none */
    uint8_t instance;
    bool sending;
} nation_sender;

typedef struct nation_terminal {
    nation_sender to[NATION_SERVICES];
    int64_t hung_ms; /* when the platform last did not answer; 0: never */
    uint32_t institution;
    uint16_t skew; /* of its clock, in seconds, plus NATION_SKEW_S */
    uint8_t kind;
    bool cut, old, backlog[NATION_SERVICES]; /* backlog: of before the recovery, not final yet */
} nation_terminal;

typedef struct nation_due {
    uint32_t sender, next;
} nation_due;

typedef struct nation_world {
    const nation_scenario *s;
    const nation_costs *costs[NATION_SERVICES];
    nation_platform *at[NATION_SERVICES]; /* history: NULL where it is not simulated */
    nation_terminal *all;
    uint32_t *ticks, free_due, due_count, due_size; /* heads of lists in dues, and of what is free there */
    nation_due *dues;
    int64_t now_ms;
    nation_day *day;
    nation_row row;
    uint32_t waits[NATION_WAITS], waits_day[NATION_WAITS];
    uint64_t waiting[NATION_SERVICES], backlog[NATION_SERVICES], made[NATION_SERVICES], final[NATION_SERVICES];
    float *ends[2]; /* seconds after recovery, of hospitals and of all others */
    uint32_t end_count[2];
    bool was_up;
    bool failed; /* no memory */
} nation_world;

/* Whether the service serves now, for anybody. */
bool nation_is_up(const nation_world *w, nation_service which);

/* In nation_terminals.c: a terminal tries to send to the service what waits for it. */
void nation_schedule(nation_world *w, uint32_t terminal, nation_service which, int64_t at_ms);
void nation_try_due(nation_world *w, uint32_t tick);
/* A patient of this terminal. */
void nation_receive(nation_world *w, uint32_t terminal);
/* One tick of the services' work. */
void nation_work(nation_world *w);
/* The service ends: what is at work is lost. */
void nation_drop(nation_world *w, nation_service which);
