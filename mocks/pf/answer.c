/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "answer.h"

#include "base/clock.h"
#include "base/copy_text.h"
#include "base/hex.h"
#include "crypt/digest.h"
#include "fhir/signed_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINK_TEXT_SIZE 33

_Static_assert(PLATFORM_COVERAGES_MAX <= FHIR_COVERAGES_MAX, "an answer holds all coverages of a person");
_Static_assert(LINK_TEXT_SIZE <= FHIR_WORD_SIZE, "an answer holds a link id");

/* Derived under the key of the link ids; values of different purposes for one seed cannot be related. */
static result derive(const platform *p, const char *purpose, const char *seed, uint8_t mac[CRYPT_SHA256_LENGTH]) {
    buffer message = BUFFER_INIT(1024);
    buffer_append_text(&message, purpose);
    buffer_append_u8(&message, 0);
    buffer_append_text(&message, seed);
    const result outcome = message.failed == RESULT_OK
                               ? crypt_hmac_sha256(BYTES(p->link_key), buffer_bytes(&message), mac)
                               : message.failed;
    buffer_wipe(&message);
    return outcome;
}

/* A pseudonym for one service only. */
static result link_id(const platform *p, const char *service, const char *seed, char text[LINK_TEXT_SIZE]) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    const result outcome = derive(p, service, seed, mac);
    if (outcome == RESULT_OK)
        hex_encode(bytes_of(mac, 16), text, LINK_TEXT_SIZE);
    return outcome;
}

static void fill_coverage(const platform_coverage *from, bool in_force, eligibility_coverage *to) {
    COPY_TEXT(to->insurer_number, from->insurer_number);
    COPY_TEXT(to->insurer_name, from->insurer_name);
    COPY_TEXT(to->symbol, from->symbol);
    COPY_TEXT(to->number, from->number);
    COPY_TEXT(to->branch, from->branch);
    COPY_TEXT(to->from, from->from);
    COPY_TEXT(to->to, from->to);
    to->family = from->family;
    to->burden_permille = from->burden_permille;
    to->in_force = in_force;
    COPY_TEXT(to->limit_category, from->limit_category);
    to->elderly = from->elderly;
    COPY_TEXT(to->loss_reason, from->loss_reason);
}

static void fill_public(const platform_coverage *from, eligibility_public_expense *to) {
    COPY_TEXT(to->payer_number, from->insurer_number);
    COPY_TEXT(to->recipient_number, from->number);
    COPY_TEXT(to->name, from->insurer_name);
    COPY_TEXT(to->from, from->from);
    COPY_TEXT(to->to, from->to);
    to->in_force = true;
}

static void fill_person(const platform_person *from, eligibility_person *to) {
    COPY_TEXT(to->name, from->name);
    COPY_TEXT(to->kana, from->kana);
    COPY_TEXT(to->birth_date, from->birth_date);
    COPY_TEXT(to->postal_code, from->postal_code);
    COPY_TEXT(to->address, from->address);
    eligibility_sex_of(from->sex, &to->sex); /* checked when it was loaded */
}

static void fill(const answer_subject *s, const platform_person *person, const coverage_ruling *ruling, int64_t now,
                 eligibility_response *r) {
    bool in_force = ruling->validity == ELIGIBILITY_VALID || ruling->validity == ELIGIBILITY_SEVERAL;
    clock_text(now, r->created);
    clock_text(now, r->as_of);
    COPY_TEXT(r->evidence_id, s->evidence_id);
    COPY_TEXT(r->service_date, s->day);
    snprintf(r->patient_serial, sizeof r->patient_serial, "%s#%s", s->patient->issuer, s->patient->serial);
    COPY_TEXT(r->clock_warning, s->clock_warning ? s->clock_warning : "");
    COPY_TEXT(r->disposition, coverage_words(ruling->validity));
    r->validity = ruling->validity;
    for (r->coverage_count = 0; r->coverage_count < ruling->count; r->coverage_count++)
        fill_coverage(ruling->coverages[r->coverage_count], in_force, &r->coverages[r->coverage_count]);
    for (size_t i = 0; i < ruling->public_count; i++)
        fill_public(ruling->public_expenses[i], &r->public_expenses[r->public_expense_count++]);
    if (person)
        fill_person(person, &r->person);
}

result answer_append(const platform *p, const answer_subject *subject, const platform_person *person, int64_t now,
                     eligibility_validity *validity, buffer *out, buffer *form) {
    eligibility_response response = {0};
    coverage_ruling ruling;
    coverage_rule(person, subject->day, &ruling);
    fill(subject, person, &ruling, now, &response);
    *validity = ruling.validity;
    result outcome = person ? link_id(p, "visit-history", person->link_seed, response.link_id) : RESULT_OK;
    if (outcome == RESULT_OK)
        outcome = answer_salt(&response);
    return outcome == RESULT_OK ? eligibility_response_write_signed(&response, out, form) : outcome;
}

/* --- answers of the version before -------------------------------------------------------------------------------- */

/* Deterministic salts, so that the answer is the same each time. */
static result derive_salts(const platform *p, eligibility_response *r) {
    uint8_t mac[CRYPT_SHA256_LENGTH];
    char seed[UUID_TEXT_SIZE + 24];
    result outcome = answer_salt(r); /* how many */
    for (size_t i = 0; i < r->salt_count && outcome == RESULT_OK; i++) {
        snprintf(seed, sizeof seed, "%.36s %zu", r->evidence_id, i);
        outcome = derive(p, "answer-salt", seed, mac);
        if (outcome == RESULT_OK)
            memcpy(r->salts[i], mac, FHIR_SALT_LENGTH);
    }
    return outcome;
}

result answer_renew(const platform *p, buffer *answer) {
    eligibility_response *r = calloc(1, sizeof *r); /* large: kept off the stack */
    result outcome = r ? eligibility_response_read(buffer_bytes(answer), r, NULL) : RESULT_NO_MEMORY;
    if (outcome == RESULT_OK && r->salt_count == 0) {
        outcome = derive_salts(p, r);
        buffer_clear(answer);
        if (outcome == RESULT_OK)
            outcome = eligibility_response_write(r, answer);
    }
    free(r);
    return outcome;
}
