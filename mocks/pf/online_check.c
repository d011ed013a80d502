/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "online_check.h"

#include "base/clock.h"
#include "base/hex.h"
#include "crypt/digest.h"
#include "evidence/statement.h"
#include "fhir/institution_exchange.h"
#include "iso7816/institution_message.h"
#include "service/reply.h"

#include <stdio.h>
#include <string.h>

_Static_assert(EXCHANGE_SIGNATURE_LENGTH == INSTITUTION_SIGNATURE_LENGTH, "the answer carries the signature as it is");

static const char *check(const institution_request *r, const http_peer *peer) {
    for (const char *c = r->card_id; *c; c++)
        if (*c < 0x20 || *c > 0x7E)
            return "cardId holds other than printable ASCII characters.";
    if (strcmp(r->institution_code, peer->institution_code) != 0)
        return "institutionCode is not the one of the client certificate.";
    return strlen(r->terminal_id) > 32 ? "terminalId is longer than 32 characters." : NULL;
}

static result sign_challenge(const platform *p, const institution_request *r, institution_answer *answer) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    buffer challenge = BUFFER_INIT(INSTITUTION_CHALLENGE_LENGTH), signature = BUFFER_INIT(INSTITUTION_SIGNATURE_LENGTH);
    result outcome = hex_decode(r->challenge, &challenge);
    if (outcome == RESULT_OK) {
        institution_message((const uint8_t *)r->card_id, p->institution_cvc.holder_reference, challenge.data, message);
        outcome = cms_key_sign(p->institution_key, BYTES(message), &signature);
    }
    if (outcome == RESULT_OK && signature.length != sizeof answer->signature)
        outcome = RESULT_INTERNAL;
    if (outcome == RESULT_OK)
        memcpy(answer->signature, signature.data, signature.length);
    buffer_wipe(&challenge);
    buffer_wipe(&signature);
    return outcome;
}

static result open_session(const platform *p, const institution_request *r, institution_answer *answer) {
    uint8_t nonce[STATEMENT_NONCE_LENGTH];
    const int64_t expires = clock_wall_s() + PLATFORM_SESSION_SECONDS;
    result outcome = crypt_random(nonce, sizeof nonce);
    hex_encode(BYTES(nonce), answer->nonce, sizeof answer->nonce);
    hex_encode(BYTES(p->institution_cvc.holder_reference), answer->holder_reference, sizeof answer->holder_reference);
    clock_text(expires, answer->expires);
    const check_session session = {r->institution_code, r->terminal_id, r->card_id, r->challenge, answer->nonce};
    return outcome == RESULT_OK ? check_session_make(p->session_key, &session, expires, answer->session) : outcome;
}

void authentication_reply(void *context, const http_request *request, http_reply *reply) {
    platform *p = context;
    institution_request r;
    institution_answer answer = {0};
    fhir_problem problem = {{0}};
    if (institution_request_read(request->body, &r, &problem) != RESULT_OK) {
        reply_misread(reply, request->body, "value", &problem);
        return;
    }
    const char *wrong = check(&r, request->peer);
    if (wrong) {
        reply_outcome(reply, 422, "value", wrong);
        return;
    }
    const registrar_sender sender = {r.institution_code, r.terminal_id, "", "", "", request->peer->key};
    refusal refused;
    if (!registrar_permits(&p->registrar, &sender, &refused)) {
        refusal_reply(&refused, reply);
        return;
    }
    result outcome = sign_challenge(p, &r, &answer);
    if (outcome == RESULT_OK)
        outcome = open_session(p, &r, &answer);
    if (outcome == RESULT_OK)
        outcome = institution_answer_write(&answer, &reply->body);
    reply->content_type = "application/json";
    if (outcome == RESULT_OK)
        reply_signed(reply, 201, &p->answers);
    else
        reply_unavailable(reply, "The platform cannot open a session now. Send again later.");
}
