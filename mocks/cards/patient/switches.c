/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "switches.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *line;
    size_t member;
    bool value;
} lines[] = {
    {"reselect clear", offsetof(card_switches, reselect_keeps), false},
    {"reselect keep", offsetof(card_switches, reselect_keeps), true},
    {"transmission t1", offsetof(card_switches, t0), false},
    {"transmission t0", offsetof(card_switches, t0), true},
    {"extended on", offsetof(card_switches, no_extended), false},
    {"extended off", offsetof(card_switches, no_extended), true},
    {"user-certificate there", offsetof(card_switches, no_certificate), false},
    {"user-certificate gone", offsetof(card_switches, no_certificate), true},
    {"chaining off", offsetof(card_switches, chaining), false},
    {"chaining on", offsetof(card_switches, chaining), true},
    {"empty-verify tries", offsetof(card_switches, empty_verify_tells), false},
    {"empty-verify state", offsetof(card_switches, empty_verify_tells), true},
    {"contact-atr everywhere", offsetof(card_switches, atr_inside_only), false},
    {"contact-atr applications", offsetof(card_switches, atr_inside_only), true},
};

static bool take_line(bytes line, card_switches *switches) {
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (!bytes_equal(line, bytes_of(lines[i].line, strlen(lines[i].line))))
            continue;
        *(bool *)(void *)((char *)switches + lines[i].member) = lines[i].value;
        return true;
    }
    return line.length == 0;
}

result card_switches_parse(bytes text, card_switches *switches) {
    *switches = (card_switches){0};
    while (text.length > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.length);
        size_t length = end == NULL ? text.length : (size_t)(end - text.data);
        if (!take_line(bytes_slice(text, 0, length), switches))
            return RESULT_INVALID;
        text = bytes_slice(text, length + 1, text.length);
    }
    return RESULT_OK;
}
