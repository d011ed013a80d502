#include "commands.h"
#include "reception.h"

#include "base/clock.h"
#include "evidence/evidence.h"
#include "grade.h"

#include <stdio.h>
#include <string.h>
#include <sys/timex.h>

#define PATIENT_LABEL "JPKI (institution)"
#define PATIENT_CERTIFICATE "Institution Authenticated"
#define CERTIFICATE_MOST 8192

/* --- who is there ------------------------------------------------------------------------------------------------------ */

static outcome open_patient(reception *r) {
    terminal *t = r->terminal;
    const char *reader = t->configuration.reader_patient;
    result code = token_open(t->module, reader, PATIENT_LABEL, &r->patient);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    if (code == RESULT_REMOVED)
        return report_failure(&t->report, OUTCOME_CARD, "no-patient-card",
                              _("No card on the patient reader. Ask the patient to put the My Number card on it."));
    if (code == RESULT_NOT_FOUND && token_card_present(t->module, reader) == RESULT_NOT_FOUND)
        return report_failure(&t->report, OUTCOME_CARD, "no-reader",
                              _("The patient reader (%s) is not connected."), reader);
    return report_failure(&t->report, OUTCOME_CARD, "foreign-card",
                          _("This is not a My Number card, or it cannot be read. Take other cards out of its sleeve."));
}

static outcome patient_refused(terminal *t, trust_verdict verdict) {
    report *r = &t->report;
    switch (verdict) {
    case TRUST_EXPIRED:
        return report_failure(r, OUTCOME_REFUSED, "patient-certificate-expired",
                              _("The card's certificate has expired. The patient renews it at the municipal office; today ask for"
                                " the insurance information sheet (資格情報のお知らせ) or a 資格確認書."));
    case TRUST_NOT_YET_VALID:
        return report_failure(r, OUTCOME_REFUSED, "patient-certificate-not-yet-valid",
                              _("The card's certificate is not valid yet. Check the terminal's clock."));
    case TRUST_REVOKED:
        return report_failure(r, OUTCOME_REFUSED, "patient-certificate-revoked",
                              _("The card's certificate has been revoked: the card was reported lost or replaced. Ask for another"
                                " proof of insurance (資格確認書)."));
    case TRUST_UNKNOWN_ISSUER:
        return report_failure(r, OUTCOME_REFUSED, "patient-certificate-foreign",
                              _("The card's certificate was not issued by the JPKI authority: this card is not genuine."));
    default:
        return report_failure(r, OUTCOME_REFUSED, "patient-certificate", _("The card's certificate is not accepted (%s)."),
                              trust_verdict_text(verdict));
    }
}

static outcome read_patient(reception *r) {
    terminal *t = r->terminal;
    buffer der = BUFFER_INIT(CERTIFICATE_MOST);
    trust *authorities = NULL;
    result code = token_certificate(r->patient, PATIENT_CERTIFICATE, &der);
    if (code == RESULT_OK)
        code = certificate_new(buffer_bytes(&der), &r->certificate);
    buffer_wipe(&der);
    if (code != RESULT_OK)
        return terminal_token_failure(t, code, _("Patient card"), r->patient);
    outcome done = terminal_trust(t, "jpki-auth-ca", &authorities);
    if (done != OUTCOME_OK)
        return done;
    trust_verdict verdict = trust_check(authorities, r->certificate, TRUST_CLIENT_AUTHENTICATION, r->now);
    trust_free(&authorities);
    return verdict == TRUST_OK ? OUTCOME_OK : patient_refused(t, verdict);
}

/* --- what is known ------------------------------------------------------------------------------------------------------ */

/* The newest platform answer about this patient, from the local store. */
static void recall(reception *r) {
    static terminal_record rows[512]; /* more than one patient's receptions between two contacts with the platform */
    size_t count = 0;
    const terminal_filter about = {.kind = RECORD_RECEPTION, .subject = r->subject, .newest_first = true};
    if (terminal_store_list(r->terminal->store, &about, rows, sizeof rows / sizeof *rows, &count) != RESULT_OK)
        return;
    for (size_t i = 0; i < count && !r->answer_known; i++) {
        reception_record old;
        result code = record_get_reception(r->terminal, rows[i].id, &old);
        if (code == RESULT_OK && old.answer.length > 0 &&
            eligibility_response_read(buffer_bytes(&old.answer), &r->answer, NULL) == RESULT_OK &&
            clock_parse(r->answer.as_of, &r->answered_at) == RESULT_OK)
            r->answer_known = true;
        reception_record_wipe(&old);
    }
}

static bool clock_is_synchronised(void) {
    struct timex state = {0};
    return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

/* What both ways state alike. */
static result begin_statement(reception *r) {
    statement *s = &r->statement;
    const configuration *c = &r->terminal->configuration;
    *s = (statement){0};
    int64_t contact = record_last_contact(r->terminal);
    snprintf(s->institution_code, sizeof s->institution_code, "%.10s", c->institution_code);
    snprintf(s->terminal_id, sizeof s->terminal_id, "%.64s", c->terminal_id);
    snprintf(s->operator_id, sizeof s->operator_id, "%s", r->operator.id);
    clock_date_in_japan(r->now, s->service_date);
    clock_text(r->now, s->terminal_time);
    s->clock_synchronised = clock_is_synchronised();
    if (contact != 0)
        clock_text(contact, s->last_platform_contact);
    snprintf(s->patient_issuer, sizeof s->patient_issuer, "%s", certificate_issuer(r->certificate));
    snprintf(s->patient_serial, sizeof s->patient_serial, "%s", certificate_serial(r->certificate));
    return uuid_v7(s->evidence_id);
}

/* --- the way ------------------------------------------------------------------------------------------------------------- */

/* Online if the platform answers in time; offline otherwise. The operator is not asked. */
static outcome authenticate(reception *r) {
    terminal *t = r->terminal;
    http_client *client = NULL;
    char message[SERVICE_MESSAGE_SIZE];
    outcome done = service_open(t, SERVICE_PLATFORM, &client);
    if (done != OUTCOME_OK)
        return done;
    result code = service_ping(client, message, sizeof message);
    if (code == RESULT_OK)
        code = reception_online(r, client, &done);
    else if (code != RESULT_TIMEOUT && code != RESULT_UNAVAILABLE)
        done = report_failure(&t->report, OUTCOME_SERVICE, "platform-untrusted", _("The platform cannot be trusted: %s"), message);
    http_client_free(&client);
    if (code != RESULT_TIMEOUT && code != RESULT_UNAVAILABLE)
        return done;
    /* Nothing of an online attempt remains: begin with a fresh statement, card state and evidence. */
    reception_record_wipe(&r->record);
    token_logout(r->patient);
    if (begin_statement(r) != RESULT_OK)
        return OUTCOME_INTERNAL;
    return reception_offline(r);
}

static outcome store(reception *r) {
    terminal *t = r->terminal;
    char head[STATEMENT_HASH_SIZE];
    bool offline = r->record.mode == STATEMENT_OFFLINE;
    memcpy(r->record.evidence_id, r->statement.evidence_id, sizeof r->record.evidence_id);
    r->record.at = r->now;
    result code = evidence_hash(buffer_bytes(&r->record.evidence), head);
    if (code == RESULT_OK)
        code = record_add_reception(t, &r->record, r->subject, offline ? head : NULL);
    if (code == RESULT_OK && !offline)
        code = record_note_contact(t, r->now);
    if (code == RESULT_OK)
        return OUTCOME_OK;
    return report_failure(&t->report, OUTCOME_INTERNAL, "store",
                          code == RESULT_UNAVAILABLE ? _("The disk is full: the reception was not recorded. Free space and begin again.")
                                                     : _("The reception could not be recorded (%s). Begin again."),
                          result_text(code));
}

/* --- the answer at the counter -------------------------------------------------------------------------------------------- */

static void show_coverage(report *rep, const eligibility_coverage *c) {
    char number[3 * FHIR_WORD_SIZE];
    snprintf(number, sizeof number, "%s %s %s", c->symbol, c->number, c->branch);
    report_text(rep, "insurer", _("Insurer"), c->insurer_name);
    report_text(rep, "insurerNumber", _("Insurer number"), c->insurer_number);
    report_text(rep, "insured", _("Symbol, number, branch"), number);
    report_value(rep, "burdenRatio", json_real(c->burden_permille / 1000.0));
    report_line(rep, _("Patient's share: %d %%"), c->burden_permille / 10);
}

static const struct {
    const char *grade, *title, *next;
} answers[] = {
    {"confirmed", N_("CONFIRMED (確定)"), ""},
    {"provisional-a", N_("PROVISIONAL A (暫定A): card genuine, coverage confirmed within 30 days"),
     N_("Treat as insured. The terminal confirms by itself when the platform is back.")},
    {"provisional-b", N_("PROVISIONAL B (暫定B): card genuine, coverage known from an older answer"),
     N_("Ask whether the insurance has changed. The terminal confirms by itself when the platform is back.")},
    {"provisional-c", N_("PROVISIONAL C (暫定C): card genuine, coverage unknown here"),
     N_("Ask for the insurance information sheet (資格情報のお知らせ) or a written statement (被保険者資格申立書).")},
};

static outcome show(reception *r) {
    report *rep = &r->terminal->report;
    const eligibility_coverage *coverage = grade_coverage(r->answer_known ? &r->answer : NULL, r->statement.service_date);
    report_text(rep, "mode", _("Mode"), statement_mode_text(r->record.mode));
    report_text(rep, "evidenceId", _("Evidence"), r->statement.evidence_id);
    if (coverage != NULL)
        show_coverage(rep, coverage);
    if (r->answer_known)
        report_text(rep, "asOf", _("Coverage as of"), r->answer.as_of);
    report_text(rep, "grade", NULL, r->record.grade);
    if (r->record.mode == STATEMENT_ONLINE && coverage == NULL)
        return report_failure(rep, OUTCOME_REFUSED, "not-covered", _("The platform knows no coverage in force: %s"),
                              r->answer.disposition);
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (strcmp(answers[i].grade, r->record.grade) != 0)
            continue;
        report_text(rep, "next", _("Next"), *answers[i].next != 0 ? gettext(answers[i].next) : "");
        report_line(rep, "%s", gettext(answers[i].title));
    }
    return OUTCOME_OK;
}

static outcome run(reception *r) {
    terminal *t = r->terminal;
    outcome done = session_require(t, ROLE_RECEPTION | ROLE_ADMINISTRATOR, &r->operator);
    if (done == OUTCOME_OK)
        done = open_patient(r);
    if (done == OUTCOME_OK)
        done = read_patient(r);
    if (done != OUTCOME_OK)
        return done;
    if (record_subject(t, certificate_issuer(r->certificate), certificate_serial(r->certificate), r->subject) != RESULT_OK ||
        begin_statement(r) != RESULT_OK)
        return report_failure(&t->report, OUTCOME_INTERNAL, "internal", _("The reception could not begin."));
    recall(r);
    done = authenticate(r);
    if (done == OUTCOME_OK)
        done = store(r);
    return done == OUTCOME_OK ? show(r) : done;
}

outcome reception_command(terminal *t) {
    static reception r; /* large: kept off the stack */
    r = (reception){.terminal = t, .now = clock_wall_s(), .record = RECEPTION_RECORD_INIT};
    outcome done = run(&r);
    token_close(&r.patient);
    certificate_free(&r.certificate);
    reception_record_wipe(&r.record);
    return done;
}
