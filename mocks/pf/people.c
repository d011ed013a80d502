#include "people.h"

#include "base/clock.h"
#include "base/log.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool copy(char *to, size_t size, const char *from) {
    return (size_t)snprintf(to, size, "%s", from) < size;
}

#define COPY(field, from) copy(field, sizeof field, from)

static const char *read_coverage(json_t *entry, platform_coverage *out) {
    const char *insurer_number, *insurer_name, *symbol, *number, *branch, *relationship, *from;
    double burden;
    json_t *to = json_object_get(entry, "to");
    if (json_unpack(entry, "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:F}", "insurerNumber", &insurer_number, "insurerName",
                    &insurer_name, "symbol", &symbol, "number", &number, "branch", &branch, "relationship",
                    &relationship,
                    "from", &from, "burdenRatio", &burden) != 0)
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
    if (!json_is_array(certificates) || json_array_size(certificates) > PLATFORM_CERTIFICATES_MOST ||
        !json_is_array(coverages) || json_array_size(coverages) > PLATFORM_COVERAGES_MOST)
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

typedef struct file_source {
    const char *path;
    json_t *list;
    size_t next;
} file_source;

static result next_person(void *context, platform_person *out) {
    file_source *source = context;
    if (source->next == json_array_size(source->list))
        return RESULT_NOT_FOUND;
    memset(out, 0, sizeof *out);
    const char *problem = read_person(json_array_get(source->list, source->next++), out);
    if (!problem)
        return RESULT_OK;
    log_error("%s: person %zu: %s. Nothing was loaded.", source->path, source->next, problem);
    return RESULT_INVALID;
}

result people_load(platform_store *store, const char *path, size_t *count) {
    json_error_t error;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    json_t *list = json_object_get(root, "persons");
    result outcome = RESULT_INVALID;
    if (!root)
        log_error("%s:%d: %s", path, error.line, error.text);
    else if (!json_is_array(list))
        log_error("%s: no list \"persons\"", path);
    else
        outcome = store->replace_people(store, next_person, &(file_source){.path = path, .list = list}, count);
    if (outcome == RESULT_EXISTS)
        log_error("%s: one certificate belongs to two people. Nothing was loaded.", path);
    json_decref(root);
    return outcome;
}
