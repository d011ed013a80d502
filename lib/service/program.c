/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/program.h"

#include "base/log.h"
#include "base/secret.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXED_OPTIONS 4
#define FURTHER_OPTION 256 /* getopt_long's value of the first of program.options */

const char *program_option(const program_arguments *a, const char *name, const char *otherwise) {
    const char *const *names = a->program->options;
    for (size_t i = 0; names && names[i]; i++)
        if (strcmp(names[i], name) == 0 && a->options[i])
            return a->options[i];
    return otherwise;
}

long program_number(const program_arguments *a, const char *name, long otherwise, long min, long max, bool *good) {
    const char *text = program_option(a, name, NULL);
    if (!text)
        return otherwise;
    char *end = NULL;
    long number = strtol(text, &end, 10);
    if (end != text && *end == '\0' && number >= min && number <= max)
        return number;
    log_error("--%s %s: expected a number from %ld to %ld", name, text, min, max);
    *good = false;
    return otherwise;
}

static void print_help(const program *p) {
    printf("%s: %s\n\n", p->name, p->summary);
    for (const program_command *one = p->commands; one->name; one++)
        printf("  %s %-46s %s\n", p->name, one->usage, one->help);
    if (p->notes)
        printf("\n%s", p->notes);
    puts("\n  --log-level error|warning|notice|info|debug   (default notice)\n  --help");
}

static int run_command(const program_command *one, program_arguments *a, const char *path) {
    if (!path && !one->without_configuration) {
        log_error("%s needs --config FILE", one->name);
        return 2;
    }
    result outcome = path ? configuration_read(path, &a->configuration) : RESULT_OK;
    if (outcome == RESULT_OK)
        outcome = one->run(a);
    configuration_free(&a->configuration);
    return outcome == RESULT_OK ? 0 : 1;
}

static void list_options(const program *p, struct option list[FIXED_OPTIONS + PROGRAM_OPTIONS_MAX + 1]) {
    static const struct option fixed[FIXED_OPTIONS] = {{"config", required_argument, NULL, 'c'},
                                                       {"json", no_argument, NULL, 'j'},
                                                       {"log-level", required_argument, NULL, 'l'},
                                                       {"help", no_argument, NULL, 'h'}};
    size_t count = FIXED_OPTIONS;
    memcpy(list, fixed, sizeof fixed);
    for (size_t i = 0; p->options && p->options[i] && i < PROGRAM_OPTIONS_MAX; i++)
        list[count++] = (struct option){p->options[i], required_argument, NULL, FURTHER_OPTION + (int)i};
    list[count] = (struct option){NULL, 0, NULL, 0};
}

/* -1: go on; else the exit status. */
static int read_options(const program *p, int argc, char **argv, program_arguments *a, const char **path) {
    struct option list[FIXED_OPTIONS + PROGRAM_OPTIONS_MAX + 1];
    int option, level = LOG_NOTICE;
    list_options(p, list);
    while ((option = getopt_long(argc, argv, "c:jl:h", list, NULL)) != -1) {
        if (option == 'c')
            *path = optarg;
        else if (option == 'j')
            a->json = true;
        else if (option == 'l')
            level = log_level_of(optarg);
        else if (option >= FURTHER_OPTION)
            a->options[option - FURTHER_OPTION] = optarg;
        else {
            print_help(p);
            return option == 'h' ? 0 : 2;
        }
    }
    log_open(p->name, level < 0 ? LOG_NOTICE : (log_level)level, NULL);
    if (optind < argc)
        return -1;
    print_help(p);
    return 2;
}

int program_run(const program *p, int argc, char **argv) {
    program_arguments a = {.program = p};
    const char *path = NULL;
    secret_forbid_core_dumps();
    int status = read_options(p, argc, argv, &a, &path);
    if (status >= 0)
        return status;
    secret_keep_in_memory();
    const char *name = argv[optind];
    a.file = optind + 1 < argc ? argv[optind + 1] : NULL;
    a.second = optind + 2 < argc ? argv[optind + 2] : NULL;
    if (strcmp(name, "help") == 0) {
        print_help(p);
        return 0;
    }
    for (const program_command *one = p->commands; one->name; one++)
        if (strcmp(one->name, name) == 0)
            return run_command(one, &a, path);
    log_error("%s is no command. %s --help lists them.", name, p->name);
    return 2;
}
