/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "delivery/outbox_internal.h"

#include "base/hex.h"
#include "base/language.h"
#include "crypt/digest.h"
#include "fhir/answer_proof.h"
#include "fhir/signed_answer.h"

#include <stdio.h>
#include <string.h>

#define _(text) language_text(text)

#define PAGE 64

/* --- queued ones ------------------------------------------------------------------------------------------------- */

/* Online the platform signed this one answer; else the proof is kept as it was made of the batch. */
static result write_proof(const reception_record *reception, buffer *proof) {
    const bytes kept = buffer_bytes(&reception->signature);
    if (kept.length > 0 && kept.data[0] == '{')
        return buffer_append(proof, kept);
    buffer form = BUFFER_INIT(ANSWER_PROOF_MAX);
    result code = signed_answer_of(buffer_bytes(&reception->answer), &form, NULL);
    if (code == RESULT_OK)
        code = answer_proof_write_alone(buffer_bytes(&form), kept, proof);
    buffer_wipe(&form);
    return code;
}

result outbox_visit_proof(const reception_record *reception, buffer *proof) {
    if (reception->signature.length == 0)
        return RESULT_NOT_FOUND;
    const result code = write_proof(reception, proof);
    if (code == RESULT_OK && answer_proof_is_bare(buffer_bytes(proof)))
        return RESULT_OK;
    buffer_clear(proof);
    return code == RESULT_NO_MEMORY ? code : RESULT_UNSUPPORTED;
}

/* Adds the platform's proof to a record that was signed before the answer came. From a record of an earlier version it
 * removes the whole answer, which is not for the history service. */
static void complete(store_access *s, const terminal_record *row, buffer *body) {
    reception_record reception = RECEPTION_RECORD_INIT;
    buffer proof = BUFFER_INIT(ANSWER_PROOF_MAX);
    if (record_get_reception(s, row->subject, &reception) == RESULT_OK)
        outbox_visit_proof(&reception, &proof);
    visit_record_prove(body, buffer_bytes(&proof));
    reception_record_wipe(&reception);
    buffer_wipe(&proof);
}

result outbox_load_visit(store_access *s, terminal_record *row, buffer *body) {
    const result code = record_read(s, row->id, row, body);
    if (code == RESULT_OK && strcmp(row->kind, RECORD_VISIT) != 0)
        return RESULT_INVALID;
    if (code == RESULT_OK && strcmp(row->state, STATE_REGISTERED) != 0)
        complete(s, row, body);
    return code;
}

/* Has the platform asked once more: it gives the same answer in today's form. Until then the visit waits like one that
 * was signed before the answer. */
static result ask_again(outbox_visit_run *s, const terminal_record *row, const buffer *body) {
    reception_record reception = RECEPTION_RECORD_INIT;
    result code = record_get_reception(s->store, row->subject, &reception);
    if (code == RESULT_OK) {
        snprintf(reception.state, sizeof reception.state, "%s", STATE_PENDING);
        code = record_replace_reception(s->store, &reception);
    }
    reception_record_wipe(&reception);
    return code == RESULT_OK ? record_replace(s->store, row->id, STATE_AWAITING, buffer_bytes(body)) : code;
}

/* --- what an answer means ----------------------------------------------------------------------------------------- */

/* Whether the refusal concerns the record itself; any other may pass later. */
static bool is_refusal_of_record(int status) {
    return status == 400 || status == 409 || status == 413 || status == 422;
}

/* Stores the receipt; only then the visit is registered. */
static result keep_receipt(outbox_visit_run *s, const terminal_record *row, const buffer *body,
                           const remote_answer *reply) {
    const bytes receipt = buffer_bytes(&reply->body);
    buffer plain = BUFFER_INIT(2 * OUTBOX_VISIT_MAX);
    result code = fhir_dump_and_free(json_pack("{s:o,s:o,s:o}", "bundle",
                                               json_stringn((const char *)body->data, body->length), "receipt",
                                               json_stringn((const char *)receipt.data, receipt.length), "signature",
                                               fhir_base64_string(buffer_bytes(&reply->signature))),
                                     &plain);
    if (code == RESULT_OK)
        code = record_replace(s->store, row->id, STATE_REGISTERED, buffer_bytes(&plain));
    buffer_wipe(&plain);
    return code;
}

static void take_receipt(outbox_visit_run *s, const terminal_record *row, const buffer *body,
                         const remote_answer *reply) {
    outbox_run *run = &s->out->run;
    visit_receipt receipt;
    fhir_problem problem = {""};
    result code = visit_receipt_read(buffer_bytes(&reply->body), &receipt, &problem);
    if (code == RESULT_OK && strcmp(receipt.visit_id, row->id) != 0)
        code = fhir_complain(&problem, "%s", _("the receipt is for another visit"));
    if (code == RESULT_OK)
        code = keep_receipt(s, row, body, reply);
    if (code == RESULT_OK) {
        s->out->registered++;
        outbox_tell(s->events, s->events->changed,
                    &(outbox_item){.kind = RECORD_VISIT, .id = row->id, .receipt = &receipt});
        return;
    }
    outbox_stop(run, OUTBOX_UNUSABLE, code);
    snprintf(run->message, sizeof run->message, "%s", problem.text);
}

/* Sets a refused visit aside and reports it, so that it does not delay the others. */
static void set_aside(outbox_visit_run *s, const terminal_record *row, const buffer *body, const char *words) {
    const result code = record_replace(s->store, row->id, STATE_REJECTED, buffer_bytes(body));
    if (code != RESULT_OK) {
        outbox_stop(&s->out->run, OUTBOX_STORE, code);
        return;
    }
    s->out->refused++;
    outbox_tell(s->events, s->events->refused, &(outbox_item){.kind = RECORD_VISIT, .id = row->id, .message = words});
}

void outbox_visit_take_reply(outbox_visit_run *s, const terminal_record *row, const buffer *body, result code,
                             const remote_answer *reply) {
    outbox_run *run = &s->out->run;
    outbox_note_reply(run, code, reply);
    if (code == RESULT_OK && (reply->status == 200 || reply->status == 201))
        take_receipt(s, row, body, reply);
    else if (code == RESULT_OK && is_refusal_of_record(reply->status))
        set_aside(s, row, body, reply->message);
    else if (code == RESULT_OK && reply->status == 202) {
        s->out->kept++;
        outbox_tell(s->events, s->events->kept, &(outbox_item){.kind = RECORD_VISIT, .id = row->id});
    } else
        outbox_note_not_taken(run);
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

/* Without its reception nothing can be asked: the history service says what is missing. */
static bool waits_for_word(outbox_visit_run *s, const terminal_record *row, const buffer *body) {
    if (visit_record_is_proven(buffer_bytes(body)))
        return false;
    const result code = ask_again(s, row, body);
    if (code == RESULT_NOT_FOUND || record_is_damage(code))
        return false;
    if (code == RESULT_OK)
        s->out->kept++;
    else
        outbox_stop(&s->out->run, OUTBOX_STORE, code);
    return true;
}

void outbox_visit_send(outbox_visit_run *s, const terminal_record *row, const buffer *body) {
    remote_answer reply;
    const result code = remote_post(s->history, "/fhir", "application/fhir+json", buffer_bytes(body),
                                    REMOTE_SIGNER_HISTORY, &reply);
    outbox_visit_take_reply(s, row, body, code, &reply);
    remote_answer_wipe(&reply);
}

void outbox_send_visit(store_access *store, const remote *history, const outbox_events *events,
                       const terminal_record *row, const buffer *body, outbox_visits *out) {
    *out = (outbox_visits){0};
    outbox_visit_run s = {store, history, events, out};
    if (!waits_for_word(&s, row, body))
        outbox_visit_send(&s, row, body);
    outbox_finish(&out->run, RESULT_OK, out->kept);
}

/* Sets a visit aside that cannot be read, so that it does not delay the others. */
static void set_damaged_aside(outbox_visit_run *s, terminal_record *row, result code) {
    code = record_quarantine(s->store, row->id, code, row);
    if (code != RESULT_OK) {
        outbox_stop(&s->out->run, OUTBOX_STORE, code);
        return;
    }
    s->out->damaged++;
    outbox_tell(s->events, s->events->damaged, &(outbox_item){.kind = row->kind, .id = row->id});
}

bool outbox_visit_take_up(outbox_visit_run *s, terminal_record *row, buffer *body) {
    const result code = outbox_load_visit(s->store, row, body);
    if (code != RESULT_OK)
        set_damaged_aside(s, row, code);
    return code == RESULT_OK && !waits_for_word(s, row, body);
}

static void send_stored(outbox_visit_run *s, terminal_record *row) {
    buffer body = BUFFER_INIT(OUTBOX_VISIT_MAX);
    if (outbox_visit_take_up(s, row, &body))
        outbox_visit_send(s, row, &body);
    buffer_wipe(&body);
}

/* Page by page, after the last one seen: so visits that stay queued are not sent twice. */
static result send_all(outbox_visit_run *s) {
    terminal_record rows[PAGE];
    char last[UUID_TEXT_SIZE] = "";
    size_t count = PAGE;
    result code = RESULT_OK;
    while (code == RESULT_OK && count == PAGE && outbox_may_go_on(&s->out->run, s->history)) {
        const terminal_filter queued = {.kind = RECORD_VISIT, .state = STATE_QUEUED, .after = last};
        code = terminal_store_list(s->store->file, &queued, rows, PAGE, &count);
        for (size_t i = 0; code == RESULT_OK && i < count && outbox_may_go_on(&s->out->run, s->history); i++) {
            memcpy(last, rows[i].id, sizeof last);
            send_stored(s, &rows[i]);
        }
    }
    return code;
}

void outbox_send_visits(store_access *store, const remote *history, const outbox_events *events, int64_t max,
                        outbox_visits *out) {
    *out = (outbox_visits){0};
    outbox_visit_run s = {store, history, events, out};
    const result code = max > 1 ? outbox_visit_send_batches(&s, (size_t)max) : send_all(&s);
    outbox_finish(&out->run, code, out->kept);
}

/* --- answers that a relay has kept -------------------------------------------------------------------------------- */

static bool has_hash(const buffer *body, const char *wanted) {
    uint8_t digest[CRYPT_SHA256_LENGTH];
    char text[2 * CRYPT_SHA256_LENGTH + 1];
    if (crypt_sha256(buffer_bytes(body), digest) != RESULT_OK)
        return false;
    hex_encode(BYTES(digest), text, sizeof text);
    return strcmp(text, wanted) == 0;
}

/* If the answer is for this queued visit, applies it and returns true. */
static bool take_if_meant(outbox_visit_run *s, terminal_record *row, const char *hash, result code,
                          const remote_answer *reply) {
    buffer body = BUFFER_INIT(OUTBOX_VISIT_MAX);
    const bool meant = outbox_load_visit(s->store, row, &body) == RESULT_OK && has_hash(&body, hash);
    if (meant)
        outbox_visit_take_reply(s, row, &body, code, reply);
    buffer_wipe(&body);
    return meant;
}

/* If no visit matches, it has its answer already. */
static bool take_kept(void *context, const char *request_hash, result code, const remote_answer *reply) {
    outbox_visit_run *s = context;
    terminal_record rows[PAGE];
    char last[UUID_TEXT_SIZE] = "";
    size_t count = PAGE;
    bool meant = false;
    if (code != RESULT_OK) {
        s->out->unusable++;
        return false;
    }
    while (!meant && count == PAGE) {
        const terminal_filter queued = {.kind = RECORD_VISIT, .state = STATE_QUEUED, .after = last};
        const result listed = terminal_store_list(s->store->file, &queued, rows, PAGE, &count);
        if (listed != RESULT_OK) {
            outbox_stop(&s->out->run, OUTBOX_STORE, listed);
            return false;
        }
        for (size_t i = 0; i < count && !meant; i++) {
            memcpy(last, rows[i].id, sizeof last);
            meant = take_if_meant(s, &rows[i], request_hash, code, reply);
        }
    }
    return s->out->run.end == OUTBOX_DONE;
}

void outbox_fetch_visits(store_access *store, const remote *history, const outbox_events *events, outbox_visits *out) {
    *out = (outbox_visits){0};
    outbox_visit_run s = {store, history, events, out};
    outbox_fetch_results(history, REMOTE_SIGNER_HISTORY, false, take_kept, &s, &out->run);
}
