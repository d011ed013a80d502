/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Whose evidence a measurement sends: one patient at one institution (se-1), or as many as make-population made. */
#pragma once

#include "request_maker.h"

typedef struct population_institution {
    certificate *certificate;
    char code[STATEMENT_CODE_SIZE], terminal_id[STATEMENT_TEXT_MAX], se_serial[INSTITUTION_CARD_ID_LENGTH + 1];
    const char *folder;
} population_institution;

typedef struct population {
    const char *pki;
    evidence_maker maker;                    /* of the only patient at the only institution, and the keys of all */
    size_t patient_count, institution_count; /* 1 at least */
    certificate **patients;                  /* NULL: only one */
    population_institution *institutions;    /* NULL: only one */
} population;

/* folder: what make-population wrote, or NULL. Never closed; ends the program on failure. */
void population_open(const char *pki, const char *card, const char *folder, population *out);

/* The maker for a patient at an institution, each counted round. Borrows. */
evidence_maker population_maker(const population *p, size_t patient, size_t institution);
/* That institution's client. */
http_client *population_client(const population *p, size_t institution, const char *url, size_t response_max);
