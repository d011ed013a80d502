/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The list for the administrator: which patients are extracted, and why. */
#include "extract/extraction_internal.h"

#include "base/copy_text.h"
#include "delivery/appointment.h"
#include "fhir/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_ROWS 200
#define PAGE_REQUESTS 4   /* of up to FHIR_BATCH_MAX patients each */
#define WAITING "waiting" /* the cursor before the first kept request */

/* --- one row ------------------------------------------------------------------------------------------------------ */

static json_t *why_of(unsigned reasons) {
    json_t *list = json_array();
    for (unsigned i = 0; i < EXTRACT_REASONS; i++)
        if ((reasons >> i & 1) != 0)
            json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "word", extract_reason_word((extract_reason)i), "en",
                                                  extract_reason_english((extract_reason)i), "ja",
                                                  extract_reason_japanese((extract_reason)i)));
    return list;
}

/* What is not known is left out. */
static json_t *object_of(const insured_row *row, const char *state, unsigned reasons) {
    const eligibility_coverage *c = &row->word.coverage;
    char at[CLOCK_TEXT_SIZE] = "";
    json_t *object = json_pack("{s:s,s:s,s:s,s:o}", "terminal", row->terminal, "evidence", row->evidence_id, "state",
                               state, "why", why_of(reasons));
    if (row->word.at != 0)
        clock_text(row->word.at, at);
    fhir_set_text(object, "insurer", c->insurer_number);
    fhir_set_text(object, "symbol", c->symbol);
    fhir_set_text(object, "number", c->number);
    fhir_set_text(object, "branch", c->branch);
    fhir_set_text(object, "ends", c->to);
    fhir_set_text(object, "answeredAt", at);
    fhir_set_text(object, "aboutDay", row->word.about_day);
    fhir_set_text(object, "appointment", row->appointment);
    return object;
}

/* --- those who are noted ------------------------------------------------------------------------------------------ */

static void list_row(const extraction *x, const insured_row *row, const char *today, json_t *list) {
    const unsigned reasons = insured_row_due(row, &x->options.rules, today);
    const bool asked = strcmp(row->asked_on, today) == 0;
    extract_facts facts;
    if (reasons == 0 && !asked)
        return;
    insured_row_facts(row, &facts);
    json_t *object = object_of(row, reasons != 0 ? "due" : "asked", reasons != 0 ? reasons : row->asked_for);
    if (reasons != 0)
        fhir_set_text(object, "askAbout", extract_day_to_ask(&facts, reasons, today));
    if (asked)
        fhir_set_text(object, "finding", appointment_finding_word(row->finding));
    json_array_append_new(list, object);
}

static result list_noted(extraction *x, char cursor[EXTRACTION_CURSOR_SIZE], json_t *list) {
    char today[CLOCK_DATE_SIZE];
    insured_row *row = calloc(1, sizeof *row);
    int64_t at = strtoll(cursor, NULL, 10);
    result code = row != NULL ? RESULT_OK : RESULT_NO_MEMORY;
    clock_date_in_japan(clock_wall_s(), today);
    while (code == RESULT_OK && json_array_size(list) < PAGE_ROWS) {
        code = extract_store_next(x->store, at, row);
        if (code == RESULT_OK) {
            at = row->number;
            list_row(x, row, today, list);
        }
    }
    free(row);
    if (code == RESULT_NOT_FOUND)
        snprintf(cursor, EXTRACTION_CURSOR_SIZE, "%s", WAITING);
    else
        snprintf(cursor, EXTRACTION_CURSOR_SIZE, "%lld", (long long)at);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

/* --- those whose evidence waits ----------------------------------------------------------------------------------- */

/* The insured number is known when the patient was here before. */
static void list_waiting(extraction *x, const char *terminal, const eligibility_request *r, json_t *list) {
    const unsigned reasons = x->options.rules.enabled & 1u << EXTRACT_PROVISIONAL;
    insured_row *row = calloc(1, sizeof *row);
    if (row == NULL || reasons == 0) {
        free(row);
        return;
    }
    if (extract_store_find(x->store, terminal, r->patient_serial, row) != RESULT_OK)
        *row = (insured_row){0};
    COPY_TEXT(row->terminal, terminal);
    COPY_TEXT(row->evidence_id, r->evidence_id);
    json_t *object = object_of(row, "waiting", reasons);
    fhir_set_text(object, "askAbout", r->service_date);
    json_array_append_new(list, object);
    free(row);
}

static void list_request(extraction *x, const kept_request *kept, json_t *list) {
    eligibility_batch *entries = NULL;
    fhir_problem problem = {""};
    if (eligibility_batch_read(buffer_bytes(&kept->body), &entries, &problem) != RESULT_OK)
        return;
    for (size_t i = 0; i < eligibility_batch_count(entries); i++) {
        eligibility_request one;
        if (eligibility_batch_entry(entries, i, &one, &problem) == RESULT_OK)
            list_waiting(x, kept->owner, &one, list);
        eligibility_request_wipe(&one);
    }
    eligibility_batch_free(&entries);
}

static result list_kept(extraction *x, char cursor[EXTRACTION_CURSOR_SIZE], json_t *list) {
    kept_request kept = KEPT_REQUEST_INIT;
    result code = x->options.kept != NULL ? RESULT_OK : RESULT_NOT_FOUND;
    kept.service = KEPT_PLATFORM;
    snprintf(kept.id, sizeof kept.id, "%.36s", cursor + strlen(WAITING));
    for (int i = 0; code == RESULT_OK && i < PAGE_REQUESTS && json_array_size(list) < PAGE_ROWS; i++) {
        code = keep_store_next(x->options.kept, &kept);
        if (code == RESULT_OK)
            list_request(x, &kept, list);
        kept_request_wipe(&kept);
    }
    if (code == RESULT_OK)
        snprintf(cursor, EXTRACTION_CURSOR_SIZE, WAITING "%s", kept.id);
    else
        *cursor = 0;
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

result extraction_list(extraction *x, char cursor[EXTRACTION_CURSOR_SIZE], json_t *list) {
    result code = extract_store_write(x->store);
    if (code != RESULT_OK)
        return code;
    if (strncmp(cursor, WAITING, strlen(WAITING)) == 0)
        return list_kept(x, cursor, list);
    return list_noted(x, cursor, list);
}
