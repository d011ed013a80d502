/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `audit export FOLDER`: the audit log as files that anybody can verify with stock openssl, without the terminal. */
#include "administration/administration.h"
#include "administration/audit_readme.h"
#include "core/trust_anchors.h"
#include "core/audit.h"
#include "core/watchdog.h"
#include "operator/operator_session.h"

#include "base/file.h"
#include "crypt/certificate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SE_INSTITUTION "institution"
#define ANCHOR "institution-ca.pem"
#define CERTIFICATE_MAX 8192
#define ANCHOR_MAX (1024 * 1024)
#define ROWS_MAX (512 * 1024 * 1024)

typedef struct audit_files {
    const char *folder;
    const options *options;    /* the days that are wanted */
    terminal_audit_row before; /* the last row that was left out before them; number 0: none */
    bool ended;                /* a checkpoint after them was written: it signs them */
    buffer rows;
    int64_t count, checkpoints, last_checkpoint;
} audit_files;

static result write_file(const char *folder, const char *name, bytes content) {
    char *path = file_join(folder, name);
    const result code = path != NULL ? file_replace_later(path, content, 0600) : RESULT_NO_MEMORY;
    free(path);
    return code;
}

/* The days that are wanted, and what follows up to the next checkpoint, which signs them. */
static bool is_wanted(audit_files *e, const terminal_audit_row *row) {
    if (e->count == 0 && !options_want_day(e->options, row->at)) {
        e->before = *row;
        return false;
    }
    return !e->ended;
}

static result export_row(void *context, const terminal_audit_row *row, bytes signature) {
    audit_files *e = context;
    char name[64];
    if (!is_wanted(e, row))
        return RESULT_OK;
    result code = audit_row_text(row, &e->rows);
    if (code == RESULT_OK)
        code = buffer_append_format(&e->rows, "%s\n", row->chain);
    e->count++;
    if (code != RESULT_OK || strcmp(row->event, AUDIT_CHECKPOINT) != 0)
        return code;
    e->checkpoints++;
    e->last_checkpoint = row->number;
    e->ended = !options_want_day(e->options, row->at);
    snprintf(name, sizeof name, "checkpoints/%lld.sig", (long long)row->number);
    return write_file(e->folder, name, signature);
}

/* Number and chain of the row before the first one: "0 " for the whole log. */
static result write_beginning(const audit_files *e) {
    buffer text = BUFFER_INIT(256);
    result code = buffer_append_format(&text, "%lld %s\n", (long long)e->before.number, e->before.chain);
    if (code == RESULT_OK)
        code = write_file(e->folder, "begins.txt", buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

/* DER as PEM (RFC 7468). */
static result write_certificate(token *se, const char *folder) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX), pem = BUFFER_INIT(2 * CERTIFICATE_MAX);
    certificate *c = NULL;
    result code = token_certificate(se, SE_INSTITUTION, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &c);
    if (code == RESULT_OK)
        code = certificate_pem(c, &pem);
    if (code == RESULT_OK)
        code = write_file(folder, "institution.pem", buffer_bytes(&pem));
    certificate_free(&c);
    buffer_wipe(&der);
    buffer_wipe(&pem);
    return code;
}

static result copy_anchor(command_context *ctx, const char *folder) {
    char anchors[PATH_MAX];
    buffer pem = BUFFER_INIT(ANCHOR_MAX);
    anchors_folder(ctx, anchors);
    char *path = file_join(anchors, ANCHOR);
    result code = path != NULL ? file_read(path, &pem) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = write_file(folder, ANCHOR, buffer_bytes(&pem));
    free(path);
    buffer_wipe(&pem);
    return code;
}

static result write_all(terminal *t, audit_files *e) {
    watchdog_expect(0); /* as many rows as there are */
    result code;
    if ((code = terminal_store_audit_each(t->store.file, 1, export_row, e)) != RESULT_OK ||
        (code = write_file(e->folder, "rows.txt", buffer_bytes(&e->rows))) != RESULT_OK ||
        (code = write_beginning(e)) != RESULT_OK || (code = write_certificate(t->cards.se, e->folder)) != RESULT_OK ||
        (code = copy_anchor(&t->context, e->folder)) != RESULT_OK ||
        (code = write_file(e->folder, "README.txt", bytes_of(audit_readme, strlen(audit_readme)))) != RESULT_OK)
        return code;
    return file_sync_all(e->folder);
}

static outcome make_folder(command_context *ctx, const char *folder) {
    const outcome done = context_make_export_folder(ctx, folder);
    char *inside = done == OUTCOME_OK ? file_join(folder, "checkpoints") : NULL;
    const bool made = inside != NULL && mkdir(inside, 0700) == 0;
    const int why = errno;
    free(inside);
    return done != OUTCOME_OK || made ? done
                                      : report_failure(&ctx->report, OUTCOME_USAGE, "file",
                                                       _("%s cannot be made (%s)."), folder, report_system_cause(why));
}

outcome audit_export_command(terminal *t) {
    operator_card actor;
    audit_files e = {.rows = BUFFER_INIT(ROWS_MAX), .options = &t->context.options};
    outcome done = context_check_days(&t->context);
    if (done == OUTCOME_OK)
        done = session_require(t->session, ROLE_ADMINISTRATOR, &actor);
    if (done == OUTCOME_OK && t->context.options.argument_count != 1)
        done = report_failure(&t->context.report, OUTCOME_USAGE, "usage", _("Name the folder that is to be made."));
    if (done != OUTCOME_OK)
        return done;
    e.folder = t->context.options.arguments[0];
    done = make_folder(&t->context, e.folder);
    if (done != OUTCOME_OK)
        return done;
    audit_checkpoint(t->cards.se, &t->store); /* so that nothing of it is without a signature */
    const result code = write_all(t, &e);
    buffer_wipe(&e.rows);
    if (code != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_INTERNAL, "export",
                              _("The audit log could not be written to %s (%s)."), e.folder, report_file_cause(code));
    report_text(&t->context.report, "folder", _("Audit log"), e.folder);
    report_number(&t->context.report, "rows", _("Rows"), e.count);
    report_number(&t->context.report, "checkpoints", NULL, e.checkpoints);
    report_number(&t->context.report, "signedUpTo", _("Signed by the SE up to row"), e.last_checkpoint);
    report_line(&t->context.report, _("README.txt in it says how to verify it elsewhere."));
    return OUTCOME_OK;
}
