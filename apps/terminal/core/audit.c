/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/audit.h"

#include "core/audit_due.h"
#include "core/local_store_file.h"
#include "delivery/sealed_record.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/certificate.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SE_INSTITUTION "institution"
#define TRIES 3
#define SETTING_CHECKPOINT "audit-checkpoint" /* number and chain of the newest checkpoint's row */
#define MARK_MAX 128

/* Commands that change nothing and show no patient. */
static const char *const silent[] = {"status", "audit"};
/* Commands after which the log is signed. */
static const char *const signed_at_once[] = {
    "login",         "logout",       "unlock",     "limits confirm",       "anchors apply",
    "clock confirm", "audit export", "se replace", "institutions confirm", "unlock card"};

static bool is_in(const char *name, const char *const *names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

result audit_row_text(const terminal_audit_row *row, buffer *text) {
    return buffer_append_format(text, "%lld\n%lld\n%s\n%s\n%s\n%s\n", (long long)row->number, (long long)row->at,
                                row->event, row->operator_id, row->outcome, row->subject);
}

result audit_chain(const terminal_audit_row *row, const char *before, char chain[TERMINAL_WORD_SIZE]) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    buffer text = BUFFER_INIT(1024);
    audit_row_text(row, &text);
    buffer_append_format(&text, "%s\n", before);
    result code = text.failed == RESULT_OK ? crypt_sha256(buffer_bytes(&text), digest) : text.failed;
    buffer_wipe(&text);
    hex_encode(BYTES(digest), chain, TERMINAL_WORD_SIZE);
    return code;
}

result audit_checkpoint_message(const char *chain, buffer *message) {
    return buffer_append_format(message, "Uketsuke-AUDIT-1%s", chain);
}

static result add(store_access *store, terminal_audit_row *row, bytes signature) {
    terminal_audit_row last = {0};
    result code = RESULT_EXISTS;
    for (int i = 0; i < TRIES && code == RESULT_EXISTS; i++) {
        code = terminal_store_audit_last(store->file, &last);
        if (code != RESULT_OK && code != RESULT_NOT_FOUND)
            return code;
        row->number = last.number + 1;
        code = audit_chain(row, last.chain, row->chain);
        if (code == RESULT_OK)
            code = terminal_store_audit_add(store->file, row, signature);
    }
    return code;
}

/* The caller that works with the store reports why it cannot be opened. */
static bool open_quietly(store_access *store) {
    report quiet;
    report_begin(&quiet, true, NULL, NULL);
    const outcome done = store_open_file(store, &quiet);
    report_discard(&quiet);
    return done == OUTCOME_OK;
}

static void note(store_access *store, const char *event, const char *outcome_word, const char *subject) {
    terminal_audit_row row = {.at = clock_wall_s()};
    snprintf(row.event, sizeof row.event, "%s", event);
    snprintf(row.operator_id, sizeof row.operator_id, "%s", store->operator_id);
    snprintf(row.outcome, sizeof row.outcome, "%s", *outcome_word != 0 ? outcome_word : "ok");
    snprintf(row.subject, sizeof row.subject, "%s", subject);
    result code = open_quietly(store) ? add(store, &row, bytes_of(NULL, 0)) : RESULT_IO;
    if (code != RESULT_OK)
        log_write(LOG_ERROR, "the audit log could not be written (%s): %s %s", result_text(code), event, row.outcome);
}

void audit_note(store_access *store, const char *event, const char *result_word) {
    note(store, event, result_word, "");
}

void audit_note_about(store_access *store, const char *event, const char *result_word, const char *id) {
    note(store, event, result_word, id);
}

void audit_note_command(token *se, store_access *store, report *r, const char *name, outcome done) {
    if (is_in(name, silent, sizeof silent / sizeof *silent))
        return;
    const char *id = json_string_value(json_object_get(r->fields, "visitId"));
    if (id == NULL)
        id = json_string_value(json_object_get(r->fields, "evidenceId"));
    note(store, name, done == OUTCOME_OK ? "" : report_reason(r), id != NULL ? id : "");
    if (done == OUTCOME_OK && is_in(name, signed_at_once, sizeof signed_at_once / sizeof *signed_at_once))
        audit_checkpoint(se, store);
    else
        audit_checkpoint_if_due(se, store);
}

void audit_checkpoint_if_due(token *se, store_access *store) {
    int64_t rows, oldest;
    if (!store->unlocked || se == NULL)
        return;
    if (terminal_store_audit_since(store->file, AUDIT_CHECKPOINT, &rows, &oldest) == RESULT_OK &&
        audit_is_due(rows, clock_wall_s() - oldest))
        audit_checkpoint(se, store);
}

/* Keeps the checkpoint's number in the sealed settings, so that removal of the log's end, including checkpoints, is
 * detected. It is never higher than the log's last row. */
static result remember(store_access *store, const terminal_audit_row *row) {
    char text[MARK_MAX];
    const int length = snprintf(text, sizeof text, "%lld %s", (long long)row->number, row->chain);
    return store->unlocked ? record_set(store, SETTING_CHECKPOINT, bytes_of(text, (size_t)length)) : RESULT_OK;
}

audit_mark audit_last_checkpoint(store_access *store) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(MARK_MAX);
    audit_mark mark = {0};
    long long number;
    if (record_setting(store, SETTING_CHECKPOINT, &text) == RESULT_OK &&
        sscanf(buffer_text(&text), "%lld %64s", &number, mark.chain) >= 1)
        mark.number = number;
    return mark;
}

bool audit_mark_fits(const audit_mark *mark, const terminal_audit_row *row) {
    return row->number == mark->number && (mark->chain[0] == 0 || strcmp(row->chain, mark->chain) == 0);
}

typedef struct mark_search {
    audit_mark mark;
    bool found;
} mark_search;

static result look_at_first(void *context, const terminal_audit_row *row, bytes signature) {
    mark_search *search = context;
    (void)signature;
    search->found = audit_mark_fits(&search->mark, row);
    return RESULT_EXISTS; /* no further row is wanted */
}

/* Whether the log still holds the row of its last checkpoint. If rows were replaced, the SE must not sign the new ones:
 * its signature would make the altered log look whole. */
static bool follows_last_checkpoint(store_access *store) {
    mark_search search = {.mark = audit_last_checkpoint(store)};
    if (search.mark.number == 0)
        return true;
    terminal_store_audit_each(store->file, search.mark.number, look_at_first, &search);
    return search.found;
}

/* A signature that does not verify is not stored: a later check of the log would take it for an alteration. */
static result sign_checkpoint(token *se, bytes message, buffer *signature) {
    buffer der = BUFFER_INIT(8192);
    certificate *institution = NULL;
    result code = token_certificate(se, SE_INSTITUTION, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &institution);
    if (code == RESULT_OK)
        code = token_sign(se, SE_INSTITUTION, message, signature);
    if (code == RESULT_OK)
        code = certificate_verify(institution, message, buffer_bytes(signature));
    certificate_free(&institution);
    buffer_wipe(&der);
    return code;
}

/* RESULT_NOT_FOUND: there is nothing to sign. */
static result make_checkpoint(token *se, store_access *store) {
    CLEANED_BY(buffer_wipe) buffer message = BUFFER_INIT(256);
    CLEANED_BY(buffer_wipe) buffer signature = BUFFER_INIT(512);
    terminal_audit_row last = {0}, row = {.at = clock_wall_s(), .event = AUDIT_CHECKPOINT, .outcome = "ok"};
    if (terminal_store_audit_last(store->file, &last) != RESULT_OK || strcmp(last.event, AUDIT_CHECKPOINT) == 0)
        return RESULT_NOT_FOUND;
    result code = follows_last_checkpoint(store) ? audit_checkpoint_message(last.chain, &message)
                                                 : RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        code = sign_checkpoint(se, buffer_bytes(&message), &signature);
    if (code == RESULT_OK)
        code = add(store, &row, buffer_bytes(&signature));
    return code == RESULT_OK ? remember(store, &row) : code;
}

void audit_checkpoint(token *se, store_access *store) {
    if (store->file == NULL || se == NULL)
        return;
    const result code = make_checkpoint(se, store);
    if (code != RESULT_OK && code != RESULT_NOT_FOUND)
        log_write(LOG_ERROR, "no checkpoint of the audit log (%s)", result_text(code));
}
