/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `evidence export`: evidence as files, with the roots, for an auditor without our programs. */
#include "auditor/auditor.h"
#include "auditor/evidence_readme.h"
#include "core/trust_anchors.h"
#include "core/quarantine.h"
#include "core/watchdog.h"
#include "operator/operator_session.h"

#include "base/clock.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANCHOR_MAX (4 * 1024 * 1024)
#define PAGE 256 /* records read at once */

typedef struct evidence_files {
    terminal *terminal;
    long long count;
    json_t *damaged; /* ids of what cannot be read any more */
} evidence_files;

static result write_evidence(const evidence_files *e, const reception_record *record) {
    char *path = NULL;
    if (asprintf(&path, "%s/%s.der", e->terminal->context.options.output, record->evidence_id) < 0)
        return RESULT_NO_MEMORY;
    const result code = file_replace_later(path, buffer_bytes(&record->evidence), 0600);
    free(path);
    return code;
}

/* A record that cannot be read is reported at the end and does not stop the export. */
static result pass_over(evidence_files *e, const char *id, result code) {
    code = quarantine_record(&e->terminal->store, id, code);
    if (code == RESULT_OK)
        json_array_append_new(e->damaged, json_string(id));
    return code;
}

static outcome export_one(evidence_files *e, const char *id) {
    terminal *t = e->terminal;
    reception_record record;
    watchdog_expect(0); /* no time limit: there may be many */
    result code = record_get_reception(&t->store, id, &record);
    const bool is_read = code == RESULT_OK;
    if (code == RESULT_NOT_FOUND)
        return report_failure(&t->context.report, OUTCOME_USAGE, "no-such-reception",
                              _("There is no reception %s on this terminal."), id);
    code = is_read ? write_evidence(e, &record) : pass_over(e, id, code);
    e->count += is_read && code == RESULT_OK;
    reception_record_wipe(&record);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return is_read
               ? report_failure(&t->context.report, OUTCOME_INTERNAL, "export",
                                _("Evidence %s could not be written to %s (%s)."), id, t->context.options.output,
                                report_file_cause(code))
               : report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The local store cannot be read."));
}

static outcome write_file(command_context *ctx, const char *name, bytes content) {
    char *path = file_join(ctx->options.output, name);
    const result code = path != NULL ? file_replace(path, content, 0644) : RESULT_NO_MEMORY;
    outcome done = OUTCOME_OK;
    if (code != RESULT_OK)
        done = report_failure(&ctx->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."),
                              path != NULL ? path : name, report_file_cause(code));
    free(path);
    return done;
}

static outcome copy_file(command_context *ctx, const char *from, const char *name) {
    buffer content = BUFFER_INIT(ANCHOR_MAX);
    const result code = file_read(from, &content);
    outcome done = code == RESULT_OK ? write_file(ctx, name, buffer_bytes(&content))
                                     : report_failure(&ctx->report, OUTCOME_USAGE, "file", _("%s cannot be read (%s)."),
                                                      from, report_file_cause(code));
    buffer_wipe(&content);
    return done;
}

/* Exports what is needed to verify the evidence: the recipient needs nothing else but the roots' fingerprints. */
static outcome export_trust(command_context *ctx) {
    static const struct {
        const char *name, *to;
    } anchors[] = {{"roots.pem", "roots.pem"},
                   {"jpki-auth-ca.pem", "anchors/jpki-auth-ca.pem"},
                   {"jpki-auth-ca.crl", "anchors/jpki-auth-ca.crl"},
                   {"institution-ca.pem", "anchors/institution-ca.pem"},
                   {"institution-ca.crl", "anchors/institution-ca.crl"}};
    char folder[PATH_MAX], path[PATH_MAX + 32];
    outcome done = OUTCOME_OK;
    anchors_folder(ctx, folder);
    snprintf(path, sizeof path, "%s/anchors", ctx->options.output);
    if (file_make_folders(path, 0700) != RESULT_OK)
        return report_failure(&ctx->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."), path,
                              report_file_cause(RESULT_IO));
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors && done == OUTCOME_OK; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, anchors[i].name);
        done = copy_file(ctx, path, anchors[i].to);
    }
    if (done == OUTCOME_OK)
        done = copy_file(ctx, ctx->configuration.platform_cvc, "platform.cvc");
    return done == OUTCOME_OK ? write_file(ctx, "README.txt", bytes_of(evidence_readme, strlen(evidence_readme)))
                              : done;
}

/* Page by page: memory does not grow with the store. */
static outcome export_all(evidence_files *e) {
    terminal *t = e->terminal;
    terminal_record rows[PAGE];
    char last[UUID_TEXT_SIZE] = "";
    size_t count = PAGE;
    outcome done = OUTCOME_OK;
    while (count == PAGE && done == OUTCOME_OK) {
        const terminal_filter receptions = {.kind = RECORD_RECEPTION, .after = last};
        if (terminal_store_list(t->store.file, &receptions, rows, PAGE, &count) != RESULT_OK)
            return report_failure(&t->context.report, OUTCOME_INTERNAL, "store", _("The local store cannot be read."));
        for (size_t i = 0; i < count && done == OUTCOME_OK; i++)
            if (options_want_day(&t->context.options, rows[i].at))
                done = export_one(e, rows[i].id);
        if (count > 0)
            snprintf(last, sizeof last, "%.36s", rows[count - 1].id);
    }
    return done;
}

static outcome finish(evidence_files *e) {
    terminal *t = e->terminal;
    const size_t damaged = json_array_size(e->damaged);
    if (file_sync_all(t->context.options.output) != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "file", _("%s cannot be made (%s)."),
                              t->context.options.output, report_file_cause(RESULT_IO));
    report_number(&t->context.report, "exported", _("Exported"), e->count);
    report_line(&t->context.report, _("How to verify, with stock openssl and with uketsuke: %s/README.txt"),
                t->context.options.output);
    if (damaged == 0)
        return OUTCOME_OK;
    for (size_t i = 0; i < damaged; i++)
        report_line(&t->context.report, "  %s", json_string_value(json_array_get(e->damaged, i)));
    return report_failure(
        &t->context.report, OUTCOME_INTERNAL, "export-incomplete",
        _("%zu pieces of evidence cannot be read any more and are missing in %s; all others are there."), damaged,
        t->context.options.output);
}

/* A single piece may be exported by a receptionist, those of all patients only by a doctor or an administrator. */
static unsigned roles_for(const options *o) {
    return o->evidence_id != NULL ? ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR
                                  : ROLE_DOCTOR | ROLE_ADMINISTRATOR;
}

static outcome make_folder(command_context *ctx) {
    if (ctx->options.output == NULL)
        return context_make_output_folder(ctx); /* reports that --output is missing */
    return context_make_export_folder(ctx, ctx->options.output);
}

static outcome export_wanted(evidence_files *e) {
    command_context *ctx = &e->terminal->context;
    operator_card actor;
    outcome done;
    if ((done = context_check_days(ctx)) != OUTCOME_OK ||
        (done = session_require(e->terminal->session, roles_for(&ctx->options), &actor)) != OUTCOME_OK ||
        (done = make_folder(ctx)) != OUTCOME_OK || (done = export_trust(ctx)) != OUTCOME_OK)
        return done;
    done = ctx->options.evidence_id != NULL ? export_one(e, ctx->options.evidence_id) : export_all(e);
    return done == OUTCOME_OK ? finish(e) : done;
}

outcome evidence_export_command(terminal *t) {
    evidence_files e = {.terminal = t, .damaged = json_array()};
    const outcome done = export_wanted(&e);
    report_value(&t->context.report, "damaged", e.damaged);
    return done;
}
