/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/desk_client.h"

#include "core/pin_entry.h"
#include "core/watchdog.h"
#include "desk/desk_exchange.h"
#include "desk/desk_place.h"
#include "desk/desk_wire.h"

#include "base/clock.h"
#include "base/file.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SILENCE_MS 1500
#define LOOK_AGAIN_NS 20000000
#define PATIENT_TYPED_MAX 256

static json_t *arguments_of(const options *o, const command *chosen) {
    json_t *arguments = json_array();
    for (int i = 0; i < o->argument_count; i++)
        json_array_append_new(arguments,
                              chosen->paths ? option_table_path(o->arguments[i]) : json_string(o->arguments[i]));
    return arguments;
}

/* The file that --config names, as the daemon compares it with its own; NULL: none is named. */
static json_t *configuration_of(const options *o) {
    char whole[PATH_MAX];
    return o->configuration_path != NULL && realpath(o->configuration_path, whole) != NULL ? json_string(whole) : NULL;
}

static json_t *request_of(const terminal *t, const command *chosen) {
    json_t *request = json_pack("{s:s,s:b,s:s,s:o,s:o*}", "command", chosen->line.name, "beforePin",
                                (int)t->context.options.before_pin, "language", language_name(language_spoken()),
                                "arguments", arguments_of(&t->context.options, chosen), "configuration",
                                configuration_of(&t->context.options));
    if (request == NULL || option_table_write(&t->context.options, request) == RESULT_OK)
        return request;
    json_decref(request);
    return NULL;
}

static result send_request(int fd, const json_t *request, char pin_type, bytes pin) {
    char *text = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;
    if (text == NULL)
        return RESULT_NO_MEMORY;
    const result code = desk_request_send(fd, text, pin.length > 0 ? pin_type : 0, pin);
    free(text);
    return code;
}

/* Tells a person at a screen when the call takes longer than people wait without a message. */
static void set_call_timeout(const terminal *t, int fd) {
    struct pollfd answer = {fd, POLLIN, 0};
    if (!t->context.options.json && isatty(STDERR_FILENO) && poll(&answer, 1, SILENCE_MS) == 0)
        fprintf(stderr, "%s\n", _("One moment, please ..."));
}

/* The desk serves no user outside of its group. */
static outcome report_denied(terminal *t) {
    const char *group = t->context.configuration.desk_group;
    if (*group == 0)
        return report_failure(&t->context.report, OUTCOME_REFUSED, "desk-denied",
                              _("The uketsuke daemon belongs to another user."));
    return report_failure(
        &t->context.report, OUTCOME_REFUSED, "desk-denied",
        _("The uketsuke daemon serves only members of the group %s, and this user is not a member. An administrator "
          "adds the user: usermod -aG %s USER, then log in to the machine again."),
        group, group);
}

static void show_text(void *context, char type, bytes text) {
    (void)context;
    fwrite(text.data, 1, text.length, type == 'E' ? stderr : stdout);
}

/* Reports the daemon's end: the reason that its watchdog left (core/watchdog.h), or that it is gone. */
static outcome report_end_of_validity(terminal *t) {
    char *mark = file_join(t->context.configuration.state, DESK_STUCK_NAME);
    const bool stuck = mark != NULL && access(mark, F_OK) == 0;
    free(mark);
    if (stuck)
        return report_failure(&t->context.report, OUTCOME_CARD, WATCHDOG_REASON, "%s", watchdog_sentence());
    return report_failure(
        &t->context.report, OUTCOME_INTERNAL, "desk",
        _("The uketsuke daemon ended before it answered. Check its log, restart it, and check with uketsuke status "
          "what was done."));
}

static outcome exchange(terminal *t, const command *chosen, int fd, bytes pin) {
    uint8_t exit_code = OUTCOME_INTERNAL;
    json_t *request = request_of(t, chosen);
    result code = send_request(fd, request, chosen->asks == ASKS_SIGN_PIN ? 'S' : 'P', pin);
    json_decref(request);
    if (code == RESULT_OK)
        set_call_timeout(t, fd);
    /* refused: the daemon reads nothing more, but it has sent the reason */
    if (code == RESULT_OK || code == RESULT_UNAVAILABLE)
        code = desk_answer_receive(fd, show_text, NULL, &exit_code);
    if (code == RESULT_DENIED)
        return report_denied(t);
    if (code == RESULT_REFUSED)
        return report_failure(
            &t->context.report, OUTCOME_CARD, "desk-busy",
            _("The daemon has the maximum number of requests of this user. Wait until one is answered, then begin "
              "again."));
    return code == RESULT_OK ? (outcome)exit_code : report_end_of_validity(t);
}

outcome desk_client_refuse_beside(terminal *t, const command *chosen) {
    int fd = -1;
    char *path = chosen->alone ? desk_socket_path(&t->context.configuration) : NULL;
    const result code = path != NULL ? desk_wire_connect(path, &fd) : RESULT_NOT_FOUND;
    free(path);
    if (fd >= 0)
        close(fd);
    if (code != RESULT_OK && code != RESULT_DENIED)
        return OUTCOME_OK;
    return report_failure(
        &t->context.report, OUTCOME_CARD, "busy",
        _("The daemon (uketsuke serve) is running and uses the cards. Stop it first (systemctl stop uketsuke), then "
          "begin again."));
}

/* A daemon that is starting has the cards before it has its socket. */
static result connect_to_desk(const terminal *t, int *fd) {
    char *path = desk_socket_path(&t->context.configuration);
    const int64_t deadline = clock_monotonic_ms() + CARDS_TIMEOUT_MS;
    result code = path != NULL ? desk_wire_connect(path, fd) : RESULT_NO_MEMORY;
    while (code != RESULT_OK && code != RESULT_DENIED && path != NULL && clock_monotonic_ms() < deadline &&
           cards_are_taken(&t->context.configuration)) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_AGAIN_NS}, NULL);
        code = desk_wire_connect(path, fd);
    }
    free(path);
    return code;
}

/* Asks the daemon before a person types a PIN whether the command can succeed; with --pin-fd there is no need to. */
static outcome ask_before_pin(terminal *t, const command *chosen, int fd, int pin_fd) {
    if (chosen->before_pin == NULL || pin_fd >= 0 || t->context.options.json)
        return OUTCOME_OK;
    t->context.options.before_pin = true;
    const outcome done = exchange(t, chosen, fd, bytes_of(NULL, 0));
    t->context.options.before_pin = false;
    return done;
}

/* The doctor confirms the patient whom the daemon has just shown, before the PIN; the daemon checks the answer at
 * once. */
static outcome confirm_patient(terminal *t, const command *chosen, int *fd, int pin_fd) {
    static char patient[PATIENT_TYPED_MAX];
    if (!chosen->confirms || t->context.options.patient != NULL || pin_fd >= 0 || t->context.options.json)
        return OUTCOME_OK; /* the daemon reports what is missing */
    if (line_read(language_text(PROMPT_PATIENT), patient, sizeof patient) != RESULT_OK)
        *patient = 0;
    t->context.options.patient = patient;
    return connect_to_desk(t, fd) == RESULT_OK ? ask_before_pin(t, chosen, *fd, pin_fd) : report_end_of_validity(t);
}

static void hang_up(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* No connection is open while a person types, so slow typing does not block the daemon. */
static outcome converse_with_pin(terminal *t, const command *chosen, int *fd) {
    const int pin_fd = chosen->asks == ASKS_SIGN_PIN ? t->context.options.sign_pin_fd : t->context.options.pin_fd;
    buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    outcome done = ask_before_pin(t, chosen, *fd, pin_fd);
    hang_up(fd);
    if (done == OUTCOME_OK)
        done = confirm_patient(t, chosen, fd, pin_fd);
    hang_up(fd);
    if (done == OUTCOME_OK)
        done = pin_read(bytes_of(NULL, 0), pin_fd, language_text(chosen->prompt), &pin, &t->context.report);
    if (done == OUTCOME_OK)
        done = connect_to_desk(t, fd) == RESULT_OK ? exchange(t, chosen, *fd, buffer_bytes(&pin))
                                                   : report_end_of_validity(t);
    buffer_wipe(&pin);
    return done;
}

bool desk_client_forward(terminal *t, const command *chosen, outcome *done) {
    int fd = -1;
    const result code = connect_to_desk(t, &fd);
    if (code == RESULT_DENIED) {
        *done = report_denied(t);
        return true;
    }
    if (code != RESULT_OK)
        return false; /* the owner of the state folder is checked in core/local_store_file.c */
    *done = command_asks_for(chosen, &t->context.options) != ASKS_NOTHING ? converse_with_pin(t, chosen, &fd)
                                                                          : exchange(t, chosen, fd, bytes_of(NULL, 0));
    if (fd >= 0)
        close(fd);
    return true;
}
