/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/offline_limits.h"

#include "core/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 512

const char *const limit_names[LIMIT_COUNT] = {"offline-hours", "offline-count", "session-minutes", "idle-minutes"};

/* The design's default, and the maximum that administrators may decide. */
static const struct {
    long standard, max;
} bounds[LIMIT_COUNT] = {{72, 720}, {500, 1000000}, {480, 1440}, {10, 240}};

limits limits_default(void) {
    limits l;
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        l.value[i] = bounds[i].standard;
    return l;
}

static size_t index_of(const char *text, size_t length) {
    size_t i = 0;
    while (i < LIMIT_COUNT && (strlen(limit_names[i]) != length || memcmp(limit_names[i], text, length) != 0))
        i++;
    return i;
}

const char *limits_take(limits *l, const char *text) {
    char *end;
    const char *sign = strchr(text, '=');
    const size_t which = sign != NULL ? index_of(text, (size_t)(sign - text)) : LIMIT_COUNT;
    if (which == LIMIT_COUNT)
        return N_("there is no such limit; uketsuke limits show names them");
    errno = 0;
    const long value = strtol(sign + 1, &end, 10);
    if (errno != 0 || end == sign + 1 || *end != 0 || value < 1)
        return N_("a limit is a whole number of at least 1");
    if (value > bounds[which].max)
        return N_("value exceeds the maximum");
    l->value[which] = value;
    return NULL;
}

limits limits_strictest(const limits *decided, const limits *configured) {
    limits l = *decided;
    for (size_t i = 0; i < LIMIT_COUNT; i++)
        if (configured->value[i] != 0 && configured->value[i] < l.value[i])
            l.value[i] = configured->value[i];
    return l;
}

result limits_write(const limits *l, buffer *text) {
    result code = RESULT_OK;
    for (size_t i = 0; i < LIMIT_COUNT && code == RESULT_OK; i++)
        code = buffer_append_format(text, "%s%s=%ld", i > 0 ? " " : "", limit_names[i], l->value[i]);
    return code;
}

result limits_read(const char *text, limits *l) {
    char copy[TEXT_MAX], *rest = copy;
    if (strlen(text) >= sizeof copy)
        return RESULT_TOO_LONG;
    strcpy(copy, text);
    for (const char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        if (limits_take(l, word) != NULL)
            return RESULT_INVALID;
    return RESULT_OK;
}
