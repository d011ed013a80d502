/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Many visit records in one call (POST /visit-batch), and the answer to it. Each record and each answer is inside byte for
 * byte as it would be alone, so that its hash and its signature are the same. docs/interfaces/http.md. */
#pragma once

#include "fhir/json.h"

#define VISIT_BATCH_MAX 100                    /* records */
#define VISIT_BATCH_BODY_MAX (4 * 1024 * 1024) /* bytes of the call, and of the answer */
#define VISIT_BATCH_RECORDS_MAX                                                                                        \
    (3 * 1024 * 1000) /* bytes of all records together that one call has room for, at least */

/* {"visits":[...]} of 1 to VISIT_BATCH_MAX records. Appends. RESULT_TOO_LONG: beyond the bound of text. */
result visit_batch_write(const bytes records[], size_t count, buffer *text);

/* Whether a status refuses the call itself, whatever is in it, or all that is in it: the visits are sent one by one then, so
 * that one which is refused is not in the way of the others. */
bool visit_batch_is_refused(int status);

/* A batch being read; free it. RESULT_INVALID, and why in problem. */
typedef struct visit_batch visit_batch;
result visit_batch_read(bytes text, visit_batch **out, fhir_problem *problem);
size_t visit_batch_count(const visit_batch *batch);
/* Appends the bytes of a record. RESULT_INVALID: it is no base64. RESULT_TOO_LONG: beyond the bound of record. */
result visit_batch_record(const visit_batch *batch, size_t index, buffer *record);
void visit_batch_free(visit_batch **batch);

#define VISIT_HASH_SIZE 65 /* SHA-256 of a record's bytes in capital hexadecimal digits, with the NUL */

/* What is said about one record. */
typedef struct visit_answer {
    int status;               /* of HTTP, as if the record had come alone */
    const char *content_hash; /* of the record that this is about */
    bytes body;               /* a receipt, or an OperationOutcome */
    bytes signature;          /* over body: base64 text, as in the header Uketsuke-Signature; empty: there is none */
} visit_answer;

/* {"answers":[...]}, in the order of the batch. Appends. */
result visit_answers_write(const visit_answer answers[], size_t count, buffer *text);

/* An answer being read; free it. RESULT_INVALID, and why in problem. */
typedef struct visit_answers visit_answers;
result visit_answers_read(bytes text, visit_answers **out, fhir_problem *problem);
size_t visit_answers_count(const visit_answers *answers);
typedef struct visit_answer_read {
    int status;
    char content_hash[VISIT_HASH_SIZE];
    buffer body; /* to be wiped */
    const char
        *signature; /* base64, as in the header Uketsuke-Signature; "": there is none. Borrowed from the answers */
} visit_answer_read;
/* RESULT_INVALID: it has not this form. out->body is to be wiped in any case. */
result visit_answers_entry(const visit_answers *answers, size_t index, visit_answer_read *out);
void visit_answers_free(visit_answers **answers);
