/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "gate/gate_rule.h"

bool gate_rule_is_due(const gate_rule *rule, int64_t now_ms) {
    return now_ms >= rule->due_ms;
}

static void run_next(gate_rule *rule, gate_hook hook, int64_t at_ms) {
    rule->next = hook;
    rule->due_ms = at_ms;
}

static int64_t pause_after_failure(gate_rule *rule) {
    int64_t pause = GATE_PAUSE_MS;
    for (int i = 0; i < rule->failures && pause < GATE_PAUSE_MAX_MS; i++)
        pause *= 2;
    rule->failures++;
    return pause < GATE_PAUSE_MAX_MS ? pause : GATE_PAUSE_MAX_MS;
}

/* The hook post ends what pre-connect has begun; then all is tried from the start. */
static void close_way(gate_rule *rule, int64_t now_ms) {
    rule->state = GATE_CLOSED;
    if (rule->posts)
        run_next(rule, GATE_POST, now_ms);
    else
        run_next(rule, GATE_HEALTH, now_ms + pause_after_failure(rule));
}

static void open_way(gate_rule *rule, int64_t now_ms) {
    rule->state = GATE_OPEN;
    rule->failures = 0;
    run_next(rule, GATE_HEALTH, now_ms + rule->health_ms);
}

/* A VPN that another program has connected needs no pre-connect. */
static void note_bad_health(gate_rule *rule, int64_t now_ms) {
    if (rule->state == GATE_CONNECTING && now_ms < rule->until_ms)
        run_next(rule, GATE_HEALTH, now_ms + GATE_LOOK_MS);
    else if (rule->state != GATE_CLOSED)
        close_way(rule, now_ms);
    else if (rule->pre_connects)
        run_next(rule, GATE_PRE_CONNECT, now_ms);
    else
        run_next(rule, GATE_HEALTH, now_ms + pause_after_failure(rule));
}

static void note_connect(gate_rule *rule, bool good, int64_t now_ms) {
    if (!good) {
        close_way(rule, now_ms);
        return;
    }
    rule->state = GATE_CONNECTING;
    rule->until_ms = now_ms + rule->connect_ms;
    run_next(rule, GATE_HEALTH, now_ms);
}

void gate_rule_note(gate_rule *rule, bool good, int64_t now_ms) {
    if (rule->next == GATE_HEALTH && good)
        open_way(rule, now_ms);
    else if (rule->next == GATE_HEALTH)
        note_bad_health(rule, now_ms);
    else if (rule->next == GATE_PRE_CONNECT)
        note_connect(rule, good, now_ms);
    else
        run_next(rule, GATE_HEALTH, now_ms + pause_after_failure(rule));
}

bool gate_rule_ends_with_post(const gate_rule *rule) {
    return rule->posts && (rule->state != GATE_CLOSED || rule->next == GATE_POST);
}
