/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a client may say to the daemon, and what of it is refused: frames, their lengths and order, commands that are not
 * the daemon's, PINs. */
#include "desk/desk_request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* In place of the table of commands. */
static const command known[] = {
    {.line = {.name = "status"}, .resident = true},
    {.line = {.name = "login"}, .resident = true, .asks = ASKS_PIN},
    {.line = {.name = "visit"}, .resident = true, .asks = ASKS_SIGN_PIN},
    {.line = {.name = "show", .arguments = "NUMBER"}, .resident = true},
    {.line = {.name = "export", .arguments = "FOLDER"}, .resident = true, .paths = true},
    {.line = {.name = "write"}, .resident = true, .writes_files = true},
    {.line = {.name = "serve"}},
};

const command *command_named(const char *name) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].line.name, name) == 0)
            return &known[i];
    return NULL;
}

/* --- frames ------------------------------------------------------------------------------------------------------- */

static result send(desk_request *r, char type, const void *content, size_t length) {
    const uint8_t head[] = {(uint8_t)type, (uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                            (uint8_t)length};
    const result code = desk_request_take_bytes(r, BYTES(head));
    return code == RESULT_OK && length > 0 ? desk_request_take_bytes(r, bytes_of(content, length)) : code;
}

/* Words of the form "TYPE CONTENT". */
static result send_all(desk_request *r, const char *const *frames) {
    result code = RESULT_OK;
    for (; code == RESULT_OK && *frames != NULL; frames++)
        code = send(r, **frames, *frames + 1, strlen(*frames + 1));
    return code;
}

#define STATUS "C{\"command\":\"status\",\"arguments\":[]}"
#define LOGIN "C{\"command\":\"login\",\"arguments\":[]}"

static void frames_come_once_and_in_order(void **state) {
    static const struct {
        const char *frames[6];
        result wanted;
        bool whole;
    } rows[] = {
        {{STATUS}, RESULT_OK, false},
        {{STATUS, "."}, RESULT_OK, true},
        {{LOGIN, "P1234", "."}, RESULT_OK, true},
        {{LOGIN, "P1234", "SABC123", "."}, RESULT_OK, true},
        {{STATUS, STATUS}, RESULT_INVALID, false}, /* the second would run with what the first was checked for */
        {{LOGIN, "P1234", "P5678"}, RESULT_INVALID, false},
        {{LOGIN, "SABC123", "SABC124"}, RESULT_INVALID, false},
        {{"P1234", LOGIN, "."}, RESULT_OK, true}, /* in any order */
        {{"."}, RESULT_INVALID, false},
        {{"C[]"}, RESULT_INVALID, false},
        {{"C{"}, RESULT_INVALID, false},
        {{"C{\"command\":\"status\",\"command\":\"login\"}"}, RESULT_INVALID, false},
        {{"X"}, RESULT_INVALID, false},
        {{STATUS, ".x"}, RESULT_TOO_LONG, false},
        {{STATUS, ".", STATUS}, RESULT_INVALID, true}, /* nothing is read behind the end */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        desk_request r = DESK_REQUEST_INIT;
        if (send_all(&r, rows[i].frames) != rows[i].wanted || r.whole != rows[i].whole)
            fail_msg("row %zu", i);
        desk_request_wipe(&r);
    }
}

/* Refused by its head, before any of it is waited for. */
static void a_frame_has_a_limit(void **state) {
    static const struct {
        char type;
        size_t most;
    } rows[] = {{'C', DESK_REQUEST_MAX}, {'P', DESK_REQUEST_PIN_MAX}, {'S', DESK_REQUEST_PIN_MAX}, {'.', 0}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t more = 0; more <= 1; more++) {
            desk_request r = DESK_REQUEST_INIT;
            const size_t n = rows[i].most + more;
            const uint8_t head[] = {(uint8_t)rows[i].type, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
                                    (uint8_t)n};
            assert_int_equal(send(&r, 'C', STATUS + 1, strlen(STATUS + 1)), RESULT_OK);
            assert_int_equal(desk_request_take_bytes(&r, BYTES(head)), more != 0 ? RESULT_TOO_LONG : RESULT_OK);
            assert_int_equal(desk_request_wants(&r), more != 0 || n == 0 ? desk_request_wants(&r) : n);
            desk_request_wipe(&r);
        }
}

/* No more than was asked for is taken. */
static void more_than_wanted_is_refused(void **state) {
    desk_request r = DESK_REQUEST_INIT;
    (void)state;
    assert_int_equal(desk_request_wants(&r), 5);
    assert_int_equal(desk_request_take_bytes(&r, bytes_of("C\0\0\0\2{", 6)), RESULT_INVALID);
    desk_request_wipe(&r);
}

/* --- what it says ------------------------------------------------------------------------------------------------- */

static const command *taken(const char *const *frames) {
    desk_request r = DESK_REQUEST_INIT;
    options o = {0};
    assert_int_equal(send_all(&r, frames), RESULT_OK);
    const command *chosen = desk_request_take(&r, &o);
    if (chosen != NULL) {
        assert_int_equal(o.pin_fd, -1); /* never one of the daemon's own */
        assert_int_equal(o.sign_pin_fd, -1);
    }
    desk_request_wipe(&r);
    return chosen;
}

static void what_is_not_the_daemons_is_not_run(void **state) {
    static const struct {
        const char *frames[5];
        const char *chosen; /* "": refused */
    } rows[] = {
        {{STATUS, "."}, "status"},
        {{LOGIN, "P1234", "."}, "login"},
        {{LOGIN, "."}, ""},
        {{LOGIN, "SABC123", "."}, ""}, /* the other PIN is none */
        {{"C{\"command\":\"visit\",\"arguments\":[]}", "P1234", "."}, ""},
        {{"C{\"command\":\"visit\",\"arguments\":[]}", "SABC123", "."}, "visit"},
        {{"C{\"command\":\"login\",\"arguments\":[],\"beforePin\":true}", "."}, "login"},
        {{"C{\"command\":\"login\",\"arguments\":[],\"beforePin\":\"yes\"}", "."}, ""},
        {{"C{\"command\":\"serve\",\"arguments\":[]}", "."}, ""}, /* takes readers and socket for itself */
        {{"C{\"command\":\"nothing\",\"arguments\":[]}", "."}, ""},
        {{"C{\"command\":7,\"arguments\":[]}", "."}, ""},
        {{"C{\"arguments\":[]}", "."}, ""},
        {{"C{\"command\":\"show\",\"arguments\":[\"1\"]}", "."}, "show"},
        {{"C{\"command\":\"show\",\"arguments\":[]}", "."}, ""},
        {{"C{\"command\":\"show\",\"arguments\":[\"1\",\"2\"]}", "."}, ""},
        {{"C{\"command\":\"show\",\"arguments\":[1]}", "."}, ""},
        {{"C{\"command\":\"show\",\"arguments\":[null]}", "."}, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const command *chosen = taken(rows[i].frames);
        if (strcmp(chosen != NULL ? chosen->line.name : "", rows[i].chosen) != 0)
            fail_msg("%s: %s", rows[i].frames[0], chosen != NULL ? chosen->line.name : "refused");
    }
}

static void a_request_is_taken_once(void **state) {
    static const char *const frames[] = {STATUS, ".", NULL};
    desk_request r = DESK_REQUEST_INIT;
    options o = {0};
    (void)state;
    assert_int_equal(send_all(&r, frames), RESULT_OK);
    assert_non_null(desk_request_take(&r, &o));
    assert_null(desk_request_take(&r, &o));
    desk_request_wipe(&r);
}

typedef struct question {
    const char *request;
    bool answer;
} question;

static void ask_each(const question *rows, size_t count, bool (*ask)(const desk_request *)) {
    for (size_t i = 0; i < count; i++) {
        desk_request r = DESK_REQUEST_INIT;
        assert_int_equal(send(&r, 'C', rows[i].request, strlen(rows[i].request)), RESULT_OK);
        if (ask(&r) != rows[i].answer)
            fail_msg("%s", rows[i].request);
        desk_request_wipe(&r);
    }
}

/* The daemon opens no file for another user. */
static void files_are_seen(void **state) {
    static const question rows[] = {
        {"{\"command\":\"status\",\"arguments\":[]}", false},
        {"{\"command\":\"export\",\"arguments\":[\"/a\"]}", true},
        {"{\"command\":\"write\",\"arguments\":[]}", true},
        {"{\"command\":\"status\",\"arguments\":[],\"output\":\"/a\"}", true},
    };
    (void)state;
    ask_each(rows, sizeof rows / sizeof *rows, desk_request_names_files);
}

/* What is asked before a PIN receives nobody. */
static void a_reception_is_known(void **state) {
    static const question rows[] = {
        {"{\"command\":\"reception\",\"arguments\":[]}", true},
        {"{\"command\":\"reception\",\"arguments\":[],\"beforePin\":false}", true},
        {"{\"command\":\"reception\",\"arguments\":[],\"beforePin\":true}", false},
        {"{\"command\":\"reception paper\",\"arguments\":[]}", false},
    };
    (void)state;
    ask_each(rows, sizeof rows / sizeof *rows, desk_request_receives);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_once_and_in_order), cmocka_unit_test(a_frame_has_a_limit),
        cmocka_unit_test(more_than_wanted_is_refused),   cmocka_unit_test(what_is_not_the_daemons_is_not_run),
        cmocka_unit_test(a_request_is_taken_once),       cmocka_unit_test(files_are_seen),
        cmocka_unit_test(a_reception_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
