/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `anchors show|stage|apply|revert`: trust anchors and revocation lists come as files, because there is no connection
 * to the CA. One administrator checks and stages a new set, another one puts it in force, and it can be reverted. It
 * may hold a CA's present and its next generation side by side. What would make this terminal's own peers invalid is
 * refused. */
#include "administration/administration.h"
#include "administration/anchors_check.h"
#include "administration/dual_control.h"
#include "core/anchors_set.h"
#include "core/decisions.h"
#include "core/local_store_file.h"
#include "core/trust_anchors.h"
#include "delivery/sealed_record.h"
#include "operator/operator_session.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SETTING_FORMER_DECISION "anchors-former-decision" /* of the set to which revert goes back; empty: none */

static const dual_control anchors_decision = {
    .kind = DECISION_ANCHORS,
    .none_reason = "anchors-none-staged",
    .none = N_("No set is staged. Run first: uketsuke anchors stage FOLDER"),
    .same = N_("Another administrator than the one who staged the set must activate it."),
};

static outcome folder_of(command_context *ctx, const char *name, char path[PATH_MAX]) {
    if (snprintf(path, PATH_MAX, "%s/anchors%s%s", ctx->configuration.state, *name != 0 ? "/" : "", name) < PATH_MAX)
        return OUTCOME_OK;
    return report_failure(&ctx->report, OUTCOME_USAGE, "state", _("The name of the state folder is too long."));
}

static outcome could_not(report *r, result code) {
    return report_failure(r, OUTCOME_INTERNAL, "anchors-io", _("The set of trust anchors could not be stored (%s)."),
                          code == RESULT_IO ? report_file_cause(code) : store_problem(code));
}

typedef struct shown_set {
    terminal *terminal;
    const char *set; /* its name */
    json_t *list;    /* of all sets' entries */
} shown_set;

static bool show_entry(void *context, const trust_entry *entry) {
    const shown_set *s = context;
    char until[CLOCK_PEOPLE_SIZE] = "-", at[CLOCK_TEXT_SIZE] = "";
    if (entry->until >= 0) {
        clock_text_in_japan(entry->until, until);
        clock_text(entry->until, at);
    }
    json_array_append_new(s->list, json_pack("{s:s,s:s,s:b,s:s}", "set", s->set, "name", entry->name, "revocationList",
                                             (int)entry->revocation_list, "until", at));
    report_line(&s->terminal->context.report, "  %s %s: %s",
                entry->revocation_list ? _("revocation list until") : _("CA until"), until, entry->name);
    return true;
}

outcome anchors_show_command(terminal *t) {
    operator_card actor;
    char folder[PATH_MAX];
    outcome done = session_require(t->session, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &actor);
    if (done != OUTCOME_OK)
        return done;
    shown_set shown = {.terminal = t, .list = json_array()};
    anchors_folder(&t->context, folder);
    report_text(&t->context.report, "folder", _("Trust anchors"), folder);
    for (size_t i = 0; i < ANCHOR_COUNT && done == OUTCOME_OK; i++) {
        trust *authorities = NULL;
        done = anchors_trust(&t->context, anchor_names[i], &authorities);
        report_line(&t->context.report, "%s", anchor_names[i]);
        shown.set = anchor_names[i];
        if (done == OUTCOME_OK)
            trust_each(authorities, show_entry, &shown);
        trust_free(&authorities);
    }
    report_value(&t->context.report, "entries", shown.list);
    decisions_show(&t->store, &t->context, DECISION_ANCHORS);
    anchors_warn(t->cards.se, &t->context);
    return done;
}

/* Copies the set to where it is staged. */
static outcome copy_set(command_context *ctx, const char *from, const char *staged) {
    result code = file_make_folders(staged, 0700);
    if (code == RESULT_OK)
        code = anchors_set_copy(from, staged);
    if (code == RESULT_NOT_FOUND)
        return report_failure(&ctx->report, OUTCOME_USAGE, "anchors-incomplete",
                              _("The folder %s lacks a file of the set."), from);
    return code == RESULT_OK ? OUTCOME_OK : could_not(&ctx->report, code);
}

static outcome stage(terminal *t, const administrator *who) {
    char staged[PATH_MAX];
    CLEANED_BY(buffer_wipe) buffer description = BUFFER_INIT(DECISION_CONTENT_MAX);
    outcome done;
    if (t->context.options.argument_count != 1)
        return report_failure(&t->context.report, OUTCOME_USAGE, "usage",
                              _("Name the folder with the new set of trust anchors."));
    if ((done = folder_of(&t->context, "staged", staged)) != OUTCOME_OK ||
        (done = copy_set(&t->context, t->context.options.arguments[0], staged)) != OUTCOME_OK ||
        (done = anchors_check(t, staged)) != OUTCOME_OK)
        return done;
    const result code = anchors_set_describe(staged, &description);
    if (code != RESULT_OK)
        return could_not(&t->context.report, code);
    done = dual_control_propose(t, &anchors_decision, who, buffer_bytes(&description));
    if (done == OUTCOME_OK)
        report_line(&t->context.report,
                    _("The set is checked and staged. Another administrator activates it: uketsuke anchors apply"));
    return done;
}

outcome anchors_stage_command(terminal *t) {
    return dual_control_run(t, stage);
}

/* Whether the files are still those that the first administrator has signed. */
static outcome check_staged(command_context *ctx, const char *staged, const decision *proposal) {
    CLEANED_BY(buffer_wipe) buffer is = BUFFER_INIT(DECISION_CONTENT_MAX);
    const result code = anchors_set_describe(staged, &is);
    if (code != RESULT_OK)
        return could_not(&ctx->report, code);
    if (bytes_equal(buffer_bytes(&proposal->content), buffer_bytes(&is)))
        return OUTCOME_OK;
    return report_failure(&ctx->report, OUTCOME_REFUSED, "anchors-altered",
                          _("The set was altered after it had been staged. Stage it again."));
}

/* "current" is a link, replaced in one step; "previous" is where it pointed before. */
static result point_to(const char *folder, const char *name, const char *target) {
    char path[PATH_MAX], fresh[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX ||
        snprintf(fresh, sizeof fresh, "%s/%s.new", folder, name) >= PATH_MAX)
        return RESULT_TOO_LONG;
    unlink(fresh);
    return symlink(target, fresh) == 0 && rename(fresh, path) == 0 ? RESULT_OK : RESULT_IO;
}

static result points_to(const char *folder, const char *name, char target[PATH_MAX]) {
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_MAX)
        return RESULT_TOO_LONG;
    ssize_t length = readlink(path, target, PATH_MAX - 1);
    if (length < 0)
        return errno == ENOENT ? RESULT_NOT_FOUND : RESULT_IO;
    target[length] = 0;
    return RESULT_OK;
}

/* id: of the set, which is kept under that name; before: where "current" has pointed. */
static result switch_to(const configuration *conf, const char *folder, const char *staged, char id[UUID_TEXT_SIZE],
                        char before[PATH_MAX]) {
    char kept[PATH_MAX];
    result code = uuid_v7(id);
    if (code != RESULT_OK)
        return code;
    if (snprintf(kept, sizeof kept, "%s/%s", folder, id) >= PATH_MAX)
        return RESULT_TOO_LONG;
    if (rename(staged, kept) != 0)
        return RESULT_IO;
    if (points_to(folder, "current", before) != RESULT_OK)
        snprintf(before, PATH_MAX, "%s", conf->anchors);
    code = point_to(folder, "previous", before);
    return code == RESULT_OK ? point_to(folder, "current", id) : code;
}

/* The decision of the set before goes with it, so that it can be put in force again. */
static result keep_former(store_access *store) {
    CLEANED_BY(buffer_wipe) buffer former = BUFFER_INIT(DECISION_RECORD_MAX);
    char name[DECISION_SETTING_SIZE];
    decision_setting(DECISION_ANCHORS, "decision", name);
    const result code = record_setting(store, name, &former);
    if (code != RESULT_OK && code != RESULT_NOT_FOUND)
        return code;
    return record_set(store, SETTING_FORMER_DECISION, buffer_bytes(&former));
}

/* A decision that could not be stored is none: what stands in force without one would be taken for somebody's doing. The
 * set is staged again, and can be applied when there is space. */
static void switch_back(const char *folder, const char *staged, const char *id, const char *before) {
    char kept[PATH_MAX];
    if (snprintf(kept, sizeof kept, "%s/%s", folder, id) >= PATH_MAX ||
        point_to(folder, "current", before) != RESULT_OK || rename(kept, staged) != 0)
        log_error("the former trust anchors could not be put in force again. Let the link %s/current lead to %s",
                  folder, before);
}

static outcome put_in_force(terminal *t, const char *folder, const char *staged, bytes record) {
    char id[UUID_TEXT_SIZE], before[PATH_MAX];
    result code = keep_former(&t->store);
    if (code == RESULT_OK)
        code = switch_to(&t->context.configuration, folder, staged, id, before);
    if (code != RESULT_OK)
        return could_not(&t->context.report, code);
    const outcome done = dual_control_keep(t, &anchors_decision, record);
    if (done != OUTCOME_OK)
        switch_back(folder, staged, id, before);
    decisions_apply(&t->store, &t->context);
    if (done == OUTCOME_OK)
        report_line(&t->context.report, _("The new trust anchors are in force. To undo this: uketsuke anchors revert"));
    return done;
}

static outcome apply(terminal *t, const administrator *who) {
    char folder[PATH_MAX], staged[PATH_MAX];
    CLEANED_BY(decision_wipe) decision proposal = DECISION_INIT;
    CLEANED_BY(buffer_wipe) buffer record = BUFFER_INIT(DECISION_RECORD_MAX);
    outcome done;
    if ((done = folder_of(&t->context, "", folder)) != OUTCOME_OK ||
        (done = folder_of(&t->context, "staged", staged)) != OUTCOME_OK ||
        (done = dual_control_require(t, &anchors_decision, who, &proposal)) != OUTCOME_OK ||
        (done = check_staged(&t->context, staged, &proposal)) != OUTCOME_OK ||
        (done = anchors_check(t, staged)) != OUTCOME_OK ||
        (done = dual_control_confirm(t, &anchors_decision, who, &proposal, &record)) != OUTCOME_OK)
        return done;
    return put_in_force(t, folder, staged, buffer_bytes(&record));
}

outcome anchors_apply_command(terminal *t) {
    return dual_control_run(t, apply);
}

/* The two decisions change places, as the two links do. */
static result exchange_decisions(store_access *store) {
    CLEANED_BY(buffer_wipe) buffer now = BUFFER_INIT(DECISION_RECORD_MAX);
    CLEANED_BY(buffer_wipe) buffer former = BUFFER_INIT(DECISION_RECORD_MAX);
    char name[DECISION_SETTING_SIZE];
    decision_setting(DECISION_ANCHORS, "decision", name);
    result code = record_setting(store, name, &now);
    if (code == RESULT_OK || code == RESULT_NOT_FOUND)
        code = record_setting(store, SETTING_FORMER_DECISION, &former);
    if (code == RESULT_OK || code == RESULT_NOT_FOUND)
        code = record_set(store, name, buffer_bytes(&former));
    return code == RESULT_OK ? record_set(store, SETTING_FORMER_DECISION, buffer_bytes(&now)) : code;
}

outcome anchors_revert_command(terminal *t) {
    operator_card actor;
    char folder[PATH_MAX], now[PATH_MAX], before[PATH_MAX];
    outcome done;
    if ((done = session_require(t->session, ROLE_ADMINISTRATOR, &actor)) != OUTCOME_OK ||
        (done = folder_of(&t->context, "", folder)) != OUTCOME_OK)
        return done;
    result code = points_to(folder, "previous", before);
    if (code == RESULT_OK)
        code = points_to(folder, "current", now);
    if (code == RESULT_NOT_FOUND)
        return report_failure(&t->context.report, OUTCOME_REFUSED, "anchors-none-before",
                              _("There is no previous set."));
    if (code == RESULT_OK)
        code = point_to(folder, "previous", now);
    if (code == RESULT_OK)
        code = point_to(folder, "current", before);
    if (code == RESULT_OK)
        code = exchange_decisions(&t->store);
    if (code == RESULT_OK)
        code = decisions_apply(&t->store, &t->context);
    if (code != RESULT_OK)
        return could_not(&t->context.report, code);
    report_line(&t->context.report,
                _("The previous trust anchors are in force again. To undo this: uketsuke anchors revert"));
    return OUTCOME_OK;
}
