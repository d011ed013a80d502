/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "own_people.h"

#include "base/clock.h"
#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define REGISTER "people.txt"
#define REGISTER_MAX (1 << 26)
#define FIELDS 10

/* Insured since birth: an answer for every card that was made by hand. */
static const coverage usual = {.insurer_number = "01990019",
                               .insurer_name = "見本健康保険協会",
                               .symbol = "71100099",
                               .number = "1",
                               .branch = "00",
                               .relationship = "self",
                               .from = "2015-04-01",
                               .burden_ratio = "0.3"};

static bool is_one_line(const char *text) {
    return text == NULL || strpbrk(text, "\t\n\r") == NULL;
}

static const char *or_else(const char *text, const char *otherwise) {
    return text != NULL && *text != '\0' ? text : otherwise;
}

static const char *problem_of(const own_person *p) {
    const char *const texts[] = {p->name,       p->kana, p->address,          p->municipality,
                                 p->prefecture, p->city, p->substituted_name, p->substituted_address};
    if (p->name == NULL || p->address == NULL || p->birth == NULL)
        return "a person of your own needs --name, --address and --birth YYYY-MM-DD";
    if (strlen(p->birth) != 10 || clock_check_date(p->birth) != RESULT_OK)
        return "--birth takes a day: YYYY-MM-DD";
    if (p->sex != NULL && strcmp(p->sex, "1") != 0 && strcmp(p->sex, "2") != 0 && strcmp(p->sex, "9") != 0)
        return "--sex takes 1 (male), 2 (female) or 9 (not applicable)";
    if (p->municipality != NULL && (strlen(p->municipality) != 5 || strspn(p->municipality, "0123456789") != 5))
        return "--municipality takes 5 digits";
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!is_one_line(texts[i]))
            return "no tabs and no line ends in a person's data";
    return NULL;
}

result own_person_make(const own_person *given, const char *id, person *out, const char **problem) {
    *problem = problem_of(given);
    if (*problem != NULL)
        return RESULT_INVALID;
    *out = (person){.id = id,
                    .x509 = {.name = given->name,
                             .address = given->address,
                             .birth = given->birth,
                             .sex = given->sex != NULL ? *given->sex : '2',
                             .prefecture = or_else(given->prefecture, "Reiji-ken"),
                             .city = or_else(given->city, "Reiji-shi"),
                             .substituted_name = or_else(given->substituted_name, NULL),
                             .substituted_address = or_else(given->substituted_address, NULL)},
                    .kana = or_else(given->kana, ""),
                    .municipality = or_else(given->municipality, "99201"),
                    .coverages = {usual}};
    if (strcmp(usual.from, given->birth) < 0)
        out->coverages[0].from = out->x509.birth;
    return RESULT_OK;
}

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

result own_people_remember(const office *o, const person *who) {
    const x509_person *p = &who->x509;
    return office_append(o->secrets, REGISTER, 0600, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", who->id, p->name,
                         who->kana, p->address, p->birth, x509_sex(p), who->municipality, p->prefecture, p->city,
                         or_empty(p->substituted_name), or_empty(p->substituted_address));
}

/* Cuts a line into its fields. */
static bool take_line(char *line, person *out) {
    char *fields[1 + FIELDS];
    const char *problem;
    for (size_t i = 0; i <= FIELDS; i++) {
        fields[i] = line;
        char *end = i < FIELDS ? strchr(line, '\t') : line;
        if (end == NULL)
            return false;
        if (i < FIELDS)
            *end++ = '\0';
        line = end;
    }
    const own_person given = {fields[1], fields[2], fields[3], fields[4], fields[5],
                              fields[6], fields[7], fields[8], fields[9], fields[10]};
    return own_person_make(&given, fields[0], out, &problem) == RESULT_OK;
}

static void put(own_people *own, const person *who) {
    for (size_t i = 0; i < own->count; i++)
        if (strcmp(own->list[i].id, who->id) == 0) {
            own->list[i] = *who;
            return;
        }
    own->list[own->count++] = *who;
}

static result take_lines(own_people *own) {
    size_t lines = 0;
    for (size_t i = 0; i < own->text.length; i++)
        lines += own->text.data[i] == '\n';
    own->list = calloc(lines > 0 ? lines : 1, sizeof *own->list);
    if (own->list == NULL)
        return RESULT_NO_MEMORY;
    char *line = (char *)own->text.data;
    for (size_t i = 0; i < lines; i++) {
        person who;
        char *end = strchr(line, '\n');
        *end = '\0';
        if (!take_line(line, &who))
            return RESULT_INVALID;
        put(own, &who);
        line = end + 1;
    }
    return RESULT_OK;
}

result own_people_read(const office *o, own_people *own) {
    *own = (own_people){.text = BUFFER_INIT(REGISTER_MAX)};
    char *path = file_join(o->secrets, REGISTER);
    result r = path == NULL ? RESULT_NO_MEMORY : file_read(path, &own->text);
    free(path);
    if (r == RESULT_NOT_FOUND)
        return RESULT_OK;
    if (r == RESULT_OK)
        r = buffer_append_u8(&own->text, 0);
    return r == RESULT_OK ? take_lines(own) : r;
}

void own_people_free(own_people *own) {
    free(own->list);
    buffer_wipe(&own->text);
    *own = (own_people){0};
}
