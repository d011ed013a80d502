/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_runner.h"

#include "core/presence.h"
#include "desk/command.h"
#include "desk/desk_request.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* With another file the daemon would have other cards, another store, other services. */
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

/* Refuses requests that must not run at all. A client of the group must not make the daemon read or write files with
 * its own rights (confused deputy). */
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

/* Staff reach the desk by group membership: the machine's log notes which user it was. */
static void log_unknown_client(const desk_peer *peer, const command *chosen) {
    if (peer->uid != geteuid() && chosen != NULL)
        log_notice("user %u (process %d) asks for: %s", (unsigned)peer->uid, (int)peer->pid, chosen->line.name);
}

/* Logs the reason word only: the sentence is in the client's language, and may hold text of others. */
static void log_failure(const report *r, const command *chosen, outcome done) {
    if (done != OUTCOME_OK && chosen != NULL && *report_reason(r) != 0)
        log_notice("%s: %s", chosen->line.name, report_reason(r));
}

/* Runs the command with its output collected in memory, in the client's language. */
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

void desk_runner_receive_card(terminal *t) {
    const command *reception = command_named("reception");
    const report own = report_begin_silent(&t->context.report);
    t->context.options.by_card = true;
    t->store.operator_id[0] = 0;
    token_watch_expire(t->cards.presence->watch);
    log_failure(&t->context.report, reception, command_run(t, reception));
    t->context.options.by_card = false;
    report_end_silent(&t->context.report, own);
}

void desk_runner_serve(terminal *t, desk_clients *all, desk_events *seen) {
    desk_client *c = desk_clients_next(all);
    char *out = NULL, *err = NULL;
    size_t out_length = 0, err_length = 0;
    outcome done = OUTCOME_INTERNAL;
    if (c == NULL)
        return;
    const bool receives = desk_request_receives(desk_client_request(c));
    FILE *out_stream = open_memstream(&out, &out_length), *err_stream = open_memstream(&err, &err_length);
    if (receives)
        desk_events_receive(seen);
    if (out_stream != NULL && err_stream != NULL)
        done = run_request(t, c, out_stream, err_stream);
    if (out_stream != NULL)
        fclose(out_stream);
    if (err_stream != NULL)
        fclose(err_stream);
    if (receives)
        desk_events_received(seen);
    desk_client_answer(all, c, bytes_of(out, out_length), bytes_of(err, err_length), (uint8_t)done);
    free(out);
    free(err);
}
