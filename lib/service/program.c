/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/program.h"

#include "base/log.h"
#include "base/secret.h"

#include <stdlib.h>

#define FAILED 1
#define MISUSED 2
#define VALUE(row) offsetof(program_arguments, values[PROGRAM_##row])

static bool take_log_level(const char *value, void *member) {
    *(const char **)member = value;
    return log_level_of(value) >= 0;
}

/* clang-format off */
static const command_line_option options[PROGRAM_OPTION_ROWS] = {
    [PROGRAM_CONFIG] = {"config", "FILE", "the configuration", .offset = VALUE(CONFIG)},
    [PROGRAM_JSON] = {"json", NULL, "JSON instead of lines", .offset = offsetof(program_arguments, json),
                      .kind = COMMAND_LINE_SWITCH},
    [PROGRAM_LOG_LEVEL] = {"log-level", "LEVEL", "error, warning, notice (default), info or debug",
                           VALUE(LOG_LEVEL), COMMAND_LINE_OTHER, .take = take_log_level},
    [PROGRAM_PEOPLE] = {"people", "N", "how many people (1000)", .offset = VALUE(PEOPLE)},
    [PROGRAM_SEED] = {"seed", "N", "the same number gives the same people (1)", .offset = VALUE(SEED)},
    [PROGRAM_DATE] = {"date", "DAY", "the day on which their coverage is valid (today)", .offset = VALUE(DATE)},
    [PROGRAM_ISSUER] = {"issuer", "NAME", "who issued all certificates (RFC 4514; mock-ca's CA for patient cards)",
                        .offset = VALUE(ISSUER)},
    [PROGRAM_STATE] = {"state", "STATE", "received, verified, registered, duplicate or rejected (all)",
                       .offset = VALUE(STATE)},
    [PROGRAM_TERMINAL] = {"terminal", "ID", "which terminal", .offset = VALUE(TERMINAL)},
    [PROGRAM_SE_SERIAL] = {"se-serial", "NUMBER", "its SE's serial number", .offset = VALUE(SE_SERIAL)},
    [PROGRAM_INSTITUTION] = {"institution", "CODE", "where several institutions have a terminal of that ID",
                             .offset = VALUE(INSTITUTION)},
    [PROGRAM_TLS_CERTIFICATE] = {"tls-certificate", "FILE", "its TLS certificate (PEM)",
                                 .offset = VALUE(TLS_CERTIFICATE)},
    [PROGRAM_CVC] = {"cvc", "FILE", "its SE's certificates for cards", .offset = VALUE(CVC)},
};
/* clang-format on */

const char *program_option(const program_arguments *a, program_option_row row, const char *otherwise) {
    return a->values[row] ? a->values[row] : otherwise;
}

long program_number(const program_arguments *a, program_option_row row, long otherwise, long min, long max,
                    bool *good) {
    const char *text = a->values[row];
    if (!text)
        return otherwise;
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end != text && *end == '\0' && number >= min && number <= max)
        return number;
    log_error("--%s %s: expected a number from %ld to %ld", options[row].name, text, min, max);
    *good = false;
    return otherwise;
}

/* Whether a failure may pass without intervention: the network, a database or a peer is late, a resource is full, the
 * machine's address is not there yet. */
static bool may_pass(result outcome) {
    static const result passing[] = {RESULT_UNAVAILABLE, RESULT_TIMEOUT,   RESULT_REMOVED,
                                     RESULT_IO,          RESULT_NO_MEMORY, RESULT_INTERNAL};
    for (size_t i = 0; i < sizeof passing / sizeof *passing; i++)
        if (outcome == passing[i])
            return true;
    return false;
}

static int run_command(program_arguments *a) {
    const char *path = a->values[PROGRAM_CONFIG];
    result outcome = path ? configuration_read(path, &a->configuration) : RESULT_OK;
    const bool readable = outcome == RESULT_OK;
    if (readable)
        outcome = a->command->run(a);
    configuration_free(&a->configuration);
    if (outcome == RESULT_OK)
        return 0;
    return (!readable || a->command->stays) && !may_pass(outcome) ? MISUSED : FAILED;
}

int program_run(const program *p, int argc, char **argv) {
    const command_line_program table = {.name = p->name,
                                        .summary = p->summary,
                                        .options = options,
                                        .option_count = PROGRAM_OPTION_ROWS,
                                        .common = PROGRAM_TAKES(LOG_LEVEL),
                                        .commands = p->commands,
                                        .command_count = p->command_count,
                                        .command_size = sizeof *p->commands,
                                        .notes = p->notes};
    program_arguments a = {0};
    command_line line;
    int status;
    secret_forbid_core_dumps();
    if (!command_line_begin(&table, argc, argv, &a, &line, &status))
        return status;
    log_open(p->name, (log_level)log_level_of(program_option(&a, PROGRAM_LOG_LEVEL, "notice")), NULL);
    if (((const program_command *)line.chosen)->stays)
        log_with_times();
    secret_keep_in_memory();
    a.command = (const program_command *)line.chosen;
    a.first = line.word_count > 0 ? line.words[0] : NULL;
    a.second = line.word_count > 1 ? line.words[1] : NULL;
    return run_command(&a);
}
