/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/terminal_configuration.h"

#include "core/guarded_state.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <libgen.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* FILE_OR_URI: a path, or the URI of a PKCS #11 object (RFC 7512). Numbers come last (number_rules). */
typedef enum kind {
    TEXT,
    FOLDER_OR_FILE,
    FILE_OR_URI,
    REQUIRED,
    NUMBER,
    DAYS,
    MINUTES,
    KEEP_DAYS,
    EXPIRED_DAYS,
    MINUTES_OF_A_DAY
} kind;

static const struct {
    const char *section, *name;
    kind kind;
    size_t offset, size;
    bool required;
} settings[] = {
#define ROW(section, name, kind, member, required)                                                                     \
    {section, name, kind, offsetof(configuration, member), sizeof((configuration *)0)->member, required}
    ROW("terminal", "id", TEXT, terminal_id, true),
    ROW("terminal", "institution-code", TEXT, institution_code, true),
    ROW("terminal", "state", FOLDER_OR_FILE, state, true),
    ROW("pkcs11", "module", FOLDER_OR_FILE, module, false),
    ROW("readers", "patient", TEXT, reader_patient, true),
    ROW("readers", "operator", TEXT, reader_operator, true),
    ROW("readers", "se", TEXT, reader_se, true),
    ROW("se", "module", FOLDER_OR_FILE, se_module, false),
    ROW("se", "server", TEXT, se_server, false),
    ROW("se", "answer-seconds", NUMBER, se_answer_seconds, false),
    ROW("se", "pin-file", FOLDER_OR_FILE, se_pin_file, false),
    ROW("se", "store-secret", FOLDER_OR_FILE, se_store_secret, false),
    ROW("se", "away-minutes", MINUTES, se_away_minutes, false),
    ROW("tls", "certificate", FILE_OR_URI, tls_certificate, false),
    ROW("tls", "key", FILE_OR_URI, tls_key, false),
    ROW("tls", "module", FOLDER_OR_FILE, tls_module, false),
    ROW("desk", "socket", FOLDER_OR_FILE, desk_socket, false),
    ROW("desk", "group", TEXT, desk_group, false),
    ROW("desk", "start", TEXT, desk_start, false),
    ROW("desk", "screen-user", TEXT, desk_screen_user, false),
    ROW("desk", "departments", TEXT, departments, false),
    ROW("desk", "same-card-minutes", MINUTES_OF_A_DAY, same_card_minutes, false),
    ROW("platform", "url", TEXT, platform_url, true),
    ROW("platform", "cvc-chain", FOLDER_OR_FILE, platform_cvc, true),
    ROW("history", "url", TEXT, history_url, true),
    ROW("trust", "anchors", FOLDER_OR_FILE, anchors, true),
    ROW("trust", "crl-grace-days", DAYS, crl_grace_days, false),
    ROW("trust", "without-crl", TEXT, without_crl, false),
    ROW("neighbours", "folder", FOLDER_OR_FILE, neighbours, false),
    ROW("neighbours", "encoding", TEXT, neighbours_encoding, false),
    ROW("reception", "identification", REQUIRED, identification_required, false),
    ROW("reception", "expired-card-days", EXPIRED_DAYS, expired_card_days, false),
    ROW("person", "keep-days", KEEP_DAYS, person_keep_days, false),
    ROW("limits", "offline-hours", NUMBER, limits.value[LIMIT_OFFLINE_HOURS], false),
    ROW("limits", "offline-count", NUMBER, limits.value[LIMIT_OFFLINE_COUNT], false),
    ROW("limits", "session-minutes", NUMBER, limits.value[LIMIT_SESSION_MINUTES], false),
    ROW("limits", "idle-minutes", NUMBER, limits.value[LIMIT_IDLE_MINUTES], false),
#undef ROW
};
#define NUMBER_MAX 1000000
#define KEEP_DAYS_MAX 3660
#define AWAY_MINUTES 10
#define AWAY_MINUTES_MAX 60
#define SAME_CARD_MINUTES 10 /* where nothing is said */
#define MINUTES_OF_A_DAY_MAX 1440
#define NAME_SHOWN 40
#define SETTING_COUNT (sizeof settings / sizeof *settings)

typedef struct reading {
    configuration *out;
    char folder[PATH_MAX]; /* of the file: relative paths begin here */
    bool seen[SETTING_COUNT];
    const char *problem; /* a sentence with two places: section and name */
    char section[NAME_SHOWN], name[NAME_SHOWN];
} reading;

static bool take_text(const char *folder, char *text, size_t size, kind what, const char *value) {
    const bool path = what == FOLDER_OR_FILE || (what == FILE_OR_URI && !configuration_is_uri(value));
    int length = path && value[0] != '/' ? snprintf(text, size, "%s/%s", folder, value)
                                         : snprintf(text, size, "%s", value);
    return length > 0 && (size_t)length < size;
}

static const struct number_rule {
    long min, max;
    const char *problem;
} number_rules[] = {
    [NUMBER] = {1, NUMBER_MAX, N_("must be a whole number from 1 to 1000000")},
    [DAYS] = {0, REVOCATION_GRACE_DAYS_MAX, N_("must be a whole number from 0 to 30")},
    [MINUTES_OF_A_DAY] = {0, MINUTES_OF_A_DAY_MAX, N_("must be a whole number from 0 to 1440")},
    [MINUTES] = {0, AWAY_MINUTES_MAX, N_("must be a whole number from 0 to 60")},
    [EXPIRED_DAYS] = {0, CONFIGURATION_EXPIRED_CARD_DAYS_MAX, N_("must be a whole number from 0 to 93")},
    [KEEP_DAYS] = {CONFIGURATION_KEEP_DAYS_MIN, KEEP_DAYS_MAX, N_("must be a whole number from 31 to 3660")},
};

static bool take_number(long *number, const char *value, long min, long max) {
    char *end;
    errno = 0;
    *number = strtol(value, &end, 10);
    return errno == 0 && end != value && *end == 0 && *number >= min && *number <= max;
}

static bool take_required(bool *required, const char *value) {
    *required = strcmp(value, "required") == 0;
    return *required || strcmp(value, "optional") == 0;
}

/* The file may contain anything: copies only printable text for the message. */
static void show(char to[NAME_SHOWN], const char *from) {
    snprintf(to, NAME_SHOWN, "%s", from);
    for (char *c = to; *c != 0; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
}

static int fault(reading *r, const char *section, const char *name, const char *problem) {
    show(r->section, section);
    show(r->name, name);
    r->problem = problem;
    return 0;
}

static int take(void *context, const char *section, const char *name, const char *value) {
    reading *r = context;
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings[i].section, section) != 0 || strcmp(settings[i].name, name) != 0)
            continue;
        char *member = (char *)r->out + settings[i].offset;
        if (r->seen[i])
            return fault(r, section, name, N_("is given twice"));
        r->seen[i] = true;
        if (settings[i].kind == REQUIRED)
            return take_required((bool *)(void *)member, value) ||
                   fault(r, section, name, N_("must be optional or required"));
        if (settings[i].kind >= NUMBER) {
            const struct number_rule *rule = &number_rules[settings[i].kind];
            return take_number((long *)(void *)member, value, rule->min, rule->max) ||
                   fault(r, section, name, rule->problem);
        }
        return take_text(r->folder, member, settings[i].size, settings[i].kind, value) ||
               fault(r, section, name, N_("is empty or too long"));
    }
    return fault(r, section, name, N_("is unknown; docs/guides/terminal.md has all settings"));
}

/* A name in the configuration is how a reader's name begins: when one begins the other, both would mean the same
 * reader. */
static bool is_ambiguous(const char *a, const char *b) {
    const size_t x = strlen(a), y = strlen(b);
    return strncmp(a, b, x < y ? x : y) == 0;
}

bool configuration_is_uri(const char *value) {
    return strncmp(value, "pkcs11:", strlen("pkcs11:")) == 0;
}

/* A certificate needs its key; a key in a token needs the module that reaches it. */
static outcome check_tls(const configuration *c, const char *path, report *rep) {
    if ((*c->tls_certificate == 0) != (*c->tls_key == 0))
        return report_failure(rep, OUTCOME_USAGE, "configuration", _("%s: [tls] needs both certificate and key"), path);
    if ((configuration_is_uri(c->tls_certificate) || configuration_is_uri(c->tls_key)) && *c->tls_module == 0)
        return report_failure(rep, OUTCOME_USAGE, "configuration",
                              _("%s: [tls] module is missing: the PKCS#11 module that reaches the key"), path);
    return OUTCOME_OK;
}

static outcome check_values(const configuration *c, const char *path, report *rep) {
    const char *const urls[][2] = {{"platform", c->platform_url}, {"history", c->history_url}};
    const char *const readers[][2] = {
        {"patient", c->reader_patient}, {"operator", c->reader_operator}, {"se", c->reader_se}};
    if (*c->desk_start != 0 && strcmp(c->desk_start, "card") != 0 && strcmp(c->desk_start, "command") != 0)
        return report_failure(rep, OUTCOME_USAGE, "configuration", _("%s: [desk] start must be card or command"), path);
    if (*c->neighbours_encoding != 0 && strcmp(c->neighbours_encoding, "utf-8") != 0 &&
        strcmp(c->neighbours_encoding, "shift_jis") != 0)
        return report_failure(rep, OUTCOME_USAGE, "configuration",
                              _("%s: [neighbours] encoding must be utf-8 or shift_jis"), path);
    if (strlen(c->institution_code) != 10 || strspn(c->institution_code, "0123456789") != 10)
        return report_failure(rep, OUTCOME_USAGE, "configuration", _("%s: institution-code must be 10 digits"), path);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        if (strncasecmp(urls[i][1], "https://", 8) != 0)
            return report_failure(rep, OUTCOME_USAGE, "configuration", _("%s: [%s] url must begin with https://"), path,
                                  urls[i][0]);
    const outcome tls = check_tls(c, path, rep);
    if (tls != OUTCOME_OK)
        return tls;
    for (size_t i = 0; i < 3; i++)
        if (is_ambiguous(readers[i][1], readers[(i + 1) % 3][1]))
            return report_failure(
                rep, OUTCOME_USAGE, "configuration",
                _("%s: [readers] %s and %s name the same reader. pcsc_scan shows the names of all readers."), path,
                readers[i][0], readers[(i + 1) % 3][0]);
    return OUTCOME_OK;
}

static outcome check(const reading *r, const char *path, report *rep) {
    for (size_t i = 0; i < SETTING_COUNT; i++)
        if (settings[i].required && !r->seen[i])
            return report_failure(rep, OUTCOME_USAGE, "configuration", _("%s: [%s] %s is missing"), path,
                                  settings[i].section, settings[i].name);
    return check_values(r->out, path, rep);
}

revocation_policy configuration_revocation_policy(const configuration *c, const char *anchor) {
    const size_t length = strlen(anchor);
    const bool read = c->terminal_id[0] != 0;
    revocation_policy policy = {.grace_days = read ? (unsigned)c->crl_grace_days : REVOCATION_GRACE_DAYS};
    for (const char *at = c->without_crl; *at != 0; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == length && strncmp(at, anchor, length) == 0)
            policy.without_lists = true;
    }
    return policy;
}

const char *configuration_place(const char *path) {
    if (path == NULL)
        path = getenv("UKETSUKE_CONFIG");
    return path != NULL ? path : CONFIGURATION_DEFAULT_PATH;
}

outcome configuration_read(const char *path, configuration *out, report *rep) {
    reading r = {.out = out};
    char copy[PATH_MAX];
    *out = (configuration){.crl_grace_days = REVOCATION_GRACE_DAYS,
                           .se_away_minutes = AWAY_MINUTES,
                           .person_keep_days = CONFIGURATION_KEEP_DAYS,
                           .same_card_minutes = SAME_CARD_MINUTES,
                           .module = INSTALLED_MODULE};
    path = configuration_place(path);
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(r.folder, sizeof r.folder, "%s", dirname(copy));
    const outcome guarded = guarded_check(path, rep);
    if (guarded != OUTCOME_OK)
        return guarded;
    int code = ini_parse(path, take, &r);
    if (code < 0)
        return report_failure(rep, OUTCOME_USAGE, "configuration",
                              _("%s cannot be read (%s). Name a configuration file with --config."), path,
                              report_system_cause(errno));
    if (code > 0 && r.problem != NULL)
        return report_failure(rep, OUTCOME_USAGE, "configuration", _("%s, line %d: [%s] %s %s"), path, code, r.section,
                              r.name, language_text(r.problem));
    if (code > 0)
        return report_failure(rep, OUTCOME_USAGE, "configuration", _("%s, line %d: not of the form name = value"), path,
                              code);
    return check(&r, path, rep);
}
