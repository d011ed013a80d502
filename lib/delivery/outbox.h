/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sends the queued records of a store: receptions to the platform, visits to the history service. Only a final answer
 * of the service's interface takes a record off the queue; after anything else (another status, no answer, an answer
 * about another record) it is sent again. Sending twice is harmless: the services recognise a record by its id. */
#pragma once

#include "delivery/remote.h"
#include "delivery/sealed_record.h"
#include "fhir/visit.h"

/* News about one record. */
typedef struct outbox_item {
    const char *kind, *id;             /* RECORD_RECEPTION or RECORD_VISIT; the record's id */
    const reception_record *reception; /* as it is stored now; NULL: a visit, or it cannot be read */
    const eligibility_coverage *now;   /* changed: the coverage that holds; NULL: none */
    const visit_receipt *receipt;      /* changed: of a visit */
    const char *message;               /* refused: the service's words */
} outbox_item;

/* Called after a record's new state is stored. Each may be NULL. */
typedef struct outbox_events {
    void *context;
    void (*changed)(void *context, const outbox_item *item); /* it has its answer, or its receipt */
    void (*refused)(void *context, const outbox_item *item); /* the service refuses it for good: set aside */
    void (*damaged)(void *context, const outbox_item *item); /* it cannot be read any more: set aside */
    /* accepted (202); its answer comes later, and it stays queued */
    void (*kept)(void *context, const outbox_item *item);
} outbox_events;

typedef enum outbox_end {
    OUTBOX_DONE,      /* every queued record was sent once, or more urgent work came */
    OUTBOX_KEPT,      /* likewise, but answers are still to come: run.wait */
    OUTBOX_BUSY,      /* the service has no capacity: run.wait */
    OUTBOX_NOT_TAKEN, /* the service did not take it: run.status, run.message */
    OUTBOX_UNUSABLE,  /* its answer cannot be used: run.code, run.message */
    OUTBOX_STORE,     /* the store failed: run.code */
} outbox_end;

/* How a run ended, and why it stopped. */
typedef struct outbox_run {
    outbox_end end;
    int status; /* of HTTP, of the last answer; 0: there was none */
    result code;
    pacing_wait wait;
    char message[HTTP_CLIENT_MESSAGE_MAX]; /* in words for people; "" when there are none */
} outbox_run;

typedef struct outbox_receptions {
    long long confirmed, changed, lost, needs_call, refused;
    long long damaged;  /* cannot be read any more */
    long long unusable; /* answers that could not be used */
    long long kept;     /* accepted, to be answered later */
    long long to_call;  /* patients whom a relay has asked about, with another coverage than before */
    bool unregistered;  /* the platform does not know this terminal, or its SE */
    bool clock_off; /* the platform's time came with the answers, and this machine's is another (delivery/beacon.h) */
    outbox_run run;
} outbox_receptions;

/* Sends the evidence of every pending reception once, batch after batch, and stores the answers; stops when the
 * platform takes nothing now. An answer is given to the reception whose evidence it names. asks_time: the platform's
 * signed time is asked for in the same call, when it is due (delivery/beacon.h); not through a relay, which knows a
 * call again by its bytes. out is made afresh. */
void outbox_send_receptions(store_access *s, const remote *platform, const outbox_events *events, bool asks_time,
                            outbox_receptions *out);
/* The same without those that were taken (202) less than OUTBOX_KEPT_S ago: their answers are on the way. */
#define OUTBOX_KEPT_S 3600
void outbox_send_new_receptions(store_access *s, const remote *platform, const outbox_events *events, bool asks_time,
                                outbox_receptions *out);
/* Adds what a run has counted. */
void outbox_add_receptions(outbox_receptions *sum, const outbox_receptions *more);

/* Fetches the answers that a relay has for this terminal (GET /results), and processes each like a direct answer of the
 * platform: verified, matched by evidence id, stored; then the relay may forget it. An answer that cannot be verified
 * is not used and stays at the relay (unusable). Answers to the relay's own questions go to the list of patients to
 * call (delivery/pre_check_result.h). out is made afresh. */
void outbox_fetch_receptions(store_access *s, const remote *platform, const outbox_events *events,
                             outbox_receptions *out);

#define OUTBOX_VISIT_MAX 262144 /* bytes of a visit record as it is sent */

typedef struct outbox_visits {
    long long registered, refused, damaged, kept;
    long long unusable; /* answers that could not be taken in */
    outbox_run run;
} outbox_visits;

/* Sends every queued visit once, the oldest first. One that is refused or damaged does not delay the others. max: how
 * many the service takes in one call (remote_state); 0: one by one, as also when it takes no such call after all. out
 * is made afresh. A visit without the platform's proof is not sent: it waits (STATE_AWAITING) until the platform was
 * asked about its reception once more. */
void outbox_send_visits(store_access *s, const remote *history, const outbox_events *events, int64_t max,
                        outbox_visits *out);
/* Sends this one. body: its record, as outbox_load_visit gives it. out is made afresh. */
void outbox_send_visit(store_access *s, const remote *history, const outbox_events *events, const terminal_record *row,
                       const buffer *body, outbox_visits *out);
/* As outbox_fetch_receptions; a visit's answer is found by the hash of the record that was sent. */
void outbox_fetch_visits(store_access *s, const remote *history, const outbox_events *events, outbox_visits *out);
/* Visits that were signed while their reception was pending: those whose reception is confirmed now are queued, those
 * whose reception turned out not to be eligible are held (STATE_HELD); the others stay as they are. */
result outbox_release_visits(store_access *s);
/* Reads a visit that is stored: row->id says which one; row and body (appended) receive it. A visit that is not
 * registered yet is returned ready to be sent, with the platform's proof if its reception has one. RESULT_INVALID: no
 * visit. */
result outbox_load_visit(store_access *s, terminal_record *row, buffer *body);
/* The platform's proof about one reception, without the person (fhir/answer_proof.h): the history service accepts the
 * link id with it only. proof must be empty. RESULT_NOT_FOUND: there is none. RESULT_UNSUPPORTED: the answer has the
 * earlier form, which names the patient. */
result outbox_visit_proof(const reception_record *reception, buffer *proof);
