#include "service/registrar.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/uuid.h"
#include "fhir/registration.h"
#include "service/reply.h"

#include <stdio.h>
#include <string.h>

#define RECEIPT_MOST 4096
#define RECEIPT_SIGNATURE_MOST (2 * SERVICE_SIGNATURE_MOST)
#define COPY(field, text) snprintf(field, sizeof field, "%s", text)

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

void registrar_certificate_hash(const certificate *c, char hash[TERMINAL_REGISTER_TEXT_SIZE]) {
    hex_encode(bytes_of(certificate_fingerprint(c), CRYPT_SHA256_LENGTH), hash, TERMINAL_REGISTER_TEXT_SIZE);
}

/* --- registering -------------------------------------------------------------------------------------------------- */

static result make_receipt(const registrar *r, const terminal_entry *e, buffer *receipt, buffer *signature) {
    registration_receipt facts = {0};
    COPY(facts.service, r->terminals->service);
    COPY(facts.institution_code, e->institution_code);
    COPY(facts.terminal_id, e->terminal_id);
    COPY(facts.se_serial, e->se_serial);
    COPY(facts.certificate_hash, e->certificate_hash);
    clock_text(e->registered_at, facts.registered_at);
    result outcome = uuid_v7(facts.receipt_id);
    if (outcome == RESULT_OK)
        outcome = registration_receipt_write(&facts, receipt);
    return outcome == RESULT_OK ? service_sign(r->signer, buffer_bytes(receipt), e->registered_at, signature) : outcome;
}

/* The SE is known: the same receipt for the same terminal, else a conflict. */
static bool judge_known(const terminal_entry *known, const terminal_entry *wanted, refusal *refused) {
    if (strcmp(known->institution_code, wanted->institution_code) != 0 ||
        strcmp(known->terminal_id, wanted->terminal_id) != 0)
        return refuse(refused, 409, "conflict", "This SE is registered for terminal %s. Enrol another SE for %s.",
                      known->terminal_id, wanted->terminal_id);
    if (known->revoked_at != 0)
        return refuse(
            refused, 409, "conflict",
            "This SE was revoked. Enrol another one; if it was revoked by mistake, the service's administrator "
            "restores it: terminal restore %s",
            known->terminal_id);
    return true;
}

result registrar_register(const registrar *r, const terminal_entry *entry, bytes report, buffer *receipt,
                          buffer *signature, bool *known, refusal *refused) {
    terminal_entry found;
    result outcome = terminal_register_find(r->terminals, entry->certificate_hash, &found, receipt, signature);
    *known = outcome == RESULT_OK;
    if (*known && !judge_known(&found, entry, refused))
        return RESULT_REFUSED;
    if (*known)
        outcome = terminal_register_confirm(r->terminals, entry->certificate_hash);
    if (*known && outcome != RESULT_OK) {
        refuse_unread(refused, outcome);
        return RESULT_REFUSED;
    }
    if (*known)
        return RESULT_OK;
    if (outcome == RESULT_NOT_FOUND)
        outcome = make_receipt(r, entry, receipt, signature);
    if (outcome == RESULT_OK)
        outcome = terminal_register_add(r->terminals, entry, report, buffer_bytes(receipt), buffer_bytes(signature));
    if (outcome == RESULT_OK)
        return RESULT_OK;
    if (outcome == RESULT_EXISTS)
        refuse(refused, 409, "conflict",
               "Terminal %s is registered with another SE. If that one is out of service, the service's administrator "
               "first says so: terminal revoke %s",
               entry->terminal_id, entry->terminal_id);
    else
        refuse_unread(refused, outcome);
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

/* Whose certificate it is, before its key is used. */
static result vet_report(void *context, const cms_message *message) {
    const vetting *v = context;
    if (message->count != 1) {
        refuse(v->refused, 422, "security", "The report's signature does not verify (not one signer). Enrol again.");
        return RESULT_REFUSED;
    }
    const trust_verdict verdict =
        trust_check(v->registrar->institutions, message->signers[0], TRUST_COMMITMENT, v->now);
    const bool passing = trust_verdict_is_passing(verdict);
    if (verdict == TRUST_OK)
        return RESULT_OK;
    refuse(v->refused, passing ? 503 : 422, passing ? "transient" : "security",
           "The SE's certificate is not accepted: %s.", trust_verdict_text(verdict));
    return RESULT_REFUSED;
}

/* The SE signed the report: which one, and of whom. */
static bool identify(const registrar *r, const registration_request *body, int64_t now, terminal_entry *entry,
                     char signer_code[TERMINAL_REGISTER_TEXT_SIZE], refusal *refused) {
    cms_message message = {0};
    vetting v = {r, now, refused};
    result outcome =
        cms_verify_vetted(buffer_bytes(&body->signature), buffer_bytes(&body->report), vet_report, &v, &message);
    bool good = outcome == RESULT_OK;
    if (!good && refused->status == 0)
        refuse(refused, 422, "security", "The report's signature does not verify (%s). Enrol again.",
               result_text(outcome));
    if (good)
        registrar_certificate_hash(message.signers[0], entry->certificate_hash);
    if (good && certificate_subject_attribute(message.signers[0], CERTIFICATE_SERIAL_NUMBER, signer_code,
                                              TERMINAL_REGISTER_TEXT_SIZE) != RESULT_OK)
        good = refuse(refused, 422, "security", "The SE's certificate names no institution.");
    cms_message_free(&message);
    return good;
}

static void answer(const registrar *r, const registration_request *body, const terminal_entry *entry, http_reply *reply,
                   refusal *refused) {
    buffer receipt = BUFFER_INIT(RECEIPT_MOST), signature = BUFFER_INIT(RECEIPT_SIGNATURE_MOST);
    bool known = false;
    if (registrar_register(r, entry, buffer_bytes(&body->report), &receipt, &signature, &known, refused) == RESULT_OK) {
        reply->status = known ? 200 : 201;
        reply->content_type = "application/json";
        buffer_append(&reply->body, buffer_bytes(&receipt));
        buffer_append(&reply->signature, buffer_bytes(&signature));
        log_notice("terminal %s of institution %s %s", entry->terminal_id, entry->institution_code,
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
        COPY(entry.institution_code, report.institution_code);
        COPY(entry.terminal_id, report.terminal_id);
        COPY(entry.se_serial, report.se_serial);
        COPY(entry.holder_reference, report.holder_reference);
        answer(r, &body, &entry, reply, &refused);
    }
    if (refused.status != 0) {
        log_notice("terminal %s of institution %s not registered: %s", request->peer->terminal_id,
                   request->peer->institution_code, refused.reason);
        refusal_reply(&refused, reply);
    }
    registration_request_wipe(&body);
}

/* --- judging what comes ------------------------------------------------------------------------------------------- */

bool registrar_permits(const registrar *r, const registrar_sender *s, refusal *refused) {
    terminal_entry known;
    if (!r->registered_only)
        return true;
    bool by_se = s->certificate_hash[0] != 0;
    result outcome = by_se ? terminal_register_find(r->terminals, s->certificate_hash, &known, NULL, NULL)
                           : terminal_register_find_terminal(r->terminals, s->institution_code, s->terminal_id, &known);
    if (outcome == RESULT_NOT_FOUND)
        return refuse(refused, 403, "forbidden",
                      "Terminal %s is not registered%s. Register it, and send again: uketsuke enroll register",
                      s->terminal_id, by_se ? " with this SE" : "");
    if (outcome != RESULT_OK)
        return refuse_unread(refused, outcome);
    if (known.revoked_at != 0)
        return refuse(refused, 422, "security", "Terminal %s or its SE was revoked. Call the service's administrator.",
                      s->terminal_id);
    if (strcmp(known.institution_code, s->institution_code) != 0 || strcmp(known.terminal_id, s->terminal_id) != 0)
        return refuse(refused, 422, "security", "The SE is registered for terminal %s, not for %s.", known.terminal_id,
                      s->terminal_id);
    if (by_se && strcmp(known.se_serial, s->se_serial) != 0)
        return refuse(refused, 422, "security", "The evidence names SE %s, its signature is that of SE %s.",
                      s->se_serial, known.se_serial);
    return true;
}
