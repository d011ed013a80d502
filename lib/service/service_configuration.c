/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/service_configuration.h"

#include "base/file_guard.h"
#include "base/log.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    struct entry *next;
    char *section, *key, *value;
    bool asked; /* the program knows this setting */
} entry;

struct configuration {
    char *path;
    entry *first;
};

static void free_entry(entry *one) {
    free(one->section);
    free(one->key);
    free(one->value);
    free(one);
}

static int take(void *context, const char *section, const char *key, const char *value) {
    configuration *c = context;
    entry *one = calloc(1, sizeof *one);
    if (!one)
        return 0;
    *one = (entry){.next = c->first, .section = strdup(section), .key = strdup(key), .value = strdup(value)};
    if (!one->section || !one->key || !one->value) {
        free_entry(one);
        return 0;
    }
    c->first = one;
    return 1;
}

result configuration_read(const char *path, configuration **out) {
    configuration *c = calloc(1, sizeof *c);
    *out = NULL;
    if (!c || !(c->path = strdup(path))) {
        configuration_free(&c);
        return RESULT_NO_MEMORY;
    }
    char culprit[PATH_MAX];
    const file_fault fault = file_guard(path, culprit);
    if (fault != FILE_GUARDED) {
        log_error("%s %s %s", culprit, file_guard_advice(fault), culprit);
        configuration_free(&c);
        return RESULT_DENIED;
    }
    int line = ini_parse(path, take, c);
    if (line == 0) {
        *out = c;
        return RESULT_OK;
    }
    if (line > 0)
        log_error("%s:%d: neither [section] nor key = value", path, line);
    else
        log_error("%s: %m. Give a configuration with --config FILE.", path);
    configuration_free(&c);
    return line > 0 ? RESULT_INVALID : RESULT_NOT_FOUND;
}

void configuration_free(configuration **c) {
    if (!*c)
        return;
    while ((*c)->first) {
        entry *one = (*c)->first;
        (*c)->first = one->next;
        free_entry(one);
    }
    free((*c)->path);
    free(*c);
    *c = NULL;
}

static entry *find(entry *from, const char *section, const char *key) {
    while (from && (strcmp(from->section, section) != 0 || strcmp(from->key, key) != 0))
        from = from->next;
    return from;
}

const char *configuration_get(const configuration *c, const char *section, const char *key) {
    entry *one = find(c->first, section, key);
    if (!one)
        return NULL;
    one->asked = true;
    return one->value;
}

bool configuration_all_asked(const configuration *c) {
    bool all = true;
    for (entry *one = c->first; one; one = one->next) {
        bool twice = find(one->next, one->section, one->key);
        if (twice || !one->asked)
            log_error("%s: [%s] %s is %s. docs/interfaces/http.md has all settings.", c->path, one->section, one->key,
                      twice ? "given twice" : "unknown");
        all = all && !twice && one->asked;
        if (twice)
            find(one->next, one->section, one->key)->asked = true; /* said already */
    }
    return all;
}

const char *configuration_need(const configuration *c, const char *section, const char *key, bool *complete) {
    const char *value = configuration_get(c, section, key);
    if (value && *value)
        return value;
    log_error("%s: [%s] %s is missing", c->path, section, key);
    *complete = false;
    return NULL;
}

long configuration_number(const configuration *c, const char *section, const char *key, long otherwise, long min,
                          long max, bool *complete) {
    const char *value = configuration_get(c, section, key);
    if (!value)
        return otherwise;
    char *end = NULL;
    long number = strtol(value, &end, 10);
    if (end != value && *end == '\0' && number >= min && number <= max)
        return number;
    log_error("%s: [%s] %s = %s: expected a number from %ld to %ld", c->path, section, key, value, min, max);
    *complete = false;
    return otherwise;
}
