/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/signed_decision.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "crypt/cms.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <string.h>

#define PROPOSAL_LABEL "Uketsuke-DECISION-1" /* no other message that an operator card signs begins so */
#define CONSENT_LABEL "Uketsuke-CONSENT-1"
#define PAPER_LABEL "Uketsuke-PAPER-1"
#define ADMINISTRATOR "administrator"
#define TEXT_MAX (DECISION_CONTENT_MAX + 1024)
#define WORD_SIZE 64
#define LENGTH_BYTES 4

void decision_wipe(decision *d) {
    buffer_wipe(&d->content);
    *d = DECISION_INIT;
}

/* --- the bytes that are signed ------------------------------------------------------------------------------------ */

static result append_signer(const decision_signer *signer, buffer *text) {
    char at[CLOCK_TEXT_SIZE];
    clock_text(signer->at, at);
    return buffer_append_format(text, "%s %s %s\n", at, signer->fingerprint, signer->id);
}

result decision_proposal_text(const decision_place *place, const char *kind, const decision_signer *signer,
                              bytes content, buffer *text) {
    result code = buffer_append_format(text, "%s\n%s\n%s %s\n", PROPOSAL_LABEL, kind, place->institution,
                                       place->terminal);
    if (code == RESULT_OK)
        code = append_signer(signer, text);
    return code == RESULT_OK ? buffer_append(text, content) : code;
}

result decision_consent_text(const char *kind, const char *digest, const decision_signer *signer, buffer *text) {
    const result code = buffer_append_format(text, "%s\n%s\n%s\n", CONSENT_LABEL, kind, digest);
    return code == RESULT_OK ? append_signer(signer, text) : code;
}

result decision_paper_text(const decision_place *place, const char *kind, const char *digest, buffer *text) {
    return buffer_append_format(text, "%s\n%s\n%s %s\n%s\n", PAPER_LABEL, kind, place->institution, place->terminal,
                                digest);
}

/* --- the record: parts, each with its length in four bytes -------------------------------------------------------- */

enum { PROPOSAL, PROPOSAL_CERTIFICATE, PROPOSAL_SIGNATURE, CONSENT, CONSENT_CERTIFICATE, CONSENT_SIGNATURE, PARTS };
#define PROPOSAL_PARTS CONSENT

static result append_part(bytes part, buffer *record) {
    const result code = buffer_append_u32(record, (uint32_t)part.length);
    return code == RESULT_OK ? buffer_append(record, part) : code;
}

static result append_parts(bytes first, bytes second, bytes third, buffer *record) {
    result code = append_part(first, record);
    if (code == RESULT_OK)
        code = append_part(second, record);
    return code == RESULT_OK ? append_part(third, record) : code;
}

result decision_proposal_record(bytes text, bytes certificate_der, bytes signature, buffer *record) {
    return append_parts(text, certificate_der, signature, record);
}

result decision_record(bytes proposal, bytes text, bytes certificate_der, bytes signature, buffer *record) {
    const result code = buffer_append(record, proposal);
    return code == RESULT_OK ? append_parts(text, certificate_der, signature, record) : code;
}

/* How many parts there are; 0: not of this form. */
static size_t split(bytes record, bytes parts[PARTS]) {
    size_t count = 0, at = 0;
    while (at < record.length && count < PARTS) {
        if (record.length - at < LENGTH_BYTES)
            return 0;
        const uint8_t *l = record.data + at;
        const size_t length = (size_t)l[0] << 24 | (size_t)l[1] << 16 | (size_t)l[2] << 8 | l[3];
        at += LENGTH_BYTES;
        if (length > record.length - at)
            return 0;
        parts[count++] = bytes_of(record.data + at, length);
        at += length;
    }
    return at == record.length ? count : 0;
}

/* --- one card's signature ----------------------------------------------------------------------------------------- */

static bool is_said(const certificate *c, const char *attribute, const char *text) {
    char there[DECISION_ID_SIZE] = "";
    return certificate_subject_attribute(c, attribute, there, sizeof there) == RESULT_OK && strcmp(there, text) == 0;
}

static bool has_fingerprint(const certificate *c, const char *text) {
    char there[CERTIFICATE_FINGERPRINT_SIZE];
    certificate_fingerprint_text(c, there);
    return strcmp(there, text) == 0;
}

/* A missing revocation list of ours is no fault of the certificate. */
static result check_trust(const decision_place *place, const certificate *c, trust_purpose purpose, int64_t at) {
    const trust_verdict verdict = trust_check(place->operators, c, purpose, at);
    return verdict == TRUST_OK                 ? RESULT_OK
           : trust_verdict_is_passing(verdict) ? RESULT_UNAVAILABLE
                                               : RESULT_BAD_SIGNATURE;
}

/* An administrator of this institution, whose card was good when it signed. */
static result check_card(const decision_place *place, const decision_signer *signer, bytes message, bytes der,
                         bytes signature) {
    CLEANED_BY(certificate_free) certificate *c = NULL;
    if (certificate_new(der, &c) != RESULT_OK)
        return RESULT_INVALID;
    const bool good = is_said(c, CERTIFICATE_TITLE, ADMINISTRATOR) &&
                      is_said(c, CERTIFICATE_ORGANIZATION_IDENTIFIER, place->institution) &&
                      is_said(c, CERTIFICATE_SERIAL_NUMBER, signer->id) && has_fingerprint(c, signer->fingerprint);
    const result trusted = good ? check_trust(place, c, TRUST_CLIENT_AUTHENTICATION, signer->at) : RESULT_BAD_SIGNATURE;
    return trusted == RESULT_OK ? certificate_verify(c, message, signature) : trusted;
}

/* The line at *at, without its newline; *at moves behind it. false: there is none, or it is too long. */
static bool take_line(const char **at, char *line, size_t size) {
    const char *end = strchr(*at, '\n');
    if (end == NULL || (size_t)(end - *at) >= size)
        return false;
    memcpy(line, *at, (size_t)(end - *at));
    line[end - *at] = 0;
    *at = end + 1;
    return true;
}

static bool take_exact(const char **at, const char *wanted) {
    char line[2 * WORD_SIZE + 2];
    return take_line(at, line, sizeof line) && strcmp(line, wanted) == 0;
}

static bool take_signer(const char **at, decision_signer *out) {
    char line[256], time[CLOCK_TEXT_SIZE];
    *out = (decision_signer){0};
    return take_line(at, line, sizeof line) &&
           sscanf(line, "%20s %64s %64[^\n]", time, out->fingerprint, out->id) == 3 &&
           clock_parse(time, &out->at) == RESULT_OK;
}

static bool take_place(const char **at, const decision_place *place) {
    char wanted[2 * WORD_SIZE + 2];
    const int length = snprintf(wanted, sizeof wanted, "%s %s", place->institution, place->terminal);
    return length > 0 && (size_t)length < sizeof wanted && take_exact(at, wanted);
}

static result digest_of(bytes text, char digest[DECISION_DIGEST_SIZE]) {
    uint8_t raw[CRYPT_SHA256_LENGTH];
    const result code = crypt_sha256(text, raw);
    if (code == RESULT_OK)
        hex_encode(BYTES(raw), digest, DECISION_DIGEST_SIZE);
    return code;
}

static result read_proposal(const decision_place *place, const char *kind, const bytes parts[PARTS], decision *out) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(TEXT_MAX);
    result code = buffer_append(&text, parts[PROPOSAL]);
    const char *at = code == RESULT_OK ? buffer_text(&text) : "";
    if (code == RESULT_OK && (!take_exact(&at, PROPOSAL_LABEL) || !take_exact(&at, kind) || !take_place(&at, place) ||
                              !take_signer(&at, &out->proposed)))
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        code = check_card(place, &out->proposed, parts[PROPOSAL], parts[PROPOSAL_CERTIFICATE],
                          parts[PROPOSAL_SIGNATURE]);
    if (code == RESULT_OK)
        code = digest_of(parts[PROPOSAL], out->digest);
    return code == RESULT_OK ? buffer_append(&out->content, bytes_of(at, strlen(at))) : code;
}

static result read_consent(const decision_place *place, const char *kind, const bytes parts[PARTS], decision *out) {
    CLEANED_BY(buffer_wipe) buffer text = BUFFER_INIT(TEXT_MAX);
    if (parts[CONSENT].length == 0)
        return decision_check_paper(place, kind, out->digest, parts[CONSENT_SIGNATURE], &out->confirmed);
    result code = buffer_append(&text, parts[CONSENT]);
    const char *at = code == RESULT_OK ? buffer_text(&text) : "";
    if (code == RESULT_OK && (!take_exact(&at, CONSENT_LABEL) || !take_exact(&at, kind) ||
                              !take_exact(&at, out->digest) || !take_signer(&at, &out->confirmed) || *at != 0))
        code = RESULT_BAD_SIGNATURE;
    if (code == RESULT_OK)
        code = check_card(place, &out->confirmed, parts[CONSENT], parts[CONSENT_CERTIFICATE], parts[CONSENT_SIGNATURE]);
    if (code == RESULT_OK && (strcmp(out->proposed.id, out->confirmed.id) == 0 ||
                              strcmp(out->proposed.fingerprint, out->confirmed.fingerprint) == 0))
        code = RESULT_BAD_SIGNATURE;
    return code;
}

result decision_read(const decision_place *place, const char *kind, bytes record, bool whole, decision *out) {
    bytes parts[PARTS] = {{0}};
    const size_t count = split(record, parts);
    decision_wipe(out);
    if (count != PARTS && (whole || count != PROPOSAL_PARTS))
        return count == PROPOSAL_PARTS ? RESULT_BAD_SIGNATURE : RESULT_INVALID;
    result code = read_proposal(place, kind, parts, out);
    if (code == RESULT_OK && count == PARTS)
        code = read_consent(place, kind, parts, out);
    if (code != RESULT_OK)
        decision_wipe(out);
    return code;
}

/* --- the office's paper ------------------------------------------------------------------------------------------- */

static result check_office(const decision_place *place, const cms_message *message, decision_signer *signer) {
    if (message->count != 1 || message->signing_time[0] < 0)
        return RESULT_BAD_SIGNATURE;
    const certificate *c = message->signers[0];
    signer->at = message->signing_time[0];
    snprintf(signer->id, sizeof signer->id, "%s", DECISION_OFFICE);
    certificate_fingerprint_text(c, signer->fingerprint);
    return is_said(c, CERTIFICATE_TITLE, DECISION_OFFICE) ? check_trust(place, c, TRUST_COMMITMENT, signer->at)
                                                          : RESULT_BAD_SIGNATURE;
}

result decision_check_paper(const decision_place *place, const char *kind, const char *digest, bytes cms,
                            decision_signer *signer) {
    CLEANED_BY(buffer_wipe) buffer wanted = BUFFER_INIT(TEXT_MAX);
    cms_message message = {0};
    *signer = (decision_signer){0};
    result code = decision_paper_text(place, kind, digest, &wanted);
    if (code == RESULT_OK)
        code = cms_verify_foreign_forms(cms, bytes_of(NULL, 0), &message);
    if (code == RESULT_OK)
        code = check_office(place, &message, signer);
    if (code == RESULT_OK && !bytes_equal(buffer_bytes(&message.content), buffer_bytes(&wanted)))
        code = RESULT_NOT_FOUND;
    cms_message_free(&message);
    return code;
}
