/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/trust_anchors.h"

#include "core/guarded_state.h"

#include "base/clock.h"
#include "crypt/certificate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400
#define CERTIFICATE_MAX 8192

const char *const anchor_names[ANCHOR_COUNT] = {"jpki-auth-ca", "jpki-sign-ca", "operator-ca", "institution-ca",
                                                "tls-ca"};

void anchors_folder(const command_context *ctx, char folder[PATH_MAX]) {
    if (ctx->options.anchors != NULL) {
        snprintf(folder, PATH_MAX, "%s", ctx->options.anchors);
        return;
    }
    if (snprintf(folder, PATH_MAX, "%s/anchors/current", ctx->configuration.state) >= PATH_MAX ||
        access(folder, F_OK) != 0)
        snprintf(folder, PATH_MAX, "%s", ctx->configuration.anchors);
}

bool anchors_were_decided(const command_context *ctx, char folder[PATH_MAX]) {
    char link[PATH_MAX], configured[PATH_MAX];
    if (snprintf(link, sizeof link, "%s/anchors/current", ctx->configuration.state) >= PATH_MAX ||
        realpath(link, folder) == NULL)
        return false;
    return realpath(ctx->configuration.anchors, configured) == NULL || strcmp(folder, configured) != 0;
}

result anchors_undecide(const command_context *ctx) {
    static const char *const links[] = {"current", "previous"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        if (snprintf(path, sizeof path, "%s/anchors/%s", ctx->configuration.state, links[i]) >= PATH_MAX)
            return RESULT_TOO_LONG;
        if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR)
            return RESULT_IO;
    }
    return RESULT_OK;
}

/* --- authorities that are kept ------------------------------------------------------------------------------------ */

#define TRUSTS_MAX 6 /* as many as there are anchors */

typedef struct kept_trust {
    char anchor[32];
    char folder[PATH_MAX];
    trust *authorities; /* NULL: none; follows the files (crypt/trust.h) */
} kept_trust;

typedef struct trust_cache {
    kept_trust kept[TRUSTS_MAX];
} trust_cache;

/* A national revocation list takes long to read: it is read again only when its file has changed. */
static kept_trust *find_kept(trust_cache *all, const char *anchor) {
    kept_trust *place = &all->kept[0];
    for (size_t i = 0; i < TRUSTS_MAX; i++) {
        if (all->kept[i].authorities != NULL && strcmp(all->kept[i].anchor, anchor) == 0)
            return &all->kept[i];
        if (all->kept[i].authorities == NULL)
            place = &all->kept[i];
    }
    trust_free(&place->authorities);
    snprintf(place->anchor, sizeof place->anchor, "%s", anchor);
    return place;
}

static outcome check_guarded(const char *folder, const char *anchor, const char *suffix, report *r) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s.%s", folder, anchor, suffix);
    return guarded_check(path, r);
}

outcome anchors_trust(command_context *ctx, const char *anchor, trust **out) {
    char folder[PATH_MAX];
    if (ctx->trusts == NULL && (ctx->trusts = calloc(1, sizeof *ctx->trusts)) == NULL)
        return report_failure(&ctx->report, OUTCOME_INTERNAL, "internal", "%s", report_system_cause(ENOMEM));
    kept_trust *kept = find_kept(ctx->trusts, anchor);
    anchors_folder(ctx, folder);
    if (kept->authorities != NULL && strcmp(kept->folder, folder) == 0) {
        trust_look(kept->authorities, false);
        *out = trust_share(kept->authorities);
        return OUTCOME_OK;
    }
    trust_free(&kept->authorities);
    outcome done = check_guarded(folder, anchor, "pem", &ctx->report);
    if (done == OUTCOME_OK)
        done = check_guarded(folder, anchor, "crl", &ctx->report);
    if (done != OUTCOME_OK)
        return done;
    const revocation_policy policy = configuration_revocation_policy(&ctx->configuration, anchor);
    const result code = trust_follow(folder, anchor, &policy, out);
    if (code == RESULT_OK) {
        kept->authorities = trust_share(*out);
        snprintf(kept->folder, sizeof kept->folder, "%s", folder);
        return OUTCOME_OK;
    }
    return report_failure(&ctx->report, OUTCOME_USAGE, "anchors", _("No usable trust anchor %s.pem in %s (%s)."),
                          anchor, folder, report_cause(code));
}

void anchors_forget(command_context *ctx) {
    for (size_t i = 0; ctx->trusts != NULL && i < TRUSTS_MAX; i++)
        trust_free(&ctx->trusts->kept[i].authorities);
    free(ctx->trusts);
    ctx->trusts = NULL;
}

/* --- whose fault it is ------------------------------------------------------------------------------------------- */

static const struct {
    trust_verdict verdict;
    const char *suffix, *message; /* of the file that it is about */
} faults[] = {
    {TRUST_LIST_MISSING, "crl",
     N_("This revocation list is missing. A revoked card would be accepted without it, so none is. Get it from the "
        "CA.")},
    {TRUST_LIST_STALE, "crl",
     N_("This revocation list is past its nextUpdate, so no card of its CA is accepted any more. Get the present one "
        "from the CA.")},
    {TRUST_LIST_NOT_YET_VALID, "crl", N_("This revocation list is from the future. Check this terminal's clock.")},
    {TRUST_LIST_OF_ANOTHER, "crl",
     N_("This revocation list was not issued by the CA beside it. Get both from one place.")},
    {TRUST_LIST_NOT_UNDERSTOOD, "crl",
     N_("This revocation list is a part only, or has a critical extension that is not understood. Get a whole one "
        "from the CA.")},
    {TRUST_ISSUER_NOT_YET_VALID, "pem", N_("This CA is not valid yet. Check this terminal's clock.")},
    {TRUST_ISSUER_EXPIRED, "pem",
     N_("This CA has expired, and with it every card that it issued. Check this terminal's clock, then get the present "
        "trust anchors.")},
};

outcome anchors_fault(command_context *ctx, const char *anchor, trust_verdict verdict) {
    char folder[PATH_MAX], path[PATH_MAX + 64];
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (faults[i].verdict != verdict)
            continue;
        anchors_folder(ctx, folder);
        snprintf(path, sizeof path, "%s/%s.%s", folder, anchor, faults[i].suffix);
        return report_failure(&ctx->report, OUTCOME_REFUSED, "revocation-list", "%s: %s", path,
                              language_text(faults[i].message));
    }
    return OUTCOME_OK;
}

/* --- what ends soon ----------------------------------------------------------------------------------------------- */

typedef struct warning {
    command_context *context;
    token *se; /* NULL: not open */
    json_t *list;
    int64_t now;
    const char *file;
    const char *folder;
    const trust *authorities;
    revocation_policy policy;
    bool revocation_list; /* the present anchor has one */
} warning;

static const struct {
    int64_t days;
    const char *level, *message;
} levels[] = {
    {0, "ended", N_("ENDED")},
    {7, "urgent", N_("ENDS WITHIN 7 DAYS")},
    {30, "soon", N_("ends within 30 days")},
    {90, "notice", N_("ends within 90 days")},
};

static void warn_of(warning *w, const char *what, int64_t until, int64_t days_max) {
    char text[CLOCK_TEXT_SIZE], shown[CLOCK_PEOPLE_SIZE];
    for (size_t i = 0; i < sizeof levels / sizeof *levels && levels[i].days <= days_max; i++) {
        if (until - w->now >= levels[i].days * DAY)
            continue;
        clock_text(until, text);
        clock_text_in_japan(until, shown);
        report_line(&w->context->report, "%s: %s (%s)", language_text(levels[i].message), what, shown);
        json_array_append_new(w->list,
                              json_pack("{s:s,s:s,s:s}", "what", what, "until", text, "level", levels[i].level));
        return;
    }
}

/* A missing or invalid file is more urgent than any expiry. */
static void warn_of_unusable(warning *w, const char *path, const char *why) {
    report_line(&w->context->report, "%s: %s (%s)", _("CANNOT BE USED"), path, why);
    json_array_append_new(w->list, json_pack("{s:s,s:n,s:s}", "what", path, "until", "level", "unusable"));
}

/* Warns of a list that is unusable for another reason than its age. */
static void warn_of_list(warning *w, const trust_entry *entry) {
    char path[PATH_MAX + 64];
    const revocation_state state = trust_entry_state(w->authorities, entry, w->now);
    const revocation_rule rule = revocation_rule_of(state, &w->policy);
    snprintf(path, sizeof path, "%s/%s.crl", w->folder, w->file);
    if (!rule.permits && state != REVOCATION_STALE)
        warn_of_unusable(w, path, language_text(rule.text));
}

static bool warn_of_entry(void *context, const trust_entry *entry) {
    warning *w = context;
    char what[CRYPT_NAME_MAX + 16];
    w->revocation_list |= entry->revocation_list;
    if (entry->revocation_list)
        warn_of_list(w, entry);
    snprintf(what, sizeof what, "%s.%s", w->file, entry->revocation_list ? "crl" : "pem");
    /* A revocation list is valid for about a month: warn only in its last week. */
    if (entry->until >= 0)
        warn_of(w, what, entry->until, entry->revocation_list ? 7 : 90);
    return true;
}

static void warn_of_certificate(warning *w, const char *what, const certificate *c) {
    int64_t from, until;
    certificate_validity(c, &from, &until);
    warn_of(w, what, until, 90);
}

static void warn_of_own(warning *w, const char *object) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    certificate *c = NULL;
    if (token_certificate(w->se, object, &der) == RESULT_OK && certificate_new(buffer_bytes(&der), &c) == RESULT_OK)
        warn_of_certificate(w, object, c);
    certificate_free(&c);
    buffer_wipe(&der);
}

/* The terminal's own TLS certificate. One in a token is not checked here. */
static void warn_of_tls_file(warning *w, const char *path) {
    certificate *c = NULL;
    if (*path == 0 || configuration_is_uri(path))
        return;
    const result code = certificate_from_file(path, &c);
    if (code == RESULT_OK)
        warn_of_certificate(w, path, c);
    else
        warn_of_unusable(w, path, report_cause(code));
    certificate_free(&c);
}

static void warn_of_anchor(warning *w, const char *folder, const char *name) {
    char path[PATH_MAX + 64];
    trust *authorities = NULL;
    w->file = name;
    w->folder = folder;
    w->policy = configuration_revocation_policy(&w->context->configuration, name);
    w->revocation_list = false;
    result code = trust_new(&authorities);
    w->authorities = authorities;
    if (code == RESULT_OK)
        trust_set_policy(authorities, &w->policy);
    if (code == RESULT_OK)
        code = trust_add_anchor(authorities, folder, name);
    if (code == RESULT_OK)
        trust_each(authorities, warn_of_entry, w);
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, code == RESULT_OK ? "crl" : "pem");
    if (code != RESULT_OK)
        warn_of_unusable(w, path, report_cause(code));
    else if (!w->revocation_list && !w->policy.without_lists)
        warn_of_unusable(w, path, _("no revocation list: a revoked card would be accepted, so none is"));
    trust_free(&authorities);
}

void anchors_warn(token *se, command_context *ctx) {
    warning w = {.context = ctx, .se = se, .list = json_array(), .now = clock_wall_s()};
    char folder[PATH_MAX];
    anchors_folder(ctx, folder);
    for (size_t i = 0; i < ANCHOR_COUNT; i++)
        warn_of_anchor(&w, folder, anchor_names[i]);
    if (access(ctx->configuration.platform_cvc, R_OK) != 0)
        warn_of_unusable(&w, ctx->configuration.platform_cvc, report_system_cause(errno));
    if (se != NULL) {
        warn_of_own(&w, "institution");
        if (*ctx->configuration.tls_certificate == 0)
            warn_of_own(&w, "tls-client");
    }
    warn_of_tls_file(&w, ctx->configuration.tls_certificate);
    report_value(&ctx->report, "endingSoon", w.list);
}
