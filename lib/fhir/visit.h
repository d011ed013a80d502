/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The visit record (受診記録): Encounter, the doctor's signature over it, the evidence, the platform's answer to it; and
 * the history service's receipt. docs/interfaces/http.md. */
#pragma once

#include "base/clock.h"
#include "base/uuid.h"
#include "fhir/answer_proof.h"
#include "fhir/eligibility.h"

#define FHIR_ENCOUNTER_MAX 8192
#define FHIR_SIGNATURE_MAX 32768

typedef struct visit_encounter {
    char visit_id[UUID_TEXT_SIZE];
    char link_id[FHIR_WORD_SIZE]; /* empty: signed before the platform gave it; the proof has it */
    char evidence_id[UUID_TEXT_SIZE];
    char institution_code[FHIR_WORD_SIZE];
    char operator_id[FHIR_WORD_SIZE]; /* the doctor's */
    char operator_name[FHIR_NAME_SIZE];
    char department[FHIR_NAME_SIZE];
    char start[CLOCK_TEXT_SIZE], end[CLOCK_TEXT_SIZE];
} visit_encounter;

/* The canonical bytes that the doctor signs. Appends. */
result visit_encounter_write(const visit_encounter *encounter, buffer *text);

typedef struct visit_record {
    visit_encounter encounter;
    buffer signature; /* CMS, attached, content = visit_encounter_write's bytes */
    buffer evidence;  /* DER */
    /* the platform's proof for this evidence and the link id (fhir/answer_proof.h); empty until visit_record_prove adds
     * it */
    buffer proof;
} visit_record;

#define VISIT_RECORD_INIT                                                                                              \
    ((visit_record){.signature = BUFFER_INIT(FHIR_SIGNATURE_MAX),                                                      \
                    .evidence = BUFFER_INIT(FHIR_EVIDENCE_MAX),                                                        \
                    .proof = BUFFER_INIT(ANSWER_PROOF_MAX)})

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result visit_record_write(const visit_record *record, buffer *text);
/* Checks all forms and that Provenance and Binary belong to the Encounter; not the signatures. encounter_text receives
 * the canonical bytes of the Encounter, to be compared with the signed content. Wipe with visit_record_wipe also
 * after failure. */
result visit_record_read(bytes text, visit_record *out, buffer *encounter_text, fhir_problem *problem);
/* A record that was signed before the platform answered has no proof, and one of the version before has the platform's
 * whole answer, which names the patient. *record with this proof in its place; an empty one: without any.
 * RESULT_EXISTS: it has one that may be sent. */
result visit_record_prove(buffer *record, bytes proof);
/* Whether a written record has a proof that may be sent (answer_proof_is_bare). */
bool visit_record_is_proven(bytes record);
void visit_record_wipe(visit_record *record);

typedef struct visit_receipt {
    char receipt_id[UUID_TEXT_SIZE];
    char visit_id[UUID_TEXT_SIZE];
    char link_id[FHIR_WORD_SIZE];
    char content_hash[65]; /* SHA-256 of the request's body, capital hexadecimal */
    char registered_at[CLOCK_TEXT_SIZE];
} visit_receipt;

/* Appends the canonical text. RESULT_INVALID: a text is not UTF-8. RESULT_TOO_LONG: beyond the bound of text. */
result visit_receipt_write(const visit_receipt *receipt, buffer *text);
/* RESULT_INVALID, and why in problem. */
result visit_receipt_read(bytes text, visit_receipt *out, fhir_problem *problem);
