/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gate/connection_gate.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURN_MS 100

struct connection_gate {
    connection_gate_options options;
    pthread_t thread;
    bool running;
    _Atomic bool ending, open;
    _Atomic uint64_t openings;
    gate_rule rule;        /* of the thread */
    pthread_mutex_t guard; /* guards what connection_gate_tell returns */
    connection_gate_condition told;
};

static const _Atomic bool never = false; /* the hook post may use its full time limit also when the process ends */
static const char *const names[GATE_HOOKS] = {
    [GATE_HEALTH] = "health", [GATE_PRE_CONNECT] = "pre-connect", [GATE_POST] = "post"};

const char *gate_state_word(gate_state state) {
    static const char *const words[] = {
        [GATE_CLOSED] = "closed", [GATE_CONNECTING] = "connecting", [GATE_OPEN] = "open"};
    return words[state];
}

static const char *reason_of(gate_hook hook, result code) {
    return code == RESULT_TIMEOUT     ? "hook-timeout"
           : code == RESULT_NOT_FOUND ? "hook-missing"
           : code == RESULT_INVALID   ? "hook-unguarded"
                                      : names[hook];
}

/* --- what is told ------------------------------------------------------------------------------------------------- */

/* A failed post says nothing about why the way is closed. */
static void tell(connection_gate *gate, gate_hook hook, result code, const char *words) {
    connection_gate_condition *told = &gate->told;
    pthread_mutex_lock(&gate->guard);
    if (told->state != gate->rule.state)
        told->since = clock_wall_s();
    told->failures += code != RESULT_OK;
    told->state = gate->rule.state;
    if (told->state == GATE_OPEN)
        told->reason = "";
    else if (code != RESULT_OK && hook != GATE_POST)
        told->reason = reason_of(hook, code);
    if (hook != GATE_POST)
        snprintf(told->words, sizeof told->words, "%s", words);
    pthread_mutex_unlock(&gate->guard);
}

void connection_gate_tell(connection_gate *gate, connection_gate_condition *out) {
    pthread_mutex_lock(&gate->guard);
    *out = gate->told;
    pthread_mutex_unlock(&gate->guard);
    out->openings = atomic_load(&gate->openings);
}

bool connection_gate_is_open(const connection_gate *gate) {
    return gate == NULL || atomic_load(&gate->open);
}

uint64_t connection_gate_openings(const connection_gate *gate) {
    return gate != NULL ? atomic_load(&gate->openings) : 0;
}

/* --- one hook after the other ------------------------------------------------------------------------------------- */

/* Logs the first failure in a row, and each hook that cannot be run. */
static void log_hook(const connection_gate *gate, gate_hook hook, result code, const char *words, gate_state before) {
    if (code != RESULT_OK && (gate->rule.failures <= 1 || before != GATE_CLOSED))
        log_warning("[gate] %s: %s%s%s", names[hook], reason_of(hook, code), *words != 0 ? ": " : "", words);
    if (gate->rule.state == GATE_OPEN && before != GATE_OPEN)
        log_notice("the gate is open: the services may be reached");
    if (gate->rule.state != GATE_OPEN && before == GATE_OPEN)
        log_warning("the gate is closed: nothing leaves, what comes for the services is kept");
}

static void run_hook(connection_gate *gate) {
    char words[GATE_WORDS_SIZE];
    const gate_hook hook = gate->rule.next;
    const gate_state before = gate->rule.state;
    const result code = gate_command_run(gate->options.hooks[hook], names[hook], gate->options.timeout_ms,
                                         hook == GATE_POST ? &never : &gate->ending, words);
    gate_rule_note(&gate->rule, code == RESULT_OK, clock_monotonic_ms());
    if (gate->rule.state == GATE_OPEN && before != GATE_OPEN)
        atomic_fetch_add(&gate->openings, 1);
    atomic_store(&gate->open, gate->rule.state == GATE_OPEN);
    tell(gate, hook, code, words);
    log_hook(gate, hook, code, words, before);
}

static void *run(void *context) {
    connection_gate *gate = context;
    const struct timespec pause = {.tv_nsec = TURN_MS * 1000000L};
    while (!atomic_load(&gate->ending)) {
        if (gate_rule_is_due(&gate->rule, clock_monotonic_ms()))
            run_hook(gate);
        else
            nanosleep(&pause, NULL);
    }
    return NULL;
}

/* --- both ends ---------------------------------------------------------------------------------------------------- */

result connection_gate_start(const connection_gate_options *options, connection_gate **out) {
    connection_gate *gate = *out = calloc(1, sizeof *gate);
    if (gate == NULL)
        return RESULT_NO_MEMORY;
    gate->options = *options;
    gate->rule = (gate_rule){.pre_connects = options->hooks[GATE_PRE_CONNECT] != NULL,
                             .posts = options->hooks[GATE_POST] != NULL,
                             .health_ms = options->health_ms,
                             .connect_ms = options->connect_ms};
    gate->told = (connection_gate_condition){.reason = "not-tried", .since = clock_wall_s()};
    pthread_mutex_init(&gate->guard, NULL);
    gate->running = pthread_create(&gate->thread, NULL, run, gate) == 0;
    if (gate->running)
        return RESULT_OK;
    connection_gate_stop(out);
    return RESULT_NO_MEMORY;
}

/* A hook that was killed may have connected the VPN before. */
static void take_down(connection_gate *gate) {
    char words[GATE_WORDS_SIZE];
    if (!gate_rule_ends_with_post(&gate->rule))
        return;
    const result code = gate_command_run(gate->options.hooks[GATE_POST], names[GATE_POST], gate->options.timeout_ms,
                                         &never, words);
    if (code != RESULT_OK)
        log_warning("[gate] post: %s%s%s", reason_of(GATE_POST, code), *words != 0 ? ": " : "", words);
}

void connection_gate_stop(connection_gate **gate) {
    connection_gate *mine = *gate;
    if (mine == NULL)
        return;
    atomic_store(&mine->open, false);
    atomic_store(&mine->ending, true);
    if (mine->running) {
        pthread_join(mine->thread, NULL);
        take_down(mine);
    }
    pthread_mutex_destroy(&mine->guard);
    free(mine);
    *gate = NULL;
}
