/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The patient's card: institution authentication and the signature that it opens. Steps: docs/interfaces/pkcs11.md. */
#include "reception/reception.h"

#include "crypt/cms.h"
#include "p11/institution_token.h"

#include <string.h>

#define PATIENT_KEY "Institution Authenticated"

/* The last certificate of a chain is the holder's. */
static result holder_of(bytes chain, uint8_t reference[CVC_REFERENCE_LENGTH]) {
    cvc c;
    bytes raw;
    size_t count = 0;
    result code;
    while ((code = cvc_chain_next(&chain, &c, &raw)) == RESULT_OK) {
        memcpy(reference, c.holder_reference, CVC_REFERENCE_LENGTH);
        count++;
    }
    return code == RESULT_NOT_FOUND && count > 0 ? RESULT_OK : RESULT_INVALID;
}

/* The last answer of a card that is being removed is no verdict. */
static result unless_removed(const reception *r, result code) {
    return code != RESULT_OK &&
                   token_card_present(r->cards->module, r->context->configuration.reader_patient) != RESULT_OK
               ? RESULT_REMOVED
               : code;
}

outcome reception_challenge(reception *r, bytes chain) {
    if (holder_of(chain, r->statement.holder_reference) != RESULT_OK)
        return report_failure(&r->context->report, OUTCOME_USAGE, "cvc-chain",
                              _("The card-verifiable certificates of the institution or the platform are malformed."));
    result code = unless_removed(r, institution_import_chain(r->patient, chain));
    if (code == RESULT_REFUSED)
        return report_failure(
            &r->context->report, OUTCOME_REFUSED, "institution-certificate-refused",
            _("The patient's card does not accept the institution's certificate. It is forged, or was issued"
              " under another root. Tell the administrator."));
    if (code == RESULT_OK)
        code = unless_removed(r, institution_challenge(r->patient, r->statement.challenge));
    memcpy(r->statement.card_id, token_serial(r->patient), INSTITUTION_CARD_ID_LENGTH);
    return code == RESULT_OK ? OUTCOME_OK
                             : cards_token_failure(r->cards, &r->context->report, code, _("Patient card"), r->patient);
}

outcome reception_open_card(reception *r, bytes signature) {
    result code = unless_removed(r, institution_login(r->patient, signature));
    if (code == RESULT_DENIED)
        return report_failure(
            &r->context->report, OUTCOME_REFUSED, "institution-refused",
            _("The patient's card does not accept the institution's signature (%s). Begin again; if it"
              " happens twice, tell the administrator."),
            token_problem(r->patient));
    if (code != RESULT_OK)
        return cards_token_failure(r->cards, &r->context->report, code, _("Patient card"), r->patient);
    memcpy(r->statement.institution_signature, signature.data, INSTITUTION_SIGNATURE_LENGTH);
    return OUTCOME_OK;
}

static result sign_with_patient(void *context, bytes message, buffer *signature) {
    return token_sign(context, PATIENT_KEY, message, signature);
}

cms_signer reception_patient_signer(reception *r) {
    return (cms_signer){r->certificate, sign_with_patient, r->patient};
}
