/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "inquiry.h"

#include "base/clock.h"
#include "base/copy_text.h"
#include "base/hex.h"
#include "base/log.h"
#include "evidence/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESOURCE_MAX 65536
#define CLOCK_TOLERANCE_S 300
#define PRE_CHECK_DAYS 31

typedef struct sender {
    char institution_code[STATEMENT_CODE_SIZE], terminal_id[STATEMENT_TEXT_MAX];
    char certificate_hash[STATEMENT_HASH_SIZE], se_serial[STATEMENT_TEXT_MAX];
    char holder_reference[2 * CVC_REFERENCE_LENGTH + 1];
} sender;

typedef struct inquiry {
    platform *platform;
    const http_peer *peer;
    statement_mode mode;
    int64_t now;
    sender permitted; /* the last one that the register permitted in this call: a batch comes from one terminal */
    /* of the item being checked */
    const eligibility_request *request;
    evidence_verdict verdict;
    inquiry_ruling *out;
} inquiry;

static void refuse_unkept(inquiry_ruling *out, result why) {
    refuse(&out->refused, 503, "transient", "The platform cannot keep the answer now (%s). Send again later.",
           result_text(why));
}

/* Same evidence, same answer; other content under the same id is a conflict. */
static void compare_known(const inquiry *q, const platform_answer *known, inquiry_ruling *out) {
    if (strcmp(known->content_hash, out->kept.content_hash) != 0 ||
        strcmp(known->institution_code, q->peer->institution_code) != 0)
        refuse(&out->refused, 409, "conflict",
               "This evidence id is known with other content. Keep both and call the platform.");
    else if (answer_renew(q->platform, &out->resource) != RESULT_OK)
        refuse(&out->refused, 503, "transient", "The platform cannot read this answer now. Send again later.");
    else
        out->known = true;
}

/* Uses the answer that another request has stored meanwhile. False: there is none any more. */
static bool rule_rival(const inquiry *q, inquiry_ruling *out) {
    platform_answer known;
    buffer_clear(&out->resource);
    buffer_clear(&out->form);
    platform_store *store = q->platform->store;
    result outcome = platform_store_find_answer(store, q->request->evidence_id, &known, &out->resource);
    if (outcome == RESULT_OK)
        compare_known(q, &known, out);
    else if (outcome != RESULT_NOT_FOUND)
        refuse(&out->refused, 503, "transient", "The platform cannot read its store now. Send again later.");
    return outcome != RESULT_NOT_FOUND;
}

/* A time that has not come yet. Offline evidence of a fast clock is accepted, with a warning, when by the platform's
 * time it was made before now; otherwise it must be sent again later: a temporary refusal. Online the card is still
 * there. */
static void refuse_early(const inquiry *q, const statement *s, const char *today, inquiry_ruling *out) {
    const int64_t made = evidence_clock_platform_time(s);
    if (q->mode != STATEMENT_OFFLINE)
        refuse(&out->refused, 422, "business-rule", "The evidence comes from the future. Set the terminal's clock.");
    else if (made == 0 || made > q->now + CLOCK_TOLERANCE_S || strcmp(s->service_date, today) > 0)
        refuse(&out->refused, 425, "transient",
               "The evidence's time has not come yet: the terminal's clock was ahead. Send it again later.");
}

/* The request's own members must agree with the signed evidence. */
static bool check_agreement(const inquiry *q, const evidence_verdict *v, inquiry_ruling *out) {
    const statement *s = &v->statement;
    char patient[CRYPT_NAME_MAX + CRYPT_SERIAL_MAX + 1], today[CLOCK_DATE_SIZE];
    int64_t stated = 0;
    snprintf(patient, sizeof patient, "%s#%s", s->patient_issuer, s->patient_serial);
    clock_date_in_japan(q->now + CLOCK_TOLERANCE_S, today);
    if (s->mode != q->mode)
        refuse(&out->refused, 422, "business-rule", "Evidence of mode %s does not belong into this call.",
               statement_mode_text(s->mode));
    else if (strcmp(s->institution_code, q->peer->institution_code) != 0 ||
             strcmp(s->institution_code, q->request->institution_code) != 0)
        refuse(&out->refused, 422, "forbidden", "The evidence belongs to another institution than the sender.");
    else if (strcmp(s->evidence_id, q->request->evidence_id) != 0 || strcmp(patient, q->request->patient_serial) != 0 ||
             strcmp(s->service_date, q->request->service_date) != 0)
        refuse(&out->refused, 422, "value", "Identifier, patient or servicedDate differ from the signed statement.");
    else if (clock_parse(s->terminal_time, &stated) != RESULT_OK || stated > q->now + CLOCK_TOLERANCE_S ||
             strcmp(s->service_date, today) > 0)
        refuse_early(q, s, today, out);
    return out->refused.status == 0;
}

/* The terminal, and offline its SE, are registered and not revoked. */
static bool check_sender(inquiry *q, const evidence_verdict *v, inquiry_ruling *out) {
    const statement *s = &v->statement;
    sender one;
    memset(&one, 0, sizeof one);
    COPY_TEXT(one.institution_code, s->institution_code);
    COPY_TEXT(one.terminal_id, s->terminal_id);
    COPY_TEXT(one.certificate_hash, v->institution_certificate);
    COPY_TEXT(one.se_serial, s->se_serial);
    hex_encode(BYTES(s->holder_reference), one.holder_reference, sizeof one.holder_reference);
    if (memcmp(&one, &q->permitted, sizeof one) == 0)
        return true;
    const registrar_sender asked = {one.institution_code, one.terminal_id,      one.certificate_hash,
                                    one.se_serial,        one.holder_reference, q->peer->key};
    if (!registrar_permits(&q->platform->registrar, &asked, &out->refused))
        return false;
    q->permitted = one;
    return true;
}

/* Before any signature is verified: identifies the sender and checks its permission. */
static bool is_wanted(void *context, const evidence_verdict *so_far) {
    inquiry *q = context;
    return check_agreement(q, so_far, q->out) && check_sender(q, so_far, q->out);
}

static bool check_evidence(inquiry *q, inquiry_ruling *out) {
    const evidence_policy policy = {.patient_authorities = q->platform->patients,
                                    .institution_authorities = q->platform->institutions,
                                    .platform = &q->platform->institution_cvc,
                                    .patient_grace_s = q->platform->expired_card_s,
                                    .wanted = is_wanted,
                                    .context = q};
    q->out = out;
    const result outcome = evidence_verify(buffer_bytes(&q->request->evidence), &policy, &q->verdict);
    if (outcome != RESULT_OK && q->verdict.passing)
        refuse(&out->refused, 503, "transient", "The platform cannot check certificates now: %s. Send again later.",
               q->verdict.detail);
    else if (outcome != RESULT_OK && q->verdict.reason != EVIDENCE_UNWANTED)
        refuse(&out->refused, 422, "security", "%s%s%s", evidence_reason_text(q->verdict.reason),
               q->verdict.detail ? " " : "", q->verdict.detail ? q->verdict.detail : "");
    return outcome == RESULT_OK;
}

void inquiry_ruling_wipe(inquiry_ruling *ruling) {
    buffer_wipe(&ruling->resource);
    buffer_wipe(&ruling->form);
}

/* The session was given for this card, this terminal and this challenge, less than a minute ago. It serves once, because
 * its challenge does (refuse_conflicts). */
static bool check_evidence_session(const inquiry *q, inquiry_ruling *out) {
    const statement *s = &q->verdict.statement;
    char challenge[33], nonce[65];
    hex_encode(BYTES(s->challenge), challenge, sizeof challenge);
    hex_encode(BYTES(s->nonce), nonce, sizeof nonce);
    const check_session due = {s->institution_code, s->terminal_id, s->card_id, challenge, nonce};
    const result outcome = check_session_verify(q->platform->session_key, &due, s->session, q->now);
    if (outcome == RESULT_EXPIRED)
        refuse(&out->refused, 422, "expired", "The session lasted 60 seconds and is over. Begin again with the card.");
    else if (outcome != RESULT_OK)
        refuse(&out->refused, 422, "security",
               "The session was not given for this institution, card, terminal and challenge. Begin again.");
    return outcome == RESULT_OK;
}

/* Why the evidence's time is doubtful, or NULL. Online the platform compares it with its own time. */
static const char *doubt_clock(const inquiry *q) {
    evidence_clock clock = q->verdict.clock;
    int64_t stated = q->now;
    clock_parse(q->verdict.statement.terminal_time, &stated);
    if (q->mode == STATEMENT_ONLINE && llabs(q->now - stated) > EVIDENCE_CLOCK_OFF_S)
        clock = EVIDENCE_CLOCK_OFF;
    if (!evidence_clock_is_implausible(clock))
        return NULL;
    log_warning("evidence %s of institution %s, terminal %s: %s", q->request->evidence_id, q->peer->institution_code,
                q->verdict.statement.terminal_id, evidence_clock_name(clock));
    return evidence_clock_name(clock);
}

void inquiry_mark(const evidence_verdict *v, platform_marks *out) {
    const statement *s = &v->statement;
    hex_encode(BYTES(s->challenge), out->challenge, sizeof out->challenge);
    COPY_TEXT(out->se, v->institution_certificate);
    out->se_counter = s->se_counter;
    out->synchronised = s->clock_synchronised;
    clock_parse(s->terminal_time, &out->stated_at);
    if (s->clock.beacon[0] && !s->clock.restarted && clock_parse(s->clock.beacon, &out->clock_at) == RESULT_OK)
        out->clock_at += s->clock.age;
}

/* Prepares the answer to good evidence; answer_all adds the patient's data. */
static void take(const inquiry *q, inquiry_ruling *out) {
    const statement *s = &q->verdict.statement;
    platform_answer *kept = &out->kept;
    COPY_TEXT(kept->patient.issuer, s->patient_issuer);
    COPY_TEXT(kept->patient.serial, s->patient_serial);
    COPY_TEXT(kept->terminal_id, s->terminal_id);
    COPY_TEXT(kept->mode, statement_mode_text(s->mode));
    inquiry_mark(&q->verdict, &out->marks);
    out->clock_warning = doubt_clock(q);
    out->to_answer = true;
}

/* Fills in what can be read; kept.content_hash identifies the content. */
static void prepare(const inquiry *q, const inquiry_item *item, inquiry_ruling *out) {
    *out = (inquiry_ruling){
        .resource = BUFFER_INIT(RESOURCE_MAX), .form = BUFFER_INIT(RESOURCE_MAX), .kept.at = q->now};
    COPY_TEXT(out->kept.institution_code, q->peer->institution_code);
    if (item->problem.text[0]) {
        refuse(&out->refused, 422, "value",
               "This is no complete CoverageEligibilityRequest: %s. See docs/interfaces/http.md.", item->problem.text);
        return;
    }
    COPY_TEXT(out->kept.evidence_id, item->request.evidence_id);
    result hashed = evidence_hash(buffer_bytes(&item->request.evidence), out->kept.content_hash);
    if (hashed != RESULT_OK)
        refuse_unkept(out, hashed);
}

static void validate(inquiry *q, const inquiry_item *item, inquiry_ruling *out) {
    q->request = &item->request;
    if (out->refused.status == 0 && !out->known && check_evidence(q, out) &&
        (q->mode == STATEMENT_OFFLINE || check_evidence_session(q, out)))
        take(q, out);
}

/* Finds all known ones by one query. False: the store does not answer. */
static bool find_known(const inquiry *q, const inquiry_item *items, size_t count, inquiry_ruling *rulings) {
    platform_found list[INQUIRY_ITEMS_MAX];
    size_t index[INQUIRY_ITEMS_MAX], asked = 0;
    for (size_t i = 0; i < count; i++) {
        if (rulings[i].refused.status != 0)
            continue;
        index[asked] = i;
        list[asked++] = (platform_found){.evidence_id = items[i].request.evidence_id, .body = &rulings[i].resource};
    }
    const result outcome = platform_store_find_answers(q->platform->store, list, asked);
    for (size_t i = 0; outcome == RESULT_OK && i < asked; i++)
        if (list[i].found)
            compare_known(q, &list[i].answer, &rulings[index[i]]);
    if (outcome != RESULT_OK)
        refuse(&rulings[0].refused, 503, "transient", "The platform cannot read its store now. Send again later.");
    return outcome == RESULT_OK;
}

static void answer_one(const inquiry *q, const inquiry_item *item, const platform_lookup *patient,
                       inquiry_ruling *out) {
    eligibility_validity validity = ELIGIBILITY_NONE;
    const answer_subject subject = {item->request.evidence_id, item->request.service_date, &out->kept.patient,
                                    out->clock_warning};
    const result outcome = answer_append(q->platform, &subject, patient->found ? &patient->person : NULL, q->now,
                                         &validity, &out->resource, &out->form);
    out->kept.validity[0] = (char)('0' + validity);
    if (outcome != RESULT_OK)
        refuse_unkept(out, outcome);
}

/* Finds the patients of all good evidence by one query. False: the store does not answer. */
static bool answer_all(const inquiry *q, const inquiry_item *items, size_t count, inquiry_ruling *rulings) {
    size_t index[INQUIRY_ITEMS_MAX], asked = 0;
    platform_lookup *list = calloc(count, sizeof *list);
    for (size_t i = 0; list && i < count; i++)
        if (rulings[i].to_answer && rulings[i].refused.status == 0) {
            index[asked] = i;
            list[asked++].certificate = rulings[i].kept.patient;
        }
    const result outcome = list ? platform_store_find_people(q->platform->store, list, asked) : RESULT_NO_MEMORY;
    for (size_t i = 0; outcome == RESULT_OK && i < asked; i++)
        answer_one(q, &items[index[i]], &list[i], &rulings[index[i]]);
    if (outcome != RESULT_OK)
        refuse_unkept(&rulings[0], outcome);
    free(list);
    return outcome == RESULT_OK;
}

/* A store that fails for one item is not asked for the next: waiting adds up, and all are refused anyway. */
static bool store_answered(const inquiry_ruling *rulings, size_t checked) {
    return checked == 0 || rulings[checked - 1].refused.status != 503;
}

/* The client has gone: handled like a failing store. True: the rest is not begun. */
static bool leave(const http_peer *peer, inquiry_ruling *out, size_t left, size_t count) {
    if (!http_peer_is_gone(peer))
        return false;
    refuse(&out->refused, 503, "transient", "The sender has gone. Send again.");
    log_notice("institution %s is gone: %zu of %zu are left", peer->institution_code, left, count);
    return true;
}

/* A request without evidence: about a patient whom this institution authenticated before. Any day from today on,
 * because it prepares a visit. */
static void check_known(platform *p, const http_peer *peer, const inquiry_item *item, int64_t now,
                        inquiry_ruling *out) {
    const eligibility_request *r = &item->request;
    char patient[PLATFORM_TEXT_SIZE + PLATFORM_WORD_SIZE], today[CLOCK_DATE_SIZE], last[CLOCK_DATE_SIZE];
    eligibility_validity ignored;
    *out = (inquiry_ruling){.resource = BUFFER_INIT(RESOURCE_MAX), .form = BUFFER_INIT(RESOURCE_MAX)};
    clock_date_in_japan(now, today);
    clock_date_in_japan(now + PRE_CHECK_DAYS * 86400, last);
    if (item->problem.text[0]) {
        refuse(&out->refused, 422, "value", "This is no complete pre-check: %s. See docs/interfaces/http.md.",
               item->problem.text);
        return;
    }
    result outcome = platform_store_find_answer(p->store, r->evidence_id, &out->kept, &out->resource);
    buffer_clear(&out->resource);
    snprintf(patient, sizeof patient, "%s#%s", out->kept.patient.issuer, out->kept.patient.serial);
    if (outcome == RESULT_NOT_FOUND ||
        (outcome == RESULT_OK && (strcmp(patient, r->patient_serial) != 0 ||
                                  strcmp(out->kept.institution_code, peer->institution_code) != 0))) {
        refuse(&out->refused, 404, "not-found",
               "No reception of this patient at this institution. Check with the card.");
    } else if (outcome == RESULT_OK && (strcmp(r->service_date, today) < 0 || strcmp(r->service_date, last) > 0)) {
        refuse(&out->refused, 422, "business-rule", "A pre-check is for today and the %d days that follow.",
               PRE_CHECK_DAYS);
    } else if (outcome == RESULT_OK) {
        const answer_subject subject = {r->evidence_id, r->service_date, &out->kept.patient, NULL};
        platform_person person;
        outcome = platform_store_find_person(p->store, &out->kept.patient, &person);
        const bool found = outcome == RESULT_OK;
        if (found || outcome == RESULT_NOT_FOUND)
            outcome = answer_append(p, &subject, found ? &person : NULL, now, &ignored, &out->resource, &out->form);
        out->known = true;
    }
    if (outcome != RESULT_OK && outcome != RESULT_NOT_FOUND)
        refuse_unkept(out, outcome);
}

void inquiry_pre_check(platform *p, const http_peer *peer, const inquiry_item *items, size_t count,
                       inquiry_ruling *rulings) {
    int64_t now = clock_wall_s();
    for (size_t i = 0; i < count && store_answered(rulings, i); i++)
        if (!leave(peer, &rulings[i], count - i, count))
            check_known(p, peer, &items[i], now, &rulings[i]);
    log_notice("institution %s pre-checked %zu patients", peer->institution_code, count);
}

/* New answers and refusals; what was known already is kept already. */
static size_t collect(const inquiry_item *items, inquiry_ruling *rulings, size_t count, platform_ruling *list,
                      size_t *index) {
    size_t collected = 0;
    for (size_t i = 0; i < count; i++) {
        const int status = rulings[i].refused.status;
        const bool refused = status == 403 || status == 409 || status == 422;
        if (!refused && (status != 0 || rulings[i].known))
            continue;
        if (refused)
            log_notice("evidence %s of institution %s refused: %s", rulings[i].kept.evidence_id,
                       rulings[i].kept.institution_code, rulings[i].refused.reason);
        index[collected] = i;
        list[collected++] = (platform_ruling){.answer = rulings[i].kept,
                                              .marks = rulings[i].marks,
                                              .evidence = buffer_bytes(&items[i].request.evidence),
                                              .body = buffer_bytes(&rulings[i].resource),
                                              .refusal = refused ? rulings[i].refused.reason : NULL};
    }
    return collected;
}

/* By platform_conflict. */
static const char *const conflicts[] = {
    [PLATFORM_CONFLICT_CHALLENGE] = "The card's challenge is in other evidence of this patient. A challenge serves for"
                                    " one piece of evidence. Begin again with the card.",
    [PLATFORM_CONFLICT_COUNTER] =
        "The SE's counter is in other evidence of this SE. Another device has its key, or the evidence was "
        "made twice. Call the platform.",
    [PLATFORM_CONFLICT_ORDER] = "The SE's counter and the evidence's time contradict other evidence of this SE: the"
                                " later one has the lower counter. Call the platform.",
};

/* Refuses evidence whose marks another piece has; the refusal is stored like every other. */
static void refuse_conflicts(platform *p, statement_mode mode, platform_ruling *list, const size_t *index, size_t count,
                             inquiry_ruling *rulings) {
    platform_ruling refused[INQUIRY_ITEMS_MAX];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        inquiry_ruling *one = &rulings[index[i]];
        if (list[i].conflict == PLATFORM_CONFLICT_NONE || list[i].refusal)
            continue;
        if (mode == STATEMENT_ONLINE)
            refuse(&one->refused, 422, "expired", "The session was used. Begin again with the card.");
        else
            refuse(&one->refused, 422, "duplicate", "%s", conflicts[list[i].conflict]);
        log_warning("evidence %s of institution %s refused: %s", one->kept.evidence_id, one->kept.institution_code,
                    one->refused.reason);
        refused[found++] = (platform_ruling){.answer = one->kept, .refusal = one->refused.reason};
    }
    const result outcome = found > 0 ? platform_store_keep(p->store, refused, found) : RESULT_OK;
    for (size_t i = 0; outcome != RESULT_OK && i < count; i++)
        if (list[i].conflict != PLATFORM_CONFLICT_NONE)
            refuse_unkept(&rulings[index[i]], outcome);
}

static void keep(const inquiry *asked, const inquiry_item *items, inquiry_ruling *rulings, size_t count) {
    platform *p = asked->platform;
    platform_ruling list[INQUIRY_ITEMS_MAX];
    size_t index[INQUIRY_ITEMS_MAX], collected = collect(items, rulings, count, list, index);
    result outcome = collected ? platform_store_keep(p->store, list, collected) : RESULT_OK;
    for (size_t i = 0; i < collected; i++) {
        inquiry_ruling *one = &rulings[index[i]];
        const inquiry q = {.platform = p, .peer = asked->peer, .request = &items[index[i]].request};
        if (outcome != RESULT_OK)
            refuse_unkept(one, outcome);
        /* another request was faster, and its row is deleted now */
        else if (one->refused.status == 0 && list[i].known && !rule_rival(&q, one))
            refuse_unkept(one, RESULT_NOT_FOUND);
    }
    if (outcome == RESULT_OK)
        refuse_conflicts(p, asked->mode, list, index, collected, rulings);
}

/* Answers "known" only for data that survives the failure of one machine. One COMMIT confirms all before it. */
static void confirm_known(platform *p, inquiry_ruling *rulings, size_t count) {
    size_t first = 0;
    while (first < count && !(rulings[first].known && rulings[first].refused.status == 0))
        first++;
    result outcome = first < count ? platform_store_confirm(p->store, rulings[first].kept.evidence_id) : RESULT_OK;
    for (size_t i = first; outcome != RESULT_OK && i < count; i++)
        if (rulings[i].known && rulings[i].refused.status == 0)
            refuse_unkept(&rulings[i], outcome);
}

void inquiry_rule(platform *p, const http_peer *peer, const inquiry_item *items, size_t count, statement_mode mode,
                  inquiry_ruling *rulings) {
    inquiry q = {.platform = p, .peer = peer, .mode = mode, .now = clock_wall_s()};
    size_t checked = 0;
    for (size_t i = 0; i < count; i++)
        prepare(&q, &items[i], &rulings[i]);
    bool good = find_known(&q, items, count, rulings);
    while (good && checked < count && store_answered(rulings, checked)) {
        if (!leave(peer, &rulings[checked], count - checked, count))
            validate(&q, &items[checked], &rulings[checked]);
        checked++;
    }
    good = good && store_answered(rulings, checked) && answer_all(&q, items, count, rulings);
    if (good)
        keep(&q, items, rulings, count);
    if (good)
        confirm_known(p, rulings, count);
    for (size_t i = 0; i < count; i++)
        if (rulings[i].refused.status != 0)
            buffer_clear(&rulings[i].resource);
}
