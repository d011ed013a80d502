/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk.h"

#include "core/trust_anchors.h"
#include "core/audit.h"
#include "core/events.h"
#include "core/local_store_file.h"
#include "core/presence.h"
#include "core/watchdog.h"
#include "delivery/purge.h"
#include "neighbours/neighbours.h"
#include "delivery/reconcile.h"
#include "delivery/visit_command.h"
#include "desk/command.h"
#include "desk/desk_clients.h"
#include "desk/desk_events.h"
#include "desk/desk_request.h"
#include "desk/desk_place.h"
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
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define CLOCK_JUMP_MS 5000      /* between two ticks; what NTP does bit by bit is less */
#define STUCK_S 120             /* longer than any command stays between two calls of a service */
#define TICK_MS 500             /* how late an idle session may end, and the platform be tried */
#define BACK_LOOK_MS 2000       /* between two looks whether an SE that is away is back */
#define IDLE_ROUNDS 8           /* between two looks at an SE that nobody uses: its leaving wakes the loop by itself */
#define IDLE_LOOK_MS 6000       /* the same where the loop is never idle */
#define EVENTS 3                /* what the desk waits for: clients, cards, signals */
#define AUDIT_LOOK_MS 20000     /* between two looks at what no checkpoint covers */
#define NEIGHBOURS_LOOK_MS 1000 /* between two looks for requests of other programs */
#define PURGE_LOOK_MS 3600000   /* between two looks for persons whose retention is over */

/* Background sending. Each service has its own schedule: Retry-After or the silence of one service does not delay the
 * other. Queued visits have their eligibility; they do not wait for other receptions. */
static const struct errand {
    outcome (*run)(terminal *t, pacing_wait *told);
    const char *name; /* in the log */
} errands[TERMINAL_SERVICES] = {
    [SERVICE_PLATFORM] = {reconcile_waiting, "reconcile"},
    [SERVICE_HISTORY] = {visit_send_waiting, "visits"},
};

/* What the process does by itself. */
typedef struct desk {
    struct next_try {
        pacing pacing;
        int64_t told_s; /* when it is due in seconds since 1970, when the service said it; 0: it did not */
    } next[TERMINAL_SERVICES];
    int64_t back_due_ms;  /* when to look whether the SE is back */
    int64_t audit_due_ms; /* when to look whether the audit log must be signed */
    desk_events seen;
    int idle_rounds;   /* since cards and SE were looked at */
    int64_t looked_ms; /* when that was */
    int64_t neighbours_due_ms;
    int64_t purge_due_ms; /* when to look for persons whose retention is over; 0: at once */
    int64_t clock_gap_ms; /* between the clock that is set and the one that is not, at the last tick */
} desk;

/* What it waits for. */
struct waiting {
    struct pollfd events[EVENTS];
    desk_clients *clients;
};

/* What is signed outside a command is our own doing, too. */
static void sign_audit(terminal *t, void (*sign)(token *se, store_access *store)) {
    sign(t->cards.se, &t->store);
    se_supervision_note_counter(&t->cards, &t->store);
}

/* --- cards -------------------------------------------------------------------------------------------------------- */

static void end_session(terminal *t, const char *why) {
    snprintf(t->store.operator_id, sizeof t->store.operator_id, "%.64s", session_operator(t->session));
    audit_note(&t->store, "session-ended", why);
    session_end(t->session, why);
    sign_audit(t, audit_checkpoint);
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

/* Ends the session, locks the terminal, as the cards' coming and going asks for, or what became of the SE. */
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

/* An SE in this process's readers announces itself when it leaves or is reset, so an idle desk asks it seldom: what
 * others do with it is found at the next look, and before it is used. One in another process is asked each time. */
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

/* --- one command -------------------------------------------------------------------------------------------------- */

/* By another file the daemon would have other cards, another store, other services. */
static outcome refuse_other_configuration(terminal *t, const char *named) {
    const char *place = configuration_place(t->context.options.configuration_path);
    char own[PATH_MAX];
    if (named == NULL || (realpath(place, own) != NULL && strcmp(named, own) == 0))
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_USAGE, "configuration",
                          _("The daemon that runs here works by %s, and not by the file that --config names. Leave "
                            "--config out, or stop the daemon first (systemctl stop uketsuke)."),
                          place);
}

/* Why this one is not run at all; OUTCOME_OK: it is. A client of the group must not have files read or written with the
 * daemon's rights (a confused deputy). */
static outcome refuse_request(terminal *t, desk_client *c, const command *chosen) {
    if (chosen == NULL)
        return report_failure(
            &t->context.report, OUTCOME_USAGE, "desk-request",
            _("The daemon does not know this command, because it has another version. Restart it: systemctl restart "
              "uketsuke"));
    const outcome other = refuse_other_configuration(t, desk_request_configuration(desk_client_request(c)));
    if (other != OUTCOME_OK || desk_client_peer(c)->uid == geteuid() ||
        !desk_request_names_files(desk_client_request(c)))
        return other;
    return report_failure(
        &t->context.report, OUTCOME_REFUSED, "desk-files",
        _("This command reads or writes files, which the daemon does not do for another user. Run it as the daemon's "
          "user: sudo -u uketsuke uketsuke %s"),
        chosen->line.name);
}

/* People reach the desk by group membership: which of them it was is in the log of the machine. */
static void log_unknown_client(const desk_peer *peer, const command *chosen) {
    if (peer->uid != geteuid() && chosen != NULL)
        log_notice("user %u (process %d) asks for: %s", (unsigned)peer->uid, (int)peer->pid, chosen->line.name);
}

/* By its word: the sentence is in the client's language, and may hold what others have said. */
static void log_failure(const report *r, const command *chosen, outcome done) {
    if (done != OUTCOME_OK && chosen != NULL && *report_reason(r) != 0)
        log_notice("%s: %s", chosen->line.name, report_reason(r));
}

/* Runs the command with its words going into memory, in the client's language. */
static outcome run_request(terminal *t, desk_client *c, FILE *out, FILE *err) {
    const report own = t->context.report;
    desk_request *r = desk_client_request(c);
    const language *desk_language = language_speak(desk_request_language(r));
    t->store.operator_id[0] = 0;
    const command *chosen = desk_request_take(r, &t->context.options);
    token_watch_expire(t->cards.presence->watch);
    log_unknown_client(desk_client_peer(c), chosen);
    report_begin(&t->context.report, t->context.options.json, out, err);
    t->context.report.at_counter = chosen == NULL || !chosen->office;
    t->context.report.verbose = t->context.options.verbose;
    outcome done = refuse_request(t, c, chosen);
    if (done == OUTCOME_OK)
        done = command_run(t, chosen);
    log_failure(&t->context.report, chosen, done);
    report_end(&t->context.report, done);
    t->context.report = own;
    language_speak(desk_language);
    const options cleared = {
        .configuration_path = t->context.options.configuration_path, .pin_fd = -1, .sign_pin_fd = -1};
    t->context.options = cleared;
    return done;
}

/* A card was laid down, and the configuration wants it received: what there is to show comes as events, and by the
 * evidence id in them. */
static void receive_card(terminal *t) {
    const command *reception = command_named("reception");
    const report own = report_begin_silent(&t->context.report);
    t->context.options.by_card = true;
    t->store.operator_id[0] = 0;
    token_watch_expire(t->cards.presence->watch);
    log_failure(&t->context.report, reception, command_run(t, reception));
    t->context.options.by_card = false;
    report_end_silent(&t->context.report, own);
}

/* One at a time: what cards and what a signal ask for comes in between. */
static void serve_client(terminal *t, desk_clients *all, desk *d) {
    desk_client *c = desk_clients_next(all);
    char *out = NULL, *err = NULL;
    size_t out_length = 0, err_length = 0;
    outcome done = OUTCOME_INTERNAL;
    if (c == NULL)
        return;
    const bool receives = desk_request_receives(desk_client_request(c));
    FILE *out_stream = open_memstream(&out, &out_length), *err_stream = open_memstream(&err, &err_length);
    if (receives)
        desk_events_receive(&d->seen);
    if (out_stream != NULL && err_stream != NULL)
        done = run_request(t, c, out_stream, err_stream);
    if (out_stream != NULL)
        fclose(out_stream);
    if (err_stream != NULL)
        fclose(err_stream);
    if (receives)
        desk_events_received(&d->seen);
    desk_client_answer(all, c, bytes_of(out, out_length), bytes_of(err, err_length), (uint8_t)done);
    free(out);
    free(err);
}

/* --- by itself ---------------------------------------------------------------------------------------------------- */

/* Background work: the reason of a failure goes to the log, other output (it may be about patients) is dropped. */
static outcome quietly(terminal *t, outcome (*run)(terminal *t, pacing_wait *told), const char *what,
                       pacing_wait *told) {
    const report own = t->context.report;
    char *words = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&words, &length);
    if (stream == NULL)
        return OUTCOME_INTERNAL;
    t->store.operator_id[0] = 0;
    report_begin(&t->context.report, false, stream, stream);
    outcome done = run(t, told);
    se_supervision_note_counter(&t->cards, &t->store);
    if (done != OUTCOME_OK && done != OUTCOME_SERVICE)
        log_warning("%s: %s: %s", what, report_reason(&t->context.report), report_message(&t->context.report));
    report_end(&t->context.report, done);
    t->context.report = own;
    fclose(stream);
    free(words);
    return done;
}

static uint16_t chance(void) {
    uint16_t random = 0;
    return getrandom(&random, sizeof random, 0) == sizeof random ? random : 0;
}

/* The first of the times that services have told. */
static int64_t first_told(const desk *d) {
    int64_t first = 0;
    for (size_t i = 0; i < TERMINAL_SERVICES; i++)
        if (d->next[i].told_s != 0 && (first == 0 || d->next[i].told_s < first))
            first = d->next[i].told_s;
    return first;
}

/* A card, the end, or a command that is there as a whole: who only connects and says nothing holds up nothing. */
static bool work_waits(void *context) {
    struct waiting *w = context;
    if (poll(w->events, EVENTS, 0) <= 0)
        return false;
    if ((w->events[0].revents & POLLIN) != 0)
        desk_clients_turn(w->clients);
    return desk_clients_wait(w->clients) || ((w->events[1].revents | w->events[2].revents) & POLLIN) != 0;
}

/* Provisional receptions become final without anybody's action (P-1): tried now and again while something waits. A
 * service that lets us wait holds up neither the counter nor what cards ask for. */
static void try_service(terminal *t, desk *d, service which, struct waiting *w) {
    struct next_try *next = &d->next[which];
    if (!t->store.unlocked || !pacing_is_due(&next->pacing, clock_monotonic_ms()))
        return;
    pacing_wait told = {0};
    t->cards.presence->work_waits = work_waits;
    t->cards.presence->waits_context = w;
    t->cards.presence->gave_way = false;
    const outcome done = quietly(t, errands[which].run, errands[which].name, &told);
    t->cards.presence->work_waits = NULL;
    if (t->cards.presence->gave_way) {
        pacing_again(&next->pacing, clock_monotonic_ms());
        return;
    }
    const int64_t pause = pacing_after(&next->pacing, told, done == OUTCOME_OK, clock_monotonic_ms(), chance());
    next->told_s = next->pacing.told ? clock_wall_s() + pause / 1000 : 0;
    if (next->told_s != 0)
        log_notice("%s: retrying queued records in %lld seconds", errands[which].name, (long long)(pause / 1000));
    t->sending_at = first_told(d);
}

/* Of before this patient: it goes over the connection that the reception has opened. */
static void send_after_patient(terminal *t, desk *d) {
    if (reconcile_platform_was_heard(t))
        pacing_is_back(&d->next[SERVICE_PLATFORM].pacing, clock_monotonic_ms(), chance());
}

/* Somebody, or NTP, set the clock by more than a correction. Evidence says so by itself (lib/delivery/beacon.h). */
static void watch_clock(terminal *t, desk *d) {
    const int64_t gap = clock_wall_ms() - clock_boot_ms(), jump = gap - d->clock_gap_ms;
    d->clock_gap_ms = gap;
    if (llabs(jump) < CLOCK_JUMP_MS)
        return;
    log_warning("the clock was set by %lld seconds", (long long)(jump / 1000));
    t->store.operator_id[0] = 0;
    if (t->store.unlocked)
        audit_note(&t->store, "clock-jumped", jump > 0 ? "ahead" : "back");
}

/* Persons whose retention is over. A failure is tried again in an hour. */
static void watch_retention(terminal *t, desk *d) {
    long long purged = 0;
    if (!t->store.unlocked || clock_monotonic_ms() < d->purge_due_ms)
        return;
    d->purge_due_ms = clock_monotonic_ms() + PURGE_LOOK_MS;
    t->store.operator_id[0] = 0;
    const result code = purge_old_persons(t, &purged);
    if (purged > 0)
        log_notice("persons removed from %lld records: their retention is over", purged);
    if (code != RESULT_OK && code != RESULT_NOT_FOUND)
        log_warning("persons whose retention is over could not be removed: %s", result_text(code));
}

/* Also where nothing is done for long. */
static void watch_audit(terminal *t, desk *d) {
    if (clock_monotonic_ms() < d->audit_due_ms)
        return;
    d->audit_due_ms = clock_monotonic_ms() + AUDIT_LOOK_MS;
    sign_audit(t, audit_checkpoint_if_due);
}

/* An SE in another process that was away is taken up again without anybody's action: what waits is sent then. */
static void watch_away_se(terminal *t, desk *d) {
    if (t->cards.se != NULL || t->cards.se_away_ms == 0 || clock_monotonic_ms() < d->back_due_ms)
        return;
    const report own = report_begin_silent(&t->context.report);
    local_store_open(&t->cards, &t->store, &t->context);
    report_end_silent(&t->context.report, own);
    d->back_due_ms = clock_monotonic_ms() + BACK_LOOK_MS;
}

/* What other programs ask in the shared folder. */
static void watch_neighbours(terminal *t, desk *d) {
    if (clock_monotonic_ms() < d->neighbours_due_ms)
        return;
    d->neighbours_due_ms = clock_monotonic_ms() + NEIGHBOURS_LOOK_MS;
    neighbours_look(t);
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

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

/* SIGHUP: what can be read again is; new files are noticed without it. */
static void look_at_anchors(void) {
    const bool again = hung_up;
    hung_up = 0;
    trust_look_after_all(again);
}

static void serve_counter(terminal *t, desk *d, desk_clients *clients) {
    desk_clients_turn(clients);
    serve_client(t, clients, d);
    if (desk_events_begin_reception(t, &d->seen)) {
        desk_events_receive(&d->seen);
        receive_card(t);
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
        watch_clock(t, d);
        watch_audit(t, d);
        watch_retention(t, d);
        watch_away_se(t, d);
        watch_neighbours(t, d);
        look_at_anchors();
        send_after_patient(t, d);
        try_service(t, d, SERVICE_PLATFORM, &w);
        try_service(t, d, SERVICE_HISTORY, &w);
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

/* What will stop work, or has begun to, is in the log before the first patient comes. */
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

/* The SE is opened at once; after a process that hung in it only when the socket stands (late), so that whoever asks
 * meanwhile is told. */
static void begin_work(terminal *t, bool late) {
    char *mark = file_join(t->context.configuration.state, DESK_STUCK_NAME);
    const bool stuck = mark != NULL && access(mark, F_OK) == 0;
    if (mark != NULL && stuck == late) {
        watchdog_leave_mark(mark);
        quietly(t, open_what_is_there, "start", NULL);
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

static void stand_until_signal(terminal *t, desk *d, desk_clients *clients, int signals, const char *path) {
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

static outcome stand(terminal *t, int signals) {
    char *path = desk_socket_path(&t->context.configuration);
    desk d = {.clock_gap_ms = clock_wall_ms() - clock_boot_ms()};
    desk_clients *clients = NULL;
    const outcome opened = open_sockets(t, &d, path, &clients);
    if (opened == OUTCOME_OK)
        stand_until_signal(t, &d, clients, signals, path);
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
    return misconfigured ? local_store_open(&t->cards, &t->store, &t->context) : stand(t, signals);
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
