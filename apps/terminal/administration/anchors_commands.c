/* `anchors show|stage|apply|revert`: trust anchors and revocation lists come as files, for there is no link to the CA.
 * A new set is checked and laid aside by one administrator, put in force by another, and can be taken back. It may hold
 * a CA's present and its next generation side by side. What would make this terminal's own peers invalid is refused. */
#include "administration/administration.h"
#include "administration/second_voice.h"
#include "core/anchors.h"
#include "core/record.h"
#include "operator/session.h"
#include "services/service.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "crypt/digest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MOST (4 * 1024 * 1024)
#define CERTIFICATE_MOST 8192
#define ENTRIES_MOST 128

static const second_voice anchors_voice = {
    .setting = "anchors-staged",
    .none_reason = "anchors-none-staged",
    .none = N_("No set has been laid aside. Run first: uketsuke anchors stage FOLDER"),
    .same = N_("Another administrator than the one who laid the set aside must put it in force."),
};

static outcome folder_of(terminal *t, const char *name, char path[PATH_MAX]) {
    if (snprintf(path, PATH_MAX, "%s/anchors%s%s", t->configuration.state, *name != 0 ? "/" : "", name) < PATH_MAX)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_USAGE, "state", _("The name of the state folder is too long."));
}

/* --- checking a set ----------------------------------------------------------------------------------------------- */

typedef struct inspection {
    trust_entry entries[ENTRIES_MOST]; /* of the set in force: its revocation lists */
    size_t count;
    int64_t now;
    bool valid_authority;  /* at least one CA of the file is valid now */
    const char *problem;   /* of a revocation list */
} inspection;

static bool collect(void *context, const trust_entry *entry) {
    inspection *i = context;
    if (entry->revocation_list && i->count < ENTRIES_MOST)
        i->entries[i->count++] = *entry;
    return true;
}

/* A revocation list must be signed by a CA of the set, and must not be older than the one it replaces: else somebody
 * could bring a revoked card back. */
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

static outcome unusable(terminal *t, const char *name, const char *why) {
    return report_failure(&t->report, OUTCOME_REFUSED, "anchors-unusable", _("The new set cannot be used: %s: %s."),
                          name, why);
}

static outcome check_file(terminal *t, const char *now_folder, const char *folder, const char *name) {
    static inspection i; /* large: kept off the stack */
    trust *now = NULL, *next = NULL;
    outcome done = OUTCOME_OK;
    i = (inspection){.now = clock_wall_s()};
    result code = trust_new(&now);
    if (code == RESULT_OK && trust_add_anchor(now, now_folder, name) == RESULT_OK)
        trust_each(now, collect, &i);
    if (code == RESULT_OK)
        code = trust_new(&next);
    if (code == RESULT_OK)
        code = trust_add_anchor(next, folder, name);
    if (code == RESULT_OK)
        trust_each(next, inspect, &i);
    if (code != RESULT_OK)
        done = unusable(t, name, result_text(code));
    else if (i.problem != NULL)
        done = unusable(t, name, gettext(i.problem));
    else if (!i.valid_authority)
        done = unusable(t, name, _("no CA in it is valid now"));
    trust_free(&now);
    trust_free(&next);
    return done;
}

static outcome invalidates(terminal *t, const char *what, const char *why) {
    return report_failure(&t->report, OUTCOME_REFUSED, "anchors-invalidate",
                          _("The new set is refused: under it %s would no longer be accepted (%s)."), what, why);
}

static outcome check_own(terminal *t, const char *folder, const char *anchor, trust_purpose purpose, bytes der,
                         const char *what) {
    trust *next = NULL;
    certificate *c = NULL;
    trust_verdict verdict = TRUST_FAILED;
    if (trust_new(&next) == RESULT_OK && trust_add_anchor(next, folder, anchor) == RESULT_OK &&
        certificate_new(der, &c) == RESULT_OK)
        verdict = trust_check(next, c, purpose, clock_wall_s());
    certificate_free(&c);
    trust_free(&next);
    return verdict == TRUST_OK ? OUTCOME_OK : invalidates(t, what, trust_verdict_text(verdict));
}

/* The SE's certificates, the operator's card, and the platform if it answers now. */
static outcome check_peers(terminal *t, const char *folder) {
    buffer institution = BUFFER_INIT(CERTIFICATE_MOST), tls = BUFFER_INIT(CERTIFICATE_MOST);
    operator_card operator;
    token *card = NULL;
    http_client *platform = NULL;
    char message[SERVICE_MESSAGE_SIZE];
    outcome done = OUTCOME_OK;
    if (token_certificate(t->se, "institution", &institution) != RESULT_OK ||
        token_certificate(t->se, "tls-client", &tls) != RESULT_OK)
        done = terminal_token_failure(t, RESULT_NOT_FOUND, _("Secure Element"), t->se);
    if (done == OUTCOME_OK)
        done = check_own(t, folder, "institution-ca", TRUST_SIGNATURE, buffer_bytes(&institution),
                         _("the institution's key"));
    if (done == OUTCOME_OK)
        done = check_own(t, folder, "tls-ca", TRUST_CLIENT_AUTHENTICATION, buffer_bytes(&tls),
                         _("the terminal's own TLS key"));
    t->options.anchors = folder; /* from here on the new set judges */
    if (done == OUTCOME_OK)
        done = operator_card_read(t, &operator, &card);
    token_close(&card);
    if (done == OUTCOME_OK)
        done = service_open(t, SERVICE_PLATFORM, &platform);
    if (done == OUTCOME_OK) {
        const result code = service_ping(platform, message, sizeof message);
        if (code == RESULT_TIMEOUT || code == RESULT_UNAVAILABLE)
            report_line(&t->report, _("The platform could not be asked: %s"), message);
        else if (code != RESULT_OK)
            done = invalidates(t, _("the platform"), message);
    }
    http_client_free(&platform);
    t->options.anchors = NULL;
    buffer_wipe(&institution);
    buffer_wipe(&tls);
    return done;
}

static outcome check_set(terminal *t, const char *folder) {
    char now[PATH_MAX];
    outcome done = OUTCOME_OK;
    anchors_folder(t, now);
    for (size_t i = 0; i < ANCHOR_COUNT && done == OUTCOME_OK; i++)
        done = check_file(t, now, folder, anchor_names[i]);
    return done == OUTCOME_OK ? check_peers(t, folder) : done;
}

/* --- copying ------------------------------------------------------------------------------------------------------ */

static const char *const extensions[] = {"pem", "crl"};

/* Calls use for each file of a set: five CAs, their lists, and all roots in one file for auditors. */
static result each_file(result (*use)(void *context, const char *name), void *context) {
    char name[64];
    result code = use(context, "roots.pem");
    for (size_t i = 0; i < ANCHOR_COUNT; i++)
        for (size_t k = 0; k < 2 && code == RESULT_OK; k++) {
            snprintf(name, sizeof name, "%s.%s", anchor_names[i], extensions[k]);
            code = use(context, name);
        }
    return code;
}

typedef struct copying {
    const char *from, *to;
} copying;

/* Without a revocation list a CA has none: whatever was there before goes. */
static result copy_file(void *context, const char *name) {
    const copying *c = context;
    buffer content = BUFFER_INIT(FILE_MOST);
    char *from = file_join(c->from, name), *to = file_join(c->to, name);
    result code = from != NULL && to != NULL ? file_read(from, &content) : RESULT_NO_MEMORY;
    if (code == RESULT_OK)
        code = file_replace(to, buffer_bytes(&content), 0644);
    else if (code == RESULT_NOT_FOUND && strstr(name, ".crl") != NULL)
        code = unlink(to) == 0 || errno == ENOENT ? RESULT_OK : RESULT_IO;
    buffer_wipe(&content);
    free(from);
    free(to);
    return code;
}

typedef struct digesting {
    const char *folder;
    buffer text;
} digesting;

static result digest_file(void *context, const char *name) {
    digesting *d = context;
    buffer content = BUFFER_INIT(FILE_MOST);
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char hexadecimal[2 * CRYPT_SHA256_LENGTH + 1] = "";
    char *path = file_join(d->folder, name);
    result code = path != NULL ? file_read(path, &content) : RESULT_NO_MEMORY;
    if (code == RESULT_OK && (code = crypt_sha256(buffer_bytes(&content), digest)) == RESULT_OK)
        hex_encode(BYTES(digest), hexadecimal, sizeof hexadecimal);
    free(path);
    buffer_wipe(&content);
    return code == RESULT_OK || code == RESULT_NOT_FOUND ? buffer_append_format(&d->text, "%s %s\n", name, hexadecimal)
                                                         : code;
}

/* What was laid aside: so that nobody changes the files between the two persons. */
static result describe_set(const char *folder, buffer *out) {
    digesting d = {folder, BUFFER_INIT(8192)};
    result code = each_file(digest_file, &d);
    if (code == RESULT_OK)
        code = buffer_append(out, buffer_bytes(&d.text));
    buffer_wipe(&d.text);
    return code;
}

/* --- the commands ------------------------------------------------------------------------------------------------- */

static outcome could_not(terminal *t, result code) {
    return report_failure(&t->report, OUTCOME_INTERNAL, "anchors-io",
                          _("The set of trust anchors could not be stored (%s)."), result_text(code));
}

static bool show_entry(void *context, const trust_entry *entry) {
    terminal *t = context;
    char until[CLOCK_PEOPLE_SIZE] = "-";
    if (entry->until >= 0)
        clock_text_in_japan(entry->until, until);
    report_line(&t->report, "  %s %s: %s", entry->revocation_list ? _("revocation list until") : _("CA until"), until,
                entry->name);
    return true;
}

outcome anchors_show_command(terminal *t) {
    operator_card operator;
    char folder[PATH_MAX];
    outcome done = session_require(t, ROLE_RECEPTION | ROLE_DOCTOR | ROLE_ADMINISTRATOR, &operator);
    if (done != OUTCOME_OK)
        return done;
    anchors_folder(t, folder);
    report_text(&t->report, "folder", _("Trust anchors"), folder);
    for (size_t i = 0; i < ANCHOR_COUNT && done == OUTCOME_OK; i++) {
        trust *authorities = NULL;
        done = terminal_trust(t, anchor_names[i], &authorities);
        report_line(&t->report, "%s", anchor_names[i]);
        if (done == OUTCOME_OK)
            trust_each(authorities, show_entry, t);
        trust_free(&authorities);
    }
    anchors_warn(t);
    return done;
}

outcome anchors_stage_command(terminal *t) {
    operator_card operator;
    char staged[PATH_MAX];
    buffer description = BUFFER_INIT(RECORD_MOST);
    outcome done = session_require(t, ROLE_ADMINISTRATOR, &operator);
    if (done == OUTCOME_OK && t->options.argument_count != 1)
        done = report_failure(&t->report, OUTCOME_USAGE, "usage",
                              _("Name the folder with the new set of trust anchors."));
    if (done == OUTCOME_OK)
        done = folder_of(t, "staged", staged);
    if (done != OUTCOME_OK)
        return done;
    copying c = {t->options.arguments[0], staged};
    result code = file_make_folders(staged, 0700);
    if (code == RESULT_OK)
        code = each_file(copy_file, &c);
    if (code == RESULT_NOT_FOUND)
        done = report_failure(&t->report, OUTCOME_USAGE, "anchors-incomplete",
                              _("The folder %s lacks a file of the set."), c.from);
    else if (code != RESULT_OK)
        done = could_not(t, code);
    if (done == OUTCOME_OK)
        done = check_set(t, staged);
    if (done == OUTCOME_OK) {
        code = describe_set(staged, &description);
        if (code == RESULT_OK)
            code = second_voice_propose(t, &anchors_voice, operator.id, buffer_bytes(&description));
        if (code != RESULT_OK)
            done = could_not(t, code);
    }
    buffer_wipe(&description);
    if (done == OUTCOME_OK)
        report_line(
            &t->report,
            _("The set is checked and laid aside. Another administrator puts it in force: uketsuke anchors apply"));
    return done;
}

/* Whether somebody else laid it aside, and the files are still the same. */
static outcome check_staged(terminal *t, const char *staged, const operator_card *operator) {
    buffer was = BUFFER_INIT(RECORD_MOST), is = BUFFER_INIT(RECORD_MOST);
    outcome done = second_voice_require(t, &anchors_voice, operator->id, &was);
    const result code = done == OUTCOME_OK ? describe_set(staged, &is) : RESULT_OK;
    if (done == OUTCOME_OK && code != RESULT_OK)
        done = could_not(t, code);
    if (done == OUTCOME_OK && (was.length != is.length || memcmp(was.data, is.data, is.length) != 0))
        done = report_failure(&t->report, OUTCOME_REFUSED, "anchors-altered",
                              _("The set was altered after it had been laid aside. Lay it aside again."));
    buffer_wipe(&was);
    buffer_wipe(&is);
    return done;
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

static result switch_to(terminal *t, const char *folder, const char *staged) {
    char id[UUID_TEXT_SIZE], kept[PATH_MAX], before[PATH_MAX];
    result code = uuid_v7(id);
    if (code == RESULT_OK && snprintf(kept, sizeof kept, "%s/%s", folder, id) >= PATH_MAX)
        code = RESULT_TOO_LONG;
    if (code == RESULT_OK && rename(staged, kept) != 0)
        code = RESULT_IO;
    if (code == RESULT_OK && points_to(folder, "current", before) != RESULT_OK)
        snprintf(before, sizeof before, "%s", t->configuration.anchors);
    if (code == RESULT_OK)
        code = point_to(folder, "previous", before);
    return code == RESULT_OK ? point_to(folder, "current", id) : code;
}

outcome anchors_apply_command(terminal *t) {
    operator_card operator;
    char folder[PATH_MAX], staged[PATH_MAX];
    outcome done = session_require(t, ROLE_ADMINISTRATOR, &operator);
    if (done == OUTCOME_OK)
        done = folder_of(t, "", folder);
    if (done == OUTCOME_OK)
        done = folder_of(t, "staged", staged);
    if (done == OUTCOME_OK)
        done = check_staged(t, staged, &operator);
    if (done == OUTCOME_OK)
        done = check_set(t, staged);
    if (done != OUTCOME_OK)
        return done;
    result code = switch_to(t, folder, staged);
    if (code != RESULT_OK)
        return could_not(t, code);
    second_voice_forget(t, &anchors_voice);
    report_line(&t->report, _("The new trust anchors are in force. To take them back: uketsuke anchors revert"));
    return OUTCOME_OK;
}

outcome anchors_revert_command(terminal *t) {
    operator_card operator;
    char folder[PATH_MAX], now[PATH_MAX], before[PATH_MAX];
    outcome done = session_require(t, ROLE_ADMINISTRATOR, &operator);
    if (done == OUTCOME_OK)
        done = folder_of(t, "", folder);
    if (done != OUTCOME_OK)
        return done;
    result code = points_to(folder, "previous", before);
    if (code == RESULT_OK)
        code = points_to(folder, "current", now);
    if (code == RESULT_NOT_FOUND)
        return report_failure(&t->report, OUTCOME_REFUSED, "anchors-none-before", _("There is no set to go back to."));
    if (code == RESULT_OK)
        code = point_to(folder, "previous", now);
    if (code == RESULT_OK)
        code = point_to(folder, "current", before);
    if (code != RESULT_OK)
        return could_not(t, code);
    report_line(&t->report,
                _("The trust anchors before are in force again. uketsuke anchors revert undoes this, too."));
    return OUTCOME_OK;
}
