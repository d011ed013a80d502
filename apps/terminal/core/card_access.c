/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/card_access.h"

#include "core/presence.h"
#include "core/local_store_file.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "pcsc/pcsc_service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_STEP_US 20000
#define BROKEN_OFF_MAX 12 /* a higher number is not believed: it could be forged by writing to this file */

static int open_lock(const configuration *c, int flags) {
    char *path = file_join(c->state, "terminal.lock");
    const int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600) : -1;
    free(path);
    return fd;
}

bool cards_are_taken(const configuration *c) {
    const int fd = open_lock(c, 0);
    const bool taken = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return taken;
}

/* The lock's holder writes one byte to its file, and removes it when every signature of the SE is noted. */
static void mark_lock(card_access *cards) {
    struct stat seen;
    const int fd = cards->lock - 1;
    const off_t before = fstat(fd, &seen) == 0 ? seen.st_size : 0;
    cards->broken_off = before < BROKEN_OFF_MAX ? (unsigned)before : BROKEN_OFF_MAX;
    if (before < BROKEN_OFF_MAX && pwrite(fd, "1", 1, before) != 1)
        log_warning("the lock file cannot be written (%s)", report_system_cause(errno));
}

static void cut_lock(card_access *cards, off_t length) {
    if (cards->lock != 0 && ftruncate(cards->lock - 1, length) != 0)
        log_warning("the lock file cannot be written (%s)", report_system_cause(errno));
}

void cards_settle(card_access *cards) {
    cards->se_noted = cards->se != NULL ? token_signatures_asked(cards->se) : 0;
    if (cards->broken_off > 0)
        cut_lock(cards, 1);
    cards->broken_off = 0;
}

static outcome take_lock(card_access *cards, command_context *ctx) {
    const bool made = file_make_folders(ctx->configuration.state, 0700) == RESULT_OK;
    const outcome done = made ? state_folder_check(ctx->configuration.state, &ctx->report) : OUTCOME_OK;
    if (done != OUTCOME_OK)
        return done;
    const int fd = made ? open_lock(&ctx->configuration, O_CREAT) : -1;
    if (fd < 0)
        return report_failure(&ctx->report, OUTCOME_INTERNAL, "state", _("The state folder %s cannot be written (%s)."),
                              ctx->configuration.state, report_system_cause(errno));
    cards->lock = fd + 1;
    const int64_t deadline_ms = clock_monotonic_ms() + CARDS_TIMEOUT_MS;
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EINTR && (errno != EWOULDBLOCK || clock_monotonic_ms() >= deadline_ms))
            return report_failure(
                &ctx->report, OUTCOME_CARD, "busy",
                _("Another uketsuke command is using the cards. Wait until it has ended, then begin again."));
        usleep(LOCK_STEP_US);
    }
    mark_lock(cards);
    return OUTCOME_OK;
}

outcome cards_open(card_access *cards, command_context *ctx) {
    if (cards->module != NULL)
        return OUTCOME_OK;
    outcome done = take_lock(cards, ctx);
    if (done != OUTCOME_OK)
        return done;
    if (token_module_open(ctx->configuration.module, &cards->module) != RESULT_OK)
        return report_failure(&ctx->report, OUTCOME_CARD, "module",
                              _("The PKCS#11 module %s cannot be used. Is it installed, and is pcscd running?"),
                              ctx->configuration.module);
    return OUTCOME_OK;
}

/* A connection to another process sees only the tokens that were there at its start, and ends with that process: so
 * each opening of the SE makes a new one. */
static void leave_se_module(card_access *cards) {
    if (cards->se_module == cards->module)
        cards->se_module = NULL;
    token_module_close(&cards->se_module);
}

outcome cards_open_se_module(card_access *cards, command_context *ctx) {
    const configuration *c = &ctx->configuration;
    outcome done = cards_open(cards, ctx);
    if (done != OUTCOME_OK || cards->se != NULL)
        return done;
    leave_se_module(cards);
    if (*c->se_module == 0) {
        cards->se_module = cards->module;
        return OUTCOME_OK;
    }
    /* p11-kit-client.so takes its server's address from here only (p11-kit manual, "Remoting"). */
    if (*c->se_server != 0)
        setenv("P11_KIT_SERVER_ADDRESS", c->se_server, 1);
    if (token_module_open(c->se_module, &cards->se_module) == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(
        &ctx->report, OUTCOME_CARD, "module",
        _("The PKCS#11 module of the Secure Element, %s, cannot be used. Is it installed, and does its server run?"),
        c->se_module);
}

static outcome report_service(pcsc_state state, report *r) {
    if (state == PCSC_ANSWERS)
        return OUTCOME_OK;
    return report_failure(r, OUTCOME_CARD, pcsc_reason(state), "%s", _(pcsc_sentence(state)));
}

outcome cards_check_readers(report *r, const char *reader) {
    return report_service(pcsc_ask(reader), r);
}

bool cards_sees_readers(const char *reader) {
    return pcsc_ask(reader) == PCSC_ANSWERS;
}

/* A card seems to have been removed during a command: checks whether pcscd has ended instead. */
static outcome check_service(const card_access *cards, report *r) {
    const pcsc_state state = pcsc_ask(NULL);
    const bool other = cards->presence != NULL && pcsc_link_is_cut(cards->presence->service);
    return report_service(state == PCSC_ANSWERS && other ? PCSC_RESTARTED : state, r);
}

/* A command without a card fails before the reader reports the removal. */
static result cause_of(result code, const token *tok) {
    const bool unclear = code == RESULT_IO || code == RESULT_INTERNAL;
    return unclear && tok != NULL && token_has_left(tok) ? RESULT_REMOVED : code;
}

outcome cards_token_failure(const card_access *cards, report *r, result code, const char *what, const token *tok) {
    outcome done = OUTCOME_OK;
    switch (cause_of(code, tok)) {
    case RESULT_REMOVED:
        if ((done = check_service(cards, r)) != OUTCOME_OK)
            return done;
        return report_failure(r, OUTCOME_CARD, "card-removed",
                              _("%s: the card was removed too early. Insert it and begin again."), what);
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
        if ((done = check_service(cards, r)) != OUTCOME_OK)
            return done;
        return report_failure(r, OUTCOME_CARD, "card-error", _("%s: the card or the reader failed (%s)."), what,
                              tok != NULL ? token_problem(tok) : report_cause(code));
    }
}

bool cards_reader_holds(token_module *module, const char *reader, const char *label) {
    token *found = NULL;
    const bool holds = token_open(module, reader, label, &found) == RESULT_OK;
    token_close(&found);
    return holds;
}

outcome cards_no_patient_card(card_access *cards, command_context *ctx, result code) {
    report *r = &ctx->report;
    const char *reader = ctx->configuration.reader_patient;
    const outcome done = cards_check_readers(&ctx->report, reader);
    if (done != OUTCOME_OK)
        return done;
    if (code == RESULT_REMOVED)
        return report_failure(r, OUTCOME_CARD, "no-patient-card",
                              _("No card on the patient reader. Ask the patient to put the My Number card on it."));
    if (code == RESULT_NOT_FOUND && token_card_present(cards->module, reader) == RESULT_NOT_FOUND)
        return report_failure(r, OUTCOME_CARD, "no-reader", _("The patient reader (%s) is not connected."), reader);
    if (code == RESULT_NOT_FOUND && cards_reader_holds(cards->module, reader, CARDS_OPERATOR_TOKENS))
        return report_failure(
            r, OUTCOME_CARD, "operator-card-on-patient-reader",
            _("An operator card lies on the patient reader. Take it away and ask the patient for the My Number"
              " card."));
    return report_failure(r, OUTCOME_CARD, "foreign-card",
                          _("This is not a My Number card, or it cannot be read. Take other cards out of its sleeve."));
}

void cards_close_se(card_access *cards) {
    if (cards->se_leaves != NULL)
        cards->se_leaves(cards->se_leaves_context);
    if (cards->presence != NULL && cards->se != NULL)
        token_watch_drop(cards->presence->watch, cards->se);
    if (cards->se != NULL && token_signatures_asked(cards->se) != cards->se_noted)
        cards->broken_off++;
    token_close(&cards->se);
}

void cards_close(card_access *cards) {
    cards_close_se(cards);
    leave_se_module(cards);
    presence_end(&cards->presence, &cards->module);
    token_module_close(&cards->module);
    if (cards->broken_off == 0)
        cut_lock(cards, 0);
    if (cards->lock != 0)
        close(cards->lock - 1);
    cards->lock = 0;
}
