/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "card/card_signature.h"

#include "core/pin_entry.h"

#include "base/clock.h"
#include "crypt/cms.h"

#define SIGN_OBJECT "Digital Signature"
#define CERTIFICATE_MAX 8192

typedef struct card_key {
    token *card;
    bytes pin;
} card_key;

static result sign_with_card(void *context, bytes message, buffer *signature) {
    const card_key *key = context;
    return token_sign_with_pin(key->card, SIGN_OBJECT, key->pin, message, signature);
}

static outcome failure(card_access *cards, report *r, const card_signature_order *order, token *card, result code) {
    token_tries tries = TOKEN_TRIES_FULL;
    if (code == RESULT_DENIED)
        token_pin_tries(card, &tries);
    if (code == RESULT_BLOCKED || tries == TOKEN_TRIES_NONE)
        return report_failure(r, OUTCOME_CARD, "sign-pin-blocked",
                              _("The signature PIN of this card is blocked. Only the card's issuer can unblock it."));
    if (code == RESULT_INVALID)
        return report_failure(r, OUTCOME_CARD, "sign-pin-form",
                              _("The signature PIN has 6 to 16 capitals and digits. No try was lost."));
    if (code == RESULT_DENIED && tries == TOKEN_TRIES_LAST)
        report_value(r, "triesLeft", json_integer(1));
    if (code == RESULT_DENIED)
        return report_failure(r, OUTCOME_CARD, "sign-pin-wrong",
                              tries == TOKEN_TRIES_LAST ? _("The signature PIN is wrong. 1 try is left.")
                                                        : _("The signature PIN is wrong. At most 4 tries are left."));
    return cards_token_failure(cards, r, code, order->name, card);
}

static result sign(const card_signature_order *order, token *card, bytes pin, bytes content, buffer *out) {
    buffer der = BUFFER_INIT(CERTIFICATE_MAX);
    certificate *c = NULL;
    result code = pin_is_for_signatures(pin) ? token_login(card, pin) : RESULT_INVALID;
    if (code == RESULT_OK)
        code = token_certificate(card, SIGN_OBJECT, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &c);
    if (code == RESULT_OK) {
        card_key key = {card, pin};
        const cms_signer signer = {c, sign_with_card, &key};
        code = cms_sign(content, order->detached, &signer, 1, clock_wall_s(), out);
    }
    certificate_free(&c);
    buffer_wipe(&der);
    return code;
}

outcome card_signature_make(card_access *cards, command_context *ctx, const card_signature_order *order, bytes content,
                            buffer *der) {
    token *card = NULL;
    buffer pin = BUFFER_SECRET(PIN_TYPED_MAX);
    outcome done = pin_read(ctx->options.sign_pin, ctx->options.sign_pin_fd, _(PROMPT_SIGN_PIN), &pin, &ctx->report);
    result code = done == OUTCOME_OK ? token_open(cards->module, order->reader, order->label, &card) : RESULT_OK;
    if (done == OUTCOME_OK && code == RESULT_OK)
        code = sign(order, card, buffer_bytes(&pin), content, der);
    if (done == OUTCOME_OK && code != RESULT_OK)
        done = card != NULL ? failure(cards, &ctx->report, order, card, code)
                            : cards_token_failure(cards, &ctx->report, code, order->name, NULL);
    buffer_wipe(&pin);
    token_close(&card);
    return done;
}
