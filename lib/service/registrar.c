/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "service/registrar.h"

#include "base/clock.h"
#include "base/copy_text.h"
#include "base/log.h"
#include "base/uuid.h"
#include "fhir/registration.h"
#include "service/reply.h"

#include <stdio.h>
#include <string.h>

#define RECEIPT_MAX 4096
#define RECEIPT_SIGNATURE_MAX (2 * SERVICE_SIGNATURE_MAX)

static bool refuse_unread(refusal *out, result why) {
    return refuse(out, 503, "transient", "The service cannot use its store now (%s). Send again later.",
                  result_text(why));
}

result registrar_open(const configuration *c, terminal_register *terminals, const trust *institutions,
                      const service_signer *signer, registrar *out) {
    const char *only = configuration_get(c, "terminals", "registered-only");
    *out = (registrar){terminals, institutions, signer, !only || strcmp(only, "yes") == 0};
    if (!only || strcmp(only, "yes") == 0 || strcmp(only, "no") == 0)
        return RESULT_OK;
    log_error("[terminals] registered-only = %s: expected yes or no", only);
    return RESULT_INVALID;
}

/* --- registering -------------------------------------------------------------------------------------------------- */

static result make_receipt(const registrar *r, const terminal_entry *e, buffer *receipt, buffer *signature) {
    registration_receipt facts = {0};
    COPY_TEXT(facts.service, r->terminals->service);
    COPY_TEXT(facts.institution_code, e->institution_code);
    COPY_TEXT(facts.terminal_id, e->terminal_id);
    COPY_TEXT(facts.se_serial, e->se_serial);
    COPY_TEXT(facts.certificate_hash, e->certificate_hash);
    clock_text(e->registered_at, facts.registered_at);
    result outcome = uuid_v7(facts.receipt_id);
    if (outcome == RESULT_OK)
        outcome = registration_receipt_write(&facts, receipt);
    return outcome == RESULT_OK ? service_sign(r->signer, buffer_bytes(receipt), e->registered_at, signature) : outcome;
}

static bool refuse_revoked(refusal *refused, const terminal_entry *known) {
    return refuse(refused, 409, "conflict",
                  "This SE, or its TLS key, was revoked. Enrol another one; if it was revoked by mistake, the service's"
                  " administrator restores it: terminal restore %s",
                  known->terminal_id);
}

/* The SE is known for this terminal, or may serve one more. */
static bool check_known(const terminal_entry *known, const terminal_entry *wanted, refusal *refused) {
    const bool same = strcmp(known->institution_code, wanted->institution_code) == 0 &&
                      strcmp(known->terminal_id, wanted->terminal_id) == 0;
    if (same)
        return known->revoked_at == 0 || refuse_revoked(refused, known);
    if (strcmp(known->institution_code, wanted->institution_code) == 0 && known->shared)
        return true;
    return refuse(refused, 409, "conflict",
                  "This SE is registered for terminal %s. Enrol another SE for %s. Only an SE that serves several"
                  " terminals by the service's administrator's decision can do so: terminal share %s",
                  known->terminal_id, wanted->terminal_id, known->terminal_id);
}

/* A TLS key belongs to one SE; a revoked one to none. Terminals of a shared SE are revoked separately. */
static bool validate_key(const registrar *r, const terminal_entry *wanted, refusal *refused) {
    terminal_entry other;
    const result outcome = terminal_register_find_key(r->terminals, wanted->institution_code, wanted->tls_key, &other);
    if (outcome == RESULT_NOT_FOUND)
        return true;
    if (outcome != RESULT_OK)
        return refuse_unread(refused, outcome);
    if (other.revoked_at != 0 && !other.shared)
        return refuse_revoked(refused, &other);
    return strcmp(other.certificate_hash, wanted->certificate_hash) == 0 ||
           refuse(refused, 409, "conflict",
                  "The TLS key is terminal %s's. Each terminal registers over a connection with its own.",
                  other.terminal_id);
}

/* A terminal registers over its own connection: with a certificate that names it or, if its SE serves several, with the
 * key registered for the SE. */
static bool validate_connection(const registrar_applicant *wanted, const terminal_entry *known, refusal *refused) {
    const terminal_entry *e = &wanted->entry;
    if (strcmp(wanted->tls_terminal, e->terminal_id) == 0 ||
        (known && known->shared && strcmp(known->tls_key, e->tls_key) == 0))
        return true;
    return refuse(refused, 422, "forbidden", "The TLS certificate is that of terminal %s, the report that of %s.",
                  wanted->tls_terminal, e->terminal_id);
}

static bool refuse_add(refusal *refused, result outcome, const terminal_entry *e) {
    return outcome == RESULT_EXISTS
               ? refuse(refused, 409, "conflict",
                        "Terminal %s is registered with another SE. If that one is out of service, the service's"
                        " administrator first says so: terminal revoke %s",
                        e->terminal_id, e->terminal_id)
               : refuse_unread(refused, outcome);
}

static result add(const registrar *r, const registrar_applicant *wanted, const terminal_entry *known, buffer *receipt,
                  buffer *signature) {
    terminal_entry entry = wanted->entry;
    entry.shared = known && known->shared;
    buffer_clear(receipt);
    buffer_clear(signature);
    const result outcome = make_receipt(r, &entry, receipt, signature);
    return outcome == RESULT_OK ? terminal_register_add(r->terminals, &entry, wanted->report, buffer_bytes(receipt),
                                                        buffer_bytes(signature))
                                : outcome;
}

/* The same pair again: the same receipt. Updates a renewed TLS key, and TLS key and CHR of an entry from before they
 * were registered; nothing else changes. */
static result renew(const registrar *r, const terminal_entry *known, const terminal_entry *wanted) {
    const bool same = strcmp(known->tls_key, wanted->tls_key) == 0 &&
                      strcmp(known->holder_reference, wanted->holder_reference) == 0;
    return same ? terminal_register_confirm(r->terminals, wanted->certificate_hash)
                : terminal_register_set_key(r->terminals, wanted);
}

result registrar_register(const registrar *r, const registrar_applicant *wanted, buffer *receipt, buffer *signature,
                          bool *known, refusal *refused) {
    const terminal_entry *e = &wanted->entry;
    terminal_entry found;
    result outcome = terminal_register_find(r->terminals, e->certificate_hash, e->terminal_id, &found, receipt,
                                            signature);
    const bool of_se = outcome == RESULT_OK;
    *known = of_se && strcmp(found.terminal_id, e->terminal_id) == 0;
    if (!of_se && outcome != RESULT_NOT_FOUND) {
        refuse_unread(refused, outcome);
        return RESULT_REFUSED;
    }
    if ((of_se && !check_known(&found, e, refused)) || !validate_connection(wanted, of_se ? &found : NULL, refused) ||
        !validate_key(r, e, refused))
        return RESULT_REFUSED;
    outcome = *known ? renew(r, &found, e) : add(r, wanted, of_se ? &found : NULL, receipt, signature);
    if (outcome == RESULT_OK)
        return RESULT_OK;
    refuse_add(refused, outcome, e);
    return RESULT_REFUSED;
}

/* --- POST /terminals ---------------------------------------------------------------------------------------------- */

static bool check_report(const registration_report *report, const char *signer_code, const http_peer *peer, int64_t now,
                         refusal *refused) {
    int64_t at = 0;
    if (strcmp(report->institution_code, peer->institution_code) != 0 ||
        strcmp(signer_code, peer->institution_code) != 0)
        return refuse(refused, 422, "forbidden",
                      "The TLS certificate, the SE's certificate and the report name different institutions. Check "
                      "institution-code and the certificates.");
    if (clock_parse(report->at, &at) != RESULT_OK || at > now + REGISTRAR_CLOCK_TOLERANCE_S)
        return refuse(refused, 422, "business-rule", "The report comes from the future. Set the terminal's clock.");
    if (!report->passed)
        return refuse(refused, 422, "business-rule",
                      "The terminal's self-test failed. Enrol it until everything passes.");
    return true;
}

typedef struct vetting {
    const registrar *registrar;
    int64_t now;
    refusal *refused;
} vetting;

/* Checks the certificate's owner before its key is used. */
static result vet_report(void *context, const cms_message *message) {
    const vetting *v = context;
    if (message->count != 1) {
        refuse(v->refused, 422, "security", "The report's signature does not verify (not one signer). Enrol again.");
        return RESULT_REFUSED;
    }
    const trust_verdict verdict = trust_check(v->registrar->institutions, message->signers[0], TRUST_COMMITMENT,
                                              v->now);
    const bool passing = trust_verdict_is_passing(verdict);
    if (verdict == TRUST_OK)
        return RESULT_OK;
    refuse(v->refused, passing ? 503 : 422, passing ? "transient" : "security",
           "The SE's certificate is not accepted: %s.", trust_verdict_text(verdict));
    return RESULT_REFUSED;
}

/* Identifies the SE that signed the report, and its institution. */
static bool identify(const registrar *r, const registration_request *body, int64_t now, terminal_entry *entry,
                     char signer_code[TERMINAL_REGISTER_TEXT_SIZE], refusal *refused) {
    cms_message message = {0};
    vetting v = {r, now, refused};
    result outcome = cms_verify_vetted(buffer_bytes(&body->signature), buffer_bytes(&body->report), vet_report, &v,
                                       &message);
    bool good = outcome == RESULT_OK;
    if (!good && refused->status == 0)
        refuse(refused, 422, "security", "The report's signature does not verify (%s). Enrol again.",
               result_text(outcome));
    if (good)
        certificate_fingerprint_text(message.signers[0], entry->certificate_hash);
    if (good && certificate_subject_attribute(message.signers[0], CERTIFICATE_SERIAL_NUMBER, signer_code,
                                              TERMINAL_REGISTER_TEXT_SIZE) != RESULT_OK)
        good = refuse(refused, 422, "security", "The SE's certificate names no institution.");
    cms_message_free(&message);
    return good;
}

static void answer(const registrar *r, const registrar_applicant *wanted, http_reply *reply, refusal *refused) {
    buffer receipt = BUFFER_INIT(RECEIPT_MAX), signature = BUFFER_INIT(RECEIPT_SIGNATURE_MAX);
    bool known = false;
    if (registrar_register(r, wanted, &receipt, &signature, &known, refused) == RESULT_OK) {
        reply->status = known ? 200 : 201;
        reply->content_type = "application/json";
        buffer_append(&reply->body, buffer_bytes(&receipt));
        buffer_append(&reply->signature, buffer_bytes(&signature));
        log_notice("terminal %s of institution %s %s", wanted->entry.terminal_id, wanted->entry.institution_code,
                   known ? "asks for its receipt again" : "is registered");
    }
    buffer_wipe(&receipt);
    buffer_wipe(&signature);
}

void registrar_reply(const registrar *r, const http_request *request, http_reply *reply) {
    registration_request body;
    registration_report report;
    refusal refused = {0};
    fhir_problem problem = {{0}};
    char signer_code[TERMINAL_REGISTER_TEXT_SIZE] = "";
    int64_t now = clock_wall_s();
    terminal_entry entry = {.registered_at = now};
    result outcome = registration_request_read(request->body, &body, &problem);
    if (outcome == RESULT_OK)
        outcome = registration_report_read(buffer_bytes(&body.report), &report, &problem);
    if (outcome != RESULT_OK) {
        reply_misread(reply, request->body, "value", &problem);
    } else if (identify(r, &body, now, &entry, signer_code, &refused) &&
               check_report(&report, signer_code, request->peer, now, &refused)) {
        COPY_TEXT(entry.institution_code, report.institution_code);
        COPY_TEXT(entry.terminal_id, report.terminal_id);
        COPY_TEXT(entry.se_serial, report.se_serial);
        COPY_TEXT(entry.holder_reference, report.holder_reference);
        COPY_TEXT(entry.tls_key, request->peer->key);
        const registrar_applicant wanted = {entry, request->peer->terminal_id, buffer_bytes(&body.report)};
        answer(r, &wanted, reply, &refused);
    }
    if (refused.status != 0) {
        log_notice("terminal %s of institution %s not registered: %s", request->peer->terminal_id,
                   request->peer->institution_code, refused.reason);
        refusal_reply(&refused, reply);
    }
    registration_request_wipe(&body);
}

/* --- checking what comes ------------------------------------------------------------------------------------------ */

/* An entry without CHR or TLS key comes from an earlier version. */
static bool is_complete(const terminal_entry *known, refusal *refused) {
    return (known->tls_key[0] && known->holder_reference[0]) ||
           refuse(refused, 403, "forbidden",
                  "Terminal %s was registered with a version that did not know TLS keys. Register it once more, and"
                  " send again: uketsuke enroll register",
                  known->terminal_id);
}

static bool check_se(const terminal_entry *known, const registrar_sender *s, refusal *refused) {
    if (strcmp(known->institution_code, s->institution_code) != 0 || strcmp(known->terminal_id, s->terminal_id) != 0)
        return refuse(refused, 422, "security", "The SE is registered for terminal %s, not for %s.", known->terminal_id,
                      s->terminal_id);
    if (strcmp(known->se_serial, s->se_serial) != 0)
        return refuse(refused, 422, "security", "The evidence names SE %s, its signature is that of SE %s.",
                      s->se_serial, known->se_serial);
    return strcmp(known->holder_reference, s->holder_reference) == 0 ||
           refuse(refused, 422, "security", "The evidence names another certificate holder (CHR) than the SE's.");
}

/* A temporary refusal: a terminal with a renewed TLS key registers it and sends again. */
static bool check_connection(const terminal_entry *known, const registrar_sender *s, refusal *refused) {
    return strcmp(known->tls_key, s->tls_key) == 0 ||
           refuse(refused, 403, "forbidden",
                  "This connection's TLS key is not terminal %s's. If its key was renewed, register it, and send again:"
                  " uketsuke enroll register",
                  s->terminal_id);
}

static bool is_revoked(const terminal_entry *known, const registrar_sender *s) {
    return known->revoked_at != 0 && strcmp(known->terminal_id, s->terminal_id) == 0 &&
           (s->certificate_hash[0] || strcmp(known->tls_key, s->tls_key) == 0);
}

static bool validate_sender(const terminal_entry *known, const registrar_sender *s, refusal *refused) {
    return is_complete(known, refused) && (!s->certificate_hash[0] || check_se(known, s, refused)) &&
           check_connection(known, s, refused);
}

bool registrar_permits(const registrar *r, const registrar_sender *s, refusal *refused) {
    terminal_entry known;
    bool by_se = s->certificate_hash[0] != 0;
    result outcome = by_se
                         ? terminal_register_find(r->terminals, s->certificate_hash, s->terminal_id, &known, NULL, NULL)
                         : terminal_register_find_terminal(r->terminals, s->institution_code, s->terminal_id,
                                                           s->tls_key, &known);
    if (outcome == RESULT_NOT_FOUND)
        return !r->registered_only ||
               refuse(refused, 403, "forbidden",
                      "Terminal %s is not registered%s. Register it, and send again: uketsuke enroll register",
                      s->terminal_id, by_se ? " with this SE" : "");
    if (outcome != RESULT_OK)
        return refuse_unread(refused, outcome);
    if (is_revoked(&known, s))
        return refuse(refused, 422, "security",
                      "Terminal %s, its SE or its TLS key was revoked. Call the service's administrator.",
                      s->terminal_id);
    return !r->registered_only || validate_sender(&known, s, refused);
}
