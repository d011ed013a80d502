/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* OperationOutcome (FHIR R4): the form of every error answer. */
#pragma once

#include "fhir/json.h"

/* code: a value of http://hl7.org/fhir/issue-type ("invalid", "forbidden", "not-found", "conflict", "too-long",
 * "transient", "processing"). text: what is wrong and what to do next. Appends. */
result outcome_write(const char *code, const char *text, buffer *json);
/* The same about one piece of evidence, inside a batch's answer: it names the evidence (extension
 * urn:uketsuke:evidence-id), so that a refusal is never taken for another's. */
result outcome_write_about(const char *code, const char *text, const char *evidence_id, buffer *json);

/* Copies issue[0].code; "" when the JSON is no OperationOutcome. */
void outcome_read_code(bytes json, char *code, size_t size);
/* Copies issue[0].details.text, or a general sentence when the JSON is no OperationOutcome. */
void outcome_read(bytes json, char *text, size_t size);
