/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pf_people.h"

#include "progress.h"

#include "base/clock.h"
#include "base/log.h"
#include "fhir/eligibility.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool copy(char *to, size_t size, const char *from) {
    return (size_t)snprintf(to, size, "%s", from) < size;
}

#define COPY(field, from) copy(field, sizeof field, from)

/* Absent: "". False: no text, or too long. */
static bool optional(json_t *entry, const char *name, char *to, size_t size) {
    json_t *value = json_object_get(entry, name);
    *to = 0;
    return !value || (json_is_string(value) && copy(to, size, json_string_value(value)));
}

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
    if (!optional(entry, "lossReason", out->loss_reason, sizeof out->loss_reason) ||
        strspn(out->loss_reason, "abcdefghijklmnopqrstuvwxyz-") != strlen(out->loss_reason))
        return "lossReason is no code, or too long";
    out->elderly = json_is_true(json_object_get(entry, "elderlyRecipient"));
    bool fits = COPY(out->insurer_number, insurer_number) && COPY(out->insurer_name, insurer_name) &&
                COPY(out->symbol, symbol) && COPY(out->number, number) && COPY(out->branch, branch) &&
                COPY(out->from, from) && COPY(out->to, end);
    return fits ? NULL : "a text of a coverage is too long";
}

static const char *read_public_expense(json_t *entry, platform_coverage *out) {
    const char *payer, *name, *from;
    json_t *to = json_object_get(entry, "to");
    if (json_unpack(entry, "{s:s, s:s, s:s}", "payerNumber", &payer, "name", &name, "from", &from) != 0 ||
        !optional(entry, "recipientNumber", out->number, sizeof out->number))
        return "a public expense lacks a field";
    const char *end = json_is_string(to) ? json_string_value(to) : "";
    if (clock_check_date(from) != RESULT_OK || (to && !json_is_null(to) && clock_check_date(end) != RESULT_OK))
        return "from or to is no date";
    out->public_expense = true;
    return COPY(out->insurer_number, payer) && COPY(out->insurer_name, name) && COPY(out->from, from) &&
                   COPY(out->to, end)
               ? NULL
               : "a text of a public expense is too long";
}

static const char *read_certificate(json_t *entry, platform_certificate *out) {
    const char *issuer, *serial;
    if (json_unpack(entry, "{s:s, s:s}", "issuer", &issuer, "serial", &serial) != 0)
        return "a certificate lacks issuer or serial";
    if (!*serial || strspn(serial, "0123456789ABCDEF") != strlen(serial))
        return "a certificate's serial is not hexadecimal in capitals";
    return COPY(out->issuer, issuer) && COPY(out->serial, serial) ? NULL : "a certificate's name is too long";
}

/* The person as the answer will have them: refused here, not when the card is laid down. */
static const char *check_person(const platform_person *out) {
    eligibility_person person = {.sex = SEX_UNKNOWN};
    if (!COPY(person.postal_code, out->postal_code) || !eligibility_sex_of(out->sex, &person.sex))
        return "postalCode is not NNN-NNNN, or sex is neither male, female, other nor unknown";
    COPY(person.name, out->name);
    COPY(person.kana, out->kana);
    COPY(person.birth_date, out->birth_date);
    COPY(person.address, out->address);
    return eligibility_person_check(&person, NULL) == RESULT_OK
               ? NULL
               : "name, kana, postalCode or address has a wrong form, or holds hidden characters";
}

static const char *read_lists(json_t *certificates, json_t *coverages, json_t *expenses, platform_person *out) {
    const char *problem = NULL;
    while (!problem && out->certificate_count < json_array_size(certificates)) {
        problem = read_certificate(json_array_get(certificates, out->certificate_count),
                                   &out->certificates[out->certificate_count]);
        out->certificate_count++;
    }
    for (size_t i = 0; !problem && i < json_array_size(coverages); i++)
        problem = read_coverage(json_array_get(coverages, i), &out->coverages[out->coverage_count++]);
    for (size_t i = 0; !problem && i < json_array_size(expenses); i++)
        problem = read_public_expense(json_array_get(expenses, i), &out->coverages[out->coverage_count++]);
    return problem;
}

static const char *read_person(json_t *entry, platform_person *out) {
    const char *seed, *name, *kana, *birth, *sex;
    json_t *certificates, *coverages, *expenses = json_object_get(entry, "publicExpenses");
    if (json_unpack(entry, "{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "linkSeed", &seed, "name", &name, "kana", &kana,
                    "birthDate", &birth, "sex", &sex, "certificates", &certificates, "coverages", &coverages) != 0)
        return "a field is missing";
    if (!COPY(out->link_seed, seed) || !COPY(out->name, name) || !COPY(out->kana, kana) ||
        !COPY(out->birth_date, birth) || !COPY(out->sex, sex) || !*seed)
        return "a text is too long, or linkSeed is empty";
    if (clock_check_date(birth) != RESULT_OK)
        return "birthDate is no date";
    if (!optional(entry, "postalCode", out->postal_code, sizeof out->postal_code) ||
        !optional(entry, "address", out->address, sizeof out->address))
        return "postalCode or address is no text, or too long";
    if (!json_is_array(certificates) || json_array_size(certificates) > PLATFORM_CERTIFICATES_MAX ||
        !json_is_array(coverages) || (expenses && !json_is_array(expenses)) ||
        json_array_size(expenses) > FHIR_PUBLIC_EXPENSES_MAX ||
        json_array_size(coverages) + json_array_size(expenses) > PLATFORM_COVERAGES_MAX)
        return "certificates, coverages or publicExpenses: no list, or too long";
    const char *problem = check_person(out);
    return problem ? problem : read_lists(certificates, coverages, expenses, out);
}

/* --- sources: a list in memory, or one line after the other -------------------------------------------------------- */

typedef struct source {
    const char *path;
    json_t *list; /* NULL: lines */
    FILE *lines;
    char *line;
    size_t line_size, position;
    progress told;
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
    if (progress_is_due(&s->told, clock_monotonic_ms()))
        log_notice("%s: %zu people so far; the former data set is in force until the end", s->path, s->position);
    const char *problem = read_person(entry, out);
    json_decref(entry);
    s->position++;
    if (!problem)
        return RESULT_OK;
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
    if (c->loss_reason[0])
        json_object_set_new(out, "lossReason", json_string(c->loss_reason));
    return out;
}

static json_t *public_expense_json(const platform_coverage *c) {
    return json_pack("{s:s,s:s,s:s,s:s,s:s?}", "payerNumber", c->insurer_number, "recipientNumber", c->number, "name",
                     c->insurer_name, "from", c->from, "to", c->to[0] ? c->to : NULL);
}

result people_write(const platform_person *person, buffer *line) {
    json_t *certificates = json_array(), *coverages = json_array(), *expenses = json_array();
    for (size_t i = 0; i < person->certificate_count; i++)
        json_array_append_new(certificates, json_pack("{s:s,s:s}", "issuer", person->certificates[i].issuer, "serial",
                                                      person->certificates[i].serial));
    for (size_t i = 0; i < person->coverage_count; i++)
        if (person->coverages[i].public_expense)
            json_array_append_new(expenses, public_expense_json(&person->coverages[i]));
        else
            json_array_append_new(coverages, coverage_json(&person->coverages[i]));
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "linkSeed", person->link_seed,
                                        "name", person->name, "kana", person->kana, "birthDate", person->birth_date,
                                        "sex", person->sex, "postalCode", person->postal_code, "address",
                                        person->address, "certificates", certificates, "coverages", coverages,
                                        "publicExpenses", expenses),
                              line);
}
