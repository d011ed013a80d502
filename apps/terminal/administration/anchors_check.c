/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "administration/anchors_check.h"

#include "administration/card_chain.h"
#include "core/trust_anchors.h"
#include "operator/operator_card.h"
#include "services/service_call.h"

#include "base/cleanup.h"
#include "base/clock.h"

#include <string.h>

#define CERTIFICATE_MAX 8192
#define ENTRIES_MAX 128

typedef struct inspection {
    trust_entry entries[ENTRIES_MAX]; /* of the set in force: its revocation lists */
    size_t count;
    int64_t now;
    bool valid_authority; /* at least one CA of the file is valid now */
    const char *problem;  /* of a revocation list */
} inspection;

static bool collect(void *context, const trust_entry *entry) {
    inspection *i = context;
    if (entry->revocation_list && i->count < ENTRIES_MAX)
        i->entries[i->count++] = *entry;
    return true;
}

/* A revocation list must be signed by a CA of the set, and must not be older than the one it replaces: otherwise a
 * revoked card could become valid again. */
static bool inspect(void *context, const trust_entry *entry) {
    inspection *i = context;
    if (!entry->revocation_list) {
        i->valid_authority |= entry->from <= i->now && i->now <= entry->until;
        return true;
    }
    if (!entry->signed_here)
        i->problem = N_("its revocation list was not issued by this CA");
    for (size_t k = 0; k < i->count; k++)
        if (strcmp(i->entries[k].name, entry->name) == 0 && entry->from < i->entries[k].from)
            i->problem = N_("its revocation list is older than the one in force");
    return i->problem == NULL;
}

static outcome unusable(report *r, const char *name, const char *why) {
    return report_failure(r, OUTCOME_REFUSED, "anchors-unusable", _("The new set cannot be used: %s: %s."), name, why);
}

/* The lists of the file in force first, then the file that is to follow it. */
static result inspect_both(const char *now_folder, const char *folder, const char *name, inspection *i) {
    CLEANED_BY(trust_free) trust *now = NULL;
    CLEANED_BY(trust_free) trust *next = NULL;
    result code = trust_new(&now);
    if (code != RESULT_OK)
        return code;
    if (trust_add_anchor(now, now_folder, name) == RESULT_OK)
        trust_each(now, collect, i);
    code = trust_new(&next);
    if (code == RESULT_OK)
        code = trust_add_anchor(next, folder, name);
    if (code == RESULT_OK)
        trust_each(next, inspect, i);
    return code;
}

static outcome check_file(report *r, const char *now_folder, const char *folder, const char *name) {
    static inspection i; /* large: kept off the stack */
    i = (inspection){.now = clock_wall_s()};
    const result code = inspect_both(now_folder, folder, name, &i);
    if (code != RESULT_OK)
        return unusable(r, name, report_cause(code));
    if (i.problem != NULL)
        return unusable(r, name, language_text(i.problem));
    return i.valid_authority ? OUTCOME_OK : unusable(r, name, _("no CA in it is valid now"));
}

static outcome invalidates(report *r, const char *what, const char *why) {
    return report_failure(r, OUTCOME_REFUSED, "anchors-invalidate",
                          _("The new set is refused: under it %s would no longer be accepted (%s)."), what, why);
}

static outcome check_own(command_context *ctx, const char *folder, const char *anchor, trust_purpose purpose, bytes der,
                         const char *what) {
    trust *next = NULL;
    certificate *c = NULL;
    trust_verdict verdict = TRUST_FAILED;
    if (trust_new(&next) == RESULT_OK && trust_add_anchor(next, folder, anchor) == RESULT_OK &&
        certificate_new(der, &c) == RESULT_OK) {
        const revocation_policy policy = configuration_revocation_policy(&ctx->configuration, anchor);
        trust_set_policy(next, &policy);
        verdict = trust_check(next, c, purpose, clock_wall_s());
    }
    certificate_free(&c);
    trust_free(&next);
    return verdict == TRUST_OK ? OUTCOME_OK : invalidates(&ctx->report, what, trust_verdict_text(verdict));
}

static outcome check_se(terminal *t, const char *folder) {
    CLEANED_BY(buffer_wipe) buffer institution = BUFFER_INIT(CERTIFICATE_MAX);
    CLEANED_BY(buffer_wipe) buffer tls = BUFFER_INIT(CERTIFICATE_MAX);
    if (token_certificate(t->cards.se, "institution", &institution) != RESULT_OK ||
        token_certificate(t->cards.se, "tls-client", &tls) != RESULT_OK)
        return cards_token_failure(&t->cards, &t->context.report, RESULT_NOT_FOUND, _("Secure Element"), t->cards.se);
    const char *problem = card_chain_problem(t->cards.se, folder);
    if (problem != NULL)
        return invalidates(&t->context.report, _("the chain for patients' cards"), problem);
    const outcome done = check_own(&t->context, folder, "institution-ca", TRUST_SIGNATURE, buffer_bytes(&institution),
                                   _("the institution's key"));
    return done != OUTCOME_OK ? done
                              : check_own(&t->context, folder, "tls-ca", TRUST_CLIENT_AUTHENTICATION,
                                          buffer_bytes(&tls), _("the terminal's own TLS key"));
}

/* If it answers now. */
static outcome check_platform(terminal *t) {
    CLEANED_BY(service_end) remote platform = {0};
    char message[HTTP_CLIENT_MESSAGE_MAX];
    const outcome done = service_open(t->services, SERVICE_PLATFORM, &platform);
    if (done != OUTCOME_OK)
        return done;
    const result code = remote_ping(&platform, message, sizeof message);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code != RESULT_TIMEOUT && code != RESULT_UNAVAILABLE)
        return invalidates(&t->context.report, _("the platform"), message);
    report_line(&t->context.report, _("The platform could not be asked: %s"), message);
    return OUTCOME_OK;
}

static outcome check_operator(terminal *t) {
    CLEANED_BY(token_close) token *card = NULL;
    operator_card actor;
    return operator_card_read(&t->cards, &t->context, &actor, &card);
}

/* The SE's certificates, the operator's card, and the platform. */
static outcome check_peers(terminal *t, const char *folder) {
    outcome done = check_se(t, folder);
    t->context.options.anchors = folder; /* from here on the new set is used */
    if (done == OUTCOME_OK)
        done = check_operator(t);
    if (done == OUTCOME_OK)
        done = check_platform(t);
    t->context.options.anchors = NULL;
    return done;
}

outcome anchors_check(terminal *t, const char *folder) {
    char now[PATH_MAX];
    outcome done = OUTCOME_OK;
    anchors_folder(&t->context, now);
    for (size_t i = 0; i < ANCHOR_COUNT && done == OUTCOME_OK; i++)
        done = check_file(&t->context.report, now, folder, anchor_names[i]);
    return done == OUTCOME_OK ? check_peers(t, folder) : done;
}
