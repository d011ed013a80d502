/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "registration.h"

#include "visit_record.h"

#include "base/clock.h"
#include "base/copy_text.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/uuid.h"
#include "crypt/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECEIPT_MAX 4096
#define SIGNATURE_MAX (2 * SERVICE_SIGNATURE_MAX)
#define ROUNDS_MAX 8 /* each instance of the service may lose the race for a visit once */

_Static_assert(VISIT_BATCH_MAX <= HISTORY_FOUND_MAX, "the visits of a batch are looked up at once");

/* One record on its way. */
typedef struct registration {
    bytes text;
    record record;
    history_submission submission;
    registration_answer *answer;
    bool verified, told; /* told: its submission has its final state */
} registration;

typedef struct registrations {
    history *service;
    const http_peer *peer;
    registration *list;
    size_t count;
    int64_t now;
} registrations;

static void set_state(registration *r, const char *state, const char *reason) {
    COPY_TEXT(r->submission.state, state);
    COPY_TEXT(r->submission.reason, reason);
    r->submission.changed_at = clock_wall_s();
}

static bool is_open(const registration *r) {
    return r->answer->status == 0;
}

static void reject(registration *r, const refusal *why) {
    r->answer->refused = *why;
    r->answer->status = why->status;
    set_state(r, "rejected", why->reason);
    log_notice("submission %s of institution %s rejected: %s", r->submission.id, r->submission.institution_code,
               why->reason);
}

/* --- received --------------------------------------------------------------------------------------------------------- */

static result receive(const registrations *all, registration *r) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    r->submission.received_at = all->now;
    COPY_TEXT(r->submission.institution_code, all->peer->institution_code);
    COPY_TEXT(r->submission.terminal_id, all->peer->terminal_id);
    set_state(r, "received", "");
    const result outcome = crypt_sha256(r->text, digest);
    hex_encode(BYTES(digest), r->answer->content_hash, sizeof r->answer->content_hash);
    return outcome == RESULT_OK ? uuid_v7(r->submission.id) : outcome;
}

/* Collects the submissions of the chosen records, in the order of the batch; returns their number. */
static size_t choose(const registrations *all, bool (*chosen)(const registration *r),
                     const history_submission *list[VISIT_BATCH_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++)
        if (chosen(&all->list[i]))
            list[count++] = &all->list[i].submission;
    return count;
}

static result begin(const registrations *all) {
    const history_submission *list[VISIT_BATCH_MAX];
    result outcome = RESULT_OK;
    for (size_t i = 0; outcome == RESULT_OK && i < all->count; i++)
        outcome = receive(all, &all->list[i]);
    return outcome == RESULT_OK ? history_store_put_submissions(all->service->store, list, choose(all, is_open, list))
                                : outcome;
}

static void read_one(const registrations *all, registration *r) {
    const visit_encounter *e = &r->record.visit.encounter;
    const bool whole = record_read(all->peer, r->text, &r->record);
    COPY_TEXT(r->submission.visit_id, e->visit_id);
    COPY_TEXT(r->submission.link_id, e->link_id);
    COPY_TEXT(r->submission.operator_id, e->operator_id);
    if (!whole)
        reject(r, &r->record.refused);
}

/* --- known ------------------------------------------------------------------------------------------------------------ */

/* Clears the receipt of an earlier round. */
static void clear_receipt(registration_answer *answer) {
    buffer_clear(&answer->receipt);
    buffer_clear(&answer->signature);
}

/* The same receipt for the same content, else a conflict. */
static result answer_known(registration *r, const history_found *known) {
    refusal why;
    if (strcmp(known->visit.content_hash, r->answer->content_hash) != 0 ||
        strcmp(known->visit.institution_code, r->submission.institution_code) != 0) {
        refuse(&why, 409, "conflict",
               "This visit id is registered with other content. Make a new visit id for a new visit.");
        reject(r, &why);
        return RESULT_OK;
    }
    r->answer->status = 200;
    set_state(r, "duplicate", "");
    clear_receipt(r->answer); /* its own, when another sender was faster */
    const result outcome = buffer_append(&r->answer->receipt, buffer_bytes(&known->receipt));
    return outcome == RESULT_OK ? buffer_append(&r->answer->signature, buffer_bytes(&known->signature)) : outcome;
}

static result find_known(const registrations *all) {
    history_found *found = calloc(VISIT_BATCH_MAX, sizeof *found);
    registration *open[VISIT_BATCH_MAX];
    size_t count = 0;
    if (!found)
        return RESULT_NO_MEMORY;
    for (size_t i = 0; i < all->count; i++)
        if (is_open(&all->list[i])) {
            open[count] = &all->list[i];
            found[count++] = (history_found){.visit_id = all->list[i].record.visit.encounter.visit_id,
                                             .receipt = BUFFER_INIT(RECEIPT_MAX),
                                             .signature = BUFFER_INIT(SIGNATURE_MAX)};
        }
    result outcome = history_store_find_visits(all->service->store, found, count);
    for (size_t i = 0; outcome == RESULT_OK && i < count; i++)
        if (found[i].found)
            outcome = answer_known(open[i], &found[i]);
    for (size_t i = 0; i < count; i++) {
        buffer_wipe(&found[i].receipt);
        buffer_wipe(&found[i].signature);
    }
    free(found);
    return outcome;
}

/* --- verified --------------------------------------------------------------------------------------------------------- */

/* The client has gone: the rest is left. */
static bool is_left(const registrations *all, registration *r) {
    refusal why;
    if (all->count == 1 || !http_peer_is_gone(all->peer))
        return false;
    refuse(&why, 503, "transient", "The sender has gone. Send again.");
    reject(r, &why);
    return true;
}

static void verify(const registrations *all) {
    for (size_t i = 0; i < all->count; i++) {
        registration *r = &all->list[i];
        if (!is_open(r) || r->verified || is_left(all, r))
            continue;
        r->verified = record_verify(all->service, all->now, &r->record);
        if (r->verified)
            set_state(r, "verified", "");
        else
            reject(r, &r->record.refused);
    }
}

static bool is_verified(const registration *r) {
    return is_open(r) && r->verified;
}

/* Stores the states of the chosen records. */
static result keep_states(const registrations *all, bool (*chosen)(const registration *r)) {
    const history_submission *list[VISIT_BATCH_MAX];
    const size_t count = choose(all, chosen, list);
    return count > 0 ? history_store_set_submissions(all->service->store, list, count) : RESULT_OK;
}

/* --- registered ------------------------------------------------------------------------------------------------------- */

static result make_receipt(const registrations *all, registration *r) {
    visit_receipt facts = {0};
    COPY_TEXT(facts.visit_id, r->record.visit.encounter.visit_id);
    COPY_TEXT(facts.link_id, r->record.visit.encounter.link_id);
    COPY_TEXT(facts.content_hash, r->answer->content_hash);
    clock_text(all->now, facts.registered_at);
    clear_receipt(r->answer);
    result outcome = uuid_v7(facts.receipt_id);
    if (outcome == RESULT_OK)
        outcome = visit_receipt_write(&facts, &r->answer->receipt);
    return outcome == RESULT_OK ? service_sign(&all->service->receipts, buffer_bytes(&r->answer->receipt), all->now,
                                               &r->answer->signature)
                                : outcome;
}

static void fill_entry(const registrations *all, const registration *r, history_entry *entry) {
    const visit_encounter *e = &r->record.visit.encounter;
    *entry = (history_entry){.visit.registered_at = all->now,
                             .bundle = r->text,
                             .receipt = buffer_bytes(&r->answer->receipt),
                             .signature = buffer_bytes(&r->answer->signature),
                             .submission = &r->submission};
    COPY_TEXT(entry->visit.visit_id, e->visit_id);
    COPY_TEXT(entry->visit.link_id, e->link_id);
    COPY_TEXT(entry->visit.evidence_id, e->evidence_id);
    COPY_TEXT(entry->visit.institution_code, e->institution_code);
    COPY_TEXT(entry->visit.operator_id, e->operator_id);
    COPY_TEXT(entry->visit.content_hash, r->answer->content_hash);
}

/* Whether an earlier record of the batch, which is kept now, is of the same visit: then this one is known afterwards. */
static bool is_second(registration *const kept[], size_t count, const registration *r) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(kept[i]->record.visit.encounter.visit_id, r->record.visit.encounter.visit_id) == 0)
            return true;
    return false;
}

/* RESULT_EXISTS: the same was sent concurrently. */
static result keep(const registrations *all) {
    history_entry *entries = calloc(VISIT_BATCH_MAX, sizeof *entries);
    registration *kept[VISIT_BATCH_MAX];
    size_t count = 0;
    result outcome = entries ? RESULT_OK : RESULT_NO_MEMORY;
    for (size_t i = 0; outcome == RESULT_OK && i < all->count; i++) {
        registration *r = &all->list[i];
        if (!is_verified(r) || is_second(kept, count, r))
            continue;
        outcome = make_receipt(all, r);
        set_state(r, "registered", "");
        fill_entry(all, r, &entries[count]);
        kept[count++] = r;
    }
    if (outcome == RESULT_OK && count > 0)
        outcome = history_store_put_visits(all->service->store, entries, count);
    for (size_t i = 0; i < count; i++) {
        if (outcome == RESULT_OK)
            kept[i]->answer->status = 201;
        kept[i]->told = outcome == RESULT_OK;
    }
    free(entries);
    return outcome;
}

static bool are_open(const registrations *all) {
    bool open = false;
    for (size_t i = 0; i < all->count; i++)
        open |= is_open(&all->list[i]);
    return open;
}

static bool is_untold(const registration *r) {
    return !r->told;
}

static result rule(const registrations *all) {
    result outcome = begin(all);
    for (size_t i = 0; outcome == RESULT_OK && i < all->count; i++)
        read_one(all, &all->list[i]);
    for (int round = 0; outcome == RESULT_OK && are_open(all); round++) {
        outcome = round < ROUNDS_MAX ? find_known(all) : RESULT_UNAVAILABLE;
        if (outcome == RESULT_OK)
            verify(all);
        if (outcome == RESULT_OK)
            outcome = keep_states(all, is_verified);
        if (outcome == RESULT_OK)
            outcome = keep(all);
        if (outcome == RESULT_EXISTS)
            outcome = RESULT_OK;
    }
    /* Its COMMIT also confirms the known visits, which a standby may not have yet (store/sql.h). */
    return outcome == RESULT_OK ? keep_states(all, is_untold) : outcome;
}

bool registration_rule(history *h, const http_peer *peer, const bytes records[], size_t count,
                       registration_answer answers[]) {
    const registrations all = {h, peer, calloc(count, sizeof *all.list), count, clock_wall_s()};
    for (size_t i = 0; i < count; i++)
        answers[i] = (registration_answer){.receipt = BUFFER_INIT(RECEIPT_MAX),
                                           .signature = BUFFER_INIT(SIGNATURE_MAX)};
    for (size_t i = 0; all.list != NULL && i < count; i++)
        all.list[i] = (registration){.text = records[i], .answer = &answers[i]};
    const bool good = all.list != NULL && rule(&all) == RESULT_OK;
    for (size_t i = 0; all.list != NULL && i < count; i++)
        record_wipe(&all.list[i].record);
    free(all.list);
    return good;
}

void registration_wipe(registration_answer answers[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        buffer_wipe(&answers[i].receipt);
        buffer_wipe(&answers[i].signature);
    }
}
