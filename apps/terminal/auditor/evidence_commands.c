/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `evidence verify` and `evidence show`: they need neither card nor configuration, an auditor runs them anywhere. */
#include "auditor/auditor.h"
#include "auditor/evidence_chain.h"
#include "core/trust_anchors.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "evidence/evidence.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHAIN_MAX (4 * CVC_LENGTH)
#define DAY_S 86400

static outcome read_file(report *r, const char *path, buffer *der) {
    buffer_clear(der);
    result code = file_read(path, der);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_USAGE, "file", _("%s cannot be read (%s)."), path, report_cause(code));
}

static outcome one_argument(command_context *ctx) {
    if (ctx->options.argument_count == 1)
        return OUTCOME_OK;
    return report_failure(&ctx->report, OUTCOME_USAGE, "usage",
                          _("Name one file with evidence, or a folder of such files."));
}

/* In an exported folder. */
#define PLATFORM_CVC "platform.cvc"

/* The platform's certificate, for evidence of the online mode: --platform-cvc, else from the configuration if there is
 * one, else the one that was exported with the evidence. */
static bool read_platform(command_context *ctx, const char *folder, cvc *platform) {
    char beside[PATH_MAX] = "";
    buffer chain = BUFFER_INIT(CHAIN_MAX);
    const char *path = ctx->options.platform_cvc != NULL ? ctx->options.platform_cvc : ctx->configuration.platform_cvc;
    bool found = false;
    if (path[0] == 0 && folder != NULL && snprintf(beside, sizeof beside, "%s/" PLATFORM_CVC, folder) < PATH_MAX)
        path = beside;
    if (path[0] != 0 && file_read(path, &chain) == RESULT_OK) {
        bytes rest = buffer_bytes(&chain), raw;
        while (cvc_chain_next(&rest, platform, &raw) == RESULT_OK)
            found = true; /* the last one is the holder's */
    }
    if (found && path == beside)
        report_text(&ctx->report, "platformCvc",
                    _("The platform's certificates are those of the folder; compare them with the platform's own"),
                    path);
    buffer_wipe(&chain);
    return found;
}

static outcome refused(report *r, const char *name, const evidence_verdict *verdict) {
    return report_failure(r, OUTCOME_REFUSED, evidence_reason_name(verdict->reason), "%s%s%s%s%s%s", name,
                          *name != 0 ? ": " : "", language_text(evidence_reason_text(verdict->reason)),
                          verdict->detail != NULL ? " (" : "", verdict->detail != NULL ? verdict->detail : "",
                          verdict->detail != NULL ? ")" : "");
}

static outcome verify_file(report *r, const char *path, const evidence_policy *policy) {
    static evidence_verdict verdict; /* large: kept off the stack */
    buffer der = BUFFER_INIT(EVIDENCE_MAX), text = BUFFER_INIT(8192);
    outcome done = read_file(r, path, &der);
    if (done != OUTCOME_OK)
        return done;
    result code = evidence_verify(buffer_bytes(&der), policy, &verdict);
    report_text(r, "verdict", NULL, evidence_reason_name(verdict.reason));
    report_text(r, "evidenceId", _("Evidence"), verdict.statement.evidence_id);
    if (code == RESULT_OK && evidence_print(&verdict.statement, &text) == RESULT_OK)
        report_line(r, "%s", buffer_text(&text));
    buffer_wipe(&der);
    buffer_wipe(&text);
    if (code != RESULT_OK)
        return refused(r, "", &verdict);
    report_value(r, "cardExpired", json_boolean(verdict.patient_expired));
    if (verdict.patient_expired)
        report_line(r, "%s", _("WARNING: the card's certificate had expired; it was accepted for the coverage only."));
    report_text(r, "clock", NULL, evidence_clock_name(verdict.clock));
    report_line(r, "%s", language_text(evidence_clock_text(verdict.clock)));
    report_line(r, "%s", language_text(evidence_reason_text(EVIDENCE_GOOD)));
    return OUTCOME_OK;
}

/* --- a whole folder, and its chain -------------------------------------------------------------------------------- */

/* The pieces that are not genuine, and those that cannot be verified for lack of a certificate or a revocation list. */
typedef struct findings {
    json_t *bad, *unverified;
} findings;

static bool cannot_be_verified(const evidence_verdict *verdict) {
    return verdict->passing || verdict->reason == EVIDENCE_PLATFORM_UNKNOWN;
}

static void note_finding(report *r, const char *name, const evidence_verdict *verdict, const findings *f) {
    report_line(r, "%s: %s%s%s", name, language_text(evidence_reason_text(verdict->reason)),
                verdict->detail != NULL ? ": " : "", verdict->detail != NULL ? verdict->detail : "");
    json_array_append_new(cannot_be_verified(verdict) ? f->unverified : f->bad,
                          json_pack("{s:s,s:s}", "file", name, "verdict", evidence_reason_name(verdict->reason)));
}

/* Every piece with a readable statement is added to the chain, whatever its verdict: otherwise a removed piece beside a
 * bad one would not be noticed. */
static outcome verify_member(report *r, const char *folder, const char *name, const evidence_policy *policy,
                             evidence_chain *chain, const findings *f) {
    static evidence_verdict verdict; /* large: kept off the stack */
    buffer der = BUFFER_INIT(EVIDENCE_MAX);
    char *path = file_join(folder, name);
    outcome done = path != NULL ? read_file(r, path, &der) : OUTCOME_INTERNAL;
    if (done == OUTCOME_OK && evidence_verify(buffer_bytes(&der), policy, &verdict) != RESULT_OK)
        note_finding(r, name, &verdict, f);
    if (done == OUTCOME_OK && verdict.statement.evidence_id[0] != 0 &&
        evidence_chain_add(chain, buffer_bytes(&der), &verdict.statement) != RESULT_OK)
        done = OUTCOME_INTERNAL;
    free(path);
    buffer_wipe(&der);
    return done;
}

static int is_evidence(const struct dirent *entry) {
    const size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".der") == 0;
}

static const struct {
    chain_state state;
    const char *reason, *message;
} breaks[] = {
    {CHAIN_GAP, "chain-gap", N_("The chain is broken before this piece: one is missing.")},
    {CHAIN_FORK, "chain-fork", N_("Another piece follows the same one: this one was put in, or the other one was.")},
    {CHAIN_CHALLENGE, "chain-challenge",
     N_("The card's challenge of this piece is in another one, too: the card was there once, not twice.")},
    {CHAIN_COUNTER, "chain-counter",
     N_("The Secure Element's counter has not risen since the previous piece of evidence: another device has the "
        "same key.")},
};

typedef struct chain_finding {
    char at[UUID_TEXT_SIZE];
    const char *reason, *message; /* NULL: it does not break */
} chain_finding;

/* Says where it breaks; the failure is the caller's. */
static outcome validate_chain(report *r, evidence_chain *chain, chain_finding *f) {
    const chain_state state = evidence_chain_check(chain, f->at);
    report_number(r, "chained", _("of which in the chain (offline)"), (long long)evidence_chain_length(chain));
    if (state == CHAIN_UNCHECKED)
        return OUTCOME_INTERNAL;
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
        if (breaks[i].state == state) {
            f->reason = breaks[i].reason;
            f->message = language_text(breaks[i].message);
        }
    report_value(r, "chain", json_string(f->reason != NULL ? f->reason : "whole"));
    report_value(r, "chainGaps", json_integer((json_int_t)evidence_chain_gaps(chain)));
    if (f->reason != NULL) {
        report_line(r, "%s: %s", f->at, f->message);
        return OUTCOME_OK;
    }
    report_value(r, "chainBeginsLater", json_boolean(state == CHAIN_BEGINS_LATER));
    if (state == CHAIN_BEGINS_LATER)
        report_line(r, _("The chain is whole from %s on; earlier pieces are not in this folder."), f->at);
    else
        report_line(r, "%s", _("The chain is whole from the first piece on."));
    return OUTCOME_OK;
}

/* The worst first: a piece that is not genuine, a broken chain, a piece that cannot be verified here. The reason
 * is that of the first piece; all are in "bad" and "unverified". */
static outcome conclude(report *r, evidence_chain *chain, const findings *f, int count) {
    const json_t *bad = json_array_get(f->bad, 0), *unverified = json_array_get(f->unverified, 0);
    const size_t bad_count = json_array_size(f->bad), unverified_count = json_array_size(f->unverified);
    chain_finding broken = {0};
    report_number(r, "verified", _("Pieces of evidence that are good"),
                  count - (long long)bad_count - (long long)unverified_count);
    const outcome done = validate_chain(r, chain, &broken);
    if (done != OUTCOME_OK)
        return done;
    if (bad != NULL)
        return report_failure(r, OUTCOME_REFUSED, json_string_value(json_object_get(bad, "verdict")),
                              _("%zu of %d pieces of evidence are not good, the first of them %s."), bad_count, count,
                              json_string_value(json_object_get(bad, "file")));
    if (broken.reason != NULL)
        return report_failure(r, OUTCOME_REFUSED, broken.reason, "%s: %s", broken.at, broken.message);
    if (unverified != NULL)
        return report_failure(r, OUTCOME_REFUSED, "unverified",
                              _("%zu of %d pieces of evidence cannot be verified here, the first of them %s. That says "
                                "nothing against them: what is missing is named above."),
                              unverified_count, count, json_string_value(json_object_get(unverified, "file")));
    return OUTCOME_OK;
}

static outcome verify_members(report *r, const char *folder, const evidence_policy *policy, const findings *f) {
    struct dirent **names = NULL;
    CLEANED_BY(evidence_chain_free) evidence_chain *chain = NULL;
    const int count = scandir(folder, &names, is_evidence, alphasort);
    outcome done = OUTCOME_OK;
    if (count <= 0)
        done = report_failure(r, OUTCOME_USAGE, "file", _("There is no evidence (*.der) in the folder %s."), folder);
    else if (evidence_chain_new(&chain) != RESULT_OK)
        done = OUTCOME_INTERNAL;
    for (int i = 0; i < count; i++) {
        if (done == OUTCOME_OK)
            done = verify_member(r, folder, names[i]->d_name, policy, chain, f);
        free(names[i]);
    }
    free(names);
    return done == OUTCOME_OK ? conclude(r, chain, f, count) : done;
}

static outcome verify_folder(report *r, const char *folder, const evidence_policy *policy) {
    const findings found = {json_array(), json_array()};
    const outcome done = verify_members(r, folder, policy, &found);
    report_value(r, "bad", found.bad);
    report_value(r, "unverified", found.unverified);
    return done;
}

outcome evidence_verify_command(terminal *t) {
    CLEANED_BY(trust_free) trust *patients = NULL;
    CLEANED_BY(trust_free) trust *institutions = NULL;
    cvc platform;
    struct stat seen;
    outcome done = one_argument(&t->context);
    if (done != OUTCOME_OK)
        return done;
    if (t->context.options.anchors == NULL && t->context.configuration.anchors[0] == 0)
        return report_failure(&t->context.report, OUTCOME_USAGE, "usage",
                              _("Name the folder of trust anchors with --anchors."));
    if ((done = anchors_trust(&t->context, "jpki-auth-ca", &patients)) != OUTCOME_OK ||
        (done = anchors_trust(&t->context, "institution-ca", &institutions)) != OUTCOME_OK)
        return done;
    const char *path = t->context.options.arguments[0];
    const bool folder = stat(path, &seen) == 0 && S_ISDIR(seen.st_mode);
    const bool known = read_platform(&t->context, folder ? path : NULL, &platform);
    const evidence_policy policy = {.patient_authorities = patients,
                                    .institution_authorities = institutions,
                                    .platform = known ? &platform : NULL,
                                    .patient_grace_s = t->context.configuration.expired_card_days * DAY_S,
                                    .now = clock_wall_s()};
    return folder ? verify_folder(&t->context.report, path, &policy) : verify_file(&t->context.report, path, &policy);
}

outcome evidence_show_command(terminal *t) {
    static statement s;
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(EVIDENCE_MAX);
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(8192);
    CLEANED_BY(cms_message_free) cms_message message = {0};
    outcome done = one_argument(&t->context);
    if (done == OUTCOME_OK)
        done = read_file(&t->context.report, t->context.options.arguments[0], &der);
    if (done != OUTCOME_OK)
        return done;
    if (cms_verify(buffer_bytes(&der), bytes_of(NULL, 0), &message) != RESULT_OK ||
        statement_read(buffer_bytes(&message.content), &s, NULL) != RESULT_OK || evidence_print(&s, &text) != RESULT_OK)
        return report_failure(&t->context.report, OUTCOME_REFUSED, "malformed",
                              _("This is no evidence, or it was altered."));
    report_text(&t->context.report, "evidenceId", NULL, s.evidence_id);
    report_line(&t->context.report, "%s", buffer_text(&text));
    report_line(&t->context.report,
                _("Shown, not verified: who signed was not checked. Run: uketsuke evidence verify"));
    return OUTCOME_OK;
}
