/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* uketsuke: the terminal at the reception desk. A command's path: terminal_main.c -> command_table.c, or desk_client.c
 * => desk.c when a daemon runs -> the command's file -> lib/p11 (cards, SE), services/service_call.c (platform,
 * history), lib/delivery/sealed_record.c (local store). */
#include "core/watchdog.h"
#include "private_screen.h"
#include "desk/command.h"
#include "desk/desk_client.h"
#include "operator/operator_session.h"
#include "se/se_supervision.h"
#include "services/clock_by_platform.h"
#include "services/service_call.h"

#include "base/environment.h"
#include "base/language.h"
#include "base/log.h"
#include "base/secret.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void choose_language(void) {
    const char *folder = getenv("UKETSUKE_LOCALEDIR");
    language_begin(folder != NULL ? folder : LOCALE_FOLDER, "uketsuke");
    language_speak(language_wanted());
}

/* Standard output is a full disk or a closed pipe: the exit status must show that the answer was not delivered. */
static int end_of(outcome done) {
    if ((fflush(stdout) == 0 && !ferror(stdout)) || done != OUTCOME_OK)
        return (int)done;
    fprintf(stderr, "uketsuke: %s\n",
            _("Output could not be written (disk full or pipe closed). The command itself completed."));
    return OUTCOME_INTERNAL;
}

/* Creates the private state of each folder. */
static outcome begin_parts(terminal *t) {
    outcome done = se_supervision_new(&t->cards, &t->context.report);
    if (done == OUTCOME_OK)
        done = services_new(&t->cards, &t->store, &t->context, &t->services);
    if (done == OUTCOME_OK)
        done = session_new(&t->cards, &t->store, &t->context, &t->session);
    if (done == OUTCOME_OK)
        session_clock_by(t->session, clock_by_platform, t);
    return done;
}

static int run(terminal *t, const command *chosen) {
    report *r = &t->context.report;
    outcome done = begin_parts(t);
    if (done == OUTCOME_OK)
        done = command_configure(t, chosen);
    if (done == OUTCOME_OK)
        done = desk_client_refuse_beside(t, chosen);
    const bool private_screen = private_screen_begin(chosen->personal && !t->context.options.json);
    const bool forwarded = done == OUTCOME_OK && chosen->resident && desk_client_forward(t, chosen, &done);
    if (!forwarded && done == OUTCOME_OK)
        done = command_run(t, chosen);
    /* The daemon has shown its answer; what failed on the way to it is ours to show. */
    if (forwarded && *report_reason(r) == 0)
        report_discard(r);
    else
        report_end(r, done);
    private_screen_end(private_screen);
    session_free(&t->session);
    services_free(&t->services);
    terminal_close(t);
    se_supervision_free(&t->cards);
    return end_of(done);
}

ENVIRONMENT_CLEARED_AT_START;

int main(int count, char **arguments) {
    static terminal t;
    command_line line;
    secret_forbid_core_dumps();
    signal(SIGPIPE, SIG_IGN); /* a service that hangs up is an error code, not the end */
    log_open("uketsuke", LOG_WARNING, NULL);
    secret_keep_in_memory();
    terminal_begin(&t);
    secret_lock(&t, sizeof t); /* the keys of the store */
    choose_language();
    t.context.options = (options){.pin_fd = -1, .sign_pin_fd = -1};
    const command_line_result asked = command_line_read(&terminal_program, count, arguments, &t.context.options, &line);
    if (asked == COMMAND_LINE_HELP || asked == COMMAND_LINE_NOTHING) {
        command_line_help(&terminal_program, stdout, line.about);
        return OUTCOME_OK;
    }
    if (asked == COMMAND_LINE_VERSION) {
        command_line_version(&terminal_program, stdout);
        return OUTCOME_OK;
    }
    t.context.options.arguments = line.words;
    t.context.options.argument_count = line.word_count;
    report_begin(&t.context.report, t.context.options.json, stdout, stderr);
    if (t.context.options.json)
        watchdog_speak_json();
    if (asked == COMMAND_LINE_WRONG) {
        report_end(&t.context.report, report_failure(&t.context.report, OUTCOME_USAGE, "usage", "%s", line.problem));
        return OUTCOME_USAGE;
    }
    const command *chosen = (const command *)line.chosen;
    t.context.report.at_counter = !chosen->office;
    t.context.report.verbose = t.context.options.verbose;
    return run(&t, chosen);
}
