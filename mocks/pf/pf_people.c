/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pf_people.h"

#include "base/clock.h"
#include "base/log.h"
#include "fhir/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy(char *to, size_t size, const char *from) {
    return (size_t)snprintf(to, size, "%s", from) < size;
}

#define TOLD_EVERY 10000 /* people: whoever loads a nation wants to see that it goes on */
#define COPY(field, from) copy(field, sizeof field, from)

static const char *read_coverage(json_t *entry, platform_coverage *out) {
    const char *insurer_number, *insurer_name, *symbol, *number, *branch, *relationship, *from;
    double burden;
    json_t *to = json_object_get(entry, "to"), *limit = json_object_get(entry, "limitCategory");
    if (json_unpack(entry, "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:F}", "insurerNumber", &insurer_number, "insurerName",
                    &insurer_name, "symbol", &symbol, "number", &number, "branch", &branch, "relationship",
                    &relationship, "from", &from, "burdenRatio", &burden) != 0)
        return "a coverage lacks a field";
    if (!(burden >= 0 && burden <= 1))
        return "burdenRatio is not between 0 and 1";
    out->family = strcmp(relationship, "family") == 0;
    if (!out->family && strcmp(relationship, "self") != 0)
        return "relationship is neither self nor family";
    out->burden_permille = (int)lround(burden * 1000);
    const char *end = json_is_string(to) ? json_string_value(to) : "";
    if (clock_check_date(from) != RESULT_OK || (!json_is_null(to) && clock_check_date(end) != RESULT_OK))
        return "from or to is no date";
    if (*end && strcmp(from, end) > 0)
        return "a coverage ends before it begins";
    if (limit && (!json_is_string(limit) || !COPY(out->limit_category, json_string_value(limit))))
        return "limitCategory is no text, or too long";
    out->elderly = json_is_true(json_object_get(entry, "elderlyRecipient"));
    bool fits = COPY(out->insurer_number, insurer_number) && COPY(out->insurer_name, insurer_name) &&
                COPY(out->symbol, symbol) && COPY(out->number, number) && COPY(out->branch, branch) &&
                COPY(out->from, from) && COPY(out->to, end);
    return fits ? NULL : "a text of a coverage is too long";
}

static const char *read_certificate(json_t *entry, platform_certificate *out) {
    const char *issuer, *serial;
    if (json_unpack(entry, "{s:s, s:s}", "issuer", &issuer, "serial", &serial) != 0)
        return "a certificate lacks issuer or serial";
    if (!*serial || strspn(serial, "0123456789ABCDEF") != strlen(serial))
        return "a certificate's serial is not hexadecimal in capitals";
    return COPY(out->issuer, issuer) && COPY(out->serial, serial) ? NULL : "a certificate's name is too long";
}

static const char *read_person(json_t *entry, platform_person *out) {
    const char *seed, *name, *kana, *birth, *sex, *problem = NULL;
    json_t *certificates, *coverages;
    if (json_unpack(entry, "{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "linkSeed", &seed, "name", &name, "kana", &kana,
                    "birthDate", &birth, "sex", &sex, "certificates", &certificates, "coverages", &coverages) != 0)
        return "a field is missing";
    if (!COPY(out->link_seed, seed) || !COPY(out->name, name) || !COPY(out->kana, kana) ||
        !COPY(out->birth_date, birth) || !COPY(out->sex, sex) || !*seed)
        return "a text is too long, or linkSeed is empty";
    if (clock_check_date(birth) != RESULT_OK)
        return "birthDate is no date";
    if (!json_is_array(certificates) || json_array_size(certificates) > PLATFORM_CERTIFICATES_MAX ||
        !json_is_array(coverages) || json_array_size(coverages) > PLATFORM_COVERAGES_MAX)
        return "certificates or coverages: no list, or too long";
    while (!problem && out->certificate_count < json_array_size(certificates)) {
        problem = read_certificate(json_array_get(certificates, out->certificate_count),
                                   &out->certificates[out->certificate_count]);
        out->certificate_count++;
    }
    while (!problem && out->coverage_count < json_array_size(coverages)) {
        problem = read_coverage(json_array_get(coverages, out->coverage_count), &out->coverages[out->coverage_count]);
        out->coverage_count++;
    }
    return problem;
}

/* --- sources: a list in memory, or one line after the other -------------------------------------------------------- */

typedef struct source {
    const char *path;
    json_t *list; /* NULL: lines */
    FILE *lines;
    char *line;
    size_t line_size, position;
} source;

/* A new reference, or NULL at the end or with *outcome. */
static json_t *next_entry(source *s, result *outcome) {
    json_error_t error;
    if (s->list)
        return json_incref(json_array_get(s->list, s->position));
    errno = 0;
    if (getline(&s->line, &s->line_size, s->lines) < 0) {
        *outcome = errno ? RESULT_IO : RESULT_NOT_FOUND;
        return NULL;
    }
    json_t *entry = json_loads(s->line, JSON_REJECT_DUPLICATES, &error);
    if (!entry) {
        log_error("%s:%zu: %s. Nothing was loaded.", s->path, s->position + 1, error.text);
        *outcome = RESULT_INVALID;
    }
    return entry;
}

static result next_person(void *context, platform_person *out) {
    source *s = context;
    result outcome = RESULT_NOT_FOUND;
    json_t *entry = next_entry(s, &outcome);
    if (!entry)
        return outcome;
    memset(out, 0, sizeof *out);
    const char *problem = read_person(entry, out);
    json_decref(entry);
    s->position++;
    if (!problem) {
        if (s->position % TOLD_EVERY == 0)
            log_notice("%s: %zu people so far; the former data set is in force until the end", s->path, s->position);
        return RESULT_OK;
    }
    log_error("%s: person %zu: %s. Nothing was loaded.", s->path, s->position, problem);
    return RESULT_INVALID;
}

static result load(platform_store *store, source *s, size_t *count) {
    result outcome = platform_store_replace_people(store, next_person, s, count);
    if (outcome == RESULT_EXISTS)
        log_error("%s: one certificate belongs to two people. Nothing was loaded.", s->path);
    return outcome;
}

static result load_lines(platform_store *store, const char *path, size_t *count) {
    source s = {.path = path, .lines = strcmp(path, "-") == 0 ? stdin : fopen(path, "r")};
    if (!s.lines) {
        log_error("%s: %m", path);
        return RESULT_NOT_FOUND;
    }
    result outcome = load(store, &s, count);
    free(s.line);
    if (s.lines != stdin)
        fclose(s.lines);
    return outcome;
}

static bool are_lines(const char *path) {
    size_t length = strlen(path);
    return strcmp(path, "-") == 0 || (length > 6 && strcmp(path + length - 6, ".jsonl") == 0);
}

result people_load(platform_store *store, const char *path, size_t *count) {
    json_error_t error;
    if (are_lines(path))
        return load_lines(store, path, count);
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    source s = {.path = path, .list = json_object_get(root, "persons")};
    result outcome = RESULT_INVALID;
    if (!root && error.line < 0) /* not even opened: the text has the path and the cause */
        log_error("%s", error.text);
    else if (!root)
        log_error("%s:%d: %s", path, error.line, error.text);
    else if (!json_is_array(s.list))
        log_error("%s: no list \"persons\"", path);
    else
        outcome = load(store, &s, count);
    json_decref(root);
    return outcome;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static json_t *coverage_json(const platform_coverage *c) {
    json_t *out = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s?,s:f}", "insurerNumber", c->insurer_number, "insurerName",
                            c->insurer_name, "symbol", c->symbol, "number", c->number, "branch", c->branch,
                            "relationship", c->family ? "family" : "self", "from", c->from, "to",
                            c->to[0] ? c->to : NULL, "burdenRatio", c->burden_permille / 1000.0);
    if (c->limit_category[0])
        json_object_set_new(out, "limitCategory", json_string(c->limit_category));
    if (c->elderly)
        json_object_set_new(out, "elderlyRecipient", json_true());
    return out;
}

result people_write(const platform_person *person, buffer *line) {
    json_t *certificates = json_array(), *coverages = json_array();
    for (size_t i = 0; i < person->certificate_count; i++)
        json_array_append_new(certificates, json_pack("{s:s,s:s}", "issuer", person->certificates[i].issuer, "serial",
                                                      person->certificates[i].serial));
    for (size_t i = 0; i < person->coverage_count; i++)
        json_array_append_new(coverages, coverage_json(&person->coverages[i]));
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:o}", "linkSeed", person->link_seed, "name",
                                        person->name, "kana", person->kana, "birthDate", person->birth_date, "sex",
                                        person->sex, "certificates", certificates, "coverages", coverages),
                              line);
}
