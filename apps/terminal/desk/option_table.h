/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The options of `uketsuke`: one row each: name, place of the value, help text, and the name under which it is sent to
 * the daemon, if it is. Commands name the rows that they take (command.h). */
#pragma once

#include "core/command_context.h"

#include "base/command_line.h"

#include <jansson.h>

typedef enum option_row {
    OPTION_CONFIG,
    OPTION_JSON,
    OPTION_VERBOSE,
    OPTION_PIN_FD,
    OPTION_SIGN_PIN_FD,
    OPTION_EVIDENCE,
    OPTION_FROM,
    OPTION_TO,
    OPTION_SINCE,
    OPTION_OUTPUT,
    OPTION_MEDIUM,
    OPTION_CARD,
    OPTION_ATTACHED,
    OPTION_CONTENT,
    OPTION_ANCHORS,
    OPTION_PLATFORM_CVC,
    OPTION_HOSPITAL_NUMBER,
    OPTION_DEPARTMENT,
    OPTION_NAME,
    OPTION_KANA,
    OPTION_BIRTH_DATE,
    OPTION_SEX,
    OPTION_INSURER_NUMBER,
    OPTION_SYMBOL,
    OPTION_NUMBER,
    OPTION_BRANCH,
    OPTION_PATIENT,
    OPTION_AGAIN,
    OPTION_ALL,
    OPTION_PAPER,
    OPTION_IDENTIFIED,
    OPTION_ROWS
} option_row;

/* Set bits for command rows: TAKES(OUTPUT) | TAKES(EVIDENCE). */
#define TAKES(row) COMMAND_LINE_OPTION(OPTION_##row)
/* What the desk notes of a reception. */
#define OPTIONS_OF_A_NOTE                                                                                              \
    (TAKES(HOSPITAL_NUMBER) | TAKES(DEPARTMENT) | TAKES(NAME) | TAKES(KANA) | TAKES(BIRTH_DATE) | TAKES(SEX))
#define OPTIONS_OF_ALL (TAKES(CONFIG) | TAKES(JSON) | TAKES(VERBOSE))
/* Options that concern only the process with the keyboard. */
#define OPTIONS_OF_THE_CLIENT (TAKES(CONFIG) | TAKES(PIN_FD) | TAKES(SIGN_PIN_FD))

extern const command_line_option option_table[OPTION_ROWS];

/* Writes the options as members of a request (desk_wire.h), with absolute paths, because the daemon has another working
 * folder. RESULT_NO_MEMORY. */
result option_table_write(const options *o, json_t *request);
/* The same for one path. The caller owns it; NULL: out of memory. */
json_t *option_table_path(const char *path);

/* Reads the options of an untrusted request: a member of a wrong type counts as missing. They point into the
 * request. */
void option_table_read(const json_t *request, options *o);
/* Whether the request names files by an option. */
bool option_table_names_files(const json_t *request);
