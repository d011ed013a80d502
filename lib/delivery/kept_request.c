/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/kept_request.h"

#include "delivery/ledger.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "crypt/digest.h"
#include "store/group_commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX (KEPT_SIGNATURE_MAX + 1024)
#define PLAIN_MAX (HEADER_MAX + KEPT_BODY_MAX + KEPT_ANSWER_MAX)
#define FOUND_MAX 16
#define PAGE 64
#define PURGED_AT_ONCE 64 /* in one call: other threads use the store, too */

static const char *const kinds[KEPT_SERVICES] = {[KEPT_PLATFORM] = "request-pf", [KEPT_HISTORY] = "request-history"};

void kept_request_wipe(kept_request *r) {
    buffer_wipe(&r->body);
    buffer_wipe(&r->signature);
    buffer_wipe(&r->answer);
}

/* --- a record's content: a line of JSON, the request's bytes, the answer's bytes ---------------------------------- */

static result write_plain(const kept_request *r, buffer *plain) {
    result code = fhir_dump_and_free(
        json_pack("{s:I,s:I,s:i,s:s,s:s#}", "bodyLength", (json_int_t)r->body.length, "answeredAt",
                  (json_int_t)r->answered_at, "status", r->status, "type", r->type, "signature",
                  r->signature.length > 0 ? (const char *)r->signature.data : "", (int)r->signature.length),
        plain);
    if (code == RESULT_OK)
        code = buffer_append_u8(plain, '\n');
    if (code == RESULT_OK)
        code = buffer_append(plain, buffer_bytes(&r->body));
    return code == RESULT_OK ? buffer_append(plain, buffer_bytes(&r->answer)) : code;
}

static result read_header(bytes line, kept_request *r, size_t *body_length) {
    json_t *root = fhir_parse(line, NULL);
    const json_t *signature = json_object_get(root, "signature");
    *body_length = (size_t)json_integer_value(json_object_get(root, "bodyLength"));
    r->answered_at = json_integer_value(json_object_get(root, "answeredAt"));
    r->status = (int)json_integer_value(json_object_get(root, "status"));
    fhir_copy(root, "type", r->type, sizeof r->type);
    result code = root != NULL ? RESULT_OK : RESULT_INVALID;
    if (code == RESULT_OK)
        code = buffer_append(&r->signature, bytes_of(json_string_value(signature), json_string_length(signature)));
    json_decref(root);
    return code;
}

static result read_plain(bytes plain, kept_request *r) {
    const uint8_t *end = plain.length > 0 ? memchr(plain.data, '\n', plain.length) : NULL;
    size_t body_length;
    if (end == NULL)
        return RESULT_INVALID;
    const size_t header = (size_t)(end - plain.data);
    result code = read_header(bytes_slice(plain, 0, header), r, &body_length);
    if (code == RESULT_OK && body_length > plain.length - header - 1)
        code = RESULT_TRUNCATED;
    if (code == RESULT_OK)
        code = buffer_append(&r->body, bytes_slice(plain, header + 1, body_length));
    return code == RESULT_OK ? buffer_append(&r->answer, bytes_slice(plain, header + 1 + body_length, plain.length))
                             : code;
}

static result read_request(store_access *s, const char *id, kept_request *r) {
    CLEANED_BY(buffer_wipe) buffer plain = BUFFER_INIT(PLAIN_MAX);
    terminal_record row;
    const result code = record_read(s, id, &row, &plain);
    if (code != RESULT_OK)
        return code;
    snprintf(r->id, sizeof r->id, "%s", row.id);
    snprintf(r->owner, sizeof r->owner, "%s", row.subject);
    snprintf(r->state, sizeof r->state, "%s", row.state);
    r->service = strcmp(row.kind, kinds[KEPT_HISTORY]) == 0 ? KEPT_HISTORY : KEPT_PLATFORM;
    r->at = row.at;
    return read_plain(buffer_bytes(&plain), r);
}

/* --- the same request again --------------------------------------------------------------------------------------- */

/* A request is found by a keyed hash, which cannot be understood or made without the key. */
static result token_of(const store_access *s, const kept_request *r, terminal_tokens *out) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(KEPT_BODY_MAX + 256);
    uint8_t mac[CRYPT_SHA256_LENGTH];
    result code = buffer_append_format(&text, "request\n%s\n%s\n", kinds[r->service], r->owner);
    if (code == RESULT_OK)
        code = buffer_append(&text, buffer_bytes(&r->body));
    if (code == RESULT_OK)
        code = crypt_hmac_sha256(bytes_of(s->index_key, sizeof s->index_key), buffer_bytes(&text), mac);
    out->count = 1;
    if (code == RESULT_OK)
        memcpy(&out->token[0], mac, sizeof out->token[0]);
    return code;
}

bool kept_request_is_same(const kept_request *a, const kept_request *b) {
    return a->service == b->service && strcmp(a->owner, b->owner) == 0 &&
           bytes_equal(buffer_bytes(&a->body), buffer_bytes(&b->body));
}

/* It waits, or its answer is not fetched yet. A terminal that has stored the answer and sends the same again needs another
 * answer: the last was "not yet", or the cause of a refusal was removed. */
static bool is_open(const kept_request *r) {
    return strcmp(r->state, KEPT_QUEUED) == 0 || strcmp(r->state, KEPT_ANSWERED) == 0;
}

/* A token may also lead to other requests and to purged ones. */
static result take_if_same(store_access *s, const char *id, kept_request *r) {
    kept_request found = KEPT_REQUEST_INIT;
    result code = read_request(s, id, &found);
    if (code == RESULT_OK && (!is_open(&found) || !kept_request_is_same(&found, r)))
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK) {
        kept_request_wipe(r);
        *r = found;
        return RESULT_OK;
    }
    kept_request_wipe(&found);
    return record_is_damage(code) ? RESULT_NOT_FOUND : code;
}

result kept_request_find(store_access *s, kept_request *r) {
    terminal_tokens tokens;
    char ids[FOUND_MAX][UUID_TEXT_SIZE];
    size_t count = 0;
    result code = token_of(s, r, &tokens);
    const terminal_search wanted = {.token = tokens.token[0]};
    if (code == RESULT_OK)
        code = terminal_store_find(s->file, &wanted, ids, FOUND_MAX, &count);
    if (code != RESULT_OK)
        return code;
    code = RESULT_NOT_FOUND;
    for (size_t i = 0; i < count && code == RESULT_NOT_FOUND; i++)
        code = take_if_same(s, ids[i], r);
    return code;
}

/* --- its way ------------------------------------------------------------------------------------------------------ */

/* The rows of one request. */
typedef struct entry {
    terminal_tokens tokens;
    buffer plain;
} entry;

static result prepare(store_access *s, const kept_request *r, entry *e, terminal_addition *out) {
    *out = (terminal_addition){.record.at = clock_wall_s(), .tokens = &e->tokens};
    e->plain = BUFFER_INIT(PLAIN_MAX);
    result code = uuid_v7(out->record.id);
    snprintf(out->record.kind, sizeof out->record.kind, "%s", kinds[r->service]);
    snprintf(out->record.subject, sizeof out->record.subject, "%s", r->owner);
    snprintf(out->record.state, sizeof out->record.state, "%s", r->status != 0 ? KEPT_ANSWERED : KEPT_QUEUED);
    if (code == RESULT_OK)
        code = write_plain(r, &e->plain);
    return code == RESULT_OK ? token_of(s, r, &e->tokens) : code;
}

static void take_names(kept_request *r, const terminal_record *row) {
    memcpy(r->id, row->id, sizeof r->id);
    memcpy(r->state, row->state, sizeof r->state);
    r->at = row->at;
}

result kept_request_add(store_access *s, kept_request *const *all, size_t count) {
    terminal_addition additions[GROUP_COMMIT_MAX];
    bytes content[GROUP_COMMIT_MAX] = {{NULL, 0}};
    entry *entries = calloc(GROUP_COMMIT_MAX, sizeof *entries);
    result code = entries == NULL ? RESULT_NO_MEMORY : count <= GROUP_COMMIT_MAX ? RESULT_OK : RESULT_INTERNAL;
    for (size_t i = 0; code == RESULT_OK && i < count; i++) {
        all[i]->answered_at = all[i]->status != 0 ? clock_wall_s() : 0;
        code = prepare(s, all[i], &entries[i], &additions[i]);
        content[i] = buffer_bytes(&entries[i].plain);
    }
    if (code == RESULT_OK)
        code = record_add_together(s, additions, content, count);
    for (size_t i = 0; code == RESULT_OK && i < count; i++)
        take_names(all[i], &additions[i].record);
    for (size_t i = 0; entries != NULL && i < GROUP_COMMIT_MAX; i++)
        buffer_wipe(&entries[i].plain);
    free(entries);
    return code;
}

/* The next of these that can be read. */
static result next_of(store_access *s, const terminal_filter *wanted, kept_request *r, long long *damaged) {
    terminal_record row;
    terminal_filter after = *wanted;
    char last[UUID_TEXT_SIZE];
    size_t count = 0;
    memcpy(last, r->id, sizeof last);
    after.after = last;
    for (;;) {
        result code = terminal_store_list(s->file, &after, &row, 1, &count);
        if (code != RESULT_OK || count == 0)
            return code != RESULT_OK ? code : RESULT_NOT_FOUND;
        memcpy(last, row.id, sizeof last);
        code = read_request(s, row.id, r);
        if (code == RESULT_OK)
            return RESULT_OK;
        kept_request_wipe(r);
        code = record_quarantine(s, row.id, code, &row);
        if (code != RESULT_OK)
            return code;
        (*damaged)++;
    }
}

result kept_request_next(store_access *s, kept_request *r, long long *damaged) {
    const terminal_filter queued = {.kind = kinds[r->service], .state = KEPT_QUEUED};
    return next_of(s, &queued, r, damaged);
}

result kept_request_next_answer(store_access *s, kept_request *r, long long *damaged) {
    char owner[TERMINAL_WORD_SIZE];
    memcpy(owner, r->owner, sizeof owner);
    const terminal_filter answered = {.kind = kinds[r->service], .subject = owner, .state = KEPT_ANSWERED};
    return next_of(s, &answered, r, damaged);
}

result kept_request_answer(store_access *s, kept_request *r) {
    CLEANED_BY(buffer_wipe) buffer plain = BUFFER_INIT(PLAIN_MAX);
    r->answered_at = clock_wall_s();
    result code = write_plain(r, &plain);
    if (code == RESULT_OK)
        code = record_replace(s, r->id, KEPT_ANSWERED, buffer_bytes(&plain));
    if (code == RESULT_OK)
        snprintf(r->state, sizeof r->state, "%s", KEPT_ANSWERED);
    return code;
}

static result mark_delivered(store_access *s, const kept_request *r) {
    CLEANED_BY(buffer_wipe) buffer plain = BUFFER_INIT(PLAIN_MAX);
    const result code = write_plain(r, &plain);
    return code == RESULT_OK
               ? record_replace(s, r->id, r->signature.length > 0 ? KEPT_DELIVERED : KEPT_REFUSED, buffer_bytes(&plain))
               : code;
}

result kept_request_delivered(store_access *s, const char *owner, const char *id) {
    kept_request r = KEPT_REQUEST_INIT;
    result code = read_request(s, id, &r);
    if (strcmp(r.state, KEPT_PURGED) == 0 && strcmp(r.owner, owner) == 0)
        code = RESULT_OK;
    else if (code == RESULT_OK && (strcmp(r.owner, owner) != 0 || strcmp(r.state, KEPT_QUEUED) == 0))
        code = RESULT_NOT_FOUND;
    else if (code == RESULT_OK && strcmp(r.state, KEPT_ANSWERED) == 0)
        code = mark_delivered(s, &r);
    kept_request_wipe(&r);
    return code;
}

/* --- purge -------------------------------------------------------------------------------------------------------- */

static result hash_of(const buffer *b, char text[2 * CRYPT_SHA256_LENGTH + 1]) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    const result code = crypt_sha256(buffer_bytes(b), digest);
    if (code == RESULT_OK)
        hex_encode(BYTES(digest), text, 2 * CRYPT_SHA256_LENGTH + 1);
    return code;
}

/* Replaces a request by its tombstone, which names no person; the service's signature is over the answer's hash. */
static result bury(store_access *s, const kept_request *r) {
    CLEANED_BY(buffer_wipe) buffer plain = BUFFER_INIT(HEADER_MAX);
    char request[2 * CRYPT_SHA256_LENGTH + 1], answer[2 * CRYPT_SHA256_LENGTH + 1];
    terminal_tokens tokens;
    result code = token_of(s, r, &tokens);
    if (code == RESULT_OK)
        code = terminal_store_unindex(s->file, r->id, &tokens);
    if (code == RESULT_OK)
        code = hash_of(&r->body, request);
    if (code == RESULT_OK)
        code = hash_of(&r->answer, answer);
    if (code == RESULT_OK)
        code = fhir_dump_and_free(json_pack("{s:s,s:s,s:i,s:s#,s:I,s:I}", "requestHash", request, "answerHash", answer,
                                            "status", r->status, "signature", (const char *)r->signature.data,
                                            (int)r->signature.length, "answeredAt", (json_int_t)r->answered_at,
                                            "purgedAt", (json_int_t)clock_wall_s()),
                                  &plain);
    return code == RESULT_OK ? record_replace(s, r->id, KEPT_PURGED, buffer_bytes(&plain)) : code;
}

/* Purges only requests with a signed answer. */
static result purge_one(store_access *s, const char *id, int64_t before, long long *purged) {
    kept_request r = KEPT_REQUEST_INIT;
    result code = read_request(s, id, &r);
    const bool due = code == RESULT_OK && r.signature.length > 0 && r.answered_at < before;
    if (due)
        code = bury(s, &r);
    *purged += due && code == RESULT_OK;
    kept_request_wipe(&r);
    return record_is_damage(code) ? RESULT_OK : code;
}

static result purge_service(store_access *s, kept_service service, int64_t before, long long *purged) {
    terminal_record rows[PAGE];
    char last[UUID_TEXT_SIZE] = "";
    size_t count = PAGE;
    result code = RESULT_OK;
    while (code == RESULT_OK && count == PAGE && *purged < PURGED_AT_ONCE) {
        const terminal_filter delivered = {.kind = kinds[service], .state = KEPT_DELIVERED, .after = last};
        code = terminal_store_list(s->file, &delivered, rows, PAGE, &count);
        for (size_t i = 0; i < count && code == RESULT_OK; i++) {
            memcpy(last, rows[i].id, sizeof last);
            /* an answer is never older than its request, so younger rows need not be unsealed */
            if (rows[i].at < before)
                code = purge_one(s, rows[i].id, before, purged);
        }
    }
    return code;
}

result kept_request_purge(store_access *s, int64_t before, long long *purged) {
    result code = RESULT_OK;
    *purged = 0;
    for (size_t i = 0; i < KEPT_SERVICES && code == RESULT_OK; i++)
        code = purge_service(s, (kept_service)i, before, purged);
    return code == RESULT_OK && *purged > 0 ? terminal_store_forget(s->file) : code;
}

/* --- counts ------------------------------------------------------------------------------------------------------- */

int64_t kept_request_count(const store_access *s, kept_service service, const char *state) {
    return ledger_count(s, kinds[service], state);
}

result kept_request_count_of(store_access *s, kept_service service, const char *owner, const char *state, size_t max,
                             size_t *count) {
    terminal_record rows[PAGE];
    char last[UUID_TEXT_SIZE] = "";
    size_t found = PAGE;
    result code = RESULT_OK;
    *count = 0;
    while (code == RESULT_OK && found == PAGE && *count < max) {
        const terminal_filter wanted = {.kind = kinds[service], .subject = owner, .state = state, .after = last};
        code = terminal_store_list(s->file, &wanted, rows, PAGE, &found);
        if (found > 0)
            memcpy(last, rows[found - 1].id, sizeof last);
        *count += found;
    }
    return code;
}

int64_t kept_request_oldest(store_access *s, kept_service service) {
    terminal_record row;
    size_t count = 0;
    const terminal_filter queued = {.kind = kinds[service], .state = KEPT_QUEUED};
    return terminal_store_list(s->file, &queued, &row, 1, &count) == RESULT_OK && count == 1 ? row.at : 0;
}
