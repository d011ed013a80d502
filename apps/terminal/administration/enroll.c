/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* `enroll begin` and `enroll finish`: a terminal gets its Secure Element.
 *
 * The stronger ceremony: the keys are made on the SE and never exist anywhere else. `begin` takes a blank SE, makes
 * three keys and writes requests for those that need a certificate; the CA answers with a folder; `finish` puts it into
 * the SE. The tender's ceremony: the CA makes the institution's key and the office puts it into the SE
 * (mocks/ca/personalise-se); the SE comes filled, and only `finish` is left.
 *
 * `finish` ends with a self-test of everything the terminal will rely on, a report that the SE signs, and the
 * registration at both services (enroll_register.c). */
#include "administration/enroll.h"

#include "administration/administration.h"
#include "core/pin_entry.h"
#include "core/token_signature.h"
#include "se/local_store.h"
#include "se/se_pin_file.h"
#include "se/secure_element.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/secret.h"
#include "crypt/certificate.h"
#include "crypt/request.h"
#include "iso7816/cvc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIN_DIGITS 8
#define FILE_MAX 65536
#define REPORT_FILE "enrolment.json"
#define REPORT_SIGNATURE REPORT_FILE ".p7s"

const token_key_order enroll_keys[ENROLL_KEY_COUNT] = {
    [ENROLL_INSTITUTION] = {"institution", 0x01, false},
    [ENROLL_TLS] = {"tls-client", 0x02, false},
    [ENROLL_STORE] = {"store-wrapping", 0x03, true},
};

/* On a medium the folder is known by its descriptor (medium.c). */
static const char *shown_output(const options *o) {
    return o->medium != NULL ? o->medium : o->output;
}

static result write_output(const options *o, const char *name, bytes content) {
    char *path = file_join(o->output, name);
    result code = path != NULL ? file_replace(path, content, 0644) : RESULT_NO_MEMORY;
    free(path);
    return code;
}

/* --- begin -------------------------------------------------------------------------------------------------------- */

/* Eight random digits for the PIN file, unless there is one already. */
static outcome make_pin_file(command_context *ctx) {
    const char *path = ctx->configuration.se_pin_file;
    uint8_t random[PIN_DIGITS];
    char digits[PIN_DIGITS + 1];
    if (access(path, F_OK) == 0)
        return OUTCOME_OK;
    result code = crypt_random(random, sizeof random);
    for (size_t i = 0; i < PIN_DIGITS; i++)
        digits[i] = (char)('0' + random[i] % 10); /* 256 is no multiple of 10: 0 to 5 come a little more often */
    digits[PIN_DIGITS] = '\n';
    if (code == RESULT_OK)
        code = file_replace(path, bytes_of(digits, sizeof digits), 0600);
    secret_wipe(random, sizeof random);
    secret_wipe(digits, sizeof digits);
    return code == RESULT_OK ? OUTCOME_OK
                             : report_failure(&ctx->report, OUTCOME_USAGE, "se-pin-file", _("%s cannot be made (%s)."),
                                              path, report_cause(code));
}

static outcome begin_failure(command_context *ctx, result code) {
    if (code == RESULT_DENIED)
        return report_failure(
            &ctx->report, OUTCOME_CARD, "officer-pin-wrong",
            _("The SE refuses the officer's PIN. A further wrong try may block it: make sure of it first."));
    if (code == RESULT_INVALID)
        return report_failure(&ctx->report, OUTCOME_CARD, "officer-pin-form",
                              _("The officer's PIN has 8 to 16 characters. No try was lost."));
    if (code == RESULT_UNSUPPORTED)
        return report_failure(
            &ctx->report, OUTCOME_REFUSED, "se-not-blank",
            _("This SE is already initialised. A personalised SE needs only: uketsuke enroll finish"));
    if (code == RESULT_REMOVED || code == RESULT_NOT_FOUND) {
        const outcome done = cards_check_readers(&ctx->report, ctx->configuration.reader_se);
        if (done != OUTCOME_OK)
            return done;
    }
    if (code == RESULT_REMOVED || code == RESULT_NOT_FOUND)
        return report_failure(&ctx->report, OUTCOME_CARD, "se-missing",
                              _("There is no Secure Element in the reader %s."), ctx->configuration.reader_se);
    return report_failure(&ctx->report, OUTCOME_CARD, "se-error", _("The SE could not be begun (%s)."),
                          report_cause(code));
}

/* on: continues with an SE that was begun before, also one that lost power between its PIN and the PIN's
 * description. */
static outcome begin_se(card_access *cards, command_context *ctx, bytes officer_pin, bool on, token **se) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    const outcome done = se_pin_file_read(ctx->configuration.se_pin_file, &pin, &ctx->report);
    if (done != OUTCOME_OK)
        return done;
    const char *reader = ctx->configuration.reader_se;
    result code = token_initialise(cards->se_module, reader, SE_LABEL, officer_pin);
    /* An SE with a PIN that nothing describes says no more than CKR_GENERAL_ERROR. */
    const bool begun = on && (code == RESULT_UNSUPPORTED || code == RESULT_INTERNAL);
    bool has_pin = false;
    if ((code != RESULT_OK && !begun) || (code = token_open(cards->se_module, reader, SE_LABEL, se)) != RESULT_OK ||
        (code = token_has_user_pin(*se, &has_pin)) != RESULT_OK ||
        (!has_pin && (code = token_set_user_pin(*se, officer_pin, buffer_bytes(&pin))) != RESULT_OK) ||
        (code = token_login(*se, buffer_bytes(&pin))) != RESULT_OK)
        return begin_failure(ctx, code);
    return OUTCOME_OK;
}

static outcome key_failure(command_context *ctx, token *se, const token_key_order *order) {
    return report_failure(&ctx->report, OUTCOME_CARD, "se-error", _("The key %s could not be made (%s)."), order->label,
                          token_problem(se));
}

static outcome write_request(command_context *ctx, token *se, const token_key_order *order, bytes modulus) {
    static const uint8_t exponent[] = {0x01, 0x00, 0x01};
    char name[64];
    CLEANED_BY(buffer_wipe) buffer pem = BUFFER_INIT(FILE_MAX);
    signing_key key = {se, order->label};
    const request_key request = {modulus, BYTES(exponent), sign_with_key, &key};
    if (request_make(&request, ctx->configuration.terminal_id, &pem) != RESULT_OK)
        return key_failure(ctx, se, order);
    snprintf(name, sizeof name, "%s.csr", order->label);
    const result code = write_output(&ctx->options, name, buffer_bytes(&pem));
    return code == RESULT_OK
               ? OUTCOME_OK
               : report_failure(&ctx->report, OUTCOME_INTERNAL, "file", _("%s could not be written to %s (%s)."), name,
                                shown_output(&ctx->options), report_file_cause(code));
}

static result make_key(command_context *ctx, token *se, const token_key_order *order, bool on, buffer *modulus) {
    result code = on ? token_modulus(se, order->label, modulus) : RESULT_NOT_FOUND;
    if (code == RESULT_NOT_FOUND && on)
        code = token_destroy_half_key(se, order->label) == RESULT_OK ? RESULT_NOT_FOUND : RESULT_IO;
    if (code != RESULT_NOT_FOUND)
        return code;
    report_line(&ctx->report, _("Making the key %s ..."), order->label);
    return token_generate_key(se, order, modulus);
}

/* A key that only decrypts can sign no request, and needs none: only this terminal uses it. */
static outcome make_keys(command_context *ctx, token *se, bool on) {
    for (size_t i = 0; i < ENROLL_KEY_COUNT; i++) {
        buffer modulus = BUFFER_INIT(CRYPT_MODULUS_MAX);
        outcome done = OUTCOME_OK;
        if (make_key(ctx, se, &enroll_keys[i], on, &modulus) != RESULT_OK)
            done = key_failure(ctx, se, &enroll_keys[i]);
        else if (!enroll_keys[i].decrypts)
            done = write_request(ctx, se, &enroll_keys[i], buffer_bytes(&modulus));
        buffer_wipe(&modulus);
        if (done != OUTCOME_OK)
            return done;
    }
    return OUTCOME_OK;
}

/* The blank SE begins, with the officer's PIN that a person types. */
static outcome begin_by_officer(terminal *t, bool on, token **se) {
    CLEANED_BY(buffer_wipe) buffer officer = BUFFER_SECRET(PIN_TYPED_MAX);
    outcome done;
    if ((done = pin_read(t->context.options.pin, t->context.options.pin_fd, _(PROMPT_OFFICER_PIN), &officer,
                         &t->context.report)) != OUTCOME_OK ||
        (done = cards_open_se_module(&t->cards, &t->context)) != OUTCOME_OK ||
        (done = make_pin_file(&t->context)) != OUTCOME_OK)
        return done;
    return begin_se(&t->cards, &t->context, buffer_bytes(&officer), on, se);
}

/* Shows the PIN once, on a terminal's screen only: not in JSON, not in a file or pipe. */
static outcome show_pin(command_context *ctx) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    if (ctx->options.json || !isatty(STDOUT_FILENO))
        return OUTCOME_OK;
    const outcome done = se_pin_file_read(ctx->configuration.se_pin_file, &pin, &ctx->report);
    if (done == OUTCOME_OK)
        report_line(&ctx->report,
                    _("The SE's activation PIN, shown this once: %s. Write it on paper with the SE's serial number and "
                      "today's date, seal it in an envelope, sign across the flap, and give it to the administrator "
                      "who keeps it locked away. It is needed only when no administrator's card is at hand."),
                    buffer_text(&pin));
    return done;
}

outcome enroll_write_requests(terminal *t, bool on, char serial[TOKEN_SERIAL_SIZE]) {
    CLEANED_BY(token_close) token *se = NULL;
    outcome done;
    if ((done = begin_by_officer(t, on, &se)) != OUTCOME_OK || (done = show_pin(&t->context)) != OUTCOME_OK ||
        (done = make_keys(&t->context, se, on)) != OUTCOME_OK)
        return done;
    snprintf(serial, TOKEN_SERIAL_SIZE, "%s", token_serial(se));
    return OUTCOME_OK;
}

outcome enroll_begin_command(terminal *t) {
    char serial[TOKEN_SERIAL_SIZE];
    outcome done;
    if ((done = context_make_output_folder(&t->context)) != OUTCOME_OK ||
        (done = enroll_write_requests(t, false, serial)) != OUTCOME_OK)
        return done;
    report_text(&t->context.report, "seSerial", _("SE"), serial);
    report_text(&t->context.report, "requests", _("Requests"), t->context.options.output);
    report_line(&t->context.report,
                _("Take the requests to the CA, and bring its answer back: uketsuke enroll finish FOLDER"));
    return OUTCOME_OK;
}

/* --- finish ------------------------------------------------------------------------------------------------------- */

static outcome bad_answer(report *r, const char *name, const char *why) {
    return report_failure(r, OUTCOME_REFUSED, "enroll-answer", _("The CA's answer cannot be used: %s: %s."), name, why);
}

/* Others have written the answer: it must be a regular file and, on a medium, no link (file_read_entry). */
static outcome read_answer(command_context *ctx, const char *name, buffer *out) {
    const int folder = open(ctx->options.arguments[0], O_PATH | O_DIRECTORY | O_CLOEXEC);
    const result code = folder < 0 ? RESULT_NOT_FOUND
                                   : file_read_entry(folder, name, ctx->options.medium != NULL ? O_NOFOLLOW : 0, out);
    if (folder >= 0)
        close(folder);
    return code == RESULT_OK ? OUTCOME_OK : bad_answer(&ctx->report, name, report_cause(code));
}

/* Whether the SE holds this already, so that a second `finish` after a failed self-test puts nothing in twice. */
static bool is_there(result code, const buffer *held, bytes wanted) {
    return code == RESULT_OK && bytes_equal(buffer_bytes(held), wanted);
}

static result put_certificate_once(token *se, const token_key_order *order, bytes der) {
    buffer held = BUFFER_INIT(FILE_MAX);
    result code = token_certificate(se, order->label, &held);
    if (code == RESULT_NOT_FOUND)
        code = token_put_certificate(se, order->label, order->id, der);
    else if (!is_there(code, &held, der))
        code = code == RESULT_OK ? RESULT_EXISTS : code;
    buffer_wipe(&held);
    return code;
}

static result put_data_once(token *se, const char *label, bytes value, bool any_value) {
    buffer held = BUFFER_INIT(FILE_MAX);
    result code = token_data(se, label, &held);
    if (code == RESULT_NOT_FOUND)
        code = token_put_data(se, label, value);
    else if (!any_value && !is_there(code, &held, value))
        code = code == RESULT_OK ? RESULT_EXISTS : code;
    buffer_wipe(&held);
    return code;
}

static outcome put_failure(card_access *cards, report *r, const char *name, result code) {
    if (code == RESULT_EXISTS)
        return bad_answer(r, name, _("the SE holds another one already"));
    return cards_token_failure(cards, r, code, _("Secure Element"), cards->se);
}

/* The certificate must be for the very key in the SE, before it goes in. */
static outcome put_certificate(card_access *cards, command_context *ctx, const token_key_order *order) {
    char name[64];
    CLEANED_BY(buffer_wipe) buffer pem = BUFFER_INIT(FILE_MAX);
    CLEANED_BY(buffer_wipe) buffer inside = BUFFER_INIT(CRYPT_MODULUS_MAX);
    CLEANED_BY(buffer_wipe) buffer outside = BUFFER_INIT(CRYPT_MODULUS_MAX);
    CLEANED_BY(certificate_free) certificate *c = NULL;
    snprintf(name, sizeof name, "%s.pem", order->label);
    const outcome done = read_answer(ctx, name, &pem);
    if (done != OUTCOME_OK)
        return done;
    if (certificate_new(buffer_bytes(&pem), &c) != RESULT_OK)
        return bad_answer(&ctx->report, name, _("it is no certificate"));
    result code;
    if ((code = token_modulus(cards->se, order->label, &inside)) != RESULT_OK ||
        (code = certificate_modulus(c, &outside)) != RESULT_OK)
        return put_failure(cards, &ctx->report, name, code);
    if (!bytes_equal(buffer_bytes(&inside), buffer_bytes(&outside)))
        return bad_answer(&ctx->report, name, _("it is for another key than the SE's"));
    code = put_certificate_once(cards->se, order, certificate_der(c));
    return code == RESULT_OK ? OUTCOME_OK : put_failure(cards, &ctx->report, name, code);
}

/* The SE shows its signature counter in the second data object (docs/interfaces/secure-element.md). */
static outcome put_data(card_access *cards, command_context *ctx) {
    static const uint8_t counter[4];
    buffer chain = BUFFER_INIT(FILE_MAX);
    outcome done = read_answer(ctx, "institution.cvc", &chain);
    result code = RESULT_OK;
    if (done == OUTCOME_OK)
        code = put_data_once(cards->se, ENROLL_CHAIN, buffer_bytes(&chain), false);
    if (done == OUTCOME_OK && code == RESULT_OK)
        code = put_data_once(cards->se, ENROLL_COUNTER, BYTES(counter), true);
    buffer_wipe(&chain);
    return done == OUTCOME_OK && code != RESULT_OK ? put_failure(cards, &ctx->report, "institution.cvc", code) : done;
}

/* Opens the new SE with the PIN of the PIN file. Its identity is not checked yet: that is its institution certificate,
 * which is still missing. */
outcome enroll_open_begun(card_access *cards, command_context *ctx) {
    CLEANED_BY(buffer_wipe) buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    outcome done = cards_open_se_module(cards, ctx);
    if (done == OUTCOME_OK)
        done = se_pin_file_read(ctx->configuration.se_pin_file, &pin, &ctx->report);
    if (done != OUTCOME_OK)
        return done;
    result code = token_open(cards->se_module, ctx->configuration.reader_se, SE_LABEL, &cards->se);
    if (code == RESULT_OK)
        code = token_login(cards->se, buffer_bytes(&pin));
    return code == RESULT_OK ? OUTCOME_OK : begin_failure(ctx, code);
}

outcome enroll_fill(card_access *cards, command_context *ctx) {
    outcome done = enroll_open_begun(cards, ctx);
    for (size_t i = 0; i < ENROLL_KEY_COUNT && done == OUTCOME_OK; i++)
        if (!enroll_keys[i].decrypts)
            done = put_certificate(cards, ctx, &enroll_keys[i]);
    if (done == OUTCOME_OK)
        done = put_data(cards, ctx);
    token_close(&cards->se);
    return done;
}

/* Who the SE is to patients' cards: the holder of the last certificate in its chain. */
static result read_holder(token *se, char text[2 * CVC_REFERENCE_LENGTH + 1]) {
    buffer chain = BUFFER_INIT(FILE_MAX);
    cvc one = {0};
    bytes raw;
    result code = token_data(se, ENROLL_CHAIN, &chain);
    bytes rest = buffer_bytes(&chain);
    while (code == RESULT_OK)
        code = cvc_chain_next(&rest, &one, &raw);
    hex_encode(BYTES(one.holder_reference), text, 2 * CVC_REFERENCE_LENGTH + 1);
    buffer_wipe(&chain);
    return code == RESULT_NOT_FOUND ? RESULT_OK : code;
}

/* Signed by the SE; a report of success is kept for the platform, too. */
static result keep_signed(terminal *t, bytes text, bool passed) {
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(FILE_MAX);
    signing_key key = {t->cards.se, enroll_keys[ENROLL_INSTITUTION].label};
    token *by;
    result code = sign_text(text, &key, 1, &by, &der);
    if (code == RESULT_OK)
        code = write_output(&t->context.options, REPORT_FILE, text);
    if (code == RESULT_OK)
        code = write_output(&t->context.options, REPORT_SIGNATURE, buffer_bytes(&der));
    return code == RESULT_OK && passed ? enroll_keep_report(&t->store, text, buffer_bytes(&der)) : code;
}

/* The report of the tests and their results, signed by the SE, for the acceptance of the terminal. */
static outcome write_report(terminal *t, json_t *checks, bool passed) {
    char at[CLOCK_TEXT_SIZE], holder[2 * CVC_REFERENCE_LENGTH + 1] = "";
    clock_text(clock_wall_s(), at);
    read_holder(t->cards.se, holder); /* an unreadable chain has failed its check already */
    json_t *root = json_pack("{s:s,s:s,s:s,s:s,s:s,s:b,s:O}", "at", at, "certificateHolderReference", holder,
                             "institutionCode", t->context.configuration.institution_code, "terminalId",
                             t->context.configuration.terminal_id, "seSerial", token_serial(t->cards.se), "passed",
                             passed, "checks", checks);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
    const result code = text != NULL ? keep_signed(t, bytes_of(text, strlen(text)), passed) : RESULT_NO_MEMORY;
    free(text);
    json_decref(root);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->context.report, OUTCOME_INTERNAL, "file",
                          _("The report could not be written to %s (%s)."), shown_output(&t->context.options),
                          report_file_cause(code));
}

static outcome test_and_report(terminal *t, json_t *checks) {
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    if (done != OUTCOME_OK)
        return done;
    done = enroll_self_test(t, checks);
    const outcome written = write_report(t, checks, done == OUTCOME_OK);
    return done == OUTCOME_OK ? written : done;
}

outcome enroll_test_and_register(terminal *t) {
    json_t *checks = json_array();
    const outcome done = test_and_report(t, checks);
    report_value(&t->context.report, "checks", checks);
    if (done != OUTCOME_OK)
        return done;
    report_line(&t->context.report, _("The terminal is enrolled. The signed report is in %s."),
                shown_output(&t->context.options));
    return enroll_register(t);
}

outcome enroll_finish_command(terminal *t) {
    outcome done = context_make_output_folder(&t->context);
    if (done == OUTCOME_OK && t->context.options.argument_count == 1)
        done = enroll_fill(&t->cards, &t->context);
    return done == OUTCOME_OK ? enroll_test_and_register(t) : done;
}
