#include "desk/desk.h"

#include "core/anchors.h"
#include "core/audit.h"
#include "core/presence.h"
#include "core/watchdog.h"
#include "delivery/reconcile.h"
#include "desk/command.h"
#include "desk/desk_request.h"
#include "desk/desk_wire.h"
#include "operator/session.h"
#include "se/local_store.h"
#include "se/secure_element.h"
#include "se/supervision.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define CLOCK_JUMP_MS 5000       /* between two ticks; what NTP does bit by bit is less */
#define STUCK_S 120              /* longer than any command stays between two calls of a service */
#define TICK_MS 500              /* how late an idle session may end, and the platform be tried */
#define EVENTS 3                 /* what the desk waits for: clients, cards, signals */
#define AUDIT_LOOK_MS 20000      /* between two looks at what no checkpoint covers */
#define GAVE_WAY_MS 1000         /* until what was broken off is begun again */
#define SPREAD_LEAST_MS 2000     /* after the time that a service gave */
#define PLATFORM_FIRST_MS 5000   /* between two tries of the platform: doubled after each failure, */
#define PLATFORM_LAST_MS 300000  /* up to this, and spread at random so that not all hospitals come at once */

/* What the process does by itself. */
typedef struct desk {
    int64_t platform_due_ms; /* when to try the platform again */
    int platform_failures;   /* in a row */
    int64_t audit_due_ms;    /* when to look whether the audit log must be signed */
    int64_t clock_gap_ms;    /* between the clock that is set and the one that is not, at the last tick */
} desk;

/* What is signed outside a command is our own doing, too. */
static void sign_audit(terminal *t, void (*sign)(terminal *t)) {
    sign(t);
    se_supervision_note_counter(t);
}

/* --- cards -------------------------------------------------------------------------------------------------------- */

static void end_session(terminal *t, const char *why) {
    snprintf(t->operator_id, sizeof t->operator_id, "%.64s", session_operator(t));
    audit_note(t, "session-ended", why);
    session_end(t, why);
    sign_audit(t, audit_checkpoint);
    log_notice("the session has ended: %s", why);
}

/* Ends the session, locks the terminal, as the cards' coming and going asks for, or what became of the SE. */
static void look_round(terminal *t, bool at_rest) {
    const char *over, *trouble;
    if (t->se != NULL || session_operator(t) != NULL)
        token_watch_look(t->presence->watch);
    if ((trouble = secure_element_look(t, at_rest)) != NULL) {
        log_warning("the terminal is locked: %s", trouble);
        secure_element_lock(t, trouble);
        if (session_operator(t) != NULL)
            end_session(t, trouble);
    }
    if ((over = session_over(t)) != NULL)
        end_session(t, over);
}

/* In the middle of a command. */
static void supervise(terminal *t) {
    look_round(t, false);
}

/* --- one command -------------------------------------------------------------------------------------------------- */

/* Runs the command with its words going into memory, in the client's language; a client that does not read cannot hold
 * up the counter. */
static void run_request(terminal *t, desk_request *r, int fd) {
    const report own = t->report;
    char *out = NULL, *err = NULL;
    size_t out_length = 0, err_length = 0;
    FILE *out_stream = open_memstream(&out, &out_length), *err_stream = open_memstream(&err, &err_length);
    outcome done = OUTCOME_INTERNAL;
    if (out_stream != NULL && err_stream != NULL) {
        const language *desk_language = language_speak(desk_request_language(r));
        t->operator_id[0] = 0;
        const command *chosen = desk_request_take(r, &t->options);
        report_begin(&t->report, t->options.json, out_stream, err_stream);
        if (chosen != NULL)
            done = command_run(t, chosen);
        else
            done = report_failure(&t->report, OUTCOME_USAGE, "desk-request",
                                  _("The resident process does not understand this command: it is of another version."
                                    " Start it again: systemctl restart uketsuke"));
        report_end(&t->report, done);
        t->report = own;
        language_speak(desk_language);
    }
    if (out_stream != NULL)
        fclose(out_stream);
    if (err_stream != NULL)
        fclose(err_stream);
    const uint8_t exit_code = (uint8_t)done;
    result code = desk_wire_send(fd, 'O', bytes_of(out, out_length));
    if (code == RESULT_OK)
        code = desk_wire_send(fd, 'E', bytes_of(err, err_length));
    if (code == RESULT_OK)
        desk_wire_send(fd, 'X', bytes_of(&exit_code, 1));
    free(out);
    free(err);
}

static void serve_client(terminal *t, int listener) {
    int fd;
    desk_request r = DESK_REQUEST_INIT;
    if (desk_wire_accept(listener, &fd) != RESULT_OK)
        return;
    if (desk_request_receive(fd, &r) == RESULT_OK)
        run_request(t, &r, fd);
    desk_request_wipe(&r);
    close(fd);
    const options cleared = {.configuration_path = t->options.configuration_path, .pin_fd = -1, .sign_pin_fd = -1};
    t->options = cleared;
}

/* --- by itself ---------------------------------------------------------------------------------------------------- */

/* Something to do with nobody asking: why it failed goes to the log, its other words (they may be about patients) to
 * nobody. */
static outcome quietly(terminal *t, outcome (*run)(terminal *t), const char *what) {
    const report own = t->report;
    char *words = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&words, &length);
    if (stream == NULL)
        return OUTCOME_INTERNAL;
    t->operator_id[0] = 0;
    report_begin(&t->report, false, stream, stream);
    outcome done = run(t);
    se_supervision_note_counter(t);
    if (done != OUTCOME_OK && done != OUTCOME_SERVICE)
        log_warning("%s: %s: %s", what, report_reason(&t->report), report_message(&t->report));
    report_end(&t->report, done);
    t->report = own;
    fclose(stream);
    free(words);
    return done;
}

/* From 0 to most, at random. */
static int64_t spread(int64_t most) {
    uint16_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        random = 0;
    return most * random / UINT16_MAX;
}

/* A service that has no room says when to come, and all who hear the same must not come at the same time. Without a
 * word, each failure doubles the pause. */
static int64_t pause_after(terminal *t, desk *d, outcome done) {
    t->sending_at = 0;
    if (done != OUTCOME_OK && t->wait_s > 0) {
        const int64_t wait = t->wait_s * 1000;
        const int64_t tenth = wait / 10 > SPREAD_LEAST_MS ? wait / 10 : SPREAD_LEAST_MS;
        const int64_t pause = wait + spread(t->wait_spread_s > 0 ? t->wait_spread_s * 1000 : tenth);
        t->sending_at = clock_wall_s() + pause / 1000;
        return pause;
    }
    d->platform_failures = done == OUTCOME_OK ? 0 : d->platform_failures + 1;
    int64_t pause = PLATFORM_FIRST_MS;
    for (int i = 0; i < d->platform_failures && pause < PLATFORM_LAST_MS; i++)
        pause *= 2;
    if (pause > PLATFORM_LAST_MS)
        pause = PLATFORM_LAST_MS;
    return pause / 2 + spread(pause / 2);
}

/* A command, a card, or the end. */
static bool somebody_waits(void *context) {
    return poll(context, EVENTS, 0) > 0;
}

/* Provisional receptions become final without anybody's action (P-1): tried now and again while something waits. A
 * service that lets us wait holds up neither the counter nor what cards ask for. */
static void try_platform(terminal *t, desk *d, struct pollfd events[EVENTS]) {
    if (!t->unlocked || clock_monotonic_ms() < d->platform_due_ms)
        return;
    t->wait_s = t->wait_spread_s = 0;
    t->presence->somebody_waits = somebody_waits;
    t->presence->waits_context = events;
    t->presence->gave_way = false;
    const outcome done = quietly(t, reconcile_waiting, "reconcile");
    t->presence->somebody_waits = NULL;
    if (t->presence->gave_way) {
        d->platform_due_ms = clock_monotonic_ms() + GAVE_WAY_MS;
        return;
    }
    const int64_t pause = pause_after(t, d, done);
    if (t->sending_at != 0)
        log_notice("what waits is sent again in %lld seconds", (long long)(pause / 1000));
    d->platform_due_ms = clock_monotonic_ms() + pause;
}

/* Somebody, or NTP, set the clock by more than a correction. Evidence says so by itself (core/clock_beacon.h). */
static void watch_clock(terminal *t, desk *d) {
    const int64_t gap = clock_wall_ms() - clock_boot_ms(), jump = gap - d->clock_gap_ms;
    d->clock_gap_ms = gap;
    if (llabs(jump) < CLOCK_JUMP_MS)
        return;
    log_warning("the clock was set by %lld seconds", (long long)(jump / 1000));
    t->operator_id[0] = 0;
    if (t->unlocked)
        audit_note(t, "clock-jumped", jump > 0 ? "ahead" : "back");
}

/* Also where nothing is done for long. */
static void watch_audit(terminal *t, desk *d) {
    if (clock_monotonic_ms() < d->audit_due_ms)
        return;
    d->audit_due_ms = clock_monotonic_ms() + AUDIT_LOOK_MS;
    sign_audit(t, audit_checkpoint_if_due);
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static void drain(int fd) {
    uint64_t count;
    if (read(fd, &count, sizeof count) != sizeof count)
        return;
}

static void loop(terminal *t, int listener, int signals) {
    desk d = {.clock_gap_ms = clock_wall_ms() - clock_boot_ms()};
    struct pollfd events[EVENTS] = {{listener, POLLIN, 0}, {t->presence->wake, POLLIN, 0}, {signals, POLLIN, 0}};
    while ((events[2].revents & POLLIN) == 0) {
        watchdog_expect(STUCK_S);
        int ready = poll(events, EVENTS, TICK_MS);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0 && (events[1].revents & POLLIN) != 0)
            drain(t->presence->wake);
        look_round(t, true);
        if (ready > 0 && (events[0].revents & POLLIN) != 0)
            serve_client(t, listener);
        watch_clock(t, &d);
        watch_audit(t, &d);
        try_platform(t, &d, events);
        if (ready <= 0)
            events[2].revents = 0;
    }
}

static bool misconfigured; /* the SE is another institution's than the configuration says */

/* The SE may be missing now: the desk stands all the same, and says so to whoever asks. */
static outcome open_what_is_there(terminal *t) {
    outcome done = local_store_open(t);
    if (done == OUTCOME_OK)
        session_end(t, "");
    misconfigured = strcmp(report_reason(&t->report), "se-institution") == 0;
    return done;
}

/* What will stop work, or has begun to, is in the log before the first patient comes. */
static void log_anchors(terminal *t) {
    const report own = t->report;
    char *words = NULL, *rest;
    size_t length = 0;
    FILE *stream = open_memstream(&words, &length);
    if (stream == NULL)
        return;
    report_begin(&t->report, false, stream, stream);
    anchors_warn(t);
    report_end(&t->report, OUTCOME_OK);
    t->report = own;
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
    char *mark = file_join(t->configuration.state, DESK_STUCK_NAME);
    const bool stuck = mark != NULL && access(mark, F_OK) == 0;
    if (mark != NULL && stuck == late) {
        watchdog_leave_mark(mark);
        quietly(t, open_what_is_there, "start");
        if (stuck && unlink(mark) == 0)
            audit_note(t, WATCHDOG_REASON, "");
    }
    free(mark);
}

static outcome stand(terminal *t, int signals) {
    char *path = file_join(t->configuration.state, DESK_SOCKET_NAME);
    int listener = -1;
    result code = path != NULL ? desk_wire_listen(path, &listener) : RESULT_NO_MEMORY;
    if (code != RESULT_OK) {
        outcome done = report_failure(&t->report, OUTCOME_INTERNAL, "desk-socket",
                                      _("The socket %s cannot be made (%s)."), path != NULL ? path : "-",
                                      report_cause(code));
        free(path);
        return done;
    }
    begin_work(t, true);
    audit_note(t, "serve", "");
    report_line(&t->report, _("The desk is open. Commands go through %s; end with Ctrl-C."), path);
    fflush(t->report.out);
    loop(t, listener, signals);
    close(listener);
    unlink(path);
    free(path);
    if (session_operator(t) != NULL)
        end_session(t, "serve-ended");
    audit_note(t, "serve-ended", "");
    audit_checkpoint(t);
    se_supervision_note_counter(t);
    return OUTCOME_OK;
}

static int catch_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL); /* before any thread is made, so that none of them takes the signal */
    return signalfd(-1, &set, SFD_CLOEXEC);
}

outcome serve_command(terminal *t) {
    int signals = catch_signals();
    if (signals < 0)
        return report_failure(&t->report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(errno));
    outcome done = terminal_open_module(t);
    if (done == OUTCOME_OK)
        done = presence_begin(t, supervise);
    if (done == OUTCOME_OK)
        done = session_stay(t);
    log_open("uketsuke", LOG_NOTICE, NULL);
    if (done == OUTCOME_OK)
        done = terminal_open_store_file(t);
    if (done == OUTCOME_OK) {
        begin_work(t, false);
        log_anchors(t);
        done = misconfigured ? local_store_open(t) : stand(t, signals);
    }
    session_leave(t);
    close(signals);
    return done;
}
