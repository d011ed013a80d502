#include "service/configuration.h"

#include "base/log.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

typedef struct entry {
    struct entry *next;
    char *section, *key, *value;
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
    *one = (entry){c->first, strdup(section), strdup(key), strdup(value)};
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

const char *configuration_get(const configuration *c, const char *section, const char *key) {
    for (const entry *one = c->first; one; one = one->next)
        if (strcmp(one->section, section) == 0 && strcmp(one->key, key) == 0)
            return one->value;
    return NULL;
}

const char *configuration_need(const configuration *c, const char *section, const char *key, bool *complete) {
    const char *value = configuration_get(c, section, key);
    if (value && *value)
        return value;
    log_error("%s: [%s] %s is missing", c->path, section, key);
    *complete = false;
    return NULL;
}

long configuration_number(const configuration *c, const char *section, const char *key, long otherwise, long least,
                          long most, bool *complete) {
    const char *value = configuration_get(c, section, key);
    if (!value)
        return otherwise;
    char *end = NULL;
    long number = strtol(value, &end, 10);
    if (end != value && *end == '\0' && number >= least && number <= most)
        return number;
    log_error("%s: [%s] %s = %s: expected a number from %ld to %ld", c->path, section, key, value, least, most);
    *complete = false;
    return otherwise;
}
