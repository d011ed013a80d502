/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `enroll --medium`: a whole enrolment in one command, run before and after the CA has had the medium. It keeps no
 * state of its own: SE, state folder and medium show what is done, so that it continues wherever it was stopped.
 *
 *   terminal                                               medium: FOLDER/TERMINAL-ID/
 *   the SE is paired with this terminal (binding.key)
 *   PIN and keys are made on the SE                        requests/, terminal.json  ->
 *                                                                 <- the CA's answer/
 *   certificates into the SE
 *   the issuer's key replaces the factory's; the SE goes
 *   to work; self-test, registration                       issuer.key, report/  ->
 *
 * An SE that the office has filled comes paired and at work: then self-test, report and registration are all. */
#include "administration/administration.h"
#include "administration/enroll.h"
#include "administration/medium.h"
#include "se/se_supervision.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BINDING_KEY "binding.key"
#define ISSUER_KEY "issuer.key"
#define CERTIFICATE_MAX 8192
#define WORDS_MAX 4096

/* --- the issuer's part: uketsuke-se-tool -------------------------------------------------------------------------- */

/* Keeps the last line of the tool's output: earlier ones come from the drivers. */
static void hear(int fd, char words[WORDS_MAX]) {
    size_t length = 0;
    char rest[WORDS_MAX];
    for (ssize_t got = 1; got > 0 || (got < 0 && errno == EINTR);) {
        const bool full = length + 1 >= WORDS_MAX;
        got = full ? read(fd, rest, sizeof rest) : read(fd, words + length, WORDS_MAX - 1 - length);
        if (got > 0 && !full)
            length += (size_t)got;
    }
    words[length] = 0;
    while (length > 0 && words[length - 1] == '\n')
        words[--length] = 0;
    const char *last = strrchr(words, '\n');
    if (last != NULL)
        memmove(words, last + 1, strlen(last));
}

static bool run(const char *const arguments[], char words[WORDS_MAX]) {
    extern char **environ;
    const char *named = getenv("UKETSUKE_SE_TOOL");
    const char *program = named != NULL ? named : INSTALLED_SE_TOOL;
    posix_spawn_file_actions_t actions;
    int ends[2], status = -1;
    pid_t child;
    if (pipe(ends) != 0)
        return false;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    const int failed = posix_spawnp(&child, program, &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed == 0)
        hear(ends[0], words);
    else
        snprintf(words, WORDS_MAX, "%s: %s", program, strerror(failed));
    close(ends[0]);
    while (failed == 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return failed == 0 && status == 0;
}

/* The options of one step; key: the option that names a key file, and the file. */
typedef struct tool_step {
    const char *command, *issuer, *key, *path; /* issuer: --factory-key, or NULL */
} tool_step;

static bool use_tool(const command_context *ctx, const tool_step *step, char words[WORDS_MAX]) {
    const char *arguments[8] = {"uketsuke-se-tool", step->command, "--reader",   ctx->configuration.reader_se,
                                step->key,          step->path,    step->issuer, NULL};
    return run(arguments, words);
}

static outcome tool_failure(command_context *ctx, const char *words) {
    return report_failure(&ctx->report, OUTCOME_CARD, "se-error", _("The SE could not be begun (%s)."), words);
}

static bool is_there(const char *path) {
    return path != NULL && access(path, F_OK) == 0;
}

/* When that cannot be determined, the pairing is tried: if it fails, it says why. */
static bool is_at_work(const command_context *ctx) {
    char words[WORDS_MAX] = "";
    const char *const arguments[] = {"uketsuke-se-tool",           "status", "--json", "--reader",
                                     ctx->configuration.reader_se, NULL};
    json_t *status = run(arguments, words) ? json_loads(words, 0, NULL) : NULL;
    const char *life = json_string_value(json_object_get(status, "lifeCycle"));
    const bool at_work = life != NULL && strcmp(life, "personalisation") != 0;
    json_decref(status);
    return at_work;
}

/* What a step leaves behind tells that it is done, also when the tool of a run that was killed has done it meanwhile. */

/* Pairs first: all further steps go through the channel that only this SE and this terminal can open. */
static outcome pair(command_context *ctx) {
    char words[WORDS_MAX] = "";
    char *path = file_join(ctx->configuration.state, BINDING_KEY);
    const tool_step step = {"pair", "--factory-key", "--binding-key", path};
    outcome done = OUTCOME_OK;
    if (path != NULL && !is_there(path) && !is_at_work(ctx) &&
        file_make_folders(ctx->configuration.state, 0700) == RESULT_OK && !use_tool(ctx, &step, words) &&
        !is_there(path))
        done = tool_failure(ctx, words);
    free(path);
    return done;
}

/* The factory's key is known to everybody, so an SE in service must have its issuer's own. */
static outcome put_to_work(command_context *ctx, const char *issuer) {
    char words[WORDS_MAX] = "";
    const tool_step steps[] = {{"rotate", "--factory-key", "--new-issuer-key", issuer},
                               {"operational", NULL, "--issuer-key", issuer}};
    if (!is_there(issuer) && !use_tool(ctx, &steps[0], words) && !is_there(issuer))
        return tool_failure(ctx, words);
    return use_tool(ctx, &steps[1], words) || is_at_work(ctx) ? OUTCOME_OK : tool_failure(ctx, words);
}

static outcome hand_over(command_context *ctx, const medium *m, const char *issuer) {
    if (!is_there(issuer))
        return OUTCOME_OK;
    const result code = medium_take_secret(m, issuer, ISSUER_KEY);
    if (code != RESULT_OK)
        return report_failure(&ctx->report, OUTCOME_INTERNAL, "file", _("%s could not be written to %s (%s)."),
                              ISSUER_KEY, ctx->options.medium, report_file_cause(code));
    report_line(&ctx->report,
                _("The issuer's key of this SE is on the medium. Take it to the issuer, and erase it there."));
    return OUTCOME_OK;
}

/* --- how far it is ------------------------------------------------------------------------------------------------ */

typedef struct progress {
    char serial[TOKEN_SERIAL_SIZE]; /* "": the SE is blank */
    bool filled, at_work;
} progress;

/* Reports nothing when the SE cannot be opened: a blank one cannot be opened either. */
static progress look(terminal *t) {
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    progress seen = {.serial = ""};
    se_state state;
    if (!is_there(t->context.configuration.se_pin_file))
        return seen;
    const report own = report_begin_silent(&t->context.report);
    if (enroll_open_begun(&t->cards, &t->context) == OUTCOME_OK) {
        snprintf(seen.serial, sizeof seen.serial, "%s", token_serial(t->cards.se));
        seen.filled = token_certificate(t->cards.se, enroll_keys[ENROLL_INSTITUTION].label, &der) == RESULT_OK;
        seen.at_work = se_state_read(t->cards.se, &state) == RESULT_OK && state.life_cycle == SE_LIFE_OPERATIONAL;
    }
    token_close(&t->cards.se);
    report_end_silent(&t->context.report, own);
    return seen;
}

/* --- the steps ---------------------------------------------------------------------------------------------------- */

static outcome wait_for_ca(terminal *t, const char *serial) {
    report *r = &t->context.report;
    report_text(r, "seSerial", _("SE"), serial);
    report_text(r, "requests", _("Requests"), t->context.options.medium);
    report_text(r, "next", NULL, "ca");
    report_line(r, _("Take the medium to the CA. When it is back, with the CA's answer, give this command again."));
    return OUTCOME_OK;
}

static outcome begin(terminal *t, const medium *m, const char *seen) {
    char serial[TOKEN_SERIAL_SIZE];
    medium_folder requests;
    bool known = false;
    outcome done = medium_folder_open(&t->context, m, "requests", true, &requests);
    if (done == OUTCOME_OK && *seen != 0)
        done = medium_check_owner(&t->context, m, seen, &known);
    snprintf(serial, sizeof serial, "%s", seen);
    /* The owner is written last: if it is there, the requests are complete. */
    if (done == OUTCOME_OK && !known) {
        t->context.options.output = requests.path;
        done = enroll_write_requests(t, true, serial);
        if (done == OUTCOME_OK)
            done = medium_note_owner(&t->context, m, serial);
    }
    medium_folder_close(&requests);
    return done == OUTCOME_OK ? wait_for_ca(t, serial) : done;
}

static outcome fill(terminal *t, const medium *m, const medium_folder *answer, const char *serial) {
    char *const folder[] = {(char *)(uintptr_t)answer->path};
    bool known;
    outcome done = medium_check_owner(&t->context, m, *serial != 0 ? serial : NULL, &known);
    if (done != OUTCOME_OK)
        return done;
    t->context.options.arguments = folder;
    t->context.options.argument_count = 1;
    done = enroll_fill(&t->cards, &t->context);
    t->context.options.arguments = NULL;
    t->context.options.argument_count = 0;
    return done;
}

static outcome end(terminal *t, const medium *m, bool at_work) {
    command_context *ctx = &t->context;
    char *issuer = file_join(ctx->configuration.state, ISSUER_KEY);
    medium_folder written = {.folder = -1};
    outcome done = at_work ? OUTCOME_OK : put_to_work(ctx, issuer);
    if (done == OUTCOME_OK)
        done = hand_over(ctx, m, issuer);
    free(issuer);
    if (done == OUTCOME_OK)
        done = medium_folder_open(ctx, m, "report", true, &written);
    ctx->options.output = written.path;
    if (done == OUTCOME_OK)
        done = enroll_test_and_register(t);
    medium_folder_close(&written);
    return done;
}

static outcome go_on(terminal *t, const medium *m) {
    medium_folder answer = {.folder = -1};
    outcome done = pair(&t->context);
    if (done == OUTCOME_OK)
        done = medium_folder_open(&t->context, m, "answer", false, &answer);
    if (done != OUTCOME_OK)
        return done;
    const progress seen = look(t);
    const bool answered = medium_folder_has(&answer, "institution.pem");
    if (!answered && !seen.filled) {
        medium_folder_close(&answer);
        return begin(t, m, seen.serial);
    }
    if (answered)
        done = fill(t, m, &answer, seen.serial);
    medium_folder_close(&answer);
    return done == OUTCOME_OK ? end(t, m, seen.at_work) : done;
}

outcome enroll_medium_command(terminal *t) {
    medium m;
    if (t->context.configuration.se_server[0] != 0)
        return report_failure(&t->context.report, OUTCOME_USAGE, "configuration",
                              _("The SE is in another process ([se] server). Enrol with the SE in this terminal's own "
                                "reader first."));
    outcome done = medium_open(&t->context, &m);
    if (done == OUTCOME_OK)
        done = go_on(t, &m);
    medium_close(&m);
    return done;
}
