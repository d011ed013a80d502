/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/relay_service.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define PER_MINUTE 600
#define ANSWER_S 10

static result read_se(relay_service *s, bool *complete) {
    const configuration *c = s->configuration;
    const relay_se_options options = {
        .module = configuration_need(c, "pkcs11", "module", complete),
        .reader = configuration_need(c, "se", "reader", complete),
        .pin_file = configuration_get(c, "se", "pin-file"),
        .answer_s = configuration_number(c, "se", "answer-seconds", ANSWER_S, 1, 600, complete),
        .store = s->store};
    s->desk = (relay_desk){.store = s->store, .reader = options.reader};
    return *complete ? relay_se_new(&options, &s->se) : RESULT_INVALID;
}

static result open_desk(relay_service *s, bool *complete) {
    const long per_minute = configuration_number(s->configuration, "limits", "uses-per-minute", PER_MINUTE, 1, 1000000,
                                                 complete);
    const unsigned per_second = (unsigned)((per_minute + 59) / 60);
    result code = *complete ? terminal_views_new(s->store, &s->views) : RESULT_INVALID;
    if (code == RESULT_OK)
        code = http_rate_new(per_second, (unsigned)per_minute, &s->rate);
    s->desk.se = s->se;
    s->desk.views = s->views;
    s->desk.rate = s->rate;
    return code;
}

static result open_parts(relay_service *s) {
    bool complete = true;
    const char *state = configuration_need(s->configuration, "relay", "state", &complete);
    s->control = relay_service_control(s->configuration);
    result code = complete && s->control != NULL ? relay_store_open(state, &s->store) : RESULT_INVALID;
    if (code == RESULT_OK)
        code = read_se(s, &complete);
    return code == RESULT_OK ? open_desk(s, &complete) : code;
}

char *relay_service_control(const configuration *c) {
    bool complete = true;
    const char *given = configuration_get(c, "relay", "control");
    const char *state = configuration_need(c, "relay", "state", &complete);
    return given != NULL ? strdup(given) : complete ? file_join(state, "relay.sock") : NULL;
}

result relay_service_open(const configuration *c, relay_service *out) {
    *out = (relay_service){.configuration = c};
    const result code = open_parts(out);
    if (code != RESULT_OK)
        relay_service_close(out);
    return code;
}

void relay_service_close(relay_service *s) {
    terminal_views_free(&s->views);
    http_rate_free(&s->rate);
    relay_se_free(&s->se);
    relay_store_close(&s->store);
    free(s->control);
    *s = (relay_service){0};
}
