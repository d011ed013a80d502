/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/pin_entry.h"

#include "base/secret.h"

#include <bsd/readpassphrase.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROMPT_SIZE 256
#define SIGN_PIN_MIN 6
#define SIGN_PIN_MAX 16

/* One byte at a time: what follows the newline belongs to the next reader of the descriptor. */
static bool read_line(int fd, buffer *pin) {
    uint8_t byte;
    for (;;) {
        ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0 || byte == '\n')
            break;
        if (byte != '\r' && buffer_append_u8(pin, byte) != RESULT_OK)
            return false;
    }
    secret_wipe(&byte, sizeof byte);
    return pin->length > 0;
}

/* readpassphrase(3) restores the echo also when the person aborts the program at the prompt. */
static bool ask(const char *prompt, buffer *pin) {
    char line[PIN_TYPED_MAX + 1], question[PROMPT_SIZE];
    snprintf(question, sizeof question, "%s: ", prompt);
    const bool good = readpassphrase(question, line, sizeof line, RPP_REQUIRE_TTY | RPP_ECHO_OFF) != NULL &&
                      *line != 0 && buffer_append(pin, bytes_of(line, strlen(line))) == RESULT_OK;
    secret_wipe(line, sizeof line);
    return good;
}

result line_read(const char *prompt, char *line, size_t size) {
    char question[PROMPT_SIZE];
    snprintf(question, sizeof question, "%s: ", prompt);
    return readpassphrase(question, line, size, RPP_REQUIRE_TTY | RPP_ECHO_ON) != NULL && *line != 0 ? RESULT_OK
                                                                                                     : RESULT_NOT_FOUND;
}

outcome pin_read(bytes given, int fd, const char *prompt, buffer *pin, report *r) {
    if (given.length > 0)
        return buffer_append(pin, given) == RESULT_OK ? OUTCOME_OK : OUTCOME_INTERNAL;
    if (fd >= 0 ? read_line(fd, pin) : ask(prompt, pin))
        return OUTCOME_OK;
    return report_failure(
        r, OUTCOME_USAGE, "no-pin",
        _("No PIN was given. Type it at the prompt, or hand it over with --pin-fd or --sign-pin-fd."));
}

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static bool is_letter(uint8_t byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

bool pin_is_digits(bytes pin, size_t length) {
    size_t digits = 0;
    for (size_t i = 0; i < pin.length; i++)
        digits += is_digit(pin.data[i]);
    return pin.length == length && digits == length;
}

bool pin_is_for_signatures(bytes pin) {
    size_t digits = 0, letters = 0;
    for (size_t i = 0; i < pin.length; i++) {
        digits += is_digit(pin.data[i]);
        letters += is_letter(pin.data[i]);
    }
    return pin.length >= SIGN_PIN_MIN && pin.length <= SIGN_PIN_MAX && digits > 0 && letters > 0 &&
           digits + letters == pin.length;
}
