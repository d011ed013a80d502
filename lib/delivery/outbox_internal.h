/* SPDX-FileCopyrightText: 2026 The Uketsuke contributors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parts that both outboxes share. */
#pragma once

#include "delivery/outbox.h"

/* Calls one of the events; NULL is nothing. */
void outbox_tell(const outbox_events *events, void (*event)(void *context, const outbox_item *item),
                 const outbox_item *item);

/* The service's reply, or why there is none, before its content is looked at. */
void outbox_note_reply(outbox_run *run, result code, const remote_answer *reply);
/* The service took nothing: for lack of capacity, if it says when to retry. */
void outbox_note_not_taken(outbox_run *run);
/* Ends the run. */
void outbox_stop(outbox_run *run, outbox_end end, result code);

/* Whether the next record or batch may be sent. */
bool outbox_may_go_on(const outbox_run *run, const remote *service);
/* Processes one answer that a relay has kept; code says whether it verifies. True: it was processed or can never be
 * used; the relay may forget it. */
typedef bool outbox_result_taker(void *context, const char *request_hash, result code, const remote_answer *reply);
/* Fetches page after page, as long as an answer is processed. signer, is_batch: of remote_take. */
void outbox_fetch_results(const remote *service, const char *signer, bool is_batch, outbox_result_taker *take,
                          void *context, outbox_run *run);

/* A run of the outbox of visits. */
typedef struct outbox_visit_run {
    store_access *store;
    const remote *history;
    const outbox_events *events;
    outbox_visits *out;
} outbox_visit_run;

/* Reads a queued visit into body, which is empty. False: it cannot be read, and was set aside, or it waits for the
 * platform's proof. */
bool outbox_visit_take_up(outbox_visit_run *s, terminal_record *row, buffer *body);
/* Sends a visit that outbox_visit_take_up has read. */
void outbox_visit_send(outbox_visit_run *s, const terminal_record *row, const buffer *body);
/* Processes the service's reply to it. */
void outbox_visit_take_reply(outbox_visit_run *s, const terminal_record *row, const buffer *body, result code,
                             const remote_answer *reply);
/* Sends every queued visit once, up to max in one call. */
result outbox_visit_send_batches(outbox_visit_run *s, size_t max);

/* At the end; kept: how many answers are still to come. */
void outbox_finish(outbox_run *run, result code, long long kept);
