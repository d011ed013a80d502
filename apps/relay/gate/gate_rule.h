/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* When the way to the services is open, and which of the hospital's hooks runs next. Arithmetic only: the time comes in as
 * an argument.
 *
 *   closed  ──health──>  open
 *   closed  ──pre-connect──>  connecting  ──health──>  open
 *   open, connecting  ──health fails──>  closed, post
 *
 * Only a health hook that has just succeeded opens it, and one that fails closes it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define GATE_LOOK_MS 1000       /* between two checks while the way is being connected */
#define GATE_PAUSE_MS 1000      /* after a failure, before it is tried again: doubled with each in a row, */
#define GATE_PAUSE_MAX_MS 60000 /* up to this */

typedef enum gate_state { GATE_CLOSED, GATE_CONNECTING, GATE_OPEN } gate_state;
typedef enum gate_hook { GATE_HEALTH, GATE_PRE_CONNECT, GATE_POST, GATE_HOOKS } gate_hook;

typedef struct gate_rule {
    /* as the configuration has it */
    bool pre_connects, posts; /* whether there is such a hook; there is always one for health */
    int64_t health_ms;        /* between two looks at an open way */
    int64_t connect_ms;       /* how long after pre-connect its health may take */
    /* {0}: closed, and nothing was tried yet */
    gate_state state;
    gate_hook next;
    int64_t due_ms;   /* when that is to run */
    int64_t until_ms; /* connecting: when it is given up */
    int failures;     /* in a row */
} gate_rule;

/* Whether the next hook must run now. */
bool gate_rule_is_due(const gate_rule *rule, int64_t now_ms);
/* The next hook has run: whether it has succeeded. */
void gate_rule_note(gate_rule *rule, bool good, int64_t now_ms);
/* Whether the hook post must run once more because the process ends. */
bool gate_rule_ends_with_post(const gate_rule *rule);
