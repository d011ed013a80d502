/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service-calls.h"

#include "fhir/json.h"

#include "base/log.h"

#include <string.h>
#include <unistd.h>

#define REPLY_MAX (8 * 1024 * 1024)

configuration *service_configuration(const char *lines) {
    configuration *c = NULL;
    char *text = NULL, path[256];
    const char *folder = getenv("TMPDIR");
    FUZZ_REQUIRE(folder != NULL);
    log_open("fuzz", LOG_ERROR, NULL); /* refusals are what is wanted here */
    snprintf(path, sizeof path, "%s/service-%d.conf", folder, (int)getpid());
    FUZZ_REQUIRE(asprintf(&text, "[trust]\nanchors = @anchors\n%s", lines) > 0);
    FILE *file = fopen(path, "we");
    FUZZ_REQUIRE(file != NULL);
    for (const char *next = text; *next != 0; next++)
        fprintf(file, "%.*s%s", *next != '@' && *next != '~', next,
                *next == '@'   ? fuzz_office("")
                : *next == '~' ? folder
                               : "");
    FUZZ_REQUIRE(fclose(file) == 0 && configuration_read(path, &c) == RESULT_OK);
    free(text);
    return c;
}

static void check_reply(const http_reply *reply) {
    static const int statuses[] = {200, 201, 400, 403, 404, 409, 413, 422, 429, 503};
    fhir_problem problem = {""};
    bool known = false;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        known |= reply->status == statuses[i];
    FUZZ_REQUIRE(known);
    json_t *root = fhir_parse(buffer_bytes(&reply->body), &problem);
    FUZZ_REQUIRE(root != NULL);
    const json_t *words = fhir_at(root, "issue.0.details.text");
    FUZZ_REQUIRE(reply->status < 300 || (json_is_string(words) && json_string_length(words) > 0));
    json_decref(root);
}

void service_call(const http_route *route, void *context, bytes body, http_reply *reply) {
    static const http_peer peer = {.institution_code = "1312345678", .terminal_id = "T-01"};
    uint8_t *copy = fuzz_copy(body);
    const http_request request = {route->method, route->path, "application/fhir+json", bytes_of(copy, body.length),
                                  &peer};
    *reply = (http_reply){.body = BUFFER_INIT(REPLY_MAX), .signature = BUFFER_INIT(65536)};
    route->handler(context, &request, reply);
    free(copy);
    check_reply(reply);
}

void service_forget(http_reply *reply) {
    buffer_wipe(&reply->body);
    buffer_wipe(&reply->signature);
}
