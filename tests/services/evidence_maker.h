/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Evidence from key files instead of cards, for tests and measurements of the services. Ends the program on failure. */
#pragma once

#include "evidence/evidence.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK(call)                                                                                                    \
    do {                                                                                                               \
        result code_ = (call);                                                                                         \
        if (code_ != RESULT_OK) {                                                                                      \
            fprintf(stderr, "%s: %s\n", #call, result_text(code_));                                                    \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

typedef struct evidence_maker {
    certificate *patient, *institution;
    cms_key *patient_key, *institution_key;
    char card_id[INSTITUTION_CARD_ID_LENGTH + 1], se_serial[INSTITUTION_CARD_ID_LENGTH + 1];
    uint8_t holder[CVC_REFERENCE_LENGTH];
    char institution_code[STATEMENT_CODE_SIZE], terminal_id[STATEMENT_TEXT_MAX];
} evidence_maker;

/* pki: what mock-ca wrote; card: a patient's image. */
void evidence_maker_open(const char *pki, const char *card, evidence_maker *out);
/* A statement of mode offline of now, with a challenge and a counter of its own (PKI/se-1/counter), complete but for
 * the institution's signature over the challenge. */
void evidence_maker_fill(const evidence_maker *m, statement *s);
void evidence_maker_sign_challenge(const evidence_maker *m, statement *s);
void evidence_maker_create(const evidence_maker *m, const statement *s, buffer *der);

/* folder/name; never freed. */
char *path_of(const char *folder, const char *name);
