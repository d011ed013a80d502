/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk.h"

#include "core/trust_anchors.h"
#include "core/audit.h"
#include "core/events.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "core/watchdog.h"
#include "desk/desk_background.h"
#include "desk/desk_clients.h"
#include "desk/desk_events.h"
#include "desk/desk_place.h"
#include "desk/desk_runner.h"
#include "desk/desk_wire.h"
#include "operator/operator_session.h"
#include "se/local_store.h"
#include "se/secure_element.h"
#include "se/se_supervision.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/ready_notice.h"
#include "crypt/trust.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define STUCK_S 120 /* longer than any command works between two calls of a service */
#define TICK_MS 500 /* by how much the end of an idle session, or a try of the platform, may be late */
/* idle rounds between two checks of an SE that is not in use: its removal wakes the loop by itself */
#define IDLE_ROUNDS 8
#define IDLE_LOOK_MS 6000 /* the same where the loop is never idle */
#define EVENTS 3          /* what the desk waits for: clients, cards, signals */

typedef struct desk {
    desk_background background;
    desk_events seen;
    int idle_rounds;   /* since the last check of cards and SE */
    int64_t looked_ms; /* when that was */
} desk;

/* What the loop waits for. */
struct waiting {
    struct pollfd events[EVENTS];
    desk_clients *clients;
};

/* --- cards -------------------------------------------------------------------------------------------------------- */

static void end_session(terminal *t, const char *why) {
    snprintf(t->store.operator_id, sizeof t->store.operator_id, "%.64s", session_operator(t->session));
    audit_note(&t->store, "session-ended", why);
    session_end(t->session, why);
    desk_background_sign(t, audit_checkpoint);
    log_notice("the session has ended: %s", why);
}

static desk *the_desk; /* of this process; NULL before the loop begins */

static void lock(terminal *t, const char *trouble) {
    log_warning("the terminal is locked: %s", trouble);
    secure_element_lock(&t->cards, &t->store, &t->context.report, trouble);
    if (the_desk != NULL)
        desk_events_lock(t, &the_desk->seen, trouble);
    if (session_operator(t->session) != NULL)
        end_session(t, trouble);
}

/* Ends the session or locks the terminal when cards were removed or the SE's state demands it. */
static void check_cards(void *context) {
    terminal *t = context;
    const char *over, *trouble;
    if (t->cards.se != NULL || session_operator(t->session) != NULL)
        token_watch_look(t->cards.presence->watch);
    if ((trouble = secure_element_look(&t->cards, &t->store, &t->context.configuration)) != NULL)
        lock(t, trouble);
    if ((over = session_over(t->session)) != NULL)
        end_session(t, over);
}

/* The removal or reset of an SE in a reader of this machine is an event, so an idle desk checks it seldom: its use by
 * other programs is found at the next check, and before it is used. An SE in another process is checked each time. */
static void check_cards_if_due(terminal *t, desk *d, bool idle) {
    const char *over;
    const bool elsewhere = t->cards.se_module != t->cards.module;
    d->idle_rounds += idle;
    if (idle && !elsewhere && d->idle_rounds < IDLE_ROUNDS && clock_monotonic_ms() - d->looked_ms < IDLE_LOOK_MS) {
        if ((over = session_over(t->session)) != NULL)
            end_session(t, over);
        return;
    }
    d->idle_rounds = 0;
    d->looked_ms = clock_monotonic_ms();
    check_cards(t);
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

/* More urgent work: a card, the end, or a complete request. A client that only connects interrupts nothing. */
static bool work_waits(void *context) {
    struct waiting *w = context;
    if (poll(w->events, EVENTS, 0) <= 0)
        return false;
    if ((w->events[0].revents & POLLIN) != 0)
        desk_clients_turn(w->clients);
    return desk_clients_wait(w->clients) || ((w->events[1].revents | w->events[2].revents) & POLLIN) != 0;
}

static void drain(int fd) {
    uint64_t count;
    if (read(fd, &count, sizeof count) != sizeof count)
        return;
}

static volatile sig_atomic_t hung_up;

static void note_hang_up(int number) {
    (void)number;
    hung_up = 1;
}

/* SIGHUP: reads the anchors again; changed files are noticed without it, too. */
static void look_at_anchors(void) {
    const bool again = hung_up;
    hung_up = 0;
    trust_look_after_all(again);
}

static void serve_counter(terminal *t, desk *d, desk_clients *clients) {
    desk_clients_turn(clients);
    desk_runner_serve(t, clients, &d->seen);
    if (desk_events_begin_reception(t, &d->seen)) {
        desk_events_receive(&d->seen);
        desk_runner_receive_card(t);
        desk_events_received(&d->seen);
    }
    desk_events_look(t, &d->seen);
}

static void loop(terminal *t, desk *d, desk_clients *clients, int signals) {
    struct waiting w = {
        {{desk_clients_descriptor(clients), POLLIN, 0}, {t->cards.presence->wake, POLLIN, 0}, {signals, POLLIN, 0}},
        clients};
    struct pollfd *polled = w.events;
    while ((polled[2].revents & POLLIN) == 0) {
        watchdog_expect(STUCK_S);
        int ready = poll(polled, EVENTS, desk_clients_wait(clients) ? 0 : TICK_MS);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0 && (polled[1].revents & POLLIN) != 0)
            drain(t->cards.presence->wake);
        if (ready == 0)
            events_count_tick(t->context.events);
        check_cards_if_due(t, d, ready == 0);
        serve_counter(t, d, clients);
        look_at_anchors();
        desk_background_turn(t, &d->background, work_waits, &w);
        if (ready <= 0)
            polled[2].revents = 0;
    }
}

static bool misconfigured; /* the SE is another institution's than the configuration says */

/* The SE may be missing now: the daemon runs nevertheless, and reports it to clients. */
static outcome open_what_is_there(terminal *t, pacing_wait *told) {
    (void)told;
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    if (done == OUTCOME_OK)
        session_end(t->session, "");
    misconfigured = strcmp(report_reason(&t->context.report), "se-institution") == 0;
    return done;
}

/* Logs expired and expiring anchors before the first patient comes. */
static void log_anchors(terminal *t) {
    const report own = t->context.report;
    char *words = NULL, *rest;
    size_t length = 0;
    FILE *stream = open_memstream(&words, &length);
    if (stream == NULL)
        return;
    report_begin(&t->context.report, false, stream, stream);
    anchors_warn(t->cards.se, &t->context);
    report_end(&t->context.report, OUTCOME_OK);
    t->context.report = own;
    fclose(stream);
    rest = words;
    for (const char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n"))
        if (*line != 0)
            log_warning("%s", line);
    free(words);
}

/* Opens the SE at once. After a process that hung in the SE it is opened only when the socket exists (late), so that
 * clients get an answer meanwhile. */
static void begin_work(terminal *t, bool late) {
    char *mark = file_join(t->context.configuration.state, DESK_STUCK_NAME);
    const bool stuck = mark != NULL && access(mark, F_OK) == 0;
    if (mark != NULL && stuck == late) {
        watchdog_leave_mark(mark);
        desk_background_quietly(t, open_what_is_there, "start", NULL);
        if (stuck && unlink(mark) == 0)
            audit_note(&t->store, WATCHDOG_REASON, "");
    }
    free(mark);
}

/* Whose members may speak to the desk; DESK_NO_GROUP when the configuration names none. */
static outcome find_group(terminal *t, gid_t *group) {
    const char *name = t->context.configuration.desk_group;
    *group = DESK_NO_GROUP;
    if (*name == 0)
        return OUTCOME_OK;
    if (*t->context.configuration.desk_socket == 0)
        return report_failure(&t->context.report, OUTCOME_USAGE, "configuration",
                              _("[desk] group needs a socket in a folder that its members can use: [desk] socket = "
                                "/run/uketsuke/desk.sock"));
    const struct group *found = getgrnam(name);
    if (found == NULL)
        return report_failure(&t->context.report, OUTCOME_USAGE, "desk-group",
                              _("There is no group %s ([desk] group). Run: groupadd --system %s"), name, name);
    *group = found->gr_gid;
    return OUTCOME_OK;
}

static outcome open_socket(terminal *t, const char *path, gid_t group, desk_clients **clients) {
    int listener = -1;
    result code = path != NULL ? desk_wire_listen(path, group, &listener) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = desk_clients_new(listener, group, clients);
    if (code == RESULT_DENIED)
        return report_failure(
            &t->context.report, OUTCOME_USAGE, "desk-group",
            _("The socket %s cannot be given to the group %s: the daemon's user is not a member of it. Run: usermod "
              "-aG %s uketsuke"),
            path, t->context.configuration.desk_group, t->context.configuration.desk_group);
    return code == RESULT_OK
               ? OUTCOME_OK
               : report_failure(&t->context.report, OUTCOME_INTERNAL, "desk-socket",
                                _("The socket %s cannot be made (%s)."), path != NULL ? path : "-", report_cause(code));
}

static outcome open_sockets(terminal *t, desk *d, const char *path, desk_clients **clients) {
    gid_t group;
    outcome done = find_group(t, &group);
    if (done == OUTCOME_OK)
        done = open_socket(t, path, group, clients);
    return done == OUTCOME_OK ? desk_events_start(t, &d->seen, path, group) : done;
}

static void serve_until_signal(terminal *t, desk *d, desk_clients *clients, int signals, const char *path) {
    the_desk = d;
    begin_work(t, true);
    audit_note(&t->store, "serve", "");
    report_line(&t->context.report, _("Ready; listening on %s. End with Ctrl-C."), path);
    fflush(t->context.report.out);
    ready_notice("READY=1");
    loop(t, d, clients, signals);
    ready_notice("STOPPING=1");
    the_desk = NULL;
}

static outcome open_and_serve(terminal *t, int signals) {
    char *path = desk_socket_path(&t->context.configuration);
    desk d = {0};
    desk_clients *clients = NULL;
    desk_background_begin(&d.background);
    const outcome opened = open_sockets(t, &d, path, &clients);
    if (opened == OUTCOME_OK)
        serve_until_signal(t, &d, clients, signals, path);
    if (clients != NULL)
        unlink(path);
    desk_clients_free(&clients);
    if (opened == OUTCOME_OK && session_operator(t->session) != NULL)
        end_session(t, "serve-ended");
    desk_events_end(t, &d.seen, path);
    free(path);
    if (opened != OUTCOME_OK)
        return opened;
    audit_note(&t->store, "serve-ended", "");
    audit_checkpoint(t->cards.se, &t->store);
    se_supervision_note_counter(&t->cards, &t->store);
    return OUTCOME_OK;
}

static int catch_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaction(SIGHUP, &(struct sigaction){.sa_handler = note_hang_up, .sa_flags = SA_RESTART}, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL); /* before any thread is made, so that none of them takes the signal */
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static outcome serve(terminal *t, int signals) {
    outcome done = cards_open(&t->cards, &t->context);
    if (done == OUTCOME_OK)
        done = presence_begin(&t->cards.presence, t->cards.module, &t->context.report, check_cards, t);
    if (done != OUTCOME_OK)
        return done;
    session_stay(t->session);
    if ((t->context.events = events_new()) == NULL)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
    log_open("uketsuke", LOG_NOTICE, NULL);
    log_with_times();
    done = store_open_file(&t->store, &t->context.report);
    if (done != OUTCOME_OK)
        return done;
    begin_work(t, false);
    log_anchors(t);
    return misconfigured ? local_store_open(&t->cards, &t->store, &t->context) : open_and_serve(t, signals);
}

outcome serve_command(terminal *t) {
    const int signals = catch_signals();
    if (signals < 0)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(errno));
    const outcome done = serve(t, signals);
    session_leave(t->session);
    events_free(&t->context.events);
    close(signals);
    return done;
}
