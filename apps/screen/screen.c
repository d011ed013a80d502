/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "screen.h"
#include "address_socket.h"
#include "admissions.h"
#include "feed.h"
#include "page_files.h"
#include "phrases.h"
#include "staff_commands.h"

#include "base/file.h"
#include "base/log.h"
#include "net/http_listen.h"
#include "net/http_local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_NAME "cookie.secret"
#define OK 200
#define NO_CONTENT 204
#define SEE_OTHER 303
#define BAD_REQUEST 400
#define FORBIDDEN 403
#define FAILED 500
#define ADDED_ROUTES 4 /* two streams, commands, the terminating row */
#define JSON "application/json"
#define STREAM_MAX ((size_t)64 * 1024)
#define PHRASES "/phrases/"
#define PHRASE_PATH_SIZE (sizeof PHRASES + PHRASE_NAME_SIZE)

struct screen {
    const screen_options *options;
    admissions *admissions;
    feed *patient, *staff;
    buffer files[PAGE_FILES];
    char phrase_paths[PHRASE_RECORDINGS][PHRASE_PATH_SIZE];
    http_local_route routes[PAGE_FILES + PHRASE_RECORDINGS + ADDED_ROUTES];
    http_local *server;
    address_socket address;
    int listener; /* of address_path */
    char *address_path;
};

/* --- who may ------------------------------------------------------------------------------------------------------ */

static bool may_enter(void *context, uid_t uid) {
    const screen *s = context;
    for (size_t i = 0; i < s->options->user_count; i++)
        if (s->options->users[i] == uid)
            return true;
    return false;
}

/* "staff" of "/staff" and "/staff/events"; NULL: of both. */
static const char *view_of(const char *path) {
    static const char *const names[] = {"staff", "patient"};
    for (size_t i = 0; i < 2; i++) {
        const size_t length = strlen(names[i]);
        if (strncmp(path + 1, names[i], length) == 0 && (path[length + 1] == 0 || path[length + 1] == '/'))
            return names[i];
    }
    return NULL;
}

/* Whether this browser is admitted to the view of the path. */
static bool is_in(const screen *s, const http_local_request *request, http_local_reply *reply) {
    const char *view = view_of(request->path);
    if (view == NULL || admissions_know(s->admissions, view, request->uid, request->cookie))
        return true;
    reply->status = FORBIDDEN;
    reply->content_type = "text/html; charset=utf-8";
    buffer_append_text(
        &reply->body,
        "<!DOCTYPE html><html lang=\"ja\"><title>受付 / Reception</title><h1>この画面は開けません</h1>"
        "<p>受付の画面を、開くためのアイコンからもう一度開いてください。</p>"
        "<p lang=\"en\">This page cannot be opened here. Open the screen again from its icon.</p></html>");
    return false;
}

/* --- handlers ----------------------------------------------------------------------------------------------------- */

/* Answers an address with a key: sets the cookie and redirects to the address without the key. */
static bool lets_in(const screen *s, const http_local_request *request, http_local_reply *reply) {
    const char *view = view_of(request->path);
    if (view == NULL || *request->key == 0 ||
        admissions_enter(s->admissions, view, request->uid, request->key, reply->cookie) != RESULT_OK)
        return false;
    reply->status = SEE_OTHER;
    reply->location = request->path;
    return true;
}

static void send_file(void *context, const http_local_request *request, http_local_reply *reply) {
    const screen *s = context;
    if (lets_in(s, request, reply) || !is_in(s, request, reply))
        return;
    for (size_t i = 0; i < PAGE_FILES; i++)
        if (strcmp(page_files[i].path, request->path) == 0) {
            reply->status = OK;
            reply->content_type = page_files[i].type;
            buffer_append(&reply->body, buffer_bytes(&s->files[i]));
        }
}

/* Read for each request, so that a replaced recording is used at once. A missing one is no failure. */
static void send_phrase(void *context, const http_local_request *request, http_local_reply *reply) {
    const screen *s = context;
    buffer recording = BUFFER_INIT(PHRASE_BYTES_MAX);
    const result code = phrase_read(s->options->phrases, request->path + strlen(PHRASES), &recording);
    if (code != RESULT_OK && code != RESULT_NOT_FOUND)
        log_warning("the recording %s: %s", request->path, result_text(code));
    reply->status = code == RESULT_OK ? OK : NO_CONTENT;
    if (code == RESULT_OK) {
        reply->content_type = "audio/wav";
        buffer_append(&reply->body, buffer_bytes(&recording));
    }
    buffer_wipe(&recording);
}

static void do_command(void *context, const http_local_request *request, http_local_reply *reply) {
    const screen *s = context;
    if (!is_in(s, request, reply))
        return;
    const result code = staff_command(s->options->desk, request->body, &reply->body);
    reply->status = code == RESULT_OK ? OK : code == RESULT_INVALID ? BAD_REQUEST : FAILED;
    reply->content_type = JSON;
}

/* --- streams of events (Server-Sent Events, HTML Living Standard 9.2) -------------------------------------------------- */

typedef struct watcher {
    const screen *screen;
    feed *feed;
    unsigned long version;
    buffer waiting;
    size_t sent;
} watcher;

static void say(watcher *w) {
    buffer_clear(&w->waiting);
    w->sent = 0;
    buffer_append_text(&w->waiting, "data: ");
    if (feed_wait(w->feed, &w->version, &w->waiting) != RESULT_OK) {
        buffer_clear(&w->waiting);
        buffer_append_text(&w->waiting, "event: alive\ndata: 1");
    }
    buffer_append_text(&w->waiting, "\n\n");
}

static size_t next_part(void *stream, char *out, size_t max) {
    watcher *w = stream;
    if (http_local_is_ending(w->screen->server))
        return 0;
    if (w->sent == w->waiting.length)
        say(w);
    const size_t rest = w->waiting.length - w->sent, length = rest < max ? rest : max;
    memcpy(out, w->waiting.data + w->sent, length);
    w->sent += length;
    return length;
}

static void end_watcher(void *stream) {
    watcher *w = stream;
    buffer_wipe(&w->waiting);
    free(w);
}

static void send_events(void *context, const http_local_request *request, http_local_reply *reply) {
    const screen *s = context;
    if (!is_in(s, request, reply))
        return;
    watcher *w = malloc(sizeof *w);
    reply->status = w != NULL ? OK : FAILED;
    if (w == NULL)
        return;
    *w = (watcher){.screen = s,
                   .feed = strcmp(view_of(request->path), "staff") == 0 ? s->staff : s->patient,
                   .waiting = BUFFER_INIT(STREAM_MAX)};
    buffer_append_text(&w->waiting, "retry: 500\n\n");
    reply->content_type = "text/event-stream; charset=utf-8";
    reply->source = next_part;
    reply->close = end_watcher;
    reply->stream = w;
}

/* --- beginning and end -------------------------------------------------------------------------------------------- */

static void make_routes(screen *s) {
    http_local_route *row = s->routes;
    for (size_t i = 0; i < PAGE_FILES; i++)
        *row++ = (http_local_route){"GET", page_files[i].path, send_file, NULL, 0};
    for (size_t i = 0; i < PHRASE_RECORDINGS; i++) {
        char name[PHRASE_NAME_SIZE];
        phrase_name(i, name);
        snprintf(s->phrase_paths[i], PHRASE_PATH_SIZE, PHRASES "%s", name);
        *row++ = (http_local_route){"GET", s->phrase_paths[i], send_phrase, NULL, 0};
    }
    *row++ = (http_local_route){"GET", "/patient/events", send_events, NULL, 0};
    *row++ = (http_local_route){"GET", "/staff/events", send_events, NULL, 0};
    *row = (http_local_route){"POST", "/staff/do", do_command, NULL, STAFF_BODY_MAX};
}

static result listen_for_addresses(screen *s) {
    s->address_path = file_join(s->options->folder, ADDRESS_SOCKET_NAME);
    if (s->address_path == NULL)
        return RESULT_NO_MEMORY;
    const result code = http_listen_unix(s->address_path, &s->listener);
    if (code == RESULT_OK && chmod(s->address_path, 0666) != 0) /* each peer is checked */
        return RESULT_IO;
    s->address = (address_socket){s->admissions, http_local_port(s->server), may_enter, s};
    return code;
}

static result open_admissions(screen *s) {
    char *path = file_join(s->options->folder, SECRET_NAME);
    const result code = path != NULL ? admissions_open(path, &s->admissions) : RESULT_NO_MEMORY;
    free(path);
    return code;
}

static result begin(screen *s) {
    result code = page_files_read(s->options->pages, s->files);
    if (code == RESULT_OK)
        code = open_admissions(s);
    if (code == RESULT_OK)
        code = feed_start(&patient_view, s->options->desk, &s->patient);
    if (code == RESULT_OK)
        code = feed_start(&staff_view, s->options->desk, &s->staff);
    if (code != RESULT_OK)
        return code;
    make_routes(s);
    const http_local_options options = {
        .port = s->options->port, .routes = s->routes, .may_connect = may_enter, .context = s};
    code = http_local_start(&options, &s->server);
    return code == RESULT_OK ? listen_for_addresses(s) : code;
}

result screen_start(const screen_options *options, screen **out) {
    screen *s = *out = calloc(1, sizeof *s);
    if (s == NULL)
        return RESULT_NO_MEMORY;
    s->options = options;
    s->listener = -1;
    const result code = begin(s);
    if (code != RESULT_OK)
        screen_stop(out);
    return code;
}

uint16_t screen_port(const screen *s) {
    return http_local_port(s->server);
}

int screen_descriptor(const screen *s) {
    return s->listener;
}

void screen_answer_address(const screen *s) {
    const int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        address_socket_answer(&s->address, fd);
}

void screen_stop(screen **s) {
    screen *mine = *s;
    if (mine == NULL)
        return;
    if (mine->listener >= 0) {
        unlink(mine->address_path);
        close(mine->listener);
    }
    http_local_stop(&mine->server);
    feed_end(&mine->patient);
    feed_end(&mine->staff);
    admissions_free(&mine->admissions);
    for (size_t i = 0; i < PAGE_FILES; i++)
        buffer_wipe(&mine->files[i]);
    free(mine->address_path);
    free(mine);
    *s = NULL;
}
