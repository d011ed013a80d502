/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "main/gate_settings.h"

#include "base/log.h"

#define HOOK_S 10
#define HEALTH_S 5
#define CONNECT_S 30

static const char *const keys[GATE_HOOKS] = {
    [GATE_HEALTH] = "health", [GATE_PRE_CONNECT] = "pre-connect", [GATE_POST] = "post"};

bool gate_settings_are_given(const configuration *c) {
    bool given = false;
    for (size_t i = 0; i < GATE_HOOKS; i++)
        given |= configuration_get(c, "gate", keys[i]) != NULL;
    return given;
}

static void check_path(const configuration *c, gate_hook hook, connection_gate_options *out, bool *complete) {
    const char *path = configuration_get(c, "gate", keys[hook]);
    out->hooks[hook] = path;
    if (path == NULL || *path == '/')
        return;
    log_error("[gate] %s = %s: the absolute path of a program, without arguments, is needed", keys[hook], path);
    *complete = false;
}

/* The health hook is required: nothing else opens the gate. */
result gate_settings_read(const configuration *c, connection_gate_options *out) {
    bool complete = true;
    *out = (connection_gate_options){
        .timeout_ms = 1000 * configuration_number(c, "gate", "hook-seconds", HOOK_S, 1, 300, &complete),
        .health_ms = 1000 * configuration_number(c, "gate", "health-seconds", HEALTH_S, 1, 3600, &complete),
        .connect_ms = 1000 * configuration_number(c, "gate", "connect-seconds", CONNECT_S, 1, 600, &complete)};
    configuration_need(c, "gate", "health", &complete);
    for (size_t i = 0; i < GATE_HOOKS; i++)
        check_path(c, (gate_hook)i, out, &complete);
    return complete ? RESULT_OK : RESULT_INVALID;
}
