/* `evidence export`: evidence as files, with the roots beside them, for an auditor who has nothing of ours. */
#include "auditor/auditor.h"
#include "auditor/evidence_readme.h"
#include "core/anchors.h"
#include "core/record.h"
#include "core/watchdog.h"
#include "operator/session.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANCHOR_MOST (4 * 1024 * 1024)

static outcome export_one(terminal *t, const char *id) {
    reception_record record;
    watchdog_expect(0); /* as many as there are */
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

static outcome write_file(terminal *t, const char *name, bytes content) {
    char *path = file_join(t->options.output, name);
    const result code = path != NULL ? file_replace(path, content, 0644) : RESULT_NO_MEMORY;
    outcome done = OUTCOME_OK;
    if (code != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."),
                              path != NULL ? path : name, result_text(code));
    free(path);
    return done;
}

static outcome copy_file(terminal *t, const char *from, const char *name) {
    buffer content = BUFFER_INIT(ANCHOR_MOST);
    const result code = file_read(from, &content);
    outcome done = code == RESULT_OK ? write_file(t, name, buffer_bytes(&content))
                                     : report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be read (%s)."),
                                                      from, result_text(code));
    buffer_wipe(&content);
    return done;
}

/* What evidence is verified with, beside it: whoever receives the folder needs nothing else but the
 * roots' fingerprints. */
static outcome export_trust(terminal *t) {
    static const struct {
        const char *name, *to;
    } anchors[] = {{"roots.pem", "roots.pem"},
                   {"jpki-auth-ca.pem", "anchors/jpki-auth-ca.pem"},
                   {"jpki-auth-ca.crl", "anchors/jpki-auth-ca.crl"},
                   {"institution-ca.pem", "anchors/institution-ca.pem"},
                   {"institution-ca.crl", "anchors/institution-ca.crl"}};
    char folder[PATH_MAX], path[PATH_MAX + 32];
    outcome done = OUTCOME_OK;
    anchors_folder(t, folder);
    snprintf(path, sizeof path, "%s/anchors", t->options.output);
    if (file_make_folders(path, 0700) != RESULT_OK)
        return report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."), path,
                              result_text(RESULT_IO));
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors && done == OUTCOME_OK; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, anchors[i].name);
        done = copy_file(t, path, anchors[i].to);
    }
    if (done == OUTCOME_OK)
        done = copy_file(t, t->configuration.platform_cvc, "platform.cvc");
    return done == OUTCOME_OK ? write_file(t, "README.txt", bytes_of(evidence_readme, strlen(evidence_readme))) : done;
}

static outcome export_all(terminal *t, size_t *count) {
    const terminal_filter receptions = {.kind = RECORD_RECEPTION};
    int64_t most = 0;
    result code = terminal_store_count(t->store, RECORD_RECEPTION, NULL, &most);
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
        done = export_trust(t);
    if (done == OUTCOME_OK && t->options.evidence_id == NULL)
        done = export_all(t, &count);
    else if (done == OUTCOME_OK && (done = export_one(t, t->options.evidence_id)) == OUTCOME_OK)
        count = 1;
    if (done != OUTCOME_OK)
        return done;
    report_number(&t->report, "exported", _("Exported"), (long long)count);
    report_line(&t->report, _("How to verify, with stock openssl and with uketsuke: %s/README.txt"), t->options.output);
    return OUTCOME_OK;
}
