/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "population.h"

#include "base/file.h"

#include <string.h>
#include <unistd.h>

#define PATH_SIZE 4096

static size_t count_of(const char *folder, const char *form) {
    char path[PATH_SIZE];
    size_t count = 0;
    do
        snprintf(path, sizeof path, "%s/%s-%zu%s", folder, form, count, strcmp(form, "patient") == 0 ? ".der" : "");
    while (access(path, F_OK) == 0 && ++count);
    if (count == 0) {
        fprintf(stderr, "%s: no %s here. make-population makes them.\n", folder, form);
        exit(1);
    }
    return count;
}

static void read_line(const char *folder, const char *name, char *text, size_t size) {
    buffer raw = BUFFER_INIT(size);
    CHECK(file_read(path_of(folder, name), &raw));
    snprintf(text, size, "%s", buffer_text(&raw));
    buffer_wipe(&raw);
}

static void open_institution(const char *folder, size_t number, population_institution *out) {
    char name[PATH_SIZE];
    snprintf(name, sizeof name, "institution-%zu", number);
    out->folder = path_of(folder, name);
    CHECK(certificate_from_file(path_of(out->folder, "institution.pem"), &out->certificate));
    read_line(out->folder, "institution-code", out->code, sizeof out->code);
    read_line(out->folder, "terminal-id", out->terminal_id, sizeof out->terminal_id);
    read_line(out->folder, "se-serial", out->se_serial, sizeof out->se_serial);
}

static void open_patient(const char *folder, size_t number, certificate **out) {
    char name[PATH_SIZE];
    snprintf(name, sizeof name, "patient-%zu.der", number);
    CHECK(certificate_from_file(path_of(folder, name), out));
}

void population_open(const char *pki, const char *card, const char *folder, population *out) {
    *out = (population){.pki = pki, .patient_count = 1, .institution_count = 1};
    evidence_maker_open(pki, card, &out->maker);
    if (!folder)
        return;
    out->patient_count = count_of(folder, "patient");
    out->institution_count = count_of(folder, "institution");
    out->patients = calloc(out->patient_count, sizeof(certificate *));
    out->institutions = calloc(out->institution_count, sizeof *out->institutions);
    if (!out->patients || !out->institutions)
        exit(1);
    for (size_t i = 0; i < out->patient_count; i++)
        open_patient(folder, i, &out->patients[i]);
    for (size_t i = 0; i < out->institution_count; i++)
        open_institution(folder, i, &out->institutions[i]);
}

evidence_maker population_maker(const population *p, size_t patient, size_t institution) {
    evidence_maker maker = p->maker;
    if (p->patients)
        maker.patient = p->patients[patient % p->patient_count];
    if (p->institutions) {
        const population_institution *one = &p->institutions[institution % p->institution_count];
        maker.institution = one->certificate;
        snprintf(maker.institution_code, sizeof maker.institution_code, "%s", one->code);
        snprintf(maker.terminal_id, sizeof maker.terminal_id, "%s", one->terminal_id);
        snprintf(maker.se_serial, sizeof maker.se_serial, "%s", one->se_serial);
    }
    return maker;
}

http_client *population_client(const population *p, size_t institution, const char *url, size_t response_max) {
    const char *folder = p->institutions ? p->institutions[institution % p->institution_count].folder : NULL;
    return request_maker_client_of(url, p->pki, folder ? folder : path_of(p->pki, "se-1"), response_max);
}
