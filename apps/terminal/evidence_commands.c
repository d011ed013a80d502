/* `evidence verify|show|export`. verify and show need neither card nor configuration: an auditor runs them anywhere. */
#include "anchors.h"
#include "commands.h"
#include "record.h"
#include "session.h"

#include "base/file.h"
#include "evidence/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MOST (4 * CVC_LENGTH)
#define ROOTS_MOST 65536

static outcome read_file(terminal *t, buffer *der) {
    if (t->options.argument_count != 1)
        return report_failure(&t->report, OUTCOME_USAGE, "usage", _("Name one file with evidence."));
    const char *path = t->options.arguments[0];
    result code = file_read(path, der);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be read (%s)."), path, result_text(code));
}

/* The platform's certificate, for evidence of the online mode: --platform-cvc, else from the configuration if there is one. */
static bool read_platform(terminal *t, cvc *platform) {
    buffer chain = BUFFER_INIT(CHAIN_MOST);
    const char *path = t->options.platform_cvc != NULL ? t->options.platform_cvc : t->configuration.platform_cvc;
    bool found = false;
    if (path[0] != 0 && file_read(path, &chain) == RESULT_OK) {
        bytes rest = buffer_bytes(&chain), raw;
        while (cvc_chain_next(&rest, platform, &raw) == RESULT_OK)
            found = true; /* the last one is the holder's */
    }
    buffer_wipe(&chain);
    return found;
}

static outcome judge(terminal *t, bytes der, const evidence_policy *policy) {
    static evidence_verdict verdict; /* large: kept off the stack */
    buffer text = BUFFER_INIT(8192);
    report *r = &t->report;
    result code = evidence_verify(der, policy, &verdict);
    report_text(r, "verdict", NULL, evidence_reason_name(verdict.reason));
    report_text(r, "evidenceId", _("Evidence"), verdict.statement.evidence_id);
    if (code == RESULT_OK && evidence_print(&verdict.statement, &text) == RESULT_OK)
        report_line(r, "%s", buffer_text(&text));
    buffer_wipe(&text);
    if (code == RESULT_OK) {
        report_line(r, "%s", gettext(evidence_reason_text(EVIDENCE_GOOD)));
        return OUTCOME_OK;
    }
    return report_failure(r, OUTCOME_REFUSED, evidence_reason_name(verdict.reason), "%s%s%s%s",
                          gettext(evidence_reason_text(verdict.reason)), verdict.detail != NULL ? " (" : "",
                          verdict.detail != NULL ? verdict.detail : "", verdict.detail != NULL ? ")" : "");
}

outcome evidence_verify_command(terminal *t) {
    buffer der = BUFFER_INIT(EVIDENCE_MOST);
    trust *patients = NULL, *institutions = NULL;
    cvc platform;
    outcome done = read_file(t, &der);
    if (done == OUTCOME_OK && t->options.anchors == NULL && t->configuration.anchors[0] == 0)
        done = report_failure(&t->report, OUTCOME_USAGE, "usage", _("Name the folder of trust anchors with --anchors."));
    if (done == OUTCOME_OK)
        done = terminal_trust(t, "jpki-auth-ca", &patients);
    if (done == OUTCOME_OK)
        done = terminal_trust(t, "institution-ca", &institutions);
    if (done == OUTCOME_OK) {
        const evidence_policy policy = {patients, institutions, read_platform(t, &platform) ? &platform : NULL, 0};
        done = judge(t, buffer_bytes(&der), &policy);
    }
    trust_free(&patients);
    trust_free(&institutions);
    buffer_wipe(&der);
    return done;
}

outcome evidence_show_command(terminal *t) {
    static statement s;
    buffer der = BUFFER_INIT(EVIDENCE_MOST), text = BUFFER_INIT(8192);
    cms_message message;
    outcome done = read_file(t, &der);
    if (done != OUTCOME_OK)
        return done;
    result code = cms_verify(buffer_bytes(&der), bytes_of(NULL, 0), &message);
    if (code == RESULT_OK)
        code = statement_read(buffer_bytes(&message.content), &s, NULL);
    cms_message_free(&message);
    if (code == RESULT_OK)
        code = evidence_print(&s, &text);
    if (code == RESULT_OK) {
        report_text(&t->report, "evidenceId", NULL, s.evidence_id);
        report_line(&t->report, "%s", buffer_text(&text));
        report_line(&t->report, _("Shown, not verified: who signed was not checked. Run: uketsuke evidence verify"));
    } else {
        done = report_failure(&t->report, OUTCOME_REFUSED, "malformed", _("This is no evidence, or it was altered."));
    }
    buffer_wipe(&der);
    buffer_wipe(&text);
    return done;
}

static outcome export_one(terminal *t, const char *id) {
    reception_record record;
    result code = record_get_reception(t, id, &record);
    char *path = NULL;
    if (code == RESULT_OK && asprintf(&path, "%s/%s.der", t->options.output, id) < 0)
        code = RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = file_replace(path, buffer_bytes(&record.evidence), 0600);
    free(path);
    reception_record_wipe(&record);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_INTERNAL, "export", _("Evidence %s could not be written to %s (%s)."), id,
                          t->options.output, result_text(code));
}

/* The roots beside the evidence: whoever receives the folder needs nothing else. */
static outcome export_roots(terminal *t) {
    buffer pem = BUFFER_INIT(ROOTS_MOST);
    char folder[PATH_MAX];
    anchors_folder(t, folder);
    char *from = file_join(folder, "roots.pem");
    char *to = file_join(t->options.output, "roots.pem");
    outcome done = OUTCOME_OK;
    result code = from != NULL && to != NULL ? file_read(from, &pem) : RESULT_NO_MEMORY;
    if (code != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be read (%s)."), from != NULL ? from : "-",
                              result_text(code));
    else if (file_replace(to, buffer_bytes(&pem), 0644) != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be made."), to);
    free(from);
    free(to);
    buffer_wipe(&pem);
    return done;
}

static outcome export_all(terminal *t, size_t *count) {
    const terminal_filter receptions = {.kind = RECORD_RECEPTION};
    int64_t most = 0;
    result code = terminal_store_count(t->store, &receptions, &most);
    terminal_record *rows = calloc((size_t)most + 1, sizeof *rows);
    if (code == RESULT_OK)
        code = rows != NULL ? terminal_store_list(t->store, &receptions, rows, (size_t)most, count) : RESULT_NO_MEMORY;
    outcome done = OUTCOME_OK;
    if (code != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The local store cannot be read."));
    for (size_t i = 0; i < *count && done == OUTCOME_OK; i++)
        done = export_one(t, rows[i].id);
    free(rows);
    return done;
}

outcome evidence_export_command(terminal *t) {
    operator_card operator;
    size_t count = 0;
    outcome done = session_require(t, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &operator);
    if (done == OUTCOME_OK && t->options.output == NULL)
        done = report_failure(&t->report, OUTCOME_USAGE, "usage", _("Name the folder to write to with --output."));
    if (done == OUTCOME_OK && file_make_folders(t->options.output, 0700) != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be made."), t->options.output);
    if (done == OUTCOME_OK)
        done = export_roots(t);
    if (done == OUTCOME_OK && t->options.evidence_id == NULL)
        done = export_all(t, &count);
    else if (done == OUTCOME_OK && (done = export_one(t, t->options.evidence_id)) == OUTCOME_OK)
        count = 1;
    if (done != OUTCOME_OK)
        return done;
    report_number(&t->report, "exported", _("Exported"), (long long)count);
    report_line(&t->report, _("Verify with: openssl cms -verify -inform DER -in FILE -CAfile roots.pem -purpose any"));
    return OUTCOME_OK;
}
