/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "administration/audit_check.h"

#include "base/cleanup.h"
#include "crypt/certificate.h"

#include <stdio.h>
#include <string.h>

#define SE_INSTITUTION "institution"
#define CERTIFICATE_MAX 8192

typedef struct reading {
    const certificate *institution; /* of the SE's key */
    void (*use)(void *context, const terminal_audit_row *row);
    void *context;
    audit_check *check;
    audit_mark made;
    int64_t expected;
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
    char chain[TERMINAL_WORD_SIZE];
    bool checkpoint = strcmp(row->event, AUDIT_CHECKPOINT) == 0;
    result code = audit_chain(row, r->chain, chain);
    bool good = row->number == r->expected && strcmp(chain, row->chain) == 0 &&
                (row->number != r->made.number || audit_mark_fits(&r->made, row)) &&
                (!checkpoint || checkpoint_is_good(r, signature));
    if (!good && r->check->broken_at == 0)
        r->check->broken_at = row->number;
    if (good && checkpoint)
        r->check->signed_up_to = row->number;
    snprintf(r->chain, sizeof r->chain, "%s", row->chain);
    r->expected = row->number + 1;
    r->use(r->context, row);
    return code;
}

result audit_check_rows(terminal *t, void (*use)(void *context, const terminal_audit_row *row), void *context,
                        audit_check *out) {
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    CLEANED_BY(certificate_free) certificate *institution = NULL;
    const audit_mark made = audit_last_checkpoint(&t->store);
    *out = (audit_check){.made = made.number};
    result code = token_certificate(t->cards.se, SE_INSTITUTION, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &institution);
    reading r = {.institution = institution, .use = use, .context = context, .check = out, .made = made, .expected = 1};
    return code == RESULT_OK ? terminal_store_audit_each(t->store.file, 1, read_row, &r) : code;
}

outcome audit_check_tell(report *r, const audit_check *check) {
    if (check->broken_at != 0)
        return report_failure(
            r, OUTCOME_REFUSED, "audit-broken",
            _("The audit log was altered: row %lld does not follow from the rows before it. Keep the file"
              " terminal.sqlite as it is and tell the administrator."),
            (long long)check->broken_at);
    if (check->signed_up_to < check->made)
        return report_failure(
            r, OUTCOME_REFUSED, "audit-cut",
            _("The end of the audit log is missing: the Secure Element has signed it up to row %lld. Keep the file"
              " terminal.sqlite as it is and tell the administrator."),
            (long long)check->made);
    return OUTCOME_OK;
}
