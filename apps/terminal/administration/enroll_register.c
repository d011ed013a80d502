/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Registration at the platform and at the history service: the last step of an enrolment, and `enroll register` when a
 * service was away then. What is sent is the signed report of the self-test; what comes back is a signed receipt, which
 * is kept. */
#include "administration/administration.h"
#include "administration/enroll.h"
#include "delivery/sealed_record.h"
#include "se/local_store.h"
#include "services/service_call.h"

#include "fhir/registration.h"

#include <string.h>

#define BODY_MAX 65536
#define SETTING_REPORT "enrolment-report"

static const struct {
    service service;
    const char *name, *signer, *setting, *label;
} places[] = {
    {SERVICE_PLATFORM, "pf", REMOTE_SIGNER_PLATFORM, "registration-pf", N_("Platform")},
    {SERVICE_HISTORY, "history", REMOTE_SIGNER_HISTORY, "registration-history", N_("History service")},
};
#define PLACE_COUNT (sizeof places / sizeof *places)

result enroll_keep_report(store_access *store, bytes text, bytes signature) {
    buffer body = BUFFER_INIT(BODY_MAX);
    result code = registration_request_write(text, signature, &body);
    if (code == RESULT_OK)
        code = record_set(store, SETTING_REPORT, buffer_bytes(&body));
    buffer_wipe(&body);
    return code;
}

/* The receipt is for this terminal, from this service. */
static bool fits(token *se, const configuration *conf, const registration_receipt *receipt, const char *name) {
    return strcmp(receipt->service, name) == 0 && strcmp(receipt->terminal_id, conf->terminal_id) == 0 &&
           strcmp(receipt->institution_code, conf->institution_code) == 0 &&
           strcmp(receipt->se_serial, token_serial(se)) == 0;
}

static result keep_receipt(store_access *store, size_t place, bytes receipt, bytes signature) {
    buffer kept = BUFFER_INIT(2 * BODY_MAX);
    result code = fhir_dump_and_free(json_pack("{s:o,s:o}", "receipt",
                                               json_stringn((const char *)receipt.data, receipt.length), "signature",
                                               fhir_base64_string(signature)),
                                     &kept);
    if (code == RESULT_OK)
        code = record_set(store, places[place].setting, buffer_bytes(&kept));
    buffer_wipe(&kept);
    return code;
}

/* After a conflict the service's administrator must act. */
static void word_refusal(const terminal *t, const remote_answer *answer, char *message, size_t size) {
    if (answer->status == 409)
        snprintf(
            message, size,
            _("it knows this terminal with another Secure Element or key, or these for another terminal; one of them"
              " may be revoked. Its administrator sets that right first: terminal revoke %s"),
            t->context.configuration.terminal_id);
    else
        snprintf(message, size, "%s", answer->message);
}

static bool send(terminal *t, size_t place, bytes body, char *message, char *detail, size_t size) {
    remote_answer answer = {0};
    registration_receipt receipt;
    fhir_problem problem = {""};
    remote r;
    bool good = service_open(t->services, places[place].service, &r) == OUTCOME_OK;
    if (!good)
        snprintf(message, size, "%s", _("no connection can be prepared"));
    if (good) {
        good = remote_post(&r, "/terminals", "application/json", body, places[place].signer, &answer) == RESULT_OK &&
               (answer.status == 200 || answer.status == 201);
        word_refusal(t, &answer, message, size);
        snprintf(detail, size, "%s", answer.detail);
    }
    if (good && (registration_receipt_read(buffer_bytes(&answer.body), &receipt, &problem) != RESULT_OK ||
                 !fits(t->cards.se, &t->context.configuration, &receipt, places[place].name))) {
        snprintf(message, size, "%s", problem.text[0] != 0 ? problem.text : _("the receipt is for another terminal"));
        good = false;
    }
    if (good &&
        keep_receipt(&t->store, place, buffer_bytes(&answer.body), buffer_bytes(&answer.signature)) != RESULT_OK) {
        snprintf(message, size, "%s", _("the receipt could not be stored"));
        good = false;
    }
    service_end(&r);
    remote_answer_wipe(&answer);
    return good;
}

/* Every service is tried, also after another one has refused. */
static outcome send_to_all(terminal *t, bytes body) {
    outcome done = OUTCOME_OK;
    json_t *list = json_array();
    for (size_t i = 0; i < PLACE_COUNT; i++) {
        char message[HTTP_CLIENT_MESSAGE_MAX] = "", detail[HTTP_CLIENT_MESSAGE_MAX] = "";
        const bool good = send(t, i, body, message, detail, sizeof message);
        report_line(&t->context.report, "%s: %s%s%s", language_text(places[i].label),
                    good ? _("registered") : _("NOT REGISTERED"), good ? "" : ": ", good ? "" : message);
        json_array_append_new(list, json_pack("{s:s,s:b,s:s,s:s}", "service", places[i].name, "registered", good,
                                              "problem", good ? "" : message, "detail", detail));
        if (!good && done == OUTCOME_OK)
            done = report_failure(
                &t->context.report, OUTCOME_SERVICE, "registration",
                _("The terminal is enrolled, but not registered everywhere: %s: %s. Set that right, then: uketsuke"
                  " enroll register"),
                language_text(places[i].label), message);
    }
    report_value(&t->context.report, "registrations", list);
    return done;
}

/* After `se replace` the report is still the old SE's. */
static bool is_of_this_se(token *se, bytes body) {
    registration_request request;
    registration_report said;
    const bool good = registration_request_read(body, &request, NULL) == RESULT_OK &&
                      registration_report_read(buffer_bytes(&request.report), &said, NULL) == RESULT_OK &&
                      strcmp(said.se_serial, token_serial(se)) == 0;
    registration_request_wipe(&request);
    return good;
}

outcome enroll_register(terminal *t) {
    buffer body = BUFFER_INIT(BODY_MAX);
    outcome done = OUTCOME_OK;
    if (record_setting(&t->store, SETTING_REPORT, &body) != RESULT_OK ||
        !is_of_this_se(t->cards.se, buffer_bytes(&body)))
        done = report_failure(
            &t->context.report, OUTCOME_REFUSED, "not-enrolled",
            _("This terminal has passed no self-test with this SE yet. First: uketsuke enroll finish"));
    if (done == OUTCOME_OK)
        done = send_to_all(t, buffer_bytes(&body));
    buffer_wipe(&body);
    return done;
}

outcome enroll_register_command(terminal *t) {
    outcome done = local_store_open(&t->cards, &t->store, &t->context);
    return done == OUTCOME_OK ? enroll_register(t) : done;
}

/* --- status ------------------------------------------------------------------------------------------------------- */

static void read_receipt(store_access *store, size_t place, char registered_at[CLOCK_TEXT_SIZE]) {
    buffer kept = BUFFER_INIT(2 * BODY_MAX);
    registration_receipt receipt = {0};
    registered_at[0] = 0;
    if (record_setting(store, places[place].setting, &kept) == RESULT_OK) {
        json_t *root = fhir_parse(buffer_bytes(&kept), NULL);
        const char *text = json_string_value(json_object_get(root, "receipt"));
        if (text != NULL && registration_receipt_read(bytes_of(text, strlen(text)), &receipt, NULL) == RESULT_OK)
            snprintf(registered_at, CLOCK_TEXT_SIZE, "%s", receipt.registered_at);
        json_decref(root);
    }
    buffer_wipe(&kept);
}

void enroll_show_registration(store_access *store, report *r) {
    char at[CLOCK_TEXT_SIZE];
    static const char *const names[PLACE_COUNT] = {"registeredPlatform", "registeredHistory"};
    static const char *const labels[PLACE_COUNT] = {N_("Registered at the platform"),
                                                    N_("Registered at the history service")};
    for (size_t i = 0; i < PLACE_COUNT; i++) {
        read_receipt(store, i, at);
        report_time(r, names[i], language_text(labels[i]), at);
    }
}
