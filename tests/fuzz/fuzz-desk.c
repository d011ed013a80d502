/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What comes over the daemon's socket: frames, and the request in them. */
#include "fuzz.h"

#include "desk/desk_request.h"
#include "desk/desk_wire.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A small command table: one row of each kind. */
static const command commands[] = {
    {.line.name = "reception", .resident = true},
    {.line.name = "login", .resident = true, .asks = ASKS_PIN},
    {.line.name = "visit", .resident = true, .asks = ASKS_SIGN_PIN},
    {.line.name = "anchors stage", .resident = true, .paths = true, .line.arguments = "FOLDER"},
    {.line.name = "serve"},
};

static const command_line_program program = {.name = "fuzz-desk",
                                             .commands = commands,
                                             .command_count = sizeof commands / sizeof *commands,
                                             .command_size = sizeof *commands};

const command *command_named(const char *name) {
    return (const command *)command_line_find(&program, name);
}

static void add_frame(buffer *seed, char type, const char *content) {
    const size_t length = strlen(content);
    const uint8_t head[] = {(uint8_t)type, 0, 0, (uint8_t)(length >> 8), (uint8_t)length};
    buffer_append(seed, BYTES(head));
    buffer_append(seed, bytes_of(content, length));
}

static void give(const char *name, const char *json, const char *pin, const char *sign_pin) {
    buffer seed = BUFFER_INIT(4096);
    add_frame(&seed, 'C', json);
    if (pin != NULL)
        add_frame(&seed, 'P', pin);
    if (sign_pin != NULL)
        add_frame(&seed, 'S', sign_pin);
    add_frame(&seed, '.', "");
    fuzz_give_seed(name, buffer_bytes(&seed));
    buffer_wipe(&seed);
}

int LLVMFuzzerInitialize(int *count, char ***arguments) {
    (void)count, (void)arguments;
    give("login", "{\"command\":\"login\",\"json\":true,\"language\":\"ja\",\"arguments\":[]}", "1234", NULL);
    give("before", "{\"command\":\"login\",\"beforePin\":true,\"arguments\":[]}", NULL, NULL);
    give("visit", "{\"command\":\"visit\",\"evidence\":\"0190e6a0-0000-7000-8000-000000000001\",\"arguments\":[]}",
         NULL, "ABC123");
    give("stage",
         "{\"command\":\"anchors stage\",\"output\":\"/tmp\",\"platformCvc\":\"x\",\"patientCard\":true,"
         "\"attached\":true,\"arguments\":[\"/new\"]}",
         NULL, NULL);
    return 0;
}

static void check_options(const desk_request *r, const command *chosen, const options *o) {
    FUZZ_REQUIRE(chosen->resident && command_named(chosen->line.name) == chosen);
    FUZZ_REQUIRE(chosen->asks != ASKS_PIN || o->before_pin || o->pin.length > 0);
    FUZZ_REQUIRE(chosen->asks != ASKS_SIGN_PIN || o->before_pin || o->sign_pin.length > 0);
    FUZZ_REQUIRE(o->pin.length <= DESK_REQUEST_PIN_MAX && o->sign_pin.length <= DESK_REQUEST_PIN_MAX);
    FUZZ_REQUIRE(o->pin_fd == -1 && o->sign_pin_fd == -1 && o->anchors == NULL && o->argument_count >= 0);
    for (int i = 0; i < o->argument_count; i++)
        FUZZ_REQUIRE(o->arguments[i] != NULL);
    FUZZ_REQUIRE(o->arguments[o->argument_count] == NULL && r->root != NULL);
}

/* As the desk reads it, never more than is wanted. */
static bool receive(int fd, desk_request *r) {
    uint8_t step[4096];
    result code = RESULT_OK;
    while (code == RESULT_OK && !r->whole) {
        const size_t wants = desk_request_wants(r);
        FUZZ_REQUIRE(wants > 0);
        const ssize_t got = recv(fd, step, wants < sizeof step ? wants : sizeof step, 0);
        code = got > 0 ? desk_request_take_bytes(r, bytes_of(step, (size_t)got)) : RESULT_UNAVAILABLE;
    }
    return code == RESULT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int ends[2];
    desk_request r = DESK_REQUEST_INIT;
    options o = {.configuration_path = "here"};
    FUZZ_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    if (send(ends[0], data, size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)size)
        size = 0;
    shutdown(ends[0], SHUT_WR);
    if (receive(ends[1], &r)) {
        desk_request_language(&r);
        const command *chosen = desk_request_take(&r, &o);
        if (chosen != NULL)
            check_options(&r, chosen, &o);
    }
    FUZZ_REQUIRE(strcmp(o.configuration_path, "here") == 0);
    desk_request_wipe(&r);
    close(ends[0]);
    close(ends[1]);
    return 0;
}
