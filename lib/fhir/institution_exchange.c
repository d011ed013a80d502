/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "fhir/institution_exchange.h"

#include <string.h>

static bool is_hexadecimal(const char *text, size_t length) {
    return strlen(text) == length && strspn(text, "0123456789ABCDEF") == length;
}

result institution_request_write(const institution_request *r, buffer *text) {
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:s}", "cardId", r->card_id, "challenge", r->challenge,
                                        "institutionCode", r->institution_code, "terminalId", r->terminal_id),
                              text);
}

result institution_request_read(bytes text, institution_request *out, fhir_problem *problem) {
    *out = (institution_request){0};
    json_t *root = fhir_parse(text, problem);
    bool ok = root != NULL && fhir_text(root, "cardId", out->card_id, sizeof out->card_id, problem) == RESULT_OK &&
              fhir_text(root, "challenge", out->challenge, sizeof out->challenge, problem) == RESULT_OK &&
              fhir_text(root, "institutionCode", out->institution_code, sizeof out->institution_code, problem) ==
                  RESULT_OK &&
              fhir_text(root, "terminalId", out->terminal_id, sizeof out->terminal_id, problem) == RESULT_OK;
    json_decref(root);
    if (!ok)
        return RESULT_INVALID;
    if (strlen(out->card_id) != sizeof out->card_id - 1)
        return fhir_complain(problem, "cardId: must have %zu characters", sizeof out->card_id - 1);
    return is_hexadecimal(out->challenge, 32)
               ? RESULT_OK
               : fhir_complain(problem, "challenge: must be 32 capital hexadecimal digits");
}

result institution_answer_write(const institution_answer *a, buffer *text) {
    return fhir_dump_and_free(json_pack("{s:s,s:s,s:s,s:o,s:s}", "session", a->session, "nonce", a->nonce,
                                        "certificateHolderReference", a->holder_reference, "signature",
                                        fhir_base64_string(BYTES(a->signature)), "expires", a->expires),
                              text);
}

static result signature_of(const json_t *root, institution_answer *out, fhir_problem *problem) {
    buffer raw = BUFFER_INIT(EXCHANGE_SIGNATURE_LENGTH);
    result code = fhir_base64(root, "signature", &raw, problem);
    if (code == RESULT_OK && raw.length != EXCHANGE_SIGNATURE_LENGTH)
        code = fhir_complain(problem, "signature: must be %d bytes", EXCHANGE_SIGNATURE_LENGTH);
    if (code == RESULT_OK)
        memcpy(out->signature, raw.data, raw.length);
    buffer_wipe(&raw);
    return code;
}

result institution_answer_read(bytes text, institution_answer *out, fhir_problem *problem) {
    *out = (institution_answer){0};
    json_t *root = fhir_parse(text, problem);
    bool ok = root != NULL && fhir_text(root, "session", out->session, sizeof out->session, problem) == RESULT_OK &&
              fhir_text(root, "nonce", out->nonce, sizeof out->nonce, problem) == RESULT_OK &&
              fhir_text(root, "certificateHolderReference", out->holder_reference, sizeof out->holder_reference,
                        problem) == RESULT_OK &&
              fhir_text(root, "expires", out->expires, sizeof out->expires, problem) == RESULT_OK &&
              signature_of(root, out, problem) == RESULT_OK;
    json_decref(root);
    if (!ok)
        return RESULT_INVALID;
    if (!uuid_is_valid(out->session) || !is_hexadecimal(out->nonce, 64) || !is_hexadecimal(out->holder_reference, 32))
        return fhir_complain(problem, "session, nonce or certificateHolderReference: wrong form");
    int64_t ignored;
    return clock_parse(out->expires, &ignored) == RESULT_OK
               ? RESULT_OK
               : fhir_complain(problem, "expires: must be YYYY-MM-DDThh:mm:ssZ");
}
