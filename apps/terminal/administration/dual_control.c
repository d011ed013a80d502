/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "administration/dual_control.h"

#include "core/local_store_file.h"
#include "core/pin_entry.h"
#include "delivery/sealed_record.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypt/certificate.h"

#include <stdio.h>
#include <string.h>

#define VOICE_LABEL "Uketsuke-VOICE-1" /* no other message that an operator card signs begins so */
#define CERTIFICATE_MAX 4096
#define SIGNATURE_MAX 512

/* --- the proof of a proposal in clear ----------------------------------------------------------------------------- */

static result voice_message(const dual_control *v, bytes text, buffer *message) {
    const result code = buffer_append_format(message, "%s\n%s\n", VOICE_LABEL, v->setting);
    return code == RESULT_OK ? buffer_append(message, text) : code;
}

/* Kept: length of the certificate (2 bytes), the certificate, the signature. */
static result sign_decision(store_access *store, const dual_control *v, token *card, bytes text) {
    CLEANED_BY(buffer_wipe) buffer message = BUFFER_INIT(RECORD_MAX + 128);
    CLEANED_BY(buffer_wipe) buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    CLEANED_BY(buffer_wipe) buffer proof = BUFFER_INIT(2 + CERTIFICATE_MAX + SIGNATURE_MAX);
    result code = token_certificate(card, OPERATOR_CERTIFICATE, &der);
    if (code != RESULT_OK)
        return code;
    const uint8_t length[] = {(uint8_t)(der.length >> 8), (uint8_t)der.length};
    if ((code = buffer_append(&proof, BYTES(length))) != RESULT_OK ||
        (code = buffer_append(&proof, buffer_bytes(&der))) != RESULT_OK ||
        (code = voice_message(v, text, &message)) != RESULT_OK ||
        (code = token_sign(card, OPERATOR_CERTIFICATE, buffer_bytes(&message), &proof)) != RESULT_OK)
        return code;
    return terminal_store_set(store->file, v->signature, buffer_bytes(&proof));
}

/* Whether an administrator of this institution, of this id and with this certificate, has signed the proposal. */
static bool is_administrators(command_context *ctx, const certificate *c, const char *id, const char *fingerprint) {
    operator_card signer;
    const report own = ctx->report;
    report_begin(&ctx->report, true, NULL, NULL);
    const outcome done = operator_card_check(ctx, c, &signer);
    report_discard(&ctx->report);
    ctx->report = own;
    return done == OUTCOME_OK && signer.role == ROLE_ADMINISTRATOR && strcmp(signer.id, id) == 0 &&
           strcmp(signer.fingerprint, fingerprint) == 0;
}

static result check_decision(store_access *store, command_context *ctx, const dual_control *v, bytes text,
                             const char *id, const char *fingerprint) {
    CLEANED_BY(buffer_wipe) buffer proof = BUFFER_INIT(2 + CERTIFICATE_MAX + SIGNATURE_MAX);
    CLEANED_BY(buffer_wipe) buffer message = BUFFER_INIT(RECORD_MAX + 128);
    CLEANED_BY(certificate_free) certificate *c = NULL;
    result code = terminal_store_setting(store->file, v->signature, NULL, &proof);
    if (code != RESULT_OK)
        return code;
    const size_t length = proof.length > 2 ? (size_t)proof.data[0] << 8 | proof.data[1] : 0;
    if (length == 0 || length > proof.length - 2)
        return RESULT_INVALID;
    const bytes signature = bytes_of(proof.data + 2 + length, proof.length - 2 - length);
    if ((code = certificate_new(bytes_of(proof.data + 2, length), &c)) != RESULT_OK ||
        (code = voice_message(v, text, &message)) != RESULT_OK ||
        (code = certificate_verify(c, buffer_bytes(&message), signature)) != RESULT_OK)
        return code;
    return is_administrators(ctx, c, id, fingerprint) ? RESULT_OK : RESULT_BAD_SIGNATURE;
}

/* --- the proposal: "time id fingerprint" newline content ---------------------------------------------------------- */

result dual_control_propose(store_access *store, const dual_control *v, const operator_card *actor, token *card,
                            bytes content) {
    char at[CLOCK_TEXT_SIZE];
    buffer text = BUFFER_INIT(RECORD_MAX);
    clock_text(clock_wall_s(), at);
    result code = buffer_append_format(&text, "%s %s %s\n", at, actor->fingerprint, actor->id);
    if (code == RESULT_OK)
        code = buffer_append(&text, content);
    if (code == RESULT_OK && v->signature != NULL)
        code = card != NULL ? sign_decision(store, v, card, buffer_bytes(&text)) : RESULT_INTERNAL;
    if (code == RESULT_OK)
        code = v->signature != NULL ? terminal_store_set(store->file, v->setting, buffer_bytes(&text))
                                    : record_set(store, v->setting, buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

static result validate(store_access *store, command_context *ctx, const dual_control *v, buffer *text,
                       const operator_card *actor) {
    char at_text[CLOCK_TEXT_SIZE] = "", fingerprint[65] = "", id[TERMINAL_WORD_SIZE] = "";
    int64_t at = 0;
    const int64_t now = clock_wall_s();
    if (sscanf(buffer_text(text), "%20s %64s %64[^\n]", at_text, fingerprint, id) != 3 ||
        clock_parse(at_text, &at) != RESULT_OK)
        return RESULT_NOT_FOUND;
    if (v->lasts_s != 0 && (now < at || now - at > v->lasts_s))
        return RESULT_NOT_FOUND;
    if (v->signature != NULL && check_decision(store, ctx, v, buffer_bytes(text), id, fingerprint) != RESULT_OK)
        return RESULT_NOT_FOUND;
    return strcmp(id, actor->id) == 0 || strcmp(fingerprint, actor->fingerprint) == 0 ? RESULT_DENIED : RESULT_OK;
}

static result read_proposal(store_access *store, const dual_control *v, buffer *text) {
    return v->signature != NULL ? terminal_store_setting(store->file, v->setting, NULL, text)
                                : record_setting(store, v->setting, text);
}

result dual_control_heard(store_access *store, command_context *ctx, const dual_control *v, const operator_card *actor,
                          buffer *content) {
    buffer text = BUFFER_INIT(RECORD_MAX);
    result code = read_proposal(store, v, &text);
    const char *begin = code == RESULT_OK ? strchr(buffer_text(&text), '\n') : NULL;
    if (code == RESULT_OK)
        code = begin == NULL ? RESULT_NOT_FOUND : validate(store, ctx, v, &text, actor);
    if (code == RESULT_OK)
        code = buffer_append(content, bytes_of(begin + 1, strlen(begin + 1)));
    buffer_wipe(&text);
    return code;
}

/* The proposal as it was made, and below it in the same form who confirmed it. */
result dual_control_keep(store_access *store, const dual_control *v, const operator_card *actor, const char *name) {
    char at[CLOCK_TEXT_SIZE];
    buffer text = BUFFER_INIT(RECORD_MAX);
    clock_text(clock_wall_s(), at);
    result code = read_proposal(store, v, &text);
    if (code == RESULT_OK)
        code = buffer_append_format(&text, "\n%s %s %s\n", at, actor->fingerprint, actor->id);
    if (code == RESULT_OK)
        code = record_set(store, name, buffer_bytes(&text));
    buffer_wipe(&text);
    return code;
}

outcome dual_control_require(store_access *store, command_context *ctx, const dual_control *v,
                             const operator_card *actor, buffer *content) {
    const result code = dual_control_heard(store, ctx, v, actor, content);
    if (code == RESULT_NOT_FOUND)
        return report_failure(&ctx->report, OUTCOME_REFUSED, v->none_reason, "%s", language_text(v->none));
    if (code == RESULT_DENIED)
        return report_failure(&ctx->report, OUTCOME_REFUSED, "two-persons", "%s", language_text(v->same));
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&ctx->report, OUTCOME_INTERNAL, "store", _("The proposal cannot be read (%s)."),
                          store_problem(code));
}

void dual_control_forget(store_access *store, const dual_control *v) {
    const result code = v->signature != NULL ? terminal_store_unset(store->file, v->setting)
                                             : record_unset(store, v->setting);
    if (code != RESULT_OK)
        log_warning("a proposal that was confirmed could not be taken away");
}

outcome dual_control_authenticate(terminal *t, operator_card *actor, token **card) {
    *card = NULL;
    buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    outcome done = pin_read(t->context.options.pin, t->context.options.pin_fd, _(PROMPT_PIN), &pin, &t->context.report);
    if (done == OUTCOME_OK)
        done = operator_card_read(&t->cards, &t->context, actor, card);
    if (done == OUTCOME_OK && actor->role != ROLE_ADMINISTRATOR)
        done = role_refuse(&t->context.report, actor->role, ROLE_ADMINISTRATOR);
    if (done == OUTCOME_OK)
        done = operator_card_authenticate(&t->cards, &t->context.report, *card, buffer_bytes(&pin));
    if (done != OUTCOME_OK)
        token_close(card);
    buffer_wipe(&pin);
    snprintf(t->store.operator_id, sizeof t->store.operator_id, "%.64s", done == OUTCOME_OK ? actor->id : "");
    return done;
}
