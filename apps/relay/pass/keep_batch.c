/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "pass/keep_batch.h"

#include "base/hex.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <string.h>

void keep_batch_wipe(keep_batch *batch) {
    for (size_t i = 0; i < batch->count; i++)
        kept_request_wipe(&batch->requests[i]);
    memset(batch->answered, 0, sizeof batch->answered);
    batch->count = 0;
}

static result hash_body(keep_batch *batch, size_t at) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    const result code = crypt_sha256(buffer_bytes(&batch->requests[at].body), digest);
    hex_encode(BYTES(digest), batch->hashes[at], sizeof batch->hashes[at]);
    return code;
}

/* RESULT_NOT_FOUND: no further one, or no room for it. */
static result add_next(keep_store *store, keep_batch *batch, size_t *bytes_used) {
    kept_request *r = &batch->requests[batch->count];
    *r = KEPT_REQUEST_INIT;
    r->service = KEPT_HISTORY;
    snprintf(r->id, sizeof r->id, "%s", batch->last);
    result code = keep_store_next(store, r);
    if (code == RESULT_OK && batch->count > 0 && *bytes_used + r->body.length > VISIT_BATCH_RECORDS_MAX)
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK)
        code = hash_body(batch, batch->count);
    if (code != RESULT_OK) {
        kept_request_wipe(r);
        return code;
    }
    *bytes_used += r->body.length;
    snprintf(batch->last, sizeof batch->last, "%s", r->id);
    batch->count++;
    return RESULT_OK;
}

result keep_batch_gather(keep_store *store, size_t max, keep_batch *batch) {
    size_t bytes_used = 0;
    result code = RESULT_OK;
    while (code == RESULT_OK && batch->count < max && batch->count < VISIT_BATCH_MAX)
        code = add_next(store, batch, &bytes_used);
    return code == RESULT_NOT_FOUND && batch->count > 0 ? RESULT_OK : code;
}

result keep_batch_write(const keep_batch *batch, buffer *text) {
    bytes records[VISIT_BATCH_MAX];
    for (size_t i = 0; i < batch->count; i++)
        records[i] = buffer_bytes(&batch->requests[i].body);
    return visit_batch_write(records, batch->count, text);
}

/* --- the answer --------------------------------------------------------------------------------------------------- */

static size_t find(const keep_batch *batch, const char *content_hash) {
    size_t i = 0;
    while (i < batch->count && (batch->answered[i] || strcmp(batch->hashes[i], content_hash) != 0))
        i++;
    return i;
}

static bool take_entry(keep_batch *batch, visit_answer_read *one, keep_batch_taker *take, void *context,
                       size_t *taken) {
    const size_t at = find(batch, one->content_hash);
    if (at == batch->count)
        return true;
    http_answer answer = {.status = one->status, .body = one->body, .retry_after = -1};
    snprintf(answer.type, sizeof answer.type, "%s", one->status <= 201 ? "application/json" : "application/fhir+json");
    if (*one->signature != 0 && (answer.signature = strdup(one->signature)) == NULL)
        return false;
    one->body = BUFFER_INIT(0); /* the answer's now */
    batch->answered[at] = true;
    ++*taken;
    const bool more = take(context, &batch->requests[at], &answer);
    http_answer_wipe(&answer);
    return more;
}

size_t keep_batch_divide(keep_batch *batch, bytes text, keep_batch_taker *take, void *context) {
    visit_answers *answers = NULL;
    size_t taken = 0;
    bool more = visit_answers_read(text, &answers, NULL) == RESULT_OK;
    for (size_t i = 0; more && i < visit_answers_count(answers); i++) {
        visit_answer_read one;
        if (visit_answers_entry(answers, i, &one) == RESULT_OK)
            more = take_entry(batch, &one, take, context, &taken);
        buffer_wipe(&one.body);
    }
    visit_answers_free(&answers);
    return taken;
}
