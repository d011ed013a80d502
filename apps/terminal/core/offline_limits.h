/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Limits: duration and number of offline receptions, duration of a session. In force is what two administrators have
 * decided (administration/limits_commands.c; sealed in the local store), else the defaults of the design; the
 * configuration file can only be stricter, so that editing the file alone cannot raise a limit. */
#pragma once

#include "base/buffer.h"

#include <stdbool.h>

typedef enum limit {
    LIMIT_OFFLINE_HOURS,
    LIMIT_OFFLINE_COUNT,
    LIMIT_SESSION_MINUTES,
    LIMIT_IDLE_MINUTES,
    LIMIT_COUNT
} limit;

typedef struct limits {
    long value[LIMIT_COUNT]; /* 0: not set */
} limits;

extern const char *const limit_names[LIMIT_COUNT]; /* as in the configuration's [limits] and on the command line */

/* The defaults of the design, each with a value. */
limits limits_default(void);
/* "name=value", one change. Returns NULL, or what is wrong with it, marked with N_(). */
const char *limits_take(limits *l, const char *text);
/* For each limit the stricter value of those that are set. */
limits limits_strictest(const limits *decided, const limits *configured);

/* As kept in the store: changes separated by blanks. */
result limits_write(const limits *l, buffer *text);
result limits_read(const char *text, limits *l);
