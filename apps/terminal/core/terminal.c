/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/terminal.h"

#include "core/trust_anchors.h"
#include "core/guarded_state.h"
#include "delivery/ledger.h"
#include "core/presence.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/secret.h"
#include "net/http_client.h"
#include "pcsc/pcsc_service.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_STEP_US 20000

static int open_lock(const terminal *t, int flags) {
    char *path = file_join(t->configuration.state, "terminal.lock");
    const int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600) : -1;
    free(path);
    return fd;
}

bool terminal_is_taken(const terminal *t) {
    const int fd = open_lock(t, 0);
    const bool taken = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return taken;
}

/* What is in the state folder is the user's alone under whom the resident process runs: people at the counter reach
 * that process (desk/desk_wire.h) and nothing else. */
static outcome check_state(terminal *t) {
    const char *path = t->configuration.state;
    struct stat folder;
    if (stat(path, &folder) != 0)
        return OUTCOME_OK; /* said by whoever opens what is in it */
    const struct passwd *owner = folder.st_uid != geteuid() ? getpwuid(folder.st_uid) : NULL;
    if (folder.st_uid != geteuid())
        return report_failure(&t->report, OUTCOME_REFUSED, "state-foreign",
                              _("The state folder %s belongs to the user %s, and no resident process of that user"
                                " answers. Start it (systemctl start uketsuke); administrators work as that user: sudo"
                                " -u %s uketsuke"),
                              path, owner != NULL ? owner->pw_name : "-", owner != NULL ? owner->pw_name : "-");
    if ((folder.st_mode & 077) != 0)
        return report_failure(&t->report, OUTCOME_USAGE, "state-open",
                              _("The state folder %s is open to other users. Run: chmod 700 %s"), path, path);
    return OUTCOME_OK;
}

static outcome take_lock(terminal *t) {
    const bool made = file_make_folders(t->configuration.state, 0700) == RESULT_OK;
    const outcome done = made ? check_state(t) : OUTCOME_OK;
    if (done != OUTCOME_OK)
        return done;
    const int fd = made ? open_lock(t, O_CREAT) : -1;
    if (fd < 0)
        return report_failure(&t->report, OUTCOME_INTERNAL, "state", _("The state folder %s cannot be written (%s)."),
                              t->configuration.state, report_system_cause(errno));
    t->lock = fd + 1;
    const int64_t deadline_ms = clock_monotonic_ms() + TERMINAL_TIMEOUT_MS;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EINTR && (errno != EWOULDBLOCK || clock_monotonic_ms() >= deadline_ms))
            return report_failure(
                &t->report, OUTCOME_CARD, "busy",
                _("Another uketsuke command is using the cards. Wait until it has ended, then begin again."));
        usleep(LOCK_STEP_US);
    }
    return OUTCOME_OK;
}

outcome terminal_open_module(terminal *t) {
    if (t->module != NULL)
        return OUTCOME_OK;
    outcome done = take_lock(t);
    if (done != OUTCOME_OK)
        return done;
    if (token_module_open(t->configuration.module, &t->module) != RESULT_OK)
        return report_failure(&t->report, OUTCOME_CARD, "module",
                              _("The PKCS#11 module %s cannot be used. Is it installed, and is pcscd running?"),
                              t->configuration.module);
    return OUTCOME_OK;
}

/* A connection to another process stays with what was there when it began, and ends with that process: each opening of
 * the SE makes a new one. */
static void leave_se_module(terminal *t) {
    if (t->se_module == t->module)
        t->se_module = NULL;
    token_module_close(&t->se_module);
}

outcome terminal_open_se_module(terminal *t) {
    const configuration *c = &t->configuration;
    outcome done = terminal_open_module(t);
    if (done != OUTCOME_OK || t->se != NULL)
        return done;
    leave_se_module(t);
    if (*c->se_module == 0) {
        t->se_module = t->module;
        return OUTCOME_OK;
    }
    /* p11-kit-client.so takes its server's address from here only (p11-kit manual, "Remoting"). */
    if (*c->se_server != 0)
        setenv("P11_KIT_SERVER_ADDRESS", c->se_server, 1);
    if (token_module_open(c->se_module, &t->se_module) == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(
        &t->report, OUTCOME_CARD, "module",
        _("The PKCS#11 module of the Secure Element, %s, cannot be used. Is it installed, and does its server run?"),
        c->se_module);
}

static outcome tell_service(terminal *t, pcsc_state state) {
    if (state == PCSC_ANSWERS)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_CARD, pcsc_reason(state), "%s", _(pcsc_sentence(state)));
}

outcome terminal_check_readers(terminal *t, const char *reader) {
    return tell_service(t, pcsc_ask(reader));
}

bool terminal_sees_readers(const char *reader) {
    return pcsc_ask(reader) == PCSC_ANSWERS;
}

/* A card that seems to have gone in the middle of something: whether the service has. */
static outcome check_service(terminal *t) {
    const pcsc_state state = pcsc_ask(NULL);
    const bool other = t->presence != NULL && pcsc_link_is_cut(t->presence->service);
    return tell_service(t, state == PCSC_ANSWERS && other ? PCSC_RESTARTED : state);
}

outcome terminal_token_failure(terminal *t, result code, const char *what, const token *tok) {
    report *r = &t->report;
    outcome done = OUTCOME_OK;
    switch (code) {
    case RESULT_REMOVED:
        if ((done = check_service(t)) != OUTCOME_OK)
            return done;
        return report_failure(r, OUTCOME_CARD, "card-removed",
                              _("%s: the card was taken away too early. Put it back and begin again."), what);
    case RESULT_DENIED:
        return report_failure(r, OUTCOME_CARD, "not-logged-in",
                              _("%s: the card asks for its PIN or has lost its state (%s)."
                                " Begin again."),
                              what, tok != NULL ? token_problem(tok) : "-");
    case RESULT_BLOCKED: return report_failure(r, OUTCOME_CARD, "pin-blocked", _("%s: the PIN is blocked."), what);
    case RESULT_BAD_SIGNATURE:
        return report_failure(
            r, OUTCOME_CARD, "signature-wrong",
            _("%s: a signature was made that does not verify; it was thrown away. Begin again; if it happens"
              " twice, do not use this card any longer and tell the administrator."),
            what);
    case RESULT_NOT_FOUND:
        return report_failure(r, OUTCOME_CARD, "object-missing", _("%s: the card lacks an object that is needed."),
                              what);
    default:
        if ((done = check_service(t)) != OUTCOME_OK)
            return done;
        return report_failure(r, OUTCOME_CARD, "card-error", _("%s: the card or the reader failed (%s)."), what,
                              tok != NULL ? token_problem(tok) : report_cause(code));
    }
}

bool terminal_reader_holds(terminal *t, const char *reader, const char *label) {
    token *found = NULL;
    const bool holds = token_open(t->module, reader, label, &found) == RESULT_OK;
    token_close(&found);
    return holds;
}

outcome terminal_no_patient_card(terminal *t, result code) {
    report *r = &t->report;
    const char *reader = t->configuration.reader_patient;
    const outcome done = terminal_check_readers(t, reader);
    if (done != OUTCOME_OK)
        return done;
    if (code == RESULT_REMOVED)
        return report_failure(r, OUTCOME_CARD, "no-patient-card",
                              _("No card on the patient reader. Ask the patient to put the My Number card on it."));
    if (code == RESULT_NOT_FOUND && token_card_present(t->module, reader) == RESULT_NOT_FOUND)
        return report_failure(r, OUTCOME_CARD, "no-reader", _("The patient reader (%s) is not connected."), reader);
    if (code == RESULT_NOT_FOUND && terminal_reader_holds(t, reader, TERMINAL_OPERATOR_TOKENS))
        return report_failure(
            r, OUTCOME_CARD, "operator-card-on-patient-reader",
            _("An operator card lies on the patient reader. Take it away and ask the patient for the My Number"
              " card."));
    return report_failure(r, OUTCOME_CARD, "foreign-card",
                          _("This is not a My Number card, or it cannot be read. Take other cards out of its sleeve."));
}

const char *terminal_store_problem(result code) {
    if (code == RESULT_EXPIRED)
        return _("too old");
    return code == RESULT_UNAVAILABLE ? _("the disk is full; free space and begin again") : report_cause(code);
}

static const char *next_step(result code) {
    if (code == RESULT_EXPIRED)
        return _(
            "An earlier version of uketsuke has written it (store version 4 or before), which bound no store to its"
            " Secure Element. Install that version again, deliver and export what waits, then move the file"
            " away: an empty store begins.");
    if (code == RESULT_UNSUPPORTED)
        return _("A newer version of uketsuke has written it: install that version again.");
    if (code == RESULT_INVALID)
        return _("It is damaged. Keep the file, put back a copy of it, or move it away: then an empty one begins, and"
                 " what waits in it is lost.");
    return _("Are its permissions and those of its folder right?");
}

outcome terminal_open_store_file(terminal *t) {
    if (t->store.file != NULL)
        return OUTCOME_OK;
    char *path = file_join(t->configuration.state, "terminal.sqlite");
    result code = path == NULL ? RESULT_NO_MEMORY : file_make_folders(t->configuration.state, 0700);
    outcome done = code == RESULT_OK ? check_state(t) : OUTCOME_OK;
    if (done != OUTCOME_OK) {
        free(path);
        return done;
    }
    if (code == RESULT_OK)
        code = terminal_store_open(path, &t->store.file);
    if (code == RESULT_UNAVAILABLE)
        done = report_failure(&t->report, OUTCOME_INTERNAL, "store",
                              _("The disk is full: the local store %s cannot be opened. Free space and begin again."),
                              path);
    else if (code != RESULT_OK)
        done = report_failure(&t->report, OUTCOME_INTERNAL, "store", _("The local store %s cannot be opened: %s. %s"),
                              path != NULL ? path : "-", terminal_store_problem(code), next_step(code));
    free(path);
    return done;
}

outcome terminal_make_output_folder(terminal *t) {
    const char *path = t->options.output;
    if (path == NULL)
        return report_failure(&t->report, OUTCOME_USAGE, "usage", _("Name the folder to write to with --output."));
    const result code = file_make_folders(path, 0700);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_USAGE, "file", _("%s cannot be made (%s)."), path, report_cause(code));
}

/* A national revocation list takes long to read: it is read again only when its file is another. */
static struct kept_trust *find_kept(terminal *t, const char *anchor) {
    struct kept_trust *place = &t->trusts[0];
    for (size_t i = 0; i < TERMINAL_TRUSTS; i++) {
        if (t->trusts[i].authorities != NULL && strcmp(t->trusts[i].anchor, anchor) == 0)
            return &t->trusts[i];
        if (t->trusts[i].authorities == NULL)
            place = &t->trusts[i];
    }
    trust_free(&place->authorities);
    snprintf(place->anchor, sizeof place->anchor, "%s", anchor);
    return place;
}

static outcome check_guarded(terminal *t, const char *folder, const char *anchor, const char *suffix) {
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s.%s", folder, anchor, suffix);
    return guarded_check(path, &t->report);
}

outcome terminal_trust(terminal *t, const char *anchor, trust **out) {
    char folder[PATH_MAX];
    struct kept_trust *kept = find_kept(t, anchor);
    anchors_folder(t, folder);
    if (kept->authorities != NULL && strcmp(kept->folder, folder) == 0) {
        trust_look(kept->authorities, false);
        *out = trust_share(kept->authorities);
        return OUTCOME_OK;
    }
    trust_free(&kept->authorities);
    outcome done = check_guarded(t, folder, anchor, "pem");
    if (done == OUTCOME_OK)
        done = check_guarded(t, folder, anchor, "crl");
    if (done != OUTCOME_OK)
        return done;
    const revocation_policy policy = configuration_revocation_policy(&t->configuration, anchor);
    const result code = trust_follow(folder, anchor, &policy, out);
    if (code == RESULT_OK) {
        kept->authorities = trust_share(*out);
        snprintf(kept->folder, sizeof kept->folder, "%s", folder);
        return OUTCOME_OK;
    }
    return report_failure(&t->report, OUTCOME_USAGE, "anchors", _("No usable trust anchor %s.pem in %s (%s)."), anchor,
                          folder, report_cause(code));
}

void terminal_forget_keys(terminal *t) {
    for (size_t i = 0; i < TERMINAL_SERVICES; i++)
        http_client_free(&t->kept[i].client);
    if (t->presence != NULL && t->se != NULL)
        token_watch_drop(t->presence->watch, t->se);
    token_close(&t->se);
    secret_wipe(t->store.record_key, sizeof t->store.record_key);
    secret_wipe(t->store.index_key, sizeof t->store.index_key);
    secret_wipe(t->store.ledger_key, sizeof t->store.ledger_key);
    ledger_forget(&t->store);
    t->store.unlocked = false;
}

void terminal_close(terminal *t) {
    terminal_forget_keys(t);
    if (t->http_ready)
        http_client_end();
    t->http_ready = false;
    terminal_store_close(&t->store.file);
    for (size_t i = 0; i < TERMINAL_TRUSTS; i++)
        trust_free(&t->trusts[i].authorities);
    leave_se_module(t);
    presence_end(t);
    token_module_close(&t->module);
    if (t->lock != 0)
        close(t->lock - 1);
    t->lock = 0;
}
