/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* lib/delivery's outboxes over a real store (test_record_store.h), with a patient, and a service that says what the test
 * wants: no card, no network. Everything in here ends the test when it fails. */
#pragma once

#include "delivery/outbox.h"
#include "fhir/eligibility.h"
#include "test_record_store.h"

#include <stdint.h>

/* cmocka's setup and teardown of the program. */
int outbox_begin_group(void **state);
int outbox_end_group(void **state);

/* --- what waits --------------------------------------------------------------------------------------------------- */

extern certificate *patient;

/* Appends evidence of a reception with this number. */
void make_evidence(int number, buffer *der);
/* assumed: the coverage that the terminal went by; "": it knew none. */
void put_reception(int number, const char *assumed_insurer, const char *assumed_number);
void put_receptions(int count); /* from 1 on */
void put_row(int number, const char *kind, const char *state, const char *content);

/* --- the service -------------------------------------------------------------------------------------------------- */

/* What it says to each call. */
struct script {
    result code;
    int status; /* of the whole */
    long wait_s;
    const int *entries;               /* of a batch: the status of each; NULL: 201 */
    bool backwards;                   /* the last entry first */
    bool nameless;                    /* refusals name no evidence */
    const char *about;                /* every answer is about this evidence instead */
    const char *patient;              /* and about this patient */
    const char *day;                  /* and about this day */
    const char *number;               /* of the coverage in every answer; NULL: 345 */
    bool several;                     /* every answer tells of several coverages */
    size_t only;                      /* so many entries come, and no more; 0: all */
    const char *receipt_for;          /* every receipt is for this visit instead */
    int offers;                       /* how many visits its status says it takes in one call */
    int visit_batch;                  /* how many visits it takes in one call; 0: it knows no such call */
    int refused_visit;                /* of a batch: the visit with this number gets refused_status */
    int forged_visit;                 /* of a batch: the receipt of the visit with this number is not signed */
    bool asks_time;                   /* the sender wants the platform's time beside the answers */
    bool old_time;                    /* the time is the answer to another question */
    int64_t ahead_s;                  /* the platform's clock is so far before this machine's */
    int refused_call, refused_status; /* the call with this number (from 1) gets this status */
    size_t stop_after;                /* calls until something is more urgent; 0: never */
    const char *kept_signature;       /* of the one answer that a relay has: to the body that was sent last */
};

extern const remote service;
extern size_t calls, asked;       /* asked: how often for the time */
extern int sent[512], sent_count; /* the numbers of what came, in order */
extern buffer last_body, acknowledged;

/* An answer about this request; of_today: with salts, as the platform of today gives it. */
void write_answer_in(const eligibility_request *request, bool of_today, buffer *resource);

/* --- what is told, and sending ------------------------------------------------------------------------------------ */

extern const outbox_events events;
extern buffer told; /* "changed reception 1;" and so on */

void begin_script(struct script s);
outbox_receptions send_receptions(struct script s);
outbox_visits send_visits(struct script s);
