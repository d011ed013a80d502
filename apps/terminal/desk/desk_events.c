/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_events.h"

#include "core/presence.h"
#include "desk/desk_wire.h"
#include "operator/operator_session.h"

#include "base/clock.h"
#include "delivery/ledger.h"
#include "delivery/sealed_record.h"

#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CARD_LEFT_MS 10000 /* after the end of a reception */
#define START_BY_CARD "card"

/* The patient's reader, as the thread that watches it sees it. */
static atomic_uint arrivals;
static atomic_bool lies_there;

static void told(void *context, bool present) {
    events *e = context;
    atomic_store(&lies_there, present);
    if (present)
        atomic_fetch_add(&arrivals, 1);
    events_tell(e, present ? "card-seen" : "card-gone", NULL, NULL);
}

/* --- the socket --------------------------------------------------------------------------------------------------- */

static outcome find_rights(terminal *t, gid_t group, event_rights *rights) {
    const char *name = t->context.configuration.desk_screen_user;
    *rights = (event_rights){.group = group, .has_screen = *name != 0};
    if (*name == 0)
        return OUTCOME_OK;
    const struct passwd *found = getpwnam(name);
    if (found == NULL)
        return report_failure(&t->context.report, OUTCOME_USAGE, "desk-group",
                              _("There is no user %s ([desk] screen-user)."), name);
    rights->screen_user = found->pw_uid;
    return OUTCOME_OK;
}

/* The right to read is checked for each connection by the kernel's user id; the user of the patient's screen is in no
 * group of ours. */
static result listen_at(const char *path, const event_rights *rights, int *listener) {
    char name[PATH_MAX];
    result code = desk_event_socket_path(path, name) ? desk_wire_listen(name, rights->group, listener)
                                                     : RESULT_TOO_LONG;
    if (code == RESULT_OK && rights->has_screen && chmod(name, 0666) != 0)
        code = RESULT_IO;
    return code;
}

outcome desk_events_start(terminal *t, desk_events *d, const char *path, gid_t group) {
    event_rights rights;
    int listener = -1;
    *d = (desk_events){.readers = NULL};
    const outcome done = find_rights(t, group, &rights);
    if (done != OUTCOME_OK)
        return done;
    result code = listen_at(path, &rights, &listener);
    if (code == RESULT_OK)
        code = event_readers_start(t->context.events, listener, rights, &d->readers);
    if (code != RESULT_OK) {
        if (listener >= 0)
            close(listener);
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "desk-socket",
                              _("The socket %s cannot be made (%s)."), path, report_cause(code));
    }
    d->had_se = t->cards.se != NULL;
    d->receptions_waiting = d->visits_waiting = -1;
    return presence_watch_reader(t->cards.presence, &t->context.report, t->context.configuration.reader_patient, told,
                                 t->context.events);
}

void desk_events_end(terminal *t, desk_events *d, const char *path) {
    char name[PATH_MAX];
    presence_leave_reader(t->cards.presence);
    event_readers_end(&d->readers);
    if (desk_event_socket_path(path, name))
        unlink(name);
}

/* --- between two commands ----------------------------------------------------------------------------------------- */

void desk_events_lock(terminal *t, desk_events *d, const char *reason) {
    d->was_locked = true;
    d->had_se = false;
    events_tell(t->context.events, "locked", reason, NULL);
}

static void look_at_se(terminal *t, desk_events *d) {
    const bool has_se = t->cards.se != NULL;
    if (d->was_locked && t->store.unlocked) {
        d->was_locked = false;
        events_tell(t->context.events, "unlocked", NULL, NULL);
    } else if (has_se != d->had_se && !d->was_locked) {
        events_tell(t->context.events, has_se ? "se-back" : "se-away", NULL, NULL);
    }
    d->had_se = has_se;
}

static void look_at_queue(terminal *t, desk_events *d) {
    if (!t->store.unlocked)
        return;
    const int64_t receptions = ledger_count(&t->store, RECORD_RECEPTION, STATE_PENDING),
                  visits = ledger_count(&t->store, RECORD_VISIT, STATE_QUEUED);
    if (receptions == d->receptions_waiting && visits == d->visits_waiting)
        return;
    d->receptions_waiting = receptions;
    d->visits_waiting = visits;
    events_tell(t->context.events, "queue", NULL,
                json_pack("{s:I,s:I}", "receptions", (json_int_t)receptions, "visits", (json_int_t)visits));
}

static void look_at_card(terminal *t, desk_events *d) {
    if (!atomic_load(&lies_there) || atomic_load(&arrivals) != d->received_arrival)
        d->received_ms = 0;
    if (d->received_ms == 0 || clock_monotonic_ms() - d->received_ms < CARD_LEFT_MS)
        return;
    d->received_ms = 0;
    events_tell(t->context.events, "card-left", NULL, NULL);
}

void desk_events_look(terminal *t, desk_events *d) {
    look_at_se(t, d);
    look_at_queue(t, d);
    look_at_card(t, d);
}

bool desk_events_begin_reception(const terminal *t, desk_events *d) {
    const unsigned now = atomic_load(&arrivals);
    const bool arrived = now != d->arrivals_seen;
    d->arrivals_seen = now;
    return arrived && strcmp(t->context.configuration.desk_start, START_BY_CARD) == 0 && atomic_load(&lies_there) &&
           t->store.unlocked && session_operator(t->session) != NULL;
}

void desk_events_receive(desk_events *d) {
    d->received_arrival = d->arrivals_seen = atomic_load(&arrivals);
}

void desk_events_received(desk_events *d) {
    d->received_ms = atomic_load(&lies_there) ? clock_monotonic_ms() : 0;
}
