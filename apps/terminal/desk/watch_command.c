/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "desk/watch_command.h"

#include "desk/desk_place.h"
#include "desk/desk_wire.h"
#include "desk/event_readers.h"

#include "base/clock.h"
#include "states/state_table.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define COMES_BACK_MS 30000 /* how long to wait for a daemon that is restarted */
#define TRY_AGAIN_NS 250000000
#define SILENT_MS (3 * EVENT_ALIVE_MS)
#define RUN_SIZE 32

typedef struct watching {
    report *report;
    const char *stream;
    bool from_now; /* no number is known yet */
    json_int_t number;
    char run[RUN_SIZE];
    outcome done;
} watching;

/* --- for people --------------------------------------------------------------------------------------------------- */

static void show(const watching *w, const json_t *event) {
    const char *word = json_string_value(json_object_get(event, "event"));
    const char *reason = json_string_value(json_object_get(event, "reason"));
    const char *phrase = json_string_value(json_object_get(event, "phrase"));
    const char *when = json_string_value(json_object_get(event, "at"));
    const state_row *row = state_named(reason != NULL ? reason : word != NULL ? word : "");
    char at[CLOCK_PEOPLE_SIZE] = "";
    int64_t seconds;
    buffer words = BUFFER_INIT(2048);
    if (when != NULL && clock_parse(when, &seconds) == RESULT_OK)
        clock_text_in_japan(seconds, at);
    if (row != NULL)
        report_append_words(&row->staff, event, &words);
    fprintf(w->report->out, "%lld %s %s %s\n", (long long)json_integer_value(json_object_get(event, "n")), at,
            word != NULL     ? word
            : phrase != NULL ? phrase
                             : "-",
            buffer_text(&words));
    buffer_wipe(&words);
}

/* --- one connection ----------------------------------------------------------------------------------------------- */

static void take_line(watching *w, const char *line) {
    json_t *event = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    const char *word = json_string_value(json_object_get(event, "event"));
    const json_t *number = json_object_get(event, "n");
    if (word != NULL && strcmp(word, "hello") == 0)
        snprintf(w->run, sizeof w->run, "%s", json_string_value(json_object_get(event, "run")));
    if (word != NULL && strcmp(word, "closed") == 0)
        w->done = report_failure(w->report, OUTCOME_REFUSED, "desk-denied",
                                 _("This user may not read these events of the desk."));
    if (json_is_integer(number)) {
        w->number = json_integer_value(number);
        w->from_now = false;
    }
    if (w->report->json)
        fprintf(w->report->out, "%s\n", line);
    else if (json_is_integer(number) || (word != NULL && strcmp(word, "gap") == 0))
        show(w, event);
    fflush(w->report->out);
    json_decref(event);
}

static bool ask(const watching *w, int fd) {
    json_t *request = w->from_now ? json_pack("{s:s}", "stream", w->stream)
                                  : json_pack("{s:s,s:I,s:s*}", "stream", w->stream, "since", w->number, "run",
                                              w->run[0] != 0 ? w->run : NULL);
    char *text = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;
    const bool sent = text != NULL && dprintf(fd, "%s\n", text) > 0;
    free(text);
    json_decref(request);
    return sent;
}

/* Returns when the daemon is gone or silent, or our output is closed. */
static void read_events(watching *w, int fd) {
    char text[2 * EVENT_LINE_SIZE];
    size_t length = 0;
    struct pollfd from = {fd, POLLIN, 0};
    while (w->done == OUTCOME_OK && !ferror(w->report->out) && poll(&from, 1, SILENT_MS) > 0) {
        if (length >= sizeof text - 1)
            return; /* no line of ours is so long */
        const ssize_t got = read(fd, text + length, sizeof text - 1 - length);
        if (got <= 0)
            return;
        length += (size_t)got;
        text[length] = 0;
        char *begin = text;
        for (char *end = strchr(begin, '\n'); end != NULL; end = strchr(begin, '\n')) {
            *end = 0;
            take_line(w, begin);
            begin = end + 1;
        }
        length = strlen(begin);
        memmove(text, begin, length + 1);
    }
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static outcome read_arguments(const options *o, watching *w) {
    char *end = NULL;
    event_stream stream = STREAM_STAFF;
    const bool known = o->argument_count == 0 || event_stream_named(o->arguments[0], &stream);
    w->stream = event_stream_name(stream);
    w->from_now = o->since == NULL;
    if (o->since != NULL)
        w->number = strtoll(o->since, &end, 10);
    if (!known || (o->since != NULL && (end == o->since || *end != 0 || w->number < 0)))
        return report_failure(w->report, OUTCOME_USAGE, "usage",
                              _("Say which events, staff or patient, and after which number: --since 12"));
    return OUTCOME_OK;
}

static outcome report_gone(report *r) {
    return report_failure(r, OUTCOME_INTERNAL, "desk", _("No daemon answers. Start it: systemctl start uketsuke"));
}

outcome watch_command(terminal *t) {
    watching w = {.report = &t->context.report, .done = OUTCOME_OK};
    char *desk = desk_socket_path(&t->context.configuration), path[PATH_MAX];
    const bool fits = desk != NULL && desk_event_socket_path(desk, path);
    int64_t seen_ms = 0; /* when there last was a daemon; 0: never */
    free(desk);
    w.done = fits ? read_arguments(&t->context.options, &w) : OUTCOME_INTERNAL;
    while (w.done == OUTCOME_OK && !ferror(w.report->out)) {
        int fd = -1;
        const result code = desk_wire_connect(path, &fd);
        if (code == RESULT_OK && ask(&w, fd)) {
            read_events(&w, fd);
            seen_ms = clock_monotonic_ms();
        } else if (seen_ms == 0 || clock_monotonic_ms() - seen_ms > COMES_BACK_MS) {
            w.done = report_gone(w.report);
        }
        if (fd >= 0)
            close(fd);
        if (w.done == OUTCOME_OK)
            nanosleep(&(struct timespec){.tv_nsec = TRY_AGAIN_NS}, NULL);
    }
    return w.done;
}
