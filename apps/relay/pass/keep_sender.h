/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Delivers what is kept for one service, by threads of its own: the oldest first, to the platform several at a time,
 * paced as a terminal paces its own (delivery/pacing.h). A request leaves the queue only by a final answer of the
 * service's interface, and, where answers are signed, only when the signature verifies. A request that the service does
 * not take does not delay the others. */
#pragma once

#include "extract/extraction.h"
#include "keep/keep_store.h"
#include "ledger/relay_store.h"
#include "pass/service_way.h"

#include "delivery/remote.h"

#define KEEP_SENDER_TURN_MS 250   /* between two checks for work */
#define KEEP_SENDER_PROBE_MS 1000 /* between two checks whether a service is back; one for all terminals */

typedef struct keep_sender keep_sender;

typedef struct keep_sender_options {
    kept_service service;
    keep_store *store; /* all borrowed */
    relay_store *outcomes;
    service_way *way;
    trust *institutions;  /* the CAs of those who sign answers */
    extraction *patients; /* notes what is answered; NULL: nothing is noted */
    long call_ms;         /* of one call */
    long spread_s;        /* after the service is back: at random within so many seconds */
} keep_sender_options;

typedef struct keep_sender_counts {
    uint64_t sent, unverified; /* answers that were not signed as they must be */
} keep_sender_counts;

/* Begins its thread; RESULT_NO_MEMORY. */
result keep_sender_start(const keep_sender_options *options, keep_sender **out);
/* Ends it, after a call in progress; NULL is nothing. */
void keep_sender_stop(keep_sender **sender);

/* Whether the service has refused for lack of capacity and told when to retry: until then it is not called. */
bool keep_sender_must_wait(keep_sender *sender);
/* The service's answer to a call that this sender did not make. */
void keep_sender_note(keep_sender *sender, int status, long retry_after);
void keep_sender_tell(keep_sender *sender, keep_sender_counts *out);

/* Whether the service has signed the answer; a missing or wrong signature is logged and counted. is_inquiry: the answer
 * to one reception. */
bool keep_sender_verifies(keep_sender *sender, const http_answer *answer, bool is_inquiry);
