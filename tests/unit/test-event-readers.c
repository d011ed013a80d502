/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The socket of events by itself: who may read which stream, what a request must be, what is told of another run, and
 * how many have a place. Who the other end is, is written here, in the C library's place. */
#include "desk/desk_wire.h"
#include "desk/event_readers.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#define OTHER 65531
#define SCREEN 65530
#define GROUP 65532
#define ANSWER_S 60
#define NOBODY_TOLD ""

/* Of whoever connects; the thread of the readers asks. */
static atomic_uint peer_uid, peer_group;
static atomic_bool kernel_is_silent;

int getsockopt(int fd, int level, int name, void *value, socklen_t *length) {
    if (name != SO_PEERCRED && name != SO_PEERGROUPS)
        return (int)syscall(SYS_getsockopt, fd, level, name, value, length);
    if (atomic_load(&kernel_is_silent)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (name == SO_PEERCRED)
        *(struct ucred *)value = (struct ucred){.pid = 1, .uid = atomic_load(&peer_uid), .gid = 1};
    else
        *(gid_t *)value = atomic_load(&peer_group);
    *length = name == SO_PEERCRED ? sizeof(struct ucred) : sizeof(gid_t);
    return 0;
}

/* How much later it is than the clock says; the thread of the readers asks. */
static _Atomic int64_t later_ms;

int64_t __wrap_clock_monotonic_ms(void);
int64_t __real_clock_monotonic_ms(void);

int64_t __wrap_clock_monotonic_ms(void) {
    return __real_clock_monotonic_ms() + atomic_load(&later_ms);
}

typedef struct fixture {
    char folder[32], path[64];
    events *events;
    event_readers *readers;
} fixture;

static void be(uid_t uid, gid_t group) {
    atomic_store(&peer_uid, uid);
    atomic_store(&peer_group, group);
}

static void begin(fixture *f, event_rights rights) {
    int listener;
    snprintf(f->folder, sizeof f->folder, "/tmp/test-event-readers.XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/sock", f->folder);
    be(geteuid(), 1);
    assert_int_equal(desk_wire_listen(f->path, DESK_NO_GROUP, &listener), RESULT_OK);
    assert_non_null(f->events = events_new());
    assert_int_equal(event_readers_start(f->events, listener, rights, &f->readers), RESULT_OK);
}

static void end(fixture *f) {
    event_readers_end(&f->readers);
    events_free(&f->events);
    unlink(f->path);
    rmdir(f->folder);
}

static int connect_to(const fixture *f) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval timeout = {.tv_sec = ANSWER_S};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", f->path);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* The next line that is no sign of life; "" when the other side has closed. */
static const char *line_of(int fd) {
    static char line[EVENT_LINE_SIZE + 1];
    size_t length = 0;
    ssize_t got = 1;
    do {
        length = 0;
        while (length + 1 < sizeof line && (got = recv(fd, line + length, 1, 0)) == 1 && line[length] != '\n')
            length++;
        line[length] = 0;
    } while (strstr(line, "\"alive\"") != NULL);
    if (got < 0 && errno == EAGAIN) /* the time of SO_RCVTIMEO: that is no end */
        fail_msg("nothing comes, and the other side has not closed");
    return line;
}

static int ask(const fixture *f, const char *request) {
    const int fd = connect_to(f);
    if (send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
        assert_int_equal(errno, EPIPE); /* turned away already */
    return fd;
}

static void expect(const fixture *f, const char *request, const char *answer) {
    const int fd = ask(f, request);
    const char *line = line_of(fd);
    if (*answer == 0 ? *line != 0 : strstr(line, answer) == NULL)
        fail_msg("%s: %s, not %s", request, line, answer);
    if (strstr(line, "\"closed\"") != NULL)
        assert_string_equal(line_of(fd), ""); /* and it is */
    close(fd);
}

#define PATIENT "{\"stream\":\"patient\"}\n"
#define STAFF "{\"stream\":\"staff\"}\n"
#define DENIED "\"closed\",\"reason\":\"desk-denied\""
#define NO_REQUEST "\"closed\",\"reason\":\"desk-request\""

static void everybody_reads_what_is_theirs(void **state) {
    static const struct {
        uid_t uid;
        gid_t group;
        const char *patient, *staff;
    } rows[] = {
        {OTHER, GROUP, "\"hello\",\"stream\":\"patient\"", "\"hello\",\"stream\":\"staff\""},
        {OTHER, 1, NOBODY_TOLD, NOBODY_TOLD},
        {SCREEN, 1, "\"hello\",\"stream\":\"patient\"", DENIED},
        {SCREEN, GROUP, "\"hello\",\"stream\":\"patient\"", DENIED}, /* also as a member */
    };
    fixture f;
    (void)state;
    begin(&f, (event_rights){.group = GROUP, .has_screen = true, .screen_user = SCREEN});
    expect(&f, PATIENT, "\"hello\",\"stream\":\"patient\""); /* the daemon's user */
    expect(&f, STAFF, "\"hello\",\"stream\":\"staff\"");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        be(rows[i].uid, rows[i].group);
        expect(&f, PATIENT, rows[i].patient);
        expect(&f, STAFF, rows[i].staff);
    }
    atomic_store(&kernel_is_silent, true);
    expect(&f, PATIENT, NOBODY_TOLD);
    atomic_store(&kernel_is_silent, false);
    end(&f);
}

static void without_a_screen_its_user_is_a_stranger(void **state) {
    fixture f;
    (void)state;
    begin(&f, (event_rights){.group = DESK_NO_GROUP, .screen_user = SCREEN});
    be(SCREEN, DESK_NO_GROUP);
    expect(&f, PATIENT, NOBODY_TOLD);
    end(&f);
}

static void what_is_no_request_is_refused(void **state) {
    static const char *const wrong[] = {"garbage\n",
                                        "\n",
                                        "[]\n",
                                        "{}\n",
                                        "{\"stream\":\"doctors\"}\n",
                                        "{\"stream\":1}\n",
                                        "{\"stream\":\"patient\",\"stream\":\"staff\"}\n",
                                        "{\"stream\":\"staff\",\"since\":-1}\n",
                                        "{\"stream\":\"staff\",\"since\":\"1\"}\n",
                                        "{\"stream\":\"staff\",\"since\":1.5}\n"};
    char endless[EVENT_REQUEST_SIZE + 1];
    fixture f;
    (void)state;
    begin(&f, (event_rights){.group = DESK_NO_GROUP});
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect(&f, wrong[i], NO_REQUEST);
    memset(endless, ' ', sizeof endless - 1);
    endless[sizeof endless - 1] = 0;
    expect(&f, endless, NO_REQUEST);
    end(&f);
}

static void numbers_count_in_their_run(void **state) {
    char request[EVENT_REQUEST_SIZE];
    fixture f;
    (void)state;
    begin(&f, (event_rights){.group = DESK_NO_GROUP});
    for (int i = 0; i < 3; i++)
        events_tell(f.events, "card-seen", NULL, NULL);
    int fd = ask(&f, "{\"stream\":\"staff\",\"since\":2}\n");
    assert_non_null(strstr(line_of(fd), "\"newest\":3"));
    assert_non_null(strstr(line_of(fd), "{\"n\":3,"));
    events_tell(f.events, "card-gone", NULL, NULL); /* which comes without being asked for again */
    assert_non_null(strstr(line_of(fd), "{\"n\":4,"));
    close(fd);
    snprintf(request, sizeof request, "{\"stream\":\"staff\",\"since\":3,\"run\":\"%s\"}\n", events_run(f.events));
    fd = ask(&f, request);
    assert_non_null(strstr(line_of(fd), "hello"));
    assert_non_null(strstr(line_of(fd), "{\"n\":4,"));
    close(fd);
    fd = ask(&f, "{\"stream\":\"staff\",\"since\":3,\"run\":\"0000\"}\n"); /* all of this run was missed */
    assert_non_null(strstr(line_of(fd), "hello"));
    assert_non_null(strstr(line_of(fd), "{\"event\":\"gap\",\"from\":1}"));
    assert_non_null(strstr(line_of(fd), "{\"n\":1,"));
    close(fd);
    fd = ask(&f, STAFF); /* only what comes */
    assert_non_null(strstr(line_of(fd), "hello"));
    events_tell(f.events, "card-seen", NULL, NULL);
    assert_non_null(strstr(line_of(fd), "{\"n\":5,"));
    close(fd);
    end(&f);
}

static void places_are_few_and_become_free(void **state) {
    int fds[EVENT_READERS_MAX];
    fixture f;
    (void)state;
    begin(&f, (event_rights){.group = DESK_NO_GROUP});
    for (size_t i = 0; i < EVENT_READERS_MAX; i++) {
        fds[i] = ask(&f, STAFF);
        assert_non_null(strstr(line_of(fds[i]), "hello"));
    }
    expect(&f, STAFF, NOBODY_TOLD);
    for (size_t i = 0; i < EVENT_READERS_MAX; i++)
        close(fds[i]);
    int fd = ask(&f, STAFF);
    while (strstr(line_of(fd), "hello") == NULL) { /* until it is noticed that they are gone */
        close(fd);
        fd = ask(&f, STAFF);
    }
    close(fd);
    end(&f);
}

/* Whoever never asks, or takes nothing, has a place for a minute. */
static void who_does_nothing_loses_the_place(void **state) {
    char byte;
    fixture f;
    (void)state;
    atomic_store(&later_ms, 0);
    begin(&f, (event_rights){.group = DESK_NO_GROUP});
    const int silent = connect_to(&f), awake = ask(&f, STAFF);
    assert_non_null(strstr(line_of(awake), "hello"));
    atomic_store(&later_ms, EVENT_STALLED_MS / 2);
    events_tell(f.events, "card-seen", NULL, NULL); /* its thread has looked at all of them when this has come */
    assert_non_null(strstr(line_of(awake), "{\"n\":1,"));
    assert_int_equal(recv(silent, &byte, 1, MSG_DONTWAIT), -1);
    atomic_store(&later_ms, EVENT_STALLED_MS + 1000);
    events_tell(f.events, "card-gone", NULL, NULL);
    assert_int_equal(recv(silent, &byte, 1, 0), 0);
    assert_non_null(strstr(line_of(awake), "{\"n\":2,"));
    close(silent);
    close(awake);
    end(&f);
    atomic_store(&later_ms, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_reads_what_is_theirs), cmocka_unit_test(without_a_screen_its_user_is_a_stranger),
        cmocka_unit_test(what_is_no_request_is_refused),  cmocka_unit_test(numbers_count_in_their_run),
        cmocka_unit_test(places_are_few_and_become_free), cmocka_unit_test(who_does_nothing_loses_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
