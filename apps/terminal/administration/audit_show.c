/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `audit`: shows the log and checks its chain and the SE's signatures over it. */
#include "administration/administration.h"
#include "core/audit.h"
#include "core/local_store_file.h"
#include "operator/operator_session.h"

#include "base/clock.h"
#include "crypt/certificate.h"

#include <stdio.h>
#include <string.h>

#define SE_INSTITUTION "institution"
#define CERTIFICATE_MAX 8192

typedef struct reading {
    terminal *terminal;
    certificate *institution; /* of the SE's key */
    json_t *list;
    int64_t expected, broken_at, checkpoint_at;
    char chain[TERMINAL_WORD_SIZE];
} reading;

static bool checkpoint_is_good(const reading *r, bytes signature) {
    buffer message = BUFFER_INIT(256);
    bool good = audit_checkpoint_message(r->chain, &message) == RESULT_OK &&
                certificate_verify(r->institution, buffer_bytes(&message), signature) == RESULT_OK;
    buffer_wipe(&message);
    return good;
}

static result read_row(void *context, const terminal_audit_row *row, bytes signature) {
    reading *r = context;
    char chain[TERMINAL_WORD_SIZE], at[CLOCK_TEXT_SIZE], shown[CLOCK_PEOPLE_SIZE];
    bool checkpoint = strcmp(row->event, AUDIT_CHECKPOINT) == 0;
    result code = audit_chain(row, r->chain, chain);
    bool good = row->number == r->expected && strcmp(chain, row->chain) == 0 &&
                (!checkpoint || checkpoint_is_good(r, signature));
    if (!good && r->broken_at == 0)
        r->broken_at = row->number;
    if (good && checkpoint)
        r->checkpoint_at = row->number;
    snprintf(r->chain, sizeof r->chain, "%s", row->chain);
    r->expected = row->number + 1;
    clock_text(row->at, at);
    clock_text_in_japan(row->at, shown);
    report_line(&r->terminal->context.report, "%6lld %s %-22s %-16s %s %s", (long long)row->number, shown, row->event,
                row->operator_id, row->outcome, row->subject);
    json_array_append_new(r->list, json_pack("{s:I,s:s,s:s,s:s,s:s,s:s}", "number", (json_int_t)row->number, "at", at,
                                             "event", row->event, "operatorId", row->operator_id, "outcome",
                                             row->outcome, "subject", row->subject));
    return code;
}

outcome audit_command(terminal *t) {
    operator_card actor;
    reading r = {.terminal = t, .expected = 1, .list = json_array()};
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    outcome done = session_require(t, ROLE_ADMINISTRATOR | ROLE_DOCTOR | ROLE_RECEPTION, &actor);
    result code = done == OUTCOME_OK ? token_certificate(t->cards.se, SE_INSTITUTION, &der) : RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &r.institution);
    if (code == RESULT_OK)
        code = terminal_store_audit_each(t->store.file, 1, read_row, &r);
    certificate_free(&r.institution);
    buffer_wipe(&der);
    report_value(&t->context.report, "rows", r.list);
    const int64_t made = done == OUTCOME_OK ? audit_last_checkpoint(&t->store) : 0;
    if (done != OUTCOME_OK)
        return done;
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The audit log cannot be read (%s)."),
                              store_problem(code));
    report_number(&t->context.report, "signedUpTo", _("Signed by the SE up to row"), r.checkpoint_at);
    if (r.broken_at != 0)
        return report_failure(
            &t->context.report, OUTCOME_REFUSED, "audit-broken",
            _("The audit log was altered: row %lld does not follow from the rows before it. Keep the file"
              " terminal.sqlite as it is and tell the administrator."),
            (long long)r.broken_at);
    if (r.checkpoint_at < made)
        return report_failure(
            &t->context.report, OUTCOME_REFUSED, "audit-cut",
            _("The end of the audit log is missing: the Secure Element has signed it up to row %lld. Keep the file"
              " terminal.sqlite as it is and tell the administrator."),
            (long long)made);
    report_line(&t->context.report, _("The chain of the audit log is whole."));
    return OUTCOME_OK;
}
