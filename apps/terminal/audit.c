#include "audit.h"

#include "commands.h"
#include "session.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypt/certificate.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECKPOINT "checkpoint"
#define SE_INSTITUTION "institution"
#define CERTIFICATE_MOST 8192
#define TRIES 3

/* Commands that change nothing and show no patient. */
static const char *const silent[] = {"status", "audit"};

/* --- the chain ---------------------------------------------------------------------------------------------------------- */

/* SHA-256 over the row's members and the chain before, each ended by a newline, which no member can contain. */
static result chain_of(const terminal_audit_row *row, const char *before, char chain[TERMINAL_WORD_SIZE]) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    buffer text = BUFFER_INIT(1024);
    buffer_append_format(&text, "%lld\n%lld\n%s\n%s\n%s\n%s\n%s\n", (long long)row->number, (long long)row->at, row->event,
                         row->operator_id, row->outcome, row->subject, before);
    result code = text.failed == RESULT_OK ? crypt_sha256(buffer_bytes(&text), digest) : text.failed;
    buffer_wipe(&text);
    hex_encode(BYTES(digest), chain, TERMINAL_WORD_SIZE);
    return code;
}

/* The SE signs this label and the chain: no other message of ours has this form, so the signature serves nothing else. */
static result checkpoint_message(const char *chain, buffer *message) {
    return buffer_append_format(message, "Uketsuke-AUDIT-1%s", chain);
}

static result add(terminal *t, terminal_audit_row *row, bytes signature) {
    terminal_audit_row last = {0};
    result code = RESULT_EXISTS;
    for (int i = 0; i < TRIES && code == RESULT_EXISTS; i++) {
        code = terminal_store_audit_last(t->store, &last);
        if (code != RESULT_OK && code != RESULT_NOT_FOUND)
            return code;
        row->number = last.number + 1;
        code = chain_of(row, last.chain, row->chain);
        if (code == RESULT_OK)
            code = terminal_store_audit_add(t->store, row, signature);
    }
    return code;
}

static void note(terminal *t, const char *event, const char *outcome_word, const char *subject) {
    terminal_audit_row row = {.at = clock_wall_s()};
    snprintf(row.event, sizeof row.event, "%s", event);
    snprintf(row.operator_id, sizeof row.operator_id, "%s", t->operator_id);
    snprintf(row.outcome, sizeof row.outcome, "%s", *outcome_word != 0 ? outcome_word : "ok");
    snprintf(row.subject, sizeof row.subject, "%s", subject);
    result code = t->store != NULL || terminal_open_store_file(t) == OUTCOME_OK ? add(t, &row, bytes_of(NULL, 0)) : RESULT_IO;
    if (code != RESULT_OK)
        log_write(LOG_ERROR, "the audit log could not be written (%s): %s %s", result_text(code), event, row.outcome);
}

void audit_note(terminal *t, const char *event, const char *result_word) {
    note(t, event, result_word, "");
}

void audit_note_command(terminal *t, const char *name, outcome done) {
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(silent[i], name) == 0)
            return;
    const char *id = json_string_value(json_object_get(t->report.fields, "visitId"));
    if (id == NULL)
        id = json_string_value(json_object_get(t->report.fields, "evidenceId"));
    note(t, name, done == OUTCOME_OK ? "" : report_reason(&t->report), id != NULL ? id : "");
    if (done == OUTCOME_OK && strcmp(name, "logout") == 0)
        audit_checkpoint(t);
}

void audit_checkpoint(terminal *t) {
    terminal_audit_row last = {0}, row = {.at = clock_wall_s(), .event = CHECKPOINT, .outcome = "ok"};
    buffer message = BUFFER_INIT(256), signature = BUFFER_INIT(512);
    if (t->store == NULL || t->se == NULL)
        return;
    result code = terminal_store_audit_last(t->store, &last);
    if (code == RESULT_OK && strcmp(last.event, CHECKPOINT) != 0)
        code = checkpoint_message(last.chain, &message);
    else
        code = RESULT_NOT_FOUND;
    if (code == RESULT_OK)
        code = token_sign(t->se, SE_INSTITUTION, buffer_bytes(&message), &signature);
    if (code == RESULT_OK)
        code = add(t, &row, buffer_bytes(&signature));
    if (code != RESULT_OK && code != RESULT_NOT_FOUND)
        log_write(LOG_ERROR, "no checkpoint of the audit log (%s)", result_text(code));
    buffer_wipe(&message);
    buffer_wipe(&signature);
}

/* --- showing ------------------------------------------------------------------------------------------------------------ */

typedef struct reading {
    terminal *terminal;
    certificate *institution; /* of the SE's key */
    json_t *list;
    int64_t expected, broken_at, checkpoint_at;
    char chain[TERMINAL_WORD_SIZE];
} reading;

static bool checkpoint_is_good(const reading *r, bytes signature) {
    buffer message = BUFFER_INIT(256);
    bool good = checkpoint_message(r->chain, &message) == RESULT_OK &&
                certificate_verify(r->institution, buffer_bytes(&message), signature) == RESULT_OK;
    buffer_wipe(&message);
    return good;
}

static result read_row(void *context, const terminal_audit_row *row, bytes signature) {
    reading *r = context;
    char chain[TERMINAL_WORD_SIZE], at[CLOCK_TEXT_SIZE];
    bool checkpoint = strcmp(row->event, CHECKPOINT) == 0;
    result code = chain_of(row, r->chain, chain);
    bool good = row->number == r->expected && strcmp(chain, row->chain) == 0 &&
                (!checkpoint || checkpoint_is_good(r, signature));
    if (!good && r->broken_at == 0)
        r->broken_at = row->number;
    if (good && checkpoint)
        r->checkpoint_at = row->number;
    snprintf(r->chain, sizeof r->chain, "%s", row->chain);
    r->expected = row->number + 1;
    clock_text(row->at, at);
    report_line(&r->terminal->report, "%6lld %s %-22s %-16s %s %s", (long long)row->number, at, row->event, row->operator_id,
                row->outcome, row->subject);
    json_array_append_new(r->list, json_pack("{s:I,s:s,s:s,s:s,s:s,s:s}", "number", (json_int_t)row->number, "at", at, "event",
                                             row->event, "operatorId", row->operator_id, "outcome", row->outcome, "subject",
                                             row->subject));
    return code;
}

outcome audit_command(terminal *t) {
    operator_card operator;
    reading r = {.terminal = t, .expected = 1, .list = json_array()};
    buffer der = BUFFER_INIT(CERTIFICATE_MOST);
    outcome done = session_require(t, ROLE_ADMINISTRATOR | ROLE_DOCTOR | ROLE_RECEPTION, &operator);
    result code = done == OUTCOME_OK ? token_certificate(t->se, SE_INSTITUTION, &der) : RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &r.institution);
    if (code == RESULT_OK)
        code = terminal_store_audit_each(t->store, 1, read_row, &r);
    certificate_free(&r.institution);
    buffer_wipe(&der);
    report_value(&t->report, "rows", r.list);
    if (done != OUTCOME_OK)
        return done;
    if (code != RESULT_OK)
        return report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The audit log cannot be read (%s)."), result_text(code));
    report_number(&t->report, "signedUpTo", _("Signed by the SE up to row"), r.checkpoint_at);
    if (r.broken_at != 0)
        return report_failure(&t->report, OUTCOME_REFUSED, "audit-broken",
                              _("The audit log was altered: row %lld does not follow from the rows before it. Keep the file"
                                " terminal.sqlite as it is and tell the administrator."),
                              (long long)r.broken_at);
    report_line(&t->report, _("The chain of the audit log is whole."));
    return OUTCOME_OK;
}
