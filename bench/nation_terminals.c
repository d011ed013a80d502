/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a terminal does: its patients, and what it sends by itself. */
#include "bench/nation_world.h"

#include "bench/nation_clock.h"

#include <stdlib.h>

#define KEPT_MS 50000       /* how long a terminal keeps a connection without using it */
#define TICKET_MS 21600000  /* how long a TLS session may be resumed: GnuTLS's default */
#define NET_MS 60           /* three ways to the platform and back */
#define SILENCE_MS 800      /* until a ping that is not answered counts as none */
#define CALL_MS 3000        /* until a patient is not kept waiting any longer */
#define REMEMBERED_MS 30000 /* how long a terminal goes offline at once after the platform did not answer */
#define BATCH 100
#define SLOT_FREE 100 /* up to so many are sent without asking for a slot */
#define LIMIT 500     /* offline receptions that may wait at a terminal: then it takes no more */

static bool reaches(const nation_world *w, nation_service which, const nation_terminal *one) {
    return nation_is_up(w, which) || (w->s->cut_part > 0 && !one->cut);
}

static bool storms(const nation_world *w, uint32_t terminal, nation_service which) {
    return w->s->storm && terminal == 0 && which == NATION_PLATFORM;
}

static uint16_t chance(void) {
    return (uint16_t)nation_chance();
}

/* --- what is due when ------------------------------------------------------------------------------------------------- */

static uint32_t new_due(nation_world *w) {
    const uint32_t one = w->free_due;
    if (one != NATION_NONE) {
        w->free_due = w->dues[one].next;
        return one;
    }
    if (w->due_count == w->due_size) {
        const uint32_t size = w->due_size ? 2 * w->due_size : 1U << 16;
        nation_due *more = realloc(w->dues, size * sizeof *more);
        if (!more)
            return NATION_NONE;
        w->dues = more;
        w->due_size = size;
    }
    return w->due_count++;
}

/* One time for each sender: an earlier entry that is not its due any more is passed over. */
void nation_schedule(nation_world *w, uint32_t terminal, nation_service which, int64_t at_ms) {
    const int64_t tick = (at_ms - NATION_FIRST_MS + NATION_TICK_MS - 1) / NATION_TICK_MS;
    nation_sender *sender = &w->all[terminal].to[which];
    if (tick >= (int64_t)NATION_TICKS || sender->due == (uint32_t)tick)
        return;
    const uint32_t entry = new_due(w);
    w->failed = w->failed || entry == NATION_NONE;
    if (w->failed)
        return;
    w->dues[entry] = (nation_due){terminal * NATION_SERVICES + which, w->ticks[tick]};
    w->ticks[tick] = entry;
    sender->due = (uint32_t)tick;
}

/* --- connections ------------------------------------------------------------------------------------------------------ */

static double handshake_cost(const nation_world *w, nation_service which, nation_terminal *one) {
    nation_sender *sender = &one->to[which];
    const bool resumes = sender->ticket_ms != 0 && w->now_ms - sender->ticket_ms < TICKET_MS && !one->old &&
                         !w->s->whole_handshakes;
    sender->ticket_ms = w->now_ms;
    return resumes ? w->costs[which]->resumed : w->costs[which]->handshake;
}

/* Through the balancer; a kept one costs no handshake. */
static void connect(nation_world *w, nation_service which, nation_terminal *one, bool patient) {
    nation_sender *sender = &one->to[which];
    if (sender->connected_ms == 0 || w->now_ms - sender->connected_ms >= KEPT_MS) {
        const double cost = handshake_cost(w, which, one);
        sender->instance = (uint8_t)nation_below(w->s->instances);
        nation_platform_burden(w->at[which], sender->instance, cost);
        if (which == NATION_PLATFORM) {
            w->row.handshakes++;
            w->row.background += patient ? 0 : cost;
        }
    }
    sender->connected_ms = w->now_ms;
    nation_platform_burden(w->at[which], sender->instance, w->costs[which]->ping);
}

static bool answers_ping(nation_world *w, nation_service which, nation_terminal *one, bool patient) {
    nation_sender *sender = &one->to[which];
    if (!reaches(w, which, one) || nation_platform_delay_ms(w->at[which], sender->instance) > SILENCE_MS) {
        one->hung_ms = which == NATION_PLATFORM ? w->now_ms : one->hung_ms;
        sender->connected_ms = 0;
        return false;
    }
    connect(w, which, one, patient);
    return true;
}

/* --- senders ---------------------------------------------------------------------------------------------------------- */

static nation_who who(const nation_world *w, uint32_t terminal) {
    return (nation_who){terminal, w->all[terminal].institution};
}

static void come_again(nation_world *w, uint32_t terminal, nation_service which, pacing_wait told, bool done) {
    nation_terminal *one = &w->all[terminal];
    nation_sender *sender = &one->to[which];
    if (one->old)
        sender->pacing.refusals = 0;
    if (storms(w, terminal, which))
        sender->pacing.due_ms = w->now_ms + NATION_TICK_MS;
    else
        pacing_after(&sender->pacing, told, done, w->now_ms, chance());
    sender->sending = false;
    if (sender->waiting > 0 || storms(w, terminal, which))
        nation_schedule(w, terminal, which, sender->pacing.due_ms);
}

/* Visits of before the recovery are registered when their receptions are final, too. */
static void note_final(nation_world *w, nation_terminal *one, nation_service which) {
    const int64_t since_ms = w->now_ms - w->s->down_until_ms;
    if (!one->backlog[which] || one->to[which].waiting > 0 ||
        (which == NATION_HISTORY && one->backlog[NATION_PLATFORM]))
        return;
    one->backlog[which] = false;
    if (--w->backlog[which] == 0)
        w->day->final_s[which] = (double)since_ms / 1000;
    if (which == NATION_PLATFORM) {
        const int group = one->kind == NATION_LARGE || one->kind == NATION_HOSPITAL ? 0 : 1;
        w->ends[group][w->end_count[group]++] = (float)since_ms / 1000;
    }
}

static void send_batch(nation_world *w, uint32_t terminal, nation_service which) {
    nation_sender *sender = &w->all[terminal].to[which];
    int retry_after = 0;
    const uint32_t entries = sender->waiting == 0 ? 1 : sender->waiting < BATCH ? sender->waiting : BATCH;
    const int status = nation_platform_batch(w->at[which], sender->instance, who(w, terminal), entries, &retry_after);
    sender->sending = status == 0;
    if (which == NATION_PLATFORM) {
        w->row.tries++;
        w->row.full += status == 503;
        w->row.limited += status == 429;
        w->day->refused += status != 0;
    }
    if (status != 0)
        come_again(w, terminal, which, pacing_retry_after(status, retry_after), false);
}

/* As the terminal has it: by its own clock, and by how much that differed when the platform told its time. */
static int64_t platform_s(const nation_world *w, const nation_terminal *one) {
    const int64_t wrong_ms = 1000 * ((int64_t)one->skew - NATION_SKEW_S);
    const int64_t heard_ms = wrong_ms + nation_below(NET_MS) - NET_MS / 2;
    return (w->now_ms + wrong_ms - heard_ms) / 1000;
}

static pacing_wait slot_of(nation_world *w, uint32_t terminal, nation_service which) {
    const nation_terminal *one = &w->all[terminal];
    const nation_sender *sender = &one->to[which];
    char code[NATION_CODE_SIZE];
    int64_t not_before, not_after;
    nation_code(one->institution, code);
    admission_slot(nation_platform_admission(w->at[which], sender->instance), code, w->now_ms / 1000, &not_before,
                   &not_after);
    /* The version before asked for time and slot by calls of their own, each of them signed. */
    if (one->old)
        nation_platform_burden(w->at[which], sender->instance, 2 * w->costs[which]->signature);
    return pacing_slot(not_before, not_after, platform_s(w, one));
}

static void try_sending(nation_world *w, uint32_t terminal, nation_service which) {
    nation_terminal *one = &w->all[terminal];
    nation_sender *sender = &one->to[which];
    const pacing_wait nothing = {0};
    if (sender->sending || (sender->waiting == 0 && !storms(w, terminal, which)))
        return;
    if (!answers_ping(w, which, one, false)) {
        come_again(w, terminal, which, nothing, false);
        return;
    }
    const pacing_wait slot = sender->waiting > SLOT_FREE ? slot_of(w, terminal, which) : nothing;
    if (slot.s > 0)
        come_again(w, terminal, which, slot, false);
    else
        send_batch(w, terminal, which);
}

void nation_try_due(nation_world *w, uint32_t tick) {
    for (uint32_t entry = w->ticks[tick], next; entry != NATION_NONE; entry = next) {
        const uint32_t sender = w->dues[entry].sender, terminal = sender / NATION_SERVICES;
        const nation_service which = (nation_service)(sender % NATION_SERVICES);
        next = w->dues[entry].next;
        w->dues[entry].next = w->free_due;
        w->free_due = entry;
        if (w->all[terminal].to[which].due != tick)
            continue;
        w->all[terminal].to[which].due = NATION_NONE;
        try_sending(w, terminal, which);
    }
}

/* More waits: if nothing did, it is tried as soon as the last try allows. */
static void put(nation_world *w, uint32_t terminal, nation_service which, uint32_t count) {
    nation_sender *sender = &w->all[terminal].to[which];
    if (!w->at[which])
        return;
    sender->waiting += count;
    w->waiting[which] += count;
    w->made[which] += count;
    if (!sender->sending && sender->due == NATION_NONE)
        nation_schedule(w, terminal, which,
                        pacing_is_due(&sender->pacing, w->now_ms) ? w->now_ms + NATION_TICK_MS : sender->pacing.due_ms);
}

/* --- what the services tell ------------------------------------------------------------------------------------------- */

static void batch_taken(nation_world *w, uint32_t terminal, nation_service which, uint32_t entries) {
    nation_sender *sender = &w->all[terminal].to[which];
    const uint32_t taken = entries < sender->waiting ? entries : sender->waiting;
    sender->waiting -= taken;
    sender->sending = false;
    sender->connected_ms = w->now_ms;
    w->waiting[which] -= taken;
    w->final[which] += taken;
    if (which == NATION_PLATFORM)
        put(w, terminal, NATION_HISTORY, taken);
    if (sender->waiting > 0) {
        send_batch(w, terminal, which);
        return;
    }
    note_final(w, &w->all[terminal], which);
    come_again(w, terminal, which, (pacing_wait){0}, true);
}

static void receptions_taken(void *context, uint32_t terminal, uint32_t entries) {
    nation_world *w = context;
    w->row.evidences += entries;
    batch_taken(w, terminal, NATION_PLATFORM, entries);
}

static void visits_taken(void *context, uint32_t terminal, uint32_t entries) {
    nation_world *w = context;
    w->row.visits += entries;
    batch_taken(w, terminal, NATION_HISTORY, entries);
}

static void receptions_lost(void *context, uint32_t terminal) {
    come_again(context, terminal, NATION_PLATFORM, (pacing_wait){0}, false);
}

static void visits_lost(void *context, uint32_t terminal) {
    come_again(context, terminal, NATION_HISTORY, (pacing_wait){0}, false);
}

void nation_drop(nation_world *w, nation_service which) {
    nation_platform_drop(w->at[which], w, which == NATION_PLATFORM ? receptions_lost : visits_lost);
}

/* --- the counter ------------------------------------------------------------------------------------------------------ */

static void note_wait(nation_world *w, int64_t ms) {
    const int64_t bin = ms / 10 < NATION_WAITS ? ms / 10 : NATION_WAITS - 1;
    w->waits[bin]++;
    w->waits_day[bin]++;
}

static void go_offline(nation_world *w, uint32_t terminal, int64_t wait_ms) {
    if (w->all[terminal].to[NATION_PLATFORM].waiting >= LIMIT) {
        w->row.stopped++;
        w->day->stopped++;
        return;
    }
    note_wait(w, wait_ms);
    w->row.offline++;
    w->day->offline++;
    w->day->offline_after += w->now_ms >= w->s->down_until_ms;
    put(w, terminal, NATION_PLATFORM, 1);
}

/* The platform is back: what waits for it goes over the connection that the patient's call has opened. */
static void send_on(nation_world *w, uint32_t terminal) {
    nation_sender *sender = &w->all[terminal].to[NATION_PLATFORM];
    if (w->all[terminal].old || sender->sending || sender->waiting == 0)
        return;
    pacing_is_back(&sender->pacing, w->now_ms, chance());
    if (pacing_is_due(&sender->pacing, w->now_ms))
        nation_schedule(w, terminal, NATION_PLATFORM, w->now_ms + NATION_TICK_MS);
}

/* A patient who waited too long was received offline meanwhile. */
static void received(void *context, uint32_t terminal, int64_t waited_ms) {
    nation_world *w = context;
    if (waited_ms > CALL_MS) {
        go_offline(w, terminal, CALL_MS);
        return;
    }
    note_wait(w, waited_ms + NET_MS);
    w->row.online++;
    w->row.evidences++;
    put(w, terminal, NATION_HISTORY, 1);
    send_on(w, terminal);
}

void nation_receive(nation_world *w, uint32_t terminal) {
    nation_terminal *one = &w->all[terminal];
    w->day->receptions++;
    w->day->receptions_after += w->now_ms >= w->s->down_until_ms;
    const bool remembered = one->hung_ms != 0 && w->now_ms - one->hung_ms < REMEMBERED_MS;
    if (remembered || !answers_ping(w, NATION_PLATFORM, one, true))
        go_offline(w, terminal, remembered ? 0 : w->s->silent ? SILENCE_MS + 80 : 80);
    else if (nation_platform_receive(w->at[NATION_PLATFORM], one->to[NATION_PLATFORM].instance, who(w, terminal)) != 0)
        go_offline(w, terminal, NET_MS);
}

static void nothing_received(void *context, uint32_t terminal, int64_t waited_ms) {
    (void)context;
    (void)terminal;
    (void)waited_ms;
}

void nation_work(nation_world *w) {
    const nation_events receptions = {w, received, receptions_taken}, visits = {w, nothing_received, visits_taken};
    nation_platform_work(w->at[NATION_PLATFORM], w->now_ms, NATION_TICK_MS, &receptions);
    if (w->at[NATION_HISTORY])
        nation_platform_work(w->at[NATION_HISTORY], w->now_ms, NATION_TICK_MS, &visits);
}
