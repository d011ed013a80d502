/* `evidence export`: evidence as files, with the roots beside them, for an auditor who has nothing of ours. */
#include "auditor/auditor.h"
#include "core/anchors.h"
#include "core/record.h"
#include "operator/session.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOTS_MOST 65536

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
    else if ((code = file_replace(to, buffer_bytes(&pem), 0644)) != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."), to, result_text(code));
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
    if (done == OUTCOME_OK)
        done = terminal_make_output_folder(t);
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
