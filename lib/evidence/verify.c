/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The checks of evidence, in the order of their cost: statement and issuers of the certificates first, then the
 * signatures. Evidence is good only after the last one. */
#include "evidence/evidence.h"

#include <string.h>

typedef struct verification {
    const evidence_policy *policy;
    evidence_verdict *out;
    const cms_message *message; /* not verified yet */
    evidence_reason reason;     /* of what was checked before the signatures */
    const certificate *patient, *institution;
    int64_t at;
} verification;

#define N_(text) text /* for the catalogue of translations; the caller that shows the text looks it up */

static const struct {
    const char *name, *text;
} reasons[] = {
    [EVIDENCE_GOOD] = {"good", N_("The evidence is good.")},
    [EVIDENCE_MALFORMED] = {"malformed", N_("This is not evidence: no CMS SignedData with a statement inside.")},
    [EVIDENCE_ALTERED] = {"altered", N_("A signature does not fit: the evidence was altered after signing.")},
    [EVIDENCE_STATEMENT_MALFORMED] = {"statement-malformed", N_("The signed statement has a wrong form.")},
    [EVIDENCE_WRONG_SIGNERS] = {"wrong-signers", N_("The signers are not the ones that this kind of evidence needs.")},
    [EVIDENCE_PATIENT_CERTIFICATE] = {"patient-certificate", N_("The patient's certificate is not accepted.")},
    [EVIDENCE_PATIENT_MISMATCH] = {"patient-mismatch",
                                   N_("The statement names another patient certificate than the signer's.")},
    [EVIDENCE_INSTITUTION_CERTIFICATE] = {"institution-certificate",
                                          N_("The institution's certificate is not accepted.")},
    [EVIDENCE_INSTITUTION_MISMATCH] = {"institution-mismatch",
                                       N_("The statement names another institution than the signer's.")},
    [EVIDENCE_INSTITUTION_SIGNATURE] = {"institution-signature",
                                        N_("The signature over the card's challenge is not the institution's.")},
    [EVIDENCE_PLATFORM_UNKNOWN] = {"platform-unknown", N_("The platform's key is not known here; give its CVC.")},
    [EVIDENCE_KEY] = {"key", N_("A signer's key has a size or kind that is not accepted. No signature was checked.")},
    [EVIDENCE_SIGNING_TIME] = {"signing-time", N_("A signature's time is not the statement's.")},
    [EVIDENCE_SERVICE_DATE] = {"service-date", N_("The day of service is not the day on which the evidence was made.")},
    [EVIDENCE_EARLY] = {"evidence-in-the-future", N_("The evidence claims a time that is still to come.")},
    [EVIDENCE_UNWANTED] = {"unwanted", N_("Evidence of this sender is not verified here.")},
};

const char *evidence_reason_text(evidence_reason reason) {
    return (unsigned)reason < sizeof reasons / sizeof *reasons ? reasons[reason].text : "unknown reason";
}

const char *evidence_reason_name(evidence_reason reason) {
    return (unsigned)reason < sizeof reasons / sizeof *reasons ? reasons[reason].name : "unknown";
}

static evidence_reason read_statement(const verification *v, evidence_verdict *out) {
    for (size_t i = 0; i < v->message->count; i++)
        if (!v->message->names_certificate[i] || v->message->signing_time[i] < 0)
            return EVIDENCE_MALFORMED;
    if (statement_read(buffer_bytes(&v->message->content), &out->statement, &out->detail) != RESULT_OK)
        return EVIDENCE_STATEMENT_MALFORMED;
    return EVIDENCE_GOOD;
}

/* The patient's signature is the one whose certificate the statement names; what is left must be the institution's. */
static evidence_reason assign_signers(verification *v, const statement *s) {
    size_t wanted = s->mode == STATEMENT_OFFLINE ? 2 : 1;
    if (v->message->count != wanted)
        return EVIDENCE_WRONG_SIGNERS;
    for (size_t i = 0; i < v->message->count; i++) {
        const certificate *c = v->message->signers[i];
        bool named = strcmp(certificate_issuer(c), s->patient_issuer) == 0 &&
                     strcmp(certificate_serial(c), s->patient_serial) == 0;
        if (named && v->patient == NULL)
            v->patient = c;
        else
            v->institution = c;
    }
    if (v->patient == NULL)
        return EVIDENCE_PATIENT_MISMATCH;
    return (v->institution != NULL) == (wanted == 2) ? EVIDENCE_GOOD : EVIDENCE_WRONG_SIGNERS;
}

/* Eligibility is answered for the day of service, so it must be the day on which the patient was there. */
static bool is_day_of(const char *day, int64_t at) {
    char first[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE];
    clock_date_in_japan(at - EVIDENCE_DAY_TOLERANCE_S, first);
    clock_date_in_japan(at + EVIDENCE_DAY_TOLERANCE_S, last);
    return strcmp(day, first) == 0 || strcmp(day, last) == 0;
}

/* A clock that was fast does not make evidence early, when by the platform's time it was made before now. */
static bool is_early(const evidence_policy *policy, const statement *s, int64_t stated) {
    const int64_t made = evidence_clock_platform_time(s), last = policy->now + EVIDENCE_CLOCK_TOLERANCE_S;
    return policy->now != 0 && stated > last && (made == 0 || made > last);
}

static evidence_reason check_times(verification *v, const statement *s) {
    int64_t stated = 0;
    if (clock_parse(s->terminal_time, &stated) != RESULT_OK)
        return EVIDENCE_STATEMENT_MALFORMED;
    v->at = v->policy->at != 0 ? v->policy->at : stated;
    for (size_t i = 0; i < v->message->count; i++)
        if (v->message->signing_time[i] != stated)
            return EVIDENCE_SIGNING_TIME;
    if (!is_day_of(s->service_date, stated))
        return EVIDENCE_SERVICE_DATE;
    v->out->passing = is_early(v->policy, s, stated);
    return v->out->passing ? EVIDENCE_EARLY : EVIDENCE_GOOD;
}

static void note_verdict(trust_verdict verdict, evidence_verdict *out) {
    out->detail = verdict == TRUST_OK ? NULL : trust_verdict_text(verdict);
    out->passing = trust_verdict_is_passing(verdict);
}

/* The verifier may accept an expired card for some time. */
static evidence_reason check_patient(const verification *v, evidence_verdict *out) {
    const trust *authorities = v->policy->patient_authorities;
    const int64_t grace_s = v->policy->patient_grace_s;
    int64_t begin, end;
    trust_verdict verdict = trust_check_lately(authorities, v->patient, TRUST_CLIENT_AUTHENTICATION, v->at, grace_s);
    if (verdict == TRUST_OK)
        verdict = trust_check_lately(authorities, v->patient, TRUST_SIGNATURE, v->at, grace_s);
    certificate_validity(v->patient, &begin, &end);
    out->patient_expired = verdict == TRUST_OK && v->at > end;
    note_verdict(verdict, out);
    return verdict == TRUST_OK ? EVIDENCE_GOOD : EVIDENCE_PATIENT_CERTIFICATE;
}

static evidence_reason check_institution(const verification *v, evidence_verdict *out) {
    char code[STATEMENT_CODE_SIZE];
    if (v->institution == NULL)
        return EVIDENCE_GOOD;
    trust_verdict verdict = trust_check(v->policy->institution_authorities, v->institution, TRUST_SIGNATURE, v->at);
    note_verdict(verdict, out);
    if (verdict != TRUST_OK)
        return EVIDENCE_INSTITUTION_CERTIFICATE;
    if (certificate_subject_attribute(v->institution, CERTIFICATE_SERIAL_NUMBER, code, sizeof code) != RESULT_OK ||
        strcmp(code, out->statement.institution_code) != 0)
        return EVIDENCE_INSTITUTION_MISMATCH;
    certificate_fingerprint_text(v->institution, out->institution_certificate);
    return EVIDENCE_GOOD;
}

/* The signature that the card accepted, over label || card id || CHR || challenge. */
static evidence_reason check_institution_signature(const verification *v, const statement *s) {
    uint8_t message[INSTITUTION_MESSAGE_LENGTH];
    const cvc *platform = v->policy->platform;
    institution_message((const uint8_t *)s->card_id, s->holder_reference, s->challenge, message);
    if (v->institution != NULL)
        return certificate_verify(v->institution, BYTES(message), BYTES(s->institution_signature)) == RESULT_OK
                   ? EVIDENCE_GOOD
                   : EVIDENCE_INSTITUTION_SIGNATURE;
    if (platform == NULL)
        return EVIDENCE_PLATFORM_UNKNOWN;
    if (!bytes_equal(BYTES(platform->holder_reference), BYTES(s->holder_reference)))
        return EVIDENCE_INSTITUTION_SIGNATURE;
    return crypt_rsa_verify(BYTES(platform->modulus), BYTES(platform->exponent), BYTES(message),
                            BYTES(s->institution_signature)) == RESULT_OK
               ? EVIDENCE_GOOD
               : EVIDENCE_INSTITUTION_SIGNATURE;
}

static evidence_reason check_before_signatures(verification *v, evidence_verdict *out) {
    const statement *s = &out->statement;
    evidence_reason reason = read_statement(v, out);
    if (reason == EVIDENCE_GOOD)
        reason = assign_signers(v, s);
    if (reason == EVIDENCE_GOOD)
        reason = check_times(v, s);
    if (reason == EVIDENCE_GOOD)
        reason = check_patient(v, out);
    if (reason == EVIDENCE_GOOD)
        reason = check_institution(v, out);
    if (reason == EVIDENCE_GOOD && v->policy->wanted && !v->policy->wanted(v->policy->context, out))
        reason = EVIDENCE_UNWANTED;
    return reason;
}

static result vet(void *context, const cms_message *message) {
    verification *v = context;
    v->message = message;
    v->reason = check_before_signatures(v, v->out);
    return v->reason == EVIDENCE_GOOD ? RESULT_OK : RESULT_REFUSED;
}

static evidence_reason check_all(verification *v, bytes der, cms_message *message) {
    if (der.length == 0 || der.length > EVIDENCE_MAX)
        return EVIDENCE_MALFORMED;
    result code = cms_verify_vetted(der, bytes_of(NULL, 0), vet, v, message);
    if (v->reason != EVIDENCE_GOOD)
        return v->reason;
    if (code == RESULT_KEY)
        return EVIDENCE_KEY;
    if (code != RESULT_OK)
        return code == RESULT_BAD_SIGNATURE ? EVIDENCE_ALTERED : EVIDENCE_MALFORMED;
    return check_institution_signature(v, &v->out->statement);
}

result evidence_verify(bytes der, const evidence_policy *policy, evidence_verdict *verdict) {
    verification v = {.policy = policy, .out = verdict};
    cms_message message = {0};
    *verdict = (evidence_verdict){0};
    verdict->reason = check_all(&v, der, &message);
    if (verdict->reason == EVIDENCE_GOOD)
        verdict->clock = evidence_clock_check(&verdict->statement);
    cms_message_free(&message);
    return verdict->reason == EVIDENCE_GOOD ? RESULT_OK : RESULT_REFUSED;
}
