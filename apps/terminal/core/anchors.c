#include "core/anchors.h"

#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DAY 86400
#define CERTIFICATE_MOST 8192

const char *const anchor_names[ANCHOR_COUNT] = {"jpki-auth-ca", "jpki-sign-ca", "operator-ca", "institution-ca",
                                                "tls-ca"};

void anchors_folder(const terminal *t, char folder[PATH_MAX]) {
    if (t->options.anchors != NULL) {
        snprintf(folder, PATH_MAX, "%s", t->options.anchors);
        return;
    }
    if (snprintf(folder, PATH_MAX, "%s/anchors/current", t->configuration.state) >= PATH_MAX ||
        access(folder, F_OK) != 0)
        snprintf(folder, PATH_MAX, "%s", t->configuration.anchors);
}

/* --- what ends soon ----------------------------------------------------------------------------------------------- */

typedef struct warning {
    terminal *terminal;
    json_t *list;
    int64_t now;
    const char *file;
    bool revocation_list; /* the anchor at hand has one */
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

static void warn_of(warning *w, const char *what, int64_t until, int64_t days_most) {
    char text[CLOCK_TEXT_SIZE], shown[CLOCK_PEOPLE_SIZE];
    for (size_t i = 0; i < sizeof levels / sizeof *levels && levels[i].days <= days_most; i++) {
        if (until - w->now >= levels[i].days * DAY)
            continue;
        clock_text(until, text);
        clock_text_in_japan(until, shown);
        report_line(&w->terminal->report, "%s: %s (%s)", language_text(levels[i].message), what, shown);
        json_array_append_new(w->list,
                              json_pack("{s:s,s:s,s:s}", "what", what, "until", text, "level", levels[i].level));
        return;
    }
}

/* Not there, or not what it must be: worse than any end. */
static void warn_of_unusable(warning *w, const char *path, const char *why) {
    report_line(&w->terminal->report, "%s: %s (%s)", _("CANNOT BE USED"), path, why);
    json_array_append_new(w->list, json_pack("{s:s,s:n,s:s}", "what", path, "until", "level", "unusable"));
}

static bool warn_of_entry(void *context, const trust_entry *entry) {
    warning *w = context;
    char what[CRYPT_NAME_MOST + 16];
    w->revocation_list |= entry->revocation_list;
    snprintf(what, sizeof what, "%s.%s", w->file, entry->revocation_list ? "crl" : "pem");
    /* A revocation list lives a month anyway: only its last week is worth a word. */
    if (entry->until >= 0)
        warn_of(w, what, entry->until, entry->revocation_list ? 7 : 90);
    return true;
}

static void warn_of_own(warning *w, const char *object) {
    buffer der = BUFFER_INIT(CERTIFICATE_MOST);
    certificate *c = NULL;
    int64_t from, until;
    if (token_certificate(w->terminal->se, object, &der) == RESULT_OK &&
        certificate_new(buffer_bytes(&der), &c) == RESULT_OK) {
        certificate_validity(c, &from, &until);
        warn_of(w, object, until, 90);
    }
    certificate_free(&c);
    buffer_wipe(&der);
}

static void warn_of_anchor(warning *w, const char *folder, const char *name) {
    char path[PATH_MAX + 64];
    trust *authorities = NULL;
    w->file = name;
    w->revocation_list = false;
    result code = trust_new(&authorities);
    if (code == RESULT_OK)
        code = trust_add_anchor(authorities, folder, name);
    if (code == RESULT_OK)
        trust_each(authorities, warn_of_entry, w);
    snprintf(path, sizeof path, "%s/%s.%s", folder, name, code == RESULT_OK ? "crl" : "pem");
    if (code != RESULT_OK)
        warn_of_unusable(w, path, report_cause(code));
    else if (!w->revocation_list)
        warn_of_unusable(w, path, _("no revocation list: a revoked card would be accepted"));
    trust_free(&authorities);
}

void anchors_warn(terminal *t) {
    warning w = {.terminal = t, .list = json_array(), .now = clock_wall_s()};
    char folder[PATH_MAX];
    anchors_folder(t, folder);
    for (size_t i = 0; i < ANCHOR_COUNT; i++)
        warn_of_anchor(&w, folder, anchor_names[i]);
    if (access(t->configuration.platform_cvc, R_OK) != 0)
        warn_of_unusable(&w, t->configuration.platform_cvc, report_system_cause(errno));
    if (t->se != NULL) {
        warn_of_own(&w, "institution");
        warn_of_own(&w, "tls-client");
    }
    report_value(&t->report, "endingSoon", w.list);
}
